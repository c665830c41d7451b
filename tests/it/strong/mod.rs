//! Strong sign-in: applications, recovery codes, two-step verification, trusted browsers, and what demands them.

mod application;
mod demands;
mod lost;
mod matrix;
mod recovery;
mod two_step;

use guichet::account::Account;
use guichet::account::store as accounts;
use guichet::base::{Aal, Email};
use guichet::crypto::oath::{Hash, Token, from_base32, step_at};
use guichet::mail::message::{MailMessage, SecurityEvent};

use crate::support::{Browser, Page, TestApp};

const CAMILLE: &str = "camille@boulangerie.example";
const DOMINIQUE: &str = "dominique@boulangerie.example";
const PASSWORD: &str = "une phrase assez longue 2026";

fn at(page: &Page, path: &str) -> bool {
    page.path.split('?').next() == Some(path)
}

/// A browser in which this person has just signed in to the portal with a code by mail.
async fn signed_in(app: &TestApp, email: &str) -> Browser {
    app.advance(1);
    let mut browser = app.browser();
    let page = browser.get("/connexion").await;
    let page = browser.sign_in_with_code(&page, email).await;
    assert_eq!(page.path, "/accueil");
    browser
}

async fn account(app: &TestApp, email: &str) -> Account {
    let mut read = app.app.db.read().await.unwrap();
    accounts::find_by_login(&mut read, &Email::parse(email).unwrap()).await.unwrap().unwrap()
}

/// The person demands it of themselves.
async fn demand(app: &TestApp, email: &str, aal: Aal) {
    let id = account(app, email).await.id;
    let mut tx = app.app.db.begin().await.unwrap();
    accounts::set_required(&mut tx, &id, aal).await.unwrap();
    tx.commit().await.unwrap();
}

/// The person's telephone: reads the key off the page.
struct Phone(Token);

impl Phone {
    fn reading(page: &Page) -> Self {
        let key = page.body.split("class=\"secret\"").nth(1).unwrap().split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
        Self(Token { secret: from_base32(&key).unwrap(), hash: Hash::Sha1, digits: 6 })
    }

    /// The code it shows, so many steps ahead of ours.
    fn code(&self, app: &TestApp, ahead: i64) -> String {
        let now = guichet::base::Clock::now(app.clock.as_ref());
        self.0.code(step_at(now, 30).saturating_add_signed(ahead))
    }
}

/// Enrols an application from « Mon compte »; a minute passes, so that its next code is fresh.
async fn enrolled(app: &TestApp, browser: &mut Browser) -> Phone {
    let page = browser.get("/compte/securite/application").await;
    let phone = Phone::reading(&page);
    let page = browser.submit(&page, &[("code", &phone.code(app, 0)), ("nom_moyen", "Mon téléphone")]).await;
    assert_eq!(page.path, "/compte/securite", "{}", page.body);
    app.advance(60);
    phone
}

async fn told(app: &TestApp, to: &str, wanted: SecurityEvent) -> bool {
    app.mails(to).await.iter().any(|m| matches!(m, MailMessage::SecurityNotice { event, .. } if *event == wanted))
}

async fn happened(app: &TestApp, kind: guichet::audit::Kind) -> usize {
    app.audit().await.iter().filter(|k| *k == kind.name()).count()
}

/// The page that asks for the password of somebody identified.
async fn at_password(browser: &mut Browser, email: &str) -> Page {
    browser.app().advance(1);
    let page = browser.get("/connexion").await;
    let page = browser.submit(&page, &[("courriel", email)]).await;
    let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
    browser.get(&link).await
}
