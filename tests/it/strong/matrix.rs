//! One policy matrix, replayed over every sign-in path and every grant: none forgets liveness, a second factor or audit.

use guichet::account::{AccountState, lifecycle};
use guichet::base::{Actor, Siret};
use guichet::org::{self, Establishment, Membership, Proof, Role};

use super::*;
use crate::support::rp::{DOSSIER, MANDAT, Rp, userinfo};

/// Who demands what of Dominique.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Row {
    Nobody,
    Service,
    Person,
    Manager,
    Administrator,
    Disabled,
    ClosedService,
}

const ROWS: [Row; 7] = [Row::Nobody, Row::Service, Row::Person, Row::Manager, Row::Administrator, Row::Disabled, Row::ClosedService];

/// Every way to prove a first factor on the way to a service.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Path {
    EmailCode,
    Password,
    Reset,
}

const PATHS: [Path; 3] = [Path::EmailCode, Path::Password, Path::Reset];

/// Where a sign-in ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Code,
    SecondFactor,
    Enrolment,
    Refused,
}

async fn arrange(app: &TestApp, rp: &Rp, row: Row) {
    let dominique = account(app, DOMINIQUE).await;
    let ctx = app.app.ctx(Actor::Operator);
    let mut client = app.app.clients().any(rp.id).unwrap().as_ref().clone();
    match row {
        Row::Nobody => {}
        Row::Service => {
            client.metadata.minimum_acr = Some(Aal::Two);
            app.put_client(client).await;
        }
        Row::ClosedService => {
            client.enabled = false;
            app.put_client(client).await;
        }
        Row::Person | Row::Manager | Row::Administrator | Row::Disabled => {
            let mut tx = app.app.db.begin().await.unwrap();
            match row {
                Row::Person => drop(accounts::set_required(&mut tx, &dominique.id, Aal::Two).await.unwrap()),
                Row::Administrator => drop(accounts::set_administrator(&mut tx, &dominique.id, true).await.unwrap()),
                Row::Disabled => drop(lifecycle::set_state(&mut tx, &ctx, &dominique, AccountState::Disabled).await.unwrap()),
                _ => {
                    let establishment = Establishment { siret: Siret::parse("73282932000074").unwrap(), name: "Boulangerie".into() };
                    org::put(&mut tx, &ctx, &establishment).await.unwrap();
                    let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
                    let member = Membership::new(dominique.id.clone(), establishment, Role::Manager, Proof::Operator);
                    org::put_membership(&mut tx, &kit, &member).await.unwrap();
                }
            }
            // The time left to set up a second factor is over.
            accounts::start_grace(&mut tx, &dominique.id, guichet::base::Timestamp::from_millis(1)).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}

/// The last code sent to Dominique since `before` mails; none when none was.
async fn code_since(app: &TestApp, before: usize) -> Option<String> {
    let mails = app.mails(DOMINIQUE).await;
    let sent = mails.iter().skip(before).any(|m| matches!(m, MailMessage::SignInCode { .. } | MailMessage::ResetCode { .. }));
    if sent { Some(app.last_code(DOMINIQUE).await) } else { None }
}

async fn walk(app: &TestApp, rp: &Rp, path: Path) -> End {
    app.advance(200);
    let mut browser = app.browser();
    let before = app.mails(DOMINIQUE).await.len();
    let page = browser.get(&rp.authorize(&[])).await;
    if page.status.as_u16() >= 400 {
        return End::Refused;
    }
    let t = page.path.split_once("t=").unwrap().1.to_owned();
    let page = browser.submit(&page, &[("courriel", DOMINIQUE)]).await;
    let page = match path {
        Path::EmailCode => match code_since(app, before).await {
            Some(code) => browser.submit(&page, &[("code", &code)]).await,
            None => return End::Refused,
        },
        Path::Password => {
            let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
            let page = browser.get(&link).await;
            browser.submit(&page, &[("mot_de_passe", PASSWORD)]).await
        }
        Path::Reset => {
            let before = app.mails(DOMINIQUE).await.len();
            let page = browser.get(&format!("/mot-de-passe-oublie?t={t}")).await;
            let page = browser.submit(&page, &[("courriel", DOMINIQUE)]).await;
            let Some(code) = code_since(app, before).await else { return End::Refused };
            let page = browser.submit(&page, &[("code", &code)]).await;
            if page.says("Les administrateurs n’ont pas de mot de passe") || !page.body.contains("name=\"nouveau_mot_de_passe\"") {
                return End::Refused;
            }
            browser.submit(&page, &[("nouveau_mot_de_passe", PASSWORD)]).await
        }
    };
    let page = rp.consent(&mut browser, page).await;
    match page.path.split('?').next().unwrap() {
        _ if page.left_with("code").is_some() => End::Code,
        "/connexion/verification/application" => End::SecondFactor,
        "/connexion/renforcement" => End::Enrolment,
        other => {
            assert!(matches!(page.status.as_u16(), 403 | 422) || other == "/connexion", "{path:?}: {} {other} {}", page.status, page.body);
            End::Refused
        }
    }
}

fn expected(row: Row, path: Path, strong: bool) -> End {
    match (row, path) {
        (Row::Nobody, _) => End::Code,
        (Row::Disabled | Row::ClosedService, _) => End::Refused,
        // Administrators have no password, and cannot give themselves one.
        (Row::Administrator, Path::Password | Path::Reset) => End::Refused,
        (Row::Service | Row::Person | Row::Manager | Row::Administrator, _) => {
            if strong {
                End::SecondFactor
            } else {
                End::Enrolment
            }
        }
    }
}

on_both! {
    async fn no_sign_in_path_forgets_what_is_demanded(app) {
        let engine = app.engine;
        for strong in [false, true] {
            for row in ROWS {
                let app = TestApp::new(engine).await;
                if strong {
                    let mut browser = signed_in(&app, DOMINIQUE).await;
                    enrolled(&app, &mut browser).await;
                }
                arrange(&app, &DOSSIER, row).await;
                for path in PATHS {
                    let before = app.audit().await.len();
                    assert_eq!(walk(&app, &DOSSIER, path).await, expected(row, path, strong), "{row:?} {path:?} strong: {strong}");
                    // A closed service is refused before anybody is known, which writes nothing.
                    assert!(row == Row::ClosedService || app.audit().await.len() > before, "{row:?} {path:?}: no trace");
                }
            }
        }
    }

    async fn no_grant_forgets_what_is_demanded(app) {
        let engine = app.engine;
        for row in ROWS {
            let app = TestApp::new(engine).await;
            let mut browser = app.browser();
            let page = browser.get(&MANDAT.authorize(&[])).await;
            let page = browser.sign_in_with_code(&page, DOMINIQUE).await;
            let page = MANDAT.consent(&mut browser, page).await;
            let tokens = MANDAT.redeem(&app, &page.left_with("code").unwrap()).await.json();
            let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
            let unused = browser.get(&MANDAT.authorize(&[])).await.left_with("code").unwrap();
            arrange(&app, &MANDAT, row).await;
            let fine = row == Row::Nobody;
            let before = app.audit().await.len();
            assert_eq!(userinfo(&app, access).await.status == 200, fine, "{row:?}: userinfo");
            let seen = MANDAT.introspect(&app, access).await;
            assert_eq!(seen["active"] == true, fine, "{row:?}: introspection {seen}");
            assert_eq!(MANDAT.redeem(&app, &unused).await.status == 200, fine, "{row:?}: code");
            assert_eq!(MANDAT.refresh(&app, refresh).await.status == 200, fine, "{row:?}: refresh");
            let silent = browser.get(&MANDAT.authorize(&[("prompt", "none")])).await;
            assert_eq!(silent.left_with("code").is_some(), fine, "{row:?}: silent {}", silent.path);
            assert!(app.audit().await.len() > before, "{row:?}: no trace");
        }
    }

    async fn a_locked_factor_is_locked_on_every_path(app) {
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let phone = enrolled(&app, &mut browser).await;
        demand(&app, DOMINIQUE, Aal::Two).await;
        // Ten wrong codes by way of one path: the right one is refused by way of every other.
        let mut other = app.browser();
        let page = other.get(&DOSSIER.authorize(&[])).await;
        let mut page = other.sign_in_with_code(&page, DOMINIQUE).await;
        for _ in 0..10 {
            page = other.submit(&page, &[("code", "000000")]).await;
        }
        for client in [DOSSIER, MANDAT] {
            let mut browser = app.browser();
            let page = at_password(&mut browser, DOMINIQUE).await;
            let page = browser.submit(&page, &[("mot_de_passe", PASSWORD)]).await;
            let page = browser.submit(&page, &[("code", &phone.code(&app, 0))]).await;
            assert!(page.says("Trop d’essais. Ce moyen est suspendu"), "{}", page.body);
            assert!(browser.get(&client.authorize(&[("prompt", "none")])).await.left_with("error").is_some());
        }
        let node = app.another_node().await;
        let mut browser = node.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, DOMINIQUE).await;
        assert!(browser.submit(&page, &[("code", &phone.code(&app, 0))]).await.says("Trop d’essais"), "other nodes count too");
    }
}
