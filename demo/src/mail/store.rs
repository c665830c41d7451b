//! The last messages, in memory, with a bound on their number and their total size.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::Message;

/// Messages kept; older ones are forgotten.
const MAX_MESSAGES: usize = 500;
/// Bytes of raw messages kept.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Bounded, newest last. `arrived` carries the newest id and wakes those who wait.
pub(super) struct Store {
    kept: Mutex<Kept>,
    arrived: watch::Sender<u64>,
}

#[derive(Default)]
struct Kept {
    messages: VecDeque<Arc<Message>>,
    bytes: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self { kept: Mutex::default(), arrived: watch::Sender::new(0) }
    }
}

impl Store {
    /// Keeps `message` under the next id and returns that id.
    pub fn push(&self, mut message: Message) -> u64 {
        let mut kept = self.lock();
        let id = *self.arrived.borrow() + 1;
        message.id = id;
        kept.bytes += message.raw.len();
        kept.messages.push_back(Arc::new(message));
        while kept.messages.len() > MAX_MESSAGES || kept.bytes > MAX_BYTES {
            let Some(old) = kept.messages.pop_front() else {
                break;
            };
            kept.bytes -= old.raw.len();
        }
        self.arrived.send_replace(id);
        id
    }

    /// Newest first, those with an id above `after`, for `to` only when given.
    pub fn list(&self, to: Option<&str>, after: u64) -> Vec<Arc<Message>> {
        self.lock().messages.iter().rev().take_while(|m| m.id > after).filter(|m| to.is_none_or(|to| m.is_for(to))).cloned().collect()
    }

    /// As [`Store::list`], waiting up to `timeout` until the list is not empty.
    pub async fn wait(&self, to: Option<&str>, after: u64, timeout: Duration) -> Vec<Arc<Message>> {
        let mut arrived = self.arrived.subscribe();
        let found = async {
            loop {
                arrived.mark_unchanged();
                let list = self.list(to, after);
                if !list.is_empty() || arrived.changed().await.is_err() {
                    return list;
                }
            }
        };
        tokio::time::timeout(timeout, found).await.unwrap_or_default()
    }

    /// One message by id.
    pub fn get(&self, id: u64) -> Option<Arc<Message>> {
        self.lock().messages.iter().find(|m| m.id == id).cloned()
    }

    /// Id of the newest message, 0 when none ever came.
    pub fn last_id(&self) -> u64 {
        *self.arrived.borrow()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(size: usize) -> Message {
        Message::decode("a@a.example", vec!["b@b.example".into()], vec![b'x'; size], 0)
    }

    #[test]
    fn the_oldest_messages_go_first_when_there_are_too_many() {
        let store = Store::default();
        for _ in 0..MAX_MESSAGES + 3 {
            store.push(message(10));
        }
        let list = store.list(None, 0);
        assert_eq!(list.len(), MAX_MESSAGES);
        assert_eq!(list.last().map(|m| m.id), Some(4));
        assert_eq!(store.last_id(), 503);
    }

    #[test]
    fn the_oldest_messages_go_first_when_they_are_too_large() {
        let store = Store::default();
        for _ in 0..5 {
            store.push(message(MAX_BYTES / 4));
        }
        let ids: Vec<u64> = store.list(None, 0).iter().map(|m| m.id).collect();
        assert_eq!(ids, [5, 4, 3, 2]);
    }
}
