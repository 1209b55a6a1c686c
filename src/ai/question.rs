//! What a model is asked: what every model is told, what the channel tells it, and how much of the
//! conversation it sees.

use super::claim::Claimed;
use super::model::Said;
use crate::domain::{Message, SenderType};
use crate::store::{Db, StoreError, messages};

/// The newest messages of a conversation that a model sees, and how many bytes of them.
const MEMORY: i64 = 40;
const LONGEST_MEMORY: usize = 24_000;
/// What every model is told.
const ALWAYS: &str = "You answer customers' messages for a business, in the customer's language, briefly and \
    kindly. \
     Write only the message itself. If you do not know something, say that a colleague will look into it.";

/// The conversation as the model is told it; none: nothing is left to answer.
pub(super) async fn what_was_said(db: &Db, claimed: &Claimed) -> Result<Option<Vec<Said>>, StoreError> {
    let (id, end) = (claimed.turn.conversation_id, claimed.turn.last_seq + 1);
    let messages = db
        .read(async move |conn| {
            let rows = messages::page_for_customer(conn, id, end, MEMORY).await?;
            messages::views(conn, rows).await
        })
        .await?;
    let mut said: Vec<Said> = Vec::new();
    let mut length = 0;
    for message in messages.iter().rev() {
        let Some(content) = words_of(message) else { continue };
        length += content.len();
        if length > LONGEST_MEMORY && !said.is_empty() {
            break;
        }
        let role = if message.sender_type == SenderType::Customer { "user" } else { "assistant" };
        said.push(Said { role, content });
    }
    if said.first().is_none_or(|newest| newest.role != "user") {
        return Ok(None);
    }
    let told = format!("{ALWAYS}\n\n{}", claimed.instructions.trim());
    said.push(Said { role: "system", content: told.trim().to_owned() });
    said.reverse();
    Ok(Some(said))
}

/// What a message says to somebody who cannot see its files; none: nothing, or not for a model.
fn words_of(message: &Message) -> Option<String> {
    if message.deleted_at.is_some() || message.sender_type == SenderType::System {
        return None;
    }
    let files = message.attachments.iter().map(|file| match &file.transcription {
        Some(words) => format!("[{}: {words}]", file.kind),
        None => format!("[{}]", file.kind),
    });
    let words = files.chain(message.content.clone()).collect::<Vec<_>>().join("\n");
    let words = if words.trim().is_empty() { format!("[{}]", message.message_type) } else { words };
    Some(words)
}
