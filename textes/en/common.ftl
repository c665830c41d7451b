# Words used on many pages: header, footer, buttons, names of fields, dates.

common-title-error = Error:
common-error-prefix = Error:
common-skip = Skip to content
common-nav = Main navigation
common-nav-footer = Footer
common-home = Home
common-all-services = All our services
common-account = My account
common-help = Help
common-contact = Contact support
common-sign-in = Sign in
common-sign-out = Sign out
common-create-account = Create an account
common-signed-in-as = Signed in as
common-language-fr = Français
common-language-en = English
common-band-demonstration = Demonstration environment – do not enter real data
common-band-test = Test environment – do not enter real data

common-footer-legal = Legal notice
common-footer-privacy = Personal data
common-footer-terms = Terms of use
common-footer-sitemap = Site map
common-accessibility = Accessibility

common-continue = Continue
common-continue-to = Continue to { $service }
common-back-to = Back to { $service }
common-to-service = To continue to { $service }
common-save = Save
common-edit = Change
common-validate = Confirm
common-show = Show
common-show-password = the password
common-optional = (optional)
common-required-note = All fields are required unless marked otherwise.
common-new-window = new window
common-not-given = Not given
common-step = Step { $step } of { $total }

common-errors =
    { $n ->
        [one] There is a problem
       *[other] There are { $n } problems
    }

common-email = E-mail address
common-email-work = Work e-mail address
common-email-hint = Expected format: first.last@company.fr
common-login-email = Sign-in e-mail
common-contact-email = Contact e-mail
common-password = Password
common-new-password = New password
common-current-password = Current password
common-password-hint = At least { $n } characters. Several words in a row are easy to remember and hard to guess.
common-given-name = First name
common-family-name = Last name
common-phone = Phone
common-function = Position
common-language = Language

common-date = { $day } { $month } { $year }
common-date-first = 1
common-time = { $hour }:{ $minute }
common-date-time = { $date } at { $time }
common-month-1 = January
common-month-2 = February
common-month-3 = March
common-month-4 = April
common-month-5 = May
common-month-6 = June
common-month-7 = July
common-month-8 = August
common-month-9 = September
common-month-10 = October
common-month-11 = November
common-month-12 = December
