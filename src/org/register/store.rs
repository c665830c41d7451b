//! The register in the database: reading.

use super::{Record, Source, Successor};
use crate::base::{Siret, Timestamp};
use crate::db::{Conn, Dialect, Error, Handle, Result};
use crate::sql;

const FIND: &str = "SELECT siret, name, usual_name, acronym, legal_category, staff_band, sign, own_name, complement, street, postcode, \
     commune, commune_code, activity, is_head, state, closed_on, diffusion, source, fetched_at FROM register_establishment \
     WHERE siret = $1";
const OF_UNIT: &str = "SELECT siret, name, usual_name, acronym, legal_category, staff_band, sign, own_name, complement, street, postcode, \
     commune, commune_code, activity, is_head, state, closed_on, diffusion, source, fetched_at FROM register_establishment \
     WHERE siren = $1 ORDER BY standing, siret LIMIT $2";
const IS_THERE: &str = "SELECT siret FROM register_establishment ORDER BY siret LIMIT 1";
const FROM: &str = "SELECT siret, name, usual_name, acronym, legal_category, staff_band, sign, own_name, complement, street, postcode, \
     commune, commune_code, activity, is_head, state, closed_on, diffusion, source, fetched_at FROM register_establishment \
     WHERE siret >= $1 ORDER BY siret LIMIT 1";
const SUCCESSOR: &str = "SELECT to_siret, happened_on, head_transfer, continuity FROM register_succession WHERE from_siret = $1 \
     ORDER BY happened_on DESC, continuity DESC, head_transfer DESC, to_siret LIMIT 1";

const BEGINNING: &str = "SELECT word FROM register_word WHERE word >= $1 AND word < $2 ORDER BY word LIMIT $3";

/// Every statement that both engines know.
pub const ALL: &[&str] = &[FIND, OF_UNIT, IS_THERE, FROM, SUCCESSOR, BEGINNING];

const MATCHING_SQLITE: &str = "SELECT rowid FROM register_index WHERE register_index MATCH $1 ORDER BY rowid LIMIT $2";

/// Statements of SQLite alone.
pub const SQLITE: &[&str] = &[MATCHING_SQLITE];

// Each part is worked out only as far as it is read: those who look for an open head office do not pay for the others.
const MATCHING_POSTGRES: &str = "WITH heads AS MATERIALIZED (SELECT id FROM register_index WHERE words @@ CAST($1 AS TSQUERY) AND id < 100000000000000), \
     others AS MATERIALIZED (SELECT id FROM register_index WHERE words @@ CAST($1 AS TSQUERY) AND id >= 100000000000000 AND id < 200000000000000), \
     closed AS MATERIALIZED (SELECT id FROM register_index WHERE words @@ CAST($1 AS TSQUERY) AND id >= 200000000000000) \
     SELECT id FROM (SELECT id FROM heads UNION ALL SELECT id FROM others UNION ALL SELECT id FROM closed) AS hit LIMIT $2";
const OF_SIRETS_POSTGRES: &str = "SELECT siret, name, usual_name, acronym, legal_category, staff_band, sign, own_name, complement, street, \
     postcode, commune, commune_code, activity, is_head, state, closed_on, diffusion, source, fetched_at FROM register_establishment \
     WHERE siret = ANY($1)";

/// Statements of PostgreSQL alone.
pub const POSTGRES: &[&str] = &[MATCHING_POSTGRES, OF_SIRETS_POSTGRES];

/// What separates the standings in the numbers of an index; a SIRET is below.
const STANDING: i64 = 100_000_000_000_000;

/// The number of an establishment in the index.
pub(super) fn index_id(siret: &str, standing: i64) -> i64 {
    standing * STANDING + siret.parse::<i64>().unwrap_or(0)
}

fn siret_of(id: i64) -> String {
    format!("{:014}", id % STANDING)
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    siret: String,
    name: String,
    usual_name: String,
    acronym: String,
    legal_category: String,
    staff_band: String,
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
    fetched_at: i64,
}

impl TryFrom<Row> for Record {
    type Error = Error;

    fn try_from(r: Row) -> Result<Self> {
        let wrong = |column: &str| Error::inconsistent(format!("register_establishment.{column} of {}", r.siret));
        Ok(Self {
            siret: Siret::unchecked(&r.siret).map_err(|_| wrong("siret"))?,
            open: match r.state.as_str() {
                "A" => true,
                "F" => false,
                _ => return Err(wrong("state")),
            },
            source: Source::parse(&r.source).ok_or_else(|| wrong("source"))?,
            partial: r.diffusion != "O",
            head: r.is_head,
            fetched_at: Timestamp::from_millis(r.fetched_at),
            name: r.name,
            usual_name: r.usual_name,
            acronym: r.acronym,
            legal_category: r.legal_category,
            staff_band: r.staff_band,
            sign: r.sign,
            own_name: r.own_name,
            complement: r.complement,
            street: r.street,
            postcode: r.postcode,
            commune: r.commune,
            commune_code: r.commune_code,
            activity: r.activity,
            closed_on: r.closed_on,
        })
    }
}

fn records(rows: Vec<Row>) -> Result<Vec<Record>> {
    rows.into_iter().map(Record::try_from).collect()
}

/// The establishment of this SIRET.
pub async fn find(h: &mut impl Handle, siret: &Siret) -> Result<Option<Record>> {
    sql!(h, FIND, siret.as_str(); Row; optional)?.map(Record::try_from).transpose()
}

/// Establishments of a unit, the head office first, closed ones last.
pub async fn of_unit(h: &mut impl Handle, siren: &str, most: usize) -> Result<Vec<Record>> {
    records(sql!(h, OF_UNIT, siren, i64::try_from(most).unwrap_or(i64::MAX); Row; all)?)
}

/// Whether there is any establishment.
pub async fn is_there(h: &mut impl Handle) -> Result<bool> {
    Ok(sql!(h, IS_THERE; (String,); optional)?.is_some())
}

/// The first establishment from a number on: some establishment, for one drawn by lot.
pub async fn from(h: &mut impl Handle, siret: &str) -> Result<Option<Record>> {
    sql!(h, FROM, siret; Row; optional)?.map(Record::try_from).transpose()
}

/// Who took over last from an establishment.
pub async fn successor(h: &mut impl Handle, siret: &Siret) -> Result<Option<Successor>> {
    let row = sql!(h, SUCCESSOR, siret.as_str(); (String, String, bool, bool); optional)?;
    let read = |(to, since, head_transfer, continuity): (String, String, bool, bool)| {
        let to = Siret::unchecked(&to).map_err(|_| Error::inconsistent(format!("successor of {siret}")))?;
        Ok(Successor { siret: to, since, head_transfer, continuity })
    };
    row.map(read).transpose()
}

/// Numbers of the establishments that match, in the words of the engine; open head offices first.
pub async fn matching(h: &mut impl Handle, sqlite: &str, postgres: &str, most: usize) -> Result<Vec<i64>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let found: Vec<(i64,)> = match h.dialect() {
        Dialect::Sqlite => sql!(h, MATCHING_SQLITE, sqlite, most; (i64,); all)?,
        Dialect::Postgres => sql!(h, MATCHING_POSTGRES, postgres, most; (i64,); all)?,
    };
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Long words that begin so, itself among them.
pub async fn beginning(h: &mut impl Handle, begun: &str, most: usize) -> Result<Vec<String>> {
    let after = format!("{begun}{}", char::MAX);
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let found = sql!(h, BEGINNING, begun, after.as_str(), most; (String,); all)?;
    Ok(found.into_iter().map(|(word,)| word).collect())
}

/// Establishments by their numbers in the index; in no order.
pub async fn of_ids(h: &mut impl Handle, ids: &[i64]) -> Result<Vec<Record>> {
    let sirets: Vec<String> = ids.iter().map(|id| siret_of(*id)).collect();
    let rows = match h.conn().await? {
        Conn::Postgres(c) => sqlx::query_as::<_, Row>(OF_SIRETS_POSTGRES).bind(sirets).fetch_all(c).await,
        Conn::Sqlite(c) => {
            let mut rows = Vec::with_capacity(sirets.len());
            let mut failed = None;
            for siret in &sirets {
                match sqlx::query_as::<_, Row>(FIND).bind(siret).fetch_optional(&mut *c).await {
                    Ok(row) => rows.extend(row),
                    Err(e) => {
                        failed = Some(e);
                        break;
                    }
                }
            }
            failed.map_or(Ok(rows), Err)
        }
    };
    records(h.rest(rows)?)
}
