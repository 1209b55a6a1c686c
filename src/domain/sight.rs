//! What of customers' conversations somebody sees. The one rule: `store/conversations/reader.rs` says the
//! same to a database, and `desk/access.rs` asks it of one conversation. What colleagues write to each other
//! is seen by whoever takes part, whatever their sight.

use super::ids::{TeamId, UserId};
use super::words::words;

words! {
    /// What of customers' conversations a role shows.
    Sight {
        /// All.
        Everything = "everything",
        /// One's own, and those of one's teams.
        Teams = "teams",
        /// One's own, and those of one's teams that nobody has.
        OwnAndUnassigned = "own_and_unassigned",
    }
}

/// Somebody's eyes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Eyes {
    /// Whose.
    pub user: UserId,
    /// What they see.
    pub sight: Sight,
    /// The teams they are in.
    pub teams: Vec<TeamId>,
}

impl Eyes {
    /// Whether they see less than all.
    pub fn are_narrow(&self) -> bool {
        self.sight != Sight::Everything
    }

    /// Whether they see a customer's conversation that is so assigned.
    pub fn see(&self, assignee: Option<UserId>, team: Option<TeamId>) -> bool {
        let is_own = assignee == Some(self.user);
        let is_of_a_team = team.is_some_and(|team| self.teams.contains(&team));
        match self.sight {
            Sight::Everything => true,
            Sight::Teams => is_own || is_of_a_team,
            Sight::OwnAndUnassigned => is_own || (assignee.is_none() && is_of_a_team),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sight: Sight, seen: [bool; 5]) {
        let eyes = Eyes { user: UserId(7), sight, teams: vec![TeamId(1)] };
        let (me, other) = (Some(UserId(7)), Some(UserId(8)));
        let (mine, theirs) = (Some(TeamId(1)), Some(TeamId(2)));
        let all = [(me, theirs), (None, mine), (other, mine), (None, theirs), (None, None)];
        assert_eq!(all.map(|(assignee, team)| eyes.see(assignee, team)), seen, "{sight}");
    }

    #[test]
    fn each_sight_sees_what_it_says() {
        check(Sight::Everything, [true; 5]);
        check(Sight::Teams, [true, true, true, false, false]);
        check(Sight::OwnAndUnassigned, [true, true, false, false, false]);
    }
}
