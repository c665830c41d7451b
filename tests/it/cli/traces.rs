//! Traces, as a collector receives them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::{Folder, Server};

/// A collector: what is posted to it, whole.
fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let (told, posts) = channel();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let mut reader = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                    break;
                }
                if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = n.trim().parse().unwrap();
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            if reader.read_exact(&mut body).is_err() || told.send((head, body)).is_err() {
                return;
            }
            let _ = reader.into_inner().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (endpoint, posts)
}

fn holds(body: &[u8], bytes: &[u8]) -> bool {
    body.windows(bytes.len()).any(|w| w == bytes)
}

#[test]
fn requests_are_traced_without_the_address_of_anybody() {
    const PARENT: [u8; 16] = *b"\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c";
    let (endpoint, posts) = collector();
    let folder = Folder::new();
    let settings = [
        ("GUICHET__TRACES__ENDPOINT", endpoint.as_str()),
        ("GUICHET__SERVER__TRUSTED_PROXIES", "['127.0.0.1/32']"),
        ("GUICHET__LOG__LEVEL", "warn"),
    ];
    let mut server = Server::start(&folder, &settings);
    server.token("camille@boulangerie.example", "secret-of-camille");
    let parent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let from = "x-forwarded-for: 203.0.113.9";
    let request = format!(
        "GET /connexion?courriel=camille HTTP/1.1\r\nhost: localhost:{}\r\n{parent}\r\n{from}\r\nconnection: close\r\n\r\n",
        server.port
    );
    assert!(server.send(server.port, &request).unwrap().contains(" 200 "));
    server.tell("-TERM");
    assert_eq!(server.wait(), Some(0));

    let mut sent = Vec::new();
    while let Ok((head, body)) = posts.recv_timeout(Duration::from_secs(1)) {
        assert!(head.starts_with("POST /v1/traces ") && head.contains("application/x-protobuf"), "{head}");
        sent.extend(body);
    }
    for told in ["GET /connexion", "POST /oauth/token", "http.response.status_code", "guichet.request_id", "transaction"] {
        assert!(holds(&sent, told.as_bytes()), "{told}");
    }
    assert!(holds(&sent, &PARENT), "the trace of the proxy goes on");
    for kept in ["camille", "secret-of", "203.0.113.9", "courriel"] {
        assert!(!holds(&sent, kept.as_bytes()), "{kept}");
    }
}

#[test]
fn strangers_join_no_trace_and_without_a_collector_none_is_made() {
    let (endpoint, posts) = collector();
    let folder = Folder::new();
    let parent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for settings in [&[("GUICHET__TRACES__ENDPOINT", endpoint.as_str())][..], &[]] {
        let mut server = Server::start(&folder, settings);
        let request = format!("GET /connexion HTTP/1.1\r\nhost: localhost:{}\r\n{parent}\r\nconnection: close\r\n\r\n", server.port);
        assert!(server.send(server.port, &request).unwrap().contains(" 200 "));
        server.tell("-TERM");
        assert_eq!(server.wait(), Some(0));
    }
    let mut sent = Vec::new();
    while let Ok((_, body)) = posts.recv_timeout(Duration::from_secs(1)) {
        sent.extend(body);
    }
    assert!(!holds(&sent, b"\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c"));
    let requests = sent.windows(b"GET /connexion".len()).filter(|w| *w == b"GET /connexion").count();
    assert_eq!(requests, 1, "of the one that was told where to send them");
}
