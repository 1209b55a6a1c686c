//! What the ledger promises of commands that are committed together, on both databases: what it calls stored is stored,
//! and what it does not is not; what is collected leaves what each alone leaves. Told to the ledger itself; no server
//! runs here.

use crate::support::database::Database;
use crate::support::dice::Dice;
use crate::support::dump::dump;
use crate::support::on_both_databases;
use diesel::QueryableByName;
use diesel::sql_types::Text;
use rapport::app;
use rapport::desk::reply::{Replied, Reply};
use rapport::domain::{ConversationId, Event, MessageId, Origin, Refusal, Timestamp, User};
use rapport::ledger::{Command, Ledger, LedgerError, Needs, Subject, Tx};
use rapport::on;
use rapport::store::accounts::users;
use rapport::store::{Db, StoreError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

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
    let ledger = app::ledger(&db, Arc::new(|_| {})).await.expect("starts");
    (db, ledger)
}

/// What a query calls `name`.
async fn names(db: &Db, query: &'static str) -> Vec<String> {
    use diesel_async::RunQueryDsl as _;
    let read = db.read(async move |conn| {
        let query = diesel::sql_query(query);
        Ok(on!(conn, db => query.load::<Named>(db).await)?)
    });
    read.await.expect("reads").into_iter().map(|row| row.name).collect()
}

async fn stored(db: &Db) -> Vec<String> {
    names(db, "SELECT name FROM workspaces ORDER BY id").await
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

#[tokio::test]
async fn answers_given_together_leave_what_each_alone_leaves_sqlite() {
    both_ways(Database::sqlite(), Database::sqlite(), answers).await;
}

#[tokio::test]
async fn answers_given_together_leave_what_each_alone_leaves_postgres() {
    let (Some(one), Some(other)) = (Database::postgres().await, Database::postgres().await) else { return };
    both_ways(one, other, answers).await;
}

#[tokio::test]
async fn a_mixed_batch_leaves_what_each_alone_leaves_sqlite() {
    both_ways(Database::sqlite(), Database::sqlite(), mixed).await;
}

#[tokio::test]
async fn a_mixed_batch_leaves_what_each_alone_leaves_postgres() {
    let (Some(one), Some(other)) = (Database::postgres().await, Database::postgres().await) else { return };
    both_ways(one, other, mixed).await;
}

/// Two colleagues and eight conversations: over WhatsApp one whose customer waits, one that is closed, one in which a flow
/// speaks and two more; by web chat; in another workspace; and the colleagues' own.
const ROOMS: &str = "
    INSERT INTO workspaces (id, name, created_at) VALUES (1, 'Pier', 1), (2, 'Elsewhere', 1);
    INSERT INTO users (id, workspace_id, username, username_key, full_name, search_text, password_hash, role, created_at)
        VALUES (1, 1, 'ana', 'ana', 'Ana', 'ana', 'no', 'agent', 1), (2, 1, 'ben', 'ben', 'Ben', 'ben', 'no', 'admin', 1);
    INSERT INTO channels (id, workspace_id, kind, name, external_id, options, credentials, state, created_at)
        VALUES (1, 1, 'whatsapp', 'Pier', '1', '{}', '', 'active', 1), (2, 1, 'webchat', 'Site', '2', '{}', '', 'active', 1),
        (3, 2, 'whatsapp', 'Elsewhere', '3', '{}', '', 'active', 1);
    INSERT INTO customers (id, workspace_id, search_text, enhanced_data_fetched, unreachable, created_at)
        VALUES (1, 1, '', false, false, 1), (2, 1, '', false, false, 1), (3, 1, '', false, false, 1), (4, 1, '', false, false, 1),
        (5, 2, '', false, false, 1), (6, 1, '', false, false, 1), (8, 1, '', false, false, 1);
    INSERT INTO customer_identities (workspace_id, channel_id, customer_id, kind, external_id, created_at)
        VALUES (1, 1, 1, 'phone', 'waits', 1), (1, 2, 2, 'visitor', 'visits', 1), (1, 1, 3, 'phone', 'was closed', 1),
        (1, 1, 4, 'phone', 'in a flow', 1), (2, 3, 5, 'phone', 'elsewhere', 1), (1, 1, 6, 'phone', 'plain', 1),
        (1, 1, 8, 'phone', 'plain too', 1);
    INSERT INTO conversations (id, workspace_id, kind, channel_id, customer_id, thread, status, version, revision, unread_total,
        answered_seq, last_seq, last_activity_at, waiting_since, created_at, updated_at)
        VALUES (1, 1, 'customer', 1, 1, '', 'open', 0, 1, 0, 0, 0, 1, 5, 1, 1),
        (2, 1, 'customer', 2, 2, '', 'open', 0, 1, 0, 0, 0, 1, NULL, 1, 1),
        (3, 1, 'customer', 1, 3, '', 'closed', 0, 1, 0, 0, 0, 1, NULL, 1, 1),
        (4, 1, 'customer', 1, 4, '', 'open', 0, 1, 0, 0, 0, 1, 5, 1, 1),
        (5, 2, 'customer', 3, 5, '', 'open', 0, 1, 0, 0, 0, 1, NULL, 1, 1),
        (6, 1, 'customer', 1, 6, '', 'open', 0, 1, 0, 0, 0, 1, NULL, 1, 1),
        (7, 1, 'direct', NULL, NULL, 'own', 'open', 0, 1, 0, 0, 0, 1, NULL, 1, 1),
        (8, 1, 'customer', 1, 8, '', 'open', 0, 1, 0, 0, 0, 1, NULL, 1, 1);
    INSERT INTO participants (conversation_id, user_id, is_member, read_seq, read_count, own_count)
        VALUES (7, 1, true, 0, 0, 0), (7, 2, true, 0, 0, 0);
    INSERT INTO flows (id, workspace_id, name, is_on, trigger_kind, keywords, version, hook_hash, hook_sealed, created_at, updated_at)
        VALUES (1, 1, 'Help', true, 'keyword', '[]', 1, '', '', 1, 1);
    INSERT INTO flow_runs (id, workspace_id, flow_id, flow_version, conversation_id, started_by, trigger_key, status, step, turn,
        variables, created_at, updated_at) VALUES (1, 1, 1, 1, 4, 'keyword', 'one', 'waiting_for_answer', 0, 1, '{}', 1, 1);
";

const ANSWERS: u64 = 120;

/// What colleagues say by chance: mostly plain words, now and then what is not, or what was said before.
fn said(dice: &mut Dice, colleagues: &[User; 2], round: u64) -> Reply {
    let mut one_of = |count: usize| usize::try_from(dice.throw(count as u64)).expect("a small number");
    let words = ["One", "Two words", "", "schöne Grüße, 東京", "what no \u{0} text holds", "!?"];
    let content = match one_of(16) {
        0 => "long ".repeat(1_000),
        n => words[n % words.len()].to_owned(),
    };
    let number = i64::try_from(one_of(9)).expect("a small number") + 1;
    Reply {
        user: colleagues[one_of(2)].clone(),
        origin: Origin::App,
        conversation_id: ConversationId(number),
        client_id: (one_of(8) > 0).then(|| format!("{round}-{}", one_of(60))),
        content: Some(content),
        attachment_ids: if one_of(20) == 0 { vec![404] } else { Vec::new() },
        message_type: None,
        reply_to: (one_of(20) == 0).then_some(MessageId(404_404)),
        is_private: one_of(12) == 0,
        template: None,
        enclosed: None,
        send_at: (one_of(16) == 0).then(|| Timestamp(Timestamp::now().0 + 3_600_000)),
    }
}

/// What stands in a batch: an answer, or a conversation that is closed between answers, in a turn of its own.
enum Deed {
    Says(Box<Reply>),
    Closes(ConversationId, End),
}

/// What becomes of it.
enum End {
    Keep,
    /// It says no: nothing of it may stay.
    Refuse,
    /// The first time it loses against somebody else, with all beside it.
    LoseOnce(AtomicBool),
    Panic,
}

impl Deed {
    /// The same, for another ledger.
    fn again(&self) -> Self {
        match self {
            Self::Says(reply) => Self::Says(reply.clone()),
            Self::Closes(id, End::Keep) => Self::Closes(*id, End::Keep),
            Self::Closes(id, End::Refuse) => Self::Closes(*id, End::Refuse),
            Self::Closes(id, End::LoseOnce(_)) => Self::Closes(*id, End::LoseOnce(AtomicBool::new(false))),
            Self::Closes(id, End::Panic) => Self::Closes(*id, End::Panic),
        }
    }
}

impl Command for Deed {
    /// What the caller hears, without what is chance.
    type Answer = String;

    fn subject(&self) -> Subject {
        match self {
            Self::Says(reply) => reply.subject(),
            Self::Closes(id, _) => Subject::Conversation(*id),
        }
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<String, LedgerError> {
        let (id, end) = match self {
            Self::Says(reply) => return Ok(shown(&reply.apply(tx).await?)),
            Self::Closes(id, end) => (id, end),
        };
        let close =
            format!("UPDATE conversations SET status = 'closed', revision = revision + 1 WHERE id = {id}");
        tx.conn.batch_execute(&close).await.map_err(StoreError::from)?;
        match end {
            End::Refuse => Err(Refusal::invalid("no", "No.").into()),
            End::LoseOnce(has_lost) if !has_lost.swap(true, Ordering::Relaxed) => {
                Err(StoreError::Collided("asked to".into()).into())
            }
            End::Panic => panic!("asked to"),
            End::Keep | End::LoseOnce(_) => Ok("closed".into()),
        }
    }

    fn needs(&self) -> Option<Needs> {
        match self {
            Self::Says(reply) => reply.needs(),
            Self::Closes(..) => None,
        }
    }
}

fn answers(dice: &mut Dice, colleagues: &[User; 2], round: u64) -> Deed {
    Deed::Says(Box::new(said(dice, colleagues, round)))
}

/// Mostly answers, now and then what is in their way. It loses seldom: a batch is tried a few times.
fn mixed(dice: &mut Dice, colleagues: &[User; 2], round: u64) -> Deed {
    let id = ConversationId(i64::try_from(dice.throw(9)).expect("a small number") + 1);
    match dice.throw(240) {
        0..8 => Deed::Closes(id, End::Keep),
        8..12 => Deed::Closes(id, End::Refuse),
        12 => Deed::Closes(id, End::LoseOnce(AtomicBool::new(false))),
        13..16 => Deed::Closes(id, End::Panic),
        _ => answers(dice, colleagues, round),
    }
}

/// A ledger, and what it told: which version of which conversation.
struct Side {
    database: Database,
    db: Db,
    ledger: Ledger,
    told: Arc<Mutex<Vec<(i64, i64)>>>,
}

async fn side(database: Database) -> Side {
    let db = Db::open(&database.url).await.expect("opens");
    database.execute(ROOMS).await;
    let told: Arc<Mutex<Vec<(i64, i64)>>> = Arc::default();
    let heard = told.clone();
    let voice = Arc::new(move |events: Vec<Event>| {
        let versions = events.into_iter().filter_map(|event| match event {
            Event::Message(news) => Some((news.conversation_id.0, news.version)),
            _ => None,
        });
        heard.lock().expect("whole").extend(versions);
    });
    let ledger = app::ledger(&db, voice).await.expect("starts");
    Side { database, db, ledger, told }
}

impl Side {
    async fn colleague(&self, name: &'static str) -> User {
        let found = self.db.read(async move |conn| users::by_username(conn, name).await).await;
        found.expect("reads").expect("is there").user
    }

    /// What was told, by conversation; within each in the order of the telling.
    fn told(&self) -> Vec<(i64, i64)> {
        let mut told = self.told.lock().expect("whole").clone();
        told.sort_by_key(|(conversation, _)| *conversation);
        told
    }

    /// What is owed, without the numbers that are chance.
    async fn outbox_rows(&self) -> Vec<String> {
        names(
            &self.db,
            "SELECT outbox.conversation_id || ' at ' || messages.seq || ' part ' || part || ' ' || outbox.status || ' ' || \
             (outbox.send_at IS NULL) || ' ' || (outbox.due_at > outbox.created_at) || ' ' || outbox.channel_id AS name \
             FROM outbox JOIN messages ON messages.id = outbox.message_id ORDER BY 1",
        )
        .await
    }
}

/// What a caller hears, without what is chance.
fn shown(Replied { message, is_duplicate }: &Replied) -> String {
    let mut shown = serde_json::to_value(&**message).expect("is JSON");
    for chance in ["id", "created_at", "send_at"] {
        shown[chance] = shown[chance].is_null().into();
    }
    format!("{is_duplicate} {shown}")
}

/// Makes what is given, by chance.
type Given = fn(&mut Dice, &[User; 2], u64) -> Deed;

async fn both_ways(one: Database, other: Database, given: Given) {
    among_actors(async move || {
        let (together, alone) = (side(one).await, side(other).await);
        let colleagues = [together.colleague("ana").await, together.colleague("ben").await];
        let mut dice = Dice::new("answers given together leave what each alone leaves");
        for round in 0..4 {
            if round == 2 {
                let undo =
                    "INSERT INTO settings (workspace_id, name, value) VALUES (1, 'undo_seconds', '30')";
                together.database.execute(undo).await;
                alone.database.execute(undo).await;
            }
            let deeds: Vec<Deed> = (0..ANSWERS).map(|_| given(&mut dice, &colleagues, round)).collect();
            let at_once = together.ledger.give_all(deeds.iter().map(Deed::again).collect()).await;
            let mut one_by_one = Vec::new();
            for deed in deeds {
                one_by_one.push(alone.ledger.give(deed).await);
            }
            assert_eq!(format!("{at_once:#?}"), format!("{one_by_one:#?}"), "round {round}");
            assert_eq!(together.told(), alone.told(), "round {round}");
            assert_eq!(together.outbox_rows().await, alone.outbox_rows().await, "round {round}");
            let (left, right) = (dump(&together.database).await, dump(&alone.database).await);
            assert!(left == right, "round {round}: {left:#?}\n{right:#?}");
        }
        let collected = |side: &Side| side.ledger.counts().together.load(Ordering::Relaxed);
        assert!(collected(&together) > 0, "some of them were collected");
        assert_eq!(collected(&alone), 0);
    })
    .await;
}
