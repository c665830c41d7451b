//! Professionals through ProConnect (french-domain §2): exactly what it takes, what is believed of its answers, and where addresses lead.

use guichet::mail::message::MailMessage;
use serde_json::{Value, json};

use super::*;
use crate::support::rp::DOSSIER;

pub const ALIX: &str = "alix.ferrand@ministere.example";
/// An establishment of the declaration, whose manager is somebody else.
const SIRET: &str = "11009001600053";

fn alix() -> Value {
    json!({
        "sub": "1f8e3b1c-8a5f-4d2e-8b7a-0c9d8e7f6a5b", "given_name": "Alix", "usual_name": "D’ARGENÇON-FERRAND", "email": ALIX,
        "uid": "alix-42", "siret": SIRET, "phone_number": "+33 1 23 45 67 89",
    })
}

/// A ProConnect that is declared.
async fn proconnect(app: &TestApp, more: &str) -> Upstream {
    let upstream = Upstream::start(app).await;
    (upstream.state().agents, upstream.state().person) = (true, alix().as_object().unwrap().clone());
    app.apply(&declaration(&upstream, more)).await;
    upstream
}

fn declaration(upstream: &Upstream, more: &str) -> String {
    upstream.declaration("proconnect", more).replace("kind = \"franceconnect\"", "kind = \"proconnect\"")
}

/// The button of a provider on a page: where the browser is sent.
pub async fn button(browser: &mut Browser, page: &Page, id: &str) -> String {
    press(browser, page, id).await.left_for.expect("the way out")
}

/// From the sign-in page to the page after the callback.
async fn visit(app: &TestApp, upstream: &Upstream) -> (Browser, Page) {
    let mut browser = app.browser();
    let landing = browser.get("/connexion").await;
    let address = button(&mut browser, &landing, "proconnect").await;
    let page = browser.get(&upstream.visit(&address)).await;
    (browser, page)
}

fn asked(address: &str, name: &str) -> Option<String> {
    url::Url::parse(address).unwrap().query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
}

on_both! {
    async fn a_public_agent_signs_in_and_has_an_account_of_their_own(app) {
        let upstream = proconnect(&app, "").await;
        let mut browser = app.browser();
        let landing = browser.get(&DOSSIER.authorize(&[])).await;
        assert!(landing.says("S’identifier avec ProConnect") && !landing.says("Vous êtes un particulier"));
        let address = button(&mut browser, &landing, "proconnect").await;
        assert_eq!(asked(&address, "scope").as_deref(), Some("openid given_name usual_name email uid siret phone"));
        let claims: Value = serde_json::from_str(&asked(&address, "claims").unwrap()).unwrap();
        assert_eq!(claims, json!({ "id_token": { "acr": { "essential": true, "values": ["eidas1", "eidas1-mfa"] } } }));
        assert_eq!((asked(&address, "acr_values"), asked(&address, "login_hint")), (None, None));
        let page = browser.get(&upstream.visit(&address)).await;
        let left = page.left_for.clone().unwrap_or_else(|| panic!("{} {}", page.path, page.body));
        assert!(left.starts_with("https://dossier.example.fr/cb?"), "{left}");
        let tokens = DOSSIER.redeem(&app, &page.left_with("code").unwrap()).await.json();
        let claims: Value = guichet::crypto::jose::peek(tokens["id_token"].as_str().unwrap()).unwrap();
        assert_ne!(claims["sub"], alix()["sub"], "their sub is ours");
        let row = "SELECT COUNT(*) FROM account WHERE kind = 'professionnel' AND login_email = 'alix.ferrand@ministere.example' \
                   AND given_name = 'Alix' AND family_name = 'D’ARGENÇON-FERRAND' AND phone = '+33123456789' AND civil IS NULL";
        assert_eq!(app.count(row).await, 1);
        // Again: the same account, whatever the address has become.
        upstream.state().person.insert("email".into(), "alix.marchand@ministere.example".into());
        let (_, page) = visit(&app, &upstream).await;
        assert_eq!((page.path.as_str(), app.count(row).await), ("/accueil", 1));
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE login_email = 'alix.marchand@ministere.example'").await, 0);
    }

    async fn the_establishment_a_service_expects_is_passed_on_to_proconnect_and_to_nobody_else(app) {
        let upstream = proconnect(&app, "").await;
        let other = Upstream::start(&app).await;
        app.apply(&other.declaration("autre", "").replace("kind = \"franceconnect\"", "kind = \"oidc\"")).await;
        let citizens = Upstream::start(&app).await;
        app.apply(&citizens.declaration("franceconnect", "")).await;
        let mut browser = app.browser();
        let landing = browser.get(&DOSSIER.authorize(&[("siret_hint", SIRET)])).await;
        let address = button(&mut browser, &landing, "proconnect").await;
        assert_eq!(asked(&address, "siret_hint").as_deref(), Some(SIRET));
        upstream.visit(&address);
        for id in ["autre", "franceconnect"] {
            let address = button(&mut browser, &landing, id).await;
            assert_eq!(asked(&address, "siret_hint"), None, "{id}");
        }
        // None, or none that reads as a SIRET.
        for hint in [vec![], vec![("siret_hint", "123")]] {
            let landing = browser.get(&DOSSIER.authorize(&hint)).await;
            let address = button(&mut browser, &landing, "proconnect").await;
            assert_eq!(asked(&address, "siret_hint"), None);
        }
    }

    async fn whatever_the_siret_nobody_becomes_a_member_of_anything(app) {
        let upstream = proconnect(&app, &format!("default_siret = \"{SIRET}\"")).await;
        for siret in [SIRET, "21750001600019"] {
            app.apply(&format!(
                "[[establishment]]\nsiret = \"{siret}\"\nname = \"Administration\"\n\n\
                 [[membership]]\nlogin_email = \"camille@boulangerie.example\"\nsiret = \"{siret}\"\nrole = \"manager\"\n"
            )).await;
        }
        let before = app.count("SELECT COUNT(*) FROM membership").await;
        assert!(before >= 2);
        for (n, (siret, told)) in [
            (Value::Null, "missing"), ("".into(), "missing"), (SIRET.into(), "default"), ("11009001600054".into(), "malformed"),
            ("<script>".into(), "malformed"), (json!(["21750001600019"]), "malformed"), ("21750001600019".into(), "21750001600019"),
        ].into_iter().enumerate() {
            for (name, value) in [("siret", siret), ("sub", format!("agent-{n}").into()), ("email", format!("agent-{n}@ministere.example").into())] {
                upstream.state().person.insert(name.into(), value);
            }
            let (_, page) = visit(&app, &upstream).await;
            assert_eq!(page.path, "/accueil", "{told}: {}", page.body);
            const DETAIL: &str = "SELECT detail FROM audit_event WHERE kind = 'account.created' ORDER BY id DESC LIMIT 1";
            let mut read = app.app.db.read().await.unwrap();
            let (detail,): (String,) = guichet::sql!(&mut read, DETAIL; (String,); one).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&detail).unwrap()["siret"], told);
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM membership").await, before);
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE administrator AND login_email LIKE 'agent-%'").await, 0);
    }

    async fn an_address_is_never_a_key_a_local_account_is_proved_first(app) {
        let upstream = proconnect(&app, "").await;
        upstream.state().person.insert("email".into(), "Camille@Boulangerie.example".into());
        let (mut browser, page) = visit(&app, &upstream).await;
        assert!(page.path.starts_with("/connexion/rapprochement"), "{}", page.path);
        assert!(page.says("Un compte existe déjà ici avec votre adresse") && browser.cookie("__Host-session").is_none());
        assert_eq!(rows(&app).await.2, 0, "nothing is linked yet");
        let page = browser.submit(&page, &[("choix", "rattacher")]).await;
        assert_eq!(browser.submit(&page, &[("code", "000000")]).await.status.as_u16(), 422);
        let code = app.last_code("camille@boulangerie.example").await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert_eq!((page.path.as_str(), rows(&app).await.2), ("/accueil", 1));
        assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE login_email = 'camille@boulangerie.example' AND family_name = 'Durand'").await, 1);
        let (_, page) = visit(&app, &upstream).await;
        assert_eq!(page.path, "/accueil", "from then on by itself");
        // Who says no gets nothing: neither the account nor another of its address.
        for (name, value) in [("sub", "somebody-else"), ("email", "dominique@boulangerie.example")] {
            upstream.state().person.insert(name.into(), value.into());
        }
        let before = rows(&app).await;
        let (mut browser, question) = visit(&app, &upstream).await;
        let page = browser.submit(&question, &[("choix", "distinct")]).await;
        assert!(page.path.starts_with("/connexion?t="), "{}", page.path);
        assert_eq!((rows(&app).await, browser.cookie("__Host-session")), (before, None));
        let again = browser.submit(&question, &[("choix", "rattacher")]).await;
        assert!(!again.path.contains("rapprochement"), "answered once: {}", again.path);
    }

    async fn an_individual_and_a_professional_are_never_one_account(app) {
        let upstream = proconnect(&app, "").await;
        const INDIVIDUAL: &str = "UPDATE account SET kind = 'particulier' WHERE login_email_key = 'camille@boulangerie.example'";
        let mut tx = app.app.db.begin().await.unwrap();
        guichet::sql!(&mut tx, INDIVIDUAL; exec).unwrap();
        tx.commit().await.unwrap();
        upstream.state().person.insert("email".into(), "camille@boulangerie.example".into());
        let before = rows(&app).await;
        let (_, page) = visit(&app, &upstream).await;
        assert!(page.says("A402") && rows(&app).await == before, "{}", page.body);
    }

    async fn what_proconnect_must_not_say_is_refused(app) {
        let upstream = proconnect(&app, "").await;
        let before = rows(&app).await;
        let refused = async |why: &str| {
            let (_, page) = visit(&app, &upstream).await;
            assert!(page.says("A402") && rows(&app).await == before, "{why}: {} {}", page.path, page.body);
        };
        let person = alix().as_object().unwrap().clone();
        for (name, value) in [
            ("usual_name", json!("<b>Alix</b>")), ("usual_name", json!("x".repeat(1_000))), ("usual_name", Value::Null), ("given_name", json!(42)),
            ("email", json!("not an address")), ("email", Value::Null), ("sub", json!("with\u{7}control")),
        ] {
            upstream.state().person.insert(name.into(), value);
            refused(name).await;
            upstream.state().person = person.clone();
        }
        for acr in ["eidas0", "eidas0-mfa", "loa3", ""] {
            upstream.state().acr = acr.into();
            refused(acr).await;
        }
        upstream.state().acr = "eidas1".into();
        upstream.state().raw_userinfo = Some(("application/json", alix().to_string()));
        refused("userinfo that is not signed").await;
        upstream.state().raw_userinfo = None;
        upstream.state().edit_userinfo = Some(Box::new(|claims| { claims.insert("sub".into(), json!("somebody-else")); }));
        refused("userinfo of somebody else").await;
        upstream.state().edit_userinfo = None;
        upstream.state().edit_id_token = Some(Box::new(|claims| { claims.insert("nonce".into(), json!("another-nonce-of-many-characters")); }));
        refused("nonce").await;
        upstream.state().edit_id_token = None;
        assert_eq!(visit(&app, &upstream).await.1.path, "/accueil");
    }

    async fn two_factors_there_are_two_factors_here(app) {
        let upstream = proconnect(&app, "acr_values = \"eidas1-mfa\"").await;
        let before = rows(&app).await;
        let (_, page) = visit(&app, &upstream).await;
        assert!(page.says("A402") && rows(&app).await == before, "one factor is not enough");
        upstream.state().acr = "eidas1-mfa".into();
        let mut browser = app.browser();
        let landing = browser.get(&DOSSIER.authorize(&[("scope", "openid account"), ("acr_values", "aal2")])).await;
        let address = button(&mut browser, &landing, "proconnect").await;
        browser.get(&upstream.visit(&address)).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM session WHERE provider = 'proconnect'").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM session WHERE amr LIKE 'vouched2%'").await, 1);
    }

    async fn an_address_leads_to_its_provider_whether_it_has_an_account_or_not(app) {
        let upstream = proconnect(&app, "domains = [\"boulangerie.example\", \"Ministere.example\"]").await;
        let mut pages = Vec::new();
        for email in ["camille@boulangerie.example", "personne@boulangerie.example", " Personne@BOULANGERIE.example"] {
            let mut browser = app.browser();
            let landing = browser.get("/connexion").await;
            let page = browser.submit(&landing, &[("courriel", email)]).await;
            let address = page.left_for.clone().expect("the way to ProConnect");
            assert_eq!(asked(&address, "login_hint").unwrap().to_lowercase(), email.trim().to_lowercase());
            pages.push((page.status, page.h1()));
        }
        assert!(pages.windows(2).all(|two| two[0] == two[1]), "{pages:?}");
        assert!(app.mails("camille@boulangerie.example").await.is_empty(), "no code is sent");
        assert_eq!(app.count("SELECT COUNT(*) FROM email_code").await, 0);
        // Other domains are ours.
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let page = browser.submit(&landing, &[("courriel", "camille@sous.boulangerie.example")]).await;
        assert!(page.path.starts_with("/connexion/code"), "{}", page.path);
        // Back from there without success, the same address is answered here.
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let page = browser.submit(&landing, &[("courriel", "camille@boulangerie.example")]).await;
        let state = asked(&page.left_for.unwrap(), "state").unwrap();
        let back = crate::support::encode(&[("error", "access_denied"), ("state", &state), ("iss", &upstream.issuer())]);
        let page = browser.get(&format!("/connexion/retour/proconnect?{back}")).await;
        assert!(page.says("Vous avez interrompu la connexion avec ProConnect"), "{}", page.body);
        let again = page.links().into_iter().find(|l| l.starts_with("/connexion?t=")).unwrap();
        let landing = browser.get(&again).await;
        let page = browser.submit(&landing, &[("courriel", "camille@boulangerie.example")]).await;
        assert!(page.path.starts_with("/connexion/code"), "{}", page.path);
        let code = app.last_code("camille@boulangerie.example").await;
        assert_eq!(browser.submit(&page, &[("code", &code)]).await.path, "/accueil");
    }

    async fn where_a_provider_is_exclusive_neither_password_nor_code_signs_in(app) {
        let upstream = proconnect(&app, "domains = [\"boulangerie.example\"]").await;
        // A code and a password page begun before.
        let mut by_code = app.browser();
        let landing = by_code.get("/connexion").await;
        app.apply(&declaration(&upstream, "enabled = false")).await;
        let code_page = by_code.submit(&landing, &[("courriel", "dominique@boulangerie.example")]).await;
        assert!(code_page.path.starts_with("/connexion/code"), "{}", code_page.path);
        let mut by_password = by_code.clone();
        let link = code_page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
        let password_page = by_password.get(&link).await;
        let code = app.last_code("dominique@boulangerie.example").await;
        app.apply(&declaration(&upstream, "domains = [\"boulangerie.example\"]\nexclusive = true\nenabled = true")).await;
        let sessions = rows(&app).await.1;
        let page = by_code.submit(&code_page, &[("code", &code)]).await;
        assert!(page.status.is_client_error() && by_code.cookie("__Host-session").is_none(), "{} {}", page.status, page.path);
        let page = by_password.submit(&password_page, &[("mot_de_passe", "une phrase assez longue 2026")]).await;
        assert!(by_password.cookie("__Host-session").is_none(), "{} {}", page.status, page.path);
        assert_eq!(rows(&app).await.1, sessions);
        assert!(app.audit().await.iter().any(|k| k == "sign_in.refused"), "{:?}", app.audit().await);
        // However often they come back.
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        for _ in 0..2 {
            let page = browser.submit(&landing, &[("courriel", "dominique@boulangerie.example")]).await;
            assert!(page.left_for.is_some(), "{}", page.path);
        }
        // Another provider does not vouch for them.
        let other = Upstream::start(&app).await;
        (other.state().agents, other.state().person) = (true, json!({
            "sub": "x", "given_name": "Max", "family_name": "INTRUS", "email": "nouveau@boulangerie.example", "email_verified": true,
        }).as_object().unwrap().clone());
        app.apply(&other.declaration("autre", "").replace("kind = \"franceconnect\"", "kind = \"oidc\"")).await;
        let before = rows(&app).await;
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let address = button(&mut browser, &landing, "autre").await;
        let page = browser.get(&other.visit(&address)).await;
        assert!(page.says("A402") && rows(&app).await == before, "{}", page.body);
    }

    async fn who_must_prove_anew_who_they_are_does_so_at_their_provider(app) {
        let upstream = proconnect(&app, "domains = [\"ministere.example\"]\nexclusive = true").await;
        let (mut browser, _) = visit(&app, &upstream).await;
        let page = browser.get(&DOSSIER.authorize(&[("prompt", "login")])).await;
        assert!(page.path.starts_with("/connexion/confirmer"), "{}", page.path);
        assert!(!page.says("mot de passe") && page.says("S’identifier avec ProConnect"), "{}", page.body);
        let address = button(&mut browser, &page, "proconnect").await;
        assert_eq!((asked(&address, "prompt").as_deref(), asked(&address, "login_hint").as_deref()), (Some("login"), Some(ALIX)));
        let page = browser.get(&upstream.visit(&address)).await;
        assert!(page.left_for.is_some_and(|left| left.starts_with("https://dossier.example.fr/cb?")), "{}", page.path);
    }

    async fn a_provider_disabled_midway_signs_nobody_in_and_its_sessions_end(app) {
        let upstream = proconnect(&app, "").await;
        let (mut signed_in, _) = visit(&app, &upstream).await;
        assert_eq!(signed_in.get("/compte").await.path, "/compte");
        upstream.state().person.insert("sub".into(), "another-agent".into());
        upstream.state().person.insert("email".into(), "autre@ministere.example".into());
        let mut there = app.browser();
        let landing = there.get("/connexion").await;
        let address = button(&mut there, &landing, "proconnect").await;
        app.apply(&declaration(&upstream, "enabled = false")).await;
        let before = rows(&app).await;
        let page = there.get(&upstream.visit(&address)).await;
        assert!(page.says("A403") && rows(&app).await == before, "{}", page.body);
        assert!(signed_in.get("/compte").await.path.starts_with("/connexion"));
        assert!(!app.browser().get("/connexion").await.says("S’identifier avec ProConnect"));
    }

    async fn answers_of_one_provider_are_not_anothers(app) {
        let upstream = proconnect(&app, "").await;
        let other = Upstream::start(&app).await;
        (other.state().agents, other.state().person) = (true, alix().as_object().unwrap().clone());
        let declared = other.declaration("autre", "").replace("kind = \"franceconnect\"", "kind = \"oidc\"");
        app.apply(&declared).await;
        let before = rows(&app).await;
        // The answer of one, at the callback of the other; and under the other's state.
        let mut browser = app.browser();
        let landing = browser.get("/connexion").await;
        let (mine, theirs) = (button(&mut browser, &landing, "proconnect").await, button(&mut browser, &landing, "autre").await);
        let back = upstream.visit(&mine);
        let page = browser.get(&back.replace("/retour/proconnect", "/retour/autre")).await;
        assert!(page.says("A402") && rows(&app).await == before, "{}", page.body);
        let code = asked(&format!("http://x{back}"), "code").unwrap();
        let mixed = [("code", code.as_str()), ("state", &asked(&theirs, "state").unwrap()), ("iss", &upstream.issuer())];
        let page = browser.get(&format!("/connexion/retour/autre?{}", crate::support::encode(&mixed))).await;
        assert!(page.says("A402") && rows(&app).await == before, "{}", page.body);
        assert!(!other.state().asked.iter().any(|p| p.ends_with("/token")), "the code of one was not shown to the other");
    }

    async fn an_agent_gets_no_notice_meant_for_individuals(app) {
        let upstream = proconnect(&app, "").await;
        visit(&app, &upstream).await;
        visit(&app, &upstream).await;
        let mails = app.mails(ALIX).await;
        assert!(!mails.iter().any(|m| matches!(m, MailMessage::Connected { .. })), "{mails:?}");
    }
}
