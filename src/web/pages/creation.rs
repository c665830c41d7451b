//! Creating an account (C-01 to C-04, C-10). Nothing is written before the address is proved but the code that proves it.

use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::compte::cle;
use super::proved::{self, SignedIn};
use super::sign_in::Typed;
use super::{amont, code, password};
use crate::account::AccountKind;
use crate::account::profile::{Fault, Identity};
use crate::authn::factor::email_code::{self, Purpose};
use crate::authn::factor::passkey::party;
use crate::authn::factor::policy::About;
use crate::authn::interaction::Draft;
use crate::authn::registration;
use crate::base::{Email, Secret};
use crate::db;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm, Visit};
use crate::web::route::{Access, Class, Route};
use crate::web::view::creation::{CreationDonePage, CreationIdentityPage, CreationPage, CreationSecurityPage, IdentityForm, Means};
use crate::web::view::{Errors, Problem};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/creation",
        methods: &["GET", "POST"],
        access: Access::Anyone,
        class: Class::Credential,
        handler: || get(show).post(identify),
    },
    Route {
        path: "/creation/code",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(show_code).post(submit_code),
    },
    Route {
        path: "/creation/code/renvoyer",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(back).post(resend),
    },
    Route {
        path: "/creation/identite",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Page,
        handler: || get(show_identity).post(submit_identity),
    },
    Route {
        path: "/creation/securite",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(show_security).post(submit_security),
    },
    Route { path: "/creation/terminee", methods: &["GET"], access: Access::Journey, class: Class::Page, handler: || get(done) },
];

const BEGIN: &str = "/creation";
const IDENTITY: &str = "/creation/identite";
const SECURITY: &str = "/creation/securite";

fn is_open(journey: &Journey) -> bool {
    journey.visit.app.config.sign_in.registration
}

fn page(journey: &Journey, courriel: String, suggestion: Option<String>, errors: Errors) -> CreationPage {
    CreationPage {
        page: journey.page(),
        t: journey.t.clone(),
        upstreams: amont::buttons(&journey.visit.app, AccountKind::Individual),
        open: is_open(journey),
        courriel,
        suggestion,
        errors,
    }
}

/// C-01.
async fn show(visit: Visit) -> Result<Response, Failure> {
    let journey = Journey::enter(visit)?;
    journey.visit.ok(&page(&journey, journey.email(), None, Errors::none()))
}

async fn identify(headers: HeaderMap, form: ProtectedForm<Typed>) -> Result<Response, Failure> {
    let (mut journey, typed) = (Journey::enter(form.visit)?, form.fields);
    if !is_open(&journey) {
        return journey.go(BEGIN);
    }
    let email = match typed.email() {
        Ok(email) => email,
        Err(problem) => return journey.visit.invalid(&page(&journey, typed.courriel, None, Errors::one("courriel", problem))),
    };
    if let Some(suggestion) = typed.suggestion(&email) {
        return journey.visit.invalid(&page(&journey, typed.courriel, Some(suggestion), Errors::none()));
    }
    let owner = journey.visit.app.providers().exclusive(&email).cloned();
    journey.interaction.email = Some(email);
    match owner {
        // By the domain alone, whoever it is: the account is made there, at the first sign-in.
        Some(provider) => amont::go_to(&journey, &headers, &provider).await,
        None => code::ask(&mut journey, Purpose::Creation).await,
    }
}

/// C-02.
async fn show_code(mut journey: Journey) -> Result<Response, Failure> {
    if journey.interaction.email.is_none() || !is_open(&journey) {
        return journey.go(BEGIN);
    }
    let view = code::page(&journey, Purpose::Creation, Errors::none()).await?;
    journey.visit.ok(&view)
}

async fn submit_code(form: ProtectedForm<code::Fields>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    match code::check(&journey, Purpose::Creation, &form.fields.code).await? {
        code::Checked::Proved(tx, _) => {
            tx.commit().await?;
            journey.go(IDENTITY)
        }
        code::Checked::Refused(errors) => journey.visit.invalid(&code::page(&journey, Purpose::Creation, errors).await?),
        code::Checked::Elsewhere => journey.go(IDENTITY),
    }
}

async fn back(mut journey: Journey) -> Result<Response, Failure> {
    journey.go("/creation/code")
}

async fn resend(form: ProtectedForm<code::Nothing>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    if !is_open(&journey) {
        return journey.go(BEGIN);
    }
    code::ask_again(&mut journey, Purpose::Creation).await
}

/// The address proved in this journey. One that belongs to a provider meanwhile makes no account here.
async fn address(journey: &Journey) -> Result<Option<Email>, Failure> {
    let upstreams = journey.visit.app.rules().upstreams;
    let Some(email) = journey.interaction.email.clone().filter(|e| is_open(journey) && !upstreams.reserve(e)) else { return Ok(None) };
    let challenge = registration::challenge(&email, &journey.interaction.id);
    let stands = email_code::stands(&mut journey.visit.app.db.read().await?, &journey.kit(), &challenge).await?;
    Ok(stands.then_some(email))
}

/// C-03.
async fn show_identity(mut journey: Journey) -> Result<Response, Failure> {
    if address(&journey).await?.is_none() {
        return journey.go(BEGIN);
    }
    let draft = journey.interaction.draft.clone().unwrap_or_default();
    let identity = IdentityForm { prenom: draft.given_name, nom: draft.family_name, telephone: draft.phone, fonction: draft.job_title };
    journey.visit.ok(&CreationIdentityPage { page: journey.page(), t: journey.t.clone(), identity, errors: Errors::none() })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TypedIdentity {
    prenom: String,
    nom: String,
    telephone: String,
    fonction: String,
}

async fn submit_identity(form: ProtectedForm<TypedIdentity>) -> Result<Response, Failure> {
    let (mut journey, typed) = (Journey::open(form.visit)?, form.fields);
    if address(&journey).await?.is_none() {
        return journey.go(BEGIN);
    }
    if let Err(faults) = Identity::read(&typed.prenom, &typed.nom, &typed.telephone, &typed.fonction) {
        let identity = IdentityForm { prenom: typed.prenom, nom: typed.nom, telephone: typed.telephone, fonction: typed.fonction };
        return journey.visit.invalid(&CreationIdentityPage {
            page: journey.page(),
            t: journey.t.clone(),
            identity,
            errors: errors(&faults),
        });
    }
    journey.interaction.draft =
        Some(Draft { given_name: typed.prenom, family_name: typed.nom, phone: typed.telephone, job_title: typed.fonction });
    journey.go(SECURITY)
}

fn errors(faults: &[Fault]) -> Errors {
    let mut errors = Errors::none();
    for fault in faults {
        let (field, problem) = match fault {
            Fault::GivenNameMissing => ("prenom", Problem::GivenNameMissing),
            Fault::GivenNameRefused => ("prenom", Problem::NameRefused),
            Fault::FamilyNameMissing => ("nom", Problem::FamilyNameMissing),
            Fault::FamilyNameRefused => ("nom", Problem::NameRefused),
            Fault::Phone => ("telephone", Problem::PhoneMalformed),
            Fault::JobTitle => ("fonction", Problem::FunctionRefused),
        };
        errors.push(field, problem);
    }
    errors
}

/// The identity given at C-03, read again.
fn identity(journey: &Journey) -> Option<Identity> {
    let draft = journey.interaction.draft.as_ref()?;
    Identity::read(&draft.given_name, &draft.family_name, &draft.phone, &draft.job_title).ok()
}

fn security_page(journey: &Journey, email: &Email, means: Option<Means>, errors: Errors) -> CreationSecurityPage {
    let passkeys = party::of(&journey.visit.app.config).is_some();
    CreationSecurityPage { page: journey.page(), t: journey.t.clone(), courriel: email.to_string(), means, passkeys, errors }
}

/// C-04.
async fn show_security(mut journey: Journey) -> Result<Response, Failure> {
    match (address(&journey).await?, identity(&journey)) {
        (Some(email), Some(_)) => journey.visit.ok(&security_page(&journey, &email, None, Errors::none())),
        (Some(_), None) => journey.go(IDENTITY),
        (None, _) => journey.go(BEGIN),
    }
}

#[derive(Debug, Deserialize)]
struct Security {
    #[serde(default)]
    moyen: String,
    #[serde(default)]
    nouveau_mot_de_passe: Secret,
}

async fn submit_security(form: ProtectedForm<Security>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    let Some(email) = address(&journey).await? else { return journey.go(BEGIN) };
    let Some(identity) = identity(&journey) else { return journey.go(IDENTITY) };
    let means = match form.fields.moyen.as_str() {
        "code" => Means::Code,
        "mot_de_passe" => Means::Password,
        "cle" => Means::Passkey,
        _ => return journey.visit.invalid(&security_page(&journey, &email, None, Errors::one("moyen", Problem::MeansMissing))),
    };
    let hash = match means {
        Means::Code | Means::Passkey => None,
        Means::Password => {
            let app = &journey.visit.app;
            let names = vec![identity.given_name.clone(), identity.family_name.clone()];
            let about = About { email: Some(email.clone()), names, portal: app.config.brand.name.clone() };
            match password::accept(app, form.fields.nouveau_mot_de_passe, about).await? {
                Ok(hash) => Some(hash),
                Err(problem) => {
                    let errors = Errors::one("nouveau_mot_de_passe", problem);
                    return journey.visit.invalid(&security_page(&journey, &email, Some(means), errors));
                }
            }
        }
    };
    match create(&mut journey, &email, identity, hash.as_deref()).await? {
        Some(signed_in) => {
            journey.renew()?;
            let done = journey.link("/creation/terminee");
            let next = if means == Means::Passkey { cle::then(&done) } else { done };
            Ok(signed_in.dress(journey.visit.go(&next)))
        }
        None => journey.go("/connexion"),
    }
}

/// Makes the account and signs in. `None` when a parallel request did: the person then signs in as anyone with an account.
async fn create(journey: &mut Journey, email: &Email, identity: Identity, hash: Option<&str>) -> Result<Option<SignedIn>, Failure> {
    let mut tx = journey.visit.app.db.begin().await?;
    let proof = match registration::finish(&mut tx, &journey.kit(), email, &journey.interaction.id, identity, hash).await {
        Ok(Some(proof)) => proof,
        Ok(None) => return Ok(None),
        Err(db::Error::Conflict(_)) => {
            tx.rollback().await?;
            return Ok(None);
        }
        Err(e) => return Err(e.into()),
    };
    let signed_in = proved::sign_in(journey, tx, proof).await?;
    journey.interaction.draft = None;
    Ok(Some(signed_in))
}

/// C-10.
async fn done(mut journey: Journey) -> Result<Response, Failure> {
    if journey.satisfied().is_none() {
        return journey.go("/connexion");
    }
    let next_url = if journey.interaction.request.is_some() || journey.interaction.back.is_some() {
        journey.link("/connexion")
    } else {
        "/services".into()
    };
    journey.visit.ok(&CreationDonePage { page: journey.page(), next_url })
}
