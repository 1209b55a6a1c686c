//! What a platform proves to be one address becomes one customer and one conversation (docs/platforms.md
//! 2.2). The one that is known longer stays. Never a guess: the caller has the platform's proof, and what
//! colleagues decide is theirs (`desk::customers`).

use super::{entries, timeline};
use crate::domain::inbound::IdentityKind;
use crate::domain::{
    Cause, ChannelId, ConversationId, ConversationState, CustomerId, Event, MessageEvent, TimelineKind,
    WorkspaceId,
};
use crate::ledger::command::{LedgerError, Tx};
use crate::store::accounts::{audit, channels};
use crate::store::conversations::customers::{self, Holder};
use crate::store::conversations::merges::Record;
use crate::store::conversations::{self, joins};
use crate::store::messages;
use serde_json::json;
use std::sync::Arc;

/// Where two names are one.
#[derive(Debug, Clone, Copy)]
pub struct Where {
    pub workspace_id: WorkspaceId,
    /// Over which channel.
    pub channel_id: ChannelId,
}

/// Makes the owners of two names of a channel one, and the conversations in which they write. Nothing happens
/// where they are one already, where a name is nobody's, and where each has an id that a person keeps and
/// these differ: then a number went from one to the other.
pub async fn join(tx: &mut Tx<'_>, place: Where, names: [&str; 2]) -> Result<(), LedgerError> {
    let Some([kept, gone]) = holders(tx, place, names).await? else { return Ok(()) };
    if (kept.customer.id, kept.merged_from) == (gone.customer.id, gone.merged_from) {
        return Ok(());
    }
    if are_two(tx, place, [&kept, &gone]).await? {
        return Ok(());
    }
    let mut ids = conversations::ids_of_customer(tx.conn, kept.customer.id).await?;
    ids.extend(conversations::ids_of_customer(tx.conn, gone.customer.id).await?);
    ids.sort_unstable();
    conversations::lock(tx.conn, &ids).await?;
    let customer = kept.customer.id;
    let mut record = Record::before(tx.conn, &kept.customer, &gone.customer).await?;
    if customer != gone.customer.id {
        customers::merge(tx.conn, customer, gone.customer.id, tx.now).await?;
        let mut row = kept.customer.clone();
        row.unite(gone.customer.clone());
        customers::update(tx.conn, &row).await?;
    }
    let (into, from) = one_conversation(tx, place, names, &mut record).await?;
    let details = json!({"joined": gone.customer.id, "names": names, "conversation": into});
    let by = (place.workspace_id, None);
    record.keep(tx.conn, by, customer, tx.now).await?;
    audit::note(tx.conn, by, "customer_joined", &format!("customer:{customer}"), &details, tx.now).await?;
    note_joined(tx, place, customer, gone.customer.id, (into, from)).await?;
    log::info!("customer {customer}: joined with {} by the platform's proof", gone.customer.id);
    Ok(())
}

/// Tells every conversation of a customer that the platform proved who else they are, and which two of them
/// became one.
async fn note_joined(
    tx: &mut Tx<'_>,
    place: Where,
    customer: CustomerId,
    gone: CustomerId,
    (into, from): (Option<ConversationId>, Option<ConversationId>),
) -> Result<(), LedgerError> {
    let name = channels::find(tx.conn, place.channel_id).await?.map(|channel| channel.name);
    let cause = Cause::platform(place.channel_id, name);
    let details = json!({
        "customer_id": gone,
        "into_conversation_id": from.and(into),
        "from_conversation_id": from,
    });
    let ids = conversations::ids_of_customer(tx.conn, customer).await?;
    timeline::note_all(tx, &ids, TimelineKind::Joined, &cause, &details).await?;
    for id in ids {
        entries::touch(tx, id).await?;
    }
    Ok(())
}

/// Whose the two names are, the one who is known longer first.
async fn holders(
    tx: &mut Tx<'_>,
    place: Where,
    names: [&str; 2],
) -> Result<Option<[Holder; 2]>, LedgerError> {
    let mut found = customers::holders(tx.conn, place.channel_id, &names).await?;
    found.sort_by_key(|holder| (holder.customer.id, holder.merged_from));
    Ok(found.try_into().ok())
}

/// Whether each of two has a business-scoped id, and none in common.
async fn are_two(tx: &mut Tx<'_>, place: Where, both: [&Holder; 2]) -> Result<bool, LedgerError> {
    let mut kept = [const { Vec::new() }; 2];
    for (ids, holder) in kept.iter_mut().zip(both) {
        let theirs = customers::names(tx.conn, holder.customer.id, place.channel_id).await?;
        let stable = theirs
            .into_iter()
            .filter(|row| row.kind == IdentityKind::Bsuid.as_str() && row.merged_from == holder.merged_from);
        ids.extend(stable.map(|row| row.external_id));
    }
    let [one, other] = kept;
    Ok(!one.is_empty() && !other.is_empty() && !one.iter().any(|id| other.contains(id)))
}

/// The names of one customer write in one conversation from now on; what stood in the other comes along.
/// Gives the one, and the other if there were two.
async fn one_conversation(
    tx: &mut Tx<'_>,
    place: Where,
    names: [&str; 2],
    record: &mut Record,
) -> Result<(Option<ConversationId>, Option<ConversationId>), LedgerError> {
    let Some([kept, gone]) = holders(tx, place, names).await? else { return Ok((None, None)) };
    let (customer, channel) = (kept.customer.id, place.channel_id);
    let into = customers::conversation_of_name(tx.conn, channel, customer, kept.merged_from).await?;
    if kept.merged_from == gone.merged_from {
        return Ok((into.ok().map(|state| state.id), None));
    }
    let from = customers::conversation_of_name(tx.conn, channel, customer, gone.merged_from).await?;
    customers::rejoin_names(tx.conn, customer, channel, gone.merged_from, kept.merged_from).await?;
    match (into, from) {
        (Ok(into), Ok(from)) if into.id != from.id => {
            bring(tx, &into, &from, record).await?;
            Ok((Some(into.id), Some(from.id)))
        }
        (Err(thread), Ok(from)) => {
            conversations::set_thread(tx.conn, from.id, &thread).await?;
            Ok((Some(from.id), None))
        }
        (into, _) => Ok((into.ok().map(|state| state.id), None)),
    }
}

/// Brings one conversation's messages into the other, and tells its room up to where it stands now.
async fn bring(
    tx: &mut Tx<'_>,
    into: &ConversationState,
    from: &ConversationState,
    record: &mut Record,
) -> Result<(), LedgerError> {
    let moved = joins::join(tx.conn, into, from, tx.now).await?;
    record.joined(into.id, from, moved);
    tell_newest(tx, into.id).await
}

/// The room of a conversation hears of its newest version, and reads what lies before it.
pub async fn tell_newest(tx: &mut Tx<'_>, id: ConversationId) -> Result<(), LedgerError> {
    let Some(row) = messages::newest_change(tx.conn, id).await? else { return Ok(()) };
    let (workspace_id, conversation_id, version) = (row.workspace_id, row.conversation_id, row.body.version);
    let message = Arc::new(messages::view(tx.conn, row).await?);
    tx.tell(Event::Message(MessageEvent {
        workspace_id,
        conversation_id,
        version,
        is_new: false,
        is_new_conversation: false,
        message,
    }));
    Ok(())
}
