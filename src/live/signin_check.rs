//! Whether those who sit at a hub still may: word of an ended sign-in comes as a hint, which may be lost, and
//! of one that reaches its end by itself nobody tells. So the rows are asked now and then. Never who may do
//! what.

use crate::domain::{Credential, Identity, Timestamp};
use crate::store::accounts::users::Rights;
use crate::store::accounts::{login_sessions, tokens};
use crate::store::{Db, StoreError};
use std::collections::HashSet;
use std::time::Duration;

/// How often: nobody sits five seconds longer than they may.
pub(crate) const EVERY: Duration = Duration::from_secs(3);

/// By what somebody signed in, and what they could do and see then.
pub(crate) type Standing = (Credential, Rights);

/// How somebody who sits here signed in.
pub(crate) fn standing(identity: &Identity) -> Standing {
    (identity.credential, Rights::from(&identity.user))
}

/// Which of these have ended by now, as the rows say.
pub(crate) async fn read_ended(
    db: &Db,
    mut signed_in: HashSet<Standing>,
) -> Result<HashSet<Standing>, StoreError> {
    let (mut logins, mut bearers) = (Vec::new(), Vec::new());
    for (credential, ..) in &signed_in {
        match credential {
            Credential::Login(id) => logins.push(*id),
            Credential::Token(id) => bearers.push(*id),
        }
    }
    let now = Timestamp::now();
    let (logins, bearers) = db
        .read(async move |conn| {
            Ok((
                login_sessions::standing(conn, &logins, now).await?,
                tokens::standing(conn, &bearers, now).await?,
            ))
        })
        .await?;
    for (id, rights) in logins {
        signed_in.remove(&(Credential::Login(id), rights));
    }
    for (id, rights) in bearers {
        signed_in.remove(&(Credential::Token(id), rights));
    }
    Ok(signed_in)
}
