//! Holds `src/**` against the rules of the house: who may import whom, where SQL may stand, how long a file may be.
//!
//! The tables below are the rules. A new folder or a new exception is a line here, seen in review.

mod scan;

use scan::Source;
use std::path::Path;

/// The floors of the house, highest first. A folder (or a file of the same name) may import itself and what stands below.
const FLOORS: &[&str] = &[
    "main",
    "lib",
    "cli",
    "worker",
    "web",
    "app",
    "oidc",
    "federation",
    "authn",
    "org",
    "account",
    "jobs",
    "sms",
    "mail",
    "audit",
    "config",
    "crypto",
    "db",
    "telemetry",
    "base",
];

/// Crates that only some places may name. `*/store.rs` stands for any file of that name.
const CRATES: &[(&str, &[&str])] = &[
    ("axum", &["src/web", "src/app"]),
    ("tower", &["src/web", "src/app"]),
    ("tower_http", &["src/web", "src/app"]),
    ("sqlx", &["src/db", "*/store.rs"]),
    ("josekit", &["src/crypto"]),
    ("argon2", &["src/crypto"]),
    ("webauthn_rs_core", &["src/crypto"]),
    ("askama", &["src/web", "src/mail"]),
    ("lettre", &["src/mail"]),
    ("reqwest", &["src/sms", "src/federation", "src/telemetry/traces"]),
    ("opentelemetry_sdk", &["src/telemetry"]),
    ("tracing_opentelemetry", &["src/telemetry"]),
    ("openidconnect", &["src/federation"]),
    ("clap", &["src/cli", "src/main"]),
];

const SQL_PLACES: &[&str] = &["src/db", "*/store.rs"];

const MAX_LINES: usize = 600;

/// Everything one file does against the rules, as `path:line: what`.
fn faults(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |line: usize, what: String| faults.push(format!("{}:{line}: {what}", source.path));

    if source.lines > MAX_LINES {
        fault(source.lines, format!("longer than {MAX_LINES} lines"));
    }
    let here = floor_of(&source.path);
    if rank(here).is_none() {
        fault(1, format!("`{here}` has no floor in the table"));
    }
    for path in source.paths() {
        if let Some(target) = own_module(&source.path, &path.segments)
            && let (Some(from), Some(to)) = (rank(here), rank(target))
            && from > to
        {
            fault(path.line, format!("`{here}` imports `{target}`, which stands above it"));
        }
        let root = path.segments[0].as_str();
        if let Some((name, places)) = CRATES.iter().find(|(name, _)| *name == root)
            && !stands_in(&source.path, places)
        {
            fault(path.line, format!("`{name}` may only be named in {}", places.join(", ")));
        }
    }
    if !stands_in(&source.path, SQL_PLACES) {
        for (line, text) in &source.strings {
            if looks_like_sql(text) {
                fault(*line, "SQL outside a store.rs".to_owned());
            }
        }
    }
    // What a provider vouches for is a proof only once `federation` has verified it.
    if source.has(&["Proof", "::", "vouched", "("]) && !stands_in(&source.path, &["src/federation"]) {
        fault(1, "`Proof::vouched` may only be called in src/federation".to_owned());
    }
    if source.path.ends_with("/store.rs") && !source.has(&["pub", "const", "ALL"]) {
        fault(1, "no `pub const ALL`, so no test prepares its statements".to_owned());
    }
    faults
}

/// `src/web/pages/x.rs` → `web`, `src/app.rs` → `app`.
fn floor_of(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.split(['/', '.']).next().unwrap_or_default()
}

fn rank(floor: &str) -> Option<usize> {
    FLOORS.iter().position(|name| *name == floor)
}

/// The top-level module that a path leads to, when it leads into this crate: by `crate::`, `guichet::` or enough `super::`.
fn own_module<'a>(file: &str, segments: &'a [String]) -> Option<&'a str> {
    let inner = file.strip_prefix("src/")?.trim_end_matches(".rs");
    let depth = inner.split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main")).count();
    let climbed = segments.iter().take_while(|part| *part == "super").count();
    let target = match segments[0].as_str() {
        "crate" | "guichet" => segments.get(1),
        "super" if climbed >= depth => segments.get(climbed),
        _ => None,
    }?;
    rank(target).map(|_| target.as_str())
}

fn stands_in(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| match place.strip_prefix("*/store.rs") {
        Some(_) => path.ends_with("/store.rs"),
        None => path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/') || rest == ".rs"),
    })
}

/// Does a literal read as a statement, rather than as a sentence that happens to say "select"?
fn looks_like_sql(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let pair = |a: &str, b: &str| words.windows(2).any(|w| w == [a, b]);
    match words.as_slice() {
        ["select", _, ..] => text.contains("SELECT") || words.contains(&"from"),
        ["update", _, rest @ ..] => rest.contains(&"set"),
        ["begin", "immediate" | "transaction"] | ["pragma", ..] => true,
        ["with", _, "as", next, ..] => next.starts_with('('),
        ["create" | "alter" | "drop", "table" | "index" | "unique", ..] => true,
        _ => pair("insert", "into") || pair("delete", "from") || pair("for", "update"),
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push(Source::read(&name, &std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

#[test]
fn every_source_file_keeps_the_rules_of_the_house() {
    let sources = sources();
    assert!(sources.iter().any(|s| s.path == "src/lib.rs"), "the sources were not found");
    let faults: Vec<String> = sources.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn lock_files_name_no_download_address() {
    for folder in ["tests/browser", "tests/clients/openid-client"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("package-lock.json");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("\"integrity\""), "{folder}: not a lock file");
        assert!(!text.contains("\"resolved\""), "{folder}: `npm install --omit-lockfile-registry-resolved`");
    }
}

/// The checker itself must be able to fail: what it says of small planted files.
mod planted {
    use super::*;

    fn says(path: &str, text: &str) -> Vec<String> {
        faults(&Source::read(path, text))
            .into_iter()
            .map(|fault| fault.strip_prefix(path).unwrap_or(&fault).trim_start_matches(':').to_owned())
            .collect()
    }

    #[test]
    fn an_import_upwards_is_a_fault_however_it_is_written() {
        let fault = ["1: `db` imports `oidc`, which stands above it"];
        assert_eq!(says("src/db/pool.rs", "use crate::oidc::token;"), fault);
        assert_eq!(says("src/db/pool.rs", "use crate::{base::Id, oidc::{self, x}};"), [fault[0], fault[0]]);
        assert_eq!(says("src/db/pool.rs", "fn f() { crate::oidc::token::mint() }"), fault);
        assert_eq!(says("src/db/pool.rs", "use super::super::oidc::token;"), fault);
        assert_eq!(says("src/db/mod.rs", "use super::oidc;"), fault);
        assert_eq!(says("src/db.rs", "pub(crate) use crate::oidc as other;"), fault);
    }

    #[test]
    fn an_import_downwards_or_within_is_none() {
        assert!(says("src/oidc/x.rs", "use crate::{authn, base::Id, oidc::token};").is_empty());
        assert!(says("src/db/pool/x.rs", "use super::super::sql; use super::web;").is_empty());
        assert!(says("src/db/x.rs", "// use crate::oidc\n/* crate::oidc */ fn f<'a>(_: &'a str) {}").is_empty());
        assert!(says("src/db/x.rs", r##"const A: &str = r#"crate::oidc "x" "#; const B: char = '"';"##).is_empty());
    }

    #[test]
    fn a_crate_named_outside_its_room_is_a_fault() {
        assert_eq!(
            says("src/oidc/token.rs", "#[derive(sqlx::FromRow)] struct Row { at: i64 }"),
            ["1: `sqlx` may only be named in src/db, */store.rs"]
        );
        assert_eq!(says("src/oidc/token.rs", "\nuse axum;").len(), 1);
        assert_eq!(says("src/oidc/token.rs", "use {josekit::jwk::Jwk};").len(), 1);
        assert_eq!(says("src/oidc/token.rs", "fn f() { ::askama::x() }").len(), 1);
        assert!(says("src/oidc/store.rs", "use sqlx::FromRow; pub const ALL: &[&str] = &[];").is_empty());
        assert!(says("src/web/x.rs", "use axum::Router;").is_empty());
        assert!(says("src/oidc/x.rs", "use crate::base::sqlx_like;").is_empty());
    }

    #[test]
    fn sql_outside_a_store_is_a_fault() {
        for sql in [
            "SELECT id FROM code",
            "select id from code where x = $1",
            "INSERT INTO code (id) VALUES ($1)",
            "UPDATE code SET used = TRUE",
            "DELETE FROM code",
            "BEGIN IMMEDIATE",
        ] {
            assert_eq!(says("src/oidc/x.rs", &format!("const A: &str = \"{sql}\";")), ["1: SQL outside a store.rs"]);
        }
        assert!(says("src/oidc/x.rs", r#"const A: &str = "select_account";"#).is_empty());
        assert!(says("src/oidc/x.rs", r#"const A: &str = "update the client";"#).is_empty());
        assert!(says("src/db/x.rs", r#"const A: &str = "BEGIN IMMEDIATE";"#).is_empty());
    }

    #[test]
    fn a_proof_vouched_for_elsewhere_is_a_fault() {
        let call = "fn f() { crate::authn::Proof::vouched(a, b, c, d) }";
        assert_eq!(says("src/web/x.rs", call), ["1: `Proof::vouched` may only be called in src/federation"]);
        assert!(says("src/federation/x.rs", call).is_empty());
    }

    #[test]
    fn a_store_without_its_list_a_long_file_and_an_unknown_folder_are_faults() {
        assert_eq!(says("src/oidc/store.rs", "const ALL: u8 = 0;").len(), 1);
        assert_eq!(says("src/base/x.rs", &"\n".repeat(601)), ["601: longer than 600 lines"]);
        assert_eq!(says("src/attic/x.rs", ""), ["1: `attic` has no floor in the table"]);
    }
}
