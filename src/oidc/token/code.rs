//! `grant_type=authorization_code` (RFC 6749 §4.1.3, RFC 7636 §4.6).

use super::{Outcome, mint};
use crate::audit::{self, Event, Kind};
use crate::base::id::AccountId;
use crate::base::{Aal, Actor, Ctx, Timestamp};
use crate::crypto::{Token, TokenKind, same, sha256};
use crate::db::Tx;
use crate::oidc::client::{Client, GrantType};
use crate::oidc::error::{Code, OAuthError, Result};
use crate::oidc::hub::Hub;
use crate::oidc::liveness;
use crate::oidc::store::{self, CodeRow, GrantFacts, NewGrant};

/// What the client presents.
#[derive(Debug)]
pub struct Input<'a> {
    /// `code`.
    pub code: Option<&'a str>,
    /// `redirect_uri`.
    pub redirect_uri: Option<&'a str>,
    /// `code_verifier`.
    pub code_verifier: Option<&'a str>,
}

fn no(what: &'static str) -> OAuthError {
    OAuthError::new(Code::InvalidGrant, what)
}

/// Redeems a code: taken first, by a guarded update, then judged, then turned into tokens.
pub async fn redeem(tx: &mut Tx, ctx: &Ctx, hub: &Hub<'_>, client: &Client, input: Input<'_>) -> Result<Outcome> {
    let Some(code) = input.code else {
        return Ok(Outcome::Refused(OAuthError::new(Code::InvalidRequest, "code is missing")));
    };
    let ctx = &ctx.acting_as(Actor::Client(client.id.clone()));
    let Some(token) = Token::parse(TokenKind::Code, code) else { return Ok(Outcome::Refused(no("unknown code"))) };
    let hash = token.hash();
    let Some(row) = store::consume_code(tx, &hash, &client.id, ctx.now()).await? else {
        return reused(tx, ctx, client, &hash).await.map(Outcome::Refused);
    };
    if let Err(refusal) = judge(&row, &input, ctx.now()) {
        let event = Event::new(Kind::TokenRefused).client(&client.id).account(&AccountId::from_store(row.account_id));
        audit::append(tx, ctx, event.with("reason", refusal.description.as_ref())).await?;
        return Ok(Outcome::Refused(refusal));
    }
    let Some((session, account)) = store::find_session_state(tx, &row.session_id).await? else {
        return Ok(Outcome::Refused(no("the session has ended")));
    };
    let offline = row.scope.split_ascii_whitespace().any(|s| s == "offline_access") && client.may(GrantType::RefreshToken);
    let end = if offline { ctx.now().plus(hub.tokens.refresh_absolute) } else { session.expires_at };
    let grant = GrantFacts {
        grant_id: row.grant_id.clone(),
        client_id: row.client_id.clone(),
        session_id: row.session_id.clone(),
        scope: row.scope.clone(),
        claims: row.claims.clone(),
        auth_time: Timestamp::from_millis(row.auth_time),
        amr: row.amr.clone(),
        acr: row.acr.clone(),
        aal: Aal::from_number(row.aal).unwrap_or_default(),
        offline,
        provider: row.provider.clone(),
        siret: row.siret.as_deref().map(store::siret).transpose()?,
        expires_at: end,
        revoked: false,
        session: Some(session),
    };
    // The session must be alive now, even for a grant that will outlive it; whoever ends it revokes that one only if it is there.
    let held = !offline || crate::authn::store::hold(tx, &row.session_id).await?;
    if !held || !liveness::session_alive(hub, Some(&session), ctx.now()) {
        return Ok(Outcome::Refused(no("the session has ended")));
    }
    let alive = match liveness::alive(tx, hub, grant, account, ctx.now()).await? {
        Ok(alive) => alive,
        Err(dead) => return Ok(Outcome::Refused(OAuthError::said(Code::InvalidGrant, &dead.to_string()))),
    };
    store::insert_grant(tx, &NewGrant { code: &row, offline, now: ctx.now(), expires_at: end })?;
    let refresh = client.may(GrantType::RefreshToken);
    let tokens = mint::for_person(tx, ctx, hub, &alive, &row.scope, row.nonce.as_deref(), refresh).await?;
    Ok(Outcome::Granted(Box::new(tokens)))
}

/// A code presented again: whoever holds it may have stolen it, so what it had opened is closed (RFC 6749 §4.1.2).
async fn reused(tx: &mut Tx, ctx: &Ctx, client: &Client, hash: &str) -> Result<OAuthError> {
    if let Some((grant, account)) = store::used_code(tx, hash, &client.id).await? {
        store::revoke_grant(tx, &grant, ctx.now()).await?;
        let event = Event::new(Kind::CodeReused).client(&client.id).account(&AccountId::from_store(account));
        audit::append(tx, ctx, event.with("grant", grant)).await?;
        return Ok(no("the code was used already"));
    }
    Ok(no("unknown code"))
}

fn judge(row: &CodeRow, input: &Input<'_>, now: Timestamp) -> Result<(), OAuthError> {
    if now.millis() >= row.expires_at {
        return Err(no("the code has expired"));
    }
    if input.redirect_uri != Some(row.redirect_uri.as_str()) {
        return Err(no("redirect_uri differs from the authorization request"));
    }
    match (&row.code_challenge, input.code_verifier) {
        (Some(challenge), Some(verifier)) => {
            let fits = (43..=128).contains(&verifier.len())
                && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
                && same(challenge, &sha256(verifier.as_bytes()));
            if fits { Ok(()) } else { Err(no("code_verifier does not match")) }
        }
        (Some(_), None) => Err(no("code_verifier is missing")),
        // RFC 9700 §4.8.2: a verifier without a challenge means that the challenge was stripped on the way.
        (None, Some(_)) => Err(no("no code_challenge was sent")),
        (None, None) => Ok(()),
    }
}
