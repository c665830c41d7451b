//! Reads Rust source just far enough to know which paths it names and which string literals it holds.
//!
//! Not a parser: comments are dropped, literals are set apart, and what remains is identifiers and punctuation. That is
//! enough to see every `a::b::c` and every `use` tree, wherever it stands (attributes and macro calls too).

/// One source file, taken apart.
pub struct Source {
    /// Path from the root of the repository, with `/`.
    pub path: String,
    /// Identifiers and punctuation, each with its line.
    tokens: Vec<Token>,
    /// String literals, each with the line it starts on.
    pub strings: Vec<(usize, String)>,
    /// How many lines the file has.
    pub lines: usize,
}

struct Token {
    line: usize,
    text: String,
}

impl Token {
    fn is_name(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// A path as written, group members spread out: `use a::{b, c::d}` gives `a::b` and `a::c::d`.
#[derive(Debug, PartialEq)]
pub struct NamedPath {
    pub line: usize,
    pub segments: Vec<String>,
}

impl Source {
    pub fn read(path: &str, text: &str) -> Self {
        let mut lexer = Lexer { chars: text.chars().collect(), at: 0, line: 1, tokens: Vec::new(), strings: Vec::new() };
        lexer.run();
        Self { path: path.to_owned(), tokens: lexer.tokens, strings: lexer.strings, lines: text.lines().count() }
    }

    /// Does `words` stand somewhere in the code, token after token?
    pub fn has(&self, words: &[&str]) -> bool {
        self.tokens.windows(words.len()).any(|window| window.iter().zip(words).all(|(token, word)| token.text == *word))
    }

    /// Every path of two segments or more, and every name after `use` or `extern crate`.
    pub fn paths(&self) -> Vec<NamedPath> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let imported = at > 0 && matches!(self.text(at - 1), "use" | "crate");
            let rooted = at == 0 || self.text(at - 1) != "::" || at == 1 || !(self.tokens[at - 2].is_name() || self.text(at - 2) == ">");
            let starts = self.tokens[at].is_name() && rooted && (imported || self.text(at + 1) == "::");
            if starts {
                at = self.spread(at, &[], &mut found);
            } else {
                at += 1;
            }
        }
        found
    }

    /// Reads one path (or `use` tree) from `at`, after `prefix`; answers where it ends.
    fn spread(&self, mut at: usize, prefix: &[String], found: &mut Vec<NamedPath>) -> usize {
        let line = self.tokens[at].line;
        let mut segments = prefix.to_vec();
        while at < self.tokens.len() {
            if self.tokens[at].is_name() || self.text(at) == "*" {
                segments.push(self.text(at).to_owned());
                at += 1;
            } else if self.text(at) == "{" {
                at += 1;
                while at < self.tokens.len() && self.text(at) != "}" {
                    if self.tokens[at].is_name() || matches!(self.text(at), "{" | "*") {
                        at = self.spread(at, &segments, found);
                    } else {
                        at += 1;
                    }
                }
                return at + 1;
            } else {
                break;
            }
            if self.text(at) != "::" {
                break;
            }
            at += 1;
        }
        if self.text(at) == "as" {
            at += 2;
        }
        found.push(NamedPath { line, segments });
        at
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Token>,
    strings: Vec<(usize, String)>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn next(&mut self) -> char {
        let c = self.peek(0);
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        c
    }

    fn run(&mut self) {
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '/') => {
                    while self.at < self.chars.len() && self.peek(0) != '\n' {
                        self.next();
                    }
                }
                ('/', '*') => self.block_comment(),
                ('"', _) => self.string(0, false),
                ('\'', _) => self.quote(),
                (c, _) if c.is_alphabetic() || c == '_' => self.word(),
                (c, _) if c.is_ascii_digit() => {
                    while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
                        self.next();
                    }
                }
                (':', ':') => {
                    self.token("::".to_owned());
                    self.next();
                    self.next();
                }
                (c, _) if c.is_whitespace() => {
                    self.next();
                }
                (c, _) => {
                    self.token(c.to_string());
                    self.next();
                }
            }
        }
    }

    fn token(&mut self, text: String) {
        let line = self.line;
        self.tokens.push(Token { line, text });
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => {
                    depth += 1;
                    self.next();
                }
                ('*', '/') => {
                    depth -= 1;
                    self.next();
                }
                _ => {}
            }
            self.next();
            if depth == 0 {
                return;
            }
        }
    }

    /// A name, or the prefix of a literal: `r"…"`, `b"…"`, `br#"…"#`, `c"…"`, `b'x'`, `r#name`.
    fn word(&mut self) {
        let (line, start) = (self.line, self.at);
        while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
            self.next();
        }
        let text: String = self.chars[start..self.at].iter().collect();
        let raw = matches!(text.as_str(), "r" | "br" | "cr");
        let hashes = (0..).take_while(|&n| self.peek(n) == '#').count();
        if raw && self.peek(hashes) == '"' {
            self.at += hashes;
            self.string(hashes, true);
        } else if matches!(text.as_str(), "b" | "c") && self.peek(0) == '"' {
            self.string(0, false);
        } else if text == "b" && self.peek(0) == '\'' {
            self.quote();
        } else if text == "r" && hashes == 1 {
            self.next();
            self.word();
        } else {
            self.tokens.push(Token { line, text });
        }
    }

    fn string(&mut self, hashes: usize, raw: bool) {
        let line = self.line;
        let mut text = String::new();
        self.next();
        while self.at < self.chars.len() {
            match self.next() {
                '\\' if !raw => {
                    text.push('\\');
                    text.push(self.next());
                }
                '"' if (0..hashes).all(|n| self.peek(n) == '#') => {
                    self.at += hashes;
                    break;
                }
                c => text.push(c),
            }
        }
        self.strings.push((line, text));
    }

    /// A character literal, or a lifetime.
    fn quote(&mut self) {
        let lifetime = (self.peek(1).is_alphabetic() || self.peek(1) == '_') && self.peek(2) != '\'';
        self.next();
        if lifetime {
            while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
                self.next();
            }
            return;
        }
        while self.at < self.chars.len() {
            match self.next() {
                '\\' => {
                    self.next();
                }
                '\'' => return,
                _ => {}
            }
        }
    }
}
