//! The description of the API, gathered from the handlers. Never written by hand: a handler's own
//! `#[utoipa::path]` says what it takes and gives; `kinds` adds what each kind of channel adds, `whole` what
//! holds for all of them.

mod kinds;
mod whole;

use super::health;
use crate::api::admin::{
    audit, channels, deliveries, flows, hooks, membership_offers, quarantine, reports, roles, sessions,
    settings, stats, teams, tokens, users, workspaces,
};
use crate::api::inbox::{
    ai_drafts, bulk, consents, conversation_events, conversations, customers, direct_messages, labels, media,
    message_history, messages, my_marks, saved, search,
};
use crate::api::public::{login, setup, webhooks, widget};
use crate::api::socket;
use actix_web::HttpResponse;
use bytes::Bytes;
use serde_json::Value;
use std::sync::LazyLock;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// Every handler that is described; schemas follow from them.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rapport",
        description = "A shared inbox in which every message is stored, shown and sent exactly once. \
            How to sign in, page through lists, read errors and generate a client: docs/api.md. \
            Each address below /api/v1 is also one of a workspace: /w/{slug}/api/v1."
    ),
    paths(
        login::login,
        login::logout,
        login::me,
        login::change_password,
        settings::show,
        settings::change,
        setup::state,
        setup::create,
        workspaces::list,
        workspaces::create,
        workspaces::update,
        membership_offers::list,
        membership_offers::create,
        membership_offers::delete,
        membership_offers::own,
        membership_offers::accept,
        membership_offers::decline,
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
        teams::list,
        teams::create,
        teams::update,
        teams::delete,
        roles::list,
        roles::create,
        roles::update,
        roles::delete,
        channels::kinds::list,
        channels::list,
        channels::show,
        channels::create,
        channels::update,
        channels::delete,
        channels::test,
        channels::health::health,
        channels::health::subscribe,
        channels::templates::list,
        channels::templates::sync,
        channels::template_drafts::create,
        channels::template_drafts::change,
        channels::template_drafts::delete,
        conversations::list,
        conversations::start,
        conversations::show,
        conversations::care,
        bulk::change,
        bulk::show,
        bulk::stop,
        bulk::undo,
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
        consents::list,
        consents::set,
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
        messages::check,
        messages::amend,
        messages::delete,
        messages::retry,
        messages::react,
        messages::feedback,
        direct_messages::send,
        media::upload,
        media::show,
        media::thumbnail,
        media::preview,
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
        webhooks::verify,
        webhooks::receive_of_kind,
        webhooks::receive_of_channel,
        widget::upload,
        widget::file,
        widget::thumbnail,
        socket::open,
        health::live,
        health::ready,
    ),
    modifiers(&SignedIn),
    tags(
        (name = "signing in", description = "Cookie, bearer tokens, and one's own account"),
        (name = "workspaces", description = "Where one is a member, and becoming one"),
        (name = "users", description = "Colleagues"),
        (name = "settings", description = "What the workspace decided for itself"),
        (name = "channels", description = "Connected accounts on the platforms, and web chats"),
        (name = "conversations", description = "The list, one of them, and caring for it"),
        (name = "messages", description = "What was said, and saying something"),
        (name = "media", description = "Files"),
        (name = "customers", description = "Who writes to us, and what we keep of them"),
        (name = "search", description = "Customers by name, messages by their words"),
        (name = "labels", description = "What conversations are sorted by"),
        (name = "templates", description = "Messages that a platform approves beforehand"),
        (name = "canned replies", description = "Ready-made answers of the team"),
        (name = "views", description = "Saved filters of the list"),
        (name = "ai", description = "What a model would answer"),
        (name = "flows", description = "Steps that run by themselves"),
        (name = "hooks", description = "Programs that hear what happens here"),
        (name = "deliveries", description = "The outbox and its log"),
        (name = "overview", description = "For admins: numbers, the audit log, events that could not be \
            read"),
        (name = "webhooks", description = "What the platforms call"),
        (name = "widget", description = "What visitors of a web chat call"),
        (name = "socket", description = "The WebSocket: docs/websocket.md"),
        (name = "health", description = "Whether the server can work"),
    )
)]
pub struct ApiDoc;

/// How calls are signed: a bearer token, or a browser's cookie; and how visitors and platforms prove who they
/// are.
struct SignedIn;

impl Modify for SignedIn {
    fn modify(&self, doc: &mut utoipa::openapi::OpenApi) {
        let components = doc.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The token of `create_token`: for programs"))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
            "rapport_session",
            "Set by `login`: for browsers. Over https it is called `__Host-rapport_session`",
        ));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
        let visitor = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The token that a visitor of a web chat is given by its socket"))
            .build();
        components.add_security_scheme("visitor", SecurityScheme::Http(visitor));
        for (name, header, what) in kinds::proofs() {
            let header = ApiKey::Header(ApiKeyValue::with_description(header, what.to_owned()));
            components.add_security_scheme(name, SecurityScheme::ApiKey(header));
        }
    }
}

/// `GET /openapi.json`.
pub async fn show() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(text())
}

/// The description as it is shown: the same for everybody, so it is written once.
fn text() -> Bytes {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(described().to_string()));
    TEXT.clone()
}

/// The whole description.
pub fn described() -> Value {
    let gathered = serde_json::to_value(ApiDoc::openapi()).unwrap_or_default();
    whole::finished(kinds::told(gathered))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_is_signed_and_tells_its_errors() {
        let shown = described();
        let me = &shown["paths"]["/api/v1/me"]["get"];
        let refusal = &me["responses"]["401"]["content"];
        assert!(refusal["application/problem+json"].is_object() && refusal["application/json"].is_null());
        assert!(me["responses"]["default"].is_object() && me["security"][0]["bearer"].is_array(), "{me}");
        let login = &shown["paths"]["/api/v1/login"]["post"];
        assert_eq!(login["security"], serde_json::json!([{}]));
        assert!(shown["components"]["schemas"]["Problem"]["properties"]["type"].is_object());
    }

    #[test]
    fn what_rust_puts_together_is_one_object_and_every_field_of_an_answer_is_there() {
        let shown = described();
        let of = |name: &str| shown["components"]["schemas"][name].clone();
        let conversation = of("Conversation");
        let required = conversation["required"].as_array().expect("a list");
        for field in ["id", "assignee", "unread_count", "last_message"] {
            assert!(conversation["properties"][field].is_object(), "{field}: {conversation}");
            assert!(required.iter().any(|name| name == field), "{field}: {required:?}");
        }
        let list = of("ConversationList");
        assert_eq!(list["properties"]["items"]["items"]["$ref"], "#/components/schemas/Conversation");
        assert_eq!(of("Message")["properties"]["id"]["type"], "integer");
        assert!(of("SendMessageBody")["required"].is_null(), "nothing of it must be said");
    }
}
