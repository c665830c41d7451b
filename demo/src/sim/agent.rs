//! ProConnect's identity providers, invented agents, scopes and levels (§2.3 to §2.5).

use guichet::base::Siret;
use serde_json::{Map, Value, json};

/// An identity provider of professionals.
#[derive(Debug, Clone, Copy)]
pub struct Employer {
    /// Its identifier.
    pub uid: &'static str,
    /// As people call it.
    pub name: &'static str,
    /// E-mail domains that lead to it; the one without any takes everybody else.
    pub domains: &'static [&'static str],
    /// The SIRET put in place of one that is missing or wrong.
    pub default_siret: Option<&'static str>,
}

/// All of them; the last one is the default.
pub const EMPLOYERS: [Employer; 3] = [
    Employer {
        uid: "ministere",
        name: "Ministère de démonstration",
        domains: &["ministere.example"],
        default_siret: Some("11009001600053"),
    },
    Employer { uid: "collectivite", name: "Collectivité de démonstration", domains: &["collectivite.example"], default_siret: None },
    Employer { uid: "pci", name: "Autre (via ProConnect Identité)", domains: &[], default_siret: None },
];

/// The provider of that identifier.
pub(super) fn employer(uid: &str) -> Option<&'static Employer> {
    EMPLOYERS.iter().find(|e| e.uid == uid)
}

/// The provider that an address leads to.
pub(super) fn route(email: &str) -> Option<&'static Employer> {
    let (_, domain) = email.rsplit_once('@')?;
    let domain = domain.to_lowercase();
    EMPLOYERS.iter().find(|e| e.domains.contains(&domain.as_str())).or(EMPLOYERS.last())
}

/// An invented agent.
#[derive(Debug, Clone, Copy)]
pub struct Agent {
    /// Short name, in addresses and tests.
    pub id: &'static str,
    /// What happens to them.
    pub about: &'static str,
    /// Where they sign in.
    pub employer: &'static str,
    /// What ties their keys together: the subject depends on it.
    pub account: &'static str,
    /// First names.
    pub given_name: &'static str,
    /// Name in use.
    pub usual_name: &'static str,
    /// Professional address.
    pub email: &'static str,
    /// SIRETs they may act for, as the provider writes them.
    pub sirets: &'static [&'static str],
    /// Whether their organisation is a public service.
    pub public: bool,
    /// The level the provider answers with.
    pub acr: &'static str,
    /// How they authenticated.
    pub amr: &'static [&'static str],
    /// ProConnect blocked their account (500024).
    pub blocked: bool,
}

const ALIX: Agent = Agent {
    id: "agent",
    about: "Agent public, un facteur.",
    employer: "ministere",
    account: "alix",
    given_name: "Alix",
    usual_name: "FERRAND",
    email: "alix.ferrand@ministere.example",
    sirets: &["11009001600053"],
    public: true,
    acr: "eidas1",
    amr: &["pwd"],
    blocked: false,
};

const LOCAL: Agent = Agent {
    id: "agent-mfa",
    about: "Agente territoriale, deux facteurs.",
    employer: "collectivite",
    account: "ines",
    given_name: "Inès",
    usual_name: "D’ARGENÇON",
    email: "ines.dargencon@collectivite.example",
    sirets: &["21750001600019"],
    acr: "eidas1-mfa",
    amr: &["pwd", "otp", "mfa"],
    ..ALIX
};

/// Everybody.
pub const AGENTS: [Agent; 12] = [
    ALIX,
    Agent {
        id: "agent-sans-siret",
        about: "Aucun SIRET transmis\u{a0}: celui du fournisseur d’identité, par défaut.",
        account: "sans-siret",
        given_name: "Noé",
        email: "noe.ferrand@ministere.example",
        sirets: &[],
        ..ALIX
    },
    Agent {
        id: "agent-siret-faux",
        about: "Un SIRET faux\u{a0}: celui du fournisseur d’identité, par défaut.",
        account: "siret-faux",
        given_name: "Maud",
        email: "maud.ferrand@ministere.example",
        sirets: &["11009001600054"],
        ..ALIX
    },
    Agent {
        id: "agent-bloque",
        about: "Compte bloqué par ProConnect.",
        account: "bloque",
        given_name: "Guy",
        email: "guy.ferrand@ministere.example",
        blocked: true,
        ..ALIX
    },
    Agent {
        id: "agent-autre-domaine",
        about: "Le fournisseur d’identité répond avec une adresse d’un autre domaine.",
        account: "autre-domaine",
        given_name: "Léa",
        email: "lea.ferrand@ailleurs.example",
        ..ALIX
    },
    Agent {
        id: "agent-niveau-inconnu",
        about: "Le fournisseur d’identité répond un niveau inconnu, lu comme eidas1.",
        account: "niveau-inconnu",
        given_name: "Ulysse",
        email: "ulysse.ferrand@ministere.example",
        acr: "urn:niveau:inconnu",
        ..ALIX
    },
    LOCAL,
    Agent {
        id: "agent-aucun-siret",
        about: "Aucun SIRET, et aucun par défaut.",
        account: "aucun-siret",
        given_name: "Ali",
        usual_name: "ROCHE",
        email: "ali.roche@collectivite.example",
        sirets: &[],
        ..LOCAL
    },
    Agent {
        id: "agent-migre",
        about: "Connu d’abord par ProConnect Identité, puis par sa collectivité\u{a0}: le même «\u{a0}sub\u{a0}».",
        account: "migre",
        given_name: "Eva",
        usual_name: "LEROY",
        email: "eva.leroy@collectivite.example",
        ..LOCAL
    },
    Agent {
        id: "pci-migre",
        about: "La même, avant que sa collectivité ne rejoigne ProConnect.",
        employer: "pci",
        account: "migre",
        given_name: "Eva",
        usual_name: "LEROY",
        email: "eva.leroy@collectivite.example",
        acr: "eidas0",
        amr: &["pwd"],
        ..LOCAL
    },
    Agent {
        id: "pci-deux-sirets",
        about: "Agit pour deux établissements publics\u{a0}; l’indication «\u{a0}siret_hint\u{a0}» choisit.",
        employer: "pci",
        account: "deux-sirets",
        given_name: "Paul",
        usual_name: "MERCIER",
        email: "paul.mercier@mairie.example",
        sirets: &["21750001600019", "13002526500013"],
        acr: "eidas1",
        ..ALIX
    },
    Agent {
        id: "pci-prive",
        about: "Salariée d’une entreprise\u{a0}: refusée par les services publics.",
        employer: "pci",
        account: "prive",
        given_name: "Jeanne",
        usual_name: "DURAND",
        email: "jeanne@boulangerie.example",
        sirets: &["73282932000074"],
        public: false,
        acr: "eidas1",
        ..ALIX
    },
];

/// The agent of that short name.
pub(super) fn find(id: &str) -> Option<&'static Agent> {
    AGENTS.iter().find(|a| a.id == id)
}

/// Scopes and their claims.
pub const SCOPES: [(&str, &str); 16] = [
    ("openid", "sub"),
    ("given_name", "given_name"),
    ("usual_name", "usual_name"),
    ("email", "email"),
    ("uid", "uid"),
    ("siret", "siret"),
    ("siren", "siren"),
    ("organizational_unit", "organizational_unit"),
    ("belonging_population", "belonging_population"),
    ("phone", "phone_number"),
    ("idp_id", "idp_id"),
    ("idp_acr", "idp_acr"),
    ("roles", "roles"),
    ("organization_label", "organization_label"),
    ("custom", "custom"),
    ("groups", "groups"),
];

/// Levels known (§2.4); any other answer of a provider reads as `eidas1`.
pub const LEVELS: [&str; 7] =
    ["eidas0", "eidas0-mfa", "eidas1", "eidas1-mfa", "eidas2", "eidas3", "https://proconnect.gouv.fr/assurance/certification-dirigeant"];

impl Agent {
    /// The level, once read by ProConnect.
    pub(super) fn level(&self) -> &'static str {
        LEVELS.into_iter().find(|level| *level == self.acr).unwrap_or("eidas1")
    }

    /// The SIRET delivered: the one hinted at if it is theirs, else their first; the provider's default when that one is wrong.
    pub(super) fn siret(&self, hint: Option<&str>) -> Option<&'static str> {
        let own = self.sirets.iter().find(|s| Some(**s) == hint).or(self.sirets.first()).copied();
        own.filter(|s| Siret::parse(s).is_ok()).or_else(|| employer(self.employer)?.default_siret)
    }

    /// Whether the address is of the provider's domains.
    pub(super) fn at_home(&self) -> bool {
        let domain = self.email.rsplit_once('@').map_or("", |(_, domain)| domain);
        employer(self.employer).is_some_and(|e| e.domains.is_empty() || e.domains.contains(&domain))
    }

    /// Claims for these scopes.
    pub(super) fn claims(&self, scopes: &[String], hint: Option<&str>) -> Map<String, Value> {
        let siret = self.siret(hint);
        let mut all = Map::new();
        let mut set = |name: &str, value: Value| drop(all.insert(name.into(), value));
        set("given_name", json!(self.given_name));
        set("usual_name", json!(self.usual_name));
        set("email", json!(self.email));
        set("uid", json!(self.account));
        set("belonging_population", json!("agent"));
        set("organizational_unit", json!("Service de démonstration"));
        set("phone_number", json!("+33123456789"));
        set("idp_id", json!(self.employer));
        set("idp_acr", json!(self.acr));
        set("custom", json!({}));
        if let Some(siret) = siret {
            set("siret", json!(siret));
            set("siren", json!(siret.get(..9).unwrap_or_default()));
            set("organization_label", json!(employer(self.employer).map_or("", |e| e.name)));
            set("roles", json!(if self.public { vec!["agent_public"] } else { vec![] }));
        }
        let named = scopes.iter().filter_map(|s| SCOPES.iter().find(|(scope, _)| scope == s)).map(|(_, claim)| *claim);
        named.filter_map(|claim| Some((claim.to_owned(), all.get(claim)?.clone()))).collect()
    }
}
