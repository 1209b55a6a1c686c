//! An attempt whose answer was lost: nobody knows whether it went out, so a person decides.

use super::retries::{GIVE_UP, LONGEST_WAIT};
use crate::domain::DeliveryStatus;
use crate::jobs::attempt::back_off;
use crate::ledger::{LedgerError, Tx};
use crate::store::accounts::channels;
use crate::store::delivery::outbox::{self, Delivery, Ended};

/// Nobody knows whether it went out: a person decides, unless its channel would rather send twice
/// than not at all.
pub(super) async fn perhaps_sent(
    tx: &mut Tx<'_>,
    delivery: &mut Delivery,
    reason: &str,
) -> Result<(), LedgerError> {
    lost(tx, delivery, reason).await?;
    let channel = channels::find(tx.conn, delivery.channel_id).await?;
    let sends_again = channel.is_some_and(|channel| channel.options["at_least_once"] == true);
    if sends_again && delivery.created_at.plus(GIVE_UP) > tx.now {
        delivery.status = DeliveryStatus::Queued;
        delivery.due_at = tx.now.plus(back_off(delivery.attempts, 1.0, LONGEST_WAIT));
    } else {
        delivery.status = DeliveryStatus::Unconfirmed;
    }
    Ok(())
}

/// Notes that an attempt's answer was lost.
async fn lost(tx: &mut Tx<'_>, delivery: &mut Delivery, reason: &str) -> Result<(), LedgerError> {
    delivery.error_code = Some("unconfirmed".into());
    delivery.error_message = Some(reason.to_owned());
    if let Some(attempt) = &delivery.attempt_id {
        let ended = Ended {
            ended_at: tx.now,
            outcome: "unknown".into(),
            error_code: delivery.error_code.clone(),
            error_message: delivery.error_message.clone(),
            platform_message_id: None,
        };
        outbox::end_attempt(tx.conn, attempt, &ended).await?;
    }
    Ok(())
}
