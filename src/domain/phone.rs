//! Telephone numbers as people write them, and the one form we keep: country code and number, digits only, as
//! WhatsApp's `wa_id` (E.164 without its `+`). Never a guess at a country that nobody named.
//!
//! No crate reads them for us: those that follow Google's tables want unmaintained crates or a compiler for
//! protocol buffers (looked at on 2026-11-29), and none of their tables is needed to take signs off.

use unicode_normalization::UnicodeNormalization;

/// Digits of a number, country code included: the longest by E.164, the shortest that any country has.
const LENGTHS: std::ops::RangeInclusive<usize> = 5..=15;
/// A search by digits wants so many: fewer are in every number.
const SEARCHED: usize = 3;
/// The digit zero of the scripts in which numbers are written; the other nine follow it.
const ZEROS: [u32; 12] = [0x30, 0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xBE6, 0xC66, 0xCE6, 0xE50, 0x17E0];

/// Why a text is no number that can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoNumber {
    /// It holds what no number holds.
    Unreadable,
    /// It begins as at home: nobody knows in which country.
    NoCountry,
    /// Too few digits, or too many.
    Length,
}

impl NoNumber {
    /// What to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Unreadable => "This is no telephone number: write it as +1 555 770 0421.",
            Self::NoCountry => {
                "The number has no country code: write it as +44 20 7946 0958, without the first 0."
            }
            Self::Length => "A telephone number has 5 to 15 digits, its country code included.",
        }
    }
}

/// A number as a person or a program writes it: `+1 (555) 770-0421`, `001 555…`, `+44 (0)20 …`,
/// `tel:+1-555-…`, in the digits of any script. Gives its digits, country code first.
pub fn read(text: &str) -> Result<String, NoNumber> {
    let (digits, is_international) = split(text)?;
    if digits.starts_with('0') {
        return Err(if is_international { NoNumber::Unreadable } else { NoNumber::NoCountry });
    }
    if LENGTHS.contains(&digits.len()) { Ok(digits) } else { Err(NoNumber::Length) }
}

/// The digits to look for, if a question is a number or a part of one; what stands before a number at home or
/// abroad (`0`, `00`) is in none that we keep.
pub fn searched(question: &str) -> Option<String> {
    let (digits, _) = split(question).ok()?;
    let digits = digits.trim_start_matches('0');
    (digits.len() >= SEARCHED).then(|| digits.to_owned())
}

/// The digits, what leads abroad taken off, and whether that was there.
fn split(text: &str) -> Result<(String, bool), NoNumber> {
    let plain: String = text.nfkc().filter(|sign| !is_invisible(*sign)).collect();
    let plain = plain.trim();
    let lower = plain.to_ascii_lowercase();
    let scheme =
        ["tel:", "whatsapp:"].iter().find(|scheme| lower.starts_with(*scheme)).map_or(0, |it| it.len());
    // Parameters of a `tel:` address: `;ext=`, `;phone-context=`.
    let number = plain[scheme..].split(';').next().unwrap_or_default().trim();
    let (has_plus, rest) = number.strip_prefix('+').map_or((false, number), |rest| (true, rest));
    // A zero in brackets is dialled at home only.
    let spaced: String = rest.chars().filter(|sign| !sign.is_whitespace()).collect();
    let rest = if has_plus || spaced.starts_with("00") { spaced.replacen("(0)", "", 1) } else { spaced };
    let mut digits = String::with_capacity(rest.len());
    for sign in rest.chars() {
        match digit(sign) {
            Some(digit) => digits.push(digit),
            None if is_separator(sign) => {}
            None => return Err(NoNumber::Unreadable),
        }
    }
    // No country code begins with 0: `00`, and `011` in North America, lead abroad.
    let abroad = ["00", "011"].iter().find(|lead| !has_plus && digits.starts_with(*lead));
    let digits = abroad.map_or(digits.as_str(), |lead| &digits[lead.len()..]).to_owned();
    Ok((digits, has_plus || abroad.is_some()))
}

fn digit(sign: char) -> Option<char> {
    let value = ZEROS.iter().find_map(|zero| u32::from(sign).checked_sub(*zero).filter(|value| *value < 10));
    value.and_then(|value| char::from_digit(value, 10))
}

fn is_separator(sign: char) -> bool {
    matches!(sign, '-' | '.' | '(' | ')' | '/' | '[' | ']' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// What a copied number often carries unseen: marks of direction, of width, of order.
fn is_invisible(sign: char) -> bool {
    matches!(sign, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_one_however_it_is_written() {
        for written in [
            "15557700421",
            "+15557700421",
            "+1 (555) 770-0421",
            "001 555 770 0421",
            "011 1 555 770 0421",
            " 1.555.770.0421 ",
            "1/555/7700421",
            "+1\u{A0}555\u{2011}770\u{2013}0421",
            "\u{202A}+1 555 770 0421\u{202C}",
            "tel:+1-555-770-0421;ext=5",
            "whatsapp:+15557700421",
            "\u{FF0B}\u{FF11}\u{FF15}\u{FF15}\u{FF15}7700421",
            "+١٥٥٥٧٧٠٠٤٢١",
            "+۱۵۵۵۷۷۰۰۴۲۱",
        ] {
            assert_eq!(read(written).as_deref(), Ok("15557700421"), "{written}");
        }
        assert_eq!(read("+44 (0)20 7946 0958").as_deref(), Ok("442079460958"));
        assert_eq!(read("0044 ( 0 ) 20 7946 0958").as_deref(), Ok("442079460958"));
    }

    #[test]
    fn what_is_no_number_or_has_no_country_is_refused() {
        for unreadable in ["", "ana", "+1 555 CALL", "+1+555770", "+0044 20", "@ana", "12e4567"] {
            assert!(read(unreadable).is_err(), "{unreadable}");
        }
        assert_eq!(read("020 7946 0958"), Err(NoNumber::NoCountry));
        assert_eq!(read("+1"), Err(NoNumber::Length));
        assert_eq!(read("+1234567890123456"), Err(NoNumber::Length));
    }

    #[test]
    fn a_part_of_a_number_can_be_looked_for() {
        assert_eq!(searched("+1 (555) 77").as_deref(), Some("155577"));
        assert_eq!(searched("0151 23").as_deref(), Some("15123"));
        assert_eq!(searched("0421").as_deref(), Some("421"));
        assert_eq!(searched("12"), None);
        assert_eq!(searched("order 12345"), None);
    }
}
