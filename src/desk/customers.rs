//! What colleagues do about a customer: a name, fields of their own, blocking, making two of them one by
//! hand, and forgetting one with everything. Never by itself: each is a person's decision.

use super::access;
use crate::domain::inbound::{IdentityKind, PROVED_VISITOR};
use crate::domain::{
    Cause, CustomerId, Erased, Event, Permission, Refusal, RefusalKind, TimelineKind, User, text,
};
use crate::flows;
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::accounts::audit;
use crate::store::conversations::customers::{self, CustomerRow};
use crate::store::conversations::merges::{self, Record};
use crate::store::conversations::{self, erase, visitors};
use crate::store::db::wash;
use crate::thread::join::tell_newest;
use crate::thread::{entries, timeline};
use serde_json::{Map, Value, json};

/// Fields of one customer at most.
const FIELDS: usize = 50;
const LONGEST_VALUE: usize = 2_000;
const LONGEST_NAME: usize = 100;

/// The customer, if the user sees them.
pub(super) async fn existing(
    tx: &mut Tx<'_>,
    user: &User,
    id: CustomerId,
) -> Result<CustomerRow, LedgerError> {
    let is_seen = access::sees_customer(tx.conn, user, id).await?;
    let found = customers::find(tx.conn, user.workspace_id, id).await?.filter(|_| is_seen);
    Ok(found.ok_or_else(|| Refusal::not_found("customer"))?)
}

async fn note(
    tx: &mut Tx<'_>,
    user: &User,
    action: &str,
    id: CustomerId,
    details: &Value,
) -> Result<(), LedgerError> {
    let by = (user.workspace_id, Some(user.id));
    Ok(audit::note(tx.conn, by, action, &format!("customer:{id}"), details, tx.now).await?)
}

/// Everybody who watches sees the customer anew.
pub(super) async fn tell(tx: &mut Tx<'_>, id: CustomerId) -> Result<(), LedgerError> {
    for conversation in conversations::ids_of_customer(tx.conn, id).await? {
        entries::touch(tx, conversation).await?;
    }
    Ok(())
}

/// Changes what we keep of a customer.
#[derive(Debug, Clone)]
pub struct ChangeCustomer {
    pub user: User,
    pub id: CustomerId,
    /// What the team calls them; `None` in it: what they call themselves again.
    pub name: Option<Option<String>>,
    /// Fields to set; `null` takes one away, what is absent stays.
    pub custom_fields: Option<Map<String, Value>>,
    /// Whether we block them.
    pub blocked: Option<bool>,
}

impl Command for ChangeCustomer {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("customer", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        if self.blocked.is_none() || self.name.is_some() || self.custom_fields.is_some() {
            self.user.require(Permission::CustomersEdit)?;
        }
        if self.blocked.is_some() {
            self.user.require(Permission::CustomersBlock)?;
        }
        let before = existing(tx, &self.user, self.id).await?;
        let mut row = before.clone();
        row.is_blocked = self.blocked.unwrap_or(row.is_blocked);
        if let Some(name) = &self.name {
            row.given_name = checked_name(name.as_deref())?;
        }
        if let Some(fields) = &self.custom_fields {
            row.custom_fields = with_fields(&row.custom_fields, fields)?;
        }
        if row != before {
            customers::update(tx.conn, &row).await?;
            if row.is_blocked != before.is_blocked {
                let action = if row.is_blocked { "customer_blocked" } else { "customer_unblocked" };
                note(tx, &self.user, action, self.id, &json!({})).await?;
            }
            if row.given_name != before.given_name {
                note(tx, &self.user, "customer_renamed", self.id, &json!({})).await?;
            }
            if row.custom_fields != before.custom_fields {
                let names: Vec<&String> = self.custom_fields.iter().flat_map(Map::keys).collect();
                note(tx, &self.user, "customer_changed", self.id, &json!({"fields": names})).await?;
            }
            if row.is_blocked {
                silence(tx, self.id).await?;
            } else if before.is_blocked {
                hear_again(tx, self.id).await?;
            }
            tell(tx, self.id).await?;
        }
        Ok(())
    }
}

/// Nothing is said by itself any more to who is blocked.
pub(super) async fn silence(tx: &mut Tx<'_>, id: CustomerId) -> Result<(), LedgerError> {
    let mut ids = conversations::ids_of_customer(tx.conn, id).await?;
    ids.sort_unstable();
    conversations::lock(tx.conn, &ids).await?;
    for id in ids {
        flows::fell_silent(tx, id).await?;
        conversations::answered(tx.conn, id).await?;
    }
    Ok(())
}

/// Who is not silenced any more waits for the answers they never got.
pub(super) async fn hear_again(tx: &mut Tx<'_>, id: CustomerId) -> Result<(), LedgerError> {
    let mut ids = conversations::ids_of_customer(tx.conn, id).await?;
    ids.sort_unstable();
    conversations::lock(tx.conn, &ids).await?;
    for id in ids {
        conversations::wait_again(tx.conn, id).await?;
    }
    Ok(())
}

/// A name of one line; nothing but spaces is none.
fn checked_name(name: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else { return Ok(None) };
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Refusal::invalid("bad_name", "A name must be 1 to 100 characters, on one line."));
    }
    Ok(Some(name.to_owned()))
}

fn with_fields(before: &str, changes: &Map<String, Value>) -> Result<String, Refusal> {
    let mut fields: Map<String, Value> = serde_json::from_str(before).unwrap_or_default();
    for (name, value) in changes {
        let name = text::clean(name.trim());
        if name.is_empty() || name.chars().count() > 64 {
            return Err(Refusal::invalid("bad_field", "A field name must be 1 to 64 characters."));
        }
        match value {
            Value::Null => drop(fields.remove(&name)),
            Value::String(words) if words.chars().count() <= LONGEST_VALUE => {
                fields.insert(name, text::clean(words).into());
            }
            Value::Bool(_) | Value::Number(_) => drop(fields.insert(name, value.clone())),
            _ => {
                return Err(Refusal::invalid(
                    "bad_field",
                    "A field must be text of at most 2,000 characters, a number, true, false or null.",
                ));
            }
        }
    }
    if fields.len() > FIELDS {
        return Err(Refusal::invalid("too_many_fields", "A customer can have at most 50 fields."));
    }
    Ok(Value::Object(fields).to_string())
}

/// Makes two customers one, by hand: all of the other becomes this one's.
#[derive(Debug, Clone)]
pub struct MergeCustomers {
    pub user: User,
    /// Who stays.
    pub kept: CustomerId,
    /// Who becomes them.
    pub gone: CustomerId,
}

impl Command for MergeCustomers {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("customer", self.kept))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        self.user.require(Permission::CustomersMerge)?;
        if self.kept == self.gone {
            return Err(Refusal::invalid("same_customer", "Choose a different customer.").into());
        }
        let mut kept = existing(tx, &self.user, self.kept).await?;
        let gone = existing(tx, &self.user, self.gone).await?;
        require_may_merge(tx, &self.user, kept.id, gone.id).await?;
        let mut ids = conversations::ids_of_customer(tx.conn, kept.id).await?;
        ids.extend(conversations::ids_of_customer(tx.conn, gone.id).await?);
        ids.sort_unstable();
        conversations::lock(tx.conn, &ids).await?;
        let record = Record::before(tx.conn, &kept, &gone).await?;
        customers::merge(tx.conn, kept.id, gone.id, tx.now).await?;
        kept.unite(gone);
        customers::update(tx.conn, &kept).await?;
        if kept.is_silenced() {
            silence(tx, kept.id).await?;
        }
        let by = (self.user.workspace_id, Some(self.user.id));
        record.keep(tx.conn, by, kept.id, tx.now).await?;
        note(tx, &self.user, "customer_merged", self.kept, &json!({"merged": self.gone})).await?;
        let (cause, details) =
            (Cause::user(&self.user), json!({"customer_id": self.gone, "into": self.kept}));
        timeline::note_all(tx, &ids, TimelineKind::Merged, &cause, &details).await?;
        tell(tx, kept.id).await
    }
}

/// Whether a customer has a name of the web chat that a site proved, and whether they have one that nobody
/// did.
async fn is_proved(tx: &mut Tx<'_>, id: CustomerId) -> Result<(bool, bool), LedgerError> {
    let names = customers::all_identities(tx.conn, id).await?;
    let visitors = names.iter().filter(|name| name.kind == IdentityKind::Visitor.as_str());
    let proved = visitors.map(|name| name.external_id.starts_with(PROVED_VISITOR));
    Ok(proved.fold((false, false), |(yes, no), is_proved| (yes || is_proved, no || !is_proved)))
}

/// Who proved at a site who they are, and a visitor who did not: that they are one takes a
/// permission of its own.
async fn require_may_merge(
    tx: &mut Tx<'_>,
    user: &User,
    kept: CustomerId,
    gone: CustomerId,
) -> Result<(), LedgerError> {
    let (kept, gone) = (is_proved(tx, kept).await?, is_proved(tx, gone).await?);
    let is_mixed = (kept.0 && gone.1) || (kept.1 && gone.0);
    if !is_mixed {
        return Ok(());
    }
    let permission = Permission::CustomersMergeUnproved;
    let theirs = permitted::permissions(tx, user.workspace_id, user.id).await?;
    if theirs.has(permission) {
        return Ok(());
    }
    let message = "One of these customers is verified by your site, the other is not. \
        Your role does not allow you to merge them.";
    let refusal = Refusal::new(RefusalKind::Forbidden, "proved_and_unproved", message);
    Err(Refusal { permission: Some(permission), ..refusal }.into())
}

/// Ends what a customer's browsers are known by in the web chat: they begin anew, or prove again who they
/// are.
#[derive(Debug, Clone)]
pub struct EndVisits {
    pub user: User,
    pub id: CustomerId,
}

impl Command for EndVisits {
    /// How many names it were.
    type Answer = usize;

    fn subject(&self) -> Subject {
        Subject::of(("customer", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<usize, LedgerError> {
        self.user.require(Permission::CustomersEdit)?;
        existing(tx, &self.user, self.id).await?;
        let names = customers::all_identities(tx.conn, self.id).await?;
        let known: Vec<_> = names.iter().filter(|name| name.kind == IdentityKind::Visitor.as_str()).collect();
        for name in &known {
            visitors::end(tx.conn, name.channel_id, &name.external_id, tx.now).await?;
        }
        note(tx, &self.user, "visits_ended", self.id, &json!({"names": known.len()})).await?;
        let ids = conversations::ids_of_customer(tx.conn, self.id).await?;
        tx.tell(Event::VisitorsEnded(ids, tx.now));
        Ok(known.len())
    }
}

/// Parts two customers again who were made one, by hand or by a platform's proof, within thirty days. What
/// came since stays where it is.
#[derive(Debug, Clone)]
pub struct UndoMerge {
    pub user: User,
    /// Who stayed.
    pub kept: CustomerId,
    pub merge: i64,
}

impl Command for UndoMerge {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("customer", self.kept))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        self.user.require(Permission::CustomersMerge)?;
        existing(tx, &self.user, self.kept).await?;
        let all = merges::of_customer(tx.conn, self.kept).await?;
        let Some(at) = all.iter().position(|merge| merge.id == self.merge && merge.until() > tx.now) else {
            return Err(Refusal::not_found("merge that can be undone").into());
        };
        if at > 0 {
            return Err(
                Refusal::conflict("later_merge", "Undo the later merge of this customer first.").into()
            );
        }
        let mut ids = conversations::ids_of_customer(tx.conn, self.kept).await?;
        ids.sort_unstable();
        conversations::lock(tx.conn, &ids).await?;
        let changed = merges::undo(tx.conn, self.user.workspace_id, &all[at], tx.now).await?;
        note(tx, &self.user, "customer_unmerged", self.kept, &json!({"merge": self.merge})).await?;
        let (cause, details) = (Cause::user(&self.user), json!({"customer_id": self.kept}));
        timeline::note_all(tx, &ids, TimelineKind::Unmerged, &cause, &details).await?;
        for id in changed {
            conversations::wait_again(tx.conn, id).await?;
            tell_newest(tx, id).await?;
        }
        for id in ids {
            conversations::wait_again(tx.conn, id).await?;
            entries::touch(tx, id).await?;
        }
        Ok(())
    }
}

/// Forgets a customer with everything: conversations, messages, files, raw events, deliveries.
#[derive(Debug, Clone)]
pub struct EraseCustomer {
    pub user: User,
    pub id: CustomerId,
}

impl Command for EraseCustomer {
    type Answer = erase::Gone;

    fn subject(&self) -> Subject {
        Subject::of(("customer", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<erase::Gone, LedgerError> {
        let by = (self.user.workspace_id, self.user.id);
        permitted::require(tx, by, Permission::CustomersErase).await?;
        existing(tx, &self.user, self.id).await?;
        let ids = conversations::ids_of_customer(tx.conn, self.id).await?;
        conversations::lock(tx.conn, &ids).await?;
        note(tx, &self.user, audit::ERASED, self.id, &json!({"conversations": ids})).await?;
        let workspace_id = self.user.workspace_id;
        let gone = erase::customer(tx.conn, workspace_id, self.id, &ids, tx.now).await?;
        tx.tell(Event::Erased(Erased { workspace_id, conversation_ids: ids }));
        Ok(gone)
    }
}

/// One step of taking the words of what was erased out of the pages and the index of the database.
#[derive(Debug, Clone, Copy)]
pub struct WashIndex {
    /// The first of several.
    pub is_first: bool,
}

impl Command for WashIndex {
    /// Whether there is more to do.
    type Answer = bool;

    fn subject(&self) -> Subject {
        Subject::of("search index")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        Ok(wash::index(tx.conn, self.is_first).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_set_and_taken_away_by_name() {
        let change = |value: Value| {
            let changes = value.as_object().cloned().unwrap_or_default();
            with_fields(r#"{"plan":"gold","size":4}"#, &changes)
                .map(|json| serde_json::from_str::<Value>(&json).ok())
        };
        assert_eq!(
            change(json!({"size": null, "vip": true})),
            Ok(Some(json!({"plan": "gold", "vip": true})))
        );
        assert!(change(json!({"list": [1]})).is_err() && change(json!({" ": 1})).is_err());
    }
}
