//! A mail catcher: accepts anything over real SMTP on a loopback port, keeps the last messages in
//! memory, and shows them on a web page and over JSON. It delivers nothing anywhere.

mod code;
mod message;
mod smtp;
mod store;
mod web;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::AbortHandle;

pub use code::find_code;
pub use message::Message;
pub use smtp::Fault;

use crate::clock::{self, Now};
use smtp::Smtp;
use store::Store;

/// A running mail catcher. Cloning shares it; the SMTP listener stops when the last clone drops.
#[derive(Clone)]
pub struct MailCatcher {
    smtp_addr: SocketAddr,
    smtp: Arc<Smtp>,
    store: Arc<Store>,
    _listener: Arc<StopOnDrop>,
}

struct StopOnDrop(AbortHandle);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl MailCatcher {
    /// Listens for SMTP on `addr` (port 0 picks a free one) and stamps messages with the
    /// machine's clock. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When `addr` cannot be bound.
    pub async fn start(addr: SocketAddr) -> std::io::Result<Self> {
        Self::start_at(addr, clock::system()).await
    }

    /// As [`MailCatcher::start`], with messages stamped by `now`.
    ///
    /// # Errors
    /// When `addr` cannot be bound.
    pub async fn start_at(addr: SocketAddr, now: Now) -> std::io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let smtp_addr = listener.local_addr()?;
        let store = Arc::new(Store::default());
        let smtp = Arc::new(Smtp::new(store.clone(), now));
        let task = tokio::spawn(smtp.clone().serve(listener));
        Ok(Self { smtp_addr, smtp, store, _listener: Arc::new(StopOnDrop(task.abort_handle())) })
    }

    /// Where SMTP is listening.
    pub fn smtp_addr(&self) -> SocketAddr {
        self.smtp_addr
    }

    /// The web pages and `/api/messages`, to be served on the `mail` host.
    pub fn router(&self) -> axum::Router {
        web::router(self.store.clone())
    }

    /// The newest message whose envelope names `to` (letter case ignored) and whose id is greater
    /// than `after` (0 for any); waits up to `timeout` for one to arrive.
    pub async fn wait_for(&self, to: &str, after: u64, timeout: Duration) -> Option<Arc<Message>> {
        self.store.wait(Some(to), after, timeout).await.into_iter().next()
    }

    /// Messages kept, newest first, for `to` only when given.
    pub fn messages(&self, to: Option<&str>) -> Vec<Arc<Message>> {
        self.store.list(to, 0)
    }

    /// The id of the newest message, 0 when none ever came: what to pass as `after` to wait for
    /// a message provoked from now on.
    pub fn last_id(&self) -> u64 {
        self.store.last_id()
    }

    /// Makes the next `count` messages fail at the end of DATA, to exercise retries.
    pub fn fail_next(&self, count: u32, fault: Fault) {
        self.smtp.fail_next(count, fault);
    }
}
