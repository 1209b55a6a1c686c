//! Faults of processes and networks: killed servers, readers that do not read, lines that go dead, everybody at once.

use crate::load::{Scale, Socket, connect, follows, house, with_fault};
use crate::proxy::{Weather, open};
use crate::support::client::number;
use crate::support::dice::Dice;
use crate::support::webhooks::{post, try_post};
use crate::{Found, Options, ledgers::Stored, load::Progress};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

fn scale(options: &Options, seconds: usize) -> Scale {
    Scale {
        messages: options.messages,
        conversations: 20,
        screens: options.screens,
        replies: 200,
        rate: options.messages / seconds.max(1),
    }
}

/// F1: SIGKILL in the middle of the load, again and again.
pub async fn kill(database: &str, options: &Options) -> Found {
    let mut house = house(database).await;
    let mut dice = Dice::new("kill");
    let (mut kills, times) = (0, options.times);
    let (wrong, figures) = with_fault(&mut house, &scale(options, times * 2), async |house, progress| {
        while kills < times && progress.posted.load(Ordering::Relaxed) < options.messages {
            tokio::time::sleep(Duration::from_millis(200 + dice.throw(2_800))).await;
            house.server.kill().await;
            house.server.starts_again().await;
            kills += 1;
        }
    })
    .await;
    Found::of(&wrong, format!("{kills} kills; {figures}"))
}

/// F3: SIGTERM in the middle of the load, under thousands of sockets: each is told so (1012), the process ends by
/// itself within ten seconds, and nothing is lost or doubled.
pub async fn stop(database: &str, options: &Options) -> Found {
    let mut house = house(database).await;
    let (times, count) = (options.times.min(20), options.sockets);
    let load = scale(options, times * 20);
    let mut odd = Vec::new();
    let (mut slowest, mut stops) = (Duration::ZERO, 0);
    let (mut wrong, figures) = with_fault(&mut house, &load, async |house, progress| {
        while stops < times && (stops == 0 || progress.posted.load(Ordering::Relaxed) < load.messages) {
            let (admin, url) = (house.admin.clone(), house.url());
            let open = futures_util::stream::iter(0..count).map(|_| async {
                loop {
                    if let Some(socket) = connect(&admin, &url).await {
                        return socket;
                    }
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            });
            let sockets: Vec<_> = open.buffer_unordered(200).collect().await;
            let ends: Vec<_> = sockets.into_iter().map(|socket| tokio::spawn(end_of(socket))).collect();
            let begun = Instant::now();
            house.server.asked_to_stop();
            let status = house.server.ends().await;
            slowest = slowest.max(begun.elapsed());
            house.server.starts_again().await;
            stops += 1;
            if !status.success() {
                odd.push(format!("it ended with {status}"));
            }
            let mut told = 0;
            for end in ends {
                told += usize::from(matches!(end.await, Ok(Some(1012))));
            }
            if told != count {
                odd.push(format!("stop {stops}: {told} of {count} sockets were told so"));
            }
        }
    })
    .await;
    wrong.append(&mut odd);
    if slowest > Duration::from_secs(10) {
        wrong.push(format!("it took {slowest:.1?} to end"));
    }
    Found::of(
        &wrong,
        format!("{stops} stops under {count} sockets, each told 1012, ended within {slowest:.1?}; {figures}"),
    )
}

/// Reads a socket to its end: the code it was closed with.
async fn end_of(mut socket: Socket) -> Option<u16> {
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Close(frame) = message {
            return frame.map(|frame| frame.code.into());
        }
    }
    None
}

/// F11: every screen's line is cut after a few kilobytes, all the time.
pub async fn flapping(database: &str, options: &Options) -> Found {
    let mut house = house(database).await;
    let weather = Arc::new(Weather::default());
    weather.cut_within.store(60_000, Ordering::Relaxed);
    let address = open(&house.url(), weather.clone()).await;
    let messages = options.messages.min(20 * 5_000);
    let scale = Scale { messages, conversations: 20, screens: 0, replies: 50, rate: messages / 30 };
    let progress = Arc::new(Progress::default());
    let mut screens = Vec::new();
    let (mut wrong, figures) = with_fault(&mut house, &scale, async |house, _| {
        let all = house.admin.all("/api/v1/conversations").await;
        let ids: Vec<i64> = all.iter().map(|conversation| number(&conversation["id"])).collect();
        for _ in 0..options.screens {
            screens.push(tokio::spawn(follows(
                house.admin.clone(),
                address.clone(),
                ids.clone(),
                progress.clone(),
            )));
        }
    })
    .await;
    let stored = Stored::read(&house.admin).await;
    progress.is_over.store(true, Ordering::SeqCst);
    let mut sessions = 0;
    for (n, screen) in screens.into_iter().enumerate() {
        match tokio::time::timeout(Duration::from_mins(4), screen).await {
            Ok(Ok(screen)) => {
                sessions += screen.sessions;
                stored.is_shown_by(&format!("screen {n}"), &screen, &mut wrong);
            }
            _ => wrong.push(format!("screen {n} never caught up")),
        }
    }
    let cuts = weather.cuts.load(Ordering::Relaxed);
    Found::of(&wrong, format!("{} screens, {cuts} cuts, {sessions} sessions; {figures}", options.screens))
}

/// F8: sockets that never read, beside ones that do.
pub async fn stalled(database: &str, options: &Options) -> Found {
    let mut house = house(database).await;
    let scale = Scale {
        messages: options.messages.min(10_000),
        conversations: 1,
        screens: 5,
        replies: 20,
        rate: 500,
    };
    let (mut before, mut peak) = (0, 0);
    let count = (options.sockets / 100).clamp(10, 50);
    let (mut wrong, figures) = with_fault(&mut house, &scale, async |house, progress| {
        let conversation = number(&house.admin.all("/api/v1/conversations").await[0]["id"]);
        before = house.server.resident_kib();
        let mut frozen = Vec::new();
        for _ in 0..count {
            if let Some(mut socket) = connect(&house.admin, &house.url()).await {
                let frame = json!({"type": "subscribe", "conversation_id": conversation, "after": 0});
                let _ = socket.send(Message::text(frame.to_string())).await;
                frozen.push(socket); // and never read again
            }
        }
        while progress.posted.load(Ordering::Relaxed) < scale.messages {
            peak = peak.max(house.server.resident_kib());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        peak = peak.max(house.server.resident_kib());
    })
    .await;
    let grown = peak.saturating_sub(before) / 1024;
    // Beside the sockets, the load itself fills caches: the bar is for both.
    if grown > 64 {
        wrong.push(format!("{grown} MiB more than at rest"));
    }
    Found::of(&wrong, format!("{count} stalled, RSS + {grown} MiB; {figures}"))
}

/// F9: lines that go silent without a word: every one is given up.
pub async fn half_open(database: &str, options: &Options) -> Found {
    let house = house(database).await;
    let weather = Arc::new(Weather::default());
    let address = open(&house.url(), weather.clone()).await;
    let before = house.server.open_files();
    let mut sockets = Vec::new();
    let count = options.sockets.min(500);
    for _ in 0..count {
        sockets.extend(connect(&house.admin, &address).await);
    }
    let opened = house.server.open_files();
    weather.is_silent.store(true, Ordering::SeqCst);
    let begun = Instant::now();
    let limit = Duration::from_secs(2 * 15 + 5 + 15);
    while house.server.open_files() > before + 5 && begun.elapsed() < limit {
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let left = house.server.open_files().saturating_sub(before);
    let mut wrong = Vec::new();
    if sockets.len() < count || left > 5 {
        wrong.push(format!("{} of {count} opened, {left} files left open", sockets.len()));
    }
    let took = begun.elapsed().as_secs_f64();
    Found::of(
        &wrong,
        format!("{} silent, {} files open, {left} left after {took:.0} s", sockets.len(), opened),
    )
}

/// F10: the server dies under thousands of sockets, and all of them come back.
pub async fn storm(database: &str, options: &Options) -> Found {
    let mut house = house(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, "15557700421").await;
    let count = options.sockets;
    let (url, admin) = (house.url(), house.admin.clone());
    let open_all = async |after: i64| {
        let begun = Instant::now();
        let opened: Vec<_> = futures_util::stream::iter(0..count)
            .map(|_| async {
                loop {
                    let Some(mut socket) = connect(&admin, &url).await else {
                        tokio::time::sleep(Duration::from_millis(200)).await;
                        continue;
                    };
                    let frame = json!({"type": "subscribe", "conversation_id": conversation, "after": after});
                    let _ = socket.send(Message::text(frame.to_string())).await;
                    let mut heard = 0;
                    while let Some(Ok(message)) = socket.next().await {
                        let text = message.to_text().unwrap_or_default();
                        heard += usize::from(text.contains("\"chat_message\""));
                        if text.contains("\"subscribed\"") {
                            return (socket, heard);
                        }
                    }
                }
            })
            .buffer_unordered(500)
            .collect()
            .await;
        (opened, begun.elapsed())
    };
    let (first, opening) = open_all(0).await;
    let at_rest = house.server.resident_kib() / 1024;
    house.server.kill().await;
    drop(first);
    house.server.starts_again().await;
    post(&house.url(), &channel, &channel.text("15557700421", "wamid.storm", "while you were away"))
        .await
        .expect(200);
    let (second, took) = open_all(0).await;
    let heard_once = second.iter().filter(|(_, heard)| *heard == 1).count();
    let mut wrong = Vec::new();
    if heard_once != count {
        wrong.push(format!("{heard_once} of {count} heard what they missed, once"));
    }
    if took > Duration::from_secs(30) {
        wrong.push(format!("it took {took:?}"));
    }
    Found::of(
        &wrong,
        format!(
            "{count} sockets: open in {:.1} s ({at_rest} MiB), all back in {:.1} s",
            opening.as_secs_f64(),
            took.as_secs_f64()
        ),
    )
}

/// F13: each event twenty times at once.
pub async fn redelivery(database: &str, options: &Options) -> Found {
    let house = house(database).await;
    let channel = house.channel("whatsapp").await;
    let events = (options.messages / 10).max(100);
    let url = house.url();
    let odd: Vec<String> = futures_util::stream::iter((0..events).flat_map(|n| std::iter::repeat_n(n, 20)))
        .map(|n| {
            let (url, channel) = (&url, &channel);
            async move {
                let body =
                    channel.text(&format!("1555770{:04}", n % 20), &format!("wamid.again.{n}"), "again");
                match try_post(url, channel, &body).await {
                    Ok(answer) if answer.status == 200 => None,
                    Ok(answer) => Some(format!("{n}: {}", answer.status)),
                    Err(error) => Some(format!("{n}: {error}")),
                }
            }
        })
        .buffer_unordered(16)
        .filter_map(async |odd| odd)
        .collect()
        .await;
    let mut wrong = odd;
    let stored = Stored::read(&house.admin).await;
    stored.holds(&(0..events).map(|n| format!("wamid.again.{n}")).collect(), &mut wrong);
    Found::of(&wrong, format!("{events} events x 20: {} rows", stored.count()))
}
