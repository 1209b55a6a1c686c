//! Starts what serves and drains it at the end: `run(listener, app, shutdown)`. The caller owns the
//! port and the signal. Never a route: those are in `api`.

use crate::ai::{Model, ModelBudget, Transcriber, TurnWorker};
use crate::api;
use crate::app::App;
use crate::config::Delivery;
use crate::desk::restore::PurgeDeleted;
use crate::desk::{budgets, bulk_run, reminders, snooze};
use crate::domain::Timestamp;
use crate::flows::FlowTimer;
use crate::hooks::HookWorker;
use crate::ingest::{FileFetcher, ForgetExpired, ReleaseEchoes, ReleaseEdits, remove_unused_files};
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
/// The end takes 10 s at most: sends under way, then sessions, requests, and the ledger.
const SENDS_END: Duration = Duration::from_secs(3);
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
    let worker =
        matches!(app.config.database.delivery, Delivery::On).then(|| (start_worker(&app), start_timer(&app)));
    actix_web::rt::spawn(housekeeping(app.clone()));
    actix_web::rt::spawn(wake_sleepers(app.clone()));
    actix_web::rt::spawn(bulk_run::run(app.db.clone(), app.ledger.clone()));
    actix_web::rt::spawn(fetcher(&app).run());
    start_turns(&app);
    start_hearing(&app);
    start_hooks(&app);
    actix_web::rt::spawn(remove_files(app.clone()));
    if app.db.is_shared() {
        let shared =
            budgets::share(app.db.clone(), app.ledger.clone(), app.strangers.clone(), app.throttle.clone());
        actix_web::rt::spawn(shared);
    }
    actix_web::rt::spawn(api::inbox::erased::wash_again(app.clone()));

    shutdown.await;
    log::info!("shutting down: finishing work in progress");
    // First what is under way, so that sessions hear of it; then the sessions, so that the server
    // need not wait for their connections.
    if let Some((worker, timer)) = worker {
        tokio::join!(worker.finish(SENDS_END), timer.finish(SENDS_END));
    }
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
    let (worker, timer) = (start_worker(&app), start_timer(&app));
    actix_web::rt::spawn(housekeeping(app.clone()));
    start_turns(&app);
    start_hooks(&app);
    shutdown.await;
    log::info!("shutting down: finishing work in progress");
    tokio::join!(worker.finish(WORK_ENDS), timer.finish(WORK_ENDS));
    if tokio::time::timeout(LEDGER_ENDS, app.ledger.drain()).await.is_err() {
        log::warn!("the ledger did not finish in time");
    }
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

/// What moves the runs of flows, on this thread.
fn start_timer(app: &App) -> FlowTimer {
    let is_alone = !app.config.database.joins_processes();
    FlowTimer::start(app.ledger.clone(), app.db.clone(), app.live.flow_due(), is_alone)
}

/// What models answer, if there is one: in every process that knows it.
fn start_turns(app: &App) {
    let Some(model) = app.model.clone() else { return };
    let is_alone = !app.config.database.joins_processes();
    let limits = &app.config.limits;
    let most = [limits.limit_model, limits.limit_model_channel, limits.limit_model_conversation];
    let worker = TurnWorker::new(app.db.clone(), app.ledger.clone(), model, ModelBudget { most });
    actix_web::rt::spawn(worker.run(is_alone));
}

/// What recordings say, if somebody hears them: in every server, where the files are.
fn start_hearing(app: &App) {
    let Some(model) = app.model.clone().filter(Model::hears) else { return };
    let is_alone = !app.config.database.joins_processes();
    let (db, ledger, media) = (app.db.clone(), app.ledger.clone(), app.media.clone());
    actix_web::rt::spawn(Transcriber::new(db, ledger, media, model).run(is_alone));
}

/// Who tells programs outside: in every process.
fn start_hooks(app: &App) {
    let is_alone = !app.config.database.joins_processes();
    let (db, ledger, vault, caller) =
        (app.db.clone(), app.ledger.clone(), app.vault.clone(), app.caller.clone());
    actix_web::rt::spawn(HookWorker::new(db, ledger, vault, caller).run(is_alone));
}

/// Who gets the files and the profiles that platforms keep.
fn fetcher(app: &App) -> FileFetcher {
    let (db, ledger, channels) = (app.db.clone(), app.ledger.clone(), app.channels.clone());
    FileFetcher::new(db, ledger, channels, app.platforms.clone(), app.media.clone())
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
