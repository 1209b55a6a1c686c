//! What a flow does: its steps as they stand in JSON, and what they mean to each other. Never a
//! row, never a message: who walks through a flow is `flows`.

mod check;
mod dry_run;
mod matching;
mod template;

pub use check::check;
pub use dry_run::{DryRun, Tried, dry_run};
pub use matching::{case_of, says};
pub use template::{fault, render};

use super::ai::AiMode;
use super::conversation::ConversationStatus;
use super::ids::{LabelId, UserId};
use super::refusal::Refusal;
use super::template::TemplateMessage;
use super::words::words;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

words! {
    /// What starts a flow by itself.
    TriggerKind {
        /// A program calls the flow's secret address.
        Webhook = "webhook",
        /// A customer writes one of its keywords.
        Keyword = "keyword",
        /// A customer writes for the first time.
        NewConversation = "new_conversation",
        /// Nothing: people start it.
        Manual = "manual",
    }

    /// What began a run.
    StartedBy {
        /// The flow's secret address was called.
        Webhook = "webhook",
        /// A customer wrote a keyword.
        Keyword = "keyword",
        /// A customer wrote for the first time.
        NewConversation = "new_conversation",
        /// A person.
        Manual = "manual",
        /// A person, for many at once.
        Broadcast = "broadcast",
    }

    /// Where a run stands.
    RunStatus {
        /// Its next step is due.
        Running = "running",
        /// It waits for a moment.
        Waiting = "waiting",
        /// It waits for the customer's answer.
        WaitingForAnswer = "waiting_for_answer",
        /// It came to its end.
        Done = "done",
        /// A step could not be done.
        Failed = "failed",
        /// Somebody stopped it.
        Stopped = "stopped",
        /// A person answered the customer.
        TakenOver = "taken_over",
    }

    /// What becomes of a label.
    LabelChange {
        /// The conversation carries it.
        Put = "put",
        /// It does not.
        Remove = "remove",
    }
}

impl RunStatus {
    /// Those of a run that may still say something.
    pub const ACTIVE: [Self; 3] = [Self::Running, Self::Waiting, Self::WaitingForAnswer];

    /// Whether the run may still say something.
    pub fn is_active(self) -> bool {
        Self::ACTIVE.contains(&self)
    }
}

/// What a run knows by name.
pub type Variables = BTreeMap<String, String>;

/// Steps of a flow at most.
pub const MOST_STEPS: usize = 100;
/// Steps a run does at most: a loop that never ends must end.
pub const MOST_TURNS: i64 = 1_000;
/// Nobody waits longer.
pub const LONGEST_WAIT: u64 = 366 * 24 * 60 * 60;

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What other steps call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it does.
    #[serde(flatten)]
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Says something to the customer.
    Message {
        /// The words, with `{{variables}}`.
        #[serde(default)]
        text: Option<String>,
        /// Files uploaded before.
        #[serde(default)]
        attachment_ids: Vec<i64>,
    },
    /// Says an approved message, which may go at any time.
    Template {
        /// Itself, with `{{variables}}` in its values.
        template: TemplateMessage,
    },
    /// Waits for a time.
    Wait {
        /// How long.
        seconds: u64,
    },
    /// Waits until the customer writes.
    WaitForAnswer {
        /// The variable that holds the answer, beside `answer`.
        #[serde(default)]
        save_as: Option<String>,
        /// How long at most.
        #[serde(default)]
        timeout_seconds: Option<u64>,
        /// Where to go on if nobody answers in time; the next step if nobody says.
        #[serde(default)]
        on_timeout: Option<String>,
    },
    /// Goes on where the words say.
    Branch {
        /// Which variable is looked at; the newest answer if nobody says.
        #[serde(default)]
        variable: Option<String>,
        /// The first that fits counts.
        cases: Vec<Case>,
        /// Where to go on if none fits; the next step if nobody says.
        #[serde(default)]
        otherwise: Option<String>,
    },
    /// Changes where the conversation stands.
    SetStatus {
        /// What it becomes.
        status: ConversationStatus,
        /// For how long it sleeps, if it is snoozed.
        #[serde(default)]
        snooze_seconds: Option<u64>,
    },
    /// Gives the conversation to somebody.
    Assign {
        /// To whom; null: nobody.
        user_id: Option<UserId>,
    },
    /// Puts a label on the conversation, or removes it.
    Label {
        /// The label that is given or taken.
        label_id: LabelId,
        /// Whether it is put or removed.
        #[serde(default = "put")]
        change: LabelChange,
    },
    /// Lets a model answer from here on, and ends the run.
    HandToAi {
        /// Whether it sends by itself or writes drafts.
        #[serde(default = "auto")]
        mode: AiMode,
    },
    /// Goes on elsewhere.
    GoTo {
        /// The step that comes next.
        step: String,
    },
    /// Ends the run.
    End {},
}

/// One way of a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Any of these words or phrases fits.
    pub words: Vec<String>,
    /// Where to go on.
    pub go_to: String,
}

fn put() -> LabelChange {
    LabelChange::Put
}

fn auto() -> AiMode {
    AiMode::Auto
}

impl Action {
    /// Its kind as it stands in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message { .. } => "message",
            Self::Template { .. } => "template",
            Self::Wait { .. } => "wait",
            Self::WaitForAnswer { .. } => "wait_for_answer",
            Self::Branch { .. } => "branch",
            Self::SetStatus { .. } => "set_status",
            Self::Assign { .. } => "assign",
            Self::Label { .. } => "label",
            Self::HandToAi { .. } => "hand_to_ai",
            Self::GoTo { .. } => "go_to",
            Self::End {} => "end",
        }
    }

    /// The files that it shows.
    pub fn files(&self) -> Vec<i64> {
        match self {
            Self::Message { attachment_ids, .. } => attachment_ids.clone(),
            Self::Template { template } => template.files().iter().map(|id| id.0).collect(),
            _ => Vec::new(),
        }
    }
}

/// Reads steps one by one, so that an error names its step; then checks them together.
pub fn parse(steps: &[Value]) -> Result<Vec<Step>, Refusal> {
    let mut read = Vec::with_capacity(steps.len());
    for (index, value) in steps.iter().enumerate() {
        let step = serde_json::from_value::<Step>(value.clone()).map_err(|error| {
            let kind = value["kind"].as_str().map(|kind| format!(" ({kind:.40})")).unwrap_or_default();
            bad(format!("Step {}{kind}: {}.", index + 1, capped(&error.to_string())))
        })?;
        read.push(step);
    }
    check(&read)?;
    Ok(read)
}

/// Where a named step stands.
pub fn place_of(steps: &[Step], id: &str) -> Option<usize> {
    steps.iter().position(|step| step.id.as_deref() == Some(id))
}

/// How a person would point at a step.
pub fn name_of(steps: &[Step], index: usize) -> String {
    match steps.get(index) {
        Some(Step { id: Some(id), action }) => format!("Step {} ({}, “{id}”)", index + 1, action.kind()),
        Some(step) => format!("Step {} ({})", index + 1, step.action.kind()),
        None => format!("Step {}", index + 1),
    }
}

fn bad(message: String) -> Refusal {
    Refusal::invalid("bad_steps", message)
}

fn capped(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests;
