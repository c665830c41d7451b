//! Just enough of an HTML reader for our own pages: tags with their attributes, and the text between them. It refuses what
//! is not well formed.

use std::collections::BTreeMap;

const VOID: [&str; 6] = ["meta", "link", "input", "img", "br", "hr"];

/// A start tag.
#[derive(Debug, Clone)]
pub struct Tag {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    /// What stands before it in the text.
    pub inside: Vec<String>,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// A page, taken apart.
#[derive(Debug, Default)]
pub struct Html {
    pub tags: Vec<Tag>,
    /// Text by element that holds it, entities decoded, in order.
    pub texts: Vec<(String, String)>,
}

impl Html {
    /// Reads a whole page; the error says what is not well formed.
    pub fn read(source: &str) -> Result<Self, String> {
        let mut html = Self::default();
        let mut open: Vec<String> = Vec::new();
        let mut rest = source.strip_prefix("<!doctype html>").ok_or("no doctype")?;
        while let Some(at) = rest.find('<') {
            html.text(&open, &rest[..at]);
            let (tag, after) = cut_tag(&rest[at + 1..])?;
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                match open.pop() {
                    Some(last) if last == name => {}
                    other => return Err(format!("</{name}> closes {other:?}")),
                }
                continue;
            }
            let (name, attributes) = read_tag(tag)?;
            html.tags.push(Tag { name: name.clone(), attributes, inside: open.clone() });
            if !VOID.contains(&name.as_str()) {
                open.push(name);
            }
        }
        if !open.is_empty() || !rest.trim().is_empty() {
            return Err(format!("{open:?} left open, {rest:?} left over"));
        }
        Ok(html)
    }

    fn text(&mut self, open: &[String], raw: &str) {
        if !raw.trim().is_empty() {
            self.texts.push((open.last().cloned().unwrap_or_default(), decode(raw.trim())));
        }
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Tag> {
        self.tags.iter().filter(move |tag| tag.name == name)
    }

    /// The text directly inside the first element of this name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.texts.iter().find(|(element, _)| element == name).map(|(_, text)| text.as_str())
    }
}

/// Up to the `>` that is not inside quotes.
fn cut_tag(source: &str) -> Result<(&str, &str), String> {
    let mut quoted = false;
    for (at, c) in source.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return Ok((&source[..at], &source[at + 1..])),
            '<' if !quoted => break,
            _ => {}
        }
    }
    Err(format!("unclosed tag <{}", source.chars().take(60).collect::<String>()))
}

fn read_tag(tag: &str) -> Result<(String, BTreeMap<String, String>), String> {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
        return Err(format!("<{tag}> is not a tag"));
    }
    let mut attributes = BTreeMap::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let key = &rest[..end];
        if !key.chars().all(|c| c.is_ascii_lowercase() || c == '-') || key.is_empty() {
            return Err(format!("attribute {key:?} in <{tag}>"));
        }
        rest = &rest[end..];
        let value = match rest.strip_prefix("=\"") {
            Some(quoted) => {
                let end = quoted.find('"').ok_or_else(|| format!("quote left open in <{tag}>"))?;
                rest = &quoted[end + 1..];
                if !rest.is_empty() && !rest.starts_with(' ') {
                    return Err(format!("no space after {key} in <{tag}>"));
                }
                decode(&quoted[..end])
            }
            None if rest.starts_with('=') => return Err(format!("value of {key} without quotes in <{tag}>")),
            None => String::new(),
        };
        if attributes.insert(key.to_owned(), value).is_some() {
            return Err(format!("{key} twice in <{tag}>"));
        }
    }
    Ok((name.to_owned(), attributes))
}

fn decode(text: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'")];
    let text = named.iter().fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c));
    text.replace("&#38;", "&").replace("&amp;", "&")
}
