//! « Vérifier mon identité avec FranceConnect » of professionals, and the way back to an account whose means are lost (S-11).

use guichet::account::{Account, AccountKind, store as accounts};
use guichet::audit::Kind;
use guichet::base::Email;
use guichet::crypto::oath::{Hash, Token, from_base32, step_at};
use guichet::mail::message::{MailMessage, RecoveryStep, SecurityEvent};
use serde_json::json;

use super::*;
use crate::support::rp::{DOSSIER, claims, userinfo};

const CAMILLE: &str = "camille@boulangerie.example";
const DOMINIQUE: &str = "dominique@boulangerie.example";
const HERE: &str = "/compte/identite";
const START: &str = "/compte/identite/verification";
const REMOVE: &str = "/compte/identite/verification/supprimer";
const LOST: &str = "/connexion/verification/perdu";
const DAY: u64 = 86_400;

async fn signed_in(app: &TestApp, email: &str) -> Browser {
    app.advance(1);
    let mut browser = app.browser();
    let page = browser.get("/connexion").await;
    browser.sign_in_with_code(&page, email).await;
    browser
}

async fn account(app: &TestApp, email: &str) -> Account {
    accounts::find_by_login(&mut app.app.db.read().await.unwrap(), &Email::parse(email).unwrap()).await.unwrap().unwrap()
}

async fn happened(app: &TestApp, kind: Kind) -> usize {
    app.audit().await.iter().filter(|k| *k == kind.name()).count()
}

async fn told(app: &TestApp, to: &str, wanted: SecurityEvent) -> usize {
    app.mails(to).await.iter().filter(|m| matches!(m, MailMessage::SecurityNotice { event, .. } if *event == wanted)).count()
}

/// Pressed in « Mon compte »: where the browser leaves for.
async fn leave(browser: &mut Browser) -> String {
    let page = browser.get(HERE).await;
    let page = browser.press(&page, START, &[]).await;
    page.left_for.unwrap_or_else(|| panic!("{} {}", page.path, page.body))
}

/// From where FranceConnect ends its session back to a page of ours.
async fn after_sign_out(browser: &mut Browser, upstream: &Upstream, page: &Page) -> Page {
    let out = page.left_for.clone().unwrap_or_else(|| panic!("{} {}", page.path, page.body));
    assert!(out.starts_with(&format!("{}/session/end?", upstream.issuer())), "{out}");
    let url = url::Url::parse(&out).unwrap();
    let get = |name: &str| url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
    let hint: serde_json::Value = guichet::crypto::jose::peek(&get("id_token_hint")).unwrap();
    assert!(hint["at_hash"].is_string() && hint["iss"] == upstream.issuer().as_str());
    browser.get(&format!("/deconnexion/retour/franceconnect?state={}", get("state"))).await
}

/// The whole way.
async fn verified(browser: &mut Browser, upstream: &Upstream) -> Page {
    let address = leave(browser).await;
    let page = browser.get(&upstream.visit(&address)).await;
    after_sign_out(browser, upstream, &page).await
}

fn becomes(upstream: &Upstream, sub: &str, given: &str, family: &str, born: &str) {
    let mut state = upstream.state();
    for (name, value) in [("sub", sub), ("given_name", given), ("family_name", family), ("birthdate", born)] {
        state.person.insert(name.into(), value.into());
    }
    state.person.insert("given_name_array".into(), json!([given]));
}

async fn told_of_accounts(app: &TestApp) {
    app.apply(
        "[[client]]\nclient_id = \"dossier\"\nclient_name = \"Dépôt des aides\"\nclient_secret = \"dossier-secret-for-tests-only-0001\"\n\
         token_endpoint_auth_method = \"client_secret_basic\"\nredirect_uris = [\"https://dossier.example.fr/cb\"]\n\
         scope = \"openid profile account\"\nconsent = \"none\"\n",
    )
    .await;
}

/// Tokens of a service for the session of this browser.
async fn tokens(app: &TestApp, browser: &mut Browser) -> serde_json::Value {
    let page = browser.get(&DOSSIER.authorize(&[("scope", "openid profile account")])).await;
    DOSSIER.redeem(app, &page.left_with("code").unwrap_or_else(|| panic!("{} {}", page.path, page.body))).await.json()
}

async fn ial(app: &TestApp, browser: &mut Browser) -> i64 {
    claims(tokens(app, browser).await["id_token"].as_str().unwrap())["ial"].as_i64().unwrap()
}

/// A journey of its own that fails leaves everything as it was.
async fn untouched(app: &TestApp, email: &str) {
    assert_eq!(account(app, email).await.civil, None);
    assert_eq!(app.count("SELECT COUNT(*) FROM verified_identity").await, 0);
    assert_eq!(happened(app, Kind::IdentityVerified).await, 0);
}

on_both! {
    async fn an_account_disabled_while_its_person_is_vouched_for_is_not_verified(app) {
        let upstream = upstream(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let back = upstream.visit(&leave(&mut browser).await);
        upstream.state().pause = std::time::Duration::from_millis(300);
        let holder = account(&app, CAMILLE).await;
        let disabled = async {
            tokio::time::sleep(std::time::Duration::from_millis(150)).await;
            let mut tx = app.app.db.begin().await.unwrap();
            let (from, to) = (holder.state, guichet::account::AccountState::Disabled);
            assert_eq!(accounts::set_state(&mut tx, &holder.id, from, to, app.app.clock.now()).await.unwrap(), 1);
            tx.commit().await.unwrap();
        };
        let (_, ()) = tokio::join!(browser.get(&back), disabled);
        assert_eq!(account(&app, CAMILLE).await.civil, None);
        assert_eq!(happened(&app, Kind::IdentityVerified).await, 0);
        assert_eq!(happened(&app, Kind::UpstreamRefused).await, 1);
    }

    async fn a_verified_identity_locks_the_name_raises_ial_and_leaves_franceconnect_at_once(app) {
        let upstream = upstream(&app).await;
        told_of_accounts(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        assert_eq!(ial(&app, &mut browser).await, 1);
        let before = rows(&app).await;
        let page = verified(&mut browser, &upstream).await;
        assert_eq!((page.path.as_str(), page.says("Votre identité est vérifiée par FranceConnect.")), (HERE, true), "{}", page.body);
        assert!(page.says("Identité vérifiée par FranceConnect le"), "{}", page.body);
        let after = account(&app, CAMILLE).await;
        assert_eq!((after.given_name.as_str(), after.family_name.as_str(), after.kind), ("Angela", "DUBOIS", AccountKind::Professional));
        let civil = after.civil.unwrap();
        assert_eq!((civil.birthdate.as_deref(), civil.birthplace, civil.gender), (Some("1962-08-24"), None, None), "no more than who it is");
        assert_eq!(rows(&app).await, before, "no account, no session, no way to sign in by it");
        assert_eq!(told(&app, CAMILLE, SecurityEvent::IdentityVerified).await, 1);
        assert_eq!(happened(&app, Kind::IdentityVerified).await, 1);
        assert!(browser.get("/compte/activite?famille=compte").await.says("Identité vérifiée"));
        let tokens = tokens(&app, &mut browser).await;
        let info = userinfo(&app, tokens["access_token"].as_str().unwrap()).await.json();
        assert_eq!((info["ial"].as_i64(), info["account_type"].as_str(), info["given_name"].as_str()), (Some(2), Some("professionnel"), Some("Angela")));
        assert!(info.get("birthdate").is_none(), "services of agents are told names");
        assert_eq!(claims(tokens["id_token"].as_str().unwrap())["ial"], 2);
        // Signing in there finds no professional account: kinds are never merged.
        let mut other = app.browser();
        let landing = other.get("/connexion").await;
        let page = sign_in(&mut other, &upstream, &landing).await;
        assert!(page.path.starts_with("/connexion/finaliser"), "{}", page.path);
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE kind = 'particulier'").await, 1);
    }

    async fn a_verified_name_is_not_changed_by_the_form(app) {
        let upstream = upstream(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let earlier = browser.get(HERE).await;
        let page = verified(&mut browser, &upstream).await;
        assert!(!page.forms().iter().any(|f| f.names.contains(&"prenom".to_owned()) || f.names.contains(&"nom".to_owned())));
        // A form shown before still says another name.
        let page = browser.submit(&earlier, &[("prenom", "Jean"), ("nom", "Martin"), ("telephone", ""), ("fonction", "Maire")]).await;
        assert!(page.says("Votre nom est vérifié : il n’a pas été modifié."), "{}", page.body);
        let after = account(&app, CAMILLE).await;
        assert_eq!((after.full_name().as_str(), after.job_title.as_deref()), ("Angela DUBOIS", Some("Maire")), "the rest is theirs");
        let page = browser.get(HERE).await;
        let page = browser.submit(&page, &[("telephone", "12"), ("fonction", "Maire")]).await;
        assert_eq!((page.status.as_u16(), page.says("DUBOIS")), (422, true));
        // Nor by what an operator declares.
        app.apply(&format!("[[account]]\nlogin_email = \"{CAMILLE}\"\ngiven_name = \"Camille\"\nfamily_name = \"Durand\"\nemail_verified = true\n")).await;
        assert_eq!(account(&app, CAMILLE).await.full_name(), "Angela DUBOIS");
    }

    async fn it_ends_by_itself_and_can_be_renewed_or_removed(app) {
        let upstream = upstream(&app).await;
        told_of_accounts(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        verified(&mut browser, &upstream).await;
        app.advance(90 * DAY - 60);
        let mut browser = signed_in(&app, CAMILLE).await;
        assert_eq!(ial(&app, &mut browser).await, 2);
        let held = tokens(&app, &mut browser).await;
        app.advance(120);
        assert_eq!(ial(&app, &mut browser).await, 1, "its time has passed");
        let info = userinfo(&app, held["access_token"].as_str().unwrap()).await.json();
        assert_eq!(info["ial"].as_i64(), Some(1), "tokens obtained before too");
        let page = browser.get(HERE).await;
        assert!(page.says("Cette vérification n’est plus valable depuis le"), "{}", page.body);
        verified(&mut browser, &upstream).await;
        assert_eq!(ial(&app, &mut browser).await, 2);
        // Removing it takes a recent proof.
        app.advance(1_200);
        let page = browser.get(HERE).await;
        assert!(browser.press(&page, REMOVE, &[]).await.path.starts_with("/connexion/confirmer"));
        let mut browser = signed_in(&app, CAMILLE).await;
        let page = browser.get(HERE).await;
        let page = browser.press(&page, REMOVE, &[]).await;
        assert!(page.says("La vérification de votre identité est retirée."), "{}", page.body);
        assert_eq!((ial(&app, &mut browser).await, told(&app, CAMILLE, SecurityEvent::IdentityUnverified).await), (1, 1));
        browser.submit(&page, &[("prenom", "Camille"), ("nom", "Durand"), ("telephone", ""), ("fonction", "")]).await;
        assert_eq!(account(&app, CAMILLE).await.full_name(), "Camille Durand", "the name is theirs again");
        assert_eq!(happened(&app, Kind::IdentityUnverified).await, 1);
    }

    async fn it_takes_a_recent_proof_and_a_professional(app) {
        let upstream = upstream(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        app.advance(1_200);
        let page = browser.get(HERE).await;
        let page = browser.press(&page, START, &[]).await;
        assert!(page.path.starts_with("/connexion/confirmer") && page.left_for.is_none(), "{}", page.path);
        let mut individual = app.browser();
        let landing = individual.get("/connexion").await;
        let page = sign_in(&mut individual, &upstream, &landing).await;
        individual.submit(&page, &[("courriel_contact", ANGELA)]).await;
        let page = individual.get(HERE).await;
        let form = &page.forms()[0];
        assert!(!page.says("Vérifier mon identité") && !page.body.contains(START));
        let mut fields: Vec<(&str, &str)> = form.hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.push(("fournisseur", "franceconnect"));
        assert_eq!(individual.post(START, &fields).await.status.as_u16(), 404);
        untouched(&app, CAMILLE).await;
    }

    async fn an_answer_in_another_session_or_another_account_is_refused(app) {
        let upstream = upstream(&app).await;
        // Another browser: nothing of ours there.
        let mut browser = signed_in(&app, CAMILLE).await;
        let back = upstream.visit(&leave(&mut browser).await);
        let mut stranger = signed_in(&app, DOMINIQUE).await;
        let page = stranger.get(&back).await;
        assert!(page.left_for.is_none() && page.status.is_client_error());
        // The same browser, in which somebody else has signed in meanwhile.
        let session = stranger.cookie("__Host-session").unwrap().to_owned();
        let own = browser.cookie("__Host-session").unwrap().to_owned();
        browser.set_cookie("__Host-session", Some(&session));
        let page = browser.get(&back).await;
        assert!(page.left_for.is_none() && page.status.is_client_error(), "{}", page.body);
        browser.set_cookie("__Host-session", Some(&own));
        assert!(browser.get(&back).await.status.is_client_error(), "spent");
        // The same person, in another session; and nobody.
        let back = upstream.visit(&leave(&mut browser).await);
        let another = signed_in(&app, CAMILLE).await.cookie("__Host-session").unwrap().to_owned();
        browser.set_cookie("__Host-session", Some(&another));
        assert!(browser.get(&back).await.status.is_client_error());
        browser.set_cookie("__Host-session", Some(&own));
        let back = upstream.visit(&leave(&mut browser).await);
        browser.set_cookie("__Host-session", None);
        assert!(browser.get(&back).await.status.is_client_error());
        untouched(&app, CAMILLE).await;
        untouched(&app, DOMINIQUE).await;
        assert!(happened(&app, Kind::UpstreamRefused).await >= 5);
        assert!(!upstream.state().asked.iter().any(|p| p.ends_with("/token")), "no code is redeemed for them");
    }

    async fn a_replayed_answer_and_a_disabled_provider_verify_nobody(app) {
        let upstream = upstream(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        let address = leave(&mut browser).await;
        let back = upstream.visit(&address);
        let jar = browser.clone();
        browser.get(&back).await;
        let mut again = jar.clone();
        let page = again.get(&back).await;
        assert!(page.status.is_client_error() && page.left_for.is_none(), "{} {}", page.path, page.body);
        assert_eq!(happened(&app, Kind::IdentityVerified).await, 1);
        // An error there: nothing changes, and one button leads back.
        let page = browser.get(HERE).await;
        let page = browser.press(&page, START, &[]).await;
        let state = url::Url::parse(&page.left_for.unwrap()).unwrap().query_pairs().find(|(n, _)| n == "state").unwrap().1.into_owned();
        let query = crate::support::encode(&[("error", "access_denied"), ("error_description", "User auth aborted"), ("state", &state), ("iss", &upstream.issuer())]);
        let page = browser.get(&format!("/connexion/retour/franceconnect?{query}")).await;
        assert!(page.status.is_client_error() && page.links().contains(&HERE.to_owned()), "{}", page.body);
        // Disabled while the person was there.
        let back = upstream.visit(&leave(&mut browser).await);
        app.apply(&upstream.declaration("franceconnect", "enabled = false")).await;
        assert!(!browser.get(&back).await.status.is_success());
        assert!(!browser.get(HERE).await.body.contains("name=\"fournisseur\""), "nor is it offered");
        assert_eq!(happened(&app, Kind::IdentityVerified).await, 1);
    }

    async fn a_person_verifies_one_account_at_a_time_and_an_account_is_one_persons(app) {
        let upstream = upstream(&app).await;
        let mut camille = signed_in(&app, CAMILLE).await;
        verified(&mut camille, &upstream).await;
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        let page = verified(&mut dominique, &upstream).await;
        assert!(page.says("elle l’est déjà pour un autre compte professionnel"), "{}", page.body);
        assert_eq!(account(&app, DOMINIQUE).await.civil, None);
        // Somebody else cannot take Camille's account over; a correction of her civil status is the same person.
        becomes(&upstream, "0000000000000000000000000000000000000000000000000000000000000001v1", "Pierre", "MARTIN", "1980-01-01");
        let page = verified(&mut camille, &upstream).await;
        assert!(page.says("ce compte l’a été pour une autre personne"), "{}", page.body);
        becomes(&upstream, "0000000000000000000000000000000000000000000000000000000000000002v1", "Angela", "MARTIN", "1962-08-24");
        verified(&mut camille, &upstream).await;
        assert_eq!(account(&app, CAMILLE).await.full_name(), "Angela MARTIN");
        // Once it is no longer valid there, it may verify another account.
        app.advance(91 * DAY);
        let mut dominique = signed_in(&app, DOMINIQUE).await;
        verified(&mut dominique, &upstream).await;
        assert_eq!(account(&app, DOMINIQUE).await.full_name(), "Angela MARTIN");
        assert_eq!((account(&app, CAMILLE).await.civil, app.count("SELECT COUNT(*) FROM verified_identity").await), (None, 1));
        assert_eq!((happened(&app, Kind::IdentityVerified).await, happened(&app, Kind::UpstreamRefused).await), (3, 2));
    }

    async fn s11_proving_the_verified_identity_again_grants_the_request_after_the_delay(app) {
        let upstream = upstream(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut browser).await;
        let (_, page) = lost(&app).await;
        assert!(!page.says("Prouver mon identité"), "nothing was verified");
        verified(&mut browser, &upstream).await;
        // Its time may have passed: the person is the same.
        app.advance(200 * DAY);
        let (mut other, page) = lost(&app).await;
        let page = other.submit(&page, &[("identite", "1")]).await;
        let back = upstream.visit(&page.left_for.unwrap());
        let page = other.get(&back).await;
        let page = after_sign_out(&mut other, &upstream, &page).await;
        assert!(page.path.starts_with(LOST) && page.says("Votre identité est confirmée.") && page.says("Votre demande a été acceptée."), "{} {}", page.path, page.body);
        let steps: Vec<_> = app.mails(CAMILLE).await.into_iter().filter_map(|m| match m { MailMessage::Recovery { step, .. } => Some(step), _ => None }).collect();
        assert!(matches!(steps.as_slice(), [RecoveryStep::Granted { .. }]), "told to every address, with a link that stops it: {steps:?}");
        assert_eq!(app.count("SELECT COUNT(*) FROM recovery_request WHERE state = 'granted' AND route = 'identity' AND decided_by = 'identity'").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM factor").await, 1, "not before the delay");
        app.advance(23 * 3_600);
        guichet::worker::drain(&app.app).await.unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM factor").await, 1);
        app.advance(2 * 3_600);
        guichet::worker::drain(&app.app).await.unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM factor").await, 0);
        assert_eq!((happened(&app, Kind::RecoveryAsked).await, happened(&app, Kind::RecoveryGranted).await, happened(&app, Kind::RecoveryDone).await), (1, 1, 1));
    }

    async fn s11_another_person_or_another_browser_grants_nothing(app) {
        let upstream = upstream(&app).await;
        let mut browser = signed_in(&app, CAMILLE).await;
        enrolled(&app, &mut browser).await;
        verified(&mut browser, &upstream).await;
        // Somebody else, even one who would pass for a correction.
        becomes(&upstream, "0000000000000000000000000000000000000000000000000000000000000003v1", "Angela", "MARTIN", "1962-08-24");
        let (mut other, page) = lost(&app).await;
        let page = other.submit(&page, &[("identite", "1")]).await;
        let back = upstream.visit(&page.left_for.unwrap());
        let page = other.get(&back).await;
        let page = after_sign_out(&mut other, &upstream, &page).await;
        assert!(page.says("Cette identité n’est pas celle qui a été vérifiée pour ce compte."), "{}", page.body);
        // The right person, in a browser where the first factor was not proved.
        upstream.state().person = crate::support::upstream::angela().as_object().unwrap().clone();
        let (mut other, page) = lost(&app).await;
        let page = other.submit(&page, &[("identite", "1")]).await;
        let back = upstream.visit(&page.left_for.unwrap());
        other.set_cookie("__Host-session", None);
        assert!(other.get(&back).await.left_for.is_none());
        assert!(app.browser().get(&back).await.left_for.is_none());
        assert_eq!((happened(&app, Kind::RecoveryAsked).await, app.count("SELECT COUNT(*) FROM recovery_request").await), (0, 0));
        assert!(happened(&app, Kind::UpstreamRefused).await >= 3);
        // Nor once the verification was removed.
        let mut tx = app.app.db.begin().await.unwrap();
        let ctx = app.app.ctx(guichet::base::Actor::System);
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &app.app.keys, config: &app.app.config };
        assert!(guichet::federation::verify::remove(&mut tx, &kit, &account(&app, CAMILLE).await.id, "person").await.unwrap());
        tx.commit().await.unwrap();
        let (mut other, page) = lost(&app).await;
        assert!(!page.says("Prouver mon identité"));
        let page = other.press(&page, LOST, &[("identite", "1")]).await;
        assert!(page.left_for.is_none() && happened(&app, Kind::RecoveryAsked).await == 0, "{}", page.path);
    }
}

/// Sets an application up from « Mon compte ».
async fn enrolled(app: &TestApp, browser: &mut Browser) {
    let page = browser.get("/compte/securite/application").await;
    let key = page.body.split("class=\"secret\"").nth(1).unwrap().split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
    let phone = Token { secret: from_base32(&key).unwrap(), hash: Hash::Sha1, digits: 6 };
    let now = guichet::base::Clock::now(app.clock.as_ref());
    let page = browser.submit(&page, &[("code", &phone.code(step_at(now, 30))), ("nom_moyen", "Mon téléphone")]).await;
    assert_eq!(page.path, "/compte/securite", "{}", page.body);
}

/// « Je n’ai plus accès à mes moyens de connexion », reached from the page of the second factor.
async fn lost(app: &TestApp) -> (Browser, Page) {
    app.advance(60);
    let mut browser = app.browser();
    let page = DOSSIER.sign_in(&mut browser, &[("acr_values", "aal2")]).await;
    let link = page.links().into_iter().find(|l| l.starts_with(LOST)).unwrap_or_else(|| panic!("{} {}", page.path, page.body));
    let page = browser.get(&link).await;
    (browser, page)
}
