//! « Journal » (G-15): what happened in an establishment over twelve months, and its export. Neither network addresses nor
//! particulars are shown, and nobody is named who never had a place there.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::Path;
use axum::response::Response;

use super::acces::Leading;
use crate::account;
use crate::audit::Kind;
use crate::audit::store::{self, Cursor, Row};
use crate::base::Timestamp;
use crate::base::id::AccountId;
use crate::base::texts::Texts;
use crate::db::Handle;
use crate::org;
use crate::org::service::Services;
use crate::web::csv::Csv;
use crate::web::error::Failure;
use crate::web::extract::{Person, Visit};
use crate::web::view::catalogue::Tick;
use crate::web::view::etablissement_journal::{JournalLine, JournalPage};
use crate::web::view::format;

/// How far back it goes.
const SHOWN_FOR: Duration = Duration::from_secs(366 * 86_400);
const PAGE: usize = 50;
/// Events of an export.
const EXPORT: usize = 10_000;

const PEOPLE: &[Kind] = &[
    Kind::ManagerDesignated,
    Kind::MembershipChanged,
    Kind::LinkProved,
    Kind::EstablishmentSucceeded,
    Kind::SuccessionAsked,
    Kind::SuccessionDeclined,
    Kind::InvitationSent,
    Kind::InvitationAccepted,
    Kind::InvitationCancelled,
    Kind::EnrolmentReminded,
    Kind::HandoverOffered,
    Kind::HandoverAccepted,
    Kind::HandoverClosed,
    Kind::GuardForced,
];
const REQUESTS: &[Kind] = &[Kind::RequestFiled, Kind::RequestReminded, Kind::RequestDecided, Kind::RequestCancelled];
const RIGHTS: &[Kind] = &[
    Kind::HabilitationGranted,
    Kind::HabilitationChanged,
    Kind::HabilitationRevoked,
    Kind::NewcomerRightsChanged,
    Kind::ReviewOpened,
    Kind::ReviewClosed,
];
const CARDS: &[Kind] = &[Kind::CardSent, Kind::CardLinked, Kind::CardValidated, Kind::CardUnlinked, Kind::CardChanged];
const REFUSALS: &[Kind] = &[Kind::RightRefused];

/// What the journal is narrowed by: value, key, kinds.
const FAMILIES: [(&str, &str, &[Kind]); 5] = [
    ("personnes", "org-journal-people", PEOPLE),
    ("demandes", "org-journal-requests", REQUESTS),
    ("acces", "org-journal-rights", RIGHTS),
    ("cartes", "org-journal-cards", CARDS),
    ("refus", "org-journal-refusals", REFUSALS),
];

fn kinds(family: &str) -> Vec<Kind> {
    let one = FAMILIES.iter().find(|(value, ..)| *value == family);
    one.map_or_else(|| FAMILIES.iter().flat_map(|(_, _, kinds)| kinds.iter().copied()).collect(), |(_, _, kinds)| kinds.to_vec())
}

/// Key of the words for an event, and for the state it led to or the guard it forced; `None` for those that say nothing to a manager.
fn words(kind: Kind, state: &str) -> Option<&'static str> {
    Some(match (kind, state) {
        (Kind::ManagerDesignated, _) => "org-event-designated",
        (Kind::MembershipChanged, "disabled") => "org-event-place-disabled",
        (Kind::MembershipChanged, "ended") => "org-event-place-ended",
        (Kind::MembershipChanged, _) => "org-event-place",
        (Kind::LinkProved, _) => "org-event-proved",
        (Kind::EstablishmentSucceeded, _) => "org-event-succeeded",
        (Kind::SuccessionAsked, _) => "org-event-succession-asked",
        (Kind::SuccessionDeclined, _) => "org-event-succession-declined",
        (Kind::InvitationSent, _) => "org-event-invited",
        (Kind::InvitationAccepted, _) => "org-event-invitation-accepted",
        (Kind::InvitationCancelled, _) => "org-event-invitation-cancelled",
        (Kind::EnrolmentReminded, _) => "org-event-enrolment-reminded",
        (Kind::HandoverOffered, _) => "org-event-handover-offered",
        (Kind::HandoverAccepted, _) => "org-event-handover-accepted",
        (Kind::HandoverClosed, _) => "org-event-handover-closed",
        (Kind::GuardForced, "others_end") => "org-event-guard-forced-end",
        (Kind::GuardForced, _) => "org-event-guard-forced",
        (Kind::RequestFiled, _) => "org-event-request-filed",
        (Kind::RequestReminded, _) => "org-event-request-reminded",
        (Kind::RequestDecided, "declined") => "org-event-request-declined",
        (Kind::RequestDecided, "changes") => "org-event-request-changes",
        (Kind::RequestDecided, _) => "org-event-request-accepted",
        (Kind::RequestCancelled, _) => "org-event-request-cancelled",
        (Kind::HabilitationGranted, _) => "org-event-right-granted",
        (Kind::HabilitationChanged, "suspended") => "org-event-right-suspended",
        (Kind::HabilitationChanged, "active") => "org-event-right-restored",
        (Kind::HabilitationChanged, "confirmed") => "org-event-right-confirmed",
        (Kind::HabilitationChanged, "ended") => "org-event-right-ended",
        (Kind::HabilitationRevoked, _) => "org-event-right-revoked",
        (Kind::NewcomerRightsChanged, _) => "org-event-newcomers",
        (Kind::ReviewOpened, _) => "org-event-review-opened",
        (Kind::ReviewClosed, _) => "org-event-review-closed",
        (Kind::CardSent, _) => "org-event-card-sent",
        (Kind::CardLinked, _) => "org-event-card-linked",
        (Kind::CardValidated, _) => "org-event-card-validated",
        (Kind::CardUnlinked, _) => "org-event-card-unlinked",
        (Kind::CardChanged, _) => "org-event-card-changed",
        (Kind::RightRefused, _) => "org-event-refused",
        _ => return None,
    })
}

fn fact(row: &Row, name: &str) -> String {
    let detail: serde_json::Value = serde_json::from_str(&row.detail).unwrap_or_default();
    detail.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// Names of those who have, or had, a place in the establishment, or asked for one.
struct Names(HashMap<String, String>);

impl Names {
    async fn of(h: &mut impl Handle, leading: &Leading, rows: &[Row]) -> Result<Self, Failure> {
        let mut names = HashMap::new();
        for row in rows {
            let asks = row.kind().is_some_and(|k| REQUESTS.contains(&k));
            let accounts = [(row.account_id.clone(), asks), (Some(row.actor.clone()), asks && row.account_id.as_ref() == Some(&row.actor))];
            for (id, asks) in accounts.into_iter().filter_map(|(id, asks)| Some((id?, asks))) {
                if names.contains_key(&id) {
                    continue;
                }
                let Some(account) = AccountId::parse(&id) else { continue };
                if (asks || org::store::membership(h, &account, leading.siret()).await?.is_some())
                    && let Some(person) = account::store::find(h, &account).await?
                {
                    names.insert(id, person.full_name());
                }
            }
        }
        Ok(Self(names))
    }

    fn person(&self, t: Texts, id: Option<&str>) -> String {
        id.map_or_else(String::new, |id| self.0.get(id).cloned().unwrap_or_else(|| t.get("org-journal-stranger")))
    }

    fn actor(&self, t: Texts, actor: &str) -> String {
        match actor {
            "operator" => t.get("org-journal-operator"),
            "system" => t.get("org-journal-system"),
            "anonymous" => String::new(),
            id => self.person(t, Some(id)),
        }
    }
}

fn line(t: Texts, services: &Services, names: &Names, row: &Row) -> Option<JournalLine> {
    let service = services.any(&fact(row, "service")).map(|s| s.metadata.name.clone());
    let kind = row.kind()?;
    let state = fact(row, if kind == Kind::GuardForced { "guard" } else { "state" });
    Some(JournalLine {
        when: format::date_time(t, row.at),
        what: words(kind, &state)?,
        service,
        person: names.person(t, row.account_id.as_deref()),
        by: names.actor(t, &row.actor),
    })
}

/// Where a page begins: after an instant and an identifier, as in the address.
fn cursor(visit: &Visit) -> Cursor {
    let text = visit.query("apres").unwrap_or_default();
    let typed = text.split_once('.').and_then(|(at, id)| Some(Cursor { at: Timestamp::from_millis(at.parse().ok()?), id: id.to_owned() }));
    typed.unwrap_or(Cursor { at: Timestamp::from_millis(i64::MAX), id: String::new() })
}

async fn read(h: &mut impl Handle, leading: &Leading, family: &str, cursor: &Cursor, limit: usize) -> Result<Vec<Row>, Failure> {
    let since = leading.person.visit.ctx.now().minus(SHOWN_FOR);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(store::of_siret(h, leading.siret(), &kinds(family), since, cursor, limit).await?)
}

/// The family that the address names; empty for all.
fn family(visit: &Visit) -> String {
    visit.query("famille").filter(|f| FAMILIES.iter().any(|(value, ..)| value == f)).unwrap_or_default()
}

/// `GET /etablissements/{siret}/journal?famille=&apres=`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let visit = &leading.person.visit;
    let (page, family, services) = (visit.page(), family(visit), visit.app.services());
    let mut h = visit.app.db.read().await?;
    let head = leading.head(&mut h).await?;
    let mut rows = read(&mut h, &leading, &family, &cursor(visit), PAGE + 1).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let names = Names::of(&mut h, &leading, &rows).await?;
    drop(h);
    let t = page.t;
    let choice = |value: &str, key: &str| Tick { value: value.to_owned(), label: t.get(key), hint: String::new(), chosen: value == family };
    let all = std::iter::once(choice("", "org-journal-all"));
    visit.ok(&JournalPage {
        families: all.chain(FAMILIES.iter().map(|(value, key, _)| choice(value, key))).collect(),
        lines: rows.iter().filter_map(|row| line(t, &services, &names, row)).collect(),
        next_url: rows.last().filter(|_| more).map(|r| format!("{}/journal?famille={family}&apres={}.{}", leading.base(), r.at, r.id)),
        export_url: format!("{}/journal.csv?famille={family}", leading.base()),
        head,
        page,
    })
}

/// `GET /etablissements/{siret}/journal.csv?famille=`
pub async fn export(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let visit = &leading.person.visit;
    let (t, services) = (visit.page().t, visit.app.services());
    let first = Cursor { at: Timestamp::from_millis(i64::MAX), id: String::new() };
    let mut h = visit.app.db.read().await?;
    let rows = read(&mut h, &leading, &family(visit), &first, EXPORT).await?;
    let names = Names::of(&mut h, &leading, &rows).await?;
    drop(h);
    let heads = ["org-journal-when", "org-journal-what", "org-service", "org-journal-person", "org-journal-by"];
    let mut file = Csv::new(&heads.map(|key| t.get(key)));
    for one in rows.iter().filter_map(|row| line(t, &services, &names, row)) {
        file.line(&[one.when, t.get(one.what), one.service.unwrap_or_default(), one.person, one.by]);
    }
    Ok(file.answer(&format!("journal-{}.csv", leading.siret())))
}
