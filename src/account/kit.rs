//! What operations work with besides their transaction.

use crate::base::device::describe;
use crate::base::{Ctx, Email};
use crate::config::Config;
use crate::crypto::Keys;
use crate::mail::message::Origin;

/// What an operation works with besides the transaction.
#[derive(Debug, Clone, Copy)]
pub struct Kit<'a> {
    /// The circumstances.
    pub ctx: &'a Ctx,
    /// Keys by purpose.
    pub keys: &'a Keys,
    /// What the operator set.
    pub config: &'a Config,
}

impl Kit<'_> {
    /// Name of the counters of an address: the same whether or not it has an account, and it does not tell the address.
    pub fn subject(&self, email: &Email) -> String {
        self.keys.code.tag(&["subject", &email.key()])
    }

    /// Where an address stands among the decoys of those who have no password ([`super::store::find_decoy`]): keyed, so that nobody
    /// outside can tell whose neighbour it is.
    pub fn decoy_point(&self, email: &Email) -> String {
        self.keys.code.hex_tag(&["decoy", &email.key()])
    }

    /// Where a mail says the request came from. `service` is the one the person was on the way to.
    pub fn origin(&self, service: Option<&str>) -> Origin {
        Origin {
            at: self.ctx.now().millis(),
            device: self.ctx.user_agent.as_deref().and_then(describe),
            service: service.map(str::to_owned),
        }
    }
}
