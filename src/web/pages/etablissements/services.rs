//! The services of an establishment: which its people use, what newcomers receive of them, asking for access (G-14).

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{Leading, nothing, refused};
use super::droits::{self, given};
use crate::account::AccountKind;
use crate::base::fold;
use crate::org::request::Desk;
use crate::org::rights::{Refused, Rights};
use crate::org::service::Service;
use crate::org::{habilitation, newcomer, people};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::catalogue::approver;
use crate::web::pages::compte::kit;
use crate::web::view::etablissement::PlaceNotice;
use crate::web::view::etablissement_services::{PlaceServicesPage, UsedService};
use crate::web::view::{Errors, Notice};

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// `service:profil`, any number of them.
    droit: Vec<String>,
}

async fn page(leading: &Leading, chosen: &Rights, errors: Errors) -> Result<PlaceServicesPage, Failure> {
    let (visit, catalogue) = (&leading.person.visit, leading.person.visit.app.services());
    let mut read = visit.app.db.read().await?;
    let head = leading.head(&mut read).await?;
    let counts: HashMap<String, i64> =
        habilitation::store::count_by_service(&mut read, leading.siret(), visit.ctx.now()).await?.into_iter().collect();
    drop(read);
    let line = |s: &Service| UsedService {
        url: format!("/services/{}", s.id),
        name: s.metadata.name.clone(),
        people: counts.get(&s.id).and_then(|n| u64::try_from(*n).ok()).unwrap_or(0),
        approver: s.on_request().then(|| approver(s.metadata.approver)),
        ask_url: s.on_request().then(|| format!("/services/{}/demande?etablissement={}", s.id, leading.siret())),
    };
    let mut all: Vec<UsedService> = catalogue.of_people(Some(AccountKind::Professional)).map(|s| line(s)).collect();
    all.sort_by_key(|s| fold::name(&s.name));
    let (used, others) = all.into_iter().partition(|s| s.people > 0);
    Ok(PlaceServicesPage { page: visit.page(), head, used, others, services: given(&catalogue, chosen), errors })
}

/// `GET /etablissements/{siret}/services`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let chosen = newcomer::of(&mut leading.person.visit.app.db.read().await?, leading.siret()).await?;
    let page = page(&leading, &chosen, Errors::none()).await?;
    leading.person.visit.ok(&page)
}

/// `POST /etablissements/{siret}/services`
pub async fn save(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let (visit, kit, services) = (&leading.person.visit, kit(&leading.person), leading.person.visit.app.services());
    let wanted = droits::ticked(&fields.droit);
    let mut tx = visit.app.db.begin().await?;
    let desk = Desk { kit: &kit, services: &services };
    let set = newcomer::set(&mut tx, desk, &leading.account().id, leading.siret(), &wanted).await?;
    tx.commit().await?;
    match set {
        Ok(_) => Ok(visit.go_with(&format!("{}/services", leading.base()), &Notice::Place(PlaceNotice::NewcomersSet))),
        Err(Refused::Place(
            people::Refused::NotManager | people::Refused::NotMember | people::Refused::LastManager | people::Refused::OthersEnd,
        )) => Err(nothing()),
        Err(Refused::Unknown | Refused::Own | Refused::Lacks { .. } | Refused::Barred { .. }) => {
            Err(refused(&leading.person, leading.siret(), "no_such_right").await)
        }
    }
}
