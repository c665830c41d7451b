//! What people named for a service are to decide (*responsables d'accès*, EF-13).

use guichet::base::{Actor, Email, Siret};
use guichet::org::Establishment;
use guichet::org::request::{self, Request, State, Wish};

use super::*;

const LIST: &str = "/demandes/a-traiter";
const ICI: &str = "ici@aides.example";
const PARTOUT: &str = "partout@aides.example";

/// Those named decide: one for a SIREN or SIRET, the other everywhere.
async fn named(app: TestApp, scope: &str) -> TestApp {
    let app = world(app).await;
    app.apply(&WORLD.replace("access = \"request\"", "access = \"request\"\napprover = \"named\"")).await;
    for (email, scope) in [(ICI, scope), (PARTOUT, "")] {
        let account = format!("[[account]]\nlogin_email = \"{email}\"\ngiven_name = \"A\"\nfamily_name = \"B\"\nemail_verified = true\n");
        app.apply(&format!("{account}\n[[approver]]\nservice = \"aides\"\nlogin_email = \"{email}\"\nscope = \"{scope}\"\n")).await;
    }
    app
}

/// Requests of somebody for « Aides », for each of these establishments.
async fn asked(app: &TestApp, email: &str, sirets: &[String]) -> Vec<AskId> {
    app.advance(1);
    let ctx = app.app.ctx(Actor::Operator);
    let mut tx = app.app.db.begin().await.unwrap();
    let account = guichet::account::store::find_by_login(&mut tx, &Email::parse(email).unwrap()).await.unwrap().unwrap().id;
    let mut ids = Vec::new();
    for siret in sirets {
        let request = Request {
            id: AskId::new(ctx.now(), ctx.rng.as_ref()),
            account: account.clone(),
            establishment: Establishment { siret: Siret::parse(siret).unwrap(), name: String::new() },
            wish: Wish::Use { service: "aides".into(), profiles: vec!["lecteur".into()] },
            message: None,
            state: State::Pending,
            granted: None,
            reason: None,
            decided_by: None,
            decided_at: None,
            reminders: 0,
            reminded_at: None,
            claim_at: None,
            created_at: ctx.now(),
        };
        assert_eq!(request::store::insert(&mut tx, &request, ctx.now()).await.unwrap(), 1);
        ids.push(request.id);
    }
    tx.commit().await.unwrap();
    ids
}

fn waiting(page: &Page) -> Vec<String> {
    page.links().into_iter().filter(|l| l.starts_with(&format!("{LIST}/ask_"))).collect()
}

on_both! {
    async fn what_waits_elsewhere_hides_nothing_from_whoever_decides_here(app) {
        let app = named(app, BAKERY).await;
        place(&app, CAMILLE, BAKERY, "").await;
        many(&app, CAMILLE, "contact", 1..=210).await;
        let elsewhere: Vec<String> = (1..=210).map(numbered).collect();
        asked(&app, CAMILLE, &elsewhere).await;
        let here = asked(&app, CAMILLE, &[BAKERY.to_owned()]).await.remove(0);
        let mut ici = signed_in(&app, ICI).await;
        let page = ici.get(LIST).await;
        assert_eq!(waiting(&page), [format!("{LIST}/{here}")], "{}", page.body);
        // Whoever decides everywhere sees all of them, page after page.
        let mut partout = signed_in(&app, PARTOUT).await;
        let (mut page, mut seen) = (partout.get(LIST).await, Vec::new());
        loop {
            seen.extend(waiting(&page));
            match page.links().into_iter().find(|l| l.contains("apres=")) {
                Some(next) => page = partout.get(&next).await,
                None => break,
            }
        }
        assert_eq!((seen.len(), seen.last()), (211, Some(&format!("{LIST}/{here}"))));
        assert!(partout.get("/accueil").await.says("(99+)"));
    }

    async fn a_siren_names_for_its_establishments_and_nobody_for_themselves(app) {
        let app = named(app, &BAKERY[..9]).await;
        for who in [CAMILLE, ICI] {
            place(&app, who, BAKERY, "").await;
            place(&app, who, TOWN_HALL, "").await;
        }
        let here = asked(&app, CAMILLE, &[BAKERY.to_owned(), TOWN_HALL.to_owned()]).await.remove(0);
        let own = asked(&app, ICI, &[BAKERY.to_owned()]).await.remove(0);
        let mut ici = signed_in(&app, ICI).await;
        assert_eq!(waiting(&ici.get(LIST).await), [format!("{LIST}/{here}")]);
        let mut partout = signed_in(&app, PARTOUT).await;
        assert!(waiting(&partout.get(LIST).await).contains(&format!("{LIST}/{own}")));
        // Once the managers decide, nothing is left to those named.
        app.apply(&WORLD.replace("access = \"request\"", "access = \"request\"\napprover = \"managers\"")).await;
        assert!(waiting(&partout.get(LIST).await).is_empty());
    }

    async fn those_named_are_led_to_what_waits_for_them_and_nobody_else_is(app) {
        let app = named(app, BAKERY).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let paths = ["/accueil", "/demandes"];
        let mut ici = signed_in(&app, ICI).await;
        let page = ici.get("/demandes").await;
        assert!(page.links().iter().any(|l| l == LIST) && page.says("responsables d’accès (0)"), "{}", page.body);
        let page = ici.get("/accueil").await;
        assert!(!page.links().iter().any(|l| l == LIST) && !page.says("Demandes à traiter"), "nothing waits: {}", page.body);
        asked(&app, CAMILLE, &[BAKERY.to_owned()]).await;
        for path in paths {
            assert!(ici.get(path).await.says("responsables d’accès (1)"), "{path}");
        }
        for other in [CAMILLE, GASTON] {
            let mut other = signed_in(&app, other).await;
            for path in paths {
                assert!(!other.get(path).await.links().iter().any(|l| l == LIST), "{path}");
            }
        }
    }

    async fn ef_13_those_named_grant_until_a_day(app) {
        let app = named(app, BAKERY).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let id = asked(&app, CAMILLE, &[BAKERY.to_owned()]).await.remove(0);
        let mut ici = signed_in(&app, ICI).await;
        let page = ici.get(&format!("{LIST}/{id}")).await;
        let day = |days: i64| guichet::base::dates::day_ending(app.app.ctx(Actor::Anonymous).now().millis() + days * 86_400_000);
        for (days, words) in [(-3, "Choisissez une date à venir"), (30, "Votre réponse a été enregistrée")] {
            let day = day(days);
            let [d, m, y] = day.each_ref().map(String::as_str);
            let fields = [("decision", "accepter"), ("profil", "lecteur"), ("fin_jour", d), ("fin_mois", m), ("fin_annee", y)];
            let answered = ici.submit(&page, &fields).await;
            assert!(answered.says(words), "{days}: {}", answered.body);
        }
        let left = app.count("SELECT expires_at FROM habilitation").await - app.app.ctx(Actor::Anonymous).now().millis();
        assert!((29..=31).contains(&(left / 86_400_000)), "{left}");
        let page = signed_in(&app, CAMILLE).await.get(&AIDES.authorize(&[])).await;
        assert!(page.left_with("code").is_some(), "{} {}", page.path, page.body);
    }
}
