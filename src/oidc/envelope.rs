//! How id_tokens and userinfo travel: signed by us, and encrypted to the client when it registered for that (OpenID Connect
//! Core §16.14, Dynamic Client Registration §2). Signed first, then encrypted.

use super::client::{Client, Metadata};
use super::error::{Code, Error, OAuthError, Result};
use crate::crypto::encrypt::{self, Content};
use crate::crypto::{Algorithm, ContentEncryption, Encryption, KeyManagement};

impl Metadata {
    /// How its id_tokens are encrypted, if they are.
    pub fn id_token_encryption(&self) -> Option<Encryption> {
        pair(self.id_token_encrypted_response_alg, self.id_token_encrypted_response_enc)
    }

    /// How its userinfo is encrypted, if it is.
    pub fn userinfo_encryption(&self) -> Option<Encryption> {
        pair(self.userinfo_encrypted_response_alg, self.userinfo_encrypted_response_enc)
    }

    /// What is wrong with the members about encryption.
    pub(super) fn envelope_problems(&self) -> Vec<String> {
        let of = |name: &str, alg: Option<KeyManagement>, enc: Option<ContentEncryption>| match (alg, enc) {
            (None, Some(_)) => Some(format!("{name}_enc: needs {name}_alg")),
            (Some(alg), _) => {
                let reachable = self.jwks_uri.is_some() || self.jwks.as_ref().is_some_and(|keys| encrypt::usable_jwks(keys, alg));
                (!reachable).then(|| {
                    let kind = match alg {
                        KeyManagement::EcdhEs | KeyManagement::EcdhEsA256Kw => "an EC key (P-256, P-384, P-521) or an X25519 key",
                        KeyManagement::RsaOaep | KeyManagement::RsaOaep256 => "an RSA key of 2048 bits or more",
                    };
                    format!("jwks: {name}_alg {} needs {kind}, with use enc or none", alg.name())
                })
            }
            (None, None) => None,
        };
        let id_token = of("id_token_encrypted_response", self.id_token_encrypted_response_alg, self.id_token_encrypted_response_enc);
        let userinfo = of("userinfo_encrypted_response", self.userinfo_encrypted_response_alg, self.userinfo_encrypted_response_enc);
        id_token.into_iter().chain(userinfo).collect()
    }
}

fn pair(alg: Option<KeyManagement>, enc: Option<ContentEncryption>) -> Option<Encryption> {
    Some(Encryption { alg: alg?, enc: enc.unwrap_or_default() })
}

impl Client {
    /// Algorithm that signs its userinfo; `None` for plain JSON. The federations always sign.
    pub fn userinfo_alg(&self) -> Option<Algorithm> {
        let federal = self.metadata.claims_vocabulary.is_federal();
        self.metadata.userinfo_signed_response_alg.or_else(|| federal.then(|| self.signing_alg()))
    }

    /// Encrypts an answer to the client, as registered; it stays as it is otherwise.
    pub(super) fn enclose(&self, with: Option<Encryption>, jwt: String) -> Result<String> {
        match with {
            Some(with) => self.encrypt(with, Content::Jwt(&jwt)),
            None => Ok(jwt),
        }
    }

    pub(super) fn encrypt(&self, with: Encryption, content: Content<'_>) -> Result<String> {
        // The registration was checked: only one written past the checks, or whose published keys do not fit, comes here.
        let none = || match &self.metadata.jwks_uri {
            Some(_) => OAuthError::new(Code::InvalidRequest, "the jwks_uri of the client gives no key to encrypt to").into(),
            None => Error::Internal(format!("client {} has no key to encrypt to", self.id)),
        };
        self.with_jwks(|keys| encrypt::encrypt(keys, with, content).ok()).flatten().ok_or_else(none)
    }
}
