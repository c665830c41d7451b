//! Traces: OpenTelemetry spans, sent in batches over OTLP (HTTP, protobuf). Without `traces.endpoint` none are made.
//!
//! Spans hold routes, statuses and durations, and the request id that error pages show; never an address of a person, a
//! query string or a secret.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use http::{HeaderMap, Request, Response};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{SpanKind, TracerProvider as _};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// Target of the spans that are sent, and of nothing else.
pub const TARGET: &str = "traces";

const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Traces cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("traces: {0}")]
pub struct Error(String);

/// Where spans go.
#[derive(Debug, Clone)]
pub struct Tracing(SdkTracerProvider);

impl Tracing {
    /// Spans of a share `ratio` of the requests, from 0 to 1, sent to `endpoint`. To be called within the runtime that will
    /// send them.
    pub fn new(endpoint: &url::Url, ratio: f64) -> Result<Self, Error> {
        let said = |e: &dyn fmt::Display| Error(e.to_string());
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(ANSWERS_WITHIN).user_agent("guichet");
        let client = Sender { client: client.build().map_err(|e| said(&e))?, runtime: tokio::runtime::Handle::current() };
        let exporter = SpanExporter::builder().with_http().with_http_client(client).with_endpoint(endpoint.as_str());
        let provider = SdkTracerProvider::builder()
            .with_resource(Resource::builder().with_service_name("guichet").build())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio))))
            .with_batch_exporter(exporter.build().map_err(|e| said(&e))?);
        Ok(Self(provider.build()))
    }

    /// What makes spans of this process's.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let tracer = self.0.tracer("guichet");
        let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false).with_target(false);
        layer.with_filter(filter_fn(|m| m.target() == TARGET))
    }

    /// Sends what is left. Waits for the collector: not for a thread of the runtime.
    pub fn finish(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(Duration::from_secs(2)) {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// The span of a request. Continues the trace of `headers`, when they come from a trusted proxy.
pub fn request(method: &http::Method, route: &str, request_id: &str, headers: Option<&HeaderMap>) -> Span {
    let span = tracing::info_span!(
        target: TARGET, "request", otel.name = format_args!("{method} {route}"), otel.kind = ?SpanKind::Server,
        http.request.method = %method, http.route = route, guichet.request_id = request_id,
        http.response.status_code = tracing::field::Empty, otel.status_code = tracing::field::Empty
    );
    if let Some(headers) = headers.filter(|_| !span.is_disabled()) {
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Carrier(headers)));
    }
    span
}

/// A part of the request in hand whose duration is worth knowing: lasts until it is dropped.
pub fn part(name: &'static str) -> Span {
    tracing::info_span!(target: TARGET, "part", otel.name = name)
}

/// The outcome of a request.
pub fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

struct Carrier<'a>(&'a HeaderMap);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|v| v.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}

/// Sends batches from the runtime: they are made on a thread of their own, which has none.
#[derive(Debug)]
struct Sender {
    client: reqwest::Client,
    runtime: tokio::runtime::Handle,
}

impl HttpClient for Sender {
    fn send_bytes<'a, 's>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 's>>
    where
        'a: 's,
        Self: 's,
    {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let answer = client.execute(request.try_into()?).await?;
            let status = answer.status();
            // What the collector says is of no use here.
            drop(answer);
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = status;
            Ok::<_, HttpError>(response)
        });
        Box::pin(async move { sent.await? })
    }
}
