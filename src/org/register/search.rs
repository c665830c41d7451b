//! Searching the register.
//!
//! Whole words first, then beginnings, until there are enough; among too many, those whose name is closest. Each pass over the
//! index gives a bounded number of establishments, open head offices first, so that the most common words cost no more than
//! rare ones.

use std::collections::HashSet;

use super::query::{Endings, Pass, Query, Tier, Words};
use super::{Record, fold, store};
use crate::db::{Handle, Result};

/// Establishments on a page.
pub const PER_PAGE: usize = 10;
/// Most establishments found; people add a place rather than read more.
pub(super) const MOST: usize = 100;
/// Most words that a beginning is looked up as.
const MOST_ENDINGS: usize = 200;

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
    let mut endings = Endings::new();
    for begun in [false, true] {
        if begun {
            endings = ends(h, words).await?;
        }
        if begun && words.alone() {
            // Much matches one beginning: often enough that a name begins so.
            for tier in [Tier::Begins, Tier::Terms] {
                if ids.len() <= MOST {
                    add(&mut ids, matching(h, words, Pass { tier, begun }, &endings).await?);
                }
            }
        } else {
            // All that match, unless they are too many: only then does it matter which come first.
            let all = matching(h, words, Pass { tier: Tier::Terms, begun }, &endings).await?;
            if all.len() > MOST {
                for tier in [Tier::Exact, Tier::Begins] {
                    add(&mut ids, matching(h, words, Pass { tier, begun }, &endings).await?);
                }
            }
            add(&mut ids, all);
        }
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

async fn matching(h: &mut impl Handle, words: &Words, pass: Pass, endings: &Endings) -> Result<Vec<i64>> {
    store::matching(h, &words.sqlite(pass, endings), &words.postgres(pass, endings), MOST + 1).await
}

/// What the long beginnings among these words may be of; nothing for those that too many words have.
async fn ends(h: &mut impl Handle, words: &Words) -> Result<Endings> {
    let mut endings = Endings::new();
    for begun in words.begun() {
        let found = store::beginning(h, begun, MOST_ENDINGS + 1).await?;
        if (1..=MOST_ENDINGS).contains(&found.len()) {
            endings.insert(begun.to_owned(), found);
        }
    }
    Ok(endings)
}

/// Adds those that are not there yet; both are about [`MOST`] long at most.
fn add(ids: &mut Vec<i64>, more: Vec<i64>) {
    let known: HashSet<i64> = ids.iter().copied().collect();
    ids.extend(more.into_iter().filter(|id| !known.contains(id)));
}

/// 0: a name is the phrase; 1: a name begins with it; 2: neither.
fn rank(record: &Record, phrase: &str) -> u8 {
    let close = |name: &str| {
        let folded = fold::phrase(name);
        if folded == phrase { 0 } else { 2 - u8::from(folded.starts_with(phrase)) }
    };
    record.names().map(close).min().unwrap_or(2)
}
