//! What the client of a session sent and has not heard of yet. Each send is answered once, by whatever
//! shows its message first: the room, the rows read back, or else its own result. Never a frame.

use crate::domain::{ConversationId, Message};
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// Answered sends that are remembered.
const REMEMBERED: usize = 512;

/// One message of a client: where, and its client id.
pub type SendKey = (ConversationId, String);

#[derive(Default)]
struct Waiting {
    /// What each send of it wants back.
    references: VecDeque<Option<Value>>,
    /// It is stored, and the session has not come to its version yet.
    stored: Option<Arc<Message>>,
}

/// The sends of one session.
#[derive(Default)]
pub struct Answers {
    waiting: HashMap<SendKey, Waiting>,
    /// Answered lately: a repetition is not answered again unless it asks by `ref`.
    given: HashSet<SendKey>,
    given_order: VecDeque<SendKey>,
}

impl Answers {
    /// A send waits for its answer.
    pub fn expect(&mut self, key: SendKey, reference: Option<Value>) {
        self.waiting.entry(key).or_default().references.push_back(reference);
    }

    /// Nobody waits: what most messages find.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A send was refused: it waits no more.
    pub fn forget(&mut self, key: &SendKey, reference: Option<&Value>) {
        let Some(waiting) = self.waiting.get_mut(key) else { return };
        if let Some(at) = waiting.references.iter().position(|waits| waits.as_ref() == reference) {
            waiting.references.remove(at);
        }
        if waiting.references.is_empty() {
            self.waiting.remove(key);
        }
    }

    /// The message of a send is stored: whether it still waits to hear of it.
    pub fn is_due(&mut self, key: &SendKey, reference: Option<&Value>) -> bool {
        if reference.is_none() && self.given.contains(key) {
            self.forget(key, None);
            return false;
        }
        let waiting = self.waiting.get(key);
        waiting.is_some_and(|waiting| waiting.references.iter().any(|waits| waits.as_ref() == reference))
    }

    /// Keeps a stored message until the session comes to its version.
    pub fn hold(&mut self, key: &SendKey, message: &Arc<Message>) {
        if let Some(waiting) = self.waiting.get_mut(key) {
            waiting.stored = Some(message.clone());
        }
    }

    /// The kept messages of a conversation up to a version, by rising version.
    pub fn held(&self, id: ConversationId, version: i64) -> Vec<Arc<Message>> {
        let of_it = self.waiting.iter().filter(|(key, _)| key.0 == id);
        let mut held: Vec<_> = of_it
            .filter_map(|(_, waiting)| waiting.stored.clone().filter(|message| message.version <= version))
            .collect();
        held.sort_by_key(|message| message.version);
        held
    }

    /// Answers one send: what it wants back; none: nobody waits.
    pub fn give(&mut self, key: &SendKey) -> Option<Option<Value>> {
        let waiting = self.waiting.get_mut(key)?;
        let reference = waiting.references.pop_front()?;
        waiting.references.retain(Option::is_some);
        if waiting.references.is_empty() {
            self.waiting.remove(key);
        }
        if self.given.insert(key.clone()) {
            self.given_order.push_back(key.clone());
        }
        if self.given_order.len() > REMEMBERED
            && let Some(oldest) = self.given_order.pop_front()
        {
            self.given.remove(&oldest);
        }
        Some(reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SendKey {
        (ConversationId(1), "c-1".into())
    }

    #[test]
    fn a_send_is_answered_once_and_a_repetition_only_if_it_asks() {
        let mut answers = Answers::default();
        answers.expect(key(), None);
        assert_eq!(answers.give(&key()), Some(None));
        assert_eq!(answers.give(&key()), None);
        answers.expect(key(), None);
        assert!(!answers.is_due(&key(), None), "it was answered, and asks for nothing");
        answers.expect(key(), Some("r".into()));
        assert!(answers.is_due(&key(), Some(&"r".into())));
        assert_eq!(answers.give(&key()), Some(Some("r".into())));
        assert!(answers.is_empty());
    }

    #[test]
    fn two_at_once_are_answered_each_with_its_own_reference() {
        let mut answers = Answers::default();
        answers.expect(key(), Some("one".into()));
        answers.expect(key(), Some("two".into()));
        assert_eq!(answers.give(&key()), Some(Some("one".into())));
        assert!(answers.is_due(&key(), Some(&"two".into())));
        assert_eq!(answers.give(&key()), Some(Some("two".into())));
        assert!(answers.is_empty());
    }

    #[test]
    fn a_send_that_was_answered_does_not_answer_its_repetition() {
        let mut answers = Answers::default();
        answers.expect(key(), Some("one".into()));
        assert_eq!(answers.give(&key()), Some(Some("one".into())), "by the room");
        answers.expect(key(), None);
        answers.expect(key(), None);
        assert!(!answers.is_due(&key(), Some(&"one".into())), "its own result comes after");
        assert!(!answers.is_due(&key(), None));
        assert!(!answers.is_due(&key(), None));
        assert!(answers.is_empty());
    }

    #[test]
    fn a_refused_send_leaves_the_others_waiting() {
        let mut answers = Answers::default();
        answers.expect(key(), Some("one".into()));
        answers.expect(key(), Some("two".into()));
        answers.forget(&key(), Some(&"one".into()));
        assert_eq!(answers.give(&key()), Some(Some("two".into())));
        assert!(answers.is_empty());
    }
}
