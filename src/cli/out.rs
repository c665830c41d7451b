//! What commands print: data on standard output, messages on standard error; and how they end.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;

use crate::account::lifecycle;
use crate::app::BuildError;
use crate::config::ConfigError;
use crate::crypto::{keyring, keys};
use crate::db;
use crate::oidc::registry;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// It failed (1).
    Error(String),
    /// The arguments make no sense together (2).
    Usage(String),
    /// A guard stands in the way (3).
    Refused(String),
    /// What was named does not exist (4).
    NotFound(String),
    /// Everything was said already (1).
    Said,
}

impl Failure {
    /// Any error.
    pub fn error(e: impl Display) -> Self {
        Self::Error(e.to_string())
    }

    /// Says it, and gives the exit status.
    pub fn report(self) -> ExitCode {
        let (code, text) = match self {
            Self::Error(text) => (1, text),
            Self::Usage(text) => (2, text),
            Self::Refused(text) => (3, text),
            Self::NotFound(text) => (4, text),
            Self::Said => return ExitCode::from(1),
        };
        message(format_args!("error: {text}"));
        ExitCode::from(code)
    }
}

impl From<db::Error> for Failure {
    fn from(e: db::Error) -> Self {
        Self::error(e)
    }
}

impl From<keyring::Error> for Failure {
    fn from(e: keyring::Error) -> Self {
        match e {
            keyring::Error::Refused(why) => Self::Refused(why),
            other => Self::error(other),
        }
    }
}

impl From<crate::oidc::keys::Error> for Failure {
    fn from(e: crate::oidc::keys::Error) -> Self {
        use crate::oidc::keys::Error;
        match e {
            Error::TooFresh(..) => Self::Refused(format!("{e}\n  → wait, or use --force")),
            Error::Unknown(_) => Self::NotFound(e.to_string()),
            Error::Decrypting(_) => Self::Refused(format!("{e}\n  → wait, or use --force")),
            Error::Published(_) => Self::Refused(e.to_string()),
            Error::Keyring(e) => e.into(),
            Error::Db(e) => e.into(),
        }
    }
}

impl From<registry::Error> for Failure {
    fn from(e: registry::Error) -> Self {
        match e {
            registry::Error::Unknown(_) => Self::NotFound(e.to_string()),
            registry::Error::Exists(_) | registry::Error::NoSecret(..) | registry::Error::Meanwhile(_) => Self::Refused(e.to_string()),
            registry::Error::Invalid(wrong) => Self::Error(wrong.join("\n  ")),
            registry::Error::Db(e) => e.into(),
        }
    }
}

impl From<lifecycle::Error> for Failure {
    fn from(e: lifecycle::Error) -> Self {
        match e {
            lifecycle::Error::Exists(_) | lifecycle::Error::Meanwhile => Self::Refused(e.to_string()),
            lifecycle::Error::Invalid(wrong) => Self::Error(wrong.join("\n  ")),
            lifecycle::Error::Db(e) => e.into(),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(e: ConfigError) -> Self {
        Self::Error(format!("the configuration is refused\n{e}"))
    }
}

impl From<BuildError> for Failure {
    fn from(e: BuildError) -> Self {
        match e {
            BuildError::SchemaBehind => Self::Refused(e.to_string()),
            BuildError::Keys(keys::Error::Master(why)) => Self::Error(format!(
                "master key: {why}\n  → `guichet init` makes one for a new deployment; for an existing one, put its own back"
            )),
            other => Self::error(other),
        }
    }
}

/// Where a command prints.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    /// As JSON.
    pub json: bool,
}

impl Out {
    /// Prints data: as JSON when asked, otherwise the text.
    pub fn data(self, value: &impl Serialize, text: impl FnOnce() -> String) {
        let shown = if self.json { serde_json::to_string_pretty(value).unwrap_or_default() } else { text() };
        raw(&format!("{}\n", shown.trim_end()));
    }

    /// Says what a change came to: as JSON when asked, an object on what it is about with whether it `changed`; otherwise the
    /// words, on standard error.
    pub fn changed(self, changed: bool, about: impl Into<Value>, said: impl Display) {
        if !self.json {
            return message(said);
        }
        let mut about = about.into();
        if let Some(map) = about.as_object_mut() {
            map.insert("changed".to_owned(), changed.into());
        }
        self.data(&about, String::new);
    }
}

/// Writes to standard output. A reader that has gone away is not an error of ours.
pub fn raw(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Writes a line to standard error.
pub fn message(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Aligned columns under their headings.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|h| h.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(headings.to_vec())];
    lines.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    lines.join("\n")
}

/// Names and values, one a line.
pub fn list(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    pairs.iter().map(|(name, value)| format!("{name:<width$}  {value}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_the_letters() {
        let text = table(&["id", "name"], &[vec!["é".into(), "a".into()], vec!["longer".into(), String::new()]]);
        assert_eq!(text, "id      name\né       a\nlonger");
    }
}
