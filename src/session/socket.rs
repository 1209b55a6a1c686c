//! The transport of a session: actix-web-actors, and nothing but it, so that it can be exchanged
//! (its authors have retired it). Known traps and what is done here: the codec buffers a declared
//! frame before it checks its size (`guard` counts in front of it); a stalled reader stops this
//! actor with its timers (the hub bounds what waits, `TCP_USER_TIMEOUT` ends the socket); the
//! frame codec sums nothing over continuation frames (done here).

use super::feeds::{Effect, Logic, Out, Place};
use super::frame_guard::{Fault, Guard, MAX_PAYLOAD};
use crate::live::frames::Close;
use crate::live::session_event::SessionEvent;
use actix::prelude::*;
use actix_http::ws::{Codec, Item};
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws::{self, Message, ProtocolError, WebsocketContext};
use futures_util::{Stream, StreamExt};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often the server pings; a client that is silent for two of them is gone.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// SessionEvent that may wait for a session, whatever their size.
const MAX_QUEUED: usize = 1_024;

/// One socket.
pub struct UserSession<L: Logic> {
    logic: L,
    outstanding: Arc<AtomicUsize>,
    fault: Rc<Cell<Option<Fault>>>,
    seen: Instant,
    pieces: BytesMut,
    is_closing: bool,
}

/// Upgrades a request to a session; the subprotocol, if the client asked for it, is answered.
pub fn upgrade<L: Logic>(
    logic: L,
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let mut response = ws::handshake_with_protocols(request, &["rapport.v1"])?;
    let fault = Rc::new(Cell::new(None));
    let session = UserSession {
        logic,
        outstanding: Arc::default(),
        fault: fault.clone(),
        seen: Instant::now(),
        pieces: BytesMut::new(),
        is_closing: false,
    };
    let codec = Codec::new().max_size(usize::try_from(MAX_PAYLOAD).unwrap_or(usize::MAX));
    let stream = WebsocketContext::with_codec(session, guarded(payload, fault), codec);
    Ok(response.streaming(stream))
}

fn guarded(
    payload: Payload,
    fault: Rc<Cell<Option<Fault>>>,
) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    let mut guard = Guard::default();
    payload.map(move |bytes| {
        let bytes = bytes?;
        match guard.check(&bytes) {
            Ok(()) => Ok(bytes),
            Err(found) => {
                fault.set(Some(found));
                Err(PayloadError::Overflow)
            }
        }
    })
}

impl<L: Logic> UserSession<L> {
    fn step(&mut self, ctx: &mut WebsocketContext<Self>, step: impl FnOnce(&mut L, &mut Out<L>)) {
        let mut out = Out::default();
        step(&mut self.logic, &mut out);
        for effect in out.effects {
            match effect {
                Effect::Text(text) if !self.is_closing => ctx.text(text),
                Effect::Close(why) => self.close(why, ctx),
                Effect::Run(work) => {
                    ctx.spawn(work.into_actor(self).map(|then, session, ctx| session.step(ctx, then)));
                }
                Effect::Text(_) => {}
            }
        }
    }

    fn close(&mut self, why: Close, ctx: &mut WebsocketContext<Self>) {
        self.close_with(why.code().into(), why.reason(), ctx);
    }

    fn close_with(&mut self, code: ws::CloseCode, reason: &str, ctx: &mut WebsocketContext<Self>) {
        if !self.is_closing {
            self.is_closing = true;
            ctx.close(Some(ws::CloseReason { code, description: Some(reason.to_owned()) }));
            ctx.stop();
        }
    }

    fn heartbeat(&mut self, ctx: &mut WebsocketContext<Self>) {
        if self.seen.elapsed() > HEARTBEAT * 2 {
            self.close(Close::Silent, ctx);
        } else {
            ctx.ping(b"");
        }
    }

    fn text(&mut self, text: &str, ctx: &mut WebsocketContext<Self>) {
        self.step(ctx, |logic, out| logic.text(text, out));
    }

    fn pieces(&mut self, item: Item, ctx: &mut WebsocketContext<Self>) {
        match item {
            Item::FirstText(bytes) => self.pieces = BytesMut::from(&bytes[..]),
            Item::FirstBinary(_) => self.close(Close::NotText, ctx),
            Item::Continue(bytes) => self.pieces.extend_from_slice(&bytes),
            Item::Last(bytes) => {
                self.pieces.extend_from_slice(&bytes);
                let whole = self.pieces.split();
                match std::str::from_utf8(&whole) {
                    Ok(text) => self.text(text, ctx),
                    Err(_) => self.close(Close::NotText, ctx),
                }
            }
        }
    }

    fn broken(&mut self, error: &ProtocolError, ctx: &mut WebsocketContext<Self>) {
        match (self.fault.get(), error) {
            (Some(Fault::TooBig), _) | (None, ProtocolError::Overflow) => self.close(Close::TooBig, ctx),
            (Some(Fault::Protocol), _) => self.close_with(ws::CloseCode::Protocol, "no WebSocket frame", ctx),
            // The codec says so of a text that is none; where the line is dead, nobody hears the reason.
            (None, ProtocolError::Io(_)) => self.close(Close::NotText, ctx),
            (None, _) => self.close_with(ws::CloseCode::Protocol, "no WebSocket frame", ctx),
        }
    }
}

impl<L: Logic> Actor for UserSession<L> {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAX_QUEUED);
        let place = Place { news: ctx.address().recipient(), outstanding: self.outstanding.clone() };
        self.step(ctx, |logic, out| logic.opened(place, out));
        ctx.run_interval(HEARTBEAT, UserSession::heartbeat);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.logic.closed();
    }
}

impl<L: Logic> Handler<SessionEvent> for UserSession<L> {
    type Result = ();
    fn handle(&mut self, news: SessionEvent, ctx: &mut Self::Context) {
        // Taken: this runs only while the socket takes bytes, see the trap above.
        let weight = news.weight();
        let _ = self
            .outstanding
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(weight)));
        self.step(ctx, |logic, out| logic.news(news, out));
    }
}

impl<L: Logic> StreamHandler<Result<Message, ProtocolError>> for UserSession<L> {
    fn handle(&mut self, message: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        self.seen = Instant::now();
        match message {
            Ok(Message::Text(text)) => self.text(&text, ctx),
            Ok(Message::Continuation(item)) => self.pieces(item, ctx),
            Ok(Message::Ping(bytes)) => ctx.pong(&bytes),
            Ok(Message::Pong(_) | Message::Nop) => {}
            Ok(Message::Binary(_)) => self.step(ctx, |logic, out| logic.text("", out)),
            Ok(Message::Close(reason)) => {
                if !self.is_closing {
                    self.is_closing = true;
                    ctx.close(reason);
                }
                ctx.stop();
            }
            Err(error) => self.broken(&error, ctx),
        }
    }

    fn finished(&mut self, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
