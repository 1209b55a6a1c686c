//! The handles of everything below, built once and cloned freely: what a request, a loop or a
//! socket needs to do its work. Never HTTP, never a rule.
//! Over 400 lines: the one place where every handle is made; what is made for the command line goes next.

use crate::ai::Model;
use crate::auth::budgets::{Allowance, Budget};
use crate::auth::strangers::Strangers;
use crate::auth::{
    Authenticator, ChannelDirectory, Found, GuessLimits, Hasher, SignedIn, Throttle, TokenHash, Vault,
    new_token,
};
use crate::channel_signals::ChannelSignals;
use crate::channels::webhook::Endpoint;
use crate::channels::{PlatformSettings, Platforms, registry};
use crate::config::{Config, PublicUrl, WrongSetting};
use crate::desk::maintenance::{self, BeginEpoch, MarkFolder, Sealed};
use crate::desk::users::{CreateFirstAdmin, NoteUse, checked_username};
use crate::domain::event::Voice;
use crate::domain::{ChannelId, ChannelKind, Event, Refusal, Role, Timestamp};
use crate::flows::Budget as FlowBudget;
use crate::hooks::Caller;
use crate::ingest::Seen;
use crate::ledger::metrics::Counter;
use crate::ledger::{Ledger, LedgerError};
use crate::live::{Hints, Live};
use crate::media::{Floor, MediaFolder};
use crate::store::accounts::users::{self, NewUser};
use crate::store::{Db, Opening, StoreError};
use crate::thread::hook_events;
use secrecy::ExposeSecret;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long a room with nobody in it lives.
const ROOM_IDLE: Duration = Duration::from_secs(30);

/// The server's parts; cloned freely.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] holds.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The address seen from outside.
    pub public_url: PublicUrl,
    /// The rows, for reading.
    pub db: Db,
    /// The one door in.
    pub ledger: Ledger,
    /// The actors.
    pub live: Live,
    /// What was seen lately, in front of the rows.
    pub seen: Seen,
    /// The platforms.
    pub platforms: Platforms,
    /// What platforms are told beside messages.
    pub channel_signals: ChannelSignals,
    /// Webhooks whose signature did not fit.
    pub forged: RejectedWebhooks,
    /// The files.
    pub media: MediaFolder,
    /// What seals credentials and signs visitors' tokens.
    pub vault: Vault,
    /// Who is asking.
    pub authenticator: Authenticator,
    /// Hashes and checks passwords.
    pub hasher: Hasher,
    /// How often somebody may guess.
    pub throttle: Throttle,
    /// How often who is signed in may be wrong about their own password: no stranger's guesses count here.
    pub own_passwords: Throttle,
    /// What whoever is not signed in may use up.
    pub strangers: Strangers,
    /// How signing in went.
    pub sign_ins: SignIns,
    /// The channels, with their credentials opened.
    pub channels: ChannelDirectory,
    /// How often a flow's address may be called.
    pub flow_budget: FlowBudget,
    /// Who writes answers; none: it is off.
    pub model: Option<Model>,
    /// Who calls programs outside.
    pub caller: Caller,
    /// The way in of the first admin.
    pub setup: Setup,
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The server cannot start: one line that says why.
#[derive(Debug, thiserror::Error)]
pub enum CannotStart {
    /// A setting is wrong.
    #[error(transparent)]
    Setting(#[from] WrongSetting),
    /// The database does not open.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The first admin cannot be made.
    #[error("the first admin: {0}")]
    FirstAdmin(LedgerError),
    /// Whose the media folder is can be neither read nor said.
    #[error("the media folder: {0}")]
    Folder(LedgerError),
    /// The database's epoch can be neither read nor begun.
    #[error("the epoch: {0}")]
    Epoch(LedgerError),
}

impl App {
    /// Opens the database, starts the ledger and what listens to it. `listening` is where the
    /// server can be reached, `opening` what may be done to the database. Must be called on an actix runtime.
    pub async fn open(config: Config, listening: SocketAddr, opening: Opening) -> Result<Self, CannotStart> {
        config.check()?;
        let public_url = config.http.public_url(listening)?;
        let db = Db::open_as(config.database.url.expose_secret(), opening).await?;
        let vault = vault(&config, &db).await?;
        let channels = ChannelDirectory::new(db.clone(), vault.clone());
        let authenticator = Authenticator::new(db.clone());
        let live = Live::start(db.clone(), hints(&config)?, ROOM_IDLE);
        let ledger = ledger(&db, voice(authenticator.clone(), live.voice())).await?;
        let first = BeginEpoch { name: new_token().expose_secret().to_owned(), only_first: true };
        let live = live.in_epoch(&ledger.give(first).await.map_err(CannotStart::Epoch)?);
        let platforms = platforms(&config)?;
        let media = media_folder(&config)?;
        if opening != Opening::MAKE {
            // Who only adds a user may stand in any folder.
            check_folder(&media, &ledger, db.is_shared()).await?;
        }
        let model = model(&config)?;
        let caller = caller(&config)?;
        let channel_signals =
            ChannelSignals::new(db.clone(), ledger.clone(), channels.clone(), platforms.clone());
        let (hasher, setup) = (Hasher::new(), Setup::default());
        let throttle = Throttle::new(guess_limits(&config), db.is_shared());
        let strangers = Strangers::new(&config.limits, db.is_shared());
        let parts = Parts {
            config,
            public_url,
            db,
            ledger,
            live,
            seen: Seen::default(),
            platforms,
            channel_signals,
            forged: RejectedWebhooks::default(),
            media,
            vault,
            authenticator,
            hasher,
            throttle,
            own_passwords: Throttle::new(GuessLimits::default(), false),
            strangers,
            sign_ins: SignIns::new(),
            channels,
            flow_budget: FlowBudget::new(),
            model,
            caller,
            setup,
        };
        Ok(Self(Arc::new(parts)))
    }

    /// Makes the first admin that the settings name, if there is no user yet.
    pub async fn create_named_admin(&self) -> Result<(), CannotStart> {
        let Some((username, password)) = self.config.first_admin.given() else { return Ok(()) };
        if !self.needs_setup().await? {
            return Ok(());
        }
        let username =
            checked_username(username).map_err(|refusal| CannotStart::FirstAdmin(refusal.into()))?;
        let password_hash = self.hasher.hash(password.clone()).await;
        let admin =
            NewUser { full_name: username.clone(), username, email: None, role: Role::Admin, password_hash };
        match self.ledger.give(CreateFirstAdmin { admin, workspace_name: None }).await {
            // Another process made one just now.
            Err(LedgerError::Refused(Refusal { code: "already_set_up", .. })) => Ok(()),
            outcome => outcome.map(drop).map_err(CannotStart::FirstAdmin),
        }
    }

    /// Whether there is no user yet.
    pub async fn needs_setup(&self) -> Result<bool, StoreError> {
        if self.setup.is_done.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let is_empty = self.db.read(async |conn| users::is_empty(conn).await).await?;
        // Users are never deleted: once done, always done.
        self.setup.is_done.store(!is_empty, Ordering::Relaxed);
        Ok(is_empty)
    }

    /// Whose cookie this is.
    pub async fn identify_cookie(&self, token: &str) -> Result<Option<Arc<SignedIn>>, StoreError> {
        let found = self.authenticator.by_cookie(token, Timestamp::now()).await?;
        Ok(self.noted(found).await)
    }

    /// Whose bearer token this is.
    pub async fn identify_bearer(&self, token: &str) -> Result<Option<Arc<SignedIn>>, StoreError> {
        let found = self.authenticator.by_bearer(token, Timestamp::now()).await?;
        Ok(self.noted(found).await)
    }

    async fn noted(&self, found: Option<Found>) -> Option<Arc<SignedIn>> {
        let Found { signed_in, is_unnoted } = found?;
        if is_unnoted {
            let note = NoteUse { account: signed_in.account_id, credential: signed_in.credential };
            if let Err(error) = self.ledger.give(note).await {
                // Whoever asks is who they are all the same.
                log::warn!("the use of a sign-in could not be noted: {error}");
            }
        }
        Some(signed_in)
    }
}

/// How many wrong passwords are taken; 0 is no limit.
fn guess_limits(config: &Config) -> GuessLimits {
    let most = |limit: u32| if limit == 0 { u32::MAX / 2 } else { limit };
    let limits = &config.limits;
    GuessLimits {
        pair: most(limits.limit_sign_ins),
        place: most(limits.limit_sign_ins_address),
        altogether: most(limits.limit_sign_ins_total),
    }
}

/// The ledger of a database: hooks are owed what it commits.
pub async fn ledger(db: &Db, voice: Voice) -> Result<Ledger, StoreError> {
    Ledger::start(db, voice, hook_events::queue).await
}

/// Where the ledger's events go. The caches hear them first, so that whoever is told can ask anew.
fn voice(authenticator: Authenticator, actors: Voice) -> Voice {
    Arc::new(move |events| {
        if events.iter().any(|event| matches!(event, Event::Revoked(_))) {
            authenticator.forget();
        }
        actors(events);
    })
}

/// Word between processes, if the settings name a Redis.
fn hints(config: &Config) -> Result<Hints, WrongSetting> {
    match config.database.redis_url() {
        None => Ok(Hints::none()),
        Some(url) => Hints::redis(url.expose_secret()).map_err(|_| {
            WrongSetting(
                "REDIS_URL must name one server: redis://HOST:6379, redis://:PASSWORD@HOST:6379, or \
                        rediss:// with TLS"
                    .into(),
            )
        }),
    }
}

/// Where the files are.
fn media_folder(config: &Config) -> Result<MediaFolder, WrongSetting> {
    let path = config.media.folder(&config.database);
    let megabytes = |count: u64| count.saturating_mul(1_000_000);
    let (team, visitors) = (config.limits.limit_free, config.limits.limit_free_visitors);
    let floor = Floor { team: megabytes(team), visitors: megabytes(visitors) };
    MediaFolder::open(&path).map(|folder| folder.leaving(floor)).map_err(|error| {
        WrongSetting(format!("RAPPORT_MEDIA_DIR: the folder {} cannot be made: {error}", path.display()))
    })
}

/// A folder of another database is refused; one without a mark, where this database had one before, is told
/// of: its files lie elsewhere.
async fn check_folder(media: &MediaFolder, ledger: &Ledger, is_shared: bool) -> Result<(), CannotStart> {
    let cannot =
        |error: std::io::Error| WrongSetting(format!("RAPPORT_MEDIA_DIR {}: {error}", media.named()));
    let here = media.mark().map_err(cannot)?;
    let ours = here.clone().unwrap_or_else(|| new_token().expose_secret().to_owned());
    let known = ledger.give(MarkFolder { mark: ours.clone() }).await.map_err(CannotStart::Folder)?;
    match here {
        Some(_) if known == ours => return Ok(()),
        Some(_) => {
            return Err(WrongSetting(format!(
                "the media folder {} belongs to another database (its file .rapport-folder says so): set \
                 RAPPORT_MEDIA_DIR to the folder that holds this database's files",
                media.named()
            ))
            .into());
        }
        None if known == ours => {}
        None => log::error!(
            "the media folder {} is not the one that this database's files are kept in: files from there are \
                missing \
             here; all servers and workers must share one folder (RAPPORT_MEDIA_DIR)",
            media.named()
        ),
    }
    if known == ours || !is_shared {
        media.set_mark(&known).map_err(cannot)?;
    }
    Ok(())
}

/// Where the platforms are.
fn platforms(config: &Config) -> Result<Platforms, WrongSetting> {
    let settings = PlatformSettings::at(config.platforms.bases(), config.platforms.timeout());
    Platforms::new(settings)
        .map_err(|error| WrongSetting(format!("the HTTP client cannot be set up: {error}")))
}

/// Who calls programs outside.
fn caller(config: &Config) -> Result<Caller, WrongSetting> {
    Caller::new(config.hooks.allow_private())
        .map_err(|error| WrongSetting(format!("the HTTP client cannot be set up: {error}")))
}

/// Who writes answers.
fn model(config: &Config) -> Result<Option<Model>, WrongSetting> {
    Model::from_settings(&config.ai)
        .map_err(|error| WrongSetting(format!("the HTTP client cannot be set up: {error}")))
}

/// The key at work. A new one is made only where nothing is sealed yet, and another than the one that the
/// secrets were sealed with is refused: it would lose every channel silently.
async fn vault(config: &Config, db: &Db) -> Result<Vault, CannotStart> {
    const WAY_OUT: &str = "put it back from the backup; if it is lost, `rapport rekey --lost` drops what it \
                           sealed, and channels are then connected anew (docs/rescue.md)";
    let (secret, database) = (&config.secret, &config.database);
    let Some(key) = secret.kept(database)? else {
        let sealed = db.read(async |conn| maintenance::count_sealed(conn, None).await).await?;
        return match sealed.all {
            0 => Ok(Vault::new(&secret.make(database)?)),
            count => Err(WrongSetting(format!(
                "{} is missing, and the database holds {count} secrets that only it opens: {WAY_OUT}",
                secret.place(database)
            ))
            .into()),
        };
    };
    let vault = Vault::new(&key);
    let with = vault.clone();
    match db.read(async move |conn| maintenance::count_sealed(conn, Some(&with)).await).await? {
        Sealed { closed: 0, .. } => Ok(vault),
        Sealed { all, closed } if closed < all => {
            log::error!(
                "{closed} of {all} sealed secrets do not open: enter those credentials again, or drop them \
                    by \
                 `rapport rekey --lost`"
            );
            Ok(vault)
        }
        _ => Err(WrongSetting(format!(
            "{} is not the key that the credentials in the database were sealed with (RAPPORT_SECRET_KEY, or \
                the \
             key file beside the database): {WAY_OUT}",
            secret.place(database)
        ))
        .into()),
    }
}

/// At which door a webhook knocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WebhookEndpoint {
    /// One for all channels of a kind.
    Kind(ChannelKind),
    /// One for each channel.
    Channel(ChannelId),
}

impl WebhookEndpoint {
    /// Where the platform of this channel calls.
    pub fn of(kind: ChannelKind, id: ChannelId) -> Self {
        match &registry::kind(kind).webhook {
            Some(webhook) if webhook.endpoint == Endpoint::OfChannel => Self::Channel(id),
            _ => Self::Kind(kind),
        }
    }
}

/// Webhooks that were refused for their signature, since this process began: most often a wrong secret.
#[derive(Debug, Default)]
pub struct RejectedWebhooks(Mutex<HashMap<WebhookEndpoint, (u64, Timestamp)>>);

impl RejectedWebhooks {
    /// One more.
    pub fn note(&self, door: WebhookEndpoint) {
        let mut doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = doors.entry(door).or_default();
        *count += 1;
        *last = Timestamp::now();
    }

    /// How many, and when the last one came.
    pub fn at(&self, door: WebhookEndpoint) -> (u64, Option<Timestamp>) {
        let doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        doors.get(&door).map_or((0, None), |(count, last)| (*count, Some(*last)))
    }
}

/// How signing in went, since this process began, and how much is said of it.
pub struct SignIns {
    /// The password fitted.
    pub right: Counter,
    /// It did not, or nobody has this name.
    pub wrong: Counter,
    /// It was not looked at.
    pub refused: Counter,
    /// Lines and entries of those that failed: an attack must not fill a disk with them.
    told: Budget,
    untold: Counter,
}

impl SignIns {
    fn new() -> Self {
        let told = Budget::new(Allowance::of(60, Duration::from_mins(1)));
        let (right, wrong, refused, untold) = Default::default();
        Self { right, wrong, refused, told, untold }
    }

    /// Whether this one is told, and how many before it were not.
    pub fn tells(&self) -> Option<u64> {
        if self.told.take("", 1).is_err() {
            self.untold.one();
            return None;
        }
        Some(self.untold.taken())
    }
}

/// The one-time way in of the first admin. Only a hash of its token is kept, in memory.
#[derive(Default)]
pub struct Setup {
    offered: Mutex<Option<TokenHash>>,
    is_done: AtomicBool,
}

impl Setup {
    /// A link that works until it is used, or until the next one; the token stands in the
    /// fragment, which no server logs.
    pub fn offer(&self, public_url: &PublicUrl) -> String {
        let token = new_token();
        *self.offered() = Some(TokenHash::of(token.expose_secret()));
        format!("{}#{}", public_url.at("/setup"), token.expose_secret())
    }

    /// Whether this is the token that was offered.
    pub fn fits(&self, token: &str) -> bool {
        self.offered().is_some_and(|offered| TokenHash::of(token).0.ct_eq(&offered.0).into())
    }

    /// It was used: never again.
    pub fn close(&self) {
        *self.offered() = None;
        self.is_done.store(true, Ordering::Relaxed);
    }

    fn offered(&self) -> MutexGuard<'_, Option<TokenHash>> {
        self.offered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
