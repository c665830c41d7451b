//! The two addresses of an account (ux P-06; AG-07, AG-08, FA-09): the new one is proved by a code, the old one may undo.

use axum::response::Response;
use serde::Deserialize;

use crate::account::email_change::{self, Outcome};
use crate::authn::factor::email_code::Purpose;
use crate::authn::interaction::Interaction;
use crate::authn::{LiveSession, session, trusted_browser};
use crate::base::Email;
use crate::base::id::AccountId;
use crate::db::{Error, Tx};
use crate::mail::message::Address;
use crate::web::error::Failure;
use crate::web::extract::{Journey, Person, PersonForm, ProtectedForm, Visit};
use crate::web::pages::code::{self, Checked, Nothing};
use crate::web::pages::sign_in::Typed;
use crate::web::view::account::{AccountEmailPage, EmailKind, UndoEmailPage, UndoState};
use crate::web::view::{Errors, Notice, Problem};

fn path(which: Address) -> &'static str {
    match which {
        Address::Login => "/compte/courriel-connexion",
        Address::Contact => "/compte/courriel-contact",
    }
}

fn purpose(which: Address) -> Purpose {
    match which {
        Address::Login => Purpose::LoginEmail,
        Address::Contact => Purpose::ContactEmail,
    }
}

fn kind(which: Address) -> EmailKind {
    match which {
        Address::Login => EmailKind::Login,
        Address::Contact => EmailKind::Contact,
    }
}

fn page(visit: &Visit, live: &LiveSession, which: Address, courriel: String, errors: Errors) -> AccountEmailPage {
    let current = which.of(live.account()).map(Email::to_string).unwrap_or_default();
    let shared = live.account().contact_email.is_none();
    AccountEmailPage { page: visit.page(), kind: kind(which), current, shared, courriel, errors }
}

/// `GET /compte/courriel-…`: the new address.
pub async fn show(person: Person, which: Address) -> Result<Response, Failure> {
    if which == Address::Login && person.session.account().login_email.is_none() {
        return Ok(person.visit.go("/compte"));
    }
    if !person.is_recent() {
        return person.confirm_identity(path(which));
    }
    person.visit.ok(&page(&person.visit, &person.session, which, String::new(), Errors::none()))
}

/// `POST /compte/courriel-…`: a code goes to the new address. When it is another's, that person is told and the page
/// that follows is the same.
pub async fn ask(PersonForm { person, fields }: PersonForm<Typed>, which: Address) -> Result<Response, Failure> {
    // Individuals have none: they come through a provider.
    if which == Address::Login && person.session.account().login_email.is_none() {
        return Ok(person.visit.go("/compte"));
    }
    if !person.is_recent() {
        return person.confirm_identity(path(which));
    }
    let account = person.session.account();
    let email = fields.email().and_then(|email| {
        let present = which.of(account).is_some_and(|e| e.key() == email.key());
        if present { Err(Problem::EmailUnchanged) } else { Ok(email) }
    });
    match email {
        Ok(email) => {
            let mut interaction = Interaction::new(&person.visit.ctx, &person.visit.browser.cookie, None);
            (interaction.email, interaction.changes) = (Some(email.clone()), Some((account.id.clone(), email)));
            code::ask(&mut Journey { visit: person.visit, interaction, t: String::new() }, purpose(which)).await
        }
        Err(problem) => {
            let errors = Errors::one("courriel", problem);
            person.visit.invalid(&page(&person.visit, &person.session, which, fields.courriel, errors))
        }
    }
}

/// The journey that [`ask`] began for this very account and address. Any other is none of these pages' business: it may
/// have begun without a recent sign-in.
fn resume(person: Person, which: Address) -> Result<Result<(Journey, LiveSession, Email), Response>, Failure> {
    let Person { visit, session } = person;
    let elsewhere = visit.go(path(which));
    let journey = Journey::open(visit)?;
    let own = |(account, email): &(AccountId, Email)| *account == session.account().id && journey.interaction.email.as_ref() == Some(email);
    Ok(match journey.interaction.changes.clone().filter(own) {
        Some((_, email)) => Ok((journey, session, email)),
        None => Err(elsewhere),
    })
}

/// `GET /compte/courriel-…/code`
pub async fn show_code(person: Person, which: Address) -> Result<Response, Failure> {
    match resume(person, which)? {
        Ok((journey, ..)) => journey.visit.ok(&code::page(&journey, purpose(which), Errors::none()).await?),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// `POST /compte/courriel-…/code/renvoyer`
pub async fn again(PersonForm { person, .. }: PersonForm<Nothing>, which: Address) -> Result<Response, Failure> {
    match resume(person, which)? {
        Ok((mut journey, ..)) => code::ask_again(&mut journey, purpose(which)).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// `POST /compte/courriel-…/code`: the address is proved, and in place.
pub async fn confirm(PersonForm { person, fields }: PersonForm<code::Fields>, which: Address) -> Result<Response, Failure> {
    let (journey, live, email) = match resume(person, which)? {
        Ok(resumed) => resumed,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let visit = &journey.visit;
    match code::check(&journey, purpose(which), &fields.code).await? {
        Checked::Proved(tx, proved) if proved.account() == Some(&live.account().id) => match apply(tx, visit, &live, which, &email).await {
            Ok(Outcome::Applied) => Ok(visit.go_with("/compte", &changed(which, &email))),
            Ok(Outcome::Stale) => Ok(visit.go("/compte")),
            Err(Error::Conflict(_)) => {
                let errors = Errors::one("courriel", Problem::EmailTaken);
                visit.invalid(&page(visit, &live, which, email.into(), errors))
            }
            Err(e) => Err(e.into()),
        },
        Checked::Proved(..) | Checked::Elsewhere => Ok(visit.go("/compte")),
        Checked::Refused(errors) => visit.invalid(&code::page(&journey, purpose(which), errors).await?),
    }
}

/// Puts the address in place in the transaction that spent the code. With another identifier, the other sessions
/// end, and no browser is trusted any more.
async fn apply(mut tx: Tx, visit: &Visit, live: &LiveSession, which: Address, new: &Email) -> crate::db::Result<Outcome> {
    let (app, ctx, account) = (&visit.app, &visit.ctx, live.account());
    let outcome = email_change::apply(&mut tx, ctx, &app.keys.rest, &app.issuer, account, which, new).await?;
    if outcome == Outcome::Applied {
        if which == Address::Login {
            session::end_all(&mut tx, ctx, &account.id, Some(&live.session().id), "email_changed").await?;
            trusted_browser::withdraw_all(&mut tx, ctx, &account.id).await?;
        }
        tx.commit().await?;
    }
    Ok(outcome)
}

fn changed(which: Address, email: &Email) -> Notice {
    match which {
        Address::Login => Notice::LoginEmailChanged(email.to_string()),
        Address::Contact => Notice::ContactEmailChanged(email.to_string()),
    }
}

/// The link of M09, as it is posted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Undo {
    jeton_annulation: String,
}

fn undo_page(visit: &Visit, undo_token: String, state: UndoState) -> UndoEmailPage {
    UndoEmailPage { page: visit.page(), undo_token, state }
}

/// `GET /compte/courriel/annuler`: shows what the link would do, and does nothing (mail gateways follow links).
pub async fn show_undo(visit: Visit) -> Result<Response, Failure> {
    let link = visit.query("jeton_annulation").unwrap_or_default();
    let found = email_change::find_undoable(&mut visit.app.db.read().await?, &link, visit.ctx.now()).await?;
    let Some((change, account)) = found else { return expired(&visit) };
    let new = change.which.of(&account).map(Email::to_string).unwrap_or_default();
    let state = UndoState::Ready { kind: kind(change.which), old: change.old.to_string(), new };
    visit.ok(&undo_page(&visit, link, state))
}

fn expired(visit: &Visit) -> Result<Response, Failure> {
    visit.html(axum::http::StatusCode::GONE, &undo_page(visit, String::new(), UndoState::Expired))
}

/// `POST /compte/courriel/annuler`: whoever reads the old address takes it back, and everybody signs in anew, in browsers
/// that are not trusted any more.
pub async fn undo(ProtectedForm { visit, fields }: ProtectedForm<Undo>) -> Result<Response, Failure> {
    let (app, ctx) = (&visit.app, &visit.ctx);
    let mut tx = app.db.begin().await?;
    let undone = match email_change::undo(&mut tx, ctx, &app.keys.rest, &fields.jeton_annulation).await {
        Ok(Some(change)) => change,
        // Taken by another account since: only a person can sort that out.
        Ok(None) | Err(Error::Conflict(_)) => return expired(&visit),
        Err(e) => return Err(e.into()),
    };
    session::end_all(&mut tx, ctx, &undone.account, None, "email_change_undone").await?;
    trusted_browser::withdraw_all(&mut tx, ctx, &undone.account).await?;
    tx.commit().await?;
    Ok(visit.go_with("/connexion", &Notice::EmailChangeUndone(undone.old.to_string())))
}
