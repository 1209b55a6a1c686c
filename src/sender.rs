//! What the delivery worker needs to know of channels and platforms. Never a row of its own: it
//! prepares what is claimed and hands it over, once.

mod template_files;

use crate::auth::{ChannelDirectory, ConnectedChannel};
use crate::channels::{Platforms, registry};
use crate::desk::enclosed::{Enclosed, Place};
use crate::domain::conversation::HUMAN_AGENT_AFTER_WINDOW;
use crate::domain::inbound::{AttachmentKind, Thread};
use crate::domain::outbound::{
    MediaSource, Outbound, OutboundMedia, OutboundTemplate, Part, SendOutcome, TemplateFile,
};
use crate::domain::send_gate::Repeated;
use crate::domain::template::TemplateMessage;
use crate::domain::{
    ChannelId, ChannelKind, ConversationId, MediaId, SendDecision, SendReason, Timestamp, Verdict,
};
use crate::ingest::ReleaseEchoes;
use crate::ledger::Ledger;
use crate::media::MediaFolder;
use crate::outbox::{Claimed, MessageSender, PrepareError, PreparedSend, SendReport};
use crate::store::accounts::channels;
use crate::store::conversations::{self, customers};
use crate::store::delivery::platform_files;
use crate::store::messages::media::{self, FileRow, MediaRow};
use crate::store::messages::questions;
use crate::store::{Conn, Db, StoreError};
use crate::thread::send_gate::{self, Saying};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::time::Duration;

/// What is sent sooner was looked at just now, when it was written.
const WAITED: Duration = Duration::from_mins(1);

/// Hands deliveries to the real platforms (or their simulators).
#[derive(Clone)]
pub struct PlatformSender {
    db: Db,
    ledger: Ledger,
    directory: ChannelDirectory,
    platforms: Platforms,
    media: MediaFolder,
    timeout: Duration,
}

impl PlatformSender {
    /// A sender for all channels.
    pub fn new(
        db: Db,
        ledger: Ledger,
        directory: ChannelDirectory,
        platforms: Platforms,
        media: MediaFolder,
        timeout: Duration,
    ) -> Self {
        Self { db, ledger, directory, platforms, media, timeout }
    }

    async fn prepare(self, claimed: Claimed) -> Result<PreparedSend, PrepareError> {
        let delivery = &claimed.delivery;
        let channel = self.directory.get(delivery.channel_id).await.map_err(PrepareError::Later)?;
        let Some(channel) = channel else {
            return Err(refused("channel_gone", "The channel of this conversation was disconnected."));
        };
        self.may_still_go(&claimed).await?;
        let thread =
            self.thread(delivery.channel_id, delivery.conversation_id).await.map_err(PrepareError::Later)?;
        if let Some(connection) = thread.business_connection.clone() {
            let channel_id = delivery.channel_id;
            let is_connected = self
                .db
                .read(async move |conn| channels::is_connected(conn, channel_id, &connection).await)
                .await;
            if !is_connected.map_err(PrepareError::Later)? {
                return Err(refused(
                    "connection_disabled",
                    "The account's owner no longer lets the bot send messages for it.",
                ));
            }
        }
        let (part, is_first) = self.part(&claimed, channel.access.kind).await?;
        let body = &claimed.message.body;
        let topic = self.topic(&claimed, channel.access.kind).await.map_err(PrepareError::Later)?;
        let outbound = Outbound {
            thread,
            part,
            reply_to: body.reply_to_platform_id.clone().filter(|_| is_first),
            topic,
            token: delivery.attempt_id.clone().unwrap_or_default(),
            human_agent: self.is_human_agents(&channel, delivery.conversation_id).await?,
        };
        let (platforms, directory, ledger) = (self.platforms, self.directory, self.ledger);
        let send = move |outbound: Outbound| {
            async move {
                let outcome = template_files::send(&platforms, &ledger, &channel, outbound).await;
                let rest = platforms.slow_down(&channel.access);
                SendReport { outcome: judged(&directory, &channel, outcome).await, rest }
            }
            .boxed_local()
        };
        Ok(PreparedSend { outbound, send: Box::new(send) })
    }

    /// What waited is looked at again: its customer may have been blocked meanwhile, or want no offers any
    /// more. Where its conversation became another one it goes to whom it was written.
    async fn may_still_go(&self, claimed: &Claimed) -> Result<(), PrepareError> {
        let (delivery, now) = (&claimed.delivery, Timestamp::now());
        if delivery.send_at.is_none() && now < delivery.created_at.plus(WAITED) {
            return Ok(());
        }
        let (conversation, saying) = (delivery.conversation_id, Saying::again(&claimed.message.body));
        let looked = self
            .db
            .read(async move |conn| {
                let states = conversations::by_ids(conn, &[conversation]).await?;
                let Some(state) = states.first() else { return Ok(None) };
                Ok(Some(send_gate::look(conn, state, saying, (now, now), Repeated::No).await?))
            })
            .await;
        let verdict = looked.map_err(PrepareError::Later)?;
        let is_no = |verdict: &Verdict| {
            verdict.decision == SendDecision::Refuse && verdict.reason != Some(SendReason::ConversationMerged)
        };
        let Some(verdict) = verdict.filter(is_no) else { return Ok(()) };
        send_gate::count(&verdict);
        Err(refused(verdict.reason.map_or("gate_refused", SendReason::as_str), &verdict.words))
    }

    /// Which part of the message this delivery is, and whether it is the first one.
    async fn part(&self, claimed: &Claimed, kind: ChannelKind) -> Result<(Part, bool), PrepareError> {
        if let Some(template) = self.template_in(claimed).await? {
            return Ok((template, true));
        }
        if let Some(alone) = enclosed_in(claimed) {
            return Ok((alone, true));
        }
        let content = claimed.message.body.content.clone();
        if !claimed.message.body.has_attachments {
            return Ok((Part::Text(content.unwrap_or_default()), true));
        }
        let files = self.files(claimed).await.map_err(PrepareError::Later)?;
        let outgoing = files.iter().map(|(file, row)| outgoing(file, row)).collect();
        let mut number = 0;
        let mut is_first = true;
        for part in registry::kind(kind).parts(content.as_deref(), outgoing) {
            number += i64::from(matches!(part, Part::Media(_)));
            if number != claimed.delivery.part {
                is_first = false;
                continue;
            }
            let Part::Media(media) = part else { return Ok((part, is_first)) };
            let row = usize::try_from(number - 1).ok().and_then(|place| files.get(place));
            let key = row.map(|(_, row)| row.storage_key.clone()).unwrap_or_default();
            let bytes = self.bytes(claimed, &key).await?;
            return Ok((Part::Media(OutboundMedia { source: MediaSource::Bytes(bytes), ..media }), is_first));
        }
        Err(file_gone())
    }

    /// A file of ours.
    async fn bytes(&self, claimed: &Claimed, key: &str) -> Result<Bytes, PrepareError> {
        self.media.read(key).await.map_err(|error| {
            log::error!("delivery {}: a queued file cannot be read here: {error}", claimed.delivery.id);
            if self.db.is_shared() {
                // It may lie in the folder of another server, which then sends it.
                let why = "The file is not in this server's media folder: all servers must share one.";
                return PrepareError::Settled(SendOutcome::not_sent(why));
            }
            file_gone()
        })
    }

    /// The approved message that this one is, if it is one, with its files: what lies at the platform already
    /// is named as it is called there, the others are read.
    async fn template_in(&self, claimed: &Claimed) -> Result<Option<Part>, PrepareError> {
        let details = claimed.message.body.details.as_deref();
        let Some(message) = details.and_then(TemplateMessage::in_details) else { return Ok(None) };
        let rows = self.files(claimed).await.map_err(PrepareError::Later)?;
        let mut files: Vec<TemplateFile> = Vec::new();
        for id in message.files() {
            if files.iter().any(|file| file.id == id) {
                continue;
            }
            let (file, row) = rows.iter().find(|(_, row)| row.id == id).ok_or_else(file_gone)?;
            let source = match self.uploaded(claimed.delivery.channel_id, id).await? {
                Some(known) => MediaSource::Uploaded(known),
                None => MediaSource::Bytes(self.bytes(claimed, &row.storage_key).await?),
            };
            files.push(TemplateFile { id, media: OutboundMedia { source, ..outgoing(file, row) } });
        }
        Ok(Some(Part::Template(Box::new(OutboundTemplate { message, files }))))
    }

    /// What the platform calls a file that lies there already.
    async fn uploaded(&self, channel: ChannelId, id: MediaId) -> Result<Option<String>, PrepareError> {
        let now = Timestamp::now();
        let read = async move |conn: &mut Conn| platform_files::find(conn, channel, id, now).await;
        self.db.read(read).await.map_err(PrepareError::Later)
    }

    /// Whether the message goes as a person's late answer: the free window is over, the 7 days of the
    /// human-agent tag are not, and the channel has that permission.
    async fn is_human_agents(
        &self,
        channel: &ConnectedChannel,
        conversation: ConversationId,
    ) -> Result<bool, PrepareError> {
        if !channel.access.options.human_agent || !registry::kind(channel.access.kind).has_human_agent_tag() {
            return Ok(false);
        }
        let read = async move |conn: &mut Conn| conversations::by_ids(conn, &[conversation]).await;
        let states = self.db.read(read).await.map_err(PrepareError::Later)?;
        let window = states.first().and_then(|state| state.window_expires_at);
        let now = Timestamp::now();
        Ok(window.is_some_and(|ended| ended < now && now < ended.plus(HUMAN_AGENT_AFTER_WINDOW)))
    }

    /// Where in a group the question stood: the topic of what is answered, else of what the customer
    /// wrote last before.
    async fn topic(&self, claimed: &Claimed, kind: ChannelKind) -> Result<Option<String>, StoreError> {
        if !registry::kind(kind).has_topics {
            return Ok(None);
        }
        let (conversation, body) = (claimed.delivery.conversation_id, &claimed.message.body);
        let (answered, seq) = (body.reply_to_id, body.seq);
        let read = async move |conn: &mut Conn| questions::details(conn, conversation, answered, seq).await;
        let details = self.db.read(read).await?;
        let details = details.and_then(|json| serde_json::from_str::<serde_json::Value>(&json).ok());
        Ok(details.and_then(|details| details.get("topic")?.as_str().map(str::to_owned)))
    }

    /// The message's files that are here, in their order.
    async fn files(&self, claimed: &Claimed) -> Result<Vec<(FileRow, MediaRow)>, StoreError> {
        let (workspace, message) = (claimed.delivery.workspace_id, claimed.delivery.message_id);
        self.db
            .read(async move |conn| {
                let mut found = Vec::new();
                for file in media::of_message(conn, message).await? {
                    let Some(id) = file.media_id else { continue };
                    if let Some(row) = media::find(conn, workspace, id).await? {
                        found.push((file, row));
                    }
                }
                Ok(found)
            })
            .await
    }

    /// To whom: every name of the customer, the newest first, so that a changed number wins.
    async fn thread(&self, channel: ChannelId, conversation: ConversationId) -> Result<Thread, StoreError> {
        self.db.read(async move |conn| customers::thread(conn, channel, conversation).await).await
    }
}

/// A file as the platform is to show it; its bytes are read when it is its turn.
fn outgoing(file: &FileRow, row: &MediaRow) -> OutboundMedia {
    OutboundMedia {
        kind: file.kind.parse().unwrap_or(AttachmentKind::Document),
        source: MediaSource::Url(String::new()),
        mime_type: crate::media::plain_type(&row.mime_type).to_owned(),
        file_name: row.file_name.as_deref().and_then(crate::media::shown_name),
        caption: None,
        size_in_pixels: row.width.zip(row.height),
    }
}

fn file_gone() -> PrepareError {
    refused("file_gone", "This file no longer exists.")
}

/// The place or the card that a message is.
fn enclosed_in(claimed: &Claimed) -> Option<Part> {
    let details = claimed.message.body.details.as_deref()?;
    Some(match serde_json::from_str::<Enclosed>(details).ok()? {
        Enclosed::Location(Place { latitude, longitude, name, address }) => {
            Part::Location { latitude, longitude, name, address }
        }
        Enclosed::Contacts([card]) => Part::Contact(card),
    })
}

/// A refusal of credentials that somebody replaced meanwhile says nothing of the new ones.
async fn judged(directory: &ChannelDirectory, used: &ConnectedChannel, outcome: SendOutcome) -> SendOutcome {
    if !matches!(&outcome, SendOutcome::Refused(refusal) if refusal.channel_broken) {
        return outcome;
    }
    directory.forget();
    match directory.get(used.channel.id).await {
        Ok(Some(now)) if now.channel.sealed != used.channel.sealed => {
            SendOutcome::not_sent("the channel's credentials were replaced meanwhile")
        }
        _ => outcome,
    }
}

fn refused(code: &str, message: &str) -> PrepareError {
    PrepareError::Settled(SendOutcome::refused(code, message))
}

impl MessageSender for PlatformSender {
    fn prepare(&self, claimed: &Claimed) -> LocalBoxFuture<'static, Result<PreparedSend, PrepareError>> {
        self.clone().prepare(claimed.clone()).boxed_local()
    }

    fn settled(&self, conversation_id: ConversationId) {
        let ledger = self.ledger.clone();
        actix::spawn(async move {
            // If this is lost, the echoes are looked at again when their time is over.
            if let Err(error) = ledger.give(ReleaseEchoes { conversation_id }).await {
                log::warn!("parked echoes could not be checked, retrying: {error}");
            }
        });
    }

    fn timeout(&self) -> Duration {
        self.timeout
    }
}
