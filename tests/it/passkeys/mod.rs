//! Passkeys: made, used as first and second factor, named, removed, and every way an answer can be wrong.

mod enrolment;
mod offer;
mod rp_id;
mod second_factor;
mod sign_in;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use guichet::account::Account;
use guichet::authn::factor::Kit;
use guichet::authn::factor::passkey::{self, Passkey};
use guichet::base::Email;
use guichet::mail::message::{MailMessage, SecurityEvent};
use serde_json::Value;

use crate::support::authenticator::{Authenticator, Twist};
use crate::support::{Browser, Page, TestApp};

const CAMILLE: &str = "camille@boulangerie.example";
const DOMINIQUE: &str = "dominique@boulangerie.example";
const ADD: &str = "/compte/securite/cle";

/// A browser in which this person has just signed in to the portal, with a code.
async fn signed_in(app: &TestApp, email: &str) -> Browser {
    app.advance(40);
    let mut browser = app.browser();
    let page = browser.get("/connexion").await;
    let page = browser.sign_in_with_code(&page, email).await;
    assert_eq!(page.path, "/accueil");
    browser
}

/// Where the options of the passkey button of a page are: below the address its form posts to.
fn options_url(page: &Page) -> String {
    let tag =
        page.body.split("<form").find(|tag| tag.split('>').next().is_some_and(|t| t.contains(" data-passkey"))).expect("a passkey button");
    let action = tag.split("action=\"").nth(1).and_then(|s| s.split('"').next()).expect("an action").replace("&amp;", "&");
    // Without a journey of its own, it is that of the page's first form.
    let first = page.forms().into_iter().map(|f| f.action).find(|a| a.contains("?t=")).unwrap_or_default();
    match action.split_once('?').or_else(|| first.split_once('?').map(|(_, query)| (action.as_str(), query))) {
        Some((path, query)) => format!("{path}/options?{query}"),
        None => format!("{action}/options"),
    }
}

/// The options behind the passkey button of a page.
async fn options(browser: &mut Browser, page: &Page) -> Value {
    let url = options_url(page);
    let answer = browser.request(Request::get(&url).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{url}: {}", answer.body);
    answer.json()
}

/// Posts an answer from a page that shows the button.
async fn post(browser: &mut Browser, page: &Page, options: &Value, credential: &str) -> Page {
    let form = page.forms().into_iter().find(|f| f.names.iter().any(|n| n == "reponse")).expect("a passkey form");
    let token = form.hidden.iter().find(|(n, _)| n == "jeton").map(|(_, v)| v.as_str()).expect("a token");
    let action = options_url(page).replacen("/options", "", 1);
    browser.post(&action, &[("jeton", token), ("etat", options["etat"].as_str().unwrap()), ("reponse", credential)]).await
}

/// Makes a passkey for the person of this browser.
async fn enrol(browser: &mut Browser, mut key: Authenticator) -> Authenticator {
    let page = browser.get(ADD).await;
    let asked = options(browser, &page).await;
    let made = key.create(&asked, &Twist::default());
    let page = post(browser, &page, &asked, &made).await;
    assert!(page.status == StatusCode::OK && page.path.starts_with("/compte/securite/cle/fac_"), "{} {}", page.path, page.body);
    key
}

/// A key of this person, and the browser that made it.
async fn holder(app: &TestApp, email: &str) -> (Browser, Authenticator) {
    let mut browser = signed_in(app, email).await;
    let key = enrol(&mut browser, Authenticator::new()).await;
    (browser, key)
}

/// From a page that shows the button, answers with a key.
async fn answer(browser: &mut Browser, page: &Page, key: &mut Authenticator, twist: &Twist) -> Page {
    let asked = options(browser, page).await;
    let credential = key.get(&asked, twist);
    post(browser, page, &asked, &credential).await
}

async fn account(app: &TestApp, email: &str) -> Account {
    let mut read = app.app.db.read().await.unwrap();
    guichet::account::store::find_by_login(&mut read, &Email::parse(email).unwrap()).await.unwrap().unwrap()
}

async fn keys(app: &TestApp, email: &str) -> Vec<Passkey> {
    let id = account(app, email).await.id;
    let ctx = app.app.ctx(guichet::base::Actor::System);
    let kit = Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
    passkey::list(&mut app.app.db.read().await.unwrap(), &kit, &id).await.unwrap()
}

/// Why answers were refused, in order.
async fn refusals(app: &TestApp) -> Vec<String> {
    const EVENTS: &str = "SELECT detail FROM audit_event WHERE kind IN ('sign_in.refused', 'limit.reached') ORDER BY id";
    let mut read = app.app.db.read().await.unwrap();
    let rows: Vec<(String,)> = guichet::sql!(&mut read, EVENTS; (String,); all).unwrap();
    let detail = |(text,): (String,)| serde_json::from_str::<Value>(&text).unwrap();
    rows.into_iter().map(detail).filter(|d| d["factor"] == "passkey").map(|d| d["why"].as_str().unwrap().to_owned()).collect()
}

async fn told(app: &TestApp, to: &str, wanted: SecurityEvent) -> usize {
    app.mails(to).await.iter().filter(|m| matches!(m, MailMessage::SecurityNotice { event, .. } if *event == wanted)).count()
}

async fn events(app: &TestApp, kind: &str) -> usize {
    app.audit().await.iter().filter(|k| *k == kind).count()
}

const SPENT: &str = "SELECT COUNT(*) FROM spent_challenge";
const SESSIONS: &str = "SELECT COUNT(*) FROM session";
