//! Searching the register.
//!
//! A few passes over the index, from the closest matches to the others, until there are enough; each gives a bounded number of
//! establishments, open head offices first, so that the most common words cost no more than rare ones.

use std::collections::HashSet;

use super::query::{PASSES, Query, Words};
use super::{Record, fold, store};
use crate::db::{Handle, Result};

/// Establishments on a page.
pub const PER_PAGE: usize = 10;
/// Most establishments found; people add a place rather than read more.
pub(super) const MOST: usize = 100;

/// An establishment found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// What the register says of it.
    #[serde(flatten)]
    pub record: Record,
    /// Its name is what was typed.
    pub exact: bool,
}

impl std::ops::Deref for Found {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// At most [`PER_PAGE`].
    pub found: Vec<Found>,
    /// How many there are on all pages.
    pub total: usize,
    /// There are more than are shown on all pages.
    pub cut: bool,
}

impl IntoIterator for Page {
    type Item = Found;
    type IntoIter = std::vec::IntoIter<Found>;

    fn into_iter(self) -> Self::IntoIter {
        self.found.into_iter()
    }
}

/// Finds establishments; pages count from 0. Exact names first, then names that begin so, then those that hold all the
/// words; among equals open ones and head offices first.
pub async fn search(h: &mut impl Handle, query: &Query, page: usize) -> Result<Page> {
    let found = match query {
        Query::Siret(siret) => store::find(h, siret).await?.into_iter().map(|record| Found { record, exact: true }).collect(),
        Query::Siren(siren) => {
            let all = store::of_unit(h, siren.as_str(), MOST + 1).await?;
            all.into_iter().map(|record| Found { record, exact: true }).collect()
        }
        Query::Words(words) => by_words(h, words).await?,
    };
    let (total, cut) = (found.len().min(MOST), found.len() > MOST);
    let found = found.into_iter().take(MOST).skip(page.saturating_mul(PER_PAGE)).take(PER_PAGE).collect();
    Ok(Page { found, total, cut })
}

async fn by_words(h: &mut impl Handle, words: &Words) -> Result<Vec<Found>> {
    let mut ids = Vec::new();
    let mut seen = HashSet::new();
    for pass in PASSES {
        let matched = store::matching(h, &words.sqlite(pass), &words.postgres(pass), MOST + 1).await?;
        ids.extend(matched.into_iter().filter(|id| seen.insert(*id)));
        if ids.len() > MOST {
            break;
        }
    }
    ids.truncate(MOST + 1);
    let phrase = words.phrase();
    let mut ranked: Vec<(u8, i64, Found)> = Vec::with_capacity(ids.len());
    for record in store::of_ids(h, &ids).await? {
        let rank = rank(&record, &phrase);
        ranked.push((rank, record.standing(), Found { exact: rank == 0, record }));
    }
    ranked.sort_by(|a, b| (a.0, a.1, &a.2.record.siret).cmp(&(b.0, b.1, &b.2.record.siret)));
    Ok(ranked.into_iter().map(|(_, _, found)| found).collect())
}

/// 0: a name is the phrase; 1: a name begins with it; 2: neither.
fn rank(record: &Record, phrase: &str) -> u8 {
    let close = |name: &str| {
        let folded = fold::phrase(name);
        if folded == phrase { 0 } else { 2 - u8::from(folded.starts_with(phrase)) }
    };
    record.names().map(close).min().unwrap_or(2)
}
