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
account-login-email-explain-shared = Un code sera envoyé à la nouvelle adresse pour la vérifier. Votre ancienne adresse recevra un message permettant d’annuler pendant 7 jours. Vous n’avez pas choisi d’e-mail de contact : nos messages iront aussi à la nouvelle adresse.
account-contact-email-explain = Un code sera envoyé à la nouvelle adresse pour la vérifier. L’adresse actuelle recevra un message permettant d’annuler pendant 7 jours. Votre e-mail de connexion ne change pas.

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
account-activity-filter = Événements affichés
account-activity-family-all = Tous
account-activity-family-sign-ins = Connexions
account-activity-family-account = Compte
account-activity-family-services = Services
account-activity-export = Télécharger cette liste (CSV)
account-activity-when = Date
account-activity-what = Événement
account-activity-empty = Aucun événement enregistré.
account-activity-older = Événements plus anciens
account-activity-newest = Événements les plus récents
account-activity-not-me-title = Ce n’est pas vous ?
account-activity-not-me = Si vous ne reconnaissez pas un événement, protégez votre compte maintenant.
account-activity-not-me-link = Ce n’est pas moi
account-activity-export-date = Date (UTC)
account-activity-export-service = Service
account-activity-export-device = Navigateur
account-activity-export-file = activite.csv
account-not-me-title = Ce n’est pas moi
account-not-me-intro = Une autre personne utilise peut-être votre compte. Voici ce que nous allons faire ensemble :
account-not-me-sessions = Nous déconnectons tous les autres appareils, et les services qui avaient accès à vos informations en votre absence.
account-not-me-password = Vous choisissez un nouveau mot de passe.
account-not-me-mailbox = Changez le mot de passe de votre messagerie : c’est elle qui reçoit vos codes de connexion.
account-not-me-addresses = Vérifiez que vos adresses e-mail sont toujours les vôtres dans Mon compte. Si l’une d’elles a changé sans vous, le message reçu à l’ancienne adresse permet d’annuler.
account-not-me-button = Protéger mon compte
account-not-me-help-title = Besoin d’aide ?
account-not-me-help = L’assistance peut vérifier avec vous ce qui s’est passé.
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
account-activity-signed-in-passkey = Connexion par clé d’accès
account-activity-second-factor = Vérification supplémentaire réussie
account-activity-application-added = Application d’authentification ajoutée
account-activity-application-removed = Application d’authentification supprimée
account-activity-signed-in-upstream = Connexion par FranceConnect
account-activity-identity-linked = Identité FranceConnect rattachée
account-activity-identity-unlinked = Identité FranceConnect détachée
account-activity-passkey-added = Clé d’accès ajoutée
account-activity-passkey-removed = Clé d’accès supprimée
account-activity-means-renamed = Moyen de connexion renommé
account-activity-recovery-made = Codes de secours créés
account-activity-recovery-used = Code de secours utilisé
account-activity-recovery-asked = Perte des moyens de connexion signalée
account-activity-recovery-granted = Renouvellement des moyens de connexion accordé
account-activity-recovery-cancelled = Demande de renouvellement annulée
account-activity-recovery-done = Moyens de connexion retirés
account-activity-browser-trusted = Navigateur de confiance ajouté
account-activity-browser-distrusted = Navigateur de confiance retiré
account-activity-card-linked = Carte physique liée
account-activity-card-unlinked = Carte physique retirée
account-activity-card-locked = Carte physique bloquée
account-activity-card-lost = Carte physique déclarée perdue
account-activity-demand-changed = Exigence de connexion modifiée

account-consents-title = Services autorisés
account-consents-intro = Ces services ont accès à vos informations. Vous pouvez retirer votre autorisation : elle vous sera redemandée à votre prochaine visite, si le service la demande.
account-consents-empty = Vous n’avez donné aucune autorisation.
account-consent-data = Informations transmises
account-consent-since = Autorisé le
account-consent-used = Dernière utilisation
account-consent-offline = Accès en votre absence
account-consent-offline-yes = Oui
account-consent-withdraw = Retirer l’autorisation
account-consent-withdraw-name = donnée à { $service }

account-undo-title = Annuler le changement d’e-mail
account-undo-login = L’e-mail de connexion de votre compte est maintenant { $new }. Voulez-vous reprendre l’ancienne adresse, { $old } ?
account-undo-contact = L’e-mail de contact de votre compte est maintenant { $new }. Voulez-vous reprendre l’ancienne adresse, { $old } ?
account-undo-effect = Toutes les sessions ouvertes seront fermées.
account-undo-button = Reprendre l’ancienne adresse
account-undo-expired-title = Ce lien n’est plus valable
account-undo-expired-text = Il a déjà été utilisé, ou il date de plus de 7 jours. Si vous n’avez pas demandé ce changement, contactez l’assistance.

account-notice-identity = Vos informations ont été enregistrées.
account-notice-password-changed = Votre mot de passe a été modifié. Vos autres sessions ont été fermées.
account-notice-password-added = Votre mot de passe a été enregistré.
account-notice-password-removed = Votre mot de passe a été supprimé. Vous vous connectez avec un code reçu par e-mail.
account-notice-login-email = Votre e-mail de connexion est maintenant { $email }.
account-notice-contact-email = Votre e-mail de contact est maintenant { $email }.
account-notice-email-undone = Le changement est annulé : { $email } est de nouveau en place. Par sécurité, toutes les sessions ont été fermées.
account-notice-session-closed = L’appareil a été déconnecté.
account-notice-sessions-closed = Tous les autres appareils ont été déconnectés.
account-notice-consent = Vous avez retiré l’autorisation donnée à { $service }.
account-notice-signed-out = Vous êtes déconnecté.

account-home-title = Bonjour { $name }
account-home-intro = Choisissez un service pour y accéder : vous êtes déjà connecté.
account-home-account = Voir et modifier mon compte
account-home-none = Aucun service ne vous est encore ouvert.
account-home-services = Services qui vous sont ouverts
account-home-requests = Mes demandes en cours
account-home-secure = Renforcer ma connexion
account-home-waiting-more = Voir tous mes établissements
account-home-waiting =
    { $n ->
        [one] { $n } demande : { $name }, SIRET { $siret }
       *[other] { $n } demandes : { $name }, SIRET { $siret }
    }
account-services-title = Tous nos services
account-services-intro = Avec un seul compte, vous accédez à tous ces services.
account-services-empty = Aucun service n’est encore proposé.
account-service-open = Accéder
account-service-open-name = à { $service }
account-public-title = { $portal } : un seul compte pour tous vos services
account-public-intro = Connectez-vous une fois, avec votre adresse e-mail, et accédez à tous les services proposés.
account-public-pro = Vous êtes un professionnel
account-public-pro-text = Votre adresse e-mail suffit : vous recevez un code, ou vous utilisez votre mot de passe.

account-passkey = Clé d’accès
account-passkey-on = { $browser } sur { $system }
account-passkey-add = Créer une clé d’accès
account-passkey-intro = Une clé d’accès remplace le mot de passe et les codes. Elle est gardée par votre appareil ou par votre gestionnaire de mots de passe.
account-passkey-explain-unlock = Pour vous connecter, vous déverrouillez votre appareil : empreinte, visage ou code. Rien de cela ne nous est transmis.
account-passkey-explain-site = Elle ne fonctionne qu’ici : un site qui nous imite ne peut rien en faire.
account-passkey-explain-several = Vous pouvez en créer une par appareil.
account-passkey-create = Créer une clé d’accès
account-passkey-full =
    { $n ->
        [one] Vous avez déjà une clé d’accès, le maximum. Supprimez-la pour en créer une autre.
       *[other] Vous avez déjà { $n } clés d’accès, le maximum. Supprimez-en une pour en créer une autre.
    }
account-passkey-name = Nom de la clé
account-passkey-since = Créée le
account-passkey-used = Dernière utilisation
account-passkey-unused = Jamais utilisée
account-passkey-where = Conservation
account-passkey-synced = Synchronisée entre vos appareils
account-passkey-device = Dans un seul appareil
security-suspended = (n’est plus acceptée)
account-passkey-suspended = Cette clé a peut-être été copiée : nous ne l’acceptons plus. Supprimez-la, puis créez-en une nouvelle.
account-passkey-remove = Supprimer cette clé
account-passkey-remove-title = Supprimer une clé d’accès
account-passkey-remove-text = La clé { $name } ne permettra plus de vous connecter. Pensez à la supprimer aussi de votre appareil.
account-notice-passkey-added = Votre clé d’accès est enregistrée. Donnez-lui un nom qui vous aide à la reconnaître.
account-passkey-without = Continuer sans clé d’accès
account-activity-passkey-suspended = Clé d’accès suspendue, refusée
account-identity-vouched = Ces informations viennent de { $provider }. Elles ne peuvent pas être modifiées ici.
account-verification-title = Vérification de votre identité
account-verification-text = Certains services demandent une identité vérifiée. Le nom et le prénom de votre compte seront remplacés par ceux que l’État connaît, et vous ne pourrez plus les modifier ici.
account-verification-start = Vérifier mon identité avec { $provider }
account-verification-again = Vérifier à nouveau mon identité avec { $provider }
account-verification-done = Identité vérifiée par { $provider } le { $date }, valable jusqu’au { $until }.
account-verification-expired = Identité vérifiée par { $provider } le { $date }. Cette vérification n’est plus valable depuis le { $until } : les services n’en tiennent plus compte.
account-verification-remove = Retirer cette vérification
account-verification-remove-hint = Vous pourrez de nouveau modifier votre nom. Les services ne verront plus votre identité comme vérifiée.
account-notice-identity-verified = Votre identité est vérifiée par { $provider }.
account-notice-identity-unverified = La vérification de votre identité est retirée.
account-notice-identity-locked = Votre nom est vérifié : il n’a pas été modifié. Les autres informations sont enregistrées.
account-notice-identity-taken = Votre identité n’a pas été vérifiée : elle l’est déjà pour un autre compte professionnel. Retirez d’abord la vérification de cet autre compte.
account-notice-identity-somebody-else = Votre identité n’a pas été vérifiée : ce compte l’a été pour une autre personne. Si c’est une erreur, retirez d’abord la vérification actuelle.
account-notice-identity-unavailable = Votre identité n’a pas pu être vérifiée. Réessayez plus tard.
account-activity-identity-verified = Identité vérifiée
account-activity-identity-unverified = Vérification de l’identité retirée
