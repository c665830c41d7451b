//! Second factors, and the means of connection of an account.

use super::*;

impl Maker<'_> {
    pub(super) fn second_factor(&mut self) {
        let (page, t) = (self.journey(), self.v("scelle"));
        let means = vec![FactorMeans::Passkey, FactorMeans::Application, FactorMeans::Card, FactorMeans::Recovery];
        for (name, why) in
            [("verification-service", Why::Service), ("verification-role", Why::Role), ("verification-administration", Why::Administration)]
        {
            self.add(name, MeansPage { page: page.clone(), t: t.clone(), why, means: means.clone() });
        }
        let code = FactorCodePage {
            page: page.clone(),
            t: t.clone(),
            why: Why::Person,
            means: FactorMeans::Application,
            resynchronise: false,
            others: true,
            errors: Errors::none(),
        };
        self.add("verification-application", code.clone());
        let refused = [
            ("verification-application-fausse", FactorMeans::Application, Problem::ApplicationCodeWrong),
            ("verification-application-rejouee", FactorMeans::Application, Problem::CodeReplayed),
            ("verification-suspendue", FactorMeans::Application, Problem::FactorSuspended(self.v("10 h 42"))),
            ("verification-carte", FactorMeans::Card, Problem::CodeReplayed),
            ("verification-secours", FactorMeans::Recovery, Problem::RecoveryWrong),
            ("verification-secours-forme", FactorMeans::Recovery, Problem::RecoveryMalformed),
        ];
        for (name, means, problem) in refused {
            let field = if means == FactorMeans::Recovery { "code_secours" } else { "code" };
            self.add(name, FactorCodePage { means, errors: Errors::one(field, problem), why: Why::Action, ..code.clone() });
        }
        self.add("verification-carte-decalee", FactorCodePage { means: FactorMeans::Card, resynchronise: true, ..code });
        let lost = LostPage { page: page.clone(), t: t.clone(), card: true, managers: true, identity: None, open: None };
        self.add("perdu", lost.clone());
        self.add("perdu-assistance", LostPage { managers: false, card: false, ..lost.clone() });
        self.add("perdu-identite", LostPage { identity: Some(self.v("FranceConnect")), ..lost.clone() });
        let (since, ready) = (self.v("22 novembre 2026"), self.v("23 novembre 2026"));
        self.add("perdu-demande", LostPage { open: Some((since.clone(), None)), ..lost.clone() });
        self.add("perdu-accepte", LostPage { open: Some((since, Some(ready))), ..lost });
        let stop = StopPage {
            page: self.public("/secours/annuler"),
            demande: self.v("rec_x"),
            jeton_arret: self.v("x"),
            open: true,
            stopped: false,
        };
        self.add("secours-arret", stop.clone());
        self.add("secours-arrete", StopPage { open: false, stopped: true, ..stop.clone() });
        self.add("secours-inconnu", StopPage { open: false, ..stop });
        let enrol = EnrolPage { page, t, why: Why::Role, days_left: Some(14), application: true, passkey_only: false };
        self.add("renforcement", enrol.clone());
        self.add("renforcement-dernier-jour", EnrolPage { days_left: Some(0), ..enrol.clone() });
        self.add("renforcement-cle", EnrolPage { days_left: None, passkey_only: true, ..enrol });
    }

    pub(super) fn security(&mut self) {
        let line = |name: &str, used: Option<&str>| MeansLine {
            name: self.v(name),
            url: self.v("/compte/securite/application/x"),
            since: self.v("22 novembre 2026"),
            last_used: used.map(|u| self.v(u)),
            suspended: used.is_none(),
        };
        let full = SecurityPage {
            page: self.private("/compte/securite"),
            level: 3,
            password_since: Some(self.v("22 novembre 2026")),
            no_password: false,
            two_step: true,
            two_step_always: false,
            passkeys: vec![line("Chrome sur Windows", Some("23 novembre 2026"))],
            kept_passkeys: self.v(r#"{"rpId":"sso.aides.example.fr","userId":"q7","allAcceptedCredentialIds":["Zk3x"]}"#),
            applications: vec![line("Téléphone", None)],
            may_add_application: true,
            card: Some(line("GADT0001234", None)),
            recovery: Some((1, self.v("22 novembre 2026"))),
            browsers: 2,
        };
        let bare = SecurityPage {
            level: 1,
            password_since: None,
            no_password: true,
            two_step: false,
            two_step_always: true,
            passkeys: Vec::new(),
            applications: Vec::new(),
            may_add_application: false,
            card: None,
            recovery: None,
            browsers: 0,
            ..full.clone()
        };
        self.add("securite", full.clone());
        self.add("securite-deux", SecurityPage { level: 2, two_step: false, recovery: Some((0, self.v("22 novembre 2026"))), ..full });
        self.add("securite-vide", bare);
        let application = ApplicationPage {
            page: self.private("/compte/securite/application"),
            action: self.v("/compte/securite/application?s=scelle"),
            qr_url: self.v("/compte/securite/application/qr.svg?s=scelle"),
            key: self.v("JBSW Y3DP EHPK 3PXP"),
            uri: self.v("otpauth://totp/Portail:camille?secret=JBSWY3DP"),
            in_journey: false,
            nom: self.v("Téléphone"),
            errors: Errors::none(),
        };
        self.add("application", application.clone());
        for (name, problem) in [("application-deja", Problem::ApplicationEnrolled), ("application-trop", Problem::TooManyApplications)] {
            self.add(name, ApplicationPage { in_journey: true, errors: Errors::one("code", problem), ..application.clone() });
        }
        let codes = RecoveryCodesPage {
            page: self.private("/compte/securite/codes"),
            codes: Vec::new(),
            sealed: String::new(),
            action: self.v("/compte/securite/codes"),
            download: self.v("/compte/securite/codes/telecharger"),
            set: self.v("1"),
            owner: self.v("camille@boulangerie.example – 22 novembre 2026"),
            in_journey: true,
            errors: Errors::none(),
        };
        let shown = vec![self.v("K7QF-M2ZP"), self.v("W3XN-8RTB")];
        let errors = Errors::one("conserves", Problem::CodesNotKept);
        self.add("codes-secours", codes.clone());
        self.add("codes-secours-faits", RecoveryCodesPage { codes: shown, sealed: self.v("scelle"), in_journey: false, errors, ..codes });
        let means = MeansEditPage {
            page: self.private("/compte/securite/application/x"),
            action: self.v("/compte/securite/application/x"),
            nom: self.v("Téléphone"),
            last_for: None,
            errors: Errors::one("nom_moyen", Problem::MeansName),
        };
        self.add("moyen", means.clone());
        self.add("moyen-dernier", MeansEditPage { last_for: Some(self.v("votre rôle")), errors: Errors::none(), ..means });
        let browser = |device: &str| BrowserLine {
            id: self.v("tru_x"),
            device: self.v(device),
            since: self.v("22 novembre 2026"),
            until: self.v("22 décembre 2026"),
        };
        let browsers = vec![browser("Firefox, Linux"), browser("")];
        self.add("navigateurs", BrowsersPage { page: self.private("/compte/securite/navigateurs"), browsers, trust_days: None });
        self.add(
            "navigateurs-aucun",
            BrowsersPage { page: self.private("/compte/securite/navigateurs"), browsers: Vec::new(), trust_days: Some(30) },
        );
        let line = |own, ready: Option<&str>| RecoveryLine {
            id: self.v("acc_x"),
            own,
            name: self.v("Camille Durand"),
            courriel: self.courriel(),
            since: self.v("22 novembre 2026"),
            ready: ready.map(|r| self.v(r)),
        };
        let requests = RecoveryRequestsPage {
            page: self.private("/etablissements"),
            establishment: self.v("Boulangerie Durand"),
            siret: self.v("732 829 320 00074"),
            action: self.v("/etablissements/x/secours"),
            requests: vec![line(false, None), line(false, Some("23 novembre 2026")), line(true, None)],
        };
        self.add("secours-etablissement", requests.clone());
        self.add("secours-etablissement-vide", RecoveryRequestsPage { requests: Vec::new(), ..requests });
        for (name, notice) in [
            ("avis-accorde", Notice::LostGranted),
            ("avis-application", Notice::ApplicationAdded),
            ("avis-codes", Notice::RecoveryMade),
            ("avis-code-utilise", Notice::RecoveryLeft(9)),
            ("avis-deux-etapes", Notice::TwoStepOn),
            ("avis-une-etape", Notice::TwoStepOff),
            ("avis-navigateur", Notice::BrowserDistrusted),
            ("avis-renomme", Notice::MeansRenamed),
            ("avis-perdu", Notice::LostAsked),
            ("avis-perdu-annule", Notice::LostCancelled),
            ("avis-supprime", Notice::MeansRemoved),
            ("avis-identite-verifiee", Notice::IdentityVerified(self.v("FranceConnect"))),
            ("avis-identite-retiree", Notice::IdentityUnverified),
            ("avis-identite-gardee", Notice::IdentityLocked),
            ("avis-identite-prise", Notice::IdentityTaken),
            ("avis-identite-autre", Notice::IdentityOfSomebodyElse),
            ("avis-identite-impossible", Notice::IdentityUnavailable),
            ("avis-perdu-prouve", Notice::LostProved),
            ("avis-perdu-refuse", Notice::LostNotProved),
        ] {
            let page = Page { notice: Some(notice), ..self.private("/compte/securite/navigateurs") };
            self.add(name, BrowsersPage { page, browsers: Vec::new(), trust_days: Some(30) });
        }
    }
}
