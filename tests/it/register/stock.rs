//! Imports of stock files: broken, repeated, interrupted, changed, zipped.

use std::io::Write;
use std::path::PathBuf;

use guichet::base::Actor;
use guichet::org::register::stock::{self, BATCH, Counts, Error, Kind, Said, import};

use super::{demo, filled, found, names, record, run, siret};

fn counts(created: u64, changed: u64, unchanged: u64, refused: u64) -> Counts {
    Counts { created, changed, unchanged, refused }
}

/// A SIRET of nobody.
fn number(n: usize) -> String {
    format!("{:09}00017", 500_000_000 + n)
}

/// So many establishments « ENSEIGNE COMMUNE n ».
pub fn write_establishments(folder: &tempfile::TempDir, how_many: usize) -> PathBuf {
    write_named(folder, how_many, |n| format!("ENSEIGNE COMMUNE {n}"))
}

/// So many establishments at 58000, each with the sign of its number.
pub fn write_named(folder: &tempfile::TempDir, how_many: usize, sign: impl Fn(usize) -> String) -> PathBuf {
    let mut text = String::from("siret,etablissementSiege,etatAdministratifEtablissement,enseigne1Etablissement,codePostalEtablissement\n");
    for n in 0..how_many {
        text.push_str(&format!("{},true,A,{},58000\n", number(n), sign(n)));
    }
    let file = folder.path().join(format!("etablissements-{how_many}.csv"));
    std::fs::write(&file, text).unwrap();
    file
}

fn zipped(folder: &tempfile::TempDir, file: &std::path::Path) -> PathBuf {
    let to = folder.path().join("stock.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&to).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("Stock_utf8.csv", options).unwrap();
    archive.write_all(&std::fs::read(file).unwrap()).unwrap();
    archive.finish().unwrap();
    to
}

on_both! {
    async fn a_file_imported_again_changes_nothing_and_a_new_one_what_has_changed(app) {
        filled(&app).await;
        let lines = |kind| std::fs::read_to_string(demo(kind)).unwrap().lines().count() as u64 - 1;
        for kind in Kind::ALL {
            assert_eq!(run(&app, kind, &demo(kind)).await.0, counts(0, 0, lines(kind), 0), "{kind:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("next.csv");
        let text = std::fs::read_to_string(demo(Kind::Units)).unwrap();
        std::fs::write(&file, text.replace("BOULANGERIE DURAND,", "MAISON DURAND,")).unwrap();
        assert_eq!(run(&app, Kind::Units, &file).await.0, counts(0, 1, lines(Kind::Units) - 1, 0));
        assert_eq!(names(&app, "maison durand", "").await, ["MAISON DURAND", "MAISON DURAND"], "its establishments follow");
        assert_eq!(names(&app, "boulangerie durand", "").await, ["BOULANGERIE DURAND ET FILS"], "the old name is forgotten");
        assert_eq!(run(&app, Kind::Establishments, &demo(Kind::Establishments)).await.0.changed, 0, "nothing of theirs has changed");

        let file = folder.path().join("closed.csv");
        let text = std::fs::read_to_string(demo(Kind::Establishments)).unwrap();
        let open = text.lines().find(|l| l.contains("73282932000074")).unwrap();
        let closed = open.replace("2001-03-01,A,", "2026-10-01,F,");
        assert_ne!(open, closed);
        std::fs::write(&file, text.replace(open, &closed)).unwrap();
        assert_eq!(run(&app, Kind::Establishments, &file).await.0, counts(0, 1, lines(Kind::Establishments) - 1, 0));
        let order: Vec<_> = found(&app, "maison durand", "").await.into_iter().map(|f| (f.record.siret, f.record.open)).collect();
        assert_eq!(order, [(siret("73282932000082"), true), (siret("73282932000074"), false)], "closed ones last, and once");
        assert_eq!(record(&app, "73282932000074").await.unwrap().closed_on.as_deref(), Some("2026-10-01"));
    }

    async fn the_order_of_the_files_and_of_the_columns_does_not_matter(app) {
        for kind in [Kind::Successions, Kind::Establishments, Kind::Units] {
            run(&app, kind, &demo(kind)).await;
        }
        assert_eq!(names(&app, "sncff", "").await, ["SERVICE NATIONAL DES CHEMINS FORESTIERS"]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("turned.csv");
        std::fs::write(&file, "\u{feff}inconnue;etatAdministratifEtablissement;siret;etablissementSiege;enseigne1Etablissement\r\nx;A;50000000000017;true;\"A; \"\"B\"\"\"\r\n").unwrap();
        assert_eq!(run(&app, Kind::Establishments, &file).await, (counts(1, 0, 0, 0), vec![]));
        assert_eq!(record(&app, "50000000000017").await.unwrap().sign, "A; \"B\"");
    }

    async fn broken_lines_are_told_with_their_number_and_left_out(app) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("broken.csv");
        let mut bytes = b"siret,etablissementSiege,etatAdministratifEtablissement,dateDebut,enseigne1Etablissement\n".to_vec();
        for line in [
            b"50000000000017,true,A,2020-01-01,GOOD ONE".as_slice(),
            b"5000000010001,true,A,,SHORT",
            b"50000000200017,maybe,A,,NEITHER",
            b"50000000300017,true,Q,,STATE",
            b"50000000400017,true,F,2020-13-45,DAY",
            b"50000000500017,true,A,,\"NEVER CLOSED",
            b"50000000600017,true,A,,L\xe9v\xeaque",
            b"50000000700017,true",
            b"",
            b"50000000800017,true,A,,GOOD TWO",
        ] {
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(&b"9".repeat(200_000));
        bytes.extend_from_slice(b"\n50000000900017,false,A,,GOOD THREE");
        std::fs::write(&file, bytes).unwrap();
        let (done, refused) = run(&app, Kind::Establishments, &file).await;
        assert_eq!(done, counts(3, 0, 0, 8), "{refused:?}");
        for (line, why) in [(3, "fourteen digits"), (4, "true or false"), (5, "expected A or F"), (6, "not a date"), (7, "quote"), (8, "UTF-8"), (9, "2 fields, 5 expected"), (12, "longer than")] {
            assert!(refused.iter().any(|r| r.starts_with(&format!("{line}: ")) && r.contains(why)), "{line} {why}: {refused:?}");
        }
        let mut read = app.app.db.read().await.unwrap();
        assert_eq!(stock::store::faults(&mut read, Kind::Establishments, 3).await.unwrap().len(), 3, "kept for later");
        assert_eq!(names(&app, "good", "").await.len(), 3);
        // A file with every line broken keeps a thousand of them.
        std::fs::write(&file, format!("siret,etablissementSiege,etatAdministratifEtablissement\n{}", "x,true,A\n".repeat(2_500))).unwrap();
        assert_eq!(run(&app, Kind::Establishments, &file).await.0, counts(0, 0, 0, 2_500));
        assert_eq!(app.count("SELECT COUNT(*) FROM register_import_fault").await, 1_000);
    }

    async fn a_file_that_is_none_of_the_three_is_refused_before_anything_is_written(app) {
        let folder = tempfile::tempdir().unwrap();
        let ctx = app.app.ctx(Actor::Operator);
        for (text, said) in [
            ("", "no column siret"),
            ("siren,denominationUniteLegale,etatAdministratifUniteLegale\n", "the file of units"),
            ("\u{feff}a;b;c\n1;2;3\n", "stock file of INSEE"),
            ("siret,etablissementSiege,etatAdministratifEtablisement\n", "there is etatAdministratifEtablisement"),
        ] {
            let file = folder.path().join("other.csv");
            std::fs::write(&file, text).unwrap();
            let refused = import(&app.app.db, &ctx, Kind::Establishments, &file, false, |_| ()).await.unwrap_err().to_string();
            assert!(refused.contains(said), "{text}: {refused}");
        }
        let absent = import(&app.app.db, &ctx, Kind::Units, &folder.path().join("absent.csv"), false, |_| ()).await.unwrap_err();
        assert!(matches!(absent, Error::Unreadable(e) if e.absent));
        assert_eq!(app.count("SELECT COUNT(*) FROM register_import").await, 0);
    }

    async fn an_interrupted_import_goes_on_where_it_was(app) {
        let folder = tempfile::tempdir().unwrap();
        let plain = write_establishments(&folder, 3 * BATCH + 10);
        let ctx = app.app.ctx(Actor::Operator);
        for file in [plain.clone(), zipped(&folder, &plain)] {
            // Whoever runs it goes away once the first batch is in.
            let (tell, told) = tokio::sync::oneshot::channel();
            let (gone, wait) = std::sync::mpsc::channel::<()>();
            let mut tell = Some(tell);
            let (db, by, path) = (app.app.db.clone(), ctx.clone(), file.clone());
            let first = tokio::spawn(async move {
                let seen = move |said: Said<'_>| {
                    if matches!(said, Said::Read(_)) && let Some(tell) = tell.take() {
                        let _ = tell.send(());
                        let _ = wait.recv_timeout(std::time::Duration::from_secs(20));
                    }
                };
                import(&db, &by, Kind::Establishments, &path, false, seen).await.map(drop)
            });
            told.await.unwrap();
            first.abort();
            drop(gone);
            assert!(first.await.is_err_and(|e| e.is_cancelled()), "it was interrupted");
            let state = stock::store::states(&mut app.app.db.read().await.unwrap()).await.unwrap();
            assert!(state[0].finished_at.is_none() && state[0].line > BATCH as u64, "{state:?}");

            let mut resumed = None;
            let seen = |said: Said<'_>| if let Said::Resumed(line) = said { resumed = Some(line) };
            let done = import(&app.app.db, &ctx, Kind::Establishments, &file, false, seen).await.unwrap();
            assert_eq!(resumed, Some(state[0].line));
            assert_eq!(done.created + done.unchanged, 3 * BATCH as u64 + 10, "{done:?}");
            assert_eq!(done.refused, 0);
            let (all,) = (app.count("SELECT COUNT(*) FROM register_establishment").await,);
            assert_eq!(all, 3 * BATCH as i64 + 10);
            let ended = stock::store::states(&mut app.app.db.read().await.unwrap()).await.unwrap();
            assert!(ended[0].finished_at.is_some());
        }
        assert_eq!(found(&app, &number(3 * BATCH + 9), "").await.len(), 1, "the last line is there");
        assert_eq!(app.audit().await.iter().filter(|k| *k == "declaration.applied").count(), 3, "each import that ended is in the trail");
    }

    async fn a_dry_run_says_what_would_change_and_writes_nothing(app) {
        let ctx = app.app.ctx(Actor::Operator);
        let dry = import(&app.app.db, &ctx, Kind::Units, &demo(Kind::Units), true, |_| ()).await.unwrap();
        assert!(dry.created > 30 && dry.refused == 0);
        assert_eq!(app.count("SELECT COUNT(*) FROM register_unit").await, 0);
        assert_eq!(app.count("SELECT COUNT(*) FROM register_import").await, 0);
        filled(&app).await;
        let dry = import(&app.app.db, &ctx, Kind::Establishments, &demo(Kind::Establishments), true, |_| ()).await.unwrap();
        assert_eq!((dry.created, dry.changed), (0, 0));
    }
}
