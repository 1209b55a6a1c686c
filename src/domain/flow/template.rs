//! `{{name}}` and `{{name|what stands there if nobody knows}}` in a flow's words. Never a program:
//! what a variable holds is never looked through again.

use super::Variables;

const OPEN: &str = "{{";
const CLOSE: &str = "}}";
const LONGEST_NAME: usize = 60;

/// Whether a text can name a variable.
pub(super) fn is_variable(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What is wrong with a text's places, if anything.
pub fn fault(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(OPEN) {
        let Some((place, after)) = after.split_once(CLOSE) else {
            return Some("a `{{` has no `}}`.".into());
        };
        let (name, _) = parts(place);
        let is_name = (1..=LONGEST_NAME).contains(&name.len())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c));
        if !is_name {
            return Some("`{{` and `}}` must hold the name of a variable: letters, digits, `_`, `.`.".into());
        }
        rest = after;
    }
    None
}

/// The text with its places filled; what nobody knows is what stands after `|`, or nothing.
pub fn render(text: &str, variables: &Variables) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        out.push_str(before);
        let Some((place, after)) = after.split_once(CLOSE) else {
            out.push_str(OPEN);
            rest = after;
            continue;
        };
        let (name, fallback) = parts(place);
        let known = variables.get(name).map(String::as_str).filter(|value| !value.trim().is_empty());
        out.push_str(known.or(fallback).unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
    out
}

fn parts(place: &str) -> (&str, Option<&str>) {
    match place.split_once('|') {
        Some((name, fallback)) => (name.trim(), Some(fallback.trim())),
        None => (place.trim(), None),
    }
}
