//! Whether those who sit at a hub still may: word of an ended sign-in comes as a hint, which may be lost, and
//! of one that reaches its end by itself nobody tells. So the rows are asked now and then. Never who may do
//! what.

use crate::domain::{Credential, Identity, Timestamp, UserId};
use crate::store::accounts::users::Rights;
use crate::store::accounts::{login_sessions, memberships, tokens};
use crate::store::{Db, StoreError};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// How often: nobody sits five seconds longer than they may.
pub(crate) const EVERY: Duration = Duration::from_secs(3);

/// By what somebody signed in, as which member of a workspace, and what they could do and see then.
pub(crate) type Standing = (Credential, UserId, Rights);

/// How somebody who sits here signed in.
pub(crate) fn standing(identity: &Identity) -> Standing {
    (identity.credential, identity.user.id, Rights::from(&identity.user))
}

/// Which of these have ended by now, as the rows say: the sign-in, the membership, or what it allows.
pub(crate) async fn read_ended(
    db: &Db,
    mut signed_in: HashSet<Standing>,
) -> Result<HashSet<Standing>, StoreError> {
    let (mut logins, mut bearers, mut users) = (Vec::new(), Vec::new(), Vec::new());
    for (credential, user, ..) in &signed_in {
        match credential {
            Credential::Login(id) => logins.push(*id),
            Credential::Token(id) => bearers.push(*id),
        }
        users.push(*user);
    }
    let now = Timestamp::now();
    let (logins, bearers, users) = db
        .read(async move |conn| {
            Ok((
                login_sessions::standing(conn, &logins, now).await?,
                tokens::standing(conn, &bearers, now).await?,
                memberships::standing(conn, &users).await?,
            ))
        })
        .await?;
    let (logins, bearers): (HashMap<_, _>, HashMap<_, _>) =
        (logins.into_iter().collect(), bearers.into_iter().collect());
    let members: HashMap<_, _> =
        users.into_iter().map(|(user, account, rights)| (user, (account, rights))).collect();
    signed_in.retain(|(credential, user, rights)| {
        let Some((account, rights_now)) = members.get(user) else { return true };
        let is_proved = match credential {
            Credential::Login(id) => logins.get(id) == Some(account),
            Credential::Token(id) => bearers.get(id) == Some(user),
        };
        !is_proved || rights_now != rights
    });
    Ok(signed_in)
}
