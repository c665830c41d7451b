//! Tells clients what ended or changed. Each client has few notices in hand at a time, so that one that is slow delays nobody else.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::outbox::{POLL, WITHIN};
use super::system;
use crate::app::App;
use crate::db;
use crate::jobs::{self, LOCK, Verdict};
use crate::oidc::notice::{self, Notice, store};
use crate::telemetry::metrics;

/// Notices in hand at a time on this node.
const PARALLEL: usize = 64;

/// The same, of one client.
const PER_CLIENT: usize = 4;

/// What is in hand.
#[derive(Default)]
struct Hands {
    tasks: JoinSet<String>,
    clients: HashMap<String, usize>,
}

impl Hands {
    fn free(&self, client: &str) -> usize {
        let own = PER_CLIENT.saturating_sub(self.clients.get(client).copied().unwrap_or(0));
        own.min(PARALLEL.saturating_sub(self.tasks.len()))
    }

    fn take(&mut self, app: &App, notice: Notice) {
        *self.clients.entry(notice.client_id.clone()).or_default() += 1;
        let app = app.clone();
        self.tasks.spawn(async move {
            handle(&app, &notice).await;
            notice.client_id
        });
    }

    fn release(&mut self, client: &str) {
        if let Some(count) = self.clients.get_mut(client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.clients.remove(client);
            }
        }
    }

    /// Waits for the next one to end.
    async fn settle(&mut self) -> bool {
        match self.tasks.join_next().await {
            Some(Ok(client)) => self.release(&client),
            // Tasks do not panic: what they do is caught.
            Some(Err(_)) => {}
            None => return false,
        }
        true
    }
}

/// Runs until `stop`, then waits for what is in hand.
pub(super) async fn run(app: &App, stop: &CancellationToken) {
    let mut hands = Hands::default();
    let mut failing = false;
    while !stop.is_cancelled() {
        match round(app, &mut hands).await {
            Ok(_) => failing = false,
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::error!(%error, "notices cannot be read; trying again");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            true = hands.settle() => {}
            () = app.news_woken() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    while hands.settle().await {}
}

/// Tells what is due until nothing is.
pub(super) async fn drain(app: &App) -> db::Result<()> {
    let mut hands = Hands::default();
    while round(app, &mut hands).await? > 0 {
        while hands.settle().await {}
    }
    Ok(())
}

/// Finds out whom to tell of what happened, and takes what is due as far as hands are free. Answers how much was taken.
async fn round(app: &App, hands: &mut Hands) -> db::Result<usize> {
    fan_out(app).await?;
    let mut taken = 0;
    for client in store::due(&mut app.db.read().await?, app.clock.now()).await? {
        for notice in reserve(app, &client, hands.free(&client)).await? {
            hands.take(app, notice);
            taken += 1;
        }
    }
    Ok(taken)
}

async fn fan_out(app: &App) -> db::Result<()> {
    while jobs::notice::store::any(&mut app.db.read().await?).await? {
        let mut tx = app.db.begin().await?;
        let found = notice::fan_out(&mut tx, &system(app), &app.clients()).await?;
        tx.commit().await?;
        if found == 0 {
            return Ok(());
        }
    }
    Ok(())
}

/// Takes due notices of a client. Their locks are on disk when this returns.
async fn reserve(app: &App, client: &str, limit: usize) -> db::Result<Vec<Notice>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let notices = store::reserve(&mut tx, client, now, now.plus(LOCK), i64::try_from(limit).unwrap_or(1)).await?;
    tx.commit().await?;
    Ok(notices)
}

/// Sends one notice and records the verdict.
async fn handle(app: &App, notice: &Notice) {
    let ctx = system(app);
    let hub = app.hub();
    let work = AssertUnwindSafe(notice::deliver(&hub, app.net(), &ctx, notice)).catch_unwind();
    let verdict = match tokio::time::timeout(WITHIN, work).await {
        Ok(Ok(Ok(verdict))) => verdict,
        Ok(Ok(Err(e))) => Verdict::Retry(e.to_string()),
        Ok(Err(_)) => Verdict::Retry("panicked".into()),
        Err(_) => Verdict::Retry(format!("not done within {} s", WITHIN.as_secs())),
    };
    let verdict = verdict.after(notice.attempts);
    for _ in 0..5 {
        match record(app, notice, &verdict).await {
            Ok(true) => return said(notice, &verdict),
            Ok(false) => return tracing::warn!(notice = notice.id.as_str(), "the lock of a notice ended before its work"),
            Err(error) => {
                tracing::error!(notice = notice.id.as_str(), %error, "the outcome of a notice is not written yet");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn record(app: &App, notice: &Notice, verdict: &Verdict) -> db::Result<bool> {
    let at = match verdict {
        Verdict::Done | Verdict::Dead(_) => app.clock.now(),
        Verdict::Retry(_) => app.clock.now().plus(jobs::backoff(notice.attempts, app.rng.as_ref())),
    };
    let mut tx = app.db.begin().await?;
    let recorded = store::settle(&mut tx, notice, verdict, at).await?;
    tx.commit().await?;
    Ok(recorded == 1)
}

fn said(notice: &Notice, verdict: &Verdict) {
    let (id, client, kind) = (notice.id.as_str(), notice.client_id.as_str(), notice.kind.name());
    let outcome = match verdict {
        Verdict::Done => "sent",
        Verdict::Retry(why) => {
            tracing::warn!(notice = id, client, kind, attempt = notice.attempts, why, "notice put off");
            "retried"
        }
        Verdict::Dead(why) => {
            tracing::error!(notice = id, client, kind, attempt = notice.attempts, why, "notice given up");
            "dead"
        }
    };
    metrics::notice(kind, outcome);
}
