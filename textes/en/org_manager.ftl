# My establishment.
org-change-place = Change establishment
org-place-intro = { $name }, SIRET { $siret }
org-person-intro = { $name } ({ $email }), { $establishment }
org-tab-about = Information
org-tab-people = People of the establishment
org-tab-requests = Requests ({ $n })
org-tab-cards = Cards
org-tab-services = Services
org-name = Name
org-siret-term = SIRET
org-siren-term = SIREN
org-address = Address
org-register-date = Register of companies, { $date }
org-managers = Account managers
org-domains = Verified domains
org-domains-none = None
org-people-count = People
org-insee = To correct the name or SIRET, contact Insee.
org-mine-none = Your account is not attached to any establishment.
org-mine-company = Company { $siren }
org-until = Until { $date }
org-place-active = Active
org-place-disabled = Deactivated
org-place-over = Ended
org-leave = Leave this establishment
org-leave-rights = Your access to services for this establishment is withdrawn.
org-leave-account = Your account and your other establishments do not change.
org-leave-back = To come back, you will need a new request or an invitation.
org-cancel = Cancel
org-people-title = People of the establishment
org-people-search = Name or e-mail address
org-people-name = Name
org-people-email = E-mail address
org-people-role = Role
org-people-means = Sign-in methods
org-people-last = Last access
org-people-until = End date
org-people-none = Nobody matches.
org-filter-roles = All roles
org-filter-states = All states
org-filter-idle = Inactive for 6 months
org-means-passkey = Passkey
org-means-application = Authenticator app
org-means-card = Physical card
org-means-none = E-mail or password
org-edit-rights = Edit rights
org-export = Export (CSV)
org-services-and-profiles = Services and profiles
org-services-here = Services of the establishment
org-services-used = Services in use
org-services-others = Other services
org-services-none = Nobody in the establishment has access to a service on request yet.
org-services-open = Open to everybody, without a request.
org-services-people =
    { $n ->
        [0] Nobody has access
        [one] { $n } person has access
       *[other] { $n } people have access
    }
org-services-ask = Ask for access for the establishment
org-newcomers-title = Access of newcomers
org-newcomers-hint = People whom you accept receive this access when they arrive, if they hold the attestations that it demands; it is ticked in advance when you invite. Access given before does not change.
org-own-rights = Ask for your own access under “All our services”.
org-held-title = Access to services
org-held-of = Access of { $name } to { $service }
org-held-manage = Manage this access
org-held-endless = No end date
org-held-suspended = Suspended
org-held-withdrawn = Withdrawn
org-held-some-suspended = Access suspended
org-service = Service
org-suspension-absence = Absence
org-suspension-mission = Assignment interrupted
org-suspension-security = Security
org-suspension-review = Not confirmed in a review of access
org-suspension-operator = Decision of the portal team
org-suspend = Suspend
org-suspend-hint = The person loses this access now; their profiles are not forgotten. They are told, and so is the service.
org-restore = Restore
org-restore-hint = The person gets this access back as it was. They are told, and so is the service.
org-restore-not-yours = This access was suspended by the portal team, which alone can restore it.
org-extend = Extend
org-extend-do = Save the end date
org-withdraw = Withdraw this access
org-withdraw-hint = Access that was withdrawn is asked for or given again.
org-succession-title = Succession of the establishment
org-succession-offered = This establishment is closed and another follows it: you can carry its people and their access over.
org-succession-to-answer = A closed establishment asks you to take over its people.
org-succession-next = According to the register of companies, { $name }, SIRET { $siret }, follows this establishment.
org-succession-people = Each person acts for the new establishment, with the proof and dates of their attachment.
org-succession-rights = Each access is carried over with its profiles and end date.
org-succession-source = The former establishment is closed: nobody acts for it any more. Its history is kept.
org-succession-managed = If the new establishment has account managers, they decide, and stay its only managers.
org-succession-do = Carry over the people and their access
org-succession-asked = Your request waits for the account managers of the new establishment.
org-succession-none = The register names no succession to handle for this establishment.
org-succession-answer-hint = This establishment is closed and yours follows it. Its people would become account contacts of yours, with their access to services.
org-succession-accept = Accept the takeover
org-succession-decline = Decline
org-review-title = Review of access
org-review-intro = A review asks the account managers to confirm every access of the establishment before a date. What nobody confirmed is suspended that day, and can be restored.
org-review-open = Open a review
org-review-last-day = Last day of the review
org-review-last-day-hint = Within 90 days, for example 31 12 2027
org-review-until = Review open until { $date } included
org-review-hint = Each answer is saved at once. If the person has left the establishment, deactivate them too in the list of people.
org-review-none-left = All access has been checked.
org-review-own = To be checked by another manager
org-review-stays = Still in post
org-review-gone = Gone
org-journal-title = Journal
org-journal-intro = What happened in the establishment over the last twelve months.
org-journal-none = No event.
org-journal-when = Date
org-journal-what = Event
org-journal-person = Person
org-journal-by = By
org-journal-all = All events
org-journal-people = People
org-journal-requests = Requests
org-journal-rights = Access to services
org-journal-cards = Cards
org-journal-refusals = Refused attempts
org-journal-stranger = Somebody else
org-journal-operator = The portal team
org-journal-system = Automatic
org-event-designated = Manager designated
org-event-place = Place or role in the establishment changed
org-event-place-disabled = Person deactivated
org-event-place-ended = End date of the person reached
org-event-proved = Attachment proved
org-event-succeeded = Takeover of a closed establishment
org-event-succession-asked = Takeover asked for
org-event-succession-declined = Takeover declined
org-event-invited = Invitation sent
org-event-invitation-accepted = Invitation accepted
org-event-invitation-cancelled = Invitation cancelled
org-event-request-filed = Request sent
org-event-request-reminded = Request sent again
org-event-request-accepted = Request accepted
org-event-request-declined = Request declined
org-event-request-changes = Change asked for
org-event-request-cancelled = Request cancelled
org-event-right-granted = Access given or changed
org-event-right-suspended = Access suspended
org-event-right-restored = Access restored
org-event-right-confirmed = Access confirmed in a review
org-event-right-ended = End date of the access reached
org-event-right-revoked = Access withdrawn
org-event-review-opened = Review of access opened
org-event-newcomers = Access of newcomers changed
org-event-review-closed = Review of access ended
org-event-card-sent = Card sent to the establishment
org-event-card-linked = Card lent
org-event-card-validated = Card validated
org-event-card-unlinked = Card unlinked
org-event-card-changed = State of a card changed
org-event-refused = Attempt refused
org-end = End date
org-end-hint = For example 31 12 2027
org-end-latest = { $date } at the latest
org-day = Day
org-month = Month
org-year = Year
org-deactivate = Deactivate { $name }
org-deactivate-sessions = Current sessions in services for this establishment end.
org-deactivate-rights = All access to services for this establishment is withdrawn.
org-deactivate-services = The services concerned are told, and so is the person.
org-deactivate-account = The account of the person and their other establishments do not change.
org-deactivate-own = This is your own account.
org-card-held = This person holds a physical card of the establishment.
org-card-take-back = Unlink the card
org-reactivate = Reactivate
org-reactivate-hint = The person gets their role back. Access to services is to be given or asked for again.
org-motif-departure = Departure
org-motif-mission = End of assignment
org-motif-mistake = Mistake
org-motif-security = Security
org-hand-over = Hand over the manager role
org-hand-over-intro = The person chosen becomes account manager when they accept, within 72 hours. You both receive an e-mail.
org-hand-over-to = Account contact who takes over
org-hand-over-step-down = Become an account contact myself
org-hand-over-do = Hand over
org-hand-over-nobody = The establishment has no account contact yet to hand this role to.
org-waiting-title = Requests to handle
org-waiting-none = No request is waiting for an answer.
org-age = Age
org-reminded = Reminded
org-handle = Handle
org-decided-elsewhere = Decided by somebody else
org-message = Message
org-identity-verified = Verified identity
org-identity-declared = Declared identity
org-domain-unknown = Address outside the verified domains of the establishment
org-accept = Accept
org-accept-hint = Accept only if this person works in your establishment.
org-accept-do = Accept the request of { $name }
org-decline = Decline
org-decline-do = Decline the request of { $name }
org-decline-unknown = This person is not known in the establishment.
org-decline-left = This person no longer works in the establishment.
org-decline-unneeded = The person does not need this access for their work.
org-decline-other = Other reason
org-words = Message to the person
org-words-hint = Sent by e-mail. Required for another reason or a request for changes.
org-ask-changes = Ask for changes
org-invite = Invite somebody
org-invite-intro = Each person receives an invitation valid for 14 days, to be accepted with the address given.
org-invite-addresses = E-mail addresses
org-invite-addresses-hint = One per line, 50 at most
org-invite-as = Invitations to check: { $role }
org-invite-rights-hint = The person receives this access on accepting, if they hold the attestations that it demands.
org-invite-with = With this access:
org-invite-no-right = Without access to any service: it can be asked for, or given later.
org-invite-left-out = Lines left out
org-invite-waiting = Pending invitations
org-invite-cancel = Cancel the invitation
org-fault-malformed = Not an e-mail address
org-fault-twice = Already in the list
org-fault-member = Already in the establishment
org-invitation-title = Invitation to join an establishment
org-invitation-intro = { $person } invites you to join { $name }.
org-invitation-rights = If you hold the attestations that they demand
org-invitation-until = Valid until
org-invitation-accept = Join the establishment
org-invitation-ignore = If you did not expect this invitation, ignore it.
org-invitation-foreign = This invitation was sent to another address than the one of your account, { $email }. Sign in with the address that received it.
org-invitation-closed = The establishment has closed since this invitation was sent to you. Look for the one that took over, or ask the person who wrote to you for an invitation.
org-invitation-over = This invitation is no longer valid. Ask the account manager of the establishment for a new one.
org-error-last-manager = You are the only account manager. Designate another manager before changing your role.
org-error-role = Choose a role
org-error-state = Choose a state
org-error-date = Enter a full date, for example 31 12 2027
org-error-date-past = Choose a date to come
org-error-date-far = Choose a date within 90 days
org-error-successor-orphan = The establishment that follows already has people and no account manager. Contact the portal team.
org-error-nothing-to-review = Nobody has access to confirm in this establishment
org-error-motif = Choose a reason
org-error-words = Write a message to the person
org-error-place-closed = This establishment is closed: nobody can join it any more
org-error-place-closed-next = This establishment is closed: nobody can join it any more. Establishment { $siret } took over from it
org-error-gone = This person no longer acts for the establishment
org-error-person-lacks = { $service } asks for an attestation that this person does not hold: { $kinds }
org-error-held-back = Access to { $service } is suspended by the portal team, who alone can give it back
org-error-right = This profile no longer exists. Reload the page.
org-error-person = Choose an account contact of the establishment
org-error-no-address = Enter at least one e-mail address
org-error-nobody = None of these addresses can be invited
org-error-invitations = You have sent enough invitations for today. Try again tomorrow.
org-notice-saved = The rights of { $name } are saved.
org-notice-deactivated = { $name } no longer acts for the establishment.
org-notice-reactivated = { $name } acts for the establishment again.
org-notice-accepted = The request of { $name } is accepted.
org-notice-declined = The request of { $name } is declined.
org-notice-changes = { $name } is asked for changes.
org-notice-late = This request was answered already, or withdrawn.
org-notice-invitation-cancelled = The invitation is cancelled.
org-notice-invitation-accepted = You have joined { $name }.
org-notice-left = You have left { $name }.
org-notice-suspended = The access of { $name } is suspended.
org-notice-restored = The access of { $name } is restored.
org-notice-extended = The end date of the access of { $name } is saved.
org-notice-withdrawn = The access of { $name } is withdrawn.
org-notice-confirmed = The access of { $name } is confirmed.
org-notice-review-opened = The review of access is open. The account managers are told.
org-notice-newcomers = The access of newcomers is saved.
org-notice-carried-over = The people and their access are carried over to the new establishment.
org-notice-succession-asked = The account managers of the establishment are told.
org-notice-succession-declined = The takeover is declined.
org-error-addresses =
    { $n ->
        [one] One address at most at a time
       *[other] { $n } addresses at most at a time
    }
org-invite-send =
    { $n ->
        [one] Send { $n } invitation
       *[other] Send { $n } invitations
    }
org-notice-invited =
    { $n ->
        [one] { $n } invitation is sent.
       *[other] { $n } invitations are sent.
    }
org-claim-title = Take over the management
org-claim-link = No account manager any more?
org-claim-own = You manage this establishment already.
org-claim-orphan = This establishment has no account manager any more.
org-claim-away = The account managers of this establishment have not signed in for long.
org-claim-managed = This establishment has an active account manager: turn to that person.
org-claim-told = The people of the establishment and its former managers are told by e-mail.
org-claim-from = A manager may object until { $date }.
org-claim-proved = Your link is proved: without objection, you become account manager on that date.
org-claim-unproved = Your link is not proved: the team of the portal will decide.
org-claim-message = Message to the people of the establishment
org-claim-do = Ask to manage the establishment
org-claim-notice = This person asks to take over the management of the establishment. Without an answer, they obtain it on { $date }.
org-claim-present = I am still here
org-claim-objected = An account manager of the establishment answered that they are still here.
org-step-claim = Goes on without objection
org-join-away = The account managers of this establishment have not signed in for long. If you ask for the role of manager, you will obtain it unless they object.
org-join-claim = This establishment has no account manager any more. Its people are told of your request; without objection, you become its manager.
org-error-managed = This establishment has an active account manager
org-offer-title = Manage an establishment
org-offer-intro = { $person } offers you to become account manager of { $name }.
org-offer-step-down = { $person } will become account contact.
org-offer-over = This offer is no longer valid. Ask the account manager of the establishment for another.
org-offers-waiting = Offer that waits
org-offer-until = Valid until { $date }
org-offer-cancel = Withdraw the offer
org-notice-offered = Your offer was sent to { $name }, who has 72 hours to accept it.
org-notice-offer-withdrawn = The offer is withdrawn.
org-notice-offer-declined = You declined the management of { $name }.
org-notice-manages = You are now account manager of { $name }.
org-review-done =
    { $n ->
        [one] { $done } of { $n } access checked
       *[other] { $done } of { $n } accesses checked
    }
org-deactivate-many = Deactivate several people
org-deactivate-chosen = Deactivate the people ticked
org-choose-person = Tick
org-deactivate-do = Deactivate
org-notice-nobody-chosen = Tick at least one active person other than yourself.
org-deactivate-count =
    { $n ->
        [one] { $n } person
       *[other] { $n } people
    }
org-notice-deactivated-many =
    { $n ->
        [one] { $n } person no longer acts for the establishment.
       *[other] { $n } people no longer act for the establishment.
    }
org-remind-chosen = Remind to enrol
org-remind-title = Remind to enrol
org-remind-intro = These people have no passkey, no authenticator app and no card. They receive an e-mail that asks them to add a strong means of connection, once a day at most.
org-remind-do = Send the reminder
org-notice-enrolment-reminded =
    { $n ->
        [one] The reminder was sent to { $n } person.
       *[other] The reminder was sent to { $n } people.
    }
org-notice-reminded-today = These people received a reminder today already.
org-notice-nobody-to-remind = The people ticked have a strong means of connection already, or no longer act for the establishment.
org-event-enrolment-reminded = Reminder to enrol sent
