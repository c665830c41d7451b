//! « Reprendre la gestion »: claiming an establishment that nobody manages any more (french-domain §6).

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{nothing, refused, siret};
use crate::account::AccountKind;
use crate::authn::throttle::{self, Counter};
use crate::org::claim::{self, Standing};
use crate::org::request::{self, Desk, Filed};
use crate::org::{self, Membership, Role, official};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::catalogue::PER_DAY;
use crate::web::pages::compte::kit;
use crate::web::view::etablissement::ClaimPage;
use crate::web::view::org::{OrgNotice, OrgProblem};
use crate::web::view::{Errors, Notice, Problem, format};

/// The place of whoever may ask: somebody who acts for the establishment. Others ask to join it.
async fn own(person: &Person, text: &str) -> Result<Membership, Failure> {
    let (siret, account) = (siret(text)?, person.session.account());
    if account.kind != AccountKind::Professional {
        return Err(nothing());
    }
    let place = org::membership(&mut person.visit.app.db.read().await?, &account.id, &siret, person.visit.ctx.now()).await?;
    match place {
        Some(place) => Ok(place),
        None => Err(refused(person, &siret, "not_member").await),
    }
}

async fn page(person: &Person, place: &Membership, message: String, errors: Errors) -> Result<ClaimPage, Failure> {
    let (visit, account, siret) = (&person.visit, person.session.account(), &place.establishment.siret);
    let (policy, now, t) = (&visit.app.config.policy, visit.ctx.now(), visit.page().t);
    let mut read = visit.app.db.read().await?;
    let standing = claim::store::of(&mut read, siret, now).await?.map(|s| s.standing(policy, now));
    let from = claim::open_to(&mut read, &kit(person), account, siret).await?;
    let proved = place.link == org::Link::Proved || official::word(&mut read, account, siret, now).await?.is_some();
    let provable = !proved && official::address(&mut read, siret).await?.is_some();
    drop(read);
    let state = match (standing, place.role) {
        (_, Role::Manager) => "org-claim-own",
        (Some(Standing::Orphan), Role::Contact) => "org-claim-orphan",
        (Some(Standing::Away), Role::Contact) => "org-claim-away",
        (Some(Standing::Managed | Standing::Empty) | None, Role::Contact) => "org-claim-managed",
    };
    Ok(ClaimPage {
        page: visit.page(),
        name: place.establishment.name.clone(),
        siret: siret.grouped(),
        base: format!("/etablissements/{siret}"),
        state,
        from: from.map(|at| format::date(t, at.millis())),
        proved,
        provable,
        message,
        errors,
    })
}

/// `GET /etablissements/{siret}/reprendre`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let place = own(&person, &siret).await?;
    person.visit.ok(&page(&person, &place, String::new(), Errors::none()).await?)
}

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    message: String,
}

/// `POST /etablissements/{siret}/reprendre`
pub async fn ask(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let place = own(&person, &siret).await?;
    let (visit, account) = (&person.visit, person.session.account());
    let (kit, services) = (kit(&person), visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    let filed = match throttle::take(&mut tx, &visit.ctx, Counter::Requests, account.id.as_str(), PER_DAY).await? {
        Ok(_) => {
            let desk = Desk { kit: &kit, services: &services };
            Some(request::claim(&mut tx, desk, account, &place.establishment, Some(fields.message.clone())).await?)
        }
        Err(_) => None,
    };
    tx.commit().await?;
    visit.app.wake_worker();
    let problem = match filed {
        Some(Filed::Waits(id)) => return Ok(visit.go_with(&format!("/demandes/{id}"), &Notice::Org(OrgNotice::RequestSent))),
        Some(Filed::Already(open)) => return Ok(visit.go(&format!("/demandes/{}", open.id))),
        Some(Filed::Granted | Filed::Held | Filed::Lacks(_) | Filed::NotMember) => OrgProblem::NotForTheTaking,
        None => OrgProblem::TooMany,
    };
    let view = page(&person, &place, fields.message, Errors::one("message", Problem::Org(problem))).await?;
    visit.invalid(&view)
}
