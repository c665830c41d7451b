//! The authorization endpoint: parse, decide, answer.

pub mod decide;
pub mod issue;
pub mod request;
pub mod respond;

pub use decide::{Decision, Standing, Strength, decide};
pub use request::{Invalid, Prompt, Request, ResponseMode};
