//! Signing in: sessions, factors, limits, and the pending request (DESIGN §5).

pub mod administrator;
pub mod card;
pub mod factor;
pub mod first_sign_in;
pub mod interaction;
pub mod known_browser;
pub mod lost;
pub mod official;
pub mod password_change;
pub mod policy;
pub mod proof;
pub mod registration;
pub mod reset;
pub mod session;
pub mod store;
pub mod throttle;
pub mod trusted_browser;
pub mod upstream;

pub use proof::{Method, Proof};
pub use session::{Found, LiveSession, PartialSession, Session};
