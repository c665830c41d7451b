//! The run: ceilings and scenarios in turns, round after round, so that a machine that drifts does so for all of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::crowd::{self, Crowd};
use crate::hub::{self, Hub, Running};
use crate::load::{self, Sample, Times};
use crate::postgres::Cluster;
use crate::scenario::{Work, Worker};
use crate::site::Site;
use crate::upstream::Upstream;
use crate::{Options, process, report};

/// Connections that ask for tokens, and that sign in, in the mixed scenario.
pub const MIXED: (usize, usize) = (16, 16);

/// Connections that come through FranceConnect, and that sign in by password meanwhile.
pub const FEDERATED: (usize, usize) = (4, 16);

/// Samples of one round at one number of connections.
pub type Round = BTreeMap<Work, Sample>;

/// What was measured on one store.
pub struct Engine {
    /// Its name.
    pub name: String,
    /// Rounds by number of connections.
    pub rounds: BTreeMap<usize, Vec<Round>>,
    /// Hashes a second of each round: by the clock, by processor time.
    pub hashes: Vec<(f64, f64)>,
    /// Tokens, and logins, when both are asked for at once.
    pub mixed: Vec<(Sample, Sample)>,
    /// Individuals who come through FranceConnect while passwords saturate the hasher.
    pub federated: Vec<Sample>,
    /// MiB after the start, after signing everybody in, and at the highest.
    pub memory: [f64; 3],
    /// Start with a new data folder.
    pub first_start: Duration,
    /// Later starts.
    pub starts: Vec<Duration>,
    /// One person in many establishments.
    pub crowd: Option<Crowd>,
}

/// Everything.
pub struct Results {
    /// The generator has a core of its own.
    pub pinned: bool,
    /// `openssl speed`.
    pub openssl: Option<Vec<(String, String, String)>>,
    /// Load average before the run.
    pub load: String,
    /// Stores.
    pub engines: Vec<Engine>,
}

/// A folder that goes with the run.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("guichet-bench-{}", std::process::id()));
        // PostgreSQL runs as somebody else and must reach its own folder below this one.
        std::fs::DirBuilder::new().mode(0o755).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Measures what the options ask for, prints it, and writes the results unless only a part was run.
pub async fn everything(options: &Options, pinned: bool) -> Result<()> {
    let load = process::load();
    let binary = match &options.hub {
        Some(path) => path.clone(),
        None => std::env::current_exe()?.with_file_name("guichet"),
    };
    let folder = Folder::new()?;
    let openssl = if options.only.is_none() { hub::openssl() } else { None };
    let (process, address) = hub::ceiling().await?;
    let ceiling = (address, process.pid());
    let mut engines = Vec::new();
    let sqlite = Hub::new(&binary, &below(&folder.0, "sqlite")?, None)?;
    let mut measured = engine("SQLite".into(), &sqlite, ceiling, None, options).await?;
    measured.crowd = crowd(&binary, &folder.0.join("sqlite-crowd"), None, options).await?;
    engines.push(measured);
    if options.postgres {
        let cluster = Cluster::start(&folder.0).await?;
        let name = format!("PostgreSQL {}", cluster.version()?);
        let hub = Hub::new(&binary, &below(&folder.0, "postgres")?, Some(&cluster.url()))?;
        let mut measured = engine(name, &hub, ceiling, Some(&cluster), options).await?;
        measured.crowd = crowd(&binary, &folder.0.join("postgres-crowd"), Some(&cluster), options).await?;
        engines.push(measured);
    }
    drop(process);
    let results = Results { pinned, openssl, load, engines };
    let text = report::text(&results, options);
    println!("{text}");
    if options.only.is_none() {
        report::write(&options.out, &text)?;
    }
    Ok(())
}

/// On a data folder of its own; left out with a part of the scenarios, unless that part is this one.
async fn crowd(binary: &Path, folder: &Path, cluster: Option<&Cluster>, options: &Options) -> Result<Option<Crowd>> {
    if options.accounts == 0 || options.only.as_ref().is_some_and(|only| !"establishments".contains(only.as_str())) {
        return Ok(None);
    }
    if let Some(cluster) = cluster {
        cluster.afresh()?;
    }
    eprintln!("{} accounts", options.accounts);
    crowd::measure(binary, folder, cluster, options.accounts).await.map(Some)
}

fn below(folder: &Path, name: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

struct Bench<'a> {
    options: &'a Options,
    running: &'a Running,
    /// Address and process.
    ceiling: (SocketAddr, u32),
    cluster: Option<&'a Cluster>,
    site: Rc<Site>,
    times: Times,
}

async fn engine(name: String, hub: &Hub, ceiling: (SocketAddr, u32), cluster: Option<&Cluster>, options: &Options) -> Result<Engine> {
    eprintln!("{name}: starting");
    let people = options.connections.iter().copied().max().unwrap_or(1).max(MIXED.0 + MIXED.1);
    let first_start = hub.start().await?.ready_in;
    let upstream = Rc::new(Upstream::start()?);
    hub.apply(people, &upstream)?;
    let mut starts = Vec::new();
    for _ in 0..5 {
        starts.push(hub.start().await?.ready_in);
    }
    let running = hub.start().await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = process::memory(running.process.pid())?.0;
    let site = Rc::new(Site::open(running.address, people, upstream).await?);
    let signed_in = process::memory(running.process.pid())?.0;
    let times = Times { warm: Duration::from_secs_f64(options.seconds / 5.0), measure: Duration::from_secs_f64(options.seconds) };
    let bench = Bench { options, running: &running, ceiling, cluster, site, times };
    let (mut rounds, mut hashes, mut mixed, mut federated) = (BTreeMap::<usize, Vec<Round>>::new(), Vec::new(), Vec::new(), Vec::new());
    for number in 0..options.rounds {
        eprintln!("{name}: round {} of {}", number + 1, options.rounds);
        for connections in &options.connections {
            let round = bench.round(*connections, number % 2 == 1).await?;
            rounds.entry(*connections).or_default().push(round);
        }
        if bench.wanted(Work::PasswordLogin) {
            hashes.push(hub::hashes(times.measure).await?);
            mixed.push(bench.mixed().await?);
            federated.push(bench.federated().await?);
        }
    }
    let memory = [idle, signed_in, process::memory(running.process.pid())?.1];
    Ok(Engine { name, rounds, hashes, mixed, federated, memory, first_start, starts, crowd: None })
}

impl Bench<'_> {
    fn wanted(&self, work: Work) -> bool {
        let only = self.options.only.as_ref();
        matches!(work, Work::Empty | Work::Sign) || only.is_none_or(|o| work.name().contains(o.as_str()))
    }

    /// Both ceilings and every scenario once; in the other direction every second time.
    async fn round(&self, connections: usize, backwards: bool) -> Result<Round> {
        let mut order: Vec<Work> = [Work::Empty, Work::Sign].into_iter().chain(Work::HUB).filter(|w| self.wanted(*w)).collect();
        if backwards {
            order.reverse();
        }
        let mut round = Round::new();
        for work in order {
            let sample = self.one(work, connections).await.with_context(|| work.name())?;
            eprintln!("  {:>3} connections  {:<34} {:>9.0}/s  p99 {:.2} ms", connections, work.name(), sample.rate(), sample.p99);
            round.insert(work, sample);
        }
        Ok(round)
    }

    async fn workers(&self, work: Work, from: usize, count: usize) -> Result<Vec<Worker>> {
        let mut workers = Vec::with_capacity(count);
        for index in from..from + count {
            workers.push(Worker::new(work, &self.site, self.ceiling.0, index).await?);
        }
        Ok(workers)
    }

    async fn one(&self, work: Work, connections: usize) -> Result<Sample> {
        let group = self.workers(work, 0, connections).await?;
        let pids = match work {
            Work::Empty | Work::Sign => vec![self.ceiling.1],
            _ => self.pids(),
        };
        load::run(vec![group], self.times, &pids).await?.pop().context("no sample")
    }

    /// Half the token connections ask for tokens, half for userinfo, while others sign in without end.
    async fn mixed(&self) -> Result<(Sample, Sample)> {
        let (tokens, logins) = MIXED;
        let mut asking = self.workers(Work::ClientCredentials, 0, tokens / 2).await?;
        asking.extend(self.workers(Work::UserinfoOpaque, tokens / 2, tokens / 2).await?);
        let signing_in = self.workers(Work::PasswordLogin, tokens, logins).await?;
        let samples: [Sample; 2] = match load::run(vec![asking, signing_in], self.times, &self.pids()).await?.try_into() {
            Ok(two) => two,
            Err(_) => bail!("two groups give two samples"),
        };
        Ok(samples.into())
    }

    /// Individuals come through FranceConnect while others sign in by password without end.
    async fn federated(&self) -> Result<Sample> {
        let (coming, logins) = FEDERATED;
        let groups = vec![self.workers(Work::Federated, 0, coming).await?, self.workers(Work::PasswordLogin, coming, logins).await?];
        load::run(groups, self.times, &self.pids()).await?.into_iter().next().context("no sample")
    }

    fn pids(&self) -> Vec<u32> {
        let mut pids = vec![self.running.process.pid()];
        pids.extend(self.cluster.map(Cluster::pids).unwrap_or_default());
        pids
    }
}
