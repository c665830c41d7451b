//! Who takes part: addresses, seeded people, secrets, and the two services' settings.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use axum::Router;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet::base::rng::{self, Rng};
use openidconnect::AuthType;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::Serialize;
use tokio::net::TcpListener;

use super::hub::Declaration;
use crate::clock::Now;
use crate::rp::{self, RpConfig};

/// What `guichet apply` reads.
const SEED: &str = include_str!("../../seed.toml");
const UPSTREAM: &str = include_str!("../../upstream.toml");

/// The parties, each with a host name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Party {
    /// The hub itself.
    Hub,
    /// « Dépôt des aides ».
    Dossier,
    /// « Mandats ».
    Mandat,
    /// The mail catcher.
    Mail,
    /// The control page.
    Control,
    /// The cards one can press.
    Card,
    /// The phone that receives SMS.
    Phone,
    /// FranceConnect, simulated.
    FranceConnect,
    /// FranceConnect+, simulated.
    FranceConnectPlus,
    /// ProConnect, simulated.
    ProConnect,
}

impl Party {
    /// In the order of their ports.
    pub const ALL: [Self; 10] = [
        Self::Hub,
        Self::Dossier,
        Self::Mandat,
        Self::Mail,
        Self::Control,
        Self::Card,
        Self::Phone,
        Self::FranceConnect,
        Self::FranceConnectPlus,
        Self::ProConnect,
    ];

    /// The host name when all share one port.
    pub fn host(self) -> &'static str {
        match self {
            Self::Hub => "sso.localhost",
            Self::Dossier => "dossier.localhost",
            Self::Mandat => "mandat.localhost",
            Self::Mail => "mail.localhost",
            Self::Control => "control.localhost",
            Self::Card => "carte.localhost",
            Self::Phone => "telephone.localhost",
            Self::FranceConnect => "franceconnect.localhost",
            Self::FranceConnectPlus => "franceconnect-plus.localhost",
            Self::ProConnect => "proconnect.localhost",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Hub => "Portail",
            Self::Dossier => "Service «\u{a0}Dépôt des aides\u{a0}»",
            Self::Mandat => "Service «\u{a0}Mandats\u{a0}»",
            Self::Mail => "Boîte aux lettres",
            Self::Control => "Horloge",
            Self::Card => "Cartes physiques",
            Self::Phone => "Téléphone (SMS)",
            Self::FranceConnect => "FranceConnect (simulateur)",
            Self::FranceConnectPlus => "FranceConnect+ (simulateur)",
            Self::ProConnect => "ProConnect (simulateur)",
        }
    }
}

/// A seeded person.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Person {
    /// Login e-mail.
    pub email: &'static str,
    /// Their password, when they have one; the others get a code by mail.
    pub password: Option<&'static str>,
    /// Where the SMS of their first sign-in goes, for a designated manager.
    pub mobile: Option<&'static str>,
}

/// The people of `seed.toml`.
pub const PEOPLE: [Person; 7] = [
    Person { email: "camille@boulangerie.example", password: None, mobile: None },
    Person { email: "dominique@boulangerie.example", password: Some("Demonstration-2026!"), mobile: None },
    Person { email: "claude@boulangerie.example", password: None, mobile: None },
    Person { email: "alix@boulangerie.example", password: None, mobile: None },
    Person { email: "nora@boulangerie.example", password: None, mobile: None },
    Person { email: "gael@boulangerie.example", password: None, mobile: None },
    Person { email: "sabine@mairie.example", password: None, mobile: Some("06 12 34 56 78") },
];

/// Where each party is, without a final slash.
#[derive(Debug, Clone, Serialize)]
pub struct Urls {
    /// The hub, and its issuer identifier.
    pub issuer: String,
    /// « Dépôt des aides ».
    pub dossier: String,
    /// « Mandats ».
    pub mandat: String,
    /// The mail catcher.
    pub mail: String,
    /// The control page.
    pub control: String,
    /// The cards one can press.
    pub card: String,
    /// The phone that receives SMS.
    pub phone: String,
    /// FranceConnect, simulated.
    pub franceconnect: String,
    /// FranceConnect+, simulated.
    pub franceconnect_plus: String,
    /// ProConnect, simulated.
    pub proconnect: String,
    /// Port of the hub.
    #[serde(skip)]
    hub_port: u16,
}

impl Urls {
    /// From the bound listeners; `ports` tells whether each party has its own.
    pub(super) fn of(listeners: &[TcpListener], ports: bool) -> anyhow::Result<Self> {
        let url = |at: usize, party: Party| -> anyhow::Result<(String, u16)> {
            let (index, host) = if ports { (at, "localhost") } else { (0, party.host()) };
            let port = listeners.get(index).context("no listener")?.local_addr()?.port();
            Ok((format!("http://{host}:{port}"), port))
        };
        let mut found = Vec::new();
        for (at, party) in Party::ALL.into_iter().enumerate() {
            found.push(url(at, party)?);
        }
        let parties = <[_; Party::ALL.len()]>::try_from(found).map_err(|_| anyhow::anyhow!("a party without address"))?;
        let hub_port = parties.first().map_or(0, |(_, port)| *port);
        let [issuer, dossier, mandat, mail, control, card, phone, franceconnect, franceconnect_plus, proconnect] =
            parties.map(|(url, _)| url);
        Ok(Self { issuer, hub_port, dossier, mandat, mail, control, card, phone, franceconnect, franceconnect_plus, proconnect })
    }

    /// The address of `party`.
    pub fn url(&self, party: Party) -> &str {
        match party {
            Party::Hub => &self.issuer,
            Party::Dossier => &self.dossier,
            Party::Mandat => &self.mandat,
            Party::Mail => &self.mail,
            Party::Control => &self.control,
            Party::Card => &self.card,
            Party::Phone => &self.phone,
            Party::FranceConnect => &self.franceconnect,
            Party::FranceConnectPlus => &self.franceconnect_plus,
            Party::ProConnect => &self.proconnect,
        }
    }

    /// The hub's host name, which DNS may not know, and where it is.
    pub(super) fn resolve(&self) -> Vec<(String, SocketAddr)> {
        let hub = SocketAddr::from(([127, 0, 0, 1], self.hub_port));
        vec![(Party::Hub.host().to_owned(), hub), ("localhost".to_owned(), hub)]
    }

    /// Every party's name and address, in the order people meet them.
    pub fn listed(&self) -> [(&'static str, &str); Party::ALL.len()] {
        Party::ALL.map(|party| (party.label(), self.url(party)))
    }
}

/// Client secrets of this run.
pub(super) struct Secrets {
    dossier: String,
    mandat: String,
    phone: String,
    franceconnect: String,
}

impl Secrets {
    pub fn make(rng: &dyn Rng) -> Self {
        let secret = || URL_SAFE_NO_PAD.encode(rng::bytes::<32>(rng));
        Self { dossier: secret(), mandat: secret(), phone: secret(), franceconnect: secret() }
    }

    /// What the hub shows to FranceConnect.
    pub fn franceconnect(&self) -> &str {
        &self.franceconnect
    }

    /// What the hub shows to the phone's gateway.
    pub fn phone(&self) -> &str {
        &self.phone
    }
}

/// The demonstration's own declaration, then those of `files`.
pub(super) fn declarations(urls: &Urls, secrets: &Secrets, files: &[PathBuf]) -> anyhow::Result<Vec<Declaration>> {
    let seed = SEED
        .replace("{dossier}", &urls.dossier)
        .replace("{mandat}", &urls.mandat)
        .replace("{dossier_secret}", &secrets.dossier)
        .replace("{mandat_secret}", &secrets.mandat);
    let upstream = UPSTREAM
        .replace("{franceconnect}", &urls.franceconnect)
        .replace("{franceconnect_plus}", &urls.franceconnect_plus)
        .replace("{proconnect}", &urls.proconnect)
        .replace("{franceconnect_secret}", &secrets.franceconnect);
    let mut all =
        vec![Declaration { name: "demo/seed.toml".into(), text: seed }, Declaration { name: "demo/upstream.toml".into(), text: upstream }];
    for file in files {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).with_context(|| name.clone())?;
        all.push(Declaration { name, text });
    }
    Ok(all)
}

/// The two services.
pub(super) fn routers(urls: &Urls, secrets: &Secrets, now: &Now) -> anyhow::Result<Vec<(Party, Router)>> {
    let resolve = urls.resolve();
    let scopes = |names: &str| names.split(' ').map(str::to_owned).collect();
    let dossier = RpConfig {
        key: "dossier",
        name: "Dépôt des aides",
        purpose: "Déposez et suivez vos demandes d’aide, ou celles de votre établissement.",
        base_url: urls.dossier.clone(),
        issuer: urls.issuer.clone(),
        client_id: "dossier".into(),
        client_secret: secrets.dossier.clone(),
        auth: AuthType::BasicAuth,
        alg: CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        scopes: scopes("profile email phone offline_access account establishment habilitations"),
        desk: true,
        resolve: resolve.clone(),
        now: now.clone(),
    };
    let mandat = RpConfig {
        key: "mandat",
        name: "Mandats",
        purpose: "Accompagnez une personne dans ses démarches, avec son accord écrit.",
        base_url: urls.mandat.clone(),
        issuer: urls.issuer.clone(),
        client_id: "mandat".into(),
        client_secret: secrets.mandat.clone(),
        auth: AuthType::RequestBody,
        alg: CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        scopes: scopes("profile email offline_access"),
        desk: false,
        resolve,
        now: now.clone(),
    };
    Ok(vec![(Party::Dossier, rp::router(dossier)?), (Party::Mandat, rp::router(mandat)?)])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_placeholder_of_the_seed_is_filled_in() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let urls = Urls::of(&[listener], false).unwrap();
        let secrets = Secrets::make(&rng::SeededRng::new(1));
        let [seed, upstream] =
            declarations(&urls, &secrets, &[]).unwrap().try_into().map(|d: [Declaration; 2]| d.map(|d| d.text)).unwrap_or_default();
        assert_eq!(upstream.lines().find(|line| line.contains('{') && !line.starts_with('#')), None);
        assert!(upstream.contains(&format!("\"{}/api/v2\"", urls.franceconnect)) && upstream.contains(&secrets.franceconnect));
        let lines = seed.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.clone().find(|line| line.contains('{')), None);
        for expected in [&format!("\"{}/callback\"", urls.mandat), &secrets.dossier, &secrets.mandat] {
            assert!(seed.contains(expected), "{expected}");
        }
        for person in PEOPLE {
            assert!(seed.contains(&format!("login_email = \"{}\"", person.email)));
            assert!(person.password.is_none_or(|p| seed.contains(&format!("password = \"{p}\""))));
            assert!(person.mobile.is_none_or(|m| seed.contains(&format!("mobile = \"{m}\""))));
        }
    }
}
