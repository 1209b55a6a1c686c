//! What a customer says of their own wishes: that they want no offers any more, or want them again, by the
//! word or by what they told their platform; whether they may be called. Never from a longer text, and never
//! where nobody makes offers.

use super::event::{Receive, Received, Source};
use super::identify::{find, of_holder};
use crate::channels::kind::Ability;
use crate::channels::registry;
use crate::domain::consent::says_stop;
use crate::domain::inbound::{Author, InboundMessage, Thread};
use crate::domain::{
    ChannelKind, Consent, ConsentPurpose, ConsentSource, ConsentState, CustomerId, Direction, MessageType,
    Outcome, Timestamp, WorkspaceId,
};
use crate::ledger::{LedgerError, Tx};
use crate::store::accounts::audit;
use crate::store::conversations::consents;
use crate::thread::entries;
use serde_json::json;

/// Whether a message says something of its customer's wishes.
pub(super) fn is_one(kind: ChannelKind, message: &InboundMessage) -> bool {
    is_stop(kind, message) || on_calls(message).is_some()
}

/// Whether a message is the word by which a customer wants no offers any more, or the button that says it.
fn is_stop(kind: ChannelKind, message: &InboundMessage) -> bool {
    let is_said = matches!(message.message_type, MessageType::Text | MessageType::Interactive);
    message.author == Author::Customer
        && message.history.is_none()
        && message.sender.is_none()
        && message.attachments.is_empty()
        && is_said
        && message.text.as_deref().is_some_and(says_stop)
        && registry::kind(kind).can(Ability::Template)
}

/// Notes what a customer says of their wishes with a message, if it does.
pub(super) async fn hear(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
    customer: CustomerId,
) -> Result<(), LedgerError> {
    let (workspace, at) = (receive.source.workspace_id, receive.event.occurred_at);
    if is_stop(receive.source.kind, message) {
        let wish = wish(ConsentState::Withdrawn, ConsentSource::Customer, at, tx.now);
        note(tx, workspace, customer, wish).await?;
    }
    if let Some((state, expires_at)) = on_calls(message) {
        let wish = Consent {
            purpose: ConsentPurpose::Calls,
            expires_at,
            ..wish(state, ConsentSource::Customer, at, tx.now)
        };
        note(tx, workspace, customer, wish).await?;
    }
    Ok(())
}

/// Whether a customer lets us call them, where a message answers that, and until when.
fn on_calls(message: &InboundMessage) -> Option<(ConsentState, Option<Timestamp>)> {
    let is_theirs = message.author == Author::Customer && message.history.is_none();
    let answer = message.details.get("calls").filter(|_| is_theirs)?;
    let is_allowed = answer["allowed"].as_bool()?;
    let state = if is_allowed { ConsentState::Granted } else { ConsentState::Withdrawn };
    Some((state, answer["until"].as_i64().map(Timestamp)))
}

/// A customer told their platform what they want.
pub(super) async fn prefer(
    tx: &mut Tx<'_>,
    source: &Source,
    (thread, wanted): (&Thread, bool),
    at: Option<Timestamp>,
) -> Result<Received, LedgerError> {
    let direction = Direction::CustomerToOwner;
    let Some(holder) = find(tx, source, thread).await? else {
        return Ok(Received::new(Outcome::Ignored, direction));
    };
    let state = if wanted { ConsentState::Granted } else { ConsentState::Withdrawn };
    let wish = wish(state, ConsentSource::Platform, at, tx.now);
    let is_news = note(tx, source.workspace_id, holder.customer.id, wish).await?;
    let conversation = of_holder(tx, source, &holder).await?.map(|state| state.id);
    if let Some(id) = conversation.filter(|_| is_news) {
        entries::touch(tx, id).await?;
    }
    let outcome = if is_news { Outcome::Updated } else { Outcome::Duplicate };
    Ok(Received { conversation_id: conversation, ..Received::new(outcome, direction) })
}

fn wish(state: ConsentState, source: ConsentSource, at: Option<Timestamp>, now: Timestamp) -> Consent {
    let at = at.unwrap_or(now).min(now);
    Consent { purpose: ConsentPurpose::Marketing, state, source, at, expires_at: None }
}

/// Notes a wish; false: it is known, or something newer is.
async fn note(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
    customer: CustomerId,
    wish: Consent,
) -> Result<bool, LedgerError> {
    let known = consents::find(tx.conn, customer, wish.purpose).await?;
    // Platforms tell whole seconds: within one, who wants no more is believed.
    let until = wish.at.0 + if wish.state == ConsentState::Withdrawn { 999 } else { 0 };
    let is_known = |known: &Consent| {
        known.at.0 > until || (known.state, known.expires_at) == (wish.state, wish.expires_at)
    };
    if known.as_ref().is_some_and(is_known) {
        return Ok(false);
    }
    consents::set(tx.conn, workspace, customer, &wish).await?;
    let details = json!({"purpose": wish.purpose, "state": wish.state, "source": wish.source});
    let subject = format!("customer:{customer}");
    audit::note(tx.conn, (workspace, None), "customer_consent_changed", &subject, &details, tx.now).await?;
    Ok(true)
}
