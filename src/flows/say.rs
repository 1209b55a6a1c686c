//! What a run says: one message a turn, queued in the transaction of the step. Never twice: the
//! message's own key (`run`, `turn`) refuses it as well.

use super::walk;
use crate::channels::kind::Ability;
use crate::channels::registry;
use crate::domain::flow::{Variables, render};
use crate::domain::send_gate::{Speaker, Verdict};
use crate::domain::template::TemplateMessage;
use crate::domain::text::MAX_TEXT_BYTES;
use crate::domain::{
    Channel, ConversationState, MediaId, MessageEffect, MessageId, MessageType, Origin, SendReason,
    SenderType, text,
};
use crate::ledger::{LedgerError, Tx};
use crate::store::automation::flow_runs::RunRow;
use crate::store::conversations::customers;
use crate::store::messages::{MessageBody, NewAttachment, media};
use crate::thread::entries::{Added, blank};
use crate::thread::outgoing::{Answer, answer, kind_of, misfit};
use crate::thread::send_gate::{Pass, Saying, SendGate};
use crate::thread::templates;
use serde_json::{Value, json};

/// What came of it.
pub(super) enum Said {
    /// It is written and queued.
    Message(MessageId),
    /// It cannot be said: a code and words.
    Not(&'static str, String),
}

/// Says the words and shows the files.
pub(super) async fn say(
    tx: &mut Tx<'_>,
    run: &RunRow,
    state: &ConversationState,
    words: Option<&str>,
    file_ids: &[i64],
) -> Result<Said, LedgerError> {
    let gate = SendGate::of(tx, state).await?;
    let known = known(tx, run, state, gate.channel()).await?;
    let content = words.map(|words| text::clean(&render(words, &known)));
    let content = content.filter(|content| !content.trim().is_empty());
    if content.as_deref().is_some_and(|content| content.len() > MAX_TEXT_BYTES) {
        return Ok(Said::Not(
            "too_long",
            format!("with its variables it is longer than {MAX_TEXT_BYTES} bytes."),
        ));
    }
    let Some(files) = files(tx, run, file_ids).await? else {
        return Ok(Said::Not("file_gone", "one of its files is no longer here.".into()));
    };
    if content.is_none() && files.is_empty() {
        return Ok(Said::Not("empty_message", "with its variables filled in it is empty.".into()));
    }
    let kind = gate.channel().map(|channel| channel.kind);
    let saying = Saying {
        is_marketing: run.is_marketing,
        misfit: kind.and_then(|kind| misfit(kind, content.as_deref(), &files)),
        ..Saying::free(Speaker::Automatic)
    };
    match gate.ask(tx, saying).await? {
        Ok(pass) => {
            Ok(Said::Message(write(tx, run, &pass, Words { content, details: None }, files).await?.row.id))
        }
        Err(verdict) => Ok(refused(verdict)),
    }
}

/// Says an approved message, its values filled with what the run knows; one that cannot be sent is named.
pub(super) async fn say_template(
    tx: &mut Tx<'_>,
    run: &RunRow,
    state: &ConversationState,
    template: &TemplateMessage,
) -> Result<Said, LedgerError> {
    let gate = SendGate::of(tx, state).await?;
    let known = known(tx, run, state, gate.channel()).await?;
    let filled = template.map(|value| text::clean(&render(value, &known)));
    let saying = Saying {
        template: Some((filled.name.clone(), filled.language.clone())),
        is_marketing: run.is_marketing,
        ..Saying::free(Speaker::Automatic)
    };
    let pass = match gate.ask(tx, saying).await? {
        Ok(pass) => pass,
        Err(verdict) => return Ok(refused(verdict)),
    };
    let has_templates = |channel: &&Channel| registry::kind(channel.kind).can(Ability::Template);
    let Some(channel) = pass.channel().filter(has_templates) else {
        let why = format!("the template “{}” needs a channel that has templates.", template.name);
        return Ok(Said::Not("no_templates", why));
    };
    let prepared = match templates::prepare(tx, channel, &filled, None).await {
        Ok(prepared) => prepared,
        Err(LedgerError::Refused(refusal)) => return Ok(Said::Not(refusal.code, refusal.message)),
        Err(error) => return Err(error),
    };
    let ids: Vec<i64> = filled.files().iter().map(|id| id.0).collect();
    let Some(files) = files(tx, run, &ids).await? else {
        let why = format!("a file of the template “{}” is no longer here.", template.name);
        return Ok(Said::Not("file_gone", why));
    };
    let words = Words { content: Some(prepared.words), details: Some(prepared.details) };
    let added = write(tx, run, &pass, words, files).await?;
    Ok(Said::Message(added.row.id))
}

/// What the gate refused, with its reason.
fn refused(verdict: Verdict) -> Said {
    Said::Not(verdict.reason.map_or("gate_refused", SendReason::as_str), verdict.words)
}

/// What the run knows, and what everybody knows of the customer.
async fn known(
    tx: &mut Tx<'_>,
    run: &RunRow,
    state: &ConversationState,
    channel: Option<&Channel>,
) -> Result<Variables, LedgerError> {
    let mut known = walk::variables(run);
    if let Some(channel) = channel {
        known.insert("channel.name".into(), channel.name.clone());
    }
    if let Some(id) = state.customer_id
        && let Some(row) = customers::find(tx.conn, run.workspace_id, id).await?
    {
        let name = row.shown_name().unwrap_or_default().to_owned();
        known.insert("customer.first_name".into(), name.split_whitespace().next().unwrap_or("").into());
        known.insert("customer.name".into(), name);
        known.insert("customer.username".into(), row.username.unwrap_or_default());
    }
    Ok(known)
}

async fn files(
    tx: &mut Tx<'_>,
    run: &RunRow,
    ids: &[i64],
) -> Result<Option<Vec<NewAttachment>>, LedgerError> {
    let mut files = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(row) = media::find(tx.conn, run.workspace_id, MediaId(*id)).await? else { return Ok(None) };
        files.push(row.attached(run.workspace_id, tx.now));
    }
    Ok(Some(files))
}

/// What is said.
struct Words {
    content: Option<String>,
    /// What it holds beside them.
    details: Option<String>,
}

/// The same, marked: whoever looks at it again knows that it is an offer.
fn as_offer(details: Option<String>) -> String {
    let mut marked: Value = details.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or(json!({}));
    marked["marketing"] = true.into();
    marked.to_string()
}

async fn write(
    tx: &mut Tx<'_>,
    run: &RunRow,
    pass: &Pass<'_>,
    Words { content, details }: Words,
    files: Vec<NewAttachment>,
) -> Result<Added, LedgerError> {
    let message_type = files.first().map_or(MessageType::Text, |file| kind_of(file).message_type());
    let body = MessageBody {
        sender_type: SenderType::Support,
        // What the customer may read: who writes is the house, not the rule's name.
        sender_name: pass.channel().map(|channel| channel.name.clone()),
        author: format!("flow:{}", run.flow_id),
        origin: Origin::Flow,
        client_id: Some(format!("run:{}:{}", run.id, run.turn)),
        details: if run.is_marketing { Some(as_offer(details)) } else { details },
        ..blank(message_type, content)
    };
    answer(tx, pass, Answer { effect: MessageEffect::ANSWER, body, files }).await
}
