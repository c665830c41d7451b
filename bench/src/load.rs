//! Closed loops: each connection sends its next request when the last is answered, for a bounded time.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

use crate::process;
use crate::scenario::Worker;

/// How long to warm up and to measure.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Not counted.
    pub warm: Duration,
    /// Counted.
    pub measure: Duration,
}

/// What a group of connections did.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Operations answered within the measured time.
    pub ops: usize,
    /// Seconds measured.
    pub seconds: f64,
    /// Processor seconds of the server (and of its database server).
    pub cpu: f64,
    /// Share of its core that the generator used.
    pub generator: f64,
    /// Milliseconds.
    pub p50: f64,
    /// Milliseconds.
    pub p99: f64,
}

impl Sample {
    /// Operations a second.
    pub fn rate(&self) -> f64 {
        self.ops as f64 / self.seconds.max(1e-9)
    }

    /// Operations for each second of the server's processor.
    pub fn per_cpu(&self) -> f64 {
        self.ops as f64 / self.cpu.max(1e-9)
    }

    /// Server's processor, microseconds for each operation.
    pub fn micros(&self) -> f64 {
        1e6 * self.cpu / (self.ops as f64).max(1.0)
    }
}

struct Phase {
    counting: Cell<bool>,
    over: Cell<bool>,
}

/// Runs groups of workers side by side; one sample for each group. `pids` are the processes whose time counts.
pub async fn run(groups: Vec<Vec<Worker>>, times: Times, pids: &[u32]) -> Result<Vec<Sample>> {
    let phase = Rc::new(Phase { counting: Cell::new(false), over: Cell::new(false) });
    let count = groups.len();
    let mut tasks = JoinSet::new();
    for (group, workers) in groups.into_iter().enumerate() {
        for worker in workers {
            let phase = phase.clone();
            tasks.spawn_local(async move { work(worker, &phase).await.map(|latencies| (group, latencies)) });
        }
    }
    // A worker that fails ends the run at once, not after its time.
    let failed = tokio::time::timeout(times.warm, tasks.join_next());
    if let Ok(Some(ended)) = failed.await {
        ended??;
    }
    let (cpu, own, start) = (process::cpu_of(pids), process::cpu(std::process::id())?, Instant::now());
    phase.counting.set(true);
    tokio::time::sleep(times.measure).await;
    phase.counting.set(false);
    let seconds = start.elapsed().as_secs_f64();
    let cpu = (process::cpu_of(pids).saturating_sub(cpu)).as_secs_f64();
    let own = process::cpu(std::process::id())?.saturating_sub(own).as_secs_f64();
    phase.over.set(true);
    let mut latencies = vec![Vec::new(); count];
    while let Some(ended) = tasks.join_next().await {
        let (group, some) = ended??;
        if let Some(all) = latencies.get_mut(group) {
            all.extend(some);
        }
    }
    Ok(latencies.into_iter().map(|l| sample(l, seconds, cpu, own / seconds)).collect())
}

async fn work(mut worker: Worker, phase: &Phase) -> Result<Vec<u32>> {
    let mut latencies = Vec::with_capacity(1 << 14);
    while !phase.over.get() {
        let start = Instant::now();
        worker.operate().await?;
        if phase.counting.get() {
            latencies.push(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }
    Ok(latencies)
}

fn sample(mut latencies: Vec<u32>, seconds: f64, cpu: f64, generator: f64) -> Sample {
    latencies.sort_unstable();
    let at = |share: f64| {
        let index = ((latencies.len() as f64 * share) as usize).min(latencies.len().saturating_sub(1));
        latencies.get(index).map_or(0.0, |us| f64::from(*us) / 1000.0)
    };
    Sample { ops: latencies.len(), seconds, cpu, generator, p50: at(0.50), p99: at(0.99) }
}

/// The middle value; 0 for none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().saturating_sub(1) / 2), values.get(values.len() / 2));
    low.zip(high).map_or(0.0, |(a, b)| (a + b) / 2.0)
}
