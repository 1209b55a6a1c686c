//! The closed vocabularies: each is one text in Rust, SQL and JSON. Never free text.
//! The macro that makes one, and those that belong to no type of the domain.

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize,
            serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),* }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word as it stands in JSON and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        // By hand: the derive does not see a name that comes through a macro.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::Object::builder()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($text),*]))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::words::UnknownWord;
            fn from_str(text: &str) -> Result<Self, $crate::domain::words::UnknownWord> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
                    .ok_or_else(|| $crate::domain::words::UnknownWord { kind: stringify!($name), text: text
                        .chars().take(40).collect() })
            }
        }
    )*};
}
pub(crate) use words;

/// A text that is not in a vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {kind}")]
pub struct UnknownWord {
    /// The vocabulary.
    pub kind: &'static str,
    /// The text, cut to 40 characters.
    pub text: String,
}

words! {
    /// The order of a list of conversations.
    ListOrder {
        /// The newest activity first.
        Newest = "newest",
        /// The oldest activity first.
        Oldest = "oldest",
        /// Who has waited longest first; then those who do not wait, the newest activity first.
        LongestWaiting = "longest_waiting",
    }

    /// Whose answer makes a reminder needless.
    AnswerFrom {
        /// Ours: a customer wrote last when it was set.
        Team = "team",
        /// The customer's: we wrote last.
        Customer = "customer",
    }

    /// How far a change of many conversations came.
    BulkState {
        /// Some are left.
        Running = "running",
        /// None is left.
        Finished = "finished",
        /// Somebody stopped it.
        Stopped = "stopped",
    }

    /// How the change of one of many conversations went.
    BulkOutcome {
        /// Not tried yet.
        Waiting = "waiting",
        /// It was changed.
        Done = "done",
        /// It was refused.
        Failed = "failed",
        /// It was to be undone, and stays: somebody changed it since.
        Kept = "kept",
    }

    /// What happened to a conversation.
    TimelineKind {
        /// It began.
        Created = "created",
        /// Somebody cares for it from now on, or nobody.
        Assigned = "assigned",
        /// It was opened, set to pending or closed.
        Status = "status",
        /// It sleeps.
        Snoozed = "snoozed",
        /// It woke: its time came, a customer wrote, or somebody woke it.
        Woken = "woken",
        /// How urgent it is.
        Priority = "priority",
        /// It was given labels.
        Labelled = "labelled",
        /// Labels were taken from it.
        Unlabelled = "unlabelled",
        /// Its sender is spam.
        Spam = "spam",
        /// Its sender is no spam after all.
        NotSpam = "not_spam",
        /// Two customers were made one by hand.
        Merged = "merged",
        /// Two customers were parted again.
        Unmerged = "unmerged",
        /// A platform proved that two customers are one.
        Joined = "joined",
        /// A model answers from now on.
        HandedToAi = "handed_to_ai",
        /// A model gave no answer.
        AiFailed = "ai_failed",
    }

    /// By whom or by what something happened.
    CauseKind {
        /// A colleague, or a program with their token.
        User = "user",
        /// A rule.
        Rule = "rule",
        /// A flow.
        Flow = "flow",
        /// A model.
        Ai = "ai",
        /// What came by a channel: a customer wrote, a platform said so.
        Platform = "platform",
        /// The server itself, or its command line.
        System = "system",
    }

}
