//! Which platforms there are: the one list. A kind of channel that stands in it is known everywhere.

use super::kind::Kind;
use super::platform::Platform;
use super::unregistered::Unregistered;
use crate::domain::ChannelKind;
use crate::domain::inbound::{CustomerIdentity, IdentityKind};

/// Every platform, in the order in which they are shown.
static PLATFORMS: &[&dyn Platform] = &[
    &super::whatsapp::WhatsApp,
    &super::instagram::Instagram,
    &super::messenger::Messenger,
    &super::telegram::Telegram,
    &super::webchat::Webchat,
];

/// The platform of a kind of channel; for a name that nobody registered, one that does nothing.
pub fn platform(kind: ChannelKind) -> &'static dyn Platform {
    let found = PLATFORMS.iter().find(|platform| platform.kind().kind == kind);
    found.copied().unwrap_or(&Unregistered)
}

/// What is to know of a kind of channel.
pub fn kind(kind: ChannelKind) -> &'static Kind {
    platform(kind).kind()
}

/// Every kind of channel, in the order in which they are shown.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    PLATFORMS.iter().map(|platform| platform.kind())
}

/// The registered kind of this name.
pub fn registered(name: &str) -> Option<&'static Kind> {
    kinds().find(|kind| kind.kind.as_str() == name)
}

/// The customer of a channel that a person typed or a program named (`external_id`).
pub fn identity(kind: ChannelKind, external_id: &str, business_connection: Option<&str>) -> CustomerIdentity {
    platform(kind).identity(external_id.trim(), business_connection)
}

/// The names of all credentials that there are, each once.
pub fn credential_names() -> Vec<&'static str> {
    once(kinds().flat_map(Kind::credentials))
}

/// The names of people of whom a platform tells more when it is asked.
pub fn told_of() -> Vec<IdentityKind> {
    once(kinds().flat_map(|kind| kind.tells_of.iter().copied()))
}

/// The options by which an account is named or reached.
pub fn account_options() -> Vec<&'static str> {
    let fields = kinds().flat_map(|kind| kind.fields).filter(|field| field.names_account);
    once(fields.map(|field| field.name))
}

fn once<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut found, one| {
        if !found.contains(&one) {
            found.push(one);
        }
        found
    })
}
