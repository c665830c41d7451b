//! The cards of an establishment (G-10).

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;

use super::{Managing, standing};
use crate::account;
use crate::authn::card::{Card, link};
use crate::base::id::AccountId;
use crate::db::{self, Handle};
use crate::org;
use crate::web::error::Failure;
use crate::web::extract::Person;
use crate::web::view::cards::{CardLine, CardsPage};
use crate::web::view::format;

const PAGE: usize = 100;

/// `GET /etablissements/{siret}/cartes`
pub async fn show(person: Person, Path(siret): Path<String>) -> Result<Response, Failure> {
    let managing = Managing::of(person, &siret).await?;
    let visit = &managing.person.visit;
    let after = visit.query("apres").unwrap_or_default();
    let mut read = visit.app.db.read().await?;
    let mut cards = link::of_establishment(&mut read, managing.siret(), &after, i64::try_from(PAGE + 1).unwrap_or(i64::MAX)).await?;
    let more = cards.len() > PAGE;
    cards.truncate(PAGE);
    let holders = holders(&mut read, &managing, &cards).await?;
    drop(read);
    let page = visit.page();
    let line = |card: &Card| CardLine {
        serial: card.serial.to_string(),
        holder: card.account.as_ref().and_then(|id| holders.get(id).cloned()),
        standing: standing(card),
        since: card.linked_at.map(|at| format::date(page.t, at.millis())),
        last_used: card.last_used_at.map(|at| format::date(page.t, at.millis())),
    };
    let next_url = cards.last().filter(|_| more).map(|last| format!("{}?apres={}", managing.base(), last.serial));
    let lines = cards.iter().map(line).collect();
    visit.ok(&CardsPage {
        establishment: managing.membership.establishment.name.clone(),
        siret: managing.siret().grouped(),
        base: managing.base(),
        cards: lines,
        next_url,
        page,
    })
}

/// Names of the holders, those who left included: the card is still to be taken back from them.
async fn holders(h: &mut impl Handle, managing: &Managing, cards: &[Card]) -> db::Result<HashMap<AccountId, String>> {
    let members = org::members(h, managing.siret(), managing.person.visit.ctx.now()).await?;
    let mut names: HashMap<AccountId, String> = members.into_iter().map(|m| (m.account, m.name)).collect();
    for id in cards.iter().filter_map(|c| c.account.as_ref()) {
        if !names.contains_key(id)
            && let Some(account) = account::store::find(h, id).await?
        {
            names.insert(id.clone(), account.full_name());
        }
    }
    Ok(names)
}
