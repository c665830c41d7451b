# Words used on many pages: header, footer, buttons, names of fields, dates.

common-title-error = Erreur :
common-error-prefix = Erreur :
common-skip = Aller au contenu
common-nav = Navigation principale
common-nav-footer = Pied de page
common-home = Accueil
common-all-services = Tous nos services
common-account = Mon compte
common-help = Aide
common-contact = Contacter l’assistance
common-sign-in = Se connecter
common-sign-out = Se déconnecter
common-create-account = Créer un compte
common-signed-in-as = Connecté en tant que
common-language-fr = Français
common-language-en = English
common-band-demonstration = Environnement de démonstration – ne saisissez pas de données réelles
common-band-test = Environnement de test – ne saisissez pas de données réelles

common-footer-legal = Mentions légales
common-footer-privacy = Données personnelles
common-footer-terms = Conditions d’utilisation
common-footer-sitemap = Plan du site
common-accessibility = Accessibilité

common-continue = Continuer
common-continue-to = Continuer vers { $service }
common-back-to = Retour à { $service }
common-to-service = Pour continuer vers { $service }
common-save = Enregistrer
common-edit = Modifier
common-validate = Valider
common-show = Afficher
common-show-password = le mot de passe
common-optional = (facultatif)
common-required-note = Sauf mention contraire, tous les champs sont obligatoires.
common-new-window = nouvelle fenêtre
common-not-given = Non renseigné
common-step = Étape { $step } sur { $total }

common-errors =
    { $n ->
        [one] Une erreur empêche de continuer
       *[other] { $n } erreurs empêchent de continuer
    }

common-email = Adresse e-mail
common-email-work = Adresse e-mail professionnelle
common-email-hint = Format attendu : prenom.nom@entreprise.fr
common-login-email = E-mail de connexion
common-contact-email = E-mail de contact
common-password = Mot de passe
common-new-password = Nouveau mot de passe
common-current-password = Mot de passe actuel
common-password-hint = { $n } caractères au minimum. Une suite de plusieurs mots est facile à retenir et difficile à deviner.
common-given-name = Prénom
common-family-name = Nom
common-phone = Téléphone
common-function = Fonction
common-language = Langue

common-date = { $day } { $month } { $year }
common-date-first = 1er
common-time = { $hour } h { $minute }
common-date-time = { $date } à { $time }
common-month-1 = janvier
common-month-2 = février
common-month-3 = mars
common-month-4 = avril
common-month-5 = mai
common-month-6 = juin
common-month-7 = juillet
common-month-8 = août
common-month-9 = septembre
common-month-10 = octobre
common-month-11 = novembre
common-month-12 = décembre
