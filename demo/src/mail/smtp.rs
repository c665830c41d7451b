//! A small SMTP receiver (RFC 5321, with SIZE, PIPELINING, 8BITMIME, SMTPUTF8): enough for any
//! client to hand over a message, with every input bounded.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::store::Store;
use super::{Message, wire};
use crate::clock::Now;
use wire::{Data, Line};

/// Largest message, in bytes, announced as SIZE.
pub(super) const MAX_SIZE: usize = 5 * 1024 * 1024;
/// Most recipients of one message (RFC 5321 §4.5.3.1.8 asks for at least 100).
const MAX_RECIPIENTS: usize = 100;
/// Silence allowed between two commands, and time allowed for one DATA.
const PATIENCE: Duration = Duration::from_secs(60);
/// Conversations at once; more wait their turn.
const MAX_CONVERSATIONS: usize = 64;
/// Wrong commands before we hang up.
const MAX_ERRORS: u32 = 20;

/// How a message is refused on purpose, at the end of DATA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `451`: the sender should try again later.
    Temporary,
    /// `550`: the sender should give up.
    Permanent,
}

/// The receiver: shared by every conversation.
pub(super) struct Smtp {
    store: Arc<Store>,
    now: Now,
    faults: Mutex<(u32, Fault)>,
}

/// What the client has said so far about the message it wants to hand over.
#[derive(Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

/// What to do after a command.
enum Next {
    Reply(&'static str),
    Data,
    Quit,
}

impl Smtp {
    pub fn new(store: Arc<Store>, now: Now) -> Self {
        Self { store, now, faults: Mutex::new((0, Fault::Temporary)) }
    }

    pub fn fail_next(&self, count: u32, fault: Fault) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = (count, fault);
    }

    /// Accepts conversations until aborted.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        let seats = Arc::new(Semaphore::new(MAX_CONVERSATIONS));
        loop {
            let Ok(seat) = seats.clone().acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let smtp = self.clone();
                    tokio::spawn(async move {
                        if let Err(error) = smtp.converse(stream).await {
                            tracing::debug!(%error, "SMTP conversation broken off");
                        }
                        drop(seat);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "SMTP accept failed");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    async fn converse(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.split();
        let mut read = BufReader::new(read);
        let mut envelope = Envelope::default();
        let mut greeted = false;
        let mut errors = 0;
        reply(&mut write, "220 mail.localhost ESMTP Guichet demo").await?;
        loop {
            let line = match timeout(PATIENCE, wire::read_line(&mut read)).await {
                Err(_) => return reply(&mut write, "421 4.4.2 timeout").await,
                Ok(line) => line?,
            };
            let next = match line {
                Line::End => return Ok(()),
                Line::TooLong => Next::Reply("500 5.5.6 line too long"),
                Line::Text(line) => envelope.command(&line, &mut greeted),
            };
            let answer = match next {
                Next::Reply(answer) => answer,
                Next::Quit => return reply(&mut write, "221 2.0.0 bye").await,
                Next::Data => self.data(&mut read, &mut write, std::mem::take(&mut envelope)).await?,
            };
            reply(&mut write, answer).await?;
            errors += u32::from(answer.starts_with('5'));
            if errors > MAX_ERRORS {
                return reply(&mut write, "421 4.7.0 too many errors").await;
            }
        }
    }

    /// Receives the message itself and answers for it.
    async fn data<R, W>(&self, read: &mut R, write: &mut W, envelope: Envelope) -> std::io::Result<&'static str>
    where
        R: AsyncBufRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        reply(write, "354 end with <CRLF>.<CRLF>").await?;
        let data =
            timeout(PATIENCE, wire::read_data(read, MAX_SIZE)).await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
        let Data::Whole(raw) = data else {
            return Ok("552 5.3.4 message too large");
        };
        if let Some(fault) = self.take_fault() {
            return Ok(match fault {
                Fault::Temporary => "451 4.3.0 refused on purpose, try again",
                Fault::Permanent => "550 5.7.1 refused on purpose",
            });
        }
        let from = envelope.from.unwrap_or_default();
        let id = self.store.push(Message::decode(&from, envelope.to, raw, (self.now)()));
        tracing::debug!(id, "message caught");
        Ok("250 2.0.0 caught")
    }

    fn take_fault(&self) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, fault) = *faults;
        faults.0 = left.checked_sub(1)?;
        Some(fault)
    }
}

impl Envelope {
    /// One command line, without its line ending.
    fn command(&mut self, line: &str, greeted: &mut bool) -> Next {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let answer = match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" if rest.trim().is_empty() => "501 5.5.4 say who you are",
            verb @ ("EHLO" | "HELO") => {
                *self = Self::default();
                *greeted = true;
                if verb == "EHLO" { EXTENSIONS } else { "250 mail.localhost" }
            }
            "MAIL" if !*greeted => "503 5.5.1 EHLO first",
            "MAIL" => self.mail(rest),
            "RCPT" => self.rcpt(rest),
            "DATA" if self.to.is_empty() => "503 5.5.1 MAIL and RCPT first",
            "DATA" => return Next::Data,
            "RSET" => {
                *self = Self::default();
                "250 2.0.0 forgotten"
            }
            "NOOP" => "250 2.0.0 fine",
            "VRFY" => "252 2.1.5 try it",
            "QUIT" => return Next::Quit,
            _ => "502 5.5.1 unknown command",
        };
        Next::Reply(answer)
    }

    fn mail(&mut self, rest: &str) -> &'static str {
        if self.from.is_some() {
            return "503 5.5.1 one sender only";
        }
        let Some((address, parameters)) = wire::path(rest, "FROM:") else {
            return "501 5.1.7 MAIL FROM:<address>";
        };
        let size =
            parameters.split_ascii_whitespace().filter_map(|p| p.to_ascii_uppercase().strip_prefix("SIZE=").map(str::to_owned)).next();
        if size.is_some_and(|size| size.parse().map_or(true, |size: usize| size > MAX_SIZE)) {
            return "552 5.3.4 message too large";
        }
        self.from = Some(address);
        "250 2.1.0 ok"
    }

    fn rcpt(&mut self, rest: &str) -> &'static str {
        if self.from.is_none() {
            return "503 5.5.1 MAIL first";
        }
        match wire::path(rest, "TO:") {
            Some((address, _)) if address.contains('@') => {
                if self.to.len() >= MAX_RECIPIENTS {
                    return "452 4.5.3 too many recipients";
                }
                let address = address.to_lowercase();
                if !self.to.contains(&address) {
                    self.to.push(address);
                }
                "250 2.1.5 ok"
            }
            _ => "501 5.1.3 RCPT TO:<address>",
        }
    }
}

/// The answer to EHLO; `SIZE` is checked against [`MAX_SIZE`] by a test.
const EXTENSIONS: &str =
    "250-mail.localhost\r\n250-SIZE 5242880\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8";

async fn reply<W: AsyncWrite + Unpin>(write: &mut W, text: &str) -> std::io::Result<()> {
    write.write_all(format!("{text}\r\n").as_bytes()).await?;
    write.flush().await
}

#[cfg(test)]
mod tests {
    use super::{EXTENSIONS, MAX_SIZE};

    #[test]
    fn the_size_announced_is_the_size_accepted() {
        assert!(EXTENSIONS.contains(&format!("SIZE {MAX_SIZE}\r\n")));
    }
}
