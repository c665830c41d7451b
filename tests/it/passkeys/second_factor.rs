//! S-09 and S-21: a passkey of a person who is known, and one made because it is demanded.

use guichet::account::store as accounts;
use guichet::base::Aal;
use guichet::base::encode::b64u;
use serde_json::json;

use super::*;
use crate::support::rp::{DOSSIER, claims};

/// The page that a service which wishes a stronger sign-in leads to.
async fn second(browser: &mut Browser) -> Page {
    let page = browser.get(&DOSSIER.authorize(&[("acr_values", "aal3")])).await;
    assert!(page.path.starts_with("/connexion/verification/cle?t="), "{}", page.path);
    page
}

on_both! {
    async fn a_second_factor_is_a_key_of_the_person_who_is_known(app) {
        let (_, mut key) = holder(&app, CAMILLE).await;
        let (_, mut other) = holder(&app, DOMINIQUE).await;
        let (mut camille, mut dominique) = (signed_in(&app, CAMILLE).await, signed_in(&app, DOMINIQUE).await);
        let page = second(&mut camille).await;
        assert_eq!(page.h1(), "Utilisez une clé d’accès");
        assert!(page.says("Dépôt des aides demande une connexion renforcée.") && page.says("Les clés d’accès nécessitent JavaScript."));
        let asked = options(&mut camille, &page).await;
        let allowed: Vec<&Value> = asked["publicKey"]["allowCredentials"].as_array().unwrap().iter().map(|c| &c["id"]).collect();
        assert_eq!(allowed, [&Value::from(b64u(&key.id))]);

        // The key of somebody else; the answer of one person in the journey of another.
        let credential = other.get(&asked, &Twist::default());
        let page = post(&mut camille, &page, &asked, &credential).await;
        assert_eq!((page.status, refusals(&app).await), (StatusCode::UNPROCESSABLE_ENTITY, vec!["other_person".to_owned()]));
        let there = second(&mut dominique).await;
        let credential = key.get(&asked, &Twist::default());
        assert_eq!(post(&mut dominique, &there, &asked, &credential).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refusals(&app).await[1], "foreign_challenge");

        // A key that says nothing of its person is enough here: the person is known.
        let page = answer(&mut camille, &page, &mut key, &Twist { handle: Some(String::new()), ..Twist::default() }).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let id = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!((&id["acr"], &id["amr"]), (&json!("aal3"), &json!(["otp", "hwk", "user", "mfa"])));
    }

    async fn a_suspended_key_is_not_asked_for(app) {
        let (mut browser, mut key) = holder(&app, CAMILLE).await;
        let kept = enrol(&mut browser, Authenticator::new()).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = second(&mut browser).await;
        let asked = options(&mut browser, &page).await;
        assert_eq!(asked["publicKey"]["allowCredentials"].as_array().unwrap().len(), 2);
        let page = answer(&mut browser, &page, &mut key, &Twist { counter: Some(2), ..Twist::default() }).await;
        assert!(page.left_with("code").is_some());

        let mut browser = signed_in(&app, CAMILLE).await;
        let page = second(&mut browser).await;
        let page = answer(&mut browser, &page, &mut key, &Twist { counter: Some(2), ..Twist::default() }).await;
        assert!(page.says("nous ne l’acceptons plus"), "{}", page.body);
        let asked = options(&mut browser, &page).await;
        let allowed = asked["publicKey"]["allowCredentials"].as_array().unwrap();
        assert_eq!((allowed.len(), &allowed[0]["id"]), (1, &b64u(&kept.id).into()));
    }

    async fn a_suspended_key_answers_to_nothing_and_opens_nothing(app) {
        holder(&app, CAMILLE).await;
        let id = keys(&app, CAMILLE).await.remove(0).id;
        let mut tx = app.app.db.begin().await.unwrap();
        assert_eq!(passkey::store::suspend(&mut tx, &id, guichet::base::Clock::now(app.clock.as_ref())).await.unwrap(), 1);
        tx.commit().await.unwrap();
        // What a service only wishes for is no obstacle.
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(&DOSSIER.authorize(&[("acr_values", "aal3")])).await;
        let page = DOSSIER.consent(&mut browser, page).await;
        assert!(page.left_with("code").is_some(), "{} {}", page.path, page.body);
        // One factor neither removes the key nor adds another: the way is S-11.
        let removal = format!("{ADD}/{id}/supprimer");
        for path in [ADD, "/compte/securite/application", removal.as_str()] {
            app.advance(700);
            let page = browser.get(path).await;
            let page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
            let code = app.last_code(CAMILLE).await;
            let page = browser.submit(&page, &[("code", &code)]).await;
            assert!(page.path.starts_with("/connexion/verification/perdu"), "{path}: {} {}", page.path, page.body);
        }
        let essential = r#"{"id_token":{"acr":{"essential":true,"values":["aal2"]}}}"#;
        let page = browser.get(&DOSSIER.authorize(&[("claims", essential)])).await;
        assert!(page.path.starts_with("/connexion/verification/perdu"), "{}", page.path);
        let there = page.path.replace("/verification/perdu", "/renforcement");
        assert!(browser.get(&there).await.path.starts_with("/connexion/verification/perdu"));
        assert_eq!(keys(&app, CAMILLE).await.len(), 1);
    }

    async fn nobody_reaches_it_who_is_not_known_or_owes_nothing(app) {
        let mut stranger = app.browser();
        let page = stranger.get(&DOSSIER.authorize(&[])).await;
        let t = page.path.split_once("?t=").unwrap().1.to_owned();
        for path in ["/connexion/verification/cle", "/connexion/verification/cle/options", "/connexion/renforcement/cle"] {
            let page = stranger.get(&format!("{path}?t={t}")).await;
            assert!(page.path.starts_with("/connexion?"), "{path}: {}", page.path);
        }
    }

    async fn a_passkey_alone_is_as_strong_as_can_be(app) {
        let (_, mut key) = holder(&app, CAMILLE).await;
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[("acr_values", "aal3")])).await;
        let page = answer(&mut browser, &page, &mut key, &Twist::default()).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let id = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!((&id["acr"], &id["amr"]), (&json!("aal3"), &json!(["hwk", "user", "mfa"])));

        let mut browser = signed_in(&app, DOMINIQUE).await;
        let mut synced = enrol(&mut browser, Authenticator::synced()).await;
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        let page = answer(&mut browser, &page, &mut synced, &Twist::default()).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        assert_eq!(claims(tokens["id_token"].as_str().unwrap())["amr"], json!(["swk", "user", "mfa"]));
    }

    async fn a_passkey_is_made_on_the_way_when_one_is_demanded(app) {
        let mut client = app.app.clients().any(DOSSIER.id).unwrap().as_ref().clone();
        client.metadata.minimum_acr = Some(Aal::PhishingResistant);
        app.put_client(client).await;
        let mut browser = app.browser();
        let page = DOSSIER.sign_in(&mut browser, &[]).await;
        let link = page.links().into_iter().find(|l| l.starts_with("/connexion/renforcement/cle")).unwrap();
        let page = browser.get(&link).await;
        assert!(page.says("Étape 2 sur 3") && page.body.contains("data-unable"), "{}", page.body);
        let asked = options(&mut browser, &page).await;
        let made = Authenticator::new().create(&asked, &Twist { without: crate::support::authenticator::UV, ..Twist::default() });
        let page = post(&mut browser, &page, &asked, &made).await;
        assert_eq!((page.status, keys(&app, CAMILLE).await.len()), (StatusCode::UNPROCESSABLE_ENTITY, 0));

        let asked = options(&mut browser, &page).await;
        let made = Authenticator::new().create(&asked, &Twist::default());
        let page = post(&mut browser, &page, &asked, &made).await;
        assert!(page.path.starts_with("/compte/securite/codes") && page.says("Étape 3 sur 3"), "{} {}", page.path, page.body);
        let page = browser.submit(&page, &[("jeu", "")]).await;
        let page = browser.submit(&page, &[("terminer", "1"), ("conserves", "oui")]).await;
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        assert_eq!(claims(tokens["id_token"].as_str().unwrap())["acr"], "aal3");
    }

    async fn the_last_means_that_is_demanded_is_not_removed(app) {
        let (mut browser, _) = holder(&app, CAMILLE).await;
        let id = account(&app, CAMILLE).await.id;
        let mut tx = app.app.db.begin().await.unwrap();
        accounts::set_required(&mut tx, &id, Aal::Two).await.unwrap();
        tx.commit().await.unwrap();
        let removal = |key: &Passkey| format!("{ADD}/{}/supprimer", key.id);
        let first = removal(&keys(&app, CAMILLE).await[0]);
        let page = browser.get(&first).await;
        assert!(!page.body.contains(&format!("action=\"{first}\"")), "{}", page.body);
        let token = page.forms().into_iter().find_map(|f| f.hidden.into_iter().find(|(n, _)| n == "jeton")).unwrap().1;
        assert_eq!(browser.post(&first, &[("jeton", &token)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(keys(&app, CAMILLE).await.len(), 1);
        // With another one, it is.
        enrol(&mut browser, Authenticator::new()).await;
        let page = browser.get(&first).await;
        assert_eq!(browser.press(&page, &first, &[]).await.path, "/compte/securite");
        assert_eq!(keys(&app, CAMILLE).await.len(), 1);
    }

    async fn security_lists_passkeys_and_tells_the_browser_which_are_kept(app) {
        let (mut browser, key) = holder(&app, CAMILLE).await;
        let page = browser.get("/compte/securite").await;
        assert!(page.says("Firefox sur Linux"));
        let text = page.body.split("data-keys=\"").nth(1).and_then(|s| s.split('"').next()).unwrap().replace("&#34;", "\"");
        let kept: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(kept, json!({ "rpId": "sso.localhost", "userId": key.handle, "allAcceptedCredentialIds": [b64u(&key.id)] }));
        let other = signed_in(&app, DOMINIQUE).await.get("/compte/securite").await;
        assert!(!other.says("Firefox sur Linux") && other.body.contains("allAcceptedCredentialIds&#34;:[]"), "{}", other.body);
    }
}
