//! From a [`MailMessage`] to a subject, a text and an HTML body.
//!
//! A mail is a list of blocks written once; the text and HTML templates lay the same blocks out, so the two
//! parts of a message never say different things.

use askama::Template;

use super::message::{
    Address, By, CardAlert, CardEvent, Code, Decider, MailMessage, OfficialClaim, OrgEvent, OrgFacts, Origin, RecoveryStep, SecurityEvent,
};
use crate::base::dates;
use crate::base::texts::{Locale, Texts};

/// What every mail of an installation shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailBrand {
    /// The operator's name for the whole, also the sender's display name.
    pub portal_name: String,
    /// Public address of the hub, without a final slash.
    pub base_url: String,
    /// Address of the help page.
    pub help_url: String,
    /// `[DÉMO]` and the like, in front of subjects; empty in production.
    pub environment_prefix: String,
    /// Address mails are sent from, printed in the footer.
    pub sender: String,
}

/// A mail ready to be put in an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line, without control characters.
    pub subject: String,
    /// `text/plain` part.
    pub text: String,
    /// `text/html` part: no remote image, no script.
    pub html: String,
}

/// A paragraph-level piece of a mail.
enum Block {
    /// A paragraph.
    Text(String),
    /// A code, alone on its line.
    Code(String),
    /// The one link of an action mail.
    Link { label: String, url: String },
    /// Term and value lines.
    Facts(Vec<(String, String)>),
}

struct Content {
    subject: String,
    blocks: Vec<Block>,
    reason: String,
}

#[derive(Template)]
#[template(path = "mail/message.txt", whitespace = "preserve")]
struct TextBody<'a> {
    t: Texts,
    brand: &'a MailBrand,
    content: &'a Content,
}

#[derive(Template)]
#[template(path = "mail/message.html")]
struct HtmlBody<'a> {
    t: Texts,
    brand: &'a MailBrand,
    content: &'a Content,
}

impl TextBody<'_> {
    fn colon(&self) -> String {
        self.t.get("mail-colon")
    }
}

impl HtmlBody<'_> {
    fn colon(&self) -> String {
        self.t.get("mail-colon")
    }
}

/// Renders `message` in `locale`.
///
/// # Errors
/// Only if a template fails to write into memory, which does not happen in practice.
pub fn render(message: &MailMessage, locale: Locale, brand: &MailBrand) -> Result<Rendered, askama::Error> {
    let t = Texts::new(locale);
    let content = Writer { t, brand }.write(message);
    Ok(Rendered {
        subject: subject_line(&content.subject, brand),
        text: TextBody { t, brand, content: &content }.render()?,
        html: HtmlBody { t, brand, content: &content }.render()?,
    })
}

fn subject_line(subject: &str, brand: &MailBrand) -> String {
    let line = format!("{} [{}] {subject}", brand.environment_prefix, brand.portal_name);
    line.trim().chars().filter(|c| !c.is_control()).collect()
}

/// The words for why access is suspended.
fn suspension(name: &str) -> Option<&'static str> {
    Some(match name {
        "absence" => "org-suspension-absence",
        "mission" => "org-suspension-mission",
        "security" => "org-suspension-security",
        "review" => "org-suspension-review",
        "operator" => "org-suspension-operator",
        _ => return None,
    })
}

/// The words for why a place ended, where there is more to say than that it did.
fn motif(name: &str) -> Option<&'static str> {
    Some(match name {
        "departure" => "org-motif-departure",
        "mission_end" => "org-motif-mission",
        "mistake" => "org-motif-mistake",
        "security" => "org-motif-security",
        "ended" => "org-motif-ended",
        _ => return None,
    })
}

/// « 123 456 ».
fn grouped(digits: &str) -> String {
    match digits.split_at_checked(3) {
        Some((left, right)) if digits.len() == 6 => format!("{left} {right}"),
        _ => digits.to_owned(),
    }
}

struct Writer<'a> {
    t: Texts,
    brand: &'a MailBrand,
}

impl Writer<'_> {
    fn write(&self, message: &MailMessage) -> Content {
        match message {
            MailMessage::SignInCode { code, origin } => self.code("mail-sign-in", code, origin),
            MailMessage::FirstSignInCode { code, origin } => self.code("mail-first-sign-in", code, origin),
            MailMessage::Designated { until, origin } => self.designated(*until, origin),
            MailMessage::ConfirmAddress { code, origin } => self.code("mail-confirm", code, origin),
            MailMessage::ResetCode { code, origin } => self.code("mail-reset", code, origin),
            MailMessage::ConfirmNewAddress { code, address: Address::Login, origin } => self.code("mail-new-login", code, origin),
            MailMessage::ConfirmNewAddress { code, address: Address::Contact, origin } => self.code("mail-new-contact", code, origin),
            MailMessage::NoAccount { origin } => {
                let create = self.link("mail-no-account-create", "/creation");
                self.notice("mail-no-account", origin, create, "mail-reason-asked")
            }
            MailMessage::AccountExists { origin } => {
                let sign_in = self.link("mail-exists-sign-in", "/connexion");
                self.notice("mail-exists", origin, sign_in, "mail-reason-asked")
            }
            MailMessage::Welcome { given_name, login_email, has_password } => self.welcome(given_name, login_email, *has_password),
            MailMessage::PasswordChanged { origin } => self.not_me("mail-password-changed", origin),
            MailMessage::LinkCode { code, origin } => self.code("mail-link", code, origin),
            MailMessage::OfficialCode { code, claim, origin } => self.official(code, claim, origin),
            MailMessage::Connected { provider, origin } => {
                let told = self.t.with("mail-connected-intro", &[("portal", &self.brand.portal_name), ("provider", provider)]);
                self.told("mail-connected", Block::Text(told), origin)
            }
            MailMessage::NewSignIn { origin } => self.not_me("mail-new-sign-in", origin),
            MailMessage::EmailChanging { address, new_email, undo_url, undo_until, origin } => {
                let key = match address {
                    Address::Login => "mail-login-changing",
                    Address::Contact => "mail-contact-changing",
                };
                self.email_changing(key, new_email, undo_url, *undo_until, origin)
            }
            MailMessage::SecurityNotice { event: SecurityEvent::RecoveryCodeUsed { left }, origin } => {
                let told = self.t.with("mail-recovery-used-intro", &[("portal", &self.brand.portal_name), ("left", &left.to_string())]);
                self.told("mail-recovery-used", Block::Text(told), origin)
            }
            MailMessage::Recovery { step, origin } => self.recovery(step, origin),
            MailMessage::RecoveryToDecide { name, decider, origin } => self.recovery_to_decide(name, decider, origin),
            MailMessage::SecurityNotice { event, origin } => self.not_me(security_key(*event), origin),
            MailMessage::CardNotice { event, serial_end, by, origin } => self.card_notice(*event, serial_end, by.as_deref(), origin),
            MailMessage::CardAlert { alert, serial, person, establishment, siret, at } => {
                self.card_alert(*alert, (serial, person), (establishment, siret), *at)
            }
            MailMessage::Organisation { event, facts } => self.organisation(*event, facts),
        }
    }

    /// One shape for all: what happened, the particulars, what to do, one link.
    fn organisation(&self, event: OrgEvent, facts: &OrgFacts) -> Content {
        let key = event.key();
        let role = facts.role.as_ref().map(|role| self.t.get(&format!("org-role-{role}")));
        // An end is the first instant that is too late: people read the last day.
        let until = facts.until.map(|at| dates::date(self.t, at.saturating_sub(1)));
        let suspension = facts.suspension.as_deref().and_then(suspension).map(|key| self.t.get(key));
        let motif = facts.motif.as_deref().and_then(motif).map(|key| self.t.get(key));
        let by = facts.by.as_ref().map(|by| match by {
            By::Person(name) => name.clone(),
            By::Operator => self.t.get("org-journal-operator"),
        });
        let given = [
            ("person", "mail-org-fact-person", facts.person.as_ref()),
            ("email", "mail-org-fact-email", facts.email.as_ref()),
            ("former", "mail-org-fact-former", facts.former.as_ref()),
            ("establishment", "mail-org-fact-establishment", Some(&facts.establishment)),
            ("siret", "mail-org-fact-siret", Some(&facts.siret)),
            ("role", "mail-org-fact-role", role.as_ref()),
            ("service", "mail-org-fact-service", facts.service.as_ref()),
            ("profiles", "mail-org-fact-profiles", facts.profiles.as_ref()),
            ("until", "mail-org-fact-until", until.as_ref()),
            ("by", "mail-fact-by", by.as_ref()),
            ("reason", "mail-org-fact-reason", facts.reason.as_ref().or(suspension.as_ref()).or(motif.as_ref())),
            ("message", "mail-org-fact-message", facts.message.as_ref()),
        ];
        let words: Vec<(&str, &str)> = given.iter().map(|(name, _, value)| (*name, value.map_or("", |v| v.as_str()))).collect();
        let words = [words, vec![("portal", self.brand.portal_name.as_str())]].concat();
        let term = |(_, key, value): &(&str, &str, Option<&String>)| value.map(|v| (self.t.get(key), v.clone()));
        Content {
            subject: self.t.with(&format!("{key}-subject"), &words),
            blocks: vec![
                Block::Text(self.t.with(&format!("{key}-intro"), &words)),
                Block::Facts(given.iter().filter_map(term).collect()),
                Block::Text(self.t.with(&format!("{key}-text"), &words)),
                self.link(&format!("{key}-link"), &event.path(facts)),
            ],
            reason: self.say("mail-reason-account"),
        }
    }

    fn recovery_to_decide(&self, name: &str, decider: &Decider, origin: &Origin) -> Content {
        let (how, reason) = match decider {
            Decider::Manager => (self.link("mail-recovery-decide-link", "/etablissements"), "mail-recovery-decide-reason"),
            Decider::Support { login_email } => {
                let told = self.t.with("mail-recovery-decide-support", &[("courriel", login_email)]);
                (Block::Text(told), "mail-recovery-decide-support-reason")
            }
        };
        Content {
            subject: self.say("mail-recovery-decide-subject"),
            blocks: vec![
                Block::Text(self.t.with("mail-recovery-decide-intro", &[("name", name)])),
                self.facts(origin),
                self.text("mail-recovery-decide-text"),
                how,
            ],
            reason: self.say(reason),
        }
    }

    /// Mails that carry a code carry no link.
    fn code(&self, key: &str, code: &Code, origin: &Origin) -> Content {
        let digits = grouped(&code.digits);
        let validity = self.t.count("mail-code-validity", u64::from(code.validity_minutes), &[]);
        Content {
            subject: self.t.with(&format!("{key}-subject"), &[("code", &digits)]),
            blocks: vec![
                self.text(&format!("{key}-intro")),
                Block::Code(digits),
                Block::Text(validity),
                self.facts(origin),
                self.text(&format!("{key}-ignore")),
            ],
            reason: self.say("mail-reason-asked"),
        }
    }

    /// Whoever reads it decides whether to hand the code over: it says who asks.
    fn official(&self, code: &Code, claim: &OfficialClaim, origin: &Origin) -> Content {
        let portal = self.brand.portal_name.as_str();
        let words =
            [("person", claim.person.as_str()), ("email", &claim.email), ("establishment", &claim.establishment), ("portal", portal)];
        let of_code = self.code("mail-official", code, origin);
        let mut blocks = of_code.blocks;
        if let Some(first) = blocks.first_mut() {
            *first = Block::Text(self.t.with("mail-official-intro", &words));
        }
        Content { subject: self.t.with("mail-official-subject", &words), blocks, reason: self.t.with("mail-official-reason", &words) }
    }

    fn notice(&self, key: &str, origin: &Origin, action: Block, reason: &str) -> Content {
        Content {
            subject: self.say(&format!("{key}-subject")),
            blocks: vec![
                self.text(&format!("{key}-intro")),
                self.text(&format!("{key}-text")),
                action,
                self.facts(origin),
                self.text(&format!("{key}-ignore")),
            ],
            reason: self.say(reason),
        }
    }

    /// Something happened on the account; if it was not the person, here is what to do.
    fn not_me(&self, key: &str, origin: &Origin) -> Content {
        self.told(key, self.text(&format!("{key}-intro")), origin)
    }

    fn told(&self, key: &str, intro: Block, origin: &Origin) -> Content {
        Content {
            subject: self.say(&format!("{key}-subject")),
            blocks: vec![intro, self.facts(origin), self.text("mail-not-me"), self.link("mail-not-me-link", "/compte/activite")],
            reason: self.say("mail-reason-account"),
        }
    }

    fn designated(&self, until: i64, origin: &Origin) -> Content {
        let until = dates::date(self.t, until);
        Content {
            subject: self.say("mail-designated-subject"),
            blocks: vec![
                self.text("mail-designated-intro"),
                Block::Text(self.t.with("mail-designated-text", &[("date", &until)])),
                self.link("mail-designated-link", "/premiere-connexion"),
                self.facts(origin),
            ],
            reason: self.say("mail-reason-account"),
        }
    }

    fn recovery(&self, step: &RecoveryStep, origin: &Origin) -> Content {
        let (key, intro, stop) = match step {
            RecoveryStep::Asked { cancel_url } => ("mail-recovery-asked", self.text("mail-recovery-asked-intro"), Some(cancel_url)),
            RecoveryStep::Granted { ready_at, cancel_url } => {
                let date = dates::date_time(self.t, *ready_at);
                let intro = self.t.with("mail-recovery-granted-intro", &[("portal", &self.brand.portal_name), ("date", &date)]);
                ("mail-recovery-granted", Block::Text(intro), Some(cancel_url))
            }
            RecoveryStep::Cancelled => ("mail-recovery-cancelled", self.text("mail-recovery-cancelled-intro"), None),
            RecoveryStep::Done => ("mail-recovery-done", self.text("mail-recovery-done-intro"), None),
        };
        let mut blocks = vec![intro, self.facts(origin)];
        match stop {
            Some(url) => {
                blocks.push(self.text("mail-recovery-stop"));
                blocks.push(Block::Link { label: self.t.get("mail-recovery-stop-link"), url: url.clone() });
            }
            None => {
                blocks.push(self.text("mail-not-me"));
                blocks.push(self.link("mail-not-me-link", "/compte/activite"));
            }
        }
        Content { subject: self.say(&format!("{key}-subject")), blocks, reason: self.say("mail-reason-account") }
    }

    fn welcome(&self, given_name: &str, login_email: &str, has_password: bool) -> Content {
        let means = if has_password { "mail-welcome-means-password" } else { "mail-welcome-means-code" };
        Content {
            subject: self.say("mail-welcome-subject"),
            blocks: vec![
                Block::Text(self.t.with("mail-welcome-intro", &[("name", given_name)])),
                Block::Facts(vec![
                    (self.t.get("common-login-email"), login_email.to_owned()),
                    (self.t.get("mail-welcome-means"), self.t.get(means)),
                ]),
                self.text("mail-welcome-text"),
                self.link("mail-welcome-link", "/services"),
            ],
            reason: self.say("mail-reason-account"),
        }
    }

    fn email_changing(&self, key: &str, new_email: &str, undo_url: &str, undo_until: i64, origin: &Origin) -> Content {
        let until = dates::date(self.t, undo_until);
        Content {
            subject: self.say(&format!("{key}-subject")),
            blocks: vec![
                Block::Text(self.t.with(&format!("{key}-intro"), &[("email", new_email)])),
                self.facts(origin),
                Block::Text(self.t.with("mail-email-changing-undo", &[("date", &until)])),
                Block::Link { label: self.t.get("mail-email-changing-link"), url: undo_url.to_owned() },
            ],
            reason: self.say("mail-reason-account"),
        }
    }

    fn card_notice(&self, event: CardEvent, serial_end: &str, by: Option<&str>, origin: &Origin) -> Content {
        let key = match event {
            CardEvent::Linked => "mail-card-linked",
            CardEvent::Unlinked { .. } => "mail-card-unlinked",
            CardEvent::Locked => "mail-card-locked",
            CardEvent::ReportedLost => "mail-card-lost",
        };
        let fact = |name: &str, value: String| (self.t.get(name), value);
        let mut facts = vec![
            fact("mail-fact-card", self.t.with("mail-card-serial", &[("end", serial_end)])),
            fact("mail-fact-date", dates::date_time(self.t, origin.at)),
        ];
        if let CardEvent::Unlinked { reason } = event {
            facts.push(fact("mail-fact-reason", self.t.get(reason.key())));
        }
        if let CardEvent::Linked | CardEvent::Unlinked { .. } = event {
            facts.push(fact("mail-fact-by", by.map_or_else(|| self.t.get("mail-card-operator"), str::to_owned)));
        }
        Content {
            subject: self.say(&format!("{key}-subject")),
            blocks: vec![
                self.text(&format!("{key}-intro")),
                Block::Facts(facts),
                self.text(&format!("{key}-text")),
                self.link("mail-card-link", "/compte/securite/carte"),
            ],
            reason: self.say("mail-reason-account"),
        }
    }

    fn card_alert(&self, alert: CardAlert, (serial, person): (&str, &str), (establishment, siret): (&str, &str), at: i64) -> Content {
        let key = match alert {
            CardAlert::Locked => "mail-card-alert-locked",
            CardAlert::ReportedLost => "mail-card-alert-lost",
        };
        let fact = |name: &str, value: &str| (self.t.get(name), value.to_owned());
        Content {
            subject: self.say(&format!("{key}-subject")),
            blocks: vec![
                self.text(&format!("{key}-intro")),
                Block::Facts(vec![
                    fact("mail-fact-card", serial),
                    fact("mail-fact-holder", person),
                    fact("mail-fact-establishment", establishment),
                    fact("mail-fact-date", &dates::date_time(self.t, at)),
                ]),
                self.text(&format!("{key}-text")),
                self.link("mail-card-alert-link", &format!("/etablissements/{siret}/cartes")),
            ],
            reason: self.say("mail-card-alert-reason"),
        }
    }

    fn text(&self, key: &str) -> Block {
        Block::Text(self.say(key))
    }

    /// A text that may name the portal.
    fn say(&self, key: &str) -> String {
        self.t.with(key, &[("portal", &self.brand.portal_name)])
    }

    fn link(&self, key: &str, path: &str) -> Block {
        Block::Link { label: self.t.get(key), url: format!("{}{path}", self.brand.base_url) }
    }

    fn facts(&self, origin: &Origin) -> Block {
        let mut facts = vec![(self.t.get("mail-fact-date"), dates::date_time(self.t, origin.at))];
        if let Some(device) = &origin.device {
            facts.push((self.t.get("mail-fact-device"), device.clone()));
        }
        if let Some(service) = &origin.service {
            facts.push((self.t.get("mail-fact-service"), service.clone()));
        }
        Block::Facts(facts)
    }
}

const fn security_key(event: SecurityEvent) -> &'static str {
    match event {
        SecurityEvent::PasswordAdded => "mail-password-added",
        SecurityEvent::PasswordRemoved => "mail-password-removed",
        SecurityEvent::SessionsClosed => "mail-sessions-closed",
        SecurityEvent::LoginEmailChanged => "mail-login-email-changed",
        SecurityEvent::EmailChangeUndone => "mail-email-undone",
        SecurityEvent::PasswordLocked => "mail-password-locked",
        SecurityEvent::ApplicationAdded => "mail-application-added",
        SecurityEvent::ApplicationRemoved => "mail-application-removed",
        SecurityEvent::TwoStepOn => "mail-two-step-on",
        SecurityEvent::TwoStepOff => "mail-two-step-off",
        SecurityEvent::FactorSuspended => "mail-factor-suspended",
        SecurityEvent::AdministratorAdded => "mail-administrator-added",
        SecurityEvent::AdministratorRemoved => "mail-administrator-removed",
        SecurityEvent::RecoveryCodesMade => "mail-recovery-made",
        SecurityEvent::RecoveryCodeUsed { .. } => "mail-recovery-used",
        SecurityEvent::PasskeyAdded => "mail-passkey-added",
        SecurityEvent::PasskeyRemoved => "mail-passkey-removed",
        SecurityEvent::PasskeySuspended => "mail-passkey-suspended",
        SecurityEvent::IdentityVerified => "mail-identity-verified",
        SecurityEvent::IdentityUnverified => "mail-identity-unverified",
    }
}
