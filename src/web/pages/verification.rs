//! Additional verification within a sign-in (S-06, S-07, S-10): what completes a session, or raises it for a service.

use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::etablissements::code_problem;
use super::proved;
use crate::account::Account;
use crate::authn::Proof;
use crate::authn::card;
use crate::authn::factor::{recovery, totp};
use crate::authn::policy::{Asker, Demand, Missing};
use crate::base::texts::Texts;
use crate::base::{Aal, Timestamp};
use crate::db::{Handle, Tx};
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm};
use crate::web::oidc::flow;
use crate::web::route::{Access, Class, Route};
use crate::web::view::second_factor::{FactorCodePage, FactorMeans, MeansPage, Why};
use crate::web::view::{Errors, Notice, Problem, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route { path: "/connexion/verification", methods: &["GET"], access: Access::Journey, class: Class::Page, handler: || get(preferred) },
    Route {
        path: "/connexion/verification/moyens",
        methods: &["GET"],
        access: Access::Journey,
        class: Class::Page,
        handler: || get(choose),
    },
    Route {
        path: "/connexion/verification/application",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(|j| show(j, FactorMeans::Application)).post(|f| submit(f, FactorMeans::Application)),
    },
    Route {
        path: "/connexion/verification/carte",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(|j| show(j, FactorMeans::Card)).post(|f| submit(f, FactorMeans::Card)),
    },
    Route {
        path: "/connexion/verification/secours",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(|j| show(j, FactorMeans::Recovery)).post(|f| submit(f, FactorMeans::Recovery)),
    },
];

/// Somebody whose first factor was proved in this browser and who owes another. Only [`Verifying::of`] makes one.
pub struct Verifying {
    /// The journey.
    pub journey: Journey,
    /// Whose session it is.
    pub account: Account,
    /// What is demanded, and by whom.
    pub demand: Demand,
}

impl Verifying {
    /// Who owes what in this journey; otherwise where the journey goes.
    pub async fn of(mut journey: Journey) -> Result<Result<Self, Response>, Failure> {
        let owed = match (journey.satisfied().cloned(), journey.completing()) {
            (Some(live), _) => {
                flow::owed(&journey.visit, &live, &journey.interaction).await?.map(|demand| (live.account().clone(), demand))
            }
            (None, Some(partial)) => match partial.missing() {
                Missing::Factor(demand) => Some((partial.account().clone(), demand)),
                Missing::EmailCode | Missing::FirstSignIn => None,
            },
            (None, None) => None,
        };
        match owed {
            Some((account, demand)) if account.security.strong() => Ok(Ok(Self { journey, account, demand })),
            Some(_) => journey.go("/connexion/renforcement").map(Err),
            None => match journey.onward().await? {
                Some(onward) => Ok(Err(onward)),
                None => journey.go("/connexion").map(Err),
            },
        }
    }

    /// What the person may use here, preferred first.
    pub async fn means(&self, h: &mut impl Handle) -> Result<Vec<FactorMeans>, Failure> {
        let (id, security) = (&self.account.id, &self.account.security);
        let mut means = Vec::new();
        if security.live_passkey {
            means.push(FactorMeans::Passkey);
        }
        if self.demand.aal == Aal::PhishingResistant && security.live_passkey {
            return Ok(means);
        }
        if !totp::list(h, id).await?.is_empty() {
            means.push(FactorMeans::Application);
        }
        if card::of_account(h, id).await?.is_some_and(|c| c.works()) {
            means.push(FactorMeans::Card);
        }
        if recovery::standing(h, id).await?.is_some_and(|s| s.left > 0) {
            means.push(FactorMeans::Recovery);
        }
        Ok(means)
    }

    /// The words for who asks.
    pub fn why(&self) -> Why {
        why(self.demand.by)
    }
}

/// The words for who asks.
pub fn why(by: Asker) -> Why {
    match by {
        Asker::Service => Why::Service,
        Asker::Role => Why::Role,
        Asker::Person => Why::Person,
        Asker::Administration => Why::Administration,
        Asker::Action => Why::Action,
    }
}

/// S-06: straight to the means the person prefers.
async fn preferred(journey: Journey) -> Result<Response, Failure> {
    let mut verifying = match Verifying::of(journey).await? {
        Ok(verifying) => verifying,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let means = verifying.means(&mut verifying.journey.visit.app.db.read().await?).await?;
    verifying.journey.go(means.first().map_or("/connexion/verification/perdu", |m| m.path()))
}

async fn choose(journey: Journey) -> Result<Response, Failure> {
    let verifying = match Verifying::of(journey).await? {
        Ok(verifying) => verifying,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let means = verifying.means(&mut verifying.journey.visit.app.db.read().await?).await?;
    let (page, t, why) = (verifying.journey.page(), verifying.journey.t.clone(), verifying.why());
    verifying.journey.visit.ok(&MeansPage { page, t, why, means })
}

/// The page that asks for a code of one of the means.
pub async fn page(verifying: &Verifying, means: FactorMeans, resynchronise: bool, errors: Errors) -> Result<FactorCodePage, Failure> {
    let all = verifying.means(&mut verifying.journey.visit.app.db.read().await?).await?;
    Ok(FactorCodePage {
        page: verifying.journey.page(),
        t: verifying.journey.t.clone(),
        why: verifying.why(),
        means,
        resynchronise,
        others: all.iter().any(|m| *m != means),
        errors,
    })
}

async fn show(journey: Journey, means: FactorMeans) -> Result<Response, Failure> {
    match Verifying::of(journey).await? {
        Ok(verifying) => verifying.journey.visit.ok(&page(&verifying, means, false, Errors::none()).await?),
        Err(elsewhere) => Ok(elsewhere),
    }
}

#[derive(Debug, Deserialize)]
struct Fields {
    #[serde(default)]
    code: String,
    #[serde(default)]
    code_suivant: Option<String>,
    #[serde(default)]
    code_secours: String,
}

async fn submit(form: ProtectedForm<Fields>, means: FactorMeans) -> Result<Response, Failure> {
    let verifying = match Verifying::of(Journey::open(form.visit)?).await? {
        Ok(verifying) => verifying,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut tx = verifying.journey.visit.app.db.begin().await?;
    let checked = match means {
        FactorMeans::Recovery => with_recovery_code(&mut tx, &verifying, &form.fields.code_secours).await?,
        FactorMeans::Card => with_card(&mut tx, &verifying, &form.fields).await?,
        FactorMeans::Application | FactorMeans::Passkey => with_application(&mut tx, &verifying, &form.fields.code).await?,
    };
    match checked {
        Ok((proof, notice)) => {
            let visit = verifying.journey.visit.clone();
            let response = proved::go_on(verifying.journey, tx, proof).await?;
            Ok(match notice {
                Some(notice) => visit.with_notice(response, &notice),
                None => response,
            })
        }
        Err(Refusal { field, problem, resynchronise }) => {
            tx.commit().await?;
            verifying.journey.visit.invalid(&page(&verifying, means, resynchronise, Errors::one(field, problem)).await?)
        }
    }
}

type Answer = Result<(Proof, Option<Notice>), Refusal>;

/// What to show.
struct Refusal {
    field: &'static str,
    problem: Problem,
    /// Two codes of the card in a row are asked for.
    resynchronise: bool,
}

impl Refusal {
    const fn of(field: &'static str, problem: Problem) -> Self {
        Self { field, problem, resynchronise: false }
    }
}

async fn with_application(tx: &mut Tx, verifying: &Verifying, typed: &str) -> Result<Answer, Failure> {
    let t = Texts::new(verifying.journey.visit.ctx.locale);
    Ok(match totp::verify(tx, &verifying.journey.kit(), &verifying.account.id, typed).await? {
        Ok(proof) => Ok((proof, None)),
        Err(refused) => Err(Refusal::of(
            "code",
            match refused {
                totp::Refused::Missing => Problem::CodeMissing,
                totp::Refused::Wrong => Problem::ApplicationCodeWrong,
                totp::Refused::Replayed => Problem::CodeReplayed,
                totp::Refused::Limited(limited) => suspended(t, limited.until),
            },
        )),
    })
}

async fn with_recovery_code(tx: &mut Tx, verifying: &Verifying, typed: &str) -> Result<Answer, Failure> {
    let t = Texts::new(verifying.journey.visit.ctx.locale);
    Ok(match recovery::verify(tx, &verifying.journey.kit(), &verifying.account.id, typed).await? {
        Ok(used) => Ok((used.proof, Some(Notice::RecoveryLeft(used.left)))),
        Err(refused) => Err(Refusal::of(
            "code_secours",
            match refused {
                recovery::Refused::Malformed => Problem::RecoveryMalformed,
                recovery::Refused::Wrong => Problem::RecoveryWrong,
                recovery::Refused::Limited(limited) => suspended(t, limited.until),
            },
        )),
    })
}

/// S-08: a code of the card, or two in a row when the card has strayed.
async fn with_card(tx: &mut Tx, verifying: &Verifying, fields: &Fields) -> Result<Answer, Failure> {
    let (kit, id) = (verifying.journey.kit(), &verifying.account.id);
    let t = Texts::new(verifying.journey.visit.ctx.locale);
    let checked = match &fields.code_suivant {
        Some(next) => card::resynchronise(tx, &kit, id, &fields.code, next).await?,
        None => card::verify(tx, &kit, id, &fields.code).await?,
    };
    Ok(checked.map(|proof| (proof, None)).map_err(|refused| {
        let strayed = matches!(refused, card::Refused::NeedsResync { .. });
        let resynchronise = strayed || fields.code_suivant.is_some();
        Refusal { field: "code", problem: code_problem(t, refused), resynchronise }
    }))
}

/// Too many tries of one means.
pub fn suspended(t: Texts, until: Timestamp) -> Problem {
    Problem::FactorSuspended(format::time(t, until.millis()))
}
