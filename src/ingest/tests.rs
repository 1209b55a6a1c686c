//! What visitors say at once leaves what each alone leaves, row for row, whatever stands between: new
//! visitors, names they learn, what is said twice, what is refused.

use super::event::Source;
use super::visitor::VisitorSays;
use crate::domain::{ChannelId, ChannelKind, CustomerId, MessageId, Timestamp, WorkspaceId};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::conversations::{self, customers};
use crate::store::{Db, StoreError, messages};
use crate::thread::hook_events;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::Ordering;

const CHANNEL: ChannelId = ChannelId(1);
const WORKSPACE: WorkspaceId = WorkspaceId(1);

/// A workspace with a web chat.
struct Found;

impl Command for Found {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of("house")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let rows = "INSERT INTO workspaces (id, name, created_at) VALUES (1, 'Pier', 1);
            INSERT INTO channels
                (id, workspace_id, kind, name, external_id, options, credentials, state, created_at)
                VALUES (1, 1, 'webchat', 'Site', '1', '{}', '', 'active', 1);";
        tx.conn.batch_execute(rows).await.map_err(StoreError::from)?;
        Ok(())
    }
}

/// Who says what: a visitor, the name of the message, the words, what they call themselves.
type Said = (u8, u8, usize, usize);

fn command((visitor, client_id, words, name): Said) -> VisitorSays {
    VisitorSays {
        source: Source {
            channel_id: CHANNEL,
            workspace_id: WORKSPACE,
            kind: ChannelKind::named("webchat"),
            name: "Site".into(),
        },
        visitor: format!("visitor {visitor}"),
        since: Timestamp(1),
        name: [None, None, None, Some("Mira"), Some("Miriam")][name].map(str::to_owned),
        client_id: format!("message {client_id}"),
        content: Some(["hello", "schöne Grüße, 東京", "what no \u{0} text holds", " "][words].to_owned()),
        reply_to: None,
        attachment_ids: Vec::new(),
    }
}

/// What the callers hear and what is left behind, without numbers and clocks.
async fn left(said: &[Said], is_at_once: bool) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("test.db");
    let db = Db::open(&format!("sqlite://{}", path.display())).await.expect("opens");
    let ledger = Ledger::start(&db, Arc::new(drop), hook_events::queue).await.expect("starts");
    ledger.give(Found).await.expect("founds");
    let mut answers = Vec::new();
    // Whoever was here before can be collected.
    for part in [&said[..said.len() / 3], &said[said.len() / 3..]] {
        let commands = part.iter().copied().map(command);
        if is_at_once {
            answers.extend(ledger.give_all(commands.collect()).await);
        } else {
            for command in commands {
                answers.push(ledger.give(command).await);
            }
        }
    }
    assert!(is_at_once || ledger.counts().together.load(Ordering::Relaxed) == 0);
    let heard = answers.into_iter().map(|answer| match answer {
        Ok((message, is_duplicate)) => {
            format!("{} {is_duplicate} {:?} {:?}", message.seq, message.content, message.sender.name)
        }
        Err(error) => format!("{error:?}"),
    });
    (heard.collect(), rows(&db).await)
}

async fn rows(db: &Db) -> Vec<String> {
    let read = db.read(async move |conn| {
        let mut rows = Vec::new();
        for state in conversations::changed_since(conn, Timestamp(0), 1_000).await? {
            let names = customers::names(conn, state.customer_id.unwrap_or(CustomerId(0)), CHANNEL).await?;
            let visitor = names.into_iter().map(|name| name.external_id).collect::<Vec<_>>().join(", ");
            let counts = (state.version, state.revision, state.unread_total, state.last_seq, state.event_seq);
            rows.push(format!("{visitor}: {counts:?} {:?}", state.status));
            for mut row in messages::changed_after(conn, state.id, 0, 1_000).await? {
                row.id = MessageId(0);
                row.body.sender_customer_id = None;
                row.body.author = "customer".into();
                row.body.created_at = Timestamp(0);
                rows.push(format!("{visitor}: {:?}", row.body));
            }
        }
        rows.sort();
        Ok(rows)
    });
    read.await.expect("reads")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_visitors_say_at_once_leaves_what_each_alone_leaves(
        said in vec((0..4_u8, 0..20_u8, 0..4_usize, 0..5_usize), 3..60),
    ) {
        let (at_once, one_by_one) = actix::System::new().block_on(async {
            (left(&said, true).await, left(&said, false).await)
        });
        prop_assert_eq!(at_once, one_by_one);
    }
}
