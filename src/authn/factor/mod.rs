//! The means of proof: each verifies, counts and audits by itself, and only a success makes a [`Proof`](super::Proof).

pub mod email_code;
pub mod passkey;
pub mod password;
pub mod policy;
pub mod recovery;
pub mod store;
pub mod totp;

pub use crate::account::kit::Kit;

use std::time::Duration;

use super::throttle::{self, Counter, Limited};
use crate::account::Account;
use crate::audit::{self, Event, Kind};
use crate::base::Email;
use crate::base::id::AccountId;
use crate::db::{Result, Tx};
use crate::jobs::{self, Job};
use crate::mail::message::{MailMessage, SecurityEvent};

/// One try of a factor of an account, counted before anything is compared: parallel guesses do not multiply the allowance.
#[derive(Debug)]
pub struct Tried<'a> {
    kit: Kit<'a>,
    counter: Counter,
    account: AccountId,
    left: i64,
}

impl<'a> Tried<'a> {
    /// Counts a try. Beyond the allowance it is refused, and audited.
    pub async fn take(tx: &mut Tx, kit: &Kit<'a>, counter: Counter, account: &AccountId) -> Result<Result<Self, Limited>> {
        let allowance = counter.allowance().unwrap_or(1);
        match throttle::take(tx, kit.ctx, counter, account.as_str(), allowance).await? {
            Ok(admitted) => Ok(Ok(Self { kit: *kit, counter, account: account.clone(), left: admitted.left })),
            Err(limited) => {
                let event = Event::new(Kind::Throttled).account(account).with("until", limited.until.millis());
                audit::append(tx, kit.ctx, event).await?;
                Ok(Err(limited))
            }
        }
    }

    /// It was right: the counter starts anew.
    pub async fn accept(self, tx: &mut Tx) -> Result<()> {
        throttle::clear(tx, self.counter, self.account.as_str()).await
    }

    /// It was wrong. The last one allowed is told to the person.
    pub async fn refuse(self, tx: &mut Tx, factor: &str, why: &str) -> Result<()> {
        let event = Event::new(Kind::SignInRefused).account(&self.account).with("factor", factor).with("why", why);
        audit::append(tx, self.kit.ctx, event.with("left", self.left)).await?;
        if self.left == 0 {
            notice(tx, &self.kit, &self.account, SecurityEvent::FactorSuspended).await?;
        }
        Ok(())
    }
}

/// Tells a person by mail what happened to their means of connection (M11, M12): at every address we know of them.
pub async fn notice(tx: &mut Tx, kit: &Kit<'_>, account: &AccountId, event: SecurityEvent) -> Result<()> {
    let Some(account) = crate::account::store::find(tx, account).await? else { return Ok(()) };
    tell(tx, kit, &account, &MailMessage::SecurityNotice { event, origin: kit.origin(None) }).await
}

/// Sends a person this mail at every address we know of them: whoever took one over cannot keep it from the other.
pub async fn tell(tx: &mut Tx, kit: &Kit<'_>, account: &Account, message: &MailMessage) -> Result<()> {
    for email in addresses(account) {
        let job = Job::Mail { to: email.as_str().to_owned(), locale: account.locale, message: message.clone() };
        jobs::enqueue(tx, kit.ctx, &kit.keys.rest, &job, Duration::ZERO).await?;
    }
    Ok(())
}

/// Every address we know of a person, each once.
pub fn addresses(account: &Account) -> Vec<&Email> {
    let mut all: Vec<&Email> = account.login_email.iter().chain(&account.contact_email).collect();
    all.dedup_by_key(|e| e.key());
    all
}
