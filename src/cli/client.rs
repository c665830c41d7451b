//! `guichet client`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::args::{Client as Command, Members};
use super::out::{Failure, Out, list, message, table};
use crate::app::App;
use crate::base::Actor;
use crate::config::shape::{self, Shape};
use crate::oidc::Client;
use crate::oidc::client::Metadata;
use crate::oidc::registry::{self, Registered, Rules};

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List => show_all(out, app),
        Command::Show { id } => {
            let client = find(app, &id)?;
            out.data(&view(&client), || text(&client));
        }
        Command::Create { id, members } => create(out, app, &id, &members).await?,
        Command::Change { id, members, unset } => change(out, app, &id, &members, &unset).await?,
        Command::Disable { id } => set_enabled(out, app, &id, false).await?,
        Command::Enable { id } => set_enabled(out, app, &id, true).await?,
        Command::RotateSecret { id, overlap } => {
            let mut tx = app.db.begin().await?;
            let registered = registry::rotate_secret(&mut tx, &app.ctx(Actor::Operator), rules(app), &id, overlap).await?;
            tx.commit().await?;
            introduce(out, app, &registered);
        }
    }
    Ok(())
}

fn rules(app: &App) -> Rules<'_> {
    Rules { key: &app.keys.client_secret, environment: app.config.server.environment }
}

fn find(app: &App, id: &str) -> Result<Client, Failure> {
    app.clients().any(id).map(|c| (**c).clone()).ok_or_else(|| registry::Error::Unknown(id.to_owned()).into())
}

fn show_all(out: Out, app: &App) {
    let clients = app.clients();
    let all = clients.all();
    out.data(&all.iter().map(|c| view(c)).collect::<Vec<_>>(), || {
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|c| {
                let state = if c.enabled { "enabled" } else { "disabled" };
                let (method, name) = (c.metadata.token_endpoint_auth_method.name(), &c.metadata.client_name);
                vec![c.id.clone(), state.to_owned(), method.to_owned(), name.clone()]
            })
            .collect();
        table(&["CLIENT_ID", "STATE", "AUTHENTICATION", "NAME"], &rows)
    });
}

/// A client as data: its registration under RFC 7591 names, and its state. Of secrets, only that there is one.
fn view(client: &Client) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("client_id".into(), json!(client.id));
    map.insert("enabled".into(), json!(client.enabled));
    map.extend(members(&client.metadata));
    map.insert("has_secret".into(), json!(client.secrets.current.is_some()));
    if let Some((_, until)) = &client.secrets.previous {
        map.insert("previous_secret_until".into(), json!(until.to_string()));
    }
    map.insert("updated_at".into(), json!(client.updated_at.to_string()));
    map
}

fn members(metadata: &Metadata) -> Map<String, Value> {
    match serde_json::to_value(metadata) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn text(client: &Client) -> String {
    let view = view(client);
    let shown = |v: &Value| match v {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    list(&view.iter().map(|(name, value)| (name.as_str(), shown(value))).collect::<Vec<_>>())
}

async fn create(out: Out, app: &App, id: &str, given: &Members) -> Result<(), Failure> {
    let mut base = members(&Metadata::default());
    base.insert("scope".into(), json!("openid profile email"));
    let metadata = over(base, given)?;
    let mut tx = app.db.begin().await?;
    let registered = registry::create(&mut tx, &app.ctx(Actor::Operator), rules(app), id, metadata, None).await?;
    tx.commit().await?;
    introduce(out, app, &registered);
    Ok(())
}

async fn change(out: Out, app: &App, id: &str, given: &Members, unset: &[String]) -> Result<(), Failure> {
    let mut tx = app.db.begin().await?;
    let present = registry::store::find(&mut tx, id).await?.ok_or_else(|| registry::Error::Unknown(id.to_owned()))?;
    let mut base = members(&present.metadata);
    for member in unset {
        known(member)?;
        base.remove(member);
    }
    let metadata = over(base, given)?;
    let registered = registry::change(&mut tx, &app.ctx(Actor::Operator), rules(app), present, metadata).await?;
    tx.commit().await?;
    introduce(out, app, &registered);
    Ok(())
}

async fn set_enabled(out: Out, app: &App, id: &str, enabled: bool) -> Result<(), Failure> {
    let mut tx = app.db.begin().await?;
    let changed = registry::set_enabled(&mut tx, &app.ctx(Actor::Operator), id, enabled).await?;
    let client = registry::store::find(&mut tx, id).await?.ok_or_else(|| registry::Error::Unknown(id.to_owned()))?;
    tx.commit().await?;
    let state = if enabled { "enabled" } else { "disabled" };
    out.changed(changed, view(&client), format_args!("{id} {}{state}", if changed { "" } else { "was already " }));
    Ok(())
}

/// What was asked, over a registration.
fn over(mut base: Map<String, Value>, given: &Members) -> Result<Metadata, Failure> {
    let lists = [("redirect_uris", &given.redirect_uri), ("post_logout_redirect_uris", &given.post_logout_redirect_uri)];
    for (member, values) in lists.into_iter().filter(|(_, values)| !values.is_empty()) {
        base.insert(member.into(), json!(values));
    }
    let texts = [
        ("client_name", &given.name),
        ("scope", &given.scope),
        ("optional_scope", &given.optional_scope),
        ("backchannel_logout_uri", &given.backchannel_logout_uri),
        ("claims_notice_uri", &given.claims_notice_uri),
    ];
    for (member, value) in texts {
        if let Some(value) = value {
            base.insert(member.into(), json!(value));
        }
    }
    for pair in &given.set {
        let (member, value) = pair.split_once('=').ok_or_else(|| Failure::Usage(format!("--set {pair}: write MEMBER=VALUE")))?;
        let shape = known(member)?;
        let value = shape.parse(value).ok_or_else(|| Failure::Usage(format!("--set {pair}: {}", shape.wanted())))?;
        base.insert(member.into(), serde_json::to_value(value).map_err(Failure::error)?);
    }
    Metadata::deserialize(Value::Object(base)).map_err(Failure::error)
}

fn known(member: &str) -> Result<Shape, Failure> {
    if let Some(shape) = shape::of::<Metadata>(&[member]) {
        return Ok(shape);
    }
    let names = match shape::of::<Metadata>(&[]) {
        Some(Shape::Table(names)) => names,
        _ => Vec::new(),
    };
    let near = shape::nearest(member, &names).map(|n| format!("\n  → did you mean `{n}`?")).unwrap_or_default();
    Err(Failure::Usage(format!("unknown member {member}{near}")))
}

/// What whoever integrates the client needs, with its secret if one was just made.
fn introduce(out: Out, app: &App, registered: &Registered) {
    let Registered { client, secret } = registered;
    let issuer = app.config.server.issuer.as_str().trim_end_matches('/');
    let mut data = view(client);
    data.insert("issuer".into(), json!(issuer));
    if let Some(secret) = secret {
        data.insert("client_secret".into(), json!(secret.as_str()));
    }
    out.data(&data, || {
        let mut pairs = vec![
            ("issuer", issuer.to_owned()),
            ("discovery", format!("{issuer}/.well-known/openid-configuration")),
            ("client_id", client.id.clone()),
        ];
        if let Some(secret) = secret {
            pairs.push(("client_secret", secret.as_str().to_owned()));
        }
        pairs.push(("authentication", client.metadata.token_endpoint_auth_method.name().to_owned()));
        pairs.push(("scope", client.metadata.scope.clone()));
        if !client.metadata.optional_scope.is_empty() {
            pairs.push(("optional_scope", client.metadata.optional_scope.clone()));
        }
        pairs.push(("redirect_uris", client.metadata.redirect_uris.join(", ")));
        list(&pairs)
    });
    if secret.is_some() {
        message("The secret is shown this once: keep it now.");
    }
    if let Some((_, until)) = client.secrets.previous.as_ref().filter(|_| secret.is_some()) {
        message(format_args!("The secret before still serves until {until}."));
    }
    if client.metadata.post_logout_redirect_uris.is_empty() && !client.metadata.redirect_uris.is_empty() {
        message("Note: no post_logout_redirect_uris, so people stay at the hub after signing out.");
    }
}
