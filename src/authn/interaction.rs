//! The pending authorization request, carried sealed in the URL (`t`) until somebody has proved something, so that
//! an anonymous request writes nothing (DESIGN §2.6) and tabs, the back button and reload all work.

use serde::{Deserialize, Serialize};

use super::{LiveSession, Session};
use crate::base::id::{AccountId, InteractionId, SessionId};
use crate::base::phone::Mobile;
use crate::base::{Aal, Ctx, Email, Siret, Timestamp};
use crate::config::SignIn;
use crate::crypto::{Keys, sha256};

/// A validated authorization request, as `oidc::authorize` keeps it while people prove who they are. Short names: it
/// travels in URLs. Opaque here; `oidc` owns the meaning.
pub type SealedRequest = serde_json::Value;

/// What a sign-in knows so far. Holds no proof: proofs are rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Interaction {
    /// Names the journey; e-mail codes are bound to it.
    #[serde(rename = "i")]
    pub id: InteractionId,
    /// Hash of the browser cookie it belongs to.
    #[serde(rename = "b")]
    pub browser: String,
    /// Start.
    #[serde(rename = "s")]
    pub started_at: Timestamp,
    /// Last step taken: the journey is kept for so long after it.
    #[serde(rename = "l")]
    pub renewed_at: Timestamp,
    /// The address typed, once identified.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// The authorization request; none when signing in to the portal itself.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub request: Option<SealedRequest>,
    /// The person must prove again who they are (prompt=login, max_age), whatever the session.
    #[serde(rename = "f", default, skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
    /// The person must say which account to continue with (prompt=select_account).
    #[serde(rename = "a", default, skip_serializing_if = "std::ops::Not::not")]
    pub select: bool,
    /// The session they chose to continue with.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<SessionId>,
    /// An account and the address of it that this journey proves: begun from « Mon compte » by a person who had just signed
    /// in, or the first address of an individual (S-17), or that of an account to be linked (S-18). No other step may set it.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<(AccountId, Email)>,
    /// What was typed on the page before the last of a registration (C-03).
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// What an action of ours demands of this journey's proofs (sensitive changes in « Mon compte »).
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Aal>,
    /// Setting up a second factor was put off, within the time left for it (S-21).
    #[serde(rename = "w", default, skip_serializing_if = "std::ops::Not::not")]
    pub later: bool,
    /// An address that an upstream provider gave (S-17): kept as it is, it need not be proved again.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Email>,
    /// The mobile typed with the address, at a first sign-in (S-22).
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<Mobile>,
    /// Sent once to the provider of the domain typed: what comes back from it without success may be answered here.
    #[serde(rename = "u", default, skip_serializing_if = "std::ops::Not::not")]
    pub routed: bool,
    /// The establishment chosen to act for (S-14).
    #[serde(rename = "z", default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::base::siret::kept")]
    pub establishment: Option<Siret>,
    /// Path of ours to come back to when there is no authorization request.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
}

/// An identity as typed, read again when the account is made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// *Prénom*.
    #[serde(rename = "g")]
    pub given_name: String,
    /// *Nom*.
    #[serde(rename = "f")]
    pub family_name: String,
    /// *Téléphone*.
    #[serde(rename = "p", default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// *Fonction*.
    #[serde(rename = "j", default, skip_serializing_if = "String::is_empty")]
    pub job_title: String,
}

/// Longest sealed form put in a URL, in characters.
pub const MAX_SEALED: usize = 6_000;

/// Why a `t` is not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// Not ours (A203).
    #[error("unknown interaction")]
    Unknown,
    /// Of another browser, or of this one before its cookie was lost (A203); what it asked for can be replayed.
    #[error("interaction of another browser")]
    OtherBrowser(Box<Interaction>),
    /// Too old (A201); what it asked for can be replayed.
    #[error("expired interaction")]
    Expired(Box<Interaction>),
}

/// The request does not fit in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("authorization request too long")]
pub struct TooLong;

const CONTEXT: &str = "interaction";

impl Interaction {
    /// A new journey in the browser of this cookie.
    pub fn new(ctx: &Ctx, browser_cookie: &str, request: Option<SealedRequest>) -> Self {
        Self {
            id: InteractionId::new(ctx.now(), ctx.rng.as_ref()),
            browser: sha256(browser_cookie.as_bytes()),
            started_at: ctx.now(),
            renewed_at: ctx.now(),
            email: None,
            request,
            fresh: false,
            select: false,
            chosen: None,
            changes: None,
            draft: None,
            level: None,
            later: false,
            offered: None,
            mobile: None,
            routed: false,
            establishment: None,
            back: None,
        }
    }

    /// The same request, begun again in the browser of this cookie: nothing that was typed or chosen is kept.
    #[must_use]
    pub fn again(&self, ctx: &Ctx, browser_cookie: &str) -> Self {
        let fresh = Self::new(ctx, browser_cookie, self.request.clone());
        Self { fresh: self.fresh, select: self.select, level: self.level, routed: self.routed, back: self.back.clone(), ..fresh }
    }

    /// Whether this session answers the question « who are you? » for this journey.
    pub fn satisfied_by(&self, live: &LiveSession) -> bool {
        let session = live.session();
        let proved_here = session.proved_since(self.started_at);
        let chosen = self.chosen.as_ref() == Some(&session.id);
        (proved_here || !self.fresh) && (proved_here || chosen || !self.select)
    }

    /// How strong this session is for this journey: one that must be fresh counts only what was proved since it began.
    pub fn level_of(&self, session: &Session) -> Aal {
        if self.fresh { session.aal_since(self.started_at) } else { session.aal() }
    }

    /// The form carried in URLs.
    pub fn seal(&self, keys: &Keys) -> Result<String, TooLong> {
        let text = serde_json::to_vec(self).map_err(|_| TooLong)?;
        let sealed = keys.browser.seal(CONTEXT, &text).map_err(|_| TooLong)?;
        if sealed.len() > MAX_SEALED { Err(TooLong) } else { Ok(sealed) }
    }

    /// Opens a `t` for the browser that presents it.
    pub fn open(sealed: &str, browser_cookie: &str, keys: &Keys, now: Timestamp, limits: &SignIn) -> Result<Self, Refusal> {
        if sealed.len() > MAX_SEALED {
            return Err(Refusal::Unknown);
        }
        let text = keys.browser.open(CONTEXT, sealed).map_err(|_| Refusal::Unknown)?;
        let interaction: Self = serde_json::from_slice(&text).map_err(|_| Refusal::Unknown)?;
        if !crate::crypto::same(&interaction.browser, &sha256(browser_cookie.as_bytes())) {
            return Err(Refusal::OtherBrowser(Box::new(interaction)));
        }
        if now.since(interaction.renewed_at) > limits.interaction {
            return Err(Refusal::Expired(Box::new(interaction)));
        }
        Ok(interaction)
    }
}
