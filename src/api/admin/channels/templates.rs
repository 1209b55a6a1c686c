//! The messages that a platform approved beforehand, as our copy has them: everybody of the team reads those
//! they may use. Never one made or changed: that is `template_drafts`.

use super::existing;
use super::health::missing_option;
use crate::api::http::may::{ChannelsManage, May};
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::auth::ConnectedChannel;
use crate::channels::kind::Ability;
use crate::channels::registry;
use crate::desk::template_sync::{self, SyncError};
use crate::domain::template::{
    KnownTemplate, PlatformTemplate, TemplateAccess, TemplateShape, can_be_sent, placeholders,
};
use crate::domain::{ChannelId, Identity, Refusal, Role, Timestamp, UserId, text};
use crate::store::accounts::templates::{self, Sync, Wanted};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which templates.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TemplateQuery {
    /// Words of the name, the title or the text.
    q: Option<String>,
    /// A language code.
    language: Option<String>,
    /// Hidden ones, too; only admins may say so.
    #[serde(default)]
    hidden: bool,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// An approved message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Template)]
pub struct TemplateView {
    /// Unique in the server.
    id: i64,
    name: String,
    /// What the team calls it; null: by its name.
    title: Option<String>,
    language: String,
    /// Where it stands with the platform, in its word: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`,
    /// `DISABLED` ….
    status: String,
    /// Whether it can be sent now.
    can_be_sent: bool,
    category: Option<String>,
    /// How customers take it: `GREEN`, `YELLOW` or `RED`.
    quality: Option<String>,
    /// Why it was refused or paused, in the platform's words.
    reason: Option<String>,
    /// Its words, with `{{1}}` or `{{name}}` where a value goes.
    body: Option<String>,
    /// What stands between the braces of its words, in order.
    parameters: Vec<String>,
    /// Whether its values are given by name.
    is_named: bool,
    /// All that it looks like.
    content: TemplateShape,
    /// Whether it is kept from everybody who writes.
    is_hidden: bool,
    /// Who may use it: `everybody`, `admins` or `users`.
    access: TemplateAccess,
    /// The users it is granted to.
    user_ids: Vec<UserId>,
}

impl From<KnownTemplate> for TemplateView {
    fn from(known: KnownTemplate) -> Self {
        let PlatformTemplate { name, language, status, category, quality, reason, is_named, shape, .. } =
            known.told;
        let body = shape.body.as_ref().map(|body| body.text.clone());
        Self {
            id: known.id,
            name,
            title: known.title,
            language,
            can_be_sent: can_be_sent(&status),
            status,
            category,
            quality,
            reason,
            parameters: body.as_deref().map(placeholders).unwrap_or_default(),
            body,
            is_named,
            content: shape,
            is_hidden: known.is_hidden,
            access: known.access,
            user_ids: known.granted_to,
        }
    }
}

/// A page of templates, and when the copy was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplatePage {
    /// By name and language.
    items: Vec<TemplateView>,
    /// What to ask for next; null at the end.
    next_cursor: Option<String>,
    /// When the platform was last asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    synced_at: Option<Timestamp>,
    /// Why it did not answer when it was asked last; null: it did.
    fault: Option<String>,
}

/// How our copy stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateSync {
    /// When the platform was last asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    synced_at: Option<Timestamp>,
}

/// The messages that the platform approved beforehand: what may be sent when the 24 hours are over. They are
/// read from our copy, which is kept by the platform's own news and made anew each day.
#[utoipa::path(get, path = "/api/v1/channels/{id}/templates",
    operation_id = "list_channel_templates", tag = "templates",
    params(("id" = i64, Path), TemplateQuery),
    responses((status = 200, body = TemplatePage), (status = 404, body = Problem),
        (status = 422, body = Problem), (status = 502, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ChannelId>,
    query: web::Query<TemplateQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let limit = pagination::limit(query.limit)?;
    let after = pagination::decode::<(String, String)>(query.cursor.as_deref())?.unwrap_or_default();
    let (channel, business) = of_business(&app, &identity, id.into_inner()).await?;
    let sync = synced(&app, &channel, &business).await?;
    let is_admin = identity.user.role == Role::Admin;
    let words = text::fold(query.q.as_deref().unwrap_or_default()).replace('_', " ");
    let wanted = Wanted {
        words: words.split_whitespace().take(8).map(str::to_owned).collect(),
        language: query.language.filter(|language| !language.is_empty()),
        with_hidden: is_admin && query.hidden,
    };
    let workspace = identity.user.workspace_id;
    let rows = app
        .db
        .read(async move |conn| {
            let after = (after.0.as_str(), after.1.as_str());
            let more = pagination::one_more(limit);
            templates::list(conn, (workspace, &business), &wanted, after, more).await
        })
        .await?;
    let place = |known: &KnownTemplate| (known.told.name.clone(), known.told.language.clone());
    let Page { items, next_cursor } = Page::of(rows, limit, place, |known| known);
    let may = |known: &KnownTemplate| known.is_for(identity.user.id, is_admin);
    let items = items.into_iter().filter(may).map(TemplateView::from).collect();
    let Sync { synced_at, fault, .. } = sync;
    Ok(HttpResponse::Ok().json(TemplatePage { items, next_cursor, synced_at, fault }))
}

/// Has the platform asked for its templates now.
#[utoipa::path(post, path = "/api/v1/channels/{id}/templates/sync",
    operation_id = "sync_channel_templates", tag = "templates",
    params(("id" = i64, Path)),
    responses((status = 200, body = TemplateSync), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem), (status = 502, body = Problem)))]
pub async fn sync(
    app: web::Data<App>,
    May(admin, _): May<ChannelsManage>,
    id: web::Path<ChannelId>,
) -> Result<HttpResponse, Problem> {
    let (channel, business) = of_business(&app, &admin, id.into_inner()).await?;
    let sync = ask(&app, &channel, &business).await?;
    Ok(HttpResponse::Ok().json(TemplateSync { synced_at: sync.synced_at }))
}

/// A channel that has templates, and the business account above it.
pub(super) async fn of_business(
    app: &App,
    identity: &Identity,
    id: ChannelId,
) -> Result<(ConnectedChannel, String), Problem> {
    let channel = existing(app, identity, id).await?;
    if !registry::kind(channel.kind).can(Ability::Template) {
        return Err(Refusal::invalid("no_templates", "This kind of channel has no templates.").into());
    }
    let connected = app.channels.connect(channel);
    let business = connected.access.options.business().map(str::to_owned);
    if let Some(option) = missing_option(&connected) {
        let why = format!("Set the channel's option `{option}` first.");
        return Err(Refusal::invalid("no_waba_id", why).into());
    }
    Ok((connected, business.unwrap_or_default()))
}

/// How our copy stands; one that was never made is made now.
async fn synced(app: &App, channel: &ConnectedChannel, business: &str) -> Result<Sync, Problem> {
    let account = (channel.channel.workspace_id, business.to_owned());
    let known =
        app.db.read(async move |conn| templates::sync_of(conn, (account.0, &account.1)).await).await?;
    match known.filter(|sync| sync.synced_at.is_some()) {
        Some(sync) => Ok(sync),
        None => ask(app, channel, business).await,
    }
}

async fn ask(app: &App, channel: &ConnectedChannel, business: &str) -> Result<Sync, Problem> {
    let asked = template_sync::sync(&app.ledger, &app.platforms, channel, business).await;
    asked.map_err(|error| match error {
        SyncError::Platform(error) => refused(error.message),
        SyncError::Ledger(error) => error.into(),
    })
}

/// The platform said no, or nothing.
pub(super) fn refused(message: String) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, "platform_refused", message)
}
