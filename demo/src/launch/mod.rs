//! Everything of the demonstration, started in one process: the hub, two services, the mail
//! catcher, the phone, the control page, the cards and the simulators. Files are written in a temporary folder only, and nothing is
//! asked of the network.

mod card;
mod control;
mod hosts;
mod hub;
mod parties;
mod phone;
mod upstream;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use guichet::base::clock::{Clock, ManualClock, SystemClock, Timestamp};
use guichet::base::rng::{Rng, SeededRng, SystemRng};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use parties::{PEOPLE, Party, Person, Urls};

use crate::clock::Now;
use crate::mail::MailCatcher;
use crate::sim::Simulator;

/// How long requests in hand may take when stopping.
const STOP_GRACE: Duration = Duration::from_secs(3);

/// How to start the demonstration.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port of all parties, or of the first one with `ports`; 0 picks free ones.
    pub port: u16,
    /// One port for each party on `localhost`, where `*.localhost` does not resolve.
    pub ports: bool,
    /// Makes random values the same at each run.
    pub seed: Option<u64>,
    /// What time it is at start, in Unix milliseconds; the machine's time by default.
    pub clock: Option<i64>,
    /// Declarations applied after the demonstration's own.
    pub apply: Vec<PathBuf>,
}

/// The running demonstration. Dropping it stops everything at once; [`Demo::stop`] does it gracefully.
pub struct Demo {
    /// Where each party is.
    pub urls: Urls,
    /// The mail catcher.
    pub mail: MailCatcher,
    /// The clock of all parties.
    pub clock: Arc<ManualClock>,
    /// FranceConnect and its like.
    pub simulators: Vec<(Party, Simulator)>,
    servers: JoinSet<()>,
    stop: watch::Sender<bool>,
    hub: hub::Hub,
    _phone: phone::Phone,
    folder: TempDir,
}

impl Demo {
    /// Starts everything; when this returns, every party answers.
    ///
    /// # Errors
    /// When a port is taken, a declaration cannot be applied, or the hub does not start.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let start = options.clock.map_or_else(|| SystemClock.now(), Timestamp::from_millis);
        let clock = Arc::new(ManualClock::running(start));
        let rng: Arc<dyn Rng> = match options.seed {
            Some(seed) => Arc::new(SeededRng::new(seed)),
            None => Arc::new(SystemRng),
        };
        let now: Now = Arc::new({
            let clock = clock.clone();
            move || clock.now().millis()
        });
        let listeners = bind(&options).await?;
        let urls = Urls::of(&listeners, options.ports)?;
        let folder = tempfile::Builder::new().prefix("guichet-demo-").tempdir()?;
        let mail = MailCatcher::start_at((Ipv4Addr::LOCALHOST, 0).into(), now.clone()).await?;
        let secrets = parties::Secrets::make(rng.as_ref());
        let phone = phone::Phone::start(secrets.phone().to_owned(), now.clone()).await?;
        let cards = card::Cards::make(rng.as_ref(), clock.clone(), urls.card.clone());
        let simulators = upstream::start(&urls, &secrets, &now, &rng, mail.smtp_addr())?;
        let hub = hub::Hub::start(hub::Settings {
            issuer: urls.issuer.clone(),
            smtp: mail.smtp_addr(),
            sms: phone.gateway()?,
            folder: folder.path().to_owned(),
            clock: clock.clone(),
            rng,
            declarations: parties::declarations(&urls, &secrets, &options.apply)?,
        })
        .await?;
        hub.stock(&cards).await?;

        let routers = parties::routers(&urls, &secrets, &now)?
            .into_iter()
            .chain(upstream::routers(&simulators))
            .chain([
                (Party::Hub, hub.router()),
                (Party::Mail, mail.router()),
                (Party::Control, control::router(clock.clone(), urls.clone())),
                (Party::Card, card::router(cards, urls.issuer.clone())),
                (Party::Phone, phone.router()),
            ])
            .collect();
        let stop = watch::Sender::new(false);
        let servers = serve(listeners, routers, &urls, &stop);
        Ok(Self { urls, mail, clock, simulators, servers, stop, hub, _phone: phone, folder })
    }

    /// Where the hub writes; gone when the demonstration stops.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Does what `guichet apply` does, while everything runs.
    ///
    /// # Errors
    /// When the declaration (TOML) is refused.
    pub async fn apply(&self, declaration: &str) -> anyhow::Result<()> {
        self.hub.apply(&hub::Declaration { name: "-".into(), text: declaration.to_owned() }).await
    }

    /// Finishes requests in hand, then stops.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.servers.join_next().await.is_some() {}
        self.hub.stop().await;
    }
}

/// One listener for all, or one for each party in the order of [`Party::ALL`].
async fn bind(options: &Options) -> anyhow::Result<Vec<TcpListener>> {
    let count = if options.ports { Party::ALL.len() } else { 1 };
    let mut listeners = Vec::with_capacity(count);
    for offset in 0..u16::try_from(count)? {
        let port = match options.port {
            0 => 0,
            port => port.checked_add(offset).context("ce numéro de port est trop grand")?,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("le port {port} n’est pas libre : essayez --port 0"))?;
        listeners.push(listener);
    }
    Ok(listeners)
}

/// Serves all parties by host name on the one listener, or each on its own.
fn serve(listeners: Vec<TcpListener>, routers: Vec<(Party, Router)>, urls: &Urls, stop: &watch::Sender<bool>) -> JoinSet<()> {
    let mut servers = JoinSet::new();
    let mut add = |listener: TcpListener, router: Router| {
        let mut stopped = stop.subscribe();
        servers.spawn(async move {
            // An error means that the sender is gone, which also ends the serving.
            let stop = async { drop(stopped.wait_for(|stop| *stop).await) };
            guichet::web::serve(listener, router, stop, STOP_GRACE).await;
        });
    };
    if listeners.len() == 1 {
        let router = hosts::router(routers, urls);
        listeners.into_iter().for_each(|listener| add(listener, router.clone()));
    } else {
        for (listener, party) in listeners.into_iter().zip(Party::ALL) {
            let own = routers.iter().find(|(p, _)| *p == party).map(|(_, router)| router.clone());
            add(listener, own.unwrap_or_default());
        }
    }
    servers
}
