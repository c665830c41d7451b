//! Codes: accepted once, in a small window, counted, found again.

use futures_util::future::join_all;

use super::*;

async fn resynchronise(app: &TestApp, email: &str, first: &str, second: &str) -> Result<(), Refused> {
    let person = account(app, email).await;
    let ctx = app.app.ctx(Actor::Anonymous);
    let mut tx = app.app.db.begin().await.unwrap();
    let verdict = card::resynchronise(&mut tx, &kit(app, &ctx), &person.id, first, second).await.unwrap();
    tx.commit().await.unwrap();
    verdict.map(drop)
}

async fn unlock(app: &TestApp, name: &str, first: &str, second: &str) -> Result<(), Refused> {
    let (card, ctx) = (found(app, name).await, app.app.ctx(Actor::Operator));
    let mut tx = app.app.db.begin().await.unwrap();
    let verdict = card::resynchronise_for(&mut tx, &kit(app, &ctx), &card, first, second).await.unwrap();
    tx.commit().await.unwrap();
    verdict
}

#[test]
fn oathtool_and_we_compute_the_same_codes() {
    use guichet::base::Timestamp;
    use guichet::crypto::oath::{Hash, Token, step_at};
    for (hash, name) in Hash::ALL.into_iter().zip(["sha1", "sha256", "sha512"]) {
        for digits in [6, 7, 8] {
            let token = Token { secret: vec![0xa5; 33].into(), hash, digits };
            for (time, step) in [(0, 30), (59, 60), (1_800_000_000, 30), (4_102_444_800, 60)] {
                let mode = format!("--totp={name}");
                let expected =
                    oathtool(&[&mode, "-s", &format!("{step}s"), "-d", &digits.to_string(), "-N", &format!("@{time}"), &"a5".repeat(33)]);
                assert_eq!(token.code(step_at(Timestamp::from_secs(time), step)), expected, "{name} {digits} {time}");
            }
        }
    }
    let token = Token { secret: vec![7; 20].into(), hash: Hash::Sha1, digits: 6 };
    for counter in [0, 1, 1_000, u64::from(u32::MAX) + 5] {
        assert_eq!(token.code(counter), oathtool(&["--hotp", "-c", &counter.to_string(), &"07".repeat(20)]));
    }
}

on_both! {
    async fn ac_08_the_code_a_card_shows_proves_it_once(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        let code = shown(&app, "GADT0001", 0);
        assert_eq!(typed(&app, CAMILLE, &code).await, Err(Refused::Replayed), "it confirmed the card a moment ago");
        app.advance(60);
        let code = shown(&app, "GADT0001", 0);
        assert_eq!(typed(&app, CAMILLE, &format!(" {} {} ", &code[..3], &code[3..])).await, Ok(()));
        assert_eq!(typed(&app, CAMILLE, &code).await, Err(Refused::Replayed));
        assert_eq!(found(&app, "GADT0001").await.failures, 0, "the same form sent twice is nobody's guess");
        assert_eq!(typed(&app, DOMINIQUE, &shown(&app, "GADT0001", 1)).await, Err(Refused::NoCard), "somebody else's card");
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0004", 1)).await, Err(Refused::Wrong { left: 9 }), "another card");
        assert_eq!(events(&app, Kind::SignInRefused).await, 4);
    }

    async fn every_kind_of_card_serves(app) {
        prepare(&app).await;
        lent(&app, "GADT0002", CAMILLE).await;
        app.advance(30);
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0002", 0)).await, Ok(()));
        lent(&app, "GADT0003", DOMINIQUE).await;
        for press in 1..=3 {
            assert_eq!(typed(&app, DOMINIQUE, &shown(&app, "GADT0003", press)).await, Ok(()), "press {press}");
        }
        assert_eq!(found(&app, "GADT0003").await.moving, 4);
    }

    async fn an_event_card_is_confirmed_by_its_very_first_press_and_followed_ten_presses_ahead(app) {
        prepare(&app).await;
        lent(&app, "GADT0003", CAMILLE).await;
        assert_eq!(found(&app, "GADT0003").await.moving, 1, "counter 0 is a counter");
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0003", 12)).await, Err(Refused::Wrong { left: 9 }));
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0003", 11)).await, Ok(()));
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0003", 11)).await, Err(Refused::Replayed));
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0003", 5)).await, Err(Refused::Wrong { left: 9 }), "behind");
    }

    async fn the_window_is_one_step_around_the_drift_that_is_remembered(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        app.advance(600);
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0001", 2)).await, Err(Refused::Wrong { left: 9 }));
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0001", -2)).await, Err(Refused::NeedsResync { left: 8 }));
        // The card gains a step at each use, and is followed.
        for drift in 1..=5 {
            app.advance(180);
            assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0001", drift)).await, Ok(()), "{drift}");
            assert_eq!(found(&app, "GADT0001").await.drift, drift);
        }
        app.advance(600);
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0001", 0)).await, Err(Refused::Wrong { left: 9 }), "our own time is not its time any more");
    }

    async fn ac_34_bat99_is_a_battery_and_no_wrong_code(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        for text in ["BAT99", "bat 87", " B A T 5 ", "BAT", "Bat100"] {
            assert_eq!(typed(&app, CAMILLE, text).await, Err(Refused::Battery), "{text}");
        }
        for text in ["", "12345", "1234567", "abcdef", "12345６７", "' OR 1=1", "１２ＡＢ５６"] {
            assert_eq!(typed(&app, CAMILLE, text).await, Err(Refused::Missing { digits: 6 }), "{text}");
        }
        assert_eq!((found(&app, "GADT0001").await.failures, events(&app, Kind::SignInRefused).await), (0, 0));
    }

    async fn a_strayed_card_is_found_again_by_two_codes_in_a_row(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        app.advance(7_200);
        let far = |n| shown(&app, "GADT0001", n);
        assert_eq!(typed(&app, CAMILLE, &far(-40)).await, Err(Refused::Wrong { left: 9 }));
        assert_eq!(typed(&app, CAMILLE, &far(-40)).await, Err(Refused::NeedsResync { left: 8 }));
        for (first, second) in [(far(-40), far(-40)), (far(-40), far(-38)), (far(-39), far(-40)), (far(-62), far(-61)), (far(61), far(62))] {
            assert!(matches!(resynchronise(&app, CAMILLE, &first, &second).await, Err(Refused::NeedsResync { .. })));
        }
        assert_eq!(resynchronise(&app, CAMILLE, "BAT99", &far(-40)).await, Err(Refused::Battery));
        assert_eq!(resynchronise(&app, CAMILLE, &far(-40), &far(-39)).await, Ok(()));
        let card = found(&app, "GADT0001").await;
        assert_eq!((card.drift, card.failures), (-39, 0));
        assert!(resynchronise(&app, CAMILLE, &far(-40), &far(-39)).await.is_err(), "the two codes are spent");
        assert_eq!(typed(&app, CAMILLE, &far(-39)).await, Err(Refused::Replayed));
        assert_eq!(typed(&app, CAMILLE, &far(-38)).await, Ok(()));
        assert_eq!(events(&app, Kind::CardResynchronised).await, 1);

        lent(&app, "GADT0003", DOMINIQUE).await;
        let press = |n| shown(&app, "GADT0003", n);
        assert_eq!(typed(&app, DOMINIQUE, &press(900)).await, Err(Refused::Wrong { left: 9 }));
        assert_eq!(resynchronise(&app, DOMINIQUE, &press(900), &press(901)).await, Ok(()));
        assert_eq!(typed(&app, DOMINIQUE, &press(902)).await, Ok(()));
    }

    async fn resynchronisations_are_limited_too(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        let no = wrong(&app, "GADT0001");
        for left in (0..10).rev() {
            assert_eq!(resynchronise(&app, CAMILLE, &no, &no).await, Err(Refused::NeedsResync { left }));
        }
        app.advance(600);
        let (first, second) = (shown(&app, "GADT0001", 0), shown(&app, "GADT0001", 1));
        assert!(matches!(resynchronise(&app, CAMILLE, &first, &second).await, Err(Refused::Later { .. })));
        assert_eq!(typed(&app, CAMILLE, &first).await, Ok(()), "a code alone still serves");
        app.advance(3_600);
        let (first, second) = (shown(&app, "GADT0001", 0), shown(&app, "GADT0001", 1));
        assert_eq!(resynchronise(&app, CAMILLE, &first, &second).await, Ok(()));
    }

    async fn a_card_locks_after_ten_wrong_codes_and_its_manager_is_told(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        app.advance(60);
        let no = wrong(&app, "GADT0001");
        for left in (1..10).rev() {
            let refused = typed(&app, CAMILLE, &no).await;
            assert_eq!(refused, Err(if left == 9 { Refused::Wrong { left } } else { Refused::NeedsResync { left } }));
        }
        assert_eq!(alerts(&app, DOMINIQUE).await, []);
        assert_eq!(typed(&app, CAMILLE, &no).await, Err(Refused::Locked));
        let right = shown(&app, "GADT0001", 0);
        assert_eq!(typed(&app, CAMILLE, &right).await, Err(Refused::Locked), "even the right code");
        assert_eq!(resynchronise(&app, CAMILLE, &right, &shown(&app, "GADT0001", 1)).await, Err(Refused::Locked));
        assert_eq!((alerts(&app, DOMINIQUE).await, alerts(&app, SACHA).await), (vec![CardAlert::Locked], vec![]));
        assert_eq!(told(&app, CAMILLE).await, [CardEvent::Linked, CardEvent::Locked]);
        assert_eq!(events(&app, Kind::CardLocked).await, 1);
        // Whoever manages it unlocks it, card in hand.
        assert!(unlock(&app, "GADT0001", &no, &right).await.is_err());
        assert_eq!(unlock(&app, "GADT0001", &right, &shown(&app, "GADT0001", 1)).await, Ok(()));
        app.advance(120);
        assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0001", 0)).await, Ok(()));
    }

    async fn a_card_whose_holder_is_the_only_manager_locks_too(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", DOMINIQUE).await;
        // Mails of one instant come in no order.
        app.advance(1);
        let no = wrong(&app, "GADT0001");
        for _ in 0..10 {
            assert!(typed(&app, DOMINIQUE, &no).await.is_err());
        }
        assert_eq!((alerts(&app, DOMINIQUE).await, told(&app, DOMINIQUE).await), (vec![], vec![CardEvent::Linked, CardEvent::Locked]));
    }

    async fn a_right_code_forgets_the_wrong_ones(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        for _ in 0..3 {
            app.advance(60);
            let no = wrong(&app, "GADT0001");
            for _ in 0..9 {
                assert!(typed(&app, CAMILLE, &no).await.is_err());
            }
            assert_eq!(typed(&app, CAMILLE, &shown(&app, "GADT0001", 0)).await, Ok(()));
        }
        assert_eq!(alerts(&app, DOMINIQUE).await, []);
    }

    async fn one_code_used_fifty_times_at_once_has_one_winner(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        app.advance(60);
        let code = shown(&app, "GADT0001", 0);
        let all = join_all((0..50).map(|_| { let (app, code) = (app.clone(), code.clone());
            tokio::spawn(async move { typed(&app, CAMILLE, &code).await })
        })).await;
        let all: Vec<_> = all.into_iter().map(Result::unwrap).collect();
        assert_eq!(all.iter().filter(|r| r.is_ok()).count(), 1);
        assert_eq!(all.iter().filter(|r| **r == Err(Refused::Replayed)).count(), 49);
        let card = found(&app, "GADT0001").await;
        assert!(card.works() && card.failures == 0, "nobody is locked out by a double click");
    }

    async fn parallel_guesses_do_not_multiply_the_allowance(app) {
        prepare(&app).await;
        lent(&app, "GADT0001", CAMILLE).await;
        app.advance(60);
        let no = wrong(&app, "GADT0001");
        let all = join_all((0..50).map(|_| { let (app, no) = (app.clone(), no.clone());
            tokio::spawn(async move { typed(&app, CAMILLE, &no).await })
        })).await;
        let all: Vec<_> = all.into_iter().map(Result::unwrap).collect();
        let compared = all.iter().filter(|r| matches!(r, Err(Refused::Wrong { .. } | Refused::NeedsResync { .. }))).count();
        assert_eq!(compared, 9, "the tenth locks");
        assert!(all.iter().all(Result::is_err));
        assert_eq!((events(&app, Kind::CardLocked).await, alerts(&app, DOMINIQUE).await.len()), (1, 1));
    }
}
