//! How a list of conversations is asked for, in words: the one description of a filter, whether it stands in
//! an address, in a saved view or in a change of everything that matches. Never a query: that is
//! `store/conversations/filtered.rs`.

use crate::domain::{ConversationId, UserId, phone, text};
use crate::store::conversations::filtered::{Assignees, Filter};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};

/// What a filter may hold, and the order that a saved view may keep beside it.
pub const FIELDS: [&str; 14] = [
    "status",
    "assignee",
    "channel_id",
    "team_id",
    "kind",
    "label_id",
    "about_conversation_id",
    "priority",
    "mentioned",
    "unread",
    "waiting",
    "following",
    "q",
    "sort",
];
/// Values of one field at most.
const MOST: usize = 100;

/// Which conversations. Fields narrow each other; several values of one field, with commas, widen it.
#[derive(Debug, Clone, Default, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub struct ListFilter {
    /// open, pending, snoozed, closed, spam, or several with commas; absent: all but spam.
    #[serde(default, deserialize_with = "words")]
    status: Option<String>,
    /// A user's id, `me`, `none`, or several with commas.
    #[serde(default, deserialize_with = "words")]
    assignee: Option<String>,
    /// A channel's id, or several with commas.
    #[serde(default, deserialize_with = "words")]
    channel_id: Option<String>,
    /// A team's id, or several with commas.
    #[serde(default, deserialize_with = "words")]
    team_id: Option<String>,
    /// customer or direct; absent: both.
    #[serde(default, deserialize_with = "words")]
    kind: Option<String>,
    /// A label's id, or several with commas: whatever carries one of them.
    #[serde(default, deserialize_with = "words")]
    label_id: Option<String>,
    /// Only one's conversations with colleagues about this one.
    #[serde(default, deserialize_with = "words")]
    about_conversation_id: Option<String>,
    /// low, medium, high, urgent, or several with commas.
    #[serde(default, deserialize_with = "words")]
    priority: Option<String>,
    /// Only where a note that one has not read mentions one.
    #[serde(default, deserialize_with = "flag")]
    mentioned: bool,
    /// Only where one has something left to read.
    #[serde(default, deserialize_with = "flag")]
    unread: bool,
    /// Only where a customer waits for an answer.
    #[serde(default, deserialize_with = "flag")]
    waiting: bool,
    /// Only what one follows.
    #[serde(default, deserialize_with = "flag")]
    following: bool,
    /// A name, or a part of it.
    #[serde(default, deserialize_with = "words")]
    q: Option<String>,
}

/// What is wrong with a filter, for people.
pub type BadFilter = String;

impl ListFilter {
    /// A filter that stands in a body or a saved view.
    pub fn of_json(fields: &Map<String, Value>) -> Result<Self, BadFilter> {
        if let Some(strange) = fields.keys().find(|field| !FIELDS.contains(&field.as_str())) {
            let strange = crate::domain::message::excerpt(strange, 40);
            return Err(format!("There is no filter `{strange}`. A filter holds {}.", FIELDS.join(", ")));
        }
        serde_json::from_value(Value::Object(fields.clone())).map_err(|error| error.to_string())
    }

    /// What a saved view shows to this user; none: its filter is of another version.
    pub fn of_row(filter: &str, me: UserId) -> Option<Filter> {
        let fields: Map<String, Value> = serde_json::from_str(filter).ok()?;
        Self::of_json(&fields).and_then(|filter| filter.read(me)).ok()
    }

    /// What it means to this user.
    pub fn read(&self, me: UserId) -> Result<Filter, BadFilter> {
        let searched = given(self.q.as_ref());
        Ok(Filter {
            statuses: several(self.status.as_ref(), "status", "open, pending, snoozed, closed or spam")?,
            assignees: self.assignees(me)?,
            channels: several(self.channel_id.as_ref(), "channel_id", "the id of a channel")?,
            teams: several(self.team_id.as_ref(), "team_id", "the id of a team")?,
            kind: one(self.kind.as_ref(), "kind", "customer or direct")?,
            priorities: several(self.priority.as_ref(), "priority", "low, medium, high or urgent")?,
            about: one(
                self.about_conversation_id.as_ref(),
                "about_conversation_id",
                "the id of a conversation",
            )?
            .map(ConversationId),
            labels: several(self.label_id.as_ref(), "label_id", "the id of a label")?,
            mentioned: self.mentioned,
            unread: self.unread,
            waiting: self.waiting.then_some(true),
            following: self.following,
            name: searched.map(text::fold),
            number: searched.and_then(phone::searched),
        })
    }

    fn assignees(&self, me: UserId) -> Result<Assignees, BadFilter> {
        let mut all = Assignees::default();
        for word in several::<String>(self.assignee.as_ref(), "assignee", "")? {
            match word.as_str() {
                "me" => all.users.push(me),
                "none" | "unassigned" => all.nobody = true,
                id => all.users.push(id.parse().map_err(|_| bad("assignee", "a user's id, me, or none"))?),
            }
        }
        all.users.sort_unstable();
        all.users.dedup();
        Ok(all)
    }
}

fn bad(field: &str, allowed: &str) -> BadFilter {
    format!("{field} must be {allowed}.")
}

fn given(said: Option<&String>) -> Option<&str> {
    said.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn one<T: FromStr>(said: Option<&String>, field: &str, allowed: &str) -> Result<Option<T>, BadFilter> {
    given(said).map(str::parse).transpose().map_err(|_| bad(field, allowed))
}

fn several<T: FromStr + Ord>(said: Option<&String>, field: &str, allowed: &str) -> Result<Vec<T>, BadFilter> {
    let values = said.map(String::as_str).unwrap_or_default().split(',').map(str::trim);
    let read = values.filter(|value| !value.is_empty()).map(str::parse);
    let mut all: Vec<T> = read.collect::<Result<_, _>>().map_err(|_| bad(field, allowed))?;
    if all.len() > MOST {
        return Err(format!("{field} can have at most {MOST} values."));
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// A value as an address or JSON says it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Flag(bool),
    Number(i64),
    Words(String),
    Several(Vec<Said>),
    Nothing(()),
}

impl Said {
    fn into_words(self) -> String {
        match self {
            Self::Flag(is_set) => is_set.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Words(words) => words,
            Self::Several(all) => all.into_iter().map(Self::into_words).collect::<Vec<_>>().join(","),
            Self::Nothing(()) => String::new(),
        }
    }
}

fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let said = Said::deserialize(deserializer)?.into_words();
    Ok(Some(said).filter(|said| !said.trim().is_empty()))
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match Said::deserialize(deserializer)?.into_words().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        _ => Err(serde::de::Error::custom("mentioned, unread, waiting and following are true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ChannelId, ConversationStatus, LabelId, Priority};
    use serde_json::json;

    fn read(filter: &Value) -> Result<Filter, BadFilter> {
        ListFilter::of_json(filter.as_object().expect("an object"))?.read(UserId(7))
    }

    #[test]
    fn each_field_takes_several_values_as_text_number_or_list() {
        let filter = read(&json!({
            "status": "open, snoozed", "assignee": "none,me,3,me", "channel_id": 4, "label_id": [5, "2"],
            "priority": "urgent,high", "unread": true, "waiting": "true", "sort": "oldest",
        }))
        .expect("fits");
        assert_eq!(filter.statuses, [ConversationStatus::Open, ConversationStatus::Snoozed]);
        assert_eq!(filter.assignees, Assignees { nobody: true, users: vec![UserId(3), UserId(7)] });
        assert_eq!((filter.channels, filter.labels), (vec![ChannelId(4)], vec![LabelId(2), LabelId(5)]));
        assert_eq!(filter.priorities, [Priority::High, Priority::Urgent]);
        assert_eq!((filter.unread, filter.waiting, filter.following), (true, Some(true), false));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (filter, named) in [
            (json!({"status": "open,shut"}), "status"),
            (json!({"assignee": "ada"}), "assignee"),
            (json!({"label_id": "red"}), "label_id"),
            (json!({"unread": "maybe"}), "unread"),
            (json!({"colour": "red"}), "colour"),
        ] {
            let why = read(&filter).expect_err("makes no sense");
            assert!(why.contains(named), "{filter}: {why}");
        }
    }
}
