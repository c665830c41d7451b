//! A gateway of short messages that speaks HTTP over TLS, with a certificate of its own small authority.

use std::io::{BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::X509;

use super::smtp_tls::certificate;

/// The gateway; its thread ends with the process.
pub struct TlsGateway {
    port: u16,
    authority: X509,
    heard: Arc<Mutex<Vec<String>>>,
}

impl TlsGateway {
    /// Its certificate is for `name`.
    pub fn start(name: &str) -> Self {
        let (authority_key, authority) = certificate("Authority", None);
        let (key, leaf) = certificate(name, Some((&authority_key, &authority)));
        let mut acceptor = SslAcceptor::mozilla_modern_v5(SslMethod::tls()).unwrap();
        acceptor.set_private_key(&key).unwrap();
        acceptor.set_certificate(&leaf).unwrap();
        let acceptor = acceptor.build();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Ok(mut tls) = acceptor.accept(stream) else { continue };
                let Some(body) = request(&mut BufReader::new(&mut tls)) else { continue };
                kept.lock().unwrap().push(body);
                let _ = tls.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
                let _ = tls.shutdown();
            }
        });
        Self { port, authority, heard }
    }

    /// Its address, under the name `localhost`.
    pub fn url(&self) -> url::Url {
        format!("https://localhost:{}/send", self.port).parse().unwrap()
    }

    /// The certificate of its authority, kept in `folder`.
    pub fn authority(&self, folder: &Path) -> PathBuf {
        let file = folder.join("authority.pem");
        std::fs::write(&file, self.authority.to_pem().unwrap()).unwrap();
        file
    }

    /// The bodies that arrived.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// The body of one request, by its announced length.
fn request(stream: &mut impl std::io::BufRead) -> Option<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok()?,
            Some(_) => {}
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    String::from_utf8(body).ok()
}
