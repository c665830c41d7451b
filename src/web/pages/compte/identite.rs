//! Names, phone and function (ux P-06; EF-10), and who vouches for the names.

use axum::response::Response;
use serde::Deserialize;

use super::verifier;
use crate::account::AccountKind;
use crate::account::profile::{self, Fault, Identity};
use crate::base::phone;
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::view::creation::IdentityForm;
use crate::web::view::identity::{AccountIdentityPage, Verification, Vouched};
use crate::web::view::{Errors, Notice, Problem, format};

/// Where the page is.
pub const HERE: &str = "/compte/identite";

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    prenom: String,
    nom: String,
    telephone: String,
    fonction: String,
}

/// Who vouches for the names of this person.
fn vouched(person: &Person) -> Option<Vouched> {
    let account = person.session.account();
    let (civil, t) = (account.civil.as_ref()?, person.visit.page().t);
    let label = person.visit.app.providers().any(&civil.provider).map(|p| p.label().to_owned());
    let verification = civil.until.map(|until| Verification {
        on: format::date(t, civil.at.millis()),
        until: format::date(t, until.millis()),
        holds: civil.holds(person.visit.ctx.now()),
    });
    Some(Vouched { by: label.unwrap_or_else(|| civil.provider.clone()), verification })
}

fn page(person: &Person, identity: IdentityForm, errors: Errors) -> AccountIdentityPage {
    let professional = person.session.account().kind == AccountKind::Professional;
    let (vouched, verify) = (vouched(person), verifier::buttons(person));
    AccountIdentityPage { page: person.visit.page(), identity, professional, vouched, verify, errors }
}

/// `GET /compte/identite`
pub async fn show(person: Person) -> Result<Response, Failure> {
    let account = person.session.account();
    let identity = IdentityForm {
        prenom: account.given_name.clone(),
        nom: account.family_name.clone(),
        telephone: account.phone.as_deref().map(phone::display).unwrap_or_default(),
        fonction: account.job_title.clone().unwrap_or_default(),
    };
    person.visit.ok(&page(&person, identity, Errors::none()))
}

/// `POST /compte/identite`
pub async fn save(PersonForm { person, mut fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let (visit, account) = (&person.visit, person.session.account());
    let (locked, mut renames) = (account.civil.is_some(), false);
    if locked {
        // The names are somebody else's word; a form shown before says them otherwise.
        let differs = |typed: &str, kept: &str| !typed.trim().is_empty() && typed.trim() != kept;
        renames = differs(&fields.prenom, &account.given_name) || differs(&fields.nom, &account.family_name);
        (fields.prenom, fields.nom) = ("X".to_owned(), "X".to_owned());
        if account.kind == AccountKind::Individual {
            fields.fonction = account.job_title.clone().unwrap_or_default();
        }
    }
    let read = Identity::read(&fields.prenom, &fields.nom, &fields.telephone, &fields.fonction);
    if locked {
        (fields.prenom, fields.nom) = (account.given_name.clone(), account.family_name.clone());
    }
    let identity = match read {
        Ok(read) if locked => Identity { given_name: fields.prenom, family_name: fields.nom, ..read },
        Ok(read) => read,
        Err(faults) => {
            let Fields { prenom, nom, telephone, fonction } = fields;
            return visit.invalid(&page(&person, IdentityForm { prenom, nom, telephone, fonction }, errors(&faults)));
        }
    };
    let mut tx = visit.app.db.begin().await?;
    profile::change(&mut tx, &visit.ctx, &account.id, &identity).await?;
    tx.commit().await?;
    Ok(if renames { visit.go_with(HERE, &Notice::IdentityLocked) } else { visit.go_with("/compte", &Notice::IdentitySaved) })
}

/// Each fault beside its field; the same fields ask for an identity when an account is created.
pub fn errors(faults: &[Fault]) -> Errors {
    let mut errors = Errors::none();
    for fault in faults {
        let (field, problem) = match fault {
            Fault::GivenNameMissing => ("prenom", Problem::GivenNameMissing),
            Fault::GivenNameRefused => ("prenom", Problem::NameRefused),
            Fault::FamilyNameMissing => ("nom", Problem::FamilyNameMissing),
            Fault::FamilyNameRefused => ("nom", Problem::NameRefused),
            Fault::Phone => ("telephone", Problem::PhoneMalformed),
            Fault::JobTitle => ("fonction", Problem::FunctionRefused),
        };
        errors.push(field, problem);
    }
    errors
}
