//! What was proved, as a type that only the verification of a factor can make.

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;
use crate::base::id::AccountId;

/// A means of proof, with its name in `amr` (RFC 8176; `otp` for a code by mail, which RFC 8176 has no closer word for).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A password.
    Password,
    /// A code received by mail.
    EmailCode,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 2] = [Self::Password, Self::EmailCode];

    /// The value in `amr`.
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::EmailCode => "otp",
        }
    }

    /// Reads a value of `amr`.
    pub fn parse(amr: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.amr() == amr)
    }
}

/// Proof that somebody holds a factor of an account, now. Not `Clone`: it opens one session.
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
