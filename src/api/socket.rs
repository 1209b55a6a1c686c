//! `GET /ws`: who is asking, from where, and then a session whose backend gives commands. Never a
//! frame: those are in `live/frames.rs`.

use super::http::identity::{identify, seat};
use super::http::origin_check;
use super::http::problem::Problem;
use crate::app::App;
use crate::desk::access;
use crate::desk::lists::ListFilter;
use crate::desk::mark_read::{Read, Reading};
use crate::desk::reply::Reply;
use crate::domain::{
    ConversationId, ConversationState, Credential, Identity, Message, Origin, Permission, Refusal, User,
    ViewId,
};
use crate::ledger::LedgerError;
use crate::live::frames::Draft;
use crate::session::agent::{AgentSession, SessionBackend};
use crate::session::socket;
use crate::store::conversations::filtered::Filter;
use crate::store::conversations::{list, saved};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;
use std::sync::Arc;

/// The socket: frames as `docs/websocket.md` says.
///
/// `GET /ws`: signed in by cookie (then from an own page only), by `Authorization`, or by the
/// subprotocols `rapport.v1, bearer.TOKEN`. Below `/w/{slug}/` it is that workspace's.
#[utoipa::path(get, path = "/ws", operation_id = "open_socket", tag = "socket",
    responses((status = 101, description = "The connection goes on as a WebSocket: docs/websocket.md"),
        (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn open(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let signed_in = match bearer_protocol(&request) {
        Some(token) => app.identify_bearer(&token).await.map_err(Problem::from)?,
        None => identify(&app, &request).await?,
    };
    let Some(signed_in) = signed_in else { return Err(Problem::not_signed_in().into()) };
    let identity = seat(&signed_in, &request)?.clone();
    let is_cookie = matches!(identity.credential, Credential::Login(_));
    if is_cookie && !origin_check::origin_allowed(&app.public_url, &request) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "A session cookie opens a socket only from Rapport's own pages.",
        )
        .into());
    }
    let backend = AgentBackend {
        app: app.get_ref().clone(),
        identity: identity.clone(),
        origin: if is_cookie { Origin::App } else { Origin::Api },
    };
    let session = AgentSession::new(&app.live, identity, Rc::new(backend));
    socket::upgrade(session, &request, payload)
}

/// `Sec-WebSocket-Protocol: rapport.v1, bearer.TOKEN`. Never echoed, never logged.
fn bearer_protocol(request: &HttpRequest) -> Option<String> {
    request
        .headers()
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|protocol| protocol.trim().strip_prefix("bearer.").map(str::to_owned))
}

/// What a signed-in user may do by socket.
struct AgentBackend {
    app: App,
    identity: Arc<Identity>,
    origin: Origin,
}

impl SessionBackend for AgentBackend {
    fn may_follow(&self, id: ConversationId) -> LocalBoxFuture<'static, Result<i64, LedgerError>> {
        let (db, user) = (self.app.db.clone(), self.identity.user.clone());
        async move {
            let seen = db.read(async move |conn| {
                if let Err(error) = access::conversation(conn, &user, id).await {
                    return Ok(Err(error));
                }
                let mark = list::mark(conn, id, user.id).await?;
                Ok(Ok(mark.map_or(0, |(mark, _)| mark.marked_unread)))
            });
            seen.await.map_err(LedgerError::from).flatten()
        }
        .boxed_local()
    }

    fn send(&self, draft: Draft) -> LocalBoxFuture<'static, Result<Arc<Message>, LedgerError>> {
        let reply = Reply {
            user: self.identity.user.clone(),
            origin: self.origin,
            conversation_id: draft.conversation_id,
            client_id: Some(draft.client_id),
            content: draft.content,
            attachment_ids: draft.attachment_ids,
            message_type: None,
            reply_to: draft.reply_to,
            is_private: draft.is_private,
            template: None,
            send_at: draft.send_at,
            enclosed: None,
        };
        let app = self.app.clone();
        async move {
            let replied = app.ledger.give(reply).await?;
            if replied.is_duplicate {
                app.live.metrics().repeated_sends.one();
            }
            Ok(replied.message)
        }
        .boxed_local()
    }

    fn read(
        &self,
        conversation_id: ConversationId,
        seq: i64,
        opening: Option<i64>,
    ) -> LocalBoxFuture<'static, Result<(), LedgerError>> {
        let reading = Reading::Shown(opening);
        let read = Read { user: self.identity.user.clone(), conversation_id, seq, reading };
        let app = self.app.clone();
        // Who only looks tells no customer so.
        let may_answer = read.user.may(Permission::ConversationsReply);
        async move {
            let (state, mark) = app.ledger.give(read).await?;
            if may_answer {
                app.channel_signals.read(state.id, mark.read_seq);
            }
            Ok(())
        }
        .boxed_local()
    }

    fn view(&self, id: ViewId) -> LocalBoxFuture<'static, Result<Filter, LedgerError>> {
        let (db, user) = (self.app.db.clone(), self.identity.user.clone());
        async move {
            let owner = (user.workspace_id, user.id);
            let view = db.read(async move |conn| saved::find(conn, owner, id).await).await?;
            let filter = view.and_then(|view| ListFilter::of_row(&view.filter, user.id));
            filter.ok_or_else(|| Refusal::not_found("view").into())
        }
        .boxed_local()
    }

    fn typing(
        &self,
        id: ConversationId,
        is_typing: bool,
    ) -> LocalBoxFuture<'static, Result<(), LedgerError>> {
        let (app, user) = (self.app.clone(), self.identity.user.clone());
        async move {
            let typist = user.clone();
            let state = app.db.read(async move |conn| Ok(access::conversation(conn, &typist, id).await));
            require_may_type(&user, &state.await.map_err(LedgerError::from).flatten()?)?;
            app.live.typing(id, Some(&user.person()), is_typing);
            if user.may(Permission::ConversationsReply) {
                app.channel_signals.typing(id, is_typing);
            }
            Ok(())
        }
        .boxed_local()
    }
}

/// Whether somebody may write in a conversation, an answer or a note.
fn require_may_type(user: &User, state: &ConversationState) -> Result<(), Refusal> {
    user.require_any(&[access::writing(state, false), access::writing(state, true)])
}
