//! With whom we speak: threads, identities, profiles. Never a row, never an address of a call.

use crate::domain::words::words;
use serde::{Deserialize, Serialize};

/// With whom a conversation is: what a conversation is found by, and what we send to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// Every name of the customer (or the one of the group), the best first. Empty: unknown.
    pub identities: Vec<CustomerIdentity>,
    /// Telegram: the connection to an owner's personal account it came through.
    pub business_connection: Option<String>,
}

impl Thread {
    /// The thread of one identity.
    pub fn of(identity: CustomerIdentity) -> Self {
        Self { identities: vec![identity], business_connection: None }
    }

    /// The identity of this kind, if there is one.
    pub fn find(&self, kind: IdentityKind) -> Option<&CustomerIdentity> {
        self.identities.iter().find(|identity| identity.kind == kind)
    }

    /// The first identity: what a new customer is named by.
    pub fn first(&self) -> Option<&CustomerIdentity> {
        self.identities.first()
    }

    /// Whether it is a group's.
    pub fn is_group(&self) -> bool {
        self.identities.iter().any(|identity| identity.kind.is_group())
    }

    /// Adds an identity unless it is there.
    pub fn add(&mut self, identity: CustomerIdentity) {
        if !self.identities.contains(&identity) {
            self.identities.push(identity);
        }
    }
}

/// What the name of a visitor begins with who proved who they are.
pub const PROVED_VISITOR: &str = "user:";

/// One name a platform knows a person or group by; `external_id` alone is unique in a channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CustomerIdentity {
    /// What kind of name.
    pub kind: IdentityKind,
    /// The name. A telephone number has digits only, no `+`.
    pub external_id: String,
}

impl CustomerIdentity {
    /// A name of this kind.
    pub fn new(kind: IdentityKind, external_id: impl Into<String>) -> Self {
        Self { kind, external_id: external_id.into() }
    }

    /// A WhatsApp number, with or without `+`.
    pub fn phone(number: &str) -> Self {
        Self::new(IdentityKind::Phone, number.trim().trim_start_matches('+'))
    }

    /// The chat of an owner's personal Telegram account: apart from a bot chat with the same person.
    pub fn telegram_business(connection: &str, chat: &str) -> Self {
        Self::new(IdentityKind::TelegramBusiness, format!("{connection}:{chat}"))
    }

    /// The id as the platform itself writes it, without the connection before it.
    pub fn platform_id(&self) -> &str {
        match (self.kind, self.external_id.rsplit_once(':')) {
            (IdentityKind::TelegramBusiness, Some((_, chat))) => chat,
            _ => &self.external_id,
        }
    }

    /// The connection an owner's personal chat goes through.
    pub fn business_connection(&self) -> Option<&str> {
        match (self.kind, self.external_id.rsplit_once(':')) {
            (IdentityKind::TelegramBusiness, Some((connection, _))) => Some(connection),
            _ => None,
        }
    }
}

words! {
    /// What kind of name an identity is.
    IdentityKind {
        /// A telephone number (WhatsApp's `wa_id`).
        Phone = "phone",
        /// WhatsApp's business-scoped user id.
        Bsuid = "bsuid",
        /// The same, scoped to a parent business.
        ParentBsuid = "parent_bsuid",
        /// A group on WhatsApp.
        WhatsappGroup = "whatsapp_group",
        /// Instagram's id of a person for one account.
        Igsid = "igsid",
        /// Messenger's id of a person for one page.
        Psid = "psid",
        /// A Telegram user's id.
        TelegramUser = "telegram_user",
        /// A Telegram group's or channel's id.
        TelegramGroup = "telegram_group",
        /// A chat of an owner's personal account: `connection:chat`.
        TelegramBusiness = "telegram_business",
        /// A visitor of the web chat.
        Visitor = "visitor",
        /// A person, by the only id their platform has for them: what a platform without a word of its own
        /// here uses.
        User = "user",
    }
}

impl IdentityKind {
    /// Whether many people stand behind one such name.
    pub fn is_group(self) -> bool {
        matches!(self, Self::WhatsappGroup | Self::TelegramGroup)
    }
}

/// What an event says of a person or group; `None` never overwrites what is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name they chose.
    pub name: Option<String>,
    /// Their handle, without `@`.
    pub username: Option<String>,
    /// Where their picture is, for a while.
    pub avatar_url: Option<String>,
    /// Their language, as the platform writes it.
    pub locale: Option<String>,
}

/// One person of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// By what they are known.
    pub identity: CustomerIdentity,
    /// What the event says of them.
    pub profile: Profile,
}
