//! ProConnect (§2): parameters, routing by address, claims, levels, refresh, sign-out.

use std::time::Duration;

use axum::http::StatusCode;
use guichet_demo::mail::MailCatcher;
use guichet_demo::sim::Client;
use serde_json::json;

use super::*;

fn pro_client() -> Client {
    let scopes = "openid given_name usual_name email uid siret siren phone idp_id idp_acr roles custom organizational_unit amr";
    Client { scopes: scopes.split(' ').map(str::to_owned).collect(), ..client() }
}

fn world() -> World {
    World::on(Platform::ProConnect, vec![pro_client(), Client { client_id: "prive".into(), private: true, ..pro_client() }], None)
}

fn ask(changes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut all = with(&[("scope", "openid given_name usual_name email uid siret")]);
    all.retain(|(n, _)| *n != "acr_values");
    for (name, value) in changes {
        all.retain(|(n, _)| n != name);
        all.push((name, (*value).to_owned()));
    }
    all
}

const ESSENTIAL: &str = r#"{"id_token":{"acr":{"essential":true,"values":["eidas1-mfa","eidas2"]}}}"#;

/// From the request to the provider's page.
async fn at_provider(world: &mut World, parameters: &[(&'static str, String)], email: &str) -> Answer {
    let mut page = world.authorize(parameters).await;
    while page.status == StatusCode::SEE_OTHER {
        page = world.get(page.location()).await;
    }
    if page.body.contains("name=\"email\"") {
        let between = |from: &str| page.body.split(from).nth(1).and_then(|t| t.split('"').next()).unwrap().to_owned();
        let (action, csrf) = (between("action=\""), between("name=\"csrfToken\" value=\""));
        page = world.post(&action, &[("csrfToken", &csrf), ("email", email)]).await;
        while page.status == StatusCode::SEE_OTHER {
            page = world.get(page.location()).await;
        }
    }
    page
}

/// All the way; the provider's answer leads to the service, to an error page or to the page of the code.
async fn answered(world: &mut World, parameters: &[(&'static str, String)], email: &str, agent: &str) -> Answer {
    let page = at_provider(world, parameters, email).await;
    world.submit(&page, "persona", agent).await
}

async fn claims_of(
    world: &World,
    parameters: &[(&'static str, String)],
    email: &str,
    agent: &str,
) -> (Map<String, Value>, Map<String, Value>) {
    let mut browser = world.other();
    let answer = answered(&mut browser, parameters, email, agent).await;
    let tokens = browser.token(&query(answer.location())["code"]).await.json();
    let info = browser.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(info.headers["content-type"], "application/jwt");
    (browser.verified(tokens["id_token"].as_str().unwrap()).await.1, browser.verified(&info.body).await.1)
}

#[tokio::test]
async fn parameters_are_those_of_the_list_and_no_other() {
    let mut world = world();
    for (name, value, taken) in [
        ("login_hint", "alix.ferrand@ministere.example", true),
        ("login_hint", "pas une adresse", false),
        ("siret_hint", "11009001600053", true),
        ("siret_hint", "1100900160005", false),
        ("nonce", "court", true),
        ("nonce", "é", false),
        ("acr_values", "eidas1", true),
        ("idp_hint", "ministere", true),
        ("max_age", "0", false),
        ("ui_locales", "fr", false),
        ("x", "y", false),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", false),
    ] {
        let answer = world.other().authorize(&ask(&[(name, value)])).await;
        match taken {
            true => assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name}={value}: {}", answer.body),
            false => assert_eq!((answer.code(), answer.status.as_u16()), ("Y000400", 400), "{name}={value}"),
        }
    }
    for name in ["client_id", "response_type", "state", "redirect_uri", "scope"] {
        let mut parameters = ask(&[]);
        parameters.retain(|(n, _)| *n != name);
        assert_eq!(world.authorize(&parameters).await.code(), "Y000400", "{name}");
    }
    let silent = world.authorize(&ask(&[("prompt", "none")])).await;
    assert_eq!(query(silent.location())["error"], "login_required");
}

#[tokio::test]
async fn an_address_leads_to_its_provider_and_any_other_to_the_default() {
    for (email, provider) in [
        ("alix.ferrand@ministere.example", "Ministère de démonstration"),
        ("Qui@MINISTERE.example", "Ministère de démonstration"),
        ("ines@collectivite.example", "Collectivité de démonstration"),
        ("qui@ailleurs.example", "Autre (via ProConnect Identité)"),
    ] {
        let page = at_provider(&mut world(), &ask(&[]), email).await;
        assert!(page.body.contains(provider), "{email}: {}", page.body);
        let page = at_provider(&mut world(), &ask(&[("login_hint", email)]), "").await;
        assert!(page.body.contains(provider), "by hint, {email}");
    }
    assert_eq!(at_provider(&mut world(), &ask(&[]), "pas une adresse").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn claims_name_the_agent_and_a_valid_or_default_siret() {
    let world = world();
    for (email, agent, siret) in [
        ("a@ministere.example", "agent", Some("11009001600053")),
        ("a@ministere.example", "agent-sans-siret", Some("11009001600053")),
        ("a@ministere.example", "agent-siret-faux", Some("11009001600053")),
        ("a@collectivite.example", "agent-mfa", Some("21750001600019")),
        ("a@collectivite.example", "agent-aucun-siret", None),
    ] {
        let (_, info) = claims_of(&world, &ask(&[]), email, agent).await;
        assert_eq!(info.get("siret").and_then(Value::as_str), siret, "{agent}");
        for name in ["given_name", "usual_name", "email", "uid", "sub"] {
            assert!(info[name].as_str().is_some_and(|v| !v.is_empty()), "{agent}: {name}");
        }
        assert!(!info.contains_key("siren") && !info.contains_key("roles"), "not asked for");
    }
    for (hint, siret) in [(None, "21750001600019"), (Some("13002526500013"), "13002526500013"), (Some("11009001600053"), "21750001600019")]
    {
        let hint: Vec<_> = hint.map(|h| ("siret_hint", h)).into_iter().collect();
        let (_, info) = claims_of(&world, &ask(&hint), "a@mairie.example", "pci-deux-sirets").await;
        assert_eq!(info["siret"], siret, "{hint:?}");
    }
    let all = ask(&[("scope", "openid siren roles custom idp_id phone")]);
    let (_, info) = claims_of(&world, &all, "a@ministere.example", "agent").await;
    assert_eq!((&info["siren"], &info["roles"], &info["custom"]), (&json!("110090016"), &json!(["agent_public"]), &json!({})));
    assert_eq!((&info["idp_id"], &info["phone_number"]), (&json!("ministere"), &json!("+33123456789")));
    let (before, _) = claims_of(&world, &ask(&[]), "a@ailleurs.example", "pci-migre").await;
    let (after, _) = claims_of(&world, &ask(&[]), "a@collectivite.example", "agent-migre").await;
    assert_eq!(before["sub"], after["sub"], "the account survives the change of provider");
    assert_eq!(before["sub"].as_str().unwrap().len(), 36, "a UUID");
}

#[tokio::test]
async fn refusals_have_their_codes() {
    for (email, agent, code) in [
        ("a@ministere.example", "agent-bloque", "Y500024"),
        ("a@ministere.example", "agent-autre-domaine", "Y500027"),
        ("a@ailleurs.example", "pci-prive", "Y500015"),
    ] {
        let answer = answered(&mut world(), &ask(&[]), email, agent).await;
        assert_eq!((answer.code(), answer.status), (code, StatusCode::FORBIDDEN), "{agent}");
        assert_eq!((answer.back()["error"].as_str(), answer.back()["state"].as_str()), ("access_denied", STATE));
    }
    let answer = answered(&mut world(), &ask(&[("client_id", "prive")]), "a@ailleurs.example", "pci-prive").await;
    assert!(query(answer.location()).contains_key("code"), "a private service takes them");
}

#[tokio::test]
async fn levels_are_demanded_through_claims_and_a_code_by_mail_makes_the_second_factor() {
    let catcher = MailCatcher::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let world = World::on(Platform::ProConnect, vec![pro_client()], Some(catcher.smtp_addr()));
    let demanded = ask(&[("claims", ESSENTIAL)]);
    let (id_token, _) = claims_of(&world, &demanded, "a@collectivite.example", "agent-mfa").await;
    assert_eq!(id_token["acr"], "eidas1-mfa");
    let (id_token, _) = claims_of(&world, &ask(&[("acr_values", "eidas1-mfa")]), "a@ministere.example", "agent").await;
    assert_eq!(id_token["acr"], "eidas1", "acr_values demands nothing");
    let (id_token, _) = claims_of(&world, &ask(&[]), "a@ministere.example", "agent-niveau-inconnu").await;
    assert_eq!(id_token["acr"], "eidas1", "an unknown level reads as eidas1");

    let mut browser = world.other();
    let answer = answered(&mut browser, &demanded, "a@ministere.example", "agent").await;
    let address = answer.location().to_owned();
    let page = browser.get(&address).await;
    let mail = catcher.wait_for("alix.ferrand@ministere.example", 0, Duration::from_secs(10)).await.expect("a mail");
    let code: String = mail.text.split("est\u{a0}: ").nth(1).unwrap().chars().take(8).collect();
    assert!(code.bytes().all(|b| b.is_ascii_digit()), "eight digits: {code}");
    let csrf = page.body.split("name=\"csrfToken\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = address.strip_prefix(BASE).unwrap();
    let wrong = browser.post(path, &[("csrfToken", &csrf), ("code", "00000000")]).await;
    assert!(browser.get(wrong.location()).await.body.contains("pas le bon"));
    let right = browser.post(path, &[("csrfToken", &csrf), ("code", &code)]).await;
    let tokens = browser.token(&query(right.location())["code"]).await.json();
    let (_, id_token) = browser.verified(tokens["id_token"].as_str().unwrap()).await;
    assert_eq!(id_token["acr"], "eidas1-mfa");

    let demanded = ask(&[("claims", r#"{"id_token":{"acr":{"essential":true,"value":"eidas3"}}}"#)]);
    let answer = answered(&mut world.other(), &demanded, "a@ministere.example", "agent").await;
    let sent = query(answer.location());
    assert_eq!((sent["error"].as_str(), sent["error_description"].as_str()), ("access_denied", "requested ACRs could not be satisfied"));
}

#[tokio::test]
async fn tokens_are_renewed_once_each_and_pkce_is_checked_when_used() {
    let mut world = world();
    let pkce = [("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), ("code_challenge_method", "S256")];
    let answer = answered(&mut world, &ask(&pkce), "a@ministere.example", "agent").await;
    let code = query(answer.location())["code"].clone();
    assert_eq!(world.token(&code).await.json()["error"], "invalid_grant", "the verifier is missing");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", "fs"),
        ("client_secret", SECRET),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ];
    let tokens = world.post("/api/v2/token", &fields).await.json();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", "fs"), ("client_secret", SECRET)];
    let renewed = world.post("/api/v2/token", &fields).await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.body);
    assert_eq!(world.userinfo(renewed.json()["access_token"].as_str().unwrap()).await.status, StatusCode::OK);
    assert_eq!(world.post("/api/v2/token", &fields).await.json()["error"], "invalid_grant", "once");
}

#[tokio::test]
async fn a_session_of_twelve_hours_answers_when_hints_and_levels_match() {
    let mut world = world();
    let hint = ("login_hint", "alix.ferrand@ministere.example");
    answered(&mut world, &ask(&[hint]), "", "agent").await;
    let at_once =
        async |world: &mut World, changes: &[(&'static str, &str)]| world.authorize(&ask(changes)).await.location().starts_with(CALLBACK);
    world.wait(11 * 3_600);
    for (changes, silent) in [
        (vec![], true),
        (vec![hint], true),
        (vec![("prompt", "none")], true),
        (vec![("login_hint", "autre@ministere.example")], false),
        (vec![("idp_hint", "collectivite")], false),
        (vec![("claims", ESSENTIAL)], false),
        (vec![("prompt", "login")], false),
    ] {
        assert_eq!(at_once(&mut world, &changes).await, silent, "{changes:?}");
    }
    world.wait(3_600);
    assert!(!at_once(&mut world, &[]).await, "twelve hours, whatever was done meanwhile");
}

#[tokio::test]
async fn signing_out_is_propagated_to_the_provider() {
    let mut world = world();
    let answer = answered(&mut world, &ask(&[]), "a@ministere.example", "agent").await;
    let tokens = world.token(&query(answer.location())["code"]).await.json();
    let token = tokens["id_token"].as_str().unwrap();
    let mut url = format!("/api/v2/session/end?id_token_hint={token}&post_logout_redirect_uri={OUT}&state=s");
    for step in [format!("{BASE}/fi/ministere/session/end?"), format!("{ISSUER}/client/logout-callback?"), format!("{OUT}?state=s")] {
        url = world.get(&url).await.location().to_owned();
        assert!(url.starts_with(&step), "{url}");
    }
    let silent = world.authorize(&ask(&[("prompt", "none")])).await;
    assert_eq!(query(silent.location())["error"], "login_required");
}
