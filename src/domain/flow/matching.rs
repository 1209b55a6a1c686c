//! Whether somebody said a word: whatever the case, the accents and the white space, as a whole
//! word. Never a guess at what they meant.

use super::Case;
use crate::domain::text;

/// The first way of a branch whose words were said.
pub fn case_of(cases: &[Case], said: &str) -> Option<usize> {
    cases.iter().position(|case| case.words.iter().any(|words| says(said, words)))
}

/// Whether `said` holds `words` as whole words.
pub fn says(said: &str, words: &str) -> bool {
    let (said, words) = (plain(said), plain(words));
    !words.is_empty()
        && said.match_indices(&words).any(|(at, found)| {
            is_edge(said[..at].chars().next_back(), found.chars().next())
                && is_edge(found.chars().next_back(), said[at + found.len()..].chars().next())
        })
}

fn plain(text: &str) -> String {
    text::fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Between two letters of one word there is no edge; scripts without spaces have one everywhere.
fn is_edge(before: Option<char>, after: Option<char>) -> bool {
    let is_of_a_word = |c: char| c.is_alphanumeric() && u32::from(c) < 0x2E80;
    !(before.is_some_and(is_of_a_word) && after.is_some_and(is_of_a_word))
}
