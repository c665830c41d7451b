//! Reads the configuration: the file, the environment over it, then what must hold between values.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::document::{self, At, Document, Fault, dotted};
use super::shape::{self, Shape};
use super::{Config, Environment, validate};

/// The file read when none is named.
pub const DEFAULT_FILE: &str = "guichet.toml";

const PREFIX: &str = "GUICHET__";

/// The configuration is refused: everything found wrong, in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file read, if any.
    pub file: Option<PathBuf>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.as_deref().unwrap_or(Path::new(DEFAULT_FILE)).display().to_string();
        let shown: Vec<String> = self.faults.iter().map(|fault| fault.display(&file).to_string()).collect();
        f.write_str(&shown.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

/// Variables of this process that are meant for the configuration.
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

/// The file that [`load`] reads: the one named, or `guichet.toml` in the working folder when it exists.
pub fn file(path: Option<&Path>) -> Option<PathBuf> {
    path.map(Path::to_owned).or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|p| p.exists()))
}

/// Reads the file (see [`file`]), then `GUICHET__SECTION__KEY` variables over it; `GUICHET__SECTION__KEY_FILE` names a
/// file that holds the value, and a number stands for a place in a list (`GUICHET__MAIL__RELAYS__0__PASSWORD_FILE`).
/// Relative paths written in the file, and the default data folder, are relative to the folder of the file.
pub fn load(path: Option<&Path>, env: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let file = file(path);
    let refuse = |faults: Vec<Fault>| ConfigError { file: file.clone(), faults };
    let mut source = Source::default();
    if let Some(file) = &file {
        let text = std::fs::read_to_string(file).map_err(|e| {
            let fault = Fault::new(At::Nowhere, "", format!("{}: cannot be read: {e}", file.display()));
            refuse(vec![fault.advise("`guichet init` writes a commented configuration file")])
        })?;
        source.file(&text);
    }
    let mut env: Vec<(String, String)> = env.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    env.sort(); // places of a list in order
    for (name, value) in env {
        source.variable(&name, value);
    }
    if !source.faults.is_empty() {
        return Err(refuse(source.faults));
    }
    let mut config: Config =
        source.table.clone().try_into().map_err(|e: toml::de::Error| refuse(vec![Fault::new(At::Nowhere, "", e.message())]))?;
    source.complete(&mut config, file.as_deref().and_then(Path::parent));
    let mut faults: Vec<Fault> = validate::problems(&config);
    if config.server.environment == Environment::Production && !source.origins.contains_key("server.issuer") {
        let fault = Fault::new(At::Nowhere, "server.issuer", "required in production");
        faults
            .push(fault.advise("set the public address of the hub, as https://connexion.example.fr; never change it once services use it"));
    }
    if faults.is_empty() {
        return Ok(config);
    }
    for fault in &mut faults {
        fault.at = source.origin(&fault.key);
    }
    Err(refuse(faults))
}

/// What was read so far, and from where.
#[derive(Default)]
struct Source {
    table: Table,
    origins: BTreeMap<String, At>,
    faults: Vec<Fault>,
}

impl Source {
    fn file(&mut self, text: &str) {
        let doc = match Document::parse(text, shape::of::<Config>) {
            Ok(doc) => doc,
            Err(fault) => return self.faults.push(fault),
        };
        self.origins.extend(doc.lines.iter().map(|(key, line)| (key.clone(), At::Line(*line))));
        if let Err(e) = toml::from_str::<Config>(text) {
            self.faults.push(doc.fault(&e));
        }
        self.faults.extend(doc.unknown);
        self.table = toml::from_str(text).unwrap_or_default();
    }

    fn variable(&mut self, name: &str, value: String) {
        match self.read_variable(name, value) {
            Ok((path, value)) => {
                let key = dotted(&path);
                if self.origins.get(&key).is_some_and(|at| matches!(at, At::Variable(_))) {
                    let fault = Fault::new(At::Variable(name.to_owned()), key, "set by two variables");
                    return self.faults.push(fault.advise("keep either the value or its _FILE"));
                }
                if place(&mut self.table, &path, value) {
                    self.origins.insert(key, At::Variable(name.to_owned()));
                } else {
                    let fault = Fault::new(At::Variable(name.to_owned()), key, "no such place in the list");
                    self.faults.push(fault.advise("places are numbered from 0 without gaps"));
                }
            }
            Err(fault) => self.faults.push(*fault),
        }
    }

    fn read_variable(&self, name: &str, value: String) -> Result<(Vec<String>, Value), Box<Fault>> {
        let at = At::Variable(name.to_owned());
        let path: Vec<String> = name.trim_start_matches(PREFIX).split("__").map(str::to_lowercase).collect();
        let (path, shape, value) = match known(&path) {
            Ok(shape) => (path, shape, value),
            Err(fault) => {
                let secret = path.split_last().and_then(|(last, before)| {
                    let mut short = before.to_vec();
                    short.push(last.strip_suffix("_file")?.to_owned());
                    known(&short).ok().filter(|s| *s == Shape::Text).map(|shape| (short, shape))
                });
                let Some((path, shape)) = secret else { return Err(Box::new(Fault { at, ..fault })) };
                let text = std::fs::read_to_string(&value)
                    .map_err(|e| Box::new(Fault::new(at.clone(), dotted(&path), format!("{value}: cannot be read: {e}"))))?;
                (path, shape, text.trim_end_matches(['\r', '\n']).to_owned())
            }
        };
        let parsed = shape
            .parse(&value)
            .ok_or_else(|| Box::new(Fault::new(at.clone(), dotted(&path), format!("not a value of the right kind: {}", shape.wanted()))))?;
        // Alone, so that what serde says is about this variable.
        let mut alone = Table::new();
        place(
            &mut alone,
            &path.iter().map(|p| if p.parse::<usize>().is_ok() { "0".into() } else { p.clone() }).collect::<Vec<_>>(),
            parsed.clone(),
        );
        Config::deserialize(alone).map_err(|e| Box::new(Fault::new(at, dotted(&path), e.message())))?;
        Ok((path, parsed))
    }

    /// What depends on whether something was said at all.
    fn complete(&self, config: &mut Config, folder: Option<&Path>) {
        let said = |key: &str| self.origins.contains_key(key);
        if !said("server.issuer") {
            // Nothing to serve yet: a trial on this machine.
            let _ = config.server.issuer.set_port(Some(config.server.listen.port()));
            if !said("server.environment") {
                config.server.environment = Environment::Test;
            }
        }
        let Some(folder) = folder else { return };
        let rebase = |path: &mut PathBuf, key: &str| {
            if !matches!(self.origins.get(key), Some(At::Variable(_))) {
                *path = folder.join(&*path);
            }
        };
        rebase(&mut config.database.folder, "database.folder");
        if let Some(path) = &mut config.keys.master_key_file {
            rebase(path, "keys.master_key_file");
        }
        if let Some(path) = &mut config.sms.ca_file {
            rebase(path, "sms.ca_file");
        }
        for (i, relay) in config.mail.relays.iter_mut().enumerate() {
            if let Some(path) = &mut relay.ca_file {
                rebase(path, &format!("mail.relays[{i}].ca_file"));
            }
        }
    }

    /// Where a key, or what holds it, was written.
    fn origin(&self, key: &str) -> At {
        let mut key = key;
        loop {
            if let Some(at) = self.origins.get(key) {
                return at.clone();
            }
            match key.rfind(['.', '[']) {
                Some(end) => key = key.get(..end).unwrap_or_default(),
                None => return At::Nowhere,
            }
        }
    }
}

/// The shape at a path given by a variable, or the refusal that names the first part nobody reads.
fn known(path: &[String]) -> Result<Shape, Fault> {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    if let Some(shape) = shape::of::<Config>(&parts) {
        return Ok(shape);
    }
    for (i, part) in parts.iter().enumerate() {
        let (upto, before) = (parts.get(..=i).unwrap_or_default(), parts.get(..i).unwrap_or_default());
        if shape::of::<Config>(upto).is_none() {
            let name = dotted(path.get(..=i).unwrap_or_default());
            return Err(match shape::of::<Config>(before) {
                Some(Shape::Table(keys)) => document::unknown(At::Nowhere, name, part, &keys),
                _ => Fault::new(At::Nowhere, name, "unknown key"),
            });
        }
    }
    Err(Fault::new(At::Nowhere, dotted(path), "unknown key"))
}

/// Puts a value at a path, making what is missing on the way. False when an index is out of reach.
fn place(table: &mut Table, path: &[String], value: Value) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    let list = rest.first().is_some_and(|p| p.parse::<usize>().is_ok());
    let empty = if list { Value::Array(Vec::new()) } else { Value::Table(Table::new()) };
    if rest.is_empty() {
        table.insert(first.clone(), value);
        return true;
    }
    place_in(table.entry(first.clone()).or_insert(empty), rest, value)
}

fn place_in(target: &mut Value, path: &[String], value: Value) -> bool {
    match target {
        Value::Table(table) => place(table, path, value),
        Value::Array(items) => {
            let Some((first, rest)) = path.split_first() else { return false };
            let Ok(index) = first.parse::<usize>() else { return false };
            if index == items.len() {
                items.push(Value::Table(Table::new()));
            }
            match items.get_mut(index) {
                Some(item) if rest.is_empty() => {
                    *item = value;
                    true
                }
                Some(item) => place_in(item, rest, value),
                None => false,
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn read(text: &str, env: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("guichet.toml");
        std::fs::write(&file, text).unwrap();
        let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        load(Some(&file), env).map_err(|e| e.to_string().replace(&format!("{}/", folder.path().display()), ""))
    }

    const REAL: &str = "[server]\nissuer = 'https://sso.example.fr'\n";

    #[test]
    fn variables_win_over_the_file() {
        let env = [
            ("GUICHET__SERVER__LISTEN", "0.0.0.0:9000"),
            ("GUICHET__SERVER__WORKER", "false"),
            ("GUICHET__SERVER__TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16"),
            ("GUICHET__TOKENS__ACCESS", "5m"),
            ("GUICHET__SIGN_IN__TERMS_VERSION", "2026"),
            ("GUICHET__MAIL__RELAYS__0__HOST", "smtp.example.fr"),
            ("GUICHET__MAIL__RELAYS__1__HOST", "smtp2.example.fr"),
            ("OTHER", "x"),
        ];
        let text = format!("{REAL}listen = '127.0.0.1:1'\n[[mail.relays]]\nhost = 'a'\nport = 25\n");
        let config = read(&text, &env).unwrap();
        assert_eq!(config.server.listen.port(), 9000);
        assert!(!config.server.worker);
        assert_eq!(config.server.trusted_proxies, ["10.0.0.1", "10.1.0.0/16"]);
        assert_eq!(config.tokens.access, Duration::from_secs(300));
        assert_eq!(config.sign_in.terms_version.as_deref(), Some("2026"));
        let relays: Vec<_> = config.mail.relays.iter().map(|r| (r.host.as_str(), r.port)).collect();
        assert_eq!(relays, [("smtp.example.fr", Some(25)), ("smtp2.example.fr", None)]);
    }

    #[test]
    fn a_secret_may_come_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("url");
        std::fs::write(&secret, "postgres://u:p@h/d\n").unwrap();
        let secret = secret.to_str().unwrap();
        let config = read(REAL, &[("GUICHET__DATABASE__URL_FILE", secret)]).unwrap();
        assert_eq!(config.database.url.unwrap().expose(), "postgres://u:p@h/d");
        let both = read(REAL, &[("GUICHET__DATABASE__URL_FILE", secret), ("GUICHET__DATABASE__URL", "postgres://h/d")]);
        assert!(both.unwrap_err().contains("set by two variables"));
        let config = read(REAL, &[("GUICHET__KEYS__MASTER_KEY_FILE", secret)]).unwrap();
        assert_eq!(config.keys.master_key_file.unwrap(), Path::new(secret));
        assert!(read(REAL, &[("GUICHET__DATABASE__URL_FILE", "/nowhere")]).unwrap_err().contains("cannot be read"));
    }

    #[test]
    fn unknown_keys_and_variables_are_refused_with_the_nearest_one() {
        let said = read("[server]\nisuer = 'x'\n", &[("GUICHET__SERVER__LISTN", "x"), ("GUICHET__SEVRER__LISTEN", "x")]).unwrap_err();
        assert!(said.contains("guichet.toml:2: server.isuer: unknown key\n  → did you mean `issuer`?"), "{said}");
        assert!(said.contains("GUICHET__SERVER__LISTN: server.listn: unknown key\n  → did you mean `listen`?"), "{said}");
        assert!(said.contains("GUICHET__SEVRER__LISTEN: sevrer: unknown key\n  → did you mean `server`?"), "{said}");
    }

    #[test]
    fn a_wrong_value_is_said_where_it_was_written() {
        for (text, env, expected) in [
            ("[tokens]\ncode = '90s'\n", None, "guichet.toml:2: tokens.code: 90s is not between 1s and 1m"),
            ("[tokens]\ncode = 60\n", None, "guichet.toml:2: tokens.code: invalid type: integer `60`, expected a string"),
            ("[tokens]\ncode = '60'\n", None, "guichet.toml:2: tokens.code: `60` is not a duration"),
            ("", Some(("GUICHET__TOKENS__CODE", "2m")), "GUICHET__TOKENS__CODE: tokens.code: 2m is not between"),
            (
                "",
                Some(("GUICHET__SERVER__THREADS", "many")),
                "GUICHET__SERVER__THREADS: server.threads: not a value of the right kind: expected a whole number",
            ),
            ("", Some(("GUICHET__SERVER__LISTEN", "here")), "GUICHET__SERVER__LISTEN: server.listen: invalid socket address syntax"),
            (
                "[server]\nissuer = 'http://sso.example.fr'\nenvironment = 'test'\n",
                None,
                "guichet.toml:2: server.issuer: http://sso.example.fr/ is not https",
            ),
            (
                "[server]\nissuer = 'http://localhost:8080'\n",
                None,
                "server.issuer: http://localhost:8080/ is not https, and server.environment is production",
            ),
            ("[server]\nissuer = 'https://sso.example.fr/auth'\n", None, "has a path, a query or a fragment"),
            ("[server]\nenvironment = 'production'\n", None, "server.issuer: required in production"),
            (
                "[[mail.relays]]\nhost = 'smtp.example.fr'\nprotection = 'none'\n",
                None,
                "guichet.toml:3: mail.relays[0].protection: none, and smtp.example.fr is not this machine",
            ),
            (
                "[server]\nissuer = 'https://a.example.fr'\n[passwords]\nmemory = 64\n",
                None,
                "guichet.toml:4: passwords.memory: not between 19456",
            ),
            ("[server]\ntrusted_proxies = ['10.0.0.1', 'proxy']\n", None, "guichet.toml:2: server.trusted_proxies[1]: `proxy` is neither"),
            ("", Some(("GUICHET__MAIL__RELAYS__2__HOST", "a")), "mail.relays[2].host: no such place in the list"),
            ("[server\n", None, "guichet.toml:1: not TOML"),
        ] {
            let said = read(text, env.as_slice()).unwrap_err();
            assert!(said.contains(expected), "{text:?} {env:?}: {said}");
        }
    }

    #[test]
    fn with_nothing_set_it_is_a_trial_on_this_machine() {
        let config = read("", &[("GUICHET__SERVER__LISTEN", "127.0.0.1:9000")]).unwrap();
        assert_eq!(config.server.environment, Environment::Test);
        assert_eq!(config.server.issuer.as_str(), "http://localhost:9000/");
        assert_eq!(read(REAL, &[]).unwrap().server.environment, Environment::Production);
        assert!(
            read(
                "[server]\nissuer='http://sso.localhost:8000'\nenvironment='demo'\n[[mail.relays]]\nhost='127.0.0.1'\nprotection='none'\n",
                &[]
            )
            .is_ok()
        );
    }

    #[test]
    fn relative_paths_start_from_the_folder_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.toml");
        std::fs::write(&file, "[keys]\nmaster_key_file = 'k'\n").unwrap();
        let config = load(Some(&file), []).unwrap();
        assert_eq!(config.database.folder, folder.path().join("data"));
        assert_eq!(config.keys.master_key_file.unwrap(), folder.path().join("k"));
        let env = [("GUICHET__DATABASE__FOLDER".to_owned(), "here".to_owned())];
        assert_eq!(load(Some(&file), env).unwrap().database.folder, Path::new("here"));
    }

    #[test]
    fn a_named_file_must_exist() {
        let said = load(Some(Path::new("/nowhere/guichet.toml")), []).unwrap_err().to_string();
        assert!(said.contains("/nowhere/guichet.toml: cannot be read"), "{said}");
    }
}
