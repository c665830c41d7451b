//! What follows every proof: one session, its cookies, and the next gate.

use std::time::Duration;

use axum::http::header;
use axum::response::Response;

use crate::account::AccountKind;
use crate::audit::{self, Event, Kind};
use crate::authn::{Found, Method, Proof, Session, known_browser, session, trusted_browser};
use crate::base::Actor;
use crate::base::id::AccountId;
use crate::crypto::{Token, TokenKind};
use crate::db::Tx;
use crate::web::cookie;
use crate::web::error::Failure;
use crate::web::extract::visit::with_session;
use crate::web::extract::{Journey, Visit};
use crate::web::view::error::{ErrorCode, Way};

/// How long a browser is remembered as having signed in.
const KNOWN_FOR: Duration = Duration::from_secs(365 * 86_400);

/// A session that was just opened, and the cookies that go with it.
#[derive(Debug)]
pub struct SignedIn {
    /// The session.
    pub found: Found,
    token: Token,
    mark: Token,
}

impl SignedIn {
    /// Puts the cookies on a response.
    pub fn dress(&self, response: Response) -> Response {
        let mut response = with_session(response, Some(&self.token));
        if let Some(value) = cookie::set(cookie::KNOWN, self.mark.as_str(), Some(KNOWN_FOR)) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }
}

/// Opens the session of what was proved, in the transaction that verified it, and goes on.
pub async fn go_on(mut journey: Journey, tx: Tx, proof: Proof) -> Result<Response, Failure> {
    let signed_in = sign_in(&mut journey, tx, proof).await?;
    Ok(signed_in.dress(journey.follow(&signed_in.found).await?))
}

/// The same with a second proof of the same account, made at the same time.
pub async fn go_on_with(mut journey: Journey, mut tx: Tx, [first, second]: [Proof; 2]) -> Result<Response, Failure> {
    let visit = &journey.visit;
    let account = first.account().clone();
    let rules = visit.app.rules();
    let opened = match session::open(&mut tx, &visit.ctx, rules, first, visit.present().as_ref(), false).await? {
        Some((found, _)) => session::open(&mut tx, &visit.ctx, rules, second, Some(&found), false).await?,
        None => None,
    };
    let signed_in = settle(&mut journey, tx, account, opened, true).await?;
    Ok(signed_in.dress(journey.follow(&signed_in.found).await?))
}

/// Opens the session of what was proved and commits. The visit is that of the person from here on.
pub async fn sign_in(journey: &mut Journey, mut tx: Tx, proof: Proof) -> Result<SignedIn, Failure> {
    let visit = &journey.visit;
    let (account, first) = (proof.account().clone(), proof.method().is_first());
    // A trusted browser spares the code that follows a password, nothing else.
    let by_password = proof.method() == Method::Password;
    let spared = by_password && trusted_browser::is_trusted(&mut tx, &journey.kit(), &account, visit.trust.as_deref()).await?;
    let opened = session::open(&mut tx, &visit.ctx, visit.app.rules(), proof, visit.present().as_ref(), spared).await?;
    settle(journey, tx, account, opened, first).await
}

/// AG-26.
async fn told(journey: &Journey, tx: &mut Tx, found: &Found) -> Result<(), Failure> {
    let visit = &journey.visit;
    let name = upstream_name(visit, found.session());
    let service = journey.service();
    known_browser::connected(tx, &journey.kit(), found.account(), visit.trust.as_deref(), &name, service.as_deref()).await?;
    Ok(())
}

/// What people call what a session rests on.
pub fn upstream_name(visit: &Visit, session: &Session) -> String {
    let provider = session.provider.as_deref().and_then(|id| visit.app.providers().any(id).map(|p| p.label().to_owned()));
    provider.unwrap_or_else(|| visit.app.config.brand.name.clone())
}

async fn settle(
    journey: &mut Journey,
    mut tx: Tx,
    account: AccountId,
    opened: Option<(Found, Token)>,
    first: bool,
) -> Result<SignedIn, Failure> {
    let visit = &journey.visit;
    let Some((found, token)) = opened else {
        let why = if first { "disabled" } else { "session ended meanwhile" };
        audit::append(&mut tx, &visit.ctx, Event::new(Kind::SignInRefused).account(&account).with("why", why)).await?;
        tx.commit().await?;
        let (code, way) = if first { (ErrorCode::A302, Way::Contact) } else { (ErrorCode::A201, Way::Resume(journey.link("/connexion"))) };
        return Err(Failure::page(code, way));
    };
    let mark = match &visit.known {
        Some(known) => known.clone(),
        None => Token::new(TokenKind::Browser, visit.ctx.rng.as_ref()),
    };
    known_browser::seen(&mut tx, &journey.kit(), found.account(), mark.as_str(), journey.service().as_deref()).await?;
    if first && found.account().kind == AccountKind::Individual {
        told(journey, &mut tx, &found).await?;
    }
    tx.commit().await?;
    journey.visit.ctx = journey.visit.ctx.acting_as(Actor::Account(account));
    journey.visit.hold(Some(found.clone()));
    Ok(SignedIn { found, token, mark })
}
