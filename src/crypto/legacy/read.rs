//! The text forms of other systems' hashes.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::{Recipe, Salt, Sha, Unusable, Variant};

/// The alphabet of phpass.
pub(super) const ITOA64: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const BCRYPT: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, LENIENT);

/// Longest text read, in bytes.
const LONGEST: usize = 1_024;
/// Longest digest, in bytes.
const LONGEST_DIGEST: usize = 128;

type Read = Option<(Recipe, Vec<u8>)>;

/// The recipe of a hash, and its digest.
pub(super) fn read(text: &str) -> Result<(Recipe, Vec<u8>), Unusable> {
    if text.len() > LONGEST || !text.is_ascii() {
        // Django's salts may be any text, in practice letters and digits.
        return Err(Unusable::Unknown);
    }
    /// Prefix, name, and what reads it.
    type Known = (&'static str, &'static str, fn(&str) -> Read);
    let known: &[Known] = &[
        ("$argon2", "Argon2", argon2),
        ("argon2$argon2", "Argon2", |t| argon2(t.strip_prefix("argon2")?)),
        ("$2a$", "bcrypt", bcrypt),
        ("$2b$", "bcrypt", bcrypt),
        ("$2y$", "bcrypt", bcrypt),
        ("bcrypt$$2", "bcrypt", |t| bcrypt(t.strip_prefix("bcrypt$")?)),
        ("bcrypt_sha256$$2", "bcrypt", |t| match bcrypt(t.strip_prefix("bcrypt_sha256$")?)? {
            (Recipe::Bcrypt { cost, salt, .. }, digest) => Some((Recipe::Bcrypt { cost, salt, sha256: true }, digest)),
            _ => None,
        }),
        ("$pbkdf2", "PBKDF2", |t| passlib_pbkdf2(t.strip_prefix("$pbkdf2")?)),
        ("pbkdf2_", "PBKDF2", |t| django_pbkdf2(t.strip_prefix("pbkdf2_")?)),
        ("$scrypt$", "scrypt", |t| phc_scrypt(t.strip_prefix("$scrypt$")?)),
        ("scrypt$", "scrypt", |t| django_scrypt(t.strip_prefix("scrypt$")?)),
        ("$P$", "phpass", |t| phpass(t.strip_prefix("$P$")?)),
        ("$H$", "phpass", |t| phpass(t.strip_prefix("$H$")?)),
        ("$S$", "Drupal", |t| drupal(t.strip_prefix("$S$")?, false)),
        ("U$S$", "Drupal", |t| drupal(t.strip_prefix("U$S$")?, true)),
    ];
    if let Some((_, scheme, reader)) = known.iter().find(|(prefix, ..)| text.starts_with(prefix)) {
        return reader(text).ok_or(Unusable::Malformed(scheme));
    }
    if let Some((name, rest)) = text.strip_prefix('{').and_then(|t| t.split_once('}')) {
        return ldap(&name.to_ascii_lowercase(), rest);
    }
    Err(Unusable::Unknown)
}

/// `{SSHA}…` and its like; `{CRYPT}…` and `{bcrypt}…` (Spring) hold a hash that is read by itself.
fn ldap(name: &str, rest: &str) -> Result<(Recipe, Vec<u8>), Unusable> {
    let malformed = Unusable::Malformed("LDAP");
    let hash = match name {
        "crypt" | "bcrypt" if rest.starts_with('$') => return read(rest),
        "sha" | "ssha" => Sha::Sha1,
        "sha256" | "ssha256" => Sha::Sha256,
        "sha384" | "ssha384" => Sha::Sha384,
        "sha512" | "ssha512" => Sha::Sha512,
        _ => match name.strip_prefix("pbkdf2") {
            Some(hash) => return passlib_pbkdf2(&format!("{hash}${rest}")).ok_or(malformed),
            None => return Err(Unusable::Unknown),
        },
    };
    let mut digest = STANDARD.decode(rest).map_err(|_| malformed.clone())?;
    if digest.len() < hash.size() || (digest.len() == hash.size()) != name.starts_with("sha") {
        return Err(malformed);
    }
    let salt = Salt(digest.split_off(hash.size()));
    Ok((Recipe::Salted { hash, salt }, digest))
}

fn digest(bytes: Vec<u8>) -> Option<Vec<u8>> {
    (8..=LONGEST_DIGEST).contains(&bytes.len()).then_some(bytes)
}

/// passlib writes `.` for `+` and leaves padding out.
fn adapted(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.replace('.', "+")).ok()
}

/// A decimal number without sign.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// `$2b$12$` then 22 characters of salt and 31 of digest.
fn bcrypt(text: &str) -> Read {
    let (cost, rest) = text.get(4..)?.split_once('$')?;
    let cost = number::<u32>(cost).filter(|c| cost.len() == 2 && (4..32).contains(c))?;
    if rest.len() != 53 {
        return None;
    }
    let salt = Salt(BCRYPT.decode(rest.get(..22)?).ok()?);
    Some((Recipe::Bcrypt { cost, salt, sha256: false }, BCRYPT.decode(rest.get(22..)?).ok()?))
}

/// passlib's `-sha256$29000$salt$digest`, and the PHC form `-sha256$i=29000,l=32$salt$digest`; without a name, SHA-1.
fn passlib_pbkdf2(text: &str) -> Read {
    let [hash, rounds, salt, rest] = parts(text)?;
    let hash = if hash.is_empty() { Sha::Sha1 } else { Sha::parse(&hash.strip_prefix('-')?.to_ascii_lowercase())? };
    let rounds = match rounds.strip_prefix("i=") {
        Some(phc) => phc.split_once(",l=").map_or(phc, |(rounds, _)| rounds),
        None => rounds,
    };
    pbkdf2(hash, rounds, adapted(salt)?, adapted(rest)?)
}

/// `sha256$600000$salt$digest`, the salt being text.
fn django_pbkdf2(text: &str) -> Read {
    let [hash, rounds, salt, rest] = parts(text)?;
    pbkdf2(Sha::parse(hash)?, rounds, salt.as_bytes().to_vec(), STANDARD.decode(rest).ok()?)
}

fn pbkdf2(hash: Sha, rounds: &str, salt: Vec<u8>, out: Vec<u8>) -> Read {
    let (rounds, out) = (number::<u32>(rounds).filter(|r| *r > 0)?, digest(out)?);
    Some((Recipe::Pbkdf2 { hash, rounds, salt: Salt(salt), length: out.len() }, out))
}

/// `ln=16,r=8,p=1$salt$digest`.
fn phc_scrypt(text: &str) -> Read {
    let [parameters, salt, rest] = parts(text)?;
    let [ln, r, p] = parameters.splitn(3, ',').collect::<Vec<_>>().try_into().ok()?;
    let [ln, r, p] = [ln.strip_prefix("ln=")?, r.strip_prefix("r=")?, p.strip_prefix("p=")?];
    scrypt(number(ln)?, number(r)?, number(p)?, adapted(salt)?, adapted(rest)?)
}

/// `16384$salt$8$5$digest`, the salt being text.
fn django_scrypt(text: &str) -> Read {
    let [n, salt, r, p, rest] = parts(text)?;
    let n = number::<u64>(n).filter(|n| n.is_power_of_two())?;
    scrypt(u8::try_from(n.ilog2()).ok()?, number(r)?, number(p)?, salt.as_bytes().to_vec(), STANDARD.decode(rest).ok()?)
}

fn scrypt(log_n: u8, r: u32, p: u32, salt: Vec<u8>, out: Vec<u8>) -> Read {
    let out = digest(out)?;
    let sane = (1..=30).contains(&log_n) && (1..=1_024).contains(&r) && (1..=1_024).contains(&p);
    if sane { Some((Recipe::Scrypt { log_n, r, p, salt: Salt(salt), length: out.len() }, out)) } else { None }
}

/// `$argon2id$v=19$m=65536,t=3,p=4$salt$digest`; version 16 was not written.
fn argon2(text: &str) -> Read {
    let rest = text.strip_prefix("$argon2")?;
    let (variant, rest) = rest.split_once('$')?;
    let variant = match variant {
        "d" => Variant::D,
        "i" => Variant::I,
        "id" => Variant::Id,
        _ => return None,
    };
    let (version, rest) = match rest.strip_prefix("v=") {
        Some(rest) => rest.split_once('$').and_then(|(v, rest)| Some((number(v)?, rest)))?,
        None => (16, rest),
    };
    let [parameters, salt, out] = parts(rest)?;
    let [m, t, p] = parameters.splitn(3, ',').collect::<Vec<_>>().try_into().ok()?;
    let [memory, passes, lanes] = [number(m.strip_prefix("m=")?)?, number(t.strip_prefix("t=")?)?, number(p.strip_prefix("p=")?)?];
    let (salt, out) = (Salt(STANDARD.decode(salt).ok()?), digest(STANDARD.decode(out).ok()?)?);
    let recipe = Recipe::Argon2 { variant, version, memory, passes, lanes, length: out.len(), salt: salt.clone() };
    (recipe.argon2().is_some() && salt.0.len() >= argon2::MIN_SALT_LEN && lanes <= 64).then_some((recipe, out))
}

/// `B` (rounds), 8 characters of salt, 22 of digest.
fn phpass(text: &str) -> Read {
    let (log_rounds, salt, out) = crypt_text(text, 22)?;
    Some((Recipe::Phpass { log_rounds, salt }, out))
}

/// `D` (rounds), 8 characters of salt, 43 of digest.
fn drupal(text: &str, md5: bool) -> Read {
    let (log_rounds, salt, out) = crypt_text(text, 43)?;
    Some((Recipe::Drupal { log_rounds, salt, md5 }, out))
}

fn crypt_text(text: &str, characters: usize) -> Option<(u32, Salt, Vec<u8>)> {
    let bytes = text.as_bytes();
    if bytes.len() != 9 + characters || !bytes.iter().all(|b| ITOA64.contains(b)) {
        return None;
    }
    let (rounds, rest) = bytes.split_first()?;
    let (salt, out) = rest.split_at_checked(8)?;
    let log_rounds = ITOA64.iter().position(|c| c == rounds)?;
    Some((u32::try_from(log_rounds).ok().filter(|n| (7..=30).contains(n))?, Salt(salt.to_vec()), out.to_vec()))
}

/// Exactly so many parts between `$`.
fn parts<const N: usize>(text: &str) -> Option<[&str; N]> {
    text.split('$').collect::<Vec<_>>().try_into().ok()
}
