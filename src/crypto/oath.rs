//! Codes of OATH tokens: HOTP (RFC 4226) counts presses, TOTP (RFC 6238) counts steps of time. Both are one function of a
//! secret and a moving factor.

use std::ops::RangeInclusive;

use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use super::same;
use crate::base::Timestamp;

/// Fewest bytes of a secret (RFC 4226 §4, R6).
pub const MIN_SECRET: usize = 16;
/// Most bytes of a secret that we keep: the block of SHA-512, beyond which HMAC hashes it first.
pub const MAX_SECRET: usize = 128;

/// The hash inside the HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hash {
    /// What most tokens use. Collisions of SHA-1 do not weaken HMAC.
    #[default]
    Sha1,
    /// RFC 6238 §1.2.
    Sha256,
    /// RFC 6238 §1.2.
    Sha512,
}

impl Hash {
    /// Every hash.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// The stored name, also the one in `otpauth:` addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// Reads a name, whatever its case and its dash: `SHA1`, `sha-256`, `HMAC-SHA512`.
    pub fn parse(name: &str) -> Option<Self> {
        let name: String = name.chars().filter(|c| *c != '-').map(|c| c.to_ascii_uppercase()).collect();
        let name = name.strip_prefix("HMAC").unwrap_or(&name);
        Self::ALL.into_iter().find(|hash| hash.name() == name)
    }

    const fn algorithm(self) -> Algorithm {
        match self {
            Self::Sha1 => Algorithm::SHA1,
            Self::Sha256 => Algorithm::SHA256,
            Self::Sha512 => Algorithm::SHA512,
        }
    }
}

/// What computes codes: a secret, a hash, and the number of digits shown (6 to 8).
#[derive(Clone)]
pub struct Token {
    /// Shared with the device.
    pub secret: Zeroizing<Vec<u8>>,
    /// Of the HMAC.
    pub hash: Hash,
    /// Of a code.
    pub digits: u8,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({}, {} digits)", self.hash.name(), self.digits)
    }
}

impl Token {
    /// The code of one value of the moving factor: a counter, or a number of steps.
    pub fn code(&self, moving: u64) -> String {
        self.totp().generate(moving).to_string()
    }

    /// The first of these values whose code was typed. Every one is computed and compared, so that time does not tell
    /// which; callers leave out the values already used.
    pub fn find(&self, typed: &str, candidates: RangeInclusive<u64>) -> Option<u64> {
        let totp = self.totp();
        let mut found = None;
        for moving in candidates {
            if same(&totp.generate(moving).to_string(), typed) && found.is_none() {
                found = Some(moving);
            }
        }
        found
    }

    /// The second of two values in a row whose codes were typed one after the other (RFC 4226 §7.4, RFC 6238 §6); the first
    /// is one of these. Every one is computed and compared.
    pub fn find_pair(&self, first: &str, second: &str, candidates: RangeInclusive<u64>) -> Option<u64> {
        let totp = self.totp();
        let (mut found, mut begun) = (None, false);
        for moving in *candidates.start()..=candidates.end().saturating_add(1) {
            let code = totp.generate(moving).to_string();
            if begun & same(&code, second) && found.is_none() {
                found = Some(moving);
            }
            begun = same(&code, first) & candidates.contains(&moving);
        }
        found
    }

    /// With a step of one second, the time is the moving factor.
    fn totp(&self) -> Totp {
        let builder = Builder::new().with_algorithm(self.hash.algorithm()).with_digits(self.digits.clamp(6, 8));
        builder.with_secret(self.secret.as_slice()).with_step_duration(1).build_noncompliant()
    }
}

/// The number of whole steps of so many seconds since 1970 (RFC 6238 §4.2).
pub fn step_at(now: Timestamp, step_seconds: u64) -> u64 {
    u64::try_from(now.secs()).unwrap_or(0) / step_seconds.max(1)
}

/// The digits typed when there are as many as a code has, whatever spaces, dashes or full-width forms they came with.
/// `None` otherwise.
pub fn digits(typed: &str, count: u8) -> Option<String> {
    if typed.len() > 100 {
        return None;
    }
    let mut digits = String::with_capacity(8);
    for c in typed.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '\u{ff10}'..='\u{ff19}' => digits.push(char::from_digit(u32::from(c) - 0xff10, 10)?),
            '-' | '.' | '\u{200b}' | '\u{feff}' => {}
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    (digits.len() == usize::from(count)).then_some(digits)
}

/// Base32 without padding (RFC 4648 §6), as authenticator applications read secrets.
pub fn base32(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(totp_rs::Secret::from(bytes).to_base32())
}

/// Reads base32 in any case, with or without spaces, dashes and padding.
pub fn from_base32(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.trim_end_matches('=');
    let clean = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase());
    let clean: Zeroizing<String> = Zeroizing::new(clean.collect());
    // A last character that completes no byte means that something was lost.
    if clean.is_empty() || matches!(clean.len() % 8, 1 | 3 | 6) {
        return None;
    }
    totp_rs::Secret::try_from_base32(clean.as_str()).ok().map(|s| Zeroizing::new(s.as_ref().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(secret: &str, hash: Hash, digits: u8) -> Token {
        Token { secret: Zeroizing::new(secret.as_bytes().to_vec()), hash, digits }
    }

    const SEED: &str = "12345678901234567890";

    #[test]
    fn hotp_gives_the_codes_of_rfc_4226_appendix_d() {
        let codes = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"].map(str::to_owned);
        let token = token(SEED, Hash::Sha1, 6);
        let computed: Vec<String> = (0..10).map(|counter| token.code(counter)).collect();
        assert_eq!(computed, codes);
        for (counter, code) in (0..).zip(&codes) {
            assert_eq!(token.find(code, 0..=9), Some(counter));
            assert_eq!(token.find(code, counter + 1..=20), None, "left out");
        }
    }

    #[test]
    fn two_codes_in_a_row_are_found_and_no_other_pair() {
        let token = token(SEED, Hash::Sha1, 6);
        let pair = |a, b, range| token.find_pair(&token.code(a), &token.code(b), range);
        assert_eq!(pair(7, 8, 0..=1_000), Some(8));
        assert_eq!(pair(1_000, 1_001, 0..=1_000), Some(1_001), "the second may stand just outside");
        assert_eq!((pair(7, 8, 8..=1_000), pair(1_001, 1_002, 0..=1_000)), (None, None), "the first may not");
        assert_eq!((pair(7, 7, 0..=1_000), pair(7, 9, 0..=1_000), pair(8, 7, 0..=1_000)), (None, None, None));
    }

    #[test]
    fn totp_gives_the_codes_of_rfc_6238_appendix_b() {
        // The secrets of the reference implementation are as long as the hash: 20, 32 and 64 bytes.
        let long = SEED.repeat(4);
        let secret = |hash| match hash {
            Hash::Sha1 => &long[..20],
            Hash::Sha256 => &long[..32],
            Hash::Sha512 => &long[..64],
        };
        for (time, codes) in [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ] {
            let step = step_at(Timestamp::from_secs(time), 30);
            for (hash, code) in Hash::ALL.into_iter().zip(codes) {
                assert_eq!(token(secret(hash), hash, 8).code(step), code, "{} at {time}", hash.name());
                assert_eq!(token(secret(hash), hash, 6).code(step), code[2..], "the last six");
            }
        }
    }

    #[test]
    fn steps_are_whole_and_never_negative() {
        assert_eq!(step_at(Timestamp::from_secs(59), 30), 1);
        assert_eq!(step_at(Timestamp::from_secs(60), 60), 1);
        assert_eq!(step_at(Timestamp::from_secs(-5), 30), 0);
        assert_eq!(step_at(Timestamp::from_secs(7), 0), 7);
    }

    #[test]
    fn a_code_is_read_however_it_is_spaced_and_nothing_else_is() {
        for good in ["123456", " 123 456 ", "123\u{a0}456", "１２３４５６", "123-456"] {
            assert_eq!(digits(good, 6).as_deref(), Some("123456"), "{good}");
        }
        for bad in ["", "12345", "1234567", "12345a", "BAT99", "+12345", "²²²²²²", &" ".repeat(200)] {
            assert_eq!(digits(bad, 6), None, "{bad}");
        }
        assert_eq!(digits("00000042", 8).as_deref(), Some("00000042"));
    }

    #[test]
    fn base32_is_read_as_people_and_factories_write_it() {
        let secret = Zeroizing::new(SEED.as_bytes().to_vec());
        assert_eq!(base32(&secret).as_str(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for text in ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezd gnbv-gy3t qojq gezd gnbv gy3t qojq", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ===="]
        {
            assert_eq!(from_base32(text), Some(secret.clone()), "{text}");
        }
        for bad in ["", "====", "GEZDGNBV1", "0OI", "GEZDGN=BV", "é"] {
            assert_eq!(from_base32(bad), None, "{bad}");
        }
        assert_eq!(from_base32(&base32(&[7; 17])).unwrap().as_slice(), [7; 17]);
    }

    #[test]
    fn names_of_hashes_are_read_whatever_their_form() {
        for (name, hash) in [("SHA1", Hash::Sha1), ("sha-256", Hash::Sha256), ("HMAC-SHA512", Hash::Sha512)] {
            assert_eq!(Hash::parse(name), Some(hash));
        }
        assert_eq!(Hash::parse("MD5"), None);
        assert!(!format!("{:?}", token(SEED, Hash::Sha1, 6)).contains("1234"), "a secret is not printed");
    }
}
