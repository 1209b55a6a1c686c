//! What happened in the demo's workspace before the doors opened (`story.json`), and in which order. All
//! people and words are invented. Never how it is told.

use crate::domain::ChannelKind;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

const STORY: &str = include_str!("story.json");

/// Everything there is to tell.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// `{name, color}`.
    pub labels: Vec<Value>,
    /// `{shortcut, content}`.
    pub canned_replies: Vec<Value>,
    /// As the API takes them; `channel` names the kind of one.
    pub flows: Vec<Value>,
    /// What customers talked about.
    pub conversations: Vec<Conversation>,
    /// What the colleagues wrote to one another.
    pub colleagues: Vec<Direct>,
}

/// One customer's conversation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversation {
    /// By which channel they write.
    pub channel: ChannelKind,
    /// The customer's id there.
    pub id: String,
    /// What they are called.
    pub name: String,
    /// What was written.
    pub lines: Vec<Line>,
    /// What was done with it.
    #[serde(default)]
    pub acts: Vec<Act>,
    /// Whether the newest words are still unread.
    #[serde(default)]
    pub is_unread: bool,
}

/// One thing that was written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// How long ago: `3d`, `2h 5m`.
    pub ago: String,
    /// `customer`, `phone` (the owner in the platform's own app), or a colleague's name.
    pub by: String,
    /// The words.
    pub text: Option<String>,
    /// Whether only colleagues see it.
    #[serde(default)]
    pub is_note: bool,
    /// What a customer sends that is no words, as WhatsApp writes it.
    pub content: Option<Value>,
    /// Whether an answer comes by itself: a flow's, or a model's draft.
    #[serde(default)]
    pub is_answered: bool,
}

/// One thing that was done with a conversation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// How long ago.
    pub ago: String,
    /// Whose deed.
    pub by: String,
    /// To whom it went.
    pub assignee: Option<String>,
    /// Which labels it has from then on.
    pub labels: Option<Vec<String>>,
    /// Its status.
    pub status: Option<String>,
    /// How urgent it is.
    pub priority: Option<String>,
    /// For how long it is put off, from now on.
    pub snoozed_for: Option<String>,
}

/// One thing that a colleague wrote to another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Direct {
    /// How long ago.
    pub ago: String,
    /// Who wrote.
    pub by: String,
    /// To whom.
    pub to: String,
    /// The words.
    pub text: String,
}

/// One moment of the story.
#[derive(Debug, Clone, Copy)]
pub enum Beat<'a> {
    /// Something was written: in which conversation, and which line of it.
    Line(usize, usize, &'a Line),
    /// Something was done with a conversation.
    Act(usize, &'a Act),
    /// A colleague wrote to another.
    Direct(&'a Direct),
}

impl Story {
    /// The story of this binary.
    pub fn read() -> Result<Self, serde_json::Error> {
        serde_json::from_str(STORY)
    }

    /// Everything in the order in which it happened, each with how long ago that is.
    pub fn beats(&self) -> Vec<(Duration, Beat<'_>)> {
        let mut beats: Vec<(Duration, Beat<'_>)> = Vec::new();
        for (at, conversation) in self.conversations.iter().enumerate() {
            let lines = conversation.lines.iter().enumerate();
            beats.extend(lines.map(|(number, line)| (ago(&line.ago), Beat::Line(at, number, line))));
            beats.extend(conversation.acts.iter().map(|act| (ago(&act.ago), Beat::Act(at, act))));
        }
        beats.extend(self.colleagues.iter().map(|direct| (ago(&direct.ago), Beat::Direct(direct))));
        beats.sort_by_key(|(ago, _)| std::cmp::Reverse(*ago));
        beats
    }
}

/// `3d 2h 5m` as a time; what is no number counts nothing.
pub fn ago(text: &str) -> Duration {
    let part = |part: &str| {
        let (number, unit) = part.split_at(part.len().saturating_sub(1));
        let seconds = match unit {
            "d" => 86_400,
            "h" => 3_600,
            "m" => 60,
            _ => 0,
        };
        Duration::from_secs(number.parse::<u64>().unwrap_or_default() * seconds)
    };
    text.split_whitespace().map(part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn times_are_read() {
        assert_eq!(ago("1d 2h 5m"), Duration::from_mins(26 * 60 + 5));
        assert_eq!(ago("soon"), Duration::ZERO);
    }

    #[test]
    fn the_story_is_told_from_its_beginning() {
        let story = Story::read().expect("the story reads");
        let beats = story.beats();
        assert!(beats.is_sorted_by(|(one, _), (next, _)| one >= next));
        assert!(beats.iter().all(|(ago, _)| *ago > Duration::ZERO), "every time is one");
        for conversation in &story.conversations {
            let lines = &conversation.lines;
            let times: Vec<_> = lines.iter().map(|line| ago(&line.ago)).collect();
            assert!(times.is_sorted_by(|one, next| one > next), "{}: in its order", conversation.name);
            assert_eq!(lines[0].by, "customer", "{}: a customer begins", conversation.name);
            let acts = conversation.acts.iter().map(|act| ago(&act.ago));
            assert!(acts.max().is_none_or(|first| first < times[0]), "{}", conversation.name);
        }
    }

    #[test]
    fn nobody_says_the_same_thing_thrice() {
        let story = Story::read().expect("the story reads");
        let lines = story.conversations.iter().flat_map(|each| &each.lines);
        let mut said: HashMap<&str, u32> = HashMap::new();
        for text in lines.filter_map(|line| line.text.as_deref()) {
            *said.entry(text).or_default() += 1;
        }
        assert!(said.values().all(|times| *times < 3), "{said:?}");
    }
}
