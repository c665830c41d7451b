//! S-18: an identity that FranceConnect just proved, and a space that may be its person's already.

use std::sync::Arc;

use axum::response::Response;
use serde::Deserialize;

use crate::authn::Proof;
use crate::authn::factor::email_code::Purpose;
use crate::base::Email;
use crate::db::{self, Tx};
use crate::federation::link::{self, Question};
use crate::federation::{Provider, Refusal};
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm};
use crate::web::pages::code::{self, Checked, Nothing};
use crate::web::pages::proved;
use crate::web::view::Errors;
use crate::web::view::federation::LinkPage;

/// Where the page is.
pub const PATH: &str = "/connexion/rapprochement";

/// The question of this journey with its provider.
async fn asked(journey: &Journey) -> Result<Option<(Question, Arc<Provider>)>, Failure> {
    let app = &journey.visit.app;
    let question = link::question(&mut app.db.read().await?, &journey.kit(), &journey.interaction.id).await?;
    let providers = app.providers();
    Ok(question.and_then(|q| providers.live(&q.provider).cloned().map(|p| (q, p))))
}

/// `GET /connexion/rapprochement`
pub async fn show(mut journey: Journey) -> Result<Response, Failure> {
    let Some((question, provider)) = asked(&journey).await? else { return journey.go("/connexion") };
    let courriel = question.address().map(Email::to_string).unwrap_or_default();
    let (name, distinct) = (provider.label().to_owned(), question.may_part());
    journey.visit.ok(&LinkPage { page: journey.page(), t: journey.t.clone(), name, courriel, distinct })
}

/// The answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    choix: String,
}

/// `POST /connexion/rapprochement`
pub async fn submit(form: ProtectedForm<Fields>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    let Some((question, provider)) = asked(&journey).await? else { return journey.go("/connexion") };
    match (form.fields.choix.as_str(), question.address().cloned()) {
        ("rattacher", Some(email)) => {
            (journey.interaction.email, journey.interaction.changes) = (Some(email.clone()), Some((question.account.id.clone(), email)));
            code::ask(&mut journey, Purpose::Link).await
        }
        ("distinct", _) => {
            let tx = journey.visit.app.db.begin().await?;
            let declined = async |tx: &mut Tx, journey: &Journey| link::decline(tx, &journey.kit(), &provider, &question).await;
            finish(journey, tx, &provider, declined).await
        }
        _ => journey.go(PATH),
    }
}

/// Whether this journey asked for a code of the account in question.
fn awaits_code(journey: &Journey, question: &Question) -> bool {
    let changes = journey.interaction.changes.as_ref();
    changes.is_some_and(|(account, email)| *account == question.account.id && journey.interaction.email.as_ref() == Some(email))
}

/// `GET /connexion/rapprochement/code`
pub async fn show_code(mut journey: Journey) -> Result<Response, Failure> {
    match asked(&journey).await? {
        Some((question, _)) if awaits_code(&journey, &question) => {
            journey.visit.ok(&code::page(&journey, Purpose::Link, Errors::none()).await?)
        }
        Some(_) | None => journey.go(PATH),
    }
}

/// `GET /connexion/rapprochement/code/renvoyer`: a reload; nothing is sent by a GET.
pub async fn back(mut journey: Journey) -> Result<Response, Failure> {
    journey.go("/connexion/rapprochement/code")
}

/// `POST /connexion/rapprochement/code/renvoyer`
pub async fn again(form: ProtectedForm<Nothing>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    match asked(&journey).await? {
        Some((question, _)) if awaits_code(&journey, &question) => code::ask_again(&mut journey, Purpose::Link).await,
        Some(_) | None => journey.go(PATH),
    }
}

/// `POST /connexion/rapprochement/code`: both sides are proved.
pub async fn submit_code(form: ProtectedForm<code::Fields>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    let Some((question, provider)) = asked(&journey).await? else { return journey.go("/connexion") };
    if !awaits_code(&journey, &question) {
        return journey.go(PATH);
    }
    match code::check(&journey, Purpose::Link, &form.fields.code).await? {
        Checked::Proved(tx, proved) => {
            let accepted = async |tx: &mut Tx, journey: &Journey| {
                let proof = link::accept(tx, &journey.kit(), &provider, &question, &proved).await?;
                Ok(proof.map(Some))
            };
            finish(journey, tx, &provider, accepted).await
        }
        Checked::Elsewhere => journey.go(PATH),
        Checked::Refused(errors) => journey.visit.invalid(&code::page(&journey, Purpose::Link, errors).await?),
    }
}

/// Opens the session of what was answered, in the transaction that records the answer.
async fn finish(
    mut journey: Journey,
    mut tx: Tx,
    provider: &Provider,
    answer: impl AsyncFnOnce(&mut Tx, &Journey) -> db::Result<Result<Option<Proof>, Refusal>>,
) -> Result<Response, Failure> {
    match answer(&mut tx, &journey).await {
        Ok(Ok(Some(proof))) => proved::go_on(journey, tx, proof).await,
        Ok(Ok(None)) => {
            tx.commit().await?;
            Ok(journey.visit.go(&journey.restart()))
        }
        Ok(Err(refusal)) => {
            tx.rollback().await?;
            super::refuse(&journey, provider, &refusal, None).await
        }
        Err(db::Error::Conflict(_)) => {
            tx.rollback().await?;
            journey.go("/connexion")
        }
        Err(e) => Err(e.into()),
    }
}
