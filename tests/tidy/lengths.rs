//! How long functions and lines are: most functions can be seen whole, and the few long ones say why.

use super::{Complaints, File, check, code_only, files};

/// Lines of a function at the middle, of all but the longest tenth, and of any.
const MEDIAN: usize = 12;
const NINE_OF_TEN: usize = 40;
const LONGEST: usize = 80;

/// Functions that are longer, each with its reason. One that is short again fails too.
const LONG: &[(&str, &str, &str)] = &[("src/api/http/routes.rs", "configure", "one line an address")];

/// Columns of a line.
const COLUMNS: usize = 110;

/// Files with tables whose rows stay whole, each with its reason.
const WIDE: &[(&str, &str)] = &[("src/api/http/routes.rs", "one line an address")];

/// Each function of a file: its name and its lines, from the one with `fn` to its last brace.
fn functions(file: &File) -> Vec<(String, usize)> {
    let code = code_only(&file.text);
    let lines: Vec<&str> = code.lines().collect();
    lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| {
            let (before, rest) = line.split_once("fn ")?;
            let is_word =
                |word: &str| ["pub", "async", "const", "unsafe"].contains(&word) || word.starts_with("pub(");
            let name: String =
                rest.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect();
            if name.is_empty() || !before.split_whitespace().all(is_word) {
                return None;
            }
            let indent = &before[..before.len() - before.trim_start().len()];
            if line.trim_end().ends_with('}') {
                return Some((name, 1));
            }
            let close = format!("{indent}}}");
            let goes_on = [format!("{indent})"), format!("{indent}->")];
            for (more, line) in lines[at..].iter().enumerate() {
                let line = line.trim_end();
                if line == close {
                    return Some((name, more + 1));
                }
                let is_own = more == 0 || goes_on.iter().any(|start| line.starts_with(start));
                if is_own && line.ends_with(';') {
                    return None;
                }
            }
            None
        })
        .collect()
}

#[test]
fn functions_are_short_or_say_why() {
    let all: Vec<(String, String, usize)> = files("src", &[".rs"])
        .iter()
        .flat_map(|file| functions(file).into_iter().map(|(name, lines)| (file.path.clone(), name, lines)))
        .collect();
    let mut lengths: Vec<usize> = all.iter().map(|(_, _, lines)| *lines).collect();
    lengths.sort_unstable();
    assert!(lengths.len() > 1_000, "the functions are not found any more");
    let (median, nine_of_ten) = (lengths[lengths.len() / 2], lengths[lengths.len() * 9 / 10]);
    assert!(median <= MEDIAN, "half of all functions are longer than {MEDIAN} lines: {median}");
    assert!(
        nine_of_ten <= NINE_OF_TEN,
        "a tenth of all functions is longer than {NINE_OF_TEN} lines: {nine_of_ten}"
    );
    let excused =
        |path: &str, name: &str| LONG.iter().any(|(file, function, _)| (*file, *function) == (path, name));
    let long: Vec<_> =
        all.iter().filter(|(path, name, lines)| *lines > LONGEST && !excused(path, name)).collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:#?}");
    for (file, function, reason) in LONG {
        let is_long = all.iter().any(|(path, name, lines)| {
            (path, name) == (&(*file).to_owned(), &(*function).to_owned()) && *lines > LONGEST
        });
        assert!(is_long, "{file}: `{function}` ({reason}) is short: take it out of LONG");
    }
}

#[test]
fn a_function_is_measured() {
    let text = "fn one() { two() }\n\npub(crate) async fn two(\n    a: u8,\n) -> u8 {\n    a\n}\n\ntrait T {\n    fn three();\n    fn four(&self) {\n        todo!()\n    }\n}\n";
    let expected = [("one", 1), ("two", 5), ("four", 3)];
    let found = functions(&File::planted("src/a.rs", text));
    assert_eq!(found, expected.map(|(name, lines)| (name.to_owned(), lines)));
}

fn wide_lines(file: &File) -> Complaints {
    let lines = file.text.lines().enumerate().filter(|(_, line)| line.chars().count() > COLUMNS);
    lines
        .map(|(number, line)| format!("{}:{}: over {COLUMNS} columns: {line}", file.path, number + 1))
        .collect()
}

#[test]
fn no_line_is_too_wide() {
    let (wide, other): (Vec<_>, Vec<_>) =
        files("src", &[".rs"]).into_iter().partition(|file| WIDE.iter().any(|(path, _)| *path == file.path));
    check(&other, wide_lines);
    for (path, reason) in WIDE {
        let is_needed = wide.iter().any(|file| file.path == *path && !wide_lines(file).is_empty());
        assert!(is_needed, "{path} ({reason}) has no wide line any more: take it out of WIDE");
    }
}

#[test]
fn a_wide_line_is_found() {
    let line = |columns: usize| format!("//! {}\n", "é".repeat(columns - 4));
    assert!(wide_lines(&File::planted("src/a.rs", &line(COLUMNS))).is_empty());
    assert_eq!(wide_lines(&File::planted("src/a.rs", &line(COLUMNS + 1))).len(), 1);
}
