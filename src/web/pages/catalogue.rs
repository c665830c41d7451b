//! « Tous nos services », one service, and asking for access to it (ux P-02 to P-04).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::compte::kit;
use super::demandes::own_right;
use super::portal::outside;
use crate::account::{Account, AccountKind};
use crate::authn::throttle::{self, Counter};
use crate::base::texts::Texts;
use crate::base::{Siret, Timestamp};
use crate::db::Handle;
use crate::org::register::fold;
use crate::org::request::{self, Desk, Filed, State};
use crate::org::service::{Approver, Audience, Service, Services};
use crate::org::{self, Membership, habilitation};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm, Visit};
use crate::web::route::{Access, Class, Route};
use crate::web::view::catalogue::{AskPage, CatalogueTile, OwnRight, ServicePage, ServicesPage, Standing, Tick};
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::org::{OrgNotice, OrgProblem};
use crate::web::view::{Errors, Notice, Problem, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route { path: "/services", methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(services) },
    Route { path: "/services/{id}", methods: &["GET"], access: Access::Anyone, class: Class::Page, handler: || get(service) },
    Route {
        path: "/services/{id}/demande",
        methods: &["GET", "POST"],
        access: Access::Person,
        class: Class::Credential,
        handler: || get(ask).post(send),
    },
];

/// Requests a person may send in a day.
pub const PER_DAY: i64 = 30;

/// Establishments on a page.
const PAGE: usize = 50;
/// From so many on, there is a field to narrow them.
const MANY: usize = 10;

/// How the services of the catalogue stand for a person: where they hold something, and what they asked for.
#[derive(Default)]
pub struct Held {
    granted: BTreeSet<String>,
    pending: BTreeSet<String>,
}

impl Held {
    /// From the services in which the person holds something, and their requests.
    pub fn new(granted: Vec<String>, asked: &[request::Request]) -> Self {
        let open = asked.iter().filter(|r| r.state.is_open()).map(|r| r.wish.service().to_owned());
        Self { granted: granted.into_iter().collect(), pending: open.filter(|s| !s.is_empty()).collect() }
    }

    async fn of(visit: &Visit) -> Result<Self, Failure> {
        let Some(live) = &visit.session else { return Ok(Self::default()) };
        let (now, who) = (visit.ctx.now(), &live.account().id);
        let mut read = visit.app.db.read().await?;
        let granted = habilitation::store::services_of(&mut read, who, now).await?;
        let asked = request::store::of_account(&mut read, who).await?;
        Ok(Self::new(granted, &asked))
    }

    fn standing(&self, service: &Service, kind: Option<AccountKind>) -> Standing {
        let asks = service.on_request() && kind != Some(AccountKind::Individual);
        match (asks, self.granted.contains(&service.id), self.pending.contains(&service.id)) {
            (false, _, _) => Standing::Open,
            (true, true, _) => Standing::Granted,
            (true, false, true) => Standing::Pending,
            (true, false, false) => Standing::OnRequest,
        }
    }
}

fn tile(service: &Service, standing: Standing) -> CatalogueTile {
    let m = &service.metadata;
    let audience = match m.audience {
        Audience::Individuals => "org-audience-individuals",
        Audience::Professionals => "org-audience-professionals",
        Audience::Everybody => "org-audience-everybody",
    };
    let (id, name, description) = (service.id.clone(), m.name.clone(), m.description.clone());
    CatalogueTile { id, name, description, audience, standing, url: m.url.clone().filter(|_| standing.enters()) }
}

/// The services of the catalogue that a person may enter now, by name.
pub fn entered(catalogue: &Services, held: &Held, kind: AccountKind) -> Vec<CatalogueTile> {
    let all = catalogue.of_people(Some(kind)).map(|s| tile(s, held.standing(s, Some(kind))));
    let mut open: Vec<CatalogueTile> = all.filter(|tile| tile.standing.enters()).collect();
    open.sort_by_key(|tile| crate::base::fold::name(&tile.name));
    open
}

fn kind(visit: &Visit) -> Option<AccountKind> {
    visit.session.as_ref().map(|live| live.account().kind)
}

/// `GET /services`
async fn services(visit: Visit) -> Result<Response, Failure> {
    let (q, theme) = (visit.query("q").unwrap_or_default(), visit.query("theme").unwrap_or_default());
    let (held, kind, catalogue) = (Held::of(&visit).await?, kind(&visit), visit.app.services());
    let all: Vec<&Arc<Service>> = catalogue.of_people(kind).collect();
    let mut themes: BTreeMap<String, bool> = BTreeMap::new();
    for name in all.iter().filter_map(|s| s.metadata.theme.clone()) {
        let chosen = name == theme;
        themes.insert(name, chosen);
    }
    let wanted = fold::phrase(&q);
    let fits = |s: &&&Arc<Service>| {
        let text = [&s.metadata.name, s.metadata.description.as_ref().unwrap_or(&s.id)].map(String::as_str).join(" ");
        let themed = theme.is_empty() || s.metadata.theme.as_ref() == Some(&theme);
        themed && (wanted.is_empty() || fold::phrase(&text).contains(&wanted))
    };
    let mut services: Vec<CatalogueTile> = all.iter().filter(fits).map(|s| tile(s, held.standing(s, kind))).collect();
    services.sort_by_key(|s| crate::base::fold::name(&s.name));
    let others = if q.is_empty() && theme.is_empty() { outside(&visit.app) } else { Vec::new() };
    visit.ok(&ServicesPage { page: visit.page(), q, themes: themes.into_iter().collect(), services, others })
}

fn unknown() -> Failure {
    Failure::page(ErrorCode::A904, Way::Services)
}

/// Key of who decides on access.
pub const fn approver(approver: Approver) -> &'static str {
    match approver {
        Approver::Managers => "org-approver-managers",
        Approver::Named => "org-approver-named",
        Approver::Operator => "org-approver-operator",
    }
}

/// The same, of a request, as the catalogue says it.
pub fn decider(services: &Services, r: &request::Request) -> &'static str {
    approver(match &r.wish {
        request::Wish::Join(_) => Approver::Managers,
        request::Wish::Use { service, .. } => services.any(service).map_or(Approver::Operator, |s| s.metadata.approver),
    })
}

/// The same, as things are now: the operator's team where there is nobody else.
pub async fn decider_now(h: &mut impl Handle, services: &Services, r: &request::Request, now: Timestamp) -> Result<&'static str, Failure> {
    let anybody = request::decide::has_deciders(h, services, r, now).await?;
    Ok(if anybody { decider(services, r) } else { approver(Approver::Operator) })
}

/// The same, of several: one question for what is asked of one establishment.
pub async fn deciders_now(
    h: &mut impl Handle,
    services: &Services,
    requests: &[request::Request],
    now: Timestamp,
) -> Result<Vec<&'static str>, Failure> {
    let (mut known, mut keys) = (BTreeMap::new(), Vec::with_capacity(requests.len()));
    for r in requests {
        let about = (r.establishment.siret.as_str(), r.wish.service());
        let key = match known.get(&about) {
            Some(key) => *key,
            None => decider_now(h, services, r, now).await?,
        };
        known.insert(about, key);
        keys.push(key);
    }
    Ok(keys)
}

/// `GET /services/{id}`
async fn service(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let service = visit.app.services().live(&id).cloned().ok_or_else(unknown)?;
    let (m, t, kind) = (&service.metadata, visit.page().t, kind(&visit));
    let standing = Held::of(&visit).await?.standing(&service, kind);
    let held = held(&visit, &service).await?;
    let mut facts = Vec::new();
    if service.on_request() {
        facts.push(("org-fact-approver", t.get(approver(m.approver))));
        facts.push(("org-fact-profiles", service.profiles().into_iter().map(|p| p.name).collect::<Vec<_>>().join(", ")));
    }
    if let Some(days) = m.max_days {
        facts.push(("org-fact-duration", t.count("org-days", u64::from(days), &[])));
    }
    if !m.prerequisites.is_empty() {
        facts.push(("org-fact-prerequisites", m.prerequisites.join(", ")));
    }
    if let Some(contact) = &m.contact {
        facts.push(("org-fact-contact", contact.clone()));
    }
    let links = [("org-link-guide", &m.guide_url), ("org-link-terms", &m.terms_url)];
    let links = links.into_iter().filter_map(|(key, url)| Some((key, url.clone()?))).collect();
    let asks =
        service.on_request() && m.audience.includes(kind.unwrap_or(AccountKind::Professional)) && kind != Some(AccountKind::Individual);
    let ask_url = asks.then(|| format!("/services/{id}/demande"));
    visit.ok(&ServicePage { page: visit.page(), tile: tile(&service, standing), facts, links, ask_url, held })
}

/// What the person who looks holds of a service on request.
async fn held(visit: &Visit, service: &Service) -> Result<Vec<OwnRight>, Failure> {
    let Some(live) = visit.session.as_ref().filter(|_| service.on_request()) else { return Ok(Vec::new()) };
    let (t, now, services) = (visit.page().t, visit.ctx.now(), visit.app.services());
    let all = habilitation::store::of_account_in(&mut visit.app.db.read().await?, &live.account().id, &service.id, now).await?;
    Ok(all.iter().map(|(h, place)| own_right(t, &services, h, place, now)).collect())
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    etablissement: String,
    profil: Vec<String>,
    motif: String,
}

fn on_request(visit: &Visit, account: &Account, id: &str) -> Result<Arc<Service>, Failure> {
    let service = visit.app.services().live(id).filter(|s| s.on_request() && s.metadata.audience.includes(account.kind)).cloned();
    service.filter(|_| account.kind == AccountKind::Professional).ok_or_else(unknown)
}

/// Establishments to choose among.
struct Places {
    ticks: Vec<Tick>,
    filter: Option<String>,
    next_url: Option<String>,
}

/// A page of the establishments of a person. The one that is named stands first, wherever it would stand by itself.
async fn places(person: &Person, service: &Service, named: Option<&Siret>) -> Result<Places, Failure> {
    let (visit, who, now) = (&person.visit, &person.session.account().id, person.visit.ctx.now());
    let (filter, after) = (visit.query("filtre").unwrap_or_default(), visit.query("apres").unwrap_or_default());
    let mut read = visit.app.db.read().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let found = org::store::places(&mut read, who, "", &after, &filter, limit).await?;
    let mut found: Vec<Membership> = found.into_iter().map(|s| s.membership).collect();
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = found.last().map(|m| m.establishment.siret.clone()).filter(|_| more);
    let whole = !more && after.is_empty() && filter.is_empty();
    let many = found.len() > MANY || !whole;
    found.retain(|m| m.holds(now));
    if let Some(siret) = named
        && !found.iter().any(|m| m.establishment.siret == *siret)
    {
        found.extend(org::membership(&mut read, who, siret, now).await?);
    }
    drop(read);
    let only = whole && found.len() == 1;
    let place = |m: Membership| {
        let (chosen, e) = (only || named == Some(&m.establishment.siret), m.establishment);
        Tick { value: e.siret.to_string(), hint: e.siret.grouped(), label: e.name, chosen }
    };
    let mut ticks: Vec<Tick> = found.into_iter().map(place).collect();
    ticks.sort_by_key(|tick| (!tick.chosen, crate::base::fold::name(&tick.label)));
    let named = named.map(ToString::to_string).unwrap_or_default();
    let query = |after: &Siret| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("etablissement", &named).append_pair("filtre", &filter).append_pair("apres", after.as_str()).finish()
    };
    let next_url = last.map(|last| format!("/services/{}/demande?{}", service.id, query(&last)));
    Ok(Places { ticks, filter: many.then_some(filter), next_url })
}

async fn page(person: &Person, service: &Service, typed: &Fields, open_url: Option<String>, errors: Errors) -> Result<AskPage, Failure> {
    let (visit, named) = (&person.visit, Siret::unchecked(&typed.etablissement).ok());
    let Places { ticks, filter, next_url } = places(person, service, named.as_ref()).await?;
    let t = visit.page().t;
    let offered = service.profiles();
    let one = offered.len() == 1;
    let profile = |p: org::service::Profile| {
        let hint = p.minimum_acr.filter(|a| *a > crate::base::Aal::One).map(|_| t.get("org-profile-strong")).unwrap_or_default();
        Tick { chosen: one || typed.profil.contains(&p.id), value: p.id, label: p.name, hint }
    };
    Ok(AskPage {
        page: visit.page(),
        id: service.id.clone(),
        service: service.metadata.name.clone(),
        approver: approver(service.metadata.approver),
        places: ticks,
        filter,
        named: named.map(|siret| siret.to_string()).unwrap_or_default(),
        next_url,
        profiles: offered.into_iter().map(profile).collect(),
        motif: typed.motif.clone(),
        reason_required: service.metadata.reason_required,
        open_url,
        errors,
    })
}

/// Profiles to ask for again, when a right that is held there can be renewed.
async fn renewed(person: &Person, service: &Service, siret: &str) -> Result<Vec<String>, Failure> {
    let Ok(siret) = Siret::unchecked(siret) else { return Ok(Vec::new()) };
    let visit = &person.visit;
    let all = habilitation::of_person(&mut visit.app.db.read().await?, &person.session.account().id, &siret).await?;
    let held = all.into_iter().find(|h| h.service == service.id && h.is_renewable(visit.ctx.now()));
    Ok(held.map(|h| h.profiles).unwrap_or_default())
}

/// `GET /services/{id}/demande`
async fn ask(person: Person, Path(id): Path<String>) -> Result<Response, Failure> {
    let service = on_request(&person.visit, person.session.account(), &id)?;
    let etablissement = person.visit.query("etablissement").unwrap_or_default();
    let profil = renewed(&person, &service, &etablissement).await?;
    let typed = Fields { etablissement, profil, ..Fields::default() };
    let view = page(&person, &service, &typed, None, Errors::none()).await?;
    person.visit.ok(&view)
}

/// `POST /services/{id}/demande` (EF-12)
async fn send(Path(id): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let (visit, account) = (&person.visit, person.session.account());
    let service = on_request(visit, account, &id)?;
    let mut errors = Errors::none();
    let siret = Siret::unchecked(&fields.etablissement).ok();
    if siret.is_none() {
        errors.push("etablissement", Problem::Org(OrgProblem::EstablishmentMissing));
    }
    let offered = service.profiles();
    let profiles: Vec<String> =
        offered.iter().filter(|p| offered.len() == 1 || fields.profil.contains(&p.id)).map(|p| p.id.clone()).collect();
    if profiles.is_empty() {
        errors.push("profil", Problem::Org(OrgProblem::ProfileMissing));
    }
    if service.metadata.reason_required && fields.motif.trim().is_empty() {
        errors.push("motif", Problem::Org(OrgProblem::ReasonMissing));
    }
    let Some(siret) = siret.filter(|_| errors.is_empty()) else {
        let view = page(&person, &service, &fields, None, errors).await?;
        return visit.invalid(&view);
    };
    let (kit, services) = (kit(&person), visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    if throttle::take(&mut tx, &visit.ctx, Counter::Requests, account.id.as_str(), PER_DAY).await?.is_err() {
        tx.commit().await?;
        let view = page(&person, &service, &fields, None, Errors::one("etablissement", Problem::Org(OrgProblem::TooMany))).await?;
        return visit.invalid(&view);
    }
    let desk = Desk { kit: &kit, services: &services };
    let filed = request::access(&mut tx, desk, account, &service, &siret, profiles, Some(fields.motif.clone())).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    let again = async |field, problem, open: Option<String>| {
        let view = page(&person, &service, &fields, open, Errors::one(field, Problem::Org(problem))).await?;
        visit.invalid(&view)
    };
    match filed {
        Filed::Waits(id) => Ok(visit.go_with(&format!("/demandes/{id}"), &Notice::Org(OrgNotice::RequestSent))),
        Filed::Granted => Ok(visit.go_with("/services", &Notice::Org(OrgNotice::AccessGranted))),
        Filed::Already(open) => {
            let date = format::date(visit.page().t, open.created_at.millis());
            again("etablissement", OrgProblem::AlreadyAsked(date), Some(format!("/demandes/{}", open.id))).await
        }
        Filed::Held => again("profil", OrgProblem::AlreadyHeld, None).await,
        Filed::Lacks(kinds) => again("profil", OrgProblem::Lacks(kinds.join(", ")), None).await,
        Filed::NotMember => again("etablissement", OrgProblem::EstablishmentMissing, None).await,
    }
}

/// The words for where a request stands.
pub const fn state(state: State) -> &'static str {
    match state {
        State::Pending => "org-state-pending",
        State::Changes => "org-state-changes",
        State::Accepted => "org-state-accepted",
        State::Partly => "org-state-partly",
        State::Declined => "org-state-declined",
        State::Cancelled => "org-state-cancelled",
    }
}

/// What a request is for, in words.
pub fn what(t: Texts, services: &Services, r: &request::Request) -> String {
    match &r.wish {
        request::Wish::Join(_) => t.get("org-what-join"),
        request::Wish::Use { service, .. } => services.any(service).map_or_else(|| service.clone(), |s| s.metadata.name.clone()),
    }
}
