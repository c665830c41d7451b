//! For which establishment a person acts when they sign in to a service (DESIGN §6). Never more than two places are read,
//! however many there are.

use super::service::Service;
use super::{Standing, store};
use crate::base::id::AccountId;
use crate::base::{Siret, Timestamp};
use crate::db::{Handle, Result};

/// What is asked, and what is known of the answer.
#[derive(Debug, Default)]
pub struct Question<'a> {
    /// The service the person is on the way to, if it is in the catalogue.
    pub service: Option<&'a Service>,
    /// Chosen in this journey.
    pub chosen: Option<&'a Siret>,
    /// The person is to choose again (`prompt=select_establishment`).
    pub select: bool,
    /// Suggested by the service (`siret_hint`).
    pub hint: Option<&'a Siret>,
    /// Acted for, at this service in this session.
    pub kept: Option<&'a Siret>,
    /// Retained by the person for this service.
    pub remembered: Option<&'a Siret>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// None, and none is needed.
    Nowhere,
    /// This one.
    At(Box<Standing>),
    /// One of several: the person says which (S-14).
    Choose,
    /// The person has no access to the service (S-15).
    Refused,
}

impl Place {
    /// What the person is there, if anywhere.
    pub fn standing(&self) -> Option<&Standing> {
        match self {
            Self::At(standing) => Some(standing),
            Self::Nowhere | Self::Choose | Self::Refused => None,
        }
    }
}

/// Finds it.
pub async fn find(h: &mut impl Handle, account: &AccountId, q: &Question<'_>, now: Timestamp) -> Result<Place> {
    if let Some(siret) = q.chosen {
        return Ok(at(h, account, q.service, siret, now).await?.map_or(Place::Refused, Place::At));
    }
    let several = places(h, account, q.service, now).await?;
    if q.select && several.len() > 1 {
        return Ok(Place::Choose);
    }
    if let Some(siret) = q.hint {
        // An establishment the person cannot act for: they see which ones there are.
        let refused = if several.is_empty() { nowhere(q.service) } else { Place::Choose };
        return Ok(at(h, account, q.service, siret, now).await?.map_or(refused, Place::At));
    }
    for siret in q.kept.into_iter().chain(q.remembered) {
        if let Some(standing) = at(h, account, q.service, siret, now).await? {
            return Ok(Place::At(standing));
        }
    }
    match several.as_slice() {
        [] => Ok(nowhere(q.service)),
        [only] => Ok(at(h, account, q.service, only, now).await?.map_or(Place::Refused, Place::At)),
        [_, ..] => Ok(Place::Choose),
    }
}

fn nowhere(service: Option<&Service>) -> Place {
    match service {
        Some(s) if s.on_request() || s.metadata.minimum_link > super::Link::Declared => Place::Refused,
        Some(_) | None => Place::Nowhere,
    }
}

async fn places(h: &mut impl Handle, account: &AccountId, service: Option<&Service>, now: Timestamp) -> Result<Vec<Siret>> {
    match service.filter(|s| s.on_request()) {
        Some(service) => store::entitled_places(h, account, &service.id, now).await,
        None => store::open_places(h, account, now).await,
    }
}

/// What the person is in an establishment, if that opens the service.
pub async fn at(
    h: &mut impl Handle,
    account: &AccountId,
    service: Option<&Service>,
    siret: &Siret,
    now: Timestamp,
) -> Result<Option<Box<Standing>>> {
    let found = store::standing(h, account, siret, service.map_or("", |s| &s.id)).await?;
    let opens = |s: &Standing| service.map_or_else(|| s.membership.holds(now), |service| service.opens_to(s, now));
    Ok(found.filter(opens).map(Box::new))
}
