//! The outbox: reserves due jobs, does them, records what became of them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::system;
use crate::app::App;
use crate::audit::{self, Event, Kind};
use crate::authn::throttle::{self, Counter};
use crate::base::Ctx;
use crate::db::{self, Error};
use crate::jobs::{self, Job, LOCK, MAIL, Reserved, Verdict};
use crate::mail::send::{Letter, Mailer};
use crate::mail::transport::Failure;
use crate::telemetry::metrics;

/// Mails in hand at a time on this node.
const PARALLEL: usize = 16;

/// How long a due job may wait when nobody wakes us: written by another node or put off.
const POLL: Duration = Duration::from_secs(1);

/// A job and its record end within this, safely inside the lock.
const WITHIN: Duration = LOCK.saturating_sub(Duration::from_secs(10));

/// Runs until `stop`, then waits for what is in hand.
pub(super) async fn run(app: &App, mailer: &Arc<Mailer>, stop: &CancellationToken) {
    if !mailer.can_send() {
        tracing::warn!("no mail relay is configured: mails stay in the outbox");
        return;
    }
    let mut in_hand = JoinSet::new();
    let mut failing = false;
    while !stop.is_cancelled() {
        match jobs::reserve(&app.db, &system(app), MAIL, PARALLEL.saturating_sub(in_hand.len())).await {
            Ok(reserved) => {
                failing = false;
                for job in reserved {
                    let (app, mailer) = (app.clone(), mailer.clone());
                    in_hand.spawn(async move { handle(&app, &mailer, &job).await });
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::error!(%error, "the outbox cannot be read; trying again");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(_) = in_hand.join_next(), if !in_hand.is_empty() => {}
            () = app.worker_woken() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    while in_hand.join_next().await.is_some() {}
}

/// Does what is due until nothing is.
pub(super) async fn drain(app: &App, mailer: &Mailer) -> db::Result<()> {
    while mailer.can_send() {
        let reserved = jobs::reserve(&app.db, &system(app), MAIL, PARALLEL).await?;
        if reserved.is_empty() {
            break;
        }
        futures_util::future::join_all(reserved.iter().map(|job| handle(app, mailer, job))).await;
    }
    Ok(())
}

/// Does one job and records the verdict.
async fn handle(app: &App, mailer: &Mailer, job: &Reserved) {
    let ctx = system(app);
    let work = AssertUnwindSafe(attempt(app, &ctx, mailer, job)).catch_unwind();
    let verdict = match tokio::time::timeout(WITHIN, work).await {
        Ok(Ok(Ok(verdict))) => verdict,
        Ok(Ok(Err(e))) => Verdict::Retry(e.to_string()),
        Ok(Err(_)) => Verdict::Retry("panicked".into()),
        Err(_) => Verdict::Retry(format!("not done within {} s", WITHIN.as_secs())),
    };
    record(app, &ctx, job, verdict).await;
}

/// The verdict must be written, or the job is done again once the lock ends: a database that is away is waited for.
async fn record(app: &App, ctx: &Ctx, job: &Reserved, verdict: Verdict) {
    for _ in 0..5 {
        match jobs::settle(&app.db, ctx, job, verdict.clone()).await {
            Ok(Some(Verdict::Done)) => return metrics::mail("sent"),
            Ok(Some(Verdict::Retry(why))) => {
                metrics::mail("retried");
                return tracing::warn!(job = job.id.as_str(), attempt = job.attempts, why, "job put off");
            }
            Ok(Some(Verdict::Dead(why))) => {
                metrics::mail("dead");
                return tracing::error!(job = job.id.as_str(), attempt = job.attempts, why, "job given up");
            }
            Ok(None) => return tracing::warn!(job = job.id.as_str(), "the lock of a job ended before its work"),
            Err(error) => {
                tracing::error!(job = job.id.as_str(), %error, "the outcome of a job is not written yet");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn attempt(app: &App, ctx: &Ctx, mailer: &Mailer, job: &Reserved) -> db::Result<Verdict> {
    // Only nodes that died with this job in hand can have brought it here.
    if job.attempts > jobs::MAX_ATTEMPTS {
        return Ok(Verdict::Dead(format!("given up after {} attempts", jobs::MAX_ATTEMPTS)));
    }
    let Job::Mail { to, locale, message } = match jobs::open(&app.keys.rest, &job.id, &job.sealed) {
        Ok(work) => work,
        // Written by a newer node, perhaps: it will be done by one.
        Err(Error::Inconsistent(_)) => return Ok(Verdict::Retry("unreadable by this version".into())),
        Err(e) => return Err(e),
    };
    if job.attempts == 1 && !admitted(app, ctx, &to).await? {
        return Ok(Verdict::Dead("recipient limit".into()));
    }
    let letter = Letter { id: job.id.as_str(), to: &to, locale, message: &message, decided_at: job.created_at };
    Ok(match mailer.send(ctx.now(), &letter).await {
        Ok(()) => Verdict::Done,
        Err(Failure::Transient(why)) => Verdict::Retry(why),
        Err(Failure::Permanent(why)) => Verdict::Dead(why),
    })
}

/// Counts a mail against the limits of its recipient, all kinds together, once whatever its attempts.
async fn admitted(app: &App, ctx: &Ctx, to: &str) -> db::Result<bool> {
    let subject = app.keys.code.tag(&["mail", &to.to_ascii_lowercase()]);
    let limits = [(Counter::MailPerHour, app.config.mail.per_recipient_hour), (Counter::MailPerDay, app.config.mail.per_recipient_day)];
    let mut tx = app.db.begin().await?;
    for (counter, limit) in limits {
        if throttle::take(&mut tx, ctx, counter, &subject, limit).await?.is_err() {
            audit::append(&mut tx, ctx, Event::new(Kind::Throttled).with("limit", "mail to a recipient")).await?;
            tx.commit().await?;
            return Ok(false);
        }
    }
    tx.commit().await?;
    Ok(true)
}
