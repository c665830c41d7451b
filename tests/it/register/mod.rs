//! The company register: imports, lookups, searches.

mod live;
mod stock;

use std::path::{Path, PathBuf};

use guichet::base::{Actor, Siret};
use guichet::db::{Conn, Dialect, Handle, Tx};
use guichet::org::register::stock::{Counts, Kind, Said, import};
use guichet::org::register::{self, Found, Query, Record, Refusal, search};

use crate::support::TestApp;

/// The demonstration's files.
pub fn demo(kind: Kind) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("demo/register/{}.csv", kind.name()))
}

/// Imports a file; lines that were refused, as `line: why`.
pub async fn run(app: &TestApp, kind: Kind, file: &Path) -> (Counts, Vec<String>) {
    let mut refused = Vec::new();
    let said = |said: Said<'_>| {
        if let Said::Refused(f) = said {
            refused.push(format!("{}: {}", f.line, f.why));
        }
    };
    let counts = import(&app.app.db, &app.app.ctx(Actor::Operator), kind, file, false, said).await.unwrap();
    (counts, refused)
}

/// The demonstration's register.
pub async fn filled(app: &TestApp) {
    for kind in Kind::ALL {
        let (counts, refused) = run(app, kind, &demo(kind)).await;
        assert!(counts.created > 0 && refused.is_empty(), "{kind:?} {counts:?} {refused:?}");
    }
}

pub fn siret(text: &str) -> Siret {
    Siret::unchecked(text).unwrap()
}

pub async fn found(app: &TestApp, typed: &str, place: &str) -> Vec<Found> {
    let query = Query::parse(typed, place).unwrap();
    search(&mut app.app.db.read().await.unwrap(), &query, 0).await.unwrap().found
}

pub async fn names(app: &TestApp, typed: &str, place: &str) -> Vec<String> {
    found(app, typed, place).await.into_iter().map(|f| f.record.name).collect()
}

pub async fn record(app: &TestApp, text: &str) -> Option<Record> {
    register::find(&mut app.app.db.read().await.unwrap(), &siret(text)).await.unwrap()
}

async fn admit(app: &TestApp, typed: &str) -> Result<Record, Refusal> {
    register::admit(&mut app.app.db.read().await.unwrap(), typed).await.unwrap()
}

async fn words(tx: &mut Tx) -> Vec<String> {
    const WORDS: &str = "SELECT word FROM register_word ORDER BY word";
    let rows: Vec<(String,)> = guichet::sql!(tx, WORDS; (String,); all).unwrap();
    rows.into_iter().map(|(word,)| word).collect()
}

on_both! {
    async fn a_name_is_found_whatever_its_accents_elisions_and_dots(app) {
        filled(&app).await;
        for (typed, name) in [
            ("delices du coeur d'ete", "LES DÉLICES DU CŒUR D'ÉTÉ"),
            ("Délices cœur été", "LES DÉLICES DU CŒUR D'ÉTÉ"),
            ("l’été gourmand", "LES DÉLICES DU CŒUR D'ÉTÉ"),
            ("S.N.C.F.F.", "SERVICE NATIONAL DES CHEMINS FORESTIERS"),
            ("sncff", "SERVICE NATIONAL DES CHEMINS FORESTIERS"),
            ("eaux de l'ouest", "COMPAGNIE DES EAUX DE L'OUEST"),
            ("compagnie eaux ou", "COMPAGNIE DES EAUX DE L'OUEST"),
            ("ouest eaux", "COMPAGNIE DES EAUX DE L'OUEST"),
            ("college victor hugo", "COLLEGE VICTOR HUGO"),
            ("jeanne petit", ""),
            ("roy jeanne", "JEANNE ROY (PETIT)"),
            ("mairie demonstration", "COMMUNE DE DEMONSTRATION"),
            ("garage st-michel", "GARAGE SAINT MICHEL"),
        ] {
            let expected = if name.is_empty() { "JEANNE ROY (PETIT)" } else { name };
            assert_eq!(names(&app, typed, "").await, [expected], "{typed}");
        }
        for nothing in ["boulangerie introuvable", "xyz", "OR AND NOT", "durand\" OR \"martin", "'; DROP TABLE register_unit"] {
            assert_eq!(names(&app, nothing, "").await, [""; 0], "{nothing}");
        }
    }

    async fn exact_names_come_first_then_names_that_begin_so_then_the_others(app) {
        filled(&app).await;
        let all = found(&app, "boulangerie durand", "").await;
        let first: Vec<&str> = all.iter().map(|f| f.record.siret.as_str()).take(3).collect();
        assert_eq!(first, ["73282932000074", "73282932000082", "91000001700012"], "head office, its other one, the name that begins so");
        assert_eq!(all.iter().map(|f| f.exact).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(names(&app, "martin", "").await.len(), 3, "in the middle of a name as well");
        assert_eq!(names(&app, "taxi mart", "").await, ["TAXI MARTIN"], "the last word may be the beginning of one");
        assert_eq!(names(&app, "tax martin", "").await, [""; 0], "the others may not");
        let closed = found(&app, "imprimerie canal", "").await;
        assert_eq!(closed.iter().map(|f| f.record.open).collect::<Vec<_>>(), [false, true], "an exact name before an open one");
        let shops = found(&app, "librairie", "").await;
        assert_eq!(shops.iter().map(|f| f.record.open).collect::<Vec<_>>(), [true, false, false], "open ones first");
    }

    async fn the_beginning_of_a_long_word_is_enough_however_many_words_begin_so(app) {
        filled(&app).await;
        for (typed, name) in [("compagn", "COMPAGNIE DES EAUX DE L'OUEST"), ("forest", "SERVICE NATIONAL DES CHEMINS FORESTIERS"), ("eaux compagni", "COMPAGNIE DES EAUX DE L'OUEST")] {
            assert_eq!(names(&app, typed, "").await, [name], "{typed}");
        }
        assert_eq!(found(&app, "horizon", "marseil").await.len(), found(&app, "horizon", "Marseille").await.len());
        assert_eq!(found(&app, "horizon", "marseil").await.len(), 1);
        // More than are looked up one by one, and fewer.
        let folder = tempfile::tempdir().unwrap();
        let file = stock::write_named(&folder, 250, |n| format!("PRATIQUE{n}"));
        run(&app, Kind::Establishments, &file).await;
        for (typed, total) in [("pratiqu", 100), ("pratique", 100), ("pratique24", 11), ("pratique249", 1), ("pratique25", 1), ("pratiques", 0)] {
            let page = search(&mut app.app.db.read().await.unwrap(), &Query::parse(typed, "58000").unwrap(), 0).await.unwrap();
            assert_eq!(page.total, total, "{typed}");
        }
    }

    async fn the_words_of_a_register_imported_before_are_known_after_the_migration(app) {
        filled(&app).await;
        let mut tx = app.app.db.begin().await.unwrap();
        let before = words(&mut tx).await;
        assert!(before.len() > 30 && before.contains(&"compagnie".to_owned()), "{before:?}");
        let step = guichet::db::MIGRATIONS.iter().find(|s| s.name == "register words").unwrap();
        for text in ["DROP TABLE register_word", if app.app.db.dialect() == Dialect::Sqlite { step.sqlite } else { step.postgres }] {
            let text = sqlx::AssertSqlSafe(text);
            match tx.conn().await.unwrap() {
                Conn::Sqlite(c) => drop(sqlx::raw_sql(text).execute(c).await.unwrap()),
                Conn::Postgres(c) => drop(sqlx::raw_sql(text).execute(c).await.unwrap()),
            }
        }
        assert_eq!(words(&mut tx).await, before);
        tx.commit().await.unwrap();
    }

    async fn a_place_narrows_a_search_by_postcode_or_commune(app) {
        filled(&app).await;
        assert_eq!(names(&app, "horizon", "").await.len(), 7);
        for place in ["69003", "69", "Lyon", "lyon 3e", "69003 Lyon", "LYO"] {
            let at: Vec<_> = found(&app, "horizon", place).await.into_iter().map(|f| f.record.sign).collect();
            assert_eq!(at, ["CLINIQUE DU RHONE"], "{place}");
        }
        assert_eq!(found(&app, "horizon", "St Étienne").await.len(), 1);
        assert_eq!(found(&app, "horizon", "Toulouse").await.len(), 0);
        assert_eq!(found(&app, "horizon sante marseille", "").await.len(), 1, "a commune may be typed with the name");
    }

    async fn digits_are_a_siret_or_a_siren(app) {
        filled(&app).await;
        assert_eq!(names(&app, "732 829 320 00074", "").await, ["BOULANGERIE DURAND"]);
        let group = found(&app, "920 000 015", "").await;
        assert_eq!(group.len(), 7);
        assert!(group[0].record.head && group[1..].iter().all(|f| !f.record.head), "the head office first");
        assert_eq!(names(&app, "00000000000000", "").await.len(), 0);
    }

    async fn results_come_in_pages_of_ten_without_repeats(app) {
        let folder = tempfile::tempdir().unwrap();
        let file = stock::write_establishments(&folder, 137);
        run(&app, Kind::Establishments, &file).await;
        let query = Query::parse("enseigne commune", "").unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for page in 0..10 {
            let page = search(&mut app.app.db.read().await.unwrap(), &query, page).await.unwrap();
            assert_eq!((page.found.len(), page.total, page.cut), (10, 100, true));
            seen.extend(page.found.into_iter().map(|f| f.record.siret));
        }
        assert_eq!(seen.len(), 100);
        let past = search(&mut app.app.db.read().await.unwrap(), &query, usize::MAX).await.unwrap();
        assert!(past.found.is_empty());
    }

    async fn a_person_who_keeps_their_name_hidden_is_found_by_number_only(app) {
        filled(&app).await;
        let hidden = record(&app, "94000002900014").await.unwrap();
        let french = guichet::base::texts::Texts::new(guichet::base::texts::Locale::Fr);
        assert!(hidden.partial);
        assert_eq!((hidden.label(french).as_str(), hidden.address()), ("Nom inconnu", vec!["35000 RENNES".to_owned()]));
        let rennes = names(&app, "rennes", "").await;
        assert!(!rennes.is_empty() && rennes.iter().all(|n| !n.is_empty()), "{rennes:?}");
        let sign = record(&app, "94000001100012").await.unwrap();
        assert_eq!(sign.label(french), "JEANNE ROY (PETIT) - JEANNE COIFFURE");
    }

    async fn a_siret_is_judged_by_its_digits_then_by_the_register(app) {
        filled(&app).await;
        for good in ["73282932000074", "732 829 320 00074", "35600000000048", "35600000049837", "21750001600019", "11009001600053"] {
            assert!(admit(&app, good).await.is_ok(), "{good}");
        }
        assert_eq!(admit(&app, "88974287600009").await.unwrap().name, "ATELIER DU PONT ROUGE", "a wrong check digit, and registered so");
        for bad in ["", "7328293200007", "732829320000741", "7328293200007a"] {
            assert_eq!(admit(&app, bad).await, Err(Refusal::Format), "{bad}");
        }
        for typo in ["73282932000075", "35600000049838"] {
            assert_eq!(admit(&app, typo).await, Err(Refusal::Check), "{typo}");
        }
        assert_eq!(admit(&app, "13002526500013").await, Err(Refusal::Unknown));
    }

    async fn a_closed_establishment_is_refused_and_its_successor_offered(app) {
        filled(&app).await;
        let Err(Refusal::Closed { since, successor }) = admit(&app, "93000001300019").await else { panic!("taken") };
        let successor = successor.unwrap();
        assert_eq!((since.as_deref(), successor.siret.as_str()), (Some("2024-06-30"), "93000002100012"));
        assert!(successor.head_transfer && successor.continuity);
        let Err(Refusal::Closed { successor, .. }) = admit(&app, "93000003900014").await else { panic!("taken") };
        assert_eq!(successor.unwrap().siret.as_str(), "93000003900030", "through the one in between, closed since");
        let Err(Refusal::Closed { since, successor }) = admit(&app, "93000004700017").await else { panic!("taken") };
        assert_eq!((since.as_deref(), successor), (Some("2019-12-31"), None));
    }

    async fn successions_in_a_circle_end(app) {
        filled(&app).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("links.csv");
        let line = "93000003900022,93000003900014,2021-01-01,false,true";
        std::fs::write(&file, format!("siretEtablissementPredecesseur,siretEtablissementSuccesseur,dateLienSuccession,transfertSiege,continuiteEconomique\n{line}\n")).unwrap();
        run(&app, Kind::Successions, &file).await;
        let last = register::successor(&mut app.app.db.read().await.unwrap(), &siret("93000003900014")).await.unwrap().unwrap();
        assert_eq!(last.siret.as_str(), "93000003900022", "the last one that is no repeat");
    }
}
