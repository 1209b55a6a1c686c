//! An approved message in WhatsApp's shape. Never an upload: its files lie there already.
//! Source: docs/platforms.md 2.10.

use crate::domain::MediaId;
use crate::domain::outbound::{MediaSource, OutboundTemplate, SendOutcome};
use crate::domain::template::{
    ButtonKind, TemplateButton, TemplateCard, TemplateHeader, TemplatePlace, TemplateValues,
};
use serde_json::{Map, Value, json};

/// What a form is told where nobody gave it a token of their own.
const NO_TOKEN: &str = "unused";

/// The object `template` of a send.
pub fn lower(template: &OutboundTemplate) -> Result<Value, SendOutcome> {
    let message = &template.message;
    let parts = message.parts();
    let mut components = above_and_words(template, parts.header.as_ref(), parts.body.as_ref())?;
    components.extend(parts.buttons.iter().filter_map(button));
    if !parts.carousel.is_empty() {
        let cards = parts.carousel.iter().enumerate().map(|(index, each)| card(template, index, each));
        let cards = cards.collect::<Result<Vec<_>, _>>()?;
        components.push(json!({ "type": "carousel", "cards": cards }));
    }
    let mut lowered = json!({ "name": message.name, "language": { "code": message.language } });
    if !components.is_empty() {
        lowered["components"] = components.into();
    }
    Ok(lowered)
}

fn above_and_words(
    template: &OutboundTemplate,
    header: Option<&TemplateHeader>,
    body: Option<&TemplateValues>,
) -> Result<Vec<Value>, SendOutcome> {
    let mut components = Vec::new();
    if let Some(header) = header {
        components.push(json!({ "type": "header", "parameters": header_parameters(template, header)? }));
    }
    if let Some(body) = body.filter(|body| !body.texts().is_empty()) {
        components.push(json!({ "type": "body", "parameters": texts(body) }));
    }
    Ok(components)
}

fn card(template: &OutboundTemplate, index: usize, card: &TemplateCard) -> Result<Value, SendOutcome> {
    let mut components = above_and_words(template, card.header.as_ref(), card.body.as_ref())?;
    components.extend(card.buttons.iter().filter_map(button));
    Ok(json!({ "card_index": index, "components": components }))
}

fn header_parameters(
    template: &OutboundTemplate,
    header: &TemplateHeader,
) -> Result<Vec<Value>, SendOutcome> {
    Ok(match header {
        TemplateHeader::Text(values) => texts(values),
        TemplateHeader::Image(id) => vec![file(template, "image", *id)?],
        TemplateHeader::Video(id) => vec![file(template, "video", *id)?],
        TemplateHeader::Document(id) => vec![file(template, "document", *id)?],
        TemplateHeader::Location(place) => vec![location(place)],
    })
}

/// A file by its id at WhatsApp; a document with the name that the customer sees.
fn file(template: &OutboundTemplate, kind: &str, id: MediaId) -> Result<Value, SendOutcome> {
    let gone = || SendOutcome::refused("file_gone", "a file of this template no longer exists");
    let found = template.files.iter().find(|file| file.id == id).ok_or_else(gone)?;
    let mut object = Map::new();
    match &found.media.source {
        MediaSource::Uploaded(id) => object.insert("id".to_owned(), id.as_str().into()),
        MediaSource::Url(url) => object.insert("link".to_owned(), url.as_str().into()),
        MediaSource::Bytes(_) => {
            return Err(SendOutcome::not_sent("a file of this template was not uploaded"));
        }
    };
    if let Some(name) = found.media.file_name.as_deref().filter(|_| kind == "document") {
        object.insert("filename".to_owned(), name.into());
    }
    Ok(json!({ "type": kind, kind: object }))
}

/// Degrees go as texts here, unlike in a place that is a message of its own.
fn location(place: &TemplatePlace) -> Value {
    let mut object =
        json!({ "latitude": place.latitude.to_string(), "longitude": place.longitude.to_string() });
    for (key, value) in [("name", &place.name), ("address", &place.address)] {
        if let Some(value) = value {
            object[key] = value.as_str().into();
        }
    }
    json!({ "type": "location", "location": object })
}

fn texts(values: &TemplateValues) -> Vec<Value> {
    match values {
        TemplateValues::ByPosition(values) => {
            values.iter().map(|text| json!({ "type": "text", "text": text })).collect()
        }
        TemplateValues::ByName(values) => {
            let named =
                |name: &str, text: &str| json!({ "type": "text", "parameter_name": name, "text": text });
            values.iter().map(|(name, text)| named(name, text)).collect()
        }
    }
}

/// A button that has something to be told; a number to call has nothing.
fn button(button: &TemplateButton) -> Option<Value> {
    let value = button.value.as_deref();
    let (sub_type, parameter) = match button.kind {
        // A one-time password goes as the end of an address.
        ButtonKind::Url | ButtonKind::OneTimePassword => ("url", json!({ "type": "text", "text": value? })),
        ButtonKind::QuickReply => ("quick_reply", json!({ "type": "payload", "payload": value? })),
        ButtonKind::CopyCode => ("copy_code", json!({ "type": "coupon_code", "coupon_code": value? })),
        ButtonKind::Flow => {
            let mut action = json!({ "flow_token": value.unwrap_or(NO_TOKEN) });
            if let Some(data) = &button.data {
                action["flow_action_data"] = data.clone();
            }
            ("flow", json!({ "type": "action", "action": action }))
        }
        ButtonKind::Phone | ButtonKind::Other => return None,
    };
    let index = button.index.to_string();
    Some(json!({ "type": "button", "sub_type": sub_type, "index": index, "parameters": [parameter] }))
}

#[cfg(test)]
#[path = "template_message_tests.rs"]
mod tests;
