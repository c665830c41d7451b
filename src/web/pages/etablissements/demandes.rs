//! Requests that wait in an establishment, and deciding on one (G-04, G-05; AG-20, AG-21, EF-13). A link shows, a form decides.

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{Day, Leading, nothing, wrong};
use crate::account::{self, Account};
use crate::base::Siret;
use crate::base::texts::Texts;
use crate::org::request::decide::{Refused, Verdict, decide};
use crate::org::request::{self, Desk, Request, State, Wish};
use crate::org::service::{Approver, Services};
use crate::org::{self, Role};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::catalogue::what;
use crate::web::pages::compte::kit;
use crate::web::view::catalogue::Tick;
use crate::web::view::etablissement::{PlaceNotice, PlaceProblem};
use crate::web::view::etablissement_requests::{DecisionPage, WaitingLine, WaitingPage};
use crate::web::view::{Errors, Notice, format};

const PAGE: usize = 50;
/// Words for the person, in characters.
const WORDS: usize = 500;
/// Reasons to decline: value and key. The last one wants words.
const MOTIFS: [(&str, &str); 4] = [
    ("inconnu", "org-decline-unknown"),
    ("parti", "org-decline-left"),
    ("inutile", "org-decline-unneeded"),
    ("autre", "org-decline-other"),
];

fn line(leading: &Leading, services: &Services, r: &Request, who: Option<&Account>) -> WaitingLine {
    let (visit, t) = (&leading.person.visit, leading.person.visit.page().t);
    let theirs = match &r.wish {
        Wish::Join(_) => true,
        Wish::Use { service, .. } => match services.live(service).map(|s| s.metadata.approver) {
            Some(Approver::Managers) => true,
            Some(Approver::Named | Approver::Operator) | None => false,
        },
    };
    let decides = theirs && r.account != leading.account().id;
    WaitingLine {
        url: decides.then(|| format!("{}/demandes/{}", leading.base(), r.id)),
        name: who.map(Account::full_name).unwrap_or_default(),
        what: what(t, services, r),
        sent: format::date(t, r.created_at.millis()),
        days: visit.ctx.now().since(r.created_at).as_secs() / 86_400,
        reminded: r.reminders > 0,
    }
}

/// `GET /etablissements/{siret}/demandes?apres=`
pub async fn list(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let (visit, services) = (&leading.person.visit, leading.person.visit.app.services());
    let after = visit.query("apres").unwrap_or_default();
    let mut read = visit.app.db.read().await?;
    let head = leading.head(&mut read).await?;
    let mut all = request::store::of_siret(&mut read, leading.siret(), &after, i64::try_from(PAGE + 1).unwrap_or(i64::MAX)).await?;
    let more = all.len() > PAGE;
    all.truncate(PAGE);
    let mut lines = Vec::with_capacity(all.len());
    for r in &all {
        let who = account::store::find(&mut read, &r.account).await?;
        lines.push(line(&leading, &services, r, who.as_ref()));
    }
    drop(read);
    let next_url = all.last().filter(|_| more).map(|last| format!("{}/demandes?apres={}", head.base, last.id));
    visit.ok(&WaitingPage { page: visit.page(), head, lines, next_url })
}

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    decision: String,
    role: String,
    profil: Vec<String>,
    motif: String,
    precision: String,
    fin_jour: String,
    fin_mois: String,
    fin_annee: String,
}

impl Fields {
    fn day(&self) -> Day<'_> {
        Day::typed(&self.fin_jour, &self.fin_mois, &self.fin_annee)
    }

    /// As asked: the page shown first.
    fn asked(r: &Request) -> Self {
        let (role, profil) = match &r.wish {
            Wish::Join(role) => (role.name().to_owned(), Vec::new()),
            Wish::Use { profiles, .. } => (String::new(), profiles.clone()),
        };
        Self { role, profil, ..Self::default() }
    }
}

async fn page(leading: &Leading, r: &Request, typed: Fields, errors: Errors) -> Result<DecisionPage, Failure> {
    let (visit, t, services) = (&leading.person.visit, leading.person.visit.page().t, leading.person.visit.app.services());
    let mut read = visit.app.db.read().await?;
    let head = leading.head(&mut read).await?;
    let who = account::store::find(&mut read, &r.account).await?.ok_or_else(nothing)?;
    let shown = org::official::word(&mut read, &who, leading.siret(), visit.ctx.now()).await?.is_some();
    drop(read);
    let tick = |value: &str, label: String, chosen: bool| Tick { value: value.to_owned(), label, hint: String::new(), chosen };
    let role =
        |role: Role, key: &str| Tick { hint: t.get(&format!("{key}-hint")), ..tick(role.name(), t.get(key), typed.role == role.name()) };
    let (roles, profiles) = match &r.wish {
        Wish::Join(_) => (vec![role(Role::Contact, "org-role-contact"), role(Role::Manager, "org-role-manager")], Vec::new()),
        Wish::Use { service, .. } => {
            let profiles = services.live(service).map(|s| s.profiles()).unwrap_or_default();
            (Vec::new(), profiles.into_iter().map(|p| tick(&p.id, p.name, typed.profil.contains(&p.id))).collect())
        }
    };
    let latest = services.live(r.wish.service()).and_then(|s| s.latest_end(visit.ctx.now()));
    Ok(DecisionPage {
        page: visit.page(),
        action: format!("{}/demandes/{}", head.base, r.id),
        line: line(leading, &services, r, Some(&who)),
        domain: if shown { "org-proof-shown" } else { "org-domain-unknown" },
        identity: if who.is_verified(visit.ctx.now()) { "org-identity-verified" } else { "org-identity-declared" },
        email: who.login_email.map(|e| e.to_string()).unwrap_or_default(),
        message: r.message.clone(),
        motifs: MOTIFS.iter().map(|(value, key)| tick(value, t.get(key), typed.motif == *value)).collect(),
        latest: latest.map(|at| format::date(t, at.millis())),
        claim: r.claim_at.map(|at| format::date_time(t, at.millis())),
        end: typed.day().fields(),
        precision: typed.precision,
        head,
        roles,
        profiles,
        errors,
    })
}

/// `GET /etablissements/{siret}/demandes/{id}`
pub async fn show(person: Person, Path((siret, id)): Path<(String, String)>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let request = leading.request(&id).await?;
    if request.state != State::Pending {
        return Ok(leading.person.visit.go_with(&format!("{}/demandes", leading.base()), &Notice::Place(PlaceNotice::Late)));
    }
    let page = page(&leading, &request, Fields::asked(&request), Errors::none()).await?;
    leading.person.visit.ok(&page)
}

/// What the form says, or what is wrong with it. Reasons are written in the language of the person who reads them.
fn verdict(leading: &Leading, r: &Request, typed: &Fields, theirs: Texts) -> Result<Verdict, Errors> {
    let words = typed.precision.trim().chars().take(WORDS).collect::<String>();
    match (typed.decision.as_str(), &r.wish) {
        ("accepter", Wish::Join(_)) => Role::parse(&typed.role).map(Verdict::Admit).ok_or_else(|| wrong("role", PlaceProblem::RoleMissing)),
        ("accepter", Wish::Use { .. }) => {
            if typed.profil.is_empty() {
                return Err(wrong("profil", PlaceProblem::ProfileMissing));
            }
            let until = typed.day().end(leading.person.visit.ctx.now()).map_err(|p| wrong("fin_jour", p))?;
            Ok(Verdict::Grant { profiles: typed.profil.clone(), until })
        }
        ("modifier", Wish::Use { .. }) if words.is_empty() => Err(wrong("precision", PlaceProblem::WordsMissing)),
        ("modifier", Wish::Use { .. }) => Ok(Verdict::AskChanges(words)),
        // « Je suis toujours là »
        ("present", Wish::Join(_)) if r.claim_at.is_some() => Ok(Verdict::Decline(theirs.get("org-claim-objected"))),
        // Anything else is no acceptance.
        _ => match MOTIFS.iter().find(|(value, _)| *value == typed.motif) {
            None => Err(wrong("motif", PlaceProblem::MotifMissing)),
            Some(("autre", _)) if words.is_empty() => Err(wrong("precision", PlaceProblem::WordsMissing)),
            Some(("autre", _)) => Ok(Verdict::Decline(words)),
            Some((_, key)) => Ok(Verdict::Decline(format!("{} {words}", theirs.get(key)).trim().to_owned())),
        },
    }
}

/// `POST /etablissements/{siret}/demandes/{id}`
pub async fn act(
    Path((siret, id)): Path<(String, String)>,
    PersonForm { person, fields }: PersonForm<Fields>,
) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let request = leading.request(&id).await?;
    let visit = &leading.person.visit;
    let who = account::store::find(&mut visit.app.db.read().await?, &request.account).await?.ok_or_else(nothing)?;
    let verdict = match verdict(&leading, &request, &fields, Texts::new(who.locale)) {
        Ok(verdict) => verdict,
        Err(errors) => return visit.invalid(&page(&leading, &request, fields, errors).await?),
    };
    let (kit, services) = (kit(&leading.person), visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    let desk = Desk { kit: &kit, services: &services };
    let decided = decide(&mut tx, desk, Some(&leading.account().id), &request.id, &verdict).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    let notice = match (decided, verdict) {
        (Ok(_), Verdict::Admit(_) | Verdict::Grant { .. }) => PlaceNotice::Accepted(who.full_name()),
        (Ok(_), Verdict::Decline(_)) => PlaceNotice::Declined(who.full_name()),
        (Ok(_), Verdict::AskChanges(_)) => PlaceNotice::ChangesAsked(who.full_name()),
        (Err(Refused::Late), _) => PlaceNotice::Late,
        (Err(Refused::Unknown), _) => return Err(nothing()),
        (Err(refused @ (Refused::Unfit | Refused::Gone | Refused::Barred | Refused::Lacks(_) | Refused::Closed(_))), _) => {
            let service = || services.any(request.wish.service()).map(|s| s.metadata.name.clone()).unwrap_or_default();
            let (field, problem) = match refused {
                Refused::Gone => ("profil", PlaceProblem::Gone),
                Refused::Barred => ("profil", PlaceProblem::HeldBack(service())),
                Refused::Lacks(kinds) => ("profil", PlaceProblem::Lacks(service(), kinds.join(", "))),
                Refused::Closed(closed) => ("role", PlaceProblem::Closed(closed.successor.as_ref().map(Siret::grouped))),
                Refused::Unfit | Refused::Late | Refused::Unknown => ("profil", PlaceProblem::RightUnknown),
            };
            return visit.invalid(&page(&leading, &request, fields, wrong(field, problem)).await?);
        }
    };
    Ok(visit.go_with(&format!("{}/demandes", leading.base()), &Notice::Place(notice)))
}
