//! Signing in: sessions, factors, limits, and the pending request (DESIGN §5).

pub mod interaction;
pub mod proof;
pub mod session;
pub mod store;
pub mod throttle;

pub use proof::{Method, Proof};
pub use session::{LiveSession, Session};
