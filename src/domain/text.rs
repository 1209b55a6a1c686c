//! What is done to text from outside: cleaning, folding for search. Never a change of meaning.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// PostgreSQL stores no NUL: it becomes U+FFFD, as a lone surrogate does in the parsers.
pub fn clean(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text.to_owned() }
}

/// One form for `José`, `jose` and `JOSÉ`: lower case, without accents. The same on both
/// databases, because it is done here.
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_matter() {
        assert_eq!(fold("José Ångström"), fold("JOSE angstrom"));
        assert_eq!(fold("Straße"), "straße");
    }

    #[test]
    fn nul_is_kept_as_a_visible_sign() {
        assert_eq!(clean("a\0b"), "a\u{FFFD}b");
    }
}
