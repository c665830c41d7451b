//! The outbox: side effects written in the transaction of their cause, done afterwards by the worker (DESIGN §2.10).

pub mod notice;
mod queue;
pub mod store;

pub use queue::{LOCK, MAX_ATTEMPTS, Reserved, Verdict, backoff, reserve, settle};

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::Ctx;
use crate::base::id::JobId;
use crate::base::texts::Locale;
use crate::crypto::Sealer;
use crate::db::{Error, Result, Tx};
use crate::mail::message::MailMessage;
use crate::sms::SmsMessage;

/// Work to do later. Sealed at rest: it may hold codes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Send a mail.
    Mail {
        /// Recipient.
        to: String,
        /// Language.
        locale: Locale,
        /// What to say.
        message: MailMessage,
    },
    /// Send a short message.
    Sms {
        /// Recipient, in E.164.
        to: String,
        /// Language.
        locale: Locale,
        /// What to say.
        message: SmsMessage,
    },
}

/// The stored name of [`Job::Mail`].
pub const MAIL: &str = "mail";

/// The stored name of [`Job::Sms`].
pub const SMS: &str = "sms";

impl Job {
    /// The stored name.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Mail { .. } => MAIL,
            Self::Sms { .. } => SMS,
        }
    }
}

/// Puts a job in the outbox, in the transaction of its cause. `delay` postpones it.
pub async fn enqueue(tx: &mut Tx, ctx: &Ctx, rest: &Sealer, job: &Job, delay: Duration) -> Result<JobId> {
    let id = JobId::new(ctx.now(), ctx.rng.as_ref());
    let text = serde_json::to_vec(job).map_err(|e| Error::inconsistent(e.to_string()))?;
    let sealed = rest.seal(&context(&id), &text).map_err(|e| Error::inconsistent(e.to_string()))?;
    store::insert(tx, &id, job.kind(), &sealed, ctx.now().plus(delay), ctx.now())?;
    Ok(id)
}

/// Opens a job read from the outbox.
pub fn open(rest: &Sealer, id: &JobId, sealed: &str) -> Result<Job> {
    let text = rest.open(&context(id), sealed).map_err(|e| Error::inconsistent(format!("{id}: {e}")))?;
    serde_json::from_slice(&text).map_err(|e| Error::inconsistent(format!("{id}: {e}")))
}

fn context(id: &JobId) -> String {
    format!("job/{id}")
}
