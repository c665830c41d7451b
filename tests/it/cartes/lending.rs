//! Cards in their life: imported, sent, lent, taken back, replaced, lost.

use super::*;
use guichet::authn::card::link::{NotLinked, NotMoved, NotUnlinked};

/// The manager of the bakery.
async fn unlink(app: &TestApp, name: &str, reason: UnlinkReason) -> Result<(), NotUnlinked> {
    let siret = siret(BOULANGERIE);
    let ctx = app.app.ctx(Actor::Account(account(app, DOMINIQUE).await.id));
    let handler = Handler { name: Some("Dominique Martin"), within: Some(&siret) };
    let card = found(app, name).await;
    let mut tx = app.app.db.begin().await.unwrap();
    let done = link::unlink(&mut tx, &kit(app, &ctx), &card, reason, &handler).await.unwrap();
    tx.commit().await.unwrap();
    done
}

async fn set_state(app: &TestApp, name: &str, to: CardState) -> Result<(), NotMoved> {
    let ctx = app.app.ctx(Actor::Operator);
    let mut tx = app.app.db.begin().await.unwrap();
    let done = link::set_state(&mut tx, &kit(app, &ctx), &serial(name), to, "inventory").await.unwrap();
    tx.commit().await.unwrap();
    done
}

on_both! {
    async fn a_second_import_changes_nothing_and_another_seed_is_refused(app) {
        app.apply(ORG).await;
        assert_eq!(import(&app, &stock()).await, Ok(4));
        assert_eq!(import(&app, &stock()).await, Ok(0), "known");
        assert_eq!(events(&app, Kind::CardImported).await, 4);
        let other = format!("serial_number,seed,step\nGADT0009,{},60\nGADT0001,{},60\nGADT0004,{},30\n", seed(9), seed(8), seed(4));
        let said = import(&app, &other).await.unwrap_err();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].starts_with("line 3: GADT0001: known with another seed") && said[1].starts_with("line 4: GADT0004"), "{said:?}");
        assert_eq!(app.count("SELECT COUNT(*) FROM otp_card").await, 4, "nothing half-done");
        let card = found(&app, "GADT0002").await;
        assert_eq!((card.moves, card.digits, card.state), (Moves::Time { step: 30 }, 8, CardState::InStock));
    }

    async fn seeds_are_sealed_under_the_name_of_their_card(app) {
        prepare(&app).await;
        const SEALED: &str = "SELECT sealed FROM otp_card ORDER BY serial";
        let mut read = app.app.db.read().await.unwrap();
        let sealed: Vec<(String,)> = guichet::sql!(&mut read, SEALED; (String,); all).unwrap();
        assert!(sealed.iter().all(|(s,)| !s.contains(&seed(1)) && !s.contains("AQEBAQEB")));
        assert_eq!(app.app.keys.rest.open("otp_card/GADT0001", &sealed[0].0).unwrap(), [1; 20]);
        assert!(app.app.keys.rest.open("otp_card/GADT0002", &sealed[0].0).is_err());
    }

    async fn ac_06_a_card_is_linked_by_its_serial_then_confirmed_by_a_code(app) {
        prepare(&app).await;
        send(&app, "GADT0001", BOULANGERIE).await;
        let card = lend(&app, "gadt 0001", CAMILLE).await.unwrap();
        assert_eq!((card.state, card.linked_by), (CardState::Linked, Some(account(&app, DOMINIQUE).await.id.to_string())));
        app.advance(60);
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0001", 0)).await, Err(Refused::NoCard), "not before it was confirmed");
        assert_eq!(confirm(&app, "GADT0001", "BAT99").await, Err(Refused::Battery));
        assert_eq!(confirm(&app, "GADT0001", &shown(&app, "GADT0004", 0)).await, Err(Refused::Wrong { left: 9 }));
        // Its clock has run unseen since the factory.
        assert_eq!(confirm(&app, "GADT0001", &shown(&app, "GADT0001", 11)).await, Err(Refused::NeedsResync { left: 8 }));
        assert_eq!(confirm(&app, "GADT0001", &shown(&app, "GADT0001", 10)).await, Ok(()));
        assert_eq!((state(&app, "GADT0001").await, found(&app, "GADT0001").await.drift), (CardState::Validated, 10));
        assert_eq!(confirm(&app, "GADT0001", "000000").await, Ok(()), "nothing is left to do");
        assert_eq!(told(&app, CAMILLE).await, [CardEvent::Linked]);
        let kinds = [Kind::CardSent, Kind::CardLinked, Kind::CardValidated];
        for kind in kinds { assert_eq!(events(&app, kind).await, 1, "{kind:?}"); }
        let mails = app.mails(CAMILLE).await;
        let MailMessage::CardNotice { serial_end, by, .. } = mails.last().unwrap() else { panic!("{mails:?}") };
        assert_eq!((serial_end.as_str(), by.as_deref()), ("0001", Some("Dominique Martin")));
    }

    async fn the_holder_is_told_at_every_address_we_know(app) {
        const OTHER: &str = "c.durand@ailleurs.example";
        prepare(&app).await;
        app.apply("[[account]]\nlogin_email = 'camille@boulangerie.example'\ncontact_email = 'c.durand@ailleurs.example'\n").await;
        send(&app, "GADT0001", BOULANGERIE).await;
        lend(&app, "GADT0001", CAMILLE).await.unwrap();
        assert_eq!((told(&app, CAMILLE).await, told(&app, OTHER).await), (vec![CardEvent::Linked], vec![CardEvent::Linked]));
    }

    async fn only_a_card_of_ones_own_establishment_is_lent_to_its_people(app) {
        prepare(&app).await;
        for (name, to) in [("GADT0001", BOULANGERIE), ("GADT0002", MAIRIE), ("GADT0003", BOULANGERIE)] { send(&app, name, to).await; }
        assert_eq!(lend(&app, "GADT9999", CAMILLE).await.unwrap_err(), NotLinked::Unknown);
        assert_eq!(lend(&app, "GADT0002", CAMILLE).await.unwrap_err(), NotLinked::Elsewhere);
        assert_eq!(lend(&app, "GADT0004", CAMILLE).await.unwrap_err(), NotLinked::NotSent);
        assert_eq!(lend(&app, "GADT0001", SACHA).await.unwrap_err(), NotLinked::NotMember);
        lend(&app, "GADT0001", CAMILLE).await.unwrap();
        assert_eq!(lend(&app, "GADT0001", DOMINIQUE).await.unwrap_err(), NotLinked::Taken);
        assert_eq!(lend(&app, "GADT0003", CAMILLE).await.unwrap_err(), NotLinked::HoldsOne, "one card per person");
        assert_eq!(events(&app, Kind::CardLinked).await, 1);
    }

    async fn two_cards_lent_at_once_to_one_person_leave_one(app) {
        prepare(&app).await;
        for name in ["GADT0001", "GADT0003"] { send(&app, name, BOULANGERIE).await; }
        let tasks: Vec<_> = (0..20).map(|i| { let app = app.clone();
            tokio::spawn(async move { lend(&app, if i % 2 == 0 { "GADT0001" } else { "GADT0003" }, CAMILLE).await.is_ok() })
        }).collect();
        let mut won = 0;
        for task in tasks { won += usize::from(task.await.unwrap()); }
        assert_eq!((won, app.count("SELECT COUNT(*) FROM otp_card WHERE account_id IS NOT NULL").await), (1, 1));
        assert_eq!(told(&app, CAMILLE).await.len(), 1);
    }

    async fn ac_35_a_card_given_back_at_a_departure_serves_nobody_and_may_be_lent_again(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        app.advance(60);
        assert_eq!(unlink(&app, "GADT0001", UnlinkReason::Departure).await, Ok(()));
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0001", 0)).await, Err(Refused::NoCard));
        assert_eq!(state(&app, "GADT0001").await, CardState::Sent);
        assert_eq!(unlink(&app, "GADT0001", UnlinkReason::Departure).await, Err(NotUnlinked::Free));
        assert_eq!(told(&app, CAMILLE).await, [CardEvent::Linked, CardEvent::Unlinked { reason: UnlinkReason::Departure }]);
        lend(&app, "GADT0001", DOMINIQUE).await.unwrap();
        assert_eq!(confirm(&app, "GADT0001", &shown(&app, "GADT0001", 0)).await, Ok(()));
        app.advance(60);
        assert_eq!(typed(&app, DOMINIQUE, &shown(&app, "GADT0001", 0)).await, Ok(()));
        // Or it goes back to the operator.
        assert_eq!(set_state(&app, "GADT0001", CardState::Returned).await, Err(NotMoved::Held));
        unlink(&app, "GADT0001", UnlinkReason::Departure).await.unwrap();
        assert_eq!(set_state(&app, "GADT0001", CardState::Returned).await, Ok(()));
        assert_eq!(set_state(&app, "GADT0001", CardState::InStock).await, Ok(()));
        assert_eq!((found(&app, "GADT0001").await.siret, events(&app, Kind::CardChanged).await), (None, 2));
    }

    async fn ac_38_the_card_belongs_to_the_establishment_and_does_not_follow_the_person(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        unlink(&app, "GADT0001", UnlinkReason::Departure).await.unwrap();
        app.apply("[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\nstate = \"disabled\"\n\n[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"21750001600019\"\nrole = \"contact\"\n").await;
        assert_eq!(lend(&app, "GADT0001", CAMILLE).await.unwrap_err(), NotLinked::NotMember, "the old structure no longer lends to them");
        send(&app, "GADT0004", MAIRIE).await;
        let (mairie, ctx) = (siret(MAIRIE), app.app.ctx(Actor::Operator));
        let handler = Handler { name: Some("Sacha Petit"), within: Some(&mairie) };
        let camille = account(&app, CAMILLE).await;
        let mut tx = app.app.db.begin().await.unwrap();
        let elsewhere = link::link(&mut tx, &kit(&app, &ctx), &serial("GADT0001"), &camille, &handler).await.unwrap();
        assert_eq!(elsewhere.unwrap_err(), NotLinked::Elsewhere);
        link::link(&mut tx, &kit(&app, &ctx), &serial("GADT0004"), &camille, &handler).await.unwrap().unwrap();
        tx.commit().await.unwrap();
    }

    async fn each_reason_says_what_becomes_of_the_card(app) {
        prepare(&app).await;
        for (reason, after) in [
            (UnlinkReason::Mistake, CardState::Sent),
            (UnlinkReason::Other, CardState::Sent),
            (UnlinkReason::Departure, CardState::Sent),
            (UnlinkReason::Malfunction, CardState::Broken),
            (UnlinkReason::Breakage, CardState::Broken),
            (UnlinkReason::Loss, CardState::Lost),
            (UnlinkReason::Theft, CardState::Lost),
        ] {
            if state(&app, "GADT0001").await != CardState::InStock { set_state(&app, "GADT0001", CardState::InStock).await.unwrap(); }
            lent(&app, "GADT0001", CAMILLE).await;
            app.advance(120);
            unlink(&app, "GADT0001", reason).await.unwrap();
            assert_eq!(state(&app, "GADT0001").await, after, "{reason:?}");
            if after != CardState::Sent { assert_eq!(lend(&app, "GADT0001", CAMILLE).await.unwrap_err(), NotLinked::Unusable(after)); }
        }
        let ctx = app.app.ctx(Actor::Operator);
        let mut tx = app.app.db.begin().await.unwrap();
        assert_eq!(link::send(&mut tx, &kit(&app, &ctx), &serial("GADT0001"), &siret(BOULANGERIE)).await.unwrap(), Err(NotMoved::Unusable(CardState::Lost)));
        tx.rollback().await.unwrap();
        assert_eq!(set_state(&app, "GADT0001", CardState::Validated).await, Err(NotMoved::NotByHand(CardState::Validated)));
        assert_eq!(set_state(&app, "GADT9999", CardState::Lost).await, Err(NotMoved::Unknown));
    }

    async fn a_lost_card_is_suspended_by_its_holder_and_replaced_in_one_step(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        send(&app, "GADT0004", BOULANGERIE).await;
        app.advance(60);
        let (ctx, camille) = (app.app.ctx(Actor::Operator), account(&app, CAMILLE).await);
        let mut tx = app.app.db.begin().await.unwrap();
        assert!(link::report_lost(&mut tx, &kit(&app, &ctx), &camille.id).await.unwrap());
        assert!(!link::report_lost(&mut tx, &kit(&app, &ctx), &camille.id).await.unwrap(), "once");
        tx.commit().await.unwrap();
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0001", 0)).await, Err(Refused::NoCard));
        assert_eq!((alerts(&app, DOMINIQUE).await, alerts(&app, CAMILLE).await), (vec![CardAlert::ReportedLost], vec![]));
        app.advance(1);

        let boulangerie = siret(BOULANGERIE);
        let handler = Handler { name: Some("Dominique Martin"), within: Some(&boulangerie) };
        for (new, expected) in [("GADT0001", NotLinked::Taken), ("GADT0002", NotLinked::NotSent), ("GADT9999", NotLinked::Unknown)] {
            let card = found(&app, "GADT0001").await;
            let mut tx = app.app.db.begin().await.unwrap();
            let refused = link::replace(&mut tx, &kit(&app, &ctx), &card, UnlinkReason::Loss, (&serial(new), &camille), &handler).await.unwrap();
            assert_eq!(refused.unwrap_err(), expected);
            tx.rollback().await.unwrap();
            assert!(found(&app, "GADT0001").await.account.is_some(), "nothing half-done");
        }
        let card = found(&app, "GADT0001").await;
        let mut tx = app.app.db.begin().await.unwrap();
        link::replace(&mut tx, &kit(&app, &ctx), &card, UnlinkReason::Loss, (&serial("GADT0004"), &camille), &handler).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let mut events = told(&app, CAMILLE).await;
        // The two of the replacement were written at one instant.
        events[2..].sort_by_key(|e| *e == CardEvent::Linked);
        assert_eq!((state(&app, "GADT0001").await, state(&app, "GADT0004").await), (CardState::Lost, CardState::Linked));
        let reason = UnlinkReason::Loss;
        assert_eq!(events, [CardEvent::Linked, CardEvent::ReportedLost, CardEvent::Unlinked { reason }, CardEvent::Linked]);
    }
}
