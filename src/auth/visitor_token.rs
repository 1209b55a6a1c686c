//! What a visitor of the web chat is known by the next time: a name, when the token was given, and our
//! signature over both, for one channel. Never whether the name has ended since: the rows say that.

use super::Vault;
use crate::domain::{ChannelId, Timestamp};
use std::time::Duration;

/// A token that was not used for so long opens nothing any more.
const UNUSED: Duration = Duration::from_hours(24 * 365);
/// A token that is older is given anew whenever its visitor comes.
const RENEWED: Duration = Duration::from_hours(24 * 30);
/// What a token begins with that says when it was given; a visitor's name never does.
const DATED: u8 = 1;
/// Until when tokens count that earlier releases gave, which do not say when: 1 December 2027.
const UNDATED_UNTIL: Timestamp = Timestamp(1_827_619_200_000);

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorToken {
    /// What the visitor is known by.
    pub visitor: String,
    /// When it was given; none: by an earlier release.
    pub given_at: Option<Timestamp>,
}

fn purpose(channel: ChannelId) -> String {
    format!("visitor of {channel}")
}

impl VisitorToken {
    /// Gives one.
    pub fn give(vault: &Vault, channel: ChannelId, visitor: &str, now: Timestamp) -> String {
        let payload = [&[DATED], now.0.to_be_bytes().as_slice(), visitor.as_bytes()].concat();
        vault.sign(&purpose(channel), &payload)
    }

    /// Reads one: ours, of this channel, and not too old.
    pub fn read(vault: &Vault, channel: ChannelId, token: &str, now: Timestamp) -> Option<Self> {
        let payload = vault.verify(&purpose(channel), token)?;
        let (visitor, given_at) = match payload.strip_prefix(&[DATED]) {
            Some(dated) => {
                let (at, visitor) = dated.split_first_chunk::<8>()?;
                (visitor.to_vec(), Some(Timestamp(i64::from_be_bytes(*at))))
            }
            None => (payload, None),
        };
        let counts = given_at.map_or(now < UNDATED_UNTIL, |at| now < at.plus(UNUSED));
        Some(Self { visitor: String::from_utf8(visitor).ok()?, given_at }).filter(|_| counts)
    }

    /// Whether its visitor had better get a new one.
    pub fn is_worn(&self, now: Timestamp) -> bool {
        self.given_at.is_none_or(|at| now >= at.plus(RENEWED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    #[test]
    fn a_token_is_of_one_channel_and_ends_after_a_year_without_use() {
        let vault = Vault::new(&SecretString::from("a key for tests, forty characters long..."));
        let (channel, begun) = (ChannelId(5), Timestamp(1_796_000_000_000));
        let token = VisitorToken::give(&vault, channel, "v-1", begun);
        let read = |token: &str, channel, now| VisitorToken::read(&vault, channel, token, now);
        let known = read(&token, channel, begun).expect("ours");
        assert_eq!((known.visitor.as_str(), known.given_at), ("v-1", Some(begun)));
        assert!(!known.is_worn(begun) && known.is_worn(begun.plus(RENEWED)));
        assert!(read(&token, channel, begun.plus(UNUSED).minus(Duration::from_secs(1))).is_some());
        assert_eq!(read(&token, channel, begun.plus(UNUSED)), None);
        assert_eq!(read(&token, ChannelId(6), begun), None);
        let undated = vault.sign("visitor of 5", b"v-2");
        assert!(read(&undated, channel, begun).is_some_and(|known| known.is_worn(begun)));
        assert_eq!(read(&undated, channel, UNDATED_UNTIL), None);
    }
}
