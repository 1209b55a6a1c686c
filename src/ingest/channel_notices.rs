//! What a platform says of a channel itself: its credentials, its account, the business behind it.

use super::event::{Receive, Received, Source};
use crate::channels::business_of;
use crate::domain::inbound::ChannelEffect;
use crate::domain::template::TemplateNews;
use crate::domain::{
    Channel, ChannelEvent, ChannelState, Direction, Event, NumberStanding, Outcome, PlatformCheck, Timestamp,
};
use crate::ledger::{LedgerError, Tx};
use crate::store::accounts::{channel_checks, channel_health, channels};
use crate::thread::templates;

/// A bot was connected to an owner's personal account, or cut off.
pub(super) async fn connect_business(
    tx: &mut Tx<'_>,
    source: &Source,
    id: &str,
    owner: &str,
    enabled: bool,
) -> Result<Received, LedgerError> {
    let changed =
        channels::set_business_connection(tx.conn, source.channel_id, id, owner, enabled, tx.now).await?;
    Ok(Received::new(if changed { Outcome::Updated } else { Outcome::Duplicate }, Direction::CustomerToOwner))
}

/// Something about the channel itself.
pub(super) async fn notice(
    tx: &mut Tx<'_>,
    source: &Source,
    code: &str,
    effect: ChannelEffect,
    text: &str,
) -> Result<Received, LedgerError> {
    log::info!("channel {}: the platform says {code}", source.channel_id);
    let reason = if text.is_empty() { code.to_owned() } else { format!("{code}: {text}") };
    match effect {
        ChannelEffect::Broken => {
            switch(tx, source, ChannelState::Paused, Some(reason)).await?;
        }
        ChannelEffect::Restored => {
            switch(tx, source, ChannelState::Active, None).await?;
        }
        ChannelEffect::Note => return Ok(Received::new(Outcome::Ignored, Direction::CustomerToOwner)),
    }
    Ok(Received::new(Outcome::Updated, Direction::CustomerToOwner))
}

/// How the platform rates a number. It names the number as people dial it: kept for the channel of that
/// number, and whichever of the business's it is, each is asked anew.
pub(super) async fn number(
    tx: &mut Tx<'_>,
    receive: &Receive,
    told: &NumberStanding,
) -> Result<Received, LedgerError> {
    let source = &receive.source;
    let business = receive.event.business.as_deref();
    let is_theirs = |channel: &Channel| {
        channel.id == source.channel_id
            || (channel.kind == source.kind
                && business.is_some()
                && business_of(&channel.options).as_deref() == business)
    };
    let channels: Vec<Channel> = channels::all(tx.conn).await?.into_iter().filter(is_theirs).collect();
    let is_only_one = channels.len() == 1;
    let mut outcome = Outcome::Ignored;
    for channel in &channels {
        let known = channel_health::find(tx.conn, channel.id).await?.and_then(|health| health.number);
        let is_this = known.is_some() && known == told.number;
        if is_this || (is_only_one && known.is_none()) {
            channel_health::set_number(tx.conn, (channel.workspace_id, channel.id), told).await?;
            outcome = Outcome::Updated;
        }
        channel_checks::hurry(tx.conn, channel.id, PlatformCheck::Number, tx.now).await?;
    }
    Ok(Received::new(outcome, Direction::CustomerToOwner))
}

/// Something about an approved message of the business account.
pub(super) async fn template(
    tx: &mut Tx<'_>,
    source: &Source,
    business: Option<&str>,
    news: &TemplateNews,
    at: Option<Timestamp>,
) -> Result<Received, LedgerError> {
    let Some(business) = business else {
        return Ok(Received::new(Outcome::Ignored, Direction::CustomerToOwner));
    };
    let account = (source.workspace_id, business);
    let is_news = templates::hear(tx, account, news, at.unwrap_or(tx.now)).await?;
    let outcome = if is_news { Outcome::Updated } else { Outcome::Ignored };
    Ok(Received::new(outcome, Direction::CustomerToOwner))
}

/// Stops a channel or lets it go on; whoever looks is told, and the worker.
async fn switch(
    tx: &mut Tx<'_>,
    source: &Source,
    state: ChannelState,
    state_reason: Option<String>,
) -> Result<(), LedgerError> {
    if channels::set_state(tx.conn, source.channel_id, state, state_reason.as_deref()).await? {
        let (workspace_id, channel_id) = (source.workspace_id, source.channel_id);
        tx.tell(Event::Channel(ChannelEvent { workspace_id, channel_id, state, state_reason }));
        tx.tell(Event::OutboxReady);
    }
    Ok(())
}
