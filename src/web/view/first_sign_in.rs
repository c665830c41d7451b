//! First sign-ins: of a designated manager (S-22), and of people who came without a password (S-20).

use askama::Template;

use super::{Errors, Page, link};

/// S-22 « Première connexion gestionnaire ». Posts `courriel`, `telephone` to `/premiere-connexion`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/premiere_connexion.html")]
pub struct FirstSignInPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// The address typed.
    pub courriel: String,
    /// The mobile typed.
    pub telephone: String,
    /// Errors of `courriel` and `telephone`.
    pub errors: Errors,
}

impl FirstSignInPage {
    fn action(&self) -> String {
        link("/premiere-connexion", &self.t)
    }
}

/// S-22 « Saisissez les deux codes reçus ». Posts `code`, `code_sms` to `/premiere-connexion/codes`; « Renvoyer les codes »
/// posts to `…/renvoyer`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/premiere_connexion_codes.html")]
pub struct FirstSignInCodesPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// Where one code was sent.
    pub courriel: String,
    /// Where the other was, as people write it.
    pub telephone: String,
    /// The address codes come from, to authorise in anti-spam tools.
    pub sender: String,
    /// How long codes are valid, in minutes.
    pub validity_minutes: u32,
    /// Seconds before others may be asked for; 0 when they may be now.
    pub resend_in: u32,
    /// Errors of `code` and `code_sms`.
    pub errors: Errors,
}

impl FirstSignInCodesPage {
    fn action(&self) -> String {
        link("/premiere-connexion/codes", &self.t)
    }

    fn resend_action(&self) -> String {
        link("/premiere-connexion/codes/renvoyer", &self.t)
    }

    fn back(&self) -> String {
        link("/premiere-connexion", &self.t)
    }

    fn validity(&self) -> String {
        self.page.t.count("sign-in-first-valid", u64::from(self.validity_minutes), &[])
    }

    fn resend_later(&self) -> String {
        self.page.t.count("sign-in-code-resend-later", u64::from(self.resend_in), &[])
    }
}

/// « Ce compte n’a pas de mot de passe »: said to administrators who proved who they are.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/sans_mot_de_passe.html")]
pub struct NoPasswordPage {
    /// Common part.
    pub page: Page,
    /// Where they go on.
    pub url: String,
}

/// S-20 « Choisissez un mot de passe (facultatif) ». Posts `nouveau_mot_de_passe`, or `choix=passer`, to `/connexion/activation`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/activation.html")]
pub struct ActivationPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// The sign-in address, so that password managers keep the pair.
    pub courriel: String,
    /// Errors of `nouveau_mot_de_passe`.
    pub errors: Errors,
}

impl ActivationPage {
    fn action(&self) -> String {
        link("/connexion/activation", &self.t)
    }
}
