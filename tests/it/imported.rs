//! People who come from another system: their password hashes, their file, their first sign-in (EF-03, EF-20).

use std::collections::HashMap;

use futures_util::future::join_all;
use guichet::account::{self, Account};
use guichet::base::Email;
use guichet::cli::apply::{ApplyError, ApplyOptions, apply};
use guichet::cli::import::{Options, Summary, import};

use crate::support::rp::DOSSIER;
use crate::support::{Browser, Page, TestApp};

/// Published vectors: who, password, hash. The weak ones are those with the mark.
const PEOPLE: &[(&str, &str, &str, bool)] = &[
    ("bcrypt", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", true),
    ("pbkdf2", "password", "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44", true),
    (
        "scrypt",
        "password",
        "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
        true,
    ),
    ("argon2i", "password", "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E", true),
    ("argon2id", "password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", false),
    ("ssha", "hashcat", "{SSHA}AZKja92fbuuB9SpRlHqaoXxbTc43Mzc2MDM1Ng==", true),
    ("phpass", "hashcat", "$P$984478476IagS59wHZvyQMArzfx58u.", true),
    ("drupal", "hashcat", "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf", true),
];

const HEADING: &str = "login_email,given_name,family_name,password_hash,email_verified";

fn at(page: &Page, path: &str) -> bool {
    page.path.split('?').next() == Some(path)
}

/// Imports a text as a file of that name.
async fn imported(app: &TestApp, text: impl AsRef<[u8]>, change: impl FnOnce(&mut Options)) -> Result<(Summary, String), String> {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options { file: folder.path().join("people.csv"), ..Options::default() };
    std::fs::write(&options.file, text).unwrap();
    change(&mut options);
    let mut said = Vec::new();
    let done = import(&app.app, &options, &mut said).await;
    done.map(|summary| (summary, String::from_utf8(said).unwrap())).map_err(|e| format!("{e:?}"))
}

async fn found(app: &TestApp, email: &str) -> Option<Account> {
    let email = Email::parse(email).unwrap();
    account::store::find_by_login(&mut app.app.db.read().await.unwrap(), &email).await.unwrap()
}

async fn hash_of(app: &TestApp, email: &str) -> Option<String> {
    let account = found(app, email).await.unwrap();
    account::store::find_password(&mut app.app.db.read().await.unwrap(), &account.id).await.unwrap()
}

async fn with_password(browser: &mut Browser, email: &str, password: &str) -> Page {
    browser.app().advance(60);
    let page = browser.get("/connexion").await;
    let page = browser.submit(&page, &[("courriel", email)]).await;
    let link = page.links().into_iter().find(|l| l.starts_with("/connexion/mot-de-passe")).unwrap();
    let page = browser.get(&link).await;
    browser.submit(&page, &[("mot_de_passe", password)]).await
}

/// Somebody who came without a hash, signed in with a code, wherever that leads.
async fn newcomer(app: &TestApp, browser: &mut Browser, from: &str) -> Page {
    let line = format!("{HEADING}\nlise@ancien.example,Lise,Petit,,true\n");
    imported(app, line, |_| {}).await.unwrap();
    let page = browser.get(from).await;
    browser.sign_in_with_code(&page, "lise@ancien.example").await
}

on_both! {
    async fn ef_20_a_password_of_another_system_signs_in_and_is_hashed_anew(app) {
        let mut text = HEADING.to_owned();
        for (who, _, hash, _) in PEOPLE {
            text += &format!("\n{who}@ancien.example,{who},Ancien,\"{hash}\",true");
        }
        let (summary, said) = imported(&app, text, |_| {}).await.unwrap();
        assert_eq!(summary.created, PEOPLE.len(), "{said}");
        for (who, password, hash, weak) in PEOPLE {
            let email = format!("{who}@ancien.example");
            let stored = hash_of(&app, &email).await.unwrap();
            assert_eq!(stored != *hash, *weak, "{who}: {stored}");
            assert!(!weak || stored.contains("$argon2id$v=19$m=64,t=1,p=1$"), "{who}: {stored}");
            let mut browser = app.browser();
            let wrong = with_password(&mut browser, &email, &format!("{password}x")).await;
            assert!(wrong.says("Adresse e-mail ou mot de passe incorrect"), "{who}: {}", wrong.body);
            assert_eq!(hash_of(&app, &email).await.unwrap(), stored, "{who}: a wrong password changes nothing");
            let page = with_password(&mut browser, &email, password).await;
            assert!(at(&page, "/accueil"), "{who}: {}", page.path);
            let renewed = hash_of(&app, &email).await.unwrap();
            assert!(renewed.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{who}: {renewed}");
            let page = with_password(&mut app.browser(), &email, password).await;
            assert!(at(&page, "/accueil"), "{who}: again");
        }
    }

    async fn ef_20_two_sign_ins_at_once_renew_a_hash_once(app) {
        let (_, password, hash, _) = PEOPLE[5];
        imported(&app, format!("{HEADING}\nlise@ancien.example,Lise,Petit,{hash},true"), |_| {}).await.unwrap();
        let tries = (0..4).map(|_| {
            let mut browser = app.browser();
            async move { with_password(&mut browser, "lise@ancien.example", password).await }
        });
        let pages = join_all(tries).await;
        // The one who renews it wins; the others verified a hash that is gone, and try again.
        assert!(pages.iter().any(|p| at(p, "/accueil")));
        assert!(at(&with_password(&mut app.browser(), "lise@ancien.example", password).await, "/accueil"));
    }

    async fn ef_20_without_a_password_one_is_offered_once_after_the_code(app) {
        let mut browser = app.browser();
        let page = newcomer(&app, &mut browser, "/connexion").await;
        assert!(at(&page, "/connexion/activation"), "{}", page.path);
        assert_eq!(page.h1(), "Choisissez un mot de passe (facultatif)");
        let weak = browser.submit(&page, &[("nouveau_mot_de_passe", "motdepasse123")]).await;
        assert_eq!(weak.status, 422);
        let again = browser.get(&page.path).await;
        assert!(again.says("Choisissez un mot de passe"), "back and reload show it again");
        let done = browser.submit(&weak, &[("nouveau_mot_de_passe", "quatorze parapluies au vestiaire")]).await;
        assert!(at(&done, "/accueil"), "{} {}", done.path, done.body);
        assert!(at(&browser.get(&page.path).await, "/accueil"), "asked once");
        let page = with_password(&mut app.browser(), "lise@ancien.example", "quatorze parapluies au vestiaire").await;
        assert!(at(&page, "/accueil"), "{}", page.path);
        assert!(app.audit().await.contains(&"account.password_changed".to_owned()));
    }

    async fn ef_20_the_offer_is_declined_once_for_all(app) {
        let mut browser = app.browser();
        let page = newcomer(&app, &mut browser, &DOSSIER.authorize(&[])).await;
        assert!(at(&page, "/connexion/activation"), "{}", page.path);
        let page = browser.press(&page, "/connexion/activation", &[("choix", "passer")]).await;
        assert!(page.left_with("code").is_some(), "on to the service: {} {}", page.path, page.body);
        assert_eq!(hash_of(&app, "lise@ancien.example").await, None);
        let mut other = app.browser();
        app.advance(120);
        let page = other.get("/connexion").await;
        let page = other.sign_in_with_code(&page, "lise@ancien.example").await;
        assert!(at(&page, "/accueil"), "{}", page.path);
    }

    async fn ef_20_of_two_tabs_the_first_decides(app) {
        let mut browser = app.browser();
        let page = newcomer(&app, &mut browser, "/connexion").await;
        let skipped = browser.press(&page, "/connexion/activation", &[("choix", "passer")]).await;
        assert!(at(&skipped, "/accueil"));
        let late = browser.submit(&page, &[("nouveau_mot_de_passe", "quatorze parapluies au vestiaire")]).await;
        assert!(at(&late, "/accueil"), "{}", late.path);
        assert_eq!(hash_of(&app, "lise@ancien.example").await, None);
    }

    async fn ag_25_a_password_page_does_not_tell_who_has_none_yet(app) {
        imported(&app, format!("{HEADING}\nlise@ancien.example,Lise,Petit,,true"), |_| {}).await.unwrap();
        let mut seen = Vec::new();
        for email in ["lise@ancien.example", "inconnu@ancien.example"] {
            let page = with_password(&mut app.browser(), email, "quatorze parapluies au vestiaire").await;
            assert!(page.says("Adresse e-mail ou mot de passe incorrect"), "{}", page.body);
            seen.push((page.status, page.h1(), page.forms().len(), page.links().len()));
        }
        assert_eq!(seen[0], seen[1]);
    }

    async fn ef_20_a_forgotten_password_ends_the_offer(app) {
        imported(&app, format!("{HEADING}\nlise@ancien.example,Lise,Petit,,true"), |_| {}).await.unwrap();
        let mut browser = app.browser();
        let page = browser.get("/mot-de-passe-oublie").await;
        let page = browser.sign_in_with_code(&page, "lise@ancien.example").await;
        let page = browser.submit(&page, &[("nouveau_mot_de_passe", "quatorze parapluies au vestiaire")]).await;
        assert!(at(&page, "/accueil"), "{}", page.path);
    }

    async fn a_declared_hash_is_taken_until_its_owner_comes(app) {
        let declared = |hash: &str| format!(
            "[[account]]\nlogin_email = 'lise@ancien.example'\ngiven_name = 'Lise'\nfamily_name = 'Petit'\npassword_hash = '{hash}'\n"
        );
        let (_, password, hash, _) = PEOPLE[6];
        app.apply(&declared(hash)).await;
        assert!(at(&with_password(&mut app.browser(), "lise@ancien.example", password).await, "/accueil"));
        let own = hash_of(&app, "lise@ancien.example").await;
        let report = apply(&app.app, &declared(hash), ApplyOptions::default()).await.unwrap();
        assert!(!report.has_changes(), "{report}");
        app.apply(&declared(PEOPLE[5].2)).await;
        assert_eq!(hash_of(&app, "lise@ancien.example").await, own, "the password is hers by now");
    }

    async fn a_declared_hash_that_costs_too_much_or_is_none_is_refused_with_its_line(app) {
        for (hash, said) in [
            ("$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "cost = 15 is more than 13"),
            ("motdepasse", "unknown scheme"),
            ("{SSHA}AAAA", "not a well-formed LDAP hash"),
        ] {
            let text = format!("[[account]]\nlogin_email = 'x@ancien.example'\ngiven_name = 'X'\nfamily_name = 'Y'\npassword_hash = '{hash}'\n");
            let refused = apply(&app.app, &text, ApplyOptions::default()).await.map_err(|e: ApplyError| e.in_file("hub.toml")).unwrap_err();
            assert!(refused.contains("hub.toml:5:") && refused.contains(said), "{refused}");
            assert!(!refused.contains(hash), "{refused}");
        }
        let both = "[[account]]\nlogin_email = 'x@a.example'\ngiven_name = 'X'\nfamily_name = 'Y'\npassword = 'a b c d'\npassword_hash = 'x'\n";
        assert!(apply(&app.app, both, ApplyOptions::default()).await.map_err(|e| e.in_file("hub.toml")).unwrap_err().contains("keep one of"));
    }

    async fn ef_03_a_file_with_a_wrong_line_writes_nothing(app) {
        let before = app.count("SELECT COUNT(*) FROM account").await;
        let text = format!(
            "\u{feff}{HEADING};phone;locale\n{}",
            [
                "lise@ancien.example,Lise,Petit,,true,0612345678,fr",
                "pas une adresse,A,B,,,,",
                "LISE@ancien.example,Lise,Petit,,,,",
                "marc@ancien.example,,Petit,,,,",
                "anne@ancien.example,Anne,Petit,motdepasse,,,",
                "paul@ancien.example,Paul,Petit,,peut-être,12,de",
                "trop@ancien.example,Trop,Petit,$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW,,,",
                "court@ancien.example,Court",
            ]
            .join("\n")
        )
        .replace(';', ",");
        let (summary, said) = imported(&app, &text, |_| {}).await.unwrap();
        assert_eq!((summary.created, summary.refused), (0, 7), "{said}");
        assert_eq!(app.count("SELECT COUNT(*) FROM account").await, before);
        for wanted in [
            "! line 3: pas une adresse login_email: not an e-mail address",
            "! line 4: LISE@ancien.example login_email: on line 2 already",
            "! line 5: marc@ancien.example given_name: required",
            "! line 6: anne@ancien.example password_hash: of an unknown scheme",
            "! line 7: paul@ancien.example phone: not a telephone number; email_verified: true or false; locale:",
            "! line 8: trop@ancien.example password_hash: bcrypt: cost = 15",
            "! line 9: court@ancien.example 2 fields, 7 expected",
        ] {
            assert!(said.contains(wanted), "{wanted} in {said}");
        }
        let (summary, said) = imported(&app, &text, |o| o.dry_run = true).await.unwrap();
        assert_eq!((summary.created, summary.refused, summary.dry_run), (1, 7, true), "{said}");
        assert!(said.contains("+ line 2: lise@ancien.example") && said.contains("nothing was written"), "{said}");
        assert_eq!(app.count("SELECT COUNT(*) FROM account").await, before);
        let (summary, _) = imported(&app, &text, |o| o.skip_invalid = true).await.unwrap();
        assert_eq!((summary.created, summary.refused), (1, 7));
        let lise = found(&app, "lise@ancien.example").await.unwrap();
        assert_eq!((lise.phone.as_deref(), lise.login_email_verified), (Some("+33612345678"), true));
        assert!(lise.awaits_password());
    }

    async fn ef_03_people_who_are_there_are_left_alone_unless_asked(app) {
        let text = "login_email;given_name;family_name;job_title;password_hash\n\
            dominique@boulangerie.example;Domi;Martin;Boulanger;{SSHA}AZKja92fbuuB9SpRlHqaoXxbTc43Mzc2MDM1Ng==\n\
            lise@ancien.example;Lise;Petit;;\n";
        let before = hash_of(&app, "dominique@boulangerie.example").await;
        let (summary, said) = imported(&app, text, |o| o.json = true).await.unwrap();
        assert_eq!((summary.created, summary.exists), (1, 1), "{said}");
        let lines: Vec<serde_json::Value> = said.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines[0], serde_json::json!({ "line": 2, "login_email": "dominique@boulangerie.example", "outcome": "exists" }));
        assert_eq!(lines[2]["summary"]["created"], 1);
        assert_eq!(found(&app, "dominique@boulangerie.example").await.unwrap().given_name, "Dominique");
        let (summary, said) = imported(&app, text, |o| o.update = true).await.unwrap();
        assert_eq!((summary.changed, summary.unchanged), (1, 1), "{said}");
        let dominique = found(&app, "dominique@boulangerie.example").await.unwrap();
        assert_eq!((dominique.given_name.as_str(), dominique.job_title.as_deref()), ("Domi", Some("Boulanger")));
        assert_eq!(dominique.phone.as_deref(), Some("+33612345678"), "what the file does not say stands");
        assert_eq!(hash_of(&app, "dominique@boulangerie.example").await, before, "the password is theirs");
        let (summary, _) = imported(&app, text, |o| o.update = true).await.unwrap();
        assert_eq!((summary.changed, summary.unchanged), (0, 2));
    }

    async fn ef_03_a_file_in_another_encoding_is_refused_whole(app) {
        let mut text = format!("{HEADING}\nlise@ancien.example,Lise,Petit,,\nluc@ancien.example,Luc,L").into_bytes();
        text.extend_from_slice(b"\xe9vesque,,\n");
        let refused = imported(&app, text, |o| o.skip_invalid = true).await.unwrap_err();
        assert!(refused.contains(":3: not UTF-8") && refused.contains("iconv"), "{refused}");
        assert!(found(&app, "lise@ancien.example").await.is_none());
    }

    async fn ef_03_a_large_file_goes_in_by_batches(app) {
        let mut text = HEADING.to_owned();
        for i in 0..1_050 {
            text += &format!("\np{i}@ancien.example,Prénom{i},Nom,,false");
        }
        let (summary, _) = imported(&app, &text, |_| {}).await.unwrap();
        assert_eq!(summary.created, 1_050);
        // The same again, as after an interruption.
        let (summary, _) = imported(&app, &text, |_| {}).await.unwrap();
        assert_eq!((summary.created, summary.exists), (0, 1_050));
        let kinds = app.audit().await.into_iter().fold(HashMap::new(), |mut m: HashMap<String, usize>, k| {
            *m.entry(k).or_default() += 1;
            m
        });
        assert!(kinds["account.created"] >= 1_050, "{kinds:?}");
    }
}
