//! The main promise: one sign-in serves two services, written with the `openidconnect` crate.

use std::time::Duration;

use guichet_demo::launch::{Demo, Options, PEOPLE};

use crate::browser::Browser;
use crate::launcher;

const CAMILLE: &str = "camille@boulangerie.example";
const DOMINIQUE: &str = "dominique@boulangerie.example";

/// From the service's welcome page to the service's own space, with a code received by mail.
async fn sign_in_by_code(demo: &Demo, browser: &mut Browser, service: &str) {
    browser.open(service).await;
    assert!(browser.sees("id=\"login\""), "{}", browser.html);
    browser.open("/login").await;
    give_code(demo, browser).await;
}

async fn give_code(demo: &Demo, browser: &mut Browser) {
    let before = demo.mail.last_id();
    browser.fill("courriel", "  Camille@Boulangerie.EXAMPLE ").await;
    let mail = demo.mail.wait_for(CAMILLE, before, Duration::from_secs(10)).await.expect("a mail");
    browser.fill("code", mail.code.as_deref().expect("a code")).await;
}

fn inside(browser: &Browser, service: &str) {
    assert!(browser.url.as_str().starts_with(service), "at {}: {}", browser.url, browser.html);
    assert!(browser.sees("id=\"id-token\"") && browser.sees("id=\"userinfo\""), "{}", browser.html);
}

/// The value of `claim` in the ID token shown.
fn claim(browser: &Browser, claim: &str) -> serde_json::Value {
    let shown = browser.html.split("id=\"id-token\"").nth(1).unwrap();
    let json = shown.split_once('>').unwrap().1.split("</pre>").next().unwrap();
    let claims: serde_json::Value = serde_json::from_str(&json.replace("&#34;", "\"")).unwrap();
    claims[claim].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sign_in_serves_two_services_and_signing_out_ends_it() {
    let demo = launcher::start(Options { seed: Some(7), ..Options::default() }).await;
    let (dossier, mandat) = (demo.urls.dossier.clone(), demo.urls.mandat.clone());
    let mut browser = Browser::new(&demo);

    sign_in_by_code(&demo, &mut browser, &dossier).await;
    inside(&browser, &dossier);
    assert!(browser.sees("Bonjour Camille Durand") && browser.sees(CAMILLE), "{}", browser.html);
    let subject = claim(&browser, "sub");

    browser.open(&mandat).await;
    let steps = browser.visited.len();
    browser.open("/login").await;
    inside(&browser, &mandat);
    let silent = browser.visited[steps..].iter().all(|step| step.starts_with("GET "));
    assert!(silent, "nothing is typed: {:?}", browser.visited);
    assert_ne!(claim(&browser, "sub"), subject, "each service knows the person by another name");

    browser.open(&dossier).await;
    browser.press("/refresh").await;
    inside(&browser, &dossier);
    assert!(browser.sees("jetons ont été renouvelés"), "{}", browser.html);
    assert_eq!(claim(&browser, "sub"), subject);

    browser.press("/logout").await;
    assert!(browser.url.as_str().starts_with(&dossier), "at {}: {}", browser.url, browser.html);
    assert!(browser.sees("de ce service et de votre identification"), "{}", browser.html);
    browser.open("/login").await;
    assert!(browser.sees("name=\"courriel\""), "the hub asks again: {}", browser.html);

    told(&mut browser, &mandat).await;
    demo.stop().await;
}

/// The service learns from the hub itself that the session ended: nobody signed out there.
async fn told(browser: &mut Browser, service: &str) {
    for _ in 0..100 {
        browser.open(service).await;
        if browser.sees("id=\"login\"") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(browser.sees("id=\"login\"") && browser.sees("Votre session a pris fin"), "{}", browser.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_closed_from_another_browser_ends_at_the_services_it_was_used_for() {
    let demo = launcher::start(Options { ports: true, ..Options::default() }).await;
    let (dossier, mandat) = (demo.urls.dossier.clone(), demo.urls.mandat.clone());
    let (mut here, mut there) = (Browser::new(&demo), Browser::new(&demo));
    for browser in [&mut there, &mut here] {
        sign_in_by_code(&demo, browser, &dossier).await;
        inside(browser, &dossier);
    }
    there.open(&format!("{mandat}/login")).await;
    inside(&there, &mandat);
    here.open(&format!("{}/compte/sessions", demo.urls.issuer)).await;
    here.press_one("/compte/sessions", &[("autres", "1")]).await;
    for service in [&mandat, &dossier] {
        told(&mut there, service).await;
    }
    here.open(&dossier).await;
    inside(&here, &dossier);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_connection_may_be_demanded_while_signed_in() {
    let demo = launcher::start(Options::default()).await;
    let dossier = demo.urls.dossier.clone();
    let mut browser = Browser::new(&demo);
    sign_in_by_code(&demo, &mut browser, &dossier).await;
    inside(&browser, &dossier);
    let first = claim(&browser, "auth_time");

    demo.clock.advance(Duration::from_secs(300));
    browser.open("/login?prompt=login").await;
    assert!(!browser.url.as_str().starts_with(&dossier), "the hub must ask again: {:?}", browser.visited);
    let before = demo.mail.last_id();
    browser.press("/connexion/code/renvoyer").await;
    let mail = demo.mail.wait_for(CAMILLE, before, Duration::from_secs(10)).await.expect("a mail");
    browser.fill("code", mail.code.as_deref().expect("a code")).await;
    inside(&browser, &dossier);
    assert!(claim(&browser, "auth_time").as_i64() >= first.as_i64().map(|t| t + 300));
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_with_a_password_signs_in_with_it() {
    let demo = launcher::start(Options { ports: true, ..Options::default() }).await;
    let mandat = demo.urls.mandat.clone();
    let mut browser = Browser::new(&demo);
    browser.open(&format!("{mandat}/login")).await;
    browser.fill("courriel", DOMINIQUE).await;
    if let Some(link) = browser.link("/connexion/mot-de-passe") {
        browser.open(&link).await;
    }
    browser.fill("mot_de_passe", PEOPLE[1].password.unwrap()).await;
    inside(&browser, &mandat);
    assert!(browser.sees("Bonjour Dominique Martin"), "{}", browser.html);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_comes_through_franceconnect_on_one_port_or_several() {
    for ports in [false, true] {
        let demo = launcher::start(Options { ports, seed: Some(3), ..Options::default() }).await;
        let dossier = demo.urls.dossier.clone();
        let mut browser = Browser::new(&demo);
        browser.open(&format!("{dossier}/login")).await;
        browser.press_one("/connexion/avec", &[("fournisseur", "franceconnect")]).await;
        assert!(browser.url.as_str().starts_with(&demo.urls.franceconnect), "at {}: {}", browser.url, browser.html);
        browser.press("/api/v2/redirect-to-idp").await;
        browser.fill("persona", "accents").await;
        browser.press("/api/v2/login").await;
        browser.fill("courriel_contact", "zoe.detre@particulier.example").await;
        inside(&browser, &dossier);
        assert!(browser.sees("Zoé"), "{}", browser.html);
        let told = demo.mail.wait_for("zoe.detre@particulier.example", 0, Duration::from_secs(10)).await.expect("a mail");
        assert!(told.subject.contains("connexion"), "{}", told.subject);
        demo.stop().await;
    }
}
