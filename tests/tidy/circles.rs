//! No circle among files: whoever reads one can read what it leans on first. Two files that name each other
//! are one file in two places, or have something in common that belongs below both.

use super::{File, code_only, files};
use std::collections::{BTreeMap, BTreeSet};

/// Circles that stand, each with its reason. One that is gone fails too.
const CIRCLES: &[(&[&str], &str)] = &[(
    &["live::hub", "live::list", "live::registry", "live::room"],
    "actors that hold each other's addresses: what they say to each other is one protocol",
)];

type Path = Vec<String>;

/// The code of each module: its path, without its tests.
fn modules(files: &[File]) -> BTreeMap<Path, String> {
    let code = |file: &File| {
        let text = code_only(&file.text);
        text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
    };
    let path = |file: &File| -> Path {
        let inside = file.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        inside.split('/').map(str::to_owned).collect()
    };
    let is_module = |file: &&File| !["src/lib.rs", "src/main.rs"].contains(&file.path.as_str());
    files.iter().filter(is_module).map(|file| (path(file), code(file))).collect()
}

/// What a `use` names: `a::{b, c::{self, d}}` → a::b, a::c, a::c::d.
fn leaves(tree: &str, before: &[String]) -> Vec<Path> {
    let segments = |text: &str| {
        let text = text.split(" as ").next().unwrap_or_default();
        text.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect::<Path>()
    };
    let Some((head, rest)) = tree.split_once('{') else {
        let mut path = [before, &segments(tree)].concat();
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        return vec![path];
    };
    let before = [before, &segments(head)].concat();
    let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
    let (mut depth, mut start, mut parts) = (0_i32, 0, Vec::new());
    for (at, sign) in inside.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    parts.iter().filter(|part| !part.trim().is_empty()).flat_map(|part| leaves(part, &before)).collect()
}

/// A path from the crate's root; none: it names another crate.
fn absolute(module: &[String], path: &[String], known: &BTreeMap<Path, String>) -> Option<Path> {
    let (mut here, mut rest) = (module.to_vec(), path);
    match rest.first()?.as_str() {
        "crate" => Some(rest[1..].to_vec()),
        "super" | "self" => {
            while let [first, more @ ..] = rest
                && (first == "super" || first == "self")
            {
                if first == "super" {
                    here.pop()?;
                }
                rest = more;
            }
            Some([&here, rest].concat())
        }
        child => {
            here.push(child.to_owned());
            known.contains_key(&here).then(|| [module, path].concat())
        }
    }
}

/// Every `use` of a text, with what stands before the word.
fn uses(code: &str) -> Vec<(&str, &str)> {
    let lines = code.match_indices("use ").filter_map(|(at, _)| {
        let start = code[..at].rfind('\n').map_or(0, |line| line + 1);
        let before = code[start..at].trim();
        let is_use = before.is_empty() || before.starts_with("pub");
        let end = at + code[at..].find(';')?;
        is_use.then(|| (before, &code[at + "use ".len()..end]))
    });
    lines.collect()
}

/// Paths in the code beside its `use`s: `crate::a::b(…)`, `super::c::D`.
fn in_bodies(code: &str) -> Vec<Path> {
    let mut found = Vec::new();
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            // `pub(in crate::a)` says who may name it, and names nobody.
            let is_start = !code[..at].ends_with("(in ")
                && !code[..at].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before));
            let path: String = code[at..]
                .chars()
                .take_while(|sign| sign.is_alphanumeric() || "_:".contains(*sign))
                .collect();
            if is_start {
                found.push(path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect());
            }
        }
    }
    found
}

/// Which module a path leads to, through what modules hand on from others.
fn module_of(path: &[String], known: &BTreeMap<Path, String>, handed: &BTreeMap<Path, Path>) -> Option<Path> {
    for cut in (1..=path.len()).rev() {
        if known.contains_key(&path[..cut]) {
            return match path.get(..=cut).and_then(|longer| handed.get(longer)) {
                Some(on) => module_of(&[on, &path[cut + 1..]].concat(), known, handed),
                None => Some(path[..cut].to_vec()),
            };
        }
    }
    None
}

/// Which modules each one names.
fn edges(known: &BTreeMap<Path, String>) -> BTreeMap<Path, BTreeSet<Path>> {
    let mut handed = BTreeMap::new();
    for (module, code) in known {
        for (_, tree) in uses(code).into_iter().filter(|(before, _)| before.starts_with("pub")) {
            for leaf in leaves(tree, &[]) {
                if let (Some(to), Some(name)) = (absolute(module, &leaf, known), leaf.last()) {
                    handed.insert([module.as_slice(), std::slice::from_ref(name)].concat(), to);
                }
            }
        }
    }
    let named = |module: &Path, code: &String| {
        let used = uses(code).into_iter().filter(|(before, _)| before.is_empty());
        let bodies = uses(code).iter().fold(code.clone(), |code, (_, tree)| code.replace(tree, ""));
        let paths = used.flat_map(|(_, tree)| leaves(tree, &[])).chain(in_bodies(&bodies));
        let targets = paths.filter_map(|path| module_of(&absolute(module, &path, known)?, known, &handed));
        targets.filter(|target| target != module).collect()
    };
    known.iter().map(|(module, code)| (module.clone(), named(module, code))).collect()
}

/// Everything that can be come to from a module.
fn reach(from: &Path, edges: &BTreeMap<Path, BTreeSet<Path>>) -> BTreeSet<Path> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from.clone()]);
    while let Some(module) = open.pop() {
        for next in edges.get(&module).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen
}

/// Modules that lead back to themselves, those of one circle together.
fn circles(files: &[File]) -> BTreeSet<Vec<String>> {
    let edges = edges(&modules(files));
    let reached: BTreeMap<_, _> =
        edges.keys().map(|module| (module.clone(), reach(module, &edges))).collect();
    let circle = |module: &Path| {
        let others = reached[module]
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(module)));
        others.map(|other| other.join("::")).collect::<Vec<_>>()
    };
    reached.keys().filter(|module| reached[*module].contains(*module)).map(circle).collect()
}

#[test]
fn no_file_leads_back_to_itself() {
    let found = circles(&files("src", &[".rs"]));
    let stand: BTreeSet<Vec<String>> =
        CIRCLES.iter().map(|(circle, _)| circle.iter().map(|&module| module.to_owned()).collect()).collect();
    let new: Vec<_> = found.difference(&stand).collect();
    assert!(new.is_empty(), "files that lead back to themselves: {new:#?}");
    let gone: Vec<_> = stand.difference(&found).collect();
    assert!(gone.is_empty(), "take out of CIRCLES what is no circle any more: {gone:#?}");
}

#[test]
fn a_circle_is_found() {
    fn planted(texts: &[(&str, &str)]) -> Vec<Vec<String>> {
        let files: Vec<_> = texts.iter().map(|(path, text)| File::planted(path, text)).collect();
        circles(&files).into_iter().collect()
    }
    let both = ["desk::a".to_owned(), "desk::b".to_owned()].to_vec();
    let back = ("src/desk/b.rs", "use crate::desk::a;");
    assert_eq!(planted(&[("src/desk/a.rs", "use super::{c, b::X};"), back]), std::slice::from_ref(&both));
    assert_eq!(
        planted(&[("src/desk/a.rs", "fn f() { super::b::x() }"), back]),
        std::slice::from_ref(&both),
        "in a body"
    );
    let hands_on = ("src/desk/mod.rs", "pub use b::X;");
    assert_eq!(planted(&[("src/desk/a.rs", "use crate::desk::X;"), back, hands_on]), [both], "handed on");
    let none: [Vec<String>; 0] = [];
    assert_eq!(planted(&[("src/desk/a.rs", "use super::b;"), ("src/desk/b.rs", "// crate::desk::a")]), none);
    let tests = "fn x() {}\n#[cfg(test)]\nmod tests {\n    use crate::desk::a;\n}\n";
    assert_eq!(planted(&[("src/desk/a.rs", "use super::b;"), ("src/desk/b.rs", tests)]), none, "in tests");
}
