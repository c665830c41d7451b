//! S-14: the establishment a person acts for. S-15: a service they have no access to.

use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::catalogue::decider_now;
use crate::account::{Account, AccountKind};
use crate::audit::{self, Event, Kind};
use crate::authn::LiveSession;
use crate::base::{Siret, Timestamp, fold};
use crate::db::Handle;
use crate::oidc::authorize::Request;
use crate::oidc::client::Client;
use crate::org::habilitation::State as RightState;
use crate::org::request::{self, State};
use crate::org::service::Service;
use crate::org::{self, Establishment, Role, acting, habilitation};
use crate::web::error::Failure;
use crate::web::extract::{Journey, ProtectedForm};
use crate::web::oidc::flow;
use crate::web::route::{Access, Class, Route};
use crate::web::view::acting::{AccessPage, Awaited, Choice, ChoosePage, Place, Standing};
use crate::web::view::org::OrgProblem;
use crate::web::view::{Errors, Link, Problem, format};
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
        (std::cmp::Reverse(s.membership.last_used_at.map_or(0, Timestamp::millis)), fold::name(&s.membership.establishment.name))
    });
    let (open, closed): (Vec<_>, Vec<_>) = found.into_iter().filter(|s| s.membership.holds(now)).partition(|s| asked.opens(s, now));
    let choice = |s: org::Standing, ask: bool| {
        let e = s.membership.establishment;
        let ask_url =
            asked.service.as_ref().filter(|_| ask).map(|service| format!("/services/{}/demande?etablissement={}", service.id, e.siret));
        Choice { shown: e.siret.grouped(), siret: e.siret.to_string(), name: e.name, role: role(s.membership.role), ask_url }
    };
    let query = |after: &Siret| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("t", &journey.t).append_pair("filtre", &filter).append_pair("apres", after.as_str()).finish()
    };
    let next_url = last.map(|last| format!("/connexion/etablissement?{}", query(&last)));
    Ok(ChoosePage {
        page: journey.page(),
        t: journey.t.clone(),
        service: asked.name().to_owned(),
        open: open.into_iter().map(|s| choice(s, false)).collect(),
        closed: closed.into_iter().map(|s| choice(s, true)).collect(),
        filter: many.then_some(filter),
        next_url,
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
    let Lack { standing, place, action } = lack(&journey, &asked).await?;
    let place = place.map(|e| Place { name: e.name, siret: e.siret.grouped() });
    let (page, t, service) = (journey.page(), journey.t.clone(), asked.name().to_owned());
    visit.ok(&AccessPage { page, t, service, standing, place, action })
}

/// Why there is no access, for which establishment where one was meant, and the one thing to do about it.
struct Lack {
    standing: Standing,
    place: Option<Establishment>,
    action: Option<Link>,
}

impl Lack {
    /// Whatever the establishment.
    fn anywhere(standing: Standing, action: Option<Link>) -> Self {
        Self { standing, place: None, action }
    }
}

async fn lack(journey: &Journey, asked: &Asked) -> Result<Lack, Failure> {
    let (visit, account, now) = (&journey.visit, asked.session.account(), journey.visit.ctx.now());
    let t = visit.page().t;
    let Some(service) = &asked.service else {
        let closed = asked.client.metadata.service.is_some();
        return Ok(Lack::anywhere(if closed { Standing::Closed } else { Standing::NoEstablishment }, None));
    };
    if !service.enabled {
        return Ok(Lack::anywhere(Standing::Closed, None));
    }
    if !service.metadata.audience.includes(account.kind) || account.kind == AccountKind::Individual {
        return Ok(Lack::anywhere(Standing::NotForYou, None));
    }
    let mut read = visit.app.db.read().await?;
    let places = org::memberships(&mut read, &account.id, now).await?;
    // Nothing points to any: one whose place is proved well enough, to begin with.
    let Some(first) = places.iter().find(|p| p.link >= service.metadata.minimum_link).or(places.first()) else {
        let add = Link { label: t.get("org-add"), url: "/etablissements/recherche".to_owned() };
        return Ok(Lack::anywhere(Standing::NoEstablishment, Some(add)));
    };
    let meant = meant(&mut read, journey, asked, service).await?;
    let siret = meant.as_ref().unwrap_or(&first.establishment.siret);
    let last = last_request(&mut read, account, service, siret).await?;
    let there = org::store::standing(&mut read, &account.id, siret, &service.id).await?;
    let place = there.as_ref().filter(|_| meant.is_some()).map(|s| s.membership.establishment.clone());
    if let Some(r) = last.as_ref().filter(|r| r.state == State::Pending) {
        let follow = Link { label: t.get("org-follow-request"), url: format!("/demandes/{}", r.id) };
        return Ok(Lack { standing: Standing::Pending(awaited(&mut read, journey, r).await?), place, action: Some(follow) });
    }
    drop(read);
    let query = place.as_ref().map(|e| format!("?etablissement={}", e.siret)).unwrap_or_default();
    let ask = Link { label: t.get("org-ask-access"), url: format!("/services/{}/demande{query}", service.id) };
    let (standing, action) = judged(journey, service, last.as_ref(), there.as_ref(), ask);
    Ok(Lack { standing, place, action })
}

/// The establishment that this is about, among those the person acts for: the one they chose, the one the service suggests, or
/// one where they asked for the service or hold, or held, something of it.
async fn meant(h: &mut impl Handle, journey: &Journey, asked: &Asked, service: &Service) -> Result<Option<Siret>, Failure> {
    let (who, now) = (&asked.session.account().id, journey.visit.ctx.now());
    let mut candidates: Vec<Siret> = journey.interaction.establishment.iter().chain(&asked.request.siret_hint).cloned().collect();
    let mut requests = request::store::of_account(h, who).await?;
    requests.retain(|r| r.wish.service() == service.id);
    candidates.extend(requests.iter().filter(|r| r.state.is_open()).map(|r| r.establishment.siret.clone()));
    let rights = habilitation::store::of_account_in(h, who, &service.id, now).await?;
    candidates.extend(rights.into_iter().map(|(right, _)| right.siret));
    candidates.extend(requests.into_iter().map(|r| r.establishment.siret));
    for siret in candidates {
        if org::membership(h, who, &siret, now).await?.is_some() {
            return Ok(Some(siret));
        }
    }
    // What was withdrawn is looked for among the first ones only.
    let some = org::store::places(h, who, &service.id, "", "", i64::try_from(PAGE).unwrap_or(i64::MAX)).await?;
    let held = some.into_iter().find(|s| s.rights.is_some() && s.membership.holds(now));
    Ok(held.map(|s| s.membership.establishment.siret))
}

/// What a person asked for last of a service in an establishment; what is open first.
async fn last_request(
    h: &mut impl Handle,
    account: &Account,
    service: &Service,
    siret: &Siret,
) -> Result<Option<request::Request>, Failure> {
    if let Some(open) = request::store::open(h, &account.id, siret, &service.id).await? {
        return Ok(Some(open));
    }
    let all = request::store::of_account(h, &account.id).await?;
    Ok(all.into_iter().find(|r| r.wish.service() == service.id && r.establishment.siret == *siret))
}

/// What a request that does not wait and the right say, there: the later one, and what is open or suspended before all.
fn judged(
    journey: &Journey,
    service: &Service,
    last: Option<&request::Request>,
    there: Option<&org::Standing>,
    ask: Link,
) -> (Standing, Option<Link>) {
    let (t, now) = (journey.visit.page().t, journey.visit.ctx.now());
    let right = there.and_then(|s| s.rights.as_ref());
    let reason = |r: &request::Request| r.reason.clone().unwrap_or_default();
    let ask = Some(ask).filter(|_| service.on_request());
    match last.map(|r| (r, r.state)) {
        Some((r, State::Changes)) => return (Standing::Changes(reason(r)), ask),
        Some((_, State::Pending | State::Declined | State::Accepted | State::Partly | State::Cancelled)) | None => {}
    }
    if let Some(h) = right.filter(|h| h.state == RightState::Suspended) {
        // What nobody confirmed in a review may be asked for anew; the rest is given back by whoever holds it back.
        let standing = if h.is_operators() { Standing::HeldBack } else { Standing::Suspended };
        return (standing, ask.filter(|_| !h.is_barred()));
    }
    let since = right.map(|h| h.granted_at);
    if let Some(r) = last.filter(|r| r.state == State::Declined && since.is_none_or(|at| at < r.created_at)) {
        return (Standing::Declined(reason(r)), ask);
    }
    if there.is_some_and(|s| s.membership.link < service.metadata.minimum_link) {
        return (Standing::Unproved, Some(Link { label: t.get("org-mine"), url: "/etablissements".to_owned() }));
    }
    let over = right.and_then(|h| h.expires_at).filter(|end| *end <= now);
    let standing = match (right.map(|h| h.state), over) {
        (Some(RightState::Active), Some(end)) => Standing::Ended(format::date(t, end.millis().saturating_sub(1))),
        (Some(RightState::Active), None) if right.is_some_and(|h| h.holds(now)) => Standing::None,
        (Some(RightState::Active), None) | (Some(RightState::Revoked), _) => Standing::Withdrawn,
        (Some(RightState::Suspended), _) => Standing::Suspended,
        (None, _) => Standing::None,
    };
    (standing, ask)
}

/// A request that waits, and when its person may say so again.
async fn awaited(h: &mut impl Handle, journey: &Journey, r: &request::Request) -> Result<Awaited, Failure> {
    let (t, now, from) = (journey.visit.page().t, journey.visit.ctx.now(), r.remindable_at());
    Ok(Awaited {
        date: format::date(t, r.created_at.millis()),
        approver: decider_now(h, &journey.visit.app.services(), r, now).await?,
        url: format!("/demandes/{}", r.id),
        remind: from.is_some_and(|at| now >= at),
        remind_from: from.filter(|at| now < *at).map(|at| format::date(t, at.millis())),
    })
}
