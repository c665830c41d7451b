//! Codes of cards: counted first, compared with a small window around what the card should show, then spent by one guarded
//! update. Commit whatever the outcome.

use std::ops::RangeInclusive;

use super::{Card, CardState, Moves, notice, store};
use crate::audit::{self, Event, Kind};
use crate::authn::factor::Kit;
use crate::authn::throttle::{self, Counter};
use crate::authn::{Method, Proof};
use crate::base::id::AccountId;
use crate::base::{Actor, Timestamp};
use crate::crypto::oath;
use crate::db::{Result, Tx};
use crate::mail::message::{CardAlert, CardEvent};

/// Wrong codes in a row before a card is locked.
pub const ATTEMPTS: i64 = 10;
/// Wrong codes in a row after which two codes are asked for.
const STRAYED: i64 = 2;

/// Which codes are taken around the one expected.
struct Window {
    /// Steps of the clock before and after.
    steps: u64,
    /// Presses of the button ahead.
    presses: u64,
}

/// At sign-in.
const SIGN_IN: Window = Window { steps: 1, presses: 10 };
/// For the first code after a card was linked: its clock has run, and its button was pressed, unseen since the factory.
const FIRST: Window = Window { steps: 10, presses: 50 };
/// For two codes in a row.
const WIDE: Window = Window { steps: 60, presses: 1_000 };

impl Window {
    /// Values never used.
    fn fresh(&self, card: &Card, now: Timestamp) -> RangeInclusive<u64> {
        let expected = card.expected(now);
        match card.moves {
            Moves::Event => expected..=expected.saturating_add(self.presses),
            Moves::Time { .. } => {
                let first = expected.saturating_sub(self.steps).max(card.moving.saturating_add(1));
                first..=expected.saturating_add(self.steps)
            }
        }
    }

    /// Values already spent, among those that somebody may just have seen.
    fn spent(&self, card: &Card, now: Timestamp) -> RangeInclusive<u64> {
        let expected = card.expected(now);
        match card.moves {
            Moves::Event => expected.saturating_sub(3)..=expected.saturating_sub(1),
            Moves::Time { .. } => expected.saturating_sub(self.steps)..=card.moving.min(expected.saturating_add(self.steps)),
        }
    }
}

/// Why a code of a card is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Wrong; so many tries are left before the card is locked.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// Wrong again: the card may have strayed from our reckoning. Ask for two codes in a row ([`resynchronise`]).
    NeedsResync {
        /// Tries left.
        left: u32,
    },
    /// That code was used already; the next one serves. Costs no try.
    Replayed,
    /// The card is locked after too many wrong codes; those who manage cards unlock it.
    Locked,
    /// « BAT99 »: the level of the battery, from a long press (ux S-08). Costs no try.
    Battery,
    /// Not the digits of a code. Costs no try.
    Missing {
        /// How many digits the codes of this card have.
        digits: u8,
    },
    /// This person has no card that serves.
    NoCard,
    /// Too many resynchronisations were tried.
    Later {
        /// When the next is allowed.
        until: Timestamp,
    },
}

impl Refused {
    const fn name(self) -> &'static str {
        match self {
            Self::Wrong { .. } | Self::NeedsResync { .. } => "wrong",
            Self::Replayed => "replayed",
            Self::Locked => "locked",
            Self::Battery => "battery",
            Self::Missing { .. } => "missing",
            Self::NoCard => "no_card",
            Self::Later { .. } => "too_many",
        }
    }
}

/// Verifies the code that a person read on their card, as a second factor.
pub async fn verify(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, typed: &str) -> Result<Result<Proof, Refused>> {
    let Some(card) = store::find_by_account(tx, account).await?.filter(|c| c.state == CardState::Validated) else {
        return refuse(tx, kit, account, None, Refused::NoCard).await.map(Err);
    };
    let checked = check(tx, kit, &card, account, typed, &SIGN_IN).await?;
    Ok(checked.map(|()| Proof::new(account.clone(), Method::OtpCard, kit.ctx.now())))
}

/// Takes the first code of a card that was linked to somebody (G-12): from then on it serves. Nothing is left to do for a
/// card that serves already.
pub async fn confirm(tx: &mut Tx, kit: &Kit<'_>, card: &Card, typed: &str) -> Result<Result<(), Refused>> {
    let Some(account) = card.account.as_ref().filter(|_| card.state == CardState::Linked) else {
        let done = card.account.is_some() && card.state == CardState::Validated;
        return Ok(if done { Ok(()) } else { Err(Refused::NoCard) });
    };
    let checked = check(tx, kit, card, account, typed, &FIRST).await?;
    if checked.is_ok() {
        audit::append(tx, kit.ctx, event(Kind::CardValidated, account, Some(card))).await?;
    }
    Ok(checked)
}

/// Finds a strayed card again by two codes in a row, typed by its holder at sign-in: proves the card as one code would.
/// A locked card stays locked: whoever took it would have the whole wide window for guesses.
pub async fn resynchronise(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, first: &str, second: &str) -> Result<Result<Proof, Refused>> {
    let card = store::find_by_account(tx, account).await?.filter(|c| c.state == CardState::Validated);
    let refused = match &card {
        None => Some(Refused::NoCard),
        Some(card) if card.locked_at.is_some() => Some(Refused::Locked),
        Some(_) => None,
    };
    match (card, refused) {
        (Some(card), None) => {
            let found = find_again(tx, kit, &card, account, (first, second)).await?;
            Ok(found.map(|()| Proof::new(account.clone(), Method::OtpCard, kit.ctx.now())))
        }
        (card, refused) => refuse(tx, kit, account, card.as_ref(), refused.unwrap_or(Refused::NoCard)).await.map(Err),
    }
}

/// The same by somebody who manages cards and holds this one in their hands: unlocks it too, and confirms it if it was only
/// linked. Proves nothing about anybody.
pub async fn resynchronise_for(tx: &mut Tx, kit: &Kit<'_>, card: &Card, first: &str, second: &str) -> Result<Result<(), Refused>> {
    let lent = matches!(card.state, CardState::Linked | CardState::Validated);
    match card.account.as_ref().filter(|_| lent) {
        Some(account) => find_again(tx, kit, card, account, (first, second)).await,
        None => Ok(Err(Refused::NoCard)),
    }
}

/// Digits of a code of this card, or what was typed instead.
fn read(card: &Card, typed: &str) -> Result<String, Refused> {
    let letters: String = typed.chars().filter(|c| !c.is_whitespace()).take(12).collect::<String>().to_ascii_uppercase();
    if letters.starts_with("BAT") {
        return Err(Refused::Battery);
    }
    oath::digits(typed, card.digits).ok_or(Refused::Missing { digits: card.digits })
}

async fn check(tx: &mut Tx, kit: &Kit<'_>, card: &Card, account: &AccountId, typed: &str, window: &Window) -> Result<Result<(), Refused>> {
    let now = kit.ctx.now();
    let code = match read(card, typed) {
        Ok(code) => code,
        Err(refused) => return Ok(Err(refused)),
    };
    // From here to the end of the transaction the row is ours: parallel tries wait, and each is counted.
    let Some(tried) = store::attempt(tx, &card.serial, account, card.state, ATTEMPTS, now).await? else {
        let present = store::find(tx, &card.serial).await?.filter(|c| c.account.as_ref() == Some(account));
        let refused = if present.is_some_and(|c| c.locked_at.is_some()) { Refused::Locked } else { Refused::NoCard };
        return refuse(tx, kit, account, Some(card), refused).await.map(Err);
    };
    let token = tried.token(&kit.keys.rest)?;
    let (fresh, spent) = (token.find(&code, window.fresh(&tried, now)), token.find(&code, window.spent(&tried, now)));
    if let Some(matched) = fresh
        && accept(tx, &tried, account, matched, now).await?
    {
        return Ok(Ok(()));
    }
    if spent.is_some() {
        // The same form sent twice is nobody's guess.
        store::forgive(tx, &tried, account).await?;
        return refuse(tx, kit, account, Some(card), Refused::Replayed).await.map(Err);
    }
    wrong(tx, kit, &tried, account).await.map(Err)
}

async fn accept(tx: &mut Tx, card: &Card, account: &AccountId, matched: u64, now: Timestamp) -> Result<bool> {
    let (moving, drift) = match card.moves {
        Moves::Event => (matched.saturating_add(1), 0),
        Moves::Time { step } => (matched, steps_between(oath::step_at(now, step), matched)),
    };
    Ok(store::accept(tx, card, account, moving, drift, now).await? == 1)
}

fn steps_between(ours: u64, theirs: u64) -> i64 {
    i64::try_from(theirs).unwrap_or(i64::MAX).saturating_sub(i64::try_from(ours).unwrap_or(i64::MAX))
}

/// Records a wrong code. The last one allowed has locked the card: its holder and those who manage it are told.
async fn wrong(tx: &mut Tx, kit: &Kit<'_>, card: &Card, account: &AccountId) -> Result<Refused> {
    let left = u32::try_from(ATTEMPTS - card.failures).unwrap_or(0);
    let refused = match (card.locked_at, card.failures) {
        (Some(_), _) => Refused::Locked,
        (None, STRAYED..) => Refused::NeedsResync { left },
        (None, _) => Refused::Wrong { left },
    };
    let told = refusal(kit, account, Some(card)).with("why", "wrong").with("left", left);
    audit::append(tx, kit.ctx, told).await?;
    if refused == Refused::Locked {
        audit::append(tx, kit.ctx, event(Kind::CardLocked, account, Some(card))).await?;
        notice::tell_holder(tx, kit, card, account, CardEvent::Locked, None).await?;
        notice::tell_managers(tx, kit, card, account, CardAlert::Locked).await?;
    }
    Ok(refused)
}

async fn find_again(tx: &mut Tx, kit: &Kit<'_>, card: &Card, account: &AccountId, typed: (&str, &str)) -> Result<Result<(), Refused>> {
    let now = kit.ctx.now();
    let codes = match (read(card, typed.0), read(card, typed.1)) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(refused), _) | (_, Err(refused)) => return Ok(Err(refused)),
    };
    let allowance = Counter::CardResync.allowance().unwrap_or(1);
    let admitted = throttle::take(tx, kit.ctx, Counter::CardResync, card.serial.as_str(), allowance).await?;
    let left = match admitted {
        Ok(admitted) => u32::try_from(admitted.left).unwrap_or(0),
        Err(limited) => return refuse(tx, kit, account, Some(card), Refused::Later { until: limited.until }).await.map(Err),
    };
    let token = card.token(&kit.keys.rest)?;
    let found = token.find_pair(&codes.0, &codes.1, WIDE.fresh(card, now));
    match found {
        Some(matched) if accept(tx, card, account, matched, now).await? => {
            throttle::clear(tx, Counter::CardResync, card.serial.as_str()).await?;
            let found = event(Kind::CardResynchronised, account, Some(card)).with("unlocked", card.locked_at.is_some());
            audit::append(tx, kit.ctx, found).await?;
            if card.state == CardState::Linked {
                audit::append(tx, kit.ctx, event(Kind::CardValidated, account, Some(card))).await?;
            }
            Ok(Ok(()))
        }
        // Another request moved the card between our reading and our writing.
        Some(_) => refuse(tx, kit, account, Some(card), Refused::Replayed).await.map(Err),
        None => refuse(tx, kit, account, Some(card), Refused::NeedsResync { left }).await.map(Err),
    }
}

fn event(kind: Kind, account: &AccountId, card: Option<&Card>) -> Event {
    let event = Event::new(kind).account(account).with("factor", "card");
    match card {
        Some(card) => event.with("serial", card.serial.as_str()),
        None => event,
    }
}

/// A code refused: to the holder at a sign-in, or to whoever confirms the card for them.
fn refusal(kit: &Kit<'_>, account: &AccountId, card: Option<&Card>) -> Event {
    let event = event(Kind::SignInRefused, account, card);
    match &kit.ctx.actor {
        Actor::Account(id) if id != account => event.with("purpose", "card"),
        Actor::Operator => event.with("purpose", "card"),
        Actor::Account(_) | Actor::Anonymous | Actor::Client(_) | Actor::System => event,
    }
}

async fn refuse(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, card: Option<&Card>, refused: Refused) -> Result<Refused> {
    audit::append(tx, kit.ctx, refusal(kit, account, card).with("why", refused.name())).await?;
    Ok(refused)
}
