//! What shows by itself that a person works for an establishment: an address of one of its domains, or a code sent to its official
//! address and given back.

use std::time::Duration;

use super::people::{self, Word};
use super::{Establishment, Link, Proof, store};
use crate::account::Account;
use crate::account::kit::Kit;
use crate::audit::{self, Event, Kind};
use crate::base::{Email, Siret, Timestamp};
use crate::db::{Handle, Result, Tx};

/// How long a code given back serves for what is asked next.
pub const GOOD_FOR: Duration = Duration::from_secs(30 * 86_400);

/// Where the official code of an establishment goes, if anywhere.
pub async fn address(h: &mut impl Handle, siret: &Siret) -> Result<Option<Email>> {
    Ok(store::official_email(h, siret).await?.and_then(|text| Email::parse(&text).ok()))
}

/// What shows that a person works for an establishment now, if anything does.
pub async fn word(h: &mut impl Handle, who: &Account, siret: &Siret, now: Timestamp) -> Result<Option<Word>> {
    if let Some(domain) = domain(h, who, siret).await? {
        return Ok(Some(Word::proved(Proof::EmailDomain, domain)));
    }
    let read = store::proved(h, &who.id, siret, now.minus(GOOD_FOR)).await?;
    Ok(read.map(|(email, _)| Word::proved(Proof::OfficialContact, email)))
}

/// The domain of the establishment that the proved address of a person is in.
async fn domain(h: &mut impl Handle, who: &Account, siret: &Siret) -> Result<Option<String>> {
    let Some(email) = who.login_email.as_ref().filter(|_| who.login_email_verified) else { return Ok(None) };
    let domain = email.domain().to_ascii_lowercase();
    Ok(store::domains(h, siret).await?.contains(&domain).then_some(domain))
}

/// The person gave back a code sent to the official address: kept for what they ask next, and the place they may have is proved
/// from now on. Whether they have one.
pub async fn record(tx: &mut Tx, kit: &Kit<'_>, who: &Account, establishment: &Establishment, email: &Email) -> Result<bool> {
    let (siret, now) = (&establishment.siret, kit.ctx.now());
    store::take_turn(tx, siret).await?;
    store::prove(tx, &who.id, siret, email.as_str(), now).await?;
    let event = Event::new(Kind::LinkProved).account(&who.id).with("siret", siret.as_str());
    audit::append(tx, kit.ctx, event.with("proof", Proof::OfficialContact.name())).await?;
    let Some(place) = super::membership(tx, &who.id, siret, now).await? else { return Ok(false) };
    if place.link < Link::Proved {
        // Not through `admit`, which gives whoever comes anew a place without an end.
        let word = Word::proved(Proof::OfficialContact, email.to_string());
        people::strengthen(tx, kit, place, word).await?;
    }
    Ok(true)
}
