//! Challenges that travel: sealed for one step of one browser, good for five minutes and for one answer.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::authn::factor::Kit;
use crate::base::encode::b64u;
use crate::base::id::AccountId;
use crate::base::{Timestamp, rng};
use crate::crypto::sha256;
use crate::crypto::webauthn::ANSWER_WITHIN;
use crate::db::{Error, Result, Tx};

/// What an answer is for. An answer to one step is nothing to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// P-09: a key is made.
    Enrolment,
    /// S-02: somebody says who they are.
    SignIn,
    /// S-09: somebody who is known proves it further.
    SecondFactor,
}

impl Purpose {
    /// The name in seals and in the audit trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enrolment => "enrolment",
            Self::SignIn => "sign_in",
            Self::SecondFactor => "second_factor",
        }
    }
}

/// Where a challenge is good.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// What for.
    pub purpose: Purpose,
    /// The browser's cookie.
    pub browser: &'a str,
    /// The interaction or session.
    pub journey: &'a str,
    /// Whose answer is awaited, when it is known.
    pub account: Option<&'a AccountId>,
}

impl Place<'_> {
    fn context(&self) -> String {
        let account = self.account.map_or("", AccountId::as_str);
        format!("passkey/{}/{}/{}/{account}", self.purpose.name(), sha256(self.browser.as_bytes()), self.journey)
    }
}

/// What a page gives the browser's own dialogue, and gets back with the answer.
#[derive(Debug, Serialize)]
pub struct Prompt {
    /// Options of `navigator.credentials`, in their JSON form.
    #[serde(rename = "publicKey")]
    pub options: Value,
    /// The sealed challenge.
    #[serde(rename = "etat")]
    pub sealed: String,
}

/// An answer as posted.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The sealed challenge.
    pub sealed: &'a str,
    /// The JSON of `PublicKeyCredential`.
    pub credential: &'a str,
}

#[derive(Serialize, Deserialize)]
struct Inside<S> {
    #[serde(rename = "i")]
    id: String,
    #[serde(rename = "u")]
    until: Timestamp,
    #[serde(rename = "s")]
    state: S,
}

/// Seals what will check the answer.
pub(super) fn seal<S: Serialize>(kit: &Kit<'_>, place: &Place<'_>, options: Value, state: S) -> Result<Prompt> {
    let id = b64u(rng::bytes::<16>(kit.ctx.rng.as_ref()));
    let inside = Inside { id, until: kit.ctx.now().plus(ANSWER_WITHIN), state };
    let text = serde_json::to_vec(&inside).map_err(|e| Error::inconsistent(e.to_string()))?;
    let sealed = kit.keys.browser.seal(&place.context(), &text).map_err(|e| Error::inconsistent(e.to_string()))?;
    Ok(Prompt { options, sealed })
}

/// Why a challenge is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stale {
    /// Not ours, or of another step, browser or journey.
    Foreign,
    /// More than five minutes old.
    Expired,
    /// Answered already.
    Answered,
}

impl Stale {
    /// The word in the audit trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Foreign => "foreign_challenge",
            Self::Expired => "expired",
            Self::Answered => "answered",
        }
    }
}

/// Opens a challenge and spends it: of any number of answers to one challenge, one gets what checks it.
pub(super) async fn spend<S: DeserializeOwned>(
    tx: &mut Tx,
    kit: &Kit<'_>,
    place: &Place<'_>,
    sealed: &str,
) -> Result<std::result::Result<S, Stale>> {
    let text = kit.keys.browser.open(&place.context(), sealed).ok();
    let Some(inside) = text.and_then(|t| serde_json::from_slice::<Inside<S>>(&t).ok()) else { return Ok(Err(Stale::Foreign)) };
    if kit.ctx.now() >= inside.until {
        return Ok(Err(Stale::Expired));
    }
    let first = crate::authn::store::spend(tx, &inside.id, inside.until).await? == 1;
    Ok(if first { Ok(inside.state) } else { Err(Stale::Answered) })
}
