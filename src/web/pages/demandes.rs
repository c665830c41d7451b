//! « Mes demandes »: what a person asked for, where it stands, reminding and withdrawing (ux P-05, C-08, C-09).

use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::a_traiter;
use super::catalogue::{decider, decider_now, deciders_now, state, what};
use super::compte::kit;
use super::etablissements::acces::{nothing, refused};
use super::etablissements::droit::{profiles, state as right_state};
use crate::base::Timestamp;
use crate::base::id::AskId;
use crate::base::texts::Texts;
use crate::org::habilitation::{self, Habilitation};
use crate::org::request::{self, Desk, Request, State, Wish};
use crate::org::service::Services;
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::route::{Access, Class, Route};
use crate::web::view::catalogue::OwnRight;
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::org::OrgNotice;
use crate::web::view::requests::{RequestLine, RequestPage, RequestsPage};
use crate::web::view::{Notice, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route { path: "/demandes", methods: &["GET"], access: Access::Person, class: Class::Page, handler: || get(list) },
    Route {
        path: "/demandes/{id}",
        methods: &["GET", "POST"],
        access: Access::Person,
        class: Class::Credential,
        handler: || get(show).post(act),
    },
];

/// A request, in words.
pub fn line(t: Texts, services: &Services, r: &Request) -> RequestLine {
    RequestLine {
        url: format!("/demandes/{}", r.id),
        what: what(t, services, r),
        establishment: r.establishment.name.clone(),
        sent: format::date(t, r.created_at.millis()),
        state: state(r.state),
        approver: decider(services, r),
    }
}

/// `GET /demandes`
async fn list(person: Person) -> Result<Response, Failure> {
    let (visit, t) = (&person.visit, person.visit.page().t);
    let (who, now, services) = (&person.session.account().id, visit.ctx.now(), visit.app.services());
    let mut read = visit.app.db.read().await?;
    let all = request::store::of_account(&mut read, who).await?;
    let ending = habilitation::store::renewable(&mut read, who, habilitation::renewal_span(now), now).await?;
    let named = a_traiter::count(&mut read, &services, who).await?;
    let deciders = deciders_now(&mut read, &services, &all, now).await?;
    drop(read);
    let asked =
        |h: &Habilitation| all.iter().any(|r| r.state.is_open() && r.wish.service() == h.service && r.establishment.siret == h.siret);
    let renewals = ending.iter().filter(|(h, _)| !asked(h)).map(|(h, place)| own_right(t, &services, h, place, now));
    let renewals = renewals.filter(|r| r.renew_url.is_some()).collect();
    let requests = all.iter().zip(deciders).map(|(r, approver)| RequestLine { approver, ..line(t, &services, r) }).collect();
    visit.ok(&RequestsPage { page: visit.page(), renewals, requests, named })
}

/// A right of the person who looks, in words; with where to ask for its renewal.
pub fn own_right(t: Texts, services: &Services, h: &Habilitation, place: &str, now: Timestamp) -> OwnRight {
    let renews = h.is_renewable(now) && services.live(&h.service).is_some_and(|s| s.on_request());
    OwnRight {
        service: services.any(&h.service).map_or_else(|| h.service.clone(), |s| s.metadata.name.clone()),
        establishment: place.to_owned(),
        profiles: profiles(services, h),
        state: right_state(h, now),
        until: h.expires_at.map(|at| format::date(t, at.millis().saturating_sub(1))),
        renew_url: renews.then(|| format!("/services/{}/demande?etablissement={}", h.service, h.siret)),
    }
}

/// A request of this person; those of others do not exist.
async fn own(person: &Person, id: &str) -> Result<Request, Failure> {
    let id = AskId::parse(id).ok_or_else(nothing)?;
    let found = request::store::find(&mut person.visit.app.db.read().await?, &id).await?.ok_or_else(nothing)?;
    if found.account == person.session.account().id {
        return Ok(found);
    }
    Err(refused(person, &found.establishment.siret, "not_own_request").await)
}

/// `GET /demandes/{id}`
async fn show(person: Person, Path(id): Path<String>) -> Result<Response, Failure> {
    let r = own(&person, &id).await?;
    let (visit, t, now) = (&person.visit, person.visit.page().t, person.visit.ctx.now());
    let services = visit.app.services();
    let mut steps = vec![(t.get("org-step-sent"), format::date_time(t, r.created_at.millis()))];
    if let Some(at) = r.reminded_at {
        steps.push((t.count("org-step-reminded", u64::try_from(r.reminders).unwrap_or(0), &[]), format::date_time(t, at.millis())));
    }
    if let Some(at) = r.claim_at {
        steps.push((t.get("org-step-claim"), format::date_time(t, at.millis())));
    }
    if let Some(at) = r.decided_at {
        steps.push((t.get(state(r.state)), format::date_time(t, at.millis())));
    }
    let from = r.remindable_at();
    let approver = decider_now(&mut visit.app.db.read().await?, &services, &r, now).await?;
    let again_url = match (&r.wish, r.state) {
        (_, State::Pending | State::Accepted) => None,
        (Wish::Join(_), State::Declined | State::Cancelled | State::Changes | State::Partly) => {
            Some(format!("/etablissements/{}/rejoindre", r.establishment.siret))
        }
        (Wish::Use { service, .. }, State::Declined | State::Cancelled | State::Changes | State::Partly) => {
            Some(format!("/services/{service}/demande?etablissement={}", r.establishment.siret))
        }
    };
    visit.ok(&RequestPage {
        page: visit.page(),
        line: RequestLine { approver, ..line(t, &services, &r) },
        siret: r.establishment.siret.grouped(),
        steps,
        message: r.message.clone(),
        reason: r.reason.clone(),
        open: r.state.is_open(),
        remind: from.is_some_and(|at| now >= at),
        remind_from: from.filter(|at| now < *at).map(|at| format::date(t, at.millis())),
        again_url,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    action: String,
}

/// `POST /demandes/{id}` (EF-15)
async fn act(Path(id): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let r = own(&person, &id).await?;
    let (visit, account) = (&person.visit, person.session.account());
    let (kit, services) = (kit(&person), visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    let notice = match fields.action.as_str() {
        "relancer" => match request::remind(&mut tx, Desk { kit: &kit, services: &services }, account, &r.id).await? {
            true => OrgNotice::Reminded,
            false => OrgNotice::TooEarly,
        },
        "annuler" => {
            request::cancel(&mut tx, &kit, &account.id, &r.id).await?;
            OrgNotice::Cancelled
        }
        _ => return Err(Failure::page(ErrorCode::A900, Way::Home)),
    };
    tx.commit().await?;
    visit.app.wake_worker();
    Ok(visit.go_with(&format!("/demandes/{id}"), &Notice::Org(notice)))
}
