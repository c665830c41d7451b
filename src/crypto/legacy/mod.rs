//! Password hashes of other systems, for people who come from them: recomputed as those systems did, within bounds.
//!
//! A hash is read by [`Foreign::parse`], which refuses what one verification could not afford. Weak ones never rest as they
//! are: [`Hasher::adopt`](super::Hasher::adopt) keeps an Argon2id hash of the digest, and the [`Recipe`] that computes the
//! digest again from a password.

mod read;
#[cfg(test)]
mod tests;

use std::fmt;
use std::num::NonZeroU32;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::{digest, pbkdf2};
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::base::encode::{b64u, from_b64u, hex};

/// The most memory one verification takes, in bytes.
pub const MEMORY: u64 = 64 << 20;

/// bcrypt reads no more of a password, in bytes.
const BCRYPT_READS: usize = 72;

/// Longest password taken by schemes that hash it again in every round, in bytes (Drupal's own limit).
const LONGEST_REPEATED: usize = 512;

/// Why a hash cannot be taken. Texts are for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// No scheme is recognised.
    #[error("of an unknown scheme; known: bcrypt, PBKDF2, scrypt, Argon2, {{SSHA}}, {{SSHA256}}, {{SSHA512}}, phpass ($P$), Drupal ($S$)")]
    Unknown,
    /// The scheme is recognised, the rest is not.
    #[error("not a well-formed {0} hash")]
    Malformed(&'static str),
    /// Verifying it once would cost too much.
    #[error("{scheme}: {what} is more than {most}, too much for one verification; without a hash, the person signs in by e-mail code")]
    Costly {
        /// Scheme.
        scheme: &'static str,
        /// Parameter, with its value.
        what: String,
        /// Bound.
        most: u64,
    },
}

/// Bytes that JSON holds as unpadded base64url.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Salt(Vec<u8>);

impl From<Salt> for String {
    fn from(salt: Salt) -> Self {
        b64u(salt.0)
    }
}

impl TryFrom<String> for Salt {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        from_b64u(&text).map(Self).ok_or("not base64url")
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Salt({})", b64u(&self.0))
    }
}

/// A hash function of the SHA family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sha {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Sha {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// Length of a digest, in bytes.
    const fn size(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    const fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    const fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }

    /// Rounds of PBKDF2 recommended today (OWASP Password Storage Cheat Sheet).
    const fn recommended_rounds(self) -> u32 {
        match self {
            Self::Sha1 => 1_300_000,
            Self::Sha256 => 600_000,
            Self::Sha384 | Self::Sha512 => 210_000,
        }
    }

    /// Rounds of PBKDF2 computed in about a second.
    const fn most_rounds(self) -> u32 {
        match self {
            Self::Sha1 | Self::Sha256 => 2_000_000,
            Self::Sha384 | Self::Sha512 => 700_000,
        }
    }
}

/// A variant of Argon2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// Argon2d.
    D,
    /// Argon2i.
    I,
    /// Argon2id.
    Id,
}

/// How a digest is computed from a password: the scheme and its parameters, without the digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scheme", rename_all = "snake_case")]
pub enum Recipe {
    /// bcrypt, of the password or of its SHA-256 in hexadecimal (Django).
    Bcrypt {
        /// Binary logarithm of the rounds.
        cost: u32,
        /// 16 bytes.
        salt: Salt,
        /// Whether the password is hashed before.
        sha256: bool,
    },
    /// PBKDF2 (RFC 8018 §5.2).
    Pbkdf2 {
        /// Under HMAC.
        hash: Sha,
        /// Rounds.
        rounds: u32,
        /// Salt.
        salt: Salt,
        /// Bytes of the digest.
        length: usize,
    },
    /// scrypt (RFC 7914).
    Scrypt {
        /// Binary logarithm of N.
        log_n: u8,
        /// Block size.
        r: u32,
        /// Parallelism.
        p: u32,
        /// Salt.
        salt: Salt,
        /// Bytes of the digest.
        length: usize,
    },
    /// Argon2 (RFC 9106), of another cost or variant than ours.
    Argon2 {
        /// Variant.
        variant: Variant,
        /// 16 or 19.
        version: u32,
        /// KiB.
        memory: u32,
        /// Passes.
        passes: u32,
        /// Lanes.
        lanes: u32,
        /// Salt.
        salt: Salt,
        /// Bytes of the digest.
        length: usize,
    },
    /// One hash of the password and a salt: LDAP's `{SSHA}` and its like.
    Salted {
        /// Hash.
        hash: Sha,
        /// Salt.
        salt: Salt,
    },
    /// phpass, portable: MD5 repeated.
    Phpass {
        /// Binary logarithm of the rounds.
        log_rounds: u32,
        /// 8 characters.
        salt: Salt,
    },
    /// Drupal 7: SHA-512 repeated, of the password or of its MD5 in hexadecimal (accounts that came from Drupal 6).
    Drupal {
        /// Binary logarithm of the rounds.
        log_rounds: u32,
        /// 8 characters.
        salt: Salt,
        /// Whether the password is hashed before.
        md5: bool,
    },
}

impl Recipe {
    /// The digest of a password; `None` when the origin would not take such a password. Takes up to a second and
    /// [`MEMORY`]: in the pool only.
    pub(super) fn digest(&self, password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let filled = |length: usize| Zeroizing::new(vec![0; length]);
        Some(match self {
            Self::Bcrypt { cost, salt, sha256 } => bcrypt_digest(*cost, salt, *sha256, password)?,
            Self::Pbkdf2 { hash, rounds, salt, length } => {
                let mut out = filled(*length);
                pbkdf2::derive(hash.pbkdf2(), NonZeroU32::new(*rounds)?, &salt.0, password, &mut out);
                out
            }
            Self::Scrypt { log_n, r, p, salt, length } => {
                let mut out = filled(*length);
                scrypt::scrypt(password, &salt.0, &scrypt::Params::new(*log_n, *r, *p).ok()?, &mut out).ok()?;
                out
            }
            Self::Argon2 { salt, length, .. } => {
                let mut out = filled(*length);
                self.argon2()?.hash_password_into(password, &salt.0, &mut out).ok()?;
                out
            }
            Self::Salted { hash, salt } => {
                let text = Zeroizing::new([password, salt.0.as_slice()].concat());
                Zeroizing::new(digest::digest(hash.digest(), &text).as_ref().to_vec())
            }
            Self::Phpass { log_rounds, salt } => {
                repeated(*log_rounds, salt, password, 22, |text| Zeroizing::new(Md5::digest(text).to_vec()))?
            }
            Self::Drupal { log_rounds, salt, md5 } => {
                let hashed = md5.then(|| Zeroizing::new(hex(&Md5::digest(password))));
                let password = hashed.as_ref().map_or(password, |h| h.as_bytes());
                let sha512 = |text: &[u8]| Zeroizing::new(digest::digest(&digest::SHA512, text).as_ref().to_vec());
                repeated(*log_rounds, salt, password, 43, sha512)?
            }
        })
    }

    fn argon2(&self) -> Option<Argon2<'static>> {
        let Self::Argon2 { variant, version, memory, passes, lanes, length, .. } = self else { return None };
        let algorithm = match variant {
            Variant::D => Algorithm::Argon2d,
            Variant::I => Algorithm::Argon2i,
            Variant::Id => Algorithm::Argon2id,
        };
        let params = Params::new(*memory, *passes, *lanes, Some(*length)).ok()?;
        Some(Argon2::new(algorithm, Version::try_from(*version).ok()?, params))
    }

    /// Whether the digest depends on the whole of this password. What it does not read may hold a slip that the person was
    /// never told of: such a password must not be hashed anew.
    pub(super) fn reads_whole(&self, password: &[u8]) -> bool {
        match self {
            Self::Bcrypt { sha256: false, .. } => password.len() < BCRYPT_READS && !password.contains(&0),
            Self::Bcrypt { sha256: true, .. }
            | Self::Pbkdf2 { .. }
            | Self::Scrypt { .. }
            | Self::Argon2 { .. }
            | Self::Salted { .. }
            | Self::Phpass { .. }
            | Self::Drupal { .. } => true,
        }
    }

    /// Whether guessing is cheaper than for hashes made today: these are never kept as they are.
    pub fn is_weak(&self) -> bool {
        match self {
            Self::Bcrypt { cost, .. } => *cost < 10,
            Self::Pbkdf2 { hash, rounds, length, .. } => *rounds < hash.recommended_rounds() || *length < 16,
            // N = 2¹⁶, r = 8, p = 1 or as much work.
            Self::Scrypt { log_n, r, p, length, .. } => ((u64::from(*r) * u64::from(*p)) << log_n) < 1 << 19 || *length < 16,
            Self::Argon2 { memory, passes, length, .. } => {
                *memory < 7_168 || u64::from(*memory) * u64::from(*passes) < 2 * 19_456 || *length < 16
            }
            Self::Salted { .. } | Self::Phpass { .. } | Self::Drupal { .. } => true,
        }
    }

    /// Refuses what one verification cannot afford.
    fn bounded(self) -> Result<Self, Unusable> {
        let within = |scheme, what: &str, value: u64, most: u64| match value <= most {
            true => Ok(()),
            false => Err(Unusable::Costly { scheme, what: format!("{what} = {value}"), most }),
        };
        match &self {
            Self::Bcrypt { cost, .. } => within("bcrypt", "cost", (*cost).into(), 13)?,
            Self::Pbkdf2 { hash, rounds, .. } => within("PBKDF2", "rounds", (*rounds).into(), hash.most_rounds().into())?,
            Self::Scrypt { log_n, r, p, .. } => {
                // Exponents and factors were bounded when they were read: nothing here overflows.
                let blocks = u64::from(*r) << log_n;
                within("scrypt", "memory in bytes", 128 * blocks, MEMORY)?;
                within("scrypt", "N × r × p", blocks * u64::from(*p), 3 << 19)?;
            }
            Self::Argon2 { memory, passes, .. } => {
                within("Argon2", "memory in KiB", (*memory).into(), MEMORY / 1024)?;
                within("Argon2", "memory × passes", u64::from(*memory) * u64::from(*passes), 8 * MEMORY / 1024)?;
            }
            Self::Salted { .. } => {}
            Self::Phpass { log_rounds, .. } => within("phpass", "binary logarithm of rounds", (*log_rounds).into(), 18)?,
            Self::Drupal { log_rounds, .. } => within("Drupal", "binary logarithm of rounds", (*log_rounds).into(), 18)?,
        }
        Ok(self)
    }
}

/// As C libraries do: the password ends at its first NUL, which counts; what follows the 72nd byte does not.
fn bcrypt_digest(cost: u32, salt: &Salt, sha256: bool, password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let hashed = sha256.then(|| Zeroizing::new(hex(digest::digest(&digest::SHA256, password).as_ref())));
    let password = hashed.as_ref().map_or(password, |h| h.as_bytes());
    let mut key: Zeroizing<Vec<u8>> = Zeroizing::new(password.iter().copied().take_while(|b| *b != 0).take(BCRYPT_READS).collect());
    if key.len() < BCRYPT_READS {
        key.push(0);
    }
    let salt: [u8; 16] = salt.0.as_slice().try_into().ok()?;
    // The last byte is not part of the text form.
    let mut out = Zeroizing::new(bcrypt::bcrypt(cost, salt, &key).to_vec());
    out.truncate(23);
    Some(out)
}

/// phpass and what Drupal 7 made of it: H(salt ‖ password), then 2ⁿ times H(digest ‖ password), as the text they store.
fn repeated(
    log_rounds: u32,
    salt: &Salt,
    password: &[u8],
    characters: usize,
    hash: impl Fn(&[u8]) -> Zeroizing<Vec<u8>>,
) -> Option<Zeroizing<Vec<u8>>> {
    if password.len() > LONGEST_REPEATED {
        return None;
    }
    let mut text = Zeroizing::new([salt.0.as_slice(), password].concat());
    let mut out = hash(&text);
    for _ in 0..1_u64 << log_rounds {
        text.clear();
        text.extend_from_slice(&out);
        text.extend_from_slice(password);
        out = hash(&text);
    }
    let mut stored = Zeroizing::new(itoa64(&out));
    stored.truncate(characters);
    Some(stored)
}

/// Base64 of crypt(3) kind: least significant six bits first.
fn itoa64(bytes: &[u8]) -> Vec<u8> {
    let three = |chunk: &[u8]| chunk.iter().rev().fold(0_u32, |all, b| all << 8 | u32::from(*b));
    let digits = |chunk: &[u8]| {
        let value = three(chunk);
        (0..=chunk.len()).filter_map(move |i| read::ITOA64.get((value >> (6 * i) & 63) as usize).copied()).collect::<Vec<u8>>()
    };
    bytes.chunks(3).flat_map(digits).collect()
}

/// A hash of another system, affordable. Only [`Foreign::parse`] makes one.
#[derive(Clone)]
pub struct Foreign {
    text: String,
    recipe: Recipe,
    digest: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Foreign").field(&self.recipe).finish()
    }
}

impl Foreign {
    /// Reads a hash as its system wrote it.
    pub fn parse(text: &str) -> Result<Self, Unusable> {
        let text = text.trim();
        let (recipe, digest) = read::read(text)?;
        Ok(Self { text: text.to_owned(), recipe: recipe.bounded()?, digest: Zeroizing::new(digest) })
    }

    /// How its digest is computed.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The digest.
    pub(super) fn digest(&self) -> &[u8] {
        &self.digest
    }

    /// As it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}
