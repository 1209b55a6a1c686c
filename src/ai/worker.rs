//! The turn worker: looks, claims, asks the model, settles. One or many, inside the server or beside
//! it: rows and fences keep them apart. Never more than one question a turn at one time.

use super::claim::{ClaimTurns, Claimed, Due, ModelBudget};
use super::model::{Model, NoAnswer, Said};
use super::record_result::SettleTurn;
use crate::domain::{Message, SenderType, Timestamp};
use crate::ledger::retry::{Places, give_back, jitter};
use crate::ledger::{Ledger, LedgerError};
use crate::store::automation::ai_turns::Turn;
use crate::store::delivery::held_work::Held;
use crate::store::{Db, StoreError, messages};
use std::time::Duration;

/// How often the rows are looked at.
const POLL: Duration = Duration::from_millis(250);
/// Questions at one time.
const CONCURRENCY: i64 = 8;
/// How much longer than one question a lease lasts: the result must be written, too.
const SLACK: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_secs(1);
/// What is told of a conversation.
const MEMORY: i64 = 40;
const LONGEST_MEMORY: usize = 24_000;
/// What every model is told.
const ALWAYS: &str = "You answer customers' messages for a business, in the customer's language, briefly and \
    kindly. \
     Write only the message itself. If you do not know something, say that a colleague will look into it.";

/// The worker of one process.
pub struct TurnWorker {
    db: Db,
    ledger: Ledger,
    model: Model,
    budget: ModelBudget,
    places: Places<()>,
}

impl TurnWorker {
    /// A worker that asks this model so often.
    pub fn new(db: Db, ledger: Ledger, model: Model, budget: ModelBudget) -> Self {
        Self { db, ledger, model, budget, places: Places::new(CONCURRENCY) }
    }

    /// Works until the process ends. `alone`: no other process works on this database, so what is
    /// held was held by a predecessor.
    pub async fn run(self, alone: bool) {
        if alone {
            give_back(&self.ledger, Held::Turns).await;
        }
        loop {
            match self.claim().await {
                Ok(claimed) => claimed.into_iter().for_each(|claimed| self.begin(claimed)),
                Err(error) => {
                    log::warn!("claiming AI turns failed, retrying: {error}");
                    tokio::time::sleep(RETRY).await;
                }
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// A look costs reads; only what is there costs a transaction.
    async fn claim(&self) -> Result<Vec<Claimed>, LedgerError> {
        let limit = self.places.free().of(());
        if limit <= 0 {
            return Ok(Vec::new());
        }
        let now = Timestamp::now();
        let hears = self.model.hears();
        let due = self.db.read(async move |conn| Due::look(conn, now, hears, limit).await).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let (lease, budget) = (self.model.timeout() + SLACK, self.budget);
        self.ledger.give(ClaimTurns { limit, lease, hears, budget }).await
    }

    fn begin(&self, claimed: Claimed) {
        let place = self.places.take(());
        let (db, ledger, model) = (self.db.clone(), self.ledger.clone(), self.model.clone());
        actix::spawn(async move {
            let _place = place;
            take_turn(&db, &ledger, &model, claimed).await;
        });
    }
}

/// One turn from claim to result.
async fn take_turn(db: &Db, ledger: &Ledger, model: &Model, claimed: Claimed) {
    let turn = claimed.turn.clone();
    let outcome = match what_was_said(db, &claimed).await {
        Ok(Some(said)) => model.answer(&said).await.map(Some),
        Ok(None) => Ok(None),
        Err(error) => {
            log::warn!("turn {}: what was said cannot be read: {error}", turn.id);
            let message = "The conversation could not be read.".to_owned();
            Err(NoAnswer { code: "database".into(), message, is_final: false, retry_after: None })
        }
    };
    if let Err(why) = &outcome {
        log::warn!("AI turn {}: no answer, attempt {}: {}", turn.id, turn.attempts, why.code);
    }
    settle(ledger, &turn, outcome).await;
}

/// Writes a result until it is written; if this process ends before, the turn is taken anew.
async fn settle(ledger: &Ledger, turn: &Turn, outcome: Result<Option<String>, NoAnswer>) {
    let settle = SettleTurn {
        id: turn.id,
        attempt_id: turn.attempt_id.clone().unwrap_or_default(),
        conversation_id: turn.conversation_id,
        outcome,
        jitter: jitter(),
    };
    if let Some(state) = ledger.give_until_stored(settle, format!("turn {}: its answer", turn.id)).await {
        log::info!("turn {}: {state}", turn.id);
    }
}

/// The conversation as the model is told it; none: nothing is left to answer.
async fn what_was_said(db: &Db, claimed: &Claimed) -> Result<Option<Vec<Said>>, StoreError> {
    let (id, end) = (claimed.turn.conversation_id, claimed.turn.last_seq + 1);
    let messages = db
        .read(async move |conn| {
            let rows = messages::page_for_customer(conn, id, end, MEMORY).await?;
            messages::views(conn, rows).await
        })
        .await?;
    let mut said: Vec<Said> = Vec::new();
    let mut length = 0;
    for message in messages.iter().rev() {
        let Some(content) = words_of(message) else { continue };
        length += content.len();
        if length > LONGEST_MEMORY && !said.is_empty() {
            break;
        }
        let role = if message.sender_type == SenderType::Customer { "user" } else { "assistant" };
        said.push(Said { role, content });
    }
    if said.first().is_none_or(|newest| newest.role != "user") {
        return Ok(None);
    }
    let told = format!("{ALWAYS}\n\n{}", claimed.instructions.trim());
    said.push(Said { role: "system", content: told.trim().to_owned() });
    said.reverse();
    Ok(Some(said))
}

/// What a message says to somebody who cannot see its files; none: nothing, or not for a model.
fn words_of(message: &Message) -> Option<String> {
    if message.deleted_at.is_some() || message.sender_type == SenderType::System {
        return None;
    }
    let files = message.attachments.iter().map(|file| match &file.transcription {
        Some(words) => format!("[{}: {words}]", file.kind),
        None => format!("[{}]", file.kind),
    });
    let words = files.chain(message.content.clone()).collect::<Vec<_>>().join("\n");
    let words = if words.trim().is_empty() { format!("[{}]", message.message_type) } else { words };
    Some(words)
}
