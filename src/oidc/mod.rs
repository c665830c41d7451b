//! The protocol, without any HTTP type: OpenID Connect Core 1.0, OAuth 2.0 (RFC 6749) and its companions.

pub mod acr;
pub mod authorize;
pub mod bearer;
pub mod claims;
pub mod client;
pub mod client_auth;
pub mod client_keys;
pub mod clients;
pub mod consent;
pub mod discovery;
pub mod envelope;
pub mod error;
pub mod hub;
pub mod introspection;
pub mod keys;
pub mod liveness;
pub mod logout;
pub mod notice;
pub mod people;
pub mod reading;
pub mod registry;
pub mod revocation;
pub mod store;
pub mod token;
pub mod userinfo;
pub mod vocabulary;

pub use client::Client;
pub use clients::Clients;
pub use hub::Hub;
