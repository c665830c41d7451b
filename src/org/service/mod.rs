//! The catalogue « Tous nos services »: what there is, for whom, who opens it, and what it demands.

pub mod store;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Link, Standing};
use crate::account::AccountKind;
use crate::audit::{self, Event, Kind};
use crate::base::{Aal, Ctx, Siret, Timestamp};
use crate::db::{self, Tx};

/// Who a service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// *Particuliers*.
    Individuals,
    /// *Professionnels*.
    Professionals,
    /// Both.
    #[default]
    Everybody,
}

impl Audience {
    /// Whether it is for people of this kind.
    pub const fn includes(self, kind: AccountKind) -> bool {
        match (self, kind) {
            (Self::Everybody, _) | (Self::Individuals, AccountKind::Individual) | (Self::Professionals, AccountKind::Professional) => true,
            (Self::Individuals, AccountKind::Professional) | (Self::Professionals, AccountKind::Individual) => false,
        }
    }
}

/// How a professional gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Open to all.
    #[default]
    Open,
    /// On request, for an establishment: a habilitation is needed.
    Request,
}

/// Who decides on requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approver {
    /// Managers of the establishment.
    #[default]
    Managers,
    /// People named for the service: everywhere, for a SIREN or for a SIRET (*responsables d'accès*).
    Named,
    /// The operator, by `guichet request`.
    Operator,
}

/// What a person may do in a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Identifier, told to the service.
    pub id: String,
    /// What people read.
    pub name: String,
    /// The least its holders sign in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_acr: Option<Aal>,
}

/// What is declared of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Name.
    pub name: String,
    /// One sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Theme, to filter the catalogue by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// Who it is for.
    pub audience: Audience,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// *Guide de connexion*.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guide_url: Option<String>,
    /// Its terms of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_url: Option<String>,
    /// Who helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// How professionals get in.
    pub access: Access,
    /// Who decides on requests.
    pub approver: Approver,
    /// What people may do in it; one that is asked for without profiles has the one of its own name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<Profile>,
    /// Kinds of attestation that must be held.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<String>,
    /// Longest habilitation, in days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_days: Option<u32>,
    /// A request must say why.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reason_required: bool,
    /// The least its people sign in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_acr: Option<Aal>,
    /// The least proof of the place in the establishment.
    pub minimum_link: Link,
}

/// An entry of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Identifier: short, in addresses and claims.
    pub id: String,
    /// What is declared.
    pub metadata: Metadata,
    /// Whether it is open.
    pub enabled: bool,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Service {
    /// Its profiles.
    pub fn profiles(&self) -> Vec<Profile> {
        if self.metadata.profiles.is_empty() {
            return vec![Profile { id: self.id.clone(), name: self.metadata.name.clone(), minimum_acr: None }];
        }
        self.metadata.profiles.clone()
    }

    /// The profile of this identifier.
    pub fn profile(&self, id: &str) -> Option<Profile> {
        self.profiles().into_iter().find(|p| p.id == id)
    }

    /// Whether professionals need a habilitation.
    pub fn on_request(&self) -> bool {
        match self.metadata.access {
            Access::Open => false,
            Access::Request => true,
        }
    }

    /// The least that people with these profiles sign in with.
    pub fn demand(&self, profiles: &[String]) -> Aal {
        let of_profiles = self.metadata.profiles.iter().filter(|p| profiles.contains(&p.id)).filter_map(|p| p.minimum_acr);
        of_profiles.chain(self.metadata.minimum_acr).max().unwrap_or_default()
    }

    /// Whether the place of a person in an establishment opens it, now.
    pub fn opens_to(&self, standing: &Standing, now: Timestamp) -> bool {
        let place = &standing.membership;
        let entitled = match self.metadata.access {
            Access::Open => true,
            Access::Request => standing.rights.as_ref().is_some_and(|h| h.service == self.id && h.holds(now)),
        };
        place.holds(now) && place.link >= self.metadata.minimum_link && entitled
    }

    /// When a habilitation asked for this long ends at the latest.
    pub fn latest_end(&self, now: Timestamp) -> Option<Timestamp> {
        self.metadata.max_days.map(|days| now.plus(std::time::Duration::from_secs(u64::from(days) * 86_400)))
    }
}

/// Every service, in any state, by identifier.
#[derive(Debug, Default)]
pub struct Services(Vec<Arc<Service>>);

impl Services {
    /// From the rows.
    pub fn new(all: Vec<Service>) -> Self {
        Self(all.into_iter().map(Arc::new).collect())
    }

    /// Every one, by identifier.
    pub fn all(&self) -> &[Arc<Service>] {
        &self.0
    }

    /// One, in any state.
    pub fn any(&self, id: &str) -> Option<&Arc<Service>> {
        self.0.iter().find(|s| s.id == id)
    }

    /// One that is open.
    pub fn live(&self, id: &str) -> Option<&Arc<Service>> {
        self.any(id).filter(|s| s.enabled)
    }

    /// Those of the catalogue for people of a kind; all for nobody in particular.
    pub fn of_people(&self, kind: Option<AccountKind>) -> impl Iterator<Item = &Arc<Service>> {
        self.0.iter().filter(move |s| s.enabled && kind.is_none_or(|k| s.metadata.audience.includes(k)))
    }
}

/// Who decides for a service whose approvers are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedApprover {
    /// Who.
    pub account: crate::base::id::AccountId,
    /// Everywhere (empty), a SIREN or a SIRET.
    pub scope: String,
}

impl NamedApprover {
    /// A scope as typed: nothing, a SIREN or a SIRET, spaces left out.
    pub fn scope(typed: &str) -> Option<String> {
        let scope: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        (matches!(scope.len(), 0 | 9 | 14) && scope.bytes().all(|b| b.is_ascii_digit())).then_some(scope)
    }

    /// The scopes within which one decides for an establishment.
    pub fn scopes_of(siret: &Siret) -> [String; 3] {
        [String::new(), siret.siren().to_owned(), siret.as_str().to_owned()]
    }
}

/// Everything wrong with a declaration, each with the member it is about.
pub fn problems(id: &str, metadata: &Metadata) -> Vec<String> {
    let mut wrong = Vec::new();
    let short = |id: &str| {
        (1..=40).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
    };
    if !short(id) {
        wrong.push("id: 1 to 40 lower-case letters, digits, hyphens and underscores".to_owned());
    }
    if metadata.name.trim().is_empty() {
        wrong.push("name: missing".to_owned());
    }
    for profile in &metadata.profiles {
        if !short(&profile.id) || profile.name.trim().is_empty() {
            wrong.push(format!("profiles: {:?} needs a short id and a name", profile.id));
        }
        if metadata.profiles.iter().filter(|p| p.id == profile.id).count() > 1 {
            wrong.push(format!("profiles: {:?} stands twice", profile.id));
        }
    }
    for (member, address) in [("url", &metadata.url), ("guide_url", &metadata.guide_url), ("terms_url", &metadata.terms_url)] {
        let ok = |a: &String| url::Url::parse(a).is_ok_and(|u| matches!(u.scheme(), "https" | "http"));
        if address.as_ref().is_some_and(|a| !ok(a)) {
            wrong.push(format!("{member}: not an absolute https address"));
        }
    }
    wrong
}

/// Puts a service in place, and says so in the audit trail. Whether anything changed.
pub async fn put(tx: &mut Tx, ctx: &Ctx, id: &str, metadata: &Metadata, enabled: Option<bool>) -> db::Result<bool> {
    let present = store::find(tx, id).await?;
    let enabled = enabled.or(present.as_ref().map(|p| p.enabled)).unwrap_or(true);
    if present.as_ref().is_some_and(|p| p.metadata == *metadata && p.enabled == enabled) {
        return Ok(false);
    }
    store::put(tx, id, metadata, enabled, ctx.now()).await?;
    audit::append(tx, ctx, Event::new(Kind::ServiceChanged).with("service", id).with("enabled", enabled)).await?;
    Ok(true)
}

/// Names somebody who decides for a service. Whether anything changed.
pub async fn put_approver(tx: &mut Tx, ctx: &Ctx, service: &str, approver: &NamedApprover) -> db::Result<bool> {
    let done = store::put_approver(tx, service, approver, ctx.now()).await? == 1;
    if done {
        approver_changed(tx, ctx, service, approver, true).await?
    }
    Ok(done)
}

/// Names them no more: from the next request on they decide nothing. Whether anything changed.
pub async fn remove_approver(tx: &mut Tx, ctx: &Ctx, service: &str, approver: &NamedApprover) -> db::Result<bool> {
    let done = store::remove_approver(tx, service, approver).await? == 1;
    if done {
        approver_changed(tx, ctx, service, approver, false).await?
    }
    Ok(done)
}

async fn approver_changed(tx: &mut Tx, ctx: &Ctx, service: &str, approver: &NamedApprover, named: bool) -> db::Result<()> {
    let event = Event::new(Kind::ApproverChanged).account(&approver.account).with("service", service);
    audit::append(tx, ctx, event.with("scope", approver.scope.as_str()).with("named", named)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_demands_the_most_of_itself_and_of_the_profiles_held() {
        let profile = |id: &str, acr| Profile { id: id.into(), name: id.into(), minimum_acr: acr };
        let profiles = vec![profile("read", None), profile("sign", Some(Aal::Two))];
        let metadata = Metadata { name: "S".into(), profiles, ..Metadata::default() };
        let service = Service { id: "s".into(), metadata, enabled: true, updated_at: Timestamp::from_millis(0) };
        assert_eq!(service.demand(&["read".into()]), Aal::One);
        assert_eq!(service.demand(&["read".into(), "sign".into()]), Aal::Two);
    }

    #[test]
    fn what_is_wrong_with_a_declaration_is_said_of_its_member() {
        let bad = Metadata { url: Some("javascript:alert(1)".into()), ..Metadata::default() };
        let said = problems("Bad id", &bad);
        for member in ["id: ", "name: ", "url: "] {
            assert!(said.iter().any(|s| s.starts_with(member)), "{member} in {said:?}");
        }
        let twice = Profile { id: "a".into(), name: "A".into(), minimum_acr: None };
        let twice = Metadata { name: "S".into(), profiles: vec![twice.clone(), twice], ..Metadata::default() };
        assert!(problems("s", &twice).iter().any(|s| s.contains("twice")));
    }
}
