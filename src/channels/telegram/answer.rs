//! Telegram's answers, judged: taken, surely not sent, refused, perhaps sent.
//! Never shows an address: it holds the bot's token. Source: docs/platforms.md 5.4.

use crate::channels::call::{Answer, Call};
use crate::channels::lenient::Lenient;
use crate::channels::meta::errors;
use crate::domain::inbound::{CustomerIdentity, IdentityKind};
use crate::domain::outbound::{PlatformRefusal, Scope, SendOutcome};
use serde_json::Value;
use std::time::Duration;

/// The `result` of an answer that says `ok`, or the outcome that ends the send.
pub fn judge(call: Call) -> Result<Value, SendOutcome> {
    let answer = match call {
        Call::Answered(answer) => answer,
        Call::NotSent(reason) => return Err(SendOutcome::not_sent(reason)),
        Call::Lost(reason) => return Err(SendOutcome::unknown(reason)),
        Call::Malformed => return Err(errors::malformed()),
    };
    match answer.body.at("ok").and_then(Value::as_bool) {
        Some(true) if answer.is_success() => Ok(answer.body.at("result").cloned().unwrap_or_default()),
        Some(false) => Err(refusal(&answer)),
        _ if answer.is_success() => Err(SendOutcome::unknown("the response is not Telegram's")),
        _ => Err(errors::by_status(&answer)),
    }
}

fn refusal(answer: &Answer) -> SendOutcome {
    let code = answer.body.int("error_code").unwrap_or_else(|| i64::from(answer.status));
    let words = answer.body.text("description").unwrap_or_else(|| format!("Telegram answered {code}"));
    let parameter = |key: &str| answer.body.at("parameters").and_then(|parameters| parameters.int(key));
    let asked =
        parameter("retry_after").and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
    let migrate_to = parameter("migrate_to_chat_id")
        .map(|chat| CustomerIdentity::new(IdentityKind::TelegramGroup, chat.to_string()));
    match code {
        // Telegram does not say whether the chat or the whole bot is meant: the chat first.
        429 => SendOutcome::NotSent {
            reason: words,
            retry_after: asked.or(answer.retry_after),
            scope: Scope::Recipient,
        },
        409 => SendOutcome::NotSent { reason: words, retry_after: answer.retry_after, scope: Scope::Channel },
        500.. => SendOutcome::unknown(words),
        code => SendOutcome::Refused(PlatformRefusal {
            code: code.to_string(),
            channel_broken: matches!(code, 401 | 404),
            unreachable: code == 403,
            message: words,
            window_closed: false,
            file_gone: false,
            migrate_to,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn outcome(status: u16, body: Value) -> SendOutcome {
        judge(Call::Answered(Answer { status, body, retry_after: None, usage: None }))
            .expect_err("no success")
    }

    fn refused(status: u16, body: Value) -> PlatformRefusal {
        match outcome(status, body) {
            SendOutcome::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn telegram_says_how_long_to_wait() {
        let body = json!({ "ok": false, "error_code": 429, "description": "slow down",
            "parameters": { "retry_after": 14 } });
        assert_eq!(
            outcome(429, body),
            SendOutcome::NotSent {
                reason: "slow down".to_owned(),
                retry_after: Some(Duration::from_secs(14)),
                scope: Scope::Recipient,
            }
        );
    }

    #[test]
    fn a_refusal_keeps_telegrams_words() {
        let blocked =
            refused(403, json!({ "ok": false, "error_code": 403, "description": "Forbidden: blocked" }));
        assert!(blocked.unreachable && !blocked.channel_broken && blocked.message == "Forbidden: blocked");
        assert!(refused(401, json!({ "ok": false, "error_code": 401 })).channel_broken);
        assert!(
            refused(404, json!({ "ok": false, "error_code": 404, "description": "Not Found" }))
                .channel_broken
        );
        let moved =
            json!({ "ok": false, "error_code": 400, "parameters": { "migrate_to_chat_id": -100_223 } });
        assert_eq!(
            refused(400, moved).migrate_to,
            Some(CustomerIdentity::new(IdentityKind::TelegramGroup, "-100223"))
        );
    }

    #[test]
    fn what_may_hide_a_success_is_unknown() {
        assert!(matches!(
            outcome(502, json!({ "ok": false, "error_code": 502 })),
            SendOutcome::Unknown { .. }
        ));
        assert!(matches!(outcome(502, Value::Null), SendOutcome::Unknown { .. }));
        assert!(matches!(outcome(200, Value::Null), SendOutcome::Unknown { .. }));
        assert!(matches!(outcome(200, json!({ "ok": "yes" })), SendOutcome::Unknown { .. }));
    }
}
