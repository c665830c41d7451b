//! Claims about people: which scope or request gives which (OpenID Connect Core §5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::client::{Client, SubjectType};
use super::liveness::Alive;
use super::vocabulary::Vocabulary;
use crate::account::{Account, AccountKind};
use crate::base::{Aal, Email, Timestamp};
use crate::crypto::MacKey;
use crate::org::{Establishment, Membership, Standing};

/// Claims of the establishment a person acts for.
const OF_ESTABLISHMENT: &[&str] = &["siret", "siren", "organization_label", "establishment", "habilitations"];

/// Every claim we may publish.
pub const CLAIMS: &[&str] = &[
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "sid",
    "name",
    "given_name",
    "given_name_array",
    "family_name",
    "preferred_username",
    "birthdate",
    "gender",
    "birthplace",
    "birthcountry",
    "locale",
    "updated_at",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "account_type",
    "ial",
    "aal",
    "oal",
    "establishment",
    "habilitations",
    "uid",
    "usual_name",
    "siret",
    "siren",
    "organization_label",
    "idp_acr",
    "custom",
];

/// Longest `claims` parameter read, in bytes.
pub const MAX_REQUEST: usize = 2_000;

/// One claim asked for in the `claims` parameter (§5.5.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Wanted {
    /// The client says it cannot do without.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The one value wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The values accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Value>>,
}

/// The `claims` parameter (§5.5). Unknown members are ignored, unknown claims dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ClaimsRequest {
    /// Wanted in the id_token.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, Option<Wanted>>,
    /// Wanted from userinfo.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, Option<Wanted>>,
}

impl ClaimsRequest {
    /// Reads the parameter; `None` when it is not a JSON object of the right shape.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_REQUEST {
            return None;
        }
        // Through a map: serde would read an array as the fields in order.
        let object: Map<String, Value> = serde_json::from_str(text).ok()?;
        let mut request: Self = serde_json::from_value(object.into()).ok()?;
        let known = |name: &String, _: &mut Option<Wanted>| CLAIMS.contains(&name.as_str());
        request.id_token.retain(known);
        request.userinfo.retain(known);
        Some(request)
    }

    /// Values of `acr` without which the client wants no answer (§5.5.1.1). `None` when any will do.
    pub fn essential_acr(&self) -> Option<Vec<&str>> {
        let wanted = self.id_token.get("acr")?.as_ref().filter(|w| w.essential)?;
        let values: Vec<&Value> = wanted.value.iter().chain(wanted.values.iter().flatten()).collect();
        (!values.is_empty()).then(|| values.into_iter().filter_map(Value::as_str).collect())
    }

    /// Values of `acr` the client would like, and can do without: the same request as `acr_values` (§3.1.2.1). `None` when it
    /// names none.
    pub fn voluntary_acr(&self) -> Option<Vec<String>> {
        let wanted = self.id_token.get("acr")?.as_ref().filter(|w| !w.essential)?;
        let values = wanted.value.iter().chain(wanted.values.iter().flatten()).filter_map(Value::as_str);
        let values: Vec<String> = values.map(str::to_owned).collect();
        (!values.is_empty()).then_some(values)
    }

    /// The `sub` the client insists on.
    pub fn required_sub(&self) -> Option<&str> {
        self.id_token.get("sub")?.as_ref()?.value.as_ref()?.as_str()
    }
}

/// The `sub` of an account for a client: opaque, stable, a keyed hash (§8.1).
pub fn subject(key: &MacKey, client: &Client, account: &Account) -> String {
    match client.metadata.subject_type {
        SubjectType::Pairwise => key.tag(&["pairwise", &client.sector(), account.id.as_str()]),
        SubjectType::Public => key.tag(&["public", account.id.as_str()]),
    }
}

/// The `sid` of a session for a client: a keyed hash, as `sub` is, so that clients of two sectors cannot tell by it that they
/// serve the same person. Clients with public subjects have one for their sector too.
pub fn sid(key: &MacKey, client: &Client, session: &str) -> String {
    key.tag(&["sid", &client.sector(), session])
}

/// What claims are made from.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The person.
    pub account: &'a Account,
    /// Their `sub` for the client.
    pub sub: &'a str,
    /// What they are and hold in the establishment they act for.
    pub place: Option<&'a Standing>,
    /// Now.
    pub now: Timestamp,
    /// As told to the client.
    pub acr: Option<&'a str>,
    /// As told to the client, space-separated.
    pub amr: &'a str,
}

/// Whether a client is told, for this request, of the establishment a person acts for.
pub fn concerns_establishment(client: &Client, scope: &str, request: Option<&ClaimsRequest>) -> bool {
    let names = [for_userinfo(client, scope, request), for_id_token(client, request)];
    names.iter().flatten().any(|name| OF_ESTABLISHMENT.contains(name))
}

fn text(t: &str) -> Option<Value> {
    (!t.trim().is_empty()).then(|| Value::from(t))
}

fn list(t: &str) -> Value {
    t.split_ascii_whitespace().collect::<Vec<_>>().into()
}

fn value(vocabulary: Vocabulary, facts: &Facts<'_>, claim: &str) -> Option<Value> {
    match vocabulary {
        Vocabulary::Standard => standard(facts, claim),
        Vocabulary::Franceconnect => franceconnect(facts, claim),
        Vocabulary::Proconnect => proconnect(facts, claim),
    }
}

fn standard(facts: &Facts<'_>, claim: &str) -> Option<Value> {
    let account = facts.account;
    match claim {
        "name" => text(&account.full_name()),
        "given_name" => text(&account.given_name),
        "family_name" => text(&account.family_name),
        "locale" => text(account.locale.as_str()),
        "updated_at" => Some(account.updated_at.secs().into()),
        "email" => account.login_email.as_ref().map_or_else(|| proved_email(account, false), |e| Some(e.as_str().into())),
        "email_verified" => match &account.login_email {
            Some(_) => Some(account.login_email_verified.into()),
            // Individuals have none: what is told is proved.
            None => proved_email(account, false).map(|_| true.into()),
        },
        "phone_number" => account.phone.as_deref().and_then(text),
        // Numbers are typed by people; none is proved yet.
        "phone_number_verified" => account.phone.as_deref().and_then(text).map(|_| false.into()),
        "given_name_array" | "birthdate" | "gender" | "birthplace" | "birthcountry" | "preferred_username" => pivot(account, claim),
        "uid" | "usual_name" | "siret" | "siren" | "organization_label" => proconnect(facts, claim),
        "establishment" => facts.place.map(establishment_claim),
        "habilitations" => facts.place.map(|place| habilitations_claim(place, facts.now)),
        _ => None,
    }
}

/// Only what FranceConnect vouched for, in its formats: a service written for it trusts these as such.
fn franceconnect(facts: &Facts<'_>, claim: &str) -> Option<Value> {
    match claim {
        "email" => proved_email(facts.account, false),
        "amr" => Some(list(facts.amr)),
        _ => pivot(facts.account, claim),
    }
}

/// One fact that FranceConnect vouched for, and that was kept. Of individuals: the services of agents are told names only.
fn pivot(account: &Account, claim: &str) -> Option<Value> {
    let civil = account.civil.as_ref().filter(|_| account.kind == AccountKind::Individual)?;
    let told = |fact: &Option<String>| fact.as_deref().map(Value::from);
    match claim {
        "given_name" => text(&civil.given_name),
        "given_name_array" => (!civil.given_names.is_empty()).then(|| civil.given_names.clone().into()),
        "family_name" => text(&civil.family_name),
        "preferred_username" => told(&civil.preferred_username),
        "birthdate" => told(&civil.birthdate),
        "gender" => told(&civil.gender),
        // Empty for people born abroad.
        "birthplace" => told(&civil.birthplace).or_else(|| civil.birthcountry.as_deref().filter(|c| *c != FRANCE).map(|_| "".into())),
        "birthcountry" => told(&civil.birthcountry),
        _ => None,
    }
}

/// What a professional is to the services of agents. No claim says whether an address was proved: only proved ones are told.
fn proconnect(facts: &Facts<'_>, claim: &str) -> Option<Value> {
    let account = facts.account;
    match claim {
        "given_name" => text(&account.given_name),
        "usual_name" => text(&account.family_name),
        "email" => proved_email(account, true),
        "uid" => text(facts.sub),
        "phone_number" => account.phone.as_deref().and_then(text),
        "siret" => establishment(facts).map(|e| e.siret.as_str().into()),
        "siren" => establishment(facts).map(|e| e.siret.siren().into()),
        "organization_label" => establishment(facts).and_then(|e| text(&e.name)),
        "idp_acr" => facts.acr.map(Value::from),
        "amr" => Some(list(facts.amr)),
        // What a provider says beside the names of the federation: nothing.
        "custom" => Some(Map::new().into()),
        _ => None,
    }
}

fn establishment<'a>(facts: &Facts<'a>) -> Option<&'a Establishment> {
    facts.place.map(|p| &p.membership.establishment)
}

/// `establishment` (DESIGN §6): the one acted for, and what the person is there.
fn establishment_claim(place: &Standing) -> Value {
    let Membership { establishment: e, role, link, .. } = &place.membership;
    json!({ "siret": e.siret.as_str(), "siren": e.siret.siren(), "name": e.name, "role": role.name(), "link": link.name() })
}

/// `habilitations` (DESIGN §6): those held there for the service of the client.
fn habilitations_claim(place: &Standing, now: Timestamp) -> Value {
    let held = place.rights.iter().filter(|h| h.holds(now));
    held.map(|h| json!({ "service": h.service, "profiles": h.profiles, "until": h.expires_at.map(Timestamp::secs) })).collect()
}

/// COG code of France.
const FRANCE: &str = "99100";

/// A proved address: the one that identifies a professional, or the one where somebody is written to.
fn proved_email(account: &Account, professional: bool) -> Option<Value> {
    let login = account.login_email.as_ref().filter(|_| account.login_email_verified);
    let contact = account.contact_email.as_ref().filter(|_| account.contact_email_verified);
    let chosen: Option<&Email> = if professional { login.or(contact) } else { contact.or(login) };
    chosen.map(|e| e.as_str().into())
}

/// Names of the claims about the person that userinfo gives: those of the scopes, and those asked for one by one, if a scope
/// the client is registered for gives them.
pub fn for_userinfo<'a>(client: &Client, scope: &'a str, request: Option<&'a ClaimsRequest>) -> Vec<&'a str> {
    let vocabulary = client.metadata.claims_vocabulary;
    let mut names: Vec<&str> = scope.split_ascii_whitespace().flat_map(|s| vocabulary.claims_of(s).iter().copied()).collect();
    names.extend(request.into_iter().flat_map(|r| allowed(client, r.userinfo.keys())));
    names
}

/// Names of the claims about the person that were asked for in the id_token. The federations put none there but `amr`.
pub fn for_id_token<'a>(client: &Client, request: Option<&'a ClaimsRequest>) -> Vec<&'a str> {
    let federal = client.metadata.claims_vocabulary.is_federal();
    request.into_iter().flat_map(|r| allowed(client, r.id_token.keys())).filter(|name| !federal || *name == "amr").collect()
}

fn allowed<'a>(client: &Client, asked: impl Iterator<Item = &'a String>) -> impl Iterator<Item = &'a str> {
    let vocabulary = client.metadata.claims_vocabulary;
    asked.map(String::as_str).filter(move |name| vocabulary.gives(client.scopes().into_iter(), name))
}

/// The claims of these names that we hold. One that is not known is left out, never made up.
pub fn collect(vocabulary: Vocabulary, facts: &Facts<'_>, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| value(vocabulary, facts, name).map(|v| ((*name).to_owned(), v))).collect()
}

/// Claims of the `account` scope (DESIGN §6): kind of account, how the identity is known now (1: declared, 2: verified) and
/// how strongly the person signed in.
pub fn of_sign_in(body: &mut Map<String, Value>, account: &Account, aal: Aal, scope: &str, now: Timestamp) {
    if scope.split_ascii_whitespace().any(|s| s == "account") {
        let ial = if account.is_verified(now) { 2 } else { 1 };
        body.insert("account_type".into(), account.kind.name().into());
        body.insert("ial".into(), ial.into());
        body.insert("aal".into(), aal.number().into());
    }
}

/// What tokens say of the establishment acted for, by their scopes: `establishment`, `habilitations`, and `oal` of `account`.
pub fn of_place(body: &mut Map<String, Value>, alive: &Alive, scope: &str, now: Timestamp) {
    let Some(place) = alive.place() else { return };
    for scope in scope.split_ascii_whitespace() {
        match scope {
            "establishment" => body.insert("establishment".into(), establishment_claim(place)),
            "habilitations" => body.insert("habilitations".into(), habilitations_claim(place, now)),
            "account" => body.insert("oal".into(), place.membership.link.number().into()),
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claims_parameter_ignores_what_it_does_not_know() {
        let r = ClaimsRequest::parse(r#"{"userinfo":{"name":null,"shoe_size":{"essential":true}},"elsewhere":{}}"#).unwrap();
        assert_eq!(r.userinfo.keys().collect::<Vec<_>>(), ["name"]);
        assert!(ClaimsRequest::parse("[]").is_none());
        assert!(ClaimsRequest::parse(&"x".repeat(MAX_REQUEST + 1)).is_none());
    }

    #[test]
    fn an_essential_acr_names_its_values() {
        let r = ClaimsRequest::parse(r#"{"id_token":{"acr":{"essential":true,"values":["a","b"]}}}"#).unwrap();
        assert_eq!(r.essential_acr(), Some(vec!["a", "b"]));
        assert_eq!(r.voluntary_acr(), None);
        let r = ClaimsRequest::parse(r#"{"id_token":{"acr":{"values":["a"]}}}"#).unwrap();
        assert_eq!((r.essential_acr(), r.voluntary_acr()), (None, Some(vec!["a".to_owned()])));
        for none in [r#"{"id_token":{"acr":null}}"#, r#"{"id_token":{"acr":{"values":[]}}}"#, r#"{"userinfo":{"acr":{"value":"a"}}}"#] {
            assert_eq!(ClaimsRequest::parse(none).unwrap().voluntary_acr(), None, "{none}");
        }
    }
}
