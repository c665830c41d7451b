//! What people are told when their place ends, or comes back: by whom, and why (M26).

use super::*;
use guichet::base::texts::Locale;
use guichet::mail::message::By;
use guichet::mail::render::{MailBrand, render};
use guichet::org::MembershipState;
use guichet::org::people::{self, Change};

/// Somebody ends Camille's place at the bakery, or gives it back; what she is told.
async fn moved(app: &TestApp, actor: Actor, state: MembershipState, reason: Option<&'static str>) -> (OrgEvent, OrgFacts) {
    app.advance(1);
    let (who, at) = (id(app, CAMILLE).await, siret(BOULANGERIE));
    let ctx = app.app.ctx(actor.clone());
    let kit = kit(app, &ctx);
    let change = Change { role: Role::Contact, state, expires_at: None, reason };
    let mut tx = app.app.db.begin().await.unwrap();
    let done = match &actor {
        Actor::Account(actor) if *actor == who => people::leave(&mut tx, &kit, &who, &at).await,
        Actor::Account(actor) => people::change(&mut tx, &kit, actor, &at, &who, &change).await,
        _ => people::set_by_operator(&mut tx, &kit, &at, &who, &change, false).await,
    };
    assert_eq!(done.unwrap(), Ok(true));
    tx.commit().await.unwrap();
    last_told(app, CAMILLE).await
}

fn read(told: (OrgEvent, OrgFacts)) -> String {
    let brand = MailBrand {
        portal_name: "Portail des aides".into(),
        base_url: "https://sso.aides.example".into(),
        help_url: "https://sso.aides.example/aide".into(),
        environment_prefix: String::new(),
        sender: "ne-pas-repondre@aides.example".into(),
    };
    let message = MailMessage::Organisation { event: told.0, facts: Box::new(told.1) };
    render(&message, Locale::Fr, &brand).unwrap().text
}

on_both! {
    async fn whose_place_ends_is_told_by_whom_and_why(app) {
        prepare(&app).await;
        let manager = Actor::Account(id(&app, DOMINIQUE).await);
        let named = Some(By::Person("Dominique Martin".to_owned()));
        let told = moved(&app, manager.clone(), MembershipState::Disabled, Some("mission_end")).await;
        assert_eq!((told.0, &told.1.by, told.1.motif.as_deref()), (OrgEvent::Deactivated, &named, Some("mission_end")));
        let text = read(told);
        assert!(text.contains("Dominique Martin") && text.contains("Fin de mission"), "{text}");
        let told = moved(&app, manager, MembershipState::Active, None).await;
        assert_eq!((told.0, &told.1.by, told.1.motif.as_deref()), (OrgEvent::Reactivated, &named, None));
        // The operator has no name, and no reason to give.
        let told = moved(&app, Actor::Operator, MembershipState::Disabled, Some("operator")).await;
        assert_eq!((told.0, &told.1.by), (OrgEvent::Deactivated, &Some(By::Operator)));
        let text = read(told);
        assert!(text.contains("L’équipe du portail") && !text.contains("Motif"), "{text}");
        moved(&app, Actor::Operator, MembershipState::Active, None).await;
        // Whoever leaves knows.
        let own = Actor::Account(id(&app, CAMILLE).await);
        let told = moved(&app, own, MembershipState::Disabled, None).await;
        assert_eq!((told.0, &told.1.by), (OrgEvent::Deactivated, &None));
        let text = read(told);
        assert!(!text.contains("L’équipe du portail") && !text.contains("Motif"), "{text}");
    }
}
