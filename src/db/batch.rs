//! Writes whose outcome nothing waits for, sent together: one message to SQLite's thread, one round trip to PostgreSQL.

use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;

/// Statements put off, with their arguments.
#[derive(Debug, Default)]
pub(super) struct Batch<A> {
    statements: Vec<&'static str>,
    /// Number of arguments before each statement.
    offsets: Vec<usize>,
    /// Arguments of all of them, in order.
    pub(super) arguments: A,
}

impl<A: sqlx::Arguments> Batch<A> {
    /// Puts off one more statement; its arguments are to be added to what is answered.
    pub(super) fn push(&mut self, statement: &'static str) -> &mut A {
        self.statements.push(statement);
        self.offsets.push(self.arguments.len());
        &mut self.arguments
    }

    /// Whether the driver is to keep the statement prepared: those of the hot paths are short, and few.
    pub(super) fn is_usual(&self) -> bool {
        self.statements.len() <= 6
    }

    /// Whether nothing was put off.
    pub(super) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    fn each(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.statements.iter().copied().zip(self.offsets.iter().copied())
    }
}

impl Batch<SqliteArguments> {
    /// One text for SQLite, which runs several statements in turn.
    pub(super) fn script(&self, text: &mut String) {
        for (statement, offset) in self.each() {
            renumber(text, statement, offset);
            text.push(';');
        }
    }
}

impl Batch<PgArguments> {
    /// One statement for PostgreSQL: all but the last in `WITH`, where each runs whether it is read or not.
    pub(super) fn statement(&self) -> String {
        let mut text = String::new();
        let last = self.statements.len().saturating_sub(1);
        for (i, (statement, offset)) in self.each().enumerate() {
            match (i, i == last) {
                (_, true) => {}
                (0, false) => text.push_str("WITH w0 AS ("),
                (_, false) => text.push_str(&format!(", w{i} AS (")),
            }
            renumber(&mut text, statement, offset);
            text.push_str(if i == last { "" } else { ") " });
        }
        text
    }
}

/// Appends `statement` with `offset` added to the number of each of its parameters.
fn renumber(text: &mut String, statement: &str, offset: usize) {
    let mut rest = statement;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        text.push('$');
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = after.split_at(digits);
        match number.parse::<usize>() {
            Ok(n) => text.push_str(&(n + offset).to_string()),
            Err(_) => text.push_str(number),
        }
        rest = tail;
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_keeps_its_own_arguments() {
        let (mut sqlite, mut postgres) = (Batch::<SqliteArguments>::default(), Batch::<PgArguments>::default());
        for (statement, values) in
            [("INSERT INTO a VALUES ($1, $2)", 2), ("INSERT INTO b VALUES ($1)", 1), ("UPDATE c SET x = $2 WHERE y = $1", 2)]
        {
            let added = sqlite.push(statement);
            (0..values).for_each(|v| sqlx::Arguments::add(added, v).unwrap());
            let added = postgres.push(statement);
            (0..values).for_each(|v| sqlx::Arguments::add(added, v).unwrap());
        }
        let mut script = String::from("SAVEPOINT t;");
        sqlite.script(&mut script);
        assert_eq!(script, "SAVEPOINT t;INSERT INTO a VALUES ($1, $2);INSERT INTO b VALUES ($3);UPDATE c SET x = $5 WHERE y = $4;");
        assert_eq!(
            postgres.statement(),
            "WITH w0 AS (INSERT INTO a VALUES ($1, $2)) , w1 AS (INSERT INTO b VALUES ($3)) UPDATE c SET x = $5 WHERE y = $4"
        );
    }
}
