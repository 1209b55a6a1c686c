//! Looks now and then at what people who have read nearly all have left to read, so that asking for it need
//! not run through everything. Never a read mark, and never anything a list must wait for.

use crate::domain::{ConversationId, Timestamp, UserId};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::Db;
use crate::store::conversations::filtered::Owner;
use crate::store::conversations::unread_looks::{self, Asked};
use std::collections::HashMap;
use std::time::Duration;

/// How often.
const LOOK: Duration = Duration::from_secs(20);
/// Whatever was under way when it was asked is stored by then.
const SETTLED: Duration = Duration::from_secs(10);
/// Who was here in this time.
const HERE: Duration = Duration::from_hours(24);
/// People of one look.
const PEOPLE: i64 = 100;
/// Who has much left is looked at again after so many looks.
const REST: u32 = 90;

/// Says up to which message it is looked next.
struct AskWhatIsLeft(Vec<UserId>, i64);

impl Command for AskWhatIsLeft {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of("unread looks")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        Ok(unread_looks::ask(tx.conn, &self.0, self.1, tx.now).await?)
    }
}

/// Keeps what was left.
struct KeepWhatIsLeft {
    user: UserId,
    asked: Asked,
    left: Vec<ConversationId>,
}

impl Command for KeepWhatIsLeft {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of("unread looks")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        Ok(unread_looks::keep(tx.conn, self.user, self.asked, &self.left).await?)
    }
}

/// Works for as long as the process lives; several processes may.
pub async fn run(db: Db, ledger: Ledger) {
    // Who has much left, and for how many looks they are left alone.
    let mut resting: HashMap<UserId, u32> = HashMap::new();
    loop {
        if let Err(error) = round(&db, &ledger, &mut resting).await {
            log::warn!("what people have left to read cannot be looked at yet: {error}");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn round(db: &Db, ledger: &Ledger, resting: &mut HashMap<UserId, u32>) -> Result<(), LedgerError> {
    let since = Timestamp::now().minus(HERE);
    let (here, newest) = db
        .read(async move |conn| {
            let here = unread_looks::readers(conn, since, PEOPLE).await?;
            Ok((here, unread_looks::newest_message(conn).await?))
        })
        .await?;
    resting.retain(|_, looks| {
        *looks -= 1;
        *looks > 0
    });
    let mut next = Vec::new();
    for reader in here.into_iter().filter(|reader| !resting.contains_key(&reader.1)).collect::<Vec<_>>() {
        match look(db, ledger, reader).await? {
            Looked::Done => next.push(reader.1),
            Looked::Early => {}
            Looked::Much => drop(resting.insert(reader.1, REST)),
        }
    }
    if !next.is_empty() {
        ledger.give(AskWhatIsLeft(next, newest)).await?;
    }
    Ok(())
}

/// What came of a look.
enum Looked {
    /// It is to be asked anew.
    Done,
    /// It was asked just now.
    Early,
    /// They have more left than is kept.
    Much,
}

async fn look(db: &Db, ledger: &Ledger, reader: Owner) -> Result<Looked, LedgerError> {
    let user = reader.1;
    let Some(asked) = db.read(async move |conn| unread_looks::asked(conn, user).await).await? else {
        return Ok(Looked::Done);
    };
    if asked.at > Timestamp::now().minus(SETTLED) {
        return Ok(Looked::Early);
    }
    let left = db.read_slowly(async move |conn| unread_looks::unread(conn, reader).await).await?;
    let Some(left) = left else { return Ok(Looked::Much) };
    ledger.give(KeepWhatIsLeft { user, asked, left }).await?;
    Ok(Looked::Done)
}
