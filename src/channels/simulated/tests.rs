//! The simulated platforms against our own senders and parsers. Never a port but loopback's own.

use super::{Customer, SimulatedAccount, Simulation, SimulationSettings, bodies, routes};
use crate::channels::meta::signature;
use crate::channels::{
    ChannelAccess, ChannelOptions, Credentials, PlatformSettings, Platforms, TemplateRequest, parse, telegram,
};
use crate::domain::inbound::{Author, InboundKind, Thread};
use crate::domain::outbound::{Outbound, OutboundTemplate, Part, SendOutcome};
use crate::domain::{ChannelKind, MessageStatus};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Webhooks = Arc<Mutex<Vec<(bool, Vec<u8>)>>>;

/// Our server's part: keeps what is delivered, and whether it was signed.
async fn take(request: HttpRequest, body: web::Bytes, webhooks: web::Data<Webhooks>) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let signed = signature::fits(header("x-hub-signature-256"), &body, "s3cret")
        || telegram::secret::verify(header("x-telegram-bot-api-secret-token"), "s3cret");
    webhooks.lock().expect("not poisoned").push((signed, body.to_vec()));
    HttpResponse::Ok().finish()
}

fn account(kind: ChannelKind) -> SimulatedAccount {
    SimulatedAccount {
        kind,
        external_id: "77".to_owned(),
        secret: "s3cret".to_owned(),
        webhook_path: "/in".to_owned(),
    }
}

/// The simulation, a client for it, and the webhooks it made.
fn start(kind: ChannelKind) -> (Simulation, Platforms, Webhooks) {
    let webhooks = Webhooks::default();
    let data = web::Data::new(webhooks.clone());
    let server =
        HttpServer::new(move || App::new().app_data(data.clone()).route("/in", web::post().to(take)))
            .workers(1)
            .bind("127.0.0.1:0")
            .expect("a port");
    let server_url = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    let settings =
        SimulationSettings { server_url, accounts: vec![account(kind)], pace: Duration::from_millis(1) };
    let simulation = Simulation::new(settings).expect("a client");
    let config = routes(simulation.clone());
    let platform = HttpServer::new(move || App::new().configure(config.clone()))
        .workers(1)
        .bind("127.0.0.1:0")
        .expect("a port");
    let base = format!("http://{}", platform.addrs()[0]);
    actix_web::rt::spawn(platform.run());
    let bases = ["graph", "instagram", "telegram"].map(|name| (name.to_owned(), base.clone())).into();
    let settings = PlatformSettings { bases, ..PlatformSettings::default() };
    (simulation, Platforms::new(settings).expect("a client"), webhooks)
}

async fn events(kind: ChannelKind, webhooks: &Webhooks, count: usize) -> Vec<InboundKind> {
    for _ in 0..1000 {
        if webhooks.lock().expect("not poisoned").len() >= count {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(5)).await;
    }
    let webhooks = webhooks.lock().expect("not poisoned");
    assert!(webhooks.iter().all(|(signed, _)| *signed));
    webhooks
        .iter()
        .flat_map(|(_, body)| parse(kind, "77", body).expect("json"))
        .map(|event| event.kind)
        .collect()
}

/// What it takes to speak for the account.
fn channel(kind: ChannelKind) -> ChannelAccess {
    ChannelAccess {
        kind,
        external_id: "77".to_owned(),
        options: ChannelOptions::default(),
        credentials: Credentials::from_pairs([("access_token", "T"), ("bot_token", "1:T")]),
    }
}

async fn send(kind: ChannelKind, platforms: &Platforms) -> String {
    let channel = channel(kind);
    let outbound = Outbound {
        thread: Thread::of(crate::channels::registry::identity(kind, "491", None)),
        part: Part::Text("hi".to_owned()),
        reply_to: None,
        topic: None,
        token: "t1".to_owned(),
        human_agent: false,
    };
    match platforms.send(&channel, &outbound).await {
        SendOutcome::Accepted { platform_message_id, .. } => platform_message_id,
        other => panic!("{kind}: {other:?}"),
    }
}

#[actix_web::test]
async fn whatsapp_follows_a_send_with_its_receipts() {
    let (simulation, platforms, webhooks) = start(ChannelKind::named("whatsapp"));
    let id = send(ChannelKind::named("whatsapp"), &platforms).await;
    let statuses: Vec<_> = events(ChannelKind::named("whatsapp"), &webhooks, 3)
        .await
        .into_iter()
        .map(|kind| match kind {
            InboundKind::Receipt(receipt) if receipt.message_ids == [id.clone()] => {
                (receipt.status, receipt.our_token.expect("token"))
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [MessageStatus::Sent, MessageStatus::Delivered, MessageStatus::Read]
        .map(|status| (status, "t1".to_owned()));
    assert_eq!(statuses, expected);
    assert_eq!(simulation.accepted().len(), 1);
}

#[actix_web::test]
async fn instagram_follows_a_send_with_its_echo() {
    let (_, platforms, webhooks) = start(ChannelKind::named("instagram"));
    let id = send(ChannelKind::named("instagram"), &platforms).await;
    let found = events(ChannelKind::named("instagram"), &webhooks, 2).await;
    assert!(
        matches!(&found[0], InboundKind::Message(echo) if echo.may_be_ours && echo.platform_message_id == id)
    );
    assert!(matches!(&found[1], InboundKind::Receipt(seen) if seen.status == MessageStatus::Read));
}

#[actix_web::test]
async fn telegram_takes_a_send_and_says_no_more() {
    let (simulation, platforms, _) = start(ChannelKind::named("telegram"));
    let id = send(ChannelKind::named("telegram"), &platforms).await;
    assert_eq!(id, format!("491:{}", simulation.accepted()[0].id));
}

#[actix_web::test]
async fn a_customer_is_delivered_twice_with_one_id() {
    for kind in [
        ChannelKind::named("whatsapp"),
        ChannelKind::named("instagram"),
        ChannelKind::named("messenger"),
        ChannelKind::named("telegram"),
    ] {
        let (simulation, _, webhooks) = start(kind);
        let (customer, words) = bodies::small_talk(0);
        simulation.say(&account(kind), customer, words).await;
        let found = events(kind, &webhooks, 2).await;
        let ids: Vec<_> = found
            .iter()
            .map(|kind| match kind {
                InboundKind::Message(message) => message.platform_message_id.as_str(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(ids.len() == 2 && ids[0] == ids[1], "{kind}: {ids:?}");
    }
}

#[actix_web::test]
async fn an_order_and_the_owners_answer_by_phone_are_read_as_they_were_meant() {
    let (simulation, _, webhooks) = start(ChannelKind::named("whatsapp"));
    let account = account(ChannelKind::named("whatsapp"));
    let customer = Customer { id: "15550170101".into(), name: "Mira Oduya".into() };
    let items =
        json!([{ "product_retailer_id": "Whale mug", "quantity": 2, "item_price": 14.5, "currency": "EUR" }]);
    let order = json!({ "type": "order", "order": { "catalog_id": "c", "product_items": items } });
    simulation.send(&account, &customer, &order).await;
    simulation.answer_by_phone(&account, &customer, "On its way!").await;
    let found = events(ChannelKind::named("whatsapp"), &webhooks, 2).await;
    assert!(matches!(&found[0], InboundKind::Message(it) if it.details.contains_key("order")), "{found:?}");
    assert!(
        matches!(&found[1], InboundKind::Message(it)
            if it.author == Author::Owner && it.text.as_deref() == Some("On its way!")),
        "{found:?}"
    );
}

#[actix_web::test]
async fn what_webhooks_lost_can_be_read_back_in_pages() {
    for kind in [ChannelKind::named("messenger"), ChannelKind::named("instagram")] {
        let (simulation, platforms, webhooks) = start(kind);
        let account = account(kind);
        let customer = Customer { id: "491".into(), name: "Mira Oduya".into() };
        simulation.lose_webhooks(true);
        for turn in 0..25 {
            simulation.say(&account, &customer, &format!("word {turn}")).await;
        }
        simulation.answer_by_phone(&account, &customer, "On its way!").await;
        assert!(webhooks.lock().expect("not poisoned").is_empty(), "{kind}: all were lost");
        let channel = channel(kind);
        let threads = platforms.past_threads(&channel, None).await.expect("an answer");
        assert!(threads.items.len() == 1 && threads.next.is_none(), "{kind}: {threads:?}");
        let thread = &threads.items[0].id;
        let first = platforms.past_messages(&channel, thread, None).await.expect("an answer");
        let told = |event: &crate::domain::inbound::InboundEvent| match &event.kind {
            InboundKind::Message(message) => (message.author, message.text.clone().unwrap_or_default()),
            other => panic!("{other:?}"),
        };
        let newest = first.items[0].event.as_ref().map(told);
        assert_eq!(newest, Some((Author::Owner, "On its way!".to_owned())), "{kind}");
        let second = platforms.past_messages(&channel, thread, first.next.as_deref()).await.expect("more");
        assert_eq!((first.items.len(), second.items.len()), (20, 6), "{kind}");
        let tells_all = second.items.iter().all(|item| item.event.is_some());
        assert_eq!(tells_all, kind == ChannelKind::named("messenger"), "Instagram tells of the newest 20");
    }
}

fn outbound_of(template: serde_json::Value) -> Outbound {
    let message = serde_json::from_value(template).expect("a template");
    Outbound {
        thread: Thread::of(crate::channels::registry::identity(ChannelKind::named("whatsapp"), "491", None)),
        part: Part::Template(Box::new(OutboundTemplate { message, files: Vec::new() })),
        reply_to: None,
        topic: None,
        token: "t1".to_owned(),
        human_agent: false,
    }
}

#[actix_web::test]
async fn templates_are_listed_made_approved_and_held_against_what_is_sent() {
    let whatsapp = ChannelKind::named("whatsapp");
    let (_, platforms, webhooks) = start(whatsapp);
    let channel = ChannelAccess {
        kind: whatsapp,
        external_id: "77".to_owned(),
        options: ChannelOptions { waba_id: Some("demo".to_owned()), ..ChannelOptions::default() },
        credentials: Credentials::from_pairs([("access_token", "T")]),
    };
    let listed = platforms.templates(&channel).await.expect("a list");
    assert!(listed.iter().any(|one| one.name == "closed_days" && one.status == "PAUSED"), "{listed:?}");
    let paused = json!({ "name": "closed_days", "language": "en", "parameters": ["Monday"] });
    let refused = platforms.send(&channel, &outbound_of(paused)).await;
    assert!(matches!(&refused, SendOutcome::Refused(refusal) if refusal.code == "132015"), "{refused:?}");
    let one_too_few = json!({ "name": "order_ready", "language": "en", "parameters": ["Mira"] });
    let refused = platforms.send(&channel, &outbound_of(one_too_few)).await;
    assert!(matches!(&refused, SendOutcome::Refused(refusal) if refusal.code == "132000"), "{refused:?}");
    let draft = serde_json::from_value(json!({ "name": "hello", "language": "en", "category": "UTILITY",
        "content": { "body": { "text": "Hello there" } } }))
    .expect("a draft");
    let create = TemplateRequest::Create { draft, samples: Vec::new() };
    let made = platforms.change_template(&channel, &create).await.expect("it is taken");
    assert_eq!(made.status, "PENDING");
    let news = events(whatsapp, &webhooks, 1).await;
    assert!(matches!(&news[0], InboundKind::Template(news) if news.name == "hello"), "{news:?}");
    let hello = json!({ "name": "hello", "language": "en" });
    let sent = platforms.send(&channel, &outbound_of(hello)).await;
    assert!(matches!(sent, SendOutcome::Accepted { .. }), "{sent:?}");
}
