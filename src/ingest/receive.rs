//! The command behind every event of a webhook: stored once, by the platform's id. Never twice,
//! whatever is redelivered; never lost, whatever it is.

use super::event::{Receive, Received};
use super::message::store;
use super::{
    attachments, changes, channel_notices, customer_notices, echo, identify, parked, receipt, wishes,
};
use crate::domain::inbound::{Author, InboundKind, InboundMessage};
use crate::domain::{MessageType, Outcome};
use crate::ledger::{Arrival, Command, LedgerError, Needs, Subject, Tx};
use crate::store::delivery::parked_events;
use crate::store::messages::MessageRow;
use crate::thread::{entries, look_up};

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
                customer_notices::refer(tx, &self.source, referral, self.event.occurred_at).await
            }
            InboundKind::Reachability { thread, reachable, .. } => {
                customer_notices::reach(tx, &self.source, thread, *reachable).await
            }
            InboundKind::Preference { thread, wanted } => {
                wishes::prefer(tx, &self.source, (thread, *wanted), self.event.occurred_at).await
            }
            InboundKind::BusinessConnection { id, owner_id, enabled, .. } => {
                channel_notices::connect_business(tx, &self.source, id, owner_id, *enabled).await
            }
            InboundKind::ChannelNotice { code, effect, text } => {
                channel_notices::notice(tx, &self.source, code, *effect, text).await
            }
            InboundKind::NumberStanding(told) => channel_notices::number(tx, self, told).await,
            InboundKind::Template(news) => {
                let at = self.event.occurred_at;
                channel_notices::template(tx, &self.source, self.event.business.as_deref(), news, at).await
            }
            InboundKind::Ignored { .. } => Ok(Received::new(Outcome::Ignored, direction)),
            InboundKind::Unreadable { error } => self.quarantine(tx, error).await,
        }
    }

    fn needs(&self) -> Option<Needs> {
        let InboundKind::Message(message) = &self.event.kind else { return None };
        let is_collected = is_by_itself(message) && !wishes::is_one(self.source.kind, message);
        is_collected.then(|| Needs {
            conversation: self.conversation,
            arrival: Some(Arrival {
                workspace_id: self.source.workspace_id,
                channel_id: self.source.channel_id,
                names: message.thread.identities.iter().map(|name| name.external_id.clone()).collect(),
                platform_message_id: Some(message.platform_message_id.clone()),
                parked: &parked::KINDS,
                client_id: None,
            }),
            ..Needs::default()
        })
    }
}

/// A customer's words of now, by themselves: nothing of them concerns another row but their
/// customer's and their conversation's.
fn is_by_itself(message: &InboundMessage) -> bool {
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
    if let Some(row) = look_up::by_identity(tx, source.channel_id, &message.platform_message_id).await? {
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
