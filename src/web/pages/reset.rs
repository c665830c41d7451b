//! S-23: a forgotten password.

use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::sign_in::Typed;
use super::{amont, code, password, proved};
use crate::authn::factor::email_code::{self, Purpose};
use crate::authn::factor::policy::About;
use crate::authn::reset;
use crate::base::{Email, Secret};
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm, Visit};
use crate::web::route::{Access, Class, Route};
use crate::web::view::first_sign_in::NoPasswordPage;
use crate::web::view::sign_in::{ForgottenPage, NewPasswordPage};
use crate::web::view::{Errors, Notice};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/mot-de-passe-oublie",
        methods: &["GET", "POST"],
        access: Access::Anyone,
        class: Class::Credential,
        handler: || get(show).post(identify),
    },
    Route {
        path: "/mot-de-passe-oublie/code",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(show_code).post(submit_code),
    },
    Route {
        path: "/mot-de-passe-oublie/code/renvoyer",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(back).post(resend),
    },
    Route {
        path: "/mot-de-passe-oublie/nouveau",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Credential,
        handler: || get(show_new).post(submit_new),
    },
];

const BEGIN: &str = "/mot-de-passe-oublie";

fn page(journey: &Journey, courriel: String, errors: Errors) -> ForgottenPage {
    ForgottenPage { page: journey.page(), t: journey.t.clone(), courriel, errors }
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    let journey = Journey::enter(visit)?;
    journey.visit.ok(&page(&journey, journey.email(), Errors::none()))
}

async fn identify(headers: HeaderMap, form: ProtectedForm<Typed>) -> Result<Response, Failure> {
    let mut journey = Journey::enter(form.visit)?;
    match form.fields.email() {
        Ok(email) => {
            let owner = journey.visit.app.providers().exclusive(&email).cloned();
            journey.interaction.email = Some(email);
            match owner {
                // By the domain alone, whoever it is: no password of ours signs them in.
                Some(provider) => amont::go_to(&journey, &headers, &provider).await,
                None => code::ask(&mut journey, Purpose::Reset).await,
            }
        }
        Err(problem) => journey.visit.invalid(&page(&journey, form.fields.courriel, Errors::one("courriel", problem))),
    }
}

async fn show_code(mut journey: Journey) -> Result<Response, Failure> {
    if journey.interaction.email.is_none() {
        return journey.go(BEGIN);
    }
    let view = code::page(&journey, Purpose::Reset, Errors::none()).await?;
    journey.visit.ok(&view)
}

async fn submit_code(form: ProtectedForm<code::Fields>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    match code::check(&journey, Purpose::Reset, &form.fields.code).await? {
        code::Checked::Proved(tx, _) => {
            tx.commit().await?;
            journey.go("/mot-de-passe-oublie/nouveau")
        }
        code::Checked::Refused(errors) => journey.visit.invalid(&code::page(&journey, Purpose::Reset, errors).await?),
        code::Checked::Elsewhere => journey.go("/mot-de-passe-oublie/nouveau"),
    }
}

async fn back(mut journey: Journey) -> Result<Response, Failure> {
    journey.go("/mot-de-passe-oublie/code")
}

async fn resend(form: ProtectedForm<code::Nothing>) -> Result<Response, Failure> {
    code::ask_again(&mut Journey::open(form.visit)?, Purpose::Reset).await
}

/// The address whose code was given right in this journey. One that belongs to a provider meanwhile has no password here.
async fn address(journey: &Journey) -> Result<Option<Email>, Failure> {
    let upstreams = journey.visit.app.rules().upstreams;
    let Some(email) = journey.interaction.email.clone().filter(|e| !upstreams.reserve(e)) else { return Ok(None) };
    let challenge = reset::challenge(&email, &journey.interaction.id);
    let stands = email_code::stands(&mut journey.visit.app.db.read().await?, &journey.kit(), &challenge).await?;
    Ok(stands.then_some(email))
}

fn new_page(journey: &Journey, email: &Email, errors: Errors) -> NewPasswordPage {
    NewPasswordPage { page: journey.page(), t: journey.t.clone(), courriel: email.to_string(), errors }
}

/// What is said, once the address is proved, to those who may have no password.
async fn has_none(journey: &Journey, email: &Email) -> Result<Option<Response>, Failure> {
    let account = crate::account::store::find_by_login(&mut journey.visit.app.db.read().await?, email).await?;
    let administrator = account.is_some_and(|a| a.security.administrator);
    let page = NoPasswordPage { page: journey.page(), url: journey.link("/connexion") };
    administrator.then(|| journey.visit.ok(&page)).transpose()
}

async fn show_new(mut journey: Journey) -> Result<Response, Failure> {
    let Some(email) = address(&journey).await? else { return journey.go(BEGIN) };
    match has_none(&journey, &email).await? {
        Some(response) => Ok(response),
        None => journey.visit.ok(&new_page(&journey, &email, Errors::none())),
    }
}

#[derive(Debug, Deserialize)]
struct NewPassword {
    #[serde(default)]
    nouveau_mot_de_passe: Secret,
}

async fn submit_new(form: ProtectedForm<NewPassword>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    let Some(email) = address(&journey).await? else { return journey.go(BEGIN) };
    if let Some(response) = has_none(&journey, &email).await? {
        return Ok(response);
    }
    let app = journey.visit.app.clone();
    let account = crate::account::store::find_by_login(&mut app.db.read().await?, &email).await?;
    let names = account.map(|a| vec![a.given_name, a.family_name]).unwrap_or_default();
    let about = About { email: Some(email.clone()), names, portal: app.config.brand.name.clone() };
    let hash = match password::accept(&app, form.fields.nouveau_mot_de_passe, about).await? {
        Ok(hash) => hash,
        Err(problem) => return journey.visit.invalid(&new_page(&journey, &email, Errors::one("nouveau_mot_de_passe", problem))),
    };
    let mut tx = app.db.begin().await?;
    let present = journey.visit.present();
    let Some(proof) = reset::finish(&mut tx, &journey.kit(), &email, &journey.interaction.id, &hash, present.as_ref()).await? else {
        return journey.go(BEGIN);
    };
    let to_portal = journey.interaction.request.is_none();
    let signed_in = proved::sign_in(&mut journey, tx, proof).await?;
    let response = signed_in.dress(journey.follow(&signed_in.found).await?);
    Ok(if to_portal { journey.visit.with_notice(response, &Notice::PasswordChanged) } else { response })
}
