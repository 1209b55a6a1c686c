//! The voice note of the demo: something that sounds like speech from afar, made here. Nobody's voice.

use bytes::Bytes;
use std::f32::consts::TAU;

/// Samples in a second.
const RATE: u16 = 16_000;
const SECONDS: u16 = 7;
/// Syllables: how high, and whether a pause follows.
const MELODY: [(f32, bool); 24] = [
    (190.0, false),
    (205.0, true),
    (180.0, false),
    (196.0, false),
    (174.0, true),
    (200.0, false),
    (186.0, false),
    (178.0, false),
    (164.0, true),
    (210.0, false),
    (198.0, false),
    (188.0, false),
    (192.0, false),
    (170.0, true),
    (184.0, false),
    (206.0, false),
    (190.0, false),
    (176.0, false),
    (160.0, true),
    (195.0, false),
    (215.0, true),
    (188.0, false),
    (172.0, false),
    (150.0, true),
];
/// The overtones of a voice, each less loud than the one before.
const OVERTONES: [(f32, f32); 5] = [(1.0, 0.5), (2.0, 0.3), (3.0, 0.22), (4.0, 0.12), (6.0, 0.06)];

/// It as a WAV file.
pub fn recording() -> Bytes {
    let count = u32::from(RATE) * u32::from(SECONDS);
    let size = count * 2;
    let mut bytes = Vec::with_capacity(44 + size as usize);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + size).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    bytes.extend_from_slice(&16_u32.to_le_bytes());
    // Uncompressed, one channel, 16 bits.
    for part in [1_u16, 1] {
        bytes.extend_from_slice(&part.to_le_bytes());
    }
    bytes.extend_from_slice(&u32::from(RATE).to_le_bytes());
    bytes.extend_from_slice(&(u32::from(RATE) * 2).to_le_bytes());
    for part in [2_u16, 16] {
        bytes.extend_from_slice(&part.to_le_bytes());
    }
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&size.to_le_bytes());
    for at in 0..count {
        bytes.extend_from_slice(&sample(at).to_le_bytes());
    }
    bytes.into()
}

// A recording of seconds is exact in a float, and what is clamped fits a sample.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as said"
)]
fn sample(at: u32) -> i16 {
    let time = at as f32 / f32::from(RATE);
    let syllable = time / f32::from(SECONDS) * MELODY.len() as f32;
    let (pitch, pauses) = MELODY[(syllable as usize).min(MELODY.len() - 1)];
    let part = syllable.fract();
    let length = if pauses { 0.62 } else { 0.95 };
    let loud = if part < length { (part / length * TAU / 2.0).sin().powf(0.6) } else { 0.0 };
    let tone: f32 = OVERTONES
        .iter()
        .map(|(times, loud)| (TAU * pitch * times * time + 2.0 * (time * 5.0).sin()).sin() * loud)
        .sum();
    (tone * loud * 14_000.0).clamp(-32_000.0, 32_000.0) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_long_as_it_says() {
        let bytes = recording();
        assert_eq!(&bytes[..4], b"RIFF");
        assert_eq!(bytes.len(), 44 + usize::from(RATE) * usize::from(SECONDS) * 2);
        assert!(bytes[44..].iter().any(|byte| *byte != 0), "it can be heard");
    }
}
