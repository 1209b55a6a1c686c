//! The description of the API, gathered from the handlers. Never written by hand: a handler's own
//! `#[utoipa::path]` says what it takes and gives.

use super::health;
use crate::api::admin::{
    audit, channels, deliveries, flows, hooks, quarantine, reports, sessions, settings, stats, tokens, users,
};
use crate::api::inbox::{
    ai_drafts, bulk, conversation_events, conversations, customers, direct_messages, labels, media,
    message_history, messages, my_marks, saved, search,
};
use crate::api::public::{login, setup, webhooks, widget};
use crate::api::socket;
use actix_web::HttpResponse;
use serde_json::{Map, Value, json};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// Every handler that is described; schemas follow from them.
#[derive(OpenApi)]
#[openapi(
    info(title = "Rapport",
        description = "A shared inbox in which every message is stored, shown and sent exactly once."),
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
        sessions::own,
        sessions::end_others,
        sessions::end_own,
        sessions::of_user,
        sessions::end_of_user,
        sessions::tokens_of_user,
        sessions::end_token_of_user,
        users::list,
        users::create,
        users::update,
        users::delete,
        channels::kinds::list,
        channels::list,
        channels::show,
        channels::create,
        channels::update,
        channels::delete,
        channels::test,
        channels::health::health,
        channels::health::subscribe,
        channels::health::templates,
        conversations::list,
        conversations::start,
        conversations::show,
        conversations::care,
        bulk::change,
        bulk::show,
        bulk::stop,
        conversations::counts,
        conversations::read,
        my_marks::mark_unread,
        my_marks::follow,
        my_marks::unfollow,
        my_marks::remind,
        my_marks::forget_reminder,
        conversation_events::list,
        customers::show,
        customers::change,
        customers::merge,
        customers::undo_merge,
        customers::end_visits,
        customers::erase,
        search::find,
        labels::list,
        labels::create,
        labels::update,
        labels::delete,
        labels::bring_back,
        saved::canned,
        saved::create_canned,
        saved::update_canned,
        saved::delete_canned,
        saved::restore_canned,
        saved::views,
        saved::view_counts,
        saved::create_view,
        saved::update_view,
        saved::delete_view,
        saved::restore_view,
        messages::list,
        messages::send,
        messages::amend,
        messages::delete,
        messages::retry,
        messages::react,
        messages::feedback,
        direct_messages::send,
        media::upload,
        media::show,
        media::thumbnail,
        media::wear,
        media::fetch_again,
        ai_drafts::send,
        ai_drafts::discard,
        hooks::list,
        hooks::create,
        hooks::update,
        hooks::delete,
        hooks::deliveries,
        hooks::replay,
        deliveries::list,
        flows::list,
        flows::show,
        flows::create,
        flows::dry_run::dry_run,
        flows::update,
        flows::delete,
        flows::bring_back,
        flows::new_address,
        flows::runs::of_flow,
        flows::runs::start,
        flows::runs::broadcast,
        flows::runs::list,
        flows::runs::show,
        flows::runs::stop,
        flows::hook::start,
        quarantine::list,
        quarantine::replay,
        audit::list,
        reports::show,
        message_history::show,
        stats::show,
        webhooks::whatsapp::verify,
        webhooks::whatsapp::receive,
        webhooks::instagram::verify,
        webhooks::instagram::receive,
        webhooks::messenger::verify,
        webhooks::messenger::receive,
        webhooks::telegram,
        widget::upload,
        widget::file,
        widget::thumbnail,
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
    HttpResponse::Ok().json(described())
}

/// The description as it is shown: what every call can answer beside its own is said once, here.
fn described() -> Value {
    let mut doc = serde_json::to_value(ApiDoc::openapi()).unwrap_or_default();
    let calls = doc["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for responses in
        calls.filter_map(Value::as_object_mut).flat_map(|path| path.values_mut()).filter_map(responses)
    {
        for response in
            responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5'])).map(|(_, it)| it)
        {
            let content = response.get_mut("content").and_then(Value::as_object_mut);
            if let Some(content) = content
                && let Some(problem) = content.remove("application/json")
            {
                content.insert("application/problem+json".into(), problem);
            }
        }
        responses.entry("default").or_insert_with(|| {
            json!({
                "description": "Anything else that is wrong: not JSON (415), no sense in it (400), not \
                    signed in (401), not \
                    allowed (403), not there (404), too large (413), too often (429), not now (503)",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
            })
        });
    }
    doc
}

fn responses(call: &mut Value) -> Option<&mut Map<String, Value>> {
    call.get_mut("responses")?.as_object_mut()
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
        let shown = described();
        let refusal = &shown["paths"]["/api/v1/me"]["get"]["responses"]["401"]["content"];
        assert!(
            refusal["application/problem+json"].is_object() && refusal["application/json"].is_null(),
            "{refusal}"
        );
        assert!(shown["paths"]["/api/v1/me"]["get"]["responses"]["default"].is_object());
        assert!(doc["components"]["schemas"]["Problem"]["properties"]["type"].is_object());
    }
}
