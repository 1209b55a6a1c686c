//! Offers of membership: an admin makes one out to a username, and whoever signs in with that decides.
//! Whether anybody does is told to nobody. Made out to no e-mail address: nothing proves yet whose one is.

use super::roles;
use super::users::everybody;
use super::workspaces::put_member;
use crate::auth::SignedIn;
use crate::domain::{
    AccountId, Credential, LoginSessionId, OfferId, Permission, Refusal, RefusalKind, Role, User, UserId,
    WorkspaceId,
};
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::StoreError;
use crate::store::accounts::account::{self, Account};
use crate::store::accounts::membership_offers::{self as offers, NewOffer, Offer};
use crate::store::accounts::users;
use crate::store::accounts::{audit, login_sessions, workspaces};
use serde_json::json;

/// Offers a membership.
#[derive(Debug)]
pub struct OfferMembership {
    /// Which admin asks.
    pub by: (WorkspaceId, UserId),
    /// To whom: what they sign in with.
    pub username: String,
    /// What they would be.
    pub role: Role,
}

impl Command for OfferMembership {
    type Answer = Offer;

    fn subject(&self) -> Subject {
        everybody()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Offer, LedgerError> {
        users::lock(tx.conn).await?;
        let (workspace, by) = self.by;
        roles::require_over(tx, (workspace, by), Permission::UsersManage, self.role).await?;
        let member = users::named(tx.conn, workspace, &self.username).await?;
        if member.is_some_and(|member| member.deactivated_at.is_none()) {
            return Err(Refusal::conflict("already_member", "They are a member of this workspace.").into());
        }
        let account = account::by_username(tx.conn, &self.username).await?;
        let account = account.filter(|account| account.deactivated_at.is_none()).map(|account| account.id);
        let key = account::username_key(&self.username);
        let username = (self.username.as_str(), key.as_str());
        let new = NewOffer { workspace, by, username, account, role: self.role };
        let offer = offers::create(tx.conn, new, tx.now).await.map_err(offered)?;
        let details = json!({"username": self.username, "role": self.role});
        let subject = format!("membership_offer:{}", offer.id);
        audit::note(tx.conn, (workspace, Some(by)), "membership_offered", &subject, &details, tx.now).await?;
        Ok(offer)
    }
}

fn offered(error: StoreError) -> LedgerError {
    match error {
        StoreError::Taken(_) => {
            Refusal::conflict("offer_exists", "A membership was offered to this username already.").into()
        }
        error => error.into(),
    }
}

/// Takes an offer back.
#[derive(Debug)]
pub struct WithdrawOffer {
    /// Which admin asks.
    pub by: (WorkspaceId, UserId),
    /// Which.
    pub id: OfferId,
}

impl Command for WithdrawOffer {
    type Answer = ();

    fn subject(&self) -> Subject {
        everybody()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        users::lock(tx.conn).await?;
        let (workspace, by) = self.by;
        permitted::require(tx, (workspace, by), Permission::UsersManage).await?;
        let offer = offers::find(tx.conn, self.id).await?.filter(|offer| offer.workspace_id == workspace);
        let offer = offer.ok_or_else(|| Refusal::not_found("offer"))?;
        offers::delete(tx.conn, offer.id).await?;
        let details = json!({"username": offer.username});
        let subject = format!("membership_offer:{}", offer.id);
        audit::note(tx.conn, (workspace, Some(by)), "membership_withdrawn", &subject, &details, tx.now)
            .await?;
        Ok(())
    }
}

/// What somebody says to an offer: only who signed in themselves can say it, no program of theirs.
pub fn answers(signed_in: &SignedIn) -> Result<AccountId, Refusal> {
    match signed_in.credential {
        Credential::Login(_) => Ok(signed_in.account_id),
        Credential::Token(_) => Err(Refusal::new(
            RefusalKind::Forbidden,
            "sign_in_required",
            "A token belongs to one workspace. Sign in to join another one.",
        )),
    }
}

/// Accepts an offer, or declines it.
#[derive(Debug)]
pub struct AnswerOffer {
    /// Whose answer it is.
    pub account: AccountId,
    /// To which offer.
    pub id: OfferId,
    /// Whether they join.
    pub accepts: bool,
    /// The sign-in that asks: all others end, for they were no sign-ins to the workspace that is joined.
    pub kept: Option<LoginSessionId>,
}

impl Command for AnswerOffer {
    /// Who they are there; none: they declined.
    type Answer = Option<User>;

    fn subject(&self) -> Subject {
        everybody()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<User>, LedgerError> {
        users::lock(tx.conn).await?;
        let account = account::find(tx.conn, self.account).await?;
        let account = account.filter(|account| account.deactivated_at.is_none());
        let offer =
            offers::find(tx.conn, self.id).await?.filter(|offer| offer.account_id == Some(self.account));
        let (Some(account), Some(offer)) = (account, offer) else {
            return Err(Refusal::not_found("offer").into());
        };
        let workspace = workspaces::find(tx.conn, offer.workspace_id).await?;
        if workspace.is_none_or(|workspace| workspace.archived_at.is_some()) {
            return Err(Refusal::not_found("offer").into());
        }
        if self.accepts {
            self.require_own(tx, &account, &offer).await?;
        }
        offers::delete(tx.conn, offer.id).await?;
        let role = (offer.workspace_id, offer.role);
        let user = if self.accepts { Some(put_member(tx, &account, role).await?) } else { None };
        let action = if self.accepts { "membership_accepted" } else { "membership_declined" };
        let by = (offer.workspace_id, user.as_ref().map(|user| user.id));
        let details = json!({"username": offer.username, "role": offer.role});
        let subject = match &user {
            Some(user) => format!("user:{}", user.id),
            None => format!("membership_offer:{}", offer.id),
        };
        audit::note(tx.conn, by, action, &subject, &details, tx.now).await?;
        Ok(user)
    }
}

impl AnswerOffer {
    /// Nobody comes along who knows the password because they chose it, or who is signed in elsewhere; and
    /// the role that was offered is still there.
    async fn require_own(
        &self,
        tx: &mut Tx<'_>,
        account: &Account,
        offer: &Offer,
    ) -> Result<(), LedgerError> {
        if account.password_is_given {
            return Err(Refusal::new(
                RefusalKind::Forbidden,
                "own_password_first",
                "Somebody else chose your password. Change it, then join.",
            )
            .into());
        }
        roles::allowed(tx, offer.workspace_id, offer.role).await?;
        login_sessions::delete_others(tx.conn, account.id, self.kept).await?;
        Ok(())
    }
}
