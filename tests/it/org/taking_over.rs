//! Establishments that nobody manages, or whose managers are away: who may claim them, and how (french-domain §6).

use guichet::base::Siret;
use guichet::org::claim::{self, Standing};
use guichet::org::people::Change;
use guichet::org::request::{Filed, State, decide};
use guichet::org::{Link, MembershipState, Proof, Role};

use super::access::decided;
use super::joining::{join, membership};
use super::*;

const DOMINIQUE: &str = "dominique@boulangerie.example";
const SUPPORT: &str = "support@hub.example";
const DAY: u64 = 86_400;
/// The register says that it closed, and which one took over.
const CLOSED: &str = "93000001300019";

/// Addresses of the bakery prove places at the town hall; the support has an address.
async fn prepared(app: TestApp) -> TestApp {
    let app = TestApp::start(app.engine, |c| {
        c.policy.managers = guichet::base::Aal::One;
        c.brand.support_email = Some(SUPPORT.into());
    })
    .await;
    app.apply(WORLD).await;
    app
}

async fn domain(app: &TestApp, siret: &str, name: &str) {
    app.apply(&format!("[[establishment]]\nsiret = \"{siret}\"\nname = \"{name}\"\nemail_domains = [\"boulangerie.example\"]\n")).await;
}

async fn manages(app: &TestApp, email: &str, siret: &str, more: &str) {
    app.apply(&format!("[[membership]]\nlogin_email = \"{email}\"\nsiret = \"{siret}\"\nrole = \"manager\"\n{more}\n")).await;
}

/// The town hall: Gaston managed it and was put out; Camille and Dominique act for it.
async fn orphan(app: &TestApp) {
    manages(app, GASTON, TOWN_HALL, "").await;
    manages(app, GASTON, TOWN_HALL, "state = \"disabled\"").await;
    place(app, CAMILLE, TOWN_HALL, "").await;
    place(app, DOMINIQUE, TOWN_HALL, "").await;
}

async fn later(app: &TestApp, days: u64) {
    app.advance(days * DAY);
    guichet::worker::drain(&app.app).await.unwrap();
}

async fn times(app: &TestApp, to: &str, event: OrgEvent) -> usize {
    told(app, to).await.into_iter().filter(|(e, _)| *e == event).count()
}

/// Claims it on the page; the request.
async fn claims(app: &TestApp, email: &str, siret: &str) -> AskId {
    let mut browser = signed_in(app, email).await;
    let page = browser.get(&format!("/etablissements/{siret}/reprendre")).await;
    let page = browser.submit(&page, &[("message", "Je reprends.")]).await;
    assert!(page.path.starts_with("/demandes/"), "{} {}", page.path, page.body);
    request_of(&page)
}

async fn role(app: &TestApp, email: &str, siret: &str) -> Option<Role> {
    membership(app, email, siret).await.map(|m| m.role)
}

async fn state(app: &TestApp, id: &AskId) -> State {
    guichet::org::request::store::find(&mut app.app.db.read().await.unwrap(), id).await.unwrap().unwrap().state
}

async fn standing(app: &TestApp, siret: &str) -> Standing {
    let (siret, now) = (Siret::parse(siret).unwrap(), app.app.clock.now());
    let s = claim::store::of(&mut app.app.db.read().await.unwrap(), &siret, now).await.unwrap().unwrap();
    s.standing(&app.app.config.policy, now)
}

on_both! {
    async fn an_orphan_establishment_is_claimed_by_somebody_whose_place_is_proved_after_all_were_told(app) {
        let app = prepared(app).await;
        domain(&app, TOWN_HALL, "Mairie").await;
        orphan(&app).await;
        assert_eq!(standing(&app, TOWN_HALL).await, Standing::Orphan);
        let mut browser = signed_in(&app, CAMILLE).await;
        assert!(browser.get("/etablissements").await.links().contains(&format!("/etablissements/{TOWN_HALL}/reprendre")));
        let page = browser.get(&format!("/etablissements/{TOWN_HALL}/reprendre")).await;
        assert!(page.says("n’a plus de gestionnaire de compte") && page.says("Votre rattachement est prouvé"), "{}", page.body);
        let id = claims(&app, CAMILLE, TOWN_HALL).await;
        for (who, event) in [(GASTON, OrgEvent::ClaimTold), (DOMINIQUE, OrgEvent::ClaimTold), (CAMILLE, OrgEvent::ClaimSent), (SUPPORT, OrgEvent::ClaimToDecide)] {
            let facts = heard(&app, who, event).await;
            assert_eq!(facts.until.map(|at| (at - app.app.clock.now().millis()) / 86_400_000), Some(6), "{who}: within seven days");
        }
        later(&app, 6).await;
        assert_eq!((role(&app, CAMILLE, TOWN_HALL).await, state(&app, &id).await), (Some(Role::Contact), State::Pending), "not before its time");
        later(&app, 1).await;
        let place = membership(&app, CAMILLE, TOWN_HALL).await.unwrap();
        assert_eq!((place.role, place.link, place.proof), (Role::Manager, Link::Proved, Proof::EmailDomain));
        assert_eq!(state(&app, &id).await, State::Accepted);
        heard(&app, CAMILLE, OrgEvent::Manager).await;
        for who in [GASTON, DOMINIQUE] {
            heard(&app, who, OrgEvent::ClaimGranted).await;
        }
        later(&app, 1).await;
        assert_eq!(times(&app, DOMINIQUE, OrgEvent::ClaimGranted).await, 1, "once");
    }

    async fn whoever_has_proved_nothing_waits_for_the_operator(app) {
        let app = prepared(app).await;
        orphan(&app).await;
        let id = claims(&app, CAMILLE, TOWN_HALL).await;
        later(&app, 8).await;
        assert_eq!((role(&app, CAMILLE, TOWN_HALL).await, state(&app, &id).await), (Some(Role::Contact), State::Pending));
        assert_eq!(times(&app, SUPPORT, OrgEvent::ClaimToDecide).await, 2, "when it was made, and when its time came");
        later(&app, 30).await;
        assert_eq!((role(&app, CAMILLE, TOWN_HALL).await, state(&app, &id).await), (Some(Role::Contact), State::Pending), "never by itself");
        decided(&app, None, &id, decide::Verdict::Admit(Role::Manager)).await.unwrap();
        assert_eq!(role(&app, CAMILLE, TOWN_HALL).await, Some(Role::Manager));
    }

    async fn a_manager_found_meanwhile_decides_as_on_any_request(app) {
        let app = prepared(app).await;
        domain(&app, TOWN_HALL, "Mairie").await;
        orphan(&app).await;
        let id = claims(&app, CAMILLE, TOWN_HALL).await;
        manages(&app, GASTON, TOWN_HALL, "state = \"active\"").await;
        later(&app, 8).await;
        assert_eq!((role(&app, CAMILLE, TOWN_HALL).await, state(&app, &id).await), (Some(Role::Contact), State::Pending));
        heard(&app, GASTON, OrgEvent::JoinReminded).await;
        decided(&app, Some(GASTON), &id, decide::Verdict::Decline("Non".into())).await.unwrap();
    }

    async fn those_who_do_not_work_there_or_were_put_out_claim_nothing(app) {
        let app = prepared(app).await;
        orphan(&app).await;
        app.apply("[[account]]\nlogin_email = \"ailleurs@autre.example\"\ngiven_name = \"A\"\nfamily_name = \"B\"\nemail_verified = true\n").await;
        let mut stranger = signed_in(&app, "ailleurs@autre.example").await;
        let refused = happened(&app, Kind::RightRefused).await;
        assert_eq!(stranger.get(&format!("/etablissements/{TOWN_HALL}/reprendre")).await.status, 404);
        assert_eq!(happened(&app, Kind::RightRefused).await, refused + 1);
        // A request of theirs, or of whoever was put out, waits for the operator, whatever their address.
        domain(&app, TOWN_HALL, "Mairie").await;
        for who in ["ailleurs@autre.example", GASTON] {
            assert!(matches!(join(&app, who, TOWN_HALL, Role::Manager).await, Filed::Waits(_)), "{who}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM request WHERE claim_at IS NOT NULL").await, 0);
        assert_eq!(times(&app, DOMINIQUE, OrgEvent::ClaimTold).await, 0, "nobody is disturbed");
        later(&app, 30).await;
        assert_eq!((role(&app, GASTON, TOWN_HALL).await, role(&app, "ailleurs@autre.example", TOWN_HALL).await), (None, None));
        // Where somebody manages, there is nothing to claim.
        place(&app, CAMILLE, BAKERY, "").await;
        let mut camille = signed_in(&app, CAMILLE).await;
        let page = camille.get(&format!("/etablissements/{BAKERY}/reprendre")).await;
        assert!(page.forms().iter().all(|f| !f.action.ends_with("/reprendre")), "{}", page.body);
        let token = page.forms().iter().flat_map(|f| f.hidden.clone()).find(|(n, _)| n == "jeton").unwrap().1;
        assert_eq!(camille.post(&format!("/etablissements/{BAKERY}/reprendre"), &[("jeton", &token)]).await.status, 422);
    }

    async fn a_newcomer_who_read_the_official_code_claims_too(app) {
        let app = prepared(app).await;
        orphan(&app).await;
        app.apply(&format!("[[establishment]]\nsiret = \"{TOWN_HALL}\"\nname = \"Mairie\"\nofficial_email = \"contact@mairie.example\"\n")).await;
        app.apply("[[account]]\nlogin_email = \"noe@ailleurs.example\"\ngiven_name = \"Noé\"\nfamily_name = \"Roy\"\nemail_verified = true\n").await;
        let mut noe = signed_in(&app, "noe@ailleurs.example").await;
        let page = noe.get(&format!("/etablissements/{TOWN_HALL}/rejoindre")).await;
        let page = noe.press(&page, &format!("/etablissements/{TOWN_HALL}/rejoindre/code/envoyer"), &[]).await;
        let code = app.last_code("contact@mairie.example").await;
        let page = noe.submit(&page, &[("code", &code)]).await;
        assert!(page.says("sans opposition, vous en deviendrez gestionnaire"), "{}", page.body);
        noe.submit(&page, &[("message", "Bonjour")]).await;
        heard(&app, DOMINIQUE, OrgEvent::ClaimTold).await;
        later(&app, 7).await;
        let place = membership(&app, "noe@ailleurs.example", TOWN_HALL).await.unwrap();
        assert_eq!((place.role, place.proof), (Role::Manager, Proof::OfficialContact));
    }

    async fn managers_who_are_away_are_told_at_five_months_and_at_six_once_each(app) {
        let app = prepared(app).await;
        signed_in(&app, GASTON).await;
        // Mails are kept for a month.
        for (days, soon, now) in [(149, Some(0), 0), (2, Some(1), 0), (1, Some(1), 0), (29, None, 1), (20, None, 1)] {
            later(&app, days).await;
            if let Some(soon) = soon {
                assert_eq!(times(&app, GASTON, OrgEvent::AbsenceSoon).await, soon, "after {days} more days");
            }
            assert_eq!(times(&app, GASTON, OrgEvent::Absence).await, now, "after {days} more days");
        }
        assert_eq!(standing(&app, BAKERY).await, Standing::Away);
        // Signing in is enough; a later absence is told anew.
        signed_in(&app, GASTON).await;
        assert_eq!(standing(&app, BAKERY).await, Standing::Managed);
        later(&app, 1).await;
        later(&app, 151).await;
        assert_eq!((times(&app, GASTON, OrgEvent::AbsenceSoon).await, times(&app, GASTON, OrgEvent::Absence).await), (1, 0));
    }

    async fn a_manager_who_is_away_answers_that_they_are_still_there(app) {
        let app = prepared(app).await;
        domain(&app, BAKERY, "Boulangerie Durand").await;
        place(&app, CAMILLE, BAKERY, "").await;
        later(&app, 181).await;
        let id = claims(&app, CAMILLE, BAKERY).await;
        let facts = heard(&app, GASTON, OrgEvent::ClaimToAnswer).await;
        assert_eq!(facts.request.as_deref(), Some(id.as_str()));
        later(&app, 3).await;
        let mut gaston = signed_in(&app, GASTON).await;
        let path = format!("/etablissements/{BAKERY}/demandes/{id}");
        let page = gaston.get(&path).await;
        assert!(page.says("demande à reprendre la gestion"), "{}", page.body);
        let page = gaston.submit(&page, &[("decision", "present")]).await;
        assert!(page.says("est déclinée"), "{}", page.body);
        heard(&app, CAMILLE, OrgEvent::JoinDeclined).await;
        later(&app, 10).await;
        assert_eq!((role(&app, CAMILLE, BAKERY).await, state(&app, &id).await), (Some(Role::Contact), State::Declined));
    }

    async fn one_sign_in_is_enough_to_keep_the_establishment(app) {
        let app = prepared(app).await;
        domain(&app, BAKERY, "Boulangerie Durand").await;
        place(&app, CAMILLE, BAKERY, "").await;
        later(&app, 181).await;
        let id = claims(&app, CAMILLE, BAKERY).await;
        later(&app, 3).await;
        signed_in(&app, GASTON).await;
        later(&app, 5).await;
        assert_eq!((role(&app, CAMILLE, BAKERY).await, state(&app, &id).await), (Some(Role::Contact), State::Pending), "Gaston decides");
    }

    async fn a_manager_who_stays_away_is_joined_by_whoever_claims_and_two_nodes_grant_it_once(app) {
        let app = prepared(app).await;
        domain(&app, BAKERY, "Boulangerie Durand").await;
        place(&app, CAMILLE, BAKERY, "").await;
        later(&app, 181).await;
        claims(&app, CAMILLE, BAKERY).await;
        let other = app.another_node().await;
        app.advance(7 * DAY);
        let (a, b) = futures_util::future::join(guichet::worker::drain(&app.app), guichet::worker::drain(&other.app)).await;
        a.and(b).unwrap();
        assert_eq!((role(&app, CAMILLE, BAKERY).await, role(&app, GASTON, BAKERY).await), (Some(Role::Manager), Some(Role::Manager)));
        assert_eq!(times(&app, GASTON, OrgEvent::ClaimGranted).await, 1);
        assert_eq!(happened(&app, Kind::RequestDecided).await, 1);
    }

    async fn a_claim_on_an_establishment_that_closed_meanwhile_is_declined_and_says_why(app) {
        let app = prepared(app).await;
        domain(&app, CLOSED, "Imprimerie du canal").await;
        manages(&app, GASTON, CLOSED, "").await;
        manages(&app, GASTON, CLOSED, "state = \"disabled\"").await;
        place(&app, CAMILLE, CLOSED, "").await;
        let id = claims(&app, CAMILLE, CLOSED).await;
        crate::register::filled(&app).await;
        later(&app, 6).await;
        assert_eq!(state(&app, &id).await, State::Pending, "not before its time");
        later(&app, 1).await;
        assert_eq!((role(&app, CAMILLE, CLOSED).await, state(&app, &id).await), (Some(Role::Contact), State::Declined));
        assert_eq!((happened(&app, Kind::RequestDecided).await, happened(&app, Kind::RightRefused).await), (1, 0));
        let reason = heard(&app, CAMILLE, OrgEvent::JoinDeclined).await.reason.unwrap().replace('\u{a0}', " ");
        assert!(reason.contains("L’établissement a fermé") && reason.contains("930 000 021 00012"), "{reason}");
        let page = signed_in(&app, CAMILLE).await.get(&format!("/demandes/{id}")).await;
        assert!(page.says("L’établissement a fermé"), "{}", page.body);
        assert_eq!(times(&app, GASTON, OrgEvent::ClaimGranted).await, 0);
    }

    async fn what_was_carried_elsewhere_is_no_place_to_claim(app) {
        let app = prepared(app).await;
        domain(&app, TOWN_HALL, "Mairie").await;
        orphan(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(&format!("/etablissements/{TOWN_HALL}/reprendre")).await;
        // As `guichet establishment transfer` leaves it, whatever the register says.
        const CARRIED: &str = "UPDATE establishment SET succeeded_by = '73282932000074', succeeded_at = 1 WHERE siret = $1";
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, CARRIED, TOWN_HALL; exec).unwrap();
        tx.commit().await.unwrap();
        let page = browser.submit(&page, &[("message", "Je reprends.")]).await;
        assert!(!page.path.starts_with("/demandes/"), "{} {}", page.path, page.body);
    }

    async fn whoever_leaves_meanwhile_is_granted_nothing(app) {
        let app = prepared(app).await;
        domain(&app, TOWN_HALL, "Mairie").await;
        orphan(&app).await;
        let id = claims(&app, CAMILLE, TOWN_HALL).await;
        let ctx = app.app.ctx(guichet::base::Actor::Operator);
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
        let mut tx = app.app.db.begin().await.unwrap();
        let camille = guichet::account::store::find_by_login(&mut tx, &guichet::base::Email::parse(CAMILLE).unwrap()).await.unwrap().unwrap();
        let out = Change { role: Role::Contact, state: MembershipState::Disabled, expires_at: None, reason: None };
        guichet::org::people::set_by_operator(&mut tx, &kit, &Siret::parse(TOWN_HALL).unwrap(), &camille.id, &out, false).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        later(&app, 8).await;
        assert_eq!((role(&app, CAMILLE, TOWN_HALL).await, state(&app, &id).await), (None, State::Cancelled));
    }
}
