//! What is read, what fits and what is refused, as tables.

use super::*;
use serde_json::{Value, json};

fn message(value: Value) -> TemplateMessage {
    serde_json::from_value(value).expect("a template")
}

fn template(is_named: bool, shape: Value) -> PlatformTemplate {
    PlatformTemplate {
        platform_id: "1".into(),
        name: "booking".into(),
        language: "en".into(),
        status: "APPROVED".into(),
        category: None,
        quality: None,
        reason: None,
        is_named,
        shape: serde_json::from_value(shape).expect("a shape"),
    }
}

#[test]
fn the_short_form_of_older_clients_is_read_and_written_as_it_came() {
    let old = json!({"name": "booking", "language": "en", "parameters": ["Mira", "19:30"]});
    let read = message(old.clone());
    assert_eq!(read.parts().body, Some(TemplateValues::ByPosition(vec!["Mira".into(), "19:30".into()])));
    assert_eq!(serde_json::to_value(&read).expect("JSON"), old);
    assert_eq!(read.words(), "booking · Mira · 19:30");
    let details = format!(r#"{{"template":{old}}}"#);
    assert_eq!(TemplateMessage::in_details(&details), Some(read));
    assert_eq!(TemplateMessage::in_details(r#"{"location":{}}"#), None);
}

#[test]
fn values_keep_the_order_in_which_they_were_given() {
    let text = r#"{"name":"a","language":"en","components":{"body":{"b":"1","a":"2"}}}"#;
    let read: TemplateMessage = serde_json::from_str(text).expect("a template");
    assert_eq!(serde_json::to_string(&read).expect("JSON"), text);
}

#[test]
fn values_fit_by_position_or_by_name_whichever_the_template_has() {
    let shape = json!({"body": {"text": "Hi {{name}}, see you at {{time}}."}});
    let fitted = fit(
        &template(true, shape.clone()),
        &message(json!({"name": "booking", "language": "en", "parameters": ["Mira", "19:30"]})),
    )
    .expect("it fits");
    assert_eq!(fitted.rendered.body, "Hi Mira, see you at 19:30.");
    let by_name =
        TemplateValues::ByName(vec![("name".into(), "Mira".into()), ("time".into(), "19:30".into())]);
    assert_eq!(fitted.message.components.body, Some(by_name));
    let turned = json!({"body": {"text": "At {{2}} for {{1}} people."}});
    let fitted = fit(
        &template(false, turned),
        &message(json!({"name": "booking", "language": "en", "components": {"body": ["4", "19:30"]}})),
    )
    .expect("it fits");
    assert_eq!(fitted.rendered.body, "At 19:30 for 4 people.");
    let in_order = TemplateValues::ByPosition(vec!["4".into(), "19:30".into()]);
    assert_eq!(fitted.message.components.body, Some(in_order));
}

fn refused(shape: Value, components: Value, expected: &str) {
    let mut sent = json!({"name": "booking", "language": "en"});
    sent["components"] = components;
    let error = fit(&template(false, shape), &message(sent)).expect_err("refused");
    assert!(error.message.contains("booking") && error.message.contains(expected), "{}", error.message);
}

#[test]
fn what_is_missing_or_too_much_is_named() {
    let words = json!({"body": {"text": "Hi {{1}} and {{2}}!"}});
    refused(words.clone(), json!({"body": ["Mira"]}), "“2”");
    refused(words.clone(), json!({"body": ["a", "b", "c"]}), "no place “3”");
    refused(words.clone(), json!({"body": {"name": "x"}}), "no place “name”");
    refused(json!({"header": {"format": "image"}}), json!({}), "of the kind image");
    refused(words, json!({"body": ["a", "b"], "header": {"image": 1}}), "no header");
    let button = json!({"buttons": [{"kind": "url", "text": "Go", "url": "https://a.example/{{1}}"}]});
    refused(button.clone(), json!({}), "button 1");
    let other = json!({"buttons": [{"index": 0, "kind": "copy_code", "value": "X"}]});
    refused(button, other, "no button 1");
    refused(json!({"carousel": [{}, {}]}), json!({}), "2 cards");
}

#[test]
fn a_password_stands_in_the_words_and_on_the_button() {
    let shape = json!({"body": {"text": "*{{1}}* is your code."},
        "buttons": [{"kind": "one_time_password", "text": "Copy code"}]});
    let sent = json!({"name": "otp", "language": "en", "components": {"body": ["123456"]}});
    let fitted = fit(&template(false, shape), &message(sent)).expect("it fits");
    assert_eq!(fitted.message.components.buttons[0].value.as_deref(), Some("123456"));
}

fn draft(change: &Value) -> TemplateDraft {
    let mut whole = json!({"name": "order_ready", "language": "en", "category": "UTILITY",
        "content": {"body": {"text": "Hi {{1}}, it is ready.", "examples": {"1": "Mira"}}}});
    for (key, value) in change.as_object().expect("an object") {
        whole[key] = value.clone();
    }
    serde_json::from_value(whole).expect("a draft")
}

fn refused_at(field: &str, change: &Value) {
    let error = draft(change).check().expect_err("refused");
    assert!(error.message.starts_with(field), "{field}: {}", error.message);
}

#[test]
fn a_new_template_is_checked_at_the_field() {
    draft(&json!({})).check().expect("a good one");
    let body = |text: &str| json!({"content": {"body": {"text": text, "examples": {"1": "a", "2": "b"}}}});
    refused_at("name", &json!({"name": "Order ready"}));
    refused_at("language", &json!({"language": ""}));
    refused_at("category", &json!({"category": "NEWS"}));
    refused_at("body", &json!({"content": {}}));
    refused_at("body", &body(&"x".repeat(1_025)));
    refused_at("body", &body("{{1}}, it is ready."));
    refused_at("body", &body("It is ready, {{1}}"));
    refused_at("body", &body("Hi {{1}} and {{3}}!"));
    refused_at("body", &body("Hi {{1}} and {{name}}!"));
    refused_at("body", &json!({"content": {"body": {"text": "Hi {{1}}, hello"}}}));
    let with = |name: &str, value: Value| {
        let mut content = json!({"body": {"text": "It is ready."}});
        content[name] = value;
        json!({"content": content})
    };
    refused_at("footer", &with("footer", json!("x".repeat(61))));
    refused_at("header", &with("header", json!({"format": "text", "text": {"text": "x".repeat(61)}})));
    refused_at("header", &with("header", json!({"format": "image"})));
    let reply = |text: &str| json!({"kind": "quick_reply", "text": text});
    refused_at("buttons 1", &with("buttons", json!([reply(&"x".repeat(26))])));
    refused_at("buttons", &with("buttons", json!(vec![reply("Yes"); 11])));
    let link = json!({"kind": "url", "text": "Go", "url": "https://a.example/{{1}}"});
    refused_at("buttons 1", &with("buttons", json!([link])));
    refused_at(
        "buttons",
        &with(
            "buttons",
            json!([reply("a"),
        {"kind": "url", "text": "Go", "url": "https://a.example"}, reply("b")]),
        ),
    );
}
