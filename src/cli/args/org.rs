//! `service`, `request`, `review`, `establishment`, `membership`, `habilitation`, `attestation` and `invitation`.

use clap::{Args, Subcommand};

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
    /// Those named to decide on requests for it
    #[command(subcommand)]
    Approver(ServiceApprover),
}

/// `service approver`
#[derive(Debug, Subcommand)]
pub enum ServiceApprover {
    /// Name somebody
    Add(NamedFor),
    /// Name them no more: they decide nothing from now on
    Remove(NamedFor),
}

/// Who is named, for which service, and where they decide.
#[derive(Debug, Args)]
pub struct NamedFor {
    /// Identifier of the service
    pub id: String,
    /// Login e-mail
    pub login_email: String,
    /// In this company (SIREN) or establishment (SIRET) only; everywhere otherwise
    #[arg(long, value_name = "NUMBER", default_value = "")]
    pub scope: String,
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
        /// Last day of the use of the service, such as 2027-01-31; as long as the service allows without it
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
    },
    /// Send one for the use of a service back to its person: something is to be changed
    AskChanges {
        /// Its identifier
        id: String,
        /// What the person is told
        #[arg(long, value_name = "TEXT")]
        reason: String,
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

/// `establishment`
#[derive(Debug, Subcommand)]
pub enum Establishment {
    /// All, by SIRET, or those that nobody manages, or whose managers are away
    List {
        /// Those that people act for and nobody manages
        #[arg(long)]
        orphan: bool,
        /// Those none of whose managers signed in for long (policy.idle_managers)
        #[arg(long, conflicts_with = "orphan")]
        idle: bool,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        limit: u32,
    },
    /// One establishment, with its people
    Show {
        /// SIRET
        siret: String,
    },
    /// Carry the people and rights of one over to the one that follows it
    Transfer {
        /// The one that closed
        #[arg(value_name = "FROM")]
        from: String,
        /// The one that follows
        #[arg(value_name = "TO")]
        to: String,
    },
}

/// `habilitation`
#[derive(Debug, Subcommand)]
pub enum Habilitation {
    /// Rights in an establishment, or of a person, in any state
    List {
        /// In this establishment
        #[arg(long, value_name = "SIRET", required_unless_present = "login_email")]
        siret: Option<String>,
        /// Of whoever signs in with this address
        #[arg(long, value_name = "E-MAIL")]
        login_email: Option<String>,
    },
    /// Grant profiles of a service to somebody who acts for an establishment; they replace those held
    Grant {
        #[command(flatten)]
        right: Right,
        /// Profile; any number of them
        #[arg(long = "profile", value_name = "PROFILE", required = true)]
        profiles: Vec<String>,
        /// Last day, such as 2027-01-31
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
    },
    /// Suspend one: only the operator gives it back
    Suspend {
        #[command(flatten)]
        right: Right,
    },
    /// Give one back, whoever suspended it
    Restore {
        #[command(flatten)]
        right: Right,
    },
    /// Set another end, or none
    Extend {
        #[command(flatten)]
        right: Right,
        /// Last day, such as 2027-01-31; as long as the service allows without it
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
    },
    /// Withdraw one
    Revoke {
        #[command(flatten)]
        right: Right,
    },
}

/// Which right.
#[derive(Debug, Args)]
pub struct Right {
    /// Sign-in address
    pub login_email: String,
    /// SIRET
    pub siret: String,
    /// Service
    pub service: String,
}

/// `attestation`
#[derive(Debug, Subcommand)]
pub enum Attestation {
    /// What a person holds whatever their establishment
    List {
        /// Sign-in address
        login_email: String,
    },
    /// Record that a person holds one, such as a training certificate; it replaces what was known of it
    Put {
        /// Sign-in address
        login_email: String,
        /// Kind, as services name it in `prerequisites`
        kind: String,
        /// Day it was obtained, such as 2026-01-15
        #[arg(long, value_name = "DAY")]
        obtained_on: String,
        /// Day from which it no longer counts
        #[arg(long, value_name = "DAY")]
        expires_on: Option<String>,
        /// What proves it
        #[arg(long, value_name = "TEXT")]
        evidence: Option<String>,
    },
}

/// `membership`
#[derive(Debug, Subcommand)]
pub enum Membership {
    /// Places in an establishment, or of a person
    List {
        /// In this establishment
        #[arg(long, value_name = "SIRET", conflicts_with = "login_email", required_unless_present = "login_email")]
        siret: Option<String>,
        /// Of whoever signs in with this address
        #[arg(long, value_name = "E-MAIL")]
        login_email: Option<String>,
    },
    /// Give a person a place; one who is there already only gains
    Add {
        /// Sign-in address
        login_email: String,
        /// SIRET
        siret: String,
        /// manager or contact
        #[arg(long)]
        role: Option<String>,
    },
    /// End a place: rights there are withdrawn, requests and invitations closed
    Disable {
        /// Sign-in address
        login_email: String,
        /// SIRET
        siret: String,
        /// Even if the establishment is left without a manager; the audit trail says so
        #[arg(long)]
        force: bool,
    },
    /// Open it again, without the rights it had
    Enable {
        /// Sign-in address
        login_email: String,
        /// SIRET
        siret: String,
    },
    /// Change a role
    Role {
        /// Sign-in address
        login_email: String,
        /// SIRET
        siret: String,
        /// manager or contact
        role: String,
        /// Even if the establishment is left without a manager; the audit trail says so
        #[arg(long)]
        force: bool,
    },
}

/// `invitation`
#[derive(Debug, Subcommand)]
pub enum Invitation {
    /// Those that wait in an establishment
    List {
        /// SIRET
        siret: String,
    },
    /// Withdraw one
    Revoke {
        /// Its identifier
        id: String,
        /// SIRET of its establishment
        siret: String,
    },
}
