//! Somebody lost every means of connection (S-11).

use guichet::audit::Kind;
use guichet::base::id::AccountId;
use guichet::base::{Actor, Siret};
use guichet::mail::message::RecoveryStep;
use guichet::org::{self, Establishment, Membership, Proof, Role};

use super::*;
use crate::support::rp::DOSSIER;

/// Asks for help from the page of the second factor.
async fn asked(app: &TestApp) -> (Browser, Page) {
    let mut browser = app.browser();
    let page = DOSSIER.sign_in(&mut browser, &[("acr_values", "aal2")]).await;
    let link = page.links().into_iter().find(|l| l.starts_with("/connexion/verification/perdu")).unwrap();
    let page = browser.get(&link).await;
    let page = browser.press(&page, "/connexion/verification/perdu", &[]).await;
    (browser, page)
}

async fn steps(app: &TestApp, to: &str) -> Vec<RecoveryStep> {
    let step = |m: MailMessage| match m {
        MailMessage::Recovery { step, .. } => Some(step),
        _ => None,
    };
    app.mails(to).await.into_iter().filter_map(step).collect()
}

async fn grant(app: &TestApp, email: &str) -> bool {
    let account = account(app, email).await;
    let ctx = app.app.ctx(Actor::Operator);
    let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
    let mut tx = app.app.db.begin().await.unwrap();
    let granted = guichet::authn::lost::grant(&mut tx, &kit, &account).await.unwrap();
    tx.commit().await.unwrap();
    granted.is_some()
}

fn member(account: AccountId, siret: &Siret, role: Role) -> Membership {
    let establishment = Establishment { siret: siret.clone(), name: "Boulangerie".into() };
    Membership::new(account, establishment, role, Proof::Operator)
}

/// Puts members in establishments, which are made where they are not there.
async fn join(app: &TestApp, members: &[Membership]) {
    let ctx = app.app.ctx(Actor::Operator);
    let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
    let mut tx = app.app.db.begin().await.unwrap();
    for member in members {
        org::put(&mut tx, &ctx, &member.establishment).await.unwrap();
        org::put_membership(&mut tx, &kit, member).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn worked(app: &TestApp) {
    guichet::worker::drain(&app.app).await.unwrap();
}

on_both! {
    async fn a_granted_request_takes_effect_after_the_delay_and_the_person_sets_up_others(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut browser).await;
        demand(&app, CAMILLE, Aal::Two).await;
        assert!(!grant(&app, CAMILLE).await, "nothing was asked");
        let (mut other, page) = asked(&app).await;
        assert!(page.says("Votre demande a été envoyée"), "{}", page.body);
        assert!(matches!(steps(&app, CAMILLE).await.as_slice(), [RecoveryStep::Asked { .. }]));
        let again = other.get(&page.path).await;
        assert!(!again.forms().iter().any(|f| f.action.starts_with("/connexion/verification/perdu") && !f.names.contains(&"annuler".to_owned())));

        assert!(grant(&app, CAMILLE).await);
        assert!(!grant(&app, CAMILLE).await, "once");
        assert!(matches!(steps(&app, CAMILLE).await.as_slice(), [RecoveryStep::Asked { .. }, RecoveryStep::Granted { .. }]));
        app.advance(23 * 3_600);
        worked(&app).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM factor").await, 1, "not before the delay");
        app.advance(2 * 3_600);
        worked(&app).await;
        worked(&app).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM factor").await, 0);
        assert_eq!(happened(&app, Kind::RecoveryDone).await, 1);
        assert!(browser.get("/compte").await.path.starts_with("/connexion?retour="), "sessions are closed");
        // A second factor is still demanded: the tunnel sets one up.
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(at(&page, "/connexion/renforcement"), "{}", page.path);
        assert!(!page.says("Plus tard"), "recovery gives no time with one factor: {}", page.body);
    }

    async fn a_running_time_to_set_a_factor_up_does_not_outlive_the_loss_of_one(app) {
        demand(&app, CAMILLE, Aal::Two).await;
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(page.says("Plus tard"), "the time begins: {}", page.body);
        browser.submit(&page, &[("plus_tard", "1")]).await;
        enrolled(&app, &mut browser).await;
        asked(&app).await;
        assert!(grant(&app, CAMILLE).await);
        app.advance(25 * 3_600);
        worked(&app).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM factor").await, 0);
        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(at(&page, "/connexion/renforcement") && !page.says("Plus tard"), "{} {}", page.path, page.body);
        assert!(browser.get("/compte").await.path.starts_with("/connexion"), "nothing opens on one factor");
    }

    async fn managers_decide_for_the_people_of_their_establishment_alone(app) {
        let mut camille = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut camille).await;
        asked(&app).await;
        let (holder, manager) = (account(&app, CAMILLE).await.id, account(&app, DOMINIQUE).await.id);
        let ctx = app.app.ctx(Actor::Operator);
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
        let (own, other) = (Siret::parse("73282932000074").unwrap(), Siret::parse("35600000000048").unwrap());
        join(&app, &[member(holder.clone(), &own, Role::Contact), member(manager.clone(), &other, Role::Manager)]).await;

        let mut browser = app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, DOMINIQUE).await;
        browser.submit(&page, &[("plus_tard", "1")]).await;
        let there = "/etablissements/73282932000074/secours";
        assert_eq!(browser.get(there).await.status, 404, "another establishment");
        let mine = browser.get("/etablissements/35600000000048/secours").await;
        assert!(mine.says("Aucune demande en cours."), "{}", mine.body);
        let jeton = mine.forms().iter().find_map(|f| f.hidden.iter().find(|(n, _)| n == "jeton").cloned()).unwrap().1;
        let decision = [("jeton", jeton.as_str()), ("personne", holder.as_str()), ("decision", "accepter")];
        assert_eq!(browser.post("/etablissements/35600000000048/secours", &decision).await.status, 404, "not of that establishment");
        assert_eq!(browser.post(there, &decision).await.status, 404);
        assert_eq!(happened(&app, Kind::RecoveryGranted).await, 0);

        let mut tx = app.app.db.begin().await.unwrap();
        org::put_membership(&mut tx, &kit, &member(manager, &own, Role::Manager)).await.unwrap();
        accounts::set_administrator(&mut tx, &holder, true).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(browser.post(there, &decision).await.status, 404, "those who run the hub are the operator's to help");
        let mut tx = app.app.db.begin().await.unwrap();
        accounts::set_administrator(&mut tx, &holder, false).await.unwrap();
        tx.commit().await.unwrap();
        let page = browser.post(there, &decision).await;
        assert!(page.says("La demande est acceptée."), "{}", page.body);
        assert_eq!(happened(&app, Kind::RecoveryGranted).await, 1);
    }

    async fn whoever_decides_is_told_in_their_language_the_support_where_there_is_no_manager(app) {
        use guichet::base::texts::Locale;
        use guichet::mail::message::Decider;

        let app = TestApp::start(app.engine, |config| config.brand.support_email = Some("assistance@aides.example.fr".into())).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut browser).await;
        let (mut other, page) = asked(&app).await;
        let told = app.mails("assistance@aides.example.fr").await;
        let [MailMessage::RecoveryToDecide { decider: Decider::Support { login_email }, .. }] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(login_email, CAMILLE);
        other.submit(&page, &[("annuler", "1")]).await;

        let (holder, manager) = (account(&app, CAMILLE).await, account(&app, DOMINIQUE).await);
        let siret = Siret::parse("73282932000074").unwrap();
        join(&app, &[member(holder.id, &siret, Role::Contact), member(manager.id.clone(), &siret, Role::Manager)]).await;
        let ctx = app.app.ctx(Actor::Operator);
        let mut tx = app.app.db.begin().await.unwrap();
        let english = guichet::account::lifecycle::Details { locale: Locale::En, ..guichet::account::lifecycle::Details::of(&manager).unwrap() };
        guichet::account::lifecycle::change(&mut tx, &ctx, &manager, english).await.unwrap();
        tx.commit().await.unwrap();
        asked(&app).await;
        let mails = app.mails_in(DOMINIQUE).await;
        let decide = |(locale, m): &(Locale, MailMessage)| matches!(m, MailMessage::RecoveryToDecide { decider: Decider::Manager, .. }).then_some(*locale);
        assert_eq!(mails.iter().filter_map(decide).collect::<Vec<_>>(), [Locale::En]);
        assert_eq!(app.mails("assistance@aides.example.fr").await.len(), 1, "not the support's then");
    }

    async fn the_link_in_each_mail_stops_it(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut browser).await;
        asked(&app).await;
        grant(&app, CAMILLE).await;
        let all = steps(&app, CAMILLE).await;
        let Some(RecoveryStep::Granted { cancel_url, .. }) = all.last() else { panic!("{all:?}") };
        let mut reader = app.browser();
        let forged = cancel_url.replace("jeton=", "jeton=x");
        assert!(reader.get(&forged).await.says("n’existe plus"));
        // A mail gateway that follows the link stops nothing.
        let page = reader.get(cancel_url).await;
        assert!(page.says("Arrêter la demande"), "{}", page.body);
        let page = reader.submit(&page, &[("demande", &page.forms().iter().find_map(|f| f.hidden.iter().find(|(n, _)| n == "demande")).unwrap().1)]).await;
        assert!(page.says("La demande est arrêtée."), "{}", page.body);
        app.advance(25 * 3_600);
        worked(&app).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM factor").await, 1);
        assert!(reader.get(cancel_url).await.says("n’existe plus"), "once");
        assert_eq!(happened(&app, Kind::RecoveryCancelled).await, 1);
    }

    async fn asking_without_end_tells_nobody_without_end(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut browser).await;
        for _ in 0..5 {
            let (mut other, page) = asked(&app).await;
            if page.forms().iter().any(|f| f.names.contains(&"annuler".to_owned())) {
                other.submit(&page, &[("annuler", "1")]).await;
            }
        }
        assert_eq!(happened(&app, Kind::RecoveryAsked).await, 3, "three a day");
    }

    async fn every_step_is_in_the_persons_history(app) {
        let mut browser = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut browser).await;
        let page = browser.get("/compte/securite/codes").await;
        browser.submit(&page, &[("jeu", "")]).await;
        asked(&app).await;
        grant(&app, CAMILLE).await;
        let page = browser.get("/compte/activite?famille=compte").await;
        for words in ["Application d’authentification ajoutée", "Codes de secours créés", "Perte des moyens de connexion signalée", "Renouvellement des moyens de connexion accordé"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
        let page = browser.get("/compte/activite?famille=connexions").await;
        assert!(page.says("Vérification supplémentaire réussie"), "{}", page.body);
    }
}
