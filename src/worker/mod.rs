//! What a node does without being asked: sends what the outbox holds, keeps keys and memory up to date, chains the audit
//! trail, removes what has ended, folds the names that older versions wrote.
//!
//! Every node may run all of it: jobs are reserved, the rest is claimed by a lease in the transaction that does it. A round
//! that fails is logged and comes again; nothing here ends because the database is away.

mod notices;
mod outbox;
mod rounds;

use outbox::Carrier;
pub use rounds::PURGES;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::base::Actor;
use crate::crypto::{Algorithm, keyring};
use crate::db;
use crate::mail::send::Mailer;
use crate::mail::transport::Invalid;
use crate::sms::gateway::Gateway;
use crate::telemetry::metrics;

/// The worker cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration of mail cannot work.
    #[error(transparent)]
    Mail(#[from] Invalid),
    /// That of the gateway of short messages.
    #[error(transparent)]
    Sms(#[from] crate::config::sms::Invalid),
}

/// A round failed; it comes again.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The keyring.
    #[error(transparent)]
    Keyring(#[from] keyring::Error),
}

type Round = Result<(), RoundError>;

/// The running worker. Dropping it does not stop it.
#[derive(Debug)]
pub struct WorkerHandle {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl WorkerHandle {
    /// Takes nothing new and lets what is in hand finish within `grace`. What does not is taken up again once its lock ends.
    pub async fn stop(self, grace: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_err() {
            tracing::warn!("worker stopped with jobs still in hand");
        }
    }
}

/// Takes up what other nodes change as soon as they say so; polling takes up what is missed, on every engine.
async fn listen(app: &App) {
    loop {
        let heard = async {
            let Some(mut listener) = app.db.listen().await? else { return Ok(false) };
            loop {
                listener.next().await?;
                app.reload().await?;
            }
        };
        let heard: Result<bool, RoundError> = heard.await;
        match heard {
            Ok(_) => return,
            Err(e) => tracing::debug!(error = %e, "not listening to the other nodes; trying again"),
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

/// Starts the worker of this node. With `server.worker = false` it only keeps memory up to date.
pub fn start(app: &App) -> Result<WorkerHandle, StartError> {
    let handle = WorkerHandle { stop: CancellationToken::new(), tasks: TaskTracker::new() };
    handle.every(Duration::from_millis(500), "reload", app, async |app| Ok(app.reload().await?));
    let (listener, stop) = (app.clone(), handle.stop.clone());
    handle.tasks.spawn(async move {
        let _ = stop.run_until_cancelled(listen(&listener)).await;
    });
    handle.every(Duration::from_secs(5), "metrics", app, async |_| {
        metrics::upkeep();
        Ok(())
    });
    if app.config.server.worker {
        for carrier in carriers(app)? {
            let (sender, stop, carrier) = (app.clone(), handle.stop.clone(), Arc::new(carrier));
            handle.tasks.spawn(async move {
                // A defect must not leave this node without mail for good.
                while AssertUnwindSafe(outbox::run(&sender, &carrier, &stop)).catch_unwind().await.is_err() {
                    tracing::error!("the outbox panicked; beginning again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            });
        }
        let (teller, stop) = (app.clone(), handle.stop.clone());
        handle.tasks.spawn(async move {
            while AssertUnwindSafe(notices::run(&teller, &stop)).catch_unwind().await.is_err() {
                tracing::error!("the notices panicked; beginning again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        handle.every(Duration::from_secs(3_600), "keys", app, async |app| Ok(app.ensure_keys(&Algorithm::ALL).await?));
        handle.every(Duration::from_secs(60), "purge", app, async |app| rounds::purge(&app, Duration::from_secs(50)).await);
        handle.every(Duration::from_secs(1), "seal", app, async |app| rounds::seal(&app, Duration::from_millis(900)).await);
        handle.every(Duration::from_secs(60), "people", app, async |app| rounds::people(&app).await);
        handle.every(Duration::from_secs(20), "recovery", app, async |app| rounds::recover(&app).await);
        handle.every(Duration::from_secs(600), "names", app, async |app| rounds::names(&app).await);
        handle.every(Duration::from_secs(3_600), "retention", app, async |app| rounds::retention(&app).await);
    }
    Ok(handle)
}

fn carriers(app: &App) -> Result<[Carrier; 2], StartError> {
    Ok([Carrier::Mail(Mailer::new(&app.config)?), Carrier::Sms(Gateway::new(&app.config.sms)?)])
}

impl WorkerHandle {
    /// Does `round` now and then every `period`, until stopped; neither an error nor a panic ends it.
    fn every<F>(&self, period: Duration, name: &'static str, app: &App, round: impl Fn(App) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Round> + Send,
    {
        let (app, stop) = (app.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            let mut failing = false;
            loop {
                // Dropped in the middle when stopping: what was not committed is rolled back and comes again.
                let round = AssertUnwindSafe(round(app.clone())).catch_unwind();
                let said = match stop.run_until_cancelled(round).await {
                    None => return,
                    Some(Ok(Ok(()))) => None,
                    Some(Ok(Err(e))) => Some(e.to_string()),
                    Some(Err(_)) => Some("panicked".to_owned()),
                };
                // An outage is said once, not twice a second.
                match (&said, failing) {
                    (Some(error), false) => tracing::error!(round = name, error, "round failed; it will be tried again"),
                    (None, true) => tracing::info!(round = name, "works again"),
                    (Some(_), true) | (None, false) => {}
                }
                failing = said.is_some();
                if stop.run_until_cancelled(tokio::time::sleep(period)).await.is_none() {
                    return;
                }
            }
        });
    }
}

/// Does everything that is due once and comes back: tests and the command line.
pub async fn drain(app: &App) -> Result<(), DrainError> {
    let carriers = carriers(app)?;
    app.reload().await.map_err(RoundError::from)?;
    app.ensure_keys(&[Algorithm::ES256, Algorithm::EdDSA]).await.map_err(RoundError::from)?;
    for carrier in &carriers {
        outbox::drain(app, carrier).await.map_err(RoundError::from)?;
    }
    notices::drain(app).await.map_err(RoundError::from)?;
    rounds::purge(app, Duration::ZERO).await?;
    rounds::retention(app).await?;
    rounds::names(app).await?;
    rounds::recover(app).await?;
    rounds::people(app).await?;
    rounds::seal(app, Duration::ZERO).await?;
    Ok(())
}

/// [`drain`] failed.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// Before beginning.
    #[error(transparent)]
    Start(#[from] StartError),
    /// On the way.
    #[error(transparent)]
    Round(#[from] RoundError),
}

fn system(app: &App) -> crate::base::Ctx {
    app.ctx(Actor::System)
}
