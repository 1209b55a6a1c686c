//! How a channel wants its customers answered: `options.ai`. Never who answers.

use crate::domain::{AiMode, Refusal};
use serde_json::{Map, Value};
use std::time::Duration;

/// How long a customer must have been quiet if nobody says.
const WINDOW: u64 = 1_500;
const LONGEST_WINDOW: u64 = 600_000;
const LONGEST_INSTRUCTIONS: usize = 20_000;

/// A channel's wishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AiOptions {
    /// Whether a model answers.
    pub mode: AiMode,
    /// What it is told beforehand.
    pub instructions: String,
    /// How long a customer must have been quiet: what they write meanwhile is answered together.
    pub window: Duration,
}

impl Default for AiOptions {
    fn default() -> Self {
        let window = Duration::from_millis(WINDOW);
        Self { mode: AiMode::Off, instructions: String::new(), window }
    }
}

impl AiOptions {
    /// Those of a channel; what is odd counts as absent.
    pub fn of(options: &Value) -> Self {
        let Some(ai) = options.get("ai").and_then(Value::as_object) else { return Self::default() };
        let window = ai.get("window_ms").and_then(Value::as_u64).unwrap_or(WINDOW).min(LONGEST_WINDOW);
        Self {
            mode: ai
                .get("mode")
                .and_then(Value::as_str)
                .and_then(|mode| mode.parse().ok())
                .unwrap_or(AiMode::Off),
            instructions: ai.get("instructions").and_then(Value::as_str).unwrap_or_default().to_owned(),
            window: Duration::from_millis(window),
        }
    }

    /// Whether they can be understood, before they are kept.
    pub fn check(options: &Map<String, Value>) -> Result<(), Refusal> {
        let wrong = |message: &str| Err(Refusal::invalid("invalid_options", message));
        let ai = match options.get("ai") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Object(ai)) => ai,
            Some(_) => return wrong("options.ai must be {mode, instructions, window_ms}."),
        };
        let is_mode = |mode: &Value| mode.as_str().is_some_and(|mode| mode.parse::<AiMode>().is_ok());
        if !ai.get("mode").is_none_or(is_mode) {
            return wrong("options.ai.mode must be off, draft or auto.");
        }
        let fits = |text: &Value| {
            text.is_null() || text.as_str().is_some_and(|text| text.len() <= LONGEST_INSTRUCTIONS)
        };
        if !ai.get("instructions").is_none_or(fits) {
            return wrong("options.ai.instructions must be text of at most 20,000 bytes.");
        }
        let is_window = |window: &Value| {
            window.is_null() || window.as_u64().is_some_and(|window| window <= LONGEST_WINDOW)
        };
        if !ai.get("window_ms").is_none_or(is_window) {
            return wrong("options.ai.window_ms must be a number of milliseconds, at most 600,000.");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
    fn check(ai: Value, mode: AiMode, fits: bool) {
        let options = json!({ "ai": ai });
        assert_eq!(AiOptions::of(&options).mode, mode, "{options}");
        assert_eq!(AiOptions::check(options.as_object().expect("an object")).is_ok(), fits, "{options}");
    }

    #[test]
    fn what_is_odd_is_refused_and_where_it_stands_already_no_model_answers() {
        check(json!(null), AiMode::Off, true);
        check(json!({}), AiMode::Off, true);
        check(json!({"mode": "auto", "instructions": "Be kind.", "window_ms": 0}), AiMode::Auto, true);
        check(json!({"mode": "draft", "instructions": null}), AiMode::Draft, true);
        check(json!({"mode": "sometimes"}), AiMode::Off, false);
        check(json!("auto"), AiMode::Off, false);
        check(json!({"mode": "auto", "window_ms": -1}), AiMode::Auto, false);
    }
}
