//! When an establishment closes and another follows (FA-11, FA-12).

use super::*;
use guichet::org::succession::{self, Done, Refused};
use guichet::org::{Link, MembershipState};

/// A printing house that the register says closed, and the one that follows.
const OLD: &str = "93000001300019";
const NEW: &str = "93000002100012";

/// Dominique manages the old one, where Camille files and reads aids.
async fn closed(app: &TestApp) {
    prepare(app).await;
    crate::register::filled(app).await;
    app.apply(&format!("[[establishment]]\nsiret = \"{OLD}\"\nname = \"Imprimerie du Canal\"\n\n[[membership]]\nlogin_email = \"{DOMINIQUE}\"\nsiret = \"{OLD}\"\nrole = \"manager\"\n\n[[membership]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{OLD}\"\nrole = \"contact\"\n\n[[habilitation]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{OLD}\"\nservice = \"aides\"\nprofiles = [\"depot\"]\n")).await;
}

async fn manages_new(app: &TestApp, who: &str) {
    app.apply(&format!("[[establishment]]\nsiret = \"{NEW}\"\nname = \"Nouvelle imprimerie\"\n\n[[membership]]\nlogin_email = \"{who}\"\nsiret = \"{NEW}\"\nrole = \"manager\"\n")).await;
}

async fn holds(app: &TestApp, at: &str) -> bool {
    let who = id(app, CAMILLE).await;
    let all = org::habilitation::of_person(&mut app.app.db.read().await.unwrap(), &who, &siret_of(at)).await.unwrap();
    all.into_iter().any(|h| h.holds(app.app.ctx(Actor::Anonymous).now()) && h.profiles == ["depot"])
}

/// A card of the old one, in this state.
async fn has_card(app: &TestApp, serial: &str, state: &str, holder: Option<AccountId>) {
    let card = "INSERT INTO otp_card (serial, kind, algorithm, digits, step, sealed, state, siret, account_id, moving, drift, failures, \
         created_at, changed_at) VALUES ($1, 'totp', 'SHA1', 6, 60, '', $2, $3, $4, 0, 0, 0, 0, 0)";
    let mut tx = app.app.db.begin().await.unwrap();
    guichet::sql!(&mut tx, card, serial, state, OLD, holder.as_ref().map(AccountId::as_str); exec).unwrap();
    tx.commit().await.unwrap();
}

fn siret_of(text: &str) -> Siret {
    Siret::unchecked(text).unwrap()
}

fn page_of(of: &str) -> String {
    format!("/etablissements/{of}/succession")
}

/// Presses a button of the page.
async fn press(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let token = token(browser).await;
    let all: Vec<(&str, &str)> = [("jeton", token.as_str())].into_iter().chain(fields.iter().copied()).collect();
    browser.post(path, &all).await
}

async fn by_operator(app: &TestApp, from: &str, to: &str) -> Result<Done, Refused> {
    let (ctx, services) = (app.app.ctx(Actor::Operator), app.app.services());
    let kit = kit(app, &ctx);
    let mut tx = app.app.db.begin().await.unwrap();
    let from = org::find(&mut tx, &siret_of(from)).await.unwrap().unwrap();
    let to = org::Establishment { siret: siret_of(to), name: "Suite".into() };
    let done = succession::by_operator(&mut tx, Desk { kit: &kit, services: &services }, &from, &to).await.unwrap();
    if done.is_ok() {
        tx.commit().await.unwrap()
    } else {
        tx.rollback().await.unwrap()
    }
    done
}

on_both! {
    async fn fa_11_people_and_rights_of_a_closed_establishment_pass_to_the_one_that_follows(app) {
        closed(&app).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        assert!(!dominique.get(BASE).await.says("Succession"), "only of what closed");
        let page = dominique.get(&format!("/etablissements/{OLD}")).await;
        assert!(page.says("Cet établissement est fermé") && page.links().contains(&page_of(OLD)), "{}", page.body);
        let page = dominique.get(&page_of(OLD)).await;
        assert!(page.says("IMPRIMERIE DU CANAL NOUVELLE") && page.says("930 000 021 00012"), "{}", page.body);
        let before = place(&app, CAMILLE, OLD).await.unwrap();
        has_card(&app, "GADT0001", "validated", Some(id(&app, CAMILLE).await)).await;
        has_card(&app, "GADT0002", "sent", None).await;
        has_card(&app, "GADT0003", "lost", None).await;
        has_card(&app, "GADT0004", "lost", Some(id(&app, DOMINIQUE).await)).await;
        let page = press(&mut dominique, &page_of(OLD), &[("action", "reporter")]).await;
        assert!(page.says("sont reportés"), "{} {}", page.path, page.body);
        let after = place(&app, CAMILLE, NEW).await.unwrap();
        assert_eq!((after.role, after.link, after.proof, after.state), (before.role, before.link, before.proof, MembershipState::Active));
        assert_eq!(place(&app, DOMINIQUE, NEW).await.unwrap().role, Role::Manager);
        assert!(holds(&app, NEW).await && !holds(&app, OLD).await);
        assert_eq!(place(&app, CAMILLE, OLD).await.unwrap().state, MembershipState::Disabled, "kept, and over");
        for who in [CAMILLE, DOMINIQUE] {
            let (event, facts) = last_told(&app, who).await;
            assert_eq!((event, facts.former.as_deref(), facts.siret.as_str()), (OrgEvent::Moved, Some("Imprimerie du Canal"), NEW));
        }
        assert_eq!(events(&app, Kind::EstablishmentSucceeded).await, 2, "in the journal of both");
        assert!(dominique.get(&format!("/etablissements/{NEW}/journal")).await.says("Reprise d’un établissement fermé"));
        // Cards lent or to be lent go along; what was lost there stays in its history.
        let page = dominique.get(&format!("/etablissements/{NEW}/cartes")).await;
        assert!(page.says("GADT0001") && page.says("GADT0002") && !page.says("GADT0003"), "{}", page.body);
        assert!(page.says("GADT0004"), "lost, and still to be taken back: {}", page.body);
        assert_eq!(events(&app, Kind::CardSent).await, 3);
        // Once; and the old one manages nothing any more.
        assert_eq!(press(&mut dominique, &page_of(OLD), &[("action", "reporter")]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(by_operator(&app, OLD, MAIRIE).await, Err(Refused::Already));
    }

    async fn fa_12_the_managers_of_the_one_that_follows_answer_for_themselves(app) {
        closed(&app).await;
        manages_new(&app, SACHA).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let page = press(&mut dominique, &page_of(OLD), &[("action", "reporter")]).await;
        assert!(page.says("gestionnaires de compte de l’établissement sont prévenus") && !holds(&app, NEW).await, "{}", page.body);
        assert_eq!(last_told(&app, SACHA).await.0, OrgEvent::SuccessionAsked);
        let mut sacha = signed_in(&app, SACHA).await;
        assert!(sacha.get(&format!("/etablissements/{NEW}")).await.links().contains(&page_of(NEW)));
        let page = sacha.get(&page_of(NEW)).await;
        let asked = page.forms().into_iter().flat_map(|f| f.hidden).find(|(n, _)| n == "demande").unwrap_or_else(|| panic!("{}", page.body)).1;
        // Not for whoever asked, nor in another establishment.
        assert_eq!(press(&mut dominique, &page_of(NEW), &[("action", "accepter"), ("demande", &asked)]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(press(&mut sacha, &page_of(MAIRIE), &[("action", "accepter"), ("demande", &asked)]).await.status, StatusCode::NOT_FOUND);
        assert!(!holds(&app, NEW).await);
        let page = press(&mut sacha, &page_of(NEW), &[("action", "refuser"), ("demande", &asked)]).await;
        assert!(page.says("refusée"), "{}", page.body);
        assert_eq!(last_told(&app, DOMINIQUE).await.0, OrgEvent::SuccessionDeclined);
        assert!(!holds(&app, NEW).await && holds(&app, OLD).await);
        has_card(&app, "GADT0001", "sent", None).await;
        // Asked again, and accepted: who managed the old one is a contact of the new one.
        press(&mut dominique, &page_of(OLD), &[("action", "reporter")]).await;
        let page = sacha.get(&page_of(NEW)).await;
        let asked = page.forms().into_iter().flat_map(|f| f.hidden).find(|(n, _)| n == "demande").unwrap().1;
        let page = press(&mut sacha, &page_of(NEW), &[("action", "accepter"), ("demande", &asked)]).await;
        assert!(page.says("sont reportés"), "{}", page.body);
        assert_eq!(place(&app, DOMINIQUE, NEW).await.unwrap().role, Role::Contact);
        assert!(sacha.get(&format!("/etablissements/{NEW}/cartes")).await.says("GADT0001"), "cards follow");
        assert!(holds(&app, NEW).await && place(&app, SACHA, NEW).await.unwrap().role == Role::Manager);
    }

    async fn an_establishment_that_follows_and_has_people_without_a_manager_is_for_the_operator(app) {
        closed(&app).await;
        manages_new(&app, SACHA).await;
        app.apply(&format!("[[membership]]\nlogin_email = \"{SACHA}\"\nsiret = \"{NEW}\"\nrole = \"contact\"\n")).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let page = press(&mut dominique, &page_of(OLD), &[("action", "reporter")]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("équipe du portail"), "{}", page.body);
        assert!(holds(&app, OLD).await);
        assert_eq!(by_operator(&app, OLD, OLD).await, Err(Refused::NoSuccessor));
        assert_eq!(by_operator(&app, OLD, NEW).await, Ok(Done::Carried { from: siret_of(OLD), to: siret_of(NEW), places: 2, rights: 1 }));
        assert_eq!(by_operator(&app, NEW, OLD).await, Err(Refused::Already), "no ring");
        assert_eq!((holds(&app, NEW).await, place(&app, CAMILLE, NEW).await.unwrap().link), (true, Link::Approved));
    }

    async fn what_waits_in_an_establishment_that_is_followed_is_closed_and_whoever_asked_is_told(app) {
        prepare(&app).await;
        let joins = asks_to_join(&app, ANDREA).await;
        let uses = asks_for_access(&app, CAMILLE, "aides", &["lecture"]).await;
        assert!(by_operator(&app, BOULANGERIE, MAIRIE).await.is_ok());
        for (who, request, service) in [(ANDREA, &joins, None), (CAMILLE, &uses, Some("Dépôt des aides"))] {
            assert_eq!(request_state(&app, request).await, org::request::State::Cancelled, "{who}");
            let closed = told(&app, who).await.into_iter().find(|(event, _)| *event == OrgEvent::RequestClosed);
            let facts = closed.unwrap_or_else(|| panic!("{who} was not told")).1;
            assert_eq!((facts.former.as_deref(), facts.siret.as_str(), facts.service.as_deref()), (Some("Boulangerie Durand"), MAIRIE, service));
            assert_eq!((facts.request.as_deref(), facts.message, facts.person), (Some(request.as_str()), None, None));
        }
        assert_eq!(events(&app, Kind::RequestCancelled).await, 2, "each leaves a trace");
    }

    async fn only_those_who_are_carried_over_are_told_so(app) {
        prepare(&app).await;
        // Camille was put out of the one that follows; Lou's place in the closed one is over.
        app.apply(&format!("[[membership]]\nlogin_email = \"{CAMILLE}\"\nsiret = \"{MAIRIE}\"\nrole = \"contact\"\nstate = \"disabled\"\n\n[[membership]]\nlogin_email = \"{LOU}\"\nsiret = \"{BOULANGERIE}\"\nrole = \"manager\"\nexpires_on = \"2001-01-01\"\n")).await;
        assert!(matches!(by_operator(&app, BOULANGERIE, MAIRIE).await, Ok(Done::Carried { places: 1, .. })));
        for (who, times) in [(DOMINIQUE, 1), (CAMILLE, 0), (LOU, 0)] {
            let all = told(&app, who).await;
            assert_eq!(all.iter().filter(|(event, _)| *event == OrgEvent::Moved).count(), times, "{who}: {all:?}");
        }
        assert_eq!(place(&app, CAMILLE, MAIRIE).await.unwrap().state, MembershipState::Disabled);
    }

    async fn an_open_establishment_is_carried_nowhere(app) {
        closed(&app).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let page = dominique.get(&format!("{BASE}/succession")).await;
        assert!(page.says("Le répertoire n’indique aucune succession") && !page.body.contains("value=\"reporter\""), "{}", page.body);
        press(&mut dominique, &format!("{BASE}/succession"), &[("action", "reporter")]).await;
        assert_eq!(role(&app, CAMILLE).await, Some(Role::Contact));
    }
}
