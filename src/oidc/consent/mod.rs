//! What people allowed clients to receive, until they withdraw it.

pub mod store;

use std::collections::BTreeSet;

use crate::audit::{self, Event, Kind};
use crate::base::id::AccountId;
use crate::base::{Ctx, Timestamp};
use crate::db::{Handle, Result, Tx};
use store::ConsentRow;

/// Every client that receives something of a person whether or not they are there: those they consented to, and those that hold
/// access without them, which some clients obtain without consent.
pub async fn held(h: &mut impl Handle, account: &AccountId, now: Timestamp) -> Result<Vec<ConsentRow>> {
    let mut held = store::list_consents(h, account).await?;
    for offline in store::list_offline(h, account, now).await? {
        match held.iter_mut().find(|row| row.client_id == offline.client_id) {
            Some(row) => {
                row.scope = joined(&row.scope, &offline.scope);
                row.granted_at = row.granted_at.min(offline.granted_at);
                row.last_used_at = row.last_used_at.max(offline.last_used_at);
            }
            None => held.push(offline),
        }
    }
    Ok(held)
}

/// The scopes of both, each once.
fn joined(a: &str, b: &str) -> String {
    let scopes: BTreeSet<&str> = a.split_ascii_whitespace().chain(b.split_ascii_whitespace()).collect();
    scopes.into_iter().collect::<Vec<_>>().join(" ")
}

/// Takes back what a client holds of a person: it will ask again where it must, and its tokens are dead at once. `false`, with
/// nothing done, when it held neither a consent nor access without them.
pub async fn withdraw(tx: &mut Tx, ctx: &Ctx, account: &AccountId, client: &str) -> Result<bool> {
    let consented = store::delete_consent(tx, account, client).await? > 0;
    if !consented && !store::list_offline(tx, account, ctx.now()).await?.iter().any(|row| row.client_id == client) {
        return Ok(false);
    }
    let revoked = super::store::revoke_grants(tx, account, client, ctx.now()).await?;
    let event = Event::new(Kind::ConsentWithdrawn).account(account).client(client);
    audit::append(tx, ctx, event.with("grants", revoked)).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn scopes_are_joined_each_once() {
        assert_eq!(joined("openid profile", "openid offline_access"), "offline_access openid profile");
        assert_eq!(joined("", ""), "");
    }
}
