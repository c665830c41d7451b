//! Arguments of `guichet card`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::authn::card::{CardState, Serial, UnlinkReason};
use crate::base::Siret;
use crate::crypto::oath::Hash;

/// `card`
#[derive(Debug, Subcommand)]
pub enum Card {
    /// Put the cards of a file (CSV or PSKC) in stock: all of them, or none
    Import(CardImport),
    /// List cards by serial number
    List {
        /// In this state only: in_stock, sent, linked, validated, lost, broken or returned
        #[arg(long, value_name = "STATE", value_parser = card_state)]
        state: Option<CardState>,
        /// Of this establishment only
        #[arg(long, value_name = "SIRET", value_parser = siret)]
        siret: Option<Siret>,
        /// Begin after this serial number
        #[arg(long, value_name = "SERIAL", default_value = "")]
        after: String,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Show a card
    Show {
        /// Serial number
        #[arg(value_parser = serial)]
        serial: Serial,
    },
    /// Send cards to an establishment, whose managers may then lend them
    Send {
        /// SIRET of the establishment
        #[arg(value_parser = siret)]
        siret: Siret,
        /// Serial numbers
        #[arg(required = true, value_parser = serial)]
        serials: Vec<Serial>,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Lend a card to a person, and confirm it with a code it shows
    Link {
        /// Serial number
        #[arg(value_parser = serial)]
        serial: Serial,
        /// Login e-mail, or identifier
        who: String,
        /// A code that the card shows; without it the card waits to be confirmed
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
    },
    /// Take a card back from its holder
    Unlink {
        /// Serial number
        #[arg(value_parser = serial)]
        serial: Serial,
        /// Why: loss, theft, breakage, malfunction, departure, mistake or other
        #[arg(long, value_name = "REASON", value_parser = unlink_reason)]
        reason: UnlinkReason,
        /// Lend this other card to the same person, in the same step
        #[arg(long, value_name = "SERIAL", value_parser = serial)]
        replace_by: Option<Serial>,
    },
    /// Find a strayed card again, and unlock it, with two codes it shows one after the other
    Resync {
        /// Serial number
        #[arg(value_parser = serial)]
        serial: Serial,
        /// The first code
        first: String,
        /// The next one
        second: String,
    },
    /// Put a card that nobody holds in another state: in_stock, lost, broken or returned
    SetState {
        /// Serial number
        #[arg(value_parser = serial)]
        serial: Serial,
        /// The state
        #[arg(value_parser = card_state)]
        state: CardState,
        /// Why, in a few words for the audit trail
        #[arg(long, value_name = "TEXT", default_value = "inventory")]
        reason: String,
    },
}

/// `card import`
#[derive(Debug, Args)]
pub struct CardImport {
    /// The file; - reads standard input
    pub file: PathBuf,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// File that holds the key shared with the maker, in hexadecimal: 16 or 32 bytes
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_file")]
    pub key_file: Option<PathBuf>,
    /// File that holds the passphrase shared with the maker
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Type of the cards of a CSV that does not say: totp or hotp
    #[arg(long, value_name = "TYPE", default_value = "totp", value_parser = ["totp", "hotp"])]
    pub r#type: String,
    /// Seconds between two codes, for a CSV that does not say: 30 or 60
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = step)]
    pub step: u64,
    /// Digits of a code, for a CSV that does not say: 6 or 8
    #[arg(long, value_name = "N", default_value = "6", value_parser = digits)]
    pub digits: u8,
    /// Hash of the codes, for a CSV that does not say: SHA1, SHA256 or SHA512
    #[arg(long, value_name = "NAME", default_value = "SHA1", value_parser = hash)]
    pub algorithm: Hash,
}

fn serial(text: &str) -> Result<Serial, String> {
    Serial::parse(text).ok_or_else(|| "expected letters, digits and - _ . as printed on the card".to_owned())
}

fn siret(text: &str) -> Result<Siret, String> {
    Siret::parse(text).map_err(|e| e.to_string())
}

fn card_state(text: &str) -> Result<CardState, String> {
    let names = CardState::ALL.map(CardState::name).join(", ");
    CardState::parse(&text.replace('-', "_")).ok_or_else(|| format!("expected one of {names}"))
}

fn unlink_reason(text: &str) -> Result<UnlinkReason, String> {
    let names = UnlinkReason::ALL.map(UnlinkReason::name).join(", ");
    UnlinkReason::parse(text).ok_or_else(|| format!("expected one of {names}"))
}

fn step(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|s| matches!(s, 30 | 60)).ok_or_else(|| "expected 30 or 60".to_owned())
}

fn digits(text: &str) -> Result<u8, String> {
    text.parse().ok().filter(|d| matches!(d, 6 | 8)).ok_or_else(|| "expected 6 or 8".to_owned())
}

fn hash(text: &str) -> Result<Hash, String> {
    Hash::parse(text).ok_or_else(|| "expected SHA1, SHA256 or SHA512".to_owned())
}
