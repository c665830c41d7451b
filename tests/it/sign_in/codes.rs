//! Codes sent by e-mail: tried, sent again, expired, raced, counted.

use super::*;

on_both! {
    async fn ef_18_a_code_by_mail_signs_in(app) {
        let mut browser = app.browser();
        let page = identified(&mut browser, CAMILLE).await;
        assert!(at(&page, "/connexion/code"), "{}", page.path);
        assert!(page.body.contains(CAMILLE));
        let code = app.last_code(CAMILLE).await;
        assert_eq!(code.len(), 6);
        // However it was pasted.
        let page = browser.submit(&page, &[("code", &format!(" code\u{a0}: {} {}", &code[..3], &code[3..]))]).await;
        assert!(at(&page, "/accueil"), "{}", page.path);
        assert!(browser.cookie("__Host-session").is_some());
        assert!(app.audit().await.contains(&"session.opened".to_owned()));
    }

    async fn ag_23_a_code_can_be_sent_again_and_the_first_stays_good(app) {
        let mut browser = app.browser();
        let page = identified(&mut browser, CAMILLE).await;
        let first = app.last_code(CAMILLE).await;
        let early = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
        assert!(early.says("30 secondes"), "{}", early.body);
        assert_eq!(app.mails(CAMILLE).await.len(), 1);
        app.advance(30);
        let sent = browser.press(&early, "/connexion/code/renvoyer", &[]).await;
        assert!(sent.says("Un nouveau code a été envoyé"), "{}", sent.body);
        assert_eq!(app.mails(CAMILLE).await.len(), 2);
        app.advance(59);
        let early = browser.press(&sent, "/connexion/code/renvoyer", &[]).await;
        assert!(early.says("une seconde"), "{}", early.body);
        let page = browser.submit(&early, &[("code", &first)]).await;
        assert!(at(&page, "/accueil"), "{}", page.body);
    }

    async fn only_the_last_three_codes_are_good(app) {
        let mut browser = app.browser();
        let mut page = identified(&mut browser, CAMILLE).await;
        let first = app.last_code(CAMILLE).await;
        for wait in [30, 60, 120] {
            app.advance(wait);
            page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
        }
        assert_eq!(app.mails(CAMILLE).await.len(), 4);
        let refused = browser.submit(&page, &[("code", &first)]).await;
        assert!(refused.says("Il vous reste 4 essais"), "{}", refused.body);
    }

    async fn an_expired_code_is_followed_by_another(app) {
        let mut browser = app.browser();
        let page = identified(&mut browser, CAMILLE).await;
        let old = app.last_code(CAMILLE).await;
        app.advance(900);
        let page = browser.submit(&page, &[("code", &old)]).await;
        assert_eq!(page.status, 422);
        assert!(page.says("Ce code a expiré. Nous venons de vous en envoyer un nouveau."));
        assert_eq!(app.mails(CAMILLE).await.len(), 2);
        let code = app.last_code(CAMILLE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(at(&page, "/accueil"));
    }

    async fn five_tries_then_another_code(app) {
        let mut browser = app.browser();
        let mut page = identified(&mut browser, CAMILLE).await;
        let code = app.last_code(CAMILLE).await;
        let mistyped = browser.submit(&page, &[("code", "12 34")]).await;
        assert!(mistyped.says("Saisissez les 6 chiffres du code"));
        for left in ["4 essais", "3 essais", "2 essais", "un essai", "Demandez un nouveau code"] {
            page = browser.submit(&page, &[("code", &other(&code))]).await;
            assert!(page.says(left), "{left}");
        }
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(page.says("Trop d’essais"), "{}", page.body);
        assert!(browser.cookie("__Host-session").is_none());
        assert_eq!(app.audit().await.iter().filter(|k| *k == "sign_in.refused").count(), 6);
        // The old code stays dead beside the new one.
        app.advance(30);
        let page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
        let fresh = app.last_code(CAMILLE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(page.says("4 essais"), "{}", page.body);
        let page = browser.submit(&page, &[("code", &fresh)]).await;
        assert!(at(&page, "/accueil"));
    }

    async fn fifty_parallel_guesses_never_exceed_five_tries(app) {
        let mut browser = app.browser();
        let page = identified(&mut browser, CAMILLE).await;
        let code = app.last_code(CAMILLE).await;
        let answers = join_all((0..50).map(|_| {
            let (mut browser, page, wrong) = (browser.clone(), page.clone(), other(&code));
            async move { browser.submit(&page, &[("code", &wrong)]).await }
        }))
        .await;
        let wrong = answers.iter().filter(|p| p.says("Ce code n’est pas valable")).count();
        let exhausted = answers.iter().filter(|p| p.says("Trop d’essais")).count();
        assert_eq!((wrong, exhausted), (5, 45));
        assert_eq!(app.count("SELECT attempts FROM email_code").await, 5);
    }

    async fn fifty_parallel_right_codes_open_one_session(app) {
        let mut browser = app.browser();
        let page = identified(&mut browser, CAMILLE).await;
        let code = app.last_code(CAMILLE).await;
        let browsers = join_all((0..50).map(|_| {
            let (mut browser, page, code) = (browser.clone(), page.clone(), code.clone());
            async move {
                browser.submit(&page, &[("code", &code)]).await;
                browser
            }
        }))
        .await;
        assert_eq!(browsers.iter().filter(|b| b.cookie("__Host-session").is_some()).count(), 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM session").await, 1);
    }

    async fn a_code_is_good_once_and_in_its_own_journey(app) {
        let mut browser = app.browser();
        let page = identified(&mut browser, CAMILLE).await;
        let code = app.last_code(CAMILLE).await;
        // Another browser that asks for the same address has other codes.
        let mut thief = app.browser();
        let elsewhere = identified(&mut thief, CAMILLE).await;
        let refused = thief.submit(&elsewhere, &[("code", &code)]).await;
        assert_eq!(refused.status, 422);
        // Another browser that learns the address of the page is not let in, nor told whose it was.
        let stolen = thief.get(&page.path).await;
        assert!(stolen.says("A203") && !stolen.body.contains(CAMILLE), "{}", stolen.body);
        assert!(at(&browser.submit(&page, &[("code", &code)]).await, "/accueil"));
        // Used: without the session, the same page and code open nothing.
        browser.set_cookie("__Host-session", None);
        let again = browser.submit(&page, &[("code", &code)]).await;
        assert!(browser.cookie("__Host-session").is_none(), "{}", again.path);
    }

    async fn the_same_form_sent_twice_ends_where_the_first_did(app) {
        let mut browser = app.browser();
        let page = identified(&mut browser, CAMILLE).await;
        let code = app.last_code(CAMILLE).await;
        browser.submit(&page, &[("code", &code)]).await;
        let again = browser.submit(&page, &[("code", &code)]).await;
        assert!(at(&again, "/accueil"), "{}", again.path);
        // And the page before it, by the back button.
        assert!(at(&browser.get(&page.path).await, "/accueil"));
    }

    async fn codes_are_never_stored_in_clear(app) {
        let mut browser = app.browser();
        identified(&mut browser, CAMILLE).await;
        let code = app.last_code(CAMILLE).await;
        const ALL: &str = "SELECT id, codes FROM email_code";
        let mut read = app.app.db.read().await.unwrap();
        let rows: Vec<(String, String)> = guichet::sql!(&mut read, ALL; (String, String); all).unwrap();
        assert_eq!(rows.len(), 1);
        assert!(!rows[0].1.contains(&code) && !rows[0].0.contains("camille"));
    }

    async fn ag_24_an_address_receives_five_codes_an_hour_known_or_not(app) {
        let app = TestApp::start(app.engine, |c| (c.limits.codes_per_hour, c.limits.codes_per_day) = (5, 10)).await;
        for email in [CAMILLE, STRANGER] {
            for _ in 0..5 {
                assert!(!identified(&mut app.browser(), email).await.says("Trop de codes"));
            }
            let mut browser = app.browser();
            let page = identified(&mut browser, email).await;
            assert!(at(&page, "/connexion/code") && page.says("Trop de codes ont été demandés"), "{}", page.body);
        }
        assert_eq!(app.mails(CAMILLE).await.len(), 5);
        assert_eq!(app.mails(STRANGER).await.len(), 1, "M02 once a day");
        assert_eq!(app.audit().await.iter().filter(|k| *k == "limit.reached").count(), 2);
        app.advance(3_600);
        assert!(!identified(&mut app.browser(), CAMILLE).await.says("Trop de codes"));
    }

    async fn an_address_given_by_the_operator_is_proved_by_the_first_code(app) {
        app.apply("[[account]]\nlogin_email = \"nouveau@boulangerie.example\"\ngiven_name = \"N\"\nfamily_name = \"N\"\n").await;
        const UNPROVED: &str = "SELECT COUNT(*) FROM account WHERE login_email_verified = FALSE";
        assert_eq!(app.count(UNPROVED).await, 1);
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        assert!(at(&browser.sign_in_with_code(&page, "nouveau@boulangerie.example").await, "/accueil"));
        assert_eq!(app.count(UNPROVED).await, 0);
    }
}
