//! « Sécurité » in « Mon compte » (P-08, P-11, P-12, P-15).

use askama::Template;

use super::{Errors, Page};

/// A means of connection, with dates already formatted.
#[derive(Debug, Clone)]
pub struct MeansLine {
    /// Name given by its owner; a card's serial number.
    pub name: String,
    /// Where it is renamed or removed.
    pub url: String,
    /// Since when.
    pub since: String,
    /// Last use; none when it never was.
    pub last_used: Option<String>,
    /// It is not accepted any more: it may have been copied.
    pub suspended: bool,
}

/// P-08 « Sécurité »: level reached and means of connection.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_securite.html")]
pub struct SecurityPage {
    /// Common part.
    pub page: Page,
    /// 1, 2 or 3: the strongest sign-in the means allow.
    pub level: i64,
    /// Date the password was set; none without.
    pub password_since: Option<String>,
    /// Administrators have no password.
    pub no_password: bool,
    /// A code by mail follows the password.
    pub two_step: bool,
    /// The operator asks it of everybody.
    pub two_step_always: bool,
    /// Passkeys.
    pub passkeys: Vec<MeansLine>,
    /// For the browser, in JSON, so that it forgets those that were removed.
    pub kept_passkeys: String,
    /// Authenticator applications.
    pub applications: Vec<MeansLine>,
    /// More may be set up by oneself.
    pub may_add_application: bool,
    /// The card.
    pub card: Option<MeansLine>,
    /// Recovery codes left, and the date of the set.
    pub recovery: Option<(u32, String)>,
    /// Trusted browsers.
    pub browsers: u32,
}

impl SecurityPage {
    fn level_text(&self) -> String {
        self.page.t.get(match self.level {
            3 => "security-level-3",
            2 => "security-level-2",
            _ => "security-level-1",
        })
    }

    fn password_text(&self) -> String {
        match (&self.password_since, self.no_password) {
            (Some(date), _) => self.page.t.with("account-password-since", &[("date", date)]),
            (None, true) => self.page.t.get("security-password-administrator"),
            (None, false) => self.page.t.get("account-password-none"),
        }
    }

    fn password_action(&self) -> String {
        self.page.t.get(if self.password_since.is_some() { "common-edit" } else { "account-password-add" })
    }

    fn two_step_text(&self) -> String {
        self.page.t.get(match (self.two_step_always, self.two_step) {
            (true, _) => "security-two-step-always",
            (false, true) => "security-two-step-on",
            (false, false) => "security-two-step-off",
        })
    }

    fn recovery_text(&self) -> String {
        match &self.recovery {
            Some((left, date)) => self.page.t.count("security-recovery-left", u64::from(*left), &[("date", date)]),
            None => self.page.t.get("security-recovery-none"),
        }
    }

    fn browsers_text(&self) -> String {
        self.page.t.count("security-browsers-count", u64::from(self.browsers), &[])
    }

    fn facts(&self, line: &MeansLine) -> String {
        let used = match &line.last_used {
            Some(date) => self.page.t.with("security-used", &[("date", date)]),
            None => self.page.t.get("security-never-used"),
        };
        format!("{} {used}", self.page.t.with("security-added", &[("date", &line.since)]))
    }
}

/// P-11: setting up an authenticator application. Posts `code`, `nom` and the sealed offer `s` to `action`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/application.html")]
pub struct ApplicationPage {
    /// Common part.
    pub page: Page,
    /// Where the form goes.
    pub action: String,
    /// Address of the picture.
    pub qr_url: String,
    /// Key in groups of four.
    pub key: String,
    /// `otpauth:` address, for an application on the same device.
    pub uri: String,
    /// Within a sign-in: step 2 of 3.
    pub in_journey: bool,
    /// Name as typed.
    pub nom: String,
    /// Errors by field.
    pub errors: Errors,
}

impl ApplicationPage {
    fn step(&self) -> Option<String> {
        self.in_journey.then(|| self.page.t.with("common-step", &[("step", "2"), ("total", "3")]))
    }
}

/// P-12: the ten codes, shown once. Posts `conserves` to `action`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/codes_secours.html")]
pub struct RecoveryCodesPage {
    /// Common part.
    pub page: Page,
    /// The codes; empty before they are made.
    pub codes: Vec<String>,
    /// The same, sealed, for the download; none on the page that proposes to make them.
    pub sealed: String,
    /// Where « Créer » and « Terminer » go.
    pub action: String,
    /// Where the download is posted.
    pub download: String,
    /// Names the set that is replaced: a form sent twice makes one.
    pub set: String,
    /// Sign-in address and date, on the printed sheet.
    pub owner: String,
    /// Within a sign-in: step 3 of 3.
    pub in_journey: bool,
    /// Errors of `conserves`.
    pub errors: Errors,
}

impl RecoveryCodesPage {
    fn step(&self) -> Option<String> {
        self.in_journey.then(|| self.page.t.with("common-step", &[("step", "3"), ("total", "3")]))
    }
}

/// Renaming or removing an application or a passkey. Posts `nom` or `supprimer` to the page itself.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/moyen.html")]
pub struct MeansEditPage {
    /// Common part.
    pub page: Page,
    /// Where the forms go.
    pub action: String,
    /// The name.
    pub nom: String,
    /// It is the last strong means, and this is who demands one.
    pub last_for: Option<String>,
    /// Errors of `nom`.
    pub errors: Errors,
}

/// P-15: one trusted browser.
#[derive(Debug, Clone)]
pub struct BrowserLine {
    /// Identifier.
    pub id: String,
    /// « Firefox sur Linux »; empty when unknown.
    pub device: String,
    /// Since when.
    pub since: String,
    /// Until when.
    pub until: String,
}

/// P-15 « Navigateurs de confiance ». Posts `navigateur`, or `tous`, to `/compte/securite/navigateurs`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_navigateurs.html")]
pub struct BrowsersPage {
    /// Common part.
    pub page: Page,
    /// Every one, last used first.
    pub browsers: Vec<BrowserLine>,
    /// For how many days this browser may be trusted by its individual, who is then not written to at each sign-in.
    pub trust_days: Option<u32>,
}

impl BrowsersPage {
    fn device(&self, line: &BrowserLine) -> String {
        if line.device.is_empty() { self.page.t.get("account-session-unknown") } else { line.device.clone() }
    }
}

/// A request of somebody who lost their means of connection.
#[derive(Debug, Clone)]
pub struct RecoveryLine {
    /// Whose account.
    pub id: String,
    /// It is one's own: others decide.
    pub own: bool,
    /// « Prénom Nom ».
    pub name: String,
    /// Sign-in address.
    pub courriel: String,
    /// Since when.
    pub since: String,
    /// When it takes effect, once granted.
    pub ready: Option<String>,
}

/// The requests of an establishment. Posts `personne` and `decision` to `action`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_secours.html")]
pub struct RecoveryRequestsPage {
    /// Common part.
    pub page: Page,
    /// Its name.
    pub establishment: String,
    /// Its SIRET, in groups.
    pub siret: String,
    /// Where the forms go.
    pub action: String,
    /// Open ones.
    pub requests: Vec<RecoveryLine>,
}

impl RecoveryRequestsPage {
    fn standing(&self, line: &RecoveryLine) -> String {
        match &line.ready {
            Some(date) => self.page.t.with("lost-requests-granted", &[("date", date)]),
            None => self.page.t.with("lost-requests-since", &[("date", &line.since)]),
        }
    }
}
