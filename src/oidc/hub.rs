//! What protocol operations rest on, as of one request.

use std::sync::Arc;

use super::Clients;
use super::client_keys::Outside;
use super::error::{Error, Result};
use crate::authn::upstream::Upstreams;
use crate::config::{Policy, SignIn, Tokens};
use crate::crypto::{Algorithm, Keyring, Keys, SigningKey};
use crate::org::service::Services;

/// The issuer with its keys, clients and periods.
#[derive(Debug, Clone)]
pub struct Hub<'a> {
    /// Issuer identifier, exactly as published.
    pub issuer: &'a str,
    /// Periods of tokens.
    pub tokens: &'a Tokens,
    /// Limits of sessions.
    pub sign_in: &'a SignIn,
    /// What sign-ins must amount to.
    pub policy: &'a Policy,
    /// Upstream providers that are alive.
    pub upstreams: &'a Upstreams,
    /// How clients are asked for the keys they publish.
    pub outside: Outside<'a>,
    /// Keys by purpose.
    pub keys: &'a Keys,
    /// Signing keys.
    pub keyring: Arc<Keyring>,
    /// Clients.
    pub clients: Arc<Clients>,
    /// The catalogue of services.
    pub services: Arc<Services>,
}

impl Hub<'_> {
    /// The key that signs with an algorithm.
    pub fn signing(&self, alg: Algorithm) -> Result<&SigningKey> {
        let key = self.keyring.signing(alg).ok_or_else(|| Error::Internal(format!("no active {} key", alg.name())))?;
        Ok(key)
    }

    /// The address of an endpoint.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }
}
