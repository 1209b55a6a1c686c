//! The description of the API: every call has a name of its own, says who may make it, what it takes and what
//! it gives, and no two shapes share a name. Never whether an answer is as described: tests/clients holds the
//! running server against it.

use super::{code_only, files};
use crate::stories::matrix::rows::{ROWS, Who};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// What says no more than where it goes on.
const WITHOUT_CONTENT: [&str; 2] = ["101", "204"];

/// `METHOD /path` of every call, and what is said of it.
fn calls() -> BTreeMap<String, Value> {
    let doc = rapport::api::http::openapi::described();
    let paths = doc["paths"].as_object().expect("paths").clone();
    let of_path = |(path, calls): (String, Value)| {
        METHODS.map(|method| (format!("{} {path}", method.to_uppercase()), calls[method].clone()))
    };
    let found: BTreeMap<_, _> =
        paths.into_iter().flat_map(of_path).filter(|(_, it)| it.is_object()).collect();
    assert!(found.len() > 90, "the calls are read: {:?}", found.keys());
    found
}

/// What `faults` finds in any call, all at once.
fn check_calls(faults: impl Fn(&str, &Value) -> Vec<String>) {
    let found: Vec<String> = calls().iter().flat_map(|(name, call)| faults(name, call)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_answer_has_a_shape() {
    check_calls(|name, call| {
        let responses = call["responses"].as_object().cloned().unwrap_or_default();
        let is_success = |status: &str| status.starts_with('2') && !WITHOUT_CONTENT.contains(&status);
        let shapeless = |response: &Value| {
            let content = response["content"].as_object().cloned().unwrap_or_default();
            content.is_empty() || content.values().any(|kind| is_empty_schema(&kind["schema"]))
        };
        let mut found: Vec<String> = responses
            .iter()
            .filter(|(status, response)| is_success(status) && shapeless(response))
            .map(|(status, _)| format!("{name}: {status} has no schema: give it `body = …`"))
            .collect();
        if !responses.keys().any(|status| status.starts_with('2') || status == "101") {
            found.push(format!("{name}: says nothing of its success"));
        }
        found
    });
}

#[test]
fn every_body_has_a_shape_and_an_example() {
    let takes = |name: &str| {
        ROWS.iter()
            .any(|row| row.call == name && !["", "{}"].contains(&row.body) && !row.body.starts_with('?'))
    };
    let doc = rapport::api::http::openapi::described();
    check_calls(|name, call| {
        let body = call["requestBody"]["content"].as_object().cloned().unwrap_or_default();
        if body.is_empty() {
            let missing = format!("{name}: takes a body that is not described");
            return Some(missing).filter(|_| takes(name)).into_iter().collect();
        }
        let fault = |(kind, content): (&String, &Value)| {
            let schema = referred(&doc, &content["schema"]);
            if is_empty_schema(schema) {
                return Some(format!("{name}: its body has no schema"));
            }
            let shown = kind != "application/json" || schema.get("example").is_some();
            (!shown).then(|| format!("{name}: its body has no example: #[schema(example = json!(…))]"))
        };
        body.iter().filter_map(fault).collect()
    });
}

#[test]
fn every_call_says_who_may_make_it() {
    let rows: BTreeMap<&str, Who> = ROWS.iter().map(|row| (row.call, row.who)).collect();
    check_calls(|name, call| {
        let said = &call["security"];
        let names = |scheme: &str| {
            said.as_array().is_some_and(|ways| ways.iter().any(|way| way.get(scheme).is_some()))
        };
        let fits = match rows.get(name) {
            Some(Who::User | Who::Admin) => names("bearer") && names("cookie"),
            Some(Who::Everybody) => *said == json!([{}]),
            Some(Who::Visitor) => names("visitor") || *said == json!([{}]),
            Some(Who::Signed) => said.is_array() && !names("bearer") && !names("cookie"),
            None => said.is_array(),
        };
        Some(format!("{name}: security is {said}")).filter(|_| !fits).into_iter().collect()
    });
}

#[test]
fn every_call_has_a_name_of_its_own() {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let one_word = ["login", "logout", "search"];
    for (name, call) in calls() {
        let id = call["operationId"].as_str().unwrap_or_default().to_owned();
        let is_plain = id.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'_');
        let says_what = id.contains('_') || one_word.contains(&id.as_str());
        assert!(
            is_plain && says_what,
            "{name}: `{id}`: operation_id is a verb and a thing, as `list_labels`"
        );
        assert!(call["tags"][0].is_string() && call["summary"].is_string(), "{name}: no tag, or no words");
        if let Some(other) = known.insert(id.clone(), name.clone()) {
            panic!("{name} and {other} are both called `{id}`: set operation_id");
        }
    }
}

#[test]
fn no_two_shapes_share_a_name() {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for (name, place) in files("src", &[".rs"]).iter().flat_map(|file| shapes(&file.path, &file.text)) {
        if let Some(other) = known.insert(name.clone(), place.clone()) {
            panic!("{place} and {other} are both called {name}: rename one, or #[schema(as = …)]");
        }
    }
    assert!(known.contains_key("Conversation") && known.contains_key("Role"), "the shapes are read");
}

#[test]
fn every_name_leads_somewhere() {
    let doc = rapport::api::http::openapi::described();
    let mut named = BTreeSet::new();
    names_in(&doc, &mut named);
    let known = doc["components"]["schemas"].as_object().expect("schemas");
    let lost: Vec<_> = named.iter().filter(|name| !known.contains_key(*name)).collect();
    assert!(lost.is_empty(), "of a parameter? #[param(inline)]: {lost:?}");
}

#[test]
fn every_code_of_an_error_is_listed() {
    let listed: BTreeSet<&str> = rapport::api::http::problem_codes::ALL.iter().copied().collect();
    let is_test = |file: &super::File| file.path.ends_with("tests.rs");
    let sources: Vec<_> = files("src", &[".rs"]).into_iter().filter(|file| !is_test(file)).collect();
    let before_tests = |text: &str| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    let used: BTreeSet<String> = sources.iter().flat_map(|file| codes(&before_tests(&file.text))).collect();
    let missing: Vec<_> = used.iter().filter(|code| !listed.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "add to src/api/http/problem_codes.rs: {missing:?}");
    let elsewhere = |file: &&super::File| !file.path.ends_with("problem_codes.rs");
    let dead = |code: &&&str| {
        !sources.iter().filter(elsewhere).any(|file| file.text.contains(&format!("\"{code}\"")))
    };
    let dead: Vec<_> = listed.iter().filter(dead).collect();
    assert!(dead.is_empty(), "nothing says these any more: {dead:?}");
}

/// `{}`: anything at all.
fn is_empty_schema(schema: &Value) -> bool {
    schema.as_object().is_none_or(Map::is_empty)
}

fn referred<'a>(doc: &'a Value, schema: &'a Value) -> &'a Value {
    let schema = schema["oneOf"].get(0).unwrap_or(schema);
    let place = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
    place.and_then(|place| doc.pointer(place)).unwrap_or(schema)
}

fn names_in(value: &Value, named: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| names_in(item, named)),
        Value::Object(fields) => {
            let name = fields.get("$ref").and_then(Value::as_str);
            named.extend(name.and_then(|name| name.strip_prefix("#/components/schemas/")).map(str::to_owned));
            fields.values().for_each(|field| names_in(field, named));
        }
        _ => {}
    }
}

/// The names under which a file's types stand in the description, each with its place.
fn shapes(path: &str, text: &str) -> Vec<(String, String)> {
    let code = code_only(text);
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for place in code.split("#[derive(").skip(1).filter(|place| {
        place.split(")]").next().is_some_and(|derived| derived.split(',').any(|one| one.trim() == "ToSchema"))
    }) {
        let head = place.split_inclusive(['{', ';']).next().unwrap_or_default();
        let head = if place.contains("pub struct ") || place.contains("pub enum ") { place } else { head };
        let start = [head.find("pub struct "), head.find("pub enum ")].into_iter().flatten().min();
        let Some(start) = start else { continue };
        let own = word(head[start..].trim_start_matches("pub struct ").trim_start_matches("pub enum "));
        let said = head[..start].split_once("as = ").map(|(_, rest)| word(rest));
        let name = said.unwrap_or(own);
        if !name.is_empty() {
            found.push((name, path.to_owned()));
        }
    }
    if path.starts_with("src/domain/") {
        let words =
            code.split("\nwords! {").nth(1).and_then(|rest| rest.split("\n}").next()).unwrap_or_default();
        let heads = words.lines().filter(|line| line.starts_with("    ") && line.ends_with('{'));
        found.extend(heads.map(|line| (word(line.trim()), path.to_owned())));
    }
    found
}

/// The codes that a text's refusals and problems are made with.
fn codes(text: &str) -> Vec<String> {
    let makers = [
        "Refusal::invalid(",
        "Refusal::conflict(",
        "Refusal::too_many(",
        "Refusal::new(",
        "Problem::new(",
        "Problem::bad_request(",
    ];
    let quoted = |rest: &str| {
        let rest = rest.trim_start();
        rest.strip_prefix('"').and_then(|rest| rest.split_once('"')).map(|(code, _)| code.to_owned())
    };
    let of = |rest: &str| {
        quoted(rest).or_else(|| {
            let (first, second) = rest.split_once(',')?;
            let is_path = first.trim().chars().all(|c| c.is_alphanumeric() || "_:".contains(c));
            quoted(second).filter(|_| is_path)
        })
    };
    makers.iter().flat_map(|maker| text.split(maker).skip(1).filter_map(of)).collect()
}

#[test]
fn a_shape_and_a_code_are_found_where_they_stand() {
    let text = "#[derive(Debug, ToSchema)]\n#[schema(as = Label)]\npub struct LabelView {}\n#[derive(ToSchema)]\npub enum Kind { A }\n#[derive(Debug)]\npub struct Other {}";
    let names: Vec<String> = shapes("src/x.rs", text).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Label", "Kind"]);
    let text = "Refusal::invalid(\"bad_name\", x); Problem::new(\n StatusCode::FORBIDDEN,\n \"foreign\", y); Refusal::new(kind, code, z)";
    assert_eq!(codes(text), ["bad_name", "foreign"]);
}
