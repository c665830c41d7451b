# Physical cards (P-13, G-10 to G-13).

cards-reason-loss = Perte
cards-reason-theft = Vol
cards-reason-breakage = Casse
cards-reason-malfunction = Dysfonctionnement
cards-reason-departure = Départ de la personne
cards-reason-mistake = Erreur
cards-reason-other = Autre

cards-nav = Mon établissement
cards-back-establishments = Mes établissements
cards-title = Cartes physiques de l’établissement
cards-intro = { $name }, SIRET { $siret }
cards-link = Lier une carte
cards-none = Aucune carte n’a encore été envoyée à cet établissement.
cards-caption = Cartes de l’établissement
cards-serial = Numéro de série
cards-holder = Titulaire
cards-state = État
cards-since = Liée le
cards-by = Liée par
cards-establishment = Établissement
cards-last-used = Dernière utilisation
cards-never-used = Jamais
cards-actions = Actions
cards-validate = Valider
cards-resync = Resynchroniser
cards-unlink = Délier
cards-next = Cartes suivantes
cards-back = Cartes de l’établissement
cards-standing-free = Disponible
cards-standing-to-validate = À valider
cards-standing-in-use = En service
cards-standing-locked = Bloquée
cards-standing-lost = Perdue
cards-standing-broken = Hors service
cards-standing-returned = Rendue
cards-guide-title = À savoir
cards-guide-link = Remettez la carte à la personne, liez-la avec son numéro de série, puis validez-la avec un code qu’elle affiche.
cards-guide-press = Appuyez brièvement sur le bouton : un code s’affiche. Un appui long affiche « BAT » et le niveau de la batterie.
cards-guide-personal = La carte est strictement personnelle : gardez-la avec vous, ne la prêtez pas et rendez-la à votre départ.
cards-guide-leave = Quand une personne part, reprenez sa carte et déliez-la : elle peut être liée à une autre personne, ou renvoyée.
cards-guide-move = La carte appartient à l’établissement : elle ne suit pas une personne qui en change.

cards-link-intro = Vous liez une carte de { $name } à une personne de cet établissement.
cards-person = Personne
cards-person-hint = Qui recevra la carte
cards-person-choose = Choisissez une personne
cards-serial-label = Numéro de série de la carte
cards-serial-hint = Au dos de la carte, par exemple GADT000XXXX
cards-validate-title = Valider la carte
cards-of = Carte { $serial }, remise à { $name }
cards-code = Code affiché par la carte
cards-code-hint = Appuyez brièvement sur le bouton de la carte
cards-code-next = Code suivant
cards-code-next-hint = Attendez qu’un autre code s’affiche, ou appuyez de nouveau
cards-code-submit = Valider le code
cards-later = Terminer plus tard
cards-resync-title = Resynchroniser la carte
cards-resync-intro = Saisissez deux codes successifs affichés par la carte. Une carte bloquée est débloquée.
cards-resync-link = Le code n’est pas accepté ? Saisir deux codes successifs
cards-unlink-title = Délier la carte
cards-unlink-why = Pourquoi délier cette carte ?
cards-unlink-only = C’est le seul moyen de connexion renforcé de cette personne. Proposez-lui l’application d’authentification, ou remplacez la carte.
cards-replace = Remplacer par une autre carte
cards-replace-hint = Numéro de série de la nouvelle carte
cards-cancel = Annuler

cards-own-title = Ma carte physique
cards-own-none = Aucune carte physique n’est liée à votre compte. Votre gestionnaire de compte peut vous en remettre une.
cards-lost = Signaler une carte perdue
cards-lost-effect = Les codes de la carte ne seront plus acceptés et votre gestionnaire de compte sera prévenu.

cards-notice-linked = La carte { $serial } est liée à { $name }. Il reste à la valider avec un code.
cards-notice-validated = La carte { $serial } est validée : elle permet de se connecter.
cards-notice-unlinked = La carte { $serial } est déliée.
cards-notice-resynchronised = La carte { $serial } est resynchronisée : elle permet de se connecter.
cards-notice-lost = Votre carte est suspendue et votre gestionnaire de compte est prévenu.

cards-error-serial-missing = Saisissez le numéro de série inscrit au dos de la carte
cards-error-unknown = Aucune carte ne porte ce numéro de série.
cards-error-elsewhere = Cette carte appartient à un autre établissement.
cards-error-not-sent = Cette carte n’a pas été attribuée à votre établissement. Contactez l’assistance.
cards-error-taken = Cette carte est déjà liée à un autre intervenant.
cards-error-unusable = Cette carte a été déclarée perdue, hors service ou rendue : elle ne peut pas être liée.
cards-error-person-missing = Choisissez une personne de l’établissement
cards-error-not-member = Cette personne n’est pas rattachée à l’établissement, ou son compte est désactivé.
cards-error-holds-one = Cette personne a déjà une carte. Déliez-la d’abord, ou remplacez-la.
cards-error-reason-missing = Choisissez un motif
cards-error-code-missing =
    { $n ->
       *[other] Saisissez les { $n } chiffres affichés par la carte
    }
cards-error-code-wrong =
    { $n ->
        [one] Ce code n’est pas valable. Appuyez brièvement sur le bouton et saisissez le code affiché. Il vous reste un essai.
       *[other] Ce code n’est pas valable. Appuyez brièvement sur le bouton et saisissez le code affiché. Il vous reste { $n } essais.
    }
cards-error-strayed =
    { $n ->
        [0] Ce code n’est pas valable. La carte est peut-être déréglée : saisissez deux codes successifs. C’était le dernier essai.
        [one] Ce code n’est pas valable. La carte est peut-être déréglée : saisissez deux codes successifs. Il vous reste un essai.
       *[other] Ce code n’est pas valable. La carte est peut-être déréglée : saisissez deux codes successifs. Il vous reste { $n } essais.
    }
cards-error-replayed = Ce code a déjà été utilisé. Attendez le code suivant.
cards-error-locked = Cette carte est bloquée après trop de codes erronés. Le gestionnaire de compte peut la débloquer.
cards-error-battery = « BAT » suivi d’un nombre indique le niveau de la batterie. Appuyez brièvement, sans maintenir, pour afficher le code.
cards-error-no-card = Cette carte ne permet pas de se connecter. Adressez-vous au gestionnaire de compte.
cards-error-later = Trop d’essais. Vous pourrez réessayer à { $time }.
