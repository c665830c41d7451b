//! Joining an establishment: looking for it, and asking (ux C-05 to C-07; AG-06, FA-14, FA-15).

use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::catalogue::PER_DAY;
use super::compte::kit;
use super::etablissements::acces::nothing;
use crate::account::{Account, AccountKind};
use crate::authn::throttle::{self, Counter};
use crate::base::{Siret, Timestamp};
use crate::db::Handle;
use crate::federation::directory;
use crate::org::official;
use crate::org::register::{self, Query, Record, Refusal};
use crate::org::request::{self, Desk, Filed};
use crate::org::{self, Establishment, Role};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::route::{Access, Class, Route};
use crate::web::view::catalogue::Tick;
use crate::web::view::org::{OrgNotice, OrgProblem};
use crate::web::view::requests::{FoundLine, JoinPage, SearchPage};
use crate::web::view::{Errors, Notice, Problem, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/etablissements/recherche",
        methods: &["GET"],
        access: Access::Person,
        class: Class::Credential,
        handler: || get(search),
    },
    Route {
        path: "/etablissements/{siret}/rejoindre",
        methods: &["GET", "POST"],
        access: Access::Person,
        class: Class::Credential,
        handler: || get(show).post(send),
    },
];

/// Professionals act for establishments; individuals for themselves.
pub(super) fn professional(person: &Person) -> Result<&Account, Failure> {
    let account = person.session.account();
    match account.kind {
        AccountKind::Professional => Ok(account),
        AccountKind::Individual => Err(nothing()),
    }
}

fn found(record: &Record, t: crate::base::texts::Texts, mine: bool) -> FoundLine {
    let name = if record.name.is_empty() { t.get("register-unknown-name") } else { record.name.clone() };
    FoundLine {
        siret: record.siret.to_string(),
        shown: record.siret.grouped(),
        sign: (record.label(t) != name).then(|| record.label(t)),
        address: record.address().join(", "),
        head: record.head,
        open: record.open,
        mine,
        name,
    }
}

/// A line of an establishment that the register does not know: only its name is.
fn declared(e: &Establishment, mine: bool) -> FoundLine {
    let (siret, shown, name) = (e.siret.to_string(), e.siret.grouped(), e.name.clone());
    FoundLine { siret, shown, name, sign: None, address: String::new(), head: false, open: true, mine }
}

/// What a search gives: lines, or what is wrong, with the establishment that follows a closed one.
type Search = Result<Vec<FoundLine>, (OrgProblem, Option<Box<FoundLine>>)>;

async fn look(person: &Person, q: &str, lieu: &str, page: usize) -> Result<Search, Failure> {
    let (visit, t, who) = (&person.visit, person.visit.page().t, &person.session.account().id);
    let query = match Query::parse(q, lieu) {
        Ok(query) => query,
        Err(register::Unclear::Digits) => return Ok(Err((OrgProblem::SearchDigits, None))),
        Err(register::Unclear::Short) => return Ok(Err((OrgProblem::SearchShort, None))),
    };
    if let Query::Siret(siret) = &query {
        let admitted = match admit(person, siret).await? {
            Ok(admitted) => admitted,
            Err(away) => return Ok(Err((away, None))),
        };
        let mut read = visit.app.db.read().await?;
        return match admitted {
            Ok(record) => {
                let mine = org::membership(&mut read, who, siret, visit.ctx.now()).await?.is_some();
                Ok(Ok(vec![found(&record, t, mine)]))
            }
            Err(refusal) => refused(&mut read, who, siret, refusal, t, visit.ctx.now()).await,
        };
    }
    let results = match visit.app.establishments().search(&visit.ctx, &query, page).await {
        Ok(results) => results,
        Err(e) => return away(e).map(|problem| Err((problem, None))),
    };
    let (mut lines, mut read) = (Vec::new(), visit.app.db.read().await?);
    for one in results.found {
        let mine = org::membership(&mut read, who, &one.record.siret, visit.ctx.now()).await?.is_some();
        lines.push(found(&one.record, t, mine));
    }
    Ok(if lines.is_empty() { Err((OrgProblem::NothingFound, None)) } else { Ok(lines) })
}

/// What the register, or the live directory behind it, says of a SIRET; or that it cannot say.
async fn admit(person: &Person, siret: &Siret) -> Result<Result<Result<Record, Refusal>, OrgProblem>, Failure> {
    let visit = &person.visit;
    let known = match visit.app.establishments().find(&visit.ctx, siret).await {
        Ok(known) => known,
        Err(e) => return away(e).map(Err),
    };
    let next = match &known {
        Some(record) if !record.open => register::successor(&mut visit.app.db.read().await?, siret).await?,
        Some(_) | None => None,
    };
    Ok(Ok(register::admissible(siret.as_str(), known, next)))
}

fn away(e: directory::Error) -> Result<OrgProblem, Failure> {
    match e {
        directory::Error::Unavailable(why) => {
            tracing::warn!(why, "the directory of companies cannot be asked");
            Ok(OrgProblem::RegisterAway)
        }
        directory::Error::Db(e) => Err(e.into()),
    }
}

/// A SIRET that the register does not take. One that the operator declared is taken all the same.
async fn refused(
    h: &mut impl Handle,
    who: &crate::base::id::AccountId,
    siret: &Siret,
    refusal: Refusal,
    t: crate::base::texts::Texts,
    now: Timestamp,
) -> Result<Search, Failure> {
    Ok(match refusal {
        Refusal::Closed { since, successor } => {
            let next = match &successor {
                Some(s) => register::find(h, &s.siret).await?.filter(|r| r.open),
                None => None,
            };
            Err((OrgProblem::Closed(since.map(|day| format::civil(t, &day))), next.map(|next| Box::new(found(&next, t, false)))))
        }
        Refusal::Format => Err((OrgProblem::SearchDigits, None)),
        Refusal::Check => Err((OrgProblem::SiretWrong, None)),
        Refusal::Unknown => match org::find(h, siret).await? {
            Some(known) => {
                let mine = org::membership(h, who, siret, now).await?.is_some();
                Ok(vec![declared(&known, mine)])
            }
            None => Err((OrgProblem::NothingFound, None)),
        },
    })
}

/// `GET /etablissements/recherche?q=&lieu=`
async fn search(person: Person) -> Result<Response, Failure> {
    let account = professional(&person)?;
    let visit = &person.visit;
    let (q, lieu) = (visit.query("q").unwrap_or_default(), visit.query("lieu").unwrap_or_default());
    let mut view = SearchPage {
        page: visit.page(),
        q: q.chars().take(200).collect(),
        lieu: lieu.chars().take(80).collect(),
        found: None,
        next_url: None,
        suggested: Vec::new(),
        successor: None,
        errors: Errors::none(),
    };
    if q.trim().is_empty() {
        view.suggested = suggested(&person, account).await?;
        return visit.ok(&view);
    }
    let page = visit.query("page").and_then(|p| p.parse::<usize>().ok()).unwrap_or(0).min(100);
    match look(&person, &view.q, &view.lieu, page).await? {
        Ok(lines) => {
            let typed = [("q", view.q.as_str()), ("lieu", view.lieu.as_str()), ("page", &(page + 1).to_string())];
            let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(typed).finish();
            view.next_url = (lines.len() == register::PER_PAGE).then(|| format!("/etablissements/recherche?{query}"));
            view.found = Some(lines);
            visit.ok(&view)
        }
        Err((problem, successor)) => {
            view.successor = successor.map(|s| *s);
            view.errors = Errors::one("q", Problem::Org(problem));
            visit.invalid(&view)
        }
    }
}

/// Establishments whose verified domain is that of the person's address.
async fn suggested(person: &Person, account: &Account) -> Result<Vec<FoundLine>, Failure> {
    let Some(email) = account.login_email.as_ref().filter(|_| account.login_email_verified) else { return Ok(Vec::new()) };
    let mut read = person.visit.app.db.read().await?;
    let mut lines = Vec::new();
    for e in org::store::of_domain(&mut read, &email.domain().to_ascii_lowercase()).await? {
        let mine = org::membership(&mut read, &account.id, &e.siret, person.visit.ctx.now()).await?.is_some();
        lines.push(declared(&e, mine));
    }
    Ok(lines)
}

/// The establishment of an address, from the register or as the operator declared it: closed ones are refused.
pub(super) async fn target(person: &Person, siret: &str) -> Result<(Establishment, FoundLine), Failure> {
    let t = person.visit.page().t;
    let siret = Siret::unchecked(siret).map_err(|_| nothing())?;
    let admitted = match admit(person, &siret).await? {
        Ok(admitted) => admitted,
        Err(_) => return Err(Failure::Elsewhere(format!("/etablissements/recherche?q={siret}"))),
    };
    let mut read = person.visit.app.db.read().await?;
    let mine = org::membership(&mut read, &person.session.account().id, &siret, person.visit.ctx.now()).await?.is_some();
    match admitted {
        Ok(record) => Ok((Establishment { siret, name: record.label(t) }, found(&record, t, mine))),
        Err(Refusal::Unknown | Refusal::Check) => {
            let known = org::find(&mut read, &siret).await?.ok_or_else(nothing)?;
            let line = declared(&known, mine);
            Ok((known, line))
        }
        // The search says since when, and who took over.
        Err(Refusal::Closed { .. }) => Err(Failure::Elsewhere(format!("/etablissements/recherche?q={siret}"))),
        Err(Refusal::Format) => Err(nothing()),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    role: String,
    message: String,
}

async fn page(person: &Person, line: FoundLine, siret: &Siret, typed: &Fields, errors: Errors) -> Result<JoinPage, Failure> {
    let (visit, t, account) = (&person.visit, person.visit.page().t, person.session.account());
    let mut read = visit.app.db.read().await?;
    let managed = org::store::count_other_managers(&mut read, siret, &account.id, visit.ctx.now()).await? > 0;
    let peopled = org::store::is_peopled(&mut read, siret).await?;
    let proved = official::word(&mut read, account, siret, visit.ctx.now()).await?.is_some();
    let claimable = org::claim::open_to(&mut read, &kit(person), account, siret).await?.is_some();
    let official = official::address(&mut read, siret).await?.map(|email| email.masked());
    drop(read);
    let (outcome, writes) = match (managed, peopled, visit.app.config.policy.first_is_manager || proved) {
        (true, _, _) if claimable => ("org-join-away", true),
        (true, _, _) => ("org-join-managed", true),
        (false, true, _) if claimable => ("org-join-claim", true),
        (false, true, _) => ("org-join-orphan", true),
        (false, false, true) => ("org-join-first", false),
        (false, false, false) => ("org-join-moderated", true),
    };
    let tick = |role: Role, key: &str| Tick {
        value: role.name().to_owned(),
        label: t.get(key),
        hint: t.get(&format!("{key}-hint")),
        chosen: typed.role == role.name() || (typed.role.is_empty() && role == Role::Contact),
    };
    let roles = if managed { vec![tick(Role::Contact, "org-role-contact"), tick(Role::Manager, "org-role-manager")] } else { Vec::new() };
    let message = typed.message.clone();
    Ok(JoinPage { page: visit.page(), line, outcome, roles, message, writes, official, proved, errors })
}

/// `GET /etablissements/{siret}/rejoindre`
async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    professional(&person)?;
    let (establishment, line) = target(&person, &siret).await?;
    let view = page(&person, line, &establishment.siret, &Fields::default(), Errors::none()).await?;
    person.visit.ok(&view)
}

/// `POST /etablissements/{siret}/rejoindre` (AG-06, AG-11, AG-20)
async fn send(Path(siret): Path<String>, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let account = professional(&person)?;
    let (establishment, line) = target(&person, &siret).await?;
    let visit = &person.visit;
    let role = Role::parse(&fields.role).unwrap_or(Role::Contact);
    let (kit, services) = (kit(&person), visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    if throttle::take(&mut tx, &visit.ctx, Counter::Requests, account.id.as_str(), PER_DAY).await?.is_err() {
        tx.commit().await?;
        let errors = Errors::one("message", Problem::Org(OrgProblem::TooMany));
        let view = page(&person, line, &establishment.siret, &fields, errors).await?;
        return visit.invalid(&view);
    }
    if org::find(&mut tx, &establishment.siret).await?.is_none() {
        org::put(&mut tx, &visit.ctx, &establishment).await?;
    }
    let desk = Desk { kit: &kit, services: &services };
    let filed = request::join(&mut tx, desk, account, &establishment, role, Some(fields.message.clone())).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    match filed {
        Filed::Waits(id) => Ok(visit.go_with(&format!("/demandes/{id}"), &Notice::Org(OrgNotice::RequestSent))),
        Filed::Granted => Ok(visit.go_with("/etablissements", &Notice::Org(OrgNotice::Joined))),
        Filed::Already(open) => Ok(visit.go(&format!("/demandes/{}", open.id))),
        Filed::Held | Filed::Lacks(_) | Filed::NotMember => {
            let errors = Errors::one("message", Problem::Org(OrgProblem::AlreadyHeld));
            let view = page(&person, line, &establishment.siret, &fields, errors).await?;
            visit.invalid(&view)
        }
    }
}
