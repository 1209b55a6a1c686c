//! Templates made, changed and deleted by admins: what the platform must approve goes there first, and is
//! kept here once it took it. What only our team says of one (its title, whether it is hidden, who may use
//! it) stays here.

use super::templates::{TemplateView, of_business, refused};
use crate::api::http::may::{ChannelsManage, May};
use crate::api::http::optional::given;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::auth::ConnectedChannel;
use crate::channels::{TemplateAnswer, TemplateRequest};
use crate::desk::templates::{CareForTemplate, NoteTemplate, TemplateCare};
use crate::domain::inbound::AttachmentKind;
use crate::domain::outbound::{MediaSource, OutboundMedia};
use crate::domain::template::{
    KnownTemplate, PlatformTemplate, TemplateAccess, TemplateDraft, TemplateShape,
};
use crate::domain::{ChannelId, Identity, MediaId, Refusal, UserId};
use crate::media::plain_type;
use crate::store::accounts::templates;
use crate::store::messages::media;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to be another way; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateTemplateBody, example = json!({"title": "Your order is ready"}))]
pub struct ChangeBody {
    /// What the team calls it; null: by its name.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    title: Option<Option<String>>,
    /// Whether it is kept from everybody who writes.
    is_hidden: Option<bool>,
    /// Who may use it: `everybody`, `admins` or `users`.
    access: Option<TemplateAccess>,
    /// The users it is granted to.
    user_ids: Option<Vec<UserId>>,
    /// Other words: the platform approves it anew.
    content: Option<TemplateShape>,
    /// Another category: the platform approves it anew.
    category: Option<String>,
}

/// Has the platform approve a new template.
#[utoipa::path(post, path = "/api/v1/channels/{id}/templates",
    operation_id = "create_channel_template", tag = "templates",
    params(("id" = i64, Path)), request_body = TemplateDraft,
    responses((status = 201, body = TemplateView), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem),
        (status = 502, body = Problem)))]
pub async fn create(
    app: web::Data<App>,
    May(admin, _): May<ChannelsManage>,
    id: web::Path<ChannelId>,
    body: web::Json<TemplateDraft>,
) -> Result<HttpResponse, Problem> {
    let draft = body.into_inner();
    draft.check()?;
    let (channel, business) = of_business(&app, &admin, id.into_inner()).await?;
    if known_by_name(&app, &admin, &business, &draft).await? {
        let why = "A template of this name is already there in this language.";
        return Err(Refusal::conflict("taken", why).into());
    }
    let samples = samples(&app, &admin, &draft.content).await?;
    let request = TemplateRequest::Create { draft: draft.clone(), samples };
    let answer = ask(&app, &channel, &request).await?;
    let told = told(&draft, answer);
    let by = (admin.user.workspace_id, admin.user.id);
    let note = NoteTemplate { by, business, action: "template_created", told };
    let known = app.ledger.give(note).await?;
    Ok(HttpResponse::Created().json(TemplateView::from(known)))
}

/// Changes what the team says of a template, or has the platform approve other words of it.
#[utoipa::path(patch, path = "/api/v1/channels/{id}/templates/{template_id}",
    operation_id = "update_channel_template", tag = "templates",
    params(("id" = i64, Path), ("template_id" = i64, Path)), request_body = ChangeBody,
    responses((status = 200, body = TemplateView), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem), (status = 502, body = Problem)))]
pub async fn change(
    app: web::Data<App>,
    May(admin, _): May<ChannelsManage>,
    path: web::Path<(ChannelId, i64)>,
    body: web::Json<ChangeBody>,
) -> Result<HttpResponse, Problem> {
    let ((channel_id, id), body) = (path.into_inner(), body.into_inner());
    let (channel, business) = of_business(&app, &admin, channel_id).await?;
    let known = find(&app, &admin, &business, id).await?;
    if body.content.is_some() || body.category.is_some() {
        edit(&app, &admin, (&channel, &business), &known, (body.content, body.category)).await?;
    }
    let ChangeBody { title, is_hidden, access, user_ids, .. } = body;
    let by = (admin.user.workspace_id, admin.user.id);
    let care = TemplateCare { title, is_hidden, access, user_ids };
    let known = app.ledger.give(CareForTemplate { by, business, id, care }).await?;
    Ok(HttpResponse::Ok().json(TemplateView::from(known)))
}

/// Deletes one language of a template at the platform. Its name cannot be used again for 30 days.
#[utoipa::path(delete, path = "/api/v1/channels/{id}/templates/{template_id}",
    operation_id = "delete_channel_template", tag = "templates",
    params(("id" = i64, Path), ("template_id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem), (status = 502, body = Problem)))]
pub async fn delete(
    app: web::Data<App>,
    May(admin, _): May<ChannelsManage>,
    path: web::Path<(ChannelId, i64)>,
) -> Result<HttpResponse, Problem> {
    let (channel_id, id) = path.into_inner();
    let (channel, business) = of_business(&app, &admin, channel_id).await?;
    let known = find(&app, &admin, &business, id).await?;
    let (platform_id, name) = (known.told.platform_id.clone(), known.told.name.clone());
    ask(&app, &channel, &TemplateRequest::Delete { platform_id, name }).await?;
    let by = (admin.user.workspace_id, admin.user.id);
    app.ledger.give(NoteTemplate::deleted(by, business, &known)).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn ask(
    app: &App,
    channel: &ConnectedChannel,
    request: &TemplateRequest,
) -> Result<TemplateAnswer, Problem> {
    let answer = app.platforms.change_template(&channel.access, request).await;
    answer.map_err(|error| refused(error.message))
}

/// What is kept of a draft that the platform took.
fn told(draft: &TemplateDraft, answer: TemplateAnswer) -> PlatformTemplate {
    PlatformTemplate {
        platform_id: answer.platform_id,
        name: draft.name.clone(),
        language: draft.language.clone(),
        status: answer.status,
        category: Some(draft.category.clone()),
        quality: None,
        reason: None,
        is_named: draft.is_named(),
        shape: draft.content.clone(),
    }
}

async fn edit(
    app: &App,
    admin: &Identity,
    (channel, business): (&ConnectedChannel, &str),
    known: &KnownTemplate,
    (content, category): (Option<TemplateShape>, Option<String>),
) -> Result<(), Problem> {
    let before = &known.told;
    let usual = || before.category.clone().unwrap_or_else(|| "UTILITY".to_owned());
    let draft = TemplateDraft {
        name: before.name.clone(),
        language: before.language.clone(),
        category: category.unwrap_or_else(usual),
        content: content.unwrap_or_else(|| before.shape.clone()),
    };
    draft.check()?;
    let samples = samples(app, admin, &draft.content).await?;
    let platform_id = before.platform_id.clone();
    let request = TemplateRequest::Edit { platform_id, draft: draft.clone(), samples };
    let answer = ask(app, channel, &request).await?;
    let by = (admin.user.workspace_id, admin.user.id);
    let told = PlatformTemplate { quality: before.quality.clone(), ..told(&draft, answer) };
    let note = NoteTemplate { by, business: business.to_owned(), action: "template_edited", told };
    app.ledger.give(note).await?;
    Ok(())
}

async fn find(app: &App, admin: &Identity, business: &str, id: i64) -> Result<KnownTemplate, Problem> {
    let account = (admin.user.workspace_id, business.to_owned());
    let read =
        async move |conn: &mut crate::store::Conn| templates::find(conn, (account.0, &account.1), id).await;
    let known = app.db.read(read).await?.filter(|known| known.told.status != templates::DELETED);
    known.ok_or_else(|| Refusal::not_found("template").into())
}

async fn known_by_name(
    app: &App,
    admin: &Identity,
    business: &str,
    draft: &TemplateDraft,
) -> Result<bool, Problem> {
    let account = (admin.user.workspace_id, business.to_owned());
    let (name, language) = (draft.name.clone(), draft.language.clone());
    let read = async move |conn: &mut crate::store::Conn| {
        templates::by_name(conn, (account.0, &account.1), &name, &language).await
    };
    let known = app.db.read(read).await?;
    Ok(known.is_some_and(|known| known.told.status != templates::DELETED))
}

/// The files that are shown as samples, as whoever approves the template sees them.
async fn samples(
    app: &App,
    admin: &Identity,
    content: &TemplateShape,
) -> Result<Vec<(i64, OutboundMedia)>, Problem> {
    let headers =
        content.header.iter().chain(content.carousel.iter().filter_map(|card| card.header.as_ref()));
    let ids: Vec<i64> = headers.filter_map(|header| header.sample).collect();
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let workspace = admin.user.workspace_id;
        let row = app.db.read(async move |conn| media::find(conn, workspace, MediaId(id)).await).await?;
        let gone =
            || Refusal::invalid("bad_attachment", "A sample is not here. Upload it to /api/v1/media first.");
        let row = row.filter(|row| row.uploaded_by == admin.user.author()).ok_or_else(gone)?;
        let bytes = app.media.read(&row.storage_key).await.map_err(|_| gone())?;
        let mime_type = plain_type(&row.mime_type).to_owned();
        let media = OutboundMedia {
            kind: AttachmentKind::of_mime(&mime_type),
            source: MediaSource::Bytes(bytes),
            mime_type,
            file_name: row.file_name.clone(),
            caption: None,
            size_in_pixels: None,
        };
        found.push((id, media));
    }
    Ok(found)
}
