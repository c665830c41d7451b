//! `guichet register`.

mod measure;

use std::path::Path;

use serde_json::json;

use super::args::{Register as Command, RegisterImport};
use super::out::{Failure, Out, list, message, table};
use crate::app::App;
use crate::base::texts::{Locale, Texts};
use crate::base::{Actor, Ctx, Siret};
use crate::org::register::stock::{self, Counts, Fault, Kind, Said};
use crate::org::register::{self, Query, Record};

/// Refused lines printed as they come; all of them are counted.
const PRINTED: u64 = 50;
/// Lines between two messages of progress.
const STEP: u64 = 200_000;

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::Import(args) => import(out, app, &args).await,
        Command::Show { siret } => show(out, app, &siret).await,
        Command::Search { words, place, page } => search(out, app, &words.join(" "), &place, page).await,
        Command::Measure { searches } => measure::run(out, app, searches).await,
        Command::Status { refused } => status(out, app, i64::from(refused)).await,
    }
}

impl From<stock::Error> for Failure {
    fn from(e: stock::Error) -> Self {
        match e {
            stock::Error::Unreadable(e) => e.into(),
            stock::Error::Concurrent(_) => Self::Refused(e.to_string()),
            stock::Error::Db(e) => Self::Error(format!("{e}\n  → what was written is kept; run it again to go on")),
        }
    }
}

impl From<stock::Unreadable> for Failure {
    fn from(e: stock::Unreadable) -> Self {
        if e.absent { Self::NotFound(e.to_string()) } else { Self::error(e) }
    }
}

async fn import(out: Out, app: &App, args: &RegisterImport) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let files = [(Kind::Units, &args.units), (Kind::Establishments, &args.establishments), (Kind::Successions, &args.successions)];
    let mut report = Vec::new();
    for (kind, file) in files {
        if let Some(file) = file {
            report.push((kind, one(app, &ctx, kind, file, args.dry_run).await?));
        }
    }
    let shown: serde_json::Map<_, _> = report.iter().map(|(kind, counts)| (kind.name().to_owned(), json!(counts))).collect();
    out.data(&json!({ "dry_run": args.dry_run, "files": shown }), || {
        let lines: Vec<String> = report.iter().map(|(kind, c)| format!("{}: {}", kind.name(), said(*c))).collect();
        let note = if args.dry_run { "\n(dry run: nothing was written)" } else { "" };
        format!("{}{note}", lines.join("\n"))
    });
    Ok(())
}

async fn one(app: &App, ctx: &Ctx, kind: Kind, file: &Path, dry_run: bool) -> Result<Counts, Failure> {
    let name = file.display().to_string();
    let (mut refused, mut next) = (0, STEP);
    let told = |said: Said<'_>| match said {
        Said::Resumed(line) => message(format_args!("{name}: goes on at line {line}")),
        Said::Refused(Fault { line, why }) => {
            refused += 1;
            if refused <= PRINTED {
                message(format_args!("{name}:{line}: {why}"));
            } else if refused == PRINTED + 1 {
                message(format_args!("{name}: more lines are refused; `guichet register status` lists the first of them"));
            }
        }
        Said::Read(lines) => {
            if lines >= next {
                message(format_args!("{name}: {lines} lines"));
                next = lines + STEP;
            }
        }
    };
    Ok(stock::import(&app.db, ctx, kind, file, dry_run, told).await?)
}

fn said(c: Counts) -> String {
    format!("{} new, {} changed, {} unchanged, {} refused", c.created, c.changed, c.unchanged, c.refused)
}

async fn show(out: Out, app: &App, typed: &str) -> Result<(), Failure> {
    let siret = Siret::unchecked(typed).map_err(|e| Failure::Usage(format!("{typed}: {e}")))?;
    let mut read = app.db.read().await?;
    let Some(record) = register::find(&mut read, &siret).await? else {
        return Err(Failure::NotFound(format!("the register knows no establishment {siret}")));
    };
    let successor = register::successor(&mut read, &siret).await?;
    out.data(&json!({ "establishment": record, "successor": successor }), || {
        let t = Texts::new(Locale::Fr);
        let mut pairs = vec![
            ("SIRET", siret.grouped()),
            ("name", record.label(t)),
            ("address", record.address().join(", ")),
            ("commune", record.commune_code.clone()),
            ("activity", record.activity.clone()),
            ("category", record.legal_category.clone()),
            ("staff", record.staff_band.clone()),
            ("state", state(&record)),
            ("source", format!("{}, {}", record.source.name(), record.fetched_at)),
        ];
        if !siret.is_checked() {
            pairs.push(("check digit", "wrong, and registered so".to_owned()));
        }
        if let Some(s) = &successor {
            pairs.push(("successor", format!("{} ({})", s.siret.grouped(), s.since)));
        }
        list(&pairs)
    });
    Ok(())
}

fn state(r: &Record) -> String {
    let head = if r.head { "head office" } else { "secondary" };
    match (r.open, &r.closed_on) {
        (true, _) => format!("open, {head}"),
        (false, Some(day)) => format!("closed since {day}, {head}"),
        (false, None) => format!("closed, {head}"),
    }
}

async fn search(out: Out, app: &App, typed: &str, place: &str, page: u32) -> Result<(), Failure> {
    let query = Query::parse(typed, place).map_err(|e| Failure::Usage(e.to_string()))?;
    let page = register::search(&mut app.db.read().await?, &query, page.saturating_sub(1) as usize).await?;
    out.data(&json!({ "total": page.total, "cut": page.cut, "found": page.found }), || {
        let t = Texts::new(Locale::Fr);
        let row =
            |f: &register::Found| vec![f.record.siret.to_string(), f.record.label(t), f.record.address().join(", "), state(&f.record)];
        let rows: Vec<Vec<String>> = page.found.iter().map(row).collect();
        let more = if page.cut { "\nMore than these match: add a place." } else { "" };
        format!("{}\n{} found{more}", table(&["SIRET", "NAME", "ADDRESS", "STATE"], &rows), page.total)
    });
    Ok(())
}

async fn status(out: Out, app: &App, most: i64) -> Result<(), Failure> {
    let mut read = app.db.read().await?;
    let mut all = Vec::new();
    for state in stock::store::states(&mut read).await? {
        let faults = stock::store::faults(&mut read, state.kind, most).await?;
        all.push((state, faults));
    }
    let shown: Vec<_> = all.iter().map(|(state, faults)| json!({ "import": state, "refused_lines": faults })).collect();
    out.data(&shown, || {
        if all.is_empty() {
            return "nothing was imported".to_owned();
        }
        let mut lines = Vec::new();
        for (s, faults) in &all {
            let how = s.finished_at.map_or_else(|| format!("interrupted before line {}", s.line), |at| format!("ended {at}"));
            lines.push(format!("{} ({}): {how}; {}", s.kind.name(), s.file, said(s.counts)));
            lines.extend(faults.iter().map(|f| format!("  line {}: {}", f.line, f.why)));
        }
        lines.join("\n")
    });
    Ok(())
}
