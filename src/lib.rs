//! Guichet: a sign-in hub for public services (see `docs/architecture.md`).

pub mod account;
pub mod app;
pub mod audit;
pub mod authn;
pub mod base;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod db;
pub mod federation;
pub mod jobs;
pub mod mail;
pub mod oidc;
pub mod org;
pub mod sms;
pub mod telemetry;
pub mod web;
pub mod worker;
