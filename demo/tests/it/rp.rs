//! The relying party against an issuer that can misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use guichet_demo::clock::Now;
use guichet_demo::rp::{self, RpConfig};
use http_body_util::BodyExt;
use openidconnect::AuthType;
use openidconnect::core::CoreJwsSigningAlgorithm;
use tower::ServiceExt;

use crate::fake_issuer::{self, Fake, Fault};

const BASE: &str = "http://dossier.localhost:8000";

fn config(fake: &Fake) -> RpConfig {
    RpConfig {
        key: "dossier",
        name: "Dépôt des aides",
        purpose: "Déposez vos demandes.",
        base_url: BASE.into(),
        issuer: fake.issuer.clone(),
        client_id: "dossier".into(),
        client_secret: "a/secret".into(),
        auth: AuthType::BasicAuth,
        alg: CoreJwsSigningAlgorithm::EdDsa,
        scopes: vec!["profile".into(), "offline_access".into()],
        desk: false,
        resolve: vec![("sso.localhost".into(), fake.addr())],
        now: guichet_demo::clock::system(),
    }
}

/// A browser on one service: keeps its cookie, goes to the issuer and back.
struct Browser {
    fake: Arc<Fake>,
    service: Router,
    cookie: Option<String>,
}

struct Page {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Browser {
    async fn open() -> Self {
        let fake = fake_issuer::start().await;
        let service = rp::router(config(&fake)).unwrap();
        Self { fake, service, cookie: None }
    }

    async fn send(&mut self, method: Method, uri: &str, origin: Option<&str>) -> Page {
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let response = self.service.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        let body = body.collect().await.unwrap().to_bytes();
        Page { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    async fn get(&mut self, uri: &str) -> Page {
        self.send(Method::GET, uri, None).await
    }

    async fn post(&mut self, uri: &str) -> Page {
        self.send(Method::POST, uri, Some(BASE)).await
    }

    /// Follows `/login…` to the issuer; returns the callback's path and query.
    async fn leave(&mut self, login: &str) -> String {
        let page = self.get(login).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .resolve("sso.localhost", self.fake.addr())
            .build()
            .unwrap();
        let answer = client.get(page.location()).send().await.unwrap();
        let back = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        back.strip_prefix(BASE).unwrap().to_owned()
    }

    /// A whole sign-in; returns the callback's page.
    async fn sign_in(&mut self) -> Page {
        let back = self.leave("/login").await;
        self.get(&back).await
    }
}

impl Page {
    fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    fn contains(&self, text: &str) -> bool {
        self.body.contains(text)
    }
}

#[tokio::test]
async fn a_person_signs_in_sees_the_claims_refreshes_and_signs_out() {
    let mut browser = Browser::open().await;
    let welcome = browser.get("/").await;
    assert!(welcome.contains("Se connecter") && browser.cookie.is_none());
    assert_eq!(*browser.fake.discoveries.lock().unwrap(), 0, "nothing is asked before a sign-in");

    let arrived = browser.sign_in().await;
    assert_eq!((arrived.status, arrived.location()), (StatusCode::SEE_OTHER, "/"));
    let space = browser.get("/").await;
    assert!(space.contains("Bonjour Camille &#60;Durand&#62;"), "{}", space.body);
    assert!(space.contains("sub-camille") && space.contains("at_hash") && space.contains("EdDSA"));
    assert!(space.contains("12345678900012"), "claims the crate does not know are shown too");
    let csp = space.headers["content-security-policy"].to_str().unwrap();
    assert!(csp.contains(&format!("form-action 'self' {};", browser.fake.issuer)), "{csp}");

    let refreshed = browser.post("/refresh").await;
    assert_eq!(refreshed.location(), "/");
    let space = browser.get("/").await;
    assert!(space.contains("renouvelé 1 fois") && space.contains("jetons ont été renouvelés"));
    assert!(!browser.get("/").await.contains("jetons ont été renouvelés"), "said once");
    assert_eq!(browser.post("/refresh").await.location(), "/");
    assert!(browser.get("/").await.contains("renouvelé 2 fois"), "the rotated token serves next");

    let out = browser.post("/logout").await;
    let url = url::Url::parse(out.location()).unwrap();
    let param = |name: &str| url.query_pairs().find(|(k, _)| k == name).unwrap().1.into_owned();
    assert!(out.location().starts_with(&format!("{}/logout?", browser.fake.issuer)));
    assert_eq!(param("post_logout_redirect_uri"), format!("{BASE}/logged-out"));
    assert_eq!(param("id_token_hint").split('.').count(), 3);
    let back = browser.get(&format!("/logged-out?state={}", param("state"))).await;
    assert!(back.contains("de ce service et de votre identification"), "{}", back.body);
    assert!(browser.get("/").await.contains("id=\"login\""));
}

#[tokio::test]
async fn the_client_authenticates_as_it_is_configured() {
    for (auth, seen) in [(AuthType::BasicAuth, "basic"), (AuthType::RequestBody, "post")] {
        let mut browser = Browser::open().await;
        browser.service = rp::router(RpConfig { auth, ..config(&browser.fake) }).unwrap();
        assert_eq!(browser.sign_in().await.location(), "/");
        assert_eq!(*browser.fake.seen_auth.lock().unwrap(), [seen]);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_trusted_signs_nobody_in() {
    for fault in
        [Fault::WrongIss, Fault::NoIss, Fault::WrongNonce, Fault::WrongAudience, Fault::Expired, Fault::WrongAtHash, Fault::UnknownKey]
    {
        let mut browser = Browser::open().await;
        browser.fake.misbehave(fault);
        let page = browser.sign_in().await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{fault:?}: {}", page.body);
        assert!(page.contains("refusée par précaution"), "{fault:?}");
        assert!(browser.get("/").await.contains("id=\"login\""), "{fault:?}");
        let exchanged = !browser.fake.seen_auth.lock().unwrap().is_empty();
        assert_eq!(exchanged, !matches!(fault, Fault::WrongIss | Fault::NoIss), "{fault:?}");
    }
}

#[tokio::test]
async fn an_algorithm_other_than_the_registered_one_is_refused() {
    let mut browser = Browser::open().await;
    let alg = CoreJwsSigningAlgorithm::EcdsaP256Sha256;
    browser.service = rp::router(RpConfig { alg, ..config(&browser.fake) }).unwrap();
    assert_eq!(browser.sign_in().await.status, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_refusal_is_told_kindly_and_its_words_are_escaped() {
    let mut browser = Browser::open().await;
    browser.fake.misbehave(Fault::Denies);
    let page = browser.sign_in().await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.contains("Vous n’êtes pas connecté") && page.contains("access_denied"), "{}", page.body);
    assert!(!page.contains("<b>"), "{}", page.body);
}

#[tokio::test]
async fn a_callback_serves_once_and_only_in_the_browser_that_left() {
    let mut browser = Browser::open().await;
    let back = browser.leave("/login").await;
    let mine = browser.cookie.take();
    for cookie in [None, Some("dossier_session=guessed".to_owned())] {
        browser.cookie = cookie;
        let page = browser.get(&back).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.contains("n’est plus valable"));
    }
    browser.cookie = mine;
    let forged = back.replace("state=", "state=x");
    assert_eq!(browser.get(&forged).await.status, StatusCode::BAD_REQUEST);
    let before = browser.cookie.clone();
    assert_eq!(browser.get(&back).await.location(), "/");
    assert_ne!(browser.cookie, before, "the session gets a new id at sign-in");
    assert_eq!(browser.get(&back).await.status, StatusCode::BAD_REQUEST);
    for bad in ["/callback", "/callback?state=a&state=b", "/callback?code=x"] {
        assert_eq!(browser.get(bad).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn several_tabs_may_leave_at_once_and_each_comes_back() {
    let mut browser = Browser::open().await;
    let first = browser.leave("/login").await;
    let second = browser.leave("/login").await;
    assert_eq!(browser.get(&first).await.location(), "/");
    assert!(browser.get("/").await.contains("sub-camille"));
    assert_eq!(browser.get(&second).await.status, StatusCode::BAD_REQUEST);
    assert!(browser.get("/").await.contains("sub-camille"), "a stale tab does not sign out");
}

#[tokio::test]
async fn a_new_connection_on_demand_is_sent_as_prompt_login_and_checked() {
    let mut browser = Browser::open().await;
    assert_eq!(browser.sign_in().await.location(), "/");
    let back = browser.leave("/login?prompt=login").await;
    assert_eq!(browser.get(&back).await.location(), "/");
    browser.fake.misbehave(Fault::OldAuthentication);
    let back = browser.leave("/login?prompt=login").await;
    assert_eq!(browser.get(&back).await.status, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn keys_are_fetched_again_after_a_rotation() {
    let mut browser = Browser::open().await;
    let ahead = Arc::new(AtomicI64::new(0));
    let system = guichet_demo::clock::system();
    let now: Now = {
        let ahead = ahead.clone();
        Arc::new(move || system() + ahead.load(Ordering::Relaxed))
    };
    browser.service = rp::router(RpConfig { now, ..config(&browser.fake) }).unwrap();
    assert_eq!(browser.sign_in().await.location(), "/");
    *browser.fake.key.lock().unwrap() = 2;
    assert_eq!(browser.sign_in().await.location(), "/");
    assert_eq!(*browser.fake.discoveries.lock().unwrap(), 2);

    *browser.fake.key.lock().unwrap() = 3;
    assert_eq!(browser.sign_in().await.status, StatusCode::BAD_GATEWAY, "not within the floor");
    assert_eq!(*browser.fake.discoveries.lock().unwrap(), 2);
    ahead.store(6_000, Ordering::Relaxed);
    assert_eq!(browser.sign_in().await.location(), "/");
    assert_eq!(*browser.fake.discoveries.lock().unwrap(), 3);
}

#[tokio::test]
async fn tokens_refused_later_are_shown_and_a_refused_refresh_ends_the_session() {
    let mut browser = Browser::open().await;
    assert_eq!(browser.sign_in().await.location(), "/");
    browser.fake.misbehave(Fault::Revoked);
    let space = browser.get("/").await;
    assert_eq!(space.status, StatusCode::OK);
    assert!(space.contains("id=\"userinfo-error\"") && space.contains("sub-camille"), "{}", space.body);
    let page = browser.post("/refresh").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.contains("Votre connexion est terminée"), "{}", page.body);
    assert!(browser.get("/").await.contains("id=\"login\""));
}

#[tokio::test]
async fn answers_about_somebody_else_are_not_shown() {
    let mut browser = Browser::open().await;
    assert_eq!(browser.sign_in().await.location(), "/");
    browser.fake.misbehave(Fault::OtherSubject);
    let space = browser.get("/").await;
    assert!(space.contains("userinfo-error") && !space.contains("Durand"), "{}", space.body);
    browser.fake.misbehave(Fault::OtherSubjectOnRefresh);
    assert_eq!(browser.post("/refresh").await.status, StatusCode::BAD_GATEWAY);
    assert!(browser.get("/").await.contains("id=\"login\""));
}

#[tokio::test]
async fn a_double_click_on_refresh_sends_the_token_once() {
    let mut browser = Browser::open().await;
    assert_eq!(browser.sign_in().await.location(), "/");
    let mut twin = Browser { fake: browser.fake.clone(), service: browser.service.clone(), cookie: browser.cookie.clone() };
    let (one, two) = tokio::join!(browser.post("/refresh"), twin.post("/refresh"));
    assert_eq!((one.location(), two.location()), ("/", "/"));
    assert_eq!(browser.fake.seen_auth.lock().unwrap().len(), 2, "the sign-in and one refresh");
    assert_eq!(browser.post("/refresh").await.location(), "/");
    assert!(browser.get("/").await.contains("renouvelé 2 fois"));
}

#[tokio::test]
async fn forms_sent_from_elsewhere_change_nothing() {
    let mut browser = Browser::open().await;
    assert_eq!(browser.sign_in().await.location(), "/");
    for path in ["/refresh", "/logout"] {
        let page = browser.send(Method::POST, path, Some("http://mandat.localhost:8000")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    assert!(browser.get("/").await.contains("sub-camille"));
    assert_eq!(browser.fake.seen_auth.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_unreachable_hub_is_said_so_and_the_service_stays_up() {
    let fake = fake_issuer::start().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let issuer = format!("http://127.0.0.1:{}", closed.port());
    let service = rp::router(RpConfig { issuer, ..config(&fake) }).unwrap();
    let mut browser = Browser { fake, service, cookie: None };
    let page = browser.get("/login").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.contains("La connexion est indisponible"), "{}", page.body);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn unknown_pages_are_told_in_the_services_own_words() {
    let mut browser = Browser::open().await;
    let page = browser.get("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.contains("Page introuvable") && page.contains("<html lang=\"fr\">"));
    assert_eq!(browser.get("/style.css").await.headers["content-type"], "text/css; charset=utf-8");
}

const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What the issuer sends; the status of the answer.
async fn hear(browser: &Browser, token: &str) -> StatusCode {
    let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", token).finish();
    let request = Request::post("/backchannel-logout").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = browser.service.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    answer.status()
}

#[tokio::test]
async fn the_issuer_ends_a_session_and_its_person_is_told() {
    let mut browser = Browser::open().await;
    browser.sign_in().await;
    assert!(browser.get("/").await.contains("id=\"id-token\""));
    assert_eq!(hear(&browser, &browser.fake.logout_token(1, LOGOUT, None, None)).await, StatusCode::OK);
    let page = browser.get("/").await;
    assert!(page.contains("id=\"login\"") && page.contains("Votre session a pris fin"), "{}", page.body);
    assert!(!browser.get("/").await.contains("Votre session a pris fin"), "said once");
}

#[tokio::test]
async fn what_is_no_logout_token_of_the_issuer_ends_nothing() {
    let mut browser = Browser::open().await;
    browser.sign_in().await;
    let fake = browser.fake.clone();
    for (what, token) in [
        ("nothing", String::new()),
        ("noise", "a.b.c".to_owned()),
        ("another key", fake.logout_token(99, LOGOUT, None, None)),
        ("another event", fake.logout_token(1, "https://example.org/event", None, None)),
        ("a nonce", fake.logout_token(1, LOGOUT, None, Some("n"))),
        ("an ID token", fake.some_id_token()),
    ] {
        assert_eq!(hear(&browser, &token).await, StatusCode::BAD_REQUEST, "{what}");
    }
    assert_eq!(hear(&browser, &fake.logout_token(1, LOGOUT, Some("another session"), None)).await, StatusCode::OK);
    assert!(browser.get("/").await.contains("id=\"id-token\""), "still signed in");
}
