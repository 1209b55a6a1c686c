//! Connecting accounts: what is stored of them and what becomes of one that is taken away. Never a
//! call to a platform: a channel works at once, whatever the platform says.

use crate::auth::{Vault, open_credentials, seal_credentials};
use crate::channels::{Credentials, registry};
use crate::domain::{
    Channel, ChannelEvent, ChannelId, ChannelKind, ChannelState, ChannelTest, Event, Permission, Refusal,
    UserId, WorkspaceId,
};
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::StoreError;
use crate::store::accounts::channels::{self, NewChannel};
use crate::store::accounts::{audit, channel_checks, channel_health};
use secrecy::SecretString;
use serde_json::{Value, json};

/// Connects an account.
#[derive(Debug)]
pub struct CreateChannel {
    /// Who asks.
    pub by: (WorkspaceId, UserId),
    pub channel: NewChannel,
}

impl Command for CreateChannel {
    type Answer = Channel;

    fn subject(&self) -> Subject {
        Subject::of((self.channel.kind.as_str(), &self.channel.external_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Channel, LedgerError> {
        let (workspace, by) = self.by;
        permitted::require(tx, (workspace, by), Permission::ChannelsManage).await?;
        let mut new = self.channel.clone();
        drop_foreign(new.kind, &mut new.options);
        let channel = channels::create(tx.conn, workspace, &new, tx.now).await.map_err(account_taken)?;
        let details = json!({"kind": channel.kind, "name": channel.name});
        note(tx, self.by, "channel_created", channel.id, &details).await?;
        let whose = (workspace, channel.id);
        channel_health::begin_token(tx.conn, whose, tx.now).await?;
        for &what in registry::kind(channel.kind).checks {
            channel_checks::add(tx.conn, whose, what, tx.now).await?;
        }
        Ok(channel)
    }
}

/// What may change of a channel; what is absent stays.
#[derive(Debug, Default)]
pub struct ChannelChange {
    /// What people call it.
    pub name: Option<String>,
    /// What its events carry.
    pub external_id: Option<String>,
    /// Settings to set; `null` takes one away.
    pub options: serde_json::Map<String, Value>,
    /// Credentials to set, by name; none takes one away.
    pub credentials: Vec<(&'static str, Option<SecretString>)>,
    /// Whether it takes part.
    pub state: Option<ChannelState>,
}

impl ChannelChange {
    /// Whether the account is another, or reached in another way.
    fn is_of_the_account(&self) -> bool {
        self.external_id.is_some()
            || !self.credentials.is_empty()
            || registry::account_options().iter().any(|name| self.options.contains_key(*name))
    }

    /// What is noted of it: the names of settings and credentials, never a credential itself.
    fn audit_details(&self) -> Value {
        json!({
            "name": self.name,
            "external_id": self.external_id,
            "options": self.options.keys().collect::<Vec<_>>(),
            "credentials": self.credentials.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            "state": self.state,
        })
    }
}

/// Changes a channel.
pub struct UpdateChannel {
    /// Who asks.
    pub by: (WorkspaceId, UserId),
    pub id: ChannelId,
    pub change: ChannelChange,
    /// Opens and seals its credentials.
    pub vault: Vault,
}

impl Command for UpdateChannel {
    type Answer = Channel;

    fn subject(&self) -> Subject {
        Subject::of(("channel", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Channel, LedgerError> {
        let (workspace, by) = self.by;
        permitted::require(tx, (workspace, by), Permission::ChannelsManage).await?;
        let mut channel = existing(tx, workspace, self.id).await?;
        let change = &self.change;
        let was_active = channel.state == ChannelState::Active;
        channel.name = change.name.clone().unwrap_or(channel.name);
        let before = channel.external_id.clone();
        channel.external_id = change.external_id.clone().unwrap_or(channel.external_id);
        let is_another = channel.external_id != before;
        if is_another {
            let account = (channel.kind, channel.external_id.as_str());
            channel.is_contested = channels::is_contested(tx.conn, workspace, account).await?;
        }
        merge(&mut channel.options, &change.options);
        drop_foreign(channel.kind, &mut channel.options);
        if !change.credentials.is_empty() {
            channel.sealed = self.resealed(&channel.sealed);
        }
        if change.is_of_the_account() {
            // What was tested is not what stands there now.
            channel.last_test = None;
        }
        if let Some(state) = change.state {
            let is_changed = channel.state != state;
            channel.state = state;
            channel.state_reason = None;
            if is_changed {
                let channel_id = channel.id;
                tx.tell(Event::Channel(ChannelEvent {
                    workspace_id: workspace,
                    channel_id,
                    state,
                    state_reason: None,
                }));
            }
        }
        channels::update(tx.conn, &channel).await.map_err(account_taken)?;
        self.ask_anew(tx, &channel, was_active).await?;
        if is_another {
            channels::settle(tx.conn, channel.kind, &before).await?;
        }
        note(tx, self.by, "channel_changed", channel.id, &change.audit_details()).await?;
        if channel.state == ChannelState::Active {
            // What it kept while it was paused may go out now.
            tx.tell(Event::OutboxReady);
        }
        Ok(channel)
    }
}

impl UpdateChannel {
    /// Another way to the account, or a channel that works again: its platform is asked at once what is known
    /// of it, and what was missed meanwhile.
    async fn ask_anew(
        &self,
        tx: &mut Tx<'_>,
        channel: &Channel,
        was_active: bool,
    ) -> Result<(), LedgerError> {
        let has_token = self.change.credentials.iter().any(|(name, _)| *name == "access_token");
        if has_token {
            channel_health::begin_token(tx.conn, (channel.workspace_id, channel.id), tx.now).await?;
        }
        let works_again = channel.state == ChannelState::Active && !was_active;
        if works_again || self.change.is_of_the_account() {
            for &what in registry::kind(channel.kind).checks {
                channel_checks::hurry(tx.conn, channel.id, what, tx.now).await?;
            }
        }
        Ok(())
    }

    fn resealed(&self, sealed: &[u8]) -> Vec<u8> {
        // What does not open (another key) is replaced: that is the way out of it.
        let mut credentials =
            open_credentials(&self.vault, sealed).unwrap_or_else(|_| Credentials::default());
        for (name, value) in &self.change.credentials {
            credentials.set(name, value.clone());
        }
        seal_credentials(&self.vault, &credentials)
    }
}

/// Remembers what a test of a channel found.
#[derive(Debug)]
pub struct NoteTest {
    pub workspace: WorkspaceId,
    pub id: ChannelId,
    /// What was wrong, in words for an admin; none: nothing.
    pub fault: Option<String>,
}

impl Command for NoteTest {
    type Answer = ChannelTest;

    fn subject(&self) -> Subject {
        Subject::of(("channel", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<ChannelTest, LedgerError> {
        let channel = existing(tx, self.workspace, self.id).await?;
        let mut test = ChannelTest { at: tx.now, fault: self.fault.clone() };
        if channel.is_contested && test.fault.is_none() && !win(tx, &channel).await? {
            test.fault = Some(CLAIMED.to_owned());
        }
        channels::tested(tx.conn, self.id, &test).await?;
        Ok(test)
    }
}

/// What is said of an account that another workspace has proved to be its own.
pub const CLAIMED: &str =
    "Another workspace of this server has connected this account, and proved that it is theirs.";

/// Who proves that an account is theirs has it before those who only say so; false: another workspace proved
/// it before. A signature proves nothing here: who signs by a secret of their own making could claim
/// anything.
async fn win(tx: &mut Tx<'_>, channel: &Channel) -> Result<bool, LedgerError> {
    if let Some(holder) = channels::by_external(tx.conn, channel.kind, &channel.external_id).await? {
        if holder.is_proved() {
            return Ok(false);
        }
        channels::update(tx.conn, &Channel { is_contested: true, ..holder }).await?;
    }
    channels::update(tx.conn, &Channel { is_contested: false, ..channel.clone() }).await?;
    Ok(true)
}

/// Takes a channel away. Its row stays, switched off and without credentials, because its
/// conversations point at it; its account may be connected anew.
#[derive(Debug)]
pub struct DeleteChannel {
    /// Who asks.
    pub by: (WorkspaceId, UserId),
    pub id: ChannelId,
}

impl Command for DeleteChannel {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("channel", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let (workspace, by) = self.by;
        permitted::require(tx, (workspace, by), Permission::ChannelsManage).await?;
        let channel = existing(tx, workspace, self.id).await?;
        note(tx, self.by, "channel_deleted", channel.id, &json!({"name": channel.name})).await?;
        channel_checks::forget(tx.conn, channel.id).await?;
        channels::retire(tx.conn, &channel).await?;
        if !channel.is_contested {
            channels::settle(tx.conn, channel.kind, &channel.external_id).await?;
        }
        Ok(())
    }
}

/// Notes what was done to a channel. Never a credential: only which of them.
async fn note(
    tx: &mut Tx<'_>,
    (workspace, by): (WorkspaceId, UserId),
    action: &str,
    id: ChannelId,
    details: &Value,
) -> Result<(), LedgerError> {
    let subject = format!("channel:{id}");
    Ok(audit::note(tx.conn, (workspace, Some(by)), action, &subject, details, tx.now).await?)
}

async fn existing(tx: &mut Tx<'_>, workspace: WorkspaceId, id: ChannelId) -> Result<Channel, LedgerError> {
    let channel = channels::find(tx.conn, id).await?.filter(|channel| channel.workspace_id == workspace);
    channel.ok_or_else(|| Refusal::not_found("channel").into())
}

/// JSON merge patch (RFC 7396), one level deep.
fn merge(options: &mut Value, change: &serde_json::Map<String, Value>) {
    let Value::Object(options) = options else {
        *options = Value::Object(change.clone());
        return;
    };
    for (name, value) in change {
        if value.is_null() {
            options.remove(name);
        } else {
            options.insert(name.clone(), value.clone());
        }
    }
}

/// Takes out what would promise something that this kind of channel does not have: a person's late answer.
fn drop_foreign(kind: ChannelKind, options: &mut Value) {
    if let Some(options) = options.as_object_mut().filter(|_| !registry::kind(kind).has_human_agent_tag()) {
        options.remove("human_agent");
    }
}

fn account_taken(error: StoreError) -> LedgerError {
    match error {
        StoreError::Taken(_) => {
            Refusal::conflict("channel_exists", "This account is already connected.").into()
        }
        error => error.into(),
    }
}
