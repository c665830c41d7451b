//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::account::AccountState;
use crate::base::texts::Locale;
use crate::crypto::Algorithm;

/// Sign-in hub for public services: an OpenID Connect issuer.
#[derive(Debug, Parser)]
#[command(name = "guichet", version, about, arg_required_else_help = true)]
#[command(after_help = "Exit status: 0 done, 1 error, 2 wrong usage, 3 refused by a guard, 4 not found.")]
pub struct Cli {
    /// Configuration file; ./guichet.toml when it exists, otherwise defaults
    #[arg(long, short, global = true, env = "GUICHET_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print data as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve, until told to stop
    Serve,
    /// Put clients and accounts in place as a file declares them
    Apply(Apply),
    /// Write a commented configuration file and a master key
    Init(Init),
    /// Say whether everything is in place: configuration, database, keys, clock, mail
    Check(Check),
    /// Bring the schema of the database up to date
    Migrate(Migrate),
    /// Say how the data stands: size, mail that waits or failed, keys, audit trail, worker
    Doctor,
    /// Relying parties
    #[command(subcommand)]
    Client(Client),
    /// Signing keys
    #[command(subcommand)]
    Key(Key),
    /// Accounts of people
    #[command(subcommand)]
    Account(Account),
    /// The audit trail
    #[command(subcommand)]
    Audit(Audit),
    /// Copy the embedded database while it serves
    Backup(Backup),
    /// Print the version
    Version,
    /// Print the completion script of a shell
    Completion {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// `apply`
#[derive(Debug, Args)]
pub struct Apply {
    /// The declaration (TOML)
    pub file: PathBuf,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How long a replaced client secret still serves
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = duration)]
    pub secret_overlap: Duration,
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// Where to write guichet.toml and data/master.key
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// Public https address of the hub, written into the file
    #[arg(long, value_name = "URL")]
    pub issuer: Option<url::Url>,
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// Also connect to the mail relays
    #[arg(long)]
    pub mail: bool,
}

/// `migrate`
#[derive(Debug, Args)]
pub struct Migrate {
    /// Say what would run, and run nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// File to write; never overwritten
    pub file: PathBuf,
}

/// `client`
#[derive(Debug, Subcommand)]
pub enum Client {
    /// List clients
    List,
    /// Show a client
    Show {
        /// client_id
        id: String,
    },
    /// Register a client; its secret is printed once
    Create {
        /// client_id
        id: String,
        /// Members of its registration
        #[command(flatten)]
        members: Members,
    },
    /// Change members of a registration
    Change {
        /// client_id
        id: String,
        /// What changes
        #[command(flatten)]
        members: Members,
        /// Give a member its default back
        #[arg(long, value_name = "MEMBER")]
        unset: Vec<String>,
    },
    /// Refuse a client everything, from its next request on
    Disable {
        /// client_id
        id: String,
    },
    /// Let a disabled client be used again
    Enable {
        /// client_id
        id: String,
    },
    /// Give a client a new secret, printed once; the one before serves for a while
    RotateSecret {
        /// client_id
        id: String,
        /// How long the present secret still serves; 0s ends it now
        #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = duration)]
        overlap: Duration,
    },
}

/// Members of a registration.
#[derive(Debug, Args)]
pub struct Members {
    /// Name shown to people
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Address codes are sent to; may be repeated
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Vec<String>,
    /// Address people return to after signing out; may be repeated
    #[arg(long, value_name = "URI")]
    pub post_logout_redirect_uri: Vec<String>,
    /// Scopes it may ask for, space-separated
    #[arg(long, value_name = "SCOPES")]
    pub scope: Option<String>,
    /// Any member by its RFC 7591 name, as token_endpoint_auth_method=none; may be repeated
    #[arg(long, value_name = "MEMBER=VALUE")]
    pub set: Vec<String>,
}

/// `key`
#[derive(Debug, Subcommand)]
pub enum Key {
    /// List signing keys
    List,
    /// Let the next key sign from now on; the present one stays published
    Rotate {
        /// Algorithm; all of them when not given
        #[arg(value_parser = algorithm)]
        alg: Option<Algorithm>,
        /// Even if services may not know the next key yet
        #[arg(long)]
        force: bool,
    },
    /// Take a compromised key away: nothing it signed verifies any more
    Revoke {
        /// Name of the key
        kid: String,
        /// Do it
        #[arg(long)]
        yes: bool,
    },
}

/// `account`
#[derive(Debug, Subcommand)]
pub enum Account {
    /// List accounts in order of creation
    List {
        /// Begin after this identifier
        #[arg(long, value_name = "ID", default_value = "")]
        after: String,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Show an account
    Show {
        /// Login e-mail, or identifier
        who: String,
    },
    /// Make an account
    Create {
        /// Login e-mail
        login_email: String,
        /// What is known of the person
        #[command(flatten)]
        person: Person,
    },
    /// Change what is known of a person
    Change {
        /// Login e-mail, or identifier
        who: String,
        /// Another login e-mail
        #[arg(long, value_name = "EMAIL")]
        login_email: Option<String>,
        /// What changes
        #[command(flatten)]
        person: Person,
    },
    /// Refuse an account everything, from its next request on, and end its sessions
    Disable {
        /// Login e-mail, or identifier
        who: String,
    },
    /// Let a disabled account be used again
    Enable {
        /// Login e-mail, or identifier
        who: String,
    },
}

/// What is known of a person.
#[derive(Debug, Args)]
pub struct Person {
    /// Prénom
    #[arg(long, value_name = "NAME")]
    pub given_name: Option<String>,
    /// Nom
    #[arg(long, value_name = "NAME")]
    pub family_name: Option<String>,
    /// Telephone number
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
    /// Fonction
    #[arg(long, value_name = "TEXT")]
    pub job_title: Option<String>,
    /// Where notices go, when elsewhere
    #[arg(long, value_name = "EMAIL")]
    pub contact_email: Option<String>,
    /// Language of mails: fr or en
    #[arg(long, value_name = "LOCALE", value_parser = locale)]
    pub locale: Option<Locale>,
    /// Whether you vouch for the addresses
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub email_verified: Option<bool>,
    /// Read a password from standard input
    #[arg(long)]
    pub password_stdin: bool,
}

/// `audit`
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Walk the chain and say whether a row was altered or removed
    Verify {
        /// A head printed earlier, as SEQ:HASH, that the chain must pass through
        #[arg(long, value_name = "SEQ:HASH", value_parser = head)]
        head: Option<crate::audit::chain::Head>,
    },
    /// Print the trail, a line of JSON for each event
    Export {
        /// Begin after this place
        #[arg(long, value_name = "SEQ", default_value_t = 0)]
        after: i64,
    },
}

/// The states an account can be put in, for `apply` and here alike.
pub const fn state(enabled: bool) -> AccountState {
    if enabled { AccountState::Active } else { AccountState::Disabled }
}

fn duration(text: &str) -> Result<Duration, String> {
    crate::config::duration::parse(text).ok_or_else(|| "expected a duration such as 45s, 15m, 12h or 30d".to_owned())
}

fn algorithm(text: &str) -> Result<Algorithm, String> {
    let names: Vec<&str> = Algorithm::ALL.into_iter().map(Algorithm::name).collect();
    Algorithm::parse(text).ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

fn locale(text: &str) -> Result<Locale, String> {
    text.parse().map_err(|e: crate::base::texts::UnknownLocale| e.to_string())
}

fn head(text: &str) -> Result<crate::audit::chain::Head, String> {
    let (seq, hash) = text.split_once(':').ok_or("expected SEQ:HASH, as `guichet audit verify` prints it")?;
    let seq = seq.parse().map_err(|_| "SEQ is not a number")?;
    Ok(crate::audit::chain::Head { seq, hash: hash.to_owned() })
}
