//! Relying parties: what they registered (RFC 7591 names) and what that allows.

use std::collections::BTreeSet;
use std::net::Ipv6Addr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Host, Origin, Url};

use super::client_keys::Published;
use super::vocabulary::Vocabulary;
use crate::account::Account;
use crate::authn::policy::{Asker, Demand};
use crate::base::{Aal, Timestamp};
use crate::crypto::{Algorithm, ContentEncryption, KeyManagement, MacKey, same};

/// How a client proves who it is at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// HTTP Basic (RFC 6749 §2.3.1).
    #[default]
    ClientSecretBasic,
    /// Secret in the form.
    ClientSecretPost,
    /// JWT signed with a key of the client (OpenID Connect Core §9, RFC 7523).
    PrivateKeyJwt,
    /// Public client.
    None,
}

impl AuthMethod {
    /// Every method, as published.
    pub const ALL: [Self; 4] = [Self::ClientSecretBasic, Self::ClientSecretPost, Self::PrivateKeyJwt, Self::None];

    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Whether it rests on a secret that we keep.
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

/// Grants a client may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
}

impl GrantType {
    /// Every grant, as published.
    pub const ALL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// Whether people are asked before a client receives their data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Never: a service of the same operator.
    None,
    /// Once for a set of scopes.
    #[default]
    Once,
    /// At each sign-in.
    Always,
}

/// Whether clients see the same `sub` (OpenID Connect Core §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// Its own for each sector.
    #[default]
    Pairwise,
    /// The same for all.
    Public,
}

/// Form of access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum AccessTokenFormat {
    /// Signed JWT (RFC 9068).
    #[default]
    Jwt,
    /// Random; read by introspection only.
    Opaque,
}

/// Kind of application (OpenID Connect Dynamic Client Registration §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// Runs on a server or in a browser.
    #[default]
    Web,
    /// Installed on a device (RFC 8252).
    Native,
}

/// Which tokens a client may introspect (RFC 7662 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Introspection {
    /// Those issued to itself.
    #[default]
    Own,
    /// Those of every client: a resource server of the operator.
    All,
}

/// What a client registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Metadata {
    /// Name shown to people.
    pub client_name: String,
    /// Home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Privacy page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Terms page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// One sentence for the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// People in charge.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Kind of application.
    pub application_type: ApplicationType,
    /// Addresses codes are sent to, compared exactly.
    pub redirect_uris: Vec<String>,
    /// Addresses people return to after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Address told of sessions that end (OpenID Connect Back-Channel Logout §2.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Logout tokens must name the session: ours always do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub backchannel_logout_session_required: bool,
    /// Address told that an account or its rights changed: security event tokens (RFC 8417), pushed (RFC 8935).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims_notice_uri: Option<String>,
    /// Its addresses for notices may be internal ones.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_private_network: bool,
    /// Authentication.
    pub token_endpoint_auth_method: AuthMethod,
    /// Keys of the client: those of `private_key_jwt`, and those that answers are encrypted to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Where it publishes them instead (RFC 7591 §2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Grants; default `authorization_code`.
    pub grant_types: Vec<GrantType>,
    /// Scopes it may ask for, space-separated.
    pub scope: String,
    /// Those among them that people may leave out when they are asked for consent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub optional_scope: String,
    /// `sub`.
    pub subject_type: SubjectType,
    /// Host that stands for all redirect URIs in pairwise subjects; default their one host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier: Option<String>,
    /// Algorithm of id_tokens and JWT access tokens; default ES256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<Algorithm>,
    /// Key management of encrypted id_tokens; none is encrypted without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_alg: Option<KeyManagement>,
    /// Content encryption of id_tokens; default A128CBC-HS256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_enc: Option<ContentEncryption>,
    /// Algorithm of signed userinfo; plain JSON without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// Key management of encrypted userinfo; none is encrypted without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_alg: Option<KeyManagement>,
    /// Content encryption of userinfo; default A128CBC-HS256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_enc: Option<ContentEncryption>,
    /// Names of scopes, claims and levels.
    #[serde(skip_serializing_if = "Vocabulary::is_standard")]
    pub claims_vocabulary: Vocabulary,
    /// The operator has checked who the people of its establishments are, as ProConnect asks of identity providers: in that
    /// vocabulary an approved link then stands for a verified person too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub identity_vouched: bool,
    /// Domains of the sign-in addresses it takes; all without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub email_domains: Vec<String>,
    /// Form of access tokens.
    pub access_token_format: AccessTokenFormat,
    /// Consent.
    pub consent: Consent,
    /// `false` exempts a legacy confidential client from PKCE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_pkce: Option<bool>,
    /// Seconds after which a sign-in is too old, when the request does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u64>,
    /// Levels wished for when the request names none (`default_acr_values`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// The least its people sign in with, whatever the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_acr: Option<Aal>,
    /// Introspection rights.
    pub introspection: Introspection,
    /// The service of the catalogue it belongs to: its habilitations are this client's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// A registered client.
#[derive(Debug, Clone)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// Registration.
    pub metadata: Metadata,
    /// Keyed hashes of the secret, and of the one before until its end.
    pub secrets: Secrets,
    /// Whether it may be used.
    pub enabled: bool,
    /// Last change.
    pub updated_at: Timestamp,
    /// The keys it publishes, as this node read them.
    pub published: Published,
}

/// Hashes of secrets.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// Of the present secret.
    pub current: Option<String>,
    /// Of the one before, during a rotation.
    pub previous: Option<(String, Timestamp)>,
}

impl Secrets {
    /// The keyed hash of a secret of this client.
    pub fn hash(key: &MacKey, client_id: &str, secret: &str) -> String {
        key.tag(&[client_id, secret])
    }

    /// Whether `secret` is one of these, now.
    pub fn accept(&self, key: &MacKey, client_id: &str, secret: &str, now: Timestamp) -> bool {
        let hash = Self::hash(key, client_id, secret);
        let current = self.current.as_ref().is_some_and(|h| same(h, &hash));
        let previous = self.previous.as_ref().is_some_and(|(h, until)| now < *until && same(h, &hash));
        current | previous
    }
}

impl Client {
    /// What it demands of sign-ins.
    pub fn demand(&self) -> Demand {
        Demand { aal: self.metadata.minimum_acr.unwrap_or_default(), by: Asker::Service }
    }

    /// Whether it takes this person: their sign-in address is in one of its domains.
    pub fn takes(&self, account: &Account) -> bool {
        let domains = &self.metadata.email_domains;
        let domain = account.login_email.as_ref().map(|e| e.domain().to_ascii_lowercase());
        domains.is_empty() || domain.is_some_and(|d| domains.contains(&d))
    }

    /// Algorithm of its id_tokens.
    pub fn signing_alg(&self) -> Algorithm {
        self.metadata.id_token_signed_response_alg.unwrap_or(Algorithm::ES256)
    }

    /// Whether it may use a grant.
    pub fn may(&self, grant: GrantType) -> bool {
        self.metadata.allowed_grants().contains(&grant)
    }

    /// Whether PKCE is required of it: always, unless a confidential client opted out.
    pub fn requires_pkce(&self) -> bool {
        self.is_public() || self.metadata.require_pkce.unwrap_or(true)
    }

    /// Whether it cannot keep a secret.
    pub fn is_public(&self) -> bool {
        self.metadata.token_endpoint_auth_method == AuthMethod::None
    }

    /// Scopes it may ask for.
    pub fn scopes(&self) -> BTreeSet<&str> {
        self.metadata.scope.split_ascii_whitespace().collect()
    }

    /// Scopes that people may leave out of what they allow: none where they are not asked.
    pub fn optional_scopes(&self) -> BTreeSet<&str> {
        match self.metadata.consent {
            Consent::None => BTreeSet::new(),
            Consent::Once | Consent::Always => self.metadata.optional_scope.split_ascii_whitespace().collect(),
        }
    }

    /// Whether `uri` is one of its redirect URIs: exact strings (RFC 9700 §4.1.3), but for the port of a native
    /// application's loopback address (RFC 8252 §7.3).
    pub fn allows_redirect(&self, uri: &str) -> bool {
        let native = self.metadata.application_type == ApplicationType::Native;
        self.metadata.redirect_uris.iter().any(|known| known == uri || native && same_loopback(known, uri))
    }

    /// Origins of its redirect URIs, as browsers write them (RFC 6454 §6.2); private-use schemes have none.
    pub(super) fn origins(&self) -> impl Iterator<Item = String> {
        let origins = self.metadata.redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok()).map(|url| url.origin());
        origins.filter(Origin::is_tuple).map(|origin| origin.ascii_serialization())
    }

    /// What stands for the client in pairwise subjects.
    pub fn sector(&self) -> String {
        let host = || self.metadata.redirect_uris.first().and_then(|u| Url::parse(u).ok())?.host_str().map(str::to_owned);
        self.metadata.sector_identifier.clone().or_else(host).unwrap_or_else(|| self.id.clone())
    }
}

fn loopback(uri: &Url) -> bool {
    uri.scheme() == "http"
        && match uri.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip == Ipv6Addr::LOCALHOST,
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

fn same_loopback(known: &str, uri: &str) -> bool {
    let (Ok(known), Ok(mut given)) = (Url::parse(known), Url::parse(uri)) else { return false };
    // What was sent must be what was parsed: no second reading of odd spellings.
    loopback(&known) && loopback(&given) && given.as_str() == uri && given.set_port(known.port()).is_ok() && given == known
}

impl Metadata {
    /// Grants, with the default of RFC 7591 §2.
    pub fn allowed_grants(&self) -> Vec<GrantType> {
        if self.grant_types.is_empty() { vec![GrantType::AuthorizationCode] } else { self.grant_types.clone() }
    }

    /// Everything wrong with a registration, each with the member it is about.
    pub fn problems(&self, plain_http: bool) -> Vec<String> {
        let mut out = Vec::new();
        let mut wrong = |ok: bool, what: &str| {
            if !ok {
                out.push(what.to_owned());
            }
        };
        let grants = self.allowed_grants();
        let code = grants.contains(&GrantType::AuthorizationCode);
        let public = self.token_endpoint_auth_method == AuthMethod::None;
        wrong(!self.client_name.trim().is_empty(), "client_name: required");
        wrong(!code || !self.redirect_uris.is_empty(), "redirect_uris: required for authorization_code");
        wrong(self.redirect_uris.len() <= 50, "redirect_uris: at most 50");
        wrong(code || !grants.contains(&GrantType::RefreshToken), "grant_types: refresh_token needs authorization_code");
        wrong(!public || !grants.contains(&GrantType::ClientCredentials), "grant_types: client_credentials needs a confidential client");
        wrong(!public || self.require_pkce != Some(false), "require_pkce: a public client cannot opt out");
        wrong(!code || self.scope.split_ascii_whitespace().next().is_some(), "scope: required for authorization_code");
        wrong(self.scope.split_ascii_whitespace().all(is_scope_token), "scope: characters of RFC 6749 section 3.3 only");
        for uri in &self.redirect_uris {
            if let Err(why) = self.check_redirect(uri, plain_http) {
                wrong(false, &format!("redirect_uris: {uri}: {why}"));
            }
        }
        for uri in &self.post_logout_redirect_uris {
            if let Err(why) = self.check_redirect(uri, plain_http) {
                wrong(false, &format!("post_logout_redirect_uris: {uri}: {why}"));
            }
        }
        let hosts: BTreeSet<_> = self.redirect_uris.iter().filter_map(|u| Url::parse(u).ok()?.host_str().map(str::to_owned)).collect();
        let sector_known = self.sector_identifier.is_some() || hosts.len() <= 1;
        wrong(
            self.subject_type == SubjectType::Public || sector_known,
            "sector_identifier: required, the redirect URIs have several hosts",
        );
        for domain in &self.email_domains {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
            if !domain.contains('.') || !domain.bytes().all(plain) {
                out.push(format!("email_domains: {domain}: not a domain in lower case"));
            }
        }
        out.extend(self.optional_problems());
        out.extend(self.key_problems(plain_http, self.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt));
        out.extend(self.envelope_problems());
        out.extend(self.notice_problems(plain_http));
        if self.identity_vouched && self.claims_vocabulary != Vocabulary::Proconnect {
            out.push("identity_vouched: means something with claims_vocabulary = \"proconnect\" only".to_owned());
        }
        out
    }

    fn optional_problems(&self) -> Vec<String> {
        let scopes: BTreeSet<&str> = self.scope.split_ascii_whitespace().collect();
        let (needed, foreign): (Vec<&str>, Vec<&str>) =
            self.optional_scope.split_ascii_whitespace().filter(|s| *s == "openid" || !scopes.contains(s)).partition(|s| *s == "openid");
        let needed = needed.into_iter().map(|s| format!("optional_scope: {s}: cannot be left out"));
        needed.chain(foreign.into_iter().map(|s| format!("optional_scope: {s}: not one of scope"))).collect()
    }

    fn check_redirect(&self, uri: &str, plain_http: bool) -> Result<(), &'static str> {
        let url = absolute(uri)?;
        match (url.scheme(), self.application_type) {
            ("https", _) => Ok(()),
            ("http", ApplicationType::Native) if loopback(&url) => Ok(()),
            ("http", ApplicationType::Web) if plain_http => Ok(()),
            ("http", _) => Err("https is required"),
            ("javascript" | "data" | "vbscript" | "file" | "blob" | "about" | "ws" | "wss" | "ftp", _) => Err("scheme not allowed"),
            // RFC 8252 §7.1: a private-use scheme is a reversed domain name.
            (scheme, ApplicationType::Native) if scheme.contains('.') => Ok(()),
            (_, ApplicationType::Native) => Err("a private-use scheme must contain a dot"),
            (_, ApplicationType::Web) => Err("https is required"),
        }
    }
}

/// An absolute address without fragment or user information, whatever its scheme.
pub(super) fn absolute(uri: &str) -> Result<Url, &'static str> {
    let url = Url::parse(uri).map_err(|_| "not an absolute URI")?;
    if uri.contains('#') {
        return Err("has a fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has user information");
    }
    if uri.chars().any(|c| c.is_control() || c.is_whitespace()) || uri.len() > 2000 {
        return Err("unusual characters or length");
    }
    Ok(url)
}

/// RFC 6749 §3.3.
pub fn is_scope_token(token: &str) -> bool {
    token.bytes().all(|b| b == 0x21 || (0x23..=0x5b).contains(&b) || (0x5d..=0x7e).contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(kind: ApplicationType, uris: &[&str]) -> Client {
        let metadata = Metadata {
            client_name: "x".into(),
            application_type: kind,
            redirect_uris: uris.iter().map(|u| (*u).to_owned()).collect(),
            scope: "openid".into(),
            ..Metadata::default()
        };
        Client {
            id: "c".into(),
            metadata,
            secrets: Secrets::default(),
            enabled: true,
            updated_at: Timestamp::default(),
            published: Published::default(),
        }
    }

    #[test]
    fn redirect_uris_are_compared_as_exact_strings() {
        let c = client(ApplicationType::Web, &["https://rp.example/cb?a=1"]);
        assert!(c.allows_redirect("https://rp.example/cb?a=1"));
        for other in [
            "https://rp.example/cb",
            "https://rp.example/cb?a=1&b",
            "https://RP.example/cb?a=1",
            "https://rp.example:443/cb?a=1",
            "https://rp.example/x/../cb?a=1",
        ] {
            assert!(!c.allows_redirect(other), "{other}");
        }
    }

    #[test]
    fn only_a_native_loopback_may_change_its_port() {
        let c = client(ApplicationType::Native, &["http://127.0.0.1/cb", "fr.example.app:/cb"]);
        assert!(c.allows_redirect("http://127.0.0.1:49152/cb"));
        assert!(c.allows_redirect("fr.example.app:/cb"));
        for other in [
            "http://127.0.0.1:49152/cb2",
            "http://127.0.0.2:1/cb",
            "https://127.0.0.1:1/cb",
            "http://127.0.0.1:1/cb?x",
            "http://127.0.0.1@evil.example/cb",
            "http://2130706433:80/cb",
        ] {
            assert!(!c.allows_redirect(other), "{other}");
        }
        assert!(!client(ApplicationType::Web, &["http://127.0.0.1/cb"]).allows_redirect("http://127.0.0.1:1/cb"));
    }

    #[test]
    fn dangerous_registrations_are_refused() {
        for bad in ["http://rp.example/cb", "https://rp.example/cb#f", "javascript:alert(1)", "/cb", "https://u:p@rp.example/", "myapp:/cb"]
        {
            assert!(!client(ApplicationType::Web, &[bad]).metadata.problems(false).is_empty(), "{bad}");
        }
        assert!(client(ApplicationType::Web, &["https://rp.example/cb"]).metadata.problems(false).is_empty());
        assert!(!client(ApplicationType::Web, &["https://a.example/cb", "https://b.example/cb"]).metadata.problems(false).is_empty());
    }

    #[test]
    fn what_may_be_left_out_is_part_of_what_may_be_asked_for() {
        let mut c = client(ApplicationType::Web, &["https://rp.example/cb"]);
        c.metadata.scope = "openid email phone".into();
        c.metadata.optional_scope = "address openid".into();
        let wrong = ["optional_scope: openid: cannot be left out", "optional_scope: address: not one of scope"];
        assert_eq!(c.metadata.problems(false), wrong);
        c.metadata.optional_scope = "phone email".into();
        assert_eq!((c.metadata.problems(false), c.optional_scopes()), (Vec::new(), BTreeSet::from(["email", "phone"])));
        c.metadata.consent = Consent::None;
        assert!(c.optional_scopes().is_empty(), "nobody is asked");
    }

    #[test]
    fn a_previous_secret_serves_until_its_end() {
        let key = MacKey::new(&[3; 32]);
        let hash = |s: &str| Secrets::hash(&key, "c", s);
        let secrets = Secrets { current: Some(hash("new")), previous: Some((hash("old"), Timestamp::from_secs(10))) };
        assert!(secrets.accept(&key, "c", "new", Timestamp::from_secs(99)));
        assert!(secrets.accept(&key, "c", "old", Timestamp::from_secs(9)));
        assert!(!secrets.accept(&key, "c", "old", Timestamp::from_secs(10)));
        assert!(!secrets.accept(&key, "other", "new", Timestamp::from_secs(9)));
    }
}
