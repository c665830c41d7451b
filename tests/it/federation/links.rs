//! S-18: a new `sub` for a known person, an existing local account, and how a link is undone.

use guichet::account::{AccountKind, store as accounts};
use guichet::base::Email;
use serde_json::json;

use super::*;

const NEW_SUB: &str = "1f0c2d3e4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff0v1";

/// Angela, known here with her address.
async fn known(app: &TestApp, upstream: &Upstream) {
    let mut browser = app.browser();
    let landing = browser.get("/connexion").await;
    let page = sign_in(&mut browser, upstream, &landing).await;
    browser.submit(&page, &[("courriel_contact", ANGELA)]).await;
}

/// She comes back after a correction of her civil status: another name, hence another `sub`.
async fn corrected(app: &TestApp, upstream: &Upstream) -> (Browser, Page) {
    for (name, value) in [("sub", NEW_SUB), ("family_name", "MARTIN")] {
        upstream.state().person.insert(name.into(), value.into());
    }
    let mut browser = app.browser();
    let landing = browser.get("/connexion").await;
    let page = sign_in(&mut browser, upstream, &landing).await;
    (browser, page)
}

async fn individuals(app: &TestApp) -> i64 {
    app.count("SELECT COUNT(*) FROM account WHERE kind = 'particulier'").await
}

on_both! {
    async fn a_new_sub_is_linked_once_both_sides_are_proved(app) {
        let upstream = upstream(&app).await;
        known(&app, &upstream).await;
        let (mut browser, page) = corrected(&app, &upstream).await;
        assert!(page.path.starts_with("/connexion/rapprochement"), "{}", page.path);
        assert!(page.says("Un compte existe peut-être déjà pour vous") && browser.cookie("__Host-session").is_none(), "nothing is opened yet");
        assert_eq!((individuals(&app).await, rows(&app).await.2), (1, 1), "nothing is merged by itself");
        let page = browser.submit(&page, &[("choix", "rattacher")]).await;
        let wrong = browser.submit(&page, &[("code", "000000")]).await;
        assert_eq!(wrong.status.as_u16(), 422);
        let code = app.last_code(ANGELA).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert_eq!(page.path, "/accueil");
        assert_eq!((individuals(&app).await, rows(&app).await.2), (1, 2));
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE family_name = 'MARTIN'").await, 1, "what is vouched for now");
        let audit = app.audit().await;
        assert_eq!(audit.iter().filter(|k| *k == "identity.linked").count(), 2);
        assert!(audit.iter().any(|k| k == "identity.proposed"));
        assert_eq!(app.count("SELECT COUNT(*) FROM identity_link WHERE state = 'linked' AND sealed = ''").await, 1);
        // From then on it signs in by itself.
        let (_, page) = corrected(&app, &upstream).await;
        assert_eq!(page.path, "/accueil");
    }

    async fn who_says_it_is_somebody_else_gets_a_space_of_their_own(app) {
        let upstream = upstream(&app).await;
        known(&app, &upstream).await;
        let (mut browser, question) = corrected(&app, &upstream).await;
        let page = browser.submit(&question, &[("choix", "distinct")]).await;
        assert!(page.path.starts_with("/connexion/finaliser"), "{}", page.path);
        assert_eq!((individuals(&app).await, rows(&app).await.2), (2, 2));
        assert!(app.audit().await.iter().any(|k| k == "identity.declined"));
        // The question is answered once.
        browser.set_cookie("__Host-session", None);
        let again = browser.submit(&question, &[("choix", "distinct")]).await;
        assert!(again.path.starts_with("/connexion") && !again.path.contains("finaliser"), "{}", again.path);
        assert_eq!(individuals(&app).await, 2);
    }

    async fn an_address_alone_proposes_nothing(app) {
        let upstream = upstream(&app).await;
        known(&app, &upstream).await;
        // Her husband, with the address of the family.
        for (name, value) in [("sub", NEW_SUB), ("given_name", "Pierre"), ("birthdate", "1960-02-03")] {
            upstream.state().person.insert(name.into(), value.into());
        }
        upstream.state().person.insert("given_name_array".into(), json!(["Pierre"]));
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let page = sign_in(&mut browser, &upstream, &landing).await;
        assert!(page.path.starts_with("/connexion/finaliser"), "{}", page.path);
        assert_eq!((individuals(&app).await, app.count("SELECT COUNT(*) FROM identity_link").await), (2, 0));
    }

    async fn a_professional_account_is_never_proposed_nor_touched(app) {
        let upstream = upstream(&app).await;
        for (name, value) in [("email", "camille@boulangerie.example"), ("given_name", "Camille"), ("family_name", "DURAND")] {
            upstream.state().person.insert(name.into(), value.into());
        }
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let page = sign_in(&mut browser, &upstream, &landing).await;
        assert!(page.path.starts_with("/connexion/finaliser"), "{}", page.path);
        let camille = Email::parse("camille@boulangerie.example").unwrap();
        let professional = accounts::find_by_login(&mut app.app.db.read().await.unwrap(), &camille).await.unwrap().unwrap();
        assert_eq!((professional.kind, professional.civil), (AccountKind::Professional, None));
        assert_eq!(individuals(&app).await, 1);
    }

    async fn fa_24_an_existing_local_account_is_linked_by_a_code(app) {
        let upstream = upstream(&app).await;
        app.apply("[[account]]\nlogin_email = \"angela@mel.example\"\ngiven_name = \"Angela\"\nfamily_name = \"Dubois\"\nemail_verified = true\n").await;
        const LOCAL: &str = "UPDATE account SET kind = 'particulier' WHERE login_email_key = 'angela@mel.example'";
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, LOCAL; exec).unwrap();
        tx.commit().await.unwrap();
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let page = sign_in(&mut browser, &upstream, &landing).await;
        assert!(page.path.starts_with("/connexion/rapprochement"), "{}", page.path);
        let page = browser.submit(&page, &[("choix", "rattacher")]).await;
        let code = app.last_code(ANGELA).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert_eq!((page.path.as_str(), individuals(&app).await), ("/accueil", 1));
    }

    async fn the_operator_undoes_a_link(app) {
        let upstream = upstream(&app).await;
        known(&app, &upstream).await;
        let (mut browser, page) = corrected(&app, &upstream).await;
        let page = browser.submit(&page, &[("choix", "rattacher")]).await;
        let code = app.last_code(ANGELA).await;
        browser.submit(&page, &[("code", &code)]).await;
        assert_eq!(browser.get("/compte").await.path, "/compte");
        let row = guichet::federation::store::identity(&mut app.app.db.read().await.unwrap(), &upstream.issuer(), NEW_SUB).await.unwrap().unwrap();
        let ctx = app.app.ctx(guichet::base::Actor::Operator);
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(guichet::federation::link::unlink(&mut tx, &kit, &row.account(), &row.issuer, NEW_SUB).await.unwrap());
        tx.commit().await.unwrap();
        assert!(browser.get("/compte").await.path.starts_with("/connexion"), "its sessions end");
        assert!(app.audit().await.iter().any(|k| k == "identity.unlinked"));
        // Its person is asked again, and may have a space of their own.
        let (mut browser, page) = corrected(&app, &upstream).await;
        assert!(page.path.starts_with("/connexion/rapprochement"), "{}", page.path);
        let page = browser.submit(&page, &[("choix", "distinct")]).await;
        assert!(page.path.starts_with("/connexion/finaliser"));
        assert_eq!(individuals(&app).await, 2);
    }

    async fn kinds_are_never_merged_whoever_linked_the_identity(app) {
        let upstream = upstream(&app).await;
        known(&app, &upstream).await;
        let camille = Email::parse("camille@boulangerie.example").unwrap();
        let ctx = app.app.ctx(guichet::base::Actor::Operator);
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
        let mut tx = app.app.db.begin().await.unwrap();
        let sub = upstream.state().person["sub"].as_str().unwrap().to_owned();
        let row = guichet::federation::store::identity(&mut tx, &upstream.issuer(), &sub).await.unwrap().unwrap();
        let professional = accounts::find_by_login(&mut tx, &camille).await.unwrap().unwrap();
        assert!(guichet::federation::link::relink(&mut tx, &kit, &row, &professional).await.unwrap());
        tx.commit().await.unwrap();

        let before = rows(&app).await;
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let page = sign_in(&mut browser, &upstream, &landing).await;
        assert!(page.says("A40"), "{} {}", page.path, page.body);
        assert!(browser.get("/compte").await.path.starts_with("/connexion"), "no session");
        assert_eq!(rows(&app).await, before, "nothing made");
        let kept = accounts::find_by_login(&mut app.app.db.read().await.unwrap(), &camille).await.unwrap().unwrap();
        assert_eq!(kept.civil, None, "nothing written over");
    }
}
