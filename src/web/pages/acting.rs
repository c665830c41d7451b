//! S-14: the establishment a person acts for. S-15: a service they have no access to.

use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::account::AccountKind;
use crate::audit::{self, Event, Kind};
use crate::authn::LiveSession;
use crate::base::{Siret, Timestamp};
use crate::oidc::authorize::Request;
use crate::oidc::client::Client;
use crate::org::request::{self, State};
use crate::org::service::Service;
use crate::org::{self, Link as Proved, Role, acting, habilitation};
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm};
use crate::web::oidc::flow;
use crate::web::route::{Access, Class, Route};
use crate::web::view::acting::{AccessPage, Choice, ChoosePage, Standing};
use crate::web::view::org::OrgProblem;
use crate::web::view::{Errors, Link, Problem, format, link};
use std::sync::Arc;

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/connexion/etablissement",
        methods: &["GET", "POST"],
        access: Access::Journey,
        class: Class::Page,
        handler: || get(choose).post(chosen),
    },
    Route { path: "/connexion/acces", methods: &["GET"], access: Access::Journey, class: Class::Page, handler: || get(access) },
];

/// Establishments on a page.
const PAGE: usize = 50;
/// From so many on, there is a field to narrow them.
const MANY: usize = 10;

/// A person on the way to a service, who said who they are.
struct Asked {
    session: LiveSession,
    client: Arc<Client>,
    request: Request,
    service: Option<Arc<Service>>,
}

impl Asked {
    /// `None` when the journey is elsewhere.
    fn of(journey: &Journey) -> Result<Option<Self>, Failure> {
        let (Some(live), Some((client, request))) = (journey.satisfied(), flow::pending(&journey.visit, &journey.interaction)?) else {
            return Ok(None);
        };
        let service = flow::service_of(&journey.visit, &client);
        Ok(Some(Self { session: live.clone(), client, request, service }))
    }

    fn name(&self) -> &str {
        self.service.as_ref().map_or(&self.client.metadata.client_name, |s| &s.metadata.name)
    }

    fn opens(&self, standing: &org::Standing, now: Timestamp) -> bool {
        self.service.as_ref().map_or_else(|| standing.membership.holds(now), |s| s.opens_to(standing, now))
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Manager => "org-role-manager",
        Role::Contact => "org-role-contact",
    }
}

async fn page(journey: &Journey, asked: &Asked, errors: Errors) -> Result<ChoosePage, Failure> {
    let (visit, account, now) = (&journey.visit, asked.session.account(), journey.visit.ctx.now());
    let (filter, after) = (visit.query("filtre").unwrap_or_default(), visit.query("apres").unwrap_or_default());
    let id = asked.service.as_ref().map_or("", |s| &s.id);
    let mut read = visit.app.db.read().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = org::store::places(&mut read, &account.id, id, &after, &filter, limit).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = found.last().map(|s| s.membership.establishment.siret.clone()).filter(|_| more);
    let many = more || found.len() > MANY || !filter.is_empty();
    // Those used last come first; on the first page, also when they stand further on.
    if after.is_empty() && filter.is_empty() {
        for used in org::store::last_places(&mut read, &account.id, 5).await? {
            let siret = &used.establishment.siret;
            if !found.iter().any(|s| s.membership.establishment.siret == *siret) {
                found.extend(org::store::standing(&mut read, &account.id, siret, id).await?);
            }
        }
    }
    drop(read);
    found.sort_by_key(|s| {
        (std::cmp::Reverse(s.membership.last_used_at.map_or(0, Timestamp::millis)), s.membership.establishment.name.to_lowercase())
    });
    let (open, closed): (Vec<_>, Vec<_>) = found.into_iter().filter(|s| s.membership.holds(now)).partition(|s| asked.opens(s, now));
    let choice = |s: org::Standing, ask: bool| {
        let e = s.membership.establishment;
        let ask_url =
            asked.service.as_ref().filter(|_| ask).map(|service| format!("/services/{}/demande?etablissement={}", service.id, e.siret));
        Choice { shown: e.siret.grouped(), siret: e.siret.to_string(), name: e.name, role: role(s.membership.role), ask_url }
    };
    Ok(ChoosePage {
        page: journey.page(),
        t: journey.t.clone(),
        service: asked.name().to_owned(),
        open: open.into_iter().map(|s| choice(s, false)).collect(),
        closed: closed.into_iter().map(|s| choice(s, true)).collect(),
        filter: many.then_some(filter),
        next_url: last.map(|siret| format!("{}&apres={siret}", link("/connexion/etablissement", &journey.t))),
        errors,
    })
}

async fn choose(mut journey: Journey) -> Result<Response, Failure> {
    match Asked::of(&journey)? {
        Some(asked) => {
            let view = page(&journey, &asked, Errors::none()).await?;
            journey.visit.ok(&view)
        }
        None => journey.go("/connexion"),
    }
}

#[derive(Debug, Deserialize)]
struct Chosen {
    #[serde(default)]
    etablissement: String,
    #[serde(default)]
    retenir: String,
}

async fn chosen(form: ProtectedForm<Chosen>) -> Result<Response, Failure> {
    let mut journey = Journey::open(form.visit)?;
    let Some(asked) = Asked::of(&journey)? else { return journey.go("/connexion") };
    let (visit, account) = (journey.visit.clone(), asked.session.account());
    let siret = Siret::unchecked(&form.fields.etablissement).ok();
    let place = match &siret {
        Some(siret) => {
            let mut read = visit.app.db.read().await?;
            acting::at(&mut read, &account.id, asked.service.as_deref(), siret, visit.ctx.now()).await?
        }
        None => None,
    };
    let Some(siret) = siret.filter(|_| place.is_some()) else {
        let view = page(&journey, &asked, Errors::one("etablissement", Problem::Org(OrgProblem::EstablishmentMissing))).await?;
        return journey.visit.invalid(&view);
    };
    let mut tx = visit.app.db.begin().await?;
    let retained = (form.fields.retenir == "oui").then_some(&siret);
    org::store::put_choice(&mut tx, &account.id, &asked.client.id, retained, visit.ctx.now()).await?;
    let event = Event::new(Kind::EstablishmentChosen).account(&account.id).client(&asked.client.id);
    audit::append(&mut tx, &visit.ctx, event.with("siret", siret.as_str()).with("retained", retained.is_some())).await?;
    tx.commit().await?;
    journey.interaction.establishment = Some(siret);
    journey.renew()?;
    journey.next(&asked.session).await
}

/// S-15, for as long as there is no access: once there is, the journey goes on.
async fn access(mut journey: Journey) -> Result<Response, Failure> {
    let Some(asked) = Asked::of(&journey)? else { return journey.go("/connexion") };
    let visit = journey.visit.clone();
    let place = flow::place(&visit, &asked.session, &asked.client, &asked.request, Some(&journey.interaction)).await?;
    match place {
        acting::Place::Refused => {}
        acting::Place::Nowhere | acting::Place::At(_) | acting::Place::Choose => return journey.next(&asked.session).await,
    }
    let (standing, action) = standing(&journey, &asked).await?;
    let (page, t, service) = (journey.page(), journey.t.clone(), asked.name().to_owned());
    visit.ok(&AccessPage { page, t, service, standing, action })
}

/// Why there is no access, and the one thing to do about it.
async fn standing(journey: &Journey, asked: &Asked) -> Result<(Standing, Option<Link>), Failure> {
    let (visit, account) = (&journey.visit, asked.session.account());
    let t = visit.page().t;
    let Some(service) = &asked.service else {
        let closed = asked.client.metadata.service.is_some();
        return Ok((if closed { Standing::Closed } else { Standing::NoEstablishment }, None));
    };
    if !service.enabled {
        return Ok((Standing::Closed, None));
    }
    if !service.metadata.audience.includes(account.kind) || account.kind == AccountKind::Individual {
        return Ok((Standing::NotForYou, None));
    }
    let mut read = visit.app.db.read().await?;
    let places = org::memberships(&mut read, &account.id, visit.ctx.now()).await?;
    if places.is_empty() {
        let add = Link { label: t.get("org-add"), url: "/etablissements/recherche".to_owned() };
        return Ok((Standing::NoEstablishment, Some(add)));
    }
    let ask = Link { label: t.get("org-ask-access"), url: format!("/services/{}/demande", service.id) };
    let asked_before = request::store::of_account(&mut read, &account.id).await?;
    if let Some(last) = asked_before.into_iter().find(|r| r.wish.service() == service.id) {
        let follow = Link { label: t.get("org-follow-request"), url: format!("/demandes/{}", last.id) };
        let reason = last.reason.clone().unwrap_or_default();
        match last.state {
            State::Pending => return Ok((Standing::Pending(format::date(t, last.created_at.millis())), Some(follow))),
            State::Changes => return Ok((Standing::Changes(reason), Some(ask))),
            State::Declined => return Ok((Standing::Declined(reason), Some(ask))),
            State::Accepted | State::Partly | State::Cancelled => {}
        }
    }
    let siret = journey.interaction.establishment.as_ref().or(places.first().map(|p| &p.establishment.siret));
    let held = match siret {
        Some(siret) => habilitation::of_person(&mut read, &account.id, siret).await?.into_iter().any(|h| h.service == service.id),
        None => false,
    };
    let unproved = places.iter().all(|p| p.link < service.metadata.minimum_link) && service.metadata.minimum_link > Proved::Declared;
    Ok(match (held, unproved) {
        (_, true) => (Standing::Unproved, Some(Link { label: t.get("org-mine"), url: "/etablissements".to_owned() })),
        (true, false) => (Standing::Ended, Some(ask)),
        (false, false) => (Standing::None, Some(ask)),
    })
}
