//! Whether those who sit at a hub still may: word of an ended sign-in comes as a hint, which may be lost, and
//! of one that reaches its end by itself nobody tells. So the rows are asked now and then. Never who may do
//! what.

use crate::domain::{Credential, Identity, Permissions, Role, Timestamp};
use crate::store::accounts::{login_sessions, tokens};
use crate::store::{Db, StoreError};
use std::collections::HashSet;
use std::time::Duration;

/// How often: nobody sits five seconds longer than they may.
pub(crate) const EVERY: Duration = Duration::from_secs(3);

/// By what somebody signed in, and what they could do then.
pub(crate) type Standing = (Credential, Role, Permissions);

/// How somebody who sits here signed in.
pub(crate) fn standing(identity: &Identity) -> Standing {
    (identity.credential, identity.user.role, identity.user.permissions)
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
    for (id, role, permissions) in logins {
        signed_in.remove(&(Credential::Login(id), role, permissions));
    }
    for (id, role, permissions) in bearers {
        signed_in.remove(&(Credential::Token(id), role, permissions));
    }
    Ok(signed_in)
}
