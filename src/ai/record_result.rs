//! What becomes of a model's answer, decided in the transaction that writes it, under the lock of its
//! conversation: the message and the end of the turn are one commit. Never a second answer to the
//! same messages.

use super::claim::{TRIES, give_up, is_with_a_flow, place, wishes};
use super::model::NoAnswer;
use crate::domain::send_gate::Speaker;
use crate::domain::{
    AiMode, ConversationId, ConversationState, MessageEffect, MessageType, Origin, SendReason, SenderType,
    TurnId, TurnState, Verdict, text,
};
use crate::jobs::attempt::back_off;
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::automation::ai_turns::{self, Turn};
use crate::store::messages::MessageBody;
use crate::thread::entries::{self, Added, blank};
use crate::thread::outgoing::{Answer, answer, misfit};
use crate::thread::send_gate::{Pass, Saying, SendGate};
use std::time::Duration;

/// The first wait before another try; doubles.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Writes what a model said, or that it said nothing.
#[derive(Debug, Clone)]
pub struct SettleTurn {
    pub id: TurnId,
    /// Under which fence.
    pub attempt_id: String,
    pub conversation_id: ConversationId,
    /// What came of it; `Ok(None)`: there was nothing to answer.
    pub outcome: Result<Option<String>, NoAnswer>,
    /// 0 to 1: where in its span a wait lies.
    pub jitter: f64,
}

impl Command for SettleTurn {
    type Answer = TurnState;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<TurnState, LedgerError> {
        let Some(mut turn) = ai_turns::find(tx.conn, self.id).await? else { return Ok(TurnState::Withheld) };
        if turn.state != TurnState::Running || turn.attempt_id.as_deref() != Some(&self.attempt_id) {
            log::info!("AI turn {}: lease expired, its late answer is refused", self.id);
            return Ok(turn.state);
        }
        let Some((state, channel)) = place(tx, turn.conversation_id).await? else {
            return end(tx, &mut turn, TurnState::Withheld).await;
        };
        let mode = wishes(tx, &state, &channel).await?.mode;
        if !turn.is_current(&state) || mode == AiMode::Off {
            return end(tx, &mut turn, TurnState::Withheld).await;
        }
        if is_with_a_flow(tx, &state).await? {
            // A flow began meanwhile. If it ends without a word, these messages are still to be answered.
            ai_turns::forget(tx.conn, turn.id).await?;
            return Ok(TurnState::Withheld);
        }
        match &self.outcome {
            Ok(None) => end(tx, &mut turn, TurnState::Withheld).await,
            Ok(Some(words)) if mode == AiMode::Auto => {
                turn.content = Some(text::clean(words));
                say(tx, &state, &mut turn).await
            }
            Ok(Some(words)) => {
                turn.content = Some(text::clean(words));
                let ended = end(tx, &mut turn, TurnState::Drafted).await?;
                entries::touch(tx, state.id).await?;
                Ok(ended)
            }
            Err(why) => self.no_answer(tx, &state, &mut turn, why).await,
        }
    }
}

impl SettleTurn {
    async fn no_answer(
        &self,
        tx: &mut Tx<'_>,
        state: &ConversationState,
        turn: &mut Turn,
        why: &NoAnswer,
    ) -> Result<TurnState, LedgerError> {
        turn.error_code = Some(why.code.clone());
        turn.error_message = Some(why.message.clone());
        if why.is_final || turn.attempts >= TRIES {
            let ended = end(tx, turn, TurnState::Failed).await?;
            give_up(tx, state, turn).await?;
            return Ok(ended);
        }
        turn.due_at = tx.now.plus(wait_before_next(why, turn.attempts, self.jitter));
        end(tx, turn, TurnState::Waiting).await
    }
}

async fn end(tx: &mut Tx<'_>, turn: &mut Turn, state: TurnState) -> Result<TurnState, LedgerError> {
    turn.state = state;
    turn.updated_at = tx.now;
    ai_turns::update(tx.conn, turn).await?;
    Ok(state)
}

/// How long to wait before the endpoint is asked again: as it wishes, or longer each time.
pub(super) fn wait_before_next(why: &NoAnswer, attempts: i64, jitter: f64) -> Duration {
    why.retry_after.unwrap_or_else(|| back_off(attempts, jitter, LONGEST_WAIT)).min(LONGEST_WAIT)
}

/// A message that a model speaks: its turn is its identity.
pub(super) fn ai_body(turn: &Turn) -> MessageBody {
    MessageBody {
        sender_type: SenderType::Ai,
        author: "ai".into(),
        origin: Origin::Ai,
        client_id: Some(format!("turn-{}", turn.id)),
        ..blank(MessageType::Text, turn.content.clone())
    }
}

/// Says the words of a turn, if the gate lets them pass.
async fn say(tx: &mut Tx<'_>, state: &ConversationState, turn: &mut Turn) -> Result<TurnState, LedgerError> {
    let gate = SendGate::of(tx, state).await?;
    let saying = saying(&gate, turn.content.as_deref(), Speaker::Automatic);
    match gate.ask(tx, saying).await? {
        Ok(pass) => {
            turn.message_id = Some(write(tx, &pass, ai_body(turn)).await?.row.id);
            end(tx, turn, TurnState::Sent).await
        }
        Err(verdict) => refused(tx, state, turn, verdict).await,
    }
}

/// Words that may not be sent: nobody hears of them where the customer may not be written to; what is too
/// long colleagues see.
async fn refused(
    tx: &mut Tx<'_>,
    state: &ConversationState,
    turn: &mut Turn,
    verdict: Verdict,
) -> Result<TurnState, LedgerError> {
    turn.error_code = Some(verdict.reason.map_or("gate_refused", SendReason::as_str).to_owned());
    turn.error_message = Some(verdict.words);
    if verdict.reason != Some(SendReason::TooLong) {
        return end(tx, turn, TurnState::Withheld).await;
    }
    let ended = end(tx, turn, TurnState::Failed).await?;
    give_up(tx, state, turn).await?;
    Ok(ended)
}

/// What words are to the gate.
pub(super) fn saying(gate: &SendGate<'_>, words: Option<&str>, speaker: Speaker) -> Saying {
    let misfit = gate.channel().and_then(|channel| misfit(channel.kind, words, &[]));
    Saying { misfit, ..Saying::free(speaker) }
}

/// Writes a turn's message and queues it for the customer.
pub(super) async fn write(tx: &mut Tx<'_>, pass: &Pass<'_>, body: MessageBody) -> Result<Added, LedgerError> {
    answer(tx, pass, Answer { effect: MessageEffect::ANSWER, body, files: Vec::new() }).await
}
