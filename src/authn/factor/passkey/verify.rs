//! A passkey answers: as a first factor, by whichever key the person chose in their browser; as a second one, by a key of
//! the person who is known (ux S-02, S-09).

use super::challenge::{self, Answer, Place, Prompt, Stale};
use super::{handle, method, store, usable};
use crate::audit::{self, Event, Kind};
use crate::authn::Proof;
use crate::authn::factor::{Kit, notice};
use crate::authn::throttle::{self, Counter};
use crate::base::Timestamp;
use crate::base::id::AccountId;
use crate::crypto::sha256;
use crate::crypto::webauthn::{Assertion, Flaw, Proven, RelyingParty, Request};
use crate::db::{Error, Handle, Result, Tx};
use crate::mail::message::SecurityEvent;

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The challenge is not good here, or no longer.
    Challenge(Stale),
    /// No such key, or a key that was removed.
    Unknown,
    /// A key of somebody else than the person who is known, or who the key says it is of.
    OtherPerson,
    /// The answer is not right.
    Answer(Flaw),
    /// The key is suspended: its counter went back, now or before.
    Suspended,
    /// Too many answers for this account.
    Limited {
        /// Until when.
        until: Timestamp,
    },
}

impl Refused {
    const fn name(self) -> &'static str {
        match self {
            Self::Challenge(stale) => stale.name(),
            Self::Unknown => "unknown_key",
            Self::OtherPerson => "other_person",
            Self::Answer(flaw) => flaw.name(),
            Self::Suspended => "suspended",
            Self::Limited { .. } => "limited",
        }
    }
}

/// What the browser is asked for. Where the person is not known yet, the same for everybody.
pub async fn prompt(h: &mut impl Handle, kit: &Kit<'_>, party: &RelyingParty, place: &Place<'_>) -> Result<Prompt> {
    let keys = match place.account {
        Some(account) => usable(h, kit, account).await?,
        None => Vec::new(),
    };
    asked(kit, party, place, &keys)
}

/// The same where the person is not known: nothing is read.
pub fn open_prompt(kit: &Kit<'_>, party: &RelyingParty, place: &Place<'_>) -> Result<Prompt> {
    asked(kit, party, place, &[])
}

fn asked(kit: &Kit<'_>, party: &RelyingParty, place: &Place<'_>, keys: &[crate::crypto::webauthn::Key]) -> Result<Prompt> {
    let (options, state) = party.request(keys).map_err(|e| Error::inconsistent(e.name()))?;
    challenge::seal(kit, place, options, state)
}

/// Verifies an answer: the challenge is spent first, then the try is counted, then the key checked. Commit whatever the
/// outcome.
pub async fn verify(
    tx: &mut Tx,
    kit: &Kit<'_>,
    party: &RelyingParty,
    place: &Place<'_>,
    answer: Answer<'_>,
) -> Result<std::result::Result<Proof, Refused>> {
    let mut owner = place.account.cloned();
    let outcome = check(tx, kit, party, place, answer, &mut owner).await?;
    let refused = match outcome {
        Ok(proof) => return Ok(Ok(proof)),
        Err(refused) => refused,
    };
    let kind = match refused {
        Refused::Limited { .. } => Kind::Throttled,
        Refused::Challenge(_) | Refused::Unknown | Refused::OtherPerson | Refused::Answer(_) | Refused::Suspended => Kind::SignInRefused,
    };
    let event = Event::new(kind).with("factor", "passkey").with("purpose", place.purpose.name()).with("why", refused.name());
    let event = owner.iter().fold(event, Event::account);
    audit::append(tx, kit.ctx, event).await?;
    Ok(Err(refused))
}

async fn check(
    tx: &mut Tx,
    kit: &Kit<'_>,
    party: &RelyingParty,
    place: &Place<'_>,
    answer: Answer<'_>,
    owner: &mut Option<AccountId>,
) -> Result<std::result::Result<Proof, Refused>> {
    let state: Request = match challenge::spend(tx, kit, place, answer.sealed).await? {
        Ok(state) => state,
        Err(stale) => return Ok(Err(Refused::Challenge(stale))),
    };
    let assertion = match Assertion::parse(answer.credential) {
        Ok(assertion) => assertion,
        Err(flaw) => return Ok(Err(Refused::Answer(flaw))),
    };
    let Some(row) = store::find(tx, &sha256(assertion.key_id())).await? else { return Ok(Err(Refused::Unknown)) };
    if place.account.is_some_and(|known| *known != row.account) {
        return Ok(Err(Refused::OtherPerson));
    }
    *owner = Some(row.account.clone());
    let allowance = Counter::Passkey.allowance().unwrap_or(1);
    if let Err(limited) = throttle::take(tx, kit.ctx, Counter::Passkey, row.account.as_str(), allowance).await? {
        return Ok(Err(Refused::Limited { until: limited.until }));
    }
    if !is_of(kit, place, &assertion, &row.account) {
        return Ok(Err(Refused::OtherPerson));
    }
    if row.suspended_at.is_some() {
        return Ok(Err(Refused::Suspended));
    }
    match party.proved(&assertion, &state, row.key(kit)?, row.counter) {
        Ok(proven) => settle(tx, kit, &row, &proven).await,
        Err(Flaw::Counter) => suspend(tx, kit, &row).await.map(Err),
        Err(flaw) => Ok(Err(Refused::Answer(flaw))),
    }
}

/// Whether the key says it is of this account; it must when nobody else said who the person is (WebAuthn §7.2, step 6).
fn is_of(kit: &Kit<'_>, place: &Place<'_>, assertion: &Assertion, account: &AccountId) -> bool {
    match assertion.handle() {
        Some(said) => said == handle(kit, account),
        None => place.account.is_some(),
    }
}

/// Moves the counter forward and gives the proof. An answer with a later counter may have been taken meanwhile.
async fn settle(tx: &mut Tx, kit: &Kit<'_>, row: &store::Row, proven: &Proven) -> Result<std::result::Result<Proof, Refused>> {
    let now = kit.ctx.now();
    if store::used(tx, kit, &row.id, proven, now).await? == 0 {
        return suspend(tx, kit, row).await.map(Err);
    }
    throttle::clear(tx, Counter::Passkey, row.account.as_str()).await?;
    Ok(Ok(Proof::new(row.account.clone(), method(&proven.key), now)))
}

/// The counter went back: whichever copy answered, neither is believed any more.
async fn suspend(tx: &mut Tx, kit: &Kit<'_>, row: &store::Row) -> Result<Refused> {
    if store::suspend(tx, &row.id, kit.ctx.now()).await? == 1 {
        notice(tx, kit, &row.account, SecurityEvent::PasskeySuspended).await?;
    }
    Ok(Refused::Suspended)
}
