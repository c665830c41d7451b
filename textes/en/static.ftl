# Help, accessibility, legal pages, site map, contact (X).

static-conformity-none = Accessibility: not compliant
static-conformity-partial = Accessibility: partially compliant
static-conformity-full = Accessibility: fully compliant

static-help-title = Help
static-help-intro = Answers to the most frequent questions.
static-help-contents = On this page
static-help-sign-in = How do I sign in?
static-help-sign-in-text = Enter your e-mail address, then the 6-digit code received by e-mail. If you chose a password, you can use it instead of the code.
static-help-code = I do not receive the code
static-help-code-text = Wait a few minutes and look in your junk mail. Check that the address you typed is that of your account. If your organisation filters messages, for instance with MailInBlack, allow our sending address.
static-help-code-sender = Our messages are sent by { $sender }.
static-help-code-none = If there is no account for your address, you receive a message that says so and offers to create one.
static-help-password = I forgot my password
static-help-password-text = Choose “Forgotten password?” on the sign-in page. A code lets you choose a new one. You can also sign in without a password, with a code.
static-help-email = My e-mail address has changed
static-help-email-text = Sign in, open “My account”, then change your sign-in e-mail. Your account and your access rights are kept. If you can no longer read the old address, contact support.
static-help-one = Do I have to sign in to each service?
static-help-one-text = No. Signing in once opens all the services. When you sign out, you are signed out of all of them.
static-help-shared = I am using a shared computer
static-help-shared-text = Sign out at the end of your visit, then close the browser. If you forgot, open “My account” on another device, then “Connected devices”.
static-help-card = I have not received my physical card
static-help-card-text = The card is sent to your establishment and handed over by its account manager: ask them first. It is often sent only after the training and once the skills test (Pix, for instance) is passed: check that your result was forwarded, then contact support. Meanwhile an authenticator app does the same.
static-help-fraud = I received a message I was not expecting
static-help-fraud-text = We will never ask you for your password or your code, by e-mail or by phone. If somebody asks you for a code, do not give it. A code you did not ask for can be ignored.
static-help-errors = What do error codes mean?
static-help-errors-text = An error page shows a code and a reference. Give them to support: the reference makes it possible to find what happened.
static-help-errors-code = Code
static-help-errors-meaning = Meaning
static-help-contact = Did you not find an answer?

static-contact-title = Contact support
static-contact-intro = Describe what you wanted to do and what happened. Never give your password or a code.
static-contact-quote = Quote these in your message:
static-contact-code = Error code
static-contact-reference = Reference
static-contact-email = By e-mail
static-contact-phone = By phone
static-contact-hours = Opening hours
static-contact-none = The operator has not said yet how to reach them.

static-legal-title = Legal notice
static-legal-publisher = Publisher
static-legal-address = Address
static-legal-director = Director of publication
static-legal-host = Hosting
static-legal-software = Software
static-legal-software-text = This site uses Guichet, which is free software.

static-privacy-title = Personal data
static-privacy-intro = This page explains which data we use to sign you in, why and for how long.
static-privacy-controller = Controller
static-privacy-controller-text = { $name } is the controller of this processing, which is part of its public-interest mission.
static-privacy-controller-none = The operator of this site is the controller of this processing, which is part of its public-interest mission.
static-privacy-what = Data we use
static-privacy-what-identity = Your identity: first name, last name, e-mail addresses and, if you give them, phone and position.
static-privacy-what-security = Your ways to sign in: a fingerprint of your password, never the password itself.
static-privacy-what-events = Security events: dates of sign-in, browser, network address, services opened.
static-privacy-why = What it is used for
static-privacy-why-text = To sign you in, to protect your account and to give services the information they need. Never for advertising.
static-privacy-who = Who receives it
static-privacy-who-text = The services you open, and no one else. When a service needs your permission, you see the information before it is sent.
static-privacy-how-long = How long it is kept
static-privacy-how-long-account = The information of your account is kept as long as the account exists.
static-privacy-how-long-events =
    { $n ->
        [one] Security events are kept for one month.
       *[other] Security events are kept for { $n } months.
    }
static-privacy-cookies = Cookies
static-privacy-cookies-text = We only use cookies needed to sign in and to remember your language. No analytics cookies, no third-party cookies.
static-privacy-rights = Your rights
static-privacy-rights-text = You can read and correct your information in “My account”. You can also ask for it to be erased, object to its use or ask for a copy.
static-privacy-dpo = Data protection officer:
static-privacy-cnil = If you believe your rights are not respected, you can complain to the CNIL, the French data protection authority.

static-terms-title = Terms of use
static-terms-object = Purpose
static-terms-object-text = { $portal } lets you sign in, with one account, to the services that use it. It is free of charge.
static-terms-account = Your account
static-terms-account-text = Your account is personal. Do not share your password or your codes. Give accurate information and keep it up to date.
static-terms-security = Security
static-terms-security-text = Tell support if you think somebody else is using your account. We may suspend an account to protect it.
static-terms-services = Services
static-terms-services-text = Each service has its own terms and decides what you can access. We only check who you are.
static-terms-availability = Availability
static-terms-availability-text = We do what is needed to make signing in possible at all times. It may be interrupted for maintenance.
static-terms-law = Applicable law
static-terms-law-text = These terms are governed by French law.

static-a11y-title = Accessibility
static-a11y-intro = We want everyone to be able to sign in, including with assistive technology.
static-a11y-state = Compliance status
static-a11y-state-none = { $portal } does not comply with the French accessibility standard (RGAA), version 4.1.2: no audit has been carried out yet.
static-a11y-state-partial = { $portal } partially complies with the French accessibility standard (RGAA), version 4.1.2.
static-a11y-state-full = { $portal } fully complies with the French accessibility standard (RGAA), version 4.1.2.
static-a11y-done = What is in place
static-a11y-done-keyboard = Every page can be used with a keyboard, and without JavaScript.
static-a11y-done-zoom = Pages remain readable with enlarged text and on a small screen.
static-a11y-done-contrast = Colours have good contrast, in the light and the dark theme.
static-a11y-done-errors = Errors are announced and explained.
static-a11y-done-puzzle = No visual puzzle is asked for.
static-a11y-contact = Report a difficulty
static-a11y-contact-text = If you cannot access a page or a service, write to us: we will offer you a solution.
static-a11y-remedy = Remedies
static-a11y-remedy-text = If you do not get a satisfactory answer, you can refer the matter to the French Defender of Rights (Défenseur des droits).

static-sitemap-title = Site map
static-sitemap-account = Your account
static-sitemap-information = Information
static-help-personal = May I share my account with a colleague?
static-help-personal-text = No. An account is personal: never share it. An account manager of your establishment sends an invitation to your colleague, who then uses their own account.
static-help-helping = I help somebody with their procedures
static-help-helping-text = If you help somebody privately, sign in to your own individual space. Never use the credentials of the person you help.
static-help-broken = A technical error is shown
static-help-broken-text = Try again in a few minutes. Close your browser and open it again; if the error comes back, clear its cookies and cache for this site, then contact support.
static-help-news = What is new?
static-help-news-link = Read what is new
