//! Who is asking: from a token to a user, remembered for a moment. Never later than five seconds
//! behind the rows: a sign-in that ended elsewhere ends here too.

use super::token::TokenHash;
use crate::domain::{Credential, Identity, Timestamp};
use crate::store::{Db, StoreError, login_sessions, tokens};
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
    known: Cache<(Shown, TokenHash), Identity>,
    /// Counts revocations, so that an answer read before one is not remembered after it.
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
    /// Who it is.
    pub identity: Identity,
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
        self.remembered((Shown::Cookie, hash), async {
            let session =
                self.db.read(async move |conn| login_sessions::by_hash(conn, &hash.0).await).await?;
            Ok(session.filter(|session| is_open(session, now)).map(|session| Found {
                is_unnoted: session.seen_at.plus(SEEN_EXACT) < now,
                identity: Identity { user: session.account.user, credential: Credential::Login(session.id) },
            }))
        })
        .await
    }

    /// Whose bearer token this is.
    pub async fn by_bearer(&self, token: &str, now: Timestamp) -> Result<Option<Found>, StoreError> {
        let hash = TokenHash::of(token);
        self.remembered((Shown::Bearer, hash), async {
            let found = self.db.read(async move |conn| tokens::by_hash(conn, &hash.0).await).await?;
            Ok(found.filter(|(_, account)| account.deactivated_at.is_none()).map(|(token, account)| Found {
                is_unnoted: token.seen_at.is_none_or(|seen| seen.plus(SEEN_EXACT) < now),
                identity: Identity { user: account.user, credential: Credential::Token(token.id) },
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
        key: (Shown, TokenHash),
        ask: impl Future<Output = Result<Option<Found>, StoreError>>,
    ) -> Result<Option<Found>, StoreError> {
        if let Some(identity) = self.known.get(&key) {
            return Ok(Some(Found { identity, is_unnoted: false }));
        }
        let before = self.revocations.load(Ordering::SeqCst);
        let found = ask.await?;
        if let Some(found) = &found {
            self.known.insert(key, found.identity.clone());
            if self.revocations.load(Ordering::SeqCst) != before {
                self.known.invalidate(&key);
            }
        }
        Ok(found)
    }
}

fn is_open(session: &login_sessions::LoginSession, now: Timestamp) -> bool {
    session.account.deactivated_at.is_none()
        && now < session.expires_at
        && now < session.seen_at.plus(LOGIN_IDLE)
}
