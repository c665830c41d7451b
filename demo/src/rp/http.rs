//! The HTTP client given to `openidconnect`: no redirects, no proxy, time and size limits.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// Largest answer accepted, in bytes.
const MAX_BODY: usize = 1024 * 1024;

#[derive(Clone)]
pub(super) struct HttpClient(reqwest::Client);

/// Why a call to the hub gave nothing usable.
#[derive(Debug)]
pub(super) enum HttpError {
    Reqwest(reqwest::Error),
    Http(::http::Error),
    TooLarge,
}

impl std::fmt::Display for HttpError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reqwest(error) => write!(f, "{error}"),
            Self::Http(error) => write!(f, "{error}"),
            Self::TooLarge => write!(f, "answer larger than {MAX_BODY} bytes"),
        }
    }
}

impl std::error::Error for HttpError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Reqwest(error) => Some(error),
            Self::Http(error) => Some(error),
            Self::TooLarge => None,
        }
    }
}

impl HttpClient {
    /// `resolve` names hosts whose address is known without DNS.
    pub fn new(resolve: &[(String, SocketAddr)]) -> anyhow::Result<Self> {
        // reqwest is built without a TLS provider; a second install is refused and harmless.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(10))
            .user_agent("guichet-demo");
        for (host, addr) in resolve {
            builder = builder.resolve(host, *addr);
        }
        Ok(Self(builder.build()?))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = request.try_into().map_err(HttpError::Reqwest)?;
        let mut response = self.0.execute(request).await.map_err(HttpError::Reqwest)?;
        let mut answer = ::http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            *headers = response.headers().clone();
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(HttpError::Reqwest)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        answer.body(body).map_err(HttpError::Http)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
