//! An HTTP gateway of short messages written by hand: what it is asked is kept, what it answers is the test's choice.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// A request as it was received.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

#[derive(Debug)]
struct State {
    status: u16,
    answer: &'static str,
    location: Option<String>,
    pause: Duration,
    asked: Vec<Asked>,
}

/// The gateway. It listens as long as the runtime of the test lives.
#[derive(Debug, Clone)]
pub struct HttpGateway {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl HttpGateway {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { status: 202, answer: r#"{"status":"accepted"}"#, location: None, pause: Duration::ZERO, asked: Vec::new() };
        let this = Self { port, state: Arc::new(Mutex::new(state)) };
        let served = this.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let gateway = served.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| gateway.clone().answer(request));
                    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        this
    }

    pub fn url(&self, path: &str) -> url::Url {
        format!("http://127.0.0.1:{}{path}", self.port).parse().unwrap()
    }

    /// From now on it answers this.
    pub fn turn(&self, status: u16, answer: &'static str) {
        let mut state = self.state.lock().unwrap();
        (state.status, state.answer, state.location) = (status, answer, None);
    }

    /// From now on it sends elsewhere.
    pub fn redirect(&self, to: &str) {
        let mut state = self.state.lock().unwrap();
        (state.status, state.location) = (307, Some(to.to_owned()));
    }

    pub fn pause(&self, pause: Duration) {
        self.state.lock().unwrap().pause = pause;
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map(|b| b.to_bytes()).unwrap_or_default();
        let text = |v: &hyper::header::HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
        let headers = parts.headers.iter().map(|(n, v)| (n.to_string(), text(v))).collect();
        let (status, answer, location, pause) = {
            let mut state = self.state.lock().unwrap();
            let body = String::from_utf8_lossy(&body).into_owned();
            state.asked.push(Asked { path: parts.uri.to_string(), headers, body });
            (state.status, state.answer, state.location.clone(), state.pause)
        };
        tokio::time::sleep(pause).await;
        let mut response = Response::new(Full::new(Bytes::from_static(answer.as_bytes())));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        if let Some(to) = location {
            response.headers_mut().insert("location", to.parse().unwrap());
        }
        Ok(response)
    }
}
