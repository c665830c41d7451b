//! Linking a card (G-11), confirming it by a code (G-12), finding it again by two.

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::{Managing, code_problem, link_problem};
use crate::account::{self, Account};
use crate::authn::card::{self, Card, Refused, Serial, link};
use crate::base::id::AccountId;
use crate::org;
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::compte::kit;
use crate::web::view::cards::{CardCodePage, CardNotice, CardProblem, LinkCardPage};
use crate::web::view::{Errors, Notice, Problem};

/// What the form of the first step holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    personne: String,
    numero_serie: String,
}

async fn link_page(managing: &Managing, fields: Fields, errors: Errors) -> Result<LinkCardPage, Failure> {
    let visit = &managing.person.visit;
    let members = org::members(&mut visit.app.db.read().await?, managing.siret(), visit.ctx.now()).await?;
    let person = |m: org::Member| (m.account.to_string(), format!("{} – {}", m.name, m.login_email.unwrap_or_default()));
    Ok(LinkCardPage {
        page: visit.page(),
        establishment: managing.membership.establishment.name.clone(),
        base: managing.base(),
        people: members.into_iter().map(person).collect(),
        personne: fields.personne,
        numero_serie: fields.numero_serie,
        errors,
    })
}

/// `GET /etablissements/{siret}/cartes/lier`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let managing = Managing::of(person, &siret).await?;
    if let Some(confirm) = managing.unless_recent(&format!("{}/lier", managing.base())) {
        return confirm;
    }
    managing.person.visit.ok(&link_page(&managing, Fields::default(), Errors::none()).await?)
}

/// `POST /etablissements/{siret}/cartes/lier`
pub async fn save(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let managing = Managing::of(person, &siret).await?;
    if let Some(confirm) = managing.unless_recent(&format!("{}/lier", managing.base())) {
        return confirm;
    }
    let (serial, holder) = match read(&managing, &fields).await? {
        Ok(read) => read,
        Err(errors) => return managing.person.visit.invalid(&link_page(&managing, fields, errors).await?),
    };
    let visit = &managing.person.visit;
    let mut tx = visit.app.db.begin().await?;
    match link::link(&mut tx, &kit(&managing.person), &serial, &holder, &managing.handler()).await? {
        Ok(card) => {
            tx.commit().await?;
            let notice = Notice::Card(CardNotice::Linked(card.serial.to_string(), holder.full_name()));
            Ok(visit.go_with(&format!("{}/lier/valider?carte={}", managing.base(), card.serial), &notice))
        }
        Err(why) => {
            tx.rollback().await?;
            let (problem, of_person) = link_problem(why);
            let errors = Errors::one(if of_person { "personne" } else { "numero_serie" }, Problem::Card(problem));
            visit.invalid(&link_page(&managing, fields, errors).await?)
        }
    }
}

/// A serial number and a person, or what is wrong with either.
async fn read(managing: &Managing, fields: &Fields) -> Result<Result<(Serial, Account), Errors>, Failure> {
    let mut errors = Errors::none();
    let holder = match AccountId::parse(&fields.personne) {
        Some(id) => account::store::find(&mut managing.person.visit.app.db.read().await?, &id).await?,
        None => None,
    };
    if holder.is_none() {
        errors.push("personne", Problem::Card(CardProblem::PersonMissing));
    }
    let serial = Serial::parse(&fields.numero_serie);
    if serial.is_none() {
        errors.push("numero_serie", Problem::Card(CardProblem::SerialMissing));
    }
    Ok(serial.zip(holder).ok_or(errors))
}

/// What the forms of the second step hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Codes {
    code: String,
    code_suivant: String,
}

fn code_page(managing: &Managing, card: &Card, holder: &Account, resynchronise: bool, errors: Errors) -> CardCodePage {
    let (base, serial) = (managing.base(), card.serial.to_string());
    let action = if resynchronise { format!("{base}/{serial}/resynchroniser") } else { format!("{base}/lier/valider?carte={serial}") };
    let (page, holder) = (managing.person.visit.page(), holder.full_name());
    CardCodePage { page, base, action, serial, holder, resynchronise, errors }
}

/// `GET /etablissements/{siret}/cartes/lier/valider?carte=`
pub async fn show_code(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let serial = person.visit.query("carte").unwrap_or_default();
    show_page(Managing::of(person, &siret).await?, &serial, false).await
}

/// `GET /etablissements/{siret}/cartes/{serial}/resynchroniser`
pub async fn show_resync(person: Person, Path((siret, serial)): Path<(String, String)>) -> Result<Response, Failure> {
    show_page(Managing::of(person, &siret).await?, &serial, true).await
}

async fn show_page(managing: Managing, serial: &str, resynchronise: bool) -> Result<Response, Failure> {
    let visit = &managing.person.visit;
    let mut read = visit.app.db.read().await?;
    let card = managing.card(&mut read, serial).await?;
    let holder = managing.holder(&mut read, &card).await?;
    drop(read);
    let page = code_page(&managing, &card, &holder, resynchronise, Errors::none());
    if let Some(confirm) = managing.unless_recent(&page.action) {
        return confirm;
    }
    visit.ok(&page)
}

/// `POST /etablissements/{siret}/cartes/lier/valider?carte=`
pub async fn confirm(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Codes>) -> Result<Response, Failure> {
    let serial = person.visit.query("carte").unwrap_or_default();
    check(Managing::of(person, &siret).await?, &serial, &fields, false).await
}

/// `POST /etablissements/{siret}/cartes/{serial}/resynchroniser`
pub async fn resynchronise(
    Path((siret, serial)): Path<(String, String)>,
    PersonForm { person, fields }: PersonForm<Codes>,
) -> Result<Response, Failure> {
    check(Managing::of(person, &siret).await?, &serial, &fields, true).await
}

async fn check(managing: Managing, serial: &str, typed: &Codes, resynchronise: bool) -> Result<Response, Failure> {
    let (visit, kit) = (&managing.person.visit, kit(&managing.person));
    let mut tx = visit.app.db.begin().await?;
    let card = managing.card(&mut tx, serial).await?;
    let holder = managing.holder(&mut tx, &card).await?;
    let page = |errors| code_page(&managing, &card, &holder, resynchronise, errors);
    if let Some(confirm) = managing.unless_recent(&page(Errors::none()).action) {
        return confirm;
    }
    let checked = if resynchronise {
        card::resynchronise_for(&mut tx, &kit, &card, &typed.code, &typed.code_suivant).await?
    } else {
        card::confirm(&mut tx, &kit, &card, &typed.code).await?
    };
    tx.commit().await?;
    let name = card.serial.to_string();
    let notice = if resynchronise { CardNotice::Resynchronised(name) } else { CardNotice::Validated(name) };
    match checked {
        Ok(()) => Ok(visit.go_with(&managing.base(), &Notice::Card(notice))),
        Err(refused) => {
            visit.invalid(&page(Errors::one(field(&card, typed, resynchronise, refused), code_problem(visit.page().t, refused))))
        }
    }
}

/// Which of the two codes is not one.
fn field(card: &Card, typed: &Codes, resynchronise: bool, refused: Refused) -> &'static str {
    let first_is_fine = crate::crypto::oath::digits(&typed.code, card.digits).is_some();
    match refused {
        Refused::Missing { .. } | Refused::Battery if resynchronise && first_is_fine => "code_suivant",
        _ => "code",
    }
}
