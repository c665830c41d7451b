//! The password (ux P-07; EF-16): set, changed or removed.

use axum::response::Response;
use serde::Deserialize;

use super::kit;
use crate::account::store;
use crate::authn::factor::password::{self, Refused, Verified};
use crate::authn::factor::policy::About;
use crate::authn::password_change;
use crate::base::Secret;
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::code::Nothing;
use crate::web::pages::password::accept;
use crate::web::view::account::AccountPasswordPage;
use crate::web::view::first_sign_in::NoPasswordPage;
use crate::web::view::{Errors, Notice, Problem, format};

const HERE: &str = "/compte/mot-de-passe";

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    mot_de_passe: Secret,
    nouveau_mot_de_passe: Secret,
}

/// `GET /compte/mot-de-passe`
pub async fn show(person: Person) -> Result<Response, Failure> {
    if person.session.account().security.administrator {
        return has_none(&person);
    }
    // A password without an address to sign in with would open nothing.
    if person.session.account().login_email.is_none() {
        return Ok(person.visit.go("/compte"));
    }
    let has_password = has_password(&person).await?;
    if needs_confirmation(&person, has_password) {
        return person.confirm_identity(HERE);
    }
    person.visit.ok(&page(&person, has_password, Errors::none()))
}

/// What is said to those who may have none.
fn has_none(person: &Person) -> Result<Response, Failure> {
    person.visit.ok(&NoPasswordPage { page: person.visit.page(), url: "/compte".to_owned() })
}

/// Whether the account has a password now.
pub async fn has_password(person: &Person) -> Result<bool, Failure> {
    let mut read = person.visit.app.db.read().await?;
    Ok(store::password_changed_at(&mut read, &person.session.account().id).await?.is_some())
}

/// A first password is a new means of signing in: not from a session that was left open. Whoever has a second factor proves
/// it before any change.
fn needs_confirmation(person: &Person, has_password: bool) -> bool {
    (!has_password || person.session.account().security.strong()) && !person.is_recent()
}

fn page(person: &Person, has_password: bool, errors: Errors) -> AccountPasswordPage {
    let courriel = person.session.account().login_email.clone().map(String::from).unwrap_or_default();
    let ask_current = has_password && !person.is_recent();
    AccountPasswordPage { page: person.visit.page(), courriel, has_password, ask_current, errors }
}

/// `POST /compte/mot-de-passe`
pub async fn save(PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    if person.session.account().security.administrator {
        return has_none(&person);
    }
    // A password without an address to sign in with would open nothing.
    if person.session.account().login_email.is_none() {
        return Ok(person.visit.go("/compte"));
    }
    let has_password = has_password(&person).await?;
    if needs_confirmation(&person, has_password) {
        return person.confirm_identity(HERE);
    }
    let app = &person.visit.app;
    let refuse = |field, problem| person.visit.invalid(&page(&person, has_password, Errors::one(field, problem)));
    let verified = match present_password(&person, fields.mot_de_passe).await? {
        Ok(verified) => verified,
        Err(problem) => return refuse("mot_de_passe", problem),
    };
    let hash = match accept(app, fields.nouveau_mot_de_passe, about(&person)).await? {
        Ok(hash) => hash,
        Err(problem) => return refuse("nouveau_mot_de_passe", problem),
    };
    let mut tx = app.db.begin().await?;
    if let Some(verified) = verified
        && verified.settle(&mut tx).await?.is_none()
    {
        return refuse("mot_de_passe", Problem::CurrentPasswordWrong);
    }
    password_change::set(&mut tx, &kit(&person), &person.session, &hash).await?;
    tx.commit().await?;
    Ok(person.visit.go_with("/compte", if has_password { &Notice::PasswordChanged } else { &Notice::PasswordAdded }))
}

/// Verifies the present password, unless the person has just signed in: then `None`.
async fn present_password(person: &Person, typed: Secret) -> Result<Result<Option<Verified>, Problem>, Failure> {
    let (app, now) = (&person.visit.app, person.visit.page().t);
    let Some(email) = person.session.account().login_email.as_ref().filter(|_| !person.is_recent()) else { return Ok(Ok(None)) };
    if typed.is_empty() {
        return Ok(Err(Problem::PasswordMissing));
    }
    Ok(match password::verify(&app.db, &app.hasher, &kit(person), email, typed).await? {
        Ok(verified) => Ok(Some(verified)),
        Err(Refused::Wrong) => Err(Problem::CurrentPasswordWrong),
        Err(Refused::Suspended { until }) => Err(Problem::PasswordLocked(format::time(now, until.millis()))),
    })
}

fn about(person: &Person) -> About {
    let account = person.session.account();
    let names = vec![account.given_name.clone(), account.family_name.clone()];
    About { email: account.login_email.clone(), names, portal: person.visit.app.config.brand.name.clone() }
}

/// `POST /compte/mot-de-passe/supprimer`
pub async fn remove(PersonForm { person, .. }: PersonForm<Nothing>) -> Result<Response, Failure> {
    if !person.is_recent() {
        return person.confirm_identity(HERE);
    }
    let mut tx = person.visit.app.db.begin().await?;
    if !password_change::remove(&mut tx, &kit(&person), &person.session).await? {
        return Ok(person.visit.go("/compte"));
    }
    tx.commit().await?;
    Ok(person.visit.go_with("/compte", &Notice::PasswordRemoved))
}
