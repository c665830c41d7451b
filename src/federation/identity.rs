//! What a provider says of a person, read strictly: only what was asked for and is kept, in its format.

use serde_json::{Map, Value};

use super::metadata::Fact;
use super::{Provider, Refusal};
use crate::account::Civil;
use crate::account::civil::{is_birthdate, is_country, is_gender, is_name, is_place};
use crate::base::{Eidas, Email, Timestamp};

/// A person as vouched for by a provider: everything received was verified.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Vouched {
    /// Issuer.
    pub issuer: String,
    /// `sub` there: the only key.
    pub sub: String,
    /// Level.
    pub level: Eidas,
    /// Identity.
    pub civil: Civil,
    /// An address the provider knows: a suggestion, never a key.
    pub email: Option<Email>,
    /// The id_token, to sign out with.
    pub id_token: String,
}

/// Longest `sub`, in characters.
const LONGEST_SUB: usize = 255;

/// Reads a `sub`: printable ASCII.
pub fn sub(text: &str) -> Result<String, Refusal> {
    let ok = (1..=LONGEST_SUB).contains(&text.len()) && text.bytes().all(|b| (0x21..=0x7e).contains(&b));
    if ok { Ok(text.to_owned()) } else { Err(Refusal::untrusted("sub is not printable ASCII")) }
}

/// A claim that is text; an empty one says nothing.
pub(super) fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|t| !t.is_empty())),
        Some(_) => Err(Refusal::untrusted(format!("{name} is not text"))),
    }
}

/// A claim in its format.
fn fact(claims: &Map<String, Value>, name: &str, good: fn(&str) -> bool) -> Result<Option<String>, Refusal> {
    match text(claims, name)? {
        Some(text) if good(text) => Ok(Some(text.to_owned())),
        Some(_) => Err(Refusal::untrusted(format!("{name} is malformed"))),
        None => Ok(None),
    }
}

/// The identity in FranceConnect's claims: names and birth date, and what the declaration keeps.
pub fn civil(provider: &Provider, claims: &Map<String, Value>, now: Timestamp) -> Result<Civil, Refusal> {
    let m = &provider.metadata;
    let kept = |which: Fact, name: &str, good: fn(&str) -> bool| {
        let value = fact(claims, name, good)?;
        Ok::<_, Refusal>(value.filter(|_| m.keeps(which)))
    };
    let family_name = fact(claims, "family_name", is_name)?.ok_or_else(|| Refusal::untrusted("family_name is missing"))?;
    let given_names = match claims.get("given_name_array") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(names)) if names.len() <= 30 => {
            let read = |v: &Value| v.as_str().filter(|n| is_name(n)).map(str::to_owned);
            let names: Option<Vec<String>> = names.iter().map(read).collect();
            names.ok_or_else(|| Refusal::untrusted("given_name_array is malformed"))?
        }
        Some(_) => return Err(Refusal::untrusted("given_name_array is malformed")),
    };
    Ok(Civil {
        provider: provider.id.clone(),
        at: now,
        until: None,
        given_name: fact(claims, "given_name", is_name)?.unwrap_or_default(),
        given_names,
        family_name,
        birthdate: fact(claims, "birthdate", is_birthdate)?,
        preferred_username: kept(Fact::PreferredUsername, "preferred_username", is_name)?,
        gender: kept(Fact::Gender, "gender", is_gender)?,
        birthplace: kept(Fact::Birthplace, "birthplace", is_place)?,
        birthcountry: kept(Fact::Birthcountry, "birthcountry", is_country)?,
    })
}

/// The address the provider knows, when it is one.
pub fn email(claims: &Map<String, Value>) -> Option<Email> {
    claims.get("email")?.as_str().and_then(|t| Email::parse(t).ok())
}
