//! `guichet audit`.

use std::process::ExitCode;

use super::args::Audit;
use super::out::{Failure, Out, message, raw};
use super::upkeep::open;
use crate::audit::chain::{self, Head, Report};
use crate::config::Config;
use crate::db::Db;

pub async fn run(out: Out, config: &Config, command: Audit) -> Result<ExitCode, Failure> {
    let db = open(config).await?;
    let result = match command {
        Audit::Verify { head } => verify(out, &db, head.as_ref()).await,
        Audit::Export { after } => export(&db, after).await.map(|()| ExitCode::SUCCESS),
    };
    db.close().await;
    result
}

async fn verify(out: Out, db: &Db, noted: Option<&Head>) -> Result<ExitCode, Failure> {
    let report = chain::verify(&mut db.read().await?, noted).await?;
    out.data(&report, || text(&report));
    if report.faults.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    message("The trail was tampered with, or restored from an older copy.");
    Err(Failure::Said)
}

fn text(report: &Report) -> String {
    let mut lines: Vec<String> = report.faults.iter().map(|f| format!("FAULT  {f}")).collect();
    if report.faults.is_empty() {
        lines.push(format!("intact  {} events", report.rows));
    }
    if report.unsealed > 0 {
        lines.push(format!("        {} events wait for the worker to chain them", report.unsealed));
    }
    let Head { seq, hash } = &report.head;
    if *seq > 0 {
        lines.push(format!("head    {seq}:{hash}"));
        lines.push("        keep it elsewhere: `guichet audit verify --head` later shows that nothing before it changed".to_owned());
    }
    lines.join("\n")
}

async fn export(db: &Db, after: i64) -> Result<(), Failure> {
    let mut read = db.read().await?;
    let mut after = after;
    while let Some((lines, last)) = chain::export(&mut read, after).await? {
        raw(&lines);
        after = last;
    }
    Ok(())
}
