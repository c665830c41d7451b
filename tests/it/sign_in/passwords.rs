//! Passwords: right, wrong, raced, renewed, forgotten.

use super::*;

on_both! {
    async fn a_password_signs_in(app) {
        let mut browser = app.browser();
        let page = at_password(&mut browser, DOMINIQUE).await;
        assert!(page.body.contains("autocomplete=\"username\"") && page.body.contains(DOMINIQUE));
        let empty = browser.submit(&page, &[("mot_de_passe", "")]).await;
        assert!(empty.says("Saisissez votre mot de passe"));
        let wrong = browser.submit(&page, &[("mot_de_passe", "une autre phrase")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.says("Adresse e-mail ou mot de passe incorrect.") && !wrong.says("une autre phrase"));
        let page = browser.submit(&page, &[("mot_de_passe", PASSWORD)]).await;
        assert!(at(&page, "/accueil"), "{}", page.body);
    }

    async fn a_password_is_suspended_after_ten_errors_known_or_not_and_a_code_still_opens(app) {
        for email in [DOMINIQUE, CAMILLE, STRANGER] {
            let mut browser = app.browser();
            let mut page = at_password(&mut browser, email).await;
            for n in 1..=10 {
                page = browser.submit(&page, &[("mot_de_passe", "ce n’est pas la bonne")]).await;
                assert_eq!(page.says("est suspendue jusqu’à"), n == 10, "{email} {n}: {}", page.body);
            }
            page = browser.submit(&page, &[("mot_de_passe", PASSWORD)]).await;
            assert!(page.says("est suspendue jusqu’à"), "{email}: {}", page.body);
        }
        let told = app.mails(DOMINIQUE).await;
        assert!(told.iter().any(|m| matches!(m, MailMessage::SecurityNotice { event: SecurityEvent::PasswordLocked, .. })), "{told:?}");
        assert_eq!(app.mails(STRANGER).await.len(), 1, "only M02");
        let mut browser = app.browser();
        let page = identified(&mut browser, DOMINIQUE).await;
        let code = app.last_code(DOMINIQUE).await;
        assert!(at(&browser.submit(&page, &[("code", &code)]).await, "/accueil"));
        app.advance(900);
        let mut browser = app.browser();
        let page = at_password(&mut browser, DOMINIQUE).await;
        assert!(at(&browser.submit(&page, &[("mot_de_passe", PASSWORD)]).await, "/accueil"));
    }

    async fn a_suspended_password_is_told_at_every_address(app) {
        const OTHER: &str = "d.martin@ailleurs.example";
        app.apply("[[account]]\nlogin_email = 'dominique@boulangerie.example'\ncontact_email = 'd.martin@ailleurs.example'\n").await;
        let mut browser = app.browser();
        let mut page = at_password(&mut browser, DOMINIQUE).await;
        for _ in 0..10 {
            page = browser.submit(&page, &[("mot_de_passe", "ce n’est pas la bonne")]).await;
        }
        let locked = |m: &MailMessage| matches!(m, MailMessage::SecurityNotice { event: SecurityEvent::PasswordLocked, .. });
        for to in [DOMINIQUE, OTHER] {
            assert_eq!(app.mails(to).await.iter().filter(|m| locked(m)).count(), 1, "{to}");
        }
    }

    async fn fifty_parallel_passwords_never_exceed_ten_tries(app) {
        let mut browser = app.browser();
        let page = at_password(&mut browser, DOMINIQUE).await;
        let answers = join_all((0..50).map(|_| {
            let (mut browser, page) = (browser.clone(), page.clone());
            async move { browser.submit(&page, &[("mot_de_passe", "ce n’est pas la bonne")]).await }
        }))
        .await;
        assert_eq!(answers.iter().filter(|p| p.says("incorrect")).count(), 9);
        assert_eq!(answers.iter().filter(|p| p.says("est suspendue")).count(), 41);
        assert_eq!(app.audit().await.iter().filter(|k| *k == "sign_in.refused").count(), 10);
    }

    async fn a_password_of_an_older_cost_is_hashed_again(app) {
        const HASH: &str = "SELECT COUNT(*) FROM account_password WHERE hash LIKE '$argon2id$v=19$m=64,%'";
        let stronger = TestApp::start(app.engine, |c| c.passwords.memory = 128).await;
        assert_eq!(app.count(HASH).await, 1);
        assert_eq!(stronger.count(HASH).await, 0);
        let weak = app.app.hasher.hash(guichet::base::Secret::new(PASSWORD), app.app.rng.as_ref()).await.unwrap();
        const SET: &str = "UPDATE account_password SET hash = $1";
        let mut tx = stronger.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, SET, weak; exec).unwrap();
        tx.commit().await.unwrap();
        for _ in 0..2 {
            let mut browser = stronger.browser();
            let page = at_password(&mut browser, DOMINIQUE).await;
            assert!(at(&browser.submit(&page, &[("mot_de_passe", PASSWORD)]).await, "/accueil"));
            assert_eq!(stronger.count(HASH).await, 0);
        }
    }

    async fn ag_25_a_forgotten_password_is_replaced_and_other_sessions_end(app) {
        let mut elsewhere = app.browser();
        let page = at_password(&mut elsewhere, DOMINIQUE).await;
        elsewhere.submit(&page, &[("mot_de_passe", PASSWORD)]).await;
        let mut browser = app.browser();
        let page = at_password(&mut browser, DOMINIQUE).await;
        let link = page.links().into_iter().find(|l| l.starts_with("/mot-de-passe-oublie")).unwrap();
        let page = browser.get(&link).await;
        app.advance(1);
        let page = browser.submit(&page, &[("courriel", DOMINIQUE)]).await;
        assert!(matches!(app.mails(DOMINIQUE).await.last(), Some(MailMessage::ResetCode { .. })));
        let code = app.last_code(DOMINIQUE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(at(&page, "/mot-de-passe-oublie/nouveau") && browser.cookie("__Host-session").is_none(), "{}", page.path);
        for (weak, why) in [("", "Saisissez"), ("court", "12 caractères"), ("MotDePasse2026!", "divulgués"), ("dominique martin", "ni votre nom")] {
            let refused = browser.submit(&page, &[("nouveau_mot_de_passe", weak)]).await;
            assert!(refused.status == 422 && refused.says(why), "{weak}: {}", refused.body);
        }
        let chosen = "trois ponts et un canal";
        let done = browser.submit(&page, &[("nouveau_mot_de_passe", chosen)]).await;
        assert!(at(&done, "/accueil"), "{}", done.path);
        assert!(browser.cookie("__Host-session").is_some());
        assert!(app.mails(DOMINIQUE).await.iter().any(|m| matches!(m, MailMessage::PasswordChanged { .. })));
                assert_eq!(app.count("SELECT COUNT(*) FROM session WHERE ended_at IS NULL").await, 1);
        // What was proved is used up.
        let mut replay = browser.clone();
        replay.set_cookie("__Host-session", None);
        let again = replay.submit(&page, &[("nouveau_mot_de_passe", "encore une autre phrase")]).await;
        assert!(at(&again, "/mot-de-passe-oublie") && replay.cookie("__Host-session").is_none(), "{}", again.path);
        let mut new = app.browser();
        let page = at_password(&mut new, DOMINIQUE).await;
        assert_eq!(new.submit(&page, &[("mot_de_passe", PASSWORD)]).await.status, 422, "the old one");
        assert!(at(&new.submit(&page, &[("mot_de_passe", chosen)]).await, "/accueil"));
    }

    async fn a_reset_code_does_not_sign_in_nor_the_reverse(app) {
        let mut browser = app.browser();
        let page = browser.get("/mot-de-passe-oublie").await;
        let page = browser.submit(&page, &[("courriel", CAMILLE)]).await;
        let code = app.last_code(CAMILLE).await;
        let t = page.path.split_once('?').unwrap().1;
        let sign_in = browser.get(&format!("/connexion/code?{t}")).await;
        browser.submit(&sign_in, &[("code", &code)]).await;
        assert!(browser.cookie("__Host-session").is_none());
        // Nor can one skip to the new password.
        let skipped = browser.get(&format!("/mot-de-passe-oublie/nouveau?{t}")).await;
        assert!(at(&skipped, "/mot-de-passe-oublie"), "{}", skipped.path);
    }
}
