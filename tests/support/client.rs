//! Somebody at the REST API: a browser with a cookie, a program with a token, or nobody.
//! Cookies by hand, so that a test can say exactly what a browser would have sent.

use super::server::{ADMIN, PASSWORD};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::sync::Once;

/// One answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// `null` where the body is no JSON.
    pub json: Value,
}

impl Answer {
    /// The JSON of an answer that must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json
    }

    /// A refusal must be RFC 9457's, with a stable code.
    #[track_caller]
    pub fn refused(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        assert!(self.json["code"].as_str().is_some_and(|code| !code.is_empty()), "no code: {}", self.text);
        assert_eq!(self.json["status"], status, "{}", self.text);
        self.json
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The whole `Set-Cookie` line of the session.
    pub fn session_cookie(&self) -> Option<String> {
        let cookies = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        cookies.map(str::to_owned).find(|cookie| cookie.contains("rapport_session="))
    }
}

/// How a client proves who it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Proof {
    Nobody,
    /// `name=value`, as a browser sends it.
    Cookie(String),
    Bearer(String),
}

#[derive(Clone)]
pub struct Client {
    pub http: reqwest::Client,
    pub url: String,
    pub proof: Proof,
}

impl Client {
    pub fn anonymous(url: &str) -> Self {
        Self { http: http(), url: url.into(), proof: Proof::Nobody }
    }

    /// Signs in as the admin of [`super::server::Settings`] and takes a token, which survives restarts.
    pub async fn admin(url: &str) -> Self {
        Self::anonymous(url).signed_in(ADMIN, PASSWORD).await.with_a_token().await
    }

    /// The same caller, with the cookie of a sign-in.
    pub async fn signed_in(&self, username: &str, password: &str) -> Self {
        let answer = self.login(username, password).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let cookie = answer.session_cookie().expect("a sign-in sets the session's cookie");
        let pair = cookie.split(';').next().expect("a cookie has a value").to_owned();
        Self { proof: Proof::Cookie(pair), ..self.clone() }
    }

    pub async fn login(&self, username: &str, password: &str) -> Answer {
        let body = json!({"username": username, "password": password});
        Self { proof: Proof::Nobody, ..self.clone() }.post("/api/v1/login", &body).await
    }

    /// The same user, by bearer.
    pub async fn with_a_token(&self) -> Self {
        let answer = self.post("/api/v1/tokens", &json!({"name": "tests"})).await;
        assert!((200..=201).contains(&answer.status), "{}", answer.text);
        let token = answer.json["token"].as_str().expect("the token, once").to_owned();
        Self { proof: Proof::Bearer(token), ..self.clone() }
    }

    /// The same person at another server of the same system.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.into(), ..self.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.proof {
            Proof::Nobody => request,
            Proof::Cookie(pair) => request.header("cookie", pair),
            Proof::Bearer(token) => request.bearer_auth(token),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await.unwrap_or_else(|error| panic!("GET {path}: {error:?}"))
    }

    pub async fn try_get(&self, path: &str) -> reqwest::Result<Answer> {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).await.unwrap_or_else(|error| panic!("POST {path}: {error:?}"))
    }

    pub async fn try_post(&self, path: &str, body: &Value) -> reqwest::Result<Answer> {
        answer(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        let sent = answer(self.request(Method::PATCH, path).json(body)).await;
        sent.unwrap_or_else(|error| panic!("PATCH {path}: {error:?}"))
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        let sent = answer(self.request(Method::PUT, path).json(body)).await;
        sent.unwrap_or_else(|error| panic!("PUT {path}: {error:?}"))
    }

    pub async fn delete(&self, path: &str) -> Answer {
        let sent = answer(self.request(Method::DELETE, path)).await;
        sent.unwrap_or_else(|error| panic!("DELETE {path}: {error:?}"))
    }

    /// Every item of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{joint}limit=100{cursor}")).await.expect(200);
            items.extend(page["items"].as_array().expect("a list has items").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// Every message of a conversation, ascending.
    pub async fn messages(&self, conversation: i64) -> Vec<Value> {
        let mut messages: Vec<Value> = Vec::new();
        loop {
            let after = messages.last().map_or(0, |message| number(&message["seq"]));
            let path = format!("/api/v1/conversations/{conversation}/messages?after_seq={after}&limit=100");
            let page = self.get(&path).await.expect(200);
            let items = page["items"].as_array().expect("a list has items").clone();
            if items.is_empty() {
                return messages;
            }
            messages.extend(items);
        }
    }

    /// Writes into a conversation.
    pub async fn say(&self, conversation: i64, client_id: &str, content: &str) -> Answer {
        let body = json!({"content": content, "client_id": client_id});
        self.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await
    }

    /// Adds a user and signs them in with a token.
    pub async fn adds(&self, username: &str, full_name: &str, role: &str) -> (i64, Self) {
        let email = format!("{username}@example.org");
        let body = json!({"username": username, "full_name": full_name, "email": email, "password": PASSWORD, "role": role});
        let user = self.post("/api/v1/users", &body).await.expect(201);
        let client = Self::anonymous(&self.url).signed_in(username, PASSWORD).await.with_a_token().await;
        (number(&user["id"]), client)
    }
}

/// An integer the contract promises.
#[track_caller]
pub fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("not an integer: {value}"))
}

/// Sends a request and reads the answer whole.
pub async fn answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await?;
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Answer { status, headers, text, json })
}

/// A plain client: no redirects followed, no proxy, no retries. TLS is never used but wants a provider.
pub fn http() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.timeout(super::PATIENCE).build().expect("a plain client")
}
