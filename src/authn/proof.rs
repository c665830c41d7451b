//! What was proved, as a type that only the verification of a factor can make.

use serde::{Deserialize, Serialize};

use crate::base::id::AccountId;
use crate::base::{Aal, Eidas, Timestamp};

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
    /// FranceConnect, which vouched for the level *faible*.
    Eidas1,
    /// *Substantiel*.
    Eidas2,
    /// *Élevé*.
    Eidas3,
    /// Another provider, of professionals, which vouched for one factor.
    Vouched,
    /// The same, for two.
    VouchedTwice,
}

impl From<Eidas> for Method {
    fn from(level: Eidas) -> Self {
        match level {
            Eidas::One => Self::Eidas1,
            Eidas::Two => Self::Eidas2,
            Eidas::Three => Self::Eidas3,
        }
    }
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 13] = [
        Self::Password,
        Self::EmailCode,
        Self::SmsCode,
        Self::Totp,
        Self::OtpCard,
        Self::DeviceKey,
        Self::SyncedKey,
        Self::RecoveryCode,
        Self::Eidas1,
        Self::Eidas2,
        Self::Eidas3,
        Self::Vouched,
        Self::VouchedTwice,
    ];

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
            Self::Eidas1 => "eidas1",
            Self::Eidas2 => "eidas2",
            Self::Eidas3 => "eidas3",
            Self::Vouched => "vouched",
            Self::VouchedTwice => "vouched2",
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
            Self::Eidas1 | Self::Eidas2 | Self::Eidas3 | Self::Vouched | Self::VouchedTwice => true,
            Self::SmsCode | Self::Totp | Self::OtpCard | Self::RecoveryCode => false,
        }
    }

    /// Whether an upstream provider vouched for it.
    pub const fn is_vouched(self) -> bool {
        match self {
            Self::Eidas1 | Self::Eidas2 | Self::Eidas3 | Self::Vouched | Self::VouchedTwice => true,
            Self::Password | Self::EmailCode | Self::DeviceKey | Self::SyncedKey => false,
            Self::SmsCode | Self::Totp | Self::OtpCard | Self::RecoveryCode => false,
        }
    }

    /// Whether it is what an exclusive provider of an e-mail domain takes the place of: what its person knows, or receives there.
    pub const fn gives_way(self) -> bool {
        match self {
            Self::Password | Self::EmailCode => true,
            Self::Eidas1 | Self::Eidas2 | Self::Eidas3 | Self::Vouched | Self::VouchedTwice => false,
            Self::DeviceKey | Self::SyncedKey | Self::SmsCode | Self::Totp | Self::OtpCard | Self::RecoveryCode => false,
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
            // As FranceConnect says it of itself (french-domain §1.6).
            Self::Eidas1 | Self::Eidas2 | Self::Eidas3 => &["fc"],
            // How is not told; `mfa` follows from the level.
            Self::Vouched | Self::VouchedTwice => &[],
        }
    }

    /// The level FranceConnect vouched for.
    pub const fn eidas(self) -> Option<Eidas> {
        match self {
            Self::Eidas1 => Some(Eidas::One),
            Self::Eidas2 => Some(Eidas::Two),
            Self::Eidas3 => Some(Eidas::Three),
            Self::Password
            | Self::EmailCode
            | Self::SmsCode
            | Self::Totp
            | Self::OtpCard
            | Self::DeviceKey
            | Self::SyncedKey
            | Self::RecoveryCode
            | Self::Vouched
            | Self::VouchedTwice => None,
        }
    }
}

/// What these methods amount to together.
pub fn level(methods: impl IntoIterator<Item = Method>) -> Aal {
    let (mut first, mut second, mut key) = (false, false, false);
    for method in methods {
        match method {
            Method::Password | Method::EmailCode | Method::Eidas1 | Method::Vouched => first = true,
            // The level *substantiel* takes two factors of different kinds (regulation 2015/1502, annex 2.2.1).
            Method::Eidas2 | Method::Eidas3 | Method::VouchedTwice => (first, second) = (true, true),
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
    voucher: Option<Voucher>,
}

/// Who vouched, and what ends the session there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// The upstream provider.
    pub provider: String,
    /// Its id_token, sealed.
    pub sealed: String,
}

impl Proof {
    /// Only the modules of `authn` that verify a factor may call this.
    pub(in crate::authn) fn new(account: AccountId, method: Method, at: Timestamp) -> Self {
        Self { account, method, at, voucher: None }
    }

    /// What an upstream provider vouched for. Only `federation` may call this, once everything it received was verified.
    pub(crate) fn vouched(account: AccountId, method: Method, at: Timestamp, voucher: Voucher) -> Self {
        Self { account, method, at, voucher: Some(voucher) }
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

    /// The upstream provider it rests on.
    pub fn voucher(&self) -> Option<&Voucher> {
        self.voucher.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_know_or_to_reach_a_person_are_one_factor() {
        use Method::{
            DeviceKey, Eidas1, Eidas2, EmailCode, OtpCard, Password, RecoveryCode, SmsCode, SyncedKey, Totp, Vouched, VouchedTwice,
        };
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
            (vec![Eidas1, EmailCode], Aal::One),
            (vec![Eidas1, Totp], Aal::Two),
            (vec![Eidas2], Aal::Two),
            (vec![Vouched, EmailCode], Aal::One),
            (vec![Vouched, Totp], Aal::Two),
            (vec![VouchedTwice], Aal::Two),
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
