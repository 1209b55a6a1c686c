//! The words in which the send gate answers: a decision, one reason, what can be done instead. Closed lists:
//! programs may rely on them.

use crate::domain::words::words;

words! {
    /// What becomes of something that is to be sent.
    SendDecision {
        /// Nothing speaks against it.
        Allowed = "allowed",
        /// It is sent, and may not arrive, or not at once.
        Warn = "warn",
        /// It is not sent.
        Refuse = "refuse",
    }

    /// The one reason that counts most.
    SendReason {
        /// The same message was written before, under this `client_id`.
        AlreadyWritten = "already_written",
        /// Another message has this `client_id`.
        ClientIdTaken = "client_id_taken",
        /// The conversation goes on in another one.
        ConversationMerged = "conversation_merged",
        /// The channel was disconnected.
        ChannelGone = "channel_gone",
        /// We blocked the customer.
        CustomerBlocked = "customer_blocked",
        /// The customer is marked as spam: nothing is said by itself, and a person is warned.
        Spam = "spam",
        /// The text is longer than the channel takes.
        TooLong = "too_long",
        /// The channel takes nothing of this kind.
        NotOnThisChannel = "not_on_this_channel",
        /// It is no template that could be sent like this.
        BadTemplate = "bad_template",
        /// The account has no such template.
        TemplateUnknown = "template_unknown",
        /// The template waits for its approval, or was switched off.
        TemplateNotApproved = "template_not_approved",
        /// The platform rejected the template.
        TemplateRejected = "template_rejected",
        /// The platform paused the template.
        TemplatePaused = "template_paused",
        /// The customer wants no offers.
        OptedOut = "opted_out",
        /// The channel is switched off: what is written waits.
        ChannelOff = "channel_off",
        /// The channel waits for an admin: what is written waits, too.
        ChannelPaused = "channel_paused",
        /// The customer blocked us, or is gone.
        CustomerUnreachable = "customer_unreachable",
        /// The time for free words is over.
        WindowClosed = "window_closed",
        /// The time for free words is over; a person may still answer.
        HumanAgentWindow = "human_agent_window",
        /// The platform rates the number as bad.
        QualityLow = "quality_low",
        /// The number has written to as many people as it may for now.
        TierReached = "tier_reached",
        /// Nobody noted that the customer wants offers.
        NoConsent = "no_consent",
        /// So much was sent that more waits for its turn.
        BudgetSpent = "budget_spent",
    }

    /// What can be done instead.
    SendAlternative {
        /// Send a template, or another one.
        SendTemplate = "send_template",
        /// Wait until the moment in `until`.
        WaitUntil = "wait_until",
        /// Write where the customer can be reached on another channel.
        ChooseOtherChannel = "choose_other_channel",
        /// Ask the customer, and note what they say.
        AskConsent = "ask_consent",
        /// Unblock the customer.
        Unblock = "unblock",
        /// Mark the customer as no spam.
        NotSpam = "not_spam",
        /// An admin connects the channel again, or switches it on.
        ReconnectChannel = "reconnect_channel",
        /// Leave a note for colleagues.
        NoteInstead = "note_instead",
        /// Go on in the conversation that this one became.
        OpenMerged = "open_merged",
        /// Send the text as several messages.
        SendInParts = "send_in_parts",
    }
}
