//! The `guichet` command.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before anything that may open a TLS connection. It fails only when a provider is there already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    guichet::cli::run(std::env::args_os())
}
