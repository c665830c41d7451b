//! What to do with an authorization request, as a pure function of the request and what is known.

use super::{Prompt, Request};
use crate::authn::LiveSession;
use crate::authn::interaction::Interaction;
use crate::authn::policy::Demand;
use crate::base::{Aal, Email, Timestamp};
use crate::oidc::acr::{self, Assurance, Essential};
use crate::oidc::error::{Code, OAuthError};
use crate::oidc::vocabulary::Vocabulary;
use crate::org::acting::Place;

/// What is known about the person at this instant.
#[derive(Debug)]
pub struct Standing<'a> {
    /// The live session, and the `sub` of its account for this client.
    pub session: Option<(&'a LiveSession, &'a str)>,
    /// How strong the sign-in must be, and is.
    pub strength: Strength,
    /// What stands behind the sign-in beside factors.
    pub assurance: Assurance,
    /// The client takes this person.
    pub taken: bool,
    /// The terms of use in force were accepted.
    pub terms: bool,
    /// For which establishment they act.
    pub place: &'a Place,
    /// What was already consented to covers the request.
    pub consented: bool,
    /// The interaction, once there is one.
    pub interaction: Option<&'a Interaction>,
    /// Consent was given in this very journey.
    pub consented_now: bool,
    /// Now.
    pub now: Timestamp,
}

/// How strong the sign-in is, for this journey, and what bears on it.
#[derive(Debug, Clone, Copy)]
pub struct Strength {
    /// What was proved.
    pub level: Aal,
    /// What account, client and action demand now.
    pub demand: Demand,
    /// The highest level the person's means reach.
    pub reach: Aal,
    /// A second factor will be demanded soon, there is none, and setting one up was not put off.
    pub suggest: bool,
}

impl Strength {
    /// Nothing is demanded.
    pub const NONE: Self = Self { level: Aal::One, demand: Demand::NONE, reach: Aal::One, suggest: false };

    /// The gate between this sign-in and `needed`, if there is one.
    pub fn gate(&self, needed: Aal) -> Option<Decision> {
        if self.level >= needed {
            return None;
        }
        Some(if self.reach > self.level { Decision::SecondFactor } else { Decision::Enrol })
    }
}

/// What to do next. Gates come in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Answer the client with an error.
    Refuse(OAuthError),
    /// Register (prompt=create).
    Register,
    /// Identify and prove. `fresh`: whatever the session; `select`: say which account first.
    SignIn {
        /// Prove again.
        fresh: bool,
        /// Choose the account.
        select: bool,
    },
    /// Prove a second factor.
    SecondFactor,
    /// Set one up.
    Enrol,
    /// Accept the terms of use.
    Terms,
    /// Choose the establishment acted for.
    Establishment,
    /// Ask for access to the service.
    Access,
    /// Consent.
    Consent,
    /// Give a code.
    Issue,
}

const NOT_TAKEN: &str = "the e-mail address is not in a domain of this client";

/// Decides. Called at the start and after every step: the same rules for silent and interactive sign-ins.
pub fn decide(request: &Request, standing: &Standing<'_>) -> Decision {
    let silent = request.prompts(Prompt::None);
    let refuse = |code, what| Decision::Refuse(OAuthError::new(code, what));
    if acr::is_unsupported(request) {
        return Decision::Refuse(unmet(request, "no supported acr is among the essential values"));
    }
    let Some((session, sub)) = standing.session else {
        return match (silent, request.prompts(Prompt::Create), standing.interaction) {
            (true, _, _) => refuse(Code::LoginRequired, "no session"),
            (false, true, None) => Decision::Register,
            // Half a session may be there, begun long ago.
            (false, _, _) => Decision::SignIn { fresh: request.asks_proof(), select: false },
        };
    };
    let (fresh, select) = match standing.interaction {
        Some(i) if i.satisfied_by(session) => (false, false),
        Some(i) => (i.fresh, i.select),
        None => demands(request, session, sub, standing.now),
    };
    let wrong_person = request.expected_sub.as_deref().is_some_and(|expected| expected != sub);
    let strength = &standing.strength;
    let essential = acr::essential(request, &standing.assurance);
    if silent {
        if fresh || wrong_person {
            return refuse(Code::LoginRequired, "the session is too old or another person's");
        }
        if !standing.taken {
            return refuse(Code::LoginRequired, NOT_TAKEN);
        }
        match essential {
            Essential::Factors(aal) if strength.level >= aal => {}
            Essential::Factors(_) | Essential::Beyond => return Decision::Refuse(unmet(request, "the essential acr was not reached")),
        }
        if strength.level < strength.demand.aal {
            return refuse(Code::InteractionRequired, "a stronger authentication is required");
        }
        if !standing.terms {
            return refuse(Code::InteractionRequired, "the terms of use were not accepted");
        }
        match standing.place {
            Place::Nowhere | Place::At(_) => {}
            Place::Choose => return refuse(Code::InteractionRequired, "the establishment is to be chosen"),
            Place::Refused => return refuse(Code::AccessDenied, "the person has no access to the service"),
        }
        return if standing.consented { Decision::Issue } else { refuse(Code::ConsentRequired, "consent is missing") };
    }
    if wrong_person && standing.interaction.is_some_and(|i| i.satisfied_by(session)) {
        return refuse(Code::LoginRequired, "another person signed in than the one expected");
    }
    if request.prompts(Prompt::Create) && standing.interaction.is_none() {
        return Decision::Register;
    }
    // They may have another account, or come through FranceConnect now.
    let unfit = !standing.taken || (essential == Essential::Beyond && request.vocabulary == Vocabulary::Franceconnect);
    let otherwise = unfit && standing.interaction.is_none();
    if fresh || select || wrong_person || otherwise {
        return Decision::SignIn { fresh: fresh || wrong_person, select: select || otherwise };
    }
    if !standing.taken {
        return refuse(Code::AccessDenied, NOT_TAKEN);
    }
    let Essential::Factors(essential) = essential else {
        return Decision::Refuse(unmet(request, "requested ACRs could not be satisfied"));
    };
    let wished = acr::wished(request, &standing.assurance).filter(|w| *w <= strength.reach).unwrap_or_default();
    if let Some(gate) = strength.gate(strength.demand.aal.max(essential).max(wished)) {
        return gate;
    }
    if strength.suggest {
        return Decision::Enrol;
    }
    if !standing.terms {
        return Decision::Terms;
    }
    match standing.place {
        Place::Nowhere | Place::At(_) => {}
        Place::Choose => return Decision::Establishment,
        Place::Refused => return Decision::Access,
    }
    let asks_consent = request.prompts(Prompt::Consent) && !standing.consented_now;
    if asks_consent || !standing.consented { Decision::Consent } else { Decision::Issue }
}

/// The error for a level that cannot be had, as the client expects it (OpenID Connect Core Error Code
/// `unmet_authentication_requirements`; french-domain §1.11, §2.4).
fn unmet(request: &Request, what: &'static str) -> OAuthError {
    let code = if request.vocabulary.is_federal() { Code::AccessDenied } else { Code::UnmetAuthenticationRequirements };
    OAuthError::new(code, what)
}

/// What the request demands of a session it finds: (prove again, choose).
fn demands(request: &Request, session: &LiveSession, _sub: &str, now: Timestamp) -> (bool, bool) {
    // RFC 9700-minded reading of max_age=0: always again.
    let too_old = request.max_age == Some(0) || request.counts_from(now).is_some_and(|from| !session.session().proved_since(from));
    let hinted_other = request
        .login_hint
        .as_deref()
        .and_then(|h| Email::parse(h).ok())
        .is_some_and(|hint| session.account().login_email.as_ref().is_some_and(|e| e.key() != hint.key()));
    (request.prompts(Prompt::Login) || too_old, request.prompts(Prompt::SelectAccount) || hinted_other)
}
