//! What people allowed clients to receive, until they withdraw it.

pub mod store;
