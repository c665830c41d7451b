//! A service written for ProConnect, and ProConnect itself, as clients (french-domain §2).

use guichet::account::store as accounts;
use guichet::base::{Email, Siret};
use guichet::crypto::Algorithm;
use guichet::crypto::oath::{Hash, Token, from_base32, step_at};
use serde_json::{Value, json};

use super::documented::{AGENTS, HUB, NONCE, PROCONNECT, PROVIDER, STATE, declare};
use super::envelope::verify;
use crate::support::rp::{Rp, claims, header, userinfo};
use crate::support::{Browser, ISSUER, Page, TestApp};

const CAMILLE: &str = "camille@boulangerie.example";

/// Camille acts for one establishment.
const BAKERY: &str = r#"
[[establishment]]
siret = "73282932000074"
name = "Boulangerie Durand"

[[membership]]
login_email = "camille@boulangerie.example"
siret = "73282932000074"
role = "contact"
"#;

const TOWN_HALL: &str = r#"
[[establishment]]
siret = "21750001600019"
name = "Mairie"

[[membership]]
login_email = "camille@boulangerie.example"
siret = "21750001600019"
role = "contact"
"#;

async fn start(app: &TestApp, more: &str) {
    declare(app, PROCONNECT, more).await;
    app.apply(BAKERY).await;
}

/// Tokens for a browser that has a live session: nothing is asked.
async fn silently(browser: &mut Browser, rp: &Rp, extra: &[(&str, &str)]) -> Value {
    let page = browser.get(&rp.authorize(extra)).await;
    let code = page.left_with("code").unwrap_or_else(|| panic!("{:?} {}", page.left_for, page.body));
    let answer = rp.redeem(&browser.app().clone(), &code).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// The verified payload of userinfo.
async fn about(app: &TestApp, tokens: &Value) -> Value {
    let answer = userinfo(app, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/jwt"), "{}", answer.body);
    verify(app, Algorithm::ES256, &answer.body).await
}

/// The claims about the person in a userinfo, without what every signed one has.
fn personal(mut info: Value) -> Value {
    for name in ["iss", "aud", "iat", "exp"] {
        assert!(info.as_object_mut().unwrap().remove(name).is_some(), "{name}");
    }
    info
}

fn essential(values: &[&str]) -> String {
    json!({ "id_token": { "acr": { "essential": true, "values": values } } }).to_string()
}

/// Adds an application to the session, and proves it.
async fn second_factor(app: &TestApp, browser: &mut Browser) -> Token {
    let page = browser.get("/compte/securite/application").await;
    let key = page.body.split("class=\"secret\"").nth(1).unwrap().split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
    let token = Token { secret: from_base32(&key).unwrap(), hash: Hash::Sha1, digits: 6 };
    let page = browser.submit(&page, &[("code", &code_of(app, &token)), ("nom_moyen", "Mon téléphone")]).await;
    assert_eq!(page.path, "/compte/securite", "{}", page.body);
    app.advance(60);
    token
}

fn code_of(app: &TestApp, token: &Token) -> String {
    token.code(step_at(guichet::base::Clock::now(app.clock.as_ref()), 30))
}

fn refused(page: &Page) -> (Option<String>, Option<String>, Option<String>) {
    (page.left_with("error"), page.left_with("state"), page.left_with("iss"))
}

fn denied() -> (Option<String>, Option<String>, Option<String>) {
    (Some("access_denied".into()), Some(STATE.into()), Some(ISSUER.into()))
}

on_both! {
    async fn a_service_written_for_proconnect_works_with_another_issuer_and_other_credentials(app) {
        start(&app, "").await;
        let mut browser = app.browser();
        // Its parameters: no PKCE, acr_values, 32 characters of state and nonce.
        let extra = [("state", STATE), ("nonce", NONCE), ("acr_values", "eidas1"), ("login_hint", CAMILLE)];
        let page = browser.get(&AGENTS.authorize(&extra)).await;
        assert!(page.body.contains(CAMILLE), "the address is there already");
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert_eq!((page.left_with("state").as_deref(), page.left_with("iss").as_deref()), (Some(STATE), Some(ISSUER)));
        let answer = AGENTS.redeem(&app, &page.left_with("code").unwrap()).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let tokens = answer.json();
        let mut members: Vec<&str> = tokens.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"]);
        // Its checks: signature, issuer, audience, nonce; then userinfo, signed, of the same sub.
        let id_token = verify(&app, Algorithm::ES256, tokens["id_token"].as_str().unwrap()).await;
        assert_eq!((&id_token["iss"], &id_token["aud"], &id_token["nonce"]), (&json!(ISSUER), &json!("agents"), &json!(NONCE)));
        assert_eq!((id_token["acr"].as_str(), id_token.get("amr"), id_token.get("siret")), (Some("eidas0"), None, None));
        let info = about(&app, &tokens).await;
        assert_eq!((&info["iss"], &info["aud"], &info["sub"]), (&json!(ISSUER), &json!("agents"), &id_token["sub"]));
        let sub = id_token["sub"].as_str().unwrap();
        assert_eq!(personal(info), json!({
            "sub": sub, "uid": sub, "given_name": "Camille", "usual_name": "Durand", "email": CAMILLE, "siret": "73282932000074",
        }));
        // Its refresh, and its sign-out.
        let fresh = AGENTS.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await.json();
        assert_eq!(about(&app, &fresh).await["siret"], "73282932000074");
        let hint = tokens["id_token"].as_str().unwrap();
        let path = format!("/deconnexion?{}", crate::support::encode(&[
            ("id_token_hint", hint), ("state", STATE), ("post_logout_redirect_uri", "https://agents.example.fr/"),
        ]));
        let page = browser.get(&path).await;
        assert_eq!(page.left_for, Some(format!("https://agents.example.fr/?state={STATE}")));
    }

    async fn each_scope_gives_its_claims_and_nothing_else(app) {
        let all = "openid given_name usual_name email uid siret siren organization_label phone idp_acr custom amr organizational_unit \
            belonging_population chorusdt groups roles idp_id is_service_public is_public_service";
        start(&app, &format!("scope = \"{all}\"")).await;
        app.apply("[[account]]\nlogin_email = \"camille@boulangerie.example\"\nphone = \"+33612345678\"\n").await;
        let mut browser = app.browser();
        let tokens = AGENTS.tokens(&mut browser, &[("scope", "openid")]).await;
        let info = about(&app, &tokens).await;
        let sub = info["sub"].clone();
        for (scope, expected) in [
            ("openid", json!({})),
            ("given_name", json!({ "given_name": "Camille" })),
            ("usual_name", json!({ "usual_name": "Durand" })),
            ("email", json!({ "email": CAMILLE })),
            ("uid", json!({ "uid": sub })),
            ("siret", json!({ "siret": "73282932000074" })),
            ("siren", json!({ "siren": "732829320" })),
            ("organization_label", json!({ "organization_label": "Boulangerie Durand" })),
            ("phone", json!({ "phone_number": "+33612345678" })),
            ("idp_acr", json!({ "idp_acr": "eidas0" })),
            ("amr", json!({ "amr": ["mail"] })),
            ("custom", json!({ "custom": {} })),
            ("organizational_unit belonging_population chorusdt groups roles idp_id is_service_public is_public_service", json!({})),
        ] {
            let scope = if scope == "openid" { "openid".to_owned() } else { format!("openid {scope}") };
            let tokens = silently(&mut browser, &AGENTS, &[("scope", &scope)]).await;
            assert_eq!(tokens["scope"], scope.as_str());
            let mut expected = expected;
            expected["sub"] = sub.clone();
            assert_eq!(personal(about(&app, &tokens).await), expected, "{scope}");
        }
    }

    async fn no_siret_is_ever_made_up(app) {
        declare(&app, PROCONNECT, "").await;
        let of = |info: &Value| ["siret", "siren", "organization_label"].map(|n| info.get(n).cloned());
        let scope = [("scope", "openid siret siren organization_label")];
        let mut browser = app.browser();
        let tokens = AGENTS.tokens(&mut browser, &scope).await;
        assert_eq!(of(&about(&app, &tokens).await), [None, None, None], "no establishment");
        assert_eq!(claims(tokens["id_token"].as_str().unwrap()).get("acr"), None, "no level is known for so little");
        app.apply(BAKERY).await;
        let tokens = silently(&mut browser, &AGENTS, &scope).await;
        assert_eq!(about(&app, &tokens).await["siret"], "73282932000074", "one");
        app.apply(TOWN_HALL).await;
        assert_eq!(about(&app, &tokens).await["siret"], "73282932000074", "two, and the grant says which");
        app.apply(&BAKERY.replace("role = \"contact\"", "role = \"contact\"\nstate = \"disabled\"")).await;
        let answer = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(answer.status, 401, "the person has left: the next call shows it");
        let tokens = silently(&mut browser, &AGENTS, &scope).await;
        assert_ne!(about(&app, &tokens).await["siret"], "73282932000074", "the one that is left");
    }

    async fn an_address_that_was_not_proved_is_not_told(app) {
        start(&app, "").await;
        let mut browser = app.browser();
        let tokens = AGENTS.tokens(&mut browser, &[]).await;
        assert_eq!(about(&app, &tokens).await["email"], CAMILLE);
        let mut tx = app.app.db.begin().await.unwrap();
        let mut camille = accounts::find_by_login(&mut tx, &Email::parse(CAMILLE).unwrap()).await.unwrap().unwrap();
        let before = camille.updated_at;
        camille.login_email_verified = false;
        camille.updated_at = before.plus(std::time::Duration::from_secs(1));
        assert_eq!(accounts::update(&mut tx, &camille, before).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(about(&app, &tokens).await.get("email"), None);
    }

    async fn levels_have_proconnects_names(app) {
        start(&app, "").await;
        let mut browser = app.browser();
        let level = |tokens: &Value| claims(tokens["id_token"].as_str().unwrap())["acr"].as_str().map(str::to_owned);
        let tokens = AGENTS.tokens(&mut browser, &[]).await;
        assert_eq!(level(&tokens).as_deref(), Some("eidas0"), "declared, approved link, one factor");
        declare(&app, PROCONNECT, "identity_vouched = true").await;
        assert_eq!(level(&silently(&mut browser, &AGENTS, &[]).await).as_deref(), Some("eidas1"), "vouched for");
        second_factor(&app, &mut browser).await;
        assert_eq!(level(&silently(&mut browser, &AGENTS, &[]).await).as_deref(), Some("eidas1-mfa"), "two factors");
        let tokens = silently(&mut browser, &AGENTS, &[("acr_values", "eidas1")]).await;
        assert_eq!(level(&tokens).as_deref(), Some("eidas1"), "as asked, and reached");
        declare(&app, PROCONNECT, "").await;
        assert_eq!(level(&silently(&mut browser, &AGENTS, &[]).await).as_deref(), Some("eidas0-mfa"));
        let asked = silently(&mut browser, &AGENTS, &[("claims", &essential(&["eidas1", "eidas0"]))]).await;
        assert_eq!(level(&asked).as_deref(), Some("eidas0"));
    }

    async fn an_essential_level_is_reached_or_nothing_is_given(app) {
        start(&app, "").await;
        let mut browser = app.browser();
        // Unknown here: refused before anything is asked.
        for values in [vec!["eidas2"], vec!["eidas3", "https://proconnect.gouv.fr/assurance/certification-dirigeant"], vec!["aal2"]] {
            let page = browser.get(&AGENTS.authorize(&[("state", STATE), ("claims", &essential(&values))])).await;
            assert_eq!(refused(&page), denied(), "{values:?}");
        }
        // Known, but the person is not verified: no factor makes up for it.
        let page = browser.get(&AGENTS.authorize(&[("state", STATE), ("claims", &essential(&["eidas1", "eidas1-mfa"]))])).await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert_eq!(refused(&page), denied());
        let page = browser.get(&AGENTS.authorize(&[("state", STATE), ("prompt", "none"), ("claims", &essential(&["eidas1"]))])).await;
        assert_eq!(refused(&page), denied());
        // A second factor is: it is set up, and counts.
        let claims_asked = essential(&["eidas0-mfa"]);
        let asked = [("state", STATE), ("claims", claims_asked.as_str())];
        let page = browser.get(&AGENTS.authorize(&asked)).await;
        assert!(page.path.starts_with("/connexion/renforcement"), "{}", page.path);
        let token = second_factor(&app, &mut browser).await;
        let tokens = silently(&mut browser, &AGENTS, &asked).await;
        assert_eq!(claims(tokens["id_token"].as_str().unwrap())["acr"], "eidas0-mfa");
        // In another browser it is asked for.
        let mut other = app.browser();
        app.advance(120);
        let page = other.get(&AGENTS.authorize(&asked)).await;
        let page = other.sign_in_with_code(&page, CAMILLE).await;
        assert!(page.path.starts_with("/connexion/verification"), "{}", page.path);
        let page = other.submit(&page, &[("code", &code_of(&app, &token))]).await;
        assert!(page.left_with("code").is_some(), "{:?}", page.left_for);
    }

    async fn amr_is_told_to_those_who_ask_and_may(app) {
        start(&app, "").await;
        let mut browser = app.browser();
        let asked = json!({ "id_token": { "amr": { "essential": true } } }).to_string();
        let told = |tokens: &Value| claims(tokens["id_token"].as_str().unwrap()).get("amr").cloned();
        assert_eq!(told(&AGENTS.tokens(&mut browser, &[]).await), None);
        assert_eq!(told(&silently(&mut browser, &AGENTS, &[("claims", &asked)]).await), Some(json!(["mail"])));
        second_factor(&app, &mut browser).await;
        assert_eq!(told(&silently(&mut browser, &AGENTS, &[("claims", &asked)]).await), Some(json!(["mail", "otp", "mfa"])));
        declare(&app, PROCONNECT, "scope = \"openid siret\"").await;
        let tokens = silently(&mut browser, &AGENTS, &[("scope", "openid"), ("claims", &asked)]).await;
        assert_eq!(told(&tokens), None, "not entitled to it");
    }

    async fn claims_asked_for_one_by_one_come_with_a_registered_scope_only(app) {
        declare(&app, PROCONNECT, "scope = \"openid siret\"").await;
        app.apply(BAKERY).await;
        let asked = json!({ "userinfo": { "siret": null, "uid": { "essential": true } }, "id_token": { "siret": null } }).to_string();
        let tokens = AGENTS.tokens(&mut app.browser(), &[("scope", "openid"), ("claims", &asked)]).await;
        let info = about(&app, &tokens).await;
        assert_eq!((info["siret"].as_str(), info.get("uid")), (Some("73282932000074"), None));
        assert_eq!(claims(tokens["id_token"].as_str().unwrap()).get("siret"), None, "the federations put none in the id_token");
    }

    async fn a_scope_the_service_is_not_entitled_to_is_refused(app) {
        declare(&app, PROCONNECT, "scope = \"openid email\"").await;
        let page = app.browser().get(&AGENTS.authorize(&[("state", STATE), ("scope", "openid email siret")])).await;
        assert_eq!((page.left_with("error").as_deref(), page.left_with("state").as_deref()), (Some("invalid_scope"), Some(STATE)));
        let page = app.browser().get(&AGENTS.authorize(&[("scope", "openid email unheard_of")])).await;
        assert!(page.path.starts_with("/connexion"), "an unknown one is ignored");
    }

    async fn the_same_scopes_serve_standard_clients_in_plain_json(app) {
        declare(&app, PROCONNECT, "claims_vocabulary = \"standard\"").await;
        app.apply(BAKERY).await;
        let asked = json!({ "id_token": { "siret": null } }).to_string();
        let tokens = AGENTS.tokens(&mut app.browser(), &[("scope", "openid uid usual_name siret siren organization_label"), ("claims", &asked)]).await;
        let answer = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(answer.header("content-type"), "application/json");
        let id_token = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!((id_token["acr"].as_str(), id_token["siret"].as_str()), (Some("aal1"), Some("73282932000074")));
        assert_eq!(answer.json(), json!({
            "sub": id_token["sub"], "uid": id_token["sub"], "usual_name": "Durand", "siret": "73282932000074", "siren": "732829320",
            "organization_label": "Boulangerie Durand",
        }));
    }

    async fn people_see_what_a_service_of_agents_will_receive(app) {
        start(&app, "consent = \"once\"").await;
        let mut browser = app.browser();
        let page = browser.get(&AGENTS.authorize(&[("scope", "openid given_name usual_name siret organization_label email")])).await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(page.path.starts_with("/connexion/autorisation"));
        for words in ["Camille", "Durand", "73282932000074", "Boulangerie Durand", CAMILLE, "SIRET de l’établissement"] {
            assert!(page.says(words), "{words}");
        }
        let page = browser.submit(&page, &[("decision", "autoriser")]).await;
        assert!(page.left_with("code").is_some());
        // What was not consented to is asked for, also when it is asked by name.
        let asked = json!({ "userinfo": { "phone_number": null } }).to_string();
        let page = browser.get(&AGENTS.authorize(&[("scope", "openid siret"), ("claims", &asked)])).await;
        assert!(page.path.starts_with("/connexion/autorisation"), "{}", page.path);
        let page = browser.get("/compte/autorisations").await;
        assert!(page.says("SIRET de l’établissement") && !page.says("Téléphone"), "{}", page.body);
    }

    async fn guichet_is_an_identity_provider_of_proconnect(app) {
        declare(&app, PROVIDER, "email_domains = [\"boulangerie.example\"]").await;
        app.apply(BAKERY).await;
        let mut browser = app.browser();
        let claims_asked = essential(&["eidas1", "eidas1-mfa", "eidas2", "eidas3"]);
        let extra = [("state", STATE), ("nonce", NONCE), ("login_hint", CAMILLE), ("acr_values", "eidas1"), ("claims", &claims_asked)];
        let page = browser.get(&HUB.authorize(&extra)).await;
        assert!(page.path.starts_with("/connexion") && page.body.contains(CAMILLE), "routed with the address");
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        let tokens = HUB.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let id_token = verify(&app, Algorithm::ES256, tokens["id_token"].as_str().unwrap()).await;
        assert_eq!((id_token["acr"].as_str(), id_token["nonce"].as_str()), (Some("eidas1"), Some(NONCE)));
        assert_eq!(tokens.get("refresh_token"), None);
        // What ProConnect validates (french-domain §2.3).
        let info = about(&app, &tokens).await;
        let text = |name: &str| info[name].as_str().unwrap_or_else(|| panic!("{name}")).to_owned();
        assert!(["sub", "uid"].iter().all(|n| (1..=256).contains(&text(n).len()) && text(n).is_ascii()));
        assert!(["given_name", "usual_name"].iter().all(|n| (1..=256).contains(&text(n).chars().count())));
        assert!(Siret::parse(&text("siret")).is_ok() && Email::parse(&text("email")).is_ok());
        assert_eq!(text("sub"), id_token["sub"].as_str().unwrap());
        // Again: single sign-on, and the same person; another's address leads to the choice of an account.
        let again = silently(&mut browser, &HUB, &extra).await;
        assert_eq!(claims(again["id_token"].as_str().unwrap())["sub"], id_token["sub"]);
        let page = browser.get(&HUB.authorize(&[("login_hint", "dominique@boulangerie.example")])).await;
        assert!(page.path.starts_with("/connexion/compte"), "{}", page.path);
        // Signed out there, signed out here.
        let path = format!("/deconnexion?{}", crate::support::encode(&[
            ("id_token_hint", tokens["id_token"].as_str().unwrap()), ("state", STATE),
            ("post_logout_redirect_uri", "https://auth.agentconnect.gouv.fr/api/v2/client/logout-callback"),
        ]));
        assert_eq!(browser.get(&path).await.left_with("state").as_deref(), Some(STATE));
        assert!(browser.get("/accueil").await.path.starts_with("/connexion"));
    }

    async fn people_of_other_domains_are_not_taken(app) {
        declare(&app, PROVIDER, "email_domains = [\"boulangerie.example\"]").await;
        app.apply(BAKERY).await;
        app.apply("[[account]]\nlogin_email = \"alix@sous.boulangerie.example\"\ngiven_name = \"Alix\"\nfamily_name = \"Moreau\"\nemail_verified = true\n").await;
        let mut browser = app.browser();
        let page = browser.get(&HUB.authorize(&[("state", STATE)])).await;
        let page = browser.sign_in_with_code(&page, "alix@sous.boulangerie.example").await;
        assert_eq!(refused(&page), denied());
        // With a session already, another account may be chosen; this one is still refused.
        let page = browser.get(&HUB.authorize(&[("state", STATE), ("prompt", "none")])).await;
        assert_eq!(page.left_with("error").as_deref(), Some("login_required"));
        let page = browser.get(&HUB.authorize(&[("state", STATE)])).await;
        assert!(page.path.starts_with("/connexion/compte"), "{}", page.path);
        let page = browser.submit(&page, &[("choix", "continuer")]).await;
        assert_eq!(refused(&page), denied());
        // Somebody of the domain, until the domain is given up.
        let mut browser = app.browser();
        let tokens = HUB.tokens(&mut browser, &[]).await;
        about(&app, &tokens).await;
        declare(&app, PROVIDER, "email_domains = [\"elsewhere.example\"]").await;
        let answer = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (401, Some("invalid_token")));
    }

    async fn tokens_of_the_service_are_signed_as_it_asks(app) {
        app.app.ensure_keys(&Algorithm::ALL).await.unwrap();
        start(&app, "id_token_signed_response_alg = \"RS256\"").await;
        let tokens = AGENTS.tokens(&mut app.browser(), &[]).await;
        let answer = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(header(&answer.body)["alg"], "RS256", "userinfo as id_tokens, when nothing else is said");
        verify(&app, Algorithm::RS256, &answer.body).await;
    }
}
