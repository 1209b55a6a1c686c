//! Lists: `limit` and an opaque `cursor` in, `{items, next_cursor}` out. Never what is in a cursor:
//! that is each list's own affair.

use super::problem::Problem;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Items of a page at most, and where nobody says.
const LARGEST: i64 = 100;
const USUAL: i64 = 50;
/// No cursor of ours is longer.
const LONGEST_CURSOR: usize = 512;

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// In the list's order.
    pub items: Vec<T>,
    /// What to ask for next; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of `limit` items, from rows asked for with [`one_more`]: `place` says where in the
    /// list an item stands, if there is something after it.
    pub fn of<R, P: Serialize>(
        mut rows: Vec<R>,
        limit: i64,
        place: impl Fn(&R) -> P,
        show: impl Fn(R) -> T,
    ) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| has_more).map(|last| encode(&place(last)));
        Self { items: rows.into_iter().map(show).collect(), next_cursor }
    }
}

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    limit: Option<i64>,
    cursor: Option<String>,
}

impl PageQuery {
    /// How many items were asked for, as [`limit`] reads it.
    pub fn limit(&self) -> Result<i64, Problem> {
        limit(self.limit)
    }

    /// The place after which it begins; none is the beginning.
    pub fn after<P: DeserializeOwned>(&self) -> Result<Option<P>, Problem> {
        decode(self.cursor.as_deref())
    }
}

impl PageQuery {
    /// The name after which the page begins.
    pub fn after_word(&self) -> Result<Option<String>, Problem> {
        decode(self.cursor.as_deref())
    }
}

/// How many items were asked for: 1 to 100, whatever was said above it.
pub fn limit(asked: Option<i64>) -> Result<i64, Problem> {
    match asked {
        None => Ok(USUAL),
        Some(limit) if limit >= 1 => Ok(limit.min(LARGEST)),
        Some(_) => Err(Problem::bad_request("bad_limit", "limit must be a number from 1 to 100.")),
    }
}

/// One row more than the page shows tells whether there is a next one.
pub fn one_more(limit: i64) -> i64 {
    limit + 1
}

/// A place in a list, as a cursor.
pub fn encode<P: Serialize>(place: &P) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).expect("numbers and texts are JSON"))
}

/// The place a cursor names; none is the beginning.
pub fn decode<P: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<P>, Problem> {
    let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else { return Ok(None) };
    let place = Some(cursor)
        .filter(|cursor| cursor.len() <= LONGEST_CURSOR)
        .and_then(|cursor| URL_SAFE_NO_PAD.decode(cursor).ok())
        .and_then(|json| serde_json::from_slice(&json).ok());
    place.map(Some).ok_or_else(|| {
        Problem::bad_request("bad_cursor", "This cursor is not valid. Start from the first page.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_next_one_only_if_there_is_one() {
        let page = Page::of(vec![1, 2, 3], 2, |row| *row, |row| row * 10);
        assert_eq!(page.items, [10, 20]);
        assert_eq!(decode::<i64>(page.next_cursor.as_deref()).expect("ours"), Some(2));
        let last = Page::of(vec![3, 4], 2, |row| *row, |row| row);
        assert_eq!(last.next_cursor, None);
    }

    #[test]
    fn a_cursor_is_of_plain_letters_and_a_strange_one_is_refused() {
        let cursor = encode(&(1_786_004_405_118_i64, 7));
        assert!(cursor.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
        assert_eq!(decode::<(i64, i64)>(Some(&cursor)).expect("ours"), Some((1_786_004_405_118, 7)));
        for strange in ["%", "x", "bnVsbA", &"A".repeat(600), &encode(&"text")] {
            assert!(decode::<(i64, i64)>(Some(strange)).is_err(), "{strange}");
        }
        assert_eq!(decode::<i64>(None).expect("the beginning"), None);
    }

    #[test]
    fn a_limit_is_bounded() {
        assert_eq!(limit(None).expect("usual"), USUAL);
        assert_eq!(limit(Some(1_000)).expect("capped"), LARGEST);
        assert!(limit(Some(0)).is_err());
    }
}
