//! Who is asking: from a token to an account and where it is a member, remembered for a moment. Never later
//! than five seconds behind the rows: a sign-in that ended elsewhere ends here too.

use super::token::TokenHash;
use crate::domain::{AccountId, Credential, Identity, Timestamp, WorkspaceId};
use crate::store::accounts::memberships::{self, Seat};
use crate::store::accounts::{login_sessions, tokens};
use crate::store::{Db, StoreError};
use moka::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long an answer is trusted: what other processes revoke takes that long.
const TRUSTED: Duration = Duration::from_secs(4);
/// How long a sign-in lasts, used or not.
pub const LOGIN_LASTS: Duration = Duration::from_hours(30 * 24);
/// How long it lasts unused.
pub const LOGIN_IDLE: Duration = Duration::from_hours(7 * 24);
/// How exactly its last use is known: writing it at every request would be a commit a request.
const SEEN_EXACT: Duration = Duration::from_mins(10);

/// Answers who is asking; cloned freely.
#[derive(Clone)]
pub struct Authenticator {
    db: Db,
    /// By how many revocations there had been when it was read: an answer from before one is nobody's after
    /// it.
    known: Cache<(u64, Shown, TokenHash), Arc<SignedIn>>,
    revocations: Arc<AtomicU64>,
}

/// What was shown: a browser's token is no good as a bearer token, nor the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shown {
    Cookie,
    Bearer,
}

/// Who signed in, and where they may work.
#[derive(Debug)]
pub struct SignedIn {
    /// The account.
    pub account_id: AccountId,
    /// By what they proved it.
    pub credential: Credential,
    /// One for each workspace, in the order of the workspaces; at least one. A token has exactly one.
    pub seats: Vec<Arc<Identity>>,
}

/// Why one is nobody at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSeat {
    /// It names no workspace, and they are a member of several.
    Unsaid,
    /// They are no member of the workspace that it names, or there is none.
    NotTheirs,
}

impl SignedIn {
    /// The one workspace of a token, which speaks for nobody elsewhere.
    pub fn bound_to(&self) -> Option<WorkspaceId> {
        match self.credential {
            Credential::Login(_) => None,
            Credential::Token(_) => self.seats.first().map(|seat| seat.workspace.id),
        }
    }

    fn new(account_id: AccountId, credential: Credential, seats: Vec<Seat>) -> Option<Self> {
        let identity =
            |Seat { user, workspace }| Arc::new(Identity { account_id, user, workspace, credential });
        let seats: Vec<_> = seats.into_iter().map(identity).collect();
        (!seats.is_empty()).then_some(Self { account_id, credential, seats })
    }

    /// Who they are in the workspace of this name; without one, in their only workspace.
    pub fn at(&self, slug: Option<&str>) -> Result<&Arc<Identity>, NoSeat> {
        match (slug, self.seats.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => Err(NoSeat::Unsaid),
            (Some(slug), seats) => {
                seats.iter().find(|seat| seat.workspace.slug == slug).ok_or(NoSeat::NotTheirs)
            }
        }
    }
}

/// An answer, and whether its last use should be noted.
#[derive(Debug, Clone)]
pub struct Found {
    /// Who it is: one for all that asks by this token.
    pub signed_in: Arc<SignedIn>,
    /// The rows do not know of a use for some time: note it.
    pub is_unnoted: bool,
}

impl Authenticator {
    /// Asks `db`.
    pub fn new(db: Db) -> Self {
        let known = Cache::builder().max_capacity(20_000).time_to_live(TRUSTED).build();
        Self { db, known, revocations: Arc::default() }
    }

    /// Whose cookie this is.
    pub async fn by_cookie(&self, token: &str, now: Timestamp) -> Result<Option<Found>, StoreError> {
        let hash = TokenHash::of(token);
        self.remembered(Shown::Cookie, hash, async {
            let found = self.db.read(async move |conn| {
                let session = login_sessions::by_hash(conn, &hash.0).await?;
                let Some(session) = session.filter(|session| is_open(session, now)) else { return Ok(None) };
                let seats = memberships::seats(conn, session.account.id).await?;
                Ok(Some((session, seats)))
            });
            let Some((session, seats)) = found.await? else { return Ok(None) };
            let is_unnoted = session.seen_at.plus(SEEN_EXACT) < now;
            let signed_in = SignedIn::new(session.account.id, Credential::Login(session.id), seats);
            Ok(signed_in.map(|signed_in| Found { signed_in: signed_in.into(), is_unnoted }))
        })
        .await
    }

    /// Whose bearer token this is.
    pub async fn by_bearer(&self, token: &str, now: Timestamp) -> Result<Option<Found>, StoreError> {
        let hash = TokenHash::of(token);
        self.remembered(Shown::Bearer, hash, async {
            let found = self.db.read(async move |conn| tokens::by_hash(conn, &hash.0).await).await?;
            let Some((token, account, seat)) = found.filter(|(token, ..)| token.is_open(now)) else {
                return Ok(None);
            };
            let is_unnoted = token.seen_at.is_none_or(|seen| seen.plus(SEEN_EXACT) < now);
            let signed_in = SignedIn::new(account, Credential::Token(token.id), vec![seat]);
            Ok(signed_in.map(|signed_in| Found { signed_in: signed_in.into(), is_unnoted }))
        })
        .await
    }

    /// Forgets every answer: somebody's rights ended or changed. Rare, and one look-up each.
    pub fn forget(&self) {
        self.revocations.fetch_add(1, Ordering::SeqCst);
        self.known.invalidate_all();
    }

    async fn remembered(
        &self,
        shown: Shown,
        hash: TokenHash,
        ask: impl Future<Output = Result<Option<Found>, StoreError>>,
    ) -> Result<Option<Found>, StoreError> {
        let key = (self.revocations.load(Ordering::SeqCst), shown, hash);
        if let Some(signed_in) = self.known.get(&key) {
            return Ok(Some(Found { signed_in, is_unnoted: false }));
        }
        let found = ask.await?;
        if let Some(found) = &found {
            self.known.insert(key, found.signed_in.clone());
        }
        Ok(found)
    }
}

fn is_open(session: &login_sessions::LoginSession, now: Timestamp) -> bool {
    session.account.deactivated_at.is_none()
        && now < session.expires_at
        && now < session.seen_at.plus(LOGIN_IDLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Role, Sight, TokenId, User, UserId, Workspace, WorkspaceId};

    fn seat(id: i64, slug: &str) -> Seat {
        let user = User {
            id: UserId(id),
            workspace_id: WorkspaceId(id),
            username: "ana".into(),
            full_name: "Ana".into(),
            email: None,
            role: Role::Agent,
            permissions: Role::Agent.given(),
            team_ids: Vec::new(),
            sight: Sight::Everything,
            avatar_url: None,
            created_at: Timestamp(0),
        };
        Seat { user, workspace: Workspace { id: WorkspaceId(id), slug: slug.into(), name: slug.into() } }
    }

    fn member_of(slugs: &[&str]) -> SignedIn {
        let seats = (1..).zip(slugs).map(|(id, slug)| seat(id, slug)).collect();
        SignedIn::new(AccountId(7), Credential::Token(TokenId(1)), seats).expect("is a member")
    }

    fn somebody() -> Found {
        Found { signed_in: member_of(&["main"]).into(), is_unnoted: false }
    }

    #[test]
    fn an_address_says_where_one_is_and_may_leave_it_out_for_one_workspace() {
        let at = |who: &SignedIn, slug| who.at(slug).map(|seat| seat.user.id.0);
        let (one, two) = (member_of(&["main"]), member_of(&["main", "pier"]));
        assert_eq!((at(&one, None), at(&one, Some("main"))), (Ok(1), Ok(1)));
        assert_eq!(at(&one, Some("pier")), Err(NoSeat::NotTheirs));
        assert_eq!((at(&two, None), at(&two, Some("pier"))), (Err(NoSeat::Unsaid), Ok(2)));
        let nowhere = SignedIn::new(AccountId(7), Credential::Token(TokenId(1)), Vec::new());
        assert!(nowhere.is_none(), "who is a member of nothing is nobody");
    }

    #[tokio::test]
    async fn an_answer_read_before_a_revocation_is_nobodys_after_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("rapport.db").display());
        let asked = Authenticator::new(Db::open(&url).await.expect("opens"));
        let hash = TokenHash::of("a token");
        let revoked_meanwhile = async {
            asked.forget();
            Ok(Some(somebody()))
        };
        let before = asked.remembered(Shown::Bearer, hash, revoked_meanwhile).await.expect("read");
        assert!(before.is_some(), "who asked before it may hear of before");
        let after = asked.remembered(Shown::Bearer, hash, async { Ok(None) }).await.expect("read");
        assert!(after.is_none(), "who asks after it does not");
        let _ = asked.remembered(Shown::Bearer, hash, async { Ok(Some(somebody())) }).await.expect("read");
        let known = asked.remembered(Shown::Bearer, hash, async { unreachable!("it is remembered") }).await;
        assert!(known.expect("remembered").is_some());
    }
}
