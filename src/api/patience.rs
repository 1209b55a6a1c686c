//! How long a request's body may take, and what becomes of one that nobody wants to read. Never how large it may be:
//! that is each route's own limit.

use super::problem::Problem;
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
use std::task::{Context, Poll};
use std::time::Duration;

/// How long nothing may come, and how much longer than its slowest rate a whole body may take.
const GRACE: Duration = Duration::from_secs(20);
/// The slowest rate, in bytes a second.
const SLOWEST: u64 = 8 * 1024;

/// Gives a body up that comes too slowly, and hangs up on one that was refused before its end: actix would read
/// the rest of it for as long as it comes.
pub async fn limit(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody + 'static>>, Error> {
    if !has_body(&request) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let fate = Rc::new(Fate::default());
    let inner = Rc::new(RefCell::new(request.extract::<web::Payload>().await?.into_inner()));
    request.set_payload(Payload::Stream { payload: Box::pin(Patient::new(inner.clone(), fate.clone())) });
    let answer = next.call(request).await?;
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

/// What became of a body.
#[derive(Default)]
struct Fate {
    is_read: Cell<bool>,
    is_late: Cell<bool>,
}

/// A body that must keep coming.
struct Patient {
    inner: Rc<RefCell<Payload>>,
    fate: Rc<Fate>,
    begun: Instant,
    received: u64,
    alarm: Pin<Box<Sleep>>,
}

impl Patient {
    fn new(inner: Rc<RefCell<Payload>>, fate: Rc<Fate>) -> Self {
        Self { inner, fate, begun: Instant::now(), received: 0, alarm: Box::pin(sleep(GRACE)) }
    }

    fn came(&mut self, bytes: usize) {
        self.received = self.received.saturating_add(bytes as u64);
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

/// An answer that keeps the unread body alive: so the connection ends with the answer. Dropped before, it would
/// count as something to be read to its end.
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
