//! One caught message, decoded once on arrival.

use mail_parser::MessageParser;
use serde::Serialize;

use super::find_code;
use crate::clock;

/// One message as received. Serialised as the JSON of `/api/messages`.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// Increases by one with each message, from 1.
    pub id: u64,
    /// Address of the `From` header, or of the envelope when the header has none.
    pub from: String,
    /// Envelope recipients, lower case.
    pub to: Vec<String>,
    /// Decoded subject, empty when absent.
    pub subject: String,
    /// Decoded text part, empty when absent.
    pub text: String,
    /// Decoded HTML part, if the message has one.
    pub html: Option<String>,
    /// The six-digit code, digits only, if the message carries one.
    pub code: Option<String>,
    /// RFC 3339, UTC.
    pub received_at: String,
    /// The same in Unix milliseconds.
    #[serde(skip)]
    pub received_ms: i64,
    /// The message as it came after dot-unstuffing.
    #[serde(skip)]
    pub raw: Vec<u8>,
}

impl Message {
    /// Decodes `raw`. A message that cannot be parsed keeps its bytes as text: a catcher loses
    /// nothing. The id is given by the store.
    pub(super) fn decode(envelope_from: &str, to: Vec<String>, raw: Vec<u8>, received_ms: i64) -> Self {
        let parsed = MessageParser::default().parse(&raw);
        let (from, subject, text, html) = match &parsed {
            Some(mail) => (
                mail.from().and_then(|list| list.first()).and_then(|addr| addr.address()).unwrap_or(envelope_from).to_owned(),
                mail.subject().unwrap_or_default().to_owned(),
                mail.body_text(0).unwrap_or_default().into_owned(),
                own_html(mail),
            ),
            None => (envelope_from.to_owned(), String::new(), String::from_utf8_lossy(&raw).into_owned(), None),
        };
        Self {
            id: 0,
            code: find_code(&subject, &text),
            from,
            to,
            subject,
            text,
            html,
            received_at: clock::rfc3339(received_ms),
            received_ms,
            raw,
        }
    }

    /// Whether the envelope names `address` (letter case and outer spaces ignored).
    pub fn is_for(&self, address: &str) -> bool {
        let address = address.trim().to_lowercase();
        self.to.contains(&address)
    }

    /// Arrival as people read it.
    pub(super) fn arrival(&self) -> String {
        clock::for_people(self.received_ms)
    }

    /// The recipients on one line.
    pub(super) fn recipients(&self) -> String {
        self.to.join(", ")
    }

    /// The code in two halves, as it is read aloud.
    pub(super) fn spaced_code(&self) -> Option<String> {
        let code = self.code.as_deref()?;
        let (head, tail) = code.split_at_checked(3)?;
        Some(format!("{head}\u{a0}{tail}"))
    }
}

/// The HTML part the sender wrote; the parser would otherwise make one up from the text.
fn own_html(mail: &mail_parser::Message<'_>) -> Option<String> {
    let id = mail.html_body.first()?;
    mail.parts.get(usize::try_from(*id).ok()?)?.is_text_html().then(|| mail.body_html(0).map(|html| html.into_owned())).flatten()
}
