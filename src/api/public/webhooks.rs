//! The platforms' webhooks: signature over the raw bytes first, then everything in the body in one
//! go, and 200 only after it is on disk. Never a word of a body in a log.
//! Over 400 lines: one door, from the first header to the answer.

use crate::api::http::problem::Problem;
use crate::app::{App, WebhookEndpoint};
use crate::auth::ConnectedChannel;
use crate::channels::meta::handshake;
use crate::channels::webhook::{Endpoint, Webhook};
use crate::channels::{self, registry};
use crate::domain::inbound::{InboundEvent, InboundKind};
use crate::domain::{ChannelId, ChannelKind, Direction, MessageId, Outcome, Refusal, Timestamp};
use crate::ingest::{HeardFrom, Quarantine, Receive, Received, Source, locate};
use crate::ledger::LedgerError;
use crate::store::StoreError;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

/// Platforms send up to 3 MB; what is more is refused.
pub const BODY_LIMIT: usize = 4 * 1024 * 1024;
/// Platforms deliver again for up to seven days; what claims to be older says nothing about how late we heard
/// of it.
const LONGEST_LAG_MS: i64 = 7 * 24 * 3_600_000;

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

/// A platform's question whether this address is ours.
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

/// The challenge back, verbatim, to whoever knows a verify token.
#[utoipa::path(get, path = "/webhooks/{kind}", operation_id = "verify_webhook", tag = "webhooks",
    params(("kind" = String, Path), Handshake), security(()),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 403, body = Problem)))]
pub async fn verify(
    app: web::Data<App>,
    name: web::Path<String>,
    asked: web::Query<Handshake>,
) -> Result<HttpResponse, Problem> {
    let (kind, _) =
        called(&name, Endpoint::OfKind).filter(|(_, webhook)| webhook.has_handshake).ok_or_else(nobody)?;
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

/// Stores every event of a signed body.
#[utoipa::path(post, path = "/webhooks/{kind}", operation_id = "receive_webhook", tag = "webhooks",
    params(("kind" = String, Path)),
    request_body(content = PlatformEvents, description = "As the platform signs and sends it"),
    responses((status = 200, body = WebhookAnswer), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 413, body = Problem), (status = 503, body = Problem)))]
pub async fn receive_of_kind(
    app: web::Data<App>,
    name: web::Path<String>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Problem> {
    let (kind, webhook) = called(&name, Endpoint::OfKind).ok_or_else(nobody)?;
    let proof = proof_in(request.headers(), webhook);
    let known = app.channels.all_of_kind(kind).await?;
    let mut signers = signers(known.clone(), webhook, proof, &body).await;
    if signers.is_empty() {
        // Another process may have connected the channel a moment ago. Secrets that were tried are not tried
        // again.
        let tried: Vec<&str> =
            known.iter().flat_map(|channel| channel.access.credentials.any_of(webhook.secrets)).collect();
        let is_new = |channel: &Arc<ConnectedChannel>| {
            channel.access.credentials.any_of(webhook.secrets).iter().any(|secret| !tried.contains(secret))
        };
        let newest = app.channels.newest_of_kind(kind).await?;
        signers = self::signers(newest.into_iter().filter(is_new).collect(), webhook, proof, &body).await;
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
    let events = parse(kind, "", &body)?;
    answer(&app, events, |event: &InboundEvent| find_channel(&signers, event)).await
}

/// Stores every event that a platform sends to one channel.
#[utoipa::path(post, path = "/webhooks/{kind}/{channel_id}", operation_id = "receive_webhook",
    tag = "webhooks", params(("kind" = String, Path), ("channel_id" = i64, Path)),
    request_body(content = PlatformEvents, description = "As the platform sends it"),
    responses((status = 200, body = WebhookAnswer), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 503, body = Problem)))]
pub async fn receive_of_channel(
    app: web::Data<App>,
    path: web::Path<(String, ChannelId)>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Problem> {
    let (name, id) = path.into_inner();
    let (kind, webhook) = called(&name, Endpoint::OfChannel).ok_or_else(nobody)?;
    let proof = proof_in(request.headers(), webhook);
    let channel = app.channels.get(id).await?.filter(|channel| channel.channel.kind == kind);
    let known = channel.as_ref().map(|channel| channel.channel.id);
    let signers = signers(channel.into_iter().collect(), webhook, proof, &body).await;
    let Some(channel) = signers.into_iter().next() else {
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
    let events = parse(kind, &channel.channel.external_id, &body)?;
    answer(&app, events, |_| Some(channel.clone())).await
}

/// The kind of this name, if its platform calls at such an address.
fn called(name: &str, endpoint: Endpoint) -> Option<(ChannelKind, &'static Webhook)> {
    let kind = registry::registered(name)?;
    let webhook = kind.webhook.as_ref().filter(|webhook| webhook.endpoint == endpoint)?;
    Some((kind.kind, webhook))
}

/// What is said at an address that no platform calls.
fn nobody() -> Problem {
    Refusal::not_found("address").into()
}

fn proof_in<'r>(headers: &'r HeaderMap, webhook: &Webhook) -> Option<&'r str> {
    headers.get(webhook.header).and_then(|value| value.to_str().ok())
}

/// A larger body is hashed off the thread that serves, one at a time: whoever sends forged ones keeps nobody
/// waiting but others who send large ones.
const HASHED_HERE: usize = 64 * 1024;
static LARGE: Semaphore = Semaphore::const_new(1);

async fn signers(
    all: Vec<Arc<ConnectedChannel>>,
    webhook: &'static Webhook,
    proof: Option<&str>,
    body: &Bytes,
) -> Vec<Arc<ConnectedChannel>> {
    if body.len() <= HASHED_HERE {
        return signed_by(&all, webhook, proof, body);
    }
    let Ok(_turn) = LARGE.acquire().await else { return Vec::new() };
    let (proof, body) = (proof.map(str::to_owned), body.clone());
    let found = web::block(move || signed_by(&all, webhook, proof.as_deref(), &body)).await;
    found.unwrap_or_default()
}

/// How the platform calls at this path, and which kind of channel it is of; none: it is no webhook's.
fn webhook_at(path: &str) -> Option<(ChannelKind, &'static Webhook)> {
    let rest = path.strip_prefix("/webhooks/")?;
    match rest.split_once('/') {
        Some((name, _)) => called(name, Endpoint::OfChannel),
        None => called(rest, Endpoint::OfKind),
    }
}

/// Whether a webhook comes without anything that could be a proof: then its body is not read.
pub(crate) fn is_unsigned(request: &ServiceRequest) -> bool {
    request.method() == Method::POST
        && webhook_at(request.path())
            .is_some_and(|(_, webhook)| !proof_in(request.headers(), webhook).is_some_and(webhook.is_proof))
}

/// The answer to one.
pub(crate) fn refuse_unsigned(app: &App, path: &str) -> Problem {
    app.live.metrics().forged.one();
    let kind = webhook_at(path).filter(|(_, webhook)| webhook.endpoint == Endpoint::OfKind);
    if let Some((kind, _)) = kind {
        app.forged.note(WebhookEndpoint::Kind(kind));
    }
    Problem::new(StatusCode::UNAUTHORIZED, "bad_signature", "This request has no signature.")
}

/// The channels with a secret that signs this body.
fn signed_by(
    all: &[Arc<ConnectedChannel>],
    webhook: &Webhook,
    proof: Option<&str>,
    body: &[u8],
) -> Vec<Arc<ConnectedChannel>> {
    // Channels of one app share its secret: each secret is tried once.
    let mut tried: Vec<(&str, bool)> = Vec::new();
    let mut signers = Vec::new();
    for channel in all {
        let mut is_signer = false;
        for secret in channel.access.credentials.any_of(webhook.secrets) {
            let fits = if let Some((_, fits)) = tried.iter().find(|(known, _)| *known == secret) {
                *fits
            } else {
                let fits = (webhook.fits)(proof, body, secret);
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
    // Where several workspaces with one secret say that the account is theirs, it is who said so first, or
    // proved it.
    let by_account = signers
        .iter()
        .filter(|channel| !event.account.is_empty() && channel.channel.external_id == event.account)
        .min_by_key(|channel| channel.channel.is_contested);
    // News of a whole business account concern the number that stands for it.
    let by_business = || {
        let business = event.business.as_deref().filter(|_| event.account.is_empty())?;
        signers.iter().find(|channel| channel.access.options.business() == Some(business))
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
        match find(&event).filter(|channel| channel.channel.receives()) {
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
