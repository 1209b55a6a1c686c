//! What the kinds of channels say of themselves, held together: how each counts, and what its parts are.

use super::registry::{credential_names, identity, kind, kinds, registered};
use crate::domain::ChannelKind;
use crate::domain::inbound::{AttachmentKind, IdentityKind};
use crate::domain::outbound::{MediaSource, OutboundMedia};

fn named(name: &str) -> ChannelKind {
    ChannelKind::named(name)
}

fn check_length(name: &str, text: &str, fits: bool) {
    assert_eq!(kind(named(name)).check_text(text).is_ok(), fits, "{name} {}", text.len());
}

#[test]
fn every_platform_counts_in_its_own_way() {
    check_length("whatsapp", &"é".repeat(4096), true);
    check_length("whatsapp", &"é".repeat(4097), false);
    check_length("instagram", &"😀".repeat(250), true);
    check_length("instagram", &"😀".repeat(251), false);
    check_length("messenger", &"é".repeat(2000), true);
    check_length("messenger", &"é".repeat(2001), false);
    check_length("telegram", &"😀".repeat(2048), true);
    check_length("telegram", &"😀".repeat(2049), false);
}

fn file(kind: AttachmentKind) -> OutboundMedia {
    OutboundMedia {
        kind,
        source: MediaSource::Url(String::new()),
        mime_type: String::new(),
        file_name: None,
        caption: None,
        size_in_pixels: None,
    }
}

fn check_parts(name: &str, text: &str, files: &[AttachmentKind], requests: usize) {
    let files = files.iter().copied().map(file).collect();
    assert_eq!(kind(named(name)).parts(Some(text), files).len(), requests, "{name}");
}

#[test]
fn words_go_under_the_only_file_where_the_platform_has_captions() {
    use AttachmentKind::{Image, Sticker};
    check_parts("whatsapp", "hi", &[Image], 1);
    check_parts("whatsapp", "hi", &[Sticker], 2);
    check_parts("whatsapp", &"x".repeat(1025), &[Image], 2);
    check_parts("instagram", "hi", &[Image], 2);
    check_parts("telegram", "hi", &[Image, Image], 3);
    check_parts("telegram", "", &[Image], 1);
}

#[test]
fn a_kind_is_registered_once_and_asks_for_what_it_needs() {
    let names: Vec<_> = kinds().map(|kind| kind.kind).collect();
    for (at, name) in names.iter().enumerate() {
        assert!(!names[..at].contains(name), "{name} is registered twice");
        assert!(registered(name.as_str()).is_some_and(|kind| kind.kind == *name));
    }
    for kind in kinds() {
        for needed in kind.needs.iter().chain(kind.secrets()) {
            let is_asked = kind.fields.iter().any(|field| field.name == *needed);
            assert!(is_asked || *needed == kind.makes, "{}: nobody is asked for {needed}", kind.kind);
        }
        assert!(kind.credentials().all(|name| credential_names().contains(&name)));
    }
}

#[test]
fn a_kind_that_nobody_registered_takes_nothing_and_costs_nothing() {
    let unknown = named("of_tomorrow");
    assert!(registered("of_tomorrow").is_none());
    assert!(kind(unknown).webhook.is_none() && kind(unknown).abilities.is_empty());
    assert_eq!(super::parse(unknown, "", b"{}").map(|events| events.len()), Ok(0));
}

#[test]
fn a_customer_is_named_as_their_platform_names_them() {
    let check = |name: &str, id: &str, connection: Option<&str>, expected: IdentityKind| {
        assert_eq!(identity(named(name), id, connection).kind, expected, "{name} {id}");
    };
    check("whatsapp", " +49 1", None, IdentityKind::Phone);
    check("whatsapp", "DE.123", None, IdentityKind::Bsuid);
    check("instagram", "1", None, IdentityKind::Igsid);
    check("messenger", "1", None, IdentityKind::Psid);
    check("telegram", "1", None, IdentityKind::TelegramUser);
    check("telegram", "-1", None, IdentityKind::TelegramGroup);
    check("telegram", "1", Some("b"), IdentityKind::TelegramBusiness);
    check("webchat", "v", None, IdentityKind::Visitor);
}
