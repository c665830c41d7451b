//! Setting up an authenticator application (ux P-11), from « Mon compte » or within a sign-in.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;

use super::securite::{self, name};
use crate::account::Account;
use crate::authn::factor::Kit;
use crate::authn::factor::totp::{self, NotEnrolled, Offered};
use crate::authn::{Proof, session};
use crate::base::texts::Texts;
use crate::db::Tx;
use crate::web::error::Failure;
use crate::web::extract::visit::with_session;
use crate::web::extract::{Person, PersonForm, Visit};
use crate::web::pages::verification::suspended;
use crate::web::view::error::{ErrorCode, Way};
use crate::web::view::security::ApplicationPage;
use crate::web::view::{Errors, Notice, Problem};

const HERE: &str = "/compte/securite/application";
const IN_JOURNEY: &str = "/connexion/renforcement/application";

/// Who sets one up, and where.
pub struct Enrolling<'a> {
    /// The visit.
    pub visit: &'a Visit,
    /// For whom.
    pub account: &'a Account,
    /// Within this journey.
    pub t: Option<&'a str>,
}

impl Enrolling<'_> {
    fn kit(&self) -> Kit<'_> {
        Kit { ctx: &self.visit.ctx, keys: &self.visit.app.keys, config: &self.visit.app.config }
    }

    /// This page with its offer: a reload shows the same secret.
    fn url(&self, path: &str, offer: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(t) = self.t {
            query.append_pair("t", t);
        }
        format!("{path}?{}", query.append_pair("s", offer).finish())
    }

    fn path(&self) -> &'static str {
        if self.t.is_some() { IN_JOURNEY } else { HERE }
    }

    fn page(&self, offer: &str, offered: &Offered, nom: String, errors: Errors) -> ApplicationPage {
        let login = self.account.login_email.clone().map(String::from).unwrap_or_default();
        let key = offered.key();
        let groups: Vec<String> = key.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
        ApplicationPage {
            page: self.visit.page(),
            action: self.url(self.path(), offer),
            qr_url: self.url("/compte/securite/application/qr.svg", offer),
            key: groups.join(" "),
            uri: offered.uri(&self.visit.app.config.brand.name, &login).to_string(),
            in_journey: self.t.is_some(),
            nom,
            errors,
        }
    }
}

/// The page, with the offer of its address, or led to one with a new offer.
pub fn show_offer(enrolling: &Enrolling<'_>) -> Result<Response, Failure> {
    let offer = enrolling.visit.query("s").unwrap_or_default();
    if let Some(offered) = totp::opened(&enrolling.kit(), &enrolling.account.id, &offer) {
        let name = enrolling.visit.page().t.get("application-default-name");
        return enrolling.visit.ok(&enrolling.page(&offer, &offered, name, Errors::none()));
    }
    let fresh = totp::offer(&enrolling.kit(), &enrolling.account.id).ok_or_else(|| Failure::Internal("sealing an offer".into()))?;
    Ok(enrolling.visit.go(&enrolling.url(enrolling.path(), &fresh)))
}

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    code: String,
    nom_moyen: String,
}

/// Confirms the offer of the address. `Err` is the answer to give once the transaction is committed.
pub async fn confirm(tx: &mut Tx, enrolling: &Enrolling<'_>, fields: &Fields) -> Result<Result<Proof, Response>, Failure> {
    let offer = enrolling.visit.query("s").unwrap_or_default();
    let Some(offered) = totp::opened(&enrolling.kit(), &enrolling.account.id, &offer) else {
        return show_offer(enrolling).map(Err);
    };
    let named = if fields.nom_moyen.trim().is_empty() {
        enrolling.visit.page().t.get("application-default-name")
    } else {
        fields.nom_moyen.clone()
    };
    let refuse = |field, problem| {
        let page = enrolling.page(&offer, &offered, fields.nom_moyen.clone(), Errors::one(field, problem));
        enrolling.visit.invalid(&page).map(Err)
    };
    let Some(name) = name(&named) else { return refuse("nom_moyen", Problem::MeansName) };
    let t = Texts::new(enrolling.visit.ctx.locale);
    match totp::enrol(tx, &enrolling.kit(), &enrolling.account.id, &offered, &name, &fields.code).await? {
        Ok(proof) => Ok(Ok(proof)),
        Err(NotEnrolled::Missing) => refuse("code", Problem::CodeMissing),
        Err(NotEnrolled::Wrong) => refuse("code", Problem::ApplicationCodeWrong),
        Err(NotEnrolled::Limited(limited)) => refuse("code", suspended(t, limited.until)),
        Err(NotEnrolled::Already) => refuse("code", Problem::ApplicationEnrolled),
        Err(NotEnrolled::TooMany) => refuse("code", Problem::TooManyApplications),
    }
}

/// The QR code of an offer, as a picture of our own. Only for the person it was made for.
pub async fn qr(visit: Visit) -> Result<Response, Failure> {
    let kit = Kit { ctx: &visit.ctx, keys: &visit.app.keys, config: &visit.app.config };
    let present = visit.present();
    let offered = present.as_ref().and_then(|p| totp::opened(&kit, &p.account().id, &visit.query("s").unwrap_or_default()));
    let (Some(present), Some(offered)) = (&present, offered) else { return Err(Failure::page(ErrorCode::A904, Way::Home)) };
    let login = present.account().login_email.clone().map(String::from).unwrap_or_default();
    let uri = offered.uri(&visit.app.config.brand.name, &login);
    let code = QrCode::new(uri.as_bytes()).map_err(|e| Failure::Internal(e.to_string()))?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response())
}

fn of_person(person: &Person) -> Enrolling<'_> {
    Enrolling { visit: &person.visit, account: person.session.account(), t: None }
}

/// `GET /compte/securite/application`
pub async fn show(person: Person) -> Result<Response, Failure> {
    if !person.visit.app.config.policy.self_enrolment {
        return Ok(person.visit.go(securite::HERE));
    }
    if !person.is_recent() {
        return person.confirm_identity(HERE);
    }
    show_offer(&of_person(&person))
}

/// `POST /compte/securite/application`
pub async fn save(PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    if !person.visit.app.config.policy.self_enrolment {
        return Ok(person.visit.go(securite::HERE));
    }
    if !person.is_recent() {
        return person.confirm_identity(HERE);
    }
    let app = &person.visit.app;
    let mut tx = app.db.begin().await?;
    let proof = match confirm(&mut tx, &of_person(&person), &fields).await? {
        Ok(proof) => proof,
        Err(response) => {
            tx.commit().await?;
            return Ok(response);
        }
    };
    // The code was proved: this session is as strong as the means now are.
    let present = person.visit.present();
    let opened = session::open(&mut tx, &person.visit.ctx, app.rules(), proof, present.as_ref(), false).await?;
    tx.commit().await?;
    let response = person.visit.go_with(securite::HERE, &Notice::ApplicationAdded);
    Ok(with_session(response, opened.as_ref().map(|(_, token)| token)))
}
