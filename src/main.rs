//! The `guichet` command.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The allocator asks for huge pages, and a hub at rest touches little of each: a third of its memory would be empty.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    // Before anything that may open a TLS connection. It fails only when a provider is there already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    guichet::cli::run(std::env::args_os())
}
