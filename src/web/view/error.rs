//! every page that says something went wrong, with a code, a reference and a way out.

use askama::Template;

use super::{Page, form};
use crate::federation::Cause;

/// The kinds of error a person may meet. Codes `A9nn` end with the HTTP status' last two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// Unknown client.
    A101,
    /// Redirect URI not registered.
    A102,
    /// Invalid request.
    A103,
    /// Service suspended.
    A104,
    /// The sign-in request expired.
    A201,
    /// The necessary cookie is absent.
    A202,
    /// Unknown sign-in request, or begun in another browser.
    A203,
    /// Already finished (back button, second tab).
    A204,
    /// Anti-forgery token refused.
    A205,
    /// Too many sign-in attempts.
    A301,
    /// Account suspended; only after a proved factor.
    A302,
    /// The person gave up at an upstream provider.
    A401,
    /// An upstream provider did not confirm who they are.
    A402,
    /// An upstream provider cannot be used now.
    A403,
    /// Rate limit.
    A429,
    /// Malformed request to one of our pages (400).
    A900,
    /// The page does not exist (404).
    A904,
    /// This method is not served here (405).
    A905,
    /// The request did not come whole in time (408).
    A908,
    /// The request is too large (413).
    A913,
    /// Internal error (500).
    A950,
    /// Momentarily unavailable (503).
    A953,
}

impl ErrorCode {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::A101,
        Self::A102,
        Self::A103,
        Self::A104,
        Self::A201,
        Self::A202,
        Self::A203,
        Self::A204,
        Self::A205,
        Self::A301,
        Self::A302,
        Self::A401,
        Self::A402,
        Self::A403,
        Self::A429,
        Self::A900,
        Self::A904,
        Self::A905,
        Self::A908,
        Self::A913,
        Self::A950,
        Self::A953,
    ];

    /// As shown and searched: `A203`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A101 => "A101",
            Self::A102 => "A102",
            Self::A103 => "A103",
            Self::A104 => "A104",
            Self::A201 => "A201",
            Self::A202 => "A202",
            Self::A203 => "A203",
            Self::A204 => "A204",
            Self::A205 => "A205",
            Self::A301 => "A301",
            Self::A302 => "A302",
            Self::A401 => "A401",
            Self::A402 => "A402",
            Self::A403 => "A403",
            Self::A429 => "A429",
            Self::A900 => "A900",
            Self::A904 => "A904",
            Self::A905 => "A905",
            Self::A908 => "A908",
            Self::A913 => "A913",
            Self::A950 => "A950",
            Self::A953 => "A953",
        }
    }

    /// The HTTP status the page is served with.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::A101 | Self::A102 | Self::A103 | Self::A201 | Self::A202 | Self::A203 | Self::A900 => 400,
            Self::A104 | Self::A302 | Self::A205 | Self::A401 | Self::A402 => 403,
            Self::A204 => 409,
            Self::A301 | Self::A429 => 429,
            Self::A904 => 404,
            Self::A905 => 405,
            Self::A908 => 408,
            Self::A913 => 413,
            Self::A950 => 500,
            Self::A403 | Self::A953 => 503,
        }
    }

    pub(super) fn key(self, part: &str) -> String {
        format!("errors-{}-{part}", self.as_str().to_ascii_lowercase())
    }
}

/// The main button of an error page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// « Tous nos services », `/services`.
    Services,
    /// « Contacter l’assistance », `/contact`.
    Contact,
    /// « Reprendre la connexion », at this address.
    Resume(String),
    /// « Réessayer », at this address.
    Retry(String),
    /// « Revenir à la page d’accueil », `/`.
    Home,
    /// « Continuer vers {service} », at this address.
    Continue {
        /// The service's name.
        service: String,
        /// Where it is.
        url: String,
    },
    /// « Retour à {service} », at this address.
    Back {
        /// The service's name.
        service: String,
        /// Where it is.
        url: String,
    },
}

/// For integrators, inside `<details>`; only for the errors of requests from services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technical {
    /// The OAuth error (`invalid_request` …).
    pub error: String,
    /// Its description.
    pub description: String,
}

/// What an upstream provider said, or why what it said was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// What people call it.
    pub name: String,
    /// What happened.
    pub cause: Cause,
    /// The code it quoted, as people read it to its support.
    pub code: Option<String>,
}

impl Upstream {
    /// The error it amounts to.
    #[must_use]
    pub const fn error(&self) -> ErrorCode {
        match self.cause {
            Cause::Cancelled => ErrorCode::A401,
            Cause::Registry | Cause::Unavailable | Cause::Ours => ErrorCode::A403,
            Cause::Close
            | Cause::Several
            | Cause::UsageName
            | Cause::NotFound
            | Cause::Malformed
            | Cause::Neutral
            | Cause::Idp
            | Cause::Lost
            | Cause::Level
            | Cause::Blocked
            | Cause::Deactivated
            | Cause::Incomplete
            | Cause::Mandate
            | Cause::Untrusted
            | Cause::Other => ErrorCode::A402,
        }
    }
}

/// X-01 error page.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/erreur.html")]
pub struct ErrorPage {
    /// Common part.
    pub page: Page,
    /// Which error.
    pub code: ErrorCode,
    /// The main button.
    pub way: Option<Way>,
    /// Correlation id, as people copy it: `7F3K-92QM`.
    pub reference: String,
    /// Date and time, already formatted.
    pub date: String,
    /// Time from which to try again, already formatted (A301, A429, A953).
    pub until: Option<String>,
    /// Technical details.
    pub technical: Option<Technical>,
    /// What an upstream provider said: its cause takes the place of the error's own words.
    pub upstream: Option<Upstream>,
}

impl ErrorPage {
    /// The heading.
    #[must_use]
    pub fn heading(&self) -> String {
        self.sentence("title")
    }

    fn explanation(&self) -> String {
        self.sentence("text")
    }

    fn sentence(&self, part: &str) -> String {
        let t = self.page.t;
        if let Some(upstream) = &self.upstream {
            return t.with(&format!("{}-{part}", upstream.cause.key()), &[("provider", &upstream.name)]);
        }
        let fallback = t.get("errors-this-service");
        let service = self.page.service.as_deref().unwrap_or(&fallback);
        form::capitalise(t.with(&self.code.key(part), &[("service", service)]))
    }

    fn main_action(&self) -> Option<super::Link> {
        let t = self.page.t;
        let (label, url) = match self.way.as_ref()? {
            Way::Services => (t.get("common-all-services"), "/services".to_owned()),
            Way::Contact => (t.get("common-contact"), self.contact_url()),
            Way::Resume(url) => (t.get("errors-way-resume"), url.clone()),
            Way::Retry(url) => (t.get("errors-way-retry"), url.clone()),
            Way::Home => (t.get("errors-way-home"), "/".to_owned()),
            Way::Continue { service, url } => (t.with("common-continue-to", &[("service", service)]), url.clone()),
            Way::Back { service, url } => (t.with("common-back-to", &[("service", service)]), url.clone()),
        };
        Some(super::Link { label, url })
    }

    /// The code with the one the provider quoted: both are what the support needs.
    fn full_code(&self) -> String {
        match self.upstream.as_ref().and_then(|u| u.code.as_deref()) {
            Some(theirs) => format!("{}-{theirs}", self.code.as_str()),
            None => self.code.as_str().to_owned(),
        }
    }

    fn contact_url(&self) -> String {
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &self.full_code())
            .append_pair("reference", &self.reference)
            .finish();
        format!("/contact?{query}")
    }
}
