//! The one gate before everything that is sent: gathers what there is to know and has `domain::send_gate`
//! decide. What it lets pass is all that `outgoing::answer` takes, so that no path goes round it. Never a row
//! of its own.

use super::look_up;
use crate::channels::business_of;
use crate::channels::kind::Ability;
use crate::channels::registry;
use crate::domain::conversation::HUMAN_AGENT_AFTER_WINDOW;
use crate::domain::send_gate::{
    Asked, ChannelStanding, Facts, Misfit, Repeated, SendDecision, SendReason, Speaker, TemplateStanding,
    TemplateState, Verdict, What, WindowStanding, decide,
};
use crate::domain::{
    Channel, ChannelState, ConsentPurpose, ConversationKind, ConversationState, Refusal, Timestamp,
};
use crate::ledger::command::{LedgerError, Tx};
use crate::store::accounts::{channels, templates};
use crate::store::conversations::standings::{self, Standing};
use crate::store::conversations::{consents, joins};
use crate::store::messages::MessageBody;
use crate::store::{Conn, StoreError};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};

/// Something that is to be sent, before it is looked up what is known of it.
#[derive(Debug, Clone)]
pub struct Saying {
    /// Who speaks.
    pub speaker: Speaker,
    /// Whether it is a note among colleagues.
    pub is_note: bool,
    /// The name and the language of the template that it is.
    pub template: Option<(String, String)>,
    /// Whether it is part of a broadcast that is marked as marketing.
    pub is_marketing: bool,
    /// What its channel would not take of it.
    pub misfit: Option<Misfit>,
}

impl Saying {
    /// Free words.
    pub fn free(speaker: Speaker) -> Self {
        Self { speaker, is_note: false, template: None, is_marketing: false, misfit: None }
    }

    /// A message that was written before.
    pub fn again(body: &MessageBody) -> Self {
        let details = body.details.as_deref().and_then(|json| serde_json::from_str::<Value>(json).ok());
        let details = details.unwrap_or_default();
        let word = |name: &str| details["template"][name].as_str().map(str::to_owned);
        Self {
            is_note: body.is_private,
            template: word("name").zip(word("language")),
            is_marketing: details["marketing"] == true,
            ..Self::free(Speaker::of(body.origin))
        }
    }
}

/// Where something is to be said, and what there is to know of it.
#[derive(Debug)]
pub struct SendGate<'s> {
    state: &'s ConversationState,
    channel: Option<Channel>,
    facts: Facts,
}

/// Leave to say one thing in one conversation. Only the gate gives it.
#[derive(Debug)]
pub struct Pass<'s> {
    state: &'s ConversationState,
    channel: Option<Channel>,
}

impl<'s> Pass<'s> {
    /// The conversation, as it stood before.
    pub fn state(&self) -> &'s ConversationState {
        self.state
    }

    /// Over which channel its customer gets it; none: it is for colleagues.
    pub fn channel(&self) -> Option<&Channel> {
        self.channel.as_ref()
    }
}

impl<'s> SendGate<'s> {
    /// The gate of a conversation, in a transaction.
    pub async fn of(tx: &mut Tx<'_>, state: &'s ConversationState) -> Result<Self, LedgerError> {
        let channel = match state.channel_id {
            Some(id) => look_up::channel(tx, id).await?,
            None => None,
        };
        let standing = match state.customer_id {
            Some(id) => look_up::standing(tx, id).await?,
            None => Standing::default(),
        };
        Ok(Self { facts: facts(state, channel.as_ref(), standing, tx.now), state, channel })
    }

    /// The channel of the conversation, if it is still there.
    pub fn channel(&self) -> Option<&Channel> {
        self.channel.as_ref()
    }

    /// Lets it pass, or refuses.
    pub async fn pass(self, tx: &mut Tx<'_>, saying: Saying) -> Result<Pass<'s>, LedgerError> {
        Ok(self.ask(tx, saying).await?.map_err(Refusal::from)?)
    }

    /// The same, where the caller decides what becomes of what is refused.
    pub async fn ask(
        mut self,
        tx: &mut Tx<'_>,
        saying: Saying,
    ) -> Result<Result<Pass<'s>, Verdict>, LedgerError> {
        let asked = asked(tx.conn, self.channel.as_ref(), saying).await?;
        know_consent(tx.conn, self.state, &asked, &mut self.facts).await?;
        if decide(&asked, &self.facts).decision != SendDecision::Refuse {
            let channel = self.channel.filter(|_| asked.what != What::Note);
            return Ok(Ok(Pass { state: self.state, channel }));
        }
        know_elsewhere(tx.conn, self.state, &mut self.facts).await?;
        let verdict = decide(&asked, &self.facts);
        count(&verdict);
        Ok(Err(verdict))
    }
}

/// What would be decided if something was said at a moment, with everything that there is to know.
/// `repeated`: whether its `client_id` was seen before.
pub async fn look(
    conn: &mut Conn,
    state: &ConversationState,
    saying: Saying,
    (now, at): (Timestamp, Timestamp),
    repeated: Repeated,
) -> Result<Verdict, StoreError> {
    let channel = match state.channel_id {
        Some(id) => channels::find(conn, id).await?,
        None => None,
    };
    let standing = match state.customer_id {
        Some(id) => standings::of(conn, &[id]).await?.remove(&id).unwrap_or_default(),
        None => Standing::default(),
    };
    let asked = asked(conn, channel.as_ref(), saying).await?;
    let mut facts = Facts { repeated, ..facts(state, channel.as_ref(), standing, at) };
    know_consent(conn, state, &asked, &mut facts).await?;
    know_elsewhere(conn, state, &mut facts).await?;
    facts.busy_until = standings::busy_until(conn, state.id, now).await?;
    Ok(decide(&asked, &facts))
}

/// What is said, with what is known of its template.
async fn asked(conn: &mut Conn, channel: Option<&Channel>, saying: Saying) -> Result<Asked, StoreError> {
    let what = match (saying.is_note, &saying.template, channel) {
        (true, ..) => What::Note,
        (false, Some((name, language)), Some(channel)) => {
            What::Template(template_state(conn, channel, name, language).await?)
        }
        _ => What::Free,
    };
    let Saying { speaker, template, is_marketing, misfit, .. } = saying;
    Ok(Asked { speaker, what, template, is_marketing, misfit })
}

/// What our copy of the account's templates knows of one; none: there is no such copy, or it is not in it,
/// and the platform judges.
async fn template_state(
    conn: &mut Conn,
    channel: &Channel,
    name: &str,
    language: &str,
) -> Result<Option<TemplateState>, StoreError> {
    let Some(business) = business_of(&channel.options) else { return Ok(None) };
    let known = templates::by_name(conn, (channel.workspace_id, &business), name, language).await?;
    Ok(known.map(|known| TemplateState {
        standing: TemplateStanding::of(&known.told.status),
        is_marketing: known.told.category.as_deref() == Some("MARKETING"),
    }))
}

async fn know_consent(
    conn: &mut Conn,
    state: &ConversationState,
    asked: &Asked,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    if let Some(customer) = state.customer_id.filter(|_| asked.is_offer()) {
        let consent = consents::find(conn, customer, ConsentPurpose::Marketing).await?;
        facts.marketing = consent.map(|consent| consent.state);
    }
    Ok(())
}

async fn know_elsewhere(
    conn: &mut Conn,
    state: &ConversationState,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    if let Some(customer) = state.customer_id {
        facts.has_other_channel = standings::is_elsewhere(conn, customer, state.channel_id).await?;
    }
    Ok(())
}

/// What a conversation, its channel and its customer say by themselves, for something that leaves then.
fn facts(state: &ConversationState, channel: Option<&Channel>, customer: Standing, at: Timestamp) -> Facts {
    Facts {
        is_direct: state.kind == ConversationKind::Direct,
        merged_into: joins::merged_into(&state.thread),
        channel: match channel.map(|channel| channel.state) {
            None if state.channel_id.is_some() => ChannelStanding::Gone,
            None | Some(ChannelState::Active) => ChannelStanding::Active,
            Some(ChannelState::Paused) => ChannelStanding::Paused,
            Some(ChannelState::Off) => ChannelStanding::Off,
        },
        has_templates: channel.is_some_and(|channel| registry::kind(channel.kind).can(Ability::Template)),
        is_blocked: customer.is_blocked,
        is_spam: customer.is_spam,
        is_unreachable: customer.is_unreachable,
        window: channel.map_or(WindowStanding::Unlimited, |channel| window(state, channel, at)),
        ..Facts::default()
    }
}

/// Until when the platform of a channel takes free words.
fn window(state: &ConversationState, channel: &Channel, at: Timestamp) -> WindowStanding {
    let kind = registry::kind(channel.kind);
    if kind.window.is_none() {
        return WindowStanding::Unlimited;
    }
    let Some(end) = state.window_expires_at else { return WindowStanding::Closed };
    let may_person = kind.has_human_agent_tag() && channel.options["human_agent"] == true;
    let end_of_person = end.plus(HUMAN_AGENT_AFTER_WINDOW);
    match (at < end, may_person && at < end_of_person) {
        (true, _) => WindowStanding::Open(end),
        (false, true) => WindowStanding::OfPerson(end_of_person),
        (false, false) => WindowStanding::Closed,
    }
}

static REFUSED: [AtomicU64; SendReason::ALL.len()] = [const { AtomicU64::new(0) }; SendReason::ALL.len()];

/// Something was refused.
pub fn count(verdict: &Verdict) {
    let place = SendReason::ALL.iter().position(|reason| Some(*reason) == verdict.reason);
    if let Some(counter) = place.and_then(|place| REFUSED.get(place)) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// How often was refused since the start, by reason: those that refuse at all or did. What a batch decides
/// again because it lost against another is counted again.
pub fn refused() -> impl Iterator<Item = (&'static str, u64)> {
    let counts = REFUSED.iter().map(|counter| counter.load(Ordering::Relaxed));
    SendReason::ALL.iter().map(|reason| reason.as_str()).zip(counts).filter(|(_, count)| *count > 0)
}

#[cfg(test)]
#[path = "send_gate_tests.rs"]
mod tests;
