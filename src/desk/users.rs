//! Users, sign-ins and tokens: who may change them and what ends with them. An account that is a member
//! elsewhere, too, is in no admin's power: only the membership is. Never a password in plain text: hashing is
//! done before a command is given.
//! Over 400 lines: one order holds for all that is done to users.

use super::roles;
use crate::auth::{LOGIN_IDLE, LOGIN_LASTS, TokenHash};
use crate::domain::{
    AccountId, Cause, Credential, Event, LoginSessionId, Permission, Refusal, RefusalKind, Revoked, Role,
    Timestamp, User, UserId, WorkspaceId,
};
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::accounts::account::{self, Account};
use crate::store::accounts::tokens::{self, Token};
use crate::store::accounts::users::{self, Member, NewUser};
use crate::store::accounts::{audit, login_sessions, membership_offers, memberships, settings, workspaces};
use crate::store::{Conn, StoreError};
use crate::thread::entries;
use serde_json::json;

/// What a workspace is called until somebody names it.
const UNNAMED: &str = "Rapport";

/// All that is done to users is done in one order: who is the last admin is a question about all of them.
pub(super) fn everybody() -> Subject {
    Subject::of("users")
}

fn one(user: UserId) -> Subject {
    Subject::of(("user", user))
}

/// A username as people may choose it: 1 to 64 characters without spaces.
pub fn checked_username(text: &str) -> Result<String, Refusal> {
    let username = text.trim();
    let length = username.chars().count();
    if length == 0 || length > 64 || username.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Refusal::invalid(
            "invalid_username",
            "A username must be 1 to 64 characters without spaces.",
        ));
    }
    Ok(username.to_owned())
}

/// A name as people may choose it; none, or only spaces, is `fallback`.
pub fn checked_full_name(text: Option<&str>, fallback: &str) -> Result<String, Refusal> {
    let name = text.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(fallback);
    if name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Refusal::invalid(
            "invalid_full_name",
            "A name can be at most 200 characters, on one line.",
        ));
    }
    Ok(name.to_owned())
}

/// An address that could be one; an empty one is none.
pub fn checked_email(text: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(email) = text.map(str::trim).filter(|email| !email.is_empty()) else { return Ok(None) };
    let has_both_sides =
        email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if !has_both_sides || email.len() > 254 || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Refusal::invalid("invalid_email", "This is not a valid email address."));
    }
    Ok(Some(email.to_owned()))
}

/// Makes the first admin and the workspace, while there is no user.
#[derive(Debug)]
pub struct CreateFirstAdmin {
    /// Who; the role counts for nothing.
    pub admin: NewUser,
    /// What the workspace is called.
    pub workspace_name: Option<String>,
}

impl Command for CreateFirstAdmin {
    type Answer = User;

    fn subject(&self) -> Subject {
        everybody()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<User, LedgerError> {
        users::lock(tx.conn).await?;
        if !users::is_empty(tx.conn).await? {
            return Err(Refusal::conflict("already_set_up", "Users already exist. Sign in instead.").into());
        }
        let workspace = workspace(tx, self.workspace_name.as_deref()).await?;
        let user = create(tx, workspace, &NewUser { role: Role::Admin, ..self.admin.clone() }).await?;
        let (subject, details) = (format!("user:{}", user.id), json!({"username": user.username}));
        audit::note(tx.conn, (workspace, Some(user.id)), "set_up", &subject, &details, tx.now).await?;
        Ok(user)
    }
}

/// Makes a user: an account with one membership.
#[derive(Debug)]
pub struct CreateUser {
    /// Who asks; none: the command line, whoever may run it, for the first workspace.
    pub by: Option<(WorkspaceId, UserId)>,
    /// The new user.
    pub user: NewUser,
}

impl Command for CreateUser {
    type Answer = User;

    fn subject(&self) -> Subject {
        everybody()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<User, LedgerError> {
        users::lock(tx.conn).await?;
        let workspace = match self.by {
            Some((workspace, by)) => {
                roles::require_over(tx, (workspace, by), Permission::UsersManage, self.user.role).await?;
                workspace
            }
            None => workspace(tx, None).await?,
        };
        let user = create(tx, workspace, &self.user).await?;
        if self.by.is_some() {
            let made = account::of_user(tx.conn, user.id).await?.ok_or_else(|| Refusal::not_found("user"))?;
            account::update(tx.conn, &Account { password_is_given: true, ..made }).await?;
        }
        let by = (workspace, self.by.map(|(_, by)| by));
        let details = json!({"username": user.username, "role": user.role});
        audit::note(tx.conn, by, "user_created", &format!("user:{}", user.id), &details, tx.now).await?;
        Ok(user)
    }
}

/// What may change of a user; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// What they sign in with.
    pub username: Option<String>,
    /// What others call them.
    pub full_name: Option<String>,
    /// Where to write to them; `Some(None)`: nowhere.
    pub email: Option<Option<String>>,
    /// What they may do.
    pub role: Option<Role>,
    /// A new password's hash: ends every sign-in and every token of theirs.
    pub password_hash: Option<String>,
    /// Whether they may come in. `false` ends every sign-in and every token of theirs.
    pub is_active: Option<bool>,
    /// Who cares for their conversations once they may not come in; none: nobody.
    pub successor: Option<UserId>,
    /// Wrong passwords at their name count from now on anew; a new password does so, too.
    pub is_unlocked: bool,
}

impl UserChange {
    /// Whether it touches more than the membership: what one signs in with, or a way back into what one left.
    fn is_of_the_account(&self, member: &Member) -> bool {
        let comes_back = self.is_active == Some(true) && member.deactivated_at.is_some();
        let is_renamed = self.username.as_ref().is_some_and(|name| *name != member.user.username);
        is_renamed || self.password_hash.is_some() || self.is_unlocked || comes_back
    }

    /// What is noted of it: that a password changed, never which.
    fn audit_details(&self) -> serde_json::Value {
        json!({
            "username": self.username,
            "full_name": self.full_name,
            "email": self.email.is_some(),
            "role": self.role,
            "password": self.password_hash.is_some(),
            "is_active": self.is_active,
            "is_unlocked": self.is_unlocked,
            "successor": self.successor,
        })
    }
}

/// Changes a user. There is always an admin who can come in.
#[derive(Debug)]
pub struct UpdateUser {
    /// Who asks; nobody: the command line, whoever may run it.
    pub by: (WorkspaceId, Option<UserId>),
    /// Who is changed.
    pub id: UserId,
    /// What is to be different.
    pub change: UserChange,
}

impl Command for UpdateUser {
    type Answer = Member;

    fn subject(&self) -> Subject {
        everybody()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Member, LedgerError> {
        users::lock(tx.conn).await?;
        let (workspace, by) = self.by;
        if let Some(by) = by {
            permitted::require(tx, (workspace, by), Permission::UsersManage).await?;
        }
        let before =
            users::find(tx.conn, workspace, self.id).await?.ok_or_else(|| Refusal::not_found("user"))?;
        let is_elsewhere = is_elsewhere(tx, &before).await?;
        if is_elsewhere && by.is_some() && self.change.is_of_the_account(&before) {
            return Err(belongs_elsewhere().into());
        }
        let after = changed(&before, &self.change, tx.now);
        if let Some(by) = by {
            roles::require_over_holder(tx, (workspace, by), before.user.role).await?;
            if after.user.role != before.user.role {
                roles::require_over(tx, (workspace, by), Permission::UsersManage, after.user.role).await?;
            }
        }
        if rules(&before) && !rules(&after) && users::count_admins(tx.conn, workspace).await? <= 1 {
            return Err(Refusal::conflict(
                "last_admin",
                "This is the last admin. Make someone else an admin first.",
            )
            .into());
        }
        users::update(tx.conn, &after).await?;
        self.change_account(tx, &after, is_elsewhere).await?;
        let subject = format!("user:{}", self.id);
        audit::note(tx.conn, self.by, "user_changed", &subject, &self.change.audit_details(), tx.now).await?;
        if after.deactivated_at.is_some() {
            membership_offers::delete_by(tx.conn, self.id).await?;
            self.hand_over(tx).await?;
        }
        if self.change.is_unlocked || self.change.password_hash.is_some() {
            settings::set(tx.conn, workspace, &forgiven_name(self.id), &tx.now.0.into()).await?;
        }
        self.end(tx, &before, &after, is_elsewhere).await?;
        Ok(after)
    }
}

impl UpdateUser {
    /// What the change says of the account, beside the membership. Whether one may come in at all follows the
    /// membership where that is the only one.
    async fn change_account(
        &self,
        tx: &mut Tx<'_>,
        after: &Member,
        is_elsewhere: bool,
    ) -> Result<(), LedgerError> {
        let Some(before) = account::find(tx.conn, after.account_id).await? else { return Ok(()) };
        let mut account = before.clone();
        let change = &self.change;
        account.username = change.username.clone().unwrap_or(account.username);
        account.password_hash = change.password_hash.clone().unwrap_or(account.password_hash);
        if change.password_hash.is_some() && self.by.1.is_some() {
            // Whoever chose it could accept in their place.
            account.password_is_given = true;
            membership_offers::delete_of_account(tx.conn, account.id).await?;
        }
        if !is_elsewhere {
            account.full_name.clone_from(&after.user.full_name);
            account.email.clone_from(&after.user.email);
            account.deactivated_at = after.deactivated_at;
        }
        if account == before {
            return Ok(());
        }
        account::update(tx.conn, &account).await.map_err(username_taken)?;
        Ok(users::follow_account(tx.conn, &account).await?)
    }

    /// What ends with it: with a new password or the only membership all sign-ins, with a membership its
    /// tokens.
    async fn end(
        &self,
        tx: &mut Tx<'_>,
        before: &Member,
        after: &Member,
        is_elsewhere: bool,
    ) -> Result<(), LedgerError> {
        let (is_new, is_gone) = (self.change.password_hash.is_some(), after.deactivated_at.is_some());
        if is_new || (is_gone && !is_elsewhere) {
            login_sessions::delete_others(tx.conn, after.account_id, None).await?;
        }
        let ended = if is_new {
            users::all_of_account(tx.conn, after.account_id).await?
        } else if is_gone || before.user.role != after.user.role {
            vec![after.clone()]
        } else {
            Vec::new()
        };
        for member in ended {
            if is_new || is_gone {
                tokens::delete_all(tx.conn, member.user.id).await?;
            }
            tx.tell(Event::Revoked(Revoked { user_id: member.user.id, credential: None }));
        }
        Ok(())
    }

    /// Who asks, or the command line.
    async fn cause(&self, tx: &mut Tx<'_>) -> Result<Cause, LedgerError> {
        let (workspace, by) = self.by;
        let member = match by {
            Some(by) => users::find(tx.conn, workspace, by).await?,
            None => None,
        };
        Ok(member.map_or_else(Cause::system, |member| Cause::user(&member.user)))
    }

    /// Who is gone holds nothing: what is not closed goes to the successor.
    async fn hand_over(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let (workspace, _) = self.by;
        if let Some(to) = self.change.successor
            && (to == self.id || !users::stays(tx.conn, workspace, to).await?)
        {
            return Err(Refusal::invalid(
                "bad_successor",
                "successor_id is no colleague who can take the conversations.",
            )
            .into());
        }
        let cause = self.cause(tx).await?;
        let count = entries::hand_over(tx, (workspace, self.id), self.change.successor, &cause).await?;
        if count > 0 {
            log::info!("user {} handed over {count} conversations", self.id);
        }
        Ok(())
    }
}

/// Where it stands since when a user's wrong passwords count.
fn forgiven_name(user: UserId) -> String {
    format!("sign_in_forgiven:{user}")
}

/// Wrong passwords at an account's name that came before this moment count no more.
pub async fn forgiven(conn: &mut Conn, account: AccountId) -> Result<Option<Timestamp>, StoreError> {
    let mut newest = None;
    for Member { user, .. } in users::all_of_account(conn, account).await? {
        let at = settings::get(conn, user.workspace_id, &forgiven_name(user.id)).await?;
        newest = newest.max(at.and_then(|at| at.as_i64()).map(Timestamp));
    }
    Ok(newest)
}

/// Somebody signed in with a wrong password, or tried too often.
#[derive(Debug)]
pub struct NoteFailedSignIn {
    /// At whose name; none: nobody has it.
    pub account: Option<AccountId>,
    /// From where.
    pub address: String,
    /// Whether it was not even looked at.
    pub is_refused: bool,
    /// How many before it were too many to be noted.
    pub untold: u64,
}

impl Command for NoteFailedSignIn {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of("failed sign-ins")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let details = json!({"address": self.address, "refused": self.is_refused, "not_listed": self.untold});
        for (workspace, subject) in self.places(tx).await? {
            // Nobody waits for this entry, so it knows its address by itself.
            let noted = audit::note(tx.conn, (workspace, None), "sign_in_failed", &subject, &details, tx.now);
            audit::from(Some(self.address.as_str().into()), noted).await?;
        }
        Ok(())
    }
}

impl NoteFailedSignIn {
    /// Where it is noted: in every workspace they are a member of; a name that nobody has, in the first one.
    async fn places(&self, tx: &mut Tx<'_>) -> Result<Vec<(WorkspaceId, String)>, LedgerError> {
        let Some(account) = self.account else {
            let first = workspaces::first(tx.conn).await?;
            return Ok(first.map(|first| (first, "sign_in".to_owned())).into_iter().collect());
        };
        let mut all = users::all_of_account(tx.conn, account).await?;
        // Where they left nobody is told, unless they are nowhere any more.
        if all.iter().any(|member| member.deactivated_at.is_none()) {
            all.retain(|member| member.deactivated_at.is_none());
        }
        let place = |Member { user, .. }: Member| (user.workspace_id, format!("user:{}", user.id));
        Ok(all.into_iter().map(place).collect())
    }
}

fn changed(before: &Member, change: &UserChange, now: Timestamp) -> Member {
    let mut after = before.clone();
    let user = &mut after.user;
    user.username = change.username.clone().unwrap_or_else(|| user.username.clone());
    user.full_name = change.full_name.clone().unwrap_or_else(|| user.full_name.clone());
    user.email = change.email.clone().unwrap_or_else(|| user.email.clone());
    user.role = change.role.unwrap_or(user.role);
    after.deactivated_at = match change.is_active {
        Some(true) => None,
        Some(false) => before.deactivated_at.or(Some(now)),
        None => before.deactivated_at,
    };
    after
}

/// Whether somebody is a member of another workspace, too: then what they sign in with is theirs alone.
async fn is_elsewhere(tx: &mut Tx<'_>, member: &Member) -> Result<bool, LedgerError> {
    let all = users::all_of_account(tx.conn, member.account_id).await?;
    Ok(all.iter().any(|one| one.user.id != member.user.id && one.deactivated_at.is_none()))
}

/// The answer where an admin would change more than a membership of their own workspace.
pub fn belongs_elsewhere() -> Refusal {
    Refusal::new(
        RefusalKind::Forbidden,
        "account_elsewhere",
        "This person is a member of another workspace, too: their username, password and sign-ins are their \
         own affair. You can end their membership here, or offer it to them again.",
    )
}

/// Whether this is an admin who can come in.
fn rules(member: &Member) -> bool {
    member.user.role == Role::Admin && member.deactivated_at.is_none()
}

async fn workspace(tx: &mut Tx<'_>, name: Option<&str>) -> Result<WorkspaceId, LedgerError> {
    match workspaces::first(tx.conn).await? {
        Some(workspace) => Ok(workspace),
        None => Ok(users::create_workspace(tx.conn, name.unwrap_or(UNNAMED), tx.now).await?),
    }
}

async fn create(tx: &mut Tx<'_>, workspace: WorkspaceId, user: &NewUser) -> Result<User, LedgerError> {
    users::create(tx.conn, workspace, user, tx.now).await.map_err(username_taken)
}

fn username_taken(error: StoreError) -> LedgerError {
    match error {
        StoreError::Taken(_) => Refusal::conflict("username_taken", "This username is already taken.").into(),
        error => error.into(),
    }
}

/// Replaces one's own password: every other sign-in and every token of theirs ends, unless they want them
/// kept.
#[derive(Debug)]
pub struct ChangePassword {
    /// Whose password it is.
    pub user: (WorkspaceId, UserId),
    /// The hash that the old password was checked against.
    pub verified: String,
    /// The new one.
    pub password_hash: String,
    /// The sign-in that asks, which goes on.
    pub kept: Option<LoginSessionId>,
    /// Whether the others end.
    pub end_sessions: bool,
}

impl Command for ChangePassword {
    type Answer = ();

    fn subject(&self) -> Subject {
        everybody()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        users::lock(tx.conn).await?;
        let (workspace, id) = self.user;
        let mut account = account::of_user(tx.conn, id).await?.ok_or_else(|| Refusal::not_found("user"))?;
        if account.password_hash != self.verified || account.deactivated_at.is_some() {
            return Err(Refusal::conflict("password_changed", "The password was changed elsewhere.").into());
        }
        account.password_hash.clone_from(&self.password_hash);
        account.password_is_given = false;
        account::update(tx.conn, &account).await?;
        users::follow_account(tx.conn, &account).await?;
        let told = json!({"end_sessions": self.end_sessions});
        audit::note(tx.conn, (workspace, Some(id)), "password_changed", &format!("user:{id}"), &told, tx.now)
            .await?;
        if self.end_sessions {
            self.end_others(tx, account.id).await?;
        }
        Ok(())
    }
}

impl ChangePassword {
    async fn end_others(&self, tx: &mut Tx<'_>, account: AccountId) -> Result<(), LedgerError> {
        for id in login_sessions::delete_others(tx.conn, account, self.kept).await? {
            let credential = Some(Credential::Login(id));
            tx.tell(Event::Revoked(Revoked { user_id: self.user.1, credential }));
        }
        for member in users::all_of_account(tx.conn, account).await? {
            for id in tokens::delete_all(tx.conn, member.user.id).await? {
                let credential = Some(Credential::Token(id));
                tx.tell(Event::Revoked(Revoked { user_id: member.user.id, credential }));
            }
        }
        Ok(())
    }
}

/// Begins a sign-in of a browser, for all that the account is a member of.
#[derive(Debug)]
pub struct SignIn {
    /// Who signs in, by one of their memberships.
    pub user: (WorkspaceId, UserId),
    /// The hash that the password was checked against: if it is another by now, the check is void.
    pub verified: String,
    /// The new session's token.
    pub token_hash: TokenHash,
    /// What the browser says it is.
    pub device: Option<String>,
}

impl Command for SignIn {
    type Answer = LoginSessionId;

    fn subject(&self) -> Subject {
        one(self.user.1)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<LoginSessionId, LedgerError> {
        // Or a password could change between this look and this transaction's end.
        users::lock(tx.conn).await?;
        let (_, id) = self.user;
        let account = account::of_user(tx.conn, id)
            .await?
            .filter(|account| account.deactivated_at.is_none() && account.password_hash == self.verified);
        let Some(Account { id: account, .. }) = account else { return Err(wrong_credentials().into()) };
        let seats = memberships::seats(tx.conn, account).await?;
        if seats.is_empty() {
            return Err(wrong_credentials().into());
        }
        login_sessions::delete_ended(tx.conn, account, tx.now, tx.now.minus(LOGIN_IDLE)).await?;
        let until = tx.now.plus(LOGIN_LASTS);
        let (device, address) = (self.device.as_deref(), audit::asked_from());
        let new = login_sessions::NewSession {
            token_hash: &self.token_hash.0,
            device,
            address: address.as_deref(),
        };
        let session = login_sessions::create(tx.conn, id, new, tx.now, until).await?;
        let details = json!({"session": session});
        for memberships::Seat { user, .. } in seats {
            let (by, subject) = ((user.workspace_id, Some(user.id)), format!("user:{}", user.id));
            audit::note(tx.conn, by, "signed_in", &subject, &details, tx.now).await?;
        }
        Ok(session)
    }
}

/// The one answer to every wrong sign-in: it does not tell whether the user exists.
pub fn wrong_credentials() -> Refusal {
    Refusal::new(RefusalKind::Unauthenticated, "wrong_credentials", "Incorrect username or password.")
}

/// Ends one sign-in or takes one token away; says whether it was there.
#[derive(Debug)]
pub struct EndCredential {
    /// Who asks.
    pub by: (WorkspaceId, UserId),
    /// Whose; another's takes a permission.
    pub user: UserId,
    /// The sign-in or token that ends.
    pub credential: Credential,
}

impl Command for EndCredential {
    type Answer = bool;

    fn subject(&self) -> Subject {
        one(self.user)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let (workspace, by) = self.by;
        let is_login = matches!(self.credential, Credential::Login(_));
        if by != self.user {
            permitted::require(tx, (workspace, by), Permission::TokensManage).await?;
            let member = users::find(tx.conn, workspace, self.user)
                .await?
                .ok_or_else(|| Refusal::not_found("user"))?;
            if is_login && is_elsewhere(tx, &member).await? {
                return Err(belongs_elsewhere().into());
            }
            roles::require_over(tx, (workspace, by), Permission::TokensManage, member.user.role).await?;
        }
        let (was_there, action, subject) = match self.credential {
            Credential::Login(id) => {
                let Some(Account { id: account, .. }) = account::of_user(tx.conn, self.user).await? else {
                    return Ok(false);
                };
                let was_there = login_sessions::delete(tx.conn, account, id).await?;
                (was_there, "session_ended", format!("session:{id}"))
            }
            Credential::Token(id) => {
                (tokens::delete(tx.conn, self.user, id).await?, "token_deleted", format!("token:{id}"))
            }
        };
        if was_there {
            let details = json!({"of_user": self.user});
            audit::note(tx.conn, (workspace, Some(by)), action, &subject, &details, tx.now).await?;
            tx.tell(Event::Revoked(Revoked { user_id: self.user, credential: Some(self.credential) }));
        }
        Ok(was_there)
    }
}

/// Notes that a sign-in or a token was used.
#[derive(Debug)]
pub struct NoteUse {
    /// Whose sign-in or token was used.
    pub account: AccountId,
    /// The one that was used.
    pub credential: Credential,
}

impl Command for NoteUse {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("account", self.account))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        match self.credential {
            Credential::Login(id) => login_sessions::touch(tx.conn, id, tx.now).await?,
            Credential::Token(id) => tokens::touch(tx.conn, id, tx.now).await?,
        }
        Ok(())
    }
}

/// Makes a bearer token.
#[derive(Debug)]
pub struct CreateToken {
    /// Whose token it is to be.
    pub user: (WorkspaceId, UserId),
    /// What its owner calls it.
    pub name: String,
    /// The new token's hash.
    pub token_hash: TokenHash,
    /// From when on it is no good.
    pub expires_at: Option<Timestamp>,
}

/// Tokens of one user at most.
const TOKENS: i64 = 1_000;

impl Command for CreateToken {
    type Answer = Token;

    fn subject(&self) -> Subject {
        one(self.user.1)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Token, LedgerError> {
        users::lock(tx.conn).await?;
        let (workspace, id) = self.user;
        let member = users::find(tx.conn, workspace, id).await?;
        if member.is_none_or(|member| member.deactivated_at.is_some()) {
            return Err(Refusal::not_found("user").into());
        }
        if tokens::of_user(tx.conn, id, 0, TOKENS).await?.len()
            >= usize::try_from(TOKENS).unwrap_or(usize::MAX)
        {
            return Err(Refusal::conflict(
                "too_many_tokens",
                "You have reached the limit of 1,000 tokens. Delete one first.",
            )
            .into());
        }
        if self.expires_at.is_some_and(|end| end <= tx.now) {
            return Err(Refusal::invalid("bad_expires_at", "expires_at is a moment to come.").into());
        }
        let new = (self.name.as_str(), &self.token_hash.0[..]);
        let token = tokens::create(tx.conn, id, new.0, new.1, self.expires_at, tx.now).await?;
        let subject = format!("token:{}", token.id);
        let details = json!({"name": self.name, "expires_at": self.expires_at});
        audit::note(tx.conn, (workspace, Some(id)), "token_created", &subject, &details, tx.now).await?;
        Ok(token)
    }
}
