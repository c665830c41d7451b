//! What is refused: each time with its page, in the trail, and no account made or touched.

use futures_util::future::join_all;
use guichet::crypto::Algorithm;
use serde_json::{Map, Value, json};

use super::*;
use crate::support::rp::DOSSIER;
use crate::support::upstream::{Edit, Signing, State};

/// Nothing came of it: this page, an event with these words, and not a row more.
async fn refused(app: &TestApp, before: (i64, i64, i64), page: &Page, code: &str, why: &str) {
    assert!(page.says(code), "{why}: {} {}", page.status, page.body);
    assert!(page.status.as_u16() >= 400, "{}", page.status);
    assert_eq!(rows(app).await, before, "{why}");
    let last = last_refusal(app).await;
    assert!(last.contains(why), "{last} lacks {why}");
}

async fn last_refusal(app: &TestApp) -> String {
    const LAST: &str = "SELECT detail FROM audit_event WHERE kind = 'upstream.refused' ORDER BY id DESC LIMIT 1";
    let mut read = app.app.db.read().await.unwrap();
    let row: Option<(String,)> = guichet::sql!(&mut read, LAST; (String,); optional).unwrap();
    row.map(|(detail,)| detail).unwrap_or_default()
}

fn edit(change: impl Fn(&mut Map<String, Value>) + Send + 'static) -> Option<Edit> {
    Some(Box::new(change))
}

/// One sign-in with the upstream in a certain state.
async fn attempt(app: &TestApp, upstream: &Upstream, prepare: impl FnOnce(&mut State)) -> Page {
    prepare(&mut upstream.state());
    let mut browser = app.browser();
    let landing = browser.get(&DOSSIER.authorize(&[])).await;
    sign_in(&mut browser, upstream, &landing).await
}

fn reset(state: &mut State) {
    (state.edit_id_token, state.edit_userinfo, state.raw_userinfo) = (None, None, None);
    state.signing = Signing::Rightly;
    state.acr = "eidas1".into();
}

on_both! {
    async fn id_tokens_that_are_wrong_in_any_part_are_refused(app) {
        let upstream = upstream(&app).await;
        let before = rows(&app).await;
        let wrong: Vec<(&str, Edit)> = vec![
            ("another audience", Box::new(|c| { c.insert("aud".into(), json!("somebody-else")); })),
            ("another audience", Box::new(|c| { c.insert("aud".into(), json!(["guichet-fc", "somebody-else"])); })),
            ("another issuer", Box::new(|c| { c.insert("iss".into(), json!("https://evil.example")); })),
            ("expired", Box::new(|c| { c.insert("exp".into(), json!(1)); })),
            ("id_token", Box::new(|c| { let iat = c["iat"].as_i64().unwrap(); c.insert("iat".into(), json!(iat + 3_600)); })),
            ("wrong nonce", Box::new(|c| { c.insert("nonce".into(), json!("of another request")); })),
            ("wrong nonce", Box::new(|c| { c.remove("nonce"); })),
            ("another access token", Box::new(|c| { c.insert("at_hash".into(), json!("AAAAAAAAAAAAAAAAAAAAAA")); })),
            ("level", Box::new(|c| { c.remove("acr"); })),
            ("level", Box::new(|c| { c.insert("acr".into(), json!("loa9")); })),
            ("speaks of somebody else", Box::new(|c| { c.insert("sub".into(), json!("another-person")); })),
        ];
        for (why, edit) in wrong {
            let page = attempt(&app, &upstream, |state| { reset(state); state.edit_id_token = Some(edit); }).await;
            refused(&app, before, &page, "A402", why).await;
        }
        for (why, signing) in [("wrong signature", Signing::Forged), ("algorithm not allowed", Signing::Hs256), ("id_token", Signing::None)] {
            let page = attempt(&app, &upstream, |state| { reset(state); state.signing = signing; }).await;
            refused(&app, before, &page, "A402", why).await;
        }
        // The page leads on, to the same service.
        let page = attempt(&app, &upstream, |state| { reset(state); state.signing = Signing::Forged; }).await;
        assert!(page.says("Reprendre la connexion") && page.links().iter().any(|l| l.starts_with("/connexion?t=")));
        let page = attempt(&app, &upstream, reset).await;
        assert!(page.path.starts_with("/connexion/finaliser"), "rightly, it works: {}", page.path);
    }

    async fn userinfo_that_is_wrong_in_any_part_is_refused(app) {
        let upstream = upstream(&app).await;
        let before = rows(&app).await;
        let wrong: Vec<(&str, Edit)> = vec![
            ("speaks of somebody else", Box::new(|c| { c.insert("sub".into(), json!("another-person")); })),
            ("another audience", Box::new(|c| { c.insert("aud".into(), json!("somebody-else")); })),
            ("another audience", Box::new(|c| { c.remove("aud"); })),
            ("another issuer", Box::new(|c| { c.insert("iss".into(), json!("https://evil.example")); })),
            ("expired", Box::new(|c| { c.insert("exp".into(), json!(1)); })),
            ("expired", Box::new(|c| { c.remove("exp"); })),
        ];
        for (why, edit) in wrong {
            let page = attempt(&app, &upstream, |state| { reset(state); state.edit_userinfo = Some(edit); }).await;
            refused(&app, before, &page, "A402", why).await;
        }
        let plain = json!({ "sub": "x", "family_name": "DUBOIS" }).to_string();
        let page = attempt(&app, &upstream, |state| { reset(state); state.raw_userinfo = Some(("application/json", plain)); }).await;
        refused(&app, before, &page, "A402", "not signed").await;
        let page = attempt(&app, &upstream, |state| { reset(state); state.raw_userinfo = Some(("application/jwt", "a".repeat(1 << 20))); }).await;
        refused(&app, before, &page, "A402", "too large").await;
    }

    async fn hostile_claims_are_refused_whole(app) {
        let upstream = upstream(&app).await;
        let before = rows(&app).await;
        for (name, value) in [
            ("family_name", json!("<script>alert(1)</script>")),
            ("family_name", json!("DUBOIS\u{0}")),
            ("family_name", json!("DU\u{202e}BOIS")),
            ("family_name", json!("A".repeat(300))),
            ("family_name", json!(null)),
            ("family_name", json!({ "x": 1 })),
            ("given_name", json!("Angela\r\nBcc: x@y.example")),
            ("given_name_array", json!(["Angela", "<b>"])),
            ("given_name_array", json!("Angela")),
            ("birthdate", json!("24/08/1962")),
            ("birthdate", json!(19_620_824)),
            ("gender", json!("<i>")),
        ] {
            let set = (name.to_owned(), value);
            let page = attempt(&app, &upstream, |state| {
                reset(state);
                state.edit_userinfo = edit(move |c| { c.insert(set.0.clone(), set.1.clone()); });
            }).await;
            refused(&app, before, &page, "A402", name).await;
        }
        let page = attempt(&app, &upstream, |state| {
            reset(state);
            state.edit_userinfo = edit(|c| { c.insert("family_name".into(), json!("A".repeat(1 << 20))); });
        }).await;
        refused(&app, before, &page, "A402", "too large").await;
    }

    async fn callbacks_that_no_request_of_this_browser_awaits_are_refused(app) {
        let upstream = upstream(&app).await;
        let before = rows(&app).await;
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let address = depart(&mut browser, &landing).await;
        let back = upstream.visit(&address);
        // Of another browser: a link sent to somebody signs nobody in.
        let mut victim = app.browser();
        victim.get("/connexion").await;
        refused(&app, before, &victim.get(&back).await, "A203", "unknown state").await;
        // With the cookie of the request, but not of the browser.
        let mut thief = app.browser();
        thief.get("/connexion").await;
        for (name, value) in browser.cookies().into_iter().filter(|(n, _)| n.starts_with("__Host-amont-")) {
            thief.set_cookie(&name, Some(&value));
        }
        refused(&app, before, &thief.get(&back).await, "A203", "another browser").await;
        // Another state, none, or twice; a callback of another provider.
        let forged = back.replace("state=", "state=x");
        refused(&app, before, &browser.get(&forged).await, "A203", "unknown state").await;
        let (path, _) = back.split_once('?').unwrap();
        refused(&app, before, &browser.get(&format!("{path}?code=x")).await, "A203", "no state").await;
        refused(&app, before, &browser.get(&format!("{back}&state=y")).await, "A203", "malformed").await;
        app.apply(&upstream.declaration("franceconnect-plus", "")).await;
        refused(&app, before, &browser.get(&back.replace("/franceconnect?", "/franceconnect-plus?")).await, "A402", "another provider").await;
        // A mixed-up issuer, or none where the provider announces it (RFC 9207).
        let address = { let landing = browser.get("/connexion").await; depart(&mut browser, &landing).await };
        let back = upstream.visit(&address);
        let (front, _) = back.split_once("&iss=").unwrap();
        refused(&app, before, &browser.get(&format!("{front}&iss=https%3A%2F%2Fevil.example")).await, "A402", "another issuer").await;
        refused(&app, before, &browser.get(front).await, "A402", "does not say its issuer").await;
    }

    async fn a_late_or_replayed_callback_opens_nothing(app) {
        let upstream = upstream(&app).await;
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let address = depart(&mut browser, &landing).await;
        let back = upstream.visit(&address);
        let before = rows(&app).await;
        let mut late = browser.clone();
        // The code is past its thirty seconds.
        app.advance(31);
        refused(&app, before, &late.get(&back).await, "A402", "invalid_grant").await;
        // The request itself is forgotten after half an hour.
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let address = depart(&mut browser, &landing).await;
        app.advance(1_801);
        let back = upstream.visit(&address);
        refused(&app, before, &browser.get(&back).await, "A201", "expired").await;
        // Replayed: by the person it leads on, by nobody else it opens anything.
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let address = depart(&mut browser, &landing).await;
        let back = upstream.visit(&address);
        let mut copy = browser.clone();
        let page = browser.get(&back).await;
        assert!(page.path.starts_with("/connexion/finaliser"));
        let before = rows(&app).await;
        refused(&app, before, &copy.get(&back).await, "A402", "replayed").await;
        let again = browser.get(&back).await;
        assert!(again.path.starts_with("/connexion/finaliser"), "a reload goes on: {}", again.path);
        assert_eq!(rows(&app).await, before);
    }

    async fn of_fifty_callbacks_at_once_one_opens_a_session(app) {
        let upstream = upstream(&app).await;
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let address = depart(&mut browser, &landing).await;
        let back = upstream.visit(&address);
        let sessions = app.count("SELECT COUNT(*) FROM session").await;
        let all = join_all((0..50).map(|_| { let (mut browser, back) = (browser.clone(), back.clone()); async move { browser.get(&back).await } })).await;
        let won = all.iter().filter(|page| page.path.starts_with("/connexion/finaliser")).count();
        assert_eq!((won, app.count("SELECT COUNT(*) FROM session").await - sessions), (1, 1));
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE kind = 'particulier'").await, 1);
        assert_eq!(upstream.state().asked.iter().filter(|p| p.ends_with("/token")).count(), 1, "the code was redeemed once");
        assert!(all.iter().all(|page| page.status.as_u16() < 500));
    }

    async fn two_tabs_of_a_new_person_make_one_space(app) {
        let upstream = upstream(&app).await;
        let tabs = join_all((0..8).map(|_| { let (mut browser, upstream) = (app.browser(), upstream.clone()); async move {
            let landing = browser.get("/connexion").await;
            let address = depart(&mut browser, &landing).await;
            (browser, upstream.visit(&address))
        }})).await;
        let pages = join_all(tabs.into_iter().map(|(mut browser, back)| async move { browser.get(&back).await })).await;
        assert!(pages.iter().all(|p| p.path.starts_with("/connexion/finaliser")), "{:?}", pages.iter().map(|p| (p.status, &p.path)).collect::<Vec<_>>());
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE kind = 'particulier'").await, 1);
    }

    async fn a_disabled_provider_ends_what_rests_on_it_and_refuses_who_was_there(app) {
        let upstream = upstream(&app).await;
        let mut signed_in = app.browser();
        let landing = signed_in.get(&DOSSIER.authorize(&[("scope", "openid offline_access")])).await;
        let page = sign_in(&mut signed_in, &upstream, &landing).await;
        let page = signed_in.submit(&page, &[("courriel_contact", ANGELA)]).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let mut there = app.browser();
        let landing = there.get("/connexion").await;
        let address = depart(&mut there, &landing).await;
        let before = rows(&app).await;
        app.apply(&upstream.declaration("franceconnect", "enabled = false")).await;
        refused(&app, before, &there.get(&upstream.visit(&address)).await, "A403", "disabled").await;
        assert!(signed_in.get("/compte").await.path.starts_with("/connexion"), "the session is dead at once");
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let answer = DOSSIER.post(&app, "/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (400, Some("invalid_grant")), "and so is what was to outlive it");
        assert!(!app.browser().get("/connexion").await.says("S’identifier avec FranceConnect"));
    }

    async fn hs256_is_taken_until_the_day_that_was_set(app) {
        let upstream = upstream_with(&app, "hs256_until = \"2027-01-20\"").await;
        let page = attempt(&app, &upstream, |state| state.signing = Signing::Hs256).await;
        assert!(page.path.starts_with("/connexion/finaliser"), "{} {}", page.path, last_refusal(&app).await);
        app.advance(10 * 86_400);
        let before = rows(&app).await;
        let page = attempt(&app, &upstream, |state| state.signing = Signing::Hs256).await;
        refused(&app, before, &page, "A402", "algorithm not allowed").await;
    }

    async fn a_level_lower_than_asked_is_refused(app) {
        let upstream = upstream_with(&app, "acr_values = \"eidas2\"").await;
        let before = rows(&app).await;
        let page = attempt(&app, &upstream, |state| state.acr = "eidas1".into()).await;
        refused(&app, before, &page, "A402", "level").await;
        let page = attempt(&app, &upstream, |state| state.acr = "eidas3".into()).await;
        assert!(page.path.starts_with("/connexion/finaliser"), "a higher one is not");
    }

    async fn keys_rotate_and_outages_pass(app) {
        let upstream = upstream(&app).await;
        assert!(attempt(&app, &upstream, reset).await.path.starts_with("/connexion/finaliser"));
        // A new key is looked up before anybody is failed, at most every half minute.
        app.advance(60);
        upstream.rotate(Algorithm::RS256, true);
        assert!(attempt(&app, &upstream, reset).await.path.starts_with("/connexion/finaliser"));
        let before = rows(&app).await;
        upstream.rotate(Algorithm::ES256, false);
        upstream.state().asked.clear();
        for _ in 0..5 {
            refused(&app, before, &attempt(&app, &upstream, reset).await, "A402", "unknown key").await;
        }
        let jwks = upstream.state().asked.iter().filter(|p| p.ends_with("/jwks")).count();
        assert!(jwks <= 1, "an unknown key does not make us hammer: {jwks}");
        // Down: a page that says so, and another node that starts meanwhile still knows endpoints and keys.
        app.advance(7_200);
        upstream.state().down = true;
        let other = app.another_node().await;
        let mut browser = other.browser();
        let landing = browser.get("/connexion").await;
        let address = depart(&mut browser, &landing).await;
        let back = upstream.visit(&address);
        refused(&app, before, &browser.get(&back).await, "A403", "503").await;
    }

    async fn discovery_that_lies_or_leads_elsewhere_is_not_followed(app) {
        let upstream = upstream(&app).await;
        let before = rows(&app).await;
        let start = async || {
            let mut browser = app.browser();
            let landing = browser.get("/connexion").await;
            press(&mut browser, &landing, "franceconnect").await
        };
        let target = Upstream::start(&app).await;
        upstream.state().redirect = Some(format!("{}/.well-known/openid-configuration", target.issuer()));
        let page = start().await;
        assert!(page.says("A402") && page.left_for.is_none());
        assert!(target.state().asked.is_empty(), "the redirect was not followed");
        upstream.state().redirect = None;
        upstream.state().edit_discovery = edit(|d| { d.insert("issuer".into(), json!("https://evil.example")); });
        assert!(start().await.says("A402"));
        upstream.state().edit_discovery = edit(|d| { d.insert("token_endpoint".into(), json!("file:///etc/passwd")); });
        assert!(start().await.says("A402"));
        upstream.state().edit_discovery = edit(|d| { d.remove("jwks_uri"); });
        assert!(start().await.says("A402"));
        upstream.state().edit_discovery = None;
        upstream.state().published.clear();
        assert!(start().await.says("A402"));
        assert_eq!(rows(&app).await, before);
    }

    async fn ac_30_ac_31_errors_say_their_cause_their_code_and_how_to_go_on(app) {
        let upstream = upstream(&app).await;
        let before = rows(&app).await;
        for (code, error, words) in [
            ("Y010004", "access_denied", "proches de celles de l’état civil"),
            ("E010008", "access_denied", "n’a pas trouvé votre identité à l’état civil"),
            ("Y010009", "access_denied", "ne peut pas être lue par l’état civil"),
            ("E020021", "invalid_request", "plusieurs comptes ou plusieurs onglets"),
            ("Y020022", "invalid_request", "plusieurs comptes ou plusieurs onglets"),
            ("Y100011", "access_denied", "Vous avez bloqué ce compte"),
        ] {
            let mut browser = app.browser();
            let landing = browser.get(&DOSSIER.authorize(&[])).await;
            let address = depart(&mut browser, &landing).await;
            let state = url::Url::parse(&address).unwrap().query_pairs().find(|(n, _)| n == "state").unwrap().1.into_owned();
            let query = crate::support::encode(&[("error", error), ("error_description", &format!("refused ({code})")), ("state", &state), ("iss", &upstream.issuer())]);
            let page = browser.get(&format!("/connexion/retour/franceconnect?{query}")).await;
            refused(&app, before, &page, code, code).await;
            assert!(page.says(words), "{code}: {}", page.body);
            assert!(!page.says("fermez votre navigateur") && page.says("Code transmis par FranceConnect"));
            assert!(page.body.contains(&format!("code=A402-{code}")), "the support gets both codes");
            // One button, which begins again towards the service.
            let again = page.links().into_iter().find(|l| l.starts_with("/connexion?t=")).unwrap();
            let landing = browser.get(&again).await;
            assert!(landing.says("Dépôt des aides"));
            let page = sign_in(&mut browser, &upstream, &landing).await;
            assert!(page.path.starts_with("/connexion/finaliser") || page.left_for.is_some(), "{}", page.path);
            // Only the first time makes a space.
            break_after_first(&app).await;
        }
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let address = depart(&mut browser, &landing).await;
        let state = url::Url::parse(&address).unwrap().query_pairs().find(|(n, _)| n == "state").unwrap().1.into_owned();
        let query = crate::support::encode(&[("error", "access_denied"), ("error_description", "User auth aborted"), ("state", &state)]);
        let page = browser.get(&format!("/connexion/retour/franceconnect?{query}")).await;
        assert!(page.says("A401") && page.says("Vous avez interrompu la connexion avec FranceConnect"));
    }
}

/// Forgets the person that a loop signed in, so that the next turn begins as the first.
async fn break_after_first(app: &TestApp) {
    let mut tx = app.app.db.begin().await.unwrap();
    const STEPS: [&str; 4] = [
        "DELETE FROM session WHERE provider IS NOT NULL",
        "DELETE FROM federated_identity",
        "DELETE FROM known_browser",
        "DELETE FROM account WHERE kind = 'particulier'",
    ];
    for step in STEPS {
        guichet::sql!(&mut tx, step; exec).unwrap();
    }
    tx.commit().await.unwrap();
}
