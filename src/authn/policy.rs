//! What a sign-in must amount to: the one place that says so, for every path and grant (DESIGN §5).

use super::session::{Rules, Session};
use crate::account::Account;
use crate::base::{Aal, Timestamp};
use crate::config::Policy;

/// Who asks for more than one factor, for the words of S-06.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// The service.
    Service,
    /// The person's role in an establishment.
    Role,
    /// The person themselves, or an operator for them.
    Person,
    /// Running the hub.
    Administration,
    /// The action they are about to take.
    Action,
}

/// A minimum, and who sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// The level.
    pub aal: Aal,
    /// Who asks.
    pub by: Asker,
}

impl Demand {
    /// Nothing beyond one factor.
    pub const NONE: Self = Self { aal: Aal::One, by: Asker::Person };

    /// The stronger of two; the first when they are equal.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if other.aal > self.aal { other } else { self }
    }
}

/// What the account itself demands, whatever the service: for the person, their role, and those who run the hub.
pub fn of_account(account: &Account, policy: &Policy) -> Demand {
    let security = &account.security;
    let mut demand = Demand { aal: security.required, by: Asker::Person };
    if security.manager {
        demand = demand.or(Demand { aal: policy.managers, by: Asker::Role });
    }
    if security.administrator {
        demand = demand.or(Demand { aal: policy.administrators.max(Aal::Two), by: Asker::Administration });
    }
    demand
}

/// Whether the account may still do with one factor: it has no other yet, and the time to set one up is not over.
/// Administrators have none.
pub fn in_grace(account: &Account, now: Timestamp) -> bool {
    let security = &account.security;
    !security.strong() && !security.administrator && security.enrol_by.is_none_or(|end| now < end)
}

/// What holds of the account's demand at this instant.
pub fn in_force(account: &Account, policy: &Policy, now: Timestamp) -> Demand {
    let demand = of_account(account, policy);
    if demand.aal > Aal::One && in_grace(account, now) { Demand::NONE } else { demand }
}

/// Whether a designated manager has yet to come by S-22, the code by SMS with the code by mail: until then nothing else opens the
/// account, and no time to set up a factor runs, for whoever reads the mailbox is not yet the manager. Where a provider alone says
/// who has the address, it says so here too.
pub fn is_to_begin(account: &Account, rules: Rules<'_>) -> bool {
    let provided = account.login_email.as_ref().is_some_and(|email| rules.upstreams.reserve(email));
    account.security.awaits_first_sign_in() && !provided
}

/// What a session still lacks for its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The code by mail that follows the password.
    EmailCode,
    /// The code by SMS of a designated manager's first sign-in (S-22).
    FirstSignIn,
    /// A second factor, or a stronger one.
    Factor(Demand),
}

/// What this session lacks before anything of the account may be used. `None`: it is complete.
pub fn missing(session: &Session, account: &Account, rules: Rules<'_>, now: Timestamp) -> Option<Missing> {
    if is_to_begin(account, rules) {
        return Some(Missing::FirstSignIn);
    }
    let demand = in_force(account, rules.policy, now);
    let level = session.aal();
    if level < demand.aal {
        return Some(Missing::Factor(demand));
    }
    let two_step = rules.policy.two_step || account.security.two_step;
    (two_step && level == Aal::One && session.password_alone()).then_some(Missing::EmailCode)
}
