//! Import of INSEE's stock files: units, establishments, successions (french-domain §7.2).
//!
//! A thread reads lines, a bounded number ahead; each batch is one transaction, which also says how far the file was read. An
//! interrupted import goes on from there; one that ended can be done again, and writes what has changed only. A line that
//! cannot be read is left out, counted, and told with its number.

mod lines;
mod rows;
pub mod store;

use std::collections::HashMap;
use std::path::Path;

use serde::Serialize;

use super::Record;
use crate::audit::{self, Event, Kind as EventKind};
use crate::base::{Ctx, Timestamp};
use crate::db::{self, Db, Tx};
pub use lines::Unreadable;
use lines::{Batch, Start};
pub use rows::{Establishment, Link, Unit, clean};
use store::Reached;

/// Lines written in one transaction.
pub const BATCH: usize = 2_000;
/// Refused lines that are kept for `guichet register status`.
pub const FAULTS_KEPT: u64 = 1_000;

/// The three files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `StockUniteLegale`.
    Units,
    /// `StockEtablissement`.
    Establishments,
    /// `StockEtablissementLiensSuccession`.
    Successions,
}

impl Kind {
    /// Every kind, in the order that spares most work.
    pub const ALL: [Self; 3] = [Self::Units, Self::Establishments, Self::Successions];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Establishments => "establishments",
            Self::Successions => "successions",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// How an import stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// Which file.
    pub kind: Kind,
    /// Its name.
    pub file: String,
    /// Line the next batch begins with.
    pub line: u64,
    /// Bytes read, of the file unpacked.
    pub bytes: u64,
    /// What became of the lines so far.
    #[serde(flatten)]
    pub counts: Counts,
    /// When it began.
    pub started_at: Timestamp,
    /// When it last got on.
    pub updated_at: Timestamp,
    /// When it ended; none while it runs, or was interrupted.
    pub finished_at: Option<Timestamp>,
}

/// What became of lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// New rows.
    pub created: u64,
    /// Rows that said something else.
    pub changed: u64,
    /// Rows that said the same.
    pub unchanged: u64,
    /// Lines left out.
    pub refused: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.created += other.created;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.refused += other.refused;
    }
}

/// A line left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Line of the file, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

/// What an import says while it runs.
#[derive(Debug)]
pub enum Said<'a> {
    /// It goes on where it was interrupted, at this line.
    Resumed(u64),
    /// A line is left out.
    Refused(&'a Fault),
    /// So many lines were read.
    Read(u64),
}

/// Why an import stops.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Another import of the same kind of file is at work.
    #[error("another import of {} is at work", .0.name())]
    Concurrent(Kind),
    /// The store.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Imports one file. With `dry_run`, says what would become of it and writes nothing.
pub async fn import(db: &Db, ctx: &Ctx, kind: Kind, file: &Path, dry_run: bool, mut say: impl FnMut(Said<'_>)) -> Result<Counts, Error> {
    lines::check(kind, file)?;
    let fingerprint = lines::fingerprint(file)?;
    let reached = if dry_run { None } else { begin(db, ctx, kind, file, &fingerprint).await? };
    let start = reached.as_ref().map(|r| Start { bytes: r.bytes, line: r.line });
    if let Some(at) = start {
        say(Said::Resumed(at.line));
    }
    let mut at = reached.unwrap_or_default();
    let mut batches = lines::read(kind, file, start, BATCH)?;
    while let Some(batch) = batches.recv().await {
        let batch = batch?;
        batch.faults.iter().for_each(|f| say(Said::Refused(f)));
        let counts = if dry_run {
            foresee(db, &batch).await?
        } else {
            let next = Reached { bytes: batch.end.bytes, line: batch.end.line, counts: at.counts };
            write(db, ctx, kind, &fingerprint, &at, next, &batch).await?
        };
        at.counts.add(counts);
        (at.bytes, at.line) = (batch.end.bytes, batch.end.line);
        say(Said::Read(at.line.saturating_sub(1)));
    }
    if !dry_run {
        finish(db, ctx, kind, &fingerprint, &at).await?;
    }
    Ok(at.counts)
}

/// Where to go on: after what an interrupted import of the same file wrote, otherwise at the beginning.
async fn begin(db: &Db, ctx: &Ctx, kind: Kind, file: &Path, fingerprint: &str) -> Result<Option<Reached>, Error> {
    let mut tx = db.begin().await?;
    let reached = store::unfinished(&mut tx, kind, fingerprint).await?;
    if reached.is_none() {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        store::start(&mut tx, kind, &name, fingerprint, ctx.now()).await?;
    }
    tx.commit().await?;
    Ok(reached.filter(|r| r.line > 0))
}

async fn finish(db: &Db, ctx: &Ctx, kind: Kind, fingerprint: &str, at: &Reached) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    if !store::finish(&mut tx, kind, fingerprint, ctx.now()).await? {
        return Err(Error::Concurrent(kind));
    }
    let c = at.counts;
    let event = Event::new(EventKind::Applied).with("what", "register").with("file", kind.name());
    let event = event.with("created", c.created).with("changed", c.changed).with("refused", c.refused);
    audit::append(&mut tx, ctx, event).await?;
    tx.commit().await?;
    store::settle(db).await?;
    Ok(())
}

/// Writes a batch whole or not at all.
async fn write(db: &Db, ctx: &Ctx, kind: Kind, fingerprint: &str, at: &Reached, mut next: Reached, batch: &Batch) -> Result<Counts, Error> {
    let mut tx = db.begin().await?;
    let now = ctx.now();
    let mut counts = put_units(&mut tx, &batch.units, now).await?;
    counts.add(put_establishments(&mut tx, &batch.establishments, super::Source::Stock, now).await?);
    counts.add(store::put_links(&mut tx, &batch.links).await?);
    counts.refused = u64::try_from(batch.faults.len()).unwrap_or(u64::MAX);
    store::put_faults(&mut tx, kind, &batch.faults, at.counts.refused).await?;
    next.counts.add(counts);
    if !store::advance(&mut tx, kind, fingerprint, at, &next, now).await? {
        return Err(Error::Concurrent(kind));
    }
    tx.commit().await?;
    Ok(counts)
}

/// What would become of a batch.
async fn foresee(db: &Db, batch: &Batch) -> Result<Counts, Error> {
    let mut read = db.read().await?;
    let units = store::unit_marks(&mut read, &batch.units.iter().map(|u| u.siren.clone()).collect::<Vec<_>>()).await?;
    let (_, mut counts) = sorted(&batch.units, |u| units.get(&u.siren).map(|m| *m == u.mark()));
    let sirets: Vec<String> = batch.establishments.iter().map(|e| e.siret.clone()).collect();
    let known = store::establishment_marks(&mut read, &sirets).await?;
    counts.add(sorted(&batch.establishments, |e| known.get(&e.siret).map(|k| k.mark == e.mark())).1);
    counts.add(Counts { created: u64::try_from(batch.links.len()).unwrap_or(u64::MAX), ..Counts::default() });
    counts.refused = u64::try_from(batch.faults.len()).unwrap_or(u64::MAX);
    Ok(counts)
}

/// Those to write, and how many are of each kind; `same` says of a row that it is known, and whether it says the same.
fn sorted<T>(rows: &[T], same: impl Fn(&T) -> Option<bool>) -> (Vec<&T>, Counts) {
    let mut counts = Counts::default();
    let mut to_write = Vec::with_capacity(rows.len());
    for row in rows {
        match same(row) {
            Some(true) => counts.unchanged += 1,
            Some(false) => {
                counts.changed += 1;
                to_write.push(row);
            }
            None => {
                counts.created += 1;
                to_write.push(row);
            }
        }
    }
    (to_write, counts)
}

/// The last row of each key: a statement may write a row once.
fn last_of_each<T: Clone>(rows: &[T], key: impl Fn(&T) -> &str) -> Vec<T> {
    let last: HashMap<&str, usize> = rows.iter().enumerate().map(|(i, row)| (key(row), i)).collect();
    rows.iter().enumerate().filter(|(i, row)| last.get(key(row)) == Some(i)).map(|(_, row)| row.clone()).collect()
}

/// Writes units, and what their establishments repeat of them.
pub async fn put_units(tx: &mut Tx, units: &[Unit], now: Timestamp) -> db::Result<Counts> {
    let units = last_of_each(units, |u| &u.siren);
    let known = store::unit_marks(tx, &units.iter().map(|u| u.siren.clone()).collect::<Vec<_>>()).await?;
    let (changed, counts) = sorted(&units, |u| known.get(&u.siren).map(|m| *m == u.mark()));
    store::put_units(tx, &changed).await?;
    // Most of the time there is none: units come first.
    if !changed.is_empty() && super::store::is_there(tx).await? {
        for unit in changed {
            rename(tx, unit, now).await?;
        }
    }
    Ok(counts)
}

/// The establishments of a unit repeat its name.
async fn rename(tx: &mut Tx, unit: &Unit, now: Timestamp) -> db::Result<()> {
    let mut after = String::new();
    loop {
        let some = store::establishments_of(tx, &unit.siren, &after, BATCH).await?;
        let Some(last) = some.last() else { return Ok(()) };
        after = last.0.siret.as_str().to_owned();
        let rows: Vec<store::Put> = some
            .into_iter()
            .map(|(mut record, mark)| {
                let before = Some(record.standing());
                unit.name_in(&mut record);
                record.fetched_at = now;
                store::Put { record, mark, unit_mark: unit.mark(), before }
            })
            .collect();
        store::put_establishments(tx, &rows).await?;
    }
}

/// Writes establishments, with the names of their units.
pub async fn put_establishments(tx: &mut Tx, rows: &[Establishment], source: super::Source, now: Timestamp) -> db::Result<Counts> {
    let rows = last_of_each(rows, |e| &e.siret);
    let mut sirens: Vec<String> = rows.iter().map(|e| e.siren().to_owned()).collect();
    sirens.dedup();
    let units = store::units(tx, &sirens).await?;
    let known = store::establishment_marks(tx, &rows.iter().map(|e| e.siret.clone()).collect::<Vec<_>>()).await?;
    let unit_mark = |e: &Establishment| units.get(e.siren()).map_or(0, Unit::mark);
    let (changed, counts) = sorted(&rows, |e| known.get(&e.siret).map(|k| k.mark == e.mark() && k.unit_mark == unit_mark(e)));
    let mut puts = Vec::with_capacity(changed.len());
    for row in changed {
        let Some(mut record) = row.record(source, now) else { continue };
        if let Some(unit) = units.get(row.siren()) {
            unit.name_in(&mut record);
        }
        let before = known.get(&row.siret).map(|k| k.standing);
        puts.push(store::Put { record, mark: row.mark(), unit_mark: unit_mark(row), before });
    }
    store::put_establishments(tx, &puts).await?;
    Ok(counts)
}

/// Writes what somebody else than a file says of one establishment, its unit included.
pub async fn put_live(tx: &mut Tx, unit: &Unit, establishments: &[Establishment], now: Timestamp) -> db::Result<()> {
    put_units(tx, std::slice::from_ref(unit), now).await?;
    put_establishments(tx, establishments, super::Source::Live, now).await.map(drop)
}

/// Whether a record is worth finding by name: not when its person keeps its name hidden.
pub(super) fn is_findable(record: &Record) -> bool {
    !(record.partial && record.name.is_empty())
}
