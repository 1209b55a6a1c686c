//! Chance that can be repeated: a seed makes the same throws. Never a source of secrets.

/// xorshift64*: Marsaglia 2003, Vigna 2016.
pub struct Dice(u64);

impl Dice {
    /// The seed of `RAPPORT_TESTS_SEED`, or a new one; printed, so that a failure can be repeated.
    pub fn new(story: &str) -> Self {
        let given = std::env::var("RAPPORT_TESTS_SEED").ok().and_then(|seed| seed.parse().ok());
        let fresh = || getrandom::u64().expect("the system has entropy") >> 1;
        let seed: u64 = given.unwrap_or_else(fresh);
        eprintln!("{story}: RAPPORT_TESTS_SEED={seed}");
        Self(seed | 1)
    }

    /// A number in `0..below`.
    pub fn throw(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % below
    }
}
