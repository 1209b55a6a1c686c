//! What admins do with hooks: add, change, take away, and hand an event over again. Never an opened
//! secret in a row.

use crate::auth::{Purpose, Vault, VaultError};
use crate::domain::{HookDeliveryId, HookEvent, HookId, HookState, Permission, Refusal, UserId, WorkspaceId};
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::accounts::audit;
use crate::store::delivery::hooks::{self, Hook, HookDelivery, NewHook};
use serde_json::{Value, json};

const LONGEST_NAME: usize = 100;
/// No workspace needs more; each event is written once a hook.
const MOST: usize = 50;

/// Seals a hook's secret.
fn seal_secret(vault: &Vault, secret: &str) -> Vec<u8> {
    vault.seal(Purpose::HookSecret, secret.as_bytes())
}

/// What was sealed.
pub(super) fn open_secret(vault: &Vault, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    vault.open(Purpose::HookSecret, sealed)
}

/// Adds a hook.
pub struct CreateHook {
    workspace_id: WorkspaceId,
    by: UserId,
    name: String,
    url: String,
    events: Vec<HookEvent>,
    sealed: Vec<u8>,
}

impl CreateHook {
    /// A hook of this name, address and secret; the address was checked by a [`super::Caller`].
    pub fn new(
        (workspace_id, by): (WorkspaceId, UserId),
        (name, url): (&str, String),
        events: &[HookEvent],
        (vault, secret): (&Vault, &str),
    ) -> Result<Self, Refusal> {
        Ok(Self {
            workspace_id,
            by,
            name: checked_name(name)?,
            url,
            events: checked_events(events)?,
            sealed: seal_secret(vault, secret),
        })
    }
}

impl Command for CreateHook {
    type Answer = Hook;

    fn subject(&self) -> Subject {
        Subject::of("hooks")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Hook, LedgerError> {
        require(tx, self.workspace_id, self.by).await?;
        if hooks::page(tx.conn, self.workspace_id, 0, 100).await?.len() >= MOST {
            return Err(Refusal::conflict(
                "too_many_hooks",
                format!("You have reached the limit of {MOST} webhooks."),
            )
            .into());
        }
        let new = NewHook {
            workspace_id: self.workspace_id,
            name: self.name.clone(),
            url: self.url.clone(),
            events: as_json(&self.events),
            secret: self.sealed.clone(),
            is_on: true,
            created_at: tx.now,
            updated_at: tx.now,
        };
        let hook = hooks::insert(tx.conn, &new).await?;
        note(tx, (self.workspace_id, self.by), "hook_created", hook.id, &audit_details(&hook)).await?;
        Ok(hook)
    }
}

/// What may change of a hook; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct HookChange {
    /// What admins call it.
    pub name: Option<String>,
    /// Where it is called, checked.
    pub url: Option<String>,
    /// What it hears.
    pub events: Option<Vec<HookEvent>>,
    /// Whether it hears anything.
    pub is_on: Option<bool>,
}

/// Changes a hook.
#[derive(Debug)]
pub struct UpdateHook {
    pub workspace_id: WorkspaceId,
    /// Who asks.
    pub by: UserId,
    pub id: HookId,
    pub change: HookChange,
}

impl Command for UpdateHook {
    type Answer = Hook;

    fn subject(&self) -> Subject {
        Subject::of("hooks")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Hook, LedgerError> {
        require(tx, self.workspace_id, self.by).await?;
        let mut hook = hooks::find(tx.conn, self.workspace_id, self.id)
            .await?
            .ok_or_else(|| Refusal::not_found("hook"))?;
        let before = audit_details(&hook);
        let change = &self.change;
        if let Some(name) = &change.name {
            hook.name = checked_name(name)?;
        }
        if let Some(url) = &change.url {
            hook.url.clone_from(url);
        }
        if let Some(events) = &change.events {
            hook.events = as_json(&checked_events(events)?);
        }
        hook.is_on = change.is_on.unwrap_or(hook.is_on);
        hook.updated_at = tx.now;
        hooks::update(tx.conn, &hook).await?;
        let details = json!({"before": before, "after": audit_details(&hook)});
        note(tx, (self.workspace_id, self.by), "hook_changed", hook.id, &details).await?;
        Ok(hook)
    }
}

/// Deletes a hook, with the events that wait for it.
#[derive(Debug)]
pub struct DeleteHook {
    pub workspace_id: WorkspaceId,
    /// Who asks.
    pub by: UserId,
    pub id: HookId,
}

impl Command for DeleteHook {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of("hooks")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        require(tx, self.workspace_id, self.by).await?;
        let Some(hook) = hooks::find(tx.conn, self.workspace_id, self.id).await? else {
            return Err(Refusal::not_found("hook").into());
        };
        hooks::delete(tx.conn, self.workspace_id, self.id).await?;
        note(tx, (self.workspace_id, self.by), "hook_deleted", self.id, &audit_details(&hook)).await
    }
}

/// Hands an event over again: the same body under the same id.
#[derive(Debug)]
pub struct Replay {
    pub workspace_id: WorkspaceId,
    /// Who asks.
    pub by: UserId,
    pub id: HookDeliveryId,
}

impl Command for Replay {
    type Answer = HookDelivery;

    fn subject(&self) -> Subject {
        Subject::of(("hook delivery", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<HookDelivery, LedgerError> {
        require(tx, self.workspace_id, self.by).await?;
        let found = hooks::delivery(tx.conn, self.id).await?;
        let mut delivery = found
            .filter(|delivery| delivery.workspace_id == self.workspace_id)
            .ok_or_else(|| Refusal::not_found("delivery"))?;
        if delivery.state == HookState::Running {
            return Err(Refusal::conflict("running", "This event is being sent right now.").into());
        }
        let hook = hooks::find(tx.conn, self.workspace_id, delivery.hook_id).await?;
        if hook.is_none_or(|hook| !hook.is_on) {
            return Err(Refusal::conflict("hook_off", "This webhook is turned off.").into());
        }
        delivery.state = HookState::Waiting;
        delivery.attempts = 0;
        delivery.due_at = tx.now;
        delivery.updated_at = tx.now;
        hooks::update_delivery(tx.conn, &delivery).await?;
        let details = json!({"delivery": delivery.id, "event": delivery.event});
        note(tx, (self.workspace_id, self.by), "hook_replayed", delivery.hook_id, &details).await?;
        Ok(delivery)
    }
}

/// What the audit trail says of one: never its secret.
fn audit_details(hook: &Hook) -> Value {
    json!({"name": hook.name, "url": hook.url, "events": hook.events(), "is_on": hook.is_on})
}

async fn note(
    tx: &mut Tx<'_>,
    (workspace, by): (WorkspaceId, UserId),
    action: &str,
    id: HookId,
    details: &Value,
) -> Result<(), LedgerError> {
    Ok(audit::note(tx.conn, (workspace, Some(by)), action, &format!("hook:{id}"), details, tx.now).await?)
}

async fn require(tx: &mut Tx<'_>, workspace: WorkspaceId, by: UserId) -> Result<(), LedgerError> {
    permitted::require(tx, (workspace, by), Permission::HooksManage).await
}

fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Refusal::invalid("invalid_name", "A webhook name must be 1 to 100 characters."));
    }
    Ok(name.to_owned())
}

fn checked_events(events: &[HookEvent]) -> Result<Vec<HookEvent>, Refusal> {
    let mut events = events.to_vec();
    events.sort_unstable();
    events.dedup();
    if events.is_empty() {
        return Err(Refusal::invalid(
            "invalid_events",
            "events must be a list of message_created, conversation_updated, delivery_failed.",
        ));
    }
    Ok(events)
}

fn as_json(events: &[HookEvent]) -> String {
    serde_json::to_string(events).expect("words are JSON")
}
