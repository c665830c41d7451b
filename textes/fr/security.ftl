# Additional verification, its enrolment, and « Sécurité » in « Mon compte ».

factor-means-title = Vérification supplémentaire
factor-means-passkey = Clé d’accès
factor-means-application = Application d’authentification
factor-means-card = Carte physique
factor-means-recovery = Code de secours
factor-use = Utiliser
factor-other = Utiliser un autre moyen
factor-why-service = { $service } demande une connexion renforcée.
factor-why-role = Votre rôle demande une connexion renforcée.
factor-why-person = Votre compte demande une connexion renforcée.
factor-why-administration = L’administration du portail demande une connexion renforcée.
factor-why-action = Pour votre sécurité, cette modification demande une connexion renforcée.

factor-application-title = Saisissez le code de votre application
factor-application-label = Code de l’application d’authentification
factor-application-hint = 6 chiffres. Le code change toutes les 30 secondes.
factor-card-title = Saisissez le code de votre carte
factor-card-label = Code affiché par la carte physique
factor-card-hint = Appuyez brièvement sur le bouton de la carte : un code s’affiche.
factor-card-again-title = Retrouvons le rythme de votre carte
factor-card-again-label = Code affiché par la carte physique
factor-card-again-hint = Appuyez brièvement sur le bouton de la carte et saisissez le code affiché.
factor-card-next-label = Code suivant
factor-card-next-hint = Attendez que le code change, ou appuyez de nouveau, puis saisissez le second code.
factor-recovery-title = Saisissez un code de secours
factor-recovery-label = Code de secours
factor-recovery-hint = 8 caractères, par exemple K7QF-M2ZP

factor-error-application = Ce code n’est pas valable. Vérifiez que l’heure de votre téléphone est réglée automatiquement.
factor-error-replayed = Ce code a déjà été utilisé. Attendez le code suivant.
factor-error-recovery = Ce code de secours n’est pas valable ou a déjà été utilisé.
factor-error-recovery-malformed = Saisissez les 8 caractères du code de secours, par exemple K7QF-M2ZP.
factor-error-suspended = Trop d’essais. Ce moyen est suspendu jusqu’à { $time }. Vous pouvez utiliser un autre moyen.
factor-error-enrolled = Cette application est déjà enregistrée.
factor-error-too-many = Vous avez atteint le nombre maximal d’applications. Supprimez-en une pour en ajouter une autre.
factor-error-name = Saisissez un nom d’au plus 60 caractères.
factor-error-keep = Confirmez que vous avez conservé ces codes.

factor-lost-link = Je n’ai plus accès à mes moyens de connexion
factor-lost-title = Je n’ai plus accès à mes moyens de connexion
factor-lost-intro = Voici comment retrouver l’accès à votre compte.
factor-lost-recovery = Vous avez imprimé des codes de secours ? Utilisez l’un d’eux.
factor-lost-card = Votre carte est perdue ou cassée ? Votre gestionnaire de compte peut la remplacer.
factor-lost-managers = Sinon, prévenez votre gestionnaire de compte. Il vérifiera votre identité avant de retirer vos moyens de connexion.
factor-lost-support = Sinon, prévenez l’assistance. Elle vérifiera votre identité avant de retirer vos moyens de connexion.
factor-lost-delay = Par sécurité, un délai s’applique et un message est envoyé à toutes vos adresses.
factor-lost-tell-managers = Prévenir mon gestionnaire de compte
factor-lost-tell-support = Prévenir l’assistance
factor-lost-asked = Votre demande a été envoyée le { $date }. Vous recevrez un e-mail dès qu’elle aura été examinée.
factor-lost-granted = Votre demande a été acceptée. Vous pourrez choisir de nouveaux moyens de connexion à partir du { $date }.
factor-lost-cancel = Annuler ma demande

factor-enrol-title = Renforcez votre connexion
factor-enrol-intro = Choisissez un second moyen de connexion.
factor-enrol-passkey = Recommandé. Vous vous connectez avec l’empreinte, le visage ou le code de votre appareil.
factor-enrol-passkey-action = Créer une clé d’accès
factor-enrol-application = Une application de votre téléphone affiche un code qui change toutes les 30 secondes.
factor-enrol-application-action = Configurer une application
factor-enrol-card = Elle est remise et liée à votre compte par votre gestionnaire de compte.
factor-enrol-later =
    { $n ->
        [0] Plus tard (dernier jour)
        [one] Plus tard (il vous reste un jour)
       *[other] Plus tard (il vous reste { $n } jours)
    }

application-title = Configurer une application d’authentification
application-step-install = Installez une application d’authentification sur votre téléphone, par exemple FreeOTP ou Proton Authenticator.
application-step-scan = Dans l’application, scannez ce QR code.
application-qr = QR code à scanner dans votre application
application-open = Ouvrir dans mon application
application-key-show = Afficher la clé
application-copy = Copier
application-step-code = Saisissez le code à 6 chiffres affiché par l’application.
application-code = Code de vérification
application-name = Nom de l’application
application-default-name = Application d’authentification
application-confirm = Valider le code

recovery-title = Codes de secours
recovery-intro = Dix codes à conserver sur papier : chacun permet de se connecter une fois, sans votre téléphone ni votre carte. En créer de nouveaux rend les précédents inutilisables.
recovery-make = Créer mes codes de secours
recovery-keep = Conservez cette feuille dans un endroit sûr. Chaque code ne sert qu’une fois. Ces codes ne seront plus affichés.
recovery-download = Télécharger (.txt)
recovery-print = Imprimer
recovery-kept = J’ai conservé ces codes
recovery-finish = Terminer
recovery-file = codes-de-secours.txt

security-title = Sécurité
security-back = Retour à la sécurité du compte
security-level-1 = Vous vous connectez avec un seul facteur. Ajoutez un second moyen pour mieux protéger votre compte.
security-level-2 = Double authentification : vous pouvez vous connecter avec deux facteurs.
security-level-3 = Clé d’accès : votre compte a le plus haut niveau de protection.
security-first = Première étape
security-strong = Moyens renforcés
security-password-administrator = Les administrateurs n’ont pas de mot de passe.
security-two-step = Vérification en deux étapes
security-two-step-on = Un code par e-mail suit votre mot de passe.
security-two-step-off = Votre mot de passe suffit.
security-two-step-always = Un code par e-mail suit le mot de passe, pour tous les comptes.
security-two-step-start = Activer
security-two-step-stop = Désactiver
security-browsers = Navigateurs de confiance
security-browsers-count =
    { $n ->
        [0] Aucun
        [one] Un navigateur
       *[other] { $n } navigateurs
    }
security-added = Ajouté le { $date }.
security-used = Dernière utilisation le { $date }.
security-never-used = Jamais utilisé.
security-recovery = Codes de secours
security-recovery-none = Vous n’avez pas de codes de secours.
security-recovery-left =
    { $n ->
        [0] Tous les codes créés le { $date } ont été utilisés.
        [one] Il vous reste un code de secours, créé le { $date }.
       *[other] Il vous reste { $n } codes de secours, créés le { $date }.
    }
security-recovery-action = Créer des codes
security-add-passkey = Ajouter une clé d’accès
security-add-application = Ajouter une application d’authentification
security-name = Nom
security-rename = Renommer
security-remove-title = Supprimer ce moyen de connexion
security-remove-text = Vous ne pourrez plus vous connecter avec lui. Un e-mail vous le confirmera.
security-remove = Supprimer
security-remove-last = C’est votre dernier moyen renforcé, et une connexion renforcée est exigée par : { $who }. Ajoutez un autre moyen avant de supprimer celui-ci.
security-demand-role = votre rôle de gestionnaire de compte
security-demand-person = votre compte
security-demand-administration = l’administration du portail

browsers-title = Navigateurs de confiance
browsers-intro = Dans ces navigateurs, aucun code par e-mail ne suit votre mot de passe.
browsers-none = Vous n’avez aucun navigateur de confiance.
browsers-since = Depuis le
browsers-until = Jusqu’au
browsers-remove = Ne plus faire confiance
browsers-remove-all = Ne plus faire confiance à aucun navigateur
browsers-trust = Faire confiance à ce navigateur pendant { $days } jours
browsers-trust-hint = Ne cochez pas cette case sur un ordinateur partagé.

security-notice-application = L’application d’authentification a été ajoutée.
security-notice-renamed = Le nom a été modifié.
security-notice-removed = Le moyen de connexion a été supprimé.
security-notice-recovery-made = Vos codes de secours ont été créés.
security-notice-recovery-left =
    { $n ->
        [0] Vous avez utilisé votre dernier code de secours. Créez-en de nouveaux dans « Mon compte ».
        [one] Il vous reste un code de secours.
       *[other] Il vous reste { $n } codes de secours.
    }
security-notice-two-step-on = Un code par e-mail suivra désormais votre mot de passe.
security-notice-two-step-off = La vérification en deux étapes est désactivée.
security-notice-browser = Ce navigateur n’est plus de confiance.
security-notice-lost-asked = Votre demande a été envoyée.
security-notice-lost-cancelled = Votre demande a été annulée.

lost-stop-title = Arrêter le renouvellement des moyens de connexion
lost-stop-text = Une demande a été faite pour retirer vos moyens de connexion. Si ce n’est pas vous, arrêtez-la.
lost-stop-button = Arrêter la demande
lost-stop-done = La demande est arrêtée. Vos moyens de connexion n’ont pas changé. Changez le mot de passe de votre messagerie et de votre compte.
lost-stop-none = Cette demande a déjà été arrêtée ou n’existe plus.
lost-stop-help = Un doute ?
lost-requests-title = Renouvellement des moyens de connexion
lost-requests-none = Aucune demande en cours.
lost-requests-check = Vérifiez l’identité de la personne de vive voix avant d’accepter : une personne malveillante peut être à l’origine de la demande.
lost-requests-since = Demande du { $date }
lost-requests-granted = Acceptée : ses moyens de connexion seront retirés le { $date }.
lost-requests-own = Une autre personne de l’établissement doit décider de votre demande.
lost-requests-accept = Accepter
lost-requests-decline = Décliner
lost-requests-link = Demandes de renouvellement des moyens de connexion
security-notice-lost-granted = La demande est acceptée. La personne est prévenue à toutes ses adresses.
factor-lost-identity = Votre identité a été vérifiée par { $provider } ? Prouvez-la de nouveau : personne d’autre n’aura à décider.
factor-lost-prove = Prouver mon identité avec { $provider }
security-notice-lost-proved = Votre identité est confirmée.
security-notice-lost-not-proved = Cette identité n’est pas celle qui a été vérifiée pour ce compte. Rien n’a changé.
