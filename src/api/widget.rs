//! The web chat: the frame's page and the visitor's socket. A visitor is whoever holds a token
//! that we signed for this channel. Never a cookie, never another visitor's conversation.

use super::pages;
use super::problem::Problem;
use crate::app::App;
use crate::auth::{ConnectedChannel, Vault, new_token};
use crate::chat::visitor::{Greeting, VisitorDesk, VisitorDraft, VisitorSession};
use crate::chat::{LedgerError, socket};
use crate::domain::{ChannelId, ChannelKind, ChannelState, ConversationId, Message, Refusal};
use crate::ingest::Source;
use crate::ingest::visitor::{VisitorRead, VisitorSays};
use crate::store::messages::{self, Span};
use crate::store::{conversations, customers};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use secrecy::ExposeSecret;
use std::rc::Rc;
use std::sync::Arc;

/// Messages of the first page, and of each older one.
const PAGE: i64 = 50;

/// The channel of a web chat that is switched on.
async fn webchat(app: &App, id: ChannelId) -> Result<Arc<ConnectedChannel>, Problem> {
    let is_open = |channel: &Arc<ConnectedChannel>| {
        channel.channel.kind == ChannelKind::Webchat && channel.channel.state != ChannelState::Off
    };
    Ok(app.channels.get(id).await?.filter(is_open).ok_or_else(|| Refusal::not_found("web chat"))?)
}

/// `GET /widget/{channel_id}`: the frame.
pub async fn frame(app: web::Data<App>, id: web::Path<ChannelId>) -> Result<HttpResponse, Problem> {
    let channel = webchat(&app, id.into_inner()).await?;
    let sites = channel
        .channel
        .options
        .get("allowed_sites")
        .and_then(|sites| sites.as_array())
        .cloned()
        .unwrap_or_default();
    let sites: Vec<String> = sites.iter().filter_map(|site| site.as_str().map(str::to_owned)).collect();
    Ok(pages::widget_page(&sites))
}

/// `GET /widget/{channel_id}/ws`: a visitor's socket. Who they are is said in the first frame.
pub async fn open(
    app: web::Data<App>,
    id: web::Path<ChannelId>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let channel = webchat(&app, id.into_inner()).await?;
    let workspace = channel.channel.workspace_id;
    let desk = Chat { app: app.get_ref().clone(), channel };
    let session = VisitorSession::new(app.live.clone(), workspace, Rc::new(desk));
    socket::upgrade(session, &request, payload)
}

/// What a visitor may do.
#[derive(Clone)]
struct Chat {
    app: App,
    channel: Arc<ConnectedChannel>,
}

impl Chat {
    fn purpose(&self) -> String {
        format!("visitor of {}", self.channel.channel.id)
    }

    fn source(&self) -> Source {
        let row = &self.channel.channel;
        Source { channel_id: row.id, workspace_id: row.workspace_id, kind: row.kind, name: row.name.clone() }
    }

    /// The visitor that a token names, or somebody new.
    fn visitor(&self, vault: &Vault, token: Option<&str>) -> (String, String) {
        let known = token
            .and_then(|token| vault.verify(&self.purpose(), token))
            .and_then(|payload| String::from_utf8(payload).ok());
        let visitor = known.unwrap_or_else(|| new_token().expose_secret().to_owned());
        let token = vault.sign(&self.purpose(), visitor.as_bytes());
        (visitor, token)
    }

    async fn greet(self, token: Option<String>) -> Result<Greeting, LedgerError> {
        let (visitor, token) = self.visitor(&self.app.vault, token.as_deref());
        let (channel_id, asked) = (self.channel.channel.id, visitor.clone());
        let found = self
            .app
            .db
            .read(async move |conn| {
                let Some((_, customer)) =
                    customers::by_identities(conn, channel_id, &[&asked]).await?.into_iter().next()
                else {
                    return Ok(None);
                };
                let Some(state) = conversations::of_customer(conn, channel_id, customer.id, "").await? else {
                    return Ok(None);
                };
                let rows = messages::page(conn, state.id, Span::Newest, PAGE).await?;
                Ok(Some((state, messages::views(conn, rows).await?)))
            })
            .await?;
        let (conversation, version, messages) = found
            .map_or((None, 0, Vec::new()), |(state, messages)| (Some(state.id), state.version, messages));
        Ok(Greeting {
            visitor,
            token,
            conversation,
            version,
            messages,
            channel_name: self.channel.channel.name.clone(),
        })
    }

    async fn say(
        self,
        visitor: String,
        name: Option<String>,
        draft: VisitorDraft,
    ) -> Result<Arc<Message>, LedgerError> {
        let says = VisitorSays {
            source: self.source(),
            visitor,
            name,
            client_id: draft.client_id,
            content: draft.content,
            reply_to: draft.reply_to,
        };
        let (message, is_duplicate) = self.app.ledger.give(says).await?;
        if !is_duplicate {
            self.app.live.metrics().messages_in.one();
        }
        Ok(message)
    }
}

impl VisitorDesk for Chat {
    fn greet(&self, token: Option<String>) -> LocalBoxFuture<'static, Result<Greeting, LedgerError>> {
        self.clone().greet(token).boxed_local()
    }

    fn send(
        &self,
        visitor: &str,
        name: Option<String>,
        draft: VisitorDraft,
    ) -> LocalBoxFuture<'static, Result<Arc<Message>, LedgerError>> {
        self.clone().say(visitor.to_owned(), name, draft).boxed_local()
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
                    let rows = messages::page(conn, conversation, Span::BeforeSeq(before_seq), PAGE).await?;
                    messages::views(conn, rows).await
                })
                .await?)
        }
        .boxed_local()
    }
}
