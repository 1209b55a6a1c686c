//! What actix-web-actors alone takes to write frames that are encoded beforehand: a mailbox, a WebSocket codec and an
//! HTTP dispatcher for each socket, fed from one place on their thread. Never the library: no room, no version, no
//! gate, nobody's rights.

use crate::Outcome;
use actix::prelude::*;
use actix_web::web::{self, Payload, Query};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer};
use actix_web_actors::ws::{self, ProtocolError, WebsocketContext};
use bytestring::ByteString;
use serde::Deserialize;
use std::sync::{Mutex, PoisonError};

type Seats = web::Data<Mutex<Vec<Addr<Seat>>>>;

/// A socket.
struct Seat(Seats);

impl Actor for Seat {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(ctx.address());
    }
}

impl StreamHandler<Result<ws::Message, ProtocolError>> for Seat {
    fn handle(&mut self, _: Result<ws::Message, ProtocolError>, _: &mut Self::Context) {}
}

#[derive(Message)]
#[rtype(result = "()")]
struct Say(ByteString);

impl Handler<Say> for Seat {
    type Result = ();
    fn handle(&mut self, Say(text): Say, ctx: &mut Self::Context) {
        ctx.text(text);
    }
}

#[derive(Deserialize)]
struct Go {
    frames: usize,
    size: usize,
}

/// Serves `/ws`, and `/go?frames=N&size=S`, which has each socket write so many frames and then answers.
pub async fn serve() -> Outcome {
    let port: u16 = std::env::var("FLOOR_PORT")?.parse()?;
    let seats = Seats::default();
    let server = HttpServer::new(move || {
        App::new().app_data(seats.clone()).route("/ws", web::get().to(open)).route("/go", web::get().to(go))
    });
    Ok(server.workers(1).bind(("127.0.0.1", port))?.run().await?)
}

async fn open(request: HttpRequest, payload: Payload, seats: Seats) -> Result<HttpResponse, Error> {
    let mut response = ws::handshake(&request)?;
    Ok(response.streaming(WebsocketContext::create(Seat(seats), payload)))
}

async fn go(asked: Query<Go>, seats: Seats) -> HttpResponse {
    let text = ByteString::from(format!(
        "{{\"type\":\"chat_message\",{}",
        "x".repeat(asked.size.saturating_sub(23))
    ));
    let seats = seats.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for _ in 0..asked.frames {
        seats.iter().for_each(|seat| seat.do_send(Say(text.clone())));
        // Each writes before the next one comes: in small rooms nothing piles up.
        tokio::task::yield_now().await;
    }
    HttpResponse::Ok().finish()
}
