//! The templates of the fake WhatsApp: listed page by page, made, deleted, and held against what is sent, with
//! Meta's error codes (docs/platforms.md 2.10). Never more than what a story needs.

use super::wire::Request;
use serde_json::{Value, json};

/// What the account has.
#[derive(Default)]
pub struct Templates {
    /// None: this fake knows nothing of templates and takes every one.
    pub known: Option<Vec<Value>>,
    /// How many of them a page gives at most, whatever is asked for.
    pub page: usize,
    made: usize,
}

fn error(code: i64, message: &str) -> (u16, Value) {
    let details = json!({"messaging_product": "whatsapp", "details": message});
    (400, json!({"error": {"code": code, "message": format!("(#{code}) {message}"), "error_data": details}}))
}

impl Templates {
    /// What a request about templates is answered with; none: it is about something else.
    pub fn answer(&mut self, request: &Request) -> Option<(u16, Value)> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        if !path.ends_with("/message_templates") {
            return None;
        }
        let known = self.known.as_mut()?;
        match request.method.as_str() {
            "GET" => Some((200, list(known, self.page.max(1), query))),
            "DELETE" => {
                known.retain(|one| !query.contains(&format!("hsm_id={}", one["id"].as_str().unwrap_or("-"))));
                Some((200, json!({"success": true})))
            }
            _ => {
                let mut made = request.json();
                if made["components"].as_array().is_none_or(Vec::is_empty) {
                    return Some(error(100, "Invalid parameter"));
                }
                self.made += 1;
                let id = format!("made-{}", self.made);
                made["id"] = id.as_str().into();
                made["status"] = "PENDING".into();
                known.push(made);
                Some((200, json!({"id": id, "status": "PENDING", "category": "UTILITY"})))
            }
        }
    }

    /// Why Meta would refuse this send, if it would.
    pub fn refuses(&self, body: &Value) -> Option<(u16, Value)> {
        let known = self.known.as_ref()?;
        let sent = body.get("template")?;
        let is_it = |one: &&Value| one["name"] == sent["name"] && one["language"] == sent["language"]["code"];
        let Some(template) = known.iter().find(is_it) else {
            return Some(error(132_001, "Template name does not exist in the translation"));
        };
        match template["status"].as_str() {
            Some("PAUSED") => return Some(error(132_015, "Template is paused due to low quality")),
            Some("DISABLED") => return Some(error(132_016, "Template is disabled")),
            Some("APPROVED") | None => {}
            Some(_) => return Some(error(132_001, "Template name does not exist in the translation")),
        }
        let (wanted, given) = (&template["components"], &sent["components"]);
        let header = part(wanted, "HEADER");
        let format = header["format"].as_str().unwrap_or("TEXT").to_lowercase();
        let found = &part(given, "header")["parameters"][0]["type"];
        if format != "text" && *found != format.as_str() {
            return Some(error(132_012, "header: Format mismatch"));
        }
        let places = part(wanted, "BODY")["text"].as_str().unwrap_or("").matches("{{").count();
        let values = part(given, "body")["parameters"].as_array().map_or(0, Vec::len);
        (places != values).then(|| error(132_000, "Number of parameters does not match"))
    }
}

fn part(components: &Value, kind: &str) -> Value {
    let all = components.as_array().cloned().unwrap_or_default();
    all.into_iter().find(|one| one["type"] == kind).unwrap_or_default()
}

fn list(known: &[Value], page: usize, query: &str) -> Value {
    let after = query.split('&').find_map(|pair| pair.strip_prefix("after=c"));
    let from = after.and_then(|cursor| cursor.parse().ok()).unwrap_or(0_usize);
    let to = known.len().min(from + page);
    let mut paging = json!({"cursors": {"before": format!("c{from}"), "after": format!("c{to}")}});
    if to < known.len() {
        paging["next"] = json!("https://graph.facebook.com/next");
    }
    json!({"data": &known[from.min(to)..to], "paging": paging})
}
