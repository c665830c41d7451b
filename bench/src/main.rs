//! `make bench`: how fast the hub is, beside what this machine can do at all. Writes `bench/RESULTS.md`.

mod card;
mod ceiling;
mod crowd;
mod http;
mod hub;
mod load;
mod measure;
mod postgres;
mod process;
mod register;
mod report;
mod scenario;
mod site;
mod upstream;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

/// The same allocator as the hub, so that the ceilings are comparable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Load scenarios against the hub, on loopback")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

/// What to measure.
#[derive(Debug, Args)]
pub struct Options {
    /// Measure on PostgreSQL as well: a private cluster on the servers' core.
    #[arg(long)]
    pub postgres: bool,
    /// Rounds; each runs every scenario once, in turns.
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Seconds counted for each point.
    #[arg(long, default_value_t = 2.0)]
    pub seconds: f64,
    /// Connections.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    pub connections: Vec<usize>,
    /// Only the scenarios whose name holds this text; no results are written.
    #[arg(long)]
    pub only: Option<String>,
    /// Accounts, and memberships, among which one person is in 10 000 establishments; 0 leaves this out.
    #[arg(long, default_value_t = 1_000_000)]
    pub accounts: usize,
    /// The hub's binary.
    #[arg(long)]
    pub hub: Option<PathBuf>,
    /// Where the results go.
    #[arg(long, default_value = "bench/RESULTS.md")]
    pub out: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Write a made-up company register, for `guichet register import` and `guichet register measure`.
    Register(register::Options),
    /// Serve the two handlers that stand for what the machine can do.
    Ceiling {
        /// Port on 127.0.0.1.
        #[arg(long)]
        port: u16,
    },
    /// Hash passwords on one thread; prints count, wall and processor nanoseconds.
    Hash {
        /// KiB.
        #[arg(long)]
        memory: u32,
        /// Passes.
        #[arg(long)]
        passes: u32,
        /// How long.
        #[arg(long)]
        seconds: f64,
    },
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Register(options)) => register::write(&options),
        Some(Command::Ceiling { port }) => ceiling::serve(port),
        Some(Command::Hash { memory, passes, seconds }) => ceiling::hash(memory, passes, Duration::from_secs_f64(seconds)),
        None => {
            let place = process::Place::take();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, measure::everything(&cli.options, place.pinned))
        }
    }
}
