//! What we tell a platform beside messages: read marks, typing, seen button presses; and what we
//! ask it about people. Never a message, so each may be tried again or lost without harm.

use super::lenient::{Lenient, pick};
use super::meta::errors;
use super::{ChannelAccess, Platforms, instagram, media, messenger, telegram, whatsapp};
use crate::domain::ChannelKind;
use crate::domain::inbound::{CustomerIdentity, IdentityKind, Profile, RemoteSource, Thread};
use crate::domain::outbound::{Scope, SendOutcome};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Why a call that is no message did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// The platform's words, or what was seen of the line.
    pub message: String,
    /// Whether another try may work.
    pub may_retry: bool,
    /// How long the platform wants us to wait.
    pub retry_after: Option<Duration>,
    /// The credentials are no longer good.
    pub channel_broken: bool,
    /// The person has not agreed yet: later they may have.
    pub not_yet: bool,
}

impl From<SendOutcome> for CallError {
    fn from(outcome: SendOutcome) -> Self {
        let (retry_after, channel_broken) = match &outcome {
            SendOutcome::NotSent {
                retry_after,
                scope: Scope::Recipient | Scope::Pair | Scope::Channel | Scope::App,
                ..
            } => (*retry_after, false),
            SendOutcome::Refused(refusal) => (None, refusal.channel_broken),
            _ => (None, false),
        };
        let may_retry = !matches!(outcome, SendOutcome::Refused(_));
        Self { message: media::words(outcome), may_retry, retry_after, channel_broken, not_yet: false }
    }
}

/// Whether a refusal has this code, with or without a subcode.
fn is_code(refused: &str, code: &str) -> bool {
    refused.split('/').next() == Some(code)
}

/// What a platform knows of a person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FetchedProfile {
    /// Names, language, picture's address.
    pub profile: Profile,
    /// Where the picture is to be fetched from.
    pub avatar: Option<RemoteSource>,
    /// What else it says: `bio`, `follower_count`, `is_verified_user` ….
    pub details: Map<String, Value>,
}

impl Platforms {
    /// Marks the customer's message, and all before it, as read by us.
    pub async fn mark_read(
        &self,
        channel: &ChannelAccess,
        thread: &Thread,
        message_id: &str,
    ) -> Result<(), CallError> {
        match channel.kind {
            ChannelKind::Whatsapp => whatsapp::send::mark_read(self, channel, message_id, false).await?,
            ChannelKind::Telegram => telegram::send::mark_read(self, channel, thread, message_id).await?,
            ChannelKind::Instagram | ChannelKind::Messenger => self.act(channel, thread, "mark_seen").await?,
            ChannelKind::Webchat => {}
        }
        Ok(())
    }

    /// Shows the customer that somebody writes. On WhatsApp this needs their last message's id, marks it
    /// as read too, and cannot be taken back; on Telegram it ends by itself after 5 seconds.
    pub async fn typing(
        &self,
        channel: &ChannelAccess,
        thread: &Thread,
        is_typing: bool,
        last_message_id: Option<&str>,
    ) -> Result<(), CallError> {
        match (channel.kind, last_message_id) {
            (ChannelKind::Whatsapp, Some(id)) if is_typing => {
                whatsapp::send::mark_read(self, channel, id, true).await?;
            }
            (ChannelKind::Telegram, _) if is_typing => telegram::send::typing(self, channel, thread).await?,
            (ChannelKind::Instagram | ChannelKind::Messenger, _) => {
                self.act(channel, thread, if is_typing { "typing_on" } else { "typing_off" }).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Tells Telegram that a button press was seen (within 150 seconds of it).
    pub async fn answer_callback(&self, channel: &ChannelAccess, callback_id: &str) -> Result<(), CallError> {
        Ok(telegram::send::answer_callback(self, channel, callback_id).await?)
    }

    async fn act(&self, channel: &ChannelAccess, thread: &Thread, action: &str) -> Result<(), SendOutcome> {
        let (recipient, door) = if channel.kind == ChannelKind::Instagram {
            (instagram::recipient(thread), instagram::door(self, channel))
        } else {
            (messenger::recipient(thread), messenger::door(self, channel))
        };
        let Some(recipient) = recipient else { return Ok(()) };
        super::meta::send::act(self, channel, &door, recipient, action).await
    }

    /// What the platform knows of a person; `None` where it tells nothing (WhatsApp never does).
    pub async fn fetch_profile(
        &self,
        channel: &ChannelAccess,
        who: &CustomerIdentity,
    ) -> Result<Option<FetchedProfile>, CallError> {
        match who.kind {
            IdentityKind::Igsid => self.meta_profile(channel, who, INSTAGRAM_FIELDS).await,
            IdentityKind::Psid => self.meta_profile(channel, who, MESSENGER_FIELDS).await,
            IdentityKind::TelegramUser | IdentityKind::TelegramGroup | IdentityKind::TelegramBusiness => {
                self.telegram_profile(channel, who).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    async fn meta_profile(
        &self,
        channel: &ChannelAccess,
        who: &CustomerIdentity,
        fields: &str,
    ) -> Result<Option<FetchedProfile>, CallError> {
        let own_host = channel.kind == ChannelKind::Instagram
            && channel.options.login == super::InstagramLogin::Instagram;
        let id = media::segment(&who.external_id);
        let url = if own_host { self.instagram(&id) } else { self.graph(&id) };
        match self.graph_get(channel, &url, &[("fields", fields)]).await {
            Ok(found) => Ok(Some(meta_profile(&found)).filter(|found| *found != FetchedProfile::default())),
            // No such profile (100/2018218): not an error, and nothing is broken.
            Err(SendOutcome::Refused(refusal)) if is_code(&refusal.code, "100") => Ok(None),
            // No consent yet: the next message may bring it.
            Err(SendOutcome::Refused(refusal)) if is_code(&refusal.code, "230") => Err(CallError {
                not_yet: true,
                channel_broken: false,
                ..CallError::from(SendOutcome::Refused(refusal))
            }),
            Err(outcome) => Err(outcome.into()),
        }
    }

    /// A reading call to Graph, judged.
    pub(super) async fn graph_get(
        &self,
        channel: &ChannelAccess,
        url: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, SendOutcome> {
        let request = self.http.get(url).query(query).bearer_auth(channel.token()?);
        errors::judge(self.call(channel, request).await)
    }

    async fn telegram_profile(
        &self,
        channel: &ChannelAccess,
        who: &CustomerIdentity,
    ) -> Result<FetchedProfile, CallError> {
        let chat = self.bot(channel, "getChat", &json!({ "chat_id": who.platform_id() })).await?;
        let names: Vec<_> = [chat.text("first_name"), chat.text("last_name")].into_iter().flatten().collect();
        let photo = chat
            .at("photo")
            .and_then(|photo| photo.text("big_file_id").or_else(|| photo.text("small_file_id")));
        Ok(FetchedProfile {
            profile: Profile {
                name: chat.text("title").or_else(|| Some(names.join(" ")).filter(|name| !name.is_empty())),
                username: chat.text("username"),
                ..Profile::default()
            },
            avatar: photo.map(|file_id| RemoteSource::TelegramFile { file_id }),
            details: pick(&chat, &["bio", "description"]),
        })
    }

    /// A call of a bot's method, judged.
    pub(super) async fn bot(
        &self,
        channel: &ChannelAccess,
        method: &str,
        body: &Value,
    ) -> Result<Value, SendOutcome> {
        telegram::answer::judge(telegram::send::call(self, channel, method, body).await?)
    }
}

const INSTAGRAM_FIELDS: &str = "name,username,profile_pic,follower_count,is_user_follow_business,\
    is_business_follow_user,is_verified_user";
const MESSENGER_FIELDS: &str = "first_name,last_name,profile_pic";

fn meta_profile(found: &Value) -> FetchedProfile {
    let names: Vec<_> = [found.text("first_name"), found.text("last_name")].into_iter().flatten().collect();
    let avatar_url = found.text("profile_pic").filter(|url| url.starts_with("http"));
    FetchedProfile {
        profile: Profile {
            name: found.text("name").or_else(|| Some(names.join(" ")).filter(|name| !name.is_empty())),
            username: found.text("username"),
            avatar_url: avatar_url.clone(),
            locale: found.text("locale"),
        },
        avatar: avatar_url.map(|url| RemoteSource::Url { url }),
        details: pick(
            found,
            &["follower_count", "is_user_follow_business", "is_business_follow_user", "is_verified_user"],
        ),
    }
}
