//! What people are told of establishments: one shape for all, the words by key.

use serde::{Deserialize, Serialize};

use crate::base::Siret;

/// What people are told of establishments, requests and rights (M14 to M28).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrgEvent {
    /// M14 the request to join was sent.
    JoinSent,
    /// M15 somebody asks to join: to managers.
    JoinToDecide,
    /// M16 and M22: the same again.
    JoinReminded,
    /// M17 the request to join was accepted.
    JoinAccepted,
    /// M18 it was declined.
    JoinDeclined,
    /// M19 the request for access was sent.
    AccessSent,
    /// M20 somebody asks for access: to those who decide.
    AccessToDecide,
    /// M22 the same again.
    AccessReminded,
    /// M21 access is open.
    AccessOpened,
    /// M21 access is open, for a part of what was asked.
    AccessPartly,
    /// M21 access was declined.
    AccessDeclined,
    /// Something is to be changed in the request.
    AccessChanges,
    /// M21 access ends soon.
    AccessEnding,
    /// M21 access has ended.
    AccessEnded,
    /// M21 access was withdrawn.
    AccessRevoked,
    /// M21 access is suspended.
    AccessSuspended,
    /// M21 it is no longer.
    AccessRestored,
    /// M21 access is open for longer, or until an earlier day.
    AccessExtended,
    /// A review of rights is open: to managers.
    ReviewOpened,
    /// It ends in a week.
    ReviewReminded,
    /// It ends today.
    ReviewDue,
    /// It ended.
    ReviewClosed,
    /// The establishment closed: the person acts for the one that follows.
    Moved,
    /// The people of a closed establishment are to be taken over: to managers.
    SuccessionAsked,
    /// That was declined.
    SuccessionDeclined,
    /// What was asked of a closed establishment is to be asked of the one that follows.
    RequestClosed,
    /// M16 a request is old: to the operator's support.
    Escalated,
    /// M24 the person is a manager now.
    Manager,
    /// M24 their role changed.
    RoleChanged,
    /// M26 they no longer act for the establishment.
    Deactivated,
    /// M26 they do again.
    Reactivated,
    /// M23 they are invited to join.
    Invited,
    /// A manager asks them to set up a strong means of connection.
    EnrolmentReminded,
    /// The claim was sent.
    ClaimSent,
    /// Somebody claims the establishment: to a manager who is away.
    ClaimToAnswer,
    /// The same: to the others there, and to those who managed it.
    ClaimTold,
    /// The same: to the operator, who decides where nothing is proved.
    ClaimToDecide,
    /// The claim was granted: to the same.
    ClaimGranted,
    /// A manager has not signed in for five months.
    AbsenceSoon,
    /// For six: the establishment can be claimed.
    Absence,
    /// M25 a manager offers their role.
    HandoverOffered,
    /// M25 the same, to whoever offers.
    HandoverMade,
    /// The offer was accepted.
    HandoverAccepted,
    /// The offer was declined.
    HandoverDeclined,
    /// The offer was withdrawn.
    HandoverCancelled,
}

impl OrgEvent {
    /// Every one.
    pub const ALL: [Self; 45] = [
        Self::JoinSent,
        Self::JoinToDecide,
        Self::JoinReminded,
        Self::JoinAccepted,
        Self::JoinDeclined,
        Self::AccessSent,
        Self::AccessToDecide,
        Self::AccessReminded,
        Self::AccessOpened,
        Self::AccessPartly,
        Self::AccessDeclined,
        Self::AccessChanges,
        Self::AccessEnding,
        Self::AccessEnded,
        Self::AccessRevoked,
        Self::AccessSuspended,
        Self::AccessRestored,
        Self::AccessExtended,
        Self::ReviewOpened,
        Self::ReviewReminded,
        Self::ReviewDue,
        Self::ReviewClosed,
        Self::Moved,
        Self::SuccessionAsked,
        Self::SuccessionDeclined,
        Self::RequestClosed,
        Self::Escalated,
        Self::Manager,
        Self::RoleChanged,
        Self::Deactivated,
        Self::Reactivated,
        Self::Invited,
        Self::EnrolmentReminded,
        Self::ClaimSent,
        Self::ClaimToAnswer,
        Self::ClaimTold,
        Self::ClaimToDecide,
        Self::ClaimGranted,
        Self::AbsenceSoon,
        Self::Absence,
        Self::HandoverOffered,
        Self::HandoverMade,
        Self::HandoverAccepted,
        Self::HandoverDeclined,
        Self::HandoverCancelled,
    ];

    /// Beginning of the keys of its words.
    pub const fn key(self) -> &'static str {
        match self {
            Self::JoinSent => "mail-join-sent",
            Self::JoinToDecide => "mail-join-to-decide",
            Self::JoinReminded => "mail-join-reminded",
            Self::JoinAccepted => "mail-join-accepted",
            Self::JoinDeclined => "mail-join-declined",
            Self::AccessSent => "mail-access-sent",
            Self::AccessToDecide => "mail-access-to-decide",
            Self::AccessReminded => "mail-access-reminded",
            Self::AccessOpened => "mail-access-opened",
            Self::AccessPartly => "mail-access-partly",
            Self::AccessDeclined => "mail-access-declined",
            Self::AccessChanges => "mail-access-changes",
            Self::AccessEnding => "mail-access-ending",
            Self::AccessEnded => "mail-access-ended",
            Self::AccessRevoked => "mail-access-revoked",
            Self::AccessSuspended => "mail-access-suspended",
            Self::AccessRestored => "mail-access-restored",
            Self::AccessExtended => "mail-access-extended",
            Self::ReviewOpened => "mail-review-opened",
            Self::ReviewReminded => "mail-review-reminded",
            Self::ReviewDue => "mail-review-due",
            Self::ReviewClosed => "mail-review-closed",
            Self::Moved => "mail-org-moved",
            Self::SuccessionAsked => "mail-succession-asked",
            Self::SuccessionDeclined => "mail-succession-declined",
            Self::RequestClosed => "mail-request-closed",
            Self::Escalated => "mail-org-escalated",
            Self::Manager => "mail-org-manager",
            Self::RoleChanged => "mail-org-role",
            Self::Deactivated => "mail-org-deactivated",
            Self::Reactivated => "mail-org-reactivated",
            Self::Invited => "mail-org-invited",
            Self::EnrolmentReminded => "mail-enrolment-reminded",
            Self::ClaimSent => "mail-claim-sent",
            Self::ClaimToAnswer => "mail-claim-to-answer",
            Self::ClaimTold => "mail-claim-told",
            Self::ClaimToDecide => "mail-claim-to-decide",
            Self::ClaimGranted => "mail-claim-granted",
            Self::AbsenceSoon => "mail-absence-soon",
            Self::Absence => "mail-absence",
            Self::HandoverOffered => "mail-handover-offered",
            Self::HandoverMade => "mail-handover-made",
            Self::HandoverAccepted => "mail-handover-accepted",
            Self::HandoverDeclined => "mail-handover-declined",
            Self::HandoverCancelled => "mail-handover-cancelled",
        }
    }

    /// Where its link leads.
    pub fn path(self, facts: &OrgFacts) -> String {
        let request = facts.request.as_deref().unwrap_or_default();
        match self {
            Self::JoinToDecide | Self::JoinReminded | Self::ClaimToAnswer => format!("/etablissements/{}/demandes/{request}", facts.siret),
            Self::AccessToDecide | Self::AccessReminded | Self::Escalated => format!("/demandes/a-traiter/{request}"),
            Self::JoinSent | Self::ClaimSent | Self::JoinDeclined | Self::AccessSent | Self::AccessDeclined | Self::AccessChanges => {
                format!("/demandes/{request}")
            }
            Self::RequestClosed => format!("/demandes/{request}"),
            Self::JoinAccepted | Self::Manager | Self::RoleChanged | Self::Deactivated | Self::Reactivated => "/etablissements".to_owned(),
            Self::Moved | Self::SuccessionDeclined => "/etablissements".to_owned(),
            Self::SuccessionAsked => format!("/etablissements/{}/succession", facts.siret),
            Self::ReviewOpened | Self::ReviewReminded | Self::ReviewDue | Self::ReviewClosed => {
                format!("/etablissements/{}/revue", facts.siret)
            }
            Self::AccessEnding | Self::AccessEnded => "/demandes".to_owned(),
            Self::AccessOpened
            | Self::AccessPartly
            | Self::AccessRevoked
            | Self::AccessSuspended
            | Self::AccessRestored
            | Self::AccessExtended => "/services".to_owned(),
            Self::ClaimTold | Self::ClaimGranted | Self::HandoverDeclined | Self::HandoverCancelled | Self::HandoverAccepted => {
                "/etablissements".to_owned()
            }
            Self::AbsenceSoon | Self::Absence => format!("/etablissements/{}", facts.siret),
            Self::HandoverMade => format!("/etablissements/{}/transferer", facts.siret),
            Self::HandoverOffered => format!("/transfert/{request}"),
            Self::ClaimToDecide => "/aide".to_owned(),
            Self::EnrolmentReminded => "/compte/securite".to_owned(),
            Self::Invited => format!("/invitation?jeton={request}"),
        }
    }
}

/// Who did something, as people are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// « Prénom Nom ».
    Person(String),
    /// Whoever runs the hub.
    Operator,
}

/// The particulars of an [`OrgEvent`]; those that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrgFacts {
    /// Name of the establishment.
    pub establishment: String,
    /// Its SIRET.
    pub siret: String,
    /// Stored name of a role.
    pub role: Option<String>,
    /// Name of a service.
    pub service: Option<String>,
    /// Names of profiles.
    pub profiles: Option<String>,
    /// Identifier of a request, or the secret of an invitation.
    pub request: Option<String>,
    /// Who asks, or invites.
    pub person: Option<String>,
    /// Their sign-in address.
    pub email: Option<String>,
    /// What they wrote.
    pub message: Option<String>,
    /// Why it was decided so.
    pub reason: Option<String>,
    /// Name of the closed establishment that it follows.
    pub former: Option<String>,
    /// Why access is suspended: a stored name.
    pub suspension: Option<String>,
    /// Why a place ended: a stored name.
    pub motif: Option<String>,
    /// Who ended it, or gave it back.
    pub by: Option<By>,
    /// An end, in Unix milliseconds.
    pub until: Option<i64>,
}

impl OrgFacts {
    /// About this establishment.
    pub fn of(name: &str, siret: &Siret) -> Self {
        Self { establishment: name.to_owned(), siret: siret.to_string(), ..Self::default() }
    }
}

/// Who says that they work for an establishment, as its official address is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficialClaim {
    /// « Prénom Nom ».
    pub person: String,
    /// Their sign-in address.
    pub email: String,
    /// Name of the establishment.
    pub establishment: String,
}
