//! Establishments, people, services and habilitations: attaching, asking, deciding, and what tokens say of it.

mod access;
mod asking;
pub mod carried;
mod claims;
mod endings;
mod home;
mod joining;
mod keeping;
mod lacking;
mod named;
mod official;
mod search;
mod settled;
mod taking_over;

use guichet::audit::Kind;
use guichet::base::id::AskId;
use guichet::mail::message::{MailMessage, OrgEvent, OrgFacts};

use crate::support::rp::{Auth, Rp};
use crate::support::{Browser, Page, TestApp};

pub const BAKERY: &str = "73282932000074";
pub const TOWN_HALL: &str = "21750001600019";
pub const CAMILLE: &str = "camille@boulangerie.example";
pub const GASTON: &str = "gaston@boulangerie.example";

/// The service « Aides », on request, and a client of it.
pub const AIDES: Rp = Rp {
    id: "aides",
    secret: "aides-secret-for-tests-only-000001",
    redirect_uri: "https://aides.example.fr/cb",
    scope: "openid account establishment habilitations offline_access",
    auth: Auth::Basic,
    pkce: true,
};

const WORLD: &str = r#"
[[client]]
client_id = "aides"
client_name = "Aides"
client_secret = "aides-secret-for-tests-only-000001"
redirect_uris = ["https://aides.example.fr/cb"]
grant_types = ["authorization_code", "refresh_token"]
scope = "openid account establishment habilitations offline_access"
service = "aides"
consent = "none"

[[service]]
id = "aides"
name = "Dépôt des aides"
access = "request"
audience = "professionals"
max_days = 365
profiles = [{ id = "lecteur", name = "Lecteur" }, { id = "instructeur", name = "Instructeur" }]

[[account]]
login_email = "gaston@boulangerie.example"
given_name = "Gaston"
family_name = "Petit"
email_verified = true

[[establishment]]
siret = "73282932000074"
name = "Boulangerie Durand"

[[establishment]]
siret = "21750001600019"
name = "Mairie"

[[membership]]
login_email = "gaston@boulangerie.example"
siret = "73282932000074"
role = "manager"
"#;

/// The service, the bakery and its manager; nobody is asked for a second factor.
pub async fn world(app: TestApp) -> TestApp {
    let app = TestApp::start(app.engine, |c| c.policy.managers = guichet::base::Aal::One).await;
    app.apply(WORLD).await;
    app
}

/// Puts a person in an establishment.
pub async fn place(app: &TestApp, email: &str, siret: &str, more: &str) {
    let text = format!("[[membership]]\nlogin_email = \"{email}\"\nsiret = \"{siret}\"\nrole = \"contact\"\n{more}\n");
    app.apply(&text).await;
}

/// Gives them profiles there, for « Aides »; none takes them back.
pub async fn grant(app: &TestApp, email: &str, siret: &str, profiles: &str) {
    let text = format!("[[habilitation]]\nlogin_email = \"{email}\"\nsiret = \"{siret}\"\nservice = \"aides\"\nprofiles = [{profiles}]\n");
    app.apply(&text).await;
}

pub async fn signed_in(app: &TestApp, email: &str) -> Browser {
    let mut browser = app.browser();
    let page = browser.get("/connexion").await;
    let page = browser.sign_in_with_code(&page, email).await;
    assert_eq!(page.path, "/accueil", "{}", page.body);
    browser
}

/// The SIRET of an establishment among many: in the order of their numbers.
pub fn numbered(n: u32) -> String {
    let base = format!("7{n:08}{:04}", 1);
    (0..10).map(|check| format!("{base}{check}")).find(|s| guichet::base::Siret::parse(s).is_ok()).unwrap()
}

/// So many establishments, in which somebody has this role.
pub async fn many(app: &TestApp, email: &str, role: &str, numbers: std::ops::RangeInclusive<u32>) {
    let mut text = String::new();
    for n in numbers {
        let siret = numbered(n);
        text += &format!("[[establishment]]\nsiret = \"{siret}\"\nname = \"Atelier {n:03}\"\n");
        text += &format!("[[membership]]\nlogin_email = \"{email}\"\nsiret = \"{siret}\"\nrole = \"{role}\"\n");
    }
    app.apply(&text).await;
}

/// What the mails about establishments said to somebody.
pub async fn told(app: &TestApp, email: &str) -> Vec<(OrgEvent, OrgFacts)> {
    let mails = app.mails(email).await;
    mails
        .into_iter()
        .filter_map(|m| if let MailMessage::Organisation { event, facts } = m { Some((event, *facts)) } else { None })
        .collect()
}

/// The particulars of the mail that told them this.
pub async fn heard(app: &TestApp, email: &str, event: OrgEvent) -> OrgFacts {
    let all = told(app, email).await;
    let found = all.iter().find(|(e, _)| *e == event).map(|(_, facts)| facts.clone());
    found.unwrap_or_else(|| panic!("{email} was not told {event:?}: {all:?}"))
}

pub async fn happened(app: &TestApp, kind: Kind) -> usize {
    app.audit().await.iter().filter(|name| *name == kind.name()).count()
}

/// The request a page is about.
pub fn request_of(page: &Page) -> AskId {
    let id = page.path.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    AskId::parse(id).unwrap_or_else(|| panic!("no request at {}: {}", page.path, page.body))
}
