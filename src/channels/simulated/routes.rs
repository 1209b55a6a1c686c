//! The simulated platforms' own addresses: sends, look-ups, and a polite "yes" to everything else.
//! Never a webhook (those go out in `Simulation`).

use super::templates::{self, refuse};
use super::{AcceptedSend, Simulation, UNHEARD, UNREACHABLE, model, past, template_checks};
use crate::channels::lenient::Lenient;
use crate::domain::{ChannelKind, Timestamp};
use actix_web::web::{self, Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Puts the addresses into an App: Graph's and Instagram's under their version, Telegram's under `/bot…`.
pub fn routes(simulation: Simulation) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    move |config| {
        config
            .app_data(Data::new(simulation))
            .route("/model/chat/completions", web::post().to(model::answer))
            .route("/model/audio/transcriptions", web::post().to(model::transcribe))
            .route("/files/{id}", web::get().to(file))
            .route("/bot{token}/{method}", web::post().to(telegram))
            .route("/{version}/{account}/messages", web::post().to(meta))
            .route("/{version}/{account}/subscribed_apps", web::get().to(subscriptions))
            .route("/{version}/{account}/conversations", web::get().to(past::conversations))
            .route("/{version}/{account}/message_templates", web::get().to(templates::list))
            .route("/{version}/{account}/message_templates", web::post().to(templates::create))
            .route("/{version}/{account}/message_templates", web::delete().to(templates::delete))
            .route("/{version}/{account}/media", web::post().to(templates::media))
            .route("/{version}/{app}/uploads", web::post().to(templates::uploads))
            .route("/{version}/{id}", web::post().to(templates::edit))
            .route("/{version}/{id}", web::get().to(look_up))
            .default_service(web::to(yes));
    }
}

/// WhatsApp, Messenger and Instagram share an address; the body tells which one is meant.
async fn meta(
    simulation: Data<Simulation>,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> impl Responder {
    let (_, account) = path.into_inner();
    if body.text("messaging_product").is_some() {
        return whatsapp(&simulation, &account, &body);
    }
    let Some(to) = body.at("recipient").and_then(|recipient| recipient.id("id")) else {
        return refuse(100, "(#100) The parameter recipient is required");
    };
    if body.text("sender_action").is_some() {
        return HttpResponse::Ok().json(json!({ "recipient_id": to }));
    }
    let is_page = simulation
        .account(ChannelKind::named("messenger"), &account)
        .is_some_and(|page| page.external_id == account);
    let kind = if is_page { ChannelKind::named("messenger") } else { ChannelKind::named("instagram") };
    let message = body.at("message").cloned().unwrap_or_default();
    let send = AcceptedSend {
        id: simulation.fresh_id(kind),
        to,
        text: message.text("text"),
        token: message.text("metadata"),
    };
    let answer = json!({ "recipient_id": send.to, "message_id": send.id });
    take(&simulation, kind, &account, send);
    HttpResponse::Ok().json(answer)
}

fn whatsapp(simulation: &Simulation, account: &str, body: &Value) -> HttpResponse {
    if body.text("status").is_some() {
        return HttpResponse::Ok().json(json!({ "success": true }));
    }
    let Some(to) = body.id("to").or_else(|| body.id("recipient")) else {
        return refuse(131_008, "(#131008) Required parameter is missing");
    };
    let number = to.trim_start_matches('+').to_owned();
    match number.as_str() {
        UNREACHABLE => return refuse(131_026, "Message undeliverable"),
        UNHEARD => return HttpResponse::InternalServerError().finish(),
        _ => {}
    }
    if let Some(template) = body.at("template")
        && let Err((code, why)) = template_checks::check_send(&simulation.templates(), template)
    {
        return refuse(code, &why);
    }
    let text = body.at("text").and_then(|text| text.text("body"));
    let id = simulation.fresh_id(ChannelKind::named("whatsapp"));
    let answer = json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": to, "wa_id": number }],
        "messages": [{ "id": id }],
    });
    take(
        simulation,
        ChannelKind::named("whatsapp"),
        account,
        AcceptedSend { id, to: number, text, token: body.text("biz_opaque_callback_data") },
    );
    HttpResponse::Ok().json(answer)
}

/// Remembers a send; what follows it comes while the caller already has its answer.
fn take(simulation: &Simulation, kind: ChannelKind, account: &str, send: AcceptedSend) {
    simulation.remember(send.clone());
    let Some(account) = simulation.account(kind, account).cloned() else { return };
    simulation.write(&account, &send.to, &send.id, send.text.as_deref().unwrap_or_default(), true);
    let simulation = simulation.clone();
    actix_web::rt::spawn(async move { simulation.follow_up(&account, &send).await });
}

async fn telegram(
    simulation: Data<Simulation>,
    path: Path<(String, String)>,
    body: Option<Json<Value>>,
) -> impl Responder {
    let (_, method) = path.into_inner();
    let body = body.map(Json::into_inner).unwrap_or_default();
    if method == "getMe" {
        let id = simulation
            .account(ChannelKind::named("telegram"), "")
            .map_or("0", |account| account.external_id.as_str());
        return HttpResponse::Ok()
            .json(json!({ "ok": true, "result": { "id": id, "is_bot": true, "username": "demo_bot" } }));
    }
    if method == "getWebhookInfo" {
        let result = past::webhook_info(&simulation, None);
        return HttpResponse::Ok().json(json!({ "ok": true, "result": result }));
    }
    if method == "setWebhook" {
        past::webhook_info(&simulation, Some(&body));
    }
    let Some(chat) = body.id("chat_id").filter(|_| method.starts_with("send") && method != "sendChatAction")
    else {
        return HttpResponse::Ok().json(json!({ "ok": true, "result": true }));
    };
    let id = simulation.fresh_id(ChannelKind::named("telegram"));
    let text = body.text("text").or_else(|| body.text("caption"));
    let result = json!({
        "message_id": id.parse::<i64>().unwrap_or(1),
        "date": Timestamp::now().0 / 1000,
        "chat": { "id": chat.parse::<i64>().unwrap_or_default() },
        "text": text,
    });
    simulation.remember(AcceptedSend { id, to: chat, text, token: None });
    HttpResponse::Ok().json(json!({ "ok": true, "result": result }))
}

/// An account, a file or a person, whoever is asked for.
async fn look_up(
    simulation: Data<Simulation>,
    request: HttpRequest,
    path: Path<(String, String)>,
    query: Query<HashMap<String, String>>,
) -> impl Responder {
    let (_, id) = path.into_inner();
    if let Some(fields) = past::fields(&query) {
        return match past::messages(&simulation, &id, fields) {
            Some(found) => HttpResponse::Ok().json(found),
            None => refuse(100, "Unsupported get request. Object does not exist"),
        };
    }
    if let Some(file) = simulation.file(&id) {
        let url = format!("http://{}/files/{id}", request.connection_info().host());
        let (mime_type, size) = (file.mime_type, file.bytes.len());
        return HttpResponse::Ok()
            .json(json!({ "id": id, "url": url, "mime_type": mime_type, "file_size": size }));
    }
    let name = simulation.name_of(&id);
    HttpResponse::Ok().json(json!({ "id": id, "user_id": id, "verified_name": "Demo", "name": name }))
}

async fn file(simulation: Data<Simulation>, id: Path<String>) -> impl Responder {
    match simulation.file(&id) {
        Some(file) => HttpResponse::Ok().content_type(file.mime_type).body(file.bytes),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn subscriptions() -> impl Responder {
    HttpResponse::Ok().json(json!({ "data": [{ "id": "demo" }] }))
}

async fn yes() -> impl Responder {
    HttpResponse::Ok().json(json!({ "success": true }))
}
