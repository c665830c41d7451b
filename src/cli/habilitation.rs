//! `guichet habilitation` and `guichet attestation`: what people may do in services, by the rules of the pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::args::{Attestation as AttestationCommand, Habilitation as Command, Right};
use super::membership::person;
use super::out::{Failure, Out, table};
use super::{days, establishment};
use crate::account::{self, Account};
use crate::app::App;
use crate::audit::{self, Event, Kind};
use crate::authn::factor::Kit;
use crate::base::{Actor, Email, Siret, Timestamp};
use crate::db::Handle;
use crate::org::habilitation::store::Attestation;
use crate::org::habilitation::{self, Grant, Habilitation, Suspension};
use crate::org::holding::{self, Act, Refused};
use crate::org::request::Desk;
use crate::org::service::Service;
use crate::org::{self, Establishment};

/// People looked at.
const MOST: i64 = 10_000;
/// Rights read at a time.
const PAGE: i64 = 500;

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { siret, login_email } => show_all(out, app, siret.as_deref(), login_email.as_deref()).await,
        Command::Grant { right, profiles, until } => grant(out, app, &right, profiles, until.as_deref()).await,
        Command::Suspend { right } => act(out, app, &right, Act::Suspend(Suspension::Operator)).await,
        Command::Restore { right } => act(out, app, &right, Act::Restore).await,
        Command::Extend { right, until } => {
            act(out, app, &right, Act::Extend(until.as_deref().map(|day| to_come(app, day)).transpose()?)).await
        }
        Command::Revoke { right } => act(out, app, &right, Act::Withdraw).await,
    }
}

fn to_come(app: &App, day: &str) -> Result<Timestamp, Failure> {
    let end = days::end_of(day)?;
    if end <= app.clock.now() { Err(Failure::Usage(format!("--until {day}: over already"))) } else { Ok(end) }
}

/// Who, where and what a command names.
struct Subject {
    who: Account,
    place: Establishment,
    service: Service,
}

impl Subject {
    async fn of(app: &App, right: &Right) -> Result<Self, Failure> {
        let (who, place) = (person(app, &right.login_email).await?, establishment::find(app, &right.siret).await?);
        let known = app.services().any(&right.service).map(|s| Service::clone(s));
        let service = known.ok_or_else(|| Failure::NotFound(format!("no service {}", right.service)))?;
        Ok(Self { who, place, service })
    }

    fn none(&self) -> Failure {
        let email = self.who.login_email.as_ref().map(Email::as_str).unwrap_or_default();
        Failure::NotFound(format!("{email} holds nothing of {} in {} that allows it", self.service.id, self.place.siret))
    }
}

async fn act(out: Out, app: &App, right: &Right, act: Act) -> Result<(), Failure> {
    let subject = Subject::of(app, right).await?;
    let (ctx, services) = (app.ctx(Actor::Operator), app.services());
    let desk = Desk { kit: &Kit { ctx: &ctx, keys: &app.keys, config: &app.config }, services: &services };
    let mut tx = app.db.begin().await?;
    match holding::act_by_operator(&mut tx, desk, &subject.place, &subject.who.id, &subject.service, act).await? {
        Ok(()) => {
            let about = standing(&mut tx, &subject.who, &subject.place.siret, &subject.service.id).await?;
            tx.commit().await?;
            out.changed(true, about, "done");
            Ok(())
        }
        Err(Refused::Lacks(kinds)) => Err(lacks(&kinds)),
        Err(Refused::Unknown | Refused::NotTheirs | Refused::NotManager | Refused::Own) => Err(subject.none()),
    }
}

fn lacks(kinds: &[String]) -> Failure {
    Failure::Refused(format!("the service demands attestations: {}\n  → guichet attestation put", kinds.join(", ")))
}

async fn grant(out: Out, app: &App, right: &Right, profiles: Vec<String>, until: Option<&str>) -> Result<(), Failure> {
    let Subject { who, place, service } = Subject::of(app, right).await?;
    if let Some(unknown) = profiles.iter().find(|p| service.profile(p).is_none()) {
        return Err(Failure::Usage(format!("--profile {unknown}: {} has no such profile", service.id)));
    }
    let profiles: Vec<String> = profiles.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let (ctx, services, until) = (app.ctx(Actor::Operator), app.services(), until.map(|day| to_come(app, day)).transpose()?);
    let desk = Desk { kit: &Kit { ctx: &ctx, keys: &app.keys, config: &app.config }, services: &services };
    let mut tx = app.db.begin().await?;
    org::store::take_turn(&mut tx, &place.siret).await?;
    if org::membership(&mut tx, &who.id, &place.siret, ctx.now()).await?.is_none() {
        return Err(Failure::Refused(format!("{} does not act for {}\n  → guichet membership add", right.login_email, place.siret)));
    }
    let kinds = org::request::lacks(&mut tx, &who.id, &service, ctx.now()).await?;
    if !kinds.is_empty() {
        return Err(lacks(&kinds));
    }
    let expires_at = until.into_iter().chain(service.latest_end(ctx.now())).min();
    let (account, siret, id) = (who.id.clone(), place.siret.clone(), service.id.clone());
    let wanted = Grant { account, siret, service: id, profiles, expires_at, by: "operator".to_owned() };
    let granted = habilitation::grant(&mut tx, desk.kit, &wanted).await?;
    let held = habilitation::of_person(&mut tx, &who.id, &place.siret).await?.into_iter().find(|h| h.service == service.id);
    if let (true, Some(held)) = (granted, held) {
        holding::tell(&mut tx, desk, &who, &place, &held, crate::mail::message::OrgEvent::AccessOpened).await?;
    }
    let about = standing(&mut tx, &who, &place.siret, &service.id).await?;
    tx.commit().await?;
    out.changed(granted, about, if granted { "granted" } else { "held already" });
    Ok(())
}

fn view(h: &Habilitation, email: Option<&str>) -> Value {
    let at = |t: Option<Timestamp>| t.map(|t| t.to_string());
    json!({
        "login_email": email, "siret": h.siret, "service": h.service, "profiles": h.profiles, "state": h.state.name(),
        "suspended_for": h.suspended_for.map(Suspension::name), "granted_by": h.granted_by, "granted_at": h.granted_at.to_string(),
        "expires_at": at(h.expires_at), "reviewed_at": at(h.reviewed_at),
    })
}

/// A right as it stands.
async fn standing(h: &mut impl Handle, who: &Account, siret: &Siret, service: &str) -> Result<Value, Failure> {
    let all = habilitation::of_person(h, &who.id, siret).await?;
    let email = who.login_email.as_ref().map(Email::as_str);
    let none = || json!({ "login_email": email, "siret": siret, "service": service });
    Ok(all.iter().find(|held| held.service == service).map_or_else(none, |held| view(held, email)))
}

async fn held(h: &mut impl Handle, who: &Account, siret: &Siret) -> Result<Vec<Value>, Failure> {
    let all = habilitation::of_person(h, &who.id, siret).await?;
    Ok(all.iter().map(|h| view(h, who.login_email.as_ref().map(Email::as_str))).collect())
}

async fn show_all(out: Out, app: &App, siret: Option<&str>, login_email: Option<&str>) -> Result<(), Failure> {
    let mut views = Vec::new();
    let who = match login_email {
        Some(email) => Some(person(app, email).await?),
        None => None,
    };
    match (siret, &who) {
        (Some(siret), Some(who)) => {
            let siret = establishment::find(app, siret).await?.siret;
            views = held(&mut app.db.read().await?, who, &siret).await?;
        }
        (Some(siret), None) => {
            let siret = establishment::find(app, siret).await?.siret;
            let mut read = app.db.read().await?;
            let all = org::store::PeopleFilter { after: "", text: "", role: "", state: "", used_before: Timestamp::from_millis(i64::MAX) };
            for row in org::store::people(&mut read, &siret, &all, MOST).await? {
                let id = crate::base::id::AccountId::from_store(row.account_id);
                if let Some(who) = account::store::find(&mut read, &id).await? {
                    views.extend(held(&mut read, &who, &siret).await?);
                }
            }
        }
        (None, Some(who)) => {
            let mut read = app.db.read().await?;
            let (email, mut after) = (who.login_email.as_ref().map(Email::as_str), (String::new(), String::new()));
            loop {
                let page = habilitation::store::of_account(&mut read, &who.id, (&after.0, &after.1), PAGE).await?;
                let Some(last) = page.last() else { break };
                after = (last.siret.to_string(), last.service.clone());
                views.extend(page.iter().map(|h| view(h, email)));
            }
        }
        (None, None) => {}
    }
    out.data(&views, || {
        let text = |v: &Value, name: &str| match v.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => String::new(),
        };
        let columns = ["siret", "login_email", "service", "profiles", "state", "suspended_for", "expires_at"];
        let rows: Vec<Vec<String>> = views.iter().map(|v| columns.iter().map(|c| text(v, c)).collect()).collect();
        table(&["SIRET", "LOGIN E-MAIL", "SERVICE", "PROFILES", "STATE", "SUSPENDED FOR", "UNTIL"], &rows)
    });
    Ok(())
}

pub async fn run_attestation(out: Out, app: &App, command: AttestationCommand) -> Result<(), Failure> {
    match command {
        AttestationCommand::List { login_email } => {
            let who = person(app, &login_email).await?;
            let all = habilitation::store::attestations(&mut app.db.read().await?, &who.id).await?;
            let day = |at: Timestamp| at.to_string();
            let views: Vec<Value> = all
                .iter()
                .map(|a| json!({ "kind": a.kind, "obtained_at": day(a.obtained_at), "expires_at": a.expires_at.map(day), "evidence": a.evidence }))
                .collect();
            let row = |a: &Attestation| {
                vec![a.kind.clone(), day(a.obtained_at), a.expires_at.map(day).unwrap_or_default(), a.evidence.clone().unwrap_or_default()]
            };
            out.data(&views, || table(&["KIND", "OBTAINED", "UNTIL", "EVIDENCE"], &all.iter().map(row).collect::<Vec<_>>()));
            Ok(())
        }
        AttestationCommand::Put { login_email, kind, obtained_on, expires_on, evidence } => {
            let who = person(app, &login_email).await?;
            let (obtained_at, expires_at) = (days::named(&obtained_on)?, expires_on.as_deref().map(days::named).transpose()?);
            let ctx = app.ctx(Actor::Operator);
            let attestation = Attestation { kind, obtained_at, expires_at, evidence };
            let mut tx = app.db.begin().await?;
            let changed = habilitation::store::put_attestation(&mut tx, &who.id, &attestation, ctx.now()).await? > 0;
            if changed {
                let event = Event::new(Kind::AttestationChanged).account(&who.id).with("kind", attestation.kind.as_str());
                audit::append(&mut tx, &ctx, event).await?;
            }
            tx.commit().await?;
            let about = json!({
                "login_email": login_email, "kind": attestation.kind, "obtained_at": attestation.obtained_at.to_string(),
                "expires_at": attestation.expires_at.map(|at| at.to_string()), "evidence": attestation.evidence,
            });
            out.changed(changed, about, if changed { "recorded" } else { "nothing to change" });
            Ok(())
        }
    }
}
