//! What is left of every sign-in: a count, a line and an entry for whoever watches, and the mark of a device
//! that its owner signed in from. Never a name that somebody typed: it may be a password.

use crate::api::http::address::Origin;
use crate::app::App;
use crate::auth::new_token;
use crate::desk::users::NoteFailedSignIn;
use crate::domain::{AccountId, Timestamp, UserId};
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Cookie, SameSite};
use secrecy::ExposeSecret;
use std::time::Duration;

/// What such a mark is signed for.
const SEEN: &str = "a device of this user";
/// How long a device is known after its last sign-in.
const KNOWN: Duration = Duration::from_hours(24 * 365);

/// Counts a sign-in that failed and, unless there are too many of them, says so in the log and in the audit
/// trail.
pub(crate) fn failed(app: &App, whose: Option<(AccountId, UserId)>, from: Origin, is_refused: bool) {
    let counter = if is_refused { &app.sign_ins.refused } else { &app.sign_ins.wrong };
    counter.one();
    let Some(untold) = app.sign_ins.tells() else { return };
    let who = whose.map_or_else(|| "nobody known".to_owned(), |(_, user)| format!("user {user}"));
    let how = if is_refused { "refused, too many" } else { "wrong" };
    log::warn!("sign-in failed ({how}): {who}, address {from}");
    if untold > 0 {
        log::warn!("{untold} failed sign-ins before this one were too many to be listed");
    }
    let note = NoteFailedSignIn {
        account: whose.map(|(account, _)| account),
        address: from.to_string(),
        is_refused,
        untold,
    };
    let ledger = app.ledger.clone();
    // Nobody waits for it: how long an answer takes says nothing.
    actix_web::rt::spawn(async move {
        if let Err(error) = ledger.give(note).await {
            log::warn!("a failed sign-in could not be noted: {error}");
        }
    });
}

/// The device, if this user was signed in from it lately: its own name, that nobody can make up.
pub(crate) fn known_device(app: &App, request: &HttpRequest, user: UserId) -> Option<String> {
    let cookie = request.cookie(&cookie_name(app, user))?;
    let payload = String::from_utf8(app.vault.verify(SEEN, cookie.value())?).ok()?;
    let (owner, rest) = payload.split_once('.')?;
    let (since, _) = rest.split_once('.')?;
    let is_fresh = Timestamp(since.parse().ok()?).plus(KNOWN) > Timestamp::now();
    (owner.parse() == Ok(user.0) && is_fresh).then_some(payload)
}

/// The mark that this user was signed in from here.
pub(crate) fn device_cookie(app: &App, user: UserId) -> Cookie<'static> {
    let device = new_token();
    let payload = format!("{user}.{}.{}", Timestamp::now().0, device.expose_secret());
    let lasts = CookieDuration::try_from(KNOWN).unwrap_or(CookieDuration::ZERO);
    Cookie::build(cookie_name(app, user), app.vault.sign(SEEN, payload.as_bytes()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.public_url.is_https())
        .max_age(lasts)
        .finish()
}

/// One a user: several people may share a browser.
fn cookie_name(app: &App, user: UserId) -> String {
    let prefix = if app.public_url.is_https() { "__Host-" } else { "" };
    format!("{prefix}rapport_seen_{user}")
}
