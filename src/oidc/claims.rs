//! Claims about people: which scope or request gives which (OpenID Connect Core §5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::client::{Client, SubjectType};
use crate::account::Account;
use crate::base::Aal;
use crate::crypto::MacKey;

/// Scopes of people's data and protocol, as published.
pub const SCOPES: &[&str] = &["openid", "profile", "email", "phone", "account", "offline_access"];

/// Claims of the `profile` scope that we hold.
const PROFILE: &[&str] = &["name", "given_name", "family_name", "locale", "updated_at"];
const EMAIL: &[&str] = &["email", "email_verified"];
const PHONE: &[&str] = &["phone_number", "phone_number_verified"];

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
    "family_name",
    "locale",
    "updated_at",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "account_type",
    "ial",
    "aal",
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

fn value(account: &Account, claim: &str) -> Option<Value> {
    let text = |t: &str| (!t.trim().is_empty()).then(|| Value::from(t));
    match claim {
        "name" => text(&account.full_name()),
        "given_name" => text(&account.given_name),
        "family_name" => text(&account.family_name),
        "locale" => text(account.locale.as_str()),
        "updated_at" => Some(account.updated_at.secs().into()),
        "email" => account.login_email.as_ref().map(|e| e.as_str().into()),
        "email_verified" => account.login_email.as_ref().map(|_| account.login_email_verified.into()),
        "phone_number" => account.phone.as_deref().and_then(text),
        // Numbers are typed by people; none is proved yet.
        "phone_number_verified" => account.phone.as_deref().and_then(text).map(|_| false.into()),
        _ => None,
    }
}

/// Claims about the person for userinfo: those of the scopes, and those asked for one by one.
pub fn for_userinfo(account: &Account, scope: &str, request: Option<&ClaimsRequest>) -> Map<String, Value> {
    let of_scope = |s: &str| match s {
        "profile" => PROFILE,
        "email" => EMAIL,
        "phone" => PHONE,
        _ => &[],
    };
    let from_scopes = scope.split_ascii_whitespace().flat_map(|s| of_scope(s).iter().copied());
    let asked = request.into_iter().flat_map(|r| r.userinfo.keys().map(String::as_str));
    collect(account, from_scopes.chain(asked))
}

/// Claims about the person that were asked for in the id_token.
pub fn for_id_token(account: &Account, request: Option<&ClaimsRequest>) -> Map<String, Value> {
    collect(account, request.into_iter().flat_map(|r| r.id_token.keys().map(String::as_str)))
}

/// Claims of the `account` scope (DESIGN §6): kind of account, how the identity is known (1: declared) and how strongly the
/// person signed in.
pub fn of_sign_in(body: &mut Map<String, Value>, account: &Account, aal: Aal, scope: &str) {
    if scope.split_ascii_whitespace().any(|s| s == "account") {
        body.insert("account_type".into(), account.kind.name().into());
        body.insert("ial".into(), 1.into());
        body.insert("aal".into(), aal.number().into());
    }
}

fn collect<'a>(account: &Account, names: impl Iterator<Item = &'a str>) -> Map<String, Value> {
    names.filter_map(|n| value(account, n).map(|v| (n.to_owned(), v))).collect()
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
        assert_eq!(ClaimsRequest::parse(r#"{"id_token":{"acr":{"values":["a"]}}}"#).unwrap().essential_acr(), None);
    }
}
