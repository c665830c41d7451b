//! Establishments of the person behind an access token (DESIGN §6): tokens hold the one acted for, the others are read here.

use serde_json::{Value, json};

use super::bearer::{self, Holder};
use super::error::{Code, OAuthError, Result};
use super::hub::Hub;
use super::userinfo::refused;
use crate::base::encode::{b64u, from_b64u};
use crate::base::{Siret, Timestamp};
use crate::db::Db;
use crate::org::listing;

/// The scope of access tokens that read them.
pub const SCOPE: &str = "establishment";

/// Establishments of a page, unless the request says.
const USUAL: u32 = 50;
/// At most.
const MOST: u32 = 100;

/// Which page.
#[derive(Debug, Default)]
pub struct Input<'a> {
    /// `cursor`: the `next` of the page before.
    pub cursor: Option<&'a str>,
    /// `limit`: 1 to 100.
    pub limit: Option<&'a str>,
}

/// A page of the establishments a person acts for now.
pub async fn page(db: &Db, hub: &Hub<'_>, token: &str, input: &Input<'_>, now: Timestamp) -> Result<Value> {
    let bearer = bearer::read(db, hub, token, now).await?.map_err(refused)?;
    let Holder::Person(alive) = &bearer.holder else {
        return Err(OAuthError::new(Code::InsufficientScope, "the token of a person is required").into());
    };
    if !bearer.scope.split_ascii_whitespace().any(|s| s == SCOPE) {
        return Err(OAuthError::new(Code::InsufficientScope, "the establishment scope is required").into());
    }
    let (after, limit) = (input.after()?, input.limit()?);
    let page = listing::places(&mut db.read().await?, &alive.account().id, after.as_ref(), limit).await?;
    let one = |p: &listing::Place| {
        let e = &p.establishment;
        json!({ "siret": e.siret.as_str(), "siren": e.siret.siren(), "name": e.name, "role": p.role.name() })
    };
    let mut body = json!({ "establishments": page.places.iter().map(one).collect::<Vec<_>>() });
    if let (Some(next), Some(members)) = (&page.next, body.as_object_mut()) {
        members.insert("next".into(), b64u(next.as_str()).into());
    }
    Ok(body)
}

impl Input<'_> {
    fn after(&self) -> Result<Option<Siret>, OAuthError> {
        let read = |text: &str| Siret::parse(&String::from_utf8(from_b64u(text)?).ok()?).ok();
        let wrong = || OAuthError::new(Code::InvalidRequest, "cursor: not one of ours");
        self.cursor.map(|text| read(text).ok_or_else(wrong)).transpose()
    }

    fn limit(&self) -> Result<u32, OAuthError> {
        let Some(text) = self.limit else { return Ok(USUAL) };
        let fits = |n: &u32| (1..=MOST).contains(n);
        text.parse().ok().filter(fits).ok_or_else(|| OAuthError::new(Code::InvalidRequest, "limit: a whole number from 1 to 100"))
    }
}
