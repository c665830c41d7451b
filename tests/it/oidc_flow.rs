//! Authorization code flow, from the service's side (OpenID Connect Core §3.1, groups Basic and Form Post).

use serde_json::json;

use crate::support::rp::{CHALLENGE, DOSSIER, LEGACY, MANDAT, MOBILE, claims, header, userinfo};
use crate::support::{ISSUER, Page};

fn is_in(page: &Page, language: &str) -> bool {
    page.body.contains(&format!("<html lang=\"{language}\""))
}

on_both! {
    async fn ag_30_ef_01_a_professional_signs_in_once_to_two_services(app) {
        let mut browser = app.browser();
        let page = DOSSIER.sign_in(&mut browser, &[]).await;
        assert_eq!(page.status, 200);
        assert!(page.path.starts_with("/connexion/suite/"), "{}", page.path);
        assert_eq!(page.left_with("state").as_deref(), Some("état-&=\"<1"));
        assert_eq!(page.left_with("iss").as_deref(), Some(ISSUER));
        let first = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();

        // The second service asks for consent, not for who they are.
        let page = browser.get(&MANDAT.authorize(&[])).await;
        assert!(page.path.starts_with("/connexion/autorisation"), "{}", page.path);
        assert!(page.body.contains("Durand") && page.body.contains("camille@boulangerie.example"));
        let page = browser.submit(&page, &[("decision", "autoriser")]).await;
        let second = MANDAT.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let (a, b) = (claims(first["id_token"].as_str().unwrap()), claims(second["id_token"].as_str().unwrap()));
        assert_ne!(a["sub"], b["sub"], "pairwise subjects");
        assert_ne!(a["sid"], b["sid"], "one session, and nothing that two services could compare");
        assert_eq!(a["auth_time"], b["auth_time"]);

        // And then silently.
        let page = browser.get(&MANDAT.authorize(&[("prompt", "none")])).await;
        assert_eq!(page.status, 303);
        assert!(page.left_with("code").is_some(), "{:?}", page.left_for);
    }

    async fn an_id_token_says_what_happened(app) {
        let tokens = DOSSIER.tokens(&mut app.browser(), &[("max_age", "3600"), ("acr_values", "aal1 aal9")]).await;
        assert_eq!(tokens["token_type"], "Bearer");
        assert_eq!(tokens["expires_in"], 600);
        let jwt = tokens["id_token"].as_str().unwrap();
        assert_eq!(header(jwt)["alg"], "ES256");
        let c = claims(jwt);
        assert_eq!(c["iss"], ISSUER);
        assert_eq!(c["aud"], "dossier");
        assert_eq!(c["nonce"], "n-0S6_WzA2Mj");
        assert_eq!(c["auth_time"], 1_800_000_000);
        assert_eq!(c["exp"], 1_800_003_600);
        assert_eq!(c["amr"], json!(["otp"]));
        assert_eq!(c["acr"], "aal1");
        assert!(c.get("email").is_none() && c.get("name").is_none(), "claims of scopes come from userinfo: {c}");
        let half = guichet::crypto::Algorithm::ES256.half_hash(tokens["access_token"].as_str().unwrap());
        assert_eq!(c["at_hash"], half.as_str());
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(header(access)["typ"], "at+jwt");
        assert_eq!(claims(access)["client_id"], "dossier");

        let answer = userinfo(&app, access).await;
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        let body = answer.json();
        assert_eq!(body["sub"], c["sub"]);
        assert_eq!(body["name"], "Camille Durand");
        assert_eq!(body["email"], "camille@boulangerie.example");
        assert_eq!(body["email_verified"], true);
        assert_eq!(body["updated_at"], 1_800_000_000);
        assert!(body.get("phone_number").is_none());
    }

    async fn opaque_tokens_work_like_jwts(app) {
        let tokens = MANDAT.tokens(&mut app.browser(), &[("scope", "openid email")]).await;
        let access = tokens["access_token"].as_str().unwrap();
        assert!(access.starts_with("gat_"));
        assert_eq!(header(tokens["id_token"].as_str().unwrap())["alg"], "EdDSA");
        let body = userinfo(&app, access).await.json();
        assert_eq!(body["email"], "camille@boulangerie.example");
        assert!(body.get("name").is_none());
    }

    async fn a_token_may_be_posted(app) {
        let tokens = DOSSIER.tokens(&mut app.browser(), &[]).await;
        let access = tokens["access_token"].as_str().unwrap();
        let answer = app.post("/oauth/userinfo", &[("access_token", access)], &[]).await;
        assert_eq!(answer.json()["email"], "camille@boulangerie.example");
        let answer = app.post("/oauth/userinfo", &[], &[("authorization", &format!("bEaReR {access}"))]).await;
        assert_eq!(answer.status, 200);
        let both = app.post("/oauth/userinfo", &[("access_token", access)], &[("authorization", &format!("Bearer {access}"))]).await;
        assert_eq!((both.status.as_u16(), both.json()["error"].as_str()), (400, Some("invalid_request")));
    }

    async fn form_post_sends_a_form(app) {
        let mut browser = app.browser();
        let page = DOSSIER.sign_in(&mut browser, &[("response_mode", "form_post")]).await;
        let form = page.forms().into_iter().find(|f| f.action == DOSSIER.redirect_uri).unwrap();
        let field = |n: &str| form.hidden.iter().find(|(m, _)| m == n).map(|(_, v)| v.clone());
        assert_eq!(field("state").as_deref(), Some("état-&=\"<1"));
        assert_eq!(field("iss").as_deref(), Some(ISSUER));
        assert_eq!(DOSSIER.redeem(&app, &field("code").unwrap()).await.status, 200);
        // Browsers would hold `form-action` against wherever the service leads after its callback.
        let csp = page.answer.header("content-security-policy");
        assert!(!csp.contains("form-action") && csp.contains("default-src 'none'; script-src 'self'") && csp.contains("frame-ancestors 'none'"), "{csp}");
        assert!(page.left_for.is_none());
        // Errors too, without a session.
        let page = app.browser().get(&DOSSIER.authorize(&[("response_mode", "form_post"), ("prompt", "none")])).await;
        assert!(page.body.contains("login_required"));
    }

    async fn subjects_are_stable_and_public_ones_shared(app) {
        let mut browser = app.browser();
        let first = LEGACY.tokens(&mut browser, &[]).await;
        let again = LEGACY.tokens(&mut app.browser(), &[]).await;
        let sub = |t: &serde_json::Value| claims(t["id_token"].as_str().unwrap())["sub"].clone();
        assert_eq!(sub(&first), sub(&again));
        assert!(!sub(&first).as_str().unwrap().starts_with("acc_"));
    }

    async fn claims_asked_one_by_one_are_given_where_asked(app) {
        let wanted = r#"{"userinfo":{"given_name":{"essential":true},"nope":null},"id_token":{"email":null}}"#;
        let tokens = DOSSIER.tokens(&mut app.browser(), &[("scope", "openid"), ("claims", wanted)]).await;
        let id = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!(id["email"], "camille@boulangerie.example");
        assert!(id.get("given_name").is_none());
        let info = userinfo(&app, tokens["access_token"].as_str().unwrap()).await.json();
        assert_eq!(info["given_name"], "Camille");
        assert!(info.get("email").is_none());
    }

    async fn an_essential_acr_that_cannot_be_had_is_refused(app) {
        let wanted = r#"{"id_token":{"acr":{"essential":true,"values":["eidas3"]}}}"#;
        let page = app.browser().get(&DOSSIER.authorize(&[("claims", wanted)])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("unmet_authentication_requirements"));
    }

    async fn prompt_login_and_max_age_ask_again_and_only_then(app) {
        let mut browser = app.browser();
        let first = claims(DOSSIER.tokens(&mut browser, &[]).await["id_token"].as_str().unwrap());
        app.advance(100);
        // Recent enough: silent.
        let page = browser.get(&DOSSIER.authorize(&[("max_age", "100")])).await;
        assert!(page.left_with("code").is_some());
        for extra in [[("max_age", "99")], [("prompt", "login")]] {
            let page = browser.get(&DOSSIER.authorize(&extra)).await;
            assert_eq!(page.left_for, None, "{extra:?}");
            assert!(page.path.starts_with("/connexion/confirmer"), "{}", page.path);
            let silent = browser.get(&DOSSIER.authorize(&[("max_age", "99"), ("prompt", "none")])).await;
            if extra[0].0 == "max_age" {
                assert_eq!(silent.left_with("error").as_deref(), Some("login_required"));
            }
            app.advance(60);
            let page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
            let code = app.last_code("camille@boulangerie.example").await;
            let page = browser.submit(&page, &[("code", &code)]).await;
            let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap_or_else(|| panic!("{}", page.body))).await.json();
            let again = claims(tokens["id_token"].as_str().unwrap());
            assert!(again["auth_time"].as_i64() > first["auth_time"].as_i64());
            assert_eq!(again["sub"], first["sub"]);
            assert_eq!(again["sid"], first["sid"], "the same session, proved anew");
        }
    }

    async fn prompt_none_never_shows_a_page(app) {
        let page = app.browser().get(&DOSSIER.authorize(&[("prompt", "none")])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("login_required"));
        assert_eq!(page.left_with("state").as_deref(), Some("état-&=\"<1"));
        assert_eq!(page.left_with("iss").as_deref(), Some(ISSUER));
        let mut browser = app.browser();
        DOSSIER.code(&mut browser, &[]).await;
        let page = browser.get(&MANDAT.authorize(&[("prompt", "none")])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("consent_required"));
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "none login")])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("invalid_request"));
    }

    async fn select_account_lets_the_person_choose(app) {
        let mut browser = app.browser();
        DOSSIER.code(&mut browser, &[]).await;
        for extra in [("prompt", "select_account"), ("login_hint", "dominique@boulangerie.example")] {
            let page = browser.get(&DOSSIER.authorize(&[extra])).await;
            assert!(page.path.starts_with("/connexion/compte"), "{} {:?}", page.path, page.left_for);
            let page = browser.submit(&page, &[("choix", "continuer")]).await;
            assert!(page.left_with("code").is_some(), "{}", page.body);
        }
    }

    async fn a_hint_of_the_session_is_silent_and_anothers_is_not(app) {
        let mut browser = app.browser();
        let tokens = DOSSIER.tokens(&mut browser, &[]).await;
        let hint = tokens["id_token"].as_str().unwrap();
        app.advance(7_000); // the hint has expired, the session lives
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "none"), ("id_token_hint", hint)])).await;
        assert!(page.left_with("code").is_some(), "{:?}", page.left_for);
        let mut other = app.browser();
        let page = other.get(&DOSSIER.authorize(&[])).await;
        let page = other.sign_in_with_code(&page, "dominique@boulangerie.example").await;
        assert!(page.left_with("code").is_some());
        let page = other.get(&DOSSIER.authorize(&[("prompt", "none"), ("id_token_hint", hint)])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("login_required"));
        let forged = hint.replace('.', "..");
        let page = other.get(&DOSSIER.authorize(&[("id_token_hint", &forged)])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("invalid_request"));
    }

    async fn consent_once_always_and_refused(app) {
        let mut browser = app.browser();
        MANDAT.code(&mut browser, &[("scope", "openid email")]).await;
        assert!(browser.get(&MANDAT.authorize(&[("scope", "openid email")])).await.left_with("code").is_some(), "remembered");
        let page = browser.get(&MANDAT.authorize(&[("scope", "openid email profile")])).await;
        assert!(page.path.starts_with("/connexion/autorisation"), "more is asked");
        let page = browser.submit(&page, &[("decision", "refuser")]).await;
        assert_eq!(page.left_with("error").as_deref(), Some("access_denied"));
        assert_eq!(page.left_with("state").as_deref(), Some("état-&=\"<1"));
        let page = browser.get(&MANDAT.authorize(&[("scope", "openid email"), ("prompt", "consent")])).await;
        assert!(page.path.starts_with("/connexion/autorisation"));
        LEGACY.consent(&mut browser, page).await;
        for _ in 0..2 {
            let page = browser.get(&LEGACY.authorize(&[])).await;
            assert!(page.path.starts_with("/connexion/autorisation"), "always");
            let page = LEGACY.consent(&mut browser, page).await;
            assert_eq!(page.left_with("a").as_deref(), Some("1"), "the registered query is kept");
            assert!(page.left_with("code").is_some());
        }
    }

    async fn giving_up_tells_the_service(app) {
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        let back = page.links().into_iter().find(|l| l.starts_with("/connexion/abandon")).expect("a way back");
        let page = browser.get(&back).await;
        assert_eq!(page.left_with("error").as_deref(), Some("access_denied"));
    }

    async fn the_relay_page_serves_once(app) {
        let mut browser = app.browser();
        let page = DOSSIER.sign_in(&mut browser, &[]).await;
        let again = browser.get(&page.path).await;
        assert_eq!(again.status, 409);
        assert!(again.body.contains("A204"));
        assert!(again.left_for.is_none());
    }

    async fn back_from_the_service_gives_no_second_code(app) {
        let mut browser = app.browser();
        let start = browser.get(&DOSSIER.authorize(&[])).await;
        let end = browser.sign_in_with_code(&start, "camille@boulangerie.example").await;
        assert!(end.left_with("code").is_some());
        let again = browser.get(&start.path).await;
        assert_eq!(again.status, 409);
        assert!(again.body.contains("A204"));
        assert!(again.left_for.is_none());
    }

    async fn native_applications_use_any_loopback_port(app) {
        let tokens = MOBILE.tokens(&mut app.browser(), &[]).await;
        assert!(tokens["refresh_token"].is_string());
        let page = app.browser().get(&MOBILE.authorize(&[("redirect_uri", "fr.example.mobile:/cb"), ("prompt", "none")])).await;
        assert!(page.left_for.unwrap().starts_with("fr.example.mobile:/cb?"));
    }

    async fn errors_that_may_not_be_redirected_are_pages(app) {
        for (extra, code) in [
            (vec![("client_id", "nobody")], "A101"),
            (vec![("client_id", "")], "A101"),
            (vec![("redirect_uri", "https://dossier.example.fr/cb/random")], "A102"),
            (vec![("redirect_uri", "https://dossier.example.fr/cb?foo=bar")], "A102"),
            (vec![("redirect_uri", "")], "A102"),
        ] {
            let page = app.browser().get(&DOSSIER.authorize(&extra)).await;
            assert_eq!(page.status, 400, "{extra:?}");
            assert!(page.body.contains(code), "{extra:?}");
            assert_eq!(page.left_for, None);
            assert_eq!(page.answer.header("location"), "");
        }
        let twice = format!("{}&client_id=dossier", DOSSIER.authorize(&[]));
        let page = app.browser().get(&twice).await;
        assert_eq!(page.status, 400);
        assert!(page.body.contains("A103"));
    }

    async fn other_errors_go_back_to_the_service(app) {
        for (extra, error) in [
            (("response_type", ""), "invalid_request"),
            (("response_type", "id_token"), "unsupported_response_type"),
            (("response_mode", "fragment"), "invalid_request"),
            (("scope", "unknown"), "invalid_scope"),
            (("code_challenge", ""), "invalid_request"),
            (("code_challenge_method", "plain"), "invalid_request"),
            (("code_challenge", "short"), "invalid_request"),
            (("prompt", "dance"), "invalid_request"),
            (("max_age", "-1"), "invalid_request"),
            (("claims", "[]"), "invalid_request"),
            (("request", "eyJhbGciOiJub25lIn0.e30."), "request_not_supported"),
            (("request_uri", "https://rp.example/r"), "request_uri_not_supported"),
            (("registration", "{}"), "registration_not_supported"),
        ] {
            let page = app.browser().get(&DOSSIER.authorize(&[extra])).await;
            assert_eq!(page.left_with("error").as_deref(), Some(error), "{extra:?}");
            assert_eq!(page.left_with("state").as_deref(), Some("état-&=\"<1"), "{extra:?}");
            assert!(page.left_with("error_description").unwrap().bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\'));
            assert_eq!(page.left_with("code"), None);
        }
        let long = "x".repeat(1_501);
        let page = app.browser().get(&DOSSIER.authorize(&[("state", &long)])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("invalid_request"));
        let fits = "x".repeat(1_500);
        let page = app.browser().get(&DOSSIER.authorize(&[("state", &fits), ("prompt", "none")])).await;
        assert_eq!(page.left_with("state"), Some(fits));
    }

    async fn what_is_not_understood_is_ignored(app) {
        let extra = [("extra", "foobar"), ("display", "popup"), ("ui_locales", "se"), ("claims_locales", "se"), ("login_hint", "buffy@sso.example")];
        let page = app.browser().get(&DOSSIER.authorize(&extra)).await;
        assert_eq!(page.status, 200);
        assert!(page.path.starts_with("/connexion"));
    }

    async fn a_posted_request_works_like_a_get(app) {
        let path = DOSSIER.authorize(&[("state", "abc")]);
        let (_, query) = path.split_once('?').unwrap();
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let page = app.browser().post("/oauth/authorize", &fields).await;
        assert!(page.path.starts_with("/connexion"), "{}", page.path);
    }

    async fn an_anonymous_request_writes_nothing(app) {
        let before = app.audit().await.len();
        app.browser().get(&DOSSIER.authorize(&[])).await;
        app.browser().get(&DOSSIER.authorize(&[("prompt", "none")])).await;
        app.browser().get(&DOSSIER.authorize(&[("client_id", "x")])).await;
        assert_eq!(app.audit().await.len(), before);
        assert_eq!(app.count("SELECT COUNT(*) FROM session").await + app.count("SELECT COUNT(*) FROM relay").await + app.count("SELECT COUNT(*) FROM email_code").await, 0);
    }

    async fn ui_locales_chooses_the_language_of_its_journey_and_of_no_other(app) {
        let mut browser = app.browser();
        for (asked, shown) in [("en fr", "en"), ("fr", "fr"), ("en", "en"), ("", "fr"), ("se", "fr")] {
            let page = browser.get(&DOSSIER.authorize(&[("ui_locales", asked)])).await;
            assert!(is_in(&page, shown), "{asked:?}: {}", &page.body[..200]);
        }
        assert_eq!(browser.cookie("__Host-langue"), None, "nobody has chosen");
        // To its end, on the relay page; or on an error page.
        assert!(is_in(&DOSSIER.sign_in(&mut browser, &[("ui_locales", "en")]).await, "en"));
        assert!(is_in(&browser.get("/accueil").await, "fr"));
        let page = app.browser().get(&DOSSIER.authorize(&[("ui_locales", "en"), ("client_id", "nobody")])).await;
        assert!(page.body.contains("A101") && is_in(&page, "en"));
        let mut slow = app.browser();
        let page = slow.get(&DOSSIER.authorize(&[("ui_locales", "en")])).await;
        app.advance(86_400);
        let late = slow.get(&page.path).await;
        assert!(late.body.contains("A201") && is_in(&late, "en"));
    }

    async fn a_language_chosen_by_hand_wins_in_its_journey_and_where_none_is_asked(app) {
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[("ui_locales", "en")])).await;
        let page = browser.press(&page, "/langue", &[("langue", "fr")]).await;
        assert!(is_in(&page, "fr"));
        let page = browser.submit(&page, &[("courriel", "camille@boulangerie.example")]).await;
        assert!(page.path.starts_with("/connexion/code") && is_in(&page, "fr"));
        browser.accept_language = "en".into();
        assert!(is_in(&browser.get(&DOSSIER.authorize(&[])).await, "fr"));
        assert!(is_in(&browser.get(&DOSSIER.authorize(&[("ui_locales", "en")])).await, "en"));
        // The switch works on an error page of the request itself.
        let page = browser.get(&DOSSIER.authorize(&[("ui_locales", "en"), ("client_id", "nobody")])).await;
        let page = browser.press(&page, "/langue", &[("langue", "fr")]).await;
        assert!(page.body.contains("A101") && is_in(&page, "fr"));
    }

    async fn a_repeated_parameter_is_told_to_the_service_where_it_can_be(app) {
        let path = DOSSIER.authorize(&[]);
        let get = async |more: &str| app.browser().get(&format!("{path}&{more}")).await;
        for more in ["nonce=x", "nonce=", "scope=openid", "response_type=code", "prompt=login&prompt=login"] {
            let page = get(more).await;
            assert_eq!(page.left_with("error").as_deref(), Some("invalid_request"), "{more}");
            assert_eq!(page.left_with("state").as_deref(), Some("état-&=\"<1"), "{more}");
            assert!(page.left_with("error_description").unwrap().contains("repeated"), "{more}");
        }
        let page = get("state=other").await;
        assert_eq!((page.left_with("error").as_deref(), page.left_with("state")), (Some("invalid_request"), None));
        let page = get("response_mode=form_post&response_mode=query").await;
        assert_eq!(page.left_with("error").as_deref(), Some("invalid_request"));
        for more in ["client_id=dossier", "client_id=", "redirect_uri=https%3A%2F%2Fdossier.example.fr%2Fcb"] {
            let page = get(more).await;
            assert!(page.status == 400 && page.body.contains("A103") && page.left_for.is_none(), "{more}");
        }
        for more in ["foo=1&foo=2&foo=3", "resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example"] {
            let page = get(more).await;
            assert!(page.status == 200 && page.path.starts_with("/connexion"), "{more}: {}", page.path);
        }
    }

    async fn pkce_is_required_unless_a_confidential_client_opted_out(app) {
        let mut browser = app.browser();
        assert!(LEGACY.code(&mut browser, &[]).await.starts_with("gco_"));
        // It may still use it, and then must prove it.
        let page = browser.get(&LEGACY.authorize(&[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")])).await;
        let code = LEGACY.consent(&mut browser, page).await.left_with("code").unwrap();
        assert_eq!(LEGACY.redeem(&app, &code).await.json()["error"], "invalid_grant");
    }
}
