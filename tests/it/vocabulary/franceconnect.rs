//! A service written for FranceConnect, as a client (french-domain §1): the person comes through FranceConnect, the service knows
//! Guichet only.

use guichet::crypto::{Algorithm, KeyManagement};
use serde_json::{Value, json};

use super::documented::{DEMARCHES, FRANCECONNECT, NONCE, STATE, declare};
use super::envelope::{open, private, public, verify};
use crate::federation::{ANGELA, depart, sign_in, upstream_with};
use crate::support::rp::{claims, header, userinfo};
use crate::support::upstream::Upstream;
use crate::support::{Browser, ISSUER, Page, TestApp};

const CAMILLE: &str = "camille@boulangerie.example";

/// Everything FranceConnect tells is kept.
const KEEP: &str = r#"keep = ["preferred_username", "gender", "birthplace", "birthcountry"]"#;

async fn start(app: &TestApp, more: &str) -> Upstream {
    app.app.ensure_keys(&Algorithm::ALL).await.unwrap();
    declare(app, FRANCECONNECT, more).await;
    upstream_with(app, KEEP).await
}

/// As FranceConnect's documents show it: no PKCE, `acr_values`, `nonce` and `state` of 32 characters.
fn request(extra: &[(&str, &str)]) -> String {
    let mut fields = vec![("state", STATE), ("nonce", NONCE), ("acr_values", "eidas1")];
    fields.retain(|(name, _)| !extra.iter().any(|(n, _)| n == name));
    fields.extend(extra);
    DEMARCHES.authorize(&fields)
}

/// Through FranceConnect, and what a first sign-in asks.
async fn through(browser: &mut Browser, upstream: &Upstream, page: &Page) -> Page {
    let page = sign_in(browser, upstream, page).await;
    if page.path.starts_with("/connexion/finaliser") { browser.submit(&page, &[("courriel_contact", ANGELA)]).await } else { page }
}

async fn tokens(app: &TestApp, page: &Page) -> Value {
    let code = page.left_with("code").unwrap_or_else(|| panic!("{} {:?} {}", page.path, page.left_for, page.body));
    let answer = DEMARCHES.redeem(app, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn first(app: &TestApp, browser: &mut Browser, upstream: &Upstream, extra: &[(&str, &str)]) -> Value {
    let page = browser.get(&request(extra)).await;
    let page = through(browser, upstream, &page).await;
    tokens(app, &page).await
}

/// For a browser that has a live session: nothing is asked.
async fn silently(app: &TestApp, browser: &mut Browser, extra: &[(&str, &str)]) -> Value {
    let page = browser.get(&request(extra)).await;
    tokens(app, &page).await
}

/// The verified payload of userinfo, without what every one has.
async fn personal(app: &TestApp, tokens: &Value) -> Value {
    let answer = userinfo(app, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/jwt"), "{}", answer.body);
    let mut info = verify(app, Algorithm::RS256, &answer.body).await;
    for name in ["iss", "aud", "iat", "exp"] {
        assert!(info.as_object_mut().unwrap().remove(name).is_some(), "{name}");
    }
    info
}

fn refused(page: &Page) -> (Option<String>, Option<String>, Option<String>) {
    (page.left_with("error"), page.left_with("state"), page.left_with("iss"))
}

fn denied() -> (Option<String>, Option<String>, Option<String>) {
    (Some("access_denied".into()), Some(STATE.into()), Some(ISSUER.into()))
}

on_both! {
    async fn a_service_written_for_franceconnect_works_with_another_issuer_and_other_credentials(app) {
        let upstream = start(&app, "").await;
        let mut browser = app.browser();
        let page = browser.get(&request(&[("prompt", "login consent")])).await;
        assert!(page.path.starts_with("/connexion"));
        let page = browser.get(&request(&[])).await;
        let page = through(&mut browser, &upstream, &page).await;
        assert_eq!((page.left_with("state").as_deref(), page.left_with("iss").as_deref()), (Some(STATE), Some(ISSUER)));
        let tokens = tokens(&app, &page).await;
        let mut members: Vec<&str> = tokens.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["access_token", "expires_in", "id_token", "scope", "token_type"], "the five of FranceConnect");
        // Its checks: signature, issuer, audience, nonce, level; then userinfo, signed, of the same sub.
        let id_token = verify(&app, Algorithm::RS256, tokens["id_token"].as_str().unwrap()).await;
        assert_eq!((&id_token["iss"], &id_token["aud"], &id_token["nonce"]), (&json!(ISSUER), &json!("demarches"), &json!(NONCE)));
        assert_eq!(id_token["acr"], "eidas1");
        let mut names: Vec<&str> = id_token.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["acr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sid", "sub"], "nothing of the identity");
        assert_eq!(personal(&app, &tokens).await, json!({
            "sub": id_token["sub"], "given_name": "Angela Claire Louise", "given_name_array": ["Angela", "Claire", "Louise"],
            "family_name": "DUBOIS", "birthdate": "1962-08-24", "gender": "female", "birthplace": "75107", "birthcountry": "99100",
        }));
        // Its sign-out, with the id_token long expired.
        app.advance(7_200);
        let path = format!("/deconnexion?{}", crate::support::encode(&[
            ("id_token_hint", tokens["id_token"].as_str().unwrap()), ("state", STATE),
            ("post_logout_redirect_uri", "https://demarches.example.fr/logout-callback"),
        ]));
        let page = browser.get(&path).await;
        assert_eq!(page.left_for, Some(format!("https://demarches.example.fr/logout-callback?state={STATE}")));
    }

    async fn each_scope_gives_its_claims_and_nothing_else(app) {
        let all = "openid profile birth identite_pivot given_name family_name gender birthdate birthplace birthcountry email \
            preferred_username amr idp_birthdate idp_id";
        let upstream = start(&app, &format!("scope = \"{all}\"")).await;
        upstream.state().person.insert("preferred_username".into(), json!("MARTIN"));
        let mut browser = app.browser();
        let tokens = first(&app, &mut browser, &upstream, &[("scope", "openid")]).await;
        let sub = personal(&app, &tokens).await["sub"].clone();
        let (names, given) = (json!(["Angela", "Claire", "Louise"]), json!("Angela Claire Louise"));
        for (scope, expected) in [
            ("openid", json!({})),
            ("profile", json!({
                "given_name": given, "given_name_array": names, "family_name": "DUBOIS", "birthdate": "1962-08-24", "gender": "female",
                "preferred_username": "MARTIN",
            })),
            ("birth", json!({ "birthplace": "75107", "birthcountry": "99100" })),
            ("identite_pivot", json!({
                "given_name": given, "given_name_array": names, "family_name": "DUBOIS", "birthdate": "1962-08-24", "gender": "female",
                "birthplace": "75107", "birthcountry": "99100",
            })),
            ("given_name", json!({ "given_name": given, "given_name_array": names })),
            ("family_name", json!({ "family_name": "DUBOIS" })),
            ("gender", json!({ "gender": "female" })),
            ("birthdate", json!({ "birthdate": "1962-08-24" })),
            ("birthplace", json!({ "birthplace": "75107" })),
            ("birthcountry", json!({ "birthcountry": "99100" })),
            ("email", json!({ "email": ANGELA })),
            ("preferred_username", json!({ "preferred_username": "MARTIN" })),
            ("amr", json!({ "amr": ["fc"] })),
            ("idp_birthdate idp_id", json!({})),
        ] {
            let scope = if scope == "openid" { "openid".to_owned() } else { format!("openid {scope}") };
            let tokens = silently(&app, &mut browser, &[("scope", &scope)]).await;
            let mut expected = expected;
            expected["sub"] = sub.clone();
            assert_eq!(personal(&app, &tokens).await, expected, "{scope}");
        }
    }

    async fn only_what_was_kept_is_told_and_in_the_formats_of_franceconnect(app) {
        declare(&app, FRANCECONNECT, "").await;
        app.app.ensure_keys(&Algorithm::ALL).await.unwrap();
        let upstream = upstream_with(&app, "").await;
        let scope = [("scope", "openid identite_pivot preferred_username")];
        let tokens = first(&app, &mut app.browser(), &upstream, &scope).await;
        let info = personal(&app, &tokens).await;
        assert_eq!(info, json!({
            "sub": info["sub"], "given_name": "Angela Claire Louise", "given_name_array": ["Angela", "Claire", "Louise"],
            "family_name": "DUBOIS", "birthdate": "1962-08-24",
        }), "AG-02: the minimum");
        // Somebody born abroad, with one name only.
        let abroad = upstream_with(&app, KEEP).await;
        abroad.state().person = json!({
            "sub": "another-person", "family_name": "ÑANDÚ-LÉVÊQUE", "birthdate": "1990-01-01", "gender": "male", "birthplace": "",
            "birthcountry": "99139", "email": "nandu@mel.example",
        }).as_object().unwrap().clone();
        let mut browser = app.browser();
        let page = browser.get(&request(&scope)).await;
        let page = sign_in(&mut browser, &abroad, &page).await;
        let page = browser.submit(&page, &[("courriel_contact", "nandu@mel.example")]).await;
        let code = page.left_with("code").unwrap_or_else(|| panic!("{} {}", page.path, page.body));
        let tokens = DEMARCHES.redeem(&app, &code).await.json();
        let info = personal(&app, &tokens).await;
        assert_eq!(info, json!({
            "sub": info["sub"], "family_name": "ÑANDÚ-LÉVÊQUE", "birthdate": "1990-01-01", "gender": "male", "birthplace": "",
            "birthcountry": "99139",
        }), "no first name is no claim; the place of somebody born abroad is empty");
    }

    async fn a_typed_name_never_passes_for_a_verified_one(app) {
        start(&app, "").await;
        let mut browser = app.browser();
        // Without acr_values nothing forbids a professional; but FranceConnect vouched for nothing.
        let page = browser.get(&request(&[("acr_values", ""), ("scope", "openid identite_pivot email")])).await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        let tokens = tokens(&app, &page).await;
        assert_eq!(claims(tokens["id_token"].as_str().unwrap()).get("acr"), None);
        let info = personal(&app, &tokens).await;
        assert_eq!(info, json!({ "sub": info["sub"], "email": CAMILLE }));
    }

    async fn the_level_is_relayed_and_never_made_up(app) {
        let upstream = start(&app, "").await;
        let mut browser = app.browser();
        let page = browser.get(&request(&[])).await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert_eq!(refused(&page), denied(), "signed in otherwise");
        let page = browser.get(&request(&[("prompt", "none")])).await;
        assert_eq!(refused(&page), denied());
        // With that session, the person may choose FranceConnect.
        let page = browser.get(&request(&[])).await;
        assert!(page.path.starts_with("/connexion/compte"), "{}", page.path);
        let page = browser.submit(&page, &[("choix", "autre")]).await;
        let page = through(&mut browser, &upstream, &page).await;
        let given = tokens(&app, &page).await;
        assert_eq!(claims(given["id_token"].as_str().unwrap())["acr"], "eidas1");
        // More than FranceConnect said is refused; what it did not say counts for its lowest level.
        let page = browser.get(&request(&[("acr_values", "eidas2"), ("prompt", "none")])).await;
        assert_eq!(refused(&page), denied());
        for values in ["eidas3 eidas1", "unknown"] {
            let given = silently(&app, &mut browser, &[("acr_values", values)]).await;
            assert_eq!(claims(given["id_token"].as_str().unwrap())["acr"], "eidas1", "{values}");
        }
        // A higher level is told as it is.
        upstream.state().acr = "eidas2".into();
        let mut browser = app.browser();
        let page = browser.get(&request(&[("acr_values", "eidas2")])).await;
        let page = through(&mut browser, &upstream, &page).await;
        let given = tokens(&app, &page).await;
        assert_eq!(claims(given["id_token"].as_str().unwrap())["acr"], "eidas2");
    }

    async fn amr_is_told_to_those_who_ask_and_may(app) {
        let upstream = start(&app, "").await;
        let mut browser = app.browser();
        let asked = json!({ "id_token": { "amr": { "essential": true } } }).to_string();
        let told = |tokens: &Value| claims(tokens["id_token"].as_str().unwrap()).get("amr").cloned();
        assert_eq!(told(&first(&app, &mut browser, &upstream, &[("claims", &asked)]).await), Some(json!(["fc"])));
        assert_eq!(told(&silently(&app, &mut browser, &[]).await), None);
        declare(&app, FRANCECONNECT, "scope = \"openid identite_pivot\"").await;
        let scope = ("scope", "openid identite_pivot");
        assert_eq!(told(&silently(&app, &mut browser, &[scope, ("claims", &asked)]).await), None, "not entitled to it");
    }

    async fn scopes_are_those_the_service_is_entitled_to(app) {
        start(&app, "scope = \"openid given_name\"").await;
        let page = app.browser().get(&request(&[("scope", "openid given_name birthdate")])).await;
        assert_eq!((page.left_with("error").as_deref(), page.left_with("state").as_deref()), (Some("invalid_scope"), Some(STATE)));
        let page = app.browser().get(&request(&[("scope", "openid given_name dgfip_rfr")])).await;
        assert!(page.path.starts_with("/connexion"), "unknown ones are ignored");
    }

    async fn a_service_of_franceconnect_plus_receives_what_it_alone_can_read(app) {
        let upstream = start(&app, "").await;
        for alg in [KeyManagement::RsaOaep, KeyManagement::EcdhEs] {
            let key = private(alg, "of the service");
            let mut jwks = public(&[&key]);
            let members: Vec<String> = jwks["keys"][0].as_object_mut().unwrap().iter().map(|(n, v)| format!("{n} = {v}")).collect();
            let more = format!(
                "jwks = {{ keys = [{{ {} }}] }}\nid_token_encrypted_response_alg = \"{name}\"\nid_token_encrypted_response_enc = \"A256GCM\"\n\
                 userinfo_encrypted_response_alg = \"{name}\"\nuserinfo_encrypted_response_enc = \"A256GCM\"",
                members.join(", "), name = alg.name()
            );
            declare(&app, FRANCECONNECT, &more).await;
            let given = first(&app, &mut app.browser(), &upstream, &[]).await;
            let id_token = given["id_token"].as_str().unwrap();
            assert_eq!((header(id_token)["enc"].as_str(), header(id_token)["kid"].as_str()), (Some("A256GCM"), Some("of the service")));
            let about = verify(&app, Algorithm::RS256, &open(alg, &key, id_token)).await;
            let info = userinfo(&app, given["access_token"].as_str().unwrap()).await.body;
            let info = verify(&app, Algorithm::RS256, &open(alg, &key, &info)).await;
            assert_eq!((&info["sub"], &info["family_name"]), (&about["sub"], &json!("DUBOIS")));
            app.advance(120);
        }
    }

    async fn services_of_one_sector_know_a_person_by_one_sub(app) {
        let upstream = start(&app, "sector_identifier = \"demarches.example.fr\"").await;
        let mut browser = app.browser();
        let one = first(&app, &mut browser, &upstream, &[]).await;
        declare(&app, FRANCECONNECT, "client_id = \"dossier\"\nsector_identifier = \"demarches.example.fr\"").await;
        let page = browser.get(&request(&[("client_id", "dossier")])).await;
        let other = crate::support::rp::Rp { id: "dossier", ..DEMARCHES };
        let other = other.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let sub = |tokens: &Value| claims(tokens["id_token"].as_str().unwrap())["sub"].clone();
        assert_eq!(sub(&one), sub(&other));
    }

    async fn people_see_what_a_service_will_receive_of_their_civil_status(app) {
        let upstream = start(&app, "consent = \"once\"").await;
        let mut browser = app.browser();
        let page = browser.get(&request(&[("scope", "openid identite_pivot email")])).await;
        let page = through(&mut browser, &upstream, &page).await;
        assert!(page.path.starts_with("/connexion/autorisation"), "{}", page.path);
        for words in ["Angela Claire Louise", "DUBOIS", "1962-08-24", "75107", ANGELA, "Date de naissance"] {
            assert!(page.says(words), "{words}");
        }
        let page = browser.submit(&page, &[("decision", "autoriser")]).await;
        assert!(page.left_with("code").is_some());
    }

    async fn standard_clients_have_the_same_scopes_and_their_own_words(app) {
        let upstream = start(&app, "claims_vocabulary = \"standard\"").await;
        let mut browser = app.browser();
        let given = first(&app, &mut browser, &upstream, &[("scope", "openid identite_pivot")]).await;
        let answer = userinfo(&app, given["access_token"].as_str().unwrap()).await;
        assert_eq!(answer.header("content-type"), "application/json");
        let id_token = claims(given["id_token"].as_str().unwrap());
        assert_eq!((id_token["acr"].as_str(), &id_token["amr"]), (Some("aal1"), &json!(["fc"])));
        assert_eq!(answer.json(), json!({
            "sub": id_token["sub"], "given_name": "Angela Claire Louise", "given_name_array": ["Angela", "Claire", "Louise"],
            "family_name": "DUBOIS", "birthdate": "1962-08-24", "gender": "female", "birthplace": "75107", "birthcountry": "99100",
        }));
    }

    async fn the_way_to_franceconnect_asks_for_nothing_of_the_service(app) {
        let upstream = start(&app, "").await;
        let mut browser = app.browser();
        let page = browser.get(&request(&[])).await;
        let address = depart(&mut browser, &page).await;
        assert!(!address.contains(NONCE) && !address.contains(STATE) && !address.contains("demarches"));
        upstream.visit(&address);
    }
}
