# Mails (M).

mail-prefix-demo = [DEMO]
mail-prefix-test = [TEST]
mail-colon = :
mail-signature = The { $portal } team
mail-never-ask = We will never ask you for your password or your code.
mail-help = Need help?
mail-automatic = Message sent automatically by { $sender }.
mail-reason-asked = You receive this message because your address was entered on { $portal }.
mail-reason-account = You receive this message because you have an account on { $portal }.
mail-fact-date = Date
mail-fact-device = Browser
mail-fact-service = Service
mail-code-validity =
    { $n ->
        [one] It is valid for one minute.
       *[other] It is valid for { $n } minutes.
    }
mail-not-me = If it was you, there is nothing to do. If it was not you, look at the activity of your account, change your password and sign out the other devices.
mail-not-me-link = It was not me

mail-sign-in-subject = Your sign-in code: { $code }
mail-sign-in-intro = Here is your code to sign in to { $portal }:
mail-sign-in-ignore = If you did not ask for it, ignore this message: without this code nobody can sign in as you.

mail-no-account-subject = Signing in to { $portal }: no account for this address
mail-no-account-intro = You asked to sign in to { $portal }, but there is no account for this address.
mail-no-account-text = You may have used another address to create your account. Otherwise, you can create one.
mail-no-account-create = Create my account
mail-no-account-ignore = If you did not ask for it, ignore this message.

mail-confirm-subject = Confirm your e-mail address
mail-confirm-intro = Here is the code that confirms your address to create your { $portal } account:
mail-confirm-ignore = If you did not ask for it, ignore this message: no account will be created.

mail-exists-subject = You already have an account
mail-exists-intro = You asked to create a { $portal } account, but there is already one for this address.
mail-exists-text = Sign in with this address: a code will be sent to you. You can also choose a new password with “Forgotten password?”.
mail-exists-sign-in = Sign in
mail-exists-ignore = If you did not ask for it, ignore this message: your account has not changed.

mail-welcome-subject = Welcome to { $portal }
mail-welcome-intro = Welcome { $name }, your account has been created.
mail-welcome-means = Way to sign in
mail-welcome-means-code = Code by e-mail
mail-welcome-means-password = Password, or code by e-mail
mail-welcome-text = With this account you can use all the services of { $portal }.
mail-welcome-link = All our services

mail-reset-subject = Resetting your password: { $code }
mail-reset-intro = Here is the code to choose a new password on { $portal }:
mail-reset-ignore = If you did not ask for it, ignore this message: your password does not change.

mail-password-changed-subject = Your password has been changed
mail-password-changed-intro = The password of your { $portal } account has just been changed. Your other sessions have been closed.

mail-new-login-subject = Confirm your new sign-in e-mail
mail-new-login-intro = Here is the code that confirms your new sign-in e-mail for { $portal }:
mail-new-login-ignore = If you did not ask for it, ignore this message: nothing changes.

mail-new-contact-subject = Confirm your new contact e-mail
mail-new-contact-intro = Here is the code that confirms your new contact e-mail for { $portal }:
mail-new-contact-ignore = If you did not ask for it, ignore this message: nothing changes.

mail-login-changing-subject = Your sign-in e-mail is about to change
mail-login-changing-intro = The sign-in e-mail of your account will now be { $email }. This address will no longer sign you in.
mail-contact-changing-subject = Your contact e-mail is about to change
mail-contact-changing-intro = The contact e-mail of your account will now be { $email }. This address will no longer receive our messages.
mail-email-changing-undo = If you did not ask for this change, you can undo it until { $date }.
mail-email-changing-link = Undo the change

mail-new-sign-in-subject = New sign-in to your account
mail-new-sign-in-intro = Your { $portal } account has just been signed in to from a browser we did not know.

mail-password-added-subject = A password has been added to your account
mail-password-added-intro = A password has just been added to your { $portal } account.
mail-password-removed-subject = Your password has been removed
mail-password-removed-intro = The password of your { $portal } account has just been removed. Signing in is done with a code sent by e-mail.
mail-sessions-closed-subject = Your other devices have been signed out
mail-sessions-closed-intro = All the other sessions of your { $portal } account have just been closed.
mail-login-email-changed-subject = Your sign-in e-mail has been changed
mail-login-email-changed-intro = This address is now the sign-in e-mail of your { $portal } account.
mail-email-undone-subject = An e-mail change has been undone
mail-email-undone-intro = The e-mail change requested on your { $portal } account has been undone: the previous address is in place again. For your security, all sessions have been closed.
mail-password-locked-subject = Signing in with a password is suspended
mail-password-locked-intro = Several wrong passwords were entered for your { $portal } account. Signing in with a password is suspended for a few minutes. You can still get a code by e-mail.
mail-application-added-subject = An authenticator app has been added
mail-application-added-intro = An authenticator app has been added to your { $portal } account. Its codes now sign you in.
mail-application-removed-subject = An authenticator app has been removed
mail-application-removed-intro = An authenticator app has been removed from your { $portal } account. Its codes are no longer accepted.
mail-factor-suspended-subject = Several wrong codes were entered
mail-factor-suspended-intro = Several wrong codes were entered for your { $portal } account. This means of sign-in is suspended for a few minutes. Whoever entered them had passed the first step: change your password if it was not you.
mail-recovery-made-subject = New recovery codes have been created
mail-recovery-made-intro = New recovery codes have been created for your { $portal } account. The earlier ones are no longer valid.
mail-recovery-used-subject = A recovery code has been used
mail-recovery-used-intro = A recovery code was used to sign in to your { $portal } account. Recovery codes left: { $left }. You can create new ones in “My account”, under Security.

mail-fact-card = Card
mail-fact-reason = Reason
mail-fact-by = By
mail-fact-holder = Holder
mail-fact-establishment = Establishment
mail-card-serial = ending in { $end }
mail-card-operator = support
mail-card-link = See my card
mail-card-linked-subject = A physical card was assigned to you
mail-card-linked-intro = A physical card has just been linked to your { $portal } account.
mail-card-linked-text = It is strictly personal: keep it with you and do not lend it. If you have not received it, tell your account manager.
mail-card-unlinked-subject = Your physical card was unlinked
mail-card-unlinked-intro = Your physical card is no longer linked to your { $portal } account: its codes no longer sign you in.
mail-card-unlinked-text = If you still have it, give it back to your account manager. If you did not know about this change, tell them.
mail-card-locked-subject = Your physical card is locked
mail-card-locked-intro = Too many wrong codes were typed for your physical card: it no longer signs you in to { $portal }.
mail-card-locked-text = Your account manager has been told: they can unlock it with two codes shown by the card. If this was not you, tell them.
mail-card-lost-subject = Your physical card was reported lost
mail-card-lost-intro = Your physical card has just been reported lost: its codes no longer sign you in to { $portal }.
mail-card-lost-text = Your account manager has been told: they can give you another card. If this was not you, tell them.
mail-card-alert-reason = You receive this message because you manage the cards of an establishment on { $portal }.
mail-card-alert-link = See the cards of the establishment
mail-card-alert-locked-subject = A physical card of your establishment is locked
mail-card-alert-locked-intro = Too many wrong codes were typed for a card of your establishment: it no longer signs anyone in.
mail-card-alert-locked-text = Check with the person what happened. With the card in hand you can unlock it with two codes in a row; otherwise, unlink it.
mail-card-alert-lost-subject = A physical card of your establishment is lost
mail-card-alert-lost-intro = A person of your establishment reported their physical card lost: its codes are no longer accepted.
mail-card-alert-lost-text = You can give them another card: replacing takes one step.
mail-recovery-asked-subject = The loss of your means of sign-in was reported
mail-recovery-asked-intro = The loss of all the stronger means of sign-in of your { $portal } account has just been reported.
mail-recovery-granted-subject = Your means of sign-in are going to be removed
mail-recovery-granted-intro = The request to renew the means of sign-in of your { $portal } account has been accepted. They will be removed on { $date }, and you will then be able to choose others.
mail-recovery-cancelled-subject = Your renewal request is cancelled
mail-recovery-cancelled-intro = The request to renew the means of sign-in of your { $portal } account is cancelled. Your means of sign-in have not changed.
mail-recovery-done-subject = Your means of sign-in have been removed
mail-recovery-done-intro = The stronger means of sign-in of your { $portal } account have been removed and all your sessions are closed. You will choose others at your next sign-in.
mail-recovery-stop = If it is not you, stop this request now:
mail-recovery-stop-link = Stop the request
mail-recovery-decide-subject = Somebody lost their means of sign-in
mail-recovery-decide-intro = { $name } reports the loss of all their stronger means of sign-in and asks for their renewal.
mail-recovery-decide-text = Check their identity in person before accepting: a malicious person may be behind this request.
mail-recovery-decide-link = See the request
mail-recovery-decide-support = Once their identity is checked, accept with the command: guichet account recover { $courriel }
mail-recovery-decide-support-reason = You receive this message because this address is the support’s.
mail-recovery-decide-reason = You receive this message because you manage an establishment of this person.
mail-passkey-added-subject = A passkey was added to your account
mail-passkey-added-intro = A passkey has just been added to your { $portal } account. It signs you in without a code or a password.
mail-passkey-removed-subject = A passkey was removed
mail-passkey-removed-intro = A passkey of your { $portal } account has just been removed. It no longer signs you in.
mail-passkey-suspended-subject = A passkey was suspended
mail-passkey-suspended-intro = A passkey of your { $portal } account may have been copied: we no longer accept it. Sign in another way, remove it in “My account” and create a new one.
mail-link-subject = Your code to link your account: { $code }
mail-link-intro = Here is the code that links your FranceConnect identity to your { $portal } account:
mail-link-ignore = If you did not ask for it, ignore this message and give this code to nobody: without it nothing changes.
mail-connected-subject = Sign-in to your space
mail-connected-intro = Somebody just signed in to your { $portal } space through { $provider }.
mail-identity-verified-subject = Your identity has been verified
mail-identity-verified-intro = An identity has just been verified for your { $portal } account. The name of your account is now that of this identity.
mail-identity-unverified-subject = The verification of your identity has been removed
mail-identity-unverified-intro = The identity verification of your { $portal } account has just been removed. Services will no longer see your identity as verified.
