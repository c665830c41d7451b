//! Signing in: the address, choice of account, confirmation, terms, journeys that are lost, and what strangers may learn.

mod codes;
mod passwords;

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
    let (known, unknown) = times_of_wrong_passwords(&app, 60).await;
    // Without the dummy hash the ratio is several times that.
    assert!((0.6..1.6).contains(&(known / unknown)), "known {known:.4} s, unknown {unknown:.4} s");
}

/// Nor that it came with a hash of another system, which takes another time: here bcrypt, fifty times as long.
#[tokio::test]
async fn time_does_not_tell_whether_an_address_came_from_another_system() {
    let app = TestApp::start(crate::support::Engine::Sqlite, |c| {
        (c.sign_in.password_attempts, c.limits.codes_per_hour, c.limits.codes_per_day) = (1_000, 1_000, 1_000);
    })
    .await;
    const SET: &str = "UPDATE account_password SET hash = $1";
    let mut tx = app.app.db.begin().await.unwrap();
    guichet::sql!(&mut tx, SET, "$2b$10$Zny1MA7kBeHuB5HBs5gDZ.KpQ0DPxg5DkdJdTIfRCcJSrEBM7mYLi"; exec).unwrap();
    tx.commit().await.unwrap();
    let (known, unknown) = times_of_wrong_passwords(&app, 15).await;
    assert!((0.5..2.0).contains(&(known / unknown)), "known {known:.4} s, unknown {unknown:.4} s");
}

/// The median times of a wrong password for an address that is known and for one that is not, in seconds.
async fn times_of_wrong_passwords(app: &TestApp, rounds: usize) -> (f64, f64) {
    let mut times = [Vec::new(), Vec::new()];
    let mut pages = Vec::new();
    for email in [DOMINIQUE, STRANGER] {
        let mut browser = app.browser();
        let page = at_password(&mut browser, email).await;
        pages.push((browser, page));
    }
    for round in 0..rounds {
        for (i, (browser, page)) in pages.iter_mut().enumerate() {
            let start = std::time::Instant::now();
            let answer = browser.submit(page, &[("mot_de_passe", "ce n’est pas la bonne")]).await;
            if round >= rounds / 6 {
                times[i].push(start.elapsed());
            }
            assert_eq!(answer.status, 422);
        }
    }
    let [known, unknown] = times.map(|mut t: Vec<Duration>| {
        t.sort();
        t[t.len() / 2].as_secs_f64()
    });
    (known, unknown)
}
