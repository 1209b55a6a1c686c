//! Lists of what can be deleted and brought back for 30 days: labels, canned replies, views and flows. What
//! is there and what was deleted are pages of one shape. Never what such a thing is.

use super::pagination::{self, Page};
use super::problem::Problem;
use crate::app::App;
use crate::desk::restore;
use crate::domain::Timestamp;
use crate::store::{Conn, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RestorableQuery {
    pub(crate) limit: Option<i64>,
    pub(crate) cursor: Option<String>,
    /// Only those deleted in the last 30 days, each with `deleted_at`.
    #[serde(default)]
    pub(crate) deleted: bool,
}

/// Something of a list that can be deleted and brought back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Restorable<T> {
    #[serde(flatten)]
    item: T,
    /// When it was deleted; null: it is there.
    deleted_at: Option<Timestamp>,
}

/// Something that is there.
pub fn in_use<T>(item: T) -> Restorable<T> {
    Restorable { item, deleted_at: None }
}

/// Which rows a page of deleted ones needs.
#[derive(Debug, Clone, Copy)]
pub struct Deleted {
    /// Deleted at this moment or later.
    pub since: Timestamp,
    /// Behind this id.
    pub after: i64,
    /// So many at most: one more than the page shows.
    pub limit: i64,
}

/// The page of those that were deleted, by their ids: `read` gives rows and when each was deleted, `id` and
/// `show` say of a row where it stands and what is shown of it.
pub async fn page<R: Send + 'static, T>(
    app: &App,
    query: &RestorableQuery,
    read: impl AsyncFnOnce(&mut Conn, Deleted) -> Result<Vec<(R, Timestamp)>, StoreError> + Send + 'static,
    id: impl Fn(&R) -> i64,
    show: impl Fn(R) -> T,
) -> Result<Page<Restorable<T>>, Problem> {
    let limit = pagination::limit(query.limit)?;
    let after = pagination::decode(query.cursor.as_deref())?.unwrap_or(0);
    let since = restore::since(Timestamp::now());
    let wanted = Deleted { since, after, limit: pagination::one_more(limit) };
    let rows = app.db.read(async move |conn| read(conn, wanted).await).await?;
    let show = |(row, at)| Restorable { item: show(row), deleted_at: Some(at) };
    Ok(Page::of(rows, limit, |(row, _)| id(row), show))
}
