//! What a session does with what it hears, whatever carries its frames: the transport executes
//! the effects that its logic asks for. Never a socket, never a rule: those are `socket` and the
//! backend behind it.
//! Over 400 lines until `chat` is laid out in rooms: messages and events each catch up by their own gate.

use crate::domain::ConversationId;
use crate::live::event_frame::{EventFrame, EventPage, read_events};
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
    fn caught_up(
        &mut self,
        id: ConversationId,
        there: Standing,
        reference: Option<Value>,
        out: &mut Out<Self>,
    );
}

/// What a client has of a conversation that it begins to follow.
#[derive(Debug, Clone, Copy, Default)]
pub struct Has {
    /// The last version; none: only what comes.
    pub version: Option<i64>,
    /// The place of the last event; none: only what comes.
    pub event_seq: Option<i64>,
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
    /// The events of its timeline, by their places.
    events: Gate,
    /// `after_event` was given: the difference comes first of all.
    resumes_events: bool,
    /// Messages are read back once the events are through.
    messages_wait: bool,
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
    /// Whether timelines are for this session: a visitor's they are not.
    hears_events: bool,
}

impl Feeds {
    /// Nothing yet; messages only.
    pub fn new(key: SessionKey, hub: Addr<Hub>, db: Db) -> Self {
        Self { key, hub, db, feeds: HashMap::new(), generations: 0, hears_events: false }
    }

    /// The same for a colleague, who hears what happens to conversations, too.
    #[must_use]
    pub fn with_events(self) -> Self {
        Self { hears_events: true, ..self }
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

    /// Follows a conversation from what the client has of it on, or from now on.
    pub fn follow(&mut self, id: ConversationId, has: Has, reference: Option<Value>) {
        self.generations += 1;
        let Has { version: after, event_seq: after_event } = has;
        let feed = Feed {
            gate: Gate::at(after.unwrap_or(0)),
            newest: after.unwrap_or(0),
            reading: None,
            from: after.unwrap_or(0),
            is_announced: false,
            reference,
            is_joined: false,
            resumes: after.is_some(),
            events: Gate::at(after_event.unwrap_or(0)),
            resumes_events: after_event.is_some(),
            messages_wait: false,
            generation: self.generations,
        };
        self.feeds.insert(id, feed);
        self.hub.do_send(Follow(self.key, id));
    }

    /// Follows it no more for now: what its client has of it by then, and what it wants back once it has
    /// caught up.
    pub fn part(&mut self, id: ConversationId) -> Option<(Has, Option<Value>)> {
        let feed = self.feeds.remove(&id)?;
        self.hub.do_send(Unfollow(self.key, id));
        let version = (feed.is_joined || feed.resumes).then(|| feed.gate.last());
        let event_seq = (feed.is_joined || feed.resumes_events).then(|| feed.events.last());
        Some((Has { version, event_seq }, feed.reference))
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
    let hears_events = logic.feeds().hears_events;
    let Some(feed) = logic.feeds().feeds.get_mut(&id) else { return };
    if feed.is_joined {
        let lacks_events = hears_events && feed.events.hear(standing.event_seq);
        let lacks_messages = feed.gate.hear(standing.version);
        if lacks_events {
            catch_up_events(logic, id, out);
        }
        if lacks_messages {
            catch_up(logic, id, out);
        }
        return;
    }
    feed.begin(standing);
    if feed.resumes_events {
        catch_up_events(logic, id, out);
    } else if feed.resumes {
        catch_up(logic, id, out);
    } else {
        feed.is_announced = true;
        let reference = feed.reference.take();
        logic.caught_up(id, standing, reference, out);
    }
}

impl Feed {
    /// Its room stands there: what the client did not ask for is taken as known, what it asked for is to be
    /// read, the events first.
    fn begin(&mut self, standing: Standing) {
        self.is_joined = true;
        if !self.resumes {
            let version = standing.version;
            (self.gate, self.from, self.newest) = (Gate::at(version), version, standing.newest);
        }
        if !self.resumes_events {
            self.events = Gate::at(standing.event_seq);
        }
        if self.resumes_events {
            self.events.fill();
            self.messages_wait = true;
        }
        if self.resumes || self.resumes_events {
            self.gate.fill();
        }
    }

    fn standing(&self) -> Standing {
        Standing { version: self.gate.last(), newest: self.newest, event_seq: self.events.last() }
    }
}

/// An event of a timeline, through its gate.
pub fn happened<L: Follows>(logic: &mut L, frame: &EventFrame, out: &mut Out<L>) {
    let id = frame.conversation_id;
    let Some(feed) = logic.feeds().feeds.get_mut(&id).filter(|feed| feed.is_joined) else { return };
    match feed.events.offer(frame.event_seq - 1, frame.event_seq) {
        Verdict::Pass => out.text(frame.text.clone()),
        Verdict::Drop => {}
        Verdict::Fill => catch_up_events(logic, id, out),
    }
}

/// Reads the events that are missing, a page at a time.
fn catch_up_events<L: Follows>(logic: &mut L, id: ConversationId, out: &mut Out<L>) {
    let feeds = logic.feeds();
    let Some(feed) = feeds.feeds.get(&id) else { return };
    let (db, after, generation) = (feeds.db.clone(), feed.events.last(), feed.generation);
    out.run(async move { read_events(&db, id, after, PAGE).await }, move |logic: &mut L, read, out| {
        take_events(logic, id, generation, read, out);
    });
}

fn take_events<L: Follows>(
    logic: &mut L,
    id: ConversationId,
    generation: u64,
    read: Result<EventPage, StoreError>,
    out: &mut Out<L>,
) {
    let Some(feed) = logic.feeds().feeds.get_mut(&id).filter(|feed| feed.generation == generation) else {
        return;
    };
    let page = match read {
        Ok(page) => page,
        Err(error) => {
            log::warn!("a session cannot read a timeline back yet: {error}");
            out.run(actix::clock::sleep(RETRY), move |logic: &mut L, (), out| {
                catch_up_events(logic, id, out);
            });
            return;
        }
    };
    for event in page.events.iter().filter(|event| feed.events.is_news(event.event_seq)) {
        out.text(EventFrame::new(id, event).text);
    }
    let done = feed.events.filled(page.last, page.is_whole);
    if done && std::mem::take(&mut feed.messages_wait) {
        catch_up(logic, id, out);
    } else if !done && page.events.is_empty() {
        // Heard of and not there: it was forgotten meanwhile, or this reads behind.
        out.run(actix::clock::sleep(RETRY), move |logic: &mut L, (), out| catch_up_events(logic, id, out));
    } else if !done {
        catch_up_events(logic, id, out);
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
    let (there, announce) = (feed.standing(), done && !feed.is_announced);
    feed.is_announced |= done;
    let reference = if announce { feed.reference.take() } else { None };
    for (is_new, message) in news {
        logic.show(Change::Replayed { message: Arc::new(message), is_new }, out);
    }
    if announce {
        logic.caught_up(id, there, reference, out);
    }
    if !done {
        catch_up(logic, id, out);
    }
}
