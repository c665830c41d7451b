//! Requests whose answer came another way, and what changed while they waited.

use guichet::org::request::{State, decide};
use guichet::org::{Role, request};

use super::access::{decided, grants};
use super::joining::{join, membership};
use super::keeping::press;
use super::*;

async fn state(app: &TestApp, id: &AskId) -> State {
    request::store::find(&mut app.app.db.read().await.unwrap(), id).await.unwrap().unwrap().state
}

/// A request of Camille for the service, for the bakery.
async fn asks(app: &TestApp, profiles: &[&str]) -> AskId {
    let mut browser = signed_in(app, CAMILLE).await;
    let page = browser.get("/services/aides/demande").await;
    let mut fields = vec![("etablissement", BAKERY)];
    fields.extend(profiles.iter().map(|p| ("profil", *p)));
    request_of(&browser.submit(&page, &fields).await)
}

async fn waits(app: &TestApp, id: &AskId) -> bool {
    let mut gaston = signed_in(app, GASTON).await;
    let link = format!("/etablissements/{BAKERY}/demandes/{id}");
    gaston.get(&format!("/etablissements/{BAKERY}/demandes")).await.links().contains(&link)
}

const CLOSED: &str = "93000001300019";
const NEXT: &str = "93000002100012";

on_both! {
    async fn what_is_given_otherwise_answers_the_request(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let id = asks(&app, &["lecteur", "instructeur"]).await;
        grant(&app, CAMILLE, BAKERY, "\"lecteur\"").await;
        assert_eq!((state(&app, &id).await, waits(&app, &id).await), (State::Pending, true), "a part is no answer");
        grant(&app, CAMILLE, BAKERY, "\"lecteur\", \"instructeur\"").await;
        assert_eq!((state(&app, &id).await, waits(&app, &id).await), (State::Accepted, false));
        assert_eq!(happened(&app, Kind::RequestDecided).await, 1);
        // Withdrawn since: the request opens nothing again.
        grant(&app, CAMILLE, BAKERY, "").await;
        assert_eq!(decided(&app, Some(GASTON), &id, grants(&["lecteur"])).await.unwrap_err(), decide::Refused::Late);
        assert_eq!(app.count("SELECT COUNT(*) FROM request WHERE nudge_at IS NOT NULL").await, 0, "nobody is reminded");
    }

    async fn a_place_given_otherwise_answers_the_request_to_join(app) {
        let app = world(app).await;
        let request::Filed::Waits(id) = join(&app, CAMILLE, BAKERY, Role::Contact).await else { panic!() };
        place(&app, CAMILLE, BAKERY, "state = \"disabled\"").await;
        assert_eq!(state(&app, &id).await, State::Pending, "a place that is over is none");
        place(&app, CAMILLE, BAKERY, "").await;
        assert_eq!((state(&app, &id).await, waits(&app, &id).await), (State::Accepted, false));
        assert_eq!(decided(&app, Some(GASTON), &id, decide::Verdict::Decline("Non".into())).await.unwrap_err(), decide::Refused::Late);
        assert!(told(&app, CAMILLE).await.iter().all(|(event, _)| *event != OrgEvent::JoinDeclined));
    }

    async fn an_attestation_that_ended_while_the_request_waited_is_asked_for_again(app) {
        let app = world(app).await;
        place(&app, CAMILLE, BAKERY, "").await;
        let id = asks(&app, &["lecteur"]).await;
        app.apply(&WORLD.replace("max_days = 365", "max_days = 365\nprerequisites = [\"formation\"]")).await;
        let lacks = decide::Refused::Lacks(vec!["formation".into()]);
        for who in [Some(GASTON), None] {
            assert_eq!(decided(&app, who, &id, grants(&["lecteur"])).await.unwrap_err(), lacks, "{who:?}");
        }
        let mut gaston = signed_in(&app, GASTON).await;
        let page = gaston.get(&format!("/etablissements/{BAKERY}/demandes/{id}")).await;
        let page = gaston.submit(&page, &[("decision", "accepter"), ("profil", "lecteur")]).await;
        assert!(page.status == 422 && page.says("formation"), "{}", page.body);
        assert_eq!((state(&app, &id).await, app.count("SELECT COUNT(*) FROM habilitation").await), (State::Pending, 0));
        app.apply(&format!("[[attestation]]\nlogin_email = \"{CAMILLE}\"\nkind = \"formation\"\nobtained_on = \"2001-01-01\"\n")).await;
        decided(&app, Some(GASTON), &id, grants(&["lecteur"])).await.unwrap();
        // Nor is it given back once the attestation is over.
        let camille = membership(&app, CAMILLE, BAKERY).await.unwrap().account;
        let right = format!("/etablissements/{BAKERY}/intervenants/{camille}/acces/aides");
        press(&mut gaston, &right, "suspendre", &[("motif", "absence")]).await;
        app.apply(&format!("[[attestation]]\nlogin_email = \"{CAMILLE}\"\nkind = \"formation\"\nobtained_on = \"2001-01-01\"\nexpires_on = \"2002-01-01\"\n")).await;
        let page = press(&mut gaston, &right, "retablir", &[]).await;
        assert!(page.status == 422 && page.says("formation"), "{}", page.body);
        assert_eq!(app.count("SELECT COUNT(*) FROM habilitation WHERE state = 'active'").await, 0);
    }

    async fn nobody_joins_an_establishment_that_closed_while_they_waited(app) {
        let app = world(app).await;
        app.apply(&format!("[[establishment]]\nsiret = \"{CLOSED}\"\nname = \"Imprimerie du canal\"\n\n[[membership]]\nlogin_email = \"{GASTON}\"\nsiret = \"{CLOSED}\"\nrole = \"manager\"\n")).await;
        let request::Filed::Waits(id) = join(&app, CAMILLE, CLOSED, Role::Contact).await else { panic!() };
        crate::register::filled(&app).await;
        let refused = decided(&app, Some(GASTON), &id, decide::Verdict::Admit(Role::Contact)).await.unwrap_err();
        let decide::Refused::Closed(closed) = refused else { panic!("{refused:?}") };
        assert_eq!(closed.successor.unwrap().as_str(), NEXT);
        assert_eq!((membership(&app, CAMILLE, CLOSED).await, state(&app, &id).await), (None, State::Pending));
        assert_eq!(happened(&app, Kind::RightRefused).await, 1);
        let of_gaston = "SELECT COUNT(*) FROM audit_event e JOIN account a ON a.id = e.account_id WHERE e.kind = 'right.refused' \
             AND a.login_email = 'gaston@boulangerie.example'";
        assert_eq!(app.count(of_gaston).await, 1, "whoever decides is refused, not whoever asks");
        let asker = "SELECT COUNT(*) FROM audit_event e, request r WHERE e.kind = 'right.refused' \
             AND e.detail LIKE '%' || r.id || '%' AND e.detail LIKE '%' || r.account_id || '%'";
        assert_eq!(app.count(asker).await, 1, "who is named beside");
        let mut gaston = signed_in(&app, GASTON).await;
        let page = gaston.get(&format!("/etablissements/{CLOSED}/demandes/{id}")).await;
        let page = gaston.submit(&page, &[("decision", "accepter"), ("role", "contact")]).await;
        assert!(page.status == 422 && page.says("Cet établissement est fermé") && page.says("930 000 021 00012"), "{}", page.body);
        let page = gaston.get(&format!("/etablissements/{CLOSED}/inviter")).await;
        let page = gaston.submit(&page, &[("adresses", "neuf@ailleurs.example"), ("role", "contact"), ("etape", "apercu")]).await;
        assert!(page.status == 422 && page.says("Cet établissement est fermé"), "{}", page.body);
        // It can still be declined.
        decided(&app, Some(GASTON), &id, decide::Verdict::Decline("L’établissement est fermé.".into())).await.unwrap();
    }

    async fn managers_are_found_among_thousands_of_people(app) {
        let app = world(app).await;
        let mut tx = app.app.db.begin().await.unwrap();
        let people = "INSERT INTO account (id, kind, state, login_email_verified, contact_email_verified, given_name, family_name, name_folded, locale, created_at, updated_at) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2001) \
             SELECT 'acc_many' || i, 'professionnel', 'active', FALSE, FALSE, 'A', 'Aaron', 'aaron  a', 'fr', 0, 0 FROM n";
        guichet::sql!(&mut tx, people; exec).unwrap();
        let places = "INSERT INTO membership (account_id, siret, role, factors_manage, state, created_at, updated_at) \
             SELECT id, $1, 'contact', FALSE, 'active', 0, 0 FROM account WHERE id LIKE 'acc_many%'";
        guichet::sql!(&mut tx, places, BAKERY; exec).unwrap();
        tx.commit().await.unwrap();
        let request::Filed::Waits(_) = join(&app, CAMILLE, BAKERY, Role::Contact).await else { panic!() };
        heard(&app, GASTON, OrgEvent::JoinToDecide).await;
    }
}
