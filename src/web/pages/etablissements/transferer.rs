//! « Transférer » (G-09; AG-19, AC-36): a manager offers their role to a contact; the contact answers within three days.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{Leading, nothing, wrong};
use crate::account;
use crate::base::id::{AccountId, HandoverId};
use crate::org::handover::{self, NotOpen, Offer};
use crate::org::people::Refused;
use crate::org::{self, Role};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::compte::kit;
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::etablissement::{PlaceNotice, PlaceProblem};
use crate::web::view::etablissement_people::{HandOverPage, OfferLine, OfferPage, Offered};
use crate::web::view::{Errors, Notice, format};

/// What the forms hold: whom to offer to, or which offer to withdraw.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    personne: String,
    devenir_contact: String,
    annuler: String,
}

async fn page(leading: &Leading, typed: Fields, errors: Errors) -> Result<HandOverPage, Failure> {
    let (visit, own) = (&leading.person.visit, &leading.account().id);
    let (now, t) = (visit.ctx.now(), visit.page().t);
    let mut read = visit.app.db.read().await?;
    let head = leading.head(&mut read).await?;
    let contacts = org::members(&mut read, leading.siret(), now).await?.into_iter().filter(|m| m.role == Role::Contact);
    let people = contacts.map(|m| (m.account.to_string(), format!("{} – {}", m.name, m.login_email.unwrap_or_default()))).collect();
    let mut waiting = Vec::new();
    for offer in handover::store::open_of(&mut read, leading.siret(), own, now).await?.into_iter().filter(|o| o.from == *own) {
        let name = account::store::find(&mut read, &offer.to).await?.map(|a| a.full_name()).unwrap_or_default();
        waiting.push(OfferLine { id: offer.id.to_string(), name, until: format::date_time(t, offer.expires_at.millis()) });
    }
    drop(read);
    let step_down = !typed.devenir_contact.is_empty();
    Ok(HandOverPage { page: visit.page(), head, people, personne: typed.personne, step_down, waiting, errors })
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
    if !fields.annuler.is_empty() {
        return withdraw(&leading, &fields.annuler).await;
    }
    let visit = &leading.person.visit;
    let Some(to) = AccountId::parse(&fields.personne) else {
        return visit.invalid(&page(&leading, fields, wrong("personne", PlaceProblem::PersonMissing)).await?);
    };
    let (_, heir) = leading.member(to.as_str()).await?;
    let (kit, step_down) = (kit(&leading.person), !fields.devenir_contact.is_empty());
    let mut tx = visit.app.db.begin().await?;
    let made = handover::offer(&mut tx, &kit, leading.account(), leading.siret(), &to, step_down).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    match made {
        Ok(_) => Ok(visit.go_with(&format!("{}/transferer", leading.base()), &Notice::Place(PlaceNotice::Offered(heir.full_name())))),
        Err(Refused::NotMember | Refused::LastManager | Refused::OthersEnd) => {
            visit.invalid(&page(&leading, fields, wrong("personne", PlaceProblem::PersonMissing)).await?)
        }
        Err(Refused::NotManager) => Err(nothing()),
    }
}

async fn withdraw(leading: &Leading, id: &str) -> Result<Response, Failure> {
    let (visit, kit) = (&leading.person.visit, kit(&leading.person));
    let id = HandoverId::parse(id).ok_or_else(nothing)?;
    let mut tx = visit.app.db.begin().await?;
    let done = handover::cancel(&mut tx, &kit, leading.account(), leading.siret(), &id).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    let here = format!("{}/transferer", leading.base());
    Ok(if done { visit.go_with(&here, &Notice::Place(PlaceNotice::OfferWithdrawn)) } else { visit.go(&here) })
}

fn offer_page(person: &Person, id: &str, offered: Offered) -> OfferPage {
    OfferPage { page: person.visit.page(), action: format!("/transfert/{id}"), offered }
}

/// The page for an offer that cannot be answered.
fn refusal(person: &Person, id: &str, why: NotOpen) -> Result<Response, Failure> {
    match why {
        NotOpen::Unknown => Err(nothing()),
        NotOpen::Over => person.visit.html(StatusCode::GONE, &offer_page(person, id, Offered::Over)),
    }
}

/// `GET /transfert/{id}`: shows, never accepts.
pub async fn show_offer(person: Person, Path(id): Path<String>) -> Result<Response, Failure> {
    let (visit, account) = (&person.visit, person.session.account());
    let which = HandoverId::parse(&id).ok_or_else(nothing)?;
    let mut read = visit.app.db.read().await?;
    let found = handover::look(&mut read, &account.id, &which, visit.ctx.now()).await?;
    let by = match &found {
        Ok(offer) => account::store::find(&mut read, &offer.from).await?.map(|a| a.full_name()).unwrap_or_default(),
        Err(_) => String::new(),
    };
    drop(read);
    let offer: Offer = match found {
        Ok(offer) => offer,
        Err(why) => {
            let mut tx = visit.app.db.begin().await?;
            handover::refuse(&mut tx, &kit(&person), &account.id, why).await?;
            tx.commit().await?;
            return refusal(&person, &id, why);
        }
    };
    let offered = Offered::Open {
        siret: offer.establishment.siret.grouped(),
        until: format::date_time(visit.page().t, offer.expires_at.millis()),
        establishment: offer.establishment.name,
        step_down: offer.step_down,
        by,
    };
    visit.ok(&offer_page(&person, &id, offered))
}

/// The answer: `accepter` or `refuser`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    action: String,
}

/// `POST /transfert/{id}`
pub async fn answer(Path(id): Path<String>, PersonForm { person, fields }: PersonForm<Answer>) -> Result<Response, Failure> {
    let (visit, kit, account) = (&person.visit, kit(&person), person.session.account());
    let which = HandoverId::parse(&id).ok_or_else(nothing)?;
    let mut tx = visit.app.db.begin().await?;
    let (answered, notice): (_, fn(String) -> PlaceNotice) = match fields.action.as_str() {
        "accepter" => (handover::accept(&mut tx, &kit, account, &which).await?, PlaceNotice::Manages),
        "refuser" => (handover::decline(&mut tx, &kit, account, &which).await?, PlaceNotice::OfferDeclined),
        _ => return Err(Failure::page(ErrorCode::A900, Way::Home)),
    };
    tx.commit().await?;
    visit.app.wake_worker();
    match answered {
        Ok(offer) => Ok(visit.go_with("/etablissements", &Notice::Place(notice(offer.establishment.name)))),
        Err(why) => refusal(&person, &id, why),
    }
}
