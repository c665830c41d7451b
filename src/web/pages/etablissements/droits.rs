//! « Modifier les droits » (G-03), deactivating a person (G-07) and taking them back (G-08); AG-09, AG-18, AG-19, AG-22, AC-35.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::acces::{Day, Leading, nothing, refused, role_key, wrong};
use super::droit;
use super::places::state_key;
use crate::account::Account;
use crate::authn::{card, trusted_browser};
use crate::base::Timestamp;
use crate::base::texts::Texts;
use crate::db::Handle;
use crate::org::habilitation::{self, Habilitation, State};
use crate::org::people::{self, Change};
use crate::org::request::Desk;
use crate::org::rights::{self, Refused, Rights};
use crate::org::service::{Profile, Service, Services};
use crate::org::{Membership, MembershipState, Role};
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::code::Nothing;
use crate::web::pages::compte::kit;
use crate::web::view::catalogue::Tick;
use crate::web::view::etablissement::{PlaceNotice, PlaceProblem};
use crate::web::view::etablissement_people::{DayFields, DeactivatePage, PersonLine, RightsPage, ServiceRights};
use crate::web::view::{Errors, Notice, format};

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    role: String,
    etat: String,
    /// `service:profil`, any number of them.
    droit: Vec<String>,
    fin_jour: String,
    fin_mois: String,
    fin_annee: String,
}

impl Fields {
    /// As it stands: the page shown first.
    fn standing(place: &Membership, held: &Rights) -> Self {
        let [fin_jour, fin_mois, fin_annee] = place.expires_at.map(|at| format::day_ending(at.millis())).unwrap_or_default();
        let etat = if place.state == MembershipState::Active { "actif" } else { "desactive" };
        let droit = rights::names(held).collect();
        Self { role: place.role.name().to_owned(), etat: etat.to_owned(), droit, fin_jour, fin_mois, fin_annee }
    }

    fn rights(&self) -> Rights {
        ticked(&self.droit)
    }

    fn day(&self) -> Day<'_> {
        Day::typed(&self.fin_jour, &self.fin_mois, &self.fin_annee)
    }
}

/// Rights as forms name them, `service:profil`.
pub fn ticked(droit: &[String]) -> Rights {
    rights::named(droit.iter().map(String::as_str))
}

/// What is chosen of it, in words: each service with its profiles.
pub fn chosen(catalogue: &Services, rights: &Rights) -> Vec<(String, String)> {
    let line = |s: ServiceRights| {
        let profiles: Vec<String> = s.profiles.into_iter().filter(|p| p.chosen).map(|p| p.label).collect();
        (!profiles.is_empty()).then(|| (s.name, profiles.join(", ")))
    };
    given(catalogue, rights).into_iter().filter_map(line).collect()
}

/// What managers give, some of it chosen.
pub fn given(catalogue: &Services, chosen: &Rights) -> Vec<ServiceRights> {
    let tick = |service: &str, p: Profile| {
        let chosen = chosen.get(service).is_some_and(|profiles| profiles.contains(&p.id));
        Tick { value: rights::name(service, &p.id), label: p.name, hint: String::new(), chosen }
    };
    let line = |s: &Arc<Service>| ServiceRights {
        id: s.id.clone(),
        name: s.metadata.name.clone(),
        profiles: s.profiles().into_iter().map(|p| tick(&s.id, p)).collect(),
    };
    catalogue.all().iter().filter(|s| rights::is_given_by_managers(s)).map(line).collect()
}

/// A person of the establishment, with what they hold there.
struct Subject {
    place: Membership,
    account: Account,
    held: Vec<Habilitation>,
    card_url: Option<String>,
}

impl Subject {
    async fn of(leading: &Leading, id: &str) -> Result<Self, Failure> {
        let (place, account) = leading.member(id).await?;
        let mut read = leading.person.visit.app.db.read().await?;
        let held = habilitation::of_person(&mut read, &account.id, leading.siret()).await?;
        let card_url = card_url(&mut read, leading, &account).await?;
        Ok(Self { place, account, held, card_url })
    }

    fn path(&self, leading: &Leading) -> String {
        format!("{}/intervenants/{}", leading.base(), self.account.id)
    }

    fn own(&self, leading: &Leading) -> bool {
        self.account.id == leading.account().id
    }

    /// The rights of a place that is over are over too: whoever takes it up again decides on each anew.
    fn rights(&self, now: Timestamp) -> Rights {
        if self.place.holds(now) { rights::held(&self.held, now) } else { Rights::new() }
    }
}

/// Where a card of this establishment that the person holds is taken back.
async fn card_url(h: &mut impl Handle, leading: &Leading, account: &Account) -> Result<Option<String>, Failure> {
    let card = card::of_account(h, &account.id).await?.filter(|c| c.siret.as_ref() == Some(leading.siret()));
    let handles = leading.manager.membership().manages_factors(&leading.person.visit.app.config.policy);
    Ok(card.filter(|_| handles).map(|c| format!("{}/cartes/{}/delier", leading.base(), c.serial)))
}

fn tick(value: &str, label: String, chosen: &str) -> Tick {
    Tick { value: value.to_owned(), label, hint: String::new(), chosen: value == chosen }
}

async fn page(leading: &Leading, subject: &Subject, typed: &Fields, errors: Errors) -> Result<RightsPage, Failure> {
    let (visit, t, now) = (&leading.person.visit, leading.person.visit.page().t, leading.person.visit.ctx.now());
    let head = leading.head(&mut visit.app.db.read().await?).await?;
    let catalogue = visit.app.services();
    let person = subject.path(leading);
    let lasting = |h: &&Habilitation| subject.place.holds(now) && h.state != State::Revoked && !h.profiles.is_empty();
    let held = subject.held.iter().filter(lasting);
    let held = held.map(|h| droit::line(t, &catalogue, &person, h, now)).collect();
    let (place, account) = (&subject.place, &subject.account);
    let services = if subject.own(leading) { Vec::new() } else { given(&catalogue, &typed.rights()) };
    Ok(RightsPage {
        page: visit.page(),
        action: subject.path(leading),
        line: PersonLine {
            choice: None,
            url: subject.path(leading),
            name: account.full_name(),
            email: account.login_email.as_ref().map(ToString::to_string).unwrap_or_default(),
            role: role_key(place.role),
            means: Vec::new(),
            last_used: place.last_used_at.map(|at| format::date(t, at.millis())),
            state: state_key(place, now),
            until: None,
            suspended: false,
        },
        roles: roles(t, &typed.role),
        states: vec![tick("actif", t.get("org-place-active"), &typed.etat), tick("desactive", t.get("org-place-disabled"), &typed.etat)],
        end: DayFields { day: typed.fin_jour.clone(), month: typed.fin_mois.clone(), year: typed.fin_annee.clone() },
        held,
        own: subject.own(leading),
        disabled: place.state == MembershipState::Disabled,
        card_url: subject.card_url.clone(),
        services,
        head,
        errors,
    })
}

/// The two roles, one of them chosen.
pub fn roles(t: Texts, chosen: &str) -> Vec<Tick> {
    let role = |role: Role, key: &str| Tick { hint: t.get(&format!("{key}-hint")), ..tick(role.name(), t.get(key), chosen) };
    vec![role(Role::Contact, "org-role-contact"), role(Role::Manager, "org-role-manager")]
}

/// `GET /etablissements/{siret}/intervenants/{id}`
pub async fn show(person: Person, Path((siret, id)): Path<(String, String)>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let subject = Subject::of(&leading, &id).await?;
    let held = subject.rights(leading.person.visit.ctx.now());
    let page = page(&leading, &subject, &Fields::standing(&subject.place, &held), Errors::none()).await?;
    leading.person.visit.ok(&page)
}

/// What the form says of the place, or what is wrong with it.
fn change(leading: &Leading, typed: &Fields) -> Result<Change, Errors> {
    let role = Role::parse(&typed.role).ok_or_else(|| wrong("role", PlaceProblem::RoleMissing))?;
    let expires_at = typed.day().end(leading.person.visit.ctx.now()).map_err(|p| wrong("fin_jour", p))?;
    Ok(Change { role, state: MembershipState::Active, expires_at, reason: None })
}

/// `POST /etablissements/{siret}/intervenants/{id}`: deactivating is another page, which asks why.
pub async fn save(
    Path((siret, id)): Path<(String, String)>,
    PersonForm { person, fields }: PersonForm<Fields>,
) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let subject = Subject::of(&leading, &id).await?;
    let visit = &leading.person.visit;
    let change = match (fields.etat.as_str(), change(&leading, &fields)) {
        ("desactive", _) => return Ok(visit.go(&format!("{}/desactiver", subject.path(&leading)))),
        ("actif", Ok(change)) => change,
        ("actif", Err(errors)) => return visit.invalid(&page(&leading, &subject, &fields, errors).await?),
        _ => return visit.invalid(&page(&leading, &subject, &fields, wrong("etat", PlaceProblem::StateMissing)).await?),
    };
    let rights = (!subject.own(&leading)).then(|| fields.rights());
    match set(&leading, &subject, &change, rights.as_ref()).await? {
        Ok(()) => Ok(saved(&leading, &subject, change.role)),
        Err(Refused::Place(people::Refused::NotManager | people::Refused::NotMember)) => Err(nothing()),
        Err(Refused::Place(people::Refused::LastManager)) => {
            visit.invalid(&page(&leading, &subject, &fields, wrong("role", PlaceProblem::LastManager)).await?)
        }
        Err(Refused::Place(people::Refused::OthersEnd)) => {
            visit.invalid(&page(&leading, &subject, &fields, wrong("role", PlaceProblem::OthersEnd)).await?)
        }
        Err(Refused::Lacks { service, kinds }) => {
            let errors = wrong("droit", PlaceProblem::Lacks(service, kinds.join(", ")));
            visit.invalid(&page(&leading, &subject, &fields, errors).await?)
        }
        Err(Refused::Barred { service }) => {
            visit.invalid(&page(&leading, &subject, &fields, wrong("droit", PlaceProblem::HeldBack(service))).await?)
        }
        Err(Refused::Own | Refused::Unknown) => Err(refused(&leading.person, leading.siret(), "no_such_right").await),
    }
}

async fn set(leading: &Leading, subject: &Subject, change: &Change, wanted: Option<&Rights>) -> Result<Result<(), Refused>, Failure> {
    let (visit, kit, services) = (&leading.person.visit, kit(&leading.person), leading.person.visit.app.services());
    let mut tx = visit.app.db.begin().await?;
    let desk = Desk { kit: &kit, services: &services };
    let set = rights::set(&mut tx, desk, &leading.account().id, leading.siret(), &subject.account.id, change, wanted).await?;
    tx.commit().await?;
    visit.app.wake_worker();
    Ok(set)
}

/// Back to the list; whoever gave up the role has no list any more.
fn saved(leading: &Leading, subject: &Subject, role: Role) -> Response {
    let notice = Notice::Place(PlaceNotice::Saved(subject.account.full_name()));
    let to = if subject.own(leading) && role == Role::Contact {
        "/etablissements".to_owned()
    } else {
        format!("{}/intervenants", leading.base())
    };
    leading.person.visit.go_with(&to, &notice)
}

/// Why somebody is deactivated: value, name in the audit trail, key.
pub const MOTIFS: [(&str, &str, &str); 4] = [
    ("depart", "departure", "org-motif-departure"),
    ("mission", "mission_end", "org-motif-mission"),
    ("erreur", "mistake", "org-motif-mistake"),
    ("securite", "security", "org-motif-security"),
];

/// What the form of a deactivation holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Why {
    motif: String,
}

async fn deactivate_page(leading: &Leading, subject: &Subject, typed: &Why, errors: Errors) -> Result<DeactivatePage, Failure> {
    let (visit, t) = (&leading.person.visit, leading.person.visit.page().t);
    Ok(DeactivatePage {
        page: visit.page(),
        head: leading.head(&mut visit.app.db.read().await?).await?,
        back: subject.path(leading),
        name: subject.account.full_name(),
        own: subject.own(leading),
        motifs: MOTIFS.iter().map(|(value, _, key)| tick(value, t.get(key), &typed.motif)).collect(),
        card_url: subject.card_url.clone(),
        errors,
    })
}

/// `GET /etablissements/{siret}/intervenants/{id}/desactiver`
pub async fn show_deactivation(person: Person, Path((siret, id)): Path<(String, String)>) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let subject = Subject::of(&leading, &id).await?;
    let page = deactivate_page(&leading, &subject, &Why::default(), Errors::none()).await?;
    leading.person.visit.ok(&page)
}

/// `POST /etablissements/{siret}/intervenants/{id}/desactiver` (AG-18, AC-35, FA-10)
pub async fn deactivate(
    Path((siret, id)): Path<(String, String)>,
    PersonForm { person, fields }: PersonForm<Why>,
) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let subject = Subject::of(&leading, &id).await?;
    let visit = &leading.person.visit;
    let Some((_, reason, _)) = MOTIFS.iter().find(|(value, ..)| *value == fields.motif) else {
        return visit.invalid(&deactivate_page(&leading, &subject, &fields, wrong("motif", PlaceProblem::MotifMissing)).await?);
    };
    let role = subject.place.role;
    let change = Change { role, state: MembershipState::Disabled, expires_at: None, reason: Some(reason) };
    match alter(&leading, &subject, &change).await? {
        Ok(_) => {
            let to = if subject.own(&leading) { "/etablissements".to_owned() } else { format!("{}/intervenants", leading.base()) };
            Ok(visit.go_with(&to, &Notice::Place(PlaceNotice::Deactivated(subject.account.full_name()))))
        }
        Err(people::Refused::LastManager) => {
            visit.invalid(&deactivate_page(&leading, &subject, &fields, wrong("motif", PlaceProblem::LastManager)).await?)
        }
        Err(people::Refused::OthersEnd) => {
            visit.invalid(&deactivate_page(&leading, &subject, &fields, wrong("motif", PlaceProblem::OthersEnd)).await?)
        }
        Err(people::Refused::NotManager | people::Refused::NotMember) => Err(nothing()),
    }
}

async fn alter(leading: &Leading, subject: &Subject, change: &Change) -> Result<Result<bool, people::Refused>, Failure> {
    let (visit, kit) = (&leading.person.visit, kit(&leading.person));
    let mut tx = visit.app.db.begin().await?;
    let done = people::change(&mut tx, &kit, &leading.account().id, leading.siret(), &subject.account.id, change).await?;
    if change.state == MembershipState::Disabled && matches!(done, Ok(true)) {
        trusted_browser::distrust_all(&mut tx, &kit, &subject.account.id).await?;
    }
    tx.commit().await?;
    visit.app.wake_worker();
    Ok(done)
}

/// `POST /etablissements/{siret}/intervenants/{id}/reactiver` (G-08): the place as it was; accesses are asked for anew.
pub async fn reactivate(
    Path((siret, id)): Path<(String, String)>,
    PersonForm { person, .. }: PersonForm<Nothing>,
) -> Result<Response, Failure> {
    let leading = Leading::of(person, &siret).await?;
    let subject = Subject::of(&leading, &id).await?;
    if subject.place.state == MembershipState::Active {
        return Ok(leading.person.visit.go(&subject.path(&leading)));
    }
    let change = Change { role: subject.place.role, state: MembershipState::Active, expires_at: None, reason: None };
    match alter(&leading, &subject, &change).await? {
        Ok(_) => {
            let notice = Notice::Place(PlaceNotice::Reactivated(subject.account.full_name()));
            Ok(leading.person.visit.go_with(&subject.path(&leading), &notice))
        }
        Err(people::Refused::NotManager | people::Refused::NotMember | people::Refused::LastManager | people::Refused::OthersEnd) => {
            Err(nothing())
        }
    }
}
