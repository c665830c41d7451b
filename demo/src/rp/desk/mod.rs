//! What people file in this service: requests, first as drafts, then sent. Kept in memory, for as long as the
//! demonstration runs.

pub(super) mod pages;
mod viewer;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(super) use viewer::{Capacity, Viewer};

/// Requests kept, of everybody.
const MAX_REQUESTS: usize = 1000;
/// Requests kept of one person.
const MAX_OF_ONE: usize = 100;

/// Where a request stands (FA-20).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// Its author alone can change it; it was transmitted to nobody.
    Draft,
    /// « En cours », since this instant in Unix milliseconds.
    Sent(i64),
}

/// What its author writes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Content {
    pub title: String,
    pub text: String,
    /// Whom it is filed for, when that is not its author or their establishment.
    pub beneficiary: String,
}

/// A request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Filed {
    pub number: u32,
    /// `sub` of its author.
    author: String,
    /// What the author was called when it was begun.
    pub author_name: String,
    /// The establishment it is filed for; none for an individual.
    siret: Option<String>,
    pub content: Content,
    pub state: State,
    /// Last change by its author, in Unix milliseconds.
    pub changed_at: i64,
}

impl Filed {
    /// Whether this person may read it: a manager all of their establishment's, everybody else their own there.
    fn is_shown_to(&self, viewer: &Viewer) -> bool {
        let own = self.author == viewer.sub;
        match &viewer.capacity {
            Capacity::Individual => own && self.siret.is_none(),
            Capacity::Contact(place) => own && self.siret.as_ref() == Some(&place.siret),
            Capacity::Manager(place) => self.siret.as_ref() == Some(&place.siret),
            Capacity::Nowhere => false,
        }
    }

    /// Whether this person may change, send or delete it.
    pub fn is_changed_by(&self, viewer: &Viewer) -> bool {
        self.is_shown_to(viewer) && self.author == viewer.sub && self.state == State::Draft
    }
}

/// Why nothing was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Refusal {
    /// There is none, or not for this person: they are not told which.
    Missing,
    /// It is sent, or somebody else's.
    Closed,
    /// No room is left.
    Full,
    /// The person acts neither for themself nor for an establishment.
    Nowhere,
}

/// All requests of one service.
#[derive(Default)]
pub(super) struct Desk(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    last: u32,
    all: BTreeMap<u32, Filed>,
}

impl Desk {
    /// Those the person may read, the newest first.
    pub fn list(&self, viewer: &Viewer) -> Vec<Filed> {
        self.lock().all.values().rev().filter(|f| f.is_shown_to(viewer)).cloned().collect()
    }

    /// One that the person may read.
    pub fn read(&self, viewer: &Viewer, number: u32) -> Result<Filed, Refusal> {
        self.lock().all.get(&number).filter(|f| f.is_shown_to(viewer)).cloned().ok_or(Refusal::Missing)
    }

    /// Begins one; its number.
    pub fn begin(&self, viewer: &Viewer, content: Content, now: i64) -> Result<u32, Refusal> {
        let siret = match &viewer.capacity {
            Capacity::Individual => None,
            Capacity::Contact(place) | Capacity::Manager(place) => Some(place.siret.clone()),
            Capacity::Nowhere => return Err(Refusal::Nowhere),
        };
        let mut shelf = self.lock();
        let own = shelf.all.values().filter(|f| f.author == viewer.sub).count();
        if shelf.all.len() >= MAX_REQUESTS || own >= MAX_OF_ONE {
            return Err(Refusal::Full);
        }
        shelf.last += 1;
        let number = shelf.last;
        let (author, author_name) = (viewer.sub.clone(), viewer.name.clone());
        let filed = Filed { number, author, author_name, siret, content, state: State::Draft, changed_at: now };
        shelf.all.insert(number, filed);
        Ok(number)
    }

    /// Writes it again.
    pub fn change(&self, viewer: &Viewer, number: u32, content: Content, now: i64) -> Result<(), Refusal> {
        self.draft(viewer, number, |f| (f.content, f.changed_at) = (content, now))
    }

    /// Sends it: from then on nobody changes it.
    pub fn send(&self, viewer: &Viewer, number: u32, now: i64) -> Result<(), Refusal> {
        self.draft(viewer, number, |f| f.state = State::Sent(now))
    }

    /// Deletes it.
    pub fn delete(&self, viewer: &Viewer, number: u32) -> Result<(), Refusal> {
        let mut shelf = self.lock();
        let found = shelf.all.get(&number).filter(|f| f.is_shown_to(viewer)).ok_or(Refusal::Missing)?;
        if !found.is_changed_by(viewer) {
            return Err(Refusal::Closed);
        }
        shelf.all.remove(&number);
        Ok(())
    }

    fn draft(&self, viewer: &Viewer, number: u32, work: impl FnOnce(&mut Filed)) -> Result<(), Refusal> {
        let mut shelf = self.lock();
        let found = shelf.all.get_mut(&number).filter(|f| f.is_shown_to(viewer)).ok_or(Refusal::Missing)?;
        if !found.is_changed_by(viewer) {
            return Err(Refusal::Closed);
        }
        work(found);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::viewer::Place;
    use super::*;

    fn viewer(sub: &str, capacity: fn(Place) -> Capacity, siret: &str) -> Viewer {
        let place = Place { siret: siret.into(), name: "Boulangerie".into() };
        Viewer { sub: sub.into(), name: sub.into(), capacity: capacity(place) }
    }

    fn titled(title: &str) -> Content {
        Content { title: title.into(), ..Content::default() }
    }

    #[test]
    fn a_manager_reads_all_of_the_establishment_and_changes_only_their_own() {
        let desk = Desk::default();
        let (contact, manager) = (viewer("c", Capacity::Contact, "1"), viewer("m", Capacity::Manager, "1"));
        let number = desk.begin(&contact, titled("Poste"), 1).unwrap();
        let own = desk.begin(&manager, titled("Rampe"), 2).unwrap();
        assert_eq!(desk.list(&manager).iter().map(|f| f.number).collect::<Vec<_>>(), [own, number]);
        assert_eq!(desk.list(&contact).iter().map(|f| f.number).collect::<Vec<_>>(), [number]);
        assert_eq!(desk.read(&contact, own), Err(Refusal::Missing));
        assert_eq!(desk.delete(&contact, own), Err(Refusal::Missing));
        for refused in [desk.send(&manager, number, 3), desk.change(&manager, number, titled("x"), 3), desk.delete(&manager, number)] {
            assert_eq!(refused, Err(Refusal::Closed));
        }
        assert_eq!(desk.read(&manager, number).unwrap().content.title, "Poste");
    }

    #[test]
    fn the_same_person_finds_elsewhere_nothing_of_what_was_filed_here() {
        let desk = Desk::default();
        let here = viewer("c", Capacity::Contact, "1");
        let number = desk.begin(&here, titled("Poste"), 1).unwrap();
        let nobody = Viewer { sub: "c".into(), name: "c".into(), capacity: Capacity::Nowhere };
        let alone = Viewer { capacity: Capacity::Individual, ..nobody.clone() };
        for elsewhere in [viewer("c", Capacity::Contact, "2"), viewer("c", Capacity::Manager, "2"), alone, nobody.clone()] {
            assert_eq!(desk.read(&elsewhere, number), Err(Refusal::Missing));
            assert!(desk.list(&elsewhere).is_empty());
            assert_eq!(desk.send(&elsewhere, number, 2), Err(Refusal::Missing));
        }
        assert_eq!(desk.begin(&nobody, titled("Poste"), 1), Err(Refusal::Nowhere));
        assert_eq!(desk.read(&here, number).unwrap().state, State::Draft);
    }

    #[test]
    fn what_is_sent_stays_as_it_was_sent() {
        let desk = Desk::default();
        let me = viewer("c", Capacity::Contact, "1");
        let number = desk.begin(&me, titled("Poste"), 1).unwrap();
        desk.send(&me, number, 5).unwrap();
        for again in [desk.send(&me, number, 6), desk.change(&me, number, titled("x"), 6), desk.delete(&me, number)] {
            assert_eq!(again, Err(Refusal::Closed));
        }
        let seen = desk.read(&me, number).unwrap();
        assert_eq!((seen.state, seen.content.title.as_str()), (State::Sent(5), "Poste"));
    }

    #[test]
    fn one_person_does_not_fill_the_service() {
        let desk = Desk::default();
        let (one, other) = (viewer("a", Capacity::Contact, "1"), viewer("b", Capacity::Contact, "1"));
        for _ in 0..MAX_OF_ONE {
            desk.begin(&one, titled("t"), 1).unwrap();
        }
        assert_eq!(desk.begin(&one, titled("t"), 1), Err(Refusal::Full));
        assert!(desk.begin(&other, titled("t"), 1).is_ok());
        for n in 0..MAX_REQUESTS {
            let _ = desk.begin(&viewer(&n.to_string(), Capacity::Contact, "1"), titled("t"), 1);
        }
        assert_eq!(desk.lock().all.len(), MAX_REQUESTS);
    }
}
