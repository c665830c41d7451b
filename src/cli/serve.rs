//! `guichet serve`.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::args::Serve;
use super::out::{Failure, list, message};
use super::upkeep::engine;
use crate::app::App;
use crate::authn::factor::passkey::party;
use crate::base::Actor;
use crate::config::{Config, Environment};
use crate::telemetry::log;
use crate::telemetry::traces::Tracing;
use crate::web::serve::{Limits, serve_within};
use crate::web::{self, admin};
use crate::worker;

/// Serves until told to stop.
pub fn run(config: Config, args: &Serve) -> Result<(), Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all();
    if config.server.threads > 0 {
        builder.worker_threads(config.server.threads);
    }
    let runtime = builder.build().map_err(Failure::error)?;
    let traced = async { config.traces.endpoint.as_ref().map(|endpoint| Tracing::new(endpoint, config.traces.ratio)).transpose() };
    let traces = runtime.block_on(traced).map_err(Failure::error)?;
    log::init(&config.log.level, config.log.json, traces.as_ref()).map_err(Failure::error)?;
    let result = runtime.block_on(serve(config, args));
    if let Some(traces) = traces {
        traces.finish();
    }
    // What still runs has had its time.
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}

async fn serve(config: Config, args: &Serve) -> Result<(), Failure> {
    // Before anything is opened: a signal during the start must not be lost.
    let stop = on_signal()?;
    // Bound first: a port that is taken must not leave a new database behind.
    let (public, address) = bind(config.server.listen, "server.listen").await?;
    let (inside, admin_address) = bind(config.server.admin_listen, "server.admin_listen").await?;
    let app = App::builder(config).create_master_key_if_new().build().await?;
    hold_rp_id(&app, args.accept_loss_of_passkeys).await?;
    announce(&app, address, admin_address);
    let worker = worker::start(&app).map_err(Failure::error)?;
    let grace = app.config.server.stop_grace;
    let router = web::router(&app);
    let admin = admin::router(&app);
    let stopped = stop.clone();
    let public = tokio::spawn(web::serve(public, router, async move { stopped.cancelled().await }, grace));
    // Health answers until the last request has been answered.
    let last = CancellationToken::new();
    let closed = last.clone();
    // Probes and scrapers are few: the descriptors are for the public.
    let few = Limits { connections: 64, ..Limits::default() };
    let inside = tokio::spawn(serve_within(inside, admin, async move { closed.cancelled().await }, Duration::from_secs(1), few));
    tracing::info!(listen = %address, admin_listen = %admin_address, "serving");
    let ended = public.await;
    worker.stop(grace).await;
    last.cancel();
    let _ = inside.await;
    app.db.close().await;
    tracing::info!("stopped");
    ended.map_err(Failure::error)
}

async fn bind(address: SocketAddr, key: &str) -> Result<(TcpListener, SocketAddr), Failure> {
    let bound = TcpListener::bind(address).await.and_then(|l| l.local_addr().map(|a| (l, a)));
    bound.map_err(|e| Failure::Error(format!("{key}: {address}: {e}")))
}

/// Passkeys are bound to the RP ID of the first start.
async fn hold_rp_id(app: &App, accept_loss: bool) -> Result<(), Failure> {
    let Some(party) = party::of(&app.config) else { return Ok(()) };
    let mut tx = app.db.begin().await.map_err(Failure::error)?;
    let held = party::hold(&mut tx, &app.ctx(Actor::System), party.id(), accept_loss).await.map_err(Failure::error)?;
    tx.commit().await.map_err(Failure::error)?;
    held.map_err(Failure::error)
}

/// What is served, in one block.
fn announce(app: &App, listen: SocketAddr, admin: SocketAddr) {
    let config = &app.config;
    let issuer = config.server.issuer.as_str().trim_end_matches('/');
    let key = app.keyring().signing(crate::crypto::Algorithm::ES256).map(|k| k.kid().to_owned()).unwrap_or_default();
    let relays: Vec<&str> = config.mail.relays.iter().map(|r| r.host.as_str()).collect();
    let mail = if relays.is_empty() { "no relay: nobody can receive a code".to_owned() } else { relays.join(", then ") };
    let block = list(&[
        ("issuer", issuer.to_owned()),
        ("configuration", format!("{issuer}/.well-known/openid-configuration")),
        ("environment", config.server.environment.name().to_owned()),
        ("listens", listen.to_string()),
        ("health, metrics", admin.to_string()),
        ("database", engine(config)),
        ("mail", mail),
        ("clients", app.clients().all().len().to_string()),
        ("signing key", key),
    ]);
    message(format_args!("guichet {}\n\n{block}\n", env!("CARGO_PKG_VERSION")));
    if config.server.environment == Environment::Production && !listen.ip().is_loopback() {
        message("Note: this listener speaks plain http; only the reverse proxy that ends TLS should reach it.\n");
    }
}

/// Cancelled by SIGTERM or SIGINT; a second one ends the process at once.
fn on_signal() -> Result<CancellationToken, Failure> {
    let token = CancellationToken::new();
    let told = token.clone();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate()).map_err(Failure::error)?;
        let mut int = signal(SignalKind::interrupt()).map_err(Failure::error)?;
        tokio::spawn(async move {
            for first in [true, false] {
                tokio::select! {
                    _ = term.recv() => {}
                    _ = int.recv() => {}
                }
                if first {
                    tracing::info!("stopping");
                    told.cancel();
                } else {
                    std::process::exit(130);
                }
            }
        });
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        told.cancel();
    });
    Ok(token)
}
