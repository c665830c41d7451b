//! From a message to an envelope, through the first relay that takes it.

use std::time::{Duration, SystemTime};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::message::MailMessage;
use super::render::{MailBrand, render};
use super::transport::{Failure, Invalid, Transport};
use crate::base::Timestamp;
use crate::base::texts::{Locale, Texts};
use crate::config::{Config, Environment};

/// Sends mails as configured. Built once: TLS is set up here.
#[derive(Debug)]
pub struct Mailer {
    relays: Vec<Transport>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    host: String,
    environment: Environment,
    portal_name: String,
    base_url: String,
    help_url: String,
}

/// A mail to send.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Names the mail, the same at every attempt: a recipient who gets it twice can tell.
    pub id: &'a str,
    /// Recipient.
    pub to: &'a str,
    /// Language.
    pub locale: Locale,
    /// What to say.
    pub message: &'a MailMessage,
    /// When it was decided.
    pub decided_at: Timestamp,
}

impl Mailer {
    /// Reads `[mail]`; refuses what can never send.
    pub fn new(config: &Config) -> Result<Self, Invalid> {
        let (mail, server) = (&config.mail, &config.server);
        let host = server.issuer.host_str().unwrap_or("localhost").to_owned();
        let address = |key, text: &str| -> Result<Mailbox, Invalid> { text.parse().map_err(|_| Invalid::Address(key, text.to_owned())) };
        let mut from = address("from", &mail.from)?;
        from.name.get_or_insert_with(|| config.brand.name.clone());
        let base_url = server.issuer.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            relays: mail.relays.iter().map(|r| Transport::new(r, &host)).collect::<Result<_, _>>()?,
            reply_to: mail.reply_to.as_deref().map(|t| address("reply_to", t)).transpose()?,
            help_url: config.brand.help_url.as_ref().map_or_else(|| format!("{base_url}/aide"), ToString::to_string),
            portal_name: config.brand.name.clone(),
            environment: server.environment,
            from,
            host,
            base_url,
        })
    }

    /// Whether there is any relay.
    pub fn can_send(&self) -> bool {
        !self.relays.is_empty()
    }

    /// Tries every relay, without a mail.
    pub async fn probe(&self) -> Vec<(String, Result<(), String>)> {
        let why = |(Failure::Transient(said) | Failure::Permanent(said))| said;
        let tries = self.relays.iter().map(async |relay| (relay.name(), relay.probe().await.map_err(why)));
        futures_util::future::join_all(tries).await
    }

    /// Sends through the first relay that takes the mail. A relay that answers 5xx to the mail ends it; any other failure
    /// passes on to the next.
    pub async fn send(&self, now: Timestamp, letter: &Letter<'_>) -> Result<(), Failure> {
        if useful_for(letter.message).is_some_and(|life| now.since(letter.decided_at) >= life) {
            return Err(Failure::Permanent("expired before it could be sent".into()));
        }
        let message = self.compose(now, letter).map_err(Failure::Permanent)?;
        let (envelope, bytes) = (message.envelope(), message.formatted());
        let mut said = Vec::new();
        // Stable: relays keep their order, those out of favour after the others.
        let mut relays: Vec<&Transport> = self.relays.iter().collect();
        relays.sort_by_key(|r| !r.in_favour(now));
        for relay in relays {
            match relay.send(now, envelope, &bytes).await {
                Ok(()) => return Ok(()),
                Err(Failure::Permanent(why)) => return Err(Failure::Permanent(why)),
                Err(Failure::Transient(why)) => said.push(why),
            }
        }
        Err(Failure::Transient(said.join("; ")))
    }

    fn compose(&self, now: Timestamp, letter: &Letter<'_>) -> Result<Message, String> {
        let brand = self.brand(letter.locale);
        let mail = render(letter.message, letter.locale, &brand).map_err(|e| e.to_string())?;
        // Boundaries and Message-ID come from the job, not from a generator of the library: a run can be reproduced.
        let body = MultiPart::alternative().boundary(format!("part-{}", letter.id));
        let body = body.singlepart(SinglePart::plain(mail.text)).singlepart(SinglePart::html(mail.html));
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let date = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now.millis()).unwrap_or(0));
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(letter.to.parse().map_err(|_| "the recipient is not an address".to_owned())?)
            .subject(mail.subject)
            .date(date)
            .message_id(Some(format!("<{}@{}>", letter.id, self.host)))
            .raw_header(automatic);
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        builder.multipart(body).map_err(|e| e.to_string())
    }

    fn brand(&self, locale: Locale) -> MailBrand {
        let prefix = match self.environment {
            Environment::Production => String::new(),
            Environment::Test => Texts::new(locale).get("mail-prefix-test"),
            Environment::Demo => Texts::new(locale).get("mail-prefix-demo"),
        };
        MailBrand {
            portal_name: self.portal_name.clone(),
            base_url: self.base_url.clone(),
            help_url: self.help_url.clone(),
            environment_prefix: prefix,
            sender: self.from.email.to_string(),
        }
    }
}

/// For how long a mail is worth sending: a code past its end only misleads.
fn useful_for(message: &MailMessage) -> Option<Duration> {
    match message {
        MailMessage::SignInCode { code, .. }
        | MailMessage::FirstSignInCode { code, .. }
        | MailMessage::ConfirmAddress { code, .. }
        | MailMessage::ResetCode { code, .. }
        | MailMessage::LinkCode { code, .. }
        | MailMessage::OfficialCode { code, .. }
        | MailMessage::ConfirmNewAddress { code, .. } => Some(Duration::from_secs(60 * u64::from(code.validity_minutes))),
        MailMessage::NoAccount { .. }
        | MailMessage::Recovery { .. }
        | MailMessage::RecoveryToDecide { .. }
        | MailMessage::AccountExists { .. }
        | MailMessage::Designated { .. }
        | MailMessage::Welcome { .. }
        | MailMessage::PasswordChanged { .. }
        | MailMessage::EmailChanging { .. }
        | MailMessage::NewSignIn { .. }
        | MailMessage::Connected { .. }
        | MailMessage::SecurityNotice { .. }
        | MailMessage::CardNotice { .. }
        | MailMessage::CardAlert { .. }
        | MailMessage::Organisation { .. } => None,
    }
}
