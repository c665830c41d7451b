//! Physical cards: those of an establishment (G-10 to G-13), and one's own (P-13).

use askama::Template;

use super::{Errors, Page};
use crate::base::texts::Texts;
use crate::mail::message::UnlinkReason;

/// What is wrong with a card, its serial number or its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardProblem {
    /// No serial number, or not the shape of one.
    SerialMissing,
    /// No card has this serial number.
    Unknown,
    /// It belongs to another establishment.
    Elsewhere,
    /// It was not sent to the establishment.
    NotSent,
    /// Somebody holds it already.
    Taken,
    /// It was lost, broken or returned.
    Unusable,
    /// Nobody was chosen.
    PersonMissing,
    /// The person is not of the establishment.
    NotMember,
    /// The person holds a card already.
    HoldsOne,
    /// No reason was chosen.
    ReasonMissing,
    /// Not the digits of a code; codes have so many.
    CodeMissing(u8),
    /// Wrong code; so many tries are left.
    CodeWrong(u32),
    /// Wrong again: two codes in a row would find the card again.
    Strayed(u32),
    /// The code was used already.
    Replayed,
    /// The card is locked.
    Locked,
    /// « BAT99 » was typed.
    Battery,
    /// There is no card that serves.
    NoCard,
    /// Too many tries; again at this time (« 10 h 42 »).
    Later(String),
}

impl CardProblem {
    /// The sentence, which says what to do.
    #[must_use]
    pub fn text(&self, t: Texts) -> String {
        match self {
            Self::SerialMissing => t.get("cards-error-serial-missing"),
            Self::Unknown => t.get("cards-error-unknown"),
            Self::Elsewhere => t.get("cards-error-elsewhere"),
            Self::NotSent => t.get("cards-error-not-sent"),
            Self::Taken => t.get("cards-error-taken"),
            Self::Unusable => t.get("cards-error-unusable"),
            Self::PersonMissing => t.get("cards-error-person-missing"),
            Self::NotMember => t.get("cards-error-not-member"),
            Self::HoldsOne => t.get("cards-error-holds-one"),
            Self::ReasonMissing => t.get("cards-error-reason-missing"),
            Self::CodeMissing(digits) => t.count("cards-error-code-missing", u64::from(*digits), &[]),
            Self::CodeWrong(left) => t.count("cards-error-code-wrong", u64::from(*left), &[]),
            Self::Strayed(left) => t.count("cards-error-strayed", u64::from(*left), &[]),
            Self::Replayed => t.get("cards-error-replayed"),
            Self::Locked => t.get("cards-error-locked"),
            Self::Battery => t.get("cards-error-battery"),
            Self::NoCard => t.get("cards-error-no-card"),
            Self::Later(time) => t.with("cards-error-later", &[("time", time)]),
        }
    }
}

/// What was done with a card, said once.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum CardNotice {
    /// This card is linked to this person and waits for a code.
    Linked(String, String),
    /// This card serves.
    Validated(String),
    /// This card was taken back.
    Unlinked(String),
    /// This card was found again and unlocked.
    Resynchronised(String),
    /// The card was reported lost.
    ReportedLost,
}

impl CardNotice {
    /// The sentence.
    #[must_use]
    pub fn text(&self, t: Texts) -> String {
        match self {
            Self::Linked(serial, name) => t.with("cards-notice-linked", &[("serial", serial), ("name", name)]),
            Self::Validated(serial) => t.with("cards-notice-validated", &[("serial", serial)]),
            Self::Unlinked(serial) => t.with("cards-notice-unlinked", &[("serial", serial)]),
            Self::Resynchronised(serial) => t.with("cards-notice-resynchronised", &[("serial", serial)]),
            Self::ReportedLost => t.get("cards-notice-lost"),
        }
    }
}

/// Where a card stands, in the words of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardStanding {
    /// Nobody holds it.
    Free,
    /// Linked, waiting for a first code.
    ToValidate,
    /// It serves.
    InUse,
    /// Locked after too many wrong codes.
    Locked,
    /// Lost or stolen.
    Lost,
    /// Broken.
    Broken,
    /// Sent back.
    Returned,
}

impl CardStanding {
    const fn key(self) -> &'static str {
        match self {
            Self::Free => "cards-standing-free",
            Self::ToValidate => "cards-standing-to-validate",
            Self::InUse => "cards-standing-in-use",
            Self::Locked => "cards-standing-locked",
            Self::Lost => "cards-standing-lost",
            Self::Broken => "cards-standing-broken",
            Self::Returned => "cards-standing-returned",
        }
    }
}

/// One line of G-10.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardLine {
    /// Serial number.
    pub serial: String,
    /// Holder.
    pub holder: Option<String>,
    /// Where it stands.
    pub standing: CardStanding,
    /// Since when it is lent, already formatted.
    pub since: Option<String>,
    /// Last code accepted, already formatted.
    pub last_used: Option<String>,
}

/// G-10 « Cartes de l’établissement ».
#[derive(Debug, Clone, Template)]
#[template(path = "pages/cartes.html")]
pub struct CardsPage {
    /// Common part.
    pub page: Page,
    /// The establishment's name.
    pub establishment: String,
    /// Its SIRET, in groups.
    pub siret: String,
    /// Path of this page, which those of its cards begin with.
    pub base: String,
    /// By serial number.
    pub cards: Vec<CardLine>,
    /// Address of the next page.
    pub next_url: Option<String>,
}

impl CardsPage {
    /// Requests of people who lost their means.
    fn recovery_url(&self) -> String {
        self.base.replace("/cartes", "/secours")
    }

    fn standing(&self, card: &CardLine) -> String {
        self.page.t.get(card.standing.key())
    }

    fn held(&self, card: &CardLine) -> bool {
        card.holder.is_some()
    }

    fn to_validate(&self, card: &CardLine) -> bool {
        card.standing == CardStanding::ToValidate
    }

    fn may_resynchronise(&self, card: &CardLine) -> bool {
        matches!(card.standing, CardStanding::ToValidate | CardStanding::InUse | CardStanding::Locked)
    }

    fn validate_url(&self, card: &CardLine) -> String {
        format!("{}/lier/valider?carte={}", self.base, card.serial)
    }
}

/// G-11 « Lier une carte », first step: posts `personne` and `numero_serie`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/carte_lier.html")]
pub struct LinkCardPage {
    /// Common part.
    pub page: Page,
    /// The establishment's name.
    pub establishment: String,
    /// Path of the list.
    pub base: String,
    /// People of the establishment: identifier, name and address.
    pub people: Vec<(String, String)>,
    /// The one chosen.
    pub personne: String,
    /// Serial number as typed.
    pub numero_serie: String,
    /// Errors by field.
    pub errors: Errors,
}

impl LinkCardPage {
    fn chosen(&self, id: &str) -> bool {
        self.personne == id
    }
}

/// G-12, second step: posts `code`. Also the page that finds a card again, which posts `code` and `code_suivant`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/carte_code.html")]
pub struct CardCodePage {
    /// Common part.
    pub page: Page,
    /// Path of the list.
    pub base: String,
    /// Where the form goes.
    pub action: String,
    /// Serial number.
    pub serial: String,
    /// Holder.
    pub holder: String,
    /// Two codes in a row are asked for.
    pub resynchronise: bool,
    /// Errors by field.
    pub errors: Errors,
}

impl CardCodePage {
    fn heading(&self) -> String {
        self.page.t.get(if self.resynchronise { "cards-resync-title" } else { "cards-validate-title" })
    }

    fn lead(&self) -> String {
        self.page.t.with("cards-of", &[("serial", &self.serial), ("name", &self.holder)])
    }

    fn resynchronise_url(&self) -> String {
        format!("{}/{}/resynchroniser", self.base, self.serial)
    }
}

/// G-13 « Délier la carte »: posts `motif` and `remplacer_par`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/carte_delier.html")]
pub struct UnlinkCardPage {
    /// Common part.
    pub page: Page,
    /// Path of the list.
    pub base: String,
    /// Serial number.
    pub serial: String,
    /// Holder.
    pub holder: String,
    /// The holder has no other strong means of connection.
    pub only_means: bool,
    /// The reason chosen.
    pub motif: Option<UnlinkReason>,
    /// Serial number of the other card, as typed.
    pub remplacer_par: String,
    /// Errors by field.
    pub errors: Errors,
}

impl UnlinkCardPage {
    fn chose(&self, reason: &UnlinkReason) -> bool {
        self.motif.as_ref() == Some(reason)
    }

    fn reasons(&self) -> [UnlinkReason; 7] {
        UnlinkReason::ALL
    }

    /// The first one carries the name alone, so that the error summary leads to it.
    fn id(&self, reason: &UnlinkReason) -> String {
        if *reason == UnlinkReason::Loss { "motif".to_owned() } else { format!("motif-{}", reason.name()) }
    }
}

/// P-13 « Ma carte physique »: posts `perdue=1`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/compte_carte.html")]
pub struct OwnCardPage {
    /// Common part.
    pub page: Page,
    /// The card; none when the person holds none.
    pub card: Option<OwnCard>,
}

/// One's own card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCard {
    /// Serial number.
    pub serial: String,
    /// Where it stands.
    pub standing: CardStanding,
    /// Since when, already formatted.
    pub since: String,
    /// Who linked it; none for the operator.
    pub by: Option<String>,
    /// The establishment that lends it.
    pub establishment: Option<String>,
    /// Last code accepted, already formatted.
    pub last_used: Option<String>,
}

impl OwnCardPage {
    fn standing(&self, card: &OwnCard) -> String {
        self.page.t.get(card.standing.key())
    }

    fn by(&self, card: &OwnCard) -> String {
        card.by.clone().unwrap_or_else(|| self.page.t.get("mail-card-operator"))
    }

    fn last_used(&self, card: &OwnCard) -> String {
        card.last_used.clone().unwrap_or_else(|| self.page.t.get("cards-never-used"))
    }

    fn may_be_lost(&self, card: &OwnCard) -> bool {
        match card.standing {
            CardStanding::ToValidate | CardStanding::InUse | CardStanding::Locked => true,
            CardStanding::Free | CardStanding::Lost | CardStanding::Broken | CardStanding::Returned => false,
        }
    }
}
