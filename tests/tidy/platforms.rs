//! A platform is known in its own folder alone: nobody else names one, in Rust, in the pages or in their
//! styles. So a new kind of channel touches its folder, its line in the registry, an icon and words.

use super::{Complaints, File, check, code_only, files};

const NAMES: [&str; 5] = ["whatsapp", "instagram", "messenger", "telegram", "webchat"];

/// Where a platform may be named, and why. An entry nobody needs fails, too.
const NAMED: &[(&str, &str)] = &[
    ("src/channels/", "here they are known"),
    ("src/demo/", "the demo's story is told by accounts of four of them"),
    ("src/config/platforms.rs", "the settings RAPPORT_…_URL are fixed by the contract"),
    ("src/domain/inbound/people.rs", "words that stand in rows: what kind of name a customer's name is"),
    ("src/domain/inbound/attachment.rs", "words that stand in rows: where a file that did not come yet lies"),
    ("src/domain/phone.rs", "`whatsapp:` stands before numbers that people copy from elsewhere"),
    ("src/api/admin/channels/body.rs", "the example of a body in the API's description"),
    ("src/api/public/webhooks.rs", "the example of a body in the API's description"),
    ("static/css/tokens.css", "the platforms' own colours; a kind without one is grey"),
    (
        "static/js/inbox/conversation_names.js",
        "the web chat is our own: its visitors have a number instead of a name before anything is fetched",
    ),
];

fn is_named(path: &str) -> bool {
    NAMED.iter().any(|(place, _)| path.starts_with(place))
}

/// The lines of a file that name a platform; tests may.
fn lines(file: &File) -> Complaints {
    if file.path.ends_with("tests.rs") {
        return Vec::new();
    }
    let code = code_only(&file.text);
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let named = code.lines().enumerate().filter_map(|(number, line)| {
        let lower = line.to_lowercase();
        let name = NAMES.iter().find(|name| lower.contains(**name))?;
        Some(format!(
            "{}:{}: names {name}: ask `channels::registry` or the served kind",
            file.path,
            number + 1
        ))
    });
    named.collect()
}

fn sources() -> Vec<File> {
    [files("src", &[".rs"]), files("static", &[".js", ".css"])].into_iter().flatten().collect()
}

#[test]
fn nobody_else_names_a_platform() {
    let elsewhere: Vec<File> = sources().into_iter().filter(|file| !is_named(&file.path)).collect();
    check(&elsewhere, lines);
}

#[test]
fn every_place_that_may_name_one_does() {
    let sources = sources();
    let idle: Vec<_> = NAMED
        .iter()
        .filter(|(place, _)| {
            !sources.iter().any(|file| file.path.starts_with(place) && !lines(file).is_empty())
        })
        .collect();
    assert!(idle.is_empty(), "take out of NAMED: {idle:?}");
}

#[test]
fn a_platform_that_is_named_elsewhere_is_found() {
    let planted = |text: &str| lines(&File::planted("src/desk/reply.rs", text)).len();
    assert_eq!(planted("if kind == ChannelKind::Telegram {}"), 1);
    assert_eq!(planted("match kind.as_str() { \"whatsapp\" => 1, _ => 2 }"), 1);
    assert_eq!(planted("// Telegram forgets it.\nfn f() {}"), 0);
    let in_tests = "fn f() {}\n#[cfg(test)]\nmod tests {\n    const A: &str = \"instagram\";\n}";
    assert_eq!(planted(in_tests), 0);
    assert!(is_named("src/channels/telegram/send.rs") && !is_named("src/api/admin/channels/kinds.rs"));
}
