//! Finding what a model is to answer, and taking it by lease and fence. Never a network call.

use super::options::AiOptions;
use crate::domain::{
    AiMode, Cause, Channel, ChannelId, ChannelState, ConversationState, MessageType, TimelineKind, Timestamp,
    TurnState,
};
use crate::jobs::attempt::new_attempt_id;
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::{audit, channels};
use crate::store::automation::ai_turns::{self, NewTurn, Turn};
use crate::store::automation::flow_runs;
use crate::store::conversations::{self, customers};
use crate::store::messages::{MessageRow, transcripts};
use crate::store::{Conn, StoreError};
use crate::thread::{entries, recovered, timeline};
use serde_json::json;
use std::collections::HashSet;
use std::time::Duration;

/// How often a model is asked before the agents are told.
pub(super) const TRIES: i64 = 4;
/// Nobody wants an answer to what was asked so long ago: the model was off, or the server.
const STALE: Duration = Duration::from_hours(1);
/// For so long an answer waits for the words of a recording.
const WORDS_COME: Duration = Duration::from_mins(1);
/// Messages that one answer is to at most.
const BURST: i64 = 50;

/// In which time budgets of models' answers grow again.
const A_DAY: Duration = Duration::from_hours(24);
/// What stands at an answer that would have been one too many.
const SPENT: &str = "ai_budget_spent";

/// How often models may be asked in a day; 0: as often as they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct ModelBudget {
    /// Altogether, for a channel, for a conversation.
    pub most: [u64; 3],
}

/// What is to be looked at now: turns that are due, conversations whose customer has become quiet.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    turns: Vec<Turn>,
    conversations: Vec<ConversationState>,
}

impl Waiting {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty() && self.conversations.is_empty()
    }

    /// Looks, without taking. `hears`: what recordings say is waited for.
    pub async fn look(conn: &mut Conn, now: Timestamp, hears: bool, limit: i64) -> Result<Self, StoreError> {
        let turns = ai_turns::due(conn, now, limit).await?;
        let (since, usual) = (now.minus(STALE), AiOptions::default().window);
        let handed_over = ai_turns::unanswered_handed_over(conn, since, now.minus(usual), limit).await?;
        let mut waiting: Vec<_> = handed_over.into_iter().enumerate().collect();
        for channel in ai_turns::channels_with_ai(conn).await? {
            let options = AiOptions::of(&serde_json::from_str(&channel.options).unwrap_or_default());
            if options.mode != AiMode::Off {
                let until = now.minus(options.window);
                let unanswered = ai_turns::unanswered(conn, channel.id, since, until, limit).await?;
                waiting.extend(unanswered.into_iter().enumerate());
            }
        }
        // The first of each channel, then the second: a busy channel makes no other wait.
        waiting.sort_by_key(|(rank, state)| (*rank, state.last_activity_at, state.id));
        let mut known = HashSet::new();
        let mut waiting: Vec<_> =
            waiting.into_iter().map(|(_, state)| state).filter(|state| known.insert(state.id)).collect();
        if hears {
            let ids: Vec<_> = waiting.iter().map(|state| state.id).collect();
            let awaited = transcripts::awaited(conn, &ids, now.minus(WORDS_COME)).await?;
            waiting.retain(|state| !awaited.contains(&state.id));
        }
        Ok(Self { turns, conversations: waiting })
    }
}

/// Takes what is due.
#[derive(Debug, Clone)]
pub struct ClaimTurns {
    /// How many at most.
    pub limit: i64,
    /// For how long: longer than one question may take.
    pub lease: Duration,
    /// Whether what recordings say is waited for.
    pub hears: bool,
    /// How often it may be asked.
    pub budget: ModelBudget,
}

/// A turn that is this worker's for a while.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The turn.
    pub turn: Turn,
    /// What the model is told beforehand.
    pub instructions: String,
}

impl Command for ClaimTurns {
    type Answer = Vec<Claimed>;

    fn subject(&self) -> Subject {
        Subject::of("ai turns")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Claimed>, LedgerError> {
        let due = Waiting::look(tx.conn, tx.now, self.hears, self.limit).await?;
        let mut claimed = Vec::new();
        for turn in due.turns {
            claimed.extend(self.again(tx, turn).await?);
        }
        let room = usize::try_from(self.limit).unwrap_or(0).saturating_sub(claimed.len());
        for state in due.conversations.into_iter().take(room) {
            claimed.extend(self.begin(tx, &state).await?);
        }
        Ok(claimed)
    }
}

/// A model gave no answer, and will not: its conversation tells so.
pub(super) async fn give_up(
    tx: &mut Tx<'_>,
    state: &ConversationState,
    turn: &Turn,
) -> Result<(), LedgerError> {
    let details = json!({"code": turn.error_code});
    timeline::note(tx, state, TimelineKind::AiFailed, &Cause::ai(), details).await?;
    entries::touch(tx, state.id).await?;
    Ok(())
}

impl ClaimTurns {
    /// A turn that waits for another try, or whose worker did not come back.
    async fn again(&self, tx: &mut Tx<'_>, mut turn: Turn) -> Result<Option<Claimed>, LedgerError> {
        turn.updated_at = tx.now;
        let Some((state, channel)) = place(tx, turn.conversation_id).await? else { return Ok(None) };
        if turn.is_current(&state) && is_with_a_flow(tx, &state).await? {
            ai_turns::forget(tx.conn, turn.id).await?;
            return Ok(None);
        }
        let options = wishes(tx, &state, &channel).await?;
        if !turn.is_current(&state) || options.mode == AiMode::Off {
            turn.state = TurnState::Withheld;
            ai_turns::update(tx.conn, &turn).await?;
            return Ok(None);
        }
        if turn.attempts >= TRIES {
            turn.state = TurnState::Failed;
            turn.error_code.get_or_insert_with(|| "lost".into());
            turn.error_message.get_or_insert_with(|| "The server ended before the model answered.".into());
            ai_turns::update(tx.conn, &turn).await?;
            give_up(tx, &state, &turn).await?;
            return Ok(None);
        }
        if let Some(whose) = self.is_spent(tx, &state, channel.id).await? {
            turn.state = TurnState::Failed;
            (turn.error_code, turn.error_message) = (Some(SPENT.into()), Some(spent(whose)));
            ai_turns::update(tx.conn, &turn).await?;
            give_up(tx, &state, &turn).await?;
            return Ok(None);
        }
        turn.state = TurnState::Running;
        turn.attempt_id = Some(new_attempt_id()?);
        turn.attempts += 1;
        turn.due_at = tx.now.plus(self.lease);
        ai_turns::update(tx.conn, &turn).await?;
        Ok(Some(Claimed { turn, instructions: options.instructions }))
    }

    /// A customer has become quiet.
    async fn begin(
        &self,
        tx: &mut Tx<'_>,
        found: &ConversationState,
    ) -> Result<Option<Claimed>, LedgerError> {
        let Some((state, channel)) = place(tx, found.id).await? else { return Ok(None) };
        let is_as_found =
            (state.unread_total, state.answered_seq) == (found.unread_total, found.answered_seq);
        if !is_as_found || is_with_a_flow(tx, &state).await? {
            return Ok(None);
        }
        let options = wishes(tx, &state, &channel).await?;
        let words = ai_turns::customers_words(tx.conn, state.id, state.answered_seq, BURST).await?;
        let last = words.iter().rev().find(|row| !is_old_news(row));
        let is_wanted = options.mode != AiMode::Off && last.is_some_and(is_for_us);
        let refused = if is_wanted { self.is_spent(tx, &state, channel.id).await? } else { None };
        let is_asked = is_wanted && refused.is_none();
        let new = NewTurn {
            workspace_id: state.workspace_id,
            conversation_id: state.id,
            counted: state.unread_total,
            first_seq: words.first().map_or(state.last_seq, |row| row.body.seq),
            last_seq: words.last().map_or(state.last_seq, |row| row.body.seq),
            // What is not answered is noted all the same: it need not be looked at again.
            state: if is_asked { TurnState::Running } else { TurnState::Withheld },
            attempt_id: Some(new_attempt_id()?),
            attempts: i64::from(is_asked),
            due_at: tx.now.plus(self.lease),
            created_at: tx.now,
            updated_at: tx.now,
        };
        let mut turn = ai_turns::insert(tx.conn, &new).await?;
        if let (Some(turn), Some(whose)) = (&mut turn, refused) {
            turn.state = TurnState::Failed;
            (turn.error_code, turn.error_message) = (Some(SPENT.into()), Some(spent(whose)));
            ai_turns::update(tx.conn, turn).await?;
            give_up(tx, &state, turn).await?;
        }
        let turn = turn.filter(|_| is_asked);
        Ok(turn.map(|turn| Claimed { turn, instructions: options.instructions }))
    }
}

impl ClaimTurns {
    /// Whose budget is used up, if one is. Admins read of it in the audit trail, once a day.
    async fn is_spent(
        &self,
        tx: &mut Tx<'_>,
        state: &ConversationState,
        channel: ChannelId,
    ) -> Result<Option<&'static str>, LedgerError> {
        let (workspace, since) = (state.workspace_id, tx.now.minus(A_DAY));
        let asked = ai_turns::asked_since(tx.conn, workspace, channel, state.id, since).await?;
        let whose = ["the day's", "the channel's", "the conversation's"];
        let over = whose
            .into_iter()
            .zip(asked)
            .zip(self.budget.most)
            .find(|((_, asked), most)| *most > 0 && u64::try_from(*asked).unwrap_or_default() >= *most);
        let Some(((whose, asked), most)) = over else { return Ok(None) };
        log::warn!("a model is not asked in conversation {}: {whose} budget is used up ({most})", state.id);
        let subject = match whose {
            "the day's" => "model".to_owned(),
            "the channel's" => format!("channel:{channel}"),
            _ => format!("conversation:{}", state.id),
        };
        if !audit::is_noted_since(tx.conn, workspace, SPENT, &subject, since).await? {
            let details = json!({"asked": asked, "most": most});
            audit::note(tx.conn, (workspace, None), SPENT, &subject, &details, tx.now).await?;
        }
        Ok(Some(whose))
    }
}

fn spent(whose: &str) -> String {
    format!("The limit of AI requests is reached: {whose} budget is used up.")
}

/// Not what another app answers (standby), what was taken back, a notice, or talk in a group.
fn is_for_us(row: &MessageRow) -> bool {
    let body = &row.body;
    let is_standby = || {
        let details = body.details.as_deref().and_then(|json| serde_json::from_str(json).ok());
        details.is_some_and(|details: serde_json::Value| details["standby"] == true)
    };
    let is_group = body.sender_name.is_some();
    body.deleted_at.is_none() && body.message_type != MessageType::System && !is_group && !is_standby()
}

/// Read back from its platform long after it was written: people answer it.
fn is_old_news(row: &MessageRow) -> bool {
    let body = &row.body;
    recovered::is_stale_row(body.details.as_deref(), body.platform_sent_at, body.created_at)
}

/// The conversation and its channel; none: one of them is gone.
pub(super) async fn place(
    tx: &mut Tx<'_>,
    id: crate::domain::ConversationId,
) -> Result<Option<(ConversationState, Channel)>, LedgerError> {
    let Some(state) = conversations::by_ids(tx.conn, &[id]).await?.into_iter().next() else {
        return Ok(None);
    };
    let Some(channel_id) = state.channel_id else { return Ok(None) };
    Ok(channels::find(tx.conn, channel_id).await?.map(|channel| (state, channel)))
}

/// Whether a flow speaks here: then no model does, until it ends or hands over.
pub(super) async fn is_with_a_flow(tx: &mut Tx<'_>, state: &ConversationState) -> Result<bool, LedgerError> {
    Ok(!flow_runs::active_in(tx.conn, state.id).await?.is_empty())
}

/// What is wished for a conversation now: its own word before its channel's.
pub(super) async fn wishes(
    tx: &mut Tx<'_>,
    state: &ConversationState,
    channel: &Channel,
) -> Result<AiOptions, LedgerError> {
    let mut options = AiOptions::of(&channel.options);
    if let Some(mode) = ai_turns::mode_of(tx.conn, state.id).await? {
        options.mode = mode;
    }
    if channel.state != ChannelState::Active || customers::is_blocked(tx.conn, state).await? {
        options.mode = AiMode::Off;
    }
    Ok(options)
}
