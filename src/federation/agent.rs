//! What a provider of professionals says of a person (french-domain §2.3, §2.4; OpenID Connect Core §5.1), read strictly.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::identity::{sub, text};
use super::tokens::Verified;
use super::{Cause, Provider, ProviderKind, Refusal};
use crate::account::civil::is_name;
use crate::authn::Method;
use crate::base::{Email, Siret, phone};

/// A professional as vouched for by a provider: everything received was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Issuer.
    pub issuer: String,
    /// `sub` there: the only key.
    pub sub: String,
    /// Level, as it was told.
    pub acr: Option<String>,
    /// What it is worth here.
    pub method: Method,
    /// First names.
    pub given_name: String,
    /// Name in use.
    pub family_name: String,
    /// Their address, when the provider proved it.
    pub email: Option<Email>,
    /// Telephone, in E.164.
    pub phone: Option<String>,
    /// What it says of their establishment.
    pub siret: Employer,
    /// The id_token, to sign out with.
    pub id_token: String,
}

/// The establishment a provider names. It never makes anybody a member, let alone a manager, of anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Employer {
    /// None.
    Missing,
    /// Not a SIRET.
    Malformed,
    /// The one that the provider gives to people without one.
    Default,
    /// This one.
    Named(Siret),
}

impl Employer {
    /// The name in the trail.
    pub fn name(&self) -> &str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Default => "default",
            Self::Named(siret) => siret.as_str(),
        }
    }

    fn read(provider: &Provider, claims: &Map<String, Value>) -> Self {
        match claims.get("siret") {
            None | Some(Value::Null) => Self::Missing,
            Some(Value::String(text)) if text.is_empty() => Self::Missing,
            // Digits only: what a person may type otherwise, a provider may not.
            Some(Value::String(text)) if text.len() == 14 => match Siret::parse(text) {
                Ok(siret) if provider.metadata.default_siret.as_ref() == Some(&siret) => Self::Default,
                Ok(siret) => Self::Named(siret),
                Err(_) => Self::Malformed,
            },
            Some(_) => Self::Malformed,
        }
    }
}

/// A level of ProConnect (french-domain §2.4): how well the person is known, and whether two factors were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    identity: u8,
    two: bool,
}

impl Level {
    /// Reads a value of `acr`.
    pub fn parse(name: &str) -> Option<Self> {
        let (identity, two) = match name {
            "eidas0" => (0, false),
            "eidas0-mfa" => (0, true),
            "eidas1" => (1, false),
            "eidas1-mfa" => (1, true),
            "eidas2" => (2, true),
            "eidas3" => (3, true),
            _ => return None,
        };
        Some(Self { identity, two })
    }

    fn reaches(self, asked: Self) -> bool {
        self.identity >= asked.identity && self.two >= asked.two
    }
}

/// What a level that was told is worth, if it is one of those that were asked for, or higher.
pub fn judge(provider: &Provider, acr: Option<&str>, amr: &[String]) -> Result<Method, String> {
    let m = &provider.metadata;
    let worth = |two: bool| if two { Method::VouchedTwice } else { Method::Vouched };
    let mut asked = m.acr_values.split_ascii_whitespace();
    match m.kind {
        ProviderKind::FranceConnect => Err("FranceConnect vouches for individuals".to_owned()),
        ProviderKind::ProConnect => {
            let told = acr.and_then(Level::parse).ok_or("no known level (acr)")?;
            if !asked.filter_map(Level::parse).any(|asked| told.reaches(asked)) {
                return Err("level lower than asked".to_owned());
            }
            Ok(worth(told.two))
        }
        ProviderKind::Oidc => {
            if !m.acr_values.trim().is_empty() && !asked.any(|asked| acr == Some(asked)) {
                return Err("another level than those asked".to_owned());
            }
            let said = |value: &String| acr == Some(value) || amr.contains(value);
            Ok(worth(m.two_factors.iter().any(said)))
        }
    }
}

/// Reads a professional in what was verified.
pub fn read(provider: &Provider, told: Verified) -> Result<Agent, Refusal> {
    let claims = &told.claims;
    let name = |claim: &str| match text(claims, claim)?.map(tidy) {
        Some(name) if !is_name(&name) => Err(Refusal::untrusted(format!("{claim} is malformed"))),
        other => Ok(other),
    };
    let (given_name, family_name) = match provider.metadata.kind {
        ProviderKind::ProConnect => (name("given_name")?, name("usual_name")?),
        ProviderKind::FranceConnect | ProviderKind::Oidc => (name("given_name")?, name("family_name")?.or(name("name")?)),
    };
    let lacks = |what: &str| Refusal { cause: Cause::Incomplete, code: None, why: format!("{what} is missing") };
    Ok(Agent {
        issuer: provider.metadata.issuer.clone(),
        sub: sub(&told.sub)?,
        method: judge(provider, told.acr.as_deref(), &told.amr).map_err(Refusal::untrusted)?,
        acr: told.acr,
        given_name: given_name.unwrap_or_default(),
        family_name: family_name.ok_or_else(|| lacks("name"))?,
        email: email(provider, claims)?,
        phone: text(claims, "phone_number").ok().flatten().and_then(phone::e164),
        siret: Employer::read(provider, claims),
        id_token: told.id_token,
    })
}

/// The address, when the provider answers for it: ProConnect for all, others for those they say they verified and for their own domains.
fn email(provider: &Provider, claims: &Map<String, Value>) -> Result<Option<Email>, Refusal> {
    let Some(email) = text(claims, "email")? else { return Ok(None) };
    let email = Email::parse(email).map_err(|_| Refusal::untrusted("email is malformed"))?;
    let proved = match provider.metadata.kind {
        ProviderKind::ProConnect => true,
        ProviderKind::FranceConnect => false,
        ProviderKind::Oidc => provider.has_domain(&email) || claims.get("email_verified") == Some(&Value::Bool(true)),
    };
    Ok(Some(email).filter(|_| proved))
}

fn tidy(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::federation::Metadata;

    fn provider(kind: ProviderKind, change: impl FnOnce(&mut Metadata)) -> Provider {
        let mut metadata = Metadata { kind, ..Metadata::default() }.complete();
        change(&mut metadata);
        Provider { id: "p".into(), metadata, secret: None, enabled: true, updated_at: Timestamp::from_secs(0) }
    }

    #[test]
    fn levels_of_proconnect_are_at_least_those_asked_for() {
        let asked = |values: &str| provider(ProviderKind::ProConnect, |m| m.acr_values = values.into());
        for (values, told, worth) in [
            ("eidas1 eidas1-mfa", Some("eidas1"), Some(Method::Vouched)),
            ("eidas1 eidas1-mfa", Some("eidas1-mfa"), Some(Method::VouchedTwice)),
            ("eidas1", Some("eidas2"), Some(Method::VouchedTwice)),
            ("eidas1-mfa", Some("eidas1"), None),
            ("eidas1", Some("eidas0-mfa"), None),
            ("eidas2", Some("eidas1-mfa"), None),
            ("eidas1", Some("loa3"), None),
            ("eidas1", None, None),
        ] {
            assert_eq!(judge(&asked(values), told, &[]).ok(), worth, "{values} {told:?}");
        }
    }

    #[test]
    fn another_provider_is_believed_about_two_factors_when_its_words_were_declared() {
        let plain = provider(ProviderKind::Oidc, |_| {});
        let mfa = ["mfa".to_owned()];
        assert_eq!(judge(&plain, Some("anything"), &mfa), Ok(Method::Vouched));
        let declared = provider(ProviderKind::Oidc, |m| m.two_factors = vec!["mfa".into(), "https://refeds.org/profile/mfa".into()]);
        assert_eq!(judge(&declared, None, &mfa), Ok(Method::VouchedTwice));
        assert_eq!(judge(&declared, Some("https://refeds.org/profile/mfa"), &[]), Ok(Method::VouchedTwice));
        assert_eq!(judge(&declared, Some("0"), &[]), Ok(Method::Vouched));
        let asked = provider(ProviderKind::Oidc, |m| m.acr_values = "strong".into());
        assert!(judge(&asked, Some("weak"), &[]).is_err() && judge(&asked, None, &mfa).is_err());
    }

    #[test]
    fn a_siret_that_names_nobody_is_told_from_one_that_does() {
        let pro = provider(ProviderKind::ProConnect, |m| m.default_siret = Siret::parse("11009001600053").ok());
        let read = |value: Value| Employer::read(&pro, serde_json::json!({ "siret": value }).as_object().unwrap());
        assert_eq!(read(Value::Null), Employer::Missing);
        assert_eq!(read("".into()), Employer::Missing);
        assert_eq!(read("11009001600053".into()), Employer::Default);
        assert_eq!(read("21750001600019".into()), Employer::Named(Siret::parse("21750001600019").unwrap()));
        for bad in ["11009001600054", "110090016", "110 090 016 00053", "1100900160005٣"] {
            assert_eq!(read(bad.into()), Employer::Malformed, "{bad}");
        }
        assert_eq!(read(11_009_001_600_053_i64.into()), Employer::Malformed);
    }
}
