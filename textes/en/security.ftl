# Additional verification, its enrolment, and « Sécurité » in « Mon compte ».

factor-means-title = Additional verification
factor-means-passkey = Passkey
factor-means-application = Authenticator app
factor-means-card = Physical card
factor-means-recovery = Recovery code
factor-use = Use
factor-other = Use another means
factor-why-service = { $service } asks for a stronger sign-in.
factor-why-role = Your role asks for a stronger sign-in.
factor-why-person = Your account asks for a stronger sign-in.
factor-why-administration = Running the portal asks for a stronger sign-in.
factor-why-action = For your security, this change asks for a stronger sign-in.

factor-application-title = Enter the code from your app
factor-application-label = Code from the authenticator app
factor-application-hint = 6 digits. The code changes every 30 seconds.
factor-card-title = Enter the code from your card
factor-card-label = Code shown by the physical card
factor-card-hint = Press the card’s button briefly: a code appears.
factor-card-again-title = Let us catch up with your card
factor-card-again-label = Code shown by the physical card
factor-card-again-hint = Press the card’s button briefly and enter the code shown.
factor-card-next-label = Next code
factor-card-next-hint = Wait until the code changes, or press again, then enter the second code.
factor-recovery-title = Enter a recovery code
factor-recovery-label = Recovery code
factor-recovery-hint = 8 characters, for example K7QF-M2ZP

factor-error-application = This code is not valid. Check that your phone sets its time automatically.
factor-error-replayed = This code has already been used. Wait for the next one.
factor-error-recovery = This recovery code is not valid or has already been used.
factor-error-recovery-malformed = Enter the 8 characters of the recovery code, for example K7QF-M2ZP.
factor-error-suspended = Too many tries. This means is suspended until { $time }. You can use another one.
factor-error-enrolled = This app is already registered.
factor-error-too-many = You have reached the maximum number of apps. Remove one to add another.
factor-error-name = Enter a name of at most 60 characters.
factor-error-keep = Confirm that you have kept these codes.

factor-lost-link = I can no longer use my means of sign-in
factor-lost-title = I can no longer use my means of sign-in
factor-lost-intro = Here is how to get back into your account.
factor-lost-recovery = Did you print recovery codes? Use one of them.
factor-lost-card = Is your card lost or broken? Your account manager can replace it.
factor-lost-managers = Otherwise, tell your account manager, who will check your identity before removing your means of sign-in.
factor-lost-support = Otherwise, tell support, who will check your identity before removing your means of sign-in.
factor-lost-delay = For your security, there is a delay, and a message is sent to all your addresses.
factor-lost-tell-managers = Tell my account manager
factor-lost-tell-support = Tell support
factor-lost-asked = Your request was sent on { $date }. You will get an e-mail once it has been examined.
factor-lost-granted = Your request has been accepted. You will be able to choose new means of sign-in from { $date }.
factor-lost-cancel = Cancel my request

factor-enrol-title = Strengthen your sign-in
factor-enrol-intro = Choose a second means of sign-in.
factor-enrol-passkey = Recommended. You sign in with your device’s fingerprint, face or code.
factor-enrol-passkey-action = Create a passkey
factor-enrol-application = An app on your phone shows a code that changes every 30 seconds.
factor-enrol-application-action = Set up an app
factor-enrol-card = Your account manager hands it over and links it to your account.
factor-enrol-later =
    { $n ->
        [0] Later (last day)
        [one] Later (one day left)
       *[other] Later ({ $n } days left)
    }

application-title = Set up an authenticator app
application-step-install = Install an authenticator app on your phone, for example FreeOTP or Proton Authenticator.
application-step-scan = In the app, scan this QR code.
application-qr = QR code to scan in your app
application-open = Open in my app
application-key-show = Show the key
application-copy = Copy
application-step-code = Enter the 6-digit code shown by the app.
application-code = Verification code
application-name = Name of the app
application-default-name = Authenticator app
application-confirm = Confirm the code

recovery-title = Recovery codes
recovery-intro = Ten codes to keep on paper: each signs you in once, without your phone or card. Creating new ones voids the earlier ones.
recovery-make = Create my recovery codes
recovery-keep = Keep this sheet in a safe place. Each code works once. These codes will not be shown again.
recovery-download = Download (.txt)
recovery-print = Print
recovery-kept = I have kept these codes
recovery-finish = Finish
recovery-file = recovery-codes.txt

security-title = Security
security-back = Back to account security
security-level-1 = You sign in with one factor. Add a second means to protect your account better.
security-level-2 = Two-factor authentication: you can sign in with two factors.
security-level-3 = Passkey: your account has the highest level of protection.
security-first = First step
security-strong = Stronger means
security-password-administrator = Administrators have no password.
security-two-step = Two-step verification
security-two-step-on = A code by e-mail follows your password.
security-two-step-off = Your password is enough.
security-two-step-always = A code by e-mail follows the password, for every account.
security-two-step-start = Turn on
security-two-step-stop = Turn off
security-browsers = Trusted browsers
security-browsers-count =
    { $n ->
        [0] None
        [one] One browser
       *[other] { $n } browsers
    }
security-added = Added on { $date }.
security-used = Last used on { $date }.
security-never-used = Never used.
security-recovery = Recovery codes
security-recovery-none = You have no recovery codes.
security-recovery-left =
    { $n ->
        [0] All the codes created on { $date } have been used.
        [one] You have one recovery code left, created on { $date }.
       *[other] You have { $n } recovery codes left, created on { $date }.
    }
security-recovery-action = Create codes
security-add-passkey = Add a passkey
security-add-application = Add an authenticator app
security-name = Name
security-rename = Rename
security-remove-title = Remove this means of sign-in
security-remove-text = You will no longer be able to sign in with it. An e-mail will confirm it.
security-remove = Remove
security-remove-last = It is your last strong means, and a stronger sign-in is demanded by: { $who }. Add another means before removing this one.
security-demand-role = your role as account manager
security-demand-person = your account
security-demand-administration = running the portal

browsers-title = Trusted browsers
browsers-intro = In these browsers, no code by e-mail follows your password.
browsers-none = You have no trusted browser.
browsers-since = Since
browsers-until = Until
browsers-remove = Stop trusting
browsers-remove-all = Stop trusting every browser
browsers-trust = Trust this browser for { $days } days
browsers-trust-hint = Do not tick this box on a shared computer.

security-notice-application = The authenticator app has been added.
security-notice-renamed = The name has been changed.
security-notice-removed = The means of sign-in has been removed.
security-notice-recovery-made = Your recovery codes have been created.
security-notice-recovery-left =
    { $n ->
        [0] You have used your last recovery code. Create new ones in “My account”.
        [one] You have one recovery code left.
       *[other] You have { $n } recovery codes left.
    }
security-notice-two-step-on = A code by e-mail will now follow your password.
security-notice-two-step-off = Two-step verification is off.
security-notice-browser = This browser is no longer trusted.
security-notice-lost-asked = Your request has been sent.
security-notice-lost-cancelled = Your request has been cancelled.

lost-stop-title = Stop the renewal of the means of sign-in
lost-stop-text = A request was made to remove your means of sign-in. If it was not you, stop it.
lost-stop-button = Stop the request
lost-stop-done = The request is stopped. Your means of sign-in have not changed. Change the password of your mailbox and of your account.
lost-stop-none = This request was stopped already or no longer exists.
lost-stop-help = Any doubt?
lost-requests-title = Renewal of means of sign-in
lost-requests-none = No open request.
lost-requests-check = Check the person’s identity in person before accepting: a malicious person may be behind the request.
lost-requests-since = Requested on { $date }
lost-requests-granted = Accepted: their means of sign-in will be removed on { $date }.
lost-requests-own = Somebody else of the establishment must decide on your request.
lost-requests-accept = Accept
lost-requests-decline = Decline
lost-requests-link = Requests to renew means of sign-in
security-notice-lost-granted = The request is accepted. The person is told at all their addresses.
factor-lost-identity = Was your identity verified by { $provider }? Prove it again: nobody else will have to decide.
factor-lost-prove = Prove my identity with { $provider }
security-notice-lost-proved = Your identity is confirmed.
security-notice-lost-not-proved = This identity is not the one that was verified for this account. Nothing has changed.
