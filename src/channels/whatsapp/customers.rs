//! Who is meant: numbers, business-scoped ids, groups, and the contact cards beside a message.
//! Never pairs a message with a card by position, only by `wa_id` or `user_id`.

use crate::channels::lenient::{Lenient, id_of};
use crate::domain::inbound::{CustomerIdentity, IdentityKind, Participant, Profile, Thread};
use serde_json::Value;

/// What stands beside the elements of one change: our account and the contact cards.
#[derive(Debug, Default)]
pub struct Beside {
    /// Our phone number id; empty if the change names none.
    pub account: String,
    /// Our number as people dial it, digits only.
    pub our_number: Option<String>,
    /// The contact cards.
    pub contacts: Vec<Value>,
}

impl Beside {
    /// From a change's `metadata` and `contacts`.
    pub fn new(metadata: Option<&Value>, contacts: Option<&Value>) -> Self {
        Self {
            account: metadata.and_then(|metadata| metadata.id("phone_number_id")).unwrap_or_default(),
            our_number: metadata
                .and_then(|metadata| metadata.id("display_phone_number"))
                .map(|number| digits(&number)),
            contacts: contacts.and_then(Value::as_array).cloned().unwrap_or_default(),
        }
    }

    /// The card of one of these identities; the only card, where nobody is named at all.
    fn card(&self, known: &[CustomerIdentity]) -> Option<&Value> {
        let fits = |card: &&Value| ids_of_card(card).iter().any(|id| known.contains(id));
        self.contacts.iter().find(fits).or_else(|| match (&self.contacts[..], known) {
            ([only], []) => Some(only),
            _ => None,
        })
    }

    /// The names under `keys` of `element` with those of the card that fits, and the card's profile.
    pub fn person(&self, element: &Value, keys: &Keys) -> (Vec<CustomerIdentity>, Profile) {
        let mut known = keys.identities(element);
        let card = self.card(&known);
        for identity in card.map(ids_of_card).unwrap_or_default() {
            if !known.contains(&identity) {
                known.push(identity);
            }
        }
        known.sort_by_key(|identity| identity.kind);
        (known, card.map(profile).unwrap_or_default())
    }

    /// The customer's thread (or the group's), the customer's profile, and who of the group wrote.
    pub fn thread(&self, element: &Value, keys: &Keys) -> (Thread, Profile, Option<Participant>) {
        let (identities, profile) = self.person(element, keys);
        let Some(group) = element.id("group_id") else {
            return (Thread { identities, business_connection: None }, profile, None);
        };
        let sender = identities.into_iter().next().map(|identity| Participant { identity, profile });
        (Thread::of(CustomerIdentity::new(IdentityKind::WhatsappGroup, group)), Profile::default(), sender)
    }
}

/// The member names one person's ids stand under.
pub struct Keys {
    phone: &'static str,
    user: &'static str,
    parent: &'static str,
}

/// Who wrote.
pub const SENDER: Keys = Keys { phone: "from", user: "from_user_id", parent: "from_parent_user_id" };
/// To whom the owner wrote.
pub const ADDRESSEE: Keys = Keys { phone: "to", user: "to_user_id", parent: "to_parent_user_id" };
/// Whom a receipt concerns.
pub const RECIPIENT: Keys =
    Keys { phone: "recipient_id", user: "recipient_user_id", parent: "parent_recipient_user_id" };
/// A contact card's own, and a system notice's new ones.
pub const CARD: Keys = Keys { phone: "wa_id", user: "user_id", parent: "parent_user_id" };

impl Keys {
    /// The identities that stand under these names.
    pub fn identities(&self, element: &Value) -> Vec<CustomerIdentity> {
        let user = |key: &str, kind| element.id(key).map(|id| CustomerIdentity::new(kind, id));
        let parent = user(self.parent, IdentityKind::ParentBsuid)
            .or_else(|| user(&format!("parent_{}", self.user), IdentityKind::ParentBsuid));
        [
            element.id(self.phone).map(|number| phone_or_user(&number)),
            user(self.user, IdentityKind::Bsuid),
            parent,
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// A place for numbers may hold a business-scoped id.
pub fn phone_or_user(text: &str) -> CustomerIdentity {
    let text = text.trim();
    if is_bsuid(text) {
        CustomerIdentity::new(IdentityKind::Bsuid, text)
    } else {
        CustomerIdentity::phone(text)
    }
}

/// `CC.…`: two capital letters, a dot, then letters, digits and dots.
fn is_bsuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 3
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2] == b'.'
        && bytes[3..].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'.')
}

fn ids_of_card(card: &Value) -> Vec<CustomerIdentity> {
    CARD.identities(card)
}

fn profile(card: &Value) -> Profile {
    let Some(profile) = card.at("profile") else { return Profile::default() };
    Profile {
        name: profile.text("name"),
        username: profile.text("username").map(|name| name.trim_start_matches('@').to_owned()),
        avatar_url: None,
        locale: None,
    }
}

/// A number's digits.
pub fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Whether a value names this number.
pub fn is_number(value: Option<&Value>, number: Option<&str>) -> bool {
    match (value.and_then(id_of), number) {
        (Some(value), Some(number)) => !number.is_empty() && digits(&value) == number,
        _ => false,
    }
}
