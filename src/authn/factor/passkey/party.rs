//! The hub as authenticators know it. Its RP ID is fixed by the first start: every passkey is bound to it for good.

use super::store;
use crate::audit::{self, Event, Kind};
use crate::base::Ctx;
use crate::config::Config;
use crate::crypto::webauthn::RelyingParty;
use crate::db::{Result, Tx};

/// The relying party of this configuration; `None` where there can be no passkey (the issuer is an address, not a name).
pub fn of(config: &Config) -> Option<RelyingParty> {
    RelyingParty::new(&config.server.issuer, config.passkeys.rp_id.as_deref(), &config.brand.name)
}

/// The RP ID is not the one that the passkeys of this database are bound to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "passkeys of this database are bound to the RP ID `{fixed}`, and the configuration says `{configured}`: not one of them would \
     work any more. Set passkeys.rp_id = \"{fixed}\" if the host of the issuer is still in that domain. To go on without these \
     passkeys, start once with --accept-loss-of-passkeys: they are removed, and their owners add new ones"
)]
pub struct Changed {
    /// The one that was fixed.
    pub fixed: String,
    /// The one asked for.
    pub configured: String,
}

const SETTING: &str = "passkeys.rp_id";

/// Fixes the RP ID at a first start and holds later ones to it. `accept_loss` takes another and removes the passkeys,
/// which nothing can use any more.
pub async fn hold(tx: &mut Tx, ctx: &Ctx, configured: &str, accept_loss: bool) -> Result<std::result::Result<(), Changed>> {
    let fixed = store::fix_setting(tx, SETTING, configured, ctx.now()).await?;
    if fixed == configured {
        return Ok(Ok(()));
    }
    if !accept_loss {
        return Ok(Err(Changed { fixed, configured: configured.to_owned() }));
    }
    store::set_setting(tx, SETTING, configured).await?;
    let removed = i64::try_from(store::remove_all(tx).await?).unwrap_or(i64::MAX);
    let event = Event::new(Kind::FactorRemoved).with("factor", "passkey").with("why", "rp_id_changed");
    audit::append(tx, ctx, event.with("from", fixed).with("to", configured).with("removed", removed)).await?;
    Ok(Ok(()))
}
