//! Rights that are suspended and given back, end, and are renewed: on the pages, in mails, in tokens, at services.

use guichet::base::Actor;
use serde_json::{Value, json};

use super::access::{decided, grants};
use super::*;
use crate::support::gateway::HttpGateway;
use crate::support::rp::{claims, userinfo};

/// Camille works at the bakery as a reader.
async fn reader(app: TestApp, until: Option<i64>) -> TestApp {
    let app = world(app).await;
    place(&app, CAMILLE, BAKERY, "").await;
    give(&app, until).await;
    app
}

/// Gives her the right, until so many days from now.
async fn give(app: &TestApp, days: Option<i64>) {
    let end = days.map(|days| format!("expires_on = \"{}\"\n", day(app, days))).unwrap_or_default();
    app.apply(&format!(
        "[[habilitation]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{BAKERY}\"\nservice = \"aides\"\nprofiles = [\"lecteur\"]\n{end}"
    ))
    .await;
}

fn day(app: &TestApp, days: i64) -> String {
    let at = app.app.clock.now().millis() + days * 86_400_000;
    guichet::base::Timestamp::from_millis(at).to_string()[..10].to_owned()
}

/// Where a manager handles it.
async fn page_of_right(app: &TestApp) -> String {
    let email = guichet::base::Email::parse(CAMILLE).unwrap();
    let mut read = app.app.db.read().await.unwrap();
    let id = guichet::account::store::find_by_login(&mut read, &email).await.unwrap().unwrap().id;
    format!("/etablissements/{BAKERY}/intervenants/{id}/acces/aides")
}

/// Presses the button of this name on the page of the right.
pub async fn press(browser: &mut Browser, path: &str, action: &str, more: &[(&str, &str)]) -> Page {
    let page = browser.get(path).await;
    assert!(page.body.contains(&format!("value=\"{action}\"")), "{action}: {}", page.body);
    let token = page.forms().into_iter().flat_map(|f| f.hidden).find(|(n, _)| n == "jeton").unwrap().1;
    let mut fields = vec![("jeton", token.as_str()), ("action", action)];
    fields.extend(more);
    browser.post(path, &fields).await
}

/// Userinfo, introspection and refresh: whether each still gives something.
async fn serves(app: &TestApp, tokens: &Value) -> (u16, bool) {
    let access = tokens["access_token"].as_str().unwrap();
    let active = AIDES.introspect(app, access).await["active"].as_bool().unwrap();
    (userinfo(app, access).await.status.as_u16(), active)
}

async fn listening(app: &TestApp) -> HttpGateway {
    let receiver = HttpGateway::start().await;
    receiver.turn(202, "");
    let mut client = app.app.clients().any("aides").unwrap().as_ref().clone();
    client.metadata.claims_notice_uri = Some(receiver.url("/aides").to_string());
    app.put_client(client).await;
    receiver
}

async fn rounds(app: &TestApp) {
    // What one round finds, the next one tells.
    for _ in 0..2 {
        guichet::worker::drain(&app.app).await.unwrap();
    }
}

on_both! {
    async fn a_manager_suspends_a_right_and_gives_it_back(app) {
        let app = reader(app, None).await;
        let receiver = listening(&app).await;
        let tokens = AIDES.tokens(&mut app.browser(), &[]).await;
        assert_eq!(serves(&app, &tokens).await, (200, true));
        let (path, mut gaston) = (page_of_right(&app).await, signed_in(&app, GASTON).await);
        let person = gaston.get(path.strip_suffix("/acces/aides").unwrap()).await;
        assert!(person.says("Accès aux services") && person.links().contains(&path), "{}", person.body);
        let page = press(&mut gaston, &path, "suspendre", &[]).await;
        assert!(page.status == 422 && page.says("Choisissez un motif"), "{}", page.body);
        assert_eq!(serves(&app, &tokens).await, (200, true), "nothing was done");
        let page = press(&mut gaston, &path, "suspendre", &[("motif", "absence")]).await;
        assert!(page.says("L’accès de Camille Durand est suspendu") && page.says("Suspendu"), "{}", page.body);
        assert!(gaston.get(&format!("/etablissements/{BAKERY}/intervenants")).await.says("Accès suspendu"));
        assert_eq!(heard(&app, CAMILLE, OrgEvent::AccessSuspended).await.suspension.as_deref(), Some("absence"));
        assert_eq!(happened(&app, Kind::HabilitationChanged).await, 1);
        // The next call, whichever it is.
        assert_eq!(serves(&app, &tokens).await, (401, false));
        let answer = AIDES.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(answer.json()["error"], "invalid_grant");
        rounds(&app).await;
        assert_eq!(receiver.asked().len(), 1, "the service is told");
        // Declared again as it was, it stays suspended; the person sees so.
        give(&app, None).await;
        assert_eq!(serves(&app, &tokens).await.0, 401);
        assert!(signed_in(&app, CAMILLE).await.get("/services/aides").await.says("Suspendu"));
        let page = press(&mut gaston, &path, "retablir", &[]).await;
        assert!(page.says("L’accès de Camille Durand est rétabli"), "{}", page.body);
        heard(&app, CAMILLE, OrgEvent::AccessRestored).await;
        let tokens = AIDES.tokens(&mut app.browser(), &[]).await;
        assert_eq!(serves(&app, &tokens).await, (200, true));
        let page = press(&mut gaston, &path, "retirer", &[]).await;
        assert!(page.says("L’accès de Camille Durand est retiré"), "{}", page.body);
        assert_eq!(serves(&app, &tokens).await, (401, false));
        assert_eq!(gaston.get(&path).await.status, 404, "there is nothing left to handle");
    }

    async fn managers_do_not_give_back_what_the_operator_suspended_nor_handle_their_own_rights(app) {
        let app = reader(app, None).await;
        app.apply(&format!("[[habilitation]]\nlogin_email = \"{GASTON}\"\nsiret = \"{BAKERY}\"\nservice = \"aides\"\nprofiles = [\"lecteur\"]\n")).await;
        let (path, mut gaston) = (page_of_right(&app).await, signed_in(&app, GASTON).await);
        let (ctx, siret) = (app.app.ctx(Actor::Operator), guichet::base::Siret::parse(BAKERY).unwrap());
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
        let mut tx = app.app.db.begin().await.unwrap();
        let mut of = async |email: &str| {
            let email = guichet::base::Email::parse(email).unwrap();
            guichet::account::store::find_by_login(&mut tx, &email).await.unwrap().unwrap().id
        };
        let (camille, own) = (of(CAMILLE).await, of(GASTON).await);
        for who in [&camille, &own] {
            let why = guichet::org::habilitation::Suspension::Operator;
            assert!(guichet::org::habilitation::suspend(&mut tx, &kit, who, &siret, "aides", why).await.unwrap());
        }
        tx.commit().await.unwrap();
        let page = gaston.get(&path).await;
        assert!(page.says("suspendu par l’équipe du portail") && !page.body.contains("value=\"retablir\""), "{}", page.body);
        let token = page.forms().into_iter().flat_map(|f| f.hidden).find(|(n, _)| n == "jeton").unwrap().1;
        let before = happened(&app, Kind::RightRefused).await;
        for path in [path.clone(), path.replace(camille.as_str(), own.as_str()), path.replace("/aides", "/dossier")] {
            let page = gaston.post(&path, &[("jeton", token.as_str()), ("action", "retablir")]).await;
            assert_eq!(page.status, 404, "{path}");
        }
        assert_eq!(happened(&app, Kind::RightRefused).await, before + 3);
        // Nor does the only manager by asking for it: it goes to the operator.
        let page = gaston.get("/services/aides/demande").await;
        let page = gaston.submit(&page, &[("etablissement", BAKERY), ("profil", "lecteur")]).await;
        assert!(page.says("Votre demande a été envoyée"), "{}", page.body);
        assert_eq!(app.count("SELECT COUNT(*) FROM habilitation WHERE state = 'active'").await, 0);
    }

    async fn a_right_that_ends_soon_is_renewed_with_the_same_profiles(app) {
        let app = reader(app, Some(40)).await;
        let mut camille = signed_in(&app, CAMILLE).await;
        assert!(!camille.get("/demandes").await.says("renouvellement"), "too early");
        give(&app, Some(20)).await;
        rounds(&app).await;
        heard(&app, CAMILLE, OrgEvent::AccessEnding).await;
        assert!(camille.get("/services/aides").await.says("Demander le renouvellement"));
        let page = camille.get("/demandes").await;
        let link = page.links().into_iter().find(|l| l.contains("/services/aides/demande")).unwrap_or_else(|| panic!("{}", page.body));
        let page = camille.get(&link).await;
        assert!(page.body.contains("value=\"lecteur\" checked") && !page.body.contains("value=\"instructeur\" checked"), "{}", page.body);
        let page = camille.submit(&page, &[("etablissement", BAKERY), ("profil", "lecteur")]).await;
        assert!(page.says("Votre demande a été envoyée"), "{}", page.body);
        assert!(!camille.get("/demandes").await.says("Accès à renouveler"), "it is asked for");
        let before = app.count("SELECT expires_at FROM habilitation").await;
        decided(&app, Some(GASTON), &request_of(&page), grants(&["lecteur"])).await.unwrap();
        assert!(app.count("SELECT expires_at FROM habilitation").await > before + 300 * 86_400_000, "as long as the service allows");
    }

    async fn an_end_is_told_when_it_comes_and_the_right_can_be_renewed_for_a_while(app) {
        let app = reader(app, Some(10)).await;
        let receiver = listening(&app).await;
        let mut browser = app.browser();
        let tokens = AIDES.tokens(&mut browser, &[("scope", "openid establishment habilitations offline_access")]).await;
        rounds(&app).await;
        let told_before = receiver.asked().len();
        app.advance(11 * 86_400);
        rounds(&app).await;
        assert_eq!(receiver.asked().len(), told_before + 1, "the service is told of the end");
        heard(&app, CAMILLE, OrgEvent::AccessEnded).await;
        assert_eq!(serves(&app, &tokens).await.0, 401);
        let ended = told(&app, CAMILLE).await.len();
        rounds(&app).await;
        assert_eq!((receiver.asked().len(), told(&app, CAMILLE).await.len()), (told_before + 1, ended), "once");
        let mut camille = signed_in(&app, CAMILLE).await;
        assert!(camille.get("/demandes").await.says("Terminé"));
        app.advance(90 * 86_400);
        assert!(!signed_in(&app, CAMILLE).await.get("/demandes").await.says("Terminé"), "it is too late to renew");
    }

    async fn the_end_of_a_place_is_told_too(app) {
        let app = reader(app, None).await;
        let receiver = listening(&app).await;
        AIDES.tokens(&mut app.browser(), &[("scope", "openid establishment habilitations offline_access")]).await;
        let end = format!("expires_on = \"{}\"", day(&app, 3));
        place(&app, CAMILLE, BAKERY, &end).await;
        rounds(&app).await;
        let told_before = receiver.asked().len();
        app.advance(4 * 86_400);
        rounds(&app).await;
        assert_eq!(receiver.asked().len(), told_before + 1);
        heard(&app, CAMILLE, OrgEvent::Deactivated).await;
    }

    async fn a_manager_extends_a_right_no_longer_than_the_service_allows(app) {
        let app = reader(app, Some(5)).await;
        let (path, mut gaston) = (page_of_right(&app).await, signed_in(&app, GASTON).await);
        let page = press(&mut gaston, &path, "prolonger", &[("fin_jour", "1"), ("fin_mois", "1"), ("fin_annee", "2001")]).await;
        assert!(page.status == 422 && page.says("Choisissez une date à venir"), "{}", page.body);
        let page = press(&mut gaston, &path, "prolonger", &[("fin_jour", "1"), ("fin_mois", "1"), ("fin_annee", "2100")]).await;
        assert!(page.says("La date de fin de l’accès de Camille Durand est enregistrée"), "{}", page.body);
        heard(&app, CAMILLE, OrgEvent::AccessExtended).await;
        let days = (app.count("SELECT expires_at FROM habilitation").await - app.app.clock.now().millis()) / 86_400_000;
        assert!((363..=365).contains(&days), "{days}");
        let mut browser = app.browser();
        let tokens = AIDES.tokens(&mut browser, &[]).await;
        assert_eq!(claims(tokens["id_token"].as_str().unwrap())["habilitations"][0]["profiles"], json!(["lecteur"]));
    }

    async fn tokens_follow_an_establishment_to_the_one_that_takes_over(app) {
        let app = reader(app, None).await;
        let tokens = AIDES.tokens(&mut app.browser(), &[]).await;
        let (ctx, services) = (app.app.ctx(Actor::Operator), app.app.services());
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
        let mut tx = app.app.db.begin().await.unwrap();
        let mut of = async |siret: &str| guichet::org::find(&mut tx, &guichet::base::Siret::parse(siret).unwrap()).await.unwrap().unwrap();
        let (from, to) = (of(BAKERY).await, of(TOWN_HALL).await);
        let desk = guichet::org::request::Desk { kit: &kit, services: &services };
        guichet::org::succession::by_operator(&mut tx, desk, &from, &to).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let answer = userinfo(&app, tokens["access_token"].as_str().unwrap()).await.json();
        assert_eq!((&answer["establishment"]["siret"], &answer["habilitations"][0]["profiles"]), (&json!(TOWN_HALL), &json!(["lecteur"])));
        let refreshed = AIDES.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await.json();
        assert_eq!(claims(refreshed["id_token"].as_str().unwrap())["establishment"]["siret"], TOWN_HALL);
        // What ends there ends here.
        place(&app, CAMILLE, TOWN_HALL, "state = \"disabled\"").await;
        assert_eq!(userinfo(&app, refreshed["access_token"].as_str().unwrap()).await.status, 401);
    }
}
