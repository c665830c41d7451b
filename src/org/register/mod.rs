//! The company register: every establishment of the country, found by SIRET, SIREN, or name and place.
//!
//! Filled from the stock files of INSEE ([`stock`]) or, a row at a time, from a live directory. What is read here is what the
//! register says, not who acts for an establishment: that is [`super::Establishment`] and [`super::Membership`].

pub mod fold;
mod query;
mod search;
pub mod stock;
pub mod store;

pub use query::{Query, Unclear, Words};
pub use search::{Found, PER_PAGE, Page, search};

use serde::Serialize;

use crate::base::texts::Texts;
use crate::base::{Siret, Timestamp};
use crate::db::{Handle, Result};

/// Where a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A stock file.
    Stock,
    /// The live directory.
    Live,
}

impl Source {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Live => "live",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Stock, Self::Live].into_iter().find(|s| s.name() == name)
    }
}

/// What the register says of an establishment (columns of INSEE's files; french-domain §7.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Which. Its check digit may be wrong: some real ones are.
    pub siret: Siret,
    /// Name of the unit (*dénomination*, or first and last name); empty when its person keeps it hidden.
    pub name: String,
    /// Usual names of the unit, separated by ` / `.
    pub usual_name: String,
    /// *Sigle*.
    pub acronym: String,
    /// *Catégorie juridique*, four digits.
    pub legal_category: String,
    /// *Tranche d'effectifs* of the unit: `NN`, `00`, `01` … two years old, never the only proof of anything.
    pub staff_band: String,
    /// *Enseignes*, separated by ` / `.
    pub sign: String,
    /// *Dénomination usuelle* of the establishment.
    pub own_name: String,
    /// *Complément d'adresse*.
    pub complement: String,
    /// Number and street; empty under partial diffusion.
    pub street: String,
    /// Postcode; empty abroad.
    pub postcode: String,
    /// Commune.
    pub commune: String,
    /// Its code (COG).
    pub commune_code: String,
    /// *Activité principale* (NAF).
    pub activity: String,
    /// *Siège*.
    pub head: bool,
    /// Whether it is open.
    pub open: bool,
    /// The day it closed, `YYYY-MM-DD`, where it is known.
    pub closed_on: Option<String>,
    /// Its person keeps part of it hidden (*diffusion partielle*): no name, no street.
    pub partial: bool,
    /// Where this comes from.
    pub source: Source,
    /// When it was read there.
    pub fetched_at: Timestamp,
}

impl Record {
    /// The name people read: the unit's, « Nom inconnu » when it is hidden, then the sign (french-domain §7.3).
    pub fn label(&self, t: Texts) -> String {
        let name = if self.name.is_empty() { t.get("register-unknown-name") } else { self.name.clone() };
        match [&self.sign, &self.own_name].into_iter().find(|s| !s.is_empty() && **s != self.name) {
            Some(sign) => format!("{name} - {sign}"),
            None => name,
        }
    }

    /// Lines of the address, from the most precise to the commune.
    pub fn address(&self) -> Vec<String> {
        let place = format!("{} {}", self.postcode, self.commune).trim().to_owned();
        [self.complement.clone(), self.street.clone(), place].into_iter().filter(|l| !l.is_empty()).collect()
    }

    /// Whether it is a commune (legal category 7210), whose town hall has official addresses (french-domain §3.4).
    pub fn is_commune(&self) -> bool {
        self.legal_category == "7210"
    }

    /// Head office and open, open, or closed: what is shown first.
    pub(super) const fn standing(&self) -> i64 {
        match (self.open, self.head) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        }
    }

    /// Every name it is known by.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        [&self.name, &self.usual_name, &self.acronym, &self.sign, &self.own_name]
            .into_iter()
            .flat_map(|n| n.split(" / "))
            .filter(|n| !n.is_empty())
    }

    /// The words it is found by.
    pub(super) fn words(&self) -> String {
        query::indexed(self.names(), &self.commune, &self.postcode)
    }
}

/// Who took over from a closed establishment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Successor {
    /// Which.
    pub siret: Siret,
    /// Since when, `YYYY-MM-DD`.
    pub since: String,
    /// The head office moved there.
    pub head_transfer: bool,
    /// It went on with the same activity (*continuité économique*).
    pub continuity: bool,
}

/// Why nobody can be attached to a SIRET (french-domain §7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Not fourteen digits.
    Format,
    /// The check digit is wrong and the register does not know it: mistyped.
    Check,
    /// A good number, which the register does not know (A502).
    Unknown,
    /// Closed (A501).
    Closed {
        /// The day, `YYYY-MM-DD`, where it is known.
        since: Option<String>,
        /// Who took over.
        successor: Option<Successor>,
    },
}

/// What the register says of an establishment.
pub async fn find(h: &mut impl Handle, siret: &Siret) -> Result<Option<Record>> {
    store::find(h, siret).await
}

/// Whether the register holds anything: it was imported, or a live directory answered.
pub async fn is_there(h: &mut impl Handle) -> Result<bool> {
    store::is_there(h).await
}

/// How many hands an establishment may go through in turn.
const HOPS: usize = 8;

/// The open establishment that took over from this one, however many took over in between; the last known one when none
/// is open.
pub async fn successor(h: &mut impl Handle, siret: &Siret) -> Result<Option<Successor>> {
    let mut seen = vec![siret.clone()];
    let mut last = None;
    for _ in 0..HOPS {
        let Some(from) = seen.last() else { break };
        let Some(next) = store::successor(h, from).await?.filter(|s| !seen.contains(&s.siret)) else { break };
        let open = store::find(h, &next.siret).await?.is_none_or(|r| r.open);
        seen.push(next.siret.clone());
        last = Some(next);
        if open {
            break;
        }
    }
    Ok(last)
}

/// An establishment that the register says closed, or whose people another took over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The one that took over, if any.
    pub successor: Option<Siret>,
}

/// Whether an establishment closed; `None` where it is open, or the register does not know it. Its people may have been carried to
/// another whatever the register says: what is left is no place to join, nor to claim.
pub async fn closing(h: &mut impl Handle, siret: &Siret) -> Result<Option<Closed>> {
    if let Some(next) = super::succession::store::succeeded_by(h, siret).await? {
        return Ok(Some(Closed { successor: Some(next) }));
    }
    if find(h, siret).await?.is_none_or(|record| record.open) {
        return Ok(None);
    }
    Ok(Some(Closed { successor: successor(h, siret).await?.map(|s| s.siret) }))
}

/// Whether somebody may be attached to what was typed, given what the register says of it.
///
/// A number whose check digit is wrong is taken when the register knows it: such establishments exist.
pub fn admissible(typed: &str, known: Option<Record>, successor: Option<Successor>) -> Result<Record, Refusal> {
    let Ok(siret) = Siret::unchecked(typed) else { return Err(Refusal::Format) };
    match known {
        Some(record) if record.siret == siret && record.open => {
            if !siret.is_checked() {
                tracing::info!(siret = siret.as_str(), "a SIRET of the register with a wrong check digit is taken");
            }
            Ok(record)
        }
        Some(record) if record.siret == siret => Err(Refusal::Closed { since: record.closed_on, successor }),
        Some(_) | None if siret.is_checked() => Err(Refusal::Unknown),
        Some(_) | None => Err(Refusal::Check),
    }
}

/// The same, with the register asked.
pub async fn admit(h: &mut impl Handle, typed: &str) -> Result<Result<Record, Refusal>> {
    let Ok(siret) = Siret::unchecked(typed) else { return Ok(Err(Refusal::Format)) };
    let known = find(h, &siret).await?;
    let next = match &known {
        Some(record) if !record.open => successor(h, &siret).await?,
        Some(_) | None => None,
    };
    Ok(admissible(typed, known, next))
}
