//! Which conversations a webhook's events concern, looked up before they are given to the ledger. Only a
//! help: what is not found here the command finds, or makes, by itself.

use super::event::Receive;
use crate::domain::ChannelId;
use crate::store::{Db, StoreError, conversations};
use std::collections::{BTreeSet, HashMap};

/// Names the conversation of each event that has one. Where several write at once its row is then locked in
/// one order with the others of its batch, and two batches cannot wait for each other; one writer alone need
/// not know.
pub async fn locate(db: &Db, receives: &mut [Receive]) -> Result<(), StoreError> {
    if !db.is_shared() {
        return Ok(());
    }
    let mut unknown: HashMap<ChannelId, BTreeSet<String>> = HashMap::new();
    for receive in receives.iter() {
        if let Some(name) = name_of(receive) {
            unknown.entry(receive.source.channel_id).or_default().insert(name.to_owned());
        }
    }
    for (channel, names) in unknown {
        let found: HashMap<_, _> = db
            .read(async move |conn| {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                conversations::of_identities(conn, channel, &names).await
            })
            .await?
            .into_iter()
            .collect();
        for receive in receives.iter_mut().filter(|receive| receive.source.channel_id == channel) {
            if let Some(id) = name_of(receive).and_then(|name| found.get(name)) {
                receive.conversation = Some(*id);
            }
        }
    }
    Ok(())
}

/// What the platform calls the customer, where their conversation is not known yet.
fn name_of(receive: &Receive) -> Option<&str> {
    let thread = receive.event.kind.thread().filter(|_| receive.conversation.is_none())?;
    Some(&thread.first()?.external_id)
}
