//! Whether something may be sent: one decision with one reason and the lawful alternatives, from plain facts.
//! What is known for sure refuses; what only the platform can know warns, and the platform has the last
//! word. Never a look-up: `thread/send_gate.rs` gathers the facts, and every path asks there.

mod reason;

use super::consent::ConsentState;
use super::ids::ConversationId;
use super::message::Origin;
use super::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

pub use reason::{SendAlternative, SendDecision, SendReason};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// A person, or a program in their name.
    Person,
    /// A flow or a model, by itself.
    Automatic,
}

impl Speaker {
    /// Who speaks in what came from there.
    pub fn of(origin: Origin) -> Self {
        if matches!(origin, Origin::Flow | Origin::Ai) { Self::Automatic } else { Self::Person }
    }
}

/// What is to be said, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A note among colleagues.
    Note,
    /// Words, files, a place, a card: whatever is nobody's template.
    Free,
    /// A template; none: nothing is known of it here, and the platform judges.
    Template(Option<TemplateState>),
}

/// What is known of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateState {
    /// What its platform said of it last.
    pub standing: TemplateStanding,
    /// Whether it is of the category MARKETING.
    pub is_marketing: bool,
}

/// What a platform said of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateStanding {
    /// It may be sent.
    Approved,
    /// It waits for its approval, or was switched off.
    NotApproved,
    /// It was rejected.
    Rejected,
    /// It is paused.
    Paused,
    /// The account has none of this name and language any more.
    Unknown,
}

impl TemplateStanding {
    /// What WhatsApp's word for it means (docs/platforms.md, templates).
    pub fn of(status: &str) -> Self {
        match status {
            "APPROVED" | "FLAGGED" => Self::Approved,
            "REJECTED" => Self::Rejected,
            "PAUSED" => Self::Paused,
            "DELETED" | "PENDING_DELETION" => Self::Unknown,
            _ => Self::NotApproved,
        }
    }
}

/// What a channel would not take: the reason, and words that say how much or what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// `TooLong`, `NotOnThisChannel` or `BadTemplate`.
    pub reason: SendReason,
    /// For people: what is wrong and what to do.
    pub words: String,
}

/// Something that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who speaks.
    pub speaker: Speaker,
    /// What it is.
    pub what: What,
    /// The name and the language of the template that it is, for the words.
    pub template: Option<(String, String)>,
    /// Whether it is part of a broadcast that is marked as marketing.
    pub is_marketing: bool,
    /// What its channel would not take of it.
    pub misfit: Option<Misfit>,
}

impl Asked {
    /// Free words.
    pub fn free(speaker: Speaker) -> Self {
        Self { speaker, what: What::Free, template: None, is_marketing: false, misfit: None }
    }

    /// Whether it is an offer: nothing else is.
    pub fn is_offer(&self) -> bool {
        self.is_marketing
            || matches!(self.what, What::Template(Some(TemplateState { is_marketing: true, .. })))
    }
}

/// Whether its `client_id` was seen before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Repeated {
    /// It is new, or there is none.
    #[default]
    No,
    /// The same message was written under it.
    Same,
    /// Another message was written under it.
    Other,
}

/// How the channel of a conversation stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChannelStanding {
    /// It sends.
    #[default]
    Active,
    /// A broken token: it keeps what is written until an admin mends it.
    Paused,
    /// It was switched off: it keeps what is written, too.
    Off,
    /// It was disconnected.
    Gone,
}

/// Until when the platform takes free words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WindowStanding {
    /// Always.
    #[default]
    Unlimited,
    /// Until then.
    Open(Timestamp),
    /// Not any more, but of a person until then.
    OfPerson(Timestamp),
    /// Not any more, or not yet.
    Closed,
}

/// What the platform said of the number, where it said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberTrouble {
    /// People block it or report it.
    LowQuality,
    /// It has written to as many people as it may for now.
    LimitReached,
}

/// What there is to know of a conversation when something is to be sent in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// It is among colleagues.
    pub is_direct: bool,
    /// It goes on there.
    pub merged_into: Option<ConversationId>,
    /// How its channel stands.
    pub channel: ChannelStanding,
    /// Whether the channel has templates.
    pub has_templates: bool,
    /// Whether we blocked the customer.
    pub is_blocked: bool,
    /// Whether what the customer writes is spam.
    pub is_spam: bool,
    /// Whether the customer blocked us, or is gone.
    pub is_unreachable: bool,
    /// Whether the customer wants offers; none: nobody noted it.
    pub marketing: Option<ConsentState>,
    /// Until when free words are taken.
    pub window: WindowStanding,
    /// What the platform said of the number; none: nothing bad, or nothing.
    pub number: Option<NumberTrouble>,
    /// Until when what was written before waits for its turn.
    pub busy_until: Option<Timestamp>,
    /// Whether the customer has a conversation on another channel that sends.
    pub has_other_channel: bool,
    /// Whether its `client_id` was seen before.
    pub repeated: Repeated,
}

/// The decision, its one reason and what can be done instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SendVerdict)]
pub struct Verdict {
    /// What becomes of it.
    pub decision: SendDecision,
    /// The one that counts most; null: nothing speaks against it.
    pub reason: Option<SendReason>,
    /// What can be done instead, the best first.
    pub alternatives: Vec<SendAlternative>,
    /// When that changes, where it is known: the end of the window, or of a wait.
    pub until: Option<Timestamp>,
    /// For people: what is wrong and what to do; empty: nothing.
    #[serde(skip)]
    pub words: String,
}

/// Decides.
pub fn decide(asked: &Asked, facts: &Facts) -> Verdict {
    let refusing = refusal(asked, facts);
    let reason = refusing.or_else(|| warning(asked, facts));
    let decision = match (refusing, reason) {
        (Some(_), _) => SendDecision::Refuse,
        (None, None | Some(SendReason::AlreadyWritten)) => SendDecision::Allowed,
        (None, Some(_)) => SendDecision::Warn,
    };
    Verdict {
        decision,
        reason,
        alternatives: reason.map(|reason| alternatives(reason, facts)).unwrap_or_default(),
        until: until(asked, facts, reason),
        words: reason.map(|reason| words_for(reason, asked, facts)).unwrap_or_default(),
    }
}

/// The first that holds.
fn first<const N: usize>(table: [(bool, SendReason); N]) -> Option<SendReason> {
    table.into_iter().find(|(holds, _)| *holds).map(|(_, reason)| reason)
}

/// What is known for sure, the gravest first.
fn refusal(asked: &Asked, facts: &Facts) -> Option<SendReason> {
    let misfit = asked.misfit.as_ref();
    let unfit = (misfit.is_some(), misfit.map_or(SendReason::TooLong, |misfit| misfit.reason));
    match facts.repeated {
        Repeated::Other => return Some(SendReason::ClientIdTaken),
        Repeated::Same => return None,
        Repeated::No if facts.is_direct => return first([unfit]),
        Repeated::No => {}
    }
    let standing = match asked.what {
        What::Template(Some(state)) => state.standing,
        _ => TemplateStanding::Approved,
    };
    let by_itself = asked.speaker == Speaker::Automatic;
    let goes_out = asked.what != What::Note;
    first([
        (facts.merged_into.is_some(), SendReason::ConversationMerged),
        (goes_out && facts.channel == ChannelStanding::Gone, SendReason::ChannelGone),
        (goes_out && facts.is_blocked, SendReason::CustomerBlocked),
        (goes_out && facts.is_spam && by_itself, SendReason::Spam),
        unfit,
        (standing == TemplateStanding::Unknown, SendReason::TemplateUnknown),
        (standing == TemplateStanding::Rejected, SendReason::TemplateRejected),
        (standing == TemplateStanding::Paused, SendReason::TemplatePaused),
        (standing == TemplateStanding::NotApproved, SendReason::TemplateNotApproved),
        (asked.is_offer() && facts.marketing == Some(ConsentState::Withdrawn), SendReason::OptedOut),
    ])
}

/// What may keep it from arriving, the likeliest first.
fn warning(asked: &Asked, facts: &Facts) -> Option<SendReason> {
    if facts.repeated == Repeated::Same {
        return Some(SendReason::AlreadyWritten);
    }
    if facts.is_direct || asked.what == What::Note {
        return None;
    }
    let is_free = asked.what == What::Free;
    let of_person = matches!(facts.window, WindowStanding::OfPerson(_));
    first([
        (facts.channel == ChannelStanding::Off, SendReason::ChannelOff),
        (facts.channel == ChannelStanding::Paused, SendReason::ChannelPaused),
        (facts.is_unreachable, SendReason::CustomerUnreachable),
        (facts.is_spam, SendReason::Spam),
        (is_free && facts.window == WindowStanding::Closed, SendReason::WindowClosed),
        (is_free && of_person, SendReason::HumanAgentWindow),
        (facts.number == Some(NumberTrouble::LowQuality), SendReason::QualityLow),
        (facts.number == Some(NumberTrouble::LimitReached), SendReason::TierReached),
        (asked.is_offer() && facts.marketing.is_none(), SendReason::NoConsent),
        (facts.busy_until.is_some(), SendReason::BudgetSpent),
    ])
}

/// What can be done instead, as far as there is such a thing here.
fn alternatives(reason: SendReason, facts: &Facts) -> Vec<SendAlternative> {
    use SendAlternative as Instead;
    use SendReason as Why;
    let all: &[Instead] = match reason {
        Why::ConversationMerged => &[Instead::OpenMerged],
        Why::ChannelGone | Why::ChannelOff | Why::ChannelPaused => {
            &[Instead::ReconnectChannel, Instead::ChooseOtherChannel, Instead::NoteInstead]
        }
        Why::CustomerBlocked => &[Instead::Unblock, Instead::NoteInstead],
        Why::Spam => &[Instead::NotSpam, Instead::NoteInstead],
        Why::TooLong => &[Instead::SendInParts],
        Why::NotOnThisChannel | Why::BadTemplate => &[Instead::ChooseOtherChannel],
        Why::TemplateUnknown
        | Why::TemplateNotApproved
        | Why::TemplateRejected
        | Why::TemplatePaused
        | Why::WindowClosed => &[Instead::SendTemplate, Instead::ChooseOtherChannel, Instead::NoteInstead],
        Why::OptedOut | Why::NoConsent => &[Instead::AskConsent],
        Why::CustomerUnreachable => &[Instead::ChooseOtherChannel, Instead::NoteInstead],
        Why::TierReached => &[Instead::ChooseOtherChannel],
        Why::BudgetSpent => &[Instead::WaitUntil],
        Why::AlreadyWritten | Why::ClientIdTaken | Why::HumanAgentWindow | Why::QualityLow => &[],
    };
    let is_there = |instead: &Instead| match instead {
        Instead::SendTemplate => facts.has_templates,
        Instead::ChooseOtherChannel => facts.has_other_channel,
        _ => true,
    };
    all.iter().copied().filter(is_there).collect()
}

/// When what is decided changes, where that is known.
fn until(asked: &Asked, facts: &Facts, reason: Option<SendReason>) -> Option<Timestamp> {
    match (reason, facts.window) {
        (Some(SendReason::BudgetSpent), _) => facts.busy_until,
        (Some(SendReason::HumanAgentWindow), WindowStanding::OfPerson(end)) => Some(end),
        (None, WindowStanding::Open(end)) if asked.what == What::Free => Some(end),
        _ => None,
    }
}

/// For people: what is wrong with a template, by its name.
fn words_for_template(reason: SendReason, asked: &Asked) -> String {
    let what_is_wrong = match reason {
        SendReason::TemplateUnknown => "is not in this account",
        SendReason::TemplateRejected => "was rejected by the platform",
        SendReason::TemplatePaused => "is paused by the platform",
        _ => "is not approved",
    };
    let (name, language) = asked.template.clone().unwrap_or_default();
    format!("The template “{name}” ({language}) {what_is_wrong}. Choose another one.")
}

/// For people: what is wrong and what to do.
fn words_for(reason: SendReason, asked: &Asked, facts: &Facts) -> String {
    let words = match reason {
        SendReason::ConversationMerged => {
            let into = facts.merged_into.map_or(0, |id| id.0);
            return format!("This conversation was merged into conversation {into}. Reply there.");
        }
        SendReason::TooLong | SendReason::NotOnThisChannel | SendReason::BadTemplate => {
            return asked.misfit.as_ref().map(|misfit| misfit.words.clone()).unwrap_or_default();
        }
        SendReason::AlreadyWritten => "This message was written before. It is not sent twice.",
        SendReason::ClientIdTaken => {
            "Another message already has this client_id. Use a new one for each message."
        }
        SendReason::ChannelGone => {
            "The channel of this conversation was disconnected. Reconnect it to reply."
        }
        SendReason::CustomerBlocked => "This customer is blocked. Unblock them to write to them.",
        SendReason::Spam => "This customer is marked as spam. Mark them as not spam to write to them.",
        SendReason::TemplateUnknown
        | SendReason::TemplateNotApproved
        | SendReason::TemplateRejected
        | SendReason::TemplatePaused => return words_for_template(reason, asked),
        SendReason::OptedOut => "This customer wants no marketing messages. Send something else.",
        SendReason::ChannelOff => "This channel is turned off. The message waits until an admin turns it on.",
        SendReason::ChannelPaused => {
            "This channel is paused. The message waits until an admin reconnects it."
        }
        SendReason::CustomerUnreachable => "This customer cannot be reached on this channel any more.",
        SendReason::WindowClosed => {
            "The customer has not written lately. The platform will probably refuse free text."
        }
        SendReason::HumanAgentWindow => "Only a person may answer now, and only for a few days.",
        SendReason::QualityLow => "The platform rates this number as low. Messages may not arrive.",
        SendReason::TierReached => "This number has reached its limit. New customers may not be reached.",
        SendReason::NoConsent => "Nobody noted that this customer agreed to marketing messages.",
        SendReason::BudgetSpent => "Earlier messages are still waiting for their turn.",
    };
    words.to_owned()
}

#[cfg(test)]
mod tests;
