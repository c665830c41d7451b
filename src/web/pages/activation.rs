//! S-20: a password, for people who came from another system without one that could be used. Shown once, after their first
//! sign-in.

use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::password;
use crate::account;
use crate::authn::factor::policy::About;
use crate::authn::{LiveSession, password_change, session};
use crate::base::{Email, Secret};
use crate::web::cookie;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm, Visit};
use crate::web::route::{Access, Class, Route};
use crate::web::view::Errors;
use crate::web::view::first_sign_in::ActivationPage;

/// Where the page is.
pub const PATH: &str = "/connexion/activation";

/// Rows of the route table.
pub const ROUTES: &[Route] = &[Route {
    path: PATH,
    methods: &["GET", "POST"],
    access: Access::Journey,
    class: Class::Credential,
    handler: || get(show).post(submit),
}];

/// Whether somebody is still to be asked: not those whose provider signs them in, and no password of ours.
pub fn is_due(visit: &Visit, live: &LiveSession) -> bool {
    let upstreams = visit.app.rules().upstreams;
    live.account().awaits_password() && !live.account().login_email.as_ref().is_some_and(|email| upstreams.reserve(email))
}

/// The session of the person who is still to be asked.
fn asked(journey: &Journey) -> Option<LiveSession> {
    journey.satisfied().filter(|live| is_due(&journey.visit, live)).cloned()
}

fn page(journey: &Journey, live: &LiveSession, errors: Errors) -> ActivationPage {
    let courriel = live.account().login_email.as_ref().map(Email::to_string).unwrap_or_default();
    ActivationPage { page: journey.page(), t: journey.t.clone(), courriel, errors }
}

async fn show(mut journey: Journey) -> Result<Response, Failure> {
    match asked(&journey) {
        Some(live) => journey.visit.ok(&page(&journey, &live, Errors::none())),
        None => journey.go("/connexion"),
    }
}

#[derive(Debug, Deserialize)]
struct Fields {
    #[serde(default)]
    nouveau_mot_de_passe: Secret,
    #[serde(default)]
    choix: String,
}

async fn submit(headers: HeaderMap, form: ProtectedForm<Fields>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    let Some(live) = asked(&journey) else { return journey.go("/connexion") };
    let (app, account) = (journey.visit.app.clone(), live.account());
    let hash = if form.fields.choix == "passer" {
        None
    } else {
        let names = vec![account.given_name.clone(), account.family_name.clone()];
        let about = About { email: account.login_email.clone(), names, portal: app.config.brand.name.clone() };
        match password::accept(&app, form.fields.nouveau_mot_de_passe, about).await? {
            Ok(hash) => Some(hash),
            Err(problem) => {
                return journey.visit.invalid(&page(&journey, &live, Errors::one("nouveau_mot_de_passe", problem)));
            }
        }
    };
    let mut tx = app.db.begin().await?;
    // Asked once: of two tabs, the first decides.
    if account::store::set_to_activate(&mut tx, &account.id, false).await? == 1
        && let Some(hash) = hash
    {
        password_change::set(&mut tx, &journey.kit(), &live, &hash).await?;
    }
    tx.commit().await?;
    // The session again, with the account as it is now.
    let secret = cookie::get(&headers, cookie::SESSION).unwrap_or_default();
    journey.visit.hold(session::find(&mut app.db.read().await?, secret, journey.visit.ctx.now(), app.rules()).await?);
    match journey.onward().await? {
        Some(onward) => Ok(onward),
        None => journey.go("/connexion"),
    }
}
