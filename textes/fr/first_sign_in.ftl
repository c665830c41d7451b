# First sign-ins: of designated managers (S-22), of people who came without a password (S-20), and their SMS.

sms-first-sign-in = { $portal } : votre code de première connexion est { $code }.
sms-validity =
    { $n ->
        [one] Valable une minute, ne le communiquez à personne.
       *[other] Valable { $n } minutes, ne le communiquez à personne.
    }

mail-first-sign-in-subject = Votre code de première connexion : { $code }
mail-first-sign-in-intro = Voici la première moitié de votre première connexion à { $portal } : ce code. L’autre code vous parvient par SMS.
mail-first-sign-in-ignore = Si vous n’êtes pas à l’origine de cette demande, ignorez ce message : sans les deux codes, personne ne peut se connecter à votre place.

mail-designated-subject = Vous êtes désigné gestionnaire de compte
mail-designated-intro = Vous avez été désigné gestionnaire de compte sur { $portal }. Connectez-vous pour associer votre moyen de connexion.
mail-designated-text = Munissez-vous du téléphone mobile indiqué dans la demande : un code y sera envoyé, et un autre à cette adresse. Vous avez jusqu’au { $date }.
mail-designated-link = Première connexion gestionnaire

sign-in-first-title = Première connexion gestionnaire
sign-in-first-intro = Vous avez été désigné gestionnaire de compte. Indiquez l’adresse e-mail et le numéro de mobile donnés dans la demande : vous recevrez un code par e-mail et un autre par SMS.
sign-in-first-mobile = Numéro de téléphone mobile
sign-in-first-mobile-hint = Format attendu : 06 12 34 56 78
sign-in-first-send = Recevoir les codes
sign-in-first-usual = Vous avez déjà un moyen de connexion ? Connectez-vous
sign-in-first-codes-title = Saisissez les deux codes reçus
sign-in-first-codes-text = Si ces informations correspondent à une invitation en cours, un code vient d’être envoyé à { $email } et un autre par SMS au { $mobile }.
sign-in-first-valid =
    { $n ->
        [one] Ils sont valables une minute.
       *[other] Ils sont valables { $n } minutes.
    }
sign-in-first-change = Modifier l’adresse e-mail ou le numéro
sign-in-first-code-mail = Code reçu par e-mail
sign-in-first-code-sms = Code reçu par SMS
sign-in-first-resend = Renvoyer les codes
sign-in-first-sent-again = De nouveaux codes ont été envoyés à { $time }. Les précédents restent valables jusqu’à leur expiration.
sign-in-first-help = Vous n’avez pas reçu les deux codes ?
sign-in-first-help-same = L’adresse e-mail et le numéro de mobile doivent être ceux de la demande.
sign-in-first-help-landline = Un numéro de téléphone fixe ne permet pas de recevoir le code.

sign-in-activation-title = Choisissez un mot de passe (facultatif)
sign-in-activation-intro = Votre compte a été repris sans votre ancien mot de passe. Vous venez de vous connecter avec un code reçu par e-mail : vous pouvez continuer ainsi, ou choisir un mot de passe.
sign-in-activation-skip = Continuer sans mot de passe
sign-in-activation-later = Vous pourrez en choisir un plus tard dans « Mon compte ».

errors-mobile-missing = Saisissez votre numéro de téléphone mobile
errors-mobile-malformed = Saisissez un numéro de téléphone mobile, par exemple 06 12 34 56 78
errors-landline = Un numéro de téléphone fixe ne permet pas de recevoir le code. Saisissez un numéro de mobile.
errors-code-mail-missing = Saisissez les 6 chiffres du code reçu par e-mail
errors-code-sms-missing = Saisissez les 6 chiffres du code reçu par SMS
errors-first-sign-in = Ces informations ne correspondent pas à une invitation en cours. Vérifiez les deux codes, ainsi que l’adresse e-mail et le numéro de mobile utilisés lors de la demande. Un numéro de téléphone fixe ne permet pas de recevoir le code.

mail-administrator-added-subject = Votre compte est désormais un compte d’administration
mail-administrator-added-intro = Votre compte { $portal } est désormais un compte d’administration. Il n’a plus de mot de passe : connectez-vous avec une clé d’accès, ou avec un code par e-mail suivi du code d’une application ou d’une carte.
mail-administrator-removed-subject = Votre compte n’est plus un compte d’administration
mail-administrator-removed-intro = Votre compte { $portal } n’est plus un compte d’administration.

sign-in-no-password-title = Ce compte n’a pas de mot de passe
sign-in-no-password-text = Les comptes d’administration se connectent avec une clé d’accès, ou avec un code par e-mail suivi du code d’une application d’authentification ou d’une carte. Aucun mot de passe ne peut leur être donné.
