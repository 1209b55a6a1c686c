//! A workspace as addresses and pages name it. Never who is a member of it.

use super::ids::WorkspaceId;
use super::text;

/// The longest name in an address.
const LONGEST: usize = 40;
/// What cannot be a workspace's name in an address: it would be taken for something else there.
const RESERVED: [&str; 6] = ["api", "admin", "login", "new", "setup", "ws"];

/// Why the first workspace stays.
pub const ARCHIVE_FIRST: &str = "The first workspace stays: its admins look after the server.";

/// One tenant, as its members name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Unique in the server.
    pub id: WorkspaceId,
    /// Its name in addresses: `/w/{slug}/`.
    pub slug: String,
    /// What people call it.
    pub name: String,
}

/// Whether a text can be a workspace's name in addresses: 1 to 40 small letters, digits and single hyphens.
pub fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        && !RESERVED.contains(&text)
}

/// A name in addresses made of what people call it; one that has no letters we know becomes `workspace`.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for sign in text::fold(name).chars() {
        if slug.len() >= LONGEST - 8 {
            break;
        }
        if sign.is_ascii_alphanumeric() {
            slug.push(sign);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if is_slug(slug) { slug.to_owned() } else { "workspace".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_of_a_name_and_fits() {
        for (name, slug) in [
            ("Pier 39", "pier-39"),
            ("  Ångström & Söhne! ", "angstrom-sohne"),
            ("北京", "workspace"),
            ("API", "workspace"),
            ("--", "workspace"),
        ] {
            assert_eq!(slug_of(name), slug, "{name}");
        }
        assert!(is_slug(&slug_of(&"long name ".repeat(20))));
        for odd in ["", "-a", "a-", "a--b", "A", "ä", "a b", "a/b", "api", &"a".repeat(41)] {
            assert!(!is_slug(odd), "{odd}");
        }
    }
}
