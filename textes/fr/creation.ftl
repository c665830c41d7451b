# Creating an account (C).

creation-title = Créer un compte
creation-intro = Nous allons vérifier votre adresse e-mail en vous envoyant un code.
creation-email-advice = Utilisez de préférence votre adresse professionnelle.
creation-closed = Les comptes de ce portail sont créés par l’assistance. Contactez-la pour obtenir le vôtre.
creation-have-account = J’ai déjà un compte
creation-send-code = Recevoir un code
creation-identity-title = Qui êtes-vous ?
creation-identity-intro = Ces informations permettent aux services de vous reconnaître.
creation-security-title = Comment souhaitez-vous vous connecter ?
creation-security-code = Recevoir un code à chaque connexion
creation-security-code-text = Rien à retenir : un code à 6 chiffres vous est envoyé par e-mail.
creation-security-password = Choisir un mot de passe
creation-security-password-text = Vous pourrez toujours demander un code par e-mail.
creation-security-password-field = Votre mot de passe, si vous en choisissez un
creation-security-finish = Créer mon compte
creation-done-title = Votre compte est créé
creation-done-text = Vous êtes connecté. Un e-mail de bienvenue vient de vous être envoyé.
creation-security-passkey-text = Avec l’empreinte, le visage ou le code de votre appareil. Nous vous guidons à l’étape suivante.
