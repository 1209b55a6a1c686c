//! What a platform says of a customer beside their messages: how they came, and whether they can be reached.

use super::event::{Received, Source};
use super::identify::{create, find, of_holder};
use crate::channels::registry;
use crate::domain::inbound::{Profile, Referral, Thread};
use crate::domain::{Direction, Outcome, Timestamp};
use crate::ledger::{LedgerError, Tx};
use crate::store::StoreError;
use crate::store::conversations::{self, customers};
use crate::thread::entries;

/// How a customer came, without a word: remembered with them, opens the window of a thread there is.
pub(super) async fn refer(
    tx: &mut Tx<'_>,
    source: &Source,
    referral: &Referral,
    at: Option<Timestamp>,
) -> Result<Received, LedgerError> {
    let holder = find(tx, source, &referral.thread).await?;
    let conversation = match &holder {
        Some(holder) => of_holder(tx, source, holder).await?,
        None => None,
    };
    let mut row = if let Some(holder) = holder {
        holder.customer
    } else {
        let id = create(tx, source, &referral.thread, &Profile::default()).await?;
        customers::find(tx.conn, source.workspace_id, id).await?.ok_or(StoreError::NotFound)?
    };
    let direction = Direction::CustomerToOwner;
    let json = referral.referral.to_string();
    let is_known = row.referral.as_deref() == Some(&json);
    let mut received = Received::new(if is_known { Outcome::Duplicate } else { Outcome::Updated }, direction);
    received.conversation_id = conversation.as_ref().map(|state| state.id);
    if is_known {
        return Ok(received);
    }
    row.referral = Some(json);
    customers::update(tx.conn, &row).await?;
    if let Some(state) = conversation {
        let window = registry::kind(source.kind).window.filter(|window| window.opens_by_referral);
        if let Some(window) = window {
            let until = at.unwrap_or(tx.now).plus(window.length());
            conversations::open_window(tx.conn, state.id, until).await?;
        }
        entries::touch(tx, state.id).await?;
    }
    Ok(received)
}

/// A customer blocked us, or lets us in again.
pub(super) async fn reach(
    tx: &mut Tx<'_>,
    source: &Source,
    thread: &Thread,
    reachable: bool,
) -> Result<Received, LedgerError> {
    let direction = Direction::CustomerToOwner;
    let Some(holder) = find(tx, source, thread).await? else {
        return Ok(Received::new(Outcome::Ignored, direction));
    };
    let conversation = of_holder(tx, source, &holder).await?;
    let mut row = holder.customer;
    let is_known = row.unreachable != reachable;
    let mut received = Received::new(if is_known { Outcome::Duplicate } else { Outcome::Updated }, direction);
    received.conversation_id = conversation.as_ref().map(|state| state.id);
    if !is_known {
        row.unreachable = !reachable;
        customers::update(tx.conn, &row).await?;
        if let Some(state) = conversation {
            entries::touch(tx, state.id).await?;
        }
    }
    Ok(received)
}
