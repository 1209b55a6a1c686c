//! The channels with their credentials opened, remembered for a moment, so that a thousand
//! webhooks are not a thousand look-ups. Only an accelerator: who finds nothing here asks the rows.

use super::budgets::{Allowance, Budget};
use super::vault::{Purpose, Vault, VaultError};
use crate::channels::{ChannelAccess, ChannelOptions, Credentials};
use crate::domain::{Channel, ChannelId, ChannelKind};
use crate::store::{self, Db, StoreError};
use moka::future::Cache;
use moka::policy::EvictionPolicy;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long the channels are remembered; what this process changes is seen at once.
const REMEMBERED: Duration = Duration::from_secs(2);

/// A channel and what it takes to speak for it.
#[derive(Debug, Clone)]
pub struct ConnectedChannel {
    /// Its row.
    pub channel: Channel,
    /// Its account, options and opened credentials. Without credentials if they do not open.
    pub access: ChannelAccess,
}

/// All channels; cloned freely.
#[derive(Clone)]
pub struct ChannelDirectory {
    db: Db,
    vault: Vault,
    /// By how many changes there had been when it was read.
    remembered: Cache<u64, Arc<Snapshot>>,
    changes: Arc<AtomicU64>,
    /// How often strangers may have it read anew.
    anew: Budget,
}

#[derive(Default)]
struct Snapshot {
    all: Vec<Arc<ConnectedChannel>>,
    by_id: HashMap<ChannelId, usize>,
    by_account: HashMap<(ChannelKind, String), usize>,
}

impl ChannelDirectory {
    /// Asks `db`, opens with `vault`.
    pub fn new(db: Db, vault: Vault) -> Self {
        // The newest always finds room: how often an older one was asked for says nothing.
        let remembered = Cache::builder().max_capacity(4).eviction_policy(EvictionPolicy::lru());
        let remembered = remembered.time_to_live(REMEMBERED).build();
        let anew = Budget::new(Allowance::of(5, Duration::from_secs(5)));
        Self { db, vault, remembered, changes: Arc::default(), anew }
    }

    /// The channel with this id, unless it was deleted. Switched-off ones are found too.
    pub async fn get(&self, id: ChannelId) -> Result<Option<Arc<ConnectedChannel>>, StoreError> {
        let snapshot = self.snapshot().await?;
        if let Some(&at) = snapshot.by_id.get(&id) {
            return Ok(Some(snapshot.all[at].clone()));
        }
        let channel = self.db.read(async move |conn| store::accounts::channels::find(conn, id).await).await?;
        Ok(self.connected_anew(channel))
    }

    /// The channel of this account. Switched-off ones are found too.
    pub async fn by_external(
        &self,
        kind: ChannelKind,
        external_id: &str,
    ) -> Result<Option<Arc<ConnectedChannel>>, StoreError> {
        let snapshot = self.snapshot().await?;
        let account = (kind, external_id.to_owned());
        if let Some(&at) = snapshot.by_account.get(&account) {
            return Ok(Some(snapshot.all[at].clone()));
        }
        let read = async move |conn: &mut store::Conn| {
            store::accounts::channels::by_external(conn, account.0, &account.1).await
        };
        let channel = self.db.read(read).await?;
        Ok(self.connected_anew(channel))
    }

    /// All channels of a platform, switched-off ones too: their secrets still sign.
    /// Whoever finds no secret that fits asks [`Self::newest_of_kind`] before saying no.
    pub async fn all_of_kind(&self, kind: ChannelKind) -> Result<Vec<Arc<ConnectedChannel>>, StoreError> {
        Ok(self.snapshot().await?.of_kind(kind))
    }

    /// The same, read now: another process may have connected one a moment ago. Whoever asks too often
    /// (anybody can, with a wrong signature) gets what is remembered, which is never older than a moment
    /// either.
    pub async fn newest_of_kind(&self, kind: ChannelKind) -> Result<Vec<Arc<ConnectedChannel>>, StoreError> {
        if self.anew.take("", 1).is_ok() {
            self.forget();
        }
        self.all_of_kind(kind).await
    }

    /// Forgets what it remembers: a channel changed. What is being read at this moment may be from before,
    /// and is not remembered either.
    pub fn forget(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.remembered.invalidate_all();
    }

    /// A channel's row with its credentials opened.
    pub fn connect(&self, channel: Channel) -> ConnectedChannel {
        let credentials = open_credentials(&self.vault, &channel.sealed).unwrap_or_default();
        let access = ChannelAccess {
            kind: channel.kind,
            external_id: channel.external_id.clone(),
            // Odd options count as absent: they never keep a channel from working.
            options: serde_json::from_value::<ChannelOptions>(channel.options.clone()).unwrap_or_default(),
            credentials,
        };
        ConnectedChannel { channel, access }
    }

    fn connected_anew(&self, channel: Option<Channel>) -> Option<Arc<ConnectedChannel>> {
        let channel = channel?;
        self.forget();
        Some(Arc::new(self.connect(channel)))
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        self.read_by(self.read_all()).await
    }

    async fn read_by(
        &self,
        read: impl Future<Output = Result<Arc<Snapshot>, StoreError>>,
    ) -> Result<Arc<Snapshot>, StoreError> {
        let changes = self.changes.load(Ordering::SeqCst);
        // Those who ask while it is being read wait for the same answer.
        self.remembered.try_get_with(changes, read).await.map_err(|error| (*error).clone())
    }

    async fn read_all(&self) -> Result<Arc<Snapshot>, StoreError> {
        let channels = self.db.read(async move |conn| store::accounts::channels::all(conn).await).await?;
        let mut snapshot = Snapshot::default();
        for channel in channels {
            let at = snapshot.all.len();
            snapshot.by_id.insert(channel.id, at);
            if !channel.is_contested {
                snapshot.by_account.insert((channel.kind, channel.external_id.clone()), at);
            }
            snapshot.all.push(Arc::new(self.connect(channel)));
        }
        Ok(Arc::new(snapshot))
    }
}

impl Snapshot {
    fn of_kind(&self, kind: ChannelKind) -> Vec<Arc<ConnectedChannel>> {
        self.all.iter().filter(|connected| connected.channel.kind == kind).cloned().collect()
    }
}

/// Credentials as they stand in the database.
pub fn seal_credentials(vault: &Vault, credentials: &Credentials) -> Vec<u8> {
    let set: BTreeMap<&str, &str> = credentials.opened().collect();
    let json = serde_json::to_vec(&set).expect("a map of texts is JSON");
    vault.seal(Purpose::ChannelCredentials, &json)
}

/// What [`seal_credentials`] sealed.
pub fn open_credentials(vault: &Vault, sealed: &[u8]) -> Result<Credentials, VaultError> {
    let json = vault.open(Purpose::ChannelCredentials, sealed)?;
    let set: BTreeMap<String, String> = serde_json::from_slice(&json).map_err(|_| VaultError)?;
    Ok(Credentials::from_pairs(set.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_come_back_as_they_were_sealed() {
        let vault = Vault::new(&"a secret of this test".into());
        let sealed =
            seal_credentials(&vault, &Credentials::from_pairs([("bot_token", "1:abc"), ("app_id", "")]));
        let opened = open_credentials(&vault, &sealed).expect("the same key");
        assert_eq!(opened.get("bot_token"), Some("1:abc"));
        assert_eq!(opened.get("app_id"), None);
        assert!(open_credentials(&Vault::new(&"another secret".into()), &sealed).is_err());
    }

    #[tokio::test]
    async fn a_change_while_the_rows_are_read_is_not_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("rapport.db").display());
        let db = Db::open(&url).await.expect("opens");
        let directory = ChannelDirectory::new(db, Vault::new(&"a secret of this test".into()));
        let [old, new] = [(); 2].map(|()| Arc::new(Snapshot::default()));
        let changed_meanwhile = async {
            directory.forget();
            Ok(old.clone())
        };
        let answer = directory.read_by(changed_meanwhile).await.expect("read");
        assert!(Arc::ptr_eq(&answer, &old), "who asked before the change may hear of before");
        let next = directory.read_by(async { Ok(new.clone()) }).await.expect("read");
        assert!(Arc::ptr_eq(&next, &new), "who asks after the change hears of after");
        let again = directory.read_by(async { unreachable!("it is remembered") }).await.expect("remembered");
        assert!(Arc::ptr_eq(&again, &new));
    }
}
