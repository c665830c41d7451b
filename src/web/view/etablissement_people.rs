//! People of an establishment, as its managers see them (G-02, G-03, G-06 to G-09), and invitations (M23).

use askama::Template;

use super::catalogue::Tick;
use super::etablissement::Head;
use super::etablissement_rights::HeldLine;
use super::{Errors, Page};

/// Which people are shown, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// A part of a name or address.
    pub q: String,
    /// Roles to choose from.
    pub roles: Vec<Tick>,
    /// States to choose from.
    pub states: Vec<Tick>,
}

/// A person of the establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonLine {
    /// Their page.
    pub url: String,
    /// Value by which several are chosen at once; none for those who cannot be.
    pub choice: Option<String>,
    /// « Prénom Nom ».
    pub name: String,
    /// Sign-in address.
    pub email: String,
    /// Key of the role.
    pub role: &'static str,
    /// Keys of the means of connection beyond passwords and codes by mail.
    pub means: Vec<&'static str>,
    /// When they last signed in for the establishment.
    pub last_used: Option<String>,
    /// Key of the state.
    pub state: &'static str,
    /// End of the place.
    pub until: Option<String>,
    /// One of their rights is suspended.
    pub suspended: bool,
}

/// G-02 « Intervenants associés à l’établissement », `…/intervenants?q=&role=&etat=&apres=`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/intervenants.html")]
pub struct PeoplePage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// Which are shown.
    pub filter: PeopleFilter,
    /// By name.
    pub lines: Vec<PersonLine>,
    /// Address of the next page.
    pub next_url: Option<String>,
    /// Address of the same as a file.
    pub export_url: String,
}

/// A day in three fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayFields {
    /// Day.
    pub day: String,
    /// Month.
    pub month: String,
    /// Year.
    pub year: String,
}

/// A service whose access the managers give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRights {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Profiles; the value is `service:profil`.
    pub profiles: Vec<Tick>,
}

/// G-03 « Modifier les droits », `…/intervenants/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/intervenant.html")]
pub struct RightsPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// Path of this page.
    pub action: String,
    /// The person.
    pub line: PersonLine,
    /// Roles.
    pub roles: Vec<Tick>,
    /// States.
    pub states: Vec<Tick>,
    /// End of the place.
    pub end: DayFields,
    /// What may be given.
    pub services: Vec<ServiceRights>,
    /// What they hold, suspended and past rights included.
    pub held: Vec<HeldLine>,
    /// The person is whoever looks.
    pub own: bool,
    /// The person was deactivated.
    pub disabled: bool,
    /// Where a card of the establishment that they hold is taken back.
    pub card_url: Option<String>,
    /// Errors.
    pub errors: Errors,
}

/// G-07 « Désactiver », `…/intervenants/{id}/desactiver`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/intervenant_desactiver.html")]
pub struct DeactivatePage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// Path of the person's page.
    pub back: String,
    /// The person.
    pub name: String,
    /// The person is whoever looks.
    pub own: bool,
    /// Reasons.
    pub motifs: Vec<Tick>,
    /// Where a card of the establishment that they hold is taken back.
    pub card_url: Option<String>,
    /// Errors of `motif`.
    pub errors: Errors,
}

/// « Désactiver » several people, `…/desactiver?personne=`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/intervenants_desactiver.html")]
pub struct DeactivateManyPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// Identifier, name and address of each.
    pub people: Vec<(String, String, String)>,
    /// Reasons.
    pub motifs: Vec<Tick>,
    /// Errors of `motif`.
    pub errors: Errors,
}

impl DeactivateManyPage {
    fn count(&self) -> u64 {
        u64::try_from(self.people.len()).unwrap_or(0)
    }
}

/// « Relancer l’enrôlement » of several people, `…/relancer?personne=`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/intervenants_relancer.html")]
pub struct RemindManyPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// Identifier, name and address of each.
    pub people: Vec<(String, String, String)>,
}

impl RemindManyPage {
    fn count(&self) -> u64 {
        u64::try_from(self.people.len()).unwrap_or(0)
    }
}

/// G-09 « Transférer », `…/transferer`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_transferer.html")]
pub struct HandOverPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// Contacts: identifier, name and address.
    pub people: Vec<(String, String)>,
    /// The one chosen.
    pub personne: String,
    /// Whoever hands over becomes a contact.
    pub step_down: bool,
    /// Offers that wait.
    pub waiting: Vec<OfferLine>,
    /// Errors of `personne`.
    pub errors: Errors,
}

/// An offer that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferLine {
    /// Identifier.
    pub id: String,
    /// To whom.
    pub name: String,
    /// End.
    pub until: String,
}

/// What an offer turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// It can be answered.
    Open {
        /// The establishment.
        establishment: String,
        /// Its SIRET, in groups.
        siret: String,
        /// Who offers.
        by: String,
        /// End.
        until: String,
        /// Whoever offers becomes a contact.
        step_down: bool,
    },
    /// It cannot any more.
    Over,
}

/// `/transfert/{id}`: posts `action` (`accepter` or `refuser`) to itself.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/transfert.html")]
pub struct OfferPage {
    /// Common part.
    pub page: Page,
    /// Where the form goes.
    pub action: String,
    /// What it is.
    pub offered: Offered,
}

impl HandOverPage {
    fn chosen(&self, id: &str) -> bool {
        self.personne == id
    }
}

/// An invitation that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationLine {
    /// Identifier.
    pub id: String,
    /// Address.
    pub email: String,
    /// Key of the role.
    pub role: &'static str,
    /// End.
    pub until: String,
    /// Services that come with it, each with its profiles.
    pub rights: Vec<(String, String)>,
}

/// What was typed, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Addresses to invite.
    pub good: Vec<String>,
    /// Lines that are left out, with the key of why.
    pub bad: Vec<(String, &'static str)>,
    /// Key of the role.
    pub role_key: &'static str,
    /// Services that come with it, each with its profiles.
    pub rights: Vec<(String, String)>,
}

impl Preview {
    fn count(&self) -> u64 {
        u64::try_from(self.good.len()).unwrap_or(0)
    }
}

/// G-06 « Inviter », `…/inviter`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/inviter.html")]
pub struct InvitePage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub head: Head,
    /// What was typed.
    pub adresses: String,
    /// The role chosen.
    pub role: String,
    /// Roles.
    pub roles: Vec<Tick>,
    /// What its managers may give.
    pub services: Vec<ServiceRights>,
    /// What is about to be sent.
    pub preview: Option<Preview>,
    /// Those that wait.
    pub waiting: Vec<InvitationLine>,
    /// Errors.
    pub errors: Errors,
}

/// What an invitation turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// It can be accepted.
    Open {
        /// The establishment.
        establishment: String,
        /// Its SIRET, in groups.
        siret: String,
        /// Key of the role.
        role: &'static str,
        /// Services that come with it, each with its profiles.
        rights: Vec<(String, String)>,
        /// Who invites.
        by: String,
        /// End.
        until: String,
    },
    /// It is for another address than this one.
    Foreign(String),
    /// There is none, or not any more.
    Over,
    /// The establishment closed meanwhile.
    Closed,
}

/// `/invitation?jeton=`: posts to itself.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/inviter_reponse.html")]
pub struct InvitationPage {
    /// Common part.
    pub page: Page,
    /// Where the form goes.
    pub action: String,
    /// What it is.
    pub invited: Invited,
}
