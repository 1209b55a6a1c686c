//! What the gate makes of each kind of channel: the same facts, and only what a kind has.

use super::*;
use crate::domain::{
    ChannelId, ChannelKind, ConversationId, ConversationStatus, CustomerId, Stored, WorkspaceId,
};
use serde_json::json;

const HOUR: i64 = 3_600_000;

fn channel(kind: ChannelKind, state: ChannelState) -> Channel {
    Channel {
        is_contested: false,
        id: ChannelId(1),
        workspace_id: WorkspaceId(1),
        kind,
        name: "A channel".into(),
        external_id: "1".into(),
        options: json!({"human_agent": true}),
        sealed: Vec::new(),
        state,
        state_reason: None,
        last_event_at: None,
        created_at: Timestamp(0),
        last_test: None,
    }
}

/// A conversation whose window ends at the hundredth hour, if it has one.
fn conversation(ends: Option<i64>) -> ConversationState {
    ConversationState {
        id: ConversationId(1),
        workspace_id: WorkspaceId(1),
        kind: ConversationKind::Customer,
        channel_id: Some(ChannelId(1)),
        customer_id: Some(CustomerId(1)),
        thread: String::new(),
        status: ConversationStatus::Open,
        assignee_id: None,
        assigned_because: None,
        version: 1,
        revision: 1,
        unread_total: 1,
        answered_seq: 0,
        last_seq: 1,
        last_activity_at: Timestamp(0),
        window_expires_at: ends.map(|hour| Timestamp(hour * HOUR)),
        snoozed_until: None,
        priority: None,
        about_conversation_id: None,
        waiting_since: None,
        event_seq: 1,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        team_id: None,
        stored: Stored { status: ConversationStatus::Open, last_activity_at: Timestamp(0) },
    }
}

/// What is decided of free words and of a template at an hour.
fn decided(kind: ChannelKind, ends: Option<i64>, hour: i64) -> [Option<SendReason>; 2] {
    let (state, channel) = (conversation(ends), channel(kind, ChannelState::Active));
    let facts = facts(&state, Some(&channel), Standing::default(), Timestamp(hour * HOUR));
    let template = Asked { what: What::Template(None), ..Asked::free(Speaker::Person) };
    [Asked::free(Speaker::Person), template].map(|asked| decide(&asked, &facts).reason)
}

#[test]
fn each_kind_of_channel_has_the_window_that_it_has() {
    let closed = [Some(SendReason::WindowClosed), None];
    for kind in registry::kinds() {
        let late = |hour| decided(kind.kind, Some(100), hour);
        assert_eq!(late(99), [None, None], "{}: it is open", kind.kind);
        if kind.window.is_none() {
            assert_eq!(late(9_000), [None, None], "{}: it has none", kind.kind);
            assert_eq!(decided(kind.kind, None, 1), [None, None], "{}", kind.kind);
            continue;
        }
        let person = [Some(SendReason::HumanAgentWindow), None];
        let is_tagged = kind.has_human_agent_tag();
        assert_eq!(late(101), if is_tagged { person } else { closed }, "{}: just closed", kind.kind);
        assert_eq!(late(100 + 6 * 24), closed, "{}: seven days after they wrote", kind.kind);
        assert_eq!(decided(kind.kind, None, 1), closed, "{}: they never wrote", kind.kind);
    }
}

#[test]
fn each_kind_of_channel_keeps_what_is_written_while_it_does_not_send() {
    for kind in registry::kinds() {
        let reason = |state, is_there: bool| {
            let channel = channel(kind.kind, state);
            let conversation = conversation(Some(100));
            let channel = Some(&channel).filter(|_| is_there);
            let verdict = decide(
                &Asked::free(Speaker::Person),
                &facts(&conversation, channel, Standing::default(), Timestamp(0)),
            );
            (verdict.decision, verdict.reason)
        };
        let warns = |reason| (SendDecision::Warn, Some(reason));
        assert_eq!(reason(ChannelState::Active, true), (SendDecision::Allowed, None), "{}", kind.kind);
        assert_eq!(reason(ChannelState::Off, true), warns(SendReason::ChannelOff), "{}", kind.kind);
        assert_eq!(reason(ChannelState::Paused, true), warns(SendReason::ChannelPaused), "{}", kind.kind);
        let gone = (SendDecision::Refuse, Some(SendReason::ChannelGone));
        assert_eq!(reason(ChannelState::Active, false), gone, "{}", kind.kind);
    }
}
