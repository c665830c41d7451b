//! The protocol, without any HTTP type: OpenID Connect Core 1.0, OAuth 2.0 (RFC 6749) and its companions.

pub mod client;
pub mod client_auth;
pub mod store;

pub use client::{Client, Clients};
