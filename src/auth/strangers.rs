//! What whoever is not signed in may use up: the one place through which every anonymous request and frame
//! comes before it costs anything. Limits are settings (`config::Limits`) and count over all servers that
//! share a database, but for typing (one in two seconds is over before another server could hear of it).
//! Never a limit of those who are signed in, or of webhooks whose signature fits.

use super::budgets::{Allowance, Budget};
use super::slots::{OneSlot, Slots};
use crate::config::Limits;
use crate::domain::{Refusal, Timestamp};
use moka::sync::Cache;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const MEGABYTE: u64 = 1_000_000;
/// When a place for a socket may be free again.
const A_WHILE: Duration = Duration::from_secs(30);

/// All their budgets; cloned freely.
#[derive(Clone)]
pub struct Strangers {
    messages: Budget,
    messages_here: Budget,
    conversations: Budget,
    hellos: Budget,
    frames: Budget,
    wrong_addresses: Budget,
    typing: Budget,
    uploads_here: Budget,
    uploads: Budget,
    sockets: Slots,
    /// Visitors whose new conversation was counted.
    begun: Cache<String, ()>,
}

/// A visitor, and where they come from.
#[derive(Debug, Clone, Copy)]
pub struct Stranger<'a> {
    /// What they are known by.
    pub visitor: &'a str,
    /// Their address, as it counts.
    pub place: &'a str,
}

impl Strangers {
    /// With the limits that the settings name. `is_shared`: what is used up here counts at other servers,
    /// too.
    pub fn new(limits: &Limits, is_shared: bool) -> Self {
        let budget = |most: u64, each| Budget::new(Allowance::of(most, each));
        let typing = SECOND * u32::try_from(limits.limit_typing).unwrap_or(u32::MAX);
        let shared =
            |most: u64, each| if is_shared { budget(most, each).shared() } else { budget(most, each) };
        Self {
            messages: shared(limits.limit_messages, MINUTE),
            messages_here: shared(limits.limit_messages_address, MINUTE),
            conversations: shared(limits.limit_conversations, HOUR),
            hellos: shared(limits.limit_hellos, MINUTE),
            frames: shared(limits.limit_frames, MINUTE),
            wrong_addresses: shared(limits.limit_wrong_addresses, MINUTE),
            typing: Budget::new((!typing.is_zero()).then_some(Allowance { most: 1, each: typing })),
            uploads_here: shared(limits.limit_uploads.saturating_mul(MEGABYTE), HOUR),
            uploads: shared(limits.limit_uploads_total.saturating_mul(MEGABYTE), HOUR),
            sockets: Slots::new(limits.limit_sockets, is_shared),
            begun: Cache::builder().max_capacity(100_000).time_to_idle(HOUR).build(),
        }
    }

    /// One message. `is_new`: it begins a conversation.
    pub fn writes(&self, who: Stranger<'_>, is_new: bool) -> Result<(), Refusal> {
        if is_new && !self.begun.contains_key(who.visitor) {
            self.conversations.take(who.place, 1).map_err(|wait| {
                slow_down("Too many new chats began at your address. Please try again later.", wait)
            })?;
            self.begun.insert(who.visitor.to_owned(), ());
        }
        let words = "You are writing very quickly. Please wait a moment.";
        self.messages.take(who.visitor, 1).map_err(|wait| slow_down(words, wait))?;
        self.messages_here.take(who.place, 1).map_err(|wait| slow_down(words, wait))
    }

    /// One hello.
    pub fn says_hello(&self, place: &str) -> Result<(), Refusal> {
        let words = "Too many chats were opened at your address. Please wait a moment.";
        self.hellos.take(place, 1).map_err(|wait| slow_down(words, wait))
    }

    /// Reads, or asks for older messages.
    pub fn asks(&self, visitor: &str) -> Result<(), Refusal> {
        self.frames.take(visitor, 1).map_err(|wait| slow_down("Please wait a moment.", wait))
    }

    /// Called an address that nothing is behind: what is secret there is not to be guessed.
    pub fn tries(&self, place: &str) -> Result<(), Refusal> {
        let words = "Too many wrong addresses were tried. Please check the address, and wait a moment.";
        self.wrong_addresses.take(place, 1).map_err(|wait| slow_down(words, wait))
    }

    /// Begins to type.
    pub fn types(&self, visitor: &str) -> Result<(), Refusal> {
        self.typing.take(visitor, 1).map_err(|wait| slow_down("Please wait a moment.", wait))
    }

    /// A file of so many bytes, before one of them is read.
    pub fn uploads(&self, place: &str, bytes: u64) -> Result<(), Refusal> {
        let words = "No more files can be taken at the moment. Please try again later.";
        self.uploads_here.take(place, bytes).map_err(|wait| slow_down(words, wait))?;
        self.uploads.take("", bytes).map_err(|wait| slow_down(words, wait))
    }

    /// A place for a socket, held as long as it is open.
    pub fn connects(&self, place: &str) -> Result<OneSlot, Refusal> {
        let words = "Too many chats are open at your address. Close one, and try again.";
        self.sockets.take(place).ok_or_else(|| slow_down(words, A_WHILE))
    }

    /// The budgets that servers share.
    fn shared(&self) -> [(&'static str, &Budget); 8] {
        [
            ("wrong_addresses", &self.wrong_addresses),
            ("messages", &self.messages),
            ("messages_address", &self.messages_here),
            ("conversations", &self.conversations),
            ("hellos", &self.hellos),
            ("frames", &self.frames),
            ("uploads", &self.uploads_here),
            ("uploads_total", &self.uploads),
        ]
    }

    /// What was used up since this was last asked: of which budget, whose, and how many milliseconds it takes
    /// to grow.
    pub fn spent(&self) -> Vec<(&'static str, String, i64)> {
        let of = |(kind, budget): (&'static str, &Budget)| {
            budget.drain().into_iter().map(move |(owner, cost)| (kind, owner, cost)).collect::<Vec<_>>()
        };
        self.shared().into_iter().flat_map(of).collect()
    }

    /// What was used up anywhere: of which budget, whose, until when it grows, and when that was told.
    pub fn hears(&self, told: &[(String, String, Timestamp, Timestamp)], now: Timestamp) {
        for (kind, owner, until, _) in told {
            let budget = self.shared().into_iter().find(|(known, _)| known == kind);
            let grows = u64::try_from(until.0.saturating_sub(now.0)).unwrap_or_default();
            if let Some((_, budget)) = budget {
                budget.hear(owner, Duration::from_millis(grows));
            }
        }
    }

    /// Whose sockets changed in number since this was last asked; with `all`, everybody's who has one.
    pub fn sockets_held(&self, all: bool) -> Vec<(String, i64)> {
        self.sockets.held(all)
    }

    /// How many sockets are open at other servers: at which, whose, how many.
    pub fn hears_of_sockets(&self, told: Vec<(String, String, i64)>) {
        self.sockets.hear(told);
    }

    /// How often each was not enough.
    pub fn refused(&self) -> [(&'static str, u64); 9] {
        [
            ("wrong_addresses", self.wrong_addresses.refused()),
            ("messages", self.messages.refused() + self.messages_here.refused()),
            ("conversations", self.conversations.refused()),
            ("hellos", self.hellos.refused()),
            ("frames", self.frames.refused()),
            ("typing", self.typing.refused()),
            ("uploads", self.uploads_here.refused()),
            ("uploads_total", self.uploads.refused()),
            ("sockets", self.sockets.refused()),
        ]
    }
}

fn slow_down(words: &str, wait: Duration) -> Refusal {
    Refusal::too_many("rate_limited", words, wait)
}
