//! Every route of the table, called as nobody, as a person, and as the wrong kind of caller. A route that is not covered fails.

use axum::body::Body;
use axum::http::Request;
use guichet::web::ROUTES;
use guichet::web::route::{Access, Class, Route};

use crate::support::rp::DOSSIER;
use crate::support::{Engine, TestApp};

fn all() -> Vec<&'static Route> {
    ROUTES.iter().copied().flatten().collect()
}

fn concrete(path: &str) -> String {
    path.replace("{id}", "x")
        .replace("{provider}", "x")
        .replace("{siret}", "73282932000074")
        .replace("{serial}", "GADT0001")
        .replace("{fingerprint}", "x")
        .replace("{service}", "aides")
        .replace("{name}", "guichet.css")
        .replace("{client_id}", "dossier")
}

fn request(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).header("content-type", "application/x-www-form-urlencoded").body(Body::empty()).unwrap()
}

#[test]
fn paths_are_unique_and_methods_known() {
    let mut seen = std::collections::BTreeSet::new();
    for route in all() {
        assert!(seen.insert(route.path), "{} twice", route.path);
        assert!(!route.methods.is_empty() && route.methods.iter().all(|m| ["GET", "POST", "OPTIONS"].contains(m)), "{}", route.path);
        assert!(!concrete(route.path).contains('{'), "{}: say how to call it here", route.path);
    }
    assert!(seen.len() > 40, "{}", seen.len());
}

/// The table says exactly which methods a route serves.
#[tokio::test]
async fn the_table_tells_the_truth_about_methods() {
    let app = TestApp::new(Engine::Sqlite).await;
    for route in all() {
        for method in ["GET", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"] {
            let status = app.send(request(method, &concrete(route.path))).await.status().as_u16();
            let served = route.methods.contains(&method);
            assert_eq!(status != 405, served, "{method} {}: {status}", route.path);
            assert!(status < 500, "{method} {}: {status}", route.path);
        }
    }
}

/// Nobody gets past a route that is not for anyone.
#[tokio::test]
async fn anonymous_callers_are_kept_out() {
    let app = TestApp::new(Engine::Sqlite).await;
    for route in all() {
        for method in route.methods {
            let answer = app.send(request(method, &concrete(route.path))).await;
            let (status, to) = (answer.status().as_u16(), answer.headers().get("location").map(|v| v.to_str().unwrap().to_owned()));
            let what = format!("{method} {}: {status} {to:?}", route.path);
            match route.access {
                Access::Anyone => assert_ne!(status, 401, "{what}"),
                Access::Journey => assert!(matches!(status, 400 | 403 | 303), "{what}"),
                Access::Person if *method == "GET" => {
                    assert!(status == 303 && to.unwrap().starts_with("/connexion?retour="), "{what}");
                }
                // A form without its token is refused before anybody asks who posts.
                Access::Person => assert!(matches!(status, 400 | 403), "{what}"),
                // The question of a browser before a script may call: it says nothing of anybody.
                Access::Client | Access::Bearer if *method == "OPTIONS" => assert_eq!(status, 204, "{what}"),
                Access::Client | Access::Bearer => assert!(matches!(status, 400 | 401), "{what}"),
            }
        }
    }
}

/// A session is no substitute for a form token, a client secret or an access token.
#[tokio::test]
async fn a_session_alone_posts_nothing() {
    let app = TestApp::new(Engine::Sqlite).await;
    let mut browser = app.browser();
    DOSSIER.tokens(&mut browser, &[]).await;
    for route in all() {
        let path = concrete(route.path);
        if route.methods.contains(&"POST") {
            let answer = browser.request(request("POST", &path)).await;
            let status = answer.status.as_u16();
            match route.class {
                Class::Protocol => assert!(matches!(status, 400 | 401), "POST {path}: {status}"),
                // These two take the parameters of services, lead to a GET, and change nothing.
                Class::Page | Class::Credential if ["/oauth/authorize", "/deconnexion"].contains(&route.path) => {
                    assert!(matches!(status, 303 | 400), "POST {path}: {status}");
                }
                Class::Page | Class::Credential => assert!(matches!(status, 400 | 403), "POST {path}: {status}"),
                Class::Document => panic!("POST {path} is a document"),
            }
        }
    }
    assert_eq!(browser.get("/accueil").await.path, "/accueil", "still signed in");
}

/// Pages for people in a session answer them, and nobody is shown a page of the sign-in of others.
#[tokio::test]
async fn a_person_sees_their_pages() {
    let app = TestApp::new(Engine::Sqlite).await;
    let mut browser = app.browser();
    DOSSIER.tokens(&mut browser, &[]).await;
    for route in all().into_iter().filter(|r| r.access == Access::Person && r.methods.contains(&"GET")) {
        let page = browser.get(&concrete(route.path)).await;
        assert!(page.status.as_u16() < 500, "{}: {}", route.path, page.status);
        assert!(!page.path.starts_with("/connexion?retour"), "{}: sent to sign in", route.path);
    }
}

#[tokio::test]
async fn ef_17_every_page_has_its_headers() {
    let app = TestApp::new(Engine::Sqlite).await;
    for route in all().into_iter().filter(|r| r.methods.contains(&"GET")) {
        let answer = app.send(request("GET", &concrete(route.path))).await;
        let header = |n: &str| answer.headers().get(n).map(|v| v.to_str().unwrap().to_owned());
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{}", route.path);
        if matches!(route.class, Class::Page | Class::Credential) {
            assert!(header("content-security-policy").is_some_and(|c| c.contains("default-src 'none'")), "{}", route.path);
            assert_eq!(header("cache-control").as_deref(), Some("no-store"), "{}", route.path);
        }
    }
}
