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
use crate::base::phone::Mobile;
use crate::base::texts::Locale;
use crate::db::{self, Error};
use crate::jobs::{self, Job, LOCK, MAIL, Reserved, SMS, Verdict};
use crate::mail::send::{Letter, Mailer};
use crate::mail::transport;
use crate::sms::SmsMessage;
use crate::sms::gateway::{self, Gateway};
use crate::telemetry::metrics;

/// What takes messages out of here: a kind of job each, in a loop of its own, so that one that stalls delays no other.
#[derive(Debug)]
pub(super) enum Carrier {
    /// Mail relays.
    Mail(Mailer),
    /// The gateway of short messages, if there is one.
    Sms(Option<Gateway>),
}

impl Carrier {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Mail(_) => MAIL,
            Self::Sms(_) => SMS,
        }
    }

    fn can_send(&self) -> bool {
        match self {
            Self::Mail(mailer) => mailer.can_send(),
            Self::Sms(gateway) => gateway.is_some(),
        }
    }
}

/// Messages in hand at a time on this node.
const PARALLEL: usize = 16;

/// How long a due job may wait when nobody wakes us: written by another node or put off.
pub(super) const POLL: Duration = Duration::from_secs(1);

/// A job and its record end within this, safely inside the lock.
pub(super) const WITHIN: Duration = LOCK.saturating_sub(Duration::from_secs(10));

/// Runs until `stop`, then waits for what is in hand.
pub(super) async fn run(app: &App, carrier: &Arc<Carrier>, stop: &CancellationToken) {
    match carrier.as_ref() {
        Carrier::Mail(mailer) if !mailer.can_send() => {
            tracing::warn!("no mail relay is configured: mails stay in the outbox");
            return;
        }
        Carrier::Sms(None) => return,
        Carrier::Mail(_) | Carrier::Sms(Some(_)) => {}
    }
    let mut in_hand = JoinSet::new();
    let mut failing = false;
    while !stop.is_cancelled() {
        match jobs::reserve(&app.db, &system(app), carrier.kind(), PARALLEL.saturating_sub(in_hand.len())).await {
            Ok(reserved) => {
                failing = false;
                for job in reserved {
                    let (app, carrier) = (app.clone(), carrier.clone());
                    in_hand.spawn(async move { handle(&app, &carrier, &job).await });
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
pub(super) async fn drain(app: &App, carrier: &Carrier) -> db::Result<()> {
    while carrier.can_send() {
        let reserved = jobs::reserve(&app.db, &system(app), carrier.kind(), PARALLEL).await?;
        if reserved.is_empty() {
            break;
        }
        futures_util::future::join_all(reserved.iter().map(|job| handle(app, carrier, job))).await;
    }
    Ok(())
}

/// Does one job and records the verdict.
async fn handle(app: &App, carrier: &Carrier, job: &Reserved) {
    let ctx = system(app);
    let work = AssertUnwindSafe(attempt(app, &ctx, carrier, job)).catch_unwind();
    let verdict = match tokio::time::timeout(WITHIN, work).await {
        Ok(Ok(Ok(verdict))) => verdict,
        Ok(Ok(Err(e))) => Verdict::Retry(e.to_string()),
        Ok(Err(_)) => Verdict::Retry("panicked".into()),
        Err(_) => Verdict::Retry(format!("not done within {} s", WITHIN.as_secs())),
    };
    record(app, &ctx, carrier, job, verdict).await;
}

/// The verdict must be written, or the job is done again once the lock ends: a database that is away is waited for.
async fn record(app: &App, ctx: &Ctx, carrier: &Carrier, job: &Reserved, verdict: Verdict) {
    let kind = carrier.kind();
    for _ in 0..5 {
        match jobs::settle(&app.db, ctx, job, verdict.clone()).await {
            Ok(Some(Verdict::Done)) => return metrics::carried(kind, "sent"),
            Ok(Some(Verdict::Retry(why))) => {
                metrics::carried(kind, "retried");
                return tracing::warn!(job = job.id.as_str(), attempt = job.attempts, why, "job put off");
            }
            Ok(Some(Verdict::Dead(why))) => {
                metrics::carried(kind, "dead");
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

async fn attempt(app: &App, ctx: &Ctx, carrier: &Carrier, job: &Reserved) -> db::Result<Verdict> {
    // Only nodes that died with this job in hand can have brought it here.
    if job.attempts > jobs::MAX_ATTEMPTS {
        return Ok(Verdict::Dead(format!("given up after {} attempts", jobs::MAX_ATTEMPTS)));
    }
    let work = match jobs::open(&app.keys.rest, &job.id, &job.sealed) {
        Ok(work) => work,
        // Written by a newer node, perhaps: it will be done by one.
        Err(Error::Inconsistent(_)) => return Ok(Verdict::Retry("unreadable by this version".into())),
        Err(e) => return Err(e),
    };
    match (work, carrier) {
        (Job::Mail { to, locale, message }, Carrier::Mail(mailer)) => {
            let letter = Letter { id: job.id.as_str(), to: &to, locale, message: &message, decided_at: job.created_at };
            mail(app, ctx, mailer, job, &letter).await
        }
        (Job::Sms { to, locale, message }, Carrier::Sms(Some(gateway))) => sms(app, ctx, gateway, job, (&to, locale, &message)).await,
        (Job::Mail { .. } | Job::Sms { .. }, Carrier::Mail(_) | Carrier::Sms(_)) => Ok(Verdict::Dead("in the wrong queue".into())),
    }
}

async fn mail(app: &App, ctx: &Ctx, mailer: &Mailer, job: &Reserved, letter: &Letter<'_>) -> db::Result<Verdict> {
    let (config, subject) = (&app.config.mail, app.keys.code.tag(&["mail", &letter.to.to_ascii_lowercase()]));
    let limits = [(Counter::MailPerHour, config.per_recipient_hour), (Counter::MailPerDay, config.per_recipient_day)];
    if job.attempts == 1 && !admitted(app, ctx, &subject, limits, "mail to a recipient").await? {
        return Ok(Verdict::Dead("recipient limit".into()));
    }
    Ok(match mailer.send(ctx.now(), letter).await {
        Ok(()) => Verdict::Done,
        Err(transport::Failure::Transient(why)) => Verdict::Retry(why),
        Err(transport::Failure::Permanent(why)) => Verdict::Dead(why),
    })
}

async fn sms(
    app: &App,
    ctx: &Ctx,
    gateway: &Gateway,
    job: &Reserved,
    (to, locale, message): (&str, Locale, &SmsMessage),
) -> db::Result<Verdict> {
    let Ok(mobile) = Mobile::parse(to) else { return Ok(Verdict::Dead("not a mobile number".into())) };
    let (config, subject) = (&app.config.sms, app.keys.code.tag(&["sms", mobile.as_str()]));
    let limits = [(Counter::SmsPerHour, config.per_recipient_hour), (Counter::SmsPerDay, config.per_recipient_day)];
    if job.attempts == 1 && !admitted(app, ctx, &subject, limits, "messages to a number").await? {
        return Ok(Verdict::Dead("recipient limit".into()));
    }
    if !gateway::still_serves(ctx.now(), job.created_at, message.code().validity_minutes) {
        return Ok(Verdict::Dead("expired before it could be sent".into()));
    }
    let host = app.config.server.issuer.host_str().unwrap_or_default();
    Ok(match gateway.send(&mobile, &message.text(locale, &app.config.brand.name, host)).await {
        Ok(()) => Verdict::Done,
        Err(gateway::Failure::Transient(why)) => Verdict::Retry(why),
        Err(gateway::Failure::Permanent(why)) => Verdict::Dead(why),
    })
}

/// Counts a message against the limits of its recipient, all kinds together, once whatever its attempts.
async fn admitted(app: &App, ctx: &Ctx, subject: &str, limits: [(Counter, i64); 2], what: &str) -> db::Result<bool> {
    let mut tx = app.db.begin().await?;
    for (counter, limit) in limits {
        if throttle::take(&mut tx, ctx, counter, subject, limit).await?.is_err() {
            audit::append(&mut tx, ctx, Event::new(Kind::Throttled).with("limit", what)).await?;
            tx.commit().await?;
            return Ok(false);
        }
    }
    tx.commit().await?;
    Ok(true)
}
