//! The description of the API, gathered from the handlers. Never written by hand: a handler's own
//! `#[utoipa::path]` says what it takes and gives.

use super::{
    channels, conversations, deliveries, direct_messages, health, login, media, messages, quarantine,
    settings, setup, socket, stats, tokens, users, webhooks,
};
use actix_web::HttpResponse;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// Every handler that is described; schemas follow from them.
#[derive(OpenApi)]
#[openapi(
    info(title = "Rapport", description = "A shared inbox in which every message is stored, shown and sent exactly once."),
    paths(
        login::login,
        login::logout,
        login::me,
        login::change_password,
        settings::show,
        settings::change,
        setup::state,
        setup::create,
        tokens::create,
        tokens::list,
        tokens::delete,
        users::list,
        users::create,
        users::update,
        users::delete,
        channels::list,
        channels::show,
        channels::create,
        channels::update,
        channels::delete,
        channels::test,
        conversations::list,
        conversations::start,
        conversations::show,
        conversations::care,
        conversations::read,
        messages::list,
        messages::send,
        messages::amend,
        messages::delete,
        messages::retry,
        messages::feedback,
        direct_messages::send,
        media::upload,
        media::show,
        media::thumbnail,
        media::wear,
        media::fetch_again,
        deliveries::list,
        quarantine::list,
        stats::show,
        webhooks::whatsapp::verify,
        webhooks::whatsapp::receive,
        webhooks::instagram::verify,
        webhooks::instagram::receive,
        webhooks::messenger::verify,
        webhooks::messenger::receive,
        webhooks::telegram,
        socket::open,
        health::live,
        health::ready,
    ),
    modifiers(&SignedIn)
)]
pub struct ApiDoc;

/// How calls are signed: a bearer token, or a browser's cookie.
struct SignedIn;

impl Modify for SignedIn {
    fn modify(&self, doc: &mut utoipa::openapi::OpenApi) {
        let components = doc.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::new("rapport_session"));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    }
}

/// `GET /openapi.json`.
pub async fn show() -> HttpResponse {
    HttpResponse::Ok().json(ApiDoc::openapi())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_names_every_call_of_signing_in() {
        let doc = serde_json::to_value(ApiDoc::openapi()).expect("JSON");
        for (path, method) in
            [("/api/v1/login", "post"), ("/api/v1/users/{id}", "patch"), ("/api/v1/channels", "get")]
        {
            assert!(doc["paths"][path][method].is_object(), "{method} {path}");
        }
        assert!(doc["components"]["schemas"]["Problem"]["properties"]["type"].is_object());
    }
}
