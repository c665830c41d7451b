//! What comes round: chaining the trail, removing what has ended, folding names.

use std::time::Duration;

use super::{Round, system};
use crate::app::App;
use crate::audit::chain;
use crate::authn::factor::Kit;
use crate::authn::lost;
use crate::db::{Purge, lease};
use crate::org::claim;
use crate::org::holding::Ended;
use crate::org::request::{Desk, nudge};
use crate::org::review;
use crate::telemetry::metrics;
use crate::{account, audit, authn, federation, jobs, oidc, org};

/// Rows removed in one transaction: few, so that nobody waits for the writer.
const BATCH: i64 = 500;

/// Names folded in one transaction.
const FOLDED_AT_ONCE: usize = 250;

/// Rows chained in one transaction.
const SEALED_AT_ONCE: i64 = 250;

/// The tables whose rows end, and how each is cleared.
pub const PURGES: &[&[Purge]] = &[
    account::store::PURGES,
    authn::store::PURGES,
    org::store::PURGES,
    org::invitation::store::PURGES,
    org::handover::store::PURGES,
    org::request::store::PURGES,
    org::review::store::PURGES,
    org::succession::store::PURGES,
    oidc::store::PURGES,
    federation::store::PURGES,
    jobs::store::PURGES,
    jobs::notice::store::PURGES,
    oidc::notice::store::PURGES,
];

/// Chains what the trail has gained. `period` keeps the other nodes from doing the same at once.
pub(super) async fn seal(app: &App, period: Duration) -> Round {
    let ctx = system(app);
    // Reading first spares an idle hub a write each second.
    while audit::chain::store::has_unsealed(&mut app.db.read().await?).await? {
        let mut tx = app.db.begin().await?;
        if !lease::claim(&mut tx, &ctx, "audit.seal", period).await? {
            return Ok(tx.rollback().await?);
        }
        chain::seal(&mut tx, SEALED_AT_ONCE).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Carries out what managers and operators granted to people who lost their means of connection.
pub(super) async fn recover(app: &App) -> Round {
    let ctx = system(app);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    for request in lost::due(&mut app.db.read().await?, ctx.now()).await? {
        let mut tx = app.db.begin().await?;
        lost::take_effect(&mut tx, &kit, &request).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Reminds of requests that wait, and tells of rights that end soon, and of places and rights that have ended.
pub(super) async fn people(app: &App) -> Round {
    let ctx = system(app);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let services = app.services();
    let desk = Desk { kit: &kit, services: &services };
    for (request, nudges) in nudge::due(&mut app.db.read().await?, ctx.now()).await? {
        let mut tx = app.db.begin().await?;
        nudge::nudge(&mut tx, desk, &request, nudges).await?;
        tx.commit().await?;
    }
    for request in nudge::claims(&mut app.db.read().await?, ctx.now()).await? {
        let mut tx = app.db.begin().await?;
        claim::settle(&mut tx, desk, &request).await?;
        tx.commit().await?;
    }
    let mut tx = app.db.begin().await?;
    nudge::notice_ends(&mut tx, desk).await?;
    tx.commit().await?;
    loop {
        let ended = Ended::due(&mut app.db.read().await?, ctx.now()).await?;
        if ended.is_empty() {
            break;
        }
        let mut tx = app.db.begin().await?;
        ended.tell(&mut tx, desk).await?;
        tx.commit().await?;
    }
    absences(app).await?;
    for due in review::due(&mut app.db.read().await?, ctx.now()).await? {
        loop {
            let mut tx = app.db.begin().await?;
            let more = review::advance(&mut tx, desk, &due).await?;
            tx.commit().await?;
            if !more {
                break;
            }
        }
    }
    app.wake_worker();
    Ok(())
}

/// Tells managers who have been away for long, a few times a day.
async fn absences(app: &App) -> Round {
    let ctx = system(app);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut tx = app.db.begin().await?;
    let claimed = lease::claim(&mut tx, &ctx, "org.absences", Duration::from_secs(6 * 3_600)).await?;
    tx.commit().await?;
    let mut after = claimed.then(String::new);
    while let Some(siret) = after {
        let mut tx = app.db.begin().await?;
        after = claim::watch(&mut tx, &kit, &siret).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Removes rows past their end from every table that has such rows.
pub(super) async fn purge(app: &App, period: Duration) -> Round {
    let mut tx = app.db.begin().await?;
    let claimed = lease::claim(&mut tx, &system(app), "purge", period).await?;
    tx.commit().await?;
    if !claimed {
        return Ok(());
    }
    for &store in PURGES {
        for purge in store {
            clear(app, purge).await?;
        }
    }
    Ok(())
}

async fn clear(app: &App, purge: &Purge) -> Round {
    loop {
        let mut tx = app.db.begin().await?;
        let removed = purge.run(&mut tx, app.clock.now(), BATCH).await?;
        tx.commit().await?;
        metrics::purged(purge.table, removed);
        if (removed as i64) < BATCH {
            return Ok(());
        }
    }
}

/// Folds the names that nodes of an older version wrote. Nodes that do so at once write the same.
pub(super) async fn names(app: &App) -> Round {
    let mut after = Some(String::new());
    while let Some(id) = after {
        let mut tx = app.db.begin().await?;
        after = account::store::fold_names(&mut tx, &id, FOLDED_AT_ONCE).await?;
        tx.commit().await?;
    }
    let mut after = Some(String::new());
    while let Some(siret) = after {
        let mut tx = app.db.begin().await?;
        after = org::store::fold_names(&mut tx, &siret, FOLDED_AT_ONCE).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Removes audit events older than the retention, once a day.
pub(super) async fn retention(app: &App) -> Round {
    let ctx = system(app);
    let before = ctx.now().minus(app.config.audit.keep);
    if audit::chain::store::last_expired(&mut app.db.read().await?, before, 1).await?.is_none() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    let claimed = lease::claim(&mut tx, &ctx, "audit.retention", Duration::from_secs(86_400)).await?;
    tx.commit().await?;
    if !claimed {
        return Ok(());
    }
    loop {
        let mut tx = app.db.begin().await?;
        let removed = chain::purge(&mut tx, &ctx, before, BATCH).await?;
        tx.commit().await?;
        metrics::purged("audit_event", removed);
        if (removed as i64) < BATCH {
            return Ok(());
        }
    }
}
