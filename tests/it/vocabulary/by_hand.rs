//! What we encrypt, read back with OpenSSL and the text of the RFCs alone: no JOSE library of ours on both sides.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet::crypto::encrypt::{self, Content, Encryption};
use guichet::crypto::{ContentEncryption, KeyManagement};
use josekit::jwk::Jwk;
use openssl::bn::{BigNum, BigNumContext};
use openssl::derive::Deriver;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::encrypt::Decrypter;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sha::sha256;
use openssl::symm::{Cipher, decrypt_aead};
use serde_json::{Value, json};

use super::envelope::{private, public};

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn number(jwk: &Value, member: &str) -> BigNum {
    BigNum::from_slice(&bytes(jwk[member].as_str().unwrap())).unwrap()
}

fn point(jwk: &Value) -> (EcGroup, EcPoint) {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let mut context = BigNumContext::new().unwrap();
    let coordinates = [vec![4], bytes(jwk["x"].as_str().unwrap()), bytes(jwk["y"].as_str().unwrap())].concat();
    let point = EcPoint::from_bytes(&group, &coordinates, &mut context).unwrap();
    (group, point)
}

fn ec_private(jwk: &Value) -> PKey<Private> {
    let (group, point) = point(jwk);
    PKey::from_ec_key(EcKey::from_private_components(&group, &number(jwk, "d"), &point).unwrap()).unwrap()
}

fn ec_public(jwk: &Value) -> PKey<Public> {
    let (group, point) = point(jwk);
    PKey::from_ec_key(EcKey::from_public_key(&group, &point).unwrap()).unwrap()
}

/// RFC 7518 §4.6.2, for keys of 256 bits or less.
fn agreed(ours: &Value, theirs: &Value, id: &str, apu: &[u8], apv: &[u8], bits: u32) -> Vec<u8> {
    let (ours, theirs) = (ec_private(ours), ec_public(theirs));
    let mut deriver = Deriver::new(&ours).unwrap();
    deriver.set_peer(&theirs).unwrap();
    let z = deriver.derive_to_vec().unwrap();
    let with_length = |part: &[u8]| [&u32::try_from(part.len()).unwrap().to_be_bytes(), part].concat();
    let info = [with_length(id.as_bytes()), with_length(apu), with_length(apv), bits.to_be_bytes().to_vec()].concat();
    sha256(&[&1_u32.to_be_bytes()[..], &z, &info].concat())[..bits as usize / 8].to_vec()
}

/// The content of a compact JWE under A256GCM.
fn content(token: &str, key: &[u8]) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let plain = decrypt_aead(Cipher::aes_256_gcm(), key, Some(&bytes(parts[2])), parts[0].as_bytes(), &bytes(parts[3]), &bytes(parts[4]));
    String::from_utf8(plain.unwrap()).unwrap()
}

fn encrypted(key: &Jwk, alg: KeyManagement) -> String {
    let with = Encryption { alg, enc: ContentEncryption::A256GCM };
    encrypt::encrypt(&public(&[key]), with, Content::Jwt("a.signed.jwt")).unwrap()
}

#[test]
fn keys_are_agreed_as_in_rfc_7518_appendix_c() {
    let alice = json!({
        "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
        "d": "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo",
    });
    let bob = json!({
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
    });
    for (ours, theirs) in [(&alice, &bob), (&bob, &alice)] {
        assert_eq!(URL_SAFE_NO_PAD.encode(agreed(ours, theirs, "A128GCM", b"Alice", b"Bob", 128)), "VqqN6vgjbSBcIijNcacQGg");
    }
}

#[test]
fn what_is_agreed_with_a_clients_key_opens_what_was_encrypted_to_it() {
    let key = private(KeyManagement::EcdhEs, "k");
    let token = encrypted(&key, KeyManagement::EcdhEs);
    let header: Value = serde_json::from_slice(&bytes(token.split('.').next().unwrap())).unwrap();
    assert_eq!(token.split('.').nth(1), Some(""), "no key travels");
    let shared = agreed(&serde_json::to_value(&key).unwrap(), &header["epk"], "A256GCM", b"", b"", 256);
    assert_eq!(content(&token, &shared), "a.signed.jwt");
    assert_ne!(
        header["epk"],
        serde_json::from_slice::<Value>(&bytes(encrypted(&key, KeyManagement::EcdhEs).split('.').next().unwrap())).unwrap()["epk"],
        "ephemeral"
    );
}

#[test]
fn a_client_with_an_rsa_key_unwraps_what_was_encrypted_to_it() {
    for (alg, digest) in [(KeyManagement::RsaOaep, MessageDigest::sha1()), (KeyManagement::RsaOaep256, MessageDigest::sha256())] {
        let key = private(alg, "k");
        let jwk = serde_json::to_value(&key).unwrap();
        let n = |member: &str| number(&jwk, member);
        let rsa = Rsa::from_private_components(n("n"), n("e"), n("d"), n("p"), n("q"), n("dp"), n("dq"), n("qi")).unwrap();
        let rsa = PKey::from_rsa(rsa).unwrap();
        let mut decrypter = Decrypter::new(&rsa).unwrap();
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
        decrypter.set_rsa_oaep_md(digest).unwrap();
        decrypter.set_rsa_mgf1_md(digest).unwrap();
        let token = encrypted(&key, alg);
        let wrapped = bytes(token.split('.').nth(1).unwrap());
        let mut content_key = vec![0; decrypter.decrypt_len(&wrapped).unwrap()];
        let length = decrypter.decrypt(&wrapped, &mut content_key).unwrap();
        assert_eq!(content(&token, &content_key[..length]), "a.signed.jwt", "{}", alg.name());
    }
}
