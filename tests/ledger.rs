//! What the ledger promises of commands that are committed together, on both databases: what it calls stored is stored,
//! and what it does not is not. Told to the ledger itself; no server runs here.

use crate::support::database::Database;
use crate::support::on_both_databases;
use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use rapport::chat::{Command, Ledger, LedgerError, Subject, Tx};
use rapport::domain::Refusal;
use rapport::on;
use rapport::store::{Db, users};
use std::sync::Arc;

on_both_databases!(
    a_refused_command_costs_only_its_own_caller,
    what_hides_a_failed_statement_is_not_called_stored_unless_it_is,
);

/// Founds a workspace of this name, and then perhaps fails.
struct Found(&'static str, Then);

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Keep,
    Refuse,
    /// A statement fails, and nobody says so.
    Hide,
}

impl Command for Found {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of("house")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        users::create_workspace(tx.conn, self.0, tx.now).await?;
        match self.1 {
            Then::Keep => {}
            Then::Refuse => return Err(Refusal::invalid("no", "No.").into()),
            Then::Hide => drop(tx.conn.batch_execute("SELECT nothing_like_it").await),
        }
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Actors live in a system of their own, which is no test's runtime.
async fn among_actors<F: Future<Output = ()>>(story: impl FnOnce() -> F + Send + 'static) {
    let told = tokio::task::spawn_blocking(move || actix::System::new().block_on(story()));
    told.await.expect("holds");
}

async fn opened(database: &Database) -> (Db, Ledger) {
    let db = Db::open(&database.url).await.expect("opens");
    let ledger = Ledger::start(&db, Arc::new(|_| {})).await.expect("starts");
    (db, ledger)
}

async fn stored(db: &Db) -> Vec<String> {
    let read = db.read(async |conn| {
        let query = diesel::sql_query("SELECT name FROM workspaces ORDER BY id");
        Ok(on!(conn, db => query.load::<Named>(db).await)?)
    });
    read.await.expect("reads").into_iter().map(|workspace| workspace.name).collect()
}

async fn a_refused_command_costs_only_its_own_caller(database: Database) {
    among_actors(async move || {
        let (db, ledger) = opened(&database).await;
        let together = vec![Found("a", Then::Keep), Found("b", Then::Refuse), Found("c", Then::Keep)];
        let answers = ledger.give_all(together).await;
        assert!(matches!(&answers[..], [Ok(()), Err(LedgerError::Refused(_)), Ok(())]), "{answers:?}");
        let alone = ledger.give(Found("d", Then::Refuse)).await;
        assert!(matches!(alone, Err(LedgerError::Refused(_))), "{alone:?}");
        ledger.give(Found("e", Then::Keep)).await.expect("goes on");
        assert_eq!(stored(&db).await, ["a", "c", "e"]);
    })
    .await;
}

async fn what_hides_a_failed_statement_is_not_called_stored_unless_it_is(database: Database) {
    among_actors(async move || {
        let (db, ledger) = opened(&database).await;
        let names = ["a", "b"];
        let together = vec![Found(names[0], Then::Keep), Found(names[1], Then::Hide)];
        let answers = ledger.give_all(together).await;
        let said: Vec<_> = names
            .into_iter()
            .zip(&answers)
            .filter(|(_, answer)| answer.is_ok())
            .map(|(name, _)| name)
            .collect();
        assert_eq!(stored(&db).await, said, "{answers:?}");
        ledger.give(Found("c", Then::Keep)).await.expect("goes on");
        assert_eq!(stored(&db).await.last().map(String::as_str), Some("c"));
    })
    .await;
}
