//! Pages for people.

use axum::http::Uri;

use super::error::Failure;
use super::route::Route;
use super::view::error::{ErrorCode, Way};

/// Rows of the route table.
pub const ROUTES: &[Route] = &[];

/// 404.
pub async fn not_found(_uri: Uri) -> Failure {
    Failure::page(ErrorCode::A904, Way::Home)
}

/// 405.
pub async fn method_not_allowed(_uri: Uri) -> Failure {
    Failure::page(ErrorCode::A905, Way::Home)
}
