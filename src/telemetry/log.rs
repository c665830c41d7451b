//! Logs on standard error: one JSON object a line, or text.

use std::io;

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, FilterFn, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::traces::{self, Tracing};

/// Crates that write whole conversations, with codes and passwords, into their debug logs.
const TALKATIVE: &[&str] = &["lettre", "h2", "hyper", "rustls", "sqlx"];

/// Crates that report what strangers send as errors of ours: what is refused is in the audit trail.
const UNHEARD: &[&str] = &["webauthn_rs_core"];

/// Logs cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The filter does not parse.
    #[error("log filter `{0}`: {1}")]
    Filter(String, String),
    /// Something else in this process already listens to logs.
    #[error("logs are already set up")]
    Twice,
}

/// Sends the logs of this process to standard error. `level` is a filter such as `info` or `guichet=debug,info`.
/// Spans go to `traces`, whatever the level.
pub fn init(level: &str, json: bool, traces: Option<&Tracing>) -> Result<(), Error> {
    subscriber(level, json, io::stderr, traces)?.try_init().map_err(|_| Error::Twice)
}

fn subscriber<W>(level: &str, json: bool, out: W, traces: Option<&Tracing>) -> Result<Box<dyn tracing::Subscriber + Send + Sync>, Error>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let asked = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse(level)
        .map_err(|e| Error::Filter(level.to_owned(), e.to_string()))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(out);
    let lines = if json {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
    } else {
        lines.with_ansi(false).compact().boxed()
    };
    let lines = lines.with_filter(asked.and(discreet()));
    Ok(Box::new(tracing_subscriber::registry().with(lines).with(traces.map(Tracing::layer))))
}

/// Whatever the operator asks, some crates say no more than `info`, and some nothing.
fn discreet() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    filter_fn(|m: &Metadata<'_>| {
        !is_of(m, UNHEARD) && m.target() != traces::TARGET && (*m.level() <= tracing::Level::INFO || !is_of(m, TALKATIVE))
    })
}

fn is_of(m: &Metadata<'_>, crates: &[&str]) -> bool {
    crates.iter().any(|c| m.target().strip_prefix(c).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: &str, json: bool, say: impl FnOnce()) -> String {
        let lines = Lines::default();
        let out = lines.clone();
        tracing::subscriber::with_default(subscriber(level, json, move || out.clone(), None).unwrap(), say);
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_line_is_one_flat_object() {
        let text = logged("info", true, || tracing::info!(target: "http", status = 200, "answered"));
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!((&line["target"], &line["status"], &line["message"]), (&"http".into(), &200.into(), &"answered".into()));
    }

    #[test]
    fn smtp_conversations_never_reach_the_logs() {
        let text = logged("trace", false, || {
            tracing::debug!(target: "lettre::transport::smtp::client", "Wrote: your code is 123456");
            tracing::error!(target: "webauthn_rs_core::internals", "cbor of a stranger, as the code 123456");
            tracing::debug!(target: "guichet::worker", "kept");
        });
        assert!(!text.contains("code is 123456") && !text.contains("code 123456") && text.contains("kept"), "{text}");
    }

    #[test]
    fn a_filter_that_does_not_parse_is_refused() {
        assert!(matches!(subscriber("guichet=loud", true, io::sink, None), Err(Error::Filter(..))));
    }
}
