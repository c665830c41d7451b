//! « Mes demandes » (P-05, C-08, C-09), and joining an establishment (C-05 to C-07).

use askama::Template;

use super::catalogue::{OwnRight, Tick};
use super::etablissement_people::DayFields;
use super::{Errors, Page};

/// A line of « Mes demandes ».
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLine {
    /// Its page.
    pub url: String,
    /// What is asked: the name of a service, or joining.
    pub what: String,
    /// The establishment.
    pub establishment: String,
    /// When it was sent.
    pub sent: String,
    /// Key of the state.
    pub state: &'static str,
    /// Key of the words for who decides.
    pub approver: &'static str,
}

/// P-05 « Mes demandes », `/demandes`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/demandes.html")]
pub struct RequestsPage {
    /// Common part.
    pub page: Page,
    /// Rights that end soon, or ended not long ago.
    pub renewals: Vec<OwnRight>,
    /// Newest first.
    pub requests: Vec<RequestLine>,
    /// How many requests wait for the person as one named for services; none for whoever is named for none.
    pub named: Option<String>,
}

/// One request, `/demandes/{id}`: posts `action` (`relancer` or `annuler`).
#[derive(Debug, Clone, Template)]
#[template(path = "pages/demande.html")]
pub struct RequestPage {
    /// Common part.
    pub page: Page,
    /// The request.
    pub line: RequestLine,
    /// Its SIRET.
    pub siret: String,
    /// What happened: the words, and when.
    pub steps: Vec<(String, String)>,
    /// What the person wrote.
    pub message: Option<String>,
    /// What they were answered.
    pub reason: Option<String>,
    /// It may be withdrawn.
    pub open: bool,
    /// A reminder may be sent now.
    pub remind: bool,
    /// From when it may be, otherwise.
    pub remind_from: Option<String>,
    /// Where to ask anew.
    pub again_url: Option<String>,
}

/// One establishment found (C-06).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLine {
    /// Value.
    pub siret: String,
    /// As people read it.
    pub shown: String,
    /// Name.
    pub name: String,
    /// Sign, when it differs.
    pub sign: Option<String>,
    /// Address.
    pub address: String,
    /// It is the head office.
    pub head: bool,
    /// It is open.
    pub open: bool,
    /// The person acts for it already.
    pub mine: bool,
}

/// C-05 and C-06 « Associer votre compte à un établissement », `/etablissements/recherche?q=&lieu=`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_recherche.html")]
pub struct SearchPage {
    /// Common part.
    pub page: Page,
    /// What was typed.
    pub q: String,
    /// Where.
    pub lieu: String,
    /// What was found; none before the first search.
    pub found: Option<Vec<FoundLine>>,
    /// The following ones.
    pub next_url: Option<String>,
    /// Establishments whose domain is that of the person's address.
    pub suggested: Vec<FoundLine>,
    /// The one that follows a closed one.
    pub successor: Option<FoundLine>,
    /// Errors of `q`.
    pub errors: Errors,
}

impl SearchPage {
    fn count(&self) -> u64 {
        self.found.as_ref().and_then(|f| u64::try_from(f.len()).ok()).unwrap_or(0)
    }
}

/// C-07 joining one, `/etablissements/{siret}/rejoindre`: posts `role` and `message`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_rejoindre.html")]
pub struct JoinPage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub line: FoundLine,
    /// Key of what will happen.
    pub outcome: &'static str,
    /// Roles that may be asked for; none where there is no choice.
    pub roles: Vec<Tick>,
    /// What was typed.
    pub message: String,
    /// A message goes to somebody.
    pub writes: bool,
    /// The official address a code can be sent to, masked.
    pub official: Option<String>,
    /// The person has shown that they work there.
    pub proved: bool,
    /// Errors.
    pub errors: Errors,
}

/// The code sent to the official address, `/etablissements/{siret}/rejoindre/code`: posts `code`; `…/code/envoyer` sends another.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/etablissement_code.html")]
pub struct OfficialCodePage {
    /// Common part.
    pub page: Page,
    /// The establishment.
    pub line: FoundLine,
    /// Its official address, masked.
    pub official: String,
    /// How long a code is valid, in minutes.
    pub validity_minutes: u32,
    /// Seconds before another code may be asked for.
    pub resend_in: u32,
    /// Errors of `code`.
    pub errors: Errors,
}

impl OfficialCodePage {
    fn validity(&self) -> String {
        self.page.t.count("sign-in-code-valid", u64::from(self.validity_minutes), &[])
    }
}

/// A line of what a named approver is to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToDecideLine {
    /// Its page.
    pub url: String,
    /// Who asks.
    pub name: String,
    /// The service.
    pub what: String,
    /// The establishment.
    pub establishment: String,
    /// When it was sent.
    pub sent: String,
}

/// `/demandes/a-traiter?apres=`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/demandes_a_traiter.html")]
pub struct ToDecidePage {
    /// Common part.
    pub page: Page,
    /// Oldest first.
    pub lines: Vec<ToDecideLine>,
    /// The following ones.
    pub next_url: Option<String>,
}

/// `/demandes/a-traiter/{id}`: posts `decision` (`accepter`, `decliner` or `modifier`), `profil` (several), the day of the end
/// (`fin_jour`, `fin_mois`, `fin_annee`) and `precision`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/demande_a_traiter.html")]
pub struct DecidePage {
    /// Common part.
    pub page: Page,
    /// The request.
    pub line: ToDecideLine,
    /// Its SIRET.
    pub siret: String,
    /// Address of the person.
    pub email: String,
    /// What they wrote.
    pub message: Option<String>,
    /// Profiles of the service; those asked for are ticked.
    pub profiles: Vec<Tick>,
    /// End of the access.
    pub end: DayFields,
    /// Latest end that the service allows.
    pub latest: Option<String>,
    /// Words for the person, as typed.
    pub precision: String,
    /// Errors.
    pub errors: Errors,
}
