//! The mail catcher, spoken to by hand over a socket.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use guichet_demo::mail::{Fault, MailCatcher};
use http_body_util::BodyExt;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tower::ServiceExt;

async fn catcher() -> MailCatcher {
    MailCatcher::start("127.0.0.1:0".parse().unwrap()).await.unwrap()
}

/// A conversation: send a line, read the whole answer, keep its code.
struct Talk(BufReader<TcpStream>);

impl Talk {
    async fn open(addr: SocketAddr) -> Self {
        let mut talk = Self(BufReader::new(TcpStream::connect(addr).await.unwrap()));
        assert_eq!(talk.answer().await, 220);
        talk
    }

    async fn answer(&mut self) -> u16 {
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line).await.unwrap();
            assert!(read > 0, "hung up");
            assert!(line.ends_with("\r\n"), "{line:?}");
            if line.as_bytes()[3] == b' ' {
                return line[..3].parse().unwrap();
            }
        }
    }

    async fn say(&mut self, line: &str) -> u16 {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.answer().await
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.unwrap();
    }

    async fn says(&mut self, lines: &[(&str, u16)]) {
        for (line, expected) in lines {
            assert_eq!(self.say(line).await, *expected, "{line}");
        }
    }

    /// Hands over one message to `to`.
    async fn deliver(&mut self, to: &str, body: &str) -> u16 {
        self.says(&[("MAIL FROM:<hub@sso.example>", 250), (&format!("RCPT TO:<{to}>"), 250), ("DATA", 354)]).await;
        self.say(&format!("{body}\r\n.")).await
    }
}

async fn get(catcher: &MailCatcher, uri: &str) -> (StatusCode, axum::http::HeaderMap, String) {
    let request = Request::get(uri).body(Body::empty()).unwrap();
    let response = catcher.router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

async fn json(catcher: &MailCatcher, uri: &str) -> serde_json::Value {
    let (status, _, body) = get(catcher, uri).await;
    assert_eq!(status, StatusCode::OK);
    serde_json::from_str(&body).unwrap()
}

const MULTIPART: &str = "From: =?utf-8?q?Le_portail_d=C3=A9mo?= <no-reply@sso.example>\r\n\
To: Camille@Boulangerie.example\r\n\
Subject: =?utf-8?q?Votre_code_de_connexion=C2=A0:_123=C2=A0456?=\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/alternative; boundary=\"b\"\r\n\
\r\n\
--b\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Transfer-Encoding: quoted-printable\r\n\
\r\n\
Voici votre code, demand=C3=A9 =C3=A0 l=E2=80=99instant.\r\n\
\r\n\
123=C2=A0456\r\n\
\r\n\
..point seul en t=C3=AAte de ligne\r\n\
--b\r\n\
Content-Type: text/html; charset=utf-8\r\n\
\r\n\
<html><body><p>Code <b>123 456</b></p><script>alert(1)</script></body></html>\r\n\
--b--";

#[tokio::test]
async fn a_message_handed_over_by_smtp_is_decoded_and_found_by_each_recipient() {
    let catcher = catcher().await;
    let mut talk = Talk::open(catcher.smtp_addr()).await;
    talk.says(&[
        ("EHLO client.example", 250),
        ("NOOP", 250),
        ("MAIL FROM:<bounce@sso.example> SIZE=900 BODY=8BITMIME", 250),
        ("RCPT TO:<Camille@Boulangerie.example>", 250),
        ("rcpt to: <dominique@boulangerie.example>", 250),
        ("DATA", 354),
    ])
    .await;
    assert_eq!(talk.say(&format!("{MULTIPART}\r\n.")).await, 250);
    assert_eq!(talk.say("QUIT").await, 221);

    for to in ["camille@boulangerie.example", " CAMILLE@boulangerie.example ", "dominique@boulangerie.example"] {
        let message = catcher.wait_for(to, 0, Duration::ZERO).await.expect(to);
        assert_eq!(message.id, 1);
        assert_eq!(message.from, "no-reply@sso.example");
        assert_eq!(message.to, ["camille@boulangerie.example", "dominique@boulangerie.example"]);
        assert_eq!(message.subject, "Votre code de connexion\u{a0}: 123\u{a0}456");
        assert!(message.text.contains("demandé à l’instant"), "{}", message.text);
        assert!(message.text.contains("\n.point seul"), "{}", message.text);
        assert!(message.html.as_deref().unwrap().contains("<b>123 456</b>"));
        assert_eq!(message.code.as_deref(), Some("123456"));
    }
    assert!(catcher.wait_for("sacha@boulangerie.example", 0, Duration::ZERO).await.is_none());
}

#[tokio::test]
async fn a_text_only_message_has_no_html_and_bytes_that_are_not_mail_are_kept_too() {
    let catcher = catcher().await;
    let mut talk = Talk::open(catcher.smtp_addr()).await;
    assert_eq!(talk.say("HELO client").await, 250);
    assert_eq!(talk.deliver("a@a.example", "Subject: Bonjour\r\n\r\nTexte").await, 250);
    assert_eq!(talk.deliver("a@a.example", "\u{fffd}\u{1}").await, 250);
    let messages = catcher.messages(Some("a@a.example"));
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[1].subject, "Bonjour");
    assert_eq!((messages[1].html.as_deref(), messages[1].code.as_deref()), (None, None));
    assert_eq!(messages[1].from, "hub@sso.example");
}

#[tokio::test]
async fn commands_out_of_order_are_refused_and_rset_forgets_the_envelope() {
    let catcher = catcher().await;
    let mut talk = Talk::open(catcher.smtp_addr()).await;
    talk.says(&[
        ("MAIL FROM:<a@a.example>", 503),
        ("EHLO", 501),
        ("EHLO client", 250),
        ("RCPT TO:<b@b.example>", 503),
        ("DATA", 503),
        ("MAIL FROM:a@a.example", 501),
        ("MAIL FROM:<>", 250),
        ("MAIL FROM:<c@c.example>", 503),
        ("RCPT TO:<nobody>", 501),
        ("RCPT TO:<b@b.example>", 250),
        ("RSET", 250),
        ("DATA", 503),
        ("STARTTLS", 502),
        ("VRFY b", 252),
    ])
    .await;
    assert_eq!(talk.say(&format!("NOOP {}", "x".repeat(4000))).await, 500);
    assert_eq!(talk.say("NOOP").await, 250);
    assert_eq!(catcher.last_id(), 0);
}

#[tokio::test]
async fn a_client_that_only_says_nonsense_is_shown_out() {
    let catcher = catcher().await;
    let mut talk = Talk::open(catcher.smtp_addr()).await;
    let mut last = 0;
    for _ in 0..=20 {
        last = talk.say("NONSENSE").await;
    }
    assert_eq!(last, 502);
    assert_eq!(talk.answer().await, 421);
}

#[tokio::test]
async fn too_large_messages_and_too_many_recipients_are_refused_and_the_conversation_goes_on() {
    let catcher = catcher().await;
    let mut talk = Talk::open(catcher.smtp_addr()).await;
    talk.says(&[("EHLO client", 250), ("MAIL FROM:<a@a.example> SIZE=99999999", 552)]).await;
    let body = "x".repeat(70).to_string() + "\r\n";
    let big = body.repeat(5 * 1024 * 1024 / body.len() + 1);
    assert_eq!(talk.deliver("b@b.example", &big).await, 552);
    assert_eq!(catcher.last_id(), 0);
    assert_eq!(talk.say("MAIL FROM:<a@a.example>").await, 250);
    for n in 0..100 {
        assert_eq!(talk.say(&format!("RCPT TO:<p{n}@b.example>")).await, 250);
    }
    talk.says(&[("RCPT TO:<p100@b.example>", 452), ("DATA", 354), ("Subject: x\r\n\r\nx\r\n.", 250)]).await;
    assert_eq!(catcher.messages(None)[0].to.len(), 100);
}

#[tokio::test]
async fn several_commands_in_one_packet_are_answered_in_order() {
    let catcher = catcher().await;
    let mut talk = Talk::open(catcher.smtp_addr()).await;
    talk.send(b"EHLO c\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n").await;
    for expected in [250, 250, 250, 354] {
        assert_eq!(talk.answer().await, expected);
    }
    talk.send(b"Subject: 654321\r\n\r\n.\r\nQUIT\r\n").await;
    assert_eq!(talk.answer().await, 250);
    assert_eq!(talk.answer().await, 221);
    assert_eq!(catcher.messages(None)[0].code.as_deref(), Some("654321"));
}

#[tokio::test]
async fn faults_on_purpose_refuse_the_next_messages_only() {
    let catcher = catcher().await;
    let mut talk = Talk::open(catcher.smtp_addr()).await;
    assert_eq!(talk.say("EHLO c").await, 250);
    catcher.fail_next(1, Fault::Temporary);
    assert_eq!(talk.deliver("b@b.example", "x").await, 451);
    assert_eq!(talk.deliver("b@b.example", "x").await, 250);
    catcher.fail_next(2, Fault::Permanent);
    assert_eq!(talk.deliver("b@b.example", "x").await, 550);
    assert_eq!(talk.deliver("b@b.example", "x").await, 550);
    assert_eq!(talk.deliver("b@b.example", "x").await, 250);
    assert_eq!(catcher.last_id(), 2);
}

#[tokio::test]
async fn the_listener_stops_with_its_last_handle() {
    let catcher = catcher().await;
    let addr = catcher.smtp_addr();
    drop(catcher);
    for _ in 0..100 {
        if TcpStream::connect(addr).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("still listening");
}

#[tokio::test]
async fn the_json_waits_for_the_message_of_that_recipient() {
    let catcher = catcher().await;
    assert_eq!(json(&catcher, "/api/messages").await, serde_json::json!([]));
    let waiting = tokio::spawn({
        let catcher = catcher.clone();
        async move { json(&catcher, "/api/messages?to=camille%40boulangerie.example&wait=20").await }
    });
    let mut talk = Talk::open(catcher.smtp_addr()).await;
    assert_eq!(talk.say("EHLO c").await, 250);
    assert_eq!(talk.deliver("someone-else@b.example", "x").await, 250);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished(), "a message for someone else ended the wait");
    let begun = Instant::now();
    assert_eq!(talk.deliver("camille@boulangerie.example", MULTIPART).await, 250);
    let list = waiting.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(list.as_array().unwrap().len(), 1);
    let message = &list[0];
    assert_eq!(message["id"], 2);
    assert_eq!(message["code"], "123456");
    assert_eq!(message["to"], serde_json::json!(["camille@boulangerie.example"]));
    assert!(message["received_at"].as_str().unwrap().ends_with('Z'));
    for key in ["from", "subject", "text", "html"] {
        assert!(message[key].is_string(), "{key}");
    }

    let after = "/api/messages?to=camille@boulangerie.example&after=2";
    assert_eq!(json(&catcher, after).await, serde_json::json!([]));
    assert_eq!(talk.deliver("camille@boulangerie.example", "Subject: 111222\r\n\r\n").await, 250);
    assert_eq!(json(&catcher, after).await[0]["code"], "111222");
    assert_eq!(json(&catcher, "/api/messages/3").await["code"], "111222");
    assert_eq!(get(&catcher, "/api/messages/9").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_wait_for_nothing_ends_with_an_empty_list() {
    let catcher = catcher().await;
    assert!(catcher.wait_for("a@a.example", 0, Duration::from_millis(30)).await.is_none());
    assert_eq!(json(&catcher, "/api/messages?to=a@a.example&wait=1").await, serde_json::json!([]));
}

#[tokio::test]
async fn the_pages_show_the_code_escape_what_came_and_jail_the_html() {
    let catcher = catcher().await;
    let mut talk = Talk::open(catcher.smtp_addr()).await;
    assert_eq!(talk.say("EHLO c").await, 250);
    assert_eq!(talk.deliver("camille@boulangerie.example", MULTIPART).await, 250);
    let evil = "Subject: <script>alert(1)</script>\r\n\r\n<img src=x> http://sso.localhost:8000/x?a=1&b=2.";
    assert_eq!(talk.deliver("evil@b.example", evil).await, 250);

    let (status, headers, list) = get(&catcher, "/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(list.contains("<strong>123\u{a0}456</strong>"), "{list}");
    assert!(!list.contains("<script"), "{list}");
    let (_, _, filtered) = get(&catcher, "/?to=evil@b.example").await;
    assert!(!filtered.contains("camille@"), "{filtered}");

    let (_, _, shown) = get(&catcher, "/messages/2").await;
    assert!(!shown.contains("<img") && !shown.contains("<script"), "{shown}");
    assert!(shown.contains("href=\"http://sso.localhost:8000/x?a=1&#38;b=2\""), "{shown}");
    assert!(!shown.contains("<iframe"));

    let (_, _, shown) = get(&catcher, "/messages/1").await;
    assert!(shown.contains("sandbox=") && !shown.contains("allow-scripts"), "{shown}");
    let (_, headers, html) = get(&catcher, "/messages/1/html").await;
    let csp = headers["content-security-policy"].to_str().unwrap();
    assert!(csp.contains("default-src 'none'") && csp.contains("sandbox") && !csp.contains("allow-scripts"), "{csp}");
    assert!(html.contains("<b>123 456</b>"));

    let (_, headers, raw) = get(&catcher, "/messages/1/raw").await;
    assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
    assert!(raw.starts_with("From: ") && raw.contains("\r\n.point seul"), "{raw}");
    for missing in ["/messages/9", "/messages/2/html", "/nowhere"] {
        assert_eq!(get(&catcher, missing).await.0, StatusCode::NOT_FOUND, "{missing}");
    }
}
