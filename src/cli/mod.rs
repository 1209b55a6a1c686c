//! The command line: serve | worker | migrate | verify | backup | restore | rekey | user … | workspace … |
//! demo. Never more than reading it and starting what it names.
//! Over 400 lines: every command of the command line stands here, each a few lines.

mod mistakes;
mod workspaces;

use crate::api::http::request_id;
use crate::app::{self, App, CannotStart};
use crate::auth::{Hasher, Vault, checked_password, new_token};
use crate::backup::{self, KeyPlace};
use crate::config::{Config, Delivery};
use crate::desk::maintenance::{BeginEpoch, DropLost, Rekey};
use crate::desk::users::{CreateUser, UpdateUser, UserChange, checked_username};
use crate::domain::Role;
use crate::ledger::Ledger;
use crate::store::accounts::users::{self, Member, NewUser};
use crate::store::db::migrate;
use crate::store::{Db, Opening};
use crate::{demo, server};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use env_logger::fmt::Formatter;
use log::LevelFilter;
use secrecy::{ExposeSecret, SecretString};
use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use workspaces::WorkspaceTask;

/// A self-hosted, real-time shared inbox. Without a command: serve.
#[derive(Parser)]
#[command(
    name = "rapport",
    version,
    after_help = "RUST_LOG sets what is logged: error, warn, info, debug, trace, off, or place=level \
        [default: info]"
)]
struct Line {
    #[command(subcommand)]
    command: Option<Task>,
    #[command(flatten)]
    config: Config,
}

#[derive(Subcommand)]
enum Task {
    /// Run the server (the default)
    Serve,
    /// Run a delivery worker as a separate process; needs PostgreSQL and Redis
    Worker,
    /// Check whether the server on this machine is ready; exits non-zero if it is not
    Health,
    /// Migrate the database and exit
    Migrate,
    /// Check for damage, duplicates, gaps, orphans, stuck rows and missing files; non-zero if it finds any
    Verify,
    /// Copy database, files and key into a new folder, whether or not the server is running
    Backup {
        /// A folder that is not there yet, or empty
        folder: PathBuf,
        #[command(flatten)]
        key: KeyChoice,
    },
    /// Restore a backup where there is no database yet; open pages then reload everything
    Restore {
        /// A folder made by `rapport backup`
        folder: PathBuf,
        #[command(flatten)]
        key: KeyChoice,
    },
    /// Run this after restoring a backup by other means, so that open pages reload everything
    Restored,
    /// Re-encrypt all stored secrets with the key in the settings; the old key is read from standard input
    Rekey {
        /// The old key is lost: drop what it encrypted; channels then need their credentials again
        #[arg(long)]
        lost: bool,
    },
    /// Manage users
    User {
        #[command(subcommand)]
        task: UserTask,
    },
    /// Manage workspaces
    Workspace {
        #[command(subcommand)]
        task: WorkspaceTask,
    },
    /// Run a throw-away demo workspace with simulated platforms
    Demo,
}

/// Where the key of a backup is.
#[derive(clap::Args)]
struct KeyChoice {
    /// Keep the key apart, in this file: whoever has both can read the credentials
    #[arg(long = "key", value_name = "FILE", conflicts_with = "without_key")]
    key_file: Option<PathBuf>,
    /// Leave the key out: you keep it yourself
    #[arg(long)]
    without_key: bool,
}

impl KeyChoice {
    fn place(self) -> KeyPlace {
        match self.key_file {
            Some(file) => KeyPlace::Apart(file),
            None if self.without_key => KeyPlace::LeftOut,
            None => KeyPlace::Inside,
        }
    }
}

#[derive(Subcommand)]
enum UserTask {
    /// Add a user; the password is read from standard input
    Add {
        /// The name they sign in with
        #[arg(long)]
        username: String,
        /// The role they have
        #[arg(long)]
        role: RoleName,
        /// Full name [default: the username]
        #[arg(long)]
        full_name: Option<String>,
        /// The workspace's address; with it, somebody who has an account joins with that [default: the first]
        #[arg(long, value_name = "SLUG")]
        workspace: Option<String>,
    },
    /// List all users
    List,
    /// Set a user's password, read from standard input; ends all their sessions and tokens
    Password {
        /// The name they sign in with
        username: String,
    },
    /// Clear a user's failed sign-ins, and reactivate a deactivated user
    Unlock {
        /// The name they sign in with
        username: String,
    },
    /// Deactivate a user: ends all their sessions and tokens; their messages are kept
    Deactivate {
        /// The name they sign in with
        username: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    Admin,
    Agent,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Admin => Self::Admin,
            RoleName::Agent => Self::Agent,
        }
    }
}

/// How long the server may take to say whether it is ready.
const TIMEOUT: Duration = Duration::from_secs(5);

type Outcome = Result<(), Box<dyn Error>>;

/// Reads the command line and does what it says. What it answers is the program's exit code: 2 for a mistake
/// in the line, 1 for what could not be done.
pub fn run() -> ExitCode {
    let line = match read_line() {
        Ok(line) => line,
        Err(error) => return explain(&error),
    };
    start_log();
    // Before anything speaks TLS: reqwest and the rest are built without a provider of their own.
    let installed = rustls::crypto::ring::default_provider().install_default();
    debug_assert!(installed.is_ok(), "nobody installed another one before main");
    let system = actix::System::new();
    let outcome = system.block_on(start(line));
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    // A thread may still wait for a database that does not answer: nobody waits for that thread.
    std::mem::forget(system);
    if error.is::<Stopped>() {
        log::info!("{error}");
        return ExitCode::SUCCESS;
    }
    eprintln!("rapport: {error}");
    ExitCode::FAILURE
}

/// As env_logger writes it, with the name of the request behind the place.
fn write_log_line(line: &mut Formatter, record: &log::Record<'_>) -> std::io::Result<()> {
    use std::io::Write;
    let (time, level, place) = (line.timestamp(), record.level(), record.target());
    match request_id::current() {
        Some(id) => writeln!(line, "[{time} {level:5} {place} {id}] {}", record.args()),
        None => writeln!(line, "[{time} {level:5} {place}] {}", record.args()),
    }
}

/// Help goes to standard output; a mistake is one line.
fn explain(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let words = std::env::args().skip(1);
        let short =
            (error.kind() == ErrorKind::DisplayHelp).then(|| mistakes::short_help::<Task>(words)).flatten();
        print!("{}", short.unwrap_or_else(|| error.render().to_string()));
        return ExitCode::SUCCESS;
    }
    eprintln!("{}", mistakes::told(error, &mut Line::command()));
    ExitCode::from(2)
}

/// The command line; settings that the environment sets to nothing are not set.
fn read_line() -> Result<Line, clap::Error> {
    Line::from_arg_matches(&mistakes::without_empty(Line::command()).try_get_matches()?)
}

fn start_log() {
    let (filter, odd) = mistakes::log_filter(std::env::var("RUST_LOG").ok().as_deref());
    env_logger::Builder::new()
        // Chatter of others, unless it is asked for by name; a stranger's garbage is no fault of ours.
        .filter_module("actix_server", LevelFilter::Warn)
        .filter_module("actix_http::h1::dispatcher", LevelFilter::Off)
        .parse_filters(&filter)
        .format(write_log_line)
        .init();
    if let Some(odd) = odd {
        log::warn!("{odd}");
    }
}

fn warn_of_unknown_settings() {
    for (name, near) in mistakes::unknown_settings(&mut Line::command()) {
        let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        log::warn!("{name} is no setting and changes nothing{near}");
    }
}

async fn start(line: Line) -> Outcome {
    let task = line.command.unwrap_or(Task::Serve);
    match &task {
        // Needs no key: it opens no credentials.
        Task::Health => {}
        Task::Migrate | Task::Verify | Task::Backup { .. } | Task::Restore { .. } | Task::Restored => {
            line.config.database.check()?;
        }
        Task::User { task } if !matches!(task, UserTask::Add { .. }) => line.config.database.check()?,
        Task::Workspace { .. } => line.config.database.check()?,
        _ => line.config.check()?,
    }
    match task {
        Task::Serve => {
            warn_of_unknown_settings();
            Box::pin(serve(line.config)).await
        }
        Task::Worker => {
            warn_of_unknown_settings();
            Box::pin(worker(line.config)).await
        }
        Task::Health => health(&line.config),
        Task::Migrate => migrate(&line.config).await,
        Task::Verify => verify(&line.config).await,
        Task::Backup { folder, key } => back_up(&line.config, &folder, &key.place()).await,
        Task::Restore { folder, key } => restore(&line.config, &folder, &key.place()).await,
        Task::Restored => restored(&line.config).await,
        Task::Rekey { lost: false } => rekey(&line.config).await,
        Task::Rekey { lost: true } => rekey_lost(&line.config).await,
        Task::User { task: UserTask::Add { username, role, full_name, workspace } } => match workspace {
            Some(slug) => add_member(&line.config, &slug, (&username, role.into()), full_name).await,
            None => add_user(line.config, &username, role, full_name).await,
        },
        Task::Workspace { task } => workspaces::workspace(&line.config, task).await,
        Task::User { task } => user(&line.config, task).await,
        Task::Demo => demo::run(line.config, stop_signal()?).await,
    }
}

/// What is opened before it serves: asked to stop meanwhile, it ends there and then.
async fn unless_stopped<T>(
    stop: impl Future<Output = ()>,
    opening: impl Future<Output = Result<T, CannotStart>>,
) -> Result<T, Box<dyn Error>> {
    tokio::select! {
        biased;
        () = stop => Err(Stopped.into()),
        opened = opening => Ok(opened?),
    }
}

/// It was asked to stop before it served.
#[derive(Debug, thiserror::Error)]
#[error("asked to stop before it served")]
struct Stopped;

async fn serve(config: Config) -> Outcome {
    server::raise_open_files();
    let address = config.http.listen;
    let listener = server::listen(address)
        .map_err(|error| format!("cannot listen on {address} (RAPPORT_LISTEN): {error}"))?;
    let listening = listener.local_addr()?;
    let mut stop = Box::pin(stop_signal()?);
    let opening = async {
        let app = App::open(config, listening, Opening::SERVE).await?;
        app.create_named_admin().await?;
        Ok(app)
    };
    let app = unless_stopped(&mut stop, Box::pin(opening)).await?;
    println!("Rapport is at {} (listening on {listening})", app.public_url.at("/"));
    say_what_runs(&app).await?;
    warn_of_risks(&app, listening.ip().is_loopback());
    if app.needs_setup().await? {
        println!("Create the first admin: {}", app.setup.offer(&app.public_url));
    }
    Ok(server::run(listener, app, stop).await?)
}

/// One line that says what began: for whoever reads the log a month later.
async fn say_what_runs(app: &App) -> Outcome {
    let (newest, channels) = app.db.read(async |conn| migrate::standing_of(conn).await).await?;
    log::info!(
        "Rapport {} began: {}, migrations up to {newest}, {channels} channels, files in {}, delivery {}",
        env!("CARGO_PKG_VERSION"),
        app.db.named(),
        app.media.named(),
        if app.config.database.delivery == Delivery::On { "here" } else { "elsewhere" },
    );
    Ok(())
}

/// Whether the server on this machine can work: for a container that has no other program.
fn health(config: &Config) -> Outcome {
    use std::io::{Read, Write};
    let mut address = config.http.listen;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.write_all(b"GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().map_err(|error| format!("the server at {address} does not answer: {error}"))?;
    if answer.lines().next().is_some_and(|line| line.contains(" 200")) {
        println!("ready");
        return Ok(());
    }
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    Err(format!("not ready: {}", body.split_whitespace().collect::<Vec<_>>().join(" ")).into())
}

fn warn_of_risks(app: &App, is_loopback: bool) {
    if !is_loopback && !app.public_url.is_https() {
        log::warn!(
            "this address is reachable from the network, and passwords and cookies cross it unencrypted: put \
             a proxy with TLS in front and set RAPPORT_PUBLIC_URL to its https:// address"
        );
    }
    if app.config.database.delivery == Delivery::Off && !app.config.database.joins_processes() {
        log::warn!(
            "RAPPORT_DELIVERY=off and no PostgreSQL and Redis to share with a worker: nothing will be \
                delivered"
        );
    }
}

/// Ends with SIGTERM or SIGINT; the handlers stand before anything is opened.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

async fn worker(config: Config) -> Outcome {
    if !config.database.joins_processes() {
        return Err("a worker needs PostgreSQL (DATABASE_URL) and REDIS_URL; on the embedded database the \
            server delivers"
            .into());
    }
    server::raise_open_files();
    let mut stop = Box::pin(stop_signal()?);
    let listening = config.http.listen;
    let app = unless_stopped(&mut stop, App::open(config, listening, Opening::BESIDE)).await?;
    println!("The delivery worker runs.");
    server::work(app, stop).await;
    Ok(())
}

async fn migrate(config: &Config) -> Outcome {
    Db::open(config.database.url.expose_secret()).await?;
    println!("The database is up to date.");
    Ok(())
}

async fn verify(config: &Config) -> Outcome {
    let (looked, findings) = backup::look(config).await?;
    for finding in &findings {
        let mark = if finding.count == 0 { "ok" } else { "FOUND" };
        println!("{mark:5} {:7} {:>9}  {}", finding.kind, finding.count, finding.fault);
        if finding.count > 0 {
            println!("{:25}such as: {}", "", finding.examples.join(", "));
        }
    }
    let faults: i64 = findings.iter().map(|finding| finding.count).sum();
    println!(
        "{} checks over {} messages in {} conversations.",
        findings.len(),
        looked.messages,
        looked.conversations
    );
    if faults > 0 {
        return Err(format!("{faults} faults found").into());
    }
    println!("Nothing is wrong.");
    Ok(())
}

async fn back_up(config: &Config, folder: &Path, key: &KeyPlace) -> Outcome {
    let made = backup::take(config, folder, key).await?;
    println!(
        "Backed up into {}: {} messages in {} conversations, {} files.",
        folder.display(),
        made.messages,
        made.conversations,
        made.files
    );
    if !made.missing.is_empty() {
        eprintln!(
            "rapport: {} files that the database names are not in the media folder (`rapport verify` names \
                them)",
            made.missing.len()
        );
    }
    match key {
        _ if made.key == "none" => println!("There is no key yet: nothing is encrypted."),
        KeyPlace::Inside => {
            println!("The key is in it: keep it where nobody else reads it, or use --key FILE.");
        }
        KeyPlace::Apart(file) => println!("The key is in {}.", file.display()),
        KeyPlace::LeftOut => println!("The key is not in it: channels need it. Keep it yourself."),
    }
    Ok(())
}

async fn restore(config: &Config, folder: &Path, key: &KeyPlace) -> Outcome {
    let done = backup::put_back(config, folder, key).await?;
    let made = done.manifest;
    println!(
        "Restored {} messages in {} conversations and {} files; a new epoch began.",
        made.messages, made.conversations, made.files
    );
    if made.owed > 0 {
        println!(
            "{} messages were still to be sent when the backup was taken, and may have been sent since: look \
                at them \
             first (docs/operations.md, \"After a restore\").",
            made.owed
        );
    }
    if !done.has_key {
        println!("The key is missing: set RAPPORT_SECRET_KEY to the backup's key before you start.");
    }
    println!("Start the server; `rapport verify` then looks whether all is there.");
    Ok(())
}

/// For a server that is stopped: it reads the epoch when it starts.
async fn restored(config: &Config) -> Outcome {
    let name = new_token().expose_secret().to_owned();
    let db = stopped(config).await?;
    ledger(&db).await?.give(BeginEpoch { name, only_first: false }).await?;
    println!("A new epoch began. Start the servers: open pages will reload everything.");
    Ok(())
}

/// For a server that is stopped: all secrets or none.
async fn rekey(config: &Config) -> Outcome {
    let db = stopped(config).await?;
    let old = Vault::new(&line_from_stdin("The old key (it will be shown):")?);
    let (new, is_made) = key(config)?;
    let outcome = ledger(&db).await?.give(Rekey { old, new }).await;
    if outcome.is_err() && is_made {
        config.secret.unmake(&config.database)?;
    }
    println!("{} secrets are encrypted with the new key. Web chat visitors start as new visitors.", outcome?);
    Ok(())
}

/// For a server that is stopped, and a key that nobody has any more.
async fn rekey_lost(config: &Config) -> Outcome {
    let db = stopped(config).await?;
    let (vault, _) = key(config)?;
    let lost = ledger(&db).await?.give(DropLost { vault }).await?;
    if lost.is_empty() {
        println!("Nothing is lost: {} decrypts every stored secret.", config.secret.place(&config.database));
        return Ok(());
    }
    for (what, id) in &lost {
        println!("dropped: {what} {id}");
    }
    println!(
        "From now on {} is the key: keep it safe. Enter the credentials of paused channels in the dashboard, \
            and make \
         webhooks and addresses of flows anew that programs sign by or must be shown.",
        config.secret.place(&config.database)
    );
    Ok(())
}

/// The key the settings name, made if there is none; and whether it was made.
fn key(config: &Config) -> Result<(Vault, bool), Box<dyn Error>> {
    let (secret, database) = (&config.secret, &config.database);
    Ok(match secret.kept(database)? {
        Some(key) => (Vault::new(&key), false),
        None => (Vault::new(&secret.make(database)?), true),
    })
}

/// A database that is there, and that no server works on meanwhile.
async fn stopped(config: &Config) -> Result<Db, Box<dyn Error>> {
    Ok(Db::open_as(config.database.url.expose_secret(), Opening::STOPPED).await?)
}

async fn ledger(db: &Db) -> Result<Ledger, Box<dyn Error>> {
    Ok(app::ledger(db, std::sync::Arc::new(drop)).await?)
}

async fn add_user(config: Config, username: &str, role: RoleName, full_name: Option<String>) -> Outcome {
    let user = new_user(&Hasher::new(), username, role.into(), full_name).await?;
    let listening = config.http.listen;
    let app = App::open(config, listening, Opening::MAKE).await?;
    let user = app.ledger.give(CreateUser { by: None, user }).await?;
    println!("{} {} was added.", user.role, user.username);
    Ok(())
}

/// Makes somebody a member of a workspace: with the account they have, or with a new one.
async fn add_member(
    config: &Config,
    slug: &str,
    (username, role): (&str, Role),
    full_name: Option<String>,
) -> Outcome {
    let db = Db::open_unchanged(config.database.url.expose_secret()).await?;
    let user = match workspaces::known(&db, username, role).await? {
        Some(known) => known,
        None => new_user(&Hasher::new(), username, role, full_name).await?,
    };
    workspaces::add_member(&db, slug, user).await
}

/// Whoever has no account yet; their password is read.
async fn new_user(
    hasher: &Hasher,
    username: &str,
    role: Role,
    full_name: Option<String>,
) -> Result<NewUser, Box<dyn Error>> {
    let username = checked_username(username)?;
    let full_name = crate::desk::users::checked_full_name(full_name.as_deref(), &username)?;
    let password = checked_password(line_from_stdin("Password (it will be shown):")?)?;
    Ok(NewUser { full_name, username, email: None, role, password_hash: hasher.hash(password).await })
}

/// What is done to users who are there, while the server runs or not. Never makes a database.
async fn user(config: &Config, task: UserTask) -> Outcome {
    let db = Db::open_unchanged(config.database.url.expose_secret()).await?;
    match task {
        UserTask::Add { .. } => Ok(()),
        UserTask::List => list_users(&db).await,
        UserTask::Password { username } => {
            let account = named(&db, &username).await?;
            let password = checked_password(line_from_stdin("The new password (it will be shown):")?)?;
            let password_hash = Some(Hasher::new().hash(password).await);
            let change = UserChange { password_hash, ..UserChange::default() };
            change_user(&db, &account, change, "has a new password; all their sessions and tokens ended")
                .await
        }
        UserTask::Unlock { username } => {
            let member = named(&db, &username).await?;
            let account = member.account_id;
            let all = db.read(async move |conn| users::all_of_account(conn, account).await).await?;
            // Who is a member somewhere can sign in there: what they left elsewhere stays left.
            let is_active = all.iter().all(|member| member.deactivated_at.is_some()).then_some(true);
            let change = UserChange { is_active, is_unlocked: true, ..UserChange::default() };
            change_user(&db, &member, change, "may sign in").await
        }
        UserTask::Deactivate { username } => {
            let account = named(&db, &username).await?.account_id;
            let all = db.read(async move |conn| users::all_of_account(conn, account).await).await?;
            // Where they are a member of several workspaces, of none of them any more.
            for member in all.iter().filter(|member| member.deactivated_at.is_none()) {
                let change = UserChange { is_active: Some(false), ..UserChange::default() };
                change_user(&db, member, change, "was deactivated; all their sessions and tokens ended")
                    .await?;
            }
            Ok(())
        }
    }
}

async fn named(db: &Db, username: &str) -> Result<Member, Box<dyn Error>> {
    let wanted = username.to_owned();
    let found = db.read(async move |conn| users::by_username(conn, &wanted).await).await?;
    found.ok_or_else(|| format!("there is no user called {username:?}; `rapport user list` shows all").into())
}

async fn change_user(db: &Db, member: &Member, change: UserChange, done: &str) -> Outcome {
    let by = (member.user.workspace_id, None);
    ledger(db).await?.give(UpdateUser { by, id: member.user.id, change }).await?;
    println!("{} {}.", member.user.username, done);
    Ok(())
}

async fn list_users(db: &Db) -> Outcome {
    let (members, slugs) = db
        .read(async |conn| {
            Ok((users::everybody(conn).await?, crate::store::accounts::workspaces::all(conn).await?))
        })
        .await?;
    for Member { user, deactivated_at, .. } in &members {
        let state = if deactivated_at.is_some() { "deactivated" } else { "active" };
        // Where there is one workspace nobody need be told which.
        let here = slugs.iter().filter(|_| slugs.len() > 1).find(|row| row.id == user.workspace_id);
        let place = here.map(|row| format!("  /w/{}/", row.slug)).unwrap_or_default();
        println!(
            "{:6} {:5} {state:11} {}  {}{place}",
            user.id.0,
            user.role.as_str(),
            user.username,
            user.full_name
        );
    }
    println!("{} users.", members.len());
    Ok(())
}

/// One line, without its end: a pasted or piped password never includes it.
fn line_from_stdin(prompt: &str) -> std::io::Result<SecretString> {
    use std::io::{IsTerminal, stdin};
    if stdin().is_terminal() {
        eprintln!("{prompt}");
    }
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n'])))
}
