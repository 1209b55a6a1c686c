//! The whole API on one screen. Never a handler.

use super::{health, html, metrics, openapi, problem};
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
use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::{Method, header};
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder};

/// Every address and what answers it.
#[rustfmt::skip] // one line an address
#[expect(clippy::too_many_lines, reason = "one line an address")]
pub fn configure(cfg: &mut ServiceConfig) {
    problem::configure(cfg);
    // Addresses are tried one after the other: the busiest come first.
    cfg.service(at("/webhooks/{kind}").limit(webhooks::BODY_LIMIT).get(webhooks::verify).post(webhooks::receive_of_kind));
    cfg.service(at("/webhooks/{kind}/{channel_id}").limit(webhooks::BODY_LIMIT).post(webhooks::receive_of_channel));

    cfg.service(at("/api/v1/setup").get(setup::state).post(setup::create));
    cfg.service(at("/api/v1/login").post(login::login));
    cfg.service(at("/api/v1/logout").post(login::logout));
    cfg.service(at("/api/v1/me").get(login::me));
    cfg.service(at("/api/v1/me/password").put(login::change_password));
    cfg.service(at("/api/v1/me/sessions").get(sessions::own).delete(sessions::end_others));
    cfg.service(at("/api/v1/me/sessions/{id}").delete(sessions::end_own));
    cfg.service(at("/api/v1/workspaces").get(workspaces::list).post(workspaces::create));
    cfg.service(at("/api/v1/workspaces/{id}").patch(workspaces::update));
    cfg.service(at("/api/v1/membership-offers").get(membership_offers::list).post(membership_offers::create));
    cfg.service(at("/api/v1/membership-offers/{id}").delete(membership_offers::delete));
    cfg.service(at("/api/v1/me/membership-offers").get(membership_offers::own));
    cfg.service(at("/api/v1/me/membership-offers/{id}").delete(membership_offers::decline));
    cfg.service(at("/api/v1/me/membership-offers/{id}/accept").post(membership_offers::accept));
    cfg.service(at("/api/v1/tokens").get(tokens::list).post(tokens::create));
    cfg.service(at("/api/v1/tokens/{id}").delete(tokens::delete));
    cfg.service(at("/api/v1/users").get(users::list).post(users::create));
    cfg.service(at("/api/v1/users/{id}").patch(users::update).delete(users::delete));
    cfg.service(at("/api/v1/users/{id}/sessions").get(sessions::of_user));
    cfg.service(at("/api/v1/users/{id}/sessions/{session_id}").delete(sessions::end_of_user));
    cfg.service(at("/api/v1/users/{id}/tokens").get(sessions::tokens_of_user));
    cfg.service(at("/api/v1/users/{id}/tokens/{token_id}").delete(sessions::end_token_of_user));
    cfg.service(at("/api/v1/roles").get(roles::list).post(roles::create));
    cfg.service(at("/api/v1/roles/{slug}").patch(roles::update).delete(roles::delete));
    cfg.service(at("/api/v1/teams").get(teams::list).post(teams::create));
    cfg.service(at("/api/v1/teams/{id}").patch(teams::update).delete(teams::delete));
    cfg.service(at("/api/v1/settings").get(settings::show).patch(settings::change));
    cfg.service(at("/api/v1/channel-kinds").get(channels::kinds::list));
    cfg.service(at("/api/v1/channels").get(channels::list).post(channels::create));
    cfg.service(at("/api/v1/channels/{id}").get(channels::show).patch(channels::update).delete(channels::delete));
    cfg.service(at("/api/v1/channels/{id}/test").post(channels::test));
    cfg.service(at("/api/v1/channels/{id}/health").get(channels::health::health));
    cfg.service(at("/api/v1/channels/{id}/subscribe").post(channels::health::subscribe));
    cfg.service(at("/api/v1/channels/{id}/templates").get(channels::templates::list).post(channels::template_drafts::create));
    cfg.service(at("/api/v1/channels/{id}/templates/sync").post(channels::templates::sync));
    cfg.service(at("/api/v1/channels/{id}/templates/{template_id}").patch(channels::template_drafts::change).delete(channels::template_drafts::delete));

    cfg.service(at("/api/v1/conversations").get(conversations::list).post(conversations::start));
    cfg.service(at("/api/v1/conversations/bulk").post(bulk::change));
    cfg.service(at("/api/v1/conversations/counts").get(conversations::counts));
    cfg.service(at("/api/v1/conversations/{id}").get(conversations::show).patch(conversations::care));
    cfg.service(at("/api/v1/conversations/{id}/messages").get(messages::list).post(messages::send));
    cfg.service(at("/api/v1/conversations/{id}/messages/check").post(messages::check));
    cfg.service(at("/api/v1/conversations/{id}/events").get(conversation_events::list));
    cfg.service(at("/api/v1/conversations/{id}/read").post(conversations::read));
    cfg.service(at("/api/v1/conversations/{id}/unread").put(my_marks::mark_unread));
    cfg.service(at("/api/v1/conversations/{id}/follow").put(my_marks::follow).delete(my_marks::unfollow));
    cfg.service(at("/api/v1/conversations/{id}/reminder").put(my_marks::remind).delete(my_marks::forget_reminder));
    cfg.service(at("/api/v1/bulk-jobs/{id}").get(bulk::show).delete(bulk::stop));
    cfg.service(at("/api/v1/bulk-jobs/{id}/undo").post(bulk::undo));
    cfg.service(at("/api/v1/customers/{id}").get(customers::show).patch(customers::change).delete(customers::erase));
    cfg.service(at("/api/v1/customers/{id}/consents").get(consents::list).put(consents::set));
    cfg.service(at("/api/v1/customers/{id}/merge").post(customers::merge));
    cfg.service(at("/api/v1/customers/{id}/merges/{merge_id}/undo").post(customers::undo_merge));
    cfg.service(at("/api/v1/customers/{id}/end-visits").post(customers::end_visits));
    cfg.service(at("/api/v1/search").get(search::find));
    cfg.service(at("/api/v1/labels").get(labels::list).post(labels::create));
    cfg.service(at("/api/v1/labels/{id}").patch(labels::update).delete(labels::delete));
    cfg.service(at("/api/v1/labels/{id}/restore").post(labels::bring_back));
    cfg.service(at("/api/v1/canned-replies").get(saved::canned).post(saved::create_canned));
    cfg.service(at("/api/v1/canned-replies/{id}").patch(saved::update_canned).delete(saved::delete_canned));
    cfg.service(at("/api/v1/canned-replies/{id}/restore").post(saved::restore_canned));
    cfg.service(at("/api/v1/views").get(saved::views).post(saved::create_view));
    cfg.service(at("/api/v1/views/counts").get(saved::view_counts));
    cfg.service(at("/api/v1/views/{id}").patch(saved::update_view).delete(saved::delete_view));
    cfg.service(at("/api/v1/views/{id}/restore").post(saved::restore_view));
    cfg.service(at("/api/v1/direct-messages").post(direct_messages::send));
    cfg.service(at("/api/v1/messages/{id}").patch(messages::amend).delete(messages::delete));
    cfg.service(at("/api/v1/messages/{id}/retry").post(messages::retry));
    cfg.service(at("/api/v1/messages/{id}/reaction").put(messages::react));
    cfg.service(at("/api/v1/messages/{id}/feedback").post(messages::feedback));
    cfg.service(at("/api/v1/messages/{id}/attachments/{attachment_id}/retry").post(media::fetch_again));
    cfg.service(at("/api/v1/media").post(media::upload));
    cfg.service(at("/api/v1/media/{id}").get(media::show));
    cfg.service(at("/api/v1/media/{id}/thumbnail").get(media::thumbnail));
    cfg.service(at("/api/v1/media/{id}/preview").get(media::preview));
    cfg.service(at("/api/v1/me/avatar").put(media::wear));
    cfg.service(at("/api/v1/ai-drafts/{id}").delete(ai_drafts::discard));
    cfg.service(at("/api/v1/ai-drafts/{id}/send").post(ai_drafts::send));
    cfg.service(at("/api/v1/deliveries").get(deliveries::list));
    cfg.service(at("/api/v1/messages/{id}/history").get(message_history::show));
    cfg.service(at("/api/v1/hooks").get(hooks::list).post(hooks::create));
    cfg.service(at("/api/v1/hooks/{id}").patch(hooks::update).delete(hooks::delete));
    cfg.service(at("/api/v1/hooks/{id}/deliveries").get(hooks::deliveries));
    cfg.service(at("/api/v1/hook-deliveries/{id}/replay").post(hooks::replay));
    cfg.service(at("/api/v1/quarantine").get(quarantine::list));
    cfg.service(at("/api/v1/quarantine/{id}/replay").post(quarantine::replay));
    cfg.service(at("/api/v1/audit").get(audit::list));
    cfg.service(at("/api/v1/reports").get(reports::show));
    cfg.service(at("/api/v1/stats").get(stats::show));

    cfg.service(at("/api/v1/flows").get(flows::list).post(flows::create));
    cfg.service(at("/api/v1/flows/dry-run").post(flows::dry_run::dry_run));
    cfg.service(at("/api/v1/flows/{id}").get(flows::show).patch(flows::update).delete(flows::delete));
    cfg.service(at("/api/v1/flows/{id}/restore").post(flows::bring_back));
    cfg.service(at("/api/v1/flows/{id}/hook").post(flows::new_address));
    cfg.service(at("/api/v1/flows/{id}/runs").get(flows::runs::of_flow).post(flows::runs::start));
    cfg.service(at("/api/v1/flows/{id}/broadcasts").post(flows::runs::broadcast));
    cfg.service(at("/api/v1/flow-runs").get(flows::runs::list));
    cfg.service(at("/api/v1/flow-runs/{id}").get(flows::runs::show));
    cfg.service(at("/api/v1/flow-runs/{id}/stop").post(flows::runs::stop));
    cfg.service(at("/hooks/flows/{token}").limit(flows::hook::BODY_LIMIT).post(flows::hook::start));

    cfg.service(at("/ws").get(socket::open));
    cfg.service(at("/widget/{channel_id}").get(widget::frame));
    cfg.service(at("/widget/{channel_id}/ws").get(widget::open));
    cfg.service(at("/widget/{channel_id}/media").post(widget::upload));
    cfg.service(at("/widget/{channel_id}/media/{id}").get(widget::file));
    cfg.service(at("/widget/{channel_id}/media/{id}/thumbnail").get(widget::thumbnail));

    cfg.service(at("/metrics").get(metrics::show));
    cfg.service(at("/openapi.json").get(openapi::show));
    cfg.service(at("/health/live").get(health::live));
    cfg.service(at("/health/ready").get(health::ready));
    html::configure(cfg);
}

/// One address.
pub(crate) fn at(path: &str) -> At {
    At { resource: web::resource(path), allowed: Vec::new() }
}

/// An address and the methods it takes; others get 405 with `Allow`.
pub(crate) struct At {
    resource: Resource,
    allowed: Vec<Method>,
}

/// Each method's place in the table.
macro_rules! methods {
    ($($name:ident $method:ident),*) => {$(
        pub(crate) fn $name<F, Args>(self, handler: F) -> Self
        where
            F: Handler<Args>,
            F::Output: Responder + 'static,
            Args: FromRequest + 'static,
        {
            self.method(Method::$method, handler)
        }
    )*};
}

impl At {
    /// Bodies up to this many bytes.
    pub(crate) fn limit(self, bytes: usize) -> Self {
        Self { resource: self.resource.app_data(web::PayloadConfig::new(bytes)), ..self }
    }

    methods!(get GET, post POST, put PUT, patch PATCH, delete DELETE);

    fn method<F, Args>(mut self, method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        F::Output: Responder + 'static,
        Args: FromRequest + 'static,
    {
        self.allowed.push(method.clone());
        Self { resource: self.resource.route(web::method(method).to(handler)), ..self }
    }
}

impl HttpServiceFactory for At {
    fn register(self, config: &mut AppService) {
        let allowed = self.allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        let refuse = web::to(move || {
            let allowed = allowed.clone();
            async move { HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allowed)).finish() }
        });
        self.resource.default_service(refuse).register(config);
    }
}
