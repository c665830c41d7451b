# Établissements, personnes et habilitations.
org-role-manager = Gestionnaire de compte
org-role-contact = Contact de compte
org-role-manager-hint = Gère les personnes de l’établissement et leurs accès.
org-role-contact-hint = Gère ses propres démarches.
org-siret = SIRET { $siret }
org-establishment = Établissement
org-mine = Mes établissements
org-add = Ajouter un établissement
org-more = Voir les suivants
org-choose-title = Pour quel établissement vous connectez-vous ?
org-choose-filter = Nom ou SIRET
org-choose-narrow = Filtrer
org-choose-none = Aucun de vos établissements ne correspond.
org-choose-remember = Retenir ce choix pour { $service }
org-choose-closed = Sans accès à { $service }
org-ask-access = Demander un accès
org-follow-request = Suivre ma demande
org-access-title = Vous n’avez pas encore accès à { $service }
org-access-none = Ce service est ouvert sur demande, pour l’établissement pour lequel vous agissez.
org-access-no-establishment = Ce service est réservé aux personnes rattachées à un établissement. Commencez par associer le vôtre.
org-access-not-for-you = Ce service ne s’adresse pas à votre type de compte.
org-access-closed = Ce service est fermé pour le moment.
org-access-unproved = Votre rattachement à l’établissement doit d’abord être confirmé.
org-access-pending = Votre demande du { $date } attend une réponse. Elle vous parviendra par e-mail.
org-access-declined = Votre demande n’a pas été acceptée : { $reason }
org-access-changes = Votre demande est à modifier : { $reason }
org-access-ended = Votre accès a été suspendu, retiré, ou a pris fin.
org-access-again = Vérifier de nouveau
org-error-establishment = Choisissez un établissement
org-error-profile = Choisissez au moins un profil
org-error-reason = Indiquez le motif de votre demande
org-error-asked = Une demande est déjà en cours pour cet établissement (envoyée le { $date })
org-error-held = Vous avez déjà cet accès
org-error-lacks = Ce service demande une attestation que vous n’avez pas encore : { $kinds }
org-error-search-short = Saisissez au moins trois lettres, ou un numéro de SIRET
org-error-search-digits = Un SIRET compte 14 chiffres, un SIREN 9
org-error-siret = Ce numéro de SIRET n’est pas valable : vérifiez les 14 chiffres
org-error-nothing = Aucun établissement ne correspond. Vérifiez l’orthographe ou utilisez le SIRET.
org-error-closed = Cet établissement est fermé depuis le { $date }
org-error-register = Le répertoire des entreprises est momentanément indisponible. Votre saisie est conservée ; réessayez dans quelques minutes.
org-notice-sent = Votre demande a été envoyée. La réponse vous parviendra par e-mail.
org-notice-granted = Votre accès est ouvert.
org-notice-joined = Vous êtes désormais gestionnaire de compte de cet établissement.
org-notice-reminded = Votre demande a été relancée.
org-notice-too-early = Il est trop tôt pour relancer cette demande.
org-notice-cancelled = Votre demande a été annulée.
org-service-open = Accès ouvert
org-service-granted = Accès ouvert
org-service-pending = Demande en cours
org-service-on-request = Sur demande
org-service-more = En savoir plus
org-services-search = Rechercher un service
org-services-theme = Thème
org-services-all = Tous les thèmes
org-search = Rechercher
org-audience-individuals = Pour les particuliers
org-audience-professionals = Pour les professionnels
org-audience-everybody = Pour tous
org-approver-managers = Les gestionnaires de compte de votre établissement décident de l’accès.
org-approver-named = Les responsables d’accès du service décident de l’accès.
org-approver-operator = L’équipe du portail décide de l’accès.
org-fact-approver = Qui décide
org-fact-profiles = Profils
org-fact-duration = Durée maximale
org-fact-prerequisites = Attestations demandées
org-fact-contact = Contact
org-link-guide = Guide de connexion
org-link-terms = Conditions d’utilisation du service
org-profile-strong = Demande un second moyen de connexion
org-ask-title = Demander un accès à { $service }
org-ask-no-place = Associez d’abord votre compte à l’établissement pour lequel vous demandez cet accès.
org-ask-other-place = Un autre établissement
org-profiles = Profils demandés
org-reason = Motif
org-send = Envoyer ma demande
org-requests-title = Mes demandes
org-requests-none = Vous n’avez fait aucune demande.
org-what = Demande
org-what-join = Rejoindre un établissement
org-sent = Envoyée le
org-state = État
org-state-pending = En attente
org-state-changes = À modifier
org-state-accepted = Acceptée
org-state-partly = Acceptée en partie
org-state-declined = Déclinée
org-state-cancelled = Annulée
org-request-wait = La réponse vous parviendra par e-mail. En attendant, vous gardez l’accès à « Mon compte » et aux services ouverts à tous.
org-answer = Réponse :
org-steps = Étapes
org-step-sent = Demande envoyée
org-my-message = Votre message
org-remind = Relancer ma demande
org-remind-from = Vous pourrez relancer votre demande à partir du { $date }.
org-cancel-request = Annuler ma demande
org-again = Faire une nouvelle demande
org-join-title = Associer votre compte à un établissement
org-join = Rejoindre
org-mine-already = Vous agissez déjà pour cet établissement.
org-closed = Établissement fermé
org-head = Siège
org-search-label = SIRET ou raison sociale
org-search-hint = 14 chiffres, ou le nom de l’établissement
org-search-place = Code postal ou commune
org-where-siret = Où trouver mon numéro de SIRET ?
org-where-siret-text = Il figure sur vos bulletins de paie, vos factures et l’avis de situation délivré par l’Insee.
org-successor = Cet établissement a été repris par
org-suggested = Établissements correspondant à votre adresse e-mail
org-change-search = Modifier ma recherche
org-join-managed = Votre demande sera envoyée au gestionnaire de compte de l’établissement.
org-join-first = Vous serez le premier utilisateur de cet espace et en deviendrez gestionnaire de compte.
org-join-moderated = Vous serez le premier utilisateur de cet espace. L’équipe du portail confirmera votre rôle de gestionnaire de compte.
org-join-role = Vous demandez le rôle de
org-join-message = Message au gestionnaire
org-days =
    { $n ->
        [one] { $n } jour
       *[other] { $n } jours
    }
org-found =
    { $n ->
        [one] { $n } établissement trouvé
       *[other] { $n } établissements trouvés
    }
org-step-reminded =
    { $n ->
        [one] Relancée { $n } fois
       *[other] Relancée { $n } fois
    }
