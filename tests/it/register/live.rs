//! The live directory, played by a server that answers as the API Recherche d'entreprises does: its shape and its limits.

use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use guichet::base::Actor;
use guichet::federation::directory::Error;
use guichet::org::register::{Query, Record, Source};
use serde_json::json;

use super::{record, siret};
use crate::support::{Engine, TestApp};

#[derive(Clone, Default)]
struct Fake {
    asked: Arc<AtomicUsize>,
    status: Arc<AtomicU16>,
    last: Arc<Mutex<String>>,
}

impl Fake {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }
}

async fn answer(State(fake): State<Fake>, RawQuery(query): RawQuery) -> Response {
    fake.asked.fetch_add(1, Ordering::SeqCst);
    let query = query.unwrap_or_default();
    *fake.last.lock().unwrap() = query.clone();
    match fake.status.load(Ordering::SeqCst) {
        0 | 200 => {}
        429 => return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "30")], "{}").into_response(),
        1 => return "{\"results\": \"no list\"}".into_response(),
        2 => return vec![b' '; 300_000].into_response(),
        other => return StatusCode::from_u16(other).unwrap().into_response(),
    }
    if query.contains("q=13002526500013") || query.contains("q=dinum") || query.contains("q=130025265&") {
        let place = |siret: &str, head: bool, state: &str| {
            json!({
                "siret": siret, "est_siege": head, "etat_administratif": state, "statut_diffusion_etablissement": "O", "code_postal": "75007",
                "libelle_commune": "PARIS", "commune": "75107", "adresse": "20 AVENUE DE SEGUR 75007 PARIS", "activite_principale": "84.11Z",
                "liste_enseignes": ["LA RUCHE"], "nom_commercial": null, "date_fermeture": if state == "F" { json!("2023-05-01") } else { json!(null) },
            })
        };
        return axum::Json(json!({
            "results": [
                { "siren": "130025265", "nom_complet": "DIRECTION DU NUMERIQUE (DINUM)", "nom_raison_sociale": "DIRECTION DU NUMERIQUE", "sigle": "DINUM",
                  "nature_juridique": "7120", "etat_administratif": "A", "statut_diffusion": "O", "tranche_effectif_salarie": "22",
                  "siege": place("13002526500013", true, "A"),
                  "matching_etablissements": [place("13002526500013", true, "A"), place("13002526500021", false, "F"), place("99999999900011", false, "A"), { "siret": "broken" }] },
                { "siren": "nonsense", "siege": null },
            ],
            "total_results": 1, "page": 1, "per_page": 10, "total_pages": 1,
        }))
        .into_response();
    }
    axum::Json(json!({ "results": [], "total_results": 0, "page": 1, "per_page": 10, "total_pages": 0 })).into_response()
}

async fn started() -> (TestApp, Fake) {
    let fake = Fake::default();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/search", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/search", axum::routing::get(answer)).with_state(fake.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let app = TestApp::start(Engine::Sqlite, |config| config.register.live_url = Some(url.parse().unwrap())).await;
    (app, fake)
}

async fn find(app: &TestApp, text: &str) -> Result<Option<Record>, Error> {
    app.app.establishments().find(&app.app.ctx(Actor::System), &siret(text)).await
}

async fn search(app: &TestApp, typed: &str, place: &str) -> Result<Vec<String>, Error> {
    let query = Query::parse(typed, place).unwrap();
    let page = app.app.establishments().search(&app.app.ctx(Actor::System), &query, 0).await?;
    Ok(page.into_iter().map(|f| f.record.siret.to_string()).collect())
}

#[tokio::test]
async fn what_the_directory_says_is_kept_and_asked_again_once_it_is_old() {
    let (app, fake) = started().await;
    let found = find(&app, "13002526500013").await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.acronym.as_str(), found.sign.as_str()), ("DIRECTION DU NUMERIQUE", "DINUM", "LA RUCHE"));
    assert_eq!(found.address(), ["20 AVENUE DE SEGUR", "75007 PARIS"]);
    assert_eq!((found.source, found.head, found.open), (Source::Live, true, true));
    let closed = record(&app, "13002526500021").await.unwrap();
    assert_eq!((closed.open, closed.closed_on.as_deref()), (false, Some("2023-05-01")));
    assert!(record(&app, "99999999900011").await.is_none(), "an establishment of another unit is not believed");
    for _ in 0..5 {
        find(&app, "13002526500013").await.unwrap();
    }
    assert_eq!(fake.asked(), 1);
    app.advance(8 * 86_400);
    find(&app, "13002526500013").await.unwrap();
    assert_eq!(fake.asked(), 2);
    assert_eq!(find(&app, "21750001600019").await.unwrap(), None, "it knows no such one");
    find(&app, "21750001600019").await.unwrap();
    assert_eq!(fake.asked(), 3, "nor is it asked twice");
}

#[tokio::test]
async fn a_search_by_name_asks_with_the_place_and_finds_the_same_again_without() {
    let (app, fake) = started().await;
    assert_eq!(search(&app, "Dinum", "75007 Paris").await.unwrap(), ["13002526500013", "13002526500021"]);
    let sent = fake.last.lock().unwrap().clone();
    for part in ["q=dinum+paris", "code_postal=75007", "per_page=10", "minimal=true", "limite_matching_etablissements=10"] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
    fake.answers(503);
    assert_eq!(search(&app, "direction numerique", "").await.unwrap().len(), 2, "what was seen before serves");
}

#[tokio::test]
async fn an_outage_leaves_what_is_known_and_says_so_where_nothing_is() {
    let (app, fake) = started().await;
    find(&app, "13002526500013").await.unwrap();
    app.advance(30 * 86_400);
    // The server's errors, an answer of another shape, and one that never ends.
    for status in [500, 1, 2] {
        fake.answers(status);
        app.advance(60);
        assert!(find(&app, "13002526500013").await.unwrap().is_some(), "{status}: old, and better than nothing");
        app.advance(60);
        assert!(matches!(find(&app, "21750001600019").await, Err(Error::Unavailable(_))), "{status}");
        assert!(matches!(search(&app, "boulangerie", "").await, Err(Error::Unavailable(_))), "{status}");
    }
    fake.answers(200);
    app.advance(60);
    // The limit of requests a second counts real ones.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(find(&app, "21750001600019").await.unwrap(), None, "back to work by itself");
}

#[tokio::test]
async fn nobody_asks_while_it_asks_to_wait_nor_more_than_it_allows() {
    let (app, fake) = started().await;
    fake.answers(429);
    assert!(find(&app, "21750001600019").await.is_err());
    fake.answers(200);
    app.advance(29);
    assert!(find(&app, "21750001600019").await.is_err());
    assert_eq!(fake.asked(), 1, "Retry-After is honoured");
    app.advance(2);
    assert!(find(&app, "21750001600019").await.is_ok());

    let before = fake.asked();
    let began = std::time::Instant::now();
    for n in 0..40 {
        app.advance(10);
        let _ = find(&app, &format!("{:09}00017", 600_000_000 + n)).await;
    }
    let allowed = 7 * (began.elapsed().as_secs() as usize + 2);
    assert!(fake.asked() - before <= allowed && fake.asked() > before, "{} requests", fake.asked() - before);
}

#[tokio::test]
async fn without_a_directory_nobody_is_asked() {
    let app = TestApp::new(Engine::Sqlite).await;
    assert_eq!(find(&app, "13002526500013").await.unwrap(), None);
    assert_eq!(search(&app, "dinum", "").await.unwrap(), [""; 0]);
}
