//! The audit trail: one row per security event, written in the transaction of the act, chained by hash afterwards.
//! Identifiers are pseudonymous; rows hold neither secrets nor contents (DESIGN §8).

pub mod chain;
mod event;
pub mod store;

pub use event::{Event, Kind};

use crate::base::Ctx;
use crate::base::device::describe;
use crate::base::id::AuditId;
use crate::db::{Result, Tx};
use crate::telemetry::metrics;

/// Appends an event to the trail, in the transaction of the act itself.
/// What concerns an account notes the browser it came from, in two words, so that people recognise their own acts.
pub async fn append(tx: &mut Tx, ctx: &Ctx, event: Event) -> Result<()> {
    let event = match ctx.user_agent.as_deref().filter(|_| event.account.is_some()).and_then(describe) {
        Some(device) => event.with("device", device),
        None => event,
    };
    let id = AuditId::new(ctx.now(), ctx.rng.as_ref());
    metrics::event(event.kind.name());
    tracing::info!(
        target: "audit", kind = event.kind.name(), account = event.account.as_ref().map(|a| a.as_str()),
        client = event.client.as_deref(), request_id = ctx.request_id.as_str(), detail = %event.detail
    );
    store::insert(tx, &id, ctx, &event)
}
