//! `X-Hub-Signature-256`: HMAC-SHA256 over the raw body with the app's secret.
//! Never looks into the body: Meta signs the escaped form, so what was parsed and printed again never fits.
//! Source: Meta's "Webhooks: validating payloads".

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Whether `header` signs `body` with one of `secrets`; which one is the answer's index.
/// Every secret is tried, in constant time each. An empty secret signs nothing.
pub fn verify<'a>(
    header: Option<&str>,
    body: &[u8],
    secrets: impl IntoIterator<Item = &'a str>,
) -> Option<usize> {
    let claimed = claimed_digest(header?)?;
    let mut found = None;
    for (index, secret) in secrets.into_iter().enumerate() {
        if !secret.is_empty() && bool::from(digest(secret, body).ct_eq(&claimed)) {
            found = found.or(Some(index));
        }
    }
    found
}

/// Whether `header` signs `body` with this secret.
pub fn fits(header: Option<&str>, body: &[u8], secret: &str) -> bool {
    verify(header, body, [secret]).is_some()
}

/// The header's value for a body: what the simulated platforms sign with.
pub fn sign(secret: &str, body: &[u8]) -> String {
    use std::fmt::Write;
    digest(secret, body).iter().fold(String::from("sha256="), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn digest(secret: &str, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// `sha256=` and 64 lower-case hex digits, nothing else.
fn claimed_digest(header: &str) -> Option<[u8; 32]> {
    let hex = header.strip_prefix("sha256=")?.as_bytes();
    if hex.len() != 64 {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, pair) in digest.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(digest)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"object":"page","entry":[]}"#;

    fn check(header: Option<&str>, body: &[u8], fits_secret: Option<usize>) {
        assert_eq!(verify(header, body, ["", "other", "right"]), fits_secret, "{header:?}");
    }

    #[test]
    fn only_the_exact_bytes_and_the_exact_form_fit() {
        let right = sign("right", BODY);
        check(Some(&right), BODY, Some(2));
        check(Some(&sign("other", BODY)), BODY, Some(1));
        check(Some(&right), br#"{"object":"page","entry":[ ]}"#, None);
        check(Some(&right.to_uppercase()), BODY, None);
        check(Some(&right.replace("sha256=", "sha256=0x")), BODY, None);
        check(Some(right.trim_start_matches("sha256=")), BODY, None);
        check(Some(&right[..right.len() - 2]), BODY, None);
        check(Some(&format!("{right} ")), BODY, None);
        check(Some(&right.replace("sha256=", "sha1=")), BODY, None);
        check(None, BODY, None);
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        check(Some(&sign("", BODY)), BODY, None);
    }

    #[test]
    fn it_is_the_hmac_of_rfc_4231() {
        assert_eq!(
            sign("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
