//! Any other OpenID Connect provider of professionals.

use guichet::crypto::Algorithm;
use serde_json::{Value, json};

use super::proconnect::button;
use super::*;

fn lou() -> Value {
    json!({
        "sub": "lou", "given_name": "Lou", "family_name": "Nguyễn", "email": "lou@entreprise.example", "email_verified": true,
        "phone_number": "+33612345678",
    })
}

async fn provider(app: &TestApp, more: &str) -> Upstream {
    let upstream = Upstream::start(app).await;
    (upstream.state().agents, upstream.state().person) = (true, lou().as_object().unwrap().clone());
    upstream.state().acr = "anything".into();
    let declaration = upstream.declaration("entreprise", &format!("name = \"Mon entreprise\"\n{more}"));
    app.apply(&declaration.replace("kind = \"franceconnect\"", "kind = \"oidc\"")).await;
    upstream
}

async fn visit(app: &TestApp, upstream: &Upstream) -> (Browser, Page) {
    let mut browser = app.browser();
    let landing = browser.get("/connexion").await;
    assert!(landing.says("S’identifier avec Mon entreprise"));
    let address = button(&mut browser, &landing, "entreprise").await;
    let page = browser.get(&upstream.visit(&address)).await;
    (browser, page)
}

on_both! {
    async fn standard_claims_make_a_professional(app) {
        for method in ["client_secret_basic", "client_secret_post", "private_key_jwt"] {
            let upstream = Upstream::start(&app).await;
            (upstream.state().agents, upstream.state().person) = (true, lou().as_object().unwrap().clone());
            upstream.state().person.insert("email".into(), format!("{}@entreprise.example", method.replace('_', "-")).into());
            let mut declaration = upstream.declaration("entreprise", &format!("name = \"Mon entreprise\"\ntoken_endpoint_auth_method = \"{method}\""));
            if method == "private_key_jwt" {
                declaration = declaration.lines().filter(|l| !l.starts_with("client_secret")).collect::<Vec<_>>().join("\n");
            }
            app.apply(&declaration.replace("kind = \"franceconnect\"", "kind = \"oidc\"")).await;
            assert!(app.browser().get("/").await.says("S’identifier avec Mon entreprise"));
            let (_, page) = visit(&app, &upstream).await;
            assert_eq!(page.path, "/accueil", "{method}: {}", page.body);
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE kind = 'professionnel' AND family_name = 'Nguyễn' AND phone = '+33612345678'").await, 3);
    }

    async fn userinfo_may_be_plain_signed_or_encrypted(app) {
        let upstream = provider(&app, "").await;
        assert_eq!(visit(&app, &upstream).await.1.path, "/accueil", "signed");
        upstream.state().raw_userinfo = Some(("application/json", lou().to_string()));
        assert_eq!(visit(&app, &upstream).await.1.path, "/accueil", "plain");
        upstream.state().raw_userinfo = Some(("application/json", json!({ "sub": "somebody-else" }).to_string()));
        assert!(visit(&app, &upstream).await.1.says("A402"));
        upstream.state().raw_userinfo = None;
        // Where encryption is declared, nothing less will do.
        let declaration = upstream.declaration("entreprise", "name = \"Mon entreprise\"\nencrypted = true");
        app.apply(&declaration.replace("kind = \"franceconnect\"", "kind = \"oidc\"")).await;
        assert!(visit(&app, &upstream).await.1.says("A402"));
        let enc = app.get("/oauth/jwks").await.json()["keys"].as_array().unwrap().iter().find(|k| k["use"] == "enc").unwrap().clone();
        upstream.state().encrypt_to = Some(enc);
        assert_eq!(visit(&app, &upstream).await.1.path, "/accueil", "encrypted");
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE login_email = 'lou@entreprise.example'").await, 1);
    }

    async fn an_address_it_did_not_verify_makes_no_account(app) {
        let upstream = provider(&app, "").await;
        let before = rows(&app).await;
        for verified in [json!(false), json!("true"), Value::Null] {
            upstream.state().person.insert("email_verified".into(), verified);
            let (_, page) = visit(&app, &upstream).await;
            assert!(page.says("Il manque une information au compte choisi") && rows(&app).await == before, "{}", page.body);
        }
        let upstream = provider(&app, "domains = [\"entreprise.example\"]").await;
        upstream.state().person.insert("email_verified".into(), json!(false));
        assert_eq!(visit(&app, &upstream).await.1.path, "/accueil", "its own domain is its own to answer for");
    }

    async fn a_new_key_is_looked_up(app) {
        let upstream = provider(&app, "").await;
        assert_eq!(visit(&app, &upstream).await.1.path, "/accueil");
        app.advance(60);
        upstream.rotate(Algorithm::RS256, true);
        assert_eq!(visit(&app, &upstream).await.1.path, "/accueil");
    }

    async fn two_factors_count_when_their_words_were_declared(app) {
        let upstream = provider(&app, "two_factors = [\"mfa\"]").await;
        visit(&app, &upstream).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM session WHERE amr LIKE 'vouched2%'").await, 0);
        upstream.state().edit_id_token = Some(Box::new(|claims| { claims.insert("amr".into(), json!(["pwd", "mfa"])); }));
        visit(&app, &upstream).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM session WHERE amr LIKE 'vouched2%'").await, 1);
    }

    async fn signing_out_leads_there_too(app) {
        let upstream = provider(&app, "sign_out = \"always\"").await;
        let (mut browser, page) = visit(&app, &upstream).await;
        let form = page.forms().into_iter().find(|f| f.action == "/deconnexion").unwrap();
        let hidden: Vec<(&str, &str)> = form.hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let page = browser.post("/deconnexion", &hidden).await;
        let out = page.left_for.unwrap();
        assert!(out.starts_with(&format!("{}/session/end?", upstream.issuer())) && out.contains("id_token_hint="), "{out}");
    }
}
