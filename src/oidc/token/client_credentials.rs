//! `grant_type=client_credentials` (RFC 6749 §4.4).

use super::{Outcome, mint};
use crate::base::Ctx;
use crate::db::Db;
use crate::oidc::client::{AccessTokenFormat, Client, GrantType};
use crate::oidc::error::{Code, OAuthError, Result};
use crate::oidc::hub::Hub;
use crate::oidc::vocabulary::is_of_people;

/// A token for the client itself. A JWT writes nothing.
pub async fn grant(db: &Db, ctx: &Ctx, hub: &Hub<'_>, client: &Client, scope: Option<&str>) -> Result<Outcome> {
    if !client.may(GrantType::ClientCredentials) || client.is_public() {
        return Ok(Outcome::Refused(OAuthError::new(Code::UnauthorizedClient, "the client is not registered for client_credentials")));
    }
    // Scopes about people mean nothing without a person.
    let allowed: Vec<&str> = client.metadata.scope.split_ascii_whitespace().filter(|s| !is_of_people(s)).collect();
    let asked: Vec<&str> = scope.map_or_else(|| allowed.clone(), |s| s.split_ascii_whitespace().collect());
    if !asked.iter().all(|s| allowed.contains(s)) {
        return Ok(Outcome::Refused(OAuthError::new(Code::InvalidScope, "scope exceeds what the client is registered for")));
    }
    let scope = asked.join(" ");
    let tokens = match client.metadata.access_token_format {
        AccessTokenFormat::Jwt => mint::for_client(None, ctx, hub, client, &scope).await?,
        AccessTokenFormat::Opaque => {
            let mut tx = db.begin().await?;
            let tokens = mint::for_client(Some(&mut tx), ctx, hub, client, &scope).await?;
            tx.commit().await?;
            tokens
        }
    };
    Ok(Outcome::Granted(Box::new(tokens)))
}
