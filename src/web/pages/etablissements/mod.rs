//! What managers do for their establishments (ux G). Cards only, for now.

mod cartes;
mod delier;
mod lier;
mod secours;

use axum::response::Response;
use axum::routing::{MethodRouter, get};

use crate::app::App;
use crate::authn::card::link::{Handler, NotLinked};
use crate::authn::card::{Card, CardState, Refused, Serial};
use crate::base::Siret;
use crate::base::texts::Texts;
use crate::db::Handle;
use crate::org::{self, Membership};
use crate::web::error::Failure;
use crate::web::extract::Person;
use crate::web::route::{Access, Class, Route};
use crate::web::view::cards::{CardProblem, CardStanding, EstablishmentLine, EstablishmentsPage};
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::{Problem, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    own("/etablissements", &["GET"], Class::Page, || get(list)),
    own("/etablissements/{siret}/cartes", &["GET"], Class::Page, || get(cartes::show)),
    own("/etablissements/{siret}/secours", &["GET", "POST"], Class::Credential, || get(secours::show).post(secours::decide)),
    own("/etablissements/{siret}/cartes/lier", &["GET", "POST"], Class::Credential, || get(lier::show).post(lier::save)),
    own("/etablissements/{siret}/cartes/lier/valider", &["GET", "POST"], Class::Credential, || get(lier::show_code).post(lier::confirm)),
    own("/etablissements/{siret}/cartes/{serial}/delier", &["GET", "POST"], Class::Credential, || get(delier::show).post(delier::save)),
    own("/etablissements/{siret}/cartes/{serial}/resynchroniser", &["GET", "POST"], Class::Credential, || {
        get(lier::show_resync).post(lier::resynchronise)
    }),
];

const fn own(path: &'static str, methods: &'static [&'static str], class: Class, handler: fn() -> MethodRouter<App>) -> Route {
    Route { path, methods, access: Access::Person, class, handler }
}

/// `GET /etablissements`: where the person acts; those who manage one place only are led there.
async fn list(person: Person) -> Result<Response, Failure> {
    let visit = &person.visit;
    let all = org::memberships(&mut visit.app.db.read().await?, &person.session.account().id).await?;
    let policy = &visit.app.config.policy;
    if let [only] = all.as_slice()
        && only.manages_factors(policy)
    {
        return Ok(visit.go(&cards_path(&only.establishment.siret)));
    }
    let line = |m: Membership| EstablishmentLine {
        cards_url: m.manages_factors(policy).then(|| cards_path(&m.establishment.siret)),
        siret: m.establishment.siret.grouped(),
        name: m.establishment.name,
    };
    visit.ok(&EstablishmentsPage { page: visit.page(), establishments: all.into_iter().map(line).collect() })
}

fn cards_path(siret: &Siret) -> String {
    format!("/etablissements/{siret}/cartes")
}

/// Somebody who may manage the cards of an establishment, now. Only [`Managing::of`] makes one.
struct Managing {
    person: Person,
    membership: Membership,
    name: String,
}

impl Managing {
    /// Whoever may not is told that there is nothing here, as for an establishment that does not exist.
    async fn of(person: Person, siret: &str) -> Result<Self, Failure> {
        let siret = Siret::parse(siret).map_err(|_| nothing())?;
        let (app, account) = (&person.visit.app, person.session.account());
        let entitled = org::may_manage_factors(&mut app.db.read().await?, &app.config.policy, &account.id, &siret).await?;
        let (membership, name) = (entitled.ok_or_else(nothing)?, account.full_name());
        Ok(Self { person, membership, name })
    }

    fn siret(&self) -> &Siret {
        &self.membership.establishment.siret
    }

    /// Path of the list of cards.
    fn base(&self) -> String {
        cards_path(self.siret())
    }

    /// The right to handle cards, within this establishment alone.
    fn handler(&self) -> Handler<'_> {
        Handler { name: Some(&self.name), within: Some(self.siret()) }
    }

    /// A card of this establishment; those of others do not exist here.
    async fn card(&self, h: &mut impl Handle, serial: &str) -> Result<Card, Failure> {
        let serial = Serial::parse(serial).ok_or_else(nothing)?;
        let card = crate::authn::card::find(h, &serial).await?;
        card.filter(|c| c.siret.as_ref() == Some(self.siret())).ok_or_else(nothing)
    }

    /// Who holds a card of the establishment, also when they no longer belong to it.
    async fn holder(&self, h: &mut impl Handle, card: &Card) -> Result<crate::account::Account, Failure> {
        let holder = card.account.as_ref().ok_or_else(nothing)?;
        crate::account::store::find(h, holder).await?.ok_or_else(nothing)
    }

    /// Leads to a confirmation of identity, then to `back`, unless it is recent.
    fn unless_recent(&self, back: &str) -> Option<Result<Response, Failure>> {
        (!self.person.is_recent()).then(|| self.person.confirm_identity(back))
    }
}

fn nothing() -> Failure {
    Failure::page(ErrorCode::A904, Way::Home)
}

/// Where a card stands, in the words of the pages.
pub fn standing(card: &Card) -> CardStanding {
    match (card.state, card.locked_at) {
        (CardState::Linked | CardState::Validated, Some(_)) => CardStanding::Locked,
        (CardState::InStock | CardState::Sent, _) => CardStanding::Free,
        (CardState::Linked, None) => CardStanding::ToValidate,
        (CardState::Validated, None) => CardStanding::InUse,
        (CardState::Lost, _) => CardStanding::Lost,
        (CardState::Broken, _) => CardStanding::Broken,
        (CardState::Returned, _) => CardStanding::Returned,
    }
}

/// The words for a code that is not taken, at sign-in (S-08) and here.
pub fn code_problem(t: Texts, refused: Refused) -> Problem {
    Problem::Card(match refused {
        Refused::Wrong { left } => CardProblem::CodeWrong(left),
        Refused::NeedsResync { left } => CardProblem::Strayed(left),
        Refused::Replayed => CardProblem::Replayed,
        Refused::Locked => CardProblem::Locked,
        Refused::Battery => CardProblem::Battery,
        Refused::Missing { digits } => CardProblem::CodeMissing(digits),
        Refused::NoCard => CardProblem::NoCard,
        Refused::Later { until } => CardProblem::Later(format::time(t, until.millis())),
    })
}

/// The words for a card that is not lent, and whether the person is what is wrong.
fn link_problem(why: NotLinked) -> (CardProblem, bool) {
    match why {
        NotLinked::Unknown => (CardProblem::Unknown, false),
        NotLinked::Elsewhere => (CardProblem::Elsewhere, false),
        NotLinked::NotSent => (CardProblem::NotSent, false),
        NotLinked::Taken => (CardProblem::Taken, false),
        NotLinked::Unusable(_) => (CardProblem::Unusable, false),
        NotLinked::NotMember => (CardProblem::NotMember, true),
        NotLinked::HoldsOne => (CardProblem::HoldsOne, true),
    }
}
