//! A flow tried on paper: which steps it would take, what it would say, where it would wait. Never a row
//! and never a message: who really walks through a flow is `flows`.

use super::{Action, Step, Variables, case_of, name_of, place_of, render};
use crate::domain::{RunStatus, text};
use std::slice::Iter;

/// A dry run takes no more steps: a loop that waits is walked often enough to be understood.
const MOST_TRIED: usize = 300;

/// One step that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Which step of the flow, from 0 on.
    pub step: usize,
    /// How it went, where there is a choice: `answered`, `timeout`, `case 2`, `otherwise`.
    pub outcome: Option<String>,
    /// What it would say, its variables filled in; of a step that waits for it, the customer's answer.
    pub text: Option<String>,
    /// For how long it would wait.
    pub seconds: Option<u64>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// The steps, in order.
    pub steps: Vec<Tried>,
    /// `done`, `waiting_for_answer` or `failed`.
    pub status: RunStatus,
    /// The step it is at in the end; the number of steps: beyond the last one.
    pub step: usize,
    /// How long it waits there at most.
    pub seconds: Option<u64>,
    /// Why it failed: a code and words that name the step.
    pub error: Option<(&'static str, String)>,
    /// What it knows in the end.
    pub variables: Variables,
}

/// Why a walk goes no further.
struct Stop {
    status: RunStatus,
    seconds: Option<u64>,
    error: Option<(&'static str, String)>,
}

impl Stop {
    fn done() -> Self {
        Self { status: RunStatus::Done, seconds: None, error: None }
    }

    fn waiting(seconds: Option<u64>) -> Self {
        Self { status: RunStatus::WaitingForAnswer, seconds, error: None }
    }

    fn failed(code: &'static str, message: String) -> Self {
        Self { status: RunStatus::Failed, seconds: None, error: Some((code, message)) }
    }
}

struct Walk<'a> {
    steps: &'a [Step],
    answers: Iter<'a, Option<String>>,
    known: Variables,
    tried: Vec<Tried>,
}

/// Walks through the steps with these answers, one for each time the flow waits for one; none: nobody
/// answers in time. Where an answer is missing it stays.
pub fn dry_run(steps: &[Step], variables: Variables, answers: &[Option<String>]) -> DryRun {
    let mut walk = Walk { steps, answers: answers.iter(), known: variables, tried: Vec::new() };
    let mut at = 0;
    let stop = loop {
        let Some(step) = steps.get(at) else { break Stop::done() };
        if walk.tried.len() >= MOST_TRIED {
            let message =
                format!("The flow took {MOST_TRIED} steps without coming to an end. Is there a loop?");
            break Stop::failed("too_long", message);
        }
        match walk.take(at, &step.action) {
            Ok(next) => at = next,
            Err(stop) => break stop,
        }
    };
    let Walk { tried, known, .. } = walk;
    let Stop { status, seconds, error } = stop;
    DryRun { steps: tried, status, step: at, seconds, error, variables: known }
}

impl Walk<'_> {
    /// Takes one step; where it leads to.
    fn take(&mut self, at: usize, action: &Action) -> Result<usize, Stop> {
        let mut tried = Tried { step: at, outcome: None, text: None, seconds: None };
        let mut to = at + 1;
        match action {
            Action::Message { text, attachment_ids } => {
                tried.text = self.said(at, text.as_deref(), !attachment_ids.is_empty())?;
            }
            // Its words stand in our copy of it, which is a row: on paper its name and values are shown.
            Action::Template { template } => {
                tried.text = Some(template.map(|value| render(value, &self.known)).words());
            }
            Action::Wait { seconds } => tried.seconds = Some(*seconds),
            Action::WaitForAnswer { save_as, timeout_seconds, on_timeout } => {
                match (self.answers.next(), timeout_seconds) {
                    (Some(Some(answer)), _) => {
                        self.remember(answer, save_as.as_deref());
                        tried.outcome = Some("answered".into());
                        tried.text = Some(answer.clone());
                    }
                    (Some(None), Some(seconds)) => {
                        tried.outcome = Some("timeout".into());
                        tried.seconds = Some(*seconds);
                        to = self.target(at, on_timeout.as_deref());
                    }
                    (Some(None) | None, _) => return Err(Stop::waiting(*timeout_seconds)),
                }
            }
            Action::Branch { variable, cases, otherwise } => {
                let said = self.known.get(variable.as_deref().unwrap_or("answer"));
                let found = case_of(cases, said.map_or("", String::as_str));
                tried.outcome =
                    Some(found.map_or_else(|| "otherwise".into(), |index| format!("case {}", index + 1)));
                let named = found.map(|index| cases[index].go_to.as_str()).or(otherwise.as_deref());
                to = self.target(at, named);
            }
            Action::SetStatus { status, snooze_seconds } => {
                tried.outcome = Some(status.to_string());
                tried.seconds = *snooze_seconds;
            }
            Action::Label { change, .. } => tried.outcome = Some(change.to_string()),
            Action::HandToAi { mode } => {
                tried.outcome = Some(mode.to_string());
                to = self.steps.len();
            }
            Action::GoTo { step } => to = self.target(at, Some(step)),
            Action::Assign { .. } => {}
            Action::End {} => return Err(Stop::done()),
        }
        self.tried.push(tried);
        Ok(to)
    }

    /// Where a step's word leads; without one, to the next step.
    fn target(&self, at: usize, id: Option<&str>) -> usize {
        id.and_then(|id| place_of(self.steps, id)).unwrap_or(at + 1)
    }

    fn remember(&mut self, answer: &str, save_as: Option<&str>) {
        for name in [Some("answer"), save_as].into_iter().flatten() {
            self.known.insert(name.to_owned(), answer.to_owned());
        }
    }

    /// The words as the customer would read them; refused where a real run would refuse them.
    fn said(&self, at: usize, words: Option<&str>, has_files: bool) -> Result<Option<String>, Stop> {
        let said = words.map(|words| text::clean(&render(words, &self.known)));
        let said = said.filter(|said| !said.trim().is_empty());
        let name = name_of(self.steps, at);
        match &said {
            Some(said) if said.len() > text::MAX_TEXT_BYTES => Err(Stop::failed(
                "too_long",
                format!("{name}: with its variables it is longer than {} bytes.", text::MAX_TEXT_BYTES),
            )),
            None if !has_files => Err(Stop::failed(
                "empty_message",
                format!("{name}: with its variables filled in it is empty."),
            )),
            _ => Ok(said),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::flow::parse;
    use serde_json::{Value, json};

    #[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
    fn tried(steps: Value, answers: &[Option<&str>]) -> DryRun {
        let steps = parse(steps.as_array().expect("a list")).expect("good");
        let known = Variables::from([("customer.first_name".into(), "Ada".into())]);
        let answers: Vec<_> = answers.iter().map(|answer| answer.map(str::to_owned)).collect();
        dry_run(&steps, known, &answers)
    }

    fn shop() -> Value {
        json!([
            {"kind": "message", "text": "Hello {{customer.first_name}}, big or small?"},
            {"kind": "wait_for_answer", "save_as": "size", "timeout_seconds": 60, "on_timeout": "bye"},
            {"kind": "branch", "cases": [{"words": ["big"], "go_to": "big"}]},
            {"kind": "message", "text": "Only big ones are left."},
            {"kind": "end"},
            {"id": "big", "kind": "message", "text": "A {{size}} it is, {{nobody|friend}}."},
            {"kind": "hand_to_ai"},
            {"id": "bye", "kind": "message", "text": "Another time, then."},
        ])
    }

    fn texts(run: &DryRun) -> Vec<&str> {
        run.steps.iter().filter_map(|step| step.text.as_deref()).collect()
    }

    fn outcomes(run: &DryRun) -> Vec<(usize, &str)> {
        run.steps.iter().map(|step| (step.step, step.outcome.as_deref().unwrap_or(""))).collect()
    }

    #[test]
    fn it_stays_where_an_answer_is_missing_and_says_for_how_long_it_waits() {
        let run = tried(shop(), &[]);
        assert_eq!(texts(&run), ["Hello Ada, big or small?"]);
        assert_eq!((run.status, run.step, run.seconds), (RunStatus::WaitingForAnswer, 1, Some(60)));
    }

    #[test]
    fn an_answer_chooses_the_branch_and_fills_the_words() {
        let run = tried(shop(), &[Some("BIG, please")]);
        assert_eq!(texts(&run), ["Hello Ada, big or small?", "BIG, please", "A BIG, please it is, friend."]);
        assert_eq!(outcomes(&run), [(0, ""), (1, "answered"), (2, "case 1"), (5, ""), (6, "auto")]);
        assert_eq!((run.status, run.step), (RunStatus::Done, 8));
        assert_eq!(run.variables["size"], "BIG, please");
        let run = tried(shop(), &[Some("small")]);
        assert_eq!(outcomes(&run), [(0, ""), (1, "answered"), (2, "otherwise"), (3, "")]);
        assert_eq!((run.status, run.step), (RunStatus::Done, 4));
    }

    #[test]
    fn nobody_answering_goes_the_way_of_the_time_limit() {
        let run = tried(shop(), &[None]);
        assert_eq!(outcomes(&run), [(0, ""), (1, "timeout"), (7, "")]);
        let forever = json!([{"kind": "wait_for_answer"}, {"kind": "message", "text": "Hi"}]);
        assert_eq!(tried(forever, &[None]).status, RunStatus::WaitingForAnswer);
    }

    #[test]
    fn a_loop_comes_to_an_end_and_an_empty_message_is_named() {
        let steps =
            json!([{"id": "again", "kind": "wait", "seconds": 5}, {"kind": "go_to", "step": "again"}]);
        let run = tried(steps, &[]);
        assert_eq!((run.status, run.steps.len()), (RunStatus::Failed, MOST_TRIED));
        let run = tried(json!([{"kind": "message", "text": "{{nothing}}"}]), &[]);
        let (code, words) = run.error.expect("refused");
        assert_eq!((code, words.starts_with("Step 1 (message)")), ("empty_message", true));
    }
}
