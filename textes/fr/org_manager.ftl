# Mon établissement.
org-change-place = Changer d’établissement
org-place-intro = { $name }, SIRET { $siret }
org-person-intro = { $name } ({ $email }), { $establishment }
org-tab-about = Informations
org-tab-people = Intervenants associés à l’établissement
org-tab-requests = Demandes ({ $n })
org-tab-cards = Cartes
org-tab-services = Services
org-name = Nom
org-siret-term = SIRET
org-siren-term = SIREN
org-address = Adresse
org-register-date = Répertoire des entreprises, le { $date }
org-managers = Gestionnaires de compte
org-domains = Domaines vérifiés
org-domains-none = Aucun
org-people-count = Intervenants
org-insee = Pour corriger le nom ou le SIRET, adressez-vous à l’Insee.
org-mine-none = Votre compte n’est rattaché à aucun établissement.
org-mine-company = Entreprise { $siren }
org-until = Jusqu’au { $date }
org-place-active = Actif
org-place-disabled = Désactivé
org-place-over = Terminé
org-leave = Quitter cet établissement
org-leave-rights = Vos accès aux services pour cet établissement sont retirés.
org-leave-account = Votre compte et vos autres établissements ne changent pas.
org-leave-back = Pour revenir, il faudra une nouvelle demande ou une invitation.
org-cancel = Annuler
org-people-title = Intervenants associés à l’établissement
org-people-search = Nom ou adresse e-mail
org-people-name = Nom
org-people-email = Adresse e-mail
org-people-role = Rôle
org-people-means = Moyens de connexion
org-people-last = Dernier accès
org-people-until = Date de fin
org-people-none = Aucun intervenant ne correspond.
org-filter-roles = Tous les rôles
org-filter-states = Tous les états
org-filter-idle = Inactifs depuis 6 mois
org-means-passkey = Clé d’accès
org-means-application = Application d’authentification
org-means-card = Carte physique
org-means-none = E-mail ou mot de passe
org-edit-rights = Modifier les droits
org-export = Exporter (CSV)
org-services-and-profiles = Services et profils
org-services-here = Services de l’établissement
org-services-used = Services utilisés
org-services-others = Autres services
org-services-none = Personne dans l’établissement n’a encore accès à un service sur demande.
org-services-open = Ouvert à tous, sans demande.
org-services-people =
    { $n ->
        [0] Personne n’y a accès
        [one] { $n } personne y a accès
       *[other] { $n } personnes y ont accès
    }
org-services-ask = Demander un accès pour l’établissement
org-newcomers-title = Accès des nouveaux intervenants
org-newcomers-hint = Les personnes que vous acceptez reçoivent ces accès dès leur arrivée, sous réserve des attestations exigées ; ils sont cochés d’avance quand vous invitez. Les accès déjà donnés ne changent pas.
org-own-rights = Vos propres accès se demandent dans « Tous nos services ».
org-held-title = Accès aux services
org-held-of = Accès de { $name } à { $service }
org-held-manage = Gérer cet accès
org-held-endless = Sans date de fin
org-held-suspended = Suspendu
org-held-withdrawn = Retiré
org-held-some-suspended = Accès suspendu
org-service = Service
org-suspension-absence = Absence
org-suspension-mission = Mission interrompue
org-suspension-security = Sécurité
org-suspension-review = Non confirmé lors d’une revue des accès
org-suspension-operator = Décision de l’équipe du portail
org-suspend = Suspendre
org-suspend-hint = La personne perd cet accès dès maintenant, sans que ses profils soient oubliés. Elle est prévenue, et le service aussi.
org-restore = Rétablir
org-restore-hint = La personne retrouve cet accès tel qu’il était. Elle est prévenue, et le service aussi.
org-restore-not-yours = Cet accès a été suspendu par l’équipe du portail, qui seule peut le rétablir.
org-extend = Prolonger
org-extend-do = Enregistrer la date de fin
org-withdraw = Retirer cet accès
org-withdraw-hint = Un accès retiré se redemande ou se donne de nouveau.
org-succession-title = Succession de l’établissement
org-succession-offered = Cet établissement est fermé et un autre lui succède : vous pouvez y reporter les intervenants et leurs accès.
org-succession-to-answer = Un établissement fermé demande que vous repreniez ses intervenants.
org-succession-next = D’après le répertoire des entreprises, { $name }, SIRET { $siret }, succède à cet établissement.
org-succession-people = Chaque intervenant agit pour le nouvel établissement, avec la preuve et les dates de son rattachement.
org-succession-rights = Chaque accès est reporté avec ses profils et sa date de fin.
org-succession-source = L’ancien établissement est clos : plus personne n’agit pour lui. Son historique est conservé.
org-succession-managed = Si le nouvel établissement a des gestionnaires de compte, ils décident, et restent ses seuls gestionnaires.
org-succession-do = Reporter les intervenants et leurs accès
org-succession-asked = Votre demande attend la réponse des gestionnaires de compte du nouvel établissement.
org-succession-none = Le répertoire n’indique aucune succession à traiter pour cet établissement.
org-succession-answer-hint = Cet établissement est fermé et le vôtre lui succède. Ses intervenants deviendraient des contacts de compte du vôtre, avec leurs accès aux services.
org-succession-accept = Accepter la reprise
org-succession-decline = Refuser
org-review-title = Revue des accès
org-review-intro = Une revue demande aux gestionnaires de compte de confirmer chaque accès de l’établissement avant une date. Ce que personne n’a confirmé est suspendu ce jour-là, et peut être rétabli.
org-review-open = Ouvrir une revue
org-review-last-day = Dernier jour de la revue
org-review-last-day-hint = Dans les 90 jours, par exemple 31 12 2027
org-review-until = Revue ouverte jusqu’au { $date } inclus
org-review-hint = Chaque réponse est enregistrée aussitôt. Si la personne a quitté l’établissement, désactivez-la aussi dans la liste des intervenants.
org-review-none-left = Tous les accès sont vérifiés.
org-review-own = À vérifier par un autre gestionnaire
org-review-stays = Toujours en poste
org-review-gone = Parti
org-journal-title = Journal
org-journal-intro = Ce qui s’est passé dans l’établissement depuis douze mois.
org-journal-none = Aucun événement.
org-journal-when = Date
org-journal-what = Événement
org-journal-person = Personne
org-journal-by = Par
org-journal-all = Tous les événements
org-journal-people = Intervenants
org-journal-requests = Demandes
org-journal-rights = Accès aux services
org-journal-cards = Cartes
org-journal-refusals = Tentatives refusées
org-journal-stranger = Une autre personne
org-journal-operator = L’équipe du portail
org-journal-system = Automatique
org-event-designated = Gestionnaire désigné
org-event-place = Place ou rôle dans l’établissement modifié
org-event-place-disabled = Intervenant désactivé
org-event-place-ended = Date de fin de l’intervenant atteinte
org-event-proved = Rattachement prouvé
org-event-succeeded = Reprise d’un établissement fermé
org-event-succession-asked = Reprise demandée
org-event-succession-declined = Reprise refusée
org-event-invited = Invitation envoyée
org-event-invitation-accepted = Invitation acceptée
org-event-invitation-cancelled = Invitation annulée
org-event-request-filed = Demande envoyée
org-event-request-reminded = Demande relancée
org-event-request-accepted = Demande acceptée
org-event-request-declined = Demande déclinée
org-event-request-changes = Modification demandée
org-event-request-cancelled = Demande annulée
org-event-right-granted = Accès ouvert ou modifié
org-event-right-suspended = Accès suspendu
org-event-right-restored = Accès rétabli
org-event-right-confirmed = Accès confirmé lors d’une revue
org-event-right-ended = Date de fin de l’accès atteinte
org-event-right-revoked = Accès retiré
org-event-review-opened = Revue des accès ouverte
org-event-newcomers = Accès des nouveaux intervenants modifiés
org-event-review-closed = Revue des accès terminée
org-event-card-sent = Carte envoyée à l’établissement
org-event-card-linked = Carte remise
org-event-card-validated = Carte validée
org-event-card-unlinked = Carte déliée
org-event-card-changed = État d’une carte modifié
org-event-refused = Tentative refusée
org-end = Date de fin
org-end-hint = Par exemple 31 12 2027
org-end-latest = Au plus tard le { $date }
org-day = Jour
org-month = Mois
org-year = Année
org-deactivate = Désactiver { $name }
org-deactivate-sessions = Les connexions en cours aux services pour cet établissement prennent fin.
org-deactivate-rights = Tous les accès aux services pour cet établissement sont retirés.
org-deactivate-services = Les services concernés sont prévenus, et la personne aussi.
org-deactivate-account = Le compte de la personne et ses autres établissements ne changent pas.
org-deactivate-own = Il s’agit de votre propre compte.
org-card-held = Cette personne détient une carte physique de l’établissement.
org-card-take-back = Délier la carte
org-reactivate = Réactiver
org-reactivate-hint = La personne retrouve son rôle. Ses accès aux services sont à donner ou à demander de nouveau.
org-motif-departure = Départ
org-motif-mission = Fin de mission
org-motif-mistake = Erreur
org-motif-security = Sécurité
org-hand-over = Transférer le rôle de gestionnaire
org-hand-over-intro = La personne choisie devient gestionnaire de compte quand elle accepte, dans les 72 heures. Vous recevez chacun un e-mail.
org-hand-over-to = Contact de compte qui prend le relais
org-hand-over-step-down = Devenir contact de compte moi-même
org-hand-over-do = Transférer
org-hand-over-nobody = L’établissement n’a pas encore de contact de compte à qui transférer ce rôle.
org-waiting-title = Demandes à traiter
org-waiting-none = Aucune demande n’attend de réponse.
org-age = Ancienneté
org-reminded = Relancée
org-handle = Traiter
org-decided-elsewhere = Décidée par quelqu’un d’autre
org-message = Message
org-identity-verified = Identité vérifiée
org-identity-declared = Identité déclarée
org-domain-unknown = Adresse hors des domaines vérifiés de l’établissement
org-accept = Accepter
org-accept-hint = Acceptez uniquement si cette personne travaille dans votre établissement.
org-accept-do = Accepter la demande de { $name }
org-decline = Décliner
org-decline-do = Décliner la demande de { $name }
org-decline-unknown = Cette personne n’est pas connue dans l’établissement.
org-decline-left = Cette personne ne travaille plus dans l’établissement.
org-decline-unneeded = Cet accès n’est pas nécessaire à la mission de la personne.
org-decline-other = Autre motif
org-words = Message à la personne
org-words-hint = Envoyé par e-mail. Obligatoire pour un autre motif ou une demande de modification.
org-ask-changes = Demander une modification
org-invite = Inviter un intervenant
org-invite-intro = Chaque personne reçoit une invitation valable 14 jours, à accepter avec l’adresse indiquée.
org-invite-addresses = Adresses e-mail
org-invite-addresses-hint = Une par ligne, 50 au plus
org-invite-as = Invitations à vérifier : { $role }
org-invite-rights-hint = La personne reçoit ces accès dès qu’elle accepte, sous réserve des attestations exigées.
org-invite-with = Avec ces accès :
org-invite-no-right = Sans accès à un service : des accès pourront être demandés, ou donnés ensuite.
org-invite-left-out = Lignes écartées
org-invite-waiting = Invitations en attente
org-invite-cancel = Annuler l’invitation
org-fault-malformed = Ce n’est pas une adresse e-mail
org-fault-twice = Déjà dans la liste
org-fault-member = Déjà intervenant de l’établissement
org-invitation-title = Invitation à rejoindre un établissement
org-invitation-intro = { $person } vous invite à rejoindre { $name }.
org-invitation-rights = Sous réserve des attestations exigées
org-invitation-until = Valable jusqu’au
org-invitation-accept = Rejoindre l’établissement
org-invitation-ignore = Si vous n’attendiez pas cette invitation, ignorez-la.
org-invitation-foreign = Cette invitation a été envoyée à une autre adresse que celle de votre compte, { $email }. Connectez-vous avec l’adresse qui l’a reçue.
org-invitation-closed = L’établissement a fermé depuis que cette invitation vous a été envoyée. Recherchez celui qui lui succède, ou demandez une invitation à la personne qui vous a écrit.
org-invitation-over = Cette invitation n’est plus valable. Demandez-en une nouvelle au gestionnaire de compte de l’établissement.
org-error-last-manager = Vous êtes le seul gestionnaire de compte. Désignez un autre gestionnaire avant de modifier votre rôle.
org-error-role = Choisissez un rôle
org-error-state = Choisissez un état
org-error-date = Saisissez une date complète, par exemple 31 12 2027
org-error-date-past = Choisissez une date à venir
org-error-date-far = Choisissez une date dans les 90 jours
org-error-successor-orphan = L’établissement qui suit a déjà des intervenants et aucun gestionnaire de compte. Adressez-vous à l’équipe du portail.
org-error-nothing-to-review = Personne n’a d’accès à confirmer dans cet établissement
org-error-motif = Choisissez un motif
org-error-words = Écrivez un message à la personne
org-error-place-closed = Cet établissement est fermé : plus personne ne peut y être rattaché
org-error-place-closed-next = Cet établissement est fermé : plus personne ne peut y être rattaché. L’établissement { $siret } lui a succédé
org-error-gone = Cette personne n’agit plus pour l’établissement
org-error-person-lacks = { $service } demande une attestation que cette personne n’a pas : { $kinds }
org-error-held-back = L’accès à { $service } est suspendu par l’équipe du portail, qui seule peut le rétablir
org-error-right = Ce profil n’existe plus. Rechargez la page.
org-error-person = Choisissez un contact de compte de l’établissement
org-error-no-address = Saisissez au moins une adresse e-mail
org-error-nobody = Aucune de ces adresses ne peut être invitée
org-error-invitations = Vous avez envoyé assez d’invitations pour aujourd’hui. Réessayez demain.
org-notice-saved = Les droits de { $name } sont enregistrés.
org-notice-deactivated = { $name } n’agit plus pour l’établissement.
org-notice-reactivated = { $name } agit de nouveau pour l’établissement.
org-notice-accepted = La demande de { $name } est acceptée.
org-notice-declined = La demande de { $name } est déclinée.
org-notice-changes = Une modification est demandée à { $name }.
org-notice-late = Cette demande a déjà reçu une réponse ou a été annulée.
org-notice-invitation-cancelled = L’invitation est annulée.
org-notice-invitation-accepted = Vous avez rejoint { $name }.
org-notice-left = Vous avez quitté { $name }.
org-notice-suspended = L’accès de { $name } est suspendu.
org-notice-restored = L’accès de { $name } est rétabli.
org-notice-extended = La date de fin de l’accès de { $name } est enregistrée.
org-notice-withdrawn = L’accès de { $name } est retiré.
org-notice-confirmed = L’accès de { $name } est confirmé.
org-notice-review-opened = La revue des accès est ouverte. Les gestionnaires de compte sont prévenus.
org-notice-newcomers = Les accès des nouveaux intervenants sont enregistrés.
org-notice-carried-over = Les intervenants et leurs accès sont reportés sur le nouvel établissement.
org-notice-succession-asked = Les gestionnaires de compte de l’établissement sont prévenus.
org-notice-succession-declined = La reprise est refusée.
org-error-addresses =
    { $n ->
        [one] Une adresse au plus à la fois
       *[other] { $n } adresses au plus à la fois
    }
org-invite-send =
    { $n ->
        [one] Envoyer { $n } invitation
       *[other] Envoyer { $n } invitations
    }
org-notice-invited =
    { $n ->
        [one] { $n } invitation est envoyée.
       *[other] { $n } invitations sont envoyées.
    }
org-claim-title = Reprendre la gestion
org-claim-link = Plus de gestionnaire de compte ?
org-claim-own = Vous gérez déjà cet établissement.
org-claim-orphan = Cet établissement n’a plus de gestionnaire de compte.
org-claim-away = Les gestionnaires de compte de cet établissement ne se sont pas connectés depuis longtemps.
org-claim-managed = Cet établissement a un gestionnaire de compte actif : adressez-vous à cette personne.
org-claim-told = Les intervenants de l’établissement et ses anciens gestionnaires sont prévenus par e-mail.
org-claim-from = Un gestionnaire peut s’y opposer jusqu’au { $date }.
org-claim-proved = Votre rattachement est prouvé : sans opposition, vous deviendrez gestionnaire de compte à cette date.
org-claim-unproved = Votre rattachement n’est pas prouvé : l’équipe du portail décidera.
org-claim-message = Message aux intervenants
org-claim-do = Demander à gérer l’établissement
org-claim-notice = Cette personne demande à reprendre la gestion de l’établissement. Sans réponse, elle l’obtient le { $date }.
org-claim-present = Je suis toujours là
org-claim-objected = Un gestionnaire de compte de l’établissement a répondu qu’il est toujours là.
org-step-claim = Suite donnée sans opposition
org-join-away = Les gestionnaires de compte de cet établissement ne se sont pas connectés depuis longtemps. En demandant le rôle de gestionnaire, vous l’obtiendrez sans opposition de leur part.
org-join-claim = Cet établissement n’a plus de gestionnaire de compte. Ses intervenants sont prévenus de votre demande ; sans opposition, vous en deviendrez gestionnaire.
org-error-managed = Cet établissement a un gestionnaire de compte actif
org-offer-title = Gérer un établissement
org-offer-intro = { $person } vous propose de devenir gestionnaire de compte de { $name }.
org-offer-step-down = { $person } deviendra contact de compte.
org-offer-over = Cette proposition n’est plus valable. Demandez-en une nouvelle au gestionnaire de compte de l’établissement.
org-offers-waiting = Proposition en attente
org-offer-until = Valable jusqu’au { $date }
org-offer-cancel = Annuler la proposition
org-notice-offered = Votre proposition est envoyée à { $name }, qui a 72 heures pour l’accepter.
org-notice-offer-withdrawn = La proposition est annulée.
org-notice-offer-declined = Vous avez décliné la gestion de { $name }.
org-notice-manages = Vous êtes désormais gestionnaire de compte de { $name }.
org-review-done =
    { $n ->
        [one] { $done } accès vérifié sur { $n }
       *[other] { $done } accès vérifiés sur { $n }
    }
org-deactivate-many = Désactiver plusieurs intervenants
org-deactivate-chosen = Désactiver les personnes cochées
org-choose-person = Cocher
org-deactivate-do = Désactiver
org-notice-nobody-chosen = Cochez au moins une personne active, autre que vous.
org-deactivate-count =
    { $n ->
        [one] { $n } personne
       *[other] { $n } personnes
    }
org-notice-deactivated-many =
    { $n ->
        [one] { $n } personne n’agit plus pour l’établissement.
       *[other] { $n } personnes n’agissent plus pour l’établissement.
    }
org-remind-chosen = Relancer l’enrôlement
org-remind-title = Relancer l’enrôlement
org-remind-intro = Ces personnes n’ont ni clé d’accès, ni application d’authentification, ni carte. Elles reçoivent un e-mail qui les invite à ajouter un moyen de connexion renforcé, une fois par jour au plus.
org-remind-do = Envoyer le rappel
org-notice-enrolment-reminded =
    { $n ->
        [one] Le rappel est envoyé à { $n } personne.
       *[other] Le rappel est envoyé à { $n } personnes.
    }
org-notice-reminded-today = Ces personnes ont déjà reçu un rappel aujourd’hui.
org-notice-nobody-to-remind = Les personnes cochées ont déjà un moyen de connexion renforcé, ou n’agissent plus pour l’établissement.
org-event-enrolment-reminded = Rappel d’enrôlement envoyé
