//! A whole house: a database, the fake platforms, a server, its admin. What most stories begin with.

use super::redis::Redis;
use super::{
    channel::Channel,
    client::Client,
    database::Database,
    platform::Platform,
    server::{Server, Settings},
};

pub struct House {
    // In the order they end: the server before what it stands on.
    pub server: Server,
    pub admin: Client,
    pub platform: Platform,
    pub database: Database,
}

/// Two servers on one PostgreSQL that hear of each other over Redis.
pub struct Pair {
    // In the order they end.
    pub second: Server,
    pub house: House,
    pub redis: Redis,
}

impl Pair {
    /// Opens both; none: PostgreSQL or Redis is missing here.
    pub async fn open() -> Option<Self> {
        Self::on(Database::postgres().await?).await
    }

    /// Opens both on this PostgreSQL.
    pub async fn on(database: Database) -> Option<Self> {
        let redis = Redis::start().await?;
        let house = House::open_with_redis(database, Some(&redis)).await;
        let second = house.second_server(Some(&redis)).await;
        Some(Self { second, house, redis })
    }
}

impl House {
    /// Opens it on a fresh database.
    pub async fn open(database: Database) -> Self {
        Self::open_with(database, |settings| settings).await
    }

    /// Opens it with other settings.
    pub async fn open_with(database: Database, change: impl FnOnce(Settings) -> Settings) -> Self {
        let platform = Platform::start().await;
        let settings = change(settings(&database, &platform));
        let server = Server::start(settings).await;
        let admin = Client::admin(&server.url()).await;
        Self { server, admin, platform, database }
    }

    /// Opens it as seen from outside at an address of its own.
    pub async fn open_with_public_url(database: Database, url: &str) -> Self {
        Self::open_with(database, |settings| settings.with("RAPPORT_PUBLIC_URL", url)).await
    }

    /// Opens it as one of several servers.
    pub async fn open_with_redis(database: Database, redis: Option<&Redis>) -> Self {
        Self::open_with(database, |settings| joined(settings, redis)).await
    }

    /// A second server of the same system.
    pub async fn second_server(&self, redis: Option<&Redis>) -> Server {
        Server::start(joined(settings(&self.database, &self.platform), redis)).await
    }

    /// A worker of the same system: a call to a platform may take `timeout` seconds.
    pub fn worker(&self, redis: &Redis, timeout: u32) -> Settings {
        joined(settings(&self.database, &self.platform), Some(redis))
            .without("RAPPORT_ADMIN_USERNAME")
            .without("RAPPORT_ADMIN_PASSWORD")
            .with("RAPPORT_PLATFORM_TIMEOUT", &timeout.to_string())
    }

    /// The usual channel of a kind.
    pub async fn channel(&self, kind: &'static str) -> Channel {
        Channel::usual(&self.admin, kind).await
    }

    pub fn url(&self) -> String {
        self.server.url()
    }
}

/// What every server of a test is told.
pub fn settings(database: &Database, platform: &Platform) -> Settings {
    Settings::new(database)
        .with("RAPPORT_GRAPH_URL", &platform.url("graph"))
        .with("RAPPORT_INSTAGRAM_URL", &platform.url("instagram"))
        .with("RAPPORT_TELEGRAM_URL", &platform.url("telegram"))
}

fn joined(settings: Settings, redis: Option<&Redis>) -> Settings {
    match redis {
        Some(redis) => settings.with("REDIS_URL", &redis.url()),
        None => settings,
    }
}
