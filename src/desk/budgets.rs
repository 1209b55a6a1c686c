//! What strangers use up at one server counts at the others, too, and so do wrong passwords: every second
//! each tells what was spent there and hears what was spent elsewhere. Never in the way of a request: what is
//! a second late is a second late.

use crate::auth::Throttle;
use crate::auth::strangers::Strangers;
use crate::domain::Timestamp;
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::accounts::budgets;
use crate::store::{Conn, Db};
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// What was told before the last look is heard again: clocks differ, and transactions end later than they
/// begin.
const OVERLAP: Duration = Duration::from_secs(10);

/// Tells and hears, as long as the process runs.
pub async fn share(db: Db, ledger: Ledger, strangers: Strangers, throttle: Throttle) {
    loop {
        tokio::time::sleep(EVERY).await;
        let (guessed, returned) = (throttle.spent(), throttle.returned());
        let spent: Vec<_> = strangers.spent().into_iter().chain(guessed).collect();
        if !(spent.is_empty() && returned.is_empty())
            && let Err(error) = ledger.give(SpendBudgets { spent, returned }).await
        {
            log::warn!("rate-limit budgets could not be shared with other servers: {error}");
        }
        let now = Timestamp::now();
        let told = async move |conn: &mut Conn| budgets::told_since(conn, now.minus(OVERLAP)).await;
        match db.read(told).await {
            Ok(rows) => {
                strangers.hears(&rows, now);
                throttle.hears(&rows, now);
            }
            Err(error) => log::warn!("rate-limit budgets of other servers could not be read: {error}"),
        }
    }
}

/// Notes what was spent here, and forgets what has grown again.
#[derive(Debug, Clone)]
struct SpendBudgets {
    /// Which budget, whose, and how many milliseconds' worth.
    spent: Vec<(&'static str, String, i64)>,
    /// Which budget was given back, and whose.
    returned: Vec<(&'static str, String)>,
}

impl Command for SpendBudgets {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of("budgets")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        for (kind, owner, cost) in &self.spent {
            budgets::spend(tx.conn, kind, owner, *cost, tx.now).await?;
        }
        for (kind, owner) in &self.returned {
            budgets::give_back(tx.conn, kind, owner, tx.now).await?;
        }
        budgets::forget(tx.conn, tx.now).await?;
        Ok(())
    }
}
