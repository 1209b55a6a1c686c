//! The rules of the house as tests: what the layers may import, what a file must open with, what a page
//! may contain. Each rule is a function from a text to complaints, and is shown able to complain.
//! Never style that rustfmt or clippy already judge.

mod circles;
mod described;
mod layers;
mod lengths;
mod pages;
mod platforms;
mod routes;
mod sending;
mod sources;

use std::path::{Path, PathBuf};

/// One file as the rules see it: its path from the root of the project, and its text.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// A planted file, for showing that a rule can fail.
    #[cfg(test)]
    fn planted(path: &str, text: &str) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

/// What a rule found: one line a complaint.
type Complaints = Vec<String>;

/// Every file below `folder` whose name ends in one of `endings`, in the order of their paths.
fn files(folder: &str, endings: &[&str]) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = std::fs::read_to_string(&path).expect("a source file is UTF-8");
                let path = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
                found.push(File { path, text });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Holds `rule` against every file; all complaints at once, so that one run shows everything.
fn check(files: &[File], rule: impl Fn(&File) -> Complaints) {
    let complaints: Complaints = files.iter().flat_map(rule).collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// The text without what comments say: rules are about code. Line breaks stay, so line numbers hold.
fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut in_block = false;
    for line in text.lines() {
        let mut rest = line;
        loop {
            if in_block {
                match rest.split_once("*/") {
                    Some((_, after)) => (in_block, rest) = (false, after),
                    None => break,
                }
            }
            match (rest.find("/*"), comment_start(rest)) {
                (Some(block), line) if line.is_none_or(|line| block < line) => {
                    code.push_str(&rest[..block]);
                    (in_block, rest) = (true, &rest[block + 2..]);
                }
                (_, Some(line)) => {
                    code.push_str(&rest[..line]);
                    break;
                }
                _ => {
                    code.push_str(rest);
                    break;
                }
            }
        }
        code.push('\n');
    }
    code
}

/// Where `//` opens a comment; the one of `https://` does not.
fn comment_start(line: &str) -> Option<usize> {
    line.match_indices("//").map(|(at, _)| at).find(|at| !line[..*at].ends_with(':'))
}

#[test]
fn comments_are_not_code() {
    let code = code_only("a // b\n/* c\nd */ e \"https://f\"\n//! g");
    assert_eq!(code, "a \n\n e \"https://f\"\n\n");
}
