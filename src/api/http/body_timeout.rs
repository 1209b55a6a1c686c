//! How long a request's body may take, and what becomes of one that nobody wants to read. Never how large it
//! may be: that is each route's own limit.

use super::identity::OPEN;
use super::problem::Problem;
use crate::app::App;
use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::rt::time::{Instant, Sleep, sleep};
use actix_web::web::{self, Bytes};
use actix_web::{Error, ResponseError};
use futures_util::Stream;
use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// How long nothing may come, and how much longer than its slowest rate a whole body may take.
const GRACE: Duration = Duration::from_secs(20);
/// The slowest rate, in bytes a second.
const SLOWEST: u64 = 8 * 1024;
/// A body that nobody has proved anything about must come on at that rate in each of these, or end.
const WINDOW: Duration = Duration::from_secs(10);

/// Gives a body up that comes too slowly, and hangs up on one that was refused before its end: actix would
/// read the rest of it for as long as it comes.
pub async fn limit(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody + 'static>>, Error> {
    if !has_body(&request) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let fate = Rc::new(Fate::of(unproven(&request)));
    let inner = Rc::new(RefCell::new(request.extract::<web::Payload>().await?.into_inner()));
    request.set_payload(Payload::Stream { payload: Box::pin(Patient::new(inner.clone(), fate.clone())) });
    let answer = next.call(request).await?;
    if fate.is_full.get() {
        let full =
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "The server is busy. Try again soon.");
        let (request, _) = answer.into_parts();
        let answer = ServiceResponse::new(request, full.error_response());
        return Ok(answer.map_body(|_, body| EitherBody::right(Held::around(body, inner))));
    }
    if fate.is_late.get() {
        let late =
            Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", "The request took too long to arrive.");
        let (request, _) = answer.into_parts();
        let answer = ServiceResponse::new(request, late.error_response());
        return Ok(answer.map_body(|_, body| EitherBody::right(Held::around(body, inner))));
    }
    if fate.is_read.get() {
        return Ok(answer.map_into_left_body());
    }
    Ok(answer.map_body(|_, body| EitherBody::right(Held::around(body, inner))))
}

fn has_body(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    let names_a_length = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0");
    (names_a_length || headers.contains_key(header::TRANSFER_ENCODING))
        && !headers.contains_key(header::UPGRADE)
}

/// Bytes that bodies take in memory which nobody has proved anything about, in this process.
static UNPROVEN: AtomicUsize = AtomicUsize::new(0);
/// A body that says it is no longer than this may use up what larger ones leave.
const SMALL: usize = 64 * 1024;

/// How many such bytes there may be for this body to be read on; none: it comes from somebody who is known.
fn unproven(request: &ServiceRequest) -> Option<usize> {
    let path = request.path();
    let is_open = ["/webhooks/", "/hooks/"].iter().any(|open| path.starts_with(open)) || OPEN.contains(&path);
    let app = request.app_data::<web::Data<App>>().filter(|_| is_open)?;
    let most = usize::try_from(app.config.limits.limit_unproven).ok()?.checked_mul(1024 * 1024)?;
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let share = if length.is_some_and(|length| length <= SMALL) { most } else { most / 4 * 3 };
    (most > 0).then_some(share)
}

/// What became of a body.
struct Fate {
    is_read: Cell<bool>,
    is_late: Cell<bool>,
    is_full: Cell<bool>,
    /// How many unproven bytes there may be altogether; none: it is not counted.
    most: Option<usize>,
    held: Cell<usize>,
}

impl Fate {
    /// Nothing yet.
    fn of(most: Option<usize>) -> Self {
        let (is_read, is_late, is_full, held) = Default::default();
        Self { is_read, is_late, is_full, most, held }
    }

    /// Whether so many bytes more may be held, until this body is answered. What collects them doubles its
    /// room when it is full, so they take twice their number.
    fn holds(&self, bytes: usize) -> bool {
        let Some(most) = self.most else { return true };
        let bytes = 2 * bytes;
        self.held.set(self.held.get() + bytes);
        UNPROVEN.fetch_add(bytes, Ordering::Relaxed) + bytes <= most
    }
}

impl Drop for Fate {
    fn drop(&mut self) {
        UNPROVEN.fetch_sub(self.held.get(), Ordering::Relaxed);
    }
}

/// A body that must keep coming.
struct Patient {
    inner: Rc<RefCell<Payload>>,
    fate: Rc<Fate>,
    begun: Instant,
    received: u64,
    /// When the window began in which an unproven body must come on, and what came in it.
    window: (Instant, u64),
    alarm: Pin<Box<Sleep>>,
}

impl Patient {
    fn new(inner: Rc<RefCell<Payload>>, fate: Rc<Fate>) -> Self {
        let now = Instant::now();
        let grace = if fate.most.is_some() { WINDOW } else { GRACE };
        Self { inner, fate, begun: now, received: 0, window: (now, 0), alarm: Box::pin(sleep(grace)) }
    }

    fn came(&mut self, bytes: usize) {
        self.received = self.received.saturating_add(bytes as u64);
        if self.fate.most.is_some() {
            self.window.1 += bytes as u64;
            // What came early does not make good for what trickles.
            if self.window.1 >= SLOWEST * WINDOW.as_secs() {
                self.window = (Instant::now(), 0);
                let end = self.window.0 + WINDOW;
                self.alarm.as_mut().reset(end);
            }
            return;
        }
        let whole = self.begun + GRACE + Duration::from_secs(self.received / SLOWEST);
        self.alarm.as_mut().reset(whole.min(Instant::now() + GRACE));
    }
}

impl Stream for Patient {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut *self.inner.borrow_mut()).poll_next(context);
        match polled {
            Poll::Ready(Some(Ok(bytes))) => {
                if !self.fate.holds(bytes.len()) {
                    self.fate.is_full.set(true);
                    return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::OutOfMemory.into()))));
                }
                self.came(bytes.len());
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Ready(end) => {
                self.fate.is_read.set(true);
                Poll::Ready(end)
            }
            Poll::Pending if self.alarm.as_mut().poll(context).is_ready() => {
                self.fate.is_late.set(true);
                Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

/// An answer that keeps the unread body alive: so the connection ends with the answer. Dropped before, it
/// would count as something to be read to its end.
struct Held {
    body: BoxBody,
    _payload: Rc<RefCell<Payload>>,
}

impl Held {
    fn around(body: impl MessageBody + 'static, payload: Rc<RefCell<Payload>>) -> BoxBody {
        BoxBody::new(Self { body: BoxBody::new(body), _payload: payload })
    }
}

impl MessageBody for Held {
    type Error = Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        Pin::new(&mut self.body).poll_next(context).map_err(Into::into)
    }
}
