//! Approved messages where something is written: whether one can be made of what was filled in, by our copy
//! of the template, and what is kept of it beside the words; and what platforms tell of templates. Never
//! whether a send is lawful: that is the gate's (`send_gate.rs`).

use crate::channels::business_of;
use crate::domain::template::{KnownTemplate, Rendered, TemplateChange, TemplateMessage, TemplateNews, fit};
use crate::domain::{Channel, Event, Refusal, RefusalKind, Timestamp, UserId, WorkspaceId, text};
use crate::ledger::{LedgerError, Tx};
use crate::store::accounts::templates::{self, Sync};
use serde::Serialize;
use std::time::Duration;

/// How far a platform's clock may be behind ours: what it tells by itself counts against what we asked for so
/// much earlier.
pub const SKEW: Duration = Duration::from_mins(1);

/// What is written of a template.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// What the message holds beside its words.
    pub details: String,
    /// Its words, for our own eyes.
    pub words: String,
}

/// Who wants to use one: a user, and whether they are an admin; none: a rule.
pub type Author = Option<(UserId, bool)>;

#[derive(Serialize)]
struct Details<'a> {
    template: &'a TemplateMessage,
    #[serde(skip_serializing_if = "Option::is_none")]
    fitted: Option<&'a TemplateMessage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rendered: Option<&'a Rendered>,
}

/// Makes a message of what was filled in. What we have no copy of goes as it was given: its platform judges.
pub async fn prepare(
    tx: &mut Tx<'_>,
    channel: &Channel,
    message: &TemplateMessage,
    author: Author,
) -> Result<Prepared, LedgerError> {
    message.check()?;
    let message = &message.map(text::clean);
    let Some(known) = known(tx, channel, message).await? else {
        let details = Details { template: message, fitted: None, rendered: None };
        return Ok(Prepared { details: written(&details)?, words: message.words() });
    };
    if author.is_some_and(|(user, is_admin)| !known.is_for(user, is_admin)) {
        let why = format!("The template “{}” is not for you. Ask an admin.", known.told.name);
        return Err(Refusal::new(RefusalKind::Forbidden, "template_not_granted", why).into());
    }
    let fitted = fit(&known.told, message)?;
    let changed = Some(&fitted.message).filter(|fitted| *fitted != message);
    let details = Details { template: message, fitted: changed, rendered: Some(&fitted.rendered) };
    Ok(Prepared { details: written(&details)?, words: fitted.rendered.body })
}

fn written(details: &Details<'_>) -> Result<String, Refusal> {
    let odd = |_| Refusal::invalid("bad_template", "The values of this template cannot be stored.");
    serde_json::to_string(details).map_err(odd)
}

/// Our copy of the template, if there is one.
async fn known(
    tx: &mut Tx<'_>,
    channel: &Channel,
    message: &TemplateMessage,
) -> Result<Option<KnownTemplate>, LedgerError> {
    let Some(business) = business_of(&channel.options) else { return Ok(None) };
    let account = (channel.workspace_id, business.as_str());
    Ok(templates::by_name(tx.conn, account, &message.name, &message.language).await?)
}

/// Notes what a platform tells of a template of ours; false: it is not in our copy, which is then made anew.
pub async fn hear(
    tx: &mut Tx<'_>,
    (workspace, business): (WorkspaceId, &str),
    news: &TemplateNews,
    at: Timestamp,
) -> Result<bool, LedgerError> {
    let account = (workspace, business);
    let known = templates::by_name(tx.conn, account, &news.name, &news.language).await?;
    let Some(known) = known.filter(|_| news.change != TemplateChange::Content) else {
        ask_again(tx, account).await?;
        return Ok(false);
    };
    let is_news = match &news.change {
        TemplateChange::Status { status, reason } => {
            templates::set_status(tx.conn, known.id, (status, reason.as_deref()), (at, tx.now)).await?
        }
        TemplateChange::Quality(score) => {
            let score = Some(score.as_str()).filter(|score| *score != "UNKNOWN");
            templates::set_quality(tx.conn, known.id, score, tx.now).await?;
            true
        }
        TemplateChange::Category(category) => {
            templates::set_category(tx.conn, known.id, category, tx.now).await?;
            true
        }
        TemplateChange::Content => false,
    };
    if is_news {
        tx.tell(Event::Templates(workspace));
    }
    Ok(is_news)
}

/// Has our copy made anew as soon as somebody has time.
async fn ask_again(tx: &mut Tx<'_>, account: templates::Account<'_>) -> Result<(), LedgerError> {
    let before = templates::sync_of(tx.conn, account).await?;
    let (synced_at, fault) = before.map_or((None, None), |sync| (sync.synced_at, sync.fault));
    Ok(templates::set_sync(tx.conn, account, &Sync { synced_at, due_at: tx.now, fault }).await?)
}
