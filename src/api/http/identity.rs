//! Who is asking, as a handler's argument: [`Identity`] for a member of the workspace that the address means,
//! [`Signed`] for anybody signed in, wherever they are a member; what they may do is `may`'s. Never how a
//! token is checked: that is `auth`.

use super::origin_check;
use super::problem::Problem;
use super::workspace_address::NamedWorkspace;
use crate::api::public::webhooks;
use crate::app::App;
use crate::auth::{NoSeat, SignedIn};
use crate::config::PublicUrl;
use crate::domain::{Identity, Refusal};
use actix_web::body::{EitherBody, MessageBody};
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, ResponseError, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::sync::Arc;

/// Who is asking, whichever workspace is meant: what concerns their account alone.
#[derive(Debug, Clone)]
pub struct Signed(pub Arc<SignedIn>);

impl FromRequest for Signed {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        let known = request.extensions().get::<Self>().cloned();
        async move {
            match known {
                Some(account) => Ok(account),
                None => identify(app(&request), &request).await?.map(Self).ok_or_else(Problem::not_signed_in),
            }
        }
        .boxed_local()
    }
}

impl FromRequest for Identity {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let account = Signed::from_request(request, payload);
        let request = request.clone();
        async move { Ok(Self::clone(seat(&account.await?.0, &request)?)) }.boxed_local()
    }
}

/// The membership that the address means. Another workspace's is not there.
pub fn seat<'a>(signed_in: &'a SignedIn, request: &HttpRequest) -> Result<&'a Arc<Identity>, Problem> {
    let named = workspace_named(request);
    signed_in.at(named.as_deref()).map_err(|why| match why {
        NoSeat::NotTheirs => Refusal::not_found("workspace").into(),
        NoSeat::Unsaid => Problem::bad_request(
            "workspace_required",
            "You are a member of several workspaces: ask below /w/{slug}/, as GET /api/v1/workspaces names \
             them.",
        ),
    })
}

/// The workspace that the address names.
pub fn workspace_named(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<NamedWorkspace>().map(|named| named.0.clone())
}
/// What takes a body from somebody who is not signed in.
pub(crate) const OPEN: [&str; 3] = ["/api/v1/login", "/api/v1/logout", "/api/v1/setup"];

/// Asks who is asking before a byte of the body is read: whoever is nobody is told that, and not what is
/// wrong with their words.
pub async fn ask_before_the_body(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody + 'static>>, Error> {
    let path = request.path();
    if webhooks::is_unsigned(&request) {
        let problem = webhooks::refuse_unsigned(app(request.request()), path);
        return Ok(request.into_response(problem.error_response()).map_into_right_body());
    }
    if request.method().is_safe() || !path.starts_with("/api/v1/") || OPEN.contains(&path) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let asked = Signed::extract(request.request()).await.and_then(|account| {
        // Which of several is meant is for the handler to ask: some are about the account alone.
        match account.0.at(workspace_named(request.request()).as_deref()) {
            Err(NoSeat::NotTheirs) => Err(Refusal::not_found("workspace").into()),
            _ => Ok(account),
        }
    });
    match asked {
        Ok(account) => {
            request.extensions_mut().insert(account);
            Ok(next.call(request).await?.map_into_left_body())
        }
        Err(problem) => Ok(request.into_response(problem.error_response()).map_into_right_body()),
    }
}

/// Who is asking, by bearer token or by cookie. A header that names a token is the whole answer: a
/// wrong one is not made good by a cookie.
pub async fn identify(app: &App, request: &HttpRequest) -> Result<Option<Arc<SignedIn>>, Problem> {
    if request.headers().contains_key(header::AUTHORIZATION) {
        let Some(token) = bearer(request) else { return Ok(None) };
        return Ok(app.identify_bearer(token).await?);
    }
    let Some(cookie) = request.cookie(cookie_name(&app.public_url)) else { return Ok(None) };
    if !request.method().is_safe() {
        require_own_origin(app, request)?;
    }
    Ok(app.identify_cookie(cookie.value()).await?)
}

/// A write must not come from another site's page.
pub fn require_own_origin(app: &App, request: &HttpRequest) -> Result<(), Problem> {
    if origin_check::may_write(&app.public_url, request) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "foreign_origin", "This request comes from another site's page."))
}

/// `Authorization: Bearer TOKEN`.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The cookie's name: over https the browser itself guarantees that nobody else set it.
pub fn cookie_name(public_url: &PublicUrl) -> &'static str {
    if public_url.is_https() { "__Host-rapport_session" } else { "rapport_session" }
}

/// The cookie that carries `token`.
pub fn cookie(public_url: &PublicUrl, token: &str) -> Cookie<'static> {
    let lasts = Duration::try_from(crate::auth::LOGIN_LASTS).unwrap_or(Duration::ZERO);
    Cookie::build(cookie_name(public_url), token.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(public_url.is_https())
        .max_age(lasts)
        .finish()
}

/// The cookie that takes the one there is away.
pub fn no_cookie(public_url: &PublicUrl) -> Cookie<'static> {
    let mut cookie = cookie(public_url, "");
    cookie.set_max_age(Duration::ZERO);
    cookie
}

fn app(request: &HttpRequest) -> &App {
    request.app_data::<web::Data<App>>().expect("the server gives every request its App")
}
