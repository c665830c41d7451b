//! A TOML text in which every key keeps its line, and what is wrong with it, in words an operator can act on.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::shape::{Shape, nearest};

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// Line of the file, from 1.
    Line(usize),
    /// Environment variable.
    Variable(String),
    /// Nowhere: the default, or something missing.
    Nowhere,
}

/// One thing that is wrong: where, which key, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub at: At,
    /// Dotted path of the key, such as `mail.relays[0].host`; empty when the text as a whole is meant.
    pub key: String,
    /// Why; never a secret.
    pub why: String,
    /// What to do.
    pub advice: Option<String>,
}

impl Fault {
    /// A fault without advice.
    pub fn new(at: At, key: impl Into<String>, why: impl Into<String>) -> Self {
        Self { at, key: key.into(), why: why.into(), advice: None }
    }

    /// With advice.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// `file:line: key: why` then `→ advice`.
    pub fn display<'a>(&'a self, file: &'a str) -> impl fmt::Display + 'a {
        struct Shown<'a>(&'a Fault, &'a str);
        impl fmt::Display for Shown<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Self(fault, file) = self;
                match &fault.at {
                    At::Line(line) => write!(f, "{file}:{line}: ")?,
                    At::Variable(name) => write!(f, "{name}: ")?,
                    At::Nowhere => {}
                }
                if !fault.key.is_empty() {
                    write!(f, "{}: ", fault.key)?;
                }
                f.write_str(&fault.why)?;
                fault.advice.as_ref().map_or(Ok(()), |advice| write!(f, "\n  → {advice}"))
            }
        }
        Shown(self, file)
    }
}

/// A parsed text.
pub struct Document<'t> {
    text: &'t str,
    table: Spanned<DeTable<'t>>,
    /// Line of each key.
    pub lines: BTreeMap<String, usize>,
    values: Vec<(String, Range<usize>)>,
    /// Keys that nothing reads.
    pub unknown: Vec<Fault>,
}

/// `a.b[0].c`
pub fn dotted(path: &[String]) -> String {
    path.iter().enumerate().fold(String::new(), |mut out, (i, part)| {
        if part.parse::<usize>().is_ok() {
            return out + "[" + part + "]";
        }
        if i > 0 {
            out.push('.');
        }
        out + part
    })
}

impl<'t> Document<'t> {
    /// Parses `text` and compares its keys with what `shape` says is read.
    pub fn parse(text: &'t str, shape: impl Fn(&[&str]) -> Option<Shape>) -> Result<Self, Fault> {
        let table = DeTable::parse(text).map_err(|e| {
            let at = e.span().map_or(At::Nowhere, |s| At::Line(line(text, s.start)));
            Fault::new(at, "", format!("not TOML: {}", one_line(e.message())))
        })?;
        let mut walk = Walk { text, shape: &shape, lines: BTreeMap::new(), values: Vec::new(), unknown: Vec::new() };
        walk.table(&mut Vec::new(), table.get_ref());
        let Walk { lines, values, unknown, .. } = walk;
        Ok(Self { text, table, lines, values, unknown })
    }

    /// The tables, to be read.
    pub fn table(&self) -> &DeTable<'t> {
        self.table.get_ref()
    }

    /// What serde said, with the place it is about.
    pub fn fault(&self, e: &toml::de::Error) -> Fault {
        let why = one_line(e.message());
        let Some(span) = e.span() else { return Fault::new(At::Nowhere, "", why) };
        let around = self.values.iter().filter(|(_, r)| r.start <= span.start && span.end <= r.end);
        let key = around.min_by_key(|(key, r)| (r.len(), Reverse(key.len()))).map(|(key, _)| key.clone()).unwrap_or_default();
        let at = self.lines.get(&key).copied().unwrap_or_else(|| line(self.text, span.start));
        // serde quotes the value it refuses.
        let why = if is_secret(&key) { "not a text".to_owned() } else { why };
        Fault::new(At::Line(at), key, why)
    }
}

/// Whether the value of a key must not be repeated.
pub fn is_secret(key: &str) -> bool {
    let last = key.rsplit('.').next().unwrap_or(key);
    matches!(last, "password" | "client_secret" | "master_key" | "url")
}

fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

fn one_line(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join("; ")
}

struct Walk<'a, F> {
    text: &'a str,
    shape: &'a F,
    lines: BTreeMap<String, usize>,
    values: Vec<(String, Range<usize>)>,
    unknown: Vec<Fault>,
}

impl<F: Fn(&[&str]) -> Option<Shape>> Walk<'_, F> {
    fn shape(&self, path: &[String]) -> Option<Shape> {
        (self.shape)(&path.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn table(&mut self, path: &mut Vec<String>, table: &DeTable<'_>) {
        let Some(Shape::Table(known)) = self.shape(path) else { return };
        for (key, value) in table {
            let at = line(self.text, key.span().start);
            path.push(key.get_ref().to_string());
            let name = dotted(path);
            self.lines.insert(name.clone(), at);
            if known.contains(&key.get_ref().as_ref()) {
                self.values.push((name, value.span()));
                self.value(path, value);
            } else {
                self.unknown.push(unknown(At::Line(at), name, key.get_ref(), &known));
            }
            path.pop();
        }
    }

    fn value(&mut self, path: &mut Vec<String>, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(path, table),
            DeValue::Array(items) if self.shape(path) == Some(Shape::List) => {
                for (i, item) in items.iter().enumerate() {
                    path.push(i.to_string());
                    self.lines.insert(dotted(path), line(self.text, item.span().start));
                    self.values.push((dotted(path), item.span()));
                    self.value(path, item);
                    path.pop();
                }
            }
            _ => {}
        }
    }
}

/// The refusal of a key that nothing reads.
pub fn unknown(at: At, path: String, key: &str, known: &[&'static str]) -> Fault {
    let fault = Fault::new(at, path, "unknown key");
    match nearest(key, known) {
        Some(near) => fault.advise(format!("did you mean `{near}`?")),
        None => {
            let mut known = known.to_vec();
            known.sort_unstable();
            fault.advise(format!("known here: {}", known.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, shape};

    fn parse(text: &str) -> Document<'_> {
        Document::parse(text, shape::of::<Config>).unwrap()
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        let doc = parse("[server]\nisuer = 'x'\n\n[mial]\n[[mail.relays]]\nhost='a'\n[[mail.relays]]\n\nusernam='b'\n");
        let said: Vec<String> = doc.unknown.iter().map(|f| f.display("f.toml").to_string()).collect();
        assert_eq!(said.len(), 3);
        assert!(said.contains(&"f.toml:2: server.isuer: unknown key\n  → did you mean `issuer`?".to_owned()), "{said:?}");
        assert!(said.contains(&"f.toml:4: mial: unknown key\n  → did you mean `mail`?".to_owned()), "{said:?}");
        assert!(said.contains(&"f.toml:9: mail.relays[1].usernam: unknown key\n  → did you mean `username`?".to_owned()), "{said:?}");
    }

    #[test]
    fn a_wrong_type_is_named_by_its_key() {
        let text = "[server]\nworker = true\n[passwords]\nmemory = 'a lot'\n";
        let error = toml::from_str::<Config>(text).unwrap_err();
        let fault = parse(text).fault(&error);
        assert_eq!((fault.at, fault.key.as_str()), (At::Line(4), "passwords.memory"));
        assert!(fault.why.contains("expected u32"), "{}", fault.why);
    }

    #[test]
    fn a_refused_secret_is_not_repeated() {
        let text = "[keys]\nmaster_key = 123456\n";
        let fault = parse(text).fault(&toml::from_str::<Config>(text).unwrap_err());
        assert_eq!(fault.display("f").to_string(), "f:2: keys.master_key: not a text");
    }

    #[test]
    fn what_is_not_toml_is_named_by_its_line() {
        let fault = Document::parse("a = 1\nb = = 2\n", shape::of::<Config>).err().unwrap();
        assert_eq!(fault.at, At::Line(2));
    }
}
