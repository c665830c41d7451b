//! Creating an account (C-01 to C-10): nothing is kept before the address is proved; then everything at once.

use std::time::Duration;

use super::factor::Kit;
use super::factor::email_code::{self, Challenge, Purpose};
use super::{Method, Proof};
use crate::account::profile::Identity;
use crate::account::{Account, AccountKind, store};
use crate::audit::{self, Event, Kind};
use crate::base::id::InteractionId;
use crate::base::{Actor, Email};
use crate::db::{Result, Tx};
use crate::jobs::{self, Job};
use crate::mail::message::MailMessage;

/// The code of a registration.
pub fn challenge<'a>(email: &'a Email, journey: &'a InteractionId) -> Challenge<'a> {
    Challenge { purpose: Purpose::Creation, email, journey: journey.as_str() }
}

/// Makes the account of the address that was proved in this journey. `None` when nothing was proved, or when it was
/// used already. [`Error::Conflict`](crate::db::Error::Conflict) when the address has an account by now: roll back.
pub async fn finish(
    tx: &mut Tx,
    kit: &Kit<'_>,
    email: &Email,
    journey: &InteractionId,
    identity: Identity,
    password_hash: Option<&str>,
) -> Result<Option<Proof>> {
    if email_code::redeem(tx, kit, &challenge(email, journey)).await?.is_none() {
        return Ok(None);
    }
    let now = kit.ctx.now();
    let account = Account {
        login_email: Some(email.clone()),
        login_email_verified: true,
        given_name: identity.given_name,
        family_name: identity.family_name,
        phone: identity.phone,
        job_title: identity.job_title,
        ..Account::new(kit.ctx, AccountKind::Professional)
    };
    store::insert(tx, &account).await?;
    if let Some(hash) = password_hash {
        store::set_password(tx, &account.id, hash, now).await?;
    }
    let ctx = kit.ctx.acting_as(Actor::Account(account.id.clone()));
    let event = Event::new(Kind::AccountCreated).account(&account.id).with("how", "registration");
    audit::append(tx, &ctx, event.with("password", password_hash.is_some())).await?;
    let message = MailMessage::Welcome {
        given_name: account.given_name.clone(),
        login_email: email.to_string(),
        has_password: password_hash.is_some(),
    };
    let job = Job::Mail { to: email.as_str().to_owned(), locale: account.locale, message };
    jobs::enqueue(tx, &ctx, &kit.keys.rest, &job, Duration::ZERO).await?;
    Ok(Some(Proof::new(account.id, Method::EmailCode, now)))
}
