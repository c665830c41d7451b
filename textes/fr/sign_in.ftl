# Signing in, forgotten password, gates, way back to the service, signing out (S).

sign-in-title = Connexion
sign-in-intro = Saisissez votre adresse e-mail. Nous vous enverrons un code, ou vous pourrez utiliser votre mot de passe.
sign-in-no-account = Vous n’avez pas encore de compte ?
sign-in-other-means = Autres moyens de connexion
sign-in-change-email = Modifier l’adresse e-mail
sign-in-did-you-mean = Vouliez-vous dire { $email } ?
sign-in-use-suggestion = Utiliser { $email }
sign-in-keep-typed = Si votre saisie est correcte, choisissez « Continuer ».

sign-in-code-title = Saisissez le code reçu par e-mail
sign-in-code-text = Si un compte existe pour { $email }, un code à 6 chiffres vient d’être envoyé à cette adresse.
sign-in-code-sent = Un code à 6 chiffres vient d’être envoyé à { $email }.
sign-in-code-valid =
    { $n ->
        [one] Il est valable une minute.
       *[other] Il est valable { $n } minutes.
    }
sign-in-code-label = Code de connexion
sign-in-code-label-confirm = Code de vérification
sign-in-code-hint = 6 chiffres
sign-in-code-resend = Renvoyer un code
sign-in-code-resend-wait = Renvoyer un code (dans %s s)
sign-in-code-resend-ready = Vous pouvez demander un nouveau code.
sign-in-code-resend-later =
    { $n ->
        [one] Vous pourrez demander un nouveau code dans une seconde.
       *[other] Vous pourrez demander un nouveau code dans { $n } secondes.
    }
sign-in-code-sent-again = Un nouveau code a été envoyé à { $time }. Les codes précédents restent valables jusqu’à leur expiration.
sign-in-code-too-early =
    { $n ->
        [one] Un code vient déjà d’être envoyé. Vous pourrez en demander un autre dans une seconde.
       *[other] Un code vient déjà d’être envoyé. Vous pourrez en demander un autre dans { $n } secondes.
    }
sign-in-code-help = Vous ne trouvez pas l’e-mail ?
sign-in-code-help-spam = Regardez dans les courriers indésirables.
sign-in-code-help-tools = Si votre organisme utilise un outil antispam, tel que MailInBlack, autorisez l’expéditeur { $sender }.
sign-in-code-help-wait = La remise peut prendre quelques minutes.
sign-in-code-help-address = Vérifiez l’adresse saisie : { $email }.
sign-in-code-help-none = Il est possible que cette adresse ne soit pas associée à un compte.
sign-in-code-create = Je crée mon compte
sign-in-with-password = Se connecter avec mon mot de passe

sign-in-password-title = Saisissez votre mot de passe
sign-in-password-forgotten = Mot de passe oublié ?
sign-in-by-code = Recevoir un code par e-mail
sign-in-password-identifier = Votre identifiant est l’adresse e-mail utilisée à la création du compte.

sign-in-means-title = Autres moyens de connexion
sign-in-means-intro = Choisissez comment vous souhaitez vous connecter.
sign-in-means-code = Code par e-mail
sign-in-means-code-text = Vous recevez un code à 6 chiffres à votre adresse e-mail de connexion.
sign-in-means-password = Mot de passe
sign-in-means-password-text = Si vous avez choisi un mot de passe pour votre compte.
sign-in-means-help = Aucun de ces moyens ne convient ?

sign-in-account-title = Avec quel compte continuer ?
sign-in-account-continue = Continuer en tant que { $name }
sign-in-account-other = Utiliser un autre compte

sign-in-confirm-title = Confirmez votre identité
sign-in-confirm-service = Pour votre sécurité, confirmez votre identité avant de continuer vers { $service }.
sign-in-confirm-old = Votre dernière connexion est trop ancienne pour { $service }. Confirmez votre identité pour continuer.
sign-in-confirm-sensitive = Pour votre sécurité, confirmez votre identité avant de modifier votre compte.

sign-in-terms-title = Les conditions d’utilisation évoluent
sign-in-terms-intro = Une nouvelle version s’applique depuis le { $date }. Voici ce qui change :
sign-in-terms-read = Lire les conditions d’utilisation
sign-in-terms-accept = J’ai lu et j’accepte les conditions d’utilisation

sign-in-consent-title = { $service } souhaite accéder à vos informations
sign-in-consent-intro = Si vous autorisez { $service }, les informations suivantes lui seront transmises :
sign-in-consent-offline = { $service } pourra aussi actualiser ces informations lorsque vous n’êtes pas connecté.
sign-in-consent-purpose = Elles servent à vous reconnaître et à assurer le service que vous avez demandé.
sign-in-consent-privacy = Politique de confidentialité de { $service }
sign-in-consent-terms = Conditions d’utilisation de { $service }
sign-in-consent-revoke = Vous pourrez retirer cette autorisation à tout moment dans « Mon compte ».
sign-in-consent-allow = Autoriser
sign-in-consent-refuse = Refuser
sign-in-consent-optional = Vous pouvez aussi autoriser :
sign-in-consent-optional-offline = Accès en votre absence
sign-in-consent-optional-account = Type de compte et niveau de sécurité de la connexion
sign-in-consent-optional-other = Autre accès : { $scope }
sign-in-consent-rights = Habilitations
sign-in-consent-updated-at = Date de mise à jour
sign-in-consent-identifier = Identifiant technique
sign-in-consent-preferred-name = Nom d’usage
sign-in-consent-gender = Sexe
sign-in-consent-birth-date = Date de naissance
sign-in-consent-birth-place = Commune de naissance (code Insee)
sign-in-consent-birth-country = Pays de naissance (code Insee)
sign-in-consent-organization = Établissement
sign-in-consent-siret = SIRET de l’établissement
sign-in-consent-siren = SIREN de l’entreprise

sign-in-relay-title = Connexion réussie
sign-in-relay-text = Vous allez être redirigé vers { $service }.
sign-in-relay-back-title = Retour au service
sign-in-relay-link-hint = Si rien ne se passe, utilisez le lien ci-dessous.
sign-in-relay-told = Informations transmises à { $service } : { $kinds }.
sign-in-relay-button-hint = Si rien ne se passe, utilisez le bouton ci-dessous.

sign-in-forgotten-title = Mot de passe oublié
sign-in-forgotten-intro = Saisissez l’adresse e-mail de votre compte. Vous recevrez un code pour choisir un nouveau mot de passe.
sign-in-forgotten-back = Revenir à la connexion
sign-in-new-password-title = Choisissez un nouveau mot de passe
sign-in-new-password-intro = Vos autres sessions seront fermées.
sign-in-new-password-save = Enregistrer le mot de passe

sign-in-cookies-title = Votre navigateur bloque les cookies nécessaires
sign-in-cookies-text = Pour vous connecter, nous avons besoin de cookies techniques. Ils servent uniquement à la connexion, jamais à la publicité ni au suivi.
sign-in-cookies-how = Comment les autoriser :
sign-in-cookies-step-1 = Ouvrez les paramètres de votre navigateur, rubrique « Confidentialité » ou « Vie privée ».
sign-in-cookies-step-2 = Autorisez les cookies pour ce site.
sign-in-cookies-step-3 = Revenez sur cette page et choisissez « Réessayer ».
sign-in-cookies-private = La navigation privée ou une extension de blocage peut aussi être en cause.
sign-in-cookies-retry = Réessayer

sign-out-title = Voulez-vous vous déconnecter ?
sign-out-services = Services ouverts pendant cette session :
sign-out-none = Aucun autre service n’est ouvert pendant cette session.
sign-out-all = Se déconnecter de tous les services
sign-out-stay = Rester connecté
sign-out-done-title = Vous êtes déconnecté
sign-out-done-text = Votre session est fermée.
sign-out-confirmed = Ces services ont confirmé la déconnexion :
sign-out-unconfirmed = Ces services n’ont pas confirmé la déconnexion :
sign-out-shared = Fermez votre navigateur si vous utilisez un poste partagé.
sign-out-again = Se connecter à nouveau

sign-in-with-passkey = Utiliser une clé d’accès
sign-in-passkey-title = Utilisez une clé d’accès
sign-in-passkey-text = Votre appareil vous demande de le déverrouiller, comme d’habitude : empreinte, visage ou code.
sign-in-passkey-cancelled = La demande a été annulée ou a expiré. Vous pouvez réessayer.
sign-in-passkey-script = Les clés d’accès nécessitent JavaScript.
sign-in-offer-title = Créer une clé d’accès ?
sign-in-offer-later = Plus tard
sign-in-offer-never = Ne plus me le proposer
sign-in-offer-anytime = Vous pouvez en créer une à tout moment dans « Mon compte », « Sécurité ».
