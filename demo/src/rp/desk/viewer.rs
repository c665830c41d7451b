//! Who looks, as the hub tells it at this instant.

use serde_json::Value;

use crate::rp::web::display_name;

/// The establishment a person acts for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::rp) struct Place {
    pub siret: String,
    pub name: String,
}

impl Place {
    /// As people read it: `732 829 320 00074`.
    pub fn grouped(&self) -> String {
        let s = &self.siret;
        match (s.get(..3), s.get(3..6), s.get(6..9), s.get(9..)) {
            (Some(a), Some(b), Some(c), Some(d)) => [a, b, c, d].join("\u{a0}"),
            _ => s.clone(),
        }
    }
}

/// As what a person files requests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::rp) enum Capacity {
    /// For themself.
    Individual,
    /// *Contact de compte*: their own requests for the establishment.
    Contact(Place),
    /// *Gestionnaire de compte*: all requests of the establishment.
    Manager(Place),
    /// A professional who acts for no establishment; also anybody of whom the hub does not say enough.
    Nowhere,
}

/// A person, known by `sub`: their address may change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::rp) struct Viewer {
    pub sub: String,
    pub name: String,
    pub capacity: Capacity,
}

impl Viewer {
    /// From a userinfo answer.
    pub fn from_userinfo(claims: &Value) -> Self {
        let sub = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
        let name = display_name(claims).unwrap_or_default();
        Self { sub: sub.to_owned(), name, capacity: capacity(claims) }
    }

    /// The establishment acted for.
    pub fn place(&self) -> Option<&Place> {
        match &self.capacity {
            Capacity::Contact(place) | Capacity::Manager(place) => Some(place),
            Capacity::Individual | Capacity::Nowhere => None,
        }
    }

    /// Whether there is anybody they file requests for.
    pub fn may_file(&self) -> bool {
        match self.capacity {
            Capacity::Individual | Capacity::Contact(_) | Capacity::Manager(_) => true,
            Capacity::Nowhere => false,
        }
    }

    /// Whether they read what others of the establishment filed.
    pub fn manages(&self) -> bool {
        matches!(self.capacity, Capacity::Manager(_))
    }
}

fn capacity(claims: &Value) -> Capacity {
    let establishment = claims.get("establishment");
    let member = |name: &str| establishment?.get(name)?.as_str().map(str::to_owned);
    let place = member("siret").map(|siret| Place { name: member("name").unwrap_or_else(|| siret.clone()), siret });
    match (claims.get("account_type").and_then(Value::as_str), place, member("role").as_deref()) {
        (Some("particulier"), _, _) => Capacity::Individual,
        (Some("professionnel"), Some(place), Some("manager")) => Capacity::Manager(place),
        (Some("professionnel"), Some(place), Some("contact")) => Capacity::Contact(place),
        _ => Capacity::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_that_is_not_known_gives_no_right() {
        let told = |kind: &str, role: &str| {
            let claims =
                json!({ "sub": "s", "account_type": kind, "establishment": { "siret": "73282932000074", "name": "B", "role": role } });
            Viewer::from_userinfo(&claims)
        };
        assert!(told("professionnel", "manager").manages());
        assert!(matches!(told("professionnel", "contact").capacity, Capacity::Contact(_)));
        for (kind, role) in [("professionnel", "director"), ("professionnel", ""), ("", "manager"), ("robot", "manager")] {
            assert_eq!(told(kind, role).capacity, Capacity::Nowhere, "{kind} {role}");
        }
        assert_eq!(Viewer::from_userinfo(&json!({ "sub": "s", "account_type": "professionnel" })).capacity, Capacity::Nowhere);
        assert_eq!(Viewer::from_userinfo(&json!({ "sub": "s", "account_type": "particulier" })).capacity, Capacity::Individual);
    }

    #[test]
    fn a_siret_is_shown_in_groups() {
        let place = |siret: &str| Place { siret: siret.into(), name: String::new() };
        assert_eq!(place("73282932000074").grouped(), "732\u{a0}829\u{a0}320\u{a0}00074");
        assert_eq!(place("é1").grouped(), "é1");
    }
}
