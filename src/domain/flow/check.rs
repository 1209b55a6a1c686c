//! What must hold of a flow's steps before they are kept. Never what only the rows know: that users,
//! files and channels are there.

use super::{Action, Case, LONGEST_WAIT, MOST_STEPS, Step, bad, name_of, place_of, template};
use crate::domain::template::TemplateMessage;
use crate::domain::text::MAX_TEXT_BYTES;
use crate::domain::{AiMode, ConversationStatus, Refusal};
use std::collections::HashSet;

const LONGEST_NAME: usize = 40;
const MOST_FILES: usize = 10;
const MOST_CASES: usize = 50;
const MOST_WORDS: usize = 100;
const LONGEST_WORDS: usize = 200;

/// Says no if the steps cannot be walked, naming the first step at fault.
pub fn check(steps: &[Step]) -> Result<(), Refusal> {
    if steps.is_empty() {
        return Err(bad("A flow needs at least one step.".into()));
    }
    if steps.len() > MOST_STEPS {
        return Err(bad(format!("A flow can have at most {MOST_STEPS} steps.")));
    }
    let mut names = HashSet::new();
    for (index, step) in steps.iter().enumerate() {
        let fault = name_fault(step, &mut names)
            .or_else(|| fault(&step.action))
            .or_else(|| lost_target(steps, &step.action));
        if let Some(fault) = fault {
            return Err(bad(format!("{}: {fault}", name_of(steps, index))));
        }
    }
    match endless(steps) {
        Some(index) => Err(bad(format!(
            "{}: the flow loops back to here without ever waiting. Add a wait to this loop.",
            name_of(steps, index)
        ))),
        None => Ok(()),
    }
}

fn name_fault<'s>(step: &'s Step, names: &mut HashSet<&'s str>) -> Option<String> {
    let id = step.id.as_deref()?;
    if !is_name(id) {
        return Some(format!("its id must be 1 to {LONGEST_NAME} letters, digits, `_` or `-`."));
    }
    (!names.insert(id)).then(|| "another step has the same id.".into())
}

fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}

fn fault(action: &Action) -> Option<String> {
    match action {
        Action::Message { text, attachment_ids } => message_fault(text.as_deref(), attachment_ids),
        Action::Template { template } => template_fault(template),
        Action::Wait { seconds } => wait_fault(*seconds),
        Action::WaitForAnswer { save_as, timeout_seconds, on_timeout } => {
            if save_as.as_deref().is_some_and(|name| !template::is_variable(name)) {
                return Some("save_as must be 1 to 40 letters, digits or `_`.".into());
            }
            if on_timeout.is_some() && timeout_seconds.is_none() {
                return Some("on_timeout needs timeout_seconds.".into());
            }
            timeout_seconds.and_then(wait_fault)
        }
        Action::Branch { cases, .. } => cases_fault(cases),
        Action::SetStatus { status, snooze_seconds } => match (status, snooze_seconds) {
            (ConversationStatus::Spam, _) => Some("what is spam, people say.".into()),
            (ConversationStatus::Snoozed, Some(seconds)) => wait_fault(*seconds),
            (ConversationStatus::Snoozed, None) => Some("snoozed needs snooze_seconds.".into()),
            (_, Some(_)) => Some("only snoozed takes snooze_seconds.".into()),
            _ => None,
        },
        Action::HandToAi { mode: AiMode::Off } => Some("mode must be auto or draft.".into()),
        Action::HandToAi { .. }
        | Action::Label { .. }
        | Action::Assign { .. }
        | Action::GoTo { .. }
        | Action::End {} => None,
    }
}

fn message_fault(text: Option<&str>, files: &[i64]) -> Option<String> {
    let text = text.unwrap_or_default();
    if text.trim().is_empty() && files.is_empty() {
        return Some("a message needs text or a file.".into());
    }
    if text.len() > MAX_TEXT_BYTES {
        return Some(format!("a message can be at most {MAX_TEXT_BYTES} bytes."));
    }
    if files.len() > MOST_FILES {
        return Some(format!("a message can have at most {MOST_FILES} files."));
    }
    template::fault(text)
}

fn template_fault(message: &TemplateMessage) -> Option<String> {
    if let Err(refusal) = message.check() {
        return Some(refusal.message);
    }
    message.values().iter().find_map(|value| template::fault(value))
}

fn wait_fault(seconds: u64) -> Option<String> {
    (!(1..=LONGEST_WAIT).contains(&seconds)).then(|| "a wait lasts from one second to 366 days.".into())
}

fn cases_fault(cases: &[Case]) -> Option<String> {
    if cases.is_empty() || cases.len() > MOST_CASES {
        return Some(format!("a branch has 1 to {MOST_CASES} cases."));
    }
    let is_bad = |case: &Case| {
        case.words.is_empty()
            || case.words.len() > MOST_WORDS
            || case.words.iter().any(|words| words.trim().is_empty() || words.len() > LONGEST_WORDS)
    };
    let index = cases.iter().position(is_bad)?;
    Some(format!(
        "case {} needs 1 to {MOST_WORDS} words or phrases of {LONGEST_WORDS} bytes at most.",
        index + 1
    ))
}

fn lost_target(steps: &[Step], action: &Action) -> Option<String> {
    let lost = named(action).into_iter().find(|id| place_of(steps, id).is_none())?;
    Some(format!("there is no step “{}”.", lost.chars().take(LONGEST_NAME).collect::<String>()))
}

/// The steps an action names.
fn named(action: &Action) -> Vec<&str> {
    match action {
        Action::GoTo { step } => vec![step.as_str()],
        Action::WaitForAnswer { on_timeout, .. } => on_timeout.as_deref().into_iter().collect(),
        Action::Branch { cases, otherwise, .. } => {
            cases.iter().map(|case| case.go_to.as_str()).chain(otherwise.as_deref()).collect()
        }
        _ => Vec::new(),
    }
}

/// Where a walk can go from a step.
fn next(steps: &[Step], index: usize) -> Vec<usize> {
    let action = &steps[index].action;
    let mut next: Vec<_> = named(action).into_iter().filter_map(|id| place_of(steps, id)).collect();
    let falls_through = match action {
        Action::GoTo { .. } | Action::HandToAi { .. } | Action::End {} => false,
        Action::Branch { otherwise, .. } => otherwise.is_none(),
        _ => true,
    };
    if falls_through && index + 1 < steps.len() {
        next.push(index + 1);
    }
    next
}

/// A step from which a walk comes back without waiting.
fn endless(steps: &[Step]) -> Option<usize> {
    let waits =
        |index: usize| matches!(steps[index].action, Action::Wait { .. } | Action::WaitForAnswer { .. });
    (0..steps.len()).filter(|start| !waits(*start)).find(|start| {
        let mut seen = HashSet::new();
        let mut open = next(steps, *start);
        while let Some(index) = open.pop() {
            if index == *start {
                return true;
            }
            if !waits(index) && seen.insert(index) {
                open.extend(next(steps, index));
            }
        }
        false
    })
}
