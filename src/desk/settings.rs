//! What an admin decides for the whole workspace: each setting's default and what it may be. A new
//! setting is one row of `KNOWN`. Never a secret: those are sealed with their channels.

use crate::domain::{Permission, Refusal, UserId, WorkspaceId};
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::accounts::{audit, settings};
use crate::store::{Conn, StoreError};
use crate::thread::assign_on_reply::ASSIGN_ON_REPLY;
use serde_json::{Map, Value, json};

/// One setting.
struct Known {
    name: &'static str,
    /// What it is while nobody set it.
    default: fn() -> Value,
    /// Whether it may be this; the text says what it may be.
    allows: fn(&Value) -> Result<(), &'static str>,
}

/// Every setting but the workspace's name, which has a column of its own.
const KNOWN: &[Known] = &[
    Known { name: "undo_seconds", default: || json!(0), allows: undo_seconds },
    Known { name: ASSIGN_ON_REPLY, default: || json!(true), allows: assign_on_reply },
    Known { name: HOURS, default: no_hours, allows: business_hours },
];
const NAME: &str = "workspace_name";
const HOURS: &str = "business_hours";

/// Nobody said when somebody is there.
fn no_hours() -> Value {
    json!({"is_on": false, "time_zone": "UTC", "days": []})
}

fn undo_seconds(value: &Value) -> Result<(), &'static str> {
    let fits = value.as_i64().is_some_and(|seconds| (0..=120).contains(&seconds));
    fits.then_some(()).ok_or("undo_seconds must be a number from 0 to 120.")
}

fn assign_on_reply(value: &Value) -> Result<(), &'static str> {
    value.is_boolean().then_some(()).ok_or("assign_on_reply must be true or false.")
}

/// `{is_on, time_zone, days: [{day: 1 (Monday) to 7, from: "09:00", to: "17:30"}]}`.
fn business_hours(value: &Value) -> Result<(), &'static str> {
    const WRONG: &str = "business_hours is {is_on, time_zone: \"Europe/Madrid\", days: [{day: 1 to 7, \
        from: \"09:00\", to: \"17:30\"}]}.";
    let object = value.as_object().ok_or(WRONG)?;
    let is_zone = |zone: &str| {
        (1..=64).contains(&zone.len())
            && zone.chars().all(|sign| sign.is_ascii_alphanumeric() || "/_+-".contains(sign))
    };
    let days = object.get("days").and_then(Value::as_array).ok_or(WRONG)?;
    let fits = object.len() == 3
        && object.get("is_on").is_some_and(Value::is_boolean)
        && object.get("time_zone").and_then(Value::as_str).is_some_and(is_zone)
        && days.len() <= 28
        && days.iter().all(is_day);
    fits.then_some(()).ok_or(WRONG)
}

fn is_day(day: &Value) -> bool {
    let clock = |name: &str| day.get(name).and_then(Value::as_str).filter(|text| is_clock(text));
    let is_weekday = day.get("day").and_then(Value::as_i64).is_some_and(|day| (1..=7).contains(&day));
    // Written with leading zeros, earlier sorts before later.
    is_weekday && clock("from").zip(clock("to")).is_some_and(|(from, to)| from < to)
}

/// `00:00` to `24:00`.
fn is_clock(text: &str) -> bool {
    let Some((hours, minutes)) = text.split_once(':') else { return false };
    let two = |text: &str| {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u8>().ok())
    };
    match (two(hours).flatten(), two(minutes).flatten()) {
        (Some(24), Some(minute)) => minute == 0,
        (Some(hour), Some(minute)) => hour < 24 && minute < 60,
        _ => false,
    }
}

/// Every setting, as it was set or by default.
pub async fn read(conn: &mut Conn, workspace: WorkspaceId) -> Result<Map<String, Value>, StoreError> {
    let mut set = settings::all(conn, workspace).await?;
    let mut all = Map::new();
    all.insert(NAME.into(), settings::workspace_name(conn, workspace).await?.into());
    for known in KNOWN {
        all.insert(known.name.into(), merged((known.default)(), set.remove(known.name)));
    }
    Ok(all)
}

/// When somebody answers, as `{time_zone, days}`; none: nobody said, or it is not used.
pub async fn hours(conn: &mut Conn, workspace: WorkspaceId) -> Result<Option<Value>, StoreError> {
    let mut hours = merged(no_hours(), settings::get(conn, workspace, HOURS).await?);
    let is_on = hours.as_object_mut().and_then(|hours| hours.remove("is_on"));
    Ok(Some(hours).filter(|_| is_on == Some(Value::Bool(true))))
}

/// What is set lies over what was there: fields of an object that nobody names stay.
fn merged(before: Value, after: Option<Value>) -> Value {
    match (before, after) {
        (Value::Object(mut before), Some(Value::Object(after))) => {
            before.extend(after);
            Value::Object(before)
        }
        (before, after) => after.unwrap_or(before),
    }
}

/// Changes settings; what is absent stays.
#[derive(Debug, Clone)]
pub struct ChangeSettings {
    /// Who asks.
    pub by: (WorkspaceId, UserId),
    pub changes: Map<String, Value>,
}

impl Command for ChangeSettings {
    /// Every setting after it.
    type Answer = Map<String, Value>;

    fn subject(&self) -> Subject {
        Subject::of(("settings", self.by.0))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        let (workspace, by) = self.by;
        permitted::require(tx, (workspace, by), Permission::SettingsManage).await?;
        let before = read(tx.conn, workspace).await?;
        for (name, value) in &self.changes {
            if name == NAME {
                settings::rename_workspace(tx.conn, workspace, checked_name(value)?).await?;
                continue;
            }
            let known = KNOWN.iter().find(|known| known.name == name).ok_or_else(|| {
                let name = crate::domain::message::excerpt(name, 40);
                Refusal::invalid("unknown_setting", format!("There is no setting `{name}`."))
            })?;
            let value = merged(before.get(name).cloned().unwrap_or_default(), Some(value.clone()));
            (known.allows)(&value).map_err(|why| Refusal::invalid("bad_setting", why))?;
            settings::set(tx.conn, workspace, name, &value).await?;
        }
        let details = Value::Object(self.changes.clone());
        audit::note(tx.conn, (workspace, Some(by)), "settings_changed", "settings", &details, tx.now).await?;
        Ok(read(tx.conn, workspace).await?)
    }
}

fn checked_name(value: &Value) -> Result<&str, Refusal> {
    let name = value.as_str().map(str::trim).unwrap_or_default();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Refusal::invalid(
            "bad_setting",
            "workspace_name must be 1 to 100 characters, on one line.",
        ));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(days: &Value, fits: bool) {
        let value = json!({"is_on": true, "time_zone": "Europe/Madrid", "days": days});
        assert_eq!(business_hours(&value).is_ok(), fits, "{days}");
    }

    #[test]
    fn business_hours_are_days_with_a_beginning_and_an_end() {
        check(&json!([]), true);
        check(
            &json!([{"day": 1, "from": "09:00", "to": "17:30"}, {"day": 7, "from": "00:00", "to": "24:00"}]),
            true,
        );
        check(&json!([{"day": 0, "from": "09:00", "to": "17:30"}]), false);
        check(&json!([{"day": 1, "from": "17:30", "to": "09:00"}]), false);
        check(&json!([{"day": 1, "from": "9:00", "to": "17:30"}]), false);
        check(&json!([{"day": 1, "from": "09:00", "to": "24:01"}]), false);
        check(&json!("always"), false);
    }
}
