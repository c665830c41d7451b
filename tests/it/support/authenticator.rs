//! An authenticator in software: makes ES256 passkeys and answers with them (WebAuthn Level 3), rightly or as it is told.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use guichet::base::encode::{b64u, from_b64u};
use serde_json::{Value, json};

use super::ISSUER;

/// User present.
pub const UP: u8 = 0x01;
/// User verified.
pub const UV: u8 = 0x04;
/// Backup eligible.
pub const BE: u8 = 0x08;
/// Backed up.
pub const BS: u8 = 0x10;
/// Attested credential data follows.
const AT: u8 = 0x40;

/// What is done otherwise than it should.
#[derive(Debug, Clone, Default)]
pub struct Twist {
    pub ceremony: Option<&'static str>,
    pub challenge: Option<String>,
    pub origin: Option<&'static str>,
    pub cross_origin: bool,
    pub rp_id: Option<&'static str>,
    /// Flags that are not set.
    pub without: u8,
    /// The counter, rather than the next one.
    pub counter: Option<u32>,
    /// The person the key says it is of; an empty text says nobody.
    pub handle: Option<String>,
    pub spoil: bool,
}

/// One passkey.
pub struct Authenticator {
    pair: EcdsaKeyPair,
    pub id: Vec<u8>,
    pub handle: String,
    rp_id: String,
    /// Counter of the last answer; `None` keeps none, as synchronised keys do.
    pub counter: Option<u32>,
    /// Flags of the next answer.
    pub flags: u8,
    pub aaguid: [u8; 16],
}

impl Authenticator {
    /// A new key for nobody yet.
    pub fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = sha256(pair.public_key().as_ref());
        Self { pair, id, handle: String::new(), rp_id: String::new(), counter: Some(0), flags: UP | UV, aaguid: [0; 16] }
    }

    /// A key kept in several devices.
    pub fn synced() -> Self {
        Self { counter: None, flags: UP | UV | BE | BS, ..Self::new() }
    }

    /// Answers `navigator.credentials.create()`.
    pub fn create(&mut self, options: &Value, twist: &Twist) -> String {
        let options = &options["publicKey"];
        self.rp_id = options["rp"]["id"].as_str().unwrap().to_owned();
        self.handle = options["user"]["id"].as_str().unwrap().to_owned();
        let client = client_data("webauthn.create", options, twist);
        let mut data = self.data(twist, AT);
        data.extend(self.aaguid);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose());
        // {"fmt": "none", "attStmt": {}, "authData": bytes}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(&data);
        let response = json!({
            "clientDataJSON": b64u(&client), "attestationObject": b64u(&object), "authenticatorData": b64u(&data), "transports": ["internal"],
        });
        self.wrap(&response)
    }

    /// Answers `navigator.credentials.get()`.
    pub fn get(&mut self, options: &Value, twist: &Twist) -> String {
        let client = client_data("webauthn.get", &options["publicKey"], twist);
        if let Some(counter) = &mut self.counter {
            *counter += 1;
        }
        let data = self.data(twist, 0);
        let mut signed = data.clone();
        signed.extend(sha256(&client));
        let mut signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap().as_ref().to_vec();
        if twist.spoil {
            signature = self.pair.sign(&SystemRandom::new(), b"something else").unwrap().as_ref().to_vec();
        }
        let handle = twist.handle.clone().unwrap_or_else(|| self.handle.clone());
        let mut response = json!({ "clientDataJSON": b64u(&client), "authenticatorData": b64u(&data), "signature": b64u(signature) });
        if !handle.is_empty() {
            response["userHandle"] = json!(handle);
        }
        self.wrap(&response)
    }

    fn wrap(&self, response: &Value) -> String {
        json!({ "id": b64u(&self.id), "rawId": b64u(&self.id), "type": "public-key", "response": response }).to_string()
    }

    fn data(&self, twist: &Twist, more: u8) -> Vec<u8> {
        let mut data = sha256(twist.rp_id.unwrap_or(&self.rp_id).as_bytes());
        data.push((self.flags | more) & !twist.without);
        data.extend(twist.counter.or(self.counter).unwrap_or(0).to_be_bytes());
        data
    }

    /// {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    fn cose(&self) -> Vec<u8> {
        let point = self.pair.public_key().as_ref();
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        key.extend(&point[1..33]);
        key.extend([0x22, 0x58, 0x20]);
        key.extend(&point[33..65]);
        key
    }
}

fn client_data(ceremony: &str, options: &Value, twist: &Twist) -> Vec<u8> {
    let challenge = twist.challenge.clone().unwrap_or_else(|| options["challenge"].as_str().unwrap().to_owned());
    assert!(from_b64u(&challenge).is_some_and(|c| c.len() >= 16), "{challenge}");
    json!({
        "type": twist.ceremony.unwrap_or(ceremony), "challenge": challenge, "origin": twist.origin.unwrap_or(ISSUER),
        "crossOrigin": twist.cross_origin,
    })
    .to_string()
    .into_bytes()
}

fn sha256(data: &[u8]) -> Vec<u8> {
    digest(&SHA256, data).as_ref().to_vec()
}
