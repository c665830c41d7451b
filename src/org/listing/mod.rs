//! Establishments of a person, page after page, however many there are: for services that read them.

pub mod store;

use super::{Establishment, Role};
use crate::base::Siret;
use crate::base::id::AccountId;
use crate::db::{Handle, Result};

/// An establishment a person acts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub establishment: Establishment,
    /// As what.
    pub role: Role,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// At most as many as were asked for, in order of SIRET.
    pub places: Vec<Place>,
    /// What the next page begins after; `None` at the end.
    pub next: Option<Siret>,
}

/// Establishments a person acts for now, in order of SIRET, those after one of them. A page costs the same wherever it is.
pub async fn places(h: &mut impl Handle, account: &AccountId, after: Option<&Siret>, limit: u32) -> Result<Places> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX).max(1);
    let mut places = store::places(h, account, after.map_or("", Siret::as_str), limit.saturating_add(1)).await?;
    let more = places.len() > limit;
    places.truncate(limit);
    let next = places.last().filter(|_| more).map(|p| p.establishment.siret.clone());
    Ok(Places { places, next })
}
