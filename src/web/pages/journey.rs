//! The pending sign-in as page handlers work with it: opened from `t`, sealed anew at each step.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;

use super::local;
use crate::app::App;
use crate::audit::{self, Event, Kind};
use crate::authn::factor::Kit;
use crate::authn::interaction::{Interaction, Refusal};
use crate::authn::{LiveSession, Proof, known_browser, session};
use crate::base::{Actor, Email};
use crate::crypto::{Token, TokenKind};
use crate::db::Tx;
use crate::oidc::authorize::Request;
use crate::web::cookie;
use crate::web::error::Failure;
use crate::web::extract::Visit;
use crate::web::extract::visit::with_session;
use crate::web::oidc::flow;
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::{Page, link};

/// How long a browser is remembered as having signed in.
const KNOWN_FOR: std::time::Duration = std::time::Duration::from_secs(365 * 86_400);

/// A visit in the middle of a sign-in, a registration or a reset.
#[derive(Debug)]
pub struct Journey {
    /// The visit.
    pub visit: Visit,
    /// What is known so far.
    pub interaction: Interaction,
    /// The authorization request, read.
    pub request: Option<Request>,
    t: String,
}

impl FromRequestParts<App> for Journey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        Self::open(Visit::from_request_parts(parts, app).await?)
    }
}

impl Journey {
    /// The journey that the `t` of this visit names. Without one, a sign-in to the portal begins, to come back to `retour`.
    pub fn open(visit: Visit) -> Result<Self, Failure> {
        let Some(t) = local::parameter(&visit.path, "t").filter(|t| !t.is_empty()) else {
            let back = local::parameter(&visit.path, "retour").and_then(|p| local::path(&visit.app.config.server.issuer, &p));
            let interaction = Interaction { back, ..Interaction::new(&visit.ctx, &visit.browser.cookie, None) };
            return Self::begin(visit, interaction);
        };
        let app = &visit.app;
        match Interaction::open(&t, &visit.browser.cookie, &app.keys, visit.ctx.now(), &app.config.sign_in) {
            Ok(interaction) => Ok(Self { request: read(&interaction), visit, interaction, t }),
            Err(refusal) => Err(lost(&visit, refusal)),
        }
    }

    /// A journey that begins now.
    pub fn begin(visit: Visit, interaction: Interaction) -> Result<Self, Failure> {
        let t = interaction.seal(&visit.app.keys).map_err(|_| too_long())?;
        Ok(Self { request: read(&interaction), visit, interaction, t })
    }

    /// The sealed form, for the links and forms of the page.
    pub fn t(&self) -> String {
        self.t.clone()
    }

    /// The address of a page of this journey.
    pub fn link(&self, path: &str) -> String {
        link(path, &self.t)
    }

    /// Seals what this step changed; the journey is kept for as long again.
    pub fn renew(&mut self) -> Result<(), Failure> {
        self.interaction.renewed_at = self.visit.ctx.now();
        self.t = self.interaction.seal(&self.visit.app.keys).map_err(|_| too_long())?;
        Ok(())
    }

    /// 303 to a step of this journey, sealed anew.
    pub fn go(&mut self, path: &str) -> Result<Response, Failure> {
        self.renew()?;
        Ok(self.visit.go(&self.link(path)))
    }

    /// The common part of a page, with the service the person is on the way to.
    pub fn page(&self) -> Page {
        let mut page = self.visit.page();
        page.service = self.service();
        page
    }

    /// The registered name of that service.
    pub fn service(&self) -> Option<String> {
        let client = self.visit.app.clients().live(&self.request.as_ref()?.client_id)?.clone();
        Some(client.metadata.client_name.clone())
    }

    /// The session that answers « who are you? » here, if there is one: the journey then goes on by itself.
    pub fn satisfied(&self) -> Option<&LiveSession> {
        self.visit.session.as_ref().filter(|live| self.interaction.satisfied_by(live))
    }

    /// Where a satisfied journey goes.
    pub async fn next(&self, live: &LiveSession) -> Result<Response, Failure> {
        flow::next(&self.visit, live, &self.interaction).await
    }

    /// The address typed, or the one the service suggests.
    pub fn hint(&self) -> Option<Email> {
        let hint = || Email::parse(self.request.as_ref()?.login_hint.as_deref()?).ok();
        self.interaction.email.clone().or_else(hint)
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

    /// Opens the session of what was proved, in the transaction that verified it, and goes on.
    pub async fn prove(mut self, tx: Tx, proof: Proof) -> Result<Response, Failure> {
        let signed_in = self.sign_in(tx, proof).await?;
        let response = self.next(&signed_in.live).await?;
        Ok(signed_in.dress(response))
    }

    /// Opens the session of what was proved and commits. The visit is that of the person from here on.
    pub async fn sign_in(&mut self, mut tx: Tx, proof: Proof) -> Result<SignedIn, Failure> {
        let (account, sign_in) = (proof.account().clone(), &self.visit.app.config.sign_in);
        let opened = session::open(&mut tx, &self.visit.ctx, sign_in, proof, self.visit.session.as_ref()).await?;
        let Some((live, token)) = opened else {
            audit::append(&mut tx, &self.visit.ctx, Event::new(Kind::SignInRefused).account(&account).with("why", "disabled")).await?;
            tx.commit().await?;
            return Err(Failure::page(ErrorCode::A302, Way::Contact));
        };
        let mark = match &self.visit.known {
            Some(known) => known.clone(),
            None => Token::new(TokenKind::Browser, self.visit.ctx.rng.as_ref()),
        };
        known_browser::seen(&mut tx, &self.kit(), &live, mark.as_str(), self.service().as_deref()).await?;
        tx.commit().await?;
        self.visit.ctx = self.visit.ctx.acting_as(Actor::Account(live.account().id.clone()));
        self.visit.session = Some(live.clone());
        Ok(SignedIn { live, token, mark })
    }
}

/// A session that was just opened, and the cookies that go with it.
#[derive(Debug)]
pub struct SignedIn {
    /// The session.
    pub live: LiveSession,
    token: Option<Token>,
    mark: Token,
}

impl SignedIn {
    /// Puts the cookies on a response.
    pub fn dress(&self, response: Response) -> Response {
        let mut response = with_session(response, self.token.as_ref());
        let mark: Option<HeaderValue> = cookie::set(cookie::KNOWN, self.mark.as_str(), Some(KNOWN_FOR));
        if let Some(value) = mark {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }
}

fn read(interaction: &Interaction) -> Option<Request> {
    Request::deserialize(interaction.request.as_ref()?).ok()
}

fn too_long() -> Failure {
    Failure::page(ErrorCode::A913, Way::Home)
}

/// The page for a `t` that is not taken; whatever the reason, the same request can be begun again.
fn lost(visit: &Visit, refusal: Refusal) -> Failure {
    let (code, kept) = match refusal {
        Refusal::Unknown => (ErrorCode::A203, None),
        Refusal::OtherBrowser(kept) => (ErrorCode::A203, Some(kept)),
        Refusal::Expired(kept) => (ErrorCode::A201, Some(kept)),
    };
    let again = kept.and_then(|i| i.again(&visit.ctx, &visit.browser.cookie).seal(&visit.app.keys).ok());
    Failure::page(code, Way::Resume(link("/connexion", &again.unwrap_or_default())))
}
