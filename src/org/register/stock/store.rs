//! The register in the database: writing, in numbers.
//!
//! PostgreSQL is sent a batch in one statement, as arrays; SQLite, which is in the same process, a row at a time.

use std::collections::{BTreeSet, HashMap};

use super::rows::{Link, Unit};
use super::{Counts, FAULTS_KEPT, Fault, Kind, State, is_findable};
use crate::base::{Siret, Timestamp};
use crate::db::{Conn, Db, Dialect, Error, Handle, Result, Tx};
use crate::org::register::store::index_id;
use crate::org::register::{Record, Source, query};
use crate::sql;

const UNIT: &str = "SELECT siren, name, usual_name, acronym, legal_category, activity, staff_band, association, state, diffusion \
     FROM register_unit WHERE siren = $1";
const UNIT_MARK: &str = "SELECT siren, mark FROM register_unit WHERE siren = $1";
const PUT_UNIT: &str = "INSERT INTO register_unit (siren, name, usual_name, acronym, legal_category, activity, staff_band, association, \
     state, diffusion, mark) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
     ON CONFLICT (siren) DO UPDATE SET name = excluded.name, usual_name = excluded.usual_name, acronym = excluded.acronym, \
     legal_category = excluded.legal_category, activity = excluded.activity, staff_band = excluded.staff_band, \
     association = excluded.association, state = excluded.state, diffusion = excluded.diffusion, mark = excluded.mark";
const ESTABLISHMENT_MARK: &str = "SELECT siret, standing, mark, unit_mark FROM register_establishment WHERE siret = $1";
const OF_UNIT_AFTER: &str = "SELECT siret, sign, own_name, complement, street, postcode, commune, commune_code, activity, is_head, state, \
     closed_on, diffusion, source, mark FROM register_establishment WHERE siren = $1 AND siret > $2 ORDER BY siret LIMIT $3";
const PUT_ESTABLISHMENT: &str = "INSERT INTO register_establishment (siret, siren, name, usual_name, acronym, legal_category, staff_band, \
     sign, own_name, complement, street, postcode, commune, commune_code, activity, is_head, state, closed_on, diffusion, standing, \
     source, mark, unit_mark, fetched_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) \
     ON CONFLICT (siret) DO UPDATE SET name = excluded.name, usual_name = excluded.usual_name, acronym = excluded.acronym, \
     legal_category = excluded.legal_category, staff_band = excluded.staff_band, sign = excluded.sign, own_name = excluded.own_name, \
     complement = excluded.complement, street = excluded.street, postcode = excluded.postcode, commune = excluded.commune, \
     commune_code = excluded.commune_code, activity = excluded.activity, is_head = excluded.is_head, state = excluded.state, \
     closed_on = excluded.closed_on, diffusion = excluded.diffusion, standing = excluded.standing, source = excluded.source, \
     mark = excluded.mark, unit_mark = excluded.unit_mark, fetched_at = excluded.fetched_at";
const PUT_LINK: &str = "INSERT INTO register_succession (from_siret, to_siret, happened_on, head_transfer, continuity) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (from_siret, happened_on, to_siret) DO UPDATE SET head_transfer = excluded.head_transfer, \
     continuity = excluded.continuity WHERE register_succession.head_transfer <> excluded.head_transfer \
     OR register_succession.continuity <> excluded.continuity";
const STATES: &str = "SELECT kind, file, line, bytes, created, changed, unchanged, refused, started_at, updated_at, finished_at \
     FROM register_import ORDER BY kind LIMIT 3";
const UNFINISHED: &str = "SELECT bytes, line, created, changed, unchanged, refused FROM register_import \
     WHERE kind = $1 AND fingerprint = $2 AND finished_at IS NULL";
const START: &str = "INSERT INTO register_import (kind, file, fingerprint, bytes, line, created, changed, unchanged, refused, started_at, \
     updated_at) VALUES ($1, $2, $3, 0, 0, 0, 0, 0, 0, $4, $4) ON CONFLICT (kind) DO UPDATE SET file = excluded.file, \
     fingerprint = excluded.fingerprint, bytes = 0, line = 0, created = 0, changed = 0, unchanged = 0, refused = 0, \
     started_at = excluded.started_at, updated_at = excluded.updated_at, finished_at = NULL";
const FORGET_FAULTS: &str = "DELETE FROM register_import_fault WHERE kind = $1";
const PUT_FAULT: &str = "INSERT INTO register_import_fault (kind, line, why) VALUES ($1, $2, $3) ON CONFLICT (kind, line) DO NOTHING";
const FAULTS: &str = "SELECT line, why FROM register_import_fault WHERE kind = $1 ORDER BY line LIMIT $2";
const ADVANCE: &str = "UPDATE register_import SET bytes = $3, line = $4, created = $5, changed = $6, unchanged = $7, refused = $8, \
     updated_at = $9 WHERE kind = $1 AND fingerprint = $2 AND bytes = $10 AND finished_at IS NULL";
const FINISH: &str = "UPDATE register_import SET finished_at = $3, updated_at = $3 \
     WHERE kind = $1 AND fingerprint = $2 AND finished_at IS NULL";

/// Every statement that both engines know.
pub const ALL: &[&str] = &[
    UNIT,
    UNIT_MARK,
    PUT_UNIT,
    ESTABLISHMENT_MARK,
    OF_UNIT_AFTER,
    PUT_ESTABLISHMENT,
    PUT_LINK,
    STATES,
    UNFINISHED,
    START,
    FORGET_FAULTS,
    PUT_FAULT,
    FAULTS,
    ADVANCE,
    FINISH,
];

const INDEX_SQLITE: &str = "INSERT INTO register_index (rowid, words) VALUES ($1, $2)";
const PUT_WORD_SQLITE: &str = "INSERT INTO register_word (word) VALUES ($1) ON CONFLICT (word) DO NOTHING";
const UNINDEX_SQLITE: &str = "DELETE FROM register_index WHERE rowid = $1";
const MERGE_SQLITE: &str = "INSERT INTO register_index (register_index, rank) VALUES ('merge', $1)";

const CHANGES_SQLITE: &str = "SELECT total_changes()";

/// Statements of SQLite alone.
pub const SQLITE: &[&str] = &[INDEX_SQLITE, PUT_WORD_SQLITE, UNINDEX_SQLITE, MERGE_SQLITE, CHANGES_SQLITE];

const UNITS_POSTGRES: &str = "SELECT siren, name, usual_name, acronym, legal_category, activity, staff_band, association, state, diffusion \
     FROM register_unit WHERE siren = ANY($1)";
const UNIT_MARKS_POSTGRES: &str = "SELECT siren, mark FROM register_unit WHERE siren = ANY($1)";
const PUT_UNITS_POSTGRES: &str = "INSERT INTO register_unit (siren, name, usual_name, acronym, legal_category, activity, staff_band, \
     association, state, diffusion, mark) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], \
     $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[]) \
     ON CONFLICT (siren) DO UPDATE SET name = excluded.name, usual_name = excluded.usual_name, acronym = excluded.acronym, \
     legal_category = excluded.legal_category, activity = excluded.activity, staff_band = excluded.staff_band, \
     association = excluded.association, state = excluded.state, diffusion = excluded.diffusion, mark = excluded.mark";
const ESTABLISHMENT_MARKS_POSTGRES: &str = "SELECT siret, standing, mark, unit_mark FROM register_establishment WHERE siret = ANY($1)";
const PUT_ESTABLISHMENTS_POSTGRES: &str = "INSERT INTO register_establishment (siret, siren, name, usual_name, acronym, legal_category, \
     staff_band, sign, own_name, complement, street, postcode, commune, commune_code, activity, is_head, state, closed_on, diffusion, \
     standing, source, mark, unit_mark, fetched_at) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], \
     $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], \
     $16::boolean[], $17::text[], $18::text[], $19::text[], $20::bigint[], $21::text[], $22::bigint[], $23::bigint[], $24::bigint[]) \
     ON CONFLICT (siret) DO UPDATE SET name = excluded.name, usual_name = excluded.usual_name, acronym = excluded.acronym, \
     legal_category = excluded.legal_category, staff_band = excluded.staff_band, sign = excluded.sign, own_name = excluded.own_name, \
     complement = excluded.complement, street = excluded.street, postcode = excluded.postcode, commune = excluded.commune, \
     commune_code = excluded.commune_code, activity = excluded.activity, is_head = excluded.is_head, state = excluded.state, \
     closed_on = excluded.closed_on, diffusion = excluded.diffusion, standing = excluded.standing, source = excluded.source, \
     mark = excluded.mark, unit_mark = excluded.unit_mark, fetched_at = excluded.fetched_at";
const INDEX_POSTGRES: &str = "INSERT INTO register_index (id, words) SELECT id, array_to_tsvector(string_to_array(words, ' ')) \
     FROM unnest($1::bigint[], $2::text[]) AS new (id, words) ON CONFLICT (id) DO UPDATE SET words = excluded.words";
const PUT_WORDS_POSTGRES: &str = "INSERT INTO register_word (word) SELECT * FROM unnest($1::text[]) ON CONFLICT (word) DO NOTHING";
const UNINDEX_POSTGRES: &str = "DELETE FROM register_index WHERE id = ANY($1)";
const SETTLE_POSTGRES: &str = "SELECT gin_clean_pending_list('register_index_heads') + gin_clean_pending_list('register_index_others') \
     + gin_clean_pending_list('register_index_closed')";

/// Statements of PostgreSQL alone.
pub const POSTGRES: &[&str] = &[
    UNITS_POSTGRES,
    UNIT_MARKS_POSTGRES,
    PUT_UNITS_POSTGRES,
    ESTABLISHMENT_MARKS_POSTGRES,
    PUT_ESTABLISHMENTS_POSTGRES,
    INDEX_POSTGRES,
    PUT_WORDS_POSTGRES,
    UNINDEX_POSTGRES,
    SETTLE_POSTGRES,
];

/// Rows by their keys, in the way of each engine.
macro_rules! by_keys {
    ($h:expr, $one:ident, $many:ident, $keys:expr, $row:ty) => {{
        let keys: &[String] = $keys;
        let found = match $h.conn().await? {
            Conn::Postgres(c) => sqlx::query_as::<_, $row>($many).bind(keys).fetch_all(c).await,
            Conn::Sqlite(c) => {
                let mut rows = Ok(Vec::with_capacity(keys.len()));
                for key in keys {
                    match (&mut rows, sqlx::query_as::<_, $row>($one).bind(key).fetch_optional(&mut *c).await) {
                        (Ok(rows), Ok(row)) => rows.extend(row),
                        (_, Err(e)) => {
                            rows = Err(e);
                            break;
                        }
                        (Err(_), Ok(_)) => break,
                    }
                }
                rows
            }
        };
        $h.rest(found)?
    }};
}

#[derive(sqlx::FromRow)]
struct UnitRow {
    siren: String,
    name: String,
    usual_name: String,
    acronym: String,
    legal_category: String,
    activity: String,
    staff_band: String,
    association: String,
    state: String,
    diffusion: String,
}

impl From<UnitRow> for Unit {
    fn from(r: UnitRow) -> Self {
        Self {
            siren: r.siren,
            name: r.name,
            usual_name: r.usual_name,
            acronym: r.acronym,
            legal_category: r.legal_category,
            activity: r.activity,
            staff_band: r.staff_band,
            association: r.association,
            state: r.state,
            diffusion: r.diffusion,
        }
    }
}

/// Units, by SIREN.
pub async fn units(h: &mut impl Handle, sirens: &[String]) -> Result<HashMap<String, Unit>> {
    let rows: Vec<UnitRow> = by_keys!(h, UNIT, UNITS_POSTGRES, sirens, UnitRow);
    Ok(rows.into_iter().map(|r| (r.siren.clone(), r.into())).collect())
}

/// Marks of the units that are there, by SIREN.
pub async fn unit_marks(h: &mut impl Handle, sirens: &[String]) -> Result<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = by_keys!(h, UNIT_MARK, UNIT_MARKS_POSTGRES, sirens, (String, i64));
    Ok(rows.into_iter().collect())
}

/// Writes units, each once.
pub async fn put_units(tx: &mut Tx, units: &[&Unit]) -> Result<()> {
    if tx.dialect() == Dialect::Sqlite {
        for u in units {
            let (name, usual) = (&u.name, &u.usual_name);
            sql!(tx, PUT_UNIT, &u.siren, name, usual, &u.acronym, &u.legal_category, &u.activity, &u.staff_band, &u.association,
                &u.state, &u.diffusion, u.mark(); exec)?;
        }
        return Ok(());
    }
    let column = |of: fn(&Unit) -> &String| units.iter().map(|u| of(u).clone()).collect::<Vec<_>>();
    let done = match tx.conn().await? {
        Conn::Sqlite(_) => return Ok(()),
        Conn::Postgres(c) => {
            let put = sqlx::query(PUT_UNITS_POSTGRES).bind(column(|u| &u.siren)).bind(column(|u| &u.name)).bind(column(|u| &u.usual_name));
            let put = put.bind(column(|u| &u.acronym)).bind(column(|u| &u.legal_category)).bind(column(|u| &u.activity));
            let put = put.bind(column(|u| &u.staff_band)).bind(column(|u| &u.association)).bind(column(|u| &u.state));
            put.bind(column(|u| &u.diffusion)).bind(units.iter().map(|u| u.mark()).collect::<Vec<_>>()).execute(c).await.map(drop)
        }
    };
    tx.rest(done)
}

/// What is known of an establishment before it is written.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Known {
    siret: String,
    /// Where it stands in the index.
    pub standing: i64,
    /// Of its own row.
    pub mark: i64,
    /// Of the unit it repeats.
    pub unit_mark: i64,
}

/// What is known of the establishments that are there, by SIRET.
pub async fn establishment_marks(h: &mut impl Handle, sirets: &[String]) -> Result<HashMap<String, Known>> {
    let rows: Vec<Known> = by_keys!(h, ESTABLISHMENT_MARK, ESTABLISHMENT_MARKS_POSTGRES, sirets, Known);
    Ok(rows.into_iter().map(|k| (k.siret.clone(), k)).collect())
}

#[derive(sqlx::FromRow)]
struct OwnRow {
    siret: String,
    sign: String,
    own_name: String,
    complement: String,
    street: String,
    postcode: String,
    commune: String,
    commune_code: String,
    activity: String,
    is_head: bool,
    state: String,
    closed_on: Option<String>,
    diffusion: String,
    source: String,
    mark: i64,
}

/// Establishments of a unit after one of them, with their marks; without what they repeat of the unit.
pub async fn establishments_of(h: &mut impl Handle, siren: &str, after: &str, most: usize) -> Result<Vec<(Record, i64)>> {
    let rows = sql!(h, OF_UNIT_AFTER, siren, after, i64::try_from(most).unwrap_or(i64::MAX); OwnRow; all)?;
    let read = |r: OwnRow| {
        let wrong = |column: &str| Error::inconsistent(format!("register_establishment.{column} of {}", r.siret));
        let record = Record {
            siret: Siret::unchecked(&r.siret).map_err(|_| wrong("siret"))?,
            source: Source::parse(&r.source).ok_or_else(|| wrong("source"))?,
            name: String::new(),
            usual_name: String::new(),
            acronym: String::new(),
            legal_category: String::new(),
            staff_band: String::new(),
            sign: r.sign,
            own_name: r.own_name,
            complement: r.complement,
            street: r.street,
            postcode: r.postcode,
            commune: r.commune,
            commune_code: r.commune_code,
            activity: r.activity,
            head: r.is_head,
            open: r.state == "A",
            closed_on: r.closed_on,
            partial: r.diffusion != "O",
            fetched_at: Timestamp::from_millis(0),
        };
        Ok((record, r.mark))
    };
    rows.into_iter().map(read).collect()
}

/// An establishment to write.
#[derive(Debug)]
pub struct Put {
    /// As it is kept.
    pub record: Record,
    /// Of its own row.
    pub mark: i64,
    /// Of its unit.
    pub unit_mark: i64,
    /// Where it stood in the index, if it was there.
    pub before: Option<i64>,
}

impl Put {
    fn state(&self) -> &'static str {
        if self.record.open { "A" } else { "F" }
    }

    fn diffusion(&self) -> &'static str {
        if self.record.partial { "P" } else { "O" }
    }

    fn siren(&self) -> &str {
        self.record.siret.siren()
    }
}

/// Writes establishments, each once, and their words.
pub async fn put_establishments(tx: &mut Tx, puts: &[Put]) -> Result<()> {
    match tx.dialect() {
        Dialect::Sqlite => {
            for p in puts {
                put_one(tx, p).await?;
            }
        }
        Dialect::Postgres => put_many(tx, puts).await?,
    }
    index(tx, puts).await
}

async fn put_one(tx: &mut Tx, p: &Put) -> Result<()> {
    let r = &p.record;
    sql!(tx, PUT_ESTABLISHMENT, r.siret.as_str(), p.siren(), &r.name, &r.usual_name, &r.acronym, &r.legal_category, &r.staff_band,
        &r.sign, &r.own_name, &r.complement, &r.street, &r.postcode, &r.commune, &r.commune_code, &r.activity, r.head, p.state(),
        r.closed_on.as_deref(), p.diffusion(), r.standing(), r.source.name(), p.mark, p.unit_mark, r.fetched_at.millis(); exec)?;
    Ok(())
}

async fn put_many(tx: &mut Tx, puts: &[Put]) -> Result<()> {
    let texts = |of: fn(&Put) -> &str| puts.iter().map(|p| of(p).to_owned()).collect::<Vec<String>>();
    let numbers = |of: fn(&Put) -> i64| puts.iter().map(of).collect::<Vec<i64>>();
    let done = match tx.conn().await? {
        Conn::Sqlite(_) => return Ok(()),
        Conn::Postgres(c) => {
            let put = sqlx::query(PUT_ESTABLISHMENTS_POSTGRES).bind(texts(|p| p.record.siret.as_str())).bind(texts(Put::siren));
            let put = put.bind(texts(|p| &p.record.name)).bind(texts(|p| &p.record.usual_name)).bind(texts(|p| &p.record.acronym));
            let put = put.bind(texts(|p| &p.record.legal_category)).bind(texts(|p| &p.record.staff_band));
            let put = put.bind(texts(|p| &p.record.sign)).bind(texts(|p| &p.record.own_name)).bind(texts(|p| &p.record.complement));
            let put = put.bind(texts(|p| &p.record.street)).bind(texts(|p| &p.record.postcode)).bind(texts(|p| &p.record.commune));
            let put = put.bind(texts(|p| &p.record.commune_code)).bind(texts(|p| &p.record.activity));
            let put = put.bind(puts.iter().map(|p| p.record.head).collect::<Vec<_>>()).bind(texts(Put::state));
            let put = put.bind(puts.iter().map(|p| p.record.closed_on.clone()).collect::<Vec<_>>()).bind(texts(Put::diffusion));
            let put = put.bind(numbers(|p| p.record.standing())).bind(texts(|p| p.record.source.name()));
            let put = put.bind(numbers(|p| p.mark)).bind(numbers(|p| p.unit_mark)).bind(numbers(|p| p.record.fetched_at.millis()));
            put.execute(c).await.map(drop)
        }
    };
    tx.rest(done)
}

/// Writes the words of establishments in the index, in its order: FTS5 is slow with any other.
async fn index(tx: &mut Tx, puts: &[Put]) -> Result<()> {
    let mut gone: Vec<i64> = puts.iter().filter_map(|p| Some(index_id(p.record.siret.as_str(), p.before?))).collect();
    gone.sort_unstable();
    let findable = puts.iter().filter(|p| is_findable(&p.record));
    let new = findable.map(|p| (index_id(p.record.siret.as_str(), p.record.standing()), p.record.words()));
    let mut new: Vec<(i64, String)> = new.filter(|(_, words)| !words.is_empty()).collect();
    new.sort_unstable();
    put_words(tx, &query::long(new.iter().map(|(_, words)| words.as_str()))).await?;
    if tx.dialect() == Dialect::Sqlite {
        for id in gone {
            sql!(tx, UNINDEX_SQLITE, id; exec)?;
        }
        for (id, words) in &new {
            sql!(tx, INDEX_SQLITE, *id, words; exec)?;
        }
        return Ok(());
    }
    let done = match tx.conn().await? {
        Conn::Sqlite(_) => return Ok(()),
        Conn::Postgres(c) => {
            let removed = if gone.is_empty() { Ok(()) } else { sqlx::query(UNINDEX_POSTGRES).bind(gone).execute(&mut *c).await.map(drop) };
            match removed {
                Ok(()) => {
                    let (ids, words): (Vec<i64>, Vec<String>) = new.into_iter().unzip();
                    sqlx::query(INDEX_POSTGRES).bind(ids).bind(words).execute(c).await.map(drop)
                }
                Err(e) => Err(e),
            }
        }
    };
    tx.rest(done)
}

async fn put_words(tx: &mut Tx, words: &BTreeSet<&str>) -> Result<()> {
    if tx.dialect() == Dialect::Sqlite {
        for word in words {
            sql!(tx, PUT_WORD_SQLITE, *word; exec)?;
        }
        return Ok(());
    }
    let done = match tx.conn().await? {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(c) => {
            let words: Vec<&str> = words.iter().copied().collect();
            sqlx::query(PUT_WORDS_POSTGRES).bind(words).execute(c).await.map(drop)
        }
    };
    tx.rest(done)
}

/// Writes successions.
pub async fn put_links(tx: &mut Tx, links: &[Link]) -> Result<Counts> {
    let mut counts = Counts::default();
    for l in links {
        // Whether it is new is not told apart from whether it says something else: nobody needs to know.
        match sql!(tx, PUT_LINK, &l.from, &l.to, &l.happened_on, l.head_transfer, l.continuity; exec)? {
            0 => counts.unchanged += 1,
            _ => counts.created += 1,
        }
    }
    Ok(counts)
}

/// How far an import came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    /// Bytes before the next batch.
    pub bytes: u64,
    /// Line it begins with.
    pub line: u64,
    /// What became of the lines before.
    pub counts: Counts,
}

fn stored(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn read(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

#[derive(sqlx::FromRow)]
struct StateRow {
    kind: String,
    file: String,
    line: i64,
    bytes: i64,
    created: i64,
    changed: i64,
    unchanged: i64,
    refused: i64,
    started_at: i64,
    updated_at: i64,
    finished_at: Option<i64>,
}

/// How the imports stand.
pub async fn states(h: &mut impl Handle) -> Result<Vec<State>> {
    let state = |r: StateRow| {
        Ok(State {
            kind: Kind::parse(&r.kind).ok_or_else(|| Error::inconsistent(format!("register_import.kind {}", r.kind)))?,
            file: r.file,
            line: read(r.line),
            bytes: read(r.bytes),
            counts: Counts { created: read(r.created), changed: read(r.changed), unchanged: read(r.unchanged), refused: read(r.refused) },
            started_at: Timestamp::from_millis(r.started_at),
            updated_at: Timestamp::from_millis(r.updated_at),
            finished_at: r.finished_at.map(Timestamp::from_millis),
        })
    };
    sql!(h, STATES; StateRow; all)?.into_iter().map(state).collect()
}

/// How far the import of this very file came, if it was interrupted.
pub async fn unfinished(h: &mut impl Handle, kind: Kind, fingerprint: &str) -> Result<Option<Reached>> {
    type Row = (i64, i64, i64, i64, i64, i64);
    let row = sql!(h, UNFINISHED, kind.name(), fingerprint; Row; optional)?;
    Ok(row.map(|(bytes, line, created, changed, unchanged, refused)| Reached {
        bytes: read(bytes),
        line: read(line),
        counts: Counts { created: read(created), changed: read(changed), unchanged: read(unchanged), refused: read(refused) },
    }))
}

/// Begins at the beginning.
pub async fn start(tx: &mut Tx, kind: Kind, file: &str, fingerprint: &str, now: Timestamp) -> Result<()> {
    sql!(tx, START, kind.name(), file, fingerprint, now.millis(); exec)?;
    sql!(tx, FORGET_FAULTS, kind.name(); exec).map(drop)
}

/// Says how far a file was read; false when somebody else goes on with it.
pub async fn advance(tx: &mut Tx, kind: Kind, fingerprint: &str, from: &Reached, to: &Reached, now: Timestamp) -> Result<bool> {
    let c = to.counts;
    let (created, changed, unchanged, refused) = (stored(c.created), stored(c.changed), stored(c.unchanged), stored(c.refused));
    let (bytes, line, before) = (stored(to.bytes), stored(to.line), stored(from.bytes));
    let moved = sql!(tx, ADVANCE, kind.name(), fingerprint, bytes, line, created, changed, unchanged, refused, now.millis(), before; exec)?;
    Ok(moved == 1)
}

/// Says that a file was read to its end; false when somebody else did.
pub async fn finish(tx: &mut Tx, kind: Kind, fingerprint: &str, now: Timestamp) -> Result<bool> {
    Ok(sql!(tx, FINISH, kind.name(), fingerprint, now.millis(); exec)? == 1)
}

/// Keeps the first lines that were refused, `before` of them being kept already.
pub async fn put_faults(tx: &mut Tx, kind: Kind, faults: &[Fault], before: u64) -> Result<()> {
    let room = FAULTS_KEPT.saturating_sub(before);
    for f in faults.iter().take(usize::try_from(room).unwrap_or(usize::MAX)) {
        sql!(tx, PUT_FAULT, kind.name(), stored(f.line), &f.why; exec)?;
    }
    Ok(())
}

/// The first lines that were refused.
pub async fn faults(h: &mut impl Handle, kind: Kind, most: i64) -> Result<Vec<Fault>> {
    let rows = sql!(h, FAULTS, kind.name(), most; (i64, String); all)?;
    Ok(rows.into_iter().map(|(line, why)| Fault { line: read(line), why }).collect())
}

/// Pages merged in one transaction: some tens of milliseconds.
const MERGE_PAGES: i64 = 500;

/// Puts the index in order after many writes, so that searches are as fast as they can be.
pub async fn settle(db: &Db) -> Result<()> {
    match db.dialect() {
        Dialect::Postgres => {
            let mut tx = db.begin().await?;
            sql!(&mut tx, SETTLE_POSTGRES; (i64,); one)?;
            tx.commit().await
        }
        Dialect::Sqlite => {
            // The first round begins a merge of everything; the others go on with it.
            let mut pages = -MERGE_PAGES;
            while merge(db, pages).await? {
                pages = MERGE_PAGES;
            }
            Ok(())
        }
    }
}

/// Merges some pages of the index; false when there was nothing to merge (SQLite, FTS5 §6.7).
async fn merge(db: &Db, pages: i64) -> Result<bool> {
    let mut tx = db.begin().await?;
    let (before,): (i64,) = sql!(&mut tx, CHANGES_SQLITE; (i64,); one)?;
    sql!(&mut tx, MERGE_SQLITE, pages; exec)?;
    let (after,): (i64,) = sql!(&mut tx, CHANGES_SQLITE; (i64,); one)?;
    tx.commit().await?;
    Ok(after - before >= 2)
}
