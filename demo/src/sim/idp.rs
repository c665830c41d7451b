//! Identity providers of the simulation: names as words, nothing of their look.

use super::Platform;

/// An identity provider.
#[derive(Debug, Clone, Copy)]
pub struct Idp {
    /// Its identifier (`idp_id`).
    pub uid: &'static str,
    /// As people call it.
    pub name: &'static str,
    /// Levels it may answer with, the lowest first.
    pub levels: &'static [&'static str],
    /// How people authenticate there (§1.6).
    pub amr: &'static [&'static str],
    /// Whether it has a sign-out address.
    pub signs_out: bool,
}

/// The one shown apart, under the others, on FranceConnect only.
pub(super) const AIDANTS_CONNECT: &str = "aidants-connect";

/// All of them.
pub const IDPS: [Idp; 8] = [
    Idp { uid: "impots", name: "impots.gouv.fr", levels: &["eidas1"], amr: &["fc", "pwd"], signs_out: true },
    Idp { uid: "ameli", name: "ameli.fr", levels: &["eidas1"], amr: &["fc", "pwd", "mail"], signs_out: true },
    Idp { uid: "msa", name: "MSA", levels: &["eidas1"], amr: &["fc", "pwd"], signs_out: false },
    Idp {
        uid: "laposte",
        name: "L’Identité Numérique La Poste",
        levels: &["eidas1", "eidas2"],
        amr: &["fc", "pwd", "mail", "mfa"],
        signs_out: true,
    },
    Idp { uid: "yris", name: "YRIS", levels: &["eidas1", "eidas2"], amr: &["fc", "pwd", "mail", "mfa"], signs_out: true },
    Idp {
        uid: "france-identite",
        name: "France Identité",
        levels: &["eidas1", "eidas2", "eidas3"],
        amr: &["fc", "pop", "mfa", "pin"],
        signs_out: true,
    },
    Idp { uid: "trustme", name: "TrustMe", levels: &["eidas1", "eidas2"], amr: &["fc", "pop", "mfa", "pin"], signs_out: true },
    Idp { uid: AIDANTS_CONNECT, name: "Aidants Connect", levels: &["eidas1"], amr: &["fc", "pwd", "mail"], signs_out: true },
];

/// The provider of that identifier.
pub(super) fn find(uid: &str) -> Option<&'static Idp> {
    IDPS.iter().find(|idp| idp.uid == uid)
}

impl Idp {
    /// The level it answers with when nothing is wrong: what is asked, or its least above.
    pub(super) fn level_for(&self, asked: &str) -> Option<&'static str> {
        self.levels.iter().find(|level| **level >= asked).copied()
    }

    /// Whether a platform has it.
    pub(super) fn serves(&self, platform: Platform) -> bool {
        self.levels.iter().any(|level| platform.levels().contains(level))
    }
}

/// Perimeters of Aidants Connect mandates, as FranceConnect names them (§1.15).
pub(super) const PERIMETERS: [&str; 10] = [
    "Papier-Citoyenneté-Elections",
    "Famille-Scolarité",
    "Social-Santé",
    "Travail-Formation",
    "Logement",
    "Transports-Mobilité",
    "Argent-Impots-Consommation",
    "Justice",
    "Etranger-Europe",
    "Loisirs-Sport-Culture",
];

/// The same, as Aidants Connect itself names a few of them.
pub(super) const OWN_KEYS: [&str; 3] = ["papiers", "famille", "logement"];
