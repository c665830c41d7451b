//! `guichet key`.

use serde_json::{Value, json};

use super::args::Key;
use super::out::{Failure, Out, table};
use crate::app::App;
use crate::base::{Actor, Timestamp};
use crate::crypto::remote::{self, DecryptionKeys, Listed};
use crate::crypto::{Algorithm, keyring, store};
use crate::oidc::keys;

pub async fn run(out: Out, app: &App, command: Key) -> Result<(), Failure> {
    match command {
        Key::List => list(out, app).await,
        Key::Rotate { decryption: true, force, .. } => rotate_decryption(out, app, force).await,
        Key::Rotate { alg, force, .. } => rotate(out, app, alg, force).await,
        Key::Revoke { kid, yes } => revoke(out, app, &kid, yes).await,
    }
}

fn state(k: &Listed) -> &'static str {
    if k.retired { "retired" } else { "active" }
}

/// A key that providers encrypt to.
fn decryption_view(k: &Listed) -> Value {
    json!({ "kid": k.kid, "kty": k.family, "use": "enc", "state": state(k), "since": k.since.to_string() })
}

async fn list(out: Out, app: &App) -> Result<(), Failure> {
    let stored = store::list_keys(&mut app.db.read().await?).await?;
    let keyring = app.keyring();
    let decrypting = keyring.decryption().listed();
    let mut keys: Vec<_> = stored
        .iter()
        .map(|k| {
            let time = |t: Option<Timestamp>| t.map(|t| t.to_string());
            json!({
                "kid": k.kid, "alg": k.alg.name(), "state": k.state.name(), "created_at": time(Some(k.created_at)),
                "activated_at": time(k.activated_at), "retired_at": time(k.retired_at),
            })
        })
        .collect();
    keys.extend(decrypting.iter().map(decryption_view));
    out.data(&keys, || {
        let mut rows: Vec<Vec<String>> = stored
            .iter()
            .map(|k| {
                let since = k.retired_at.or(k.activated_at).unwrap_or(k.created_at);
                vec![k.alg.name().to_owned(), k.state.name().to_owned(), k.kid.clone(), since.to_string()]
            })
            .collect();
        let decrypting = decrypting.iter();
        rows.extend(decrypting.map(|k| vec![format!("{} enc", k.family), state(k).to_owned(), k.kid.clone(), k.since.to_string()]));
        table(&["ALG", "STATE", "KID", "SINCE"], &rows)
    });
    Ok(())
}

async fn rotate(out: Out, app: &App, alg: Option<Algorithm>, force: bool) -> Result<(), Failure> {
    let algs = match alg {
        Some(alg) => vec![alg],
        None => Algorithm::ALL.into_iter().filter(|a| app.keyring().signing(*a).is_some()).collect(),
    };
    let ctx = app.ctx(Actor::Operator);
    let mut tx = app.db.begin().await?;
    let mut rotated = Vec::with_capacity(algs.len());
    for alg in &algs {
        rotated.push((*alg, keys::rotate(&mut tx, &ctx, &app.key_schedule(), *alg, force).await?));
    }
    tx.commit().await?;
    // The next of the next.
    app.ensure_keys(&algs).await?;
    let data: Vec<_> = rotated.iter().map(|(alg, kid)| json!({ "alg": alg.name(), "kid": kid })).collect();
    out.data(&data, || rotated.iter().map(|(alg, kid)| format!("{} now signs with {kid}", alg.name())).collect::<Vec<_>>().join("\n"));
    Ok(())
}

async fn rotate_decryption(out: Out, app: &App, force: bool) -> Result<(), Failure> {
    let keys = app.keys.clone();
    let made = tokio::task::spawn_blocking(move || DecryptionKeys::make(&keys.rest)).await;
    let made = made.map_err(Failure::error)?.map_err(keyring::Error::from)?;
    let ctx = app.ctx(Actor::Operator);
    let mut tx = app.db.begin().await?;
    keys::rotate_decryption(&mut tx, &ctx, &app.keys.rest, &made, force).await?;
    let now = DecryptionKeys::load(&mut tx, &app.keys.rest).await.map_err(keyring::Error::from)?;
    tx.commit().await?;
    let about = json!({ "keys": now.listed().iter().map(decryption_view).collect::<Vec<_>>() });
    let days = remote::KEPT.as_secs() / 86_400;
    out.changed(true, about, format_args!("new decryption keys are published; those before them still decrypt for {days} days"));
    Ok(())
}

async fn revoke_decryption(out: Out, app: &App, kid: &str, yes: bool) -> Result<(), Failure> {
    if !yes {
        let why = "what is still encrypted to it, or to the other key of its time, would open no more";
        return Err(Failure::Refused(format!("{why}\n  → add --yes to revoke {kid}")));
    }
    let ctx = app.ctx(Actor::Operator);
    let mut tx = app.db.begin().await?;
    keys::revoke_decryption(&mut tx, &ctx, app.keyring().decryption(), kid).await?;
    tx.commit().await?;
    out.changed(true, json!({ "kid": kid, "use": "enc" }), format_args!("{kid} revoked"));
    Ok(())
}

async fn revoke(out: Out, app: &App, kid: &str, yes: bool) -> Result<(), Failure> {
    if app.keyring().decryption().listed().iter().any(|k| k.kid == kid) {
        return revoke_decryption(out, app, kid, yes).await;
    }
    let known = store::list_keys(&mut app.db.read().await?).await?.into_iter().find(|k| k.kid == kid);
    let alg = known.ok_or_else(|| Failure::NotFound(format!("no key {kid}")))?.alg;
    if !yes {
        let why = "every token it signed would be refused at once, and people would sign in again";
        return Err(Failure::Refused(format!("{why}\n  → add --yes to revoke {kid}")));
    }
    let ctx = app.ctx(Actor::Operator);
    let mut tx = app.db.begin().await?;
    keys::revoke(&mut tx, &ctx, kid).await?;
    tx.commit().await?;
    app.ensure_keys(&[alg]).await?;
    out.changed(true, json!({ "kid": kid, "alg": alg.name() }), format_args!("{kid} revoked"));
    Ok(())
}
