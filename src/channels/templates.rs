//! What a platform is asked to do with its approved messages, and what it answers.

use crate::domain::outbound::OutboundMedia;
use crate::domain::template::TemplateDraft;

/// What is asked of a platform.
#[derive(Debug, Clone, PartialEq)]
pub enum TemplateRequest {
    /// Approve a new one.
    Create {
        /// What it is to be.
        draft: TemplateDraft,
        /// The files that it shows as samples, by their ids here.
        samples: Vec<(i64, OutboundMedia)>,
    },
    /// Approve one anew.
    Edit {
        /// Which.
        platform_id: String,
        /// What it is to be.
        draft: TemplateDraft,
        /// The files that it shows as samples, by their ids here.
        samples: Vec<(i64, OutboundMedia)>,
    },
    /// Take one language of one away.
    Delete {
        /// Which.
        platform_id: String,
        /// Its name.
        name: String,
    },
}

/// What it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateAnswer {
    /// Which it is.
    pub platform_id: String,
    /// Where it stands now, in the platform's word.
    pub status: String,
}
