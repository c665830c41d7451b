//! « Mes établissements » (P-17) and « Mon établissement » (G-01); the words of the manager's area.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Errors, Page};
use crate::base::texts::Texts;

/// What is wrong with what a manager typed or chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceProblem {
    /// The establishment would be without a manager.
    LastManager,
    /// It would be left to managers whose places end.
    OthersEnd,
    /// No role was chosen.
    RoleMissing,
    /// Neither active nor deactivated was chosen.
    StateMissing,
    /// Not a day.
    DateWrong,
    /// A day that is over.
    DatePast,
    /// A day that is too far away.
    DateFar,
    /// The establishment that follows has people and no manager.
    SuccessorOrphan,
    /// Nobody holds a right to review.
    NothingToReview,
    /// No profile was chosen.
    ProfileMissing,
    /// No reason was chosen.
    MotifMissing,
    /// The reason chosen wants words.
    WordsMissing,
    /// The person has left meanwhile.
    Gone,
    /// The establishment closed; the SIRET of the one that took over.
    Closed(Option<String>),
    /// The person lacks attestations that a service demands: its name, and which.
    Lacks(String, String),
    /// The operator suspended the access of the person to this service.
    HeldBack(String),
    /// A service or profile that is not there to give.
    RightUnknown,
    /// Nobody was chosen, or somebody who cannot take over.
    PersonMissing,
    /// No address was typed.
    NoAddress,
    /// None of the addresses can be invited.
    NobodyToInvite,
    /// More addresses than at once.
    TooManyAddresses(u32),
    /// Enough invitations for today.
    TooManyInvitations,
}

impl PlaceProblem {
    /// The sentence, which says what to do.
    #[must_use]
    pub fn text(&self, t: Texts) -> String {
        match self {
            Self::LastManager => t.get("org-error-last-manager"),
            Self::OthersEnd => t.get("org-error-others-end"),
            Self::RoleMissing => t.get("org-error-role"),
            Self::StateMissing => t.get("org-error-state"),
            Self::DateWrong => t.get("org-error-date"),
            Self::DatePast => t.get("org-error-date-past"),
            Self::SuccessorOrphan => t.get("org-error-successor-orphan"),
            Self::DateFar => t.get("org-error-date-far"),
            Self::NothingToReview => t.get("org-error-nothing-to-review"),
            Self::ProfileMissing => t.get("org-error-profile"),
            Self::MotifMissing => t.get("org-error-motif"),
            Self::WordsMissing => t.get("org-error-words"),
            Self::Gone => t.get("org-error-gone"),
            Self::Closed(None) => t.get("org-error-place-closed"),
            Self::Closed(Some(siret)) => t.with("org-error-place-closed-next", &[("siret", siret)]),
            Self::Lacks(service, kinds) => t.with("org-error-person-lacks", &[("service", service), ("kinds", kinds)]),
            Self::HeldBack(service) => t.with("org-error-held-back", &[("service", service)]),
            Self::RightUnknown => t.get("org-error-right"),
            Self::PersonMissing => t.get("org-error-person"),
            Self::NoAddress => t.get("org-error-no-address"),
            Self::NobodyToInvite => t.get("org-error-nobody"),
            Self::TooManyAddresses(most) => t.count("org-error-addresses", u64::from(*most), &[]),
            Self::TooManyInvitations => t.get("org-error-invitations"),
        }
    }
}

/// What was done in an establishment, said once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlaceNotice {
    /// The rights of this person were saved.
    Saved(String),
    /// This person no longer acts for the establishment.
    Deactivated(String),
    /// So many people no longer do.
    DeactivatedMany(u32),
    /// Nobody was chosen who could be deactivated.
    NobodyChosen,
    /// So many people were asked to set up a strong means of connection.
    Reminded(u32),
    /// All of them were asked today already.
    RemindedToday,
    /// Everybody who was chosen has one.
    NobodyToRemind,
    /// They do again.
    Reactivated(String),
    /// The request of this person was accepted.
    Accepted(String),
    /// It was declined.
    Declined(String),
    /// They were asked to change it.
    ChangesAsked(String),
    /// It was decided, or withdrawn, before.
    Late,
    /// So many invitations were sent.
    Invited(u32),
    /// An invitation was withdrawn.
    InvitationCancelled,
    /// The person joined this establishment.
    Joined(String),
    /// They left it.
    Left(String),
    /// A right of this person is suspended.
    Suspended(String),
    /// It was given back.
    Restored(String),
    /// It ends on another day.
    Extended(String),
    /// It was withdrawn.
    Withdrawn(String),
    /// The role was offered to this person.
    Offered(String),
    /// An offer was withdrawn.
    OfferWithdrawn,
    /// The person declined to manage this establishment.
    OfferDeclined(String),
    /// The person manages this establishment now.
    Manages(String),
    /// It was confirmed.
    Confirmed(String),
    /// What newcomers receive was set.
    NewcomersSet,
    /// A review was opened.
    ReviewOpened,
    /// People and rights were carried over.
    CarriedOver,
    /// The managers of the establishment that follows were asked.
    SuccessionAsked,
    /// That was declined.
    SuccessionDeclined,
}

impl PlaceNotice {
    /// The sentence.
    #[must_use]
    pub fn text(&self, t: Texts) -> String {
        let named = |key: &str, name: &str| t.with(key, &[("name", name)]);
        match self {
            Self::Saved(name) => named("org-notice-saved", name),
            Self::Deactivated(name) => named("org-notice-deactivated", name),
            Self::DeactivatedMany(n) => t.count("org-notice-deactivated-many", u64::from(*n), &[]),
            Self::NobodyChosen => t.get("org-notice-nobody-chosen"),
            Self::Reminded(n) => t.count("org-notice-enrolment-reminded", u64::from(*n), &[]),
            Self::RemindedToday => t.get("org-notice-reminded-today"),
            Self::NobodyToRemind => t.get("org-notice-nobody-to-remind"),
            Self::Reactivated(name) => named("org-notice-reactivated", name),
            Self::Accepted(name) => named("org-notice-accepted", name),
            Self::Declined(name) => named("org-notice-declined", name),
            Self::ChangesAsked(name) => named("org-notice-changes", name),
            Self::Late => t.get("org-notice-late"),
            Self::Invited(n) => t.count("org-notice-invited", u64::from(*n), &[]),
            Self::InvitationCancelled => t.get("org-notice-invitation-cancelled"),
            Self::Joined(name) => named("org-notice-invitation-accepted", name),
            Self::Left(name) => named("org-notice-left", name),
            Self::Suspended(name) => named("org-notice-suspended", name),
            Self::Restored(name) => named("org-notice-restored", name),
            Self::Extended(name) => named("org-notice-extended", name),
            Self::Withdrawn(name) => named("org-notice-withdrawn", name),
            Self::Offered(name) => named("org-notice-offered", name),
            Self::OfferWithdrawn => t.get("org-notice-offer-withdrawn"),
            Self::OfferDeclined(name) => named("org-notice-offer-declined", name),
            Self::Manages(name) => named("org-notice-manages", name),
            Self::Confirmed(name) => named("org-notice-confirmed", name),
            Self::NewcomersSet => t.get("org-notice-newcomers"),
            Self::ReviewOpened => t.get("org-notice-review-opened"),
            Self::CarriedOver => t.get("org-notice-carried-over"),
            Self::SuccessionAsked => t.get("org-notice-succession-asked"),
            Self::SuccessionDeclined => t.get("org-notice-succession-declined"),
        }
    }
}

/// What all pages of an establishment have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub name: String,
    /// Its SIRET, in groups.
    pub siret: String,
    /// Path of its pages: `/etablissements/{siret}`.
    pub base: String,
    /// Requests that wait.
    pub waiting: u64,
    /// The person handles its cards too.
    pub cards: bool,
}

impl Head {
    /// Path of one of its pages.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("{}{rest}", self.base)
    }

    /// Whether a page is below the one at `url`, which is not the first one.
    #[must_use]
    pub fn is_within(&self, page: &Page, url: &str) -> bool {
        url != self.base && page.is_under(url)
    }
}

/// An establishment of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceLine {
    /// Its name.
    pub name: String,
    /// Its SIRET, in groups.
    pub siret: String,
    /// Path of its pages.
    pub base: String,
    /// Key of the role.
    pub role: &'static str,
    /// Key of the state.
    pub state: &'static str,
    /// End of the place, already formatted.
    pub until: Option<String>,
    /// The person manages it.
    pub manager: bool,
    /// The person handles its cards.
    pub cards: bool,
}

/// Establishments of one company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceGroup {
    /// Its SIREN, in groups, when there are several.
    pub siren: Option<String>,
    /// The establishments.
    pub places: Vec<PlaceLine>,
}

/// P-17 « Mes établissements », `/etablissements?q=&apres=`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissements.html")]
pub struct PlacesPage {
    /// Common part.
    pub page: Page,
    /// By SIRET.
    pub groups: Vec<PlaceGroup>,
    /// What they were narrowed by; none when a page holds all.
    pub filter: Option<String>,
    /// Address of the next page.
    pub next_url: Option<String>,
    /// The person acts for establishments: not an individual.
    pub professional: bool,
}

/// « Quitter cet établissement », `/etablissements/{siret}/quitter`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_quitter.html")]
pub struct LeavePage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub name: String,
    /// Its SIRET, in groups.
    pub siret: String,
    /// Path of its pages.
    pub base: String,
    /// Errors of `quitter`.
    pub errors: Errors,
}

/// « Reprendre la gestion », `/etablissements/{siret}/reprendre`: posts `message`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_reprendre.html")]
pub struct ClaimPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub name: String,
    /// Its SIRET, in groups.
    pub siret: String,
    /// Path of its pages.
    pub base: String,
    /// Key of how it is managed.
    pub state: &'static str,
    /// From when the person would manage it; none when it is not for them to claim.
    pub from: Option<String>,
    /// Their place is proved.
    pub proved: bool,
    /// It can be, by the official address.
    pub provable: bool,
    /// What was typed.
    pub message: String,
    /// Errors of `message`.
    pub errors: Errors,
}

/// G-01 « Mon établissement », `/etablissements/{siret}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement.html")]
pub struct PlacePage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// Its SIREN, in groups.
    pub siren: String,
    /// Domains whose addresses prove that a person works there.
    pub domains: Vec<String>,
    /// Names of its managers.
    pub managers: Vec<String>,
    /// People who act for it.
    pub people: u64,
    /// What the register says of it.
    pub register: Option<RegisterFacts>,
    /// Key of what there is to do when it closed, or takes over from a closed one.
    pub succession: Option<&'static str>,
    /// Where the person can prove their own place, which is not.
    pub prove_url: Option<String>,
}

/// What the register of companies says of an establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterFacts {
    /// On one line.
    pub address: String,
    /// Whether it is open.
    pub open: bool,
    /// When it was read there.
    pub date: String,
}
