//! PSKC (RFC 6030): the file in which makers deliver seeds, plain or encrypted with a key or a passphrase shared beforehand.
//! Elements are looked up by local name on the few paths that matter; what is not understood and would change the codes is
//! refused.

use roxmltree::{Document, Node, ParsingOptions};
use zeroize::Zeroizing;

use super::import::{Entry, Fault, Unlock, digits};
use super::{Moves, Serial};
use crate::base::Timestamp;
use crate::base::encode::from_b64;
use crate::crypto::oath::Hash;
use crate::crypto::transport::{Digest, decrypt_cbc, derive, mac_matches};

const NAMESPACE: &str = "urn:ietf:params:xml:ns:keyprov:pskc";
/// Most nodes of a file: about a hundred thousand cards.
const MAX_NODES: u32 = 5_000_000;

type Read<T> = Result<T, String>;

/// Reads a file: the cards it describes, and everything that is wrong.
pub fn read(text: &str, unlock: &Unlock) -> (Vec<Entry>, Vec<Fault>) {
    // Without a DTD there are no entities to expand.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = match Document::parse_with_options(text, options) {
        Ok(document) => document,
        Err(roxmltree::Error::DtdDetected) => return (Vec::new(), vec![Fault::whole("a document type is not accepted")]),
        Err(e) => return (Vec::new(), vec![Fault { line: Some(u64::from(e.pos().row)), what: e.to_string() }]),
    };
    let root = document.root_element();
    if root.tag_name().name() != "KeyContainer" || root.tag_name().namespace() != Some(NAMESPACE) {
        return (Vec::new(), vec![Fault::at(1, "not a PSKC file: its root is to be KeyContainer (RFC 6030)")]);
    }
    let opener = match Opener::of(root, unlock) {
        Ok(opener) => opener,
        Err(what) => return (Vec::new(), vec![Fault::whole(what)]),
    };
    let (mut entries, mut faults, mut place) = (Vec::new(), Vec::new(), Lines::default());
    for package in children(root, "KeyPackage") {
        let line = place.of(text, package.range().start);
        match entry(package, line, &opener) {
            Ok(Some(entry)) => entries.push(entry),
            Ok(None) => {}
            Err(what) => faults.push(Fault::at(line, what)),
        }
    }
    (entries, faults)
}

/// Lines of places that are asked for in order, so that the text is walked once.
#[derive(Default)]
struct Lines {
    at: usize,
    line: u64,
}

impl Lines {
    fn of(&mut self, text: &str, place: usize) -> u64 {
        let passed = text.as_bytes().get(self.at..place).unwrap_or_default();
        self.line += passed.iter().filter(|b| **b == b'\n').count() as u64;
        self.at = place;
        self.line + 1
    }
}

fn children<'a, 'i: 'a>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |n| n.is_element() && n.tag_name().name() == name)
}

/// The first element on a path of local names.
fn at<'a, 'i>(node: Node<'a, 'i>, path: &[&'static str]) -> Option<Node<'a, 'i>> {
    path.iter().try_fold(node, |node, name| children(node, name).next())
}

fn text<'a>(node: Node<'a, '_>) -> &'a str {
    node.text().unwrap_or_default().trim()
}

fn base64(node: Node<'_, '_>) -> Read<Zeroizing<Vec<u8>>> {
    let clean: Zeroizing<String> = Zeroizing::new(text(node).chars().filter(|c| !c.is_whitespace()).collect());
    from_b64(&clean).map(Zeroizing::new).ok_or_else(|| format!("{} is not base64", node.tag_name().name()))
}

/// One package: a key that shows codes. `None` for a key that is there for the device alone, as its PIN.
fn entry(package: Node<'_, '_>, line: u64, opener: &Opener) -> Read<Option<Entry>> {
    let key = at(package, &["Key"]).ok_or("no Key")?;
    let algorithm = key.attribute("Algorithm").unwrap_or_default();
    let name = algorithm.rsplit([':', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let data = at(key, &["Data"]).ok_or("no Data");
    let moves = match name.as_str() {
        "hotp" => Moves::Event,
        "totp" => {
            let step = number(data?, "TimeInterval")?.unwrap_or(30);
            u64::try_from(step).ok().and_then(|s| Moves::parse("totp", s)).ok_or("TimeInterval: 30 or 60 seconds")?
        }
        "pin" => return Ok(None),
        _ => return Err(format!("Algorithm {algorithm:?}: only hotp and totp are known")),
    };
    let data = data?;
    let serial = at(package, &["DeviceInfo", "SerialNo"]).map(text).or(key.attribute("Id")).ok_or("no SerialNo")?;
    let serial = Serial::parse(serial).ok_or_else(|| format!("SerialNo {serial:?}: letters, digits and - _ . only"))?;
    allowed(key)?;
    let secret =
        opener.secret(at(data, &["Secret"]).ok_or_else(|| format!("{serial}: no Secret"))?).map_err(|e| format!("{serial}: {e}"))?;
    let counter = number(data, "Counter")?.unwrap_or(0);
    Ok(Some(Entry {
        line,
        moves,
        hash: hash(key)?,
        digits: shown(key)?,
        counter: if moves == Moves::Event { u64::try_from(counter).map_err(|_| "Counter is negative")? } else { 0 },
        drift: if moves == Moves::Event { 0 } else { number(data, "TimeDrift")?.unwrap_or(0) },
        secret,
        expires: at(key, &["Policy", "ExpiryDate"]).map(date).transpose()?,
        serial,
    }))
}

/// A number of `Data`, only ever in the clear.
fn number(data: Node<'_, '_>, name: &'static str) -> Read<Option<i64>> {
    let Some(element) = at(data, &[name]) else { return Ok(None) };
    let value = at(element, &["PlainValue"]).ok_or_else(|| format!("{name}: no PlainValue"))?;
    let fits = |n: &i64| n.unsigned_abs() < u64::from(u32::MAX);
    text(value).parse().ok().filter(fits).map(Some).ok_or_else(|| format!("{name} is not a number"))
}

fn hash(key: Node<'_, '_>) -> Read<Hash> {
    let Some(suite) = at(key, &["AlgorithmParameters", "Suite"]).map(text) else { return Ok(Hash::Sha1) };
    Hash::parse(suite).ok_or_else(|| format!("Suite {suite:?}: SHA1, SHA256 or SHA512"))
}

fn shown(key: Node<'_, '_>) -> Read<u8> {
    let Some(format) = at(key, &["AlgorithmParameters", "ResponseFormat"]) else { return Ok(6) };
    if format.attribute("Encoding").is_some_and(|e| e != "DECIMAL")
        || format.attribute("CheckDigits").is_some_and(|c| c != "false" && c != "0")
    {
        return Err("ResponseFormat: only decimal codes without check digit".into());
    }
    format.attribute("Length").map_or(Some(6), digits).ok_or_else(|| "ResponseFormat: 6 or 8 digits".into())
}

/// What a policy forbids, or makes the codes differ by, is not ours to overlook (RFC 6030 §5).
fn allowed(key: Node<'_, '_>) -> Read<()> {
    let Some(policy) = at(key, &["Policy"]) else { return Ok(()) };
    let mut usages = children(policy, "KeyUsage").map(text).peekable();
    if usages.peek().is_some() && !usages.any(|usage| usage == "OTP") {
        return Err("Policy: this key is not for one-time codes".into());
    }
    let mode = at(policy, &["PINPolicy"]).and_then(|pin| pin.attribute("PINUsageMode"));
    match mode {
        None | Some("Local") => Ok(()),
        Some(mode) => Err(format!("Policy: codes joined to a PIN ({mode}) are not supported")),
    }
}

fn date(node: Node<'_, '_>) -> Read<Timestamp> {
    let parsed: Result<jiff::Timestamp, _> = text(node).parse();
    parsed.map(|t| Timestamp::from_millis(t.as_millisecond())).map_err(|_| "ExpiryDate is not a date".to_owned())
}

/// Opens the secrets of a container.
#[derive(Default)]
struct Opener {
    key: Option<Zeroizing<Vec<u8>>>,
    mac: Option<(Digest, Option<Zeroizing<Vec<u8>>>)>,
}

impl Opener {
    fn of(root: Node<'_, '_>, unlock: &Unlock) -> Read<Self> {
        let Some(encryption) = at(root, &["EncryptionKey"]) else { return Ok(Self::default()) };
        let key = match (at(encryption, &["DerivedKey"]), unlock) {
            (None, _) if at(encryption, &["X509Data"]).is_some() => {
                return Err("encrypted for a certificate; only a key or a passphrase shared beforehand is supported".into());
            }
            (None, Unlock::Key(key)) => key.clone(),
            (Some(derived), Unlock::Passphrase(passphrase)) => passphrase_key(derived, passphrase.expose())?,
            (None, Unlock::Nothing | Unlock::Passphrase(_)) => return Err("encrypted: the key shared with its maker is needed".into()),
            (Some(_), Unlock::Nothing | Unlock::Key(_)) => return Err("encrypted: the passphrase shared with its maker is needed".into()),
        };
        let mac = match at(root, &["MACMethod"]) {
            Some(method) => Some((mac_digest(method)?, mac_key(method, &key)?)),
            None => None,
        };
        Ok(Self { key: Some(key), mac })
    }

    fn secret(&self, secret: Node<'_, '_>) -> Read<Zeroizing<Vec<u8>>> {
        if let Some(plain) = at(secret, &["PlainValue"]) {
            return base64(plain);
        }
        let value = at(secret, &["EncryptedValue"]).ok_or("a Secret without value")?;
        let key = self.key.as_ref().ok_or("encrypted, and the file names no EncryptionKey")?;
        let encrypted = base64(at(value, &["CipherData", "CipherValue"]).ok_or("no CipherValue")?)?;
        // CBC tells nothing of what was altered: the MAC is checked before anything is decrypted (RFC 6030 §6.1.1).
        let (digest, mac_key) = self.mac.as_ref().ok_or("encrypted without MACMethod: nothing tells whether it was altered")?;
        let mac = base64(at(secret, &["ValueMAC"]).ok_or("no ValueMAC")?)?;
        if !mac_matches(*digest, mac_key.as_ref().unwrap_or(key), &encrypted, &mac) {
            return Err("the MAC does not match: wrong key, or an altered file".into());
        }
        decrypt(value, key, &encrypted)
    }
}

/// Decrypts with the algorithm that an element names, when it fits the key.
fn decrypt(value: Node<'_, '_>, key: &[u8], encrypted: &[u8]) -> Read<Zeroizing<Vec<u8>>> {
    let method = at(value, &["EncryptionMethod"]).and_then(|m| m.attribute("Algorithm")).unwrap_or_default();
    let bytes = match method {
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => 16,
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => 32,
        other => return Err(format!("EncryptionMethod {other:?}: only aes128-cbc and aes256-cbc")),
    };
    if key.len() != bytes {
        return Err(format!("the file is encrypted with a key of {bytes} bytes, not {}", key.len()));
    }
    decrypt_cbc(key, encrypted).ok_or_else(|| "does not decrypt: wrong key, or a truncated value".into())
}

fn mac_digest(method: Node<'_, '_>) -> Read<Digest> {
    match method.attribute("Algorithm").unwrap_or_default() {
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1" => Ok(Digest::Sha1),
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256" => Ok(Digest::Sha256),
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha384" => Ok(Digest::Sha384),
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512" => Ok(Digest::Sha512),
        other => Err(format!("MACMethod {other:?}: only hmac-sha1, hmac-sha256, hmac-sha384 and hmac-sha512")),
    }
}

/// The key of the MAC, encrypted in the container; the encryption key itself serves when there is none.
fn mac_key(method: Node<'_, '_>, key: &[u8]) -> Read<Option<Zeroizing<Vec<u8>>>> {
    let Some(element) = at(method, &["MACKey"]) else { return Ok(None) };
    let encrypted = base64(at(element, &["CipherData", "CipherValue"]).ok_or("MACKey: no CipherValue")?)?;
    decrypt(element, key, &encrypted).map(Some).map_err(|e| format!("MACKey: {e}"))
}

/// PBKDF2 of a passphrase (RFC 6030 §6.2).
fn passphrase_key(derived: Node<'_, '_>, passphrase: &str) -> Read<Zeroizing<Vec<u8>>> {
    let method = at(derived, &["KeyDerivationMethod"]).ok_or("DerivedKey: no KeyDerivationMethod")?;
    let algorithm = method.attribute("Algorithm").unwrap_or_default();
    if !algorithm.ends_with("#pbkdf2") {
        return Err(format!("KeyDerivationMethod {algorithm:?}: only PBKDF2"));
    }
    let parameters = at(method, &["PBKDF2-params"]).ok_or("KeyDerivationMethod: no PBKDF2-params")?;
    let salt = base64(at(parameters, &["Salt", "Specified"]).ok_or("PBKDF2-params: no Salt")?)?;
    let number =
        |name| at(parameters, &[name]).and_then(|n| text(n).parse::<u32>().ok()).ok_or_else(|| format!("PBKDF2-params: no {name}"));
    let (rounds, length) = (number("IterationCount")?, number("KeyLength")?);
    let digest = match at(parameters, &["PRF"]).and_then(|prf| prf.attribute("Algorithm")).map(|a| a.to_ascii_lowercase()) {
        None => Digest::Sha1,
        Some(a) if a.ends_with("hmac-sha1") || a.ends_with("hmacwithsha1") => Digest::Sha1,
        Some(a) if a.ends_with("hmac-sha256") || a.ends_with("hmacwithsha256") => Digest::Sha256,
        Some(a) if a.ends_with("hmac-sha512") || a.ends_with("hmacwithsha512") => Digest::Sha512,
        Some(other) => return Err(format!("PBKDF2-params: PRF {other:?} is not supported")),
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    derive(digest, passphrase, &salt, rounds, length).ok_or_else(|| "PBKDF2-params: rounds or length out of bounds".into())
}

#[cfg(test)]
mod tests;
