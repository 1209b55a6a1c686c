//! Who came and who went in one tick, and who is here, as frames: made once for everybody who is told. Never
//! who that is.

use super::frames::{Present, ToClient, write};
use super::session_event::SessionEvent;
use crate::domain::{UserId, WorkspaceId};
use actix::Message;
use bytestring::ByteString;
use std::sync::Arc;

/// Who came and who went.
#[derive(Debug)]
pub struct PresenceTick {
    /// Where.
    pub workspace_id: WorkspaceId,
    /// Each once.
    pub items: Vec<Present>,
    batched: ByteString,
    single: Arc<Vec<ByteString>>,
}

impl PresenceTick {
    /// Writes what changed.
    pub fn new(workspace_id: WorkspaceId, items: Vec<Present>) -> Self {
        let batched = write(&ToClient::PresenceChanges { items: &items });
        let single = Arc::new(items.iter().map(|each| alone(*each)).collect());
        Self { workspace_id, items, batched, single }
    }

    /// For a session that is told by ticks, or of each by itself.
    pub fn news(&self, is_batched: bool) -> SessionEvent {
        if is_batched {
            SessionEvent::Text(self.batched.clone())
        } else {
            SessionEvent::Texts(self.single.clone())
        }
    }
}

/// A tick, to a hub.
#[derive(Message, Debug, Clone)]
#[rtype(result = "()")]
pub struct PresenceTicked(pub Arc<PresenceTick>);

/// Everybody who is here, for whoever comes until somebody else comes or goes.
#[derive(Debug, Default)]
pub struct Snapshot {
    batched: Option<ByteString>,
    single: Option<Arc<Vec<ByteString>>>,
}

impl Snapshot {
    /// For a session that is told by ticks, or of each by itself.
    pub fn news(&mut self, is_batched: bool, online: impl Iterator<Item = UserId>) -> SessionEvent {
        let online = online.map(|id| Present::new(id, true));
        if is_batched {
            let made = || write(&ToClient::PresenceSnapshot { users: &online.collect::<Vec<_>>() });
            SessionEvent::Text(self.batched.get_or_insert_with(made).clone())
        } else {
            let made = || Arc::new(online.map(alone).collect());
            SessionEvent::Texts(self.single.get_or_insert_with(made).clone())
        }
    }
}

/// `presence`.
fn alone(present: Present) -> ByteString {
    write(&ToClient::Presence { user_id: present.id, online: present.is_here() })
}
