//! The containers of RFC 6030, §4 to §7, and what a hostile or damaged file may hold.

use super::*;
use crate::base::Secret;
use crate::base::encode::from_hex;

const SEED: &[u8] = b"12345678901234567890";

fn container(inner: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="{NAMESPACE}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">
{inner}
</KeyContainer>"#
    )
}

fn package(serial: &str, algorithm: &str, inner: &str, data: &str) -> String {
    format!(
        r#"<KeyPackage>
<DeviceInfo><Manufacturer>Manufacturer</Manufacturer><SerialNo>{serial}</SerialNo></DeviceInfo>
<CryptoModuleInfo><Id>CM_ID_001</Id></CryptoModuleInfo>
<Key Id="12345678" Algorithm="{algorithm}"><Issuer>Issuer</Issuer>{inner}<Data>{data}</Data></Key>
</KeyPackage>"#
    )
}

const HOTP: &str = "urn:ietf:params:xml:ns:keyprov:pskc:hotp";
const TOTP: &str = "urn:ietf:params:xml:ns:keyprov:pskc:totp";
const EIGHT: &str = r#"<AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>"#;
const PLAIN: &str = "<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>";
const COUNTER: &str = "<Counter><PlainValue>0</PlainValue></Counter>";

fn plain(inner: &str, data: &str) -> String {
    container(&package("987654321", HOTP, inner, &format!("{PLAIN}{data}")))
}

#[track_caller]
fn good(text: &str, unlock: &Unlock) -> Vec<Entry> {
    let (entries, faults) = read(text, unlock);
    assert_eq!(faults, []);
    entries
}

#[track_caller]
fn refused(text: &str, unlock: &Unlock, why: &str) {
    let (entries, faults) = read(text, unlock);
    assert!(entries.is_empty(), "{why}");
    assert!(faults.iter().any(|f| f.to_string().contains(why)), "{why}: {faults:?}");
}

/// Figure 6: AES-128-CBC with a pre-shared key, and a MAC.
fn figure_6() -> String {
    container(&format!(
        r#"<EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></EncryptionKey>
<MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"><MACKey>
<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
<xenc:CipherData><xenc:CipherValue>
    ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX
</xenc:CipherValue></xenc:CipherData></MACKey></MACMethod>
{}"#,
        package(
            "987654321",
            HOTP,
            EIGHT,
            &format!(
                r#"<Secret><EncryptedValue><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
<xenc:CipherData><xenc:CipherValue>
    AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv
</xenc:CipherValue></xenc:CipherData></EncryptedValue>
<ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=
</ValueMAC></Secret>{COUNTER}"#
            )
        )
    ))
}

fn preshared() -> Unlock {
    Unlock::Key(Zeroizing::new(from_hex("12345678901234567890123456789012").unwrap()))
}

/// Figure 7: a key derived from a passphrase. Prefixes, and elements without namespace, as in the RFC.
const FIGURE_7: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<pskc:KeyContainer xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc" xmlns:xenc11="http://www.w3.org/2009/xmlenc11#"
  xmlns:pkcs5="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#" xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Version="1.0">
<pskc:EncryptionKey><xenc11:DerivedKey>
<xenc11:KeyDerivationMethod Algorithm="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2">
<pkcs5:PBKDF2-params><Salt><Specified>Ej7/PEpyEpw=</Specified></Salt>
<IterationCount>1000</IterationCount><KeyLength>16</KeyLength><PRF/></pkcs5:PBKDF2-params>
</xenc11:KeyDerivationMethod>
<xenc:ReferenceList><xenc:DataReference URI="#ED"/></xenc:ReferenceList>
<xenc11:MasterKeyName>My Password 1</xenc11:MasterKeyName>
</xenc11:DerivedKey></pskc:EncryptionKey>
<pskc:MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"><pskc:MACKey>
<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
<xenc:CipherData><xenc:CipherValue>2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx</xenc:CipherValue></xenc:CipherData>
</pskc:MACKey></pskc:MACMethod>
<pskc:KeyPackage>
<pskc:DeviceInfo><pskc:Manufacturer>TokenVendorAcme</pskc:Manufacturer><pskc:SerialNo>987654321</pskc:SerialNo></pskc:DeviceInfo>
<pskc:Key Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp" Id="123456">
<pskc:AlgorithmParameters><pskc:ResponseFormat Length="8" Encoding="DECIMAL"/></pskc:AlgorithmParameters>
<pskc:Data><pskc:Secret>
<pskc:EncryptedValue Id="ED"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
<xenc:CipherData><xenc:CipherValue>oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f</xenc:CipherValue></xenc:CipherData>
</pskc:EncryptedValue>
<pskc:ValueMAC>LP6xMvjtypbfT9PdkJhBZ+D6O4w=</pskc:ValueMAC>
</pskc:Secret></pskc:Data></pskc:Key></pskc:KeyPackage></pskc:KeyContainer>"##;

fn passphrase(text: &str) -> Unlock {
    Unlock::Passphrase(Secret::new(text))
}

#[test]
fn rfc_6030_figure_2_a_key_without_a_device_is_named_by_its_id() {
    let text = container(&format!(
        r#"<KeyPackage><Key Id="12345678" Algorithm="{HOTP}"><Issuer>Issuer-A</Issuer><Data><Secret><PlainValue>MTIzNA==</PlainValue></Secret></Data></Key></KeyPackage>"#
    ));
    let entries = good(&text, &Unlock::Nothing);
    assert_eq!((entries[0].serial.as_str(), entries[0].secret.as_slice(), entries[0].digits), ("12345678", &b"1234"[..], 6));
    let faults = super::super::import::read(text.as_bytes(), super::super::import::Defaults::default(), &Unlock::Nothing).unwrap_err();
    assert!(faults[0].what.contains("4 bytes"), "too short a seed for a card: {faults:?}");
}

#[test]
fn rfc_6030_figure_3_a_plain_key_with_its_device_and_counter() {
    let entries = good(&plain(EIGHT, COUNTER), &Unlock::Nothing);
    let card = &entries[0];
    assert_eq!((card.serial.as_str(), card.moves, card.digits, card.counter, card.hash), ("987654321", Moves::Event, 8, 0, Hash::Sha1));
    assert_eq!((card.secret.as_slice(), card.line), (SEED, 3));
}

#[test]
fn rfc_6030_figure_4_a_key_given_by_reference_has_no_seed() {
    let text = container(&package(
        "987654321",
        HOTP,
        "<KeyProfileId>keyProfile1</KeyProfileId><KeyReference>MasterKeyLabel</KeyReference>",
        COUNTER,
    ));
    refused(&text, &Unlock::Nothing, "line 3: 987654321: no Secret");
}

#[test]
fn rfc_6030_figure_5_a_pin_of_the_device_is_not_a_card() {
    let policy = r#"<Policy><PINPolicy MinLength="4" MaxLength="4" PINKeyId="123456781" PINEncoding="DECIMAL" PINUsageMode="Local"/><KeyUsage>OTP</KeyUsage></Policy>"#;
    let pin = package("987654321", "urn:ietf:params:xml:ns:keyprov:pskc:pin", "", "<Secret><PlainValue>MTIzNA==</PlainValue></Secret>");
    let key = package("987654321", HOTP, &format!("{EIGHT}{policy}"), &format!("{PLAIN}{COUNTER}"));
    assert_eq!(good(&container(&format!("{key}{pin}")), &Unlock::Nothing).len(), 1);
    // A policy that would change the codes, or forbids them, is not overlooked.
    refused(&plain(r#"<Policy><PINPolicy PINUsageMode="Append"/></Policy>"#, ""), &Unlock::Nothing, "joined to a PIN");
    refused(&plain("<Policy><KeyUsage>CR</KeyUsage></Policy>", ""), &Unlock::Nothing, "not for one-time codes");
}

#[test]
fn rfc_6030_figure_6_a_seed_encrypted_with_a_shared_key() {
    let entries = good(&figure_6(), &preshared());
    assert_eq!((entries[0].secret.as_slice(), entries[0].digits, entries[0].counter), (SEED, 8, 0));
}

#[test]
fn rfc_6030_figure_7_a_seed_encrypted_with_a_passphrase() {
    let entries = good(FIGURE_7, &passphrase("qwerty"));
    assert_eq!((entries[0].secret.as_slice(), entries[0].digits), (SEED, 8));
}

#[test]
fn rfc_6030_bulk_a_container_holds_many_cards_and_their_dates() {
    let dates = "<Policy><StartDate>2006-05-01T00:00:00Z</StartDate><ExpiryDate>2006-05-31T00:00:00Z</ExpiryDate></Policy>";
    let both = [("654321", dates), ("123456", "")]
        .map(|(serial, policy)| package(serial, HOTP, &format!("{EIGHT}{policy}"), &format!("{PLAIN}{COUNTER}")))
        .join("\n");
    let entries = good(&container(&both), &Unlock::Nothing);
    let found: Vec<_> = entries.iter().map(|e| (e.serial.as_str(), e.line, e.expires.map(Timestamp::secs))).collect();
    assert_eq!(found, [("654321", 3, Some(1_149_033_600)), ("123456", 8, None)]);
}

#[test]
fn a_time_based_key_says_its_step_hash_and_drift() {
    let inner = r#"<AlgorithmParameters><Suite>HMAC-SHA256</Suite><ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters>"#;
    let time = |interval: &str| {
        let data = format!(
            "{PLAIN}<Time><PlainValue>0</PlainValue></Time><TimeInterval><PlainValue>{interval}</PlainValue></TimeInterval><TimeDrift><PlainValue>-4</PlainValue></TimeDrift>"
        );
        container(&package("GADT0001", TOTP, inner, &data))
    };
    let card = &good(&time("60"), &Unlock::Nothing)[0];
    assert_eq!((card.moves, card.hash, card.digits, card.drift), (Moves::Time { step: 60 }, Hash::Sha256, 6, -4));
    for interval in ["0", "45", "-30", "x", "99999999999999999999"] {
        refused(&time(interval), &Unlock::Nothing, "TimeInterval");
    }
}

#[test]
fn a_wrong_key_or_an_altered_value_opens_nothing() {
    let key = |byte: u8, length| Unlock::Key(Zeroizing::new(vec![byte; length]));
    for (unlock, why) in [
        (Unlock::Nothing, "the key shared with its maker is needed"),
        (passphrase("qwerty"), "the key shared"),
        (key(7, 16), "MAC"),
        (key(7, 32), "a key of 16 bytes, not 32"),
        (key(7, 5), "a key of 16 bytes, not 5"),
    ] {
        refused(&figure_6(), &unlock, why);
    }
    refused(FIGURE_7, &passphrase("azerty"), "MAC");
    refused(FIGURE_7, &preshared(), "the passphrase shared");
    for (from, to, why) in [
        ("AAECAwQF", "AAECAwQG", "the MAC does not match"),
        ("Su+NvtQf", "Su+NvtQg", "the MAC does not match"),
        ("wZqIUqGv", "wZqIUqG!", "not base64"),
        ("<ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=\n</ValueMAC>", "", "no ValueMAC"),
        ("xmlenc#aes128-cbc", "xmlenc#tripledes-cbc", "only aes128-cbc"),
        ("xmldsig#hmac-sha1", "xmldsig#hmac-md5", "MACMethod"),
        ("<EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></EncryptionKey>", "", "names no EncryptionKey"),
        ("<ds:KeyName>Pre-shared-key</ds:KeyName>", "<ds:X509Data/>", "encrypted for a certificate"),
    ] {
        let text = figure_6().replace(from, to);
        assert_ne!(text, figure_6(), "{from}");
        refused(&text, &preshared(), why);
    }
    let without = figure_6();
    let (start, end) = (without.find("<MACMethod").unwrap(), without.find("</MACMethod>").unwrap() + 12);
    refused(&format!("{}{}", &without[..start], &without[end..]), &preshared(), "encrypted without MACMethod");
    refused(&FIGURE_7.replace(">1000<", ">4000000000<"), &passphrase("qwerty"), "out of bounds");
}

#[test]
fn hostile_documents_are_refused_without_harm() {
    let bomb = format!("<!DOCTYPE k [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;\">]>{}", plain("", "").split_once("?>").unwrap().1);
    refused(&bomb, &Unlock::Nothing, "a document type is not accepted");
    refused(&plain("", "").replace("987654321", "&xxe;"), &Unlock::Nothing, "unknown entity");
    for text in ["", "<", "<html/>", "<KeyContainer/>", "<KeyContainer xmlns=\"urn:other\"/>"] {
        let (entries, faults) = read(text, &Unlock::Nothing);
        assert!(entries.is_empty() && !faults.is_empty(), "{text}");
    }
    let whole = figure_6();
    for cut in (0..whole.len()).step_by(37) {
        let (entries, faults) = read(&whole[..cut], &preshared());
        assert!(entries.is_empty() && !faults.is_empty(), "truncated at {cut}");
    }
    let deep = format!("{}{}", "<a>".repeat(200_000), "</a>".repeat(200_000));
    assert!(good(&container(&deep), &Unlock::Nothing).is_empty(), "depth is not ours to walk");
    for serial in ["", "../x", "a b/c", "&lt;b&gt;"] {
        refused(&plain("", "").replace("987654321", serial), &Unlock::Nothing, "SerialNo");
    }
}
