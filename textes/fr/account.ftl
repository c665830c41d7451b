# « Mon compte », portal home and services (P, S-01).

account-title = Mon compte
account-section-identity = Identité
account-section-security = Sécurité
account-section-activity = Connexions et activité
account-section-data = Données transmises
account-function-empty = Non renseignée
account-phone-empty = Non renseigné
account-login-email-text = C’est votre identifiant. Les codes de connexion y sont envoyés.
account-contact-email-text = Nous l’utilisons pour vous écrire au sujet de votre compte.
account-means-code = Code par e-mail
account-means-code-text = Toujours disponible, à votre e-mail de connexion.
account-password-none = Aucun mot de passe
account-password-since = Modifié le { $date }
account-password-add = Ajouter
account-password-remove = Supprimer mon mot de passe
account-sessions = Appareils connectés
account-sessions-count =
    { $n ->
        [one] Une session ouverte
       *[other] { $n } sessions ouvertes
    }
account-see = Voir
account-activity = Activité du compte
account-last-sign-in = Dernière connexion le { $date }
account-no-sign-in = Aucune connexion enregistrée
account-consents = Services autorisés
account-consents-text = Les services auxquels vous avez permis d’accéder à vos informations.
account-back = Revenir à Mon compte

account-identity-title = Modifier mon identité
account-login-email-title = Modifier mon e-mail de connexion
account-contact-email-title = Modifier mon e-mail de contact
account-email-current = Adresse actuelle : { $email }
account-new-login-email = Nouvel e-mail de connexion
account-new-contact-email = Nouvel e-mail de contact
account-login-email-explain = Un code sera envoyé à la nouvelle adresse pour la vérifier. Votre ancienne adresse recevra un message permettant d’annuler pendant 7 jours. Votre e-mail de contact ne change pas.
account-contact-email-explain = Un code sera envoyé à la nouvelle adresse pour la vérifier. Votre e-mail de connexion ne change pas.

account-password-title-change = Modifier mon mot de passe
account-password-title-add = Choisir un mot de passe
account-password-sessions = Vos autres sessions seront fermées.
account-password-remove-title = Ne plus utiliser de mot de passe
account-password-remove-text = Vous vous connecterez avec un code reçu par e-mail. Vous pourrez choisir un nouveau mot de passe à tout moment.

account-sessions-title = Appareils connectés
account-sessions-intro = Voici les navigateurs dans lesquels votre compte est ouvert. Si vous n’en reconnaissez pas un, déconnectez-le.
account-session-current = Ce navigateur
account-session-unknown = Navigateur inconnu
account-session-since = Ouverte le
account-session-used = Dernière utilisation
account-session-services = Services ouverts
account-session-no-service = Aucun
account-session-close = Déconnecter
account-session-close-name = { $device }, session ouverte le { $since }
account-sessions-close-others = Déconnecter tous les autres appareils

account-activity-title = Activité du compte
account-activity-intro = Les événements de sécurité de votre compte, du plus récent au plus ancien.
account-activity-caption = Événements de sécurité
account-activity-when = Date
account-activity-what = Événement
account-activity-empty = Aucun événement enregistré.
account-activity-older = Événements plus anciens
account-activity-newest = Événements les plus récents
account-activity-not-me-title = Ce n’est pas vous ?
account-activity-not-me = Si vous ne reconnaissez pas un événement, changez votre mot de passe et déconnectez les autres appareils.
account-activity-created = Création du compte
account-activity-signed-in-code = Connexion par code reçu par e-mail
account-activity-signed-in-password = Connexion par mot de passe
account-activity-failed = Échec de connexion
account-activity-locked = Connexion par mot de passe suspendue après trop d’essais
account-activity-service = Ouverture d’un service
account-activity-signed-out = Déconnexion
account-activity-session-closed = Session fermée à distance
account-activity-password-changed = Mot de passe modifié
account-activity-password-removed = Mot de passe supprimé
account-activity-reset-asked = Demande de nouveau mot de passe
account-activity-login-email = E-mail de connexion modifié
account-activity-contact-email = E-mail de contact modifié
account-activity-email-undone = Changement d’e-mail annulé
account-activity-identity = Identité modifiée
account-activity-consent = Autorisation donnée à un service
account-activity-consent-withdrawn = Autorisation retirée à un service
account-activity-terms = Conditions d’utilisation acceptées
account-activity-operator = Modification par l’exploitant

account-consents-title = Services autorisés
account-consents-intro = Vous avez permis à ces services d’accéder à vos informations. Vous pouvez retirer votre autorisation : elle vous sera redemandée à votre prochaine visite.
account-consents-empty = Vous n’avez donné aucune autorisation.
account-consent-data = Informations transmises
account-consent-since = Autorisé le
account-consent-used = Dernière utilisation
account-consent-offline = Accès en votre absence
account-consent-offline-yes = Oui
account-consent-withdraw = Retirer l’autorisation
account-consent-withdraw-name = donnée à { $service }

account-undo-title = Annuler le changement d’e-mail de connexion
account-undo-text = L’e-mail de connexion de votre compte est maintenant { $new }. Voulez-vous reprendre l’ancienne adresse, { $old } ?
account-undo-effect = Toutes les sessions ouvertes seront fermées.
account-undo-button = Reprendre l’ancienne adresse
account-undo-done-title = Le changement est annulé
account-undo-done-text = Vous vous connectez de nouveau avec { $old }. Par sécurité, toutes les sessions ont été fermées.
account-undo-expired-title = Ce lien n’est plus valable
account-undo-expired-text = Il a déjà été utilisé, ou il date de plus de 7 jours. Si vous n’avez pas demandé ce changement, contactez l’assistance.

account-notice-identity = Vos informations ont été enregistrées.
account-notice-password-changed = Votre mot de passe a été modifié. Vos autres sessions ont été fermées.
account-notice-password-added = Votre mot de passe a été enregistré.
account-notice-password-removed = Votre mot de passe a été supprimé. Vous vous connectez avec un code reçu par e-mail.
account-notice-login-email = Votre e-mail de connexion est maintenant { $email }.
account-notice-contact-email = Votre e-mail de contact est maintenant { $email }.
account-notice-email-undone = Votre e-mail de connexion est de nouveau { $email }.
account-notice-session-closed = L’appareil a été déconnecté.
account-notice-sessions-closed = Tous les autres appareils ont été déconnectés.
account-notice-consent = Vous avez retiré l’autorisation donnée à { $service }.
account-notice-signed-out = Vous êtes déconnecté.

account-home-title = Bonjour { $name }
account-home-intro = Choisissez un service pour y accéder : vous êtes déjà connecté.
account-home-account = Voir et modifier mon compte
account-services-title = Tous nos services
account-services-intro = Avec un seul compte, vous accédez à tous ces services.
account-services-empty = Aucun service n’est encore proposé.
account-service-open = Accéder
account-service-open-name = à { $service }
account-public-title = { $portal } : un seul compte pour tous vos services
account-public-intro = Connectez-vous une fois, avec votre adresse e-mail, et accédez à tous les services proposés.
account-public-pro = Vous êtes un professionnel
account-public-pro-text = Votre adresse e-mail suffit : vous recevez un code, ou vous utilisez votre mot de passe.
