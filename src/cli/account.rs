//! `guichet account`.

use std::io::Read;

use serde_json::{Map, Value, json};

use super::args::{Account as Command, Person, state};
use super::out::{Failure, Out, list, message, table};
use super::{designate, identity, import};
use crate::account::lifecycle::{self, Details};
use crate::account::{Account, store};
use crate::app::App;
use crate::audit::{self, Event, Kind};
use crate::authn::factor::Kit;
use crate::authn::{lost, trusted_browser};
use crate::base::id::AccountId;
use crate::base::{Aal, Actor, Email, Secret};
use crate::db::Handle;
use crate::oidc::people;

const LONGEST_PASSWORD: u64 = 4_096;

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { after, limit } => {
            let accounts = store::list(&mut app.db.read().await?, &after, i64::from(limit)).await?;
            out.data(&accounts.iter().map(view).collect::<Vec<_>>(), || {
                let rows: Vec<Vec<String>> = accounts.iter().map(row).collect();
                table(&["ID", "STATE", "KIND", "LOGIN E-MAIL", "NAME"], &rows)
            });
            if accounts.len() == limit as usize
                && let Some(last) = accounts.last()
            {
                message(format_args!("There may be more: --after {}", last.id));
            }
            Ok(())
        }
        Command::Show { who } => {
            let account = find(&mut app.db.read().await?, &who).await?;
            show(out, &account);
            Ok(())
        }
        Command::Designate(args) => designate::run(out, app, args).await,
        Command::Import(args) => import::run(out, app, args).await,
        Command::Create { login_email, person } => create(out, app, &login_email, person).await,
        Command::Change { who, login_email, person } => change(out, app, &who, login_email, person).await,
        Command::Disable { who } => set_state(out, app, &who, false).await,
        Command::Enable { who } => set_state(out, app, &who, true).await,
        Command::Recover { who, decline } => recover(out, app, &who, decline).await,
        Command::Identities { who } => identity::list(out, app, &who).await,
        Command::Unlink { who, sub, issuer } => identity::unlink(out, app, &who, &sub, issuer.as_deref()).await,
        Command::Unverify { who } => identity::unverify(out, app, &who).await,
        Command::Relink { from, sub, to } => identity::relink(out, app, &from, &sub, &to).await,
        Command::Demand { who, level } => demand(out, app, &who, level).await,
    }
}

/// Grants the request of somebody who lost their means of connection, or declines it.
async fn recover(out: Out, app: &App, who: &str, decline: bool) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut tx = app.db.begin().await?;
    let account = find(&mut tx, who).await?;
    let none = || Failure::NotFound(format!("{who}: no request waits\n  → the person makes one while signing in, « Je n’ai plus accès »"));
    if decline {
        lost::cancel(&mut tx, &kit, &account, "operator").await?.then_some(()).ok_or_else(none)?;
        tx.commit().await?;
        out.changed(true, json!({ "account": account.id.as_str(), "declined": true }), format_args!("{who}: declined"));
        return Ok(());
    }
    let ready_at = lost::grant(&mut tx, &kit, &account).await?.ok_or_else(none)?;
    tx.commit().await?;
    out.data(&json!({ "account": account.id.as_str(), "ready_at": ready_at.millis(), "changed": true }), || {
        format!("{who}: granted; the means of connection go at {ready_at}, unless the person stops it")
    });
    Ok(())
}

async fn demand(out: Out, app: &App, who: &str, level: Aal) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let mut tx = app.db.begin().await?;
    let account = find(&mut tx, who).await?;
    let changed = store::set_required(&mut tx, &account.id, level).await? == 1;
    if changed {
        let event = Event::new(Kind::DemandChanged).account(&account.id).with("required", level.number());
        audit::append(&mut tx, &ctx, event).await?;
    }
    tx.commit().await?;
    let mut view = view(&account);
    view.insert("required".to_owned(), level.name().into());
    out.changed(changed, view, format_args!("{who}: {} demanded", level.name()));
    Ok(())
}

/// The account that somebody typed.
pub async fn find(h: &mut impl Handle, who: &str) -> Result<Account, Failure> {
    let found = match (AccountId::parse(who), Email::parse(who)) {
        (Some(id), _) => store::find(h, &id).await?,
        (None, Ok(email)) => store::find_by_login(h, &email).await?,
        (None, Err(_)) => return Err(Failure::Usage(format!("{who}: neither an e-mail address nor an account identifier"))),
    };
    found.ok_or_else(|| Failure::NotFound(format!("no account {who}")))
}

pub fn view(a: &Account) -> Map<String, Value> {
    let value = json!({
        "id": a.id.as_str(), "kind": a.kind.name(), "state": a.state.name(),
        "login_email": a.login_email.as_ref().map(Email::as_str), "email_verified": a.login_email_verified,
        "contact_email": a.contact_email.as_ref().map(Email::as_str), "given_name": a.given_name, "family_name": a.family_name,
        "verified_by": a.civil.as_ref().map(|c| c.provider.as_str()),
        "verified_until": a.civil.as_ref().and_then(|c| c.until).map(|until| until.to_string()),
        "phone": a.phone, "job_title": a.job_title, "locale": a.locale.as_str(), "terms_version": a.terms_version,
        "administrator": a.security.administrator, "to_activate": a.security.to_activate,
        "created_at": a.created_at.to_string(), "updated_at": a.updated_at.to_string(),
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

pub fn row(a: &Account) -> Vec<String> {
    let email = a.login_email.as_ref().map(Email::to_string).unwrap_or_default();
    vec![a.id.to_string(), a.state.name().to_owned(), a.kind.name().to_owned(), email, a.full_name()]
}

fn show(out: Out, account: &Account) {
    let view = view(account);
    out.data(&view, || {
        let shown = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        let known = view.iter().filter(|(_, v)| !v.is_null());
        list(&known.map(|(name, value)| (name.as_str(), shown(value))).collect::<Vec<_>>())
    });
}

async fn create(out: Out, app: &App, login_email: &str, person: Person) -> Result<(), Failure> {
    let details = over(Details::new(email(login_email)?), &person)?;
    let hash = password(app, &person).await?;
    let ctx = app.ctx(Actor::Operator);
    let mut tx = app.db.begin().await?;
    let account = lifecycle::create(&mut tx, &ctx, details).await?;
    if let Some(hash) = hash {
        lifecycle::set_password(&mut tx, &ctx, &account.id, &hash).await?;
    }
    tx.commit().await?;
    show(out, &account);
    Ok(())
}

async fn change(out: Out, app: &App, who: &str, login_email: Option<String>, person: Person) -> Result<(), Failure> {
    let hash = password(app, &person).await?;
    let ctx = app.ctx(Actor::Operator);
    let mut tx = app.db.begin().await?;
    let before = find(&mut tx, who).await?;
    let present = Details::of(&before).ok_or_else(|| Failure::Refused(format!("{who} does not sign in with an e-mail address")))?;
    let mut details = over(present, &person)?;
    if let Some(new) = login_email {
        details.login_email = email(&new)?;
        // Nobody has proved the new one.
        details.login_email_verified = person.email_verified.unwrap_or(false);
    }
    let account = lifecycle::change(&mut tx, &ctx, &before, details).await?;
    if account.login_email.as_ref().map(Email::key) != before.login_email.as_ref().map(Email::key) {
        trusted_browser::withdraw_all(&mut tx, &ctx, &account.id).await?;
    }
    if let Some(hash) = hash {
        people::set_password(&mut tx, &ctx, &account, &hash).await?;
    }
    tx.commit().await?;
    show(out, &account);
    Ok(())
}

async fn set_state(out: Out, app: &App, who: &str, enabled: bool) -> Result<(), Failure> {
    let mut tx = app.db.begin().await?;
    let account = find(&mut tx, who).await?;
    let changed = people::set_state(&mut tx, &app.ctx(Actor::Operator), &account, state(enabled)).await?;
    let account = find(&mut tx, account.id.as_str()).await?;
    tx.commit().await?;
    let word = if enabled { "enabled" } else { "disabled" };
    out.changed(changed, view(&account), format_args!("{who} {}{word}", if changed { "" } else { "was already " }));
    Ok(())
}

fn email(text: &str) -> Result<Email, Failure> {
    Email::parse(text).map_err(|e| Failure::Usage(format!("{text}: {e}")))
}

fn over(mut d: Details, person: &Person) -> Result<Details, Failure> {
    let set = |to: &mut String, from: &Option<String>| {
        if let Some(text) = from {
            *to = text.trim().to_owned();
        }
    };
    set(&mut d.given_name, &person.given_name);
    set(&mut d.family_name, &person.family_name);
    // An empty text takes the value away.
    for (to, from) in [(&mut d.phone, &person.phone), (&mut d.job_title, &person.job_title)] {
        if let Some(text) = from {
            *to = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        }
    }
    if let Some(text) = &person.contact_email {
        d.contact_email = if text.trim().is_empty() { None } else { Some(email(text)?) };
        d.contact_email_verified = person.email_verified.unwrap_or(false) && d.contact_email.is_some();
    }
    d.locale = person.locale.unwrap_or(d.locale);
    d.login_email_verified = person.email_verified.unwrap_or(d.login_email_verified);
    Ok(d)
}

/// The hash of the password typed on standard input, when one was announced.
async fn password(app: &App, person: &Person) -> Result<Option<String>, Failure> {
    if !person.password_stdin {
        return Ok(None);
    }
    let mut text = String::new();
    std::io::stdin().take(LONGEST_PASSWORD).read_to_string(&mut text).map_err(Failure::error)?;
    let secret = Secret::new(text.trim_end_matches(['\r', '\n']));
    let least = app.config.passwords.min_length;
    if secret.expose().chars().count() < least {
        return Err(Failure::Error(format!("password: at least {least} characters")));
    }
    app.hasher.hash(secret, app.rng.as_ref()).await.map(Some).map_err(Failure::error)
}
