//! Starts what serves and drains it at the end: `run(listener, app, shutdown)`. The caller owns the
//! port and the signal. Never a route: those are in `api`.

use crate::ai::{Model, ModelBudget, Transcriber, TurnWorker};
use crate::api;
use crate::app::App;
use crate::channel_checks::ChannelChecks;
use crate::config::Delivery;
use crate::desk::restore::PurgeDeleted;
use crate::desk::{bulk_run, look_unread, remember_days, reminders, share_budgets, snooze, template_sync};
use crate::domain::Timestamp;
use crate::flows::FlowTimer;
use crate::hooks::{self, HookWorker};
use crate::ingest::{
    self, Downloads, FileFetcher, ForgetExpired, ReleaseEchoes, ReleaseEdits, remove_unused_files,
};
use crate::jobs::{Workers, keep_up};
use crate::outbox::{DeliveryWorker, Worker};
use crate::sender::PlatformSender;
use crate::store::delivery::parked_events;
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::{HttpServer, web};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::any::Any;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::thread::available_parallelism;
use std::time::Duration;

/// Connections that may wait to be accepted: a thousand webhooks at once are not refused.
const BACKLOG: i32 = 4096;
/// How long a client may take to send its request's head.
const HEAD: Duration = Duration::from_secs(15);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a peer may leave what we sent unacknowledged: a frozen one is given up, even where
/// its own heartbeat is stalled behind it (docs/decisions/actix-actors.md).
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// The end takes 10 s at most: jobs under way, then sessions, requests, and the ledger.
const JOBS_END: Duration = Duration::from_secs(3);
const SESSIONS_END: Duration = Duration::from_secs(2);
const REQUESTS_END: u64 = 2;
const LEDGER_ENDS: Duration = Duration::from_secs(2);
/// A worker of its own has nothing else to end.
const WORK_ENDS: Duration = Duration::from_secs(7);
/// How often unused files are looked for.
const FILES: Duration = Duration::from_mins(5);
/// How often the house is kept.
const HOUSE: Duration = Duration::from_secs(10);

/// Fewer open files than this, and visitors' sockets can use them all up.
const FILES_WANTED: u64 = 8_192;

/// Lets this process open as many files and sockets as it may: shells and containers begin with 1,024.
pub fn raise_open_files() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        log::warn!("the limit of open files stays as it is: {error}");
    }
    // None is as many as the system has.
    let now = getrlimit(Resource::Nofile).current;
    if now.is_some_and(|now| now < FILES_WANTED) {
        let (now, before) = (now.unwrap_or_default(), current.unwrap_or_default());
        log::warn!(
            "this process may open {now} files and sockets (it began with {before}): each visitor and agent \
                takes one. \
             Let it open {FILES_WANTED} or more (ulimit -n, LimitNOFILE=, ulimits: nofile)"
        );
    }
}

/// Opens the port.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Serves until `shutdown`, then drains: no new requests, sessions closed, what is in flight
/// finished and committed.
pub async fn run(listener: TcpListener, app: App, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    let shared = web::Data::new(app.clone());
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(shared.clone())
            // From the inside out: what `translate` makes anew must not lose the body that `patience` holds.
            .wrap(from_fn(api::http::identity::ask_before_the_body))
            .wrap(from_fn(api::http::problem::translate))
            .wrap(from_fn(api::http::body_timeout::limit))
            .wrap(from_fn(api::http::html::keep_nothing))
            .wrap(api::http::html::security_headers(shared.public_url.is_https()))
            .wrap(from_fn(api::http::request_id::name))
            .wrap(from_fn(api::http::workspace_address::route))
            .configure(api::configure)
    })
    .workers(cores)
    .disable_signals()
    .client_request_timeout(HEAD)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(REQUESTS_END)
    .on_connect(|connection, _| tune(connection))
    .listen(listener)?
    .run();
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    let workers = start_jobs(&app, Process::Server);
    keep_house(&app, Process::Server);

    shutdown.await;
    log::info!("shutting down: finishing work in progress");
    // First what is under way, so that sessions hear of it; then the sessions, so that the server
    // need not wait for their connections.
    workers.finish(JOBS_END).await;
    app.live.close(SESSIONS_END).await;
    handle.stop(true).await;
    if tokio::time::timeout(LEDGER_ENDS, app.ledger.drain()).await.is_err() {
        log::warn!("the ledger did not finish in time; what is not committed was not answered either");
    }
    if let Err(error) = app.db.fold().await {
        log::warn!("rapport.db is whole only together with its -wal file: {error}");
    }
    serving.await.map_err(io::Error::other)?
}

/// Only delivers, until `shutdown`: what is under way is finished first.
pub async fn work(app: App, shutdown: impl Future<Output = ()>) {
    let workers = start_jobs(&app, Process::Worker);
    keep_house(&app, Process::Worker);
    shutdown.await;
    log::info!("shutting down: finishing work in progress");
    workers.finish(WORK_ENDS).await;
    if tokio::time::timeout(LEDGER_ENDS, app.ledger.drain()).await.is_err() {
        log::warn!("the ledger did not finish in time");
    }
}

/// Which work a process does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Process {
    /// All of it, but deliveries and flows only if its settings say so.
    Server,
    /// What needs no file of its own: files are fetched and heard where people see them.
    Worker,
}

/// Starts all leased work of this process, on this thread.
fn start_jobs(app: &App, process: Process) -> Workers {
    let (db, ledger) = (app.db.clone(), app.ledger.clone());
    let mut workers = Workers::new(ledger.clone(), !app.config.database.joins_processes());
    let is_server = process == Process::Server;
    if !is_server || matches!(app.config.database.delivery, Delivery::On) {
        workers.add("sends", start_worker(app).drain());
        workers.start(FlowTimer::new(ledger.clone(), db.clone(), app.live.flow_due()));
    }
    if let Some(model) = app.model.clone() {
        workers.start(turns(app, model));
    }
    if let Some(model) = app.model.clone().filter(|model| is_server && model.hears()) {
        workers.start(Transcriber::new(db.clone(), ledger.clone(), app.media.clone(), model));
    }
    if is_server {
        workers.start(FileFetcher::new(db.clone(), ledger.clone(), downloads(app)));
        workers.start(channel_checks(app));
        actix_web::rt::spawn(ChannelChecks::begin(ledger.clone()));
    }
    workers.start(HookWorker::new(db, ledger, app.vault.clone(), app.caller.clone()));
    workers
}

/// Starts the loops that look after rows and files now and then; nothing of theirs is waited for at the end.
fn keep_house(app: &App, process: Process) {
    keep_up(app, "housekeeping", housekeeping);
    keep_up(app, "forgetting old hook events", |app| hooks::forget_settled(app.ledger.clone()));
    if process == Process::Worker {
        return;
    }
    keep_up(app, "asking for profiles", |app| {
        ingest::ask_for_profiles(downloads(&app), app.db.clone(), app.ledger.clone())
    });
    keep_up(app, "waking the snoozed and reminding", wake_sleepers);
    keep_up(app, "bulk changes", |app| bulk_run::run(app.db.clone(), app.ledger.clone()));
    keep_up(app, "summing up days", |app| remember_days::run(app.db.clone(), app.ledger.clone()));
    keep_up(app, "looking for what is unread", |app| look_unread::run(app.db.clone(), app.ledger.clone()));
    keep_up(app, "copying templates", |app| {
        template_sync::run(app.db.clone(), app.ledger.clone(), app.channels.clone(), app.platforms.clone())
    });
    keep_up(app, "removing unused files", remove_files);
    if app.db.is_shared() {
        keep_up(app, "sharing budgets", |app| {
            share_budgets::share(
                app.db.clone(),
                app.ledger.clone(),
                app.strangers.clone(),
                app.throttle.clone(),
            )
        });
    }
    keep_up(app, "washing out what was erased", api::inbox::erased::wash_again);
}

/// The one sender, on this thread.
fn start_worker(app: &App) -> Worker {
    let sender = PlatformSender::new(
        app.db.clone(),
        app.ledger.clone(),
        app.channels.clone(),
        app.platforms.clone(),
        app.media.clone(),
        app.config.platforms.timeout(),
    );
    let name = format!("process {}", std::process::id());
    DeliveryWorker::start(app.ledger.clone(), app.db.clone(), Rc::new(sender), app.live.outbox_ready(), name)
}

/// What is asked of channels' platforms now and then.
fn channel_checks(app: &App) -> ChannelChecks {
    let writes = (app.db.clone(), app.ledger.clone(), app.live.clone());
    let asks = (app.channels.clone(), app.platforms.clone(), app.vault.clone());
    ChannelChecks::new(writes, asks, app.public_url.clone(), app.config.platforms.timeout())
}

/// What models answer, one question at a time for each turn.
fn turns(app: &App, model: Model) -> TurnWorker {
    let limits = &app.config.limits;
    let most = [limits.limit_model, limits.limit_model_channel, limits.limit_model_conversation];
    TurnWorker::new(app.db.clone(), app.ledger.clone(), model, ModelBudget { most })
}

/// How files come from platforms into our folder.
fn downloads(app: &App) -> Downloads {
    let (directory, platforms) = (app.channels.clone(), app.platforms.clone());
    Downloads { directory, platforms, folder: app.media.clone() }
}

/// What must be looked at now and then: echoes and edits that waited long enough become messages,
/// other parked events that waited in vain are forgotten.
async fn housekeeping(app: App) {
    loop {
        actix_web::rt::time::sleep(HOUSE).await;
        let now = Timestamp::now();
        let waiting =
            app.db.read(async move |conn| parked_events::expired_echoes(conn, now, 100).await).await;
        for conversation_id in waiting.unwrap_or_default() {
            if let Err(error) = app.ledger.give(ReleaseEchoes { conversation_id }).await {
                log::warn!("parked echoes could not be checked, retrying: {error}");
            }
        }
        let waiting = app.db.read(async move |conn| parked_events::expired_edits(conn, now, 100).await).await;
        for (channel_id, platform_message_id) in waiting.unwrap_or_default() {
            if let Err(error) = app.ledger.give(ReleaseEdits { channel_id, platform_message_id }).await {
                log::warn!("parked edits could not be checked, retrying: {error}");
            }
        }
        if let Err(error) = app.ledger.give(ForgetExpired).await {
            log::warn!("expired parked events could not be deleted, retrying: {error}");
        }
    }
}

/// Sleeping conversations wake within this of their time.
const WAKE: Duration = Duration::from_secs(1);

/// Wakes sleeping conversations and gives reminders; several processes may do so at once.
async fn wake_sleepers(app: App) {
    loop {
        actix_web::rt::time::sleep(WAKE).await;
        if let Err(error) = snooze::wake_due(&app.db, &app.ledger).await {
            log::warn!("snoozed conversations could not be checked, retrying: {error}");
        }
        if let Err(error) = reminders::remind_due(&app.db, &app.ledger).await {
            log::warn!("reminders cannot be looked at yet: {error}");
        }
    }
}

/// Takes away the files that nothing needs any more.
async fn remove_files(app: App) {
    loop {
        match remove_unused_files(&app.db, &app.ledger, &app.media, Timestamp::now()).await {
            Ok(0) => {}
            Ok(count) => log::info!("{count} unused files deleted"),
            Err(error) => log::warn!("unused files could not be checked, retrying: {error}"),
        }
        if let Err(error) = app.ledger.give(PurgeDeleted).await {
            log::warn!("rows deleted long ago could not be purged, retrying: {error}");
        }
        actix_web::rt::time::sleep(FILES).await;
    }
}

fn tune(connection: &dyn Any) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
    let tuned = stream
        .set_nodelay(true)
        .and_then(|()| SockRef::from(stream).set_tcp_user_timeout(Some(UNACKNOWLEDGED)));
    if let Err(error) = tuned {
        log::debug!("a connection could not be tuned: {error}");
    }
}
