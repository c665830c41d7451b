//! Cards enter the stock from a file: CSV, or PSKC ([`super::pskc`]). All of a file or nothing of it, with everything that is
//! wrong said line by line.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use zeroize::Zeroizing;

use super::{Card, Moves, Serial, context, pskc, store};
use crate::audit::{self, Event, Kind};
use crate::authn::factor::Kit;
use crate::base::{Secret, Timestamp};
use crate::crypto::oath::{self, Hash, MAX_SECRET, MIN_SECRET};
use crate::db::{Error, Result, Tx};

/// Largest file, in bytes.
pub const MAX_FILE: usize = 20 << 20;
/// Most faults said of one file.
const MAX_FAULTS: usize = 200;

/// A card as a file describes it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Line of the file.
    pub line: u64,
    /// Its serial number.
    pub serial: Serial,
    /// What moves it.
    pub moves: Moves,
    /// The hash of its codes.
    pub hash: Hash,
    /// Digits of its codes.
    pub digits: u8,
    /// First counter not used yet.
    pub counter: u64,
    /// Steps between its clock and ours.
    pub drift: i64,
    /// Its seed.
    pub secret: Zeroizing<Vec<u8>>,
    /// When its maker says that it stops serving.
    pub expires: Option<Timestamp>,
}

/// What is wrong, and on which line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Line of the file; none when it is the file as a whole.
    pub line: Option<u64>,
    /// What is wrong.
    pub what: String,
}

impl Fault {
    /// Something wrong with a line.
    pub fn at(line: u64, what: impl Into<String>) -> Self {
        Self { line: Some(line), what: what.into() }
    }

    /// Something wrong with the whole file.
    pub fn whole(what: impl Into<String>) -> Self {
        Self { line: None, what: what.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// What a CSV that does not say takes.
#[derive(Debug, Clone, Copy)]
pub struct Defaults {
    /// What moves the cards.
    pub moves: Moves,
    /// The hash of their codes.
    pub hash: Hash,
    /// Digits of their codes.
    pub digits: u8,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { moves: Moves::Time { step: 30 }, hash: Hash::Sha1, digits: 6 }
    }
}

/// What opens an encrypted PSKC.
#[derive(Debug, Clone, Default)]
pub enum Unlock {
    /// Nothing: the file is not encrypted.
    #[default]
    Nothing,
    /// A key shared with the maker: 16 or 32 bytes.
    Key(Zeroizing<Vec<u8>>),
    /// A passphrase shared with the maker.
    Passphrase(Secret),
}

/// Reads a file, CSV or PSKC after its first character, and says everything that is wrong with it.
pub fn read(file: &[u8], defaults: Defaults, unlock: &Unlock) -> std::result::Result<Vec<Entry>, Vec<Fault>> {
    if file.len() > MAX_FILE {
        return Err(vec![Fault::whole(format!("larger than {} MB", MAX_FILE >> 20))]);
    }
    let text = std::str::from_utf8(file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file));
    let text = text.map_err(|_| vec![Fault::whole("not text in UTF-8")])?;
    let (entries, mut faults) = if text.trim_start().starts_with('<') { pskc::read(text, unlock) } else { read_csv(text, defaults) };
    faults.extend(duplicates(&entries));
    faults.extend(entries.iter().filter_map(weak));
    if entries.is_empty() && faults.is_empty() {
        faults.push(Fault::whole("no card in this file"));
    }
    faults.sort_by_key(|f| f.line);
    let more = faults.len().saturating_sub(MAX_FAULTS);
    faults.truncate(MAX_FAULTS);
    if more > 0 {
        faults.push(Fault::whole(format!("and {more} more")));
    }
    if faults.is_empty() { Ok(entries) } else { Err(faults) }
}

fn duplicates(entries: &[Entry]) -> Vec<Fault> {
    let mut first: BTreeMap<&Serial, u64> = BTreeMap::new();
    let mut faults = Vec::new();
    for entry in entries {
        match first.get(&entry.serial) {
            Some(line) => faults.push(Fault::at(entry.line, format!("{} is already on line {line}", entry.serial))),
            None => drop(first.insert(&entry.serial, entry.line)),
        }
    }
    faults
}

/// RFC 4226 §4, R6.
fn weak(entry: &Entry) -> Option<Fault> {
    let length = entry.secret.len();
    if (MIN_SECRET..=MAX_SECRET).contains(&length) {
        return None;
    }
    Some(Fault::at(entry.line, format!("seed of {} is {length} bytes; from {MIN_SECRET} to {MAX_SECRET} are expected", entry.serial)))
}

/// Columns, and other names for them.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("serial_number", &["serial", "numero_serie"]),
    ("seed", &["secret"]),
    ("type", &[]),
    ("step", &["period"]),
    ("digits", &[]),
    ("algorithm", &["hash"]),
    ("counter", &[]),
];

fn column(header: &str) -> Option<usize> {
    let name: String = header.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    COLUMNS.iter().position(|(column, others)| *column == name || others.contains(&name.as_str()))
}

fn read_csv(text: &str, defaults: Defaults) -> (Vec<Entry>, Vec<Fault>) {
    // The reader counts lines by their last character alone.
    let text = Zeroizing::new(text.replace("\r\n", "\n"));
    let head = text.lines().next().unwrap_or_default();
    let delimiter = if head.matches(';').count() > head.matches(',').count() { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let columns = match reader.headers().map(|headers| places(headers.iter())) {
        Ok(Ok(columns)) => columns,
        Ok(Err(fault)) => return (Vec::new(), vec![fault]),
        Err(e) => return (Vec::new(), vec![Fault::at(1, e.to_string())]),
    };
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                let value = |name: &str| {
                    let place = COLUMNS.iter().position(|(column, _)| *column == name)?;
                    record.get((*columns.get(place)?)?).filter(|v| !v.is_empty())
                };
                match entry(line, value, defaults) {
                    Ok(entry) => entries.push(entry),
                    Err(what) => faults.push(Fault::at(line, what)),
                }
            }
            Err(e) => faults.push(Fault::at(e.position().map_or(0, csv::Position::line), "not a line of this table")),
        }
    }
    (entries, faults)
}

/// Where each column stands; every header is to be known, so that none is misread in silence.
fn places<'a>(headers: impl Iterator<Item = &'a str>) -> std::result::Result<[Option<usize>; COLUMNS.len()], Fault> {
    let mut places = [None; COLUMNS.len()];
    for (at, header) in headers.enumerate() {
        let slot = column(header).and_then(|c| places.get_mut(c));
        let names = COLUMNS.map(|(name, _)| name).join(", ");
        match slot {
            Some(slot @ None) => *slot = Some(at),
            Some(Some(_)) => return Err(Fault::at(1, format!("column {header} twice"))),
            None => return Err(Fault::at(1, format!("unknown column {header:?}; columns are {names}"))),
        }
    }
    match places {
        [Some(_), Some(_), ..] => Ok(places),
        _ => Err(Fault::at(1, "the first line is to name at least the columns serial_number and seed")),
    }
}

fn entry<'a>(line: u64, value: impl Fn(&str) -> Option<&'a str>, defaults: Defaults) -> std::result::Result<Entry, String> {
    let serial = value("serial_number").ok_or("no serial_number")?;
    let serial = Serial::parse(serial).ok_or("serial_number: letters, digits and - _ . only, at most forty")?;
    let secret = seed(value("seed").ok_or("no seed")?).ok_or("seed: neither hexadecimal nor base32")?;
    let hash = value("algorithm").map_or(Some(defaults.hash), Hash::parse).ok_or("algorithm: SHA1, SHA256 or SHA512")?;
    let digits = value("digits").map_or(Some(defaults.digits), digits).ok_or("digits: 6 or 8")?;
    let event = match value("type").map(str::to_ascii_lowercase).as_deref() {
        None => defaults.moves == Moves::Event,
        Some("hotp" | "event") => true,
        Some("totp" | "time") => false,
        Some(_) => return Err("type: totp or hotp".into()),
    };
    let step = match value("step") {
        _ if event => None,
        Some(step) => Some(step.parse::<u64>().ok().filter(|s| matches!(s, 30 | 60)).ok_or("step: 30 or 60 seconds")?),
        None => Some(if let Moves::Time { step } = defaults.moves { step } else { 30 }),
    };
    let moves = step.map_or(Moves::Event, |step| Moves::Time { step });
    let counter = match value("counter") {
        Some(_) if !event => return Err("counter: only for a card of type hotp".into()),
        Some(counter) => counter.parse().ok().filter(|c| *c < u64::from(u32::MAX)).ok_or("counter: not a number")?,
        None => 0,
    };
    Ok(Entry { line, serial, moves, hash, digits, counter, drift: 0, secret, expires: None })
}

/// Six or eight.
pub(super) fn digits(text: &str) -> Option<u8> {
    text.parse().ok().filter(|d| matches!(d, 6 | 8))
}

/// Hexadecimal when it may be, base32 otherwise: sixteen letters that are all hexadecimal are hardly ever base32.
fn seed(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let clean: Zeroizing<String> = Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
    let hex = clean.strip_prefix("0x").unwrap_or(&clean);
    crate::base::encode::from_hex(hex).map(Zeroizing::new).or_else(|| oath::from_base32(&clean))
}

/// What became of a card of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It entered the stock.
    Created,
    /// It was known, with the same seed.
    Unchanged,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Line of the file.
    pub line: u64,
    /// Its serial number.
    pub serial: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// Puts every card in the stock. When anything is wrong nothing may be committed: roll back, as for a dry run.
pub async fn import(tx: &mut Tx, kit: &Kit<'_>, entries: &[Entry]) -> Result<std::result::Result<Vec<Line>, Vec<Fault>>> {
    let (mut lines, mut faults) = (Vec::with_capacity(entries.len()), Vec::new());
    for entry in entries {
        match put(tx, kit, entry).await? {
            Ok(outcome) => lines.push(Line { line: entry.line, serial: entry.serial.to_string(), outcome }),
            Err(what) => faults.push(Fault::at(entry.line, format!("{}: {what}", entry.serial))),
        }
    }
    faults.truncate(MAX_FAULTS);
    Ok(if faults.is_empty() { Ok(lines) } else { Err(faults) })
}

async fn put(tx: &mut Tx, kit: &Kit<'_>, entry: &Entry) -> Result<std::result::Result<Outcome, &'static str>> {
    if entry.expires.is_some_and(|end| end <= kit.ctx.now()) {
        return Ok(Err("its maker says that it has expired"));
    }
    if let Some(known) = store::find(tx, &entry.serial).await? {
        return Ok(same(kit, &known, entry)?.then_some(Outcome::Unchanged).ok_or("known with another seed, or of another kind"));
    }
    let sealed = kit.keys.rest.seal(&context(&entry.serial), &entry.secret).map_err(|e| Error::inconsistent(e.to_string()))?;
    let Entry { serial, moves, hash, digits, counter, drift, .. } = entry;
    let (moves, hash, digits, counter, drift) = (*moves, *hash, *digits, *counter, *drift);
    let made = store::Made { serial, moves, hash, digits, counter, drift, sealed: &sealed };
    if store::insert(tx, &made, kit.ctx.now()).await? == 0 {
        return Ok(Err("another import has just added it"));
    }
    let event = Event::new(Kind::CardImported).with("serial", serial.as_str()).with("type", moves.name());
    audit::append(tx, kit.ctx, event).await?;
    Ok(Ok(Outcome::Created))
}

fn same(kit: &Kit<'_>, known: &Card, entry: &Entry) -> Result<bool> {
    use subtle::ConstantTimeEq;
    let seed: bool = known.token(&kit.keys.rest)?.secret.as_slice().ct_eq(entry.secret.as_slice()).into();
    Ok(seed && (known.moves, known.hash, known.digits) == (entry.moves, entry.hash, entry.digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "3132333435363738393031323334353637383930";
    const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn faults(text: &str) -> Vec<String> {
        read(text.as_bytes(), Defaults::default(), &Unlock::Nothing).unwrap_err().iter().map(ToString::to_string).collect()
    }

    fn cards(text: &str) -> Vec<Entry> {
        read(text.as_bytes(), Defaults::default(), &Unlock::Nothing).unwrap_or_else(|f| panic!("{f:?}: {text}"))
    }

    #[test]
    fn two_columns_are_enough_whatever_the_separator_and_the_seed() {
        for text in [
            format!("serial_number,seed\nGADT0001,{HEX}\n"),
            format!("\u{feff}Serial Number;SEED\r\n gadt 0001 ; {BASE32} \r\n"),
            format!("seed,serial\n\"{}\",GADT0001", HEX.to_uppercase()),
            format!("seed,numero_serie\n{},GADT0001", BASE32.to_lowercase()),
        ] {
            let cards = cards(&text);
            let card = &cards[0];
            assert_eq!(
                (cards.len(), card.serial.as_str(), card.secret.as_slice()),
                (1, "GADT0001", &b"12345678901234567890"[..]),
                "{text}"
            );
            assert_eq!((card.moves, card.hash, card.digits, card.line), (Moves::Time { step: 30 }, Hash::Sha1, 6, 2));
        }
    }

    #[test]
    fn every_kind_of_card_can_be_described() {
        let text = format!(
            "serial_number;seed;type;step;digits;algorithm;counter\nA1;{HEX};totp;60;8;SHA-256;\nA2;{HEX};HOTP;;6;sha1;0\nA3;{HEX};hotp;0;;SHA512;41\nA4;{HEX};;;;;\n"
        );
        let found: Vec<_> = cards(&text).into_iter().map(|c| (c.moves, c.hash, c.digits, c.counter)).collect();
        let (sixty, thirty) = (Moves::Time { step: 60 }, Moves::Time { step: 30 });
        let event = Moves::Event;
        assert_eq!(
            found,
            [(sixty, Hash::Sha256, 8, 0), (event, Hash::Sha1, 6, 0), (event, Hash::Sha512, 6, 41), (thirty, Hash::Sha1, 6, 0)]
        );
        let defaults = Defaults { moves: sixty, hash: Hash::Sha512, digits: 8 };
        let card = &read(format!("serial,seed\nA,{HEX}").as_bytes(), defaults, &Unlock::Nothing).unwrap()[0];
        assert_eq!((card.moves, card.hash, card.digits), (sixty, Hash::Sha512, 8));
    }

    #[test]
    fn everything_wrong_is_said_with_its_line() {
        let text = format!(
            "serial_number,seed,step,digits,algorithm,type,counter\nA1,{HEX},,,,,\nA1,{BASE32},,,,,\n,{HEX},,,,,\nA3,,,,,,\nA4,z!,,,,,\nA5,{HEX},45,,,,\n\
             A6,{HEX},,7,,,\nA7,{HEX},,,md5,,\nA8,{HEX},,,,ocra,\nA9,{HEX},,,,totp,4\nB1,00112233,,,,,\nB/2,{HEX},,,,,\nB3,{HEX},,,,hotp,-1\nB4\n"
        );
        let said = faults(&text);
        let expected = [
            "line 3: A1 is already on line 2",
            "line 4: no serial_number",
            "line 5: no seed",
            "line 6: seed: neither",
            "line 7: step: 30 or 60",
            "line 8: digits: 6 or 8",
            "line 9: algorithm: SHA1",
            "line 10: type: totp or hotp",
            "line 11: counter: only",
            "line 12: seed of B1 is 4 bytes",
            "line 13: serial_number:",
            "line 14: counter: not a number",
            "line 15: no seed",
        ];
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.starts_with(expected), "{said}");
        }
        assert!(!said.iter().any(|s| s.contains(HEX)), "no seed in a message");
    }

    #[test]
    fn files_that_are_no_table_of_cards_are_refused_as_a_whole() {
        for (text, why) in [
            ("", "the first line is to name"),
            ("serial_number,seed\n", "no card in this file"),
            ("serial_number\nA1", "at least the columns"),
            ("serial_number,seed,lot\nA1,x,3", "unknown column \"lot\""),
            ("serial,seed,serial_number\n", "twice"),
        ] {
            assert!(faults(text).iter().any(|f| f.contains(why)), "{why}: {:?}", faults(text));
        }
        let whole = |file: &[u8]| read(file, Defaults::default(), &Unlock::Nothing).unwrap_err().remove(0).to_string();
        assert_eq!(whole(&vec![b'a'; MAX_FILE + 1]), "larger than 20 MB");
        assert_eq!(whole(b"serial_number,seed\n\xff,\xfe"), "not text in UTF-8");
        let many: String = (0..400).map(|i| format!("A{i},z!\n")).collect();
        let said = faults(&format!("serial_number,seed\n{many}"));
        assert_eq!((said.len(), said.last().unwrap().as_str()), (MAX_FAULTS + 1, "and 200 more"));
    }
}
