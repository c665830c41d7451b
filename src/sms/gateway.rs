//! The HTTP gateway that carries short messages: one POST each, as the operator's provider wants it.

use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};

use crate::base::Timestamp;
use crate::base::phone::Mobile;
use crate::config::Sms;
use crate::config::sms::{Invalid, check, headers};

/// Most of an answer that is looked at, in bytes.
const ANSWER: usize = 16 * 1_024;

/// Why a message was not taken. Texts are for the operator and name neither people nor codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The gateway, or the message for now.
    Transient(String),
    /// The message itself, or the way we ask: trying again changes nothing.
    Permanent(String),
}

/// A gateway, ready to be called.
#[derive(Clone)]
pub struct Gateway {
    client: Client,
    config: Sms,
    headers: HeaderMap,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("url", &self.config.url.as_ref().map(url::Url::host_str)).finish_non_exhaustive()
    }
}

impl Gateway {
    /// Reads `[sms]`; `None` when no gateway is configured. Sets TLS up: once.
    pub fn new(config: &Sms) -> Result<Option<Self>, Invalid> {
        if config.url.is_none() {
            return Ok(None);
        }
        check(config)?;
        // Done by `main` for the server; whoever comes first elsewhere does it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .timeout(config.timeout)
            .connect_timeout(config.timeout.min(Duration::from_secs(5)))
            .user_agent("guichet");
        if let Some(file) = &config.ca_file {
            let said = |e: &dyn std::fmt::Display| Invalid { key: "ca_file", why: format!("{}: {e}", file.display()) };
            let pem = std::fs::read(file).map_err(|e| said(&e))?;
            let authorities = reqwest::Certificate::from_pem_bundle(&pem).map_err(|e| said(&e))?;
            builder = builder.tls_certs_merge(authorities);
        }
        let client = builder.build().map_err(|e| Invalid { key: "url", why: e.to_string() })?;
        Ok(Some(Self { client, headers: headers(config)?, config: config.clone() }))
    }

    /// Offers one message. It may arrive twice when the answer is lost on the way.
    pub async fn send(&self, to: &Mobile, text: &str) -> Result<(), Failure> {
        let config = &self.config;
        let Some(url) = config.url.clone() else { return Err(Failure::Permanent("no gateway".into())) };
        let body = config.filled(to.as_str(), text);
        let request = self.client.post(url).headers(self.headers.clone()).header(CONTENT_TYPE, config.format.mime()).body(body);
        let transient = |e: reqwest::Error| Failure::Transient(format!("gateway: {}", cause(&e.without_url())));
        let answer = request.send().await.map_err(transient)?;
        let status = answer.status();
        let expected = match config.success_status.is_empty() {
            true => status.is_success(),
            false => config.success_status.contains(&status.as_u16()),
        };
        if !expected {
            return Err(refusal(status));
        }
        match &config.success_contains {
            None => Ok(()),
            Some(words) if contains(answer, words).await.map_err(transient)? => Ok(()),
            Some(_) => Err(Failure::Transient(format!("gateway answered {status} without the words that mean success"))),
        }
    }
}

/// Whether the beginning of an answer holds these words.
async fn contains(mut answer: reqwest::Response, words: &str) -> Result<bool, reqwest::Error> {
    let mut read = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        read.extend_from_slice(&chunk);
        if read.len() >= ANSWER {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&read).contains(words))
}

/// The innermost cause says what happened.
fn cause(e: &dyn std::error::Error) -> String {
    let mut inner = e;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

fn refusal(status: StatusCode) -> Failure {
    let why = format!("gateway answered {status}");
    match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => Failure::Transient(why),
        // A gateway that wants other credentials, or moved, is the operator's to repair: messages wait for it.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Failure::Transient(why),
        s if s.is_server_error() || s.is_redirection() => Failure::Transient(why),
        _ => Failure::Permanent(why),
    }
}

/// Whether a message decided at this instant still serves.
pub fn still_serves(now: Timestamp, decided_at: Timestamp, validity_minutes: u32) -> bool {
    now.since(decided_at) < Duration::from_secs(60 * u64::from(validity_minutes))
}
