//! What is said about a channel from outside, checked. Never a question to a platform.

use super::view::MadeUp;
use crate::ai::AiOptions;
use crate::api::http::html;
use crate::auth::new_token;
use crate::channels::Credentials;
use crate::desk::channels::ChannelChange;
use crate::domain::{ChannelKind, ChannelState, Refusal, flow};
use crate::store::accounts::channels::can_be_external_id;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// An account to connect.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = CreateChannelBody,
    example = json!({
        "kind": "whatsapp",
        "name": "Shop",
        "external_id": "106540352242922",
        "options": {"waba_id": "102290129340398"},
        "credentials": {"access_token": "EAAG…", "app_secret": "0f9e…"}
    })
)]
pub struct CreateBody {
    /// `whatsapp`, `instagram`, `messenger`, `telegram` or `webchat`.
    kind: ChannelKind,
    /// What people call it; absent: the platform's name.
    name: Option<String>,
    /// WhatsApp: phone number id; Instagram: account id; Messenger: page id; Telegram: bot id (absent: the
    /// one in the bot's token); web chat: absent, it is made up.
    #[serde(default, deserialize_with = "text_or_number")]
    external_id: Option<String>,
    /// All: `{ai: {mode: off|draft|auto, instructions, window_ms}, signature: none|name|text,
    /// signature_text}`. WhatsApp `{waba_id, coexistence}`, Instagram `{login: instagram|facebook, page_id}`,
    /// any platform `{read_receipts, typing}`, Instagram and Messenger `{human_agent}`, web chat
    /// `{allowed_sites}`.
    #[schema(value_type = Option<Object>)]
    options: Option<Map<String, Value>>,
    credentials: Option<CredentialsBody>,
}

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateChannelBody, example = json!({"name": "The shop", "state": "paused"}))]
pub struct UpdateBody {
    name: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    external_id: Option<String>,
    /// Set one by one; null takes one away.
    #[schema(value_type = Option<Object>)]
    options: Option<Map<String, Value>>,
    /// Set one by one; null takes one away.
    credentials: Option<CredentialsBody>,
    /// `active`, `paused` or `off`.
    state: Option<ChannelState>,
}

/// Credentials: written, never read back. A field that is absent says nothing, null takes it away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChannelCredentials)]
pub struct CredentialsBody {
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>)]
    access_token: Option<Option<SecretString>>,
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>)]
    app_secret: Option<Option<SecretString>>,
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>)]
    instagram_app_secret: Option<Option<SecretString>>,
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>)]
    verify_token: Option<Option<SecretString>>,
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>)]
    app_id: Option<Option<SecretString>>,
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>)]
    bot_token: Option<Option<SecretString>>,
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>)]
    webhook_secret: Option<Option<SecretString>>,
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>)]
    identity_secret: Option<Option<SecretString>>,
}

/// A new channel, checked and completed.
pub struct Checked {
    /// Which platform.
    pub kind: ChannelKind,
    /// What people call it.
    pub name: String,
    /// What its events carry.
    pub external_id: String,
    /// The platform's own settings.
    pub options: Value,
    /// Its credentials, those made up included.
    pub credentials: Credentials,
    /// What was made up, to be shown once.
    pub made: MadeUp,
}

impl CreateBody {
    /// The channel it describes.
    pub fn checked(self) -> Result<Checked, Refusal> {
        let mut credentials = self.credentials.unwrap_or_default().into_credentials()?;
        let external_id = external_id(self.kind, self.external_id, &credentials)?;
        let name = checked_name(self.name.as_deref().unwrap_or_else(|| title(self.kind)))?;
        let made = complete(self.kind, &mut credentials);
        let mut options = self.options.unwrap_or_default();
        check_options(&options)?;
        options.retain(|_, value| !value.is_null());
        if self.kind == ChannelKind::Instagram {
            options.entry("login").or_insert_with(|| json!("instagram"));
        }
        Ok(Checked { kind: self.kind, name, external_id, options: Value::Object(options), credentials, made })
    }
}

impl UpdateBody {
    /// The change it describes.
    pub fn checked(self) -> Result<ChannelChange, Refusal> {
        let options = self.options.unwrap_or_default();
        check_options(&options)?;
        Ok(ChannelChange {
            name: self.name.as_deref().map(checked_name).transpose()?,
            external_id: self.external_id.as_deref().map(checked_external_id).transpose()?,
            options,
            credentials: self.credentials.unwrap_or_default().into_changes()?,
            state: self.state,
        })
    }
}

impl CredentialsBody {
    /// Those that were named, checked.
    fn into_changes(self) -> Result<Vec<(&'static str, Option<SecretString>)>, Refusal> {
        let named = [
            ("access_token", self.access_token),
            ("app_secret", self.app_secret),
            ("instagram_app_secret", self.instagram_app_secret),
            ("verify_token", self.verify_token),
            ("app_id", self.app_id),
            ("bot_token", self.bot_token),
            ("webhook_secret", self.webhook_secret),
            ("identity_secret", self.identity_secret),
        ];
        let changes = named.into_iter().filter_map(|(name, change)| Some((name, change?)));
        changes
            .map(|(name, value)| {
                Ok((name, value.map(|value| checked_secret(name, &value)).transpose()?.flatten()))
            })
            .collect()
    }

    fn into_credentials(self) -> Result<Credentials, Refusal> {
        let mut credentials = Credentials::default();
        for (name, value) in self.into_changes()? {
            if let Some(slot) = credentials.slot(name) {
                *slot = value;
            }
        }
        Ok(credentials)
    }
}

/// Pasted credentials come with spaces around them; an empty one is none.
fn checked_secret(name: &str, value: &SecretString) -> Result<Option<SecretString>, Refusal> {
    let text = value.expose_secret().trim();
    if text.len() > 4096 || text.chars().any(char::is_control) {
        return Err(Refusal::invalid(
            "invalid_credentials",
            format!("{name} must be at most 4,096 bytes, on one line."),
        ));
    }
    Ok((!text.is_empty()).then(|| SecretString::from(text)))
}

fn external_id(
    kind: ChannelKind,
    given: Option<String>,
    credentials: &Credentials,
) -> Result<String, Refusal> {
    if let Some(given) = given.filter(|given| !given.trim().is_empty()) {
        return checked_external_id(&given);
    }
    // A bot's token begins with the bot's id: 123456:ABC-DEF.
    let bot_id =
        credentials.get("bot_token").and_then(|token| token.split_once(':')).map(|(id, _)| id.to_owned());
    match (kind, bot_id) {
        (ChannelKind::Webchat, _) => Ok(format!("web-{}", &new_token().expose_secret()[..16])),
        (ChannelKind::Telegram, Some(id)) => checked_external_id(&id),
        _ => Err(Refusal::invalid(
            "external_id_missing",
            "external_id is required: the account's ID on its platform.",
        )),
    }
}

fn checked_external_id(text: &str) -> Result<String, Refusal> {
    let id = text.trim();
    if !can_be_external_id(id) {
        return Err(Refusal::invalid(
            "invalid_external_id",
            "external_id must be 1 to 200 characters, without spaces or #.",
        ));
    }
    Ok(id.to_owned())
}

fn checked_name(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Refusal::invalid(
            "invalid_name",
            "A channel name must be 1 to 200 characters, on one line.",
        ));
    }
    Ok(name.to_owned())
}

fn title(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Whatsapp => "WhatsApp",
        ChannelKind::Instagram => "Instagram",
        ChannelKind::Messenger => "Messenger",
        ChannelKind::Telegram => "Telegram",
        ChannelKind::Webchat => "Web chat",
    }
}

/// Only what would be misunderstood is refused: settings we do not know are kept for who does.
fn check_options(options: &Map<String, Value>) -> Result<(), Refusal> {
    AiOptions::check(options)?;
    let login_fits = options
        .get("login")
        .is_none_or(|login| login.is_null() || login == "instagram" || login == "facebook");
    let ids_fit = ["waba_id", "page_id"]
        .iter()
        .all(|name| options.get(*name).is_none_or(|id| id.is_null() || id.is_string()));
    let flags_fit = ["coexistence", "at_least_once", "read_receipts", "typing", "human_agent"]
        .iter()
        .all(|name| options.get(*name).is_none_or(|flag| flag.is_null() || flag.is_boolean()));
    let is_signature = |said: &Value| {
        said.is_null() || said.as_str().is_some_and(|said| ["none", "name", "text"].contains(&said))
    };
    let signature_fits = options.get("signature").is_none_or(is_signature);
    check_signature(options.get("signature_text"))?;
    let is_list = |sites: &Value| {
        sites.is_null() || sites.as_array().is_some_and(|all| all.iter().all(Value::is_string))
    };
    let sites_fit = options.get("allowed_sites").is_none_or(is_list);
    let sites = options.get("allowed_sites").and_then(Value::as_array);
    if let Some(wrong) =
        sites.into_iter().flatten().filter_map(Value::as_str).find(|site| !html::is_site(site))
    {
        let wrong: String = wrong.chars().filter(|sign| !sign.is_control()).take(100).collect();
        return Err(Refusal::invalid(
            "invalid_options",
            format!(
                "allowed_sites: \"{wrong}\" is no site. A site is an origin such as https://shop.example, \
                    https://*.shop.example for all below it, or * for every site."
            ),
        ));
    }
    if login_fits && ids_fit && flags_fit && sites_fit && signature_fits {
        return Ok(());
    }
    let message = "options: login is instagram or facebook, coexistence and at_least_once are true or false, \
        waba_id and page_id are texts, read_receipts, typing and human_agent are true or false, \
        allowed_sites is a list of origins, signature is none, name or text.";
    Err(Refusal::invalid("invalid_options", message))
}

/// What stands above agents' words: short, and with places that can be filled.
fn check_signature(said: Option<&Value>) -> Result<(), Refusal> {
    const MAX_BYTES: usize = 500;
    let Some(said) = said.filter(|said| !said.is_null()) else { return Ok(()) };
    let invalid = |why: String| Refusal::invalid("invalid_options", format!("signature_text: {why}"));
    let words = said.as_str().filter(|words| words.chars().count() <= MAX_BYTES);
    let words =
        words.ok_or_else(|| invalid(format!("it must be a text of at most {MAX_BYTES} characters.")))?;
    flow::fault(words).map_or(Ok(()), |why| Err(invalid(why)))
}

/// What a platform must repeat to us may be made up here.
fn complete(kind: ChannelKind, credentials: &mut Credentials) -> MadeUp {
    let mut made = MadeUp::default();
    let (shown, slot) = match kind {
        ChannelKind::Whatsapp | ChannelKind::Instagram | ChannelKind::Messenger => {
            (&mut made.verify_token, &mut credentials.verify_token)
        }
        ChannelKind::Telegram => (&mut made.webhook_secret, &mut credentials.webhook_secret),
        ChannelKind::Webchat => (&mut made.identity_secret, &mut credentials.identity_secret),
    };
    if slot.is_none() {
        let token = new_token();
        *shown = Some(token.expose_secret().to_owned());
        *slot = Some(token);
    }
    made
}

/// Ids are texts; whoever writes them as numbers means the same.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) if number.is_u64() => Ok(Some(number.to_string())),
        Some(_) => Err(serde::de::Error::custom("external_id is a text")),
    }
}

/// Tells `null` from absent.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<SecretString>>, D::Error> {
    Option::<SecretString>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(json: Value) -> Result<Checked, String> {
        let body: CreateBody = serde_json::from_value(json).map_err(|error| error.to_string())?;
        body.checked().map_err(|refusal| refusal.code.to_owned())
    }

    #[test]
    fn what_is_missing_is_made_up_where_it_can_be() {
        let telegram =
            checked(json!({"kind": "telegram", "credentials": {"bot_token": " 12:ab "}})).expect("complete");
        assert_eq!((telegram.external_id.as_str(), telegram.name.as_str()), ("12", "Telegram"));
        assert_eq!(telegram.credentials.get("bot_token"), Some("12:ab"));
        assert_eq!(telegram.credentials.get("webhook_secret"), telegram.made.webhook_secret.as_deref());
        let webchat = checked(json!({"kind": "webchat", "name": "Site"})).expect("complete");
        assert!(webchat.external_id.starts_with("web-") && webchat.made.identity_secret.is_some());
        let instagram =
            checked(json!({"kind": "instagram", "external_id": 17, "credentials": {"verify_token": "mine"}}))
                .expect("complete");
        assert_eq!(instagram.options, json!({"login": "instagram"}));
        assert!(instagram.made.verify_token.is_none());
        assert_eq!(instagram.external_id, "17");
    }

    #[test]
    fn what_would_be_misunderstood_is_refused() {
        let refused = |json: Value| checked(json).err().expect("refused");
        assert_eq!(refused(json!({"kind": "whatsapp"})), "external_id_missing");
        assert_eq!(refused(json!({"kind": "whatsapp", "external_id": "1#deleted-2"})), "invalid_external_id");
        assert_eq!(
            refused(json!({"kind": "instagram", "external_id": "1", "options": {"login": "x"}})),
            "invalid_options"
        );
        assert!(refused(json!({"kind": "fax", "external_id": "1"})).contains("fax"));
        assert!(refused(json!({"kind": "webchat", "credential": {}})).contains("credential"));
        assert!(
            refused(json!({"kind": "webchat", "credentials": {"acess_token": "x"}})).contains("acess_token")
        );
    }

    #[test]
    fn absent_and_null_credentials_differ() {
        let body: UpdateBody =
            serde_json::from_value(json!({"credentials": {"app_id": null, "app_secret": "s"}}))
                .expect("fits");
        let names: Vec<_> = body
            .checked()
            .expect("fits")
            .credentials
            .into_iter()
            .map(|(name, value)| (name, value.is_some()))
            .collect();
        assert_eq!(names, [("app_secret", true), ("app_id", false)]);
    }
}
