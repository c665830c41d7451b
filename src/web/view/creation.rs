//! Creating an account (C-01, C-03, C-04, C-10; C-02 is [`super::sign_in::CodePage`]). « Étape n sur 4 ».

use askama::Template;

use super::federation::UpstreamButton;
use super::{Errors, Page};

/// C-01 the address: posts `courriel` to `/creation`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/creation.html")]
pub struct CreationPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction; empty when there is none.
    pub t: String,
    /// Upstream providers for individuals, who need no account made here.
    pub upstreams: Vec<UpstreamButton>,
    /// People may create an account by themselves; otherwise the page says how accounts are made.
    pub open: bool,
    /// What was typed.
    pub courriel: String,
    /// « Vouliez-vous dire … ? »: the whole corrected address.
    pub suggestion: Option<String>,
    /// Errors of `courriel`.
    pub errors: Errors,
}

/// C-03 who you are: posts `prenom`, `nom`, `telephone`, `fonction` to `/creation/identite`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/creation_identite.html")]
pub struct CreationIdentityPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// Values typed.
    pub identity: IdentityForm,
    /// Errors by field.
    pub errors: Errors,
}

/// The fields of an identity form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdentityForm {
    /// `prenom`.
    pub prenom: String,
    /// `nom`.
    pub nom: String,
    /// `telephone`, optional.
    pub telephone: String,
    /// `fonction`, optional.
    pub fonction: String,
}

/// How the person will sign in (`moyen`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// `code`: a code by e-mail each time.
    Code,
    /// `mot_de_passe`.
    Password,
    /// `cle`: a passkey, made once the account is; codes by e-mail beside it.
    Passkey,
}

/// C-04 how you will sign in: posts `moyen` (`code`, `mot_de_passe` or `cle`) and `nouveau_mot_de_passe` to `/creation/securite`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/creation_securite.html")]
pub struct CreationSecurityPage {
    /// Common part.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// The proved address, for password managers.
    pub courriel: String,
    /// What was chosen.
    pub means: Option<Means>,
    /// Whether there can be passkeys.
    pub passkeys: bool,
    /// Errors of `moyen`, `nouveau_mot_de_passe`.
    pub errors: Errors,
}

impl CreationSecurityPage {
    fn chose(&self, means: Means) -> bool {
        self.means == Some(means)
    }
}

/// C-10 « Votre compte est créé ».
#[derive(Debug, Clone, Template)]
#[template(path = "pages/creation_terminee.html")]
pub struct CreationDonePage {
    /// Common part.
    pub page: Page,
    /// Where « Continuer » leads: back into the interaction, or « Tous nos services ».
    pub next_url: String,
}
