//! Scopes and the claims they give (§1.4).

use serde_json::{Map, Value};

use super::{Client, Platform};

/// Claims of each scope of FranceConnect.
pub const SCOPES: [(&str, &[&str]); 14] = [
    ("openid", &["sub"]),
    ("profile", &["given_name", "given_name_array", "family_name", "birthdate", "gender", "preferred_username"]),
    ("birth", &["birthplace", "birthcountry"]),
    ("identite_pivot", &["given_name", "given_name_array", "family_name", "birthdate", "gender", "birthplace", "birthcountry"]),
    ("given_name", &["given_name", "given_name_array"]),
    ("family_name", &["family_name"]),
    ("gender", &["gender"]),
    ("birthdate", &["birthdate"]),
    ("birthplace", &["birthplace"]),
    ("birthcountry", &["birthcountry"]),
    ("email", &["email"]),
    ("preferred_username", &["preferred_username"]),
    ("idp_birthdate", &["idp_birthdate"]),
    ("idp_id", &["idp_id"]),
];

/// What FranceConnect+ adds: the civil registry's values, beside those of the identity provider.
const CIVIL: [(&str, &[&str]); 7] = [
    (
        "rnipp_identite_pivot",
        &[
            "rnipp_given_name",
            "rnipp_given_name_array",
            "rnipp_family_name",
            "rnipp_birthdate",
            "rnipp_gender",
            "rnipp_birthplace",
            "rnipp_birthcountry",
        ],
    ),
    ("rnipp_given_name", &["rnipp_given_name", "rnipp_given_name_array"]),
    ("rnipp_family_name", &["rnipp_family_name"]),
    ("rnipp_gender", &["rnipp_gender"]),
    ("rnipp_birthdate", &["rnipp_birthdate"]),
    ("rnipp_birthplace", &["rnipp_birthplace"]),
    ("rnipp_birthcountry", &["rnipp_birthcountry"]),
];

/// Words for each claim, on the page before return.
const WORDS: [(&str, &str); 14] = [
    ("given_name", "Prénoms"),
    ("family_name", "Nom de naissance"),
    ("preferred_username", "Nom d’usage"),
    ("gender", "Sexe"),
    ("birthdate", "Date de naissance"),
    ("birthplace", "Lieu de naissance"),
    ("birthcountry", "Pays de naissance"),
    ("email", "Adresse e-mail"),
    ("idp_birthdate", "Date de naissance donnée par le fournisseur d’identité"),
    ("idp_id", "Fournisseur d’identité utilisé"),
    ("rnipp_given_name", "Prénoms à l’état civil"),
    ("rnipp_family_name", "Nom à l’état civil"),
    ("rnipp_birthdate", "Date de naissance à l’état civil"),
    ("rnipp_gender", "Sexe à l’état civil"),
];

fn claims_of(platform: Platform, scope: &str) -> Option<&'static [&'static str]> {
    let low = SCOPES.iter().find(|(name, _)| *name == scope);
    let found = low.or_else(|| match platform {
        Platform::FranceConnectPlus => CIVIL.iter().find(|(name, _)| *name == scope),
        Platform::FranceConnect | Platform::ProConnect => None,
    });
    found.map(|(_, claims)| *claims).or_else(|| (scope == "amr").then_some(&[]))
}

/// Every scope this platform knows.
pub(super) fn all(platform: Platform) -> Vec<&'static str> {
    if platform == Platform::ProConnect {
        return super::agent::SCOPES.iter().map(|(name, _)| *name).chain(["amr"]).collect();
    }
    let civil: &[_] = if platform == Platform::FranceConnectPlus { &CIVIL } else { &[] };
    SCOPES.iter().chain(civil).map(|(name, _)| *name).chain(["amr"]).collect()
}

/// Scopes that are granted: unknown ones are ignored.
///
/// # Errors
/// The scope that this client may not ask for.
pub(super) fn grant(platform: Platform, client: &Client, asked: &[String]) -> Result<Vec<String>, String> {
    let mut granted: Vec<String> = Vec::new();
    for scope in asked.iter().filter(|s| claims_of(platform, s).is_some()) {
        if scope != "openid" && !client.scopes.contains(scope) {
            return Err(scope.clone());
        }
        if !granted.contains(scope) {
            granted.push(scope.clone());
        }
    }
    Ok(granted)
}

/// The part of what is known about a person that these scopes give.
pub(super) fn claims(platform: Platform, scopes: &[String], known: &Map<String, Value>) -> Map<String, Value> {
    let names = scopes.iter().filter_map(|s| claims_of(platform, s)).flatten();
    names.filter_map(|name| Some(((*name).to_owned(), known.get(*name)?.clone()))).collect()
}

/// What will be given, in words.
pub(super) fn words(platform: Platform, scopes: &[String]) -> Vec<&'static str> {
    let names: Vec<&str> = scopes.iter().filter_map(|s| claims_of(platform, s)).flatten().copied().collect();
    WORDS.iter().filter(|(name, _)| names.contains(name)).map(|(_, word)| *word).collect()
}
