//! « Journal » of an establishment (G-15).

use super::*;
use guichet::audit::chain;
use guichet::worker;

on_both! {
    async fn the_journal_shows_what_happened_here_and_nothing_else(app) {
        let app = lasting(app).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let page = browser_edit(&app, &mut dominique).await;
        assert!(page.says("sont enregistrés"), "{}", page.body);
        // A stranger tries, another establishment lives its life.
        signed_in(&app, ANDREA).await.get(BASE).await;
        app.apply("[[habilitation]]\nlogin_email = \"sacha@mairie.example\"\nsiret = \"21750001600019\"\nservice = \"national\"\nprofiles = [\"national\"]\n").await;
        let page = dominique.get(&format!("{BASE}/journal")).await;
        for words in ["Accès ouvert ou modifié", "Dépôt des aides", "Camille Durand", "Dominique Martin", "Tentative refusée", "Une autre personne", "L’équipe du portail"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
        for words in ["Fichier national", "Sacha", "Andréa", "127.0.0.1", "192.0.2", "203.0.113", "acc_", "aud_"] {
            let main = page.body.split("<main").nth(1).unwrap();
            assert!(!main.contains(words), "{words}: {main}");
        }
        // Narrowed; and as a file.
        let page = dominique.get(&format!("{BASE}/journal?famille=refus")).await;
        assert!(page.says("Tentative refusée") && !page.body.contains("<td>Accès ouvert"), "{}", page.body);
        let file = dominique.get(&format!("{BASE}/journal.csv?famille=acces")).await;
        assert!(file.answer.header("content-type").starts_with("text/csv"));
        assert!(file.body.contains("\"Dépôt des aides\";\"Camille Durand\";\"Dominique Martin\"") && !file.body.contains("refusée"), "{}", file.body);
        // Twelve months.
        app.advance(367 * 86_400);
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        assert!(dominique.get(&format!("{BASE}/journal?famille=acces")).await.says("Aucun événement"));
    }

    async fn handing_over_and_leaving_an_establishment_to_nobody_are_in_the_journal(app) {
        let app = lasting(app).await;
        let (giver, heir, sacha) = (account(&app, DOMINIQUE).await, account(&app, CAMILLE).await, account(&app, SACHA).await);
        let (bakery, hall) = (siret(BOULANGERIE), siret(MAIRIE));
        let ctx = app.app.ctx(Actor::Account(giver.id.clone()));
        let kit = kit(&app, &ctx);
        let mut tx = app.app.db.begin().await.unwrap();
        let first = guichet::org::handover::offer(&mut tx, &kit, &giver, &bakery, &heir.id, true).await.unwrap().unwrap();
        assert!(guichet::org::handover::cancel(&mut tx, &kit, &giver, &bakery, &first.id).await.unwrap());
        let second = guichet::org::handover::offer(&mut tx, &kit, &giver, &bakery, &heir.id, false).await.unwrap().unwrap();
        guichet::org::handover::accept(&mut tx, &kit, &heir, &second.id).await.unwrap().unwrap();
        // The operator leaves the town hall to nobody, then thinks better of it.
        let down = guichet::org::people::Change { role: Role::Contact, state: org::MembershipState::Active, expires_at: None, reason: None };
        guichet::org::people::set_by_operator(&mut tx, &kit, &hall, &sacha.id, &down, true).await.unwrap().unwrap();
        let place = org::find(&mut tx, &hall).await.unwrap().unwrap();
        assert!(guichet::org::people::place_by_operator(&mut tx, &kit, &sacha, &place, Role::Manager).await.unwrap());
        tx.commit().await.unwrap();
        let page = signed_in(&app, DOMINIQUE).await.get(&format!("{BASE}/journal?famille=personnes")).await;
        for words in ["Transfert de la gestion proposé", "Proposition de transfert close", "Gestion transférée"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
        let page = signed_in(&app, SACHA).await.get(&format!("/etablissements/{MAIRIE}/journal?famille=personnes")).await;
        assert!(page.says("Établissement laissé sans gestionnaire de compte"), "{}", page.body);
    }

    async fn the_journal_comes_in_pages(app) {
        prepare(&app).await;
        for n in 0..60 {
            let profile = if n % 2 == 0 { "lecture" } else { "depot" };
            app.apply(&format!("[[habilitation]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"73282932000074\"\nservice = \"aides\"\nprofiles = [\"{profile}\"]\n")).await;
        }
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let first = dominique.get(&format!("{BASE}/journal?famille=acces")).await;
        let next = first.links().into_iter().find(|l| l.contains("apres=")).unwrap();
        let second = dominique.get(&next).await;
        let count = |page: &Page| page.body.matches("<tr><td>").count();
        assert_eq!((count(&first), count(&second)), (50, 10));
    }

    async fn the_trail_still_verifies_and_an_event_filed_elsewhere_is_seen(app) {
        prepare(&app).await;
        worker::drain(&app.app).await.unwrap();
        let report = chain::verify(&mut app.app.db.read().await.unwrap(), None).await.unwrap();
        assert!(report.faults.is_empty() && report.rows > 4, "{report:?}");
        let mut tx = app.app.db.begin().await.unwrap();
        const MOVE: &str = "UPDATE audit_event SET siret = '21750001600019' WHERE siret = '73282932000074'";
        let moved: u64 = guichet::sql!(&mut tx, MOVE; exec).unwrap();
        tx.commit().await.unwrap();
        let report = chain::verify(&mut app.app.db.read().await.unwrap(), None).await.unwrap();
        assert!(moved > 0 && report.faults.len() as u64 == moved, "{moved} {report:?}");
    }
}

/// Dominique gives Camille a profile.
async fn browser_edit(app: &TestApp, browser: &mut Browser) -> Page {
    let path = person_path(app, CAMILLE).await;
    let page = browser.get(&path).await;
    browser.submit(&page, &[("role", "contact"), ("etat", "actif"), ("droit", "aides:lecture")]).await
}
