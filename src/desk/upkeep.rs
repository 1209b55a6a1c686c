//! What whoever runs the server causes: a new epoch after a restore, a new key for what is sealed. Never anything
//! an agent or an admin can ask for.

use crate::auth::{Vault, open_credentials, seal_credentials};
use crate::chat::{Command, LedgerError, Subject, Tx};
use crate::domain::Refusal;
use crate::store::{channels, epochs};

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

/// Seals every channel's credentials with another key: all of them or none.
pub struct Rekey {
    /// The key they are sealed with.
    pub old: Vault,
    /// The key they are to be sealed with.
    pub new: Vault,
}

impl Command for Rekey {
    /// How many.
    type Answer = usize;

    fn subject(&self) -> Subject {
        Subject::of("rekey")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<usize, LedgerError> {
        let mut count = 0;
        for mut channel in channels::all(tx.conn).await? {
            let wrong = || {
                let what = format!("The credentials of channel {} do not open with the old key.", channel.id);
                Refusal::invalid("wrong_key", what)
            };
            let credentials = open_credentials(&self.old, &channel.sealed).map_err(|_| wrong())?;
            channel.sealed = seal_credentials(&self.new, &credentials);
            channels::update(tx.conn, &channel).await?;
            count += 1;
        }
        Ok(count)
    }
}
