//! What an application changed, for people and for programs.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did not exist.
    Created,
    /// It existed otherwise.
    Changed,
    /// It was so already.
    Unchanged,
}

/// One member of an entry; secrets are `true` where one stands, never themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Name in the declaration.
    pub member: String,
    /// Before.
    pub old: Option<Value>,
    /// After.
    pub new: Option<Value>,
    /// Whether the values are hidden.
    pub hidden: bool,
}

impl Change {
    /// A member whose value may be seen.
    pub fn new(member: &str, old: Option<Value>, new: Option<Value>) -> Self {
        Self { member: member.to_owned(), old, new, hidden: false }
    }

    /// A secret: only whether there was one, and that there is now.
    pub fn secret(member: &str, before: bool) -> Self {
        Self { member: member.to_owned(), old: before.then_some(Value::Bool(true)), new: Some(Value::Bool(true)), hidden: true }
    }
}

/// One entry of the declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// `client`, `account`, `establishment` or `membership`.
    pub kind: &'static str,
    /// Its identifier or address.
    pub id: String,
    /// Line of the declaration.
    pub line: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// Members that changed; those declared when it was created.
    pub changes: Vec<Change>,
}

/// What was done, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Nothing was written.
    pub dry_run: bool,
    /// Entries, as declared.
    pub entries: Vec<Entry>,
}

impl Report {
    /// Entries with this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.entries.iter().filter(|e| e.outcome == outcome).count()
    }

    /// Whether anything was, or would be, written.
    pub fn has_changes(&self) -> bool {
        self.entries.iter().any(|e| e.outcome != Outcome::Unchanged)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.entries {
            let sign = match entry.outcome {
                Outcome::Created => '+',
                Outcome::Changed => '~',
                Outcome::Unchanged => '=',
            };
            writeln!(f, "{sign} {} {}", entry.kind, entry.id)?;
            for change in &entry.changes {
                match entry.outcome {
                    Outcome::Created => writeln!(f, "    {}: {}", change.member, value(change, &change.new))?,
                    _ => writeln!(f, "    {}: {} → {}", change.member, value(change, &change.old), value(change, &change.new))?,
                }
            }
        }
        let [created, changed, same] = [Outcome::Created, Outcome::Changed, Outcome::Unchanged].map(|o| self.count(o));
        write!(f, "{created} created, {changed} changed, {same} unchanged")?;
        if self.dry_run { f.write_str(" (dry run: nothing was written)") } else { Ok(()) }
    }
}

fn value(change: &Change, value: &Option<Value>) -> String {
    match value {
        None => "(none)".to_owned(),
        Some(_) if change.hidden => "••••".to_owned(),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            format!("[{}]", items.join(", "))
        }
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
