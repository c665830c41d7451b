//! Individuals through FranceConnect (french-domain §1, §5): a real HTTP upstream with its own keys, on both databases.

mod encrypted;
mod exclusive;
mod leaving;
mod links;
mod oidc;
mod proconnect;
mod refusals;
mod sign_in;
mod verify;

use crate::support::upstream::Upstream;
use crate::support::{Browser, Page, TestApp};

pub const ANGELA: &str = "angela@mel.example";

/// A FranceConnect that is declared.
pub async fn upstream(app: &TestApp) -> Upstream {
    upstream_with(app, "").await
}

/// The same with further members of its declaration.
pub async fn upstream_with(app: &TestApp, more: &str) -> Upstream {
    let upstream = Upstream::start(app).await;
    app.apply(&upstream.declaration("franceconnect", more)).await;
    upstream
}

/// The button of a provider on a page: what answers.
pub async fn press(browser: &mut Browser, page: &Page, id: &str) -> Page {
    assert!(page.body.contains(&format!("form=\"avec\" name=\"fournisseur\" value=\"{id}\"")), "no button of {id}: {}", page.body);
    browser.press(page, "/connexion/avec", &[("fournisseur", id)]).await
}

/// « S’identifier avec FranceConnect » on a page: where the browser is sent.
pub async fn depart(browser: &mut Browser, page: &Page) -> String {
    let page = press(browser, page, "franceconnect").await;
    assert_eq!(page.status.as_u16(), 200, "{}", page.body);
    page.left_for.expect("the way to FranceConnect")
}

/// From a page with the button to the page after the callback.
pub async fn sign_in(browser: &mut Browser, upstream: &Upstream, page: &Page) -> Page {
    let address = depart(browser, page).await;
    let back = upstream.visit(&address);
    browser.get(&back).await
}

/// Accounts and sessions there are.
pub async fn rows(app: &TestApp) -> (i64, i64, i64) {
    (
        app.count("SELECT COUNT(*) FROM account").await,
        app.count("SELECT COUNT(*) FROM session").await,
        app.count("SELECT COUNT(*) FROM federated_identity").await,
    )
}
