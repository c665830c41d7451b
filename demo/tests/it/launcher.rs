//! The whole demonstration, started on free ports.

use std::io::BufRead;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use guichet_demo::launch::{Demo, Options, Party};
use reqwest::{Client, Method, Response, StatusCode};

pub async fn start(options: Options) -> Demo {
    Demo::start(options).await.unwrap()
}

/// An HTTP client that knows where `*.localhost` is.
pub fn client(demo: &Demo) -> Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut builder = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    for party in Party::ALL {
        builder = builder.resolve(party.host(), port_of(demo.urls.url(party)));
    }
    builder.resolve("localhost", port_of(&demo.urls.issuer)).build().unwrap()
}

fn port_of(url: &str) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], url.rsplit(':').next().unwrap().parse().unwrap()))
}

async fn with_host(client: &Client, demo: &Demo, host: &str) -> Response {
    let url = format!("http://{}/", port_of(&demo.urls.issuer));
    client.get(url).header("host", host).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_party_answers_under_its_own_name_on_one_port() {
    let demo = start(Options { seed: Some(42), ..Options::default() }).await;
    let client = client(&demo);
    for (party, heading) in [
        (Party::Dossier, "<h1>Dépôt des aides</h1>"),
        (Party::Mandat, "<h1>Mandats</h1>"),
        (Party::Mail, "<h1>Boîte aux lettres de démonstration</h1>"),
        (Party::Control, "<h1>Horloge de la démonstration</h1>"),
        (Party::Phone, "<h1>Téléphone de démonstration</h1>"),
        (Party::FranceConnect, "<h1>Simulateur de FranceConnect</h1>"),
        (Party::FranceConnectPlus, "<h1>Simulateur de FranceConnect+</h1>"),
        (Party::ProConnect, "<h1>Simulateur de ProConnect</h1>"),
    ] {
        let url = demo.urls.url(party);
        assert_eq!(port_of(url), port_of(&demo.urls.issuer));
        let answer = client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{url}");
        let body = answer.text().await.unwrap();
        assert!(body.contains(heading) && body.contains("<html lang=\"fr\">"), "{url}: {body}");
    }
    let discovery = format!("{}/.well-known/openid-configuration", demo.urls.issuer);
    let metadata: serde_json::Value = client.get(discovery).send().await.unwrap().json().await.unwrap();
    assert_eq!(metadata["issuer"], demo.urls.issuer);
    for party in [Party::FranceConnect, Party::FranceConnectPlus, Party::ProConnect] {
        let issuer = format!("{}/api/v2", demo.urls.url(party));
        let metadata: serde_json::Value =
            client.get(format!("{issuer}/.well-known/openid-configuration")).send().await.unwrap().json().await.unwrap();
        assert_eq!(metadata["issuer"], issuer);
    }

    for (host, status) in [("localhost", StatusCode::OK), ("elsewhere.example", StatusCode::NOT_FOUND)] {
        let answer = with_host(&client, &demo, host).await;
        assert_eq!(answer.status(), status, "{host}");
        let body = answer.text().await.unwrap();
        for (_, url) in demo.urls.listed() {
            assert!(body.contains(&format!("href=\"{url}\"")), "{host}: {url}");
        }
        assert!(body.contains("camille@boulangerie.example"));
    }
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_party_may_have_a_port_of_its_own() {
    let demo = start(Options { ports: true, ..Options::default() }).await;
    let client = Client::builder().no_proxy().build().unwrap();
    let mut ports: Vec<u16> = Party::ALL.map(|p| port_of(demo.urls.url(p)).port()).to_vec();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), Party::ALL.len());
    for (party, text) in [(Party::Dossier, "Dépôt des aides"), (Party::Mail, "Boîte aux lettres")] {
        let url = demo.urls.url(party);
        assert!(url.starts_with("http://localhost:"), "{url}");
        let direct = format!("http://{}/", port_of(url));
        let body = client.get(direct).send().await.unwrap().text().await.unwrap();
        assert!(body.contains(text), "{body}");
    }
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_starts_where_asked_and_moves_forward_for_everybody() {
    let start_at = 1_772_442_000_000; // 2026-03-02T09:00:00Z
    let demo = start(Options { clock: Some(start_at), ..Options::default() }).await;
    let client = client(&demo);
    let clock = format!("{}/clock", demo.urls.control);
    let send = async |method: Method, query: &str, body: &'static str, origin: Option<&str>| {
        let mut request =
            client.request(method, format!("{clock}{query}")).header("content-type", "application/x-www-form-urlencoded").body(body);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let answer = request.send().await.unwrap();
        let (status, json) = (answer.status(), answer.json::<serde_json::Value>().await.ok());
        (status, json.and_then(|json| json["unix_ms"].as_i64()))
    };
    let near = |at: Option<i64>, expected: i64| {
        let late = at.unwrap() - expected;
        assert!((0..60_000).contains(&late), "{late} ms late");
    };
    near(send(Method::GET, "", "", None).await.1, start_at);
    near(send(Method::POST, "?advance=900", "", None).await.1, start_at + 900_000);
    near(send(Method::POST, "", "advance=100", None).await.1, start_at + 1_000_000);
    for (query, origin, status) in [
        ("?advance=-1", None, StatusCode::BAD_REQUEST),
        ("?advance=99999999999", None, StatusCode::BAD_REQUEST),
        ("", None, StatusCode::BAD_REQUEST),
        ("?advance=900", Some("https://elsewhere.example"), StatusCode::FORBIDDEN),
    ] {
        assert_eq!(send(Method::POST, query, "", origin).await.0, status, "{query}");
    }
    near(send(Method::GET, "", "", None).await.1, start_at + 1_000_000);
    let page = client.get(&demo.urls.control).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("02/03/2026 à 10:16"), "{page}");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_frees_the_port_and_leaves_no_file() {
    let demo = start(Options::default()).await;
    let addr = port_of(&demo.urls.issuer);
    let folder = demo.folder().to_owned();
    assert!(folder.is_dir());
    demo.stop().await;
    assert!(!folder.exists());
    tokio::net::TcpListener::bind(addr).await.expect("the port is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_and_a_file_that_is_missing_are_named() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Demo::start(Options { port, ..Options::default() }).await.err().unwrap();
    assert!(format!("{error:#}").contains(&format!("le port {port} n’est pas libre")), "{error:#}");
    let apply = vec!["/nowhere/missing.toml".into()];
    let error = Demo::start(Options { apply, ..Options::default() }).await.err().unwrap();
    assert!(format!("{error:#}").contains("/nowhere/missing.toml"), "{error:#}");
}

#[test]
fn the_command_prints_one_line_of_json_and_stops_cleanly_when_interrupted() {
    let temporary = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_guichet-demo"))
        .args(["--port", "0", "--print-json"])
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    for key in ["issuer", "dossier", "mandat", "mail", "control"] {
        assert!(told[key].as_str().unwrap().starts_with("http://"), "{key}");
    }
    let addr = port_of(told["issuer"].as_str().unwrap());
    std::net::TcpStream::connect_timeout(&addr, Duration::from_secs(5)).unwrap();
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 1);

    let interrupt = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_shows_a_code_its_battery_and_strays_on_demand() {
    let demo = start(Options { seed: Some(42), clock: Some(1_772_442_000_000), ..Options::default() }).await;
    let client = client(&demo);
    let post = async |path: &str, origin: Option<&str>| {
        let mut request = client.post(format!("{}{path}", demo.urls.card)).header("content-type", "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let answer = request.body("").send().await.unwrap();
        (answer.status(), answer.json::<serde_json::Value>().await.ok().map(|j| j["display"].as_str().unwrap_or_default().to_owned()))
    };
    let press = async |serial: &str| post(&format!("/api/cards/{serial}/press"), None).await.1.unwrap();
    let code = press("DEMO0001").await;
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
    assert_eq!(press("DEMO0001").await, code, "the same minute");
    assert_ne!(press("DEMO0002").await, press("DEMO0002").await, "each press counts");
    assert_eq!(post("/api/cards/DEMO0001/press?long=1", None).await.1.unwrap(), "BAT99");
    post("/api/cards/DEMO0001/drift?steps=5", None).await;
    assert_ne!(press("DEMO0001").await, code);
    assert_eq!(post("/api/cards/DEMO9999/press", None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(post("/api/cards/DEMO0001/press", Some("https://elsewhere.example")).await.0, StatusCode::FORBIDDEN);
    let page = client.get(&demo.urls.card).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("<h1>Cartes physiques de démonstration</h1>") && page.contains("décalée de 5 pas"), "{page}");
    assert_eq!(page.matches("Appui bref").count(), 3);
    let pressed = post("/DEMO0003/bouton", Some(&demo.urls.card)).await;
    assert_eq!(pressed.0, StatusCode::SEE_OTHER);
    demo.stop().await;
}
