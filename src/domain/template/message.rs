//! An approved message, filled in: the one value by which composer, API, flows and what is sent later say it.
//! Never a platform's shape: the platform's own folder lowers it.

use super::shape::ButtonKind;
use crate::domain::{MediaId, Refusal};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

const LONGEST_NAME: usize = 512;
const LONGEST_LANGUAGE: usize = 20;
/// Signs of one value; no platform takes more.
const LONGEST_VALUE: usize = 2_000;
const MOST_VALUES: usize = 100;
const MOST_BUTTONS: usize = 10;
const MOST_CARDS: usize = 10;

/// An approved message, filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "order_ready", "language": "en",
    "components": {"body": ["Mira", "1042"]}}))]
pub struct TemplateMessage {
    /// Its name.
    pub name: String,
    /// Its language code.
    pub language: String,
    /// What is filled in, part by part.
    #[serde(default, skip_serializing_if = "TemplateComponents::is_empty")]
    pub components: TemplateComponents,
    /// What goes between the braces of its body, in order: the short form of `components.body`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
}

/// What is filled in, part by part; a part without places to fill is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateComponents {
    /// What stands above the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<TemplateHeader>,
    /// The values of the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<TemplateValues>,
    /// The values of the buttons that have one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<TemplateButton>,
    /// Its cards, all of them, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carousel: Vec<TemplateCard>,
}

/// What stands above the words: exactly one of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TemplateHeader {
    /// The value of a text.
    Text(TemplateValues),
    /// A picture: the id of an uploaded file.
    Image(MediaId),
    /// A film: the id of an uploaded file.
    Video(MediaId),
    /// A document: the id of an uploaded file.
    Document(MediaId),
    /// A place on the map.
    Location(TemplatePlace),
}

/// A place above the words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplatePlace {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// Values of a text: a list, by position, or an object, by name, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateValues {
    /// `{{1}}`, `{{2}}` …
    ByPosition(Vec<String>),
    /// `{{first_name}}` …
    ByName(Vec<(String, String)>),
}

/// The value of one button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateButton {
    /// Which, from 0 on.
    pub index: usize,
    /// What it is.
    pub kind: ButtonKind,
    /// `url`: the end of the address; `quick_reply`: what comes back; `copy_code`, `one_time_password`: the
    /// code;
    /// `flow`: its token. `phone` has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `flow`: what its first screen begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<Value>,
}

/// One card of several.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateCard {
    /// Its picture or film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<TemplateHeader>,
    /// The values of its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<TemplateValues>,
    /// The values of its buttons that have one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<TemplateButton>,
}

/// What [`TemplateValues`] look like from outside.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only described, never made")]
enum ValuesSchema {
    ByPosition(Vec<String>),
    ByName(BTreeMap<String, String>),
}

impl utoipa::PartialSchema for TemplateValues {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <ValuesSchema as utoipa::PartialSchema>::schema()
    }
}

impl ToSchema for TemplateValues {}

impl Serialize for TemplateValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::ByPosition(values) => serializer.collect_seq(values),
            Self::ByName(values) => serializer.collect_map(values.iter().map(|(name, value)| (name, value))),
        }
    }
}

impl<'de> Deserialize<'de> for TemplateValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = TemplateValues;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("values: a list of texts, or texts by their names")
    }

    fn visit_str<E: serde::de::Error>(self, one: &str) -> Result<TemplateValues, E> {
        Ok(TemplateValues::ByPosition(vec![one.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<TemplateValues, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(TemplateValues::ByPosition(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TemplateValues, A::Error> {
        let mut values = Vec::new();
        while let Some(entry) = map.next_entry()? {
            values.push(entry);
        }
        Ok(TemplateValues::ByName(values))
    }
}

impl TemplateValues {
    /// The values alone, in order.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::ByPosition(values) => values.iter().map(String::as_str).collect(),
            Self::ByName(values) => values.iter().map(|(_, value)| value.as_str()).collect(),
        }
    }

    fn map(&self, change: &impl Fn(&str) -> String) -> Self {
        match self {
            Self::ByPosition(values) => Self::ByPosition(values.iter().map(|value| change(value)).collect()),
            Self::ByName(values) => {
                Self::ByName(values.iter().map(|(name, value)| (name.clone(), change(value))).collect())
            }
        }
    }
}

impl TemplateComponents {
    /// Whether there is nothing to fill in.
    pub fn is_empty(&self) -> bool {
        self.header.is_none() && self.body.is_none() && self.buttons.is_empty() && self.carousel.is_empty()
    }
}

impl TemplateHeader {
    /// The file that it is.
    pub fn file(&self) -> Option<MediaId> {
        match self {
            Self::Image(id) | Self::Video(id) | Self::Document(id) => Some(*id),
            Self::Text(_) | Self::Location(_) => None,
        }
    }

    fn map(&self, change: &impl Fn(&str) -> String) -> Self {
        match self {
            Self::Text(values) => Self::Text(values.map(change)),
            Self::Location(place) => Self::Location(TemplatePlace {
                name: place.name.as_deref().map(change),
                address: place.address.as_deref().map(change),
                ..place.clone()
            }),
            file => file.clone(),
        }
    }
}

impl TemplateButton {
    fn map(&self, change: &impl Fn(&str) -> String) -> Self {
        Self { value: self.value.as_deref().map(change), ..self.clone() }
    }
}

impl TemplateMessage {
    /// The template of a message, from what it holds beside its words: as it fits, else as it was given.
    pub fn in_details(details: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Details {
            template: TemplateMessage,
            #[serde(default)]
            fitted: Option<TemplateMessage>,
        }
        let found: Details = serde_json::from_str(details).ok()?;
        Some(found.fitted.unwrap_or(found.template))
    }

    /// What is filled in, the short form among it.
    pub fn parts(&self) -> TemplateComponents {
        let mut parts = self.components.clone();
        if parts.body.is_none() && !self.parameters.is_empty() {
            parts.body = Some(TemplateValues::ByPosition(self.parameters.clone()));
        }
        parts
    }

    /// The files that it shows, in order.
    pub fn files(&self) -> Vec<MediaId> {
        let cards = self.components.carousel.iter().map(|card| &card.header);
        let headers = [&self.components.header].into_iter().chain(cards).flatten();
        headers.filter_map(TemplateHeader::file).collect()
    }

    /// The same with each of its values changed.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        let change = &change;
        let buttons = |all: &[TemplateButton]| all.iter().map(|button| button.map(change)).collect();
        let card = |card: &TemplateCard| TemplateCard {
            header: card.header.as_ref().map(|header| header.map(change)),
            body: card.body.as_ref().map(|body| body.map(change)),
            buttons: buttons(&card.buttons),
        };
        let it = &self.components;
        Self {
            name: self.name.clone(),
            language: self.language.clone(),
            components: TemplateComponents {
                header: it.header.as_ref().map(|header| header.map(change)),
                body: it.body.as_ref().map(|body| body.map(change)),
                buttons: buttons(&it.buttons),
                carousel: it.carousel.iter().map(card).collect(),
            },
            parameters: self.parameters.iter().map(|value| change(value)).collect(),
        }
    }

    /// What to show where nobody knows its words.
    pub fn words(&self) -> String {
        let parts = self.parts();
        let mut words = vec![self.name.as_str()];
        words.extend(parts.body.iter().flat_map(TemplateValues::texts));
        words.join(" · ")
    }

    /// Every value, wherever it goes.
    pub fn values(&self) -> Vec<String> {
        let found = std::cell::RefCell::new(Vec::new());
        let _ = self.map(|value| {
            found.borrow_mut().push(value.to_owned());
            String::new()
        });
        found.into_inner()
    }

    /// Whether it makes sense by itself, whatever the template looks like.
    pub fn check(&self) -> Result<(), Refusal> {
        let bad = |why: &str| Err(Refusal::invalid("bad_template", why));
        if self.name.trim().is_empty() || self.name.len() > LONGEST_NAME {
            return bad("A template needs a name of 512 characters at most.");
        }
        if self.language.trim().is_empty() || self.language.len() > LONGEST_LANGUAGE {
            return bad("A template needs a language code, such as `en` or `pt_BR`.");
        }
        if [&self.name, &self.language].iter().any(|word| word.chars().any(char::is_control)) {
            return bad("A template's name and language must not hold control characters.");
        }
        if !self.parameters.is_empty() && self.components.body.is_some() {
            return bad("`parameters` and `components.body` are the same values: give one of them.");
        }
        let values = self.values();
        if values.len() > MOST_VALUES || values.iter().any(|value| value.chars().count() > LONGEST_VALUE) {
            return bad("A value of this template is too long, or there are too many.");
        }
        let cards = &self.components.carousel;
        let buttons = |all: &[TemplateButton]| all.len() <= MOST_BUTTONS && all.iter().all(is_button);
        if cards.len() > MOST_CARDS
            || !buttons(&self.components.buttons)
            || !cards.iter().all(|card| buttons(&card.buttons))
        {
            return bad(
                "A template has at most 10 buttons and 10 cards, each button with its index and kind.",
            );
        }
        match &self.components.header {
            Some(TemplateHeader::Location(place)) if !is_place(place) => {
                bad("A place has a latitude from -90 to 90 and a longitude from -180 to 180.")
            }
            _ => Ok(()),
        }
    }
}

fn is_button(button: &TemplateButton) -> bool {
    button.index < MOST_BUTTONS && button.kind != ButtonKind::Other
}

fn is_place(place: &TemplatePlace) -> bool {
    place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0
}
