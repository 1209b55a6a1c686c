//! What everybody of a workspace who watches its list is told, beside the list itself: channels that
//! stop, approved messages that change, customers who were forgotten. Never a change of a conversation, nor
//! who comes and goes.

use super::frames::{ToClient, write};
use crate::domain::{ChannelEvent, Erased, Reminder, WorkspaceId};
use actix::prelude::*;
use bytestring::ByteString;

/// One frame for every session of a workspace that watches its list.
#[derive(Message, Debug, Clone)]
#[rtype(result = "()")]
pub struct Broadcast {
    pub workspace_id: WorkspaceId,
    /// The frame.
    pub text: ByteString,
}

impl Broadcast {
    /// A channel stopped or works again.
    pub fn channel(event: &ChannelEvent) -> Self {
        let ChannelEvent { workspace_id, channel_id, state, state_reason } = event;
        let state_reason = state_reason.as_deref();
        Self::of(
            *workspace_id,
            &ToClient::ChannelUpdated { channel_id: *channel_id, state: *state, state_reason },
        )
    }

    /// Approved messages changed.
    pub fn templates(workspace_id: WorkspaceId) -> Self {
        Self::of(workspace_id, &ToClient::TemplatesUpdated)
    }

    /// A customer was forgotten.
    pub fn erased(event: &Erased) -> Self {
        Self::of(
            event.workspace_id,
            &ToClient::ConversationsErased { conversation_ids: &event.conversation_ids },
        )
    }

    /// Somebody is reminded of a conversation.
    pub fn reminder(event: &Reminder) -> ByteString {
        let Reminder { conversation_id, at, customer_name, .. } = event;
        let customer_name = customer_name.as_deref();
        write(&ToClient::Reminder { conversation_id: *conversation_id, at: *at, customer_name })
    }

    fn of(workspace_id: WorkspaceId, frame: &ToClient<'_>) -> Self {
        Self { workspace_id, text: write(frame) }
    }
}
