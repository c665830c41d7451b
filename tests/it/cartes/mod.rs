//! Physical cards, from the factory file to the sign-in: `oathtool` plays the card.

mod codes;
mod lending;
mod pages;
mod sign_in;

use std::process::Command;

use guichet::account::{Account, store as accounts};
use guichet::audit::Kind;
use guichet::authn::card::import::{self, Defaults, Unlock};
use guichet::authn::card::link::{self, Handler};
use guichet::authn::card::{self, Card, CardState, Moves, Refused, Serial};
use guichet::authn::factor::Kit;
use guichet::base::{Actor, Clock, Ctx, Email, Siret};
use guichet::mail::message::{CardAlert, CardEvent, MailMessage, UnlinkReason};

use crate::support::TestApp;

const CAMILLE: &str = "camille@boulangerie.example";
const DOMINIQUE: &str = "dominique@boulangerie.example";
const SACHA: &str = "sacha@mairie.example";

const BOULANGERIE: &str = "73282932000074";
const MAIRIE: &str = "21750001600019";

/// Dominique manages the bakery where Camille works; Sacha manages the town hall.
const ORG: &str = r#"
[[establishment]]
siret = "73282932000074"
name = "Boulangerie Durand"

[[establishment]]
siret = "217 500 016 00019"
name = "Mairie de Paris"

[[account]]
login_email = "sacha@mairie.example"
given_name = "Sacha"
family_name = "Petit"
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
login_email = "sacha@mairie.example"
siret = "21750001600019"
role = "manager"
"#;

/// Seeds in hexadecimal: twenty bytes, all the same.
fn seed(n: u8) -> String {
    format!("{n:02x}").repeat(20)
}

/// The stock: time-based of thirty and sixty seconds, event-based, eight digits.
fn stock() -> String {
    format!(
        "serial_number;seed;type;step;digits;algorithm\nGADT0001;{};totp;60;6;SHA1\nGADT0002;{};totp;30;8;SHA256\nGADT0003;{};hotp;;6;SHA1\nGADT0004;{};totp;60;6;SHA1\n",
        seed(1),
        seed(2),
        seed(3),
        seed(4)
    )
}

fn serial(text: &str) -> Serial {
    Serial::parse(text).unwrap()
}

fn siret(text: &str) -> Siret {
    Siret::parse(text).unwrap()
}

/// The code that a card shows `ahead` steps from now, or at this count of presses.
fn shown(app: &TestApp, name: &str, ahead: i64) -> String {
    let at = |step: i64| app.clock.now().secs() + ahead * step;
    match name {
        "GADT0001" => oathtool(&["--totp=sha1", "-s", "60s", "-N", &format!("@{}", at(60)), &seed(1)]),
        "GADT0002" => oathtool(&["--totp=sha256", "-s", "30s", "-d", "8", "-N", &format!("@{}", at(30)), &seed(2)]),
        "GADT0003" => oathtool(&["--hotp", "-c", &ahead.to_string(), &seed(3)]),
        "GADT0004" => oathtool(&["--totp=sha1", "-s", "60s", "-N", &format!("@{}", at(60)), &seed(4)]),
        other => panic!("{other}"),
    }
}

/// A code that the card shows nowhere near now.
fn wrong(app: &TestApp, name: &str) -> String {
    let near: Vec<String> = (0..130).map(|n| shown(app, name, if name == "GADT0003" { n } else { n - 65 })).collect();
    let digits = near[0].len();
    (0..).map(|n| format!("{n:0digits$}")).find(|code| !near.contains(code)).unwrap()
}

fn oathtool(arguments: &[&str]) -> String {
    let done = Command::new("oathtool").args(arguments).output().expect("oathtool (scripts/install-packages.sh test)");
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Establishments, people and cards in stock.
async fn prepare(app: &TestApp) {
    app.apply(ORG).await;
    import(app, &stock()).await.unwrap();
}

async fn import(app: &TestApp, file: &str) -> Result<usize, Vec<String>> {
    let said = |faults: Vec<import::Fault>| faults.iter().map(ToString::to_string).collect::<Vec<_>>();
    let entries = import::read(file.as_bytes(), Defaults::default(), &Unlock::Nothing).map_err(said)?;
    let ctx = app.app.ctx(Actor::Operator);
    let mut tx = app.app.db.begin().await.unwrap();
    let lines = import::import(&mut tx, &kit(app, &ctx), &entries).await.unwrap().map_err(said)?;
    tx.commit().await.unwrap();
    Ok(lines.iter().filter(|l| l.outcome == import::Outcome::Created).count())
}

fn kit<'a>(app: &'a TestApp, ctx: &'a Ctx) -> Kit<'a> {
    Kit { ctx, keys: &app.app.keys, config: &app.app.config }
}

async fn account(app: &TestApp, email: &str) -> Account {
    let mut read = app.app.db.read().await.unwrap();
    accounts::find_by_login(&mut read, &Email::parse(email).unwrap()).await.unwrap().unwrap()
}

async fn found(app: &TestApp, name: &str) -> Card {
    card::find(&mut app.app.db.read().await.unwrap(), &serial(name)).await.unwrap().unwrap()
}

async fn state(app: &TestApp, name: &str) -> CardState {
    found(app, name).await.state
}

async fn send(app: &TestApp, name: &str, to: &str) {
    let ctx = app.app.ctx(Actor::Operator);
    let mut tx = app.app.db.begin().await.unwrap();
    link::send(&mut tx, &kit(app, &ctx), &serial(name), &siret(to)).await.unwrap().unwrap();
    tx.commit().await.unwrap();
}

/// Lent to a person of the bakery by its manager.
async fn lend(app: &TestApp, name: &str, email: &str) -> Result<Card, link::NotLinked> {
    let (person, manager, siret) = (account(app, email).await, account(app, DOMINIQUE).await, siret(BOULANGERIE));
    let ctx = app.app.ctx(Actor::Account(manager.id.clone()));
    let handler = Handler { name: Some("Dominique Martin"), within: Some(&siret) };
    let mut tx = app.app.db.begin().await.unwrap();
    let lent = link::link(&mut tx, &kit(app, &ctx), &serial(name), &person, &handler).await.unwrap();
    tx.commit().await.unwrap();
    lent
}

async fn confirm(app: &TestApp, name: &str, typed: &str) -> Result<(), Refused> {
    let ctx = app.app.ctx(Actor::Operator);
    let card = found(app, name).await;
    let mut tx = app.app.db.begin().await.unwrap();
    let confirmed = card::confirm(&mut tx, &kit(app, &ctx), &card, typed).await.unwrap();
    tx.commit().await.unwrap();
    confirmed
}

/// A card that serves already. Its first code was the one of now, or the first press.
async fn lent(app: &TestApp, name: &str, email: &str) {
    send(app, name, BOULANGERIE).await;
    lend(app, name, email).await.unwrap();
    confirm(app, name, &shown(app, name, 0)).await.unwrap();
}

/// What a sign-in answers to this code.
async fn typed(app: &TestApp, email: &str, code: &str) -> Result<(), Refused> {
    let person = account(app, email).await;
    let ctx = app.app.ctx(Actor::Anonymous);
    let mut tx = app.app.db.begin().await.unwrap();
    let verdict = card::verify(&mut tx, &kit(app, &ctx), &person.id, code).await.unwrap();
    tx.commit().await.unwrap();
    verdict.map(|proof| assert_eq!(proof.account(), &person.id))
}

async fn events(app: &TestApp, kind: Kind) -> usize {
    app.audit().await.iter().filter(|k| *k == kind.name()).count()
}

async fn told(app: &TestApp, to: &str) -> Vec<CardEvent> {
    let event = |m: MailMessage| if let MailMessage::CardNotice { event, .. } = m { Some(event) } else { None };
    app.mails(to).await.into_iter().filter_map(event).collect()
}

async fn alerts(app: &TestApp, to: &str) -> Vec<CardAlert> {
    let alert = |m: MailMessage| if let MailMessage::CardAlert { alert, .. } = m { Some(alert) } else { None };
    app.mails(to).await.into_iter().filter_map(alert).collect()
}
