//! SMTP relays: one connection a mail, each step bounded in time.
//!
//! A failure before the mail is offered is the relay's and says nothing of the mail; only an answer to the mail itself can
//! condemn it. The library's own time-outs cover the connection only, hence ours around each phase.

use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use crate::base::Timestamp;
use crate::config::{Protection, Relay};

/// Each of the two phases, connecting and sending, ends within this.
const PHASE: Duration = Duration::from_secs(10);

/// A relay that could not be reached is tried last for so long, so that its time-outs do not slow every mail.
const SHUNNED_FOR: Duration = Duration::from_secs(30);

/// The configuration of mail cannot work.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// An unprotected relay that is not on this machine.
    #[error("mail relay {0}: without protection only a relay on this machine is accepted")]
    Unprotected(String),
    /// TLS cannot be set up for this name.
    #[error("mail relay {0}: {1}")]
    Tls(String, String),
    /// Not an address a mail can come from.
    #[error("mail.{0}: `{1}` is not an address")]
    Address(&'static str, String),
}

/// Why a mail was not accepted. The text is for the operator and names neither people nor codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The relay, or the mail for now: try another relay, or later.
    Transient(String),
    /// The mail itself: it will never be accepted.
    Permanent(String),
}

/// One relay, ready to connect.
pub struct Transport {
    host: String,
    port: u16,
    protection: Protection,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    hello: ClientId,
    shunned_until: AtomicI64,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Transport {
    /// Reads `[[mail.relays]]`. `hello` is the name we greet with.
    pub fn new(relay: &Relay, hello: &str) -> Result<Self, Invalid> {
        let host = relay.host.clone();
        let local = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        let tls = match relay.protection {
            Protection::None if local => None,
            Protection::None => return Err(Invalid::Unprotected(host)),
            Protection::Starttls | Protection::Tls => Some(tls(relay).map_err(|e| Invalid::Tls(host.clone(), e))?),
        };
        let usual = match relay.protection {
            Protection::Tls => 465,
            Protection::Starttls | Protection::None => 587,
        };
        let credentials = relay.username.clone().zip(relay.password.as_ref());
        Ok(Self {
            port: relay.port.unwrap_or(usual),
            protection: relay.protection,
            tls,
            credentials: credentials.map(|(user, password)| Credentials::new(user, password.expose().to_owned())),
            hello: match hello.parse() {
                Ok(IpAddr::V4(ip)) => ClientId::Ipv4(ip),
                Ok(IpAddr::V6(ip)) => ClientId::Ipv6(ip),
                Err(_) => ClientId::Domain(hello.to_owned()),
            },
            shunned_until: AtomicI64::new(0),
            host,
        })
    }

    /// Whether the relay answered when last tried, or long enough ago.
    pub fn in_favour(&self, now: Timestamp) -> bool {
        self.shunned_until.load(Ordering::Relaxed) <= now.millis()
    }

    /// Sends one mail.
    pub async fn send(&self, now: Timestamp, envelope: &Envelope, mail: &[u8]) -> Result<(), Failure> {
        let mut connection = match within(self.connect()).await {
            Ok(connection) => connection,
            Err(e) => {
                self.shunned_until.store(now.plus(SHUNNED_FOR).millis(), Ordering::Relaxed);
                return Err(Failure::Transient(self.said(&e)));
            }
        };
        match within(connection.send(envelope, mail)).await {
            Ok(_) => {
                // The mail is accepted whatever becomes of the farewell.
                let _ = tokio::time::timeout(Duration::from_secs(1), connection.quit()).await;
                Ok(())
            }
            Err(e) if e.condemns_the_mail() => Err(Failure::Permanent(self.said(&e))),
            Err(e) => Err(Failure::Transient(self.said(&e))),
        }
    }

    /// Name and port, for the operator.
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Connects as for a mail, as far as being let in, and leaves.
    pub async fn probe(&self) -> Result<(), Failure> {
        let mut connection = within(self.connect()).await.map_err(|e| Failure::Transient(self.said(&e)))?;
        let _ = tokio::time::timeout(Duration::from_secs(1), connection.quit()).await;
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        let wrapped = self.tls.clone().filter(|_| self.protection == Protection::Tls);
        let address = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(address, Some(PHASE), &self.hello, wrapped, None).await?;
        if let (Protection::Starttls, Some(tls)) = (self.protection, &self.tls) {
            // Fails when the relay does not offer it: nothing is ever sent in clear.
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(connection)
    }

    fn said(&self, error: &Trouble) -> String {
        format!("{}: {}", self.host, discreet(&error.to_string()))
    }
}

fn tls(relay: &Relay) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(relay.host.clone());
    if let Some(file) = &relay.ca_file {
        let pem = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let authority = Certificate::from_pem(&pem).map_err(|e| format!("{}: {e}", file.display()))?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build().map_err(|e| e.to_string())
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Smtp(#[from] SmtpError),
    #[error("no answer within {} s", PHASE.as_secs())]
    Silence,
}

impl Trouble {
    /// A 5xx answer to the mail, unless it says that we are not let in.
    fn condemns_the_mail(&self) -> bool {
        let Self::Smtp(e) = self else { return false };
        e.is_permanent() && !e.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538))
    }
}

async fn within<T>(work: impl Future<Output = Result<T, SmtpError>>) -> Result<T, Trouble> {
    match tokio::time::timeout(PHASE, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Trouble::Silence),
    }
}

/// A relay's words without addresses or runs of digits that could be a code, cut short.
fn discreet(text: &str) -> String {
    let word = |word: &str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if word.contains('@') || (digits >= 6 && !word.contains('.')) { "…".to_owned() } else { word.to_owned() }
    };
    let clean: Vec<String> = text.split_whitespace().map(word).collect();
    clean.join(" ").chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;

    #[test]
    fn an_unprotected_relay_must_be_on_this_machine() {
        let relay = |host: &str| Relay { host: host.into(), protection: Protection::None, ..Relay::default() };
        assert!(["localhost", "127.0.0.1", "::1"].iter().all(|h| Transport::new(&relay(h), "sso.example.fr").is_ok()));
        for host in ["smtp.example.fr", "10.0.0.1", "localhost.example.fr"] {
            assert!(matches!(Transport::new(&relay(host), "sso.example.fr"), Err(Invalid::Unprotected(_))), "{host}");
        }
    }

    #[test]
    fn the_password_of_a_relay_is_not_in_its_debug_form() {
        let relay = Relay { host: "localhost".into(), username: Some("u".into()), password: Some(Secret::new("hush")), ..Relay::default() };
        let shown = format!("{:?}", Transport::new(&Relay { protection: Protection::None, ..relay }, "localhost").unwrap());
        assert!(!shown.contains("hush"), "{shown}");
    }

    #[test]
    fn what_a_relay_says_is_kept_without_addresses_or_codes() {
        let said = discreet("550 5.1.1 <camille@boulangerie.example> unknown, 123456 refused\r\n");
        assert_eq!(said, "550 5.1.1 … unknown, … refused");
        assert!(discreet(&"x".repeat(1_000)).len() <= 200);
    }
}
