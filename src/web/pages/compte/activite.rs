//! Own history in plain words (ux P-16), its export, and « Ce n’est pas moi » (EF-16).

use std::time::Duration;

use axum::response::Response;

use super::mot_de_passe::has_password;
use super::sessions::close_others;
use crate::audit::Kind;
use crate::audit::store::{self, Cursor, Row};
use crate::base::Timestamp;
use crate::base::texts::Texts;
use crate::db::Handle;
use crate::oidc::Clients;
use crate::web::csv::Csv;
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::pages::code::Nothing;
use crate::web::view::account::{ActivityFamily, ActivityKind, ActivityLine, ActivityPage, NotMePage};
use crate::web::view::{Notice, format};

/// How far back one's own history goes.
const SHOWN_FOR: Duration = Duration::from_secs(366 * 86_400);
/// Events of a page.
const PAGE: usize = 50;
/// Events of an export.
const EXPORT: usize = 10_000;

const SIGN_INS: &[Kind] = &[
    Kind::SignedIn,
    Kind::Reauthenticated,
    Kind::Strengthened,
    Kind::SignedOut,
    Kind::SignInRefused,
    Kind::Throttled,
    Kind::CodeSent,
    Kind::RecoveryCodeUsed,
    Kind::CardLocked,
];
const ACCOUNT: &[Kind] = &[
    Kind::AccountCreated,
    Kind::ProfileChanged,
    Kind::EmailChanged,
    Kind::EmailChangeUndone,
    Kind::PasswordChanged,
    Kind::AccountDisabled,
    Kind::AccountEnabled,
    Kind::TermsAccepted,
    Kind::FactorAdded,
    Kind::FactorRenamed,
    Kind::FactorRemoved,
    Kind::RecoveryCodesMade,
    Kind::RecoveryAsked,
    Kind::RecoveryGranted,
    Kind::RecoveryCancelled,
    Kind::RecoveryDone,
    Kind::BrowserTrusted,
    Kind::BrowserDistrusted,
    Kind::CardLinked,
    Kind::CardUnlinked,
    Kind::CardChanged,
    Kind::DemandChanged,
    Kind::IdentityLinked,
    Kind::IdentityUnlinked,
    Kind::IdentityVerified,
    Kind::IdentityUnverified,
];
const SERVICES: &[Kind] = &[Kind::Authorized, Kind::ConsentGiven, Kind::ConsentWithdrawn];

fn kinds(family: ActivityFamily) -> Vec<Kind> {
    match family {
        ActivityFamily::All => [SIGN_INS, ACCOUNT, SERVICES].concat(),
        ActivityFamily::SignIns => SIGN_INS.to_vec(),
        ActivityFamily::Account => ACCOUNT.to_vec(),
        ActivityFamily::Services => SERVICES.to_vec(),
    }
}

/// One fact of an event.
fn fact(row: &Row, name: &str) -> Option<String> {
    let detail: serde_json::Value = serde_json::from_str(&row.detail).ok()?;
    detail.get(name)?.as_str().map(str::to_owned)
}

/// The words for an event; `None` for those that say nothing to a person.
fn in_words(row: &Row) -> Option<ActivityKind> {
    let is = |name: &str, value: &str| fact(row, name).as_deref() == Some(value);
    let by_operator = row.actor == "operator";
    Some(match row.kind()? {
        Kind::SignedIn | Kind::Reauthenticated if is("by", "pwd") => ActivityKind::SignedInByPassword,
        Kind::SignedIn | Kind::Reauthenticated if is("by", "hwk") || is("by", "swk") => ActivityKind::SignedInByPasskey,
        Kind::SignedIn | Kind::Reauthenticated if fact(row, "by").is_some_and(|by| by.starts_with("eidas")) => {
            ActivityKind::SignedInByUpstream
        }
        Kind::IdentityLinked => ActivityKind::IdentityLinked,
        Kind::IdentityUnlinked => ActivityKind::IdentityUnlinked,
        Kind::IdentityVerified => ActivityKind::IdentityVerified,
        Kind::IdentityUnverified => ActivityKind::IdentityUnverified,
        Kind::Strengthened => ActivityKind::SecondFactor,
        Kind::FactorAdded if is("factor", "passkey") => ActivityKind::PasskeyAdded,
        Kind::FactorAdded => ActivityKind::ApplicationAdded,
        Kind::FactorRemoved if is("factor", "passkey") => ActivityKind::PasskeyRemoved,
        Kind::FactorRemoved => ActivityKind::ApplicationRemoved,
        Kind::FactorRenamed => ActivityKind::MeansRenamed,
        Kind::RecoveryCodesMade => ActivityKind::RecoveryCodesMade,
        Kind::RecoveryCodeUsed => ActivityKind::RecoveryCodeUsed,
        Kind::RecoveryAsked => ActivityKind::RecoveryAsked,
        Kind::RecoveryGranted => ActivityKind::RecoveryGranted,
        Kind::RecoveryCancelled => ActivityKind::RecoveryCancelled,
        Kind::RecoveryDone => ActivityKind::RecoveryDone,
        Kind::BrowserTrusted => ActivityKind::BrowserTrusted,
        Kind::BrowserDistrusted => ActivityKind::BrowserDistrusted,
        Kind::CardLinked => ActivityKind::CardLinked,
        Kind::CardUnlinked => ActivityKind::CardUnlinked,
        Kind::CardLocked => ActivityKind::CardLocked,
        Kind::CardChanged => ActivityKind::CardLost,
        Kind::DemandChanged => ActivityKind::DemandChanged,
        Kind::SignedIn | Kind::Reauthenticated => ActivityKind::SignedInByCode,
        Kind::SignedOut if ["person", "service", "replaced"].iter().any(|reason| is("reason", reason)) => ActivityKind::SignedOut,
        Kind::SignedOut => ActivityKind::SessionClosed,
        // A mistyped code of a new address or of a card that a manager confirms, or a key that could not be made, is no
        // attempt to sign in.
        Kind::SignInRefused if ["login_email", "contact_email", "enrolment", "card"].iter().any(|p| is("purpose", p)) => return None,
        Kind::SignInRefused if is("factor", "passkey") && is("why", "suspended") => ActivityKind::PasskeySuspended,
        Kind::SignInRefused => ActivityKind::SignInFailed,
        Kind::Throttled if is("factor", "password") => ActivityKind::PasswordLocked,
        Kind::CodeSent if is("purpose", "reset") => ActivityKind::ResetAsked,
        Kind::AccountCreated => ActivityKind::AccountCreated,
        Kind::ProfileChanged | Kind::EmailChanged | Kind::PasswordChanged if by_operator => ActivityKind::ChangedByOperator,
        Kind::AccountDisabled | Kind::AccountEnabled => ActivityKind::ChangedByOperator,
        Kind::ProfileChanged => ActivityKind::IdentityChanged,
        Kind::EmailChanged if is("which", "contact") => ActivityKind::ContactEmailChanged,
        Kind::EmailChanged => ActivityKind::LoginEmailChanged,
        Kind::EmailChangeUndone => ActivityKind::EmailChangeUndone,
        Kind::PasswordChanged if is("how", "removed") => ActivityKind::PasswordRemoved,
        Kind::PasswordChanged => ActivityKind::PasswordChanged,
        Kind::TermsAccepted => ActivityKind::TermsAccepted,
        Kind::Authorized => ActivityKind::ServiceOpened,
        Kind::ConsentGiven => ActivityKind::ConsentGiven,
        Kind::ConsentWithdrawn => ActivityKind::ConsentWithdrawn,
        _ => return None,
    })
}

fn service(row: &Row, clients: &Clients) -> Option<String> {
    let id = row.client_id.as_deref()?;
    Some(clients.any(id).map_or_else(|| id.to_owned(), |c| c.metadata.client_name.clone()))
}

fn family(person: &Person) -> ActivityFamily {
    person.visit.query("famille").and_then(|name| ActivityFamily::parse(&name)).unwrap_or_default()
}

/// The end of time: the first page begins there.
fn newest() -> Cursor {
    Cursor { at: Timestamp::from_millis(i64::MAX), id: String::new() }
}

/// `avant`, as [`older`] wrote it.
fn cursor(person: &Person) -> Option<Cursor> {
    let text = person.visit.query("avant")?;
    let (at, id) = text.split_once('.')?;
    (id.len() < 100).then_some(Cursor { at: Timestamp::from_millis(at.parse().ok()?), id: id.to_owned() })
}

fn older(family: ActivityFamily, last: &Row) -> String {
    format!("/compte/activite?famille={}&avant={}.{}", family.name(), last.at, last.id)
}

async fn read(h: &mut impl Handle, person: &Person, family: ActivityFamily, from: &Cursor, limit: usize) -> Result<Vec<Row>, Failure> {
    let since = person.visit.ctx.now().minus(SHOWN_FOR);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(store::history(h, &person.session.account().id, &kinds(family), since, from, limit).await?)
}

/// `GET /compte/activite`
pub async fn show(person: Person) -> Result<Response, Failure> {
    let (visit, family, from) = (&person.visit, family(&person), cursor(&person));
    let begins = from.clone().unwrap_or_else(newest);
    let mut rows = read(&mut visit.app.db.read().await?, &person, family, &begins, PAGE + 1).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let (page, clients) = (visit.page(), visit.app.clients());
    let line = |row: &Row| {
        let when = format::date_time(page.t, row.at);
        Some(ActivityLine { when, kind: in_words(row)?, service: service(row, &clients), device: fact(row, "device") })
    };
    let lines = rows.iter().filter_map(line).collect();
    let older_url = rows.last().filter(|_| more).map(|last| older(family, last));
    let newest_url = from.map(|_| format!("/compte/activite?famille={}", family.name()));
    visit.ok(&ActivityPage { page, family, lines, older_url, newest_url })
}

/// `GET /compte/activite.csv`
pub async fn export(person: Person) -> Result<Response, Failure> {
    let (visit, family) = (&person.visit, family(&person));
    let rows = read(&mut visit.app.db.read().await?, &person, family, &newest(), EXPORT).await?;
    let (t, clients) = (visit.page().t, visit.app.clients());
    let mut file = Csv::new(&heads(t));
    for row in &rows {
        let Some(kind) = in_words(row) else { continue };
        let service = service(row, &clients).unwrap_or_default();
        file.line(&[Timestamp::from_millis(row.at).to_string(), t.get(kind.key()), service, fact(row, "device").unwrap_or_default()]);
    }
    Ok(file.answer(&t.get("account-activity-export-file")))
}

fn heads(t: Texts) -> [String; 4] {
    [
        t.get("account-activity-export-date"),
        t.get("account-activity-what"),
        t.get("account-activity-export-service"),
        t.get("account-activity-export-device"),
    ]
}

/// `GET /compte/pas-moi`
pub async fn show_not_me(person: Person) -> Result<Response, Failure> {
    let has_password = has_password(&person).await?;
    person.visit.ok(&NotMePage { page: person.visit.page(), has_password })
}

/// `POST /compte/pas-moi`: the other sessions first, then the password.
pub async fn not_me(PersonForm { person, .. }: PersonForm<Nothing>) -> Result<Response, Failure> {
    let next = if has_password(&person).await? { "/compte/mot-de-passe" } else { "/compte" };
    close_others(&person).await?;
    Ok(person.visit.go_with(next, &Notice::OtherSessionsClosed))
}
