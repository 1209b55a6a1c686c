//! What every Rust file owes its reader: an opening that says what it is for, a name that says what is in
//! it, a length that can be read, and no unwrap where a customer's text could reach it.

use super::{Complaints, File, check, code_only, files};

const LONGEST: usize = 400;
const NAMES_THAT_SAY_NOTHING: &[&str] = &["util", "helper", "common", "manager", "service", "misc", "stuff"];

fn opens_with_its_purpose(file: &File) -> Complaints {
    if file.text.starts_with("//!") {
        return Vec::new();
    }
    vec![format!("{}: does not open with `//!`: what is it for, and what does it never do?", file.path)]
}

fn is_short_or_says_why(file: &File) -> Complaints {
    let lines = file.text.lines().count();
    let says_why =
        file.text.lines().take_while(|line| line.starts_with("//!")).any(|line| line.contains("400 lines"));
    if lines <= LONGEST || says_why {
        return Vec::new();
    }
    vec![format!("{}: {lines} lines: split it, or say in its `//!` why it is over 400 lines", file.path)]
}

fn has_a_name_that_says_something(file: &File) -> Complaints {
    let says_nothing = |part: &str| {
        let stem = part.split('.').next().unwrap_or(part);
        let words: Vec<&str> =
            stem.split(['_', '-']).map(|word| word.strip_suffix('s').unwrap_or(word)).collect();
        words.iter().any(|word| NAMES_THAT_SAY_NOTHING.contains(word))
    };
    let bad = file.path.split('/').find(|part| says_nothing(part));
    bad.map(|part| format!("{}: `{part}` does not say what is in it", file.path)).into_iter().collect()
}

fn does_not_unwrap(file: &File) -> Complaints {
    if file.path.ends_with("/tests.rs") || file.path.contains("/tests/") {
        return Vec::new();
    }
    let before_tests = file.text.split("#[cfg(test)]").next().unwrap_or("");
    let code = code_only(before_tests);
    let lines = code.lines().enumerate().filter(|(_, line)| line.contains(".unwrap()"));
    lines.map(|(number, line)| format!("{}:{}: {}", file.path, number + 1, line.trim())).collect()
}

/// An extractor in an `Option` turns what it cannot read into nothing said: a decision nobody made.
/// The simulated platforms are not ours to judge: they take what they are sent.
fn takes_nothing_unreadable_for_nothing(file: &File) -> Complaints {
    if file.path.starts_with("src/channels/simulated/") {
        return Vec::new();
    }
    let code = code_only(&file.text);
    let lines = code.lines().enumerate().filter(|(_, line)| {
        let line: String = line.split_whitespace().collect();
        ["Json", "Form", "Query", "Bytes", "Path"].iter().any(|extractor| {
            ["Option<", "Result<"].iter().any(|outer| {
                let named = line.contains(&format!("{outer}web::{extractor}<"));
                named || line.contains(&format!(":{outer}{extractor}<"))
            })
        })
    });
    lines.map(|(number, line)| format!("{}:{}: {}", file.path, number + 1, line.trim())).collect()
}

fn everything_in_rust() -> Vec<File> {
    ["src", "tests", "benches"].iter().flat_map(|folder| files(folder, &[".rs"])).collect()
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    check(&everything_in_rust(), opens_with_its_purpose);
}

#[test]
fn a_long_file_says_why() {
    check(&everything_in_rust(), is_short_or_says_why);
    check(&files("static", &[".js", ".css"]), |file| {
        let lines = file.text.lines().count();
        let says_why = file.text.lines().take(12).any(|line| line.contains("400 lines"));
        if lines <= LONGEST || says_why {
            return Vec::new();
        }
        vec![format!(
            "{}: {lines} lines: split it, or say in its first lines why it is over 400 lines",
            file.path
        )]
    });
}

#[test]
fn every_name_says_something() {
    check(&everything_in_rust(), has_a_name_that_says_something);
    check(&files("static", &[".js", ".css", ".html"]), has_a_name_that_says_something);
}

#[test]
fn nothing_unwraps_outside_tests() {
    check(&files("src", &[".rs"]), does_not_unwrap);
}

#[test]
fn no_handler_takes_what_it_cannot_read_for_nothing() {
    check(&files("src", &[".rs"]), takes_nothing_unreadable_for_nothing);
}

#[test]
fn each_rule_about_sources_can_fail() {
    type Rule = fn(&File) -> Complaints;
    fn check(rule: Rule, path: &str, text: &str, complains: bool) {
        assert_eq!(!rule(&File::planted(path, text)).is_empty(), complains, "{path}: {text:.60}");
    }
    check(opens_with_its_purpose, "src/a.rs", "use std::fmt;", true);
    check(opens_with_its_purpose, "src/a.rs", "//! Says it.\n", false);
    check(is_short_or_says_why, "src/a.rs", &"//! Short.\n\n".repeat(201), true);
    check(is_short_or_says_why, "src/a.rs", &"line\n".repeat(401), true);
    check(
        is_short_or_says_why,
        "src/a.rs",
        &format!("//! Over 400 lines: one table.\n{}", "x\n".repeat(500)),
        false,
    );
    check(has_a_name_that_says_something, "src/api/utils.rs", "", true);
    check(has_a_name_that_says_something, "src/helpers/x.rs", "", true);
    check(has_a_name_that_says_something, "src/live/session_manager.rs", "", true);
    check(has_a_name_that_says_something, "static/shared/common.js", "", true);
    check(has_a_name_that_says_something, "src/live/room.rs", "", false);
    check(does_not_unwrap, "src/a.rs", "let x = y.unwrap();", true);
    let unreadable = takes_nothing_unreadable_for_nothing;
    check(unreadable, "src/api/a.rs", "    body: Option<web::Json<RetryBody>>,", true);
    check(unreadable, "src/api/a.rs", "    body: Option<Json<Value>>,", true);
    check(unreadable, "src/api/a.rs", "    Optional(body): Optional<RetryBody>,", false);
    check(
        does_not_unwrap,
        "src/a.rs",
        "let x = 1; // not .unwrap()\n#[cfg(test)]\nmod tests { fn f() { y.unwrap(); } }",
        false,
    );
}
