//! Upstream providers: FranceConnect for individuals, ProConnect and others for professionals. What they vouch for becomes a
//! [`Proof`](crate::authn::Proof) once everything they sent was verified.
//!
//! Nothing is written before an answer comes back: the pending request is sealed in the browser ([`request`]). The network is
//! never called inside a transaction.

pub mod agent;
pub mod answer;
pub mod directory;
pub mod discovery;
pub mod error;
pub mod http;
pub mod identity;
pub mod link;
pub mod logout;
pub mod metadata;
pub mod professional;
pub mod provider;
pub mod registry;
pub mod request;
pub mod sign_in;
pub mod store;
pub mod tokens;
pub mod verify;

pub use error::{Cause, Refusal};
pub use metadata::Metadata;
pub use provider::{Provider, ProviderKind, Providers};
