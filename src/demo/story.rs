//! What happened in the demo's workspace before the doors opened: told through the same commands
//! as everything else. All people and words are invented.

use crate::app::App;
use crate::desk::direct::{Colleague, WriteDirect};
use crate::desk::reply::Reply;
use crate::desk::update_conversation::{LabelWish, UpdateConversation};
use crate::domain::inbound::{
    Author, CustomerIdentity, InboundEvent, InboundKind, InboundMessage, Profile, Thread,
};
use crate::domain::{
    Channel, ChannelKind, ConversationId, ConversationStatus, MessageType, Origin, Timestamp, User,
};
use crate::ingest::{Receive, Source};
use serde_json::Map;
use std::error::Error;
use std::time::Duration;

/// One conversation: channel, customer's id and name, lines, who cares for it, where it stands.
struct Chat {
    kind: ChannelKind,
    id: &'static str,
    name: &'static str,
    /// `>` the customer, `<` an agent, `~` the owner on the phone.
    lines: &'static [&'static str],
    assignee: Option<usize>,
    status: ConversationStatus,
}

use ChannelKind::{Instagram, Telegram, Whatsapp};
use ConversationStatus::{Closed, Open, Pending};

#[rustfmt::skip] // one line a conversation
const CHATS: [Chat; 12] = [
    Chat { kind: Whatsapp, id: "15550170101", name: "Mira Oduya", lines: &[">Hi! Is the window table free tomorrow at 7?", "<It is. Shall I book it for two?", ">Yes please, for Mira."], assignee: Some(1), status: Open },
    Chat { kind: Whatsapp, id: "15550170102", name: "Tomas Vlk", lines: &[">Do you deliver to Riverside 12?", "<We do, from 20 € on.", ">Great, then two large boxes please", "~On its way, Tomas!"], assignee: Some(0), status: Open },
    Chat { kind: Whatsapp, id: "15550170103", name: "Lea Marchand", lines: &[">Bonjour, vous livrez aussi à Lyon ?"], assignee: None, status: Open },
    Chat { kind: Whatsapp, id: "15550170104", name: "Dana Reyes", lines: &[">My parcel arrived damaged", "<I am sorry! Could you send us a photo?", ">Of course, tonight"], assignee: Some(2), status: Pending },
    Chat { kind: Instagram, id: "1002003004005011", name: "Ines Castellano", lines: &[">Do you still have the blue mugs?", "~Blue ones are sold out, sorry!", ">Oh no. And green?"], assignee: None, status: Open },
    Chat { kind: Instagram, id: "1002003004005012", name: "Kofi Mensah", lines: &[">Loved the spring menu 😍", "<Thank you! Come by on Friday, there is more."], assignee: Some(1), status: Closed },
    Chat { kind: Instagram, id: "1002003004005013", name: "Yuki Tanabe", lines: &[">Are you open on Sunday?", "<From 9 to 13.", ">Perfect, thanks"], assignee: Some(2), status: Closed },
    Chat { kind: Instagram, id: "1002003004005014", name: "Salma Idrissi", lines: &[">مرحبا، هل لديكم خبز بدون غلوتين؟"], assignee: None, status: Open },
    Chat { kind: Telegram, id: "198844001", name: "Ibrahim Sow", lines: &[">How much is a large box?", "<A large box is 12 €.", ">ok", ">ok"], assignee: Some(0), status: Open },
    Chat { kind: Telegram, id: "198844002", name: "Petra Novak", lines: &[">Is this the right lid?", "<Yes, size M."], assignee: Some(1), status: Closed },
    Chat { kind: Telegram, id: "198844003", name: "Luca Ferri", lines: &[">Ciao! Can I order for 30 people?"], assignee: None, status: Open },
    Chat { kind: Telegram, id: "198844004", name: "Anneke de Wit", lines: &[">Where can I park?", "<Right behind the pier, it is free for guests."], assignee: Some(2), status: Open },
];

/// Tells everything.
pub async fn tell(app: &App, people: &[User], channels: &[Channel]) -> Result<(), Box<dyn Error>> {
    for (number, chat) in CHATS.iter().enumerate() {
        if let Some(channel) = channels.iter().find(|channel| channel.kind == chat.kind) {
            converse(app, people, channel, chat, number).await?;
        }
    }
    gossip(app, people).await
}

async fn converse(
    app: &App,
    people: &[User],
    channel: &Channel,
    chat: &Chat,
    number: usize,
) -> Result<(), Box<dyn Error>> {
    let mut conversation = None;
    for (line, words) in chat.lines.iter().enumerate() {
        let client_id = format!("demo-{number}-{line}");
        let agent = &people[chat.assignee.unwrap_or(0)];
        match (words.split_at(1), conversation) {
            (("<", words), Some(id)) => reply(app, agent, id, client_id, words).await?,
            ((mark, words), _) => {
                let author = if mark == "~" { Author::Owner } else { Author::Customer };
                conversation = hear(app, channel, chat, author, &client_id, words).await?;
            }
        }
    }
    if let Some(id) = conversation {
        care(app, people, id, chat).await?;
    }
    Ok(())
}

async fn hear(
    app: &App,
    channel: &Channel,
    chat: &Chat,
    author: Author,
    name: &str,
    words: &str,
) -> Result<Option<ConversationId>, Box<dyn Error>> {
    let identity = CustomerIdentity::from_external(channel.kind, chat.id, None);
    let message = InboundMessage {
        author,
        origin: if author == Author::Owner { Origin::Phone } else { Origin::Platform },
        may_be_ours: false,
        platform_message_id: format!("{}:{name}", chat.id),
        thread: Thread::of(identity),
        profile: Profile { name: Some(chat.name.into()), ..Profile::default() },
        sender: None,
        message_type: MessageType::Text,
        text: Some(words.into()),
        attachments: Vec::new(),
        reply_to: None,
        details: Map::new(),
        our_token: None,
        app_id: None,
        album: None,
        history: None,
        callback_id: None,
    };
    let event = InboundEvent {
        account: channel.external_id.clone(),
        business: None,
        occurred_at: Some(Timestamp::now().minus(Duration::from_secs(1))),
        position: 0,
        standby: false,
        raw: String::new(),
        kind: InboundKind::Message(Box::new(message)),
    };
    let source = Source {
        channel_id: channel.id,
        workspace_id: channel.workspace_id,
        kind: channel.kind,
        name: channel.name.clone(),
    };
    Ok(app.ledger.give(Receive { source, event: event.into(), conversation: None }).await?.conversation_id)
}

async fn reply(
    app: &App,
    agent: &User,
    conversation_id: ConversationId,
    client_id: String,
    words: &str,
) -> Result<(), Box<dyn Error>> {
    let reply = Reply {
        user: agent.clone(),
        origin: Origin::App,
        conversation_id,
        client_id: Some(client_id),
        content: Some(words.into()),
        attachment_ids: Vec::new(),
        message_type: None,
        reply_to: None,
        is_private: false,
        template: None,
        send_at: None,
        enclosed: None,
    };
    app.ledger.give(reply).await?;
    Ok(())
}

async fn care(
    app: &App,
    people: &[User],
    conversation_id: ConversationId,
    chat: &Chat,
) -> Result<(), Box<dyn Error>> {
    let care = UpdateConversation {
        user: people[0].clone(),
        conversation_id,
        status: Some((chat.status, None)),
        assignee: Some(chat.assignee.map(|number| people[number].id)),
        priority: None,
        labels: None,
        more_labels: LabelWish::default(),
    };
    app.ledger.give(care).await?;
    Ok(())
}

/// The colleagues write to one another.
async fn gossip(app: &App, people: &[User]) -> Result<(), Box<dyn Error>> {
    for (from, to, words) in [
        (0, 1, "Could you take the window table for Mira?"),
        (1, 0, "Done. Is Friday full, too?"),
        (0, 1, "Nearly!"),
    ] {
        let write = WriteDirect {
            user: people[from].clone(),
            to: vec![Colleague::Id(people[to].id)],
            about: None,
            origin: Origin::App,
            client_id: None,
            content: words.into(),
        };
        app.ledger.give(write).await?;
    }
    Ok(())
}
