//! A mail relay written by hand: what it hears is kept, what it answers is the test's choice.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet::config::{Protection, Relay};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Where in a conversation the relay departs from accepting everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Greeting,
    Auth,
    Recipient,
    Body,
}

/// What the relay says there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Accepts everything.
    Friendly,
    /// Answers with this line at this point.
    Says(At, &'static str),
    /// Closes the connection there, after taking what came before.
    HangsUp(At),
}

/// A mail as it was received.
#[derive(Debug, Clone)]
pub struct Received {
    pub from: String,
    pub to: String,
    /// Headers and body, line ends as `\n`.
    pub raw: String,
}

#[derive(Debug)]
struct State {
    mood: Mood,
    /// Lines heard, bodies excepted.
    heard: Vec<String>,
    mails: Vec<Received>,
    /// Taken before each answer to a body.
    pause: Duration,
}

/// The relay. It listens as long as the runtime of the test lives.
#[derive(Debug, Clone)]
pub struct Smtp {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Smtp {
    pub async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { mood, heard: Vec::new(), mails: Vec::new(), pause: Duration::ZERO };
        let this = Self { port, state: Arc::new(Mutex::new(state)) };
        let served = this.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let relay = served.clone();
                tokio::spawn(async move {
                    let _ = relay.converse(stream).await;
                });
            }
        });
        this
    }

    /// The relay in a configuration.
    pub fn relay(&self) -> Relay {
        Relay { host: "127.0.0.1".into(), port: Some(self.port), protection: Protection::None, ..Relay::default() }
    }

    pub fn turn(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    pub fn pause(&self, pause: Duration) {
        self.state.lock().unwrap().pause = pause;
    }

    pub fn mails(&self) -> Vec<Received> {
        self.state.lock().unwrap().mails.clone()
    }

    pub fn heard(&self) -> Vec<String> {
        self.state.lock().unwrap().heard.clone()
    }

    /// Waits until so many mails are there.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        for _ in 0..400 {
            if self.mails().len() >= count {
                return self.mails();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} mails instead of {count}", self.mails().len());
    }

    async fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        if !self.answer(&mut stream, Some(At::Greeting), "220 relay.example").await? {
            return Ok(());
        }
        let (mut from, mut to) = (String::new(), String::new());
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let said = line.trim_end().to_owned();
            self.state.lock().unwrap().heard.push(said.clone());
            let verb = said.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let (at, answer) = match verb.as_str() {
                "EHLO" => (None, "250-relay.example\r\n250 AUTH PLAIN"),
                "AUTH" => (Some(At::Auth), "235 welcome"),
                "MAIL" => {
                    from = path(&said);
                    (None, "250 sender")
                }
                "RCPT" => {
                    to = path(&said);
                    (Some(At::Recipient), "250 recipient")
                }
                "DATA" => {
                    self.answer(&mut stream, None, "354 go on").await?;
                    let raw = body(&mut stream).await?;
                    let pause = self.state.lock().unwrap().pause;
                    tokio::time::sleep(pause).await;
                    if self.state.lock().unwrap().mood == Mood::Friendly {
                        self.state.lock().unwrap().mails.push(Received { from: from.clone(), to: to.clone(), raw });
                    }
                    (Some(At::Body), "250 taken")
                }
                "QUIT" => {
                    self.answer(&mut stream, None, "221 bye").await?;
                    return Ok(());
                }
                _ => (None, "502 what?"),
            };
            if !self.answer(&mut stream, at, answer).await? {
                return Ok(());
            }
        }
    }

    /// False when the relay hangs up instead.
    async fn answer(&self, stream: &mut BufReader<TcpStream>, at: Option<At>, usual: &str) -> std::io::Result<bool> {
        let mood = self.state.lock().unwrap().mood;
        let answer = match mood {
            Mood::Says(there, answer) if Some(there) == at => answer,
            Mood::HangsUp(there) if Some(there) == at => return Ok(false),
            _ => usual,
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        Ok(true)
    }
}

async fn body(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut raw = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(raw.replace("\r\n", "\n"));
        }
        raw.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn path(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

impl Received {
    /// A header, unfolded, its encoded words read.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.raw.split("\n\n").next()?.replace("\n ", " ").replace("\n\t", " ");
        let line = head.lines().find(|l| l.split(':').next().is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
        Some(words(line.split_once(':')?.1.trim()))
    }

    /// The decoded part of this type.
    pub fn part(&self, content_type: &str) -> Option<String> {
        let boundary = self.raw.split("boundary=\"").nth(1)?.split('"').next()?;
        self.raw.split(&format!("--{boundary}")).skip(1).find_map(|part| {
            let (head, body) = part.trim_start_matches('\n').split_once("\n\n")?;
            let head = head.to_ascii_lowercase();
            if !head.contains(&format!("content-type: {content_type}")) {
                return None;
            }
            let bytes = if head.contains("base64") {
                STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?
            } else if head.contains("quoted-printable") {
                quoted(&body.replace("=\n", ""), '=')
            } else {
                body.as_bytes().to_vec()
            };
            String::from_utf8(bytes).ok()
        })
    }
}

/// RFC 2047 words, UTF-8 only.
fn words(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.replace("?= =?", "?==?");
    while let Some((before, encoded)) = rest.split_once("=?utf-8?") {
        let (kind, tail) = encoded.split_once('?').unwrap();
        let (word, after) = tail.split_once("?=").unwrap();
        let bytes = if kind.eq_ignore_ascii_case("b") { STANDARD.decode(word).unwrap() } else { quoted(&word.replace('_', " "), '=') };
        out.push_str(before);
        out.push_str(&String::from_utf8(bytes).unwrap());
        rest = after.to_owned();
    }
    out + &rest
}

fn quoted(text: &str, mark: char) -> Vec<u8> {
    let mut parts = text.split(mark);
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        out.push(u8::from_str_radix(&part[..2], 16).unwrap());
        out.extend_from_slice(&part.as_bytes()[2..]);
    }
    out
}
