//! P-09: a passkey is made, named, removed.

use futures_util::future::join_all;
use guichet::base::encode::{b64u, from_b64u};

use super::*;
use crate::support::authenticator::{UP, UV};
use crate::support::rp::DOSSIER;

/// Answers the options of P-09 wrongly, in a browser where the person has just signed in.
async fn refused(app: &TestApp, browser: &mut Browser, twist: &Twist, why: &str) {
    let before = refusals(app).await.len();
    let page = browser.get(ADD).await;
    let asked = options(browser, &page).await;
    let made = Authenticator::new().create(&asked, twist);
    let page = post(browser, &page, &asked, &made).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{twist:?}");
    assert!(page.says("La création a été annulée ou a expiré. Réessayez."), "{twist:?}: {}", page.body);
    assert_eq!(refusals(app).await[before..], [why], "{twist:?}");
}

on_both! {
    async fn a_passkey_is_created_named_and_told(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(ADD).await;
        assert_eq!(page.h1(), "Créer une clé d’accès");
        assert!(page.says("Les clés d’accès nécessitent JavaScript."));
        let asked = options(&mut browser, &page).await;
        let public = &asked["publicKey"];
        assert_eq!((&public["rp"]["id"], &public["rp"]["name"]), (&"sso.localhost".into(), &"Guichet".into()));
        assert_eq!((&public["user"]["name"], &public["user"]["displayName"]), (&CAMILLE.into(), &"Camille Durand".into()));
        assert_eq!(public["excludeCredentials"], Value::Array(vec![]));

        let mut key = Authenticator::new();
        let made = key.create(&asked, &Twist::default());
        let page = post(&mut browser, &page, &asked, &made).await;
        assert!(page.says("Votre clé d’accès est enregistrée."), "{}", page.body);
        assert!(page.body.contains("value=\"Firefox sur Linux\""), "named after the browser");
        assert!(page.says("Dans un seul appareil") && page.says("Jamais utilisée"));
        assert_eq!((told(&app, CAMILLE, SecurityEvent::PasskeyAdded).await, events(&app, "factor.added").await), (1, 1));

        let named = browser.submit(&page, &[("nom_cle", "  Clé \n du bureau ")]).await;
        assert_eq!(named.path, "/compte/securite");
        let kept = keys(&app, CAMILLE).await;
        assert_eq!((kept.len(), kept[0].name.as_str(), kept[0].synced), (1, "Clé du bureau", false));
        assert_eq!(events(&app, "factor.renamed").await, 1);

        // The browser is told not to make the same one again.
        let page = browser.get(ADD).await;
        let asked = options(&mut browser, &page).await;
        let excluded = &asked["publicKey"]["excludeCredentials"][0];
        assert_eq!((&excluded["id"], &excluded["transports"][0]), (&b64u(&key.id).into(), &"internal".into()));
        assert_eq!(keys(&app, DOMINIQUE).await.len(), 0);
    }

    async fn a_passkey_takes_the_name_of_its_model(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let mut key = Authenticator::synced();
        key.aaguid = [0xd5, 0x48, 0x82, 0x6e, 0x79, 0xb4, 0xdb, 0x40, 0xa3, 0xd8, 0x11, 0x11, 0x6f, 0x7e, 0x83, 0x49];
        enrol(&mut browser, key).await;
        let kept = keys(&app, CAMILLE).await;
        assert_eq!((kept[0].name.as_str(), kept[0].synced), ("Bitwarden", true));
    }

    async fn a_new_account_makes_its_passkey_and_goes_on_to_the_service(app) {
        const NEW: &str = "maelle@boulangerie.example";
        let mut browser = app.browser();
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "create")])).await;
        let page = browser.submit(&page, &[("courriel", NEW)]).await;
        let code = app.last_code(NEW).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        let page = browser.submit(&page, &[("prenom", "Maëlle"), ("nom", "Guérin"), ("telephone", ""), ("fonction", "")]).await;
        let page = browser.submit(&page, &[("moyen", "cle")]).await;
        assert!(page.path.starts_with(ADD) && page.says("Continuer sans clé d’accès"), "{}", page.path);
        let without = page.links().into_iter().find(|l| l.starts_with("/creation/terminee?t=")).unwrap();

        let asked = options(&mut browser, &page).await;
        let made = Authenticator::new().create(&asked, &Twist::default());
        let page = post(&mut browser, &page, &asked, &made).await;
        let page = browser.submit(&page, &[("nom_cle", "Téléphone")]).await;
        assert_eq!(page.h1(), "Votre compte est créé", "{}", page.path);
        assert_eq!((page.path, keys(&app, NEW).await[0].name.as_str()), (without, "Téléphone"));
        assert!(browser.get("/compte/activite").await.says("Clé d’accès ajoutée"));
    }

    async fn a_name_that_cannot_be_kept_is_refused_and_the_rest_stays(app) {
        let (mut browser, _) = holder(&app, CAMILLE).await;
        let path = format!("{ADD}/{}", keys(&app, CAMILLE).await[0].id);
        let page = browser.get(&path).await;
        for bad in ["", " \u{1} ", &"x".repeat(61)] {
            let page = browser.submit(&page, &[("nom_cle", bad)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
            assert!(page.says("Saisissez un nom d’au plus 60 caractères"));
        }
        assert_eq!(keys(&app, CAMILLE).await[0].name, "Firefox sur Linux");
        // Naming leads back to the page that sent the person, when it is ours.
        for (asked, to) in [("/accueil", "/accueil"), ("//mal.example/", "/compte/securite"), ("https://mal.example/", "/compte/securite")] {
            let page = browser.get(&path).await;
            let page = browser.submit(&page, &[("nom_cle", "Clé"), ("retour", asked)]).await;
            assert_eq!(page.path, to, "{asked}");
        }
    }

    async fn the_handle_given_to_authenticators_tells_nothing_of_the_account(app) {
        let mut seen = Vec::new();
        for email in [CAMILLE, CAMILLE, DOMINIQUE] {
            let mut browser = signed_in(&app, email).await;
            let page = browser.get(ADD).await;
            let asked = options(&mut browser, &page).await;
            let handle = asked["publicKey"]["user"]["id"].as_str().unwrap().to_owned();
            let bytes = from_b64u(&handle).unwrap();
            assert_eq!(bytes.len(), 32);
            let id = account(&app, email).await.id;
            assert!(!String::from_utf8_lossy(&bytes).contains(id.as_str()) && !asked.to_string().contains(id.as_str()));
            seen.push(handle);
        }
        assert_eq!(seen[0], seen[1], "one person");
        assert_ne!(seen[0], seen[2], "another");
    }

    async fn an_attestation_that_is_not_right_is_refused_and_leaves_a_trace(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let app = &app;
        let browser = &mut browser;
        refused(app, browser, &Twist { origin: Some("https://sso.localhost.mal.example"), ..Twist::default() }, "origin").await;
        refused(app, browser, &Twist { origin: Some("http://sso.localhost:8001"), ..Twist::default() }, "origin").await;
        refused(app, browser, &Twist { cross_origin: true, ..Twist::default() }, "origin").await;
        refused(app, browser, &Twist { rp_id: Some("localhost"), ..Twist::default() }, "rp_id").await;
        refused(app, browser, &Twist { without: UP, ..Twist::default() }, "presence").await;
        refused(app, browser, &Twist { without: UV, ..Twist::default() }, "verification").await;
        refused(app, browser, &Twist { ceremony: Some("webauthn.get"), ..Twist::default() }, "ceremony").await;
        refused(app, browser, &Twist { challenge: Some(b64u([7; 32])), ..Twist::default() }, "challenge").await;
        assert_eq!(keys(app, CAMILLE).await.len(), 0);
        assert_eq!(told(app, CAMILLE, SecurityEvent::PasskeyAdded).await, 0);
    }

    async fn what_is_no_answer_at_all_is_refused(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let deep = format!("{}{}", "[".repeat(8_000), "]".repeat(8_000));
        for (at, junk) in ["", "{}", "null", "[]", "{\"id\":\"x\"}", "\u{1F511}", &deep].into_iter().enumerate() {
            let page = browser.get(ADD).await;
            let asked = options(&mut browser, &page).await;
            let page = post(&mut browser, &page, &asked, junk).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{at}");
        }
        // Well-formed outside, junk inside: cut, lengthened or altered at every tenth place.
        let page = browser.get(ADD).await;
        let asked = options(&mut browser, &page).await;
        let made: Value = serde_json::from_str(&Authenticator::new().create(&asked, &Twist::default())).unwrap();
        let object = from_b64u(made["response"]["attestationObject"].as_str().unwrap()).unwrap();
        for cut in (0..object.len()).step_by(10) {
            let page = browser.get(ADD).await;
            let asked = options(&mut browser, &page).await;
            let mut bad: Value = serde_json::from_str(&Authenticator::new().create(&asked, &Twist::default())).unwrap();
            bad["response"]["attestationObject"] = b64u(&object[..cut]).into();
            let page = post(&mut browser, &page, &asked, &bad.to_string()).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "cut at {cut}");
        }
        assert_eq!(keys(&app, CAMILLE).await.len(), 0);
        assert!(refusals(&app).await.len() > 15 && refusals(&app).await.iter().all(|why| why == "malformed"), "{:?}", refusals(&app).await);
    }

    async fn a_challenge_is_good_once_for_five_minutes_in_its_own_session(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(ADD).await;
        let asked = options(&mut browser, &page).await;
        assert_eq!(app.count(SPENT).await, 0, "asking writes nothing");
        // Another session of the same person in another browser, another person.
        for email in [CAMILLE, DOMINIQUE] {
            let mut other = signed_in(&app, email).await;
            let there = other.get(ADD).await;
            let made = Authenticator::new().create(&asked, &Twist::default());
            assert_eq!(post(&mut other, &there, &asked, &made).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{email}");
        }
        // Its own, once; another key cannot use it again.
        let made = Authenticator::new().create(&asked, &Twist::default());
        assert_eq!(post(&mut browser, &page, &asked, &made).await.status, StatusCode::OK);
        for again in [made, Authenticator::new().create(&asked, &Twist::default())] {
            assert_eq!(post(&mut browser, &page, &asked, &again).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        // Altered, absent, too old.
        let asked = options(&mut browser, &page).await;
        let made = Authenticator::new().create(&asked, &Twist::default());
        for bad in ["", "x", &asked["etat"].as_str().unwrap().replace(['A', 'B', 'C', 'D'], "E")] {
            let page = post(&mut browser, &page, &serde_json::json!({ "etat": bad }), &made).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        app.advance(300);
        assert_eq!(post(&mut browser, &page, &asked, &made).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let foreign = ["foreign_challenge"; 2];
        assert_eq!(refusals(&app).await, [&foreign[..], &["answered"; 2], &["foreign_challenge"; 3], &["expired"]].concat());
        assert_eq!(keys(&app, CAMILLE).await.len(), 1);
    }

    async fn fifty_answers_to_one_challenge_make_one_key(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(ADD).await;
        let asked = options(&mut browser, &page).await;
        let answers = (0..50).map(|_| {
            let (mut browser, page, asked) = (browser.clone(), page.clone(), asked.clone());
            let made = Authenticator::new().create(&asked, &Twist::default());
            async move { post(&mut browser, &page, &asked, &made).await.path }
        });
        let won = join_all(answers).await.into_iter().filter(|path| path.starts_with("/compte/securite/cle/fac_")).count();
        assert_eq!((won, keys(&app, CAMILLE).await.len(), told(&app, CAMILLE, SecurityEvent::PasskeyAdded).await), (1, 1, 1));
        // The session of the winner has another secret: those who come after it are not even somebody.
        assert!(refusals(&app).await.iter().all(|why| why == "answered"), "{:?}", refusals(&app).await);
    }

    async fn a_key_is_enrolled_once_whoever_has_it(app) {
        let (mut browser, mut key) = holder(&app, CAMILLE).await;
        for (browser, why) in [(&mut browser, "refused"), (&mut signed_in(&app, DOMINIQUE).await, "known")] {
            let page = browser.get(ADD).await;
            let asked = options(browser, &page).await;
            let made = key.create(&asked, &Twist::default());
            let page = post(browser, &page, &asked, &made).await;
            assert_eq!((page.status, refusals(&app).await.last().map(String::as_str)), (StatusCode::UNPROCESSABLE_ENTITY, Some(why)));
        }
        assert_eq!((keys(&app, CAMILLE).await.len(), keys(&app, DOMINIQUE).await.len()), (1, 0));
    }

    async fn a_person_has_at_most_twenty_passkeys(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        let early = browser.get(ADD).await;
        let asked = options(&mut browser, &early).await;
        let made = Authenticator::new().create(&asked, &Twist::default());
        for _ in 0..20 {
            enrol(&mut browser, Authenticator::new()).await;
        }
        let page = browser.get(ADD).await;
        assert!(page.says("Vous avez déjà 20 clés d’accès") && !page.body.contains("data-passkey"), "{}", page.body);
        // A page left open does not make one more.
        assert_eq!(post(&mut browser, &early, &asked, &made).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!((keys(&app, CAMILLE).await.len(), refusals(&app).await), (20, vec!["too_many".to_owned()]));
        assert_eq!(browser.get("/compte/securite/cle/options").await.path, ADD);
    }

    async fn adding_and_removing_ask_for_a_recent_sign_in(app) {
        let (mut browser, _) = holder(&app, CAMILLE).await;
        let one = format!("{ADD}/{}", keys(&app, CAMILLE).await[0].id);
        let (add, remove) = (browser.get(ADD).await, browser.get(&format!("{one}/supprimer")).await);
        let asked = options(&mut browser, &add).await;
        app.advance(601);
        for path in [ADD, "/compte/securite/cle/options", &format!("{one}/supprimer")] {
            assert!(browser.get(path).await.path.starts_with("/connexion/confirmer"), "{path}");
        }
        let made = Authenticator::new().create(&asked, &Twist::default());
        assert!(post(&mut browser, &add, &asked, &made).await.path.starts_with("/connexion/confirmer"));
        let removal = browser.press(&remove, &format!("{one}/supprimer"), &[]).await;
        assert!(removal.path.starts_with("/connexion/confirmer"), "{}", removal.path);
        assert_eq!(keys(&app, CAMILLE).await.len(), 1);
        assert_eq!(browser.get(&one).await.path, one, "naming does not");
    }

    async fn a_passkey_that_is_removed_is_told_and_signs_nobody_in(app) {
        let (mut browser, mut key) = holder(&app, CAMILLE).await;
        let mut kept = enrol(&mut browser, Authenticator::new()).await;
        let one = format!("{ADD}/{}", keys(&app, CAMILLE).await[0].id);
        // In the middle of a sign-in with it.
        let mut other = app.browser();
        let page = other.get("/connexion").await;
        let asked = options(&mut other, &page).await;
        let credential = key.get(&asked, &Twist::default());

        let confirm = browser.get(&format!("{one}/supprimer")).await;
        assert!(confirm.says("Firefox sur Linux"));
        let done = browser.press(&confirm, &one, &[]).await;
        assert_eq!(done.path, "/compte/securite");
        assert_eq!((told(&app, CAMILLE, SecurityEvent::PasskeyRemoved).await, events(&app, "factor.removed").await), (1, 1));
        assert_eq!(keys(&app, CAMILLE).await.len(), 1);

        let refused = post(&mut other, &page, &asked, &credential).await;
        assert_eq!((refused.status, refusals(&app).await), (StatusCode::UNPROCESSABLE_ENTITY, vec!["unknown_key".to_owned()]));
        assert_eq!(browser.get(&one).await.status, StatusCode::NOT_FOUND);
        assert_eq!(answer(&mut other, &page, &mut kept, &Twist::default()).await.path, "/accueil", "the other one still does");
    }

    async fn a_passkey_is_its_owners_affair(app) {
        let (mut camille, _) = holder(&app, CAMILLE).await;
        let one = format!("{ADD}/{}", keys(&app, CAMILLE).await[0].id);
        let naming = camille.get(&one).await;
        let removal = camille.get(&format!("{one}/supprimer")).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        for path in [&one, &format!("{one}/supprimer")] {
            assert_eq!(dominique.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        // Their own token, on forms of somebody else.
        let token = dominique.get("/compte/identite").await.forms().into_iter().find_map(|f| f.hidden.into_iter().find(|(n, _)| n == "jeton"));
        let token = token.unwrap().1;
        for (page, fields) in [(&naming, vec![("nom_cle", "volée")]), (&removal, vec![])] {
            let form = page.forms().into_iter().find(|f| f.action.starts_with(&one)).unwrap();
            let fields: Vec<(&str, &str)> = [("jeton", token.as_str())].into_iter().chain(fields).collect();
            assert_eq!(dominique.post(&form.action, &fields).await.status, StatusCode::NOT_FOUND, "{}", form.action);
        }
        let kept = keys(&app, CAMILLE).await;
        assert_eq!((kept.len(), kept[0].name.as_str()), (1, "Firefox sur Linux"));
    }
}
