# What is wrong with a field, and error pages (X-01).

errors-email-missing = Enter your e-mail address
errors-email-malformed = Enter an e-mail address in the expected format, such as first.last@company.fr
errors-email-unchanged = Enter an address different from the current one
errors-email-taken = This address already belongs to another account. Enter another one
errors-code-missing = Enter the 6 digits of the code
errors-code-wrong =
    { $n ->
        [0] This code is not valid. Ask for another code.
        [one] This code is not valid. You have one try left.
       *[other] This code is not valid. You have { $n } tries left.
    }
errors-code-expired = This code has expired. We have just sent you another one.
errors-code-too-many-tries =
    { $n ->
        [one] Too many tries. Ask for another code in one minute.
       *[other] Too many tries. Ask for another code in { $n } minutes.
    }
errors-code-other-browser = Enter this code in the browser where you asked for it
errors-too-many-codes =
    { $n ->
        [one] Too many codes were asked for. Try again in one minute.
       *[other] Too many codes were asked for. Try again in { $n } minutes.
    }
errors-password-missing = Enter your password
errors-password-wrong = Incorrect e-mail address or password.
errors-current-password-wrong = The current password is incorrect.
errors-password-locked = Too many tries. To protect this account, signing in with a password is suspended until { $time }. You can get a code by e-mail.
errors-password-too-short = Choose a password of at least { $n } characters
errors-password-too-long = Choose a shorter password
errors-password-divulged = This password is on a list of leaked passwords. Choose another one.
errors-password-guessable = This password is too easy to guess. Add a word or two.
errors-password-personal = Your password must not contain your e-mail address or your name.
errors-given-name-missing = Enter your first name
errors-family-name-missing = Enter your last name
errors-name-refused = Enter at most 100 letters, spaces, apostrophes, full stops or hyphens
errors-phone-malformed = Enter a phone number, such as 01 23 45 67 89 or +33 1 23 45 67 89
errors-function-refused = Enter a position of at most 100 characters
errors-means-missing = Choose how you want to sign in
errors-terms-not-accepted = Tick the box to accept the terms of use

errors-this-service = this service
errors-page-title = Error { $code }
errors-code-line = Error code
errors-reference-line = Reference
errors-date-line = Date
errors-copy = Copy
errors-copied = Copied
errors-until = You can try again from { $time }.
errors-technical = Technical details
errors-technical-error = Error
errors-technical-description = Description
errors-way-resume = Resume signing in
errors-way-retry = Try again
errors-way-home = Back to the home page

errors-a101-title = This service is not recognised
errors-a101-text = The service that sent you here is not registered with us. The address you followed may be old or incomplete.
errors-a102-title = The return address of this service is not allowed
errors-a102-text = For your security, we send nothing to an address that has not been declared. Please tell support.
errors-a103-title = The request from { $service } is incorrect
errors-a103-text = It is not your fault: { $service } sent us a request that we cannot process.
errors-a104-title = { $service } is closed for the moment
errors-a104-text = Access to this service is suspended. Your account is not the cause.
errors-a201-title = Your sign-in request has expired
errors-a201-text = You have been away for a while. Nothing is lost: resume signing in from where it began.
errors-a202-title = Your browser blocks the cookies we need
errors-a202-text = Allow cookies for this site, then try again.
errors-a203-title = We cannot find your sign-in request
errors-a203-text = It may have been started in another browser, or the address is incomplete. Start signing in again.
errors-a204-title = You are already signed in
errors-a204-text = This step is done, perhaps in another tab. You can continue.
errors-a205-title = This page has been open for too long
errors-a205-text = For your security, the form was not accepted. Go back to the page and send it again.
errors-a301-title = Too many tries
errors-a301-text = To protect this account, signing in is suspended for a few minutes.
errors-a302-title = Your account is suspended
errors-a302-text = You cannot sign in for now. Contact support to find out why.
errors-a401-title = You interrupted signing in with FranceConnect
errors-a401-text = Nothing was sent. You may start again, or choose another way to sign in.
errors-a402-title = FranceConnect could not confirm your identity
errors-a402-text = The error page says why, with the code given by FranceConnect. Start again, with another account if you can.
errors-a403-title = FranceConnect is momentarily unavailable
errors-a403-text = Your account is not at fault. Try again in a few minutes, or choose another way to sign in.
errors-a429-title = Too many requests
errors-a429-text = You sent many requests in a short time. Wait a moment before trying again.
errors-a900-title = This request could not be understood
errors-a900-text = The address or the form is incomplete. Go back to the previous page and try again.
errors-a904-title = This page does not exist
errors-a904-text = The address may be mistyped, or the page has moved.
errors-a905-title = This page cannot be opened this way
errors-a905-text = It expects a form to be sent. Go back to the previous page.
errors-a908-title = What you sent did not arrive in time
errors-a908-text = Your internet connection may be too slow. Check it, then try again.
errors-a913-title = What you sent is too large
errors-a913-text = Shorten what you typed, then try again.
errors-a950-title = A technical error occurred
errors-a950-text = It is not your fault. Try again; if the error persists, give the reference below to support.
errors-a953-title = Sign-in is unavailable for the moment
errors-a953-text = We are working on it. Try again in a few moments.

errors-passkey-title = The passkey could not be used
errors-passkey-refused = This passkey is not valid here. Try again with another one, or choose another way to sign in.
errors-passkey-expired = The request has expired. You can try again.
errors-passkey-suspended = This passkey may have been copied: we no longer accept it. Sign in another way, then replace it in “My account”.
errors-passkey-limited = Too many attempts. To protect this account, passkeys are suspended until { $time }. Choose another way to sign in.
errors-passkey-not-created = The creation was cancelled or has expired. Try again.
errors-passkey-known = This passkey is already registered.
errors-passkey-unable = This device cannot create a passkey.
