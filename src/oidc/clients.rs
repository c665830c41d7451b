//! Every client, in memory.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::client::Client;

/// Every client, in memory. Replaced as a whole when the database changes.
#[derive(Debug, Default, Clone)]
pub struct Clients {
    by_id: HashMap<String, Arc<Client>>,
    /// Where public clients in use live.
    origins: HashSet<String>,
}

impl Clients {
    /// From what the store holds.
    pub fn new(clients: Vec<Client>) -> Self {
        Self::after(clients, &Self::default())
    }

    /// The same, with the published keys that were read for those before.
    pub fn after(mut clients: Vec<Client>, before: &Self) -> Self {
        for client in &mut clients {
            if let Some(same) = before.any(&client.id).filter(|b| b.metadata.jwks_uri == client.metadata.jwks_uri) {
                client.published = same.published.clone();
            }
        }
        let origins = clients.iter().filter(|c| c.enabled && c.is_public()).flat_map(Client::origins).collect();
        Self { by_id: clients.into_iter().map(|c| (c.id.clone(), Arc::new(c))).collect(), origins }
    }

    /// A client that may be used now.
    pub fn live(&self, id: &str) -> Option<&Arc<Client>> {
        self.by_id.get(id).filter(|c| c.enabled)
    }

    /// A client in any state, for administration and for telling a closed service from an unknown one.
    pub fn any(&self, id: &str) -> Option<&Arc<Client>> {
        self.by_id.get(id)
    }

    /// Whether scripts of this origin may call what applications in browsers need: a public client in use lives there.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins.contains(origin)
    }

    /// All, by name.
    pub fn all(&self) -> Vec<&Arc<Client>> {
        let mut all: Vec<_> = self.by_id.values().collect();
        all.sort_by(|a, b| a.metadata.client_name.cmp(&b.metadata.client_name).then(a.id.cmp(&b.id)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::oidc::client::{AuthMethod, Metadata, Secrets};
    use crate::oidc::client_keys::Published;

    fn client(id: &str, method: AuthMethod, enabled: bool, uris: &[&str]) -> Client {
        let metadata = Metadata {
            token_endpoint_auth_method: method,
            redirect_uris: uris.iter().map(|u| (*u).to_owned()).collect(),
            ..Metadata::default()
        };
        Client {
            id: id.into(),
            metadata,
            secrets: Secrets::default(),
            enabled,
            updated_at: Timestamp::default(),
            published: Published::default(),
        }
    }

    #[test]
    fn scripts_are_heard_from_where_public_clients_in_use_live() {
        let clients = Clients::new(vec![
            client("spa", AuthMethod::None, true, &["https://spa.example/cb", "https://spa.example:8443/cb?x", "fr.example.app:/cb"]),
            client("closed", AuthMethod::None, false, &["https://closed.example/cb"]),
            client("server", AuthMethod::ClientSecretBasic, true, &["https://server.example/cb"]),
        ]);
        for origin in ["https://spa.example", "https://spa.example:8443"] {
            assert!(clients.allows_origin(origin), "{origin}");
        }
        for other in [
            "https://closed.example",
            "https://server.example",
            "http://spa.example",
            "https://spa.example/",
            "null",
            "fr.example.app:",
            "",
        ] {
            assert!(!clients.allows_origin(other), "{other}");
        }
    }
}
