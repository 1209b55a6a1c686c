//! Who is asking: from a token to a user, remembered for a moment. Never later than five seconds
//! behind the rows: a sign-in that ended elsewhere ends here too.

use super::token::TokenHash;
use crate::domain::{Credential, Identity, Timestamp};
use crate::store::accounts::users::Account;
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
    known: Cache<(u64, Shown, TokenHash), Arc<Identity>>,
    revocations: Arc<AtomicU64>,
}

/// What was shown: a browser's token is no good as a bearer token, nor the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shown {
    Cookie,
    Bearer,
}

/// An answer, and whether its last use should be noted.
#[derive(Debug, Clone)]
pub struct Found {
    /// Who it is: one for all that asks by this token.
    pub identity: Arc<Identity>,
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
            let session =
                self.db.read(async move |conn| login_sessions::by_hash(conn, &hash.0).await).await?;
            Ok(session.filter(|session| is_open(session, now)).map(|session| Found {
                is_unnoted: session.seen_at.plus(SEEN_EXACT) < now,
                identity: Arc::new(Identity {
                    user: session.account.user,
                    credential: Credential::Login(session.id),
                }),
            }))
        })
        .await
    }

    /// Whose bearer token this is.
    pub async fn by_bearer(&self, token: &str, now: Timestamp) -> Result<Option<Found>, StoreError> {
        let hash = TokenHash::of(token);
        self.remembered(Shown::Bearer, hash, async {
            let found = self.db.read(async move |conn| tokens::by_hash(conn, &hash.0).await).await?;
            let is_good =
                |(token, account): &(tokens::Token, _)| account_is_active(account) && token.is_open(now);
            Ok(found.filter(is_good).map(|(token, account)| Found {
                is_unnoted: token.seen_at.is_none_or(|seen| seen.plus(SEEN_EXACT) < now),
                identity: Arc::new(Identity { user: account.user, credential: Credential::Token(token.id) }),
            }))
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
        if let Some(identity) = self.known.get(&key) {
            return Ok(Some(Found { identity, is_unnoted: false }));
        }
        let found = ask.await?;
        if let Some(found) = &found {
            self.known.insert(key, found.identity.clone());
        }
        Ok(found)
    }
}

fn account_is_active(account: &Account) -> bool {
    account.deactivated_at.is_none()
}

fn is_open(session: &login_sessions::LoginSession, now: Timestamp) -> bool {
    account_is_active(&session.account) && now < session.expires_at && now < session.seen_at.plus(LOGIN_IDLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Role, Sight, TokenId, User, UserId, WorkspaceId};

    fn somebody() -> Found {
        let user = User {
            id: UserId(1),
            workspace_id: WorkspaceId(1),
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
        let identity = Identity { user, credential: Credential::Token(TokenId(1)) };
        Found { identity: identity.into(), is_unnoted: false }
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
