//! Words about establishments, requests and rights: what is wrong, and what was done.

use serde::{Deserialize, Serialize};

use crate::base::texts::Texts;

/// What is wrong with what was typed or chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrgProblem {
    /// No establishment was chosen, or not one of the person's.
    EstablishmentMissing,
    /// No profile was chosen.
    ProfileMissing,
    /// The service wants to know why.
    ReasonMissing,
    /// The same is asked already, since this date.
    AlreadyAsked(String),
    /// The person has this access already.
    AlreadyHeld,
    /// Attestations are missing: these.
    Lacks(String),
    /// Enough requests for a day.
    TooMany,
    /// The code was given back before.
    CodeUsed,
    /// Somebody manages the establishment.
    NotForTheTaking,
    /// The person is to be told why.
    AnswerMissing,
    /// The person lacks attestations that the service demands: its name, and which.
    PersonLacks(String, String),
    /// It cannot be granted any more: the person left, or the service changed.
    CannotGrant,
    /// Too short to be looked for.
    SearchShort,
    /// Neither a SIRET nor a SIREN.
    SearchDigits,
    /// The check digit is wrong.
    SiretWrong,
    /// Nothing found.
    NothingFound,
    /// The establishment closed, on this date where it is known.
    Closed(Option<String>),
    /// The register cannot be asked now (A503).
    RegisterAway,
}

impl OrgProblem {
    /// The sentence, which says what to do.
    #[must_use]
    pub fn text(&self, t: Texts) -> String {
        match self {
            Self::EstablishmentMissing => t.get("org-error-establishment"),
            Self::ProfileMissing => t.get("org-error-profile"),
            Self::ReasonMissing => t.get("org-error-reason"),
            Self::AlreadyAsked(date) => t.with("org-error-asked", &[("date", date)]),
            Self::AlreadyHeld => t.get("org-error-held"),
            Self::Lacks(kinds) => t.with("org-error-lacks", &[("kinds", kinds)]),
            Self::TooMany => t.get("org-error-too-many"),
            Self::NotForTheTaking => t.get("org-error-managed"),
            Self::CodeUsed => t.get("org-error-code-used"),
            Self::AnswerMissing => t.get("org-error-answer"),
            Self::PersonLacks(service, kinds) => t.with("org-error-person-lacks", &[("service", service), ("kinds", kinds)]),
            Self::CannotGrant => t.get("org-error-cannot-grant"),
            Self::SearchShort => t.get("org-error-search-short"),
            Self::SearchDigits => t.get("org-error-search-digits"),
            Self::SiretWrong => t.get("org-error-siret"),
            Self::NothingFound => t.get("org-error-nothing"),
            Self::Closed(Some(date)) => t.with("org-error-closed", &[("date", date)]),
            Self::Closed(None) => t.get("org-closed"),
            Self::RegisterAway => t.get("org-error-register"),
        }
    }
}

/// What was done, said once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrgNotice {
    /// A request was sent.
    RequestSent,
    /// It was granted at once.
    AccessGranted,
    /// The person joined and manages the establishment.
    Joined,
    /// A reminder was sent.
    Reminded,
    /// It is too early for another, or there were enough.
    TooEarly,
    /// The request was withdrawn.
    Cancelled,
    /// A request was answered.
    Answered,
    /// The place of the person is proved.
    LinkProved,
    /// The person showed that they work there; they may send their request.
    LinkShown,
    /// Enough requests for a day.
    TooMany,
}

impl OrgNotice {
    /// Key of the sentence.
    pub const fn key(self) -> &'static str {
        match self {
            Self::RequestSent => "org-notice-sent",
            Self::AccessGranted => "org-notice-granted",
            Self::Joined => "org-notice-joined",
            Self::Reminded => "org-notice-reminded",
            Self::TooEarly => "org-notice-too-early",
            Self::Cancelled => "org-notice-cancelled",
            Self::Answered => "org-notice-answered",
            Self::LinkProved => "org-notice-link-proved",
            Self::LinkShown => "org-notice-link-shown",
            Self::TooMany => "org-error-too-many",
        }
    }
}
