//! What was proved, as a type that only the verification of a factor can make.

use serde::{Deserialize, Serialize};

use crate::base::id::AccountId;
use crate::base::{Aal, Timestamp};

/// A means of proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A password.
    Password,
    /// A code received by mail.
    EmailCode,
    /// A code received by SMS.
    SmsCode,
    /// A code of an authenticator application (RFC 6238).
    Totp,
    /// A code shown by a physical card (RFC 4226, RFC 6238).
    OtpCard,
    /// A passkey that stays in one device, which verified its user (WebAuthn).
    DeviceKey,
    /// A passkey kept in several devices, one of which verified its user.
    SyncedKey,
    /// A code of the printed set.
    RecoveryCode,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 8] =
        [Self::Password, Self::EmailCode, Self::SmsCode, Self::Totp, Self::OtpCard, Self::DeviceKey, Self::SyncedKey, Self::RecoveryCode];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::EmailCode => "otp",
            Self::SmsCode => "sms",
            Self::Totp => "totp",
            Self::OtpCard => "card",
            Self::DeviceKey => "hwk",
            Self::SyncedKey => "swk",
            Self::RecoveryCode => "recovery",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }

    /// Whether it may begin a session; the others only strengthen one.
    pub const fn is_first(self) -> bool {
        match self {
            Self::Password | Self::EmailCode | Self::DeviceKey | Self::SyncedKey => true,
            Self::SmsCode | Self::Totp | Self::OtpCard | Self::RecoveryCode => false,
        }
    }

    /// The values in `amr` (RFC 8176). Codes that serve once are `otp`, by mail too: no value is closer.
    pub const fn amr(self) -> &'static [&'static str] {
        match self {
            Self::Password => &["pwd"],
            Self::EmailCode | Self::Totp | Self::OtpCard | Self::RecoveryCode => &["otp"],
            Self::SmsCode => &["sms"],
            Self::DeviceKey => &["hwk", "user"],
            Self::SyncedKey => &["swk", "user"],
        }
    }
}

/// What these methods amount to together.
pub fn level(methods: impl IntoIterator<Item = Method>) -> Aal {
    let (mut first, mut second, mut key) = (false, false, false);
    for method in methods {
        match method {
            Method::Password | Method::EmailCode => first = true,
            Method::Totp | Method::OtpCard | Method::RecoveryCode => second = true,
            Method::DeviceKey | Method::SyncedKey => key = true,
            // A code by SMS goes with a code by mail at a first sign-in only: two ways to reach one person.
            Method::SmsCode => {}
        }
    }
    match (key, first && second) {
        (true, _) => Aal::PhishingResistant,
        (false, true) => Aal::Two,
        (false, false) => Aal::One,
    }
}

/// Proof that somebody holds a factor of an account, now. Not `Clone`: it opens one session, or strengthens one.
#[derive(Debug)]
pub struct Proof {
    account: AccountId,
    method: Method,
    at: Timestamp,
}

impl Proof {
    /// Only the modules of `authn` that verify a factor may call this.
    pub(in crate::authn) fn new(account: AccountId, method: Method, at: Timestamp) -> Self {
        Self { account, method, at }
    }

    /// Whose.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// How.
    pub fn method(&self) -> Method {
        self.method
    }

    /// When.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_know_or_to_reach_a_person_are_one_factor() {
        use Method::{DeviceKey, EmailCode, OtpCard, Password, RecoveryCode, SmsCode, SyncedKey, Totp};
        for (methods, expected) in [
            (vec![], Aal::One),
            (vec![Password], Aal::One),
            (vec![Password, EmailCode], Aal::One),
            (vec![EmailCode, SmsCode], Aal::One),
            (vec![Totp], Aal::One),
            (vec![Totp, OtpCard, RecoveryCode], Aal::One),
            (vec![EmailCode, Totp], Aal::Two),
            (vec![OtpCard, Password], Aal::Two),
            (vec![Password, RecoveryCode], Aal::Two),
            (vec![SyncedKey], Aal::PhishingResistant),
            (vec![Password, DeviceKey], Aal::PhishingResistant),
        ] {
            assert_eq!(level(methods.clone()), expected, "{methods:?}");
        }
    }

    #[test]
    fn names_and_numbers_are_read_back() {
        assert!(Method::ALL.into_iter().all(|m| Method::parse(m.name()) == Some(m)));
        assert!(Aal::ALL.into_iter().all(|a| Aal::parse(a.name()) == Some(a) && Aal::from_number(a.number()) == Some(a)));
    }
}
