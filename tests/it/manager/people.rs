//! People of an establishment and their rights (G-02, G-03, G-07 to G-09).

use super::*;
use futures_util::future::join_all;
use guichet::org::MembershipState;
use guichet::org::people::{self, Change, Refused};

async fn changed(app: &TestApp, actor: &str, who: &str, change: Change) -> Result<bool, Refused> {
    let (actor, who) = (id(app, actor).await, id(app, who).await);
    let ctx = app.app.ctx(Actor::Account(actor.clone()));
    let mut tx = app.app.db.begin().await.unwrap();
    let done = people::change(&mut tx, &kit(app, &ctx), &actor, &siret(BOULANGERIE), &who, &change).await.unwrap();
    tx.commit().await.unwrap();
    done
}

fn gone() -> Change {
    Change { role: Role::Manager, state: MembershipState::Disabled, expires_at: None, reason: Some("departure") }
}

/// The place of this manager ends in a month.
async fn ends_in_a_month(app: &TestApp, email: &str) {
    let end = app.app.ctx(Actor::Anonymous).now().plus(std::time::Duration::from_secs(30 * 86_400));
    let dated = Change { role: Role::Manager, state: MembershipState::Active, expires_at: Some(end), reason: None };
    assert_eq!(changed(app, DOMINIQUE, email, dated).await, Ok(true));
}

const TRUSTED: &str = "SELECT COUNT(*) FROM trusted_browser";

/// A browser is trusted for this person.
async fn trusted(app: &TestApp, email: &str) {
    let (who, ctx) = (id(app, email).await, app.app.ctx(Actor::Anonymous));
    let mut tx = app.app.db.begin().await.unwrap();
    guichet::authn::trusted_browser::trust(&mut tx, &kit(app, &ctx), &who).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.count(TRUSTED).await, 1);
}

async fn page_of(app: &TestApp, browser: &mut Browser, email: &str) -> Page {
    let path = person_path(app, email).await;
    browser.get(&path).await
}

on_both! {
    async fn ag_09_a_manager_finds_the_people_of_the_establishment_and_exports_them(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(BASE).await;
        for words in ["Changer d’établissement", "Boulangerie Durand", "732 829 320 00074", "Intervenants associés à l’établissement", "Demandes (0)", "Cartes", "Dominique Martin"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
        let all = browser.get(&format!("{BASE}/intervenants")).await;
        for words in ["Camille Durand", "Dominique Martin", CAMILLE, "Gestionnaire de compte", "Contact de compte", "E-mail ou mot de passe", "Modifier les droits"] {
            assert!(all.says(words), "{words}: {}", all.body);
        }
        assert!(!all.says("Sacha"), "people of other establishments are not there");
        let (durand, martin) = (all.body.find("row\">Camille Durand").unwrap(), all.body.find("row\">Dominique Martin").unwrap());
        assert!(durand < martin, "by name");
        for (query, found, left_out) in [
            ("?q=MART", "Dominique Martin", "Camille Durand"),
            ("?q=camille@", "Camille Durand", "Dominique Martin"),
            ("?role=contact", "Camille Durand", "Dominique Martin"),
            ("?etat=actif&role=manager", "Dominique Martin", "Camille Durand"),
        ] {
            let page = browser.get(&format!("{BASE}/intervenants{query}")).await;
            // Whoever looks is named in the header.
            let row = |name: &str| page.says(&format!("row\">{name}"));
            assert!(row(found) && !row(left_out), "{query}: {}", page.body);
        }
        assert!(browser.get(&format!("{BASE}/intervenants?etat=desactive")).await.says("Aucun intervenant"));
        let file = browser.get(&format!("{BASE}/intervenants.csv")).await;
        assert!(file.answer.header("content-type").starts_with("text/csv"), "{:?}", file.answer.headers);
        assert_eq!(file.body.lines().count(), 4, "{}", file.body);
        assert!(file.body.contains("\"Lou =SOMME(A1)\"") && file.body.contains("\"Camille Durand\";\"camille@boulangerie.example\";\"Contact de compte\""), "{}", file.body);
    }

    async fn a_name_in_an_export_is_never_a_formula(app) {
        prepare(&app).await;
        app.apply("[[account]]\nlogin_email = \"formule@boulangerie.example\"\ngiven_name = \"=HYPERLINK(1)\"\nfamily_name = \"x\"\n\n[[membership]]\nlogin_email = \"formule@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\n").await;
        let file = signed_in(&app, DOMINIQUE).await.get(&format!("{BASE}/intervenants.csv")).await;
        assert!(file.body.contains("\"'=HYPERLINK(1) x\"") && !file.body.contains("\"=HYPERLINK"), "{}", file.body);
    }

    async fn the_list_comes_in_pages_by_name(app) {
        prepare(&app).await;
        let people: String = (0..60).map(|n| format!("[[account]]\nlogin_email = \"p{n:02}@boulangerie.example\"\ngiven_name = \"P{n:02}\"\nfamily_name = \"Zola\"\n\n[[membership]]\nlogin_email = \"p{n:02}@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\n\n")).collect();
        app.apply(&people).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let first = browser.get(&format!("{BASE}/intervenants?q=boulangerie.example")).await;
        let next = first.links().into_iter().find(|l| l.contains("apres=")).unwrap();
        let second = browser.get(&next).await;
        let count = |page: &Page| page.body.matches("scope=\"row\"").count();
        assert_eq!((count(&first), count(&second)), (50, 13));
        assert!(second.says("P59 Zola") && !first.says("P59 Zola") && !second.says("Camille"), "{}", second.body);
    }

    async fn ag_22_a_manager_edits_rights_and_saves(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = page_of(&app, &mut browser, CAMILLE).await;
        assert!(page.says("Dépôt des aides") && page.says("Formations") && !page.says("Fichier national"), "{}", page.body);
        let end = day(&app, 40);
        let [d, m, y] = end.each_ref().map(String::as_str);
        let fields = [("role", "contact"), ("etat", "actif"), ("droit", "aides:depot"), ("fin_jour", d), ("fin_mois", m), ("fin_annee", y)];
        let page = browser.submit(&page, &fields).await;
        assert!(page.says("Les droits de Camille Durand sont enregistrés"), "{}", page.body);
        assert_eq!(rights(&app, CAMILLE).await, ["aides depot"]);
        assert_eq!(last_told(&app, CAMILLE).await.0, OrgEvent::AccessOpened);
        let again = page_of(&app, &mut browser, CAMILLE).await;
        assert!(again.body.contains("value=\"aides:depot\" checked") && again.body.contains(&format!("value=\"{y}\"")), "{}", again.body);
        // Nothing ticked: withdrawn. An empty date: no end.
        let page = browser.submit(&again, &[("role", "contact"), ("etat", "actif"), ("fin_jour", ""), ("fin_mois", ""), ("fin_annee", "")]).await;
        assert!(page.says("sont enregistrés"), "{}", page.body);
        assert_eq!((rights(&app, CAMILLE).await, place(&app, CAMILLE, BOULANGERIE).await.unwrap().expires_at), (vec![], None));
        assert_eq!(last_told(&app, CAMILLE).await.0, OrgEvent::AccessRevoked);
        // What is not theirs to give, and what the person lacks.
        for (droit, status) in [("national:national", StatusCode::NOT_FOUND), ("aides:tout", StatusCode::NOT_FOUND), ("formation:formation", StatusCode::UNPROCESSABLE_ENTITY)] {
            let page = page_of(&app, &mut browser, CAMILLE).await;
            let page = browser.submit(&page, &[("role", "contact"), ("etat", "actif"), ("droit", droit)]).await;
            assert_eq!(page.status, status, "{droit}");
        }
        assert_eq!(rights(&app, CAMILLE).await, Vec::<String>::new());
        // AC-37: with the attestation no other training is asked for.
        app.apply("[[attestation]]\nlogin_email = \"camille@boulangerie.example\"\nkind = \"diplome\"\nobtained_on = \"2026-01-15\"\n").await;
        let page = page_of(&app, &mut browser, CAMILLE).await;
        browser.submit(&page, &[("role", "contact"), ("etat", "actif"), ("droit", "formation:formation")]).await;
        assert_eq!(rights(&app, CAMILLE).await, ["formation formation"]);
    }

    async fn nobody_gives_rights_to_themselves(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = page_of(&app, &mut browser, DOMINIQUE).await;
        assert!(page.says("Vos propres accès se demandent") && !page.body.contains("name=\"droit\""), "{}", page.body);
        let form = page.forms().into_iter().find(|f| f.names.iter().any(|n| n == "etat")).unwrap();
        let mut fields: Vec<(&str, &str)> = form.hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.extend([("role", "manager"), ("etat", "actif"), ("droit", "aides:depot")]);
        browser.post(&form.action, &fields).await;
        assert_eq!(rights(&app, DOMINIQUE).await, Vec::<String>::new());
    }

    async fn ag_19_a_manager_changes_roles_and_the_last_one_keeps_theirs(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = page_of(&app, &mut browser, LOU).await;
        browser.submit(&page, &[("role", "contact"), ("etat", "actif")]).await;
        assert_eq!((role(&app, LOU).await, last_told(&app, LOU).await.0), (Some(Role::Contact), OrgEvent::RoleChanged));
        let page = page_of(&app, &mut browser, DOMINIQUE).await;
        let end = day(&app, 10);
        let [d, m, y] = end.each_ref().map(String::as_str);
        for fields in [vec![("role", "contact"), ("etat", "actif")], vec![("role", "manager"), ("etat", "actif"), ("fin_jour", d), ("fin_mois", m), ("fin_annee", y)]] {
            let page = browser.submit(&page, &fields).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.says("Vous êtes le seul gestionnaire de compte. Désignez un autre gestionnaire avant de modifier votre rôle."), "{}", page.body);
        }
        let page = browser.get(&format!("{}/desactiver", person_path(&app, DOMINIQUE).await)).await;
        let page = browser.submit(&page, &[("motif", "depart")]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("Vous êtes le seul gestionnaire"), "{}", page.body);
        assert_eq!(role(&app, DOMINIQUE).await, Some(Role::Manager));
        // A new manager hears so.
        let page = page_of(&app, &mut browser, CAMILLE).await;
        browser.submit(&page, &[("role", "manager"), ("etat", "actif")]).await;
        assert_eq!((role(&app, CAMILLE).await, last_told(&app, CAMILLE).await.0), (Some(Role::Manager), OrgEvent::Manager));
    }

    async fn an_establishment_is_never_left_to_managers_who_are_about_to_end(app) {
        prepare(&app).await;
        let until = |days: i64| Some(app.app.ctx(Actor::Anonymous).now().plus(std::time::Duration::from_secs(days.unsigned_abs() * 86_400)));
        let dated = |expires_at| Change { role: Role::Manager, state: MembershipState::Active, expires_at, reason: None };
        assert_eq!(changed(&app, DOMINIQUE, LOU, dated(until(30))).await, Ok(true));
        for change in [dated(until(60)), gone(), Change { role: Role::Contact, ..dated(None) }] {
            assert_eq!(changed(&app, DOMINIQUE, DOMINIQUE, change.clone()).await, Err(Refused::OthersEnd), "{change:?}");
        }
        // A later end is no earlier one; and with Lou to stay, Dominique may go.
        assert_eq!(changed(&app, DOMINIQUE, LOU, dated(until(40))).await, Ok(true));
        assert_eq!(changed(&app, DOMINIQUE, LOU, dated(None)).await, Ok(true));
        assert_eq!(changed(&app, DOMINIQUE, DOMINIQUE, dated(until(60))).await, Ok(true));
    }

    async fn whoever_is_not_alone_is_told_that_the_others_have_an_end(app) {
        prepare(&app).await;
        ends_in_a_month(&app, LOU).await;
        let mut lou = signed_in(&app, LOU).await;
        let told = |page: &Page| {
            let words = "Les autres gestionnaires de compte de l’établissement ont une date de fin. Retirez d’abord cette date";
            assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says(words), "{} {}", page.path, page.body);
            assert!(!page.says("Vous êtes le seul"), "{}", page.body);
        };
        let page = page_of(&app, &mut lou, DOMINIQUE).await;
        told(&lou.submit(&page, &[("role", "contact"), ("etat", "actif")]).await);
        let page = lou.get(&format!("{}/desactiver", person_path(&app, DOMINIQUE).await)).await;
        told(&lou.submit(&page, &[("motif", "depart")]).await);
        let (jeton, dominique) = (token(&mut lou).await, id(&app, DOMINIQUE).await);
        let many = [("jeton", jeton.as_str()), ("personne", dominique.as_str()), ("motif", "mission")];
        told(&lou.post(&format!("{BASE}/desactiver"), &many).await);
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(&format!("{BASE}/quitter")).await;
        told(&browser.press(&page, BASE, &[]).await);
        assert_eq!(role(&app, DOMINIQUE).await, Some(Role::Manager));
        // Lou takes their own end away, as the sentence says.
        let page = page_of(&app, &mut lou, LOU).await;
        lou.submit(&page, &[("role", "manager"), ("etat", "actif"), ("fin_jour", ""), ("fin_mois", ""), ("fin_annee", "")]).await;
        let page = lou.get(&format!("{}/desactiver", person_path(&app, DOMINIQUE).await)).await;
        lou.submit(&page, &[("motif", "depart")]).await;
        assert_eq!((role(&app, DOMINIQUE).await, role(&app, LOU).await), (None, Some(Role::Manager)));
    }

    async fn security_does_not_wait_for_a_manager_without_an_end(app) {
        prepare(&app).await;
        ends_in_a_month(&app, LOU).await;
        let urgent = || Change { reason: Some("security"), ..gone() };
        assert_eq!(changed(&app, DOMINIQUE, DOMINIQUE, urgent()).await, Err(Refused::OthersEnd), "never for oneself");
        let down = Change { role: Role::Contact, state: MembershipState::Active, ..urgent() };
        assert_eq!(changed(&app, LOU, DOMINIQUE, down).await, Err(Refused::OthersEnd), "no other change");
        assert_eq!(changed(&app, LOU, DOMINIQUE, urgent()).await, Ok(true));
        assert_eq!((role(&app, DOMINIQUE).await, role(&app, LOU).await), (None, Some(Role::Manager)));
        assert_eq!(changed(&app, LOU, LOU, urgent()).await, Err(Refused::LastManager));
        // The same for several people, on their page.
        app.apply("[[membership]]\nlogin_email = \"dominique@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"manager\"\nstate = \"active\"\n").await;
        let mut lou = signed_in(&app, LOU).await;
        let (jeton, camille, dominique) = (token(&mut lou).await, id(&app, CAMILLE).await, id(&app, DOMINIQUE).await);
        let both = [("jeton", jeton.as_str()), ("personne", camille.as_str()), ("personne", dominique.as_str()), ("motif", "securite")];
        let page = lou.post(&format!("{BASE}/desactiver"), &both).await;
        assert!(page.says("2 personnes n’agissent plus"), "{}", page.body);
        assert_eq!((role(&app, CAMILLE).await, role(&app, DOMINIQUE).await), (None, None));
    }

    async fn the_operator_leaves_an_establishment_to_managers_who_end_only_by_force(app) {
        let app = lasting(app).await;
        ends_in_a_month(&app, LOU).await;
        let (who, ctx) = (id(&app, DOMINIQUE).await, app.app.ctx(Actor::Operator));
        let force = async |force: bool| {
            let mut tx = app.app.db.begin().await.unwrap();
            let done = people::set_by_operator(&mut tx, &kit(&app, &ctx), &siret(BOULANGERIE), &who, &gone(), force).await.unwrap();
            tx.commit().await.unwrap();
            done
        };
        assert_eq!((force(false).await, events(&app, Kind::GuardForced).await), (Err(Refused::OthersEnd), 0));
        assert_eq!((force(true).await, events(&app, Kind::GuardForced).await), (Ok(true), 1));
        let page = signed_in(&app, LOU).await.get(&format!("{BASE}/journal?famille=personnes")).await;
        assert!(page.says("laissé à des gestionnaires de compte qui ont une date de fin"), "{}", page.body);
    }

    async fn a_place_that_ended_takes_its_rights_with_it(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = page_of(&app, &mut browser, CAMILLE).await;
        let end = day(&app, 10);
        let [d, m, y] = end.each_ref().map(String::as_str);
        browser.submit(&page, &[("role", "contact"), ("etat", "actif"), ("droit", "aides:depot"), ("fin_jour", d), ("fin_mois", m), ("fin_annee", y)]).await;
        assert_eq!(rights(&app, CAMILLE).await, ["aides depot"]);
        app.advance(11 * 86_400);
        assert_eq!(role(&app, CAMILLE).await, None);
        let lasting = Change { role: Role::Contact, state: MembershipState::Active, expires_at: None, reason: None };
        // The page shows none of them: another end for the place is none for its rights.
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = page_of(&app, &mut browser, CAMILLE).await;
        assert!(!page.body.contains("value=\"aides:depot\" checked") && page.body.contains("value=\"aides:depot\""), "{}", page.body);
        assert_eq!(changed(&app, DOMINIQUE, CAMILLE, lasting).await, Ok(true));
        assert_eq!((role(&app, CAMILLE).await, rights(&app, CAMILLE).await), (Some(Role::Contact), Vec::new()));
        assert_eq!(last_told(&app, CAMILLE).await.0, OrgEvent::Reactivated);
    }

    async fn what_is_ticked_while_a_place_is_taken_up_again_is_given(app) {
        prepare(&app).await;
        app.apply("[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\n\n[[habilitation]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"73282932000074\"\nservice = \"aides\"\nprofiles = [\"depot\"]\n").await;
        app.apply("[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\nexpires_on = \"2001-01-01\"\n").await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = page_of(&app, &mut browser, CAMILLE).await;
        browser.submit(&page, &[("role", "contact"), ("etat", "actif"), ("droit", "aides:depot"), ("fin_jour", ""), ("fin_mois", ""), ("fin_annee", "")]).await;
        assert_eq!(rights(&app, CAMILLE).await, ["aides depot"]);
    }

    async fn ag_18_ac_35_who_leaves_is_deactivated_for_a_reason_and_loses_everything_there_at_once(app) {
        prepare(&app).await;
        let request = asks_for_access(&app, CAMILLE, "aides", &["lecture"]).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = page_of(&app, &mut browser, CAMILLE).await;
        browser.submit(&page, &[("role", "contact"), ("etat", "actif"), ("droit", "aides:depot")]).await;
        let page = page_of(&app, &mut browser, CAMILLE).await;
        let page = browser.submit(&page, &[("role", "contact"), ("etat", "desactive")]).await;
        assert!(page.path.ends_with("/desactiver") && page.h1() == "Désactiver Camille Durand", "{}", page.path);
        assert_eq!(role(&app, CAMILLE).await, Some(Role::Contact), "asked first");
        let missing = browser.submit(&page, &[("motif", "")]).await;
        assert!(missing.status == StatusCode::UNPROCESSABLE_ENTITY && missing.says("Choisissez un motif"), "{}", missing.body);
        trusted(&app, CAMILLE).await;
        let done = browser.submit(&page, &[("motif", "depart")]).await;
        assert_eq!(app.count(TRUSTED).await, 0, "ux 3.6");
        assert!(done.says("Camille Durand n’agit plus pour l’établissement") && done.says("Désactivé"), "{}", done.body);
        assert_eq!((role(&app, CAMILLE).await, rights(&app, CAMILLE).await), (None, vec![]));
        assert_eq!(request_state(&app, &request).await, request::State::Cancelled, "what they had asked for is closed");
        assert_eq!(last_told(&app, CAMILLE).await.0, OrgEvent::Deactivated);
        assert!(account(&app, CAMILLE).await.is_alive(), "FA-08: the account stays the person's own");
        // G-08: back, without the accesses of before.
        let page = page_of(&app, &mut browser, CAMILLE).await;
        let page = browser.press(&page, &person_path(&app, CAMILLE).await, &[]).await;
        assert!(page.says("Camille Durand agit de nouveau"), "{}", page.body);
        assert_eq!((role(&app, CAMILLE).await, rights(&app, CAMILLE).await), (Some(Role::Contact), vec![]));
        assert_eq!(last_told(&app, CAMILLE).await.0, OrgEvent::Reactivated);
    }

    async fn ac_38_who_changes_structure_keeps_what_they_learnt_and_is_given_access_anew(app) {
        prepare(&app).await;
        app.apply("[[attestation]]\nlogin_email = \"camille@boulangerie.example\"\nkind = \"diplome\"\nobtained_on = \"2026-01-15\"\n\n[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"21750001600019\"\nrole = \"contact\"\n").await;
        let ticked = [("role", "contact"), ("etat", "actif"), ("droit", "formation:formation")];
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let page = page_of(&app, &mut dominique, CAMILLE).await;
        dominique.submit(&page, &ticked).await;
        assert_eq!(rights(&app, CAMILLE).await, ["formation formation"]);
        // The old structure deactivates; what is held at the new one is another matter.
        let page = dominique.get(&format!("{}/desactiver", person_path(&app, CAMILLE).await)).await;
        dominique.submit(&page, &[("motif", "mission")]).await;
        assert_eq!(rights(&app, CAMILLE).await, Vec::<String>::new());
        let mut sacha = signed_in(&app, SACHA).await;
        let page = sacha.get(&format!("/etablissements/{MAIRIE}/intervenants/{}", id(&app, CAMILLE).await)).await;
        assert!(!page.body.contains("value=\"formation:formation\" checked"), "{}", page.body);
        let page = sacha.submit(&page, &ticked).await;
        assert!(page.says("sont enregistrés"), "{}", page.body);
        let held = org::habilitation::of_person(&mut app.app.db.read().await.unwrap(), &id(&app, CAMILLE).await, &siret(MAIRIE)).await.unwrap();
        assert_eq!(held.iter().map(|h| (h.service.as_str(), h.state)).collect::<Vec<_>>(), [("formation", org::habilitation::State::Active)]);
        assert_eq!(rights(&app, CAMILLE).await, Vec::<String>::new(), "nothing came back at the old one");
    }

    async fn ac_36_a_manager_hands_over_before_leaving(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, SACHA).await;
        let town_hall = format!("/etablissements/{MAIRIE}/transferer");
        assert!(browser.get(&town_hall).await.says("pas encore de contact de compte"));
        app.apply("[[membership]]\nlogin_email = \"andrea@ailleurs.example\"\nsiret = \"21750001600019\"\nrole = \"contact\"\n").await;
        let andrea = id(&app, ANDREA).await;
        let page = browser.get(&town_hall).await;
        let wrong = browser.submit(&page, &[("personne", ""), ("devenir_contact", "1")]).await;
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.says("Choisissez un contact"), "{}", wrong.body);
        let page = browser.submit(&page, &[("personne", andrea.as_str()), ("devenir_contact", "1")]).await;
        assert!(page.path == town_hall && page.says("envoyée à Andréa Moreau"), "{}", page.body);
        assert_eq!(place(&app, ANDREA, MAIRIE).await.unwrap().role, Role::Contact, "not before it is accepted");
        let offer = format!("/transfert/{}", last_told(&app, ANDREA).await.1.request.unwrap());
        let mut heir = signed_in(&app, ANDREA).await;
        let page = heir.get(&offer).await;
        heir.press(&page, &offer, &[("action", "accepter")]).await;
        assert_eq!(place(&app, ANDREA, MAIRIE).await.unwrap().role, Role::Manager);
        assert_eq!(place(&app, SACHA, MAIRIE).await.unwrap().role, Role::Contact);
        let news = async |who: &str| told(&app, who).await.into_iter().map(|(event, _)| event).collect::<Vec<_>>();
        assert!(news(ANDREA).await.contains(&OrgEvent::Manager), "{:?}", news(ANDREA).await);
        let sacha = news(SACHA).await;
        assert!(sacha.contains(&OrgEvent::RoleChanged) && sacha.contains(&OrgEvent::HandoverAccepted), "{sacha:?}");
        // The new one deactivates the one who leaves.
        let mut browser = signed_in(&app, ANDREA).await;
        let path = format!("/etablissements/{MAIRIE}/intervenants/{}/desactiver", id(&app, SACHA).await);
        let page = browser.get(&path).await;
        browser.submit(&page, &[("motif", "depart")]).await;
        assert_eq!(place(&app, SACHA, MAIRIE).await.unwrap().state, MembershipState::Disabled);
    }

    async fn ag_18_several_people_are_deactivated_at_once_for_one_reason(app) {
        prepare(&app).await;
        app.apply("[[membership]]\nlogin_email = \"andrea@ailleurs.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\n").await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let (camille, lou, own) = (id(&app, CAMILLE).await, id(&app, LOU).await, id(&app, DOMINIQUE).await);
        let list = browser.get(&format!("{BASE}/intervenants")).await;
        assert!(list.body.contains(&format!("value=\"{camille}\"")) && !list.body.contains(&format!("value=\"{own}\"")), "{}", list.body);
        let here = format!("{BASE}/desactiver");
        let page = browser.get(&format!("{here}?personne={camille}&personne={lou}&personne={own}&personne={camille}")).await;
        assert!(page.says("2 personnes") && page.says("Camille Durand") && page.says("Lou"), "{}", page.body);
        assert_eq!(role(&app, CAMILLE).await, Some(Role::Contact), "a link does nothing");
        let jeton = token(&mut browser).await;
        let both = [("jeton", jeton.as_str()), ("personne", camille.as_str()), ("personne", lou.as_str())];
        let wrong = browser.post(&here, &both).await;
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.says("Choisissez un motif"), "{}", wrong.body);
        trusted(&app, CAMILLE).await;
        let done = browser.post(&here, &[&both[..], &[("motif", "depart")]].concat()).await;
        assert_eq!(app.count(TRUSTED).await, 0, "ux 3.6");
        assert!(done.says("2 personnes n’agissent plus"), "{}", done.body);
        assert_eq!((role(&app, CAMILLE).await, role(&app, LOU).await, role(&app, ANDREA).await), (None, None, Some(Role::Contact)));
        assert_eq!((last_told(&app, CAMILLE).await.0, last_told(&app, LOU).await.0), (OrgEvent::Deactivated, OrgEvent::Deactivated));
        // Nobody to deactivate: oneself, those who are out already.
        let none = browser.get(&format!("{here}?personne={own}&personne={camille}")).await;
        assert!(none.path.ends_with("/intervenants") && none.says("Cochez au moins une personne"), "{}", none.body);
        // Somebody of another establishment spoils the whole.
        let (andrea, sacha) = (id(&app, ANDREA).await, id(&app, SACHA).await);
        let refused = events(&app, Kind::RightRefused).await;
        let mixed = [("jeton", jeton.as_str()), ("personne", andrea.as_str()), ("personne", sacha.as_str()), ("motif", "depart")];
        assert_eq!(browser.post(&here, &mixed).await.status, StatusCode::NOT_FOUND);
        assert_eq!((role(&app, ANDREA).await, events(&app, Kind::RightRefused).await), (Some(Role::Contact), refused + 1));
    }

    async fn people_without_a_strong_means_are_reminded_once_a_day_and_nobody_else_is(app) {
        prepare(&app).await;
        app.apply("[[membership]]\nlogin_email = \"andrea@ailleurs.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\n").await;
        let (camille, lou, sacha) = (id(&app, CAMILLE).await, id(&app, LOU).await, id(&app, SACHA).await);
        let mut tx = app.app.db.begin().await.unwrap();
        let key = "INSERT INTO factor (id, account_id, kind, name, sealed, moving, drift, created_at) VALUES ('f', $1, 'passkey', 'Clé', '', 0, 0, 0)";
        guichet::sql!(&mut tx, key, lou.as_str(); exec).unwrap();
        tx.commit().await.unwrap();
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let list = browser.get(&format!("{BASE}/intervenants")).await;
        assert!(list.body.contains(&format!("formaction=\"{BASE}/relancer\"")), "{}", list.body);
        let here = format!("{BASE}/relancer");
        let page = browser.get(&format!("{here}?personne={camille}&personne={lou}")).await;
        assert!(page.says("1 personne") && page.says("Camille Durand") && !page.says("Lou"), "{}", page.body);
        assert_eq!(events(&app, Kind::EnrolmentReminded).await, 0, "a link does nothing");
        let jeton = token(&mut browser).await;
        let both = [("jeton", jeton.as_str()), ("personne", camille.as_str()), ("personne", lou.as_str())];
        assert!(browser.post(&here, &both).await.says("Le rappel est envoyé à 1 personne"));
        let (event, facts) = last_told(&app, CAMILLE).await;
        assert_eq!((event, facts.person.as_deref(), facts.establishment.as_str()), (OrgEvent::EnrolmentReminded, Some("Dominique Martin"), "Boulangerie Durand"));
        assert_eq!((told(&app, LOU).await.len(), events(&app, Kind::EnrolmentReminded).await), (0, 1));
        let again = browser.post(&here, &both).await;
        assert!(again.says("déjà reçu un rappel aujourd’hui"), "{}", again.body);
        assert_eq!(events(&app, Kind::EnrolmentReminded).await, 1);
        let strong = browser.get(&format!("{here}?personne={lou}")).await;
        assert!(strong.path.ends_with("/intervenants") && strong.says("ont déjà un moyen"), "{}", strong.body);
        // A place that is over, an account that is closed: left out, and nobody else with them.
        let andrea = id(&app, ANDREA).await;
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, "UPDATE membership SET expires_at = 1 WHERE account_id = $1", andrea.as_str(); exec).unwrap();
        tx.commit().await.unwrap();
        let none = browser.get(&format!("{here}?personne={andrea}")).await;
        assert!(none.says("n’agissent plus pour l’établissement"), "{}", none.body);
        let over = [("jeton", jeton.as_str()), ("personne", andrea.as_str()), ("personne", camille.as_str())];
        assert!(browser.post(&here, &over).await.says("déjà reçu un rappel"));
        assert_eq!((told(&app, ANDREA).await.len(), events(&app, Kind::EnrolmentReminded).await), (0, 1));
        let refused = events(&app, Kind::RightRefused).await;
        let mixed = [("jeton", jeton.as_str()), ("personne", camille.as_str()), ("personne", sacha.as_str())];
        assert_eq!(browser.post(&here, &mixed).await.status, StatusCode::NOT_FOUND);
        assert_eq!((told(&app, SACHA).await.len(), events(&app, Kind::RightRefused).await), (0, refused + 1));
        app.advance(86_400);
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let jeton = token(&mut browser).await;
        assert!(browser.post(&here, &[("jeton", jeton.as_str()), ("personne", camille.as_str())]).await.says("Le rappel est envoyé"));
        assert!(browser.get(&format!("{BASE}/journal")).await.says("Rappel d’enrôlement envoyé"));
    }

    async fn handing_over_asks_for_a_recent_sign_in(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        app.advance(601);
        assert!(browser.get(&format!("{BASE}/transferer")).await.path.starts_with("/connexion/"));
    }

    async fn of_two_managers_who_remove_each_other_at_once_one_stays(app) {
        prepare(&app).await;
        for _ in 0..5 {
            let outcomes = join_all([changed(&app, DOMINIQUE, LOU, gone()), changed(&app, LOU, DOMINIQUE, gone())]).await;
            assert_eq!(outcomes.iter().filter(|o| **o == Ok(true)).count(), 1, "{outcomes:?}");
            assert!(outcomes.contains(&Err(Refused::NotManager)), "{outcomes:?}");
            let left = [role(&app, DOMINIQUE).await, role(&app, LOU).await];
            assert_eq!(left.iter().flatten().collect::<Vec<_>>(), [&Role::Manager], "exactly one");
            app.apply("[[membership]]\nlogin_email = \"lou@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"manager\"\nstate = \"active\"\n\n[[membership]]\nlogin_email = \"dominique@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"manager\"\nstate = \"active\"\n").await;
        }
        assert_eq!(events(&app, Kind::RightRefused).await, 5);
        // Both step down at once: one is too many.
        let down = || Change { role: Role::Contact, state: MembershipState::Active, expires_at: None, reason: None };
        let outcomes = join_all([changed(&app, DOMINIQUE, DOMINIQUE, down()), changed(&app, LOU, LOU, down())]).await;
        assert!(outcomes.contains(&Ok(true)) && outcomes.contains(&Err(Refused::LastManager)), "{outcomes:?}");
    }
}
