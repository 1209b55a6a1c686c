//! What workers hold for a while, given back because their process has ended. Never what another process may
//! hold: whoever asks knows that it is the only one, and that it has just begun.

use crate::domain::Timestamp;
use crate::on;
use crate::store::{Conn, StoreError};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

/// Whose work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Held {
    /// Calls to programs outside.
    Hooks,
    /// Answers of models.
    Turns,
    /// Recordings that are heard.
    Recordings,
    /// Steps of flows.
    Runs,
    /// What is asked of channels' platforms.
    Checks,
}

impl Held {
    fn sql(self) -> &'static str {
        match self {
            Self::Hooks => {
                "UPDATE hook_deliveries SET state = 'waiting', due_at = $1 WHERE state = 'running' AND \
                    due_at > $1"
            }
            Self::Turns => {
                "UPDATE ai_turns SET state = 'waiting', due_at = $1 WHERE state = 'running' AND due_at > $1"
            }
            Self::Recordings => {
                "UPDATE transcripts SET state = 'waiting', due_at = $1 WHERE state = 'running' AND due_at > \
                    $1"
            }
            Self::Runs => "UPDATE flow_runs SET lease_until = NULL WHERE lease_until > $1",
            Self::Checks => "UPDATE channel_checks SET lease_until = NULL WHERE lease_until > $1",
        }
    }
}

/// Gives it back; how many there were.
pub async fn give_back(conn: &mut Conn, held: Held, now: Timestamp) -> Result<usize, StoreError> {
    Ok(on!(conn, db => diesel::sql_query(held.sql()).bind::<BigInt, _>(now).execute(db).await)?)
}
