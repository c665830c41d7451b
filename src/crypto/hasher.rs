//! Passwords: Argon2id in a bounded pool, so that a flood of sign-ins never slows tokens (DESIGN §7).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tracing::Instrument as _;
use zeroize::Zeroizing;

use super::huge_pages::HugePages;
use super::legacy::{Foreign, Recipe};
use crate::base::Secret;
use crate::base::rng::{self, Rng};
use crate::telemetry::traces;

const SALT: usize = 16;
const OUTPUT: usize = 32;

/// Cost of a hash: memory in KiB, passes. One lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// KiB.
    pub memory: u32,
    /// Passes.
    pub passes: u32,
}

impl Default for Cost {
    /// m = 19 MiB, t = 2, p = 1.
    fn default() -> Self {
        Self { memory: 19_456, passes: 2 }
    }
}

/// Why no verdict was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Too many hashes wait already; try again later (503).
    #[error("too many password hashes are waiting")]
    Busy,
    /// The stored hash is not one of ours.
    #[error("unreadable password hash")]
    Unreadable,
}

/// The password does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("wrong password")]
pub struct Mismatch;

/// Proof that a password was verified against the stored hash; only [`Hasher::verify`] makes one.
#[derive(Debug)]
pub struct PasswordVerified {
    /// The stored hash is of another cost than today's, or of another system: hash again.
    pub outdated: bool,
}

/// What a password is verified against.
#[derive(Debug)]
pub enum Against {
    /// The stored hash of the person.
    Own(String),
    /// For people who have none or are unknown: the hash of somebody else, or `None` for one of today's cost. The same work is
    /// done, and nothing matches.
    Decoy(Option<String>),
}

/// The pool.
#[derive(Debug, Clone)]
pub struct Hasher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cost: Cost,
    slots: Arc<Semaphore>,
    size: usize,
    waiting: AtomicUsize,
    queue: usize,
    buffers: Mutex<Vec<Vec<Block>>>,
    dummy: String,
}

impl Hasher {
    /// `slots` hashes at a time, `queue` more may wait.
    pub fn new(cost: Cost, slots: usize, queue: usize) -> Self {
        // A hash of nothing anyone can type, at the current cost: what unknown users are verified against where nobody has a password.
        let dummy = format!("{}{}${}", prefix(cost), STANDARD_NO_PAD.encode([0; SALT]), STANDARD_NO_PAD.encode([0; OUTPUT]));
        let size = slots.max(1);
        let slots = Arc::new(Semaphore::new(size));
        Self(Arc::new(Inner { cost, slots, size, waiting: AtomicUsize::new(0), queue, buffers: Mutex::default(), dummy }))
    }

    /// Hashes that wait, and hashes being computed.
    pub fn load(&self) -> (usize, usize) {
        let running = self.0.size.saturating_sub(self.0.slots.available_permits());
        (self.0.waiting.load(Ordering::SeqCst), running)
    }

    /// Hashes a password; the result is a PHC string.
    pub async fn hash(&self, password: Secret, rng: &dyn Rng) -> Result<String, Failure> {
        let salt = rng::bytes::<SALT>(rng);
        self.run(move |inner| inner.hash(password.expose().as_bytes(), salt)).await
    }

    /// What to store for a hash of another system: itself when it stands by today's measure, otherwise an Argon2id hash of its
    /// digest, so that the weak digest rests nowhere.
    pub async fn adopt(&self, foreign: Foreign, rng: &dyn Rng) -> Result<String, Failure> {
        if !foreign.recipe().is_weak() {
            return Ok(foreign.text().to_owned());
        }
        let salt = rng::bytes::<SALT>(rng);
        self.run(move |inner| {
            let recipe = serde_json::to_string(foreign.recipe()).map_err(|_| Failure::Unreadable)?;
            Ok(recipe + &inner.hash(foreign.digest(), salt)?)
        })
        .await
    }

    /// Verifies a password.
    pub async fn verify(&self, password: Secret, against: Against) -> Result<Result<PasswordVerified, Mismatch>, Failure> {
        self.run(move |inner| {
            let (stored, known) = match against {
                Against::Own(text) => (Stored::read(&text), true),
                Against::Decoy(text) => (text.and_then(|t| Stored::read(&t)).or_else(|| Stored::read(&inner.dummy)), false),
            };
            let password = password.expose().as_bytes();
            let (equal, outdated) = match stored.ok_or(Failure::Unreadable)? {
                Stored::Ours(ours) => (inner.matches(password, &ours)?, ours.cost != inner.cost),
                Stored::Wrapped(recipe, ours) => {
                    let digest = recipe.digest(password);
                    let same = inner.matches(digest.as_ref().map_or(&[], |d| d.as_slice()), &ours)?;
                    (same && digest.is_some(), recipe.reads_whole(password))
                }
                Stored::Foreign(foreign) => {
                    let digest = foreign.recipe().digest(password);
                    let same = digest.is_some_and(|d| bool::from(d.as_slice().ct_eq(foreign.digest())));
                    (same, foreign.recipe().reads_whole(password))
                }
            };
            Ok(if equal && known { Ok(PasswordVerified { outdated }) } else { Err(Mismatch) })
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Inner) -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
        let inner = self.0.clone();
        if inner.waiting.fetch_add(1, Ordering::SeqCst) >= inner.queue {
            inner.waiting.fetch_sub(1, Ordering::SeqCst);
            return Err(Failure::Busy);
        }
        let place = Place(inner.clone());
        let permit =
            inner.slots.clone().acquire_owned().instrument(traces::part("wait for the hasher")).await.map_err(|_| Failure::Busy)?;
        drop(place);
        let _lasting = traces::part("hash");
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&inner)
        })
        .await
        .map_err(|_| Failure::Busy)?
    }
}

struct Place(Arc<Inner>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

fn prefix(cost: Cost) -> String {
    format!("$argon2id$v=19$m={},t={},p=1$", cost.memory, cost.passes)
}

/// An Argon2id hash of one lane and 32 bytes, as [`Hasher::hash`] writes it.
struct Ours {
    cost: Cost,
    salt: Vec<u8>,
    expected: [u8; OUTPUT],
}

impl Ours {
    fn read(text: &str) -> Option<Self> {
        let [m, t, rest] = text.strip_prefix("$argon2id$v=19$m=")?.splitn(3, ',').collect::<Vec<_>>().try_into().ok()?;
        let cost = Cost { memory: m.parse().ok()?, passes: t.strip_prefix("t=")?.parse().ok()? };
        let (salt, expected) = rest.strip_prefix("p=1$")?.split_once('$')?;
        let expected = STANDARD_NO_PAD.decode(expected).ok()?.try_into().ok()?;
        Some(Self { cost, salt: STANDARD_NO_PAD.decode(salt).ok()?, expected })
    }
}

/// What may stand in the store.
enum Stored {
    /// A hash of the password, made here.
    Ours(Ours),
    /// A hash made here of what the recipe makes of the password: `{…}$argon2id$…`.
    Wrapped(Recipe, Ours),
    /// A hash of another system.
    Foreign(Foreign),
}

impl Stored {
    fn read(text: &str) -> Option<Self> {
        if let Some(ours) = Ours::read(text) {
            return Some(Self::Ours(ours));
        }
        match text.split_once("}$argon2id$") {
            Some((recipe, _)) => {
                let (recipe, ours) = text.split_at_checked(recipe.len() + 1)?;
                Some(Self::Wrapped(serde_json::from_str(recipe).ok()?, Ours::read(ours)?))
            }
            None => Foreign::parse(text).ok().map(Self::Foreign),
        }
    }
}

impl Inner {
    fn hash(&self, password: &[u8], salt: [u8; SALT]) -> Result<String, Failure> {
        let out = self.derive(self.cost, password, &salt).ok_or(Failure::Unreadable)?;
        Ok(format!("{}{}${}", prefix(self.cost), STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(out.as_slice())))
    }

    fn matches(&self, password: &[u8], ours: &Ours) -> Result<bool, Failure> {
        let out = self.derive(ours.cost, password, &ours.salt).ok_or(Failure::Unreadable)?;
        Ok(bool::from(out.as_slice().ct_eq(&ours.expected)))
    }

    /// The raw hash, in a reused buffer: mapping the memory anew costs as much as the passes.
    fn derive(&self, cost: Cost, password: &[u8], salt: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let params = Params::new(cost.memory, cost.passes, 1, Some(OUTPUT)).ok()?;
        let blocks = params.block_count();
        let mut buffer = self.buffer(blocks);
        let mut out = Zeroizing::new(vec![0; OUTPUT]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(password, salt, &mut out, &mut buffer)
            .ok()?;
        // A costlier hash, once made under another configuration, must not leave its memory taken.
        if cost.memory <= self.cost.memory {
            self.buffers.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        }
        Some(out)
    }

    /// Memory for a hash: some that was used before, or new, on huge pages where the system lends them on demand.
    fn buffer(&self, blocks: usize) -> Vec<Block> {
        // The lock also keeps two from lifting the flag at once.
        let mut free = self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = free.pop().unwrap_or_default();
        let _huge = (buffer.capacity() < blocks).then(HugePages::allow);
        buffer.resize(blocks, Block::default());
        buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::SeededRng;

    fn cheap() -> Hasher {
        Hasher::new(Cost { memory: 64, passes: 1 }, 2, 4)
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let hasher = cheap();
        let stored = hasher.hash(Secret::new("correct horse"), &SeededRng::new(1)).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(hasher.verify(Secret::new("correct horse"), Against::Own(stored.clone())).await.unwrap().is_ok());
        assert!(hasher.verify(Secret::new("correct horsf"), Against::Own(stored)).await.unwrap().is_err());
        assert_eq!(hasher.verify(Secret::new("x"), Against::Own("junk".into())).await.unwrap_err(), Failure::Unreadable);
    }

    #[tokio::test]
    async fn nobody_signs_in_against_a_decoy() {
        let hasher = cheap();
        let somebody = hasher.hash(Secret::new("correct horse"), &SeededRng::new(1)).await.unwrap();
        for (typed, decoy) in [("", None), ("correct horse", Some(somebody)), ("x", Some("junk".to_owned()))] {
            assert!(hasher.verify(Secret::new(typed), Against::Decoy(decoy)).await.unwrap().is_err());
        }
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_asks_to_be_renewed() {
        let old = Hasher::new(Cost { memory: 32, passes: 1 }, 1, 1).hash(Secret::new("p"), &SeededRng::new(1)).await.unwrap();
        assert!(cheap().verify(Secret::new("p"), Against::Own(old)).await.unwrap().unwrap().outdated);
    }

    #[tokio::test]
    async fn a_flood_is_refused_rather_than_queued_without_end() {
        let hasher = Hasher::new(Cost { memory: 8_192, passes: 2 }, 1, 2);
        let all = futures_util::future::join_all((0..12).map(|_| hasher.verify(Secret::new("x"), Against::Decoy(None)))).await;
        assert!(all.iter().any(|r| matches!(r, Err(Failure::Busy))));
        assert!(all.iter().any(|r| r.is_ok()));
    }

    const WEAK: &str = "{SSHA}AZKja92fbuuB9SpRlHqaoXxbTc43Mzc2MDM1Ng==";

    #[tokio::test]
    async fn a_weak_digest_rests_nowhere_and_its_password_is_hashed_anew() {
        let hasher = cheap();
        let stored = hasher.adopt(Foreign::parse(WEAK).unwrap(), &SeededRng::new(1)).await.unwrap();
        let digest = base64::engine::general_purpose::STANDARD.decode(WEAK.split_once('}').unwrap().1).unwrap();
        for encoded in [STANDARD_NO_PAD.encode(&digest[..20]), crate::base::encode::b64u(&digest[..20]), crate::base::encode::hex(&digest)]
        {
            assert!(!stored.contains(&encoded[..12]), "{stored}");
        }
        assert!(stored.contains("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
        assert!(hasher.verify(Secret::new("hashcat"), Against::Own(stored.clone())).await.unwrap().unwrap().outdated);
        assert!(hasher.verify(Secret::new("hashcaT"), Against::Own(stored)).await.unwrap().is_err());
    }

    #[tokio::test]
    async fn a_strong_hash_is_kept_as_it_is_until_its_owner_comes() {
        let strong = "$2b$10$Zny1MA7kBeHuB5HBs5gDZ.KpQ0DPxg5DkdJdTIfRCcJSrEBM7mYLi";
        let hasher = cheap();
        assert_eq!(hasher.adopt(Foreign::parse(strong).unwrap(), &SeededRng::new(1)).await.unwrap(), strong);
    }

    #[tokio::test]
    async fn a_password_that_bcrypt_reads_in_part_is_not_hashed_anew() {
        // crypt_blowfish: what follows the 72nd byte is ignored.
        let stored = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
        let hasher = cheap();
        let stored = hasher.adopt(Foreign::parse(stored).unwrap(), &SeededRng::new(1)).await.unwrap();
        let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored";
        assert!(!hasher.verify(Secret::new(long), Against::Own(stored.clone())).await.unwrap().unwrap().outdated);
        assert!(hasher.verify(Secret::new("0123"), Against::Own(stored)).await.unwrap().is_err());
    }

    // Published vector: RFC 9106 has only secret/data variants, so this one is of the reference implementation
    // (argon2 -id -t 2 -m 16 -p 1, salt "somesalt", password "password", version 0x13).
    #[tokio::test]
    async fn the_reference_implementation_agrees() {
        let stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(cheap().verify(Secret::new("password"), Against::Own(stored.into())).await.unwrap().is_ok());
    }
}
