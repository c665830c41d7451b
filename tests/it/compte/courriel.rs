//! The two addresses: proved anew, told to the old one, taken back.

use futures_util::future::join_all;
use guichet::authn::interaction::Interaction;
use guichet::mail::message::Address;

use super::*;
use crate::support::ISSUER;
use crate::support::rp::{DOSSIER, MANDAT, claims, userinfo};

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

const TRUSTED: &str = "SELECT COUNT(*) FROM trusted_browser";

/// Somebody's browser is trusted for this account.
async fn trusted(app: &TestApp, email: &str) {
    let (id, ctx) = (account(app, email).await.id, app.app.ctx(Actor::System));
    let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
    let mut tx = app.app.db.begin().await.unwrap();
    guichet::authn::trusted_browser::trust(&mut tx, &kit, &id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.count(TRUSTED).await, 1);
}

/// The path of the last undo link sent to this address.
async fn undo_link(app: &TestApp, to: &str) -> String {
    let mails = app.mails(to).await;
    let url = mails.iter().rev().find_map(|m| match m {
        MailMessage::EmailChanging { undo_url, .. } => Some(undo_url.clone()),
        _ => None,
    });
    url.unwrap_or_else(|| panic!("no undo link for {to}: {mails:?}")).strip_prefix(ISSUER).unwrap().to_owned()
}

on_both! {
    async fn ag_07_ef_11_the_sign_in_address_can_be_changed_and_services_still_know_the_person(app) {
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

    async fn another_address_and_its_undo_end_what_services_hold_without_the_person(app) {
        let refresh = |token: String| {
            let app = app.clone();
            async move { MANDAT.refresh(&app, &token).await.json() }
        };
        let mut browser = app.browser();
        let tokens = MANDAT.tokens(&mut browser, &[]).await;
        let next = refresh(tokens["refresh_token"].as_str().unwrap().to_owned()).await["refresh_token"].as_str().unwrap().to_owned();
        let mut other = signed_in(&app, CAMILLE).await;
        change(&mut other, "/compte/courriel-connexion", NEW).await;
        assert_eq!(refresh(next).await["error"], "invalid_grant");

        // Whoever changed it lets a service in; the undo puts it out.
        let page = other.get(&MANDAT.authorize(&[])).await;
        let page = MANDAT.consent(&mut other, page).await;
        let tokens = MANDAT.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let mut owner = app.browser();
        let page = owner.get(&undo_link(&app, CAMILLE).await).await;
        owner.press(&page, "/compte/courriel/annuler", &[]).await;
        assert_eq!(events(&app, Kind::EmailChangeUndone).await, 1);
        assert_eq!(refresh(tokens["refresh_token"].as_str().unwrap().to_owned()).await["error"], "invalid_grant");
    }

    async fn no_browser_stays_trusted_when_the_address_changes_is_taken_back_or_the_account_closed(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        trusted(&app, CAMILLE).await;
        change(&mut browser, "/compte/courriel-connexion", NEW).await;
        assert_eq!(app.count(TRUSTED).await, 0, "changed");
        trusted(&app, NEW).await;
        let mut owner = app.browser();
        let page = owner.get(&undo_link(&app, CAMILLE).await).await;
        owner.press(&page, "/compte/courriel/annuler", &[]).await;
        assert_eq!(app.count(TRUSTED).await, 0, "taken back");
        trusted(&app, CAMILLE).await;
        app.apply("[[account]]\nlogin_email = 'camille@boulangerie.example'\nstate = 'disabled'\n").await;
        assert_eq!(app.count(TRUSTED).await, 0, "closed");
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
