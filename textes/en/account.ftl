# “My account”, portal home and services (P, S-01).

account-title = My account
account-section-identity = Identity
account-section-security = Security
account-section-activity = Sessions and activity
account-section-data = Data shared
account-function-empty = Not given
account-phone-empty = Not given
account-login-email-text = This is your identifier. Sign-in codes are sent to it.
account-contact-email-text = We use it to write to you about your account.
account-means-code = Code by e-mail
account-means-code-text = Always available, at your sign-in e-mail.
account-password-none = No password
account-password-since = Changed on { $date }
account-password-add = Add
account-password-remove = Remove my password
account-sessions = Connected devices
account-sessions-count =
    { $n ->
        [one] One open session
       *[other] { $n } open sessions
    }
account-see = View
account-activity = Account activity
account-last-sign-in = Last sign-in on { $date }
account-no-sign-in = No sign-in recorded
account-consents = Allowed services
account-consents-text = The services you allowed to access your information.
account-back = Back to My account

account-identity-title = Change my identity
account-login-email-title = Change my sign-in e-mail
account-contact-email-title = Change my contact e-mail
account-email-current = Current address: { $email }
account-new-login-email = New sign-in e-mail
account-new-contact-email = New contact e-mail
account-login-email-explain = A code will be sent to the new address to check it. Your old address will receive a message that lets you undo the change for 7 days. Your contact e-mail does not change.
account-login-email-explain-shared = A code will be sent to the new address to check it. Your old address will receive a message that lets you undo the change for 7 days. You have not chosen a contact e-mail: our messages will also go to the new address.
account-contact-email-explain = A code will be sent to the new address to check it. The present address will receive a message that lets you undo the change for 7 days. Your sign-in e-mail does not change.

account-password-title-change = Change my password
account-password-title-add = Choose a password
account-password-sessions = Your other sessions will be closed.
account-password-remove-title = Stop using a password
account-password-remove-text = You will sign in with a code sent by e-mail. You can choose a new password at any time.

account-sessions-title = Connected devices
account-sessions-intro = These are the browsers in which your account is open. If you do not recognise one, sign it out.
account-session-current = This browser
account-session-unknown = Unknown browser
account-session-since = Opened on
account-session-used = Last used
account-session-services = Services opened
account-session-no-service = None
account-session-close = Sign out
account-session-close-name = { $device }, session opened on { $since }
account-sessions-close-others = Sign out all other devices

account-activity-title = Account activity
account-activity-intro = The security events of your account, most recent first.
account-activity-caption = Security events
account-activity-filter = Events shown
account-activity-family-all = All
account-activity-family-sign-ins = Sign-ins
account-activity-family-account = Account
account-activity-family-services = Services
account-activity-export = Download this list (CSV)
account-activity-when = Date
account-activity-what = Event
account-activity-empty = No event recorded.
account-activity-older = Older events
account-activity-newest = Most recent events
account-activity-not-me-title = Was it not you?
account-activity-not-me = If you do not recognise an event, protect your account now.
account-activity-not-me-link = This was not me
account-activity-export-date = Date (UTC)
account-activity-export-service = Service
account-activity-export-device = Browser
account-activity-export-file = activity.csv
account-not-me-title = This was not me
account-not-me-intro = Somebody else may be using your account. This is what we will do together:
account-not-me-sessions = We sign out all the other devices, and the services that had access to your information while you were away.
account-not-me-password = You choose a new password.
account-not-me-mailbox = Change the password of your mailbox: it receives your sign-in codes.
account-not-me-addresses = Check in My account that your e-mail addresses are still yours. If one has changed without you, the message received at the old address lets you undo the change.
account-not-me-button = Protect my account
account-not-me-help-title = Need help?
account-not-me-help = Support can check with you what happened.
account-activity-created = Account created
account-activity-signed-in-code = Sign-in with a code sent by e-mail
account-activity-signed-in-password = Sign-in with a password
account-activity-failed = Failed sign-in
account-activity-locked = Password sign-in suspended after too many attempts
account-activity-service = Service opened
account-activity-signed-out = Sign-out
account-activity-session-closed = Session closed remotely
account-activity-password-changed = Password changed
account-activity-password-removed = Password removed
account-activity-reset-asked = New password requested
account-activity-login-email = Sign-in e-mail changed
account-activity-contact-email = Contact e-mail changed
account-activity-email-undone = E-mail change undone
account-activity-identity = Identity changed
account-activity-consent = Permission given to a service
account-activity-consent-withdrawn = Permission withdrawn from a service
account-activity-terms = Terms of use accepted
account-activity-operator = Change made by the operator
account-activity-signed-in-passkey = Signed in with a passkey
account-activity-second-factor = Additional verification passed
account-activity-application-added = Authenticator app added
account-activity-application-removed = Authenticator app removed
account-activity-signed-in-upstream = Sign-in through FranceConnect
account-activity-identity-linked = FranceConnect identity linked
account-activity-identity-unlinked = FranceConnect identity unlinked
account-activity-passkey-added = Passkey added
account-activity-passkey-removed = Passkey removed
account-activity-means-renamed = Means of sign-in renamed
account-activity-recovery-made = Recovery codes created
account-activity-recovery-used = Recovery code used
account-activity-recovery-asked = Loss of means of sign-in reported
account-activity-recovery-granted = Renewal of means of sign-in granted
account-activity-recovery-cancelled = Renewal request cancelled
account-activity-recovery-done = Means of sign-in removed
account-activity-browser-trusted = Trusted browser added
account-activity-browser-distrusted = Trusted browser removed
account-activity-card-linked = Physical card linked
account-activity-card-unlinked = Physical card removed
account-activity-card-locked = Physical card locked
account-activity-card-lost = Physical card reported lost
account-activity-demand-changed = Sign-in requirement changed

account-consents-title = Allowed services
account-consents-intro = These services have access to your information. You can withdraw a permission: you will be asked again on your next visit, if the service asks.
account-consents-empty = You have not given any permission.
account-consent-data = Information sent
account-consent-since = Allowed on
account-consent-used = Last used
account-consent-offline = Access while you are away
account-consent-offline-yes = Yes
account-consent-withdraw = Withdraw permission
account-consent-withdraw-name = given to { $service }

account-undo-title = Undo the e-mail change
account-undo-login = The sign-in e-mail of your account is now { $new }. Do you want to go back to the old address, { $old }?
account-undo-contact = The contact e-mail of your account is now { $new }. Do you want to go back to the old address, { $old }?
account-undo-effect = All open sessions will be closed.
account-undo-button = Go back to the old address
account-undo-expired-title = This link is no longer valid
account-undo-expired-text = It has already been used, or is more than 7 days old. If you did not ask for this change, contact support.

account-notice-identity = Your information has been saved.
account-notice-password-changed = Your password has been changed. Your other sessions have been closed.
account-notice-password-added = Your password has been saved.
account-notice-password-removed = Your password has been removed. You sign in with a code sent by e-mail.
account-notice-login-email = Your sign-in e-mail is now { $email }.
account-notice-contact-email = Your contact e-mail is now { $email }.
account-notice-email-undone = The change has been undone: { $email } is in place again. For your security, all sessions have been closed.
account-notice-session-closed = The device has been signed out.
account-notice-sessions-closed = All other devices have been signed out.
account-notice-consent = You withdrew the permission given to { $service }.
account-notice-signed-out = You are signed out.

account-home-title = Hello { $name }
account-home-intro = Choose a service to open it: you are already signed in.
account-home-account = View and change my account
account-home-none = No service is open to you yet.
account-home-services = Services open to you
account-home-requests = My requests under way
account-home-secure = Make my sign-in stronger
account-home-waiting-more = See all my establishments
account-home-waiting =
    { $n ->
        [one] { $n } request: { $name }, SIRET { $siret }
       *[other] { $n } requests: { $name }, SIRET { $siret }
    }
account-services-title = All our services
account-services-intro = One account gives you access to all these services.
account-services-empty = No service is available yet.
account-service-open = Open
account-service-open-name = { $service }
account-public-title = { $portal }: one account for all your services
account-public-intro = Sign in once, with your e-mail address, and use every service available.
account-public-pro = For professionals
account-public-pro-text = Your e-mail address is enough: you receive a code, or use your password.

account-passkey = Passkey
account-passkey-on = { $browser } on { $system }
account-passkey-add = Create a passkey
account-passkey-intro = A passkey replaces the password and the codes. Your device or your password manager keeps it.
account-passkey-explain-unlock = To sign in, you unlock your device: fingerprint, face or code. None of this is sent to us.
account-passkey-explain-site = It works only here: a site that imitates us can do nothing with it.
account-passkey-explain-several = You can create one for each device.
account-passkey-create = Create a passkey
account-passkey-full =
    { $n ->
        [one] You already have one passkey, the most allowed. Remove it to create another.
       *[other] You already have { $n } passkeys, the most allowed. Remove one to create another.
    }
account-passkey-name = Name of the passkey
account-passkey-since = Created on
account-passkey-used = Last used
account-passkey-unused = Never used
account-passkey-where = Kept
account-passkey-synced = Synchronised between your devices
account-passkey-device = In a single device
security-suspended = (no longer accepted)
account-passkey-suspended = This passkey may have been copied: we no longer accept it. Remove it, then create a new one.
account-passkey-remove = Remove this passkey
account-passkey-remove-title = Remove a passkey
account-passkey-remove-text = The passkey { $name } will no longer sign you in. Remember to remove it from your device too.
account-notice-passkey-added = Your passkey is registered. Give it a name that helps you recognise it.
account-passkey-without = Continue without a passkey
account-activity-passkey-suspended = Suspended passkey, refused
account-identity-vouched = This comes from { $provider }. It cannot be changed here.
account-verification-title = Verification of your identity
account-verification-text = Some services ask for a verified identity. The first and last names of your account will be replaced by those the State knows, and you will no longer be able to change them here.
account-verification-start = Verify my identity with { $provider }
account-verification-again = Verify my identity with { $provider } again
account-verification-done = Identity verified by { $provider } on { $date }, valid until { $until }.
account-verification-expired = Identity verified by { $provider } on { $date }. This verification is no longer valid since { $until }: services no longer rely on it.
account-verification-remove = Remove this verification
account-verification-remove-hint = You will be able to change your name again. Services will no longer see your identity as verified.
account-notice-identity-verified = Your identity is verified by { $provider }.
account-notice-identity-unverified = The verification of your identity is removed.
account-notice-identity-locked = Your name is verified: it was not changed. Everything else is saved.
account-notice-identity-taken = Your identity was not verified: it already is for another professional account. Remove the verification of that other account first.
account-notice-identity-somebody-else = Your identity was not verified: this account was verified as another person’s. If that is a mistake, remove the present verification first.
account-notice-identity-unavailable = Your identity could not be verified. Try again later.
account-activity-identity-verified = Identity verified
account-activity-identity-unverified = Verification of identity removed
