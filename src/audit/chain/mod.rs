//! The chain that makes the trail tamper-evident: each row's hash covers the row and the hash before it.
//!
//! Rows are chained by the worker soon after their transaction, in the order in which it finds them: `seq` is the
//! order of arrival. A transaction that commits late therefore takes a later place; it never slips in behind, and no
//! waiting time has to be guessed. Within one pass rows go by time. Whoever can write to the database can also compute
//! a whole new chain; what they cannot do is make it pass through a head that was noted elsewhere. `verify` prints the
//! head for that purpose.
//!
//! Old rows leave from the front. The event that records their removal, itself in the chain, carries the place and
//! hash of the last one removed, so that what remains still verifies from its first row. The last row of all stays,
//! however old, so that the chain never begins anew.

pub mod store;

use serde::Serialize;
use serde_json::json;

use super::store::Row;
use super::{Event, Kind, append};
use crate::base::{Ctx, Timestamp};
use crate::crypto::sha256;
use crate::db::{Error, Handle, Result, Tx};

const PAGE: i64 = 1_000;

/// Rows dated so much earlier than one that arrived before them were not written by us: no transaction is that long.
const LATENESS: i64 = 15 * 60 * 1_000;

/// A place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Place, from 1; 0 before the first row.
    pub seq: i64,
    /// Hash of the row there; empty before the first row.
    pub hash: String,
}

impl Head {
    /// Before the first row.
    pub const fn origin() -> Self {
        Self { seq: 0, hash: String::new() }
    }
}

/// The hash of a row: SHA-256 of the previous hash and the row's canonical form, base64url.
///
/// Canonical form: `seq`, `at` as 8 bytes big-endian, then each text of [`Row`] in the order of its fields as a byte
/// 1, its length as 8 bytes big-endian and its UTF-8; a byte 0 where there is none.
pub fn hash(previous: &str, seq: i64, row: &Row) -> String {
    let mut bytes = Vec::with_capacity(512);
    let text = |bytes: &mut Vec<u8>, text: Option<&str>| match text {
        Some(text) => {
            bytes.push(1);
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        None => bytes.push(0),
    };
    text(&mut bytes, Some(previous));
    bytes.extend_from_slice(&seq.to_be_bytes());
    bytes.extend_from_slice(&row.at.to_be_bytes());
    for field in [
        Some(row.id.as_str()),
        Some(&row.kind),
        Some(&row.actor),
        row.account_id.as_deref(),
        row.client_id.as_deref(),
        row.session_id.as_deref(),
        Some(&row.request_id),
        row.address.as_deref(),
        Some(&row.detail),
    ] {
        text(&mut bytes, field);
    }
    sha256(&bytes)
}

/// Chains up to `limit` rows. One node at a time: the caller holds a lease in the same transaction, and if it did not,
/// the uniqueness of `seq` would refuse the second.
pub async fn seal(tx: &mut Tx, limit: i64) -> Result<usize> {
    let mut head = store::head(tx).await?.unwrap_or(Head::origin());
    let rows = store::unsealed(tx, limit).await?;
    for row in &rows {
        let seq = head.seq + 1;
        head = Head { seq, hash: hash(&head.hash, seq, row) };
        store::place(tx, &row.id, &head)?;
    }
    Ok(rows.len())
}

/// Removes up to `limit` chained rows older than `before` from the front of the chain, and records it. Answers how many.
pub async fn purge(tx: &mut Tx, ctx: &Ctx, before: Timestamp, limit: i64) -> Result<u64> {
    let Some(last) = store::last_expired(tx, before, limit).await? else { return Ok(0) };
    let removed = store::remove_up_to(tx, last.seq).await?;
    let event = Event::new(Kind::AuditPurged).with("rows", removed).with("seq", last.seq).with("hash", last.hash);
    append(tx, ctx, event).await?;
    Ok(removed)
}

/// Something wrong with the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The row does not have the hash it should: it, or one before it, was altered or put there by another.
    Altered {
        /// Its place.
        seq: i64,
        /// Its identifier.
        id: String,
    },
    /// Rows are absent.
    Removed {
        /// First absent place.
        from: i64,
        /// Last absent place.
        to: i64,
    },
    /// The row is dated long before one that arrived earlier: it was inserted, or a clock was wrong.
    Backdated {
        /// Its place.
        seq: i64,
        /// Its identifier.
        id: String,
    },
    /// The chain does not pass through the head noted elsewhere: rows were removed at the end, or it was rewritten.
    HeadLost {
        /// The place of that head.
        seq: i64,
    },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Altered { seq, id } => write!(f, "row {seq} ({id}) was altered"),
            Self::Removed { from, to } => write!(f, "rows {from} to {to} were removed"),
            Self::Backdated { seq, id } => write!(f, "row {seq} ({id}) is dated long before its neighbours"),
            Self::HeadLost { seq } => write!(f, "the chain does not pass through the noted head at {seq}"),
        }
    }
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows looked at.
    pub rows: u64,
    /// Rows not chained yet.
    pub unsealed: i64,
    /// The end of the chain: note it elsewhere to be able to tell later that nothing before it changed.
    pub head: Head,
    /// What is wrong, in order; at most [`Report::MAX_FAULTS`].
    pub faults: Vec<Fault>,
}

impl Report {
    /// More faults than this are not listed.
    pub const MAX_FAULTS: usize = 1_000;

    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < Self::MAX_FAULTS {
            self.faults.push(fault);
        }
    }

    /// Compares with the noted head when the walk is where it was.
    fn pass(&mut self, noted: Option<&Head>) {
        if let Some(noted) = noted.filter(|n| n.seq == self.head.seq && n.hash != self.head.hash) {
            self.fault(Fault::HeadLost { seq: noted.seq });
        }
    }
}

/// Walks the whole chain. `noted` is a head printed earlier, if the operator kept one.
pub async fn verify(h: &mut impl Handle, noted: Option<&Head>) -> Result<Report> {
    let mut report = Report { rows: 0, unsealed: store::count_unsealed(h).await?, head: Head::origin(), faults: Vec::new() };
    let mut latest = i64::MIN;
    let mut begun = false;
    loop {
        let page = store::chained_after(h, report.head.seq, PAGE).await?;
        for row in &page {
            let seq = row.seq.ok_or_else(|| Error::inconsistent("audit_event.seq"))?;
            if !begun {
                begun = true;
                report.head = front(h, seq).await?.unwrap_or(Head::origin());
                report.pass(noted);
            }
            check(&mut report, row, seq, &mut latest);
            report.pass(noted);
        }
        if (page.len() as i64) < PAGE {
            break;
        }
    }
    if let Some(noted) = noted.filter(|n| n.seq > report.head.seq) {
        report.fault(Fault::HeadLost { seq: noted.seq });
    }
    Ok(report)
}

/// Whether the row is filed under the establishment that its particulars name, if under any.
fn is_in_its_place(row: &Row) -> bool {
    let named = || serde_json::from_str::<serde_json::Value>(&row.detail).ok()?.get("siret")?.as_str().map(str::to_owned);
    row.siret.is_none() || row.siret == named()
}

/// Holds one row against the report so far, whose head it becomes.
fn check(report: &mut Report, row: &Row, seq: i64, latest: &mut i64) {
    let stored = row.hash.clone().unwrap_or_default();
    let expected_seq = report.head.seq + 1;
    if seq > expected_seq {
        // What follows an absence cannot be recomputed: its hash is taken on trust, and the absence is the fault.
        report.fault(Fault::Removed { from: expected_seq, to: seq - 1 });
    } else if hash(&report.head.hash, seq, row) != stored || !is_in_its_place(row) {
        report.fault(Fault::Altered { seq, id: row.id.clone() });
    }
    if row.at < latest.saturating_sub(LATENESS) {
        report.fault(Fault::Backdated { seq, id: row.id.clone() });
    }
    *latest = (*latest).max(row.at);
    report.rows += 1;
    report.head = Head { seq, hash: stored };
}

/// The place just before `first`, from the record of the purge that removed it.
async fn front(h: &mut impl Handle, first: i64) -> Result<Option<Head>> {
    if first == 1 {
        return Ok(None);
    }
    let purges = store::of_kind(h, Kind::AuditPurged, 50).await?;
    Ok(purges.iter().find_map(|row| {
        let detail: serde_json::Value = serde_json::from_str(&row.detail).ok()?;
        let seq = detail.get("seq")?.as_i64()?;
        (seq == first - 1).then_some(Head { seq, hash: detail.get("hash")?.as_str()?.to_owned() })
    }))
}

/// A page of the trail after `head.seq`, each row a line of JSON with its place and hash; and where the next page begins.
/// `None` after the last one. Rows not chained yet are not exported.
pub async fn export(h: &mut impl Handle, after: i64) -> Result<Option<(String, i64)>> {
    let page = store::chained_after(h, after, PAGE).await?;
    let mut lines = String::new();
    let mut last = None;
    for row in &page {
        let detail = serde_json::from_str(&row.detail).unwrap_or_else(|_| serde_json::Value::from(row.detail.as_str()));
        let line = json!({
            "seq": row.seq, "id": row.id, "at": Timestamp::from_millis(row.at).to_string(), "at_ms": row.at, "kind": row.kind,
            "actor": row.actor, "account": row.account_id, "client": row.client_id, "session": row.session_id,
            "request_id": row.request_id, "address": row.address, "detail": detail, "hash": row.hash,
        });
        lines.push_str(&line.to_string());
        lines.push('\n');
        last = row.seq;
    }
    Ok(last.map(|seq| (lines, seq)))
}
