//! What a session does with what it hears, whatever carries its frames: the transport executes
//! the effects that its logic asks for. Never a socket, never a rule: those are `socket` and the
//! backend behind it.

use crate::domain::ConversationId;
use crate::live::frames::Close;
use crate::live::gate::{Gate, Reading, Verdict};
use crate::live::hub::{Follow, Hub, Unfollow};
use crate::live::messages::Frame;
use crate::live::room::{Changes, read_changes};
use crate::live::session_event::{SessionEvent, SessionKey, Standing};
use crate::store::{Db, StoreError};
use actix::Addr;
use bytestring::ByteString;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Messages read at once to catch up; the next page is asked for when this one left.
const PAGE: i64 = 100;
const RETRY: Duration = Duration::from_millis(250);

/// What a session's logic wants done.
pub enum Effect<L> {
    /// Write a frame.
    Text(ByteString),
    /// Say why and end.
    Close(Close),
    /// Wait for something, then go on.
    Run(LocalBoxFuture<'static, Then<L>>),
}

/// How the logic goes on.
pub type Then<L> = Box<dyn FnOnce(&mut L, &mut Out<L>)>;

/// The effects of one step, in order.
pub struct Out<L> {
    /// To be executed by the transport.
    pub effects: Vec<Effect<L>>,
}

impl<L> Default for Out<L> {
    fn default() -> Self {
        Self { effects: Vec::new() }
    }
}

impl<L: 'static> Out<L> {
    /// Writes a frame.
    pub fn text(&mut self, text: ByteString) {
        self.effects.push(Effect::Text(text));
    }

    /// Says why and ends.
    pub fn close(&mut self, why: Close) {
        self.effects.push(Effect::Close(why));
    }

    /// Waits for `work`, then goes on with `then`. Works that are asked for in an order begin in it.
    pub fn run<R: 'static>(
        &mut self,
        work: impl Future<Output = R> + 'static,
        then: impl FnOnce(&mut L, R, &mut Out<L>) + 'static,
    ) {
        let work = work.map(move |result| {
            Box::new(move |logic: &mut L, out: &mut Out<L>| then(logic, result, out)) as Then<L>
        });
        self.effects.push(Effect::Run(work.boxed_local()));
    }
}

/// Who is connected by a socket.
pub trait Logic: Sized + Unpin + 'static {
    /// The socket is open.
    fn opened(&mut self, place: Place, out: &mut Out<Self>);
    /// The client said something.
    fn text(&mut self, text: &str, out: &mut Out<Self>);
    /// The hub said something.
    fn news(&mut self, news: SessionEvent, out: &mut Out<Self>);
    /// The socket is closed.
    fn closed(&mut self);
}

/// Where a session's news arrive.
#[derive(Clone)]
pub struct Place {
    /// The mailbox of the session.
    pub news: actix::Recipient<SessionEvent>,
    /// What the hub handed over and the session did not take yet, in bytes.
    pub outstanding: Arc<std::sync::atomic::AtomicUsize>,
}

/// A logic that follows conversations.
pub trait Follows: Logic {
    /// What it follows.
    fn feeds(&mut self) -> &mut Feeds;
    /// Shows a change that passed the gate.
    fn show(&mut self, change: Change<'_>, out: &mut Out<Self>);
    /// What `after` asked for is through; or, without it, what comes begins.
    fn caught_up(&mut self, id: ConversationId, version: i64, reference: Option<Value>, out: &mut Out<Self>);
}

/// A change that passed.
pub enum Change<'a> {
    /// Live: encoded for everybody.
    Live(&'a Frame),
    /// Read back.
    Replayed {
        /// As it stands now.
        message: Arc<crate::domain::Message>,
        /// Whether it is new to this session.
        is_new: bool,
    },
}

struct Feed {
    gate: Gate,
    /// The newest place that this session has: what stands above is new to it, whatever its room calls it.
    newest: i64,
    /// While rows are read.
    reading: Option<Box<Reading>>,
    /// Where this session began: later versions were shown by it.
    from: i64,
    /// Whether the session was told that it has caught up.
    is_announced: bool,
    /// What the client wants back with that.
    reference: Option<Value>,
    is_joined: bool,
    /// `after` was given: the difference comes first.
    resumes: bool,
    /// Tells apart what was asked for before an unsubscribe and after it.
    generation: u64,
}

/// The conversations that a session follows, each with its gate.
pub struct Feeds {
    key: SessionKey,
    hub: Addr<Hub>,
    db: Db,
    feeds: HashMap<ConversationId, Feed>,
    generations: u64,
}

impl Feeds {
    /// Nothing yet.
    pub fn new(key: SessionKey, hub: Addr<Hub>, db: Db) -> Self {
        Self { key, hub, db, feeds: HashMap::new(), generations: 0 }
    }

    /// Whether a conversation is followed.
    pub fn contains(&self, id: ConversationId) -> bool {
        self.feeds.contains_key(&id)
    }

    /// Whether what made `version` is still to be shown to this session.
    pub fn will_show(&self, id: ConversationId, version: i64) -> bool {
        self.feeds.get(&id).is_some_and(|feed| feed.gate.last() < version)
    }

    /// Whether what made `version` was shown to this session.
    pub fn has_shown(&self, id: ConversationId, version: i64) -> bool {
        self.feeds.get(&id).is_some_and(|feed| feed.from < version && version <= feed.gate.last())
    }

    /// How many are followed.
    pub fn len(&self) -> usize {
        self.feeds.len()
    }

    /// Follows a conversation from `after` on, or from now on.
    pub fn follow(&mut self, id: ConversationId, after: Option<i64>, reference: Option<Value>) {
        self.generations += 1;
        let feed = Feed {
            gate: Gate::at(after.unwrap_or(0)),
            newest: after.unwrap_or(0),
            reading: None,
            from: after.unwrap_or(0),
            is_announced: false,
            reference,
            is_joined: false,
            resumes: after.is_some(),
            generation: self.generations,
        };
        self.feeds.insert(id, feed);
        self.hub.do_send(Follow(self.key, id));
    }

    /// Follows it no more.
    pub fn unfollow(&mut self, id: ConversationId) {
        if self.feeds.remove(&id).is_some() {
            self.hub.do_send(Unfollow(self.key, id));
        }
    }
}

/// A room stands there, and whatever comes from it follows that.
pub fn joined<L: Follows>(logic: &mut L, id: ConversationId, standing: Standing, out: &mut Out<L>) {
    let version = standing.version;
    let Some(feed) = logic.feeds().feeds.get_mut(&id) else { return };
    if !feed.is_joined {
        feed.is_joined = true;
        if feed.resumes {
            feed.gate.fill();
            catch_up(logic, id, out);
        } else {
            (feed.gate, feed.from, feed.newest) = (Gate::at(version), version, standing.newest);
            feed.is_announced = true;
            let reference = feed.reference.take();
            logic.caught_up(id, version, reference, out);
        }
    } else if feed.gate.hear(version) {
        catch_up(logic, id, out);
    }
}

/// Frames of a room, through the gate.
pub fn frames<L: Follows>(logic: &mut L, frames: &[Arc<Frame>], out: &mut Out<L>) {
    for frame in frames {
        let Some(feed) = logic.feeds().feeds.get_mut(&frame.conversation_id) else { return };
        if !feed.is_joined {
            continue;
        }
        match feed.gate.offer(frame.follows, frame.version) {
            Verdict::Pass => {
                let is_new = frame.message.seq > feed.newest;
                feed.newest = feed.newest.max(frame.message.seq);
                if is_new == frame.is_new {
                    logic.show(Change::Live(frame), out);
                } else {
                    logic.show(Change::Replayed { message: frame.message.clone(), is_new }, out);
                }
            }
            Verdict::Drop => {}
            Verdict::Fill => catch_up(logic, frame.conversation_id, out),
        }
    }
}

/// Reads what is missing, a page at a time: the next one is asked for only when the transport
/// took this one, so that a slow reader costs one page of memory.
fn catch_up<L: Follows>(logic: &mut L, id: ConversationId, out: &mut Out<L>) {
    let feeds = logic.feeds();
    let Some(feed) = feeds.feeds.get(&id) else { return };
    let (db, after, generation) = (feeds.db.clone(), feed.gate.last(), feed.generation);
    out.run(async move { read_changes(&db, id, after, PAGE).await }, move |logic: &mut L, read, out| {
        take(logic, id, generation, read, out);
    });
}

fn take<L: Follows>(
    logic: &mut L,
    id: ConversationId,
    generation: u64,
    read: Result<Changes, StoreError>,
    out: &mut Out<L>,
) {
    let Some(feed) = logic.feeds().feeds.get_mut(&id).filter(|feed| feed.generation == generation) else {
        return;
    };
    let changes = match read {
        Ok(changes) => changes,
        Err(error) => {
            log::warn!("a session could not catch up, retrying: {error}");
            out.run(actix::clock::sleep(RETRY), move |logic: &mut L, (), out| catch_up(logic, id, out));
            return;
        }
    };
    let mut reading = feed.reading.take().unwrap_or_else(|| Box::new(Reading::after(feed.newest)));
    let news: Vec<_> = changes
        .messages
        .into_iter()
        .filter(|message| feed.gate.is_news(message.version))
        .map(|message| (reading.is_first(message.seq), message))
        .collect();
    let done = feed.gate.filled(changes.version, changes.is_whole);
    if done {
        feed.newest = changes.newest;
    }
    feed.reading = (!done).then_some(reading);
    let (version, announce) = (feed.gate.last(), done && !feed.is_announced);
    feed.is_announced |= done;
    let reference = if announce { feed.reference.take() } else { None };
    for (is_new, message) in news {
        logic.show(Change::Replayed { message: Arc::new(message), is_new }, out);
    }
    if announce {
        logic.caught_up(id, version, reference, out);
    }
    if !done {
        catch_up(logic, id, out);
    }
}
