//! Invented people, each with what happens to them: what their identity provider says, what the civil registry answers
//! (§1.11, §1.16), what they asked of FranceConnect.

use super::identity::Identity;

/// What the civil registry answers.
#[derive(Debug, Clone, Copy)]
pub enum Civil {
    /// The same identity.
    Same,
    /// The identity as it is registered.
    Rectified(Identity),
    /// No identity, with this code.
    Refused(&'static str),
}

/// What the person asked of FranceConnect.
#[derive(Debug, Clone, Copy)]
pub enum Account {
    /// Nothing.
    Open,
    /// To be deactivated (180001).
    Deactivated,
    /// To refuse these identity providers (100011).
    Blocks(&'static [&'static str]),
}

/// An invented person.
#[derive(Debug, Clone, Copy)]
pub struct Persona {
    /// Short name, in addresses and tests.
    pub id: &'static str,
    /// As the page lists them.
    pub title: &'static str,
    /// What happens to them.
    pub about: &'static str,
    /// What the identity provider says.
    pub given: Identity,
    /// What the civil registry answers.
    pub civil: Civil,
    /// What they asked of FranceConnect.
    pub account: Account,
}

impl Persona {
    /// The registered identity, or the code of the refusal.
    pub(super) fn registered(&self) -> Result<Identity, &'static str> {
        match self.civil {
            Civil::Same => Ok(self.given),
            Civil::Rectified(identity) => Ok(identity),
            Civil::Refused(code) => Err(code),
        }
    }

    /// The subject at the identity provider: the person's, whatever their civil status becomes.
    pub(super) fn at_idp(&self) -> &'static str {
        self.given.email
    }
}

/// The person of that short name.
pub(super) fn find(id: &str) -> Option<&'static Persona> {
    PERSONAS.iter().find(|p| p.id == id)
}

const CAMILLE: Identity = Identity {
    given_name: "Camille Claire",
    family_name: "AUBRY",
    birthdate: "1984-05-17",
    gender: "female",
    birthplace: "75107",
    birthcountry: "99100",
    email: "camille.aubry@particulier.example",
    preferred_username: "",
};

const ACCENTS: Identity = Identity {
    given_name: "Zoé Noëlle Anaïs",
    family_name: "D’ÉTRÉ-LEFÈVRE",
    birthdate: "1990-12-25",
    birthplace: "29232",
    email: "zoe.detre@particulier.example",
    ..CAMILLE
};

const USAGE: Identity = Identity {
    given_name: "Françoise Marie",
    family_name: "LE GOFF",
    preferred_username: "DUPONT",
    birthdate: "1971-02-03",
    birthplace: "56260",
    email: "francoise.dupont@particulier.example",
    ..CAMILLE
};

const NO_FIRST_NAME: Identity = Identity {
    given_name: "-",
    family_name: "RAKOTOARIMANANA",
    birthdate: "1979-08-30",
    gender: "male",
    birthplace: "",
    birthcountry: "99333",
    email: "rakoto@particulier.example",
    ..CAMILLE
};

const ABROAD: Identity = Identity {
    given_name: "Karim",
    family_name: "BENALI",
    birthdate: "1988-11-09",
    gender: "male",
    birthplace: "Casablanca",
    birthcountry: "99350",
    email: "karim.benali@particulier.example",
    ..CAMILLE
};

const CORSICA_SOUTH: Identity = Identity {
    given_name: "Lisandru",
    family_name: "COLONNA",
    birthdate: "1995-07-01",
    gender: "male",
    birthplace: "2A004",
    email: "lisandru.colonna@particulier.example",
    ..CAMILLE
};

const CORSICA_NORTH: Identity = Identity {
    given_name: "Maria Ghjulia",
    family_name: "ALBERTINI",
    birthdate: "1966-04-22",
    birthplace: "2B033",
    email: "maria.albertini@particulier.example",
    ..CAMILLE
};

const PRESUMED_DAY: Identity = Identity {
    given_name: "Amadou",
    family_name: "DIALLO",
    birthdate: "1962-03-00",
    gender: "male",
    birthplace: "",
    birthcountry: "99341",
    email: "amadou.diallo@particulier.example",
    ..CAMILLE
};

const PRESUMED_MONTH: Identity = Identity {
    given_name: "Thi Mai",
    family_name: "NGUYEN",
    birthdate: "1958-00-00",
    birthplace: "",
    birthcountry: "99243",
    email: "mai.nguyen@particulier.example",
    ..CAMILLE
};

const RECTIFIED: Identity = Identity {
    given_name: "Jean Pierre",
    family_name: "MARTINEZ",
    birthdate: "1953-01-31",
    gender: "male",
    birthplace: "66136",
    email: "jean-pierre.martinez@particulier.example",
    ..CAMILLE
};

const CHANGED: Identity = Identity {
    given_name: "Dominique",
    family_name: "MARCHAND",
    birthdate: "1992-09-14",
    gender: "male",
    birthplace: "44109",
    email: "dominique.marchand@particulier.example",
    ..CAMILLE
};

const SHARED_MAIL: Identity = Identity {
    given_name: "Camille",
    family_name: "DURAND",
    birthdate: "1980-06-06",
    birthplace: "13055",
    email: "camille@boulangerie.example",
    ..CAMILLE
};

/// Nobody the registry knows.
const STRANGER: Identity = Identity {
    given_name: "Inconnue",
    family_name: "DUREGISTRE",
    birthdate: "1975-10-10",
    birthplace: "69123",
    email: "inconnue@particulier.example",
    ..CAMILLE
};

const fn signs_in(id: &'static str, title: &'static str, about: &'static str, given: Identity, civil: Civil) -> Persona {
    Persona { id, title, about, given, civil, account: Account::Open }
}

const fn refused(id: &'static str, title: &'static str, about: &'static str, code: &'static str) -> Persona {
    Persona { id, title, about, given: STRANGER, civil: Civil::Refused(code), account: Account::Open }
}

/// Everybody. Those who sign in come first.
pub const PERSONAS: [Persona; 34] = [
    signs_in("camille", "Camille Aubry", "Rien de particulier.", CAMILLE, Civil::Same),
    signs_in("accents", "Zoé d’Étré-Lefèvre", "Accents, apostrophe et trait d’union.", ACCENTS, Civil::Same),
    signs_in("nom-usage", "Françoise Dupont, née Le Goff", "Un nom d’usage.", USAGE, Civil::Same),
    signs_in(
        "sans-prenom",
        "Rakotoarimanana, sans prénom",
        "Aucun prénom à l’état civil.",
        NO_FIRST_NAME,
        Civil::Rectified(Identity { given_name: "", ..NO_FIRST_NAME }),
    ),
    signs_in("etranger-lieu", "Karim Benali", "Né à l’étranger, lieu donné par le fournisseur d’identité.", ABROAD, Civil::Same),
    signs_in(
        "etranger-sans-lieu",
        "Nadia Benali",
        "Née à l’étranger, aucun lieu.",
        Identity { given_name: "Nadia", gender: "female", birthplace: "", email: "nadia.benali@particulier.example", ..ABROAD },
        Civil::Same,
    ),
    signs_in("corse-2a", "Lisandru Colonna", "Né en Corse-du-Sud (2A).", CORSICA_SOUTH, Civil::Same),
    signs_in("corse-2b", "Maria Ghjulia Albertini", "Née en Haute-Corse (2B).", CORSICA_NORTH, Civil::Same),
    signs_in(
        "presume-jour",
        "Amadou Diallo",
        "Jour de naissance inconnu.",
        PRESUMED_DAY,
        Civil::Rectified(Identity { birthdate: "1962-03", ..PRESUMED_DAY }),
    ),
    signs_in(
        "presume-mois",
        "Thi Mai Nguyen",
        "Jour et mois de naissance inconnus.",
        PRESUMED_MONTH,
        Civil::Rectified(Identity { birthdate: "1958", ..PRESUMED_MONTH }),
    ),
    signs_in(
        "rectifie",
        "Jean-Pierre Martinez",
        "Identité rectifiée par l’état civil.",
        RECTIFIED,
        Civil::Rectified(Identity { given_name: "Jean-Pierre Marie", family_name: "MARTINEZ LOPEZ", ..RECTIFIED }),
    ),
    signs_in("etat-civil-avant", "Dominique Marchand, avant", "Avant un changement d’état civil.", CHANGED, Civil::Same),
    signs_in(
        "etat-civil-apres",
        "Dominique Marchand, après",
        "La même personne après un changement de prénom et de sexe\u{a0}: un nouveau «\u{a0}sub\u{a0}».",
        CHANGED,
        Civil::Rectified(Identity { given_name: "Dominique Ève", gender: "female", ..CHANGED }),
    ),
    signs_in(
        "genre-non-precise",
        "Sacha Rivière",
        "Sexe non précisé à l’état civil.",
        Identity { given_name: "Sacha", family_name: "RIVIÈRE", email: "sacha.riviere@particulier.example", ..CAMILLE },
        Civil::Rectified(Identity {
            given_name: "Sacha",
            family_name: "RIVIÈRE",
            gender: "unspecified",
            email: "sacha.riviere@particulier.example",
            ..CAMILLE
        }),
    ),
    signs_in(
        "mail-partage",
        "Camille Durand",
        "La même adresse e-mail qu’un compte professionnel de la démonstration.",
        SHARED_MAIL,
        Civil::Same,
    ),
    signs_in(
        "homonyme",
        "Camille Aubry, l’autre",
        "Mêmes noms et même date de naissance que Camille Aubry, née ailleurs.",
        Identity { birthplace: "59350", email: "autre.aubry@particulier.example", ..CAMILLE },
        Civil::Same,
    ),
    signs_in(
        "jumeau-mail",
        "Camille Aubry, autre adresse",
        "Camille Aubry chez un autre fournisseur d’identité, sous une autre adresse\u{a0}: le même «\u{a0}sub\u{a0}».",
        Identity { email: "c.aubry@messagerie.example", ..CAMILLE },
        Civil::Same,
    ),
    signs_in(
        "nom-long",
        "Un nom de cent caractères",
        "Noms et prénoms très longs.",
        Identity {
            given_name: "Marie-Antoinette Joséphine Élisabeth Bernadette Apollonie Philippine Clémentine Eugénie Victorine Rose",
            family_name: "DE LA ROCHEFOUCAULD-MONTBAZON DE SAINT-SAUVEUR-EN-PUISAYE ET DE BEAUREPAIRE-LES-FONTAINES-DU-VAL-D’OISE",
            email: "marie-antoinette@particulier.example",
            ..CAMILLE
        },
        Civil::Same,
    ),
    refused("rnipp-proche", "Personne trop peu ressemblante", "Une seule identité trouvée, pas assez proche.", "010004"),
    refused("rnipp-plusieurs", "Personne aux homonymes", "Plusieurs identités trouvées.", "010006"),
    refused("rnipp-nom-usage", "Personne connue par son nom d’usage", "Trouvée avec le nom d’usage seulement.", "010007"),
    refused("rnipp-inconnu", "Personne inconnue de l’état civil", "Aucune identité trouvée.", "010008"),
    Persona {
        given: NO_FIRST_NAME,
        ..refused(
            "sans-prenom-refuse",
            "Personne sans prénom, inconnue",
            "«\u{a0}Sans prénom\u{a0}»\u{a0}: aucune identité trouvée.",
            "010008",
        )
    },
    refused("rnipp-rejet", "Demande rejetée", "L’état civil rejette la demande.", "010009"),
    refused("rnipp-lent", "État civil muet", "L’état civil ne répond pas à temps.", "010011"),
    refused("rnipp-injoignable", "État civil injoignable", "L’état civil est injoignable.", "010012"),
    refused("rnipp-illisible", "Réponse illisible", "La réponse de l’état civil est inutilisable.", "010013"),
    refused("decede", "Personne décédée", "Décédée d’après l’état civil.", "010015"),
    Persona {
        account: Account::Blocks(&["impots", "ameli", "msa", "yris", "france-identite", "trustme", "aidants-connect"]),
        ..signs_in(
            "fi-bloque",
            "Basile Prudent",
            "A bloqué tous les fournisseurs d’identité, sauf celui de La Poste.",
            Identity {
                given_name: "Basile",
                family_name: "PRUDENT",
                gender: "male",
                email: "basile.prudent@particulier.example",
                ..CAMILLE
            },
            Civil::Same,
        )
    },
    Persona {
        account: Account::Deactivated,
        ..signs_in(
            "desactive",
            "Odile Retrait",
            "A fait désactiver son accès.",
            Identity { given_name: "Odile", family_name: "RETRAIT", email: "odile.retrait@particulier.example", ..CAMILLE },
            Civil::Same,
        )
    },
    signs_in(
        "sans-genre",
        "Personne sans sexe transmis",
        "Le fournisseur d’identité ne donne pas le sexe.",
        Identity { gender: "", ..CAMILLE },
        Civil::Same,
    ),
    signs_in(
        "sans-mail",
        "Personne sans e-mail",
        "Le fournisseur d’identité ne donne pas d’e-mail.",
        Identity { email: "", ..CAMILLE },
        Civil::Same,
    ),
    signs_in(
        "cog-invalide",
        "Personne au code de commune invalide",
        "Le fournisseur d’identité donne un code de commune faux.",
        Identity { birthplace: "7510", ..CAMILLE },
        Civil::Same,
    ),
    signs_in(
        "pays-invalide",
        "Personne au code de pays invalide",
        "Le fournisseur d’identité donne un code de pays faux.",
        Identity { birthcountry: "FR", ..CAMILLE },
        Civil::Same,
    ),
];
