//! « Mes établissements », and what managers do for theirs (ux P-17, G).

pub mod acces;
mod cartes;
mod delier;
mod demandes;
pub mod droit;
mod droits;
mod ensemble;
mod intervenants;
mod inviter;
mod journal;
mod lier;
mod places;
mod relancer;
mod reprendre;
mod revue;
mod secours;
mod services;
mod succession;
mod transferer;

use axum::routing::{MethodRouter, get, post};

use acces::{Managing, nothing};

use crate::app::App;
use crate::authn::card::link::NotLinked;
use crate::authn::card::{Card, CardState, Refused};
use crate::base::texts::Texts;
use crate::web::route::{Access, Class, Route};
use crate::web::view::cards::{CardProblem, CardStanding};
use crate::web::view::{Problem, format};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    own("/etablissements", &["GET"], Class::Page, || get(places::list)),
    own("/etablissements/{siret}", &["GET"], Class::Page, || get(places::show)),
    own("/etablissements/{siret}/quitter", &["GET", "POST"], Class::Page, || get(places::show_leaving).post(places::leave)),
    own("/etablissements/{siret}/intervenants", &["GET"], Class::Page, || get(intervenants::show)),
    own("/etablissements/{siret}/intervenants.csv", &["GET"], Class::Page, || get(intervenants::export)),
    own("/etablissements/{siret}/intervenants/{id}", &["GET", "POST"], Class::Page, || get(droits::show).post(droits::save)),
    own("/etablissements/{siret}/intervenants/{id}/desactiver", &["GET", "POST"], Class::Page, || {
        get(droits::show_deactivation).post(droits::deactivate)
    }),
    own("/etablissements/{siret}/intervenants/{id}/acces/{service}", &["GET", "POST"], Class::Page, || get(droit::show).post(droit::save)),
    own("/etablissements/{siret}/intervenants/{id}/reactiver", &["POST"], Class::Page, || post(droits::reactivate)),
    own("/etablissements/{siret}/desactiver", &["GET", "POST"], Class::Page, || get(ensemble::show).post(ensemble::deactivate)),
    own("/etablissements/{siret}/relancer", &["GET", "POST"], Class::Credential, || get(relancer::show).post(relancer::remind)),
    own("/etablissements/{siret}/demandes", &["GET"], Class::Page, || get(demandes::list)),
    own("/etablissements/{siret}/demandes/{id}", &["GET", "POST"], Class::Page, || get(demandes::show).post(demandes::act)),
    own("/etablissements/{siret}/inviter", &["GET", "POST"], Class::Credential, || get(inviter::show).post(inviter::act)),
    own("/etablissements/{siret}/transferer", &["GET", "POST"], Class::Page, || get(transferer::show).post(transferer::save)),
    own("/etablissements/{siret}/reprendre", &["GET", "POST"], Class::Credential, || get(reprendre::show).post(reprendre::ask)),
    own("/transfert/{id}", &["GET", "POST"], Class::Credential, || get(transferer::show_offer).post(transferer::answer)),
    own("/etablissements/{siret}/revue", &["GET", "POST"], Class::Page, || get(revue::show).post(revue::save)),
    own("/etablissements/{siret}/services", &["GET", "POST"], Class::Page, || get(services::show).post(services::save)),
    own("/etablissements/{siret}/journal", &["GET"], Class::Page, || get(journal::show)),
    own("/etablissements/{siret}/journal.csv", &["GET"], Class::Page, || get(journal::export)),
    own("/etablissements/{siret}/succession", &["GET", "POST"], Class::Page, || get(succession::show).post(succession::save)),
    own("/invitation", &["GET", "POST"], Class::Credential, || get(inviter::show_invitation).post(inviter::accept)),
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
