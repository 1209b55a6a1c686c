//! The channels of a test: connected by REST, with secrets that the webhooks' builders sign with.

use super::client::{Client, http, number};
use serde_json::{Value, json};

/// A connected channel and what its platform knows of it.
#[derive(Clone)]
pub struct Channel {
    pub id: i64,
    pub kind: &'static str,
    pub external_id: String,
    pub secret: String,
    pub verify_token: String,
    pub http: reqwest::Client,
}

impl Channel {
    /// Connects one as an admin would. Telegram's customers are numbers everywhere, so that one story fits all.
    pub async fn connect(admin: &Client, kind: &'static str, external_id: &str) -> Self {
        let secret = format!("secret_of_{kind}_{external_id}");
        let verify_token = format!("verify_{kind}_{external_id}");
        let credentials = match kind {
            "telegram" => {
                json!({"bot_token": format!("{external_id}:telegram-token"), "webhook_secret": secret})
            }
            _ => {
                json!({"access_token": format!("token-{kind}"), "app_secret": secret, "verify_token": verify_token, "app_id": "884512007733901"})
            }
        };
        let options = match kind {
            "whatsapp" => json!({"waba_id": "290417755120884", "coexistence": true}),
            "instagram" => json!({"login": "instagram"}),
            _ => json!({}),
        };
        let body = json!({"kind": kind, "name": format!("The {kind}"), "external_id": external_id, "options": options, "credentials": credentials});
        let channel = admin.post("/api/v1/channels", &body).await.expect(201);
        Self {
            id: number(&channel["id"]),
            kind,
            external_id: external_id.into(),
            secret,
            verify_token,
            http: http(),
        }
    }

    /// The usual one of a kind.
    pub async fn usual(admin: &Client, kind: &'static str) -> Self {
        let external_id = match kind {
            "whatsapp" => "731904466218053",
            "instagram" => "17841460000712345",
            "messenger" => "205577100043210",
            _ => "7045512398",
        };
        Self::connect(admin, kind, external_id).await
    }

    /// Where its platform posts.
    pub fn webhook_path(&self) -> String {
        if self.kind == "telegram" {
            format!("/webhooks/telegram/{}", self.id)
        } else {
            format!("/webhooks/{}", self.kind)
        }
    }

    /// Starts a conversation with a customer.
    pub async fn conversation(&self, client: &Client, customer: &str) -> i64 {
        let body = json!({"channel_id": self.id, "customer": {"external_id": customer}});
        let answer = client.post("/api/v1/conversations", &body).await;
        assert!((200..=201).contains(&answer.status), "{}", answer.text);
        number(&answer.json["id"])
    }
}

/// The results of a webhook that was taken.
#[track_caller]
pub fn results(answer: super::client::Answer) -> Vec<Value> {
    let json = answer.expect(200);
    assert_eq!(json["status"], "success", "{json}");
    json["results"].as_array().expect("results").clone()
}

/// The outcome of a webhook with one event.
#[track_caller]
pub fn outcome(answer: super::client::Answer) -> String {
    let results = results(answer);
    assert_eq!(results.len(), 1, "one event, one result: {results:?}");
    results[0]["outcome"].as_str().expect("an outcome").to_owned()
}
