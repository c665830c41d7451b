//! When the establishment closed, or takes over from a closed one (FA-11, FA-12): carrying people and rights over.

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{Leading, nothing, refused, wrong};
use crate::authn::card;
use crate::authn::factor::Kit;
use crate::base::id::SuccessionId;
use crate::db::{Handle, Tx};
use crate::org::request::Desk;
use crate::org::succession::{self, Done, Refused, store};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::compte::kit;
use crate::web::view::etablissement::{PlaceNotice, PlaceProblem};
use crate::web::view::etablissement_succession::{FollowingLine, SuccessionPage};
use crate::web::view::{Errors, Notice};

/// What the forms hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    action: String,
    demande: String,
}

/// Key of what « Mon établissement » says of it, if anything.
pub async fn notice(h: &mut impl Handle, leading: &Leading) -> Result<Option<&'static str>, Failure> {
    if !store::to_answer(h, leading.siret()).await?.is_empty() {
        return Ok(Some("org-succession-to-answer"));
    }
    Ok(succession::offered(h, leading.siret()).await?.map(|_| "org-succession-offered"))
}

async fn page(leading: &Leading, errors: Errors) -> Result<SuccessionPage, Failure> {
    let visit = &leading.person.visit;
    let mut h = visit.app.db.read().await?;
    let head = leading.head(&mut h).await?;
    let next = succession::offered(&mut h, leading.siret()).await?;
    let asked = store::open(&mut h, leading.siret()).await?.is_some();
    let waiting = store::to_answer(&mut h, leading.siret()).await?;
    drop(h);
    let line = |id: String, name: String, siret: String| FollowingLine { id, name, siret };
    Ok(SuccessionPage {
        page: visit.page(),
        head,
        next: next.map(|e| line(String::new(), e.name, e.siret.grouped())),
        asked,
        waiting: waiting.into_iter().map(|s| line(s.id.to_string(), s.from.name, s.from.siret.grouped())).collect(),
        errors,
    })
}

/// `GET /etablissements/{siret}/succession`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    leading.person.visit.ok(&page(&leading, Errors::none()).await?)
}

/// `POST /etablissements/{siret}/succession`
pub async fn save(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    if let Some(confirm) = confirm(&leading) {
        return confirm;
    }
    match fields.action.as_str() {
        "reporter" => ask(&leading).await,
        "accepter" => answer(&leading, &fields.demande, true).await,
        "refuser" => answer(&leading, &fields.demande, false).await,
        _ => Err(nothing()),
    }
}

/// It moves everybody at once: whoever does it proves again who they are.
fn confirm(leading: &Leading) -> Option<Result<Response, Failure>> {
    let person = &leading.person;
    (!person.is_recent()).then(|| person.confirm_identity(&format!("{}/succession", leading.base())))
}

async fn cards_follow(tx: &mut Tx, kit: &Kit<'_>, done: &Result<Done, Refused>) -> Result<(), Failure> {
    if let Ok(Done::Carried { from, to, .. }) = done {
        card::link::follow(tx, kit, from, to).await?;
    }
    Ok(())
}

async fn ask(leading: &Leading) -> Result<Response, Failure> {
    let (visit, kit, services) = (&leading.person.visit, kit(&leading.person), leading.person.visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    let done = succession::ask(&mut tx, Desk { kit: &kit, services: &services }, &leading.account().id, leading.siret()).await?;
    cards_follow(&mut tx, &kit, &done).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    let here = format!("{}/succession", leading.base());
    match done {
        Ok(Done::Carried { .. }) => Ok(visit.go_with("/etablissements", &Notice::Place(PlaceNotice::CarriedOver))),
        Ok(Done::Asked) => Ok(visit.go_with(&here, &Notice::Place(PlaceNotice::SuccessionAsked))),
        Err(Refused::Orphan) => visit.invalid(&page(leading, wrong("reporter", PlaceProblem::SuccessorOrphan)).await?),
        Err(Refused::Already | Refused::NoSuccessor | Refused::Unknown) => Ok(visit.go(&here)),
        Err(Refused::NotManager) => Err(nothing()),
    }
}

async fn answer(leading: &Leading, id: &str, accept: bool) -> Result<Response, Failure> {
    let id = SuccessionId::parse(id).ok_or_else(nothing)?;
    let (visit, kit, services) = (&leading.person.visit, kit(&leading.person), leading.person.visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    let desk = Desk { kit: &kit, services: &services };
    let done = succession::answer(&mut tx, desk, &leading.account().id, leading.siret(), &id, accept).await?;
    cards_follow(&mut tx, &kit, &done).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    match done {
        Ok(Done::Carried { .. }) => {
            Ok(visit.go_with(&format!("{}/intervenants", leading.base()), &Notice::Place(PlaceNotice::CarriedOver)))
        }
        Ok(Done::Asked) => Ok(visit.go_with(&leading.base(), &Notice::Place(PlaceNotice::SuccessionDeclined))),
        Err(Refused::NotManager) => Err(nothing()),
        Err(Refused::Unknown | Refused::Already | Refused::NoSuccessor | Refused::Orphan) => {
            Err(refused(&leading.person, leading.siret(), "no_such_succession").await)
        }
    }
}
