# What is wrong with a field, and error pages (X-01).

errors-email-missing = Saisissez votre adresse e-mail
errors-email-malformed = Saisissez une adresse e-mail au format attendu, par exemple prenom.nom@entreprise.fr
errors-email-unchanged = Saisissez une adresse différente de l’adresse actuelle
errors-email-taken = Cette adresse est déjà celle d’un autre compte. Saisissez-en une autre
errors-code-missing = Saisissez les 6 chiffres du code
errors-code-wrong =
    { $n ->
        [0] Ce code n’est pas valable. Demandez un nouveau code.
        [one] Ce code n’est pas valable. Il vous reste un essai.
       *[other] Ce code n’est pas valable. Il vous reste { $n } essais.
    }
errors-code-expired = Ce code a expiré. Nous venons de vous en envoyer un nouveau.
errors-code-too-many-tries =
    { $n ->
        [one] Trop d’essais. Demandez un nouveau code dans une minute.
       *[other] Trop d’essais. Demandez un nouveau code dans { $n } minutes.
    }
errors-code-other-browser = Saisissez ce code dans le navigateur où vous l’avez demandé
errors-too-many-codes =
    { $n ->
        [one] Trop de codes ont été demandés. Réessayez dans une minute.
       *[other] Trop de codes ont été demandés. Réessayez dans { $n } minutes.
    }
errors-password-missing = Saisissez votre mot de passe
errors-password-wrong = Adresse e-mail ou mot de passe incorrect.
errors-current-password-wrong = Le mot de passe actuel est incorrect.
errors-password-locked = Trop d’essais. Pour protéger ce compte, la connexion par mot de passe est suspendue jusqu’à { $time }. Vous pouvez recevoir un code par e-mail.
errors-password-too-short = Choisissez un mot de passe d’au moins { $n } caractères
errors-password-too-long = Choisissez un mot de passe plus court
errors-password-divulged = Ce mot de passe figure dans une liste de mots de passe divulgués. Choisissez-en un autre.
errors-password-guessable = Ce mot de passe est trop facile à deviner. Ajoutez un mot ou deux.
errors-password-personal = Votre mot de passe ne doit pas contenir votre adresse e-mail ni votre nom.
errors-given-name-missing = Saisissez votre prénom
errors-family-name-missing = Saisissez votre nom
errors-name-refused = Saisissez au plus 100 lettres, espaces, apostrophes, points ou traits d’union
errors-phone-malformed = Saisissez un numéro de téléphone, par exemple 01 23 45 67 89 ou +33 1 23 45 67 89
errors-function-refused = Saisissez une fonction de 100 caractères au plus
errors-means-missing = Choisissez comment vous connecter
errors-terms-not-accepted = Cochez la case pour accepter les conditions d’utilisation

errors-this-service = ce service
errors-page-title = Erreur { $code }
errors-code-line = Code de l’erreur
errors-reference-line = Référence
errors-date-line = Date
errors-copy = Copier
errors-copied = Copié
errors-until = Vous pourrez réessayer à partir de { $time }.
errors-technical = Détails techniques
errors-technical-error = Erreur
errors-technical-description = Description
errors-way-resume = Reprendre la connexion
errors-way-retry = Réessayer
errors-way-home = Revenir à la page d’accueil

errors-a101-title = Ce service n’est pas reconnu
errors-a101-text = Le service qui vous a envoyé ici n’est pas enregistré chez nous. L’adresse que vous avez suivie est peut-être ancienne ou incomplète.
errors-a102-title = L’adresse de retour de ce service n’est pas autorisée
errors-a102-text = Pour votre sécurité, nous ne transmettons rien à une adresse qui n’a pas été déclarée. Signalez-le à l’assistance.
errors-a103-title = La demande de { $service } est incorrecte
errors-a103-text = Vous n’y êtes pour rien : { $service } nous a envoyé une demande que nous ne pouvons pas traiter.
errors-a104-title = { $service } est momentanément fermé
errors-a104-text = L’accès à ce service est suspendu. Votre compte n’est pas en cause.
errors-a201-title = Votre demande de connexion a expiré
errors-a201-text = Vous êtes resté longtemps sans agir. Rien n’est perdu : reprenez la connexion là où elle a commencé.
errors-a202-title = Votre navigateur bloque les cookies nécessaires
errors-a202-text = Autorisez les cookies pour ce site, puis réessayez.
errors-a203-title = Nous ne retrouvons pas votre demande de connexion
errors-a203-text = Elle a peut-être été commencée dans un autre navigateur, ou l’adresse est incomplète. Reprenez la connexion depuis le début.
errors-a204-title = Vous êtes déjà connecté
errors-a204-text = Cette étape est terminée, peut-être dans un autre onglet. Vous pouvez continuer.
errors-a205-title = Cette page est restée ouverte trop longtemps
errors-a205-text = Pour votre sécurité, le formulaire n’a pas été pris en compte. Revenez à la page et envoyez-le de nouveau.
errors-a301-title = Trop d’essais
errors-a301-text = Pour protéger ce compte, la connexion est suspendue quelques minutes.
errors-a302-title = Votre compte est suspendu
errors-a302-text = Vous ne pouvez pas vous connecter pour le moment. Contactez l’assistance pour en connaître la raison.
errors-a401-title = Vous avez interrompu la connexion avec FranceConnect
errors-a401-text = Rien n’a été transmis. Vous pouvez recommencer, ou choisir un autre moyen de connexion.
errors-a402-title = FranceConnect n’a pas pu confirmer votre identité
errors-a402-text = La page d’erreur donne la cause et le code transmis par FranceConnect. Recommencez, si possible avec un autre compte.
errors-a403-title = FranceConnect est momentanément indisponible
errors-a403-text = Votre compte n’est pas en cause. Réessayez dans quelques minutes, ou choisissez un autre moyen de connexion.
errors-a429-title = Trop de demandes
errors-a429-text = Vous avez envoyé beaucoup de demandes en peu de temps. Patientez un instant avant de réessayer.
errors-a900-title = Cette demande n’a pas pu être comprise
errors-a900-text = L’adresse ou le formulaire est incomplet. Revenez à la page précédente et réessayez.
errors-a904-title = Cette page n’existe pas
errors-a904-text = L’adresse est peut-être mal recopiée, ou la page a été déplacée.
errors-a905-title = Cette page ne peut pas être ouverte ainsi
errors-a905-text = Elle attend l’envoi d’un formulaire. Revenez à la page précédente.
errors-a908-title = Votre envoi n’est pas arrivé à temps
errors-a908-text = La connexion à internet est peut-être trop lente. Vérifiez-la, puis réessayez.
errors-a913-title = Votre envoi est trop volumineux
errors-a913-text = Raccourcissez ce que vous avez saisi, puis réessayez.
errors-a950-title = Une erreur technique est survenue
errors-a950-text = Vous n’y êtes pour rien. Réessayez ; si l’erreur persiste, donnez la référence ci-dessous à l’assistance.
errors-a953-title = Le service de connexion est momentanément indisponible
errors-a953-text = Nous faisons le nécessaire. Réessayez dans quelques instants.

errors-passkey-title = La clé d’accès n’a pas pu être utilisée
errors-passkey-refused = Cette clé d’accès n’est pas valable ici. Réessayez avec une autre, ou choisissez un autre moyen de connexion.
errors-passkey-expired = La demande a expiré. Vous pouvez réessayer.
errors-passkey-suspended = Cette clé d’accès a peut-être été copiée : nous ne l’acceptons plus. Connectez-vous par un autre moyen, puis remplacez-la dans « Mon compte ».
errors-passkey-limited = Trop d’essais. Pour protéger ce compte, les clés d’accès sont suspendues jusqu’à { $time }. Choisissez un autre moyen de connexion.
errors-passkey-not-created = La création a été annulée ou a expiré. Réessayez.
errors-passkey-known = Cette clé est déjà enregistrée.
errors-passkey-unable = Cet appareil ne permet pas de créer une clé d’accès.
