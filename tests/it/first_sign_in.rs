//! The first sign-in of a designated manager (S-22; AC-01, AC-02, AC-03, AC-27, AC-29), from the designation to the session, with
//! mails through a relay and short messages through a gateway.

use std::time::Duration;

use axum::http::StatusCode;
use futures_util::future::join_all;
use guichet::base::Secret;
use guichet::config::SmsFormat;
use guichet::jobs;
use guichet::worker;

use crate::support::gateway::HttpGateway;
use crate::support::smtp::{Mood, Smtp};
use crate::support::{Browser, Engine, Page, TestApp};

const ANNE: &str = "anne@mairie.example";
const MOBILE: &str = "06 12 34 56 78";
const DESIGNATION: &str =
    "[[designation]]\nlogin_email = 'anne@mairie.example'\nmobile = '06 12 34 56 78'\ngiven_name = 'Anne'\nfamily_name = 'Roy'\n";

/// Two codes that are right for nobody.
const GUESS: [(&str, &str); 2] = [("code", "000000"), ("code_sms", "111111")];

struct Hub {
    app: TestApp,
    relay: Smtp,
    gateway: HttpGateway,
}

impl Hub {
    async fn start(engine: Engine) -> Self {
        let (relay, gateway) = (Smtp::start(Mood::Friendly).await, HttpGateway::start().await);
        let (relays, url) = (vec![relay.relay()], gateway.url("/v1/messages?account=7"));
        let app = TestApp::start(engine, |config| {
            config.mail.from = "no-reply@sso.example".into();
            config.mail.relays = relays;
            config.sms.url = Some(url);
            config.sms.headers = vec!["Authorization: Bearer {secret}".into(), "X-From: {sender}".into()];
            config.sms.secret = Some(Secret::new("s3cret"));
        })
        .await;
        Self { app, relay, gateway }
    }

    async fn designated(engine: Engine) -> Self {
        let hub = Self::start(engine).await;
        hub.app.apply(DESIGNATION).await;
        hub.drain().await;
        hub
    }

    async fn drain(&self) {
        worker::drain(&self.app.app).await.unwrap();
    }

    /// The last code mailed to this address.
    fn mailed(&self, to: &str) -> Option<String> {
        let mails = self.relay.mails();
        let mail = mails.iter().rev().find(|m| m.to.contains(to) && m.raw.contains("premi"))?;
        let line = mail.raw.lines().find(|l| l.len() == 7 && l.chars().all(|c| c.is_ascii_digit() || c == ' '))?;
        Some(line.replace(' ', ""))
    }

    /// The last code sent by SMS, whose text ends with the code bound to our host.
    fn texted(&self) -> Option<String> {
        let asked = self.gateway.asked();
        let text = asked.last()?.json()["text"].as_str()?.to_owned();
        let (_, last) = text.rsplit_once('\n')?;
        last.strip_prefix("@sso.localhost #").map(str::to_owned)
    }

    /// Claims, and sends what has to be sent.
    async fn claim(&self, browser: &mut Browser, email: &str, mobile: &str) -> Page {
        self.app.advance(1);
        let page = browser.get("/premiere-connexion").await;
        let page = browser.submit(&page, &[("courriel", email), ("telephone", mobile)]).await;
        self.drain().await;
        page
    }
}

fn at(page: &Page, path: &str) -> bool {
    page.path.split('?').next() == Some(path)
}

/// The page without what differs in every browser, and with both claims under the same names.
fn plain(page: &Page, email: &str, mobile: &str) -> String {
    let mut out = page.body.replace(email, "@").replace(mobile, "#");
    for part in out.clone().split(['"', '=', '&', '?']) {
        if part.len() > 40 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            out = out.replace(part, "~");
        }
    }
    out
}

/// Runs a test on both engines, with a designated manager, a relay and a gateway.
macro_rules! designated {
    ($($(#[$meta:meta])* async fn $name:ident($hub:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn test($hub: Hub) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test(Hub::designated(Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                test(Hub::designated(Engine::Postgres).await).await;
            }
        }
    )*};
}

designated! {
    async fn ac_02_a_code_by_mail_and_one_by_sms_together_sign_in(hub) {
        let told = hub.relay.mails();
        assert!(told.iter().any(|m| m.to.contains(ANNE) && m.raw.contains("/premiere-connexion")), "{told:?}");
        let mut browser = hub.app.browser();
        let page = browser.get("/connexion").await;
        // AC-01: the entry is on the sign-in page.
        let entry = page.links().into_iter().find(|l| l.starts_with("/premiere-connexion")).expect("AC-01");
        assert!(page.says("Première connexion gestionnaire"));
        let page = browser.get(&entry).await;
        let page = browser.submit(&page, &[("courriel", ANNE), ("telephone", MOBILE)]).await;
        assert!(at(&page, "/premiere-connexion/codes"), "{} {}", page.path, page.body);
        // AC-29: what to do when nothing comes.
        assert!(page.says("MailInBlack") && page.says("no-reply@sso.example"), "{}", page.body);
        hub.drain().await;
        let (mail, sms) = (hub.mailed(ANNE).unwrap(), hub.texted().unwrap());
        let asked = hub.gateway.asked();
        assert_eq!((asked.len(), asked[0].path.as_str()), (1, "/v1/messages?account=7"));
        assert_eq!(asked[0].json()["to"], "+33612345678");
        assert_eq!((asked[0].header("authorization"), asked[0].header("x-from")), (Some("Bearer s3cret"), Some("Guichet")));
        let done = browser.submit(&page, &[("code", &mail), ("code_sms", &sms)]).await;
        assert!(browser.cookie("__Host-session").is_some(), "{} {}", done.path, done.body);
        // AC-03: then a means of connection of one's own.
        assert!(at(&done, "/connexion/renforcement"), "{}", done.path);
        let kinds = hub.app.audit().await;
        assert!(kinds.contains(&"manager.designated".to_owned()) && kinds.contains(&"session.opened".to_owned()), "{kinds:?}");
    }

    async fn ac_02_whoever_reads_the_mailbox_is_not_yet_the_manager(hub) {
        hub.app.apply(
            "[[establishment]]\nsiret = '21750001600019'\nname = 'Mairie'\n\n[[membership]]\nlogin_email = 'anne@mairie.example'\n\
             siret = '21750001600019'\nrole = 'manager'\n",
        ).await;
        let mut browser = hub.app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, ANNE).await;
        assert!(at(&page, "/premiere-connexion"), "{} {}", page.path, page.body);
        assert!(page.body.contains(&format!("value=\"{ANNE}\"")), "{}", page.body);
        // Nothing else opens, and nothing may be set up or put off.
        let (_, t) = page.path.split_once('?').unwrap();
        for path in [
            "/accueil".to_owned(),
            "/compte/securite/application".to_owned(),
            "/etablissements/21750001600019".to_owned(),
            format!("/connexion?{t}"),
            format!("/connexion/renforcement?{t}"),
            format!("/connexion/renforcement/application?{t}"),
            format!("/connexion/verification?{t}"),
        ] {
            let led = browser.get(&path).await;
            assert!(at(&led, "/premiere-connexion"), "{path}: {}", led.path);
        }
        assert_eq!(hub.app.count("SELECT COUNT(*) FROM account WHERE enrol_by IS NOT NULL").await, 0, "no time runs");
        hub.drain().await;
        hub.app.advance(1);
        let page = browser.submit(&page, &[("courriel", ANNE), ("telephone", MOBILE)]).await;
        assert!(at(&page, "/premiere-connexion/codes"), "{}", page.path);
        hub.drain().await;
        let (mail, sms) = (hub.mailed(ANNE).unwrap(), hub.texted().unwrap());
        let done = browser.submit(&page, &[("code", &mail), ("code_sms", &sms)]).await;
        assert!(at(&done, "/connexion/renforcement"), "{} {}", done.path, done.body);
        assert_eq!(browser.get("/compte").await.path, "/compte");
    }

    async fn a_designation_takes_the_sessions_that_were_open_until_its_codes_whatever_its_age(hub) {
        const CAMILLE: &str = "camille@boulangerie.example";
        let mut browser = hub.app.browser();
        let page = browser.get("/connexion").await;
        assert_eq!(browser.sign_in_with_code(&page, CAMILLE).await.path, "/accueil");
        hub.app.apply("[[designation]]\nlogin_email = 'camille@boulangerie.example'\nmobile = '06 11 22 33 44'\n").await;
        let page = browser.get("/compte").await;
        assert!(at(&page, "/premiere-connexion"), "{}", page.path);
        // Who reads the mailbox has not only to wait.
        hub.app.advance(31 * 86_400);
        let mut browser = hub.app.browser();
        let page = browser.get("/connexion").await;
        let page = browser.sign_in_with_code(&page, CAMILLE).await;
        assert!(at(&page, "/premiere-connexion"), "{}", page.path);
        // The operator may take it back.
        let ctx = hub.app.app.ctx(guichet::base::Actor::Operator);
        let kit = guichet::authn::factor::Kit { ctx: &ctx, keys: &hub.app.app.keys, config: &hub.app.app.config };
        for taken_back in [true, false] {
            let mut tx = hub.app.app.db.begin().await.unwrap();
            let email = guichet::base::Email::parse(CAMILLE).unwrap();
            let account = guichet::account::store::find_by_login(&mut tx, &email).await.unwrap().unwrap();
            assert_eq!(guichet::authn::first_sign_in::withdraw(&mut tx, &kit, &account).await.unwrap(), taken_back);
            tx.commit().await.unwrap();
        }
        assert_eq!(browser.get("/compte").await.path, "/compte");
    }

    async fn ac_02_one_code_is_not_enough_and_does_not_tell_which_was_right(hub) {
        let mut browser = hub.app.browser();
        let page = hub.claim(&mut browser, ANNE, MOBILE).await;
        let (mail, sms) = (hub.mailed(ANNE).unwrap(), hub.texted().unwrap());
        let mut said = Vec::new();
        for fields in [[("code", mail.as_str()), GUESS[1]], [GUESS[0], ("code_sms", sms.as_str())], GUESS] {
            let refused = browser.submit(&page, &fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(refused.says("Ces informations ne correspondent pas à une invitation en cours"), "{}", refused.body);
            said.push(plain(&refused, ANNE, MOBILE));
        }
        assert!(said.windows(2).all(|w| w[0] == w[1]));
        assert!(browser.cookie("__Host-session").is_none());
        let empty = browser.submit(&page, &[("code", &mail), ("code_sms", "12")]).await;
        assert!(empty.says("Saisissez les 6 chiffres du code reçu par SMS"), "{}", empty.body);
        // A slip spent nothing: both together are still good, the other way round they are not.
        let swapped = browser.submit(&page, &[("code", &sms), ("code_sms", &mail)]).await;
        assert!(sms == mail || swapped.status == StatusCode::UNPROCESSABLE_ENTITY);
        let done = browser.submit(&page, &[("code", &mail), ("code_sms", &sms)]).await;
        assert!(browser.cookie("__Host-session").is_some(), "{}", done.body);
    }

    async fn ac_27_a_wrong_address_or_mobile_looks_the_same_and_receives_nothing(hub) {
        let mut pages = Vec::new();
        let before = hub.relay.mails().len();
        for (email, mobile) in [
            (ANNE, "06 87 65 43 21"),
            ("autre@mairie.example", MOBILE),
            ("camille@boulangerie.example", MOBILE),
            ("dominique@boulangerie.example", MOBILE),
        ] {
            let mut browser = hub.app.browser();
            let page = hub.claim(&mut browser, email, mobile).await;
            assert!(at(&page, "/premiere-connexion/codes"), "{email} {}", page.path);
            let refused = browser.submit(&page, &GUESS).await;
            assert!(refused.says("Ces informations ne correspondent pas"), "{email}");
            pages.push((plain(&page, email, mobile), plain(&refused, email, mobile)));
        }
        assert_eq!((hub.gateway.asked().len(), hub.relay.mails().len()), (0, before), "nobody was written to");
        let mut browser = hub.app.browser();
        let page = hub.claim(&mut browser, ANNE, MOBILE).await;
        let refused = browser.submit(&page, &GUESS).await;
        pages.push((plain(&page, ANNE, MOBILE), plain(&refused, ANNE, MOBILE)));
        assert!(pages.windows(2).all(|w| w[0] == w[1]), "{pages:?}");
    }

    async fn ac_27_a_landline_is_refused_where_it_is_typed(hub) {
        let mut browser = hub.app.browser();
        for (mobile, said) in [
            ("01 23 45 67 89", "Un numéro de téléphone fixe ne permet pas de recevoir le code"),
            ("12", "Saisissez un numéro de téléphone mobile, par exemple"),
            (" ", "Saisissez votre numéro de téléphone mobile"),
        ] {
            let page = hub.claim(&mut browser, ANNE, mobile).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.says(said), "{mobile}: {}", page.body);
            assert!(page.body.contains(&format!("value=\"{ANNE}\"")), "what was typed is kept");
        }
        let landline = DESIGNATION.replace(MOBILE, "01 23 45 67 89");
        let refused = guichet::cli::apply::apply(&hub.app.app, &landline, guichet::cli::apply::ApplyOptions::default()).await;
        let said = refused.unwrap_err().in_file("hub.toml");
        assert!(said.contains("hub.toml:3:") && said.contains("landline"), "{said}");
    }

    async fn the_mobile_may_be_written_in_any_way(hub) {
        for mobile in ["+33612345678", "0033 6 12 34 56 78", "06.12.34.56.78"] {
            hub.app.advance(130);
            let page = hub.claim(&mut hub.app.browser(), " Anne@Mairie.example ", mobile).await;
            assert!(at(&page, "/premiere-connexion/codes"));
        }
        assert_eq!(hub.gateway.asked().len(), 3);
    }

    async fn guesses_are_limited_and_parallel_ones_do_not_multiply_them(hub) {
        let mut browser = hub.app.browser();
        let page = hub.claim(&mut browser, ANNE, MOBILE).await;
        let tries = (0..20).map(|_| {
            let (mut browser, page) = (browser.clone(), page.clone());
            async move { browser.submit(&page, &GUESS).await }
        });
        let pages = join_all(tries).await;
        let counted = pages.iter().filter(|p| p.says("Ces informations ne correspondent pas")).count();
        assert_eq!(counted, 5, "sign_in.email_code_attempts");
        let (mail, sms) = (hub.mailed(ANNE).unwrap(), hub.texted().unwrap());
        let late = browser.submit(&page, &[("code", &mail), ("code_sms", &sms)]).await;
        assert!(late.says("Trop d’essais") && browser.cookie("__Host-session").is_none(), "{}", late.body);
    }

    async fn a_designation_serves_once_whoever_races(hub) {
        let mut browsers = Vec::new();
        for _ in 0..3 {
            let mut browser = hub.app.browser();
            let page = hub.claim(&mut browser, ANNE, MOBILE).await;
            let codes = (hub.mailed(ANNE).unwrap(), hub.texted().unwrap());
            browsers.push((browser, page, codes));
        }
        let tries = browsers.into_iter().map(|(mut browser, page, (mail, sms))| async move {
            browser.submit(&page, &[("code", &mail), ("code_sms", &sms)]).await;
            browser.cookie("__Host-session").is_some()
        });
        let opened = join_all(tries).await.into_iter().filter(|o| *o).count();
        assert_eq!(opened, 1);
        hub.app.advance(130);
        let sent = hub.gateway.asked().len();
        hub.claim(&mut hub.app.browser(), ANNE, MOBILE).await;
        assert_eq!(hub.gateway.asked().len(), sent, "it served");
    }

    async fn codes_of_one_browser_are_nothing_in_another(hub) {
        let (mut first, mut second) = (hub.app.browser(), hub.app.browser());
        hub.claim(&mut first, ANNE, MOBILE).await;
        let stolen = (hub.mailed(ANNE).unwrap(), hub.texted().unwrap());
        let page = hub.claim(&mut second, "autre@mairie.example", MOBILE).await;
        let refused = second.submit(&page, &[("code", &stolen.0), ("code_sms", &stolen.1)]).await;
        assert!(refused.says("Ces informations ne correspondent pas") && second.cookie("__Host-session").is_none());
    }

    async fn a_designation_ends_after_thirty_days_or_when_another_replaces_it(hub) {
        let mut browser = hub.app.browser();
        let page = hub.claim(&mut browser, ANNE, MOBILE).await;
        let (mail, sms) = (hub.mailed(ANNE).unwrap(), hub.texted().unwrap());
        // The request was corrected meanwhile: another mobile.
        hub.app.apply(&DESIGNATION.replace(MOBILE, "07 11 22 33 44")).await;
        let refused = browser.submit(&page, &[("code", &mail), ("code_sms", &sms)]).await;
        assert!(refused.says("Ces informations ne correspondent pas"), "{}", refused.body);
        hub.app.advance(31 * 86_400);
        let sent = hub.gateway.asked().len();
        hub.claim(&mut hub.app.browser(), ANNE, "07 11 22 33 44").await;
        assert_eq!(hub.gateway.asked().len(), sent);
        // Applied again, it is renewed; and again, nothing changes.
        hub.app.apply(&DESIGNATION.replace(MOBILE, "07 11 22 33 44")).await;
        let report = guichet::cli::apply::apply(
            &hub.app.app,
            &DESIGNATION.replace(MOBILE, "07 11 22 33 44"),
            guichet::cli::apply::ApplyOptions::default(),
        )
        .await
        .unwrap();
        assert!(!report.has_changes(), "{report}");
        hub.claim(&mut hub.app.browser(), ANNE, "07 11 22 33 44").await;
        assert_eq!(hub.gateway.asked().len(), sent + 1);
    }

    async fn a_designation_that_served_is_not_made_again(hub) {
        let mut browser = hub.app.browser();
        let page = hub.claim(&mut browser, ANNE, MOBILE).await;
        let (mail, sms) = (hub.mailed(ANNE).unwrap(), hub.texted().unwrap());
        browser.submit(&page, &[("code", &mail), ("code_sms", &sms)]).await;
        assert!(browser.cookie("__Host-session").is_some());
        // The rounds of a month later remove what nobody used.
        hub.app.advance(31 * 86_400);
        hub.drain().await;
        let options = guichet::cli::apply::ApplyOptions::default();
        let report = guichet::cli::apply::apply(&hub.app.app, DESIGNATION, options).await.unwrap();
        assert!(!report.has_changes(), "{report}");
        assert_eq!(hub.app.count("SELECT COUNT(*) FROM designation WHERE consumed_at IS NOT NULL").await, 1);
    }

    async fn a_disabled_person_receives_nothing(hub) {
        hub.app.apply("[[account]]\nlogin_email = 'anne@mairie.example'\nstate = 'disabled'\n").await;
        let page = hub.claim(&mut hub.app.browser(), ANNE, MOBILE).await;
        assert!(at(&page, "/premiere-connexion/codes"));
        assert_eq!(hub.gateway.asked().len(), 0);
    }

    async fn ef_18_codes_can_be_sent_again(hub) {
        let mut browser = hub.app.browser();
        let page = hub.claim(&mut browser, ANNE, MOBILE).await;
        let first = (hub.mailed(ANNE).unwrap(), hub.texted().unwrap());
        let early = browser.press(&page, "/premiere-connexion/codes/renvoyer", &[]).await;
        assert!(early.says("secondes"), "{}", early.body);
        hub.app.advance(30);
        let sent = browser.press(&page, "/premiere-connexion/codes/renvoyer", &[]).await;
        assert!(sent.says("De nouveaux codes ont été envoyés"), "{}", sent.body);
        hub.drain().await;
        assert_eq!(hub.gateway.asked().len(), 2);
        // The mail of the first and the SMS of the second arrived: both are live.
        let sms = hub.texted().unwrap();
        let done = browser.submit(&sent, &[("code", &first.0), ("code_sms", &sms)]).await;
        assert!(browser.cookie("__Host-session").is_some(), "{}", done.body);
    }

    async fn a_gateway_that_fails_is_asked_again_and_its_dead_letters_are_kept(hub) {
        hub.gateway.turn(503, "");
        let mut browser = hub.app.browser();
        let page = hub.claim(&mut browser, ANNE, MOBILE).await;
        assert_eq!(hub.gateway.asked().len(), 1);
        hub.gateway.turn(202, "{}");
        hub.app.advance(10);
        hub.drain().await;
        let sms = hub.texted().unwrap();
        assert_eq!(hub.gateway.asked().len(), 2);
        let done = browser.submit(&page, &[("code", &hub.mailed(ANNE).unwrap()), ("code_sms", &sms)]).await;
        assert!(browser.cookie("__Host-session").is_some(), "{}", done.body);
        // What it refuses for good is given up, and told to the operator.
        let (app, gateway) = (&hub.app, &hub.gateway);
        app.apply(&DESIGNATION.replace("anne@", "lea@").replace(MOBILE, "07 55 66 77 88")).await;
        gateway.turn(400, "");
        hub.claim(&mut app.browser(), "lea@mairie.example", "07 55 66 77 88").await;
        let dead = jobs::store::dead(&mut app.app.db.read().await.unwrap(), 10).await.unwrap();
        assert_eq!(dead.len(), 1, "{dead:?}");
        let said = format!("{dead:?}");
        assert!(said.contains("sms") && said.contains("gateway answered 400") && !said.contains("55667788"), "{said}");
    }

    async fn a_gateway_is_never_followed_elsewhere(hub) {
        let other = HttpGateway::start().await;
        hub.gateway.redirect(other.url("/stolen").as_str());
        hub.claim(&mut hub.app.browser(), ANNE, MOBILE).await;
        assert_eq!((hub.gateway.asked().len(), other.asked().len()), (1, 0));
    }

    async fn a_number_receives_no_more_than_its_share(hub) {
        for i in 0..7_u32 {
            // Another address each time: the number is what is counted.
            let email = format!("p{i}@mairie.example");
            hub.app.apply(&DESIGNATION.replace("anne@mairie.example", &email)).await;
            hub.claim(&mut hub.app.browser(), &email, MOBILE).await;
        }
        assert_eq!(hub.gateway.asked().len(), 5, "sms.per_recipient_hour");
        assert!(hub.app.audit().await.contains(&"limit.reached".to_owned()));
    }

    async fn a_code_that_expired_on_the_way_is_not_sent(hub) {
        hub.gateway.turn(503, "");
        hub.claim(&mut hub.app.browser(), ANNE, MOBILE).await;
        hub.gateway.turn(202, "{}");
        hub.app.advance(901);
        hub.drain().await;
        assert_eq!(hub.gateway.asked().len(), 1);
    }

    async fn whoever_holds_a_means_of_their_own_begins_no_more(hub) {
        let mut tx = hub.app.app.db.begin().await.unwrap();
        const HOLDS: &str = "INSERT INTO factor (id, account_id, kind, name, sealed, moving, drift, created_at) \
            SELECT 'f', id, 'totp', 'x', 'x', 0, 0, 0 FROM account WHERE login_email = $1";
        guichet::sql!(&mut tx, HOLDS, ANNE; exec).unwrap();
        tx.commit().await.unwrap();
        let page = hub.claim(&mut hub.app.browser(), ANNE, MOBILE).await;
        assert!(at(&page, "/premiere-connexion/codes"));
        assert_eq!(hub.gateway.asked().len(), 0);
    }
}

#[tokio::test]
async fn without_a_gateway_nobody_is_offered_a_first_sign_in() {
    let app = TestApp::new(Engine::Sqlite).await;
    let mut browser = app.browser();
    let page = browser.get("/connexion").await;
    assert!(!page.says("Première connexion gestionnaire"));
    assert!(at(&browser.get("/premiere-connexion").await, "/connexion"));
}

/// Providers differ: a form, words that mean success, a slow answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_is_asked_as_its_provider_wants() {
    let (relay, gateway) = (Smtp::start(Mood::Friendly).await, HttpGateway::start().await);
    let (relays, url) = (vec![relay.relay()], gateway.url("/send"));
    let app = TestApp::start(Engine::Sqlite, |config| {
        config.mail.relays = relays;
        config.sms.url = Some(url);
        config.sms.format = SmsFormat::Form;
        config.sms.body = "login=guichet&password={secret}&to={phone}&message={text}&from={sender}".into();
        config.sms.secret = Some(Secret::new("p&s=1"));
        config.sms.success_contains = Some("OK".into());
        config.sms.timeout = Duration::from_secs(1);
    })
    .await;
    app.apply(DESIGNATION).await;
    let hub = Hub { app, relay, gateway };
    hub.gateway.turn(200, "ERROR 12");
    hub.claim(&mut hub.app.browser(), ANNE, MOBILE).await;
    let asked = hub.gateway.asked();
    assert_eq!(asked[0].header("content-type"), Some("application/x-www-form-urlencoded"));
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(asked[0].body.as_bytes()).into_owned().collect();
    assert_eq!(fields[1], ("password".into(), "p&s=1".into()));
    assert!(fields[3].1.contains("@sso.localhost #"), "{fields:?}");
    // The answer did not say OK, then came too late: both are tried again.
    hub.gateway.turn(200, "OK 123");
    hub.gateway.pause(Duration::from_millis(1_500));
    hub.app.advance(10);
    hub.drain().await;
    hub.gateway.pause(Duration::ZERO);
    hub.app.advance(20);
    hub.drain().await;
    assert_eq!(hub.gateway.asked().len(), 3);
    let standing = jobs::store::standing(&mut hub.app.app.db.read().await.unwrap()).await.unwrap();
    assert_eq!((standing.pending, standing.dead), (0, 0));
}
