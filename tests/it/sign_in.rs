//! Signing in: codes by e-mail, passwords, choice of account, confirmation, forgotten password, and what strangers may learn.

use std::time::Duration;

use axum::http::StatusCode;
use futures_util::future::join_all;
use guichet::mail::message::{MailMessage, SecurityEvent};

use crate::support::rp::DOSSIER;
use crate::support::{Browser, Page, TestApp};

const CAMILLE: &str = "camille@boulangerie.example";
const DOMINIQUE: &str = "dominique@boulangerie.example";
const PASSWORD: &str = "une phrase assez longue 2026";
const STRANGER: &str = "personne@boulangerie.example";

async fn identified(browser: &mut Browser, email: &str) -> Page {
    // Mails of one instant have no order.
    browser.app().advance(1);
    let page = browser.get("/connexion").await;
    browser.submit(&page, &[("courriel", email)]).await
}

fn at(page: &Page, path: &str) -> bool {
    page.path.split('?').next() == Some(path)
}

/// A code that is not this one.
fn other(code: &str) -> String {
    let n: u32 = code.parse().unwrap();
    format!("{:06}", (n + 1) % 1_000_000)
}

fn without(page: &Page, browser: &Browser, email: &str) -> String {
    let mut out = page.body.replace(email, "@");
    // The sealed journey and the form's token differ in every browser; their lengths do not.
    for part in out.clone().split(['"', '=', '&', '?']) {
        if part.len() > 40 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            out = out.replace(part, "~");
        }
    }
    assert!(browser.cookie("__Host-session").is_none());
    out
}

/// The password page of somebody identified.
async fn at_password(browser: &mut Browser, email: &str) -> Page {
    let page = identified(browser, email).await;
    let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
    browser.get(&link).await
}

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

    async fn fa_06_spaces_and_case_of_the_address_never_matter(app) {
        let mut browser = app.browser();
        let page = identified(&mut browser, "  Camille@BOULANGERIE.example\u{a0}").await;
        let code = app.last_code(CAMILLE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(at(&page, "/accueil"), "{}", page.body);
    }

    async fn anonymous_visits_write_nothing(app) {
        let mut browser = app.browser();
        let rows = |app: TestApp| async move {
            app.count("SELECT (SELECT COUNT(*) FROM email_code) + (SELECT COUNT(*) FROM throttle) + (SELECT COUNT(*) FROM session) + \
                (SELECT COUNT(*) FROM audit_event) + (SELECT COUNT(*) FROM job)").await
        };
        let before = rows(app.clone()).await;
        for path in ["/", "/connexion", "/creation", "/mot-de-passe-oublie", "/aide", &DOSSIER.authorize(&[])] {
            assert_eq!(browser.get(path).await.status, 200, "{path}");
        }
        let page = browser.get("/connexion").await;
        assert_eq!(browser.submit(&page, &[("courriel", "pas une adresse")]).await.status, 422);
        assert_eq!(rows(app.clone()).await, before);
    }

    async fn what_is_wrong_with_an_address_is_said_and_kept(app) {
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let empty = browser.submit(&page, &[("courriel", " ")]).await;
        assert_eq!(empty.status, 422);
        assert!(empty.says("Saisissez votre adresse e-mail"));
        let wrong = browser.submit(&page, &[("courriel", "camille@")]).await;
        assert!(wrong.says("au format attendu") && wrong.body.contains("value=\"camille@\""));
        let slip = browser.submit(&page, &[("courriel", "camille@gmial.com")]).await;
        assert!(slip.says("camille@gmail.com"), "{}", slip.body);
        // Typed again, it is taken as it is.
        let kept = browser.submit(&slip, &[("courriel", "camille@gmial.com"), ("confirme", "camille@gmial.com")]).await;
        assert!(at(&kept, "/connexion/code"), "{}", kept.body);
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

    async fn a_stranger_is_told_by_mail_only(app) {
        let mut browser = app.browser();
        let page = identified(&mut browser, STRANGER).await;
        assert!(at(&page, "/connexion/code"));
        assert!(matches!(app.mails(STRANGER).await.as_slice(), [MailMessage::NoAccount { .. }]));
        // A disabled account is as unknown.
        app.apply(&format!("[[account]]\nlogin_email = \"{CAMILLE}\"\ngiven_name = \"Camille\"\nfamily_name = \"Durand\"\nstate = \"disabled\"\n")).await;
        identified(&mut app.browser(), CAMILLE).await;
        assert!(matches!(app.mails(CAMILLE).await.as_slice(), [MailMessage::NoAccount { .. }]));
    }

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

    async fn neutral_pages_are_the_same_to_the_byte(app) {
        let mut shown: Vec<Vec<(StatusCode, String)>> = Vec::new();
        // The same length, so that lengths can be compared as well.
        for email in ["dominique@boulangerie.example", "dominiqua@boulangerie.example"] {
            let mut pages = Vec::new();
            let mut browser = app.browser();
            for start in ["/connexion", "/creation", "/mot-de-passe-oublie"] {
                let page = browser.get(start).await;
                let code = browser.submit(&page, &[("courriel", email)]).await;
                let wrong = browser.submit(&code, &[("code", "000000")]).await;
                pages.extend([code, wrong]);
            }
            let page = at_password(&mut browser, email).await;
            let wrong = browser.submit(&page, &[("mot_de_passe", "ce n’est pas la bonne")]).await;
            pages.extend([page, wrong]);
            shown.push(pages.iter().map(|p| (p.status, without(p, &browser, email))).collect());
            assert!(pages.iter().all(|p| p.path.len() == p.path.trim().len()));
        }
        let (known, unknown) = (shown[0].clone(), shown[1].clone());
        assert_eq!(known.len(), 8);
        for (a, b) in known.iter().zip(&unknown) {
            assert_eq!(a, b);
        }
    }

    async fn choosing_an_account(app) {
        let mut browser = app.browser();
        DOSSIER.sign_in(&mut browser, &[]).await;
        app.advance(1);
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "select_account")])).await;
        assert!(at(&page, "/connexion/compte") && page.says("Camille Durand") && page.body.contains(CAMILLE), "{}", page.path);
        let go_on = browser.press(&page, "/connexion/compte", &[("choix", "continuer")]).await;
        assert!(go_on.left_with("code").is_some(), "{}", go_on.body);
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "select_account")])).await;
        app.advance(1);
        let other = browser.press(&page, "/connexion/compte", &[("choix", "autre")]).await;
        assert!(at(&other, "/connexion"), "{}", other.path);
        let page = browser.sign_in_with_code(&other, DOMINIQUE).await;
        assert!(page.left_with("code").is_some(), "{}", page.body);
        assert!(browser.get("/connexion/compte?t=x").await.says("A203"));
        assert_eq!(app.count("SELECT COUNT(*) FROM session WHERE ended_at IS NULL").await, 1, "the other session is ended");
    }

    async fn confirming_an_identity_settles_the_address(app) {
        let mut browser = app.browser();
        DOSSIER.sign_in(&mut browser, &[]).await;
        app.advance(60);
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "login")])).await;
        assert!(at(&page, "/connexion/confirmer") && page.body.contains(CAMILLE), "{}", page.path);
        let page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
        assert!(!page.says("Modifier l’adresse e-mail"), "{}", page.body);
        app.advance(1);
        let code = app.last_code(CAMILLE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(page.left_with("code").is_some(), "{}", page.body);
        assert_eq!(app.count("SELECT COUNT(*) FROM session").await, 1, "the same session, proved again");
        assert!(app.audit().await.contains(&"session.reauthenticated".to_owned()));
    }

    async fn new_terms_are_a_gate(app) {
        let app = TestApp::start(app.engine, |c| c.sign_in.terms_version = Some("2026-11-01".into())).await;
        let mut browser = app.browser();
        let page = DOSSIER.sign_in(&mut browser, &[]).await;
        assert!(at(&page, "/connexion/conditions") && page.says("1er novembre 2026"), "{}", page.body);
        let refused = browser.press(&page, "/connexion/conditions", &[]).await;
        assert!(refused.says("Cochez la case"));
        let page = browser.press(&refused, "/connexion/conditions", &[("acceptation", "oui")]).await;
        assert!(page.left_with("code").is_some(), "{}", page.body);
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE terms_version = '2026-11-01' AND terms_accepted_at IS NOT NULL").await, 1);
        assert!(app.audit().await.contains(&"account.terms_accepted".to_owned()));
        let again = DOSSIER.sign_in(&mut app.browser(), &[]).await;
        assert!(again.left_with("code").is_some(), "asked once");
    }

    async fn an_expired_journey_is_resumed(app) {
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        app.advance(1_801);
        let late = browser.submit(&page, &[("courriel", CAMILLE)]).await;
        assert_eq!(late.status, 400);
        assert!(late.says("A201") && late.says("Reprendre la connexion"), "{}", late.body);
        let resume = late.links().into_iter().find(|l| l.starts_with("/connexion?t=")).unwrap();
        let page = browser.get(&resume).await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(page.left_with("code").is_some(), "the same request: {}", page.body);
    }

    async fn a_journey_lasts_as_long_as_one_acts(app) {
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        app.advance(1_700);
        let page = browser.submit(&page, &[("courriel", CAMILLE)]).await;
        app.advance(800);
        let code = app.last_code(CAMILLE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert!(page.left_with("code").is_some(), "{}", page.body);
    }

    async fn a_lost_cookie_costs_a_step_at_most_and_the_same_request_goes_on(app) {
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        browser.set_cookie("__Host-navigateur", None);
        let page = browser.submit(&page, &[("courriel", CAMILLE)]).await;
        assert!(at(&page, "/connexion") && page.says("Dépôt des aides"), "{} {}", page.path, page.body);
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(page.left_with("code").is_some(), "{}", page.body);
    }

    async fn s_30_a_browser_that_blocks_cookies_is_told_how_to_allow_them(app) {
        let mut browser = app.browser();
        browser.keeps_cookies = false;
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        assert!(at(&page, "/connexion/cookies") && page.says("bloque les cookies"), "{} {}", page.path, page.body);
        let again = |page: &Page| page.links().into_iter().find(|l| l.starts_with("/connexion?t=")).unwrap();
        let page = browser.get(&again(&page)).await;
        assert!(at(&page, "/connexion/cookies"), "still blocked: {}", page.path);
        browser.keeps_cookies = true;
        let page = browser.get(&again(&page)).await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(page.left_with("code").is_some(), "the same request: {}", page.body);
    }

    async fn two_tabs_each_go_to_their_own_service(app) {
        let mut browser = app.browser();
        let first = browser.get(&DOSSIER.authorize(&[])).await;
        let second = browser.get(&crate::support::rp::MANDAT.authorize(&[])).await;
        let done = browser.sign_in_with_code(&first, CAMILLE).await;
        assert!(done.left_for.unwrap().starts_with("https://dossier.example.fr/"));
        // Whatever is done in the other tab, it goes on by itself.
        let other = browser.submit(&second, &[("courriel", "x")]).await;
        assert!(at(&other, "/connexion/autorisation") && other.says("Mandats"), "{}", other.path);
    }

    async fn af_10_a_sign_in_from_a_new_browser_is_told(app) {
        let told = |app: TestApp| async move { app.mails(CAMILLE).await.iter().filter(|m| matches!(m, MailMessage::NewSignIn { .. })).count() };
        let mut first = app.browser();
        DOSSIER.sign_in(&mut first, &[]).await;
        assert_eq!(told(app.clone()).await, 0, "not the first ever");
        first.set_cookie("__Host-session", None);
        first.set_cookie("__Host-navigateur", None);
        DOSSIER.sign_in(&mut first, &[]).await;
        assert_eq!(told(app.clone()).await, 0, "the same browser after a restart");
        DOSSIER.sign_in(&mut app.browser(), &[]).await;
        assert_eq!(told(app.clone()).await, 1);
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

    async fn pages_of_a_journey_without_address_ask_for_it(app) {
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        let t = page.path.split_once('?').unwrap().1;
        for path in ["/connexion/code", "/connexion/mot-de-passe", "/connexion/autres-moyens", "/connexion/compte", "/connexion/confirmer", "/connexion/conditions"] {
            let shown = browser.get(&format!("{path}?{t}")).await;
            assert!(at(&shown, "/connexion"), "{path}: {}", shown.path);
        }
    }

    async fn a_sign_in_to_the_portal_comes_back_to_a_page_of_ours_only(app) {
        for (asked, got) in [("/services?q=1", "/services?q=1"), ("//evil.example/", "/accueil"), ("https://evil.example/", "/accueil"), ("/\\evil.example", "/accueil")] {
            let mut browser = app.browser();
            let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("retour", asked).finish();
            let page = browser.get(&format!("/connexion?{query}")).await;
            let page = browser.sign_in_with_code(&page, CAMILLE).await;
            assert_eq!((page.path.as_str(), page.left_for), (got, None));
        }
    }

    async fn a_refused_form_can_be_tried_again_from_the_error_page(app) {
        let mut browser = app.browser();
        for start in ["/connexion", "/creation", "/mot-de-passe-oublie"] {
            app.advance(1);
            let page = browser.get(start).await;
            let page = browser.submit(&page, &[("courriel", CAMILLE)]).await;
            let resend = page.forms().into_iter().find(|f| f.action.contains("/renvoyer")).unwrap().action;
            let refused = browser.post(&resend, &[("jeton", "x")]).await;
            assert!(refused.says("A205"), "{}", refused.body);
            let retry = refused.links().into_iter().find(|l| l.contains("/renvoyer")).unwrap();
            let page = browser.get(&retry).await;
            assert!(page.status == 200 && page.path.starts_with(&format!("{start}/code?")), "{}", page.path);
        }
        assert_eq!(app.mails(CAMILLE).await.len(), 3, "nothing was sent again");
    }

    async fn the_language_chosen_is_kept(app) {
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.press(&page, "/langue", &[("langue", "en")]).await;
        assert!(at(&page, "/connexion") && page.body.contains("lang=\"en\"") && page.h1() == "Sign in", "{}", page.h1());
        let elsewhere = browser.post("/langue", &[("langue", "fr"), ("retour", "//evil.example/")]).await;
        assert_eq!(elsewhere.path, "/");
    }

    async fn help_explains_every_code_and_contact_carries_it(app) {
        let help = app.get("/aide").await.body;
        for code in guichet::web::view::error::ErrorCode::ALL {
            assert!(help.contains(&format!("id=\"{}\"", code.as_str())), "{}", code.as_str());
        }
        let contact = app.get("/contact?code=A203&reference=7F3K-92QM").await.body;
        assert!(contact.contains("A203") && contact.contains("7F3K-92QM"));
        let hostile = app.get("/contact?code=%3Cb%3E&reference=appelez-nous-au-0123").await.body;
        assert!(!hostile.contains("<strong>appelez") && !hostile.contains("<strong>&lt;b") && !hostile.contains("<b>"));
    }

    async fn small_documents_are_where_programs_look(app) {
        let change = app.get("/.well-known/change-password").await;
        assert_eq!((change.status.as_u16(), change.header("location")), (302, "/compte/mot-de-passe"));
        assert!(app.get("/robots.txt").await.body.contains("Disallow: /connexion\n"));
        let security = app.get("/.well-known/security.txt").await;
        assert_eq!(security.header("content-type"), "text/plain; charset=utf-8");
        let expires = security.body.lines().find_map(|l| l.strip_prefix("Expires: ")).unwrap();
        let expires: jiff::Timestamp = expires.parse().unwrap();
        let left = expires.as_millisecond() - guichet::base::Clock::now(app.clock.as_ref()).millis();
        assert!((1..366 * 86_400_000_i64).contains(&left), "{left}");
        assert!(security.body.contains("Contact: "));
    }
}

/// Known and unknown addresses cost the same time (ux 3.1): medians of interleaved measures on each kind of page.
#[tokio::test]
async fn time_does_not_tell_whether_an_address_is_known() {
    let app = TestApp::start(crate::support::Engine::Sqlite, |c| {
        c.passwords.memory = 4_096;
        (c.sign_in.password_attempts, c.limits.codes_per_hour, c.limits.codes_per_day) = (1_000, 1_000, 1_000);
    })
    .await;
    let mut times = [Vec::new(), Vec::new()];
    let mut pages = Vec::new();
    for email in [DOMINIQUE, STRANGER] {
        let mut browser = app.browser();
        let page = at_password(&mut browser, email).await;
        pages.push((browser, page));
    }
    for round in 0..60 {
        for (i, (browser, page)) in pages.iter_mut().enumerate() {
            let start = std::time::Instant::now();
            let answer = browser.submit(page, &[("mot_de_passe", "ce n’est pas la bonne")]).await;
            if round >= 10 {
                times[i].push(start.elapsed());
            }
            assert_eq!(answer.status, 422);
        }
    }
    let [known, unknown] = times.map(|mut t: Vec<Duration>| {
        t.sort();
        t[t.len() / 2].as_secs_f64()
    });
    let ratio = known / unknown;
    // Without the dummy hash the ratio is several times that.
    assert!((0.6..1.6).contains(&ratio), "known {known:.4} s, unknown {unknown:.4} s");
}
