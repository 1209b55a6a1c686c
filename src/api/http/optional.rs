//! What need not be there. A body: absent means the default; one that is there is read whole or refused, so
//! nothing that could not be read is ever taken for what was not said. A field: absent is not `null`.

use super::problem::{Problem, bad_json, not_json, too_large};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// For a field that may be `null` as well as absent (`Option<Option<…>>`, with `default`): tells one from the
/// other.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// What was said, or the default if nothing was.
#[derive(Debug)]
pub struct Optional<T>(pub T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for Optional<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = request.mime_type().ok().flatten().is_some_and(|mime| {
            mime.subtype() == "json" || mime.suffix().is_some_and(|suffix| suffix == "json")
        });
        let bytes = web::Bytes::from_request(request, payload);
        async move {
            // Its limit is far above what such a body says.
            let bytes = bytes.await.map_err(|error| too_large_or(&error))?;
            if bytes.is_empty() {
                return Ok(Self(T::default()));
            }
            if !is_json {
                return Err(not_json());
            }
            serde_json::from_slice(&bytes).map(Self).map_err(|error| bad_json(&error))
        }
        .boxed_local()
    }
}

/// A body that ended early or is too large.
fn too_large_or(error: &actix_web::Error) -> Problem {
    if error.as_response_error().status_code().as_u16() == 413 {
        return too_large();
    }
    Problem::bad_request("bad_request", "The body is incomplete.")
}
