//! PostgreSQL's pool, and the thread that drives its sockets. Never a query.

use super::conn::Conn;
use super::error::StoreError;
use super::tls;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
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
/// that no busy worker delays. `limit`: how long a statement may take; none: as long as it takes.
pub(super) fn open(
    url: &str,
    size: usize,
    runtime: Option<tokio::runtime::Handle>,
    limit: Option<Duration>,
) -> Result<Pool<AsyncPgConnection>, StoreError> {
    let mut config = ManagerConfig::<AsyncPgConnection>::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |url| {
        let (runtime, url) = (runtime.clone(), url.to_owned());
        async move {
            let Some(runtime) = runtime else { return establish(&url, limit).await };
            runtime
                .spawn(async move { establish(&url, limit).await })
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

async fn establish(url: &str, limit: Option<Duration>) -> diesel::ConnectionResult<AsyncPgConnection> {
    let mut conn = tls::establish(url).await?;
    if let Some(limit) = limit {
        conn.batch_execute(&format!("SET statement_timeout = {}", limit.as_millis()))
            .await
            .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    }
    Ok(conn)
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
