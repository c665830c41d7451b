//! `guichet request`: what people asked for, where the operator decides or nobody else does.

use serde_json::{Value, json};

use super::args::Request as Command;
use super::days;
use super::out::{Failure, Out, list, table};
use crate::account;
use crate::app::App;
use crate::authn::factor::Kit;
use crate::base::id::AskId;
use crate::base::{Actor, Siret, Timestamp};
use crate::org::Role;
use crate::org::request::decide::{self, Verdict};
use crate::org::request::{Desk, Request, Wish, store};

/// Requests shown at a time.
const PAGE: i64 = 200;

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { siret, service } => show_all(out, app, siret.as_deref(), service.as_deref()).await,
        Command::Show { id } => show(out, app, &id).await,
        Command::Accept { id, role, profiles, until } => {
            let request = find(app, &id).await?;
            let until = until.as_deref().map(|day| to_come(app, day)).transpose()?;
            let verdict = verdict(&request, role.as_deref(), profiles, until)?;
            settle(out, app, &request, verdict).await
        }
        Command::AskChanges { id, reason } => {
            let request = find(app, &id).await?;
            settle(out, app, &request, Verdict::AskChanges(reason)).await
        }
        Command::Decline { id, reason } => {
            let request = find(app, &id).await?;
            settle(out, app, &request, Verdict::Decline(reason)).await
        }
    }
}

/// The end of a day that is not over.
fn to_come(app: &App, day: &str) -> Result<Timestamp, Failure> {
    let end = days::end_of(day)?;
    if end <= app.clock.now() { Err(Failure::Usage(format!("--until {day}: over already"))) } else { Ok(end) }
}

async fn find(app: &App, id: &str) -> Result<Request, Failure> {
    let unknown = || Failure::NotFound(format!("no request {id}"));
    let id = AskId::parse(id).ok_or_else(unknown)?;
    store::find(&mut app.db.read().await?, &id).await?.ok_or_else(unknown)
}

async fn view(app: &App, r: &Request) -> Result<Value, Failure> {
    let person = account::store::find(&mut app.db.read().await?, &r.account).await?;
    let (kind, role, profiles) = match &r.wish {
        Wish::Join(role) => ("join", Some(role.name()), None),
        Wish::Use { profiles, .. } => ("use", None, Some(profiles)),
    };
    Ok(json!({
        "id": r.id, "kind": kind, "state": r.state.name(), "siret": r.establishment.siret, "establishment": r.establishment.name,
        "service": r.wish.service(), "role": role, "profiles": profiles, "message": r.message, "granted": r.granted, "reason": r.reason,
        "login_email": person.as_ref().and_then(|p| p.login_email.as_ref()).map(ToString::to_string),
        "name": person.as_ref().map(account::Account::full_name),
        "created_at": r.created_at.to_string(), "decided_at": r.decided_at.map(|at| at.to_string()), "decided_by": r.decided_by,
        "reminders": r.reminders,
    }))
}

async fn show_all(out: Out, app: &App, siret: Option<&str>, service: Option<&str>) -> Result<(), Failure> {
    let mut read = app.db.read().await?;
    let waiting = match (siret, service) {
        (Some(text), _) => {
            let siret = Siret::parse(text).map_err(|e| Failure::Usage(format!("--siret {text}: {e}")))?;
            store::of_siret(&mut read, &siret, "", PAGE).await?
        }
        (None, Some(service)) => store::of_service(&mut read, service, "", PAGE).await?,
        (None, None) => Vec::new(),
    };
    drop(read);
    let mut views = Vec::with_capacity(waiting.len());
    for request in &waiting {
        views.push(view(app, request).await?);
    }
    out.data(&views, || {
        let cell = |v: &Value, name: &str| v.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let columns = ["id", "kind", "siret", "service", "login_email", "created_at"];
        let rows: Vec<Vec<String>> = views.iter().map(|v| columns.iter().map(|c| cell(v, c)).collect()).collect();
        table(&["ID", "KIND", "SIRET", "SERVICE", "PERSON", "SINCE"], &rows)
    });
    Ok(())
}

async fn show(out: Out, app: &App, id: &str) -> Result<(), Failure> {
    let view = view(app, &find(app, id).await?).await?;
    out.data(&view, || {
        let shown = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        let lines = view.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), shown(value)));
        list(&lines.collect::<Vec<_>>())
    });
    Ok(())
}

/// What was typed, or what was asked for.
fn verdict(request: &Request, role: Option<&str>, profiles: Vec<String>, until: Option<Timestamp>) -> Result<Verdict, Failure> {
    match &request.wish {
        Wish::Join(_) if until.is_some() => Err(Failure::Usage("--until: for the use of a service only".to_owned())),
        Wish::Join(asked) => {
            let role =
                role.map_or(Ok(*asked), |r| Role::parse(r).ok_or_else(|| Failure::Usage(format!("--role {r}: manager or contact"))))?;
            Ok(Verdict::Admit(role))
        }
        Wish::Use { profiles: asked, .. } => {
            let profiles = if profiles.is_empty() { asked.clone() } else { profiles };
            Ok(Verdict::Grant { profiles, until })
        }
    }
}

async fn settle(out: Out, app: &App, request: &Request, verdict: Verdict) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let services = app.services();
    let mut tx = app.db.begin().await?;
    let decided = decide::decide(&mut tx, Desk { kit: &kit, services: &services }, None, &request.id, &verdict).await?;
    match decided {
        Ok(decided) => {
            tx.commit().await?;
            out.changed(true, view(app, &decided).await?, format_args!("{} {}", decided.id, decided.state.name()));
            Ok(())
        }
        Err(decide::Refused::Unknown) => Err(Failure::NotFound(format!("no request {}", request.id))),
        Err(
            refused @ (decide::Refused::Late
            | decide::Refused::Unfit
            | decide::Refused::Gone
            | decide::Refused::Barred
            | decide::Refused::Lacks(_)
            | decide::Refused::Closed(_)),
        ) => {
            // What was refused may be in the trail.
            tx.commit().await?;
            Err(Failure::Refused(refused.to_string()))
        }
    }
}
