//! Passwords: counted before they are hashed, hashed outside any transaction, at the same cost for everybody.

use super::Kit;
use crate::account::Account;
use crate::audit::{self, Event, Kind};
use crate::authn::throttle::{self, Admitted, Counter};
use crate::authn::{Method, Proof};
use crate::base::id::AccountId;
use crate::base::{Email, Secret, Timestamp};
use crate::crypto::Hasher;
use crate::crypto::hasher::{self, Against};
use crate::db::{self, Db, Tx};
use crate::mail::message::{MailMessage, SecurityEvent};

/// Why a password is not taken. The same for addresses with and without an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Unknown address, no password, wrong password or disabled account.
    Wrong,
    /// Password sign-in is suspended for this address.
    Suspended {
        /// Until when.
        until: Timestamp,
    },
}

/// Why no verdict was reached.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The hashing pool.
    #[error(transparent)]
    Hasher(#[from] hasher::Failure),
}

/// A password that was right. [`Verified::settle`] it in the transaction that opens the session.
#[derive(Debug)]
pub struct Verified {
    account: AccountId,
    subject: String,
    /// The hash it was verified against, and the one to keep.
    hashes: (String, String),
    at: Timestamp,
}

impl Verified {
    /// Clears the counter, keeps a hash of today's cost, and gives the proof. `None` when the password was changed since
    /// it was verified: the guarded update orders a sign-in and a change one after the other.
    pub async fn settle(self, tx: &mut Tx) -> db::Result<Option<Proof>> {
        let (verified, kept) = &self.hashes;
        if crate::account::store::keep_password(tx, &self.account, verified, kept).await? == 0 {
            return Ok(None);
        }
        throttle::clear(tx, Counter::Password, &self.subject).await?;
        Ok(Some(Proof::new(self.account, Method::Password, self.at)))
    }
}

/// Verifies a password. Counts one try first, so that parallel guesses cannot exceed the allowance of the address.
pub async fn verify(db: &Db, hasher: &Hasher, kit: &Kit<'_>, email: &Email, typed: Secret) -> Result<Result<Verified, Refused>, Failure> {
    let subject = kit.subject(email);
    let mut tx = db.begin().await?;
    let account = crate::account::store::find_by_login(&mut tx, email).await?.filter(Account::is_alive);
    let stored = match &account {
        // None opens an administrator's account, even one that was left over.
        Some(a) if a.security.administrator => None,
        Some(a) => crate::account::store::find_password(&mut tx, &a.id).await?,
        None => None,
    };
    // Looked for in any case: the time of a query would tell too.
    let decoy = crate::account::store::find_decoy(&mut tx, &kit.decoy_point(email)).await?;
    let admitted = throttle::take(&mut tx, kit.ctx, Counter::Password, &subject, kit.config.sign_in.password_attempts).await?;
    if let Err(limited) = &admitted {
        audit::append(&mut tx, kit.ctx, event(Kind::Throttled, account.as_ref()).with("until", limited.until.millis())).await?;
    }
    tx.commit().await?;
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err(limited) => return Ok(Err(Refused::Suspended { until: limited.until })),
    };
    let against = stored.clone().map_or(Against::Decoy(decoy), Against::Own);
    let verdict = hasher.verify(typed.clone(), against).await?;
    match (verdict, account, stored) {
        (Ok(verified), Some(account), Some(stored)) => {
            let kept = if verified.outdated { hasher.hash(typed, kit.ctx.rng.as_ref()).await? } else { stored.clone() };
            Ok(Ok(Verified { account: account.id, subject, hashes: (stored, kept), at: kit.ctx.now() }))
        }
        (Ok(_) | Err(hasher::Mismatch), account, _) => Ok(Err(refuse(db, kit, account, &admitted).await?)),
    }
}

fn event(kind: Kind, account: Option<&Account>) -> Event {
    let event = Event::new(kind).with("factor", "password");
    match account {
        Some(a) => event.account(&a.id),
        None => event,
    }
}

/// Records a wrong password; the last one allowed suspends the password and tells the account's owner.
async fn refuse(db: &Db, kit: &Kit<'_>, account: Option<Account>, admitted: &Admitted) -> db::Result<Refused> {
    let mut tx = db.begin().await?;
    audit::append(&mut tx, kit.ctx, event(Kind::SignInRefused, account.as_ref()).with("left", admitted.left)).await?;
    let until = (admitted.left == 0).then_some(admitted.until);
    if until.is_some() {
        audit::append(&mut tx, kit.ctx, event(Kind::Throttled, account.as_ref())).await?;
        if let Some(account) = &account {
            let message = MailMessage::SecurityNotice { event: SecurityEvent::PasswordLocked, origin: kit.origin(None) };
            super::tell(&mut tx, kit, account, &message).await?;
        }
    }
    tx.commit().await?;
    Ok(until.map_or(Refused::Wrong, |until| Refused::Suspended { until }))
}
