//! S-04: the password.

use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::proved;
use crate::authn::factor::{password, policy};
use crate::base::Secret;
use crate::base::texts::Texts;
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm};
use crate::web::route::{Access, Class, Route};
use crate::web::view::sign_in::PasswordPage;
use crate::web::view::{Errors, Problem, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[Route {
    path: "/connexion/mot-de-passe",
    methods: &["GET", "POST"],
    access: Access::Journey,
    class: Class::Credential,
    handler: || get(show).post(submit),
}];

impl From<password::Failure> for Failure {
    fn from(failure: password::Failure) -> Self {
        match failure {
            password::Failure::Db(e) => e.into(),
            password::Failure::Hasher(e) => e.into(),
        }
    }
}

fn page(journey: &Journey, errors: Errors) -> PasswordPage {
    PasswordPage { page: journey.page(), t: journey.t.clone(), courriel: journey.email(), fixed: journey.is_fixed(), errors }
}

async fn show(mut journey: Journey) -> Result<Response, Failure> {
    if let Some(onward) = journey.onward().await? {
        return Ok(onward);
    }
    if journey.interaction.email.is_none() {
        return journey.go("/connexion");
    }
    journey.visit.ok(&page(&journey, Errors::none()))
}

#[derive(Debug, Deserialize)]
struct Fields {
    #[serde(default)]
    mot_de_passe: Secret,
}

async fn submit(form: ProtectedForm<Fields>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    if let Some(onward) = journey.onward().await? {
        return Ok(onward);
    }
    let Some(email) = journey.interaction.email.clone() else { return journey.go("/connexion") };
    let refuse = |problem| journey.visit.invalid(&page(&journey, Errors::one("mot_de_passe", problem)));
    if form.fields.mot_de_passe.is_empty() {
        return refuse(Problem::PasswordMissing);
    }
    let app = &journey.visit.app;
    match password::verify(&app.db, &app.hasher, &journey.kit(), &email, form.fields.mot_de_passe).await? {
        Ok(verified) => {
            let mut tx = app.db.begin().await?;
            match verified.settle(&mut tx).await? {
                Some(proof) => proved::go_on(journey, tx, proof).await,
                None => refuse(Problem::PasswordWrong),
            }
        }
        Err(password::Refused::Wrong) => refuse(Problem::PasswordWrong),
        Err(password::Refused::Suspended { until }) => {
            refuse(Problem::PasswordLocked(format::time(Texts::new(journey.visit.ctx.locale), until.millis())))
        }
    }
}

/// The hash of a new password, or what is wrong with it. Both the judgement and the hash are done aside.
pub async fn accept(app: &crate::app::App, typed: Secret, about: policy::About) -> Result<Result<String, Problem>, Failure> {
    let min = app.config.passwords.min_length;
    let judged = tokio::task::spawn_blocking(move || policy::check(typed.expose(), min, &about)).await;
    match judged.map_err(|e| Failure::Internal(e.to_string()))? {
        Ok(accepted) => Ok(Ok(accepted.hash(&app.hasher, app.rng.as_ref()).await?)),
        Err(weakness) => Ok(Err(problem(weakness, min))),
    }
}

fn problem(weakness: policy::Weakness, min: usize) -> Problem {
    match weakness {
        policy::Weakness::Missing => Problem::PasswordMissing,
        policy::Weakness::TooShort => Problem::PasswordTooShort(u32::try_from(min).unwrap_or(u32::MAX)),
        policy::Weakness::TooLong => Problem::PasswordTooLong,
        policy::Weakness::Divulged => Problem::PasswordDivulged,
        policy::Weakness::Personal => Problem::PasswordPersonal,
        policy::Weakness::Guessable => Problem::PasswordGuessable,
    }
}
