//! What people receive when a manager lets them into an establishment (ux G-14): profiles of the services that its managers open.

pub mod store;

use super::people::{self, Manager};
use super::request::Desk;
use super::rights::{self, Refused, Rights};
use crate::audit::{self, Event, Kind};
use crate::base::Siret;
use crate::base::id::AccountId;
use crate::db::{Handle, Result, Tx};

/// What newcomers receive. Services that were closed since, or are no longer the managers' to open, may be among it.
pub async fn of(h: &mut impl Handle, siret: &Siret) -> Result<Rights> {
    let rows = store::of(h, siret).await?;
    Ok(rows.into_iter().map(|(service, profiles)| (service, profiles.split(' ').map(str::to_owned).collect())).collect())
}

/// Sets what they receive; what people hold already stays. Waits for its turn, then checks again that whoever acts manages the
/// establishment. `Ok(false)`: it stood so.
pub async fn set(
    tx: &mut Tx,
    desk: Desk<'_>,
    actor: &AccountId,
    siret: &Siret,
    wanted: &Rights,
) -> Result<std::result::Result<bool, Refused>> {
    let (kit, now) = (desk.kit, desk.kit.ctx.now());
    super::store::take_turn(tx, siret).await?;
    if Manager::of(tx, actor, siret, now).await?.is_none() {
        people::refuse(tx, kit, actor, siret, "not_manager").await?;
        return Ok(Err(people::Refused::NotManager.into()));
    }
    if !rights::are_given(desk.services, wanted) {
        return Ok(Err(Refused::Unknown));
    }
    let present = of(tx, siret).await?;
    if present == *wanted {
        return Ok(Ok(false));
    }
    for service in present.keys().filter(|service| !wanted.contains_key(*service)) {
        store::remove(tx, siret, service).await?;
    }
    for (service, profiles) in wanted.iter().filter(|(service, profiles)| present.get(*service) != Some(*profiles)) {
        let profiles: Vec<&str> = profiles.iter().map(String::as_str).collect();
        store::put(tx, siret, service, &profiles.join(" "), actor, now).await?;
    }
    let event = Event::new(Kind::NewcomerRightsChanged).account(actor).with("siret", siret.as_str());
    audit::append(tx, kit.ctx, event.with("rights", rights::names(wanted).collect::<Vec<_>>())).await?;
    Ok(Ok(true))
}

/// Gives it to somebody who was just let in, on the word of whoever let them in. Nothing that they hold is narrowed, and nothing
/// that somebody holds back is opened.
pub(super) async fn welcome(tx: &mut Tx, desk: Desk<'_>, by: &str, siret: &Siret, who: &AccountId) -> Result<()> {
    let wanted = of(tx, siret).await?;
    rights::give(tx, desk, by, siret, who, &wanted).await
}
