//! Typed identifiers: a prefix that says what they name, then a UUID v7 so that indexes stay sorted.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::rng::{self, Rng};

fn fresh(prefix: &str, now: Timestamp, rng: &dyn Rng) -> String {
    let ms = u64::try_from(now.millis()).unwrap_or(0);
    let id = uuid::Builder::from_unix_timestamp_millis(ms, &rng::bytes(rng)).into_uuid();
    format!("{prefix}_{}", id.simple())
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The prefix of every identifier of this type.
            pub const PREFIX: &'static str = $prefix;

            /// A new identifier, unique and sorted by time.
            pub fn new(now: Timestamp, rng: &dyn Rng) -> Self {
                Self(fresh($prefix, now, rng))
            }

            /// Reads an identifier of this type; `None` when prefix or form differ.
            pub fn parse(text: &str) -> Option<Self> {
                let rest = text.strip_prefix($prefix)?.strip_prefix('_')?;
                (rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
            }

            /// An identifier read from our own tables.
            pub fn from_store(text: String) -> Self {
                Self(text)
            }

            /// The text form.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// An account, of a particulier or a professionnel.
    AccountId "acc";
    /// An authenticator application or a passkey.
    FactorId "fac";
    /// A request of somebody who lost their means of connection.
    RecoveryId "rec";
    /// The trust given to a browser.
    TrustId "tru";
    /// A browser session at the hub. Never published: each service knows it by a `sid` of its own.
    SessionId "ses";
    /// What a person (or a client for itself) has granted to a client; every token belongs to one.
    GrantId "grt";
    /// A row of the audit trail.
    AuditId "aud";
    /// A job of the outbox.
    JobId "job";
    /// A notice to a client.
    NoticeId "ntc";
    /// A pending change of e-mail address.
    EmailChangeId "emc";
    /// One HTTP request; its short form is the reference shown on error pages.
    RequestId "req";
    /// A proved identity that may be an account's (S-18).
    LinkId "lnk";
    /// A request to join an establishment, or to use a service for one.
    AskId "ask";
    /// A review of the rights in an establishment.
    ReviewId "rev";
    /// What the managers of a closed establishment ask those of the one that follows.
    SuccessionId "suc";
    /// An invitation to join an establishment.
    InvitationId "inv";
    /// An offer to hand over the management of an establishment.
    HandoverId "hnd";
    /// A pending authorization request (DESIGN §5).
    InteractionId "int";
}

impl RequestId {
    /// The reference a person can read over the telephone: `7F3K-92QM` (ux X-01).
    pub fn reference(&self) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let tail = self.0.get(self.0.len().saturating_sub(10)..).unwrap_or_default();
        let n = u64::from_str_radix(tail, 16).unwrap_or_default();
        let letter = |i: u64| char::from(ALPHABET.get(((n >> (5 * i)) & 31) as usize).copied().unwrap_or(b'0'));
        let half = |from: u64| (from..from + 4).map(letter).collect::<String>();
        format!("{}-{}", half(0), half(4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::SeededRng;

    #[test]
    fn an_identifier_reads_back_only_as_its_own_type() {
        let rng = SeededRng::new(1);
        let id = AccountId::new(Timestamp::from_secs(1_700_000_000), &rng);
        assert_eq!(AccountId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(SessionId::parse(id.as_str()), None);
        assert_eq!(AccountId::parse("acc_zz"), None);
    }

    #[test]
    fn a_reference_is_two_groups_of_four_unambiguous_characters() {
        let r = RequestId::new(Timestamp::from_secs(1), &SeededRng::new(2)).reference();
        assert_eq!(r.len(), 9);
        assert!(r.chars().enumerate().all(|(i, c)| if i == 4 { c == '-' } else { !"ILOU".contains(c) }));
    }
}
