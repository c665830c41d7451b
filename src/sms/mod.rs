//! Short messages: what they say, and the gateway that carries them.

pub mod gateway;

use serde::{Deserialize, Serialize};

use crate::base::texts::{Locale, Texts};
use crate::mail::message::Code;

/// A message to a mobile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "sms", rename_all = "snake_case")]
pub enum SmsMessage {
    /// The code of a designated manager's first sign-in (S-22).
    FirstSignIn {
        /// The code.
        code: Code,
    },
}

impl SmsMessage {
    /// The code it holds, which only serves for a while.
    pub fn code(&self) -> &Code {
        match self {
            Self::FirstSignIn { code } => code,
        }
    }

    /// The text. Its last line binds the code to this host (origin-bound one-time codes, ux 3.3). Only characters of the GSM
    /// alphabet besides the portal's name, so that a message is billed and shown as one.
    pub fn text(&self, locale: Locale, portal: &str, host: &str) -> String {
        let t = Texts::new(locale);
        let code = self.code();
        let said = match self {
            Self::FirstSignIn { .. } => t.with("sms-first-sign-in", &[("portal", portal), ("code", &code.digits)]),
        };
        let validity = t.count("sms-validity", u64::from(code.validity_minutes), &[]);
        format!("{}\n\n@{host} #{}", plain(&format!("{said} {validity}")), code.digits)
    }
}

/// Typographic signs that the GSM alphabet lacks, as the nearest it has.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{a0}' | '\u{202f}' => ' ',
            '\u{2019}' => '\'',
            '«' | '»' => '"',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_fits_in_one_and_ends_with_the_bound_code() {
        let message = SmsMessage::FirstSignIn { code: Code { digits: "012345".into(), validity_minutes: 15 } };
        for locale in [Locale::Fr, Locale::En] {
            let text = message.text(locale, "Guichet", "connexion.exemple.gouv.fr");
            assert!(text.ends_with("\n@connexion.exemple.gouv.fr #012345"), "{text}");
            assert!(text.contains("Guichet") && text.matches("012345").count() == 2, "{text}");
            assert!(text.chars().count() <= 160, "{} characters: {text}", text.chars().count());
            assert!(text.chars().all(|c| c.is_ascii() || "éèàùÉç".contains(c)), "{text}");
        }
    }
}
