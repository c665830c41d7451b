//! « Mon compte » and the portal pages, as the person concerned, as another person and as nobody.

use axum::http::StatusCode;
use futures_util::future::join_all;
use guichet::account::{AccountState, lifecycle, store as accounts};
use guichet::audit::{self, Event, Kind};
use guichet::authn::interaction::Interaction;
use guichet::base::{Actor, Email};
use guichet::mail::message::{Address, MailMessage, SecurityEvent};
use guichet::oidc::store as oidc;

use crate::support::rp::{DOSSIER, MANDAT, claims, userinfo};
use crate::support::{Browser, Page, TestApp};

const CAMILLE: &str = "camille@boulangerie.example";
const DOMINIQUE: &str = "dominique@boulangerie.example";
const NEW: &str = "c.durand@ailleurs.example";
const PHRASE: &str = "trois ponts et un canal gris";

/// A browser in which this person has just signed in to the portal. A second passes: mails of one instant have no order.
async fn signed_in(app: &TestApp, email: &str) -> Browser {
    app.advance(1);
    let mut browser = app.browser();
    let page = browser.get("/connexion").await;
    let page = browser.sign_in_with_code(&page, email).await;
    assert_eq!(page.path, "/accueil");
    browser
}

async fn account(app: &TestApp, email: &str) -> guichet::account::Account {
    let mut read = app.app.db.read().await.unwrap();
    accounts::find_by_login(&mut read, &Email::parse(email).unwrap()).await.unwrap().unwrap()
}

async fn set_state(app: &TestApp, email: &str, state: AccountState) {
    let account = account(app, email).await;
    let mut tx = app.app.db.begin().await.unwrap();
    assert!(lifecycle::set_state(&mut tx, &app.app.ctx(Actor::Operator), &account, state).await.unwrap());
    tx.commit().await.unwrap();
}

/// How many events of this kind.
async fn events(app: &TestApp, kind: Kind) -> usize {
    app.audit().await.iter().filter(|k| *k == kind.name()).count()
}

fn notice(page: &Page) -> String {
    page.body.split("role=\"status\"><p>").nth(1).and_then(|s| s.split("</p>").next()).unwrap_or_default().to_owned()
}

/// Asks for a new address: the page that asks for the code.
async fn ask(browser: &mut Browser, path: &str, email: &str) -> Page {
    browser.app().advance(1);
    let page = browser.get(path).await;
    assert_eq!(page.path, path);
    browser.submit(&page, &[("courriel", email)]).await
}

/// Changes the sign-in address to [`NEW`].
async fn change(browser: &mut Browser, path: &str, email: &str) -> Page {
    let page = ask(browser, path, email).await;
    let code = browser.app().clone().last_code(email).await;
    let page = browser.submit(&page, &[("code", &code)]).await;
    assert_eq!(page.path, "/compte", "{}", page.body);
    page
}

/// The path of the last undo link sent to this address.
async fn undo_link(app: &TestApp, to: &str) -> String {
    let mails = app.mails(to).await;
    let url = mails.iter().rev().find_map(|m| match m {
        MailMessage::EmailChanging { undo_url, .. } => Some(undo_url.clone()),
        _ => None,
    });
    url.unwrap_or_else(|| panic!("no undo link for {to}: {mails:?}")).strip_prefix(crate::support::ISSUER).unwrap().to_owned()
}

async fn told(app: &TestApp, to: &str, wanted: SecurityEvent) -> bool {
    app.mails(to).await.iter().any(|m| matches!(m, MailMessage::SecurityNotice { event, .. } if *event == wanted))
}

const PAGES: &[&str] = &[
    "/accueil",
    "/compte",
    "/compte/identite",
    "/compte/courriel-connexion",
    "/compte/courriel-contact",
    "/compte/mot-de-passe",
    "/compte/sessions",
    "/compte/activite",
    "/compte/pas-moi",
    "/compte/autorisations",
];

on_both! {
    async fn pages_of_an_account_are_for_its_person(app) {
        let mut stranger = app.browser();
        for path in PAGES {
            let page = stranger.get(path).await;
            assert!(page.path.starts_with("/connexion?retour=%2F"), "{path}: {}", page.path);
            assert!(!page.body.contains("Durand"), "{path}");
        }
        let mut browser = signed_in(&app, CAMILLE).await;
        for path in PAGES {
            let page = browser.get(path).await;
            assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, *path));
            assert!(page.body.contains("Camille Durand") && !page.body.contains("Martin"), "{path}: whose page");
            assert!(!page.h1().is_empty(), "{path}");
        }
        let page = browser.get("/compte").await;
        assert!(page.body.contains(CAMILLE) && page.body.contains("Aucun mot de passe") && page.body.contains("Une session ouverte"), "{}", page.body);
    }

    async fn signing_in_leads_back_to_the_page_that_was_asked_for(app) {
        let mut browser = app.browser();
        let page = browser.get("/compte/activite?famille=compte").await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert_eq!(page.path, "/compte/activite?famille=compte");
    }

    async fn ef_10_name_first_name_and_phone_can_be_edited(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/identite").await;
        let fields = [("prenom", " Camille-Rose "), ("nom", "d’Ormesson"), ("telephone", "06 12 34 56 78"), ("fonction", "Gérante")];
        let page = browser.submit(&page, &fields).await;
        assert_eq!((page.path.as_str(), notice(&page).as_str()), ("/compte", "Vos informations ont été enregistrées."));
        let saved = account(&app, CAMILLE).await;
        assert_eq!((saved.given_name.as_str(), saved.family_name.as_str()), ("Camille-Rose", "d’Ormesson"));
        assert_eq!((saved.phone.as_deref(), saved.job_title.as_deref()), (Some("+33612345678"), Some("Gérante")));
        assert!(page.body.contains("06 12 34 56 78"));
        assert_eq!(events(&app, Kind::ProfileChanged).await, 1);
        assert_eq!(notice(&browser.get("/compte").await), "", "a notice is shown once");

        // The same again changes nothing and leaves no trace.
        let page = browser.get("/compte/identite").await;
        browser.submit(&page, &fields).await;
        assert_eq!(events(&app, Kind::ProfileChanged).await, 1);
        // What is optional can be taken back.
        let page = browser.get("/compte/identite").await;
        browser.submit(&page, &[("prenom", "Camille"), ("nom", "Durand"), ("telephone", ""), ("fonction", "")]).await;
        assert_eq!(account(&app, CAMILLE).await.phone, None);
        assert_eq!(account(&app, DOMINIQUE).await.family_name, "Martin", "nobody else's");
    }

    async fn a_refused_identity_keeps_what_was_typed(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/identite").await;
        let page = browser.submit(&page, &[("prenom", ""), ("nom", "<b>"), ("telephone", "12"), ("fonction", "Gérante")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        for words in ["Saisissez votre prénom", "Gérante", "value=\"&#60;b&#62;\"", "value=\"12\"", "3\u{a0}erreurs"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert_eq!(account(&app, CAMILLE).await.family_name, "Durand");
        assert_eq!(events(&app, Kind::ProfileChanged).await, 0);
    }

    async fn ag_07_the_sign_in_address_can_be_changed_and_services_still_know_the_person(app) {
        let mut browser = app.browser();
        let before = DOSSIER.tokens(&mut browser, &[]).await;
        let mut elsewhere = signed_in(&app, CAMILLE).await;

        let page = ask(&mut browser, "/compte/courriel-connexion", &format!(" {} ", NEW.to_uppercase())).await;
        assert!(page.path.starts_with("/compte/courriel-connexion/code?t="), "{}", page.path);
        let page = browser.submit(&page, &[("code", "000000")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let code = app.last_code(NEW).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert_eq!(page.path, "/compte");
        assert!(notice(&page).to_lowercase().contains(NEW), "{}", notice(&page));
        assert_eq!(events(&app, Kind::EmailChanged).await, 1);

        // The old address is told, with a link; the new one too, without.
        assert!(undo_link(&app, CAMILLE).await.starts_with("/compte/courriel/annuler?jeton_annulation=gun_"));
        assert!(told(&app, NEW, SecurityEvent::LoginEmailChanged).await);
        // The other sessions are closed, this one is not.
        assert!(elsewhere.get("/compte").await.path.starts_with("/connexion?retour"));
        assert_eq!(browser.get("/compte").await.path, "/compte");
        // Whoever knows the old address learns nothing; the new one signs in.
        let mut other = app.browser();
        let page = other.get("/connexion").await;
        other.submit(&page, &[("courriel", CAMILLE)]).await;
        assert!(app.mails(CAMILLE).await.iter().any(|m| matches!(m, MailMessage::NoAccount { .. })));
        let mut again = app.browser();
        let page = again.get(&DOSSIER.authorize(&[])).await;
        let page = again.sign_in_with_code(&page, NEW).await;
        let after = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let sub = |t: &serde_json::Value| claims(t["id_token"].as_str().unwrap())["sub"].clone();
        assert_eq!(sub(&before), sub(&after));
        let info = userinfo(&app, after["access_token"].as_str().unwrap()).await.json();
        assert_eq!((info["email"].as_str().unwrap().to_lowercase(), info["email_verified"].as_bool()), (NEW.to_owned(), Some(true)));
    }

    async fn ag_08_fa_09_the_contact_address_is_another_one_and_receives_the_notices(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = change(&mut browser, "/compte/courriel-contact", NEW).await;
        assert!(notice(&page).contains(NEW));
        let saved = account(&app, CAMILLE).await;
        assert_eq!(saved.contact_email.as_ref().map(Email::as_str), Some(NEW));
        assert!(saved.contact_email_verified, "proved by the code");
        assert!(matches!(app.mails(CAMILLE).await.last(), Some(MailMessage::EmailChanging { address: Address::Contact, .. })));

        // Notices go there, codes do not.
        let mut elsewhere = signed_in(&app, CAMILLE).await;
        assert_eq!(elsewhere.get("/compte").await.path, "/compte");
        let page = browser.get("/compte/sessions").await;
        browser.submit(&page, &[("autres", "1")]).await;
        assert!(told(&app, NEW, SecurityEvent::SessionsClosed).await);
        assert!(!told(&app, CAMILLE, SecurityEvent::SessionsClosed).await);

        // A later change of the identifier leaves it alone.
        let page = change(&mut browser, "/compte/courriel-connexion", "camille@autre.example").await;
        assert!(page.body.contains(NEW));
        assert_eq!(account(&app, "camille@autre.example").await.contact_email.as_ref().map(Email::as_str), Some(NEW));

        // And its own undo gives back what was there before: none of its own.
        let link = undo_link(&app, CAMILLE).await;
        let contact = {
            let mails = app.mails(CAMILLE).await;
            mails.into_iter().find_map(|m| match m {
                MailMessage::EmailChanging { address: Address::Contact, undo_url, .. } => Some(undo_url),
                _ => None,
            }).unwrap()
        };
        assert!(!contact.ends_with(&link));
        let page = app.browser().get(&contact).await;
        assert!(page.body.contains("e-mail de contact") && page.body.contains(NEW) && page.body.contains(CAMILLE), "{}", page.body);
    }

    async fn an_address_that_is_refused_is_kept_in_the_form(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        for (typed, words) in [("", "Saisissez votre adresse e-mail"), ("camille@", "au format attendu"), (" CAMILLE@boulangerie.example", "adresse actuelle")] {
            let page = browser.get("/compte/courriel-connexion").await;
            let page = browser.submit(&page, &[("courriel", typed)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
            assert!(page.body.contains(&format!("value=\"{typed}\"")), "{typed}: {}", page.body);
            assert!(page.body.contains(words) || typed.starts_with(' '), "{typed}: {}", page.body);
        }
        assert_eq!(events(&app, Kind::EmailChanged).await, 0);
    }

    async fn the_address_of_another_is_answered_like_any_other(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let free = ask(&mut browser, "/compte/courriel-connexion", NEW).await;
        let taken = ask(&mut browser, "/compte/courriel-connexion", DOMINIQUE).await;
        assert_eq!(free.status, taken.status);
        let same = |page: &Page, email: &str| {
            let t = page.path.split("t=").nth(1).unwrap().to_owned();
            page.body.replace(&t, "").replace(email, "")
        };
        assert_eq!(same(&free, NEW), same(&taken, DOMINIQUE));
        assert!(matches!(app.mails(DOMINIQUE).await.as_slice(), [MailMessage::AccountExists { .. }]), "its owner is told, and gets no code");
        for code in ["000000", "123456"] {
            let page = browser.submit(&taken, &[("code", code)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        // Asking again makes no difference.
        app.advance(60);
        browser.press(&taken, "/compte/courriel-connexion/code/renvoyer", &[]).await;
        assert!(app.mails(DOMINIQUE).await.iter().all(|m| matches!(m, MailMessage::AccountExists { .. })));
        assert_eq!(account(&app, CAMILLE).await.given_name, "Camille");
    }

    async fn an_address_taken_while_its_code_travelled_is_not_taken_twice(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = ask(&mut browser, "/compte/courriel-connexion", NEW).await;
        let code = app.last_code(NEW).await;
        let mut other = account(&app, DOMINIQUE).await;
        other.login_email = Some(Email::parse(NEW).unwrap());
        let mut tx = app.app.db.begin().await.unwrap();
        assert_eq!(accounts::update(&mut tx, &other, other.updated_at).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("déjà celle d’un autre compte"), "{}", page.body);
        assert_eq!(account(&app, CAMILLE).await.given_name, "Camille");
        assert_eq!(app.count("SELECT COUNT(*) FROM email_change").await, 0);
        assert_eq!(events(&app, Kind::EmailChanged).await, 0);
    }

    async fn sensitive_pages_ask_who_it_is_after_ten_minutes_then_go_on(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        app.advance(599);
        assert_eq!(browser.get("/compte/courriel-connexion").await.path, "/compte/courriel-connexion");
        app.advance(1);
        for path in ["/compte/courriel-connexion", "/compte/courriel-contact", "/compte/mot-de-passe"] {
            let page = browser.get(path).await;
            assert!(page.path.starts_with("/connexion/confirmer?t="), "{path}: {}", page.path);
        }
        // A form left open is no way around.
        let jeton = browser.get("/compte/identite").await.forms().into_iter().find(|f| f.action == "/compte/identite").unwrap().hidden;
        let jeton = jeton.into_iter().find(|(n, _)| n == "jeton").unwrap().1;
        for (path, field, value) in [
            ("/compte/courriel-connexion", "courriel", NEW),
            ("/compte/courriel-contact", "courriel", NEW),
            ("/compte/mot-de-passe", "nouveau_mot_de_passe", PHRASE),
            ("/compte/mot-de-passe/supprimer", "x", ""),
        ] {
            let page = browser.post(path, &[("jeton", &jeton), (field, value)]).await;
            assert!(page.path.starts_with("/connexion/confirmer?t="), "{path}: {}", page.path);
        }
        assert!(app.mails(NEW).await.is_empty());
        assert_eq!(app.count("SELECT COUNT(*) FROM account_password").await, 1, "Dominique’s");

        // Confirmed, the page that was asked for opens.
        let page = browser.get("/compte/courriel-connexion").await;
        let page = browser.press(&page, "/connexion/code/renvoyer", &[]).await;
        let code = app.last_code(CAMILLE).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert_eq!(page.path, "/compte/courriel-connexion");
        assert_eq!(events(&app, Kind::Reauthenticated).await, 1);
        change(&mut browser, "/compte/courriel-connexion", NEW).await;
    }

    async fn a_journey_begun_elsewhere_changes_no_address(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/identite").await;
        let jeton = page.forms().into_iter().find(|f| f.action == "/compte/identite").unwrap().hidden.swap_remove(0).1;
        app.advance(3_600);
        // What a sign-in or somebody else's change would have sealed for this browser, with an address of the attacker.
        let cookie = browser.cookie("__Host-navigateur").unwrap().to_owned();
        let ctx = app.app.ctx(Actor::System);
        let email = Email::parse(NEW).unwrap();
        let sign_in = Interaction { email: Some(email.clone()), ..Interaction::new(&ctx, &cookie, None) };
        let others = account(&app, DOMINIQUE).await.id;
        let of_another = Interaction { changes: Some((others, email.clone())), ..sign_in.clone() };
        let own = account(&app, CAMILLE).await.id;
        let redirected = Interaction { changes: Some((own, Email::parse("autre@a.example").unwrap())), ..sign_in.clone() };
        for interaction in [sign_in, of_another, redirected] {
            let t = interaction.seal(&app.app.keys).unwrap();
            for which in ["connexion", "contact"] {
                let path = format!("/compte/courriel-{which}/code");
                for (path, fields) in [
                    (format!("{path}/renvoyer?t={t}"), vec![("jeton", jeton.as_str())]),
                    (format!("{path}?t={t}"), vec![("jeton", jeton.as_str()), ("code", "123456")]),
                ] {
                    let page = browser.post(&path, &fields).await;
                    assert!(page.path.starts_with("/connexion/confirmer"), "{path}: {}", page.path);
                }
                assert!(browser.get(&format!("{path}?t={t}")).await.path.starts_with("/connexion/confirmer"));
            }
        }
        assert!(app.mails(NEW).await.is_empty());
    }

    async fn the_old_address_takes_the_account_back(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        change(&mut browser, "/compte/courriel-connexion", NEW).await;
        let link = undo_link(&app, CAMILLE).await;
        app.advance(7 * 86_400 - 30);

        // Looking changes nothing: mail gateways follow links. Signed out, in another browser.
        let mut stranger = app.browser();
        let page = stranger.get(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(CAMILLE) && page.body.contains(NEW));
        assert_eq!(events(&app, Kind::EmailChangeUndone).await, 0);

        let mut thief = signed_in(&app, NEW).await;
        let page = stranger.press(&page, "/compte/courriel/annuler", &[]).await;
        assert!(page.path.starts_with("/connexion") && notice(&page).contains(CAMILLE), "{} {}", page.path, notice(&page));
        assert_eq!(account(&app, CAMILLE).await.given_name, "Camille");
        assert_eq!(events(&app, Kind::EmailChangeUndone).await, 1);
        assert!(thief.get("/compte").await.path.starts_with("/connexion?retour"), "every session is closed");
        assert!(told(&app, CAMILLE, SecurityEvent::EmailChangeUndone).await);
        assert!(told(&app, NEW, SecurityEvent::EmailChangeUndone).await);
        signed_in(&app, CAMILLE).await;

        // Once.
        let again = stranger.get(&link).await;
        assert_eq!(again.status, StatusCode::GONE);
        assert!(!again.body.contains(NEW), "a dead link tells nothing");
        let token = link.split('=').nth(1).unwrap().to_owned();
        let jeton = stranger.get("/connexion").await.forms().into_iter().find_map(|f| f.hidden.into_iter().find(|(n, _)| n == "jeton")).unwrap().1;
        let page = stranger.post("/compte/courriel/annuler", &[("jeton", &jeton), ("jeton_annulation", &token)]).await;
        assert_eq!(page.status, StatusCode::GONE);
        assert_eq!(events(&app, Kind::EmailChangeUndone).await, 1);
        for hostile in ["", "gun_", "x", "gun_é", &token[..token.len() - 1]] {
            let page = stranger.post("/compte/courriel/annuler", &[("jeton", &jeton), ("jeton_annulation", hostile)]).await;
            assert_eq!(page.status, StatusCode::GONE, "{hostile}");
        }
    }

    async fn an_undo_link_dies_after_seven_days_or_with_its_account(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        change(&mut browser, "/compte/courriel-connexion", NEW).await;
        let link = undo_link(&app, CAMILLE).await;
        let mut stranger = app.browser();
        let ready = stranger.get(&link).await;
        set_state(&app, NEW, AccountState::Disabled).await;
        assert_eq!(stranger.press(&ready, "/compte/courriel/annuler", &[]).await.status, StatusCode::GONE);
        set_state(&app, NEW, AccountState::Active).await;
        assert_eq!(stranger.get(&link).await.status, StatusCode::OK, "the refusal spent nothing");

        app.advance(7 * 86_400);
        assert_eq!(stranger.get(&link).await.status, StatusCode::GONE);
        assert_eq!(stranger.press(&ready, "/compte/courriel/annuler", &[]).await.status, StatusCode::GONE);
        assert_eq!(account(&app, NEW).await.given_name, "Camille");
        assert_eq!(events(&app, Kind::EmailChangeUndone).await, 0);
    }

    async fn undoing_an_older_change_takes_the_later_links_with_it(app) {
        // Somebody who has got hold of the session changes the address twice, to hide the first change.
        let mut thief = signed_in(&app, CAMILLE).await;
        change(&mut thief, "/compte/courriel-connexion", NEW).await;
        app.advance(1);
        change(&mut thief, "/compte/courriel-connexion", "deux@voleur.example").await;
        let (first, second) = (undo_link(&app, CAMILLE).await, undo_link(&app, NEW).await);
        let mut owner = app.browser();
        let page = owner.get(&first).await;
        assert!(page.body.contains("deux@voleur.example"), "the address in place now");
        owner.press(&page, "/compte/courriel/annuler", &[]).await;
        assert_eq!(account(&app, CAMILLE).await.given_name, "Camille");
        assert_eq!(app.browser().get(&second).await.status, StatusCode::GONE, "the thief’s own link would give it back");
        assert!(told(&app, "deux@voleur.example", SecurityEvent::EmailChangeUndone).await);
    }

    async fn fifty_undoings_at_once_are_one(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        change(&mut browser, "/compte/courriel-connexion", NEW).await;
        let link = undo_link(&app, CAMILLE).await;
        let mut stranger = app.browser();
        let page = stranger.get(&link).await;
        let hidden = page.forms().into_iter().find(|f| f.action == "/compte/courriel/annuler").unwrap().hidden;
        let fields: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let all = join_all((0..50).map(|_| {
            let (mut browser, fields) = (stranger.clone(), fields.clone());
            async move { browser.post_once("/compte/courriel/annuler", &fields).await.status }
        })).await;
        assert_eq!(all.iter().filter(|s| **s == StatusCode::SEE_OTHER).count(), 1, "{all:?}");
        assert!(all.iter().all(|s| *s == StatusCode::SEE_OTHER || *s == StatusCode::GONE), "{all:?}");
        assert_eq!(events(&app, Kind::EmailChangeUndone).await, 1);
        assert_eq!(app.mails(CAMILLE).await.iter().filter(|m| matches!(m, MailMessage::SecurityNotice { .. })).count(), 1);
    }

    async fn two_changes_at_once_leave_one_address_and_one_way_back(app) {
        let (mut one, mut two) = (signed_in(&app, CAMILLE).await, signed_in(&app, CAMILLE).await);
        let first = ask(&mut one, "/compte/courriel-connexion", "un@a.example").await;
        let second = ask(&mut two, "/compte/courriel-connexion", "deux@a.example").await;
        let (a, b) = (app.last_code("un@a.example").await, app.last_code("deux@a.example").await);
        let (a, b) = ([("code", a.as_str())], [("code", b.as_str())]);
        let (one, two) = tokio::join!(one.submit(&first, &a), two.submit(&second, &b));
        assert!(one.status.as_u16() < 500 && two.status.as_u16() < 500);
        assert_eq!(events(&app, Kind::EmailChanged).await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM email_change").await, 1);
        let changed = app.count("SELECT COUNT(*) FROM account WHERE login_email IN ('un@a.example', 'deux@a.example')").await;
        assert_eq!(changed, 1);
    }
}

on_both! {
    async fn sessions_are_listed_and_closed_one_by_one(app) {
        let mut here = app.browser();
        DOSSIER.tokens(&mut here, &[]).await;
        app.advance(60);
        let mut there = signed_in(&app, CAMILLE).await;
        let page = here.get("/compte/sessions").await;
        assert!(page.body.matches("Firefox, Linux").count() >= 2, "{}", page.body);
        assert_eq!(page.body.matches("Ce navigateur").count(), 1);
        assert!(page.body.contains("Dépôt des aides"), "services opened");
        let forms: Vec<_> = page.forms().into_iter().filter(|f| f.names.contains(&"session".to_owned())).collect();
        assert_eq!(forms.len(), 1, "the present one has no button");

        let page = here.submit(&page, &[("session", &forms[0].hidden.iter().find(|(n, _)| n == "session").unwrap().1)]).await;
        assert_eq!((page.path.as_str(), notice(&page).as_str()), ("/compte/sessions", "L’appareil a été déconnecté."));
        assert!(there.get("/compte").await.path.starts_with("/connexion?retour=%2Fcompte"));
        assert_eq!(here.get("/compte").await.path, "/compte");
        assert_eq!(events(&app, Kind::SignedOut).await, 1);
        assert!(!here.get("/compte/sessions").await.body.contains("Déconnecter tous les autres"));
    }

    async fn the_session_of_another_cannot_be_closed(app) {
        let (mut camille, mut dominique) = (signed_in(&app, CAMILLE).await, signed_in(&app, DOMINIQUE).await);
        let mut second = signed_in(&app, DOMINIQUE).await;
        let page = dominique.get("/compte/sessions").await;
        let id = page.forms().into_iter().find_map(|f| f.hidden.into_iter().find(|(n, _)| n == "session")).unwrap().1;
        signed_in(&app, CAMILLE).await;
        let page = camille.get("/compte/sessions").await;
        assert!(!page.body.contains(&id));
        let page = camille.submit(&page, &[("session", &id)]).await;
        assert_eq!((page.path.as_str(), notice(&page).as_str()), ("/compte/sessions", ""));
        for hostile in ["", "x", "ses_", "ses_00000000000000000000000000000000", "' OR 1=1 --"] {
            let page = camille.get("/compte/sessions").await;
            assert_eq!(notice(&camille.submit(&page, &[("session", hostile)]).await), "");
        }
        assert_eq!(second.get("/compte").await.path, "/compte");
        assert_eq!(events(&app, Kind::SignedOut).await, 0);
    }

    async fn all_the_others_are_closed_at_once_and_the_person_is_told(app) {
        let mut here = signed_in(&app, CAMILLE).await;
        let mut others = vec![signed_in(&app, CAMILLE).await, signed_in(&app, CAMILLE).await];
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let page = here.get("/compte/sessions").await;
        let page = here.submit(&page, &[("autres", "1")]).await;
        assert_eq!(notice(&page), "Tous les autres appareils ont été déconnectés.");
        for other in &mut others {
            assert!(other.get("/compte").await.path.starts_with("/connexion?retour"));
        }
        assert_eq!(here.get("/compte").await.path, "/compte");
        assert_eq!(dominique.get("/compte").await.path, "/compte");
        assert!(told(&app, CAMILLE, SecurityEvent::SessionsClosed).await);
        assert_eq!(events(&app, Kind::SignedOut).await, 2);
    }

    async fn an_idle_session_and_a_disabled_account_lead_to_sign_in(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        app.advance(7_199);
        assert_eq!(browser.get("/compte").await.path, "/compte");
        let idle = app.app.config.sign_in.session_idle.as_secs();
        app.advance(idle + 60);
        let page = browser.get("/compte").await;
        assert!(page.path.starts_with("/connexion?retour"), "{}", page.path);
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get("/compte/identite").await;
        set_state(&app, CAMILLE, AccountState::Disabled).await;
        let page = browser.submit(&page, &[("prenom", "X"), ("nom", "Y")]).await;
        assert!(page.path.starts_with("/connexion?retour"), "{}", page.path);
        assert_eq!(account(&app, CAMILLE).await.given_name, "Camille");
    }

    async fn a_password_is_added_changed_and_removed(app) {
        let before = events(&app, Kind::PasswordChanged).await;
        let (mut here, mut there) = (signed_in(&app, CAMILLE).await, signed_in(&app, CAMILLE).await);
        let page = here.get("/compte/mot-de-passe").await;
        let weak = here.submit(&page, &[("nouveau_mot_de_passe", "motdepasse123")]).await;
        assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!weak.body.contains("motdepasse123"), "a password is never shown");
        let page = here.submit(&page, &[("nouveau_mot_de_passe", PHRASE)]).await;
        assert_eq!((page.path.as_str(), notice(&page).as_str()), ("/compte", "Votre mot de passe a été enregistré."));
        assert!(told(&app, CAMILLE, SecurityEvent::PasswordAdded).await);
        assert!(there.get("/compte").await.path.starts_with("/connexion?retour"), "other sessions are closed");

        // It signs in.
        let mut other = app.browser();
        let page = other.get("/connexion").await;
        let page = other.submit(&page, &[("courriel", CAMILLE)]).await;
        let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
        let page = other.get(&link).await;
        assert_eq!(other.submit(&page, &[("mot_de_passe", PHRASE)]).await.path, "/accueil");

        // An hour later, changing it takes the present one.
        app.advance(3_600);
        let new = "une autre phrase, plus longue";
        let page = here.get("/compte/mot-de-passe").await;
        assert_eq!(page.path, "/compte/mot-de-passe");
        for (present, words) in [("", "Saisissez"), ("un mauvais mot de passe", "incorrect")] {
            let refused = here.submit(&page, &[("mot_de_passe", present), ("nouveau_mot_de_passe", new)]).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{present}");
            assert!(refused.body.contains(words), "{present}: {}", refused.body);
        }
        let page = here.submit(&page, &[("mot_de_passe", PHRASE), ("nouveau_mot_de_passe", new)]).await;
        assert_eq!(notice(&page), "Votre mot de passe a été modifié. Vos autres sessions ont été fermées.");
        assert!(app.mails(CAMILLE).await.iter().any(|m| matches!(m, MailMessage::PasswordChanged { .. })));
        assert!(other.get("/compte").await.path.starts_with("/connexion?retour"));

        // Removing it takes a recent sign-in; the code by mail remains.
        let page = here.get("/compte/mot-de-passe").await;
        assert!(here.press(&page, "/compte/mot-de-passe/supprimer", &[]).await.path.starts_with("/connexion/confirmer"));
        let mut fresh = signed_in(&app, CAMILLE).await;
        let page = fresh.get("/compte/mot-de-passe").await;
        let page = fresh.press(&page, "/compte/mot-de-passe/supprimer", &[]).await;
        assert!(notice(&page).starts_with("Votre mot de passe a été supprimé."), "{}", notice(&page));
        assert!(told(&app, CAMILLE, SecurityEvent::PasswordRemoved).await);
        assert!(here.get("/compte").await.path.starts_with("/connexion?retour"));
        assert_eq!(app.count("SELECT COUNT(*) FROM account_password").await, 1, "Dominique’s");
        assert_eq!(events(&app, Kind::PasswordChanged).await, before + 3);
        signed_in(&app, CAMILLE).await;
    }

    async fn guessing_the_present_password_is_limited(app) {
        let before = events(&app, Kind::PasswordChanged).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        app.advance(3_600);
        let page = browser.get("/compte/mot-de-passe").await;
        let fields = |present: &'static str| [("mot_de_passe", present), ("nouveau_mot_de_passe", PHRASE)];
        for _ in 0..app.app.config.sign_in.password_attempts {
            assert_eq!(browser.submit(&page, &fields("mauvais mot de passe")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let page = browser.submit(&page, &fields("une phrase assez longue 2026")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "even the right one");
        assert!(events(&app, Kind::Throttled).await >= 1);
        assert_eq!(events(&app, Kind::PasswordChanged).await, before);
    }
}

on_both! {
    async fn one_s_own_history_is_told_in_plain_words(app) {
        let mut browser = app.browser();
        MANDAT.tokens(&mut browser, &[]).await;
        signed_in(&app, DOMINIQUE).await;
        let page = browser.get("/compte/identite").await;
        browser.submit(&page, &[("prenom", "Camille"), ("nom", "Petit"), ("telephone", ""), ("fonction", "")]).await;
        let page = browser.get("/compte/activite").await;
        let words = ["Identité modifiée", "Ouverture d’un service", "Mandats", "Autorisation donnée à un service", "Connexion par code reçu par e-mail", "Firefox, Linux"];
        for words in words {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert_eq!(page.body.matches("Connexion par code").count(), 1, "not those of others");
        let only = browser.get("/compte/activite?famille=compte").await;
        assert!(only.body.contains("Identité modifiée") && !only.body.contains("Connexion par code") && !only.body.contains("Mandats"));
        let services = browser.get("/compte/activite?famille=services").await;
        assert!(services.body.contains("Mandats") && !services.body.contains("Identité modifiée"));
        assert_eq!(browser.get("/compte/activite?famille=%00&avant=x").await.status, StatusCode::OK);
    }

    async fn a_long_history_is_read_page_by_page_and_forgotten_after_a_year(app) {
        let camille = account(&app, CAMILLE).await.id;
        let old = Event::new(Kind::PasswordChanged).account(&camille);
        append(&app, old, 1).await;
        app.advance(367 * 86_400);
        // Several at the same instant: none may fall between two pages.
        for _ in 0..4 {
            append(&app, Event::new(Kind::ProfileChanged).account(&camille), 30).await;
            app.advance(1);
        }
        append(&app, Event::new(Kind::AccountCreated).account(&account(&app, DOMINIQUE).await.id), 1).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let (mut path, mut pages, mut lines) = ("/compte/activite?famille=compte".to_owned(), 0, 0);
        loop {
            let page = browser.get(&path).await;
            pages += 1;
            lines += page.body.matches("Identité modifiée").count();
            assert!(!page.body.contains("Mot de passe modifié"), "more than a year ago");
            assert!(!page.body.contains("Création du compte"), "another person’s");
            assert!(!page.links().contains(&"/compte/activite?famille=compte&avant=".to_owned()));
            match page.links().into_iter().find(|l| l.contains("avant=")) {
                Some(next) => path = next,
                None => break,
            }
        }
        assert_eq!((pages, lines), (3, 120));

        let csv = browser.get("/compte/activite.csv?famille=compte").await;
        assert_eq!(csv.answer.header("content-type"), "text/csv; charset=utf-8");
        assert!(csv.answer.header("content-disposition").starts_with("attachment"));
        assert_eq!(csv.body.lines().count(), 121);
        assert!(csv.body.starts_with("\u{feff}\"Date (UTC)\";\"Événement\";\"Service\";\"Navigateur\"\r\n"), "{}", &csv.body[..100]);
    }

    async fn an_export_runs_no_formula(app) {
        app.apply(r#"
            [[client]]
            client_id = "piege"
            client_name = "=HYPERLINK(\"https://evil.example\";\"x\")"
            client_secret = "piege-secret-for-tests-only-000001"
            redirect_uris = ["https://piege.example.fr/cb"]
            scope = "openid"
        "#).await;
        let camille = account(&app, CAMILLE).await.id;
        append(&app, Event::new(Kind::Authorized).account(&camille).client("piege"), 1).await;
        let csv = signed_in(&app, CAMILLE).await.get("/compte/activite.csv").await;
        assert!(csv.body.contains("\"'=HYPERLINK(\"\"https://evil.example\"\";\"\"x\"\")\""), "{}", csv.body);
    }

    async fn ef_16_a_person_who_suspects_a_fraud_is_guided(app) {
        let (mut owner, mut thief) = (signed_in(&app, DOMINIQUE).await, signed_in(&app, DOMINIQUE).await);
        let page = owner.get("/compte/activite").await;
        let link = page.links().into_iter().find(|l| l == "/compte/pas-moi").expect("« Ce n’est pas moi »");
        let page = owner.get(&link).await;
        assert!(page.links().iter().any(|l| l.starts_with("/contact")));
        let page = owner.press(&page, "/compte/pas-moi", &[]).await;
        assert_eq!(page.path, "/compte/mot-de-passe");
        assert!(thief.get("/compte").await.path.starts_with("/connexion?retour"));
        let page = owner.submit(&page, &[("nouveau_mot_de_passe", PHRASE)]).await;
        assert!(notice(&page).starts_with("Votre mot de passe a été modifié"));
    }

    async fn a_consent_is_withdrawn_and_what_it_gave_is_dead(app) {
        let mut browser = app.browser();
        let tokens = MANDAT.tokens(&mut browser, &[]).await;
        let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
        let other = account(&app, DOMINIQUE).await.id;
        let mut tx = app.app.db.begin().await.unwrap();
        oidc::put_consent(&mut tx, &other, "mandat", "openid", app.app.ctx(Actor::System).now()).await.unwrap();
        tx.commit().await.unwrap();

        let page = browser.get("/compte/autorisations").await;
        for words in ["Mandats", "Prénom", "Accès en votre absence", "Dernière utilisation"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert!(!page.body.contains("Téléphone"), "was not asked for");
        // What was never given cannot be withdrawn.
        let nothing = browser.submit(&page, &[("service", "legacy")]).await;
        assert_eq!((nothing.path.as_str(), notice(&nothing).as_str()), ("/compte/autorisations", ""));
        assert_eq!(userinfo(&app, access).await.status, 200);

        let page = browser.press(&page, "/compte/autorisations", &[]).await;
        assert_eq!(notice(&page), "Vous avez retiré l’autorisation donnée à Mandats.");
        assert!(page.body.contains("Vous n’avez donné aucune autorisation"), "{}", page.body);
        assert_eq!(userinfo(&app, access).await.status, 401);
        assert_eq!(MANDAT.refresh(&app, refresh).await.json()["error"], "invalid_grant");
        assert_eq!(events(&app, Kind::ConsentWithdrawn).await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM consent").await, 1, "the other person’s");
        // The service asks again.
        assert!(browser.get(&MANDAT.authorize(&[])).await.path.starts_with("/connexion/autorisation"));
    }

    async fn services_are_those_people_can_open(app) {
        app.apply(r#"
            [[client]]
            client_id = "piege"
            client_name = "Piège"
            client_uri = "javascript:alert(1)"
            client_secret = "piege-secret-for-tests-only-000001"
            redirect_uris = ["https://piege.example.fr/cb"]
            scope = "openid"
        "#).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let mut stranger = app.browser();
        for (path, page) in [
            ("/services", stranger.get("/services").await),
            ("/services", browser.get("/services").await),
            ("/accueil", browser.get("/accueil").await),
        ] {
            assert_eq!(page.status, StatusCode::OK);
            let links = page.links();
            assert!(links.contains(&"https://dossier.example.fr/".to_owned()) && links.contains(&"https://mandat.example.fr/".to_owned()), "{links:?}");
            for absent in ["javascript:", "Piège", "Serveur de ressources", "Ancien service"] {
                assert!(!page.body.contains(absent), "{path}: {absent}");
            }
        }
        let page = browser.get("/accueil").await;
        assert_eq!(page.h1(), "Bonjour Camille");
    }
}

async fn append(app: &TestApp, event: Event, times: usize) {
    let mut tx = app.app.db.begin().await.unwrap();
    let ctx = app.app.ctx(Actor::System);
    for _ in 0..times {
        audit::append(&mut tx, &ctx, event.clone()).await.unwrap();
    }
    tx.commit().await.unwrap();
}
