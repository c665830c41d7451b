//! Passkeys: signing in with one (S-02, S-09), adding, naming and removing one (P-09).

use askama::Template;

use super::second_factor::Why;
use super::{Errors, Link, Page, link};
use crate::authn::factor::passkey::MOST;

/// The button of a passkey: where the answer is posted. The browser's dialogue gets its options below it, at `/options`.
#[derive(Debug, Clone, Default)]
pub struct PasskeyForm {
    /// Posts `etat` and `reponse` there.
    pub action: String,
    /// Options, in JSON, with which the browser offers the keys it knows under the address field; empty elsewhere.
    pub prompt: String,
    /// A key is made, rather than used.
    pub creates: bool,
}

impl PasskeyForm {
    /// The button that asks for a passkey at this step of a journey.
    #[must_use]
    pub fn of(step: PasskeyStep, t: &str) -> Self {
        Self::at(step.path(), t)
    }

    /// The same at this address, whose options are below it.
    #[must_use]
    pub fn at(path: &str, t: &str) -> Self {
        Self { action: link(path, t), prompt: String::new(), creates: false }
    }
}

/// Which step asks for a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyStep {
    /// S-02: somebody says who they are.
    SignIn,
    /// S-09: somebody who is known proves it further.
    SecondFactor,
}

impl PasskeyStep {
    /// The page, to which the answer is posted.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::SignIn => "/connexion/cle",
            Self::SecondFactor => "/connexion/verification/cle",
        }
    }

    /// The page of the other means.
    const fn others(self) -> &'static str {
        match self {
            Self::SignIn => "/connexion/autres-moyens",
            Self::SecondFactor => "/connexion/verification/moyens",
        }
    }
}

/// Why the last answer was not taken (A304).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasskeyTrouble {
    /// Wrong, of somebody else, or of a key we do not know: said alike.
    Refused,
    /// The page stayed open too long, or the answer was sent twice.
    Expired,
    /// The key may have been copied.
    Suspended,
    /// Too many tries, until this time.
    Limited(String),
}

/// « Utiliser une clé d’accès », alone on its page: where a second factor is asked for, and after an answer that was refused.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/cle.html")]
pub struct PasskeyPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// The step.
    pub step: PasskeyStep,
    /// Who asks for more, at S-09.
    pub why: Option<Why>,
    /// There are other means.
    pub others: bool,
    /// The button.
    pub form: PasskeyForm,
    /// What went wrong.
    pub trouble: Option<PasskeyTrouble>,
}

impl PasskeyPage {
    fn heading(&self) -> String {
        self.page.t.get(match self.trouble {
            Some(_) => "errors-passkey-title",
            None => "sign-in-passkey-title",
        })
    }

    fn explanation(&self) -> String {
        let t = self.page.t;
        match &self.trouble {
            None => t.get("sign-in-passkey-text"),
            Some(PasskeyTrouble::Refused) => t.get("errors-passkey-refused"),
            Some(PasskeyTrouble::Expired) => t.get("errors-passkey-expired"),
            Some(PasskeyTrouble::Suspended) => t.get("errors-passkey-suspended"),
            Some(PasskeyTrouble::Limited(until)) => t.with("errors-passkey-limited", &[("time", until)]),
        }
    }

    fn action(&self) -> String {
        self.page.t.get(if self.trouble.is_some() { "errors-way-retry" } else { "sign-in-with-passkey" })
    }

    fn others_url(&self) -> String {
        link(self.step.others(), &self.t)
    }

    fn demand(&self) -> Option<String> {
        self.why.filter(|_| self.trouble.is_none()).map(|why| why.text(&self.page))
    }
}

/// Why no passkey was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddPasskeyTrouble {
    /// The answer was refused or came too late.
    Failed,
    /// The key is enrolled already.
    Known,
}

impl AddPasskeyTrouble {
    const fn key(self) -> &'static str {
        match self {
            Self::Failed => "errors-passkey-not-created",
            Self::Known => "errors-passkey-known",
        }
    }
}

/// P-09 « Créer une clé d’accès ».
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_cle_ajouter.html")]
pub struct AddPasskeyPage {
    /// Common part.
    pub page: Page,
    /// The button; none when the person has as many keys as they may.
    pub form: Option<PasskeyForm>,
    /// What went wrong.
    pub trouble: Option<AddPasskeyTrouble>,
    /// Where to go on without a passkey.
    pub back: Option<Link>,
    /// Within a sign-in: step 2 of 3.
    pub in_journey: bool,
}

impl AddPasskeyPage {
    fn step(&self) -> Option<String> {
        self.in_journey.then(|| self.page.t.with("common-step", &[("step", "2"), ("total", "3")]))
    }

    fn most(&self) -> u64 {
        u64::try_from(MOST).unwrap_or(u64::MAX)
    }
}

/// « Créer une clé d’accès ? » after a sign-in: posts `choix` (`plus_tard` or `jamais`) to `/connexion/cle-proposee`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/cle_proposee.html")]
pub struct OfferPasskeyPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// P-09, which leads on.
    pub create_url: String,
}

impl OfferPasskeyPage {
    fn action(&self) -> String {
        link("/connexion/cle-proposee", &self.t)
    }
}

/// P-09 one passkey: posts `nom_cle` to `/compte/securite/cle/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_cle.html")]
pub struct EditPasskeyPage {
    /// Common part.
    pub page: Page,
    /// Identifier.
    pub id: String,
    /// Its name, or what was typed.
    pub nom_cle: String,
    /// Date of creation, already formatted.
    pub since: String,
    /// Last use, already formatted.
    pub last_used: Option<String>,
    /// Kept in several devices.
    pub synced: bool,
    /// No longer accepted.
    pub suspended: bool,
    /// Path of ours to go on to once it is named; empty for the list of means.
    pub back: String,
    /// Errors of `nom_cle`.
    pub errors: Errors,
}

impl EditPasskeyPage {
    fn here(&self) -> String {
        format!("/compte/securite/cle/{}", self.id)
    }

    fn removal(&self) -> String {
        format!("{}/supprimer", self.here())
    }

    fn used(&self) -> String {
        self.last_used.clone().unwrap_or_else(|| self.page.t.get("account-passkey-unused"))
    }

    fn kept(&self) -> String {
        self.page.t.get(if self.synced { "account-passkey-synced" } else { "account-passkey-device" })
    }
}

/// P-08 « Supprimer » a passkey: posts to `/compte/securite/cle/{id}/supprimer`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_cle_supprimer.html")]
pub struct RemovePasskeyPage {
    /// Common part.
    pub page: Page,
    /// Identifier.
    pub id: String,
    /// Its name.
    pub nom_cle: String,
    /// It is the last strong means, and this is who demands one.
    pub last_for: Option<String>,
}

impl RemovePasskeyPage {
    fn here(&self) -> String {
        format!("/compte/securite/cle/{}/supprimer", self.id)
    }
}
