//! `guichet review`: reviews of rights in establishments, opened by the operator.

use serde_json::{Value, json};

use super::args::Review as Command;
use super::days;
use super::out::{Failure, Out, list, table};
use crate::app::App;
use crate::authn::factor::Kit;
use crate::base::id::ReviewId;
use crate::base::{Actor, Siret};
use crate::org::request::Desk;
use crate::org::review::{self, Refused, Review, store};

/// Establishments read at a time.
const PAGE: i64 = 200;

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::Open { siret, siren, service, until } => open(out, app, siret, siren, service, &until).await,
        Command::List { after } => show_all(out, app, after.as_deref().unwrap_or_default()).await,
        Command::Show { id } => {
            let view = view(app, &find(app, &id).await?).await?;
            out.data(&view, || {
                let shown = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
                list(&view.as_object().into_iter().flatten().map(|(name, v)| (name.as_str(), shown(v))).collect::<Vec<_>>())
            });
            Ok(())
        }
        Command::Close { id } => close(out, app, &id).await,
    }
}

async fn find(app: &App, id: &str) -> Result<Review, Failure> {
    let unknown = || Failure::NotFound(format!("no review {id}"));
    let id = ReviewId::parse(id).ok_or_else(unknown)?;
    store::find(&mut app.db.read().await?, &id).await?.ok_or_else(unknown)
}

async fn view(app: &App, r: &Review) -> Result<Value, Failure> {
    let left = match r.closed_at {
        None => Some(store::count_left(&mut app.db.read().await?, &r.scope(app.clock.now())).await?),
        Some(_) => None,
    };
    Ok(json!({
        "id": r.id, "siret": r.establishment.siret, "establishment": r.establishment.name, "service": r.service,
        "opened_by": r.opened_by, "opened_at": r.opened_at.to_string(), "due_at": r.due_at.to_string(), "rights": r.rights,
        "left": left, "closed_at": r.closed_at.map(|at| at.to_string()),
    }))
}

/// Every establishment that is meant.
async fn meant(app: &App, siret: Option<String>, siren: Option<String>, service: &str) -> Result<Vec<Siret>, Failure> {
    let mut found: Vec<Siret> = Vec::new();
    if let Some(text) = siret {
        return Ok(vec![Siret::unchecked(&text).map_err(|e| Failure::Usage(format!("--siret {text}: {e}")))?]);
    }
    if let Some(siren) = &siren
        && (siren.len() != 9 || !siren.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err(Failure::Usage(format!("--siren {siren}: nine digits")));
    }
    loop {
        let after = found.last().map(ToString::to_string);
        let mut read = app.db.read().await?;
        let page = match &siren {
            Some(siren) => {
                let after = after.unwrap_or_else(|| siren.clone());
                store::sirets_between(&mut read, &after, &format!("{siren}99999"), PAGE).await?
            }
            None => store::sirets_of_service(&mut read, service, &after.unwrap_or_default(), PAGE).await?,
        };
        if page.is_empty() {
            return Ok(found);
        }
        found.extend(page);
    }
}

async fn open(
    out: Out,
    app: &App,
    siret: Option<String>,
    siren: Option<String>,
    service: Option<String>,
    until: &str,
) -> Result<(), Failure> {
    let (due, service) = (days::end_of(until)?, service.unwrap_or_default());
    let services = app.services();
    if !service.is_empty() && services.any(&service).is_none() {
        return Err(Failure::NotFound(format!("no service {service}")));
    }
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut outcomes = Vec::new();
    for siret in meant(app, siret, siren, &service).await? {
        let mut tx = app.db.begin().await?;
        let Some(place) = crate::org::find(&mut tx, &siret).await? else {
            return Err(Failure::NotFound(format!("no establishment {siret}")));
        };
        let opened = review::open(&mut tx, Desk { kit: &kit, services: &services }, None, &place, &service, due).await?;
        match opened {
            Ok(review) => {
                tx.commit().await?;
                outcomes.push(json!({ "siret": siret, "review": review.id, "rights": review.rights }));
            }
            Err(Refused::Day) => return Err(Failure::Usage(format!("--until {until}: a day to come, within 90 days"))),
            Err(refused) => {
                tx.rollback().await?;
                outcomes.push(json!({ "siret": siret, "refused": refused.to_string() }));
            }
        }
    }
    out.data(&outcomes, || rows(&["SIRET", "REVIEW", "RIGHTS", "REFUSED"], &["siret", "review", "rights", "refused"], &outcomes));
    Ok(())
}

fn rows(heads: &[&str], columns: &[&str], views: &[Value]) -> String {
    let cell = |v: &Value, name: &str| match v.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    let lines: Vec<Vec<String>> = views.iter().map(|v| columns.iter().map(|c| cell(v, c)).collect()).collect();
    table(heads, &lines)
}

async fn show_all(out: Out, app: &App, after: &str) -> Result<(), Failure> {
    let open = store::list(&mut app.db.read().await?, after, PAGE).await?;
    let mut views = Vec::with_capacity(open.len());
    for review in &open {
        views.push(view(app, review).await?);
    }
    let (heads, columns) = (["ID", "SIRET", "SERVICE", "UNTIL", "RIGHTS", "LEFT"], ["id", "siret", "service", "due_at", "rights", "left"]);
    out.data(&views, || rows(&heads, &columns, &views));
    Ok(())
}

async fn close(out: Out, app: &App, id: &str) -> Result<(), Failure> {
    let review = find(app, id).await?;
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let services = app.services();
    let mut tx = app.db.begin().await?;
    if !review::abandon(&mut tx, Desk { kit: &kit, services: &services }, &review).await? {
        tx.rollback().await?;
        return Err(Failure::Refused(format!("{id} is over")));
    }
    tx.commit().await?;
    let about = view(app, &find(app, id).await?).await?;
    out.changed(true, about, format_args!("{id} closed: nothing was suspended"));
    Ok(())
}
