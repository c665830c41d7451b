//! OpenID Connect Back-Channel Logout 1.0.

use guichet::account::AccountState;
use guichet::base::{Actor, Clock, Email};
use guichet::oidc::people;

use super::*;
use crate::support::rp::{DOSSIER, LEGACY, MANDAT};

const DOMINIQUE: &str = "dominique@boulangerie.example";

on_both! {
    async fn a_service_is_told_of_the_session_that_ended_as_it_knows_it(app) {
        let receiver = receiver(&app).await;
        let mut browser = app.browser();
        let dossier = id_token(&DOSSIER.tokens(&mut browser, &[]).await);
        let page = browser.get(&MANDAT.authorize(&[])).await;
        let page = MANDAT.consent(&mut browser, page).await;
        let mandat = id_token(&MANDAT.redeem(&app, &page.left_with("code").unwrap()).await.json());
        assert_ne!(dossier["sid"], mandat["sid"], "as with `sub`, nothing that the two could compare");
        assert_eq!(session_of(&app, "dossier", &dossier["sid"]).await, session_of(&app, "mandat", &mandat["sid"]).await);
        end(&app, "dossier", &dossier["sid"]).await;
        assert!(receiver.asked().is_empty(), "not before the worker");
        drain(&app).await;
        let mut asked = receiver.asked();
        asked.sort_by(|a, b| a.path.cmp(&b.path));
        assert_eq!(asked.iter().map(|a| a.path.as_str()).collect::<Vec<_>>(), ["/dossier", "/mandat"], "legacy never took part");
        for (asked, told) in asked.iter().zip([&dossier, &mandat]) {
            let token = logout_token(&app, asked).await;
            for claim in ["iss", "aud", "sub", "sid"] {
                assert_eq!(token[claim], told[claim], "{claim}");
            }
            assert_eq!(token["events"], serde_json::json!({ LOGOUT: {} }));
            assert_eq!(token["iat"], app.clock.now().secs());
            assert!((1..=120).contains(&(token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap())));
            assert!(token["jti"].as_str().is_some_and(|j| j.len() > 20) && token.get("nonce").is_none());
        }
        assert_ne!(dossier["sub"], mandat["sub"], "pairwise");
        drain(&app).await;
        assert_eq!(receiver.asked().len(), 2, "told once");
        assert!(notices(&app).await.iter().all(|n| n.state == "sent" && n.attempts == 1 && n.last_error.is_none()));
    }

    async fn of_two_sessions_only_the_one_closed_from_the_other_is_told(app) {
        let receiver = receiver(&app).await;
        let (mut here, mut there) = (app.browser(), app.browser());
        let (mine, lost) = (id_token(&DOSSIER.tokens(&mut here, &[]).await), id_token(&DOSSIER.tokens(&mut there, &[]).await));
        assert_eq!(mine["sub"], lost["sub"]);
        let page = here.get("/compte/sessions").await;
        let id = session_of(&app, "dossier", &lost["sid"]).await;
        here.submit(&page, &[("session", id.as_str())]).await;
        drain(&app).await;
        let asked = receiver.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(logout_token(&app, &asked[0]).await["sid"], lost["sid"]);
    }

    async fn signing_out_at_one_service_is_told_to_the_others(app) {
        let receiver = receiver(&app).await;
        let mut browser = app.browser();
        let tokens = DOSSIER.tokens(&mut browser, &[]).await;
        let page = browser.get(&LEGACY.authorize(&[])).await;
        let page = LEGACY.consent(&mut browser, page).await;
        let legacy = id_token(&LEGACY.redeem(&app, &page.left_with("code").unwrap()).await.json());
        browser.get(&format!("/deconnexion?id_token_hint={}", tokens["id_token"].as_str().unwrap())).await;
        drain(&app).await;
        let asked = receiver.asked();
        let told = asked.iter().find(|a| a.path == "/legacy").unwrap();
        let token = logout_token(&app, told).await;
        assert_eq!((&token["sub"], &token["sid"]), (&legacy["sub"], &legacy["sid"]), "a public sub too");
        assert_ne!(legacy["sid"], id_token(&tokens)["sid"]);
    }

    async fn a_person_who_signs_out_sees_which_services_have_heard(app) {
        let (good, bad, slow) = (receiver(&app).await, HttpGateway::start().await, HttpGateway::start().await);
        good.turn(200, "");
        bad.turn(500, "");
        slow.pause(std::time::Duration::from_secs(6));
        for (id, uri) in [("mandat", bad.url("/").to_string()), ("legacy", slow.url("/").to_string())] {
            register(&app, id, |m| m.backchannel_logout_uri = Some(uri)).await;
        }
        let worker = worker::start(&app.app).unwrap();
        for (others, confirmed, unconfirmed) in [(vec![], 1, 0), (vec![&MANDAT], 1, 1), (vec![&MANDAT, &LEGACY], 1, 2)] {
            let mut browser = app.browser();
            DOSSIER.tokens(&mut browser, &[]).await;
            for rp in &others {
                let page = browser.get(&rp.authorize(&[])).await;
                let page = rp.consent(&mut browser, page).await;
                page.left_with("code").unwrap();
            }
            let page = browser.get("/accueil").await;
            let began = std::time::Instant::now();
            let page = browser.press(&page, "/deconnexion", &[]).await;
            // The slow one answers after six seconds.
            assert!(began.elapsed() < std::time::Duration::from_secs(5), "never longer");
            let (told, rest) = page.body.split_once("n’ont pas confirmé").unwrap_or((&page.body, ""));
            assert!(told.contains("ont confirmé") && told.contains("<li>Dépôt des aides</li>"), "{}", page.body);
            assert_eq!((told.matches("<li>Dépôt").count(), rest.matches("<li>Mandats</li>").count() + rest.matches("<li>Ancien service</li>").count()), (confirmed, unconfirmed));
        }
        worker.stop(std::time::Duration::from_secs(1)).await;
    }

    async fn nothing_is_told_of_a_session_whose_end_was_undone(app) {
        let receiver = receiver(&app).await;
        let mut browser = app.browser();
        let told = id_token(&DOSSIER.tokens(&mut browser, &[]).await);
        let id = session_of(&app, "dossier", &told["sid"]).await;
        let account = guichet::account::store::find_by_login(&mut app.app.db.read().await.unwrap(), &Email::parse("camille@boulangerie.example").unwrap()).await.unwrap().unwrap();
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(guichet::authn::session::end(&mut tx, &app.app.ctx(Actor::System), &id, &account.id, "closed").await.unwrap());
        tx.rollback().await.unwrap();
        drain(&app).await;
        assert!(receiver.asked().is_empty() && notices(&app).await.is_empty());
    }

    async fn an_account_that_is_disabled_is_signed_out_of_every_service(app) {
        let receiver = receiver(&app).await;
        let (mut one, mut two) = (app.browser(), app.browser());
        let mut sids = vec![id_token(&DOSSIER.tokens(&mut one, &[]).await)["sid"].clone(), id_token(&DOSSIER.tokens(&mut two, &[]).await)["sid"].clone()];
        let account = guichet::account::store::find_by_login(&mut app.app.db.read().await.unwrap(), &Email::parse("camille@boulangerie.example").unwrap()).await.unwrap().unwrap();
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(people::set_state(&mut tx, &app.app.ctx(Actor::Operator), &account, AccountState::Disabled).await.unwrap());
        tx.commit().await.unwrap();
        drain(&app).await;
        let mut told = Vec::new();
        for asked in receiver.asked() {
            told.push(logout_token(&app, &asked).await["sid"].clone());
        }
        let by_text = |v: &Value| v.as_str().unwrap().to_owned();
        told.sort_by_key(by_text);
        sids.sort_by_key(by_text);
        assert_eq!(told, sids);
    }

    async fn a_session_past_its_end_is_told_when_it_is_removed(app) {
        let receiver = receiver(&app).await;
        let mut browser = app.browser();
        let sid = id_token(&DOSSIER.tokens(&mut browser, &[]).await)["sid"].clone();
        app.advance(app.app.config.sign_in.session_absolute.as_secs() + 1);
        drain(&app).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM session").await, 0);
        drain(&app).await;
        let asked = receiver.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(logout_token(&app, &asked[0]).await["sid"], sid);
    }

    async fn a_password_reset_elsewhere_ends_it_at_services_too(app) {
        let receiver = receiver(&app).await;
        let (mut here, mut elsewhere) = (app.browser(), app.browser());
        let page = here.get(&DOSSIER.authorize(&[])).await;
        let page = here.sign_in_with_code(&page, DOMINIQUE).await;
        app.advance(1);
        let told = id_token(&DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json());
        let page = elsewhere.get("/mot-de-passe-oublie").await;
        let page = elsewhere.submit(&page, &[("courriel", DOMINIQUE)]).await;
        let page = elsewhere.submit(&page, &[("code", &app.last_code(DOMINIQUE).await)]).await;
        elsewhere.submit(&page, &[("nouveau_mot_de_passe", "trois ponts et un canal")]).await;
        drain(&app).await;
        let asked = receiver.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(logout_token(&app, &asked[0]).await["sid"], told["sid"]);
    }

    async fn a_service_that_reads_encrypted_tokens_gets_one(app) {
        let receiver = receiver(&app).await;
        let key = josekit::jwk::Jwk::generate_ec_key(josekit::jwk::alg::ec::EcCurve::P256).unwrap();
        let public = key.to_public_key().unwrap();
        register(&app, "dossier", |m| {
            m.jwks = Some(serde_json::json!({ "keys": [public.as_ref()] }));
            m.id_token_encrypted_response_alg = Some(guichet::crypto::KeyManagement::EcdhEs);
        }).await;
        let mut browser = app.browser();
        DOSSIER.tokens(&mut browser, &[]).await;
        let (sid,): (String,) = guichet::sql!(&mut app.app.db.read().await.unwrap(), "SELECT id FROM session"; (String,); one).unwrap();
        close(&app, &SessionId::parse(&sid).unwrap()).await;
        drain(&app).await;
        let body = receiver.asked()[0].body.clone();
        let jwe = body.strip_prefix("logout_token=").unwrap();
        assert_eq!(jwe.split('.').count(), 5);
        let (signed, _) = josekit::jwe::deserialize_compact(jwe, &josekit::jwe::ECDH_ES.decrypter_from_jwk(&key).unwrap()).unwrap();
        let token = verified(&app, std::str::from_utf8(&signed).unwrap(), "logout+jwt").await;
        assert_eq!(session_of(&app, "dossier", &token["sid"]).await.as_str(), sid);
    }
}

#[test]
fn what_cannot_be_told_is_refused_at_registration() {
    use guichet::oidc::client::Metadata;
    let problems = |uri: &str, change: fn(&mut Metadata), plain: bool| {
        let mut m = Metadata {
            client_name: "x".into(),
            redirect_uris: vec!["https://rp.example/cb".into()],
            scope: "openid".into(),
            ..Metadata::default()
        };
        (m.backchannel_logout_uri, m.claims_notice_uri) = (Some(uri.into()), Some(uri.into()));
        change(&mut m);
        m.problems(plain)
    };
    assert_eq!(problems("https://rp.example/out?x=1", |_| {}, false), Vec::<String>::new());
    for bad in [
        "http://rp.example/out",
        "https://rp.example/out#x",
        "https://u:p@rp.example/",
        "/out",
        "javascript:alert(1)",
        "fr.example.app:/out",
        "https://127.0.0.1/out",
        "https://localhost/out",
        "https://[::1]/out",
        "https://10.0.0.7/out",
    ] {
        let wrong = problems(bad, |m| m.application_type = guichet::oidc::client::ApplicationType::Native, false);
        assert!(
            wrong.iter().any(|w| w.starts_with("backchannel_logout_uri: ")) && wrong.iter().any(|w| w.starts_with("claims_notice_uri: ")),
            "{bad}: {wrong:?}"
        );
    }
    assert_eq!(problems("https://10.0.0.7/out", |m| m.allow_private_network = true, false), Vec::<String>::new());
    assert_eq!(problems("http://127.0.0.1:9/out", |_| {}, true), Vec::<String>::new());
    let wrong =
        problems("https://rp.example/", |m| (m.backchannel_logout_session_required, m.backchannel_logout_uri) = (true, None), false);
    assert!(wrong[0].starts_with("backchannel_logout_session_required: "), "{wrong:?}");
}
