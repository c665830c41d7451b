//! « Mon compte ».

use super::*;

impl Maker<'_> {
    pub(super) fn account(&mut self) {
        let account = AccountPage {
            page: Page { notice: Some(Notice::IdentitySaved), ..self.private("/compte") },
            prenom: self.v("Camille"),
            nom: self.v("Durand"),
            login_email: self.courriel(),
            contact_email: self.courriel(),
            telephone: None,
            fonction: Some(self.v("Gérante")),
            password_since: Some(self.v("22 novembre 2026")),
            level: 2,
            sessions: 2,
            last_sign_in: Some(self.v("22 novembre 2026 à 10 h 42")),
        };
        self.add("compte", account.clone());
        self.add("compte-vide", AccountPage { password_since: None, last_sign_in: None, sessions: 1, ..account });
        self.add(
            "compte-identite",
            AccountIdentityPage {
                page: self.private("/compte/identite"),
                identity: self.identity(),
                professional: true,
                vouched: None,
                verify: self.upstreams(),
                errors: Errors::one("nom", Problem::NameRefused),
            },
        );
        self.add(
            "compte-identite-amont",
            AccountIdentityPage {
                page: self.private("/compte/identite"),
                identity: self.identity(),
                professional: false,
                vouched: Some(Vouched { by: self.v("FranceConnect"), verification: None }),
                verify: Vec::new(),
                errors: Errors::none(),
            },
        );
        for (name, holds) in [("compte-identite-verifiee", true), ("compte-identite-expiree", false)] {
            let verification = Some(Verification { on: self.v("22 novembre 2026"), until: self.v("20 février 2027"), holds });
            let page = AccountIdentityPage {
                page: self.private("/compte/identite"),
                identity: self.identity(),
                professional: true,
                vouched: Some(Vouched { by: self.v("FranceConnect"), verification }),
                verify: self.upstreams(),
                errors: Errors::none(),
            };
            self.add(name, page);
        }
        let email = AccountEmailPage {
            page: self.private("/compte/courriel-connexion"),
            kind: EmailKind::Login,
            current: self.courriel(),
            shared: false,
            courriel: String::new(),
            errors: Errors::one("courriel", Problem::EmailUnchanged),
        };
        self.add("compte-courriel-connexion", email.clone());
        let taken = Errors::one("courriel", Problem::EmailTaken);
        self.add("compte-courriel-partage", AccountEmailPage { shared: true, errors: taken, ..email.clone() });
        self.add("compte-courriel-contact", AccountEmailPage { kind: EmailKind::Contact, errors: Errors::none(), ..email });
        let password = AccountPasswordPage {
            page: self.private("/compte/mot-de-passe"),
            courriel: self.courriel(),
            has_password: true,
            ask_current: true,
            errors: Errors::one("mot_de_passe", Problem::CurrentPasswordWrong),
        };
        self.add("compte-mot-de-passe", password.clone());
        let none = AccountPasswordPage { has_password: false, ask_current: false, errors: Errors::none(), ..password };
        self.add("compte-mot-de-passe-ajout", none);
        let undo = |state| UndoEmailPage { page: self.public("/compte/courriel/annuler"), undo_token: self.v("annulation"), state };
        let ready = |kind| undo(UndoState::Ready { kind, old: self.courriel(), new: self.v("c.durand@ailleurs.example") });
        let (ready, contact) = (ready(EmailKind::Login), ready(EmailKind::Contact));
        let expired = undo(UndoState::Expired);
        self.add("courriel-annuler", ready);
        self.add("courriel-annuler-contact", contact);
        self.add("courriel-annuler-expire", expired);
    }

    pub(super) fn account_lists(&mut self) {
        let session = |id: &str, device: &str, services: &[&str], current| SessionLine {
            id: self.v(id),
            device: if device.is_empty() { String::new() } else { self.v(device) },
            since: self.v("22 novembre 2026 à 10 h 42"),
            last_used: self.v("22 novembre 2026 à 11 h 05"),
            services: services.iter().map(|s| self.v(s)).collect(),
            current,
        };
        let sessions = vec![
            session("ses_1", "Firefox, Linux", &["Dépôt des aides", "Suivi des mandats"], true),
            session("ses_2", "Safari, iPhone", &[], false),
            session("ses_3", "", &["Dépôt des aides"], false),
        ];
        self.add("compte-sessions", SessionsPage { page: self.private("/compte/sessions"), sessions });
        let lines = ActivityKind::ALL
            .into_iter()
            .map(|kind| ActivityLine {
                when: self.v("22 novembre 2026 à 10 h 42"),
                kind,
                service: (kind == ActivityKind::ServiceOpened).then(|| self.v("Dépôt des aides")),
                device: (kind != ActivityKind::ChangedByOperator).then(|| self.v("Firefox, Linux")),
            })
            .collect();
        let activity = ActivityPage {
            page: self.private("/compte/activite"),
            family: ActivityFamily::All,
            lines,
            older_url: Some(self.v("/compte/activite?avant=x")),
            newest_url: Some("/compte/activite".into()),
        };
        self.add("compte-activite", activity.clone());
        let family = ActivityFamily::Services;
        self.add("compte-activite-vide", ActivityPage { family, lines: vec![], older_url: None, newest_url: None, ..activity });
        let not_me = NotMePage { page: self.private("/compte/pas-moi"), has_password: true };
        self.add("compte-pas-moi", not_me.clone());
        self.add("compte-pas-moi-code", NotMePage { has_password: false, ..not_me });
        let consent = ConsentLine {
            id: self.v("dossier"),
            service: self.v("Dépôt des aides"),
            kinds: vec![SharedKind::GivenName, SharedKind::FamilyName, SharedKind::Email],
            offline: true,
            since: self.v("22 novembre 2026"),
            last_used: Some(self.v("22 novembre 2026")),
        };
        let page = self.private("/compte/autorisations");
        self.add("compte-autorisations", ConsentsPage { page: page.clone(), consents: vec![consent] });
        self.add("compte-autorisations-vide", ConsentsPage { page, consents: vec![] });
    }
}
