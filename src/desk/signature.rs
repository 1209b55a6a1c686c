//! What stands above an agent's words to a customer, as the channel has it: nothing, their name, or a text
//! with variables. Never above a note, a template or what is not said in words, and never above what a
//! program sends.

use crate::domain::flow::{Variables, render};
use crate::domain::{Channel, ConversationState, User, text};
use crate::ledger::{LedgerError, Tx};
use crate::store::conversations::customers;

/// The words with what stands above them; none: nothing does.
pub(super) async fn sign(
    tx: &mut Tx<'_>,
    (channel, state): (&Channel, &ConversationState),
    user: &User,
    words: &str,
) -> Result<Option<String>, LedgerError> {
    let signature = match channel.options["signature"].as_str() {
        Some("name") => format!("{}:", user.full_name),
        Some("text") => {
            let known = variables(tx, channel, state, user).await?;
            render(channel.options["signature_text"].as_str().unwrap_or_default(), &known)
        }
        _ => return Ok(None),
    };
    let signature = text::clean(signature.trim());
    Ok((!signature.is_empty()).then(|| format!("{signature}\n{}", text::clean(words))))
}

async fn variables(
    tx: &mut Tx<'_>,
    channel: &Channel,
    state: &ConversationState,
    user: &User,
) -> Result<Variables, LedgerError> {
    let mut known = Variables::new();
    let mut person = |who: &str, name: &str| {
        let first = name.split_whitespace().next().unwrap_or_default();
        known.insert(format!("{who}.first_name"), first.to_owned());
        known.insert(format!("{who}.name"), name.to_owned());
    };
    person("agent", &user.full_name);
    if let Some(id) = state.customer_id
        && let Some(row) = customers::find(tx.conn, state.workspace_id, id).await?
    {
        person("customer", row.shown_name().unwrap_or_default());
    }
    known.insert("channel.name".into(), channel.name.clone());
    Ok(known)
}
