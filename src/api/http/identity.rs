//! Who is asking, as a handler's argument: [`Identity`] for anybody signed in; what they may do is `may`'s.
//! Never how a token is checked: that is `auth`.

use super::origin_check;
use super::problem::Problem;
use crate::api::public::webhooks;
use crate::app::App;
use crate::config::PublicUrl;
use crate::domain::Identity;
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

impl FromRequest for Identity {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        let known = request.extensions().get::<Self>().cloned();
        async move {
            match known {
                Some(identity) => Ok(identity),
                None => identify(app(&request), &request)
                    .await?
                    .map(Arc::unwrap_or_clone)
                    .ok_or_else(Problem::not_signed_in),
            }
        }
        .boxed_local()
    }
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
    match Identity::extract(request.request()).await {
        Ok(identity) => {
            request.extensions_mut().insert(identity);
            Ok(next.call(request).await?.map_into_left_body())
        }
        Err(problem) => Ok(request.into_response(problem.error_response()).map_into_right_body()),
    }
}

/// Who is asking, by bearer token or by cookie. A header that names a token is the whole answer: a
/// wrong one is not made good by a cookie.
pub async fn identify(app: &App, request: &HttpRequest) -> Result<Option<Arc<Identity>>, Problem> {
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
