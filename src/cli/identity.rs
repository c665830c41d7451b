//! `guichet account identities`, `unlink`, `relink` and `unverify`: the identities that upstream providers vouch for.

use serde_json::json;

use super::account::{find, view};
use super::out::{Failure, Out, table};
use crate::account::{Account, AccountKind};
use crate::app::App;
use crate::authn::factor::Kit;
use crate::base::{Actor, Timestamp};
use crate::db::Handle;
use crate::federation::store::{self, IdentityRow};
use crate::federation::{link, verify};

pub async fn list(out: Out, app: &App, who: &str) -> Result<(), Failure> {
    let mut read = app.db.read().await?;
    let account = find(&mut read, who).await?;
    let rows = store::identities(&mut read, &account.id).await?;
    let time = |ms: i64| Timestamp::from_millis(ms).to_string();
    let identity = |r: &IdentityRow| {
        json!({
            "issuer": r.issuer, "sub": r.sub, "provider": r.provider_id, "state": r.state, "acr": r.acr,
            "linked_at": time(r.linked_at), "last_used_at": time(r.last_used_at),
        })
    };
    out.data(&rows.iter().map(identity).collect::<Vec<_>>(), || {
        let row = |r: &IdentityRow| vec![r.provider_id.clone(), r.state.clone(), r.sub.clone(), time(r.linked_at), time(r.last_used_at)];
        table(&["PROVIDER", "STATE", "SUB", "LINKED", "LAST USED"], &rows.iter().map(row).collect::<Vec<_>>())
    });
    Ok(())
}

async fn one(h: &mut impl Handle, account: &Account, sub: &str, issuer: Option<&str>) -> Result<IdentityRow, Failure> {
    let rows = store::identities(h, &account.id).await?;
    let mut fits = rows.into_iter().filter(|r| r.is_linked() && r.sub == sub && issuer.is_none_or(|i| i == r.issuer));
    match (fits.next(), fits.next()) {
        (Some(row), None) => Ok(row),
        (Some(_), Some(_)) => Err(Failure::Usage("several issuers know this sub: say --issuer".to_owned())),
        (None, _) => Err(Failure::NotFound(format!("{}: no such identity is linked", account.id))),
    }
}

pub async fn unlink(out: Out, app: &App, who: &str, sub: &str, issuer: Option<&str>) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut tx = app.db.begin().await?;
    let account = find(&mut tx, who).await?;
    let row = one(&mut tx, &account, sub, issuer).await?;
    link::unlink(&mut tx, &kit, &account.id, &row.issuer, &row.sub).await?;
    tx.commit().await?;
    let about = json!({ "account": account.id.as_str(), "provider": row.provider_id, "issuer": row.issuer, "sub": row.sub });
    out.changed(true, about, format_args!("{}: unlinked; its sessions and grants ended", account.id));
    Ok(())
}

pub async fn relink(out: Out, app: &App, from: &str, sub: &str, to: &str) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut tx = app.db.begin().await?;
    let (from, to) = (find(&mut tx, from).await?, find(&mut tx, to).await?);
    if to.kind != AccountKind::Individual || from.id == to.id {
        return Err(Failure::Refused(format!("{}: not another individual's account", to.id)));
    }
    let row = one(&mut tx, &from, sub, None).await?;
    if !link::relink(&mut tx, &kit, &row, &to).await? {
        return Err(Failure::Refused("linked meanwhile; try again".to_owned()));
    }
    tx.commit().await?;
    let about = json!({
        "account": to.id.as_str(), "from": from.id.as_str(), "provider": row.provider_id, "issuer": row.issuer, "sub": row.sub,
    });
    out.changed(true, about, format_args!("{} now signs in {}", row.sub, to.id));
    Ok(())
}

pub async fn unverify(out: Out, app: &App, who: &str) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut tx = app.db.begin().await?;
    let account = find(&mut tx, who).await?;
    if !verify::remove(&mut tx, &kit, &account.id, "operator").await? {
        return Err(Failure::NotFound(format!("{who}: no identity was verified")));
    }
    let account = find(&mut tx, account.id.as_str()).await?;
    tx.commit().await?;
    out.changed(true, view(&account), format_args!("{who}: no longer verified; the name is theirs to change"));
    Ok(())
}
