//! Whether those who sit at a hub still may: word of an ended sign-in comes as a hint, and a hint may be lost. Where
//! others write too the rows are asked now and then. Never who may do what.

use super::hub::Hub;
use crate::domain::{Credential, Role, Timestamp};
use crate::store::accounts::{login_sessions, tokens};
use crate::store::{Db, StoreError};
use actix::prelude::*;
use std::collections::HashSet;
use std::time::Duration;

/// How often: nobody sits five seconds longer than they may.
pub(crate) const LOOK: Duration = Duration::from_secs(3);

/// By what somebody signed in, and what they could do then.
type Standing = (Credential, Role);

/// Asks the rows, and lets go whose sign-in ended or who may do something else by now: they come back as who they are.
pub(crate) fn look(hub: &Hub, db: &Db, ctx: &mut Context<Hub>) {
    let signed_in: HashSet<Standing> =
        hub.identities().map(|identity| (identity.credential, identity.user.role)).collect();
    if signed_in.is_empty() {
        return;
    }
    let db = db.clone();
    let read = async move { read_ended(&db, signed_in).await };
    ctx.spawn(read.into_actor(hub).map(|ended, hub, _| match ended {
        Ok(ended) if ended.is_empty() => {}
        Ok(ended) => hub.sign_out(|identity| ended.contains(&(identity.credential, identity.user.role))),
        Err(error) => log::warn!("whose sign-in ended elsewhere cannot be seen yet: {error}"),
    }));
}

async fn read_ended(db: &Db, mut signed_in: HashSet<Standing>) -> Result<HashSet<Standing>, StoreError> {
    let (mut logins, mut bearers) = (Vec::new(), Vec::new());
    for (credential, _) in &signed_in {
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
    for (id, role) in logins {
        signed_in.remove(&(Credential::Login(id), role));
    }
    for (id, role) in bearers {
        signed_in.remove(&(Credential::Token(id), role));
    }
    Ok(signed_in)
}
