//! « Transférer » (G-09; AG-19, AC-36): a contact becomes a manager, and whoever hands over a contact, at once.

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{Leading, nothing, wrong};
use crate::base::id::AccountId;
use crate::org::people::{self, Refused};
use crate::org::{self, Role};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::compte::kit;
use crate::web::view::etablissement::{PlaceNotice, PlaceProblem};
use crate::web::view::etablissement_people::HandOverPage;
use crate::web::view::{Errors, Notice};

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    personne: String,
    devenir_contact: String,
}

async fn page(leading: &Leading, typed: Fields, errors: Errors) -> Result<HandOverPage, Failure> {
    let visit = &leading.person.visit;
    let mut read = visit.app.db.read().await?;
    let head = leading.head(&mut read).await?;
    let contacts = org::members(&mut read, leading.siret(), visit.ctx.now()).await?.into_iter().filter(|m| m.role == Role::Contact);
    let people = contacts.map(|m| (m.account.to_string(), format!("{} – {}", m.name, m.login_email.unwrap_or_default()))).collect();
    let step_down = !typed.devenir_contact.is_empty();
    Ok(HandOverPage { page: visit.page(), head, people, personne: typed.personne, step_down, errors })
}

fn confirm(leading: &Leading) -> Option<Result<Response, Failure>> {
    let person = &leading.person;
    (!person.is_recent()).then(|| person.confirm_identity(&format!("{}/transferer", leading.base())))
}

/// `GET /etablissements/{siret}/transferer`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    if let Some(confirm) = confirm(&leading) {
        return confirm;
    }
    let page = page(&leading, Fields { devenir_contact: "1".to_owned(), ..Fields::default() }, Errors::none()).await?;
    leading.person.visit.ok(&page)
}

/// `POST /etablissements/{siret}/transferer`
pub async fn save(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    if let Some(confirm) = confirm(&leading) {
        return confirm;
    }
    let visit = &leading.person.visit;
    let Some(to) = AccountId::parse(&fields.personne) else {
        return visit.invalid(&page(&leading, fields, wrong("personne", PlaceProblem::PersonMissing)).await?);
    };
    let (_, heir) = leading.member(to.as_str()).await?;
    let step_down = !fields.devenir_contact.is_empty();
    let (kit, siret) = (kit(&leading.person), leading.siret());
    let mut tx = visit.app.db.begin().await?;
    let done = people::hand_over(&mut tx, &kit, &leading.account().id, siret, &to, step_down).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    match done {
        Ok(()) => {
            let back = if step_down { "/etablissements".to_owned() } else { format!("{}/intervenants", leading.base()) };
            Ok(visit.go_with(&back, &Notice::Place(PlaceNotice::HandedOver(heir.full_name()))))
        }
        Err(Refused::NotMember | Refused::LastManager) => {
            visit.invalid(&page(&leading, fields, wrong("personne", PlaceProblem::PersonMissing)).await?)
        }
        Err(Refused::NotManager) => Err(nothing()),
    }
}
