//! The first sign-in of a designated manager (S-22): the address and the mobile as they were recorded, then a code by mail and
//! one by SMS, together. Strangers see the same pages; only what was recorded makes codes that are right.

pub mod store;

use std::time::Duration;

use super::factor::Kit;
use super::factor::email_code::{self, Challenge, Digits, Letter, Purpose, Refused, Sending};
use super::{Method, Proof};
use crate::account::{self, Account};
use crate::audit::{self, Event, Kind};
use crate::base::id::{AccountId, InteractionId};
use crate::base::phone::Mobile;
use crate::base::{Email, Timestamp};
use crate::db::{Result, Tx};
use crate::jobs::{self, Job};
use crate::mail::message::MailMessage;
use crate::sms::SmsMessage;

/// How long a designation waits for its person.
pub const VALID_FOR: Duration = Duration::from_secs(30 * 86_400);

/// Designates a person, who is told by mail. One designation stands at a time: a new one voids the one before, and lets
/// somebody who came once come again. Answers its end.
pub async fn designate(tx: &mut Tx, kit: &Kit<'_>, account: &Account, mobile: &Mobile) -> Result<Timestamp> {
    let (now, until) = (kit.ctx.now(), kit.ctx.now().plus(VALID_FOR));
    store::put(tx, &account.id, mobile, now, until, kit.ctx.rng.as_ref()).await?;
    if account.security.required < kit.config.policy.managers {
        account::store::set_required(tx, &account.id, kit.config.policy.managers).await?;
    }
    let event = Event::new(Kind::ManagerDesignated).account(&account.id).with("until", until.millis());
    audit::append(tx, kit.ctx, event).await?;
    if let Some(to) = account.notice_email() {
        let message = MailMessage::Designated { until: until.millis(), origin: kit.origin(None) };
        let job = Job::Mail { to: to.as_str().to_owned(), locale: account.locale, message };
        jobs::enqueue(tx, kit.ctx, &kit.keys.rest, &job, Duration::ZERO).await?;
    }
    Ok(until)
}

/// Takes back a designation that did not serve: the account opens as it did before. False when there is none.
pub async fn withdraw(tx: &mut Tx, kit: &Kit<'_>, account: &Account) -> Result<bool> {
    if store::withdraw(tx, &account.id).await? == 0 {
        return Ok(false);
    }
    audit::append(tx, kit.ctx, Event::new(Kind::DesignationWithdrawn).account(&account.id)).await?;
    Ok(true)
}

/// What a journey claims: the address and the mobile, as typed.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Sign-in address.
    pub email: &'a Email,
    /// Mobile.
    pub mobile: &'a Mobile,
    /// The journey.
    pub journey: &'a InteractionId,
}

impl<'a> Claim<'a> {
    fn by_mail(&self) -> Challenge<'a> {
        Challenge { purpose: Purpose::FirstSignIn, email: self.email, journey: self.journey.as_str() }
    }

    fn by_sms(&self) -> Challenge<'a> {
        Challenge { purpose: Purpose::FirstSignInSms, ..self.by_mail() }
    }

    /// The challenge whose standing says when codes may be sent again.
    pub fn challenge(&self) -> Challenge<'a> {
        self.by_mail()
    }
}

/// The account that this claim opens now: alive, designated with this mobile, and without a means of its own beyond codes.
async fn designated(tx: &mut Tx, kit: &Kit<'_>, claim: &Claim<'_>) -> Result<Option<AccountId>> {
    let account = account::store::find_by_login(tx, claim.email).await?.filter(|a| a.is_alive() && !a.security.strong());
    // Somebody who is unknown costs the same query.
    let nobody = String::new();
    let id = account.as_ref().map_or(nobody.as_str(), |a| a.id.as_str());
    let phone = store::find_open(tx, id, kit.ctx.now()).await?;
    let agrees = phone.is_some_and(|phone| crate::crypto::same(&phone, claim.mobile.as_str()));
    Ok(account.filter(|_| agrees).map(|a| a.id))
}

/// Sends both codes, if the claim is right; otherwise does as if. What is answered does not tell.
pub async fn ask(tx: &mut Tx, kit: &Kit<'_>, claim: &Claim<'_>) -> Result<Sending> {
    let account = designated(tx, kit, claim).await?;
    let letter = match &account {
        Some(account) => {
            let mail = |code, origin| MailMessage::FirstSignInCode { code, origin };
            Letter::Code { account: Some(account.clone()), mail }
        }
        None => Letter::Instead(None),
    };
    let sending = email_code::send(tx, kit, &claim.by_mail(), letter, None).await?;
    if sending == Sending::Sent {
        let letter = match account {
            Some(account) => Letter::Text { account, to: claim.mobile.clone(), message: |code| SmsMessage::FirstSignIn { code } },
            None => Letter::Instead(None),
        };
        email_code::send(tx, kit, &claim.by_sms(), letter, None).await?;
    }
    Ok(sending)
}

/// Tries both codes. Both right, they prove the address and the mobile, and the designation is spent: one caller wins.
/// Commit whatever the outcome.
pub async fn verify(tx: &mut Tx, kit: &Kit<'_>, claim: &Claim<'_>, mail: &Digits, sms: &Digits) -> Result<Result<[Proof; 2], Refused>> {
    let now = kit.ctx.now();
    let pair = [(&claim.by_mail(), mail), (&claim.by_sms(), sms)];
    let account = match email_code::verify_both(tx, kit, pair).await? {
        Ok(account) => account,
        Err(refused) => return Ok(Err(refused)),
    };
    // Everything is asked again: it may have changed since the codes were sent.
    let stands = designated(tx, kit, claim).await?.as_ref() == Some(&account);
    if !stands || store::consume(tx, &account, now).await? == 0 {
        let event = Event::new(Kind::SignInRefused).account(&account).with("factor", "designation").with("why", "spent");
        audit::append(tx, kit.ctx, event).await?;
        return Ok(Err(Refused::Used));
    }
    account::store::verify_login(tx, &account, claim.email, now).await?;
    Ok(Ok([Proof::new(account.clone(), Method::EmailCode, now), Proof::new(account, Method::SmsCode, now)]))
}
