//! `/w/{slug}/…`: pages, the API and the socket as one workspace has them. The address loses its beginning
//! before it is looked up, so that every route stands once; whoever is asking is looked for in that
//! workspace. Never who may work there.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

/// What stands before a workspace's name.
const BEFORE: &str = "/w/";
/// What there is below a workspace: the rest of the server has one address only.
const PAGES: [&str; 4] = ["/", "/admin", "/docs", "/ws"];
const BELOW: [&str; 2] = ["/api/v1/", "/admin/"];

/// Which workspace the address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedWorkspace(pub String);

/// The workspace of an address and what is left of it; none: it names none.
fn parted(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix(BEFORE)?;
    let (slug, left) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let left = if left.is_empty() { "/" } else { left };
    let is_there = PAGES.contains(&left) || BELOW.iter().any(|below| left.starts_with(below));
    (is_there && crate::domain::workspace::is_slug(slug)).then_some((slug, left))
}

/// Takes the workspace out of an address and remembers it.
fn take_out(request: &mut ServiceRequest) {
    let Some((slug, left)) = parted(request.path()) else { return };
    let named = NamedWorkspace(slug.to_owned());
    let whole = match request.uri().query() {
        Some(query) => format!("{left}?{query}"),
        None => left.to_owned(),
    };
    let Ok(path) = whole.parse::<PathAndQuery>() else { return };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(path);
    let Ok(uri) = Uri::from_parts(parts) else { return };
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
    request.extensions_mut().insert(named);
}

/// The same, in front of everything.
pub async fn route(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    take_out(&mut request);
    next.call(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn an_address_below_a_workspace_is_the_same_address_there() {
        for (path, expected) in [
            ("/w/pier", Some(("pier", "/"))),
            ("/w/pier/", Some(("pier", "/"))),
            ("/w/pier/admin", Some(("pier", "/admin"))),
            ("/w/pier-39/api/v1/me", Some(("pier-39", "/api/v1/me"))),
            ("/w/pier/ws", Some(("pier", "/ws"))),
            ("/w/pier/webhooks/whatsapp", None),
            ("/w/pier/metrics", None),
            ("/w/pier/w/main/api/v1/me", None),
            ("/w/Pier/", None),
            ("/w//api/v1/me", None),
            ("/api/v1/me", None),
        ] {
            assert_eq!(parted(path), expected, "{path}");
        }
    }

    #[test]
    fn what_is_asked_stays() {
        let mut request = TestRequest::with_uri("/w/pier/api/v1/search?q=w%2Fx").to_srv_request();
        take_out(&mut request);
        assert_eq!((request.path(), request.query_string()), ("/api/v1/search", "q=w%2Fx"));
        assert_eq!(request.extensions().get::<NamedWorkspace>(), Some(&NamedWorkspace("pier".into())));
    }
}
