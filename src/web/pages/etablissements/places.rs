//! « Mes établissements » (P-17), leaving one, and « Mon établissement » (G-01).

use axum::extract::Path;
use axum::response::Response;

use super::acces::{Leading, nothing, refused, role_key, siret, wrong};
use crate::account::AccountKind;
use crate::base::Timestamp;
use crate::base::texts::Texts;
use crate::config::Policy;
use crate::org::people::{self, Refused};
use crate::org::register::{self, Record};
use crate::org::{self, Link, Membership, MembershipState, Role};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::code::Nothing;
use crate::web::pages::compte::kit;
use crate::web::view::etablissement::{LeavePage, PlaceGroup, PlaceLine, PlaceNotice, PlacePage, PlaceProblem, PlacesPage, RegisterFacts};
use crate::web::view::{Errors, Notice, format};

const PAGE: usize = 50;

/// `GET /etablissements?q=&apres=`: however many there are, one page is read.
pub async fn list(person: Person) -> Result<Response, Failure> {
    let (visit, account) = (&person.visit, person.session.account());
    let (after, typed) = (visit.query("apres").unwrap_or_default(), visit.query("q").unwrap_or_default());
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut all = org::store::places(&mut visit.app.db.read().await?, &account.id, "", &after, &typed, limit).await?;
    let more = all.len() > PAGE;
    all.truncate(PAGE);
    let query = |apres: &str| form_urlencoded::Serializer::new(String::new()).append_pair("q", &typed).append_pair("apres", apres).finish();
    let last = all.last().filter(|_| more).map(|s| s.membership.establishment.siret.as_str().to_owned());
    let next_url = last.map(|last| format!("/etablissements?{}", query(&last)));
    let filter = (more || !after.is_empty() || !typed.is_empty()).then(|| typed.clone());
    let page = visit.page();
    let groups = groups(page.t, &visit.app.config.policy, all.into_iter().map(|s| s.membership).collect(), visit.ctx.now());
    visit.ok(&PlacesPage { page, groups, filter, next_url, professional: account.kind == AccountKind::Professional })
}

/// Those of one company together (FA-16).
fn groups(t: Texts, policy: &Policy, places: Vec<Membership>, now: Timestamp) -> Vec<PlaceGroup> {
    let line = |m: &Membership| PlaceLine {
        name: m.establishment.name.clone(),
        siret: m.establishment.siret.grouped(),
        base: format!("/etablissements/{}", m.establishment.siret),
        role: role_key(m.role),
        state: state_key(m, now),
        until: m.expires_at.filter(|_| m.holds(now)).map(|at| format::date(t, at.millis().saturating_sub(1))),
        manager: m.holds(now) && m.role == Role::Manager,
        cards: m.manages_factors(policy),
    };
    let company = |lines: &[Membership]| {
        let siren = lines.first().filter(|_| lines.len() > 1).map(|m| m.establishment.siret.grouped());
        // The first three groups of digits.
        let siren = siren.map(|s| s.rsplit_once('\u{a0}').map_or(s.clone(), |(siren, _)| siren.to_owned()));
        PlaceGroup { siren, places: lines.iter().map(line).collect() }
    };
    places.chunk_by(|a, b| a.establishment.siret.siren() == b.establishment.siret.siren()).map(company).collect()
}

/// Key of the state of a place.
pub fn state_key(m: &Membership, now: Timestamp) -> &'static str {
    match m.state {
        MembershipState::Disabled => "org-place-disabled",
        MembershipState::Active if m.holds(now) => "org-place-active",
        MembershipState::Active => "org-place-over",
    }
}

async fn own(person: &Person, text: &str) -> Result<Membership, Failure> {
    let siret = siret(text)?;
    let found =
        org::membership(&mut person.visit.app.db.read().await?, &person.session.account().id, &siret, person.visit.ctx.now()).await?;
    match found {
        Some(place) => Ok(place),
        None => Err(refused(person, &siret, "not_member").await),
    }
}

fn leave_page(person: &Person, place: &Membership, errors: Errors) -> LeavePage {
    let establishment = &place.establishment;
    LeavePage {
        page: person.visit.page(),
        name: establishment.name.clone(),
        siret: establishment.siret.grouped(),
        base: format!("/etablissements/{}", establishment.siret),
        errors,
    }
}

/// `GET /etablissements/{siret}/quitter`
pub async fn show_leaving(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let place = own(&person, &siret).await?;
    person.visit.ok(&leave_page(&person, &place, Errors::none()))
}

/// `POST /etablissements/{siret}/quitter`
pub async fn leave(Path(siret): Path<String>, PersonForm { person, .. }: PersonForm<Nothing>) -> Result<Response, Failure> {
    let place = own(&person, &siret).await?;
    let mut tx = person.visit.app.db.begin().await?;
    let left = people::leave(&mut tx, &kit(&person), &person.session.account().id, &place.establishment.siret).await?;
    tx.commit().await?;
    person.visit.app.wake_worker();
    match left {
        Ok(_) => Ok(person.visit.go_with("/etablissements", &Notice::Place(PlaceNotice::Left(place.establishment.name)))),
        Err(Refused::LastManager) => person.visit.invalid(&leave_page(&person, &place, wrong("quitter", PlaceProblem::LastManager))),
        Err(Refused::OthersEnd) => person.visit.invalid(&leave_page(&person, &place, wrong("quitter", PlaceProblem::OthersEnd))),
        Err(Refused::NotManager | Refused::NotMember) => Err(nothing()),
    }
}

/// `GET /etablissements/{siret}`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let visit = &leading.person.visit;
    let mut read = visit.app.db.read().await?;
    let head = leading.head(&mut read).await?;
    let domains = org::store::domains(&mut read, leading.siret()).await?;
    let people = org::store::count_people(&mut read, leading.siret()).await?;
    let managers = org::managers(&mut read, leading.siret(), visit.ctx.now()).await?.into_iter().map(|m| m.name);
    let managers = managers.collect();
    let record = register::find(&mut read, leading.siret()).await?;
    let provable = leading.manager.membership().link < Link::Proved && org::official::address(&mut read, leading.siret()).await?.is_some();
    let succession = super::succession::notice(&mut read, &leading).await?;
    drop(read);
    let (page, address) = (visit.page(), |r: &Record| r.address().join(", "));
    let facts = |r: Record| RegisterFacts { address: address(&r), open: r.open, date: format::date(page.t, r.fetched_at.millis()) };
    let siren = leading.siret().grouped();
    let siren = siren.rsplit_once('\u{a0}').map_or(siren.clone(), |(siren, _)| siren.to_owned());
    let (people, register) = (u64::try_from(people).unwrap_or(0), record.map(facts));
    let prove_url = provable.then(|| format!("{}/rejoindre", leading.base()));
    visit.ok(&PlacePage { page, head, siren, domains, managers, people, register, prove_url, succession })
}
