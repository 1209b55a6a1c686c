//! The platforms' webhooks: signature over the raw bytes first, then everything in the body in one
//! go, and 200 only after it is on disk. Never a word of a body in a log.
//! Over 400 lines: one door, from the first header to the answer.

use crate::api::http::problem::Problem;
use crate::app::{App, WebhookEndpoint};
use crate::auth::ConnectedChannel;
use crate::channels::meta::{handshake, signature};
use crate::channels::{self, telegram};
use crate::domain::inbound::{InboundEvent, InboundKind};
use crate::domain::{ChannelId, ChannelKind, ChannelState, Direction, MessageId, Outcome, Timestamp};
use crate::ingest::{HeardFrom, Quarantine, Receive, Received, Source, locate};
use crate::ledger::LedgerError;
use crate::store::StoreError;
use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

/// WhatsApp sends up to 3 MB; what is more is refused.
pub const BODY_LIMIT: usize = 4 * 1024 * 1024;
/// Meta delivers again for up to seven days; what claims to be older says nothing about how late we heard of
/// it.
const LONGEST_LAG_MS: i64 = 7 * 24 * 3_600_000;
/// Where Meta's proof stands, and Telegram's.
const SIGNATURE: &str = "x-hub-signature-256";
const SECRET: &str = "x-telegram-bot-api-secret-token";

/// The answer to a webhook.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookAnswer {
    /// `success`: everything in the body is on disk.
    status: &'static str,
    /// One for each event in the body, in the order in which they were applied.
    results: Vec<WebhookResult>,
}

/// What became of one event.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WebhookResult {
    /// `stored`, `duplicate`, `updated`, `ignored`.
    outcome: Outcome,
    /// `customer_to_owner` or `owner_to_customer`.
    message_direction: Direction,
    /// Where it belongs.
    #[schema(value_type = Option<i64>)]
    conversation_id: Option<crate::domain::ConversationId>,
    /// Which message it is or changes; null while an echo waits for its send.
    #[schema(value_type = Option<i64>)]
    message_id: Option<MessageId>,
}

impl From<Received> for WebhookResult {
    fn from(received: Received) -> Self {
        Self {
            outcome: received.outcome,
            message_direction: received.direction,
            conversation_id: received.conversation_id,
            message_id: received.message_id,
        }
    }
}

/// A platform's own JSON: what it holds is the platform's affair.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"object": "whatsapp_business_account", "entry": []}))]
pub struct PlatformEvents {}

/// Meta's question whether this address is ours.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.verify_token")]
    token: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
}

/// One address a platform: its handshake and its events.
macro_rules! platform {
    ($name:ident, $kind:expr, $path:literal, $verify:literal, $receive:literal) => {
        /// What the platform calls.
        pub mod $name {
            use super::*;

            /// The challenge back, verbatim, to whoever knows a verify token.
            #[utoipa::path(get, path = $path, operation_id = $verify, tag = "webhooks", params(Handshake),
                        security(()),
                        responses((status = 200, body = String, content_type = "text/plain"),
                            (status = 403, body = Problem)))]
            pub async fn verify(
                app: web::Data<App>,
                query: web::Query<Handshake>,
            ) -> Result<HttpResponse, Problem> {
                handshake_of(&app, $kind, query.into_inner()).await
            }

            /// Stores every event of a signed body.
            #[utoipa::path(post, path = $path, operation_id = $receive, tag = "webhooks",
                        request_body(content = PlatformEvents, description = "As Meta signs and sends it"),
                        security(("meta_signature" = [])),
                        responses((status = 200, body = WebhookAnswer), (status = 400, body = Problem),
                            (status = 401, body = Problem), (status = 413, body = Problem),
                                (status = 503, body = Problem)))]
            pub async fn receive(
                app: web::Data<App>,
                request: HttpRequest,
                body: web::Bytes,
            ) -> Result<HttpResponse, Problem> {
                meta(&app, $kind, &request, &body).await
            }
        }
    };
}

platform!(
    whatsapp,
    ChannelKind::Whatsapp,
    "/webhooks/whatsapp",
    "verify_whatsapp_webhook",
    "receive_whatsapp_webhook"
);
platform!(
    instagram,
    ChannelKind::Instagram,
    "/webhooks/instagram",
    "verify_instagram_webhook",
    "receive_instagram_webhook"
);
platform!(
    messenger,
    ChannelKind::Messenger,
    "/webhooks/messenger",
    "verify_messenger_webhook",
    "receive_messenger_webhook"
);

async fn handshake_of(app: &App, kind: ChannelKind, asked: Handshake) -> Result<HttpResponse, Problem> {
    let all = app.channels.newest_of_kind(kind).await?;
    let tokens = all.iter().filter_map(|channel| channel.access.credentials.get("verify_token"));
    match handshake::answer(asked.mode.as_deref(), asked.token.as_deref(), asked.challenge.as_deref(), tokens)
    {
        Some(challenge) => {
            Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(challenge.to_owned()))
        }
        None => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "wrong_verify_token",
            "No channel of this kind has this verify token.",
        )),
    }
}

async fn meta(
    app: &App,
    kind: ChannelKind,
    request: &HttpRequest,
    body: &Bytes,
) -> Result<HttpResponse, Problem> {
    let header = request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok());
    let known = app.channels.all_of_kind(kind).await?;
    let mut signers = signers(known.clone(), kind, header, body).await;
    if signers.is_empty() {
        // Another process may have connected the channel a moment ago. Secrets that were tried are not tried
        // again.
        let is_tried = |secret: &str| {
            known.iter().any(|channel| channel.access.credentials.signing_secrets(kind).contains(&secret))
        };
        let is_new = |channel: &Arc<ConnectedChannel>| {
            channel.access.credentials.signing_secrets(kind).iter().any(|secret| !is_tried(secret))
        };
        let newest = app.channels.newest_of_kind(kind).await?;
        signers = self::signers(newest.into_iter().filter(is_new).collect(), kind, header, body).await;
    }
    if signers.is_empty() {
        app.live.metrics().forged.one();
        app.forged.note(WebhookEndpoint::Kind(kind));
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "bad_signature",
            "The signature does not match any channel of this kind.",
        ));
    }
    let events = parse(kind, "", body)?;
    answer(app, events, |event: &InboundEvent| find_channel(&signers, event)).await
}

/// Stores the event of one update of a bot.
#[utoipa::path(post, path = "/webhooks/telegram/{channel_id}",
    operation_id = "receive_telegram_webhook", tag = "webhooks",
    params(("channel_id" = i64, Path)),
    request_body(content = PlatformEvents, description = "As Telegram sends it"),
    security(("telegram_secret" = [])),
    responses((status = 200, body = WebhookAnswer), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 503, body = Problem)))]
pub async fn telegram(
    app: web::Data<App>,
    id: web::Path<ChannelId>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let header = request.headers().get(SECRET).and_then(|value| value.to_str().ok());
    let channel = app
        .channels
        .get(id.into_inner())
        .await?
        .filter(|channel| channel.channel.kind == ChannelKind::Telegram);
    let fits = |channel: &Arc<ConnectedChannel>| {
        let secret = channel.access.credentials.get("webhook_secret");
        secret.is_some_and(|secret| telegram::secret::verify(header, secret))
    };
    let known = channel.as_ref().map(|channel| channel.channel.id);
    let Some(channel) = channel.filter(fits) else {
        app.live.metrics().forged.one();
        if let Some(id) = known {
            app.forged.note(WebhookEndpoint::Channel(id));
        }
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "bad_secret",
            "The secret token does not match the channel at this address.",
        ));
    };
    let events = parse(ChannelKind::Telegram, &channel.channel.external_id, &body)?;
    answer(&app, events, |_| Some(channel.clone())).await
}

/// A larger body is hashed off the thread that serves, one at a time: whoever sends forged ones keeps nobody
/// waiting but others who send large ones.
const HASHED_HERE: usize = 64 * 1024;
static LARGE: Semaphore = Semaphore::const_new(1);

async fn signers(
    all: Vec<Arc<ConnectedChannel>>,
    kind: ChannelKind,
    header: Option<&str>,
    body: &Bytes,
) -> Vec<Arc<ConnectedChannel>> {
    if body.len() <= HASHED_HERE {
        return signed_by(&all, kind, header, body);
    }
    let Ok(_turn) = LARGE.acquire().await else { return Vec::new() };
    let (header, body) = (header.map(str::to_owned), body.clone());
    let found = web::block(move || signed_by(&all, kind, header.as_deref(), &body)).await;
    found.unwrap_or_default()
}

/// Whether a webhook comes without anything that could be a proof: then its body is not read.
pub(crate) fn is_unsigned(request: &ServiceRequest) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let is_digest = |text: &str| {
        let hex = text.strip_prefix("sha256=").unwrap_or_default();
        hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    request.method() == Method::POST
        && match request.path() {
            "/webhooks/whatsapp" | "/webhooks/instagram" | "/webhooks/messenger" => {
                !header(SIGNATURE).is_some_and(is_digest)
            }
            path if path.starts_with("/webhooks/telegram/") => header(SECRET).is_none_or(str::is_empty),
            _ => false,
        }
}

/// The answer to one.
pub(crate) fn refuse_unsigned(app: &App, path: &str) -> Problem {
    app.live.metrics().forged.one();
    let kind = match path {
        "/webhooks/whatsapp" => Some(ChannelKind::Whatsapp),
        "/webhooks/instagram" => Some(ChannelKind::Instagram),
        "/webhooks/messenger" => Some(ChannelKind::Messenger),
        _ => None,
    };
    if let Some(kind) = kind {
        app.forged.note(WebhookEndpoint::Kind(kind));
    }
    Problem::new(StatusCode::UNAUTHORIZED, "bad_signature", "This request has no signature.")
}

/// The channels with a secret that signs this body.
fn signed_by(
    all: &[Arc<ConnectedChannel>],
    kind: ChannelKind,
    header: Option<&str>,
    body: &[u8],
) -> Vec<Arc<ConnectedChannel>> {
    // Channels of one app share its secret: each secret is tried once.
    let mut tried: Vec<(&str, bool)> = Vec::new();
    let mut signers = Vec::new();
    for channel in all {
        let mut is_signer = false;
        for secret in channel.access.credentials.signing_secrets(kind) {
            let fits = if let Some((_, fits)) = tried.iter().find(|(known, _)| *known == secret) {
                *fits
            } else {
                let fits = signature::fits(header, body, secret);
                tried.push((secret, fits));
                fits
            };
            is_signer |= fits;
        }
        if is_signer {
            signers.push(channel.clone());
        }
    }
    signers
}

fn find_channel(signers: &[Arc<ConnectedChannel>], event: &InboundEvent) -> Option<Arc<ConnectedChannel>> {
    let by_account = signers
        .iter()
        .find(|channel| !event.account.is_empty() && channel.channel.external_id == event.account);
    // News of a whole business account concern the number that stands for it.
    let by_business = || {
        let business = event.business.as_deref().filter(|_| event.account.is_empty())?;
        signers.iter().find(|channel| channel.access.options.waba_id.as_deref() == Some(business))
    };
    by_account.or_else(by_business).cloned()
}

fn parse(kind: ChannelKind, account: &str, body: &[u8]) -> Result<Vec<InboundEvent>, Problem> {
    channels::parse(kind, account, body)
        .map_err(|_| Problem::bad_request("not_json", "The body is not JSON."))
}

/// Stores every event of a body and answers; 503 if one of them could not be stored.
async fn answer(
    app: &App,
    events: Vec<InboundEvent>,
    find: impl Fn(&InboundEvent) -> Option<Arc<ConnectedChannel>>,
) -> Result<HttpResponse, Problem> {
    let mut results: Vec<Option<WebhookResult>> = Vec::with_capacity(events.len());
    let mut commands = Vec::new();
    for event in events {
        let direction = event.kind.direction();
        match find(&event).filter(|channel| channel.channel.state != ChannelState::Off) {
            None => {
                app.live.metrics().ignored.one();
                log::info!("an event of an unknown or switched-off account is ignored");
                results.push(Some(Received::new(Outcome::Ignored, direction).into()));
            }
            Some(channel) => {
                if let Some(known) = app.seen.known(channel.channel.id, &event) {
                    app.live.metrics().duplicates.one();
                    results.push(Some(known.into()));
                } else {
                    results.push(None);
                    commands.push(receive(app, &channel, event));
                }
            }
        }
    }
    locate(&app.db, &mut commands).await?;
    let mut stored = store(app, commands).await?.into_iter();
    let results =
        results.into_iter().filter_map(|result| result.or_else(|| stored.next().map(Into::into))).collect();
    Ok(HttpResponse::Ok().json(WebhookAnswer { status: "success", results }))
}

fn receive(app: &App, channel: &ConnectedChannel, event: InboundEvent) -> Receive {
    let row = &channel.channel;
    let source =
        Source { channel_id: row.id, workspace_id: row.workspace_id, kind: row.kind, name: row.name.clone() };
    let conversation = app.seen.conversation(row.id, &event);
    Receive { source, event: event.into(), conversation }
}

/// Gives the commands to the ledger, all at once; what fails for a reason of its own is kept for an admin.
async fn store(app: &App, commands: Vec<Receive>) -> Result<Vec<Received>, Problem> {
    let asked = commands.clone();
    let mut received = Vec::with_capacity(commands.len());
    for (command, answer) in asked.into_iter().zip(app.ledger.give_all(commands).await) {
        let outcome = match answer {
            Ok(outcome) => outcome,
            Err(LedgerError::Refused(refusal)) => quarantine(app, &command, refusal.code).await?,
            Err(LedgerError::Store(
                error @ (StoreError::Broken(_) | StoreError::Taken(_) | StoreError::NotFound),
            )) => {
                log::error!(
                    "channel {}: an event cannot be stored and is kept for an admin: {error}",
                    command.source.channel_id
                );
                quarantine(app, &command, "cannot be stored").await?
            }
            Err(error) => return Err(error.into()),
        };
        note(app, &command, &outcome);
        received.push(outcome);
    }
    Ok(received)
}

async fn quarantine(app: &App, command: &Receive, error: &str) -> Result<Received, Problem> {
    let kept =
        Quarantine { source: command.source.clone(), event: command.event.clone(), error: error.to_owned() };
    app.ledger.give(kept).await?;
    Ok(Received { is_quarantined: true, ..Received::new(Outcome::Ignored, command.event.kind.direction()) })
}

/// How many milliseconds ago that was; nothing for a time that no platform would still deliver an event of.
fn lag(at: Timestamp) -> Option<i64> {
    let lag = Timestamp::now().0.saturating_sub(at.0).max(0);
    (lag <= LONGEST_LAG_MS).then_some(lag)
}

/// Counts, and remembers what was seen.
fn note(app: &App, command: &Receive, received: &Received) {
    let metrics = app.live.metrics();
    match received.outcome {
        Outcome::Stored => {
            if received.direction == Direction::CustomerToOwner {
                metrics.messages_in.one();
            }
            if let Some(lag) = command.event.occurred_at.and_then(lag) {
                metrics.ingest_lag_ms.set(lag);
                metrics.ingest_lag.note(lag.unsigned_abs());
            }
        }
        Outcome::Duplicate => metrics.duplicates.one(),
        Outcome::Ignored => metrics.ignored.one(),
        Outcome::Updated => {}
    }
    if received.is_quarantined {
        metrics.quarantined.one();
    }
    note_life(app, command.source.channel_id);
    app.seen.note(command, received);
    if let InboundKind::Message(message) = &command.event.kind
        && let Some(callback) = &message.callback_id
        && received.outcome == Outcome::Stored
    {
        answer_callback(app, command.source.channel_id, callback.clone());
    }
}

/// When a channel was last heard from; nobody waits for that to be written.
fn note_life(app: &App, channel_id: ChannelId) {
    if app.seen.is_life_due(channel_id) {
        let ledger = app.ledger.clone();
        actix_web::rt::spawn(async move {
            if let Err(error) = ledger.give(HeardFrom { channel_id }).await {
                log::debug!("channel {channel_id}: its sign of life could not be written: {error}");
            }
        });
    }
}

/// A pressed button spins until it is answered; nothing depends on it.
fn answer_callback(app: &App, channel: ChannelId, callback: String) {
    let app = app.clone();
    actix_web::rt::spawn(async move {
        if let Ok(Some(channel)) = app.channels.get(channel).await
            && let Err(error) = app.platforms.answer_callback(&channel.access, &callback).await
        {
            log::debug!("a pressed button could not be answered: {error:?}");
        }
    });
}
