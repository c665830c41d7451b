# Signing in, forgotten password, gates, way back to the service, signing out (S).

sign-in-title = Sign in
sign-in-intro = Enter your e-mail address. We will send you a code, or you can use your password.
sign-in-no-account = No account yet?
sign-in-other-means = Other ways to sign in
sign-in-change-email = Change the e-mail address
sign-in-did-you-mean = Did you mean { $email }?
sign-in-use-suggestion = Use { $email }
sign-in-keep-typed = If what you typed is correct, choose “Continue”.

sign-in-code-title = Enter the code we sent by e-mail
sign-in-code-text = If there is an account for { $email }, a 6-digit code has just been sent to this address.
sign-in-code-sent = A 6-digit code has just been sent to { $email }.
sign-in-code-valid =
    { $n ->
        [one] It is valid for one minute.
       *[other] It is valid for { $n } minutes.
    }
sign-in-code-label = Sign-in code
sign-in-code-label-confirm = Verification code
sign-in-code-hint = 6 digits
sign-in-code-resend = Send another code
sign-in-code-resend-wait = Send another code (in %s s)
sign-in-code-resend-ready = You can ask for another code.
sign-in-code-resend-later =
    { $n ->
        [one] You can ask for another code in one second.
       *[other] You can ask for another code in { $n } seconds.
    }
sign-in-code-sent-again = Another code was sent at { $time }. Earlier codes remain valid until they expire.
sign-in-code-too-early =
    { $n ->
        [one] A code has just been sent. You can ask for another one in one second.
       *[other] A code has just been sent. You can ask for another one in { $n } seconds.
    }
sign-in-code-help = Can’t find the e-mail?
sign-in-code-help-spam = Look in your junk mail.
sign-in-code-help-tools = If your organisation uses an anti-spam tool such as MailInBlack, allow the sender { $sender }.
sign-in-code-help-wait = Delivery may take a few minutes.
sign-in-code-help-address = Check the address you typed: { $email }.
sign-in-code-help-none = This address may not be linked to an account.
sign-in-code-create = Create my account
sign-in-with-password = Sign in with my password

sign-in-password-title = Enter your password
sign-in-password-forgotten = Forgotten password?
sign-in-by-code = Get a code by e-mail
sign-in-password-identifier = Your identifier is the e-mail address used to create the account.

sign-in-means-title = Other ways to sign in
sign-in-means-intro = Choose how you want to sign in.
sign-in-means-code = Code by e-mail
sign-in-means-code-text = You receive a 6-digit code at your sign-in e-mail address.
sign-in-means-password = Password
sign-in-means-password-text = If you chose a password for your account.
sign-in-means-help = Can’t use any of these?

sign-in-account-title = Which account do you want to use?
sign-in-account-continue = Continue as { $name }
sign-in-account-other = Use another account

sign-in-confirm-title = Confirm your identity
sign-in-confirm-service = For your security, confirm your identity before continuing to { $service }.
sign-in-confirm-old = Your last sign-in is too old for { $service }. Confirm your identity to continue.
sign-in-confirm-sensitive = For your security, confirm your identity before changing your account.

sign-in-terms-title = The terms of use are changing
sign-in-terms-intro = A new version has applied since { $date }. What changes:
sign-in-terms-read = Read the terms of use
sign-in-terms-accept = I have read and accept the terms of use

sign-in-consent-title = { $service } would like to access your information
sign-in-consent-intro = If you allow { $service }, it will receive the following information:
sign-in-consent-offline = { $service } will also be able to refresh this information when you are not signed in.
sign-in-consent-purpose = It is used to recognise you and to provide the service you asked for.
sign-in-consent-privacy = Privacy policy of { $service }
sign-in-consent-terms = Terms of use of { $service }
sign-in-consent-revoke = You can withdraw this permission at any time in “My account”.
sign-in-consent-allow = Allow
sign-in-consent-refuse = Refuse
sign-in-consent-optional = You may also allow:
sign-in-consent-optional-offline = Access while you are away
sign-in-consent-optional-account = Kind of account and security level of the sign-in
sign-in-consent-optional-other = Other access: { $scope }
sign-in-consent-rights = Rights
sign-in-consent-updated-at = Date of last update
sign-in-consent-identifier = Technical identifier
sign-in-consent-preferred-name = Name used
sign-in-consent-gender = Sex
sign-in-consent-birth-date = Date of birth
sign-in-consent-birth-place = Municipality of birth (Insee code)
sign-in-consent-birth-country = Country of birth (Insee code)
sign-in-consent-organization = Establishment
sign-in-consent-siret = SIRET of the establishment
sign-in-consent-siren = SIREN of the company

sign-in-relay-title = You are signed in
sign-in-relay-text = You are being taken to { $service }.
sign-in-relay-back-title = Back to the service
sign-in-relay-link-hint = If nothing happens, use the link below.
sign-in-relay-told = Information passed on to { $service }: { $kinds }.
sign-in-relay-button-hint = If nothing happens, use the button below.

sign-in-forgotten-title = Forgotten password
sign-in-forgotten-intro = Enter the e-mail address of your account. You will receive a code to choose a new password.
sign-in-forgotten-back = Back to sign-in
sign-in-new-password-title = Choose a new password
sign-in-new-password-intro = Your other sessions will be closed.
sign-in-new-password-save = Save the password

sign-in-cookies-title = Your browser blocks the cookies we need
sign-in-cookies-text = To sign you in we need technical cookies. They are only used for signing in, never for advertising or tracking.
sign-in-cookies-how = How to allow them:
sign-in-cookies-step-1 = Open your browser’s settings, section “Privacy”.
sign-in-cookies-step-2 = Allow cookies for this site.
sign-in-cookies-step-3 = Come back to this page and choose “Try again”.
sign-in-cookies-private = Private browsing or a blocking extension may also be the cause.
sign-in-cookies-retry = Try again

sign-out-title = Do you want to sign out?
sign-out-services = Services opened during this session:
sign-out-none = No other service is open in this session.
sign-out-all = Sign out of all services
sign-out-stay = Stay signed in
sign-out-done-title = You are signed out
sign-out-done-text = Your session is closed.
sign-out-confirmed = These services confirmed the sign-out:
sign-out-unconfirmed = These services did not confirm the sign-out:
sign-out-shared = Close your browser if you are using a shared computer.
sign-out-again = Sign in again

sign-in-with-passkey = Use a passkey
sign-in-passkey-title = Use a passkey
sign-in-passkey-text = Your device asks you to unlock it, as usual: fingerprint, face or code.
sign-in-passkey-cancelled = The request was cancelled or has expired. You can try again.
sign-in-passkey-script = Passkeys need JavaScript.
sign-in-offer-title = Create a passkey?
sign-in-offer-later = Later
sign-in-offer-never = Do not suggest it again
sign-in-offer-anytime = You can create one at any time in “My account”, “Security”.
