//! The journey a request belongs to: the sealed interaction in `t`, opened for this browser, sealed anew at each step.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;

use super::{Params, Visit};
use crate::app::App;
use crate::authn::factor::Kit;
use crate::authn::interaction::{Interaction, Refusal};
use crate::authn::{Found, LiveSession, PartialSession};
use crate::oidc::authorize::request;
use crate::web::error::{Failure, PageFailure};
use crate::web::local;
use crate::web::oidc::flow;
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::{Page, link};

/// A visit within a sign-in, a registration or a reset.
#[derive(Debug, Clone)]
pub struct Journey {
    /// The visit.
    pub visit: Visit,
    /// The pending request and what is known so far.
    pub interaction: Interaction,
    /// Its sealed form, for links and forms.
    pub t: String,
}

impl FromRequestParts<App> for Journey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        Self::open(Visit::from_request_parts(parts, app).await?)
    }
}

impl Journey {
    /// Opens the `t` of this visit's address.
    pub fn open(visit: Visit) -> Result<Self, Failure> {
        let query = visit.path.split_once('?').map(|(_, query)| query.to_owned());
        Self::of(visit, query.as_deref())
    }

    /// The same where a journey may begin: without a `t`, one to the portal does, to come back to `retour`.
    pub fn enter(visit: Visit) -> Result<Self, Failure> {
        if visit.query("t").is_some_and(|t| !t.is_empty()) {
            return Self::open(visit);
        }
        let back = visit.query("retour").and_then(|asked| local::path(&visit.app.config.server.issuer, &asked));
        let interaction = Interaction { back, ..Interaction::new(&visit.ctx, &visit.browser.cookie, None) };
        let t = seal(&visit, &interaction)?;
        Ok(Self { visit, interaction, t })
    }

    /// The journey of an interaction that was kept elsewhere than in the address.
    pub fn resume(mut visit: Visit, interaction: Interaction) -> Result<Self, Failure> {
        visit.speak(asked(&interaction), interaction.started_at);
        let t = seal(&visit, &interaction)?;
        Ok(Self { visit, interaction, t })
    }

    /// The same request, begun again from nothing.
    pub fn restart(&self) -> String {
        link("/connexion", &again(&self.visit, &self.interaction))
    }

    /// Opens the `t` of a query. What cannot be opened ends on an error page with a way to go on.
    pub fn of(mut visit: Visit, query: Option<&str>) -> Result<Self, Failure> {
        let unknown = || lost(&visit, Refusal::Unknown);
        let params = Params::parse(query.unwrap_or_default().as_bytes()).map_err(|_| unknown())?;
        let t = params.get("t").ok_or_else(unknown)?.to_owned();
        let app = &visit.app;
        match Interaction::open(&t, &visit.browser.cookie, &app.keys, visit.ctx.now(), &app.config.sign_in) {
            Ok(interaction) => {
                visit.speak(asked(&interaction), interaction.started_at);
                Ok(Self { visit, interaction, t })
            }
            Err(refusal) => Err(lost(&visit, refusal)),
        }
    }

    /// The address of a page of this journey.
    pub fn link(&self, path: &str) -> String {
        link(path, &self.t)
    }

    /// Seals what this step changed; the journey is kept for as long again.
    pub fn renew(&mut self) -> Result<(), Failure> {
        self.interaction.renewed_at = self.visit.ctx.now();
        self.t = seal(&self.visit, &self.interaction)?;
        Ok(())
    }

    /// 303 to a step of this journey, sealed anew.
    pub fn go(&mut self, path: &str) -> Result<Response, Failure> {
        self.renew()?;
        Ok(self.visit.go(&self.link(path)))
    }

    /// The common part of a page, with the service the person is on the way to.
    pub fn page(&self) -> Page {
        Page { service: self.service(), ..self.visit.page() }
    }

    /// The registered name of that service.
    pub fn service(&self) -> Option<String> {
        flow::service_name(&self.visit, &self.interaction)
    }

    /// The session that answers « who are you? » here, if there is one: the journey then goes on by itself.
    pub fn satisfied(&self) -> Option<&LiveSession> {
        self.visit.session.as_ref().filter(|live| self.interaction.satisfied_by(live))
    }

    /// Where the journey goes with this session.
    pub async fn next(&self, live: &LiveSession) -> Result<Response, Failure> {
        flow::next(&self.visit, live, &self.interaction).await
    }

    /// Where the journey goes after a proof.
    pub async fn follow(&mut self, found: &Found) -> Result<Response, Failure> {
        match found {
            Found::Live(live) => self.next(live).await,
            Found::Partial(partial) => self.go(flow::completion(partial)),
        }
    }

    /// Where it goes without a new proof: on, when the session answers; to what completes the session, when it began in this
    /// browser and nothing asks for another. `None`: the person must say or prove who they are.
    pub async fn onward(&mut self) -> Result<Option<Response>, Failure> {
        if let Some(live) = self.satisfied() {
            return self.next(live).await.map(Some);
        }
        match self.completing() {
            Some(partial) => self.go(flow::completion(&partial)).map(Some),
            None => Ok(None),
        }
    }

    /// The session to be completed in this journey.
    pub fn completing(&self) -> Option<PartialSession> {
        let proved_here = |p: &&PartialSession| p.session().proved_since(self.interaction.started_at);
        let asked = self.interaction.fresh || self.interaction.select;
        self.visit.partial.as_ref().filter(|p| !asked || proved_here(p)).cloned()
    }

    /// The address typed, or suggested by the service; empty when there is none.
    pub fn email(&self) -> String {
        self.interaction.email.clone().map(String::from).unwrap_or_default()
    }

    /// The address is that of the session to be confirmed: it cannot be changed.
    pub fn is_fixed(&self) -> bool {
        let of_session = self.visit.session.as_ref().and_then(|s| s.account().login_email.as_ref());
        let typed = self.interaction.email.as_ref();
        self.interaction.fresh && of_session.is_some_and(|s| typed.is_some_and(|t| t.key() == s.key()))
    }

    /// What factors work with.
    pub fn kit(&self) -> Kit<'_> {
        let app = &self.visit.app;
        Kit { ctx: &self.visit.ctx, keys: &app.keys, config: &app.config }
    }
}

/// The same request begun again, sealed; empty when it is too long. How recent a proof must be was judged when it was first begun.
fn again(visit: &Visit, kept: &Interaction) -> String {
    let asks_proof = kept.request.as_ref().is_some_and(request::asks_proof);
    let again = kept.again(&visit.ctx, &visit.browser.cookie);
    Interaction { fresh: again.fresh || asks_proof, ..again }.seal(&visit.app.keys).unwrap_or_default()
}

/// The languages that the service asks for.
fn asked(interaction: &Interaction) -> Option<&str> {
    request::locales_of(interaction.request.as_ref()?)
}

fn seal(visit: &Visit, interaction: &Interaction) -> Result<String, Failure> {
    interaction.seal(&visit.app.keys).map_err(|_| Failure::page(ErrorCode::A913, Way::Home))
}

/// The page for a `t` that is not taken. Where it names a request of ours, the same request can be begun again.
fn lost(visit: &Visit, refusal: Refusal) -> Failure {
    let (code, kept) = match refusal {
        Refusal::Unknown => (ErrorCode::A203, None),
        Refusal::OtherBrowser(kept) => (ErrorCode::A203, Some(kept)),
        Refusal::Expired(kept) => (ErrorCode::A201, Some(kept)),
    };
    if let Some(kept) = &kept {
        visit.browser.speaks(asked(kept), kept.started_at);
    }
    let service = kept.as_ref().and_then(|i| flow::service_name(visit, i));
    let again = kept.map(|i| again(visit, &i)).unwrap_or_default();
    if visit.browser.fresh && code == ErrorCode::A203 && !again.is_empty() {
        // The cookie set one hop before did not come back.
        return Failure::Elsewhere(link("/connexion/cookies", &again));
    }
    let way = Way::Resume(link("/connexion", &again));
    Failure::Page(Box::new(PageFailure { code, way: Some(way), service, technical: None, upstream: None }))
}
