//! `guichet init`: a commented configuration file and a master key. Never overwrites anything.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::args::Init;
use super::out::{Failure, Out, message};
use crate::base::rng::SystemRng;
use crate::config::{DEFAULT_FILE, template};
use crate::crypto::keys::MasterKey;

pub fn run(out: Out, args: &Init) -> Result<(), Failure> {
    let folder = if args.folder == Path::new(".") { Path::new("") } else { &args.folder };
    let (file, key) = (folder.join(DEFAULT_FILE), folder.join("data").join("master.key"));
    let database = folder.join("data").join("guichet.db");
    for path in [&file, &key, &database] {
        if path.exists() {
            return Err(Failure::Refused(format!("{} exists already: nothing was written", path.display())));
        }
    }
    let text = match &args.issuer {
        Some(issuer) if issuer.scheme() == "https" => template::with_issuer(issuer.as_str().trim_end_matches('/')),
        Some(issuer) => {
            return Err(Failure::Usage(format!("--issuer {issuer}: write an https address; leave it out for a trial on this machine")));
        }
        None => template::TEMPLATE.to_owned(),
    };
    MasterKey::create_file(&key, &SystemRng).map_err(Failure::error)?;
    write_new(&file, &text)?;
    out.data(&json!({ "configuration": file, "master_key": key }), || {
        format!(
            "{}  configuration, every key with its default\n{}  master key: keep a copy elsewhere, apart from the database",
            file.display(),
            key.display()
        )
    });
    let config = if folder == Path::new("") { String::new() } else { format!(" --config {}", file.display()) };
    message(format_args!("Next: edit {}, then `guichet check{config}` and `guichet serve{config}`.", file.display()));
    Ok(())
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // It may come to hold passwords.
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut f| f.write_all(text.as_bytes()).and_then(|()| f.sync_all()));
    written.map_err(|e| Failure::Error(format!("{}: {e}", path.display())))
}
