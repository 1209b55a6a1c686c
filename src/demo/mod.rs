//! `rapport demo`: the same server on a throw-away database, with a workspace that lives and
//! simulated platforms inside the binary: they take our sends, echo them, send receipts, and now
//! and then a customer writes, delivered twice, as the real ones do. Never a real account, never
//! a byte that leaves this machine.

mod accounts;
mod agents;
mod pictures;
mod story;
mod teller;
mod voice;

use crate::app::App;
use crate::auth::seal_credentials;
use crate::channels::Credentials;
use crate::channels::simulated::{Simulation, SimulationSettings, routes};
use crate::config::Config;
use crate::desk::channels::CreateChannel;
use crate::desk::users::{CreateFirstAdmin, CreateUser};
use crate::domain::{Channel, ChannelKind, Role, Timestamp, User};
use crate::server;
use crate::store::Opening;
use crate::store::accounts::channels::NewChannel;
use crate::store::accounts::users::NewUser;
use accounts::{PASSWORD, SECRET, account};
use actix_web::{App as HttpApp, HttpServer};
use agents::Agents;
use secrecy::SecretString;
use serde_json::json;
use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;
use story::Story;
use teller::{SET_UP, Teller};

/// How long what a platform does by itself takes.
const PACE: Duration = Duration::from_millis(900);
/// How often customers write by themselves.
const SMALL_TALK: Duration = Duration::from_secs(25);

/// The simulated accounts: kind, external id, name.
const ACCOUNTS: [(ChannelKind, &str, &str); 3] = [
    (ChannelKind::named("whatsapp"), "15550142210", "North Pier WhatsApp"),
    (ChannelKind::named("instagram"), "17841460000000001", "northpier.cafe"),
    (ChannelKind::named("telegram"), "7045510001", "North Pier bot"),
];

/// Serves the demo until `shutdown`; everything it stored is gone afterwards.
pub async fn run(mut config: Config, shutdown: impl Future<Output = ()>) -> Result<(), Box<dyn Error>> {
    let folder = ScratchFolder::new()?;
    let platforms = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    config.database.url = SecretString::from(format!("sqlite://{}", folder.0.join("demo.db").display()));
    let stand_in = format!("http://{}", platforms.local_addr()?);
    config.platforms.stand_in(&stand_in);
    config.ai.stand_in(&format!("{stand_in}/model"), "demo");
    let listener = server::listen(config.http.listen)
        .map_err(|error| format!("cannot listen on {} (RAPPORT_LISTEN): {error}", config.http.listen))?;
    // The workspace is older than this process: its story begins some days ago.
    Timestamp::set_behind(SET_UP);
    let app = App::open(config, listener.local_addr()?, Opening::SERVE).await?;

    let people = hire(&app).await?;
    let channels = connect(&app, &people[0]).await?;
    let server_url = format!("http://{}", listener.local_addr()?);
    let simulation = Simulation::new(SimulationSettings {
        server_url: server_url.clone(),
        accounts: channels.iter().filter_map(account).collect(),
        pace: PACE,
    })?;
    simulate(platforms, simulation.clone())?;
    let shared = app.clone();
    actix::spawn(async move {
        if let Err(error) = tell(&shared, &simulation, server_url, &people, &channels).await {
            log::error!("the demo's story was not told to its end: {error}");
        }
        Timestamp::set_behind(Duration::ZERO);
        simulation.hurry(false);
        greet(&shared, &people, &channels);
        simulation.run(SMALL_TALK).await;
    });
    Ok(server::run(listener, app, shutdown).await?)
}

/// What happened before anybody looks: while the server serves, for the colleagues work through its API.
async fn tell(
    app: &App,
    simulation: &Simulation,
    server_url: String,
    people: &[User],
    channels: &[Channel],
) -> Result<(), Box<dyn Error>> {
    println!("The demo's story is being told; it takes a moment.");
    let names = people.iter().map(|user| user.username.as_str());
    let agents = Agents::sign_in(server_url, names).await?;
    Teller::new(app, simulation, agents, channels, people).tell(&Story::read()?).await
}

/// A folder that is gone with this value.
struct ScratchFolder(std::path::PathBuf);

impl ScratchFolder {
    fn new() -> Result<Self, Box<dyn Error>> {
        let mut name = [0_u8; 8];
        getrandom::fill(&mut name)?;
        let path = std::env::temp_dir().join(format!("rapport-demo-{:016x}", u64::from_ne_bytes(name)));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_dir_all(path) {
        log::warn!("the demo's folder {} could not be removed: {error}", path.display());
    }
}

/// An admin and four agents.
async fn hire(app: &App) -> Result<Vec<User>, Box<dyn Error>> {
    let hash = app.hasher.hash(SecretString::from(PASSWORD)).await;
    let new = |username: &str, full_name: &str, role| NewUser {
        username: username.into(),
        full_name: full_name.into(),
        email: None,
        role,
        password_hash: hash.clone(),
    };
    let admin = new("ada", "Ada Moreau", Role::Admin);
    let workspace_name = Some("North Pier".into());
    let admin = app.ledger.give(CreateFirstAdmin { admin, workspace_name }).await?;
    let by = Some((admin.workspace_id, admin.id));
    let mut people = vec![admin];
    for (username, full_name) in [
        ("ben", "Ben Achterberg"),
        ("chi", "Chi Nakamura"),
        ("lucia", "Lucía Paredes"),
        ("omar", "Omar Haddad"),
    ] {
        people.push(app.ledger.give(CreateUser { by, user: new(username, full_name, Role::Agent) }).await?);
    }
    Ok(people)
}

/// The simulated accounts and a web chat, connected.
async fn connect(app: &App, admin: &User) -> Result<Vec<Channel>, Box<dyn Error>> {
    let credentials = Credentials::from_pairs([
        ("access_token", "demo"),
        ("app_secret", SECRET),
        ("verify_token", "demo"),
        ("bot_token", "1:demo"),
        ("webhook_secret", "demo_secret-1"),
    ]);
    let mut channels = Vec::new();
    for (kind, external_id, name) in
        ACCOUNTS.into_iter().chain([(ChannelKind::named("webchat"), "web-demo", "Our website")])
    {
        let channel = NewChannel {
            kind,
            name: name.into(),
            external_id: external_id.into(),
            // What the simulated platform calls the business account above its number.
            options: if kind == ChannelKind::named("whatsapp") {
                json!({"waba_id": "demo"})
            } else {
                json!({})
            },
            sealed: seal_credentials(&app.vault, &credentials),
        };
        channels.push(app.ledger.give(CreateChannel { by: (admin.workspace_id, admin.id), channel }).await?);
    }
    app.channels.forget();
    Ok(channels)
}

/// Serves the simulated platforms on a loopback port, for as long as the process lives.
fn simulate(listener: TcpListener, simulation: Simulation) -> std::io::Result<()> {
    let factory = move || HttpApp::new().configure(routes(simulation.clone()));
    let simulator = HttpServer::new(factory).workers(1).disable_signals().listen(listener)?.run();
    actix::spawn(simulator);
    Ok(())
}

fn greet(app: &App, people: &[User], channels: &[Channel]) {
    println!("The demo is at {}", app.public_url.at("/"));
    let names: Vec<_> = people.iter().map(|user| format!("{} ({})", user.username, user.role)).collect();
    println!("Sign in as {} with the password {PASSWORD}", names.join(", "));
    if let Some(chat) = channels.iter().find(|channel| channel.kind == ChannelKind::named("webchat")) {
        println!("Be a visitor at {}", app.public_url.at(&format!("/chat/{}", chat.id)));
    }
    println!("Nothing leaves this machine; everything is gone when the demo ends.");
}
