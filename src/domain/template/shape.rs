//! What an approved message looks like before it is filled in, in words of our own, and how it stands with
//! its platform. Never a platform's shape.

use crate::domain::words::words;
use crate::domain::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

words! {
    /// What stands above the words of a template.
    HeaderFormat {
        /// A text.
        Text = "text",
        /// A picture.
        Image = "image",
        /// A film.
        Video = "video",
        /// A document.
        Document = "document",
        /// A place on the map.
        Location = "location",
        /// Something that cannot be sent from here.
        Other = "other",
    }

    /// What a button of a template does.
    ButtonKind {
        /// Opens an address.
        Url = "url",
        /// Calls a number.
        Phone = "phone",
        /// Answers.
        QuickReply = "quick_reply",
        /// Copies a code.
        CopyCode = "copy_code",
        /// Copies a one-time password.
        OneTimePassword = "one_time_password",
        /// Opens a form.
        Flow = "flow",
        /// Something that cannot be sent from here.
        Other = "other",
    }

    /// Who may use a template.
    TemplateAccess {
        /// Everybody of the team.
        Everybody = "everybody",
        /// Admins only.
        Admins = "admins",
        /// Admins, and the users who are named.
        Users = "users",
    }
}

/// What an approved message looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TemplateShape {
    /// What stands above its words.
    pub header: Option<ShapeHeader>,
    /// Its words.
    pub body: Option<ShapeText>,
    /// What stands small below them.
    pub footer: Option<String>,
    /// Its buttons, in order.
    pub buttons: Vec<ShapeButton>,
    /// Its cards, in order.
    pub carousel: Vec<ShapeCard>,
}

/// A text with places to fill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ShapeText {
    /// With `{{1}}` or `{{name}}` where a value goes.
    pub text: String,
    /// What might stand there, by what stands between the braces.
    pub examples: BTreeMap<String, String>,
}

/// What stands above the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShapeHeader {
    /// What it is.
    pub format: HeaderFormat,
    /// Its text, if it is one.
    #[serde(default)]
    pub text: Option<ShapeText>,
    /// A sample, for whoever approves it: the id of a file uploaded here (only in a new template).
    #[serde(default)]
    pub sample: Option<i64>,
}

/// One button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShapeButton {
    /// What it does.
    pub kind: ButtonKind,
    /// What stands on it.
    #[serde(default)]
    pub text: String,
    /// `url`: the address, with `{{1}}` at its end where a value goes.
    #[serde(default)]
    pub url: Option<String>,
    /// `phone`: the number.
    #[serde(default)]
    pub phone: Option<String>,
    /// `url`, `copy_code`: what might stand there.
    #[serde(default)]
    pub example: Option<String>,
    /// `flow`: which form.
    #[serde(default)]
    pub flow_id: Option<String>,
}

/// One card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ShapeCard {
    /// Its picture or film.
    pub header: Option<ShapeHeader>,
    /// Its words.
    pub body: Option<ShapeText>,
    /// Its buttons, in order.
    pub buttons: Vec<ShapeButton>,
}

/// A template as its platform tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformTemplate {
    /// The platform's id.
    pub platform_id: String,
    /// Its name.
    pub name: String,
    /// Its language code.
    pub language: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED` …: the platform's word.
    pub status: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub category: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`.
    pub quality: Option<String>,
    /// Why it was refused or paused.
    pub reason: Option<String>,
    /// Whether its places are named rather than numbered.
    pub is_named: bool,
    /// What it looks like.
    pub shape: TemplateShape,
}

/// A template of ours: what the platform tells, and what our admins say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTemplate {
    /// Unique in the server.
    pub id: i64,
    /// As the platform told it last.
    pub told: PlatformTemplate,
    /// What our people call it.
    pub title: Option<String>,
    /// Whether it is kept from everybody who writes.
    pub is_hidden: bool,
    /// Who may use it.
    pub access: TemplateAccess,
    /// Whom it is granted to, if not to everybody.
    pub granted_to: Vec<UserId>,
    /// Of which moment the platform told where it stands.
    pub status_at: Timestamp,
    /// When anything of it last changed here.
    pub updated_at: Timestamp,
}

impl KnownTemplate {
    /// Whether somebody may use it.
    pub fn is_for(&self, user: UserId, is_admin: bool) -> bool {
        is_admin
            || match self.access {
                TemplateAccess::Everybody => true,
                TemplateAccess::Admins => false,
                TemplateAccess::Users => self.granted_to.contains(&user),
            }
    }

    /// What people call it.
    pub fn shown_name(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.told.name)
    }
}

/// What a platform tells of one template by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateNews {
    /// The platform's id.
    pub platform_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its language code.
    pub language: String,
    /// What is new of it.
    pub change: TemplateChange,
}

/// What is new of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateChange {
    /// Where it stands, and why.
    Status {
        /// The platform's word.
        status: String,
        /// The platform's reason.
        reason: Option<String>,
    },
    /// How customers take it.
    Quality(String),
    /// Which kind of message it counts as.
    Category(String),
    /// Its words or buttons: what they are now must be asked for.
    Content,
}

/// Whether a template that stands so can be sent.
pub fn can_be_sent(status: &str) -> bool {
    matches!(status, "APPROVED" | "FLAGGED")
}

/// What stands between double braces, each once, in order.
pub fn placeholders(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        let name = name.trim().to_owned();
        if !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
        rest = behind;
    }
    found
}
