//! Requests for services whose approvers are named (*responsables d'accès*): what they are to decide, and deciding (EF-13).

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::catalogue::what;
use super::compte::kit;
use super::etablissements::acces::{Day, nothing, refused, wrong};
use crate::account::{self, Account};
use crate::base::Timestamp;
use crate::base::id::{AccountId, AskId};
use crate::db::Handle;
use crate::org::request::decide::{Decider, Refused, Verdict, decide};
use crate::org::request::{self, Desk, Request, State, Wish};
use crate::org::service::{self, Approver, Service, Services};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::route::{Access, Class, Route};
use crate::web::view::catalogue::Tick;
use crate::web::view::org::{OrgNotice, OrgProblem};
use crate::web::view::requests::{DecidePage, ToDecideLine, ToDecidePage};
use crate::web::view::{Errors, Notice, Problem, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route { path: "/demandes/a-traiter", methods: &["GET"], access: Access::Person, class: Class::Page, handler: || get(list) },
    Route {
        path: "/demandes/a-traiter/{id}",
        methods: &["GET", "POST"],
        access: Access::Person,
        class: Class::Credential,
        handler: || get(show).post(act),
    },
];

/// Requests on a page.
const PAGE: usize = 50;
/// As many as are counted.
const MANY: usize = 99;

/// Services whose requests a person decides on, as one named for them somewhere.
async fn named_for(h: &mut impl Handle, services: &Services, who: &AccountId) -> Result<Vec<String>, Failure> {
    let mut ids = request::store::services_of_approver(h, who).await?;
    ids.retain(|id| services.live(id).is_some_and(|s| s.metadata.approver == Approver::Named));
    Ok(ids)
}

/// Requests for these services that wait for them where they are named, oldest first, after one of them.
async fn waiting_for(h: &mut impl Handle, ids: &[String], who: &AccountId, after: &str, most: usize) -> Result<Vec<Request>, Failure> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let mut all = Vec::new();
    for id in ids {
        all.extend(request::store::of_approver(h, id, who, after, limit).await?);
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all.truncate(most);
    Ok(all)
}

/// How many requests wait for a person named for services; `None` for whoever is named for none.
async fn counted(h: &mut impl Handle, services: &Services, who: &AccountId) -> Result<Option<usize>, Failure> {
    let ids = named_for(h, services, who).await?;
    if ids.is_empty() {
        return Ok(None);
    }
    Ok(Some(waiting_for(h, &ids, who, "", MANY + 1).await?.len()))
}

fn said(n: usize) -> String {
    if n > MANY { format!("{MANY}+") } else { n.to_string() }
}

/// The same, as links say it.
pub async fn count(h: &mut impl Handle, services: &Services, who: &AccountId) -> Result<Option<String>, Failure> {
    Ok(counted(h, services, who).await?.map(said))
}

/// The same, where any waits.
pub async fn pending(h: &mut impl Handle, services: &Services, who: &AccountId) -> Result<Option<String>, Failure> {
    Ok(counted(h, services, who).await?.filter(|n| *n > 0).map(said))
}

fn line(person: &Person, r: &Request, who: &Account) -> ToDecideLine {
    let (t, services) = (person.visit.page().t, person.visit.app.services());
    ToDecideLine {
        url: format!("/demandes/a-traiter/{}", r.id),
        name: who.full_name(),
        what: what(t, &services, r),
        establishment: r.establishment.name.clone(),
        sent: format::date(t, r.created_at.millis()),
    }
}

/// `GET /demandes/a-traiter?apres=`
async fn list(person: Person) -> Result<Response, Failure> {
    let (visit, services, me) = (&person.visit, person.visit.app.services(), &person.session.account().id);
    let after = visit.query("apres").unwrap_or_default();
    let mut read = visit.app.db.read().await?;
    let ids = named_for(&mut read, &services, me).await?;
    let mut all = waiting_for(&mut read, &ids, me, &after, PAGE + 1).await?;
    let more = all.len() > PAGE;
    all.truncate(PAGE);
    let mut lines = Vec::with_capacity(all.len());
    for r in &all {
        if let Some(who) = account::store::find(&mut read, &r.account).await? {
            lines.push(line(&person, r, &who));
        }
    }
    drop(read);
    let next_url = all.last().filter(|_| more).map(|last| format!("/demandes/a-traiter?apres={}", last.id));
    visit.ok(&ToDecidePage { page: visit.page(), lines, next_url })
}

/// A request that waits and that this person may decide on.
struct Waiting {
    request: Request,
    who: Account,
    service: Option<Arc<Service>>,
}

/// Managers decide in their own area; whoever may not decide is told that there is nothing here.
async fn waiting(person: &Person, id: &str) -> Result<Waiting, Failure> {
    let visit = &person.visit;
    let id = AskId::parse(id).ok_or_else(nothing)?;
    let services = visit.app.services();
    let mut read = visit.app.db.read().await?;
    let request = request::store::find(&mut read, &id).await?.ok_or_else(nothing)?;
    if Decider::of(&mut read, &services, &person.session.account().id, &request, visit.ctx.now()).await?.is_none() {
        drop(read);
        return Err(refused(person, &request.establishment.siret, "not_decider").await);
    }
    let service = services.live(request.wish.service()).cloned();
    let by_managers = service.as_ref().is_none_or(|s| s.metadata.approver == Approver::Managers);
    if by_managers {
        return Err(Failure::Elsewhere(format!("/etablissements/{}/demandes/{}", request.establishment.siret, request.id)));
    }
    if request.state != State::Pending {
        return Err(Failure::Elsewhere("/demandes/a-traiter".to_owned()));
    }
    let who = account::store::find(&mut read, &request.account).await?.ok_or_else(nothing)?;
    Ok(Waiting { request, who, service })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    decision: String,
    profil: Vec<String>,
    precision: String,
    fin_jour: String,
    fin_mois: String,
    fin_annee: String,
}

impl Fields {
    fn day(&self) -> Day<'_> {
        Day::typed(&self.fin_jour, &self.fin_mois, &self.fin_annee)
    }
}

fn page(person: &Person, waiting: &Waiting, typed: &Fields, errors: Errors) -> DecidePage {
    let profiles = waiting.service.as_ref().map(|s| s.profiles()).unwrap_or_default();
    let latest = waiting.service.as_ref().and_then(|s| s.latest_end(person.visit.ctx.now()));
    let tick = |p: service::Profile| Tick { chosen: typed.profil.contains(&p.id), value: p.id, label: p.name, hint: String::new() };
    DecidePage {
        page: person.visit.page(),
        line: line(person, &waiting.request, &waiting.who),
        siret: waiting.request.establishment.siret.grouped(),
        email: waiting.who.login_email.as_ref().map(ToString::to_string).unwrap_or_default(),
        message: waiting.request.message.clone(),
        profiles: profiles.into_iter().map(tick).collect(),
        end: typed.day().fields(),
        latest: latest.map(|at| format::date(person.visit.page().t, at.millis())),
        precision: typed.precision.clone(),
        errors,
    }
}

/// `GET /demandes/a-traiter/{id}`
async fn show(person: Person, Path(id): Path<String>) -> Result<Response, Failure> {
    let waiting = waiting(&person, &id).await?;
    let asked = match &waiting.request.wish {
        Wish::Use { profiles, .. } => profiles.clone(),
        Wish::Join(_) => Vec::new(),
    };
    let view = page(&person, &waiting, &Fields { profil: asked, ..Fields::default() }, Errors::none());
    person.visit.ok(&view)
}

/// What the form says, or what is wrong with it.
fn verdict(typed: &Fields, now: Timestamp) -> Result<Verdict, Errors> {
    let words: String = typed.precision.trim().chars().take(request::MESSAGE).collect();
    match typed.decision.as_str() {
        "accepter" if typed.profil.is_empty() => Err(Errors::one("profil", Problem::Org(OrgProblem::ProfileMissing))),
        "accepter" => {
            let until = typed.day().end(now).map_err(|problem| wrong("fin_jour", problem))?;
            Ok(Verdict::Grant { profiles: typed.profil.clone(), until })
        }
        // Anything else is no acceptance.
        _ if words.is_empty() => Err(Errors::one("precision", Problem::Org(OrgProblem::AnswerMissing))),
        "modifier" => Ok(Verdict::AskChanges(words)),
        _ => Ok(Verdict::Decline(words)),
    }
}

/// `POST /demandes/a-traiter/{id}`
async fn act(Path(id): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let waiting = waiting(&person, &id).await?;
    let visit = &person.visit;
    let invalid = |field, problem| visit.invalid(&page(&person, &waiting, &fields, Errors::one(field, Problem::Org(problem))));
    let verdict = match verdict(&fields, visit.ctx.now()) {
        Ok(verdict) => verdict,
        Err(errors) => return visit.invalid(&page(&person, &waiting, &fields, errors)),
    };
    let (kit, services) = (kit(&person), visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    let desk = Desk { kit: &kit, services: &services };
    let decided = decide(&mut tx, desk, Some(&person.session.account().id), &waiting.request.id, &verdict).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    match decided {
        Ok(_) | Err(Refused::Late) => Ok(visit.go_with("/demandes/a-traiter", &Notice::Org(OrgNotice::Answered))),
        Err(Refused::Unknown) => Err(nothing()),
        Err(Refused::Lacks(kinds)) => {
            let service = waiting.service.as_ref().map(|s| s.metadata.name.clone()).unwrap_or_default();
            invalid("profil", OrgProblem::PersonLacks(service, kinds.join(", ")))
        }
        Err(Refused::Unfit | Refused::Gone | Refused::Barred | Refused::Closed(_)) => invalid("profil", OrgProblem::CannotGrant),
    }
}
