//! Whether this process is the only one that delivers from a database. On PostgreSQL each such
//! process keeps a session of its own with a shared advisory lock for as long as it lives; who gets
//! the lock for itself alone knows that no other one is there. The embedded database is always ours.
//! Never a row.

use super::error::StoreError;
use super::{Db, tls};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;

/// Any number, the same in every process, and no other lock of ours (migrations, first admin).
const WORKERS: i64 = 7_061_690;
/// A killed process keeps its session until the server notices: that takes a moment.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// A place among the processes that deliver; given up when dropped.
pub struct DeliveryLock {
    session: Option<AsyncPgConnection>,
    is_alone: bool,
}

#[derive(diesel::QueryableByName)]
struct Locked {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    is_ours: bool,
}

impl DeliveryLock {
    /// Takes a place. Whoever is alone must call [`DeliveryLock::make_room`] before others can deliver, too.
    pub async fn take(db: &Db) -> Result<Self, StoreError> {
        let Db::Postgres { url, .. } = db else { return Ok(Self { session: None, is_alone: true }) };
        let mut session =
            tls::establish(url).await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        for _ in 0..TRIES {
            if exclusive(&mut session).await? {
                return Ok(Self { session: Some(session), is_alone: true });
            }
            tokio::time::sleep(PAUSE).await;
        }
        let mut lock = Self { session: Some(session), is_alone: false };
        lock.share().await?;
        Ok(lock)
    }

    /// Whether no other process delivered when this one sat down.
    pub fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Lets others deliver, too.
    pub async fn make_room(&mut self) -> Result<(), StoreError> {
        if !self.is_alone {
            return Ok(());
        }
        self.share().await?;
        if let Some(session) = &mut self.session {
            diesel::sql_query(format!("SELECT pg_advisory_unlock({WORKERS}) AS is_ours"))
                .get_result::<Locked>(session)
                .await?;
        }
        Ok(())
    }

    async fn share(&mut self) -> Result<(), StoreError> {
        if let Some(session) = &mut self.session {
            diesel::sql_query(format!("SELECT pg_advisory_lock_shared({WORKERS})")).execute(session).await?;
        }
        Ok(())
    }
}

async fn exclusive(session: &mut AsyncPgConnection) -> Result<bool, StoreError> {
    let locked: Locked = diesel::sql_query(format!("SELECT pg_try_advisory_lock({WORKERS}) AS is_ours"))
        .get_result(session)
        .await?;
    Ok(locked.is_ours)
}
