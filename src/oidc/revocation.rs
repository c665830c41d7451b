//! Token revocation (RFC 7009): a refresh token takes its whole grant with it.

use super::bearer::AccessClaims;
use super::client::Client;
use super::error::Result;
use super::hub::Hub;
use super::store;
use super::token::mint::ACCESS_TYP;
use crate::audit::{self, Event, Kind};
use crate::base::{Actor, Ctx, Timestamp};
use crate::crypto::{Token, TokenKind, jose};
use crate::db::{Db, Tx};

/// Revokes a token of this client. Unknown tokens and those of others are left alone, and the answer is the same (§2.2).
pub async fn revoke(db: &Db, ctx: &Ctx, hub: &Hub<'_>, client: &Client, token: &str) -> Result<()> {
    let ctx = &ctx.acting_as(Actor::Client(client.id.clone()));
    let mut tx = db.begin().await?;
    if let Some(what) = revoke_one(&mut tx, ctx, hub, client, token).await? {
        audit::append(&mut tx, ctx, Event::new(Kind::TokenRevoked).client(&client.id).with("token", what)).await?;
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(())
}

async fn revoke_one(tx: &mut Tx, ctx: &Ctx, hub: &Hub<'_>, client: &Client, token: &str) -> Result<Option<&'static str>> {
    if let Some(token) = Token::parse(TokenKind::Refresh, token) {
        let row = store::find_refresh(tx, &token.hash()).await?.filter(|r| r.client_id == client.id);
        let Some(row) = row else { return Ok(None) };
        let revoked = store::revoke_grant(tx, &row.grant_id, ctx.now()).await? == 1;
        return Ok(revoked.then_some("refresh_token"));
    }
    if let Some(token) = Token::parse(TokenKind::Access, token) {
        let revoked = store::revoke_access(tx, &token.hash(), &client.id, ctx.now()).await? == 1;
        return Ok(revoked.then_some("access_token"));
    }
    let Ok(claims) = jose::verify_own::<AccessClaims>(&hub.keyring, ACCESS_TYP, token) else { return Ok(None) };
    if claims.client_id != client.id || ctx.now().secs() >= claims.exp {
        return Ok(None);
    }
    let revoked = store::revoke_jwt(tx, &claims.jti, Timestamp::from_secs(claims.exp)).await? == 1;
    Ok(revoked.then_some("access_token"))
}
