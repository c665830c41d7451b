//! The listener, over real sockets: what says nothing, or not enough in time, is not waited for.

use std::net::SocketAddr;
use std::time::Duration;

use guichet::web::serve::{Limits, serve_within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::support::{Engine, TestApp};

const MOMENT: Duration = Duration::from_millis(250);
const SOON: Duration = Duration::from_secs(6);
const SHORT: Limits = Limits { head: MOMENT, body: MOMENT, idle: MOMENT, connections: 100 };

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    _app: TestApp,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let app = TestApp::new(Engine::Sqlite).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let told = async move { drop(stopped.await) };
        let task = tokio::spawn(serve_within(listener, guichet::web::router(&app.app), told, Duration::from_secs(20), limits));
        Self { address, stop, task, _app: app }
    }

    async fn open(&self, said: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        stream
    }
}

/// What comes until the connection is closed, which is soon.
async fn rest(mut stream: TcpStream) -> String {
    let mut received = Vec::new();
    let ended = timeout(SOON, stream.read_to_end(&mut received)).await;
    assert!(ended.is_ok(), "still open after {:?}", String::from_utf8_lossy(&received));
    String::from_utf8_lossy(&received).into_owned()
}

fn form(path: &str, length: usize, sent: &str) -> String {
    let kind = "content-type: application/x-www-form-urlencoded";
    format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{kind}\r\ncontent-length: {length}\r\n\r\n{sent}")
}

const GRANT: [&str; 2] = ["grant_type=clie", "nt_credentials"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_without_a_whole_request_is_closed() {
    let server = Server::start(SHORT).await;
    for said in ["", "PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /oauth/jwks HTTP/1.1\r\nhost: x\r\n"] {
        let received = rest(server.open(said).await).await;
        assert!(!received.contains(" 200 "), "{said:?}: {received}");
    }
}

/// Clients that keep connections for a minute would otherwise now and then ask on one that closes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_served_is_kept_longer_than_the_first_headers_may_take() {
    let server = Server::start(Limits { idle: MOMENT * 8, ..SHORT }).await;
    let mut kept = server.open("GET /oauth/jwks HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(kept.read(&mut [0; 8192]).await.unwrap() > 0);
    sleep(MOMENT * 3).await;
    kept.write_all(b"GET /oauth/jwks HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    // Then it says no more, and is closed.
    let answer = rest(kept).await;
    assert!(answer.contains("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_come_is_answered_408() {
    let server = Server::start(SHORT).await;
    let json = rest(server.open(&form("/oauth/token", 1_000, "g")).await).await;
    assert!(json.starts_with("HTTP/1.1 408 ") && json.contains("\"error\":\"invalid_request\""), "{json}");
    for path in ["/oauth/authorize", "/deconnexion"] {
        let page = rest(server.open(&form(path, 1_000, "a")).await).await;
        assert!(page.starts_with("HTTP/1.1 408 ") && page.contains("A908"), "{path}: {page}");
    }
    // One that comes in two parts, in time, is read.
    let mut slow = server.open(&form("/oauth/token", GRANT.concat().len(), GRANT[0])).await;
    sleep(MOMENT / 5).await;
    slow.write_all(GRANT[1].as_bytes()).await.unwrap();
    let answer = rest(slow).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_limit_wait_their_turn() {
    let server = Server::start(Limits { head: MOMENT * 3, connections: 1, ..SHORT }).await;
    let _silent = server.open("").await;
    sleep(MOMENT / 5).await;
    let second = server.open("GET /oauth/jwks HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(timeout(MOMENT, second.peek(&mut [0; 1])).await.is_err(), "served beyond the limit");
    let answer = rest(second).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_waits_for_requests_in_hand_and_nothing_else() {
    let server = Server::start(Limits::default()).await;
    let (silent, half) = (server.open("").await, server.open("GET / HTTP/1.1\r\n").await);
    let mut idle = server.open("GET /oauth/jwks HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(idle.read(&mut [0; 64]).await.unwrap() > 0);
    let mut slow = server.open(&form("/oauth/token", GRANT.concat().len(), GRANT[0])).await;
    sleep(MOMENT / 5).await;
    server.stop.send(()).unwrap();
    for connection in [silent, idle, half] {
        rest(connection).await;
    }
    assert!(!server.task.is_finished(), "a request is in hand");
    slow.write_all(GRANT[1].as_bytes()).await.unwrap();
    let answer = rest(slow).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    timeout(SOON, server.task).await.expect("stops").unwrap();
}
