//! What is recorded.

use serde_json::{Map, Value};

use crate::base::id::{AccountId, SessionId};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// The security events.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stored name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Reads a stored name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|k| k.name() == name)
            }
        }
    };
}

kinds! {
    /// A session was opened.
    SignedIn "session.opened";
    /// The person proved again who they are.
    Reauthenticated "session.reauthenticated";
    /// Another factor was proved in a session.
    Strengthened "session.strengthened";
    /// A session was ended, by its owner or otherwise.
    SignedOut "session.ended";
    /// A credential was refused.
    SignInRefused "sign_in.refused";
    /// A code was sent by mail.
    CodeSent "email_code.sent";
    /// A limit was reached.
    Throttled "limit.reached";
    /// An account was made.
    AccountCreated "account.created";
    /// Names, phone or function were changed.
    ProfileChanged "account.profile_changed";
    /// An address was changed.
    EmailChanged "account.email_changed";
    /// A change of address was undone by the link sent to the old one.
    EmailChangeUndone "account.email_change_undone";
    /// A password was set, changed or removed.
    PasswordChanged "account.password_changed";
    /// An authenticator application or a passkey was added.
    FactorAdded "factor.added";
    /// One was renamed.
    FactorRenamed "factor.renamed";
    /// One was removed.
    FactorRemoved "factor.removed";
    /// A set of recovery codes was made; the one before is void.
    RecoveryCodesMade "recovery.codes_made";
    /// A recovery code was used.
    RecoveryCodeUsed "recovery.code_used";
    /// Somebody who lost their factors asked for help.
    RecoveryAsked "recovery.asked";
    /// The request was granted; it takes effect after a delay.
    RecoveryGranted "recovery.granted";
    /// It was cancelled.
    RecoveryCancelled "recovery.cancelled";
    /// It took effect: the factors are gone.
    RecoveryDone "recovery.done";
    /// A browser is spared the code that follows the password.
    BrowserTrusted "browser.trusted";
    /// It no longer is.
    BrowserDistrusted "browser.distrusted";
    /// A card entered the stock or its description changed.
    CardImported "card.imported";
    /// A card was sent to an establishment.
    CardSent "card.sent";
    /// A card was linked to a person.
    CardLinked "card.linked";
    /// A code of the card confirmed the link.
    CardValidated "card.validated";
    /// A card was unlinked, with the reason.
    CardUnlinked "card.unlinked";
    /// A card's state changed otherwise: lost, broken, returned.
    CardChanged "card.changed";
    /// Two codes in a row found the card's clock or counter again.
    CardResynchronised "card.resynchronised";
    /// A card was locked after repeated failures.
    CardLocked "card.locked";
    /// A manager was designated and may sign in for the first time.
    ManagerDesignated "manager.designated";
    /// A designation that did not serve was taken back.
    DesignationWithdrawn "manager.designation_withdrawn";
    /// A person's place in an establishment changed.
    MembershipChanged "membership.changed";
    /// Somebody gave back the code sent to the official address of an establishment.
    LinkProved "membership.proved";
    /// The operator did what a guard stands in the way of, such as leaving an establishment without a manager.
    GuardForced "guard.forced";
    /// A manager offered their role to a contact.
    HandoverOffered "handover.offered";
    /// The contact accepted: they manage the establishment.
    HandoverAccepted "handover.accepted";
    /// An offer was declined, withdrawn, or died with the place of one of the two.
    HandoverClosed "handover.closed";
    /// Somebody asked to join an establishment or to use a service for one.
    RequestFiled "request.filed";
    /// They were reminded of it.
    RequestReminded "request.reminded";
    /// It was decided: accepted, declined, or sent back for changes.
    RequestDecided "request.decided";
    /// The person withdrew it.
    RequestCancelled "request.cancelled";
    /// Somebody may use a service for an establishment, with these profiles.
    HabilitationGranted "habilitation.granted";
    /// That was suspended, resumed, narrowed or reviewed.
    HabilitationChanged "habilitation.changed";
    /// It was withdrawn.
    HabilitationRevoked "habilitation.revoked";
    /// What newcomers of an establishment receive was set.
    NewcomerRightsChanged "newcomer_rights.changed";
    /// A review of the rights in an establishment was opened.
    ReviewOpened "review.opened";
    /// It ended.
    ReviewClosed "review.closed";
    /// The people and rights of a closed establishment passed to the one that follows.
    EstablishmentSucceeded "establishment.succeeded";
    /// That was asked for.
    SuccessionAsked "establishment.succession_asked";
    /// It was declined.
    SuccessionDeclined "establishment.succession_declined";
    /// Somebody was invited to join an establishment.
    InvitationSent "invitation.sent";
    /// They joined by it.
    InvitationAccepted "invitation.accepted";
    /// It was withdrawn.
    InvitationCancelled "invitation.cancelled";
    /// A manager asked somebody to set up a strong means of connection.
    EnrolmentReminded "enrolment.reminded";
    /// Somebody tried to act in an establishment, or to decide, without the right to.
    RightRefused "right.refused";
    /// A service of the catalogue was declared, changed, disabled or enabled.
    ServiceChanged "service.changed";
    /// Who decides for a service changed.
    ApproverChanged "service.approver_changed";
    /// A person holds an attestation, or no longer does.
    AttestationChanged "attestation.changed";
    /// A person chose the establishment they act for.
    EstablishmentChosen "establishment.chosen";
    /// What is demanded of an account changed.
    DemandChanged "account.demand_changed";
    /// An account became, or ceased to be, an administrator's.
    AdministratorChanged "account.administrator_changed";
    /// An account was disabled.
    AccountDisabled "account.disabled";
    /// An account was enabled again.
    AccountEnabled "account.enabled";
    /// The terms of use were accepted.
    TermsAccepted "account.terms_accepted";
    /// A person allowed a client, or a client that needs no consent received a code.
    Authorized "authorization.granted";
    /// An authorization request was refused.
    AuthorizationRefused "authorization.refused";
    /// A person allowed a client to receive data, from now on.
    ConsentGiven "consent.given";
    /// A person withdrew a consent.
    ConsentWithdrawn "consent.withdrawn";
    /// A client did not prove who it is.
    ClientRefused "client.refused";
    /// A code was presented twice: what it had given is revoked.
    CodeReused "code.reused";
    /// A refresh token was presented twice: its grant is revoked.
    RefreshReused "refresh_token.reused";
    /// A token request was refused for a reason other than the client's identity.
    TokenRefused "token.refused";
    /// A token or grant was revoked.
    TokenRevoked "token.revoked";
    /// A client was made.
    ClientCreated "client.created";
    /// A client was changed.
    ClientChanged "client.changed";
    /// A client's secret was renewed.
    ClientSecretRotated "client.secret_rotated";
    /// A client was disabled.
    ClientDisabled "client.disabled";
    /// A client was enabled again.
    ClientEnabled "client.enabled";
    /// Signing keys were made, promoted or dropped.
    KeysChanged "keys.changed";
    /// A signing key was revoked.
    KeyRevoked "keys.revoked";
    /// A form came without its anti-forgery token, or from elsewhere.
    ForgeryRefused "forgery.refused";
    /// An answer of an upstream provider was refused, or was an error.
    UpstreamRefused "upstream.refused";
    /// An identity that an upstream vouches for now signs in an account.
    IdentityLinked "identity.linked";
    /// It no longer does.
    IdentityUnlinked "identity.unlinked";
    /// A proved identity may be an account's: its person was asked.
    IdentityProposed "identity.proposed";
    /// The person answered that it is not theirs.
    IdentityDeclined "identity.declined";
    /// What a provider vouches for has changed.
    IdentityChanged "identity.changed";
    /// A provider verified who the person of an account is.
    IdentityVerified "identity.verified";
    /// That was removed.
    IdentityUnverified "identity.unverified";
    /// An upstream provider was declared.
    ProviderCreated "provider.created";
    /// It was changed.
    ProviderChanged "provider.changed";
    /// It was disabled: what rests on it is dead.
    ProviderDisabled "provider.disabled";
    /// It was enabled again.
    ProviderEnabled "provider.enabled";
    /// A declaration was applied.
    Applied "declaration.applied";
    /// Events older than the retention were dropped.
    AuditPurged "audit.purged";
}

/// An event to append.
#[derive(Debug, Clone)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// Whose account it concerns.
    pub account: Option<AccountId>,
    /// Which client it concerns.
    pub client: Option<String>,
    /// In which session.
    pub session: Option<SessionId>,
    /// Short machine-readable facts; never secrets, addresses or contents.
    pub detail: Value,
}

impl Event {
    /// An event without particulars.
    pub fn new(kind: Kind) -> Self {
        Self { kind, account: None, client: None, session: None, detail: Value::Object(Map::new()) }
    }

    /// Concerning this account.
    #[must_use]
    pub fn account(mut self, id: &AccountId) -> Self {
        self.account = Some(id.clone());
        self
    }

    /// Concerning this client.
    #[must_use]
    pub fn client(mut self, id: &str) -> Self {
        self.client = Some(id.chars().take(200).collect());
        self
    }

    /// In this session.
    #[must_use]
    pub fn session(mut self, id: &SessionId) -> Self {
        self.session = Some(id.clone());
        self
    }

    /// The establishment that the particulars name, if they name one.
    pub fn siret(&self) -> Option<&str> {
        self.detail.get("siret").and_then(Value::as_str).filter(|s| s.len() == 14)
    }

    /// With this fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(map) = self.detail.as_object_mut() {
            map.insert(name.to_owned(), value.into());
        }
        self
    }
}
