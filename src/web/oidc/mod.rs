//! Protocol endpoints.

pub mod flow;

use super::route::Route;

/// Rows of the route table.
pub const ROUTES: &[Route] = &[];
