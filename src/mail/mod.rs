//! Mails: what is said ([`message`]) and how it is written ([`render`]).

pub mod message;
pub mod render;
pub mod send;
pub mod transport;
