//! The list of routes and the list of frames, against the matrix of who may call what and against the description
//! of the API: what is new without a row fails here. Never whether a row is right: `stories::matrix` tells that.

use crate::stories::matrix::rows::{FRAMES, ROWS};
use crate::tidy::{code_only, files};
use std::collections::BTreeSet;

/// What is served and not described: pages' own business, or a format that is not JSON.
const NOT_DESCRIBED: &[&str] =
    &["GET /widget/{channel_id}", "GET /widget/{channel_id}/ws", "GET /metrics", "GET /openapi.json"];

/// `METHOD /path` of every route in `src/api/http/routes.rs`.
fn routes(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for place in code_only(text).split("at(\"").skip(1) {
        let Some((path, rest)) = place.split_once('"') else { continue };
        let rest = rest.split("cfg.").next().unwrap_or_default();
        for method in ["get", "post", "put", "patch", "delete"] {
            if path.starts_with('/') && rest.contains(&format!(".{method}(")) {
                found.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    found
}

fn served() -> BTreeSet<String> {
    let sources = files("src/api/http", &["routes.rs"]);
    let found: BTreeSet<String> = sources.iter().flat_map(|file| routes(&file.text)).collect();
    assert!(found.len() > 30, "the routes are read: {found:?}");
    found
}

/// Whether a call is of this route: `{kind}` stands for each kind of channel whose platform calls there, and
/// one of them stands for all.
fn is_of(route: &str, call: &str) -> bool {
    let (mut route, mut call) = (route.split('/'), call.split('/'));
    loop {
        match (route.next(), call.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == other || one == "{kind}" => {}
            _ => return false,
        }
    }
}

#[test]
fn every_route_has_a_row_in_the_matrix() {
    let rows: BTreeSet<String> = ROWS.iter().map(|row| row.call.to_owned()).collect();
    let missing: Vec<_> =
        served().into_iter().filter(|route| !rows.iter().any(|row| is_of(route, row))).collect();
    assert!(missing.is_empty(), "add to tests/stories/matrix/rows.rs who may call: {missing:#?}");
    let served = served();
    let dead: Vec<_> = rows.iter().filter(|row| !served.iter().any(|route| is_of(route, row))).collect();
    assert!(dead.is_empty(), "take out of tests/stories/matrix/rows.rs: {dead:#?}");
}

#[test]
fn every_route_is_described() {
    let described = rapport::api::http::openapi::described();
    let paths = described["paths"].as_object().expect("paths");
    let is_described = |call: &str| {
        let (method, path) = call.split_once(' ').expect("METHOD /path");
        paths.iter().any(|(one, calls)| is_of(path, one) && calls[method.to_lowercase()].is_object())
    };
    let silent: Vec<_> = served()
        .into_iter()
        .filter(|call| !NOT_DESCRIBED.contains(&call.as_str()) && !is_described(call))
        .collect();
    assert!(silent.is_empty(), "add to src/api/http/openapi.rs: {silent:#?}");
}

#[test]
fn every_frame_has_a_row_in_the_matrix() {
    let wire = files("src/live", &["frames.rs"]).into_iter().find(|file| file.path == "src/live/frames.rs");
    let text = code_only(&wire.expect("the frames").text);
    let body = text
        .split("pub enum FromClient {")
        .nth(1)
        .and_then(|rest| rest.split("\n}").next())
        .expect("the frames");
    let variants: BTreeSet<String> = body
        .lines()
        .filter(|line| line.starts_with("    ") && line.trim_start().len() + 4 == line.len())
        .filter_map(|line| line.trim().split(['(', '{', ',']).next())
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty() && !name.starts_with(['}', '#']))
        .collect();
    let rows: BTreeSet<String> = FRAMES.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    assert_eq!(variants, rows, "add the frame to tests/stories/matrix/rows.rs");
}

#[test]
fn a_new_route_is_noticed() {
    let text = "cfg.service(at(\"/a/{id}\").get(a::b).delete(a::c));\n// at(\"/no\").get(x)\ncfg.service(at(\"/b\").limit(3).post(b::c));";
    let expected: BTreeSet<String> = ["GET /a/{id}", "DELETE /a/{id}", "POST /b"].map(str::to_owned).into();
    assert_eq!(routes(text), expected);
    assert!(is_of("POST /webhooks/{kind}", "POST /webhooks/pigeon"));
    assert!(!is_of("POST /webhooks/{kind}", "GET /webhooks/pigeon"));
    assert!(!is_of("POST /webhooks/{kind}", "POST /webhooks/pigeon/{channel_id}"));
}
