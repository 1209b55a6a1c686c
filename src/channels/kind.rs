//! All that is to know of a kind of channel: one value each, `KIND`, in the platform's own folder. The server
//! asks it, `GET /api/v1/channel-kinds` shows it, and nothing else in the product knows a kind by its name.

use super::file_limits::Takes;
use super::text_limits::{Limit, TooLong};
use super::webhook::Webhook;
use crate::domain::inbound::{AttachmentKind, IdentityKind};
use crate::domain::outbound::{OutboundMedia, Part};
use crate::domain::{ChannelKind, PlatformCheck};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// A kind of channel. What only one platform does differently is a fact here, too, named for what it means.
#[derive(Debug)]
pub struct Kind {
    /// Its name in rows, addresses and JSON.
    pub kind: ChannelKind,
    /// What its owner calls it; a new channel is called so if nobody names it.
    pub title: &'static str,
    /// How long a text may be.
    pub text: Limit,
    /// What may be said under a file; none: it has no captions.
    pub caption: Option<Caption>,
    /// What files go as, the first that fits; what fits nowhere is left for the platform to judge. None:
    /// every file goes.
    pub files: &'static [Takes],
    /// What else it can do.
    pub abilities: &'static [Ability],
    /// Which marks it shows as bold, italic and the like.
    pub formatting: Formatting,
    /// How long one may write freely after the customer wrote; none: always.
    pub window: Option<Window>,
    /// How fast we send.
    pub rates: Rates,
    /// How long the answer to a send that was lost may still be proved, by an echo or a receipt.
    pub proof: Duration,
    /// What one is asked for who connects such a channel.
    pub fields: &'static [Field],
    /// The credentials without which it does not work.
    pub needs: &'static [&'static str],
    /// The credential that is made up here where none is given: what the other side must repeat to us.
    pub makes: &'static str,
    /// Whether its customers are visitors of our own widget: there is no account and no platform elsewhere,
    /// and what is written is simply there.
    pub has_widget: bool,
    /// How the platform calls us; none: nobody does.
    pub webhook: Option<Webhook>,
    /// What a customer is known by to whoever writes first.
    pub address: Address,
    /// The names of people of whom the platform tells more when it is asked.
    pub tells_of: &'static [IdentityKind],
    /// Whether each message says its sender's name: what is asked for later only fills what is missing.
    pub names_with_messages: bool,
    /// Whether a receipt that names one message means all before it.
    pub receipts_reach_back: bool,
    /// Whether a group has topics, so that an answer goes where the question stood.
    pub has_topics: bool,
    /// Whether telling that somebody types needs the customer's last message and marks it as read.
    pub typing_marks_read: bool,
    /// What is asked of the platform now and then.
    pub checks: &'static [PlatformCheck],
}

/// What may be said under a file.
#[derive(Debug, Clone, Copy)]
pub struct Caption {
    /// How much.
    pub limit: Limit,
    /// Under which files.
    pub under: &'static [AttachmentKind],
}

/// What else a channel can do, beside words and files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChannelAbility)]
pub enum Ability {
    /// An answer names the message it answers.
    Quote,
    /// A message is answered by a sign.
    Reaction,
    /// A recording is a voice note.
    Voice,
    /// A place on the map.
    Location,
    /// A card with numbers.
    Contact,
    /// Messages approved beforehand.
    Template,
    /// The customer is told that we read.
    Receipt,
    /// The customer is told that somebody types.
    Typing,
    /// What was sent is offered for change.
    Edit,
    /// We may write first, to somebody who never wrote.
    FirstContact,
}

/// Which marks a platform shows as bold, italic, struck and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TextFormatting)]
pub enum Formatting {
    /// None: a text is shown as it was typed.
    None,
    /// `*bold*`, `_italic_`, `~struck~` and code.
    Marks,
    /// These, and lines that begin with `> ` are quotes.
    MarksAndQuotes,
}

/// What a customer is known by to whoever writes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CustomerAddress)]
pub enum Address {
    /// A telephone number.
    Phone,
    /// The platform's own id.
    Id,
}

/// The time for free words.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = WriteWindow)]
pub struct Window {
    /// How many hours after the customer wrote.
    pub hours: u32,
    /// What is possible after it.
    pub then: After,
    /// Whether a referral without a word opens it as well.
    #[serde(skip)]
    pub opens_by_referral: bool,
}

/// What is possible when the time for free words is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AfterWindow)]
pub enum After {
    /// A message that was approved beforehand.
    Template,
    /// A person's answer, for 7 days (docs/platforms.md 3.5, 4).
    HumanAgent,
}

/// How fast we send.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = SendRates)]
pub struct Rates {
    /// Messages a second over one channel.
    pub channel_per_second: u32,
    /// One message to a customer in so many milliseconds …
    pub recipient_every_ms: u64,
    /// … and so many at once before.
    pub recipient_burst: u32,
}

/// Something one is asked for who connects a channel.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = ChannelField)]
pub struct Field {
    /// How it is called in `POST /api/v1/channels`.
    #[schema(value_type = String)]
    pub name: &'static str,
    /// Where it stands there.
    pub place: Place,
    /// What it looks like.
    pub form: Form,
    /// What may be chosen, the usual one first; none: it is no choice.
    #[schema(value_type = Vec<String>)]
    pub choices: &'static [&'static str],
    /// Whether there is no channel without it.
    pub is_required: bool,
    /// Whether another value means another account, or another way to it: what was tested before says
    /// nothing.
    #[serde(skip)]
    pub names_account: bool,
}

/// Where a field stands in the body of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FieldPlace)]
pub enum Place {
    /// `external_id` itself.
    Account,
    /// In `options`.
    Option,
    /// In `credentials`.
    Credential,
}

/// What a field's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FieldForm)]
pub enum Form {
    /// A text.
    Text,
    /// A text that nobody should see.
    Secret,
    /// One of the choices.
    Choice,
    /// True or false.
    Flag,
    /// A list of origins.
    Sites,
}

impl Field {
    const fn of(name: &'static str, place: Place, form: Form) -> Self {
        Self { name, place, form, choices: &[], is_required: false, names_account: false }
    }

    /// The account's id, which must be given.
    pub const fn account() -> Self {
        Self { is_required: true, ..Self::of("external_id", Place::Account, Form::Text) }
    }

    /// A credential without which the channel does not work.
    pub const fn secret(name: &'static str) -> Self {
        Self { is_required: true, ..Self::optional_secret(name) }
    }

    /// A credential that may be missing.
    pub const fn optional_secret(name: &'static str) -> Self {
        Self::of(name, Place::Credential, Form::Secret)
    }

    /// A credential that everybody may see.
    pub const fn public(name: &'static str) -> Self {
        Self::of(name, Place::Credential, Form::Text)
    }

    /// The id of what stands beside the account or above it.
    pub const fn asset(name: &'static str) -> Self {
        Self { names_account: true, ..Self::of(name, Place::Option, Form::Text) }
    }

    /// A way to the account, the usual one first.
    pub const fn choice(name: &'static str, choices: &'static [&'static str]) -> Self {
        Self { choices, names_account: true, ..Self::of(name, Place::Option, Form::Choice) }
    }

    /// Something that is so or not.
    pub const fn flag(name: &'static str) -> Self {
        Self::of(name, Place::Option, Form::Flag)
    }

    /// A list of origins.
    pub const fn sites(name: &'static str) -> Self {
        Self::of(name, Place::Option, Form::Sites)
    }
}

impl Window {
    /// How long it is open.
    pub fn length(self) -> Duration {
        Duration::from_hours(self.hours.into())
    }
}

impl Kind {
    /// Whether it can do something.
    pub fn can(&self, ability: Ability) -> bool {
        self.abilities.contains(&ability)
    }

    /// Whether messages go out by the outbox, to a platform.
    pub fn uses_outbox(&self) -> bool {
        !self.has_widget
    }

    /// Whether a person may answer for 7 days after the window, with a tag (docs/platforms.md 3.5, 4).
    pub fn has_human_agent_tag(&self) -> bool {
        self.window.is_some_and(|window| window.then == After::HumanAgent)
    }

    /// Whether a text of this length goes.
    pub fn check_text(&self, text: &str) -> Result<(), TooLong> {
        self.text.check(self.kind, text)
    }

    /// Whether words of this length go under a file.
    pub fn check_caption(&self, words: &str) -> Result<(), TooLong> {
        let limit = self.caption.map_or(Limit::characters(0), |caption| caption.limit);
        limit.check(self.kind, words)
    }

    /// Whether words are shown under a file of this kind.
    pub fn takes_caption(&self, file: AttachmentKind) -> bool {
        self.caption.is_some_and(|caption| caption.under.contains(&file))
    }

    /// As what a file goes; what fits nowhere is left for the platform to judge, as a document.
    pub fn goes_as(&self, media: &OutboundMedia) -> AttachmentKind {
        let found = self.files.iter().find(|takes| takes.fits(media));
        found.map_or(AttachmentKind::Document, |takes| takes.kind)
    }

    /// The requests one message becomes: words go under the only file where the platform has
    /// captions and they fit, else before the files; one file a request.
    pub fn parts(&self, text: Option<&str>, mut files: Vec<OutboundMedia>) -> Vec<Part> {
        let text = text.filter(|text| !text.is_empty());
        if let ([only], Some(words)) = (&mut files[..], text)
            && self.takes_caption(only.kind)
            && self.check_caption(words).is_ok()
        {
            only.caption = Some(words.to_owned());
            return files.into_iter().map(Part::Media).collect();
        }
        text.map(|text| Part::Text(text.to_owned()))
            .into_iter()
            .chain(files.into_iter().map(Part::Media))
            .collect()
    }

    /// The credentials that it may have, by their names.
    pub fn credentials(&self) -> impl Iterator<Item = &'static str> {
        let given = self.fields.iter().filter(|field| field.place == Place::Credential);
        given.map(|field| field.name).chain(self.needs.iter().copied()).chain([self.makes])
    }

    /// The credentials that may prove a call of its platform.
    pub fn secrets(&self) -> &'static [&'static str] {
        match &self.webhook {
            Some(webhook) => webhook.secrets,
            None => &[],
        }
    }
}
