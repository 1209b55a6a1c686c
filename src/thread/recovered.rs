//! Messages whose webhooks were lost and that were read back from their platform: when one is too old to be
//! answered by anything but a person. Never how they are found.

use crate::domain::Timestamp;
use serde_json::{Map, Value};
use std::time::Duration;

/// What says so in a message's details.
pub(crate) const RECOVERED: &str = "recovered";
/// Who wrote longer ago than this expects no answer that comes by itself.
const STALE: Duration = Duration::from_mins(5);

/// Whether a message of these details, written then and stored now, is answered by people only.
pub(crate) fn is_stale(details: &Map<String, Value>, written: Option<Timestamp>, stored: Timestamp) -> bool {
    details.get(RECOVERED) == Some(&Value::Bool(true))
        && written.is_none_or(|written| written.plus(STALE) < stored)
}

/// The same of details as they stand in a row.
pub(crate) fn is_stale_row(details: Option<&str>, written: Option<Timestamp>, stored: Timestamp) -> bool {
    let details = details.filter(|details| details.contains(RECOVERED));
    let details = details.and_then(|json| serde_json::from_str::<Map<String, Value>>(json).ok());
    details.is_some_and(|details| is_stale(&details, written, stored))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_786_004_405_118);

    #[test]
    fn only_what_was_recovered_late_is_stale() {
        let check = |details: &str, minutes: u64| {
            is_stale_row(Some(details), Some(NOON.minus(Duration::from_mins(minutes))), NOON)
        };
        assert!(check(r#"{"recovered":true}"#, 6));
        assert!(!check(r#"{"recovered":true}"#, 4));
        assert!(!check(r#"{"share":{"title":"recovered"}}"#, 60));
        assert!(!is_stale_row(None, None, NOON));
    }
}
