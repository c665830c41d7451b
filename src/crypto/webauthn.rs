//! Passkeys (WebAuthn Level 3): the two ceremonies, and what is kept of a key. The only place that knows webauthn-rs.
//!
//! The core of the library does the work. Its wrapper would ask for keys that cannot be found without a name, and hide
//! what is kept of them here. What the wrapper decides is decided below instead: user verification is always required,
//! no attestation is asked for, a counter that does not move forward is refused.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::{Host, Url};
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AttestationConveyancePreference, AuthenticationState, AuthenticatorTransport, COSEAlgorithm, CredProtect, Credential,
    CredentialProtectionPolicy, PublicKeyCredential, RegisterPublicKeyCredential, RegistrationState, RequestRegistrationExtensions,
    UserVerificationPolicy,
};

use crate::base::encode::{b64u, from_b64u, hex};

/// How long a person may take to answer a browser (WebAuthn §15.1 recommends five minutes).
pub const ANSWER_WITHIN: Duration = Duration::from_secs(300);

/// Why an answer is refused, in a word for the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Not an answer at all.
    Malformed,
    /// An answer to another challenge.
    Challenge,
    /// Of another ceremony: a creation for an authentication, or the reverse.
    Ceremony,
    /// Made for another site, or within one.
    Origin,
    /// Made for another relying party.
    RpId,
    /// Nobody was there.
    Presence,
    /// The authenticator did not verify its user.
    Verification,
    /// The signature is not of this key.
    Signature,
    /// The counter did not move forward: two copies of the key may exist (§6.1.1).
    Counter,
    /// What the authenticator says of backups contradicts what it said before.
    Backup,
    /// A key we did not ask for, or anything else the library refuses.
    Refused,
}

impl Flaw {
    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Challenge => "challenge",
            Self::Ceremony => "ceremony",
            Self::Origin => "origin",
            Self::RpId => "rp_id",
            Self::Presence => "presence",
            Self::Verification => "verification",
            Self::Signature => "signature",
            Self::Counter => "counter",
            Self::Backup => "backup",
            Self::Refused => "refused",
        }
    }
}

impl From<WebauthnError> for Flaw {
    fn from(e: WebauthnError) -> Self {
        match e {
            WebauthnError::ParseBase64Failure(_)
            | WebauthnError::ParseCBORFailure(_)
            | WebauthnError::ParseJSONFailure(_)
            | WebauthnError::ParseNOMFailure
            | WebauthnError::ParseInsufficientBytesAvailable => Self::Malformed,
            WebauthnError::MismatchedChallenge => Self::Challenge,
            WebauthnError::InvalidClientDataType => Self::Ceremony,
            WebauthnError::InvalidRPOrigin | WebauthnError::CredentialCrossOrigin => Self::Origin,
            WebauthnError::InvalidRPIDHash => Self::RpId,
            WebauthnError::UserNotPresent => Self::Presence,
            WebauthnError::UserNotVerified => Self::Verification,
            WebauthnError::AuthenticationFailure | WebauthnError::SignatureInvalid => Self::Signature,
            WebauthnError::CredentialPossibleCompromise => Self::Counter,
            WebauthnError::CredentialBackupEligibilityInconsistent | WebauthnError::CredentialMayNotBeHardwareBound => Self::Backup,
            _ => Self::Refused,
        }
    }
}

/// What is kept of a key: no secret, but sealed all the same, so that it cannot be exchanged for another in the database.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Key {
    /// Version of this form; the library's own has changed before.
    v: u8,
    /// Model of the authenticator, in hexadecimal: unproven, good for a name. Zeros when it does not say.
    aaguid: String,
    /// How the key may be reached, to tell the browser where to look.
    transports: Vec<AuthenticatorTransport>,
    credential: Credential,
}

/// Version of the kept form.
const VERSION: u8 = 1;

/// Something kept cannot be read: of a later version, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("kept passkey cannot be read")]
pub struct Unreadable;

impl Key {
    /// Reads the kept form.
    pub fn read(text: &[u8]) -> Result<Self, Unreadable> {
        serde_json::from_slice(text).ok().filter(|key: &Self| key.v == VERSION).ok_or(Unreadable)
    }

    /// The form to keep.
    pub fn write(&self) -> Result<Vec<u8>, Unreadable> {
        serde_json::to_vec(self).map_err(|_| Unreadable)
    }

    /// Identifier chosen by the authenticator.
    pub fn id(&self) -> &[u8] {
        &self.credential.cred_id
    }

    /// Counter at the time it was made.
    pub fn counter(&self) -> u32 {
        self.credential.counter
    }

    /// Whether it may be kept in several devices at once (backup eligible, §6.1.3).
    pub fn is_synced(&self) -> bool {
        self.credential.backup_eligible
    }

    /// Whether it is, now.
    pub fn is_backed_up(&self) -> bool {
        self.credential.backup_state
    }

    /// Model of the authenticator, in hexadecimal.
    pub fn aaguid(&self) -> &str {
        &self.aaguid
    }

    fn descriptor(&self) -> Value {
        let known = |t: &&AuthenticatorTransport| !matches!(t, AuthenticatorTransport::Unknown | AuthenticatorTransport::Test);
        let transports: Vec<&str> = self.transports.iter().filter(known).map(AsRef::as_ref).collect();
        let id = b64u(self.id());
        match transports.is_empty() {
            true => json!({ "type": "public-key", "id": id }),
            false => json!({ "type": "public-key", "id": id, "transports": transports }),
        }
    }
}

/// Whose key is made.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// Opaque, stable, at most 64 bytes: it must tell nothing (§14.6.1).
    pub handle: &'a [u8],
    /// Sign-in address, as the browser lists it.
    pub name: &'a str,
    /// « Prénom Nom ».
    pub display_name: &'a str,
}

/// What checks the answer to a creation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Creation(RegistrationState);

/// What checks the answer to an authentication.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Request(AuthenticationState);

/// What a key answered, as the browser relays it. Nothing in it is proved yet.
#[derive(Debug)]
pub struct Assertion(PublicKeyCredential);

impl Assertion {
    /// Reads the JSON of `PublicKeyCredential.toJSON()`.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let read: PublicKeyCredential = serde_json::from_str(text).map_err(|_| Flaw::Malformed)?;
        if read.type_ == "public-key" { Ok(Self(read)) } else { Err(Flaw::Malformed) }
    }

    /// The key it claims to be of.
    pub fn key_id(&self) -> &[u8] {
        &self.0.raw_id
    }

    /// The person it claims to be of.
    pub fn handle(&self) -> Option<&[u8]> {
        self.0.get_user_unique_id()
    }

    /// Whether the page that asked stood in a frame of another site; the library asks it of creations only.
    fn is_cross_origin(&self) -> bool {
        let client: Option<Value> = serde_json::from_slice(&self.0.response.client_data_json).ok();
        client.is_some_and(|c| c.get("crossOrigin") == Some(&Value::Bool(true)))
    }
}

/// A key that has just proved itself.
#[derive(Debug)]
pub struct Proven {
    /// The key, with what the authenticator says of backups now.
    pub key: Key,
    /// Its counter now; 0 where the authenticator keeps none.
    pub counter: u32,
}

/// The hub as authenticators know it.
#[derive(Debug)]
pub struct RelyingParty {
    core: WebauthnCore,
    id: String,
}

impl RelyingParty {
    /// For the hub at `issuer`: the RP ID is its host, or `id`, a domain that the host is in. `None` when the host is no
    /// name, which browsers refuse (§5.1.3), or not in `id`.
    pub fn new(issuer: &Url, id: Option<&str>, name: &str) -> Option<Self> {
        let id = rp_id(issuer, id)?;
        let core = WebauthnCore::new_unsafe_experts_only(name, &id, vec![issuer.clone()], ANSWER_WITHIN, None, None);
        Some(Self { core, id })
    }

    /// The RP ID.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Options of `navigator.credentials.create()`, in the JSON of `parseCreationOptionsFromJSON()`.
    pub fn create(&self, holder: &Holder<'_>, has: &[Key]) -> Result<(Value, Creation), Flaw> {
        // Read without being verified, a key would tell whoever holds the authenticator which accounts it is for.
        let cred_protect = CredProtect {
            credential_protection_policy: CredentialProtectionPolicy::UserVerificationRequired,
            enforce_credential_protection_policy: Some(false),
        };
        let extensions = RequestRegistrationExtensions { cred_protect: Some(cred_protect), ..Default::default() };
        let builder = self
            .core
            .new_challenge_register_builder(holder.handle, holder.name, holder.display_name)?
            .attestation(AttestationConveyancePreference::None)
            .credential_algorithms(COSEAlgorithm::secure_algs())
            .require_resident_key(true)
            .user_verification_policy(UserVerificationPolicy::Required)
            .exclude_credentials(Some(has.iter().map(|key| key.id().to_vec()).collect()))
            .extensions(Some(extensions));
        let (options, state) = self.core.generate_challenge_register(builder)?;
        let mut options = serde_json::to_value(options.public_key).map_err(|_| Flaw::Malformed)?;
        put(&mut options, "excludeCredentials", has);
        Ok((options, Creation(state)))
    }

    /// The key that was made, checked. `answer` is the JSON of `toJSON()`.
    pub fn created(&self, answer: &str, state: &Creation) -> Result<Key, Flaw> {
        let read: RegisterPublicKeyCredential = serde_json::from_str(answer).map_err(|_| Flaw::Malformed)?;
        if read.type_ != "public-key" {
            return Err(Flaw::Malformed);
        }
        let credential = self.core.register_credential(&read, &state.0, None)?;
        let transports = read.response.transports.unwrap_or_default().into_iter().take(8).collect();
        Ok(Key { v: VERSION, aaguid: hex(&aaguid(answer)), transports, credential })
    }

    /// Options of `navigator.credentials.get()`, in the JSON of `parseRequestOptionsFromJSON()`. With no key named, the
    /// person chooses among those their browser knows.
    pub fn request(&self, keys: &[Key]) -> Result<(Value, Request), Flaw> {
        // The state keeps no key: the one that answers is read when it does, as it is then.
        let builder = self.core.new_challenge_authenticate_builder(Vec::new(), Some(UserVerificationPolicy::Required))?;
        let (options, state) = self.core.generate_challenge_authenticate(builder.allow_backup_eligible_upgrade(true))?;
        let mut options = serde_json::to_value(options.public_key).map_err(|_| Flaw::Malformed)?;
        put(&mut options, "allowCredentials", keys);
        Ok((options, Request(state)))
    }

    /// Checks an answer against the key it claims to be of, whose counter was last `counter`.
    pub fn proved(&self, answer: &Assertion, state: &Request, key: Key, counter: u32) -> Result<Proven, Flaw> {
        if answer.is_cross_origin() {
            return Err(Flaw::Origin);
        }
        let credential = Credential { counter, ..key.credential };
        let result = self.core.authenticate_single_credential(&answer.0, &state.0, &credential)?;
        if !result.user_verified() {
            return Err(Flaw::Verification);
        }
        let credential = Credential { backup_eligible: result.backup_eligible(), backup_state: result.backup_state(), ..credential };
        Ok(Proven { counter: result.counter(), key: Key { credential, ..key } })
    }
}

/// The RP ID of the hub at `issuer`; see [`RelyingParty::new`].
pub fn rp_id(issuer: &Url, id: Option<&str>) -> Option<String> {
    let Some(Host::Domain(host)) = issuer.host() else { return None };
    let Some(id) = id else { return Some(host.to_owned()) };
    let within = host == id || (id.contains('.') && host.strip_suffix(id).is_some_and(|rest| rest.ends_with('.')));
    within.then(|| id.to_owned())
}

/// Names keys in a member of the options.
fn put(options: &mut Value, member: &str, keys: &[Key]) {
    if let Some(options) = options.as_object_mut() {
        options.insert(member.to_owned(), keys.iter().map(Key::descriptor).collect());
    }
}

/// The model of the authenticator, from the authenticator data that browsers give beside the attestation (§6.5.2). Zeros
/// when it is not there: it only makes a name.
fn aaguid(answer: &str) -> [u8; 16] {
    let text: Option<Value> = serde_json::from_str(answer).ok();
    let data = text.as_ref().and_then(|t| from_b64u(t.pointer("/response/authenticatorData")?.as_str()?));
    data.as_deref().and_then(|d| d.get(37..53)).and_then(|id| id.try_into().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_rp_id_is_the_host_or_a_domain_that_holds_it() {
        let hub = url("https://sso.aides.example.fr/");
        assert_eq!(rp_id(&hub, None).as_deref(), Some("sso.aides.example.fr"));
        for (asked, taken) in [
            ("sso.aides.example.fr", true),
            ("aides.example.fr", true),
            ("des.example.fr", false),
            ("fr", false),
            ("", false),
            ("autre.example.fr", false),
            ("www.sso.aides.example.fr", false),
        ] {
            assert_eq!(rp_id(&hub, Some(asked)).is_some(), taken, "{asked}");
        }
        assert_eq!(rp_id(&url("http://127.0.0.1:8000"), None), None, "an address is no name");
        assert_eq!(rp_id(&url("http://[::1]:8000"), None), None);
        assert_eq!(rp_id(&url("http://localhost:8080"), None).as_deref(), Some("localhost"));
    }

    #[test]
    fn options_ask_for_a_key_that_verifies_its_user_and_can_be_found() {
        let party = RelyingParty::new(&url("http://sso.localhost:8000"), None, "Portail").unwrap();
        let holder = Holder { handle: b"opaque", name: "c@x.example", display_name: "Camille Durand" };
        let (options, _) = party.create(&holder, &[]).unwrap();
        assert_eq!(options["rp"], json!({ "id": "sso.localhost", "name": "Portail" }));
        assert_eq!(options["user"]["id"], b64u("opaque"));
        assert_eq!(options["attestation"], "none");
        let selection = &options["authenticatorSelection"];
        assert_eq!((&selection["residentKey"], &selection["userVerification"]), (&json!("required"), &json!("required")));
        assert_eq!(selection["requireResidentKey"], true);
        let (options, _) = party.request(&[]).unwrap();
        assert_eq!((&options["rpId"], &options["userVerification"]), (&json!("sso.localhost"), &json!("required")));
        assert_eq!(options["allowCredentials"], json!([]));
        assert_ne!(party.request(&[]).unwrap().0["challenge"], options["challenge"]);
    }

    /// Rows written by the first version of this form must stay readable whatever the library becomes.
    #[test]
    fn a_key_kept_by_the_first_version_is_read() {
        let key = Key::read(FIRST.as_bytes()).unwrap();
        assert_eq!((b64u(key.id()).as_str(), key.counter(), key.is_synced(), key.is_backed_up()), ("AQIDBA", 7, true, false));
        assert_eq!(key.aaguid(), "ea9b8d664d011d213ce4b6b48cb575d4");
        assert_eq!(key.descriptor(), json!({ "type": "public-key", "id": "AQIDBA", "transports": ["internal", "hybrid"] }));
        let again = Key::read(&key.write().unwrap()).unwrap();
        assert_eq!((again.id(), again.counter()), (key.id(), key.counter()));
        assert_eq!(Key::read(FIRST.replace("\"v\":1", "\"v\":2").as_bytes()).unwrap_err(), Unreadable, "a later form is not guessed at");
        assert!(Key::read(b"{}").is_err());
    }

    const FIRST: &str = r#"{"v":1,"aaguid":"ea9b8d664d011d213ce4b6b48cb575d4","transports":["internal","hybrid"],"credential":
        {"cred_id":"AQIDBA","cred":{"type_":"ES256","key":{"EC_EC2":{"curve":"SECP256R1",
        "x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}}},
        "counter":7,"transports":null,"user_verified":true,"backup_eligible":true,"backup_state":false,"registration_policy":"required",
        "extensions":{"cred_protect":"Ignored","hmac_create_secret":"NotRequested","appid":"NotRequested","cred_props":"NotRequested"},
        "attestation":{"data":"None","metadata":"None"},"attestation_format":"none"}}"#;
}
