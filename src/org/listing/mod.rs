//! Establishments of a person and people of a service, page after page, however many there are: for services that read them.

pub mod store;

use super::{Establishment, Link, Role};
use crate::account::Account;
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::db::{Handle, Result};

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// At most as many as were asked for, in order.
    pub items: Vec<T>,
    /// Whether more follow.
    pub more: bool,
}

impl<T> Page<T> {
    /// From one item more than were asked for, if there is one.
    fn cut(mut items: Vec<T>, limit: usize) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        Self { items, more }
    }
}

/// An establishment a person acts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub establishment: Establishment,
    /// As what.
    pub role: Role,
    /// How well that is established.
    pub link: Link,
}

/// Establishments a person acts for now, in order of SIRET, those after one of them. A page costs the same wherever it is.
pub async fn places(h: &mut impl Handle, account: &AccountId, after: Option<&Siret>, limit: usize, now: Timestamp) -> Result<Page<Place>> {
    let found = store::places(h, account, after.map_or("", Siret::as_str), limit.saturating_add(1), now).await?;
    Ok(Page::cut(found, limit))
}

/// Somebody who may use a service for an establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub account: Account,
    /// What they are there.
    pub role: Role,
    /// What they may do.
    pub profiles: Vec<String>,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// People with a habilitation in force for a service in an establishment, whose place and account are alive, after one of them.
pub async fn holders(
    h: &mut impl Handle,
    siret: &Siret,
    service: &str,
    after: Option<&AccountId>,
    limit: usize,
    now: Timestamp,
) -> Result<Page<Holder>> {
    let after = after.map_or("", AccountId::as_str);
    let found = store::holders(h, siret, service, after, limit.saturating_add(1), now).await?;
    Ok(Page::cut(found, limit))
}
