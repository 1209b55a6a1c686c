//! How WhatsApp rates a number: its quality, how many people it may write to first, its name. Asked, and told
//! by webhooks that name the number as people dial it. Source: docs/platforms.md 2.10.

use super::customers::{Beside, digits};
use super::read::Members;
use crate::channels::actions::CallError;
use crate::channels::lenient::{self, Lenient};
use crate::channels::meta::{envelope, graph};
use crate::channels::{ChannelAccess, Platforms};
use crate::domain::NumberStanding;
use crate::domain::inbound::{InboundEvent, InboundKind};
use crate::domain::outbound::SendOutcome;
use serde_json::Value;

/// What is asked of a number.
const FIELDS: &str = "display_phone_number,verified_name,quality_rating,name_status,\
    whatsapp_business_manager_messaging_limit";
/// What is told of one everywhere.
const BASICS: &str = "display_phone_number,verified_name,quality_rating,name_status";

/// Asks how the number stands.
pub async fn fetch(
    platforms: &Platforms,
    channel: &ChannelAccess,
) -> Result<Option<NumberStanding>, CallError> {
    let url = platforms.graph(&channel.external_id);
    let found = match graph::get(platforms, channel, &url, &[("fields", FIELDS)]).await {
        // The limit moved between names once already: without it the rest is still told.
        Err(SendOutcome::Refused(refusal)) if refusal.code.starts_with("100") => {
            graph::get(platforms, channel, &url, &[("fields", BASICS)]).await?
        }
        asked => asked?,
    };
    let standing = standing(&found);
    Ok((!standing.is_empty()).then_some(standing))
}

fn standing(found: &Value) -> NumberStanding {
    let tiers = ["whatsapp_business_manager_messaging_limit", "messaging_limit_tier"];
    NumberStanding {
        number: found.id("display_phone_number").map(|number| digits(&number)),
        quality: found.text("quality_rating"),
        tier: tiers.iter().find_map(|key| found.text(key)),
        name_status: found.text("name_status"),
        verified_name: found.text("verified_name"),
    }
}

/// `phone_number_quality_update` and `phone_number_name_update`.
pub fn update(field: &str, members: &Members, beside: &Beside) -> Option<InboundEvent> {
    let read = |key: &str| lenient::value(members.get(key)?).ok();
    let text = |key: &str| read(key)?.as_str().map(str::to_owned);
    let number = read("display_phone_number").and_then(|number| lenient::id_of(&number));
    let mut standing = NumberStanding { number: number.map(|number| digits(&number)), ..Default::default() };
    if field == "phone_number_name_update" {
        let decision = text("decision")?;
        standing.verified_name = text("requested_verified_name").filter(|_| decision == "APPROVED");
        standing.name_status = Some(decision);
    } else {
        standing.tier = text("max_daily_conversations_per_business").or_else(|| text("current_limit"));
        standing.quality = quality_after(&text("event")?);
    }
    let raw = members.get("display_phone_number").map_or("{}", |raw| raw.get());
    Some(envelope::event(&beside.account, raw, InboundKind::NumberStanding(Box::new(standing))))
}

/// What an event says of the quality, if it is about that.
fn quality_after(event: &str) -> Option<String> {
    match event {
        "FLAGGED" => Some("RED".to_owned()),
        "UNFLAGGED" => Some("GREEN".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_limit_is_read_under_either_name() {
        let found = standing(&json!({ "display_phone_number": "+1 555-014-2210", "quality_rating": "GREEN",
            "messaging_limit_tier": "TIER_1K", "name_status": "APPROVED", "verified_name": "Pier" }));
        assert_eq!(found.number.as_deref(), Some("15550142210"));
        assert_eq!((found.tier.as_deref(), found.quality.as_deref()), (Some("TIER_1K"), Some("GREEN")));
        let newer = json!({ "whatsapp_business_manager_messaging_limit": "TIER_2K" });
        assert_eq!(standing(&newer).tier.as_deref(), Some("TIER_2K"));
        assert!(standing(&json!({ "success": true })).is_empty());
    }
}
