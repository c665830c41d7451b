//! What keys a type reads, asked of its `Deserialize`: for messages about unknown keys, without a second list to keep.

use std::cell::Cell;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use toml::Value;

/// What stands at a place of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A table with these keys.
    Table(Vec<&'static str>),
    /// A list; its elements are at any index.
    List,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A decimal number.
    Float,
    /// A string, also when it is read into a richer type.
    Text,
    /// Anything; nothing below is known.
    Free,
}

impl Shape {
    /// Reads what an operator wrote on one line: text as it is, other values as in TOML, lists also with commas.
    pub fn parse(&self, text: &str) -> Option<Value> {
        let toml = || text.trim().parse::<Value>().ok();
        match self {
            Self::Text => Some(Value::String(text.to_owned())),
            Self::Boolean => toml().filter(Value::is_bool),
            Self::Integer => toml().filter(Value::is_integer),
            Self::Float => toml().filter(|v| v.is_float() || v.is_integer()),
            Self::Table(_) => toml().filter(Value::is_table),
            Self::List if text.trim_start().starts_with('[') => toml().filter(Value::is_array),
            Self::List => {
                let items = text.split(',').map(str::trim).filter(|t| !t.is_empty());
                Some(Value::Array(items.map(|t| Value::String(t.to_owned())).collect()))
            }
            Self::Free => toml().or_else(|| serde_json::from_str(text).ok()).or_else(|| Some(Value::String(text.to_owned()))),
        }
    }

    /// What is expected, in words.
    pub const fn wanted(&self) -> &'static str {
        match self {
            Self::Table(_) => "expected a TOML table, as { a = 1 }",
            Self::List => "expected a list, as a,b,c or a TOML array",
            Self::Boolean => "expected true or false",
            Self::Integer => "expected a whole number",
            Self::Float => "expected a number",
            Self::Text | Self::Free => "expected text",
        }
    }
}

/// What `T` reads at `path` (keys and indexes); `None` when there is no such place.
pub fn of<'de, T: Deserialize<'de>>(path: &[&str]) -> Option<Shape> {
    let found = Cell::new(None);
    // Always ends in an error: the probe stops at the place it was asked about.
    let _ = T::deserialize(Probe { path, found: &found });
    found.into_inner()
}

struct Probe<'a> {
    path: &'a [&'a str],
    found: &'a Cell<Option<Shape>>,
}

/// The probe has seen what it wanted, or there is nothing to see.
#[derive(Debug)]
struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stop")
    }
}

impl std::error::Error for Stop {}

impl de::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Stop
    }
}

impl Probe<'_> {
    fn leaf<T>(self, shape: Shape) -> Result<T, Stop> {
        if self.path.is_empty() || shape == Shape::Free {
            self.found.set(Some(shape));
        }
        Err(Stop)
    }
}

macro_rules! leaves {
    ($($shape:ident: $($method:ident)*;)*) => {$($(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
            self.leaf(Shape::$shape)
        }
    )*)*};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Stop;

    leaves! {
        Boolean: deserialize_bool;
        Integer: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64;
        Float: deserialize_f32 deserialize_f64;
        Text: deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_identifier;
        Free: deserialize_any deserialize_map deserialize_ignored_any deserialize_unit;
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], _: V) -> Result<V::Value, Stop> {
        self.leaf(Shape::Text)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, Stop> {
        self.leaf(Shape::Free)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        if self.path.is_empty() {
            return self.leaf(Shape::List);
        }
        visitor.visit_seq(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Stop> {
        match self.path.first() {
            None => self.leaf(Shape::Table(fields.to_vec())),
            Some(key) if fields.contains(key) => visitor.visit_map(self),
            Some(_) => Err(Stop),
        }
    }
}

impl<'de> MapAccess<'de> for Probe<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        let key = self.path.first().ok_or(Stop)?;
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Stop> {
        seed.deserialize(Probe { path: self.path.get(1..).unwrap_or_default(), found: self.found })
    }
}

impl<'de> SeqAccess<'de> for Probe<'_> {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Stop> {
        let index = self.path.first().ok_or(Stop)?;
        if index.parse::<usize>().is_err() {
            return Err(Stop);
        }
        seed.deserialize(Probe { path: self.path.get(1..).unwrap_or_default(), found: self.found }).map(Some)
    }
}

/// The known key nearest to what was written, when it is near enough to be a slip.
pub fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let written = written.to_lowercase().replace('-', "_");
    let part = |k: &str| written.len() >= 3 && (k.starts_with(&written) || written.starts_with(k));
    let score = |k: &str| if part(k) { 0.9 } else { strsim::jaro_winkler(&written, k) };
    let best = known.iter().map(|k| (score(k), *k)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= 0.75).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn every_level_of_a_type_is_seen() {
        let Some(Shape::Table(sections)) = of::<Config>(&[]) else { panic!() };
        assert!(sections.contains(&"server") && sections.contains(&"mail"));
        assert_eq!(of::<Config>(&["server", "issuer"]), Some(Shape::Text));
        assert_eq!(of::<Config>(&["server", "listen"]), Some(Shape::Text));
        assert_eq!(of::<Config>(&["server", "threads"]), Some(Shape::Integer));
        assert_eq!(of::<Config>(&["server", "worker"]), Some(Shape::Boolean));
        assert_eq!(of::<Config>(&["tokens", "code"]), Some(Shape::Text));
        assert_eq!(of::<Config>(&["mail", "relays"]), Some(Shape::List));
        assert_eq!(of::<Config>(&["mail", "relays", "0", "password"]), Some(Shape::Text));
        assert_eq!(of::<Config>(&["mail", "relays", "0", "protection"]), Some(Shape::Text));
        assert!(matches!(of::<Config>(&["mail", "relays", "3"]), Some(Shape::Table(keys)) if keys.contains(&"host")));
        for absent in [&["nothing"][..], &["server", "nothing"], &["server", "issuer", "x"], &["mail", "relays", "x", "host"]] {
            assert_eq!(of::<Config>(absent), None, "{absent:?}");
        }
    }

    #[test]
    fn the_nearest_key_is_offered_only_when_it_is_near() {
        let known = ["issuer", "listen", "admin_listen"];
        assert_eq!(nearest("isuer", &known), Some("issuer"));
        assert_eq!(nearest("admin-listen", &known), Some("admin_listen"));
        assert_eq!(nearest("zzz", &known), None);
    }
}
