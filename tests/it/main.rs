//! The one integration test binary: one module per context.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::disallowed_methods)]

#[macro_use]
mod support;

mod admin;
mod api;
mod cartes;
mod cli;
mod cli_identity;
mod client_keys;
mod compte;
mod cors;
mod creation;
mod federation;
mod first_sign_in;
mod house;
mod imported;
mod listener;
mod mails;
mod manager;
mod notices;
mod oidc_consent;
mod oidc_endpoints;
mod oidc_flow;
mod oidc_tokens;
mod org;
mod outage;
mod pages;
mod passkeys;
mod promises;
mod register;
mod routes;
mod sign_in;
mod sms_tls;
mod store;
mod strong;
mod texts;
mod theme;
mod vocabulary;
mod worker;
