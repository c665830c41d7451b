//! Upstream providers as the operator declared them.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Metadata;
use crate::account::AccountKind;
use crate::base::{Eidas, Email, Secret, Timestamp};

/// Kinds of provider: what is asked of them, and what their word is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    /// FranceConnect or FranceConnect+ (french-domain §1): individuals.
    #[default]
    FranceConnect,
    /// ProConnect (french-domain §2): public agents.
    ProConnect,
    /// Any OpenID Connect provider of professionals.
    Oidc,
}

impl ProviderKind {
    /// Whom it vouches for.
    pub const fn people(self) -> AccountKind {
        match self {
            Self::FranceConnect => AccountKind::Individual,
            Self::ProConnect | Self::Oidc => AccountKind::Professional,
        }
    }

    /// The name in declarations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FranceConnect => "franceconnect",
            Self::ProConnect => "proconnect",
            Self::Oidc => "oidc",
        }
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::FranceConnect => "FranceConnect",
            Self::ProConnect => "ProConnect",
            Self::Oidc => "OpenID Connect",
        }
    }
}

/// A declared provider.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Identifier, also in the address of its callback.
    pub id: String,
    /// Declaration.
    pub metadata: Metadata,
    /// The secret it gave us.
    pub secret: Option<Secret>,
    /// Whether it may be used.
    pub enabled: bool,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Provider {
    /// What people call it.
    pub fn label(&self) -> &str {
        self.metadata.name.as_deref().unwrap_or(self.metadata.kind.label())
    }

    /// The least level that is asked of FranceConnect, and verified.
    pub fn level(&self) -> Eidas {
        self.metadata.acr_values.split_ascii_whitespace().filter_map(Eidas::parse).min().unwrap_or(Eidas::One)
    }

    /// Whether addresses of this domain lead to it.
    pub fn has_domain(&self, email: &Email) -> bool {
        self.metadata.domains.iter().any(|domain| domain.eq_ignore_ascii_case(email.domain()))
    }

    /// Where it sends people back.
    pub fn redirect_uri(&self, hub: &str) -> String {
        format!("{hub}/connexion/retour/{}", self.id)
    }

    /// Where it sends people back after they signed out there.
    pub fn sign_out_uri(&self, hub: &str) -> String {
        format!("{hub}/deconnexion/retour/{}", self.id)
    }
}

/// Every provider, as of the last reload.
#[derive(Debug, Default)]
pub struct Providers(Vec<Arc<Provider>>);

impl Providers {
    /// From the database.
    pub fn new(all: Vec<Provider>) -> Self {
        Self(all.into_iter().map(Arc::new).collect())
    }

    /// The provider of this identifier, in any state.
    pub fn any(&self, id: &str) -> Option<&Arc<Provider>> {
        self.0.iter().find(|p| p.id == id)
    }

    /// The same, enabled.
    pub fn live(&self, id: &str) -> Option<&Arc<Provider>> {
        self.any(id).filter(|p| p.enabled)
    }

    /// Those of a kind that are enabled.
    pub fn of_kind(&self, kind: ProviderKind) -> impl Iterator<Item = &Arc<Provider>> {
        self.0.iter().filter(move |p| p.enabled && p.metadata.kind == kind)
    }

    /// Those that vouch for people of a kind, enabled.
    pub fn for_people(&self, people: AccountKind) -> impl Iterator<Item = &Arc<Provider>> {
        self.0.iter().filter(move |p| p.enabled && p.metadata.kind.people() == people)
    }

    /// The provider that an address leads to, by its domain alone.
    pub fn route(&self, email: &Email) -> Option<&Arc<Provider>> {
        self.for_people(AccountKind::Professional).find(|p| p.has_domain(email))
    }

    /// The provider through which people with this address sign in, and no other way; by its domain alone.
    pub fn exclusive(&self, email: &Email) -> Option<&Arc<Provider>> {
        self.route(email).filter(|p| p.metadata.exclusive)
    }

    /// The domains whose people sign in through a provider and no other way, in lower case.
    pub fn reserved(&self) -> HashSet<String> {
        let exclusive = self.for_people(AccountKind::Professional).filter(|p| p.metadata.exclusive);
        exclusive.flat_map(|p| &p.metadata.domains).map(|d| d.to_ascii_lowercase()).collect()
    }

    /// All of them.
    pub fn all(&self) -> &[Arc<Provider>] {
        &self.0
    }
}
