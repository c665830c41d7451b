//! The worker: mail by real SMTP conversations, the audit chain, keys by the clock, the removal of what has ended.

mod chain;
mod health;
mod mail;
mod rounds;
