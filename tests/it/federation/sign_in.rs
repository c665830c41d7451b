//! The way through.

use guichet::mail::message::MailMessage;

use super::*;
use crate::support::rp::DOSSIER;

on_both! {
    async fn ag_01_a_first_sign_in_opens_a_space_at_once(app) {
        let upstream = upstream(&app).await;
        let mut browser = app.browser();
        let landing = browser.get(&DOSSIER.authorize(&[])).await;
        assert!(landing.says("S’identifier avec FranceConnect") && landing.says("Qu’est-ce que FranceConnect ?"));
        let page = sign_in(&mut browser, &upstream, &landing).await;
        // The space exists already; only where to write is asked.
        assert!(page.path.starts_with("/connexion/finaliser"), "{}", page.path);
        assert!(page.says("Angela Claire Louise") && page.says("DUBOIS") && page.says("24 août 1962"));
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE kind = 'particulier' AND login_email IS NULL").await, 1);
        // The address FranceConnect gave, kept: no code.
        let page = browser.submit(&page, &[("courriel_contact", ANGELA)]).await;
        let left = page.left_for.clone().expect("back to the service");
        assert!(left.starts_with("https://dossier.example.fr/cb?"), "{left}");
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        assert!(tokens["id_token"].is_string());
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE contact_email = 'angela@mel.example' AND contact_email_verified").await, 1);
        // Only what was to be kept: neither sex nor place of birth.
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE civil LIKE '%1962-08-24%' AND civil NOT LIKE '%75107%' AND civil NOT LIKE '%female%'").await, 1);
        let audit = app.audit().await;
        for kind in ["account.created", "identity.linked", "session.opened", "account.email_changed"] {
            assert!(audit.iter().any(|k| k == kind), "{kind}: {audit:?}");
        }
    }

    async fn ag_01_the_second_time_it_is_the_same_space_whatever_the_address(app) {
        let upstream = upstream(&app).await;
        for address in [ANGELA, "autre@mel.example"] {
            upstream.state().person.insert("email".into(), address.into());
            let mut browser = app.browser();
            let landing = browser.get("/connexion").await;
            let page = sign_in(&mut browser, &upstream, &landing).await;
            if address == ANGELA {
                browser.submit(&page, &[("courriel_contact", ANGELA)]).await;
            } else {
                assert_eq!(page.path, "/accueil");
            }
        }
        let (_, _, identities) = rows(&app).await;
        assert_eq!((app.count("SELECT COUNT(*) FROM account WHERE kind = 'particulier'").await, identities), (1, 1));
        // The address of the second time was only a suggestion.
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE contact_email = 'autre@mel.example'").await, 0);
    }

    async fn another_contact_address_is_proved_by_a_code(app) {
        let upstream = upstream(&app).await;
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let page = sign_in(&mut browser, &upstream, &landing).await;
        let wrong = browser.submit(&page, &[("courriel_contact", "pas une adresse")]).await;
        assert_eq!(wrong.status.as_u16(), 422);
        let page = browser.submit(&page, &[("courriel_contact", "moi@ailleurs.example")]).await;
        assert!(page.path.starts_with("/connexion/finaliser/code"), "{}", page.path);
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE contact_email = 'moi@ailleurs.example'").await, 0);
        let code = app.last_code("moi@ailleurs.example").await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert_eq!(page.path, "/accueil");
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE contact_email = 'moi@ailleurs.example' AND contact_email_verified").await, 1);
    }

    async fn ag_26_each_sign_in_is_told_by_mail_unless_the_browser_is_trusted(app) {
        let upstream = upstream(&app).await;
        let told = async || app.mails(ANGELA).await.iter().filter(|m| matches!(m, MailMessage::Connected { provider, .. } if provider == "FranceConnect")).count();
        let mut own = app.browser();
        let landing = own.get("/connexion").await;
        let page = sign_in(&mut own, &upstream, &landing).await;
        own.submit(&page, &[("courriel_contact", ANGELA), ("confiance", "oui")]).await;
        assert_eq!(told().await, 0, "trusted");
        own.set_cookie("__Host-session", None);
        let landing = own.get("/connexion").await;
        sign_in(&mut own, &upstream, &landing).await;
        assert_eq!(told().await, 0, "still trusted");
        let mut shared = app.browser();
        for n in 1..3 {
            shared.set_cookie("__Host-session", None);
            let landing = shared.get("/connexion").await;
            sign_in(&mut shared, &upstream, &landing).await;
            assert_eq!(told().await, n);
        }
        assert!(!app.mails(ANGELA).await.iter().any(|m| matches!(m, MailMessage::NewSignIn { .. })), "one notice, not two");
        // It may be trusted later.
        let page = shared.get("/compte/securite/navigateurs").await;
        shared.submit(&page, &[("confiance", "oui")]).await;
        shared.set_cookie("__Host-session", None);
        let landing = shared.get("/connexion").await;
        sign_in(&mut shared, &upstream, &landing).await;
        assert_eq!(told().await, 2);
    }

    async fn ag_27_one_sign_in_serves_every_service(app) {
        let upstream = upstream(&app).await;
        let mut browser = app.browser();
        let landing = browser.get(&DOSSIER.authorize(&[])).await;
        let page = sign_in(&mut browser, &upstream, &landing).await;
        browser.submit(&page, &[("courriel_contact", ANGELA)]).await;
        let asked = upstream.state().asked.len();
        let page = browser.get(&crate::support::rp::MOBILE.authorize(&[("prompt", "none")])).await;
        assert!(page.left_with("code").is_some(), "{:?}", page.left_for);
        assert_eq!(upstream.state().asked.len(), asked, "FranceConnect was not asked again");
    }

    async fn each_tab_has_its_own_request(app) {
        let upstream = upstream(&app).await;
        let mut browser = app.browser();
        let mut addresses = Vec::new();
        for _ in 0..6 {
            let landing = browser.get(&DOSSIER.authorize(&[])).await;
            addresses.push(depart(&mut browser, &landing).await);
        }
        let kept = browser.cookies().iter().filter(|(n, _)| n.starts_with("__Host-amont-")).count();
        assert_eq!(kept, 4, "the oldest make room");
        // The third, while three others wait.
        let page = browser.get(&upstream.visit(&addresses[2])).await;
        assert!(page.path.starts_with("/connexion/finaliser"), "{}", page.path);
        // The first was forgotten: it says so, and leads on.
        let page = browser.get(&upstream.visit(&addresses[0])).await;
        assert!(page.says("A203") && page.links().iter().any(|l| l.starts_with("/connexion")));
    }

    async fn a_long_request_of_a_service_survives_the_way(app) {
        let upstream = upstream(&app).await;
        let state = "é".repeat(700);
        let claims = format!(r#"{{"userinfo":{{"name":{{"values":["{}"]}}}}}}"#, "x".repeat(1_800));
        let mut browser = app.browser();
        let landing = browser.get(&DOSSIER.authorize(&[("state", &state), ("claims", &claims)])).await;
        let address = depart(&mut browser, &landing).await;
        assert!(browser.cookies().iter().all(|(n, v)| n.len() + v.len() < 4_000), "each cookie is one that browsers keep");
        assert!(browser.cookies().iter().filter(|(n, _)| n.starts_with("__Host-amont-")).count() == 2, "in two pieces");
        let page = browser.get(&upstream.visit(&address)).await;
        let page = browser.submit(&page, &[("courriel_contact", ANGELA)]).await;
        assert_eq!(page.left_with("state").as_deref(), Some(state.as_str()));
    }

    async fn we_prove_who_we_are_in_each_registered_way(app) {
        let upstream = Upstream::start(&app).await;
        let basic = upstream.declaration("franceconnect", "token_endpoint_auth_method = \"client_secret_basic\"");
        let asserted = upstream.declaration("franceconnect", "token_endpoint_auth_method = \"private_key_jwt\"");
        let asserted: String = asserted.lines().filter(|l| !l.starts_with("client_secret")).map(|l| format!("{l}\n")).collect();
        for declaration in [basic, asserted] {
            app.apply(&declaration).await;
            let mut browser = app.browser();
            let landing = browser.get("/connexion").await;
            let page = sign_in(&mut browser, &upstream, &landing).await;
            assert!(page.path.starts_with("/connexion/finaliser"), "{} {}", page.path, page.body);
        }
        let assertion = upstream.state().assertion.clone().unwrap();
        let jwks = app.get("/oauth/jwks").await.json();
        let claims: serde_json::Value = guichet::crypto::jose::verify_with_jwks(&jwks, &["ES256"], &assertion).unwrap();
        assert_eq!(claims["aud"], format!("{}/token", upstream.issuer()));
        assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 60 && claims["jti"].is_string());
    }
}
