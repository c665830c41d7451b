//! §1.8, §1.9, §1.13: sessions, the page before return, sign-out, alerts.

use std::time::Duration;

use axum::http::StatusCode;
use guichet_demo::mail::MailCatcher;
use guichet_demo::sim::Client;

use super::*;

/// Signs in without naming anybody: only a session allows it.
async fn silently(world: &mut World, parameters: &[(&'static str, String)]) -> Answer {
    let answer = world.authorize(parameters).await;
    let answer = world.get(answer.location()).await;
    match answer.status {
        StatusCode::SEE_OTHER => world.get(answer.location()).await,
        _ => answer,
    }
}

fn is_list(page: &Answer) -> bool {
    page.body.contains("id=\"idp-impots\"")
}

#[tokio::test]
async fn ac_11_an_account_at_any_of_the_identity_providers_named_to_people_serves() {
    for idp in ["impots", "ameli", "msa", "laposte", "yris", "france-identite"] {
        let mut world = World::new(vec![client()]);
        let answer = world.authorize(&with(&[])).await;
        let page = world.get(answer.location()).await;
        assert!(page.body.contains(&format!("id=\"idp-{idp}\"")), "{idp}: {}", page.body);
    }
}

#[tokio::test]
async fn a_session_of_thirty_minutes_slides_and_still_shows_the_page_before_return() {
    let second = Client { client_id: "second".into(), name: "Second service".into(), ..client() };
    let excluding = Client { client_id: "sauf".into(), idp_exclude: vec!["impots".into()], ..client() };
    let mut world = World::new(vec![client(), second, excluding]);
    world.sign_in("camille").await;
    for minutes in [29, 29, 29] {
        world.wait(minutes * 60);
        let page = silently(&mut world, &with(&[("client_id", "second")])).await;
        assert!(page.body.contains("id=\"continue\"") && page.body.contains("Second service"), "{}", page.body);
    }
    let page = silently(&mut world, &with(&[("client_id", "sauf")])).await;
    assert!(page.body.contains("id=\"idp-ameli\""), "the provider is not taken by this service: {}", page.body);
    let page = silently(&mut world, &with(&[("prompt", "login")])).await;
    assert!(page.body.contains("id=\"continue\""), "prompt=login is FranceConnect's own default");
    world.wait(30 * 60);
    assert!(is_list(&silently(&mut world, &request()).await), "the session is over");
}

#[tokio::test]
async fn blocks_and_perimeters_are_checked_again_in_a_session() {
    let mut world = World::new(vec![client(), Client { client_id: "sante".into(), rep_scope: vec!["Social-Santé".into()], ..client() }]);
    let page = world.at_idp(&request(), "aidants-connect").await;
    let consent = world.answer(&page, "camille", &[]).await.location().to_owned();
    let page = world.get(&consent).await;
    let uid = page.body.split("name=\"uid\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    world.submit(&page, "uid", uid).await;
    assert_eq!(silently(&mut world, &request()).await.status, StatusCode::OK);
    assert_eq!(silently(&mut world, &with(&[("client_id", "sante")])).await.code(), "Y600020");
    world.sim.control(|c| c.fi_disabled = ["aidants-connect".to_owned()].into());
    assert_eq!(silently(&mut world, &request()).await.code(), "Y020017");
}

#[tokio::test]
async fn private_services_collect_consent_and_others_inform() {
    for (private, identity_consent, consent) in [(false, false, false), (true, false, false), (false, true, false), (true, true, true)] {
        let mut world = World::new(vec![Client { private, identity_consent, ..client() }]);
        let page = world.recognised(&request(), "impots", "nom-usage").await;
        assert_eq!(page.body.contains("name=\"consent\""), consent, "{private} {identity_consent}");
        for word in ["Prénoms", "Nom de naissance", "Adresse e-mail"] {
            assert!(page.body.contains(word), "{word}");
        }
        assert!(!page.body.contains("Nom d’usage"));
        if consent {
            let uid = page.body.split("name=\"uid\" value=\"").nth(1).unwrap().split('"').next().unwrap();
            let refused = world.submit(&page, "uid", uid).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "not without the tick");
            assert!(query(world.submit(&page, "consent", "1").await.location()).contains_key("code"));
        }
    }
    let page = World::new(vec![client()]).recognised(&with(&[("scope", "openid")]), "impots", "camille").await;
    assert!(page.body.contains("sans transmettre de données"), "anonymous: {}", page.body);
}

#[tokio::test]
async fn entitled_services_skip_the_page_with_prompt_login_alone() {
    let entitled = Client { allowed_prompts: vec!["login".into()], ..client() };
    for (client, prompt, skips) in [(entitled.clone(), "login", true), (entitled, "login consent", false), (client(), "login", false)] {
        let mut world = World::new(vec![client]);
        let page = world.at_idp(&with(&[("prompt", prompt)]), "impots").await;
        let consent = world.answer(&page, "camille", &[]).await.location().to_owned();
        let answer = world.get(&consent).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, skips, "{prompt}");
        assert!(!skips || query(answer.location()).contains_key("code"));
    }
}

async fn hint(world: &mut World) -> String {
    let code = world.sign_in("camille").await["code"].clone();
    world.token(&code).await.json()["id_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn signing_out_goes_through_the_identity_provider_and_ends_the_session() {
    let mut world = World::new(vec![client()]);
    let token = hint(&mut world).await;
    world.wait(20 * 60);
    let end = format!("/api/v2/session/end?id_token_hint={token}&post_logout_redirect_uri={OUT}&state=abc&client_id=fs&ui_locales=fr");
    let answer = world.get(&end).await;
    assert!(answer.location().starts_with(&format!("{BASE}/fi/impots/session/end?state=")), "{}", answer.location());
    let answer = world.get(answer.location()).await;
    let back = answer.location().to_owned();
    assert!(back.starts_with(&format!("{ISSUER}/client/logout-callback?state=")));
    assert_eq!(world.get(&back.replace("state=", "state=x")).await.code(), "Y020022");
    assert_eq!(world.get(&back).await.code(), "Y190001", "the way back serves once");
    assert!(is_list(&silently(&mut world, &request()).await));

    let token = hint(&mut world).await;
    let end = format!("/api/v2/session/end?id_token_hint={token}&post_logout_redirect_uri={OUT}&state=abc");
    let mut url = end;
    for _ in 0..3 {
        url = world.get(&url).await.location().to_owned();
    }
    assert_eq!(url, format!("{OUT}?state=abc"));
    let token = hint(&mut world).await;
    let page = world.other().get(&format!("/api/v2/session/end?id_token_hint={token}")).await;
    assert!(page.status == StatusCode::OK && page.body.contains("Vous êtes déconnecté"), "without an address: {}", page.body);
}

#[tokio::test]
async fn a_provider_without_sign_out_is_not_visited() {
    let mut world = World::new(vec![client()]);
    let code = world.sign_in_as(&request(), "msa", "camille").await["code"].clone();
    let token = world.token(&code).await.json()["id_token"].as_str().unwrap().to_owned();
    let answer = world.get(&format!("/api/v2/session/end?id_token_hint={token}&post_logout_redirect_uri={OUT}&state=s")).await;
    assert_eq!(answer.location(), format!("{OUT}?state=s"));
}

#[tokio::test]
async fn what_signing_out_refuses() {
    let mut world = World::new(vec![client()]);
    let good = hint(&mut world).await;
    world.sim.control(|c| c.faults = [guichet_demo::sim::Fault::NoAtHash].into());
    let mut other = world.other();
    let bare = hint(&mut other).await;
    for (query, code, status) in [
        (String::new(), "Y030007", 400),
        (format!("id_token_hint={good}&autre=1"), "Y030007", 400),
        (format!("id_token_hint={bare}"), "Y100019", 400),
        (format!("id_token_hint={good}x"), "Y0469A55", 400),
        (format!("id_token_hint={good}&post_logout_redirect_uri={OUT}/"), "Y04CFAEF", 400),
        (format!("id_token_hint={good}&client_id=autre"), "Y04EA6EF", 400),
    ] {
        let answer = world.get(&format!("/api/v2/session/end?{query}")).await;
        assert_eq!((answer.code(), answer.status.as_u16()), (code, status), "{query}");
    }
    assert!(!is_list(&silently(&mut world, &request()).await), "a refused sign-out ends nothing");
    world.sim.rotate().unwrap();
    let answer = world.get(&format!("/api/v2/session/end?id_token_hint={good}")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "keys of the past still check hints");
}

#[tokio::test]
async fn suspicious_connections_drop_the_session_and_leave_strong_providers() {
    let mut world = World::new(vec![client()]);
    world.sign_in("camille").await;
    world.headers = vec![("x-suspicious", "1")];
    let list = silently(&mut world, &request()).await;
    for (idp, open) in [("impots", false), ("ameli", false), ("laposte", true), ("france-identite", true)] {
        assert_eq!(list.body.contains(&format!("id=\"idp-{idp}\">")), open, "{idp}: {}", list.body);
    }
}

async fn mails(catcher: &MailCatcher, count: usize) -> usize {
    let last = catcher.last_id();
    if catcher.messages(None).len() < count {
        catcher.wait_for("camille.aubry@particulier.example", last, Duration::from_secs(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    catcher.messages(None).len()
}

#[tokio::test]
async fn a_connection_is_told_by_mail_unless_known() {
    let catcher = MailCatcher::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let second = Client { client_id: "second".into(), name: "Second service".into(), ..client() };
    let mut world = World::on(Platform::FranceConnect, vec![client(), second], Some(catcher.smtp_addr()));
    world.sign_in("camille").await;
    assert_eq!(mails(&catcher, 1).await, 1, "a new device");
    let mail = catcher.messages(None)[0].clone();
    assert!(mail.text.contains("Un service") && mail.text.contains("impots.gouv.fr"), "{}", mail.text);

    let page = silently(&mut world, &with(&[("client_id", "second")])).await;
    let uid = page.body.split("name=\"uid\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    world.submit(&page, "uid", uid).await;
    world.jar.remove("fc_session_id");
    world.sign_in("camille").await;
    assert_eq!(mails(&catcher, 0).await, 1, "the device is known");

    let mut stranger = world.other();
    stranger.sign_in("camille").await;
    assert_eq!(mails(&catcher, 2).await, 2, "another device");

    world.jar.remove("fc_session_id");
    world.headers = vec![("x-suspicious", "1")];
    world.sign_in_as(&request(), "laposte", "camille").await;
    assert_eq!(mails(&catcher, 3).await, 3, "suspicious");
    world.headers.clear();

    for persona in ["accents", "corse-2a"] {
        world.jar.remove("fc_session_id");
        world.sign_in(persona).await;
    }
    assert_eq!(mails(&catcher, 5).await, 5);
    world.jar.remove("fc_session_id");
    world.sign_in("camille").await;
    assert_eq!(mails(&catcher, 6).await, 6, "three people on one device: no longer trusted");

    let mut device = world.other();
    device.sign_in("camille").await;
    assert_eq!(mails(&catcher, 7).await, 7);
    world.wait(91 * 86_400);
    device.jar.remove("fc_session_id");
    device.sign_in("camille").await;
    assert_eq!(mails(&catcher, 8).await, 8, "known for 90 days");

    device.jar.insert("fc_device".into(), "illisible".into());
    device.jar.remove("fc_session_id");
    let page = device.recognised(&request(), "impots", "camille").await;
    let uid = page.body.split("name=\"uid\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(device.submit(&page, "uid", uid).await.code(), "Y510001");
}
