//! What is written around the checks: which there are, who has one, what came of it, what it found. Never a
//! call to a platform.

use crate::auth::{Vault, open_credentials, seal_credentials};
use crate::channels::registry;
use crate::domain::{
    Channel, ChannelId, NumberStanding, PlatformCheck, Timestamp, TokenLife, WebhookStanding, WorkspaceId,
};
use crate::jobs::Free;
use crate::jobs::attempt::new_attempt_id;
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::channel_checks::{self, CheckRow, Checked};
use crate::store::accounts::{audit, channel_health, channels};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::time::Duration;

/// Checks taken at one time.
const AT_ONCE: i64 = 32;

/// Sees to it that every channel is asked what its kind is to be asked.
#[derive(Debug, Clone, Copy)]
pub struct EnsureChecks {
    /// The process has just begun: what may have been missed meanwhile is looked for at once.
    pub is_start: bool,
}

impl Command for EnsureChecks {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of("channel checks")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        for channel in channels::all(tx.conn).await? {
            for &what in registry::kind(channel.kind).checks {
                let whose = (channel.workspace_id, channel.id);
                let is_new = channel_checks::add(tx.conn, whose, what, tx.now).await?;
                let may_have_missed = matches!(what, PlatformCheck::Messages | PlatformCheck::Webhook);
                if self.is_start && !is_new && may_have_missed {
                    channel_checks::hurry(tx.conn, channel.id, what, tx.now).await?;
                }
            }
        }
        Ok(())
    }
}

/// Takes what is due.
pub struct ClaimChecks {
    /// How many each channel may have at one time.
    pub free: Free<ChannelId>,
    pub lease: Duration,
}

impl Command for ClaimChecks {
    type Answer = Vec<CheckRow>;

    fn subject(&self) -> Subject {
        Subject::of("channel checks")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<CheckRow>, LedgerError> {
        let (mut taken, mut free) = (Vec::new(), self.free.clone());
        for mut row in channel_checks::due(tx.conn, tx.now, AT_ONCE).await? {
            if free.take(row.channel_id) {
                let attempt_id = new_attempt_id()?;
                channel_checks::take(tx.conn, &row, &attempt_id, tx.now.plus(self.lease)).await?;
                row.attempt_id = Some(attempt_id);
                taken.push(row);
            }
        }
        Ok(taken)
    }
}

/// Writes what came of a check; a late one changes nothing.
#[derive(Debug, Clone)]
pub struct SettleCheck {
    pub row: CheckRow,
    pub checked: Checked,
    /// How many messages it brought.
    pub recovered: usize,
}

impl Command for SettleCheck {
    /// Whether it still counted.
    type Answer = bool;

    fn subject(&self) -> Subject {
        Subject::of(("channel check", self.row.channel_id, self.row.what))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let row = &self.row;
        if self.recovered > 0 {
            let details = json!({"count": self.recovered});
            note(tx, row.workspace_id, "channel_recovered", row.channel_id, &details).await?;
        }
        Ok(channel_checks::settle(tx.conn, row, &self.checked, tx.now).await?)
    }
}

/// What a channel's platform did or said; nobody of ours.
async fn note(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
    action: &str,
    id: ChannelId,
    details: &serde_json::Value,
) -> Result<(), LedgerError> {
    let mut details = details.clone();
    details["cause"] = "platform".into();
    Ok(audit::note(tx.conn, (workspace, None), action, &format!("channel:{id}"), &details, tx.now).await?)
}

/// What a check found out about a channel.
#[derive(Debug, Clone)]
pub enum Found {
    /// All that happened before this moment was compared.
    Compared(Timestamp),
    /// How the webhook stands; whether it was set anew.
    Webhook { standing: WebhookStanding, is_set: bool },
    /// How long the token lives.
    Token(TokenLife),
    /// How the number stands.
    Number(NumberStanding),
}

/// Writes it.
#[derive(Debug, Clone)]
pub struct NoteFound {
    pub whose: (WorkspaceId, ChannelId),
    pub found: Found,
}

impl Command for NoteFound {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("channel", self.whose.1))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let whose = self.whose;
        match &self.found {
            Found::Compared(until) => channel_health::set_compared(tx.conn, whose, *until).await?,
            Found::Webhook { standing, is_set } => {
                if *is_set {
                    note(tx, whose.0, "channel_webhook_set", whose.1, &json!({})).await?;
                }
                let set_at = is_set.then_some(tx.now);
                channel_health::set_webhook(tx.conn, whose, standing, set_at).await?;
            }
            Found::Token(life) => channel_health::set_token(tx.conn, whose, *life, None).await?,
            Found::Number(told) => channel_health::set_number(tx.conn, whose, told).await?,
        }
        Ok(())
    }
}

/// Puts a renewed token in the place of the one that it was made from, unless somebody was quicker.
#[derive(Clone)]
pub struct KeepToken {
    pub channel: ChannelId,
    pub vault: Vault,
    /// From which it was made.
    pub from: SecretString,
    pub token: SecretString,
    pub expires_at: Timestamp,
}

impl Command for KeepToken {
    /// Whether it is kept.
    type Answer = bool;

    fn subject(&self) -> Subject {
        Subject::of(("channel", self.channel))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let Some(mut channel) = channels::find(tx.conn, self.channel).await? else { return Ok(false) };
        let Ok(mut credentials) = open_credentials(&self.vault, &channel.sealed) else { return Ok(false) };
        if credentials.get("access_token") != Some(self.from.expose_secret()) {
            return Ok(false);
        }
        credentials.set("access_token", Some(self.token.clone()));
        channel.sealed = seal_credentials(&self.vault, &credentials);
        channels::update(tx.conn, &channel).await?;
        self.remember(tx, &channel).await?;
        Ok(true)
    }
}

impl KeepToken {
    async fn remember(&self, tx: &mut Tx<'_>, channel: &Channel) -> Result<(), LedgerError> {
        let life = TokenLife { expires_at: Some(self.expires_at), data_access_expires_at: None };
        let whose = (channel.workspace_id, channel.id);
        channel_health::set_token(tx.conn, whose, life, Some(tx.now)).await?;
        let details = json!({"expires_at": self.expires_at});
        note(tx, channel.workspace_id, "channel_token_renewed", channel.id, &details).await
    }
}
