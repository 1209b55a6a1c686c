//! What whoever runs the server causes: a new epoch after a restore, a new key for what is sealed. Never anything
//! an agent or an admin can ask for.

use crate::auth::{Purpose, Vault};
use crate::chat::{Command, LedgerError, Subject, Tx};
use crate::domain::Refusal;
use crate::store::epochs;
use crate::store::sealed::{self, Place};

/// Begins an epoch: always after a restore, else only if there is none yet. Answers with the one there is then.
#[derive(Debug, Clone)]
pub struct BeginEpoch {
    /// What it is called: random, never used before.
    pub name: String,
    /// Only if there is none.
    pub only_first: bool,
}

impl Command for BeginEpoch {
    type Answer = String;

    fn subject(&self) -> Subject {
        Subject::of("epoch")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<String, LedgerError> {
        if let Some(current) = epochs::current(tx.conn).await?.filter(|_| self.only_first) {
            return Ok(current);
        }
        epochs::begin(tx.conn, &self.name, tx.now).await?;
        Ok(self.name.clone())
    }
}

/// Seals everything that is sealed with another key: all of it or none.
pub struct Rekey {
    /// The key it is sealed with.
    pub old: Vault,
    /// The key it is to be sealed with.
    pub new: Vault,
}

impl Command for Rekey {
    /// How many secrets.
    type Answer = usize;

    fn subject(&self) -> Subject {
        Subject::of("rekey")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<usize, LedgerError> {
        let mut count = 0;
        for purpose in Purpose::ALL {
            let place = place_of(purpose);
            for (id, held) in sealed::all(tx.conn, place).await? {
                let plain = self.old.open(purpose, &held).map_err(|_| wrong_key(place, id))?;
                sealed::put(tx.conn, place, id, &self.new.seal(purpose, &plain)).await?;
                count += 1;
            }
        }
        Ok(count)
    }
}

fn place_of(purpose: Purpose) -> Place {
    match purpose {
        Purpose::ChannelCredentials => Place::ChannelCredentials,
        Purpose::HookSecret => Place::HookSecret,
        Purpose::FlowHook => Place::FlowHook,
    }
}

fn wrong_key(place: Place, id: i64) -> Refusal {
    let what = match place {
        Place::ChannelCredentials => "The credentials of channel",
        Place::HookSecret => "The secret of webhook",
        Place::FlowHook => "The address of flow",
    };
    Refusal::invalid("wrong_key", format!("{what} {id} cannot be opened with the old key."))
}
