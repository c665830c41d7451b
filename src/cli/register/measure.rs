//! `guichet register measure`: how long searches take here, on what was imported.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::app::App;
use crate::base::rng;
use crate::cli::out::{Failure, Out, table};
use crate::db::Read;
use crate::org::register::{self, Query, Record, fold, store};

/// A kind of search, and how to make one of an establishment: what is typed, and the place.
type Shape = (&'static str, fn(&Record) -> (String, String));

const SHAPES: &[Shape] = &[
    ("SIRET", |r| (r.siret.to_string(), String::new())),
    ("SIREN", |r| (r.siret.siren().to_owned(), String::new())),
    ("whole name", |r| (r.name.clone(), String::new())),
    ("name, last word begun", |r| (begun(&r.name), String::new())),
    ("name and commune", |r| (r.name.clone(), r.commune.clone())),
    ("one word", |r| (fold::words(&r.name).into_iter().next().unwrap_or_default(), String::new())),
    ("one word and postcode", |r| (fold::words(&r.name).into_iter().next().unwrap_or_default(), r.postcode.clone())),
    ("three letters", |r| (fold::phrase(&r.name).chars().filter(|c| *c != ' ').take(3).collect(), String::new())),
    ("two words that never meet", |r| {
        (format!("{} introuvable", fold::words(&r.name).into_iter().next().unwrap_or_default()), String::new())
    }),
];

/// A name typed as far as the third letter of its last word.
fn begun(name: &str) -> String {
    let mut words = fold::words(name);
    if let Some(last) = words.last_mut() {
        *last = last.chars().take(3).collect();
    }
    words.join(" ")
}

pub async fn run(out: Out, app: &App, searches: u32) -> Result<(), Failure> {
    let mut read = app.db.read().await?;
    if !register::is_there(&mut read).await? {
        return Err(Failure::Refused("the register is empty\n  → guichet register import".to_owned()));
    }
    let mut all: Vec<(&str, Vec<Duration>)> = SHAPES.iter().map(|(name, _)| (*name, Vec::new())).collect();
    for _ in 0..searches {
        let drawn = draw(app, &mut read).await?;
        for ((_, shape), (_, times)) in SHAPES.iter().zip(&mut all) {
            let (typed, place) = shape(&drawn);
            let Ok(query) = Query::parse(&typed, &place) else { continue };
            #[allow(clippy::disallowed_methods)] // a measure, of which nothing depends
            let began = Instant::now();
            register::search(&mut read, &query, 0).await?;
            times.push(began.elapsed());
        }
    }
    let every = all.iter().flat_map(|(_, t)| t.iter().copied()).collect();
    all.push(("all", every));
    all.iter_mut().for_each(|(_, times)| times.sort_unstable());
    let ms = |times: &[Duration], share: usize| {
        let at = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times.get(at).map_or(0.0, |d| d.as_secs_f64() * 1_000.0)
    };
    let shown: Vec<_> = all
        .iter()
        .map(|(name, t)| json!({ "search": name, "count": t.len(), "p50_ms": ms(t, 50), "p99_ms": ms(t, 99), "max_ms": ms(t, 100) }))
        .collect();
    out.data(&shown, || {
        let row = |(name, t): &(&str, Vec<Duration>)| {
            let figures = [50, 99, 100].map(|share| format!("{:.1}", ms(t, share)));
            std::iter::once((*name).to_owned()).chain(figures).collect::<Vec<_>>()
        };
        table(&["SEARCH", "P50 MS", "P99 MS", "MAX MS"], &all.iter().map(row).collect::<Vec<_>>())
    });
    Ok(())
}

/// Some establishment whose name is known.
async fn draw(app: &App, read: &mut Read) -> Result<Record, Failure> {
    for _ in 0..1_000 {
        let number = u64::from_be_bytes(rng::bytes(app.rng.as_ref())) % 100_000_000_000_000;
        if let Some(record) = store::from(read, &format!("{number:014}")).await?
            && !record.name.is_empty()
        {
            return Ok(record);
        }
    }
    Err(Failure::Refused("no establishment of the register has a name: import the units".to_owned()))
}
