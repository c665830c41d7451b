//! The services of an establishment, and what newcomers receive of them (G-14).

use super::*;
use guichet::org::habilitation::{self, Suspension};

const SERVICES: &str = "/etablissements/73282932000074/services";

async fn set(app: &TestApp, rights: &[&str]) -> Page {
    let mut browser = signed_in(app, DOMINIQUE).await;
    let token = token(&mut browser).await;
    let mut fields = vec![("jeton", token.as_str())];
    fields.extend(rights.iter().map(|r| ("droit", *r)));
    browser.post(SERVICES, &fields).await
}

/// Their place ends in two days.
async fn ends_soon(app: &TestApp, browser: &mut Browser, email: &str) {
    let page = browser.get(&person_path(app, email).await).await;
    let end = day(app, 2);
    let [d, m, y] = end.each_ref().map(String::as_str);
    let page = browser.submit(&page, &[("role", "contact"), ("etat", "actif"), ("fin_jour", d), ("fin_mois", m), ("fin_annee", y)]).await;
    assert!(page.says("sont enregistrés"), "{}", page.body);
}

/// Invites Andréa; the link she receives.
async fn invited(app: &TestApp) -> String {
    let mut browser = signed_in(app, DOMINIQUE).await;
    let page = browser.get(&format!("{BASE}/inviter")).await;
    let offered = page.body.contains("value=\"aides:depot\" checked");
    let mut fields = vec![("adresses", ANDREA), ("role", "contact"), ("etape", "apercu")];
    fields.extend(offered.then_some(("droit", "aides:depot")));
    let page = browser.submit(&page, &fields).await;
    browser.submit(&page, &[("etape", "envoyer")]).await;
    let (_, facts) = last_told(app, ANDREA).await;
    format!("/invitation?jeton={}", facts.request.unwrap())
}

async fn accepts(app: &TestApp, link: &str) {
    let mut andrea = app.browser();
    let page = andrea.get(link).await;
    let page = andrea.sign_in_with_code(&page, ANDREA).await;
    andrea.press(&page, "/invitation", &[]).await;
}

/// Dominique lets them in.
async fn admitted(app: &TestApp, email: &str) {
    let request = asks_to_join(app, email).await;
    let mut browser = signed_in(app, DOMINIQUE).await;
    let page = browser.get(&format!("{BASE}/demandes/{request}")).await;
    let page = browser.submit(&page, &[("decision", "accepter"), ("role", "contact")]).await;
    assert!(page.says("est acceptée"), "{}", page.body);
}

on_both! {
    async fn the_page_tells_what_is_used_and_where_access_is_asked_for(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(SERVICES).await;
        for words in ["Dépôt des aides", "Formations", "Fichier national", "L’équipe du portail décide", "Personne dans l’établissement n’a encore accès"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
        assert!(page.body.contains("value=\"aides:lecture\"") && !page.body.contains("value=\"national:national\""), "{}", page.body);
        assert!(page.body.contains(&format!("/services/national/demande?etablissement={BOULANGERIE}")), "{}", page.body);
        app.apply(&format!("[[habilitation]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{BOULANGERIE}\"\nservice = \"aides\"\nprofiles = [\"depot\"]\n")).await;
        let page = browser.get(SERVICES).await;
        assert!(page.says("1 personne y a accès") && !page.says("n’a encore accès"), "{}", page.body);
        let ask = browser.get(&format!("/services/aides/demande?etablissement={BOULANGERIE}")).await;
        assert_eq!(ask.status, StatusCode::OK);
        ends_soon(&app, &mut browser, CAMILLE).await;
        app.advance(4 * 86_400);
        let page = signed_in(&app, DOMINIQUE).await.get(SERVICES).await;
        assert!(page.says("n’a encore accès"), "whose place is over has none: {}", page.body);
    }

    async fn whoever_is_let_in_receives_what_the_managers_set_and_nobody_else_does(app) {
        prepare(&app).await;
        let page = set(&app, &["aides:lecture", "formation:formation"]).await;
        assert!(page.says("Les accès des nouveaux intervenants sont enregistrés") && page.body.contains("value=\"aides:lecture\" checked"), "{}", page.body);
        assert_eq!(events(&app, Kind::NewcomerRightsChanged).await, 1);
        assert_eq!(rights(&app, CAMILLE).await, Vec::<String>::new(), "who was there before");
        admitted(&app, ANDREA).await;
        assert_eq!(rights(&app, ANDREA).await, ["aides lecture"], "a training is lacking for the other");
        assert!(told(&app, ANDREA).await.iter().any(|(event, _)| *event == OrgEvent::AccessOpened));
        let held = habilitation::of_person(&mut app.app.db.read().await.unwrap(), &id(&app, ANDREA).await, &siret(BOULANGERIE)).await.unwrap();
        assert_eq!(held[0].granted_by, id(&app, DOMINIQUE).await.to_string(), "on the word of whoever let them in");

        // Saved as it stands: nothing changed. Emptied: nobody receives anything.
        set(&app, &["aides:lecture", "formation:formation"]).await;
        assert_eq!(events(&app, Kind::NewcomerRightsChanged).await, 1);
        set(&app, &[]).await;
        admitted(&app, SACHA).await;
        assert_eq!(rights(&app, SACHA).await, Vec::<String>::new());
        assert_eq!(rights(&app, ANDREA).await, ["aides lecture"], "what was given stays");
    }

    async fn what_is_not_the_managers_is_refused_and_coming_back_revives_nothing(app) {
        prepare(&app).await;
        for right in ["national:national", "aides:tout", "inconnu:x"] {
            assert_eq!(set(&app, &[right]).await.status, StatusCode::NOT_FOUND, "{right}");
        }
        assert_eq!(events(&app, Kind::NewcomerRightsChanged).await, 0);
        set(&app, &["aides:lecture"]).await;
        // Andréa was held back until her place ended: coming back revives nothing.
        let andrea = id(&app, ANDREA).await;
        app.apply(&format!(
            "[[membership]]\nlogin_email = \"{ANDREA}\"\nsiret = \"{BOULANGERIE}\"\nrole = \"contact\"\n\n[[habilitation]]\nlogin_email = \"{ANDREA}\"\nsiret = \"{BOULANGERIE}\"\nservice = \"aides\"\nprofiles = [\"depot\"]\n"
        ))
        .await;
        let ctx = app.app.ctx(Actor::Operator);
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(habilitation::suspend(&mut tx, &kit(&app, &ctx), &andrea, &siret(BOULANGERIE), "aides", Suspension::Security).await.unwrap());
        tx.commit().await.unwrap();
        ends_soon(&app, &mut signed_in(&app, DOMINIQUE).await, ANDREA).await;
        app.advance(4 * 86_400);
        assert_eq!(role(&app, ANDREA).await, None, "over");
        admitted(&app, ANDREA).await;
        assert_eq!(role(&app, ANDREA).await, Some(Role::Contact));
        assert_eq!(rights(&app, ANDREA).await, ["aides lecture"], "what newcomers receive, and nothing of before");
    }

    async fn an_invitation_brings_it_too_unless_somebody_is_there_already(app) {
        prepare(&app).await;
        set(&app, &["aides:depot"]).await;
        let link = invited(&app).await;
        accepts(&app, &link).await;
        assert_eq!(rights(&app, ANDREA).await, ["aides depot"]);

        // Let in on request while an invitation waits, then narrowed: the invitation gives nothing back.
        let path = person_path(&app, ANDREA).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(&format!("{path}/desactiver")).await;
        browser.submit(&page, &[("motif", "depart")]).await;
        let link = invited(&app).await;
        admitted(&app, ANDREA).await;
        assert_eq!(rights(&app, ANDREA).await, ["aides depot"]);
        let page = browser.get(&path).await;
        browser.submit(&page, &[("role", "contact"), ("etat", "actif"), ("droit", "")]).await;
        ends_soon(&app, &mut browser, ANDREA).await;
        assert_eq!(rights(&app, ANDREA).await, Vec::<String>::new());
        accepts(&app, &link).await;
        assert_eq!(rights(&app, ANDREA).await, Vec::<String>::new(), "what a manager withdrew");
        assert!(place(&app, ANDREA, BOULANGERIE).await.unwrap().expires_at.is_some(), "nor is the end of the place lifted");
    }

    async fn what_the_operator_holds_back_no_manager_gives_back_by_any_route(app) {
        prepare(&app).await;
        set(&app, &["aides:lecture"]).await;
        let declared = |profile: &str| {
            format!("[[habilitation]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{BOULANGERIE}\"\nservice = \"aides\"\nprofiles = [\"{profile}\"]\n")
        };
        app.apply(&declared("depot")).await;
        let (camille, ctx) = (id(&app, CAMILLE).await, app.app.ctx(Actor::Operator));
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(habilitation::suspend(&mut tx, &kit(&app, &ctx), &camille, &siret(BOULANGERIE), "aides", Suspension::Operator).await.unwrap());
        tx.commit().await.unwrap();

        let (path, mut browser) = (person_path(&app, CAMILLE).await, signed_in(&app, DOMINIQUE).await);
        let ticks = async |browser: &mut Browser| {
            let page = browser.get(&path).await;
            let page = browser.submit(&page, &[("role", "contact"), ("etat", "actif"), ("droit", "aides:depot")]).await;
            assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("seule peut le rétablir"), "{}", page.body);
        };
        ticks(&mut browser).await;
        let request = asks_for_access(&app, CAMILLE, "aides", &["depot"]).await;
        let page = browser.get(&format!("{BASE}/demandes/{request}")).await;
        let page = browser.submit(&page, &[("decision", "accepter"), ("profil", "depot")]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("seule peut le rétablir"), "{}", page.body);
        // Withdrawn, then given anew.
        let page = browser.get(&format!("{path}/acces/aides")).await;
        browser.submit(&page, &[("action", "retirer")]).await;
        let token = token(&mut browser).await;
        browser.post(&format!("{path}/acces/aides"), &[("jeton", token.as_str()), ("action", "retirer")]).await;
        ticks(&mut browser).await;
        // Gone, and let in again, with what newcomers receive.
        let page = browser.get(&format!("{path}/desactiver")).await;
        browser.submit(&page, &[("motif", "depart")]).await;
        admitted(&app, CAMILLE).await;
        assert_eq!(rights(&app, CAMILLE).await, Vec::<String>::new());
        app.apply(&declared("lecture")).await;
        assert_eq!(rights(&app, CAMILLE).await, ["aides lecture"], "the operator does");
    }

    async fn what_the_operator_holds_back_is_held_back_in_the_establishment_that_follows(app) {
        prepare(&app).await;
        app.apply(&format!("[[habilitation]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{BOULANGERIE}\"\nservice = \"aides\"\nprofiles = [\"depot\"]\n")).await;
        let (camille, ctx, services) = (id(&app, CAMILLE).await, app.app.ctx(Actor::Operator), app.app.services());
        let (kit, from) = (kit(&app, &ctx), siret(BOULANGERIE));
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(habilitation::suspend(&mut tx, &kit, &camille, &from, "aides", Suspension::Operator).await.unwrap());
        assert!(habilitation::set_state(&mut tx, &kit, &camille, &from, "aides", habilitation::State::Revoked).await.unwrap());
        let (from, to) = (org::find(&mut tx, &from).await.unwrap().unwrap(), org::find(&mut tx, &siret(MAIRIE)).await.unwrap().unwrap());
        org::succession::by_operator(&mut tx, Desk { kit: &kit, services: &services }, &from, &to).await.unwrap().unwrap();
        let held = habilitation::of_person(&mut tx, &camille, &to.siret).await.unwrap();
        assert!(held.len() == 1 && held[0].is_operators() && !held[0].holds(ctx.now()), "{held:?}");
        tx.commit().await.unwrap();
    }
}
