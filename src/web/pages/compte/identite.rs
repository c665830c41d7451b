//! Names, phone and function (ux P-06; EF-10).

use axum::response::Response;
use serde::Deserialize;

use crate::account::profile::{self, Fault, Identity};
use crate::base::phone;
use crate::web::error::Failure;
use crate::web::extract::{Person, PersonForm};
use crate::web::view::account::AccountIdentityPage;
use crate::web::view::creation::IdentityForm;
use crate::web::view::{Errors, Notice, Problem};

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
fn vouched_by(person: &Person) -> Option<String> {
    let civil = person.session.account().civil.as_ref()?;
    let providers = person.visit.app.providers();
    Some(providers.any(&civil.provider).map_or_else(|| civil.provider.clone(), |p| p.label().to_owned()))
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
    let vouched_by = vouched_by(&person);
    person.visit.ok(&AccountIdentityPage { page: person.visit.page(), identity, vouched_by, errors: Errors::none() })
}

/// `POST /compte/identite`
pub async fn save(PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let (visit, vouched_by) = (&person.visit, vouched_by(&person));
    let account = person.session.account();
    let read = match &vouched_by {
        // Only the telephone is theirs to change: the rest is somebody else's word.
        Some(_) => Identity::read("X", "X", &fields.telephone, "").map(|typed| Identity {
            given_name: account.given_name.clone(),
            family_name: account.family_name.clone(),
            job_title: account.job_title.clone(),
            phone: typed.phone,
        }),
        None => Identity::read(&fields.prenom, &fields.nom, &fields.telephone, &fields.fonction),
    };
    let identity = match read {
        Ok(identity) => identity,
        Err(faults) => {
            let Fields { mut prenom, mut nom, telephone, fonction } = fields;
            if vouched_by.is_some() {
                (prenom, nom) = (account.given_name.clone(), account.family_name.clone());
            }
            let identity = IdentityForm { prenom, nom, telephone, fonction };
            return visit.invalid(&AccountIdentityPage { page: visit.page(), identity, vouched_by, errors: errors(&faults) });
        }
    };
    let mut tx = visit.app.db.begin().await?;
    profile::change(&mut tx, &visit.ctx, &person.session.account().id, &identity).await?;
    tx.commit().await?;
    Ok(visit.go_with("/compte", &Notice::IdentitySaved))
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
