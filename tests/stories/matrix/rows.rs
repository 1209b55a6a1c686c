//! The table of who may call what: every route, whom it is for, and on what. A route of the server without a
//! row here fails `tidy::routes`, and so does a row without a route. Never a claim about what an answer
//! holds: those are the other stories.

/// Whom a route is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody: it says nothing about anybody.
    Everybody,
    /// A platform that signs, or somebody who holds the secret in the address.
    Signed,
    /// A visitor of the web chat, by their token.
    Visitor,
    /// Whoever is signed in.
    User,
    /// Admins.
    Admin,
}

/// What stands in the place of `{id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Nothing: there is no place, or the whole workspace is meant.
    Nothing,
    /// A conversation with a customer.
    Conversation,
    /// A direct conversation of two others.
    Direct,
    /// A message of an agent to a customer, by whoever asks rightly.
    Message,
    /// A message in a direct conversation of two others.
    DirectMessage,
    /// A channel.
    Channel,
    /// A user who is not the one that asks.
    User,
    /// A customer.
    Customer,
    /// A token of somebody else.
    Token,
    /// An uploaded file of somebody else.
    Media,
    /// Something that an admin makes first: where, and of what.
    Made(&'static str, &'static str),
}

/// One row: the call, whom it is for, on what, a body that is right, and what the rightful caller is
/// answered.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub call: &'static str,
    pub who: Who,
    pub on: On,
    pub body: &'static str,
    pub answers: &'static [u16],
}

const fn row(call: &'static str, who: Who, on: On, body: &'static str, answers: &'static [u16]) -> Row {
    Row { call, who, on, body, answers }
}

const LABEL: On = On::Made("/api/v1/labels", r##"{"name":"Label {n}","color":"#aa0000"}"##);
const CANNED: On = On::Made("/api/v1/canned-replies", r#"{"shortcut":"s{n}","content":"Hello"}"#);
const VIEW: On = On::Made("/api/v1/views", r#"{"name":"View {n}","filter":{"status":"open"}}"#);
const TEAM: On = On::Made("/api/v1/teams", r#"{"name":"Team {n}"}"#);
const HOOK: On = On::Made(
    "/api/v1/hooks",
    r#"{"name":"Hook {n}","url":"https://example.org/x","events":["message_created"]}"#,
);
const FLOW: On = On::Made(
    "/api/v1/flows",
    r#"{"name":"Flow {n}","is_on":false,"channel_id":null,"trigger":{"kind":"manual"},"steps":[{"kind":"message","text":"Hello"}]}"#,
);

const WORKSPACE: On = On::Made("/api/v1/workspaces", r#"{"name":"Branch {n}"}"#);
const OFFER: On = On::Made("/api/v1/membership-offers", r#"{"username":"guest{n}","role":"agent"}"#);

/// The table.
#[rustfmt::skip] // one row a line
pub const ROWS: &[Row] = &[
    row("GET /api/v1/setup", Who::Everybody, On::Nothing, "", &[200]),
    row("POST /api/v1/setup", Who::Everybody, On::Nothing, r#"{"token":"x","username":"mallory","full_name":"M","password":"a long enough one"}"#, &[401, 403, 404, 409, 422]),
    row("POST /api/v1/login", Who::Everybody, On::Nothing, r#"{"username":"nobody","password":"not the right one"}"#, &[401]),
    row("POST /api/v1/logout", Who::Everybody, On::Nothing, "", &[204]),
    row("GET /api/v1/me", Who::User, On::Nothing, "", &[200]),
    row("PUT /api/v1/me/password", Who::User, On::Nothing, r#"{"current_password":"not the old one","new_password":"another long one"}"#, &[403]),
    row("PUT /api/v1/me/avatar", Who::User, On::Nothing, "multipart", &[200, 422]),
    row("GET /api/v1/me/sessions", Who::User, On::Nothing, "", &[200]),
    row("DELETE /api/v1/me/sessions", Who::User, On::Nothing, "", &[204]),
    row("DELETE /api/v1/me/sessions/{id}", Who::User, On::Nothing, "", &[404]),
    row("GET /api/v1/workspaces", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/workspaces", Who::Admin, On::Nothing, r#"{"name":"Branch {n}"}"#, &[201]),
    row("PATCH /api/v1/workspaces/{id}", Who::User, WORKSPACE, r#"{"name":"Renamed {n}"}"#, &[200]),
    row("GET /api/v1/membership-offers", Who::Admin, On::Nothing, "", &[200]),
    row("POST /api/v1/membership-offers", Who::Admin, On::Nothing, r#"{"username":"guest{n}","role":"agent"}"#, &[201]),
    row("DELETE /api/v1/membership-offers/{id}", Who::Admin, OFFER, "", &[204]),
    row("GET /api/v1/me/membership-offers", Who::User, On::Nothing, "", &[200]),
    row("DELETE /api/v1/me/membership-offers/{id}", Who::User, On::Nothing, "", &[403]),
    row("POST /api/v1/me/membership-offers/{id}/accept", Who::User, On::Nothing, "", &[403]),
    row("GET /api/v1/tokens", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/tokens", Who::User, On::Nothing, r#"{"name":"t"}"#, &[201]),
    row("DELETE /api/v1/tokens/{id}", Who::User, On::Token, "", &[204]),
    row("GET /api/v1/users", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/users", Who::Admin, On::Nothing, r#"{"username":"new{n}","full_name":"New","email":"new{n}@example.org","password":"correct horse battery","role":"agent"}"#, &[201]),
    row("PATCH /api/v1/users/{id}", Who::Admin, On::User, r#"{"full_name":"Renamed"}"#, &[200]),
    row("DELETE /api/v1/users/{id}", Who::Admin, On::User, "", &[200, 204]),
    row("GET /api/v1/roles", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/roles", Who::Admin, On::Nothing, r#"{"name":"Role {n}","permissions":["notes.write"]}"#, &[201]),
    row("PATCH /api/v1/roles/{slug}", Who::Admin, On::Nothing, r#"{"name":"Spare {n}","permissions":["export"]}"#, &[200]),
    row("DELETE /api/v1/roles/{slug}", Who::Admin, On::Nothing, "", &[204]),
    row("GET /api/v1/teams", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/teams", Who::Admin, On::Nothing, r#"{"name":"Team {n}"}"#, &[201]),
    row("PATCH /api/v1/teams/{id}", Who::Admin, TEAM, r#"{"name":"Renamed {n}"}"#, &[200]),
    row("DELETE /api/v1/teams/{id}", Who::Admin, TEAM, "", &[204]),
    row("GET /api/v1/channel-kinds", Who::User, On::Nothing, "", &[200]),
    row("GET /api/v1/users/{id}/sessions", Who::Admin, On::User, "", &[200]),
    row("DELETE /api/v1/users/{id}/sessions/{session_id}", Who::Admin, On::User, "", &[404]),
    row("GET /api/v1/users/{id}/tokens", Who::Admin, On::User, "", &[200]),
    row("DELETE /api/v1/users/{id}/tokens/{token_id}", Who::Admin, On::User, "", &[404]),
    row("GET /api/v1/channels", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/channels", Who::Admin, On::Nothing, r#"{"kind":"webchat","name":"Another","external_id":"another{n}","credentials":{}}"#, &[201]),
    row("GET /api/v1/channels/{id}", Who::User, On::Channel, "", &[200]),
    row("PATCH /api/v1/channels/{id}", Who::Admin, On::Channel, r#"{"name":"Renamed"}"#, &[200]),
    row("DELETE /api/v1/channels/{id}", Who::Admin, On::Channel, "", &[200, 204, 409]),
    row("POST /api/v1/channels/{id}/test", Who::Admin, On::Channel, "{}", &[200]),
    row("GET /api/v1/channels/{id}/health", Who::Admin, On::Channel, "", &[200]),
    row("POST /api/v1/channels/{id}/subscribe", Who::Admin, On::Channel, "{}", &[200, 409, 422]),
    row("GET /api/v1/channels/{id}/templates", Who::User, On::Channel, "", &[200, 409, 422, 502, 503]),
    row("POST /api/v1/channels/{id}/templates", Who::Admin, On::Channel, r#"{"name":"new_{n}","language":"en","category":"UTILITY","content":{"body":{"text":"Hello"}}}"#, &[201, 422, 502]),
    row("POST /api/v1/channels/{id}/templates/sync", Who::Admin, On::Channel, "{}", &[200, 422, 502]),
    row("PATCH /api/v1/channels/{id}/templates/{template_id}", Who::Admin, On::Channel, r#"{"title":"Hello"}"#, &[404, 422]),
    row("DELETE /api/v1/channels/{id}/templates/{template_id}", Who::Admin, On::Channel, "", &[404, 422]),

    row("GET /api/v1/conversations", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/conversations", Who::User, On::Nothing, r#"{"channel_id":{channel},"customer":{"external_id":"1555770{n}"}}"#, &[201]),
    row("GET /api/v1/conversations/counts", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/conversations/bulk", Who::User, On::Nothing, r#"{"ids":[{conversation}],"status":"open"}"#, &[200, 204]),
    row("GET /api/v1/conversations/{id}", Who::User, On::Conversation, "", &[200]),
    row("GET /api/v1/conversations/{id}", Who::User, On::Direct, "", &[200]),
    row("PATCH /api/v1/conversations/{id}", Who::User, On::Conversation, r#"{"status":"pending"}"#, &[200]),
    row("PATCH /api/v1/conversations/{id}", Who::User, On::Direct, r#"{"status":"closed"}"#, &[200, 409, 422]),
    row("GET /api/v1/conversations/{id}/messages", Who::User, On::Conversation, "", &[200]),
    row("GET /api/v1/conversations/{id}/messages", Who::User, On::Direct, "", &[200]),
    row("POST /api/v1/conversations/{id}/messages", Who::User, On::Conversation, r#"{"content":"hello","client_id":"m{n}"}"#, &[201]),
    row("POST /api/v1/conversations/{id}/messages", Who::User, On::Direct, r#"{"content":"hello","client_id":"m{n}"}"#, &[201]),
    row("POST /api/v1/conversations/{id}/messages/check", Who::User, On::Conversation, r#"{"content":"hello"}"#, &[200]),
    row("POST /api/v1/conversations/{id}/messages/check", Who::User, On::Direct, r#"{"content":"hello"}"#, &[200]),
    row("GET /api/v1/conversations/{id}/events", Who::User, On::Conversation, "", &[200]),
    row("GET /api/v1/conversations/{id}/events", Who::User, On::Direct, "", &[200]),
    row("POST /api/v1/conversations/{id}/read", Who::User, On::Conversation, r#"{"seq":1}"#, &[200, 204]),
    row("PUT /api/v1/conversations/{id}/unread", Who::User, On::Conversation, r#"{"from_seq":1}"#, &[200]),
    row("PUT /api/v1/conversations/{id}/unread", Who::User, On::Direct, r#"{"from_seq":1}"#, &[200, 409]),
    row("PUT /api/v1/conversations/{id}/follow", Who::User, On::Conversation, "", &[200]),
    row("PUT /api/v1/conversations/{id}/follow", Who::User, On::Direct, "", &[200]),
    row("DELETE /api/v1/conversations/{id}/follow", Who::User, On::Conversation, "", &[200]),
    row("PUT /api/v1/conversations/{id}/reminder", Who::User, On::Conversation, r#"{"at":"{tomorrow}"}"#, &[200]),
    row("PUT /api/v1/conversations/{id}/reminder", Who::User, On::Direct, r#"{"at":"{tomorrow}"}"#, &[200]),
    row("DELETE /api/v1/conversations/{id}/reminder", Who::User, On::Conversation, "", &[200]),
    row("GET /api/v1/bulk-jobs/{id}", Who::User, On::Nothing, "", &[404]),
    row("DELETE /api/v1/bulk-jobs/{id}", Who::User, On::Nothing, "", &[404]),
    row("POST /api/v1/bulk-jobs/{id}/undo", Who::User, On::Nothing, "{}", &[404]),
    row("POST /api/v1/conversations/{id}/read", Who::User, On::Direct, r#"{"seq":1}"#, &[200, 204]),
    row("POST /api/v1/direct-messages", Who::User, On::Nothing, r#"{"to":"olga","content":"psst","client_id":"d{n}"}"#, &[201]),
    row("PATCH /api/v1/messages/{id}", Who::User, On::Message, r#"{"content":"changed"}"#, &[200, 409]),
    row("PATCH /api/v1/messages/{id}", Who::User, On::DirectMessage, r#"{"content":"changed"}"#, &[200, 409]),
    row("DELETE /api/v1/messages/{id}", Who::User, On::Message, "", &[200, 409]),
    row("DELETE /api/v1/messages/{id}", Who::User, On::DirectMessage, "", &[200, 409]),
    row("POST /api/v1/messages/{id}/retry", Who::User, On::Message, "{}", &[200, 409]),
    row("POST /api/v1/messages/{id}/retry", Who::User, On::DirectMessage, "{}", &[200, 409]),
    row("POST /api/v1/messages/{id}/feedback", Who::User, On::Message, r#"{"rating":"positive","comment":null}"#, &[200, 409, 422]),
    row("POST /api/v1/messages/{id}/feedback", Who::User, On::DirectMessage, r#"{"rating":"positive","comment":null}"#, &[200, 409, 422]),
    row("PUT /api/v1/messages/{id}/reaction", Who::User, On::Message, r#"{"emoji":"👍"}"#, &[200, 409, 422]),
    row("PUT /api/v1/messages/{id}/reaction", Who::User, On::DirectMessage, r#"{"emoji":"👍"}"#, &[200, 409, 422]),
    row("GET /api/v1/messages/{id}/history", Who::User, On::Message, "", &[200]),
    row("GET /api/v1/messages/{id}/history", Who::User, On::DirectMessage, "", &[200]),
    row("POST /api/v1/messages/{id}/attachments/{attachment_id}/retry", Who::User, On::Message, "{}", &[404, 409]),
    row("POST /api/v1/media", Who::User, On::Nothing, "multipart", &[201]),
    row("GET /api/v1/media/{id}", Who::User, On::Media, "", &[200]),
    row("GET /api/v1/media/{id}/thumbnail", Who::User, On::Media, "", &[200, 404]),
    row("GET /api/v1/media/{id}/preview", Who::User, On::Media, "", &[200, 404]),
    row("GET /api/v1/deliveries", Who::User, On::Nothing, "", &[200]),
    row("GET /api/v1/quarantine", Who::Admin, On::Nothing, "", &[200]),
    row("POST /api/v1/quarantine/{id}/replay", Who::Admin, On::Nothing, "{}", &[404]),
    row("GET /api/v1/stats", Who::User, On::Nothing, "", &[200]),
    row("GET /api/v1/settings", Who::User, On::Nothing, "", &[200]),
    row("PATCH /api/v1/settings", Who::Admin, On::Nothing, r#"{"workspace_name":"Pier"}"#, &[200]),
    row("GET /api/v1/labels", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/labels", Who::User, On::Nothing, r##"{"name":"Label {n}","color":"#00aa00"}"##, &[201]),
    row("PATCH /api/v1/labels/{id}", Who::User, LABEL, r#"{"name":"Renamed {n}"}"#, &[200]),
    row("DELETE /api/v1/labels/{id}", Who::User, LABEL, "", &[200, 204]),
    row("POST /api/v1/labels/{id}/restore", Who::User, LABEL, "", &[404]),
    row("GET /api/v1/canned-replies", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/canned-replies", Who::User, On::Nothing, r#"{"shortcut":"hi{n}","content":"Hello"}"#, &[201]),
    row("PATCH /api/v1/canned-replies/{id}", Who::User, CANNED, r#"{"content":"Bye"}"#, &[200]),
    row("DELETE /api/v1/canned-replies/{id}", Who::User, CANNED, "", &[200, 204]),
    row("POST /api/v1/canned-replies/{id}/restore", Who::User, CANNED, "", &[404]),
    row("GET /api/v1/views", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/views", Who::User, On::Nothing, r#"{"name":"Open {n}","filter":{"status":"open"}}"#, &[201]),
    row("GET /api/v1/views/counts", Who::User, On::Nothing, "", &[200]),
    row("PATCH /api/v1/views/{id}", Who::User, VIEW, r#"{"name":"Renamed","is_shared":true,"folder":"Mornings"}"#, &[200]),
    row("DELETE /api/v1/views/{id}", Who::User, VIEW, "", &[200, 204]),
    row("POST /api/v1/views/{id}/restore", Who::User, VIEW, "", &[404]),
    row("GET /api/v1/search", Who::User, On::Nothing, "?q=lighthouse", &[200]),
    row("GET /api/v1/customers/{id}", Who::User, On::Customer, "", &[200]),
    row("PATCH /api/v1/customers/{id}", Who::User, On::Customer, r#"{"custom_fields":{"Size":"L"}}"#, &[200]),
    row("GET /api/v1/customers/{id}/consents", Who::User, On::Customer, "", &[200]),
    row("PUT /api/v1/customers/{id}/consents", Who::User, On::Customer, r#"{"items":[{"purpose":"marketing","state":"withdrawn"}]}"#, &[200]),
    row("POST /api/v1/customers/{id}/end-visits", Who::User, On::Customer, "", &[200]),
    row("POST /api/v1/customers/{id}/merge", Who::User, On::Customer, r#"{"customer_id":999999}"#, &[404]),
    row("POST /api/v1/customers/{id}/merges/{merge_id}/undo", Who::User, On::Customer, "", &[404]),
    row("GET /api/v1/audit", Who::Admin, On::Nothing, "", &[200]),
    row("GET /api/v1/reports", Who::Admin, On::Nothing, "", &[200]),
    row("GET /api/v1/flows", Who::User, On::Nothing, "", &[200]),
    row("POST /api/v1/flows", Who::Admin, On::Nothing, r#"{"name":"Flow {n}","is_on":false,"channel_id":null,"trigger":{"kind":"manual"},"steps":[{"kind":"message","text":"Hello"}]}"#, &[201]),
    row("POST /api/v1/flows/dry-run", Who::Admin, On::Nothing, r#"{"flow":{"steps":[{"kind":"message","text":"Hello"}]}}"#, &[200]),
    row("GET /api/v1/flows/{id}", Who::User, FLOW, "", &[200]),
    row("PATCH /api/v1/flows/{id}", Who::Admin, FLOW, r#"{"name":"Renamed"}"#, &[200]),
    row("DELETE /api/v1/flows/{id}", Who::Admin, FLOW, "", &[200, 204]),
    row("POST /api/v1/flows/{id}/restore", Who::Admin, FLOW, "", &[404]),
    row("GET /api/v1/flows/{id}/runs", Who::User, FLOW, "", &[200]),
    row("POST /api/v1/flows/{id}/runs", Who::User, FLOW, r#"{"conversation_id":{conversation}}"#, &[200, 201, 202, 409, 422]),
    row("POST /api/v1/flows/{id}/hook", Who::Admin, FLOW, "{}", &[200]),
    row("POST /api/v1/flows/{id}/broadcasts", Who::Admin, FLOW, r#"{"key":"b{n}","conversation_ids":[{conversation}]}"#, &[200, 202, 409]),
    row("GET /api/v1/flow-runs", Who::User, On::Nothing, "", &[200]),
    row("GET /api/v1/flow-runs/{id}", Who::User, On::Nothing, "", &[404]),
    row("POST /api/v1/flow-runs/{id}/stop", Who::User, On::Nothing, "{}", &[404]),
    row("POST /api/v1/ai-drafts/{id}/send", Who::User, On::Nothing, "{}", &[404]),
    row("DELETE /api/v1/ai-drafts/{id}", Who::User, On::Nothing, "", &[404]),
    row("GET /api/v1/hooks", Who::Admin, On::Nothing, "", &[200]),
    row("POST /api/v1/hooks", Who::Admin, On::Nothing, r#"{"name":"Hook {n}","url":"https://example.org/x","events":["message_created"]}"#, &[201]),
    row("PATCH /api/v1/hooks/{id}", Who::Admin, HOOK, r#"{"name":"Renamed"}"#, &[200]),
    row("DELETE /api/v1/hooks/{id}", Who::Admin, HOOK, "", &[200, 204]),
    row("GET /api/v1/hooks/{id}/deliveries", Who::Admin, HOOK, "", &[200]),
    row("POST /api/v1/hook-deliveries/{id}/replay", Who::Admin, On::Nothing, "{}", &[404]),

    row("POST /hooks/flows/{token}", Who::Signed, On::Nothing, r#"{"channel_id":{channel},"customer":{"external_id":"15557709999"},"variables":{}}"#, &[401, 403, 404]),
    row("GET /ws", Who::User, On::Nothing, "", &[400, 426]),
    row("GET /widget/{channel_id}", Who::Everybody, On::Nothing, "", &[404]),
    row("GET /widget/{channel_id}/ws", Who::Visitor, On::Nothing, "", &[404]),
    row("POST /widget/{channel_id}/media", Who::Visitor, On::Nothing, "multipart", &[401, 403, 404]),
    row("GET /widget/{channel_id}/media/{id}", Who::Visitor, On::Nothing, "", &[401, 403, 404]),
    row("GET /widget/{channel_id}/media/{id}/thumbnail", Who::Visitor, On::Nothing, "", &[401, 403, 404]),
    row("POST /webhooks/telegram/{channel_id}", Who::Signed, On::Nothing, "{}", &[401, 404]),
    row("GET /webhooks/whatsapp", Who::Signed, On::Nothing, "", &[403]),
    row("POST /webhooks/whatsapp", Who::Signed, On::Nothing, "{}", &[401]),
    row("GET /webhooks/instagram", Who::Signed, On::Nothing, "", &[403]),
    row("POST /webhooks/instagram", Who::Signed, On::Nothing, "{}", &[401]),
    row("GET /webhooks/messenger", Who::Signed, On::Nothing, "", &[403]),
    row("POST /webhooks/messenger", Who::Signed, On::Nothing, "{}", &[401]),
    row("GET /metrics", Who::Everybody, On::Nothing, "", &[200]),
    row("GET /openapi.json", Who::Everybody, On::Nothing, "", &[200]),
    row("GET /health/live", Who::Everybody, On::Nothing, "", &[200]),
    row("GET /health/ready", Who::Everybody, On::Nothing, "", &[200]),

    // Last: the conversation of the rows above goes with its customer.
    row("DELETE /api/v1/customers/{id}", Who::Admin, On::Customer, "", &[200, 204]),
];

/// What a call takes, where a role can withhold it. In what is not there for the caller it is 404 all the same.
pub const NEEDS: &[(&str, &str)] = &[
    ("POST /api/v1/tokens", "tokens.create"),
    ("POST /api/v1/users", "users.manage"),
    ("PATCH /api/v1/users/{id}", "users.manage"),
    ("DELETE /api/v1/users/{id}", "users.manage"),
    ("GET /api/v1/users/{id}/sessions", "tokens.manage"),
    ("DELETE /api/v1/users/{id}/sessions/{session_id}", "tokens.manage"),
    ("GET /api/v1/users/{id}/tokens", "tokens.manage"),
    ("DELETE /api/v1/users/{id}/tokens/{token_id}", "tokens.manage"),
    ("POST /api/v1/roles", "roles.manage"),
    ("PATCH /api/v1/roles/{slug}", "roles.manage"),
    ("DELETE /api/v1/roles/{slug}", "roles.manage"),
    ("POST /api/v1/teams", "teams.manage"),
    ("PATCH /api/v1/teams/{id}", "teams.manage"),
    ("DELETE /api/v1/teams/{id}", "teams.manage"),
    ("POST /api/v1/channels", "channels.manage"),
    ("PATCH /api/v1/channels/{id}", "channels.manage"),
    ("DELETE /api/v1/channels/{id}", "channels.manage"),
    ("POST /api/v1/channels/{id}/test", "channels.manage"),
    ("GET /api/v1/channels/{id}/health", "channels.manage"),
    ("POST /api/v1/channels/{id}/subscribe", "channels.manage"),
    ("POST /api/v1/conversations", "conversations.start"),
    ("POST /api/v1/conversations/bulk", "conversations.bulk"),
    ("PATCH /api/v1/conversations/{id}", "conversations.close"),
    ("POST /api/v1/conversations/{id}/messages", "conversations.reply"),
    ("POST /api/v1/direct-messages", "direct.write"),
    ("POST /api/v1/messages/{id}/retry", "conversations.reply"),
    ("POST /api/v1/messages/{id}/feedback", "ai.manage"),
    ("PUT /api/v1/messages/{id}/reaction", "conversations.reply"),
    ("POST /api/v1/media", "conversations.reply"),
    ("GET /api/v1/deliveries", "deliveries.see"),
    ("GET /api/v1/quarantine", "quarantine.manage"),
    ("POST /api/v1/quarantine/{id}/replay", "quarantine.manage"),
    ("GET /api/v1/stats", "stats.see"),
    ("PATCH /api/v1/settings", "settings.manage"),
    ("POST /api/v1/labels", "labels.manage"),
    ("PATCH /api/v1/labels/{id}", "labels.manage"),
    ("DELETE /api/v1/labels/{id}", "labels.manage"),
    ("POST /api/v1/labels/{id}/restore", "labels.manage"),
    ("POST /api/v1/canned-replies", "canned.manage"),
    ("PATCH /api/v1/canned-replies/{id}", "canned.manage"),
    ("DELETE /api/v1/canned-replies/{id}", "canned.manage"),
    ("PATCH /api/v1/customers/{id}", "customers.edit"),
    ("POST /api/v1/customers/{id}/end-visits", "customers.edit"),
    ("POST /api/v1/customers/{id}/merge", "customers.merge"),
    ("POST /api/v1/customers/{id}/merges/{merge_id}/undo", "customers.merge"),
    ("DELETE /api/v1/customers/{id}", "customers.erase"),
    ("GET /api/v1/audit", "audit.see"),
    ("GET /api/v1/reports", "reports.see"),
    ("POST /api/v1/flows", "flows.manage"),
    ("POST /api/v1/flows/dry-run", "flows.manage"),
    ("PATCH /api/v1/flows/{id}", "flows.manage"),
    ("DELETE /api/v1/flows/{id}", "flows.manage"),
    ("POST /api/v1/flows/{id}/restore", "flows.manage"),
    ("POST /api/v1/flows/{id}/hook", "flows.manage"),
    ("POST /api/v1/flows/{id}/runs", "flows.run"),
    ("POST /api/v1/flows/{id}/broadcasts", "broadcasts.send"),
    ("POST /api/v1/flow-runs/{id}/stop", "flows.run"),
    ("GET /api/v1/hooks", "hooks.manage"),
    ("POST /api/v1/hooks", "hooks.manage"),
    ("PATCH /api/v1/hooks/{id}", "hooks.manage"),
    ("DELETE /api/v1/hooks/{id}", "hooks.manage"),
    ("GET /api/v1/hooks/{id}/deliveries", "hooks.manage"),
    ("POST /api/v1/hook-deliveries/{id}/replay", "hooks.manage"),
];

/// What writes and no role withholds: the reason.
pub const FREE: &[(&str, &str)] = &[
    ("PUT /api/v1/me/password", "one's own"),
    ("PUT /api/v1/me/avatar", "one's own"),
    ("DELETE /api/v1/me/sessions", "one's own"),
    ("DELETE /api/v1/me/sessions/{id}", "one's own"),
    ("DELETE /api/v1/tokens/{id}", "one's own"),
    ("POST /api/v1/conversations/{id}/read", "one's own mark; who only looks tells no customer"),
    ("PUT /api/v1/conversations/{id}/unread", "one's own mark"),
    ("PUT /api/v1/conversations/{id}/follow", "one's own mark"),
    ("DELETE /api/v1/conversations/{id}/follow", "one's own mark"),
    ("PUT /api/v1/conversations/{id}/reminder", "one's own mark"),
    ("DELETE /api/v1/conversations/{id}/reminder", "one's own mark"),
    ("DELETE /api/v1/bulk-jobs/{id}", "one's own; colleagues' are not there without bulk.manage"),
    ("POST /api/v1/bulk-jobs/{id}/undo", "the same, and it is not there here: told in roles"),
    ("PATCH /api/v1/messages/{id}", "one's own only: told in roles"),
    ("DELETE /api/v1/messages/{id}", "one's own only: told in roles"),
    (
        "POST /api/v1/messages/{id}/attachments/{attachment_id}/retry",
        "it asks the platform for what is shown",
    ),
    ("POST /api/v1/canned-replies/{id}/restore", "one's own are free; the team's: told in roles"),
    ("POST /api/v1/views", "one's own"),
    ("PATCH /api/v1/views/{id}", "one's own; sharing and colleagues': told in roles"),
    ("DELETE /api/v1/views/{id}", "one's own; colleagues': told in roles"),
    ("POST /api/v1/views/{id}/restore", "one's own"),
    ("POST /api/v1/ai-drafts/{id}/send", "it is not there here: its message is an answer"),
    ("DELETE /api/v1/ai-drafts/{id}", "it is not there here"),
];

/// Every kind of frame that a client may send by `/ws`, with a body for a conversation that is not theirs.
pub const FRAMES: &[(&str, &str)] = &[
    ("subscribe", r#"{"type":"subscribe","conversation_id":{id},"after":0,"ref":"subscribe"}"#),
    (
        "send",
        r#"{"type":"send","conversation_id":{id},"client_id":"stolen","content":"let me in","ref":"send"}"#,
    ),
    ("typing", r#"{"type":"typing","conversation_id":{id},"is_typing":true,"ref":"typing"}"#),
    ("read", r#"{"type":"read","conversation_id":{id},"seq":1,"ref":"read"}"#),
    ("viewing", r#"{"type":"viewing","conversation_id":{id},"is_viewing":true,"ref":"viewing"}"#),
    ("unsubscribe", ""),
    ("watch", ""),
    ("presence", ""),
    ("ping", ""),
];
