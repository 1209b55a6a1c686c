//! What commands look up before they write: in what was read for the whole batch where they are collected
//! with others, else in the database. What was not read for the batch puts the command off to a turn of its
//! own: nobody decides by what might be out of date.

use crate::domain::{
    Channel, ChannelId, ConversationId, ConversationState, CustomerId, Timestamp, WorkspaceId,
};
use crate::ledger::command::{LedgerError, Tx};
use crate::store::accounts::{channels, settings};
use crate::store::automation::flow_runs::{self, RunRow};
use crate::store::automation::flows::{self, FlowRow};
use crate::store::conversations;
use crate::store::conversations::standings::{self, Standing};
use crate::store::delivery::parked_events::{self, Parked};
use crate::store::messages::{self, MessageRow};
use std::sync::Arc;
use std::time::Duration;

/// A conversation as it stands after what was collected; its row is locked from here to the commit.
pub async fn conversation(tx: &mut Tx<'_>, id: ConversationId) -> Result<ConversationState, LedgerError> {
    if let Some(state) = tx.unit.conversation(id) {
        return Ok(state.clone());
    }
    tx.alone()?;
    Ok(conversations::locked(tx.conn, id).await?)
}

/// A channel, if it is still there.
pub async fn channel(tx: &mut Tx<'_>, id: ChannelId) -> Result<Option<Channel>, LedgerError> {
    if let Some(channel) = tx.known().and_then(|known| known.channels().get(&id).cloned()) {
        return Ok(Some(channel));
    }
    let found = channels::find(tx.conn, id).await?;
    if let (Some(known), Some(channel)) = (tx.known(), &found) {
        known.channels().insert(id, channel.clone());
    }
    Ok(found)
}

/// How a customer stands to us. Only commands that are never collected change that.
pub async fn standing(tx: &mut Tx<'_>, id: CustomerId) -> Result<Standing, LedgerError> {
    if let Some(standing) = tx.known().and_then(|known| known.standing(id)) {
        return Ok(standing);
    }
    Ok(standings::of(tx.conn, &[id]).await?.remove(&id).unwrap_or_default())
}

/// When what goes out now leaves: after the time to think again that the workspace gives; none: at once.
pub async fn moment(tx: &mut Tx<'_>, workspace: WorkspaceId) -> Result<Option<Timestamp>, LedgerError> {
    if let Some(moment) = tx.known().and_then(|known| known.moments().get(&workspace).copied()) {
        return Ok(moment);
    }
    let set = settings::get(tx.conn, workspace, "undo_seconds").await?;
    let seconds = set.and_then(|value| value.as_u64()).filter(|seconds| *seconds > 0);
    let moment = seconds.map(|seconds| tx.now.plus(Duration::from_secs(seconds)));
    if let Some(known) = tx.known() {
        known.moments().insert(workspace, moment);
    }
    Ok(moment)
}

/// A message by what its platform calls it.
pub async fn by_identity(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    platform_message_id: &str,
) -> Result<Option<MessageRow>, LedgerError> {
    if tx.known().is_some_and(|known| known.is_new_id(channel, platform_message_id)) {
        return Ok(None);
    }
    tx.alone()?;
    Ok(messages::by_identity(tx.conn, channel, platform_message_id).await?)
}

/// What waits for a message, the oldest first; of a message that may be collected only kinds that it named.
pub async fn parked(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    kinds: &[&str],
    platform_message_id: &str,
) -> Result<Vec<Parked>, LedgerError> {
    if tx.known().is_some_and(|known| known.is_new_id(channel, platform_message_id)) {
        return Ok(Vec::new());
    }
    tx.alone()?;
    Ok(parked_events::for_message(tx.conn, channel, kinds, platform_message_id).await?)
}

/// A message by what its client called it.
pub async fn by_client_id(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    author: &str,
    client_id: &str,
) -> Result<Option<MessageRow>, LedgerError> {
    let key = || (conversation, author.to_owned(), client_id.to_owned());
    if tx.known().is_some_and(|known| known.is_new_key(&key())) {
        return Ok(None);
    }
    tx.alone()?;
    Ok(messages::by_client_id(tx.conn, conversation, author, client_id).await?)
}

/// Every flow of a workspace, by their ids.
pub async fn flows(tx: &mut Tx<'_>, workspace: WorkspaceId) -> Result<Arc<[FlowRow]>, LedgerError> {
    if let Some(flows) = tx.known().and_then(|known| known.flows(workspace)) {
        return Ok(flows);
    }
    tx.alone()?;
    Ok(flows::all(tx.conn, workspace).await?.into())
}

/// The runs of a conversation that may still say something, the newest last.
pub async fn active_runs(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<Vec<RunRow>, LedgerError> {
    if tx.known().is_some_and(|known| known.is_without_runs(conversation)) {
        return Ok(Vec::new());
    }
    tx.alone()?;
    Ok(flow_runs::active_in(tx.conn, conversation).await?)
}
