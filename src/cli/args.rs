//! What can be typed.

mod card;
mod org;
mod register;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::account::AccountState;
use crate::base::texts::Locale;
use crate::crypto::Algorithm;
pub use card::{Card, CardImport};
pub use org::{
    Attestation, Establishment, Habilitation, Invitation, Membership, NamedFor, Request, Review, Right, Service, ServiceApprover,
};
pub use register::{Register, RegisterImport};

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
    Serve(Serve),
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
    /// Upstream providers: FranceConnect and those of its kind
    #[command(subcommand)]
    Provider(Provider),
    /// The catalogue « Tous nos services »; declared with `guichet apply`
    #[command(subcommand)]
    Service(Service),
    /// Establishments, and who manages them; declared with `guichet apply`
    #[command(subcommand)]
    Establishment(Establishment),
    /// Places of people in establishments
    #[command(subcommand)]
    Membership(Membership),
    /// What people may do in services, for an establishment
    #[command(subcommand)]
    Habilitation(Habilitation),
    /// What people hold whatever their establishment, such as training certificates
    #[command(subcommand)]
    Attestation(Attestation),
    /// Invitations to join an establishment
    #[command(subcommand)]
    Invitation(Invitation),
    /// Requests of people: to join an establishment, to use a service
    #[command(subcommand)]
    Request(Request),
    /// Reviews of rights in establishments
    #[command(subcommand)]
    Review(Review),
    /// What services are told: sessions that ended, accounts and rights that changed
    #[command(subcommand)]
    Notices(Notices),
    /// The company register: establishments by SIRET and name
    #[command(subcommand)]
    Register(Register),
    /// Signing keys
    #[command(subcommand)]
    Key(Key),
    /// Accounts of people
    #[command(subcommand)]
    Account(Account),
    /// Physical OTP cards: the stock, and who holds them
    #[command(subcommand)]
    Card(Card),
    /// Who runs the hub
    #[command(subcommand)]
    Admin(Admin),
    /// The audit trail
    #[command(subcommand)]
    Audit(Audit),
    /// Copy the embedded database while it serves
    Backup(Backup),
    /// Put a backup in the place of an embedded database that is not there
    Restore(Restore),
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

/// `serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Start although the RP ID of passkeys was changed: every passkey is removed
    #[arg(long)]
    pub accept_loss_of_passkeys: bool,
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

/// `restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// A file that `guichet backup` wrote
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
    /// Address told of sessions that end (back-channel logout)
    #[arg(long, value_name = "URI")]
    pub backchannel_logout_uri: Option<String>,
    /// Address told that an account or its rights changed
    #[arg(long, value_name = "URI")]
    pub claims_notice_uri: Option<String>,
    /// Scopes it may ask for, space-separated
    #[arg(long, value_name = "SCOPES")]
    pub scope: Option<String>,
    /// Those among them that people may leave out when they are asked, space-separated
    #[arg(long, value_name = "SCOPES")]
    pub optional_scope: Option<String>,
    /// Any member by its RFC 7591 name, as token_endpoint_auth_method=none; may be repeated
    #[arg(long, value_name = "MEMBER=VALUE")]
    pub set: Vec<String>,
}

/// `notices`
#[derive(Debug, Subcommand)]
pub enum Notices {
    /// List notices of the last 30 days, latest first, with what became of them
    List {
        /// To this client only
        #[arg(long, value_name = "CLIENT_ID")]
        client: Option<String>,
        /// Those that failed only: given up, or to be tried again
        #[arg(long)]
        failed: bool,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Try again what was given up: one notice, or all those of a client
    Retry {
        /// Its identifier
        #[arg(required_unless_present = "client")]
        id: Option<String>,
        /// All those of this client
        #[arg(long, value_name = "CLIENT_ID", conflicts_with = "id")]
        client: Option<String>,
    },
}

/// `provider`
#[derive(Debug, Subcommand)]
pub enum Provider {
    /// List providers
    List,
    /// Show a provider, with the addresses to register there
    Show {
        /// Its identifier
        id: String,
    },
    /// End what rests on a provider, from the next request on
    Disable {
        /// Its identifier
        id: String,
    },
    /// Let a disabled provider be used again
    Enable {
        /// Its identifier
        id: String,
    },
}

/// `key`
#[derive(Debug, Subcommand)]
pub enum Key {
    /// List signing keys, and those that providers encrypt to
    List,
    /// Let the next key sign from now on; the present one stays published
    Rotate {
        /// Algorithm; all of them when not given
        #[arg(value_parser = algorithm)]
        alg: Option<Algorithm>,
        /// The keys that providers encrypt to, instead: new ones are published, the present ones still decrypt for a week
        #[arg(long, conflicts_with = "alg")]
        decryption: bool,
        /// Even if services may not know the next key yet, or providers may still use the keys before the present ones
        #[arg(long)]
        force: bool,
    },
    /// Take a compromised key away: nothing it signed verifies any more
    Revoke {
        /// Name of the key
        // A thumbprint: one in 64 begins with a hyphen.
        #[arg(allow_hyphen_values = true)]
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
    /// Let a designated manager sign in for the first time, by e-mail and SMS
    Designate(Designate),
    /// Make the accounts of people who come from another system, from a CSV file
    Import(Import),
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
    /// Decide the request of somebody who lost every means of connection: their identity must have been checked
    Recover {
        /// Login e-mail, or identifier
        who: String,
        /// Decline it instead
        #[arg(long)]
        decline: bool,
    },
    /// List the identities that upstream providers vouch for
    Identities {
        /// Login e-mail, or identifier
        who: String,
    },
    /// Undo the link of an identity: it signs nobody in until its person proves themselves again; sessions end
    Unlink {
        /// Login e-mail, or identifier
        who: String,
        /// The identity (`sub`), as `account identities` lists it
        #[arg(allow_hyphen_values = true)]
        sub: String,
        /// Its issuer, when the account has that `sub` of several
        #[arg(long, value_name = "URL")]
        issuer: Option<String>,
    },
    /// Move an identity to the account that is its person's, whose identity must have been checked
    Relink {
        /// Identifier of the account that has it
        from: String,
        /// The identity (`sub`)
        #[arg(allow_hyphen_values = true)]
        sub: String,
        /// Identifier of the account that is its person's
        to: String,
    },
    /// Remove the verification of a professional's identity: services see it as declared again, and the name is theirs to change
    Unverify {
        /// Login e-mail, or identifier
        who: String,
    },
    /// Demand two factors, or a passkey, of somebody's sign-ins
    Demand {
        /// Login e-mail, or identifier
        who: String,
        /// aal1 one factor, aal2 two, aal3 a passkey
        #[arg(value_parser = |text: &str| crate::base::Aal::parse(text).ok_or("aal1, aal2 or aal3"))]
        level: crate::base::Aal,
    },
}

/// `admin`
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Let an account run the hub: its password goes, two factors are demanded, its sessions end
    Add {
        /// Login e-mail, or identifier
        who: String,
    },
    /// List those who run the hub
    List,
    /// Make an account an ordinary one again
    Remove {
        /// Login e-mail, or identifier
        who: String,
    },
}

/// `account designate`
#[derive(Debug, Args)]
pub struct Designate {
    /// Login e-mail, as in the request
    pub login_email: String,
    /// Mobile number, as in the request
    #[arg(long, value_name = "NUMBER", required_unless_present = "withdraw")]
    pub mobile: Option<String>,
    /// Take back a designation that did not serve: the account opens as before
    #[arg(long, conflicts_with_all = ["mobile", "given_name", "family_name", "siret"])]
    pub withdraw: bool,
    /// Prénom, for a new account
    #[arg(long, value_name = "NAME")]
    pub given_name: Option<String>,
    /// Nom, for a new account
    #[arg(long, value_name = "NAME")]
    pub family_name: Option<String>,
    /// Establishment to manage, declared before
    #[arg(long, value_name = "SIRET")]
    pub siret: Option<String>,
}

/// `account import`
#[derive(Debug, Args)]
#[command(
    after_help = "Columns, in any order, separated by , ; or tabs, in UTF-8: login_email, given_name, family_name, phone, job_title, \
    contact_email, email_verified, password_hash, locale.\n\
    password_hash: bcrypt, PBKDF2, scrypt, Argon2, {SSHA}, {SSHA256}, {SSHA512}, phpass ($P$) or Drupal ($S$), as the other system wrote \
    it. People without one sign in with a code by e-mail and are then offered a password."
)]
pub struct Import {
    /// The people (CSV)
    pub file: PathBuf,
    /// Say what would become of each line, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Leave out the lines that are refused, rather than write nothing
    #[arg(long)]
    pub skip_invalid: bool,
    /// Change what is known of people who have an account already; their password stays theirs
    #[arg(long)]
    pub update: bool,
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
