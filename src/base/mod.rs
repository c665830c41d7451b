//! Small value types without I/O, shared by every other module.

pub mod aal;
pub mod clock;
pub mod ctx;
pub mod dates;
pub mod device;
pub mod eidas;
pub mod email;
pub mod encode;
pub mod fold;
pub mod id;
pub mod phone;
pub mod rng;
pub mod secret;
pub mod siret;
pub mod texts;
pub mod typo;

pub use aal::Aal;
pub use clock::{Clock, Timestamp};
pub use ctx::{Actor, Ctx};
pub use eidas::Eidas;
pub use email::Email;
pub use rng::Rng;
pub use secret::Secret;
pub use siret::Siret;
