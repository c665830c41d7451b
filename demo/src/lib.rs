//! Everything that only a demonstration of Guichet needs: a mail catcher fed by real SMTP, two
//! relying parties written as an outsider would, simulators of FranceConnect and ProConnect, and
//! the launcher that runs them beside the hub on one port. Nothing here is part of the production binary.

pub mod clock;
pub mod launch;
pub mod mail;
pub mod page;
pub mod rp;
pub mod sim;
