//! Invitations (G-06, M23): sent by a manager, used once, by the person of the address.

use super::*;
use futures_util::future::join_all;
use guichet::org::invitation::{self, NotAccepted};

/// Sends invitations by the pages; the secret of the last one to `to`.
async fn invited(app: &TestApp, manager: &str, to: &str, role: &str) -> String {
    let mut browser = signed_in(app, manager).await;
    let page = browser.get(&format!("{BASE}/inviter")).await;
    let page = browser.submit(&page, &[("adresses", to), ("role", role), ("etape", "apercu")]).await;
    let page = browser.submit(&page, &[("etape", "envoyer")]).await;
    assert!(page.says("1 invitation est envoyée"), "{}", page.body);
    secret(app, to).await
}

async fn secret(app: &TestApp, to: &str) -> String {
    let (event, facts) = last_told(app, to).await;
    assert_eq!(event, OrgEvent::Invited);
    facts.request.unwrap()
}

fn link(secret: &str) -> String {
    format!("/invitation?jeton={secret}")
}

async fn accepted(app: &TestApp, email: &str, secret: &str) -> Result<(), NotAccepted> {
    let (who, ctx, services) = (account(app, email).await, app.app.ctx(Actor::Anonymous), app.app.services());
    let mut tx = app.app.db.begin().await.unwrap();
    let desk = Desk { kit: &kit(app, &ctx), services: &services };
    let done = invitation::accept(&mut tx, desk, &who, secret).await.unwrap();
    tx.commit().await.unwrap();
    done.map(drop)
}

on_both! {
    async fn fa_23_a_manager_invites_sees_what_will_be_sent_and_the_person_joins(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(&format!("{BASE}/inviter")).await;
        let typed = "andrea@ailleurs.example\r\npas une adresse\r\n Andrea@Ailleurs.example \r\ncamille@boulangerie.example; neuf@ailleurs.example";
        let page = browser.submit(&page, &[("adresses", typed), ("role", "contact"), ("etape", "apercu")]).await;
        for words in ["Envoyer 2 invitations", "pas une adresse", "Ce n’est pas une adresse e-mail", "Déjà dans la liste", "Déjà intervenant", "neuf@ailleurs.example"] {
            assert!(page.says(words), "{words}: {}", page.body);
        }
        assert_eq!(events(&app, Kind::InvitationSent).await, 0, "nothing before it was seen");
        let page = browser.submit(&page, &[("etape", "envoyer")]).await;
        assert!(page.says("2 invitations sont envoyées") && page.says("Invitations en attente"), "{}", page.body);
        assert_eq!((told(&app, CAMILLE).await.len(), events(&app, Kind::InvitationSent).await), (0, 2));
        let (_, facts) = last_told(&app, ANDREA).await;
        assert_eq!((facts.person.as_deref(), facts.role.as_deref()), (Some("Dominique Martin"), Some("contact")));

        let secret = secret(&app, ANDREA).await;
        let mut andrea = app.browser();
        let page = andrea.get(&link(&secret)).await;
        assert!(page.path.starts_with("/connexion?retour="), "{}", page.path);
        let page = andrea.sign_in_with_code(&page, ANDREA).await;
        assert!(page.says("Dominique Martin</strong> vous invite à rejoindre <strong>Boulangerie Durand") && page.says("Contact de compte"), "{} {}", page.path, page.body);
        assert_eq!(role(&app, ANDREA).await, None, "a link does nothing");
        let page = andrea.press(&page, "/invitation", &[]).await;
        assert!(page.path == "/etablissements" && page.says("Vous avez rejoint Boulangerie Durand"), "{}", page.body);
        let place = place(&app, ANDREA, BOULANGERIE).await.unwrap();
        assert_eq!((place.role, place.proof), (Role::Contact, org::Proof::Invitation));
        assert_eq!(events(&app, Kind::InvitationAccepted).await, 1);
    }

    async fn an_invitation_opens_the_services_chosen_with_it_and_no_others(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(&format!("{BASE}/services")).await;
        browser.submit(&page, &[("droit", "aides:lecture")]).await;
        let page = browser.get(&format!("{BASE}/inviter")).await;
        assert!(page.body.contains("value=\"aides:lecture\" checked") && !page.body.contains("value=\"aides:depot\" checked"), "{}", page.body);
        assert!(!page.body.contains("value=\"national:national\""), "not theirs to give: {}", page.body);
        // What newcomers receive is a proposal: another profile, and a service that demands a training.
        let asked = [("adresses", ANDREA), ("role", "contact"), ("droit", "aides:depot"), ("droit", "formation:formation"), ("etape", "apercu")];
        let page = browser.submit(&page, &asked).await;
        assert!(page.says("Avec ces accès") && page.says("Dépôt des aides") && page.says("Formations"), "{}", page.body);
        let page = browser.submit(&page, &[("etape", "modifier")]).await;
        assert!(page.body.contains("value=\"aides:depot\" checked") && !page.body.contains("value=\"aides:lecture\" checked"), "{}", page.body);
        let page = browser.submit(&page, &asked).await;
        let page = browser.submit(&page, &[("etape", "envoyer")]).await;
        assert!(page.says("1 invitation est envoyée") && page.says("Dépôt des aides"), "{}", page.body);
        let mut andrea = app.browser();
        let page = andrea.get(&link(&secret(&app, ANDREA).await)).await;
        let page = andrea.sign_in_with_code(&page, ANDREA).await;
        assert!(page.says("Dépôt des aides"), "{}", page.body);
        andrea.press(&page, "/invitation", &[]).await;
        assert_eq!(rights(&app, ANDREA).await, ["aides depot"], "a training is lacking for the other");

        // Sent without any, then one sent before invitations carried rights.
        let bare = invited(&app, DOMINIQUE, SACHA, "contact").await;
        assert_eq!(accepted(&app, SACHA, &bare).await, Ok(()));
        assert_eq!(rights(&app, SACHA).await, Vec::<String>::new());
        app.apply("[[membership]]\nlogin_email = \"sacha@mairie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\nstate = \"disabled\"\n").await;
        let old = invited(&app, DOMINIQUE, SACHA, "contact").await;
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, "UPDATE invitation SET rights = NULL WHERE state = 'pending'"; exec).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(accepted(&app, SACHA, &old).await, Ok(()));
        assert_eq!(rights(&app, SACHA).await, ["aides lecture"], "what newcomers receive");
    }

    async fn an_invitation_offers_nothing_that_is_not_the_managers_to_give(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let token = token(&mut browser).await;
        for right in ["national:national", "aides:tout", "inconnu:x"] {
            let fields = [("jeton", token.as_str()), ("adresses", ANDREA), ("role", "contact"), ("droit", right), ("etape", "envoyer")];
            assert_eq!(browser.post(&format!("{BASE}/inviter"), &fields).await.status, StatusCode::NOT_FOUND, "{right}");
        }
        assert_eq!((events(&app, Kind::InvitationSent).await, events(&app, Kind::RightRefused).await), (0, 3));
        // The service is closed between the invitation and its acceptance.
        let page = browser.get(&format!("{BASE}/inviter")).await;
        let page = browser.submit(&page, &[("adresses", ANDREA), ("role", "contact"), ("droit", "aides:depot"), ("etape", "apercu")]).await;
        browser.submit(&page, &[("etape", "envoyer")]).await;
        let secret = secret(&app, ANDREA).await;
        app.apply("[[service]]\nid = \"aides\"\nname = \"Dépôt des aides\"\naudience = \"professionals\"\naccess = \"request\"\napprover = \"operator\"\nprofiles = [{ id = \"lecture\", name = \"Lecture\" }, { id = \"depot\", name = \"Dépôt\" }]\n").await;
        assert_eq!(accepted(&app, ANDREA, &secret).await, Ok(()));
        assert_eq!(rights(&app, ANDREA).await, Vec::<String>::new(), "no longer the managers' to open");
    }

    async fn an_invitation_serves_once_however_often_it_is_used_at_once(app) {
        prepare(&app).await;
        let secret = invited(&app, DOMINIQUE, ANDREA, "manager").await;
        let all = join_all((0..10).map(|_| accepted(&app, ANDREA, &secret))).await;
        assert_eq!(all.iter().filter(|r| r.is_ok()).count(), 1, "{all:?}");
        assert_eq!((role(&app, ANDREA).await, events(&app, Kind::InvitationAccepted).await), (Some(Role::Manager), 1));
        assert_eq!(events(&app, Kind::RightRefused).await, 9, "replays are in the trail");
        // After they were removed it does not bring them back.
        app.apply("[[membership]]\nlogin_email = \"andrea@ailleurs.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\nstate = \"disabled\"\n").await;
        let mut browser = signed_in(&app, ANDREA).await;
        let page = browser.get(&link(&secret)).await;
        assert!(page.status == StatusCode::NOT_FOUND && page.says("n’est plus valable"), "{}", page.body);
        assert_eq!(role(&app, ANDREA).await, None);
    }

    async fn fa_08_ag_13_whoever_takes_over_is_invited_in_their_own_name_and_the_one_before_is_deactivated(app) {
        prepare(&app).await;
        let secret = invited(&app, DOMINIQUE, ANDREA, "contact").await;
        // Also invited, and still to answer, when they are deactivated: the link is dead.
        let stale = {
            app.apply("[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\nstate = \"disabled\"\n").await;
            let stale = invited(&app, DOMINIQUE, CAMILLE, "contact").await;
            app.apply("[[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\nstate = \"active\"\n").await;
            stale
        };
        assert_eq!(accepted(&app, ANDREA, &secret).await, Ok(()));
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(&format!("{}/desactiver", person_path(&app, CAMILLE).await)).await;
        browser.submit(&page, &[("motif", "depart")]).await;
        assert_eq!((role(&app, CAMILLE).await, role(&app, ANDREA).await), (None, Some(Role::Contact)));
        assert_eq!(accepted(&app, CAMILLE, &stale).await, Err(NotAccepted::Unknown));
        assert_ne!(id(&app, CAMILLE).await, id(&app, ANDREA).await, "each their own account");
    }

    async fn a_forged_foreign_late_or_withdrawn_invitation_opens_nothing_and_leaves_a_trace(app) {
        prepare(&app).await;
        let secret = invited(&app, DOMINIQUE, ANDREA, "contact").await;
        // Another person, signed in, with the link of Andréa.
        let mut sacha = signed_in(&app, SACHA).await;
        let page = sacha.get(&link(&secret)).await;
        assert!(page.status == StatusCode::FORBIDDEN && page.says("une autre adresse") && !page.says("Boulangerie"), "{}", page.body);
        let token = token(&mut sacha).await;
        assert_eq!(sacha.post(&link(&secret), &[("jeton", &token)]).await.status, StatusCode::FORBIDDEN);
        assert_eq!(events(&app, Kind::RightRefused).await, 2);
        let mut flipped = secret.clone();
        flipped.replace_range(10..11, if &secret[10..11] == "x" { "y" } else { "x" });
        for forged in ["", "gin_x", "x\u{e9}", &flipped] {
            assert_eq!(accepted(&app, ANDREA, forged).await, Err(NotAccepted::Unknown), "{forged}");
        }
        // A second one takes the place of the first.
        let second = invited(&app, LOU, ANDREA, "contact").await;
        assert_eq!(accepted(&app, ANDREA, &secret).await, Err(NotAccepted::Unknown));
        // Whoever sent it lost the role meanwhile.
        app.apply("[[membership]]\nlogin_email = \"lou@boulangerie.example\"\nsiret = \"73282932000074\"\nrole = \"contact\"\n").await;
        assert_eq!(accepted(&app, ANDREA, &second).await, Err(NotAccepted::Unknown));
        // Withdrawn.
        let third = invited(&app, DOMINIQUE, ANDREA, "contact").await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(&format!("{BASE}/inviter")).await;
        let page = browser.submit(&page, &[("invitation", ""), ("etape", "annuler")]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "which one?");
        let page = browser.get(&format!("{BASE}/inviter")).await;
        let form = page.forms().into_iter().find(|f| f.names.iter().any(|n| n == "invitation")).unwrap();
        let mut fields: Vec<(&str, &str)> = form.hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.push(("etape", "annuler"));
        assert!(browser.post(&form.action, &fields).await.says("L’invitation est annulée"));
        assert_eq!(accepted(&app, ANDREA, &third).await, Err(NotAccepted::Unknown));
        // Over.
        let fourth = invited(&app, DOMINIQUE, ANDREA, "contact").await;
        app.advance(14 * 86_400);
        assert_eq!(accepted(&app, ANDREA, &fourth).await, Err(NotAccepted::Unknown));
        assert_eq!(role(&app, ANDREA).await, None);
        assert_eq!(events(&app, Kind::InvitationAccepted).await, 0);
    }

    async fn an_invitation_to_an_establishment_that_closed_since_opens_nothing(app) {
        prepare(&app).await;
        let old = "93000001300019";
        app.apply(&format!("[[establishment]]\nsiret = \"{old}\"\nname = \"Imprimerie du canal\"\n\n[[membership]]\nlogin_email = \"{DOMINIQUE}\"\nsiret = \"{old}\"\nrole = \"manager\"\n")).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(&format!("/etablissements/{old}/inviter")).await;
        let page = browser.submit(&page, &[("adresses", ANDREA), ("role", "contact"), ("etape", "apercu")]).await;
        browser.submit(&page, &[("etape", "envoyer")]).await;
        let secret = secret(&app, ANDREA).await;
        crate::register::filled(&app).await;
        let page = signed_in(&app, ANDREA).await.get(&link(&secret)).await;
        assert!(page.status == StatusCode::GONE && page.says("L’établissement a fermé"), "{}", page.body);
        assert_eq!(accepted(&app, ANDREA, &secret).await, Err(NotAccepted::Closed));
        assert!(place(&app, ANDREA, old).await.is_none());
        assert_eq!(events(&app, Kind::RightRefused).await, 2);
    }

    async fn there_is_an_end_to_how_many_are_invited(app) {
        prepare(&app).await;
        let mut browser = signed_in(&app, DOMINIQUE).await;
        let page = browser.get(&format!("{BASE}/inviter")).await;
        let many = |from: usize, n: usize| (from..from + n).map(|i| format!("p{i}@ailleurs.example\n")).collect::<String>();
        for (typed, role, words) in [("", "contact", "au moins une adresse"), ("x", "contact", "Aucune de ces adresses"), (many(0, 51).as_str(), "contact", "50 adresses au plus"), ("a@ailleurs.example", "", "Choisissez un rôle")] {
            let page = browser.submit(&page, &[("adresses", typed), ("role", role), ("etape", "envoyer")]).await;
            assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says(words), "{words}: {}", page.body);
        }
        for n in 0..4 {
            let page = browser.submit(&page, &[("adresses", many(n * 50, 50).as_str()), ("role", "contact"), ("etape", "envoyer")]).await;
            assert!(page.says("50 invitations sont envoyées"), "{n}: {}", page.body);
        }
        let page = browser.submit(&page, &[("adresses", "un@ailleurs.example"), ("role", "contact"), ("etape", "envoyer")]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("Réessayez demain"), "{}", page.body);
        assert_eq!(events(&app, Kind::InvitationSent).await, 200);
    }
}
