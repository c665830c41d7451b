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
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(&person_path(&app, ANDREA).await).await;
        let end = day(&app, 2);
        let [d, m, y] = end.each_ref().map(String::as_str);
        browser.submit(&page, &[("role", "contact"), ("etat", "actif"), ("fin_jour", d), ("fin_mois", m), ("fin_annee", y)]).await;
        app.advance(4 * 86_400);
        assert_eq!(role(&app, ANDREA).await, None, "over");
        admitted(&app, ANDREA).await;
        assert_eq!(role(&app, ANDREA).await, Some(Role::Contact));
        assert_eq!(rights(&app, ANDREA).await, ["aides lecture"], "what newcomers receive, and nothing of before");
    }

    async fn an_invitation_brings_it_too(app) {
        prepare(&app).await;
        set(&app, &["aides:depot"]).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(&format!("{BASE}/inviter")).await;
        let page = browser.submit(&page, &[("adresses", ANDREA), ("role", "contact"), ("etape", "apercu")]).await;
        browser.submit(&page, &[("etape", "envoyer")]).await;
        let (_, facts) = last_told(&app, ANDREA).await;
        let mut andrea = app.browser();
        let page = andrea.get(&format!("/invitation?jeton={}", facts.request.unwrap())).await;
        let page = andrea.sign_in_with_code(&page, ANDREA).await;
        andrea.press(&page, "/invitation", &[]).await;
        assert_eq!(rights(&app, ANDREA).await, ["aides depot"]);
    }
}
