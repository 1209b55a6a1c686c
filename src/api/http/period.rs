//! `from` and `to` of a query: a day, which begins at 00:00 UTC, or a moment. Never how far a
//! period may reach: that is each query's own affair.

use super::problem::Problem;
use crate::domain::Timestamp;
use serde_json::Value;

/// What one of the two says; nothing, if it is absent or empty. `name` is for the words of a refusal.
pub fn moment(text: Option<&str>, name: &str) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    serde_json::from_value(Value::from(whole)).map(Some).map_err(|_| {
        let words = format!("{name} must be a day like 2026-11-01 or a time like 2026-11-01T09:30:00Z.");
        Problem::bad_request("bad_time", words)
    })
}
