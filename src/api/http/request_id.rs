//! A name for each request: the proxy's own (`X-Request-Id`) or a new one, on the answer and on
//! every line that is logged while it is worked on; and from where it came, for the audit trail. Never a word
//! of the request itself.

use super::address::Origin;
use crate::app::App;
use crate::store::accounts::audit;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// What `RUST_LOG` calls these lines by (docs/operations.md), wherever this file stands.
const TARGET: &str = "rapport::api::request_id";

const NAME: HeaderName = HeaderName::from_static("x-request-id");
const MAX_BYTES: usize = 64;

tokio::task_local! {
    static CURRENT: String;
}

/// The request that this task works on, if it does on one.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Gives a request its name and logs, at `debug`, how it ended.
pub async fn name(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody + 'static>, Error> {
    let id = given(&request).unwrap_or_else(made);
    let header = HeaderValue::from_str(&id);
    let from =
        request.app_data::<Data<App>>().map(|app| Arc::from(Origin::of(app, request.request()).to_string()));
    CURRENT
        .scope(id, async move {
            let begun = Instant::now();
            let mut answer = audit::from(from, next.call(request)).await?;
            if log::log_enabled!(target: TARGET, log::Level::Debug) {
                let route = answer.request().match_pattern().unwrap_or_else(|| "an unknown address".into());
                let (method, status) = (answer.request().method(), answer.status().as_u16());
                let ms = begun.elapsed().as_secs_f64() * 1e3;
                log::debug!(target: TARGET, "{method} {route} {status} in {ms:.1} ms");
            }
            if let Ok(header) = header {
                answer.headers_mut().insert(NAME, header);
            }
            Ok(answer)
        })
        .await
}

/// What a proxy calls it, if that is a plain word: it goes into the log as it is.
fn given(request: &ServiceRequest) -> Option<String> {
    let text = request.headers().get(NAME)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (!text.is_empty() && text.len() <= MAX_BYTES && text.bytes().all(is_plain)).then(|| text.to_owned())
}

/// Unique among all processes: a random beginning each, and a number.
fn made() -> String {
    static PROCESS: OnceLock<u32> = OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let process = PROCESS.get_or_init(|| {
        let mut bytes = [0; 4];
        // Without randomness the number of the process tells them apart on one machine.
        getrandom::fill(&mut bytes).map_or_else(|_| std::process::id(), |()| u32::from_ne_bytes(bytes))
    });
    format!("{process:08x}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
