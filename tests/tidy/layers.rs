//! The direction of imports: down, never up, never to a sibling of one's own level, as "Layers" in
//! ARCHITECTURE.md shows it; and the few crates and names that belong to one module alone.

use super::{Complaints, File, check, code_only, files};

/// From the top to the bottom: a module imports from the rows below its own, and nothing else.
const LEVELS: &[(&[&str], &str)] = &[
    (&["cli"], "the command line: reads it and starts what it names"),
    (&["demo"], "the whole server on a throw-away database, beside simulated platforms"),
    (&["server"], "starts and drains everything there is"),
    (&["api"], "HTTP and sockets: translates, decides nothing"),
    (&["app"], "holds the handles of all below, for whoever answers a request"),
    (
        &["sender", "channel_signals", "channel_checks"],
        "hands what the outbox owes to the platforms, and what they echoed back to ingest; read marks, typing, reactions; what is asked of platforms now and then",
    ),
    (&["backup"], "a whole system in a folder, and back: files, rows, a new epoch"),
    (&["ingest", "desk", "outbox", "ai", "hooks"], "what customers, agents, the worker and models cause"),
    (&["flows"], "what rules cause; they hear of messages from whoever writes one"),
    (&["session"], "one socket: its transport, and what its user or its visitor may do there"),
    (&["thread", "live"], "what is written into a conversation; the actors who show it to whoever looks"),
    (&["jobs"], "work in the background, taken by lease: one loop for all of it"),
    (&["ledger"], "how rows are changed: commands, committed together, told after the commit"),
    (&["auth", "media"], "who may, and files"),
    (&["store", "channels"], "the database; the platforms"),
    (&["config"], "plain settings, read once: whoever needs one may name its struct"),
    (&["domain"], "plain values"),
];

/// Imports that go against the table, each with its reason. An entry nobody needs fails too.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// What only some places may mention: a text, the path prefixes it may stand in, and why.
const BELONGS: &[(&str, &[&str], &str)] = &[
    ("diesel", &["src/store/", "src/store.rs"], "only the store knows the database"),
    ("libsqlite3_sys", &["src/store/"], "only the store knows the database"),
    (
        "actix_web",
        &["src/api/", "src/server.rs", "src/server/", "src/session/", "src/channels/simulated", "src/demo/"],
        "actix-web is the edge; `session` holds the socket's transport",
    ),
    (
        "graph.facebook.com",
        &["src/channels/", "src/config/"],
        "only channels know the platforms; config shows the default",
    ),
    (
        "graph.instagram.com",
        &["src/channels/", "src/config/"],
        "only channels know the platforms; config shows the default",
    ),
    (
        "api.telegram.org",
        &["src/channels/", "src/config/"],
        "only channels know the platforms; config shows the default",
    ),
];

fn level(module: &str) -> Option<usize> {
    LEVELS.iter().position(|(modules, _)| modules.contains(&module))
}

/// `src/live/room.rs` → `live`; the crate's own roots (`main.rs`, `lib.rs`) stand above the table.
fn module_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let first = inside.split('/').next()?;
    let module = first.strip_suffix(".rs").unwrap_or(first);
    (!matches!(module, "main" | "lib" | "bin")).then_some(module)
}

/// The top-level modules a text names: `crate::a::b`, `crate::{a, b::{c}}`, and `super::` out of the module.
fn named_modules(path: &str, text: &str) -> Vec<(usize, String)> {
    let depth =
        path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod").split('/').count();
    let way_out = "super::".repeat(depth);
    let code = code_only(text);
    let mut named = Vec::new();
    for root in ["crate::", way_out.as_str()] {
        for (at, _) in code.match_indices(root) {
            if code[..at].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before)) {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            named.extend(heads(&code[at + root.len()..]).into_iter().map(|module| (line, module)));
        }
    }
    named
}

/// The first names of a path's rest: `a::b` → a; `{a, b::{c, d}}` → a, b.
fn heads(rest: &str) -> Vec<String> {
    let word =
        |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let Some(group) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let mut heads = vec![word(group)];
    let mut depth = 0;
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(word(&group[at + 1..])),
            _ => {}
        }
    }
    heads
}

fn imports_go_down(file: &File) -> Complaints {
    let Some(own) = module_of(&file.path) else { return Vec::new() };
    let Some(own_level) = level(own) else {
        return vec![format!(
            "{}: `{own}` has no row in LEVELS (tests/tidy/layers.rs): which level is it?",
            file.path
        )];
    };
    named_modules(&file.path, &file.text)
        .into_iter()
        .filter(|(_, named)| {
            named != own && !EXCEPTIONS.iter().any(|(from, to, _)| from == &own && to == named)
        })
        .filter_map(|(line, named)| {
            let named_level = level(&named)?;
            let how = if named_level == own_level { "sideways" } else { "up" };
            (named_level <= own_level).then(|| format!("{}:{line}: {own} → {named} goes {how}", file.path))
        })
        .collect()
}

fn what_belongs_elsewhere(file: &File) -> Complaints {
    let code = code_only(&file.text);
    let mut complaints = Vec::new();
    for (text, homes, reason) in BELONGS {
        if homes.iter().any(|home| file.path.starts_with(home)) {
            continue;
        }
        for (number, line) in code.lines().enumerate().filter(|(_, line)| line.contains(text)) {
            complaints.push(format!(
                "{}:{}: `{text}` here, but {reason}: {}",
                file.path,
                number + 1,
                line.trim()
            ));
        }
    }
    complaints
}

#[test]
fn imports_only_go_down() {
    check(&files("src", &[".rs"]), imports_go_down);
}

/// The table as ARCHITECTURE.md prints it.
fn printed() -> String {
    LEVELS.iter().map(|(modules, _)| modules.join("   ") + "\n").collect()
}

#[test]
fn the_map_prints_these_layers() {
    let map = files(".", &["ARCHITECTURE.md"]).into_iter().find(|file| file.path == "ARCHITECTURE.md");
    let text = map.expect("ARCHITECTURE.md is there").text;
    let expected = format!("```text\nmain\n{}```\n", printed());
    assert!(text.contains(&expected), "ARCHITECTURE.md, Layers: print\n{expected}");
}

#[test]
fn databases_platforms_and_actix_web_stay_in_their_modules() {
    check(&files("src", &[".rs"]), what_belongs_elsewhere);
}

#[test]
fn every_exception_is_needed() {
    let sources = files("src", &[".rs"]);
    for (from, to, reason) in EXCEPTIONS {
        let needed = sources.iter().any(|file| {
            module_of(&file.path) == Some(from)
                && named_modules(&file.path, &file.text).iter().any(|(_, named)| named == to)
        });
        assert!(needed, "{from} → {to} ({reason}) is not used any more: take it out of EXCEPTIONS");
    }
}

#[test]
fn an_import_that_goes_up_or_sideways_is_found() {
    fn count(path: &str, text: &str) -> usize {
        imports_go_down(&File::planted(path, text)).len()
    }
    assert_eq!(count("src/store/messages/mod.rs", "use crate::ledger::Ledger;"), 1, "up");
    assert_eq!(count("src/desk/reply.rs", "use crate::ingest::receive;"), 1, "sideways");
    assert_eq!(
        count("src/desk/reply.rs", "use crate::{live::Live, domain::{Role, words}, api::Problem};"),
        1,
        "in a group"
    );
    assert_eq!(count("src/desk/reply.rs", "fn f() { crate::server::run() }"), 1, "in a path");
    assert_eq!(count("src/store/mod.rs", "use super::live;"), 1, "by super");
    assert_eq!(count("src/store/tables/rows.rs", "use super::super::super::live;"), 1, "by super, twice up");
    assert_eq!(count("src/misc.rs", ""), 1, "a module without a level");
    assert_eq!(
        count(
            "src/desk/reply.rs",
            "use crate::live::Live; // not crate::api\nuse crate::desk::x; use super::y;"
        ),
        0
    );
    assert_eq!(count("src/main.rs", "use rapport::server;"), 0);
}

#[test]
fn a_stranger_in_a_module_is_found() {
    fn count(path: &str, text: &str) -> usize {
        what_belongs_elsewhere(&File::planted(path, text)).len()
    }
    assert_eq!(count("src/api/me.rs", "use diesel_async::RunQueryDsl;"), 1);
    assert_eq!(count("src/desk/reply.rs", "use actix_web::web;"), 1);
    assert_eq!(count("src/outbox/worker.rs", r#"let url = "https://graph.facebook.com/v26.0";"#), 1);
    assert_eq!(count("src/store/mod.rs", "use diesel::prelude::*;"), 0);
    assert_eq!(count("src/desk/reply.rs", "// diesel would be wrong here"), 0);
}
