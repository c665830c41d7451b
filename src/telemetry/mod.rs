//! Logs, metrics and traces. None ever holds a secret, an address of a person or a query string.

pub mod log;
pub mod metrics;
pub mod traces;
