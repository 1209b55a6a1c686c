//! Starts what serves and drains it at the end: `run(listener, app, shutdown)`. The caller owns the
//! port and the signal. Never a route: those are in `api`.

use crate::api;
use crate::app::App;
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::{HttpServer, web};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::any::Any;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::available_parallelism;
use std::time::Duration;

/// Connections that may wait to be accepted: a thousand webhooks at once are not refused.
const BACKLOG: i32 = 4096;
/// How long a client may take to send its request's head.
const HEAD: Duration = Duration::from_secs(15);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a peer may leave what we sent unacknowledged: a frozen one is given up, even where
/// its own heartbeat is stalled behind it (spike, section 5).
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// The end takes 10 s at most: this long for requests in flight, the rest for the ledger.
const REQUESTS_END: u64 = 5;
const LEDGER_ENDS: Duration = Duration::from_secs(3);

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
        actix_web::App::new().app_data(shared.clone()).wrap(from_fn(api::problem::translate)).configure(api::configure)
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
    // The loops start here.

    shutdown.await;
    log::info!("ending: finishing what is in flight");
    // The sessions are closed with 1012 here, before the server waits for their connections.
    handle.stop(true).await;
    if tokio::time::timeout(LEDGER_ENDS, app.ledger.drain()).await.is_err() {
        log::warn!("the ledger did not finish in time; what is not committed was not answered either");
    }
    serving.await.map_err(io::Error::other)?
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
