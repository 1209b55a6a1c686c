//! Whether a conversation that changed belongs to a saved view that somebody watches: the filters of the
//! list, asked of what a list frame knows. What it cannot know (a name, what is read by now) counts as
//! fitting: who watches is rather told once too often. What a filter means to a database is `narrowed.rs`'.

use crate::domain::{
    ChannelId, Conversation, ConversationId, ConversationKind, ConversationStatus, LabelId, Priority, TeamId,
    UserId,
};
use crate::store::conversations::filtered::Filter;

/// What of a conversation decides whether it fits a filter.
#[derive(Debug, Clone)]
pub struct Facts {
    kind: ConversationKind,
    status: ConversationStatus,
    channel: Option<ChannelId>,
    assignee: Option<UserId>,
    team: Option<TeamId>,
    priority: Option<Priority>,
    labels: Vec<LabelId>,
    about: Option<ConversationId>,
}

/// Whether any is asked for, and this is none of them.
fn misses<T: PartialEq>(asked: &[T], value: Option<&T>) -> bool {
    !asked.is_empty() && value.is_none_or(|value| !asked.contains(value))
}

impl Facts {
    /// Of a conversation as it stands after a change.
    pub fn of(view: &Conversation) -> Self {
        Self {
            kind: view.kind,
            status: view.status,
            channel: view.channel_id,
            assignee: view.assignee_id,
            team: view.team_id,
            priority: view.priority,
            labels: view.labels.iter().map(|label| label.id).collect(),
            about: view.about_conversation_id,
        }
    }

    /// Whether it belongs to what a filter shows.
    pub fn fit(&self, filter: &Filter) -> bool {
        let is_status = if filter.statuses.is_empty() {
            self.status != ConversationStatus::Spam
        } else {
            filter.statuses.contains(&self.status)
        };
        let is_label = filter.labels.is_empty() || self.labels.iter().any(|one| filter.labels.contains(one));
        is_status
            && is_label
            && self.is_whose(filter)
            && !misses(&filter.channels, self.channel.as_ref())
            && !misses(&filter.teams, self.team.as_ref())
            && !misses(&filter.priorities, self.priority.as_ref())
            && filter.kind.is_none_or(|kind| kind == self.kind)
            && filter.about.is_none_or(|about| self.about == Some(about))
    }

    fn is_whose(&self, Filter { assignees, .. }: &Filter) -> bool {
        let is_asked = assignees.nobody || !assignees.users.is_empty();
        let is_nobodys = self.assignee.is_none() && self.kind == ConversationKind::Customer;
        let is_theirs = self.assignee.is_some_and(|user| assignees.users.contains(&user));
        !is_asked || (assignees.nobody && is_nobodys) || is_theirs
    }
}

/// Whether what leaves a filter's list may leave it by whatever happens: an answer, a read mark, a name.
pub fn is_left_by_anything(filter: &Filter) -> bool {
    filter.waiting.is_some() || filter.unread || filter.mentioned || filter.following || filter.name.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conversations::filtered::Assignees;

    fn facts() -> Facts {
        Facts {
            kind: ConversationKind::Customer,
            status: ConversationStatus::Open,
            channel: Some(ChannelId(3)),
            assignee: None,
            team: Some(TeamId(2)),
            priority: Some(Priority::High),
            labels: vec![LabelId(5)],
            about: None,
        }
    }

    fn check(filter: &Filter, fits: bool) {
        assert_eq!(facts().fit(filter), fits, "{filter:?}");
    }

    #[test]
    fn each_field_narrows() {
        let all = Filter::default;
        check(&all(), true);
        check(&Filter { statuses: vec![ConversationStatus::Closed], ..all() }, false);
        check(&Filter { channels: vec![ChannelId(3), ChannelId(4)], ..all() }, true);
        check(&Filter { channels: vec![ChannelId(4)], ..all() }, false);
        check(&Filter { teams: vec![TeamId(2)], ..all() }, true);
        check(&Filter { teams: vec![TeamId(1)], ..all() }, false);
        check(&Filter { labels: vec![LabelId(5), LabelId(6)], ..all() }, true);
        check(&Filter { labels: vec![LabelId(6)], ..all() }, false);
        check(&Filter { priorities: vec![Priority::Low], ..all() }, false);
        check(&Filter { kind: Some(ConversationKind::Direct), ..all() }, false);
        check(&Filter { assignees: Assignees { nobody: true, users: Vec::new() }, ..all() }, true);
        check(&Filter { assignees: Assignees { nobody: false, users: vec![UserId(7)] }, ..all() }, false);
    }
}
