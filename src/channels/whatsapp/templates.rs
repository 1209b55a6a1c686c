//! WhatsApp's approved messages: what there is to choose from when the free window has closed. Never a
//! template made or changed here. Source: docs/platforms.md 2.5, 2.7.

use crate::channels::actions::CallError;
use crate::channels::lenient::Lenient;
use crate::channels::media::segment;
use crate::channels::meta::graph;
use crate::channels::templates::Template;
use crate::channels::{ChannelAccess, Platforms};
use serde_json::Value;

/// Templates asked for; an account has 250, verified ones more.
const MOST: &str = "250";

/// The templates of the account above a number.
pub async fn fetch(platforms: &Platforms, channel: &ChannelAccess) -> Result<Vec<Template>, CallError> {
    let account = channel.options.waba_id.as_deref().unwrap_or_default();
    let url = platforms.graph(&format!("{}/message_templates", segment(account)));
    let query = [("fields", "name,language,status,category,components"), ("limit", MOST)];
    let found = graph::get(platforms, channel, &url, &query).await?;
    Ok(found.list("data").iter().filter_map(template).collect())
}

fn template(found: &Value) -> Option<Template> {
    let body = found
        .list("components")
        .iter()
        .find(|component| component.text("type").is_some_and(|kind| kind.eq_ignore_ascii_case("body")))
        .and_then(|component| component.text("text"));
    Some(Template {
        name: found.text("name")?,
        language: found.text("language")?,
        status: found.text("status").unwrap_or_else(|| "APPROVED".to_owned()),
        category: found.text("category"),
        parameters: body.as_deref().map(placeholders).unwrap_or_default(),
        body,
    })
}

/// What stands between double braces, each once.
fn placeholders(body: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = body;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        let name = name.trim().to_owned();
        if !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
        rest = behind;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_template_names_what_it_wants() {
        let found = template(
            &json!({ "name": "booking", "language": "en", "status": "APPROVED", "category": "UTILITY",
            "components": [{ "type": "HEADER", "text": "{{9}}" },
                { "type": "BODY", "text": "Hi {{1}}, see you at {{ 2 }}. {{1}}!" }] }),
        );
        assert_eq!(found.expect("one").parameters, ["1", "2"]);
        assert_eq!(placeholders("{{open"), Vec::<String>::new());
        assert_eq!(template(&json!({ "language": "en" })), None);
    }
}
