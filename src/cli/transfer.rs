//! `guichet establishment transfer`: the people of a closed establishment pass to the one that follows.

use serde_json::json;

use super::out::{Failure, Out};
use crate::app::App;
use crate::authn::card::link;
use crate::authn::factor::Kit;
use crate::base::{Actor, Siret};
use crate::db::Tx;
use crate::org::request::Desk;
use crate::org::succession::{self, Done};
use crate::org::{self, register};

/// One that is known here, or to the register.
async fn known(tx: &mut Tx, text: &str) -> Result<org::Establishment, Failure> {
    let siret = Siret::unchecked(text).map_err(|e| Failure::Usage(format!("{text}: {e}")))?;
    if let Some(place) = org::find(tx, &siret).await? {
        return Ok(place);
    }
    let record = register::find(tx, &siret).await?.ok_or_else(|| Failure::NotFound(format!("no establishment {siret}")))?;
    Ok(org::Establishment { siret: record.siret, name: record.name })
}

/// Does it, whatever the register says.
pub async fn run(out: Out, app: &App, from: &str, to: &str) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let services = app.services();
    let mut tx = app.db.begin().await?;
    let (from, to) = (known(&mut tx, from).await?, known(&mut tx, to).await?);
    match succession::by_operator(&mut tx, Desk { kit: &kit, services: &services }, &from, &to).await? {
        Ok(done) => {
            let (places, rights, cards) = match done {
                Done::Carried { from, to, places, rights } => (places, rights, link::follow(&mut tx, &kit, &from, &to).await?),
                Done::Asked => (0, 0, 0),
            };
            tx.commit().await?;
            let view = json!({ "from": from.siret, "to": to.siret, "places": places, "rights": rights, "cards": cards });
            out.data(&view, || format!("{} → {}: {places} people, {rights} rights, {cards} cards", from.siret, to.siret));
            Ok(())
        }
        Err(refused) => {
            tx.rollback().await?;
            Err(Failure::Refused(refused.to_string()))
        }
    }
}
