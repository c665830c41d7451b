# Physical cards (P-13, G-10 to G-13).

cards-reason-loss = Loss
cards-reason-theft = Theft
cards-reason-breakage = Breakage
cards-reason-malfunction = Malfunction
cards-reason-departure = The person leaves
cards-reason-mistake = Mistake
cards-reason-other = Other

cards-nav = My establishment
cards-back-establishments = My establishments
cards-title = Physical cards of the establishment
cards-intro = { $name }, SIRET { $siret }
cards-link = Link a card
cards-none = No card has been sent to this establishment yet.
cards-caption = Cards of the establishment
cards-serial = Serial number
cards-holder = Holder
cards-state = State
cards-since = Linked on
cards-by = Linked by
cards-establishment = Establishment
cards-last-used = Last used
cards-never-used = Never
cards-actions = Actions
cards-validate = Confirm
cards-resync = Resynchronise
cards-unlink = Unlink
cards-next = Next cards
cards-back = Cards of the establishment
cards-standing-free = Available
cards-standing-to-validate = To be confirmed
cards-standing-in-use = In use
cards-standing-locked = Locked
cards-standing-lost = Lost
cards-standing-broken = Out of order
cards-standing-returned = Returned
cards-guide-title = Good to know
cards-guide-link = Hand the card to the person, link it by its serial number, then confirm it with a code it shows.
cards-guide-press = Press the button briefly: a code appears. A long press shows “BAT” and the level of the battery.
cards-guide-personal = The card is strictly personal: keep it with you, do not lend it and give it back when you leave.
cards-guide-leave = When a person leaves, take the card back and unlink it: it can be linked to somebody else, or sent back.
cards-guide-move = The card belongs to the establishment: it does not follow a person who moves to another one.

cards-link-intro = You are linking a card of { $name } to a person of this establishment.
cards-person = Person
cards-person-hint = Who will receive the card
cards-person-choose = Choose a person
cards-serial-label = Serial number of the card
cards-serial-hint = On the back of the card, for example GADT000XXXX
cards-validate-title = Confirm the card
cards-of = Card { $serial }, handed to { $name }
cards-code = Code shown by the card
cards-code-hint = Press the button of the card briefly
cards-code-next = Next code
cards-code-next-hint = Wait for another code to appear, or press again
cards-code-submit = Confirm the code
cards-later = Finish later
cards-resync-title = Resynchronise the card
cards-resync-intro = Type two codes that the card shows one after the other. A locked card is unlocked.
cards-resync-link = The code is not accepted? Type two codes in a row
cards-unlink-title = Unlink the card
cards-unlink-why = Why unlink this card?
cards-unlink-only = It is this person’s only strong means of connection. Suggest the authenticator application, or replace the card.
cards-replace = Replace with another card
cards-replace-hint = Serial number of the new card
cards-cancel = Cancel

cards-own-title = My physical card
cards-own-none = No physical card is linked to your account. Your account manager can give you one.
cards-lost = Report a lost card
cards-lost-effect = The codes of the card will no longer be accepted and your account manager will be told.

cards-notice-linked = Card { $serial } is linked to { $name }. It remains to be confirmed with a code.
cards-notice-validated = Card { $serial } is confirmed: it signs in.
cards-notice-unlinked = Card { $serial } is unlinked.
cards-notice-resynchronised = Card { $serial } is resynchronised: it signs in.
cards-notice-lost = Your card is suspended and your account manager has been told.

cards-error-serial-missing = Type the serial number on the back of the card
cards-error-unknown = No card has this serial number.
cards-error-elsewhere = This card belongs to another establishment.
cards-error-not-sent = This card was not assigned to your establishment. Contact support.
cards-error-taken = This card is already linked to somebody else.
cards-error-unusable = This card was reported lost, out of order or returned: it cannot be linked.
cards-error-person-missing = Choose a person of the establishment
cards-error-not-member = This person does not belong to the establishment, or their account is disabled.
cards-error-holds-one = This person already has a card. Unlink it first, or replace it.
cards-error-reason-missing = Choose a reason
cards-error-code-missing =
    { $n ->
       *[other] Type the { $n } digits shown by the card
    }
cards-error-code-wrong =
    { $n ->
        [one] This code is not valid. Press the button briefly and type the code shown. One try left.
       *[other] This code is not valid. Press the button briefly and type the code shown. { $n } tries left.
    }
cards-error-strayed =
    { $n ->
        [0] This code is not valid. The card may have drifted: type two codes in a row. That was the last try.
        [one] This code is not valid. The card may have drifted: type two codes in a row. One try left.
       *[other] This code is not valid. The card may have drifted: type two codes in a row. { $n } tries left.
    }
cards-error-replayed = This code was already used. Wait for the next one.
cards-error-locked = This card is locked after too many wrong codes. The account manager can unlock it.
cards-error-battery = “BAT” followed by a number is the level of the battery. Press briefly, without holding, to show the code.
cards-error-no-card = This card does not sign in. Ask the account manager.
cards-error-later = Too many tries. You can try again at { $time }.
