//! Other people's pages, in a real browser: what a page elsewhere can do with somebody's cookie (nothing), and what
//! it can do to the web chat on a shop's page (nothing) (reliability F33, F35).

use crate::support::browser::{Browser, Person};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::server::{ADMIN, PASSWORD};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

on_both_databases!(a_page_elsewhere_can_use_nobodys_cookie, forged_words_to_the_web_chat_are_nothing,);

/// Serves one page at every address; the page's own address.
async fn elsewhere(html: String) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let html = html.clone();
            tokio::spawn(async move {
                let mut head = [0; 8192];
                let _ = stream.read(&mut head).await;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{html}",
                    html.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    format!("http://127.0.0.1:{port}/")
}

async fn signs_in(person: &Person, url: &str) {
    person.opens(&format!("{url}/login")).await;
    person.types("input[name=username]", ADMIN).await;
    person.types("input[name=password]", PASSWORD).await;
    person.presses("Enter", 13).await;
    person.until("location.pathname === '/'").await;
}

async fn a_page_elsewhere_can_use_nobodys_cookie(database: Database) {
    let Some(browser) = Browser::start().await else { return };
    let house = House::open(database).await;
    let conversation = house.channel("whatsapp").await.conversation(&house.admin, "15557700421").await;
    let url = house.url();
    let victim = browser.person(800, 600).await;
    signs_in(&victim, &url).await;
    // Ports do not part sites: the browser sends the cookie along. What holds is the Origin.
    let attacker = elsewhere("<!doctype html><title>elsewhere</title><body></body>".into()).await;
    victim.opens(&attacker).await;
    let script = format!(
        "(async () => {{
            const url = {url}, told = [];
            const tries = [
                ['POST', '/api/v1/tokens', '{{\"name\":\"stolen\"}}', 'text/plain'],
                ['POST', '/api/v1/tokens', '{{\"name\":\"stolen\"}}', 'application/json'],
                ['POST', '/api/v1/conversations/{conversation}/messages', '{{\"content\":\"forged\",\"client_id\":\"x\"}}', 'text/plain'],
                ['PATCH', '/api/v1/conversations/{conversation}', '{{\"status\":\"closed\"}}', 'application/json'],
                ['POST', '/api/v1/logout', '', 'text/plain'],
            ];
            for (const [method, path, body, type] of tries)
                for (const mode of ['cors', 'no-cors'])
                    try {{ const got = await fetch(url + path, {{ method, mode, credentials: 'include', body, headers: {{ 'content-type': type }} }}); told.push(got.type + got.status) }}
                    catch {{ told.push('refused') }}
            const form = document.createElement('form');
            form.method = 'post'; form.action = url + '/api/v1/logout'; form.target = 'away'; form.enctype = 'text/plain';
            const away = document.createElement('iframe'); away.name = 'away';
            document.body.append(away, form); form.submit();
            await new Promise(done => away.onload = done);
            try {{ const read = await fetch(url + '/api/v1/me', {{ credentials: 'include' }}); told.push('read ' + (await read.text())) }} catch {{ told.push('unread') }}
            const socket = await new Promise(done => {{
                const socket = new WebSocket(url.replace('http', 'ws') + '/ws');
                socket.onopen = () => done('open'); socket.onerror = () => done('refused'); setTimeout(() => done('silent'), 5000)
            }});
            told.push(socket);
            const framed = document.createElement('iframe'); framed.src = url + '/'; document.body.append(framed);
            await new Promise(done => {{ framed.onload = done; setTimeout(done, 3000) }});
            try {{ told.push('framed ' + framed.contentDocument) }} catch {{ told.push('not ours') }}
            return told
        }})()",
        url = json!(url)
    );
    let told = victim.eval(&script).await;
    let told: Vec<&str> = told.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert!(
        told.iter().all(|word| !word.starts_with("cors") && !word.contains("username") && *word != "open"),
        "{told:?}"
    );
    assert!(told.contains(&"unread") && told.contains(&"refused"), "{told:?}");
    let tokens = house.admin.all("/api/v1/tokens").await;
    assert!(tokens.iter().all(|token| token["name"] != "stolen"), "{tokens:?}");
    assert!(house.admin.messages(conversation).await.is_empty(), "nothing was written");
    let shown = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    assert_eq!(shown["status"], "open");
    victim.opens(&format!("{url}/")).await;
    let me = victim.eval("fetch('/api/v1/me').then(answer => answer.status)").await;
    assert_eq!(me, 200, "and nobody was signed out");
}

async fn forged_words_to_the_web_chat_are_nothing(database: Database) {
    let Some(browser) = Browser::start().await else { return };
    let house = House::open(database).await;
    let webchat = json!({"kind": "webchat", "name": "Our shop", "external_id": "shop", "credentials": {}, "options": {"allowed_sites": ["*"]}});
    let channel = number(&house.admin.post("/api/v1/channels", &webchat).await.expect(201)["id"]);
    let url = house.url();
    // A stranger's frame on the shop's page: an advertisement that speaks out of turn.
    let advertisement = elsewhere(
        "<!doctype html><script>
            const say = data => { parent.postMessage(data, '*'); for (let n = 0; n < parent.length; n++) parent[n].postMessage(data, '*') }
            for (const type of ['ready', 'close', 'opened', 'closed', 'token', 'hello', 'welcome', 'send', 'popout'])
                say({ rapport: 1, type, count: 99, host: 'https://evil.example', token: 'x', content: 'forged' })
            setTimeout(() => { say({ rapport: 1, type: 'unread', count: 99 }); parent.postMessage('done', '*') }, 300)
        </script>".into(),
    )
    .await;
    let shop = elsewhere(format!(
        "<!doctype html><title>shop</title><body><script>
            window.heard = []; addEventListener('message', event => heard.push([event.origin, event.data]));
            const attach = Element.prototype.attachShadow;
            Element.prototype.attachShadow = function (how) {{ return window.inside = attach.call(this, how) }};
        </script>
        <script src=\"{url}/widget.js\" data-channel=\"{channel}\"></script></body>"
    ))
    .await;
    let visitor = browser.person(900, 700).await;
    visitor.opens(&shop).await;
    visitor.until("window.inside && inside.querySelector('button')").await;
    visitor.eval("inside.querySelector('button').click()").await;
    visitor.until("heard.some(([origin, data]) => data?.rapport === 1 && data.type === 'ready')").await;
    let before = visitor.eval("JSON.stringify([inside.querySelector('b').textContent, inside.querySelector('iframe').hasAttribute('data-open'), inside.querySelector('iframe').src])").await;
    let script = format!(
        "{{ const frame = document.createElement('iframe'); frame.src = {}; document.body.append(frame) }}",
        json!(advertisement)
    );
    visitor.eval(&script).await;
    visitor.until("heard.some(([, data]) => data === 'done')").await;
    // From the page itself, too: whoever can run there is not the chat's frame.
    visitor.eval("postMessage({ rapport: 1, type: 'unread', count: 98 }, '*'); new Promise(done => setTimeout(done, 200))").await;
    let after = visitor.eval("JSON.stringify([inside.querySelector('b').textContent, inside.querySelector('iframe').hasAttribute('data-open'), inside.querySelector('iframe').src])").await;
    assert_eq!(before, after, "no badge, no closing, no other address");
    let told =
        visitor.eval(&format!("JSON.stringify(heard.filter(([origin]) => origin === {}))", json!(url))).await;
    let told = told.as_str().expect("a text");
    assert!(
        !told.contains("token") && !told.contains("visitor"),
        "the frame tells the page nothing of who visits: {told}"
    );
    let conversations = house.admin.all("/api/v1/conversations").await;
    assert!(conversations.is_empty(), "and nothing was written in the visitor's name: {conversations:?}");
    guessed_visitors_see_nothing(&house, channel).await;
}

/// A token that was made up, cut, or made for another chat is a new visitor, with nobody's history.
async fn guessed_visitors_see_nothing(house: &House, channel: i64) {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;
    let other = json!({"kind": "webchat", "name": "Other shop", "external_id": "other", "credentials": {}});
    let other = number(&house.admin.post("/api/v1/channels", &other).await.expect(201)["id"]);
    let greet = async |channel: i64, token: Value, says: Option<&str>| {
        let address = format!("{}/widget/{channel}/ws", house.url().replace("http://", "ws://"));
        let (mut socket, _) = tokio_tungstenite::connect_async(address).await.expect("a socket");
        let hello = json!({"type": "hello", "token": token, "after": null, "name": null});
        socket.send(Message::text(hello.to_string())).await.expect("sent");
        let mut welcome = Value::Null;
        while let Some(Ok(message)) = socket.next().await {
            let frame: Value =
                serde_json::from_str(message.to_text().unwrap_or_default()).unwrap_or_default();
            if frame["type"] == "welcome" {
                welcome = frame;
                let Some(text) = says else { break };
                let send = json!({"type": "send", "client_id": "v1", "content": text});
                socket.send(Message::text(send.to_string())).await.expect("sent");
            } else if frame["type"] == "message_sent" {
                break;
            }
        }
        welcome
    };
    let real = greet(channel, Value::Null, Some("my secret order")).await;
    let token = real["token"].as_str().expect("a token").to_owned();
    assert!(
        greet(channel, json!(token), None).await.to_string().contains("my secret order"),
        "who holds it sees it"
    );
    let cut = &token[..token.len() - 2];
    let turned: String = token.chars().rev().collect();
    for (place, guess) in
        [(channel, cut), (channel, turned.as_str()), (channel, "1"), (channel, ""), (other, token.as_str())]
    {
        let welcome = greet(place, json!(guess), None).await;
        assert!(!welcome.to_string().contains("my secret order"), "{guess}: {welcome}");
        assert_eq!(welcome["conversation_id"], Value::Null, "{guess}");
    }
    let stranger = Client::anonymous(&house.url());
    stranger.get("/api/v1/conversations").await.refused(401);
}
