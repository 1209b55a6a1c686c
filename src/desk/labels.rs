//! Labels, ready-made answers and saved views: what a team sorts and shortens its work by. Never a
//! conversation: putting a label on one is `care`.

use crate::domain::{CannedReplyId, Label, LabelId, Refusal, User, ViewId, text};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::StoreError;
use crate::store::accounts::audit;
use crate::store::conversations::labels;
use crate::store::conversations::saved::{self, CannedReply, ViewRow};
use serde_json::{Value, json};

/// What a label looks like until somebody chooses.
const GREY: &str = "#6b7280";
/// What is more is a mistake.
const LONGEST_REPLY: usize = 16_384;
const LONGEST_FILTER: usize = 2_000;
/// Views of one user at most.
const VIEWS: i64 = 100;

pub(super) fn list_of(user: &User, what: &str) -> Subject {
    Subject::of((what, user.workspace_id))
}

pub(super) fn taken(error: StoreError, code: &'static str, message: &str) -> LedgerError {
    match error {
        StoreError::Taken(_) => Refusal::conflict(code, message.to_owned()).into(),
        error => error.into(),
    }
}

async fn note(
    tx: &mut Tx<'_>,
    user: &User,
    action: &str,
    subject: &str,
    details: &Value,
) -> Result<(), LedgerError> {
    let by = (user.workspace_id, Some(user.id));
    Ok(audit::note(tx.conn, by, action, subject, details, tx.now).await?)
}

fn canned(id: CannedReplyId) -> String {
    format!("canned_reply:{id}")
}

fn audit_details(reply: &CannedReply) -> Value {
    json!({"shortcut": reply.shortcut, "content": reply.content})
}

fn checked_label(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 50 || name.chars().any(char::is_control) {
        return Err(Refusal::invalid("bad_name", "A label must be 1 to 50 characters, on one line."));
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
        let workspace = self.user.workspace_id;
        let name = self.name.as_deref().map(checked_label).transpose()?;
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
        let label = labels::find(tx.conn, self.user.workspace_id, self.id)
            .await?
            .ok_or_else(|| Refusal::not_found("label"))?;
        let (subject, details) = (format!("label:{}", self.id), json!({"name": label.name}));
        note(tx, &self.user, "label_deleted", &subject, &details).await?;
        Ok(labels::delete(tx.conn, self.id, tx.now).await?)
    }
}

/// Makes a ready-made answer, or changes one.
#[derive(Debug, Clone)]
pub struct PutCannedReply {
    pub user: User,
    /// Which; none: a new one.
    pub id: Option<CannedReplyId>,
    /// What one types to get it.
    pub shortcut: Option<String>,
    /// Its words.
    pub content: Option<String>,
}

fn checked_shortcut(shortcut: &str) -> Result<String, Refusal> {
    let shortcut = shortcut.trim().trim_start_matches('/').to_lowercase();
    let length = shortcut.chars().count();
    if length == 0 || length > 50 || shortcut.chars().any(|sign| sign.is_whitespace() || sign.is_control()) {
        return Err(Refusal::invalid(
            "bad_shortcut",
            "A shortcut must be 1 to 50 characters without spaces.",
        ));
    }
    Ok(shortcut)
}

fn checked_words(content: &str) -> Result<String, Refusal> {
    if content.trim().is_empty() || content.len() > LONGEST_REPLY {
        return Err(Refusal::invalid("bad_content", "A canned reply must be 1 to 16,384 bytes of text."));
    }
    Ok(text::clean(content))
}

impl Command for PutCannedReply {
    type Answer = CannedReply;

    fn subject(&self) -> Subject {
        list_of(&self.user, "canned replies")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<CannedReply, LedgerError> {
        let workspace = self.user.workspace_id;
        let shortcut = self.shortcut.as_deref().map(checked_shortcut).transpose()?;
        let content = self.content.as_deref().map(checked_words).transpose()?;
        let is_taken = |error| taken(error, "shortcut_exists", "This shortcut is already taken.");
        let Some(id) = self.id else {
            let (Some(shortcut), Some(content)) = (shortcut, content) else {
                return Err(Refusal::invalid("incomplete", "A shortcut and content are required.").into());
            };
            let reply = saved::insert_canned(tx.conn, workspace, &shortcut, &content, tx.now).await;
            let reply = reply.map_err(is_taken)?;
            note(tx, &self.user, "canned_reply_created", &canned(reply.id), &audit_details(&reply)).await?;
            return Ok(reply);
        };
        let mut reply = saved::find_canned(tx.conn, workspace, id)
            .await?
            .ok_or_else(|| Refusal::not_found("canned reply"))?;
        let before = audit_details(&reply);
        reply.shortcut = shortcut.unwrap_or(reply.shortcut);
        reply.content = content.unwrap_or(reply.content);
        saved::update_canned(tx.conn, &reply).await.map_err(is_taken)?;
        // The words, too: an account number that was exchanged must be seen.
        let details = json!({"before": before, "after": audit_details(&reply)});
        note(tx, &self.user, "canned_reply_changed", &canned(reply.id), &details).await?;
        Ok(reply)
    }
}

/// Takes a ready-made answer away.
#[derive(Debug, Clone)]
pub struct DeleteCannedReply {
    pub user: User,
    pub id: CannedReplyId,
}

impl Command for DeleteCannedReply {
    type Answer = ();

    fn subject(&self) -> Subject {
        list_of(&self.user, "canned replies")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let reply = saved::find_canned(tx.conn, self.user.workspace_id, self.id)
            .await?
            .ok_or_else(|| Refusal::not_found("canned reply"))?;
        note(tx, &self.user, "canned_reply_deleted", &canned(reply.id), &audit_details(&reply)).await?;
        Ok(saved::delete_canned(tx.conn, &reply, tx.now).await?)
    }
}

/// Saves a view of the list for oneself.
#[derive(Debug, Clone)]
pub struct SaveView {
    pub user: User,
    /// What to call it.
    pub name: String,
    /// JSON of the list's query.
    pub filter: String,
}

impl Command for SaveView {
    type Answer = ViewRow;

    fn subject(&self) -> Subject {
        Subject::of(("views", self.user.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<ViewRow, LedgerError> {
        let name = checked_label(&self.name)?;
        if self.filter.len() > LONGEST_FILTER {
            return Err(Refusal::invalid("bad_filter", "This filter is too long.").into());
        }
        let there = saved::views(tx.conn, self.user.id, 0, VIEWS).await?.len();
        if i64::try_from(there).unwrap_or(i64::MAX) >= VIEWS {
            return Err(Refusal::conflict(
                "too_many_views",
                "You have reached the limit of 100 views. Delete one first.",
            )
            .into());
        }
        let view = saved::insert_view(tx.conn, self.user.id, &name, &self.filter, tx.now).await?;
        note(tx, &self.user, "view_created", &format!("view:{}", view.0), &json!({})).await?;
        Ok(view)
    }
}

/// Takes one of one's own views away.
#[derive(Debug, Clone)]
pub struct DeleteView {
    pub user: User,
    pub id: ViewId,
}

impl Command for DeleteView {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("views", self.user.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        if !saved::delete_view(tx.conn, self.user.id, self.id, tx.now).await? {
            return Err(Refusal::not_found("view").into());
        }
        note(tx, &self.user, "view_deleted", &format!("view:{}", self.id), &json!({})).await
    }
}
