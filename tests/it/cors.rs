//! Applications that run in a browser call the hub from their own origin, and no other origin is heard.

use axum::body::Body;
use axum::http::Request;
use guichet::base::Actor;
use guichet::oidc::registry;

use crate::support::{Answer, TestApp};

const PATHS: [&str; 3] = ["/oauth/token", "/oauth/userinfo", "/oauth/revoke"];
const ORIGIN: &str = "https://page.example.fr";

const PAGE: &str = r#"
[[client]]
client_id = "page"
client_name = "Application d’une page"
token_endpoint_auth_method = "none"
redirect_uris = ["https://page.example.fr/retour"]
grant_types = ["authorization_code", "refresh_token"]
scope = "openid profile offline_access"
"#;

async fn call(app: &TestApp, method: &str, path: &str, origin: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("origin", origin);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    Answer::of(app.send(request.body(Body::empty()).unwrap()).await).await
}

async fn unheard(app: &TestApp, origin: &str) {
    for path in PATHS {
        for method in ["OPTIONS", "POST"] {
            let answer = call(app, method, path, origin).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {path} {origin}");
            assert_eq!(answer.header("vary"), "Origin", "{method} {path} {origin}");
        }
    }
}

on_both! {
    async fn only_where_a_public_client_in_use_lives_are_scripts_heard(app) {
        unheard(&app, ORIGIN).await;
        app.apply(PAGE).await;
        for path in PATHS {
            let asked = call(&app, "OPTIONS", path, ORIGIN).await;
            assert_eq!((asked.status.as_u16(), asked.header("access-control-allow-origin")), (204, ORIGIN), "{path}");
            assert_eq!(asked.header("access-control-allow-methods"), "GET, POST");
            assert_eq!(asked.header("access-control-allow-headers"), "authorization, content-type, dpop");
            let answer = call(&app, "POST", path, ORIGIN).await;
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
            assert_eq!((answer.header("access-control-allow-origin"), answer.header("vary")), (ORIGIN, "Origin"), "{path}");
            assert!(answer.header("access-control-expose-headers").contains("www-authenticate"), "{path}");
            for answer in [asked, answer] {
                assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
            }
        }
        // Other origins, that of a confidential client, odd spellings.
        for origin in ["https://elsewhere.example", "https://dossier.example.fr", "http://page.example.fr", "https://page.example.fr:8443", "null"] {
            unheard(&app, origin).await;
        }
        // Nowhere else, and nothing without an origin.
        assert_eq!(call(&app, "OPTIONS", "/oauth/introspect", ORIGIN).await.status, 405);
        assert_eq!(call(&app, "POST", "/oauth/introspect", ORIGIN).await.header("access-control-allow-origin"), "");
        assert_eq!(app.post("/oauth/token", &[], &[]).await.header("access-control-allow-origin"), "");

        let mut tx = app.app.db.begin().await.unwrap();
        assert!(registry::set_enabled(&mut tx, &app.app.ctx(Actor::Operator), "page", false).await.unwrap());
        tx.commit().await.unwrap();
        app.app.reload().await.unwrap();
        unheard(&app, ORIGIN).await;
    }
}
