//! « Sécurité » (ux P-08, P-15): means of connection, two-step verification, trusted browsers.

use axum::extract::Path;
use axum::http::header;
use axum::response::Response;
use serde::Deserialize;

use super::{carte, kit};
use crate::account::{AccountKind, store};
use crate::audit::{self, Event, Kind};
use crate::authn::factor::passkey::{self, Passkey, party};
use crate::authn::factor::totp::{self, Application};
use crate::authn::factor::{self, recovery};
use crate::authn::policy::{self, Asker};
use crate::authn::trusted_browser;
use crate::authn::{self, card};
use crate::base::Aal;
use crate::base::device::describe;
use crate::base::id::TrustId;
use crate::db::Handle;
use crate::mail::message::SecurityEvent;
use crate::web::cookie;
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::security::{BrowserLine, BrowsersPage, MeansEditPage, MeansLine, SecurityPage};
use crate::web::view::{Errors, Notice, Problem, format};

/// The page itself.
pub const HERE: &str = "/compte/securite";
const BROWSERS: &str = "/compte/securite/navigateurs";

/// `GET /compte/securite`
pub async fn show(person: Person) -> Result<Response, Failure> {
    let (visit, account) = (&person.visit, person.session.account());
    let mut read = visit.app.db.read().await?;
    let applications = totp::list(&mut read, &account.id).await?;
    let recovery = recovery::standing(&mut read, &account.id).await?;
    let card = card::of_account(&mut read, &account.id).await?;
    let browsers = trusted_browser::list(&mut read, &account.id, visit.ctx.now()).await?.len();
    let passkeys = passkey::list(&mut read, &kit(&person), &account.id).await?;
    let kept_passkeys = kept_passkeys(&mut read, &person).await?;
    let password = store::password_changed_at(&mut read, &account.id).await?;
    drop(read);
    let page = visit.page();
    let rules = &visit.app.config.policy;
    let line = |a: Application| MeansLine {
        url: format!("{HERE}/application/{}", a.id.as_str()),
        name: a.name,
        since: format::date(page.t, a.created_at.millis()),
        last_used: a.last_used_at.map(|at| format::date(page.t, at.millis())),
        suspended: false,
    };
    let own_card = |c: card::Card| MeansLine {
        url: carte::HERE.to_owned(),
        since: c.linked_at.map(|at| format::date(page.t, at.millis())).unwrap_or_default(),
        last_used: c.last_used_at.map(|at| format::date(page.t, at.millis())),
        name: c.serial.to_string(),
        suspended: false,
    };
    let key = |k: Passkey| MeansLine {
        url: format!("{HERE}/cle/{}", k.id),
        name: k.name,
        since: format::date(page.t, k.created_at.millis()),
        last_used: k.last_used_at.map(|at| format::date(page.t, at.millis())),
        suspended: k.suspended_at.is_some(),
    };
    visit.ok(&SecurityPage {
        level: account.security.reach().number(),
        password_since: password.map(|at| format::date(page.t, at.millis())),
        no_password: account.security.administrator,
        two_step: account.security.two_step,
        two_step_always: rules.two_step,
        passkeys: passkeys.into_iter().map(key).collect(),
        kept_passkeys,
        applications: applications.into_iter().map(line).collect(),
        may_add_application: rules.self_enrolment,
        card: card.map(own_card),
        recovery: recovery.map(|r| (r.left, format::date(page.t, r.made_at.millis()))),
        browsers: u32::try_from(browsers).unwrap_or(u32::MAX),
        page,
    })
}

/// What the browser is told of the passkeys that are kept, so that it forgets the others.
async fn kept_passkeys(h: &mut impl Handle, person: &Person) -> Result<String, Failure> {
    let Some(party) = party::of(&person.visit.app.config) else { return Ok(String::new()) };
    let accepted = passkey::accepted(h, &kit(person), &party, &person.session.account().id).await?;
    serde_json::to_string(&accepted).map_err(|e| Failure::Internal(e.to_string()))
}

/// Who demands the strong means that is about to go, if it is the last of those that work and do what is demanded. `going` is what
/// goes; what is suspended or locked is none of them.
pub async fn last_for(h: &mut impl Handle, person: &Person, going: Going) -> Result<Option<String>, Failure> {
    let means = store::count_means(h, &person.session.account().id).await?;
    let demand = policy::of_account(person.session.account(), &person.visit.app.config.policy);
    let key = match demand.by {
        Asker::Role => "security-demand-role",
        Asker::Administration => "security-demand-administration",
        Asker::Person | Asker::Service | Asker::Action => "security-demand-person",
    };
    let counted = match going {
        Going::Application => demand.aal < Aal::PhishingResistant,
        Going::Passkey { suspended } => !suspended,
    };
    let left = means.reaching(demand.aal) - i64::from(counted);
    Ok((demand.aal > Aal::One && left <= 0).then(|| person.visit.page().t.get(key)))
}

/// A strong means about to go.
#[derive(Debug, Clone, Copy)]
pub enum Going {
    /// An authenticator application.
    Application,
    /// A passkey.
    Passkey {
        /// It worked no longer.
        suspended: bool,
    },
}

async fn application(person: &Person, id: &str) -> Result<Option<(Application, Option<String>)>, Failure> {
    let mut read = person.visit.app.db.read().await?;
    let all = totp::list(&mut read, &person.session.account().id).await?;
    let last = last_for(&mut read, person, Going::Application).await?;
    Ok(all.into_iter().find(|a| a.id.as_str() == id).map(|a| (a, last)))
}

fn edit_page(person: &Person, a: &Application, last_for: Option<String>, nom: String, errors: Errors) -> MeansEditPage {
    let action = format!("{HERE}/application/{}", a.id.as_str());
    MeansEditPage { page: person.visit.page(), action, nom, last_for, errors }
}

/// `GET /compte/securite/application/{id}`
pub async fn show_application(person: Person, Path(id): Path<String>) -> Result<Response, Failure> {
    match application(&person, &id).await? {
        Some((a, last)) => person.visit.ok(&edit_page(&person, &a, last, a.name.clone(), Errors::none())),
        None => Err(Failure::page(ErrorCode::A904, Way::Home)),
    }
}

/// A new name, or the end.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Edit {
    nom_moyen: String,
    supprimer: String,
}

/// `POST /compte/securite/application/{id}`
pub async fn edit_application(Path(id): Path<String>, PersonForm { person, fields }: PersonForm<Edit>) -> Result<Response, Failure> {
    let Some((a, last)) = application(&person, &id).await? else { return Err(Failure::page(ErrorCode::A904, Way::Home)) };
    let account = &person.session.account().id;
    if fields.supprimer == "1" {
        if !person.is_recent() {
            return person.confirm_identity(&format!("{HERE}/application/{id}"));
        }
        return remove(&person, &a).await;
    }
    let Some(name) = name(&fields.nom_moyen) else {
        return person.visit.invalid(&edit_page(&person, &a, last, fields.nom_moyen, Errors::one("nom_moyen", Problem::MeansName)));
    };
    let mut tx = person.visit.app.db.begin().await?;
    totp::rename(&mut tx, &kit(&person), account, &a.id, &name).await?;
    tx.commit().await?;
    Ok(person.visit.go_with(HERE, &Notice::MeansRenamed))
}

/// Whether it is the last is asked where it goes: two tabs do not remove the last two.
async fn remove(person: &Person, a: &Application) -> Result<Response, Failure> {
    let (account, kit) = (&person.session.account().id, kit(person));
    let mut tx = person.visit.app.db.begin().await?;
    store::hold_means(&mut tx, account).await?;
    let last = last_for(&mut tx, person, Going::Application).await?;
    if last.is_some() {
        tx.rollback().await?;
        return person.visit.invalid(&edit_page(person, a, last, a.name.clone(), Errors::none()));
    }
    totp::remove(&mut tx, &kit, account, &a.id).await?;
    trusted_browser::distrust_all(&mut tx, &kit, account).await?;
    tx.commit().await?;
    Ok(person.visit.go_with(HERE, &Notice::MeansRemoved))
}

/// A name as kept: one line of at most sixty characters.
pub fn name(typed: &str) -> Option<String> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    ((1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control)).then_some(name)
}

/// On or off.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TwoStep {
    active: String,
}

/// `POST /compte/securite/deux-etapes`
pub async fn two_step(PersonForm { person, fields }: PersonForm<TwoStep>) -> Result<Response, Failure> {
    if !person.is_recent() {
        return person.confirm_identity(HERE);
    }
    let (on, account) = (fields.active == "oui", &person.session.account().id);
    let mut tx = person.visit.app.db.begin().await?;
    if store::set_two_step(&mut tx, account, on).await? == 1 {
        let event = Event::new(Kind::DemandChanged).account(account).with("two_step", on);
        audit::append(&mut tx, &person.visit.ctx, event).await?;
        // The session in which it is asked for goes on as it is.
        authn::store::spare(&mut tx, &person.session.session().id).await?;
        let event = if on { SecurityEvent::TwoStepOn } else { SecurityEvent::TwoStepOff };
        factor::notice(&mut tx, &kit(&person), account, event).await?;
    }
    tx.commit().await?;
    Ok(person.visit.go_with(HERE, if on { &Notice::TwoStepOn } else { &Notice::TwoStepOff }))
}

/// `GET /compte/securite/navigateurs`
pub async fn browsers(person: Person) -> Result<Response, Failure> {
    let visit = &person.visit;
    let all = trusted_browser::list(&mut visit.app.db.read().await?, &person.session.account().id, visit.ctx.now()).await?;
    let page = visit.page();
    let line = |b: trusted_browser::Trust| BrowserLine {
        device: b.user_agent.as_deref().and_then(describe).unwrap_or_default(),
        since: format::date(page.t, b.created_at.millis()),
        until: format::date(page.t, b.expires_at.millis()),
        id: b.id.as_str().to_owned(),
    };
    let browsers = all.into_iter().map(line).collect();
    let days = visit.app.config.policy.trusted_browser.as_secs() / 86_400;
    let trust_days = u32::try_from(days).ok().filter(|_| is_individual(&person));
    visit.ok(&BrowsersPage { page, browsers, trust_days })
}

fn is_individual(person: &Person) -> bool {
    person.session.account().kind == AccountKind::Individual
}

/// An individual is not written to at each sign-in from a browser of their own (AG-26). Whoever borrowed a session cannot
/// silence that.
async fn trust(person: &Person) -> Result<Response, Failure> {
    if !person.is_recent() {
        return person.confirm_identity(BROWSERS);
    }
    let app = &person.visit.app;
    let mut tx = app.db.begin().await?;
    let token = trusted_browser::trust(&mut tx, &kit(person), &person.session.account().id).await?;
    tx.commit().await?;
    let mut response = person.visit.go(BROWSERS);
    if let Some(value) = cookie::set(cookie::TRUST, token.as_str(), Some(app.config.policy.trusted_browser)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// One, or all; or this one, to be trusted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Distrust {
    navigateur: String,
    tous: String,
    confiance: String,
}

/// `POST /compte/securite/navigateurs`
pub async fn distrust(PersonForm { person, fields }: PersonForm<Distrust>) -> Result<Response, Failure> {
    if fields.confiance == "oui" && is_individual(&person) {
        return trust(&person).await;
    }
    let (account, kit) = (&person.session.account().id, kit(&person));
    let mut tx = person.visit.app.db.begin().await?;
    if fields.tous == "1" {
        trusted_browser::distrust_all(&mut tx, &kit, account).await?;
    } else if let Some(id) = TrustId::parse(&fields.navigateur) {
        trusted_browser::distrust(&mut tx, &kit, account, &id).await?;
    }
    tx.commit().await?;
    Ok(person.visit.go_with(BROWSERS, &Notice::BrowserDistrusted))
}
