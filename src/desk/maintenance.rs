//! What whoever runs the server causes: a new epoch after a restore, a new key for what is sealed. Never
//! anything an agent or an admin can ask for.

use crate::auth::{Purpose, Vault, seal_credentials};
use crate::channels::{Credentials, registry};
use crate::domain::{ChannelId, ChannelState, HookId, Refusal};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::channels;
use crate::store::db::epochs;
use crate::store::db::sealed::{self, Place};
use crate::store::delivery::hooks;
use crate::store::messages::media;
use crate::store::{Conn, StoreError};

/// Begins an epoch: always after a restore, else only if there is none yet. Answers with the one there is
/// then.
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

/// Says which folder holds the files: the first one that is named stays. Answers with its mark.
#[derive(Debug, Clone)]
pub struct MarkFolder {
    /// What stands in the folder, or would.
    pub mark: String,
}

impl Command for MarkFolder {
    type Answer = String;

    fn subject(&self) -> Subject {
        Subject::of("media folder")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<String, LedgerError> {
        Ok(media::folder_mark(tx.conn, &self.mark).await?)
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

/// How much is sealed, and how much of it a key does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sealed {
    /// How many sealed secrets there are.
    pub all: usize,
    /// Those that do not open.
    pub closed: usize,
}

/// Counts what is sealed; without a vault nothing opens.
pub async fn count_sealed(conn: &mut Conn, vault: Option<&Vault>) -> Result<Sealed, StoreError> {
    let mut count = Sealed::default();
    for purpose in Purpose::ALL {
        for (_, held) in sealed::all(conn, place_of(purpose)).await? {
            count.all += 1;
            count.closed += usize::from(vault.is_none_or(|vault| vault.open(purpose, &held).is_err()));
        }
    }
    Ok(count)
}

/// Gives up what was sealed with a key that is lost: channels wait for their credentials, webhooks for a new
/// secret; a flow's address goes on working, and is shown no more until a new one is made. What the key opens
/// stays.
pub struct DropLost {
    /// The key from now on.
    pub vault: Vault,
}

impl Command for DropLost {
    /// What was given up: (what, its id).
    type Answer = Vec<(&'static str, i64)>;

    fn subject(&self) -> Subject {
        Subject::of("rekey")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        let mut lost = Vec::new();
        for purpose in Purpose::ALL {
            let place = place_of(purpose);
            for (id, held) in sealed::all(tx.conn, place).await? {
                if self.vault.open(purpose, &held).is_err() {
                    self.give_up(tx, place, id).await?;
                    lost.push((name_of(place), id));
                }
            }
        }
        Ok(lost)
    }
}

impl DropLost {
    async fn give_up(&self, tx: &mut Tx<'_>, place: Place, id: i64) -> Result<(), LedgerError> {
        let mut left = Vec::new();
        match place {
            Place::ChannelCredentials => {
                let channel = channels::find(tx.conn, ChannelId(id)).await?;
                let needs = channel.as_ref().map_or(&[][..], |channel| registry::kind(channel.kind).needs);
                if needs.is_empty() {
                    // It has nothing to enter: a web chat goes on.
                    left = seal_credentials(&self.vault, &Credentials::default());
                } else if channel.is_some_and(|channel| channel.state == ChannelState::Active) {
                    let reason = "The server's key was lost: enter the credentials again.";
                    channels::set_state(tx.conn, ChannelId(id), ChannelState::Paused, Some(reason)).await?;
                }
            }
            Place::HookSecret => hooks::switch_off(tx.conn, HookId(id), tx.now).await?,
            Place::FlowHook => {}
        }
        Ok(sealed::put(tx.conn, place, id, &left).await?)
    }
}

fn name_of(place: Place) -> &'static str {
    match place {
        Place::ChannelCredentials => "channel",
        Place::HookSecret => "webhook",
        Place::FlowHook => "address of flow",
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
