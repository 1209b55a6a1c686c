//! Who reads a list or a search, and what of it they see: the one condition of every statement that finds
//! conversations for somebody. The rule itself is `domain/sight.rs`'.

use crate::domain::sight::Eyes;
use crate::domain::{Sight, User, UserId, WorkspaceId};

/// Somebody who reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Of which workspace.
    pub workspace: WorkspaceId,
    /// Who.
    pub user: UserId,
    /// What they see of customers' conversations.
    pub eyes: Eyes,
}

impl From<&User> for Reader {
    fn from(user: &User) -> Self {
        Self { workspace: user.workspace_id, user: user.id, eyes: user.eyes() }
    }
}

impl Reader {
    /// What holds of a conversation `c` that they see.
    pub(crate) fn sees(&self) -> String {
        let user = self.user;
        let theirs = self.of_customers().map_or_else(String::new, |seen| format!(" AND {seen}"));
        format!(
            "((c.kind = 'customer'{theirs}) OR EXISTS (SELECT 1 FROM participants AS p \
             WHERE p.conversation_id = c.id AND p.user_id = {user} AND p.is_member))"
        )
    }

    /// What holds of a customer's conversation `c` that they see; none: they see all.
    pub(crate) fn of_customers(&self) -> Option<String> {
        let own = format!("c.assignee_id = {}", self.user);
        let of_teams =
            self.team_list().map(|teams| format!("c.team_id IS NOT NULL AND c.team_id IN ({teams})"));
        match (self.eyes.sight, of_teams) {
            (Sight::Everything, _) => None,
            (_, None) => Some(own),
            (Sight::Teams, Some(theirs)) => Some(format!("({own} OR ({theirs}))")),
            (Sight::OwnAndUnassigned, Some(theirs)) => {
                Some(format!("({own} OR (c.assignee_id IS NULL AND {theirs}))"))
            }
        }
    }

    /// The ids of all conversations that they can see, told by the indexes of who and of which team has one;
    /// none: they see all. It may tell some more, but leaves none out.
    pub(super) fn candidates(&self) -> Option<String> {
        if !self.eyes.are_narrow() {
            return None;
        }
        let (workspace, user) = (self.workspace, self.user);
        let of =
            |held: &str| format!("SELECT id FROM conversations WHERE workspace_id = {workspace} AND {held}");
        let own = of(&format!("assignee_id = {user}"));
        let among_us =
            format!("SELECT conversation_id AS id FROM participants WHERE user_id = {user} AND is_member");
        let teams =
            self.team_list().map(|teams| of(&format!("team_id IS NOT NULL AND team_id IN ({teams})")));
        Some([Some(own), Some(among_us), teams].into_iter().flatten().collect::<Vec<_>>().join(" UNION ALL "))
    }

    fn team_list(&self) -> Option<String> {
        let ids: Vec<String> = self.eyes.teams.iter().map(ToString::to_string).collect();
        (!ids.is_empty()).then(|| ids.join(", "))
    }
}
