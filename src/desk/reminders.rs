//! Following a conversation, and being reminded of it: once, whichever process looks first, and not if the
//! answer it waited for has come. Never a timer that must survive: the row says when.

use super::{access, unread};
use crate::domain::{
    AnswerFrom, ConversationId, ConversationState, Event, ReadMark, Refusal, Reminder, Timestamp, User,
    UserId, WorkspaceId,
};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::accounts::users;
use crate::store::conversations::marks::{self, Wanted};
use crate::store::conversations::{customers, list};
use crate::store::{Db, StoreError};
use crate::thread::entries;
use std::time::Duration;

/// Reminders given in one go.
const BATCH: i64 = 200;
/// How far ahead somebody may be reminded.
const LATEST: Duration = Duration::from_hours(24 * 366);

/// The conversation and how its user stands to it.
type Standing = (ConversationState, ReadMark);

/// Follows a conversation: its owner hears of it as of their own. Or follows it no more.
#[derive(Debug, Clone)]
pub struct FollowConversation {
    pub user: User,
    pub conversation_id: ConversationId,
    /// Whether from now on.
    pub is_following: bool,
}

impl Command for FollowConversation {
    type Answer = Standing;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Standing, LedgerError> {
        let state = access::conversation(tx.conn, &self.user, self.conversation_id).await?;
        marks::set_following(tx.conn, state.id, self.user.id, self.is_following).await?;
        told(tx, state, self.user.id).await
    }
}

/// Wants to be reminded of a conversation, or no more.
#[derive(Debug, Clone)]
pub struct SetReminder {
    pub user: User,
    /// Of which.
    pub conversation_id: ConversationId,
    /// When, and whether only if nobody answers until then; none: not at all.
    pub wanted: Option<(Timestamp, bool)>,
}

impl Command for SetReminder {
    type Answer = Standing;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Standing, LedgerError> {
        let state = access::conversation(tx.conn, &self.user, self.conversation_id).await?;
        let allowed = tx.now..=tx.now.plus(LATEST);
        if self.wanted.is_some_and(|(at, _)| !allowed.contains(&at)) {
            let message = "at must be a moment in the future, within a year.";
            return Err(Refusal::invalid("bad_reminder", message).into());
        }
        // Who waits for whom now: if a customer waits, for us; else we for them.
        let other = if state.waiting_since.is_some() { AnswerFrom::Team } else { AnswerFrom::Customer };
        let wanted = self.wanted.map(|(at, only_if_unanswered)| Wanted {
            at,
            waits_for: only_if_unanswered.then_some(other),
            seq: state.version,
        });
        marks::set_reminder(tx.conn, state.id, self.user.id, wanted).await?;
        told(tx, state, self.user.id).await
    }
}

/// Tells a user's own sessions how they stand to a conversation.
async fn told(tx: &mut Tx<'_>, state: ConversationState, user: UserId) -> Result<Standing, LedgerError> {
    let (mark, _) = list::mark(tx.conn, state.id, user).await?.unwrap_or_default();
    entries::tell_read(tx, state.clone(), user, mark);
    Ok((state, mark))
}

/// Reminds a user of a conversation, if its time has come and it is still needed.
struct Remind {
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    user_id: UserId,
}

impl Command for Remind {
    /// Whether they were reminded.
    type Answer = bool;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let (id, user_id) = (self.conversation_id, self.user_id);
        let wanted = marks::reminder(tx.conn, id, user_id).await?;
        let Some(wanted) = wanted.filter(|wanted| wanted.at <= tx.now) else { return Ok(false) };
        marks::set_reminder(tx.conn, id, user_id, None).await?;
        let account = users::find(tx.conn, self.workspace_id, user_id).await?;
        let Some(account) = account.filter(|account| account.deactivated_at.is_none()) else {
            return Ok(false);
        };
        let state = match access::conversation(tx.conn, &account.user, id).await {
            Ok(state) => state,
            Err(LedgerError::Refused(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        if is_answered(tx, &state, wanted, &account.user).await? {
            told(tx, state, user_id).await?;
            return Ok(false);
        }
        unread::lower(tx, &state, &account.user, state.version).await?;
        let customer_name = customer_name(tx, &state).await?;
        told(tx, state, user_id).await?;
        tx.tell(Event::Reminder(Reminder { user_id, conversation_id: id, at: wanted.at, customer_name }));
        Ok(true)
    }
}

async fn is_answered(
    tx: &mut Tx<'_>,
    state: &ConversationState,
    wanted: Wanted,
    user: &User,
) -> Result<bool, LedgerError> {
    Ok(match wanted.waits_for {
        None => false,
        Some(AnswerFrom::Team) => state.answered_seq > wanted.seq,
        Some(AnswerFrom::Customer) => {
            let newest = marks::newest_counted(tx.conn, state.id, &user.author()).await?;
            newest.is_some_and(|newest| newest > wanted.seq)
        }
    })
}

async fn customer_name(tx: &mut Tx<'_>, state: &ConversationState) -> Result<Option<String>, LedgerError> {
    let Some(id) = state.customer_id else { return Ok(None) };
    let row = customers::find(tx.conn, state.workspace_id, id).await?;
    Ok(row.and_then(|row| row.shown_name().map(str::to_owned)))
}

/// Reminds all whose time has come.
pub async fn remind_due(db: &Db, ledger: &Ledger) -> Result<(), StoreError> {
    let now = Timestamp::now();
    let due = db.read(async move |conn| marks::to_remind(conn, now, BATCH).await).await?;
    let reminds = due.into_iter().map(|(workspace_id, conversation_id, user_id)| Remind {
        workspace_id,
        conversation_id,
        user_id,
    });
    for reminded in ledger.give_all::<Remind>(reminds.collect()).await {
        if let Err(error) = reminded {
            log::warn!("a reminder could not be given yet: {error}");
        }
    }
    Ok(())
}
