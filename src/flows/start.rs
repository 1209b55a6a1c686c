//! Beginning a run: one a trigger, whoever tells of it and how often. Never a step: those are the
//! timer's.

use super::walk;
use crate::domain::flow::{Step, Variables};
use crate::domain::send_gate::Speaker;
use crate::domain::{
    ConversationId, ConversationKind, ConversationState, Event, FlowId, MessageId, Refusal, RunStatus,
    SendReason, StartedBy, UserId, Verdict, WorkspaceId,
};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::StoreError;
use crate::store::automation::flow_runs::{self, NewRun, RunRow};
use crate::store::automation::flows::{self, FlowRow};
use crate::store::conversations;
use crate::thread::send_gate::{Saying, SendGate};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// A program that names no key and says the same again within this time says it again because it
/// heard no answer.
const SAID_AGAIN: Duration = Duration::from_mins(10);
const LONGEST_KEY: usize = 200;
const MOST_VARIABLES: usize = 100;
const LONGEST_VARIABLES: usize = 32_768;

/// What begins a run, and what makes it the same trigger when it is told of again.
#[derive(Debug, Clone)]
pub enum Begin {
    /// The secret address was called, under this key.
    Webhook {
        /// What the caller calls this trigger; none: what it says and for whom.
        key: Option<String>,
    },
    /// This message holds a keyword.
    Keyword(MessageId),
    /// The customer's first message.
    NewConversation,
    /// A person.
    Manual {
        user: UserId,
        /// What their client calls it; none: one run of the flow at a time.
        key: Option<String>,
    },
    /// A person, for many at once.
    Broadcast {
        user: UserId,
        /// What their client calls all of it.
        key: String,
        /// Whether it is marked as marketing.
        is_marketing: bool,
    },
}

impl Begin {
    fn started_by(&self) -> StartedBy {
        match self {
            Self::Webhook { .. } => StartedBy::Webhook,
            Self::Keyword(_) => StartedBy::Keyword,
            Self::NewConversation => StartedBy::NewConversation,
            Self::Manual { .. } => StartedBy::Manual,
            Self::Broadcast { .. } => StartedBy::Broadcast,
        }
    }

    fn user(&self) -> Option<UserId> {
        match self {
            Self::Manual { user, .. } | Self::Broadcast { user, .. } => Some(*user),
            _ => None,
        }
    }

    fn is_marketing(&self) -> bool {
        matches!(self, Self::Broadcast { is_marketing: true, .. })
    }

    fn given_key(&self) -> Option<&str> {
        match self {
            Self::Webhook { key } | Self::Manual { key, .. } => key.as_deref(),
            Self::Broadcast { key, .. } => Some(key),
            Self::Keyword(_) | Self::NewConversation => None,
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        match self.given_key() {
            Some(key) if key.trim().is_empty() || key.len() > LONGEST_KEY => {
                Err(Refusal::invalid("bad_key", format!("A key must be 1 to {LONGEST_KEY} bytes.")))
            }
            _ => Ok(()),
        }
    }
}

/// Begins a run.
#[derive(Debug, Clone)]
pub struct Start {
    pub workspace_id: WorkspaceId,
    /// Through which flow.
    pub flow_id: FlowId,
    pub conversation_id: ConversationId,
    /// By what.
    pub by: Begin,
    /// What it knows.
    pub variables: Variables,
}

/// A run, and whether this began it.
#[derive(Debug, Clone)]
pub struct Started {
    /// The run.
    pub run: RunRow,
    /// False: the same trigger began it before.
    pub is_new: bool,
}

impl Command for Start {
    type Answer = Started;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Started, LedgerError> {
        self.by.check()?;
        check_variables(&self.variables)?;
        let flow = flows::find(tx.conn, self.workspace_id, self.flow_id)
            .await?
            .ok_or_else(|| Refusal::not_found("flow"))?;
        let state = conversations::find(tx.conn, self.workspace_id, self.conversation_id)
            .await?
            .filter(|state| state.kind == ConversationKind::Customer)
            .ok_or_else(|| Refusal::not_found("conversation"))?;
        if let Some(run) = self.begun_before(tx, &state).await? {
            return Ok(Started { run, is_new: false });
        }
        let saying = Saying { is_marketing: self.by.is_marketing(), ..Saying::free(Speaker::Automatic) };
        if let Err(verdict) = SendGate::of(tx, &state).await?.ask(tx, saying).await? {
            return Err(not_begun(verdict).into());
        }
        if !flow.is_on {
            return Err(Refusal::conflict("flow_off", "This flow is turned off.").into());
        }
        if flow.channel_id.is_some_and(|channel| Some(channel) != state.channel_id) {
            return Err(Refusal::conflict("wrong_channel", "This flow is for another channel.").into());
        }
        begin(tx, &flow, &state, &self.by, &self.variables).await
    }
}

impl Start {
    /// The run that this trigger began where no key says so: a person's click while the flow is
    /// running there, a program's call that it repeats.
    async fn begun_before(
        &self,
        tx: &mut Tx<'_>,
        state: &ConversationState,
    ) -> Result<Option<RunRow>, LedgerError> {
        match &self.by {
            Begin::Manual { key: None, .. } => {
                let running = flow_runs::active_in(tx.conn, state.id).await?;
                Ok(running.into_iter().find(|run| run.flow_id == self.flow_id))
            }
            Begin::Webhook { key: None } => {
                let (since, said) = (tx.now.minus(SAID_AGAIN), said(&self.variables));
                let lately = flow_runs::since(tx.conn, self.flow_id, state.id, since).await?;
                Ok(lately.into_iter().find(|run| run.trigger_key.starts_with(&said)))
            }
            _ => Ok(None),
        }
    }
}

/// Why nothing is begun where nothing may be said. Who is silenced has had a code of its own for longer than
/// there is a gate.
fn not_begun(verdict: Verdict) -> Refusal {
    let is_silenced = matches!(verdict.reason, Some(SendReason::CustomerBlocked | SendReason::Spam));
    let refusal = Refusal::from(verdict);
    if !is_silenced {
        return refusal;
    }
    let verdict = refusal.verdict;
    Refusal { verdict, ..Refusal::conflict("customer_blocked", "This customer is blocked.") }
}

fn check_variables(variables: &Variables) -> Result<(), Refusal> {
    let size: usize = variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    if variables.len() > MOST_VARIABLES || size > LONGEST_VARIABLES {
        return Err(Refusal::invalid(
            "bad_variables",
            format!("A run takes {MOST_VARIABLES} variables of {LONGEST_VARIABLES} bytes together at most."),
        ));
    }
    Ok(())
}

/// What a program said, without its key; the conversation is looked for beside it.
fn said(variables: &Variables) -> String {
    let json = serde_json::to_string(variables).unwrap_or_default();
    let hash = Sha256::digest(json);
    hash.iter().take(16).fold(String::from("said:"), |text, byte| text + &format!("{byte:02x}"))
}

/// Begins a run for a conversation that is locked: one a trigger.
pub(super) async fn begin(
    tx: &mut Tx<'_>,
    flow: &FlowRow,
    state: &ConversationState,
    by: &Begin,
    variables: &Variables,
) -> Result<Started, LedgerError> {
    let steps = flows::steps(tx.conn, flow.id, flow.version).await?;
    let steps: Vec<Step> = steps.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    let trigger_key = trigger_key(by, state.id, variables)?;
    let new = NewRun {
        workspace_id: state.workspace_id,
        flow_id: flow.id,
        flow_version: flow.version,
        conversation_id: state.id,
        started_by: by.started_by(),
        trigger_key: trigger_key.clone(),
        user_id: by.user(),
        status: RunStatus::Running,
        step: 0,
        turn: 0,
        variables: serde_json::to_string(variables).unwrap_or_default(),
        due_at: Some(tx.now),
        created_at: tx.now,
        updated_at: tx.now,
        is_marketing: by.is_marketing(),
    };
    let Some(mut run) = flow_runs::insert(tx.conn, &new).await? else {
        return known(tx, flow, state, &trigger_key).await;
    };
    walk::settle(&mut run, &steps, tx.now);
    flow_runs::update(tx.conn, &run, 0, None).await?;
    tx.tell(Event::FlowDue);
    Ok(Started { run, is_new: true })
}

async fn known(
    tx: &mut Tx<'_>,
    flow: &FlowRow,
    state: &ConversationState,
    key: &str,
) -> Result<Started, LedgerError> {
    let run = flow_runs::by_key(tx.conn, flow.id, key).await?.ok_or(StoreError::NotFound)?;
    if run.conversation_id != state.id {
        return Err(Refusal::conflict(
            "key_taken",
            "This key already started a run for another customer. Use a new one for each.",
        )
        .into());
    }
    Ok(Started { run, is_new: false })
}

/// One run a key: what the caller said, the message, the conversation; else a key of its own.
fn trigger_key(
    by: &Begin,
    conversation: ConversationId,
    variables: &Variables,
) -> Result<String, LedgerError> {
    Ok(match by {
        Begin::Webhook { key: Some(key) } => format!("key:{key}"),
        Begin::Webhook { key: None } => format!("{}:{}", said(variables), unique()?),
        Begin::Keyword(message) => format!("message:{message}"),
        Begin::NewConversation => format!("conversation:{conversation}"),
        Begin::Manual { user, key: Some(key) } => format!("user:{user}:{conversation}:{key}"),
        Begin::Manual { user, key: None } => format!("click:{user}:{}", unique()?),
        Begin::Broadcast { key, .. } => format!("broadcast:{conversation}:{key}"),
    })
}

fn unique() -> Result<String, LedgerError> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| LedgerError::Unavailable(format!("no randomness: {error}")))?;
    Ok(format!("{:016x}", u64::from_ne_bytes(bytes)))
}
