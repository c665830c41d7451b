//! `guichet account import`: people of another system, from a CSV file.
//!
//! The file is read twice. First every line is checked, and with a line refused nothing is written unless `--skip-invalid`.
//! Then lines are written in batches, each in a transaction of its own: a serving hub never waits long, and memory stays
//! bounded whatever the size of the file. An interruption leaves whole batches; running the same command again goes on, as
//! people who are there are left alone.

mod line;
mod table;

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::apply::account::{self as writing, Password};
use super::apply::{ApplyError, HASHES_AT_A_TIME, Outcome as Written};
use super::args::Import;
use super::out::{Failure, Out, message};
use crate::account::store;
use crate::app::App;
use crate::audit::{self, Event, Kind};
use crate::base::{Actor, Ctx};
use crate::db::Handle;
use line::Line;
use table::Table;

/// Lines written in one transaction.
const BATCH: usize = 200;

/// What to do.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The people (CSV).
    pub file: PathBuf,
    /// Write nothing.
    pub dry_run: bool,
    /// Leave out the lines that are refused.
    pub skip_invalid: bool,
    /// Change what is known of people who have an account already.
    pub update: bool,
    /// Report each line as JSON.
    pub json: bool,
}

/// What became of a line, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// The account was made.
    Created,
    /// It existed otherwise (`--update`).
    Changed,
    /// It was so already (`--update`).
    Unchanged,
    /// Somebody signs in with this address: left alone.
    Exists,
    /// The line is refused.
    Refused,
}

/// One line of the report.
#[derive(Debug, Serialize)]
struct Said<'a> {
    line: u64,
    login_email: &'a str,
    outcome: Outcome,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    why: &'a [String],
}

/// Counts, said last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Nothing was written.
    pub dry_run: bool,
    /// Accounts made.
    pub created: usize,
    /// Accounts changed.
    pub changed: usize,
    /// Accounts that were so already.
    pub unchanged: usize,
    /// Accounts left alone.
    pub exists: usize,
    /// Lines refused.
    pub refused: usize,
}

struct Report<'a> {
    json: bool,
    to: &'a mut dyn Write,
    summary: Summary,
}

impl<'a> Report<'a> {
    fn new(json: bool, to: &'a mut dyn Write, dry_run: bool) -> Self {
        Self { json, to, summary: Summary { dry_run, ..Summary::default() } }
    }

    /// A reader that has gone away is not an error of ours.
    fn print(&mut self, line: &str) {
        let _ = writeln!(self.to, "{line}");
    }

    fn say(&mut self, said: &Said<'_>) {
        let (sign, count) = match said.outcome {
            Outcome::Created => ('+', &mut self.summary.created),
            Outcome::Changed => ('~', &mut self.summary.changed),
            Outcome::Unchanged => ('=', &mut self.summary.unchanged),
            Outcome::Exists => ('=', &mut self.summary.exists),
            Outcome::Refused => ('!', &mut self.summary.refused),
        };
        *count += 1;
        if self.json {
            return self.print(&serde_json::to_string(said).unwrap_or_default());
        }
        let Said { line, login_email, why, .. } = said;
        let note = match said.outcome {
            Outcome::Exists => " exists already; left as it is".to_owned(),
            Outcome::Refused => format!(" {}", why.join("; ")),
            Outcome::Created | Outcome::Changed | Outcome::Unchanged => String::new(),
        };
        self.print(&format!("{sign} line {line}: {login_email}{note}"));
    }

    fn end(&mut self) {
        if self.json {
            return self.print(&serde_json::json!({ "summary": self.summary }).to_string());
        }
        let Summary { dry_run, created, changed, unchanged, exists, refused } = self.summary;
        let note = if dry_run { " (nothing was written)" } else { "" };
        self.print(&format!("{created} created, {changed} changed, {unchanged} unchanged, {exists} left alone, {refused} refused{note}"));
    }
}

pub async fn run(out: Out, app: &App, args: Import) -> Result<(), Failure> {
    let Import { file, dry_run, skip_invalid, update } = args;
    let options = Options { file, dry_run, skip_invalid, update, json: out.json };
    let summary = import(app, &options, &mut std::io::stdout()).await?;
    if summary.refused > 0 && !options.skip_invalid {
        message(format_args!("error: {} lines are refused; nothing was written\n  → correct them, or use --skip-invalid", summary.refused));
        return Err(Failure::Said);
    }
    Ok(())
}

/// Imports a file, and reports each line to `to`. With lines refused, nothing is written unless they may be left out.
pub async fn import(app: &App, options: &Options, to: &mut dyn Write) -> Result<Summary, Failure> {
    // What is refused is known before anything is written; only a rehearsal tells the rest now.
    let mut rehearsal = Report::new(options.json, to, true);
    check(app, options, &mut rehearsal).await?;
    let refused = rehearsal.summary.refused;
    if options.dry_run || (refused > 0 && !options.skip_invalid) {
        rehearsal.end();
        return Ok(rehearsal.summary);
    }
    let mut report = Report::new(options.json, to, false);
    report.summary.refused = refused;
    let done = write(app, options, &mut report).await;
    report.end();
    done.map(|()| report.summary)
}

/// Reads every line. Says all of them in a rehearsal, and those that are refused otherwise.
async fn check(app: &App, options: &Options, report: &mut Report<'_>) -> Result<(), Failure> {
    let mut table = Table::open(&options.file)?;
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut read = app.db.read().await?;
    while let Some(row) = table.row()? {
        let number = row.number;
        let (address, judged) = match Line::read(&table, &row) {
            Ok(line) => {
                let key = crate::crypto::sha256(line.entry.login_email.key().as_bytes());
                let twice = seen.insert(key, number).map(|first| vec![format!("login_email: on line {first} already")]);
                let address = line.entry.login_email.to_string();
                (address, if let Some(why) = twice { Err(why) } else { foresee(&mut read, options, &line).await? })
            }
            Err((address, why)) => (address, Err(why)),
        };
        let (outcome, why) = match judged {
            Ok(outcome) => (outcome, Vec::new()),
            Err(why) => (Outcome::Refused, why),
        };
        if options.dry_run || outcome == Outcome::Refused {
            report.say(&Said { line: number, login_email: &address, outcome, why: &why });
        }
    }
    Ok(())
}

/// What would become of a line, were it written now.
async fn foresee(h: &mut impl Handle, options: &Options, line: &Line) -> Result<Result<Outcome, Vec<String>>, Failure> {
    Ok(match store::find_by_login(h, &line.entry.login_email).await? {
        Some(_) if !options.update => Ok(Outcome::Exists),
        Some(present) => line.against(&present),
        None => line.as_new(),
    })
}

async fn write(app: &App, options: &Options, report: &mut Report<'_>) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let mut table = Table::open(&options.file)?;
    let mut seen: HashMap<String, u64> = HashMap::new();
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        while batch.len() < BATCH {
            let Some(row) = table.row()? else { break };
            // What was refused was said by the first reading.
            let Ok(line) = Line::read(&table, &row) else { continue };
            if seen.insert(crate::crypto::sha256(line.entry.login_email.key().as_bytes()), row.number).is_none() {
                batch.push(line);
            }
        }
        if batch.is_empty() {
            break;
        }
        let first = batch.first().map_or(0, |l| l.number);
        let said = put(app, &ctx, options, &batch).await.map_err(|e| {
            Failure::Error(format!(
                "{}: stopped at the batch that begins on line {first}: {e}\n  → the lines before are in; run it again",
                options.file.display()
            ))
        })?;
        for (line, outcome) in batch.iter().zip(said) {
            let Some(outcome) = outcome else { continue };
            report.say(&Said { line: line.number, login_email: line.entry.login_email.as_str(), outcome, why: &[] });
        }
    }
    let s = &report.summary;
    if s.created + s.changed > 0 {
        let mut tx = app.db.begin().await?;
        let event = Event::new(Kind::Applied).with("what", "import").with("created", s.created).with("changed", s.changed);
        audit::append(&mut tx, &ctx, event).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Writes a batch whole or not at all. `None` for lines that the first reading refused.
async fn put(app: &App, ctx: &Ctx, options: &Options, batch: &[Line]) -> Result<Vec<Option<Outcome>>, ApplyError> {
    let passwords: Vec<Password> =
        stream::iter(batch).map(|line| writing::password(app, ctx, &line.entry)).buffered(HASHES_AT_A_TIME).try_collect().await?;
    let mut tx = app.db.begin().await?;
    let mut said = Vec::with_capacity(batch.len());
    for (line, password) in batch.iter().zip(passwords) {
        let present = store::find_by_login(&mut tx, &line.entry.login_email).await?;
        said.push(match present {
            Some(_) if !options.update => Some(Outcome::Exists),
            Some(present) if line.against(&present).is_err() => None,
            None if line.as_new().is_err() => None,
            Some(_) | None => Some(match writing::write(&mut tx, ctx, &line.entry, password).await?.outcome {
                Written::Created => Outcome::Created,
                Written::Changed => Outcome::Changed,
                Written::Unchanged => Outcome::Unchanged,
            }),
        });
    }
    tx.commit().await?;
    Ok(said)
}
