//! Choosing the establishment (S-14), having no access (S-15), asking for it and being answered.

use guichet::base::Actor;
use guichet::org::request::{Desk, decide};
use guichet::org::service::store as services;

use super::*;
use crate::support::rp::claims;

/// A decision by somebody, or by the operator.
pub async fn decided(
    app: &TestApp,
    who: Option<&str>,
    id: &AskId,
    verdict: decide::Verdict,
) -> Result<guichet::org::request::Request, decide::Refused> {
    let ctx = app.app.ctx(Actor::Operator);
    let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
    let all = app.app.services();
    let mut tx = app.app.db.begin().await.unwrap();
    let who = match who {
        Some(email) => {
            let email = guichet::base::Email::parse(email).unwrap();
            Some(guichet::account::store::find_by_login(&mut tx, &email).await.unwrap().unwrap().id)
        }
        None => None,
    };
    let outcome = decide::decide(&mut tx, Desk { kit: &kit, services: &all }, who.as_ref(), id, &verdict).await.unwrap();
    tx.commit().await.unwrap();
    outcome
}

pub fn grants(profiles: &[&str]) -> decide::Verdict {
    decide::Verdict::Grant { profiles: profiles.iter().map(|p| (*p).to_owned()).collect(), until: None }
}

/// A request of Camille for the service, for the bakery.
async fn asked(app: &TestApp, browser: &mut Browser, profiles: &str) -> Page {
    let page = browser.get("/services/aides/demande").await;
    let page = browser.submit(&page, &[("etablissement", BAKERY), ("profil", profiles), ("motif", "Je remplace un collègue")]).await;
    assert!(page.says("Votre demande a été envoyée"), "{} {}", page.path, page.body);
    assert_eq!(happened(app, Kind::RequestFiled).await, 1);
    page
}

on_both! {
    async fn fa_26_the_establishment_is_chosen_when_several_open_the_service(app) {
        let app = world(app).await;
        for siret in [BAKERY, TOWN_HALL] {
            place(&app, CAMILLE, siret, "").await;
            grant(&app, CAMILLE, siret, "\"lecteur\"").await;
        }
        let mut browser = signed_in(&app, CAMILLE).await;
        assert_eq!(browser.get(&AIDES.authorize(&[("prompt", "none")])).await.left_with("error").as_deref(), Some("interaction_required"));
        let page = browser.get(&AIDES.authorize(&[])).await;
        assert_eq!(page.h1(), "Pour quel établissement vous connectez-vous\u{202f}?");
        let wrong = browser.submit(&page, &[("etablissement", "35600000000048")]).await;
        assert!(wrong.status == 422 && wrong.says("Choisissez un établissement"), "{}", wrong.body);
        let done = browser.submit(&page, &[("etablissement", TOWN_HALL)]).await;
        let code = done.left_with("code").unwrap_or_else(|| panic!("{} {}", done.path, done.body));
        let tokens = AIDES.redeem(&app, &code).await.json();
        assert_eq!(claims(tokens["id_token"].as_str().unwrap())["establishment"]["siret"], TOWN_HALL);
        assert_eq!(happened(&app, Kind::EstablishmentChosen).await, 1);
        // In this session it is settled; asked for, it is chosen again; another session is asked.
        assert!(browser.get(&AIDES.authorize(&[("prompt", "none")])).await.left_with("code").is_some());
        assert_eq!(browser.get(&AIDES.authorize(&[("prompt", "select_establishment")])).await.h1(), "Pour quel établissement vous connectez-vous\u{202f}?");
        let hinted = browser.get(&AIDES.authorize(&[("siret_hint", BAKERY)])).await;
        let tokens = AIDES.redeem(&app, &hinted.left_with("code").unwrap()).await.json();
        assert_eq!(claims(tokens["id_token"].as_str().unwrap())["establishment"]["siret"], BAKERY);
        let mut other = signed_in(&app, CAMILLE).await;
        let page = other.get(&AIDES.authorize(&[])).await;
        let done = other.submit(&page, &[("etablissement", BAKERY), ("retenir", "oui")]).await;
        assert!(done.left_with("code").is_some());
        let mut third = signed_in(&app, CAMILLE).await;
        assert!(third.get(&AIDES.authorize(&[("prompt", "none")])).await.left_with("code").is_some(), "retained");
    }

    async fn s_14_stays_narrowed_from_page_to_page(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        many(&app, CAMILLE, "contact", 1..=55).await;
        for siret in [BAKERY.to_owned(), numbered(1)] {
            grant(&app, CAMILLE, &siret, "\"lecteur\"").await;
        }
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(&AIDES.authorize(&[])).await;
        assert!(page.path.starts_with("/connexion/etablissement?"), "{}", page.path);
        let first = browser.get(&format!("{}&filtre=atelier", page.path)).await;
        assert!(first.says("Atelier 050") && !first.says("Atelier 051") && !first.says("Boulangerie"), "{}", first.body);
        let next = first.links().into_iter().find(|l| l.contains("apres=")).unwrap();
        let second = browser.get(&next).await;
        assert!(second.says("Atelier 051") && second.says("Atelier 055") && !second.says("Boulangerie"), "{}", second.body);
        assert!(second.body.contains("value=\"atelier\""), "what was typed is kept: {}", second.body);
    }

    async fn an_establishment_that_cannot_be_acted_for_is_never_taken_from_a_hint(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        grant(&app, CAMILLE, BAKERY, "\"lecteur\"").await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let silent = [("prompt", "none"), ("siret_hint", TOWN_HALL)];
        assert_eq!(browser.get(&AIDES.authorize(&silent)).await.left_with("error").as_deref(), Some("interaction_required"));
        let page = browser.get(&AIDES.authorize(&[("siret_hint", TOWN_HALL)])).await;
        assert!(page.says("Boulangerie Durand") && !page.says("Mairie"), "{}", page.body);
    }

    async fn ef_02_ef_12_access_is_asked_for_decided_and_used(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let mut browser = signed_in(&app, CAMILLE).await;
        assert_eq!(browser.get(&AIDES.authorize(&[("prompt", "none")])).await.left_with("error").as_deref(), Some("access_denied"));
        let refused = browser.get(&AIDES.authorize(&[])).await;
        assert!(refused.h1().starts_with("Vous n’avez pas encore accès à"), "{}", refused.body);
        assert!(refused.links().iter().any(|l| l == "/services/aides/demande"), "{:?}", refused.links());
        let page = asked(&app, &mut browser, "lecteur").await;
        let id = request_of(&page);
        // EF-13, EF-14: whoever decides is written to, and so is the person.
        let facts = heard(&app, GASTON, OrgEvent::AccessToDecide).await;
        assert_eq!(facts.request.as_deref(), Some(id.as_str()));
        assert_eq!((facts.email.as_deref(), facts.profiles.as_deref()), (Some(CAMILLE), Some("Lecteur")));
        heard(&app, CAMILLE, OrgEvent::AccessSent).await;
        assert!(browser.get(&AIDES.authorize(&[])).await.says("attend une réponse"));
        let again = browser.get("/services/aides/demande").await;
        let again = browser.submit(&again, &[("etablissement", BAKERY), ("profil", "lecteur")]).await;
        assert!(again.says("Une demande est déjà en cours pour cet établissement"), "{}", again.body);
        let decision = decided(&app, Some(GASTON), &id, grants(&["lecteur"])).await.unwrap();
        assert_eq!(decision.state, guichet::org::request::State::Accepted);
        heard(&app, CAMILLE, OrgEvent::AccessOpened).await;
        let page = browser.get(&AIDES.authorize(&[])).await;
        assert!(page.left_with("code").is_some(), "{} {}", page.path, page.body);
        // The service sets the longest time.
        let granted = app.count("SELECT COUNT(*) FROM habilitation WHERE expires_at IS NOT NULL").await;
        assert_eq!(granted, 1);
    }

    async fn a_request_is_decided_once_by_those_who_may(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        app.apply("[[account]]\nlogin_email = \"ailleurs@mairie.example\"\ngiven_name = \"A\"\nfamily_name = \"B\"\nemail_verified = true\n").await;
        app.apply(&format!("[[membership]]\nlogin_email = \"ailleurs@mairie.example\"\nsiret = \"{TOWN_HALL}\"\nrole = \"manager\"\n")).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = asked(&app, &mut browser, "lecteur").await;
        let id = request_of(&page);
        for who in [CAMILLE, "ailleurs@mairie.example"] {
            assert_eq!(decided(&app, Some(who), &id, grants(&["lecteur"])).await.unwrap_err(), decide::Refused::Unknown, "{who}");
        }
        assert_eq!(happened(&app, Kind::RightRefused).await, 2, "and it leaves a trace");
        for wrong in [grants(&[]), grants(&["administrateur"]), decide::Verdict::Admit(guichet::org::Role::Manager), decide::Verdict::Decline(" ".into())] {
            assert_eq!(decided(&app, Some(GASTON), &id, wrong.clone()).await.unwrap_err(), decide::Refused::Unfit, "{wrong:?}");
        }
        // A manager who has just lost the role decides nothing.
        app.apply("[[account]]\nlogin_email = \"autre@boulangerie.example\"\ngiven_name = \"A\"\nfamily_name = \"C\"\nemail_verified = true\n").await;
        app.apply(&format!("[[membership]]\nlogin_email = \"autre@boulangerie.example\"\nsiret = \"{BAKERY}\"\nrole = \"manager\"\n")).await;
        place(&app, GASTON, BAKERY, "").await;
        assert_eq!(decided(&app, Some(GASTON), &id, grants(&["lecteur"])).await.unwrap_err(), decide::Refused::Unknown);
        let autre = "autre@boulangerie.example";
        // Two at once: one decides.
        let both = futures_util::future::join(
            decided(&app, Some(autre), &id, grants(&["lecteur"])),
            decided(&app, None, &id, decide::Verdict::Decline("Inconnue".into())),
        );
        let (a, b) = both.await;
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert_eq!([a, b].into_iter().filter_map(Result::err).collect::<Vec<_>>(), [decide::Refused::Late]);
        assert_eq!(happened(&app, Kind::RequestDecided).await, 1);
    }

    async fn what_was_withdrawn_or_left_is_not_granted(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = asked(&app, &mut browser, "lecteur").await;
        let id = request_of(&page);
        let page = browser.submit(&page, &[("action", "annuler")]).await;
        assert!(page.says("Votre demande a été annulée"), "{}", page.body);
        assert_eq!(decided(&app, Some(GASTON), &id, grants(&["lecteur"])).await.unwrap_err(), decide::Refused::Late);
        let page = browser.get("/services/aides/demande").await;
        let page = browser.submit(&page, &[("etablissement", BAKERY), ("profil", "lecteur")]).await;
        let id = request_of(&page);
        place(&app, CAMILLE, BAKERY, "state = \"disabled\"").await;
        assert_eq!(decided(&app, Some(GASTON), &id, grants(&["lecteur"])).await.unwrap_err(), decide::Refused::Gone);
        assert_eq!(app.count("SELECT COUNT(*) FROM habilitation").await, 0);
    }

    async fn ef_15_a_request_is_sent_again_after_three_days_three_times_at_most(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = asked(&app, &mut browser, "lecteur").await;
        assert!(!page.says("Relancer ma demande") && page.says("Vous pourrez relancer votre demande à partir du"), "{}", page.body);
        let url = page.path.clone();
        for n in 1..=3 {
            app.advance(3 * 86_400);
            let mut browser = signed_in(&app, CAMILLE).await;
            let page = browser.get(&url).await;
            let page = browser.submit(&page, &[("action", "relancer")]).await;
            assert!(page.says("Votre demande a été relancée"), "{n}: {}", page.body);
            let early = browser.submit(&page, &[("action", "relancer")]).await;
            assert!(early.says("Il est trop tôt"), "{n}: {}", early.body);
        }
        app.advance(30 * 86_400);
        let mut browser = signed_in(&app, CAMILLE).await;
        assert!(!browser.get(&url).await.says("Relancer ma demande"));
        let reminded = told(&app, GASTON).await.into_iter().filter(|(e, _)| *e == OrgEvent::AccessReminded).count();
        assert_eq!(reminded, 3);
    }

    async fn the_sole_manager_opens_a_service_for_themself_where_managers_decide(app) {
        let app = world(app).await;
        let mut browser = signed_in(&app, GASTON).await;
        let page = browser.get("/services/aides/demande").await;
        let page = browser.submit(&page, &[("etablissement", BAKERY), ("profil", "instructeur")]).await;
        assert!(page.says("Votre accès est ouvert"), "{}", page.body);
        assert!(browser.get(&AIDES.authorize(&[])).await.left_with("code").is_some());
        assert_eq!(app.count("SELECT COUNT(*) FROM habilitation WHERE granted_by = 'sole_manager'").await, 1);
    }

    async fn an_attestation_that_is_demanded_comes_first(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        app.apply(&WORLD.replace("max_days = 365", "max_days = 365\nprerequisites = [\"formation\"]")).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let send = async |browser: &mut Browser| {
            let page = browser.get("/services/aides/demande").await;
            browser.submit(&page, &[("etablissement", BAKERY), ("profil", "lecteur")]).await
        };
        assert!(send(&mut browser).await.says("Ce service demande une attestation que vous n’avez pas encore"));
        let attestation = |end: &str| format!("[[attestation]]\nlogin_email = \"{CAMILLE}\"\nkind = \"formation\"\nobtained_on = \"2001-01-01\"\n{end}");
        app.apply(&attestation("expires_on = \"2002-01-01\"")).await;
        assert!(send(&mut browser).await.says("Ce service demande une attestation"), "an old one");
        app.apply(&attestation("expires_on = \"2100-01-01\"")).await;
        assert!(send(&mut browser).await.says("Votre demande a été envoyée"));
    }

    async fn ef_13_the_request_goes_to_whoever_is_named_for_the_service_and_the_place(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        app.apply(&WORLD.replace("access = \"request\"", "access = \"request\"\napprover = \"named\"")).await;
        for (who, scope) in [("ici", "732829320"), ("ailleurs", TOWN_HALL)] {
            let account = format!("[[account]]\nlogin_email = \"{who}@aides.example\"\ngiven_name = \"A\"\nfamily_name = \"B\"\nemail_verified = true\n");
            app.apply(&format!("{account}\n[[approver]]\nservice = \"aides\"\nlogin_email = \"{who}@aides.example\"\nscope = \"{scope}\"\n")).await;
        }
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = asked(&app, &mut browser, "lecteur").await;
        let id = request_of(&page);
        let url = format!("/demandes/a-traiter/{id}");
        assert_eq!(heard(&app, "ici@aides.example", OrgEvent::AccessToDecide).await.request.as_deref(), Some(id.as_str()));
        assert!(told(&app, "ailleurs@aides.example").await.is_empty() && told(&app, GASTON).await.is_empty());
        for other in ["ailleurs@aides.example", GASTON, CAMILLE] {
            let mut other = signed_in(&app, other).await;
            assert_eq!(other.get(&url).await.status, 404);
            assert!(other.get("/demandes/a-traiter").await.says("Aucune demande n’attend votre réponse"));
        }
        let mut approver = signed_in(&app, "ici@aides.example").await;
        assert!(approver.get("/demandes/a-traiter").await.links().contains(&url));
        let page = approver.get(&url).await;
        assert!(page.says("Camille") && page.says("Je remplace un collègue"), "{}", page.body);
        let silent = approver.submit(&page, &[("decision", "decliner"), ("precision", " ")]).await;
        assert!(silent.status == 422 && silent.says("Indiquez ce que la personne doit savoir"), "{}", silent.body);
        let done = approver.submit(&page, &[("decision", "accepter"), ("profil", "instructeur")]).await;
        assert!(done.says("Votre réponse a été enregistrée"), "{}", done.body);
        assert_eq!(heard(&app, CAMILLE, OrgEvent::AccessPartly).await.service.as_deref(), Some("Dépôt des aides"));
        assert!(browser.get(&AIDES.authorize(&[])).await.left_with("code").is_some());
    }

    async fn whoever_is_named_no_more_decides_nothing(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        app.apply(&WORLD.replace("access = \"request\"", "access = \"request\"\napprover = \"named\"")).await;
        let named = |more: &str| format!("[[approver]]\nservice = \"aides\"\nlogin_email = \"{GASTON}\"\nscope = \"{BAKERY}\"\n{more}\n");
        app.apply(&named("")).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let id = request_of(&asked(&app, &mut browser, "lecteur").await);
        let mut gaston = signed_in(&app, GASTON).await;
        let page = gaston.get(&format!("/demandes/a-traiter/{id}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        app.apply(&named("named = false")).await;
        app.apply(&named("named = false")).await;
        assert_eq!(happened(&app, Kind::ApproverChanged).await, 2, "named, and no more");
        assert_eq!(gaston.submit(&page, &[("decision", "accepter"), ("profil", "lecteur")]).await.status, 404);
        assert_eq!(decided(&app, Some(GASTON), &id, grants(&["lecteur"])).await.unwrap_err(), decide::Refused::Unknown);
    }

    async fn requests_of_others_do_not_exist(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = asked(&app, &mut browser, "lecteur").await;
        let (url, mut other) = (page.path.clone(), signed_in(&app, GASTON).await);
        assert_eq!(other.get(&url).await.status, 404);
        let form = browser.get(&url).await;
        let jeton = other.get("/compte/identite").await.forms().iter().find_map(|f| f.hidden.iter().find(|(n, _)| n == "jeton").cloned()).unwrap().1;
        assert_eq!(other.post(form.path.split('?').next().unwrap(), &[("jeton", &jeton), ("action", "annuler")]).await.status, 404);
        assert_eq!(happened(&app, Kind::RequestCancelled).await, 0);
        assert!(services::find(&mut app.app.db.read().await.unwrap(), "aides").await.unwrap().is_some());
    }
}
