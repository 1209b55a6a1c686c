//! Moments, in UTC milliseconds. Never a local time, never a duration.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;
use utoipa::ToSchema;

/// A moment in milliseconds since 1970, UTC. In JSON: RFC 3339 with milliseconds and `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-21T09:30:00.000Z")]
pub struct Timestamp(pub i64);

/// Below this a platform's number counts seconds, from it on milliseconds (facts, section 0, rule 9).
const FIRST_MILLISECOND_VALUE: i64 = 100_000_000_000;

/// How many milliseconds the clock of this process is behind the wall's: none, but in the demo, whose story
/// is older than it.
static BEHIND: AtomicI64 = AtomicI64::new(0);
/// Whether it ever was.
static TELLS_A_STORY: AtomicBool = AtomicBool::new(false);

impl Timestamp {
    /// The wall clock's now.
    pub fn now() -> Self {
        Self(Utc::now().timestamp_millis() - BEHIND.load(Ordering::Relaxed))
    }

    /// Sets the clock of this process so far behind the wall's, for a story that begins in the past: all that
    /// happens then carries the time it is told for. Only the demo does so, and only ever forwards.
    pub fn set_behind(by: Duration) {
        TELLS_A_STORY.store(true, Ordering::Relaxed);
        BEHIND.store(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Whether [`Self::set_behind`] moves this process's clock, so that its jumps are no fault of the
    /// machine.
    pub fn tells_a_story() -> bool {
        TELLS_A_STORY.load(Ordering::Relaxed)
    }

    /// A platform's number, which counts seconds or milliseconds.
    pub fn from_platform(value: i64) -> Self {
        if value.abs() < FIRST_MILLISECOND_VALUE { Self(value.saturating_mul(1000)) } else { Self(value) }
    }

    /// A platform's text: RFC 3339, or with an offset that has no colon (`2026-08-06T08:20:05+0000`).
    pub fn from_iso(text: &str) -> Option<Self> {
        let loose = || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z");
        let at = DateTime::parse_from_rfc3339(text).or_else(|_| loose()).ok()?;
        Some(Self(at.timestamp_millis()))
    }

    /// This moment and `by` more; stops at the end of time instead of wrapping.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment less `by`.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// `2026-11-21T09:30:00.000Z`; a moment no calendar holds becomes the epoch.
    pub fn to_rfc3339(self) -> String {
        DateTime::<Utc>::from_timestamp_millis(self.0)
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|at| Self(at.timestamp_millis()))
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_milliseconds_of_a_platform_are_one_moment() {
        assert_eq!(Timestamp::from_platform(1_786_004_405), Timestamp(1_786_004_405_000));
        assert_eq!(Timestamp::from_platform(1_786_004_405_118), Timestamp(1_786_004_405_118));
    }

    #[test]
    fn a_platforms_text_is_a_moment_with_or_without_a_colon_in_its_offset() {
        let at = Some(Timestamp(1_786_004_405_000));
        assert_eq!(Timestamp::from_iso("2026-08-06T08:20:05+0000"), at);
        assert_eq!(Timestamp::from_iso("2026-08-06T10:20:05+02:00"), at);
        assert_eq!(Timestamp::from_iso("soon"), None);
    }

    #[test]
    fn a_clock_that_is_behind_tells_the_past() {
        let day = Duration::from_hours(24);
        Timestamp::set_behind(day);
        let told = Timestamp::now();
        Timestamp::set_behind(Duration::ZERO);
        let now = Timestamp::now();
        assert!(now.minus(day) >= told && now.minus(day + Duration::from_mins(1)) < told);
    }

    #[test]
    fn json_is_rfc_3339_with_milliseconds() {
        let json = serde_json::to_string(&Timestamp(1_786_004_405_118)).expect("a string");
        assert_eq!(json, "\"2026-08-06T08:20:05.118Z\"");
        assert_eq!(
            serde_json::from_str::<Timestamp>(&json).expect("reads back"),
            Timestamp(1_786_004_405_118)
        );
    }
}
