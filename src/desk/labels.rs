//! Labels: what a team sorts its work by. Never a conversation: putting a label on one is `care`.

use crate::domain::{Label, LabelId, Permission, Refusal, User};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::StoreError;
use crate::store::accounts::audit;
use crate::store::conversations::labels;
use serde_json::{Value, json};

/// What a label looks like until somebody chooses.
const GREY: &str = "#6b7280";

pub(super) fn list_of(user: &User, what: &str) -> Subject {
    Subject::of((what, user.workspace_id))
}

pub(super) fn taken(error: StoreError, code: &'static str, message: &str) -> LedgerError {
    match error {
        StoreError::Taken(_) => Refusal::conflict(code, message.to_owned()).into(),
        error => error.into(),
    }
}

pub(super) async fn note(
    tx: &mut Tx<'_>,
    user: &User,
    action: &str,
    subject: &str,
    details: &Value,
) -> Result<(), LedgerError> {
    let by = (user.workspace_id, Some(user.id));
    Ok(audit::note(tx.conn, by, action, subject, details, tx.now).await?)
}

/// The name of a folder; nothing but spaces is none.
pub(super) fn checked_folder(folder: Option<&str>) -> Result<Option<String>, Refusal> {
    let folder = folder.map(str::trim).filter(|folder| !folder.is_empty());
    folder.map(checked_name).transpose()
}

pub(super) fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 50 || name.chars().any(char::is_control) {
        return Err(Refusal::invalid("bad_name", "A name must be 1 to 50 characters, on one line."));
    }
    Ok(name.to_owned())
}

fn checked_color(color: &str) -> Result<String, Refusal> {
    let is_color =
        color.len() == 7 && color.starts_with('#') && color[1..].bytes().all(|sign| sign.is_ascii_hexdigit());
    is_color
        .then(|| color.to_ascii_lowercase())
        .ok_or_else(|| Refusal::invalid("bad_color", "color must be #rrggbb."))
}

/// Makes a label, or changes one.
#[derive(Debug, Clone)]
pub struct PutLabel {
    pub user: User,
    /// Which; none: a new one.
    pub id: Option<LabelId>,
    /// What it says.
    pub name: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
}

impl Command for PutLabel {
    type Answer = Label;

    fn subject(&self) -> Subject {
        list_of(&self.user, "labels")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Label, LedgerError> {
        self.user.require(Permission::LabelsManage)?;
        let workspace = self.user.workspace_id;
        let name = self.name.as_deref().map(checked_name).transpose()?;
        let color = self.color.as_deref().map(checked_color).transpose()?;
        let is_taken = |error| taken(error, "label_exists", "A label with this name already exists.");
        let Some(id) = self.id else {
            let name = name.ok_or_else(|| Refusal::invalid("bad_name", "A label needs a name."))?;
            let color = color.as_deref().unwrap_or(GREY);
            let label = labels::insert(tx.conn, workspace, &name, color, tx.now).await.map_err(is_taken)?;
            note(tx, &self.user, "label_created", &format!("label:{}", label.id), &json!({"name": name}))
                .await?;
            return Ok(label);
        };
        let mut label =
            labels::find(tx.conn, workspace, id).await?.ok_or_else(|| Refusal::not_found("label"))?;
        let before = json!({"name": label.name, "color": label.color});
        label.name = name.unwrap_or(label.name);
        label.color = color.unwrap_or(label.color);
        labels::update(tx.conn, &label).await.map_err(is_taken)?;
        let details = json!({"before": before, "after": {"name": label.name, "color": label.color}});
        note(tx, &self.user, "label_changed", &format!("label:{id}"), &details).await?;
        Ok(label)
    }
}

/// Takes a label away, from every conversation too.
#[derive(Debug, Clone)]
pub struct DeleteLabel {
    pub user: User,
    pub id: LabelId,
}

impl Command for DeleteLabel {
    type Answer = ();

    fn subject(&self) -> Subject {
        list_of(&self.user, "labels")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        self.user.require(Permission::LabelsManage)?;
        let label = labels::find(tx.conn, self.user.workspace_id, self.id)
            .await?
            .ok_or_else(|| Refusal::not_found("label"))?;
        let (subject, details) = (format!("label:{}", self.id), json!({"name": label.name}));
        note(tx, &self.user, "label_deleted", &subject, &details).await?;
        Ok(labels::delete(tx.conn, self.id, tx.now).await?)
    }
}
