//! Threads that read from SQLite, each with a connection of its own: asynchronous reads end where they begin.
//! Never a write: their connections cannot.

use super::conn::{Conn, Inline};
use super::error::StoreError;
use diesel::SqliteConnection;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use tokio::sync::oneshot;

type ReadJob = Box<dyn for<'c> FnOnce(&'c mut Conn) -> LocalBoxFuture<'c, ()> + Send>;

/// Threads that read, in turn.
pub(super) struct Readers {
    queues: Vec<mpsc::Sender<ReadJob>>,
    next: AtomicUsize,
}

impl Readers {
    /// A thread for each connection; `name`: what they are called.
    pub(super) fn open(connections: Vec<SqliteConnection>, name: &str) -> Result<Self, StoreError> {
        let each = connections.into_iter().enumerate();
        let queues = each.map(|(number, raw)| reader(raw, format!("sqlite-{name}-{number}")));
        Ok(Self { queues: queues.collect::<Result<_, _>>()?, next: AtomicUsize::new(0) })
    }

    /// Reads on the next of them, after what waits there.
    pub(super) async fn read<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        F: AsyncFnOnce(&mut Conn) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: ReadJob = Box::new(move |conn| {
            async move {
                // The asker may have gone away: nobody misses the answer then, nor what was not begun yet.
                if !answer.is_closed() {
                    drop(answer.send(work(conn).await));
                }
            }
            .boxed_local()
        });
        let number = self.next.fetch_add(1, Ordering::Relaxed) % self.queues.len();
        self.queues[number].send(job).map_err(|_| unavailable("the readers have ended"))?;
        answered.await.map_err(|_| unavailable("a read panicked"))?
    }
}

fn reader(raw: SqliteConnection, name: String) -> Result<mpsc::Sender<ReadJob>, StoreError> {
    let mut conn = Conn::Sqlite(SyncConnectionWrapper::with_runtime(raw, Inline));
    let (jobs, queue) = mpsc::channel::<ReadJob>();
    thread::Builder::new()
        .name(name)
        .spawn(move || {
            while let Ok(job) = queue.recv() {
                let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    // Inline never pends: one poll ends it.
                    job(&mut conn).now_or_never()
                }));
                if outcome.is_err() {
                    log::error!("a read panicked; the reader goes on");
                }
            }
        })
        .map_err(|error| unavailable(format!("no thread for reading: {error}")))?;
    Ok(jobs)
}

fn unavailable(why: impl Into<String>) -> StoreError {
    StoreError::Unavailable(why.into())
}
