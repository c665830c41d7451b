//! Giving an authorization code: the one place that does.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::Request;
use crate::account::Account;
use crate::audit::{self, Event, Kind};
use crate::authn::{LiveSession, Session};
use crate::base::id::GrantId;
use crate::base::{Actor, Ctx};
use crate::crypto::{Token, TokenKind};
use crate::db::{Result, Tx};
use crate::oidc::acr::{self, Assurance};
use crate::oidc::claims::{self, ClaimsRequest};
use crate::oidc::client::{Client, Consent};
use crate::oidc::hub::Hub;
use crate::oidc::store::{self, CodeRow};
use crate::org::{self, Standing};

/// A request as far as a person allowed it: without the optional scopes that are not in `granted`, nor the claims that only
/// those would give. What is not optional stays: [`covered`] says whether it may be given.
pub fn allowed<'r>(client: &Client, granted: &str, request: &'r Request) -> Cow<'r, Request> {
    let granted: BTreeSet<&str> = granted.split_ascii_whitespace().collect();
    let left: BTreeSet<&str> = client.optional_scopes().into_iter().filter(|s| !granted.contains(s)).collect();
    if left.is_empty() {
        return Cow::Borrowed(request);
    }
    let scopes = client.scopes();
    let given = |claim: &str| !request.vocabulary.gives(left.iter(), claim) || request.vocabulary.gives(scopes.difference(&left), claim);
    let mut allowed = request.clone();
    allowed.scope = request.scope.split_ascii_whitespace().filter(|s| !left.contains(s)).collect::<Vec<_>>().join(" ");
    if let Some(claims) = &mut allowed.claims {
        claims.id_token.retain(|name, _| given(name));
        claims.userinfo.retain(|name, _| given(name));
    }
    Cow::Owned(allowed)
}

/// Whether what a person consented to covers a request: its scopes, and the claims asked for one by one. Nothing left of it is
/// nothing to give.
pub fn covered(client: &Client, granted: Option<&str>, request: &Request) -> bool {
    match client.metadata.consent {
        Consent::None => true,
        Consent::Always => false,
        Consent::Once => granted.filter(|_| !request.scope.is_empty()).is_some_and(|g| {
            let granted: Vec<&str> = g.split_ascii_whitespace().collect();
            let names = [claims::for_userinfo(client, "", request.claims.as_ref()), claims::for_id_token(client, request.claims.as_ref())];
            request.scope.split_ascii_whitespace().all(|s| granted.contains(&s))
                && names.iter().flatten().all(|name| *name == "amr" || request.vocabulary.gives(granted.iter(), name))
        }),
    }
}

/// What a code rests on beside session and request.
#[derive(Debug)]
pub struct Given<'a> {
    /// What stands behind the sign-in beside factors.
    pub assurance: &'a Assurance,
    /// The session with what was proved in it that counts for the request: `amr`, `acr` and `aal` tell no more.
    pub proved: &'a Session,
    /// The establishment the person acts for.
    pub place: Option<&'a Standing>,
}

/// Gives a code for a request that [`super::decide`] lets through, in the transaction that records it.
pub async fn issue(
    tx: &mut Tx,
    ctx: &Ctx,
    hub: &Hub<'_>,
    client: &Client,
    live: &LiveSession,
    request: &Request,
    given: &Given<'_>,
) -> Result<Token> {
    let (session, account): (_, &Account) = (live.session(), live.account());
    let ctx = &ctx.acting_as(Actor::Account(account.id.clone()));
    let token = Token::new(TokenKind::Code, ctx.rng.as_ref());
    let claims = request.claims.as_ref().filter(|c| **c != ClaimsRequest::default()).and_then(|c| serde_json::to_string(c).ok());
    let row = CodeRow {
        hash: token.hash(),
        grant_id: GrantId::new(ctx.now(), ctx.rng.as_ref()).to_string(),
        client_id: client.id.clone(),
        account_id: account.id.to_string(),
        session_id: session.id.to_string(),
        redirect_uri: request.redirect_uri.clone(),
        scope: request.scope.clone(),
        nonce: request.nonce.clone(),
        code_challenge: request.code_challenge.clone(),
        claims,
        auth_time: session.auth_time.millis(),
        amr: acr::methods(request.vocabulary, given.proved),
        acr: acr::told(request, given.proved.aal(), given.assurance).map(str::to_owned),
        aal: given.proved.aal().number(),
        created_at: ctx.now().millis(),
        expires_at: ctx.now().plus(hub.tokens.code).millis(),
        provider: session.provider.clone(),
        siret: given.place.map(|p| p.membership.establishment.siret.to_string()),
    };
    store::insert_code(tx, &row)?;
    crate::authn::store::use_client(tx, &session.id, &client.id, row.siret.as_deref(), ctx.now())?;
    if let Some(place) = given.place {
        org::store::use_place(tx, &account.id, &place.membership.establishment.siret, ctx.now())?;
    }
    let event = Event::new(Kind::Authorized).account(&account.id).client(&client.id).session(&session.id);
    audit::append(tx, ctx, event.with("scope", request.scope.as_str())).await?;
    Ok(token)
}
