//! « Modifier les droits » (ux G-03): the place of a person and what they hold there, changed by a manager in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use super::habilitation::{self, Grant, Habilitation, State};
use super::people::{self, Change, Manager};
use super::request::{self, Desk};
use super::service::{Approver, Service, Services};
use super::{MembershipState, store};
use crate::account::{self, AccountKind};
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::db::{Result, Tx};
use crate::mail::message::{OrgEvent, OrgFacts};

/// Profiles wanted of each service; a service that is not named is withdrawn.
pub type Rights = BTreeMap<String, BTreeSet<String>>;

/// Rights from their names, `service:profile`; what is not a name is left out.
pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Rights {
    let mut rights = Rights::new();
    for (service, profile) in names.into_iter().filter_map(|name| name.split_once(':')) {
        rights.entry(service.to_owned()).or_default().insert(profile.to_owned());
    }
    rights
}

/// Their names, `service:profile`, in order.
pub fn names(rights: &Rights) -> impl Iterator<Item = String> {
    rights.iter().flat_map(|(service, profiles)| profiles.iter().map(move |p| name(service, p)))
}

/// The name of one, `service:profile`.
pub fn name(service: &str, profile: &str) -> String {
    format!("{service}:{profile}")
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The place may not be changed so.
    #[error(transparent)]
    Place(#[from] people::Refused),
    /// Nobody gives rights to themselves: they are asked for.
    #[error("own rights")]
    Own,
    /// A service that is not theirs to open, or a profile that there is not.
    #[error("no such right to give")]
    Unknown,
    /// The operator holds it back.
    #[error("{service} is suspended by the operator")]
    Barred {
        /// Name of the service.
        service: String,
    },
    /// The person lacks these attestations, which the service demands.
    #[error("attestations missing for {service}")]
    Lacks {
        /// Name of the service.
        service: String,
        /// Kinds of attestation.
        kinds: Vec<String>,
    },
}

/// Whether the managers of an establishment open this service to its people.
pub fn is_given_by_managers(service: &Service) -> bool {
    let theirs = match service.metadata.approver {
        Approver::Managers => true,
        Approver::Named | Approver::Operator => false,
    };
    theirs && service.enabled && service.on_request() && service.metadata.audience.includes(AccountKind::Professional)
}

fn given(services: &Services) -> impl Iterator<Item = &Service> {
    services.all().iter().map(AsRef::as_ref).filter(|s| is_given_by_managers(s))
}

/// Whether the managers of an establishment may give all of these.
pub(super) fn are_given(services: &Services, rights: &Rights) -> bool {
    let profile = |id: &str, p: &str| given(services).any(|s| s.id == id && s.profile(p).is_some());
    rights.iter().all(|(service, profiles)| profiles.iter().all(|p| profile(service, p)))
}

/// Gives somebody what they do not hold and nobody holds back, as far as they have the attestations that it demands.
pub(super) async fn give(tx: &mut Tx, desk: Desk<'_>, by: &str, siret: &Siret, who: &AccountId, rights: &Rights) -> Result<()> {
    if rights.is_empty() {
        return Ok(());
    }
    let now = desk.kit.ctx.now();
    let present = habilitation::of_person(tx, who, siret).await?;
    let mut steps = Vec::new();
    for service in given(desk.services) {
        let offered = rights.get(&service.id).into_iter().flatten().filter(|p| service.profile(p).is_some());
        let wanted: BTreeSet<String> = offered.cloned().collect();
        let free = present.iter().filter(|h| h.service == service.id).all(|h| !h.holds(now) && !h.is_barred());
        if !wanted.is_empty() && free && request::lacks(tx, who, service, now).await?.is_empty() {
            steps.push((service, wanted));
        }
    }
    apply(tx, desk, by, siret, who, steps).await
}

/// Changes both. Waits for its turn, then checks again that whoever acts manages the establishment; a refusal comes before
/// anything is written. Without `rights`, what the person holds stays.
pub async fn set(
    tx: &mut Tx,
    desk: Desk<'_>,
    actor: &AccountId,
    siret: &Siret,
    who: &AccountId,
    change: &Change,
    rights: Option<&Rights>,
) -> Result<Result<(), Refused>> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    store::take_turn(tx, siret).await?;
    if Manager::of(tx, actor, siret, now).await?.is_none() {
        people::refuse(tx, kit, actor, siret, "not_manager").await?;
        return Ok(Err(people::Refused::NotManager.into()));
    }
    let plan = match rights {
        None => Vec::new(),
        Some(_) if actor == who => return Ok(Err(Refused::Own)),
        Some(rights) => match plan(tx, desk, siret, who, rights).await? {
            Ok(plan) => plan,
            Err(refused) => return Ok(Err(refused)),
        },
    };
    if let Err(refused) = people::set(tx, kit, siret, who, change).await? {
        return Ok(Err(refused.into()));
    }
    match change.state {
        MembershipState::Active => apply(tx, desk, actor.as_str(), siret, who, plan).await?,
        // Leaving withdrew everything.
        MembershipState::Disabled => {}
    }
    Ok(Ok(()))
}

/// What is to be done for one service: the profiles to hold, none to withdraw it.
type Step<'a> = (&'a Service, BTreeSet<String>);

async fn plan<'a>(tx: &mut Tx, desk: Desk<'a>, siret: &Siret, who: &AccountId, rights: &Rights) -> Result<Result<Vec<Step<'a>>, Refused>> {
    let (now, nothing) = (desk.kit.ctx.now(), BTreeSet::new());
    if !are_given(desk.services, rights) {
        return Ok(Err(Refused::Unknown));
    }
    let present = habilitation::of_person(tx, who, siret).await?;
    // Rights in a place that is over are over too.
    let acts = super::membership(tx, who, siret, now).await?.is_some();
    let held = if acts { held(&present, now) } else { Rights::new() };
    let mut steps = Vec::new();
    for service in given(desk.services) {
        let wanted = rights.get(&service.id).unwrap_or(&nothing);
        let had = held.get(&service.id).unwrap_or(&nothing);
        if wanted == had {
            continue;
        }
        if !wanted.is_empty() && present.iter().any(|h| h.service == service.id && h.is_operators()) {
            return Ok(Err(Refused::Barred { service: service.metadata.name.clone() }));
        }
        let kinds = if wanted.is_subset(had) { Vec::new() } else { request::lacks(tx, who, service, now).await? };
        if !kinds.is_empty() {
            return Ok(Err(Refused::Lacks { service: service.metadata.name.clone(), kinds }));
        }
        steps.push((service, wanted.clone()));
    }
    Ok(Ok(steps))
}

/// What is held now, by service.
pub fn held(all: &[Habilitation], now: Timestamp) -> Rights {
    all.iter().filter(|h| h.holds(now)).map(|h| (h.service.clone(), h.profiles.iter().cloned().collect())).collect()
}

async fn apply(tx: &mut Tx, desk: Desk<'_>, by: &str, siret: &Siret, who: &AccountId, plan: Vec<Step<'_>>) -> Result<()> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    let (Some(person), Some(place)) = (account::store::find(tx, who).await?, super::find(tx, siret).await?) else { return Ok(()) };
    let present = habilitation::of_person(tx, who, siret).await?;
    for (service, wanted) in plan {
        // Other profiles are no longer time: an end that was set stays.
        let held = present.iter().find(|h| h.service == service.id && h.holds(now)).and_then(|h| h.expires_at);
        let expires_at = held.into_iter().chain(service.latest_end(now)).min();
        let profiles: Vec<String> = wanted.into_iter().collect();
        let names = profiles.iter().filter_map(|p| service.profile(p)).map(|p| p.name).collect::<Vec<_>>().join(", ");
        let (event, names) = if profiles.is_empty() {
            habilitation::set_state(tx, kit, who, siret, &service.id, State::Revoked).await?;
            (OrgEvent::AccessRevoked, None)
        } else {
            let (account, siret, service_id) = (who.clone(), siret.clone(), service.id.clone());
            let grant = Grant { account, siret, service: service_id, profiles, expires_at, by: by.to_owned() };
            habilitation::grant(tx, kit, &grant).await?;
            (OrgEvent::AccessOpened, Some(names))
        };
        let service = Some(service.metadata.name.clone());
        people::tell(tx, kit, &person, event, OrgFacts { service, profiles: names, ..OrgFacts::of(&place.name, siret) }).await?;
    }
    Ok(())
}
