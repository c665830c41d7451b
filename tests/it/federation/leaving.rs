//! Signing out, the levels told to services, and what an individual may change.

use super::*;
use crate::support::rp::DOSSIER;

/// Somebody signed in with their space complete.
async fn signed_in(app: &TestApp, upstream: &Upstream) -> Browser {
    let mut browser = app.browser();
    let landing = browser.get("/connexion").await;
    let page = sign_in(&mut browser, upstream, &landing).await;
    if page.path.starts_with("/connexion/finaliser") {
        browser.submit(&page, &[("courriel_contact", ANGELA)]).await;
    }
    browser
}

fn parameter(url: &str, name: &str) -> String {
    url::Url::parse(url).unwrap().query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned()).unwrap_or_default()
}

on_both! {
    async fn signing_out_offers_to_leave_franceconnect_too(app) {
        let upstream = upstream(&app).await;
        let mut browser = signed_in(&app, &upstream).await;
        let home = browser.get("/compte").await;
        let form = home.forms().into_iter().find(|f| f.action == "/deconnexion").unwrap();
        let hidden: Vec<(&str, &str)> = form.hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let page = browser.post("/deconnexion", &hidden).await;
        assert!(page.says("Se déconnecter aussi de FranceConnect") && page.left_for.is_none());
        let out = page.links().into_iter().find(|l| l.contains("/session/end")).unwrap();
        assert!(out.starts_with(&format!("{}/session/end?", upstream.issuer())));
        // The original id_token, with its at_hash (french-domain §1.9), and nothing FranceConnect does not know.
        let hint: serde_json::Value = guichet::crypto::jose::peek(&parameter(&out, "id_token_hint")).unwrap();
        assert!(hint["at_hash"].is_string() && hint["iss"] == upstream.issuer().as_str());
        assert_eq!(parameter(&out, "post_logout_redirect_uri"), format!("{}/deconnexion/retour/franceconnect", crate::support::ISSUER));
        let names: Vec<String> = url::Url::parse(&out).unwrap().query_pairs().map(|(n, _)| n.into_owned()).collect();
        assert_eq!(names, ["id_token_hint", "post_logout_redirect_uri", "state"]);
        assert_eq!(app.count("SELECT COUNT(*) FROM upstream_session").await, 0, "kept no longer");
        let back = browser.get(&format!("/deconnexion/retour/franceconnect?state={}", parameter(&out, "state"))).await;
        assert_eq!((back.status.as_u16(), back.says("Vous êtes déconnecté")), (200, true));
    }

    async fn s29_where_leaving_is_offered_a_service_waits_and_the_way_out_leads_back_to_it(app) {
        let upstream = upstream_with(&app, "sign_out = \"offered\"").await;
        let mut browser = app.browser();
        let landing = browser.get(&DOSSIER.authorize(&[])).await;
        let page = sign_in(&mut browser, &upstream, &landing).await;
        let page = browser.submit(&page, &[("courriel_contact", ANGELA)]).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let query = crate::support::encode(&[
            ("id_token_hint", tokens["id_token"].as_str().unwrap()), ("post_logout_redirect_uri", "https://dossier.example.fr/"), ("state", "s1"),
        ]);
        let page = browser.get(&format!("/deconnexion?{query}")).await;
        assert!(page.left_for.is_none() && page.says("Vous êtes déconnecté") && page.says("Se déconnecter aussi de FranceConnect"), "{}", page.body);
        assert!(page.says("Retour à Dépôt des aides") && page.links().iter().any(|l| l == "https://dossier.example.fr/?state=s1"), "{:?}", page.links());
        let out = page.links().into_iter().find(|l| l.contains("/session/end")).unwrap();
        let hint: serde_json::Value = guichet::crypto::jose::peek(&parameter(&out, "id_token_hint")).unwrap();
        assert_eq!(hint["iss"], upstream.issuer().as_str());
        assert!(browser.get("/compte").await.path.starts_with("/connexion"), "signed out here already");
        let back = browser.get(&format!("/deconnexion/retour/franceconnect?state={}", parameter(&out, "state"))).await;
        assert_eq!(back.left_for.as_deref(), Some("https://dossier.example.fr/?state=s1"));
        // Without a session of FranceConnect's behind it there is nothing to offer: the service has its person back at once.
        let mut local = app.browser();
        let page = local.get(&DOSSIER.authorize(&[])).await;
        let page = local.sign_in_with_code(&page, "camille@boulangerie.example").await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let query = crate::support::encode(&[
            ("id_token_hint", tokens["id_token"].as_str().unwrap()), ("post_logout_redirect_uri", "https://dossier.example.fr/"),
        ]);
        assert_eq!(local.get(&format!("/deconnexion?{query}")).await.left_for.as_deref(), Some("https://dossier.example.fr/"));
    }

    async fn ac_25_on_shared_computers_it_is_done_by_itself_and_leads_back_to_the_service(app) {
        let upstream = upstream_with(&app, "sign_out = \"always\"").await;
        let mut browser = app.browser();
        let landing = browser.get(&DOSSIER.authorize(&[])).await;
        let page = sign_in(&mut browser, &upstream, &landing).await;
        let page = browser.submit(&page, &[("courriel_contact", ANGELA)]).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let query = crate::support::encode(&[
            ("id_token_hint", tokens["id_token"].as_str().unwrap()), ("post_logout_redirect_uri", "https://dossier.example.fr/"), ("state", "s1"),
        ]);
        let page = browser.get(&format!("/deconnexion?{query}")).await;
        let out = page.left_for.unwrap();
        assert!(out.contains("/session/end?"), "{out}");
        // Another state leads nowhere; ours leads to the service.
        let mut forged = browser.clone();
        let lost = forged.get("/deconnexion/retour/franceconnect?state=forged").await;
        assert!(lost.left_for.is_none() && lost.says("Vous êtes déconnecté"));
        let mut stranger = app.browser();
        assert!(stranger.get(&format!("/deconnexion/retour/franceconnect?state={}", parameter(&out, "state"))).await.left_for.is_none());
        let back = browser.get(&format!("/deconnexion/retour/franceconnect?state={}", parameter(&out, "state"))).await;
        assert_eq!(back.left_for.as_deref(), Some("https://dossier.example.fr/?state=s1"));
    }

    async fn ag_28_services_are_told_what_franceconnect_verified_and_how_strongly(app) {
        let upstream = upstream_with(&app, "keep = [\"birthplace\", \"birthcountry\"]").await;
        app.apply(
            "[[client]]\nclient_id = \"dossier\"\nclient_name = \"Dépôt des aides\"\nclient_secret = \"dossier-secret-for-tests-only-0001\"\n\
             token_endpoint_auth_method = \"client_secret_basic\"\nredirect_uris = [\"https://dossier.example.fr/cb\"]\n\
             scope = \"openid identite_pivot email account\"\nclaims_vocabulary = \"franceconnect\"\nconsent = \"none\"\n",
        ).await;
        let mut browser = app.browser();
        let landing = browser.get(&DOSSIER.authorize(&[("scope", "openid identite_pivot email account"), ("acr_values", "eidas1")])).await;
        let page = sign_in(&mut browser, &upstream, &landing).await;
        let page = browser.submit(&page, &[("courriel_contact", ANGELA)]).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap_or_else(|| panic!("{} {}", page.path, page.body))).await.json();
        let claims: serde_json::Value = guichet::crypto::jose::peek(tokens["id_token"].as_str().unwrap()).unwrap();
        assert_eq!((claims["acr"].as_str(), claims["account_type"].as_str(), claims["ial"].as_i64()), (Some("eidas1"), Some("particulier"), Some(2)));
        assert_ne!(claims["sub"], upstream.state().person["sub"], "their sub is ours, not FranceConnect's");
        let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
        let answer = app.post("/oauth/userinfo", &[], &[("authorization", &bearer)]).await;
        let told: serde_json::Value = guichet::crypto::jose::peek(&answer.body).unwrap_or_else(|_| answer.json());
        let person = upstream.state().person.clone();
        for name in ["given_name", "given_name_array", "family_name", "birthdate", "birthplace", "birthcountry"] {
            assert_eq!(told[name], person[name], "{name}");
        }
        assert_eq!(told["email"], ANGELA);
        assert!(told.get("gender").is_none(), "not kept");
    }

    async fn what_franceconnect_vouches_for_is_not_written_by_its_person(app) {
        let upstream = upstream(&app).await;
        let mut browser = signed_in(&app, &upstream).await;
        let page = browser.get("/compte/identite").await;
        assert!(page.says("DUBOIS") && !page.body.contains("name=\"nom\""));
        let form = page.forms().into_iter().find(|f| f.action == "/compte/identite").unwrap();
        let token = form.hidden.iter().find(|(n, _)| n == "jeton").unwrap().1.clone();
        let page = browser.post("/compte/identite", &[("jeton", &token), ("prenom", "Mallory"), ("nom", "Autre"), ("telephone", "06 12 34 56 78")]).await;
        assert!(page.path == "/compte/identite" && page.says("Votre nom est vérifié : il n’a pas été modifié."), "{}", page.path);
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE given_name = 'Angela Claire Louise' AND family_name = 'DUBOIS' AND phone = '+33612345678'").await, 1);
        for path in ["/compte/mot-de-passe", "/compte/courriel-connexion"] {
            assert_eq!(browser.get(path).await.path, "/compte", "{path}");
        }
    }
}
