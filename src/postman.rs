//! What the delivery worker needs to know of channels and platforms. Never a row of its own: it
//! prepares what is claimed and hands it over, once.

use crate::auth::ChannelDirectory;
use crate::channels::Platforms;
use crate::chat::Ledger;
use crate::domain::inbound::{CustomerIdentity, Thread};
use crate::domain::outbound::{Outbound, Part, SendOutcome};
use crate::domain::{ChannelId, ConversationId};
use crate::ingest::ReleaseEchoes;
use crate::outbox::{Claimed, Letter, Postman, Prepared};
use crate::store::{Db, StoreError, channels, conversations, customers};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::time::Duration;

/// Hands deliveries to the real platforms (or their simulators).
#[derive(Clone)]
pub struct PlatformPostman {
    db: Db,
    ledger: Ledger,
    directory: ChannelDirectory,
    platforms: Platforms,
    timeout: Duration,
}

impl PlatformPostman {
    /// A postman for all channels.
    pub fn new(
        db: Db,
        ledger: Ledger,
        directory: ChannelDirectory,
        platforms: Platforms,
        timeout: Duration,
    ) -> Self {
        Self { db, ledger, directory, platforms, timeout }
    }

    async fn prepare(self, claimed: Claimed) -> Result<Letter, Prepared> {
        let delivery = &claimed.delivery;
        let channel = self.directory.get(delivery.channel_id).await.map_err(Prepared::Later)?;
        let Some(channel) = channel else {
            return Err(refused("channel_gone", "The channel of this conversation was disconnected."));
        };
        let thread =
            self.thread(delivery.channel_id, delivery.conversation_id).await.map_err(Prepared::Later)?;
        if let Some(connection) = thread.business_connection.clone() {
            let channel_id = delivery.channel_id;
            let is_connected = self
                .db
                .read(async move |conn| channels::is_connected(conn, channel_id, &connection).await)
                .await;
            if !is_connected.map_err(Prepared::Later)? {
                return Err(refused(
                    "connection_disabled",
                    "The owner's account no longer lets the bot write for it.",
                ));
            }
        }
        let body = &claimed.message.body;
        let outbound = Outbound {
            thread,
            part: Part::Text(body.content.clone().unwrap_or_default()),
            reply_to: body.reply_to_platform_id.clone(),
            token: delivery.attempt_id.clone().unwrap_or_default(),
            human_agent: false,
        };
        let platforms = self.platforms;
        let send = move |outbound: Outbound| {
            async move { platforms.send(&channel.access, &outbound).await }.boxed_local()
        };
        Ok(Letter { outbound, send: Box::new(send) })
    }

    /// To whom: every name of the customer, the newest first, so that a changed number wins.
    async fn thread(&self, channel: ChannelId, conversation: ConversationId) -> Result<Thread, StoreError> {
        self.db
            .read(async move |conn| {
                let state = conversations::by_ids(conn, &[conversation])
                    .await?
                    .into_iter()
                    .next()
                    .ok_or(StoreError::NotFound)?;
                let customer = state.customer_id.ok_or(StoreError::NotFound)?;
                let mut thread = Thread::default();
                for (kind, external_id) in
                    customers::identities(conn, customer, channel).await?.into_iter().rev()
                {
                    if let Ok(kind) = kind.parse() {
                        thread.add(CustomerIdentity::new(kind, external_id));
                    }
                }
                thread.business_connection = thread
                    .identities
                    .iter()
                    .find_map(|identity| identity.business_connection().map(str::to_owned));
                Ok(thread)
            })
            .await
    }
}

fn refused(code: &str, message: &str) -> Prepared {
    Prepared::Settled(SendOutcome::refused(code, message))
}

impl Postman for PlatformPostman {
    fn prepare(&self, claimed: &Claimed) -> LocalBoxFuture<'static, Result<Letter, Prepared>> {
        self.clone().prepare(claimed.clone()).boxed_local()
    }

    fn settled(&self, conversation_id: ConversationId) {
        let ledger = self.ledger.clone();
        actix::spawn(async move {
            // If this is lost, the echoes are looked at again when their time is over.
            if let Err(error) = ledger.give(ReleaseEchoes { conversation_id }).await {
                log::warn!("waiting echoes cannot be looked at yet: {error}");
            }
        });
    }

    fn timeout(&self) -> Duration {
        self.timeout
    }
}
