//! Promises made to users about codes and passwords that no other module names.

use guichet::mail::message::MailMessage;

use crate::support::rp::DOSSIER;
use crate::support::{Browser, Page, TestApp};

const DOMINIQUE: &str = "dominique@boulangerie.example";
const PASSWORD: &str = "une phrase assez longue 2026";

async fn forgotten(app: &TestApp, browser: &mut Browser, email: &str) -> Page {
    app.advance(1);
    let page = browser.get("/mot-de-passe-oublie").await;
    browser.submit(&page, &[("courriel", email)]).await
}

on_both! {
    async fn ef_08_and_fa_05_the_address_recovers_the_password_and_no_password_is_ever_mailed(app) {
        let mut browser = app.browser();
        let page = forgotten(&app, &mut browser, DOMINIQUE).await;
        let mails = app.mails(DOMINIQUE).await;
        assert!(matches!(mails.as_slice(), [MailMessage::ResetCode { .. }]), "{mails:?}");
        let code = app.last_code(DOMINIQUE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        let chosen = "trois ponts et un canal gris";
        let page = browser.submit(&page, &[("nouveau_mot_de_passe", chosen)]).await;
        assert!(page.says("Votre mot de passe a été modifié."), "{}", page.body);
        for mail in app.mails(DOMINIQUE).await {
            let text = serde_json::to_string(&mail).unwrap();
            assert!(!text.contains(chosen) && !text.contains(PASSWORD), "{text}");
        }
    }

    async fn fa_07_an_unknown_address_learns_it_by_mail_and_nobody_else_does(app) {
        let (mut one, mut other) = (app.browser(), app.browser());
        let unknown = forgotten(&app, &mut one, "personne@boulangerie.example").await;
        let known = forgotten(&app, &mut other, DOMINIQUE).await;
        assert_eq!((unknown.status, unknown.h1()), (known.status, known.h1()));
        assert!(matches!(app.mails("personne@boulangerie.example").await.as_slice(), [MailMessage::NoAccount { .. }]));
        assert!(unknown.says("Il est possible que cette adresse ne soit pas associée à un compte."), "{}", unknown.body);
    }

    async fn fa_01_fa_02_a_password_that_does_not_work_leaves_other_ways_in(app) {
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.submit(&page, &[("courriel", DOMINIQUE)]).await;
        let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
        let page = browser.get(&link).await;
        let page = browser.submit(&page, &[("mot_de_passe", "un mot de passe reçu par courrier")]).await;
        assert!(page.says("Adresse e-mail ou mot de passe incorrect."), "{}", page.body);
        let links = page.links();
        for way in ["/mot-de-passe-oublie", "/connexion/autres-moyens", "/aide"] {
            assert!(links.iter().any(|l| l.starts_with(way)), "{way}: {links:?}");
        }
        assert!(page.forms().iter().any(|f| f.action.starts_with("/connexion/code/renvoyer")));
    }

    async fn ac_29_fa_33_the_page_says_which_sender_to_authorise(app) {
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.submit(&page, &[("courriel", DOMINIQUE)]).await;
        assert!(page.says("MailInBlack") && page.body.contains(&app.app.config.mail.from), "{}", page.body);
        assert!(page.says("Renvoyer un code") && page.says("courriers indésirables"));
    }

    async fn ac_26_a_session_left_open_ends_by_itself_and_can_be_ended_from_elsewhere(app) {
        let mut left = app.browser();
        let page = left.get("/connexion").await;
        left.sign_in_with_code(&page, DOMINIQUE).await;
        let mut elsewhere = app.browser();
        app.advance(60);
        let page = elsewhere.get("/connexion").await;
        elsewhere.sign_in_with_code(&page, DOMINIQUE).await;
        let page = elsewhere.get("/compte/sessions").await;
        elsewhere.submit(&page, &[("autres", "1")]).await;
        assert!(left.get("/compte").await.path.starts_with("/connexion?retour="), "ended from elsewhere");
        app.advance(2 * 3_600 + 60);
        assert!(elsewhere.get("/compte").await.path.starts_with("/connexion?retour="), "ended by itself");
    }

    async fn ac_28_help_says_why_a_card_may_not_have_come_and_what_to_use_meanwhile(app) {
        let page = app.browser().get("/aide").await;
        assert!(page.body.contains("href=\"#carte\"") && page.says("Je n’ai pas reçu ma carte physique"), "{}", page.body);
        assert!(page.says("test de compétences (Pix, par exemple)") && page.says("une application d’authentification rend le même service"));
    }

    async fn bg_07_every_connection_and_every_refusal_is_kept_and_told_to_its_person(app) {
        let by_password = |password: &'static str| {
            let mut browser = app.browser();
            app.advance(31);
            async move {
                let page = browser.get("/connexion").await;
                let page = browser.submit(&page, &[("courriel", DOMINIQUE)]).await;
                let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
                let page = browser.get(&link).await;
                browser.submit(&page, &[("mot_de_passe", password)]).await;
                browser
            }
        };
        by_password("une autre phrase assez longue").await;
        let mut browser = by_password(PASSWORD).await;
        app.advance(60);
        let mut other = app.browser();
        let page = other.get("/connexion").await;
        other.sign_in_with_code(&page, DOMINIQUE).await;
        let page = other.get(&DOSSIER.authorize(&[])).await;
        assert!(page.left_with("code").is_some(), "{}", page.path);
        let kept = app.audit().await;
        let count = |kind: &str| kept.iter().filter(|k| *k == kind).count();
        assert_eq!((count("session.opened"), count("sign_in.refused")), (2, 1), "{kept:?}");
        let page = browser.get("/compte/activite").await;
        for words in ["Échec de connexion", "Connexion par mot de passe", "Connexion par code reçu par e-mail", "Ouverture d’un service", "Dépôt des aides"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
    }
}

/// What the help says under a heading.
fn help_says(page: &Page, anchor: &str, words: &[&str]) {
    let rest = page.body.split(&format!("<h2 id=\"{anchor}\">")).nth(1).unwrap_or_else(|| panic!("{anchor}: {}", page.body));
    let text = rest.split("<h2").next().unwrap().replace(['\u{a0}', '\u{202f}'], " ");
    for word in words {
        assert!(text.contains(word), "{anchor}: {word}: {text}");
    }
    assert!(page.links().contains(&format!("#{anchor}")), "{anchor} is in the table of contents");
}

on_both! {
    async fn ag_04_ag_13_ac_33_the_help_answers_helpers_colleagues_and_errors(app) {
        let page = app.browser().get("/aide").await;
        help_says(&page, "aider", &["votre propre espace de particulier"]);
        help_says(&page, "compte-personnel", &["ne le partagez jamais", "invitation"]);
        help_says(&page, "erreur-technique", &["Fermez votre navigateur", "cookies"]);
        help_says(&page, "code", &["courriers indésirables"]);
    }

    async fn ef_05_a_document_says_what_is_new_where_the_operator_has_one(app) {
        assert!(!app.browser().get("/aide").await.says("Quoi de neuf"));
        let app = TestApp::start(app.engine, |c| c.brand.news_url = Some("https://aides.example.fr/nouveautes.pdf".parse().unwrap())).await;
        let page = app.browser().get("/aide").await;
        assert!(page.says("Quoi de neuf") && page.links().contains(&"https://aides.example.fr/nouveautes.pdf".to_owned()), "{}", page.body);
    }

    async fn ag_31_fa_34_whoever_finds_no_answer_reaches_the_line_meant_for_them(app) {
        use guichet::config::Contact;
        let line = |label: &str, email: Option<&str>, phone: Option<&str>| Contact {
            label: label.to_owned(),
            email: email.map(str::to_owned),
            phone: phone.map(str::to_owned),
            hours: Some("de 9 h à 17 h".into()),
        };
        let lines = vec![
            line("Entreprises", Some("entreprises@aides.example"), None),
            line("Organismes de formation", None, Some("01 23 45 67 89")),
            line("Particuliers", Some("particuliers@aides.example"), Some("01 98 76 54 32")),
        ];
        let app = TestApp::start(app.engine, |c| c.brand.contacts = lines).await;
        let mut browser = app.browser();
        assert!(browser.get("/aide").await.links().contains(&"/contact".to_owned()));
        let page = browser.get("/contact").await;
        for words in ["Entreprises", "Organismes de formation", "Particuliers", "01 23 45 67 89", "01 98 76 54 32", "de 9 h à 17 h"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
        assert!(page.links().contains(&"mailto:entreprises@aides.example".to_owned()), "{:?}", page.links());
        assert!(!page.says("n’a pas encore indiqué"), "{}", page.body);
    }

    async fn ef_09_the_sign_in_page_creates_accounts_and_a_service_has_its_guide(app) {
        app.apply("[[service]]\nid = \"aides\"\nname = \"Dépôt des aides\"\naudience = \"everybody\"\nguide_url = \"https://aides.example.fr/guide.pdf\"\n").await;
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        assert!(page.says("Créer un compte") && page.links().iter().any(|l| l.starts_with("/creation")), "{:?}", page.links());
        let page = browser.get("/services/aides").await;
        assert!(page.links().contains(&"https://aides.example.fr/guide.pdf".to_owned()) && page.says("Guide de connexion"), "{}", page.body);
    }
}
