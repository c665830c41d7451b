//! Everything HTTP. Handlers extract, call one service function and map its outcome.

pub mod admin;
pub mod api;
pub mod assets;
pub mod cookie;
pub mod csv;
pub mod error;
pub mod extract;
pub mod layer;
pub mod local;
pub mod oidc;
pub mod pages;
pub mod route;
pub mod serve;
pub mod view;

pub use route::{ROUTES, router};
pub use serve::serve;
