//! One call to a platform, and what may be said of it afterwards: surely not sent, perhaps sent, answered.
//! Never retries; never lets an address into a text, because Telegram's hold the bot's token.

use super::lenient::Lenient;
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use std::error::Error;
use std::time::Duration;

/// The largest answer worth reading.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// What came of a call.
#[derive(Debug)]
pub enum Call {
    /// The platform answered.
    Answered(Answer),
    /// No byte of the request was written: DNS, refused, TLS or connect time-out.
    NotSent(String),
    /// The request may have arrived: reset, time-out, a torn answer.
    Lost(String),
    /// The request could not be made: something in the credentials or options has a forbidden sign.
    Malformed,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; `Null` if it is no JSON.
    pub body: Value,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<Duration>,
    /// How much of the allowance is used up.
    pub usage: Option<Usage>,
}

impl Answer {
    /// A 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// What `X-App-Usage` and `X-Business-Use-Case-Usage` say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// The fullest of the counters, in percent.
    pub percent: u64,
    /// When a spent allowance is given back.
    pub regain: Option<Duration>,
}

/// Sends the request and reads its answer.
pub async fn call(request: RequestBuilder) -> Call {
    match request.send().await {
        Ok(response) => read(response).await,
        Err(error) => judge(error),
    }
}

/// What a failure of the client means for the message.
pub fn judge(error: reqwest::Error) -> Call {
    let error = error.without_url();
    if error.is_builder() {
        return Call::Malformed;
    }
    let reason = root_cause(&error);
    if error.is_connect() { Call::NotSent(reason) } else { Call::Lost(reason) }
}

/// The innermost words of an error: what the system said, without an address.
fn root_cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return if error.is_connect() { "the connection timed out" } else { "no response in time" }
            .to_owned();
    }
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    plain(&cause.to_string())
}

/// What a system says of a line that did not come about, in words that anybody reads; what is not known
/// stays.
fn plain(words: &str) -> String {
    let means = [
        ("failed to lookup address", "its address was not found: is the server's network up?"),
        ("dns error", "its address was not found: is the server's network up?"),
        ("Connection refused", "it refused the connection"),
        ("Connection reset", "it broke the connection off"),
        ("Network is unreachable", "the server has no way to it"),
        ("No route to host", "the server has no way to it"),
    ];
    let known = means.iter().find(|(system, _)| words.contains(system));
    known.map_or_else(|| words.to_owned(), |(_, plain)| (*plain).to_owned())
}

async fn read(mut response: Response) -> Call {
    let status = response.status().as_u16();
    let (retry_after, usage) = (retry_after(response.headers()), usage(response.headers()));
    let mut body = Vec::new();
    let torn = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= LARGEST_ANSWER => body.extend_from_slice(&chunk),
            Ok(Some(_)) => break Some("the response is too large".to_owned()),
            Ok(None) => break None,
            Err(error) => break Some(root_cause(&error.without_url())),
        }
    };
    // A refusal whose words were lost is still a refusal; a lost 2xx has lost the message's id.
    if let Some(reason) = torn.filter(|_| (200..300).contains(&status)) {
        return Call::Lost(reason);
    }
    let text = super::lenient::clean(&body);
    let value = serde_json::from_str::<&serde_json::value::RawValue>(&text).and_then(super::lenient::value);
    Call::Answered(Answer { status, body: value.unwrap_or_default(), retry_after, usage })
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The fullest counter of either header. Source: Meta's "Rate limits".
fn usage(headers: &HeaderMap) -> Option<Usage> {
    let read = |name: &str| serde_json::from_str::<Value>(headers.get(name)?.to_str().ok()?).ok();
    let mut found = Usage { percent: 0, regain: None };
    let mut note = |counters: &Value| {
        let percents =
            ["call_count", "total_time", "total_cputime"].iter().filter_map(|key| counters.float(key));
        // Percentages are small and not negative; `as` saturates.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let fullest = percents.fold(0.0_f64, f64::max).ceil() as u64;
        found.percent = found.percent.max(fullest);
        let minutes =
            counters.int("estimated_time_to_regain_access").and_then(|minutes| u64::try_from(minutes).ok());
        found.regain = found
            .regain
            .max(minutes.filter(|minutes| *minutes > 0).map(|minutes| Duration::from_secs(minutes * 60)));
    };
    let (app, business) = (read("x-app-usage"), read("x-business-use-case-usage"));
    if app.is_none() && business.is_none() {
        return None;
    }
    let cases = business.iter().filter_map(Value::as_object).flat_map(serde_json::Map::values);
    for counters in app.iter().chain(cases.filter_map(Value::as_array).flatten()) {
        note(counters);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_counter_of_either_header_counts() {
        let mut headers = HeaderMap::new();
        assert_eq!(usage(&headers), None);
        headers.insert(
            "x-app-usage",
            r#"{"call_count":28,"total_time":25.4,"total_cputime":1}"#.parse().expect("header"),
        );
        assert_eq!(usage(&headers), Some(Usage { percent: 28, regain: None }));
        let business = r#"{"1":[{"type":"messenger","call_count":81,"estimated_time_to_regain_access":19}]}"#;
        headers.insert("x-business-use-case-usage", business.parse().expect("header"));
        assert_eq!(usage(&headers), Some(Usage { percent: 81, regain: Some(Duration::from_mins(19)) }));
    }
}
