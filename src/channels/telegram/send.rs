//! Sending through a Telegram bot.

/// What identifies a message on Telegram: `chat:message`, with the connection before it where there is one.
pub fn message_key(connection: Option<&str>, chat: &str, message: &str) -> String {
    match connection {
        Some(connection) => format!("{connection}:{chat}:{message}"),
        None => format!("{chat}:{message}"),
    }
}
