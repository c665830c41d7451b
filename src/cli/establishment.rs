//! `guichet establishment`: who runs what. Declared with `guichet apply`.

use serde_json::{Value, json};

use super::args::Establishment as Command;
use super::membership;
use super::out::{Failure, Out, list, table};
use super::transfer;
use crate::app::App;
use crate::base::Siret;
use crate::org::claim::{self, Standing, Stewardship};
use crate::org::{self, Establishment, official, request};

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { orphan, idle, limit } => {
            let wanted = match (orphan, idle) {
                (true, _) => Some(Standing::Orphan),
                (false, true) => Some(Standing::Away),
                (false, false) => None,
            };
            show_all(out, app, wanted, limit).await
        }
        Command::Show { siret } => show(out, app, &siret).await,
        Command::Transfer { from, to } => transfer::run(out, app, &from, &to).await,
    }
}

/// The establishment of a SIRET as typed, if the hub knows it.
pub async fn find(app: &App, text: &str) -> Result<Establishment, Failure> {
    let siret = Siret::unchecked(text.replace(' ', "").as_str()).map_err(|e| Failure::Usage(format!("{text}: {e}")))?;
    let found = org::find(&mut app.db.read().await?, &siret).await?;
    found.ok_or_else(|| Failure::NotFound(format!("no establishment {siret}\n  → declare it with [[establishment]], see `guichet apply`")))
}

const fn name(standing: Standing) -> &'static str {
    match standing {
        Standing::Empty => "empty",
        Standing::Orphan => "orphan",
        Standing::Away => "idle",
        Standing::Managed => "managed",
    }
}

fn view(app: &App, s: &Stewardship) -> Value {
    json!({
        "siret": s.establishment.siret, "name": s.establishment.name,
        "standing": name(s.standing(&app.config.policy, app.clock.now())),
        "managers": s.managers, "manager_seen_at": s.seen_at.map(|at| at.to_string()),
    })
}

async fn show_all(out: Out, app: &App, wanted: Option<Standing>, limit: u32) -> Result<(), Failure> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let found = claim::list(&mut app.db.read().await?, &app.config.policy, wanted, app.clock.now(), limit).await?;
    let views: Vec<Value> = found.iter().map(|s| view(app, s)).collect();
    out.data(&views, || {
        let text = |v: &Value| if v.is_null() { String::new() } else { v.as_str().map_or_else(|| v.to_string(), str::to_owned) };
        let columns = ["siret", "standing", "managers", "manager_seen_at", "name"];
        let rows: Vec<Vec<String>> =
            views.iter().map(|v| columns.iter().map(|c| v.get(*c).map(text).unwrap_or_default()).collect()).collect();
        table(&["SIRET", "STANDING", "MANAGERS", "LAST SEEN", "NAME"], &rows)
    });
    Ok(())
}

async fn show(out: Out, app: &App, text: &str) -> Result<(), Failure> {
    let siret = find(app, text).await?.siret;
    let mut read = app.db.read().await?;
    let stewardship = claim::store::of(&mut read, &siret, app.clock.now()).await?;
    let official = official::address(&mut read, &siret).await?;
    let domains = org::store::domains(&mut read, &siret).await?;
    let waiting = request::store::count(&mut read, &siret).await?;
    drop(read);
    let people = membership::of_siret(app, &siret).await?;
    let mut shown = stewardship.map(|s| view(app, &s)).unwrap_or_default();
    if let Some(map) = shown.as_object_mut() {
        map.insert("official_email".to_owned(), json!(official.map(|e| e.to_string())));
        map.insert("email_domains".to_owned(), json!(domains));
        map.insert("requests_waiting".to_owned(), json!(waiting));
        map.insert("people".to_owned(), json!(people));
    }
    out.data(&shown, || {
        let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        let facts = shown.as_object().into_iter().flatten().filter(|(name, _)| *name != "people");
        let facts: Vec<(&str, String)> = facts.map(|(name, value)| (name.as_str(), text(value))).collect();
        format!("{}\n\n{}", list(&facts), membership::people_table(&people))
    });
    Ok(())
}
