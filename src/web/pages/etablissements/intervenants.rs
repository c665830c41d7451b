//! « Intervenants associés à l’établissement » (G-02; AG-09): the list, by name, and its export.

use std::time::Duration;

use axum::extract::Path;
use axum::response::Response;

use super::acces::{Leading, role_key};
use crate::base::Timestamp;
use crate::base::id::AccountId;
use crate::base::texts::Texts;
use crate::db::{Error, Handle};
use crate::org::store::{self, PeopleFilter, PersonRow};
use crate::org::{MembershipState, Role};
use crate::web::csv::Csv;
use crate::web::error::Failure;
use crate::web::extract::{Person, Visit};
use crate::web::view::catalogue::Tick;
use crate::web::view::etablissement_people::{PeopleFilter as Shown, PeoplePage, PersonLine};
use crate::web::view::format;

const PAGE: usize = 50;
/// People of an export.
const EXPORT: usize = 10_000;
/// « Inactifs depuis 6 mois ».
const IDLE: Duration = Duration::from_secs(183 * 86_400);

/// What the address narrows the list by.
struct Asked {
    q: String,
    role: String,
    etat: String,
    apres: Option<AccountId>,
}

impl Asked {
    fn of(visit: &Visit) -> Self {
        let text = |name: &str| visit.query(name).unwrap_or_default();
        let role = Role::parse(&text("role")).map(|r| r.name().to_owned()).unwrap_or_default();
        let etat = Some(text("etat")).filter(|e| ["actif", "desactive", "inactif"].contains(&e.as_str())).unwrap_or_default();
        let q = text("q").chars().take(80).collect();
        Self { q, role, etat, apres: visit.query("apres").and_then(|id| AccountId::parse(&id)) }
    }

    fn query(&self, after: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", &self.q), ("role", &self.role), ("etat", &self.etat)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(after) = after {
            query.append_pair("apres", after);
        }
        query.finish()
    }

    fn shown(&self, t: Texts) -> Shown {
        let tick = |value: &str, key: &str, chosen: &str| {
            let (value, label) = (value.to_owned(), t.get(key));
            Tick { chosen: value == chosen, value, label, hint: String::new() }
        };
        let role = |value, key| tick(value, key, &self.role);
        let state = |value, key| tick(value, key, &self.etat);
        Shown {
            q: self.q.clone(),
            roles: vec![role("", "org-filter-roles"), role("manager", "org-role-manager"), role("contact", "org-role-contact")],
            states: vec![
                state("", "org-filter-states"),
                state("actif", "org-place-active"),
                state("desactive", "org-place-disabled"),
                state("inactif", "org-filter-idle"),
            ],
        }
    }
}

async fn read(h: &mut impl Handle, leading: &Leading, asked: &Asked, limit: usize) -> Result<Vec<PersonRow>, Failure> {
    let after = asked.apres.as_ref().map_or("", AccountId::as_str);
    let (state, used_before) = match asked.etat.as_str() {
        "actif" => (MembershipState::Active.name(), Timestamp::from_millis(i64::MAX)),
        "desactive" => (MembershipState::Disabled.name(), Timestamp::from_millis(i64::MAX)),
        "inactif" => (MembershipState::Active.name(), leading.person.visit.ctx.now().minus(IDLE)),
        _ => ("", Timestamp::from_millis(i64::MAX)),
    };
    let filter = PeopleFilter { after, text: &asked.q, role: &asked.role, state, used_before };
    Ok(store::people(h, leading.siret(), &filter, i64::try_from(limit).unwrap_or(i64::MAX)).await?)
}

/// A row, in words.
pub fn line(t: Texts, base: &str, row: &PersonRow, now: Timestamp) -> Result<PersonLine, Failure> {
    let wrong = |column: &str| Failure::Db(Error::inconsistent(format!("membership.{column} of {}", row.account_id)));
    let over = row.expires_at.is_some_and(|end| end <= now.millis());
    let means = [(row.passkey, "org-means-passkey"), (row.application, "org-means-application"), (row.card, "org-means-card")];
    Ok(PersonLine {
        url: format!("{base}/intervenants/{}", row.account_id),
        choice: None,
        name: format!("{} {}", row.given_name, row.family_name).trim().to_owned(),
        email: row.login_email.clone().unwrap_or_default(),
        role: role_key(Role::parse(&row.role).ok_or_else(|| wrong("role"))?),
        means: means.into_iter().filter(|(held, _)| *held).map(|(_, key)| key).collect(),
        last_used: row.last_used_at.map(|at| format::date(t, at)),
        state: match MembershipState::parse(&row.state).ok_or_else(|| wrong("state"))? {
            MembershipState::Disabled => "org-place-disabled",
            MembershipState::Active if over => "org-place-over",
            MembershipState::Active => "org-place-active",
        },
        until: row.expires_at.filter(|_| !over).map(|at| format::date(t, at.saturating_sub(1))),
        suspended: row.suspended,
    })
}

/// `GET /etablissements/{siret}/intervenants?q=&role=&etat=&apres=`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let visit = &leading.person.visit;
    let asked = Asked::of(visit);
    let mut h = visit.app.db.read().await?;
    let head = leading.head(&mut h).await?;
    let mut rows = read(&mut h, &leading, &asked, PAGE + 1).await?;
    drop(h);
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let (page, now, here) = (visit.page(), visit.ctx.now(), format!("{}/intervenants", leading.base()));
    let own = leading.account().id.as_str();
    let choosable =
        |row: &PersonRow| (row.account_id != own && row.state == MembershipState::Active.name()).then(|| row.account_id.clone());
    let of_row = |row: &PersonRow| line(page.t, &head.base, row, now).map(|line| PersonLine { choice: choosable(row), ..line });
    let lines = rows.iter().map(of_row).collect::<Result<_, _>>()?;
    let next_url = rows.last().filter(|_| more).map(|last| format!("{here}?{}", asked.query(Some(&last.account_id))));
    let export_url = format!("{here}.csv?{}", asked.query(None));
    visit.ok(&PeoplePage { filter: asked.shown(page.t), head, lines, next_url, export_url, page })
}

/// `GET /etablissements/{siret}/intervenants.csv`
pub async fn export(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let visit = &leading.person.visit;
    let asked = Asked { apres: None, ..Asked::of(visit) };
    let rows = read(&mut visit.app.db.read().await?, &leading, &asked, EXPORT).await?;
    let (t, now) = (visit.page().t, visit.ctx.now());
    let heads =
        ["org-people-name", "org-people-email", "org-people-role", "org-people-means", "org-people-last", "org-state", "org-people-until"];
    let mut file = Csv::new(&heads.map(|key| t.get(key)));
    for row in &rows {
        let line = line(t, "", row, now)?;
        let means = line.means.iter().map(|key| t.get(key)).collect::<Vec<_>>().join(", ");
        let (used, until) = (line.last_used.unwrap_or_default(), line.until.unwrap_or_default());
        file.line(&[line.name, line.email, t.get(line.role), means, used, t.get(line.state), until]);
    }
    Ok(file.answer(&format!("intervenants-{}.csv", leading.siret())))
}
