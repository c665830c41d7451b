//! Guichet: a sign-in hub for public services (see `docs/architecture.md`).

pub mod base;
pub mod crypto;
pub mod db;
