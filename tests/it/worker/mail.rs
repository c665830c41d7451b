//! From the outbox to a relay.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use guichet::app::App;
use guichet::base::clock::SystemClock;
use guichet::base::texts::Locale;
use guichet::base::{Actor, Clock, Secret, Timestamp};
use guichet::config::{Protection, Relay};
use guichet::jobs::{self, Job};
use guichet::mail::message::{Code, MailMessage, Origin};
use guichet::worker;

use crate::support::smtp::{At, Mood, Smtp};
use crate::support::smtp_tls::TlsRelay;
use crate::support::{Engine, TestApp};

const CAMILLE: &str = "camille@boulangerie.example";

fn origin(app: &TestApp) -> Origin {
    Origin { at: app.app.ctx(Actor::System).now().millis(), device: Some("Firefox, Linux".into()), service: None }
}

fn code(app: &TestApp, digits: &str) -> MailMessage {
    MailMessage::SignInCode { code: Code { digits: digits.into(), validity_minutes: 15 }, origin: origin(app) }
}

fn notice(app: &TestApp) -> MailMessage {
    MailMessage::PasswordChanged { origin: origin(app) }
}

async fn put(app: &TestApp, to: &str, message: MailMessage) {
    put_at(&app.app, to, message).await;
}

async fn put_at(app: &App, to: &str, message: MailMessage) {
    let ctx = app.ctx(Actor::System);
    let job = Job::Mail { to: to.into(), locale: Locale::Fr, message };
    let mut tx = app.db.begin().await.unwrap();
    jobs::enqueue(&mut tx, &ctx, &app.keys.rest, &job, Duration::ZERO).await.unwrap();
    tx.commit().await.unwrap();
}

async fn with_relays(engine: Engine, relays: Vec<Relay>) -> TestApp {
    TestApp::start(engine, |config| {
        config.mail.from = "no-reply@sso.example".into();
        config.mail.reply_to = Some("assistance@sso.example".into());
        config.mail.relays = relays;
    })
    .await
}

async fn drain(app: &TestApp) {
    worker::drain(&app.app).await.unwrap();
}

async fn standing(app: &TestApp) -> (i64, i64) {
    let standing = jobs::store::standing(&mut app.app.db.read().await.unwrap()).await.unwrap();
    (standing.pending, standing.dead)
}

async fn last_error(app: &TestApp) -> String {
    let mut read = app.app.db.read().await.unwrap();
    let (error,): (Option<String>,) = guichet::sql!(&mut read, "SELECT last_error FROM job"; (Option<String>,); one).unwrap();
    error.unwrap()
}

/// Runs a test on both engines, with a friendly relay and an application that sends through it.
macro_rules! with_relay {
    ($(async fn $name:ident($app:ident, $relay:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn test($app: TestApp, $relay: Smtp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let relay = Smtp::start(Mood::Friendly).await;
                test(with_relays(Engine::Sqlite, vec![relay.relay()]).await, relay).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let relay = Smtp::start(Mood::Friendly).await;
                test(with_relays(Engine::Postgres, vec![relay.relay()]).await, relay).await;
            }
        }
    )*};
}

with_relay! {
    async fn a_mail_arrives_whole_and_leaves_the_outbox(app, relay) {
        put(&app, CAMILLE, code(&app, "123456")).await;
        drain(&app).await;
        let mails = relay.mails();
        assert_eq!(mails.len(), 1);
        let mail = &mails[0];
        assert_eq!((mail.from.as_str(), mail.to.as_str()), ("no-reply@sso.example", CAMILLE));
        assert_eq!(mail.header("Auto-Submitted").unwrap(), "auto-generated");
        assert_eq!(mail.header("Reply-To").unwrap(), "assistance@sso.example");
        assert_eq!(mail.header("From").unwrap(), "Guichet <no-reply@sso.example>");
        assert_eq!(mail.header("Date").unwrap(), "Fri, 15 Jan 2027 08:00:00 +0000");
        assert!(mail.header("Message-ID").unwrap().ends_with("@sso.localhost>"));
        assert!(mail.header("Subject").unwrap().starts_with("[DÉMO] [Guichet] "), "{:?}", mail.header("Subject"));
        assert!(mail.header("Content-Type").unwrap().starts_with("multipart/alternative"));
        let (text, html) = (mail.part("text/plain").unwrap(), mail.part("text/html").unwrap());
        assert!(text.contains("123 456") && html.contains("123 456"), "{text}");
        assert!(!text.contains("<p") && html.contains("<p"));
        assert_eq!(standing(&app).await, (0, 0));
        drain(&app).await;
        assert_eq!(relay.mails().len(), 1);
    }

    async fn a_mail_refused_for_now_is_tried_again_later_and_later(app, relay) {
        relay.turn(Mood::Says(At::Recipient, "451 4.7.1 <camille@boulangerie.example> greylisted, come back"));
        put(&app, CAMILLE, notice(&app)).await;
        drain(&app).await;
        assert_eq!(standing(&app).await, (1, 0));
        assert!(last_error(&app).await.contains("greylisted") && !last_error(&app).await.contains("camille"));
        relay.turn(Mood::Friendly);
        app.advance(4);
        drain(&app).await;
        assert_eq!(relay.mails().len(), 0, "not before its time");
        app.advance(3);
        drain(&app).await;
        assert_eq!(relay.mails().len(), 1);
        assert_eq!(standing(&app).await, (0, 0));
    }

    async fn ten_attempts_are_enough(app, relay) {
        relay.turn(Mood::Says(At::Body, "452 4.3.1 full"));
        put(&app, CAMILLE, notice(&app)).await;
        for _ in 0..9 {
            drain(&app).await;
            assert_eq!(standing(&app).await, (1, 0));
            app.advance(3_200);
        }
        drain(&app).await;
        assert_eq!(standing(&app).await, (0, 1));
        assert!(last_error(&app).await.starts_with("given up after 10 attempts"));
        assert_eq!(relay.heard().iter().filter(|l| l.starts_with("DATA")).count(), 10);
        app.advance(31 * 86_400);
        drain(&app).await;
        assert_eq!(standing(&app).await, (0, 0), "dead letters are kept thirty days");
    }

    async fn a_mail_refused_for_good_is_dead_at_once(app, relay) {
        relay.turn(Mood::Says(At::Recipient, "550 5.1.1 no such mailbox"));
        put(&app, CAMILLE, notice(&app)).await;
        drain(&app).await;
        assert_eq!(standing(&app).await, (0, 1));
        let dead = jobs::store::dead(&mut app.app.db.read().await.unwrap(), 10).await.unwrap();
        assert_eq!((dead.len(), dead[0].attempts, dead[0].kind.as_str()), (1, 1, "mail"));
        assert!(dead[0].last_error.as_deref().unwrap().contains("550"));
    }

    async fn a_dead_letter_can_be_revived(app, relay) {
        relay.turn(Mood::Says(At::Recipient, "550 5.1.1 no such mailbox"));
        put(&app, CAMILLE, notice(&app)).await;
        drain(&app).await;
        relay.turn(Mood::Friendly);
        let dead = jobs::store::dead(&mut app.app.db.read().await.unwrap(), 10).await.unwrap();
        let id = guichet::base::id::JobId::from_store(dead[0].id.clone());
        let mut tx = app.app.db.begin().await.unwrap();
        assert_eq!(jobs::store::revive(&mut tx, &id, app.app.ctx(Actor::System).now()).await.unwrap(), 1);
        tx.commit().await.unwrap();
        drain(&app).await;
        assert_eq!(relay.mails().len(), 1);
    }

    async fn a_code_past_its_end_is_not_sent(app, relay) {
        put(&app, CAMILLE, code(&app, "123456")).await;
        app.advance(900);
        drain(&app).await;
        assert_eq!((relay.mails().len(), standing(&app).await), (0, (0, 1)));
        assert!(last_error(&app).await.contains("expired"));
    }

    async fn a_node_that_dies_with_a_mail_in_hand_loses_nothing(app, relay) {
        put(&app, CAMILLE, notice(&app)).await;
        let dead_node = app.app.ctx(Actor::System);
        let reserved = jobs::reserve(&app.app.db, &dead_node, jobs::MAIL, 10).await.unwrap();
        assert_eq!(reserved.len(), 1);
        drain(&app).await;
        app.advance(59);
        drain(&app).await;
        assert_eq!(relay.mails().len(), 0, "the lock stands");
        app.advance(1);
        drain(&app).await;
        assert_eq!((relay.mails().len(), standing(&app).await), (1, (0, 0)));
        // The dead node was only slow, and now says that it failed: nobody listens.
        let late = jobs::settle(&app.app.db, &dead_node, &reserved[0], jobs::Verdict::Retry("slow".into())).await.unwrap();
        assert_eq!((late, standing(&app).await), (None, (0, 0)));
    }

    async fn a_slow_node_cannot_undo_what_a_later_reservation_does(app, relay) {
        put(&app, CAMILLE, notice(&app)).await;
        let ctx = app.app.ctx(Actor::System);
        let first = jobs::reserve(&app.app.db, &ctx, jobs::MAIL, 10).await.unwrap();
        app.advance(60);
        let second = jobs::reserve(&app.app.db, &ctx, jobs::MAIL, 10).await.unwrap();
        assert_eq!((first.len(), second.len()), (1, 1));
        for verdict in [jobs::Verdict::Done, jobs::Verdict::Retry("x".into()), jobs::Verdict::Dead("x".into())] {
            assert_eq!(jobs::settle(&app.app.db, &ctx, &first[0], verdict).await.unwrap(), None);
        }
        assert_eq!(jobs::settle(&app.app.db, &ctx, &second[0], jobs::Verdict::Done).await.unwrap(), Some(jobs::Verdict::Done));
        assert_eq!((relay.mails().len(), standing(&app).await), (0, (0, 0)));
    }

    async fn two_nodes_never_send_a_mail_twice(app, relay) {
        let other = app.another_node().await;
        relay.pause(Duration::from_millis(20));
        for n in 0..60 {
            put(&app, &format!("p{n}@example.fr"), notice(&app)).await;
        }
        let workers = [worker::start(&app.app).unwrap(), worker::start(&other.app).unwrap()];
        relay.wait_for(60).await;
        for worker in workers {
            worker.stop(Duration::from_secs(20)).await;
        }
        let mut times: HashMap<String, usize> = HashMap::new();
        for mail in relay.mails() {
            *times.entry(mail.to).or_default() += 1;
        }
        assert_eq!(times.len(), 60);
        assert!(times.values().all(|n| *n == 1), "{times:?}");
        assert_eq!(standing(&app).await, (0, 0));
    }

    async fn a_stopping_worker_finishes_what_it_has_in_hand(app, relay) {
        relay.pause(Duration::from_millis(800));
        put(&app, CAMILLE, notice(&app)).await;
        let worker = worker::start(&app.app).unwrap();
        for _ in 0..1_000 {
            if relay.heard().iter().any(|l| l == "DATA") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        worker.stop(Duration::from_secs(20)).await;
        assert_eq!((relay.mails().len(), standing(&app).await), (1, (0, 0)));
        put(&app, CAMILLE, notice(&app)).await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(standing(&app).await, (1, 0), "stopped means stopped");
    }

    async fn a_recipient_gets_no_more_than_the_limit(app, relay) {
        for n in 0..25 {
            let to = if n % 2 == 0 { CAMILLE } else { "Camille@Boulangerie.example" };
            put(&app, to, notice(&app)).await;
        }
        put(&app, "someone@else.example", notice(&app)).await;
        drain(&app).await;
        let to_camille = relay.mails().iter().filter(|m| m.to.eq_ignore_ascii_case(CAMILLE)).count();
        assert_eq!((to_camille, relay.mails().len()), (20, 21));
        assert_eq!(standing(&app).await, (0, 5));
        assert_eq!(app.audit().await.iter().filter(|k| *k == "limit.reached").count(), 5);
        app.advance(3_600);
        put(&app, CAMILLE, notice(&app)).await;
        drain(&app).await;
        assert_eq!(relay.mails().len(), 22, "the hour has passed");
    }

    async fn an_attempt_that_failed_does_not_count_twice_against_the_recipient(app, relay) {
        relay.turn(Mood::Says(At::Recipient, "450 4.2.0 later"));
        for _ in 0..15 {
            put(&app, CAMILLE, notice(&app)).await;
        }
        drain(&app).await;
        relay.turn(Mood::Friendly);
        app.advance(10);
        drain(&app).await;
        assert_eq!((relay.mails().len(), standing(&app).await), (15, (0, 0)));
    }

    async fn a_job_that_cannot_be_read_waits_for_a_node_that_can(app, relay) {
        put(&app, CAMILLE, notice(&app)).await;
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, "UPDATE job SET sealed = 'AAAA'"; exec).unwrap();
        tx.commit().await.unwrap();
        drain(&app).await;
        assert_eq!((relay.mails().len(), standing(&app).await), (0, (1, 0)));
        assert_eq!(last_error(&app).await, "unreadable by this version");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_is_down_or_busy_passes_on_to_the_next() {
    let down = Relay { port: Some(free_port().await), ..Smtp::start(Mood::Friendly).await.relay() };
    for mood in [Mood::Says(At::Recipient, "451 later"), Mood::Says(At::Greeting, "554 not today"), Mood::HangsUp(At::Greeting)] {
        let first = Smtp::start(mood).await;
        let second = Smtp::start(Mood::Friendly).await;
        let app = with_relays(Engine::Sqlite, vec![first.relay(), second.relay()]).await;
        put(&app, CAMILLE, notice(&app)).await;
        drain(&app).await;
        assert_eq!((second.mails().len(), standing(&app).await), (1, (0, 0)), "{mood:?}");
    }
    let second = Smtp::start(Mood::Friendly).await;
    let app = with_relays(Engine::Sqlite, vec![down, second.relay()]).await;
    put(&app, CAMILLE, notice(&app)).await;
    drain(&app).await;
    assert_eq!((second.mails().len(), standing(&app).await), (1, (0, 0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_refused_for_good_is_not_offered_to_the_next_relay() {
    let first = Smtp::start(Mood::Says(At::Recipient, "550 5.1.1 no such mailbox")).await;
    let second = Smtp::start(Mood::Friendly).await;
    let app = with_relays(Engine::Sqlite, vec![first.relay(), second.relay()]).await;
    put(&app, CAMILLE, notice(&app)).await;
    drain(&app).await;
    assert_eq!((second.heard().len(), standing(&app).await), (0, (0, 1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_at_the_relay_condemns_no_mail() {
    let relay = Smtp::start(Mood::Says(At::Auth, "535 5.7.8 bad credentials")).await;
    let entry = Relay { username: Some("guichet".into()), password: Some(Secret::new("hush")), ..relay.relay() };
    let app = with_relays(Engine::Sqlite, vec![entry]).await;
    put(&app, CAMILLE, notice(&app)).await;
    drain(&app).await;
    assert_eq!(standing(&app).await, (1, 0));
    let error = last_error(&app).await;
    assert!(error.contains("535") && !error.contains("hush"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_in_clear_to_a_relay_that_does_not_offer_starttls() {
    let relay = Smtp::start(Mood::Friendly).await;
    let entry =
        Relay { protection: Protection::Starttls, username: Some("guichet".into()), password: Some(Secret::new("hush")), ..relay.relay() };
    let app = with_relays(Engine::Sqlite, vec![entry]).await;
    put(&app, CAMILLE, code(&app, "123456")).await;
    drain(&app).await;
    assert_eq!((relay.mails().len(), standing(&app).await), (0, (1, 0)));
    assert!(relay.heard().iter().all(|l| l.starts_with("EHLO") || l == "QUIT"), "{:?}", relay.heard());
    assert!(last_error(&app).await.contains("STARTTLS"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_and_password_go_encrypted_to_a_relay_we_trust() {
    for protection in [Protection::Starttls, Protection::Tls] {
        let relay = TlsRelay::start(protection, "localhost");
        let folder = tempfile::tempdir().unwrap();
        let entry = Relay { username: Some("guichet".into()), password: Some(Secret::new("hush")), ..relay.trusted(folder.path()) };
        let app = with_relays(Engine::Sqlite, vec![entry]).await;
        put(&app, CAMILLE, notice(&app)).await;
        drain(&app).await;
        assert_eq!(standing(&app).await, (0, 0), "{protection:?}");
        let (clear, encrypted) = (relay.heard(false), relay.heard(true));
        assert!(clear.iter().all(|l| l.starts_with("EHLO") || l == "STARTTLS"), "{clear:?}");
        assert!(encrypted.iter().any(|l| l.starts_with("AUTH")) && encrypted.iter().any(|l| l.contains(CAMILLE)), "{encrypted:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_cannot_prove_its_name_hears_nothing() {
    for protection in [Protection::Starttls, Protection::Tls] {
        let folder = tempfile::tempdir().unwrap();
        let (unknown, renamed) = (TlsRelay::start(protection, "localhost"), TlsRelay::start(protection, "relay.example"));
        // The one is signed by an authority we do not know, the other's certificate is for another name.
        for (relay, entry) in [(&unknown, unknown.relay()), (&renamed, renamed.trusted(folder.path()))] {
            let app = with_relays(Engine::Sqlite, vec![entry]).await;
            put(&app, CAMILLE, notice(&app)).await;
            drain(&app).await;
            assert_eq!(standing(&app).await, (1, 0), "{protection:?}");
            assert!(relay.heard(true).is_empty());
            assert!(last_error(&app).await.contains("certificate"), "{}", last_error(&app).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_hangs_up_before_taking_the_mail_is_asked_again() {
    let relay = Smtp::start(Mood::HangsUp(At::Body)).await;
    let app = with_relays(Engine::Sqlite, vec![relay.relay()]).await;
    put(&app, CAMILLE, notice(&app)).await;
    drain(&app).await;
    assert_eq!((relay.mails().len(), standing(&app).await), (0, (1, 0)));
    relay.turn(Mood::Friendly);
    app.advance(10);
    drain(&app).await;
    assert_eq!((relay.mails().len(), standing(&app).await), (1, (0, 0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_relay_mails_stay_in_the_outbox() {
    let app = with_relays(Engine::Sqlite, Vec::new()).await;
    put(&app, CAMILLE, notice(&app)).await;
    drain(&app).await;
    let worker = worker::start(&app.app).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    worker.stop(Duration::from_secs(20)).await;
    assert_eq!(standing(&app).await, (1, 0));
    assert_eq!(app.count("SELECT attempts FROM job").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unprotected_relay_elsewhere_is_refused_at_start() {
    let entry = Relay { host: "smtp.example.fr".into(), protection: Protection::None, ..Relay::default() };
    let app = with_relays(Engine::Sqlite, vec![entry]).await;
    let refused = worker::start(&app.app).unwrap_err().to_string();
    assert!(refused.contains("smtp.example.fr"), "{refused}");
}

async fn free_port() -> u16 {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// The machine's clock, until it is broken.
#[derive(Debug, Default)]
struct Fragile(AtomicBool);

impl Clock for Fragile {
    fn now(&self) -> Timestamp {
        assert!(!self.0.load(Ordering::SeqCst), "broken for the test");
        SystemClock.now()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_does_not_end_the_worker() {
    let relay = Smtp::start(Mood::Friendly).await;
    let app = with_relays(Engine::Sqlite, vec![relay.relay()]).await;
    let clock = Arc::new(Fragile::default());
    let fragile = App::builder(app.app.config.clone()).clock(clock.clone()).build().await.unwrap();
    let worker = worker::start(&fragile).unwrap();
    clock.0.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    clock.0.store(false, Ordering::SeqCst);
    put_at(&fragile, CAMILLE, notice(&app)).await;
    relay.wait_for(1).await;
    worker.stop(Duration::from_secs(20)).await;
}
