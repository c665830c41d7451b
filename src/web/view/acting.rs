//! For which establishment a person acts (S-14), and a service they have no access to (S-15).

use askama::Template;

use super::{Errors, Link, Page};

/// One establishment to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Value of the radio button.
    pub siret: String,
    /// The same, as people read it.
    pub shown: String,
    /// Its name.
    pub name: String,
    /// Key of the role.
    pub role: &'static str,
    /// Where to ask for access; none where there is access.
    pub ask_url: Option<String>,
}

/// S-14 « Pour quel établissement vous connectez-vous ? »: posts `etablissement` and `retenir`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/choix_etablissement.html")]
pub struct ChoosePage {
    /// Common part; `service` names where the person goes.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// Name of the service.
    pub service: String,
    /// Those that open the service, last used first.
    pub open: Vec<Choice>,
    /// Those that do not.
    pub closed: Vec<Choice>,
    /// There are more than a page: what was typed to narrow them.
    pub filter: Option<String>,
    /// The following ones.
    pub next_url: Option<String>,
    /// Errors of `etablissement`.
    pub errors: Errors,
}

/// Why the person has no access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was asked.
    None,
    /// They act for no establishment.
    NoEstablishment,
    /// The service is not for people like them.
    NotForYou,
    /// The service is closed.
    Closed,
    /// Their place in the establishment must be confirmed first.
    Unproved,
    /// A request waits.
    Pending(Awaited),
    /// It was declined, for a reason.
    Declined(String),
    /// Something is to be changed in it.
    Changes(String),
    /// The right is suspended.
    Suspended,
    /// The operator suspended it.
    HeldBack,
    /// It was withdrawn.
    Withdrawn,
    /// It ended, on a day.
    Ended(String),
}

/// A request that waits. It is reminded by posting `action` (`relancer`) to its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// When it was sent.
    pub date: String,
    /// Key of the words for who decides.
    pub approver: &'static str,
    /// Its page.
    pub url: String,
    /// A reminder may be sent now.
    pub remind: bool,
    /// From when it may be, otherwise.
    pub remind_from: Option<String>,
}

/// The establishment that is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Its SIRET, as people read it.
    pub siret: String,
}

/// S-15 « Vous n’avez pas encore accès à … ».
#[derive(Debug, Clone, Template)]
#[template(path = "pages/acces_requis.html")]
pub struct AccessPage {
    /// Common part; `service` names where the person was going.
    pub page: Page,
    /// The sealed interaction.
    pub t: String,
    /// Name of the service.
    pub service: String,
    /// Why.
    pub standing: Standing,
    /// For which establishment, where one was meant.
    pub place: Option<Place>,
    /// The one thing to do about it.
    pub action: Option<Link>,
}

impl AccessPage {
    fn explanation(&self) -> String {
        let t = self.page.t;
        match &self.standing {
            Standing::None => t.get("org-access-none"),
            Standing::NoEstablishment => t.get("org-access-no-establishment"),
            Standing::NotForYou => t.get("org-access-not-for-you"),
            Standing::Closed => t.get("org-access-closed"),
            Standing::Unproved => t.get("org-access-unproved"),
            Standing::Pending(awaited) => t.with("org-access-pending", &[("date", &awaited.date)]),
            Standing::Declined(reason) => t.with("org-access-declined", &[("reason", reason)]),
            Standing::Changes(reason) => t.with("org-access-changes", &[("reason", reason)]),
            Standing::Suspended => t.get("org-access-suspended"),
            Standing::HeldBack => t.get("org-access-held-back"),
            Standing::Withdrawn => t.get("org-access-withdrawn"),
            Standing::Ended(date) => t.with("org-access-ended", &[("date", date)]),
        }
    }

    fn awaited(&self) -> Option<&Awaited> {
        match &self.standing {
            Standing::Pending(awaited) => Some(awaited),
            Standing::None
            | Standing::NoEstablishment
            | Standing::NotForYou
            | Standing::Closed
            | Standing::Unproved
            | Standing::Declined(_)
            | Standing::Changes(_)
            | Standing::Suspended
            | Standing::HeldBack
            | Standing::Withdrawn
            | Standing::Ended(_) => None,
        }
    }
}
