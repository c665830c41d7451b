//! Establishments, people, services and rights in a declaration.

use serde::Deserialize;
use toml::de::DeValue;

use super::{Place, Reader, Table};
use crate::base::{Email, Siret, Timestamp};
use crate::cli::days;
use crate::config::shape::{self, Shape};
use crate::org::habilitation::store::Attestation;
use crate::org::service::{self, Metadata, NamedApprover};
use crate::org::{Establishment, MembershipState, Role};

/// An establishment as declared.
pub struct EstablishmentEntry {
    /// Where.
    pub place: Place,
    /// What.
    pub establishment: Establishment,
    /// Where official codes are sent.
    pub official_email: Option<Email>,
    /// Domains whose addresses prove that a person works there.
    pub email_domains: Vec<String>,
}

/// A membership as declared.
pub struct MembershipEntry {
    /// Where.
    pub place: Place,
    /// Whose.
    pub login_email: Email,
    /// Where.
    pub siret: Siret,
    /// As what.
    pub role: Role,
    /// May manage means of connection.
    pub factors_manage: bool,
    /// Whether it counts.
    pub state: MembershipState,
    /// End.
    pub expires_at: Option<Timestamp>,
}

/// A service as declared.
pub struct ServiceEntry {
    /// Where.
    pub place: Place,
    /// Identifier.
    pub id: String,
    /// What.
    pub metadata: Metadata,
    /// Whether it is open.
    pub enabled: Option<bool>,
}

/// Somebody who decides for a service, as declared.
pub struct ApproverEntry {
    /// Where.
    pub place: Place,
    /// For what.
    pub service: String,
    /// Who.
    pub login_email: Email,
    /// Everywhere (empty), a SIREN or a SIRET.
    pub scope: String,
    /// Whether they are to decide, or no more.
    pub named: bool,
}

/// A habilitation as declared.
pub struct HabilitationEntry {
    /// Where.
    pub place: Place,
    /// Whose.
    pub login_email: Email,
    /// For which establishment.
    pub siret: Siret,
    /// For what.
    pub service: String,
    /// What they may do there; none withdraws it.
    pub profiles: Vec<String>,
    /// End.
    pub expires_at: Option<Timestamp>,
}

/// An attestation as declared.
pub struct AttestationEntry {
    /// Where.
    pub place: Place,
    /// Whose.
    pub login_email: Email,
    /// What.
    pub attestation: Attestation,
}

/// `[[establishment]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawEstablishment {
    siret: String,
    name: String,
    official_email: Option<String>,
    #[serde(default)]
    email_domains: Vec<String>,
}

/// `[[membership]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMembership {
    login_email: String,
    siret: String,
    role: Role,
    #[serde(default)]
    factors_manage: bool,
    state: Option<MembershipState>,
    expires_on: Option<String>,
}

/// Members of `[[service]]` that are not part of its declaration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnService {
    id: String,
    enabled: Option<bool>,
}

/// `[[approver]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawApprover {
    service: String,
    login_email: String,
    #[serde(default)]
    scope: String,
    named: Option<bool>,
}

/// `[[habilitation]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHabilitation {
    login_email: String,
    siret: String,
    service: String,
    profiles: Vec<String>,
    expires_on: Option<String>,
}

/// `[[attestation]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAttestation {
    login_email: String,
    kind: String,
    obtained_on: String,
    expires_on: Option<String>,
    evidence: Option<String>,
}

/// Kinds of entry read here.
pub const KINDS: [&str; 6] = ["establishment", "membership", "service", "approver", "habilitation", "attestation"];

/// What one of them may hold.
pub fn shape(kind: &str, rest: &[&str]) -> Option<Shape> {
    match (kind, rest) {
        ("establishment", rest) => shape::of::<RawEstablishment>(rest),
        ("membership", rest) => shape::of::<RawMembership>(rest),
        ("approver", rest) => shape::of::<RawApprover>(rest),
        ("habilitation", rest) => shape::of::<RawHabilitation>(rest),
        ("attestation", rest) => shape::of::<RawAttestation>(rest),
        ("service", []) => match (shape::of::<OwnService>(&[]), shape::of::<Metadata>(&[])) {
            (Some(Shape::Table(own)), Some(Shape::Table(declared))) => Some(Shape::Table([own, declared].concat())),
            _ => None,
        },
        ("service", rest) => shape::of::<OwnService>(rest).or_else(|| shape::of::<Metadata>(rest)),
        _ => None,
    }
}

impl<'t> Reader<'_, 't> {
    fn siret(&mut self, place: &Place, text: &str) -> Option<Siret> {
        Siret::parse(text).map_err(|e| self.faults.push(place.fault(&format!("siret: {e}")))).ok()
    }

    pub fn establishment(&mut self, i: usize, value: Table<'t>) -> Option<EstablishmentEntry> {
        let (place, raw): (Place, RawEstablishment) = self.known("establishment", "siret", i, value)?;
        let name = raw.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
            return self.wrong(&place, "name: from 1 to 200 characters");
        }
        let siret = self.siret(&place, &raw.siret)?;
        let official_email = match &raw.official_email {
            Some(text) => Some(self.email(&place, "official_email", text)?),
            None => None,
        };
        let email_domains: Vec<String> = raw.email_domains.iter().map(|d| d.trim().to_ascii_lowercase()).collect();
        if email_domains.iter().any(|d| !d.contains('.') || d.contains('@') || d.len() > 250) {
            return self.wrong(&place, "email_domains: a domain looks like mairie.example");
        }
        Some(EstablishmentEntry { place, establishment: Establishment { siret, name }, official_email, email_domains })
    }

    pub fn membership(&mut self, i: usize, value: Table<'t>) -> Option<MembershipEntry> {
        let (place, raw): (Place, RawMembership) = self.known("membership", "login_email", i, value)?;
        let siret = self.siret(&place, &raw.siret);
        let login = Email::parse(&raw.login_email).map_err(|e| self.faults.push(place.fault(&format!("login_email: {e}"))));
        let (siret, login_email) = (siret?, login.ok()?);
        let state = raw.state.unwrap_or(MembershipState::Active);
        let expires_at = self.day(&place, "expires_on", raw.expires_on.as_deref())?;
        Some(MembershipEntry { place, login_email, siret, role: raw.role, factors_manage: raw.factors_manage, state, expires_at })
    }

    pub fn service(&mut self, i: usize, value: Table<'t>) -> Option<ServiceEntry> {
        let span = value.span();
        let DeValue::Table(table) = value.into_inner() else { return self.not_a_table("service", i) };
        let place = self.place("service", i, "id", &table);
        let Some(Shape::Table(own)) = shape::of::<OwnService>(&[]) else { return None };
        let Some(Shape::Table(declared)) = shape::of::<Metadata>(&[]) else { return None };
        let [own, declared] = Self::halves(&table, &span, [&own, &declared]);
        let own: Option<OwnService> = self.read(own);
        let metadata: Option<Metadata> = self.read(declared);
        let (own, metadata) = (own?, metadata?);
        self.faults.extend(service::problems(&own.id, &metadata).iter().map(|w| place.fault(w)));
        Some(ServiceEntry { place, id: own.id, metadata, enabled: own.enabled })
    }

    pub fn approver(&mut self, i: usize, value: Table<'t>) -> Option<ApproverEntry> {
        let (place, raw): (Place, RawApprover) = self.known("approver", "login_email", i, value)?;
        let login_email = self.email(&place, "login_email", &raw.login_email)?;
        let Some(scope) = NamedApprover::scope(&raw.scope) else { return self.wrong(&place, "scope: nothing, a SIREN or a SIRET") };
        Some(ApproverEntry { place, service: raw.service, login_email, scope, named: raw.named.unwrap_or(true) })
    }

    pub fn habilitation(&mut self, i: usize, value: Table<'t>) -> Option<HabilitationEntry> {
        let (place, raw): (Place, RawHabilitation) = self.known("habilitation", "login_email", i, value)?;
        let (siret, login_email) = (self.siret(&place, &raw.siret), self.email(&place, "login_email", &raw.login_email));
        let expires_at = self.day(&place, "expires_on", raw.expires_on.as_deref())?;
        let (siret, login_email, service, profiles) = (siret?, login_email?, raw.service, raw.profiles);
        Some(HabilitationEntry { place, login_email, siret, service, profiles, expires_at })
    }

    pub fn attestation(&mut self, i: usize, value: Table<'t>) -> Option<AttestationEntry> {
        let (place, raw): (Place, RawAttestation) = self.known("attestation", "login_email", i, value)?;
        let login_email = self.email(&place, "login_email", &raw.login_email)?;
        let obtained_at = self.day(&place, "obtained_on", Some(&raw.obtained_on))?;
        let expires_at = self.day(&place, "expires_on", raw.expires_on.as_deref())?;
        let Some(obtained_at) = obtained_at else { return self.wrong(&place, "obtained_on: missing") };
        let attestation = Attestation { kind: raw.kind, obtained_at, expires_at, evidence: raw.evidence };
        Some(AttestationEntry { place, login_email, attestation })
    }

    fn email(&mut self, place: &Place, member: &str, text: &str) -> Option<Email> {
        Email::parse(text).map_err(|e| self.faults.push(place.fault(&format!("{member}: {e}")))).ok()
    }

    /// A day, if one is given.
    fn day(&mut self, place: &Place, member: &str, text: Option<&str>) -> Option<Option<Timestamp>> {
        match text.map(|t| days::on(t.trim())) {
            None => Some(None),
            Some(Some(at)) => Some(Some(at)),
            Some(None) => self.wrong(place, &format!("{member}: a day, such as 2027-01-31")),
        }
    }
}
