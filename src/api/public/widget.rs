//! The web chat: the frame's page and the visitor's socket. A visitor is whoever holds a token
//! that we signed for this channel. Never a cookie, never another visitor's conversation.
//! Over 400 lines: one visitor from page to message, and what each of it asks for first.

use crate::api::http::address::Origin;
use crate::api::http::problem::Problem;
use crate::api::http::{html, origin_check};
use crate::api::inbox::media::{self, FileBytes, FileForm};
use crate::app::App;
use crate::auth::slots::OneSlot;
use crate::auth::strangers::Stranger;
use crate::auth::{ConnectedChannel, VisitorToken, new_token};
use crate::channels::meta::signature;
use crate::channels::registry;
use crate::desk::settings;
use crate::domain::inbound::PROVED_VISITOR as KNOWN;
use crate::domain::message::Attachment;
use crate::domain::{
    ChannelId, ConversationId, ConversationState, MediaId, Message, MessageStatus, Refusal, SenderType,
    Timestamp,
};
use crate::ingest::Source;
use crate::ingest::visitor::{self, VisitorIsKnown, VisitorKeeps, VisitorRead, VisitorSays};
use crate::ledger::LedgerError;
use crate::live::frames::Close;
use crate::media::Keeper;
use crate::session::socket;
use crate::session::visitor::{Greeting, KnownVisitor, VisitorBackend, VisitorSession};
use crate::session::visitor_frames::{Identified, VisitorDraft};
use crate::store::conversations::customers;
use crate::store::messages::media::MediaRow;
use crate::store::{Conn, StoreError, messages};
use actix_multipart::Multipart;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::rc::Rc;
use std::sync::Arc;
use utoipa::IntoParams;

/// Bytes of a visitor's file.
const FILE_LIMIT: u64 = 25 * 1024 * 1024;
/// What a form has around its file.
const FORM_AROUND: u64 = 64 * 1024;
/// Messages of the first page, and of each older one.
const PAGE: i64 = 50;

/// The channel of a web chat that is switched on.
async fn widget_channel(app: &App, id: ChannelId) -> Result<Arc<ConnectedChannel>, Problem> {
    let is_open = |channel: &Arc<ConnectedChannel>| {
        registry::kind(channel.channel.kind).has_widget && channel.channel.receives()
    };
    Ok(app.channels.get(id).await?.filter(is_open).ok_or_else(|| Refusal::not_found("web chat"))?)
}

/// `GET /widget/{channel_id}`: the frame.
pub async fn frame(app: web::Data<App>, id: web::Path<ChannelId>) -> Result<HttpResponse, Problem> {
    let channel = widget_channel(&app, id.into_inner()).await?;
    Ok(html::widget_page(&sites(&channel)))
}

/// The sites that may show this web chat, beside our own pages.
fn sites(channel: &ConnectedChannel) -> Vec<String> {
    let sites = channel.channel.options.get("allowed_sites").and_then(|sites| sites.as_array());
    sites.into_iter().flatten().filter_map(|site| site.as_str().map(str::to_owned)).collect()
}

/// Whether an origin is this site, or one below it: `https://*.shop.example`, `*`.
fn is_site_of(site: &str, origin: &str) -> bool {
    let site = site.trim().trim_end_matches('/');
    let is_below = |(scheme, domain): (&str, &str)| {
        let host = origin.strip_prefix(scheme)?.strip_suffix(domain)?;
        Some(host.len() > 1 && host.ends_with('.'))
    };
    site == "*"
        || site.eq_ignore_ascii_case(origin)
        || site.split_once("*.").and_then(is_below).is_some_and(|is_below| is_below)
}

/// A visitor's own word for who they are: `Authorization: Bearer`, or `token` where a picture is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VisitorQuery {
    token: Option<String>,
}

impl Chat {
    /// The visitor whose token a request brings.
    async fn who(&self, request: &HttpRequest, query: VisitorQuery) -> Result<String, Problem> {
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned).or(query.token);
        let Some(token) = token else { return Err(Problem::not_signed_in()) };
        let known = self.known(Some(&token)).await?;
        known.map(|known| known.visitor).ok_or_else(Problem::not_signed_in)
    }

    /// Whom a token names: one of ours, not too old, of a name that has not ended since.
    async fn known(&self, token: Option<&str>) -> Result<Option<VisitorToken>, StoreError> {
        let (channel, now) = (self.channel.channel.id, Timestamp::now());
        let read = |token: &str| VisitorToken::read(&self.app.vault, channel, token, now);
        let Some(known) = token.and_then(read) else { return Ok(None) };
        let (visitor, given_at) = (known.visitor.clone(), known.given_at);
        let ended = self.app.db.read(async move |conn| {
            visitor::has_ended(conn, channel, &visitor, given_at.unwrap_or(Timestamp(0))).await
        });
        Ok((!ended.await?).then_some(known))
    }
}

/// `POST /widget/{channel_id}/media`: a visitor's file, as one part called `file`.
#[utoipa::path(post, path = "/widget/{channel_id}/media",
    operation_id = "upload_visitor_file", tag = "widget",
    params(("channel_id" = i64, Path), VisitorQuery), security(("visitor" = [])),
    request_body(content = FileForm, content_type = "multipart/form-data", description = "25 MiB at most"),
    responses((status = 201, body = Attachment), (status = 401, body = Problem),
        (status = 413, body = Problem), (status = 429, body = Problem)))]
pub async fn upload(
    app: web::Data<App>,
    id: web::Path<ChannelId>,
    request: HttpRequest,
    query: web::Query<VisitorQuery>,
    form: Multipart,
) -> Result<HttpResponse, Problem> {
    let channel = widget_channel(&app, id.into_inner()).await?;
    let chat = Chat::new(&app, channel, &request);
    let visitor = chat.who(&request, query.into_inner()).await?;
    chat.may_upload(&visitor, &request).await?;
    let (stored, file_name) = media::take(&app, form, FILE_LIMIT, Keeper::Visitor).await?;
    let key = stored.storage_key.clone();
    let keeps =
        VisitorKeeps { source: chat.source(), visitor, stored: stored.clone(), file_name: file_name.clone() };
    match app.ledger.give(keeps).await {
        Ok(id) => {
            let place = format!("/widget/{}/media/{id}", chat.channel.channel.id);
            Ok(HttpResponse::Created().json(media::attachment(id, &place, stored, file_name)))
        }
        Err(error) => {
            app.media.forget(&key).await;
            Err(error.into())
        }
    }
}

/// The file, if the visitor may see it.
async fn file_of(
    app: &App,
    (channel_id, id): (ChannelId, MediaId),
    request: &HttpRequest,
    query: VisitorQuery,
) -> Result<MediaRow, Problem> {
    let channel = widget_channel(app, channel_id).await?;
    let chat = Chat::new(app, channel, request);
    let (visitor, source) = (chat.who(request, query).await?, chat.source());
    let row = app.db.read(async move |conn| visitor::visible_file(conn, &source, &visitor, id).await).await?;
    row.ok_or_else(|| Refusal::not_found("file").into())
}

/// `GET /widget/{channel_id}/media/{id}`: a file of the visitor's own conversation, or a range of it.
#[utoipa::path(get, path = "/widget/{channel_id}/media/{id}",
    operation_id = "get_visitor_file", tag = "widget",
    security(("visitor" = [])),
    params(("channel_id" = i64, Path), ("id" = i64, Path), VisitorQuery),
    responses((status = 200, body = FileBytes, content_type = "application/octet-stream",
            description = "The file, with its own type"),
        (status = 206, body = FileBytes, content_type = "application/octet-stream",
            description = "A range of it"),
        (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn file(
    app: web::Data<App>,
    ids: web::Path<(ChannelId, MediaId)>,
    request: HttpRequest,
    query: web::Query<VisitorQuery>,
) -> Result<HttpResponse, Problem> {
    let row = file_of(&app, ids.into_inner(), &request, query.into_inner()).await?;
    media::whole(&app, &row, &request).await
}

/// `GET /widget/{channel_id}/media/{id}/thumbnail`: a small picture of it.
#[utoipa::path(get, path = "/widget/{channel_id}/media/{id}/thumbnail",
    operation_id = "get_visitor_file_thumbnail", tag = "widget",
    security(("visitor" = [])),
    params(("channel_id" = i64, Path), ("id" = i64, Path), VisitorQuery),
    responses((status = 200, content((FileBytes = "image/jpeg"), (FileBytes = "image/png")),
            description = "The small picture"),
        (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn thumbnail(
    app: web::Data<App>,
    ids: web::Path<(ChannelId, MediaId)>,
    request: HttpRequest,
    query: web::Query<VisitorQuery>,
) -> Result<HttpResponse, Problem> {
    let row = file_of(&app, ids.into_inner(), &request, query.into_inner()).await?;
    media::small(&app, &row).await
}

/// `GET /widget/{channel_id}/ws`: a visitor's socket. Who they are is said in the first frame.
pub async fn open(
    app: web::Data<App>,
    id: web::Path<ChannelId>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let channel = widget_channel(&app, id.into_inner()).await?;
    let chat = Chat::new(&app, channel, &request);
    if !chat.origin.is_among(&sites(&chat.channel)) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "This web chat is not allowed on this site.",
        )
        .into());
    }
    let (workspace, channel_id) = (chat.channel.channel.workspace_id, chat.channel.channel.id);
    let slot = app.strangers.connects(&chat.place).map_err(Problem::from)?;
    let backend = Chat { _slot: Some(Arc::new(slot)), ..chat };
    let session = VisitorSession::new(app.live.clone(), workspace, channel_id, Rc::new(backend));
    socket::upgrade(session, &request, payload)
}

/// What a visitor may do.
#[derive(Clone)]
struct Chat {
    app: App,
    channel: Arc<ConnectedChannel>,
    /// Where the visitor comes from, as it is counted.
    place: String,
    /// What the page around says it is, as far as the allowed sites are concerned.
    origin: PageOrigin,
    /// Held as long as the socket is open.
    _slot: Option<Arc<OneSlot>>,
}

/// Who said hello.
struct Comer {
    visitor: String,
    token: String,
    /// What they are called, if the page proved it.
    name: Option<String>,
    /// The token is another than the one they came with, for its age.
    is_renewed: bool,
}

/// Of which page a socket is.
#[derive(Clone)]
struct PageOrigin {
    named: Option<String>,
    is_ours: bool,
}

impl PageOrigin {
    /// The frame is our own page; a program has no origin; another page must be one of the allowed sites.
    fn is_among(&self, sites: &[String]) -> bool {
        let Some(named) = &self.named else { return true };
        sites.is_empty() || self.is_ours || sites.iter().any(|site| is_site_of(site, named))
    }
}

impl Chat {
    fn new(app: &App, channel: Arc<ConnectedChannel>, request: &HttpRequest) -> Self {
        let named = request.headers().get(header::ORIGIN);
        let origin = PageOrigin {
            named: named.map(|origin| origin.to_str().unwrap_or_default().to_owned()),
            is_ours: origin_check::origin_allowed(&app.public_url, request),
        };
        let place = Origin::of(app, request).place();
        Self { app: app.clone(), channel, place, origin, _slot: None }
    }

    /// Before a byte of a file is read: what it may cost, and whether there is room for it.
    async fn may_upload(&self, visitor: &str, request: &HttpRequest) -> Result<(), Problem> {
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > FILE_LIMIT + FORM_AROUND) {
            return Err(media::too_large(FILE_LIMIT));
        }
        let (source, asked) = (self.source(), visitor.to_owned());
        let read = async move |conn: &mut Conn| visitor::has_enough_files(conn, &source, &asked).await;
        if self.app.db.read(read).await? {
            return Err(visitor::enough_files().into());
        }
        // One that does not say how long it is counts as the longest there may be.
        self.app.strangers.uploads(&self.place, length.unwrap_or(FILE_LIMIT))?;
        Ok(())
    }

    /// Whether the chat is on, and this page among its sites; what cannot be asked just now is as it was.
    async fn is_open(&self) -> bool {
        match widget_channel(&self.app, self.channel.channel.id).await {
            Ok(channel) => self.origin.is_among(&sites(&channel)),
            Err(problem) => problem.status != StatusCode::NOT_FOUND,
        }
    }

    /// Whether the name still stands that somebody came with; what cannot be asked just now is as it was.
    async fn is_still(&self, who: Option<KnownVisitor>) -> bool {
        let Some(KnownVisitor { visitor, since }) = who else { return true };
        let channel = self.channel.channel.id;
        let ended = async move |conn: &mut Conn| visitor::has_ended(conn, channel, &visitor, since).await;
        !self.app.db.read(ended).await.unwrap_or(false)
    }

    async fn require_open(&self) -> Result<(), Refusal> {
        if self.is_open().await { Ok(()) } else { Err(visitor::closed()) }
    }

    /// Whether this visitor's next words begin a conversation.
    async fn is_new(&self, visitor: &str) -> Result<bool, StoreError> {
        let (channel, asked) = (self.channel.channel.id, visitor.to_owned());
        let find =
            async move |conn: &mut Conn| customers::by_identities(conn, channel, &[asked.as_str()]).await;
        Ok(self.app.db.read(find).await?.is_empty())
    }

    fn source(&self) -> Source {
        let row = &self.channel.channel;
        Source { channel_id: row.id, workspace_id: row.workspace_id, kind: row.kind, name: row.name.clone() }
    }

    fn token_of(&self, visitor: &str) -> String {
        VisitorToken::give(&self.app.vault, self.channel.channel.id, visitor, Timestamp::now())
    }

    /// Who comes, and by which token from now on.
    async fn comes(
        &self,
        token: Option<String>,
        identity: Option<&Identified>,
    ) -> Result<Comer, LedgerError> {
        let known = self.known(token.as_deref()).await?;
        let visitor = match (identity, &known) {
            (Some(identity), _) => self.proved(identity)?,
            // Who signed out of the page is nobody again: a proved name is never taken from a token alone.
            (None, Some(known)) if !known.visitor.starts_with(KNOWN) => known.visitor.clone(),
            (None, _) => new_token().expose_secret().to_owned(),
        };
        let name = identity.and_then(|identity| identity.name.clone());
        if let Some(known) = &known {
            if known.visitor == visitor {
                // A token that does is kept: a page takes another one for somebody else.
                let kept = token.filter(|_| !known.is_worn(Timestamp::now()));
                let is_renewed = kept.is_none();
                let token = kept.unwrap_or_else(|| self.token_of(&visitor));
                return Ok(Comer { visitor, token, name, is_renewed });
            }
            // Whoever else holds the token of the nobody they were reads no word of theirs from now on.
            if identity.is_some() && !known.visitor.starts_with(KNOWN) {
                let (source, before) = (self.source(), known.visitor.clone());
                let known_as = visitor.clone();
                self.app.ledger.give(VisitorIsKnown { source, visitor: before, known_as }).await?;
            }
        }
        let token = self.token_of(&visitor);
        Ok(Comer { visitor, token, name, is_renewed: false })
    }

    /// Who the page around the frame says it is, if its proof fits.
    fn proved(&self, identity: &Identified) -> Result<String, Refusal> {
        let refused = || Refusal::forbidden("The identity verification of this page is not valid.");
        let secret = self.channel.access.credentials.get("identity_secret").ok_or_else(refused)?;
        let is_named = !identity.user_id.is_empty() && identity.user_id.len() <= 200;
        let claimed = format!("sha256={}", identity.hash.to_ascii_lowercase());
        let fits = is_named && signature::fits(Some(&claimed), identity.user_id.as_bytes(), secret);
        if fits { Ok(format!("{KNOWN}{}", identity.user_id)) } else { Err(refused()) }
    }

    async fn greet(
        self,
        token: Option<String>,
        identity: Option<Identified>,
    ) -> Result<Greeting, LedgerError> {
        self.app.strangers.says_hello(&self.place)?;
        self.require_open().await?;
        let Comer { visitor, token, name, is_renewed } = self.comes(token, identity.as_ref()).await?;
        // What ended until now ended for others: this one was looked at after it.
        let since = Timestamp::now();
        let (workspace, channel_id) = (self.channel.channel.workspace_id, self.channel.channel.id);
        let asked = visitor.clone();
        let (hours, found) = self
            .app
            .db
            .read(async move |conn| {
                let hours = settings::hours(conn, workspace).await?;
                Ok((hours, known_thread(conn, channel_id, &asked).await?))
            })
            .await?;
        let (conversation, version, messages) = found
            .map_or((None, 0, Vec::new()), |(state, messages)| (Some(state.id), state.version, messages));
        let is_unread = |message: &&Message| {
            message.sender_type != SenderType::Customer && message.status != MessageStatus::Read
        };
        Ok(Greeting {
            since,
            is_renewed,
            visitor,
            token,
            conversation,
            version,
            unread: messages.iter().filter(is_unread).count(),
            messages,
            name,
            channel_name: self.channel.channel.name.clone(),
            hours,
        })
    }

    async fn say(
        self,
        who: KnownVisitor,
        name: Option<String>,
        draft: VisitorDraft,
        is_first: bool,
    ) -> Result<Arc<Message>, LedgerError> {
        let KnownVisitor { visitor, since } = who;
        self.require_open().await?;
        let is_new = is_first && self.is_new(&visitor).await?;
        let stranger = Stranger { visitor: &visitor, place: &self.place };
        self.app.strangers.writes(stranger, is_new)?;
        let says = VisitorSays {
            source: self.source(),
            visitor,
            since,
            name,
            client_id: draft.client_id,
            content: draft.content,
            reply_to: draft.reply_to,
            attachment_ids: draft.attachment_ids,
        };
        let (message, is_duplicate) = self.app.ledger.give(says).await?;
        if !is_duplicate {
            self.app.live.metrics().messages_in.one();
        }
        Ok(message)
    }
}

/// The conversation of a visitor who has written before, with its newest page.
async fn known_thread(
    conn: &mut Conn,
    channel: ChannelId,
    visitor: &str,
) -> Result<Option<(ConversationState, Vec<Message>)>, StoreError> {
    let found = customers::holders(conn, channel, &[visitor]).await?.into_iter().next();
    let Some(holder) = found else { return Ok(None) };
    let (customer, from) = (holder.customer.id, holder.merged_from);
    let Ok(state) = customers::conversation_of_name(conn, channel, customer, from).await? else {
        return Ok(None);
    };
    let rows = messages::page_for_customer(conn, state.id, i64::MAX, PAGE).await?;
    Ok(Some((state, messages::views(conn, rows).await?)))
}

impl VisitorBackend for Chat {
    fn greet(
        &self,
        token: Option<String>,
        identity: Option<Identified>,
    ) -> LocalBoxFuture<'static, Result<Greeting, LedgerError>> {
        self.clone().greet(token, identity).boxed_local()
    }

    fn send(
        &self,
        who: KnownVisitor,
        name: Option<String>,
        draft: VisitorDraft,
        is_first: bool,
    ) -> LocalBoxFuture<'static, Result<Arc<Message>, LedgerError>> {
        self.clone().say(who, name, draft, is_first).boxed_local()
    }

    fn may_type(&self, visitor: &str) -> Result<(), Refusal> {
        self.app.strangers.types(visitor)
    }

    fn may_ask(&self, visitor: &str) -> Result<(), Refusal> {
        self.app.strangers.asks(visitor)
    }

    fn must_end(&self, who: Option<KnownVisitor>) -> LocalBoxFuture<'static, Option<Close>> {
        let chat = self.clone();
        async move {
            if !chat.is_open().await {
                return Some(Close::Closed);
            }
            (!chat.is_still(who).await).then_some(Close::ComeBack)
        }
        .boxed_local()
    }

    fn read(
        &self,
        conversation_id: ConversationId,
        seq: i64,
    ) -> LocalBoxFuture<'static, Result<(), LedgerError>> {
        let ledger = self.app.ledger.clone();
        async move { ledger.give(VisitorRead { conversation_id, seq }).await }.boxed_local()
    }

    fn history(
        &self,
        conversation: ConversationId,
        before_seq: i64,
    ) -> LocalBoxFuture<'static, Result<Vec<Message>, LedgerError>> {
        let db = self.app.db.clone();
        async move {
            Ok(db
                .read(async move |conn| {
                    let rows = messages::page_for_customer(conn, conversation, before_seq, PAGE).await?;
                    messages::views(conn, rows).await
                })
                .await?)
        }
        .boxed_local()
    }
}

#[cfg(test)]
mod tests {
    use super::is_site_of;

    #[test]
    fn a_site_is_an_origin_or_those_below_it() {
        for (site, origin, fits) in [
            ("https://shop.example", "https://shop.example", true),
            ("https://shop.example/", "https://shop.example", true),
            ("https://shop.example", "https://evil.example", false),
            ("https://*.shop.example", "https://www.shop.example", true),
            ("https://*.shop.example", "https://shop.example", false),
            ("https://*.shop.example", "https://evilshop.example", false),
            ("https://*.shop.example", "http://www.shop.example", false),
            ("*", "https://anything.example", true),
        ] {
            assert_eq!(is_site_of(site, origin), fits, "{site} {origin}");
        }
    }
}
