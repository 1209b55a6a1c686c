//! What a customer agreed to or withdrew, for which purpose, and the words by which they say stop. Never a
//! guess: only a message that is the word and nothing else.

use super::text;
use super::time::Timestamp;
use super::words::words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

words! {
    /// What somebody agreed to.
    ConsentPurpose {
        /// Offers: templates of the category MARKETING, and broadcasts that are marked so.
        Marketing = "marketing",
        /// To be called by us: what the customer answered when their platform asked them.
        Calls = "calls",
    }

    /// Whether a customer agrees.
    ConsentState {
        /// They agreed.
        Granted = "granted",
        /// They want none.
        Withdrawn = "withdrawn",
    }

    /// How it became known.
    ConsentSource {
        /// A colleague noted it, or a program with their token.
        User = "user",
        /// The customer wrote the word.
        Customer = "customer",
        /// The customer told their platform.
        Platform = "platform",
    }
}

/// What a customer agreed to or withdrew, and how that became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Consent {
    /// For what.
    pub purpose: ConsentPurpose,
    /// Whether they agree.
    pub state: ConsentState,
    /// How that became known.
    pub source: ConsentSource,
    /// Since when.
    pub at: Timestamp,
    /// Until when; null: it does not end by itself.
    pub expires_at: Option<Timestamp>,
}

/// The usual words, folded: English, German, Spanish, French, Indonesian, Italian, Portuguese, Arabic.
const STOP: &[&str] = &[
    "stop",
    "stop all",
    "stopall",
    "stop promotions",
    "unsubscribe",
    "opt out",
    "optout",
    "stopp",
    "abmelden",
    "abbestellen",
    "baja",
    "parar",
    "darse de baja",
    "cancelar suscripcion",
    "arret",
    "arreter",
    "desabonner",
    "desinscription",
    "berhenti",
    "henti",
    "basta",
    "disiscrivimi",
    "annulla iscrizione",
    "sair",
    "pare",
    "descadastrar",
    "cancelar inscricao",
    "إيقاف",
    "ايقاف",
    "توقف",
    "إلغاء الاشتراك",
    "الغاء الاشتراك",
];

/// Whether a message is the word by which somebody wants no offers any more, and nothing else.
pub fn says_stop(message: &str) -> bool {
    let is_around = |sign: char| sign.is_whitespace() || "\"'“”«»‹›*_.!¡".contains(sign);
    let bare = message.trim_matches(is_around);
    if bare.is_empty() || bare.chars().count() > 40 {
        return false;
    }
    let said = text::fold(bare).split_whitespace().collect::<Vec<_>>().join(" ");
    STOP.iter().any(|word| text::fold(word) == said)
}

#[cfg(test)]
mod tests {
    use super::says_stop;

    #[test]
    fn only_the_word_itself_is_a_stop() {
        for word in ["STOP", " stop. ", "Stop!", "«Arrêt»", "SAIR", "Baja", "Abmelden", "stop  ALL", "إيقاف"]
        {
            assert!(says_stop(word), "{word}");
        }
        for words in [
            "stop, he is not coming",
            "please stop",
            "non-stop",
            "When does the bus stop?",
            "stop stop",
            "don't stop",
            "",
            "!",
            "🛑",
        ] {
            assert!(!says_stop(words), "{words}");
        }
    }
}
