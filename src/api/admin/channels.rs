//! Channels: seen by everybody, changed by admins. Never a credential in an answer, but for the two
//! that we made up ourselves, once, when the channel is made.

mod body;
pub(crate) mod health;
pub(crate) mod kinds;
pub(crate) mod template_drafts;
pub(crate) mod templates;
mod upkeep;
mod view;

pub use body::{CreateBody, UpdateBody};
pub use view::{ChannelView, CheckView, CreatedView};

use upkeep::Upkeep;
use view::webhook_path;

use crate::api::http::may::{ChannelsManage, May};
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::{Problem, private};
use crate::app::App;
use crate::auth::seal_credentials;
use crate::channels::registry;
use crate::desk::channels::{CLAIMED, CreateChannel, DeleteChannel, NoteTest, UpdateChannel};
use crate::domain::{Channel, ChannelId, Identity, Refusal};
use crate::store::accounts::channels::{self, NewChannel};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    limit: Option<i64>,
    cursor: Option<String>,
}

/// All channels, by their ids.
#[utoipa::path(
    get,
    path = "/api/v1/channels",
    operation_id = "list_channels",
    tag = "channels",
    params(ListQuery),
    responses((status = 200, body = Page<ChannelView>))
)]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = pagination::limit(query.limit)?;
    let after = pagination::decode(query.cursor.as_deref())?.unwrap_or(0);
    let workspace = identity.user.workspace_id;
    let (rows, upkeep) = app
        .db
        .read(async move |conn| {
            let rows = channels::list(conn, workspace, after, pagination::one_more(limit)).await?;
            let ids: Vec<ChannelId> = rows.iter().map(|channel| channel.id).collect();
            Ok((rows, Upkeep::read(conn, &ids).await?))
        })
        .await?;
    let shown = |channel| view(&app, &upkeep, channel);
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |channel| channel.id, shown)))
}

/// One channel.
#[utoipa::path(
    get,
    path = "/api/v1/channels/{id}",
    operation_id = "get_channel",
    tag = "channels",
    params(("id" = i64, Path)),
    responses((status = 200, body = ChannelView), (status = 404, body = Problem))
)]
pub async fn show(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ChannelId>,
) -> Result<HttpResponse, Problem> {
    let channel = existing(&app, &identity, id.into_inner()).await?;
    Ok(HttpResponse::Ok().json(shown(&app, channel).await?))
}

/// Connects an account. It works at once: no platform is asked.
#[utoipa::path(
    post,
    path = "/api/v1/channels",
    operation_id = "create_channel",
    tag = "channels",
    request_body = CreateBody,
    responses(
        (status = 201, body = CreatedView),
        (status = 403, body = Problem),
        (status = 409, body = Problem, description = "This account is already connected"),
        (status = 422, body = Problem)
    )
)]
pub async fn create(
    app: web::Data<App>,
    May(admin, _): May<ChannelsManage>,
    body: web::Json<CreateBody>,
) -> Result<HttpResponse, Problem> {
    let checked = body.into_inner().checked()?;
    let sealed = seal_credentials(&app.vault, &checked.credentials);
    let (kind, name, external_id, options) =
        (checked.kind, checked.name, checked.external_id, checked.options);
    let by = (admin.user.workspace_id, admin.user.id);
    let channel = NewChannel { kind, name, external_id, options, sealed };
    let channel = app.ledger.give(CreateChannel { by, channel }).await?;
    app.channels.forget();
    log::info!("user {} connected channel {} ({kind})", admin.user.id, channel.id);
    subscribe(&app, channel.clone());
    let channel = shown(&app, channel).await?;
    let mut answer = HttpResponse::Created().json(CreatedView { channel, made: checked.made });
    private(&mut answer);
    Ok(answer)
}

/// Changes a channel; what is absent stays, credentials and options too.
#[utoipa::path(
    patch,
    path = "/api/v1/channels/{id}",
    operation_id = "update_channel",
    tag = "channels",
    params(("id" = i64, Path)),
    request_body = UpdateBody,
    responses(
        (status = 200, body = ChannelView),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "This account is already connected")
    )
)]
pub async fn update(
    app: web::Data<App>,
    May(admin, _): May<ChannelsManage>,
    id: web::Path<ChannelId>,
    body: web::Json<UpdateBody>,
) -> Result<HttpResponse, Problem> {
    let by = (admin.user.workspace_id, admin.user.id);
    let change = body.into_inner().checked()?;
    let update = UpdateChannel { by, id: id.into_inner(), change, vault: app.vault.clone() };
    let channel = app.ledger.give(update).await?;
    app.channels.forget();
    log::info!("user {} changed channel {}", admin.user.id, channel.id);
    Ok(HttpResponse::Ok().json(shown(&app, channel).await?))
}

/// Deletes a channel: it is turned off for good and its credentials are erased. Its
/// conversations stay, and its account may be connected anew.
#[utoipa::path(
    delete,
    path = "/api/v1/channels/{id}",
    operation_id = "delete_channel",
    tag = "channels",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem),
        (status = 404, body = Problem))
)]
pub async fn delete(
    app: web::Data<App>,
    May(admin, _): May<ChannelsManage>,
    id: web::Path<ChannelId>,
) -> Result<HttpResponse, Problem> {
    let (by, id) = ((admin.user.workspace_id, admin.user.id), id.into_inner());
    app.ledger.give(DeleteChannel { by, id }).await?;
    app.channels.forget();
    log::info!("user {} deleted channel {id}", admin.user.id);
    Ok(HttpResponse::NoContent().finish())
}

/// Says what a channel still lacks, and remembers that. It changes nothing else, whatever it finds.
#[utoipa::path(
    post,
    path = "/api/v1/channels/{id}/test",
    operation_id = "test_channel",
    tag = "channels",
    params(("id" = i64, Path)),
    responses((status = 200, body = CheckView), (status = 403, body = Problem),
        (status = 404, body = Problem))
)]
pub async fn test(
    app: web::Data<App>,
    May(admin, _): May<ChannelsManage>,
    id: web::Path<ChannelId>,
) -> Result<HttpResponse, Problem> {
    let channel = existing(&app, &admin, id.into_inner()).await?;
    let connected = app.channels.connect(channel);
    let credentials = &connected.access.credentials;
    let needed = registry::kind(connected.channel.kind).needs.iter().copied();
    let missing: Vec<_> = needed.filter(|name| credentials.get(name).is_none()).collect();
    let findings = if missing.is_empty() {
        let address = webhook_url(&app, &connected.channel).unwrap_or_default();
        app.platforms.test(&connected.access, &address).await
    } else {
        Vec::new()
    };
    let found = CheckView::of(&connected.channel, missing, findings);
    let (workspace, id) = (admin.user.workspace_id, connected.channel.id);
    let noted = app.ledger.give(NoteTest { workspace, id, fault: found.fault() }).await?;
    app.channels.forget();
    if noted.fault.as_deref() == Some(CLAIMED) {
        return Err(Refusal::conflict("channel_claimed", CLAIMED).into());
    }
    Ok(HttpResponse::Ok().json(found))
}

/// Where the platform calls this channel; none for the web chat.
fn webhook_url(app: &App, channel: &Channel) -> Option<String> {
    webhook_path(channel.kind, channel.id).map(|path| app.public_url.at(&path))
}

/// Tells the platform where to call. Nobody waits for it, and if it fails the channel works all the
/// same: an admin can do it by hand, and the test says what is missing.
fn subscribe(app: &web::Data<App>, channel: Channel) {
    let app = app.clone();
    actix_web::rt::spawn(async move {
        let (workspace, id) = (channel.workspace_id, channel.id);
        let connected = app.channels.connect(channel);
        let Some(address) = webhook_url(&app, &connected.channel) else { return };
        if let Err(error) = app.platforms.subscribe(&connected.access, &address).await {
            log::warn!("channel {id}: the platform was not told where to call: {error:?}");
            let note = NoteTest { workspace, id, fault: Some(error.message) };
            if let Err(error) = app.ledger.give(note).await {
                log::warn!("channel {id}: that was not noted: {error}");
            }
            app.channels.forget();
        }
    });
}

async fn existing(app: &App, identity: &Identity, id: ChannelId) -> Result<Channel, Problem> {
    let channel = app.db.read(async move |conn| channels::find(conn, id).await).await?;
    let channel = channel.filter(|channel| channel.workspace_id == identity.user.workspace_id);
    channel.ok_or_else(|| Refusal::not_found("channel").into())
}

/// A channel with what is known of it beside its row.
async fn shown(app: &App, channel: Channel) -> Result<ChannelView, Problem> {
    let id = channel.id;
    let upkeep = app.db.read(async move |conn| Upkeep::read(conn, &[id]).await).await?;
    Ok(view(app, &upkeep, channel))
}

fn view(app: &App, upkeep: &Upkeep, channel: Channel) -> ChannelView {
    let upkeep = upkeep.of(channel.id);
    ChannelView::of(&app.channels.connect(channel), upkeep, &app.public_url)
}
