//! `@username` in a note calls a colleague: their list shows it until they have read up to it.
//! Never in a message to a customer, never somebody of another workspace.

use crate::domain::{ConversationState, User, UserId};
use crate::ledger::{LedgerError, Tx};
use crate::store::accounts::account::username_key;
use crate::store::accounts::users;
use crate::store::conversations::list;
use crate::store::messages::MessageRow;
use crate::thread::entries::Added;

/// Colleagues that one note may call.
const MOST: usize = 20;

/// Whom the words call, as JSON; none: nobody. Who writes does not call themselves, and nobody is called to
/// what they do not see.
pub(super) async fn called(
    tx: &mut Tx<'_>,
    user: &User,
    content: Option<&str>,
    state: &ConversationState,
) -> Result<Option<String>, LedgerError> {
    let keys: Vec<String> =
        names(content.unwrap_or_default()).iter().map(|name| username_key(name)).collect();
    if keys.is_empty() {
        return Ok(None);
    }
    let mut ids = users::ids_by_keys(tx.conn, user.workspace_id, &keys).await?;
    ids.retain(|id| *id != user.id);
    ids.truncate(MOST);
    let mut seeing = Vec::with_capacity(ids.len());
    for id in ids {
        let account = users::find(tx.conn, user.workspace_id, id).await?;
        seeing.extend(account.filter(|account| account.user.sees(state)).map(|account| account.user.id));
    }
    let ids = seeing;
    Ok((!ids.is_empty()).then(|| serde_json::to_string(&ids).unwrap_or_default()))
}

/// What may be a name: all after an `@` up to a space, and the same without the punctuation at its
/// end, because `@ana.` most often means `ana`.
fn names(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        if text[..at].ends_with(char::is_alphanumeric) || found.len() >= MOST * 4 {
            continue; // An e-mail address, or a heap of signs.
        }
        let word = text[at + 1..].split(char::is_whitespace).next().unwrap_or_default();
        let mut name: String = word.chars().take(64).collect();
        while !name.is_empty() {
            found.push(name.clone());
            if name.ends_with(char::is_alphanumeric) {
                break;
            }
            name.pop();
        }
    }
    found
}

/// The people whom a stored note calls.
fn of(row: &MessageRow) -> Vec<UserId> {
    row.body.mentions.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// Whoever is called sees it in their list.
pub(super) async fn note(tx: &mut Tx<'_>, added: &Added) -> Result<(), LedgerError> {
    for user in of(&added.row) {
        let (mut mark, is_member) =
            list::mark(tx.conn, added.row.conversation_id, user).await?.unwrap_or_default();
        mark.mention_seq = added.row.body.seq;
        list::set_mark(tx.conn, added.row.conversation_id, user, mark, is_member).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::names;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(names(text), expected, "{text}");
    }

    #[test]
    fn a_name_stands_after_a_sign_and_before_a_space() {
        check("@ana look", &["ana"]);
        check("so, @ana.lind: and (@ben)", &["ana.lind:", "ana.lind", "ben)", "ben"]);
        check("write to ana@example.org", &[]);
        check("@ @", &[]);
        check("@José!", &["José!", "José"]);
    }
}
