//! Sums up days that are long over, one after the other and beside everything else, so that a report need not
//! count them. Never a number that nobody could count anew.

use crate::domain::{Timestamp, WorkspaceId};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::Db;
use crate::store::checks::report_days::{self, DAY, Part};
use std::time::Duration;

/// How often it is looked for such days.
const LOOK: Duration = Duration::from_secs(10);
/// So long after it ended a day is over: nothing is written into it any more, whatever a clock says.
const OVER: Duration = Duration::from_hours(25);
/// Whatever was under way when a day was asked for has ended by then.
const SETTLED: Duration = Duration::from_secs(5);
/// Days of one look, to sum up and to ask for.
const SUMMED: i64 = 20;
const ASKED: usize = 20;

/// Asks for days to be summed up.
struct AskForDays(Vec<(WorkspaceId, i64)>);

impl Command for AskForDays {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of("report days")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        Ok(report_days::ask(tx.conn, &self.0, tx.now).await?)
    }
}

/// Remembers one of them.
struct RememberDay {
    day: (WorkspaceId, i64, Timestamp),
    parts: Vec<Part>,
}

impl Command for RememberDay {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of("report days")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        Ok(report_days::remember(tx.conn, self.day, &self.parts).await?)
    }
}

/// Works for as long as the process lives; several processes may.
pub async fn run(db: Db, ledger: Ledger) {
    loop {
        if let Err(error) = round(&db, &ledger).await {
            log::warn!("days cannot be summed up for reports yet: {error}");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn round(db: &Db, ledger: &Ledger) -> Result<(), LedgerError> {
    let now = Timestamp::now();
    let asked = db.read(async move |conn| report_days::asked(conn, now.minus(SETTLED), SUMMED).await).await?;
    for day in asked {
        let (workspace, at) = (day.0, day.1);
        let span = (Timestamp(at * DAY), Timestamp((at + 1) * DAY));
        let parts =
            db.read_slowly(async move |conn| report_days::counted(conn, workspace, span).await).await?;
        ledger.give(RememberDay { day, parts }).await?;
    }
    let missing = db.read(async move |conn| report_days::missing(conn, now.minus(OVER), ASKED).await).await?;
    if !missing.is_empty() {
        ledger.give(AskForDays(missing)).await?;
    }
    Ok(())
}
