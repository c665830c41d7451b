//! Reminding people who have no strong means of connection to set one up (« Relancer l’enrôlement », G-02).

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{Leading, nothing};
use super::ensemble::{asked, chosen, named, none};
use crate::account::Account;
use crate::authn::throttle::{self, Counter};
use crate::org::Membership;
use crate::org::people::{self, Refused};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::compte::kit;
use crate::web::view::Notice;
use crate::web::view::etablissement::PlaceNotice;
use crate::web::view::etablissement_people::RemindManyPage;

/// Reminders a person receives in a day, whatever the establishment.
const PER_DAY: i64 = 1;

/// The people named who can add a strong means and have none; or where to go when nobody is left.
async fn lacking(leading: &Leading, ids: &[String]) -> Result<Result<Vec<Account>, Response>, Failure> {
    let people = chosen(leading, ids).await?;
    if people.is_empty() {
        return Ok(Err(none(leading)));
    }
    let now = leading.person.visit.ctx.now();
    let can = |place: &Membership, a: &Account| place.holds(now) && a.is_alive() && a.notice_email().is_some();
    let lacking: Vec<Account> =
        people.into_iter().filter(|(place, a)| !a.security.strong() && can(place, a)).map(|(_, account)| account).collect();
    Ok(if lacking.is_empty() { Err(back(leading, PlaceNotice::NobodyToRemind)) } else { Ok(lacking) })
}

fn back(leading: &Leading, notice: PlaceNotice) -> Response {
    leading.person.visit.go_with(&format!("{}/intervenants", leading.base()), &Notice::Place(notice))
}

/// `GET /etablissements/{siret}/relancer?personne=&personne=`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let people = match lacking(&leading, &asked(&leading)).await? {
        Ok(people) => people,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let visit = &leading.person.visit;
    let head = leading.head(&mut visit.app.db.read().await?).await?;
    visit.ok(&RemindManyPage { page: visit.page(), head, people: people.iter().map(named).collect() })
}

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    personne: Vec<String>,
}

/// `POST /etablissements/{siret}/relancer`: whoever was reminded today already is left out.
pub async fn remind(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let people = match lacking(&leading, &fields.personne).await? {
        Ok(people) => people,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let (visit, kit, mut told) = (&leading.person.visit, kit(&leading.person), 0_u32);
    let mut tx = visit.app.db.begin().await?;
    for account in &people {
        if throttle::take(&mut tx, &visit.ctx, Counter::EnrolmentReminders, account.id.as_str(), PER_DAY).await?.is_err() {
            continue;
        }
        match people::remind_enrolment(&mut tx, &kit, leading.account(), leading.siret(), account).await? {
            Ok(()) => told += 1,
            // Gone since the page was read.
            Err(Refused::NotMember) => {}
            Err(Refused::NotManager | Refused::LastManager | Refused::OthersEnd) => {
                tx.commit().await?;
                return Err(nothing());
            }
        }
    }
    tx.commit().await?;
    visit.app.wake_worker();
    Ok(back(&leading, if told == 0 { PlaceNotice::RemindedToday } else { PlaceNotice::Reminded(told) }))
}
