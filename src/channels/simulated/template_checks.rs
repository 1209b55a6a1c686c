//! What Meta says of a template that is sent or made, with its error codes: for the simulated platforms and
//! for tests. Knows only Meta's shapes, and nothing of how ours are made. Source: docs/platforms.md 2.10.

use crate::channels::lenient::Lenient;
use serde_json::{Value, json};

/// A refusal: its code and what it says.
pub type Refused = (i64, String);

const LONGEST_BODY: usize = 1_024;
/// A body with its values filled in may be this long.
const LONGEST_FILLED: usize = 4_096;

/// Whether the object `template` of a send is one of these templates, filled in as it wants.
pub fn check_send(known: &[Value], sent: &Value) -> Result<(), Refused> {
    let name = sent.text("name").unwrap_or_default();
    let code = sent.at("language").and_then(|language| language.text("code")).unwrap_or_default();
    let is_it = |one: &&Value| {
        one.text("name").as_deref() == Some(&name) && one.text("language").as_deref() == Some(&code)
    };
    let missing = || (132_001, format!("Template name ({name}) does not exist in the translation ({code})"));
    let template = known.iter().find(is_it).ok_or_else(missing)?;
    match template.text("status").as_deref() {
        Some("APPROVED" | "FLAGGED") | None => {}
        Some("PAUSED") => return Err((132_015, "Template is paused due to low quality".to_owned())),
        Some("DISABLED") => return Err((132_016, "Template is disabled".to_owned())),
        Some(_) => return Err(missing()),
    }
    let is_named = template.text("parameter_format").as_deref() == Some("NAMED");
    check_parts(template.list("components"), sent.list("components"), is_named)
}

fn check_parts(wanted: &[Value], sent: &[Value], is_named: bool) -> Result<(), Refused> {
    let of = |all: &[Value], kind: &str| {
        let is_it = |one: &&Value| one.text("type").is_some_and(|found| found.eq_ignore_ascii_case(kind));
        all.iter().find(is_it).cloned().unwrap_or(Value::Null)
    };
    check_header(&of(wanted, "header"), &of(sent, "header"), is_named)?;
    let body = of(wanted, "body").text("text").unwrap_or_default();
    check_texts(&body, of(sent, "body").list("parameters"), is_named)?;
    for (index, button) in of(wanted, "buttons").list("buttons").iter().enumerate() {
        check_button(index, button, sent)?;
    }
    let (cards, given) = (of(wanted, "carousel"), of(sent, "carousel"));
    if cards.list("cards").len() != given.list("cards").len() {
        return Err((132_012, "The number of cards does not match the template".to_owned()));
    }
    for (card, given) in cards.list("cards").iter().zip(given.list("cards")) {
        check_parts(card.list("components"), given.list("components"), is_named)?;
    }
    Ok(())
}

fn check_header(wanted: &Value, sent: &Value, is_named: bool) -> Result<(), Refused> {
    let Some(format) = wanted.text("format") else {
        return if sent.is_null() { Ok(()) } else { Err((132_012, "header: Format mismatch".to_owned())) };
    };
    let format = format.to_lowercase();
    if format == "text" {
        return check_texts(&wanted.text("text").unwrap_or_default(), sent.list("parameters"), is_named);
    }
    let parameter = sent.list("parameters").first().cloned().unwrap_or(Value::Null);
    let found = parameter.text("type");
    if found.as_deref() != Some(&format) {
        let found = found.unwrap_or_else(|| "UNKNOWN".to_owned());
        return Err((132_012, format!("header: Format mismatch, expected {format}, received {found}")));
    }
    let object = parameter.at(&format).cloned().unwrap_or(Value::Null);
    let needs: &[&str] = if format == "location" { &["latitude", "longitude"] } else { &["id"] };
    match needs.iter().find(|key| object.at(key).is_none() && object.at("link").is_none()) {
        Some(key) => Err((131_008, format!("Required parameter is missing: {key}"))),
        None => Ok(()),
    }
}

fn check_texts(text: &str, parameters: &[Value], is_named: bool) -> Result<(), Refused> {
    let names = places(text);
    if names.len() != parameters.len() {
        let (found, expected) = (parameters.len(), names.len());
        let why = format!("number of localizable_params ({found}) does not match the expected ({expected})");
        return Err((132_000, why));
    }
    let mut length = text.chars().count();
    for parameter in parameters {
        if parameter.text("type").as_deref() != Some("text") {
            return Err((
                132_012,
                "Parameter format does not match format in the created template".to_owned(),
            ));
        }
        let value =
            parameter.text("text").ok_or((131_008, "Parameter of type text is missing text".to_owned()))?;
        let name = parameter.text("parameter_name");
        if is_named != name.is_some() || name.is_some_and(|name| !names.contains(&name)) {
            return Err((132_012, "Parameter name does not match the created template".to_owned()));
        }
        if value.contains(['\n', '\t']) || value.contains("     ") {
            let why = "Param text cannot have new-line or tab characters or more than 4 spaces in a row";
            return Err((132_007, why.to_owned()));
        }
        length += value.chars().count();
    }
    if length > LONGEST_FILLED {
        return Err((132_005, "Translated text too long".to_owned()));
    }
    Ok(())
}

fn check_button(index: usize, wanted: &Value, sent: &[Value]) -> Result<(), Refused> {
    let number = index.to_string();
    let is_it = |one: &&Value| {
        one.text("type").as_deref() == Some("button") && one.id("index") == Some(number.clone())
    };
    let given = sent.iter().find(is_it);
    let kind = wanted.text("type").unwrap_or_default();
    let (sub_type, is_needed) = match kind.as_str() {
        "URL" => ("url", wanted.text("url").is_some_and(|url| url.contains("{{"))),
        "OTP" => ("url", true),
        "COPY_CODE" => ("copy_code", true),
        "QUICK_REPLY" => ("quick_reply", false),
        "FLOW" => ("flow", true),
        _ => ("", false),
    };
    match given {
        None if is_needed => {
            Err((131_008, format!("buttons: Button at index {index} of type {kind} requires a parameter")))
        }
        Some(given) if given.text("sub_type").as_deref() != Some(sub_type) => {
            Err((132_012, format!("buttons: Button at index {index} is of the type {kind}")))
        }
        _ => Ok(()),
    }
}

/// Whether a template can be made: Meta answers 100 with what is wrong.
pub fn check_new(known: &[Value], new: &Value) -> Result<(), Refused> {
    let bad = |why: &str| Err((100, format!("Invalid parameter: {why}")));
    let name = new.text("name").unwrap_or_default();
    let is_sign = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
    if name.is_empty() || name.len() > 512 || !name.chars().all(is_sign) {
        return bad("the name can only have lowercase letters, digits and underscores");
    }
    if !["MARKETING", "UTILITY", "AUTHENTICATION"]
        .contains(&new.text("category").unwrap_or_default().as_str())
    {
        return bad("category");
    }
    let is_same =
        |one: &&Value| one.text("name") == new.text("name") && one.text("language") == new.text("language");
    if known.iter().any(|one| is_same(&one)) {
        return bad("there is already content in this language for this template");
    }
    check_components(new)
}

fn check_components(new: &Value) -> Result<(), Refused> {
    let bad = |why: &str| Err((100, format!("Invalid parameter: {why}")));
    let is_password = new.text("category").as_deref() == Some("AUTHENTICATION");
    let mut has_body = false;
    for component in new.list("components") {
        let kind = component.text("type").unwrap_or_default();
        let text = component.text("text").unwrap_or_default();
        let longest = match kind.as_str() {
            "HEADER" | "FOOTER" => 60,
            _ => LONGEST_BODY,
        };
        has_body |= kind == "BODY";
        if text.chars().count() > longest {
            return bad("a component has too many characters");
        }
        if text.trim().starts_with("{{") || text.trim().ends_with("}}") {
            return bad("variables can't be at the start or end of the template");
        }
        if !places(&text).is_empty() && component.at("example").is_none() {
            return bad(&format!("component of type {kind} is missing expected field(s) (example)"));
        }
        if kind == "HEADER" && component.text("format").as_deref() != Some("TEXT") {
            let is_file = component.text("format").as_deref() != Some("LOCATION");
            if is_file && component.at("example").is_none() {
                return bad("a header with a file needs an example");
            }
        }
        let long = |button: &Value| button.text("text").is_some_and(|text| text.chars().count() > 25);
        if component.list("buttons").len() > 10 || component.list("buttons").iter().any(long) {
            return bad("buttons");
        }
    }
    if has_body || is_password { Ok(()) } else { bad("a template needs a body") }
}

/// One page of them, as Meta pages: `after` is the cursor of the last one that was given.
pub fn page(known: &[Value], limit: usize, after: Option<&str>) -> Value {
    let from = after.and_then(|cursor| cursor.strip_prefix("at-")?.parse().ok()).unwrap_or(0);
    let to = known.len().min(from + limit.max(1));
    let items = known.get(from..to).unwrap_or_default();
    let mut paging = json!({ "cursors": { "before": format!("at-{from}"), "after": format!("at-{to}") } });
    if to < known.len() {
        paging["next"] = "https://graph.facebook.com/the-next-page".into();
    }
    json!({ "data": items, "paging": paging })
}

/// What stands between double braces, each once.
fn places(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        let name = name.trim().to_owned();
        if !found.contains(&name) {
            found.push(name);
        }
        rest = behind;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Value> {
        let all = json!([
            { "name": "plain", "language": "en", "status": "APPROVED",
                "components": [{ "type": "BODY", "text": "Hi {{1}}, at {{2}}." }] },
            { "name": "picture", "language": "en", "status": "APPROVED", "components": [
                { "type": "HEADER", "format": "IMAGE" }, { "type": "BODY", "text": "Hello" },
                { "type": "BUTTONS", "buttons": [{ "type": "URL", "url": "https://a.example/{{1}}" }] }] },
            { "name": "paused", "language": "en", "status": "PAUSED", "components": [] },
            { "name": "disabled", "language": "en", "status": "DISABLED", "components": [] },
        ]);
        all.as_array().expect("a list").clone()
    }

    fn refused(name: &str, components: Value, code: i64) {
        let mut sent = json!({ "name": name, "language": { "code": "en" } });
        sent["components"] = components;
        assert_eq!(check_send(&known(), &sent).expect_err("refused").0, code, "{sent}");
    }

    #[test]
    fn each_mistake_has_its_code() {
        let text = |text: &str| json!({ "type": "text", "text": text });
        let body = |values: Value| json!([{ "type": "body", "parameters": values }]);
        refused("nobody", json!([]), 132_001);
        refused("paused", json!([]), 132_015);
        refused("disabled", json!([]), 132_016);
        refused("plain", body(json!([text("Mira")])), 132_000);
        refused("plain", body(json!([text("Mira"), { "type": "image" }])), 132_012);
        refused("plain", body(json!([text("Mira"), text("a\nb")])), 132_007);
        refused("plain", body(json!([text("Mira"), text(&"x".repeat(5_000))])), 132_005);
        refused("plain", body(json!([text("Mira"), { "type": "text" }])), 131_008);
        refused("picture", json!([]), 132_012);
        let header = json!({ "type": "header", "parameters": [{ "type": "image", "image": { "id": "1" } }] });
        refused("picture", json!([header]), 131_008);
        let good = json!({ "name": "plain", "language": { "code": "en" },
            "components": body(json!([text("Mira"), text("19:30")])) });
        assert_eq!(check_send(&known(), &good), Ok(()));
    }

    #[test]
    fn a_list_is_given_page_by_page() {
        let all = known();
        let first = page(&all, 3, None);
        assert_eq!(
            (first["data"].as_array().map(Vec::len), first["paging"]["next"].is_string()),
            (Some(3), true)
        );
        let second = page(&all, 3, first["paging"]["cursors"]["after"].as_str());
        assert_eq!(
            (second["data"][0]["name"].as_str(), second["paging"]["next"].is_null()),
            (Some("disabled"), true)
        );
    }

    #[test]
    fn a_bad_new_one_is_refused() {
        let new = |text: &str| {
            json!({ "name": "new_one", "language": "en", "category": "UTILITY",
                "components": [{ "type": "BODY", "text": text }] })
        };
        assert_eq!(check_new(&known(), &new("Hello")), Ok(()));
        for text in ["Hi {{1}}!", "{{1}} hi", &"x".repeat(1_025)] {
            assert_eq!(check_new(&known(), &new(text)).expect_err("refused").0, 100, "{text:.20}");
        }
    }
}
