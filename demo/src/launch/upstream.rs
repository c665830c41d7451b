//! The simulators of FranceConnect and ProConnect in the demonstration, and the clients they know: the hub, twice for the one entity, and a
//! service of somebody else.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use guichet::base::rng::Rng;

use super::parties::{Party, Secrets, Urls};
use crate::clock::Now;
use crate::sim::{Client, Platform, Settings, Simulator, Wrap};

/// Scopes that the hub may ask for.
const SCOPES: &str = "openid profile birth identite_pivot given_name family_name gender birthdate birthplace birthcountry email \
                      preferred_username idp_birthdate idp_id amr rnipp_identite_pivot usual_name uid siret siren phone \
                      organizational_unit organization_label belonging_population idp_acr roles custom groups";

/// The simulators.
pub(super) fn start(
    urls: &Urls,
    secrets: &Secrets,
    now: &Now,
    rng: &Arc<dyn Rng>,
    smtp: SocketAddr,
) -> anyhow::Result<Vec<(Party, Simulator)>> {
    let make = |party, platform, provider, encrypted| {
        let simulator = Simulator::new(Settings {
            platform,
            base_url: urls.url(party).to_owned(),
            clients: clients(urls, secrets, provider, encrypted),
            now: now.clone(),
            rng: rng.clone(),
            smtp: Some(smtp),
            resolve: urls.resolve(),
        })?;
        anyhow::Ok((party, simulator))
    };
    Ok(vec![
        make(Party::FranceConnect, Platform::FranceConnect, "franceconnect", None)?,
        make(Party::ProConnect, Platform::ProConnect, "proconnect", None)?,
        make(Party::FranceConnectPlus, Platform::FranceConnectPlus, "franceconnect-plus", Some(Wrap::EcdhEs))?,
    ])
}

/// Their routes.
pub(super) fn routers(simulators: &[(Party, Simulator)]) -> Vec<(Party, Router)> {
    simulators.iter().map(|(party, simulator)| (*party, simulator.router())).collect()
}

fn clients(urls: &Urls, secrets: &Secrets, provider: &str, encrypted: Option<Wrap>) -> Vec<Client> {
    let hub = &urls.issuer;
    let client = |id: &str, name: &str, entity: &str| Client {
        client_id: id.into(),
        client_secret: secrets.franceconnect().into(),
        name: name.into(),
        entity_id: entity.into(),
        scopes: SCOPES.split(' ').map(str::to_owned).collect(),
        claims: vec!["amr".into()],
        redirect_uris: vec![format!("{hub}/connexion/retour/{provider}")],
        post_logout_redirect_uris: vec![format!("{hub}/deconnexion/retour/{provider}")],
        encrypted_response_alg: encrypted,
        jwks_uri: encrypted.map(|_| format!("{hub}/oauth/jwks")),
        ..Client::default()
    };
    vec![
        client("guichet", "Guichet", "guichet"),
        client("guichet-bis", "Guichet, autre site", "guichet"),
        client("voisin", "Service voisin", "voisin"),
    ]
}
