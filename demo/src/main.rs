//! `guichet-demo`: the whole demonstration with one command.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use guichet_demo::launch::{Demo, Options, PEOPLE};

/// Guichet en démonstration : le portail, deux services, une boîte aux lettres, une horloge.
#[derive(Parser)]
#[command(name = "guichet-demo", version)]
struct Arguments {
    /// Port de tous les sites (0 : un port libre)
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Un port par site sur « localhost », là où *.localhost n’est pas connu
    #[arg(long)]
    ports: bool,
    /// Graine du hasard, pour retrouver les mêmes codes
    #[arg(long)]
    seed: Option<u64>,
    /// Heure de départ, par exemple 2026-03-02T09:00:00Z
    #[arg(long)]
    clock: Option<jiff::Timestamp>,
    /// Déclaration à appliquer après celle de la démonstration (plusieurs fois si besoin)
    #[arg(long, value_name = "FICHIER")]
    apply: Vec<PathBuf>,
    /// Écrit une seule ligne JSON quand tout répond
    #[arg(long)]
    print_json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("La démonstration ne démarre pas : {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let stop = stop_asked()?;
    let json = arguments.print_json;
    let demo = Demo::start(Options {
        port: arguments.port,
        ports: arguments.ports,
        seed: arguments.seed,
        clock: arguments.clock.map(jiff::Timestamp::as_millisecond),
        apply: arguments.apply,
    })
    .await?;
    let text = if json { json_line(&demo)? } else { banner(&demo) };
    let mut out = std::io::stdout().lock();
    // Nobody reading is no reason to stop.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    drop(out);
    stop.await;
    demo.stop().await;
    Ok(())
}

/// Addresses and people, as a program reads them.
fn json_line(demo: &Demo) -> anyhow::Result<String> {
    let mut line = serde_json::to_value(&demo.urls)?;
    if let Some(object) = line.as_object_mut() {
        object.insert("smtp".into(), demo.mail.smtp_addr().to_string().into());
        object.insert("people".into(), serde_json::to_value(PEOPLE)?);
    }
    Ok(format!("{line}\n"))
}

/// The same, as a person reads them.
fn banner(demo: &Demo) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!("\n  Guichet {version} · DÉMONSTRATION · données fictives, effacées à l’arrêt\n\n");
    for (label, url) in demo.urls.listed() {
        text.push_str(&format!("  {label:<29} {url}\n"));
    }
    let issuer = &demo.urls.issuer;
    text.push_str(&format!("  {:<29} {issuer}/.well-known/openid-configuration\n\n", "Configuration OpenID Connect"));
    for person in PEOPLE {
        let means = match (person.password, person.mobile) {
            (Some(password), _) => format!("mot de passe : {password}"),
            (None, Some(mobile)) => format!("première connexion gestionnaire, mobile {mobile}"),
            (None, None) => "code reçu dans la boîte aux lettres".to_owned(),
        };
        text.push_str(&format!("  {:<31} {means}\n", person.email));
    }
    text.push_str("\n  Essayez : ouvrez «\u{a0}Dépôt des aides\u{a0}», puis «\u{a0}Se connecter\u{a0}»\u{202f}; ouvrez ensuite «\u{a0}Mandats\u{a0}».\n");
    text.push_str("  Ctrl-C pour arrêter\n\n");
    text
}

/// Ctrl-C, or the signal a service manager sends. Listens from the call on, not from the first
/// poll, so that a signal right after the addresses are printed is not missed.
#[cfg(unix)]
fn stop_asked() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ctrl-C.
#[cfg(not(unix))]
fn stop_asked() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
