//! The one integration test binary: one module per context.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods
)]

#[macro_use]
mod support;

mod compte;
mod house;
mod oidc_endpoints;
mod oidc_flow;
mod oidc_tokens;
mod routes;
mod store;
mod mails;
mod pages;
mod texts;
mod theme;
mod worker;
