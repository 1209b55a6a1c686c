//! What the browser is given: every import resolves, text enters a page as text only, and nothing is
//! inline, so that the content security policy needs no exception. Never how it looks.

use super::{Complaints, File, check, code_only, files};
use std::path::Path;

/// Ways for a text to become markup or code.
const DOORS: &[&str] = &[
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "setHTMLUnsafe",
    "parseHTMLUnsafe",
    "document.write",
    "createContextualFragment",
    "eval(",
    "new Function(",
    "javascript:",
    "srcdoc",
];

fn text_stays_text(file: &File) -> Complaints {
    complain(file, &code_only(&file.text), |line| {
        DOORS.iter().find(|door| line.contains(**door)).map(|door| (*door).into())
    })
}

/// In pages: inline scripts and styles; in scripts: a style set as text, which the policy refuses as well.
fn nothing_is_inline(file: &File) -> Complaints {
    if Path::new(&file.path).extension().is_some_and(|ending| ending == "html") {
        let text = file.text.to_lowercase();
        return complain(file, &text, |line| {
            if line.contains("<script") && !line.contains("src=") {
                return Some("an inline script".into());
            }
            if line.contains("<style") || line.contains(" style=") {
                return Some("an inline style".into());
            }
            inline_handler(line).map(|name| format!("an inline handler ({name})"))
        });
    }
    complain(file, &code_only(&file.text), |line| {
        let texts = [
            "setAttribute('style'",
            "setAttribute(\"style\"",
            ".cssText",
            "createElement('style')",
            "createElement(\"style\")",
        ];
        texts.iter().find(|text| line.contains(**text)).map(|_| "a style as text".into())
    })
}

/// ` onclick="…` and its like.
fn inline_handler(line: &str) -> Option<&str> {
    line.split_whitespace().find_map(|word| {
        let (name, _) = word.split_once('=')?;
        let event = name.strip_prefix("on")?;
        (event.len() > 2 && event.chars().all(|c| c.is_ascii_lowercase())).then_some(name)
    })
}

fn complain(file: &File, text: &str, rule: impl Fn(&str) -> Option<String>) -> Complaints {
    let found = text.lines().enumerate().filter_map(|(number, line)| Some((number + 1, rule(line)?)));
    found.map(|(line, what)| format!("{}:{line}: {what}", file.path)).collect()
}

/// What a script imports: `import … from '…'`, `export … from '…'`, `import '…'`, `import('…')`.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for opening in [" from ", "}from ", "import ", "import("] {
        for (at, _) in code.match_indices(opening) {
            let rest = code[at + opening.len()..].trim_start();
            let Some(quote) = rest.chars().next().filter(|c| "'\"`".contains(*c)) else { continue };
            if let Some((path, _)) = rest[1..].split_once(quote) {
                found.push(path.to_owned());
            }
        }
    }
    found
}

fn imports_resolve(file: &File, there: impl Fn(&str) -> bool) -> Complaints {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut complaints = Vec::new();
    for import in imports(&code_only(&file.text)) {
        let target = match import.strip_prefix('/') {
            Some(absolute) => format!("static/{}", absolute.trim_start_matches("static/")),
            None if import.starts_with('.') => joined(folder, &import),
            None => {
                complaints.push(format!(
                    "{}: `{import}` is a bare name; there is no bundler and no import map",
                    file.path
                ));
                continue;
            }
        };
        if !there(&target) {
            complaints.push(format!("{}: imports `{import}`, but there is no {target}", file.path));
        }
    }
    complaints
}

fn joined(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in relative.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[test]
fn every_import_resolves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scripts: Vec<File> =
        ["static", "tests/js"].iter().flat_map(|folder| files(folder, &[".js", ".mjs"])).collect();
    check(&scripts, |file| {
        let of_node = |import: &str| file.path.starts_with("tests/js/") && import.contains("`node:");
        let complaints = imports_resolve(file, |target| root.join(target).is_file());
        complaints.into_iter().filter(|complaint| !of_node(complaint)).collect()
    });
}

#[test]
fn text_enters_a_page_only_as_text() {
    check(&files("static", &[".js", ".html"]), text_stays_text);
}

#[test]
fn no_script_and_no_style_is_inline() {
    check(&files("static", &[".js", ".html"]), nothing_is_inline);
}

#[test]
fn each_rule_about_pages_can_fail() {
    type Rule = fn(&File) -> Complaints;
    fn check(rule: Rule, path: &str, text: &str, complains: bool) {
        assert_eq!(!rule(&File::planted(path, text)).is_empty(), complains, "{path}: {text}");
    }
    for door in DOORS {
        check(text_stays_text, "static/x.js", &format!("x; node.{door} y"), true);
    }
    check(text_stays_text, "static/x.js", "// never innerHTML\nnode.textContent = text", false);
    check(nothing_is_inline, "static/x.html", "<script>alert(1)</script>", true);
    check(nothing_is_inline, "static/x.html", "<script type=\"module\" src=\"x.js\"></script>", false);
    check(nothing_is_inline, "static/x.html", "<p style=\"color: red\">", true);
    check(nothing_is_inline, "static/x.html", "<style>p {}</style>", true);
    check(nothing_is_inline, "static/x.html", "<button onclick=\"go()\">", true);
    check(nothing_is_inline, "static/x.js", "node.setAttribute('style', text)", true);
    check(nothing_is_inline, "static/x.js", "node.style.setProperty('--width', width)", false);
}

#[test]
fn an_import_of_a_missing_file_is_found() {
    fn count(text: &str) -> usize {
        imports_resolve(&File::planted("static/inbox/main.js", text), |path| path == "static/shared/live.js")
            .len()
    }
    assert_eq!(count("import { a } from '../shared/live.js'"), 0);
    assert_eq!(count("import { a } from \"./live.js\""), 1);
    assert_eq!(count("import './gone.js'"), 1);
    assert_eq!(count("const later = await import('./gone.js')"), 1);
    assert_eq!(count("export { a } from './gone.js'"), 1);
    assert_eq!(count("import { html } from 'lit'"), 1, "a bare name");
    assert_eq!(count("// import './gone.js'"), 0);
}
