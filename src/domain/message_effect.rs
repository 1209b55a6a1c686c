//! What a new message does to its conversation: its version, its counters, whether it opens it again, begins
//! or ends the wait, and how long the platform's window stays open. Never a row.

use super::{ConversationState, ConversationStatus, Timestamp};

/// What a new message does to its conversation.
#[derive(Debug, Clone)]
pub struct MessageEffect {
    /// Whether it counts as unread.
    pub is_counted: bool,
    /// Whether the list shows it (not an import of old messages).
    pub is_shown: bool,
    /// Whether it answers the customer.
    pub is_answer: bool,
    /// Whether it wakes a conversation that was closed or sleeps.
    pub reopens: bool,
    /// Until when it opens the platform's window.
    pub window_expires_at: Option<Timestamp>,
}

impl MessageEffect {
    /// An answer to the customer, whoever gives it.
    pub const ANSWER: Self =
        Self { is_counted: false, is_shown: true, is_answer: true, reopens: false, window_expires_at: None };

    /// Makes a conversation what it is after the message; its version is the message's place. Gives how it
    /// stood if the message opened it.
    pub fn apply(&self, state: &mut ConversationState, now: Timestamp) -> Option<ConversationStatus> {
        let before = Some(state.status).filter(|status| self.reopens && *status != ConversationStatus::Open);
        state.version += 1;
        state.revision += 1;
        state.unread_total += i64::from(self.is_counted);
        state.updated_at = now;
        if self.is_answer {
            state.answered_seq = state.version;
        }
        if self.is_shown {
            state.last_seq = state.version;
            state.last_activity_at = now;
        }
        if self.reopens {
            state.snoozed_until = None;
            // A customer waits from their first word on; an answer ends it (`answered`), and so does closing:
            // then it begins anew.
            let was_closed = state.status == ConversationStatus::Closed;
            state.waiting_since = state.waiting_since.filter(|_| !was_closed).or(Some(now));
            state.status = ConversationStatus::Open;
        }
        // An older message does not shorten the window.
        state.window_expires_at = state.window_expires_at.max(self.window_expires_at);
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ConversationId, ConversationKind, Stored, WorkspaceId};
    use std::time::Duration;

    const MORNING: Timestamp = Timestamp(1_786_004_405_118);
    const NOON: Timestamp = Timestamp(1_786_014_405_118);

    /// One that was closed in the morning, with three messages.
    fn closed() -> ConversationState {
        ConversationState {
            id: ConversationId(7),
            workspace_id: WorkspaceId(1),
            kind: ConversationKind::Customer,
            channel_id: None,
            customer_id: None,
            thread: String::new(),
            status: ConversationStatus::Closed,
            assignee_id: None,
            assigned_because: None,
            team_id: None,
            version: 5,
            revision: 9,
            unread_total: 2,
            answered_seq: 4,
            last_seq: 4,
            last_activity_at: MORNING,
            window_expires_at: Some(NOON),
            snoozed_until: Some(NOON),
            priority: None,
            about_conversation_id: None,
            waiting_since: None,
            event_seq: 4,
            created_at: MORNING,
            updated_at: MORNING,
            stored: Stored { status: ConversationStatus::Closed, last_activity_at: MORNING },
        }
    }

    fn customers(window_expires_at: Option<Timestamp>) -> MessageEffect {
        MessageEffect { is_counted: true, is_shown: true, is_answer: false, reopens: true, window_expires_at }
    }

    #[test]
    fn a_customers_message_wakes_its_conversation_and_begins_the_wait() {
        let mut state = closed();
        let before = customers(Some(NOON)).apply(&mut state, NOON);
        assert_eq!(before, Some(ConversationStatus::Closed));
        assert_eq!((state.version, state.revision, state.unread_total, state.last_seq), (6, 10, 3, 6));
        assert_eq!((state.status, state.snoozed_until), (ConversationStatus::Open, None));
        assert_eq!((state.waiting_since, state.last_activity_at), (Some(NOON), NOON));
        let before = customers(None).apply(&mut state, NOON.plus(Duration::from_mins(1)));
        assert_eq!(before, None, "it is opened once");
        assert_eq!(state.waiting_since, Some(NOON), "the wait began with the first word");
    }

    #[test]
    fn closing_ends_the_wait_and_opening_again_without_a_word_of_theirs_goes_on_with_it() {
        let mut state = ConversationState { waiting_since: Some(MORNING), ..closed() };
        assert_eq!(state.waits_since(), None, "nobody waits in what is closed");
        let reopened = ConversationState { status: ConversationStatus::Open, ..state.clone() };
        assert_eq!(reopened.waits_since(), Some(MORNING), "closed by mistake");
        customers(None).apply(&mut state, NOON);
        assert_eq!(state.waits_since(), Some(NOON), "they came with something new");
    }

    #[test]
    fn an_older_message_does_not_shorten_the_window() {
        for (event, expected) in [
            (Some(MORNING), NOON),
            (None, NOON),
            (Some(NOON.plus(Duration::from_secs(1))), Timestamp(NOON.0 + 1000)),
        ] {
            let mut state = closed();
            customers(event).apply(&mut state, NOON);
            assert_eq!(state.window_expires_at, Some(expected), "{event:?}");
        }
    }

    #[test]
    fn an_imported_message_takes_a_place_and_changes_nothing_that_is_shown() {
        let mut state = closed();
        let import = MessageEffect {
            is_counted: false,
            is_shown: false,
            is_answer: false,
            reopens: false,
            window_expires_at: None,
        };
        import.apply(&mut state, NOON);
        let (was, is) = (closed(), state);
        assert_eq!((is.version, is.updated_at), (6, NOON));
        assert_eq!(
            (is.last_seq, is.last_activity_at, is.unread_total),
            (was.last_seq, was.last_activity_at, was.unread_total)
        );
        assert_eq!(
            (is.status, is.waiting_since, is.answered_seq),
            (was.status, was.waiting_since, was.answered_seq)
        );
    }
}
