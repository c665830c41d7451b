//! « Mon compte » (ux P-06, P-07, P-14, P-16, P-18).

pub mod activite;
pub mod application;
pub mod autorisations;
pub mod carte;
pub mod cle;
pub mod codes;
pub mod courriel;
pub mod identite;
pub mod mot_de_passe;
pub mod resume;
pub mod securite;
pub mod sessions;
pub mod verifier;

use std::time::Duration;

use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use crate::account::email_change::UNDO_PATH;
use crate::app::App;
use crate::authn::factor::Kit;
use crate::authn::interaction::Interaction;
use crate::base::Aal;
use crate::mail::message::Address;
use crate::web::error::Failure;
use crate::web::extract::{Person, Visit};
use crate::web::route::{Access, Class, Route};
use crate::web::view::link;

/// Rows of the route table.
pub const ROUTES: &[Route] = &[
    own("/compte", &["GET"], Class::Page, || get(resume::show)),
    own(identite::HERE, &["GET", "POST"], Class::Page, || get(identite::show).post(identite::save)),
    own(verifier::START, &["POST"], Class::Credential, || post(verifier::start)),
    own(verifier::REMOVE, &["POST"], Class::Credential, || post(verifier::remove)),
    own("/compte/courriel-connexion", &["GET", "POST"], Class::Credential, || {
        get(|p| courriel::show(p, Address::Login)).post(|f| courriel::ask(f, Address::Login))
    }),
    own("/compte/courriel-connexion/code", &["GET", "POST"], Class::Credential, || {
        get(|p| courriel::show_code(p, Address::Login)).post(|f| courriel::confirm(f, Address::Login))
    }),
    own("/compte/courriel-connexion/code/renvoyer", &["POST"], Class::Credential, || post(|f| courriel::again(f, Address::Login))),
    own("/compte/courriel-contact", &["GET", "POST"], Class::Credential, || {
        get(|p| courriel::show(p, Address::Contact)).post(|f| courriel::ask(f, Address::Contact))
    }),
    own("/compte/courriel-contact/code", &["GET", "POST"], Class::Credential, || {
        get(|p| courriel::show_code(p, Address::Contact)).post(|f| courriel::confirm(f, Address::Contact))
    }),
    own("/compte/courriel-contact/code/renvoyer", &["POST"], Class::Credential, || post(|f| courriel::again(f, Address::Contact))),
    Route {
        path: UNDO_PATH,
        methods: &["GET", "POST"],
        access: Access::Anyone,
        class: Class::Credential,
        handler: || get(courriel::show_undo).post(courriel::undo),
    },
    own("/compte/mot-de-passe", &["GET", "POST"], Class::Credential, || get(mot_de_passe::show).post(mot_de_passe::save)),
    own("/compte/mot-de-passe/supprimer", &["POST"], Class::Credential, || post(mot_de_passe::remove)),
    own(securite::HERE, &["GET"], Class::Page, || get(securite::show)),
    own("/compte/securite/deux-etapes", &["POST"], Class::Credential, || post(securite::two_step)),
    own("/compte/securite/navigateurs", &["GET", "POST"], Class::Page, || get(securite::browsers).post(securite::distrust)),
    own("/compte/securite/application", &["GET", "POST"], Class::Credential, || get(application::show).post(application::save)),
    Route {
        path: "/compte/securite/application/qr.svg",
        methods: &["GET"],
        access: Access::Anyone,
        class: Class::Page,
        handler: || get(application::qr),
    },
    own("/compte/securite/application/{id}", &["GET", "POST"], Class::Credential, || {
        get(securite::show_application).post(securite::edit_application)
    }),
    own("/compte/securite/codes", &["GET", "POST"], Class::Credential, || get(codes::show).post(codes::save)),
    own("/compte/securite/codes/telecharger", &["POST"], Class::Credential, || post(codes::download)),
    own(carte::HERE, &["GET", "POST"], Class::Page, || get(carte::show).post(carte::lost)),
    own("/compte/securite/cle", &["GET", "POST"], Class::Credential, || get(cle::show).post(cle::add)),
    own("/compte/securite/cle/options", &["GET"], Class::Page, || get(cle::options)),
    own("/compte/securite/cle/{id}", &["GET", "POST"], Class::Page, || get(cle::show_one).post(cle::rename)),
    own("/compte/securite/cle/{id}/supprimer", &["GET", "POST"], Class::Page, || get(cle::show_removal).post(cle::remove)),
    own("/compte/sessions", &["GET", "POST"], Class::Page, || get(sessions::show).post(sessions::close)),
    own("/compte/activite", &["GET"], Class::Page, || get(activite::show)),
    own("/compte/activite.csv", &["GET"], Class::Page, || get(activite::export)),
    own("/compte/pas-moi", &["GET", "POST"], Class::Page, || get(activite::show_not_me).post(activite::not_me)),
    own("/compte/autorisations", &["GET", "POST"], Class::Page, || get(autorisations::show).post(autorisations::withdraw)),
];

const fn own(path: &'static str, methods: &'static [&'static str], class: Class, handler: fn() -> MethodRouter<App>) -> Route {
    Route { path, methods, access: Access::Person, class, handler }
}

/// How recent the last proof of identity must be for a sensitive change.
pub const RECENT: Duration = Duration::from_secs(600);

impl Person {
    /// Whether the person proved who they are less than ten minutes ago, as strongly as their means allow two factors.
    pub fn is_recent(&self) -> bool {
        let (session, from) = (self.session.session(), self.visit.ctx.now().minus(RECENT));
        session.proved_since(from) && session.aal_since(from) >= self.sensitive()
    }

    /// What a sensitive change demands: a second factor of whoever has one.
    fn sensitive(&self) -> Aal {
        if self.session.account().security.strong() { Aal::Two } else { Aal::One }
    }

    /// Leads to S-13, then to `back`, a path of ours.
    pub fn confirm_identity(&self, back: &str) -> Result<Response, Failure> {
        let mut interaction = Interaction::new(&self.visit.ctx, &self.visit.browser.cookie, None);
        interaction.fresh = true;
        interaction.level = Some(self.sensitive());
        interaction.back = Some(back.to_owned());
        Ok(self.visit.go(&link("/connexion/confirmer", &seal(&self.visit, &interaction)?)))
    }
}

/// The form of an interaction carried in our URLs; ours always fit.
fn seal(visit: &Visit, interaction: &Interaction) -> Result<String, Failure> {
    interaction.seal(&visit.app.keys).map_err(|e| Failure::Internal(e.to_string()))
}

/// What factors work with, for somebody signed in.
pub fn kit(person: &Person) -> Kit<'_> {
    let app = &person.visit.app;
    Kit { ctx: &person.visit.ctx, keys: &app.keys, config: &app.config }
}
