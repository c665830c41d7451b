//! Names with accents are found without them and stand where people look for them.

use super::*;
use crate::support::{Engine, encode};
use guichet::account::Civil;
use guichet::account::civil::store as civil;
use guichet::account::profile::Identity;
use guichet::base::Timestamp;
use guichet::org::store::PeopleFilter;
use guichet::worker;

// Addresses without the names.
const ELODIE: &str = "e.e@boulangerie.example";
const JEAN_PAUL: &str = "x_y@boulangerie.example";
const SCHOOL: &str = "73282932000082";

/// An account, and their place at the bakery.
fn person(email: &str, given: &str, family: &str) -> String {
    format!(
        "[[account]]\nlogin_email = \"{email}\"\ngiven_name = \"{given}\"\nfamily_name = \"{family}\"\nemail_verified = true\n\n\
         [[membership]]\nlogin_email = \"{email}\"\nsiret = \"{BOULANGERIE}\"\nrole = \"contact\"\n\n"
    )
}

/// Three more people at the bakery; Camille works at the school too.
async fn employ(app: &TestApp) {
    prepare(app).await;
    let people = [(JEAN_PAUL, "Jean-Paul", "Martin-Dupont"), ("l.f@boulangerie.example", "Luc", "Fabre"), (ELODIE, "Élodie", "Écuyer")];
    app.apply(&people.map(|(email, given, family)| person(email, given, family)).concat()).await;
    app.apply(&format!(
        "[[establishment]]\nsiret = \"{SCHOOL}\"\nname = \"ÉCOLE DES TROIS CHÊNES\"\n\n\
         [[membership]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{SCHOOL}\"\nrole = \"contact\"\n"
    ))
    .await;
}

/// The people of the bakery whom G-02 shows for what was typed, in order.
async fn found(browser: &mut Browser, typed: &str) -> Vec<String> {
    let page = browser.get(&format!("{BASE}/intervenants?{}", encode(&[("q", typed)]))).await;
    assert_eq!(page.status, StatusCode::OK, "{typed}: {}", page.body);
    let rows = page.body.split("<th scope=\"row\">").skip(1);
    rows.map(|row| row.split('<').next().unwrap_or_default().to_owned()).collect()
}

/// Whether « Mes établissements » shows the school and not the bakery for what was typed.
async fn school_alone(browser: &mut Browser, typed: &str) -> bool {
    let page = browser.get(&format!("/etablissements?{}", encode(&[("q", typed)]))).await;
    let links = page.links();
    links.contains(&format!("/etablissements/{SCHOOL}/quitter")) && !links.contains(&format!("{BASE}/quitter"))
}

/// Another version of the hub left the store so.
async fn left(app: &TestApp, statement: &'static str) {
    let mut tx = app.app.db.begin().await.unwrap();
    guichet::sql!(&mut tx, statement; exec).unwrap();
    tx.commit().await.unwrap();
}

async fn folded(app: &TestApp) -> Vec<(String, String)> {
    const NAMES: &str = "SELECT id, name_folded FROM account UNION ALL SELECT siret, name_folded FROM establishment ORDER BY 1";
    guichet::sql!(&mut app.app.db.read().await.unwrap(), NAMES; (String, String); all).unwrap()
}

on_both! {
    async fn people_are_found_and_sorted_whatever_the_accents_and_the_case(app) {
        employ(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let elodie = ["Élodie", "elodie", "écuyer", "ECUYER", "elodie ecuyer", "ecuyer elodie", "Écuyer É", "E\u{301}cuyer", ELODIE, "e.e@BOUL"];
        for typed in elodie {
            assert_eq!(found(&mut browser, typed).await, ["Élodie Écuyer"], "{typed}");
        }
        for typed in ["martin-dupont", "dupont jean", "paul martin dupont", "x_y@"] {
            assert_eq!(found(&mut browser, typed).await, ["Jean-Paul Martin-Dupont"], "{typed}");
        }
        for typed in ["%", "zoé", "elodie fabre", "x%y@", "xzy@"] {
            assert_eq!(found(&mut browser, typed).await, Vec::<String>::new(), "{typed}");
        }
        let all = ["Camille Durand", "Élodie Écuyer", "Luc Fabre", "Dominique Martin", "Jean-Paul Martin-Dupont", "Lou =SOMME(A1)"];
        assert_eq!(found(&mut browser, "").await, all);
        // Those after one of them.
        let after = id(&app, ELODIE).await;
        let filter = PeopleFilter { after: after.as_str(), text: "", role: "", state: "", used_before: Timestamp::from_millis(i64::MAX) };
        let mut read = app.app.db.read().await.unwrap();
        let rows = org::store::people(&mut read, &siret(BOULANGERIE), &filter, 2).await.unwrap();
        assert_eq!(rows.iter().map(|r| r.family_name.as_str()).collect::<Vec<_>>(), ["Fabre", "Martin"]);
        // Those who are told.
        let members = org::members(&mut read, &siret(BOULANGERIE), app.app.ctx(Actor::Anonymous).now()).await.unwrap();
        assert_eq!(members.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(), all);
    }

    async fn establishments_are_found_whatever_the_accents_and_the_case(app) {
        employ(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        for typed in ["école", "ecole", "ÉCOLE", "trois chenes", "Chênes", "732 829 320 00082"] {
            assert!(school_alone(&mut browser, typed).await, "{typed}");
        }
        for typed in ["boulangerie", "%", "théâtre"] {
            assert!(!school_alone(&mut browser, typed).await, "{typed}");
        }
        app.apply(&format!("[[establishment]]\nsiret = \"{SCHOOL}\"\nname = \"THÉÂTRE DE L’ŒUVRE\"\n")).await;
        for typed in ["théâtre", "theatre", "l'oeuvre", "œuvre"] {
            assert!(school_alone(&mut browser, typed).await, "{typed}");
        }
        assert!(!school_alone(&mut browser, "ecole").await);
    }

    async fn s_14_finds_establishments_whatever_the_accents(app) {
        use crate::org::{AIDES, grant, place, world};
        let app = world(app).await;
        app.apply(&format!("[[establishment]]\nsiret = \"{SCHOOL}\"\nname = \"ÉCOLE DES TROIS CHÊNES\"\n")).await;
        for siret in [BOULANGERIE, SCHOOL] {
            place(&app, CAMILLE, siret, "").await;
            grant(&app, CAMILLE, siret, "\"lecteur\"").await;
        }
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(&AIDES.authorize(&[])).await;
        assert!(page.path.starts_with("/connexion/etablissement?"), "{}", page.path);
        for typed in ["école", "ecole", "chenes"] {
            let narrowed = browser.get(&format!("{}&{}", page.path, encode(&[("filtre", typed)]))).await;
            let offers = |siret: &str| narrowed.body.contains(&format!("value=\"{siret}\""));
            assert!(offers(SCHOOL) && !offers(BOULANGERIE), "{typed}: {}", narrowed.body);
        }
    }

    async fn people_are_found_by_their_new_name_and_no_more_by_the_old(app) {
        employ(&app).await;
        let mut camille = signed_in(&app, CAMILLE).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        assert_eq!(found(&mut browser, "durand").await, ["Camille Durand"]);
        // In « Mon compte ».
        let page = camille.get("/compte/identite").await;
        camille.submit(&page, &[("prenom", "Éléonore"), ("nom", "d’Étré"), ("telephone", ""), ("fonction", "")]).await;
        for typed in ["etre", "d'étré", "eleonore d’Étré"] {
            assert_eq!(found(&mut browser, typed).await, ["Éléonore d’Étré"], "{typed}");
        }
        assert_eq!(found(&mut browser, "durand").await, Vec::<String>::new());
        // By a declaration.
        app.apply(&format!("[[account]]\nlogin_email = \"{LOU}\"\ngiven_name = \"Lou\"\nfamily_name = \"Çelik\"\n")).await;
        assert_eq!((found(&mut browser, "celik").await, found(&mut browser, "somme").await), (vec!["Lou Çelik".to_owned()], Vec::new()));
        // By a provider that vouches for it; then nobody else's writing counts.
        let (who, now) = (id(&app, ELODIE).await, app.app.ctx(Actor::Anonymous).now());
        let vouched = Civil {
            provider: "fc".into(),
            at: now,
            until: None,
            given_name: "Noëlle".into(),
            given_names: Vec::new(),
            family_name: "LEFÈVRE".into(),
            preferred_username: None,
            birthdate: None,
            gender: None,
            birthplace: None,
            birthcountry: None,
        };
        let typed = Identity { given_name: "Autre".into(), family_name: "Personne".into(), phone: None, job_title: Some("Gérante".into()) };
        let mut tx = app.app.db.begin().await.unwrap();
        assert_eq!(civil::set(&mut tx, &who, &vouched, now).await.unwrap(), 1);
        assert_eq!(accounts::set_identity(&mut tx, &who, &typed, now).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(found(&mut browser, "lefevre noelle").await, ["Noëlle LEFÈVRE"]);
        for typed in ["ecuyer", "elodie", "personne"] {
            assert_eq!(found(&mut browser, typed).await, Vec::<String>::new(), "{typed}");
        }
    }

    async fn names_that_an_older_version_wrote_are_folded_by_the_worker(app) {
        employ(&app).await;
        app.apply(&format!("[[account]]\nlogin_email = \"{LOU}\"\ngiven_name = \"Łucja\"\nfamily_name = \"Nguyễn\"\n")).await;
        let before = folded(&app).await;
        assert!(before.iter().any(|(_, name)| name == "nguyen  lucja"), "{before:?}");
        let mut browser = signed_in(&app, DOMINIQUE).await;
        left(&app, "UPDATE account SET name_folded = ''").await;
        left(&app, "UPDATE establishment SET name_folded = ''").await;
        assert_eq!(found(&mut browser, "nguyen").await, Vec::<String>::new());
        worker::drain(&app.app).await.unwrap();
        assert_eq!(folded(&app).await, before);
        assert_eq!(found(&mut browser, "nguyen lucja").await, ["Łucja Nguyễn"]);
        assert!(school_alone(&mut signed_in(&app, CAMILLE).await, "ecole").await);
        // Nothing left to fold is found out at once, however many people there are.
        let looks: Vec<&str> = [accounts::ALL, org::store::ALL].concat();
        let looks: Vec<&str> = looks.into_iter().filter(|s| s.starts_with("SELECT") && s.contains("name_folded = ''")).collect();
        assert_eq!(looks.len(), 2);
        for statement in looks.into_iter().filter(|_| app.engine == Engine::Sqlite) {
            let plan = app.plan(statement).await;
            assert!(plan.iter().any(|step| step.contains("_unfolded")), "{plan:?}: {statement}");
        }
    }

    async fn names_without_a_letter_do_not_hold_the_others_back(app) {
        left(
            &app,
            "INSERT INTO account (id, kind, state, login_email_verified, contact_email_verified, given_name, family_name, locale, created_at, updated_at) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) \
             SELECT 'acc_void' || i, 'professionnel', 'active', FALSE, FALSE, '!', '« »', 'fr', 0, 0 FROM n \
             UNION ALL SELECT 'acc_voidz', 'professionnel', 'active', FALSE, FALSE, 'An', 'Nguyễn', 'fr', 0, 0",
        )
        .await;
        left(
            &app,
            "INSERT INTO establishment (siret, name, created_at, updated_at) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) \
             SELECT '99999' || (100000000 + i), '« ! »', 0, 0 FROM n UNION ALL SELECT '99999999999999', 'Phở Nguyễn', 0, 0",
        )
        .await;
        let ended = tokio::time::timeout(std::time::Duration::from_secs(120), worker::drain(&app.app)).await;
        ended.expect("the round ends").unwrap();
        let names = folded(&app).await;
        for (id, name) in [("acc_voidz", "nguyen  an"), ("99999999999999", "pho nguyen"), ("acc_void600", ""), ("99999100000600", "")] {
            assert!(names.contains(&(id.to_owned(), name.to_owned())), "{id}");
        }
    }

    async fn the_same_name_written_again_repairs_a_folded_one_that_is_not_its_own(app) {
        employ(&app).await;
        let before = folded(&app).await;
        let (Account { id, given_name, family_name, phone, job_title, .. }, now) =
            (account(&app, ELODIE).await, app.app.ctx(Actor::Anonymous).now());
        let same = Identity { given_name, family_name, phone, job_title };
        // By a node of an older version, which knows nothing of folded names.
        left(&app, "UPDATE account SET name_folded = 'autre' WHERE login_email = 'e.e@boulangerie.example'").await;
        left(&app, "UPDATE establishment SET name_folded = 'autre' WHERE siret = '73282932000082'").await;
        assert_ne!(folded(&app).await, before);
        for written in [1, 0] {
            let mut tx = app.app.db.begin().await.unwrap();
            assert_eq!(accounts::set_identity(&mut tx, &id, &same, now).await.unwrap(), written);
            tx.commit().await.unwrap();
        }
        let mut tx = app.app.db.begin().await.unwrap();
        let school = guichet::org::find(&mut tx, &guichet::base::Siret::parse(SCHOOL).unwrap()).await.unwrap().unwrap();
        guichet::org::store::put_establishment(&mut tx, &school, now).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(folded(&app).await, before);
    }
}
