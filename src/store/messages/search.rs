//! The words of messages and of the names of customers: FTS5 on SQLite, tsvector on PostgreSQL, the same
//! words in both, because they are folded and parted here. Never who may see which: that is `found`'s.

use crate::domain::{CustomerId, MessageId, text};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{customer_identities, customers};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use std::collections::BTreeSet;

/// Letters of one word; more tell nothing apart.
const LONGEST_WORD: usize = 40;
/// Different words of one message.
const WORDS: usize = 3_000;
/// Words of one question; more narrow nothing down.
const ASKED: usize = 8;
/// The last digits of a number find it, from so many on.
const SHORTEST_END: usize = 4;

/// The words of a text, folded: runs of letters and digits; where a script has no spaces, each sign.
pub fn words_of(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    for sign in text::fold(text).chars().chain([' ']) {
        let stands_alone = is_unspaced(sign);
        if sign.is_alphanumeric() && !stands_alone {
            word.push(sign);
            continue;
        }
        if !word.is_empty() {
            words.insert(word.chars().take(LONGEST_WORD).collect());
            word.clear();
        }
        if stands_alone {
            words.insert(sign.to_string());
        }
        if words.len() >= WORDS {
            break;
        }
    }
    words
}

/// Scripts that put no spaces between words: Han, Kana, Thai, Lao, Khmer, Burmese.
fn is_unspaced(sign: char) -> bool {
    matches!(u32::from(sign),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF
            | 0x4E00..=0x9FFF | 0x20000..=0x323AF)
}

/// A question, as its words: each must occur, or begin a word that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    words: Vec<String>,
}

impl Question {
    /// The question a text asks; none: there is no word in it.
    pub fn of(text: &str) -> Option<Self> {
        let words: Vec<_> = words_of(text).into_iter().take(ASKED).collect();
        (!words.is_empty()).then_some(Self { words })
    }

    /// Whether a text answers it.
    pub(crate) fn fits(&self, text: &str) -> bool {
        let there = words_of(text);
        self.words.iter().all(|word| {
            there.range(word.clone()..).next().is_some_and(|next| next.starts_with(word.as_str()))
        })
    }

    /// About `width` characters of a text, from shortly before the first word that was asked for.
    pub fn excerpt(&self, text: &str, width: usize) -> String {
        let signs: Vec<char> = text.chars().collect();
        let begins = |at: usize| {
            let is_start = at == 0 || !signs[at - 1].is_alphanumeric() || is_unspaced(signs[at]);
            let rest = || text::fold(&signs[at..].iter().take(LONGEST_WORD).collect::<String>());
            is_start && signs[at].is_alphanumeric() && {
                let rest = rest();
                self.words.iter().any(|word| rest.starts_with(word.as_str()))
            }
        };
        let hit = (0..signs.len().min(20_000)).find(|at| begins(*at)).unwrap_or(0);
        let start = hit.saturating_sub(width / 4);
        let end = (start + width).min(signs.len());
        let (before, after) = (if start > 0 { "…" } else { "" }, if end < signs.len() { "…" } else { "" });
        format!("{before}{}{after}", signs[start..end].iter().collect::<String>())
    }

    /// As a database is asked.
    pub(super) fn on(&self, conn: &Conn) -> String {
        // Letters and digits only: nothing in a word can end its quotes.
        let each: Vec<_> = match conn {
            Conn::Sqlite(_) => self.words.iter().map(|word| format!("\"{word}\"*")).collect(),
            Conn::Postgres(_) => self.words.iter().map(|word| format!("'{word}':*")).collect(),
        };
        each.join(if matches!(conn, Conn::Sqlite(_)) { " AND " } else { " & " })
    }
}

/// Where words stand: each of the two has its own table, by the id of what is found.
struct Index {
    put: [&'static str; 2],
    forget: [&'static str; 2],
}

const MESSAGES: Index = Index {
    put: [
        "INSERT OR REPLACE INTO search_messages (rowid, words) VALUES ($1, $2)",
        "INSERT INTO search_messages (id, words) VALUES ($1, array_to_tsvector(string_to_array($2, ' '))) \
         ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words",
    ],
    forget: ["DELETE FROM search_messages WHERE rowid = $1", "DELETE FROM search_messages WHERE id = $1"],
};

const CUSTOMERS: Index = Index {
    put: [
        "INSERT OR REPLACE INTO search_customers (rowid, words) VALUES ($1, $2)",
        "INSERT INTO search_customers (id, words) VALUES ($1, array_to_tsvector(string_to_array($2, ' '))) \
         ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words",
    ],
    forget: ["DELETE FROM search_customers WHERE rowid = $1", "DELETE FROM search_customers WHERE id = $1"],
};

/// Makes a message findable by its words, and by no others.
pub async fn index_message(conn: &mut Conn, id: MessageId, content: &str) -> Result<(), StoreError> {
    put(conn, &MESSAGES, id.0, words_of(content)).await
}

/// Makes several new messages findable by their words: on PostgreSQL by one statement.
pub async fn index_new_messages(conn: &mut Conn, new: &[(MessageId, &str)]) -> Result<(), StoreError> {
    let (ids, words): (Vec<MessageId>, Vec<String>) = new
        .iter()
        .map(|(id, content)| (*id, joined(words_of(content))))
        .filter(|(_, words)| !words.is_empty())
        .unzip();
    match conn {
        _ if ids.is_empty() => {}
        Conn::Sqlite(db) => {
            for (id, words) in ids.iter().zip(&words) {
                diesel::sql_query("INSERT INTO search_messages (rowid, words) VALUES ($1, $2)")
                    .bind::<BigInt, _>(id)
                    .bind::<Text, _>(words)
                    .kept()
                    .execute(db)
                    .await?;
            }
        }
        Conn::Postgres(db) => {
            diesel::sql_query(
                "INSERT INTO search_messages (id, words) \
                 SELECT id, array_to_tsvector(string_to_array(words, ' ')) FROM unnest($1, $2) AS new (id, \
                 words)",
            )
            .bind::<Array<BigInt>, _>(ids)
            .bind::<Array<Text>, _>(words)
            .kept()
            .execute(db)
            .await?;
        }
    }
    Ok(())
}

/// A message is found no more.
pub async fn forget_message(conn: &mut Conn, id: MessageId) -> Result<(), StoreError> {
    forget(conn, &MESSAGES, id.0).await
}

async fn put(conn: &mut Conn, index: &Index, id: i64, words: BTreeSet<String>) -> Result<(), StoreError> {
    if words.is_empty() {
        return forget(conn, index, id).await;
    }
    let (query, words) = (index.put[usize::from(conn.has_many_writers())], joined(words));
    on!(conn, db => diesel::sql_query(query)
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(words)
        .kept()
        .execute(db).await)?;
    Ok(())
}

async fn forget(conn: &mut Conn, index: &Index, id: i64) -> Result<(), StoreError> {
    let query = index.forget[usize::from(conn.has_many_writers())];
    on!(conn, db => diesel::sql_query(query).bind::<BigInt, _>(id).kept().execute(db).await)?;
    Ok(())
}

fn joined(words: BTreeSet<String>) -> String {
    words.into_iter().collect::<Vec<_>>().join(" ")
}

/// Makes a customer findable by their names and by what their platforms call them, a number also by
/// its last digits.
pub async fn index_customer(conn: &mut Conn, id: CustomerId) -> Result<(), StoreError> {
    let names: Option<String> =
        on!(conn, db => customers::table.find(id).select(customers::search_text).first(db).await.optional())?;
    let Some(names) = names else { return forget_customer(conn, id).await };
    let external_ids: Vec<String> = on!(conn, db => customer_identities::table
        .filter(customer_identities::customer_id.eq(id))
        .limit(100)
        .select(customer_identities::external_id)
        .load(db).await)?;
    let mut words = words_of(&names);
    for external_id in external_ids {
        for word in words_of(&external_id) {
            if word.is_ascii() && word.bytes().all(|byte| byte.is_ascii_digit()) {
                let ends =
                    (1..word.len().saturating_sub(SHORTEST_END - 1)).map(|from| word[from..].to_owned());
                words.extend(ends);
            }
            words.insert(word);
        }
    }
    put(conn, &CUSTOMERS, id.0, words).await
}

/// A customer is found no more.
pub async fn forget_customer(conn: &mut Conn, id: CustomerId) -> Result<(), StoreError> {
    forget(conn, &CUSTOMERS, id.0).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(question: &str, text: &str, fits: bool) {
        assert_eq!(
            Question::of(question).is_some_and(|asked| asked.fits(text)),
            fits,
            "{question} in {text}"
        );
    }

    #[test]
    fn words_are_found_by_their_beginning_whatever_the_case_and_accents() {
        check("jose", "Señor José García", true);
        check("GARC josé", "Señor José García", true);
        check("ose", "José", false);
        check("x'); DROP--", "x drop", true);
        check("京", "東京タワー", true);
        check("…", "anything", false);
    }

    #[test]
    fn an_excerpt_stands_around_the_first_word_that_was_asked_for() {
        let asked = Question::of("needle").expect("a word");
        let text = format!("{} a Needle here {}", "hay ".repeat(100), "hay ".repeat(100));
        let excerpt = asked.excerpt(&text, 60);
        assert!(excerpt.contains("Needle") && excerpt.chars().count() <= 62, "{excerpt}");
    }
}
