//! Reading JSON that others wrote: odd texts are cleaned, odd values are absent, nothing panics.
//! Never decides what a value means.

use crate::domain::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// Makes a body that JSON parsers refuse for its texts readable: invalid UTF-8, lone surrogates
/// (`\ud83d` without its other half), NUL become U+FFFD; bare line breaks inside strings are escaped
/// (PostgreSQL stores neither of them, and one emoji must not cost a batch).
pub fn clean(body: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(body);
    if !needs_cleaning(text.as_bytes()) {
        return text;
    }
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let (mut at, mut in_string) = (0, false);
    while at < bytes.len() {
        let step = match bytes[at] {
            b'\\' if in_string => copy_escape(&bytes[at..], &mut out),
            0 if in_string => {
                out.extend_from_slice(REPLACEMENT);
                1
            }
            byte if in_string && byte < 0x20 => {
                out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
                1
            }
            byte => {
                in_string ^= byte == b'"';
                out.push(byte);
                1
            }
        };
        at += step;
    }
    Cow::Owned(
        String::from_utf8(out).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned()),
    )
}

/// U+FFFD as a JSON escape.
const REPLACEMENT: &[u8] = b"\\ufffd";

fn needs_cleaning(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| *byte < 0x20)
        || bytes.windows(3).any(|window| matches!(window, [b'\\', b'u', b'd' | b'D' | b'0']))
}

/// Copies one escape from the start of `rest`, cleaned; gives how many bytes it took.
fn copy_escape(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(unit) = escaped_unit(rest) else {
        let taken = rest.len().min(2);
        out.extend_from_slice(&rest[..taken]);
        return taken;
    };
    match unit {
        0xD800..=0xDBFF if matches!(rest.get(6..).and_then(escaped_unit), Some(0xDC00..=0xDFFF)) => {
            out.extend_from_slice(&rest[..12]);
            12
        }
        0 | 0xD800..=0xDFFF => {
            out.extend_from_slice(REPLACEMENT);
            6
        }
        _ => {
            out.extend_from_slice(&rest[..6]);
            6
        }
    }
}

/// The code unit of a `\uXXXX` at the start.
fn escaped_unit(rest: &[u8]) -> Option<u32> {
    let hex = rest.strip_prefix(b"\\u")?.get(..4)?;
    let hex = std::str::from_utf8(hex).ok().filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(hex, 16).ok()
}

/// One element as a value in which every number is exact: what would lose digits
/// in a float (ids beyond 2^53) or overflow it (`1e999`) is a string of its digits.
pub fn value(raw: &RawValue) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&exact(raw.get()))
}

fn exact(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let mut out = String::new();
    let (mut at, mut copied, mut in_string) = (0, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if in_string => at += 2,
            b'"' => {
                in_string = !in_string;
                at += 1;
            }
            b'-' | b'0'..=b'9' if !in_string => {
                let end = at + bytes[at..].iter().take_while(|byte| is_number_byte(**byte)).count();
                if loses_digits(&json[at..end]) {
                    out.push_str(&json[copied..at]);
                    out.extend(["\"", &json[at..end], "\""]);
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(&json[copied..]);
    Cow::Owned(out)
}

fn is_number_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
}

fn loses_digits(number: &str) -> bool {
    let is_whole = number.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
    number.contains(['e', 'E']) || (is_whole && number.len() > 15) || number.len() > 30
}

/// The members of an object, each still unread; `None` if it is no object. The last of two same keys wins.
pub fn members(json: &str) -> Option<HashMap<String, &RawValue>> {
    serde_json::from_str(json).ok()
}

/// The elements of an array, each still unread; `None` if it is no array.
pub fn elements(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// Asking a value for what may not be there, or not be what it should.
pub trait Lenient {
    /// The member, unless null.
    fn at(&self, key: &str) -> Option<&Value>;

    /// A string member, cleaned and not empty.
    fn text(&self, key: &str) -> Option<String> {
        self.at(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// An id: a string or a whole number, exactly as written; never empty.
    fn id(&self, key: &str) -> Option<String> {
        id_of(self.at(key)?)
    }

    /// A whole number, also written as a string.
    fn int(&self, key: &str) -> Option<i64> {
        int_of(self.at(key)?)
    }

    /// A number, also written as a string; never NaN or infinite.
    fn float(&self, key: &str) -> Option<f64> {
        let value = self.at(key)?;
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
        number.is_finite().then_some(number)
    }

    /// Whether a flag is set.
    fn flag(&self, key: &str) -> bool {
        match self.at(key) {
            Some(Value::Bool(set)) => *set,
            Some(Value::String(text)) => text == "true" || text == "1",
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// The elements of a list member; none if it is no list.
    fn list(&self, key: &str) -> &[Value] {
        self.at(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// A moment, in the seconds or milliseconds platforms count.
    fn moment(&self, key: &str) -> Option<Timestamp> {
        moment_of(self.int(key)?)
    }
}

impl Lenient for Value {
    fn at(&self, key: &str) -> Option<&Value> {
        self.get(key).filter(|value| !value.is_null())
    }
}

impl Lenient for Map<String, Value> {
    fn at(&self, key: &str) -> Option<&Value> {
        self.get(key).filter(|value| !value.is_null())
    }
}

/// An id in a value of its own.
pub fn id_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

fn int_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The last millisecond of the year 9999.
const END_OF_TIME: i64 = 253_402_300_799_999;

/// A platform's number as a moment; `None` for one that no calendar holds, and for 0, which means "no date".
pub fn moment_of(number: i64) -> Option<Timestamp> {
    Some(Timestamp::from_platform(number)).filter(|at| at.0 > 0 && at.0 <= END_OF_TIME)
}

/// A media type without its parameters, lower case.
pub fn bare_mime(mime: &str) -> Option<String> {
    let bare = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (!bare.is_empty()).then_some(bare)
}

/// The named members of `from` that are there, for keeping.
pub fn pick(from: &Value, keys: &[&str]) -> Map<String, Value> {
    keys.iter().filter_map(|key| Some(((*key).to_owned(), from.at(key)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_clean(body: &[u8], expected: &str) {
        let cleaned = clean(body);
        let value: Value = serde_json::from_str(&cleaned).expect("readable once cleaned");
        assert_eq!(value, Value::String(expected.to_owned()), "{}", String::from_utf8_lossy(body));
    }

    #[test]
    fn texts_no_parser_takes_are_cleaned_not_refused() {
        check_clean(br#""a\ud83d""#, "a\u{fffd}");
        check_clean(br#""\ude00b""#, "\u{fffd}b");
        check_clean(br#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}");
        check_clean(br#""\uD83D\uDE00""#, "\u{1f600}");
        check_clean(br#""\ud83dx\ude00""#, "\u{fffd}x\u{fffd}");
        check_clean(br#""a\u0000b""#, "a\u{fffd}b");
        check_clean(b"\"a\0b\nc\"", "a\u{fffd}b\nc");
        check_clean(b"\"a\xffb\"", "a\u{fffd}b");
        check_clean(br#""\\ud83d \" \\\u0041""#, "\\ud83d \" \\A");
    }

    #[test]
    fn a_lone_surrogate_in_a_key_is_cleaned_too() {
        let cleaned = clean(br#"{"k\udc00": 1, "text": "ok"}"#).into_owned();
        assert!(members(&cleaned).expect("an object").contains_key("text"));
    }

    #[test]
    fn long_numbers_keep_every_digit() {
        for digits in ["120330055512340099", "99999999999999999999999999", "-1002233445566778899"] {
            let json = format!("{{\"id\": {digits}}}");
            let raw: &RawValue = serde_json::from_str(&json).expect("json");
            assert_eq!(value(raw).expect("a value").id("id").as_deref(), Some(digits));
        }
    }

    #[test]
    fn numbers_out_of_range_cost_nothing() {
        let raw: &RawValue =
            serde_json::from_str(r#"{"a": 1e999, "b": -1E-999, "c": 7, "d": "1,2-3"}"#).expect("json");
        let value = value(raw).expect("a value");
        assert_eq!((value.int("a"), value.int("c"), value.float("a")), (None, Some(7), None));
        assert_eq!(value.text("d").as_deref(), Some("1,2-3"));
    }

    #[test]
    fn moments_come_in_seconds_milliseconds_and_strings() {
        let value: Value =
            serde_json::json!({"s": "1786004405", "ms": 1_786_004_405_118_i64, "zero": 0, "odd": "soon"});
        assert_eq!(value.moment("s"), Some(Timestamp(1_786_004_405_000)));
        assert_eq!(value.moment("ms"), Some(Timestamp(1_786_004_405_118)));
        assert_eq!((value.moment("zero"), value.moment("odd")), (None, None));
    }
}
