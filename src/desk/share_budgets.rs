//! What strangers use up at one server counts at the others, too, and so do wrong passwords: every second
//! each tells what was spent there and hears what was spent elsewhere. Never in the way of a request: what is
//! a second late is a second late.

use crate::auth::Throttle;
use crate::auth::slots::HELD;
use crate::auth::strangers::Strangers;
use crate::domain::Timestamp;
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::accounts::budgets;
use crate::store::{Conn, Db, StoreError};
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// What was told before the last look is heard again: clocks differ, and transactions end later than they
/// begin.
const OVERLAP: Duration = Duration::from_secs(10);

/// After so many looks, what is held here is told anew: else it would soon count no more at the others.
const ANEW: u64 = HELD.as_secs() / 3;

/// Tells and hears, as long as the process runs.
pub async fn share(db: Db, ledger: Ledger, strangers: Strangers, throttle: Throttle) {
    let server = own_name();
    for look in 0_u64.. {
        tokio::time::sleep(EVERY).await;
        let (guessed, returned) = (throttle.spent(), throttle.returned());
        let spent: Vec<_> = strangers.spent().into_iter().chain(guessed).collect();
        let held = strangers.sockets_held(look.is_multiple_of(ANEW));
        let told = SpendBudgets { spent, returned, server: server.clone(), held };
        if !told.is_empty()
            && let Err(error) = ledger.give(told).await
        {
            log::warn!("rate-limit budgets could not be shared with other servers: {error}");
        }
        if let Err(error) = hear(&db, &server, &strangers, &throttle).await {
            log::warn!("rate-limit budgets of other servers could not be read: {error}");
        }
    }
}

/// What tells this run of this server from all others.
fn own_name() -> String {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("a system that runs a server gives random bytes");
    format!("{:016x}", u64::from_be_bytes(bytes))
}

/// What others used up, and what they hold.
async fn hear(db: &Db, server: &str, strangers: &Strangers, throttle: &Throttle) -> Result<(), StoreError> {
    let (now, server) = (Timestamp::now(), server.to_owned());
    let since = now.minus(OVERLAP);
    let read = async move |conn: &mut Conn| {
        Ok((budgets::told_since(conn, since).await?, budgets::held_since(conn, &server, since).await?))
    };
    let (spent, held) = db.read(read).await?;
    strangers.hears(&spent, now);
    strangers.hears_of_sockets(held);
    throttle.hears(&spent, now);
    Ok(())
}

/// Notes what was spent and is held here, and forgets what has grown again.
#[derive(Debug, Clone)]
struct SpendBudgets {
    /// Which budget, whose, and how many milliseconds' worth.
    spent: Vec<(&'static str, String, i64)>,
    /// Which budget was given back, and whose.
    returned: Vec<(&'static str, String)>,
    /// Who tells it.
    server: String,
    /// Whose sockets are now so many here.
    held: Vec<(String, i64)>,
}

impl SpendBudgets {
    fn is_empty(&self) -> bool {
        self.spent.is_empty() && self.returned.is_empty() && self.held.is_empty()
    }
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
        for (owner, held) in &self.held {
            budgets::hold(tx.conn, &self.server, owner, *held, tx.now).await?;
        }
        budgets::forget(tx.conn, tx.now).await?;
        budgets::forget_held(tx.conn, tx.now.minus(HELD * 2)).await?;
        Ok(())
    }
}
