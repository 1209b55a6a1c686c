//! What the command line and the environment say, before anything starts: empty settings are none, near
//! misses get the right word, help is as short as what was asked about. Never a value of a setting: it may be
//! a secret.

use clap::builder::{OsStr, Resettable};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Subcommand};
use log::LevelFilter;
use std::str::FromStr;

/// What is logged where nobody says so.
const USUAL: &str = "info";

/// A setting that the environment sets to nothing is not set, whichever it is.
pub fn without_empty(mut command: Command) -> Command {
    let is_empty = |name: &std::ffi::OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    let empty: Vec<_> = command
        .get_arguments()
        .filter(|argument| argument.get_env().is_some_and(is_empty))
        .map(|argument| argument.get_id().clone())
        .collect();
    for id in empty {
        command = command.mut_arg(id, |argument| argument.env(Resettable::<OsStr>::Reset));
    }
    command
}

/// One line for a mistake: which, the right word if one is near, and where the rest stands.
pub fn told(error: &clap::Error, command: &mut Command) -> String {
    command.build();
    let text = error.render().to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_start_matches("error: ");
    let near = near_miss(error, command);
    let end = near.map_or_else(|| ".".to_owned(), |word| format!("; did you mean {word}?"));
    let variable = variable_of(error, command);
    let variable = variable.map(|name| format!(" (or {name} in the environment)")).unwrap_or_default();
    format!("rapport: {}{variable}{end} See rapport --help.", line.trim_end_matches('.'))
}

fn near_miss(error: &clap::Error, command: &Command) -> Option<String> {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let names = command.get_subcommands().map(|sub| sub.get_name().to_owned());
            nearest(&said(ContextKind::InvalidSubcommand)?, names)
        }
        ErrorKind::UnknownArgument => {
            let flag = said(ContextKind::InvalidArg)?;
            let flags =
                command.get_arguments().filter_map(|argument| Some(format!("--{}", argument.get_long()?)));
            let names = command.get_subcommands().map(|sub| sub.get_name().to_owned());
            nearest(&flag, flags.chain(names))
        }
        _ => None,
    }
}

/// The environment's name of the flag that an error is about: that may be where the value stands.
fn variable_of(error: &clap::Error, command: &Command) -> Option<String> {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return None };
    let argument = command.get_arguments().find(|argument| argument.to_string() == *flag)?;
    Some(argument.get_env()?.to_string_lossy().into_owned())
}

/// Help for a command alone, without the settings that all commands share; none: all of it was asked for.
pub fn short_help<T: Subcommand>(words: impl Iterator<Item = String>) -> Option<String> {
    let mut command = T::augment_subcommands(Command::new("rapport"));
    command.build();
    let mut path = Vec::new();
    let mut here = &command;
    for word in words.filter(|word| !word.starts_with('-') && word != "help") {
        let Some(sub) = here.find_subcommand(&word) else { break };
        here = sub;
        path.push(word);
    }
    if path.is_empty() {
        return None;
    }
    let mut here = &mut command;
    for word in &path {
        here = here.find_subcommand_mut(word)?;
    }
    let help = here.render_help();
    Some(format!("{help}\nSettings are those of `rapport --help`; DATABASE_URL names the database.\n"))
}

/// Names in the environment that look like settings and are none, each with the nearest that is one.
pub fn unknown_settings(command: &mut Command) -> Vec<(String, Option<String>)> {
    command.build();
    let known: Vec<String> = command
        .get_arguments()
        .filter_map(|argument| Some(argument.get_env()?.to_string_lossy().into_owned()))
        .collect();
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("RAPPORT_") && !known.contains(name))
        .map(|name| {
            let near = nearest(&name, known.iter().cloned());
            (name, near)
        })
        .collect()
}

fn nearest(word: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let far = |other: &str| distance(&word.to_lowercase(), &other.to_lowercase());
    let (found, away) = known.map(|other| (far(&other), other)).min().map(|(away, other)| (other, away))?;
    (away <= (word.chars().count() / 3).max(2)).then_some(found)
}

/// How many signs must be put in, left out or exchanged.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, sign) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (index, with) in other.iter().enumerate() {
            let exchanged = corner + usize::from(sign != *with);
            corner = row[index + 1];
            row[index + 1] = exchanged.min(row[index] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}

/// What `RUST_LOG` asks for, as far as it can be read; and what cannot.
pub fn log_filter(said: Option<&str>) -> (String, Option<String>) {
    let said = said.map(str::trim).filter(|said| !said.is_empty()).unwrap_or(USUAL);
    // Behind a slash stands what lines must hold.
    let directives = said.split('/').next().unwrap_or_default();
    let odd = directives.split(',').map(str::trim).find(|part| !is_directive(part));
    match odd {
        None => (said.to_owned(), None),
        Some(odd) => {
            let line = format!(
                "RUST_LOG cannot be read: {odd:?} is no level (error, warn, info, debug, trace, off) and no \
                 place=level; the usual is logged instead ({USUAL})"
            );
            (USUAL.to_owned(), Some(line))
        }
    }
}

fn is_directive(part: &str) -> bool {
    let is_level = |level: &str| LevelFilter::from_str(level).is_ok();
    match part.split_once('=') {
        Some((place, level)) => !place.is_empty() && is_level(level.trim()),
        // A place alone is all of it: ours, or one inside of something.
        None => part.is_empty() || is_level(part) || part == "rapport" || part.contains("::"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_get_the_right_word_and_others_none() {
        let words =
            || ["serve", "worker", "migrate", "verify", "backup", "restore"].map(str::to_owned).into_iter();
        assert_eq!(nearest("server", words()).as_deref(), Some("serve"));
        assert_eq!(nearest("bakcup", words()).as_deref(), Some("backup"));
        assert_eq!(nearest("Verifiy", words()).as_deref(), Some("verify"));
        assert_eq!(nearest("frobnicate", words()), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn what_rust_log_says_is_taken_or_told() {
        for good in
            ["info", "debug,rapport=trace", "info,rapport::api::request_id=debug", "off", "warn/text", ""]
        {
            assert_eq!(log_filter(Some(good)).1, None, "{good}");
        }
        for bad in ["loud", "info,rapport=loud", "=debug", "verbose,rapport=info"] {
            let (filter, told) = log_filter(Some(bad));
            assert!(filter == USUAL && told.is_some_and(|told| told.contains("RUST_LOG")), "{bad}");
        }
        assert_eq!(log_filter(None), (USUAL.to_owned(), None));
    }
}
