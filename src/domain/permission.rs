//! What a role may allow: a closed list of permissions, and sets of them. Never who has which: a role does,
//! and that is `role.rs`'.

use super::words::words;
use serde::{Serialize, Serializer};

words! {
    /// One thing that a role may allow.
    Permission {
        /// Begin a conversation with a customer.
        ConversationsStart = "conversations.start",
        /// Answer customers: write, edit what waits, send again, react, send a draft.
        ConversationsReply = "conversations.reply",
        /// Give a conversation to a colleague or a team.
        ConversationsAssign = "conversations.assign",
        /// Close, reopen, snooze, and say what is spam.
        ConversationsClose = "conversations.close",
        /// Labels and priority of a conversation.
        ConversationsLabel = "conversations.label",
        /// Take back one's own messages.
        ConversationsDeleteMessage = "conversations.delete_message",
        /// Change many conversations at once.
        ConversationsBulk = "conversations.bulk",
        /// See, stop and undo what colleagues changed at once.
        BulkManage = "bulk.manage",
        /// Write notes among colleagues into a customer's conversation.
        NotesWrite = "notes.write",
        /// Write to colleagues.
        DirectWrite = "direct.write",
        /// Change a customer's name and fields, end their visits.
        CustomersEdit = "customers.edit",
        /// Block customers, and let them write again.
        CustomersBlock = "customers.block",
        /// Make two customers one, and part them again.
        CustomersMerge = "customers.merge",
        /// The same where a site proved who one of them is, and nobody did for the other.
        CustomersMergeUnproved = "customers.merge_unproved",
        /// Forget customers with everything.
        CustomersErase = "customers.erase",
        /// Take tables out of the house.
        Export = "export",
        /// Start a flow for many conversations.
        BroadcastsSend = "broadcasts.send",
        /// Start a flow for one conversation, and stop one.
        FlowsRun = "flows.run",
        /// Make and change flows.
        FlowsManage = "flows.manage",
        /// Connect and change channels.
        ChannelsManage = "channels.manage",
        /// Make and change users.
        UsersManage = "users.manage",
        /// Make and change roles.
        RolesManage = "roles.manage",
        /// Make and change teams.
        TeamsManage = "teams.manage",
        /// Make and change webhooks.
        HooksManage = "hooks.manage",
        /// Make and change the team's canned replies.
        CannedManage = "canned.manage",
        /// Make and change labels.
        LabelsManage = "labels.manage",
        /// Share one's own views with everybody.
        ViewsShare = "views.share",
        /// Change views that colleagues share.
        ViewsManage = "views.manage",
        /// Read reports.
        ReportsSee = "reports.see",
        /// Read the numbers of the overview.
        StatsSee = "stats.see",
        /// Read the audit log.
        AuditSee = "audit.see",
        /// Change the workspace's settings.
        SettingsManage = "settings.manage",
        /// Read the outbox and its log.
        DeliveriesSee = "deliveries.see",
        /// See what could not be read, and have it read again.
        QuarantineManage = "quarantine.manage",
        /// Rate what models answer, and discard their drafts.
        AiManage = "ai.manage",
        /// Make API tokens of one's own.
        TokensCreate = "tokens.create",
        /// See and end colleagues' sign-ins and tokens.
        TokensManage = "tokens.manage",
    }
}

/// What a role allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions(u64);

impl Permissions {
    /// Nothing but what everybody may: look, and keep one's own marks.
    pub const NONE: Self = Self(0);
    /// Everything.
    pub const ALL: Self = Self::of(Permission::ALL);

    /// What shows or changes the whole house: it is not for whoever sees less than everything.
    pub const WHOLE_HOUSE: Self = Self::of(&[
        Permission::BulkManage,
        Permission::CustomersMerge,
        Permission::CustomersMergeUnproved,
        Permission::CustomersErase,
        Permission::Export,
        Permission::BroadcastsSend,
        Permission::FlowsManage,
        Permission::ChannelsManage,
        Permission::UsersManage,
        Permission::RolesManage,
        Permission::TeamsManage,
        Permission::HooksManage,
        Permission::ReportsSee,
        Permission::StatsSee,
        Permission::AuditSee,
        Permission::SettingsManage,
        Permission::DeliveriesSee,
        Permission::QuarantineManage,
        Permission::TokensManage,
    ]);

    /// These without those.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These and no others.
    pub const fn of(words: &[Permission]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < words.len() {
            bits |= 1 << (words[at] as u64);
            at += 1;
        }
        Self(bits)
    }

    /// Whether one is among them.
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << (permission as u64)) != 0
    }

    /// Each, in the order of the list.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.has(*permission))
    }

    /// The first that these allow and the others do not.
    pub fn beyond(self, others: Self) -> Option<Permission> {
        self.iter().find(|permission| !others.has(*permission))
    }

    /// As they stand in a row: words with spaces between them. A word of another version allows nothing here.
    pub fn read(text: &str) -> Self {
        let known: Vec<Permission> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        Self::of(&known)
    }

    /// As they stand in a row.
    pub fn written(self) -> String {
        self.iter().map(Permission::as_str).collect::<Vec<_>>().join(" ")
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl utoipa::PartialSchema for Permissions {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ArrayBuilder::new()
            .items(<Permission as utoipa::PartialSchema>::schema())
            .into()
    }
}

impl utoipa::ToSchema for Permissions {}
