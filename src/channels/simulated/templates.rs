//! The templates of the simulated WhatsApp: listed, made, changed and deleted as at the real one, and
//! approved a moment later. Never whether one is well made (that is `template_checks`).

use super::{Simulation, bodies, template_checks};
use crate::channels::lenient::Lenient;
use crate::domain::ChannelKind;
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, Responder};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::PoisonError;

/// Everything one could want to try.
pub(super) fn samples() -> Vec<Value> {
    let sample = |id: &str, name: &str, language: &str, status: &str, components: Value| {
        json!({ "id": id, "name": name, "language": language, "status": status, "category": "UTILITY",
            "parameter_format": "POSITIONAL", "quality_score": { "score": "GREEN" },
            "components": components })
    };
    let ready = |text: &str| {
        json!([{ "type": "BODY", "text": text, "example": { "body_text": [["Mira", "1042"]] } },
            { "type": "FOOTER", "text": "The Demo Bakery" },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "I am on my way" },
                { "type": "URL", "text": "Track it", "url": "https://shop.example/orders/{{1}}",
                    "example": ["1042"] }] }])
    };
    let picture = json!([{ "type": "HEADER", "format": "IMAGE" },
        { "type": "BODY", "text": "*New today*: {{1}}. Shall we keep one for you?",
            "example": { "body_text": [["sourdough"]] } },
        { "type": "BUTTONS", "buttons": [{ "type": "QUICK_REPLY", "text": "Yes, please" }] }]);
    let paused = json!([{ "type": "BODY", "text": "We are closed until {{1}}, see you then!",
        "example": { "body_text": [["Monday"]] } }]);
    vec![
        sample("9001", "order_ready", "en", "APPROVED", ready("Hi {{1}}, your order {{2}} is ready.")),
        sample(
            "9002",
            "order_ready",
            "de",
            "APPROVED",
            ready("Hallo {{1}}, Ihre Bestellung {{2}} ist fertig."),
        ),
        sample("9003", "new_today", "en", "APPROVED", picture),
        sample("9004", "closed_days", "en", "PAUSED", paused),
    ]
}

impl Simulation {
    /// What is known of templates at this moment.
    pub(super) fn templates(&self) -> Vec<Value> {
        self.inner.templates.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change_templates<T>(&self, change: impl FnOnce(&mut Vec<Value>) -> T) -> T {
        change(&mut self.inner.templates.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Approves one, and tells of it.
    async fn approve(&self, id: &str) {
        self.pause().await;
        let is_it = |one: &&mut Value| one.id("id").as_deref() == Some(id);
        let approved = self.change_templates(|all| {
            let found = all.iter_mut().find(is_it)?;
            found["status"] = "APPROVED".into();
            Some(found.clone())
        });
        let account = self.account(ChannelKind::named("whatsapp"), "").cloned();
        if let (Some(template), Some(account)) = (approved, account) {
            let body = bodies::template_status(&account, &template, "APPROVED");
            self.deliver(&account, &body.to_string()).await;
        }
    }
}

/// One page of the list.
pub(super) async fn list(
    simulation: Data<Simulation>,
    query: Query<HashMap<String, String>>,
) -> impl Responder {
    let limit = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(25);
    let after = query.get("after").map(String::as_str);
    HttpResponse::Ok().json(template_checks::page(&simulation.templates(), limit, after))
}

/// A new one, which is approved in a moment.
pub(super) async fn create(simulation: Data<Simulation>, body: Json<Value>) -> impl Responder {
    if let Err((code, why)) = template_checks::check_new(&simulation.templates(), &body) {
        return refuse(code, &why);
    }
    let id = simulation.fresh_number().to_string();
    let mut made = body.into_inner();
    made["id"] = id.as_str().into();
    made["status"] = "PENDING".into();
    let category = made["category"].clone();
    simulation.change_templates(|all| all.push(made));
    approve_soon(&simulation, &id);
    HttpResponse::Ok().json(json!({ "id": id, "status": "PENDING", "category": category }))
}

/// Other words of one, or the second half of an upload.
pub(super) async fn edit(
    simulation: Data<Simulation>,
    path: Path<(String, String)>,
    body: Option<Json<Value>>,
) -> impl Responder {
    let (_, id) = path.into_inner();
    if id.starts_with("upload:") {
        return HttpResponse::Ok().json(json!({ "h": format!("4:{}", simulation.fresh_number()) }));
    }
    let body = body.map(Json::into_inner).unwrap_or_default();
    let is_it = |one: &&mut Value| one.id("id").as_deref() == Some(&id);
    let is_there = simulation.change_templates(|all| {
        let Some(found) = all.iter_mut().find(is_it) else { return false };
        found["components"] = body["components"].clone();
        found["status"] = "PENDING".into();
        true
    });
    if is_there {
        approve_soon(&simulation, &id);
    }
    HttpResponse::Ok().json(json!({ "success": true }))
}

/// Takes one language of one away, or all of a name.
pub(super) async fn delete(
    simulation: Data<Simulation>,
    query: Query<HashMap<String, String>>,
) -> impl Responder {
    let (id, name) = (query.get("hsm_id"), query.get("name"));
    let is_it = |one: &Value| {
        id.map_or_else(|| one.text("name").as_ref() == name, |id| one.id("id").as_ref() == Some(id))
    };
    simulation.change_templates(|all| all.retain(|one| !is_it(one)));
    HttpResponse::Ok().json(json!({ "success": true }))
}

/// A file that messages will show.
pub(super) async fn media(simulation: Data<Simulation>) -> impl Responder {
    HttpResponse::Ok().json(json!({ "id": simulation.fresh_number().to_string() }))
}

/// The first half of an upload of a sample.
pub(super) async fn uploads(simulation: Data<Simulation>) -> impl Responder {
    HttpResponse::Ok().json(json!({ "id": format!("upload:{}", simulation.fresh_number()) }))
}

/// A refusal as Meta words one.
pub(super) fn refuse(code: i64, message: &str) -> HttpResponse {
    HttpResponse::BadRequest()
        .json(json!({ "error": { "code": code, "message": message, "type": "OAuthException" } }))
}

fn approve_soon(simulation: &Simulation, id: &str) {
    let (simulation, id) = (simulation.clone(), id.to_owned());
    actix_web::rt::spawn(async move { simulation.approve(&id).await });
}
