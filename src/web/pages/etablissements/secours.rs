//! Requests of people who lost their means of connection, as their managers decide them (S-11).

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::{Managing, nothing};
use crate::account;
use crate::authn::lost;
use crate::base::id::AccountId;
use crate::org;
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::compte::kit;
use crate::web::view::security::{RecoveryLine, RecoveryRequestsPage};
use crate::web::view::{Notice, format};

fn here(managing: &Managing) -> String {
    format!("/etablissements/{}/secours", managing.siret())
}

/// `GET /etablissements/{siret}/secours`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let managing = Managing::of(person, &siret).await?;
    let visit = &managing.person.visit;
    let mut read = visit.app.db.read().await?;
    let (page, mut requests) = (visit.page(), Vec::new());
    for member in org::members(&mut read, managing.siret(), visit.ctx.now()).await? {
        let Some(open) = lost::open(&mut read, &member.account, visit.ctx.now()).await? else { continue };
        requests.push(RecoveryLine {
            id: member.account.as_str().to_owned(),
            own: member.account == managing.person.session.account().id,
            name: member.name,
            courriel: member.login_email.unwrap_or_default(),
            since: format::date_time(page.t, open.created_at.millis()),
            ready: open.ready_at.map(|at| format::date_time(page.t, at.millis())),
        });
    }
    drop(read);
    let establishment = managing.membership.establishment.name.clone();
    visit.ok(&RecoveryRequestsPage { page, establishment, siret: managing.siret().grouped(), action: here(&managing), requests })
}

/// One person, and what is decided.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    personne: String,
    decision: String,
}

/// `POST /etablissements/{siret}/secours`
pub async fn decide(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let managing = Managing::of(person, &siret).await?;
    let back = here(&managing);
    if let Some(confirm) = managing.unless_recent(&back) {
        return confirm;
    }
    let id = AccountId::parse(&fields.personne).ok_or_else(nothing)?;
    // Nobody decides for themselves, nor for the people of another establishment.
    if id == managing.person.session.account().id {
        return Err(nothing());
    }
    let (app, kit) = (&managing.person.visit.app, kit(&managing.person));
    let mut tx = app.db.begin().await?;
    let here = org::membership(&mut tx, &id, managing.siret(), kit.ctx.now()).await?.ok_or_else(nothing)?;
    // Those who run the hub are the operator's to help.
    let account = account::store::find(&mut tx, &here.account).await?.filter(|a| !a.security.administrator).ok_or_else(nothing)?;
    let notice = match fields.decision.as_str() {
        "accepter" => lost::grant(&mut tx, &kit, &account).await?.map(|_| Notice::LostGranted),
        "decliner" => lost::cancel(&mut tx, &kit, &account, "manager").await?.then_some(Notice::LostCancelled),
        _ => None,
    };
    tx.commit().await?;
    Ok(match notice {
        Some(notice) => managing.person.visit.go_with(&back, &notice),
        None => managing.person.visit.go(&back),
    })
}
