//! Names in « Mon compte », and who vouches for them.

use askama::Template;

use super::creation::IdentityForm;
use super::federation::UpstreamButton;
use super::{Errors, Page};

/// Who vouches for somebody's names.
#[derive(Debug, Clone)]
pub struct Vouched {
    /// The provider, as people call it.
    pub by: String,
    /// When it was asked by the person, who may undo it; none for individuals, who sign in through it.
    pub verification: Option<Verification>,
}

/// A verification, its dates already formatted.
#[derive(Debug, Clone)]
pub struct Verification {
    /// When.
    pub on: String,
    /// Until when it holds.
    pub until: String,
    /// Whether it does now.
    pub holds: bool,
}

/// Edit name and phone: posts to `/compte/identite`; `fournisseur` to `/compte/identite/verification`, nothing to
/// `/compte/identite/verification/supprimer`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_identite.html")]
pub struct AccountIdentityPage {
    /// Common part.
    pub page: Page,
    /// Present or typed values.
    pub identity: IdentityForm,
    /// Somebody acting for an establishment: they have a function.
    pub professional: bool,
    /// Who vouches for the names: they are then shown, and cannot be changed.
    pub vouched: Option<Vouched>,
    /// The providers that can verify the person.
    pub verify: Vec<UpstreamButton>,
    /// Errors by field.
    pub errors: Errors,
}

impl AccountIdentityPage {
    fn verification(&self) -> Option<(&str, &Verification)> {
        self.vouched.as_ref().and_then(|v| Some((v.by.as_str(), v.verification.as_ref()?)))
    }

    fn is_verified(&self) -> bool {
        self.verification().is_some()
    }

    fn has_verification(&self) -> bool {
        self.is_verified() || !self.verify.is_empty()
    }

    fn verification_text(&self) -> String {
        let Some((by, v)) = self.verification() else { return self.page.t.get("account-verification-text") };
        let key = if v.holds { "account-verification-done" } else { "account-verification-expired" };
        self.page.t.with(key, &[("provider", by), ("date", &v.on), ("until", &v.until)])
    }

    fn verify_key(&self) -> &'static str {
        if self.is_verified() { "account-verification-again" } else { "account-verification-start" }
    }
}
