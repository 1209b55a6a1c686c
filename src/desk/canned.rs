//! Canned replies: the team's, and each colleague's own. Never a message: it is only text and files until
//! somebody sends it. Its `{{places}}` are filled by the page (`static/js/core/variables.js`).

use super::files;
use super::labels::{checked_folder, list_of, note, taken};
use crate::domain::{CannedReplyId, MediaId, Permission, Refusal, User, text};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::conversations::canned::{self, CannedReply};
use serde_json::{Value, json};

/// What is more is a mistake.
const MAX_BYTES: usize = 16_384;

/// Makes a canned reply, or changes one.
#[derive(Debug, Clone)]
pub struct PutCannedReply {
    pub user: User,
    /// Which; none: a new one.
    pub id: Option<CannedReplyId>,
    /// What one types to get it.
    pub shortcut: Option<String>,
    /// Its words.
    pub content: Option<String>,
    /// In which folder it lies; none: in none.
    pub folder: Option<Option<String>>,
    /// Whether it is the team's, or one's own. A new one is the team's.
    pub is_shared: Option<bool>,
    /// Its files, and no others.
    pub attachment_ids: Option<Vec<i64>>,
}

fn subject_of(id: CannedReplyId) -> String {
    format!("canned_reply:{id}")
}

fn told(reply: &CannedReply) -> Value {
    json!({"shortcut": reply.shortcut, "content": reply.content, "folder": reply.folder,
        "is_shared": reply.is_shared, "attachment_ids": reply.attachment_ids})
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
    if content.trim().is_empty() || content.len() > MAX_BYTES {
        return Err(Refusal::invalid("bad_content", "A canned reply must be 1 to 16,384 bytes of text."));
    }
    Ok(text::clean(content))
}

/// One's own are one's own; the team's take a permission.
pub(super) fn require_may_put(user: &User, reply: &CannedReply) -> Result<(), Refusal> {
    if reply.user_id.is_some() { Ok(()) } else { user.require(Permission::CannedManage) }
}

fn is_taken(error: crate::store::StoreError) -> LedgerError {
    taken(error, "shortcut_exists", "This shortcut is already taken.")
}

impl Command for PutCannedReply {
    type Answer = CannedReply;

    fn subject(&self) -> Subject {
        list_of(&self.user, "canned replies")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<CannedReply, LedgerError> {
        let Some(id) = self.id else { return self.create(tx).await };
        let reader = (self.user.workspace_id, self.user.id);
        let found = canned::find(tx.conn, reader, id).await?;
        let mut reply = found.ok_or_else(|| Refusal::not_found("canned reply"))?;
        require_may_put(&self.user, &reply)?;
        let before = told(&reply);
        if let Some(shortcut) = &self.shortcut {
            reply.shortcut = checked_shortcut(shortcut)?;
        }
        if let Some(content) = &self.content {
            reply.content = checked_words(content)?;
        }
        if let Some(folder) = &self.folder {
            reply.folder = checked_folder(folder.as_deref())?;
        }
        if let Some(is_shared) = self.is_shared {
            reply.user_id = (!is_shared).then_some(self.user.id);
            require_may_put(&self.user, &reply)?;
        }
        canned::update(tx.conn, &reply).await.map_err(is_taken)?;
        let reply = self.with_files(tx, id).await?;
        // The words, too: an account number that was exchanged must be seen.
        let details = json!({"before": before, "after": told(&reply)});
        note(tx, &self.user, "canned_reply_changed", &subject_of(id), &details).await?;
        Ok(reply)
    }
}

impl PutCannedReply {
    async fn create(&self, tx: &mut Tx<'_>) -> Result<CannedReply, LedgerError> {
        let (Some(shortcut), Some(content)) = (&self.shortcut, &self.content) else {
            return Err(Refusal::invalid("incomplete", "A shortcut and content are required.").into());
        };
        let (shortcut, content) = (checked_shortcut(shortcut)?, checked_words(content)?);
        let folder = checked_folder(self.folder.as_ref().and_then(Option::as_deref))?;
        let owner = (self.is_shared == Some(false)).then_some(self.user.id);
        if owner.is_none() {
            self.user.require(Permission::CannedManage)?;
        }
        let (place, said) = ((owner, folder.as_deref()), (shortcut.as_str(), content.as_str()));
        let made = canned::insert(tx.conn, self.user.workspace_id, place, said, tx.now).await;
        let reply = self.with_files(tx, made.map_err(is_taken)?).await?;
        note(tx, &self.user, "canned_reply_created", &subject_of(reply.id), &told(&reply)).await?;
        Ok(reply)
    }

    /// Gives it its files, if they are said; as it is then.
    async fn with_files(&self, tx: &mut Tx<'_>, id: CannedReplyId) -> Result<CannedReply, LedgerError> {
        if let Some(ids) = &self.attachment_ids {
            // Checked as those of a message are: one's own uploads, or files that stand in a canned reply
            // already.
            files::attachments(tx.conn, &self.user, ids, tx.now).await?;
            let ids: Vec<MediaId> = ids.iter().map(|id| MediaId(*id)).collect();
            canned::set_files(tx.conn, id, &ids).await?;
        }
        let reader = (self.user.workspace_id, self.user.id);
        let found = canned::find(tx.conn, reader, id).await?;
        found.ok_or_else(|| Refusal::not_found("canned reply").into())
    }
}

/// Takes a canned reply away.
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
        let reader = (self.user.workspace_id, self.user.id);
        let found = canned::find(tx.conn, reader, self.id).await?;
        let reply = found.ok_or_else(|| Refusal::not_found("canned reply"))?;
        require_may_put(&self.user, &reply)?;
        note(tx, &self.user, "canned_reply_deleted", &subject_of(reply.id), &told(&reply)).await?;
        Ok(canned::delete(tx.conn, &reply, tx.now).await?)
    }
}
