//! Files for spreadsheets: RFC 4180 with semicolons and a byte order mark, as French ones open them.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// A file being written.
#[derive(Debug)]
pub struct Csv(String);

impl Csv {
    /// With its first line.
    pub fn new(heads: &[String]) -> Self {
        let mut this = Self(String::from('\u{feff}'));
        this.line(heads);
        this
    }

    /// Adds a line.
    pub fn line(&mut self, fields: &[String]) {
        self.0 += &(fields.iter().map(|f| field(f)).collect::<Vec<_>>().join(";") + "\r\n");
    }

    /// The answer that has browsers keep it under this name.
    pub fn answer(self, name: &str) -> Response {
        let name = format!("attachment; filename=\"{name}\"");
        ([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], self.0).into_response()
    }
}

/// Quoted, and never read as a formula: names are other people's words.
fn field(text: &str) -> String {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '|', '%', '＝', '＋', '－', '＠']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_of_an_export_is_a_formula_or_leaves_its_place() {
        for (text, written) in [
            ("Dépôt des aides", "\"Dépôt des aides\""),
            ("a\"b;c\r\n", "\"a\"\"b;c\r\n\""),
            ("=1+1", "\"'=1+1\""),
            ("  @SUM(A1)", "\"'  @SUM(A1)\""),
            ("-2", "\"'-2\""),
            ("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""),
            ("", "\"\""),
        ] {
            assert_eq!(field(text), written);
        }
    }
}
