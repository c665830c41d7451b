//! `guichet service`: the catalogue; declared with `guichet apply`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::args::Service as Command;
use super::out::{Failure, Out, list, message, table};
use crate::app::App;
use crate::base::Actor;
use crate::org::service::{self, Service};

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List => show_all(out, app),
        Command::Show { id } => show(out, app, &id)?,
        Command::Enable { id } => set_enabled(app, &id, true).await?,
        Command::Disable { id } => set_enabled(app, &id, false).await?,
    }
    Ok(())
}

fn state(service: &Service) -> &'static str {
    if service.enabled { "enabled" } else { "disabled" }
}

fn show_all(out: Out, app: &App) {
    let services = app.services();
    out.data(&services.all().iter().map(|s| view(s)).collect::<Vec<_>>(), || {
        let row = |s: &Arc<Service>| vec![s.id.clone(), state(s).to_owned(), s.metadata.name.clone()];
        table(&["ID", "STATE", "NAME"], &services.all().iter().map(row).collect::<Vec<_>>())
    });
}

fn view(service: &Service) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("id".into(), json!(service.id));
    map.insert("enabled".into(), json!(service.enabled));
    if let Ok(Value::Object(members)) = serde_json::to_value(&service.metadata) {
        map.extend(members);
    }
    map.insert("updated_at".into(), json!(service.updated_at.to_string()));
    map
}

fn known(app: &App, id: &str) -> Result<Arc<Service>, Failure> {
    app.services().any(id).cloned().ok_or_else(|| Failure::NotFound(format!("no service {id}")))
}

fn show(out: Out, app: &App, id: &str) -> Result<(), Failure> {
    let view = view(&*known(app, id)?);
    out.data(&view, || {
        let shown = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        list(&view.iter().map(|(name, value)| (name.as_str(), shown(value))).collect::<Vec<_>>())
    });
    Ok(())
}

async fn set_enabled(app: &App, id: &str, enabled: bool) -> Result<(), Failure> {
    let service = known(app, id)?;
    let mut tx = app.db.begin().await?;
    let changed = service::put(&mut tx, &app.ctx(Actor::Operator), id, &service.metadata, Some(enabled)).await?;
    tx.commit().await?;
    message(format_args!("{id} {}{}", if changed { "" } else { "was already " }, if enabled { "enabled" } else { "disabled" }));
    Ok(())
}
