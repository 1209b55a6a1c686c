//! The command behind every event of a webhook: stored once, by the platform's id. Never twice,
//! whatever is redelivered; never lost, whatever it is.

use super::{attachments, changes, echo, identify, receipt};
use crate::domain::inbound::{
    Author, Edit, InboundEvent, InboundKind, InboundMessage, RemoteAttachment, RemoteSource,
};
use crate::domain::{
    ChannelId, ChannelKind, ConversationId, Direction, MessageId, MessageStatus, MessageType, Outcome,
    Reason, SenderType, WorkspaceId, text,
};
use crate::flows;
use crate::ledger::{AnswerOf, Command, LedgerError, Subject, Tx};
use crate::store::accounts::channels;
use crate::store::conversations::AppendEffect;
use crate::store::delivery::parked_events;
use crate::store::messages::{self, MessageBody, MessageRow};
use crate::thread::arrivals::{Arrival, WINDOW};
use crate::thread::entries::{self, Added, NewMessage, blank};
use crate::thread::plain::Plain;
use std::sync::Arc;

/// The channel an event came by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub channel_id: ChannelId,
    pub workspace_id: WorkspaceId,
    /// On which platform.
    pub kind: ChannelKind,
    /// What the channel is called: the name of the owner who writes elsewhere.
    pub name: String,
}

impl Source {
    /// The channel, if it is still there.
    pub(super) async fn find(tx: &mut Tx<'_>, channel_id: ChannelId) -> Result<Option<Self>, LedgerError> {
        let channel = channels::find(tx.conn, channel_id).await?;
        Ok(channel.map(|channel| Self {
            channel_id,
            workspace_id: channel.workspace_id,
            kind: channel.kind,
            name: channel.name,
        }))
    }
}

/// One event of a webhook.
#[derive(Debug, Clone)]
pub struct Receive {
    /// By which channel.
    pub source: Source,
    /// The event.
    pub event: Arc<InboundEvent>,
    /// Its conversation, if that is known: its row is then locked in order.
    pub conversation: Option<ConversationId>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Stored, known, an update, or not ours.
    pub outcome: Outcome,
    /// Which way it went.
    pub direction: Direction,
    /// Where it belongs.
    pub conversation_id: Option<ConversationId>,
    /// Which message it is or changes.
    pub message_id: Option<MessageId>,
    /// It could not be read and is kept for an admin.
    pub is_quarantined: bool,
}

impl Received {
    /// Only an outcome.
    pub fn new(outcome: Outcome, direction: Direction) -> Self {
        Self { outcome, direction, conversation_id: None, message_id: None, is_quarantined: false }
    }

    /// About this message.
    #[must_use]
    pub fn about(mut self, row: &MessageRow) -> Self {
        self.conversation_id = Some(row.conversation_id);
        self.message_id = Some(row.id);
        self
    }
}

impl Command for Receive {
    type Answer = Received;

    fn subject(&self) -> Subject {
        match (self.conversation, self.event.kind.thread().and_then(|thread| thread.first())) {
            (Some(id), _) => Subject::Conversation(id),
            (None, Some(identity)) => Subject::of((self.source.channel_id, &identity.external_id)),
            (None, None) => Subject::of(self.source.channel_id),
        }
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Received, LedgerError> {
        let direction = self.event.kind.direction();
        match &self.event.kind {
            InboundKind::Message(message) => receive_message(tx, self, message).await,
            InboundKind::Receipt(news) => receipt::receive(tx, &self.source, news).await,
            InboundKind::Edit(edit) => changes::edit(tx, self, edit).await,
            InboundKind::Deletion(deletion) => changes::delete(tx, self, deletion).await,
            InboundKind::Reaction(reaction) => changes::react(tx, self, reaction).await,
            InboundKind::IdentityChange(change) => identify::change_identity(tx, self, change).await,
            InboundKind::Referral(referral) => {
                identify::refer(tx, &self.source, referral, self.event.occurred_at).await
            }
            InboundKind::Reachability { thread, reachable, .. } => {
                identify::reach(tx, &self.source, thread, *reachable).await
            }
            InboundKind::BusinessConnection { id, owner_id, enabled, .. } => {
                identify::connect_business(tx, &self.source, id, owner_id, *enabled).await
            }
            InboundKind::ChannelNotice { code, effect, text } => {
                identify::notice(tx, &self.source, code, *effect, text).await
            }
            InboundKind::Ignored { .. } => Ok(Received::new(Outcome::Ignored, direction)),
            InboundKind::Unreadable { error } => self.quarantine(tx, error).await,
        }
    }

    fn plain(&self) -> Option<(Plain, AnswerOf<Received>)> {
        let InboundKind::Message(message) = &self.event.kind else { return None };
        if !is_plain(message) {
            return None;
        }
        let profile = &message.profile;
        let arrival = Arrival {
            workspace_id: self.source.workspace_id,
            channel_id: self.source.channel_id,
            names: message.thread.identities.iter().map(|identity| identity.external_id.clone()).collect(),
            profile: [profile.name.clone(), profile.username.clone(), profile.locale.clone()],
            platform_message_id: message.platform_message_id.clone(),
            opens_window: has_window(self.source.kind),
            body: MessageBody {
                channel_id: Some(self.source.channel_id),
                sender_type: SenderType::Customer,
                origin: message.origin,
                details: details(self, message),
                platform_message_id: Some(message.platform_message_id.clone()),
                platform_sent_at: self.event.occurred_at,
                ..blank(message.message_type, message.text.clone())
            },
        };
        Some((Plain::Arrival(arrival), |message| Received {
            conversation_id: Some(message.conversation_id),
            message_id: Some(message.id),
            ..Received::new(Outcome::Stored, Direction::CustomerToOwner)
        }))
    }
}

/// A customer's words of now, by themselves: nothing of them concerns another row but their
/// customer's and their conversation's.
fn is_plain(message: &InboundMessage) -> bool {
    message.author == Author::Customer
        && message.history.is_none()
        && message.message_type == MessageType::Text
        && message.attachments.is_empty()
        && message.reply_to.is_none()
        && message.sender.is_none()
        && message.details.is_empty()
        && !message.thread.identities.is_empty()
}

impl Receive {
    async fn quarantine(&self, tx: &mut Tx<'_>, error: &str) -> Result<Received, LedgerError> {
        parked_events::quarantine(tx.conn, self.source.channel_id, self.event.raw.as_bytes(), error, tx.now)
            .await?;
        Ok(Received { is_quarantined: true, ..Received::new(Outcome::Ignored, self.event.kind.direction()) })
    }
}

async fn receive_message(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
) -> Result<Received, LedgerError> {
    let source = &receive.source;
    let direction = receive.event.kind.direction();
    if let Some(row) = messages::by_identity(tx.conn, source.channel_id, &message.platform_message_id).await?
    {
        return known(tx, receive, message, row).await;
    }
    if message.author == Author::Owner
        && message.history.is_none()
        && let Some(done) = echo::receive(tx, receive, message).await?
    {
        return Ok(done);
    }
    let added = store(tx, receive, message).await?;
    Ok(Received::new(Outcome::Stored, direction).about(&added.row))
}

/// A message that is there: an echo confirms it, an import may bring its file, else nothing.
async fn known(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
    mut row: MessageRow,
) -> Result<Received, LedgerError> {
    let direction = receive.event.kind.direction();
    if message.author == Author::Owner && message.may_be_ours {
        echo::confirm(tx, receive, &mut row).await?;
    }
    let fills = message.history.is_some_and(|history| history.fills_placeholder) && !row.body.has_attachments;
    if fills && !message.attachments.is_empty() {
        let files = attachments::pending(&receive.source, &message.attachments, tx.now);
        attachments::attach(tx, &mut row, files).await?;
        row.body.message_type = message.message_type;
        row.body.content = row.body.content.take().or_else(|| message.text.clone());
        entries::reword(tx, &mut row).await?;
        return Ok(Received::new(Outcome::Updated, direction).about(&row));
    }
    Ok(Received::new(Outcome::Duplicate, direction).about(&row))
}

/// Stores a message as a new row of its conversation.
pub(super) async fn store(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
) -> Result<Added, LedgerError> {
    store_edited(tx, receive, message, None).await
}

/// The same, of a message that only an edit tells of.
pub(super) async fn store_edited(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
    edit: Option<&Edit>,
) -> Result<Added, LedgerError> {
    let source = &receive.source;
    let is_customers = message.author == Author::Customer;
    // What comes when a wait is over is no news: nobody is to answer it by itself.
    let is_late = edit.is_some_and(|edit| !edit.is_whole);
    let is_live = message.history.is_none();
    let heard = identify::Heard {
        profile: &message.profile,
        referral: message.details.get("referral").filter(|_| is_customers && is_live),
        is_live: is_customers && is_live,
        cause: None,
    };
    let (customer, conversation) = identify::resolve(tx, source, &message.thread, heard).await?;
    let unborn = changes::unborn(tx, receive, message, edit).await?;
    let is_gone = unborn.deleted_at.is_some();
    let body = MessageBody {
        platform_sent_at: edit.and_then(|edit| edit.written_at).or(receive.event.occurred_at),
        edited_at: unborn.edited_at,
        edit_order: unborn.edit_order,
        deleted_at: unborn.deleted_at,
        ..body(tx, receive, &unborn.message, customer.id).await?
    };
    // What a blocked customer writes is kept, and calls nobody; nor does what was taken back.
    let calls = is_customers && is_live && !customer.is_blocked && !is_gone;
    let opens_window = is_customers && is_live && !is_late && has_window(source.kind);
    let effect = AppendEffect {
        is_shown: (is_live && !is_gone && (calls || !is_customers)) || conversation.version == 0,
        window_expires_at: opens_window.then(|| receive.event.occurred_at.unwrap_or(tx.now).plus(WINDOW)),
        ..effect(&unborn.message, calls, is_gone)
    };
    let new = NewMessage {
        workspace_id: source.workspace_id,
        conversation_id: conversation.id,
        effect,
        reason: reason(is_customers, customer.is_blocked || is_gone),
        body,
        attachments: attachments::pending(source, &unborn.message.attachments, tx.now),
    };
    let added = entries::add_with(tx, new, &unborn.reactions).await?;
    if !is_gone && is_unclear(&unborn.message) {
        parked_events::keep_raw(
            tx.conn,
            source.channel_id,
            added.row.id,
            receive.event.raw.as_bytes(),
            tx.now,
        )
        .await?;
    }
    changes::apply_receipts(tx, receive, &added.row).await?;
    if is_live && !is_late && !is_gone && !receive.event.standby {
        tell_flows(tx, &unborn.message, calls, &added).await?;
    }
    Ok(added)
}

/// What a message does to its conversation, wherever it is shown.
fn effect(message: &InboundMessage, calls: bool, is_gone: bool) -> AppendEffect {
    AppendEffect {
        is_counted: calls && message.message_type != MessageType::System,
        is_shown: false,
        is_answer: message.author == Author::Owner && !is_gone,
        reopens: calls,
        window_expires_at: None,
    }
}

/// Flows hear what a customer says; an owner's words end them. A call says nothing that a rule could answer.
async fn tell_flows(
    tx: &mut Tx<'_>,
    message: &InboundMessage,
    calls: bool,
    added: &Added,
) -> Result<(), LedgerError> {
    if message.message_type == MessageType::System {
        return Ok(());
    }
    if calls && !message.details.contains_key("call") {
        flows::on_customer_message(tx, added).await
    } else if message.author == Author::Owner {
        flows::taken_over(tx, added.row.conversation_id).await
    } else {
        Ok(())
    }
}

/// Whether there is more in the event than we can show.
fn is_unclear(message: &InboundMessage) -> bool {
    let is_withheld = |file: &RemoteAttachment| file.source == RemoteSource::Withheld;
    matches!(message.message_type, MessageType::Unsupported | MessageType::System)
        || message.attachments.iter().any(is_withheld)
}

fn reason(is_customers: bool, is_blocked: bool) -> Reason {
    match (is_customers, is_blocked) {
        (true, true) => Reason::Status,
        (true, false) => Reason::NewCustomerMessage,
        (false, _) => Reason::MessageSent,
    }
}

/// Whether the platform lets us write freely only for a while after the customer wrote.
fn has_window(kind: ChannelKind) -> bool {
    matches!(kind, ChannelKind::Whatsapp | ChannelKind::Instagram | ChannelKind::Messenger)
}

/// What else belongs to a message, as JSON.
fn details(receive: &Receive, message: &InboundMessage) -> Option<String> {
    let mut details = message.details.clone();
    if receive.event.standby {
        details.insert("standby".into(), true.into());
    }
    if let Some(album) = &message.album {
        details.insert("album".into(), album.clone().into());
    }
    (!details.is_empty()).then(|| serde_json::Value::Object(details).to_string())
}

async fn body(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
    customer: crate::domain::CustomerId,
) -> Result<MessageBody, LedgerError> {
    let source = &receive.source;
    let is_customers = message.author == Author::Customer;
    let quoted = match &message.reply_to {
        Some(id) => messages::by_identity(tx.conn, source.channel_id, id).await?,
        None => None,
    };
    let member = message.sender.as_ref().map(|sender| {
        let profile = &sender.profile;
        text::name_of(profile.name.as_deref())
            .or_else(|| text::name_of(profile.username.as_deref()))
            .unwrap_or_else(|| sender.identity.platform_id().to_owned())
    });
    Ok(MessageBody {
        channel_id: Some(source.channel_id),
        sender_type: match (is_customers, message.message_type) {
            (true, MessageType::System) => SenderType::System,
            (true, _) => SenderType::Customer,
            (false, _) => SenderType::Support,
        },
        sender_customer_id: is_customers.then_some(customer),
        sender_name: if is_customers { member } else { Some(source.name.clone()) },
        author: if is_customers { format!("customer:{customer}") } else { "owner".into() },
        origin: message.origin,
        details: details(receive, message),
        reply_to_id: quoted.map(|row| row.id),
        reply_to_platform_id: message.reply_to.clone(),
        platform_message_id: Some(message.platform_message_id.clone()),
        status: match message.history {
            Some(history) => history.status,
            None if is_customers => MessageStatus::Received,
            None => MessageStatus::Sent,
        },
        ..blank(message.message_type, message.text.clone())
    })
}
