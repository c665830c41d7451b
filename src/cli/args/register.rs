//! Arguments of `guichet register`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `register`
#[derive(Debug, Subcommand)]
pub enum Register {
    /// Import stock files of INSEE, plain or zipped; an interrupted import goes on where it was
    Import(RegisterImport),
    /// Show what the register says of an establishment
    Show {
        /// SIRET
        siret: String,
    },
    /// Search by SIRET, SIREN, or name
    Search {
        /// What people type
        #[arg(required = true)]
        words: Vec<String>,
        /// Postcode or commune
        #[arg(long, value_name = "PLACE", default_value = "")]
        place: String,
        /// Page, ten establishments each
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10))]
        page: u32,
    },
    /// Time searches of every kind, made from the register's own names
    Measure {
        /// Searches of each kind
        #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(10..=100_000))]
        searches: u32,
    },
    /// Say how far imports came, and which lines were refused
    Status {
        /// Refused lines shown for each file
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=1_000))]
        refused: u32,
    },
}

/// `register import`
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("files").required(true).multiple(true)))]
#[command(after_help = "The files are imported in this order, which spares most work, whatever the order they are named in.")]
pub struct RegisterImport {
    /// StockUniteLegale
    #[arg(long, value_name = "FILE", group = "files")]
    pub units: Option<PathBuf>,
    /// StockEtablissement
    #[arg(long, value_name = "FILE", group = "files")]
    pub establishments: Option<PathBuf>,
    /// StockEtablissementLiensSuccession
    #[arg(long, value_name = "FILE", group = "files")]
    pub successions: Option<PathBuf>,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}
