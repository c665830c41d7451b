//! S-21: setting up a second factor within a sign-in, because one is demanded, or soon will be.

use axum::response::Response;
use axum::routing::get;

use super::compte::RECENT;
use super::compte::application::{self, Enrolling};
use super::verification::why;
use super::{code::Nothing, proved};
use crate::account::Account;
use crate::authn::policy::{self, Demand, Missing};
use crate::base::Aal;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm};
use crate::web::oidc::flow;
use crate::web::route::{Access, Class, Route};
use crate::web::view::second_factor::EnrolPage;

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/connexion/renforcement",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Page,
        handler: || get(show).post(later),
    },
    Route {
        path: "/connexion/renforcement/application",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(show_application).post(confirm_application),
    },
];

/// Somebody who proved who they are in this journey and must, or may, set up a factor. Only [`Strengthening::of`] makes one:
/// a person who holds a second factor must prove it before adding another, and a session that is merely open adds none.
pub struct Strengthening {
    /// The journey.
    pub journey: Journey,
    /// Whose session it is.
    pub account: Account,
    /// What is demanded, and by whom.
    pub demand: Demand,
    /// It may be put off: days left.
    pub days_left: Option<u32>,
}

impl Strengthening {
    /// Who must set up what in this journey; otherwise where the journey goes. They proved who they are in it or a short while
    /// ago, as strongly as their means allow; otherwise they prove it again first.
    pub async fn of(journey: Journey) -> Result<Result<Self, Response>, Failure> {
        Self::find(journey, true).await
    }

    /// The same for the page that only offers it, and may be left by « Plus tard »: what can be put off asks for no new proof.
    async fn offered(journey: Journey) -> Result<Result<Self, Response>, Failure> {
        Self::find(journey, false).await
    }

    async fn find(mut journey: Journey, adding: bool) -> Result<Result<Self, Response>, Failure> {
        let (account, demand, session, level) = match (journey.satisfied().cloned(), journey.completing()) {
            (Some(live), _) => {
                let owed = flow::owed(&journey.visit, &live, &journey.interaction).await?;
                let level = journey.interaction.level_of(live.session());
                let soon = flow::strength(&journey.visit, &live, None, Some(&journey.interaction)).suggest;
                let of_account = policy::of_account(live.account(), &journey.visit.app.config.policy);
                match owed.or(soon.then_some(of_account)) {
                    Some(demand) => (live.account().clone(), demand, live.session().clone(), level),
                    None => return journey.next(&live).await.map(Err),
                }
            }
            (None, Some(partial)) => match partial.missing() {
                Missing::Factor(demand) => (partial.account().clone(), demand, partial.session().clone(), partial.session().aal()),
                Missing::EmailCode | Missing::FirstSignIn => return journey.go(flow::completion(&partial)).map(Err),
            },
            (None, None) => return journey.go("/connexion").map(Err),
        };
        let days_left = days_left(&journey, &account, demand);
        let from = journey.visit.ctx.now().minus(RECENT).min(journey.interaction.started_at);
        if (adding || days_left.is_none()) && !session.proved_since(from) {
            return prove_anew(&mut journey, &account).map(Err);
        }
        if account.security.is_to_verify(level.min(session.aal_since(from))) {
            return journey.go("/connexion/verification").map(Err);
        }
        Ok(Ok(Self { journey, account, demand, days_left }))
    }
}

/// Where this person says again who they are, within the journey. Half a session has no page to confirm it.
fn prove_anew(journey: &mut Journey, account: &Account) -> Result<Response, Failure> {
    journey.interaction.fresh = true;
    if journey.visit.session.is_some() {
        return journey.go("/connexion/confirmer");
    }
    journey.interaction.email.clone_from(&account.login_email);
    journey.go("/connexion")
}

/// Whole days left to put it off, when only the account asks and there is time.
fn days_left(journey: &Journey, account: &Account, demand: Demand) -> Option<u32> {
    let (now, rules) = (journey.visit.ctx.now(), &journey.visit.app.config.policy);
    let of_account = policy::of_account(account, rules) == demand && policy::in_grace(account, now);
    let end = account.security.enrol_by.filter(|_| of_account)?;
    u32::try_from(end.since(now).as_secs().div_ceil(86_400)).ok()
}

async fn show(journey: Journey) -> Result<Response, Failure> {
    let s = match Strengthening::offered(journey).await? {
        Ok(s) => s,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let journey = &s.journey;
    journey.visit.ok(&EnrolPage {
        page: journey.page(),
        t: journey.t.clone(),
        why: why(s.demand.by),
        days_left: s.days_left,
        application: journey.visit.app.config.policy.self_enrolment,
        passkey_only: s.demand.aal == Aal::PhishingResistant,
    })
}

/// « Plus tard »
async fn later(form: ProtectedForm<Nothing>) -> Result<Response, Failure> {
    let mut s = match Strengthening::offered(Journey::open(form.visit)?).await? {
        Ok(s) => s,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match (s.days_left, s.journey.satisfied().cloned()) {
        (Some(_), Some(live)) => {
            s.journey.interaction.later = true;
            s.journey.renew()?;
            s.journey.next(&live).await
        }
        (None, _) | (_, None) => s.journey.go("/connexion/renforcement"),
    }
}

fn enrolling(s: &Strengthening) -> Enrolling<'_> {
    Enrolling { visit: &s.journey.visit, account: &s.account, t: Some(&s.journey.t) }
}

/// Whether this person may set up an application here.
fn may(s: &Strengthening) -> bool {
    s.journey.visit.app.config.policy.self_enrolment && s.demand.aal < Aal::PhishingResistant
}

async fn show_application(journey: Journey) -> Result<Response, Failure> {
    let mut s = match Strengthening::of(journey).await? {
        Ok(s) => s,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if may(&s) { application::show_offer(&enrolling(&s)) } else { s.journey.go("/connexion/renforcement") }
}

async fn confirm_application(form: ProtectedForm<application::Fields>) -> Result<Response, Failure> {
    let mut s = match Strengthening::of(Journey::open(form.visit)?).await? {
        Ok(s) => s,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if !may(&s) {
        return s.journey.go("/connexion/renforcement");
    }
    let mut tx = s.journey.visit.app.db.begin().await?;
    let proof = match application::confirm(&mut tx, &enrolling(&s), &form.fields).await? {
        Ok(proof) => proof,
        Err(response) => {
            tx.commit().await?;
            return Ok(response);
        }
    };
    let signed_in = proved::sign_in(&mut s.journey, tx, proof).await?;
    // Step 3: the codes, then on.
    s.journey.renew()?;
    let codes = crate::web::view::link("/compte/securite/codes", &s.journey.t);
    Ok(signed_in.dress(s.journey.visit.go(&codes)))
}
