//! « Revue des accès » (G-16): each right confirmed or withdrawn, one at a time, before a day.

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{Day, Leading, nothing, refused, wrong};
use crate::base::Timestamp;
use crate::base::id::AccountId;
use crate::base::texts::Texts;
use crate::db::Handle;
use crate::org;
use crate::org::request::Desk;
use crate::org::review::store::LeftRow;
use crate::org::review::{self, Refused, Review, Verdict};
use crate::org::service::Services;
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::compte::kit;
use crate::web::view::etablissement::{PlaceNotice, PlaceProblem};
use crate::web::view::etablissement_people::DayFields;
use crate::web::view::etablissement_rights::{OpenReview, ReviewLine, ReviewPage};
use crate::web::view::{Errors, Notice, format};

const PAGE: usize = 50;

/// What the forms hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    droit: String,
    avis: String,
    fin_jour: String,
    fin_mois: String,
    fin_annee: String,
}

impl Fields {
    fn day(&self) -> Day<'_> {
        Day::typed(&self.fin_jour, &self.fin_mois, &self.fin_annee)
    }
}

fn line(t: Texts, services: &Services, row: &LeftRow, own: bool) -> ReviewLine {
    let service = services.any(&row.service_id);
    let name = |id: &str| service.and_then(|s| s.profile(id)).map_or_else(|| id.to_owned(), |p| p.name);
    ReviewLine {
        value: format!("{}:{}", row.service_id, row.account_id),
        name: format!("{} {}", row.given_name, row.family_name).trim().to_owned(),
        email: row.login_email.clone().unwrap_or_default(),
        service: service.map_or_else(|| row.service_id.clone(), |s| s.metadata.name.clone()),
        profiles: row.profiles.split_ascii_whitespace().map(name).collect::<Vec<_>>().join(", "),
        last_used: row.last_used_at.map(|at| format::date(t, at)),
        own,
    }
}

async fn shown(h: &mut impl Handle, leading: &Leading, review: &Review) -> Result<OpenReview, Failure> {
    let (visit, t, now) = (&leading.person.visit, leading.person.visit.page().t, leading.person.visit.ctx.now());
    let (scope, own) = (review.scope(now), &leading.account().id);
    let alone = org::store::count_other_managers(h, leading.siret(), own, now).await? == 0;
    let after = visit.query("apres").unwrap_or_default();
    let after = after.split_once(':').unwrap_or_default();
    let left = review::store::count_left(h, &scope).await?;
    let mut rows = review::store::left(h, &scope, after, i64::try_from(PAGE + 1).unwrap_or(i64::MAX)).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let services = visit.app.services();
    let lines: Vec<ReviewLine> = rows.iter().map(|r| line(t, &services, r, !alone && r.account() == *own)).collect();
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(OpenReview {
        until: format::date(t, review.due_at.millis().saturating_sub(1)),
        service: services.any(&review.service).map(|s| s.metadata.name.clone()),
        done: count(review.rights.saturating_sub(left)),
        total: count(review.rights.max(left)),
        next_url: lines.last().filter(|_| more).map(|l| format!("{}/revue?apres={}", leading.base(), l.value)),
        lines,
    })
}

async fn page(leading: &Leading, typed: &Fields, errors: Errors) -> Result<ReviewPage, Failure> {
    let visit = &leading.person.visit;
    let mut h = visit.app.db.read().await?;
    let head = leading.head(&mut h).await?;
    let open = match review::store::open(&mut h, leading.siret()).await? {
        Some(review) => Some(shown(&mut h, leading, &review).await?),
        None => None,
    };
    drop(h);
    let DayFields { day, month, year } = typed.day().fields();
    Ok(ReviewPage { page: visit.page(), head, open, end: DayFields { day, month, year }, errors })
}

/// `GET /etablissements/{siret}/revue?apres=`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    leading.person.visit.ok(&page(&leading, &Fields::default(), Errors::none()).await?)
}

/// `POST /etablissements/{siret}/revue`
pub async fn save(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let verdict = match fields.avis.as_str() {
        "" => return open(&leading, &fields).await,
        "poste" => Verdict::Stays,
        "parti" => Verdict::Gone,
        _ => return Err(nothing()),
    };
    judge(&leading, &fields.droit, verdict).await
}

async fn judge(leading: &Leading, right: &str, verdict: Verdict) -> Result<Response, Failure> {
    let (service, who) = right.split_once(':').ok_or_else(nothing)?;
    let who = AccountId::parse(who).ok_or_else(nothing)?;
    let (_, account) = leading.member(who.as_str()).await?;
    let (visit, kit, services) = (&leading.person.visit, kit(&leading.person), leading.person.visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    let desk = Desk { kit: &kit, services: &services };
    let done = review::judge(&mut tx, desk, &leading.account().id, leading.siret(), &who, service, verdict).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    let here = format!("{}/revue", leading.base());
    let name = account.full_name();
    match (done, verdict) {
        (Ok(()), Verdict::Stays) => Ok(visit.go_with(&here, &Notice::Place(PlaceNotice::Confirmed(name)))),
        (Ok(()), Verdict::Gone) => Ok(visit.go_with(&here, &Notice::Place(PlaceNotice::Withdrawn(name)))),
        // Somebody else was faster, or the day came.
        (Err(Refused::Unknown | Refused::Open | Refused::Nothing | Refused::Day), _) => Ok(visit.go(&here)),
        (Err(Refused::Own), _) => Err(refused(&leading.person, leading.siret(), "own_right").await),
        (Err(Refused::NotManager), _) => Err(nothing()),
    }
}

fn last_day(fields: &Fields, now: Timestamp) -> Result<Timestamp, PlaceProblem> {
    fields.day().end(now)?.ok_or(PlaceProblem::DateWrong)
}

async fn open(leading: &Leading, fields: &Fields) -> Result<Response, Failure> {
    let visit = &leading.person.visit;
    let due = match last_day(fields, visit.ctx.now()) {
        Ok(due) => due,
        Err(problem) => return visit.invalid(&page(leading, fields, wrong("fin_jour", problem)).await?),
    };
    let (kit, services) = (kit(&leading.person), visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    let desk = Desk { kit: &kit, services: &services };
    let opened = review::open(&mut tx, desk, Some(&leading.account().id), leading.manager.establishment(), "", due).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    let here = format!("{}/revue", leading.base());
    let problem = match opened {
        Ok(_) => return Ok(visit.go_with(&here, &Notice::Place(PlaceNotice::ReviewOpened))),
        Err(Refused::Open | Refused::Unknown | Refused::Own) => return Ok(visit.go(&here)),
        Err(Refused::NotManager) => return Err(nothing()),
        Err(Refused::Nothing) => PlaceProblem::NothingToReview,
        Err(Refused::Day) => PlaceProblem::DateFar,
    };
    visit.invalid(&page(leading, fields, wrong("fin_jour", problem)).await?)
}
