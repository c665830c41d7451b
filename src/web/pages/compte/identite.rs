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

/// `GET /compte/identite`
pub async fn show(person: Person) -> Result<Response, Failure> {
    let account = person.session.account();
    let identity = IdentityForm {
        prenom: account.given_name.clone(),
        nom: account.family_name.clone(),
        telephone: account.phone.as_deref().map(phone::display).unwrap_or_default(),
        fonction: account.job_title.clone().unwrap_or_default(),
    };
    person.visit.ok(&AccountIdentityPage { page: person.visit.page(), identity, errors: Errors::none() })
}

/// `POST /compte/identite`
pub async fn save(PersonForm { person, fields }: PersonForm<Fields>) -> Result<Response, Failure> {
    let visit = &person.visit;
    let identity = match Identity::read(&fields.prenom, &fields.nom, &fields.telephone, &fields.fonction) {
        Ok(identity) => identity,
        Err(faults) => {
            let Fields { prenom, nom, telephone, fonction } = fields;
            let identity = IdentityForm { prenom, nom, telephone, fonction };
            return visit.invalid(&AccountIdentityPage { page: visit.page(), identity, errors: errors(&faults) });
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
