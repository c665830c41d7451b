//! Tokens: single use under fire, rotation, revocation, and the death of what they rest on.

use futures_util::future::join_all;
use serde_json::Value;

use crate::support::rp::{API, DOSSIER, LEGACY, MANDAT, MOBILE, VERIFIER, claims, userinfo};
use crate::support::{Answer, TestApp};

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|a| a.status.as_u16() == status).count()
}

fn error(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("{name} in {tokens}"))
}

on_both! {
    async fn fifty_redemptions_of_a_code_have_one_winner(app) {
        let code = DOSSIER.code(&mut app.browser(), &[]).await;
        let tasks = (0..50).map(|_| { let (app, code) = (app.clone(), code.clone()); tokio::spawn(async move { DOSSIER.redeem(&app, &code).await }) });
        let answers: Vec<Answer> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(count(&answers, 200), 1);
        assert!(answers.iter().filter(|a| a.status != 200).all(|a| a.json()["error"] == "invalid_grant"));
        // The replays closed what the winner got.
        let winner = answers.iter().find(|a| a.status == 200).unwrap().json();
        assert_eq!(userinfo(&app, text(&winner, "access_token")).await.status, 401);
        assert!(app.audit().await.contains(&"code.reused".to_owned()));
    }

    async fn fifty_uses_of_a_refresh_token_have_one_winner(app) {
        let tokens = DOSSIER.tokens(&mut app.browser(), &[("scope", "openid offline_access")]).await;
        let token = text(&tokens, "refresh_token").to_owned();
        let tasks = (0..50).map(|_| { let (app, token) = (app.clone(), token.clone()); tokio::spawn(async move { DOSSIER.refresh(&app, &token).await }) });
        let answers: Vec<Answer> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(count(&answers, 200), 1);
        assert_eq!(app.audit().await.iter().filter(|k| *k == "refresh_token.reused").count(), 1);
        let winner = answers.iter().find(|a| a.status == 200).unwrap().json();
        assert_eq!(error(&DOSSIER.refresh(&app, text(&winner, "refresh_token")).await), (400, "invalid_grant".into()));
    }

    async fn a_code_is_bound_to_client_uri_verifier_and_time(app) {
        let wrong = |fields: Vec<(&'static str, String)>| {
            let app = app.clone();
            async move {
                app.advance(3_600); // codes by mail are limited per hour
                let code = DOSSIER.code(&mut app.browser(), &[]).await;
                let mut all = vec![("grant_type", "authorization_code".to_owned()), ("code", code), ("redirect_uri", DOSSIER.redirect_uri.to_owned()), ("code_verifier", VERIFIER.to_owned())];
                for (name, value) in fields {
                    all.retain(|(n, _)| *n != name);
                    if !value.is_empty() { all.push((name, value)); }
                }
                let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (*n, v.as_str())).collect();
                error(&DOSSIER.post(&app, "/oauth/token", &all).await)
            }
        };
        let no = (400, "invalid_grant".to_owned());
        assert_eq!(wrong(vec![("redirect_uri", "https://dossier.example.fr/other".into())]).await, no);
        assert_eq!(wrong(vec![("redirect_uri", String::new())]).await, no);
        assert_eq!(wrong(vec![("code_verifier", "x".repeat(43))]).await, no);
        assert_eq!(wrong(vec![("code_verifier", String::new())]).await, no);
        assert_eq!(wrong(vec![("code", "gco_forged".into())]).await, no);
        // Another client neither gets nor spoils it.
        app.advance(3_600);
        let code = DOSSIER.code(&mut app.browser(), &[]).await;
        assert_eq!(error(&MANDAT.redeem(&app, &code).await), no);
        assert_eq!(DOSSIER.redeem(&app, &code).await.status, 200);
        // A verifier where no challenge was sent: it was stripped.
        let code = LEGACY.code(&mut app.browser(), &[]).await;
        let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", LEGACY.redirect_uri), ("code_verifier", VERIFIER)];
        assert_eq!(error(&LEGACY.post(&app, "/oauth/token", &fields).await), no);
        let code = DOSSIER.code(&mut app.browser(), &[]).await;
        app.advance(60);
        assert_eq!(error(&DOSSIER.redeem(&app, &code).await), no);
    }

    async fn a_code_used_half_a_minute_later_revokes_the_tokens(app) {
        let code = DOSSIER.code(&mut app.browser(), &[]).await;
        let tokens = DOSSIER.redeem(&app, &code).await.json();
        assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.status, 200);
        app.advance(30);
        assert_eq!(error(&DOSSIER.redeem(&app, &code).await), (400, "invalid_grant".into()));
        assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.status, 401);
        assert_eq!(error(&DOSSIER.refresh(&app, text(&tokens, "refresh_token")).await), (400, "invalid_grant".into()));
    }

    async fn refresh_keeps_identity_and_may_narrow(app) {
        let mut browser = app.browser();
        let tokens = DOSSIER.tokens(&mut browser, &[("scope", "openid profile email offline_access")]).await;
        app.advance(10);
        let token = text(&tokens, "refresh_token");
        let wide = DOSSIER.post(&app, "/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "openid phone")]).await;
        assert_eq!(error(&wide), (400, "invalid_scope".into()));
        // A wrong scope did not cost the token.
        let narrow = DOSSIER.post(&app, "/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "openid email")]).await;
        assert_eq!(narrow.header("cache-control"), "no-store");
        let narrow = narrow.json();
        let (a, b) = (claims(text(&tokens, "id_token")), claims(text(&narrow, "id_token")));
        for same in ["iss", "sub", "aud", "auth_time", "sid", "acr", "amr"] {
            assert_eq!(a[same], b[same], "{same}");
        }
        assert_ne!(a["iat"], b["iat"]);
        assert!(b.get("nonce").is_none());
        assert!(userinfo(&app, text(&narrow, "access_token")).await.json().get("name").is_none());
        let full = DOSSIER.refresh(&app, text(&narrow, "refresh_token")).await.json();
        assert_eq!(full["scope"], "openid profile email offline_access");
        // Another client's refresh token.
        assert_eq!(error(&MANDAT.refresh(&app, text(&full, "refresh_token")).await), (400, "invalid_grant".into()));
        assert_eq!(DOSSIER.refresh(&app, text(&full, "refresh_token")).await.status, 200, "it did not spoil it");
    }

    async fn offline_access_outlives_the_session_and_nothing_else_does(app) {
        let mut browser = app.browser();
        let online = DOSSIER.tokens(&mut browser, &[]).await;
        let offline = MANDAT.tokens(&mut app.browser(), &[]).await;
        app.advance(2 * 3600);
        assert_eq!(error(&DOSSIER.refresh(&app, text(&online, "refresh_token")).await), (400, "invalid_grant".into()), "idle session");
        let next = MANDAT.refresh(&app, text(&offline, "refresh_token")).await.json();
        assert_eq!(userinfo(&app, text(&next, "access_token")).await.status, 200);
        app.advance(31 * 86_400);
        assert_eq!(error(&MANDAT.refresh(&app, text(&next, "refresh_token")).await), (400, "invalid_grant".into()), "unused too long");
    }

    async fn a_disabled_account_is_dead_everywhere(app) {
        let mut browser = app.browser();
        let tokens = DOSSIER.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
        let opaque = MANDAT.tokens(&mut browser_of(&app), &[]).await;
        let code = DOSSIER.code(&mut app.browser(), &[]).await;
        app.apply("[[account]]\nlogin_email = \"camille@boulangerie.example\"\ngiven_name = \"Camille\"\nfamily_name = \"Durand\"\nemail_verified = true\nstate = \"disabled\"\n").await;
        assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.status, 401);
        assert_eq!(userinfo(&app, text(&opaque, "access_token")).await.status, 401);
        assert_eq!(DOSSIER.introspect(&app, text(&tokens, "access_token")).await["active"], false);
        assert_eq!(DOSSIER.introspect(&app, text(&tokens, "refresh_token")).await["active"], false);
        assert_eq!(DOSSIER.refresh(&app, text(&tokens, "refresh_token")).await.status, 400);
        assert_eq!(DOSSIER.redeem(&app, &code).await.status, 400);
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "none")])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("login_required"));
    }

    async fn a_disabled_client_is_dead_everywhere(app) {
        let mut browser = app.browser();
        let tokens = DOSSIER.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
        let code = browser.get(&DOSSIER.authorize(&[])).await.left_with("code").unwrap();
        let mut dossier = (**app.app.clients().any("dossier").unwrap()).clone();
        dossier.enabled = false;
        app.put_client(dossier).await;
        assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.status, 401);
        assert_eq!(error(&DOSSIER.redeem(&app, &code).await), (401, "invalid_client".into()));
        assert_eq!(error(&DOSSIER.refresh(&app, text(&tokens, "refresh_token")).await), (401, "invalid_client".into()));
        assert_eq!(API.introspect(&app, text(&tokens, "access_token")).await["active"], false);
        assert!(browser.get(&DOSSIER.authorize(&[])).await.body.contains("A104"));
    }

    async fn signing_out_kills_what_depends_on_the_session(app) {
        let mut browser = app.browser();
        let tokens = DOSSIER.tokens(&mut browser, &[]).await;
        let cookie = browser.cookie("__Host-session").unwrap().to_owned();
        browser.get(&format!("/deconnexion?id_token_hint={}", text(&tokens, "id_token"))).await;
        assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.status, 401);
        assert_eq!(DOSSIER.refresh(&app, text(&tokens, "refresh_token")).await.status, 400);
        browser.set_cookie("__Host-session", Some(&cookie));
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "none")])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("login_required"), "an old cookie does not come back to life");
    }

    async fn introspection_is_for_the_owner_and_for_resource_servers(app) {
        let tokens = DOSSIER.tokens(&mut app.browser(), &[]).await;
        let access = text(&tokens, "access_token");
        for caller in [DOSSIER, API] {
            let body = caller.introspect(&app, access).await;
            assert_eq!(body["active"], true);
            assert_eq!(body["client_id"], "dossier");
            assert_eq!(body["sub"], claims(text(&tokens, "id_token"))["sub"]);
            assert_eq!(body["scope"], "openid profile email");
            assert_eq!(body["exp"], 1_800_000_600);
        }
        assert_eq!(MANDAT.introspect(&app, access).await, serde_json::json!({ "active": false }));
        assert_eq!(error(&MOBILE.post(&app, "/oauth/introspect", &[("token", access)]).await), (401, "invalid_client".into()));
        assert_eq!(DOSSIER.introspect(&app, "junk").await["active"], false);
        app.advance(600);
        assert_eq!(DOSSIER.introspect(&app, access).await["active"], false);
        assert_eq!(userinfo(&app, access).await.status, 401);
    }

    async fn revocation_reaches_every_form_of_token(app) {
        let mut browser = app.browser();
        let jwt = DOSSIER.tokens(&mut browser, &[]).await;
        let opaque = MANDAT.tokens(&mut browser_of(&app), &[]).await;
        // Another client's attempt changes nothing and learns nothing.
        let answer = MANDAT.post(&app, "/oauth/revoke", &[("token", text(&jwt, "access_token"))]).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
        assert_eq!(userinfo(&app, text(&jwt, "access_token")).await.status, 200);
        for (rp, tokens) in [(DOSSIER, &jwt), (MANDAT, &opaque)] {
            assert_eq!(rp.post(&app, "/oauth/revoke", &[("token", text(tokens, "access_token")), ("token_type_hint", "refresh_token")]).await.status, 200);
            assert_eq!(userinfo(&app, text(tokens, "access_token")).await.status, 401, "{}", rp.id);
            let next = rp.refresh(&app, text(tokens, "refresh_token")).await.json();
            assert_eq!(rp.post(&app, "/oauth/revoke", &[("token", text(&next, "refresh_token"))]).await.status, 200);
            assert_eq!(userinfo(&app, text(&next, "access_token")).await.status, 401, "the grant goes with its refresh token");
            assert_eq!(rp.refresh(&app, text(&next, "refresh_token")).await.status, 400);
        }
        assert_eq!(DOSSIER.post(&app, "/oauth/revoke", &[("token", "junk")]).await.status, 200);
        assert_eq!(error(&DOSSIER.post(&app, "/oauth/revoke", &[]).await), (400, "invalid_request".into()));
    }

    async fn a_client_gets_tokens_for_itself(app) {
        let jwt = API.post(&app, "/oauth/token", &[("grant_type", "client_credentials")]).await.json();
        assert!(jwt.get("refresh_token").is_none() && jwt.get("id_token").is_none());
        assert_eq!(jwt["scope"], "people:read");
        assert_eq!(claims(text(&jwt, "access_token"))["sub"], "api");
        assert_eq!(error(&userinfo(&app, text(&jwt, "access_token")).await), (403, "insufficient_scope".into()));
        assert_eq!(API.introspect(&app, text(&jwt, "access_token")).await["active"], true);
        API.post(&app, "/oauth/revoke", &[("token", text(&jwt, "access_token"))]).await;
        assert_eq!(API.introspect(&app, text(&jwt, "access_token")).await["active"], false);
        let opaque = MANDAT.post(&app, "/oauth/token", &[("grant_type", "client_credentials")]).await.json();
        assert!(text(&opaque, "access_token").starts_with("gat_"));
        assert_eq!(MANDAT.introspect(&app, text(&opaque, "access_token")).await["active"], true);
        assert_eq!(error(&API.post(&app, "/oauth/token", &[("grant_type", "client_credentials"), ("scope", "openid")]).await), (400, "invalid_scope".into()));
        assert_eq!(error(&DOSSIER.post(&app, "/oauth/token", &[("grant_type", "client_credentials")]).await), (400, "unauthorized_client".into()));
        // Two of the same second differ.
        let two = API.post(&app, "/oauth/token", &[("grant_type", "client_credentials")]).await.json();
        assert_ne!(text(&two, "access_token"), text(&jwt, "access_token"));
    }

    async fn two_nodes_agree(app) {
        let other = app.another_node().await;
        let code = DOSSIER.code(&mut app.browser(), &[]).await;
        let tokens = DOSSIER.redeem(&other, &code).await.json();
        assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.status, 200);
        let mut tx = app.app.db.begin().await.unwrap();
        let ctx = app.app.ctx(guichet::base::Actor::Operator);
        guichet::crypto::keyring::rotate(&mut tx, &ctx, guichet::crypto::Algorithm::ES256).await.unwrap();
        tx.commit().await.unwrap();
        app.app.reload().await.unwrap();
        other.app.reload().await.unwrap();
        assert_eq!(app.get("/oauth/jwks").await.body, other.get("/oauth/jwks").await.body);
        let rotated = DOSSIER.refresh(&app, text(&tokens, "refresh_token")).await.json();
        assert_ne!(crate::support::rp::header(text(&rotated, "access_token"))["kid"], crate::support::rp::header(text(&tokens, "access_token"))["kid"]);
        assert_eq!(userinfo(&other, text(&tokens, "access_token")).await.status, 200, "signed before the rotation");
        assert_eq!(userinfo(&other, text(&rotated, "access_token")).await.status, 200);
    }
}

fn browser_of(app: &TestApp) -> crate::support::Browser {
    app.browser()
}
