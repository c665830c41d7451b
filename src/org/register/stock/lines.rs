//! Reading a stock file, plain or zipped, a line at a time, in a thread of its own.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use tokio::sync::mpsc;

use super::rows::{Columns, Establishment, Link, Unit};
use super::{Fault, Kind};

/// Longest line, in bytes. INSEE's are some hundreds.
const LONGEST: usize = 32 * 1_024;
/// Most columns of a file.
const WIDEST: usize = 400;
/// Batches read ahead of what is written.
const AHEAD: usize = 2;

/// A file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {why}")]
pub struct Unreadable {
    /// Which.
    pub file: String,
    /// Why.
    pub why: String,
    /// It is not there.
    pub absent: bool,
}

impl Unreadable {
    fn new(file: &Path, why: impl std::fmt::Display) -> Self {
        Self { file: file.display().to_string(), why: why.to_string(), absent: false }
    }

    fn io(file: &Path, e: &io::Error) -> Self {
        Self { absent: e.kind() == io::ErrorKind::NotFound, ..Self::new(file, e) }
    }
}

/// A place in a file, unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Bytes before it.
    pub bytes: u64,
    /// Number of its line, from 1.
    pub line: u64,
}

/// Lines read; only the rows of the file's kind are there.
#[derive(Debug)]
pub struct Batch {
    /// Units.
    pub units: Vec<Unit>,
    /// Establishments.
    pub establishments: Vec<Establishment>,
    /// Successions.
    pub links: Vec<Link>,
    /// Lines that could not be read.
    pub faults: Vec<Fault>,
    /// Where the next batch begins.
    pub end: Start,
}

impl Batch {
    fn new(end: Start) -> Self {
        Self { units: Vec::new(), establishments: Vec::new(), links: Vec::new(), faults: Vec::new(), end }
    }
}

/// Tells a file from another, without reading all of it: its size, its beginning and its end.
pub fn fingerprint(path: &Path) -> Result<String, Unreadable> {
    const PART: u64 = 64 * 1_024;
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut parts = size.to_be_bytes().to_vec();
        (&mut file).take(PART).read_to_end(&mut parts)?;
        file.seek(SeekFrom::Start(size.saturating_sub(PART)))?;
        file.take(PART).read_to_end(&mut parts)?;
        Ok(crate::crypto::sha256(&parts))
    };
    read().map_err(|e| Unreadable::io(path, &e))
}

/// Whether a file can be opened and has the columns of its kind.
pub fn check(kind: Kind, path: &Path) -> Result<(), Unreadable> {
    if is_zip(path)? {
        let mut archive = archive(path)?;
        let entry = archive.by_index(0).map_err(|e| Unreadable::new(path, e))?;
        Lines::new(kind, path, BufReader::new(entry)).map(drop)
    } else {
        let file = File::open(path).map_err(|e| Unreadable::io(path, &e))?;
        Lines::new(kind, path, BufReader::new(file)).map(drop)
    }
}

/// Starts reading a file, from its beginning or from where it was left.
pub fn read(kind: Kind, path: &Path, start: Option<Start>, size: usize) -> Result<mpsc::Receiver<Result<Batch, Unreadable>>, Unreadable> {
    let zipped = is_zip(path)?;
    let (to, from) = mpsc::channel(AHEAD);
    let path = path.to_owned();
    let work = move || {
        let done = if zipped { unpack(kind, &path, start, size, &to) } else { plain(kind, &path, start, size, &to) };
        if let Err(e) = done {
            // Nobody is told when nobody listens any more.
            let _ = to.blocking_send(Err(e));
        }
    };
    std::thread::Builder::new().name("stock".into()).spawn(work).map_err(|e| Unreadable {
        file: String::new(),
        why: e.to_string(),
        absent: false,
    })?;
    Ok(from)
}

type To = mpsc::Sender<Result<Batch, Unreadable>>;

fn is_zip(path: &Path) -> Result<bool, Unreadable> {
    let mut begins = Vec::new();
    let file = File::open(path).map_err(|e| Unreadable::io(path, &e))?;
    file.take(4).read_to_end(&mut begins).map_err(|e| Unreadable::io(path, &e))?;
    Ok(begins == *b"PK\x03\x04")
}

fn plain(kind: Kind, path: &Path, start: Option<Start>, size: usize, to: &To) -> Result<(), Unreadable> {
    let said = |e: io::Error| Unreadable::io(path, &e);
    let mut lines = Lines::new(kind, path, BufReader::with_capacity(1 << 20, File::open(path).map_err(said)?))?;
    if let Some(at) = start {
        lines.input.seek(SeekFrom::Start(at.bytes)).map_err(said)?;
        lines.at = at;
    }
    lines.send(size, to)
}

fn archive(path: &Path) -> Result<zip::ZipArchive<BufReader<File>>, Unreadable> {
    let file = File::open(path).map_err(|e| Unreadable::io(path, &e))?;
    let archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| Unreadable::new(path, e))?;
    match archive.len() {
        1 => Ok(archive),
        n => Err(Unreadable::new(path, format!("{n} files in the archive, one expected"))),
    }
}

fn unpack(kind: Kind, path: &Path, start: Option<Start>, size: usize, to: &To) -> Result<(), Unreadable> {
    let mut archive = archive(path)?;
    let entry = archive.by_index(0).map_err(|e| Unreadable::new(path, e))?;
    let mut lines = Lines::new(kind, path, BufReader::with_capacity(1 << 20, entry))?;
    if let Some(at) = start {
        let to_skip = at.bytes.saturating_sub(lines.at.bytes);
        let skipped = io::copy(&mut (&mut lines.input).take(to_skip), &mut io::sink());
        skipped.map_err(|e| Unreadable::io(path, &e))?;
        lines.at = at;
    }
    lines.send(size, to)
}

struct Lines<'p, R> {
    kind: Kind,
    path: &'p Path,
    input: R,
    at: Start,
    columns: Columns,
    csv: Fields,
}

impl<'p, R: BufRead> Lines<'p, R> {
    /// Reads the columns.
    fn new(kind: Kind, path: &'p Path, mut input: R) -> Result<Self, Unreadable> {
        let mut line = Vec::new();
        let bytes = next(&mut input, &mut line).map_err(|e| Unreadable::io(path, &e))?;
        if line.starts_with(&[0xff, 0xfe]) || line.starts_with(&[0xfe, 0xff]) {
            return Err(Unreadable::new(path, "UTF-16 text, UTF-8 expected"));
        }
        let heading = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        let count = |d: u8| heading.iter().filter(|b| **b == d).count();
        let mut csv = Fields::new(if count(b';') > count(b',') { b';' } else { b',' });
        let columns = csv.read(heading).and_then(|names| Columns::of(kind, &names));
        let columns = columns.map_err(|why| Unreadable::new(path, format!("line 1: {why}")))?;
        Ok(Self { kind, path, input, at: Start { bytes, line: 2 }, columns, csv })
    }

    /// Sends batches until the end of the file, or until nobody listens.
    fn send(mut self, size: usize, to: &To) -> Result<(), Unreadable> {
        let mut line = Vec::new();
        let mut batch = Batch::new(self.at);
        let mut held = 0;
        loop {
            let read = next(&mut self.input, &mut line).map_err(|e| Unreadable::io(self.path, &e))?;
            if read == 0 {
                break;
            }
            if !line.is_empty() {
                if let Err(why) = self.judge(&line, &mut batch) {
                    batch.faults.push(Fault { line: self.at.line, why });
                }
                held += 1;
            }
            self.at = Start { bytes: self.at.bytes + read, line: self.at.line + 1 };
            if held == size {
                batch.end = self.at;
                if to.blocking_send(Ok(std::mem::replace(&mut batch, Batch::new(self.at)))).is_err() {
                    return Ok(());
                }
                held = 0;
            }
        }
        batch.end = self.at;
        let _ = to.blocking_send(Ok(batch));
        Ok(())
    }

    fn judge(&mut self, line: &[u8], batch: &mut Batch) -> Result<(), String> {
        if line.len() >= LONGEST {
            return Err(format!("longer than {LONGEST} bytes"));
        }
        if line.iter().filter(|b| **b == b'"').count() % 2 == 1 {
            return Err("a quote is not closed".to_owned());
        }
        let fields = self.csv.read(line)?;
        let row = self.columns.row(&fields)?;
        match self.kind {
            Kind::Units => batch.units.push(Unit::read(&row)?),
            Kind::Establishments => batch.establishments.push(Establishment::read(&row)?),
            Kind::Successions => batch.links.push(Link::read(&row)?),
        }
        Ok(())
    }
}

/// Reads a line without its end, and passes over what is longer than any good one; answers how many bytes were read.
fn next(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    line.clear();
    let mut read = input.by_ref().take(LONGEST as u64).read_until(b'\n', line)? as u64;
    if read == LONGEST as u64 && line.last() != Some(&b'\n') {
        read += input.skip_until(b'\n')? as u64;
        return Ok(read);
    }
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    Ok(read)
}

/// The fields of a line (RFC 4180).
struct Fields {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Fields {
    fn new(delimiter: u8) -> Self {
        Self { reader: ReaderBuilder::new().delimiter(delimiter).build(), text: vec![0; LONGEST], ends: vec![0; WIDEST] }
    }

    fn read(&mut self, line: &[u8]) -> Result<Vec<&str>, String> {
        if line.is_empty() {
            return Ok(Vec::new());
        }
        self.reader.reset();
        let (_, read, written, mut count) = self.reader.read_record(line, &mut self.text, &mut self.ends);
        let (text, ends) = (self.text.get_mut(written..).unwrap_or_default(), self.ends.get_mut(count..).unwrap_or_default());
        let (end, _, _, more) = self.reader.read_record(line.get(read..).unwrap_or_default(), text, ends);
        count += more;
        if end != ReadRecordResult::Record {
            return Err(format!("more than {WIDEST} columns, or not CSV"));
        }
        let ends = self.ends.get(..count).unwrap_or_default();
        let used = self.text.get(..ends.last().copied().unwrap_or(0)).unwrap_or_default();
        let text = std::str::from_utf8(used).map_err(|_| "not UTF-8")?;
        let starts = std::iter::once(0).chain(ends.iter().copied());
        Ok(starts.zip(ends).map(|(from, to)| text.get(from..*to).unwrap_or_default().trim()).collect())
    }
}
