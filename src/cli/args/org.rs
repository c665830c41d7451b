//! `service` and `request`.

use clap::Subcommand;

/// `service`
#[derive(Debug, Subcommand)]
pub enum Service {
    /// Every service
    List,
    /// One service, with those named to decide
    Show {
        /// Its identifier
        id: String,
    },
    /// Open it again
    Enable {
        /// Its identifier
        id: String,
    },
    /// Close it: nobody signs in to it, and tokens already given are dead
    Disable {
        /// Its identifier
        id: String,
    },
}

/// `request`
#[derive(Debug, Subcommand)]
pub enum Request {
    /// Those that wait, of an establishment or for a service
    List {
        /// Of this establishment
        #[arg(long, value_name = "SIRET", conflicts_with = "service", required_unless_present = "service")]
        siret: Option<String>,
        /// For this service
        #[arg(long)]
        service: Option<String>,
    },
    /// One request
    Show {
        /// Its identifier
        id: String,
    },
    /// Accept one
    Accept {
        /// Its identifier
        id: String,
        /// In this role, to join: manager or contact; the one asked for by default
        #[arg(long)]
        role: Option<String>,
        /// For these profiles, to use a service; those asked for by default
        #[arg(long = "profile", value_name = "PROFILE")]
        profiles: Vec<String>,
    },
    /// Decline one
    Decline {
        /// Its identifier
        id: String,
        /// What the person is told
        #[arg(long)]
        reason: String,
    },
}
