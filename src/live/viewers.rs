//! Who looks at which conversation just now: counts each user's sessions and tells those who follow it when
//! somebody comes or goes. Never stored, never told to a visitor; what is lost heals with the next change or
//! beat.

use super::frames::{ToClient, write};
use super::messages::{Heard, ViewerHeard};
use super::redis_hints::Hints;
use super::registry::ConversationRegistry;
use crate::domain::{ConversationId, Person, UserId};
use actix::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

/// How often a process says who looks at what.
const BEAT: Duration = Duration::from_secs(20);
/// After how long a silent process's people look no more.
const SILENCE: Duration = Duration::from_mins(1);
/// Faces of one conversation that are told at most.
const MOST: usize = 50;

/// Who looks at one conversation.
#[derive(Default)]
struct Faces {
    /// With how many sessions of this process.
    here: HashMap<UserId, (Person, usize)>,
    /// At other processes, and when that was last said.
    elsewhere: HashMap<(u64, UserId), (Person, Instant)>,
}

impl Faces {
    /// By id, each once.
    fn shown(&self) -> BTreeMap<UserId, &Person> {
        let elsewhere = self.elsewhere.values().map(|(person, _)| person);
        let here = self.here.values().map(|(person, _)| person);
        elsewhere.chain(here).map(|person| (person.id, person)).collect()
    }

    fn ids(&self) -> Vec<UserId> {
        self.shown().into_keys().collect()
    }
}

/// Who looks at which conversation.
pub struct Viewers {
    registry: Addr<ConversationRegistry>,
    hints: Hints,
    faces: HashMap<ConversationId, Faces>,
}

impl Viewers {
    /// Nobody looks yet.
    pub fn new(registry: Addr<ConversationRegistry>, hints: Hints) -> Self {
        Self { registry, hints, faces: HashMap::new() }
    }

    /// Told through the conversation's room, so that what is newer comes later.
    fn broadcast(&self, conversation_id: ConversationId) {
        let shown = self.faces.get(&conversation_id).map(Faces::shown).unwrap_or_default();
        let users: Vec<&Person> = shown.into_values().take(MOST).collect();
        let text = write(&ToClient::Viewers { conversation_id, users: &users });
        self.registry.do_send(Heard::Shown(conversation_id, text));
    }

    fn change(&mut self, id: ConversationId, change: impl FnOnce(&mut Faces)) {
        let faces = self.faces.entry(id).or_default();
        let before = faces.ids();
        change(faces);
        let after = faces.ids();
        if after.is_empty() {
            self.faces.remove(&id);
        }
        if before != after {
            self.broadcast(id);
        }
    }

    fn beat(&mut self) {
        for (id, faces) in &self.faces {
            faces.here.values().for_each(|(person, _)| self.hints.viewing(*id, person, true));
        }
        let is_silent = |(_, heard): &(Person, Instant)| heard.elapsed() > SILENCE;
        let silent: Vec<ConversationId> = self
            .faces
            .iter()
            .filter(|(_, faces)| faces.elsewhere.values().any(is_silent))
            .map(|(id, _)| *id)
            .collect();
        for id in silent {
            self.change(id, |faces| faces.elsewhere.retain(|_, face| !is_silent(&*face)));
        }
    }
}

impl Actor for Viewers {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(BEAT, |viewers, _| viewers.beat());
    }
}

/// A session of a user begins to look at a conversation, or ends.
#[derive(Message, Debug, Clone)]
#[rtype(result = "()")]
pub struct Looks {
    /// At which.
    pub conversation_id: ConversationId,
    pub person: Person,
    /// Begins, or ends.
    pub is_viewing: bool,
}

impl Handler<Looks> for Viewers {
    type Result = ();
    fn handle(&mut self, looks: Looks, _: &mut Self::Context) {
        let Looks { conversation_id, person, is_viewing } = looks;
        let mut is_told = false;
        self.change(conversation_id, |faces| {
            let (_, sessions) = faces.here.entry(person.id).or_insert_with(|| (person.clone(), 0));
            *sessions = if is_viewing { *sessions + 1 } else { sessions.saturating_sub(1) };
            let left = *sessions;
            if left == 0 {
                faces.here.remove(&person.id);
            }
            is_told = left == usize::from(is_viewing);
        });
        if is_told {
            self.hints.viewing(conversation_id, &person, is_viewing);
        }
    }
}

/// A session that follows a conversation wants to know who looks at it.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub struct WhoLooks(pub ConversationId);

impl Handler<WhoLooks> for Viewers {
    type Result = ();
    fn handle(&mut self, WhoLooks(id): WhoLooks, _: &mut Self::Context) {
        if self.faces.contains_key(&id) {
            self.broadcast(id);
        }
    }
}

impl Handler<ViewerHeard> for Viewers {
    type Result = ();
    fn handle(&mut self, heard: ViewerHeard, _: &mut Self::Context) {
        let key = (heard.node, heard.person.id);
        self.change(heard.conversation_id, |faces| {
            if heard.is_viewing {
                faces.elsewhere.insert(key, (heard.person, Instant::now()));
            } else {
                faces.elsewhere.remove(&key);
            }
        });
    }
}
