//! The demonstration's parties, each driven over the network or through its router.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::disallowed_methods)]

mod browser;
mod desk;
mod fake_issuer;
mod journey;
mod launcher;
mod mail;
mod rp;
mod sim;
