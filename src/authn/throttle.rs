//! Counters in the database: shared by every node and every path, surviving a restart (DESIGN §8).

use std::time::Duration;

use super::store;
use crate::base::{Ctx, Timestamp};
use crate::db::{Result, Tx};

/// What is counted. Subjects are keyed hashes or identifiers, the same whether or not an account exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Wrong passwords for an address.
    Password,
    /// Codes sent to an address, per hour.
    CodesPerHour,
    /// Codes sent to an address, per day.
    CodesPerDay,
    /// Mails of any kind to a recipient, per hour.
    MailPerHour,
    /// Mails of any kind to a recipient, per day.
    MailPerDay,
    /// Short messages to a number, per hour.
    SmsPerHour,
    /// Short messages to a number, per day.
    SmsPerDay,
    /// « No account » mails to an address, per day.
    UnknownPerDay,
    /// Wrong codes of an account's authenticator applications.
    Totp,
    /// Wrong recovery codes of an account.
    Recovery,
    /// Wrong codes while setting up an application.
    Enrolment,
    /// Resynchronisations of a card, per hour.
    CardResync,
    /// Requests of an account that lost its means, per day.
    RecoveryAsked,
    /// Answers of passkeys refused for an account.
    Passkey,
    /// Failed authentications of a client.
    Client,
    /// Invitations sent by a manager, per day.
    Invitations,
    /// Requests sent by a person, per day: each is a mail to everybody who decides.
    Requests,
    /// Reminders to set up a strong means of connection, received by a person, per day.
    EnrolmentReminders,
}

impl Counter {
    const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::CodesPerHour => "codes/h",
            Self::CodesPerDay => "codes/d",
            Self::MailPerHour => "mail/h",
            Self::MailPerDay => "mail/d",
            Self::SmsPerHour => "sms/h",
            Self::SmsPerDay => "sms/d",
            Self::UnknownPerDay => "unknown/d",
            Self::Totp => "totp",
            Self::Recovery => "recovery",
            Self::Enrolment => "enrolment",
            Self::CardResync => "card_resync",
            Self::RecoveryAsked => "recovery/d",
            Self::Passkey => "passkey",
            Self::Client => "client",
            Self::Invitations => "invitations/d",
            Self::Requests => "requests/d",
            Self::EnrolmentReminders => "enrolment/d",
        }
    }

    /// Wrong tries of a second factor in a window. Those of passwords, codes and clients are the operator's to set.
    pub const fn allowance(self) -> Option<i64> {
        match self {
            Self::Totp | Self::Enrolment | Self::CardResync | Self::Passkey => Some(10),
            Self::Recovery => Some(5),
            Self::Password
            | Self::CodesPerHour
            | Self::CodesPerDay
            | Self::MailPerHour
            | Self::MailPerDay
            | Self::SmsPerHour
            | Self::SmsPerDay
            | Self::UnknownPerDay
            | Self::RecoveryAsked
            | Self::Client
            | Self::Invitations
            | Self::Requests
            | Self::EnrolmentReminders => None,
        }
    }

    const fn window(self) -> Duration {
        Duration::from_secs(match self {
            Self::Password | Self::Totp | Self::Recovery | Self::Enrolment | Self::Passkey | Self::Client => 900,
            Self::CodesPerHour | Self::MailPerHour | Self::SmsPerHour | Self::CardResync => 3_600,
            Self::CodesPerDay
            | Self::MailPerDay
            | Self::SmsPerDay
            | Self::UnknownPerDay
            | Self::RecoveryAsked
            | Self::Invitations
            | Self::Requests
            | Self::EnrolmentReminders => 86_400,
        })
    }
}

/// The limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("limit reached until {until}")]
pub struct Limited {
    /// When the window ends.
    pub until: Timestamp,
}

/// A place within the limit, taken before the work it allows: parallel attempts cannot exceed it.
#[derive(Debug)]
pub struct Admitted {
    /// Attempts left after this one.
    pub left: i64,
    /// When the window ends.
    pub until: Timestamp,
}

/// Counts one attempt, atomically, and says whether it is within `limit` for the window.
pub async fn take(tx: &mut Tx, ctx: &Ctx, counter: Counter, subject: &str, limit: i64) -> Result<Result<Admitted, Limited>> {
    let now = ctx.now();
    let id = format!("{}|{subject}", counter.name());
    let (hits, window_end) = store::hit(tx, &id, now, now.plus(counter.window())).await?;
    Ok(if hits > limit { Err(Limited { until: window_end }) } else { Ok(Admitted { left: limit - hits, until: window_end }) })
}

/// Forgets a counter after a success.
pub async fn clear(tx: &mut Tx, counter: Counter, subject: &str) -> Result<()> {
    store::clear_hits(tx, &format!("{}|{subject}", counter.name())).await
}
