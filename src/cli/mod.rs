//! The command line: arguments in, text out. What is decided is decided by the same services as everywhere else.

mod account;
mod admin;
pub mod apply;
mod args;
mod audit;
mod card;
mod check;
mod client;
mod days;
mod declare;
mod designate;
mod establishment;
mod habilitation;
mod identity;
pub mod import;
mod init;
mod invitation;
mod key;
mod membership;
mod notices;
mod out;
mod provider;
mod register;
mod request;
mod restore;
mod review;
mod serve;
mod service;
mod transfer;
mod upkeep;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::app::App;
use crate::config::{self, Config};
use args::{Cli, Command};
use out::{Failure, Out, raw};

/// Runs what was typed, and gives the exit status.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(e) => {
            // clap knows what goes to which stream, and the status of wrong usage.
            let _ = e.print();
            return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(2));
        }
    };
    match dispatch(cli) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

fn dispatch(cli: Cli) -> Result<ExitCode, Failure> {
    let out = Out { json: cli.json };
    let file = cli.config.as_deref();
    match cli.command {
        Command::Version => {
            let version = env!("CARGO_PKG_VERSION");
            out.data(&serde_json::json!({ "version": version }), || format!("guichet {version}"));
            Ok(ExitCode::SUCCESS)
        }
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "guichet", &mut script);
            raw(&String::from_utf8_lossy(&script));
            Ok(ExitCode::SUCCESS)
        }
        Command::Init(args) => init::run(out, &args).map(done),
        Command::Check(args) => alone(check::run(out, file, &args)),
        Command::Serve(args) => serve::run(load(file)?, &args).map(done),
        Command::Migrate(args) => alone(upkeep::migrate(out, &load(file)?, &args)).map(done),
        Command::Doctor => alone(upkeep::doctor(out, &load(file)?)),
        Command::Backup(args) => alone(upkeep::backup(out, &load(file)?, &args)).map(done),
        Command::Restore(args) => alone(restore::run(out, &load(file)?, &args)).map(done),
        Command::Audit(command) => alone(audit::run(out, &load(file)?, command)),
        Command::Notices(command) => alone(notices::run(out, &load(file)?, command)).map(done),
        Command::Apply(args) => with_app(load(file)?, async |app| declare::run(out, app, &args).await).map(done),
        Command::Client(command) => with_app(load(file)?, async |app| client::run(out, app, command).await).map(done),
        Command::Provider(command) => with_app(load(file)?, async |app| provider::run(out, app, command).await).map(done),
        Command::Service(command) => with_app(load(file)?, async |app| service::run(out, app, command).await).map(done),
        Command::Establishment(command) => with_app(load(file)?, async |app| establishment::run(out, app, command).await).map(done),
        Command::Membership(command) => with_app(load(file)?, async |app| membership::run(out, app, command).await).map(done),
        Command::Habilitation(command) => with_app(load(file)?, async |app| habilitation::run(out, app, command).await).map(done),
        Command::Attestation(command) => {
            with_app(load(file)?, async |app| habilitation::run_attestation(out, app, command).await).map(done)
        }
        Command::Invitation(command) => with_app(load(file)?, async |app| invitation::run(out, app, command).await).map(done),
        Command::Request(command) => with_app(load(file)?, async |app| request::run(out, app, command).await).map(done),
        Command::Review(command) => with_app(load(file)?, async |app| review::run(out, app, command).await).map(done),
        Command::Register(command) => with_app(load(file)?, async |app| register::run(out, app, command).await).map(done),
        Command::Key(command) => with_app(load(file)?, async |app| key::run(out, app, command).await).map(done),
        Command::Card(command) => with_app(load(file)?, async |app| card::run(out, app, command).await).map(done),
        Command::Admin(command) => with_app(load(file)?, async |app| admin::run(out, app, command).await).map(done),
        Command::Account(command) => with_app(load(file)?, async |app| account::run(out, app, command).await).map(done),
    }
}

fn done(_: ()) -> ExitCode {
    ExitCode::SUCCESS
}

fn load(file: Option<&Path>) -> Result<Config, Failure> {
    Ok(config::load(file, config::environment())?)
}

/// Runs one command to its end.
fn alone<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::error)?;
    runtime.block_on(work)
}

fn with_app<T>(config: Config, work: impl AsyncFnOnce(&App) -> Result<T, Failure>) -> Result<T, Failure> {
    alone(async {
        let app = App::builder(config).build().await?;
        let result = work(&app).await;
        app.db.close().await;
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn names_that_begin_with_a_hyphen_are_taken_for_names() {
        for kid in ["-hkPgWhUV97CgZpjRTEnez", "--yPgWhUV97CgZpjRTEnez"] {
            for typed in [["guichet", "key", "revoke", kid, "--yes"], ["guichet", "key", "revoke", "--yes", kid]] {
                let read = Cli::try_parse_from(typed);
                assert!(
                    matches!(&read, Ok(Cli { command: Command::Key(args::Key::Revoke { kid: k, yes: true }), .. }) if k == kid),
                    "{read:?}"
                );
            }
            for typed in [&["guichet", "account", "unlink", "who", kid][..], &["guichet", "account", "relink", "from", kid, "to"]] {
                assert!(Cli::try_parse_from(typed).is_ok(), "{typed:?}");
            }
        }
    }
}
