//! Creating an account: nothing before the address is proved, then everything at once.

use futures_util::future::join_all;
use guichet::mail::message::MailMessage;

use crate::support::rp::DOSSIER;
use crate::support::{Browser, Page, TestApp};

const NEW: &str = "maelle@menuiserie.example";
const CAMILLE: &str = "camille@boulangerie.example";
const ACCOUNTS: &str = "SELECT COUNT(*) FROM account";

fn at(page: &Page, path: &str) -> bool {
    page.path.split('?').next() == Some(path)
}

/// From a service to the page that asks for the code.
async fn asked(browser: &mut Browser, email: &str) -> Page {
    let page = browser.get(&DOSSIER.authorize(&[])).await;
    let link = page.links().into_iter().find(|l| l.starts_with("/creation")).unwrap();
    let page = browser.get(&link).await;
    browser.submit(&page, &[("courriel", email)]).await
}

/// To the page that asks who you are.
async fn proved(browser: &mut Browser, email: &str) -> Page {
    let page = asked(browser, email).await;
    let code = browser.app().last_code(email).await;
    browser.app().advance(1);
    browser.submit(&page, &[("code", &code)]).await
}

/// To the page that asks how you will sign in.
async fn named(browser: &mut Browser, email: &str) -> Page {
    let page = proved(browser, email).await;
    browser.submit(&page, &[("prenom", " Maëlle "), ("nom", "L’Hermitte-Guérin"), ("telephone", "06 12 34 56 78"), ("fonction", "")]).await
}

on_both! {
    async fn ef_19_an_account_is_created_and_the_service_is_reached(app) {
        let before = app.count(ACCOUNTS).await;
        let mut browser = app.browser();
        let page = asked(&mut browser, &format!("  {} ", NEW.to_uppercase())).await;
        assert!(at(&page, "/creation/code") && page.h1().contains("Étape 2 sur 4"), "{}", page.h1());
        assert!(matches!(app.mails(NEW).await.as_slice(), [MailMessage::ConfirmAddress { .. }]));
        let code = app.last_code(NEW).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(at(&page, "/creation/identite"), "{}", page.path);
        let errors = browser.submit(&page, &[("prenom", ""), ("nom", "<b>"), ("telephone", "12"), ("fonction", "Menuisière")]).await;
        assert_eq!(errors.status, 422);
        assert!(errors.says("Saisissez votre prénom") && errors.body.contains("value=\"Menuisière\"") && errors.says("01 23 45 67 89"));
        let page = browser.submit(&page, &[("prenom", "Maëlle"), ("nom", "L’Hermitte-Guérin"), ("telephone", "06 12 34 56 78"), ("fonction", "")]).await;
        assert!(at(&page, "/creation/securite") && !page.path.contains("Maëlle") && !page.path.contains("Ma%C3%AB"), "{}", page.path);
        assert_eq!(app.count(ACCOUNTS).await, before, "nothing before the end");
        let none = browser.submit(&page, &[("moyen", "")]).await;
        assert!(none.says("Choisissez comment vous connecter"));
        let page = browser.submit(&page, &[("moyen", "code")]).await;
        assert!(at(&page, "/creation/terminee") && page.h1() == "Votre compte est créé", "{}", page.path);
        assert_eq!(app.count(ACCOUNTS).await, before + 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE given_name = 'Maëlle' AND phone = '+33612345678' AND login_email_verified = TRUE").await, 1);
        assert!(matches!(app.mails(NEW).await.last(), Some(MailMessage::Welcome { has_password: false, .. })));
        assert!(app.audit().await.contains(&"account.created".to_owned()));
        let go_on = page.links().into_iter().find(|l| l.starts_with("/connexion?t=")).unwrap();
        let page = browser.get(&go_on).await;
        assert!(page.left_with("code").is_some(), "{}", page.body);
    }

    async fn an_account_with_a_password_signs_in_with_it(app) {
        let mut browser = app.browser();
        let page = named(&mut browser, NEW).await;
        for (weak, why) in [("", "Saisissez votre mot de passe"), ("court", "12 caractères"), ("motdepasse123", "divulgués"), ("je suis hermitte", "ni votre nom"), (NEW, "ni votre nom")] {
            let refused = browser.submit(&page, &[("moyen", "mot_de_passe"), ("nouveau_mot_de_passe", weak)]).await;
            assert!(refused.status == 422 && refused.says(why), "{weak}: {}", refused.body);
            assert!(refused.body.contains("value=\"mot_de_passe\" checked"), "{}", refused.body);
        }
        let chosen = "trois ponts et un canal";
        browser.submit(&page, &[("moyen", "mot_de_passe"), ("nouveau_mot_de_passe", chosen)]).await;
        assert!(matches!(app.mails(NEW).await.last(), Some(MailMessage::Welcome { has_password: true, .. })));
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.submit(&page, &[("courriel", NEW)]).await;
        let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
        let page = browser.get(&link).await;
        assert!(at(&browser.submit(&page, &[("mot_de_passe", chosen)]).await, "/accueil"));
    }

    async fn ag_05_ef_06_an_address_has_one_account_and_whoever_asks_again_is_told_by_mail_only(app) {
        let mut browser = app.browser();
        let page = asked(&mut browser, CAMILLE).await;
        assert!(at(&page, "/creation/code"));
        assert!(matches!(app.mails(CAMILLE).await.as_slice(), [MailMessage::AccountExists { .. }]));
        let page = browser.submit(&page, &[("code", "123456")]).await;
        assert!(page.says("Il vous reste 4 essais"), "{}", page.body);
    }

    async fn no_step_can_be_skipped(app) {
        let mut browser = app.browser();
        let page = asked(&mut browser, NEW).await;
        let t = page.path.split_once('?').unwrap().1;
        for path in ["/creation/identite", "/creation/securite"] {
            assert!(at(&browser.get(&format!("{path}?{t}")).await, "/creation"), "{path}");
        }
        let code = app.last_code(NEW).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        let t = page.path.split_once('?').unwrap().1;
        assert!(at(&browser.get(&format!("/creation/securite?{t}")).await, "/creation/identite"));
        // What was proved is good half an hour, in this browser.
        let mut other = app.browser();
        other.get("/").await;
        assert!(other.get(&page.path).await.says("A203"));
        app.advance(1_799);
        assert!(at(&browser.get(&page.path).await, "/creation/identite"));
        app.advance(1);
        assert!(browser.get(&page.path).await.says("A201"));
    }

    async fn fa_03_fa_04_people_create_their_account_by_themselves_and_it_opens_nothing_until_they_join(app) {
        let mut browser = app.browser();
        let page = named(&mut browser, NEW).await;
        browser.submit(&page, &[("moyen", "code")]).await;
        let mails = app.mails(NEW).await;
        let brand = guichet::mail::render::MailBrand {
            portal_name: "Portail".into(),
            base_url: "https://sso.example".into(),
            help_url: "https://sso.example/aide".into(),
            environment_prefix: String::new(),
            sender: "ne-pas-repondre@sso.example".into(),
        };
        let welcome = guichet::mail::render::render(mails.last().unwrap(), guichet::base::texts::Locale::Fr, &brand).unwrap();
        assert!(welcome.text.contains("https://sso.example/services"), "{}", welcome.text);
        assert_eq!(app.count("SELECT COUNT(*) FROM membership").await, 0);
        assert!(browser.get("/etablissements").await.says("rattaché à aucun établissement"));
    }

    async fn going_back_keeps_what_was_typed(app) {
        let mut browser = app.browser();
        let page = named(&mut browser, NEW).await;
        let t = page.path.split_once('?').unwrap().1;
        let back = browser.get(&format!("/creation/identite?{t}")).await;
        assert!(back.says("L’Hermitte-Guérin") && back.says("06 12 34 56 78"), "{}", back.body);
    }

    async fn fifty_parallel_ends_make_one_account_and_one_session(app) {
        let mut browser = app.browser();
        let before = app.count(ACCOUNTS).await;
        let page = named(&mut browser, NEW).await;
        let browsers = join_all((0..50).map(|_| {
            let (mut browser, page) = (browser.clone(), page.clone());
            async move {
                let page = browser.submit(&page, &[("moyen", "code")]).await;
                (browser, page.status.as_u16())
            }
        }))
        .await;
        assert!(browsers.iter().all(|(_, status)| *status < 500));
        assert_eq!(browsers.iter().filter(|(b, _)| b.cookie("__Host-session").is_some()).count(), 1);
        assert_eq!(app.count(ACCOUNTS).await, before + 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM session").await, 1);
    }

    async fn the_address_may_be_taken_meanwhile(app) {
        let mut browser = app.browser();
        let page = named(&mut browser, NEW).await;
        app.apply(&format!("[[account]]\nlogin_email = \"{NEW}\"\ngiven_name = \"Autre\"\nfamily_name = \"Autre\"\n")).await;
        let page = browser.submit(&page, &[("moyen", "code")]).await;
        assert!(at(&page, "/connexion") && page.body.contains(NEW), "{}", page.path);
        assert!(browser.cookie("__Host-session").is_none());
        let page = browser.sign_in_with_code(&page, NEW).await;
        assert!(page.left_with("code").is_some(), "and the service is reached all the same: {}", page.body);
    }

    async fn registration_can_be_closed(app) {
        let app = TestApp::start(app.engine, |c| c.sign_in.registration = false).await;
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        assert!(!page.links().iter().any(|l| l.starts_with("/creation")), "{:?}", page.links());
        assert!(!browser.get("/").await.links().iter().any(|l| l.starts_with("/creation")));
        let page = browser.get("/creation").await;
        assert!(page.says("créés par l’assistance") && !page.body.contains("name=\"courriel\""), "{}", page.body);
        let token = browser.get("/connexion").await.forms().into_iter().flat_map(|f| f.hidden).find(|(n, _)| n == "jeton").unwrap().1;
        let page = browser.post("/creation", &[("jeton", &token), ("courriel", NEW)]).await;
        assert!(at(&page, "/creation"));
        assert!(app.mails(NEW).await.is_empty());
    }

    async fn prompt_create_leads_to_registration_and_back(app) {
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "create")])).await;
        assert!(at(&page, "/creation"), "{}", page.path);
        let page = browser.submit(&page, &[("courriel", NEW)]).await;
        let code = app.last_code(NEW).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        let page = browser.submit(&page, &[("prenom", "A"), ("nom", "B"), ("telephone", ""), ("fonction", "")]).await;
        let page = browser.submit(&page, &[("moyen", "code")]).await;
        let go_on = page.links().into_iter().find(|l| l.starts_with("/connexion?t=")).unwrap();
        assert!(browser.get(&go_on).await.left_with("code").is_some());
    }
}
