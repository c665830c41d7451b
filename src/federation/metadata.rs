//! What an operator declares of a provider, and what is wrong with it.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{ProviderKind, agent};
use crate::base::{Eidas, Email, Siret, Timestamp};

/// How we prove who we are at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// The secret in the body.
    #[default]
    ClientSecretPost,
    /// The secret in the `Authorization` header.
    ClientSecretBasic,
    /// An assertion signed by our keys, which are published (RFC 7523).
    PrivateKeyJwt,
}

impl ClientAuth {
    /// Whether there is a secret.
    pub const fn has_secret(self) -> bool {
        match self {
            Self::ClientSecretPost | Self::ClientSecretBasic => true,
            Self::PrivateKeyJwt => false,
        }
    }
}

/// Facts of an identity that are kept besides names and birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// `gender`.
    Gender,
    /// `birthplace`.
    Birthplace,
    /// `birthcountry`.
    Birthcountry,
    /// `preferred_username`, the *nom d'usage*.
    PreferredUsername,
}

/// What signing out here does there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum SignOut {
    /// A link is offered.
    #[default]
    Offered,
    /// The browser is led there: computers that several people share.
    Always,
}

/// A declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Metadata {
    /// Kind.
    pub kind: ProviderKind,
    /// Issuer, exactly as the provider publishes it.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// What people call it, when not by its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How we prove who we are.
    pub token_endpoint_auth_method: ClientAuth,
    /// What is asked for.
    pub scope: String,
    /// Levels asked for, space-separated; the lowest is the least accepted.
    pub acr_values: String,
    /// Whether `amr` is asked for, through `claims`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub amr: bool,
    /// `prompt`, where the provider allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// `idp_hint`, where the provider allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idp_hint: Option<String>,
    /// Facts kept besides names and birth date.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<Fact>,
    /// The provider encrypts what it signs: FranceConnect+. What is not encrypted is refused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub encrypted: bool,
    /// Last day (`YYYY-MM-DD`) that HS256 is accepted of a provider that has not moved to better yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hs256_until: Option<String>,
    /// The provider stands on a private network.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_private_network: bool,
    /// What signing out here does there.
    pub sign_out: SignOut,
    /// Domains of e-mail addresses that lead there from the sign-in page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// People of those domains sign in there, and neither by a password nor by a code sent to them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exclusive: bool,
    /// The SIRET that stands for a missing one: it says nothing of anybody (french-domain §2.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_siret: Option<Siret>,
    /// Values of `acr` or `amr` that stand for two factors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub two_factors: Vec<String>,
}

/// Parameters that FranceConnect accepts in `prompt` (french-domain §1.3).
const PROMPTS: [&str; 2] = ["login", "consent"];

impl Metadata {
    /// The same with what its kind asks for where nothing is said: name, given names, birth date and an address.
    #[must_use]
    pub fn complete(mut self) -> Self {
        let (scope, acr) = match self.kind {
            ProviderKind::FranceConnect => ("openid given_name family_name birthdate email", Eidas::One.name()),
            ProviderKind::ProConnect => ("openid given_name usual_name email uid siret phone", "eidas1 eidas1-mfa"),
            ProviderKind::Oidc => ("openid profile email", ""),
        };
        if self.scope.trim().is_empty() {
            self.scope = scope.to_owned();
        }
        if self.acr_values.trim().is_empty() {
            self.acr_values = acr.to_owned();
        }
        self
    }

    /// Everything wrong, each with the member it is about. `trial`: plain http is accepted.
    pub fn problems(&self, trial: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        match Url::parse(&self.issuer) {
            Ok(url) if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() => {
                wrong.push("issuer: an address without query, fragment or user".to_owned());
            }
            Ok(url) if url.scheme() == "https" || (trial && url.scheme() == "http") => {}
            Ok(_) => wrong.push("issuer: https only".to_owned()),
            Err(e) => wrong.push(format!("issuer: {e}")),
        }
        if self.client_id.is_empty() || self.client_id.len() > 300 {
            wrong.push("client_id: 1 to 300 characters".to_owned());
        }
        if !self.scope.split_ascii_whitespace().any(|s| s == "openid") {
            wrong.push("scope: openid must be in it".to_owned());
        }
        let mut levels = self.acr_values.split_ascii_whitespace();
        match self.kind {
            ProviderKind::FranceConnect => {
                if levels.any(|v| Eidas::parse(v).is_none()) {
                    wrong.push("acr_values: eidas1, eidas2 or eidas3".to_owned());
                }
                if self.prompt.iter().flat_map(|p| p.split_ascii_whitespace()).any(|p| !PROMPTS.contains(&p)) {
                    wrong.push("prompt: login and consent only".to_owned());
                }
                if !self.domains.is_empty() {
                    wrong.push("domains: FranceConnect is for individuals".to_owned());
                }
            }
            ProviderKind::ProConnect => {
                if levels.any(|v| agent::Level::parse(v).is_none()) {
                    wrong.push("acr_values: eidas0, eidas1, their -mfa, eidas2 or eidas3".to_owned());
                }
            }
            ProviderKind::Oidc => {}
        }
        if self.domains.iter().any(|domain| Email::parse(&format!("x@{domain}")).is_err()) {
            wrong.push("domains: of e-mail addresses, as ministere.example".to_owned());
        }
        if self.exclusive && self.domains.is_empty() {
            wrong.push("exclusive: of which domains?".to_owned());
        }
        if self.hs256_until.as_deref().is_some_and(|day| end_of(day).is_none()) {
            wrong.push("hs256_until: a date, as 2027-03-31".to_owned());
        }
        if self.name.as_ref().is_some_and(|n| n.trim().is_empty() || n.chars().count() > 60 || n.chars().any(char::is_control)) {
            wrong.push("name: 1 to 60 characters".to_owned());
        }
        wrong
    }

    /// Whether HS256 is accepted now.
    pub fn accepts_hs256(&self, now: Timestamp) -> bool {
        self.hs256_until.as_deref().and_then(end_of).is_some_and(|end| now < end)
    }

    /// Whether a fact is kept.
    pub fn keeps(&self, fact: Fact) -> bool {
        self.keep.contains(&fact)
    }
}

/// The end of a day, UTC.
fn end_of(day: &str) -> Option<Timestamp> {
    let midnight: jiff::Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
    (day.len() == 10).then(|| Timestamp::from_millis(midnight.as_millisecond().saturating_add(86_400_000)))
}

/// Whether a host is named by an address of ours or of nobody's, rather than by a public one.
pub fn is_internal(host: Option<Host<&str>>) -> bool {
    match host {
        Some(Host::Ipv4(ip)) => super::http::is_internal(ip.into()),
        Some(Host::Ipv6(ip)) => super::http::is_internal(ip.into()),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(change: impl FnOnce(&mut Metadata)) -> Metadata {
        let mut m = Metadata { issuer: "https://fc.example.fr/api/v2".into(), client_id: "x".into(), ..Metadata::default() }.complete();
        change(&mut m);
        m
    }

    #[test]
    fn what_cannot_work_is_refused_with_its_member() {
        assert_eq!(declared(|_| {}).problems(false), Vec::<String>::new());
        let wrong = |change: fn(&mut Metadata)| declared(change).problems(false).join("; ");
        assert!(wrong(|m| m.issuer = "http://fc.example.fr".into()).starts_with("issuer: https"));
        assert!(wrong(|m| m.issuer = "https://u@fc.example.fr?x".into()).starts_with("issuer: an address"));
        assert!(wrong(|m| m.scope = "profile".into()).starts_with("scope:"));
        assert!(wrong(|m| m.acr_values = "eidas1 loa2".into()).starts_with("acr_values:"));
        assert!(wrong(|m| m.prompt = Some("none".into())).starts_with("prompt:"));
        assert!(wrong(|m| m.hs256_until = Some("soon".into())).starts_with("hs256_until:"));
        assert!(wrong(|m| m.domains = vec!["mairie.example".into()]).starts_with("domains: FranceConnect"));
        let pro = |change: fn(&mut Metadata)| declared(|m| (m.kind = ProviderKind::ProConnect, change(m)).1).problems(false).join("; ");
        assert_eq!(pro(|m| (m.domains, m.exclusive) = (vec!["mairie.example".into()], true)), "");
        assert!(pro(|m| m.domains = vec!["@mairie.example".into()]).starts_with("domains:"));
        assert!(pro(|m| m.exclusive = true).starts_with("exclusive:"));
        assert!(pro(|m| m.acr_values = "eidas1-mfa loa2".into()).starts_with("acr_values:"));
        assert!(declared(|m| m.issuer = "http://fc.localhost:1".into()).problems(true).is_empty());
    }

    #[test]
    fn the_exception_for_hs256_ends_with_its_day() {
        let m = declared(|m| m.hs256_until = Some("2027-03-31".into()));
        let at = |text: &str| Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        assert!(m.accepts_hs256(at("2027-03-31T23:59:59Z")) && !m.accepts_hs256(at("2027-04-01T00:00:00Z")));
        assert!(!declared(|_| {}).accepts_hs256(at("2020-01-01T00:00:00Z")));
    }
}
