//! Being killed, a full disk, a lost database: nothing acknowledged is lost, and service comes back by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::process::{Process, is_active, prepare, token};
use crate::support::rp::MANDAT;
use crate::support::{Engine, TestApp};

/// Keeps asking for tokens from several connections until the server is gone; what was acknowledged.
async fn ask_until_gone(port: u16, tasks: usize, answered: Arc<AtomicUsize>) -> Vec<String> {
    let asking = (0..tasks).map(|_| {
        let answered = answered.clone();
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            while let Some((200, _, Some(token))) = token(port).await {
                acknowledged.push(token);
                answered.fetch_add(1, Ordering::Relaxed);
            }
            acknowledged
        })
    });
    futures_util::future::join_all(asking).await.into_iter().flat_map(|r| r.unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let mut acknowledged = Vec::new();
    for round in 0..3_u64 {
        let mut server = Process::start(folder.path(), None).await;
        let answered = Arc::new(AtomicUsize::new(0));
        let asking = tokio::spawn(ask_until_gone(server.port(), 8, answered.clone()));
        for _ in 0..400 {
            if answered.load(Ordering::Relaxed) > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(Duration::from_millis(300 + 130 * round)).await;
        server.kill();
        let more = asking.await.unwrap();
        assert!(!more.is_empty(), "{}", server.log());
        acknowledged.extend(more);
    }
    let server = Process::start(folder.path(), None).await;
    for token in &acknowledged {
        assert!(is_active(server.port(), token).await, "lost: {token}");
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_answers_503_and_recovers_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let mount = format!("mount -t tmpfs -o size=6m none '{}/data'", folder.path().display());
    let server = Process::start(folder.path(), Some(&mount)).await;
    let inside = std::path::PathBuf::from(format!("/proc/{}/root{}/data/ballast", server.pid(), folder.path().display()));
    let (status, _, first) = token(server.port()).await.unwrap();
    assert_eq!(status, 200);
    let mut acknowledged = vec![first.unwrap()];
    // Everything else on the disk is taken.
    let written = std::fs::write(&inside, vec![0_u8; 8 << 20]);
    assert!(written.is_err(), "the disk is full");
    let mut refused = 0;
    for _ in 0..2_000 {
        let (status, head, token) = token(server.port()).await.expect("it answers");
        match (status, token) {
            (200, Some(token)) => acknowledged.push(token),
            (503, None) => {
                assert!(head.contains("retry-after:"), "{head}");
                refused += 1;
            }
            other => panic!("{other:?} {}", server.log()),
        }
        if refused == 20 {
            break;
        }
    }
    assert_eq!(refused, 20, "a full disk refuses");
    std::fs::remove_file(&inside).unwrap();
    let (status, _, token) = token(server.port()).await.unwrap();
    assert_eq!(status, 200, "{}", server.log());
    acknowledged.push(token.unwrap());
    for token in &acknowledged {
        assert!(is_active(server.port(), token).await, "acknowledged and not there");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_database_answers_503_and_comes_back() {
    let app = TestApp::new(Engine::Postgres).await;
    let fields = [("grant_type", "client_credentials")];
    assert_eq!(MANDAT.post(&app, "/oauth/token", &fields).await.status, 200);
    app.database().unwrap().refuse_connections(true);
    for _ in 0..3 {
        let answer = MANDAT.post(&app, "/oauth/token", &fields).await;
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(!answer.header("retry-after").is_empty());
        let page = app.browser().get("/connexion").await;
        assert!(page.status == 200 || page.status == 503, "a page that needs no row may still be shown");
    }
    app.database().unwrap().refuse_connections(false);
    // Each lost connection of the pool may cost one more answer, no more.
    let mut again = 0;
    for _ in 0..10 {
        again += usize::from(MANDAT.post(&app, "/oauth/token", &fields).await.status == 200);
    }
    assert!(again >= 5, "{again}");
}
