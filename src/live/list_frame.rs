//! A change of the list as each user may be told of it: written once for everybody, for what differs from one
//! to the other is how they stand to the conversation. Never who sits where: that is the hub's.

use super::frames::{Scope, write};
use super::view_fit::{Facts, is_left_by_anything};
use crate::domain::sight::Eyes;
use crate::domain::{
    Conversation, ConversationFor, ConversationId, ConversationKind, ReadMark, Reason, TeamId, Timestamp,
    UserId,
};
use crate::store::conversations::filtered::Filter;
use bytestring::ByteString;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;

/// How one user stands to one conversation, as far as it is written into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Own {
    unread_count: i64,
    is_mentioned: bool,
    is_following: bool,
    reminder_at: Option<Timestamp>,
    marked_unread: i64,
}

impl Own {
    fn new(unread_total: i64, mark: ReadMark) -> Self {
        Self {
            unread_count: mark.unread(unread_total),
            is_mentioned: mark.is_mentioned(),
            is_following: mark.is_following,
            reminder_at: mark.reminder_at,
            marked_unread: mark.marked_unread,
        }
    }

    /// In the order of [`ConversationFor`].
    fn write_to(self, text: &mut String) {
        let Self { unread_count, is_mentioned, is_following, reminder_at, marked_unread } = self;
        let reminder_at = reminder_at.map_or("null".to_owned(), |at| format!("\"{}\"", at.to_rfc3339()));
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "\"unread_count\":{unread_count},\"is_mentioned\":{is_mentioned},\
             \"is_following\":{is_following},\"reminder_at\":{reminder_at},\"marked_unread\":{marked_unread}"
        );
    }
}

/// A conversation's JSON, but for how somebody stands to it.
#[derive(Debug)]
struct ConversationText {
    head: String,
    tail: String,
}

impl ConversationText {
    fn new(conversation: &Conversation) -> Self {
        // A number that no count can be stands where the count will.
        const PLACE: i64 = i64::MIN;
        let mark = ReadMark::default();
        let seen = ConversationFor::new(Cow::Borrowed(conversation), mark);
        let text = write(&ConversationFor { unread_count: PLACE, ..seen });
        let mut sign = String::new();
        Own { unread_count: PLACE, ..Own::new(0, mark) }.write_to(&mut sign);
        let at = text.rfind(&sign).unwrap_or(text.len());
        Self { head: text[..at].to_owned(), tail: text.get(at + sign.len()..).unwrap_or_default().to_owned() }
    }

    /// `"reason":…,"conversation":{…}`.
    fn write_to(&self, text: &mut String, reason: Reason, own: Own) {
        // As above.
        let _ = write!(text, "\"reason\":\"{reason}\",\"conversation\":{}", self.head);
        own.write_to(text);
        text.push_str(&self.tail);
    }
}

/// Who is told: what decides whether they are.
#[derive(Debug, Clone, Copy)]
pub struct Viewer<'a> {
    /// Who.
    pub user: UserId,
    /// What of the list they watch.
    pub scope: Scope,
    /// Which team's, if the scope says so.
    pub team: Option<TeamId>,
    /// What the saved view shows that they watch, if the scope says so.
    pub view: Option<&'a Filter>,
    /// With what they see customers' conversations, if that is not all of them.
    pub narrow: Option<&'a Eyes>,
    /// Whether they have the conversation open: then its changes concern them.
    pub has_open: bool,
    /// Whether they are told only what concerns them, for everything would be too much.
    pub is_flooded: bool,
}

/// A conversation of the list, as it stood after a change.
#[derive(Debug)]
pub struct Listed {
    id: ConversationId,
    kind: ConversationKind,
    assignee: Option<UserId>,
    team: Option<TeamId>,
    members: Vec<UserId>,
    unread_total: i64,
    marks: HashMap<UserId, ReadMark>,
    facts: Facts,
    text: ConversationText,
}

impl Listed {
    /// A conversation, with how everybody stands to it.
    pub fn new(view: &Conversation, marks: HashMap<UserId, ReadMark>) -> Self {
        Self {
            id: view.id,
            kind: view.kind,
            assignee: view.assignee_id,
            team: view.team_id,
            members: view.participants.iter().map(|person| person.id).collect(),
            unread_total: view.unread_total,
            marks,
            facts: Facts::of(view),
            text: ConversationText::new(view),
        }
    }

    /// Which.
    pub fn id(&self) -> ConversationId {
        self.id
    }

    /// Those for whom it may be another than for everybody else.
    pub fn special(&self) -> impl Iterator<Item = UserId> {
        self.marks.keys().chain(&self.members).chain(&self.assignee).copied()
    }

    /// Whether somebody may see it, watches such ones, and is told of this change. `is_moving`: it changed
    /// hands (or, to a saved view, in any way that it shows), and what leaves a list is told to it once
    /// more, so that it can leave.
    pub fn is_for(&self, viewer: Viewer<'_>, is_moving: bool) -> bool {
        let Viewer { user, scope, team, has_open, is_flooded, .. } = viewer;
        if self.kind == ConversationKind::Direct {
            return scope != Scope::None && self.members.contains(&user);
        }
        if !self.is_seen_by(viewer) {
            return false;
        }
        let calls = self.marks.get(&user).is_some_and(|mark| mark.is_mentioned() || mark.is_following);
        let is_mine = self.assignee == Some(user);
        if is_flooded {
            return scope != Scope::None && (is_mine || calls || has_open);
        }
        let is_told = is_moving || calls || has_open;
        match scope {
            Scope::All => true,
            Scope::Mine => is_told || is_mine,
            Scope::Unassigned => is_told || self.assignee.is_none(),
            Scope::MineAndUnassigned => is_told || is_mine || self.assignee.is_none(),
            Scope::View => {
                let shows = |view| is_left_by_anything(view) || self.facts.fit(view);
                is_told || viewer.view.is_some_and(shows)
            }
            Scope::Team => is_told || (team.is_some() && self.team == team),
            Scope::None => false,
        }
    }

    /// Whether it is among colleagues.
    pub fn is_direct(&self) -> bool {
        self.kind == ConversationKind::Direct
    }

    /// Whether it is somebody's to see.
    pub fn is_seen_by(&self, Viewer { user, narrow, .. }: Viewer<'_>) -> bool {
        if self.kind == ConversationKind::Direct {
            return self.members.contains(&user);
        }
        narrow.is_none_or(|eyes| eyes.see(self.assignee, self.team))
    }

    /// How somebody stands to it.
    pub fn own(&self, user: UserId) -> Own {
        Own::new(self.unread_total, self.marks.get(&user).copied().unwrap_or_default())
    }

    /// `conversation_updated`.
    pub fn frame(&self, reason: Reason, own: Own) -> ByteString {
        let mut text = r#"{"type":"conversation_updated","#.to_owned();
        self.text.write_to(&mut text, reason, own);
        text.push('}');
        text.into()
    }

    /// One item of `conversations_updated`.
    pub fn write_item(&self, text: &mut String, reason: Reason, own: Own) {
        text.push('{');
        self.text.write_to(text, reason, own);
        text.push('}');
    }

    /// How much text an item is, in bytes, but for a few.
    pub fn size(&self) -> usize {
        self.text.head.len() + self.text.tail.len() + 192
    }
}
