//! What is said about a channel from outside, checked. Never a question to a platform.

use super::view::MadeUp;
use crate::ai::AiOptions;
use crate::api::http::html;
use crate::auth::new_token;
use crate::channels::kind::{Field, Form, Kind, Place};
use crate::channels::{Credentials, registry};
use crate::desk::channels::ChannelChange;
use crate::domain::{ChannelKind, ChannelState, Refusal, flow};
use crate::store::accounts::channels::can_be_external_id;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Settings of every kind of channel that are so or not.
const FLAGS: [&str; 4] = ["at_least_once", "read_receipts", "typing", "human_agent"];

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
    /// One of `GET /api/v1/channel-kinds`.
    #[serde(deserialize_with = "registered")]
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
    credentials: Option<ChannelCredentials>,
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
    credentials: Option<ChannelCredentials>,
    /// `active`, `paused` or `off`.
    state: Option<ChannelState>,
}

/// Credentials by their names: written, never read back. A name that is absent says nothing, null takes the
/// credential away. Which names there are, the kinds of channels say.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct ChannelCredentials(
    #[serde(deserialize_with = "known_credentials")] BTreeMap<&'static str, Option<SecretString>>,
);

impl PartialSchema for ChannelCredentials {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(SchemaType::Array(vec![Type::String, Type::Null]));
        let names = registry::credential_names().into_iter();
        names
            .fold(ObjectBuilder::new(), |object, name| object.property(name, text()))
            .description(Some(
                "Credentials: written, never read back. Absent says nothing, null takes it away.",
            ))
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
            .into()
    }
}

impl ToSchema for ChannelCredentials {}

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
        let kind = registry::kind(self.kind);
        let external_id = external_id(kind, self.external_id, &credentials)?;
        let name = checked_name(self.name.as_deref().unwrap_or(kind.title))?;
        let made = complete(kind, &mut credentials);
        let mut options = self.options.unwrap_or_default();
        check_options(&options)?;
        options.retain(|_, value| !value.is_null());
        for field in kind.fields {
            if let Some(usual) = field.choices.first() {
                options.entry(field.name).or_insert_with(|| json!(usual));
            }
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

impl ChannelCredentials {
    /// Those that were named, checked.
    fn into_changes(self) -> Result<Vec<(&'static str, Option<SecretString>)>, Refusal> {
        let changes = self.0.into_iter();
        changes
            .map(|(name, value)| {
                Ok((name, value.map(|value| checked_secret(name, &value)).transpose()?.flatten()))
            })
            .collect()
    }

    fn into_credentials(self) -> Result<Credentials, Refusal> {
        let mut credentials = Credentials::default();
        for (name, value) in self.into_changes()? {
            credentials.set(name, value);
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

fn external_id(kind: &Kind, given: Option<String>, credentials: &Credentials) -> Result<String, Refusal> {
    if let Some(given) = given.filter(|given| !given.trim().is_empty()) {
        return checked_external_id(&given);
    }
    if kind.has_widget {
        return Ok(format!("web-{}", &new_token().expose_secret()[..16]));
    }
    match registry::platform(kind.kind).account(credentials) {
        Some(id) => checked_external_id(&id),
        None => Err(Refusal::invalid(
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

/// Only what would be misunderstood is refused: settings we do not know are kept for who does.
fn check_options(options: &Map<String, Value>) -> Result<(), Refusal> {
    AiOptions::check(options)?;
    let fields = registry::kinds().flat_map(|kind| kind.fields).filter(|field| field.place == Place::Option);
    for field in fields {
        let Some(said) = options.get(field.name).filter(|said| !said.is_null()) else { continue };
        check_field(field, said).map_err(|why| invalid_options(&format!("{} {why}", field.name)))?;
    }
    for name in FLAGS {
        if options.get(name).is_some_and(|flag| !flag.is_null() && !flag.is_boolean()) {
            return Err(invalid_options(&format!("{name} is true or false.")));
        }
    }
    let is_signature = |said: &Value| {
        said.is_null() || said.as_str().is_some_and(|said| ["none", "name", "text"].contains(&said))
    };
    if !options.get("signature").is_none_or(is_signature) {
        return Err(invalid_options("signature is none, name or text."));
    }
    check_signature(options.get("signature_text"))
}

fn invalid_options(why: &str) -> Refusal {
    Refusal::invalid("invalid_options", format!("options: {why}"))
}

/// Whether a field's value looks as it should; else why not.
fn check_field(field: &Field, said: &Value) -> Result<(), String> {
    let fits = match field.form {
        Form::Text | Form::Secret => said.is_string(),
        Form::Flag => said.is_boolean(),
        Form::Choice => said.as_str().is_some_and(|said| field.choices.contains(&said)),
        Form::Sites => return check_sites(said),
    };
    if fits {
        return Ok(());
    }
    Err(match field.form {
        Form::Flag => "is true or false.".to_owned(),
        Form::Choice => format!("is {}.", field.choices.join(" or ")),
        _ => "is a text.".to_owned(),
    })
}

fn check_sites(said: &Value) -> Result<(), String> {
    let sites = said.as_array().filter(|sites| sites.iter().all(Value::is_string));
    let sites = sites.ok_or("is a list of origins.")?;
    let Some(wrong) = sites.iter().filter_map(Value::as_str).find(|site| !html::is_site(site)) else {
        return Ok(());
    };
    let wrong: String = wrong.chars().filter(|sign| !sign.is_control()).take(100).collect();
    Err(format!(
        "holds \"{wrong}\", which is no site. A site is an origin such as https://shop.example, \
         https://*.shop.example for all below it, or * for every site."
    ))
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
fn complete(kind: &Kind, credentials: &mut Credentials) -> MadeUp {
    let mut made = MadeUp::default();
    if credentials.get(kind.makes).is_some() {
        return made;
    }
    let token = new_token();
    let shown = match kind.makes {
        "verify_token" => &mut made.verify_token,
        "identity_secret" => &mut made.identity_secret,
        _ => &mut made.webhook_secret,
    };
    *shown = Some(token.expose_secret().to_owned());
    credentials.set(kind.makes, Some(token));
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

/// A kind that somebody registered: of another, nothing would be known.
fn registered<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ChannelKind, D::Error> {
    let name = String::deserialize(deserializer)?;
    registry::registered(&name).map(|kind| kind.kind).ok_or_else(|| {
        let known: Vec<_> = registry::kinds().map(|kind| kind.kind.to_string()).collect();
        serde::de::Error::custom(format!("unknown kind `{name}`, expected one of {}", known.join(", ")))
    })
}

/// Credentials whose names are known: a misspelt one would be lost silently.
fn known_credentials<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<&'static str, Option<SecretString>>, D::Error> {
    let known = registry::credential_names();
    let given = BTreeMap::<String, Option<SecretString>>::deserialize(deserializer)?;
    let named = given.into_iter().map(|(name, value)| {
        known.iter().find(|known| **known == name).map(|known| (*known, value)).ok_or_else(|| {
            serde::de::Error::custom(format!("unknown field `{name}`, expected one of {}", known.join(", ")))
        })
    });
    named.collect()
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
        assert_eq!(names, [("app_id", false), ("app_secret", true)]);
    }
}
