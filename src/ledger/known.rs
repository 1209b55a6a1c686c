//! What the commands of a batch look up, read for all of them together before the first is applied: a
//! command that says what it needs finds it here instead of asking the database by itself. Only what cannot
//! change while the batch is collected: rows that this transaction has locked, or that only commands change
//! which are not collected.

use crate::domain::message::Sender;
use crate::domain::{
    Channel, ChannelId, ConversationId, ConversationState, CustomerId, Timestamp, UserId, WorkspaceId,
};
use crate::store::automation::flow_runs;
use crate::store::automation::flows::{self, FlowRow};
use crate::store::conversations;
use crate::store::conversations::customers::{self, CustomerRow};
use crate::store::conversations::standings::{self, Standing};
use crate::store::messages::{self, ClientKey, MessageRow};
use crate::store::{Conn, StoreError};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What a command will look up.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// The conversation that it writes into, where it knows which. Where several write at once only such are
    /// collected: what is not locked may change meanwhile.
    pub conversation: Option<ConversationId>,
    /// What comes by a channel, from a customer.
    pub arrival: Option<Arrival>,
    /// What our side's client calls the message: where, by whom, how.
    pub client_key: Option<ClientKey>,
    /// Who of ours writes.
    pub user: Option<UserId>,
}

/// What comes by a channel, from a customer.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Whose channel it is.
    pub workspace_id: WorkspaceId,
    /// By which channel.
    pub channel_id: ChannelId,
    /// Every name the platform has for the customer.
    pub names: Vec<String>,
    /// What the platform calls the message.
    pub platform_message_id: Option<String>,
    /// What may wait for it, by kind.
    pub parked: &'static [&'static str],
    /// What the customer's client calls it.
    pub client_id: Option<String>,
}

/// What was read for a batch.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Conversations as they stood when the batch began; on PostgreSQL all of them are locked.
    states: HashMap<ConversationId, ConversationState>,
    /// Where a customer writes on a channel.
    rooms: HashMap<(ChannelId, CustomerId), ConversationId>,
    /// Conversations in which no flow may say anything.
    without_runs: HashSet<ConversationId>,
    /// The flows of workspaces whose customers write.
    flows: HashMap<WorkspaceId, Arc<[FlowRow]>>,
    customers: HashMap<CustomerId, CustomerRow>,
    /// Whose a name is on a channel, where that is all there is to say: who came by a merge writes in a
    /// conversation of their own, and for who has several names of a kind it matters which was seen last.
    names: HashMap<ChannelId, HashMap<String, CustomerId>>,
    users: HashMap<UserId, Sender>,
    /// How the customers to whom our side writes stand to us.
    standings: HashMap<CustomerId, Standing>,
    /// What platforms call messages that we do not have, and for which nothing waits that may.
    new_ids: HashMap<ChannelId, HashSet<String>>,
    /// What clients call messages that we do not have.
    new_keys: HashSet<ClientKey>,
    /// Looked up when the first of the batch asks.
    channels: HashMap<ChannelId, Channel>,
    /// The same: when what goes out now leaves.
    moments: HashMap<WorkspaceId, Option<Timestamp>>,
}

impl Known {
    /// Reads what these need. `locked`: the conversations of the batch, where they had to be locked.
    pub(super) async fn read(
        conn: &mut Conn,
        needs: &[Needs],
        locked: Vec<ConversationState>,
    ) -> Result<Self, StoreError> {
        let mut known = Self::default();
        known.note(locked);
        known.answers(conn, needs).await?;
        let arrivals: Vec<&Arrival> = needs.iter().filter_map(|need| need.arrival.as_ref()).collect();
        let channels: BTreeSet<ChannelId> = arrivals.iter().map(|arrival| arrival.channel_id).collect();
        for channel in channels {
            let of_channel = arrivals.iter().copied().filter(|arrival| arrival.channel_id == channel);
            known.arrivals(conn, channel, &of_channel.collect::<Vec<_>>()).await?;
        }
        let has_answers = needs.iter().any(|need| need.arrival.is_none());
        if has_answers || known.flows.values().any(|flows| !flows.is_empty()) {
            known.runs(conn).await?;
        }
        known.client_keys(conn, needs).await?;
        Ok(known)
    }

    fn note(&mut self, states: Vec<ConversationState>) {
        for state in states {
            if let (Some(channel), Some(customer), "") = (state.channel_id, state.customer_id, &*state.thread)
            {
                self.rooms.insert((channel, customer), state.id);
            }
            self.states.insert(state.id, state);
        }
    }

    /// What our side needs: where it writes, and who does.
    async fn answers(&mut self, conn: &mut Conn, needs: &[Needs]) -> Result<(), StoreError> {
        let ours = || needs.iter().filter(|need| need.arrival.is_none());
        let ids: BTreeSet<ConversationId> = ours().filter_map(|need| need.conversation).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<ConversationId> = ids.into_iter().collect();
        if !conn.has_many_writers() {
            self.note(conversations::by_ids(conn, &ids).await?);
        }
        let written_to: BTreeSet<CustomerId> =
            ids.iter().filter_map(|id| self.states.get(id)?.customer_id).collect();
        self.standings = standings::of(conn, &written_to.into_iter().collect::<Vec<_>>()).await?;
        let users: BTreeSet<UserId> = ours().filter_map(|need| need.user).collect();
        self.users = messages::senders(conn, &users.into_iter().collect::<Vec<_>>()).await?;
        Ok(())
    }

    /// Where a flow may speak, or waits for an answer.
    async fn runs(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        let ids: Vec<ConversationId> = self.states.keys().copied().collect();
        let running = flow_runs::active_among(conn, &ids).await?;
        self.without_runs = ids.into_iter().filter(|id| !running.contains(id)).collect();
        Ok(())
    }

    /// What arrivals by one channel need: whether they are new, who listens, and whose they are.
    async fn arrivals(
        &mut self,
        conn: &mut Conn,
        channel: ChannelId,
        arrivals: &[&Arrival],
    ) -> Result<(), StoreError> {
        let Some(workspace) = arrivals.first().map(|arrival| arrival.workspace_id) else { return Ok(()) };
        if let Entry::Vacant(place) = self.flows.entry(workspace) {
            place.insert(flows::all(conn, workspace).await?.into());
        }
        let ids: Vec<&str> =
            arrivals.iter().filter_map(|arrival| arrival.platform_message_id.as_deref()).collect();
        if !ids.is_empty() {
            let parked: BTreeSet<&str> =
                arrivals.iter().flat_map(|arrival| arrival.parked).copied().collect();
            let parked: Vec<&str> = parked.into_iter().collect();
            let known = messages::known_identities(conn, channel, &parked, &ids).await?;
            let new = ids.into_iter().filter(|id| !known.contains(*id)).map(str::to_owned);
            self.new_ids.entry(channel).or_default().extend(new);
        }
        let names: BTreeSet<&str> =
            arrivals.iter().flat_map(|arrival| arrival.names.iter().map(String::as_str)).collect();
        self.people(conn, channel, &names.into_iter().collect::<Vec<_>>()).await
    }

    async fn people(
        &mut self,
        conn: &mut Conn,
        channel: ChannelId,
        names: &[&str],
    ) -> Result<(), StoreError> {
        let mut found = customers::holders(conn, channel, names).await?;
        found.retain(|holder| holder.merged_from.is_none());
        let ids: BTreeSet<CustomerId> = found.iter().map(|holder| holder.customer.id).collect();
        let ids: Vec<CustomerId> = ids.into_iter().collect();
        let several = customers::with_several_names(conn, channel, &ids).await?;
        if !conn.has_many_writers() {
            self.note(conversations::of_customers(conn, channel, &ids).await?);
        }
        let of_channel = self.names.entry(channel).or_default();
        for holder in found.into_iter().filter(|holder| !several.contains(&holder.customer.id)) {
            of_channel.insert(holder.external_id, holder.customer.id);
            self.customers.insert(holder.customer.id, holder.customer);
        }
        Ok(())
    }

    async fn client_keys(&mut self, conn: &mut Conn, needs: &[Needs]) -> Result<(), StoreError> {
        let of_visitor = |arrival: &Arrival| {
            let (customer, state) = self.person(arrival.channel_id, arrival.names.iter())?;
            Some((state, format!("customer:{}", customer.id), arrival.client_id.clone()?))
        };
        let key = |need: &Needs| need.client_key.clone().or_else(|| of_visitor(need.arrival.as_ref()?));
        let mut keys: Vec<ClientKey> = needs.iter().filter_map(key).collect();
        if !keys.is_empty() {
            let taken = messages::known_client_ids(conn, &keys).await?;
            keys.retain(|key| !taken.contains(key));
            self.new_keys.extend(keys);
        }
        Ok(())
    }

    /// A conversation as it stood when the batch began.
    pub(crate) fn conversation(&self, id: ConversationId) -> Option<&ConversationState> {
        self.states.get(&id)
    }

    /// The one customer whom all these names mean, and where they write.
    pub(crate) fn person<'n>(
        &self,
        channel: ChannelId,
        mut names: impl Iterator<Item = &'n String>,
    ) -> Option<(&CustomerRow, ConversationId)> {
        let of_channel = self.names.get(&channel)?;
        let id = *of_channel.get(names.next()?)?;
        let is_one = names.all(|name| of_channel.get(name) == Some(&id));
        let room = self.rooms.get(&(channel, id))?;
        Some((self.customers.get(&id)?, *room)).filter(|_| is_one)
    }

    /// Who speaks in a message: a user or a customer.
    pub(crate) fn speaker(&self, user: Option<UserId>, customer: Option<CustomerId>) -> Option<Sender> {
        match (user, customer) {
            (Some(user), _) => self.users.get(&user).cloned(),
            (None, Some(customer)) => Some(self.customers.get(&customer)?.clone().into_sender()),
            (None, None) => None,
        }
    }

    /// Whether no message has this id of its platform, and nothing waits for it.
    pub(crate) fn is_new_id(&self, channel: ChannelId, platform_message_id: &str) -> bool {
        self.new_ids.get(&channel).is_some_and(|ids| ids.contains(platform_message_id))
    }

    /// Whether no message has this name of its client.
    pub(crate) fn is_new_key(&self, key: &ClientKey) -> bool {
        self.new_keys.contains(key)
    }

    /// The flows of a workspace.
    pub(crate) fn flows(&self, workspace: WorkspaceId) -> Option<Arc<[FlowRow]>> {
        self.flows.get(&workspace).cloned()
    }

    /// Whether no flow may say anything in the conversation.
    pub(crate) fn is_without_runs(&self, conversation: ConversationId) -> bool {
        self.without_runs.contains(&conversation)
    }

    /// How a customer stands to us, if our side writes to them in this batch.
    pub(crate) fn standing(&self, customer: CustomerId) -> Option<Standing> {
        self.standings.get(&customer).copied()
    }

    /// What is looked up when the first of a batch asks.
    pub(crate) fn channels(&mut self) -> &mut HashMap<ChannelId, Channel> {
        &mut self.channels
    }

    /// When what goes out now leaves, by workspace, as far as somebody asked.
    pub(crate) fn moments(&mut self) -> &mut HashMap<WorkspaceId, Option<Timestamp>> {
        &mut self.moments
    }

    /// A message was collected: what it is called is not new any more.
    pub(super) fn take(&mut self, row: &MessageRow) {
        if let (Some(channel), Some(id)) = (row.body.channel_id, &row.body.platform_message_id)
            && let Some(ids) = self.new_ids.get_mut(&channel)
        {
            ids.remove(id);
        }
        if let Some(key) = key_of(row) {
            self.new_keys.remove(&key);
        }
    }

    /// It is not to be: what it is called is new again.
    pub(super) fn give_back(&mut self, row: &MessageRow) {
        if let (Some(channel), Some(id)) = (row.body.channel_id, &row.body.platform_message_id) {
            self.new_ids.entry(channel).or_default().insert(id.clone());
        }
        if let Some(key) = key_of(row) {
            self.new_keys.insert(key);
        }
    }
}

fn key_of(row: &MessageRow) -> Option<ClientKey> {
    Some((row.conversation_id, row.body.author.clone(), row.body.client_id.clone()?))
}
