//! The demo's colleagues at work: what they do goes through the same API as everybody's. Never a shortcut
//! into the database.

use super::accounts::PASSWORD;
use reqwest::Method;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long the server may take for one thing.
const PATIENCE: Duration = Duration::from_secs(20);

/// Signed-in colleagues, by their names to sign in with.
pub struct Agents {
    http: reqwest::Client,
    server_url: String,
    cookies: Mutex<HashMap<String, String>>,
}

impl Agents {
    /// All of them, signed in.
    pub async fn sign_in<'a>(
        server_url: String,
        names: impl Iterator<Item = &'a str>,
    ) -> Result<Self, Box<dyn Error>> {
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(PATIENCE).build()?;
        let agents = Self { http, server_url, cookies: Mutex::default() };
        for name in names {
            agents.begin(name).await?;
        }
        Ok(agents)
    }

    /// Signs one of them in: at first, and again where the story went on for days without them.
    async fn begin(&self, name: &str) -> Result<(), Box<dyn Error>> {
        let body = json!({ "username": name, "password": PASSWORD });
        let url = format!("{}/api/v1/login", self.server_url);
        let answer = self.http.post(url).json(&body).send().await?.error_for_status()?;
        let cookies = answer.headers().get_all(SET_COOKIE).iter();
        let named = cookies.filter_map(|each| each.to_str().ok()?.split(';').next());
        let cookie = named.collect::<Vec<_>>().join("; ");
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), cookie);
        Ok(())
    }

    /// One request of one of them.
    async fn ask(
        &self,
        name: &str,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<reqwest::Response, Box<dyn Error>> {
        let cookie = self.cookies.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        let cookie = cookie.ok_or_else(|| format!("nobody in the demo is called {name}"))?;
        let url = format!("{}/api/v1{path}", self.server_url);
        let request = self.http.request(method.clone(), url).header(COOKIE, cookie);
        let request = if let Some(body) = body { request.json(body) } else { request };
        Ok(request.send().await?)
    }

    /// One call of one of them; a refusal is an error that says what was refused.
    pub async fn call(
        &self,
        name: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Box<dyn Error>> {
        let mut answer = self.ask(name, &method, path, body).await?;
        if answer.status() == reqwest::StatusCode::UNAUTHORIZED {
            self.begin(name).await?;
            answer = self.ask(name, &method, path, body).await?;
        }
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(format!("{method} {path}: {status} {text}").into());
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// What is at an address.
    pub async fn get(&self, name: &str, path: &str) -> Result<Value, Box<dyn Error>> {
        self.call(name, Method::GET, path, None).await
    }

    /// Makes something.
    pub async fn post(&self, name: &str, path: &str, body: &Value) -> Result<Value, Box<dyn Error>> {
        self.call(name, Method::POST, path, Some(body)).await
    }

    /// Changes something.
    pub async fn patch(&self, name: &str, path: &str, body: &Value) -> Result<Value, Box<dyn Error>> {
        self.call(name, Method::PATCH, path, Some(body)).await
    }
}
