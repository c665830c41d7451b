# Creating an account (C).

creation-title = Create an account
creation-intro = We will check your e-mail address by sending you a code.
creation-email-advice = Preferably use your work address.
creation-closed = Accounts of this portal are created by the support team. Contact them to get yours.
creation-have-account = I already have an account
creation-send-code = Get a code
creation-identity-title = Who are you?
creation-identity-intro = This information lets services recognise you.
creation-security-title = How do you want to sign in?
creation-security-code = Get a code each time I sign in
creation-security-code-text = Nothing to remember: a 6-digit code is sent to you by e-mail.
creation-security-password = Choose a password
creation-security-password-text = You can still ask for a code by e-mail.
creation-security-password-field = Your password, if you choose one
creation-security-finish = Create my account
creation-done-title = Your account has been created
creation-done-text = You are signed in. A welcome e-mail has just been sent to you.
creation-security-passkey-text = With the fingerprint, face or code of your device. We guide you through it in the next step.
