//! Whom an event concerns: finds or makes the customer and their conversation, keeps both when a
//! number changes. Makes two customers one only by the platform's proof.
//! Over 400 lines: one person may be known by many names, and each of them may end.

use super::event::{Receive, Received, Source};
use crate::domain::inbound::{CustomerIdentity, IdentityChange, IdentityKind, Profile, Thread};
use crate::domain::{
    Cause, ConversationKind, ConversationState, ConversationStatus, CustomerId, Direction, MessageEffect,
    MessageType, Outcome, Reason, Refusal, SenderType, text,
};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::conversations::customers::{self, CustomerRow, Holder, NewIdentity};
use crate::store::conversations::{Change, NewConversation};
use crate::store::delivery::parked_events;
use crate::store::{StoreError, messages};
use crate::thread::entries::{self, NewMessage, blank};
use crate::thread::join::{Where, join};
use crate::thread::timeline;

/// Whom an event concerns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub id: CustomerId,
    /// Whether we blocked them: what they write is kept and calls nobody.
    pub is_blocked: bool,
}

/// What an event tells of its customer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard<'a> {
    pub profile: &'a Profile,
    /// The ad or link they came by.
    pub referral: Option<&'a serde_json::Value>,
    /// They wrote just now, themselves.
    pub is_live: bool,
    /// Who begins their conversation if there is none; none: themselves, over the channel.
    pub cause: Option<&'a Cause>,
}

impl<'a> Heard<'a> {
    /// Only names.
    pub fn of(profile: &'a Profile) -> Self {
        Self { profile, referral: None, is_live: false, cause: None }
    }
}

/// The customer of a thread and their conversation, made if they are new.
pub(super) async fn resolve(
    tx: &mut Tx<'_>,
    source: &Source,
    thread: &Thread,
    heard: Heard<'_>,
) -> Result<(Known, ConversationState), LedgerError> {
    if tx.known().is_some() {
        return read_before(tx, source, thread, heard).ok_or(LedgerError::PutOff);
    }
    let profile = heard.profile;
    let (mut merged_from, mut is_spam) = (None, false);
    unite(tx, source, &thread.identities).await?;
    let customer = if let Some(holder) = find_living(tx, source, thread).await? {
        merged_from = holder.merged_from;
        learn(tx, source, &holder, thread).await?;
        let row = holder.customer;
        let known = Known { id: row.id, is_blocked: row.is_silenced() };
        is_spam = row.is_spam;
        refresh(tx, row, heard).await?;
        known
    } else {
        let id = create(tx, source, thread, profile).await?;
        if let (Some(_), Some(row)) =
            (heard.referral, customers::find(tx.conn, source.workspace_id, id).await?)
        {
            refresh(tx, row, heard).await?;
        }
        Known { id, is_blocked: false }
    };
    let state = conversation_with(tx, source, customer.id, merged_from, heard.cause).await?;
    // Another thread of somebody whose first one was spam.
    let is_new = state.version == 0 && state.status == ConversationStatus::Open;
    if is_spam && is_new {
        let spam = Change::Status(ConversationStatus::Spam, None);
        return Ok((customer, entries::change(tx, &state, spam, &Cause::system()).await?));
    }
    Ok((customer, state))
}

/// The same as it was read for the whole batch, where that is all there is to say: somebody of whom the event
/// teaches nothing, and whom nobody silenced.
fn read_before(
    tx: &mut Tx<'_>,
    source: &Source,
    thread: &Thread,
    heard: Heard<'_>,
) -> Option<(Known, ConversationState)> {
    let names = thread.identities.iter().map(|identity| &identity.external_id);
    let (row, conversation) = tx.known()?.person(source.channel_id, names)?;
    if row.is_silenced() || refreshed(row, heard) != *row {
        return None;
    }
    let customer = Known { id: row.id, is_blocked: false };
    Some((customer, tx.unit.conversation(conversation)?.clone()))
}

/// Whose the thread's names are: what a person keeps (the business-scoped id) goes before a number, which may
/// have gone to somebody else (docs/platforms.md 2.2).
pub(super) async fn find(
    tx: &mut Tx<'_>,
    source: &Source,
    thread: &Thread,
) -> Result<Option<Holder>, LedgerError> {
    let names: Vec<_> = thread.identities.iter().map(|identity| identity.external_id.as_str()).collect();
    let mut holders = customers::holders(tx.conn, source.channel_id, &names).await?;
    holders.sort_by_key(|holder| holder.kind != IdentityKind::Bsuid.as_str());
    Ok(holders.into_iter().next())
}

/// The platform names one person by all of an event's names: whoever was known by one of them alone is the
/// same.
async fn unite(tx: &mut Tx<'_>, source: &Source, names: &[CustomerIdentity]) -> Result<(), LedgerError> {
    let ids: Vec<_> = names.iter().map(|name| name.external_id.as_str()).collect();
    let holders = customers::holders(tx.conn, source.channel_id, &ids).await?;
    let place = Where { workspace_id: source.workspace_id, channel_id: source.channel_id };
    for pair in holders.windows(2) {
        join(tx, place, [&pair[0].external_id, &pair[1].external_id]).await?;
    }
    Ok(())
}

/// As `find`, for an event that says who has these names now: a number whose owner is known by another
/// business-scoped id than the event's was given up by them, and its new owner is somebody else.
async fn find_living(
    tx: &mut Tx<'_>,
    source: &Source,
    thread: &Thread,
) -> Result<Option<Holder>, LedgerError> {
    let found = find(tx, source, thread).await?;
    let Some(stable) = thread.identities.iter().find(|name| name.kind == IdentityKind::Bsuid) else {
        return Ok(found);
    };
    let mut is_anybodys = found.is_some();
    for name in thread.identities.iter().filter(|name| name.kind == IdentityKind::Phone) {
        let holders = customers::holders(tx.conn, source.channel_id, &[&name.external_id]).await?;
        for holder in holders {
            let owned = customers::names(tx.conn, holder.customer.id, source.channel_id).await?;
            let mut ids = owned
                .iter()
                .filter(|row| row.kind == stable.kind.as_str() && row.merged_from == holder.merged_from)
                .peekable();
            if ids.peek().is_none() || ids.any(|row| row.external_id == stable.external_id) {
                continue;
            }
            log::info!("customer {}: their number has a new owner", holder.customer.id);
            customers::give_up_name(tx.conn, holder.customer.id, source.channel_id, &name.external_id)
                .await?;
            is_anybodys &= found.as_ref().is_some_and(|found| found.external_id != holder.external_id);
        }
    }
    Ok(found.filter(|_| is_anybodys))
}

/// The conversation of a thread, if there is one.
pub(super) async fn conversation_of(
    tx: &mut Tx<'_>,
    source: &Source,
    thread: &Thread,
) -> Result<Option<ConversationState>, LedgerError> {
    let Some(holder) = find(tx, source, thread).await? else { return Ok(None) };
    of_holder(tx, source, &holder).await
}

/// The conversation in which a name writes, if there is one.
pub(super) async fn of_holder(
    tx: &mut Tx<'_>,
    source: &Source,
    holder: &Holder,
) -> Result<Option<ConversationState>, LedgerError> {
    let (id, from) = (holder.customer.id, holder.merged_from);
    Ok(customers::conversation_of_name(tx.conn, source.channel_id, id, from).await?.ok())
}

pub(super) async fn create(
    tx: &mut Tx<'_>,
    source: &Source,
    thread: &Thread,
    profile: &Profile,
) -> Result<CustomerId, LedgerError> {
    if thread.identities.is_empty() {
        return Err(Refusal::invalid("no_customer", "The event has no customer.").into());
    }
    let id = customers::insert(
        tx.conn,
        source.workspace_id,
        text::name_of(profile.name.as_deref()).as_deref(),
        text::name_of(profile.username.as_deref()).as_deref(),
        tx.now,
    )
    .await?;
    for identity in &thread.identities {
        if !add_identity(tx, source, id, None, identity).await? {
            // Somebody else made this customer at the same moment: try again and find them.
            return Err(StoreError::Collided("a customer was made twice at once".into()).into());
        }
    }
    Ok(id)
}

async fn add_identity(
    tx: &mut Tx<'_>,
    source: &Source,
    customer: CustomerId,
    merged_from: Option<CustomerId>,
    identity: &CustomerIdentity,
) -> Result<bool, LedgerError> {
    let new = NewIdentity {
        workspace: source.workspace_id,
        channel: source.channel_id,
        customer,
        kind: identity.kind.as_str(),
        external_id: &identity.external_id,
        merged_from,
    };
    Ok(customers::add_identity(tx.conn, new, tx.now).await?)
}

/// Names of a known customer that are new to us, and which of several was seen last: that one is answered. A
/// name that is somebody else's stays theirs.
async fn learn(
    tx: &mut Tx<'_>,
    source: &Source,
    holder: &Holder,
    thread: &Thread,
) -> Result<(), LedgerError> {
    let (id, from) = (holder.customer.id, holder.merged_from);
    let known = customers::names(tx.conn, id, source.channel_id).await?;
    for identity in &thread.identities {
        let kind = identity.kind.as_str();
        let newest = known.iter().find(|row| row.kind == kind && row.merged_from == from);
        if newest.is_some_and(|row| row.external_id == identity.external_id) {
            continue;
        }
        if known.iter().any(|row| row.external_id == identity.external_id && row.merged_from == from) {
            customers::give_up_name(tx.conn, id, source.channel_id, &identity.external_id).await?;
        }
        add_identity(tx, source, id, from, identity).await?;
    }
    Ok(())
}

/// Writes what an event says of a customer.
async fn refresh(tx: &mut Tx<'_>, row: CustomerRow, heard: Heard<'_>) -> Result<(), LedgerError> {
    let after = refreshed(&row, heard);
    if after != row {
        customers::update(tx.conn, &after).await?;
    }
    Ok(())
}

/// A customer as an event tells of them; silence overwrites nothing.
fn refreshed(row: &CustomerRow, heard: Heard<'_>) -> CustomerRow {
    let Heard { profile, referral, is_live, .. } = heard;
    let mut row = row.clone();
    for (known, news) in [
        (&mut row.name, &profile.name),
        (&mut row.username, &profile.username),
        (&mut row.locale, &profile.locale),
    ] {
        if let Some(news) = text::name_of(news.as_deref()) {
            *known = Some(news);
        }
    }
    if let Some(referral) = referral {
        row.referral = Some(referral.to_string());
    }
    // Who writes can be written to.
    row.unreachable &= !is_live;
    row
}

async fn conversation_with(
    tx: &mut Tx<'_>,
    source: &Source,
    customer: CustomerId,
    merged_from: Option<CustomerId>,
    cause: Option<&Cause>,
) -> Result<ConversationState, LedgerError> {
    let found = customers::conversation_of_name(tx.conn, source.channel_id, customer, merged_from).await?;
    let thread = match found {
        Ok(state) => return Ok(state),
        Err(thread) => thread,
    };
    let new = NewConversation {
        workspace: source.workspace_id,
        kind: ConversationKind::Customer,
        channel: Some(source.channel_id),
        customer: Some(customer),
        thread: &thread,
    };
    let by_channel = Cause::platform(source.channel_id, Some(source.name.clone()));
    timeline::begin(tx, new, cause.unwrap_or(&by_channel))
        .await?
        .ok_or_else(|| StoreError::Collided("a conversation was made twice at once".into()).into())
}

/// A number or id changed: person and conversation stay, what they gave up is theirs no more, the notice is
/// shown.
pub(super) async fn change_identity(
    tx: &mut Tx<'_>,
    receive: &Receive,
    change: &IdentityChange,
) -> Result<Received, LedgerError> {
    let source = &receive.source;
    let direction = Direction::CustomerToOwner;
    if let Some(row) = messages::by_identity(tx.conn, source.channel_id, &change.platform_message_id).await? {
        return Ok(Received::new(Outcome::Duplicate, direction).about(&row));
    }
    let old = Thread { identities: change.old.clone(), business_connection: None };
    let Some(holder) = find(tx, source, &old).await? else {
        return Ok(Received::new(Outcome::Ignored, direction));
    };
    // Known by the new name already: the same person.
    for new in &change.new {
        let old = CustomerIdentity::new(new.kind, holder.external_id.clone());
        unite(tx, source, &[old, new.clone()]).await?;
    }
    let holder = find(tx, source, &old).await?.ok_or(StoreError::NotFound)?;
    rename(tx, source, &holder, &change.new).await?;
    let state = conversation_with(tx, source, holder.customer.id, holder.merged_from, None).await?;
    let added = entries::add(
        tx,
        NewMessage {
            workspace_id: source.workspace_id,
            conversation_id: state.id,
            effect: MessageEffect {
                is_counted: false,
                is_shown: true,
                is_answer: false,
                reopens: false,
                window_expires_at: None,
            },
            reason: Reason::NewCustomerMessage,
            body: messages::MessageBody {
                channel_id: Some(source.channel_id),
                sender_type: SenderType::System,
                platform_message_id: Some(change.platform_message_id.clone()),
                platform_sent_at: receive.event.occurred_at,
                ..blank(MessageType::System, change.notice.clone())
            },
            attachments: Vec::new(),
        },
    )
    .await?;
    parked_events::keep_raw(tx.conn, source.channel_id, added.row.id, receive.event.raw.as_bytes(), tx.now)
        .await?;
    Ok(Received::new(Outcome::Stored, direction).about(&added.row))
}

/// Gives a customer their new names and takes the old ones of the same kinds. A new name that is another
/// customer's stays theirs, and then nothing of that kind was given up as far as we know.
async fn rename(
    tx: &mut Tx<'_>,
    source: &Source,
    holder: &Holder,
    new: &[CustomerIdentity],
) -> Result<(), LedgerError> {
    let (id, from) = (holder.customer.id, holder.merged_from);
    for identity in new {
        let known = customers::names(tx.conn, id, source.channel_id).await?;
        let is_theirs = known.iter().any(|row| row.external_id == identity.external_id);
        if !is_theirs && !add_identity(tx, source, id, from, identity).await? {
            log::info!("customer {id}: a new name of theirs is somebody else's");
            continue;
        }
        let kind = identity.kind.as_str();
        let given_up = known.iter().filter(|row| {
            row.kind == kind
                && row.merged_from == from
                && new.iter().all(|name| name.external_id != row.external_id)
        });
        for row in given_up {
            customers::give_up_name(tx.conn, id, source.channel_id, &row.external_id).await?;
        }
    }
    Ok(())
}

/// Starts a conversation with a customer whom an agent, a flow or a visitor names.
#[derive(Debug, Clone)]
pub struct NewThread {
    /// By which channel.
    pub source: Source,
    pub thread: Thread,
    /// What they are called.
    pub name: Option<String>,
    pub cause: Cause,
}

impl Command for NewThread {
    /// The conversation, and whether it is new.
    type Answer = (ConversationState, bool);

    fn subject(&self) -> Subject {
        Subject::of((self.source.channel_id, self.thread.first().map(|identity| &identity.external_id)))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        if let Some(state) = conversation_of(tx, &self.source, &self.thread).await? {
            return Ok((state, false));
        }
        let profile = Profile { name: self.name.clone(), ..Profile::default() };
        let heard = Heard { cause: Some(&self.cause), ..Heard::of(&profile) };
        let (_, state) = resolve(tx, &self.source, &self.thread, heard).await?;
        Ok((state, true))
    }
}
