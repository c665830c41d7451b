//! One's own passkeys: created, named, removed (ux P-09).

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::kit;
use super::securite::{self, Going};
use crate::account::store;
use crate::app::App;
use crate::authn::factor::passkey::challenge::{Place, Purpose};
use crate::authn::factor::passkey::{self, MOST, Passkey, enrol, party};
use crate::authn::session;
use crate::base::id::FactorId;
use crate::crypto::webauthn::RelyingParty;
use crate::db::Handle;
use crate::web::error::Failure;
use crate::web::extract::visit::with_session;
use crate::web::extract::{Person, PersonForm};
use crate::web::local;
use crate::web::pages::code::Nothing;
use crate::web::pages::passkey::Fields;
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::passkey::{AddPasskeyPage, AddPasskeyTrouble, EditPasskeyPage, PasskeyForm, RemovePasskeyPage};
use crate::web::view::{Errors, Link, Notice, Problem, format};

/// P-09.
const HERE: &str = "/compte/securite/cle";

fn missing() -> Failure {
    Failure::page(ErrorCode::A904, Way::Home)
}

fn party(person: &Person) -> Result<RelyingParty, Failure> {
    party::of(&person.visit.app.config).ok_or_else(missing)
}

fn place(person: &Person) -> Place<'_> {
    let (session, account) = (person.session.session(), person.session.account());
    let browser = person.visit.browser.cookie.as_str();
    Place { purpose: Purpose::Enrolment, browser, journey: session.id.as_str(), account: Some(&account.id) }
}

/// The page of ours that sent the person here.
fn back(person: &Person, asked: Option<&str>) -> Option<String> {
    let issuer = &person.visit.app.config.server.issuer;
    asked.filter(|path| !path.is_empty()).and_then(|path| local::path(issuer, path))
}

/// The page that adds a passkey, then goes on to `back`, a path of ours.
pub fn then(back: &str) -> String {
    with_back(HERE, Some(back))
}

fn with_back(path: &str, back: Option<&str>) -> String {
    match back {
        Some(back) => format!("{path}?{}", form_urlencoded::Serializer::new(String::new()).append_pair("retour", back).finish()),
        None => path.to_owned(),
    }
}

/// `GET /compte/securite/cle`
pub async fn show(person: Person) -> Result<Response, Failure> {
    party(&person)?;
    if !person.is_recent() {
        return person.confirm_identity(&person.visit.path);
    }
    let page = page(&person, None).await?;
    person.visit.ok(&page)
}

async fn page(person: &Person, trouble: Option<AddPasskeyTrouble>) -> Result<AddPasskeyPage, Failure> {
    let mut read = person.visit.app.db.read().await?;
    let room = passkey::list(&mut read, &kit(person), &person.session.account().id).await?.len() < MOST;
    let back = back(person, person.visit.query("retour").as_deref());
    let form = PasskeyForm { action: with_back(HERE, back.as_deref()), creates: true, ..PasskeyForm::at(HERE, "") };
    let page = person.visit.page();
    let back = back.map(|url| Link { label: page.t.get("account-passkey-without"), url });
    Ok(AddPasskeyPage { page, form: room.then_some(form), trouble, back, in_journey: false })
}

/// `GET /compte/securite/cle/options`. What cannot be answered sends the script back to the page, which says why.
pub async fn options(person: Person) -> Result<Response, Failure> {
    let party = party(&person)?;
    if !person.is_recent() {
        return person.confirm_identity(HERE);
    }
    let mut read = person.visit.app.db.read().await?;
    match enrol::prompt(&mut read, &kit(&person), &party, &place(&person), person.session.account()).await? {
        Ok(prompt) => Ok(Json(prompt).into_response()),
        Err(_) => Ok(person.visit.go(HERE)),
    }
}

/// `POST /compte/securite/cle`: the key is kept, then named.
pub async fn add(PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let party = party(&person)?;
    if !person.is_recent() {
        return person.confirm_identity(&person.visit.path);
    }
    let account = person.session.account();
    let mut tx = person.visit.app.db.begin().await?;
    match enrol::add(&mut tx, &kit(&person), &party, &place(&person), account, fields.answer()).await? {
        Ok(added) => {
            // The key was used: this session is as strong as the means now are.
            let (visit, present) = (&person.visit, person.visit.present());
            let opened = session::open(&mut tx, &visit.ctx, visit.app.rules(), added.proof, present.as_ref(), false).await?;
            tx.commit().await?;
            let back = back(&person, visit.query("retour").as_deref());
            let response = visit.go_with(&with_back(&format!("{HERE}/{}", added.id), back.as_deref()), &Notice::PasskeyAdded);
            Ok(with_session(response, opened.as_ref().map(|(_, token)| token)))
        }
        Err(refused) => {
            tx.commit().await?;
            let page = page(&person, Some(refused.into())).await?;
            person.visit.invalid(&page)
        }
    }
}

/// The passkey that the address names, if it names one.
#[derive(Debug)]
pub struct Named(Option<FactorId>);

impl FromRequestParts<App> for Named {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let id = Path::<String>::from_request_parts(parts, app).await.ok();
        Ok(Self(id.and_then(|Path(id)| FactorId::parse(&id))))
    }
}

async fn find(person: &Person, Named(id): &Named) -> Result<Passkey, Failure> {
    let id = id.as_ref().ok_or_else(missing)?;
    let mut read = person.visit.app.db.read().await?;
    passkey::find(&mut read, &kit(person), &person.session.account().id, id).await?.ok_or_else(missing)
}

/// `GET /compte/securite/cle/{id}`
pub async fn show_one(person: Person, id: Named) -> Result<Response, Failure> {
    let key = find(&person, &id).await?;
    let back = back(&person, person.visit.query("retour").as_deref());
    person.visit.ok(&one(&person, &key, key.name.clone(), back, Errors::none()))
}

fn one(person: &Person, key: &Passkey, nom_cle: String, back: Option<String>, errors: Errors) -> EditPasskeyPage {
    let page = person.visit.page();
    EditPasskeyPage {
        id: key.id.to_string(),
        nom_cle,
        since: format::date(page.t, key.created_at.millis()),
        last_used: key.last_used_at.map(|at| format::date_time(page.t, at.millis())),
        synced: key.synced,
        suspended: key.suspended_at.is_some(),
        back: back.unwrap_or_default(),
        errors,
        page,
    }
}

/// A name as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Naming {
    nom_cle: String,
    retour: String,
}

/// `POST /compte/securite/cle/{id}`
pub async fn rename(id: Named, PersonForm { person, fields }: PersonForm<Naming>) -> Result<Response, Failure> {
    let key = find(&person, &id).await?;
    let back = back(&person, Some(&fields.retour));
    let Some(name) = securite::name(&fields.nom_cle) else {
        let errors = Errors::one("nom_cle", Problem::MeansName);
        return person.visit.invalid(&one(&person, &key, fields.nom_cle, back, errors));
    };
    if name != key.name {
        let mut tx = person.visit.app.db.begin().await?;
        passkey::rename(&mut tx, &kit(&person), &person.session.account().id, &key.id, &name).await?;
        tx.commit().await?;
    }
    Ok(person.visit.go_with(back.as_deref().unwrap_or(securite::HERE), &Notice::MeansRenamed))
}

/// `GET /compte/securite/cle/{id}/supprimer`
pub async fn show_removal(person: Person, id: Named) -> Result<Response, Failure> {
    let key = find(&person, &id).await?;
    if !person.is_recent() {
        return person.confirm_identity(&person.visit.path);
    }
    let page = removal(&mut person.visit.app.db.read().await?, &person, key).await?;
    person.visit.ok(&page)
}

/// Says who demands the passkey, if it is the last means that does.
async fn removal(h: &mut impl Handle, person: &Person, key: Passkey) -> Result<RemovePasskeyPage, Failure> {
    let last_for = securite::last_for(h, person, Going::Passkey { suspended: key.suspended_at.is_some() }).await?;
    Ok(RemovePasskeyPage { page: person.visit.page(), id: key.id.to_string(), nom_cle: key.name, last_for })
}

/// `POST /compte/securite/cle/{id}/supprimer`
pub async fn remove(id: Named, PersonForm { person, .. }: PersonForm<Nothing>) -> Result<Response, Failure> {
    let key = find(&person, &id).await?;
    if !person.is_recent() {
        return person.confirm_identity(&person.visit.path);
    }
    let (id, suspended, account) = (key.id.clone(), key.suspended_at.is_some(), &person.session.account().id);
    // Whether it is the last is asked where it goes: two tabs do not remove the last two.
    let mut tx = person.visit.app.db.begin().await?;
    store::hold_means(&mut tx, account).await?;
    let page = removal(&mut tx, &person, key).await?;
    if page.last_for.is_some() {
        tx.rollback().await?;
        return person.visit.invalid(&page);
    }
    passkey::remove(&mut tx, &kit(&person), account, &id).await?;
    if suspended {
        store::end_grace(&mut tx, account, person.visit.ctx.now()).await?;
    }
    tx.commit().await?;
    Ok(person.visit.go_with(securite::HERE, &Notice::MeansRemoved))
}
