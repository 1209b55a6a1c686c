//! Messages that a platform approved beforehand.

use serde::Serialize;

/// A message that a platform approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its language code.
    pub language: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED` ….
    pub status: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub category: Option<String>,
    /// Its words, with `{{1}}` or `{{name}}` where a parameter goes.
    pub body: Option<String>,
    /// What stands between the braces of the body, in order.
    pub parameters: Vec<String>,
}
