//! Physical cards: OATH tokens with a factory seed, owned by the operator and lent to people (french-domain §4.2–4.4).
//!
//! In stock → sent to an establishment → linked to a person → validated by a code of the card → lost, broken or returned.
//! One card per person. Seeds are sealed under the name of their card.

pub mod import;
pub mod link;
mod notice;
pub mod pskc;
pub mod store;
mod verify;

use std::fmt;

use zeroize::Zeroizing;

use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::crypto::Sealer;
use crate::crypto::oath::{self, Hash, Token};
use crate::db::{Error, Handle, Result};
pub use crate::mail::message::UnlinkReason;
pub use verify::{ATTEMPTS, Refused, confirm, resynchronise, resynchronise_for, verify};

/// The serial number printed on a card.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Serial(String);

impl Serial {
    /// Reads a serial number in any case, with any spaces: letters, digits, and `- _ .` inside; at most forty characters.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 200 {
            return None;
        }
        let kept = typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{feff}' | '\u{2060}'));
        let text: String = kept.map(|c| c.to_ascii_uppercase()).collect();
        let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        (first && text.len() <= 40 && text.bytes().all(inside)).then_some(Self(text))
    }

    /// The text form, in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last four characters: enough for the holder, little for others.
    pub fn end(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What moves a card from one code to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moves {
    /// A press of its button (HOTP).
    Event,
    /// Its clock, by steps of so many seconds (TOTP).
    Time {
        /// Thirty or sixty.
        step: u64,
    },
}

impl Moves {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Event => "hotp",
            Self::Time { .. } => "totp",
        }
    }

    /// Seconds of a step; 0 without a clock.
    pub const fn step(self) -> u64 {
        match self {
            Self::Event => 0,
            Self::Time { step } => step,
        }
    }

    /// Reads a stored name and step; only thirty and sixty seconds exist.
    pub fn parse(name: &str, step: u64) -> Option<Self> {
        match (name, step) {
            ("hotp", _) => Some(Self::Event),
            ("totp", 30 | 60) => Some(Self::Time { step }),
            _ => None,
        }
    }
}

/// Where a card is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// The operator has it.
    InStock,
    /// An establishment has it, nobody holds it.
    Sent,
    /// Lent to a person; no code of it was seen yet.
    Linked,
    /// Lent, and a code of it was seen: it serves to sign in.
    Validated,
    /// Lost or stolen.
    Lost,
    /// It shows nothing, or nothing right.
    Broken,
    /// Sent back to the operator.
    Returned,
}

impl CardState {
    /// Every state.
    pub const ALL: [Self; 7] = [Self::InStock, Self::Sent, Self::Linked, Self::Validated, Self::Lost, Self::Broken, Self::Returned];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InStock => "in_stock",
            Self::Sent => "sent",
            Self::Linked => "linked",
            Self::Validated => "validated",
            Self::Lost => "lost",
            Self::Broken => "broken",
            Self::Returned => "returned",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// A card.
#[derive(Debug, Clone)]
pub struct Card {
    /// Its name.
    pub serial: Serial,
    /// What moves it.
    pub moves: Moves,
    /// The hash of its codes.
    pub hash: Hash,
    /// Digits of its codes.
    pub digits: u8,
    /// Where it is in its life.
    pub state: CardState,
    /// The establishment it was sent to.
    pub siret: Option<Siret>,
    /// Who holds it; still the last holder when it is reported lost and was not unlinked yet.
    pub account: Option<AccountId>,
    /// Last step accepted, or next counter.
    pub moving: u64,
    /// Steps between its clock and ours, as last seen.
    pub drift: i64,
    /// Wrong codes in a row.
    pub failures: i64,
    /// Refused since then, until somebody entitled unlocks it.
    pub locked_at: Option<Timestamp>,
    /// Since when it is lent.
    pub linked_at: Option<Timestamp>,
    /// Who linked it, in the form of the audit trail.
    pub linked_by: Option<String>,
    /// Last code accepted.
    pub last_used_at: Option<Timestamp>,
    /// Entry into the stock.
    pub created_at: Timestamp,
    /// Last change of state.
    pub changed_at: Timestamp,
    sealed: String,
}

impl Card {
    /// Whether its codes are worth checking.
    pub fn works(&self) -> bool {
        self.state == CardState::Validated && self.locked_at.is_none()
    }

    fn token(&self, sealer: &Sealer) -> Result<Token> {
        let secret = sealer.open(&context(&self.serial), &self.sealed);
        let secret = secret.map_err(|e| Error::inconsistent(format!("otp_card.sealed of {}: {e}", self.serial)))?;
        Ok(Token { secret: Zeroizing::new(secret), hash: self.hash, digits: self.digits })
    }

    /// The step its clock should show now; its next counter for one that counts presses.
    fn expected(&self, now: Timestamp) -> u64 {
        match self.moves {
            Moves::Event => self.moving,
            Moves::Time { step } => oath::step_at(now, step).saturating_add_signed(self.drift),
        }
    }
}

/// What the seal of a seed is bound to.
fn context(serial: &Serial) -> String {
    format!("otp_card/{serial}")
}

/// The card of this serial number.
pub async fn find(h: &mut impl Handle, serial: &Serial) -> Result<Option<Card>> {
    store::find(h, serial).await
}

/// The card a person holds, whatever its state.
pub async fn of_account(h: &mut impl Handle, account: &AccountId) -> Result<Option<Card>> {
    store::find_by_account(h, account).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_is_read_however_it_is_typed() {
        for typed in ["GADT0001234", "gadt 000 1234", " Gadt\u{a0}0001234\u{200b}"] {
            assert_eq!(Serial::parse(typed).unwrap().as_str(), "GADT0001234", "{typed}");
        }
        assert_eq!(Serial::parse("12.3-a_4").unwrap().end(), "-A_4");
        assert_eq!(Serial::parse("7").unwrap().end(), "7");
        for bad in ["", "..", "-1", "a/b", "é1", "a?b", &"1".repeat(41), &" ".repeat(300)] {
            assert!(Serial::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn stored_names_read_back() {
        assert!(CardState::ALL.into_iter().all(|s| CardState::parse(s.name()) == Some(s)));
        for moves in [Moves::Event, Moves::Time { step: 30 }, Moves::Time { step: 60 }] {
            assert_eq!(Moves::parse(moves.name(), moves.step()), Some(moves));
        }
        assert_eq!(Moves::parse("totp", 45), None);
    }
}
