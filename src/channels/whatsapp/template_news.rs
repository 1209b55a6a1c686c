//! What WhatsApp tells of a business account's templates: where one stands, how customers take it, what it
//! counts as. Source: docs/platforms.md 2.10.

use crate::channels::lenient::Lenient;
use crate::domain::inbound::InboundKind;
use crate::domain::template::{TemplateChange, TemplateNews};
use serde_json::Value;

/// Whether a change of this field may tell of a template.
pub fn is_field(field: &str) -> bool {
    field.contains("template_")
}

/// What a change of such a field says; none: the field is another.
pub fn read(field: &str, value: &Value) -> Option<InboundKind> {
    let change = match field {
        "message_template_status_update" => status(value),
        "message_template_quality_update" => value.text("new_quality_score").map(TemplateChange::Quality),
        // The documentation calls it by the first name, other texts of Meta's by the second.
        "template_category_update" | "message_template_category_update" => {
            value.text("new_category").map(TemplateChange::Category)
        }
        "message_template_components_update" => Some(TemplateChange::Content),
        _ => return None,
    };
    // Their sample says `en-US` here and `en_US` in the list.
    let language = value.text("message_template_language").map(|code| code.replace('-', "_"));
    let names = value.text("message_template_name").zip(language);
    let platform_id = value.id("message_template_id");
    Some(match (change, names) {
        (Some(change), Some((name, language))) => {
            InboundKind::Template(TemplateNews { platform_id, name, language, change })
        }
        _ => {
            InboundKind::Unreadable { error: "news of a template that does not say which or what".to_owned() }
        }
    })
}

/// What happened, as where the template then stands.
fn status(value: &Value) -> Option<TemplateChange> {
    let event = value.text("event")?;
    let status = match event.as_str() {
        "REINSTATED" | "UNARCHIVED" | "UNLOCKED" => "APPROVED".to_owned(),
        _ => event,
    };
    let said = value.at("other_info").and_then(|info| info.text("description"));
    let reason = said.or_else(|| value.text("reason")).filter(|reason| reason != "NONE");
    Some(TemplateChange::Status { status, reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn news(field: &str, more: Value) -> InboundKind {
        let mut value = json!({ "message_template_id": 1_689_556_908_129_832_i64,
            "message_template_name": "order_confirmation", "message_template_language": "en-US" });
        let Value::Object(more) = more else { panic!("an object is told") };
        for (key, part) in more {
            value[key] = part;
        }
        read(field, &value).expect("news")
    }

    fn check(field: &str, more: Value, expected: TemplateChange) {
        let InboundKind::Template(news) = news(field, more) else { panic!("{field} was not read") };
        assert_eq!((news.name.as_str(), news.change), ("order_confirmation", expected));
        assert_eq!(news.platform_id.as_deref(), Some("1689556908129832"));
    }

    #[test]
    fn each_field_says_what_is_new() {
        let status = |status: &str, reason: Option<&str>| TemplateChange::Status {
            status: status.to_owned(),
            reason: reason.map(str::to_owned),
        };
        let field = "message_template_status_update";
        check(field, json!({ "event": "APPROVED", "reason": "NONE" }), status("APPROVED", None));
        check(
            field,
            json!({ "event": "REJECTED", "reason": "INVALID_FORMAT" }),
            status("REJECTED", Some("INVALID_FORMAT")),
        );
        check(
            field,
            json!({ "event": "PAUSED", "reason": null, "other_info": { "title": "FIRST_PAUSE",
                "description": "Your template has been paused for 3 hours." } }),
            status("PAUSED", Some("Your template has been paused for 3 hours.")),
        );
        check(field, json!({ "event": "REINSTATED" }), status("APPROVED", None));
        let field = "message_template_quality_update";
        check(field, json!({ "new_quality_score": "RED" }), TemplateChange::Quality("RED".to_owned()));
        let category = TemplateChange::Category("MARKETING".to_owned());
        check("template_category_update", json!({ "new_category": "MARKETING" }), category);
        check("message_template_components_update", json!({}), TemplateChange::Content);
        assert_eq!(read("messages", &json!({})), None);
        let odd = news("message_template_quality_update", json!({}));
        assert!(matches!(odd, InboundKind::Unreadable { .. }));
    }
}
