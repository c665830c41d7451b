//! What the kernel says of a process: processor time, memory; and the two cores.

use std::fs;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result};

/// The core that servers run on.
pub const SERVER_CORE: u32 = 0;
/// The core that the generator runs on.
pub const GENERATOR_CORE: u32 = 1;

/// A command bound to the servers' core.
pub fn on_server_core(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("taskset");
    command.arg("-c").arg(SERVER_CORE.to_string()).arg(program);
    command
}

/// The generator's place on the machine; given up when dropped.
pub struct Place {
    /// Bound to a core of its own.
    pub pinned: bool,
}

impl Place {
    /// Binds this process, and its threads to come, to the generator's core, and asks to come before other sessions' work.
    /// Both are best effort.
    pub fn take() -> Self {
        let pid = std::process::id().to_string();
        let bound = Command::new("taskset").args(["-a", "-c", "-p", &GENERATOR_CORE.to_string(), &pid]).output();
        // The scheduler weighs sessions; only root may raise one.
        let _ = fs::write("/proc/self/autogroup", "-10");
        Self { pinned: bound.is_ok_and(|o| o.status.success()) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::write("/proc/self/autogroup", "0");
    }
}

/// Processor time of a process and of the children it has reaped.
pub fn cpu(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may hold spaces.
    let rest = stat.rsplit_once(") ").context("unreadable stat")?.1;
    let field = |n: usize| rest.split(' ').nth(n).and_then(|f| f.parse::<u64>().ok()).unwrap_or(0);
    // utime, stime, cutime, cstime; Linux counts them in hundredths of a second on every architecture we know.
    Ok(Duration::from_millis(10 * (field(11) + field(12) + field(13) + field(14))))
}

/// Processor time of several processes; those that have ended count for nothing.
pub fn cpu_of(pids: &[u32]) -> Duration {
    pids.iter().filter_map(|p| cpu(*p).ok()).sum()
}

/// A process and its descendants.
pub fn family(pid: u32) -> Vec<u32> {
    let mut out = vec![pid];
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    for child in children.split_ascii_whitespace().filter_map(|c| c.parse().ok()) {
        out.extend(family(child));
    }
    out
}

/// Resident memory now and at its highest, in MiB.
pub fn memory(pid: u32) -> Result<(f64, f64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = |name: &str| {
        let line = status.lines().find(|l| l.starts_with(name));
        line.and_then(|l| l.split_ascii_whitespace().nth(1)).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0)
    };
    Ok((kib("VmRSS:") / 1024.0, kib("VmHWM:") / 1024.0))
}

/// A child that ends when this value does.
pub struct Owned(Child);

impl Owned {
    /// Takes charge.
    pub fn new(child: Child) -> Self {
        Self(child)
    }

    /// Its process. `taskset` becomes the program it starts, so this is the program's.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended by itself.
    pub fn ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// Asks it to stop, and waits.
    pub fn stop(&mut self) {
        let _ = Command::new("kill").arg(self.pid().to_string()).status();
        for _ in 0..200 {
            if self.ended() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if !self.ended() {
            self.stop();
        }
    }
}

/// What machine this is, in a line.
pub fn machine() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| text.lines().find(|l| l.starts_with(name)).and_then(|l| l.split_once(": ")).map_or("unknown", |(_, v)| v);
    let cores = text.lines().filter(|l| l.starts_with("processor")).count();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = memory.lines().next().and_then(|l| l.split_ascii_whitespace().nth(1)).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let (model, flags) = (field("model name"), field("flags"));
    let wide = if flags.contains("avx512f") { ", AVX-512" } else { "" };
    let virtual_ = if flags.contains("hypervisor") { ", virtual machine" } else { "" };
    format!(
        "{model} (family {} model {}{wide}{virtual_}), {cores} cores, {:.0} GiB, Linux {}",
        field("cpu family"),
        field("model\t"),
        total / 1024.0 / 1024.0,
        kernel.split('.').take(2).collect::<Vec<_>>().join(".")
    )
}

/// Load average of the last minute, before the run: how quiet the machine was.
pub fn load() -> String {
    fs::read_to_string("/proc/loadavg").ok().and_then(|t| t.split(' ').next().map(str::to_owned)).unwrap_or_default()
}
