//! S-02: signing in with a passkey, from the button or from the browser's own list.

use futures_util::future::join_all;
use guichet::account::{AccountState, lifecycle};
use guichet::base::Actor;
use guichet::base::encode::b64u;

use super::*;
use crate::support::authenticator::{BE, BS, UP, UV};
use crate::support::rp::DOSSIER;

/// Answers wrongly from S-02, in a new browser.
async fn refused(app: &TestApp, key: &mut Authenticator, twist: &Twist, why: &str) {
    let (before, sessions) = (refusals(app).await.len(), app.count(SESSIONS).await);
    let mut browser = app.browser();
    let page = browser.get("/connexion").await;
    let page = answer(&mut browser, &page, key, twist).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{twist:?}");
    assert_eq!(page.h1(), "La clé d’accès n’a pas pu être utilisée", "{twist:?}");
    assert_eq!(refusals(app).await[before..], [why], "{twist:?}");
    assert_eq!(app.count(SESSIONS).await, sessions, "{twist:?}");
}

on_both! {
    async fn a_passkey_signs_in_to_a_service_by_itself(app) {
        let (_, mut key) = holder(&app, CAMILLE).await;
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[])).await;
        assert!(page.says("Utiliser une clé d’accès") && page.body.contains("autocomplete=\"username webauthn\""));
        let asked = options(&mut browser, &page).await;
        assert_eq!(asked["publicKey"]["allowCredentials"], Value::Array(vec![]), "the person chooses among the keys of the browser");
        let credential = key.get(&asked, &Twist::default());
        let page = post(&mut browser, &page, &asked, &credential).await;
        assert!(page.left_for.as_deref().is_some_and(|to| to.starts_with(DOSSIER.redirect_uri)), "{} {}", page.path, page.body);
        assert!(page.left_with("code").is_some());
        let kept = keys(&app, CAMILLE).await;
        assert!(kept[0].last_used_at.is_some());
        assert!(browser.get("/compte/activite").await.says("Connexion par clé d’accès"));
        assert_eq!(refusals(&app).await, [""; 0]);
    }

    async fn the_browser_offers_its_keys_with_the_challenge_of_the_page(app) {
        let (_, mut key) = holder(&app, CAMILLE).await;
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let text = page.body.split("data-options=\"").nth(1).and_then(|s| s.split('"').next()).unwrap();
        let asked: Value = serde_json::from_str(&text.replace("&#34;", "\"")).unwrap();
        let credential = key.get(&asked, &Twist::default());
        assert_eq!(post(&mut browser, &page, &asked, &credential).await.path, "/accueil");
    }

    async fn looking_at_the_sign_in_page_writes_nothing(app) {
        let before = app.audit().await.len();
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        for _ in 0..3 {
            options(&mut browser, &page).await;
        }
        assert_eq!((app.count(SPENT).await, app.count(SESSIONS).await, app.audit().await.len()), (0, 0, before));
    }

    async fn a_stranger_is_asked_the_same_as_somebody_who_has_a_key(app) {
        holder(&app, CAMILLE).await;
        let mut shown = Vec::new();
        for email in [CAMILLE, DOMINIQUE, "personne@nulle-part.example"] {
            let mut browser = app.browser();
            let page = browser.get("/connexion").await;
            let page = browser.submit(&page, &[("courriel", email)]).await;
            let means = page.links().into_iter().find(|l| l.starts_with("/connexion/autres-moyens")).unwrap();
            let page = browser.get(&means).await;
            let mut asked = options(&mut browser, &page).await;
            let sealed = asked["etat"].as_str().unwrap().len();
            asked["publicKey"]["challenge"] = Value::Null;
            shown.push((asked["publicKey"].clone(), sealed));
        }
        assert_eq!(shown[0], shown[1]);
        assert_eq!(shown[0], shown[2]);
    }

    async fn an_assertion_that_is_not_right_is_refused_and_leaves_a_trace(app) {
        let (_, mut key) = holder(&app, CAMILLE).await;
        let (app, key) = (&app, &mut key);
        refused(app, key, &Twist { origin: Some("https://sso.localhost.mal.example"), ..Twist::default() }, "origin").await;
        refused(app, key, &Twist { origin: Some("https://sso.localhost:8000"), ..Twist::default() }, "origin").await;
        refused(app, key, &Twist { cross_origin: true, ..Twist::default() }, "origin").await;
        refused(app, key, &Twist { rp_id: Some("localhost"), ..Twist::default() }, "rp_id").await;
        refused(app, key, &Twist { without: UP, ..Twist::default() }, "presence").await;
        refused(app, key, &Twist { without: UV, ..Twist::default() }, "verification").await;
        refused(app, key, &Twist { ceremony: Some("webauthn.create"), ..Twist::default() }, "ceremony").await;
        refused(app, key, &Twist { challenge: Some(b64u([7; 32])), ..Twist::default() }, "challenge").await;
        refused(app, key, &Twist { spoil: true, ..Twist::default() }, "signature").await;
        assert_eq!(keys(app, CAMILLE).await[0].last_used_at, None);
        assert_eq!(keys(app, CAMILLE).await[0].suspended_at, None, "no wrong answer suspends the key of an innocent person");
    }

    async fn a_key_answers_for_its_own_person_only(app) {
        let (_, mut key) = holder(&app, CAMILLE).await;
        let (_, other) = holder(&app, DOMINIQUE).await;
        let app = &app;
        refused(app, &mut key, &Twist { handle: Some(other.handle.clone()), ..Twist::default() }, "other_person").await;
        refused(app, &mut key, &Twist { handle: Some(String::new()), ..Twist::default() }, "other_person").await;
        // Another key under the identifier of this one; a key nobody has.
        let mut forged = Authenticator::new();
        (forged.id, forged.handle, forged.counter) = (key.id.clone(), key.handle.clone(), Some(50));
        // It learns its relying party as a browser would tell it.
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let asked = options(&mut browser, &page).await;
        let credential = forged.get(&asked, &Twist { rp_id: Some("sso.localhost"), ..Twist::default() });
        assert_eq!(post(&mut browser, &page, &asked, &credential).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refusals(app).await.last().unwrap(), "signature");
        refused(app, &mut Authenticator::new(), &Twist { rp_id: Some("sso.localhost"), ..Twist::default() }, "unknown_key").await;
    }

    async fn an_answer_is_good_once(app) {
        let (_, mut key) = holder(&app, CAMILLE).await;
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let asked = options(&mut browser, &page).await;
        let credential = key.get(&asked, &Twist::default());
        assert_eq!(post(&mut browser.clone(), &page, &asked, &credential).await.path, "/accueil");
        // The same browser before its cookie came: whoever copied the answer and the challenge gets nothing.
        let again = post(&mut browser, &page, &asked, &credential).await;
        assert_eq!((again.status, refusals(&app).await), (StatusCode::UNPROCESSABLE_ENTITY, vec!["answered".to_owned()]));
        assert!(again.says("La demande a expiré."), "{}", again.body);
        assert_eq!(keys(&app, CAMILLE).await[0].suspended_at, None);
    }

    async fn fifty_posts_of_one_answer_open_one_session(app) {
        let (_, mut key) = holder(&app, CAMILLE).await;
        let sessions = app.count(SESSIONS).await;
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let asked = options(&mut browser, &page).await;
        let credential = key.get(&asked, &Twist::default());
        let posts = (0..50).map(|_| {
            let (mut browser, page, asked, credential) = (browser.clone(), page.clone(), asked.clone(), credential.clone());
            async move { post(&mut browser, &page, &asked, &credential).await.status }
        });
        let won = join_all(posts).await.into_iter().filter(|status| *status == StatusCode::OK).count();
        assert_eq!((won, app.count(SESSIONS).await), (1, sessions + 1));
        assert_eq!(refusals(&app).await, ["answered"; 49]);
        assert_eq!(keys(&app, CAMILLE).await[0].suspended_at, None);
    }

    async fn a_challenge_is_good_in_its_browser_journey_and_step_for_five_minutes(app) {
        let (mut camille, mut key) = holder(&app, CAMILLE).await;
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let asked = options(&mut browser, &page).await;
        let credential = key.get(&asked, &Twist::default());
        // Another browser, another journey of the same browser.
        let mut other = app.browser();
        let there = other.get("/connexion").await;
        assert_eq!(post(&mut other, &there, &asked, &credential).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let tab = browser.get(&DOSSIER.authorize(&[])).await;
        assert_eq!(post(&mut browser, &tab, &asked, &credential).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        // The challenge of an enrolment.
        let add = camille.get(ADD).await;
        let enrolment = options(&mut camille, &add).await;
        let made = key.get(&enrolment, &Twist::default());
        assert_eq!(post(&mut browser, &page, &enrolment, &made).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refusals(&app).await, ["foreign_challenge"; 3]);
        app.advance(300);
        let late = post(&mut browser, &page, &asked, &credential).await;
        assert_eq!((late.status, refusals(&app).await.last().unwrap().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "expired"));
        // From the page that says so, one tries again.
        let (_, mut fresh) = holder(&app, DOMINIQUE).await;
        assert_eq!(answer(&mut browser, &late, &mut fresh, &Twist::default()).await.path, "/accueil");
    }

    async fn what_is_no_answer_at_all_is_refused(app) {
        let (_, mut key) = holder(&app, CAMILLE).await;
        let deep = format!("{}{}", "[".repeat(8_000), "]".repeat(8_000));
        for junk in ["", "{}", "null", "{\"type\":\"public-key\"}", "\u{1F511}", &deep] {
            let mut browser = app.browser();
            let page = browser.get("/connexion").await;
            let asked = options(&mut browser, &page).await;
            assert_eq!(post(&mut browser, &page, &asked, junk).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        for field in ["clientDataJSON", "authenticatorData", "signature"] {
            for keep in [0, 7, 36] {
                let mut browser = app.browser();
                let page = browser.get("/connexion").await;
                let asked = options(&mut browser, &page).await;
                let mut bad: Value = serde_json::from_str(&key.get(&asked, &Twist::default())).unwrap();
                bad["response"][field] = bad["response"][field].as_str().unwrap()[..keep].into();
                assert_eq!(post(&mut browser, &page, &asked, &bad.to_string()).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {keep}");
            }
        }
        assert_eq!(refusals(&app).await.len(), 15);
    }

    async fn a_counter_that_goes_back_suspends_the_key_and_tells_its_owner(app) {
        let (mut browser, mut key) = holder(&app, CAMILLE).await;
        let mut other = enrol(&mut browser, Authenticator::new()).await;
        let page = app.browser().get("/connexion").await;
        assert!(page.status.is_success());
        for counter in [5, 9] {
            let mut browser = app.browser();
            let page = browser.get("/connexion").await;
            assert_eq!(answer(&mut browser, &page, &mut key, &Twist { counter: Some(counter), ..Twist::default() }).await.path, "/accueil");
        }
        // A wrong signature with a low counter is no copy.
        refused(&app, &mut key, &Twist { counter: Some(1), spoil: true, ..Twist::default() }, "signature").await;
        assert_eq!(keys(&app, CAMILLE).await[0].suspended_at, None);
        refused(&app, &mut key, &Twist { counter: Some(9), ..Twist::default() }, "suspended").await;
        assert_eq!(told(&app, CAMILLE, SecurityEvent::PasskeySuspended).await, 1);
        // Neither copy is believed any more, whatever it counts; its owner is told once.
        refused(&app, &mut key, &Twist { counter: Some(100), ..Twist::default() }, "suspended").await;
        assert_eq!(told(&app, CAMILLE, SecurityEvent::PasskeySuspended).await, 1);
        let kept = keys(&app, CAMILLE).await;
        assert!(kept[0].suspended_at.is_some() && kept[1].suspended_at.is_none());
        let page = browser.get("/compte/securite").await;
        assert_eq!(page.body.matches("n’est plus acceptée").count(), 1, "{}", page.body);
        let page = browser.get(&format!("{ADD}/{}", kept[0].id)).await;
        assert!(page.says("Cette clé a peut-être été copiée"), "{}", page.body);
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        assert_eq!(answer(&mut browser, &page, &mut other, &Twist::default()).await.path, "/accueil", "the other key still signs in");
    }

    async fn a_key_without_a_counter_and_its_backups_are_kept_up_to_date(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let mut key = Authenticator::synced();
        (key.flags, key.counter) = (UP | UV, None);
        let mut key = enrol(&mut browser, key).await;
        for (flags, synced) in [(UP | UV, false), (UP | UV | BE, true), (UP | UV | BE | BS, true), (UP | UV | BE, true)] {
            key.flags = flags;
            let mut browser = app.browser();
            let page = browser.get("/connexion").await;
            assert_eq!(answer(&mut browser, &page, &mut key, &Twist::default()).await.path, "/accueil", "{flags:#x}");
            assert_eq!(keys(&app, CAMILLE).await[0].synced, synced, "{flags:#x}");
        }
        // What was kept in several devices cannot be in one only; a counter that appears and goes is going back.
        key.flags = UP | UV;
        refused(&app, &mut key, &Twist::default(), "backup").await;
        key.flags = UP | UV | BE;
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        assert_eq!(answer(&mut browser, &page, &mut key, &Twist { counter: Some(3), ..Twist::default() }).await.path, "/accueil");
        refused(&app, &mut key, &Twist::default(), "suspended").await;
    }

    async fn wrong_answers_are_counted_per_account_and_lock_nobody_else_out(app) {
        let (_, mut key) = holder(&app, CAMILLE).await;
        let (_, mut other) = holder(&app, DOMINIQUE).await;
        let wrong = Twist { spoil: true, ..Twist::default() };
        for _ in 0..9 {
            refused(&app, &mut key, &wrong, "signature").await;
        }
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        assert_eq!(answer(&mut browser, &page, &mut key, &Twist::default()).await.path, "/accueil", "a right answer forgets the wrong ones");
        for _ in 0..10 {
            refused(&app, &mut key, &wrong, "signature").await;
        }
        refused(&app, &mut key, &Twist::default(), "limited").await;
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = answer(&mut browser, &page, &mut key, &Twist::default()).await;
        assert!(page.says("Trop d’essais. Pour protéger ce compte, les clés d’accès sont suspendues jusqu’à"), "{}", page.body);
        let page = browser.get("/connexion").await;
        assert_eq!(answer(&mut browser, &page, &mut other, &Twist::default()).await.path, "/accueil", "somebody else");
        signed_in(&app, CAMILLE).await;
        app.advance(900);
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        assert_eq!(answer(&mut browser, &page, &mut key, &Twist::default()).await.path, "/accueil");
    }

    async fn a_suspended_account_learns_it_after_its_key_proved_itself(app) {
        let (_, mut key) = holder(&app, CAMILLE).await;
        let person = account(&app, CAMILLE).await;
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(lifecycle::set_state(&mut tx, &app.app.ctx(Actor::Operator), &person, AccountState::Disabled).await.unwrap());
        tx.commit().await.unwrap();
        let sessions = app.count(SESSIONS).await;
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = answer(&mut browser, &page, &mut key, &Twist::default()).await;
        assert_eq!((page.status, page.h1().as_str()), (StatusCode::FORBIDDEN, "Votre compte est suspendu"));
        assert_eq!(app.count(SESSIONS).await, sessions);
    }

    async fn confirming_ones_identity_takes_ones_own_key(app) {
        let (mut browser, mut key) = holder(&app, CAMILLE).await;
        let (_, mut other) = holder(&app, DOMINIQUE).await;
        app.advance(601);
        let page = browser.get(ADD).await;
        assert!(page.path.starts_with("/connexion/confirmer"), "{}", page.path);
        let asked = options(&mut browser, &page).await;
        assert_eq!(asked["publicKey"]["allowCredentials"][0]["id"], b64u(&key.id));
        let credential = other.get(&asked, &Twist::default());
        assert_eq!(post(&mut browser, &page, &asked, &credential).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refusals(&app).await, ["other_person"]);
        assert_eq!(answer(&mut browser, &page, &mut key, &Twist::default()).await.path, ADD);
    }
}

/// Challenges that were answered are kept as long as they could be answered again, no longer.
#[tokio::test]
async fn spent_challenges_are_removed_when_they_are_too_old_to_be_answered() {
    let app = TestApp::new(crate::support::Engine::Sqlite).await;
    holder(&app, CAMILLE).await;
    let purge = guichet::authn::store::PURGES.iter().find(|p| p.table == "spent_challenge").unwrap();
    let run = async |after: u64| {
        app.advance(after);
        let mut tx = app.app.db.begin().await.unwrap();
        let removed = purge.run(&mut tx, app.app.clock.now(), 100).await.unwrap();
        tx.commit().await.unwrap();
        removed
    };
    assert_eq!((run(290).await, run(20).await, app.count(SPENT).await), (0, 1, 0));
}
