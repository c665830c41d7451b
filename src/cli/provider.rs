//! `guichet provider`: the upstream providers; declared with `guichet apply`.

use serde_json::{Map, Value, json};

use super::args::Provider as Command;
use super::out::{Failure, Out, list, table};
use crate::app::App;
use crate::base::Actor;
use crate::federation::registry::{self, Rules};
use crate::federation::{Provider, store};

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List => show_all(out, app),
        Command::Show { id } => show(out, app, &id)?,
        Command::Enable { id } => set_enabled(out, app, &id, true).await?,
        Command::Disable { id } => set_enabled(out, app, &id, false).await?,
    }
    Ok(())
}

fn state(provider: &Provider) -> &'static str {
    if provider.enabled { "enabled" } else { "disabled" }
}

fn show_all(out: Out, app: &App) {
    let providers = app.providers();
    let all = providers.all();
    out.data(&all.iter().map(|p| view(app, p)).collect::<Vec<_>>(), || {
        let row = |p: &std::sync::Arc<Provider>| {
            vec![p.id.clone(), state(p).to_owned(), p.metadata.kind.name().to_owned(), p.metadata.issuer.clone()]
        };
        table(&["ID", "STATE", "KIND", "ISSUER"], &all.iter().map(row).collect::<Vec<_>>())
    });
}

/// A provider as data, with the two addresses to register there. Of its secret, only that there is one.
fn view(app: &App, provider: &Provider) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("id".into(), json!(provider.id));
    map.insert("enabled".into(), json!(provider.enabled));
    if let Ok(Value::Object(members)) = serde_json::to_value(&provider.metadata) {
        map.extend(members);
    }
    map.insert("has_secret".into(), json!(provider.secret.is_some()));
    map.insert("redirect_uri".into(), json!(provider.redirect_uri(&app.issuer)));
    map.insert("post_logout_redirect_uri".into(), json!(provider.sign_out_uri(&app.issuer)));
    map.insert("updated_at".into(), json!(provider.updated_at.to_string()));
    map
}

fn show(out: Out, app: &App, id: &str) -> Result<(), Failure> {
    let providers = app.providers();
    let provider = providers.any(id).ok_or_else(|| Failure::NotFound(format!("no provider {id}")))?;
    let view = view(app, provider);
    out.data(&view, || {
        let shown = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        list(&view.iter().map(|(name, value)| (name.as_str(), shown(value))).collect::<Vec<_>>())
    });
    Ok(())
}

async fn set_enabled(out: Out, app: &App, id: &str, enabled: bool) -> Result<(), Failure> {
    let rules = Rules { rest: &app.keys.rest, trial: app.config.server.environment.accepts_plain_http() };
    let mut tx = app.db.begin().await?;
    let changed = registry::set_enabled(&mut tx, &app.ctx(Actor::Operator), rules, id, enabled).await.map_err(|e| match e {
        registry::Error::Unknown(_) => Failure::NotFound(e.to_string()),
        other => Failure::error(other),
    })?;
    let now = store::find(&mut tx, &app.keys.rest, id).await?.ok_or_else(|| Failure::NotFound(format!("no provider {id}")))?;
    tx.commit().await?;
    let state = if enabled { "enabled" } else { "disabled" };
    out.changed(changed, view(app, &now), format_args!("{id} {}{state}", if changed { "" } else { "was already " }));
    Ok(())
}
