//! Meta's verification of a webhook's address: `hub.mode`, `hub.verify_token`, `hub.challenge`.
//! Never turns the challenge into a number: it goes back as it came.

use subtle::ConstantTimeEq;

/// The challenge to answer verbatim as text/plain, or `None`: 403.
pub fn answer<'q, 't>(
    mode: Option<&str>,
    token: Option<&str>,
    challenge: Option<&'q str>,
    known_tokens: impl IntoIterator<Item = &'t str>,
) -> Option<&'q str> {
    let token = token.filter(|token| !token.is_empty())?;
    let mut fits = false;
    for known in known_tokens {
        fits |= bool::from(known.as_bytes().ct_eq(token.as_bytes()));
    }
    challenge.filter(|_| fits && mode == Some("subscribe"))
}

#[cfg(test)]
mod tests {
    use super::answer;

    fn check(mode: Option<&str>, token: Option<&str>, expected: Option<&str>) {
        assert_eq!(
            answer(mode, token, Some("0012 34"), ["", "pier", "north"]),
            expected,
            "{mode:?} {token:?}"
        );
    }

    #[test]
    fn a_known_token_gets_its_challenge_back_verbatim() {
        check(Some("subscribe"), Some("north"), Some("0012 34"));
        check(Some("subscribe"), Some("south"), None);
        check(Some("subscribe"), Some(""), None);
        check(Some("subscribe"), None, None);
        check(Some("unsubscribe"), Some("north"), None);
        check(None, Some("north"), None);
    }
}
