//! A small HTTP/1.1 client: one keep-alive connection, one request at a time, nothing parsed that is not needed.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MAX_RESPONSE: usize = 1 << 20;

/// A response, borrowed from the connection's buffer.
pub struct Response<'a> {
    /// Status.
    pub status: u16,
    head: &'a str,
    /// Body.
    pub body: &'a [u8],
}

impl<'a> Response<'a> {
    /// The values of a header; `name` in lower case.
    pub fn headers(&self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        headers(self.head, name)
    }

    /// The first value of a header.
    pub fn header(&self, name: &'a str) -> Option<&'a str> {
        self.headers(name).next()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body).into_owned()
    }

    /// The response when its status is `status`; otherwise an error that shows it.
    pub fn expect(self, status: u16) -> Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        let text = self.text();
        let start: String = text.chars().take(400).collect();
        bail!("status {} rather than {status}: {} {start}", self.status, self.head.lines().next().unwrap_or_default());
    }

    /// A text member of a JSON body.
    pub fn json(&self, member: &str) -> Result<String> {
        let value: serde_json::Value = serde_json::from_slice(self.body)?;
        let text = value.get(member).and_then(serde_json::Value::as_str);
        text.map(str::to_owned).with_context(|| format!("no {member} in {value}"))
    }
}

fn headers<'a>(head: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
    head.lines().skip(1).filter_map(|line| line.split_once(':')).filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim())
}

/// One connection.
pub struct Connection {
    stream: TcpStream,
    input: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, input: Vec::with_capacity(16 * 1024) })
    }

    /// Sends one whole request and reads its response.
    pub async fn send(&mut self, request: &[u8]) -> Result<Response<'_>> {
        self.stream.write_all(request).await?;
        self.input.clear();
        let (head, length) = loop {
            self.fill().await?;
            if let Some(end) = find(&self.input, b"\r\n\r\n") {
                let head = self.input.get(..end).and_then(|h| std::str::from_utf8(h).ok()).context("unreadable response")?;
                if headers(head, "transfer-encoding").next().is_some() {
                    bail!("a chunked response, which this client does not read");
                }
                let length = headers(head, "content-length").next().map_or(Ok(0), str::parse::<usize>)?;
                break (end, length);
            }
        };
        let end = head + 4 + length;
        while self.input.len() < end {
            self.fill().await?;
        }
        let head = self.input.get(..head).and_then(|h| std::str::from_utf8(h).ok()).context("unreadable response")?;
        let status = head.get(9..12).and_then(|s| s.parse().ok()).context("no status")?;
        let body = self.input.get(end - length..end).unwrap_or_default();
        Ok(Response { status, head, body })
    }

    async fn fill(&mut self) -> Result<()> {
        if self.input.len() > MAX_RESPONSE {
            bail!("the response is too large");
        }
        self.input.reserve(8 * 1024);
        if self.stream.read_buf(&mut self.input).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

/// The bytes of a request. `head` holds further header lines, each ended by CRLF.
pub fn request(out: &mut Vec<u8>, method: &str, target: &str, head: &str, body: &str) {
    use std::io::Write;
    out.clear();
    // Writing to a Vec does not fail.
    let _ = write!(out, "{method} {target} HTTP/1.1\r\nhost: localhost\r\n{head}");
    let _ = match body {
        "" => write!(out, "\r\n"),
        _ => write!(out, "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
    };
}

/// Form-encodes pairs.
pub fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
