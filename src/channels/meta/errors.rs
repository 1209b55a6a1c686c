//! Graph's answers, judged: taken, surely not sent, refused, perhaps sent.
//! Never decides on titles: on `code`, `error_subcode` and the HTTP status only.
//! Source: docs/platforms.md 1.5, 2.8, 3.5, 4. Code 131016 stands there under two heads; it counts as
//! perhaps sent.

use crate::channels::call::{Answer, Call};
use crate::channels::lenient::Lenient;
use crate::domain::outbound::{PlatformRefusal, Scope, SendOutcome};
use serde_json::Value;

/// What a call to Graph came to: an answer that holds no error, or the outcome that ends the send.
pub fn judge(call: Call) -> Result<Value, SendOutcome> {
    let answer = match call {
        Call::Answered(answer) => answer,
        Call::NotSent(reason) => return Err(SendOutcome::not_sent(reason)),
        Call::Lost(reason) => return Err(SendOutcome::unknown(reason)),
        Call::Malformed => return Err(malformed()),
    };
    match answer.body.at("error") {
        // Some real failures come as 200 with an `error` object.
        Some(error) => Err(by_code(error, &answer)),
        None if answer.is_success() => Ok(answer.body),
        None => Err(by_status(&answer)),
    }
}

/// Credentials or options that make no request.
pub fn malformed() -> SendOutcome {
    broken("malformed_credentials", "the channel's credentials contain a character that cannot be sent")
}

/// A refusal of our own that only a person can lift.
pub fn broken(code: &str, message: &str) -> SendOutcome {
    SendOutcome::Refused(PlatformRefusal {
        code: code.to_owned(),
        message: message.to_owned(),
        channel_broken: true,
        ..PlatformRefusal::default()
    })
}

/// An answer without a platform's error in it: something between us and the platform spoke.
pub fn by_status(answer: &Answer) -> SendOutcome {
    let reason = format!("HTTP {}", answer.status);
    match answer.status {
        429 => SendOutcome::NotSent { reason, retry_after: answer.retry_after, scope: Scope::Channel },
        // 408: whoever gave up waiting may have passed on what it had.
        408 | 500.. => SendOutcome::unknown(reason),
        401 => broken("http_401", "the platform does not accept the credentials (HTTP 401)"),
        status => {
            SendOutcome::refused(&format!("http_{status}"), format!("the platform answered HTTP {status}"))
        }
    }
}

fn by_code(error: &Value, answer: &Answer) -> SendOutcome {
    let code = error.int("code").unwrap_or(-1);
    let subcode = error.int("error_subcode").unwrap_or(0);
    if let Some(scope) = throttled(code).or((answer.status == 429).then_some(Scope::Channel)) {
        let regain = answer.usage.and_then(|usage| usage.regain);
        return SendOutcome::NotSent {
            reason: label(error),
            retry_after: answer.retry_after.or(regain),
            scope,
        };
    }
    let unsure =
        matches!(code, 1 | 2 | 131_000 | 131_016) || error.flag("is_transient") || answer.status >= 500;
    if unsure || answer.status == 408 {
        return SendOutcome::unknown(label(error));
    }
    let window_closed = code == 131_047 || (code == 10 && matches!(subcode, 2_018_278 | 2_534_022));
    SendOutcome::Refused(PlatformRefusal {
        code: code_text(error),
        message: words(error),
        channel_broken: !window_closed && (is_broken(code) || answer.status == 401),
        unreachable: matches!((code, subcode), (551 | 131_026, _) | (100, 2_534_014 | 2_534_029 | 2_018_001)),
        window_closed,
        file_gone: code == 131_053,
        migrate_to: None,
    })
}

/// Whom a throttle slows. None of these was sent.
fn throttled(code: i64) -> Option<Scope> {
    match code {
        4 => Some(Scope::App),
        17 | 32 | 80_002 | 80_006 | 80_007 | 130_429 | 131_057 | 133_004 => Some(Scope::Channel),
        613 => Some(Scope::Recipient),
        131_056 => Some(Scope::Pair),
        _ => None,
    }
}

/// A dead token or a right taken away: no message of this channel will pass.
fn is_broken(code: i64) -> bool {
    matches!(code, 0 | 3 | 10 | 190 | 200..=299 | 131_005)
}

/// `code` or `code/subcode`.
fn code_text(error: &Value) -> String {
    let code = error.id("code").unwrap_or_else(|| "unknown".to_owned());
    match error.id("error_subcode").filter(|subcode| subcode != "0") {
        Some(subcode) => format!("{code}/{subcode}"),
        None => code,
    }
}

/// The platform's own words, the most telling first.
fn words(error: &Value) -> String {
    let details = error.at("error_data").and_then(|data| data.text("details"));
    details
        .or_else(|| error.text("error_user_msg"))
        .or_else(|| error.text("message"))
        .unwrap_or_else(|| "the platform gave no reason".to_owned())
}

/// Code and words, for a reason line.
fn label(error: &Value) -> String {
    format!("{}: {}", code_text(error), words(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn outcome(status: u16, error: &Value) -> SendOutcome {
        let answer = Answer { status, body: json!({ "error": error }), retry_after: None, usage: None };
        judge(Call::Answered(answer)).expect_err("an error is never a success")
    }

    fn check_waits(status: u16, error: &Value, expected: Scope) {
        assert!(
            matches!(outcome(status, error), SendOutcome::NotSent { scope, .. } if scope == expected),
            "{error}"
        );
    }

    fn check_unknown(status: u16, error: &Value) {
        assert!(matches!(outcome(status, error), SendOutcome::Unknown { .. }), "{error}");
    }

    fn check_refused(status: u16, error: &Value, code: &str, broken: bool, unreachable: bool, window: bool) {
        let SendOutcome::Refused(refusal) = outcome(status, error) else { panic!("{error} was not refused") };
        let found =
            (refusal.code.as_str(), refusal.channel_broken, refusal.unreachable, refusal.window_closed);
        assert_eq!(found, (code, broken, unreachable, window), "{error}");
    }

    #[test]
    fn throttles_were_surely_not_sent() {
        check_waits(400, &json!({ "code": 4 }), Scope::App);
        check_waits(400, &json!({ "code": 130_429 }), Scope::Channel);
        check_waits(400, &json!({ "code": 80_007, "is_transient": true }), Scope::Channel);
        check_waits(400, &json!({ "code": 131_056 }), Scope::Pair);
        check_waits(400, &json!({ "code": 613, "error_subcode": 2_534_040 }), Scope::Recipient);
        check_waits(200, &json!({ "code": "131056" }), Scope::Pair);
        check_waits(429, &json!({ "code": 2 }), Scope::Channel);
    }

    #[test]
    fn what_may_hide_a_success_is_unknown() {
        for code in [1, 2, 131_000, 131_016] {
            check_unknown(400, &json!({ "code": code }));
        }
        check_unknown(400, &json!({ "code": 1, "error_subcode": 1_357_046 }));
        check_unknown(400, &json!({ "code": 100, "is_transient": true }));
        check_unknown(503, &json!({ "code": 131_009 }));
    }

    #[test]
    fn a_refusal_says_whom_it_concerns() {
        check_refused(401, &json!({ "code": 190, "error_subcode": 463 }), "190/463", true, false, false);
        check_refused(
            400,
            &json!({ "code": 10, "error_subcode": 2_534_022 }),
            "10/2534022",
            false,
            false,
            true,
        );
        check_refused(400, &json!({ "code": 10 }), "10", true, false, false);
        check_refused(
            400,
            &json!({ "code": 200, "error_subcode": 2_534_041 }),
            "200/2534041",
            true,
            false,
            false,
        );
        check_refused(400, &json!({ "code": 131_047 }), "131047", false, false, true);
        check_refused(400, &json!({ "code": 131_026 }), "131026", false, true, false);
        check_refused(
            400,
            &json!({ "code": 100, "error_subcode": 2_534_014 }),
            "100/2534014",
            false,
            true,
            false,
        );
        check_refused(200, &json!({ "code": 131_009 }), "131009", false, false, false);
        check_refused(400, &json!({}), "unknown", false, false, false);
    }

    #[test]
    fn an_answer_without_an_error_object_is_judged_by_its_status() {
        let by = |status| {
            by_status(&Answer {
                status,
                body: Value::Null,
                retry_after: Some(Duration::from_secs(3)),
                usage: None,
            })
        };
        assert!(
            matches!(by(429), SendOutcome::NotSent { retry_after: Some(wait), .. } if wait.as_secs() == 3)
        );
        assert!(matches!(by(502), SendOutcome::Unknown { .. }));
        assert!(matches!(by(504), SendOutcome::Unknown { .. }));
        assert!(matches!(by(408), SendOutcome::Unknown { .. }));
        assert!(matches!(by(404), SendOutcome::Refused(refusal) if !refusal.channel_broken));
        assert!(matches!(by(302), SendOutcome::Refused(_)));
    }
}
