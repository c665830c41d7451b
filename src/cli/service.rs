//! `guichet service`: the catalogue; declared with `guichet apply`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::args::{NamedFor, Service as Command, ServiceApprover};
use super::membership::person;
use super::out::{Failure, Out, list, message, table};
use crate::account;
use crate::app::App;
use crate::base::Actor;
use crate::org::service::{self, Approver, NamedApprover, Service};

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List => show_all(out, app),
        Command::Show { id } => show(out, app, &id).await?,
        Command::Enable { id } => set_enabled(out, app, &id, true).await?,
        Command::Disable { id } => set_enabled(out, app, &id, false).await?,
        Command::Approver(ServiceApprover::Add(named)) => name(out, app, &named, true).await?,
        Command::Approver(ServiceApprover::Remove(named)) => name(out, app, &named, false).await?,
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

async fn show(out: Out, app: &App, id: &str) -> Result<(), Failure> {
    let mut view = view(&*known(app, id)?);
    view.insert("approvers".into(), named(app, id).await?.into());
    out.data(&view, || {
        let shown = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        list(&view.iter().map(|(name, value)| (name.as_str(), shown(value))).collect::<Vec<_>>())
    });
    Ok(())
}

/// Those named to decide, each with where.
async fn named(app: &App, id: &str) -> Result<Vec<Value>, Failure> {
    let mut read = app.db.read().await?;
    let mut lines = Vec::new();
    for a in service::store::all_approvers(&mut read, id).await? {
        let email = account::store::find(&mut read, &a.account).await?.and_then(|who| who.login_email);
        lines.push(json!({ "login_email": email.map(|e| e.to_string()), "scope": a.scope }));
    }
    Ok(lines)
}

async fn name(out: Out, app: &App, named: &NamedFor, decides: bool) -> Result<(), Failure> {
    let (service, who) = (known(app, &named.id)?, person(app, &named.login_email).await?);
    let scope = NamedApprover::scope(&named.scope).ok_or_else(|| Failure::Usage("--scope: a SIREN or a SIRET".to_owned()))?;
    let (ctx, approver) = (app.ctx(Actor::Operator), NamedApprover { account: who.id, scope });
    let mut tx = app.db.begin().await?;
    let changed = if decides {
        service::put_approver(&mut tx, &ctx, &service.id, &approver).await?
    } else {
        service::remove_approver(&mut tx, &ctx, &service.id, &approver).await?
    };
    tx.commit().await?;
    if !changed && !decides {
        return Err(Failure::NotFound(format!("{} is not named there for {}", named.login_email, service.id)));
    }
    if decides && service.metadata.approver != Approver::Named {
        message(format_args!("note: {} decides by its own rule until approver = \"named\"", service.id));
    }
    let about = json!({ "service": service.id, "login_email": who.login_email, "scope": approver.scope, "decides": decides });
    let said = match (decides, changed) {
        (true, true) => "named",
        (true, false) => "named already",
        (false, _) => "named no more",
    };
    out.changed(changed, about, said);
    Ok(())
}

async fn set_enabled(out: Out, app: &App, id: &str, enabled: bool) -> Result<(), Failure> {
    let service = known(app, id)?;
    let mut tx = app.db.begin().await?;
    let changed = service::put(&mut tx, &app.ctx(Actor::Operator), id, &service.metadata, Some(enabled)).await?;
    let now = service::store::find(&mut tx, id).await?.ok_or_else(|| Failure::NotFound(format!("no service {id}")))?;
    tx.commit().await?;
    let state = if enabled { "enabled" } else { "disabled" };
    out.changed(changed, view(&now), format_args!("{id} {}{state}", if changed { "" } else { "was already " }));
    Ok(())
}
