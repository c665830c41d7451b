//! The code to the official address of an establishment.

use guichet::org::request::{Filed, decide};
use guichet::org::{Link, Proof, Role};

use super::access::decided;
use super::joining::{join, membership};
use super::*;

const OFFICIAL: &str = "contact@mairie.example";

/// The town hall has an official address; the bakery, too.
async fn addressed(app: TestApp, change: impl FnOnce(&mut guichet::config::Config)) -> TestApp {
    let app = TestApp::start(app.engine, |c| {
        c.policy.managers = guichet::base::Aal::One;
        change(c);
    })
    .await;
    app.apply(WORLD).await;
    for (siret, name, to) in [(TOWN_HALL, "Mairie", OFFICIAL), (BAKERY, "Boulangerie Durand", "bonjour@boulangerie.example")] {
        app.apply(&format!("[[establishment]]\nsiret = \"{siret}\"\nname = \"{name}\"\nofficial_email = \"{to}\"\n")).await;
    }
    app
}

/// Asks for a code, from the page that offers it.
async fn ask(browser: &mut Browser, siret: &str) -> Page {
    let page = browser.get(&format!("/etablissements/{siret}/rejoindre")).await;
    browser.press(&page, &format!("/etablissements/{siret}/rejoindre/code/envoyer"), &[]).await
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

on_both! {
    async fn the_first_person_who_gives_the_official_code_back_manages_a_proved_place(app) {
        let app = addressed(app, |c| c.policy.first_is_manager = false).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(&format!("/etablissements/{TOWN_HALL}/rejoindre")).await;
        assert!(page.says("c•••@mairie.example") && !page.body.contains(OFFICIAL), "{}", page.body);
        let page = ask(&mut browser, TOWN_HALL).await;
        assert!(page.path.ends_with("/rejoindre/code") && page.says("c•••@mairie.example"), "{} {}", page.path, page.body);
        let mails = app.mails(OFFICIAL).await;
        let [MailMessage::OfficialCode { claim, .. }] = mails.as_slice() else { panic!("{mails:?}") };
        assert_eq!((claim.email.as_str(), claim.establishment.as_str()), (CAMILLE, "Mairie"), "whoever reads it knows who asks");
        assert_eq!(membership(&app, CAMILLE, TOWN_HALL).await, None, "nothing before the code");
        let code = app.last_code(OFFICIAL).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(page.path == "/etablissements" && page.says("gestionnaire de compte"), "{}", page.body);
        let place = membership(&app, CAMILLE, TOWN_HALL).await.unwrap();
        assert_eq!((place.role, place.link, place.proof), (Role::Manager, Link::Proved, Proof::OfficialContact));
        assert_eq!(place.evidence.as_deref(), Some(OFFICIAL));
        assert!(place.proved_at.is_some_and(|at| app.app.clock.now().since(at).as_secs() < 60));
        assert_eq!(happened(&app, Kind::LinkProved).await, 1);
    }

    async fn where_somebody_manages_the_code_proves_and_the_manager_decides(app) {
        let app = addressed(app, |_| ()).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = ask(&mut browser, BAKERY).await;
        let code = app.last_code("bonjour@boulangerie.example").await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(page.says("Vous pouvez maintenant envoyer votre demande"), "{}", page.body);
        assert_eq!(membership(&app, CAMILLE, BAKERY).await, None, "the manager has the last word");
        let page = browser.submit(&page, &[("role", "contact"), ("message", "Bonjour")]).await;
        let id = request_of(&page);
        let mut gaston = signed_in(&app, GASTON).await;
        let page = gaston.get(&format!("/etablissements/{BAKERY}/demandes/{id}")).await;
        assert!(page.says("A montré qu’elle travaille dans l’établissement"), "{}", page.body);
        decided(&app, Some(GASTON), &id, decide::Verdict::Admit(Role::Contact)).await.unwrap();
        let place = membership(&app, CAMILLE, BAKERY).await.unwrap();
        assert_eq!((place.role, place.link, place.proof), (Role::Contact, Link::Proved, Proof::OfficialContact));
    }

    async fn who_only_said_that_they_manage_proves_it_later_and_other_changes_keep_the_proof(app) {
        let app = addressed(app, |_| ()).await;
        assert_eq!(join(&app, CAMILLE, TOWN_HALL, Role::Manager).await, Filed::Granted);
        assert_eq!(membership(&app, CAMILLE, TOWN_HALL).await.unwrap().link, Link::Declared);
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(&format!("/etablissements/{TOWN_HALL}")).await;
        assert!(page.links().contains(&format!("/etablissements/{TOWN_HALL}/rejoindre")), "{}", page.body);
        let page = ask(&mut browser, TOWN_HALL).await;
        let code = app.last_code(OFFICIAL).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(page.says("Votre rattachement à cet établissement est prouvé"), "{}", page.body);
        let proved = membership(&app, CAMILLE, TOWN_HALL).await.unwrap();
        assert_eq!((proved.role, proved.link), (Role::Manager, Link::Proved));
        app.advance(86_400);
        app.apply(&format!("[[membership]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{TOWN_HALL}\"\nrole = \"contact\"\n")).await;
        let later = membership(&app, CAMILLE, TOWN_HALL).await.unwrap();
        assert_eq!((later.role, later.link, later.proved_at, later.evidence), (Role::Contact, Link::Proved, proved.proved_at, proved.evidence));
    }

    async fn a_wrong_expired_used_or_foreign_official_code_opens_nothing(app) {
        let app = addressed(app, |_| ()).await;
        let (mut camille, mut gaston) = (signed_in(&app, CAMILLE).await, signed_in(&app, GASTON).await);
        let page = ask(&mut camille, TOWN_HALL).await;
        let code = app.last_code(OFFICIAL).await;
        let refused = happened(&app, Kind::SignInRefused).await;
        let said = camille.submit(&page, &[("code", "")]).await;
        assert!(said.status == 422 && said.says("Saisissez les 6 chiffres"), "{}", said.body);
        let said = camille.submit(&page, &[("code", &wrong(&code))]).await;
        assert!(said.status == 422 && said.says("pas valable"), "{}", said.body);
        // Of another person’s session, in another session of the same person, for another establishment.
        let mut elsewhere = signed_in(&app, CAMILLE).await;
        for (browser, siret) in [(&mut gaston, TOWN_HALL), (&mut elsewhere, TOWN_HALL), (&mut camille, BAKERY)] {
            let token = browser.get(&format!("/etablissements/{siret}/rejoindre")).await;
            let jeton = token.forms().iter().flat_map(|f| f.hidden.clone()).find(|(n, _)| n == "jeton").unwrap().1;
            let said = browser.post(&format!("/etablissements/{siret}/rejoindre/code"), &[("jeton", &jeton), ("code", &code)]).await;
            assert_eq!(said.status, 422, "{}", said.body);
        }
        assert_eq!(happened(&app, Kind::SignInRefused).await - refused, 4, "each is in the trail");
        assert_eq!((membership(&app, CAMILLE, TOWN_HALL).await, happened(&app, Kind::LinkProved).await), (None, 0));
        // Past its time.
        app.advance(16 * 60);
        let said = camille.submit(&page, &[("code", &code)]).await;
        assert!(said.status == 422 && said.says("Ce code a expiré"), "{}", said.body);
        // The one sent instead is good once.
        let code = app.last_code(OFFICIAL).await;
        camille.submit(&page, &[("code", &code)]).await;
        assert_eq!(membership(&app, CAMILLE, TOWN_HALL).await.unwrap().link, Link::Proved);
        let said = camille.submit(&page, &[("code", &code)]).await;
        assert!(said.status == 422 && said.says("Ce code a déjà servi"), "{}", said.body);
        assert_eq!(happened(&app, Kind::LinkProved).await, 1);
    }

    async fn wrong_official_codes_are_counted_and_codes_are_limited(app) {
        let app = addressed(app, |c| c.limits.codes_per_hour = 3).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = ask(&mut browser, TOWN_HALL).await;
        let code = app.last_code(OFFICIAL).await;
        let tries = app.app.config.sign_in.email_code_attempts;
        for _ in 0..tries {
            browser.submit(&page, &[("code", &wrong(&code))]).await;
        }
        let said = browser.submit(&page, &[("code", &code)]).await;
        assert!(said.status == 422 && said.says("Trop d’essais"), "{}", said.body);
        assert_eq!(membership(&app, CAMILLE, TOWN_HALL).await, None);
        for _ in 0..2 {
            app.advance(130);
            assert!(browser.press(&page, &format!("/etablissements/{TOWN_HALL}/rejoindre/code/envoyer"), &[]).await.says("Un nouveau code"));
        }
        app.advance(130);
        let said = browser.press(&page, &format!("/etablissements/{TOWN_HALL}/rejoindre/code/envoyer"), &[]).await;
        assert!(said.path.ends_with("/rejoindre") && app.mails(OFFICIAL).await.len() == 3, "{} {}", said.path, said.body);
        assert_eq!(happened(&app, Kind::Throttled).await, 1);
    }

    async fn of_fifty_official_codes_at_once_one_is_taken(app) {
        let app = addressed(app, |c| c.sign_in.email_code_attempts = 100).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = ask(&mut browser, TOWN_HALL).await;
        let code = app.last_code(OFFICIAL).await;
        let tries = (0..50).map(|_| {
            let (mut browser, page, code) = (browser.clone(), page.clone(), code.clone());
            async move { browser.submit(&page, &[("code", &code)]).await.status }
        });
        let said = futures_util::future::join_all(tries).await;
        assert_eq!(said.iter().filter(|s| s.as_u16() == 200).count(), 1, "{said:?}");
        assert_eq!(happened(&app, Kind::LinkProved).await, 1);
    }

    async fn no_official_address_no_code(app) {
        let app = world(app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        assert!(!browser.get(&format!("/etablissements/{TOWN_HALL}/rejoindre")).await.body.contains("rejoindre/code"));
        assert_eq!(browser.get(&format!("/etablissements/{TOWN_HALL}/rejoindre/code")).await.status, 404);
    }
}
