//! One right of a person: suspending, restoring, extending and withdrawing it.

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{Day, Leading, nothing, refused, wrong};
use crate::account::Account;
use crate::base::Timestamp;
use crate::base::texts::Texts;
use crate::org::habilitation::{self, Habilitation, State, Suspension};
use crate::org::holding::{self, Act, Refused};
use crate::org::request::Desk;
use crate::org::rights;
use crate::org::service::{Service, Services};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::compte::kit;
use crate::web::view::catalogue::Tick;
use crate::web::view::etablissement::{PlaceNotice, PlaceProblem};
use crate::web::view::etablissement_people::DayFields;
use crate::web::view::etablissement_rights::{HeldLine, HeldPage};
use crate::web::view::{Errors, Notice, format};

/// Key of the state of a right.
pub fn state(h: &Habilitation, now: Timestamp) -> &'static str {
    match h.state {
        State::Active if h.holds(now) => "org-place-active",
        State::Active => "org-place-over",
        State::Suspended => "org-held-suspended",
        State::Revoked => "org-held-withdrawn",
    }
}

/// Key of why it is suspended.
pub const fn why(why: Suspension) -> &'static str {
    match why {
        Suspension::Absence => "org-suspension-absence",
        Suspension::Mission => "org-suspension-mission",
        Suspension::Security => "org-suspension-security",
        Suspension::Review => "org-suspension-review",
        Suspension::Operator => "org-suspension-operator",
    }
}

/// Names of the profiles of a right.
pub fn profiles(services: &Services, h: &Habilitation) -> String {
    let service = services.any(&h.service);
    let name = |id: &String| service.and_then(|s| s.profile(id)).map_or_else(|| id.clone(), |p| p.name);
    h.profiles.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// A right, in words; `person` is the path of its holder's page.
pub fn line(t: Texts, services: &Services, person: &str, h: &Habilitation, now: Timestamp) -> HeldLine {
    HeldLine {
        url: format!("{person}/acces/{}", h.service),
        service: services.any(&h.service).map_or_else(|| h.service.clone(), |s| s.metadata.name.clone()),
        profiles: profiles(services, h),
        state: state(h, now),
        why: h.suspended_for.filter(|_| h.state == State::Suspended).map(why),
        until: h.expires_at.map(|at| format::date(t, at.millis().saturating_sub(1))),
    }
}

/// A right that somebody else holds here.
struct Subject {
    account: Account,
    service: std::sync::Arc<Service>,
    held: Habilitation,
}

impl Subject {
    async fn of(leading: &Leading, id: &str, service: &str) -> Result<Self, Failure> {
        let (_, account) = leading.member(id).await?;
        let visit = &leading.person.visit;
        let all = habilitation::of_person(&mut visit.app.db.read().await?, &account.id, leading.siret()).await?;
        let held = all.into_iter().find(|h| h.service == service && h.state != State::Revoked);
        match (held, visit.app.services().any(service).cloned()) {
            (Some(held), Some(service)) if account.id != leading.account().id => Ok(Self { account, service, held }),
            (Some(_), Some(_)) => Err(refused(&leading.person, leading.siret(), "own_right").await),
            (None, _) | (_, None) => Err(refused(&leading.person, leading.siret(), "no_such_right").await),
        }
    }

    fn person(&self, leading: &Leading) -> String {
        format!("{}/intervenants/{}", leading.base(), self.account.id)
    }
}

/// What the forms hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    action: String,
    motif: String,
    fin_jour: String,
    fin_mois: String,
    fin_annee: String,
}

impl Fields {
    fn day(&self) -> Day<'_> {
        Day::typed(&self.fin_jour, &self.fin_mois, &self.fin_annee)
    }
}

/// Reasons that managers choose from: value, and what it is.
const MOTIFS: [(&str, Suspension); 3] =
    [("absence", Suspension::Absence), ("mission", Suspension::Mission), ("securite", Suspension::Security)];

async fn page(leading: &Leading, subject: &Subject, typed: &Fields, errors: Errors) -> Result<HeldPage, Failure> {
    let (visit, t, now) = (&leading.person.visit, leading.person.visit.page().t, leading.person.visit.ctx.now());
    let motif = |(value, reason): (&str, Suspension)| Tick {
        value: value.to_owned(),
        label: t.get(why(reason)),
        hint: String::new(),
        chosen: value == typed.motif,
    };
    let active = match subject.held.state {
        State::Active => true,
        State::Suspended | State::Revoked => false,
    };
    let DayFields { day, month, year } = typed.day().fields();
    Ok(HeldPage {
        page: visit.page(),
        head: leading.head(&mut visit.app.db.read().await?).await?,
        back: subject.person(leading),
        name: subject.account.full_name(),
        line: line(t, &visit.app.services(), &subject.person(leading), &subject.held, now),
        motifs: if active { MOTIFS.into_iter().map(motif).collect() } else { Vec::new() },
        suspended: !active,
        restorable: holding::is_restorable(&subject.held),
        extensible: active && rights::is_given_by_managers(&subject.service),
        end: DayFields { day, month, year },
        latest: subject.service.latest_end(now).map(|at| format::date(t, at.millis())),
        errors,
    })
}

type At = Path<(String, String, String)>;

/// `GET /etablissements/{siret}/intervenants/{id}/acces/{service}`
pub async fn show(person: Person, Path((siret, id, service)): At) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let subject = Subject::of(&leading, &id, &service).await?;
    let [fin_jour, fin_mois, fin_annee] = subject.held.expires_at.map(|at| format::day_ending(at.millis())).unwrap_or_default();
    let typed = Fields { fin_jour, fin_mois, fin_annee, ..Fields::default() };
    leading.person.visit.ok(&page(&leading, &subject, &typed, Errors::none()).await?)
}

/// What the form asks to do, or what is wrong with it; `None` for none of the buttons.
fn asked(fields: &Fields, now: Timestamp) -> Option<Result<Act, Errors>> {
    let motif = || MOTIFS.into_iter().find(|(value, _)| *value == fields.motif);
    Some(match fields.action.as_str() {
        "suspendre" => motif().map(|(_, why)| Act::Suspend(why)).ok_or_else(|| wrong("motif", PlaceProblem::MotifMissing)),
        "retablir" => Ok(Act::Restore),
        "prolonger" => fields.day().end(now).map(Act::Extend).map_err(|p| wrong("fin_jour", p)),
        "retirer" => Ok(Act::Withdraw),
        _ => return None,
    })
}

/// `POST /etablissements/{siret}/intervenants/{id}/acces/{service}`
pub async fn save(Path((siret, id, service)): At, PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let subject = Subject::of(&leading, &id, &service).await?;
    let visit = &leading.person.visit;
    let act = match asked(&fields, visit.ctx.now()).ok_or_else(nothing)? {
        Ok(act) => act,
        Err(errors) => return visit.invalid(&page(&leading, &subject, &fields, errors).await?),
    };
    let (kit, services) = (kit(&leading.person), visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    let desk = Desk { kit: &kit, services: &services };
    let (actor, siret) = (&leading.account().id, leading.siret());
    let done = holding::act(&mut tx, desk, actor, siret, &subject.account.id, &subject.service, act).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    let name = subject.account.full_name();
    match done {
        Ok(()) => Ok(visit.go_with(&subject.person(&leading), &Notice::Place(said(act, name)))),
        // Somebody else was faster: the page says how it stands now.
        Err(Refused::Unknown) => Ok(visit.go(&subject.person(&leading))),
        Err(Refused::Lacks(kinds)) => {
            let problem = PlaceProblem::Lacks(subject.service.metadata.name.clone(), kinds.join(", "));
            visit.invalid(&page(&leading, &subject, &fields, wrong("fin_jour", problem)).await?)
        }
        Err(Refused::Own | Refused::NotTheirs) => Err(refused(&leading.person, siret, "no_such_right").await),
        Err(Refused::NotManager) => Err(nothing()),
    }
}

fn said(act: Act, name: String) -> PlaceNotice {
    match act {
        Act::Suspend(_) => PlaceNotice::Suspended(name),
        Act::Restore => PlaceNotice::Restored(name),
        Act::Extend(_) => PlaceNotice::Extended(name),
        Act::Withdraw => PlaceNotice::Withdrawn(name),
    }
}
