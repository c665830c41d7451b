//! Randomness, injected so that tests and demonstrations are reproducible.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A source of cryptographic randomness.
pub trait Rng: Send + Sync + fmt::Debug {
    /// Fills `out` with random bytes.
    fn fill(&self, out: &mut [u8]);
}

/// `N` random bytes.
pub fn bytes<const N: usize>(rng: &dyn Rng) -> [u8; N] {
    let mut out = [0; N];
    rng.fill(&mut out);
    out
}

/// A uniform decimal code of `digits` digits (1 to 9), by rejection of the biased tail.
pub fn decimal_code(rng: &dyn Rng, digits: u32) -> String {
    let bound = 10_u32.pow(digits.clamp(1, 9));
    let limit = u32::MAX - u32::MAX % bound;
    loop {
        let n = u32::from_le_bytes(bytes::<4>(rng));
        if n < limit {
            return format!("{:0width$}", n % bound, width = digits as usize);
        }
    }
}

/// The operating system's generator.
#[derive(Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    #[allow(clippy::disallowed_methods)] // the one place that asks the machine for randomness
    fn fill(&self, out: &mut [u8]) {
        // aws-lc aborts the process rather than return weak bytes; an error here has no safe continuation.
        if aws_lc_rs::rand::fill(out).is_err() {
            std::process::abort();
        }
    }
}

/// A deterministic generator, for tests and `--seed` demonstrations only.
pub struct SeededRng(Mutex<ChaCha20Rng>);

impl SeededRng {
    /// The stream of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }
}

impl fmt::Debug for SeededRng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededRng")
    }
}

impl Rng for SeededRng {
    fn fill(&self, out: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_asked_length_and_keep_leading_zeros() {
        let rng = SeededRng::new(7);
        let codes: Vec<String> = (0..2_000).map(|_| decimal_code(&rng, 6)).collect();
        assert!(codes.iter().all(|c| c.len() == 6 && c.bytes().all(|b| b.is_ascii_digit())));
        assert!(codes.iter().any(|c| c.starts_with('0')));
    }
}
