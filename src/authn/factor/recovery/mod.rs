//! Recovery codes (ux 3.10): ten on paper, each good once, replaced as a set. They stand in for a second factor.

pub mod store;

use super::{Kit, Tried, notice};
use crate::audit::{self, Event, Kind};
use crate::authn::throttle::{Counter, Limited};
use crate::authn::{Method, Proof};
use crate::base::id::AccountId;
use crate::base::rng::Rng;
use crate::base::{Timestamp, rng};
use crate::db::{self, Handle, Tx};
use crate::mail::message::SecurityEvent;

/// Codes of a set.
pub const SET: usize = 10;
/// Letters and digits that are not mistaken for one another.
const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Random characters; one more checks them.
const RANDOM: usize = 7;

/// A code with a right check character: a typing mistake is seen before anything is counted.
#[derive(Clone)]
pub struct Code(String);

impl Code {
    fn new(rng: &dyn Rng) -> Self {
        let mut text = String::with_capacity(RANDOM + 1);
        while text.len() < RANDOM {
            let [byte] = rng::bytes::<1>(rng);
            // 240 is a multiple of 30: no character is more likely than another.
            if byte < 240
                && let Some(c) = ALPHABET.get(usize::from(byte % 30))
            {
                text.push(char::from(*c));
            }
        }
        let check = check(&text).unwrap_or('2');
        text.push(check);
        Self(text)
    }

    /// As typed: any case, spaces and dashes anywhere. `None` when a character is wrong, missing or too many.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 100 {
            return None;
        }
        let bare = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '–' | '.' | '\u{feff}' | '\u{200b}');
        let text: String = typed.chars().filter(bare).map(|c| c.to_ascii_uppercase()).collect();
        let (body, last) = text.split_at_checked(RANDOM)?;
        let right = text.len() == RANDOM + 1 && check(body)? == last.chars().next()?;
        if right { Some(Self(text)) } else { None }
    }

    /// `K7QF-M2ZP`
    pub fn shown(&self) -> String {
        let (a, b) = self.0.split_at_checked(4).unwrap_or((&self.0, ""));
        format!("{a}-{b}")
    }

    fn hash(&self, kit: &Kit<'_>, account: &AccountId) -> String {
        kit.keys.code.tag(&["recovery", account.as_str(), &self.0])
    }
}

/// The check character: weights prime to 30 catch every wrong character and most exchanged neighbours. `None` outside the alphabet.
fn check(body: &str) -> Option<char> {
    let mut sum = 0;
    for (weight, byte) in [1, 7, 11, 13, 17, 19, 23].into_iter().zip(body.bytes()) {
        sum += weight * ALPHABET.iter().position(|c| *c == byte)?;
    }
    ALPHABET.get(sum % ALPHABET.len()).map(|c| char::from(*c))
}

/// What is left of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Codes not used.
    pub left: u32,
    /// When the set was made.
    pub made_at: Timestamp,
}

/// The set of a person, if they have one.
pub async fn standing(h: &mut impl Handle, account: &AccountId) -> db::Result<Option<Standing>> {
    store::standing(h, account).await
}

/// Makes a set in the place of the one before. The codes are shown to the person and never readable again.
pub async fn make(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId) -> db::Result<Vec<Code>> {
    let mut codes: Vec<Code> = Vec::with_capacity(SET);
    while codes.len() < SET {
        let code = Code::new(kit.ctx.rng.as_ref());
        if codes.iter().all(|c| c.0 != code.0) {
            codes.push(code);
        }
    }
    store::remove_all(tx, account).await?;
    for code in &codes {
        store::insert(tx, account, &code.hash(kit, account), kit.ctx.now()).await?;
    }
    audit::append(tx, kit.ctx, Event::new(Kind::RecoveryCodesMade).account(account)).await?;
    notice(tx, kit, account, SecurityEvent::RecoveryCodesMade).await?;
    Ok(codes)
}

/// Why a code is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Nothing was typed, or a character is wrong: nothing is counted.
    Malformed,
    /// Not one of the set, or used.
    Wrong,
    /// Too many wrong codes.
    Limited(Limited),
}

/// A code that was right, and how many are left.
#[derive(Debug)]
pub struct Used {
    /// The proof.
    pub proof: Proof,
    /// Codes left.
    pub left: u32,
}

/// Uses a code: counted first, taken by one guarded update, told by mail. Commit whatever the outcome.
pub async fn verify(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, typed: &str) -> db::Result<Result<Used, Refused>> {
    let Some(code) = Code::parse(typed) else { return Ok(Err(Refused::Malformed)) };
    let tried = match Tried::take(tx, kit, Counter::Recovery, account).await? {
        Ok(tried) => tried,
        Err(limited) => return Ok(Err(Refused::Limited(limited))),
    };
    if store::take(tx, account, &code.hash(kit, account), kit.ctx.now()).await? == 0 {
        tried.refuse(tx, "recovery_code", "wrong").await?;
        return Ok(Err(Refused::Wrong));
    }
    tried.accept(tx).await?;
    let left = store::standing(tx, account).await?.map_or(0, |s| s.left);
    audit::append(tx, kit.ctx, Event::new(Kind::RecoveryCodeUsed).account(account).with("left", left)).await?;
    notice(tx, kit, account, SecurityEvent::RecoveryCodeUsed { left }).await?;
    Ok(Ok(Used { proof: Proof::new(account.clone(), Method::RecoveryCode, kit.ctx.now()), left }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::SeededRng;

    #[test]
    fn a_code_is_read_however_it_was_typed_and_a_mistake_is_seen() {
        let rng = SeededRng::new(7);
        for _ in 0..200 {
            let code = Code::new(&rng);
            let shown = code.shown();
            assert_eq!(shown.len(), 9);
            for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), format!("  {}\u{a0}", shown.replace('-', ""))] {
                assert_eq!(Code::parse(&typed).map(|c| c.0), Some(code.0.clone()), "{typed}");
            }
            for i in 0..RANDOM {
                let mut bytes = code.0.clone().into_bytes();
                bytes[i] = if bytes[i] == b'2' { b'3' } else { b'2' };
                assert!(Code::parse(std::str::from_utf8(&bytes).unwrap()).is_none());
            }
        }
        for bad in ["", "K7QF", "K7QF-M2Z", "0000-0000", "éééé-éééé", &"A".repeat(200)] {
            assert!(Code::parse(bad).is_none(), "{bad}");
        }
    }
}
