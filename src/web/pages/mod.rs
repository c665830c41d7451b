//! Pages for people.

pub mod a_traiter;
pub mod acting;
pub mod activation;
pub mod amont;
pub mod catalogue;
pub mod cle_proposee;
pub mod code;
pub mod compte;
pub mod creation;
pub mod demandes;
pub mod etablissements;
pub mod first_sign_in;
pub mod gates;
pub mod home;
pub mod passkey;
pub mod password;
pub mod perdu;
pub mod portal;
pub mod proved;
pub mod rattachement;
pub mod rattachement_code;
pub mod renforcement;
pub mod reset;
pub mod sign_in;
pub mod statics;
pub mod verification;

use axum::http::Uri;

use super::error::Failure;
use super::view::error::{ErrorCode, Way};

/// 404.
pub async fn not_found(_uri: Uri) -> Failure {
    Failure::page(ErrorCode::A904, Way::Home)
}

/// 405.
pub async fn method_not_allowed(_uri: Uri) -> Failure {
    Failure::page(ErrorCode::A905, Way::Home)
}
