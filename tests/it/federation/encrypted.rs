//! What providers encrypt to our keys: FranceConnect+ (french-domain §1.1), with or without the name of the key, and across a
//! change of keys.

use guichet::crypto::Algorithm;
use guichet::crypto::remote::DecryptionKeys;
use guichet::oidc::keys;
use serde_json::Value;

use super::*;

async fn plus(app: &TestApp) -> Upstream {
    let upstream = Upstream::start(app).await;
    app.apply(&upstream.declaration("franceconnect", "name = \"FranceConnect+\"\nacr_values = \"eidas2\"\nencrypted = true")).await;
    upstream.state().acr = "eidas2".into();
    upstream
}

/// The keys we publish to encrypt to.
async fn published(app: &TestApp) -> Vec<Value> {
    let all = app.get("/oauth/jwks").await.json();
    all["keys"].as_array().unwrap().iter().filter(|k| k["use"] == "enc").cloned().collect()
}

/// A sign-in with what FranceConnect+ says encrypted to this key.
async fn visit(app: &TestApp, upstream: &Upstream, key: &Value) -> Page {
    upstream.state().encrypt_to = Some(key.clone());
    let mut browser = app.browser();
    let landing = browser.get("/connexion").await;
    sign_in(&mut browser, upstream, &landing).await
}

fn arrived(page: &Page) -> bool {
    page.path.starts_with("/connexion/finaliser")
}

async fn rotate(app: &TestApp, force: bool) -> Result<(), keys::Error> {
    let made = DecryptionKeys::make(&app.app.keys.rest).unwrap();
    let ctx = app.app.ctx(guichet::base::Actor::Operator);
    let mut tx = app.app.db.begin().await.unwrap();
    keys::rotate_decryption(&mut tx, &ctx, &app.app.keys.rest, &made, force).await?;
    tx.commit().await.unwrap();
    app.app.reload().await.unwrap();
    Ok(())
}

on_both! {
    async fn franceconnect_plus_encrypts_what_it_signs(app) {
        let upstream = plus(&app).await;
        let enc = published(&app).await;
        assert_eq!(enc.len(), 2, "keys to encrypt with are published");
        let before = rows(&app).await;
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        assert!(landing.says("S’identifier avec FranceConnect+"));
        let page = sign_in(&mut browser, &upstream, &landing).await;
        assert!(page.says("A402") && rows(&app).await == before, "signed only is refused");
        for key in enc {
            let page = visit(&app, &upstream, &key).await;
            assert!(arrived(&page), "{} {}", page.path, page.body);
        }
    }

    async fn what_is_encrypted_without_the_name_of_a_key_is_read(app) {
        let upstream = plus(&app).await;
        for mut key in published(&app).await {
            key.as_object_mut().unwrap().remove("kid").unwrap();
            let page = visit(&app, &upstream, &key).await;
            assert!(arrived(&page), "{} {}", page.path, page.body);
        }
        // Under the name of another key it is not.
        let mut key = published(&app).await.remove(0);
        key["kid"] = "another".into();
        assert!(visit(&app, &upstream, &key).await.says("A402"));
    }

    async fn keys_that_others_took_the_place_of_still_decrypt_for_a_week(app) {
        let upstream = plus(&app).await;
        let old = published(&app).await;
        rotate(&app, false).await.unwrap();
        let new = published(&app).await;
        assert!(new.len() == 2 && new.iter().all(|k| old.iter().all(|o| o["kid"] != k["kid"])), "only the new ones are published");
        for key in old.iter().chain(&new) {
            assert!(arrived(&visit(&app, &upstream, key).await), "{}", key["kid"]);
        }
        let mut nameless = old[0].clone();
        nameless.as_object_mut().unwrap().remove("kid");
        assert!(arrived(&visit(&app, &upstream, &nameless).await), "nor needs it a name");
        // The ones before go no sooner by another turn.
        assert!(matches!(rotate(&app, false).await, Err(keys::Error::Decrypting(7))));
        assert!(arrived(&visit(&app, &upstream, &old[1]).await));
        app.advance(6 * 86_400);
        app.app.ensure_keys(&[Algorithm::ES256]).await.unwrap();
        assert!(arrived(&visit(&app, &upstream, &old[1]).await));
        app.advance(86_400);
        app.app.ensure_keys(&[Algorithm::ES256]).await.unwrap();
        assert!(visit(&app, &upstream, &old[1]).await.says("A402"), "a week is over");
        assert!(arrived(&visit(&app, &upstream, &new[1]).await));
        assert!(app.audit().await.iter().filter(|k| *k == "keys.changed").count() >= 2);
    }
}
