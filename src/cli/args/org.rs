//! `service`, `request` and `review`.

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

/// `review`
#[derive(Debug, Subcommand)]
pub enum Review {
    /// Ask managers to confirm rights before a day; what nobody confirmed is suspended that day
    Open {
        /// In this establishment
        #[arg(long, value_name = "SIRET", conflicts_with = "siren", required_unless_present_any = ["siren", "service"])]
        siret: Option<String>,
        /// In every establishment of this company
        #[arg(long)]
        siren: Option<String>,
        /// Of this service; in every establishment that uses it, unless told otherwise
        #[arg(long)]
        service: Option<String>,
        /// The last day, within 90 days: 2027-01-31
        #[arg(long, value_name = "DAY")]
        until: String,
    },
    /// Open ones
    List {
        /// After this one
        #[arg(long, value_name = "ID")]
        after: Option<String>,
    },
    /// One of them
    Show {
        /// Its identifier
        id: String,
    },
    /// End one now; nothing is suspended
    Close {
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
