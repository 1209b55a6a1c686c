//! What a template looks like: WhatsApp's components as ours, and ours as WhatsApp's. Never a call.
//! Source: docs/platforms.md 2.10.

use crate::channels::lenient::Lenient;
use crate::domain::template::{
    ButtonKind, HeaderFormat, ShapeButton, ShapeCard, ShapeHeader, ShapeText, TemplateDraft, TemplateShape,
    placeholders,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// What stands on a button whose words WhatsApp writes itself.
const COPY: &str = "Copy code";

/// WhatsApp's components as ours.
pub fn read(components: &[Value]) -> TemplateShape {
    let mut shape = TemplateShape::default();
    let mut is_foreign = false;
    for component in components {
        match component.text("type").unwrap_or_default().to_ascii_uppercase().as_str() {
            "HEADER" => shape.header = Some(header(component)),
            "BODY" => shape.body = Some(text(component, "body_text")),
            "FOOTER" => shape.footer = footer(component),
            "BUTTONS" => shape.buttons = component.list("buttons").iter().map(button).collect(),
            "CAROUSEL" => shape.carousel = component.list("cards").iter().map(card).collect(),
            // A limited offer, a call permission …: it has values that we do not know how to give.
            _ => is_foreign = true,
        }
    }
    if is_foreign {
        shape.header = Some(ShapeHeader { format: HeaderFormat::Other, text: None, sample: None });
    }
    shape
}

fn card(card: &Value) -> ShapeCard {
    let TemplateShape { header, body, buttons, .. } = read(card.list("components"));
    ShapeCard { header, body, buttons }
}

fn header(component: &Value) -> ShapeHeader {
    let format = match component.text("format").unwrap_or_default().to_ascii_uppercase().as_str() {
        "TEXT" => HeaderFormat::Text,
        "IMAGE" => HeaderFormat::Image,
        "VIDEO" => HeaderFormat::Video,
        "DOCUMENT" => HeaderFormat::Document,
        "LOCATION" => HeaderFormat::Location,
        _ => HeaderFormat::Other,
    };
    let text = (format == HeaderFormat::Text).then(|| text(component, "header_text"));
    ShapeHeader { format, text, sample: None }
}

/// A password's footer says when it ends, without words of its own.
fn footer(component: &Value) -> Option<String> {
    let minutes = component.int("code_expiration_minutes");
    component.text("text").or_else(|| Some(format!("This code expires in {} minutes.", minutes?)))
}

/// A text with what might stand in its places: `body_text` is a list in a list, `header_text` a list.
fn text(component: &Value, name: &str) -> ShapeText {
    let words = component.text("text").unwrap_or_else(|| password_words(component));
    let mut examples = BTreeMap::new();
    if let Some(example) = component.at("example") {
        for named in example.list(&format!("{name}_named_params")) {
            if let (Some(name), Some(value)) = (named.text("param_name"), named.text("example")) {
                examples.insert(name, value);
            }
        }
        let listed = example.list(name);
        let listed = listed.first().and_then(Value::as_array).map_or(listed, Vec::as_slice);
        for (index, value) in listed.iter().enumerate() {
            if let Some(value) = value.as_str() {
                examples.insert((index + 1).to_string(), value.to_owned());
            }
        }
    }
    ShapeText { text: words, examples }
}

/// The body of a one-time password has no words of its own in some answers.
fn password_words(component: &Value) -> String {
    let warning = if component.flag("add_security_recommendation") {
        " For your security, do not share this code."
    } else {
        ""
    };
    format!("*{{{{1}}}}* is your verification code.{warning}")
}

fn button(button: &Value) -> ShapeButton {
    let url = button.text("url");
    // A password's button is listed as an address of WhatsApp's own.
    let is_password = url.as_deref().is_some_and(|url| url.contains("/otp/code/"));
    let kind = match button.text("type").unwrap_or_default().to_ascii_uppercase().as_str() {
        "OTP" => ButtonKind::OneTimePassword,
        "URL" if is_password => ButtonKind::OneTimePassword,
        "URL" => ButtonKind::Url,
        "PHONE_NUMBER" => ButtonKind::Phone,
        "QUICK_REPLY" => ButtonKind::QuickReply,
        "COPY_CODE" => ButtonKind::CopyCode,
        "FLOW" => ButtonKind::Flow,
        _ => ButtonKind::Other,
    };
    let listed = button.list("example").first().and_then(Value::as_str).map(str::to_owned);
    ShapeButton {
        kind,
        text: button.text("text").unwrap_or_else(|| COPY.to_owned()),
        url: url.filter(|_| kind == ButtonKind::Url),
        phone: button.text("phone_number"),
        example: listed.or_else(|| button.text("example")),
        flow_id: button.id("flow_id"),
    }
}

/// The body of a call that makes a template; `samples`: what WhatsApp calls the files that were uploaded as
/// samples, by our ids.
pub fn written(draft: &TemplateDraft, samples: &HashMap<i64, String>) -> Value {
    let is_named = draft.is_named();
    let components = components(draft, is_named, samples);
    json!({
        "name": draft.name,
        "language": draft.language,
        "category": draft.category,
        "parameter_format": if is_named { "NAMED" } else { "POSITIONAL" },
        "components": components,
    })
}

/// The components alone: what an edit sends.
pub fn components(draft: &TemplateDraft, is_named: bool, samples: &HashMap<i64, String>) -> Vec<Value> {
    let shape = &draft.content;
    if draft.category == "AUTHENTICATION" {
        let button = json!({ "type": "OTP", "otp_type": "COPY_CODE" });
        return vec![
            json!({ "type": "BODY", "add_security_recommendation": true }),
            json!({ "type": "FOOTER", "code_expiration_minutes": 10 }),
            json!({ "type": "BUTTONS", "buttons": [button] }),
        ];
    }
    let mut components = parts(
        shape.header.as_ref(),
        shape.body.as_ref(),
        shape.footer.as_deref(),
        &shape.buttons,
        (is_named, samples),
    );
    if !shape.carousel.is_empty() {
        let card = |card: &ShapeCard| {
            let parts =
                parts(card.header.as_ref(), card.body.as_ref(), None, &card.buttons, (is_named, samples));
            json!({ "components": parts })
        };
        let cards: Vec<_> = shape.carousel.iter().map(card).collect();
        components.push(json!({ "type": "CAROUSEL", "cards": cards }));
    }
    components
}

fn parts(
    header: Option<&ShapeHeader>,
    body: Option<&ShapeText>,
    footer: Option<&str>,
    buttons: &[ShapeButton],
    (is_named, samples): (bool, &HashMap<i64, String>),
) -> Vec<Value> {
    let mut parts = Vec::new();
    parts.extend(header.map(|header| written_header(header, is_named, samples)));
    parts.extend(body.map(|body| written_text("BODY", "body_text", body, is_named)));
    parts.extend(footer.map(|text| json!({ "type": "FOOTER", "text": text })));
    if !buttons.is_empty() {
        let buttons: Vec<_> = buttons.iter().map(written_button).collect();
        parts.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    parts
}

fn written_header(header: &ShapeHeader, is_named: bool, samples: &HashMap<i64, String>) -> Value {
    if let (HeaderFormat::Text, Some(text)) = (header.format, &header.text) {
        let mut written = written_text("HEADER", "header_text", text, is_named);
        written["format"] = "TEXT".into();
        return written;
    }
    let mut written = json!({ "type": "HEADER", "format": header.format.as_str().to_ascii_uppercase() });
    if let Some(handle) = header.sample.and_then(|id| samples.get(&id)) {
        written["example"] = json!({ "header_handle": [handle] });
    }
    written
}

fn written_text(kind: &str, name: &str, text: &ShapeText, is_named: bool) -> Value {
    let mut written = json!({ "type": kind, "text": text.text });
    let mut names = placeholders(&text.text);
    if names.is_empty() {
        return written;
    }
    let example = |name: &String| text.examples.get(name).cloned().unwrap_or_default();
    let mut examples = Map::new();
    if is_named {
        let named = |name: &String| json!({ "param_name": name, "example": example(name) });
        let named: Vec<_> = names.iter().map(named).collect();
        examples.insert(format!("{name}_named_params"), named.into());
    } else {
        names.sort_by_key(|name| name.parse::<usize>().unwrap_or(usize::MAX));
        let listed: Vec<_> = names.iter().map(example).collect();
        let listed = if kind == "BODY" { json!([listed]) } else { json!(listed) };
        examples.insert(name.to_owned(), listed);
    }
    written["example"] = examples.into();
    written
}

fn written_button(button: &ShapeButton) -> Value {
    let (text, example) = (&button.text, &button.example);
    match button.kind {
        ButtonKind::Url => {
            let mut written = json!({ "type": "URL", "text": text, "url": button.url });
            if let Some(example) = example.as_ref().filter(|_| is_open(button)) {
                written["example"] = json!([example]);
            }
            written
        }
        ButtonKind::Phone => json!({ "type": "PHONE_NUMBER", "text": text, "phone_number": button.phone }),
        ButtonKind::CopyCode => json!({ "type": "COPY_CODE", "example": example }),
        ButtonKind::OneTimePassword => json!({ "type": "OTP", "otp_type": "COPY_CODE" }),
        ButtonKind::Flow => json!({ "type": "FLOW", "text": text, "flow_id": button.flow_id }),
        ButtonKind::QuickReply | ButtonKind::Other => json!({ "type": "QUICK_REPLY", "text": text }),
    }
}

/// Whether an address has a place to fill.
fn is_open(button: &ShapeButton) -> bool {
    button.url.as_deref().is_some_and(|url| !placeholders(url).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_of_every_kind_are_read() {
        let shape = read(
            json!([
                { "type": "HEADER", "format": "TEXT", "text": "For {{who}}",
                    "example": { "header_text_named_params": [{ "param_name": "who", "example": "Mira" }] } },
                { "type": "BODY", "text": "Hi {{1}}, at {{2}}.",
                    "example": { "body_text": [["Mira", "19:30"]] } },
                { "type": "FOOTER", "text": "Bye" },
                { "type": "BUTTONS", "buttons": [
                    { "type": "URL", "text": "Open", "url": "https://a.example/{{1}}", "example": ["x"] },
                    { "type": "PHONE_NUMBER", "text": "Call", "phone_number": "+15550051310" },
                    { "type": "QUICK_REPLY", "text": "No" },
                    { "type": "COPY_CODE", "example": "25OFF" },
                    { "type": "URL", "text": "Copy", "url": "https://www.whatsapp.com/otp/code/?otp_type=X" },
                    { "type": "FLOW", "text": "Sign up", "flow_id": 12_345_678_901_234_i64 },
                    { "type": "MPM", "text": "View items" }] },
                { "type": "CAROUSEL", "cards": [{ "components": [
                    { "type": "HEADER", "format": "IMAGE" }, { "type": "BODY", "text": "Blue" }] }] },
            ])
            .as_array()
            .expect("a list"),
        );
        let header = shape.header.expect("a header");
        assert_eq!(header.text.expect("a text").examples["who"], "Mira");
        assert_eq!(shape.body.expect("words").examples["2"], "19:30");
        let kinds: Vec<_> = shape.buttons.iter().map(|button| button.kind.as_str()).collect();
        let all = ["url", "phone", "quick_reply", "copy_code", "one_time_password", "flow", "other"];
        assert_eq!(kinds, all);
        assert_eq!(shape.buttons[3].example.as_deref(), Some("25OFF"));
        assert_eq!(shape.buttons[5].flow_id.as_deref(), Some("12345678901234"));
        assert_eq!(shape.carousel.len(), 1);
    }

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        let draft: TemplateDraft = serde_json::from_value(json!({
            "name": "order_ready", "language": "en", "category": "UTILITY",
            "content": {
                "header": { "format": "text", "text": { "text": "Order {{1}} is here",
                    "examples": { "1": "42" } } },
                "body": { "text": "Hi {{1}}, it is ready.", "examples": { "1": "Mira" } },
                "footer": "Thank you",
                "buttons": [{ "kind": "url", "text": "Open", "url": "https://a.example/{{1}}",
                    "example": "x" },
                    { "kind": "quick_reply", "text": "Fine" }],
            },
        }))
        .expect("a draft");
        draft.check().expect("a good one");
        let written = written(&draft, &HashMap::new());
        assert_eq!(written["parameter_format"], "POSITIONAL");
        assert_eq!(written["components"][1]["example"], json!({ "body_text": [["Mira"]] }));
        assert_eq!(read(written["components"].as_array().expect("a list")), draft.content);
    }
}
