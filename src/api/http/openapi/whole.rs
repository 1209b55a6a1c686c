//! What holds for the whole description and is said once: how calls are signed, how errors look, that every
//! field of an answer is there. And what a client generator needs: one name a shape, no shape written out
//! twice. Never a call's own words: those stand at its handler.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const SCHEMAS: &str = "#/components/schemas/";
/// What stands in an answer only if there is something to say: secrets that are shown once.
const SHOWN_ONCE: [&str; 3] = ["verify_token", "webhook_secret", "identity_secret"];
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The description, gathered from the handlers, made whole.
pub(super) fn finished(mut doc: Value) -> Value {
    calls(&mut doc).for_each(sign);
    calls(&mut doc).for_each(tell_errors);
    calls(&mut doc).for_each(tell_files);
    name_pages(&mut doc);
    doc["components"]["schemas"]["Problem"] = problem(&doc);
    let known = schemas(&doc);
    walk(&mut doc, &mut |value| put_in_place(value, &known));
    walk(&mut doc, &mut merge_parts);
    let known = schemas(&doc);
    refer(&mut doc, &known);
    fill_answers(&mut doc);
    drop_unused(&mut doc);
    doc
}

fn calls(doc: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = doc["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let calls = paths.filter_map(Value::as_object_mut).flatten();
    calls
        .filter(|(method, _)| METHODS.contains(&method.as_str()))
        .filter_map(|(_, call)| call.as_object_mut())
}

fn schemas(doc: &Value) -> Map<String, Value> {
    doc["components"]["schemas"].as_object().cloned().unwrap_or_default()
}

/// Every value of the document, the inner ones first.
fn walk(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| walk(field, change)),
        _ => {}
    }
    change(value);
}

/// A call that does not say that it is open is signed, by a cookie or by a token.
fn sign(call: &mut Map<String, Value>) {
    call.entry("security").or_insert_with(|| json!([{"bearer": []}, {"cookie": []}]));
}

/// What every call can answer beside its own, as `application/problem+json`.
fn tell_errors(call: &mut Map<String, Value>) {
    let is_signed = call.get("security").is_some_and(|ways| ways[0] != json!({}));
    let Some(responses) = call.get_mut("responses").and_then(Value::as_object_mut) else { return };
    let told = |description: &str| json!({"description": description, "content": of_problem()});
    if is_signed {
        responses.entry("401").or_insert_with(|| told("Nobody is signed in"));
    }
    responses.entry("default").or_insert_with(|| {
        told(
            "Anything else that is wrong: no sense in it (400, 422), not JSON (415), not allowed (403), \
             not there (404), too large (413), too often (429), not now (503)",
        )
    });
    for (status, response) in responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5'])) {
        response["content"] = of_problem();
        if response["description"].as_str().is_none_or(str::is_empty) {
            response["description"] = usual(status).into();
        }
    }
    for response in responses.values_mut() {
        response["description"] = response["description"].as_str().unwrap_or("Done").into();
        if response["description"] == "" {
            response["description"] = "Done".into();
        }
    }
}

/// A file comes with its own type: bytes may be called anything.
fn tell_files(call: &mut Map<String, Value>) {
    let anything = ["*", "*"].join("/");
    let responses = call.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten();
    for content in responses.filter_map(|(_, response)| response.get_mut("content")?.as_object_mut()) {
        if let Some(bytes) = content.get("application/octet-stream").cloned() {
            content.insert(anything.clone(), bytes);
        }
    }
}

fn of_problem() -> Value {
    json!({"application/problem+json": {"schema": {"$ref": format!("{SCHEMAS}Problem")}}})
}

/// What a status means where a handler says nothing of its own.
fn usual(status: &str) -> &'static str {
    match status {
        "400" => "It makes no sense",
        "401" => "Nobody is signed in",
        "403" => "Not theirs to do",
        "404" => "Not there, or not theirs to see",
        "409" => "It contradicts what is there",
        "413" => "Too large",
        "422" => "It cannot be: `detail` says why",
        "429" => "Too often: `Retry-After` says when to come again",
        _ => "Not now",
    }
}

/// The one shape of every error, with every code there is: a new one may come, so it stays a text.
fn problem(doc: &Value) -> Value {
    let mut problem = doc["components"]["schemas"]["Problem"].clone();
    problem["properties"]["code"]["x-extensible-enum"] = json!(crate::api::http::problem_codes::ALL);
    problem["properties"]["code"]["description"] =
        "Stable, for programs. Others may be added: treat one you do not know by its status.".into();
    problem["additionalProperties"] = true.into();
    problem["description"] = "An error as the outside sees it. Of a message that may not be sent it has \
        `decision`, `reason`, `alternatives` and `until` besides, as `check_message` answers them."
        .into();
    problem["example"] = json!({
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "not_found",
        "detail": "There is no such conversation.",
        "permission": null,
    });
    problem
}

/// `Page_Label` is a `LabelList`, what is in a list of things that can be brought back a `ListedLabel`.
fn name_pages(doc: &mut Value) {
    for (name, mut page) in schemas(doc) {
        if let Some(of) = name.strip_prefix("Page_Restorable_") {
            let item = page["properties"]["items"]["items"].take();
            page["properties"]["items"]["items"] = json!({"$ref": format!("{SCHEMAS}Listed{of}")});
            doc["components"]["schemas"][format!("Listed{of}")] = item;
            doc["components"]["schemas"][name] = page;
        }
    }
    let renamed: BTreeMap<String, String> = schemas(doc)
        .keys()
        .map(|name| (name.clone(), plain_name(name)))
        .filter(|(old, new)| old != new)
        .collect();
    if let Some(known) = doc["components"]["schemas"].as_object_mut() {
        for (old, new) in &renamed {
            if let Some(schema) = known.remove(old) {
                let taken = known.insert(new.clone(), schema);
                debug_assert!(taken.is_none(), "two schemas are called {new}");
            }
        }
    }
    walk(doc, &mut |value| {
        let target = value.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix(SCHEMAS));
        if let Some(new) = target.and_then(|name| renamed.get(name)) {
            value["$ref"] = format!("{SCHEMAS}{new}").into();
        }
    });
}

fn plain_name(name: &str) -> String {
    let Some(of) = name.strip_prefix("Page_") else { return name.to_owned() };
    format!("{}List", of.strip_prefix("Restorable_").unwrap_or(of))
}

/// A number or a text that has a name of its own only in Rust stands where it is used, with a null beside
/// it if there is one.
fn put_in_place(value: &mut Value, known: &Map<String, Value>) {
    let target = value.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix(SCHEMAS));
    if let Some(plain) = target.and_then(|name| known.get(name)).filter(|schema| is_plain(schema)) {
        let description = value.get("description").cloned();
        *value = plain.clone();
        if let Some(fields) = value.as_object_mut() {
            fields.remove("description");
            fields.extend(description.map(|text| ("description".to_owned(), text)));
        }
        return;
    }
    let Some([one, null]) = value.get("oneOf").and_then(Value::as_array).map(Vec::as_slice) else { return };
    if is_plain(one) && *null == json!({"type": "null"}) {
        let mut nullable = one.clone();
        nullable["type"] = json!([one["type"], "null"]);
        if let (Some(fields), Some(nullable)) = (value.as_object_mut(), nullable.as_object_mut()) {
            fields.remove("oneOf");
            fields.append(nullable);
        }
    }
}

fn is_plain(schema: &Value) -> bool {
    matches!(schema["type"].as_str(), Some("integer" | "string")) && schema.get("enum").is_none()
}

/// What Rust puts together of parts is one object.
fn merge_parts(value: &mut Value) {
    let Some(parts) = value.get("allOf").and_then(Value::as_array).cloned() else { return };
    if !parts.iter().all(|part| part["properties"].is_object() || part.get("$ref").is_some()) {
        return;
    }
    value["x-parts"] = parts.into();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("allOf");
    }
}

/// Joins the parts, and names what was written out though it has a name.
fn refer(doc: &mut Value, known: &Map<String, Value>) {
    walk(doc, &mut |value| {
        let Some(parts) = value.as_object_mut().and_then(|fields| fields.remove("x-parts")) else { return };
        let (mut properties, mut required) = (Map::new(), BTreeSet::new());
        for part in parts.as_array().into_iter().flatten() {
            collect(part, known, &mut properties, &mut required);
        }
        value["type"] = "object".into();
        value["properties"] = properties.into();
        value["required"] = json!(required);
    });
    let bare = |schema: &Value| {
        let mut schema = schema.clone();
        for beside in ["description", "example"] {
            schema.as_object_mut().map(|fields| fields.remove(beside));
        }
        schema
    };
    let named = schemas(doc);
    let named: Vec<(String, Value)> = named
        .iter()
        .filter(|(_, schema)| schema["properties"].is_object() || schema.get("enum").is_some())
        .map(|(name, schema)| (name.clone(), bare(schema)))
        .collect();
    let name_of = |schema: &Value| {
        let schema = bare(schema);
        named.iter().find(|(_, known)| *known == schema).map(|(name, _)| name.clone())
    };
    let mut shorten = |value: &mut Value| {
        for inner in parts_of(value) {
            if let Some(name) = name_of(inner) {
                *inner = json!({"$ref": format!("{SCHEMAS}{name}")});
            }
        }
    };
    walk(doc, &mut shorten);
}

/// The fields of a part, its own or those of the shape it names.
fn collect(
    part: &Value,
    known: &Map<String, Value>,
    properties: &mut Map<String, Value>,
    required: &mut BTreeSet<String>,
) {
    let target = part.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix(SCHEMAS));
    let part = target.and_then(|name| known.get(name)).unwrap_or(part);
    for inner in part["x-parts"].as_array().into_iter().flatten() {
        collect(inner, known, properties, required);
    }
    properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
    let names = part["required"].as_array().into_iter().flatten();
    required.extend(names.filter_map(Value::as_str).map(str::to_owned));
}

/// The schemas directly inside of one.
fn parts_of(schema: &mut Value) -> Vec<&mut Value> {
    let Some(fields) = schema.as_object_mut() else { return Vec::new() };
    let mut inner = Vec::new();
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("items", value) => inner.push(value),
            ("oneOf" | "anyOf", Value::Array(items)) => inner.extend(items),
            ("properties", Value::Object(properties)) => inner.extend(properties.values_mut()),
            _ => {}
        }
    }
    inner
}

/// Every field of an answer is always there, null if it is empty.
fn fill_answers(doc: &mut Value) {
    let (mut answered, mut asked) = (BTreeSet::new(), BTreeSet::new());
    let known = schemas(doc);
    for call in calls(doc) {
        let body = call.get("requestBody").cloned().unwrap_or_default();
        reach(&body, &known, &mut asked);
        let responses = call.get("responses").cloned().unwrap_or_default();
        reach(&responses, &known, &mut answered);
    }
    for name in answered.difference(&asked) {
        walk(&mut doc["components"]["schemas"][name], &mut |value| {
            let Some(fields) = value["properties"].as_object().filter(|fields| !fields.is_empty()) else {
                return;
            };
            let always = fields.keys().filter(|field| !SHOWN_ONCE.contains(&field.as_str()));
            value["required"] = json!(always.collect::<Vec<_>>());
        });
    }
}

/// The names that a value refers to, and what those refer to.
fn reach(value: &Value, known: &Map<String, Value>, reached: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| reach(item, known, reached)),
        Value::Object(fields) => {
            let target = fields.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix(SCHEMAS));
            if let Some(name) = target.filter(|name| reached.insert((*name).to_owned())) {
                reach(known.get(name).unwrap_or(&Value::Null), known, reached);
            }
            fields.values().for_each(|field| reach(field, known, reached));
        }
        _ => {}
    }
}

/// What nothing names any more: the parts, and the numbers that stand in their places.
fn drop_unused(doc: &mut Value) {
    let (known, mut used) = (schemas(doc), BTreeSet::new());
    reach(&doc["paths"], &known, &mut used);
    if let Some(all) = doc["components"]["schemas"].as_object_mut() {
        all.retain(|name, _| used.contains(name));
    }
}
