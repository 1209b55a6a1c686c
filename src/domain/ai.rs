//! How far the work of models came, and whether they answer at all.

use super::words::words;

words! {
    /// Whether a model answers.
    AiMode {
        /// Not at all.
        Off = "off",
        /// It writes, a person sends.
        Draft = "draft",
        /// By itself.
        Auto = "auto",
    }

    /// How far an answer of a model came.
    TurnState {
        /// Waits for another try.
        Waiting = "waiting",
        /// A worker asks the model.
        Running = "running",
        /// A person must send or discard it.
        Drafted = "drafted",
        /// It is a message.
        Sent = "sent",
        /// A person did not want it.
        Discarded = "discarded",
        /// Somebody wrote in between, or there was nothing to answer.
        Withheld = "withheld",
        /// The model gave no answer.
        Failed = "failed",
    }

    /// How far the words of a recording came.
    TranscriptState {
        /// Waits to be heard, or for another try.
        Waiting = "waiting",
        /// The endpoint hears it.
        Running = "running",
        /// The words are there, or there are none in it.
        Done = "done",
        /// The endpoint gave no words.
        Failed = "failed",
    }
}
