//! A mail relay that speaks TLS, from the first byte or after STARTTLS, with a certificate of its own small authority.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use guichet::config::{Protection, Relay};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Name};

/// What was said, and whether it was encrypted.
type Heard = Arc<Mutex<Vec<(bool, String)>>>;

/// The relay; its thread ends with the process.
pub struct TlsRelay {
    port: u16,
    protection: Protection,
    authority: X509,
    heard: Heard,
}

impl TlsRelay {
    /// Its certificate is for `name`.
    pub fn start(protection: Protection, name: &str) -> Self {
        let (authority_key, authority) = certificate("Authority", None);
        let (key, leaf) = certificate(name, Some((&authority_key, &authority)));
        let mut acceptor = SslAcceptor::mozilla_modern_v5(SslMethod::tls()).unwrap();
        acceptor.set_private_key(&key).unwrap();
        acceptor.set_certificate(&leaf).unwrap();
        let acceptor = acceptor.build();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Heard::default();
        let kept = heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                converse(stream, &acceptor, protection, &kept);
            }
        });
        Self { port, protection, authority, heard }
    }

    /// The relay in a configuration that trusts its authority, kept in `folder`.
    pub fn trusted(&self, folder: &Path) -> Relay {
        let file = folder.join("authority.pem");
        std::fs::write(&file, self.authority.to_pem().unwrap()).unwrap();
        Relay { ca_file: Some(file), ..self.relay() }
    }

    /// The relay in a configuration that trusts only what the machine trusts.
    pub fn relay(&self) -> Relay {
        Relay { host: "localhost".into(), port: Some(self.port), protection: self.protection, ..Relay::default() }
    }

    /// What was said in clear, or else encrypted.
    pub fn heard(&self, encrypted: bool) -> Vec<String> {
        self.heard.lock().unwrap().iter().filter(|(e, _)| *e == encrypted).map(|(_, line)| line.clone()).collect()
    }
}

fn converse(tcp: TcpStream, acceptor: &SslAcceptor, protection: Protection, heard: &Heard) {
    if protection == Protection::Starttls && !asks_for_tls(&tcp, heard) {
        return;
    }
    let Ok(mut tls) = acceptor.accept(tcp) else { return };
    if protection == Protection::Tls {
        say(&mut tls, "220 relay.example");
    }
    let mut body = false;
    while let Some(line) = hear(&mut tls) {
        heard.lock().unwrap().push((true, line.clone()));
        match line.split([' ', ':']).next().unwrap_or_default() {
            "." => {
                body = false;
                say(&mut tls, "250 taken");
            }
            _ if body => {}
            "EHLO" => say(&mut tls, "250-relay.example\r\n250 AUTH PLAIN"),
            "AUTH" => say(&mut tls, "235 welcome"),
            "DATA" => {
                body = true;
                say(&mut tls, "354 go on");
            }
            "QUIT" => return say(&mut tls, "221 bye"),
            _ => say(&mut tls, "250 well"),
        }
    }
}

/// The part in clear; false when the visitor leaves or says anything else.
fn asks_for_tls(mut tcp: &TcpStream, heard: &Heard) -> bool {
    say(&mut tcp, "220 relay.example");
    while let Some(line) = hear(&mut tcp) {
        heard.lock().unwrap().push((false, line.clone()));
        match line.split(' ').next().unwrap_or_default() {
            "EHLO" => say(&mut tcp, "250-relay.example\r\n250 STARTTLS"),
            "STARTTLS" => {
                say(&mut tcp, "220 go on");
                return true;
            }
            _ => return false,
        }
    }
    false
}

fn say(stream: &mut impl Write, line: &str) {
    let _ = stream.write_all(format!("{line}\r\n").as_bytes());
}

/// One line, byte by byte: what follows STARTTLS must stay in the socket.
fn hear(stream: &mut impl Read) -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte).ok()? == 1 {
        match byte[0] {
            b'\n' => return Some(String::from_utf8_lossy(&line).trim_end().to_owned()),
            other => line.push(other),
        }
    }
    None
}

/// A certificate for `name`, signed by the issuer or by itself.
pub fn certificate(name: &str, issuer: Option<(&PKey<Private>, &X509)>) -> (PKey<Private>, X509) {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut subject = X509Name::builder().unwrap();
    subject.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(if issuer.is_some() { 2 } else { 1 }).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(&subject, |(_, x)| x.subject_name())).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(30).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    match issuer {
        None => builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap(),
        Some(_) => {
            let names = SubjectAlternativeName::new().dns(name).build(&builder.x509v3_context(None, None)).unwrap();
            builder.append_extension(names).unwrap();
        }
    }
    builder.sign(issuer.map_or(&key, |(k, _)| k), MessageDigest::sha256()).unwrap();
    (key, builder.build())
}
