//! The listener: HTTP/1.1 and HTTP/2, bounded in connections and in the time that anything may take to come, stopped gracefully.

use std::convert::Infallible;
use std::fmt::Display;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::response::Response;
use axum::{BoxError, Router};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulConnection;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Sleep, sleep, timeout};
use tower::ServiceExt as _;

use super::extract::body::Late;

const MAX_HEADERS: usize = 64 * 1024;

/// What was answered may still have to leave when the server stops.
const LINGER: Duration = Duration::from_secs(1);

/// Descriptors left to the rest of the server: database, mail, calls to providers.
const RESERVED: usize = 256;

/// What a listener bears.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long the first request's headers may take, from the opening of the connection on.
    pub head: Duration,
    /// How long a body may take, from the moment it has to be waited for.
    pub body: Duration,
    /// How long a connection that served may stay without a request before it is closed. Longer than the clients of services keep
    /// one (a minute and a half, most of the time): whoever asks at the very moment when it closes gets no answer, so that it is
    /// for them to close it.
    pub idle: Duration,
    /// Connections open at once; others wait their turn in the queue of the system.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(15),
            idle: Duration::from_secs(120),
            connections: descriptors().saturating_sub(RESERVED).clamp(64, 8_192),
        }
    }
}

/// How many files this process may have open.
#[cfg(unix)]
fn descriptors() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
fn descriptors() -> usize {
    usize::MAX
}

/// Serves until `stop` resolves, then lets requests in hand finish within `grace`.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>, grace: Duration) {
    serve_within(listener, router, stop, grace, Limits::default()).await;
}

/// The same, within limits of one's own.
pub async fn serve_within(listener: TcpListener, router: Router, stop: impl Future<Output = ()>, grace: Duration, limits: Limits) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.idle).max_buf_size(MAX_HEADERS);
    builder.http2().timer(TokioTimer::new()).max_header_list_size(MAX_HEADERS as u32).keep_alive_interval(Duration::from_secs(30));
    let slots = Arc::new(Semaphore::new(limits.connections));
    let (stopping, _) = watch::channel(());
    let mut full = false;
    tokio::pin!(stop);
    loop {
        let next = async {
            let slot = slots.clone().acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(e) => {
                // Out of descriptors, most often: wait for some to be given back.
                tracing::warn!(error = %e, "accept failed");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Said once, not at each of the connections that follow one another there.
        let free = slots.available_permits();
        if free == 0 && !full {
            tracing::warn!(connections = limits.connections, "as many connections as may be are open: others wait");
        }
        full = free == 0 || (full && free < limits.connections / 10);
        let _ = stream.set_nodelay(true);
        let life = Arc::new(Life::default());
        let (router, alive) = (router.clone(), life.clone());
        let service =
            service_fn(move |request: http::Request<Incoming>| answer(router.clone(), request, peer, InHand::new(&alive), limits.body));
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let told = stopping.subscribe();
        tokio::spawn(async move {
            hold(connection, &life, told, limits, grace).await;
            drop(slot);
        });
    }
    drop(listener);
    // Nobody listens when no connection is open.
    let _ = stopping.send(());
    // Each connection keeps to the grace by itself.
    let _ = timeout(grace.saturating_add(LINGER), stopping.closed()).await;
}

async fn answer(
    router: Router,
    mut request: http::Request<Incoming>,
    peer: SocketAddr,
    in_hand: InHand,
    within: Duration,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(request.map(|body| timed(body, within))).await;
    drop(in_hand);
    response
}

/// Serves a connection to its end: its own, that of its time, or that of the server.
async fn hold<C>(connection: C, life: &Life, mut told: watch::Receiver<()>, limits: Limits, grace: Duration)
where
    C: GracefulConnection,
    C::Error: Display,
{
    tokio::pin!(connection);
    let (mut seen, mut wait) = (0, limits.head);
    let stops = loop {
        tokio::select! {
            biased;
            ended = &mut connection => {
                if let Err(e) = ended {
                    tracing::debug!(error = %e, "connection ended");
                }
                return;
            }
            _ = told.changed() => break true,
            () = sleep(wait) => {}
        }
        let begun = life.begun.load(Ordering::Relaxed);
        if begun == 0 {
            // Nothing came of it: not even the protocol is known, which hyper would wait for without end.
            return;
        }
        if begun == seen && !life.is_busy() {
            break false;
        }
        (seen, wait) = (begun, limits.idle);
    };
    connection.as_mut().graceful_shutdown();
    let linger = LINGER.min(grace);
    // Dropping it closes it: half a head, or a client that does not read, is not waited for.
    if timeout(linger, &mut connection).await.is_err()
        && life.is_busy()
        && timeout(grace.saturating_sub(linger), &mut connection).await.is_err()
        && stops
    {
        tracing::warn!("stopped with a request still in hand");
    }
}

/// What has been asked on a connection.
#[derive(Debug, Default)]
struct Life {
    begun: AtomicUsize,
    ended: AtomicUsize,
}

impl Life {
    /// Whether a request is in hand.
    fn is_busy(&self) -> bool {
        self.begun.load(Ordering::Relaxed) != self.ended.load(Ordering::Relaxed)
    }
}

/// A request in hand, answered or given up when this is dropped.
struct InHand(Arc<Life>);

impl InHand {
    fn new(life: &Arc<Life>) -> Self {
        life.begun.fetch_add(1, Ordering::Relaxed);
        Self(life.clone())
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// A body whose end must come in time. One that came with the headers, as most do, costs no timer.
struct Timed {
    body: Incoming,
    within: Duration,
    end: Option<Pin<Box<Sleep>>>,
}

fn timed(body: Incoming, within: Duration) -> Body {
    if body.is_end_stream() { Body::empty() } else { Body::new(Timed { body, within, end: None }) }
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            return Poll::Ready(frame.map(|f| f.map_err(Into::into)));
        }
        let within = this.within;
        let end = this.end.get_or_insert_with(|| Box::pin(sleep(within)));
        end.as_mut().poll(cx).map(|()| Some(Err(Late.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
