//! The words a client speaks: OpenID Connect's own, those of FranceConnect (french-domain §1.4 to §1.6) or those of ProConnect
//! (§2.3, §2.4). A service written for one of these works here with another issuer and other credentials.

use serde::{Deserialize, Serialize};

/// Which names scopes, claims and levels have for a client, and which form its userinfo takes by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vocabulary {
    /// OpenID Connect Core §5, with the scopes of both federations beside.
    #[default]
    Standard,
    /// FranceConnect's: the identity of individuals, `eidas1` to `eidas3`, signed userinfo.
    Franceconnect,
    /// ProConnect's: professionals and their establishment, `eidas0` to `eidas1-mfa`, signed userinfo.
    Proconnect,
}

/// A scope, and the claims it gives.
type Row = (&'static str, &'static [&'static str]);

/// Scopes of the protocol, in every vocabulary: they give no claim about the person by name.
const PROTOCOL: &[&str] = &["openid", "offline_access", "account"];

const PIVOT: &[&str] = &["given_name", "given_name_array", "family_name", "birthdate", "gender", "birthplace", "birthcountry"];

const STANDARD: &[Row] = &[
    ("profile", &["name", "given_name", "family_name", "locale", "updated_at"]),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("identite_pivot", PIVOT),
    ("birth", &["birthplace", "birthcountry"]),
    ("given_name", &["given_name", "given_name_array"]),
    ("family_name", &["family_name"]),
    ("preferred_username", &["preferred_username"]),
    ("birthdate", &["birthdate"]),
    ("gender", &["gender"]),
    ("birthplace", &["birthplace"]),
    ("birthcountry", &["birthcountry"]),
    ("uid", &["uid"]),
    ("usual_name", &["usual_name"]),
    ("siret", &["siret"]),
    ("siren", &["siren"]),
    ("organization_label", &["organization_label"]),
    ("establishment", &["establishment"]),
    ("habilitations", &["habilitations"]),
];

const FRANCECONNECT: &[Row] = &[
    ("profile", &["given_name", "given_name_array", "family_name", "birthdate", "gender", "preferred_username"]),
    ("birth", &["birthplace", "birthcountry"]),
    ("identite_pivot", PIVOT),
    ("given_name", &["given_name", "given_name_array"]),
    ("family_name", &["family_name"]),
    ("gender", &["gender"]),
    ("birthdate", &["birthdate"]),
    ("birthplace", &["birthplace"]),
    ("birthcountry", &["birthcountry"]),
    ("email", &["email"]),
    ("preferred_username", &["preferred_username"]),
    ("amr", &["amr"]),
    // Not kept here.
    ("idp_birthdate", &[]),
    ("idp_id", &[]),
];

const PROCONNECT: &[Row] = &[
    ("given_name", &["given_name"]),
    ("usual_name", &["usual_name"]),
    ("email", &["email"]),
    ("uid", &["uid"]),
    ("siret", &["siret"]),
    ("siren", &["siren"]),
    ("organization_label", &["organization_label"]),
    ("phone", &["phone_number"]),
    ("idp_acr", &["idp_acr"]),
    ("amr", &["amr"]),
    ("custom", &["custom"]),
    // Not kept here.
    ("organizational_unit", &[]),
    ("belonging_population", &[]),
    ("chorusdt", &[]),
    ("groups", &[]),
    ("roles", &[]),
    ("idp_id", &[]),
    ("is_service_public", &[]),
    ("is_public_service", &[]),
];

impl Vocabulary {
    /// Every vocabulary.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Franceconnect, Self::Proconnect];

    const fn rows(self) -> &'static [Row] {
        match self {
            Self::Standard => STANDARD,
            Self::Franceconnect => FRANCECONNECT,
            Self::Proconnect => PROCONNECT,
        }
    }

    /// Whether it is OpenID Connect's own.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub fn is_standard(&self) -> bool {
        *self == Self::Standard
    }

    /// Whether userinfo is signed, and `amr` told, as the federations do: the one always, the other only when asked.
    pub const fn is_federal(self) -> bool {
        match self {
            Self::Standard => false,
            Self::Franceconnect | Self::Proconnect => true,
        }
    }

    /// The claims that a scope gives; none for a scope that is not about people.
    pub fn claims_of(self, scope: &str) -> &'static [&'static str] {
        self.rows().iter().find(|(name, _)| *name == scope).map_or(&[], |(_, claims)| claims)
    }

    /// Whether a scope is one of this vocabulary, held here or not.
    pub fn knows(self, scope: &str) -> bool {
        PROTOCOL.contains(&scope) || self.rows().iter().any(|(name, _)| *name == scope)
    }

    /// Whether one of these scopes gives a claim.
    pub fn gives(self, mut scopes: impl Iterator<Item = impl AsRef<str>>, claim: &str) -> bool {
        scopes.any(|scope| self.claims_of(scope.as_ref()).contains(&claim))
    }
}

/// Whether a scope is about people, in any vocabulary.
pub fn is_of_people(scope: &str) -> bool {
    Vocabulary::ALL.into_iter().any(|v| v.knows(scope))
}

/// Every scope that gives something to some client, as published.
pub fn scopes() -> Vec<&'static str> {
    let held = Vocabulary::ALL.into_iter().flat_map(|v| v.rows()).filter(|(_, claims)| !claims.is_empty()).map(|(name, _)| *name);
    let mut all: Vec<&str> = PROTOCOL.to_vec();
    for name in held {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::claims::CLAIMS;

    #[test]
    fn every_claim_of_a_scope_is_published_and_every_scope_stands_once() {
        for vocabulary in Vocabulary::ALL {
            let mut seen = Vec::new();
            for (scope, claims) in vocabulary.rows() {
                assert!(!seen.contains(scope), "{scope} twice");
                seen.push(scope);
                assert!(claims.iter().all(|c| CLAIMS.contains(c)), "{scope}");
            }
        }
        assert!(!scopes().contains(&"roles") && scopes().contains(&"identite_pivot") && scopes().contains(&"siret"));
        assert!(is_of_people("roles") && is_of_people("openid") && !is_of_people("people:read"));
    }
}
