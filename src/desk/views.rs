//! Saved views of the list: one's own, and those that one shares with the team. Never what a filter means:
//! that is `lists`.

use super::labels::{checked_folder, checked_name, note};
use crate::domain::{Permission, Refusal, User, ViewId};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::conversations::saved::{self, NewView, ViewRow};
use serde_json::json;

const LONGEST_FILTER: usize = 2_000;
/// Views of one user at most.
const MOST: i64 = 100;

/// Saves a view of the list, or changes one.
#[derive(Debug, Clone)]
pub struct SaveView {
    pub user: User,
    /// Which; none: a new one.
    pub id: Option<ViewId>,
    /// What to call it.
    pub name: Option<String>,
    /// JSON of the list's query.
    pub filter: Option<String>,
    /// Whether the whole team has it. A new one is one's own.
    pub is_shared: Option<bool>,
    /// In which folder it lies; none: in none.
    pub folder: Option<Option<String>>,
}

fn subject_of(id: ViewId) -> String {
    format!("view:{id}")
}

/// A view that the user may change: their own; colleagues' shared ones take a permission.
async fn changeable(tx: &mut Tx<'_>, user: &User, id: ViewId) -> Result<ViewRow, LedgerError> {
    let found = saved::find(tx.conn, (user.workspace_id, user.id), id).await?;
    let view = found.ok_or_else(|| Refusal::not_found("view"))?;
    if view.user_id != user.id {
        user.require(Permission::ViewsManage)?;
    }
    Ok(view)
}

impl Command for SaveView {
    type Answer = ViewRow;

    fn subject(&self) -> Subject {
        Subject::of(("views of", self.user.workspace_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<ViewRow, LedgerError> {
        if self.filter.as_ref().is_some_and(|filter| filter.len() > LONGEST_FILTER) {
            return Err(Refusal::invalid("bad_filter", "This filter is too long.").into());
        }
        let name = self.name.as_deref().map(checked_name).transpose()?;
        let folder = match &self.folder {
            Some(folder) => Some(checked_folder(folder.as_deref())?),
            None => None,
        };
        let Some(id) = self.id else { return self.create(tx, name, folder.flatten()).await };
        let mut view = changeable(tx, &self.user, id).await?;
        view.name = name.unwrap_or(view.name);
        view.filter = self.filter.clone().unwrap_or(view.filter);
        let was_shared = view.is_shared;
        view.is_shared = self.is_shared.unwrap_or(was_shared);
        if view.is_shared && !was_shared {
            self.user.require(Permission::ViewsShare)?;
        }
        view.folder = folder.unwrap_or(view.folder);
        saved::update(tx.conn, &view).await?;
        let details = json!({"is_shared": view.is_shared});
        note(tx, &self.user, "view_changed", &subject_of(id), &details).await?;
        Ok(view)
    }
}

impl SaveView {
    async fn create(
        &self,
        tx: &mut Tx<'_>,
        name: Option<String>,
        folder: Option<String>,
    ) -> Result<ViewRow, LedgerError> {
        let (Some(name), Some(filter)) = (name, &self.filter) else {
            return Err(Refusal::invalid("incomplete", "A view needs a name and a filter.").into());
        };
        if saved::count_own(tx.conn, self.user.id).await? >= MOST {
            return Err(Refusal::conflict(
                "too_many_views",
                "You have reached the limit of 100 views. Delete one first.",
            )
            .into());
        }
        let is_shared = self.is_shared.unwrap_or(false);
        if is_shared {
            self.user.require(Permission::ViewsShare)?;
        }
        let new = NewView { user: self.user.id, name: &name, filter, is_shared, folder: folder.as_deref() };
        let view = saved::insert(tx.conn, new, tx.now).await?;
        let details = json!({"is_shared": is_shared});
        note(tx, &self.user, "view_created", &subject_of(view.id), &details).await?;
        Ok(view)
    }
}

/// Takes a view away: one's own, or with a permission one of the team's.
#[derive(Debug, Clone)]
pub struct DeleteView {
    pub user: User,
    pub id: ViewId,
}

impl Command for DeleteView {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("views of", self.user.workspace_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let view = changeable(tx, &self.user, self.id).await?;
        saved::delete(tx.conn, view.id, tx.now).await?;
        note(tx, &self.user, "view_deleted", &subject_of(view.id), &json!({})).await
    }
}
