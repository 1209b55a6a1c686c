//! What admins say of templates: which are hidden, what they are called, who may use them; and what became of
//! one at its platform. Never a call: the platform was asked before.

use crate::domain::template::{KnownTemplate, PlatformTemplate, TemplateAccess};
use crate::domain::{Event, Permission, Refusal, UserId, WorkspaceId};
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::accounts::templates::{self, DELETED};
use crate::store::accounts::{audit, users};
use crate::thread::templates::SKEW;
use serde_json::{Value, json};

const LONGEST_TITLE: usize = 100;
const MOST_USERS: usize = 200;

/// What may change of a template here; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct TemplateCare {
    /// What our people call it; none: by its name.
    pub title: Option<Option<String>>,
    /// Whether it is kept from everybody who writes.
    pub is_hidden: Option<bool>,
    /// Who may use it.
    pub access: Option<TemplateAccess>,
    /// The users, where it is granted to some.
    pub user_ids: Option<Vec<UserId>>,
}

/// Changes what is said of a template here.
#[derive(Debug, Clone)]
pub struct CareForTemplate {
    /// Which admin asks.
    pub by: (WorkspaceId, UserId),
    /// Of which business account.
    pub business: String,
    pub id: i64,
    pub care: TemplateCare,
}

impl Command for CareForTemplate {
    type Answer = KnownTemplate;

    fn subject(&self) -> Subject {
        Subject::of(("templates", (self.by.0, &self.business)))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<KnownTemplate, LedgerError> {
        let (workspace, by) = self.by;
        permitted::require(tx, (workspace, by), Permission::ChannelsManage).await?;
        let account = (workspace, self.business.as_str());
        let found = templates::find(tx.conn, account, self.id).await?;
        let mut known = found.ok_or_else(|| Refusal::not_found("template"))?;
        let before = of(&known);
        if let Some(title) = &self.care.title {
            known.title = checked_title(title.as_deref())?;
        }
        known.is_hidden = self.care.is_hidden.unwrap_or(known.is_hidden);
        known.access = self.care.access.unwrap_or(known.access);
        if let Some(ids) = &self.care.user_ids {
            check_users(tx, workspace, ids).await?;
            known.granted_to.clone_from(ids);
        }
        if known.access != TemplateAccess::Users {
            known.granted_to.clear();
        }
        templates::set_own(tx.conn, &known, tx.now).await?;
        let details = json!({"before": before, "after": of(&known)});
        note(tx, self.by, "template_changed", (known.id, &details)).await?;
        tx.tell(Event::Templates(workspace));
        Ok(known)
    }
}

/// Keeps what became of a template at its platform.
#[derive(Debug, Clone)]
pub struct NoteTemplate {
    /// Which admin asked for it.
    pub by: (WorkspaceId, UserId),
    /// Of which business account.
    pub business: String,
    /// `template_created`, `template_edited`, `template_deleted`.
    pub action: &'static str,
    /// As it is now.
    pub told: PlatformTemplate,
}

impl Command for NoteTemplate {
    type Answer = KnownTemplate;

    fn subject(&self) -> Subject {
        Subject::of(("templates", (self.by.0, &self.business)))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<KnownTemplate, LedgerError> {
        let account = (self.by.0, self.business.as_str());
        templates::keep(tx.conn, account, &self.told, (tx.now.minus(SKEW), tx.now)).await?;
        let (name, language) = (&self.told.name, &self.told.language);
        let kept = templates::by_name(tx.conn, account, name, language).await?;
        let known = kept.ok_or_else(|| Refusal::not_found("template"))?;
        let details = json!({"name": name, "language": language, "category": self.told.category});
        note(tx, self.by, self.action, (known.id, &details)).await?;
        tx.tell(Event::Templates(self.by.0));
        Ok(known)
    }
}

impl NoteTemplate {
    /// One that was taken away at its platform.
    pub fn deleted(by: (WorkspaceId, UserId), business: String, known: &KnownTemplate) -> Self {
        let told = PlatformTemplate { status: DELETED.to_owned(), reason: None, ..known.told.clone() };
        Self { by, business, action: "template_deleted", told }
    }
}

fn checked_title(title: Option<&str>) -> Result<Option<String>, Refusal> {
    let title = title.map(str::trim).filter(|title| !title.is_empty());
    if title.is_some_and(|title| title.chars().count() > LONGEST_TITLE) {
        return Err(Refusal::invalid("bad_name", "A title can be at most 100 characters."));
    }
    Ok(title.map(str::to_owned))
}

async fn check_users(tx: &mut Tx<'_>, workspace: WorkspaceId, ids: &[UserId]) -> Result<(), LedgerError> {
    let bad = || Refusal::invalid("bad_colleagues", "user_ids must be at most 200 users who are here.");
    if ids.len() > MOST_USERS {
        return Err(bad().into());
    }
    for id in ids {
        if users::find(tx.conn, workspace, *id).await?.is_none() {
            return Err(bad().into());
        }
    }
    Ok(())
}

fn of(known: &KnownTemplate) -> Value {
    json!({
        "title": known.title,
        "is_hidden": known.is_hidden,
        "access": known.access,
        "user_ids": known.granted_to,
    })
}

async fn note(
    tx: &mut Tx<'_>,
    (workspace, by): (WorkspaceId, UserId),
    action: &str,
    (id, details): (i64, &Value),
) -> Result<(), LedgerError> {
    let subject = format!("template:{id}");
    Ok(audit::note(tx.conn, (workspace, Some(by)), action, &subject, details, tx.now).await?)
}
