# First sign-ins: of designated managers (S-22), of people who came without a password (S-20), and their SMS.

sms-first-sign-in = { $portal }: your first sign-in code is { $code }.
sms-validity =
    { $n ->
        [one] Valid for one minute, do not tell it to anybody.
       *[other] Valid for { $n } minutes, do not tell it to anybody.
    }

mail-first-sign-in-subject = Your first sign-in code: { $code }
mail-first-sign-in-intro = This code is one half of your first sign-in to { $portal }. The other code reaches you by SMS.
mail-first-sign-in-ignore = If you did not ask for this, ignore this message: without both codes, nobody can sign in as you.

mail-designated-subject = You have been made account manager
mail-designated-intro = You have been made account manager on { $portal }. Sign in to add your means of connection.
mail-designated-text = Have at hand the mobile phone given in the request: one code will be sent to it, and another to this address. You have until { $date }.
mail-designated-link = First manager sign-in

sign-in-first-title = First manager sign-in
sign-in-first-intro = You have been made account manager. Give the e-mail address and the mobile number of the request: you will receive one code by e-mail and another by SMS.
sign-in-first-mobile = Mobile phone number
sign-in-first-mobile-hint = Expected format: 06 12 34 56 78
sign-in-first-send = Receive the codes
sign-in-first-usual = You already have a means of connection? Sign in
sign-in-first-codes-title = Enter the two codes you received
sign-in-first-codes-text = If this matches an open invitation, a code has just been sent to { $email } and another by SMS to { $mobile }.
sign-in-first-valid =
    { $n ->
        [one] They are valid for one minute.
       *[other] They are valid for { $n } minutes.
    }
sign-in-first-change = Change the e-mail address or the number
sign-in-first-code-mail = Code received by e-mail
sign-in-first-code-sms = Code received by SMS
sign-in-first-resend = Send the codes again
sign-in-first-sent-again = New codes were sent at { $time }. The earlier ones stay valid until they expire.
sign-in-first-help = You have not received both codes?
sign-in-first-help-same = The e-mail address and the mobile number must be those of the request.
sign-in-first-help-landline = A landline cannot receive the code.

sign-in-activation-title = Choose a password (optional)
sign-in-activation-intro = Your account was taken over without your former password. You have just signed in with a code received by e-mail: you can go on that way, or choose a password.
sign-in-activation-skip = Continue without a password
sign-in-activation-later = You can choose one later in “My account”.

errors-mobile-missing = Enter your mobile phone number
errors-mobile-malformed = Enter a mobile phone number, for example 06 12 34 56 78
errors-landline = A landline cannot receive the code. Enter a mobile number.
errors-code-mail-missing = Enter the 6 digits of the code received by e-mail
errors-code-sms-missing = Enter the 6 digits of the code received by SMS
errors-first-sign-in = This does not match an open invitation. Check both codes, and the e-mail address and mobile number used in the request. A landline cannot receive the code.

mail-administrator-added-subject = Your account is now an administration account
mail-administrator-added-intro = Your { $portal } account is now an administration account. It no longer has a password: sign in with a passkey, or with a code by e-mail followed by the code of an app or a card.
mail-administrator-removed-subject = Your account is no longer an administration account
mail-administrator-removed-intro = Your { $portal } account is no longer an administration account.

sign-in-no-password-title = This account has no password
sign-in-no-password-text = Administration accounts sign in with a passkey, or with a code by e-mail followed by the code of an authenticator app or a card. They cannot be given a password.
