# Help, accessibility, legal pages, site map, contact (X).

static-conformity-none = Accessibilité : non conforme
static-conformity-partial = Accessibilité : partiellement conforme
static-conformity-full = Accessibilité : totalement conforme

static-help-title = Aide
static-help-intro = Les réponses aux questions les plus fréquentes.
static-help-contents = Sur cette page
static-help-sign-in = Comment me connecter ?
static-help-sign-in-text = Saisissez votre adresse e-mail, puis le code à 6 chiffres reçu par e-mail. Si vous avez choisi un mot de passe, vous pouvez l’utiliser à la place du code.
static-help-code = Je ne reçois pas le code
static-help-code-text = Patientez quelques minutes et regardez dans les courriers indésirables. Vérifiez que l’adresse saisie est bien celle de votre compte. Si votre organisme filtre les messages, par exemple avec MailInBlack, autorisez notre adresse d’expédition.
static-help-code-sender = Nos messages sont envoyés par { $sender }.
static-help-code-none = Si aucun compte n’existe pour votre adresse, vous recevez un message qui vous le dit et vous propose d’en créer un.
static-help-password = J’ai oublié mon mot de passe
static-help-password-text = Choisissez « Mot de passe oublié ? » sur la page de connexion. Un code vous permet d’en choisir un nouveau. Vous pouvez aussi vous connecter sans mot de passe, avec un code.
static-help-email = Mon adresse e-mail a changé
static-help-email-text = Connectez-vous, ouvrez « Mon compte », puis modifiez votre e-mail de connexion. Votre compte et vos accès sont conservés. Si vous n’avez plus accès à l’ancienne adresse, contactez l’assistance.
static-help-one = Dois-je me connecter à chaque service ?
static-help-one-text = Non. Une seule connexion vous ouvre tous les services. Quand vous vous déconnectez, vous êtes déconnecté de tous.
static-help-shared = J’utilise un ordinateur partagé
static-help-shared-text = Déconnectez-vous à la fin de votre visite, puis fermez le navigateur. En cas d’oubli, ouvrez « Mon compte » depuis un autre appareil, puis « Appareils connectés ».
static-help-card = Je n’ai pas reçu ma carte physique
static-help-card-text = La carte est envoyée à votre établissement et remise par votre gestionnaire de compte : demandez-lui d’abord. L’envoi attend souvent la fin de la formation et la réussite du test de compétences (Pix, par exemple) : vérifiez que votre résultat a été transmis, puis contactez l’assistance. En attendant, une application d’authentification rend le même service.
static-help-fraud = J’ai reçu un message que je n’attendais pas
static-help-fraud-text = Nous ne vous demanderons jamais votre mot de passe ni votre code, ni par e-mail ni par téléphone. Si quelqu’un vous demande un code, ne le donnez pas. Un code reçu sans l’avoir demandé peut être ignoré.
static-help-errors = Que signifient les codes d’erreur ?
static-help-errors-text = Une page d’erreur affiche un code et une référence. Donnez-les à l’assistance : la référence permet de retrouver ce qui s’est passé.
static-help-errors-code = Code
static-help-errors-meaning = Signification
static-help-contact = Vous n’avez pas trouvé de réponse ?

static-contact-title = Contacter l’assistance
static-contact-intro = Décrivez ce que vous vouliez faire et ce qui s’est passé. N’indiquez jamais votre mot de passe ni un code.
static-contact-quote = Indiquez ces éléments dans votre message :
static-contact-code = Code de l’erreur
static-contact-reference = Référence
static-contact-email = Par e-mail
static-contact-phone = Par téléphone
static-contact-hours = Horaires
static-contact-none = L’exploitant n’a pas encore indiqué comment le joindre.

static-legal-title = Mentions légales
static-legal-publisher = Éditeur
static-legal-address = Adresse
static-legal-director = Directeur de la publication
static-legal-host = Hébergeur
static-legal-software = Logiciel
static-legal-software-text = Ce site utilise Guichet, un logiciel libre.

static-privacy-title = Données personnelles
static-privacy-intro = Cette page explique quelles données nous utilisons pour vous connecter, pourquoi et combien de temps.
static-privacy-controller = Responsable
static-privacy-controller-text = { $name } est responsable de ce traitement. Il relève de sa mission d’intérêt public.
static-privacy-controller-none = L’exploitant de ce site est responsable de ce traitement. Il relève de sa mission d’intérêt public.
static-privacy-what = Données utilisées
static-privacy-what-identity = Votre identité : prénom, nom, adresses e-mail, et, si vous les donnez, téléphone et fonction.
static-privacy-what-security = Vos moyens de connexion : une empreinte de votre mot de passe, jamais le mot de passe lui-même.
static-privacy-what-events = Les événements de sécurité : dates de connexion, navigateur, adresse réseau, services ouverts.
static-privacy-why = À quoi elles servent
static-privacy-why-text = À vous connecter, à protéger votre compte et à transmettre aux services les informations nécessaires. Elles ne servent jamais à la publicité.
static-privacy-who = Qui les reçoit
static-privacy-who-text = Les services que vous ouvrez, et eux seuls. Quand un service a besoin de votre accord, vous voyez les informations avant de les transmettre.
static-privacy-how-long = Durée de conservation
static-privacy-how-long-account = Les informations de votre compte sont conservées tant que le compte existe.
static-privacy-how-long-events =
    { $n ->
        [one] Les événements de sécurité sont conservés un mois.
       *[other] Les événements de sécurité sont conservés { $n } mois.
    }
static-privacy-cookies = Cookies
static-privacy-cookies-text = Nous utilisons seulement des cookies nécessaires à la connexion et au choix de la langue. Aucun cookie de mesure d’audience, aucun cookie tiers.
static-privacy-rights = Vos droits
static-privacy-rights-text = Vous pouvez consulter et corriger vos informations dans « Mon compte ». Vous pouvez aussi demander leur effacement, vous opposer à leur utilisation ou en demander une copie.
static-privacy-dpo = Délégué à la protection des données :
static-privacy-cnil = Si vous estimez que vos droits ne sont pas respectés, vous pouvez adresser une réclamation à la CNIL.

static-terms-title = Conditions d’utilisation
static-terms-object = Objet
static-terms-object-text = { $portal } vous permet de vous connecter, avec un seul compte, aux services qui l’utilisent. L’usage est gratuit.
static-terms-account = Votre compte
static-terms-account-text = Votre compte est personnel. Ne partagez ni votre mot de passe ni vos codes. Donnez des informations exactes et tenez-les à jour.
static-terms-security = Sécurité
static-terms-security-text = Prévenez l’assistance si vous pensez que quelqu’un utilise votre compte. Nous pouvons suspendre un compte pour le protéger.
static-terms-services = Services
static-terms-services-text = Chaque service a ses propres conditions et décide de vos accès. Nous vérifions seulement qui vous êtes.
static-terms-availability = Disponibilité
static-terms-availability-text = Nous faisons en sorte que la connexion soit possible à tout moment. Elle peut être interrompue pour une opération de maintenance.
static-terms-law = Droit applicable
static-terms-law-text = Ces conditions relèvent du droit français.

static-a11y-title = Accessibilité
static-a11y-intro = Nous voulons que chacun puisse se connecter, y compris avec une aide technique.
static-a11y-state = État de conformité
static-a11y-state-none = { $portal } n’est pas conforme au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1.2 : aucun audit n’a encore été réalisé.
static-a11y-state-partial = { $portal } est partiellement conforme au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1.2.
static-a11y-state-full = { $portal } est totalement conforme au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1.2.
static-a11y-done = Ce qui est en place
static-a11y-done-keyboard = Toutes les pages s’utilisent au clavier, et sans JavaScript.
static-a11y-done-zoom = Les pages restent lisibles avec un texte agrandi et sur un petit écran.
static-a11y-done-contrast = Les couleurs sont contrastées, en thème clair comme en thème sombre.
static-a11y-done-errors = Les erreurs sont annoncées et expliquées.
static-a11y-done-puzzle = Aucune énigme visuelle n’est demandée.
static-a11y-contact = Signaler une difficulté
static-a11y-contact-text = Si un contenu ou un service ne vous est pas accessible, écrivez-nous : nous vous proposerons une solution.
static-a11y-remedy = Voies de recours
static-a11y-remedy-text = Si vous n’obtenez pas de réponse satisfaisante, vous pouvez saisir le Défenseur des droits.

static-sitemap-title = Plan du site
static-sitemap-account = Votre compte
static-sitemap-information = Informations
static-help-personal = Puis-je partager mon compte avec un collègue ?
static-help-personal-text = Non. Un compte est personnel : ne le partagez jamais. Un gestionnaire de compte de votre établissement envoie une invitation à votre collègue, qui utilise alors son propre compte.
static-help-helping = J’aide une personne dans ses démarches
static-help-helping-text = Si vous accompagnez une personne à titre privé, connectez-vous à votre propre espace de particulier. N’utilisez jamais les identifiants de la personne aidée.
static-help-broken = Une erreur technique s’affiche
static-help-broken-text = Réessayez dans quelques minutes. Fermez votre navigateur et ouvrez-le de nouveau ; si l’erreur revient, effacez ses cookies et son cache pour ce site, puis contactez l’assistance.
static-help-news = Quoi de neuf ?
static-help-news-link = Lire les nouveautés
