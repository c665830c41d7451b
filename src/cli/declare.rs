//! `guichet apply`.

use super::apply::{ApplyError, ApplyOptions, apply};
use super::args::Apply;
use super::out::{Failure, Out};
use crate::app::App;

pub async fn run(out: Out, app: &App, args: &Apply) -> Result<(), Failure> {
    let name = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Failure::NotFound(format!("{name}: {e}")),
        _ => Failure::Error(format!("{name}: {e}")),
    })?;
    let folder = args.file.parent().map(std::path::Path::to_owned);
    let options = ApplyOptions { dry_run: args.dry_run, folder, secret_overlap: args.secret_overlap };
    match apply(app, &text, options).await {
        Ok(report) => {
            out.data(&report, || report.to_string());
            Ok(())
        }
        Err(e @ ApplyError::Refused(_)) => Err(Failure::Error(format!("nothing was applied\n{}", e.in_file(&name)))),
        Err(e @ ApplyError::Meanwhile(_)) => Err(Failure::Refused(e.to_string())),
        Err(e) => Err(Failure::error(e)),
    }
}
