//! What Meta still has of the past, as the fake platform tells it: conversations and their messages, in pages,
//! with Meta's checks, its limits and its error codes (docs/platforms.md 3.7, 1.6). What a story says was
//! written is here whether its webhook came or not. Never what the product has.

use super::channel::Channel;
use super::wire::Request;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Conversations of one answer, whatever is asked for.
const THREADS: usize = 5;
/// Messages of one answer with all that is told of them.
const DETAILED: usize = 20;
/// Calls that an account takes in a second.
const CALLS: usize = 2;
/// How long a token of Instagram's own login lives, in days.
const TOKEN_DAYS: i64 = 60;

/// A message that was written there.
#[derive(Debug, Clone)]
pub struct Written {
    pub id: String,
    pub text: String,
    /// In milliseconds, by the platform's clock.
    pub at: i64,
    /// The business wrote it, on the phone or elsewhere.
    pub is_ours: bool,
}

/// The books of the past.
#[derive(Default)]
pub struct Past {
    /// By the account and its customer, in the order they were written.
    threads: BTreeMap<(String, String), Vec<Written>>,
    /// Customers whose conversations are told of no more.
    pub withheld: Vec<String>,
    /// The next calls that are told to come later.
    throttled: usize,
    /// When each account's last calls came.
    calls: HashMap<String, VecDeque<Instant>>,
    /// Calls that came too fast.
    pub too_fast: usize,
    /// Calls that were answered.
    pub answered: usize,
    /// Each answer takes so long.
    pub takes: Duration,
    /// By Instagram's tokens, the day on which each ends.
    tokens: HashMap<String, i64>,
    /// How many days went by.
    pub day: i64,
    renewed: usize,
}

/// An answer: status, headers, body.
pub type Told = (u16, Vec<(&'static str, String)>, Value);

impl Past {
    /// Somebody wrote.
    pub fn write(&mut self, channel: &Channel, customer: &str, written: Written) {
        let key = (channel.external_id.clone(), customer.to_owned());
        self.threads.entry(key).or_default().push(written);
    }

    /// The next calls are told to come later.
    pub fn throttle(&mut self, times: usize) {
        self.throttled = times;
    }

    /// The answer to a call that reads the past or renews a token; none: it is another call.
    pub fn answer(&mut self, request: &Request) -> Option<Told> {
        if request.method != "GET" {
            return None;
        }
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        if path.ends_with("/refresh_access_token") {
            return Some(self.renew(path, query));
        }
        let last = path.rsplit('/').next().unwrap_or_default();
        let fields = parameter(query, "fields");
        let is_node = fields.as_deref().is_some_and(|fields| fields.starts_with("messages"));
        if last != "conversations" && !is_node {
            return None;
        }
        let platform = if path.starts_with("/instagram/") { "instagram" } else { "messenger" };
        Some(self.refused(request, platform).unwrap_or_else(|| {
            self.answered += 1;
            if is_node {
                self.messages(last, &fields.unwrap_or_default())
            } else {
                self.conversations(path, query, platform)
            }
        }))
    }

    /// What Meta says instead of an answer.
    fn refused(&mut self, request: &Request, platform: &str) -> Option<Told> {
        let authorization = request.headers.get("authorization").cloned().unwrap_or_default();
        let token = authorization.trim_start_matches("Bearer ").to_owned();
        let ends = self.tokens.get(&token).copied();
        if !token.starts_with("token-") || ends.is_some_and(|ends| ends <= self.day) {
            let words = "Error validating access token: Session has expired";
            return Some(error(401, &json!({"code": 190, "error_subcode": 463, "message": words})));
        }
        let calls = self.calls.entry(platform.to_owned()).or_default();
        let now = Instant::now();
        calls.retain(|call| now.duration_since(*call) < Duration::from_secs(1));
        calls.push_back(now);
        if calls.len() > CALLS {
            self.too_fast += 1;
            return Some(later("Calls to this api have exceeded the rate limit"));
        }
        if self.throttled > 0 {
            self.throttled -= 1;
            return Some(later("There have been too many calls"));
        }
        None
    }

    fn conversations(&self, path: &str, query: &str, platform: &str) -> Told {
        if parameter(query, "platform").as_deref() != Some(platform) {
            let words = "(#100) The parameter platform is required";
            return error(400, &json!({"code": 100, "message": words}));
        }
        // `me` is whoever the token speaks for: one Instagram account a test.
        let account = path.rsplit('/').nth(1).unwrap_or_default();
        let mut threads: Vec<_> = self
            .threads
            .iter()
            .filter(|((of, _), _)| account == "me" && of.starts_with("1784") || of == account)
            .map(|((of, customer), written)| (thread_id(of, customer), written))
            .collect();
        let updated = |written: &[Written]| written.iter().map(|one| one.at).max().unwrap_or(0);
        threads.sort_by_key(|(id, written)| (-updated(written), id.clone()));
        let from = after(parameter(query, "after").as_deref());
        let page = threads.iter().skip(from).take(THREADS);
        let items: Vec<Value> =
            page.map(|(id, written)| json!({"id": id, "updated_time": told(updated(written))})).collect();
        let mut body = json!({"data": items});
        page_on(&mut body, from, from + THREADS < threads.len(), THREADS);
        (200, Vec::new(), body)
    }

    fn messages(&self, id: &str, fields: &str) -> Told {
        let Some(((account, customer), written)) = self.threads.iter().find(|((account, customer), _)| {
            thread_id(account, customer) == id && !self.withheld.contains(customer)
        }) else {
            let words = "Unsupported get request. Object does not exist";
            return error(400, &json!({"code": 100, "error_subcode": 33, "message": words}));
        };
        let is_short = account.starts_with("1784");
        let (limit, from, asked) = expression(fields);
        if limit > DETAILED && asked.contains("from") {
            return error(400, &json!({"code": 1, "message": "Please reduce the amount of data"}));
        }
        let mut newest: Vec<&Written> = written.iter().rev().collect();
        newest.sort_by_key(|one| -one.at);
        let tell = |(place, one): (usize, &&Written)| {
            let mut told_of = json!({"id": one.id, "created_time": told(one.at)});
            if asked.contains("from") && (!is_short || place < DETAILED) {
                let (sender, recipient) = if one.is_ours { (account, customer) } else { (customer, account) };
                told_of["from"] = json!({"id": sender, "username": "somebody"});
                told_of["to"] = json!({"data": [{"id": recipient}]});
                told_of["message"] = json!(one.text);
            }
            told_of
        };
        let items: Vec<Value> = newest.iter().enumerate().skip(from).take(limit).map(tell).collect();
        let mut page = json!({"data": items});
        page_on(&mut page, from, from + limit < newest.len(), limit);
        (200, Vec::new(), json!({"id": id, "messages": page}))
    }

    /// Instagram makes a token that is at least a day old and has not ended live for 60 days again.
    fn renew(&mut self, path: &str, query: &str) -> Told {
        let token = parameter(query, "access_token").unwrap_or_default();
        let is_right = path == "/instagram/refresh_access_token"
            && parameter(query, "grant_type").as_deref() == Some("ig_refresh_token")
            && token.starts_with("token-");
        let ends = *self.tokens.entry(token.clone()).or_insert(TOKEN_DAYS);
        if !is_right || ends <= self.day {
            let words = "Error validating access token: Session has expired";
            return error(400, &json!({"code": 190, "error_subcode": 463, "message": words}));
        }
        self.renewed += 1;
        let renewed = format!("token-instagram-{}", self.renewed);
        self.tokens.insert(renewed.clone(), self.day + TOKEN_DAYS);
        let lives = TOKEN_DAYS * 86_400;
        (200, Vec::new(), json!({"access_token": renewed, "token_type": "bearer", "expires_in": lives}))
    }
}

fn error(status: u16, error: &Value) -> Told {
    (status, Vec::new(), json!({"error": error}))
}

/// Come again in a second.
fn later(words: &str) -> Told {
    let (_, _, body) = error(400, &json!({"code": 80_006, "message": words}));
    (400, vec![("retry-after", "1".to_owned())], body)
}

fn thread_id(account: &str, customer: &str) -> String {
    format!("t_{account}_{customer}")
}

/// As Graph writes a moment: whole seconds (the calendar is Howard Hinnant's `civil_from_days`).
fn told(at: i64) -> String {
    let (days, second) = (at.div_euclid(86_400_000), at.div_euclid(1000).rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * from_march + 2) / 5 + 1, (from_march + 2) % 12 + 1);
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}+0000", second % 60)
}

/// Where one goes on, if there is more. The address of the next page holds the token: nobody follows it.
fn page_on(body: &mut Value, from: usize, is_more: bool, step: usize) {
    body["paging"] = json!({"cursors": {"before": format!("c{from}"), "after": format!("c{}", from + step)}});
    if is_more {
        body["paging"]["next"] = json!("https://graph.facebook.com/next?access_token=never-follow");
    }
}

fn after(cursor: Option<&str>) -> usize {
    cursor.and_then(|cursor| cursor.strip_prefix('c')?.parse().ok()).unwrap_or(0)
}

/// `messages.limit(20).after(c20){id,…}`: the limit, where it begins, what is asked for.
fn expression(fields: &str) -> (usize, usize, String) {
    let argument = |name: &str| {
        let (_, rest) = fields.split_once(&format!(".{name}("))?;
        Some(rest.split_once(')')?.0.to_owned())
    };
    let limit = argument("limit").and_then(|limit| limit.parse().ok()).unwrap_or(25);
    let asked = fields.split_once('{').map_or("", |(_, asked)| asked.trim_end_matches('}'));
    (limit, after(argument("after").as_deref()), asked.to_owned())
}

/// A parameter of a query, as it was before it was encoded.
fn parameter(query: &str, name: &str) -> Option<String> {
    let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
    let mut bytes = Vec::new();
    let mut rest = pair.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[test]
fn a_moment_is_told_in_whole_seconds() {
    assert_eq!(told(1_786_004_405_118), "2026-08-06T08:20:05+0000");
    assert_eq!(told(1_709_164_800_000), "2024-02-29T00:00:00+0000");
}
