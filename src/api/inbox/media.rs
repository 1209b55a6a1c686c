//! Files over HTTP: taken in as a stream, given out to those who may see their conversation, in
//! ranges, and never as something that runs in a browser. Never a file's name as a path.
//! Over 400 lines: what comes in and what goes out is one kind of row and one set of guards.

use crate::api::admin::user_views::UserView;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::files::{self, FetchAgain, KeepUpload};
use crate::domain::inbound::AttachmentKind;
use crate::domain::message::Attachment;
use crate::domain::{
    AttachmentId, Identity, MediaId, Message, MessageId, Permission, ProcessingStatus, Refusal, RefusalKind,
};
use crate::media::{Keeper, MediaError, Stored, has_thumbnail, is_safe_inline, shown_name, voice_note};
use crate::store::messages::media::MediaRow;
use crate::store::messages::media_url;
use actix_multipart::{Multipart, MultipartError};
use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue, HeaderValue,
};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, stream};
use serde::Deserialize;
use std::io::{self, SeekFrom};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use utoipa::{IntoParams, ToSchema};

/// Bytes of an upload.
const LIMIT: u64 = 100 * 1024 * 1024;
/// Bytes of a portrait.
const PORTRAIT_LIMIT: u64 = 5 * 1024 * 1024;
/// The type of a file whose first bytes are a PDF's.
const PDF: &str = "application/pdf";
/// Bytes read from the disk at once.
const CHUNK: u64 = 64 * 1024;

/// What an upload is to be.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// `voice`: a recording, to be made into a voice note where the server can (ffmpeg); else it stays what
    /// it is.
    #[serde(rename = "as")]
    #[param(inline)]
    wanted: Option<UploadAs>,
}

/// What an upload may be made into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadAs {
    /// A recording that platforms play.
    Voice,
}

/// A form with one file.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only its shape is told")]
pub struct FileForm {
    /// Its name and its type stand in the part's own headers.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    pub file: (),
}

/// What files are uploaded for; whoever may none of it uploads none.
const FILES_ARE_FOR: [Permission; 5] = [
    Permission::ConversationsReply,
    Permission::NotesWrite,
    Permission::DirectWrite,
    Permission::CannedManage,
    Permission::FlowsManage,
];

/// Uploads a file; its id goes into `attachment_ids`.
#[utoipa::path(post, path = "/api/v1/media", operation_id = "upload_file", tag = "media",
    params(UploadQuery),
    request_body(content = FileForm, content_type = "multipart/form-data", description = "100 MiB at most"),
    responses((status = 201, body = Attachment), (status = 400, body = Problem),
        (status = 413, body = Problem)))]
pub async fn upload(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<UploadQuery>,
    form: Multipart,
) -> Result<HttpResponse, Problem> {
    identity.user.require_any(&FILES_ARE_FOR)?;
    let mut taken = take(&app, form, LIMIT, Keeper::Team).await?;
    if query.wanted == Some(UploadAs::Voice) {
        taken = as_voice(&app, taken).await;
    }
    let (id, stored, file_name) = keep(&app, identity, taken, false).await?;
    let place = media_url(id);
    Ok(HttpResponse::Created().json(attachment(id, &place, stored, file_name)))
}

/// A file that was just uploaded, as the attachment it may become; it lies at `place`.
pub(crate) fn attachment(id: MediaId, place: &str, stored: Stored, file_name: Option<String>) -> Attachment {
    Attachment {
        id: AttachmentId(id.0),
        kind: AttachmentKind::of_mime(&stored.mime_type).as_str().to_owned(),
        media_url: Some(place.to_owned()),
        thumbnail_url: has_thumbnail(&stored.mime_type).then(|| format!("{place}/thumbnail")),
        file_name,
        mime_type: Some(stored.mime_type),
        size: Some(stored.size),
        duration: None,
        width: stored.width,
        height: stored.height,
        processing_status: ProcessingStatus::Ready,
        processing_error: None,
        transcription: None,
    }
}

/// Gives oneself a picture.
#[utoipa::path(put, path = "/api/v1/me/avatar", operation_id = "set_my_avatar", tag = "users",
    request_body(content = FileForm, content_type = "multipart/form-data",
        description = "A picture, 5 MiB at most"),
    responses((status = 200, body = UserView), (status = 413, body = Problem),
        (status = 422, body = Problem)))]
pub async fn wear(app: web::Data<App>, identity: Identity, form: Multipart) -> Result<HttpResponse, Problem> {
    let mut user = identity.user.clone();
    let taken = take(&app, form, PORTRAIT_LIMIT, Keeper::Team).await?;
    let (id, ..) = keep(&app, identity, taken, true).await?;
    app.authenticator.forget();
    user.avatar_url = Some(media_url(id));
    Ok(HttpResponse::Ok().json(UserView::from(user)))
}

/// A recording as a voice note, if it can be made into one.
async fn as_voice(app: &App, (stored, file_name): (Stored, Option<String>)) -> (Stored, Option<String>) {
    let Some(note) = voice_note(&app.media, &stored).await else { return (stored, file_name) };
    app.media.forget(&stored.storage_key).await;
    let name = file_name.map(|name| match name.rsplit_once('.') {
        Some((stem, _)) => format!("{stem}.ogg"),
        None => name,
    });
    (note, name)
}

/// Notes a file that was taken in.
async fn keep(
    app: &App,
    identity: Identity,
    (stored, file_name): (Stored, Option<String>),
    is_portrait: bool,
) -> Result<(MediaId, Stored, Option<String>), Problem> {
    let key = stored.storage_key.clone();
    let is_picture = stored.mime_type.starts_with("image/") && is_safe_inline(&stored.mime_type);
    if is_portrait && !is_picture {
        app.media.forget(&key).await;
        return Err(Refusal::invalid("not_a_picture", "Use a PNG, JPEG, GIF or WebP image.").into());
    }
    let upload =
        KeepUpload { user: identity.user, stored: stored.clone(), file_name: file_name.clone(), is_portrait };
    match app.ledger.give(upload).await {
        Ok(id) => Ok((id, stored, file_name)),
        Err(error) => {
            app.media.forget(&key).await;
            Err(error.into())
        }
    }
}

/// Writes the part called `file` to the disk as it comes.
pub(crate) async fn take(
    app: &App,
    mut form: Multipart,
    limit: u64,
    keeper: Keeper,
) -> Result<(Stored, Option<String>), Problem> {
    while let Some(mut field) = form.try_next().await.map_err(broken)? {
        if field.name() != Some("file") {
            while field.try_next().await.map_err(broken)?.is_some() {}
            continue;
        }
        let name = field.content_disposition().and_then(|said| {
            let in_every_script = said.get_filename_ext().map(|name| &name.value[..]);
            let in_every_script = in_every_script.and_then(|name| std::str::from_utf8(name).ok());
            in_every_script.or(said.get_filename()).and_then(shown_name)
        });
        let claimed = field.content_type().map(|mime| mime.essence_str().to_owned());
        let mut incoming = app.media.begin(limit, keeper).await.map_err(refused)?;
        while let Some(chunk) = field.try_next().await.map_err(broken)? {
            incoming.write(&chunk).await.map_err(refused)?;
        }
        let stored = incoming.finish(claimed.as_deref()).await.map_err(refused)?;
        return Ok((stored, name));
    }
    Err(Problem::bad_request("no_file", "The form needs a part called `file`."))
}

#[allow(clippy::needless_pass_by_value)] // as map_err gives it
fn broken(error: MultipartError) -> Problem {
    log::debug!("an upload was aborted: {error}");
    Problem::bad_request("bad_form", "The upload is not a multipart form, or was cut off.")
}

/// A file of more bytes than are taken.
pub(crate) fn too_large(limit: u64) -> Problem {
    let mebibytes = limit / (1024 * 1024);
    Refusal::new(RefusalKind::TooLarge, "too_large", format!("A file can be at most {mebibytes} MiB.")).into()
}

fn refused(error: MediaError) -> Problem {
    match error {
        MediaError::TooLarge(limit) => too_large(limit),
        MediaError::NoRoom => {
            log::error!("a file was refused: the disk of the media folder has too little free space");
            Problem::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "no_room",
                "The server has no room for files at the moment. Text goes through.",
            )
        }
        MediaError::Empty => Refusal::invalid("empty_file", "The file is empty.").into(),
        MediaError::Io(error) => {
            log::error!("a file could not be kept: {error}");
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "The server cannot store this file now. Try again in a moment.",
            )
        }
    }
}

/// The bytes of a file.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct FileBytes(pub ());

/// A file, or a range of it.
#[utoipa::path(get, path = "/api/v1/media/{id}", operation_id = "get_file", tag = "media",
    params(("id" = i64, Path)),
    responses((status = 200, body = FileBytes, content_type = "application/octet-stream",
            description = "The file, with its own type"),
        (status = 206, body = FileBytes, content_type = "application/octet-stream",
            description = "A range of it"),
        (status = 404, body = Problem), (status = 416, body = Problem, description = "No such range")))]
pub async fn show(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<MediaId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let row = visible(&app, identity, id.into_inner()).await?;
    whole(&app, &row, &request).await
}

/// A file, if the asker may see it.
async fn visible(app: &App, identity: Identity, id: MediaId) -> Result<MediaRow, Problem> {
    let found = app.db.read(async move |conn| files::visible(conn, &identity.user, id).await).await?;
    found.ok_or_else(|| Refusal::not_found("file").into())
}

/// A file that the asker may see, or the range of it that they ask for.
pub(crate) async fn whole(app: &App, row: &MediaRow, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let file = app.media.file(&row.storage_key).await.map_err(|error| {
        log::error!("the file of media {} is not there: {error}", row.id);
        Refusal::not_found("file")
    })?;
    let size = u64::try_from(row.size).unwrap_or(0);
    let range = request.headers().get(header::RANGE).and_then(|range| range.to_str().ok());
    answer(row, file, size, range.map(|range| wanted(range, size))).await.map_err(|error| {
        log::error!("the file of media {} cannot be read: {error}", row.id);
        Refusal::not_found("file").into()
    })
}

/// What a PDF may do in a frame: be drawn by the browser's own reader, which needs a style and its own data.
/// Never run anything, and never in a frame of another site. No `sandbox`: in one, browsers show no PDF. What
/// begins as a PDF and is sent as one, with `nosniff`, is taken for nothing else, whatever stands in it.
const PREVIEW_POLICY: &str = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; \
    frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

/// A PDF for a frame of the inbox, which the browser's own reader shows; what is no PDF by its first bytes
/// has none.
#[utoipa::path(get, path = "/api/v1/media/{id}/preview",
    operation_id = "get_file_preview", tag = "media",
    params(("id" = i64, Path)),
    responses((status = 200, body = FileBytes, content_type = "application/pdf", description = "The PDF"),
        (status = 206, body = FileBytes, content_type = "application/pdf", description = "A range of it"),
        (status = 404, body = Problem, description = "There is no such file, or it is no PDF")))]
pub async fn preview(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<MediaId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let row = app
        .db
        .read(async move |conn| files::visible(conn, &identity.user, id).await)
        .await?
        .filter(|row| row.mime_type == PDF)
        .ok_or_else(|| Refusal::not_found("PDF"))?;
    let mut answer = whole(&app, &row, &request).await?;
    let policy = HeaderValue::from_static(PREVIEW_POLICY);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    Ok(answer)
}

/// A small picture of a file: 480 pixels on its longer side, JPEG or PNG.
#[utoipa::path(get, path = "/api/v1/media/{id}/thumbnail",
    operation_id = "get_file_thumbnail", tag = "media",
    params(("id" = i64, Path)),
    responses((status = 200, content((FileBytes = "image/jpeg"), (FileBytes = "image/png")),
            description = "The small picture"),
        (status = 404, body = Problem, description = "There is no such file, or no picture of it")))]
pub async fn thumbnail(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<MediaId>,
) -> Result<HttpResponse, Problem> {
    let row = visible(&app, identity, id.into_inner()).await?;
    small(&app, &row).await
}

/// The small picture of a file that the asker may see.
pub(crate) async fn small(app: &App, row: &MediaRow) -> Result<HttpResponse, Problem> {
    let none = || Problem::from(Refusal::not_found("picture"));
    if !has_thumbnail(&row.mime_type) {
        return Err(none());
    }
    let made = app.media.thumbnail(&row.storage_key).await.map_err(|error| {
        log::error!("media {}: no small picture could be made: {error}", row.id);
        none()
    })?;
    let picture = made.ok_or_else(none)?;
    let mime_type = if picture.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, mime_type))
        .insert_header((header::CACHE_CONTROL, "private, max-age=86400, immutable"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(picture))
}

/// What a `Range` header asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Everything: several ranges, or something that is none.
    All,
    /// From, and how many.
    Some(u64, u64),
    /// Nothing that is there.
    Nothing,
}

fn wanted(range: &str, size: u64) -> Wanted {
    let parsed = range.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-'));
    let (first, last) = match parsed {
        Some(("", last)) => match last.parse::<u64>() {
            Ok(count) => (size.saturating_sub(count), if count == 0 { 0 } else { size }),
            Err(_) => return Wanted::All,
        },
        Some((first, "")) => match first.parse::<u64>() {
            Ok(first) => (first, size),
            Err(_) => return Wanted::All,
        },
        Some((first, last)) => match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => (first, last.saturating_add(1).min(size)),
            _ => return Wanted::All,
        },
        None => return Wanted::All,
    };
    if first >= size || first >= last { Wanted::Nothing } else { Wanted::Some(first, last - first) }
}

async fn answer(
    row: &MediaRow,
    mut file: File,
    size: u64,
    wanted: Option<Wanted>,
) -> io::Result<HttpResponse> {
    let (status, first, count) = match wanted {
        Some(Wanted::Nothing) => {
            let range = format!("bytes */{size}");
            return Ok(HttpResponse::RangeNotSatisfiable()
                .insert_header((header::CONTENT_RANGE, range))
                .finish());
        }
        Some(Wanted::Some(first, count)) => (StatusCode::PARTIAL_CONTENT, first, count),
        Some(Wanted::All) | None => (StatusCode::OK, 0, size),
    };
    file.seek(SeekFrom::Start(first)).await?;
    let mut response = HttpResponse::build(status);
    if status == StatusCode::PARTIAL_CONTENT {
        let last = first + count - 1;
        response.insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}")));
    }
    Ok(response
        .insert_header((header::CONTENT_TYPE, row.mime_type.clone()))
        .insert_header(disposition(row))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=600"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(SizedStream::new(count, chunks(file, count))))
}

fn disposition(row: &MediaRow) -> ContentDisposition {
    let disposition =
        if is_safe_inline(&row.mime_type) { DispositionType::Inline } else { DispositionType::Attachment };
    let name = row.file_name.clone().unwrap_or_else(|| format!("file-{}", row.id));
    let value = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: name.into_bytes(),
    };
    ContentDisposition { disposition, parameters: vec![DispositionParam::FilenameExt(value)] }
}

fn chunks(file: File, count: u64) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((file, count), async |(mut file, left)| {
        if left == 0 {
            return Ok(None);
        }
        let mut chunk = Vec::new();
        (&mut file).take(left.min(CHUNK)).read_to_end(&mut chunk).await?;
        if chunk.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let left = left - chunk.len() as u64;
        Ok(Some((Bytes::from(chunk), (file, left))))
    })
}

/// Fetches a file again that did not come from its platform.
#[utoipa::path(post, path = "/api/v1/messages/{id}/attachments/{attachment_id}/retry",
    operation_id = "retry_attachment", tag = "media",
    params(("id" = i64, Path), ("attachment_id" = i64, Path)),
    responses((status = 200, body = Message), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn fetch_again(
    app: web::Data<App>,
    identity: Identity,
    ids: web::Path<(MessageId, AttachmentId)>,
) -> Result<HttpResponse, Problem> {
    let (message_id, attachment_id) = ids.into_inner();
    let again = FetchAgain { user: identity.user, message_id, attachment_id };
    Ok(HttpResponse::Ok().json(&*app.ledger.give(again).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_to_what_is_there() {
        for (range, expected) in [
            ("bytes=0-3", Wanted::Some(0, 4)),
            ("bytes=4-", Wanted::Some(4, 6)),
            ("bytes=-3", Wanted::Some(7, 3)),
            ("bytes=-30", Wanted::Some(0, 10)),
            ("bytes=8-99", Wanted::Some(8, 2)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-2", Wanted::All),
            ("bytes=0-1,3-4", Wanted::All),
            ("lines=0-1", Wanted::All),
        ] {
            assert_eq!(wanted(range, 10), expected, "{range}");
        }
    }
}
