# Mails (M).

mail-prefix-demo = [DÉMO]
mail-prefix-test = [TEST]
mail-colon = {" "}:
mail-signature = L’équipe { $portal }
mail-never-ask = Nous ne vous demanderons jamais votre mot de passe ni votre code.
mail-help = Besoin d’aide ?
mail-automatic = Message envoyé automatiquement par { $sender }.
mail-reason-asked = Vous recevez ce message parce que votre adresse a été saisie sur { $portal }.
mail-reason-account = Vous recevez ce message parce que vous avez un compte sur { $portal }.
mail-fact-date = Date
mail-fact-device = Navigateur
mail-fact-service = Service
mail-code-validity =
    { $n ->
        [one] Il est valable une minute.
       *[other] Il est valable { $n } minutes.
    }
mail-not-me = Si c’était vous, vous n’avez rien à faire. Si ce n’était pas vous, consultez l’activité de votre compte, changez votre mot de passe et déconnectez les autres appareils.
mail-not-me-link = Ce n’est pas moi

mail-sign-in-subject = Votre code de connexion : { $code }
mail-sign-in-intro = Voici votre code de connexion à { $portal } :
mail-sign-in-ignore = Si vous n’êtes pas à l’origine de cette demande, ignorez ce message : sans ce code, personne ne peut se connecter à votre place.

mail-no-account-subject = Connexion à { $portal } : aucun compte pour cette adresse
mail-no-account-intro = Vous avez demandé à vous connecter à { $portal }, mais aucun compte n’existe pour cette adresse.
mail-no-account-text = Vous avez peut-être utilisé une autre adresse à la création de votre compte. Sinon, vous pouvez en créer un.
mail-no-account-create = Je crée mon compte
mail-no-account-ignore = Si vous n’êtes pas à l’origine de cette demande, ignorez ce message.

mail-confirm-subject = Confirmez votre adresse e-mail
mail-confirm-intro = Voici le code qui confirme votre adresse pour créer votre compte { $portal } :
mail-confirm-ignore = Si vous n’êtes pas à l’origine de cette demande, ignorez ce message : aucun compte ne sera créé.

mail-exists-subject = Vous avez déjà un compte
mail-exists-intro = Vous avez demandé à créer un compte { $portal }, mais il en existe déjà un pour cette adresse.
mail-exists-text = Connectez-vous avec cette adresse : un code vous sera envoyé. Vous pouvez aussi choisir un nouveau mot de passe avec « Mot de passe oublié ? ».
mail-exists-sign-in = Se connecter
mail-exists-ignore = Si vous n’êtes pas à l’origine de cette demande, ignorez ce message : votre compte n’a pas changé.

mail-welcome-subject = Bienvenue sur { $portal }
mail-welcome-intro = Bienvenue { $name }, votre compte est créé.
mail-welcome-means = Moyen de connexion
mail-welcome-means-code = Code par e-mail
mail-welcome-means-password = Mot de passe, ou code par e-mail
mail-welcome-text = Avec ce compte, vous accédez à tous les services de { $portal }.
mail-welcome-link = Tous nos services

mail-reset-subject = Réinitialisation de votre mot de passe : { $code }
mail-reset-intro = Voici le code pour choisir un nouveau mot de passe sur { $portal } :
mail-reset-ignore = Si vous n’êtes pas à l’origine de cette demande, ignorez ce message : votre mot de passe ne change pas.

mail-password-changed-subject = Votre mot de passe a été modifié
mail-password-changed-intro = Le mot de passe de votre compte { $portal } vient d’être modifié. Vos autres sessions ont été fermées.

mail-new-login-subject = Confirmez votre nouvel e-mail de connexion
mail-new-login-intro = Voici le code qui confirme votre nouvel e-mail de connexion à { $portal } :
mail-new-login-ignore = Si vous n’êtes pas à l’origine de cette demande, ignorez ce message : rien ne change.

mail-new-contact-subject = Confirmez votre nouvel e-mail de contact
mail-new-contact-intro = Voici le code qui confirme votre nouvel e-mail de contact pour { $portal } :
mail-new-contact-ignore = Si vous n’êtes pas à l’origine de cette demande, ignorez ce message : rien ne change.

mail-login-changing-subject = Votre e-mail de connexion va changer
mail-login-changing-intro = L’e-mail de connexion de votre compte sera désormais { $email }. Cette adresse-ci ne permettra plus de vous connecter.
mail-contact-changing-subject = Votre e-mail de contact va changer
mail-contact-changing-intro = L’e-mail de contact de votre compte sera désormais { $email }. Cette adresse-ci ne recevra plus nos messages.
mail-email-changing-undo = Si vous n’avez pas demandé ce changement, vous pouvez l’annuler jusqu’au { $date }.
mail-email-changing-link = Annuler le changement

mail-new-sign-in-subject = Nouvelle connexion à votre compte
mail-new-sign-in-intro = Une connexion à votre compte { $portal } vient d’avoir lieu depuis un navigateur que nous ne connaissions pas.

mail-password-added-subject = Un mot de passe a été ajouté à votre compte
mail-password-added-intro = Un mot de passe vient d’être ajouté à votre compte { $portal }.
mail-password-removed-subject = Votre mot de passe a été supprimé
mail-password-removed-intro = Le mot de passe de votre compte { $portal } vient d’être supprimé. La connexion se fait avec un code reçu par e-mail.
mail-sessions-closed-subject = Vos autres appareils ont été déconnectés
mail-sessions-closed-intro = Toutes les autres sessions de votre compte { $portal } viennent d’être fermées.
mail-login-email-changed-subject = Votre e-mail de connexion a été modifié
mail-login-email-changed-intro = Cette adresse est maintenant l’e-mail de connexion de votre compte { $portal }.
mail-email-undone-subject = Un changement d’e-mail a été annulé
mail-email-undone-intro = Le changement d’e-mail demandé sur votre compte { $portal } a été annulé : l’adresse précédente est de nouveau en place. Par sécurité, toutes les sessions ont été fermées.
mail-password-locked-subject = Connexion par mot de passe suspendue
mail-password-locked-intro = Plusieurs mots de passe erronés ont été saisis pour votre compte { $portal }. La connexion par mot de passe est suspendue quelques minutes. Vous pouvez toujours recevoir un code par e-mail.
mail-application-added-subject = Une application d’authentification a été ajoutée
mail-application-added-intro = Une application d’authentification a été ajoutée à votre compte { $portal }. Ses codes servent maintenant à vous connecter.
mail-application-removed-subject = Une application d’authentification a été retirée
mail-application-removed-intro = Une application d’authentification a été retirée de votre compte { $portal }. Ses codes ne sont plus acceptés.
mail-factor-suspended-subject = Plusieurs codes erronés ont été saisis
mail-factor-suspended-intro = Plusieurs codes erronés ont été saisis pour votre compte { $portal }. Ce moyen de connexion est suspendu quelques minutes. La personne qui les a saisis avait déjà franchi la première étape. Changez votre mot de passe si ce n’est pas vous.
mail-recovery-made-subject = De nouveaux codes de secours ont été créés
mail-recovery-made-intro = De nouveaux codes de secours ont été créés pour votre compte { $portal }. Les précédents ne sont plus valables.
mail-recovery-used-subject = Un code de secours a été utilisé
mail-recovery-used-intro = Un code de secours a servi à se connecter à votre compte { $portal }. Codes de secours restants : { $left }. Vous pouvez en créer de nouveaux dans « Mon compte », rubrique Sécurité.

mail-fact-card = Carte
mail-fact-reason = Motif
mail-fact-by = Par
mail-fact-holder = Titulaire
mail-fact-establishment = Établissement
mail-card-serial = terminée par { $end }
mail-card-operator = l’assistance
mail-card-link = Voir ma carte
mail-card-linked-subject = Une carte physique vous a été attribuée
mail-card-linked-intro = Une carte physique vient d’être liée à votre compte { $portal }.
mail-card-linked-text = Elle est strictement personnelle : gardez-la avec vous et ne la prêtez pas. Si vous ne l’avez pas reçue, prévenez votre gestionnaire de compte.
mail-card-unlinked-subject = Votre carte physique a été déliée
mail-card-unlinked-intro = Votre carte physique n’est plus liée à votre compte { $portal } : ses codes ne permettent plus de vous connecter.
mail-card-unlinked-text = Si vous l’avez encore, rendez-la à votre gestionnaire de compte. Si vous n’êtes pas au courant de ce changement, prévenez-le.
mail-card-locked-subject = Votre carte physique est bloquée
mail-card-locked-intro = Trop de codes erronés ont été saisis pour votre carte physique : elle ne permet plus de vous connecter à { $portal }.
mail-card-locked-text = Votre gestionnaire de compte a été prévenu : il peut la débloquer avec deux codes affichés par la carte. Si ce n’était pas vous, prévenez-le.
mail-card-lost-subject = Votre carte physique a été déclarée perdue
mail-card-lost-intro = Votre carte physique vient d’être déclarée perdue : ses codes ne permettent plus de vous connecter à { $portal }.
mail-card-lost-text = Votre gestionnaire de compte a été prévenu : il peut vous remettre une autre carte. Si ce n’était pas vous, prévenez-le.
mail-card-alert-reason = Vous recevez ce message parce que vous gérez les cartes d’un établissement sur { $portal }.
mail-card-alert-link = Voir les cartes de l’établissement
mail-card-alert-locked-subject = Une carte physique de votre établissement est bloquée
mail-card-alert-locked-intro = Trop de codes erronés ont été saisis pour une carte de votre établissement : elle ne permet plus de se connecter.
mail-card-alert-locked-text = Vérifiez avec la personne ce qui s’est passé. Carte en main, vous pouvez la débloquer avec deux codes successifs ; sinon, déliez-la.
mail-card-alert-lost-subject = Une carte physique de votre établissement est perdue
mail-card-alert-lost-intro = Une personne de votre établissement a déclaré sa carte physique perdue : les codes de cette carte ne sont plus acceptés.
mail-card-alert-lost-text = Vous pouvez lui remettre une autre carte : le remplacement se fait en une étape.
mail-recovery-asked-subject = Perte de vos moyens de connexion signalée
mail-recovery-asked-intro = La perte de tous les moyens de connexion renforcés de votre compte { $portal } vient d’être signalée.
mail-recovery-granted-subject = Vos moyens de connexion vont être retirés
mail-recovery-granted-intro = La demande de renouvellement des moyens de connexion de votre compte { $portal } a été acceptée. Ils seront retirés le { $date }, et vous pourrez alors en choisir d’autres.
mail-recovery-cancelled-subject = Votre demande de renouvellement est annulée
mail-recovery-cancelled-intro = La demande de renouvellement des moyens de connexion de votre compte { $portal } est annulée. Vos moyens de connexion n’ont pas changé.
mail-recovery-done-subject = Vos moyens de connexion ont été retirés
mail-recovery-done-intro = Les moyens de connexion renforcés de votre compte { $portal } ont été retirés et toutes vos sessions sont fermées. Vous en choisirez d’autres à votre prochaine connexion.
mail-recovery-stop = Si ce n’est pas vous, arrêtez cette demande maintenant :
mail-recovery-stop-link = Arrêter la demande
mail-recovery-decide-subject = Une personne a perdu ses moyens de connexion
mail-recovery-decide-intro = { $name } signale la perte de tous ses moyens de connexion renforcés et demande leur renouvellement.
mail-recovery-decide-text = Vérifiez son identité de vive voix avant d’accepter : une personne malveillante peut être à l’origine de cette demande.
mail-recovery-decide-link = Voir la demande
mail-recovery-decide-support = Une fois son identité vérifiée, acceptez avec la commande : guichet account recover { $courriel }
mail-recovery-decide-support-reason = Vous recevez ce message parce que cette adresse est celle de l’assistance.
mail-recovery-decide-reason = Vous recevez ce message parce que vous gérez un établissement de cette personne.
mail-passkey-added-subject = Une clé d’accès a été ajoutée à votre compte
mail-passkey-added-intro = Une clé d’accès vient d’être ajoutée à votre compte { $portal }. Elle permet de vous connecter sans code ni mot de passe.
mail-passkey-removed-subject = Une clé d’accès a été supprimée
mail-passkey-removed-intro = Une clé d’accès de votre compte { $portal } vient d’être supprimée. Elle ne permet plus de vous connecter.
mail-passkey-suspended-subject = Une clé d’accès a été suspendue
mail-passkey-suspended-intro = Une clé d’accès de votre compte { $portal } a peut-être été copiée : nous ne l’acceptons plus. Connectez-vous par un autre moyen, supprimez-la dans « Mon compte » et créez-en une nouvelle.
mail-link-subject = Votre code pour rattacher votre compte : { $code }
mail-link-intro = Voici le code qui rattache votre identité FranceConnect à votre compte { $portal } :
mail-link-ignore = Si vous n’êtes pas à l’origine de cette demande, ignorez ce message et ne donnez ce code à personne : sans lui, rien ne change.
mail-connected-subject = Connexion à votre espace
mail-connected-intro = Une connexion à votre espace { $portal } vient d’avoir lieu par { $provider }.
mail-identity-verified-subject = Votre identité a été vérifiée
mail-identity-verified-intro = Une identité vient d’être vérifiée pour votre compte { $portal }. Le nom de votre compte est maintenant celui de cette identité.
mail-identity-unverified-subject = La vérification de votre identité a été retirée
mail-identity-unverified-intro = La vérification d’identité de votre compte { $portal } vient d’être retirée. Les services ne verront plus votre identité comme vérifiée.
