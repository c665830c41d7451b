//! `bench/RESULTS.md`: the measured part is written anew, what people wrote around it stays.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::crowd::{AT_MOST, PLACES};
use crate::load::{Sample, median};
use crate::measure::{Engine, FEDERATED, MIXED, Results};
use crate::scenario::Work;
use crate::{Options, hub, process};

const BEGIN: &str = "<!-- measured: written by `make bench` -->";
const END: &str = "<!-- end of the measured part -->";

/// Connections at which the budgets hold.
const BUDGET_AT: usize = 16;

/// What a budget is a share of.
#[derive(Clone, Copy)]
enum Of {
    Empty,
    Sign,
    Hash,
}

impl Of {
    fn letter(self) -> &'static str {
        match self {
            Of::Empty => "E",
            Of::Sign => "S",
            Of::Hash => "hashes",
        }
    }
}

/// DESIGN §9.
fn budget(work: Work) -> Option<(f64, Of)> {
    match work {
        Work::Discovery | Work::Jwks => Some((0.5, Of::Empty)),
        Work::ClientCredentials => Some((0.55, Of::Sign)),
        Work::UserinfoOpaque | Work::Introspection => Some((0.6, Of::Sign)),
        Work::Refresh => Some((0.16, Of::Sign)),
        Work::CodeFlow => Some((0.12, Of::Sign)),
        Work::PasswordLogin | Work::CardLogin => Some((0.9, Of::Hash)),
        Work::UserinfoJwt | Work::Federated | Work::Empty | Work::Sign => None,
    }
}

/// Puts the measured part between its marks.
pub fn write(path: &Path, measured: &str) -> Result<()> {
    let old = std::fs::read_to_string(path).unwrap_or_else(|_| format!("# Speed\n\n{BEGIN}\n{END}\n"));
    let (before, rest) = old.split_once(BEGIN).unwrap_or((&old, ""));
    let after = rest.split_once(END).map_or("\n", |(_, after)| after);
    std::fs::write(path, format!("{before}{BEGIN}\n\n{measured}\n{END}{after}"))?;
    Ok(())
}

/// The measured part.
pub fn text(results: &Results, options: &Options) -> String {
    let mut out = String::new();
    heading(&mut out, results, options);
    for engine in &results.engines {
        let _ = writeln!(out, "\n## {}\n", engine.name);
        budgets(&mut out, engine, engine.name.starts_with("PostgreSQL"));
        mixed(&mut out, engine);
        federated(&mut out, engine);
        start(&mut out, engine);
        points(&mut out, engine, options);
        crowd(&mut out, engine);
    }
    out
}

fn heading(out: &mut String, results: &Results, options: &Options) {
    let date = Command::new("date").args(["-u", "+%F"]).output().map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
    let placed = if results.pinned {
        format!("server on core {}, generator on core {}", process::SERVER_CORE, process::GENERATOR_CORE)
    } else {
        "server on core 0, generator not bound".to_owned()
    };
    let _ = writeln!(
        out,
        "Measured {} on {}; {placed}; load average before the run {}. {} rounds of {} s a point, ceilings and \
         scenarios in turns; medians of the rounds. Requests over loopback, HTTP/1.1 kept alive, closed loop.\n",
        date.unwrap_or_default(),
        process::machine(),
        results.load,
        options.rounds,
        options.seconds
    );
    let _ = writeln!(out, "| this machine, one core | sign/s | verify/s |\n|---|---|---|");
    for (name, sign, verify) in results.openssl.iter().flatten() {
        let _ = writeln!(out, "| `openssl speed` {name} | {sign} | {verify} |");
    }
    let Some(engine) = results.engines.first() else { return };
    let (memory, passes) = hub::HASH;
    let _ = writeln!(out, "| Argon2id {memory} KiB, {passes} passes, 1 lane | {:.1} | – |", median(engine.hashes.iter().map(|h| h.1)));
}

/// Samples of a scenario at a number of connections, round by round, with the ceiling of the same round.
fn paired(engine: &Engine, work: Work, connections: usize) -> Vec<(&Sample, Option<f64>, Option<f64>)> {
    let rounds = engine.rounds.get(&connections).into_iter().flatten().enumerate();
    rounds
        .filter_map(|(n, round)| {
            let sample = round.get(&work)?;
            let ceiling = |w: Work| round.get(&w).map(|c| (c.rate(), c.per_cpu()));
            let ceiling = match budget(work).map_or(Of::Sign, |(_, of)| of) {
                Of::Empty => ceiling(Work::Empty),
                Of::Sign => ceiling(Work::Sign),
                Of::Hash => engine.hashes.get(n).copied(),
            };
            Some((sample, ceiling.map(|c| sample.rate() / c.0), ceiling.map(|c| sample.per_cpu() / c.1)))
        })
        .collect()
}

fn budgets(out: &mut String, engine: &Engine, database_is_the_limit: bool) {
    let _ = writeln!(
        out,
        "At {BUDGET_AT} connections. *Ratio*: to the ceiling of the same round, by the clock; *by processor*: the same for each second of \
         processor time (of the database server too), which counts neither waiting for the disk nor other work on the machine.\n\n\
         | work | budget | per second | ratio | by processor | CPU µs | |\n|---|---|---|---|---|---|---|"
    );
    for work in [Work::Empty, Work::Sign].into_iter().chain(Work::HUB) {
        let all = paired(engine, work, BUDGET_AT);
        if all.is_empty() {
            continue;
        }
        let rate = median(all.iter().map(|(s, ..)| s.rate()));
        let micros = median(all.iter().map(|(s, ..)| s.micros()));
        if matches!(work, Work::Empty | Work::Sign) {
            let _ = writeln!(out, "| {} | | {} | | | {micros:.1} | |", work.name(), thousands(rate));
            continue;
        }
        let (clock, cpu) = (median(all.iter().filter_map(|a| a.1)), median(all.iter().filter_map(|a| a.2)));
        let (text, verdict) = match budget(work) {
            Some((share, of)) => {
                let share = if database_is_the_limit && !matches!(of, Of::Empty | Of::Hash) && work != Work::ClientCredentials {
                    share / 3.0
                } else {
                    share
                };
                (format!("≥ {} {}", trimmed(share), of.letter()), verdict(clock, cpu, share))
            }
            None => (String::new(), ""),
        };
        let of = budget(work).map_or("S", |(_, of)| of.letter());
        let _ =
            writeln!(out, "| {} | {text} | {} | {clock:.2} {of} | {cpu:.2} {of} | {micros:.1} | {verdict} |", work.name(), thousands(rate));
    }
}

fn verdict(clock: f64, cpu: f64, budget: f64) -> &'static str {
    if clock >= budget {
        "met"
    } else if cpu >= budget {
        "met by processor time only"
    } else {
        "**missed**"
    }
}

fn mixed(out: &mut String, engine: &Engine) {
    if engine.mixed.is_empty() {
        return;
    }
    let of = |f: fn(&(Sample, Sample)) -> f64| median(engine.mixed.iter().map(f));
    let p99 = of(|(tokens, _)| tokens.p99);
    let _ = writeln!(
        out,
        "\nMixed: {} connections ask for tokens and userinfo without pause while {} sign in by password: {} tokens and userinfo a second, \
         p50 {:.2} ms, p99 {p99:.1} ms (budget: below 20 ms, {}); {:.1} sign-ins a second, p99 {:.0} ms.",
        MIXED.0,
        MIXED.1,
        thousands(of(|(t, _)| t.rate())),
        of(|(t, _)| t.p50),
        if p99 < 20.0 { "met" } else { "**missed**" },
        of(|(_, l)| l.rate()),
        of(|(_, l)| l.p99)
    );
}

fn federated(out: &mut String, engine: &Engine) {
    if engine.federated.is_empty() {
        return;
    }
    let of = |f: fn(&Sample) -> f64| median(engine.federated.iter().map(f));
    let p99 = of(|s| s.p99);
    let _ = writeln!(
        out,
        "\nFranceConnect: {} connections come through it, from the button to the answer to the callback, while {} sign in by password: \
         {:.0} a second, p50 {:.1} ms, p99 {p99:.1} ms, the time of the simulated FranceConnect included (budget of the callback alone: below \
         100 ms, {}).",
        FEDERATED.0,
        FEDERATED.1,
        of(Sample::rate),
        of(|s| s.p50),
        if p99 < 100.0 { "met" } else { "**missed**" },
    );
}

fn start(out: &mut String, engine: &Engine) {
    let [idle, signed_in, peak] = engine.memory;
    let ms = |d: &std::time::Duration| d.as_secs_f64() * 1000.0;
    let again = median(engine.starts.iter().map(ms));
    let _ = writeln!(
        out,
        "\nMemory of the hub: {idle:.1} MiB idle (budget ≤ 40 MB, {}), {signed_in:.1} MiB after signing everybody in, {peak:.1} MiB at the \
         highest. From start to the first answer: {again:.0} ms (budget ≤ 100 ms, {}), {:.0} ms with a new data folder.",
        if idle * 1.048_576 <= 40.0 { "met" } else { "**missed**" },
        if again <= 100.0 { "met" } else { "**missed**" },
        ms(&engine.first_start)
    );
}

fn points(out: &mut String, engine: &Engine, options: &Options) {
    let _ = write!(out, "\n| per second · p50 ms · p99 ms |");
    for c in &options.connections {
        let _ = write!(out, " {c} connection{} |", if *c == 1 { "" } else { "s" });
    }
    let _ = writeln!(out, " spread |\n|---|{}---|", "---|".repeat(options.connections.len()));
    for work in [Work::Empty, Work::Sign].into_iter().chain(Work::HUB) {
        let samples = |c: usize| engine.rounds.get(&c).into_iter().flatten().filter_map(move |r| r.get(&work));
        if options.connections.iter().all(|c| samples(*c).next().is_none()) {
            continue;
        }
        let _ = write!(out, "| {} |", work.name());
        for c in &options.connections {
            let of = |f: fn(&Sample) -> f64| median(samples(*c).map(f));
            let _ = write!(out, " {} · {:.2} · {:.2} |", thousands(of(Sample::rate)), of(|s| s.p50), of(|s| s.p99));
        }
        let rates: Vec<f64> = samples(BUDGET_AT).map(Sample::rate).collect();
        let (low, high) = rates.iter().fold((f64::MAX, 0.0_f64), |(l, h), r| (l.min(*r), h.max(*r)));
        let _ =
            writeln!(out, " {} |", if rates.is_empty() { String::new() } else { format!("{:.0} %", 100.0 * (high - low) / median(rates)) });
    }
    let generator = engine.rounds.get(&BUDGET_AT).into_iter().flatten().filter_map(|r| r.get(&Work::Empty)).map(|s| s.generator);
    let _ = writeln!(
        out,
        "\n*Spread*: between the slowest and the fastest round at {BUDGET_AT} connections. Against the empty handler the generator used {:.0} % of its core.",
        100.0 * median(generator)
    );
}

fn crowd(out: &mut String, engine: &Engine) {
    let Some(crowd) = &engine.crowd else { return };
    let _ = writeln!(
        out,
        "\nOne person in {} establishments beside a person in one, among {} accounts and as many memberships (loaded in {:.0} s); medians, one \
         request at a time; budget: at most {} times.\n\n| ms | in one | in {} | ratio | |\n|---|---|---|---|---|",
        thousands(f64::from(u32::try_from(PLACES).unwrap_or(u32::MAX))),
        thousands(f64::from(u32::try_from(crowd.accounts).unwrap_or(u32::MAX))),
        crowd.loaded_in.as_secs_f64(),
        AT_MOST,
        PLACES
    );
    for line in &crowd.lines {
        let ratio = line.many / line.one;
        let verdict = if ratio <= AT_MOST { "met" } else { "**missed**" };
        let _ = writeln!(out, "| {} | {:.2} | {:.2} | {ratio:.2} | {verdict} |", line.name, line.one, line.many);
    }
}

fn thousands(n: f64) -> String {
    if n < 100.0 {
        return format!("{n:.1}");
    }
    let digits = format!("{n:.0}");
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(d);
    }
    out
}

fn trimmed(share: f64) -> String {
    let text = format!("{share:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
