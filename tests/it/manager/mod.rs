//! The manager's area: who gets in, requests, rights, invitations, handing over (ux P-17, G-01 to G-09).

mod area;
mod handover;
mod invitations;
mod journal;
mod names;
mod parting;
mod people;
mod requests;
mod review;
mod services;
mod succession;

use axum::http::StatusCode;
use guichet::account::{Account, store as accounts};
use guichet::audit::Kind;
use guichet::authn::factor::Kit;
use guichet::base::id::{AccountId, AskId};
use guichet::base::{Actor, Ctx, Email, Siret};
use guichet::mail::message::{MailMessage, OrgEvent, OrgFacts};
use guichet::org::request::{self, Desk, Filed};
use guichet::org::{self, Membership, Role};

use crate::support::{Browser, Page, TestApp};

const CAMILLE: &str = "camille@boulangerie.example";
const DOMINIQUE: &str = "dominique@boulangerie.example";
const SACHA: &str = "sacha@mairie.example";
const LOU: &str = "lou@boulangerie.example";
const ANDREA: &str = "andrea@ailleurs.example";

const BOULANGERIE: &str = "73282932000074";
const MAIRIE: &str = "21750001600019";
const BASE: &str = "/etablissements/73282932000074";

/// Dominique and Lou manage the bakery where Camille works; Sacha manages the town hall; Andrea works nowhere.
const ORG: &str = r#"
[[establishment]]
siret = "73282932000074"
name = "Boulangerie Durand"

[[establishment]]
siret = "217 500 016 00019"
name = "Mairie de Paris"

[[service]]
id = "aides"
name = "Dépôt des aides"
audience = "professionals"
access = "request"
profiles = [{ id = "lecture", name = "Lecture" }, { id = "depot", name = "Dépôt" }]

[[service]]
id = "formation"
name = "Formations"
audience = "professionals"
access = "request"
prerequisites = ["diplome"]

[[service]]
id = "national"
name = "Fichier national"
audience = "professionals"
access = "request"
approver = "operator"

[[account]]
login_email = "sacha@mairie.example"
given_name = "Sacha"
family_name = "Petit"
email_verified = true

[[account]]
login_email = "lou@boulangerie.example"
given_name = "Lou"
family_name = "=SOMME(A1)"
email_verified = true

[[account]]
login_email = "andrea@ailleurs.example"
given_name = "Andréa"
family_name = "Moreau"
email_verified = true

[[membership]]
login_email = "camille@boulangerie.example"
siret = "73282932000074"
role = "contact"

[[membership]]
login_email = "dominique@boulangerie.example"
siret = "73282932000074"
role = "manager"

[[membership]]
login_email = "lou@boulangerie.example"
siret = "73282932000074"
role = "manager"

[[membership]]
login_email = "sacha@mairie.example"
siret = "21750001600019"
role = "manager"
"#;

async fn prepare(app: &TestApp) {
    app.apply(ORG).await;
}

/// The same, where managers go on for years without a second factor.
async fn lasting(app: TestApp) -> TestApp {
    let app = TestApp::start(app.engine, |c| c.policy.managers = guichet::base::Aal::One).await;
    prepare(&app).await;
    app
}

fn siret(text: &str) -> Siret {
    Siret::parse(text).unwrap()
}

fn kit<'a>(app: &'a TestApp, ctx: &'a Ctx) -> Kit<'a> {
    Kit { ctx, keys: &app.app.keys, config: &app.app.config }
}

async fn account(app: &TestApp, email: &str) -> Account {
    let mut read = app.app.db.read().await.unwrap();
    accounts::find_by_login(&mut read, &Email::parse(email).unwrap()).await.unwrap().unwrap()
}

async fn id(app: &TestApp, email: &str) -> AccountId {
    account(app, email).await.id
}

async fn place(app: &TestApp, email: &str, at: &str) -> Option<Membership> {
    let who = id(app, email).await;
    org::store::membership(&mut app.app.db.read().await.unwrap(), &who, &siret(at)).await.unwrap()
}

async fn role(app: &TestApp, email: &str) -> Option<Role> {
    place(app, email, BOULANGERIE).await.filter(|m| m.holds(app.app.ctx(Actor::Anonymous).now())).map(|m| m.role)
}

/// A browser in which this person has just signed in to the portal.
async fn signed_in(app: &TestApp, email: &str) -> Browser {
    app.advance(1);
    let mut browser = app.browser();
    let page = browser.get("/connexion").await;
    browser.sign_in_with_code(&page, email).await;
    browser
}

async fn person_path(app: &TestApp, email: &str) -> String {
    format!("{BASE}/intervenants/{}", id(app, email).await)
}

async fn events(app: &TestApp, kind: Kind) -> usize {
    app.audit().await.iter().filter(|k| *k == kind.name()).count()
}

/// What a person was written about establishments.
async fn told(app: &TestApp, email: &str) -> Vec<(OrgEvent, OrgFacts)> {
    let org = |m: MailMessage| if let MailMessage::Organisation { event, facts } = m { Some((event, *facts)) } else { None };
    app.mails(email).await.into_iter().filter_map(org).collect()
}

async fn last_told(app: &TestApp, email: &str) -> (OrgEvent, OrgFacts) {
    told(app, email).await.pop().unwrap()
}

/// A request to join the bakery.
async fn asks_to_join(app: &TestApp, email: &str) -> AskId {
    let (who, ctx, services) = (account(app, email).await, app.app.ctx(Actor::Anonymous), app.app.services());
    let kit = kit(app, &ctx);
    let mut tx = app.app.db.begin().await.unwrap();
    let place = org::find(&mut tx, &siret(BOULANGERIE)).await.unwrap().unwrap();
    let desk = Desk { kit: &kit, services: &services };
    let filed = request::join(&mut tx, desk, &who, &place, Role::Contact, Some("Je commence lundi.".into())).await.unwrap();
    tx.commit().await.unwrap();
    let Filed::Waits(id) = filed else { panic!("{filed:?}") };
    id
}

/// A request for both profiles of « Dépôt des aides » at the bakery.
async fn asks_for_access(app: &TestApp, email: &str, service: &str, profiles: &[&str]) -> AskId {
    let (who, ctx, services) = (account(app, email).await, app.app.ctx(Actor::Anonymous), app.app.services());
    let kit = kit(app, &ctx);
    let mut tx = app.app.db.begin().await.unwrap();
    let (desk, service) = (Desk { kit: &kit, services: &services }, services.live(service).unwrap());
    let profiles = profiles.iter().map(|p| (*p).to_owned()).collect();
    let filed = request::access(&mut tx, desk, &who, service, &siret(BOULANGERIE), profiles, None).await.unwrap();
    tx.commit().await.unwrap();
    let Filed::Waits(id) = filed else { panic!("{filed:?}") };
    id
}

async fn request_state(app: &TestApp, id: &AskId) -> request::State {
    request::store::find(&mut app.app.db.read().await.unwrap(), id).await.unwrap().unwrap().state
}

/// What a person holds at the bakery now: « service profile profile ».
async fn rights(app: &TestApp, email: &str) -> Vec<String> {
    let who = id(app, email).await;
    let mut read = app.app.db.read().await.unwrap();
    let all = org::habilitation::of_person(&mut read, &who, &siret(BOULANGERIE)).await.unwrap();
    let now = app.app.ctx(Actor::Anonymous).now();
    all.into_iter().filter(|h| h.holds(now)).map(|h| format!("{} {}", h.service, h.profiles.join(" "))).collect()
}

/// The token of forms in this browser.
async fn token(browser: &mut Browser) -> String {
    let page = browser.get("/etablissements").await;
    let form = page.forms().into_iter().find(|f| f.hidden.iter().any(|(n, _)| n == "jeton")).unwrap();
    form.hidden.into_iter().find(|(n, _)| n == "jeton").unwrap().1
}

/// The day that is so many days from now, in the three fields of a form.
fn day(app: &TestApp, days: i64) -> [String; 3] {
    guichet::base::dates::day_ending(app.app.ctx(Actor::Anonymous).now().millis() + days * 86_400_000)
}
