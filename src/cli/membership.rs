//! `guichet membership`: the places of people in establishments, by the rules of the pages.

use serde_json::{Value, json};

use super::args::Membership as Command;
use super::establishment;
use super::out::{Failure, Out, table};
use crate::account::{self, Account};
use crate::app::App;
use crate::authn::factor::Kit;
use crate::base::{Actor, Email, Siret, Timestamp};
use crate::db::Handle;
use crate::org::people::{self, Change, Refused};
use crate::org::store::PeopleFilter;
use crate::org::{self, Membership, MembershipState, Role};

/// Places listed at most.
const MOST: i64 = 10_000;

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { siret, login_email } => show_all(out, app, siret.as_deref(), login_email.as_deref()).await,
        Command::Add { login_email, siret, role } => add(out, app, &login_email, &siret, role.as_deref().unwrap_or("contact")).await,
        Command::Disable { login_email, siret, force } => {
            let change =
                |m: &Membership| Change { role: m.role, state: MembershipState::Disabled, expires_at: None, reason: Some("operator") };
            alter(out, app, &login_email, &siret, force, change).await
        }
        Command::Enable { login_email, siret } => {
            let change = |m: &Membership| Change { role: m.role, state: MembershipState::Active, expires_at: None, reason: None };
            alter(out, app, &login_email, &siret, false, change).await
        }
        Command::Role { login_email, siret, role, force } => {
            let role = parse(&role)?;
            let change =
                |m: &Membership| Change { role, state: m.state, expires_at: m.expires_at.filter(|_| role == Role::Contact), reason: None };
            alter(out, app, &login_email, &siret, force, change).await
        }
    }
}

fn parse(role: &str) -> Result<Role, Failure> {
    Role::parse(role).ok_or_else(|| Failure::Usage(format!("{role}: manager or contact")))
}

/// Who signs in with an address.
pub async fn person(app: &App, text: &str) -> Result<Account, Failure> {
    let email = Email::parse(text).map_err(|e| Failure::Usage(format!("{text}: {e}")))?;
    let found = account::store::find_by_login(&mut app.db.read().await?, &email).await?;
    found.ok_or_else(|| Failure::NotFound(format!("nobody signs in with {email}")))
}

fn view(m: &Membership, email: Option<&str>, name: &str) -> Value {
    let at = |t: Option<Timestamp>| t.map(|t| t.to_string());
    json!({
        "login_email": email, "name": name, "siret": m.establishment.siret, "establishment": m.establishment.name,
        "role": m.role.name(), "state": m.state.name(), "factors_manage": m.factors_manage, "link": m.link.name(), "proof": m.proof.name(),
        "evidence": m.evidence, "proved_at": at(m.proved_at), "expires_at": at(m.expires_at), "last_used_at": at(m.last_used_at),
    })
}

/// The people of an establishment, whatever their state.
pub async fn of_siret(app: &App, siret: &Siret) -> Result<Vec<Value>, Failure> {
    let mut read = app.db.read().await?;
    let all = PeopleFilter { after: "", text: "", role: "", state: "", used_before: Timestamp::from_millis(i64::MAX) };
    let rows = org::store::people(&mut read, siret, &all, MOST).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let id = account_id(&row.account_id);
        if let Some(place) = org::store::membership(&mut read, &id, siret).await? {
            views.push(view(&place, row.login_email.as_deref(), format!("{} {}", row.given_name, row.family_name).trim()));
        }
    }
    Ok(views)
}

fn account_id(text: &str) -> crate::base::id::AccountId {
    crate::base::id::AccountId::from_store(text.to_owned())
}

async fn of_person(app: &App, who: &Account) -> Result<Vec<Value>, Failure> {
    let all = org::memberships(&mut app.db.read().await?, &who.id, app.clock.now()).await?;
    let (email, name) = (who.login_email.as_ref().map(Email::as_str), who.full_name());
    Ok(all.iter().map(|m| view(m, email, &name)).collect())
}

/// People and places as a table.
pub fn people_table(views: &[Value]) -> String {
    let columns = ["siret", "login_email", "role", "state", "link", "proof", "name"];
    let cell = |v: &Value, name: &str| v.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let rows: Vec<Vec<String>> = views.iter().map(|v| columns.iter().map(|c| cell(v, c)).collect()).collect();
    table(&["SIRET", "LOGIN E-MAIL", "ROLE", "STATE", "LINK", "PROOF", "NAME"], &rows)
}

async fn show_all(out: Out, app: &App, siret: Option<&str>, login_email: Option<&str>) -> Result<(), Failure> {
    let views = match (siret, login_email) {
        (Some(siret), _) => of_siret(app, &establishment::find(app, siret).await?.siret).await?,
        (None, Some(email)) => of_person(app, &person(app, email).await?).await?,
        (None, None) => Vec::new(),
    };
    out.data(&views, || people_table(&views));
    Ok(())
}

async fn add(out: Out, app: &App, login_email: &str, siret: &str, role: &str) -> Result<(), Failure> {
    let (who, place, role) = (person(app, login_email).await?, establishment::find(app, siret).await?, parse(role)?);
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut tx = app.db.begin().await?;
    let added = people::place_by_operator(&mut tx, &kit, &who, &place, role).await?;
    let about = standing(&mut tx, &who, &place.siret).await?;
    tx.commit().await?;
    let words = if added { "acts for" } else { "acted already for" };
    out.changed(added, about, format_args!("{login_email} {words} {} ({})", place.siret, place.name));
    Ok(())
}

/// The place of a person as it stands.
async fn standing(h: &mut impl Handle, who: &Account, siret: &Siret) -> Result<Value, Failure> {
    let email = who.login_email.as_ref().map(Email::as_str);
    let none = || json!({ "login_email": email, "siret": siret });
    Ok(org::store::membership(h, &who.id, siret).await?.map_or_else(none, |place| view(&place, email, &who.full_name())))
}

async fn alter(
    out: Out,
    app: &App,
    login_email: &str,
    siret: &str,
    force: bool,
    change: impl Fn(&Membership) -> Change,
) -> Result<(), Failure> {
    let (who, siret) = (person(app, login_email).await?, establishment::find(app, siret).await?.siret);
    let none = || Failure::NotFound(format!("{login_email} has no place in {siret}"));
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    let mut tx = app.db.begin().await?;
    let place = org::store::membership(&mut tx, &who.id, &siret).await?.ok_or_else(none)?;
    match people::set_by_operator(&mut tx, &kit, &siret, &who.id, &change(&place), force).await? {
        Ok(changed) => {
            let about = standing(&mut tx, &who, &siret).await?;
            tx.commit().await?;
            out.changed(changed, about, if changed { "done" } else { "nothing to change" });
            Ok(())
        }
        Err(Refused::LastManager) => {
            let why = format!("{login_email} is the last manager of {siret}\n  → make somebody else a manager first, or use --force");
            Err(Failure::Refused(why))
        }
        Err(Refused::OthersEnd) => {
            let first = format!("take the end of another manager away first: guichet membership role ADDRESS {siret} manager");
            Err(Failure::Refused(format!("the places of the other managers of {siret} have an end\n  → {first}; or use --force")))
        }
        Err(Refused::NotMember | Refused::NotManager) => Err(none()),
    }
}
