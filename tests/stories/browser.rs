//! What people see, in a real browser: two agents and a visitor, and a server that dies in between.

use crate::support::browser::{Browser, Person};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::server::{ADMIN, PASSWORD};
use serde_json::json;

on_both_databases!(two_agents_and_a_visitor_see_every_message_once_also_after_a_kill);

async fn two_agents_and_a_visitor_see_every_message_once_also_after_a_kill(database: Database) {
    let Some(browser) = Browser::start().await else { return };
    let mut house = House::open(database).await;
    house.admin.adds("ana", "Ana Lind", "agent").await;
    let webchat = json!({"kind": "webchat", "name": "Our shop", "external_id": "shop", "credentials": {}});
    let channel = number(&house.admin.post("/api/v1/channels", &webchat).await.expect(201)["id"]);

    let visitor = browser.person(400, 700).await;
    visitor.opens(&format!("{}/widget/{channel}?whole", house.url())).await;
    says(&visitor, "Hello, is anybody there?").await;
    let mut expected = vec!["Hello, is anybody there?".to_owned()];
    sees_exactly(&visitor, &expected).await;

    let agents = [browser.person(1360, 860).await, browser.person(1360, 860).await];
    for (agent, username) in agents.iter().zip([ADMIN, "ana"]) {
        signs_in(agent, &house.url(), username).await;
        agent.clicks("[data-conversation]").await;
        sees_exactly(agent, &expected).await;
    }
    for round in 0..3 {
        if round == 1 {
            // What is fetched when a page has nothing to do is there (its last part): a download that is cut
            // off says so in the console.
            for agent in &agents {
                agent.until("['/core/shortcut_sheet.js', '/css/shortcuts.css'].every(part => performance.getEntriesByType('resource').some(one => one.name.endsWith(part)))").await;
            }
            house.server.kill().await;
            house.server.starts_again().await;
        }
        for (who, text) in [
            (&visitor, format!("question {round}")),
            (&agents[0], format!("answer {round}")),
            (&agents[1], format!("and another {round}")),
        ] {
            says(who, &text).await;
            expected.push(text);
            for person in [&visitor, &agents[0], &agents[1]] {
                sees_exactly(person, &expected).await;
            }
        }
    }
    for (person, name) in [(&visitor, "visitor"), (&agents[0], "agent"), (&agents[1], "colleague")] {
        person.until("!document.querySelector('[data-status=pending], [data-status=queued]')").await;
        let folder = env!("CARGO_TARGET_TMPDIR");
        person.picture(&format!("{folder}/{name}.png")).await;
        assert_eq!(problems_of_the_page(person), Vec::<String>::new(), "{name}");
    }
}

async fn signs_in(person: &Person, url: &str, username: &str) {
    person.opens(&format!("{url}/login")).await;
    person.types("input[name=username]", username).await;
    person.types("input[name=password]", PASSWORD).await;
    person.presses("Enter", 13).await;
    person.until("location.pathname === '/' && document.querySelector('[data-conversation]')").await;
}

async fn says(person: &Person, text: &str) {
    person.types("textarea", text).await;
    person.presses("Enter", 13).await;
}

/// These texts, in this order, each once: a second bubble fails as much as a missing one.
async fn sees_exactly(person: &Person, texts: &[String]) {
    let shown =
        "JSON.stringify([...document.querySelectorAll('.message .body')].map(body => body.textContent))";
    let wanted = serde_json::to_string(texts).expect("texts");
    person.until(&format!("{shown} === {}", json!(wanted))).await;
}

/// Without those that the browser itself writes while nobody listens: the server was killed on purpose.
fn problems_of_the_page(person: &Person) -> Vec<String> {
    let of_the_kill = |problem: &String| {
        let signs = [
            "ERR_CONNECTION_REFUSED",
            "ERR_CONNECTION_RESET",
            "ERR_EMPTY_RESPONSE",
            "ERR_SOCKET_NOT_CONNECTED",
            "WebSocket connection to",
        ];
        signs.iter().any(|sign| problem.contains(sign))
    };
    person.problems().into_iter().filter(|problem| !of_the_kill(problem)).collect()
}
