//! What follows every proof: one session, its cookies, and the next gate.

use std::time::Duration;

use axum::http::header;
use axum::response::Response;

use crate::audit::{self, Event, Kind};
use crate::authn::{LiveSession, Proof, known_browser, session};
use crate::base::Actor;
use crate::crypto::{Token, TokenKind};
use crate::db::Tx;
use crate::web::cookie;
use crate::web::error::Failure;
use crate::web::extract::Journey;
use crate::web::extract::visit::with_session;
use crate::web::view::error::{ErrorCode, Way};

/// How long a browser is remembered as having signed in.
const KNOWN_FOR: Duration = Duration::from_secs(365 * 86_400);

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
        if let Some(value) = cookie::set(cookie::KNOWN, self.mark.as_str(), Some(KNOWN_FOR)) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }
}

/// Opens the session of what was proved, in the transaction that verified it, and goes on.
pub async fn go_on(mut journey: Journey, tx: Tx, proof: Proof) -> Result<Response, Failure> {
    let signed_in = sign_in(&mut journey, tx, proof).await?;
    Ok(signed_in.dress(journey.next(&signed_in.live).await?))
}

/// Opens the session of what was proved and commits. The visit is that of the person from here on.
pub async fn sign_in(journey: &mut Journey, mut tx: Tx, proof: Proof) -> Result<SignedIn, Failure> {
    let visit = &journey.visit;
    let account = proof.account().clone();
    let opened = session::open(&mut tx, &visit.ctx, &visit.app.config.sign_in, proof, visit.session.as_ref()).await?;
    let Some((live, token)) = opened else {
        audit::append(&mut tx, &visit.ctx, Event::new(Kind::SignInRefused).account(&account).with("why", "disabled")).await?;
        tx.commit().await?;
        return Err(Failure::page(ErrorCode::A302, Way::Contact));
    };
    let mark = match &visit.known {
        Some(known) => known.clone(),
        None => Token::new(TokenKind::Browser, visit.ctx.rng.as_ref()),
    };
    known_browser::seen(&mut tx, &journey.kit(), &live, mark.as_str(), journey.service().as_deref()).await?;
    tx.commit().await?;
    journey.visit.ctx = journey.visit.ctx.acting_as(Actor::Account(live.account().id.clone()));
    journey.visit.session = Some(live.clone());
    Ok(SignedIn { live, token, mark })
}
