//! Uploads: forms cut in pieces, and names that are only ever shown.
#![no_main]

use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use bytes::Bytes;
use futures_util::{FutureExt, TryStreamExt, stream};
use libfuzzer_sys::fuzz_target;
use rapport::media::shown_name;

fuzz_target!(|body: &[u8]| {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=fence"));
    let pieces: Vec<_> = body
        .chunks(61)
        .map(|piece| Ok::<_, actix_web::error::PayloadError>(Bytes::copy_from_slice(piece)))
        .collect();
    let mut form = actix_multipart::Multipart::new(&headers, stream::iter(pieces));
    let read = async {
        while let Ok(Some(mut field)) = form.try_next().await {
            let name = field.content_disposition().and_then(|disposition| disposition.get_filename());
            if let Some(name) = name.and_then(shown_name) {
                assert!(!name.is_empty() && !name.contains(['/', '\\', '\0']) && name != ".." && name != ".");
            }
            while let Ok(Some(_)) = field.try_next().await {}
        }
    };
    // Everything is there already: it never waits.
    let _ = read.now_or_never();
});
