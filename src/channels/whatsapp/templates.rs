//! The templates of the business account above a number: listed, made, changed, deleted. Never a send, and
//! never how a component looks (that is `template_shape`). Source: docs/platforms.md 2.10.

use super::template_shape;
use crate::channels::actions::CallError;
use crate::channels::lenient::Lenient;
use crate::channels::media::segment;
use crate::channels::meta::{errors, graph};
use crate::channels::{ChannelAccess, Platforms, TemplateAnswer, TemplateRequest};
use crate::domain::outbound::{MediaSource, OutboundMedia, SendOutcome};
use crate::domain::template::{PlatformTemplate, TemplateDraft};
use serde_json::{Value, json};
use std::collections::HashMap;

const FIELDS: &str =
    "id,name,language,status,category,parameter_format,components,quality_score,rejected_reason";
/// Templates of one page: many of them have cards, and an answer may have 1 MB.
const PAGE: &str = "50";
/// An account has 6,000 at most, each in several languages: more pages than this mean that a cursor goes in
/// circles.
const MOST_PAGES: usize = 500;

/// All templates of the account, page by page.
pub async fn fetch(
    platforms: &Platforms,
    channel: &ChannelAccess,
) -> Result<Vec<PlatformTemplate>, CallError> {
    let url = all_at(platforms, channel);
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut query = vec![("fields", FIELDS), ("limit", PAGE)];
        query.extend(after.as_deref().map(|after| ("after", after)));
        let page = graph::get(platforms, channel, &url, &query).await?;
        if !page.at("data").is_some_and(Value::is_array) {
            return Err(SendOutcome::unknown("the platform's answer has no list of templates").into());
        }
        found.extend(page.list("data").iter().filter_map(template));
        let Some(paging) = page.at("paging").filter(|paging| paging.at("next").is_some()) else {
            return Ok(found);
        };
        let next = paging.at("cursors").and_then(|cursors| cursors.text("after"));
        if next.is_none() || next == after {
            return Ok(found);
        }
        after = next;
    }
    Err(SendOutcome::unknown("the platform's list of templates does not end").into())
}

fn all_at(platforms: &Platforms, channel: &ChannelAccess) -> String {
    let account = channel.options.waba_id.as_deref().unwrap_or_default();
    platforms.graph(&format!("{}/message_templates", segment(account)))
}

fn template(found: &Value) -> Option<PlatformTemplate> {
    let quality = found.at("quality_score").and_then(|quality| quality.text("score"));
    Some(PlatformTemplate {
        platform_id: found.id("id").unwrap_or_default(),
        name: found.text("name")?,
        language: found.text("language")?,
        status: found.text("status").unwrap_or_else(|| "APPROVED".to_owned()),
        category: found.text("category"),
        quality: quality.filter(|score| score != "UNKNOWN"),
        reason: found.text("rejected_reason").filter(|reason| reason != "NONE"),
        is_named: found.text("parameter_format").is_some_and(|format| format.eq_ignore_ascii_case("named")),
        shape: template_shape::read(found.list("components")),
    })
}

/// Makes one, changes one, or takes one away.
pub async fn change(
    platforms: &Platforms,
    channel: &ChannelAccess,
    change: &TemplateRequest,
) -> Result<TemplateAnswer, CallError> {
    match change {
        TemplateRequest::Create { draft, samples } => create(platforms, channel, draft, samples).await,
        TemplateRequest::Edit { platform_id, draft, samples } => {
            edit(platforms, channel, platform_id, (draft, samples)).await
        }
        TemplateRequest::Delete { platform_id, name } => delete(platforms, channel, platform_id, name).await,
    }
}

/// Has a new template approved.
async fn create(
    platforms: &Platforms,
    channel: &ChannelAccess,
    draft: &TemplateDraft,
    samples: &[(i64, OutboundMedia)],
) -> Result<TemplateAnswer, CallError> {
    let samples = upload_samples(platforms, channel, samples).await?;
    let body = template_shape::written(draft, &samples);
    let request = platforms.http.post(all_at(platforms, channel)).bearer_auth(channel.token()?).json(&body);
    let answer = errors::judge(platforms.call(channel, request).await)?;
    let platform_id = answer.id("id").ok_or_else(|| SendOutcome::unknown("the answer has no ID"))?;
    Ok(TemplateAnswer { platform_id, status: answer.text("status").unwrap_or_else(pending) })
}

/// Has a template approved anew, with other words: until then none can be sent.
async fn edit(
    platforms: &Platforms,
    channel: &ChannelAccess,
    platform_id: &str,
    (draft, samples): (&TemplateDraft, &[(i64, OutboundMedia)]),
) -> Result<TemplateAnswer, CallError> {
    let samples = upload_samples(platforms, channel, samples).await?;
    let components = template_shape::components(draft, draft.is_named(), &samples);
    let body = json!({ "category": draft.category, "components": components });
    let url = platforms.graph(&segment(platform_id));
    let request = platforms.http.post(url).bearer_auth(channel.token()?).json(&body);
    errors::judge(platforms.call(channel, request).await)?;
    Ok(TemplateAnswer { platform_id: platform_id.to_owned(), status: pending() })
}

fn pending() -> String {
    "PENDING".to_owned()
}

/// Takes one language of a template away. Its name cannot be used again for 30 days.
async fn delete(
    platforms: &Platforms,
    channel: &ChannelAccess,
    platform_id: &str,
    name: &str,
) -> Result<TemplateAnswer, CallError> {
    let query = [("hsm_id", platform_id), ("name", name)];
    let request = platforms.http.delete(all_at(platforms, channel)).query(&query);
    errors::judge(platforms.call(channel, request.bearer_auth(channel.token()?)).await)?;
    Ok(TemplateAnswer { platform_id: platform_id.to_owned(), status: "DELETED".to_owned() })
}

/// Brings samples to whoever approves templates: what they are called there, by our ids.
async fn upload_samples(
    platforms: &Platforms,
    channel: &ChannelAccess,
    samples: &[(i64, OutboundMedia)],
) -> Result<HashMap<i64, String>, CallError> {
    let mut handles = HashMap::new();
    for (id, media) in samples {
        if !handles.contains_key(id) {
            handles.insert(*id, upload_sample(platforms, channel, media).await?);
        }
    }
    Ok(handles)
}

/// An upload in two steps: a session of the app, then the bytes into it.
async fn upload_sample(
    platforms: &Platforms,
    channel: &ChannelAccess,
    media: &OutboundMedia,
) -> Result<String, SendOutcome> {
    let app = channel.credentials.get("app_id").ok_or_else(|| {
        SendOutcome::refused("no_app_id", "set the channel's `app_id` first: a sample is uploaded to the app")
    })?;
    let MediaSource::Bytes(bytes) = &media.source else {
        return Err(SendOutcome::refused("file_gone", "the sample no longer exists"));
    };
    let length = bytes.len().to_string();
    let query = [("file_length", length.as_str()), ("file_type", media.mime_type.as_str())];
    let url = platforms.graph(&format!("{}/uploads", segment(app)));
    let begun = platforms.http.post(url).query(&query).bearer_auth(channel.token()?);
    let begun = errors::judge(platforms.call(channel, begun).await)?;
    let session = begun.text("id").ok_or_else(|| SendOutcome::unknown("the upload was not begun"))?;
    let request = platforms
        .http
        .post(platforms.graph(&session))
        .header("authorization", format!("OAuth {}", channel.token()?))
        .header("file_offset", "0")
        .body(bytes.clone());
    let answer = errors::judge(platforms.call(channel, request).await)?;
    answer.text("h").ok_or_else(|| SendOutcome::unknown("the upload returned no handle"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_read_with_how_it_stands() {
        let found = template(&json!({ "id": "123", "name": "booking", "language": "en", "status": "PAUSED",
            "category": "UTILITY", "parameter_format": "NAMED", "quality_score": { "score": "RED" },
            "rejected_reason": "NONE", "components": [{ "type": "BODY", "text": "Hi {{name}}!" }] }))
        .expect("one");
        assert_eq!((found.status.as_str(), found.quality.as_deref()), ("PAUSED", Some("RED")));
        assert_eq!((found.is_named, found.reason), (true, None));
        assert_eq!(template(&json!({ "language": "en" })), None);
    }
}
