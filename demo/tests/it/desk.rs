//! « Dépôt des aides »: requests are filed for oneself or for the establishment acted for, as the hub tells it at each page.

use std::time::Duration;

use guichet_demo::launch::{Demo, Options};
use reqwest::StatusCode;

use crate::browser::Browser;
use crate::launcher;

const NORA: &str = "nora@boulangerie.example";
const GAEL: &str = "gael@boulangerie.example";
const BAKERY: &str = "73282932000074";
const SHOP: &str = "73282932000082";

/// From the service's home page to the hub's last question, with a code received by mail.
async fn sign_in(demo: &Demo, who: &str) -> Browser {
    let mut browser = Browser::new(demo);
    browser.open(&format!("{}/login", demo.urls.dossier)).await;
    let before = demo.mail.last_id();
    browser.fill("courriel", who).await;
    let mail = demo.mail.wait_for(who, before, Duration::from_secs(10)).await.expect("a mail");
    browser.fill("code", mail.code.as_deref().expect("a code")).await;
    if browser.sees("name=\"plus_tard\"") {
        browser.send("/connexion/renforcement", &[]).await;
    }
    browser
}

/// S-14.
async fn choose(browser: &mut Browser, siret: &str) {
    assert_eq!(browser.url.path(), "/connexion/etablissement", "{}", browser.html);
    browser.send("/connexion/etablissement", &[("etablissement", siret)]).await;
}

async fn nora_at(demo: &Demo, siret: &str) -> Browser {
    let mut browser = sign_in(demo, NORA).await;
    choose(&mut browser, siret).await;
    inside(&browser, demo);
    browser
}

fn inside(browser: &Browser, demo: &Demo) {
    assert!(browser.url.as_str().starts_with(&demo.urls.dossier), "at {}: {}", browser.url, browser.html);
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.html);
}

/// A request filed from the person's space.
async fn file(browser: &mut Browser, title: &str, action: &str) {
    let link = browser.link("/demandes/nouvelle").expect("« Nouvelle demande »");
    browser.open(&link).await;
    let text = "Un poste de travail adapté.";
    browser.send("/demandes/nouvelle", &[("intitule", title), ("texte", text), ("beneficiaire", ""), ("action", action)]).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.html);
}

/// What the list says of the request with this title.
fn row(browser: &Browser, title: &str) -> String {
    let row = browser.html.split("<tr>").find(|row| row.contains(title));
    row.unwrap_or_else(|| panic!("no « {title} » in {}", browser.html)).to_owned()
}

async fn zoe(demo: &Demo) -> Browser {
    let mut browser = Browser::new(demo);
    browser.open(&format!("{}/login", demo.urls.dossier)).await;
    browser.press_one("/connexion/avec", &[("fournisseur", "franceconnect")]).await;
    browser.press("/api/v2/redirect-to-idp").await;
    browser.fill("persona", "accents").await;
    browser.press("/api/v2/login").await;
    browser.fill("courriel_contact", "zoe.detre@particulier.example").await;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn ag_03_fa_20_fa_29_a_citizen_keeps_a_draft_changes_it_and_sends_it_once() {
    let demo = launcher::start(Options::default()).await;
    let mut browser = zoe(&demo).await;
    inside(&browser, &demo);
    assert!(browser.sees("Mes demandes") && browser.sees("id=\"aucune\"") && !browser.sees("id=\"etablissement\""), "{}", browser.html);

    file(&mut browser, "Rampe <d’accès>", "enregistrer").await;
    assert!(browser.sees("Il n’a pas été transmis"), "{}", browser.html);
    let listed = row(&browser, "Rampe &#60;d’accès&#62;");
    assert!(listed.contains("Brouillon") && listed.contains("Zoé"), "{listed}");

    browser.open("/demandes/1").await;
    for (written, wrong) in [
        ([("intitule", ""), ("texte", "x"), ("action", "envoyer")], "Donnez un intitulé"),
        ([("intitule", "Rampe"), ("texte", " "), ("action", "envoyer")], "Décrivez votre demande"),
        ([("intitule", &"é".repeat(121)), ("texte", "x"), ("action", "enregistrer")], "au plus 120"),
    ] {
        browser.send("/demandes/1", &written).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.sees(wrong) && browser.sees("role=\"alert\""), "{wrong}: {}", browser.html);
    }
    browser.send("/demandes/1", &[("intitule", "Rampe d’accès"), ("texte", "Deux marches."), ("action", "envoyer")]).await;
    assert!(browser.sees("id=\"etat\">En cours<") && browser.sees("Deux marches."), "{}", browser.html);
    browser.open("/").await;
    assert!(row(&browser, "Rampe d’accès").contains("En cours"), "{}", browser.html);

    let again = [("intitule", "Autre"), ("texte", "x"), ("action", "envoyer")];
    for (path, fields) in [("/demandes/1", &again[..]), ("/demandes/1/supprimer", &[])] {
        browser.post(path, fields).await;
        assert_eq!(browser.status, StatusCode::CONFLICT, "{path}");
    }
    browser.open("/").await;
    assert!(row(&browser, "Rampe d’accès").contains("En cours"), "{}", browser.html);

    file(&mut browser, "À jeter", "enregistrer").await;
    browser.open("/demandes/2/supprimer").await;
    browser.send("/demandes/2/supprimer", &[]).await;
    assert!(browser.sees("Le brouillon est supprimé") && !browser.sees("À jeter"), "{}", browser.html);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ag_10_ag_12_ag_14_a_manager_reads_all_of_the_establishment_a_contact_their_own() {
    let demo = launcher::start(Options::default()).await;
    let mut nora = nora_at(&demo, BAKERY).await;
    assert!(nora.sees("contact de compte") && nora.sees("732\u{a0}829\u{a0}320\u{a0}00074"), "{}", nora.html);
    nora.open("/demandes/nouvelle").await;
    let written = [("intitule", "Siège adapté"), ("texte", "Au fournil."), ("beneficiaire", "Paul Roux"), ("action", "envoyer")];
    nora.send("/demandes/nouvelle", &written).await;
    assert!(nora.sees("<dd>Paul Roux</dd>"), "on behalf of a person: {}", nora.html);

    let mut gael = sign_in(&demo, GAEL).await;
    inside(&gael, &demo);
    assert!(gael.sees("gestionnaire de compte") && gael.sees("Demandes de l’établissement"), "{}", gael.html);
    assert!(row(&gael, "Siège adapté").contains("Nora Lefèvre"), "{}", gael.html);
    gael.open("/demandes/1").await;
    assert!(gael.sees("Au fournil.") && !gael.sees("<form"), "a manager reads: {}", gael.html);
    gael.open("/").await;
    file(&mut gael, "Balance parlante", "enregistrer").await;

    nora.open("/").await;
    assert!(nora.sees("Siège adapté") && !nora.sees("Balance parlante"), "{}", nora.html);
    for path in ["/demandes/2", "/demandes/2/supprimer", "/demandes/99", "/demandes/x"] {
        nora.open(path).await;
        assert_eq!(nora.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/demandes/2", "/demandes/2/supprimer"] {
        nora.post(path, &written).await;
        assert_eq!(nora.status, StatusCode::NOT_FOUND, "{path}");
    }
    gael.open("/").await;
    assert!(row(&gael, "Balance parlante").contains("Brouillon"), "{}", gael.html);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fa_26_fa_27_the_establishment_is_shown_and_switched_and_nothing_follows() {
    let demo = launcher::start(Options { ports: true, ..Options::default() }).await;
    let mut nora = nora_at(&demo, BAKERY).await;
    file(&mut nora, "Au fournil", "enregistrer").await;
    let switch = nora.link("prompt=select_establishment").expect("« Changer d’établissement »");
    nora.open(&switch).await;
    choose(&mut nora, SHOP).await;
    inside(&nora, &demo);
    assert!(nora.sees("732\u{a0}829\u{a0}320\u{a0}00082") && !nora.sees("Au fournil"), "{}", nora.html);
    nora.open("/demandes/1").await;
    assert_eq!(nora.status, StatusCode::NOT_FOUND, "filed for another establishment");
    nora.open("/").await;
    file(&mut nora, "À la gare", "envoyer").await;

    nora.open("/login").await;
    inside(&nora, &demo);
    assert!(nora.sees("00082") && !nora.sees("Au fournil"), "the choice holds: {}", nora.html);
    nora.open(&switch).await;
    choose(&mut nora, BAKERY).await;
    assert!(nora.sees("Au fournil") && !nora.sees("À la gare"), "{}", nora.html);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_lost_closes_the_service_at_the_next_page_and_keeps_what_was_filed() {
    let demo = launcher::start(Options::default()).await;
    let mut nora = nora_at(&demo, SHOP).await;
    file(&mut nora, "Poste", "enregistrer").await;
    let place =
        |state: &str| format!("[[membership]]\nlogin_email = \"{NORA}\"\nsiret = \"{SHOP}\"\nrole = \"contact\"\nstate = \"{state}\"\n");
    demo.apply(&place("disabled")).await.unwrap();
    nora.open("/demandes/1").await;
    assert_eq!(nora.status, StatusCode::FORBIDDEN);
    assert!(nora.sees("Vous n’avez plus accès à ce service") && !nora.sees("Poste"), "{}", nora.html);
    nora.open("/").await;
    assert!(nora.sees("id=\"login\""), "signed out: {}", nora.html);

    nora.open("/login").await;
    assert!(nora.sees("732\u{a0}829\u{a0}320\u{a0}00074") && !nora.sees("Poste"), "the other establishment is left: {}", nora.html);
    demo.apply(&place("active")).await.unwrap();
    nora.open("/login?prompt=select_establishment").await;
    choose(&mut nora, SHOP).await;
    assert!(row(&nora, "Poste").contains("Brouillon"), "{}", nora.html);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_lost_narrows_what_is_read_at_the_next_page() {
    let demo = launcher::start(Options::default()).await;
    let mut nora = nora_at(&demo, BAKERY).await;
    file(&mut nora, "Poste", "envoyer").await;
    let mut gael = sign_in(&demo, GAEL).await;
    assert!(gael.sees("Poste"), "{}", gael.html);
    demo.apply(&format!("[[membership]]\nlogin_email = \"{GAEL}\"\nsiret = \"{BAKERY}\"\nrole = \"contact\"\n")).await.unwrap();
    gael.open("/demandes/1").await;
    assert_eq!(gael.status, StatusCode::NOT_FOUND, "{}", gael.html);
    gael.open("/").await;
    assert!(gael.sees("contact de compte") && !gael.sees("Poste"), "{}", gael.html);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_of_no_establishment_is_told_so_and_files_nothing() {
    let demo = launcher::start(Options::default()).await;
    let mut camille = sign_in(&demo, "camille@boulangerie.example").await;
    inside(&camille, &demo);
    assert!(camille.sees("id=\"nulle-part\"") && camille.link("/demandes/nouvelle").is_none(), "{}", camille.html);
    camille.open("/demandes/nouvelle").await;
    assert_eq!(camille.status, StatusCode::FORBIDDEN);
    camille.post("/demandes/nouvelle", &[("intitule", "Poste"), ("action", "enregistrer")]).await;
    assert_eq!(camille.status, StatusCode::FORBIDDEN);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_outlive_an_access_token_and_forms_from_elsewhere_file_nothing() {
    let demo = launcher::start(Options::default()).await;
    let mut nora = nora_at(&demo, BAKERY).await;
    demo.clock.advance(Duration::from_secs(3_600));
    nora.open("/").await;
    inside(&nora, &demo);
    assert!(nora.sees("renouvelé 1 fois") && !nora.sees("jetons ont été renouvelés"), "silently: {}", nora.html);

    let client = launcher::client(&demo);
    let answer = client
        .post(format!("{}/demandes/nouvelle", demo.urls.dossier))
        .header("origin", &demo.urls.mandat)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", nora.cookies("dossier.localhost"))
        .body("intitule=Poste&action=enregistrer");
    assert_eq!(answer.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    nora.open("/").await;
    assert!(nora.sees("id=\"aucune\""), "{}", nora.html);
    let mut stranger = Browser::new(&demo);
    for path in ["/demandes/nouvelle", "/demandes/1", "/demandes/1/supprimer"] {
        stranger.open(&format!("{}{path}", demo.urls.dossier)).await;
        assert!(stranger.sees("id=\"login\""), "{path}: {}", stranger.html);
    }
    demo.stop().await;
}
