//! Security event tokens: RFC 8417, pushed as RFC 8935 says.

use guichet::account::profile::{self, Identity};
use guichet::account::{Account, AccountState};
use guichet::base::{Clock, Email, Siret};
use guichet::oidc::people;

use super::*;
use crate::support::rp::{DOSSIER, MANDAT};

const CHANGED: &str = "https://schemas.openid.net/secevent/caep/event-type/token-claims-change";
const DISABLED: &str = "https://schemas.openid.net/secevent/risc/event-type/account-disabled";
const ENABLED: &str = "https://schemas.openid.net/secevent/risc/event-type/account-enabled";

async fn listening(app: &TestApp, clients: &[&str]) -> HttpGateway {
    let receiver = HttpGateway::start().await;
    for id in clients {
        let uri = receiver.url(&format!("/{id}/notices")).to_string();
        register(app, id, |m| m.claims_notice_uri = Some(uri)).await;
    }
    receiver
}

async fn camille(app: &TestApp) -> Account {
    let email = Email::parse("camille@boulangerie.example").unwrap();
    guichet::account::store::find_by_login(&mut app.app.db.read().await.unwrap(), &email).await.unwrap().unwrap()
}

async fn rename(app: &TestApp, name: &str) {
    let (account, identity) = (camille(app).await, Identity::read("Camille", name, "", "").unwrap());
    let mut tx = app.app.db.begin().await.unwrap();
    assert!(profile::change(&mut tx, &app.app.ctx(Actor::System), &account.id, &identity).await.unwrap());
    tx.commit().await.unwrap();
}

async fn turn(app: &TestApp, state: AccountState) {
    let account = camille(app).await;
    let mut tx = app.app.db.begin().await.unwrap();
    assert!(people::set_state(&mut tx, &app.app.ctx(Actor::Operator), &account, state).await.unwrap());
    tx.commit().await.unwrap();
}

/// Claims of the pushed token, and its one event.
async fn event(app: &TestApp, asked: &Asked) -> (Value, String) {
    assert_eq!((asked.header("content-type"), asked.header("accept")), (Some("application/secevent+jwt"), Some("application/json")));
    let token = verified(app, &asked.body, "secevent+jwt").await;
    let events: Vec<String> = token["events"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(events.len(), 1);
    (token, events[0].clone())
}

on_both! {
    async fn a_service_in_use_is_told_that_claims_changed_and_not_which(app) {
        let receiver = listening(&app, &["dossier", "mandat"]).await;
        let mut browser = app.browser();
        let known = id_token(&DOSSIER.tokens(&mut browser, &[]).await);
        app.advance(60);
        rename(&app, "Martin").await;
        drain(&app).await;
        let asked = receiver.asked();
        assert_eq!(asked.len(), 1, "mandat holds nothing of Camille's");
        assert_eq!(asked[0].path, "/dossier/notices");
        let (token, kind) = event(&app, &asked[0]).await;
        assert_eq!(kind, CHANGED);
        assert_eq!(token["sub_id"], serde_json::json!({ "format": "iss_sub", "iss": known["iss"], "sub": known["sub"] }));
        assert_eq!((&token["aud"], &token["iss"]), (&known["aud"], &known["iss"]));
        let now = app.clock.now().secs();
        assert_eq!((token["iat"].as_i64(), token["toe"].as_i64()), (Some(now), Some(now)));
        assert_eq!(token["events"][CHANGED], serde_json::json!({ "claims": { "updated_at": now } }));
        assert!(token["jti"].is_string() && token.get("sub").is_none() && token.get("exp").is_none(), "never an id_token: {token}");
        assert!(!asked[0].body.contains("Martin") && !token.to_string().contains("Martin"));
    }

    async fn changes_in_a_row_are_one_piece_of_news(app) {
        let receiver = listening(&app, &["dossier"]).await;
        DOSSIER.tokens(&mut app.browser(), &[]).await;
        for name in ["Martin", "Bernard", "Petit"] {
            rename(&app, name).await;
        }
        drain(&app).await;
        assert_eq!(receiver.asked().len(), 1);
    }

    async fn a_retried_event_keeps_its_name(app) {
        let receiver = listening(&app, &["dossier"]).await;
        receiver.turn(400, r#"{"err":"authentication_failed","description":"no"}"#);
        DOSSIER.tokens(&mut app.browser(), &[]).await;
        rename(&app, "Martin").await;
        drain(&app).await;
        assert_eq!(notices(&app).await[0].last_error.as_deref(), Some("127.0.0.1: HTTP 400 (authentication_failed)"));
        receiver.turn(202, "");
        app.advance(10);
        drain(&app).await;
        let asked = receiver.asked();
        let (first, second) = (event(&app, &asked[0]).await.0, event(&app, &asked[1]).await.0);
        assert_eq!((&first["jti"], &first["toe"]), (&second["jti"], &second["toe"]));
        assert!(second["iat"].as_i64() > first["iat"].as_i64());
    }

    async fn services_learn_that_an_account_was_disabled_and_enabled_again(app) {
        let receiver = listening(&app, &["dossier", "mandat"]).await;
        let mut browser = app.browser();
        DOSSIER.tokens(&mut browser, &[]).await;
        let page = browser.get(&MANDAT.authorize(&[])).await;
        let page = MANDAT.consent(&mut browser, page).await;
        MANDAT.redeem(&app, &page.left_with("code").unwrap()).await;
        turn(&app, AccountState::Disabled).await;
        drain(&app).await;
        let asked = receiver.asked();
        assert_eq!(asked.len(), 2, "what ended with the account is told too");
        for one in &asked {
            assert_eq!(event(&app, one).await.1, DISABLED);
        }
        // Nothing is alive any more that they could be told about.
        app.advance(5);
        turn(&app, AccountState::Active).await;
        drain(&app).await;
        assert_eq!(receiver.asked().len(), 2);
        app.advance(5);
        DOSSIER.tokens(&mut app.browser(), &[]).await;
        rename(&app, "Martin").await;
        drain(&app).await;
        assert_eq!(event(&app, &receiver.asked()[2]).await.1, CHANGED);
        assert_ne!(ENABLED, DISABLED);
    }

    async fn rights_in_one_establishment_are_no_news_where_the_person_acts_for_another(app) {
        let receiver = listening(&app, &["dossier"]).await;
        let (here, there) = (Siret::parse("73282932000074").unwrap(), Siret::parse("35600000000048").unwrap());
        for siret in [&here, &there] {
            app.apply(&format!(
                "[[establishment]]\nsiret = \"{siret}\"\nname = \"Atelier\"\n[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"{siret}\"\nrole = \"contact\"\n"
            )).await;
        }
        register(&app, "dossier", |m| m.scope.push_str(" establishment")).await;
        DOSSIER.tokens(&mut app.browser(), &[("scope", "openid establishment"), ("siret_hint", here.as_str())]).await;
        let account = camille(&app).await.id;
        for (siret, told) in [(Some(&there), 0), (Some(&here), 1), (None, 2)] {
            app.advance(1);
            let mut tx = app.app.db.begin().await.unwrap();
            guichet::jobs::notice::claims_changed(&mut tx, &app.app.ctx(Actor::System), &account, siret).unwrap();
            tx.commit().await.unwrap();
            drain(&app).await;
            assert_eq!(receiver.asked().len(), told, "{siret:?}");
        }
        assert_eq!(notices(&app).await[1].siret.as_deref(), Some(here.as_str()), "seen by the operator");
        assert!(!receiver.asked()[0].body.is_empty() && !event(&app, &receiver.asked()[0]).await.0.to_string().contains(here.as_str()));
    }

    async fn a_service_whose_session_has_ended_is_told_nothing_unless_it_keeps_access(app) {
        let receiver = listening(&app, &["dossier", "mandat"]).await;
        let mut browser = app.browser();
        let sid = id_token(&DOSSIER.tokens(&mut browser, &[]).await)["sid"].clone();
        let page = browser.get(&MANDAT.authorize(&[])).await;
        let page = MANDAT.consent(&mut browser, page).await;
        MANDAT.redeem(&app, &page.left_with("code").unwrap()).await;
        end(&app, "dossier", &sid).await;
        app.advance(60);
        rename(&app, "Martin").await;
        drain(&app).await;
        // `mandat` was granted offline access, which outlives the session.
        assert_eq!(receiver.asked().iter().map(|a| a.path.as_str()).collect::<Vec<_>>(), ["/mandat/notices"]);
    }
}
