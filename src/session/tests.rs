//! The ledger and the actors without a socket (over 400 lines: the stories share one house and one
//! hand that plays the transport): on a real embedded database. Waits are on conditions.

mod list_ticks;

use super::agent::{AgentSession, SessionBackend};
use super::feeds::{Effect, Logic, Out, Place};
use crate::domain::event::Voice;
use crate::domain::{
    AccountId, Cause, ConversationId, ConversationKind, Credential, Event, Identity, Message as Written,
    MessageEffect, MessageStatus, MessageType, Reason, Refusal, Role, SenderType, Sight, TimelineKind,
    Timestamp, TokenId, User, UserId, ViewId, Workspace, WorkspaceId,
};
use crate::ledger::command::{Command, LedgerError, Subject, Tx};
use crate::ledger::lane::Ledger;
use crate::live::Hints;
use crate::live::frames::Draft;
use crate::live::handle::Live;
use crate::live::messages::Heard;
use crate::live::registry::{self, PanicIn};
use crate::live::session_event::{OUTSTANDING, SessionEvent};
use crate::store::accounts::users;
use crate::store::conversations::filtered::Filter;
use crate::store::conversations::{self, NewConversation};
use crate::store::{Db, messages};
use crate::thread::entries::{self, NewMessage, blank};
use crate::thread::{hook_events, timeline};
use actix::prelude::*;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A house with one conversation.
struct House {
    _folder: tempfile::TempDir,
    db: Db,
    ledger: Ledger,
    live: Live,
    conversation: ConversationId,
}

const TIMEOUT: Duration = Duration::from_secs(20);
const ROOM_IDLE: Duration = Duration::from_millis(5);

async fn house() -> House {
    let folder = tempfile::tempdir().expect("a folder");
    let db =
        Db::open(&format!("sqlite://{}", folder.path().join("rapport.db").display())).await.expect("opens");
    let live = Live::start(db.clone(), Hints::none(), ROOM_IDLE);
    let ledger = Ledger::start(&db, live.voice(), hook_events::queue).await.expect("starts");
    let conversation = ledger.give(Begin).await.expect("begins");
    House { _folder: folder, db, ledger, live, conversation }
}

/// Begins a conversation in a new workspace.
struct Begin;

impl Command for Begin {
    type Answer = ConversationId;
    fn subject(&self) -> Subject {
        Subject::of("begin")
    }
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<ConversationId, LedgerError> {
        let workspace = users::create_workspace(tx.conn, "House", tx.now).await?;
        let ana = users::NewUser {
            username: "ana".into(),
            full_name: "Ana".into(),
            email: None,
            role: Role::Agent,
            password_hash: "no".into(),
        };
        users::create(tx.conn, workspace, &ana, tx.now).await?;
        let new = NewConversation {
            workspace,
            kind: ConversationKind::Customer,
            channel: None,
            customer: None,
            thread: "",
        };
        Ok(timeline::begin(tx, new, &Cause::system()).await?.expect("is new").id)
    }
}

/// Writes a line, and then perhaps fails.
#[derive(Clone)]
struct Say {
    conversation: ConversationId,
    words: String,
    client_id: Option<String>,
    then: Then,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Keep,
    Refuse,
    Panic,
}

impl Command for Say {
    type Answer = i64;
    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation)
    }
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<i64, LedgerError> {
        let mut body = blank(MessageType::Text, Some(self.words.clone()));
        (body.sender_type, body.sender_user_id) = (SenderType::Support, Some(UserId(1)));
        body.client_id.clone_from(&self.client_id);
        let effect = MessageEffect {
            is_counted: false,
            is_shown: true,
            is_answer: false,
            reopens: false,
            window_expires_at: None,
        };
        let added = entries::add(
            tx,
            NewMessage {
                workspace_id: WorkspaceId(1),
                conversation_id: self.conversation,
                effect,
                reason: Reason::MessageSent,
                body,
                attachments: Vec::new(),
            },
        )
        .await?;
        match self.then {
            Then::Keep => Ok(added.message.seq),
            Then::Refuse => Err(Refusal::invalid("no", "No.").into()),
            Then::Panic => panic!("asked to"),
        }
    }
}

fn say(house: &House, words: &str, then: Then) -> Say {
    Say { conversation: house.conversation, words: words.to_owned(), client_id: None, then }
}

async fn stored(house: &House) -> Vec<(i64, String)> {
    let id = house.conversation;
    let rows = house.db.read(async move |conn| messages::changed_after(conn, id, 0, 10_000).await).await;
    rows.expect("reads").into_iter().map(|row| (row.body.seq, row.body.content.unwrap_or_default())).collect()
}

#[actix::test]
async fn a_failing_command_costs_only_its_own_caller() {
    let house = house().await;
    let commands =
        (0..21).map(|n| say(&house, &format!("line {n}"), if n == 7 { Then::Refuse } else { Then::Keep }));
    let answers = house.ledger.give_all(commands.collect::<Vec<_>>()).await;
    assert!(matches!(&answers[7], Err(LedgerError::Refused(_))), "{:?}", answers[7]);
    let seqs: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(seqs, (1..=20).collect::<Vec<_>>(), "answers in order, places without a gap");
    assert_eq!(stored(&house).await.len(), 20);
}

#[actix::test]
async fn a_panicking_command_is_contained() {
    let house = house().await;
    let commands =
        vec![say(&house, "a", Then::Keep), say(&house, "b", Then::Panic), say(&house, "c", Then::Keep)];
    let answers = house.ledger.give_all(commands).await;
    assert!(answers[0].is_ok() && answers[1].is_err() && answers[2].is_ok(), "{answers:?}");
    assert_eq!(house.ledger.give(say(&house, "d", Then::Keep)).await.expect("lives on"), 3);
    let words: Vec<_> = stored(&house).await.into_iter().map(|(_, words)| words).collect();
    assert_eq!(words, ["a", "c", "d"]);
}

#[actix::test]
async fn events_are_told_after_the_commit_in_its_order_and_never_of_what_was_undone() {
    let folder = tempfile::tempdir().expect("a folder");
    let db =
        Db::open(&format!("sqlite://{}", folder.path().join("rapport.db").display())).await.expect("opens");
    let told: Arc<Mutex<Vec<i64>>> = Arc::default();
    let heard = told.clone();
    let voice: Voice = Arc::new(move |events: Vec<Event>| {
        let versions = events.into_iter().filter_map(|event| match event {
            Event::Message(event) => Some(event.version),
            _ => None,
        });
        heard.lock().expect("whole").extend(versions);
    });
    let ledger = Ledger::start(&db, voice, hook_events::queue).await.expect("starts");
    let conversation = ledger.give(Begin).await.expect("begins");
    let line = |n: i64| Say {
        conversation,
        words: n.to_string(),
        client_id: None,
        then: if n % 3 == 0 { Then::Refuse } else { Then::Keep },
    };
    let answers = ledger.give_all((1..=30).map(line).collect()).await;
    let kept = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(kept, 20);
    assert_eq!(*told.lock().expect("whole"), (1..=20).collect::<Vec<i64>>());
}

/// A backend that lets everybody follow and send nothing.
struct OpenBackend;

impl SessionBackend for OpenBackend {
    fn view(&self, _: ViewId) -> LocalBoxFuture<'static, Result<Filter, LedgerError>> {
        async { Err(Refusal::not_found("view").into()) }.boxed_local()
    }
    fn may_follow(&self, _: ConversationId) -> LocalBoxFuture<'static, Result<i64, LedgerError>> {
        async { Ok(0) }.boxed_local()
    }
    fn send(&self, _: Draft) -> LocalBoxFuture<'static, Result<Arc<Written>, LedgerError>> {
        async { Err(Refusal::forbidden("Not here.").into()) }.boxed_local()
    }
    fn read(
        &self,
        _: ConversationId,
        _: i64,
        _: Option<i64>,
    ) -> LocalBoxFuture<'static, Result<(), LedgerError>> {
        async { Ok(()) }.boxed_local()
    }
    fn typing(&self, _: ConversationId, _: bool) -> LocalBoxFuture<'static, Result<(), LedgerError>> {
        async { Ok(()) }.boxed_local()
    }
}

/// A session without a socket: executes its effects as the transport would.
struct Hand {
    logic: AgentSession,
    outstanding: Arc<AtomicUsize>,
    heard: Rc<std::cell::RefCell<Vec<Value>>>,
    /// It takes nothing from its mailbox, as behind a socket that takes no bytes.
    is_stalled: bool,
    closed: Rc<std::cell::Cell<Option<u16>>>,
}

#[derive(Message)]
#[rtype(result = "()")]
struct FromSocket(String);

/// The socket takes bytes again.
#[derive(Message)]
#[rtype(result = "()")]
struct Recovers;

impl Handler<Recovers> for Hand {
    type Result = ();
    fn handle(&mut self, _: Recovers, _: &mut Self::Context) {
        self.is_stalled = false;
        self.outstanding.store(0, Ordering::Relaxed);
    }
}

impl Hand {
    fn step(
        &mut self,
        ctx: &mut Context<Self>,
        step: impl FnOnce(&mut AgentSession, &mut Out<AgentSession>),
    ) {
        let mut out = Out::default();
        step(&mut self.logic, &mut out);
        for effect in out.effects {
            match effect {
                Effect::Text(text) => {
                    self.heard.borrow_mut().push(serde_json::from_str(&text).expect("a frame is JSON"));
                }
                Effect::Close(why) => {
                    self.closed.set(Some(why.code()));
                    ctx.stop();
                }
                Effect::Run(work) => {
                    ctx.spawn(work.into_actor(self).map(|then, hand, ctx| hand.step(ctx, then)));
                }
            }
        }
    }
}

impl Actor for Hand {
    type Context = Context<Self>;
    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(1_024);
        let place = Place { news: ctx.address().recipient(), outstanding: self.outstanding.clone() };
        self.step(ctx, |logic, out| logic.opened(place, out));
    }
    fn stopped(&mut self, _: &mut Self::Context) {
        self.logic.closed();
    }
}

impl Handler<SessionEvent> for Hand {
    type Result = ();
    fn handle(&mut self, news: SessionEvent, ctx: &mut Self::Context) {
        let is_last = matches!(news, SessionEvent::Close(_));
        if !self.is_stalled {
            let left = |left: usize| Some(left.saturating_sub(news.weight()));
            let _ = self.outstanding.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        }
        if !self.is_stalled || is_last {
            self.step(ctx, |logic, out| logic.news(news, out));
        }
    }
}

impl Handler<FromSocket> for Hand {
    type Result = ();
    fn handle(&mut self, FromSocket(text): FromSocket, ctx: &mut Self::Context) {
        self.step(ctx, |logic, out| logic.text(&text, out));
    }
}

struct Client {
    hand: Addr<Hand>,
    heard: Rc<std::cell::RefCell<Vec<Value>>>,
    closed: Rc<std::cell::Cell<Option<u16>>>,
}

impl Client {
    fn of(house: &House, is_stalled: bool) -> Self {
        Self::at(house, is_stalled, Rc::new(OpenBackend))
    }

    fn at(house: &House, is_stalled: bool, backend: Rc<dyn SessionBackend>) -> Self {
        Self::in_live(&house.live, is_stalled, backend)
    }

    fn in_live(live: &Live, is_stalled: bool, backend: Rc<dyn SessionBackend>) -> Self {
        Self::of_user(live, 1, is_stalled, backend)
    }

    fn of_user(live: &Live, id: i64, is_stalled: bool, backend: Rc<dyn SessionBackend>) -> Self {
        let user = User {
            id: UserId(id),
            workspace_id: WorkspaceId(1),
            username: "ana".into(),
            full_name: "Ana".into(),
            email: None,
            role: Role::Agent,
            permissions: Role::Agent.given(),
            team_ids: Vec::new(),
            sight: Sight::Everything,
            avatar_url: None,
            created_at: Timestamp::now(),
        };
        let workspace = Workspace { id: WorkspaceId(1), slug: "house".into(), name: "House".into() };
        let credential = Credential::Token(TokenId(id));
        let identity = Arc::new(Identity { account_id: AccountId(id), user, workspace, credential });
        let heard: Rc<std::cell::RefCell<Vec<Value>>> = Rc::default();
        let closed: Rc<std::cell::Cell<Option<u16>>> = Rc::default();
        let logic = AgentSession::new(live, identity, backend);
        let hand = Hand {
            logic,
            outstanding: Arc::default(),
            heard: heard.clone(),
            is_stalled,
            closed: closed.clone(),
        };
        Self { hand: hand.start(), heard, closed }
    }

    fn say(&self, frame: &Value) {
        self.hand.do_send(FromSocket(frame.to_string()));
    }

    fn subscribe(&self, house: &House, after: i64) {
        self.say(
            &serde_json::json!({"type": "subscribe", "conversation_id": house.conversation, "after": after}),
        );
    }

    fn versions(&self) -> Vec<i64> {
        let heard = self.heard.borrow();
        let shown = heard.iter().filter(|frame| frame["type"] == "chat_message");
        shown.filter_map(|frame| frame["version"].as_i64()).collect()
    }

    fn is_subscribed(&self) -> bool {
        self.heard.borrow().iter().any(|frame| frame["type"] == "subscribed")
    }
}

/// A backend where every draft was written before, and where leave to follow waits for a word.
struct SlowDesk {
    written: Vec<Arc<Written>>,
    leave: Rc<tokio::sync::Notify>,
}

impl SessionBackend for SlowDesk {
    fn view(&self, _: ViewId) -> LocalBoxFuture<'static, Result<Filter, LedgerError>> {
        async { Err(Refusal::not_found("view").into()) }.boxed_local()
    }
    fn may_follow(&self, _: ConversationId) -> LocalBoxFuture<'static, Result<i64, LedgerError>> {
        let leave = self.leave.clone();
        async move {
            leave.notified().await;
            Ok(0)
        }
        .boxed_local()
    }
    fn send(&self, draft: Draft) -> LocalBoxFuture<'static, Result<Arc<Written>, LedgerError>> {
        let mut written = self.written.iter();
        let found = written.find(|message| message.client_id.as_ref() == Some(&draft.client_id)).cloned();
        async move { found.ok_or_else(|| Refusal::forbidden("Not here.").into()) }.boxed_local()
    }
    fn read(
        &self,
        _: ConversationId,
        _: i64,
        _: Option<i64>,
    ) -> LocalBoxFuture<'static, Result<(), LedgerError>> {
        async { Ok(()) }.boxed_local()
    }
    fn typing(&self, _: ConversationId, _: bool) -> LocalBoxFuture<'static, Result<(), LedgerError>> {
        async { Ok(()) }.boxed_local()
    }
}

/// A client comes back after a cut, says what it has and sends again what nobody acknowledged. The
/// answers of the ledger may be quicker than the rows that are read back.
#[actix::test]
async fn what_is_sent_again_is_answered_in_its_place_however_quick_its_answer_is() {
    let house = house().await;
    for n in 1..=30 {
        let line = format!("line {n}");
        let said = Say { client_id: Some(line.clone()), ..say(&house, &line, Then::Keep) };
        house.ledger.give(said).await.expect("is kept");
    }
    let id = house.conversation;
    let written = house.db.read(async move |conn| {
        let rows = messages::changed_after(conn, id, 0, 100).await?;
        messages::views(conn, rows).await
    });
    let written = written.await.expect("reads").into_iter().map(Arc::new).collect();
    for (after, sent_again) in [(Some(10), [5, 20]), (None, [5, 30])] {
        let leave = Rc::new(tokio::sync::Notify::new());
        let client = Client::at(
            &house,
            false,
            Rc::new(SlowDesk { written: Vec::clone(&written), leave: leave.clone() }),
        );
        let mut subscribe = serde_json::json!({"type": "subscribe", "conversation_id": id});
        if let Some(after) = after {
            subscribe["after"] = after.into();
        }
        client.say(&subscribe);
        for n in sent_again {
            client.say(&serde_json::json!({"type": "send", "conversation_id": id,
                "client_id": format!("line {n}"), "content": "x", "ref": n}));
        }
        client.say(&serde_json::json!({"type": "ping"}));
        until("all was read", || client.heard.borrow().iter().any(|frame| frame["type"] == "pong")).await;
        leave.notify_one();
        until("it follows", || client.is_subscribed()).await;
        // By now it was shown here: a repetition that asks for nothing gets nothing.
        client.say(&serde_json::json!({"type": "send", "conversation_id": id, "client_id": "line 25",
            "content": "x"}));
        client.say(&serde_json::json!({"type": "ping", "ref": "last"}));
        until("all was read", || client.heard.borrow().iter().any(|frame| frame["ref"] == "last")).await;
        let heard = client.heard.borrow();
        let shown = heard.iter().filter(|frame| frame["version"].is_i64() && frame["type"] != "subscribed");
        let versions: Vec<i64> = shown.filter_map(|frame| frame["version"].as_i64()).collect();
        let expected: Vec<i64> = match after {
            // What it already has is only acknowledged, at once or when it has caught up.
            Some(after) => std::iter::once(5).chain(after + 1..=30).collect(),
            None => vec![5, 25, 30],
        };
        let mut sorted = versions.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, expected, "each once, after {after:?}: {heard:?}");
        let rising = versions.iter().filter(|version| after.is_some_and(|after| **version > after));
        assert!(rising.is_sorted(), "after {after:?}: {versions:?}");
        let is_asked = |frame: &&Value| frame["type"] == "message_sent" && !frame["ref"].is_null();
        let answers: Vec<_> = heard.iter().filter(is_asked).collect();
        assert_eq!(answers.len(), 2, "{heard:?}");
        assert!(
            answers.iter().all(|answer| answer["message"]["content"] == format!("line {}", answer["ref"]))
        );
    }
}

async fn until(what: &str, mut is: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !is() {
        assert!(began.elapsed() < TIMEOUT, "never came true: {what}");
        actix::clock::sleep(Duration::from_millis(2)).await;
    }
}

#[actix::test]
async fn a_session_gets_the_difference_first_and_then_what_comes_nothing_twice() {
    let house = house().await;
    for n in 0..250 {
        house.ledger.give(say(&house, &n.to_string(), Then::Keep)).await.expect("is kept");
    }
    let client = Client::of(&house, false);
    client.subscribe(&house, 3);
    // While the past is being read, the present goes on.
    for n in 0..50 {
        house.ledger.give(say(&house, &n.to_string(), Then::Keep)).await.expect("is kept");
    }
    until("300 is shown", || client.versions().last() == Some(&300)).await;
    assert_eq!(client.versions(), (4..=300).collect::<Vec<_>>());
    assert!(client.is_subscribed());
}

/// Changes the message at a place, as a receipt does.
struct Mark(ConversationId, i64);

impl Command for Mark {
    type Answer = ();
    fn subject(&self) -> Subject {
        Subject::Conversation(self.0)
    }
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let mut found = messages::changed_after(tx.conn, self.0, self.1 - 1, 1).await?;
        let row = found.first_mut().filter(|row| row.body.seq == self.1).expect("is there, unchanged");
        entries::set_status(tx, row, MessageStatus::Read, None).await?;
        Ok(())
    }
}

#[actix::test]
async fn whoever_reads_back_pages_is_told_of_each_message_as_new_also_of_one_that_changed_since() {
    let house = house().await;
    for n in 1..=250 {
        house.ledger.give(say(&house, &n.to_string(), Then::Keep)).await.expect("is kept");
    }
    // Its version, 251, stands on the last of three pages, its place on the first.
    house.ledger.give(Mark(house.conversation, 7)).await.expect("is marked");
    let client = Client::of(&house, false);
    client.subscribe(&house, 2);
    until("it has caught up", || client.is_subscribed()).await;
    assert_eq!(client.versions(), (3..=251).filter(|version| *version != 7).collect::<Vec<_>>());
}

#[actix::test]
async fn a_room_that_dies_is_followed_by_another_and_nothing_is_missing() {
    let house = house().await;
    let client = Client::of(&house, false);
    client.subscribe(&house, 0);
    until("it follows", || client.is_subscribed()).await;
    for n in 1..=60 {
        house.ledger.give(say(&house, &n.to_string(), Then::Keep)).await.expect("is kept");
        if n % 20 == 0 {
            house.live.registry_for_tests().do_send(PanicIn(house.conversation));
        }
    }
    until("60 is shown", || client.versions().last() == Some(&60)).await;
    assert_eq!(client.versions(), (1..=60).collect::<Vec<_>>());
}

/// Changes the message at a place.
#[derive(Clone)]
struct Touch(ConversationId, i64);

impl Command for Touch {
    type Answer = i64;
    fn subject(&self) -> Subject {
        Subject::Conversation(self.0)
    }
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<i64, LedgerError> {
        let rows = messages::changed_after(tx.conn, self.0, 0, 100).await?;
        let mut row = rows.into_iter().find(|row| row.body.seq == self.1).expect("is there");
        Ok(entries::rewrite(tx, &mut row).await?.version)
    }
}

/// The second server of a system: it hears of versions only, when we say so.
struct Elsewhere(Live);

impl Elsewhere {
    fn resumes(&self, house: &House, after: i64) -> Client {
        let client = Client::in_live(&self.0, false, Rc::new(OpenBackend));
        client.subscribe(house, after);
        client
    }

    async fn hears(&self, house: &House) {
        let id = house.conversation;
        let standing = house.db.read(async move |conn| conversations::standing(conn, id).await).await;
        let (version, ..) = standing.expect("can be read").expect("is there");
        self.0.registry_for_tests().do_send(Heard::Version(id, version));
    }
}

/// What a client was shown: its kind, place and version.
fn shown(client: &Client) -> Vec<(String, i64, i64)> {
    let heard = client.heard.borrow();
    let number = |value: &Value| value.as_i64().unwrap_or_default();
    let of = heard.iter().filter(|frame| frame["message"].is_object());
    of.map(|it| {
        let kind = it["type"].as_str().unwrap_or_default().to_owned();
        (kind, number(&it["message"]["seq"]), number(&it["version"]))
    })
    .collect()
}

#[actix::test]
async fn what_a_session_had_is_changed_to_it_even_where_its_room_never_heard_of_it() {
    let house = house().await;
    let keeps = async |words: &str| house.ledger.give(say(&house, words, Then::Keep)).await.expect("is kept");
    let touches = async |seq| house.ledger.give(Touch(house.conversation, seq)).await.expect("is changed");
    keeps("1").await;
    let elsewhere = Elsewhere(Live::start(house.db.clone(), Hints::none(), TIMEOUT));
    let first = elsewhere.resumes(&house, 1);
    until("the room there is at 1", || first.is_subscribed()).await;
    keeps("2").await;
    let second = elsewhere.resumes(&house, 2);
    until("it had 2 from the other server", || second.is_subscribed()).await;
    let changed = touches(2).await;
    elsewhere.hears(&house).await;
    until("both have it", || [&first, &second].iter().all(|one| shown(one).len() == 1)).await;
    assert_eq!(shown(&first), [("chat_message".to_owned(), 2, changed)], "it never had it");
    assert_eq!(shown(&second), [("message_updated".to_owned(), 2, changed)], "it had it already");
}

#[actix::test]
async fn a_message_is_new_though_more_has_changed_before_than_was_written() {
    let house = house().await;
    let keeps = async |words: &str| house.ledger.give(say(&house, words, Then::Keep)).await.expect("is kept");
    keeps("1").await;
    for _ in 0..4 {
        house.ledger.give(Touch(house.conversation, 1)).await.expect("is changed");
    }
    let elsewhere = Elsewhere(Live::start(house.db.clone(), Hints::none(), TIMEOUT));
    let client = elsewhere.resumes(&house, 5);
    until("it stands at 5", || client.is_subscribed()).await;
    keeps("2").await;
    keeps("3").await;
    elsewhere.hears(&house).await;
    until("both came", || shown(&client).len() == 2).await;
    let expected = [("chat_message".to_owned(), 6, 6), ("chat_message".to_owned(), 7, 7)];
    assert_eq!(shown(&client), expected);
}

/// Something happens to the conversation.
struct Happen(ConversationId);

impl Command for Happen {
    type Answer = ();
    fn subject(&self) -> Subject {
        Subject::Conversation(self.0)
    }
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let state = conversations::by_ids(tx.conn, &[self.0]).await?.remove(0);
        let details = serde_json::json!({"mode": "auto"});
        timeline::note(tx, &state, TimelineKind::HandedToAi, &Cause::system(), details).await
    }
}

/// The places of the events that a client was told of.
fn events(client: &Client) -> Vec<i64> {
    let heard = client.heard.borrow();
    let told = heard.iter().filter(|frame| frame["type"] == "conversation_event");
    told.filter_map(|frame| frame["event_seq"].as_i64()).collect()
}

fn follow_events(client: &Client, house: &House, after_event: i64) {
    let id = house.conversation;
    client.say(&serde_json::json!({"type": "subscribe", "conversation_id": id, "after_event": after_event}));
}

#[actix::test]
async fn no_event_is_missing_or_doubled_where_rooms_die() {
    let house = house().await;
    let client = Client::of(&house, false);
    follow_events(&client, &house, 0);
    until("it follows", || client.is_subscribed()).await;
    for n in 2..=61 {
        house.ledger.give(Happen(house.conversation)).await.expect("happens");
        if n % 20 == 0 {
            house.live.registry_for_tests().do_send(PanicIn(house.conversation));
        }
    }
    until("61 is told", || events(&client).last() == Some(&61)).await;
    assert_eq!(events(&client), (1..=61).collect::<Vec<_>>());
    assert!(client.versions().is_empty(), "an event is no message");
}

#[actix::test]
async fn events_are_read_back_whatever_word_of_them_was_lost_doubled_or_late() {
    let house = house().await;
    let elsewhere = Live::start(house.db.clone(), Hints::none(), TIMEOUT);
    let client = Client::in_live(&elsewhere, false, Rc::new(OpenBackend));
    follow_events(&client, &house, 0);
    until("the room there is at 1", || client.is_subscribed()).await;
    for _ in 2..=450 {
        house.ledger.give(Happen(house.conversation)).await.expect("happens");
    }
    let late = Client::in_live(&elsewhere, false, Rc::new(OpenBackend));
    follow_events(&late, &house, 100);
    for seq in [200, 3, 420, 200, 450, 10, 450, 1] {
        elsewhere.registry_for_tests().do_send(Heard::Events(house.conversation, seq));
    }
    until("all are told", || [&client, &late].iter().all(|one| events(one).last() == Some(&450))).await;
    assert_eq!(events(&client), (1..=450).collect::<Vec<_>>());
    assert_eq!(events(&late), (101..=450).collect::<Vec<_>>());
}

#[actix::test]
async fn an_empty_room_ends_and_who_comes_while_it_does_loses_nothing() {
    let house = house().await;
    let mut version = 0;
    for round in 0..40 {
        let client = Client::of(&house, false);
        client.subscribe(&house, version);
        until("it follows", || client.is_subscribed()).await;
        for _ in 0..3 {
            version = house.ledger.give(say(&house, "x", Then::Keep)).await.expect("is kept");
        }
        let from = version - 2;
        until("it sees them", || client.versions().last() == Some(&version)).await;
        assert_eq!(client.versions(), (from..=version).collect::<Vec<_>>(), "round {round}");
        client.say(&serde_json::json!({"type": "unsubscribe", "conversation_id": house.conversation}));
        // Sometimes before, sometimes after the room's idle time.
        actix::clock::sleep(Duration::from_millis(round % 9)).await;
    }
    let registry = house.live.registry_for_tests();
    let began = std::time::Instant::now();
    while registry.send(registry::CountRooms).await.expect("lives") > 0 {
        assert!(began.elapsed() < TIMEOUT, "the room never ended");
        actix::clock::sleep(Duration::from_millis(2)).await;
    }
}

#[actix::test]
async fn a_session_that_takes_nothing_is_closed_and_the_others_never_wait() {
    let house = house().await;
    let (slow, quick) = (Client::of(&house, true), Client::of(&house, false));
    quick.subscribe(&house, 0);
    until("the quick one follows", || quick.is_subscribed()).await;
    slow.subscribe(&house, 0);
    let words = "x".repeat(8_000);
    let count = i64::try_from(OUTSTANDING / 8_000 + 50).expect("small");
    for _ in 0..count {
        house.ledger.give(say(&house, &words, Then::Keep)).await.expect("is kept");
    }
    until("the quick one has all", || quick.versions().len() == usize::try_from(count).expect("small")).await;
    until("the slow one is told to come back", || slow.closed.get() == Some(4008)).await;
    assert_eq!(house.live.metrics().slow_sessions.get(), 1);
    let again = Client::of(&house, false);
    again.subscribe(&house, 0);
    until("it resumes whole", || again.versions().len() == usize::try_from(count).expect("small")).await;
}

#[actix::test]
async fn at_the_end_everybody_is_told_to_come_back() {
    let house = house().await;
    let clients: Vec<_> = (0..20).map(|_| Client::of(&house, false)).collect();
    until("all sit", || house.live.metrics().open_sessions.get() == 20).await;
    house.live.close(TIMEOUT).await;
    assert!(clients.iter().all(|client| client.closed.get() == Some(1012)));
}
