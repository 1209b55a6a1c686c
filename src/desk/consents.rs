//! What colleagues note of what a customer agreed to. Never what a customer or a platform says: that is
//! `ingest`'s.

use super::customers::{existing, tell};
use crate::domain::{
    Consent, ConsentPurpose, ConsentSource, ConsentState, CustomerId, Permission, Refusal, User,
};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::audit;
use crate::store::conversations::consents;
use serde_json::json;

/// What colleagues may note; of the others only the customer's platform knows.
const NOTED: [ConsentPurpose; 1] = [ConsentPurpose::Marketing];

/// Sets what a customer agreed to and withdrew; of what is absent nothing is known any more.
#[derive(Debug, Clone)]
pub struct SetConsents {
    pub user: User,
    pub id: CustomerId,
    /// For each purpose, whether they agree.
    pub wanted: Vec<(ConsentPurpose, ConsentState)>,
}

impl Command for SetConsents {
    type Answer = Vec<Consent>;

    fn subject(&self) -> Subject {
        Subject::of(("customer", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Consent>, LedgerError> {
        self.user.require(Permission::CustomersEdit)?;
        existing(tx, &self.user, self.id).await?;
        if let Some((purpose, _)) = self.wanted.iter().find(|(purpose, _)| !NOTED.contains(purpose)) {
            let why = format!("Only the customer's platform says whether they agree to {purpose}.");
            return Err(Refusal::invalid("bad_consents", why).into());
        }
        let mut is_changed = false;
        for purpose in NOTED {
            is_changed |= self.set(tx, purpose).await?;
        }
        if is_changed {
            tell(tx, self.id).await?;
        }
        Ok(consents::of_customer(tx.conn, self.id).await?)
    }
}

impl SetConsents {
    /// Sets it for one purpose; false: it is so already.
    async fn set(&self, tx: &mut Tx<'_>, purpose: ConsentPurpose) -> Result<bool, LedgerError> {
        let mut said = self.wanted.iter().filter(|(of, _)| *of == purpose);
        let wanted = said.next().map(|(_, state)| *state);
        if said.next().is_some() {
            let why = format!("items names the purpose {purpose} twice.");
            return Err(Refusal::invalid("bad_consents", why).into());
        }
        let known = consents::find(tx.conn, self.id, purpose).await?.map(|consent| consent.state);
        if wanted == known {
            return Ok(false);
        }
        let (workspace, source) = (self.user.workspace_id, ConsentSource::User);
        match wanted {
            Some(state) => {
                let consent = Consent { purpose, state, source, at: tx.now, expires_at: None };
                consents::set(tx.conn, workspace, self.id, &consent).await?;
            }
            None => consents::forget(tx.conn, self.id, purpose).await?,
        }
        let details = json!({"purpose": purpose, "state": wanted, "source": source});
        let (by, subject) = ((workspace, Some(self.user.id)), format!("customer:{}", self.id));
        audit::note(tx.conn, by, "customer_consent_changed", &subject, &details, tx.now).await?;
        Ok(true)
    }
}
