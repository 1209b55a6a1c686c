//! What an agent sends in place of words: a place or a contact card, in the shape in which customers' own
//! come. Never a file, never a platform's shape.

use crate::channels::kind::Ability;
use crate::channels::registry;
use crate::domain::outbound::ContactCard;
use crate::domain::{ChannelKind, MessageType, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest name, address or number.
const MAX_BYTES: usize = 1_000;
/// Numbers and addresses on a card.
const MOST: usize = 20;

/// A place, or one card: exactly one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Enclosed {
    /// A place on the map.
    Location(Place),
    /// One card; more are more messages.
    Contacts([ContactCard; 1]),
}

/// A place on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Its address.
    #[serde(default)]
    pub address: Option<String>,
}

impl Enclosed {
    /// The type of a message that holds it.
    pub fn message_type(&self) -> MessageType {
        match self {
            Self::Location(_) => MessageType::Location,
            Self::Contacts(_) => MessageType::Contact,
        }
    }

    /// Whether it makes sense by itself.
    pub fn check(&self) -> Result<(), Refusal> {
        let bad = |why| Err(Refusal::invalid("bad_details", why));
        match self {
            Self::Location(place) => {
                let is_there = place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0;
                if !is_there {
                    return bad("A place has a latitude from -90 to 90 and a longitude from -180 to 180.");
                }
                if [&place.name, &place.address].into_iter().flatten().any(|text| text.len() > MAX_BYTES) {
                    return bad("The name or the address of this place is too long.");
                }
            }
            Self::Contacts([card]) => {
                if card.name.trim().is_empty() {
                    return bad("A card needs a name.");
                }
                let is_number = |phone: &String| phone.chars().any(|sign| sign.is_ascii_digit());
                if card.phones.is_empty() || !card.phones.iter().all(is_number) {
                    return bad("A card needs a telephone number.");
                }
                let texts = [&card.name].into_iter().chain(&card.phones).chain(&card.emails);
                let is_long = texts.chain(&card.organization).any(|text| text.len() > MAX_BYTES);
                if is_long || card.phones.len() > MOST || card.emails.len() > MOST {
                    return bad("This card is too long.");
                }
            }
        }
        Ok(())
    }

    /// Whether a channel takes it.
    pub fn check_fits(&self, kind: ChannelKind) -> Result<(), Refusal> {
        let needs = match self {
            Self::Location(_) => Ability::Location,
            Self::Contacts(_) => Ability::Contact,
        };
        if registry::kind(kind).can(needs) {
            return Ok(());
        }
        Err(Refusal::invalid("not_on_this_channel", format!("{kind} takes no places and no contact cards.")))
    }
}
