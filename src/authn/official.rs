//! The code to the official address of an establishment (french-domain §3.4): whoever gives it back works there, or
//! was handed it by somebody who does. Bound to one session, one establishment and one address.

use super::LiveSession;
use super::factor::Kit;
use super::factor::email_code::{self, Challenge, Digits, Letter, Purpose, Refused, Sending, Standing};
use crate::base::Email;
use crate::db::{Handle, Result, Tx};
use crate::mail::message::OfficialClaim;
use crate::org::{Establishment, official};

/// Who wants to prove what.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Who, in which session.
    pub who: &'a LiveSession,
    /// For which establishment.
    pub establishment: &'a Establishment,
    /// Its official address.
    pub email: &'a Email,
}

impl Asked<'_> {
    fn journey(&self) -> String {
        format!("{} {}", self.who.session().id, self.establishment.siret)
    }

    fn challenge<'a>(&'a self, journey: &'a str) -> Challenge<'a> {
        Challenge { purpose: Purpose::Official, email: self.email, journey }
    }
}

/// Sends a code, within the limits of all codes.
pub async fn send(tx: &mut Tx, kit: &Kit<'_>, asked: &Asked<'_>) -> Result<Sending> {
    let (journey, account) = (asked.journey(), asked.who.account());
    let claim = OfficialClaim {
        person: account.full_name(),
        email: account.login_email.as_ref().map(ToString::to_string).unwrap_or_default(),
        establishment: asked.establishment.name.clone(),
    };
    let letter = Letter::Official { account: account.id.clone(), claim: Box::new(claim) };
    email_code::send(tx, kit, &asked.challenge(&journey), letter, None).await
}

/// Where the codes asked for in this session stand.
pub async fn standing(h: &mut impl Handle, kit: &Kit<'_>, asked: &Asked<'_>) -> Result<Standing> {
    email_code::standing(h, kit, &asked.challenge(&asked.journey())).await
}

/// Tries a code. Given back right, it is spent and what it shows is recorded: answers whether the person has a place there, which is
/// proved from now on. Commit whatever the outcome.
pub async fn verify(tx: &mut Tx, kit: &Kit<'_>, asked: &Asked<'_>, typed: &Digits) -> Result<std::result::Result<bool, Refused>> {
    let journey = asked.journey();
    let proved = match email_code::verify(tx, kit, &asked.challenge(&journey), typed).await? {
        Ok(proved) => proved,
        Err(refused) => return Ok(Err(refused)),
    };
    let account = asked.who.account();
    if !proved.is_for(Purpose::Official) || proved.account() != Some(&account.id) {
        return Ok(Err(Refused::Expired));
    }
    official::record(tx, kit, account, asked.establishment, asked.email).await.map(Ok)
}
