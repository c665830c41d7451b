# Establishments, people and rights.
org-role-manager = Account manager
org-role-contact = Account contact
org-role-manager-hint = Manages the people of the establishment and their access.
org-role-contact-hint = Manages their own affairs.
org-siret = SIRET { $siret }
org-establishment = Establishment
org-mine = My establishments
org-add = Add an establishment
org-more = See the next ones
org-choose-title = For which establishment are you signing in?
org-choose-filter = Name or SIRET
org-choose-narrow = Filter
org-choose-none = None of your establishments matches.
org-choose-remember = Remember this choice for { $service }
org-choose-closed = Without access to { $service }
org-ask-access = Ask for access
org-follow-request = Follow my request
org-access-title = You do not have access to { $service } yet
org-access-none = This service is open on request, for the establishment you act for.
org-access-no-establishment = This service is for people who act for an establishment. Start by adding yours.
org-access-not-for-you = This service is not for your kind of account.
org-access-closed = This service is closed for now.
org-access-unproved = Your place in the establishment has to be confirmed first.
org-access-pending = Your request of { $date } is waiting for an answer. It will reach you by e-mail.
org-access-declined = Your request was not accepted: { $reason }
org-access-changes = Your request needs changes: { $reason }
org-access-ended = Your access was suspended, withdrawn, or has ended.
org-access-again = Check again
org-error-establishment = Choose an establishment
org-error-profile = Choose at least one profile
org-error-reason = Say why you are asking
org-error-asked = A request is already open for this establishment (sent on { $date })
org-error-held = You have this access already
org-error-lacks = This service demands an attestation that you do not hold yet: { $kinds }
org-error-search-short = Type at least three letters, or a SIRET number
org-error-search-digits = A SIRET has 14 digits, a SIREN 9
org-error-siret = This SIRET number is not valid: check the 14 digits
org-error-nothing = No establishment matches. Check the spelling or use the SIRET.
org-error-closed = This establishment has been closed since { $date }
org-error-register = The register of companies is away for the moment. What you typed is kept; try again in a few minutes.
org-notice-sent = Your request was sent. The answer will reach you by e-mail.
org-notice-granted = Your access is open.
org-notice-joined = You are now an account manager of this establishment.
org-notice-reminded = Your reminder was sent.
org-notice-too-early = It is too early for a reminder.
org-notice-cancelled = Your request was withdrawn.
org-service-open = Open
org-service-granted = Access open
org-service-pending = Request under way
org-service-on-request = On request
org-service-more = Find out more
org-services-search = Search for a service
org-services-theme = Theme
org-services-all = All themes
org-search = Search
org-audience-individuals = For individuals
org-audience-professionals = For professionals
org-audience-everybody = For everybody
org-approver-managers = The account managers of your establishment decide on access.
org-approver-named = The people in charge of access to the service decide.
org-approver-operator = The team of the portal decides on access.
org-fact-approver = Who decides
org-fact-profiles = Profiles
org-fact-duration = Longest duration
org-fact-prerequisites = Attestations demanded
org-fact-contact = Contact
org-link-guide = Connection guide
org-link-terms = Terms of use of the service
org-profile-strong = Demands a second means of connection
org-ask-title = Ask for access to { $service }
org-ask-no-place = First add the establishment for which you ask for this access.
org-ask-other-place = Another establishment
org-profiles = Profiles asked for
org-reason = Reason
org-send = Send my request
org-requests-title = My requests
org-requests-none = You have made no request.
org-what = Request
org-what-join = Joining an establishment
org-sent = Sent on
org-state = State
org-state-pending = Waiting
org-state-changes = Needs changes
org-state-accepted = Accepted
org-state-partly = Partly accepted
org-state-declined = Declined
org-state-cancelled = Withdrawn
org-request-wait = The answer will reach you by e-mail. Meanwhile you keep “My account” and the services that are open to all.
org-answer = Answer:
org-steps = Steps
org-step-sent = Request sent
org-my-message = Your message
org-remind = Send a reminder
org-remind-from = You can send a reminder from { $date }.
org-cancel-request = Withdraw my request
org-again = Ask again
org-join-title = Add an establishment to your account
org-join = Join
org-mine-already = You act for this establishment already.
org-closed = Closed establishment
org-head = Head office
org-search-label = SIRET or name
org-search-hint = 14 digits, or the name of the establishment
org-search-place = Postcode or town
org-where-siret = Where is my SIRET number?
org-where-siret-text = It is on your payslips, your invoices and the certificate issued by Insee.
org-successor = This establishment was taken over by
org-suggested = Establishments that match your e-mail address
org-change-search = Change my search
org-join-managed = Your request will be sent to the account manager of the establishment.
org-join-first = You will be the first user of this space and become its account manager.
org-join-moderated = You will be the first user of this space. The team of the portal will confirm your role of account manager.
org-join-role = The role you ask for
org-join-message = Message to the manager
org-days =
    { $n ->
        [one] { $n } day
       *[other] { $n } days
    }
org-found =
    { $n ->
        [one] { $n } establishment found
       *[other] { $n } establishments found
    }
org-step-reminded =
    { $n ->
        [one] Reminded { $n } time
       *[other] Reminded { $n } times
    }
