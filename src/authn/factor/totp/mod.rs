//! Authenticator applications (RFC 6238): enrolled by the person with a QR code, several each, every code good once.

pub mod store;

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Kit, Tried, notice};
use crate::audit::{self, Event, Kind};
use crate::authn::throttle::{Counter, Limited};
use crate::authn::{Method, Proof};
use crate::base::encode::{b64u, from_b64u};
use crate::base::id::{AccountId, FactorId};
use crate::base::{Timestamp, rng};
use crate::crypto::oath::{self, Hash, Token};
use crate::db::{self, Handle, Tx};
use crate::mail::message::SecurityEvent;

/// Seconds of a code (RFC 6238 §5.2).
const STEP: u64 = 30;
/// Digits of a code.
const DIGITS: u8 = 6;
/// Steps accepted on each side of the expected one (RFC 6238 §5.2).
const WINDOW: u64 = 1;
/// Farthest the clock of a phone is followed, in steps.
const MAX_DRIFT: i64 = 10;
/// Applications of one person.
pub const MAX: usize = 20;
/// Bytes of a secret (RFC 4226 §4, R6).
const SECRET: usize = 20;

/// An application of a person.
#[derive(Debug, Clone)]
pub struct Application {
    /// Identifier.
    pub id: FactorId,
    /// Name its owner gave.
    pub name: String,
    /// Enrolment.
    pub created_at: Timestamp,
    /// Last code accepted after enrolment.
    pub last_used_at: Option<Timestamp>,
}

/// A row with its secret.
pub struct Row {
    /// Identifier.
    pub id: FactorId,
    /// The secret, sealed.
    pub sealed: String,
    /// Last step accepted.
    pub moving: u64,
    /// Steps the application is ahead.
    pub drift: i64,
}

/// A secret that was offered and is not yet confirmed: it travels sealed in the address of the page, for one account.
#[derive(Serialize, Deserialize)]
struct Offer {
    #[serde(rename = "s")]
    secret: String,
    #[serde(rename = "a")]
    account: AccountId,
    #[serde(rename = "u")]
    until: Timestamp,
}

/// An offer that was opened.
pub struct Offered {
    token: Token,
}

impl Offered {
    /// The key in base32, to be typed by hand (in groups of four).
    pub fn key(&self) -> Zeroizing<String> {
        oath::base32(&self.token.secret)
    }

    /// The `otpauth:` address that applications read. `portal` and `login` name the account in the application.
    pub fn uri(&self, portal: &str, login: &str) -> Zeroizing<String> {
        let escape = |text: &str| {
            text.bytes().fold(String::new(), |mut out, b| {
                if b.is_ascii_alphanumeric() || b"-._~@".contains(&b) {
                    out.push(char::from(b));
                } else {
                    let _ = write!(out, "%{b:02X}");
                }
                out
            })
        };
        let (issuer, login, key) = (escape(&portal.replace(':', " ")), escape(&login.replace(':', " ")), self.key());
        let uri = format!("otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP}", *key);
        Zeroizing::new(uri)
    }
}

fn context(account: &AccountId) -> String {
    format!("totp offer/{}", account.as_str())
}

fn at_rest(id: &FactorId) -> String {
    format!("factor/{}", id.as_str())
}

fn token(secret: Vec<u8>) -> Token {
    Token { secret: Zeroizing::new(secret), hash: Hash::Sha1, digits: DIGITS }
}

/// Offers a new secret to a person: sealed, good for half an hour.
pub fn offer(kit: &Kit<'_>, account: &AccountId) -> Option<String> {
    let secret = Zeroizing::new(rng::bytes::<SECRET>(kit.ctx.rng.as_ref()));
    let until = kit.ctx.now().plus(kit.config.sign_in.interaction);
    let offer = Offer { secret: b64u(secret.as_slice()), account: account.clone(), until };
    kit.keys.browser.seal(&context(account), &serde_json::to_vec(&offer).ok()?).ok()
}

/// Opens what [`offer`] sealed for this person, unless it is too old.
pub fn opened(kit: &Kit<'_>, account: &AccountId, sealed: &str) -> Option<Offered> {
    let text = Zeroizing::new(kit.keys.browser.open(&context(account), sealed).ok()?);
    let offer: Offer = serde_json::from_slice(&text).ok()?;
    let secret = from_b64u(&offer.secret)?;
    (offer.account == *account && kit.ctx.now() < offer.until).then(|| Offered { token: token(secret) })
}

/// Why an application is not enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotEnrolled {
    /// Not six digits.
    Missing,
    /// Another secret, or a clock far off.
    Wrong,
    /// Too many wrong codes.
    Limited(Limited),
    /// This offer was confirmed already, perhaps in another tab.
    Already,
    /// There are twenty.
    TooMany,
}

/// Confirms an offer with a code of the application: from then on it is one of the person's means.
pub async fn enrol(
    tx: &mut Tx,
    kit: &Kit<'_>,
    account: &AccountId,
    offered: &Offered,
    name: &str,
    typed: &str,
) -> db::Result<Result<Proof, NotEnrolled>> {
    let Some(digits) = oath::digits(typed, DIGITS) else { return Ok(Err(NotEnrolled::Missing)) };
    let tried = match Tried::take(tx, kit, Counter::Enrolment, account).await? {
        Ok(tried) => tried,
        Err(limited) => return Ok(Err(NotEnrolled::Limited(limited))),
    };
    let now = oath::step_at(kit.ctx.now(), STEP);
    let Some(step) = offered.token.find(&digits, now.saturating_sub(WINDOW)..=now + WINDOW) else {
        tried.refuse(tx, "totp", "enrolment").await?;
        return Ok(Err(NotEnrolled::Wrong));
    };
    if store::list(tx, account).await?.len() >= MAX {
        return Ok(Err(NotEnrolled::TooMany));
    }
    let id = FactorId::new(kit.ctx.now(), kit.ctx.rng.as_ref());
    let sealed = kit.keys.rest.seal(&at_rest(&id), &offered.token.secret).map_err(|e| db::Error::inconsistent(e.to_string()))?;
    let lookup = kit.keys.code.tag(&["totp", &b64u(offered.token.secret.as_slice())]);
    let row = Row { id, sealed, moving: step, drift: 0 };
    if !store::insert(tx, account, &row, &lookup, name, kit.ctx.now()).await? {
        return Ok(Err(NotEnrolled::Already));
    }
    tried.accept(tx).await?;
    let event = Event::new(Kind::FactorAdded).account(account).with("factor", "totp").with("id", row.id.as_str());
    audit::append(tx, kit.ctx, event).await?;
    notice(tx, kit, account, SecurityEvent::ApplicationAdded).await?;
    Ok(Ok(Proof::new(account.clone(), Method::Totp, kit.ctx.now())))
}

/// Why a code is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Not six digits.
    Missing,
    /// Wrong.
    Wrong,
    /// Right, but accepted before.
    Replayed,
    /// Too many wrong codes.
    Limited(Limited),
}

/// Tries a code of any application of a person: counted first, good once, its clock followed. Commit whatever the outcome.
pub async fn verify(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, typed: &str) -> db::Result<Result<Proof, Refused>> {
    let Some(digits) = oath::digits(typed, DIGITS) else { return Ok(Err(Refused::Missing)) };
    let tried = match Tried::take(tx, kit, Counter::Totp, account).await? {
        Ok(tried) => tried,
        Err(limited) => return Ok(Err(Refused::Limited(limited))),
    };
    let mut replayed = false;
    for row in store::rows(tx, account).await? {
        let secret = kit.keys.rest.open(&at_rest(&row.id), &row.sealed).map_err(|e| db::Error::inconsistent(e.to_string()))?;
        let now = oath::step_at(kit.ctx.now(), STEP);
        let expected = now.saturating_add_signed(row.drift);
        let Some(step) = token(secret).find(&digits, expected.saturating_sub(WINDOW)..=expected + WINDOW) else { continue };
        let drift = drift(step, now);
        if step > row.moving && store::accept(tx, &row.id, step, drift, kit.ctx.now()).await? == 1 {
            tried.accept(tx).await?;
            return Ok(Ok(Proof::new(account.clone(), Method::Totp, kit.ctx.now())));
        }
        replayed = true;
    }
    let (refused, why) = if replayed { (Refused::Replayed, "replayed") } else { (Refused::Wrong, "wrong") };
    tried.refuse(tx, "totp", why).await?;
    Ok(Err(refused))
}

/// How many steps ahead of ours a clock is, within bounds.
fn drift(step: u64, now: u64) -> i64 {
    let ahead = i64::try_from(step).unwrap_or(i64::MAX).saturating_sub(i64::try_from(now).unwrap_or(i64::MAX));
    ahead.clamp(-MAX_DRIFT, MAX_DRIFT)
}

/// Applications of a person, oldest first.
pub async fn list(h: &mut impl Handle, account: &AccountId) -> db::Result<Vec<Application>> {
    store::list(h, account).await
}

/// Renames one; `false` when it is not this person's.
pub async fn rename(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, id: &FactorId, name: &str) -> db::Result<bool> {
    let renamed = store::rename(tx, account, id, name).await? == 1;
    if renamed {
        let event = Event::new(Kind::FactorRenamed).account(account).with("factor", "totp").with("id", id.as_str());
        audit::append(tx, kit.ctx, event).await?;
    }
    Ok(renamed)
}

/// Removes one and tells the person; `false` when it is not this person's.
pub async fn remove(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, id: &FactorId) -> db::Result<bool> {
    let removed = store::remove(tx, account, id).await? == 1;
    if removed {
        let event = Event::new(Kind::FactorRemoved).account(account).with("factor", "totp").with("id", id.as_str());
        audit::append(tx, kit.ctx, event).await?;
        notice(tx, kit, account, SecurityEvent::ApplicationRemoved).await?;
    }
    Ok(removed)
}
