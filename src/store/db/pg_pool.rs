//! PostgreSQL's pool, and the thread that drives its sockets. Never a query.

use super::conn::Conn;
use super::error::StoreError;
use super::tls;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use std::thread;
use std::time::Duration;

/// How long a connection is waited for.
const WAIT: Duration = Duration::from_secs(5);

/// A connection that is free, or why there is none.
pub(super) async fn take(pool: &Pool<AsyncPgConnection>) -> Result<Conn, StoreError> {
    match tokio::time::timeout(WAIT, pool.get()).await {
        Ok(Ok(conn)) => Ok(Conn::Postgres(conn)),
        Ok(Err(error)) => Err(StoreError::Unavailable(error.to_string())),
        Err(_) => Err(StoreError::Unavailable("no connection within 5 s".into())),
    }
}

/// `establish` leaves a task for the socket on the runtime it runs on; with `runtime` that is one
/// that no busy worker delays.
pub(super) fn open(
    url: &str,
    size: usize,
    runtime: Option<tokio::runtime::Handle>,
) -> Result<Pool<AsyncPgConnection>, StoreError> {
    let mut config = ManagerConfig::<AsyncPgConnection>::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |url| {
        let (runtime, url) = (runtime.clone(), url.to_owned());
        async move {
            let Some(runtime) = runtime else { return tls::establish(&url).await };
            runtime
                .spawn(async move { tls::establish(&url).await })
                .await
                .map_err(|error| diesel::ConnectionError::BadConnection(error.to_string()))?
        }
        .boxed()
    });
    Pool::builder(AsyncDieselConnectionManager::new_with_config(url, config))
        .max_size(size)
        .build()
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// A thread that drives the sockets to PostgreSQL for as long as the process lives.
pub(super) fn runtime() -> Result<tokio::runtime::Handle, StoreError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("postgres-sockets".into())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(handle)
}
