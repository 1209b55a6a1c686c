//! What is done to text from outside: cleaning, folding for search. Never a change of meaning.

use std::ops::RangeInclusive;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest text of a message, in bytes. No platform takes as much; what is more is a mistake.
pub const MAX_TEXT_BYTES: usize = 65_536;

/// PostgreSQL stores no NUL: it becomes U+FFFD, as a lone surrogate does in the parsers.
pub fn clean(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text.to_owned() }
}

/// One form for `José`, `jose` and `JOSÉ`: lower case, without accents. The same on both
/// databases, because it is done here.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        // The same, without looking each sign up.
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// Letters of a name that somebody gave themselves; more only fills lists.
const NAME: usize = 200;

/// Signs that show nothing, or turn the words around them; not the joiners that some letters need.
const UNSEEN: [RangeInclusive<char>; 7] = [
    '\u{61C}'..='\u{61C}',
    '\u{200B}'..='\u{200B}',
    '\u{200E}'..='\u{200F}',
    '\u{2028}'..='\u{202E}',
    '\u{2060}'..='\u{206F}',
    '\u{FEFF}'..='\u{FEFF}',
    '\u{FFF9}'..='\u{FFFB}',
];

/// A name that somebody gave themselves: one line of 200 letters at most, without signs that are not seen, or
/// that turn the words around it.
pub fn name(text: &str) -> String {
    let is_unseen = |letter: char| UNSEEN.iter().any(|range| range.contains(&letter));
    let seen = text.chars().filter(|letter| !letter.is_control() && !is_unseen(*letter));
    seen.take(NAME).collect::<String>().trim().to_owned()
}

/// The same, where there may be none: of a name without a sign that is seen, nothing is left.
pub fn name_of(text: Option<&str>) -> Option<String> {
    text.map(name).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_matter() {
        assert_eq!(fold("José Ångström"), fold("JOSE angstrom"));
        assert_eq!(fold("Straße"), "straße");
        assert_eq!(fold("Two WORDS, 3!"), "two words, 3!");
    }

    #[test]
    fn a_name_is_one_line_that_turns_nothing_around() {
        assert_eq!(name(" Ana\u{202E}gnp\u{0}\r\n\u{2066}\u{200F} Lind\u{7}\u{FEFF} "), "Anagnp Lind");
        assert_eq!(name(&"é".repeat(60_000)).chars().count(), 200);
        assert_eq!(name("محمد 👩\u{200D}🔬"), "محمد 👩\u{200D}🔬", "letters that only look odd stay");
    }

    #[test]
    fn nul_is_kept_as_a_visible_sign() {
        assert_eq!(clean("a\0b"), "a\u{FFFD}b");
    }
}
