//! Every error's answer: `application/problem+json` (RFC 9457) with a stable `code`. The one place
//! where an error becomes a status, and where what is our own fault is logged. Never a secret, never
//! a customer's text, never the inside of a database error.

use crate::domain::{Permission, Refusal, RefusalKind, Verdict};
use crate::ledger::LedgerError;
use crate::store::StoreError;
use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::{self, JsonConfig, PathConfig, QueryConfig, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

/// Bodies that are JSON; files go to `/api/v1/media`.
const JSON_LIMIT: usize = 1024 * 1024;
/// What a caller is asked to wait when the server is short of something.
const RETRY_SECONDS: u64 = 2;

/// An error as the outside sees it.
#[derive(Debug, Clone, Serialize, ToSchema, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Problem {
    /// `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    #[schema(rename = "type", example = "about:blank")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16, example = 404)]
    pub status: StatusCode,
    /// Stable, for programs.
    #[schema(example = "not_found")]
    pub code: &'static str,
    /// For people: what is wrong and what to do.
    pub detail: String,
    /// What whoever asked would have to be allowed, where their role is what forbids it.
    pub permission: Option<Permission>,
    /// Seconds after which it may work: the header `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<u64>,
    /// `decision`, `reason`, `alternatives` and `until`, where something was not to be sent: docs/sending.md.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub verdict: Option<Box<Verdict>>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature is serde's
fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem of any status.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        let detail = detail.into();
        Self {
            kind: "about:blank",
            title,
            status,
            code,
            detail,
            permission: None,
            retry_after: None,
            verdict: None,
        }
    }

    /// Nobody is signed in.
    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Sign in, or send a bearer token.")
    }

    /// The request makes no sense.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The server cannot store this now. Try again in a moment.",
        )
    }

    fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::NOT_FOUND => ("not_found", "Nothing was found at this address."),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method_not_allowed", "This address does not accept this method.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "The body is too large."),
            StatusCode::REQUEST_TIMEOUT => ("timeout", "The request took too long to arrive."),
            status if status.is_client_error() => ("bad_request", "The request is not valid."),
            _ => ("internal", "Something went wrong on the server."),
        };
        Self::new(status, code, detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut answer = HttpResponse::build(self.status);
        let after = |usual: u64| (header::RETRY_AFTER, self.retry_after.unwrap_or(usual));
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => answer.insert_header(after(60)),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE => {
                answer.insert_header(after(RETRY_SECONDS))
            }
            StatusCode::UNAUTHORIZED => answer.insert_header((header::WWW_AUTHENTICATE, "Bearer")),
            _ => &mut answer,
        };
        let json = serde_json::to_string(self).expect("texts and numbers are JSON");
        answer.insert_header((header::CONTENT_TYPE, "application/problem+json")).body(json)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.kind {
            RefusalKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            RefusalKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            RefusalKind::Forbidden => StatusCode::FORBIDDEN,
            RefusalKind::NotFound => StatusCode::NOT_FOUND,
            RefusalKind::Conflict => StatusCode::CONFLICT,
            RefusalKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            RefusalKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        };
        let retry_after = refusal.retry_after.map(|wait| wait.as_millis().div_ceil(1000).max(1));
        let retry_after = retry_after.and_then(|seconds| u64::try_from(seconds).ok());
        let verdict = refusal.verdict;
        let permission = refusal.permission;
        Self { permission, retry_after, verdict, ..Self::new(status, refusal.code, refusal.message) }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::of_status(StatusCode::NOT_FOUND),
            StoreError::Taken(_) => Self::new(StatusCode::CONFLICT, "taken", "This already exists."),
            StoreError::Collided(_) | StoreError::Unavailable(_) | StoreError::Unfit(_) => {
                log::error!("{error}");
                Self::unavailable()
            }
            StoreError::Broken(_) => {
                log::error!("{error}");
                Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Refused(refusal) => refusal.into(),
            LedgerError::Store(error) => error.into(),
            // The ledger logged it once, for all who waited.
            LedgerError::Unavailable(_) | LedgerError::PutOff => Self::unavailable(),
        }
    }
}

/// Extractors answer with problems too.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.app_data(JsonConfig::default().limit(JSON_LIMIT).error_handler(|error, _| of_json(&error).into()))
        .app_data(QueryConfig::default().error_handler(|error, _| of_query(&error).into()))
        .app_data(PathConfig::default().error_handler(|error, _| of_path(&error).into()))
        .default_service(web::to(nothing_here));
}

async fn nothing_here() -> Result<HttpResponse, Problem> {
    Err(Problem::of_status(StatusCode::NOT_FOUND))
}

fn of_json(error: &JsonPayloadError) -> Problem {
    match error {
        JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => {
            Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE)
        }
        JsonPayloadError::ContentType => not_json(),
        JsonPayloadError::Deserialize(error) => bad_json(error),
        _ => Problem::of_status(StatusCode::BAD_REQUEST),
    }
}

/// What a body is that does not say it is JSON.
pub(crate) fn not_json() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not_json",
        "The body must be JSON, with Content-Type: application/json.",
    )
}

/// What a body is that cannot be read: serde names the field and what it expected; what was sent it repeats
/// only for closed vocabularies.
pub(crate) fn bad_json(error: &serde_json::Error) -> Problem {
    Problem::bad_request("bad_json", capped(error.to_string()))
}

/// What a body is that is larger than it may be.
pub(crate) fn too_large() -> Problem {
    Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE)
}

fn of_query(error: &QueryPayloadError) -> Problem {
    match error {
        QueryPayloadError::Deserialize(error) => Problem::bad_request("bad_query", capped(error.to_string())),
        _ => Problem::of_status(StatusCode::BAD_REQUEST),
    }
}

/// An id that is no number names nothing.
fn of_path(_: &PathError) -> Problem {
    Problem::of_status(StatusCode::NOT_FOUND)
}

fn capped(text: String) -> String {
    if text.chars().count() > 300 { text.chars().take(300).collect::<String>() + "…" } else { text }
}

/// The last word on every answer: an error that actix-web made itself becomes a problem.
pub async fn translate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody + 'static>>, Error> {
    let answer = next.call(request).await?;
    let status = answer.status();
    let is_bare = (status.is_client_error() || status.is_server_error())
        && (answer.response().error().is_some_and(|error| error.as_error::<Problem>().is_none())
            || matches!(answer.response().body().size(), BodySize::None | BodySize::Sized(0)));
    if !is_bare {
        return Ok(answer.map_into_left_body());
    }
    if status.is_server_error()
        && let Some(error) = answer.response().error()
    {
        log::error!("{} {}: {error}", answer.request().method(), route(answer.request()));
    }
    let allow = answer.headers().get(header::ALLOW).cloned();
    let (request, _) = answer.into_parts();
    let mut problem = Problem::of_status(status).error_response();
    if let Some(allow) = allow {
        problem.headers_mut().insert(header::ALLOW, allow);
    }
    Ok(ServiceResponse::new(request, problem).map_into_right_body())
}

/// The pattern of an address, not the address: it may hold a token.
fn route(request: &HttpRequest) -> String {
    request.match_pattern().unwrap_or_else(|| "an unknown address".into())
}

/// For answers that nobody may keep: they say who is signed in.
pub fn private(answer: &mut HttpResponse) {
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
