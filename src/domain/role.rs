//! What a role is: four come made, a workspace makes its own. The one place that says what each allows; what
//! the rows say of it just now is asked by `ledger/permitted.rs`. Never whose role it is.

use super::permission::{Permission, Permissions};
use super::refusal::Refusal;
use super::sight::Sight;
use super::words::UnknownWord;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// What an agent may: everything about conversations, and what the team works with.
const AGENT: Permissions = Permissions::of(&[
    Permission::ConversationsStart,
    Permission::ConversationsReply,
    Permission::ConversationsAssign,
    Permission::ConversationsClose,
    Permission::ConversationsLabel,
    Permission::ConversationsDeleteMessage,
    Permission::ConversationsBulk,
    Permission::NotesWrite,
    Permission::DirectWrite,
    Permission::CustomersEdit,
    Permission::CustomersBlock,
    Permission::CustomersMerge,
    Permission::FlowsRun,
    Permission::CannedManage,
    Permission::LabelsManage,
    Permission::ViewsShare,
    Permission::StatsSee,
    Permission::DeliveriesSee,
    Permission::AiManage,
    Permission::TokensCreate,
]);

/// What a supervisor may beyond that.
const LEADS: Permissions = Permissions::of(&[
    Permission::BulkManage,
    Permission::Export,
    Permission::BroadcastsSend,
    Permission::TeamsManage,
    Permission::ViewsManage,
    Permission::ReportsSee,
    Permission::AuditSee,
]);

/// What a viewer may: look.
const VIEWER: Permissions = Permissions::of(&[Permission::StatsSee, Permission::DeliveriesSee]);

/// Letters of a slug at most.
pub const LONGEST_SLUG: usize = 32;

/// The name of a role that a workspace made, for programs: `a-z`, `0-9`, `-` and `_`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug([u8; LONGEST_SLUG]);

impl Slug {
    /// As text.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(LONGEST_SLUG);
        std::str::from_utf8(&self.0[..end]).unwrap_or_default()
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// Which role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Everything, always.
    Admin,
    /// What an agent may, and what leading a team takes.
    Supervisor,
    /// Works with conversations.
    Agent,
    /// Looks.
    Viewer,
    /// One that the workspace made.
    Custom(Slug),
}

impl Role {
    /// Those that come made.
    pub const MADE: [Self; 4] = [Self::Admin, Self::Supervisor, Self::Agent, Self::Viewer];

    /// Its slug.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Admin => "admin",
            Self::Supervisor => "supervisor",
            Self::Agent => "agent",
            Self::Viewer => "viewer",
            Self::Custom(slug) => slug.as_str(),
        }
    }

    /// Whether it comes made.
    pub fn is_made(self) -> bool {
        !matches!(self, Self::Custom(_))
    }

    /// What it allows while nobody changed it.
    pub fn given(self) -> Permissions {
        match self {
            Self::Admin => Permissions::ALL,
            Self::Supervisor => AGENT.and(LEADS),
            Self::Agent => AGENT,
            Self::Viewer => VIEWER,
            Self::Custom(_) => Permissions::NONE,
        }
    }

    /// What it allows, and what it shows. `row`: what its row says, if there is one. An admin may and sees
    /// everything, whatever a row says; whoever sees less never deals with the whole house.
    pub fn allows(self, row: Option<(&str, &str)>) -> (Permissions, Sight) {
        match (self, row) {
            (Self::Admin, _) => (Permissions::ALL, Sight::Everything),
            // One that was taken away shows least.
            (Self::Custom(_), None) => (Permissions::NONE, Sight::OwnAndUnassigned),
            (_, None) => (self.given(), Sight::Everything),
            (_, Some((permissions, sight))) => {
                // A word of another version shows least.
                let sight = sight.parse().unwrap_or(Sight::OwnAndUnassigned);
                (within_sight(Permissions::read(permissions), sight), sight)
            }
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        if let Some(made) = Self::MADE.iter().find(|made| made.as_str() == text) {
            return Ok(*made);
        }
        let is_letter = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        let bytes = text.as_bytes();
        if bytes.is_empty() || bytes.len() > LONGEST_SLUG || !bytes.iter().all(|byte| is_letter(*byte)) {
            return Err(UnknownWord { kind: "Role", text: text.chars().take(40).collect() });
        }
        let mut slug = [0; LONGEST_SLUG];
        slug[..bytes.len()].copy_from_slice(bytes);
        Ok(Self::Custom(Slug(slug)))
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Role {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::Object::builder()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("The slug of a role: admin, supervisor, agent, viewer, or one of your own."))
            .into()
    }
}

impl utoipa::ToSchema for Role {
    fn name() -> Cow<'static, str> {
        "RoleSlug".into()
    }
}

/// What of some permissions is left to whoever sees so much.
pub fn within_sight(permissions: Permissions, sight: Sight) -> Permissions {
    match sight {
        Sight::Everything => permissions,
        Sight::Teams | Sight::OwnAndUnassigned => permissions.without(Permissions::WHOLE_HOUSE),
    }
}

/// What is said to whoever lacks a permission.
pub fn lacks(permission: Permission) -> Refusal {
    let message = format!("Your role does not allow this: it lacks the permission {permission}.");
    Refusal { permission: Some(permission), ..Refusal::forbidden(message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_read_as_they_are_written() {
        assert!(Permission::ALL.len() < 64, "each is one bit");
        for role in Role::MADE {
            let given = role.given();
            assert_eq!(Permissions::read(&given.written()), given, "{role}");
        }
        assert_eq!(Permissions::read("export moon.walk"), Permissions::of(&[Permission::Export]));
        assert_eq!(Permissions::ALL.iter().count(), Permission::ALL.len());
    }

    #[test]
    fn an_admin_is_never_weakened() {
        let (export, all) = (Permissions::of(&[Permission::Export]), Sight::Everything);
        assert_eq!(Role::Admin.allows(Some(("export", "teams"))), (Permissions::ALL, all));
        assert_eq!(Role::Agent.allows(Some(("export", "everything"))), (export, all));
        assert_eq!(Role::Agent.allows(Some(("export", "teams"))), (Permissions::NONE, Sight::Teams));
        assert_eq!(Role::Agent.allows(Some(("", "moon"))), (Permissions::NONE, Sight::OwnAndUnassigned));
        assert_eq!(Role::Agent.allows(None), (Role::Agent.given(), all));
        assert_eq!(Role::Agent.given().beyond(Role::Supervisor.given()), None);
        assert!(Permissions::ALL.beyond(Role::Supervisor.given()).is_some());
    }

    #[test]
    fn a_slug_is_a_short_plain_word() {
        for good in ["night-shift", "tier_2", "a"] {
            let role: Role = good.parse().expect(good);
            assert_eq!((role.as_str(), role.is_made()), (good, false));
        }
        for bad in ["", "Admin", "a b", "é", &"x".repeat(33)] {
            assert!(bad.parse::<Role>().is_err(), "{bad}");
        }
        assert_eq!("admin".parse(), Ok(Role::Admin));
    }
}
