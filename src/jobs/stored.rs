//! What must be written, however often it takes: results of jobs, and the leases of a process that ended.

use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::delivery::held_work::{self, Held};
use std::fmt::Display;
use std::time::Duration;

/// How long it waits before it is given again.
const RETRY: Duration = Duration::from_secs(1);

impl Ledger {
    /// Gives a result until it is written: it must not be lost while this process lives. `None`: it was
    /// refused, and the log says so of `what`.
    pub async fn give_until_stored<C: Command + Clone>(
        &self,
        result: C,
        what: impl Display,
    ) -> Option<C::Answer> {
        loop {
            match self.give(result.clone()).await {
                Ok(answer) => return Some(answer),
                Err(LedgerError::Refused(refusal)) => {
                    log::error!("{what} was refused: {refusal}");
                    return None;
                }
                Err(error) => {
                    log::warn!("{what} could not be stored, retrying: {error}");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }
}

/// Gives back what a process that ended held, before anything else: in a system of one process that has just
/// begun.
#[derive(Debug, Clone, Copy)]
struct GiveBack(Held);

impl Command for GiveBack {
    type Answer = usize;

    fn subject(&self) -> Subject {
        Subject::of(self.0)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<usize, LedgerError> {
        Ok(held_work::give_back(tx.conn, self.0, tx.now).await?)
    }
}

/// The same, until it is done.
pub(super) async fn give_back(ledger: &Ledger, held: Held) {
    while let Err(error) = ledger.give(GiveBack(held)).await {
        log::warn!("the leases of an ended process could not be released, retrying: {error}");
        tokio::time::sleep(RETRY).await;
    }
}
