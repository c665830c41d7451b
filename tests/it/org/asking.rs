//! Asking for access (P-04) by people of many establishments.

use super::*;

const ASK: &str = "/services/aides/demande";

fn chosen(page: &Page, siret: &str) -> bool {
    page.body.contains(&format!("value=\"{siret}\" required checked"))
}

fn offered(page: &Page, siret: &str) -> bool {
    page.body.contains(&format!("name=\"etablissement\" value=\"{siret}\" required"))
}

on_both! {
    async fn ef_12_however_many_establishments_there_are_access_is_asked_for_in_any_of_them(app) {
        let app = world(app).await;
        many(&app, CAMILLE, "contact", 1..=205).await;
        let last = numbered(205);
        let mut browser = signed_in(&app, CAMILLE).await;
        // Of itself, it stands far down.
        let page = browser.get(ASK).await;
        assert!(offered(&page, &numbered(50)) && !offered(&page, &last), "{}", page.body);
        // The one that is named is there, and chosen.
        let page = browser.get(&format!("{ASK}?etablissement={last}")).await;
        assert!(chosen(&page, &last) && offered(&page, &numbered(1)), "{}", page.body);
        // A form without what it needs is shown again with it.
        let again = browser.submit(&page, &[("etablissement", &last), ("motif", "Bonjour")]).await;
        assert!(again.status == 422 && again.says("Choisissez au moins un profil") && chosen(&again, &last), "{}", again.body);
        // So is one that is looked for, without a script; what was chosen is kept.
        assert!(page.body.contains("name=\"filtre\"") && page.body.contains("<form class=\"search\" method=\"get\""), "{}", page.body);
        let found = browser.get(&format!("{ASK}?filtre=atelier+204&etablissement={last}")).await;
        assert!(offered(&found, &numbered(204)) && chosen(&found, &last) && !offered(&found, &numbered(1)), "{}", found.body);
        let nothing = browser.get(&format!("{ASK}?filtre=boucherie")).await;
        assert!(nothing.says("Aucun de vos établissements ne correspond") && nothing.body.contains("name=\"filtre\""), "{}", nothing.body);
        // Page after page, all of them.
        let (mut page, mut seen) = (browser.get(ASK).await, 0);
        loop {
            seen += (1..=205).filter(|n| offered(&page, &numbered(*n))).count();
            match page.links().into_iter().find(|l| l.contains("apres=")) {
                Some(next) => page = browser.get(&next).await,
                None => break,
            }
        }
        assert_eq!(seen, 205);
        let sent = browser.submit(&found, &[("etablissement", &last), ("profil", "lecteur")]).await;
        assert!(sent.says("Votre demande a été envoyée") && sent.says("Atelier 205"), "{}", sent.body);
    }

    async fn establishments_of_others_are_not_offered_and_a_few_need_no_filter(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        place(&app, CAMILLE, TOWN_HALL, "").await;
        app.apply(&format!("[[establishment]]\nsiret = \"{}\"\nname = \"Atelier\"\n", numbered(1))).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(&format!("{ASK}?etablissement={}", numbered(1))).await;
        assert!(offered(&page, BAKERY) && offered(&page, TOWN_HALL) && !page.says("Atelier"), "{}", page.body);
        assert!(!page.body.contains("name=\"filtre\""), "{}", page.body);
        place(&app, CAMILLE, TOWN_HALL, "state = \"disabled\"").await;
        let page = browser.get(&format!("{ASK}?etablissement={TOWN_HALL}")).await;
        assert!(chosen(&page, BAKERY) && !offered(&page, TOWN_HALL), "the only one: {}", page.body);
    }
}
