//! Extractors: the circumstances of a request, bodies, protected forms, protocol parameters.

pub mod body;
pub mod form;
pub mod journey;
pub mod params;
pub mod visit;

pub use form::{PersonForm, ProtectedForm};
pub use journey::Journey;
pub use params::Params;
pub use visit::{Person, Visit};
