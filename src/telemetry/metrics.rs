//! What is counted, in Prometheus' text format. Labels have few values: never a person, never a client.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

const REQUESTS: &str = "guichet_http_requests_total";
const REQUEST_SECONDS: &str = "guichet_http_request_seconds";
const TOKENS: &str = "guichet_tokens_issued_total";
const EVENTS: &str = "guichet_events_total";
const MAILS: &str = "guichet_mails_total";
const SMS: &str = "guichet_sms_total";
const NOTICES: &str = "guichet_notices_total";
const DB_ERRORS: &str = "guichet_db_errors_total";
const PURGED: &str = "guichet_purged_rows_total";
const HASHER_WAITING: &str = "guichet_hasher_waiting";
const HASHER_RUNNING: &str = "guichet_hasher_running";
const OUTBOX_PENDING: &str = "guichet_outbox_pending";
const OUTBOX_DEAD: &str = "guichet_outbox_dead";
const OUTBOX_AGE: &str = "guichet_outbox_oldest_seconds";
const NOTICES_PENDING: &str = "guichet_notices_pending";
const NOTICES_DEAD: &str = "guichet_notices_dead";
const AUDIT_UNSEALED: &str = "guichet_audit_unsealed";
const BUILD: &str = "guichet_build_info";

const SECONDS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to count. Called once at start; before it, counting does nothing.
pub fn install() {
    handle();
}

fn handle() -> Option<&'static PrometheusHandle> {
    HANDLE.get_or_init(|| recorder().inspect_err(|e| tracing::error!(error = %e, "no metrics")).ok()).as_ref()
}

fn recorder() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new().set_buckets(SECONDS)?.install_recorder()?;
    describe_counter!(REQUESTS, "Requests answered, by class of route and status.");
    describe_histogram!(REQUEST_SECONDS, "Time to answer, by class of route.");
    describe_counter!(TOKENS, "Tokens issued, by kind.");
    describe_counter!(EVENTS, "Security events, by kind: session.opened, sign_in.refused …");
    describe_counter!(MAILS, "Mails, by outcome: sent, retried, dead.");
    describe_counter!(SMS, "Short messages, by outcome: sent, retried, dead.");
    describe_counter!(NOTICES, "Notices to services, by kind and outcome: sent, retried, dead.");
    describe_counter!(DB_ERRORS, "Failures of the database, by kind.");
    describe_counter!(PURGED, "Rows removed once past their end, by table.");
    describe_gauge!(HASHER_WAITING, "Password hashes that wait for a slot.");
    describe_gauge!(HASHER_RUNNING, "Password hashes being computed.");
    describe_gauge!(OUTBOX_PENDING, "Jobs of the outbox still to do.");
    describe_gauge!(OUTBOX_DEAD, "Jobs of the outbox given up.");
    describe_gauge!(OUTBOX_AGE, "For how long the oldest due job has been due.");
    describe_gauge!(NOTICES_PENDING, "Notices to services still to send.");
    describe_gauge!(NOTICES_DEAD, "Notices to services given up.");
    describe_gauge!(AUDIT_UNSEALED, "Audit rows not yet part of the chain.");
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

/// Everything counted so far, as text. Starts counting when nothing has.
pub fn render() -> String {
    handle().map(PrometheusHandle::render).unwrap_or_default()
}

/// Folds recorded samples into the histograms; called every few seconds, or they grow.
pub fn upkeep() {
    if let Some(handle) = handle() {
        handle.run_upkeep();
    }
}

/// Measures how long something takes. Nothing is decided by it: decisions use the clock.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins.
    #[allow(clippy::disallowed_methods)] // telemetry only
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the beginning.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A request was answered.
pub fn request(class: &'static str, status: u16, elapsed: Duration) {
    counter!(REQUESTS, "class" => class, "status" => status_label(status)).increment(1);
    histogram!(REQUEST_SECONDS, "class" => class).record(elapsed.as_secs_f64());
}

const fn status_label(status: u16) -> &'static str {
    match status {
        200 => "200",
        303 => "303",
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        429 => "429",
        500 => "500",
        503 => "503",
        other => match other / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        },
    }
}

/// Tokens were issued: `access`, `id`, `refresh`.
pub fn token_issued(kind: &'static str) {
    counter!(TOKENS, "kind" => kind).increment(1);
}

/// A security event was recorded: the name of its kind.
pub fn event(kind: &'static str) {
    counter!(EVENTS, "kind" => kind).increment(1);
}

/// A mail or a short message (by the stored name of its kind) was `sent`, put off (`retried`) or given up (`dead`).
pub fn carried(kind: &'static str, outcome: &'static str) {
    let name = if kind == "sms" { SMS } else { MAILS };
    counter!(name, "outcome" => outcome).increment(1);
}

/// A notice of this kind to a service was `sent`, put off (`retried`) or given up (`dead`).
pub fn notice(kind: &'static str, outcome: &'static str) {
    counter!(NOTICES, "kind" => kind, "outcome" => outcome).increment(1);
}

/// The database failed: `unavailable` or `query`.
pub fn db_error(kind: &'static str) {
    counter!(DB_ERRORS, "kind" => kind).increment(1);
}

/// Rows past their end were removed.
pub fn purged(table: &'static str, rows: u64) {
    counter!(PURGED, "table" => table).increment(rows);
}

/// What is measured when somebody looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Levels {
    /// Hashes waiting, and being computed.
    pub hasher: (usize, usize),
    /// Jobs to do.
    pub outbox_pending: i64,
    /// Jobs given up.
    pub outbox_dead: i64,
    /// For how long the oldest due job has been due.
    pub outbox_oldest: Duration,
    /// Notices to services to send.
    pub notices_pending: i64,
    /// Notices to services given up.
    pub notices_dead: i64,
    /// Audit rows outside the chain.
    pub audit_unsealed: i64,
}

/// Sets the gauges.
#[allow(clippy::cast_precision_loss)] // counts far below 2^52
pub fn levels(now: &Levels) {
    gauge!(HASHER_WAITING).set(now.hasher.0 as f64);
    gauge!(HASHER_RUNNING).set(now.hasher.1 as f64);
    gauge!(OUTBOX_PENDING).set(now.outbox_pending as f64);
    gauge!(OUTBOX_DEAD).set(now.outbox_dead as f64);
    gauge!(OUTBOX_AGE).set(now.outbox_oldest.as_secs_f64());
    gauge!(NOTICES_PENDING).set(now.notices_pending as f64);
    gauge!(NOTICES_DEAD).set(now.notices_dead as f64);
    gauge!(AUDIT_UNSEALED).set(now.audit_unsealed as f64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_rendered_with_its_labels() {
        install();
        request("page", 204, Duration::from_millis(3));
        db_error("unavailable");
        levels(&Levels { hasher: (7, 2), ..Levels::default() });
        let text = render();
        assert!(text.contains(r#"guichet_http_requests_total{class="page",status="2xx"} 1"#), "{text}");
        assert!(text.contains(r#"guichet_http_request_seconds_bucket{class="page",le="0.005"} 1"#), "{text}");
        assert!(text.contains(r#"guichet_db_errors_total{kind="unavailable"}"#));
        assert!(text.contains("guichet_hasher_waiting 7"));
    }
}
