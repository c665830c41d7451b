//! The CSV file: its encoding, its separator, its columns.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::cli::out::Failure;
use crate::config::shape::nearest;

/// Columns that may be there, in any order.
pub const COLUMNS: &[&str] =
    &["login_email", "given_name", "family_name", "phone", "job_title", "contact_email", "email_verified", "password_hash", "locale"];

/// Longest line, in bytes: what is longer begins with a quote that never closes.
const LONGEST: usize = 16 * 1_024;

/// A file being read.
pub struct Table {
    name: String,
    reader: Reader<Box<dyn BufRead>>,
    columns: Vec<&'static str>,
    number: u64,
}

/// A line: as many fields as there are columns, or the number found.
pub struct Row {
    /// Line of the file, from 1.
    pub number: u64,
    fields: Vec<String>,
}

impl Table {
    /// Opens a file and reads its columns.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Failure::NotFound(format!("{name}: {e}")),
            _ => Failure::Error(format!("{name}: {e}")),
        })?;
        Self::of(name, BufReader::new(file))
    }

    /// The same from anything that can be read. A byte order mark is passed over.
    pub fn of(name: String, mut input: impl BufRead + 'static) -> Result<Self, Failure> {
        let begins = input.fill_buf().map_err(|e| Failure::Error(format!("{name}: {e}")))?;
        if begins.starts_with(&[0xff, 0xfe]) || begins.starts_with(&[0xfe, 0xff]) {
            return Err(Failure::Error(format!("{name}: UTF-16 text\n  → save it as « CSV UTF-8 »")));
        }
        if begins.starts_with(&[0xef, 0xbb, 0xbf]) {
            input.consume(3);
        }
        let mut heading = Vec::new();
        let read = (&mut input).take(LONGEST as u64).read_until(b'\n', &mut heading);
        read.map_err(|e| Failure::Error(format!("{name}: {e}")))?;
        let delimiter = [b';', b',', b'\t'].into_iter().max_by_key(|d| heading.iter().filter(|b| *b == d).count()).unwrap_or(b',');
        let whole: Box<dyn BufRead> = Box::new(BufReader::new(std::io::Cursor::new(heading).chain(input)));
        let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(whole);
        let headings = reader.byte_headers().map_err(|e| Failure::Error(format!("{name}: {e}")))?.clone();
        let columns = columns(&headings).map_err(|why| Failure::Error(format!("{name}:1: {why}")))?;
        Ok(Self { name, reader, columns, number: 1 })
    }

    /// The next line; `None` at the end. A file that is not UTF-8 is refused whole.
    pub fn row(&mut self) -> Result<Option<Row>, Failure> {
        let mut record = ByteRecord::new();
        let more = self.reader.read_byte_record(&mut record);
        let number = record.position().map_or(self.number, csv::Position::line);
        self.number = number;
        let fault = |why: &str| Failure::Error(format!("{}:{number}: {why}", self.name));
        if !more.map_err(|e| fault(&e.to_string()))? {
            return Ok(None);
        }
        if record.as_slice().len() > LONGEST {
            return Err(fault("a line this long begins with a quote that is not closed"));
        }
        let text = |field: &[u8]| std::str::from_utf8(field).map(|t| t.trim().to_owned());
        match record.iter().map(text).collect() {
            Ok(fields) => Ok(Some(Row { number, fields })),
            Err(_) => Err(fault(
                "not UTF-8, perhaps Latin-1 (Windows)\n  → save it as « CSV UTF-8 », or: iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv",
            )),
        }
    }

    /// A value of a row; `None` when it is empty or there is no such column.
    pub fn value<'r>(&self, row: &'r Row, column: &str) -> Option<&'r str> {
        let at = self.columns.iter().position(|c| *c == column)?;
        row.fields.get(at).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// What is wrong with the number of fields.
    pub fn misfit(&self, row: &Row) -> Option<String> {
        let (found, expected) = (row.fields.len(), self.columns.len());
        (found != expected).then(|| format!("{found} fields, {expected} expected"))
    }
}

fn columns(headings: &ByteRecord) -> Result<Vec<&'static str>, String> {
    let mut found = Vec::new();
    for heading in headings {
        let heading = String::from_utf8_lossy(heading).trim().to_lowercase();
        let Some(column) = COLUMNS.iter().find(|c| **c == heading) else {
            let meant =
                nearest(&heading, COLUMNS).map_or_else(|| format!("known: {}", COLUMNS.join(", ")), |c| format!("did you mean {c}?"));
            let heading: String = heading.chars().take(60).collect();
            return Err(format!("unknown column « {heading} »\n  → {meant}"));
        };
        if found.contains(column) {
            return Err(format!("column {column} twice"));
        }
        found.push(*column);
    }
    if !found.contains(&"login_email") {
        return Err("no column login_email".to_owned());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bytes: &'static [u8]) -> Result<Table, String> {
        Table::of("people.csv".into(), bytes).map_err(|f| format!("{f:?}"))
    }

    #[test]
    fn either_separator_with_or_without_a_mark_reads_the_same() {
        for text in [
            "login_email,family_name\ncamille@b.fr,\"Durand, née Petit\"\n",
            "\u{feff}login_email,family_name\r\ncamille@b.fr,\"Durand, née Petit\"\r\n",
            "\u{feff}Login_Email ;family_name\r\n camille@b.fr ;Durand, née Petit",
            "family_name\tlogin_email\n\nDurand, née Petit\tcamille@b.fr\n",
        ] {
            let mut table = table(text.as_bytes()).unwrap();
            let row = table.row().unwrap().unwrap();
            assert_eq!(table.value(&row, "login_email"), Some("camille@b.fr"), "{text}");
            assert_eq!(table.value(&row, "family_name"), Some("Durand, née Petit"), "{text}");
            assert_eq!((table.value(&row, "phone"), table.misfit(&row)), (None, None));
            assert!(table.row().unwrap().is_none());
        }
    }

    #[test]
    fn another_encoding_is_named_with_its_line() {
        let mut latin = table(b"login_email;family_name\na@b.fr;Martin\nc@b.fr;L\xe9v\xeaque\n").unwrap();
        assert_eq!(latin.row().unwrap().unwrap().number, 2);
        let said = format!("{:?}", latin.row().map(|_| ()).unwrap_err());
        assert!(said.contains("people.csv:3: not UTF-8") && said.contains("iconv"), "{said}");
        let said = table(b"\xff\xfel\0o\0g\0").map(|_| ()).unwrap_err();
        assert!(said.contains("UTF-16"), "{said}");
    }

    #[test]
    fn columns_are_known_unique_and_sufficient() {
        for (text, said) in [
            ("login_email;pasword_hash\n", "did you mean password_hash?"),
            ("login_email;login_email\n", "twice"),
            ("given_name;family_name\n", "no column login_email"),
            ("", "no column login_email"),
        ] {
            let refused = table(text.as_bytes()).map(|_| ()).unwrap_err();
            assert!(refused.contains(said), "{text}: {refused}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_does_not_swallow_the_file_in_silence() {
        let text = format!("login_email;family_name\n\"a@b.fr;Martin\n{}", "c@b.fr;Petit\n".repeat(2_000));
        let mut table = Table::of("people.csv".into(), std::io::Cursor::new(text)).unwrap();
        let said = format!("{:?}", table.row().map(|_| ()).unwrap_err());
        assert!(said.contains("people.csv:2:") && said.contains("quote"), "{said}");
    }
}
