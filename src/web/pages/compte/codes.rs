//! Recovery codes (ux P-12): made as a set, shown once, printed or downloaded.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{kit, securite};
use crate::authn::factor::recovery;
use crate::web::error::Failure;
use crate::web::extract::{Journey, Person, PersonForm};
use crate::web::view::security::RecoveryCodesPage;
use crate::web::view::{Errors, Notice, Problem, format};

const HERE: &str = "/compte/securite/codes";

/// What the forms hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    jeu: String,
    codes: String,
    terminer: String,
    conserves: String,
}

fn context(person: &Person) -> String {
    format!("recovery codes/{}", person.session.session().id.as_str())
}

/// This page, in the journey it belongs to.
fn here(person: &Person, path: &str) -> String {
    match person.visit.query("t") {
        Some(t) => crate::web::view::link(path, &t),
        None => path.to_owned(),
    }
}

/// Names the set there is now: a form sent twice makes one new set.
async fn set(person: &Person) -> Result<String, Failure> {
    let standing = recovery::standing(&mut person.visit.app.db.read().await?, &person.session.account().id).await?;
    Ok(standing.map_or_else(String::new, |s| s.made_at.millis().to_string()))
}

fn page(person: &Person, set: String, codes: Vec<String>, errors: Errors) -> RecoveryCodesPage {
    let page = person.visit.page();
    let sealed = match codes.is_empty() {
        true => String::new(),
        false => person.visit.app.keys.browser.seal(&context(person), codes.join("\n").as_bytes()).unwrap_or_default(),
    };
    let login = person.session.account().login_email.clone().map(String::from).unwrap_or_default();
    let owner = format!("{login} – {}", format::date(page.t, person.visit.ctx.now().millis()));
    RecoveryCodesPage {
        codes,
        sealed,
        action: here(person, HERE),
        download: here(person, "/compte/securite/codes/telecharger"),
        set,
        owner,
        in_journey: person.visit.query("t").is_some(),
        errors,
        page,
    }
}

/// The codes that this session was shown, from the form that carries them sealed.
fn shown(person: &Person, sealed: &str) -> Vec<String> {
    let text = person.visit.app.keys.browser.open(&context(person), sealed).ok().and_then(|t| String::from_utf8(t).ok());
    text.map(|t| t.lines().map(str::to_owned).collect()).unwrap_or_default()
}

/// `GET /compte/securite/codes`
pub async fn show(person: Person) -> Result<Response, Failure> {
    if !person.is_recent() {
        return person.confirm_identity(&here(&person, HERE));
    }
    person.visit.ok(&page(&person, set(&person).await?, Vec::new(), Errors::none()))
}

/// `POST /compte/securite/codes`: makes a set, or ends the page that shows it.
pub async fn save(PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    if fields.terminer == "1" {
        return finish(&person, &fields).await;
    }
    if !person.is_recent() {
        return person.confirm_identity(&here(&person, HERE));
    }
    if fields.jeu != set(&person).await? {
        // Made meanwhile by this form sent twice, or in another tab: those codes stand.
        return Ok(person.visit.go(&here(&person, HERE)));
    }
    let mut tx = person.visit.app.db.begin().await?;
    let codes = recovery::make(&mut tx, &kit(&person), &person.session.account().id).await?;
    tx.commit().await?;
    let codes = codes.iter().map(recovery::Code::shown).collect();
    person.visit.ok(&page(&person, set(&person).await?, codes, Errors::none()))
}

async fn finish(person: &Person, fields: &Fields) -> Result<Response, Failure> {
    if fields.conserves != "oui" {
        let codes = shown(person, &fields.codes);
        let errors = Errors::one("conserves", Problem::CodesNotKept);
        return person.visit.invalid(&page(person, set(person).await?, codes, errors));
    }
    if person.visit.query("t").is_some() {
        return Journey::open(person.visit.clone())?.next(&person.session).await;
    }
    Ok(person.visit.go_with(securite::HERE, &Notice::RecoveryMade))
}

/// `POST /compte/securite/codes/telecharger`: the codes just shown, as text.
pub async fn download(PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let codes = shown(&person, &fields.codes);
    if codes.is_empty() {
        return Ok(person.visit.go(&here(&person, HERE)));
    }
    let (t, page) = (person.visit.page().t, page(&person, String::new(), Vec::new(), Errors::none()));
    let mut text = format!("{} – {}\r\n{}\r\n\r\n", page.page.portal, page.owner, t.get("recovery-keep"));
    for code in codes {
        text.push_str(&code);
        text.push_str("\r\n");
    }
    let file = format!("attachment; filename=\"{}\"", t.get("recovery-file"));
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, file)], text).into_response())
}
