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
account-contact-email-explain = A code will be sent to the new address to check it. Your sign-in e-mail does not change.

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
account-activity-when = Date
account-activity-what = Event
account-activity-empty = No event recorded.
account-activity-older = Older events
account-activity-newest = Most recent events
account-activity-not-me-title = Was it not you?
account-activity-not-me = If you do not recognise an event, change your password and sign out the other devices.
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

account-consents-title = Allowed services
account-consents-intro = You allowed these services to access your information. You can withdraw a permission: you will be asked again on your next visit.
account-consents-empty = You have not given any permission.
account-consent-data = Information sent
account-consent-since = Allowed on
account-consent-used = Last used
account-consent-offline = Access while you are away
account-consent-offline-yes = Yes
account-consent-withdraw = Withdraw permission
account-consent-withdraw-name = given to { $service }

account-undo-title = Undo the change of sign-in e-mail
account-undo-text = The sign-in e-mail of your account is now { $new }. Do you want to go back to the old address, { $old }?
account-undo-effect = All open sessions will be closed.
account-undo-button = Go back to the old address
account-undo-done-title = The change has been undone
account-undo-done-text = You sign in with { $old } again. For your security, all sessions have been closed.
account-undo-expired-title = This link is no longer valid
account-undo-expired-text = It has already been used, or is more than 7 days old. If you did not ask for this change, contact support.

account-notice-identity = Your information has been saved.
account-notice-password-changed = Your password has been changed. Your other sessions have been closed.
account-notice-password-added = Your password has been saved.
account-notice-password-removed = Your password has been removed. You sign in with a code sent by e-mail.
account-notice-login-email = Your sign-in e-mail is now { $email }.
account-notice-contact-email = Your contact e-mail is now { $email }.
account-notice-email-undone = Your sign-in e-mail is { $email } again.
account-notice-session-closed = The device has been signed out.
account-notice-sessions-closed = All other devices have been signed out.
account-notice-consent = You withdrew the permission given to { $service }.
account-notice-signed-out = You are signed out.

account-home-title = Hello { $name }
account-home-intro = Choose a service to open it: you are already signed in.
account-home-account = View and change my account
account-services-title = All our services
account-services-intro = One account gives you access to all these services.
account-services-empty = No service is available yet.
account-service-open = Open
account-service-open-name = { $service }
account-public-title = { $portal }: one account for all your services
account-public-intro = Sign in once, with your e-mail address, and use every service available.
account-public-pro = For professionals
account-public-pro-text = Your e-mail address is enough: you receive a code, or use your password.
